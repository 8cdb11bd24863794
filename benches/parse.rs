//! Reading a manifest into its draft, beside the bare reader of the same library over the same bytes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use giaonhan::wire::{Format, read_manifest};
use quick_xml::events::Event;
use quick_xml::reader::NsReader;

use crate::Size;
use crate::figure::{Figure, Report};
use crate::sample::Manifest;

struct Case {
    name: &'static str,
    format: Format,
    beside: &'static str,
    body: fn(&Manifest) -> Vec<u8>,
    bare: fn(&[u8]),
}

const CASES: [Case; 3] = [
    Case {
        name: "json",
        format: Format::Json,
        beside: "serde_json, everything ignored",
        body: Manifest::json,
        bare: bare_json,
    },
    Case {
        name: "xml",
        format: Format::Xml,
        beside: "quick_xml, events to the end",
        body: Manifest::xml,
        bare: bare_xml,
    },
    Case {
        name: "csv",
        format: Format::Csv,
        beside: "split at line ends and commas",
        body: Manifest::csv,
        bare: bare_csv,
    },
];

fn bare_json(body: &[u8]) {
    black_box(serde_json::from_slice::<serde::de::IgnoredAny>(body).unwrap());
}

fn bare_xml(body: &[u8]) {
    let mut reader = NsReader::from_str(std::str::from_utf8(body).unwrap());
    while !matches!(black_box(reader.read_event().unwrap()), Event::Eof) {}
}

/// The reader of tables is our own; what it cannot beat is cutting the text without looking at quotes.
fn bare_csv(body: &[u8]) {
    for line in std::str::from_utf8(body).unwrap().lines() {
        line.split(',').for_each(|cell| _ = black_box(cell));
    }
}

pub fn run(size: Size, report: &mut Report) {
    let rounds = size.of(9, 2);
    for case in &CASES {
        for lines in size.of([1, 1_000, 10_000], [1, 10, 100]) {
            let body = (case.body)(&Manifest::new("BK-H32.15-20261123-S1-001", 1..lines + 1));
            let ours = || {
                let draft = read_manifest(case.format, &body, 10_000).unwrap();
                assert_eq!(black_box(draft).lines.len(), lines);
            };
            let mut figure = Figure {
                name: format!("parse {} {lines}", case.name),
                unit: "MB/s",
                beside: case.beside,
                ..Figure::default()
            };
            for _ in 0..rounds {
                figure.ours.push(megabytes_per_second(size, body.len(), ours));
                figure.reference.push(megabytes_per_second(size, body.len(), || (case.bare)(&body)));
            }
            report.add(figure);
        }
    }
}

/// Repeats the work until enough time has passed to be measured.
fn megabytes_per_second(size: Size, bytes: usize, work: impl Fn()) -> f64 {
    let enough = Duration::from_millis(size.of(100, 1));
    let (started, mut times) = (Instant::now(), 0_usize);
    while times == 0 || started.elapsed() < enough {
        work();
        times += 1;
    }
    (bytes * times) as f64 / 1e6 / started.elapsed().as_secs_f64()
}
