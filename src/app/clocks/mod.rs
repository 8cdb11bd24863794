//! The legal clocks of legs: how they stand now, how they are stored, and what they find.

mod derive;
mod known;

pub(super) use derive::difference;
pub use derive::{is_settled, rebuild, round};
pub(super) use known::lanes_of;

use crate::app::{App, AppError, calendar};
use crate::base::time::Ts;
use crate::domain::access::{Agencies, Caller};
use crate::domain::clocks::{Raised, Sense, Standing, Status, TABLE, flags, standings};
use crate::domain::lane::Lane;
use crate::domain::problem::Code;
use crate::store::clocks as stored;
use crate::store::read;

/// How the clocks of a leg stand.
#[derive(Debug, Clone)]
pub struct LegClocks {
    /// Between which places it goes, where that is known.
    pub lane: Option<Lane>,
    /// Each clock that applies.
    pub standings: Vec<Standing>,
    /// What oversight is shown.
    pub flags: Vec<Raised>,
}

/// A clock that ends today or tomorrow.
#[derive(Debug, Clone)]
pub struct Soon {
    /// The leg.
    pub leg_id: String,
    /// Its number: of the dossier, or of the note.
    pub number: Option<String>,
    /// The clock.
    pub clock: String,
    /// When it ends, UTC microseconds.
    pub due_us: i64,
}

/// Clocks that end today or tomorrow and that somebody has to keep, of the legs that the caller sees, the earliest first.
pub fn due_soon(app: &App, caller: &Caller, limit: i64) -> Result<Vec<Soon>, AppError> {
    let now = app.now();
    let days = now.to_vietnam().date().checked_add_days(chrono::Days::new(2)).unwrap_or_default();
    let until = Ts::from_vietnam(days.and_time(chrono::NaiveTime::MIN)).unwrap_or(now);
    let kept: Vec<&str> = TABLE
        .iter()
        .filter(|clock| clock.sense == Sense::By || clock.flag.is_some_and(|(status, _)| status == Status::Over))
        .map(|clock| clock.id.as_str())
        .collect();
    let agencies = match &caller.agencies {
        Agencies::All => None,
        Agencies::Only(codes) => Some(codes.as_slice()),
    };
    let (running, legs) = app.store.read(|db| {
        let whose = (agencies, caller.post_office.as_deref());
        let running = stored::running_until(db, &kept, whose, (now.us(), until.us()), limit)?;
        let ids: Vec<String> = running.iter().map(|(leg_id, ..)| leg_id.clone()).collect();
        Ok((running, read::legs::by_ids(db, &ids)?))
    })?;
    let number = |id: &str| {
        let leg = legs.iter().find(|leg| leg.id == id)?;
        leg.dossier_no.clone().or_else(|| leg.consignment_note_no.clone())
    };
    Ok(running
        .into_iter()
        .map(|(leg_id, clock, due_us)| Soon { number: number(&leg_id), leg_id, clock, due_us })
        .collect())
}

/// The clocks of a leg at an instant, from its events and what was told alone; what is stored says the same. What nobody said is
/// unknown, and each clock that rests on it says so.
pub fn of_leg(app: &App, leg_id: &str, as_of: Ts) -> Result<LegClocks, AppError> {
    let (known, calendar) = app.store.read(|db| {
        let known = known::of_legs(db, &[leg_id.to_owned()])?.pop();
        Ok((known, calendar::read(db)?))
    })?;
    let known = known.ok_or_else(|| AppError::plain(Code::NotFound))?;
    let standings = standings(&known.case(), &calendar, &app.clocks, as_of);
    let flags = flags(&standings, &known.told);
    Ok(LegClocks { lane: known.lane, standings, flags })
}
