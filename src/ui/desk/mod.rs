//! The one-stop desk: what comes in, what goes out, what comes back, and what differs.

mod discrepancies;
pub mod originals;
mod returns;

use std::collections::BTreeMap;

use minijinja::context;

use crate::app::desk;
use crate::domain::leg::Side;
use crate::domain::person::{Reach, Right};
use crate::store::desk as rows;
use crate::ui::ask::Ask;
use crate::ui::handover::{pick, summaries};
use crate::ui::page::{Page, Stop, html, value};
use crate::ui::routes::{Needs, Route, get, post};

/// Handovers on the first page.
const OPEN_MAX: i64 = 200;
/// Handed over lately, on the first page.
const RECENT_MAX: i64 = 8;

const DESK: Needs = Needs::Right(Right::Desk);

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/desk", DESK, first),
    get("/desk/results", DESK, results),
    get("/desk/returns", DESK, returns::page),
    post("/desk/returns", DESK, returns::receive),
    get("/desk/originals", DESK, originals::page),
    post("/desk/originals", DESK, originals::tell),
    get("/desk/discrepancies", DESK, discrepancies::page),
    post("/desk/discrepancies/{id}", Needs::Right(Right::Settle), discrepancies::resolve),
];

/// The agency of who asks.
fn agency(ask: &Ask) -> Result<&str, Stop> {
    match &ask.person()?.reach {
        Reach::Agency(code) => Ok(code),
        _ => Err(Stop::Forbidden),
    }
}

fn first(ask: &Ask) -> Result<Page, Stop> {
    let app = ask.app();
    let agency = agency(ask)?;
    let caller = ask.person()?.caller();
    let (open, recent) = app.store.read(|db| {
        Ok((
            rows::handovers(db, &caller, true, None, OPEN_MAX)?,
            rows::handovers(db, &caller, false, None, RECENT_MAX)?,
        ))
    })?;
    let (coming, going): (Vec<_>, Vec<_>) =
        summaries(app, Side::Agency, open)?.into_iter().partition(|one| one.receiving);
    let ready = pick(ask, None, &BTreeMap::new())?;
    let papers = desk::papers_to_come(app, agency)?.len();
    let money = desk::money_to_come(app, agency)?;
    let remitted: i64 = money.iter().map(|one| one.remitted).fold(0, i64::saturating_add);
    html(
        "desk.html",
        context! {
            coming => value(coming), going => value(going), recent => value(summaries(app, Side::Agency, recent)?),
            ready => value(ready), papers, money => money.len(), remitted, differ => discrepancies::open_of(ask)?.len(),
        },
    )
}

fn results(ask: &Ask) -> Result<Page, Stop> {
    html("desk_results.html", context! { pick => value(pick(ask, ask.query.some("to"), &BTreeMap::new())?) })
}
