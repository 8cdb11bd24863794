//! Fee money that is with the post: how much of whose, since when, and the dossiers behind it.

use minijinja::context;

use crate::app::money::{self, Held, LegMoney};
use crate::base::time::Ts;
use crate::domain::access::Agencies;
use crate::domain::money::Standing;
use crate::domain::person::Right;
use crate::store::read::tallies::{Slice, kept_up_to};
use crate::ui::ask::Ask;
use crate::ui::handover::Names;
use crate::ui::page::{Page, Stop, html};
use crate::ui::routes::{Needs, Route, get};

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/oversight/money", Needs::Right(Right::Oversight), show)];

/// Dossiers on the list.
const DOSSIERS_MAX: usize = 200;

fn show(ask: &Ask) -> Result<Page, Stop> {
    let app = ask.app();
    let now = app.now();
    let mut legs = money::outstanding(app, &Agencies::All, &Slice::default(), now)?;
    let places = money::by_place(&legs, now);
    let waiting = app.store.read(kept_up_to)?.due;
    let mut names = Names::new(app);
    let sum = |of: fn(&Held) -> i64| places.iter().map(of).fold(0, i64::saturating_add);
    let (total, overdue) = (sum(|held| held.outstanding), sum(|held| held.overdue));
    let mut rows = Vec::with_capacity(places.len());
    for held in &places {
        rows.push(context! {
            agency => names.of("AGENCY", &held.agency_code)?, office => names.of("POST_OFFICE", &held.post_office_code)?,
            legs => held.legs, outstanding => held.outstanding, overdue => held.overdue, by_age => held.by_age.to_vec(),
        });
    }
    legs.sort_by_key(|one| (one.standing != Standing::Overdue, one.chain.outstanding_since().map(Ts::us)));
    let all = legs.len();
    let mut dossiers = Vec::new();
    for one in legs.iter().take(DOSSIERS_MAX) {
        dossiers.push(dossier(one, &mut names)?);
    }
    let term = app.clocks.fee_remittance_days;
    html(
        "oversight_money.html",
        context! { leads => ask.may(Right::Dossier), now_us => now.us(), rows, dossiers, all, total, overdue, term, waiting, ages => money::AGES_DAYS.to_vec() },
    )
}

fn dossier(one: &LegMoney, names: &mut Names<'_>) -> Result<minijinja::Value, Stop> {
    Ok(context! {
        leg_id => one.leg.id.as_str(),
        number => one.leg.dossier_no.as_deref().or(one.leg.consignment_note_no.as_deref()),
        office => names.of("POST_OFFICE", &one.leg.post_office_code)?,
        receipts => one.chain.collected.iter().filter_map(|paid| paid.receipt_no.clone()).collect::<Vec<_>>(),
        outstanding => one.chain.outstanding(),
        since_us => one.chain.outstanding_since().map(Ts::us),
        due_us => one.due_at.map(Ts::us),
        standing => one.standing.as_str(),
    })
}
