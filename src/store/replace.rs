//! Rows replaced in one statement where many are replaced at once, on PostgreSQL: there a round trip for each row costs more than
//! the work. Each new row is a row of `unnest`, which takes one array for each column.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use crate::store::error::StoreError;
use crate::store::write::{LegChange, OutboxSettle};

/// Replaces legs where `events` is still the number that was read; returns how many.
pub(super) fn legs(c: &mut PgConnection, changes: &[&LegChange]) -> Result<usize, StoreError> {
    macro_rules! column {
        ($($path:tt)+) => { changes.iter().map(|change| &change.$($path)+).collect::<Vec<_>>() };
    }
    let query = diesel::sql_query(
        "UPDATE leg SET dossier_no = n.dossier_no, item_number = n.item_number, item_grade = n.item_grade, state = n.state, \
         state_since_us = n.state_since_us, holder = n.holder, holder_since_us = n.holder_since_us, is_open = n.is_open, \
         open_dossier_key = n.open_dossier_key, open_note_key = n.open_note_key, \
         accepted_by_post_at_us = n.accepted_by_post_at_us, filed_at_us = n.filed_at_us, \
         case_received_at_us = n.case_received_at_us, attempts = n.attempts, events = n.events, head = n.head \
         FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], \
         $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], \
         $17::bigint[], $18::text[]) AS n (id, events_read, dossier_no, item_number, item_grade, state, state_since_us, holder, \
         holder_since_us, is_open, open_dossier_key, open_note_key, accepted_by_post_at_us, filed_at_us, case_received_at_us, \
         attempts, events, head) WHERE leg.id = n.id AND leg.events = n.events_read",
    )
    .bind::<Array<Text>, _>(column!(id))
    .bind::<Array<BigInt>, _>(column!(events_read))
    .bind::<Array<Nullable<Text>>, _>(column!(state.dossier_no))
    .bind::<Array<Nullable<Text>>, _>(column!(state.item_number))
    .bind::<Array<Nullable<Text>>, _>(column!(state.item_grade))
    .bind::<Array<Text>, _>(column!(state.state))
    .bind::<Array<BigInt>, _>(column!(state.state_since_us))
    .bind::<Array<Text>, _>(column!(state.holder))
    .bind::<Array<BigInt>, _>(column!(state.holder_since_us))
    .bind::<Array<BigInt>, _>(column!(state.is_open))
    .bind::<Array<Nullable<Text>>, _>(column!(state.open_dossier_key))
    .bind::<Array<Nullable<Text>>, _>(column!(state.open_note_key))
    .bind::<Array<Nullable<BigInt>>, _>(column!(state.accepted_by_post_at_us))
    .bind::<Array<Nullable<BigInt>>, _>(column!(state.filed_at_us))
    .bind::<Array<Nullable<BigInt>>, _>(column!(state.case_received_at_us))
    .bind::<Array<BigInt>, _>(column!(state.attempts))
    .bind::<Array<BigInt>, _>(column!(state.events))
    .bind::<Array<Text>, _>(column!(state.head));
    Ok(query.execute(c)?)
}

/// Ends claims that are still held by owner and fence; returns how many.
pub(super) fn claims(c: &mut PgConnection, settles: &[&OutboxSettle]) -> Result<usize, StoreError> {
    macro_rules! column {
        ($field:ident) => {
            settles.iter().map(|settle| &settle.$field).collect::<Vec<_>>()
        };
    }
    let query = diesel::sql_query(
        "UPDATE outbox SET state = n.state, due_at_us = n.due_at_us, ask_first = n.ask_first, attempts = n.attempts, \
         lease_owner = NULL, lease_until_us = NULL, last_outcome = n.last_outcome, last_error = n.last_error, \
         parked_at_us = n.parked_at_us \
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], \
         $9::text[], $10::bigint[]) AS n (id, owner, fence, state, due_at_us, ask_first, attempts, last_outcome, last_error, \
         parked_at_us) WHERE outbox.id = n.id AND outbox.lease_owner = n.owner AND outbox.fence = n.fence \
         AND outbox.state = 'CLAIMED'",
    )
    .bind::<Array<Text>, _>(column!(id))
    .bind::<Array<Text>, _>(column!(owner))
    .bind::<Array<BigInt>, _>(column!(fence))
    .bind::<Array<Text>, _>(column!(state))
    .bind::<Array<BigInt>, _>(column!(due_at_us))
    .bind::<Array<BigInt>, _>(column!(ask_first))
    .bind::<Array<BigInt>, _>(column!(attempts))
    .bind::<Array<Nullable<Text>>, _>(column!(last_outcome))
    .bind::<Array<Nullable<Text>>, _>(column!(last_error))
    .bind::<Array<Nullable<BigInt>>, _>(column!(parked_at_us));
    Ok(query.execute(c)?)
}
