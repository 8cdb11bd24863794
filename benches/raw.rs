//! The reference of the store: rows as our server wrote them, read back and inserted bare into another database of the same
//! schema and the same durability.

use std::collections::HashMap;

use diesel::prelude::*;
use giaonhan::on;
use giaonhan::store::conn::Db;
use giaonhan::store::rows::{CustodyEventRow, FactRow, FeedEventRow, LegRow, ManifestRow, PartyRow};
use giaonhan::store::schema::{custody_event, fact, feed_event, leg, manifest, party};

/// Bind parameters that both databases take in one statement.
const BINDS_MAX: usize = 32_000;

macro_rules! insert {
    ($db:expr, $table:ident, $rows:expr, $columns:literal) => {
        for part in $rows.chunks(BINDS_MAX / $columns) {
            on!($db, |c| diesel::insert_into($table::table).values(part).execute(c)).unwrap();
        }
    };
}

macro_rules! insert_each {
    ($db:expr, $table:ident, $rows:expr) => {
        for row in $rows {
            on!($db, |c| diesel::insert_into($table::table).values(row).execute(c)).unwrap();
        }
    };
}

/// Every row of a manifest.
pub struct ManifestRows {
    manifest: ManifestRow,
    legs: Vec<LegRow>,
    parties: Vec<PartyRow>,
    events: Vec<CustodyEventRow>,
    feed: Vec<FeedEventRow>,
}

impl ManifestRows {
    /// As they stand after the manifest was taken.
    pub fn load(db: &mut Db<'_>, manifest_no: &str) -> Self {
        let manifest: ManifestRow = on!(db, |c| manifest::table
            .filter(manifest::manifest_no.eq(manifest_no))
            .select(ManifestRow::as_select())
            .first(c))
        .unwrap();
        let legs: Vec<LegRow> = on!(db, |c| leg::table
            .filter(leg::manifest_id.eq(&manifest.id))
            .order(leg::line_no)
            .select(LegRow::as_select())
            .load(c))
        .unwrap();
        let of_manifest = || leg::table.filter(leg::manifest_id.eq(manifest.id.clone())).select(leg::id);
        let parties = on!(db, |c| party::table
            .filter(party::leg_id.eq_any(of_manifest()))
            .order(party::leg_id)
            .select(PartyRow::as_select())
            .load(c))
        .unwrap();
        let events = on!(db, |c| custody_event::table
            .filter(custody_event::leg_id.eq_any(of_manifest()))
            .order(custody_event::leg_id)
            .select(CustodyEventRow::as_select())
            .load(c))
        .unwrap();
        let feed = on!(db, |c| feed_event::table
            .filter(feed_event::at_us.eq(manifest.received_at_us))
            .select(FeedEventRow::as_select())
            .load(c))
        .unwrap();
        ManifestRows { manifest, legs, parties, events, feed }
    }

    /// Dossiers, each with its number of legs.
    pub fn times(&self, dossiers: usize) -> impl Iterator<Item = usize> {
        let mut numbers: Vec<&str> = self.legs.iter().filter_map(|leg| leg.dossier_no.as_deref()).collect();
        numbers.sort_unstable();
        let times: Vec<usize> = numbers.chunk_by(|a, b| a == b).map(<[_]>::len).collect();
        assert!(times.len() <= dossiers, "more dossiers than were sent");
        times.into_iter()
    }

    /// In one transaction. PostgreSQL is fastest with rows in one statement, SQLite with one prepared statement for each row.
    pub fn insert(&self, db: &mut Db<'_>) {
        db.write(|db| {
            if matches!(db, Db::Pg(_)) {
                insert!(db, manifest, std::slice::from_ref(&self.manifest), 16);
                insert!(db, leg, self.legs, 36);
                insert!(db, party, self.parties, 8);
                insert!(db, custody_event, self.events, 9);
                insert!(db, feed_event, self.feed, 7);
            } else {
                insert_each!(db, manifest, [&self.manifest]);
                insert_each!(db, leg, &self.legs);
                insert_each!(db, party, &self.parties);
                insert_each!(db, custody_event, &self.events);
                insert_each!(db, feed_event, &self.feed);
            }
            Ok(())
        })
        .unwrap();
    }
}

/// Every row of one fact, and the leg as it is afterwards.
pub struct FactRows {
    fact: FactRow,
    event: CustodyEventRow,
    feed: Option<FeedEventRow>,
    leg: LegRow,
}

impl FactRows {
    /// The facts that were recorded after an instant, with the rows that came with them.
    pub fn load_since(db: &mut Db<'_>, from_us: i64) -> Vec<FactRows> {
        let facts: Vec<FactRow> = on!(db, |c| fact::table
            .filter(fact::recorded_at_us.ge(from_us))
            .order((fact::recorded_at_us, fact::fact_id))
            .select(FactRow::as_select())
            .load(c))
        .unwrap();
        let events: Vec<CustodyEventRow> = on!(db, |c| custody_event::table
            .filter(custody_event::recorded_at_us.ge(from_us))
            .select(CustodyEventRow::as_select())
            .load(c))
        .unwrap();
        let feed: Vec<FeedEventRow> = on!(db, |c| feed_event::table
            .filter(feed_event::at_us.ge(from_us))
            .select(FeedEventRow::as_select())
            .load(c))
        .unwrap();
        let legs: Vec<LegRow> = on!(db, |c| leg::table.select(LegRow::as_select()).load(c)).unwrap();
        let legs: HashMap<&str, &LegRow> = legs.iter().map(|leg| (leg.id.as_str(), leg)).collect();
        let feed: HashMap<&str, &FeedEventRow> =
            feed.iter().filter_map(|event| Some((event.leg_id.as_deref()?, event))).collect();
        let mut of_fact: HashMap<String, &CustodyEventRow> = events
            .iter()
            .filter_map(|event| {
                let body: serde_json::Value = serde_json::from_str(&event.body).ok()?;
                Some((body.get("fact_id")?.as_str()?.to_owned(), event))
            })
            .collect();
        facts
            .into_iter()
            .filter_map(|fact| {
                let event = of_fact.remove(&fact.fact_id)?.clone();
                let leg = legs[event.leg_id.as_str()].clone();
                let feed = feed.get(event.leg_id.as_str()).map(|event| (*event).clone());
                Some(FactRows { fact, event, feed, leg })
            })
            .collect()
    }

    /// Its id.
    pub fn fact_id(&self) -> &str {
        &self.fact.fact_id
    }

    /// Inserts and replaces, inside the transaction that is open.
    fn write(&self, db: &mut Db<'_>) {
        let leg = &self.leg;
        on!(db, |c| {
            diesel::update(leg::table.find(&leg.id))
                .set((
                    leg::state.eq(&leg.state),
                    leg::state_since_us.eq(leg.state_since_us),
                    leg::holder.eq(&leg.holder),
                    leg::holder_since_us.eq(leg.holder_since_us),
                    leg::accepted_by_post_at_us.eq(leg.accepted_by_post_at_us),
                    leg::attempts.eq(leg.attempts),
                    leg::events.eq(leg.events),
                    leg::head.eq(&leg.head),
                ))
                .execute(c)
                .unwrap();
            diesel::insert_into(custody_event::table).values(&self.event).execute(c).unwrap();
            diesel::insert_into(fact::table).values(&self.fact).execute(c).unwrap();
            if let Some(feed) = &self.feed {
                diesel::insert_into(feed_event::table).values(feed).execute(c).unwrap();
            }
        });
    }

    /// A group in one transaction.
    pub fn commit(group: &[FactRows], db: &mut Db<'_>) {
        db.write(|db| {
            group.iter().for_each(|rows| rows.write(db));
            Ok(())
        })
        .unwrap();
    }
}
