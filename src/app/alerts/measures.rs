//! What is measured in a round: each figure is read once, and says whose it is and at which number it is an alert.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::app::{App, AppError, calendar};
use crate::base::time::{DAY_US, Ts};
use crate::domain::alert::{Evidence, Kind, Measure, QUARTER_US, Unknown, percent_of};
use crate::domain::books::BookSide;
use crate::domain::calendar::{Calendar, EVERYBODY, POST};
use crate::domain::leg::{Holder, Side};
use crate::store::alerts::{self as kept, HeardNormRow, HeardRow};
use crate::store::read::alerts::{self as read, Waiting};
use crate::store::{Db, StoreError};

/// Whose working days a counterpart of this side keeps.
pub(super) fn whose(side: &str) -> &'static str {
    if side == Side::Post.as_str() { POST } else { EVERYBODY }
}

/// Everything, measured now.
pub(super) fn all(app: &App, now: Ts) -> Result<Vec<Measure>, AppError> {
    Ok(app.store.read(|db| {
        let calendar = calendar::read(db)?;
        let mut found = heard(app, db, &calendar, now)?;
        found.extend(waiting(app, db, now)?);
        found.extend(held(app, db, now)?);
        found.extend(loops(app, db, now)?);
        found.push(calendar_end(app, &calendar, now));
        Ok(found)
    })?)
}

fn known(kind: Kind, subject: impl Into<String>, evidence: Evidence) -> Measure {
    Measure { kind, subject: subject.into(), known: Ok(evidence) }
}

/// How long a counterpart has been silent, and how much it says now.
fn heard(app: &App, db: &mut Db<'_>, calendar: &Calendar, now: Ts) -> Result<Vec<Measure>, StoreError> {
    let counted_us = kept::basis(db)?.map_or(now.us(), |basis| basis.counted_until_us);
    let mut live: BTreeMap<(String, String), Vec<HeardRow>> = BTreeMap::new();
    let last_quarter = kept::heard_since(db, counted_us - QUARTER_US)?;
    for row in last_quarter.into_iter().chain(read::said(db, counted_us, now.us() + 1)?) {
        live.entry((row.counterpart.clone(), row.way.clone())).or_default().push(row);
    }
    let mut found = Vec::new();
    for norm in kept::norms(db)? {
        let said = live.get(&(norm.counterpart.clone(), norm.way.clone())).map(Vec::as_slice).unwrap_or_default();
        let subject = format!("{}:{}", norm.counterpart, norm.way);
        found.push(Measure {
            kind: Kind::Silence,
            subject: subject.clone(),
            known: silence(app, calendar, &norm, said, now),
        });
        found.push(Measure { kind: Kind::RateSpike, subject, known: spike(app, &norm, said) });
    }
    Ok(found)
}

fn silence(
    app: &App,
    calendar: &Calendar,
    norm: &HeardNormRow,
    said: &[HeardRow],
    now: Ts,
) -> Result<Evidence, Unknown> {
    let last_us = said.iter().map(|row| row.quarter_at_us).chain([norm.last_at_us]).max().unwrap_or_default();
    // From the end of the last quarter with a word: within it nobody is silent.
    let from = Ts::from_us(last_us.saturating_add(QUARTER_US).min(now.us()));
    let value = calendar.days_of(whose(&norm.side)).worked_us(from, now).map_err(|_| Unknown::NoCalendar)?;
    let gap_us = norm.gap_us.ok_or(Unknown::LittleHistory)?;
    let limit = percent_of(gap_us, app.alerts.silence_percent, app.alerts.silence_floor_us);
    Ok(Evidence { value, limit, normal: Some(gap_us), count: None, since_us: Some(last_us) })
}

fn spike(app: &App, norm: &HeardNormRow, said: &[HeardRow]) -> Result<Evidence, Unknown> {
    let most = said.iter().max_by_key(|row| row.amount);
    let p99 = norm.p99.ok_or(Unknown::LittleHistory)?;
    Ok(Evidence {
        value: most.map_or(0, |row| row.amount),
        limit: percent_of(p99, app.alerts.rate_percent, app.alerts.rate_floor),
        normal: Some(p99),
        count: None,
        since_us: most.map(|row| row.quarter_at_us),
    })
}

/// What waits: messages, reports and facts.
fn waiting(app: &App, db: &mut Db<'_>, now: Ts) -> Result<Vec<Measure>, StoreError> {
    let terms = &app.alerts;
    let aged = |kind, limit, rows: Vec<Waiting>| {
        rows.into_iter().map(move |row| {
            let value = now.us().saturating_sub(row.since_us).max(0);
            let (count, since_us) = (Some(row.count), Some(row.since_us));
            known(kind, row.of, Evidence { value, limit, normal: None, count, since_us })
        })
    };
    let sent = aged(Kind::MessageOverdue, terms.message_us, read::messages_waiting(db, now.us())?);
    let reports = aged(Kind::ReportsWaiting, terms.report_us, read::reports_waiting(db)?);
    let facts = aged(Kind::FactsUnmatched, terms.unmatched_us, read::facts_unmatched(db)?);
    let parked = counted(Kind::MessageParked, 1, "", read::messages_parked(db)?);
    Ok(sent.chain(reports).chain(facts).chain(parked).collect())
}

fn counted(kind: Kind, limit: i64, of: &str, rows: Vec<Waiting>) -> impl Iterator<Item = Measure> {
    rows.into_iter().map(move |row| {
        let (count, since_us) = (Some(row.count), Some(row.since_us));
        known(kind, format!("{of}{}", row.of), Evidence { value: row.count, limit, normal: None, count, since_us })
    })
}

/// Papers that lie with one holder, by place.
fn held(app: &App, db: &mut Db<'_>, now: Ts) -> Result<Vec<Measure>, StoreError> {
    let mut found = Vec::new();
    for holder in Holder::ALL {
        let since_us = now.us() - app.alerts.held.of(*holder) * DAY_US;
        let rows = read::held_since(db, *holder, since_us)?;
        found.extend(counted(Kind::CustodyOverdue, app.alerts.held_legs, &format!("{holder}:"), rows));
    }
    Ok(found)
}

/// What the program itself has to do again and again.
fn loops(app: &App, db: &mut Db<'_>, now: Ts) -> Result<Vec<Measure>, StoreError> {
    let watched_us = kept::basis(db)?.map_or(now.us(), |basis| basis.watched_since_us);
    let since = |kind, subject: &str, last_us: i64, limit| {
        let value = now.us().saturating_sub(last_us).max(0);
        known(kind, subject, Evidence { value, limit, normal: None, count: None, since_us: Some(last_us) })
    };
    let mut found = Vec::new();
    for post in &app.routes.post {
        let name = &post.counterpart;
        // One that was never read counts from when we began to watch.
        let read_us = read::feed_read_at(db, name)?.unwrap_or(watched_us);
        found.push(since(Kind::FeedBehind, name, read_us, app.alerts.feed_us));
        if let Some(limit) = app.alerts.comparison_us {
            let compared_us = read::compared_at(db, BookSide::Post.as_str(), name)?.unwrap_or(watched_us);
            found.push(since(Kind::ComparisonMissing, name, compared_us, limit));
        }
    }
    if let Some(due_us) = read::clocks_wait_since(db, now.us())? {
        found.push(since(Kind::ClocksBehind, "CLOCKS", due_us, app.alerts.derived_us));
    }
    if let Some(since_us) = read::roll_ups_wait_since(db)? {
        found.push(since(Kind::RollUpsBehind, "ROLL_UPS", since_us, app.alerts.derived_us));
    }
    Ok(found)
}

/// How near the end of the loaded calendar is: the measure grows as the days become fewer.
fn calendar_end(app: &App, calendar: &Calendar, now: Ts) -> Measure {
    let today = now.to_vietnam().date();
    let days = calendar.days_of(EVERYBODY);
    let knows = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).is_some_and(|first| days.day(first).is_ok());
    let known_until = (today.year()..).take_while(|year| knows(*year)).last();
    let end = known_until.and_then(|year| NaiveDate::from_ymd_opt(year, 12, 31));
    let left = end.map_or(0, |end| (end - today).num_days());
    let value = (app.alerts.calendar_days - left).max(0);
    known(Kind::CalendarEnds, "CALENDAR", Evidence { value, limit: 1, normal: None, count: Some(left), since_us: None })
}
