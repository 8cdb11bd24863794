//! The outbox as operators see it (contract 9).

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::api::v1::{page as paging, time, time_or_null};
use crate::app::outbox::{self, Operator};
use crate::store::rows::OutboxRow;
use crate::wire::handover::{read_mend, read_reason};

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "outbox";

/// `GET /v1/outbox`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let query = &call.query;
    let rows = outbox::page(&call.front.app, query.get("state"), query.get("counterpart"), &query.page())?;
    Ok(paging::of(call, LIST, &rows, |row| &row.id, view))
}

/// `GET /v1/outbox/{id}`.
pub(in crate::api) fn get(call: &Call) -> Result<Answer, Fault> {
    let row = outbox::get(&call.front.app, call.path_value()?)?;
    Ok(Answer::json(&view(&row)))
}

/// `POST /v1/outbox/{id}/replay`.
pub(in crate::api) fn replay(call: &Call) -> Result<Answer, Fault> {
    let reason = read_reason(&call.body)?;
    let row = outbox::replay(&call.front.app, call.path_value()?, &reason, operator(call)?)?;
    Ok(Answer::json(&view(&row)))
}

/// `POST /v1/outbox/{id}/mend`.
pub(in crate::api) fn mend(call: &Call) -> Result<Answer, Fault> {
    let input = read_mend(&call.body)?;
    let row = outbox::mend(&call.front.app, call.path_value()?, &input.body, &input.reason, operator(call)?)?;
    Ok(Answer::json(&view(&row)))
}

/// A system is named in the log of the message; the record of acts is of people.
fn operator(call: &Call) -> Result<Operator<'_>, Fault> {
    Ok(Operator { name: &call.caller()?.counterpart, doing: None })
}

fn view(row: &OutboxRow) -> Value {
    json!({
        "id": row.id,
        "counterpart": row.counterpart,
        "kind": row.kind,
        "legId": row.leg_id,
        "state": row.state,
        "attempts": row.attempts,
        "dueAt": time(row.due_at_us),
        "lastOutcome": row.last_outcome,
        "lastError": row.last_error,
        "parkedAt": time_or_null(row.parked_at_us),
    })
}
