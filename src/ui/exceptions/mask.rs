//! Raw messages as an administrator may see them: structure, codes and times stay; what may be a name, an address or a phone does
//! not.

use serde_json::Value;

/// Members whose text is a status, never a person.
const STATUS_WORDS: &[&str] = &["status", "trangthai", "raw_text", "occurred_text", "error", "event", "type"];

/// The message with personal data covered, and whether anything was covered. What is no JSON is not shown at all.
pub(super) fn masked(text: &str) -> Option<(String, bool)> {
    let mut value: Value = serde_json::from_str(text).ok()?;
    let mut covered = false;
    cover(&mut value, "", &mut covered);
    let shown = serde_json::to_string_pretty(&value).ok()?;
    Some((shown, covered))
}

fn cover(value: &mut Value, name: &str, covered: &mut bool) {
    match value {
        Value::Object(members) => members.iter_mut().for_each(|(name, value)| cover(value, name, covered)),
        Value::Array(values) => values.iter_mut().for_each(|value| cover(value, name, covered)),
        Value::String(text) => {
            if let Some(cover) = cover_of(name, text) {
                *text = cover;
                *covered = true;
            }
        }
        Value::Number(number) => {
            if let Some(cover) = phone(&number.to_string()) {
                *value = Value::String(cover);
                *covered = true;
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn cover_of(name: &str, text: &str) -> Option<String> {
    let name = name.to_lowercase();
    if STATUS_WORDS.iter().any(|word| name.contains(word)) {
        return None;
    }
    if let Some(cover) = phone(text) {
        return Some(cover);
    }
    // A code is one word of ASCII; anything else may be a name, an address or a note.
    let code =
        !text.is_empty() && text.is_ascii() && !text.contains([' ', '@']) && text.bytes().any(|b| b.is_ascii_digit());
    let word = text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let time = text.bytes().all(|b| b.is_ascii_digit() || b"-:/ .+TZ".contains(&b));
    (!code && !word && !time).then(|| "•••".to_owned())
}

/// A phone keeps its last three digits, so that people can tell two apart.
fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !" .-()".contains(*c)).collect();
    let plain = digits.strip_prefix('+').unwrap_or(&digits);
    let is_phone = plain.bytes().all(|b| b.is_ascii_digit())
        && ((plain.starts_with('0') && (10..=11).contains(&plain.len()))
            || (plain.starts_with("84") && (11..=12).contains(&plain.len())));
    is_phone.then(|| format!("•••{}", plain.get(plain.len() - 3..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_covered_and_codes_are_not() {
        let text = r#"{"fact_id":"P4-77-1","family":"P4","raw_code":"105","raw_text":"Đang chờ phát","receiver":{"name":"Trần Văn Lực",
            "id_checked":true},"phone":"0900000041","tel":84900000041,"mail":"a1@b.vn","occurred_at_us":1763600000000000,
            "at":"2026-11-20T08:00:00+07:00","event":"DELIVERED","addr":"12 Trần Phú","short":"Hanh"}"#;
        let (shown, covered) = masked(text).unwrap();
        assert!(covered);
        for kept in
            ["P4-77-1", "105", "Đang chờ phát", "1763600000000000", "2026-11-20T08:00:00+07:00", "DELIVERED", "•••041"]
        {
            assert!(shown.contains(kept), "{kept} in {shown}");
        }
        for gone in ["Trần", "0900000041", "84900000041", "a1@b.vn", "Hanh"] {
            assert!(!shown.contains(gone), "{gone} in {shown}");
        }
        assert_eq!(masked("<xml/>"), None);
        assert_eq!(masked("{\"state\":\"ACCEPTED\",\"events\":3}").map(|(_, covered)| covered), Some(false));
    }
}
