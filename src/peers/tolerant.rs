//! Tolerant readers: numbers as text, keys with spaces, several spellings, dates of the post, masked contacts.
//!
//! Tolerant about form, strict about meaning: nothing is guessed between day and month, and no fraction of a đồng.

use crate::base::time::Ts;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};

/// Reads JSON, with or without a byte order mark.
pub fn json(body: &[u8]) -> Option<Value> {
    serde_json::from_slice(without_bom(body)).ok()
}

/// Whether there is nothing but white space.
pub fn is_blank(body: &[u8]) -> bool {
    without_bom(body).iter().all(u8::is_ascii_whitespace)
}

fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

/// A JSON object whose keys are read trimmed and without regard to case.
#[derive(Clone, Copy)]
pub struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    /// The value as an object.
    pub fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Fields)
    }

    /// The first of these keys that has a value other than null.
    pub fn get(&self, keys: &[&str]) -> Option<&'a Value> {
        keys.iter().find_map(|key| {
            let exact = self.0.get(*key);
            let loose =
                || self.0.iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(key)).map(|(_, value)| value);
            exact.or_else(loose).filter(|value| !value.is_null())
        })
    }

    /// Text, or a number as text; trimmed, never empty.
    pub fn text(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| self.get(&[key]).and_then(text))
    }

    /// Text of a person: none when damaged or masked.
    pub fn person(&self, keys: &[&str]) -> Option<String> {
        self.text(keys).filter(|text| !is_masked(text) && !is_damaged(text))
    }

    /// A whole number, as a number or as text.
    pub fn integer(&self, keys: &[&str]) -> Option<i64> {
        self.get(keys).and_then(integer)
    }

    /// A truth value: `true`, `"true"`, `1`, `"1"` and their opposites.
    pub fn boolean(&self, keys: &[&str]) -> Option<bool> {
        match self.get(keys)? {
            Value::Bool(flag) => Some(*flag),
            other => match text(other)?.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
        }
    }

    /// A nested object; an object written as JSON inside a string is read too.
    pub fn object(&self, keys: &[&str]) -> Option<Value> {
        match self.get(keys)? {
            value @ Value::Object(_) => Some(value.clone()),
            Value::String(nested) => serde_json::from_str(nested).ok().filter(Value::is_object),
            _ => None,
        }
    }

    /// A nested list; a list written as JSON inside a string is read too.
    pub fn list(&self, keys: &[&str]) -> Option<Vec<Value>> {
        match self.get(keys)? {
            Value::Array(items) => Some(items.clone()),
            Value::String(nested) => match serde_json::from_str(nested) {
                Ok(Value::Array(items)) => Some(items),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Text of a scalar, trimmed, never empty.
pub fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A whole number: `18000`, `"18000"`, `18000.0`; never one with a real fraction.
pub fn integer(value: &Value) -> Option<i64> {
    let text = text(value)?;
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text.as_str(),
    };
    whole.parse().ok()
}

/// Whether the post has masked a contact with `+`; a leading `+` of a telephone number is no mask.
pub fn is_masked(text: &str) -> bool {
    let text = text.trim();
    text == "+" || text.char_indices().any(|(at, character)| character == '+' && at > 0)
}

/// Whether letters were lost: replacement characters, or UTF-8 that somebody read as Latin-1 (E14).
pub fn is_damaged(text: &str) -> bool {
    let latin: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect();
    let misread = latin.is_some_and(|bytes| !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok());
    misread || text.contains('\u{FFFD}')
}

/// An instant as the post writes it: `dd/MM/yyyy HH:mm[:ss[.fraction]]`, `dd/MM/yyyy`, or ISO 8601.
///
/// Without an offset it is Vietnam time. Fractions are cut at the microsecond. Month first is never guessed.
pub fn instant(text: &str) -> Option<Ts> {
    let text = cut_fraction(text.trim());
    let text = text.as_str();
    if text.get(10..11) == Some("T")
        && let Some(at) = Ts::parse_rfc3339(text)
    {
        return Some(at);
    }
    const FORMATS: &[&str] =
        &["%d/%m/%Y %H:%M:%S%.f", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];
    let read = |format: &&str| NaiveDateTime::parse_from_str(text, format).ok();
    let local = FORMATS.iter().find_map(read).or_else(|| day(text)?.and_hms_opt(0, 0, 0))?;
    plausible(local.date()).then(|| Ts::from_vietnam(local)).flatten()
}

fn day(text: &str) -> Option<NaiveDate> {
    ["%d/%m/%Y", "%d-%m-%Y"].iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok())
}

fn plausible(date: NaiveDate) -> bool {
    use chrono::Datelike;
    (2000..=2099).contains(&date.year())
}

/// Seconds arrive with up to nine fraction digits; we keep six.
fn cut_fraction(text: &str) -> String {
    let Some((head, tail)) = text.split_once('.') else { return text.to_owned() };
    let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
    let kept = tail.get(..digits.min(6)).unwrap_or_default();
    let offset = tail.get(digits..).unwrap_or_default();
    format!("{head}.{kept}{offset}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_scalars_in_every_dress() {
        let value = json!({"statusHistory ": [1], "STATUS": "14", "codAmount": 18000.0, "weight": " 60 ", "fee": "0.5",
            "yes": "1", "no": false, "null": null, "nested": "{\"a\": 1}", "empty": "  "});
        let fields = Fields::of(&value).unwrap();
        assert_eq!(fields.list(&["statusHistory"]), Some(vec![json!(1)]));
        assert_eq!(fields.text(&["status"]).as_deref(), Some("14"));
        assert_eq!(fields.integer(&["codAmount"]), Some(18_000));
        assert_eq!(fields.integer(&["weight"]), Some(60));
        assert_eq!(fields.integer(&["fee"]), None, "no fraction of a đồng");
        assert_eq!((fields.boolean(&["yes"]), fields.boolean(&["no"])), (Some(true), Some(false)));
        assert_eq!((fields.text(&["null"]), fields.text(&["empty"])), (None, None));
        assert_eq!(fields.text(&["null", "status"]).as_deref(), Some("14"), "the next spelling is tried");
        assert_eq!(fields.object(&["nested"]), Some(json!({"a": 1})));
        assert!(json(b"\xEF\xBB\xBF{}").is_some() && is_blank(b"\xEF\xBB\xBF \r\n"));
    }

    #[test]
    fn masked_and_damaged_people_are_not_taken_over() {
        assert!(is_masked("Nguy++++ M+u") && is_masked("09000+++41") && is_masked("+++++"));
        let misread: String = "Nguyễn Thị Mẫu".bytes().map(char::from).collect();
        assert!(is_damaged(&misread));
        assert!(["Nguyễn Thị Mẫu", "Trần Văn Thử", "Lê Hà", "An"].iter().all(|name| !is_damaged(name)));
        assert!(!is_masked("+84900000041") && !is_masked("Nguyễn Thị Mẫu"));
        let value = json!({"a": "Nguy\u{FFFD}n", "b": "Ng+++", "c": "Trần Văn Thử"});
        let fields = Fields::of(&value).unwrap();
        assert_eq!(fields.person(&["a", "b"]), None);
        assert_eq!(fields.person(&["c"]).as_deref(), Some("Trần Văn Thử"));
    }

    /// E15: day first, never guessed; Vietnam time when no offset is written.
    #[test]
    fn reads_the_times_of_the_post() {
        let utc = |text: &str| Ts::parse_rfc3339(text).unwrap();
        assert_eq!(instant("03/04/2026 09:15:00"), Some(utc("2026-04-03T02:15:00Z")));
        assert_eq!(instant("06/11/2026 09:15"), Some(utc("2026-11-06T02:15:00Z")));
        assert_eq!(instant("06/11/2026"), Some(utc("2026-11-05T17:00:00Z")));
        assert_eq!(instant("2026-11-06T09:15:00"), Some(utc("2026-11-06T02:15:00Z")));
        assert_eq!(instant("2026-11-06T09:15:00.1234567"), Some(utc("2026-11-06T02:15:00.123456Z")));
        assert_eq!(instant("2026-11-06T09:15:00.1234567+07:00"), Some(utc("2026-11-06T02:15:00.123456Z")));
        for bad in
            ["11/25/2026 09:15:00", "31/11/2026", "06/11/1970 00:00:00", "2026-11-06T09:15:00+99:00", "", "hôm qua"]
        {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }
}
