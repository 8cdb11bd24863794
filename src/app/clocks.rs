//! The legal clocks of a leg, from what the ledger holds of it.

use crate::app::leg_work::terms_of;
use crate::app::people::directory;
use crate::app::{App, AppError, calendar};
use crate::base::time::Ts;
use crate::domain::access::Agencies;
use crate::domain::clocks::{Case, Mark, Moment, Raised, Standing, flags, standings};
use crate::domain::custody::Event;
use crate::domain::lane::Lane;
use crate::domain::problem::Code;
use crate::store::intake::note_of;
use crate::store::read::legs::LegFilter;
use crate::store::read::{self, PageAsk};
use crate::store::rows::LegRow;
use crate::store::{StoreError, ledger};

/// How the clocks of a leg stand.
#[derive(Debug, Clone)]
pub struct LegClocks {
    /// Each clock that applies.
    pub standings: Vec<Standing>,
    /// What oversight is shown.
    pub flags: Vec<Raised>,
}

/// Legs of one dossier that are looked at: a supplement is lawful once, and flagged when it comes again.
const LEGS_MAX: i64 = 50;

/// The clocks of a leg at an instant. Lane and slip stand on the consignment note of people, and in no manifest. What is not held (those
/// of other legs, what the case system alone knows) is unknown, and each clock that rests on it says so.
pub fn of_leg(app: &App, leg_id: &str, as_of: Ts) -> Result<LegClocks, AppError> {
    let (leg, events, siblings, note, calendar) = app
        .store
        .read(|db| {
            let Some(leg) = read::legs::by_id(db, leg_id)? else { return Ok(None) };
            let rows = read::legs::events_of(db, leg_id)?;
            let events: Vec<Event> = rows.iter().map(ledger::from_row).collect::<Result<_, StoreError>>()?;
            let siblings = match &leg.dossier_no {
                Some(number) => {
                    let filter = LegFilter { dossier_no: Some(number.clone()), ..LegFilter::default() };
                    read::legs::page(db, &Agencies::All, &filter, &PageAsk { after: None, limit: LEGS_MAX })?
                }
                None => Vec::new(),
            };
            let note = note_of(db, leg_id)?;
            Ok(Some((leg, events, siblings, note, calendar::read(db)?)))
        })?
        .ok_or_else(|| AppError::plain(Code::NotFound))?;
    let terms = terms_of(&leg)?;
    let told = told_by(&leg, &siblings);
    let procedures = directory::procedures_of(app, &leg.agency_code)?;
    let procedure = procedures.iter().find(|procedure| procedure.code == leg.procedure_code);
    let case = Case {
        terms: &terms,
        agency: &leg.agency_code,
        events: &events,
        told: &told,
        lane: note.as_ref().and_then(|note| Lane::parse(&note.lane)),
        with_slip: note.as_ref().map(|note| note.with_slip != 0),
        promised_days: note.as_ref().and_then(|note| u32::try_from(note.promise_days).ok()),
        procedure_days: procedure.and_then(|procedure| procedure.days).and_then(|days| u32::try_from(days).ok()),
        same_day: false,
        hops: false,
    };
    let standings = standings(&case, &calendar, &app.clocks, as_of);
    let flags = flags(&standings, &told);
    Ok(LegClocks { standings, flags })
}

/// The supplements of a dossier, as their own legs tell them: complete when the agency has signed for them (QĐ 45 Đ7 k4).
fn told_by(leg: &LegRow, siblings: &[LegRow]) -> Vec<Moment> {
    let supplements = siblings.iter().filter(|other| leg.supplement_no.is_none() && other.supplement_no.is_some());
    let signed = supplements.filter_map(|other| other.filed_at_us);
    signed.map(|at_us| Moment::new(Mark::SupplementComplete, Ts::from_us(at_us))).collect()
}
