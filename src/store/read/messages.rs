//! Outbox, inbox and the figures that page a person.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::PageAsk;
use crate::store::rows::{InboxRow, OutboxLogRow, OutboxRow};
use crate::store::schema::{fact, inbox, outbox, outbox_log};

/// One message.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<OutboxRow>, StoreError> {
    Ok(on!(db, |c| outbox::table.find(id).select(OutboxRow::as_select()).first(c).optional())?)
}

/// A page of messages, oldest first.
pub fn page(
    db: &mut Db<'_>,
    state: Option<&str>,
    counterpart: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<OutboxRow>, StoreError> {
    on!(db, |c| {
        let mut query = outbox::table.select(OutboxRow::as_select()).order(outbox::id).limit(ask.limit).into_boxed();
        if let Some(after) = &ask.after {
            query = query.filter(outbox::id.gt(after));
        }
        if let Some(value) = state {
            query = query.filter(outbox::state.eq(value));
        }
        if let Some(value) = counterpart {
            query = query.filter(outbox::counterpart.eq(value));
        }
        Ok(query.load(c)?)
    })
}

/// The messages of these unique keys.
pub fn by_dedup_keys(db: &mut Db<'_>, keys: &[String]) -> Result<Vec<OutboxRow>, StoreError> {
    let mut out = Vec::new();
    for part in keys.chunks(super::IN_LIST_MAX) {
        out.extend(on!(db, |c| outbox::table
            .filter(outbox::dedup_key.eq_any(part))
            .select(OutboxRow::as_select())
            .load(c))?);
    }
    Ok(out)
}

/// When each of these messages was last tried.
pub fn last_attempts(db: &mut Db<'_>, ids: &[String]) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut out = BTreeMap::new();
    for part in ids.chunks(super::IN_LIST_MAX) {
        let rows: Vec<(String, Option<i64>)> = on!(db, |c| outbox_log::table
            .filter(outbox_log::outbox_id.eq_any(part))
            .filter(outbox_log::what.eq("ATTEMPT"))
            .group_by(outbox_log::outbox_id)
            .select((outbox_log::outbox_id, diesel::dsl::max(outbox_log::at_us)))
            .load(c))?;
        out.extend(rows.into_iter().filter_map(|(id, at_us)| Some((id, at_us?))));
    }
    Ok(out)
}

/// How many attempts, mendings and replays each of these messages has; none stands for no entry.
pub fn entries_of(db: &mut Db<'_>, outbox_ids: &[String]) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut out = BTreeMap::new();
    for part in outbox_ids.chunks(super::IN_LIST_MAX) {
        out.extend(on!(db, |c| outbox_log::table
            .filter(outbox_log::outbox_id.eq_any(part))
            .group_by(outbox_log::outbox_id)
            .select((outbox_log::outbox_id, diesel::dsl::count_star()))
            .load::<(String, i64)>(c))?);
    }
    Ok(out)
}

/// Attempts, mendings and replays of a message, in order.
pub fn log_of(db: &mut Db<'_>, outbox_id: &str) -> Result<Vec<OutboxLogRow>, StoreError> {
    Ok(on!(db, |c| outbox_log::table
        .filter(outbox_log::outbox_id.eq(outbox_id))
        .order(outbox_log::entry)
        .select(OutboxLogRow::as_select())
        .load(c))?)
}

/// Whether the order of a leg was ever claimed, so that it may have left.
pub fn order_was_claimed(db: &mut Db<'_>, leg_id: &str) -> Result<bool, StoreError> {
    let claimed: i64 = on!(db, |c| outbox::table
        .filter(outbox::leg_id.eq(leg_id))
        .filter(outbox::kind.eq("POST_ORDER"))
        .filter(outbox::first_sent_at_us.is_not_null())
        .count()
        .get_result(c))?;
    Ok(claimed > 0)
}

/// New inbox rows, oldest first: of one source, or all but those that wait for an answer (`PULL`).
pub fn new_inbox(db: &mut Db<'_>, source: Option<&str>, limit: i64) -> Result<Vec<InboxRow>, StoreError> {
    on!(db, |c| {
        let query = inbox::table
            .filter(inbox::state.eq("NEW"))
            .order((inbox::received_at_us, inbox::id))
            .limit(limit)
            .select(InboxRow::as_select())
            .into_boxed();
        let query = match source {
            Some(source) => query.filter(inbox::source.eq(source)),
            None => query.filter(inbox::source.ne("PULL")),
        };
        Ok(query.load(c)?)
    })
}

/// Which of these message keys of a counterpart are in the inbox already.
pub fn known_keys(db: &mut Db<'_>, counterpart: &str, keys: &[String]) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for part in keys.chunks(super::IN_LIST_MAX) {
        out.extend(on!(db, |c| inbox::table
            .filter(inbox::counterpart.eq(counterpart))
            .filter(inbox::message_key.eq_any(part))
            .select(inbox::message_key)
            .load::<String>(c))?);
    }
    Ok(out)
}

/// Figures for metrics and health.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Backlog {
    pub outbox_oldest_due_at_us: Option<i64>,
    pub outbox_parked: i64,
    pub outbox_unsettled: i64,
    pub facts_unmatched: i64,
    pub inbox_oldest_at_us: Option<i64>,
    pub inbox_new: i64,
    pub inbox_quarantined: i64,
}

/// Counts what waits. Due messages are those whose time has come.
pub fn backlog(db: &mut Db<'_>, now_us: i64) -> Result<Backlog, StoreError> {
    on!(db, |c| {
        let waiting = ["DUE", "UNKNOWN", "CLAIMED"];
        Ok(Backlog {
            outbox_oldest_due_at_us: outbox::table
                .filter(outbox::state.eq_any(waiting))
                .filter(outbox::due_at_us.le(now_us))
                .select(diesel::dsl::min(outbox::due_at_us))
                .first(c)?,
            outbox_parked: outbox::table.filter(outbox::state.eq("PARKED")).count().get_result(c)?,
            outbox_unsettled: outbox::table.filter(outbox::state.eq_any(waiting)).count().get_result(c)?,
            facts_unmatched: fact::table.filter(fact::matched.eq(0)).count().get_result(c)?,
            inbox_oldest_at_us: inbox::table
                .filter(inbox::state.eq("NEW"))
                .select(diesel::dsl::min(inbox::received_at_us))
                .first(c)?,
            inbox_new: inbox::table.filter(inbox::state.eq("NEW")).count().get_result(c)?,
            inbox_quarantined: inbox::table.filter(inbox::state.eq("QUARANTINED")).count().get_result(c)?,
        })
    })
}

/// Legs of which a later message was settled while an earlier one of the same order key was not.
pub fn settled_out_of_order(db: &mut Db<'_>) -> Result<Vec<String>, StoreError> {
    let later = diesel::alias!(outbox as later);
    let found: Vec<Option<String>> = on!(db, |c| outbox::table
        .filter(outbox::state.ne("SETTLED"))
        .filter(diesel::dsl::exists(
            later
                .filter(later.field(outbox::order_key).eq(outbox::order_key))
                .filter(later.field(outbox::order_seq).gt(outbox::order_seq))
                .filter(later.field(outbox::state).eq("SETTLED")),
        ))
        .select(outbox::leg_id)
        .distinct()
        .load(c))?;
    Ok(found.into_iter().flatten().collect())
}
