//! Instants as UTC microseconds, dates, and the only clock of the program.
//!
//! People see Asia/Ho_Chi_Minh, which is UTC+7 without daylight saving (domain 6.2), so a fixed offset is exact.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, Timelike};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const VIETNAM_OFFSET_S: i32 = 7 * 3600;

/// One second in microseconds.
pub const SECOND_US: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// One hour in microseconds.
pub const HOUR_US: i64 = 60 * MINUTE_US;
/// One day in microseconds.
pub const DAY_US: i64 = 24 * HOUR_US;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ts(i64);

impl Ts {
    /// From microseconds since the epoch.
    pub const fn from_us(us: i64) -> Self {
        Ts(us)
    }

    /// Microseconds since the epoch.
    pub const fn us(self) -> i64 {
        self.0
    }

    /// This instant moved by so many microseconds.
    pub const fn plus_us(self, us: i64) -> Self {
        Ts(self.0.saturating_add(us))
    }

    /// Reads RFC 3339 with an offset: `T` and `Z` in upper case, 0 to 6 fraction digits, a date that exists, years
    /// 2000 to 2099, no leap second. A time without an offset is refused (contract 1).
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape_ok = bytes.len() >= 20
            && bytes.get(10) == Some(&b'T')
            && !text.contains(['z', 't', ' '])
            && text.get(19..).is_some_and(fraction_and_offset_ok)
            && bytes.get(17..19) != Some(b"60".as_slice());
        if !shape_ok {
            return None;
        }
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        (2000..=2099).contains(&time.year()).then(|| Ts(time.timestamp_micros()))
    }

    /// From a date and a time of day in Vietnam.
    pub fn from_vietnam(local: NaiveDateTime) -> Option<Self> {
        let zone = FixedOffset::east_opt(VIETNAM_OFFSET_S)?;
        local.and_local_timezone(zone).single().map(|time| Ts(time.timestamp_micros()))
    }

    /// The date and time of day in Vietnam.
    pub fn to_vietnam(self) -> NaiveDateTime {
        let shifted = self.0.saturating_add(i64::from(VIETNAM_OFFSET_S) * SECOND_US);
        DateTime::from_timestamp_micros(shifted).unwrap_or_default().naive_utc()
    }

    /// RFC 3339 with `+07:00` and as many fraction digits as needed, up to six.
    pub fn to_rfc3339(self) -> String {
        let zone = FixedOffset::east_opt(VIETNAM_OFFSET_S);
        let utc = DateTime::from_timestamp_micros(self.0).unwrap_or_default();
        let Some(zone) = zone else { return utc.to_rfc3339() };
        let local = utc.with_timezone(&zone);
        if local.nanosecond() == 0 {
            return local.to_rfc3339_opts(SecondsFormat::Secs, false);
        }
        let text = local.to_rfc3339_opts(SecondsFormat::Micros, false);
        match (text.get(..26), text.get(26..)) {
            (Some(head), Some(offset)) => format!("{}{offset}", head.trim_end_matches('0')),
            _ => text,
        }
    }
}

fn fraction_and_offset_ok(tail: &str) -> bool {
    let (fraction, offset) = match tail.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            ((1..=6).contains(&digits), rest.get(digits..).unwrap_or_default())
        }
        None => (true, tail),
    };
    fraction && (offset == "Z" || (offset.len() == 6 && offset.starts_with(['+', '-'])))
}

/// A calendar date in Vietnam from `YYYY-MM-DD`, years 2000 to 2099.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    if text.len() != 10 {
        return None;
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    ((2000..=2099).contains(&date.year()) && date.format("%Y-%m-%d").to_string() == text).then_some(date)
}

/// The clock: the system's, or one that a test moves by hand.
#[derive(Clone, Default)]
pub struct Clock {
    fixed_us: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is moved.
    pub fn fixed(at: Ts) -> Self {
        Clock { fixed_us: Some(Arc::new(AtomicI64::new(at.us()))) }
    }

    /// Moves a fixed clock forward; the system's clock is not ours to move.
    pub fn advance_us(&self, us: i64) {
        if let Some(fixed) = &self.fixed_us {
            fixed.fetch_add(us, Ordering::SeqCst);
        }
    }

    /// Now.
    pub fn now(&self) -> Ts {
        match &self.fixed_us {
            Some(fixed) => Ts(fixed.load(Ordering::SeqCst)),
            None => Ts(chrono::Utc::now().timestamp_micros()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_rfc3339_with_an_offset() {
        let at = |text: &str| Ts::parse_rfc3339(text).map(Ts::us);
        assert_eq!(at("2026-11-23T08:12:45+07:00"), at("2026-11-23T01:12:45Z"));
        assert_eq!(at("2026-11-23T01:12:45.5Z"), at("2026-11-23T01:12:45Z").map(|us| us + 500_000));
        for bad in [
            "2026-11-23T08:12:45",
            "2026-11-23 08:12:45+07:00",
            "2026-11-23T08:12:45z",
            "2026-11-23T08:12:60Z",
            "2026-11-31T08:12:45Z",
            "2026-11-23T08:12:45.1234567Z",
            "2026-11-23T08:12:45.Z",
            "2026-11-23T08:12:45+0700",
            "23/11/2026 08:12",
            "1999-12-31T00:00:00Z",
            "",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn prints_vietnam_time_with_the_digits_it_needs() {
        let text = |text: &str| Ts::parse_rfc3339(text).unwrap().to_rfc3339();
        assert_eq!(text("2026-11-23T01:12:45Z"), "2026-11-23T08:12:45+07:00");
        assert_eq!(text("2026-11-23T01:12:45.120456Z"), "2026-11-23T08:12:45.120456+07:00");
        assert_eq!(text("2026-11-23T01:12:45.480Z"), "2026-11-23T08:12:45.48+07:00");
    }

    #[test]
    fn dates_must_exist() {
        assert!(parse_date("2024-02-29").is_some());
        for bad in ["2026-02-29", "2026-11-31", "26-11-01", "2026-1-01", "01/11/2026", "3026-01-01"] {
            assert!(parse_date(bad).is_none(), "{bad}");
        }
    }
}
