//! Discrepancies: where the books differ, and how it was settled (contract 6.2).

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, rendered};
use crate::api::v1::{page as paging, time, time_or_null};
use crate::app::discrepancies::{self, Evidence};
use crate::domain::discrepancy::Resolution;
use crate::store::read::discrepancies::DiscrepancyFilter;
use crate::store::rows::DiscrepancyRow;
use crate::wire::handover::read_resolve;

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "discrepancies";

/// `GET /v1/discrepancies`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let query = &call.query;
    let filter = DiscrepancyFilter {
        state: query.text("state"),
        kind: query.text("kind"),
        leg_id: query.text("legId"),
        manifest_id: query.text("manifestId"),
        handover_id: query.text("handoverId"),
    };
    let rows = discrepancies::page(&call.front.app, call.caller()?, &filter, &query.page())?;
    Ok(paging::of(call, LIST, &rows, |row| &row.id, view))
}

/// `GET /v1/discrepancies/{id}`.
pub(in crate::api) fn get(call: &Call) -> Result<Answer, Fault> {
    let row = discrepancies::get(&call.front.app, call.caller()?, call.path_value()?)?;
    Ok(Answer::json(&view(&row)))
}

/// `POST /v1/discrepancies/{id}/resolve`.
pub(in crate::api) fn resolve(call: &Call) -> Result<Answer, Fault> {
    let input = read_resolve(&call.body)?;
    let outcome = Resolution::parse(input.outcome.as_str())
        .ok_or_else(|| Fault::internal("an outcome that is read is not among those that are kept"))?;
    let render = |row: &DiscrepancyRow| rendered(200, &view(row));
    let (app, caller, id) = (&call.front.app, call.caller()?, call.path_value()?);
    let kept = discrepancies::resolve(app, caller, id, outcome, &input.reason, &call.keyed(&render), None)?;
    Ok(Answer::kept(kept))
}

fn view(row: &DiscrepancyRow) -> Value {
    let resolution = row.resolution_outcome.as_ref().map(|outcome| {
        json!({
            "outcome": outcome,
            "reason": row.resolution_reason,
            "by": row.resolution_by,
            "at": time_or_null(row.resolution_at_us),
        })
    });
    json!({
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "legId": row.leg_id,
        "handoverId": row.handover_id,
        "agencyCode": row.agency_code,
        "openedAt": time(row.opened_at_us),
        "lastSeenAt": time(row.last_seen_at_us),
        "owner": row.owner,
        "evidence": discrepancies::evidence_of(row).iter().map(evidence).collect::<Vec<_>>(),
        "resolution": resolution,
    })
}

fn evidence(evidence: &Evidence) -> Value {
    let mut shown = json!({ "eventId": evidence.event_id, "factId": evidence.fact_id });
    if let (Some(book), Some(members)) = (&evidence.book, shown.as_object_mut()) {
        members.insert("book".to_owned(), json!(book));
    }
    shown
}
