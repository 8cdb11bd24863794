//! `giaonhan sim`: a simulator in the foreground until SIGTERM.

use std::collections::BTreeMap;

use crate::cli::args::{SimArgs, SimCommand};
use crate::cli::serve::{End, announce};
use crate::cli::{Failure, Out};
use crate::sim::faults::parse_plan;
use crate::sim::{one_stop, post};

fn faults(args: &SimArgs) -> Result<BTreeMap<String, f64>, Failure> {
    parse_plan(&args.faults).map_err(|why| Failure::Usage(format!("--faults: {why}")))
}

pub(super) fn run(command: SimCommand, out: Out) -> Result<(), Failure> {
    let failed = |why: String| Failure::environment(format!("the simulator cannot start: {why}"));
    let end = End::listen()?;
    match command {
        SimCommand::OneStop { common } => {
            let faults = faults(&common)?;
            let options = one_stop::Options {
                listen: common.listen.to_string(),
                seed: common.seed,
                faults,
                ..one_stop::Options::default()
            };
            let running = one_stop::start(options).map_err(failed)?;
            announce(out, "giaonhan sim one-stop", running.url());
            end.wait();
            Ok(())
        }
        SimCommand::Post { family, common } => {
            let faults = faults(&common)?;
            let family = post::Family::parse(&family)
                .ok_or_else(|| Failure::Usage(format!("--family {family}: write hcc or myvnpost")))?;
            let options = post::Options {
                listen: common.listen.to_string(),
                seed: common.seed,
                faults,
                // Without a runner that drives it, an order lives its own seeded life.
                life_step: Some(LIFE_STEP),
                ..post::Options::new(family)
            };
            let running = post::start(options).map_err(failed)?;
            announce(out, "giaonhan sim post", running.url());
            end.wait();
            Ok(())
        }
    }
}

/// Between two events of an order's own life.
const LIFE_STEP: std::time::Duration = std::time::Duration::from_secs(5);
