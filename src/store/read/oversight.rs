//! The figures of the oversight page: what happened, who holds what for how long, what is open.
//!
//! Every figure is a count of legs of the agencies that the reader sees. A leg counts once per day and word, however often the
//! word was said. The instants that bound a figure arrive as values; nothing here asks a clock.

use std::collections::BTreeMap;

use diesel::dsl::{count_star, min, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::base::time::{DAY_US, HOUR_US};
use crate::domain::access::Agencies;
use crate::domain::custody::EventKind;
use crate::domain::leg::{LegKind, State};
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::schema::{custody_event, discrepancy, leg, outbox};

/// Vietnam is UTC+7 all year, so a day is a division.
const OFFSET_US: i64 = 7 * HOUR_US;

/// A stretch of time: from an instant up to, and without, another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First instant, UTC microseconds.
    pub from_us: i64,
    /// The instant after the last.
    pub until_us: i64,
}

/// How many legs of a kind had an event on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// The first instant of the day in Vietnam.
    pub day_us: i64,
    /// `INTAKE` or `RESULT`.
    pub leg_kind: String,
    /// The word of `EventKind`.
    pub event: String,
    /// Legs.
    pub legs: i64,
}

/// The main figures of a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Intake legs that the post took.
    pub taken_in: i64,
    /// Intake legs whose papers the agency took.
    pub handed_to_agency: i64,
    /// Result legs that the post took from an agency.
    pub results_collected: i64,
    /// Result legs that were delivered, and the receiver agreed.
    pub delivered_confirmed: i64,
    /// Result legs that stand as only reported delivered, since a time in the stretch.
    pub delivered_reported_only: i64,
    /// Result legs with a failed attempt.
    pub attempts_failed: i64,
    /// Legs open now.
    pub open: i64,
    /// Of these, with the papers on the way though they were due: reported deliveries and returns do not count.
    pub open_overdue: i64,
}

/// How many open legs somebody holds, by how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The word of `Holder`.
    pub holder: String,
    /// Youngest class first; one more class than there were bounds.
    pub by_age: Vec<i64>,
}

/// Open discrepancies of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenKind {
    /// The word of `discrepancy::Kind`.
    pub kind: String,
    /// How many.
    pub open: i64,
    /// When the oldest was opened.
    pub oldest_at_us: i64,
}

/// States in which the papers have arrived, by the post's word at least.
const ARRIVED: [State; 4] =
    [State::Confirmed, State::DeliveredReported, State::ReturnConfirmed, State::ReturnedReported];

fn arrived() -> [&'static str; 4] {
    ARRIVED.map(State::as_str)
}

/// What happened in a stretch of time, by day in Vietnam, kind of leg and word; in that order. Days without an event have no
/// row. Events that were annulled later count with the others: the correction is an event of its own.
pub fn events_by_day(db: &mut Db<'_>, agencies: &Agencies, span: Span) -> Result<Vec<DayCount>, StoreError> {
    // Literals: a bind parameter in a grouped expression is another expression to PostgreSQL, and the columns of two tables have
    // no common grouping in Diesel.
    let day = sql::<BigInt>(&format!("(custody_event.occurred_at_us + {OFFSET_US}) / {DAY_US}"));
    let columns = (
        day,
        sql::<Text>("leg.kind"),
        sql::<Text>("custody_event.event"),
        sql::<BigInt>("count(DISTINCT custody_event.leg_id)"),
    );
    let rows: Vec<(i64, String, String, i64)> = on!(db, |c| {
        let mut query = custody_event::table
            .inner_join(leg::table.on(leg::id.eq(custody_event::leg_id)))
            .filter(custody_event::occurred_at_us.ge(span.from_us))
            .filter(custody_event::occurred_at_us.lt(span.until_us))
            .group_by(sql::<BigInt>("1, 2, 3"))
            .select(columns)
            .into_boxed();
        if let Agencies::Only(codes) = agencies {
            query = query.filter(leg::agency_code.eq_any(codes));
        }
        query.load(c)
    })?;
    let count = |(day, leg_kind, event, legs)| DayCount { day_us: day * DAY_US - OFFSET_US, leg_kind, event, legs };
    let mut counts: Vec<DayCount> = rows.into_iter().map(count).collect();
    counts.sort_by(|a, b| (a.day_us, &a.leg_kind, &a.event).cmp(&(b.day_us, &b.leg_kind, &b.event)));
    Ok(counts)
}

/// The main figures of a stretch of time, and what is open at an instant.
pub fn figures(db: &mut Db<'_>, agencies: &Agencies, span: Span, now_us: i64) -> Result<Figures, StoreError> {
    let days = events_by_day(db, agencies, span)?;
    let of = |kind: LegKind, event: EventKind| {
        let same = days.iter().filter(|day| day.leg_kind == kind.as_str() && day.event == event.as_str());
        same.map(|day| day.legs).sum()
    };
    let (open, open_overdue, reported) = on!(db, |c| {
        let legs = || {
            let query = leg::table.select(count_star()).into_boxed();
            match agencies {
                Agencies::All => query,
                Agencies::Only(codes) => query.filter(leg::agency_code.eq_any(codes)),
            }
        };
        let open: i64 = legs().filter(leg::is_open.eq(1)).first(c)?;
        let overdue = legs().filter(leg::is_open.eq(1)).filter(leg::due_at_us.lt(now_us));
        let overdue: i64 = overdue.filter(leg::state.ne_all(arrived())).first(c)?;
        let reported = legs().filter(leg::kind.eq(LegKind::Result.as_str()));
        let reported = reported.filter(leg::state.eq(State::DeliveredReported.as_str()));
        let reported =
            reported.filter(leg::state_since_us.ge(span.from_us)).filter(leg::state_since_us.lt(span.until_us));
        let reported: i64 = reported.first(c)?;
        Ok::<_, StoreError>((open, overdue, reported))
    })?;
    Ok(Figures {
        taken_in: of(LegKind::Intake, EventKind::Accepted),
        handed_to_agency: of(LegKind::Intake, EventKind::Confirmed),
        results_collected: of(LegKind::Result, EventKind::Accepted),
        delivered_confirmed: of(LegKind::Result, EventKind::Confirmed),
        delivered_reported_only: reported,
        attempts_failed: of(LegKind::Result, EventKind::AttemptFailed),
        open,
        open_overdue,
    })
}

/// Open legs by holder and by how long it has held them: `[1, 3, 7]` days give four classes, under one day to over seven.
/// A leg that has been held exactly as long as a bound belongs to the older class.
pub fn held_by_age(
    db: &mut Db<'_>,
    agencies: &Agencies,
    now_us: i64,
    bounds_days: &[i64],
) -> Result<Vec<Held>, StoreError> {
    // Per bound, how many were held that long or longer; the classes are the differences.
    let mut held: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let oldest_first =
        [None].into_iter().chain(bounds_days.iter().map(|days| Some(now_us.saturating_sub(days * DAY_US))));
    for (class, since_us) in oldest_first.enumerate() {
        let rows: Vec<(String, i64)> = on!(db, |c| {
            let mut query = leg::table
                .filter(leg::is_open.eq(1))
                .group_by(leg::holder)
                .select((leg::holder, count_star()))
                .into_boxed();
            if let Some(since_us) = since_us {
                query = query.filter(leg::holder_since_us.le(since_us));
            }
            if let Agencies::Only(codes) = agencies {
                query = query.filter(leg::agency_code.eq_any(codes));
            }
            query.load(c)
        })?;
        for (holder, count) in rows {
            let counts = held.entry(holder).or_default();
            counts.resize(class, 0);
            counts.push(count);
        }
    }
    let classes = |(holder, mut counts): (String, Vec<i64>)| {
        counts.resize(bounds_days.len() + 1, 0);
        let older = counts.iter().skip(1).copied().chain([0]);
        // A leg written between two of the counts must not make a class negative.
        let by_age = counts.iter().zip(older).map(|(count, older)| (count - older).max(0)).collect();
        Held { holder, by_age }
    };
    Ok(held.into_iter().map(classes).collect())
}

/// Open discrepancies by kind, in order of kind. One without an agency is seen by who sees all.
pub fn open_discrepancies(db: &mut Db<'_>, agencies: &Agencies) -> Result<Vec<OpenKind>, StoreError> {
    let rows: Vec<(String, i64, Option<i64>)> = on!(db, |c| {
        let mut query = discrepancy::table
            .filter(discrepancy::state.eq("OPEN"))
            .group_by(discrepancy::kind)
            .order(discrepancy::kind)
            .select((discrepancy::kind, count_star(), min(discrepancy::opened_at_us)))
            .into_boxed();
        if let Agencies::Only(codes) = agencies {
            query = query.filter(discrepancy::agency_code.eq_any(codes));
        }
        query.load(c)
    })?;
    let kind =
        |(kind, open, oldest): (String, i64, Option<i64>)| OpenKind { kind, open, oldest_at_us: oldest.unwrap_or(0) };
    Ok(rows.into_iter().map(kind).collect())
}

/// When the message that has waited longest was due; none when nothing is due. Parked messages wait for a person, not for their
/// turn. A message without a leg is seen by who sees all.
pub fn oldest_due_message(db: &mut Db<'_>, agencies: &Agencies, now_us: i64) -> Result<Option<i64>, StoreError> {
    Ok(on!(db, |c| {
        let mut query = outbox::table
            .filter(outbox::state.eq_any(["DUE", "UNKNOWN", "CLAIMED"]))
            .filter(outbox::due_at_us.le(now_us))
            .select(min(outbox::due_at_us))
            .into_boxed();
        if let Agencies::Only(codes) = agencies {
            let legs = leg::table.filter(leg::agency_code.eq_any(codes)).select(leg::id.nullable());
            query = query.filter(outbox::leg_id.eq_any(legs));
        }
        query.first(c)
    })?)
}
