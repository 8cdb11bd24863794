//! Spans of sums: days, halves of months and years, and which of them make up a stretch of days.
//!
//! Months are halved at the fifteenth, since periods of reports begin on it (NĐ 09/2019 Đ12): a year that runs from 15 December to
//! 14 December is one year and two halves.

use chrono::{Datelike, Days, Months, NaiveDate};

/// A stretch of days, and the day on which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// The day of the cut: what runs is missed when it fell due before it.
    pub as_of: NaiveDate,
}

impl Stretch {
    /// The part that was over on the day of the cut.
    pub fn over(self) -> Self {
        Stretch { until: self.until.min(self.as_of), ..self }
    }
}

/// How long a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A year: `2026`.
    Year,
    /// The days 1 to 14 of a month, or those from 15 on: `2026-11/1`, `2026-11/2`.
    Half,
    /// A day: `2026-11-22`.
    Day,
}

/// A span whose sums are added, or taken away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signed {
    /// Its name.
    pub span: String,
    /// Whether they are taken away.
    pub minus: bool,
}

const SECOND_HALF_FROM: u32 = 15;

impl Level {
    /// The name of the span that a day lies in.
    pub fn name(self, day: NaiveDate) -> String {
        match self {
            Level::Year => format!("{:04}", day.year()),
            Level::Half => {
                let half = if day.day() < SECOND_HALF_FROM { 1 } else { 2 };
                format!("{:04}-{:02}/{half}", day.year(), day.month())
            }
            Level::Day => day.to_string(),
        }
    }

    fn finer(self) -> Level {
        match self {
            Level::Year => Level::Half,
            Level::Half | Level::Day => Level::Day,
        }
    }

    /// First day of the span that a day lies in, and the day after its last.
    fn bounds(self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let first = day.with_day(1)?;
        Some(match self {
            Level::Year => {
                let first = NaiveDate::from_ymd_opt(day.year(), 1, 1)?;
                (first, first.checked_add_months(Months::new(12))?)
            }
            Level::Half if day.day() < SECOND_HALF_FROM => (first, first.with_day(SECOND_HALF_FROM)?),
            Level::Half => (first.with_day(SECOND_HALF_FROM)?, first.checked_add_months(Months::new(1))?),
            Level::Day => (day, day.checked_add_days(Days::new(1))?),
        })
    }
}

/// The spans that a day is summed in.
pub fn spans_of(day: NaiveDate) -> [String; 3] {
    [Level::Year, Level::Half, Level::Day].map(|level| level.name(day))
}

/// The fewest spans of this length and shorter whose signed sums are those of the days from `from` until `until`.
pub fn cover(coarsest: Level, from: NaiveDate, until: NaiveDate) -> Vec<Signed> {
    let (mut spans, mut day) = (Vec::new(), from);
    while day < until {
        let Some((first, end)) = coarsest.bounds(day) else { break };
        let whole = Signed { span: coarsest.name(day), minus: false };
        if first >= from && end <= until {
            spans.push(whole);
        } else {
            let (inner_from, inner_until) = (first.max(from), end.min(until));
            let finer = coarsest.finer();
            let inside = cover(finer, inner_from, inner_until);
            let mut outside = cover(finer, first, inner_from);
            outside.extend(cover(finer, inner_until, end));
            if outside.len() + 1 < inside.len() {
                spans.push(whole);
                spans.extend(outside.into_iter().map(|signed| Signed { minus: !signed.minus, ..signed }));
            } else {
                spans.extend(inside);
            }
        }
        day = end;
    }
    spans
}
