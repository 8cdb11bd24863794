//! What alerts are decided from: each figure grouped by whose it is, each by an index that exists for it.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::domain::alert::{QUARTER_US, Way};
use crate::domain::leg::Holder;
use crate::on;
use crate::store::alerts::HeardRow;
use crate::store::book_schema::reconciliation;
use crate::store::clock_schema::clock_turn;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::exceptions::held_too_long;
use crate::store::schema::{custody_event, fact, feed_cursor, inbox, lease, leg, manifest, outbox};
use crate::store::tallies;

/// A count of things of somebody, and the oldest of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Whose.
    pub of: String,
    /// How many.
    pub count: i64,
    /// Since when the oldest, UTC microseconds.
    pub since_us: i64,
}

fn waiting(rows: Vec<(String, i64, i64)>) -> Vec<Waiting> {
    let mut all: Vec<Waiting> = rows.into_iter().map(|(of, count, since_us)| Waiting { of, count, since_us }).collect();
    all.sort_by(|a, b| a.of.cmp(&b.of));
    all
}

/// What everybody said between two instants, by quarter of an hour: lines of manifests, and facts.
pub fn said(db: &mut Db<'_>, from_us: i64, until_us: i64) -> Result<Vec<HeardRow>, StoreError> {
    // Literals: a bind parameter in a grouped expression is another expression to PostgreSQL.
    let quarter = |column: &str| sql::<BigInt>(&format!("({column} / {QUARTER_US}) * {QUARTER_US}"));
    let lines: Vec<(i64, String, String, i64)> = on!(db, |c| manifest::table
        // A manifest of which no line became a leg was said too.
        .left_join(leg::table.on(leg::manifest_id.eq(manifest::id)))
        .filter(manifest::received_at_us.ge(from_us))
        .filter(manifest::received_at_us.lt(until_us))
        .group_by(sql::<BigInt>("1, 2"))
        .select((
            quarter("manifest.received_at_us"),
            sql::<Text>("manifest.counterpart"),
            sql::<Text>("max(manifest.side)"),
            sql::<BigInt>("count(*)"),
        ))
        .load(c))?;
    let facts: Vec<(i64, String, String, i64)> = on!(db, |c| fact::table
        // Both, so that the index of facts by time is used.
        .filter(fact::matched.eq_any([0, 1]))
        .filter(fact::recorded_at_us.ge(from_us))
        .filter(fact::recorded_at_us.lt(until_us))
        .group_by(sql::<BigInt>("1, 2"))
        .select((
            quarter("recorded_at_us"),
            sql::<Text>("counterpart"),
            sql::<Text>("max(side)"),
            sql::<BigInt>("count(*)"),
        ))
        .load(c))?;
    let of = |way: Way, rows: Vec<(i64, String, String, i64)>| {
        rows.into_iter().map(move |(quarter_at_us, counterpart, side, amount)| HeardRow {
            quarter_at_us,
            counterpart,
            way: way.as_str().to_owned(),
            side,
            amount,
        })
    };
    Ok(of(Way::Lines, lines).chain(of(Way::Facts, facts)).collect())
}

/// Messages that were to be sent by now and are not settled, by receiver: since the first attempt, or since they were due.
pub fn messages_waiting(db: &mut Db<'_>, now_us: i64) -> Result<Vec<Waiting>, StoreError> {
    let since = "coalesce(first_sent_at_us, due_at_us)";
    Ok(waiting(on!(db, |c| outbox::table
        .filter(outbox::state.eq_any(["DUE", "UNKNOWN", "CLAIMED"]))
        .filter(sql::<BigInt>(since).le(now_us))
        .group_by(outbox::counterpart)
        .select((outbox::counterpart, sql::<BigInt>("count(*)"), sql::<BigInt>(&format!("min({since})"))))
        .load(c))?))
}

/// Parked messages, by receiver.
pub fn messages_parked(db: &mut Db<'_>) -> Result<Vec<Waiting>, StoreError> {
    Ok(waiting(on!(db, |c| outbox::table
        .filter(outbox::state.eq("PARKED"))
        .group_by(outbox::counterpart)
        .select((outbox::counterpart, sql::<BigInt>("count(*)"), sql::<BigInt>("coalesce(min(parked_at_us), 0)")))
        .load(c))?))
}

/// Reports that are not decided, by who sent them.
pub fn reports_waiting(db: &mut Db<'_>) -> Result<Vec<Waiting>, StoreError> {
    Ok(waiting(on!(db, |c| inbox::table
        .filter(inbox::state.eq("NEW"))
        .group_by(inbox::counterpart)
        .select((inbox::counterpart, sql::<BigInt>("count(*)"), sql::<BigInt>("min(received_at_us)")))
        .load(c))?))
}

/// Facts that fit no leg, by who reported them.
pub fn facts_unmatched(db: &mut Db<'_>) -> Result<Vec<Waiting>, StoreError> {
    Ok(waiting(on!(db, |c| fact::table
        .filter(fact::matched.eq(0))
        .group_by(fact::counterpart)
        .select((fact::counterpart, sql::<BigInt>("count(*)"), sql::<BigInt>("min(recorded_at_us)")))
        .load(c))?))
}

/// Open legs that are held too long, as the work list asks: by post office where the post holds them, else by agency.
pub fn held_since(db: &mut Db<'_>, holder: Holder, since_us: i64) -> Result<Vec<Waiting>, StoreError> {
    macro_rules! grouped {
        ($c:ident, $column:expr) => {
            held_too_long!(holder.as_str(), since_us)
                .group_by($column)
                .select(($column, sql::<BigInt>("count(*)"), sql::<BigInt>("min(holder_since_us)")))
                .load($c)
        };
    }
    Ok(waiting(on!(db, |c| match holder {
        Holder::Post => grouped!(c, leg::post_office_code),
        _ => grouped!(c, leg::agency_code),
    })?))
}

/// When a post's feed was last read.
pub fn feed_read_at(db: &mut Db<'_>, counterpart: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(db, |c| feed_cursor::table
        .filter(feed_cursor::counterpart.eq(counterpart))
        .select(diesel::dsl::max(feed_cursor::updated_at_us))
        .first(c))?)
}

/// When the books of a counterpart were last compared.
pub fn compared_at(db: &mut Db<'_>, side: &str, counterpart: &str) -> Result<Option<i64>, StoreError> {
    Ok(on!(db, |c| reconciliation::table
        .filter(reconciliation::side.eq(side))
        .filter(reconciliation::counterpart.eq(counterpart))
        .select(diesel::dsl::max(reconciliation::run_at_us))
        .first(c))?)
}

/// Legs of a list that are looked at, of those that are due at once.
const DUE_LOOKED_AT: i64 = 20;

/// When the leg of these was last changed that has not been changed for longest.
fn longest_unchanged(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Option<i64>, StoreError> {
    let last: Vec<i64> = on!(db, |c| custody_event::table
        .filter(custody_event::leg_id.eq_any(leg_ids))
        .group_by(custody_event::leg_id)
        .select(sql::<BigInt>("max(recorded_at_us)"))
        .load(c))?;
    Ok(last.into_iter().min())
}

/// Since when clocks wait: those whose time came since then, those that are due at once since their leg changed. While somebody holds the
/// lease of deriving, what is due at once is in work: a walk over all legs is no delay.
pub fn clocks_wait_since(db: &mut Db<'_>, now_us: i64) -> Result<Option<i64>, StoreError> {
    let timed: Option<i64> = on!(db, |c| clock_turn::table
        .filter(clock_turn::due_at_us.gt(0))
        .filter(clock_turn::due_at_us.le(now_us))
        .select(diesel::dsl::min(clock_turn::due_at_us))
        .first(c))?;
    let at_once: Vec<String> = on!(db, |c| clock_turn::table
        .filter(clock_turn::due_at_us.eq(0))
        .order((clock_turn::due_at_us, clock_turn::leg_id))
        .limit(DUE_LOOKED_AT)
        .select(clock_turn::leg_id)
        .load(c))?;
    let held_until: Option<i64> =
        on!(db, |c| lease::table.find("deadlines").select(lease::until_us).first(c).optional())?;
    let asked = longest_unchanged(db, &at_once)?.map(|changed_us| changed_us.max(held_until.unwrap_or_default()));
    Ok(timed.into_iter().chain(asked).min())
}

/// Since when roll-ups wait: since the last round, or since the change of the leg that waits longest, whichever is later. A list that has
/// just been filled is no delay, nor is one that is worked on.
pub fn roll_ups_wait_since(db: &mut Db<'_>) -> Result<Option<i64>, StoreError> {
    let round_us = tallies::basis(db)?.map_or(0, |basis| basis.rolled_up_at_us);
    let due: Vec<String> = tallies::due(db, DUE_LOOKED_AT)?.into_iter().map(|leg| leg.leg_id).collect();
    Ok(longest_unchanged(db, &due)?.map(|changed_us| changed_us.max(round_us)))
}
