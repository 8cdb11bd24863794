//! The worked examples of domain 8, and what must hold of any span.

use chrono::{Days, NaiveDate, NaiveTime};
use proptest::prelude::*;

use crate::base::time::HOUR_US;
use crate::domain::calendar::sample::{calendar, date, ts, version};
use crate::domain::calendar::{Calendar, DayKind, EVERYBODY, Entry, Gap, POST, read_sessions, write_sessions};

/// J, then J+1, J+2, J+4, J+8.
fn example(j: &str, expected: [&str; 4]) {
    let calendar = calendar();
    let days = calendar.days_of(EVERYBODY);
    for (n, expected) in [1, 2, 4, 8].into_iter().zip(expected) {
        assert_eq!(days.after(date(j), n), Ok(date(expected)), "{j} + {n}");
        assert_eq!(days.between(date(j), date(expected)), Ok(i64::from(n)), "{j} to {expected}");
    }
}

#[test]
fn before_national_day() {
    example("2026-08-28", ["2026-09-03", "2026-09-04", "2026-09-08", "2026-09-14"]);
}

#[test]
fn before_working_saturday() {
    example("2026-08-21", ["2026-08-22", "2026-08-24", "2026-08-26", "2026-09-04"]);
}

#[test]
fn j_on_working_saturday() {
    example("2026-08-22", ["2026-08-24", "2026-08-25", "2026-08-27", "2026-09-07"]);
}

#[test]
fn before_tet() {
    example("2026-02-13", ["2026-02-23", "2026-02-24", "2026-02-26", "2026-03-04"]);
}

#[test]
fn before_gio_to() {
    example("2026-04-24", ["2026-04-28", "2026-04-29", "2026-05-05", "2026-05-11"]);
}

#[test]
fn ordinary_saturday() {
    example("2026-09-05", ["2026-09-07", "2026-09-08", "2026-09-10", "2026-09-16"]);
}

#[test]
fn needs_2027_calendar() {
    let calendar = calendar();
    for n in [1, 2, 4, 8] {
        let gap = calendar.days_of(EVERYBODY).after(date("2026-12-31"), n).unwrap_err();
        assert_eq!(gap, Gap { date: date("2027-01-01") });
        assert!(gap.en().contains("the year 2027") && gap.vi().contains("năm 2027"), "{gap}");
    }
    assert_eq!(calendar.days_of(EVERYBODY).before(date("2025-01-02"), 1).unwrap_err().year(), 2024);
    assert_eq!(Calendar::default().days_of(EVERYBODY).is_working(date("2026-08-22")).unwrap_err().year(), 2026);
}

#[test]
fn received_at_15_00_00_is_the_same_day_and_later_the_next_opening() {
    let calendar = calendar();
    let until = NaiveTime::from_hms_opt(15, 0, 0).unwrap();
    for (came, counts) in [
        ("2026-08-21T14:59:59", "2026-08-21T14:59:59"),
        ("2026-08-21T15:00:00", "2026-08-21T15:00:00"),
        ("2026-08-21T15:00:01", "2026-08-22T07:00:00"),
        ("2026-08-28T16:00:00", "2026-09-03T07:00:00"),
        ("2026-09-05T09:00:00", "2026-09-07T07:00:00"),
    ] {
        assert_eq!(calendar.days_of(EVERYBODY).counts_from(ts(came), until), Ok(ts(counts)), "{came}");
    }
}

#[test]
fn hours_are_those_of_sessions() {
    let calendar = calendar();
    let days = calendar.days_of(EVERYBODY);
    for (from, to, hours_x2) in [
        ("2026-08-20T07:00:00", "2026-08-20T17:00:00", 16),
        ("2026-08-20T11:00:00", "2026-08-20T14:00:00", 2),
        ("2026-08-20T11:30:00", "2026-08-20T13:30:00", 0),
        ("2026-08-20T17:00:00", "2026-08-21T07:00:00", 0),
        ("2026-08-28T16:00:00", "2026-09-03T08:00:00", 4),
        ("2026-08-21T07:00:00", "2026-08-24T07:00:00", 32),
        ("2026-08-24T07:00:00", "2026-08-21T07:00:00", 0),
    ] {
        assert_eq!(days.worked_us(ts(from), ts(to)), Ok(hours_x2 * HOUR_US / 2), "{from} to {to}");
    }
    assert_eq!(days.plus_worked(ts("2026-08-28T16:00:00"), 2 * HOUR_US), Ok(ts("2026-09-03T08:00:00")));
    assert_eq!(days.plus_worked(ts("2026-08-20T08:30:00"), 8 * HOUR_US), Ok(ts("2026-08-21T08:30:00")));
    assert_eq!(
        days.plus_worked(ts("2026-08-20T07:00:00"), 8 * HOUR_US),
        Ok(ts("2026-08-20T17:00:00")),
        "not the next opening"
    );
    assert_eq!(days.plus_worked(ts("2026-12-31T16:00:00"), 2 * HOUR_US).unwrap_err().year(), 2027);
}

#[test]
fn an_agency_may_work_on_saturday_mornings_and_the_post_on_none() {
    let mut version = version();
    let morning = read_sessions("07:00-11:30").unwrap();
    version.whose.entry("H32.15".to_owned()).or_default().week.insert(6, morning.clone());
    let calendar = Calendar::of(vec![version]);
    let (agency, post) = (calendar.days_of("H32.15"), calendar.days_of(POST));
    assert_eq!(agency.day(date("2026-09-05")).unwrap().sessions, morning);
    assert_eq!(agency.after(date("2026-09-04"), 1), Ok(date("2026-09-05")));
    assert_eq!(post.after(date("2026-09-04"), 1), Ok(date("2026-09-07")));
    assert_eq!(agency.closing(date("2026-09-05")), Ok(ts("2026-09-05T11:30:00")));
    // A date that everybody is told of goes before the week of one agency.
    assert_eq!(agency.day(date("2026-08-22")).unwrap().sessions.len(), 2);
}

#[test]
fn a_half_day_has_one_session() {
    let mut version = version();
    let entry =
        Entry { kind: DayKind::Work, sessions: read_sessions("07:00-11:30").unwrap(), name: "nửa ngày".to_owned() };
    version.whose.get_mut(EVERYBODY).unwrap().days.insert(date("2026-12-24"), entry);
    let calendar = Calendar::of(vec![version]);
    let days = calendar.days_of(EVERYBODY);
    assert_eq!(days.worked_us(ts("2026-12-24T00:00:00"), ts("2026-12-25T00:00:00")), Ok(9 * HOUR_US / 2));
    assert_eq!(days.after(date("2026-12-23"), 1), Ok(date("2026-12-24")), "half a day is a working day");
}

#[test]
fn a_later_version_rules_from_its_first_day_on() {
    let mut later = version();
    later.id = "later".to_owned();
    later.valid_from = date("2026-06-01");
    let off = Entry { kind: DayKind::Off, sessions: Vec::new(), name: "nghỉ thêm".to_owned() };
    let days = &mut later.whose.get_mut(EVERYBODY).unwrap().days;
    days.insert(date("2026-05-29"), off.clone());
    days.insert(date("2026-11-24"), off);
    let calendar = Calendar::of(vec![later, version()]);
    let days = calendar.days_of(EVERYBODY);
    assert_eq!(days.is_working(date("2026-05-29")), Ok(true), "what it says of days before it is nobody's rule");
    assert_eq!(days.after(date("2026-11-23"), 1), Ok(date("2026-11-25")));
    assert_eq!(days.day(date("2026-11-24")).unwrap().version, "later");
    assert_eq!(days.versions_used(date("2026-05-29"), date("2026-06-02")), Ok(vec!["sample", "later"]));
    assert_eq!(days.versions_used(date("2026-05-20"), date("2026-05-29")), Ok(vec!["sample"]));
}

#[test]
fn a_later_version_of_another_year_leaves_the_others() {
    let mut next = version();
    next.id = "2027".to_owned();
    next.valid_from = date("2026-11-01");
    next.years = [(2027, "QĐ".to_owned())].into();
    let calendar = Calendar::of(vec![version(), next]);
    let days = calendar.days_of(EVERYBODY);
    assert_eq!(days.after(date("2026-12-31"), 1), Ok(date("2027-01-01")), "the sample says nothing of 2027's holidays");
    assert_eq!(days.versions_used(date("2026-12-31"), date("2027-01-01")), Ok(vec!["sample", "2027"]));
    assert_eq!(days.after(date("2027-12-31"), 1).unwrap_err().year(), 2028);
}

#[test]
fn sessions_are_written_as_they_are_read() {
    for text in ["", "07:00-11:30", "07:00-11:30,13:30-17:00"] {
        assert_eq!(write_sessions(&read_sessions(text).unwrap()), text);
    }
    for bad in ["7:00-11:30", "07:00", "11:30-07:00", "07:00-07:00", "07:00-11:30,11:00-12:00", "07:00-24:00", ","] {
        assert_eq!(read_sessions(bad), None, "{bad}");
    }
}

#[test]
fn a_list_for_devices_ends_where_the_calendar_ends() {
    let calendar = calendar();
    let list = calendar.days_of(EVERYBODY).list(date("2026-12-25"), 30);
    assert_eq!(list.first(), Some(&date("2026-12-25")));
    assert_eq!((list.last(), list.len()), (Some(&date("2026-12-31")), 5));
}

fn any_date() -> impl Strategy<Value = NaiveDate> {
    (0_u64..700).prop_map(|days| date("2025-01-06").checked_add_days(Days::new(days)).unwrap())
}

proptest! {
    #[test]
    fn adding_is_monotone(a in any_date(), b in any_date(), n in 0_u32..12, m in 0_u32..12) {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let at = |date, n| days.after(date, n).unwrap();
        let (a, b) = (a.min(b), a.max(b));
        prop_assert!(at(a, n) <= at(b, n));
        prop_assert!(at(a, n.min(m)) <= at(a, n.max(m)));
        prop_assert_eq!(at(at(a, n), m), at(a, n + m));
    }

    #[test]
    fn between_is_the_inverse_of_after(a in any_date(), n in 0_u32..12) {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let end = days.after(a, n).unwrap();
        prop_assert_eq!(days.between(a, end).unwrap(), i64::from(n));
        prop_assert_eq!(days.between(end, a).unwrap(), -i64::from(n));
        prop_assert!(n == 0 || days.is_working(end).unwrap());
        let working = days.on_or_after(a).unwrap();
        prop_assert_eq!(days.before(days.after(working, n).unwrap(), n).unwrap(), working);
    }

    #[test]
    fn working_time_adds_up(a in any_date(), minutes in 0_i64..60 * 24 * 9, more in 0_i64..60 * 24 * 9) {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let start = ts(&format!("{a}T00:00:00"));
        let minute = HOUR_US / 60;
        let (b, c) = (start.plus_us(minutes * minute), start.plus_us((minutes + more) * minute));
        let parts = days.worked_us(start, b).unwrap() + days.worked_us(b, c).unwrap();
        prop_assert_eq!(parts, days.worked_us(start, c).unwrap());
        // The first instant at which so much time has passed is never later, and exactly so much has passed by then.
        let reached = days.plus_worked(start, parts).unwrap();
        prop_assert!(reached <= c);
        prop_assert_eq!(days.worked_us(start, reached).unwrap(), parts);
    }
}
