//! Events of the feed: thin bodies without personal data (contract 8, schemas/event.schema.json).

use serde_json::{Value, json};

use crate::base::id::{EventId, IdMaker};
use crate::base::time::Ts;
use crate::domain::receipt::Summary;
use crate::store::rows::{DiscrepancyRow, FeedEventRow, HandoverRow, LegRow, ManifestRow};

fn notice(
    ids: &IdMaker,
    type_: &str,
    at: Ts,
    leg_id: Option<&str>,
    agency: Option<&str>,
    data: &Value,
) -> FeedEventRow {
    FeedEventRow {
        id: EventId::make(ids).into(),
        type_: type_.to_owned(),
        leg_id: leg_id.map(str::to_owned),
        agency_code: agency.map(str::to_owned),
        reporter: None,
        at_us: at.us(),
        data: data.to_string(),
    }
}

/// A leg changed its state, or was corrected. `leg` is the row as it is after the change.
pub fn leg_changed(ids: &IdMaker, leg: &LegRow, corrected: bool, occurred_at: Ts, now: Ts) -> FeedEventRow {
    let type_ = if corrected { "leg.corrected".to_owned() } else { format!("leg.{}", leg.state.to_ascii_lowercase()) };
    let data = json!({
        "legId": leg.id,
        "legKind": leg.kind,
        "agencyCode": leg.agency_code,
        "manifestId": leg.manifest_id,
        "manifestNo": leg.manifest_no,
        "lineNo": leg.line_no,
        "dossierNo": leg.dossier_no,
        "consignmentNoteNo": leg.consignment_note_no,
        "itemNumber": leg.item_number,
        "state": leg.state,
        "holder": leg.holder,
        "occurredAt": occurred_at.to_rfc3339(),
    });
    notice(ids, &type_, now, Some(&leg.id), Some(&leg.agency_code), &data)
}

/// A manifest was taken, or an office closed its own.
pub fn manifest_accepted(ids: &IdMaker, manifest: &ManifestRow, summary: Summary, now: Ts) -> FeedEventRow {
    let summary = json!({
        "lines": summary.lines,
        "accepted": summary.accepted,
        "refused": summary.refused,
        "heldBack": summary.held_back,
        "warnings": summary.warnings,
    });
    let data = json!({
        "manifestId": manifest.id,
        "manifestNo": manifest.manifest_no,
        "revision": manifest.revision,
        "legKind": manifest.leg_kind,
        "agencyCode": manifest.agency_code,
        "outcome": manifest.outcome,
        "digest": manifest.digest,
        "summary": summary,
    });
    notice(ids, "manifest.accepted", now, None, Some(&manifest.agency_code), &data)
}

/// A handover was signed by both.
pub fn handover_completed(ids: &IdMaker, handover: &HandoverRow, lines: usize, taken: usize, now: Ts) -> FeedEventRow {
    let completed_at = handover.completed_at_us.map(|us| Ts::from_us(us).to_rfc3339());
    let data = json!({
        "handoverId": handover.id,
        "from": handover.giver,
        "to": handover.receiver,
        "agencyCode": handover.agency_code,
        "completedAt": completed_at,
        "lines": lines,
        "taken": taken,
        "digest": handover.digest,
        "corrects": handover.corrects,
    });
    notice(ids, "handover.completed", now, None, Some(&handover.agency_code), &data)
}

/// A discrepancy was opened or resolved.
pub fn discrepancy(ids: &IdMaker, row: &DiscrepancyRow, now: Ts) -> FeedEventRow {
    let type_ = if row.state == "OPEN" { "discrepancy.opened" } else { "discrepancy.resolved" };
    let data = json!({
        "discrepancyId": row.id,
        "kind": row.kind,
        "state": row.state,
        "legId": row.leg_id,
        "handoverId": row.handover_id,
        "agencyCode": row.agency_code,
    });
    FeedEventRow {
        reporter: row.reporter.clone(),
        ..notice(ids, type_, now, row.leg_id.as_deref(), row.agency_code.as_deref(), &data)
    }
}
