//! Dates and times as Vietnamese papers write them. Days below 10 and the months 1 and 2 carry a zero in front
//! (NĐ 30/2020, annex I), so that nobody can write a digit there.

use crate::base::time::Ts;
use chrono::{Datelike, Timelike};

/// `ngày 05 tháng 02 năm 2026`.
pub fn long_date(at: Ts) -> String {
    let local = at.to_vietnam();
    let month = if local.month() < 3 { format!("{:02}", local.month()) } else { local.month().to_string() };
    format!("ngày {:02} tháng {month} năm {}", local.day(), local.year())
}

/// `10 giờ 11 phút`.
pub fn clock_words(at: Ts) -> String {
    let local = at.to_vietnam();
    format!("{:02} giờ {:02} phút", local.hour(), local.minute())
}

/// `10:03:18 ngày 19/11/2026`, the moment of a signature.
pub fn moment(at: Ts) -> String {
    at.to_vietnam().format("%H:%M:%S ngày %d/%m/%Y").to_string()
}

/// `09 giờ 42 phút, ngày 19/11/2026`.
pub fn clock_and_date(at: Ts) -> String {
    format!("{}, ngày {}", clock_words(at), at.to_vietnam().format("%d/%m/%Y"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_early_months_have_two_digits() {
        let at = Ts::parse_rfc3339("2026-02-05T08:03:09+07:00").unwrap();
        assert_eq!(long_date(at), "ngày 05 tháng 02 năm 2026");
        assert_eq!(clock_words(at), "08 giờ 03 phút");
        assert_eq!(moment(at), "08:03:09 ngày 05/02/2026");
        assert_eq!(clock_and_date(at), "08 giờ 03 phút, ngày 05/02/2026");
        // Late in the evening of UTC it is the next day here.
        let late = Ts::parse_rfc3339("2026-11-19T18:00:00Z").unwrap();
        assert_eq!(long_date(late), "ngày 20 tháng 11 năm 2026");
        assert_eq!(long_date(Ts::parse_rfc3339("2026-03-09T00:00:00Z").unwrap()), "ngày 09 tháng 3 năm 2026");
    }
}
