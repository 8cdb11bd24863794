//! A 1,000-line manifest over HTTP until it is durable and answered, beside the same rows inserted bare.

use std::time::Instant;

use crate::Size;
use crate::database::{Database, Kind};
use crate::figure::{Counts, Figure, Report};
use crate::http;
use crate::raw::ManifestRows;
use crate::sample::Manifest;
use crate::server::Server;

pub fn run(size: Size, report: &mut Report) {
    let (rounds, lines) = (size.of(9, 2), size.of(1_000, 20));
    for kind in Kind::all(report) {
        let (ours, bare) = (Database::create(kind), Database::create(kind));
        let server = Server::start(&ours, "");
        let (mut ours, mut bare) = (ours.connect(), bare.connect());
        let mut figure = Figure {
            name: format!("accept {lines} lines, {}", kind.name()),
            unit: "lines/s",
            beside: "the same rows inserted bare in one transaction",
            counts: Some(Counts::default()),
            ..Figure::default()
        };
        let mut cpu_by_line = Vec::new();
        // The first round warms both sides up and is not counted.
        for round in 0..=rounds {
            let no = format!("BENCH-{round}");
            let manifest = Manifest::new(no.as_str(), round * lines..(round + 1) * lines);
            let request = http::post("/v1/manifests", &server.desk, "application/json", &manifest.json());
            let cpu_us = server.cpu_us();
            let (status, body, elapsed) = http::once(server.address, &request);
            let cpu_us = server.cpu_us() - cpu_us;
            assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
            let rows = ManifestRows::load(&mut ours.db(), &no);
            let started = Instant::now();
            rows.insert(&mut bare.db());
            let bare_elapsed = started.elapsed();
            figure.counts = figure.counts.map(|counts| counts.and(Counts::of(lines, rows.times(lines))));
            if round > 0 {
                figure.ours.push(lines as f64 / elapsed.as_secs_f64());
                figure.reference.push(lines as f64 / bare_elapsed.as_secs_f64());
                cpu_by_line.push(cpu_us / lines as f64);
            }
        }
        figure.further = vec![("server CPU us/line", cpu_by_line)];
        report.add(figure);
    }
}
