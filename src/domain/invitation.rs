//! Invitations to come for a result: at least two, two working days apart, before it goes back to the agency (C7, TT 17 Đ5 k2h).
//! Working days are Monday to Friday; days off of the state are not known here, so a date told is the earliest one.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::domain::fact::Cause;

/// Working days between two invitations, and between the second one and the return.
pub const DAYS_APART: u32 = 2;
/// Invitations before a return.
pub const INVITATIONS_MIN: usize = 2;

/// The date that is so many working days after another.
pub fn plus_working_days(from: NaiveDate, days: u32) -> NaiveDate {
    let (mut date, mut left) = (from, days);
    while left > 0 {
        date = date.checked_add_days(Days::new(1)).unwrap_or(date);
        if !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    date
}

/// The invitations that count: each far enough from the one before it.
pub fn counted(invited: &[NaiveDate]) -> Vec<NaiveDate> {
    let mut dates = invited.to_vec();
    dates.sort_unstable();
    let mut counted: Vec<NaiveDate> = Vec::new();
    for date in dates {
        if counted.last().is_none_or(|last| date >= plus_working_days(*last, DAYS_APART)) {
            counted.push(date);
        }
    }
    counted
}

/// From when the next invitation counts; none: at once.
pub fn next_from(invited: &[NaiveDate]) -> Option<NaiveDate> {
    counted(invited).last().map(|last| plus_working_days(*last, DAYS_APART))
}

/// From when a result that nobody came for may go back; none: invitations are missing.
pub fn return_from(invited: &[NaiveDate]) -> Option<NaiveDate> {
    let counted = counted(invited);
    counted.get(INVITATIONS_MIN - 1).map(|second| plus_working_days(*second, DAYS_APART))
}

/// Whether a cause sends a result back without invitations: they would change nothing (bưu chính Đ17).
pub fn is_final(cause: Cause) -> bool {
    matches!(cause, Cause::Refused | Cause::WrongAddress | Cause::Moved)
}

/// What stands between a result and its return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// Nothing.
    Allowed,
    /// Nobody has tried to deliver it.
    NotTried,
    /// So many invitations are missing.
    Invite(usize),
    /// The second invitation has not run its course.
    From(NaiveDate),
}

/// Whether a result may go back on a day.
pub fn may_return(cause: Cause, tried: bool, invited: &[NaiveDate], on: NaiveDate) -> Return {
    if is_final(cause) {
        return if tried { Return::Allowed } else { Return::NotTried };
    }
    match return_from(invited) {
        None => Return::Invite(INVITATIONS_MIN.saturating_sub(counted(invited).len())),
        Some(from) if on < from => Return::From(from),
        Some(_) => Return::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn september(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, day).unwrap()
    }

    #[test]
    fn weekends_do_not_count() {
        for (from, days, to) in [(3, 2, 7), (7, 2, 9), (5, 2, 8), (6, 1, 7), (4, 1, 7)] {
            assert_eq!(plus_working_days(september(from), days), september(to), "{from} + {days}");
        }
    }

    #[test]
    fn the_example_of_the_rule() {
        // First invitation on Thursday the 3rd, second not before Monday the 7th, return not before Wednesday the 9th.
        assert_eq!(next_from(&[]), None);
        assert_eq!(next_from(&[september(3)]), Some(september(7)));
        assert_eq!(return_from(&[september(3)]), None);
        assert_eq!(return_from(&[september(3), september(7)]), Some(september(9)));
    }

    #[test]
    fn an_invitation_too_early_is_none() {
        let invited = [september(3), september(4)];
        assert_eq!(counted(&invited), [september(3)]);
        assert_eq!(may_return(Cause::NotClaimed, true, &invited, september(8)), Return::Invite(1));
    }

    #[test]
    fn who_refuses_or_is_not_to_be_found_need_not_be_invited() {
        assert_eq!(may_return(Cause::Refused, true, &[], september(3)), Return::Allowed);
        assert_eq!(may_return(Cause::Moved, false, &[], september(3)), Return::NotTried);
        let invited = [september(3), september(7)];
        assert_eq!(may_return(Cause::Absent, true, &invited, september(8)), Return::From(september(9)));
        assert_eq!(may_return(Cause::Absent, true, &invited, september(9)), Return::Allowed);
    }
}
