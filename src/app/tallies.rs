//! Roll-ups in step with the ledger: rounds over the legs that changed, everything anew on another basis, and the comparison of what is
//! stored with what the events give.

use std::collections::BTreeMap;

use crate::app::clocks::lanes_of;
use crate::app::leg_work::terms_of;
use crate::app::people::directory;
use crate::app::{App, AppError, calendar};
use crate::base::digest::sha256_hex;
use crate::base::time::Ts;
use crate::domain::access::Agencies;
use crate::domain::calendar::Calendar;
use crate::domain::consignment::{PostagePay, Service};
use crate::domain::custody::Event;
use crate::domain::fact::Recovery;
use crate::domain::lane::Lane;
use crate::domain::leg::LegKind;
use crate::domain::money::Received;
use crate::domain::tally::{LegFacts, Note, RULES, Recovered, of_leg};
use crate::store::intake::{ConsignmentNoteRow, notes_of};
use crate::store::people::procedures_of_codes;
use crate::store::read::legs::LegFilter;
use crate::store::read::tallies::{Freshness, kept_up_to, wrong_sums};
use crate::store::read::{self, PageAsk};
use crate::store::round_rows::RecoveredPaperRow;
use crate::store::rows::{CustodyEventRow, LegRow};
use crate::store::tallies::{self as kept, DueLeg, LegTallyRow, Place, Rolled};
use crate::store::{Db, StoreError, desk, ledger, originals, rounds};

/// Rolls up legs that are due, at most so many; returns how many.
pub fn roll_up(app: &App, legs_max: i64) -> Result<usize, AppError> {
    let basis = app.store.read(|db| basis_of(app, db))?;
    let found = app.store.read(kept::basis)?;
    let Some(found) = found.filter(|found| found.basis == basis) else {
        app.store.begin_tallies(basis, false)?;
        return Ok(1);
    };
    let rolled = app.store.read(|db| {
        let due = kept::due(db, legs_max)?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = due.iter().map(|leg| leg.leg_id.clone()).collect();
        let legs = read::legs::by_ids(db, &ids)?;
        let events = read::legs::events_of_many(db, &ids)?;
        let mut derived = derive(app, db, &legs, &events)?;
        let lends = originals::are_kept(db)?;
        let changes: BTreeMap<String, i64> = due.into_iter().map(|leg| (leg.leg_id, leg.changes)).collect();
        Ok(legs
            .into_iter()
            .map(|leg| Rolled {
                due: DueLeg { changes: changes.get(&leg.id).copied().unwrap_or_default(), leg_id: leg.id.clone() },
                rows: derived.remove(&leg.id).flatten(),
                lends: lends && concerns(&leg),
                place: Place {
                    agency_code: leg.agency_code,
                    procedure_code: leg.procedure_code,
                    post_office_code: leg.post_office_code,
                    kind: leg.kind,
                },
            })
            .collect::<Vec<_>>())
    })?;
    let count = rolled.len();
    if count > 0 {
        app.store.roll_up(found.round, app.now().us(), rolled)?;
        crate::base::fault::point("tallies.after_commit");
    }
    Ok(count)
}

/// Whether lent originals may stand otherwise by what this leg is: an intake that has any, or a result that may bring them.
fn concerns(leg: &LegRow) -> bool {
    if leg.kind == LegKind::Intake.as_str() { leg.originals > 0 } else { leg.dossier_no.is_some() }
}

/// Legs of one round of a rebuilding: many, since they share most of their sums.
const REBUILD_LEGS: i64 = 5_000;

/// Forgets every roll-up and makes all anew from the events; returns how many legs. Beside a server its rounds and these take turns.
pub fn rebuild(app: &App) -> Result<usize, AppError> {
    let basis = app.store.read(|db| basis_of(app, db))?;
    app.store.begin_tallies(basis, true)?;
    let mut legs = 0;
    loop {
        match roll_up(app, REBUILD_LEGS) {
            Ok(0) => return Ok(legs),
            Ok(rolled) => legs += rolled,
            Err(AppError::Race(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

/// What the stored tallies rest on beside the ledger. Of a version of the calendar the digest of its file.
fn basis_of(app: &App, db: &mut Db<'_>) -> Result<String, StoreError> {
    let versions = crate::store::calendar::versions(db)?;
    let calendar: Vec<String> =
        versions.into_iter().map(|version| format!("{} {}", version.id, version.sha256)).collect();
    Ok(sha256_hex(format!("{RULES}\n{:?}\n{}", app.clocks, calendar.join("\n")).as_bytes()))
}

/// What legs contribute, by leg; none for a leg whose events cannot be read, which is damage that `verify` names.
fn derive(
    app: &App,
    db: &mut Db<'_>,
    legs: &[LegRow],
    events: &[CustodyEventRow],
) -> Result<BTreeMap<String, Option<Vec<LegTallyRow>>>, StoreError> {
    let calendar = calendar::read(db)?;
    let ids: Vec<String> = legs.iter().map(|leg| leg.id.clone()).collect();
    let mut codes: Vec<String> = legs.iter().map(|leg| leg.procedure_code.clone()).collect();
    codes.sort_unstable();
    codes.dedup();
    let notes: BTreeMap<String, ConsignmentNoteRow> =
        notes_of(db, &ids)?.into_iter().map(|note| (note.leg_id.clone(), note)).collect();
    let beside = Beside {
        lanes: lanes_of(db, legs, &notes)?,
        notes,
        recovered: rounds::recovered(db, &ids)?,
        papers_received: desk::papers_received(db, &ids)?.into_iter().collect(),
        received: desk::money_received(db, &ids)?
            .into_iter()
            .map(|row| (row.leg_id, Received { at: Ts::from_us(row.at_us), amount: row.amount.unwrap_or(0) }))
            .collect(),
        checklists: directory::named(procedures_of_codes(db, &codes)?, |paper| paper.recover),
    };
    let mut by_leg: BTreeMap<&str, Vec<&CustodyEventRow>> = BTreeMap::new();
    for row in events {
        by_leg.entry(row.leg_id.as_str()).or_default().push(row);
    }
    let mut derived = BTreeMap::new();
    for leg in legs {
        let own = by_leg.remove(leg.id.as_str()).unwrap_or_default();
        let rows = match beside.tallies(app, &calendar, leg, &own) {
            Ok(rows) => Some(rows),
            Err(StoreError::Corrupt(why)) => {
                tracing::error!(why, "a leg cannot be counted");
                None
            }
            Err(error) => return Err(error),
        };
        derived.insert(leg.id.clone(), rows);
    }
    Ok(derived)
}

/// What is counted beside events.
struct Beside {
    lanes: BTreeMap<String, Lane>,
    notes: BTreeMap<String, ConsignmentNoteRow>,
    recovered: Vec<RecoveredPaperRow>,
    received: BTreeMap<String, Received>,
    papers_received: BTreeMap<String, i64>,
    /// Old papers to take back, by procedure and agency.
    checklists: BTreeMap<(String, String), Vec<String>>,
}

impl Beside {
    fn tallies(
        &self,
        app: &App,
        calendar: &Calendar,
        leg: &LegRow,
        rows: &[&CustodyEventRow],
    ) -> Result<Vec<LegTallyRow>, StoreError> {
        let terms = terms_of(leg)?;
        let events: Vec<Event> = rows.iter().map(|row| ledger::from_row(row)).collect::<Result<_, _>>()?;
        let recovered: Vec<Recovered> =
            self.recovered.iter().filter(|row| row.leg_id == leg.id).filter_map(recovered_of).collect();
        let list = |agency: &str| self.checklists.get(&(leg.procedure_code.clone(), agency.to_owned()));
        let facts = LegFacts {
            terms: &terms,
            agency: &leg.agency_code,
            events: &events,
            lane: self.lanes.get(&leg.id).copied(),
            note: self.notes.get(&leg.id).and_then(note_of),
            received: self.received.get(&leg.id).copied(),
            case_due_at: leg.due_at_us.map(Ts::from_us),
            to_recover: list(&leg.agency_code).or_else(|| list("*")).map(Vec::as_slice).unwrap_or_default(),
            recovered: &recovered,
            papers_received: self.papers_received.get(&leg.id).copied().map(Ts::from_us),
        };
        let row = |tally: crate::domain::tally::Tally| LegTallyRow {
            leg_id: leg.id.clone(),
            measure: tally.measure.as_str().to_owned(),
            day: tally.day.to_string(),
            cause: tally.cause.unwrap_or_default(),
            amount: tally.amount,
        };
        Ok(of_leg(&facts, calendar, &app.clocks).into_iter().map(row).collect())
    }
}

fn note_of(row: &ConsignmentNoteRow) -> Option<Note> {
    Some(Note {
        service: Service::parse(&row.service)?,
        lane: Lane::parse(&row.lane)?,
        with_slip: row.with_slip != 0,
        promise_days: u32::try_from(row.promise_days).ok()?,
        postage: row.postage,
        pay: PostagePay::parse(&row.postage_pay)?,
        paid_at: row.postage_paid_at_us.map(Ts::from_us),
    })
}

fn recovered_of(row: &RecoveredPaperRow) -> Option<Recovered> {
    Some(Recovered {
        at: Ts::from_us(row.occurred_at_us),
        act: row.act_id.clone(),
        paper: row.paper.clone(),
        outcome: Recovery::parse(&row.outcome)?,
    })
}

/// What comparing found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Legs that were compared.
    pub legs: i64,
    /// Legs that still wait for their round, and were not.
    pub due: i64,
    /// Legs whose stored tallies are not those that their events give.
    pub wrong_legs: Vec<String>,
    /// Sums that are not the sum of what legs contribute.
    pub wrong_sums: Vec<String>,
}

impl Checked {
    /// Everything that is stored is what the events give.
    pub fn is_clean(&self) -> bool {
        self.wrong_legs.is_empty() && self.wrong_sums.is_empty()
    }
}

const LEGS_PER_PAGE: i64 = 500;

/// Derives everything again and compares, beside a running server. Until the first round on today's basis every leg waits.
pub fn check(app: &App) -> Result<Checked, AppError> {
    let mut found = Checked::default();
    let mut after: Option<String> = None;
    loop {
        let ask = PageAsk { after: after.clone(), limit: LEGS_PER_PAGE };
        let legs = app.store.read(|db| read::legs::page(db, &Agencies::All, &LegFilter::default(), &ask))?;
        let Some(last) = legs.last() else { break };
        after = Some(last.id.clone());
        found.legs += i64::try_from(legs.len()).unwrap_or(i64::MAX);
        found.wrong_legs.extend(wrong_among(app, &legs)?);
    }
    found.wrong_sums = wrong_cells(app)?;
    let Freshness { due, .. } = app.store.read(kept_up_to)?;
    let waiting = if is_on_todays_basis(app)? { due } else { found.legs };
    (found.due, found.legs) = (waiting, found.legs.saturating_sub(waiting));
    Ok(found)
}

pub(super) fn is_on_todays_basis(app: &App) -> Result<bool, StoreError> {
    app.store.read(|db| {
        let today = basis_of(app, db)?;
        Ok(kept::basis(db)?.is_some_and(|found| found.basis == today))
    })
}

/// Which of these legs are not counted as their events say. Those that wait for their round are passed over.
pub(super) fn wrong_among(app: &App, legs: &[LegRow]) -> Result<Vec<String>, StoreError> {
    if !is_on_todays_basis(app)? {
        return Ok(Vec::new());
    }
    let suspects = compared(app, legs)?;
    if suspects.is_empty() {
        return Ok(suspects);
    }
    // Rows of one leg were read at several instants: look again before calling it damage.
    let again: Vec<LegRow> = app.store.read(|db| read::legs::by_ids(db, &suspects))?;
    compared(app, &again)
}

fn compared(app: &App, legs: &[LegRow]) -> Result<Vec<String>, StoreError> {
    let ids: Vec<String> = legs.iter().map(|leg| leg.id.clone()).collect();
    app.store.read(|db| {
        let stored = kept::of_legs(db, &ids)?;
        let events = read::legs::events_of_many(db, &ids)?;
        let derived = derive(app, db, legs, &events)?;
        // Read last: what changed before or during the reading is on the list by now.
        let due = kept::due_among(db, &ids)?;
        let mut by_leg: BTreeMap<String, Vec<LegTallyRow>> = BTreeMap::new();
        for row in stored {
            by_leg.entry(row.leg_id.clone()).or_default().push(row);
        }
        let wrong = derived.into_iter().filter_map(|(id, rows)| {
            let mut rows = rows?;
            rows.sort();
            let differs = !due.contains(&id) && by_leg.remove(&id).unwrap_or_default() != rows;
            differs.then_some(id)
        });
        Ok(wrong.collect())
    })
}

/// Which sums are not the sum of what legs contribute.
pub(super) fn wrong_cells(app: &App) -> Result<Vec<String>, StoreError> {
    let cells = app.store.read(wrong_sums)?;
    Ok(cells.into_iter().map(|(table, span, measure, agency)| format!("{table} {span} {measure} {agency}")).collect())
}
