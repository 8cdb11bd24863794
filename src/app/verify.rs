//! `giaonhan verify`: chains, the fold against the stored state, one holder, the outbox and the numbering of the feed.

use std::collections::BTreeMap;

use crate::app::leg_work::{terms_of, with_fold};
use crate::app::{App, AppError, clocks, originals, tallies};
use crate::domain::access::Agencies;
use crate::domain::custody::{Event, fold};
use crate::domain::leg::LegKind;
use crate::store::read::legs::LegFilter;
use crate::store::read::{self, PageAsk};
use crate::store::rows::{CustodyEventRow, LegRow};
use crate::store::{StoreError, ledger};

/// One thing that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The leg, when it is about one.
    pub leg_id: Option<String>,
    /// The event of the leg.
    pub seq: Option<i64>,
    /// What does not hold.
    pub kind: &'static str,
}

/// What verifying found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Manifests in the store.
    pub manifests: i64,
    /// Legs in the store.
    pub legs: i64,
    /// Events in the ledger.
    pub events: i64,
    /// What does not hold; empty when clean.
    pub problems: Vec<Damage>,
}

impl Verified {
    /// Nothing is damaged.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

const LEGS_PER_PAGE: i64 = 500;

/// Re-derives everything from the ledger, page by page, beside a running server.
pub fn verify(app: &App) -> Result<Verified, AppError> {
    let mut found = Verified::default();
    let mut after: Option<String> = None;
    loop {
        let ask = PageAsk { after: after.clone(), limit: LEGS_PER_PAGE };
        let legs = app.store.read(|db| read::legs::page(db, &Agencies::All, &LegFilter::default(), &ask))?;
        let Some(last) = legs.last() else { break };
        after = Some(last.id.clone());
        let ids: Vec<String> = legs.iter().map(|leg| leg.id.clone()).collect();
        let rows = app.store.read(|db| read::legs::events_of_many(db, &ids))?;
        let mut by_leg: BTreeMap<&str, Vec<&CustodyEventRow>> = BTreeMap::new();
        for row in &rows {
            by_leg.entry(row.leg_id.as_str()).or_default().push(row);
        }
        let wrong = tallies::wrong_among(app, &legs)?;
        found.problems.extend(wrong.into_iter().map(|id| Damage {
            leg_id: Some(id),
            seq: None,
            kind: "TALLIES_DIFFER",
        }));
        let mut whole = Vec::new();
        for leg in &legs {
            let damages = verify_leg(leg, by_leg.get(leg.id.as_str()).map(Vec::as_slice).unwrap_or_default());
            if damages.is_empty() {
                whole.push(leg.id.clone());
            }
            for (seq, kind) in damages {
                // The row and its events were read at two instants: look again before calling it damage.
                if still_damaged(app, &leg.id, kind)? {
                    found.problems.push(Damage { leg_id: Some(leg.id.clone()), seq, kind });
                }
            }
        }
        for leg_id in clocks_that_differ(app, &whole)? {
            found.problems.push(Damage { leg_id: Some(leg_id), seq: None, kind: "CLOCK_DIFFERS" });
        }
        let intakes = legs.iter().filter(|leg| leg.kind == LegKind::Intake.as_str()).map(|leg| leg.id.clone());
        for leg_id in originals_that_differ(app, intakes.collect())? {
            found.problems.push(Damage { leg_id: Some(leg_id), seq: None, kind: "ORIGINALS_DIFFER" });
        }
    }
    let (manifests, legs, events) = app.store.read(read::legs::counts)?;
    (found.manifests, found.legs, found.events) = (manifests, legs, events);
    let gaps = app.store.read(read::feed::numbering_gaps)?;
    if gaps > 0 {
        found.problems.push(Damage { leg_id: None, seq: None, kind: "FEED_NUMBERING" });
    }
    for leg_id in app.store.read(read::messages::settled_out_of_order)? {
        found.problems.push(Damage { leg_id: Some(leg_id), seq: None, kind: "OUTBOX_ORDER" });
    }
    for _ in tallies::wrong_cells(app)? {
        found.problems.push(Damage { leg_id: None, seq: None, kind: "SUMS_DIFFER" });
    }
    Ok(found)
}

/// Re-derives one leg; what does not hold of it, nothing when all does.
pub fn verify_one(app: &App, leg_id: &str) -> Result<Vec<Damage>, StoreError> {
    let read = || {
        app.store.read(|db| {
            let Some(leg) = read::legs::by_id(db, leg_id)? else { return Ok(Vec::new()) };
            let rows = read::legs::events_of(db, leg_id)?;
            Ok(verify_leg(&leg, &rows.iter().collect::<Vec<_>>()))
        })
    };
    // As above: an event may come between the row and its events, and is there at the second look.
    let found = if read()?.is_empty() { Vec::new() } else { read()? };
    Ok(found.into_iter().map(|(seq, kind)| Damage { leg_id: Some(leg_id.to_owned()), seq, kind }).collect())
}

/// Legs whose stored clocks are not what their events give; a clock is compared when it does not wait to be derived.
fn clocks_that_differ(app: &App, leg_ids: &[String]) -> Result<Vec<String>, StoreError> {
    let mut differ = leg_ids.to_vec();
    // What changed while it was read is the same at the second look.
    for _ in 0..2 {
        if differ.is_empty() || !clocks::is_settled(app)? {
            return Ok(Vec::new());
        }
        differ = clocks::difference(app, &differ)?;
    }
    Ok(differ)
}

/// Intake legs whose stored originals are not what their dossiers give, at two looks.
fn originals_that_differ(app: &App, leg_ids: Vec<String>) -> Result<Vec<String>, StoreError> {
    let suspects = originals::difference(app, &leg_ids)?;
    originals::difference(app, &suspects)
}

fn still_damaged(app: &App, leg_id: &str, kind: &str) -> Result<bool, StoreError> {
    app.store.read(|db| {
        let Some(leg) = read::legs::by_id(db, leg_id)? else { return Ok(false) };
        let rows = read::legs::events_of(db, leg_id)?;
        Ok(verify_leg(&leg, &rows.iter().collect::<Vec<_>>()).iter().any(|(_, found)| *found == kind))
    })
}

fn verify_leg(leg: &LegRow, rows: &[&CustodyEventRow]) -> Vec<(Option<i64>, &'static str)> {
    let mut damages = Vec::new();
    let mut prev: Option<&str> = None;
    for (expected_seq, row) in (1_i64..).zip(rows) {
        if row.seq != expected_seq || !ledger::row_holds(row, prev) {
            damages.push((Some(row.seq), "CHAIN_BROKEN"));
            break;
        }
        prev = Some(&row.hash);
    }
    if i64::try_from(rows.len()) != Ok(leg.events) || prev.unwrap_or_default() != leg.head {
        damages.push((None, "HEAD_DIFFERS"));
    }
    let events: Result<Vec<Event>, StoreError> = rows.iter().map(|row| ledger::from_row(row)).collect();
    let (Ok(events), Ok(terms)) = (events, terms_of(leg)) else { return damages };
    let folded = fold(&terms, &events);
    let mut derived = with_fold(leg.clone(), &folded);
    // A leg that was opened again beside a newer one of the same number has no key (`leg_work`).
    derived.open_dossier_key = derived.open_dossier_key.filter(|_| leg.open_dossier_key.is_some());
    derived.open_note_key = derived.open_note_key.filter(|_| leg.open_note_key.is_some());
    if derived != *leg {
        damages.push((None, "STATE_DIFFERS"));
    }
    let chain_of_holders = folded.stands.windows(2).all(|pair| match pair {
        [a, b] => a.holder_to == b.holder_from,
        _ => true,
    });
    if !chain_of_holders {
        damages.push((None, "HOLDERS_DIFFER"));
    }
    damages
}
