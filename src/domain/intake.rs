//! The rules of an intake at a post office: its shift, its numbers, its promise J+n, and until when papers may be kept.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::base::time::Ts;
use crate::domain::calendar::{Gap, WorkingDays};
use crate::domain::leg::LegKind;

/// Papers taken until this hour go to the agency on the same working day, later ones on the next (NĐ 118 Đ18 k2).
const SAME_DAY_UNTIL_HOUR: u32 = 15;
/// Hours at which the second and the third shift begin.
const SHIFTS_BEGIN: [u32; 2] = [12, 18];
/// Working days that a result may stay with the post before somebody asks why: J+2 inside a province.
const RESULT_KEPT_DAYS: u32 = 2;

fn at_hour(date: NaiveDate, hour: u32) -> Ts {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    Ts::from_vietnam(NaiveDateTime::new(date, time)).unwrap_or(Ts::from_us(0))
}

/// The first instant of the day in Vietnam.
pub fn start_of_day(at: Ts) -> Ts {
    at_hour(at.to_vietnam().date(), 0)
}

/// The day and the shift (1 to 3) that an instant falls into.
pub fn shift_of(at: Ts) -> (NaiveDate, u8) {
    let local = at.to_vietnam();
    let shift = SHIFTS_BEGIN.iter().fold(1, |shift, begins| shift + u8::from(local.hour() >= *begins));
    (local.date(), shift)
}

/// The time of day until which papers go on the same working day.
pub fn same_day_until() -> NaiveTime {
    NaiveTime::from_hms_opt(SAME_DAY_UNTIL_HOUR, 0, 0).unwrap_or_default()
}

/// The day on which papers taken at this instant are handed to the agency, by the agency's days. Exactly 15:00 is still the same day.
pub fn hand_over_day(days: &WorkingDays<'_>, at: Ts) -> Result<NaiveDate, Gap> {
    Ok(days.counts_from(at, same_day_until())?.to_vietnam().date())
}

/// The end of the promise J+n (TT 17 Đ7 k2): when the n-th working day after the day on the consignment note closes.
pub fn promise(days: &WorkingDays<'_>, accepted_at: Ts, n: u32) -> Result<Ts, Gap> {
    days.closing(days.after(accepted_at.to_vietnam().date(), n)?)
}

/// Papers that the post holds since before this instant it has kept too long: dossiers past the day on which they had to be handed
/// over, results past their promise.
pub fn kept_too_long_before(days: &WorkingDays<'_>, kind: LegKind, now: Ts) -> Result<Ts, Gap> {
    let today = now.to_vietnam().date();
    Ok(match kind {
        LegKind::Intake => at_hour(days.before(today, 1)?, SAME_DAY_UNTIL_HOUR).plus_us(1),
        LegKind::Result => at_hour(next_day(days.before(today, RESULT_KEPT_DAYS + 1)?), 0),
    })
}

fn next_day(date: NaiveDate) -> NaiveDate {
    date.succ_opt().unwrap_or(date)
}

/// Số hiệu phiếu gửi: `PG-650100-000123`, counted in each office (contract 4.2: 1 to 40 of 0–9 A–Z a–z . / -).
pub fn note_no(post_office_code: &str, number: i64) -> String {
    format!("PG-{post_office_code}-{number:06}")
}

/// The number of a manifest that an office makes: of an agency, a shift, and its place in that shift (contract 4.2: at most 64
/// characters, which the longest codes fill).
pub fn manifest_no(post_office_code: &str, agency_code: &str, date: NaiveDate, shift: u8, nth: i64) -> String {
    format!("BK-{post_office_code}-{agency_code}-{}-S{shift}-{nth:02}", date.format("%Y%m%d"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::EVERYBODY;
    use crate::domain::calendar::sample::{calendar, ts};
    use crate::domain::identifier::{ConsignmentNoteNo, ManifestNo};

    #[test]
    fn three_o_clock_sharp_is_still_the_same_day() {
        for (taken, day) in [
            ("2026-11-19T14:59:59", "2026-11-19"),
            ("2026-11-19T15:00:00", "2026-11-19"),
            ("2026-11-19T15:00:01", "2026-11-20"),
            ("2026-11-20T15:00:01", "2026-11-23"),
            ("2026-11-21T09:00:00", "2026-11-23"),
            ("2026-08-21T15:00:01", "2026-08-22"),
            ("2026-08-28T15:00:01", "2026-09-03"),
        ] {
            let calendar = calendar();
            assert_eq!(hand_over_day(&calendar.days_of(EVERYBODY), ts(taken)).unwrap().to_string(), day, "{taken}");
        }
    }

    #[test]
    fn what_had_to_go_yesterday_is_kept_too_long() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        // Late exactly when the day of the handover is past, whatever the two days.
        for now in [
            "2026-11-19T08:00:00",
            "2026-11-20T17:00:00",
            "2026-11-22T10:00:00",
            "2026-11-23T07:00:00",
            "2026-09-03T07:00:00",
        ] {
            let (now, limit) = (ts(now), kept_too_long_before(&days, LegKind::Intake, ts(now)).unwrap());
            for hours in 0..200 {
                let since = now.plus_us(-hours * crate::base::time::HOUR_US / 2);
                let is_late = hand_over_day(&days, since).unwrap() < now.to_vietnam().date();
                assert_eq!(since < limit, is_late, "{} at {}", since.to_rfc3339(), now.to_rfc3339());
            }
        }
        let of_results = kept_too_long_before(&days, LegKind::Result, ts("2026-11-19T08:00:00"));
        assert_eq!(of_results, Ok(ts("2026-11-17T00:00:00")));
    }

    #[test]
    fn shifts_and_promises() {
        assert_eq!(shift_of(ts("2026-11-19T11:59:59")).1, 1);
        assert_eq!(shift_of(ts("2026-11-19T12:00:00")).1, 2);
        assert_eq!(shift_of(ts("2026-11-19T18:30:00")).1, 3);
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        assert_eq!(promise(&days, ts("2026-11-20T09:42:00"), 1), Ok(ts("2026-11-23T17:00:00")));
        assert_eq!(promise(&days, ts("2026-08-28T09:42:00"), 2), Ok(ts("2026-09-04T17:00:00")));
        assert_eq!(promise(&days, ts("2026-12-31T09:42:00"), 1).unwrap_err().year(), 2027);
    }

    #[test]
    fn numbers_keep_to_the_contract() {
        assert_eq!(note_no("650100", 123), "PG-650100-000123");
        assert!(ConsignmentNoteNo::parse(&note_no("ABCDEFGHIJ", i64::MAX)).is_ok());
        let longest = manifest_no("ABCDEFGHIJ", &"A".repeat(35), ts("2026-11-20T09:42:00").to_vietnam().date(), 3, 99);
        assert!(longest.len() == 64 && ManifestNo::parse(&longest).is_ok(), "{longest}");
    }
}
