//! The feed: each event once, in one order that never changes (contract 8).

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::app::{AppError, feed};
use crate::domain::leg::State;
use crate::domain::problem::Code;
use crate::store::read::feed::last_seq;

/// Every type of event.
pub(in crate::api) fn types() -> Vec<String> {
    let of_legs = State::ALL
        .iter()
        .filter(|state| **state != State::Registered)
        .map(|state| format!("leg.{}", state.as_str().to_ascii_lowercase()));
    let others =
        ["leg.corrected", "manifest.accepted", "handover.completed", "discrepancy.opened", "discrepancy.resolved"];
    of_legs.chain(others.map(str::to_owned)).collect()
}

/// `GET /v1/events`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let (app, query) = (&call.front.app, &call.query);
    let after: i64 = query.get("after").and_then(|number| number.parse().ok()).unwrap_or(0);
    let types: Option<Vec<String>> = query.get("types").map(|list| list.split(',').map(str::to_owned).collect());
    let events = feed::after(app, call.caller()?, types.as_deref(), after, query.limit())?;
    if events.is_empty() && after > app.store.read(last_seq).map_err(AppError::from)? {
        // Of another store, or of a time that a backup has undone: a reader that waits for it would wait for ever.
        return Err(Fault::plain(Code::CursorInvalid));
    }
    let last = events.last().and_then(|event| event.feed_seq).unwrap_or(after);
    let items: Vec<Value> = events.iter().map(feed::item_of).collect();
    Ok(Answer::json(&json!({ "items": items, "next": feed::cursor_of(last) })))
}
