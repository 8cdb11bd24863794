//! `giaonhan clocks`: how the legal clocks of a leg stand, and what the law leaves open about them.

use serde_json::{Value, json};

use crate::app::clocks;
use crate::base::time::Ts;
use crate::cli::args::{ClocksCommand, StoreArgs};
use crate::cli::settings::{app, load};
use crate::cli::{Failure, Out};
use crate::domain::clocks::{DOUBTS, Standing, TABLE, Unknown};

pub(super) fn clocks(store: &StoreArgs, command: ClocksCommand, out: Out) -> Result<(), Failure> {
    match command {
        ClocksCommand::Of { leg_id } => of_leg(store, &leg_id, out),
        ClocksCommand::Doubts => doubts(store, out),
    }
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
        out.result(&object(standing, &flags), &line(standing, &flags));
    }
    Ok(())
}

fn basis(standing: &Standing) -> &'static str {
    TABLE.iter().find(|clock| clock.id == standing.clock).map_or("", |clock| clock.basis)
}

fn missing_year(standing: &Standing) -> Option<i32> {
    match standing.unknown {
        Some(Unknown::Calendar(gap)) => Some(gap.year()),
        _ => None,
    }
}

fn object(standing: &Standing, flags: &[&str]) -> Value {
    let time = |at: Option<Ts>| at.map(Ts::to_rfc3339);
    let pauses: Vec<Value> = standing
        .pauses
        .iter()
        .map(|pause| json!({"from": pause.from.to_rfc3339(), "to": time(pause.to), "reason": pause.reason.as_str(), "party": pause.reason.party().as_str()}))
        .collect();
    let used = standing.used.as_ref().map(|used| {
        used.iter()
            .map(|(holder, us)| json!({"holder": holder.as_str(), "workingSeconds": us / 1_000_000}))
            .collect::<Vec<_>>()
    });
    json!({
        "clock": standing.clock.as_str(),
        "status": standing.status.as_str(),
        "unknown": standing.unknown.map(Unknown::as_str),
        "missingYear": missing_year(standing),
        "startedAt": time(standing.started_at),
        "restarts": standing.restarts,
        "dueAt": time(standing.due_at),
        "endedAt": time(standing.ended_at),
        "pauses": pauses,
        "used": used,
        "calendar": standing.calendar,
        "flags": flags,
        "basis": basis(standing),
    })
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
