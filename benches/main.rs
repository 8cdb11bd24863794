//! Speeds beside a bare reference, with lost and doubled counts: `cargo bench --bench bench -- [--smoke|--tenth] [filter]`.
//!
//! A plain program: figures are ratios measured in one run, both sides in turn, and nothing here asserts a time. What it does
//! assert is that nothing was lost or doubled. README.md says what each figure means.
// The whole crate measures and is never shipped; it stops at the first surprise, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]

mod accept;
mod annex;
mod database;
mod drain;
mod facts;
mod figure;
mod http;
mod memory;
mod parse;
mod raw;
mod receiver;
mod reconcile;
mod sample;
mod server;

use figure::Report;

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Size {
    /// Everything tiny: shows that the benchmarks run and count right.
    pub smoke: bool,
    /// A tenth of what takes long to build.
    pub tenth: bool,
}

impl Size {
    /// A number for a run that measures, and one for a smoke run.
    pub fn of<T>(self, measured: T, smoke: T) -> T {
        if self.smoke { smoke } else { measured }
    }
}

type Bench = (&'static str, fn(Size, &mut Report));

const BENCHES: [Bench; 7] = [
    ("parse", parse::run),
    ("accept", accept::run),
    ("memory", memory::run),
    ("drain", drain::run),
    ("facts", facts::run),
    ("annex", annex::run),
    ("reconcile", reconcile::run),
];

fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let size = Size { smoke: has("--smoke"), tenth: has("--tenth") };
    let filters: Vec<&String> = words.iter().filter(|word| !word.starts_with('-')).collect();
    let mut report = Report::default();
    for (name, run) in BENCHES {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            eprintln!("== {name}");
            run(size, &mut report);
        }
    }
    report.print(size)
}
