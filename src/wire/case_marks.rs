//! The body of `POST /v1/case-marks` (`schemas/marks.schema.json`) and the same as a table: a malformed mark is refused alone. A
//! row of the table means the object with the empty cells left out.

use super::body::{self, Member, Members};
use super::json::Json;
use super::rows::Rows;
use super::{format, too_many, unreadable};
use crate::domain::case_mark::{CaseMark, MarkDraft, may_be_about};
use crate::domain::clocks::Mark;
use crate::domain::field::{self, At, Fault, Gathering};
use crate::domain::identifier::{AgencyCode, DossierNo};
use crate::domain::leg::LegKind;
use crate::domain::meaning::Meaning;
use crate::domain::problem::{Code, Problem, Refusal};

/// Problems kept of one mark.
const PROBLEMS_MAX: usize = 20;
const MARK_ID_CHARS_MAX: usize = 100;
const REFERENCE_CHARS_MAX: usize = 64;

/// Columns of a table of marks: the members of a mark.
pub const COLUMNS: [&str; 8] =
    ["markId", "agencyCode", "dossierNo", "legKind", "mark", "occurredAt", "date", "reference"];

/// Reads the marks of a JSON body, in the order sent.
pub fn read_marks(sent: &[u8], marks_max: usize) -> Result<Vec<MarkDraft>, Refusal> {
    let marks = body::read(sent, |members, seen| match members.take("marks") {
        Member::Sent(Json::Array(items)) if !items.is_empty() => Some(items),
        Member::Sent(Json::Array(_)) => {
            seen.fault(At::Field("marks"), Fault::invalid("must hold at least one mark", "phải có ít nhất một mốc"));
            None
        }
        Member::Sent(_) => {
            seen.wrong_part(At::Field("marks"));
            None
        }
        Member::Absent => {
            seen.missing(At::Field("marks"));
            None
        }
    })?;
    if marks.len() > marks_max {
        return Err(too_many(marks_max));
    }
    Ok(marks.into_iter().map(mark).collect())
}

/// Reads the marks of a table whose first row names the columns.
pub fn read_table(sent: &[u8]) -> Result<Vec<MarkDraft>, Refusal> {
    let mut rows = Rows::of(format::utf8(sent)?);
    let names = rows.next_row()?.unwrap_or_default();
    let known = |name: &str| COLUMNS.contains(&name.trim());
    if names.is_empty() || !names.iter().all(|name| known(name)) {
        let columns = COLUMNS.join(", ");
        return Err(unreadable(
            format!("CSV: the header row names columns out of {columns}"),
            format!("CSV: dòng tiêu đề chỉ gồm các cột {columns}"),
        ));
    }
    let mut marks = Vec::new();
    while let Some(cells) = rows.next_row()? {
        let filled = names.iter().zip(&cells).filter(|(_, cell)| !cell.trim().is_empty());
        let members = filled.map(|(name, cell)| (name.trim().to_owned(), Json::Text(cell.trim().to_owned()))).collect();
        marks.push(if cells.len() == names.len() { mark(Json::Object(members)) } else { wrong_width() });
    }
    Ok(marks)
}

fn wrong_width() -> MarkDraft {
    let problem = Problem::error(
        Code::RowWidth,
        "",
        "the row has another number of cells than the header",
        "dòng có số ô khác dòng tiêu đề",
    );
    MarkDraft { mark_id: None, mark: Err(vec![problem]) }
}

fn mark(sent: Json) -> MarkDraft {
    let Some(mut members) = Members::of(sent, "") else {
        let problem =
            Problem::error(Code::FieldInvalid, "", "a mark must be an object", "mỗi mốc phải là một đối tượng");
        return MarkDraft { mark_id: None, mark: Err(vec![problem]) };
    };
    let mut meaning = Meaning::of("case-mark:1");
    let mut seen = Gathering::new(&mut meaning, PROBLEMS_MAX);
    let mark_id = members.required(&mut seen, "markId", |raw| field::text(raw, MARK_ID_CHARS_MAX));
    let mut built = content(&mut members, &mut seen, mark_id.as_deref());
    members.finish(&mut seen);
    let problems = seen.problems;
    let digest = meaning.finish();
    if let Some(mark) = &mut built {
        mark.digest = digest;
    }
    let mark = match built {
        Some(mark) if problems.is_empty() => Ok(Box::new(mark)),
        _ => Err(problems),
    };
    MarkDraft { mark_id, mark }
}

fn content(members: &mut Members, seen: &mut Gathering<'_>, mark_id: Option<&str>) -> Option<CaseMark> {
    let agency_code = members.required(seen, "agencyCode", |raw| {
        field::parsed(raw, Code::FieldInvalid, AgencyCode::parse).map(|code| code.as_str().to_owned())
    });
    let dossier_no =
        members.required(seen, "dossierNo", |raw| field::parsed(raw, Code::DossierNumberInvalid, DossierNo::parse));
    let mark = members.required(seen, "mark", |raw| field::word(raw, Mark::TOLD, |mark| mark.as_str()));
    let leg_kind = members.raw("legKind");
    let leg_kind = seen.defaulted(At::Field("legKind"), &leg_kind, LegKind::Intake, field::leg_kind);
    let occurred_at = members.required(seen, "occurredAt", field::instant);
    let date = members.optional(seen, "date", field::date);
    let reference = members.optional(seen, "reference", |raw| field::text(raw, REFERENCE_CHARS_MAX));
    let (mark, leg_kind) = (mark?, leg_kind?);
    if !may_be_about(mark, leg_kind) {
        let fault =
            Fault::invalid("only complaints are about the result", "chỉ khiếu nại mới gắn với chặng trả kết quả");
        seen.fault(At::Field("legKind"), fault);
    }
    match (mark.names_date(), date) {
        (true, None) => seen.missing(At::Field("date")),
        (false, Some(_)) => seen.fault(
            At::Field("date"),
            Fault::new(Code::FieldNotAllowed, "this mark names no date", "mốc này không có ngày hẹn"),
        ),
        _ => {}
    }
    Some(CaseMark {
        mark_id: mark_id?.to_owned(),
        agency_code: agency_code?,
        dossier_no: dossier_no?.into(),
        leg_kind,
        mark,
        occurred_at: occurred_at?,
        date,
        reference,
        digest: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(drafts: Result<Vec<MarkDraft>, Refusal>) -> Result<Box<CaseMark>, Vec<(String, String)>> {
        let mut drafts = drafts.unwrap();
        assert_eq!(drafts.len(), 1);
        let told = |problem: &Problem| (problem.code.as_str().to_owned(), problem.field.clone());
        drafts.remove(0).mark.map_err(|problems| problems.iter().map(told).collect())
    }

    const APPOINTED: &str = r#"{"marks":[{"markId":"m1","agencyCode":"H32.15","dossierNo":"000.00.15.H32-261109-0007",
        "mark":"APPOINTED","occurredAt":"2026-09-03T09:00:00+07:00","date":"2026-09-07"}]}"#;

    #[test]
    fn table_and_json_mean_the_same() {
        let json = only(read_marks(APPOINTED.as_bytes(), 10)).unwrap();
        let table = "mark;markId;dossierNo;agencyCode;date;occurredAt;reference;legKind\n\
                     APPOINTED;m1;000.00.15.h32–261109–0007;H32.15;2026-09-07;2026-09-03T09:00:00+07:00;;\n";
        assert_eq!(only(read_table(table.as_bytes())).unwrap(), json);
        assert_eq!((json.mark, json.leg_kind), (Mark::Appointed, LegKind::Intake));
        assert!(read_table(b"markId,colour\n").is_err(), "an unknown column");
        assert!(read_table(b"").is_err());
        let short = only(read_table(b"markId,mark\nm1\n")).unwrap_err();
        assert_eq!(short, [("ROW_WIDTH".to_owned(), String::new())]);
    }

    #[test]
    fn what_is_wrong_is_said_by_field() {
        for (from, to, code, field) in [
            (r#","date":"2026-09-07""#, "", "FIELD_MISSING", "date"),
            ("\"APPOINTED\"", "\"APOLOGISED\"", "FIELD_NOT_ALLOWED", "date"),
            ("\"APPOINTED\"", "\"TRANSIT_OVER\"", "FIELD_INVALID", "mark"),
            ("\"mark\"", "\"legKind\":\"RESULT\",\"mark\"", "FIELD_INVALID", "legKind"),
            ("\"markId\":\"m1\",", "", "FIELD_MISSING", "markId"),
            ("\"mark\"", "\"colour\":1,\"mark\"", "FIELD_UNKNOWN", "colour"),
        ] {
            let sent = APPOINTED.replacen(from, to, 1);
            let problems = only(read_marks(sent.as_bytes(), 10)).unwrap_err();
            assert_eq!(problems, [(code.to_owned(), field.to_owned())], "{sent}");
        }
        assert!(read_marks(br#"{"marks":[]}"#, 10).is_err());
        assert!(read_marks(APPOINTED.as_bytes(), 0).is_err(), "more than are taken");
    }
}
