//! Once a day the posts' own lists and the one-stop side's cases are asked for as their books, and every book is compared with the
//! ledger. No webhook is needed for it to be right: what was never told is found here.

use chrono::{Days, NaiveDate, Timelike};

use crate::app::books::Source;
use crate::app::people::Doing;
use crate::app::reconcile::{self, Ask};
use crate::app::{App, AppError};
use crate::domain::books::BookSide;
use crate::store::StoreError;
use crate::store::books::{self as kept, Of, ReconciliationRow};
use crate::work::Desk;
use crate::work::books::{Asking, NoBook};
use crate::work::driver::{Round, blocking};
use crate::work::feeds::lease;

/// Runs looked at to see what the day has done.
const RUNS_MAX: i64 = 200;

const DOING: Doing<'static> = Doing { person: None, request_id: "reconciler" };

/// The days that are compared each day.
#[derive(Clone, Copy)]
struct Window {
    from: NaiveDate,
    until: NaiveDate,
}

/// What the day has left, one counterpart after the other.
pub(super) async fn round(desk: Desk) -> Round {
    let now = desk.app.now().to_vietnam();
    if now.hour() < desk.links.pace.reconcile_hour {
        return Ok(false);
    }
    let today = now.date();
    let days = Days::new(u64::from(desk.links.pace.reconcile_days));
    let (Some(from), Some(until)) = (today.checked_sub_days(days), today.succ_opt()) else { return Ok(false) };
    let window = Window { from, until };
    let asked = desk.links.counterparts.iter().map(|(name, link)| (link.family.side(), name.clone())).collect();
    let app = desk.app.clone();
    let Left { to_ask, mut to_compare } = blocking(move || left(&app, window, asked)).await?;
    for name in &to_ask {
        let Some(link) = desk.links.counterparts.get(name) else { continue };
        // Kept for each counterpart anew: a long list outlasts one lease.
        if !lease(&desk, "reconciler".to_owned(), desk.links.pace.poller_lease_us).await? {
            return Ok(false);
        }
        let asking = Asking { app: &desk.app, courier: &desk.courier, doing: DOING, name, link, from, until };
        match asking.book().await {
            Ok(_) => {
                compare(&desk, link.family.side(), name, window).await?;
                to_compare.retain(|(_, other)| other != name);
            }
            Err(NoBook::Failed(error)) => return Err(error),
            Err(silence) => {
                tracing::warn!(counterpart = name, %silence, "no book of the day; the next round asks again");
            }
        }
    }
    for (side, name) in &to_compare {
        if !lease(&desk, "reconciler".to_owned(), desk.links.pace.poller_lease_us).await? {
            return Ok(false);
        }
        compare(&desk, *side, name, window).await?;
    }
    Ok(false)
}

/// What is left of a day.
struct Left {
    to_ask: Vec<String>,
    to_compare: Vec<(BookSide, String)>,
}

/// Whoever can be asked is asked until a book of the day was taken and compared; every other book that is known is compared once. A
/// one-stop software that gives none may have sent a file, which is compared meanwhile; of a post that gives none people are told.
fn left(app: &App, window: Window, asked: Vec<(BookSide, String)>) -> Result<Left, AppError> {
    let (from, until) = (window.from.to_string(), window.until.to_string());
    let runs = reconcile::runs(app, RUNS_MAX)?;
    let compared_as_of = |side: BookSide, name: &str| {
        let of_day =
            |run: &&ReconciliationRow| run.until_day == until && run.side == side.as_str() && run.counterpart == name;
        runs.iter().filter(of_day).map(|run| run.as_of_us).max()
    };
    Ok(app.store.read(|db| {
        let mut to_ask = Vec::new();
        for (side, name) in &asked {
            let books = kept::books_of(db, Of { side: side.as_str(), counterpart: name }, &from, &until)?;
            let of_day = books
                .iter()
                .find(|book| book.source == Source::Pull.as_str() && book.from_day == from && book.until_day == until);
            let done = of_day.is_some_and(|book| compared_as_of(*side, name) >= Some(book.as_of_us));
            if !done {
                to_ask.push(name.clone());
            }
        }
        let known = kept::known(db)?;
        let mut to_compare = Vec::new();
        for (side, name) in known {
            let Some(side) = BookSide::parse(&side) else { continue };
            let told = side == BookSide::Post && asked.iter().any(|(one, other)| *one == side && *other == name);
            if !told && compared_as_of(side, &name).is_none() {
                to_compare.push((side, name));
            }
        }
        Ok::<_, StoreError>(Left { to_ask, to_compare })
    })?)
}

async fn compare(desk: &Desk, side: BookSide, counterpart: &str, window: Window) -> Result<(), AppError> {
    let (app, counterpart) = (desk.app.clone(), counterpart.to_owned());
    blocking(move || {
        let ask = Ask { side, counterpart, from: window.from, until: window.until, dry_run: false };
        match reconcile::run(&app, &ask, DOING, None) {
            Ok(outcome) => {
                let differences: i64 = outcome.totals.found.values().sum();
                let (counterpart, healed) = (ask.counterpart.as_str(), outcome.healed);
                tracing::info!(counterpart, side = side.as_str(), differences, healed, "books compared");
                Ok(())
            }
            // No book of these days.
            Err(AppError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    })
    .await
}
