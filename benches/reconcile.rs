//! A year of legs against the post's book of it: pairs, differences and absence, beside the bare SQL join of the same rows with every
//! pair handed to the caller.

use std::time::Instant;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use giaonhan::base::time::{DAY_US, HOUR_US, Ts};
use giaonhan::on;
use giaonhan::store::books::{BookEntryRow, BookRow};
use giaonhan::store::conn::Db;
use giaonhan::store::rows::LegRow;
use giaonhan::store::schema::{book, book_entry, leg, manifest};
use serde_json::Value;

use crate::Size;
use crate::annex::{manifest_row, one};
use crate::database::{Database, Kind};
use crate::figure::{Counts, Figure, Report};
use crate::server;

const PER_COMMIT: usize = 5_000;
/// One entry in so many says something else than the ledger.
const DIFFERS_EVERY: usize = 1_000;
/// One leg in so many is not in the book.
const MISSING_EVERY: usize = 1_500;
const POST: &str = "bench-post";

pub fn run(size: Size, report: &mut Report) {
    let legs = if size.tenth { 100_000 } else { size.of(1_000_000, 3_000) };
    let rounds = size.of(3, 1);
    for kind in Kind::all(report) {
        let database = Database::create(kind);
        let mut connection = database.connect();
        let mut db = connection.db();
        build(&mut db, legs);
        if kind == Kind::Postgres {
            // As its own housekeeping would have done by then.
            on!(&mut db, |c| diesel::sql_query("ANALYZE").execute(c)).unwrap();
        }
        server::command(&database, &["key", "create", "--counterpart", POST, "--side", "post", "--agency", "*"]);
        let missing = (0..legs).filter(|number| number % MISSING_EVERY == 7).count();
        let differing = (0..legs).filter(|number| differs(*number) && number % MISSING_EVERY != 7).count();
        let mut figure = Figure {
            name: format!("reconcile, {legs} legs, {}", kind.name()),
            unit: "s",
            beside: "SQL join of the same rows, every pair handed over",
            counts: Some(Counts::default()),
            ..Figure::default()
        };
        let mut peaks_mb = Vec::new();
        for _ in 0..rounds {
            let began = Instant::now();
            let pairs = join(&mut db);
            figure.reference.push(began.elapsed().as_secs_f64());
            assert_eq!(pairs, legs - missing);
            // A dry run each time: a first one would open differences that a second one finds open.
            let began = Instant::now();
            let (told, peak_mb) = server::told(
                &database,
                &[
                    "--json",
                    "reconcile",
                    "--side",
                    "post",
                    "--counterpart",
                    POST,
                    "--from",
                    "2026-01-01",
                    "--until",
                    "2027-01-08",
                    "--dry-run",
                ],
            );
            figure.ours.push(began.elapsed().as_secs_f64());
            peaks_mb.push(peak_mb);
            let told: Value = serde_json::from_str(&told).unwrap();
            let found = |kind: &str| told["totals"]["found"][kind].as_u64().unwrap_or(0) as usize;
            assert_eq!(told["totals"]["entries"].as_u64().unwrap() as usize, legs - missing, "{told}");
            let (right, all) = (
                found("CONFIRMED_NOT_DELIVERED").min(differing) + found("NOT_AT_OPERATOR").min(missing),
                differing + missing,
            );
            let more = found("CONFIRMED_NOT_DELIVERED") + found("NOT_AT_OPERATOR") - right;
            let counts = Counts { sent: all, lost: all - right, doubled: more };
            figure.counts = figure.counts.map(|before| before.and(counts));
        }
        figure.further.push(("peak memory MB", peaks_mb));
        report.add(figure);
    }
}

fn differs(number: usize) -> bool {
    number % DIFFERS_EVERY == 3
}

#[derive(QueryableByName)]
#[allow(dead_code)]
struct Pair {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    says: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    said_at_us: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    item_number: Option<String>,
}

fn join(db: &mut Db<'_>) -> usize {
    let text = format!(
        "SELECT l.id, l.state, e.says, e.said_at_us, e.item_number FROM book_entry e JOIN leg l ON l.id = e.leg_id \
         WHERE e.side = 'POST' AND e.counterpart = '{POST}'"
    );
    let rows: Vec<Pair> = on!(db, |c| diesel::sql_query(text.as_str()).load(c)).unwrap();
    rows.len()
}

fn build(db: &mut Db<'_>, legs: usize) {
    let as_of_us = Ts::parse_rfc3339("2027-01-06T00:00:00+07:00").unwrap().us();
    let book_row = BookRow {
        id: "bk_bench".into(),
        side: "POST".into(),
        counterpart: POST.into(),
        from_day: "2026-01-01".into(),
        until_day: "2027-01-08".into(),
        as_of_us,
        complete: 1,
        covers: "ACCEPTED".into(),
        source: "FILE".into(),
        content_sha256: String::new(),
        entries: legs as i64,
        refused: 0,
        taken_at_us: as_of_us,
        taken_by: None,
    };
    on!(db, |c| diesel::insert_into(manifest::table).values(&manifest_row()).execute(c)).unwrap();
    on!(db, |c| diesel::insert_into(book::table).values(&book_row).execute(c)).unwrap();
    for first in (0..legs).step_by(PER_COMMIT) {
        let numbers = first..legs.min(first + PER_COMMIT);
        let item = |number: usize| LegRow { item_number: Some(format!("ITEM{number:08}")), ..one(number, legs).0 };
        let rows: Vec<LegRow> = numbers.clone().map(item).collect();
        let entries: Vec<BookEntryRow> = numbers
            .zip(&rows)
            .filter(|(number, _)| number % MISSING_EVERY != 7)
            .map(|(number, row)| entry(number, row, as_of_us))
            .collect();
        db.write(|db| {
            for part in rows.chunks(800) {
                on!(db, |c| diesel::insert_into(leg::table).values(part).execute(c))?;
            }
            for part in entries.chunks(1_000) {
                on!(db, |c| diesel::insert_into(book_entry::table).values(part).execute(c))?;
            }
            Ok(())
        })
        .unwrap();
    }
}

fn entry(number: usize, leg: &LegRow, as_of_us: i64) -> BookEntryRow {
    let accepted = Ts::from_us(leg.accepted_by_post_at_us.unwrap());
    let said_at = if differs(number) { as_of_us - DAY_US - HOUR_US } else { leg.state_since_us };
    BookEntryRow {
        side: "POST".into(),
        counterpart: POST.into(),
        entry_key: leg.id.trim_start_matches("leg_").to_owned(),
        book_id: "bk_bench".into(),
        line_no: number as i64 + 1,
        as_of_us,
        day: accepted.to_vietnam().date().to_string(),
        says: if differs(number) { "MOVING" } else { "DELIVERED" }.into(),
        said_at_us: Some(said_at),
        raw_code: None,
        leg_id: Some(leg.id.clone()),
        item_number: leg.item_number.clone(),
        item_sound: Some(1),
        dossier_no: None,
        leg_kind: None,
        agency_code: None,
        originals: Some(leg.originals),
        copies: Some(leg.copies),
        seal_no: None,
        receiver_sha256: None,
        fee: Some(leg.fee_to_collect),
        filed_by_post: None,
        result_by_post: None,
        sent_on: None,
    }
}
