//! Pure codecs of our own contract: JSON, XML, CSV, problem bodies.

mod body;
pub mod books;
pub mod calendar;
pub mod case_marks;
pub mod clocks;
pub mod facts;
mod format;
pub mod handover;
mod json;
mod manifest_csv;
mod manifest_json;
mod manifest_xml;
mod members;
#[cfg(test)]
mod one_meaning;
pub mod problem;
pub mod receipt;
pub mod report;
mod rows;
mod xml;
mod xml_out;
pub mod zones;

pub use format::{Format, detect, require_json};
pub use json::{Json, read_json_strict};

use crate::domain::manifest::Draft;
use crate::domain::problem::{Code, Refusal};

/// Reads a manifest into what every format means alike; stops at the line after the last allowed one.
pub fn read_manifest(format: Format, body: &[u8], lines_max: usize) -> Result<Draft, Refusal> {
    let text = format::utf8(body)?;
    match format {
        Format::Json => manifest_json::read(text, lines_max),
        Format::Xml => manifest_xml::read(text, lines_max),
        Format::Csv => manifest_csv::read(text, lines_max),
    }
}

/// A body that no reader can make sense of; the reason says where and never what stands there.
fn unreadable(en: impl Into<String>, vi: impl Into<String>) -> Refusal {
    Refusal::new(Code::BodyNotReadable, en, vi)
}

/// More lines, facts or handover lines than the published limit.
fn too_many(limit: usize) -> Refusal {
    Refusal::new(
        Code::TooManyLines,
        format!("at most {limit} are taken at once"),
        format!("mỗi lần nhận tối đa {limit}"),
    )
}
