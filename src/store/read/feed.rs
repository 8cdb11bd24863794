//! The feed of events and the webhooks that it feeds.

use diesel::prelude::*;

use crate::domain::access::Agencies;
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::rows::{FeedCursorRow, WebhookRow};
use crate::store::schema::{feed_cursor, feed_event, webhook};

/// A numbered event of the feed.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = feed_event)]
#[allow(missing_docs)]
pub struct Numbered {
    pub id: String,
    pub type_: String,
    pub leg_id: Option<String>,
    pub agency_code: Option<String>,
    pub reporter: Option<String>,
    pub at_us: i64,
    pub data: String,
    pub feed_seq: Option<i64>,
}

/// Events after a number, in the order that never changes.
pub fn after(
    db: &mut Db<'_>,
    agencies: &Agencies,
    reporter: &str,
    types: Option<&[String]>,
    after: i64,
    limit: i64,
) -> Result<Vec<Numbered>, StoreError> {
    on!(db, |c| {
        let mut query = feed_event::table
            .filter(feed_event::feed_seq.gt(after))
            .order(feed_event::feed_seq)
            .limit(limit)
            .select(Numbered::as_select())
            .into_boxed();
        if let Agencies::Only(codes) = agencies {
            query = query.filter(
                feed_event::agency_code
                    .eq_any(codes)
                    .or(feed_event::agency_code.is_null().and(feed_event::reporter.eq(reporter))),
            );
        }
        if let Some(types) = types {
            query = query.filter(feed_event::type_.eq_any(types));
        }
        Ok(query.load(c)?)
    })
}

/// The highest number given so far; 0 when there is none.
pub fn last_seq(db: &mut Db<'_>) -> Result<i64, StoreError> {
    let last: Option<Option<i64>> =
        on!(db, |c| feed_event::table.select(diesel::dsl::max(feed_event::feed_seq)).first(c).optional())?;
    Ok(last.flatten().unwrap_or(0))
}

/// Whether some event waits for its number.
pub fn is_waiting(db: &mut Db<'_>) -> Result<bool, StoreError> {
    let one = feed_event::table.filter(feed_event::feed_seq.is_null()).select(feed_event::position).limit(1);
    let found: Option<i64> = on!(db, |c| one.first(c).optional())?;
    Ok(found.is_some())
}

/// Every webhook subscription.
pub fn webhooks(db: &mut Db<'_>) -> Result<Vec<WebhookRow>, StoreError> {
    Ok(on!(db, |c| webhook::table.order(webhook::id).select(WebhookRow::as_select()).load(c))?)
}

/// One webhook subscription.
pub fn webhook_by_id(db: &mut Db<'_>, id: &str) -> Result<Option<WebhookRow>, StoreError> {
    Ok(on!(db, |c| webhook::table.find(id).select(WebhookRow::as_select()).first(c).optional())?)
}

/// How far a feed of a counterpart has been read.
pub fn cursor(db: &mut Db<'_>, counterpart: &str, feed: &str) -> Result<Option<FeedCursorRow>, StoreError> {
    Ok(on!(db, |c| feed_cursor::table
        .find((counterpart, feed))
        .select(FeedCursorRow::as_select())
        .first(c)
        .optional())?)
}

/// How far the numbering of the feed is from 1…n without gaps; 0 when it holds.
pub fn numbering_gaps(db: &mut Db<'_>) -> Result<i64, StoreError> {
    // The last number first: what a publisher numbers meanwhile lies beyond it.
    let last = last_seq(db)?;
    let numbered: i64 = on!(db, |c| feed_event::table.filter(feed_event::feed_seq.le(last)).count().get_result(c))?;
    Ok(last - numbered)
}
