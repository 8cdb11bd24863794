//! Rows replaced in one statement, on PostgreSQL: there a round trip for each row costs more than the work.

use diesel::pg::PgConnection;

use crate::store::arrays::{columns, execute};
use crate::store::error::StoreError;
use crate::store::write::{LegChange, OutboxSettle};

/// Replaces legs where `events` is still the number that was read; returns how many.
pub(super) fn legs(c: &mut PgConnection, changes: &[&LegChange]) -> Result<usize, StoreError> {
    let columns = columns!(
        changes,
        id,
        events_read,
        state.dossier_no,
        state.item_number,
        state.item_grade,
        state.state,
        state.state_since_us,
        state.holder,
        state.holder_since_us,
        state.is_open,
        state.open_dossier_key,
        state.open_note_key,
        state.accepted_by_post_at_us,
        state.filed_at_us,
        state.case_received_at_us,
        state.attempts,
        state.events,
        state.head,
    );
    execute(
        c,
        "UPDATE leg SET dossier_no = n.dossier_no, item_number = n.item_number, item_grade = n.item_grade, state = n.state, \
         state_since_us = n.state_since_us, holder = n.holder, holder_since_us = n.holder_since_us, is_open = n.is_open, \
         open_dossier_key = n.open_dossier_key, open_note_key = n.open_note_key, \
         accepted_by_post_at_us = n.accepted_by_post_at_us, filed_at_us = n.filed_at_us, \
         case_received_at_us = n.case_received_at_us, attempts = n.attempts, events = n.events, head = n.head FROM ",
        columns,
        " AS n (id, events_read, dossier_no, item_number, item_grade, state, state_since_us, holder, holder_since_us, is_open, \
         open_dossier_key, open_note_key, accepted_by_post_at_us, filed_at_us, case_received_at_us, attempts, events, head) \
         WHERE leg.id = n.id AND leg.events = n.events_read",
    )
}

/// Ends claims that are still held by owner and fence; returns how many.
pub(super) fn claims(c: &mut PgConnection, settles: &[&OutboxSettle]) -> Result<usize, StoreError> {
    let columns = columns!(
        settles,
        id,
        owner,
        fence,
        state,
        due_at_us,
        ask_first,
        attempts,
        last_outcome,
        last_error,
        parked_at_us,
    );
    execute(
        c,
        "UPDATE outbox SET state = n.state, due_at_us = n.due_at_us, ask_first = n.ask_first, attempts = n.attempts, \
         lease_owner = NULL, lease_until_us = NULL, last_outcome = n.last_outcome, last_error = n.last_error, \
         parked_at_us = n.parked_at_us FROM ",
        columns,
        " AS n (id, owner, fence, state, due_at_us, ask_first, attempts, last_outcome, last_error, parked_at_us) \
         WHERE outbox.id = n.id AND outbox.lease_owner = n.owner AND outbox.fence = n.fence AND outbox.state = 'CLAIMED'",
    )
}
