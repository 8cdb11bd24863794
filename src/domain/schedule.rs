//! When a report of a period is due: on the n-th working day after the period, at a time of day. Periods follow each other without a gap, so
//! what is due is a walk back from today to the instant since which somebody wants them; nothing is remembered but what was done.

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use crate::base::time::{Ts, parse_date};
use crate::domain::calendar::{Gap, WorkingDays};
use crate::domain::leg::words;

words! {
    /// Of which days a report is made, again and again.
    Every {
        /// A day.
        Yesterday = "YESTERDAY",
        /// A week, Monday to Sunday.
        LastWeek = "LAST_WEEK",
        /// A month.
        LastMonth = "LAST_MONTH",
        /// A quarter.
        LastQuarter = "LAST_QUARTER",
        /// Half a year.
        LastHalf = "LAST_HALF",
        /// A year.
        LastYear = "LAST_YEAR",
    }
}

/// The days of one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
}

impl Every {
    /// How many months a period has; none for those that do not count in months.
    fn months(self) -> Option<u32> {
        match self {
            Every::Yesterday | Every::LastWeek => None,
            Every::LastMonth => Some(1),
            Every::LastQuarter => Some(3),
            Every::LastHalf => Some(6),
            Every::LastYear => Some(12),
        }
    }

    /// The period that a date lies in; none only at the end of all dates.
    pub fn containing(self, date: NaiveDate) -> Option<Span> {
        if let Some(months) = self.months() {
            let from = NaiveDate::from_ymd_opt(date.year(), date.month0() / months * months + 1, 1)?;
            return Some(Span { from, until: from.checked_add_months(Months::new(months))? });
        }
        let (from, days) = match self {
            Every::LastWeek => (date.week(Weekday::Mon).checked_first_day()?, 7),
            _ => (date, 1),
        };
        Some(Span { from, until: from.checked_add_days(chrono::Days::new(days))? })
    }

    /// The period before one.
    pub fn before(self, span: Span) -> Option<Span> {
        self.containing(span.from.pred_opt()?)
    }

    /// The last period that is over on a date.
    pub fn last_over(self, today: NaiveDate) -> Option<Span> {
        self.before(self.containing(today)?)
    }

    /// What a period is called: short, ASCII, and in the order of time; such as `2026-10`, `2026-Q3`, `2026-W45`.
    pub fn name(self, span: Span) -> String {
        let (year, month0) = (span.from.year(), span.from.month0());
        match self {
            Every::Yesterday => span.from.to_string(),
            Every::LastWeek => span.from.format("%G-W%V").to_string(),
            Every::LastMonth => format!("{year}-{:02}", month0 + 1),
            Every::LastQuarter => format!("{year}-Q{}", month0 / 3 + 1),
            Every::LastHalf => format!("{year}-H{}", month0 / 6 + 1),
            Every::LastYear => year.to_string(),
        }
    }

    /// Reads the name of a period, exactly.
    pub fn parse_name(self, text: &str) -> Option<Span> {
        let year = |text: &str| text.parse().ok().filter(|year| (2000..=2099).contains(year));
        let part = |letter: &str| {
            let (of, number) = text.split_once(&format!("-{letter}"))?;
            Some((year(of)?, number.parse::<u32>().ok()?))
        };
        let month = |(year, month)| NaiveDate::from_ymd_opt(year, month, 1);
        let first = match self {
            Every::Yesterday => parse_date(text),
            Every::LastWeek => part("W").and_then(|(year, week)| NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)),
            Every::LastMonth => part("").and_then(month),
            Every::LastQuarter => part("Q").and_then(|(year, at)| month((year, at.checked_mul(3)?.checked_sub(2)?))),
            Every::LastHalf => part("H").and_then(|(year, at)| month((year, at.checked_mul(6)?.checked_sub(5)?))),
            Every::LastYear => year(text).and_then(|year| month((year, 1))),
        };
        let span = self.containing(first?)?;
        (self.name(span) == text).then_some(span)
    }
}

/// When in the days after a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// On this working day, counted from the first day after the period; 1 is the first.
    pub working_day: u32,
    /// At this time in Vietnam.
    pub time: NaiveTime,
}

impl When {
    /// When the report of a period is due.
    pub fn due(self, span: Span, days: &WorkingDays<'_>) -> Result<Ts, Gap> {
        let first = days.on_or_after(span.until)?;
        let date = days.after(first, self.working_day.saturating_sub(1))?;
        Ok(Ts::from_vietnam(NaiveDateTime::new(date, self.time)).unwrap_or(Ts::from_us(i64::MAX)))
    }
}

/// How a period stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its report is due since then.
    Due(Ts),
    /// It will be due then.
    Later(Ts),
    /// Nobody knows when: the calendar of that year is not loaded.
    Unknown(Gap),
}

/// A period with how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Which.
    pub span: Span,
    /// How it stands.
    pub standing: Standing,
}

/// Days after a period beyond which its report is due whatever the calendar says: fifteen working days with Tết in between are fewer.
const SETTLED_DAYS: u64 = 60;

/// Every period whose report falls due after `since`, the newest first: the one that `now` lies in, and those before it.
pub fn turns(every: Every, when: When, days: &WorkingDays<'_>, since: Ts, now: Ts) -> Vec<Turn> {
    let mut turns = Vec::new();
    let first_day = since.to_vietnam().date();
    let oldest = first_day.checked_sub_days(chrono::Days::new(SETTLED_DAYS)).unwrap_or(first_day);
    let mut next = every.containing(now.to_vietnam().date());
    while let Some(span) = next.filter(|span| span.until > oldest) {
        let standing = match when.due(span, days) {
            // Later periods fall due later: whatever lies before this one was due before anybody asked.
            Ok(due) if due <= since => break,
            Ok(due) if due <= now => Standing::Due(due),
            Ok(due) => Standing::Later(due),
            // Of a period that was over before anybody asked, nothing is missed.
            Err(_) if span.until <= first_day => break,
            Err(gap) => Standing::Unknown(gap),
        };
        turns.push(Turn { span, standing });
        next = every.before(span);
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::DAY_US;
    use crate::domain::calendar::EVERYBODY;
    use crate::domain::calendar::sample::{calendar, date, ts};
    use proptest::prelude::*;

    fn when(working_day: u32, time: &str) -> When {
        When { working_day, time: NaiveTime::parse_from_str(time, "%H:%M").unwrap() }
    }

    fn span(from: &str, until: &str) -> Span {
        Span { from: date(from), until: date(until) }
    }

    #[test]
    fn the_second_working_day_leaves_out_what_nobody_works_on() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let due = |n, until: &str| when(n, "07:00").due(span("2025-06-01", until), &days).unwrap();
        // 1/11/2026 is a Sunday, 1/12 a Tuesday.
        assert_eq!(due(2, "2026-11-01"), ts("2026-11-03T07:00:00"));
        assert_eq!(due(1, "2026-12-01"), ts("2026-12-01T07:00:00"));
        assert_eq!(due(2, "2026-12-01"), ts("2026-12-02T07:00:00"));
        // 1 and 2/1/2026 are days off, and the Saturday of 10/1 is worked.
        assert_eq!(due(1, "2026-01-01"), ts("2026-01-05T07:00:00"));
        assert_eq!(due(6, "2026-01-01"), ts("2026-01-10T07:00:00"));
        // A week that ends on the eve of Tết: 16 to 20/2/2026 are days off.
        assert_eq!(due(1, "2026-02-16"), ts("2026-02-23T07:00:00"));
        // The days of Tết themselves: each has its report, all on the first morning.
        assert_eq!(due(1, "2026-02-18"), ts("2026-02-23T07:00:00"));
    }

    #[test]
    fn a_year_that_is_not_loaded_is_told_and_not_guessed() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let december = span("2026-12-01", "2027-01-01");
        let gap = when(2, "07:00").due(december, &days).unwrap_err();
        assert_eq!(gap.year(), 2027);
        let turns =
            turns(Every::LastMonth, when(2, "07:00"), &days, ts("2026-11-22T08:00:00"), ts("2027-02-10T08:00:00"));
        let told: Vec<(String, bool)> = turns
            .iter()
            .map(|turn| (Every::LastMonth.name(turn.span), matches!(turn.standing, Standing::Unknown(_))))
            .collect();
        let wanted = [("2027-02", true), ("2027-01", true), ("2026-12", true), ("2026-11", false)];
        assert_eq!(told, wanted.map(|(name, unknown)| (name.to_owned(), unknown)));
        assert_eq!(turns[3].standing, Standing::Due(ts("2026-12-02T07:00:00")));
    }

    #[test]
    fn what_was_due_before_anybody_asked_is_no_turn() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let of = |since: &str, now: &str| -> Vec<(String, Standing)> {
            let turns = turns(Every::LastMonth, when(2, "07:00"), &days, ts(since), ts(now));
            turns.into_iter().map(|turn| (Every::LastMonth.name(turn.span), turn.standing)).collect()
        };
        let later = |at: &str| Standing::Later(ts(at));
        let due = |at: &str| Standing::Due(ts(at));
        assert_eq!(
            of("2026-11-22T08:00:00", "2026-11-22T08:00:00"),
            [("2026-11".to_owned(), later("2026-12-02T07:00:00"))]
        );
        // Asked for on the first working day: the month before is still to come.
        assert_eq!(
            of("2026-11-02T08:00:00", "2026-11-02T08:00:00"),
            [
                ("2026-11".to_owned(), later("2026-12-02T07:00:00")),
                ("2026-10".to_owned(), later("2026-11-03T07:00:00"))
            ]
        );
        assert_eq!(of("2026-11-02T08:00:00", "2026-11-03T07:00:00")[1].1, due("2026-11-03T07:00:00"));
        assert_eq!(of("2026-11-03T07:00:00", "2026-11-03T07:00:00").len(), 1, "due at that instant is before");
    }

    #[test]
    fn periods_have_names_that_can_be_read_back() {
        for (every, day, name) in [
            (Every::Yesterday, "2026-11-21", "2026-11-21"),
            (Every::LastWeek, "2026-11-08", "2026-W45"),
            (Every::LastWeek, "2027-01-02", "2026-W53"),
            (Every::LastMonth, "2026-10-31", "2026-10"),
            (Every::LastQuarter, "2026-07-01", "2026-Q3"),
            (Every::LastHalf, "2026-12-31", "2026-H2"),
            (Every::LastYear, "2026-05-05", "2026"),
        ] {
            let span = every.containing(date(day)).unwrap();
            assert_eq!(every.name(span), name);
            assert_eq!(every.parse_name(name), Some(span), "{name}");
            for bad in ["2026-13", "2026-Q0", "2026-Q5", "2026-H3", "2026-W54", "26", "2026-1", "x", "", "2026-00"] {
                assert_eq!(every.parse_name(bad), None, "{every}: {bad}");
            }
        }
    }

    proptest! {
        #[test]
        fn periods_follow_each_other_without_a_gap(kind in 0..6_usize, day in 0..3650_u64) {
            let every = Every::ALL[kind];
            let day = date("2020-01-01").checked_add_days(chrono::Days::new(day)).unwrap();
            let span = every.containing(day).unwrap();
            prop_assert!(span.from <= day && day < span.until);
            prop_assert_eq!(every.before(span).unwrap().until, span.from);
            prop_assert_eq!(every.parse_name(&every.name(span)), Some(span));
            prop_assert!(every.last_over(day).unwrap().until <= day);
        }

        #[test]
        fn a_report_is_due_on_its_working_day_and_every_turn_once(
            kind in 0..6_usize, n in 1..16_u32, began in 0..500_i64, later in 0..200_i64,
        ) {
            let every = Every::ALL[kind];
            let calendar = calendar();
            let days = calendar.days_of(EVERYBODY);
            let when = when(n, "07:00");
            let since = ts("2025-02-01T12:00:00").plus_us(began * DAY_US);
            let now = since.plus_us(later * DAY_US);
            let turns = turns(every, when, &days, since, now);
            for pair in turns.windows(2) {
                prop_assert_eq!(pair[1].span.until, pair[0].span.from, "no period is left out");
            }
            for turn in &turns {
                let (Standing::Due(due) | Standing::Later(due)) = turn.standing else { continue };
                prop_assert!(due > since);
                prop_assert_eq!(matches!(turn.standing, Standing::Due(_)), due <= now);
                let on = due.to_vietnam().date();
                prop_assert!(days.is_working(on).unwrap() && on >= turn.span.until);
                prop_assert_eq!(days.between(turn.span.until.pred_opt().unwrap(), on).unwrap(), i64::from(n));
            }
            // What was made once is no turn after it: whoever asks later sees the rest alone.
            let rest = super::turns(every, when, &days, now, now);
            prop_assert!(rest.iter().all(|turn| !matches!(turn.standing, Standing::Due(_))));
        }
    }
}
