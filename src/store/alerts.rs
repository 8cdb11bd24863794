//! Alerts in the store: opened, kept and cleared by rounds, acknowledged by people; and what counterparts said, by quarter of an hour.
//!
//! A round is one transaction. `open_key` holds one open alert of a kind and subject, whoever makes the round; counting moves on from
//! the instant that was read, or not at all.

use diesel::prelude::*;

use crate::on;
use crate::store::Store;
use crate::store::alert_schema::{self, alert, alert_basis, heard, heard_norm};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people::add_act;
use crate::store::people_rows::AuditRow;
use crate::store::read::PageAsk;
use crate::store::rows::OutboxRow;
use crate::store::schema::outbox;
use crate::store::write::must_hit;

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = alert_schema::alert, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct AlertRow {
    pub id: String,
    pub kind: String,
    pub subject: String,
    pub open_key: Option<String>,
    pub opened_at_us: i64,
    pub last_seen_at_us: i64,
    pub cleared_at_us: Option<i64>,
    pub evidence: String,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at_us: Option<i64>,
    pub note: Option<String>,
}

/// How far rounds have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = alert_schema::alert_basis)]
#[allow(missing_docs)]
pub struct AlertBasisRow {
    pub id: i64,
    pub watched_since_us: i64,
    pub round_at_us: i64,
    pub counted_until_us: i64,
}

/// What a counterpart said in a quarter of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = alert_schema::heard)]
#[allow(missing_docs)]
pub struct HeardRow {
    pub quarter_at_us: i64,
    pub counterpart: String,
    pub way: String,
    pub side: String,
    pub amount: i64,
}

/// What is normal of a counterpart, and when it was last heard.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = alert_schema::heard_norm, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct HeardNormRow {
    pub counterpart: String,
    pub way: String,
    pub side: String,
    pub last_at_us: i64,
    pub gap_us: Option<i64>,
    pub p99: Option<i64>,
}

/// What a round changes.
#[derive(Debug, Clone, Default)]
pub struct AlertChanges {
    /// Alerts to open, each with the messages that tell of it.
    pub opens: Vec<(AlertRow, Vec<OutboxRow>)>,
    /// Open ones that are still there: id, and new numbers where there are any.
    pub keeps: Vec<(String, Option<String>)>,
    /// Open ones that are over, by id, each with the messages that tell of it.
    pub clears: Vec<(String, Vec<OutboxRow>)>,
}

/// Which alerts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Open ones.
    Open,
    /// Those that are over.
    Cleared,
    /// All.
    All,
}

/// How far rounds have come; none before the first.
pub fn basis(db: &mut Db<'_>) -> Result<Option<AlertBasisRow>, StoreError> {
    Ok(on!(db, |c| alert_basis::table.select(AlertBasisRow::as_select()).first(c).optional())?)
}

/// Every open alert, oldest first.
pub fn open(db: &mut Db<'_>) -> Result<Vec<AlertRow>, StoreError> {
    Ok(on!(db, |c| alert::table
        .filter(alert::open_key.is_not_null())
        .order(alert::id)
        .select(AlertRow::as_select())
        .load(c))?)
}

/// How many are open.
pub fn count_open(db: &mut Db<'_>) -> Result<i64, StoreError> {
    Ok(on!(db, |c| alert::table.filter(alert::open_key.is_not_null()).count().get_result(c))?)
}

/// A page, newest first.
pub fn page(db: &mut Db<'_>, which: Which, ask: &PageAsk) -> Result<Vec<AlertRow>, StoreError> {
    on!(db, |c| {
        let mut query =
            alert::table.order(alert::id.desc()).limit(ask.limit).select(AlertRow::as_select()).into_boxed();
        match which {
            Which::Open => query = query.filter(alert::open_key.is_not_null()),
            Which::Cleared => query = query.filter(alert::cleared_at_us.is_not_null()),
            Which::All => {}
        }
        if let Some(after) = &ask.after {
            query = query.filter(alert::id.lt(after));
        }
        Ok(query.load(c)?)
    })
}

/// One alert.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<AlertRow>, StoreError> {
    Ok(on!(db, |c| alert::table.find(id).select(AlertRow::as_select()).first(c).optional())?)
}

/// What was counted from an instant on.
pub fn heard_since(db: &mut Db<'_>, from_us: i64) -> Result<Vec<HeardRow>, StoreError> {
    Ok(on!(db, |c| heard::table
        .filter(heard::quarter_at_us.ge(from_us))
        .order((heard::quarter_at_us, heard::counterpart, heard::way))
        .select(HeardRow::as_select())
        .load(c))?)
}

/// What is normal of everybody.
pub fn norms(db: &mut Db<'_>) -> Result<Vec<HeardNormRow>, StoreError> {
    Ok(on!(db, |c| heard_norm::table
        .order((heard_norm::counterpart, heard_norm::way))
        .select(HeardNormRow::as_select())
        .load(c))?)
}

/// Messages leave with what they tell of: nothing changed, nothing is told.
fn tell(db: &mut Db<'_>, changed: usize, messages: &[OutboxRow]) -> Result<(), StoreError> {
    if changed == 1 && !messages.is_empty() {
        on!(db, |c| diesel::insert_into(outbox::table).values(messages).execute(c))?;
    }
    Ok(())
}

impl Store {
    /// Begins to watch, once.
    pub fn begin_alerts(&self, now_us: i64, count_from_us: i64) -> Result<(), StoreError> {
        let row =
            AlertBasisRow { id: 1, watched_since_us: now_us, round_at_us: now_us, counted_until_us: count_from_us };
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(alert_basis::table).values(&row).on_conflict_do_nothing().execute(c))?;
            Ok(())
        })
    }

    /// Adds quarters that are over, moves on to their end, and forgets what is too old to learn from.
    pub fn count_heard(
        &self,
        counted_read_us: i64,
        until_us: i64,
        rows: Vec<HeardRow>,
        forget_before_us: i64,
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            let hit = on!(db, |c| diesel::update(
                alert_basis::table.filter(alert_basis::counted_until_us.eq(counted_read_us))
            )
            .set(alert_basis::counted_until_us.eq(until_us))
            .execute(c))?;
            must_hit(hit, "count of what was heard")?;
            for row in &rows {
                on!(db, |c| diesel::insert_into(heard::table).values(row).execute(c))?;
            }
            on!(db, |c| diesel::delete(heard::table.filter(heard::quarter_at_us.lt(forget_before_us))).execute(c))?;
            Ok(())
        })
    }

    /// Replaces what is normal of these; of others it stands as it was learnt last.
    pub fn learn_norms(&self, rows: Vec<HeardNormRow>) -> Result<(), StoreError> {
        self.write(move |db| {
            for row in &rows {
                on!(db, |c| diesel::insert_into(heard_norm::table)
                    .values(row)
                    .on_conflict((heard_norm::counterpart, heard_norm::way))
                    .do_update()
                    .set((
                        heard_norm::side.eq(&row.side),
                        heard_norm::last_at_us.eq(row.last_at_us),
                        heard_norm::gap_us.eq(row.gap_us),
                        heard_norm::p99.eq(row.p99),
                    ))
                    .execute(c))?;
            }
            Ok(())
        })
    }

    /// Forgets what is normal of a counterpart that is gone.
    pub fn forget_norm(&self, counterpart: String, way: String) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::delete(heard_norm::table.find((&counterpart, &way))).execute(c))?;
            Ok(())
        })
    }

    /// One round: what opens, what is still there, what is over. An alert that somebody else opened or cleared meanwhile stands as they left it.
    pub fn alert_round(&self, now_us: i64, changes: AlertChanges) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::update(alert_basis::table).set(alert_basis::round_at_us.eq(now_us)).execute(c))?;
            let standing =
                |id: &str| alert::table.filter(alert::id.eq(id.to_owned())).filter(alert::open_key.is_not_null());
            for (id, messages) in &changes.clears {
                let over = (alert::cleared_at_us.eq(Some(now_us)), alert::open_key.eq(None::<String>));
                let hit = on!(db, |c| diesel::update(standing(id)).set(over).execute(c))?;
                tell(db, hit, messages)?;
            }
            for (id, evidence) in &changes.keeps {
                let seen = alert::last_seen_at_us.eq(now_us);
                match evidence {
                    Some(text) => {
                        on!(db, |c| diesel::update(standing(id)).set((seen, alert::evidence.eq(text))).execute(c))?
                    }
                    None => on!(db, |c| diesel::update(standing(id)).set(seen).execute(c))?,
                };
            }
            for (row, messages) in &changes.opens {
                let hit = on!(db, |c| diesel::insert_into(alert::table)
                    .values(row)
                    .on_conflict(alert::open_key)
                    .do_nothing()
                    .execute(c))?;
                tell(db, hit, messages)?;
            }
            crate::base::fault::point("alerts.before_commit");
            Ok(())
        })
    }

    /// Somebody has seen an open alert and says so, once; false when it is over or was acknowledged already.
    pub fn acknowledge_alert(
        &self,
        id: String,
        by: String,
        at_us: i64,
        note: String,
        act: AuditRow,
    ) -> Result<bool, StoreError> {
        self.write(move |db| {
            let standing = alert::table
                .filter(alert::id.eq(&id))
                .filter(alert::open_key.is_not_null())
                .filter(alert::acknowledged_by.is_null());
            let said = (
                alert::acknowledged_by.eq(Some(&by)),
                alert::acknowledged_at_us.eq(Some(at_us)),
                alert::note.eq(Some(&note)),
            );
            let hit = on!(db, |c| diesel::update(standing).set(said).execute(c))?;
            if hit == 1 {
                add_act(db, &act)?;
            }
            Ok(hit == 1)
        })
    }
}
