//! Stored clocks: derived from the ledger by a loop when something touched their leg and when time alone changes their answer, and the
//! discrepancies that they open and heal.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::app::clocks::known::{self, Known};
use crate::app::discrepancies::{BookWord, Evidence, Findings, Found, LATER_EVENTS};
use crate::app::{App, AppError, calendar};
use crate::base::digest::sha256_hex;
use crate::base::time::Ts;
use crate::domain::calendar::Calendar;
use crate::domain::clocks::{
    ClockId, Flag, Raised, Settings, Standing, Status, TABLE, Unknown, flags, next_change, standings,
};
use crate::domain::discrepancy::Kind;
use crate::domain::leg::Holder;
use crate::store::clocks::{self as kept, ClockTurnRow, LegClockRow};
use crate::store::{Db, StoreError, WriteSet};

/// Legs that are derived together, and how many where others keep changing the legs meanwhile.
const LEGS_MAX: [i64; 2] = [64, 4];
/// Legs of one step of a walk over all of them.
const WALK_LEGS: i64 = 500;
/// Counted up when the rules change, so that every row is derived anew.
const RULES: u32 = 1;

/// One step: what is due, or else the next legs of a walk over all of them. Says whether there is more.
pub fn round(app: &App) -> Result<bool, AppError> {
    let basis = app.store.read(kept::basis)?;
    let own = basis_of(&app.clocks);
    if basis.settings != own {
        app.store.clocks_anew(own)?;
        return Ok(true);
    }
    if derive_due(app)? > 0 {
        return Ok(true);
    }
    if let Some(after) = &basis.walk_after {
        app.store.walk_clocks(after.clone(), WALK_LEGS)?;
    }
    Ok(basis.walk_after.is_some())
}

/// Derives the clocks of every leg anew; it may run beside a server.
pub fn rebuild(app: &App) -> Result<(), AppError> {
    app.store.clocks_anew(basis_of(&app.clocks))?;
    while round(app)? {}
    Ok(())
}

fn basis_of(settings: &Settings) -> String {
    sha256_hex(format!("{RULES} {settings:?}").as_bytes())
}

fn derive_due(app: &App) -> Result<usize, AppError> {
    let mut last = Ok(0);
    for legs_max in LEGS_MAX {
        last = app.decide_and_commit(None, |set| Ok(app.store.read(|db| derive(app, db, legs_max, set))?));
        if !matches!(last, Err(AppError::Race(_))) {
            break;
        }
    }
    last
}

fn derive(app: &App, db: &mut Db<'_>, legs_max: i64, set: &mut WriteSet) -> Result<usize, StoreError> {
    let now = app.now();
    // The turns first: what changes after they were read, changes their version.
    let turns = kept::due_turns(db, now.us(), legs_max)?;
    if turns.is_empty() {
        return Ok(0);
    }
    let ids: Vec<String> = turns.iter().map(|turn| turn.leg_id.clone()).collect();
    let mut stored = by_leg(kept::rows_of(db, &ids)?);
    let turns: BTreeMap<String, ClockTurnRow> = turns.into_iter().map(|turn| (turn.leg_id.clone(), turn)).collect();
    let calendar = calendar::read(db)?;
    let mut findings = Findings::default();
    for known in known::of_legs(db, &ids)? {
        let Some(turn) = turns.get(&known.leg.id) else { continue };
        let before = stored.remove(&known.leg.id).unwrap_or_default();
        let (rows, next) = rows_at(&known, &calendar, &app.clocks, now);
        compare_flags(&known, &before, &rows, &mut findings);
        write_rows(before, rows, set);
        // A supplement moves the clocks of the leg that it supplements, and a new leg takes over what was told of its dossier.
        if known.leg.supplement_no.is_some() || turn.derived_at_us.is_none() {
            let others = known.siblings.into_iter().filter(|id| !turns.contains_key(id));
            set.clocks.touched.extend(others);
        }
        let (due_at_us, derived_at_us) = (next.map(Ts::us), Some(now.us()));
        set.clocks.turns.push(ClockTurnRow { due_at_us, derived_at_us, ..turn.clone() });
    }
    findings.settle(app, db, now, set)?;
    Ok(turns.len())
}

/// The rows of a leg at an instant, and the next instant at which they change by themselves.
fn rows_at(known: &Known, calendar: &Calendar, settings: &Settings, at: Ts) -> (Vec<LegClockRow>, Option<Ts>) {
    let case = known.case();
    let standings = standings(&case, calendar, settings, at);
    let raised = flags(&standings, &known.told);
    let next = next_change(&case, &standings, at);
    let flag_of = |clock| raised.iter().find(|each: &&Raised| each.clock == clock).map(|each| each.flag);
    let mut rows: Vec<LegClockRow> = standings
        .iter()
        .map(|standing| row_of(&known.leg.id, standing, flag_of(standing.clock)))
        .filter(|row| row.status != Status::NotStarted.as_str() || row.flag.is_some())
        .collect();
    rows.sort_by(|one, other| one.clock.cmp(&other.clock));
    (rows, next)
}

fn row_of(leg_id: &str, standing: &Standing, flag: Option<Flag>) -> LegClockRow {
    let pauses: Vec<_> = standing
        .pauses
        .iter()
        .map(|pause| json!({"from": pause.from.us(), "to": pause.to.map(Ts::us), "reason": pause.reason.as_str()}))
        .collect();
    let used = |holder: Holder| {
        let of = |used: &Vec<(Holder, i64)>| used.iter().find(|(of, _)| *of == holder).map_or(0, |(_, us)| *us);
        standing.used.as_ref().map(of)
    };
    LegClockRow {
        leg_id: leg_id.to_owned(),
        clock: standing.clock.as_str().to_owned(),
        status: standing.status.as_str().to_owned(),
        unknown: standing.unknown.map(Unknown::as_str).map(str::to_owned),
        started_at_us: standing.started_at.map(Ts::us),
        restarts: i64::try_from(standing.restarts).unwrap_or(i64::MAX),
        due_at_us: standing.due_at.map(Ts::us),
        ended_at_us: standing.ended_at.map(Ts::us),
        reason: standing.pauses.iter().find(|pause| pause.to.is_none()).map(|pause| pause.reason.as_str().to_owned()),
        pauses: json!(pauses).to_string(),
        used_citizen_us: used(Holder::Citizen),
        used_post_us: used(Holder::Post),
        used_agency_us: used(Holder::Agency),
        used_unknown_us: used(Holder::Unknown),
        calendar: standing.calendar.join(" "),
        flag: flag.map(|flag| flag.as_str().to_owned()),
    }
}

/// Rows that are new or other than before, and those that are no more.
fn write_rows(before: Vec<LegClockRow>, rows: Vec<LegClockRow>, set: &mut WriteSet) {
    let still: BTreeSet<&str> = rows.iter().map(|row| row.clock.as_str()).collect();
    let gone = before.iter().filter(|row| !still.contains(row.clock.as_str()));
    set.clocks.gone.extend(gone.map(|row| (row.leg_id.clone(), row.clock.clone())));
    set.clocks.rows.extend(rows.into_iter().filter(|row| !before.contains(row)));
}

fn kind_of(row: &LegClockRow) -> Option<Kind> {
    row.flag.as_deref().and_then(Flag::parse).and_then(Flag::discrepancy)
}

/// What the clocks of a leg find that they did not find before is a discrepancy, and what they find no more heals. The same again is
/// nothing.
fn compare_flags(known: &Known, before: &[LegClockRow], now: &[LegClockRow], findings: &mut Findings) {
    let found = |rows: &[LegClockRow]| {
        rows.iter().filter_map(|row| Some((kind_of(row)?, row.clock.clone()))).collect::<BTreeSet<_>>()
    };
    let (was, is) = (found(before), found(now));
    let subject = |kind: Kind| format!("{kind}:{}", known.leg.id);
    for row in now {
        let Some(kind) = kind_of(row).filter(|kind| !was.contains(&(*kind, row.clock.clone()))) else { continue };
        findings.find(Found {
            kind,
            subject_key: subject(kind),
            leg_id: Some(known.leg.id.clone()),
            handover_id: None,
            agency_code: Some(known.leg.agency_code.clone()),
            reporter: None,
            evidence: evidence(row),
        });
    }
    for (kind, _) in was.iter().filter(|(kind, _)| !is.iter().any(|(still, _)| still == kind)) {
        findings.heal(subject(*kind), LATER_EVENTS);
    }
}

/// What shows it: the clock, when its term ended, what happened when, and the article.
fn evidence(row: &LegClockRow) -> Vec<Evidence> {
    let time = |at_us: Option<i64>| at_us.map(|at_us| Ts::from_us(at_us).to_rfc3339());
    let basis = ClockId::parse(&row.clock).and_then(|id| TABLE.iter().find(|clock| clock.id == id));
    let said = [
        ("startedAt", time(row.started_at_us)),
        ("dueAt", time(row.due_at_us)),
        ("endedAt", time(row.ended_at_us)),
        ("basis", basis.map(|clock| clock.basis.to_owned())),
    ];
    said.into_iter()
        .filter(|(_, says)| says.is_some())
        .map(|(field, says)| {
            let book = BookWord { book: row.clock.clone(), row: None, field: field.to_owned(), says };
            Evidence { event_id: None, fact_id: None, book: Some(book) }
        })
        .collect()
}

fn by_leg(rows: Vec<LegClockRow>) -> BTreeMap<String, Vec<LegClockRow>> {
    let mut all: BTreeMap<String, Vec<LegClockRow>> = BTreeMap::new();
    for row in rows {
        all.entry(row.leg_id.clone()).or_default().push(row);
    }
    all
}

/// Whether every row that is not waiting for its turn rests on these settings and this calendar: while a walk is on, none may be compared.
pub fn is_settled(app: &App) -> Result<bool, StoreError> {
    let basis = app.store.read(kept::basis)?;
    Ok(basis.walk_after.is_none() && basis.settings == basis_of(&app.clocks))
}

/// Which of these legs have other rows than their events and what was told give, at the instant they were derived. Legs that wait for
/// their turn are left out.
pub(in crate::app) fn difference(app: &App, leg_ids: &[String]) -> Result<Vec<String>, StoreError> {
    let now_us = app.now().us();
    app.store.read(|db| {
        let turns = kept::turns_of(db, leg_ids)?;
        let rested = |turn: &&ClockTurnRow| turn.due_at_us.is_none_or(|due_at_us| due_at_us > now_us);
        let derived: BTreeMap<String, Ts> = turns
            .iter()
            .filter(rested)
            .filter_map(|turn| Some((turn.leg_id.clone(), Ts::from_us(turn.derived_at_us?))))
            .collect();
        let ids: Vec<String> = derived.keys().cloned().collect();
        let mut stored = by_leg(kept::rows_of(db, &ids)?);
        let calendar = calendar::read(db)?;
        let mut differ = Vec::new();
        for known in known::of_legs(db, &ids)? {
            let Some(at) = derived.get(&known.leg.id) else { continue };
            let (rows, _) = rows_at(&known, &calendar, &app.clocks, *at);
            if stored.remove(&known.leg.id).unwrap_or_default() != rows {
                differ.push(known.leg.id);
            }
        }
        Ok(differ)
    })
}
