//! One value as a caller sent it, the rules that every format shares, and the gathering of problems by field.
//!
//! A reader of JSON, XML or CSV says only what it found; what it means is decided here, so that one body has one
//! meaning in every format.

use crate::base::text;
use crate::base::time::{self, Ts};
use crate::domain::leg::{LegKind, Side};
use crate::domain::meaning::{Canonical, Meaning};
use crate::domain::problem::{Code, Message, Problem};
use chrono::NaiveDate;
use std::fmt;

/// Most đồng in one amount (contract 1).
pub const MONEY_MAX: i64 = 10_000_000_000;

/// A value as it was found. It may be a name or a phone: printing it shows its kind alone.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Raw {
    /// Nothing was sent.
    #[default]
    Absent,
    /// Text of a format that tells text from numbers (JSON).
    Text(String),
    /// An integer of such a format.
    Integer(i64),
    /// True or false of such a format.
    Truth(bool),
    /// Text of a format that has nothing else (XML, CSV): a number or a text, as the field wants it.
    Lexical(String),
    /// Something that is no value of any field.
    Wrong(Shape),
}

/// What stood where a value should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `null`, which is not absence.
    Null,
    /// A number with a fraction or an exponent, or too large to count with.
    Number,
    /// An object, or an element with elements inside.
    Object,
    /// An array.
    Array,
}

/// Whether a group of fields (party, totals, papers) was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Not sent.
    #[default]
    Absent,
    /// Sent, with the right shape.
    Present,
    /// Sent, with another shape.
    Wrong,
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Raw::Absent => "Absent",
            Raw::Text(_) => "Text(***)",
            Raw::Integer(_) => "Integer(***)",
            Raw::Truth(_) => "Truth(***)",
            Raw::Lexical(_) => "Lexical(***)",
            Raw::Wrong(_) => "Wrong",
        })
    }
}

impl Raw {
    /// Whether nothing was sent.
    pub fn is_absent(&self) -> bool {
        matches!(self, Raw::Absent)
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Raw::Text(text) | Raw::Lexical(text) => Some(text),
            _ => None,
        }
    }

    /// The integer, where it is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Raw::Integer(number) => Some(*number),
            Raw::Lexical(text) => {
                let text = text.trim();
                let digits = text.strip_prefix('-').unwrap_or(text);
                let ok = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                ok.then(|| text.parse().ok()).flatten()
            }
            _ => None,
        }
    }
}

/// Why a value was not taken; where it stood is added by the gathering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The code of the problem.
    pub code: Code,
    /// The reason, without the value.
    pub message: Message,
}

impl Fault {
    /// A fault with its code and reason.
    pub fn new(code: Code, en: impl Into<String>, vi: impl Into<String>) -> Self {
        Fault { code, message: Message::new(en, vi) }
    }

    /// `FIELD_INVALID` with its reason.
    pub fn invalid(en: impl Into<String>, vi: impl Into<String>) -> Self {
        Fault::new(Code::FieldInvalid, en, vi)
    }
}

fn not_text(raw: &Raw) -> Fault {
    match raw {
        Raw::Wrong(Shape::Null) => null(),
        _ => Fault::invalid("must be text", "phải là văn bản"),
    }
}

fn null() -> Fault {
    Fault::invalid("null is not absence: leave the field out", "null không phải là bỏ trống: hãy bỏ hẳn trường này")
}

/// A text of 1 to `max` characters: NFC, trimmed, undamaged, without control characters (contract 1).
pub fn text(raw: &Raw, max: usize) -> Result<String, Fault> {
    let sent = raw.as_text().ok_or_else(|| not_text(raw))?;
    // Before trimming: a garbled `à` ends in a no-break space.
    if text::is_damaged(sent) {
        return Err(Fault::new(
            Code::TextDamaged,
            "letters were damaged on the way: send the text again as UTF-8",
            "chữ bị hỏng khi chuyển mã: hãy gửi lại dạng UTF-8",
        ));
    }
    let kept = text::normalise(sent);
    if kept.is_empty() {
        return Err(Fault::invalid(
            "must not be empty: leave the field out",
            "không được để rỗng: hãy bỏ hẳn trường này",
        ));
    }
    if text::has_control(&kept) {
        return Err(Fault::invalid("holds control characters", "có ký tự điều khiển"));
    }
    let chars = kept.chars().count();
    if chars > max {
        return Err(Fault::invalid(
            format!("has {chars} characters, at most {max} are kept"),
            format!("dài {chars} ký tự, tối đa {max}"),
        ));
    }
    Ok(kept.into_owned())
}

/// An identifier: normalised text through its own parser; the reason is the parser's, the code the caller's.
pub fn parsed<T>(raw: &Raw, code: Code, parse: impl Fn(&str) -> Result<T, Message>) -> Result<T, Fault> {
    let sent = raw.as_text().ok_or_else(|| not_text(raw))?;
    parse(&text::normalise(sent)).map_err(|message| Fault { code, message })
}

/// An integer from `min` to `max`.
pub fn integer(raw: &Raw, min: i64, max: i64) -> Result<i64, Fault> {
    match raw.as_integer() {
        Some(number) if (min..=max).contains(&number) => Ok(number),
        _ if *raw == Raw::Wrong(Shape::Null) => Err(null()),
        _ => Err(Fault::invalid(
            format!("must be an integer from {min} to {max}, digits only"),
            format!("phải là số nguyên từ {min} đến {max}, chỉ gồm chữ số"),
        )),
    }
}

/// A count that fits 32 bits, from `min` to `max`.
pub fn count(raw: &Raw, min: u32, max: u32) -> Result<u32, Fault> {
    let number = integer(raw, i64::from(min), i64::from(max))?;
    u32::try_from(number).map_err(|_| Fault::invalid("is too large", "quá lớn"))
}

/// An amount in đồng.
pub fn money(raw: &Raw) -> Result<i64, Fault> {
    integer(raw, 0, MONEY_MAX)
}

/// An instant: RFC 3339 with an offset.
pub fn instant(raw: &Raw) -> Result<Ts, Fault> {
    let sent = raw.as_text().ok_or_else(|| not_text(raw))?;
    Ts::parse_rfc3339(sent.trim()).ok_or_else(|| {
        Fault::invalid(
            "must be RFC 3339 with an offset, such as 2026-11-24T17:00:00+07:00, at a time that exists",
            "phải theo RFC 3339 có múi giờ, ví dụ 2026-11-24T17:00:00+07:00, và là thời điểm có thật",
        )
    })
}

/// A calendar date.
pub fn date(raw: &Raw) -> Result<NaiveDate, Fault> {
    let sent = raw.as_text().ok_or_else(|| not_text(raw))?;
    time::parse_date(sent.trim())
        .ok_or_else(|| Fault::invalid("must be YYYY-MM-DD, a day that exists", "phải là YYYY-MM-DD và là ngày có thật"))
}

/// True or false.
pub fn truth(raw: &Raw) -> Result<bool, Fault> {
    match raw {
        Raw::Truth(value) => Ok(*value),
        Raw::Wrong(Shape::Null) => Err(null()),
        _ => Err(Fault::invalid("must be true or false", "phải là true hoặc false")),
    }
}

/// One word of a list.
pub fn word<T>(raw: &Raw, words: &[T], written: impl Fn(&T) -> &'static str) -> Result<T, Fault>
where
    T: Copy,
{
    let sent = raw.as_text().ok_or_else(|| not_text(raw))?;
    let sent = sent.trim();
    words.iter().copied().find(|word| written(word) == sent).ok_or_else(|| {
        let list = words.iter().map(written).collect::<Vec<_>>().join(", ");
        Fault::invalid(format!("must be one of {list}"), format!("phải là một trong {list}"))
    })
}

/// `INTAKE` or `RESULT`.
pub fn leg_kind(raw: &Raw) -> Result<LegKind, Fault> {
    word(raw, LegKind::ALL, |kind| kind.as_str())
}

/// One of the two sides that hold papers.
pub fn holding_side(raw: &Raw) -> Result<Side, Fault> {
    word(raw, &[Side::Agency, Side::Post], |side| side.as_str())
}

/// Where a value stands, written as the contract writes fields.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// `party.phone`.
    Field(&'a str),
    /// `papers[0].quantity`; the member may be empty: `papers[0]`.
    Item(&'a str, usize, &'a str),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::Field(name) => f.write_str(name),
            At::Item(list, index, "") => write!(f, "{list}[{index}]"),
            At::Item(list, index, member) => write!(f, "{list}[{index}].{member}"),
        }
    }
}

/// Takes values one after the other; keeps the problems in that order and the meaning of all that was sent.
pub struct Gathering<'m> {
    /// What was found wrong so far.
    pub problems: Vec<Problem>,
    problems_max: usize,
    meaning: &'m mut Meaning,
}

impl<'m> Gathering<'m> {
    /// Begins; the meaning goes on from where it stands. Only the first problems are kept, since a small body can hold
    /// a great many, but never without one that refuses.
    pub fn new(meaning: &'m mut Meaning, problems_max: usize) -> Self {
        Gathering { problems: Vec::new(), problems_max, meaning }
    }

    fn push(&mut self, problem: Problem) {
        if self.problems.len() < self.problems_max || (problem.is_error() && !self.has_error()) {
            self.problems.push(problem);
        }
    }

    /// Takes a value that may be absent.
    pub fn optional<T: Canonical>(
        &mut self,
        at: At<'_>,
        raw: &Raw,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        if raw.is_absent() {
            return None;
        }
        match rule(raw) {
            Ok(value) => {
                self.meaning.put(at, &value);
                Some(value)
            }
            Err(fault) => {
                self.meaning.put(at, raw);
                self.fault(at, fault);
                None
            }
        }
    }

    /// Takes a value that must be there.
    pub fn required<T: Canonical>(
        &mut self,
        at: At<'_>,
        raw: &Raw,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        if raw.is_absent() {
            self.missing(at);
        }
        self.optional(at, raw, rule)
    }

    /// Takes a value with a default: leaving it out means the same as writing the default.
    pub fn defaulted<T: Canonical>(
        &mut self,
        at: At<'_>,
        raw: &Raw,
        default: T,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        if raw.is_absent() {
            self.meaning.put(at, &default);
            return Some(default);
        }
        self.optional(at, raw, rule)
    }

    /// Refuses a value that may not stand here; absent is fine.
    pub fn forbidden(&mut self, at: At<'_>, raw: &Raw, en: &str, vi: &str) {
        if !raw.is_absent() {
            self.meaning.put(at, raw);
            self.fault(at, Fault::new(Code::FieldNotAllowed, en, vi));
        }
    }

    /// Says whether a group was sent, and what is wrong when it was not.
    pub fn part(&mut self, at: At<'_>, part: Part) -> bool {
        match part {
            Part::Present => {}
            Part::Absent => self.missing(at),
            Part::Wrong => self.wrong_part(at),
        }
        part == Part::Present
    }

    /// Something else than the group stands where the group should be.
    pub fn wrong_part(&mut self, at: At<'_>) {
        self.meaning.put(at, &"wrong");
        self.fault(at, Fault::invalid("has the wrong shape", "có dạng không đúng"));
    }

    /// A field that must be there is not.
    pub fn missing(&mut self, at: At<'_>) {
        let fault = Fault::new(Code::FieldMissing, "is missing", "bị thiếu");
        self.fault(at, fault);
    }

    /// Fields that do not exist, in the order sent.
    pub fn unknown(&mut self, names: &[String]) {
        for name in names {
            self.meaning.put(At::Field(name), &"unknown");
            self.fault(
                At::Field(name),
                Fault::new(
                    Code::FieldUnknown,
                    "is no field here: check the spelling",
                    "không có trường này: hãy xem lại tên",
                ),
            );
        }
    }

    /// A problem that refuses.
    pub fn fault(&mut self, at: At<'_>, fault: Fault) {
        let Fault { code, message } = fault;
        self.push(Problem::error(code, at.to_string(), message.en, message.vi));
    }

    /// A problem that is told and does not refuse.
    pub fn warn(&mut self, code: Code, at: At<'_>) {
        let row = code.entry();
        self.push(Problem::warning(code, at.to_string(), row.title_en, row.title_vi));
    }

    /// Whether something refuses.
    pub fn has_error(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}
