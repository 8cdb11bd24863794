//! Codes with a fixed alphabet: agency, counter, post office, procedure, consignment note, manifest.

use super::checked_text;
use crate::domain::problem::Message;

/// Mã định danh cơ quan (QĐ 20/2020): groups of digits and capitals joined by dots, at most 35 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgencyCode(String);

/// The number of a manifest, compared exactly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManifestNo(String);

/// A counter of a one-stop desk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterCode(String);

/// Mã bưu cục.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostOfficeCode(String);

/// Số hiệu phiếu gửi hồ sơ.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConsignmentNoteNo(String);

/// Mã thủ tục hành chính: level, six digits, and whatever groups a province appends.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcedureCode(String);

checked_text!(AgencyCode, ManifestNo, CounterCode, PostOfficeCode, ConsignmentNoteNo, ProcedureCode);

const AGENCY_CHARS_MAX: usize = 35;
const PROCEDURE_CHARS_MAX: usize = 60;

fn is_group(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn within(text: &str, min: usize, max: usize, allowed: impl Fn(u8) -> bool) -> bool {
    (min..=max).contains(&text.len()) && text.bytes().all(allowed)
}

impl AgencyCode {
    /// Reads an agency code, exactly.
    pub fn parse(text: &str) -> Result<Self, Message> {
        if text.len() > AGENCY_CHARS_MAX && text.is_ascii() {
            return Err(Message::new(
                format!("an agency code has at most 35 characters, this has {}", text.len()),
                format!("mã cơ quan có nhiều nhất 35 ký tự, ở đây là {}", text.len()),
            ));
        }
        if text.split('.').all(is_group) {
            return Ok(AgencyCode(text.to_owned()));
        }
        Err(Message::new(
            "an agency code is groups of 0-9 and A-Z joined by dots, such as H32.15",
            "mã cơ quan gồm các nhóm chữ số và chữ hoa A–Z nối bằng dấu chấm, ví dụ H32.15",
        ))
    }
}

impl ManifestNo {
    /// Reads a manifest number.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let ok = within(text, 1, 64, |b| b.is_ascii_alphanumeric() || b"._/-".contains(&b));
        ok.then(|| ManifestNo(text.to_owned())).ok_or_else(|| {
            Message::new(
                "a manifest number is 1 to 64 of A-Z a-z 0-9 . _ / -",
                "số bảng kê gồm 1 đến 64 ký tự trong A–Z a–z 0–9 . _ / -",
            )
        })
    }
}

impl CounterCode {
    /// Reads a counter code.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let ok = within(text, 1, 32, |b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        ok.then(|| CounterCode(text.to_owned())).ok_or_else(|| {
            Message::new(
                "a counter code is 1 to 32 of 0-9 A-Z a-z . _ -",
                "mã quầy gồm 1 đến 32 ký tự trong 0–9 A–Z a–z . _ -",
            )
        })
    }
}

impl PostOfficeCode {
    /// Reads a post office code.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let ok = within(text, 4, 10, |b| b.is_ascii_digit() || b.is_ascii_uppercase());
        ok.then(|| PostOfficeCode(text.to_owned())).ok_or_else(|| {
            Message::new("a post office code is 4 to 10 of 0-9 A-Z", "mã bưu cục gồm 4 đến 10 ký tự trong 0–9 A–Z")
        })
    }
}

impl ConsignmentNoteNo {
    /// Reads the number of a consignment note.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let ok = within(text, 1, 40, |b| b.is_ascii_alphanumeric() || b"./-".contains(&b));
        ok.then(|| ConsignmentNoteNo(text.to_owned())).ok_or_else(|| {
            Message::new(
                "a consignment note number is 1 to 40 of 0-9 A-Z a-z . / -",
                "số phiếu gửi gồm 1 đến 40 ký tự trong 0–9 A–Z a–z . / -",
            )
        })
    }
}

impl ProcedureCode {
    /// Reads a procedure code.
    pub fn parse(text: &str) -> Result<Self, Message> {
        let ok = text.len() <= PROCEDURE_CHARS_MAX && {
            let mut groups = text.split('.');
            let level = groups.next().is_some_and(|group| matches!(group, "1" | "2" | "3"));
            let number = groups.next().is_some_and(|group| within(group, 6, 6, |b| b.is_ascii_digit()));
            level && number && groups.all(is_group)
        };
        ok.then(|| ProcedureCode(text.to_owned())).ok_or_else(|| {
            Message::new(
                "a procedure code is 1, 2 or 3, a dot and six digits, then dotted groups, such as 1.005129",
                "mã thủ tục gồm 1, 2 hoặc 3, dấu chấm và sáu chữ số, rồi các nhóm nối bằng dấu chấm, ví dụ 1.005129",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agency_codes_of_both_families() {
        for good in ["H32.15", "000.00.15.H32", "G09.20", "H26.15.7", "000.A0.01.H26"] {
            assert_eq!(AgencyCode::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "h32", "H32.", ".H32", "H32..15", "H32-15", "Đ32", &"A".repeat(36)] {
            assert!(AgencyCode::parse(bad).is_err(), "{bad}");
        }
        assert!(AgencyCode::parse(&"A".repeat(35)).is_ok());
    }

    #[test]
    fn procedure_codes_with_and_without_the_agency() {
        for good in ["1.005129", "2.000635", "3.010708.000.00.00.H32"] {
            assert!(ProcedureCode::parse(good).is_ok(), "{good}");
        }
        for bad in ["4.005129", "1.00512", "1.0051290", "1005129", "1.005129.", "1.005129.h32", ""] {
            assert!(ProcedureCode::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_codes_keep_to_their_alphabet() {
        assert!(ManifestNo::parse("BK/H32.15/2026-11-23_02").is_ok() && ManifestNo::parse("BK 1").is_err());
        assert!(ManifestNo::parse(&"B".repeat(65)).is_err() && ManifestNo::parse("").is_err());
        assert!(PostOfficeCode::parse("650100").is_ok() && PostOfficeCode::parse("650").is_err());
        assert!(ConsignmentNoteNo::parse("PG650100-2611230001").is_ok() && ConsignmentNoteNo::parse("PG_1").is_err());
        assert!(CounterCode::parse("Q3").is_ok() && CounterCode::parse("Quầy 3").is_err());
    }
}
