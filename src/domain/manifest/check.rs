//! Checks a manifest: header, lines, numbers that occur twice, totals.

use super::line::{About, Sums, check_line};
use super::{Checked, CheckedLine, Draft, Header, HeaderField, Line, Totals};
use crate::domain::address::AddressCatalogue;
use crate::domain::field::{self, At, Fault, Gathering, Part};
use crate::domain::identifier::{AgencyCode, CounterCode, ManifestNo, PostOfficeCode};
use crate::domain::leg::Side;
use crate::domain::meaning::Meaning;
use crate::domain::problem::{Code, Message, Problem};
use std::collections::HashSet;

const REVISION_MAX: u32 = 999;
/// Problems kept of a header: more than it has fields.
const PROBLEMS_MAX: usize = 40;
const SHIFT_MAX: u32 = 3;

/// Checks everything that needs no store. What the sender's side decides is only which fields it may use; whether it may
/// send this kind of manifest at all is asked apart, since that answers before the lines do.
pub fn check(draft: Draft, sender: Side, catalogue: Option<&AddressCatalogue>) -> Checked {
    let mut meaning = Meaning::of("manifest:1");
    let header = check_header(&draft, &mut meaning);
    let Ok(found) = &header else {
        return Checked { header, digest: meaning.finish(), problems: Vec::new(), lines: Vec::new() };
    };
    let about = About { kind: found.leg_kind, sender, catalogue };
    let mut sums = Sums::default();
    let mut lines = Vec::with_capacity(draft.lines.len());
    for (index, line) in (1u32..).zip(&draft.lines) {
        lines.push(check_line(index, line, &about, &mut meaning, &mut sums));
    }
    refuse_repeats(&mut lines, &draft);
    let problems = match lines.len() {
        0 => {
            vec![Problem::error(Code::ManifestEmpty, "lines", "the manifest has no line", "bảng kê không có dòng nào")]
        }
        _ => compare_totals(&found.totals, &sums),
    };
    Checked { header, digest: meaning.finish(), problems, lines }
}

fn code(parse: impl Fn(&str) -> Result<String, Message>) -> impl Fn(&field::Raw) -> Result<String, Fault> {
    move |raw| field::parsed(raw, Code::FieldInvalid, &parse)
}

fn check_header(draft: &Draft, meaning: &mut Meaning) -> Result<Header, Vec<Problem>> {
    use HeaderField as F;
    if !draft.faults.is_empty() {
        return Err(draft.faults.clone());
    }
    let mut seen = Gathering::new(meaning, PROBLEMS_MAX);
    let raw = |field: F| draft.header.get(field.place());
    let at = |field: F| At::Field(field.as_str());
    let manifest_no =
        seen.required(at(F::ManifestNo), raw(F::ManifestNo), code(|text| ManifestNo::parse(text).map(String::from)));
    let revision = seen.defaulted(at(F::Revision), raw(F::Revision), 1, |raw| field::count(raw, 1, REVISION_MAX));
    let leg_kind = seen.required(at(F::LegKind), raw(F::LegKind), field::leg_kind);
    let agency_code =
        seen.required(at(F::AgencyCode), raw(F::AgencyCode), code(|text| AgencyCode::parse(text).map(String::from)));
    let counter_code =
        seen.optional(at(F::CounterCode), raw(F::CounterCode), code(|text| CounterCode::parse(text).map(String::from)));
    let post_office_code = seen.required(
        at(F::PostOfficeCode),
        raw(F::PostOfficeCode),
        code(|text| PostOfficeCode::parse(text).map(String::from)),
    );
    let shift_date = seen.required(at(F::ShiftDate), raw(F::ShiftDate), field::date);
    let shift = seen.required(at(F::Shift), raw(F::Shift), |raw| field::count(raw, 1, SHIFT_MAX));
    let totals = check_totals(draft, &mut seen);
    seen.part(At::Field("lines"), draft.lines_part);
    seen.unknown(&draft.unknown);
    if seen.has_error() {
        return Err(seen.problems);
    }
    let header = || {
        Some(Header {
            manifest_no: manifest_no?,
            revision: revision?,
            leg_kind: leg_kind?,
            agency_code: agency_code?,
            counter_code,
            post_office_code: post_office_code?,
            shift_date: shift_date?,
            shift: u8::try_from(shift?).ok()?,
            totals: totals?,
        })
    };
    header().ok_or(seen.problems)
}

fn check_totals(draft: &Draft, seen: &mut Gathering<'_>) -> Option<Totals> {
    use HeaderField as F;
    if !seen.part(At::Field("totals"), draft.totals) {
        return None;
    }
    let mut sum = |field: F| {
        let raw = draft.header.get(field.place());
        seen.required(At::Field(field.as_str()), raw, |raw| field::integer(raw, 0, i64::MAX))
    };
    let (lines, originals, copies, fee) =
        (sum(F::TotalLines), sum(F::TotalOriginals), sum(F::TotalCopies), sum(F::TotalFee));
    let whole = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    Some(Totals { lines: whole(lines)?, originals: whole(originals)?, copies: whole(copies)?, fee_to_collect: fee? })
}

/// A number of a line may occur once in a manifest; the later line is refused, whatever became of the first.
fn refuse_repeats(lines: &mut [CheckedLine], draft: &Draft) {
    let mut line_nos = HashSet::with_capacity(lines.len());
    let mut dossiers = HashSet::with_capacity(lines.len());
    let mut notes = HashSet::new();
    for (checked, sent) in lines.iter_mut().zip(&draft.lines) {
        let sound = |field: &str| !checked.problems.iter().any(|problem| problem.is_error() && problem.field == field);
        let mut twice = Vec::new();
        if sound("lineNo") && checked.line_no.is_some_and(|number| !line_nos.insert(number)) {
            twice.push("lineNo");
        }
        let note = note_of(checked.line.as_ref(), sent).filter(|_| sound("consignmentNoteNo"));
        if note.is_some_and(|note| !notes.insert(note)) {
            twice.push("consignmentNoteNo");
        }
        if checked.dossier_no.as_ref().is_some_and(|number| !dossiers.insert(number.as_str().to_owned())) {
            twice.push("dossierNo");
        }
        for field in twice {
            checked.line = None;
            let problem = Problem::error(
                Code::DuplicateInManifest,
                field,
                "stands on an earlier line of this manifest",
                "đã có ở một dòng trước trong bảng kê này",
            );
            // Keeps the order of the fields: behind the last problem of an earlier field.
            let rank = |name: &str| super::LineField::ALL.iter().position(|known| known.as_str() == name);
            let place = checked
                .problems
                .iter()
                .take_while(|other| rank(&other.field).is_some_and(|at| Some(at) <= rank(field)))
                .count();
            checked.problems.insert(place, problem);
        }
    }
}

/// The number of the consignment note, also of a line that is refused for something else.
fn note_of(line: Option<&Line>, sent: &super::LineDraft) -> Option<String> {
    match line {
        Some(line) => line.consignment_note_no.clone(),
        None => {
            sent.values.get(super::LineField::ConsignmentNoteNo.place()).as_text().map(|text| text.trim().to_owned())
        }
    }
}

fn compare_totals(declared: &Totals, sums: &Sums) -> Vec<Problem> {
    let rows = [
        ("totals.lines", Some(sums.lines), declared.lines),
        ("totals.originals", sums.originals, declared.originals),
        ("totals.copies", sums.copies, declared.copies),
        ("totals.feeToCollect", sums.fee, u64::try_from(declared.fee_to_collect).unwrap_or(0)),
    ];
    rows.into_iter()
        .filter_map(|(field, counted, declared)| {
            counted.filter(|sum| *sum != declared).map(|sum| (field, sum, declared))
        })
        .map(|(field, sum, declared)| {
            Problem::error(
                Code::TotalsMismatch,
                field,
                format!("declared {declared}, lines add up to {sum}"),
                format!("khai {declared}, cộng các dòng được {sum}"),
            )
        })
        .collect()
}

impl Draft {
    /// A draft that is refused as a whole by its reader.
    pub fn refused(faults: Vec<Problem>) -> Self {
        Draft { faults, lines_part: Part::Present, ..Draft::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::leg::LegKind;
    use crate::domain::manifest::may_send;

    #[test]
    fn the_agency_sends_both_kinds_and_the_post_intakes() {
        assert!(may_send(Side::Agency, LegKind::Result) && may_send(Side::Agency, LegKind::Intake));
        assert!(may_send(Side::Post, LegKind::Intake) && !may_send(Side::Post, LegKind::Result));
        assert!(!may_send(Side::Oversight, LegKind::Intake));
    }
}
