//! Numbers in words, as Vietnamese papers write them beside the digits.

use crate::domain::problem::Language;
use crate::report::numbers;

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

/// A thousand millions: the unit above which the names of the groups begin again.
const BILLION: u64 = 1_000_000_000;

/// A count with at least two digits, so that nobody can write one in front (`02 bản`).
pub fn two_digits(number: u64) -> String {
    format!("{number:02}")
}

/// `1620000` as `một triệu sáu trăm hai mươi nghìn`.
pub fn words(number: u64) -> String {
    let mut said = Vec::new();
    say(number, &mut said);
    if said.is_empty() { digit(0).to_owned() } else { said.join(" ") }
}

/// An amount of money in words: `chín trăm bốn mươi lăm nghìn đồng`.
pub fn money_words(dong: u64) -> String {
    format!("{} đồng", words(dong))
}

/// An amount of money in digits: `945.000 đồng`.
pub fn money(dong: u64) -> String {
    format!("{} đồng", numbers::whole(i64::try_from(dong).unwrap_or(i64::MAX), Language::Vi))
}

/// The text with its first letter as a capital.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn digit(value: u64) -> &'static str {
    usize::try_from(value).ok().and_then(|at| DIGITS.get(at).copied()).unwrap_or_default()
}

fn say(number: u64, said: &mut Vec<&'static str>) {
    if number >= BILLION {
        say(number / BILLION, said);
        said.push("tỷ");
    }
    let groups = [(1_000_000, Some("triệu")), (1000, Some("nghìn")), (1, None)];
    for (size, name) in groups {
        let group = number % BILLION / size % 1000;
        if group > 0 {
            // A group behind another one names its hundreds even when there are none: `một nghìn không trăm linh năm`.
            say_group(group, !said.is_empty(), said);
            said.extend(name);
        }
    }
}

fn say_group(group: u64, hundreds_named: bool, said: &mut Vec<&'static str>) {
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    let after_hundreds = hundreds > 0 || hundreds_named;
    if after_hundreds {
        said.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if ones > 0 && after_hundreds => said.push("linh"),
        0 => {}
        1 => said.push("mười"),
        _ => said.extend([digit(tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => said.push("mốt"),
        (1.., 5) => said.push("lăm"),
        _ => said.push(digit(ones)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_people_say_them() {
        let cases = [
            (0, "không"),
            (5, "năm"),
            (10, "mười"),
            (11, "mười một"),
            (15, "mười lăm"),
            (20, "hai mươi"),
            (21, "hai mươi mốt"),
            (24, "hai mươi bốn"),
            (55, "năm mươi lăm"),
            (100, "một trăm"),
            (101, "một trăm linh một"),
            (105, "một trăm linh năm"),
            (110, "một trăm mười"),
            (115, "một trăm mười lăm"),
            (121, "một trăm hai mươi mốt"),
            (1000, "một nghìn"),
            (1005, "một nghìn không trăm linh năm"),
            (1015, "một nghìn không trăm mười lăm"),
            (15_000, "mười lăm nghìn"),
            (945_000, "chín trăm bốn mươi lăm nghìn"),
            (1_000_001, "một triệu không trăm linh một"),
            (1_620_000, "một triệu sáu trăm hai mươi nghìn"),
            (1_020_300, "một triệu không trăm hai mươi nghìn ba trăm"),
            (2_000_000_000, "hai tỷ"),
            (3_000_000_021, "ba tỷ không trăm hai mươi mốt"),
            (
                21_555_105_031,
                "hai mươi mốt tỷ năm trăm năm mươi lăm triệu một trăm linh năm nghìn không trăm ba mươi mốt",
            ),
            (1_000_000_000_000, "một nghìn tỷ"),
        ];
        for (number, text) in cases {
            assert_eq!(words(number), text, "{number}");
        }
        assert!(!words(u64::MAX).contains("  "));
    }

    #[test]
    fn counts_and_money() {
        assert_eq!(two_digits(2), "02");
        assert_eq!(two_digits(118), "118");
        assert_eq!(money(945_000), "945.000 đồng");
        assert_eq!(money_words(135_000), "một trăm ba mươi lăm nghìn đồng");
        assert_eq!(capitalised("đủ"), "Đủ");
        assert_eq!(capitalised(""), "");
    }
}
