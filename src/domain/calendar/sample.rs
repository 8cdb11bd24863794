//! The calendar that tests of the rules count with: the days of domain 8, by hand.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::base::time::{Ts, parse_date};
use crate::domain::calendar::{Calendar, DayKind, EVERYBODY, Entry, Version, WhoseDays, read_sessions};

const OFF: &str = "2025-01-01 2025-01-27 2025-01-28 2025-01-29 2025-01-30 2025-01-31 2025-04-07 2025-04-30 2025-05-01 2025-05-02 2025-09-01 \
    2025-09-02 2026-01-01 2026-01-02 2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-02-20 2026-04-27 2026-04-30 2026-05-01 2026-08-31 \
    2026-09-01 2026-09-02";
const WORK: &str = "2025-04-26 2026-01-10 2026-08-22";
const HOURS: &str = "07:00-11:30,13:30-17:00";

/// A date from `YYYY-MM-DD`.
pub fn date(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

/// An instant in Vietnam from `YYYY-MM-DDTHH:MM:SS`.
pub fn ts(text: &str) -> Ts {
    Ts::parse_rfc3339(&format!("{text}+07:00")).unwrap()
}

/// 2025 and 2026, as one version.
pub fn version() -> Version {
    let hours = read_sessions(HOURS).unwrap();
    let entry = |kind, sessions| Entry { kind, sessions, name: String::new() };
    let off = OFF.split_whitespace().map(|day| (date(day), entry(DayKind::Off, Vec::new())));
    let work = WORK.split_whitespace().map(|day| (date(day), entry(DayKind::Work, hours.clone())));
    let days = WhoseDays { week: (1..=5).map(|day| (day, hours.clone())).collect(), days: off.chain(work).collect() };
    Version {
        id: "sample".to_owned(),
        valid_from: date("2025-01-01"),
        years: [(2025, String::new()), (2026, String::new())].into(),
        whose: BTreeMap::from([(EVERYBODY.to_owned(), days)]),
    }
}

/// The same as a calendar.
pub fn calendar() -> Calendar {
    Calendar::of(vec![version()])
}
