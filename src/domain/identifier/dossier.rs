//! The dossier number (mã hồ sơ), old and new family: `000.00.15.H32-261109-0007`, `G09.20-20260609-0092637`.

use super::{AgencyCode, checked_text};
use crate::base::text::fold_dashes;
use crate::domain::problem::Message;
use chrono::NaiveDate;

/// Mã hồ sơ in its folded form: trimmed, upper case, plain hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DossierNo(String);

checked_text!(DossierNo);

const SEQUENCE_DIGITS: std::ops::RangeInclusive<usize> = 3..=8;

impl DossierNo {
    /// Folds and checks a dossier number (contract 4.2). The parts are found from the end: old agency codes hold no
    /// hyphen today, and nothing promises that they never will.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let folded = fold_dashes(text.trim()).to_ascii_uppercase();
        let mut parts = folded.rsplitn(3, '-');
        let (Some(sequence), Some(date), Some(agency)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Message::new(
                "a dossier number has three parts: agency-date-sequence",
                "mã hồ sơ gồm ba phần: mã cơ quan, ngày và số thứ tự, nối bằng dấu gạch ngang",
            ));
        };
        AgencyCode::parse(agency)?;
        check_date(date)?;
        if !(SEQUENCE_DIGITS.contains(&sequence.len()) && sequence.bytes().all(|b| b.is_ascii_digit())) {
            return Err(Message::new("the sequence has 3 to 8 digits", "số thứ tự gồm 3 đến 8 chữ số"));
        }
        Ok(DossierNo(folded))
    }
}

fn check_date(date: &str) -> Result<(), Message> {
    let number = |from: usize, to: usize| date.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
    let all_digits = date.bytes().all(|b| b.is_ascii_digit());
    let parts = match date.len() {
        6 if all_digits => (number(0, 2).map(|yy| 2000 + yy), number(2, 4), number(4, 6)),
        8 if all_digits => (number(0, 4), number(4, 6), number(6, 8)),
        _ => (None, None, None),
    };
    let (Some(year), Some(month), Some(day)) = parts else {
        return Err(Message::new(
            "the date has 6 digits (YYMMDD) or 8 (YYYYMMDD)",
            "phần ngày gồm 6 chữ số (YYMMDD) hoặc 8 (YYYYMMDD)",
        ));
    };
    if !(2000..=2099).contains(&year) {
        return Err(Message::new("the year lies outside 2000 to 2099", "năm nằm ngoài khoảng 2000 đến 2099"));
    }
    if !(1..=12).contains(&month) {
        return Err(Message::new(format!("month {month:02} does not exist"), format!("không có tháng {month:02}")));
    }
    if i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).is_none() {
        return Err(Message::new(
            format!("day {day:02} does not exist in {month:02}/{year}"),
            format!("tháng {month:02}/{year} không có ngày {day:02}"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_families_are_read_and_folded() {
        for (sent, kept) in [
            ("000.00.12.H32-260930-0001", "000.00.12.H32-260930-0001"),
            ("G09.20-20260609-0092637", "G09.20-20260609-0092637"),
            (" 000.00.12.h32-260930-0001 ", "000.00.12.H32-260930-0001"),
            ("000.00.12.H32–260930—0001", "000.00.12.H32-260930-0001"),
            ("000.00.12.H32\u{2212}260930\u{ff0d}0001", "000.00.12.H32-260930-0001"),
            ("000.A0.01.H26-210212-9090", "000.A0.01.H26-210212-9090"),
            ("H26.15.7-240229-00001234", "H26.15.7-240229-00001234"),
        ] {
            assert_eq!(DossierNo::parse(sent).map(String::from).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn the_reason_is_precise() {
        for (sent, reason) in [
            ("000.00.12.H32-260931-0001", "day 31 does not exist in 09/2026"),
            ("000.00.12.H32-250229-0001", "day 29 does not exist in 02/2025"),
            ("000.00.12.H32-261309-0001", "month 13 does not exist"),
            ("H32-260930", "a dossier number has three parts: agency-date-sequence"),
            ("G09.20-19990609-0092637", "the year lies outside 2000 to 2099"),
            ("G09.20-260609-12", "the sequence has 3 to 8 digits"),
            ("G09.20-260609-123456789", "the sequence has 3 to 8 digits"),
            ("G09.20-260609-١٢٣٤", "the sequence has 3 to 8 digits"),
            ("G09.20-2606091-1234", "the date has 6 digits (YYMMDD) or 8 (YYYYMMDD)"),
        ] {
            assert_eq!(DossierNo::parse(sent).unwrap_err().en, reason, "{sent}");
        }
        assert!(DossierNo::parse(&format!("{}-260930-0001", "A".repeat(36))).is_err());
        assert!(DossierNo::parse(&format!("{}-260930-0001", "A".repeat(35))).is_ok());
    }

    proptest! {
        #[test]
        fn folding_is_stable(agency in "[0-9A-Za-z]{1,4}(\\.[0-9A-Za-z]{1,4}){0,3}", month in 1u32..=12, day in 1u32..=28, seq in "[0-9]{3,8}", dash in "[-‐–—−]") {
            let sent = format!(" {agency}{dash}26{month:02}{day:02}{dash}{seq}");
            let kept = DossierNo::parse(&sent).unwrap();
            prop_assert_eq!(DossierNo::parse(kept.as_str()).unwrap(), kept);
        }

        #[test]
        fn any_text_is_answered(text in any::<String>()) {
            let _ = DossierNo::parse(&text);
        }
    }
}
