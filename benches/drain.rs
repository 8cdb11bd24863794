//! Draining the outbox to a loopback receiver, beside the same client library that sends the same bodies bare.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use diesel::prelude::*;
use giaonhan::on;
use giaonhan::store::conn::Db;
use giaonhan::store::schema::{leg, outbox};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::Size;
use crate::database::{Database, Kind};
use crate::figure::{Counts, Figure, Report};
use crate::http;
use crate::receiver::Receiver;
use crate::sample::{AGENCY, Manifest};
use crate::server::Server;

/// Calls to the receiver at once, on both sides. An operator sets this for each counterpart.
const PLACES: usize = 32;
/// Draining must not take longer.
const DRAINED_WITHIN: Duration = Duration::from_secs(120);

pub fn run(size: Size, report: &mut Report) {
    let (rounds, messages) = (size.of(5, 1), size.of(1_000, 20));
    for kind in Kind::all(report) {
        for delay_ms in [0, 5] {
            let receiver = Receiver::start(Duration::from_millis(delay_ms));
            let database = Database::create(kind);
            let server = Server::start(&database, &settings(&receiver));
            let mut connection = database.connect();
            let mut figure = Figure {
                name: format!("drain, answers in {delay_ms} ms, {}", kind.name()),
                unit: "msg/s",
                beside: "the same bodies sent bare by reqwest, as many at once",
                counts: Some(Counts::default()),
                ..Figure::default()
            };
            let mut cpu_by_message = Vec::new();
            // The first round warms both sides up and is not counted.
            for round in 0..=rounds {
                let manifest = Manifest::new(format!("BENCH-{round}"), round * messages..(round + 1) * messages);
                let request = http::post("/v1/manifests", &server.desk, "application/json", &manifest.json());
                let (status, body, _) = http::once(server.address, &request);
                assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
                let cpu_us = server.cpu_us();
                let done_at = wait_until_settled(&mut connection.db());
                let cpu_us = server.cpu_us() - cpu_us;
                let came = receiver.take();
                let elapsed = done_at - came.first_at.expect("an order");
                let ordered: i64 =
                    on!(&mut connection.db(), |c| leg::table.filter(leg::state.eq("ORDERED")).count().get_result(c))
                        .unwrap();
                assert_eq!(ordered as usize, (round + 1) * messages, "legs that the ledger calls ordered");
                let counts = Counts::of(messages, came.orders.values().copied());
                figure.counts = figure.counts.map(|before| before.and(counts));
                let bare_elapsed = send_bare(&receiver, &came.body, messages);
                assert_eq!(receiver.count(), messages);
                drop(receiver.take());
                if round > 0 {
                    figure.ours.push(messages as f64 / elapsed.as_secs_f64());
                    figure.reference.push(messages as f64 / bare_elapsed.as_secs_f64());
                    cpu_by_message.push(cpu_us / messages as f64);
                }
            }
            figure.further = vec![("server CPU us/msg", cpu_by_message)];
            report.add(figure);
        }
    }
}

fn settings(receiver: &Receiver) -> String {
    format!(
        "[[counterparts]]\nname = \"post-bench\"\nkind = \"hcc\"\nagencies = [\"{AGENCY}\"]\n\
         base_url = \"http://{}\"\ncustomer_code = \"KH0001\"\ntoken = \"bench\"\nin_flight_max = {PLACES}\n\
         contact = {{ name = \"Một cửa\", phone = \"02583000000\", address = \"1 Trần Phú\", province_code = \"56\" }}\n",
        receiver.address
    )
}

/// When the last message was settled, as seen from outside, a few milliseconds exact.
fn wait_until_settled(db: &mut Db<'_>) -> Instant {
    let (_sender, never) = mpsc::channel::<()>();
    let started = Instant::now();
    loop {
        let waiting: i64 =
            on!(db, |c| outbox::table.filter(outbox::state.ne("SETTLED")).count().get_result(c)).unwrap();
        if waiting == 0 {
            return Instant::now();
        }
        assert!(started.elapsed() < DRAINED_WITHIN, "{waiting} messages were not settled in time");
        let _ = never.recv_timeout(Duration::from_millis(5));
    }
}

/// The client library alone: no claim, no lease, no settling.
fn send_bare(receiver: &Receiver, body: &[u8], messages: usize) -> Duration {
    drop(rustls::crypto::ring::default_provider().install_default());
    let url = format!("http://{}/serviceApi/v1/postDieuTin?token=bench", receiver.address);
    let body = body.to_vec();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async move {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only(std::iter::empty::<reqwest::Certificate>())
            .build()
            .expect("a client");
        let places = Arc::new(Semaphore::new(PLACES));
        let (mut tasks, started) = (JoinSet::new(), Instant::now());
        for _ in 0..messages {
            let place = places.clone().acquire_owned().await.expect("a place");
            let request = client.post(&url).header("content-type", "application/json").body(body.clone());
            tasks.spawn(async move {
                let answer = request.send().await.expect("an answer");
                assert!(answer.status().is_success());
                drop(answer.bytes().await.expect("a body"));
                drop(place);
            });
        }
        tasks.join_all().await;
        started.elapsed()
    })
}
