//! Reports that leave by themselves, and what became of their files.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::api::v1::{page as paging, time, time_or_null};
use crate::app::distribution::{self, Delivered, Run};

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "report-deliveries";

/// `GET /v1/report-deliveries`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let rows = distribution::runs(&call.front.app, call.caller()?, call.query.get("schedule"), &call.query.page())?;
    Ok(paging::of(call, LIST, &rows, |run| &run.row.cut_id, view))
}

fn view(run: &Run) -> Value {
    let row = &run.row;
    json!({
        "cutId": row.cut_id,
        "schedule": row.schedule,
        "definition": row.definition,
        "period": row.period,
        "from": row.from_date,
        "until": row.until_date,
        "agencyCode": row.agency_code,
        "postOfficeCode": row.post_office_code,
        "dueAt": time_or_null(row.due_at_us),
        "madeAt": time(row.made_at_us),
        "deliveries": run.deliveries.iter().map(delivered).collect::<Vec<_>>(),
    })
}

fn delivered(one: &Delivered) -> Value {
    let row = &one.message;
    json!({
        "receiver": one.receiver,
        "format": one.format,
        "name": one.name,
        "messageId": row.id,
        "state": row.state,
        "attempts": row.attempts,
        "dueAt": time(row.due_at_us),
        "lastError": row.last_error,
        "parkedAt": time_or_null(row.parked_at_us),
        "deliveredAt": time_or_null(one.delivered_at_us),
    })
}
