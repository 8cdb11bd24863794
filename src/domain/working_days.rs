//! Working days: Monday to Friday (Bộ luật Lao động Đ105). Public holidays need a calendar that each year decrees; without one a
//! promise may end on a holiday, never too late.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Whether a date is a working day.
pub fn is_working(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The working day so many working days after a date.
pub fn after(date: NaiveDate, days: u32) -> NaiveDate {
    stepped(date, days, NaiveDate::checked_add_days)
}

/// The working day so many working days before a date.
pub fn before(date: NaiveDate, days: u32) -> NaiveDate {
    stepped(date, days, NaiveDate::checked_sub_days)
}

fn stepped(date: NaiveDate, days: u32, step: fn(NaiveDate, Days) -> Option<NaiveDate>) -> NaiveDate {
    let (mut date, mut left) = (date, days);
    while left > 0 {
        let Some(next) = step(date, Days::new(1)) else { return date };
        date = next;
        left -= u32::from(is_working(date));
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        crate::base::time::parse_date(text).unwrap()
    }

    #[test]
    fn week_ends_do_not_count() {
        for (from, days, to) in [
            ("2026-11-19", 1, "2026-11-20"),
            ("2026-11-20", 1, "2026-11-23"),
            ("2026-11-21", 1, "2026-11-23"),
            ("2026-11-20", 2, "2026-11-24"),
            ("2026-11-20", 0, "2026-11-20"),
        ] {
            assert_eq!(after(date(from), days), date(to), "{from} + {days}");
        }
        assert_eq!(before(date("2026-11-23"), 1), date("2026-11-20"));
        assert_eq!(before(date("2026-11-22"), 2), date("2026-11-19"));
    }
}
