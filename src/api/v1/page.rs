//! A page of a list: items and the cursor of the next page (contract 1).

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::cursor;
use crate::api::reply::Answer;

/// The page of these rows, of which one more was read than is shown.
pub(super) fn of<T>(
    call: &Call,
    list: &str,
    rows: &[T],
    id: impl Fn(&T) -> &str,
    view: impl Fn(&T) -> Value,
) -> Answer {
    let limit = usize::try_from(call.query.limit()).unwrap_or(usize::MAX);
    let shown = rows.get(..limit).unwrap_or(rows);
    let more = rows.len() > shown.len();
    let next = shown.last().filter(|_| more).map(|last| cursor::write(list, id(last)));
    Answer::json(&json!({ "items": shown.iter().map(view).collect::<Vec<_>>(), "next": next }))
}
