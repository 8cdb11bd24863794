//! The annex of a year: sums per agency and procedure and per post office, from the roll-ups of a store with a year of legs, beside a plain
//! grouped query over the events of one month of the same store.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use giaonhan::base::id::{EventId, LegId};
use giaonhan::base::time::{DAY_US, HOUR_US, Ts, parse_date};
use giaonhan::domain::access::Agencies;
use giaonhan::domain::custody::{Event, EventKind, Evidence, Receiver, Source};
use giaonhan::domain::leg::Side;
use giaonhan::domain::tally::{Measure, Stretch};
use giaonhan::on;
use giaonhan::store::conn::Db;
use giaonhan::store::ledger;
use giaonhan::store::read::tallies::{By, Sum, sums};
use giaonhan::store::rows::{CustodyEventRow, LegRow, ManifestRow};
use giaonhan::store::schema::{custody_event, leg, manifest};

use crate::Size;
use crate::database::{Database, Kind};
use crate::figure::{Counts, Figure, Report};
use crate::server;

const AGENCIES: usize = 120;
const PROCEDURES: usize = 40;
const OFFICES: usize = 200;
/// Legs that are inserted in one transaction.
const LEGS_PER_COMMIT: usize = 5_000;
const CALLS: usize = 200;
const FIRST_DAY: &str = "2026-01-01";

pub fn run(size: Size, report: &mut Report) {
    let legs = if size.tenth { 100_000 } else { size.of(1_000_000, 200) };
    let calls = size.of(CALLS, 5);
    for kind in Kind::all(report) {
        let database = Database::create(kind);
        let mut connection = database.connect();
        let mut db = connection.db();
        let began = Instant::now();
        build(&mut db, legs);
        eprintln!("{} legs and {} events in {:.0?}", legs, legs * STORY.len(), began.elapsed());
        let began = Instant::now();
        server::command(&database, &["tallies", "rebuild"]);
        let rebuilt = began.elapsed();
        eprintln!("rolled up in {rebuilt:.0?}");
        if kind == Kind::Postgres {
            // As its own housekeeping would have done by then.
            on!(&mut db, |c| diesel::sql_query(
                "VACUUM (ANALYZE) tally_by_procedure, tally_by_office, leg_tally, leg, custody_event"
            )
            .execute(c))
            .unwrap();
        }
        for (name, from, until) in
            [("annex, year", "2026-01-01", "2027-01-01"), ("annex, year from 15 Dec", "2025-12-15", "2026-12-15")]
        {
            let date = |text| parse_date(text).unwrap();
            let stretch = Stretch { from: date(from), until: date(until), as_of: date("2027-01-01") };
            let (times, registered) = measure(&mut db, stretch, calls);
            let began = Instant::now();
            let rows = month_of_events(&mut db);
            let plain = ms(began.elapsed());
            let days = (stretch.until - date(FIRST_DAY)).num_days();
            let sent = (0..legs).filter(|number| day_of(*number, legs) < days).count();
            let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
            report.add(Figure {
                name: format!("{name}, {legs} legs, {}", kind.name()),
                unit: "ms (p95)",
                ours: vec![at(0.95)],
                reference: vec![plain],
                beside: "GROUP BY agency, procedure, event over the events of one month",
                counts: Some(Counts {
                    sent,
                    lost: sent.saturating_sub(registered),
                    doubled: registered.saturating_sub(sent),
                }),
                further: vec![
                    ("p50 ms", vec![at(0.5)]),
                    ("rebuild s", vec![rebuilt.as_secs_f64()]),
                    ("rows of the month", vec![rows as f64]),
                ],
            });
        }
    }
}

/// Times of so many calls in order, and how many legs were declared.
fn measure(db: &mut Db<'_>, stretch: Stretch, calls: usize) -> (Vec<f64>, usize) {
    let mut times = Vec::new();
    let mut registered = 0;
    for call in 0..=calls {
        let began = Instant::now();
        let found = annex(db, stretch);
        // The first call warms up.
        if call > 0 {
            times.push(ms(began.elapsed()));
        }
        let declared = found.iter().filter(|sum| sum.measure == Measure::Registered.as_str());
        registered = declared.map(|sum| sum.legs).sum::<i64>() as usize;
    }
    times.sort_by(f64::total_cmp);
    (times, registered)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// What the annex asks: by agency and procedure, and by post office with causes.
fn annex(db: &mut Db<'_>, stretch: Stretch) -> Vec<Sum> {
    use Measure::*;
    let mut found = sums(
        db,
        &Agencies::All,
        stretch,
        &[By::Agency, By::Procedure],
        &[Registered, TakenFromCitizen, TakenFromAgency, Delivered, Returned, ReportedOnly],
    )
    .unwrap();
    let by_office = [
        TakenFromAgency,
        FirstAttempt,
        FirstAttemptOk,
        AttemptFailed,
        TransitDays,
        DueKept,
        DueMissed,
        Lost,
        Damaged,
        FeeCollected,
        FeeRemitted,
        PapersToRecover,
        PapersRecovered,
    ];
    found.extend(sums(db, &Agencies::All, stretch, &[By::Office, By::Cause], &by_office).unwrap());
    found
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// The same kind of question of the events themselves, for a month alone.
fn month_of_events(db: &mut Db<'_>) -> i64 {
    let at = |text: &str| Ts::parse_rfc3339(text).unwrap().us();
    let text = format!(
        "SELECT count(*) AS rows FROM (SELECT l.agency_code, l.procedure_code, e.event, count(DISTINCT e.leg_id) AS legs \
         FROM custody_event e JOIN leg l ON l.id = e.leg_id WHERE e.occurred_at_us >= {} AND e.occurred_at_us < {} \
         GROUP BY l.agency_code, l.procedure_code, e.event) AS cells",
        at("2026-06-01T00:00:00+07:00"),
        at("2026-07-01T00:00:00+07:00"),
    );
    let rows: Vec<Count> = on!(db, |c| diesel::sql_query(text.as_str()).load(c)).unwrap();
    rows[0].rows
}

/// The life of a result: kind, days and hours after it was declared.
const STORY: [(EventKind, i64, i64); 10] = [
    (EventKind::Registered, 0, 0),
    (EventKind::Ordered, 0, 1),
    (EventKind::Accepted, 0, 3),
    (EventKind::InTransit, 0, 8),
    (EventKind::AtDeliveryPost, 1, 0),
    (EventKind::OutForDelivery, 1, 1),
    (EventKind::AttemptFailed, 1, 4),
    (EventKind::OutForDelivery, 2, 1),
    (EventKind::Confirmed, 2, 3),
    (EventKind::FeeCollected, 2, 3),
];

/// A step of a sequence that looks like chance and is the same in every run.
fn chance(number: usize, salt: u64, of: usize) -> usize {
    let mut x = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ salt.wrapping_mul(0xD1B5_4A32_D192_ED03);
    x ^= x >> 31;
    x = x.wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^= x >> 29;
    (x % of as u64) as usize
}

/// Some are asked for far more often than others.
fn skewed(number: usize, salt: u64, of: usize) -> usize {
    chance(number, salt, of).min(chance(number, salt + 1, of))
}

fn build(db: &mut Db<'_>, legs: usize) {
    let sample = manifest_row();
    on!(db, |c| diesel::insert_into(manifest::table).values(&sample).execute(c)).unwrap();
    for first in (0..legs).step_by(LEGS_PER_COMMIT) {
        let made: Vec<(LegRow, Vec<CustodyEventRow>)> =
            (first..legs.min(first + LEGS_PER_COMMIT)).map(|number| one(number, legs)).collect();
        db.write(|db| {
            if let Db::Pg(c) = db {
                let legs: Vec<&LegRow> = made.iter().map(|(leg, _)| leg).collect();
                for part in legs.chunks(800) {
                    diesel::insert_into(leg::table).values(part.to_vec()).execute(*c)?;
                }
                let events: Vec<&CustodyEventRow> = made.iter().flat_map(|(_, events)| events).collect();
                for part in events.chunks(3_000) {
                    diesel::insert_into(custody_event::table).values(part.to_vec()).execute(*c)?;
                }
            } else {
                for (row, events) in &made {
                    on!(db, |c| diesel::insert_into(leg::table).values(row).execute(c))?;
                    for event in events {
                        on!(db, |c| diesel::insert_into(custody_event::table).values(event).execute(c))?;
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    }
}

/// The day of the year on which a leg is declared; the last ones are delivered within it.
fn day_of(number: usize, of: usize) -> i64 {
    (number * 360 / of) as i64
}

/// A leg of the year with its events.
pub(crate) fn one(number: usize, of: usize) -> (LegRow, Vec<CustodyEventRow>) {
    let year = Ts::parse_rfc3339(&format!("{FIRST_DAY}T08:00:00+07:00")).unwrap();
    let begin = year.plus_us(day_of(number, of) * DAY_US);
    let id = format!("leg_{number:026}");
    let mut head = None;
    let mut events = Vec::with_capacity(STORY.len());
    for (seq, (kind, days, hours)) in (1_i64..).zip(STORY) {
        let at = begin.plus_us(days * DAY_US + hours * HOUR_US + (number % 3_000) as i64);
        let event_id = EventId::from_text(format!("ev_{number:022}{seq:04}"));
        let mut event =
            Event::new(event_id, LegId::from_text(id.as_str()), kind, at, at, Source::of("bench-post", Side::Post));
        event.seq = seq;
        event.source.fact_id = Some(format!("f-{number}-{seq}"));
        match kind {
            EventKind::AttemptFailed => {
                event.cause = Some(["ABSENT", "UNREACHABLE", "REFUSED"][chance(number, 5, 3)].to_owned());
            }
            EventKind::Confirmed => {
                event.receiver =
                    Some(Receiver { named: true, representative: false, id_checked: true, authorisation_seen: false });
                event.evidence = vec![Evidence { kind: "SIGNATURE".into(), reference: "pod".into(), sha256: None }];
            }
            EventKind::FeeCollected => event.amount = Some(115_000),
            _ => {}
        }
        let row = ledger::to_row(&event, head.as_deref()).unwrap();
        head = Some(row.hash.clone());
        events.push(row);
    }
    let agency = skewed(number, 1, AGENCIES);
    let last = events.last().unwrap().occurred_at_us;
    let row = LegRow {
        id,
        manifest_id: "mf_bench".into(),
        counterpart: "bench".into(),
        side: "AGENCY".into(),
        manifest_no: "BENCH".into(),
        line_no: number as i64,
        kind: "RESULT".into(),
        agency_code: format!("H32.{agency}"),
        // Offices serve agencies near them.
        post_office_code: format!("65{:04}", (agency * OFFICES / AGENCIES + chance(number, 9, 3)) % OFFICES),
        declared_dossier_no: None,
        dossier_no: None,
        consignment_note_no: None,
        supplement_no: None,
        procedure_code: format!("1.{:06}", skewed(number, 3, PROCEDURES)),
        procedure_name: None,
        item_number: None,
        item_grade: None,
        seal_no: None,
        papers: "[]".into(),
        originals: 1,
        copies: 0,
        fee_to_collect: 115_000,
        due_at_us: Some(begin.plus_us(DAY_US).us()),
        state: "CONFIRMED".into(),
        state_since_us: last,
        holder: "CITIZEN".into(),
        holder_since_us: last,
        is_open: 0,
        open_dossier_key: None,
        open_note_key: None,
        accepted_by_post_at_us: Some(events[2].occurred_at_us),
        filed_at_us: None,
        case_received_at_us: None,
        attempts: 1,
        events: STORY.len() as i64,
        head: head.unwrap_or_default(),
    };
    (row, events)
}

/// The manifest of all legs.
pub(crate) fn manifest_row() -> ManifestRow {
    ManifestRow {
        id: "mf_bench".into(),
        counterpart: "bench".into(),
        side: "AGENCY".into(),
        manifest_no: "BENCH".into(),
        revision: 0,
        leg_kind: "RESULT".into(),
        agency_code: "H32.0".into(),
        counter_code: None,
        post_office_code: "650000".into(),
        shift_date: "2026-01-01".into(),
        shift: 1,
        mode: "all-or-nothing".into(),
        outcome: "ACCEPTED".into(),
        digest: String::new(),
        received_at_us: 0,
        receipt: "{}".into(),
        open_key: None,
        closed_at_us: None,
    }
}
