//! `giaonhan demo`: one working day of a province, both directions, against the two simulators over real HTTP, with seeded
//! faults; then the books are held against each other. It fails when they do not balance.

mod accounts;
mod stage;
mod summary;

use std::path::PathBuf;
use std::time::Duration;

use crate::app::verify;
use crate::base::time::Clock;
use crate::cli::args::StoreArgs;
use crate::cli::serve::End;
use crate::cli::{Failure, Out};
use crate::sim::day::{Plan, ProgressEvent, run};
use crate::telemetry::logs;
use stage::Stage;

/// What the command line asks of a demo.
pub(super) struct Wish {
    /// End after the day.
    pub(super) once: bool,
    /// Repeats a day exactly.
    pub(super) seed: u64,
    /// Dossiers of the day.
    pub(super) dossiers: usize,
}

/// Folder of the demos in the current folder; each has one of its own inside.
const FOLDER: &str = "giaonhan-demo";

pub(super) fn demo(store: &StoreArgs, wish: &Wish, out: Out) -> Result<(), Failure> {
    let own_folder = store.data.is_none() && store.database_url.is_none();
    let run_folder =
        PathBuf::from(FOLDER).join(Clock::system().now().to_vietnam().format("%Y%m%d-%H%M%S%.3f").to_string());
    let data = store.data.clone().unwrap_or_else(|| run_folder.join("data"));
    std::fs::create_dir_all(if own_folder { &data } else { &run_folder })
        .map_err(|error| Failure::environment(format!("cannot make {}: {error}", run_folder.display())))?;
    let played = play(store, &data, &run_folder, wish, out);
    // What a demo leaves behind when it ends at once is of no use to anybody.
    if wish.once || played.is_err() {
        let _ = std::fs::remove_dir_all(&run_folder);
        let _ = std::fs::remove_dir(FOLDER);
    }
    played
}

fn play(
    store: &StoreArgs,
    data: &std::path::Path,
    run_folder: &std::path::Path,
    wish: &Wish,
    out: Out,
) -> Result<(), Failure> {
    let date = stage::day_before(Clock::system().now());
    let plan = Plan::generate(wish.seed, wish.dossiers, date);
    let manifests = plan.manifests.len();
    let stage = Stage::set(store, data, run_folder, wish.seed)?;
    accounts::open(stage.app())?;
    out.hint(&format!("Giao Nhận: {}", stage.url()));
    out.hint(&format!("Một ngày làm việc / a working day: {} hồ sơ (dossiers), seed {}", wish.dossiers, wish.seed));
    let started = Clock::system().now();
    let tell = |event: ProgressEvent| {
        let elapsed = Duration::from_micros(
            u64::try_from(Clock::system().now().us().saturating_sub(started.us())).unwrap_or_default(),
        );
        out.hint(&format!(
            "{:>6.1}s  {:<32} {:>5}   {}",
            elapsed.as_secs_f32(),
            event.part,
            event.count,
            event.part_en
        ));
    };
    let log = stage
        .block_on(run(plan, stage.actors(), tell))
        .map_err(|why| Failure::No(format!("the day could not go on: {why}")))?;
    let verified = verify::verify(stage.app())?;
    let books = summary::Books {
        seed: wish.seed,
        dossiers: wish.dossiers,
        manifests,
        messages_repeated: stage.messages_repeated()?,
        log: &log,
        verified: &verified,
        simulators: stage.ledgers(),
    };
    let balanced = books.balanced();
    out.result(&books.object(), &format!("{}\n{}", books.for_people(), books.last_line()));
    if !wish.once {
        out.hint(&stage.compare_books(date)?);
        out.hint(&accounts::for_people(stage.url()));
        out.hint(&stage.where_to_look());
        End::listen()?.wait();
    }
    stage.strike();
    if balanced { Ok(()) } else { Err(Failure::No("the books do not balance".to_owned())) }
}

/// Logs of a demo: only what goes wrong, so that the summary stays readable.
fn quiet_logs(settings: &crate::config::Settings) -> Result<(), Failure> {
    logs::init(&settings.log).map_err(|error| Failure::environment(error.to_string()))
}
