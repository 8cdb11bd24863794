//! `POST /v1/reports`: which report, of which days, of whose papers.

use chrono::NaiveDate;

use super::body;
use crate::domain::field::{self, At, Fault};
use crate::domain::problem::Refusal;

const CODE_CHARS_MAX: usize = 40;
const SEED_CHARS_MAX: usize = 100;

/// A report that is asked for, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportInput {
    /// Id of the definition.
    pub definition: &'static str,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Of one agency.
    pub agency_code: Option<String>,
    /// Of one post office.
    pub post_office_code: Option<String>,
    /// What the days of a sample are drawn with.
    pub seed: Option<String>,
}

/// Reads the body against the definitions that there are.
pub fn read_report(body: &[u8], definitions: &[&'static str]) -> Result<ReportInput, Refusal> {
    body::read(body, |members, seen| {
        let definition = members.required(seen, "definition", |raw| {
            let text = field::text(raw, CODE_CHARS_MAX)?;
            if definitions.contains(&text.as_str()) {
                return Ok(text);
            }
            let shown = definitions.join(", ");
            Err(Fault::invalid(format!("must be one of {shown}"), format!("phải là một trong {shown}")))
        });
        let from = members.required(seen, "from", field::date);
        let until = members.required(seen, "until", field::date);
        if let (Some(from), Some(until)) = (from, until)
            && from >= until
        {
            let fault =
                Fault::invalid("is the day after the last: later than from", "là ngày sau ngày cuối: phải sau from");
            seen.fault(At::Field("until"), fault);
        }
        let agency_code = members.optional(seen, "agencyCode", |raw| field::text(raw, CODE_CHARS_MAX));
        let post_office_code = members.optional(seen, "postOfficeCode", |raw| field::text(raw, CODE_CHARS_MAX));
        let seed = members.optional(seen, "seed", |raw| field::text(raw, SEED_CHARS_MAX));
        let definition = definition?;
        let definition = definitions.iter().find(|known| **known == definition).copied();
        Some(ReportInput { definition: definition?, from: from?, until: until?, agency_code, post_office_code, seed })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Vec<String> {
        let refusal = read_report(body.as_bytes(), &["A", "B"]).unwrap_err();
        refusal.problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_report_needs_its_days() {
        let body = br#"{"definition":"B","from":"2026-10-01","until":"2027-01-01","agencyCode":"H98.01"}"#;
        let read = read_report(body, &["A", "B"]).unwrap();
        assert_eq!((read.definition, read.agency_code.as_deref()), ("B", Some("H98.01")));
        assert_eq!(fields(r#"{}"#), ["definition", "from", "until"]);
        assert_eq!(
            fields(r#"{"definition":"C","from":"2026-10-01","until":"2026-10-01","x":1}"#),
            ["definition", "until", "x"]
        );
    }
}
