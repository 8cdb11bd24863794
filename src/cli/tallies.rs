//! `giaonhan tallies`: the roll-ups that reports are made from, compared and made anew.

use serde_json::json;

use crate::app::tallies;
use crate::cli::args::{StoreArgs, TalliesCommand};
use crate::cli::settings::app;
use crate::cli::{Failure, Out};

pub(super) fn tallies(store: &StoreArgs, command: &TalliesCommand, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    match command {
        TalliesCommand::Rebuild => {
            let legs = tallies::rebuild(&app)?;
            out.result(&json!({"legs": legs}), &format!("{legs} legs rolled up"));
            Ok(())
        }
        TalliesCommand::Check => {
            let found = tallies::check(&app)?;
            let object = json!({
                "clean": found.is_clean(),
                "legs": found.legs,
                "due": found.due,
                "wrongLegs": found.wrong_legs,
                "wrongSums": found.wrong_sums,
            });
            let word = if found.is_clean() { "clean" } else { "WRONG" };
            let mut line = format!("{word}: {} legs compared, {} wait for their round", found.legs, found.due);
            for wrong in found.wrong_legs.iter().chain(&found.wrong_sums) {
                line.push_str(&format!("\n  {wrong}"));
            }
            out.result(&object, &line);
            if found.is_clean() { Ok(()) } else { Err(Failure::No(String::new())) }
        }
    }
}
