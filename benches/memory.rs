//! A 10,000-line XML manifest: seconds until it is durable and answered, and how far the server's memory grew.

use crate::Size;
use crate::database::{Database, Kind};
use crate::figure::{Counts, Figure, Report};
use crate::http;
use crate::raw::ManifestRows;
use crate::sample::Manifest;
use crate::server::Server;

pub fn run(size: Size, report: &mut Report) {
    let (rounds, lines) = (size.of(5, 1), size.of(10_000, 100));
    for kind in Kind::all(report) {
        let mut figure = Figure {
            name: format!("xml {lines} lines, {}", kind.name()),
            unit: "s",
            beside: "none: an absolute goal",
            counts: Some(Counts::default()),
            ..Figure::default()
        };
        let mut grown_mb = Vec::new();
        for _ in 0..rounds {
            // A fresh process each time: the peak of a process never falls again.
            let database = Database::create(kind);
            let server = Server::start(&database, "");
            let post = |manifest: &Manifest| {
                let request = http::post("/v1/manifests", &server.desk, "application/xml", &manifest.xml());
                let (status, body, elapsed) = http::once(server.address, &request);
                assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
                elapsed.as_secs_f64()
            };
            post(&Manifest::new("BENCH-WARM", 0..10));
            let before = server.memory_bytes("VmRSS");
            let elapsed = post(&Manifest::new("BENCH-BIG", 10..10 + lines));
            grown_mb.push((server.memory_bytes("VmHWM") - before) / 1e6);
            figure.ours.push(elapsed);
            let rows = ManifestRows::load(&mut database.connect().db(), "BENCH-BIG");
            figure.counts = figure.counts.map(|counts| counts.and(Counts::of(lines, rows.times(lines))));
        }
        figure.further.push(("peak memory grew by MB", grown_mb));
        report.add(figure);
    }
}
