//! The item number (số hiệu bưu gửi): UPU S10 or another form, graded and never refused for its check digit (domain 5.4).

use crate::base::text::normalise;
use crate::domain::leg::words;
use crate::domain::problem::Message;

words! {
    /// How far an item number can be trusted for matching.
    ItemGrade {
        /// S10 shape, right check digit.
        S10Ok = "S10_OK",
        /// S10 shape, wrong check digit: kept, not matched by.
        S10BadCheck = "S10_BAD_CHECK",
        /// An operator's own numbering.
        OtherForm = "OTHER_FORM",
    }
}

/// Số hiệu bưu gửi, upper case; blanks and hyphens are dropped where the rest is an S10.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemNumber {
    text: String,
    grade: ItemGrade,
}

impl ItemNumber {
    /// Folds and grades an item number: 4 to 40 printable ASCII characters.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let trimmed = normalise(text);
        let ok = (4..=40).contains(&trimmed.len()) && trimmed.bytes().all(|b| (0x20..=0x7e).contains(&b));
        if !ok {
            return Err(Message::new(
                "an item number is 4 to 40 printable ASCII characters",
                "số hiệu bưu gửi gồm 4 đến 40 ký tự ASCII in được",
            ));
        }
        let upper = trimmed.to_ascii_uppercase();
        let bare: String = upper.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        Ok(match s10_check(&bare) {
            Some(true) => ItemNumber { text: bare, grade: ItemGrade::S10Ok },
            Some(false) => ItemNumber { text: bare, grade: ItemGrade::S10BadCheck },
            None => ItemNumber { text: upper, grade: ItemGrade::OtherForm },
        })
    }

    /// The number in its kept form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How far it can be trusted.
    pub fn grade(&self) -> ItemGrade {
        self.grade
    }

    /// A sound S10 of another country than Việt Nam.
    pub fn is_foreign(&self) -> bool {
        self.grade == ItemGrade::S10Ok && !self.text.ends_with("VN")
    }
}

/// Whether the check digit is right; none when the text has no S10 shape (UPU S10: AA 00000000 0 AA).
fn s10_check(text: &str) -> Option<bool> {
    const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];
    let (service, digits, country) = (text.get(..2)?, text.get(2..11)?, text.get(11..)?);
    let letters = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_uppercase());
    if !letters(service) || !letters(country) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = |c: char| c.to_digit(10).unwrap_or(0);
    let sum: u32 = digits.chars().zip(WEIGHTS).map(|(digit, weight)| value(digit) * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        other => other,
    };
    digits.chars().last().map(|last| value(last) == check)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grade(text: &str) -> (String, ItemGrade) {
        let number = ItemNumber::parse(text).unwrap();
        (number.as_str().to_owned(), number.grade())
    }

    #[test]
    fn the_vectors_of_the_standard_and_of_the_field() {
        for good in [
            "EE123456785VN",
            "EM100000017VN",
            "RR473124829VN",
            "CE987654326VN",
            "PA000000014VN",
            "EB902104555VN",
            "RC555012347VN",
            "EE000000005VN",
            "EE200000010VN",
            "EE200000045VN",
            "RR473124829GB",
            "CH650100011VN",
        ] {
            assert_eq!(grade(good), (good.to_owned(), ItemGrade::S10Ok), "{good}");
        }
        for (sent, kept, expected) in [
            ("EE123456789VN", "EE123456789VN", ItemGrade::S10BadCheck),
            ("ej012345678vn", "EJ012345678VN", ItemGrade::S10BadCheck),
            ("EE12345678VN", "EE12345678VN", ItemGrade::OtherForm),
            ("E1123456785VN", "E1123456785VN", ItemGrade::OtherForm),
            ("rr 473 124 829 vn", "RR473124829VN", ItemGrade::S10Ok),
            ("RR-473-124-829-VN", "RR473124829VN", ItemGrade::S10Ok),
            ("vnp 00-12345", "VNP 00-12345", ItemGrade::OtherForm),
        ] {
            assert_eq!(grade(sent), (kept.to_owned(), expected), "{sent}");
        }
        assert!(ItemNumber::parse("EE123456785US").unwrap().is_foreign());
        assert!(!ItemNumber::parse("EE123456785VN").unwrap().is_foreign());
    }

    #[test]
    fn only_printable_ascii_of_a_sensible_length() {
        for bad in ["", "ABC", "Số hiệu", "ABCD\u{7}E", &"A".repeat(41)] {
            assert!(ItemNumber::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn exactly_one_check_digit_fits(letters in "[A-Z]{2}", digits in "[0-9]{8}") {
            let fits = (0..10).filter(|check| grade(&format!("{letters}{digits}{check}VN")).1 == ItemGrade::S10Ok).count();
            prop_assert_eq!(fits, 1);
        }
    }
}
