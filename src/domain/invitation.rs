//! Invitations to come for a result: at least two, two working days apart, before it goes back to the agency (C7, TT 17 Đ5 k2h).

use chrono::NaiveDate;

use crate::domain::calendar::{Gap, WorkingDays};
use crate::domain::fact::Cause;

/// Working days between two invitations, and between the second one and the return.
pub const DAYS_APART: u32 = 2;
/// Invitations before a return.
pub const INVITATIONS_MIN: usize = 2;

/// The invitations that count: each far enough from the one before it.
pub fn counted(days: &WorkingDays<'_>, invited: &[NaiveDate]) -> Result<Vec<NaiveDate>, Gap> {
    let mut dates = invited.to_vec();
    dates.sort_unstable();
    let mut counted: Vec<NaiveDate> = Vec::new();
    for date in dates {
        let counts = match counted.last() {
            None => true,
            Some(last) => date > *last && days.between(*last, date)? >= i64::from(DAYS_APART),
        };
        if counts {
            counted.push(date);
        }
    }
    Ok(counted)
}

/// From when the next invitation counts; none: at once.
pub fn next_from(days: &WorkingDays<'_>, invited: &[NaiveDate]) -> Result<Option<NaiveDate>, Gap> {
    counted(days, invited)?.last().map(|last| days.after(*last, DAYS_APART)).transpose()
}

/// Working days between the second invitation and the return, where a province lets them pass (`clocks.wait_after_second_invitation`).
pub fn days_after_second(waits: bool) -> u32 {
    if waits { DAYS_APART } else { 0 }
}

/// From when a result that nobody came for may go back; none: invitations are missing.
pub fn return_from(days: &WorkingDays<'_>, waits: bool, invited: &[NaiveDate]) -> Result<Option<NaiveDate>, Gap> {
    let counted = counted(days, invited)?;
    counted.get(INVITATIONS_MIN - 1).map(|second| days.after(*second, days_after_second(waits))).transpose()
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
pub fn may_return(
    days: &WorkingDays<'_>,
    waits: bool,
    cause: Cause,
    tried: bool,
    invited: &[NaiveDate],
    on: NaiveDate,
) -> Result<Return, Gap> {
    if is_final(cause) {
        return Ok(if tried { Return::Allowed } else { Return::NotTried });
    }
    Ok(match return_from(days, waits, invited)? {
        None => Return::Invite(INVITATIONS_MIN.saturating_sub(counted(days, invited)?.len())),
        Some(from) if on < from => Return::From(from),
        Some(_) => Return::Allowed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::EVERYBODY;
    use crate::domain::calendar::sample::{calendar, date};

    fn september(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 9, day).unwrap()
    }

    #[test]
    fn invitation_example() {
        // First invitation on Thursday the 3rd, second not before Monday the 7th, return not before Wednesday the 9th.
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        assert_eq!(next_from(&days, &[]), Ok(None));
        assert_eq!(next_from(&days, &[september(3)]), Ok(Some(september(7))));
        assert_eq!(return_from(&days, true, &[september(3)]), Ok(None));
        assert_eq!(return_from(&days, true, &[september(3), september(7)]), Ok(Some(september(9))));
        assert_eq!(return_from(&days, false, &[september(3), september(7)]), Ok(Some(september(7))));
    }

    #[test]
    fn days_off_do_not_count_between_invitations() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        assert_eq!(next_from(&days, &[date("2026-08-28")]), Ok(Some(september(4))));
        assert_eq!(counted(&days, &[date("2026-08-28"), september(3)]), Ok(vec![date("2026-08-28")]));
    }

    #[test]
    fn an_invitation_too_early_is_none() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let invited = [september(3), september(4)];
        assert_eq!(counted(&days, &invited), Ok(vec![september(3)]));
        assert_eq!(may_return(&days, true, Cause::NotClaimed, true, &invited, september(8)), Ok(Return::Invite(1)));
    }

    #[test]
    fn who_refuses_or_is_not_to_be_found_need_not_be_invited() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        assert_eq!(may_return(&days, true, Cause::Refused, true, &[], september(3)), Ok(Return::Allowed));
        assert_eq!(may_return(&days, true, Cause::Moved, false, &[], september(3)), Ok(Return::NotTried));
        let invited = [september(3), september(7)];
        assert_eq!(
            may_return(&days, true, Cause::Absent, true, &invited, september(8)),
            Ok(Return::From(september(9)))
        );
        assert_eq!(may_return(&days, true, Cause::Absent, true, &invited, september(9)), Ok(Return::Allowed));
    }

    #[test]
    fn beyond_the_calendar_nobody_says_when() {
        let calendar = calendar();
        let days = calendar.days_of(EVERYBODY);
        let invited = [date("2026-12-30")];
        assert_eq!(next_from(&days, &invited).unwrap_err().year(), 2027);
        assert_eq!(may_return(&days, true, Cause::Refused, true, &invited, date("2027-01-04")), Ok(Return::Allowed));
    }
}
