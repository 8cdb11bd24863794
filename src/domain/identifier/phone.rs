//! Phone numbers of Việt Nam, kept as `+84…` (contract 4.2).

use super::checked_text;
use crate::base::text::is_dash;
use crate::domain::problem::Message;

/// A phone number as `+84` and nine or ten digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

checked_text!(Phone);

impl Phone {
    /// Drops separators and reads `0…`, `84…` or `+84…` with nine or ten digits after it.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let separator = |c: char| c.is_whitespace() || is_dash(c) || matches!(c, '.' | '(' | ')' | '[' | ']');
        let bare: String = text.chars().filter(|c| !separator(*c)).collect();
        if bare.contains(['*', 'x', 'X', '#', '…']) {
            return Err(Message::new(
                "the phone number is masked; send it whole or leave it out",
                "số điện thoại bị che; hãy gửi đủ số hoặc bỏ trống",
            ));
        }
        if bare.contains([',', ';', '/', '|']) {
            return Err(Message::new("one phone number only", "chỉ gửi một số điện thoại"));
        }
        match national(&bare) {
            Some(digits) => Ok(Phone(format!("+84{digits}"))),
            None => Err(Message::new(
                "a phone number is 0, 84 or +84 and nine or ten digits",
                "số điện thoại gồm 0, 84 hoặc +84 và chín hoặc mười chữ số",
            )),
        }
    }

    /// The eleven-digit mobile form `01…`, given up in 2018.
    pub fn is_old_form(&self) -> bool {
        self.0.len() == "+84".len() + 10 && self.0.starts_with("+841")
    }
}

/// The nine or ten digits after the trunk zero. `+84 (0) 900…` is a common way of writing: that zero is the trunk's too.
fn national(bare: &str) -> Option<&str> {
    let international = bare.strip_prefix("+84").or_else(|| bare.strip_prefix("84"));
    let digits = match international {
        Some(rest) if rest.len() >= 9 => rest.strip_prefix('0').unwrap_or(rest),
        _ => bare.strip_prefix('0')?,
    };
    let ok = matches!(digits.len(), 9 | 10) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    ok.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_that_circulate() {
        for (sent, kept) in [
            ("0900000041", "+84900000041"),
            ("84900000129", "+84900000129"),
            ("+84 900 000 063", "+84900000063"),
            ("+84 (0) 900 000 063", "+84900000063"),
            ("0900.000.107", "+84900000107"),
            ("(0258) 3000-074", "+842583000074"),
            ("02583000074", "+842583000074"),
            ("01690000118", "+841690000118"),
            ("0841234567", "+84841234567"),
        ] {
            assert_eq!(Phone::parse(sent).map(String::from).as_deref(), Ok(kept), "{sent}");
        }
        assert!(Phone::parse("01690000118").unwrap().is_old_form());
        assert!(!Phone::parse("02583000074").unwrap().is_old_form());
        assert!(!Phone::parse("0169000011").unwrap().is_old_form());
    }

    #[test]
    fn what_nobody_can_call_is_refused() {
        for bad in [
            "",
            "090*****41",
            "0900000041, 0900000052",
            "0900000041/52",
            "900000041",
            "090000004",
            "090000004112",
            "abc",
            "+1 900 000 0041",
            "09000000４1",
        ] {
            assert!(Phone::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_number_is_one_number(digits in "[1-9][0-9]{8,9}", gap in "[ .-]") {
            let spaced: String = digits.chars().flat_map(|c| [gap.chars().next().unwrap(), c]).collect();
            let kept = Phone::parse(&format!("0{digits}")).unwrap();
            prop_assert_eq!(&Phone::parse(&format!("0{spaced}")).unwrap(), &kept);
            prop_assert_eq!(&Phone::parse(&format!("+84{spaced}")).unwrap(), &kept);
            prop_assert_eq!(&Phone::parse(&format!("84{digits}")).unwrap(), &kept);
            prop_assert_eq!(&Phone::parse(kept.as_str()).unwrap(), &kept);
        }
    }
}
