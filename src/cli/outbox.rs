//! `giaonhan outbox`: messages that are listed, replayed and mended.

use std::path::Path;

use serde_json::json;

use crate::app::outbox::{self, Operator};
use crate::base::time::Ts;
use crate::cli::args::StoreArgs;
use crate::cli::people::DOING;
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::store::read::PageAsk;
use crate::store::rows::OutboxRow;

const STATES: [&str; 5] = ["DUE", "CLAIMED", "UNKNOWN", "PARKED", "SETTLED"];
const PAGE: i64 = 500;

fn show(row: &OutboxRow, out: Out) {
    let time = |us: i64| Ts::from_us(us).to_rfc3339();
    let object = json!({
        "id": row.id,
        "counterpart": row.counterpart,
        "kind": row.kind,
        "legId": row.leg_id,
        "state": row.state,
        "attempts": row.attempts,
        "dueAt": time(row.due_at_us),
        "lastOutcome": row.last_outcome,
        "lastError": row.last_error,
        "parkedAt": row.parked_at_us.map(time),
    });
    let line = format!(
        "{}  {:<8} {:<14} {:<16} {:>3}  {}  {}",
        row.id,
        row.state,
        row.kind,
        row.counterpart,
        row.attempts,
        time(row.due_at_us),
        row.last_error.as_deref().unwrap_or("")
    );
    out.result(&object, line.trim_end());
}

pub(super) fn list(store: &StoreArgs, state: Option<&str>, out: Out) -> Result<(), Failure> {
    if let Some(state) = state.filter(|state| !STATES.contains(state)) {
        return Err(Failure::Usage(format!("--state {state}: write one of {}", STATES.join(", "))));
    }
    let app = app(store)?;
    let mut after = None;
    loop {
        let page = outbox::page(&app, state, None, &PageAsk { after: after.clone(), limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        for row in &page {
            show(row, out);
        }
    }
}

/// Who acts on the command line, as it stands in the log of the message and on the record.
const OPERATOR: Operator<'static> = Operator { name: "operator", doing: Some(DOING) };

pub(super) fn replay(store: &StoreArgs, id: &str, reason: &str, out: Out) -> Result<(), Failure> {
    show(&outbox::replay(&app(store)?, id, reason, OPERATOR)?, out);
    Ok(())
}

pub(super) fn mend(store: &StoreArgs, id: &str, body: &Path, reason: &str, out: Out) -> Result<(), Failure> {
    let text = std::fs::read_to_string(body)
        .map_err(|error| Failure::environment(format!("cannot read {}: {error}", body.display())))?;
    show(&outbox::mend(&app(store)?, id, &text, reason, OPERATOR)?, out);
    Ok(())
}
