//! Single facts over HTTP, each answered when it is durable, beside the bare group commit of the same rows.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use giaonhan::on;
use giaonhan::store::conn::Db;
use giaonhan::store::schema::{custody_event, leg};

use crate::Size;
use crate::database::{Database, Kind};
use crate::figure::{Counts, Figure, Report};
use crate::http;
use crate::raw::{FactRows, ManifestRows};
use crate::sample::{self, Manifest};
use crate::server::Server;

/// What happens to every leg, one a round: the life of an item until it comes back out for delivery again.
const EVENTS: [&str; 6] =
    ["ACCEPTED", "IN_TRANSIT", "AT_DELIVERY_POST", "OUT_FOR_DELIVERY", "ATTEMPT_FAILED", "OUT_FOR_DELIVERY"];

pub fn run(size: Size, report: &mut Report) {
    let legs = size.of(2_000, 32);
    let rounds = size.of(EVENTS.len() - 1, 1);
    for kind in Kind::all(report) {
        for connections in size.of([16, 64], [2, 4]) {
            let (ours, bare) = (Database::create(kind), Database::create(kind));
            let server = Server::start(&ours, "");
            let mut connection = ours.connect();
            copy_legs(&server, &mut connection.db(), &mut bare.connect().db(), legs);
            let mut figure = Figure {
                name: format!("facts, {connections} connections, {}", kind.name()),
                unit: "facts/s",
                beside: match kind {
                    Kind::Sqlite => "the same rows, groups of as many in one bare transaction",
                    Kind::Postgres => "the same rows, as many bare connections, a transaction each",
                },
                counts: Some(Counts::default()),
                ..Figure::default()
            };
            let (mut p50, mut p99, mut cpu_by_fact) = (Vec::new(), Vec::new(), Vec::new());
            // The first round warms both sides up and is not counted.
            for (round, event) in EVENTS.iter().enumerate().take(rounds + 1) {
                let from_us = last_recorded(&mut connection.db()) + 1;
                let cpu_us = server.cpu_us();
                let load = http::load(server.address, requests(&server, connections, legs, event, round));
                let cpu_us = server.cpu_us() - cpu_us;
                let rows = FactRows::load_since(&mut connection.db(), from_us);
                let bare_elapsed = commit_bare(&bare, kind, connections, &rows);
                figure.counts = figure.counts.map(|counts| counts.and(count(&rows, legs)));
                if round > 0 {
                    figure.ours.push(legs as f64 / load.elapsed.as_secs_f64());
                    figure.reference.push(rows.len() as f64 / bare_elapsed.as_secs_f64());
                    cpu_by_fact.push(cpu_us / legs as f64);
                    p50.push(load.percentile_ms(0.50));
                    p99.push(load.percentile_ms(0.99));
                }
            }
            let state = EVENTS[rounds];
            let there: i64 =
                on!(&mut connection.db(), |c| leg::table.filter(leg::state.eq(state)).count().get_result(c)).unwrap();
            assert_eq!(there as usize, legs, "legs that ended as {state}");
            figure.further = vec![("p50 ms", p50), ("p99 ms", p99), ("server CPU us/fact", cpu_by_fact)];
            report.add(figure);
        }
    }
}

/// Legs on both sides, alike.
fn copy_legs(server: &Server, ours: &mut Db<'_>, bare: &mut Db<'_>, legs: usize) {
    let manifest = Manifest::new("BENCH-LEGS", 0..legs);
    let request = http::post("/v1/manifests", &server.desk, "application/json", &manifest.json());
    let (status, body, _) = http::once(server.address, &request);
    assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
    ManifestRows::load(ours, "BENCH-LEGS").insert(bare);
}

fn last_recorded(db: &mut Db<'_>) -> i64 {
    let last: Option<i64> =
        on!(db, |c| custody_event::table.select(diesel::dsl::max(custody_event::recorded_at_us)).first(c)).unwrap();
    last.unwrap_or_default()
}

fn requests(server: &Server, connections: usize, legs: usize, event: &str, round: usize) -> Vec<Vec<Vec<u8>>> {
    let request = |number: usize| {
        let body = sample::fact(&format!("fact-{round}-{number}"), number, event, round * 10);
        http::post("/v1/facts", &server.post, "application/json", &body)
    };
    (0..connections).map(|first| (first..legs).step_by(connections).map(request).collect()).collect()
}

/// Facts in the ledger by id, against those that were answered.
fn count(rows: &[FactRows], sent: usize) -> Counts {
    let mut ids: Vec<&str> = rows.iter().map(FactRows::fact_id).collect();
    ids.sort_unstable();
    Counts::of(sent, ids.chunk_by(|a, b| a == b).map(<[_]>::len))
}

fn commit_bare(bare: &Database, kind: Kind, connections: usize, rows: &[FactRows]) -> Duration {
    match kind {
        Kind::Sqlite => {
            let mut connection = bare.connect();
            let started = Instant::now();
            rows.chunks(connections).for_each(|group| FactRows::commit(group, &mut connection.db()));
            started.elapsed()
        }
        Kind::Postgres => {
            let mut open: Vec<_> = (0..connections).map(|_| bare.connect()).collect();
            let started = Instant::now();
            std::thread::scope(|scope| {
                for (connection, part) in open.iter_mut().zip(rows.chunks(rows.len().div_ceil(connections).max(1))) {
                    scope.spawn(move || {
                        part.chunks(1).for_each(|one| FactRows::commit(one, &mut connection.db()));
                    });
                }
            });
            started.elapsed()
        }
    }
}
