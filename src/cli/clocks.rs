//! `giaonhan clocks`: how the legal clocks of a leg stand, and what the law leaves open about them.

use serde_json::json;

use crate::app::clocks;
use crate::cli::args::{ClocksCommand, StoreArgs};
use crate::cli::settings::{app, load};
use crate::cli::{Failure, Out};
use crate::domain::clocks::{DOUBTS, Standing, TABLE, Unknown};
use crate::wire::clocks::clock;

pub(super) fn clocks(store: &StoreArgs, command: ClocksCommand, out: Out) -> Result<(), Failure> {
    match command {
        ClocksCommand::Of { leg_id } => of_leg(store, &leg_id, out),
        ClocksCommand::Doubts => doubts(store, out),
        ClocksCommand::Rebuild => rebuild(store, out),
    }
}

fn rebuild(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    clocks::rebuild(&app)?;
    let (_, legs, _) = app.store.read(crate::store::read::legs::counts)?;
    out.result(&json!({"legs": legs}), &format!("clocks of {legs} legs derived"));
    Ok(())
}

fn of_leg(store: &StoreArgs, leg_id: &str, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    let found = clocks::of_leg(&app, leg_id, app.now())?;
    for standing in &found.standings {
        let flags: Vec<&str> = found
            .flags
            .iter()
            .filter(|raised| raised.clock == standing.clock)
            .map(|raised| raised.flag.as_str())
            .collect();
        out.result(&clock(standing, &flags), &line(standing, &flags));
    }
    Ok(())
}

fn basis(standing: &Standing) -> &'static str {
    TABLE.iter().find(|clock| clock.id == standing.clock).map_or("", |clock| clock.basis)
}

fn line(standing: &Standing, flags: &[&str]) -> String {
    let due = standing.due_at.map_or(String::new(), |at| format!("due {}", at.to_rfc3339()));
    let why = match standing.unknown {
        Some(Unknown::Calendar(gap)) => gap.en(),
        Some(why) => why.as_str().to_owned(),
        None => String::new(),
    };
    let said = [due, why, flags.join(" "), basis(standing).to_owned()];
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{:<20} {:<12} {}", standing.clock.as_str(), standing.status.as_str(), said.join("; "))
}

fn doubts(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    let settings = load(store, None)?;
    for doubt in DOUBTS {
        let key = format!("clocks.{}", doubt.name);
        let value = settings.explain().iter().find(|row| row.key == key).map_or("", |row| row.value.as_str());
        out.result(
            &json!({"key": key, "value": value, "basis": doubt.basis, "doubt": doubt.en, "doubtVi": doubt.vi}),
            &format!("{key} = {value}   ({})\n  {}\n  {}", doubt.basis, doubt.en, doubt.vi),
        );
    }
    Ok(())
}
