//! Arithmetic of working days and working time. Every answer rests on loaded years alone; one that would not is a [`Gap`].

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

use crate::base::time::{DAY_US, Ts};
use crate::domain::calendar::{DayKind, Entry, Session, Version};

/// A date of which no loaded calendar says what it is. Nothing is computed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The first date that was asked for in vain.
    pub date: NaiveDate,
}

impl Gap {
    /// The year that is missing.
    pub fn year(self) -> i32 {
        self.date.year()
    }

    /// What is missing, in English.
    pub fn en(self) -> String {
        format!("no working calendar is loaded for the year {} (asked for {})", self.year(), self.date)
    }

    /// What is missing, in Vietnamese.
    pub fn vi(self) -> String {
        format!("chưa nạp lịch làm việc năm {} (cần ngày {})", self.year(), self.date.format("%d/%m/%Y"))
    }
}

impl std::fmt::Display for Gap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for Gap {}

/// What a date is for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day<'c> {
    /// The date.
    pub date: NaiveDate,
    /// Its hours; none on a day off.
    pub sessions: &'c [Session],
    /// What is said of the date itself.
    pub entry: Option<&'c Entry>,
    /// The version that says so.
    pub version: &'c str,
}

impl Day<'_> {
    /// Whether somebody works.
    pub fn is_working(&self) -> bool {
        !self.sessions.is_empty()
    }
}

/// Every version that is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    versions: Vec<Version>,
}

impl Calendar {
    /// Of these versions, in whatever order they come.
    pub fn of(mut versions: Vec<Version>) -> Self {
        versions.sort_by(|a, b| (a.valid_from, &a.id).cmp(&(b.valid_from, &b.id)));
        Calendar { versions }
    }

    /// The versions, by their first day.
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The working days of everybody, the post, or an agency.
    pub fn days_of<'c>(&'c self, whose: &'c str) -> WorkingDays<'c> {
        WorkingDays { calendar: self, whose }
    }

    /// The version that rules a date: the latest that has begun and knows its year.
    fn ruling(&self, date: NaiveDate) -> Result<&Version, Gap> {
        self.versions.iter().rev().find(|version| version.knows(date)).ok_or(Gap { date })
    }
}

/// The working days of somebody.
#[derive(Debug, Clone, Copy)]
pub struct WorkingDays<'c> {
    calendar: &'c Calendar,
    whose: &'c str,
}

fn at(date: NaiveDate, time: NaiveTime) -> Ts {
    Ts::from_vietnam(NaiveDateTime::new(date, time)).unwrap_or(Ts::from_us(0))
}

/// The first instant of a date in Vietnam.
fn midnight(date: NaiveDate) -> Ts {
    at(date, NaiveTime::MIN)
}

impl<'c> WorkingDays<'c> {
    /// What a date is.
    pub fn day(&self, date: NaiveDate) -> Result<Day<'c>, Gap> {
        let version = self.calendar.ruling(date)?;
        let entry = version.entry(self.whose, date);
        let sessions = match entry {
            Some(Entry { kind: DayKind::Off, .. }) => &[],
            Some(Entry { kind: DayKind::Work, sessions, .. }) => sessions.as_slice(),
            _ => version.of_weekday(self.whose, date.weekday()),
        };
        Ok(Day { date, sessions, entry, version: &version.id })
    }

    /// Whether a date is a working day.
    pub fn is_working(&self, date: NaiveDate) -> Result<bool, Gap> {
        Ok(self.day(date)?.is_working())
    }

    /// The working day so many working days after a date; the date itself does not count (J+n, TT 17 Đ7 k2).
    pub fn after(&self, date: NaiveDate, days: u32) -> Result<NaiveDate, Gap> {
        self.stepped(date, days, NaiveDate::succ_opt)
    }

    /// The working day so many working days before a date.
    pub fn before(&self, date: NaiveDate, days: u32) -> Result<NaiveDate, Gap> {
        self.stepped(date, days, NaiveDate::pred_opt)
    }

    fn stepped(&self, date: NaiveDate, days: u32, step: fn(&NaiveDate) -> Option<NaiveDate>) -> Result<NaiveDate, Gap> {
        let (mut date, mut left) = (date, days);
        while left > 0 {
            date = step(&date).ok_or(Gap { date })?;
            left -= u32::from(self.is_working(date)?);
        }
        Ok(date)
    }

    /// The date itself when it is a working day, else the next one.
    pub fn on_or_after(&self, date: NaiveDate) -> Result<NaiveDate, Gap> {
        if self.is_working(date)? { Ok(date) } else { self.after(date, 1) }
    }

    /// Working days after `from` until `to`, which counts: the inverse of [`after`](Self::after). Negative when `to` is earlier.
    pub fn between(&self, from: NaiveDate, to: NaiveDate) -> Result<i64, Gap> {
        let (first, last, sign) = if from <= to { (from, to, 1) } else { (to, from, -1) };
        let mut days = 0;
        let mut date = first;
        while date < last {
            date = date.succ_opt().ok_or(Gap { date })?;
            days += i64::from(self.is_working(date)?);
        }
        Ok(days * sign)
    }

    /// When the first session of a date begins; its midnight when nobody works.
    pub fn opening(&self, date: NaiveDate) -> Result<Ts, Gap> {
        Ok(self.day(date)?.sessions.first().map_or(midnight(date), |first| at(date, first.opens)))
    }

    /// When the first session of a date has ended; the end of the date when nobody works.
    pub fn first_session_end(&self, date: NaiveDate) -> Result<Ts, Gap> {
        let first = self.day(date)?.sessions.first();
        Ok(first.map_or(midnight(date).plus_us(DAY_US), |first| at(date, first.closes)))
    }

    /// When the last session of a date has ended; the end of the date when nobody works.
    pub fn closing(&self, date: NaiveDate) -> Result<Ts, Gap> {
        let last = self.day(date)?.sessions.last();
        Ok(last.map_or(midnight(date).plus_us(DAY_US), |last| at(date, last.closes)))
    }

    /// From when something counts that came at this instant: at once on a working day until `until` (which counts), else from the
    /// opening of the next working day (the 15:00 rule, NĐ 118 Đ18 k2).
    pub fn counts_from(&self, came: Ts, until: NaiveTime) -> Result<Ts, Gap> {
        let date = came.to_vietnam().date();
        if self.is_working(date)? && came <= at(date, until) {
            return Ok(came);
        }
        self.opening(self.after(date, 1)?)
    }

    /// Working time between two instants, in microseconds; nothing when the second is not later.
    pub fn worked_us(&self, from: Ts, to: Ts) -> Result<i64, Gap> {
        let mut sum = 0;
        let (mut date, last) = (from.to_vietnam().date(), to.to_vietnam().date());
        while from < to && date <= last {
            for session in self.day(date)?.sessions {
                let (opens, closes) = (at(date, session.opens).max(from), at(date, session.closes).min(to));
                sum += closes.us().saturating_sub(opens.us()).max(0);
            }
            date = date.succ_opt().ok_or(Gap { date })?;
        }
        Ok(sum)
    }

    /// The first instant at which so much working time has passed.
    pub fn plus_worked(&self, from: Ts, working_us: i64) -> Result<Ts, Gap> {
        let mut left = working_us;
        let mut date = from.to_vietnam().date();
        if left <= 0 {
            return Ok(from);
        }
        loop {
            for session in self.day(date)?.sessions {
                let opens = at(date, session.opens).max(from);
                let open_us = at(date, session.closes).us().saturating_sub(opens.us()).max(0);
                if left <= open_us {
                    return Ok(opens.plus_us(left));
                }
                left -= open_us;
            }
            date = date.succ_opt().ok_or(Gap { date })?;
        }
    }

    /// The working days from a date on, for who has to count without us: at most so many, and none beyond the loaded years.
    pub fn list(&self, from: NaiveDate, count: usize) -> Vec<NaiveDate> {
        let mut dates = Vec::with_capacity(count);
        let mut date = from;
        while dates.len() < count {
            match (self.is_working(date), date.succ_opt()) {
                (Ok(works), Some(next)) => {
                    dates.extend(works.then_some(date));
                    date = next;
                }
                _ => break,
            }
        }
        dates
    }

    /// The versions that ruled the dates of a span, each once, in order of use: what an answer about the span was computed with.
    pub fn versions_used(&self, from: NaiveDate, to: NaiveDate) -> Result<Vec<&'c str>, Gap> {
        let mut used: Vec<&'c str> = Vec::new();
        let (mut date, last) = (from.min(to), from.max(to));
        loop {
            let id = self.calendar.ruling(date)?.id.as_str();
            if !used.contains(&id) {
                used.push(id);
            }
            if date >= last {
                return Ok(used);
            }
            date = date.succ_opt().ok_or(Gap { date })?;
        }
    }
}
