//! Fee money by leg and by place, and the watch over what is not paid over in time or differs. The post's word and the desk's stand apart.

use std::collections::BTreeMap;

use crate::app::discrepancies::{BookWord, Findings, Found, rests};
use crate::app::leg_work::terms_of;
use crate::app::{App, AppError, calendar};
use crate::base::time::{DAY_US, Ts};
use crate::domain::access::Agencies;
use crate::domain::calendar::Calendar;
use crate::domain::custody::{Event, fold};
use crate::domain::discrepancy::Kind;
use crate::domain::money::{Chain, Mismatch, Received, Standing};
use crate::domain::tally::{Measure, Stretch};
use crate::store::read::tallies::{Slice, legs_behind};
use crate::store::read::{self, PageAsk};
use crate::store::rows::LegRow;
use crate::store::{Db, StoreError, desk, ledger};

/// The money of a leg.
#[derive(Debug, Clone)]
pub struct LegMoney {
    /// The leg.
    pub leg: LegRow,
    /// What was collected, paid over, received.
    pub chain: Chain,
    /// How it stands.
    pub standing: Standing,
    /// By when what is outstanding has to be paid over; none where nobody can say.
    pub due_at: Option<Ts>,
}

/// Classes of age, in days: up to three, to ten, to thirty, longer.
pub const AGES_DAYS: [i64; 3] = [3, 10, 30];

/// What an office holds of an agency's money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The agency whose money it is.
    pub agency_code: String,
    /// The post office that collected it.
    pub post_office_code: String,
    /// Legs with money outstanding.
    pub legs: i64,
    /// In đồng.
    pub outstanding: i64,
    /// Of this, past its term.
    pub overdue: i64,
    /// The same by age, youngest first.
    pub by_age: [i64; AGES_DAYS.len() + 1],
}

/// Legs read at once.
const PAGE: i64 = 500;

/// Legs whose fees were with the post at an instant, oldest legs first. What happened later does not count.
pub fn outstanding(app: &App, seen: &Agencies, slice: &Slice, as_of: Ts) -> Result<Vec<LegMoney>, AppError> {
    // What is outstanding now stands in the roll-ups; of an earlier instant every leg with a fee is asked.
    let measure = if as_of < app.now() { Measure::FeeCollected } else { Measure::FeeOutstanding };
    let calendar = app.store.read(calendar::read)?;
    let mut found = Vec::new();
    each_page(app, seen, slice, measure, as_of, |db, legs| {
        let money = of_legs(app, db, &calendar, legs, as_of)?;
        found.extend(money.into_iter().filter(|money| money.chain.outstanding() > 0));
        Ok(())
    })?;
    Ok(found)
}

/// What was outstanding, by agency and post office, with its age on the day of the instant.
pub fn by_place(money: &[LegMoney], as_of: Ts) -> Vec<Held> {
    let mut places: BTreeMap<(&str, &str), Held> = BTreeMap::new();
    for one in money {
        let key = (one.leg.agency_code.as_str(), one.leg.post_office_code.as_str());
        let held = places.entry(key).or_insert_with(|| Held {
            agency_code: key.0.to_owned(),
            post_office_code: key.1.to_owned(),
            legs: 0,
            outstanding: 0,
            overdue: 0,
            by_age: [0; AGES_DAYS.len() + 1],
        });
        let amount = one.chain.outstanding();
        held.legs += 1;
        held.outstanding = held.outstanding.saturating_add(amount);
        if one.standing == Standing::Overdue {
            held.overdue = held.overdue.saturating_add(amount);
        }
        let age_us = one.chain.outstanding_since().map_or(0, |since| as_of.us().saturating_sub(since.us()));
        let class = AGES_DAYS.iter().filter(|days| age_us > **days * DAY_US).count();
        if let Some(of_age) = held.by_age.get_mut(class) {
            *of_age = of_age.saturating_add(amount);
        }
    }
    places.into_values().collect()
}

/// The money of these legs as it was known to stand at an instant.
pub fn of_legs(
    app: &App,
    db: &mut Db<'_>,
    calendar: &Calendar,
    legs: Vec<LegRow>,
    as_of: Ts,
) -> Result<Vec<LegMoney>, StoreError> {
    let ids: Vec<String> = legs.iter().map(|leg| leg.id.clone()).collect();
    let mut received: BTreeMap<String, Received> = BTreeMap::new();
    for receipt in desk::money_received(db, &ids)? {
        let word = Received { at: Ts::from_us(receipt.at_us), amount: receipt.amount.unwrap_or(0) };
        received.insert(receipt.leg_id, word);
    }
    let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for row in read::legs::events_of_many(db, &ids)?.iter().filter(|row| row.occurred_at_us <= as_of.us()) {
        events.entry(row.leg_id.clone()).or_default().push(ledger::from_row(row)?);
    }
    legs.into_iter()
        .map(|leg| {
            let own = events.remove(&leg.id).unwrap_or_default();
            let folded = fold(&terms_of(&leg)?, &own);
            let word = received.remove(&leg.id).filter(|word| word.at <= as_of);
            let chain = Chain::of(folded.counted(&own), word);
            let standing = chain.standing(calendar, &app.clocks, as_of);
            let due_at = chain.due_at(calendar, &app.clocks).ok().flatten();
            Ok(LegMoney { leg, chain, standing, due_at })
        })
        .collect()
}

/// The legs behind a measure until the day of an instant, page by page.
fn each_page(
    app: &App,
    seen: &Agencies,
    slice: &Slice,
    measure: Measure,
    as_of: Ts,
    mut take: impl FnMut(&mut Db<'_>, Vec<LegRow>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let until = as_of.plus_us(DAY_US).to_vietnam().date();
    let ever = Stretch { from: chrono::NaiveDate::default(), until, as_of: until };
    let mut after: Option<String> = None;
    loop {
        let ask = PageAsk { after: after.clone(), limit: PAGE };
        let more = app.store.read(|db| {
            let legs = legs_behind(db, seen, ever, measure, slice, &ask)?;
            after = legs.last().map(|leg| leg.id.clone());
            take(db, legs)?;
            Ok(after.is_some())
        })?;
        if !more {
            return Ok(());
        }
    }
}

const WATCHED: [Kind; 2] = [Kind::FeeNotRemitted, Kind::FeeMismatch];

/// Opens what is overdue or differs, and heals what is not any more; returns how many. What is open and still holds is not written again.
pub fn watch(app: &App) -> Result<usize, AppError> {
    let now = app.now();
    let calendar = app.store.read(calendar::read)?;
    let mut changed = 0;
    let mut settle = |legs: Vec<LegRow>| -> Result<(), AppError> {
        if !legs.is_empty() {
            changed += settle(app, &calendar, &legs, now)?;
        }
        Ok(())
    };
    for measure in [Measure::FeeOutstanding, Measure::FeeMismatch] {
        let mut pages = Vec::new();
        each_page(app, &Agencies::All, &Slice::default(), measure, now, |_, legs| {
            pages.push(legs);
            Ok(())
        })?;
        pages.into_iter().try_for_each(&mut settle)?;
    }
    // Those that are open, whose legs may have left the roll-ups.
    let mut ids = app.store.read(|db| {
        let kinds = WATCHED.map(Kind::as_str);
        read::discrepancies::open_legs_of(db, &kinds)
    })?;
    ids.dedup();
    for part in ids.chunks(500) {
        settle(app.store.read(|db| read::legs::by_ids(db, part))?)?;
    }
    Ok(changed)
}

fn settle(app: &App, calendar: &Calendar, legs: &[LegRow], now: Ts) -> Result<usize, AppError> {
    app.decide_and_commit(None, |set| {
        Ok(app.store.read(|db| {
            let mut findings = Findings::default();
            let mut changed = 0;
            let keys: Vec<String> = legs.iter().flat_map(|leg| WATCHED.map(|kind| subject(kind, &leg.id))).collect();
            let known = read::discrepancies::newest_by_subject(db, &keys)?;
            for money in of_legs(app, db, calendar, legs.to_vec(), now)? {
                for kind in WATCHED {
                    let key = subject(kind, &money.leg.id);
                    let newest = known.iter().find(|row| row.subject_key == key);
                    let open = newest.is_some_and(|row| row.state == "OPEN");
                    match (shown(kind, &money), open) {
                        (Some(words), false) if !newest.is_some_and(|row| rests(row, &words)) => {
                            findings.find(Found::of_leg(kind, key, &money.leg, words));
                            changed += 1;
                        }
                        (None, true) => {
                            findings.heal(key, "the money is as it should be");
                            changed += 1;
                        }
                        _ => {}
                    }
                }
            }
            findings.settle(app, db, now, set)?;
            Ok(changed)
        })?)
    })
}

fn subject(kind: Kind, leg_id: &str) -> String {
    format!("{kind}:{leg_id}:")
}

/// What shows it, where it holds: what the books say.
fn shown(kind: Kind, money: &LegMoney) -> Option<Vec<BookWord>> {
    let chain = &money.chain;
    let word = |book: &str, field: &str, says: i64| BookWord {
        book: book.to_owned(),
        row: None,
        field: field.to_owned(),
        says: Some(says.to_string()),
    };
    let holds = match kind {
        Kind::FeeNotRemitted => money.standing == Standing::Overdue,
        _ => !chain.mismatches().is_empty(),
    };
    let mut words =
        vec![word("LEDGER", "collected", chain.collected_sum()), word("LEDGER", "remitted", chain.remitted_sum())];
    if chain.mismatches().contains(&Mismatch::Received) {
        words.extend(chain.received.map(|received| word("DESK", "received", received.amount)));
    }
    holds.then_some(words)
}
