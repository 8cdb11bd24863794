//! A receipt as JSON (`schemas/receipt.schema.json`) and XML (`schemas/receipt.xsd`), members in the contract's order.

use super::xml_out::Out;
use crate::domain::problem::{Language, Problem};
use crate::domain::receipt::{LineReceipt, Receipt, Summary};
use serde::Serialize;

const NAMESPACE: &str = "urn:giaonhan:receipt:1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    manifest_no: &'a str,
    revision: u32,
    leg_kind: &'a str,
    agency_code: &'a str,
    mode: &'a str,
    outcome: &'a str,
    digest: &'a str,
    received_at: String,
    summary: SummaryBody,
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<LineBody<'a>>>,
}

/// The counts of a receipt.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SummaryBody {
    lines: u64,
    accepted: u64,
    refused: u64,
    held_back: u64,
    warnings: u64,
}

/// A line of a receipt or of a refused manifest.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LineBody<'a> {
    index: u32,
    line_no: Option<i64>,
    outcome: &'a str,
    leg_id: Option<&'a str>,
    dossier_no: Option<&'a str>,
    state: Option<&'a str>,
    holder: Option<&'a str>,
    problems: Vec<ProblemBody<'a>>,
}

/// A problem at a field.
#[derive(Serialize)]
pub(super) struct ProblemBody<'a> {
    code: &'a str,
    severity: &'a str,
    field: &'a str,
    message: &'a str,
}

pub(super) fn summary_body(summary: &Summary) -> SummaryBody {
    let Summary { lines, accepted, refused, held_back, warnings } = *summary;
    SummaryBody { lines, accepted, refused, held_back, warnings }
}

pub(super) fn problem_body(problem: &Problem, language: Language) -> ProblemBody<'_> {
    ProblemBody {
        code: problem.code.as_str(),
        severity: problem.severity.as_str(),
        field: &problem.field,
        message: problem.message.text(language),
    }
}

pub(super) fn line_body(line: &LineReceipt, language: Language) -> LineBody<'_> {
    LineBody {
        index: line.index,
        line_no: line.line_no,
        outcome: line.outcome.as_str(),
        leg_id: line.leg_id.as_ref().map(|id| id.as_str()),
        dossier_no: line.dossier_no.as_deref(),
        state: line.state.map(|state| state.as_str()),
        holder: line.holder.map(|holder| holder.as_str()),
        problems: line.problems.iter().map(|problem| problem_body(problem, language)).collect(),
    }
}

fn body(receipt: &Receipt, language: Language, with_lines: bool) -> ReceiptBody<'_> {
    ReceiptBody {
        id: receipt.id.as_ref().map(|id| id.as_str()),
        manifest_no: &receipt.manifest_no,
        revision: receipt.revision,
        leg_kind: receipt.leg_kind.as_str(),
        agency_code: &receipt.agency_code,
        mode: receipt.mode.as_str(),
        outcome: receipt.outcome.as_str(),
        digest: &receipt.digest,
        received_at: receipt.received_at.to_rfc3339(),
        summary: summary_body(&receipt.summary),
        lines: with_lines.then(|| receipt.lines.iter().map(|line| line_body(line, language)).collect()),
    }
}

/// The receipt as JSON.
pub fn to_json(receipt: &Receipt, language: Language) -> Vec<u8> {
    // A struct of numbers and texts always serialises.
    serde_json::to_vec(&body(receipt, language, true)).unwrap_or_default()
}

/// The receipt without its lines, as an item of a list.
pub fn to_list_item(receipt: &Receipt) -> serde_json::Value {
    serde_json::to_value(body(receipt, Language::En, false)).unwrap_or_default()
}

/// The receipt as XML; what is null in JSON is an absent attribute.
pub fn to_xml(receipt: &Receipt, language: Language) -> Vec<u8> {
    let mut out = Out::new("receipt", NAMESPACE);
    if let Some(id) = &receipt.id {
        out.attribute("id", id.as_str());
    }
    out.attribute("manifestNo", &receipt.manifest_no);
    out.attribute("revision", &receipt.revision.to_string());
    out.attribute("legKind", receipt.leg_kind.as_str());
    out.attribute("agencyCode", &receipt.agency_code);
    out.attribute("mode", receipt.mode.as_str());
    out.attribute("outcome", receipt.outcome.as_str());
    out.attribute("digest", &receipt.digest);
    out.attribute("receivedAt", &receipt.received_at.to_rfc3339());
    let summary = &receipt.summary;
    out.start("summary", &[]);
    for (name, count) in [
        ("lines", summary.lines),
        ("accepted", summary.accepted),
        ("refused", summary.refused),
        ("heldBack", summary.held_back),
        ("warnings", summary.warnings),
    ] {
        out.attribute(name, &count.to_string());
    }
    out.end();
    receipt.lines.iter().for_each(|line| xml_line(&mut out, line, language));
    out.finish()
}

fn xml_line(out: &mut Out, line: &LineReceipt, language: Language) {
    let (index, line_no) = (line.index.to_string(), line.line_no.map(|number| number.to_string()));
    let attributes = [
        ("index", Some(index.as_str())),
        ("lineNo", line_no.as_deref()),
        ("outcome", Some(line.outcome.as_str())),
        ("legId", line.leg_id.as_ref().map(|id| id.as_str())),
        ("dossierNo", line.dossier_no.as_deref()),
        ("state", line.state.map(|state| state.as_str())),
        ("holder", line.holder.map(|holder| holder.as_str())),
    ];
    out.start("line", &attributes);
    for problem in &line.problems {
        let attributes = [
            ("code", Some(problem.code.as_str())),
            ("severity", Some(problem.severity.as_str())),
            ("field", Some(problem.field.as_str())),
        ];
        out.start("problem", &attributes);
        out.escaped(problem.message.text(language));
        out.end();
    }
    out.end();
}
