//! Alerts: for who watches over the whole province.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::api::v1::{page as paging, time, time_or_null};
use crate::app::AppError;
use crate::app::alerts::{self, Which, evidence_of};
use crate::app::people::Doing;
use crate::domain::access::{Agencies, Caller};
use crate::domain::alert::Kind;
use crate::domain::leg::Side;
use crate::domain::problem::Code;
use crate::report::alerts::{said, sentence};
use crate::store::alerts::AlertRow;
use crate::wire::handover::read_reason;

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "alerts";

/// An alert names counterparts and offices of the whole province.
fn overseer(call: &Call) -> Result<&Caller, Fault> {
    let caller = call.caller()?;
    if caller.side == Side::Oversight && caller.agencies == Agencies::All {
        Ok(caller)
    } else {
        Err(AppError::plain(Code::NotYourSide).into())
    }
}

/// `GET /v1/alerts`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    overseer(call)?;
    let which = match call.query.get("state") {
        Some("OPEN") => Which::Open,
        Some(_) => Which::Cleared,
        None => Which::All,
    };
    let rows = alerts::page(&call.front.app, which, &call.query.page())?;
    Ok(paging::of(call, LIST, &rows, |row| &row.id, |row| view(call, row)))
}

/// `POST /v1/alerts/{id}/acknowledge`.
pub(in crate::api) fn acknowledge(call: &Call) -> Result<Answer, Fault> {
    let caller = overseer(call)?;
    let reason = read_reason(&call.body)?;
    let doing = Doing { person: None, request_id: &call.request_id };
    let row = alerts::acknowledge(&call.front.app, call.path_value()?, &caller.counterpart, &reason, doing)?;
    Ok(Answer::json(&view(call, &row)))
}

fn view(call: &Call, row: &AlertRow) -> Value {
    let language = call.voice.language;
    let evidence = evidence_of(row);
    let kind = Kind::parse(&row.kind);
    let of_kind = kind.map(Kind::row);
    json!({
        "id": row.id,
        "kind": row.kind,
        "weight": of_kind.map(|of| of.weight.as_str()),
        "subject": row.subject,
        "state": if row.open_key.is_some() { "OPEN" } else { "CLEARED" },
        "openedAt": time(row.opened_at_us),
        "lastSeenAt": time(row.last_seen_at_us),
        "clearedAt": time_or_null(row.cleared_at_us),
        "title": of_kind.map(|of| said(of.called, language)),
        "detail": kind.map(|kind| sentence(kind, &evidence, language)),
        "next": of_kind.map(|of| said(of.next, language)),
        "evidence": {
            "unit": of_kind.map(|of| of.unit.as_str()),
            "value": evidence.value,
            "limit": evidence.limit,
            "normal": evidence.normal,
            "count": evidence.count,
            "since": time_or_null(evidence.since_us),
        },
        "acknowledgedBy": row.acknowledged_by,
        "acknowledgedAt": time_or_null(row.acknowledged_at_us),
        "note": row.note,
    })
}
