//! Once a day the posts' own lists are asked for as their books, and every book is compared with the ledger. No webhook is needed for
//! it to be right: what was never told is found here.

use chrono::{Days, NaiveDate, Timelike};

use crate::app::AppError;
use crate::app::books::{self, About, Covers, Source};
use crate::app::people::Doing;
use crate::app::reconcile::{self, Ask};
use crate::domain::books::BookSide;
use crate::peers::{Cursor, Page, Report, myvnpost};
use crate::store::books as kept;
use crate::work::Desk;
use crate::work::driver::{Round, blocking};
use crate::work::feeds::{lease, page_of};
use crate::work::links::{Family, Link};

/// Pages of one list: of MyVNPost, whose pages are the smallest, half a million orders.
const PAGES_MAX: usize = 1_000;
/// Runs looked at to see what the day has done.
const RUNS_MAX: i64 = 200;

const DOING: Doing<'static> = Doing { person: None, request_id: "reconciler" };

/// What the day has left, one counterpart after the other.
pub(super) async fn round(desk: Desk) -> Round {
    let now = desk.app.now().to_vietnam();
    if now.hour() < desk.links.pace.reconcile_hour {
        return Ok(false);
    }
    let today = now.date();
    let days = Days::new(u64::from(desk.links.pace.reconcile_days));
    let (Some(from), Some(until)) = (today.checked_sub_days(days), today.succ_opt()) else { return Ok(false) };
    let app = desk.app.clone();
    let (done, known) = blocking(move || {
        let runs = reconcile::runs(&app, RUNS_MAX)?;
        let of_day = runs.into_iter().filter(|run| run.until_day == until.to_string());
        let done: Vec<(String, String)> = of_day.map(|run| (run.side, run.counterpart)).collect();
        Ok((done, app.store.read(kept::known)?))
    })
    .await?;
    let is_done = |side: BookSide, name: &str| done.iter().any(|(one, other)| one == side.as_str() && other == name);
    for (name, link) in &desk.links.counterparts {
        let covers = match &link.family {
            Family::Hcc(_) => Covers::Accepted,
            Family::Myvnpost(_) => Covers::Ordered,
            Family::Opencps(_) => continue,
        };
        if is_done(BookSide::Post, name) {
            continue;
        }
        // Kept for each counterpart anew: a long list outlasts one lease.
        if !lease(&desk, "reconciler".to_owned(), desk.links.pace.poller_lease_us).await? {
            return Ok(false);
        }
        let Some((reports, whole)) = list(&desk, name, link, from).await? else { continue };
        let about = About {
            side: BookSide::Post,
            counterpart: name.clone(),
            from,
            until,
            as_of: None,
            complete: whole,
            covers,
            source: Source::Pull,
        };
        let app = desk.app.clone();
        blocking(move || {
            books::take_reports(&app, &about, &reports)?;
            compare(&app, about.side, &about.counterpart, from, until)
        })
        .await?;
    }
    for (side, name) in known {
        let Some(side) = BookSide::parse(&side) else { continue };
        let pulled = side == BookSide::Post && desk.links.counterparts.contains_key(&name);
        if pulled || is_done(side, &name) {
            continue;
        }
        if !lease(&desk, "reconciler".to_owned(), desk.links.pace.poller_lease_us).await? {
            return Ok(false);
        }
        let app = desk.app.clone();
        blocking(move || compare(&app, side, &name, from, until)).await?;
    }
    Ok(false)
}

fn compare(
    app: &crate::app::App,
    side: BookSide,
    counterpart: &str,
    from: NaiveDate,
    until: NaiveDate,
) -> Result<(), AppError> {
    let ask = Ask { side, counterpart: counterpart.to_owned(), from, until, dry_run: false };
    match reconcile::run(app, &ask, DOING, None) {
        Ok(outcome) => {
            let differences: i64 = outcome.totals.found.values().sum();
            tracing::info!(counterpart, side = side.as_str(), differences, healed = outcome.healed, "books compared");
            Ok(())
        }
        // No book of these days.
        Err(AppError::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Everything that a post lists, and whether all of it could be read; none when it did not answer, and the next round asks again.
async fn list(desk: &Desk, name: &str, link: &Link, from: NaiveDate) -> Result<Option<(Vec<Report>, bool)>, AppError> {
    let now = desk.app.now();
    let mut cursor = match &link.family {
        Family::Myvnpost(_) => myvnpost::from_day(from, now),
        _ => Cursor::default(),
    };
    let (mut all, mut whole) = (Vec::new(), true);
    for _ in 0..PAGES_MAX {
        let Some(page) = page_of(desk, name, link, &cursor, now).await else { return Ok(None) };
        let Page { reports, quarantined, next, more } = page;
        all.extend(reports);
        whole &= quarantined.is_empty();
        if !more {
            return Ok(Some((all, whole)));
        }
        cursor = next;
    }
    Ok(Some((all, false)))
}
