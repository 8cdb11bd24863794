//! What counterparts tell us: feeds are read page by page with a stored cursor, hints are confirmed by asking, and the inbox
//! is decided. One replica at a time does each, by lease.

use crate::app::inbox::{self, Pull};
use crate::base::time::Ts;
use crate::courier::Courier;
use crate::peers::myvnpost::LookUp;
use crate::peers::{Answer, Cursor, Page, Quarantined, Report, hcc, myvnpost};
use crate::store::read;
use crate::work::Desk;
use crate::work::books::send;
use crate::work::driver::{Round, blocking};
use crate::work::links::{Family, Link};

const PULLS: i64 = 50;
/// Pages of one feed in one round; the next round goes on.
const PAGES_MAX: usize = 50;

/// Takes or keeps the lease of a piece of work; false when another replica has it.
pub(super) async fn lease(desk: &Desk, name: String, lease_us: i64) -> Result<bool, crate::app::AppError> {
    let (app, owner) = (desk.app.clone(), desk.owner.clone());
    blocking(move || {
        let now = app.now();
        Ok(app.store.take_lease(name, owner, now.us(), lease_us)?)
    })
    .await
}

/// Decides what waits in the inbox.
pub(super) async fn inbox_round(desk: Desk) -> Round {
    if !lease(&desk, "inbox".to_owned(), desk.links.pace.inbox_lease_us).await? {
        return Ok(false);
    }
    let (app, rows_max) = (desk.app.clone(), desk.links.pace.inbox_rows_max);
    let finished = blocking(move || inbox::decide_waiting(&app, rows_max)).await?;
    Ok(finished > 0)
}

/// Reads every post's feed to its present end, side by side: one that hangs or fails delays no other.
pub(super) async fn poll_round(desk: Desk) -> Round {
    let mut reading = tokio::task::JoinSet::new();
    for (name, link) in &desk.links.counterparts {
        if !matches!(link.family, Family::Opencps(_)) {
            reading.spawn(poll_feed(desk.clone(), name.clone(), link.clone()));
        }
    }
    let mut failed = None;
    while let Some(read) = reading.join_next().await {
        let read = read.unwrap_or_else(|error| Err(crate::app::AppError::Internal(error.to_string())));
        failed = failed.or(read.err());
    }
    failed.map_or(Ok(false), Err)
}

async fn poll_feed(desk: Desk, name: String, link: Link) -> Result<(), crate::app::AppError> {
    for _ in 0..PAGES_MAX {
        // Kept for each page anew: a long feed outlasts one lease.
        let ours = lease(&desk, format!("poller:{name}"), desk.links.pace.poller_lease_us).await?;
        if !ours || !poll_page(&desk, &name, &link).await? {
            break;
        }
    }
    Ok(())
}

const FEED: &str = "reports";

async fn poll_page(desk: &Desk, name: &str, link: &Link) -> Result<bool, crate::app::AppError> {
    let (app, counterpart) = (desk.app.clone(), name.to_owned());
    let stored = blocking(move || Ok(app.store.read(|db| read::feed::cursor(db, &counterpart, FEED))?)).await?;
    let cursor = stored.map(|row| Cursor::from_text(row.value)).unwrap_or_default();
    let page = match page_of(&desk.courier, link, &cursor, desk.app.now()).await {
        Ok(page) => page,
        Err(answer) => {
            tracing::warn!(counterpart = name, ?answer, "the post's list gave no page; the next round asks again");
            return Ok(false);
        }
    };
    let Page { reports, quarantined, next, more } = page;
    let (app, counterpart) = (desk.app.clone(), name.to_owned());
    blocking(move || inbox::store_page(&app, &counterpart, FEED, &reports, &quarantined, next.as_str())).await?;
    Ok(more)
}

/// Asks a post for the page of its lists behind the cursor, or says what it got instead.
pub(super) async fn page_of(courier: &Courier, link: &Link, cursor: &Cursor, now: Ts) -> Result<Page, Answer> {
    match &link.family {
        Family::Hcc(_) => hcc::decode_poll(&send(courier, link, hcc::poll(cursor)).await?, cursor),
        Family::Myvnpost(_) => {
            myvnpost::decode_poll(&send(courier, link, myvnpost::poll(cursor, now)).await?, cursor, now)
        }
        Family::Opencps(_) => Err(Answer::NotFound),
    }
}

/// Confirms by asking what webhooks only hinted at.
pub(super) async fn pull_round(desk: Desk) -> Round {
    if !lease(&desk, "puller".to_owned(), desk.links.pace.poller_lease_us).await? {
        return Ok(false);
    }
    let app = desk.app.clone();
    let pulls = blocking(move || inbox::pulls(&app, PULLS)).await?;
    let mut finished = 0;
    for pull in pulls {
        finished += usize::from(pull_one(&desk, pull).await?);
    }
    Ok(finished > 0)
}

async fn pull_one(desk: &Desk, pull: Pull) -> Result<bool, crate::app::AppError> {
    let by_order = pull.order_key.as_deref().map(LookUp::OrderKey);
    let look_up = by_order.or_else(|| pull.item_number.as_deref().map(LookUp::ItemNumber));
    let link = desk.links.counterparts.get(&pull.counterpart);
    let (reports, quarantined): (Vec<Report>, Vec<Quarantined>) = match (link, look_up) {
        (Some(link), Some(look_up)) => {
            let reply = match desk.courier.send(&link.target, myvnpost::history(look_up)).await {
                Ok(reply) => reply,
                Err(failure) => {
                    tracing::warn!(counterpart = pull.counterpart, %failure, "a hint waits to be confirmed");
                    return Ok(false);
                }
            };
            match myvnpost::decode_history(&reply, pull.order_key.as_deref(), pull.item_number.as_deref()) {
                Ok(found) => found,
                // The post does not know it: the hint was false, and nothing is believed.
                Err(crate::peers::Answer::NotFound | crate::peers::Answer::Refused { .. }) => (Vec::new(), Vec::new()),
                Err(answer) => {
                    tracing::warn!(counterpart = pull.counterpart, ?answer, "a hint waits to be confirmed");
                    return Ok(false);
                }
            }
        }
        _ => (Vec::new(), Vec::new()),
    };
    let app = desk.app.clone();
    blocking(move || inbox::pulled(&app, &pull, &reports, &quarantined)).await?;
    Ok(true)
}
