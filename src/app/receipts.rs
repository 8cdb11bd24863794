//! Receipts of manifests as they are kept: with both languages, so that they can be shown to any caller again.

use serde::{Deserialize, Serialize};

use crate::app::AppError;
use crate::base::id::{LegId, ManifestId};
use crate::base::time::Ts;
use crate::domain::leg::{Holder, LegKind, State};
use crate::domain::manifest::Mode;
use crate::domain::problem::{Message, Problem, Severity};
use crate::domain::receipt::{LineOutcome, LineReceipt, Outcome, Receipt, Summary};
use crate::store::rows::ManifestRow;

#[derive(Serialize, Deserialize)]
struct KeptReceipt {
    summary: [u64; 5],
    lines: Vec<KeptLine>,
}

#[derive(Serialize, Deserialize)]
struct KeptLine {
    i: u32,
    no: Option<i64>,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    leg: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dossier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<KeptProblem>,
}

#[derive(Serialize, Deserialize)]
struct KeptProblem {
    code: String,
    severity: String,
    field: String,
    en: String,
    vi: String,
}

/// A receipt as the text that is kept.
pub(super) fn text(receipt: &Receipt) -> Result<String, AppError> {
    let s = receipt.summary;
    let lines = receipt.lines.iter().map(|line| KeptLine {
        i: line.index,
        no: line.line_no,
        outcome: line.outcome.as_str().to_owned(),
        leg: line.leg_id.as_ref().map(|id| id.as_str().to_owned()),
        dossier: line.dossier_no.clone(),
        state: line.state.map(|state| state.as_str().to_owned()),
        holder: line.holder.map(|holder| holder.as_str().to_owned()),
        problems: line.problems.iter().map(kept_problem).collect(),
    });
    let kept =
        KeptReceipt { summary: [s.lines, s.accepted, s.refused, s.held_back, s.warnings], lines: lines.collect() };
    serde_json::to_string(&kept).map_err(|error| AppError::Internal(error.to_string()))
}

fn kept_problem(problem: &Problem) -> KeptProblem {
    KeptProblem {
        code: problem.code.as_str().to_owned(),
        severity: problem.severity.as_str().to_owned(),
        field: problem.field.clone(),
        en: problem.message.en.clone(),
        vi: problem.message.vi.clone(),
    }
}

/// The receipt of a row.
pub(super) fn of(row: &ManifestRow) -> Result<Receipt, AppError> {
    let corrupt = |what: &str| AppError::Internal(format!("receipt of {}: {what}", row.id));
    let kept: KeptReceipt = serde_json::from_str(&row.receipt).map_err(|error| corrupt(&error.to_string()))?;
    let [lines, accepted, refused, held_back, warnings] = kept.summary;
    let line = |line: KeptLine| -> Option<LineReceipt> {
        Some(LineReceipt {
            index: line.i,
            line_no: line.no,
            outcome: LineOutcome::parse(&line.outcome)?,
            leg_id: line.leg.map(LegId::from_text),
            dossier_no: line.dossier,
            state: line.state.as_deref().and_then(State::parse),
            holder: line.holder.as_deref().and_then(Holder::parse),
            problems: line.problems.into_iter().map(problem_of).collect::<Option<_>>()?,
        })
    };
    Ok(Receipt {
        id: Some(ManifestId::from_text(row.id.as_str())),
        manifest_no: row.manifest_no.clone(),
        revision: u32::try_from(row.revision).map_err(|_| corrupt("revision"))?,
        leg_kind: LegKind::parse(&row.leg_kind).ok_or_else(|| corrupt("leg kind"))?,
        agency_code: row.agency_code.clone(),
        mode: Mode::parse(&row.mode).ok_or_else(|| corrupt("mode"))?,
        outcome: Outcome::parse(&row.outcome).ok_or_else(|| corrupt("outcome"))?,
        digest: row.digest.clone(),
        received_at: Ts::from_us(row.received_at_us),
        summary: Summary { lines, accepted, refused, held_back, warnings },
        lines: kept.lines.into_iter().map(line).collect::<Option<_>>().ok_or_else(|| corrupt("line"))?,
    })
}

fn problem_of(kept: KeptProblem) -> Option<Problem> {
    let row = crate::domain::problem::CATALOGUE.iter().find(|row| row.text == kept.code)?;
    let severity = if kept.severity == "warning" { Severity::Warning } else { Severity::Error };
    Some(Problem { code: row.code, severity, field: kept.field, message: Message::new(kept.en, kept.vi) })
}
