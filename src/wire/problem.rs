//! Problem bodies (RFC 9457) as JSON and XML: the same members in both, list items as `<i>` in XML.

use super::receipt::{LineBody, ProblemBody, SummaryBody, line_body, problem_body, summary_body};
use super::xml_out::Out;
use crate::domain::manifest::Mode;
use crate::domain::problem::{Code, Language, Problem, Refusal};
use crate::domain::receipt::{Decision, LineReceipt, Outcome, Summary};
use serde::Serialize;
use serde_json::Value;

const NAMESPACE: &str = "urn:ietf:rfc:7807";

/// A line of a refused handover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegProblems {
    /// The leg.
    pub leg_id: String,
    /// What refuses it.
    pub problems: Vec<Problem>,
}

/// A published limit that was passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// As in `GET /v1`.
    pub name: String,
    /// Its value.
    pub max: u64,
}

/// The lines of a problem body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Lines {
    /// None are told.
    #[default]
    None,
    /// Lines of a manifest.
    Manifest(Vec<LineReceipt>),
    /// Legs of a handover.
    Handover(Vec<LegProblems>),
}

/// Members beside the standard ones, as they apply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Extension {
    /// `REJECTED`.
    pub outcome: Option<Outcome>,
    /// What the sender wanted.
    pub mode: Option<Mode>,
    /// Counts.
    pub summary: Option<Summary>,
    /// Problems by field; those of the refusal are told when there are none here.
    pub problems: Option<Vec<Problem>>,
    /// Lines.
    pub lines: Lines,
    /// The limit that was passed.
    pub limit: Option<Limit>,
}

/// The answer to a manifest of which no line is taken: every line with what became of it (contract 4.3).
pub fn refused_manifest(decision: Decision) -> (Refusal, Extension) {
    let reason = decision.reason();
    let refusal = Refusal { message: reason, ..Refusal::plain(Code::ManifestRefused) };
    let extension = Extension {
        outcome: Some(decision.outcome),
        mode: Some(decision.mode),
        summary: Some(decision.summary),
        problems: Some(decision.problems),
        lines: Lines::Manifest(decision.lines),
        limit: None,
    };
    (refusal, extension)
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: String,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<SummaryBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problems: Option<Vec<ProblemBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<LinesBody<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<LimitBody<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LinesBody<'a> {
    Manifest(Vec<LineBody<'a>>),
    Handover(Vec<LegBody<'a>>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LegBody<'a> {
    leg_id: &'a str,
    problems: Vec<ProblemBody<'a>>,
}

#[derive(Serialize)]
struct LimitBody<'a> {
    name: &'a str,
    max: u64,
}

fn body<'a>(refusal: &'a Refusal, extension: &'a Extension, request_id: &str, language: Language) -> Body<'a> {
    let row = refusal.code.entry();
    let own = (!refusal.problems.is_empty()).then_some(&refusal.problems);
    let told = |problems: &'a Vec<Problem>| problems.iter().map(|problem| problem_body(problem, language)).collect();
    Body {
        r#type: format!("urn:giaonhan:problem:{}", row.text),
        title: match language {
            Language::En => row.title_en,
            Language::Vi => row.title_vi,
        },
        status: refusal.code.status(),
        detail: refusal.message.text(language),
        instance: format!("urn:giaonhan:request:{request_id}"),
        code: row.text,
        outcome: extension.outcome.map(Outcome::as_str),
        mode: extension.mode.map(Mode::as_str),
        summary: extension.summary.as_ref().map(summary_body),
        problems: extension.problems.as_ref().or(own).map(told),
        lines: match &extension.lines {
            Lines::None => None,
            Lines::Manifest(lines) => {
                Some(LinesBody::Manifest(lines.iter().map(|line| line_body(line, language)).collect()))
            }
            Lines::Handover(legs) => Some(LinesBody::Handover(
                legs.iter().map(|leg| LegBody { leg_id: &leg.leg_id, problems: told(&leg.problems) }).collect(),
            )),
        },
        limit: extension.limit.as_ref().map(|limit| LimitBody { name: &limit.name, max: limit.max }),
    }
}

/// The problem as `application/problem+json`.
pub fn to_json(refusal: &Refusal, extension: &Extension, request_id: &str, language: Language) -> Vec<u8> {
    // A struct of numbers and texts always serialises.
    serde_json::to_vec(&body(refusal, extension, request_id, language)).unwrap_or_default()
}

/// The problem as `application/problem+xml` (RFC 9457 appendix B); what is null in JSON is an absent element.
pub fn to_xml(refusal: &Refusal, extension: &Extension, request_id: &str, language: Language) -> Vec<u8> {
    let mut out = Out::new("problem", NAMESPACE);
    let tree = serde_json::to_value(body(refusal, extension, request_id, language)).unwrap_or_default();
    members(&mut out, &tree);
    out.finish()
}

/// Names of members become element names; they are all ours, so they are safe to write.
const NAMES: [&str; 29] = [
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "outcome",
    "mode",
    "summary",
    "problems",
    "lines",
    "limit",
    "severity",
    "field",
    "message",
    "index",
    "lineNo",
    "legId",
    "dossierNo",
    "state",
    "holder",
    "accepted",
    "refused",
    "heldBack",
    "warnings",
    "name",
    "max",
    "id",
    "i",
];

fn members(out: &mut Out, object: &Value) {
    for (name, value) in object.as_object().into_iter().flatten() {
        if let Some(name) = NAMES.iter().find(|known| *known == name) {
            element(out, name, value);
        }
    }
}

fn element(out: &mut Out, name: &'static str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            out.start(name, &[]);
            items.iter().for_each(|item| element(out, "i", item));
            out.end();
        }
        Value::Object(_) => {
            out.start(name, &[]);
            members(out, value);
            out.end();
        }
        Value::String(text) => out.element(name, text),
        Value::Bool(_) | Value::Number(_) => out.element(name, &value.to_string()),
    }
}
