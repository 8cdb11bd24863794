//! Papers as PDF: the handover record (biên bản giao nhận), the consignment note (phiếu gửi hồ sơ) and labels.
//!
//! A paper is data and a template. The templates stand beside this file; an office may bring its own text for each. The same
//! data and template always give the same bytes: date and identifier come from the data.

mod consignment;
mod handover;
mod ink;
mod label;
#[cfg(test)]
#[cfg_attr(not(feature = "pdf"), allow(dead_code))]
mod samples;
#[cfg(test)]
#[cfg(feature = "pdf")]
mod tests;
#[cfg(feature = "pdf")]
mod typeset;

pub use consignment::{Charge, ConsignmentNote, PaperLine, Person, Postage};
pub use handover::{Fees, HandoverLine, HandoverRecord, Party};
pub use ink::{Ink, Signature};
pub use label::Label;

use crate::base::time::Ts;
use crate::report::codes::CodeError;
use serde_json::Value;
use std::fmt;

/// Why there is no paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PapersError {
    /// The program was built without the feature `pdf`.
    #[error("this program was built without papers (feature `pdf`)")]
    NotBuilt,
    /// The template does not compile, or not with this data.
    #[error("the template has faults: {}", list(.0))]
    Template(Vec<TemplateFault>),
    /// A drawn signature is no picture that a paper can show.
    #[error("the signature of {who} cannot be drawn: {why}")]
    Ink {
        /// Whose signature.
        who: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A number that no bar code or QR code can hold.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// Labels of nothing.
    #[error("no label to print")]
    Nothing,
}

/// One fault of a template, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The file: the template is `paper.typ`.
    pub file: String,
    /// The line, from 1; `None` when the fault has no place.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
    /// What is wrong, and hints, in the words of the compiler.
    pub message: String,
}

impl fmt::Display for TemplateFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(out, "{}:{line}:{column}: {}", self.file, self.message),
            _ => write!(out, "{}: {}", self.file, self.message),
        }
    }
}

fn list(faults: &[TemplateFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// The templates of the program, where an office begins when it writes its own.
pub mod templates {
    /// Biên bản giao nhận hồ sơ.
    pub const HANDOVER_RECORD: &str = include_str!("handover.typ");
    /// Phiếu gửi hồ sơ.
    pub const CONSIGNMENT_NOTE: &str = include_str!("consignment.typ");
    /// Labels, one to a page.
    pub const LABELS: &str = include_str!("label.typ");
    /// What every template may import as `parts.typ`.
    pub const PARTS: &str = include_str!("parts.typ");
}

/// Texts without letters that a reader cannot see but that change what he sees: control letters, and those that turn the
/// direction of the text.
#[cfg_attr(not(feature = "pdf"), allow(dead_code))]
fn make_printable(value: &mut Value) {
    let unseen =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    match value {
        Value::String(text) if text.contains(unseen) => *text = text.replace(unseen, " "),
        Value::Array(items) => items.iter_mut().for_each(make_printable),
        Value::Object(fields) => fields.values_mut().for_each(make_printable),
        _ => {}
    }
}

/// The handover record, one copy for each party in one document; `template` stands for the program's own.
pub fn handover_record(record: &HandoverRecord, template: Option<&str>) -> Result<Vec<u8>, PapersError> {
    pdf(handover::job(record, template)?)
}

/// The consignment note, one page for each of its copies; `template` stands for the program's own.
pub fn consignment_note(note: &ConsignmentNote, template: Option<&str>) -> Result<Vec<u8>, PapersError> {
    pdf(consignment::job(note, template)?)
}

/// One label; `template` stands for the program's own.
pub fn label(label: &Label, template: Option<&str>) -> Result<Vec<u8>, PapersError> {
    labels(std::slice::from_ref(label), template)
}

/// Labels, one to a page; `template` stands for the program's own.
pub fn labels(labels: &[Label], template: Option<&str>) -> Result<Vec<u8>, PapersError> {
    pdf(label::job(labels, template)?)
}

/// What is to be set: everything a template can see.
#[cfg_attr(not(feature = "pdf"), allow(dead_code))]
pub(in crate::report) struct Job<'a> {
    /// The text of the template.
    pub(in crate::report) template: &'a str,
    /// What `json("data.json")` gives.
    pub(in crate::report) data: Value,
    /// Pictures that the data names.
    pub(in crate::report) pictures: Vec<(String, Vec<u8>)>,
    /// The date of the document; a label has none.
    pub(in crate::report) date: Option<Ts>,
    /// What the document is, for as long as it is the same document.
    pub(in crate::report) identity: String,
}

/// A paper of another part of this room.
pub(in crate::report) fn set(job: Job<'_>) -> Result<Vec<u8>, PapersError> {
    pdf(job)
}

#[cfg(feature = "pdf")]
fn pdf(job: Job<'_>) -> Result<Vec<u8>, PapersError> {
    typeset::pdf(job)
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: Job<'_>) -> Result<Vec<u8>, PapersError> {
    Err(PapersError::NotBuilt)
}

#[cfg(test)]
#[cfg(not(feature = "pdf"))]
mod tests {
    use super::*;

    #[test]
    fn without_papers_the_program_says_so() {
        assert_eq!(handover_record(&samples::record(1), None), Err(PapersError::NotBuilt));
        assert_eq!(label(&samples::label(), None), Err(PapersError::NotBuilt));
        assert_eq!(consignment_note(&samples::note(), None), Err(PapersError::NotBuilt));
    }
}
