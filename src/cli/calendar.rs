//! `giaonhan calendar`: the working calendar, loaded, checked and shown.

use std::path::Path;

use chrono::{Datelike, NaiveDate};
use serde_json::json;

use crate::app::calendar::{self, Loaded, NotLoaded};
use crate::app::people::Doing;
use crate::cli::args::{CalendarCommand, StoreArgs};
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::domain::calendar::{Calendar, Day, Entry, Gap, Version, write_sessions};
use crate::wire;

pub(super) fn calendar(store: &StoreArgs, command: CalendarCommand, out: Out) -> Result<(), Failure> {
    match command {
        CalendarCommand::Load { file } => load(store, &file, out),
        CalendarCommand::Check { file } => {
            let version = wire::calendar::read(&text(&file)?)
                .map_err(|faults| refused(&file, &NotLoaded::Faults(faults), out))?;
            told(&version, "OK", out);
            Ok(())
        }
        CalendarCommand::Show { year: None, .. } => versions(store, out),
        CalendarCommand::Show { year: Some(year), whose } => show(store, year, &whose, out),
    }
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::environment(format!("cannot read {}: {error}", file.display())))
}

fn load(store: &StoreArgs, file: &Path, out: Out) -> Result<(), Failure> {
    let doing = Doing { person: None, request_id: "cli" };
    match calendar::load(&app(store)?, &text(file)?, doing) {
        Ok(Loaded::Added(version)) => told(&version, "LOADED", out),
        Ok(Loaded::Known(version)) => told(&version, "KNOWN", out),
        Err(NotLoaded::Failed(error)) => return Err(error.into()),
        Err(why) => return Err(refused(file, &why, out)),
    }
    Ok(())
}

fn refused(file: &Path, why: &NotLoaded, out: Out) -> Failure {
    for (line, en, _) in why.lines() {
        let place = line.map_or(String::new(), |line| format!("{line}: "));
        out.result(&json!({"line": line, "problem": en}), &format!("{}:{place}{en}", file.display()));
    }
    Failure::No(String::new())
}

fn told(version: &Version, outcome: &str, out: Out) {
    let years: Vec<i32> = version.years.keys().copied().collect();
    let days: usize = version.whose.values().map(|whose| whose.days.len()).sum();
    out.result(
        &json!({"version": version.id, "validFrom": version.valid_from.to_string(), "years": years, "days": days, "outcome": outcome}),
        &format!("{outcome} {}: from {}, years {years:?}, {days} dates", version.id, version.valid_from),
    );
}

fn versions(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    for version in calendar::current(&app(store)?)?.versions() {
        for (year, source) in &version.years {
            out.result(
                &json!({"version": version.id, "validFrom": version.valid_from.to_string(), "year": year, "source": source}),
                &format!("{year}  {} (from {})  {source}", version.id, version.valid_from),
            );
        }
    }
    Ok(())
}

/// The dates of a year that are not as the week says.
fn show(store: &StoreArgs, year: i32, whose: &str, out: Out) -> Result<(), Failure> {
    let calendar = calendar::current(&app(store)?)?;
    let told = said_of_year(&calendar, year, whose).map_err(|gap| Failure::No(gap.en()))?;
    for (day, entry) in told {
        let (kind, sessions) = (entry.kind.as_str(), write_sessions(day.sessions));
        out.result(
            &json!({"date": day.date.to_string(), "kind": kind, "sessions": sessions, "name": entry.name, "version": day.version}),
            &format!("{} {}  {kind:<6}  {sessions:<23}  {} ({})", day.date, day.date.weekday(), entry.name, day.version),
        );
    }
    Ok(())
}

fn said_of_year<'c>(calendar: &'c Calendar, year: i32, whose: &'c str) -> Result<Vec<(Day<'c>, &'c Entry)>, Gap> {
    let days = calendar.days_of(whose);
    let mut said = Vec::new();
    let mut date = NaiveDate::from_ymd_opt(year, 1, 1);
    while let Some(at) = date.filter(|date| date.year() == year) {
        let day = days.day(at)?;
        said.extend(day.entry.map(|entry| (day, entry)));
        date = at.succ_opt();
    }
    Ok(said)
}
