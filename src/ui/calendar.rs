//! The working calendar of a year, its versions, and the file of a further one: read by oversight, loaded by the administrator.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use minijinja::{Value, context};

use crate::app::calendar::{self, Loaded, NotLoaded};
use crate::app::people;
use crate::domain::calendar::{Calendar, Day, DayKind, EVERYBODY, Gap, WorkingDays, write_sessions};
use crate::domain::person::{Right, Role};
use crate::report::numbers;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, again, html, see, value};
use crate::ui::routes::{Needs, Place, Route, get, post};
use crate::ui::words::words;
use crate::wire;

/// Its place in the main list.
pub const PLACE: Place = Place {
    path: "/calendar",
    icon: "clock",
    vi: "Lịch làm việc",
    en: "Calendar",
    needs: Right::Oversight,
    roles: &[Role::Oversight, Role::Administrator],
};

/// The routes of this part.
pub const ROUTES: &[Route] =
    &[get("/calendar", Needs::Right(Right::Oversight), show), post("/calendar", Needs::Right(Right::Accounts), take)];

fn show(ask: &Ask) -> Result<Page, Stop> {
    html("calendar.html", values(ask, "", &[], None)?)
}

/// Checks a file, or loads it.
fn take(ask: &Ask) -> Result<Page, Stop> {
    let text = ask.form.raw("text").replace("\r\n", "\n");
    if ask.form.get("act") == "check" {
        return match wire::calendar::read(&text) {
            Ok(version) => html("calendar.html", values(ask, &text, &[], Some(&version.id))?),
            Err(faults) => again("calendar.html", values(ask, &text, &NotLoaded::Faults(faults).lines(), None)?),
        };
    }
    match calendar::load(ask.app(), &text, ask.doing()) {
        Ok(Loaded::Added(version) | Loaded::Known(version)) => {
            let year = version.years.keys().next_back().copied().unwrap_or_default();
            see(format!("/calendar?year={year}&loaded={}", version.id))
        }
        Err(NotLoaded::Failed(error)) => Err(error.into()),
        Err(why) => again("calendar.html", values(ask, &text, &why.lines(), None)?),
    }
}

type Wrong = (Option<usize>, String, String);

fn values(ask: &Ask, text: &str, wrong: &[Wrong], fits: Option<&str>) -> Result<Value, Stop> {
    let calendar = calendar::current(ask.app())?;
    let today = ask.app().now().to_vietnam().date();
    let year = ask.query.get("year").parse().ok().filter(|year| (2000..=2099).contains(year)).unwrap_or(today.year());
    let whose = ask.query.some("whose").unwrap_or(EVERYBODY);
    let of_year = months(ask, &calendar.days_of(whose), year);
    let wrong: Vec<Value> = wrong.iter().map(|(line, en, vi)| context! { line, text => ask.t(vi, en) }).collect();
    let loaded = ask.query.get("loaded");
    Ok(context! {
        year,
        whose,
        everybody => EVERYBODY,
        years => years(&calendar, today.year()),
        owners => owners(ask, &calendar),
        versions => versions(ask, &calendar)?,
        months => of_year.as_ref().ok(),
        unknown => of_year.as_ref().err().map(|gap| ask.t(&gap.vi(), &gap.en()).to_owned()),
        may_load => ask.may(Right::Accounts),
        text,
        wrong,
        fits,
        loaded => calendar.versions().iter().find(|version| version.id == loaded).map(|version| version.id.as_str()),
    })
}

/// The years to choose from: those that some version knows, this one, and the next.
fn years(calendar: &Calendar, this: i32) -> Vec<i32> {
    let known = calendar.versions().iter().flat_map(|version| version.years.keys().copied());
    known.chain([this, this + 1]).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Who has days of their own.
fn owners(ask: &Ask, calendar: &Calendar) -> Vec<Value> {
    let named = calendar.versions().iter().flat_map(|version| version.whose.keys());
    let all: BTreeSet<&str> = named.map(String::as_str).chain([EVERYBODY]).collect();
    all.into_iter()
        .map(|owner| {
            let text = match owner {
                EVERYBODY => ask.t("Mọi nơi", "Everybody"),
                crate::domain::calendar::POST => ask.t("Bưu điện", "The post"),
                agency => agency,
            };
            context! { code => owner, text }
        })
        .collect()
}

fn versions(ask: &Ask, calendar: &Calendar) -> Result<Vec<Value>, Stop> {
    let rows = calendar::versions(ask.app())?;
    let mut shown = Vec::with_capacity(rows.len());
    for row in &rows {
        let Some(version) = calendar.versions().iter().find(|version| version.id == row.id) else { continue };
        let by = match &row.loaded_by {
            Some(id) => people::name_of(ask.app(), id)?,
            None => None,
        };
        let sources: Vec<Value> = version.years.iter().map(|(year, source)| context! { year, source }).collect();
        shown.push(context! {
            id => &row.id,
            valid_from => numbers::date(version.valid_from),
            sources,
            loaded_at_us => row.loaded_at_us,
            by => by.unwrap_or_else(|| ask.t("có sẵn hoặc dòng lệnh", "built in, or command line").to_owned()),
        });
    }
    Ok(shown)
}

/// Twelve months: how many working days, and the dates of which more is said than the week tells.
fn months(ask: &Ask, days: &WorkingDays<'_>, year: i32) -> Result<Vec<Value>, Gap> {
    let mut months = Vec::with_capacity(12);
    for month in 1..=12 {
        let (mut working, mut said) = (0, Vec::new());
        let mut date = NaiveDate::from_ymd_opt(year, month, 1);
        while let Some(at) = date.filter(|date| date.month() == month) {
            let day = days.day(at)?;
            working += i64::from(day.is_working());
            said.extend(told(ask, &day));
            date = at.succ_opt();
        }
        months.push(context! { month, working, days => value(&said) });
    }
    Ok(months)
}

fn told(ask: &Ask, day: &Day<'_>) -> Option<serde_json::Value> {
    let entry = day.entry?;
    let (kind, icon) = match entry.kind {
        DayKind::Off => (ask.t("Nghỉ", "Off"), "minus"),
        DayKind::Work => (ask.t("Làm việc", "Working"), "ok"),
        DayKind::Unsure => (ask.t("Chưa chắc, tính như thường", "Not confirmed, counts as usual"), "warn"),
    };
    Some(serde_json::json!({
        "date": numbers::date(day.date),
        "weekday": words("weekday", &day.date.weekday().to_string(), ask.lang),
        "kind": kind,
        "icon": icon,
        "sessions": write_sessions(day.sessions).replace(',', ", "),
        "name": entry.name,
        "version": day.version,
    }))
}
