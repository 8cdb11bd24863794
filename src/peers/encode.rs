//! Query strings, forms, and the spellings that the post wants.

use crate::peers::tolerant::is_masked;

/// `a=1&b=2`, percent-encoded as UTF-8.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let encoded: Vec<String> =
        pairs.iter().map(|(key, value)| format!("{}={}", percent(key), percent(value))).collect();
    encoded.join("&")
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A telephone number as the post's forms take it: `0…` for Vietnam, without separators; empty when masked.
pub fn phone(text: &str) -> String {
    if is_masked(text) {
        return String::new();
    }
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    match digits.strip_prefix("+84") {
        Some(rest) => format!("0{rest}"),
        None => digits,
    }
}

/// Text of a contact, or nothing when the post has masked it: a mask never overwrites real data.
pub fn unmasked(text: &str) -> &str {
    if is_masked(text) { "" } else { text.trim() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_vietnamese_and_telephones() {
        assert_eq!(form(&[("a", "Lê Lợi&12"), ("b", "x/y")]), "a=L%C3%AA%20L%E1%BB%A3i%2612&b=x%2Fy");
        assert_eq!(phone("+84 900 000 041"), "0900000041");
        assert_eq!(phone("0900.000.041"), "0900000041");
        assert_eq!((phone("09000+++41").as_str(), unmasked("Ng+++"), unmasked(" An ")), ("", "", "An"));
    }
}
