//! One version of the calendar: whole, from its first day on in place of the version before it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::domain::calendar::{DayKind, EVERYBODY, Session};

/// A date of which more is known than the week tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: DayKind,
    /// Its hours, when it is a working day by decree.
    pub sessions: Vec<Session>,
    /// What it is called, as people say it.
    pub name: String,
}

/// The days of everybody, of the post, or of one agency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WhoseDays {
    /// Hours by weekday, Monday 1 to Sunday 7; a weekday that is not there is for everybody's week to say.
    pub week: BTreeMap<u32, Vec<Session>>,
    /// Single dates.
    pub days: BTreeMap<NaiveDate, Entry>,
}

/// A version, as one file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its name.
    pub id: String,
    /// The first day that it rules.
    pub valid_from: NaiveDate,
    /// The years that it knows, each with where that is decreed.
    pub years: BTreeMap<i32, String>,
    /// Days by whose they are.
    pub whose: BTreeMap<String, WhoseDays>,
}

impl Version {
    /// Whether it says what this date is.
    pub fn knows(&self, date: NaiveDate) -> bool {
        self.valid_from <= date && self.years.contains_key(&date.year())
    }

    /// What is said of a date itself: somebody's own word before everybody's.
    pub fn entry(&self, whose: &str, date: NaiveDate) -> Option<&Entry> {
        let of = |name: &str| self.whose.get(name).and_then(|days| days.days.get(&date));
        of(whose).or_else(|| of(EVERYBODY))
    }

    /// The hours of a weekday: somebody's own before everybody's; none when nobody works.
    pub fn of_weekday(&self, whose: &str, weekday: Weekday) -> &[Session] {
        let of = |name: &str| {
            self.whose.get(name).and_then(|days| days.week.get(&weekday.number_from_monday())).map(Vec::as_slice)
        };
        of(whose).or_else(|| of(EVERYBODY)).unwrap_or_default()
    }
}
