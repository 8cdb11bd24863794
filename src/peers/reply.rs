//! What an HTTP answer means before its family reads the body (wire-formats 6, "Error form").

use crate::peers::tolerant::{self, Fields};
use crate::peers::{Answer, Reply};
use serde_json::Value;

const TEXT_CHARS_MAX: usize = 200;

/// The JSON of a 2xx answer, or what the answer means without one.
///
/// An empty body, `null` or a page of HTML may hide an effect (E1), and so may a 5xx or a redirect: all unknown.
pub fn body(reply: &Reply) -> Result<Value, Answer> {
    if let Some(answer) = by_status(reply) {
        return Err(answer);
    }
    if tolerant::is_blank(&reply.body) {
        return Err(Answer::unknown(format!("HTTP {} with an empty body", reply.status)));
    }
    match tolerant::json(&reply.body) {
        Some(Value::Null) => Err(Answer::unknown("the body is null")),
        Some(value) => Ok(value),
        None => Err(Answer::unknown(format!("HTTP {} with a body that is not JSON", reply.status))),
    }
}

/// What the status alone decides; none for 2xx.
pub fn by_status(reply: &Reply) -> Option<Answer> {
    let status = reply.status;
    match status {
        200..=299 => None,
        401 | 403 => Some(Answer::Unauthorised),
        429 | 503 => Some(Answer::Retry { retry_after_s: reply.retry_after_s, why: format!("HTTP {status}") }),
        408 => Some(Answer::unknown("HTTP 408")),
        400..=499 => Some(Answer::Refused { code: format!("HTTP_{status}"), text: message(&reply.body) }),
        _ => Some(Answer::unknown(format!("HTTP {status}"))),
    }
}

/// The counterpart's own words, wherever it puts them; empty when there are none.
pub fn message(body: &[u8]) -> String {
    let Some(value) = tolerant::json(body) else { return String::new() };
    Fields::of(&value).map(message_of).unwrap_or_default()
}

/// The counterpart's own words in an object.
pub fn message_of(fields: Fields<'_>) -> String {
    let keys = ["errorMessage", "message", "description", "error", "detail"];
    shortened(&fields.text(&keys).unwrap_or_default())
}

/// Without long numbers (telephones, identity numbers) and not longer than a line (design rule 14).
pub fn shortened(text: &str) -> String {
    let mut kept = String::new();
    let mut digits = String::new();
    for character in text.chars().take(TEXT_CHARS_MAX).chain(['\n']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        kept.push_str(if digits.len() >= 8 { "***" } else { &digits });
        digits.clear();
        kept.push(if character.is_control() { ' ' } else { character });
    }
    kept.trim().to_owned()
}

/// What an explicit no with HTTP 200 means, by its words; `code` stands in when the counterpart gives none.
pub fn refusal(fields: Fields<'_>, code: &str) -> Answer {
    let text = message_of(fields);
    if says_exists(&text) {
        Answer::unknown("the counterpart says that it has this already")
    } else if says_token(&text) {
        Answer::Unauthorised
    } else if says_busy(&text) {
        Answer::Retry { retry_after_s: None, why: text }
    } else {
        Answer::Refused { code: fields.text(&["errorCode", "code"]).unwrap_or_else(|| code.to_owned()), text }
    }
}

/// Whether the counterpart refuses because it has the order already (E3): success that has to be asked for.
pub fn says_exists(text: &str) -> bool {
    says(text, &["đã tồn tại", "đã có đơn", "trùng", "already exist", "duplicate"])
}

/// Whether the counterpart asks to come back: a no for now.
pub fn says_busy(text: &str) -> bool {
    says(text, &["thử lại sau", "hệ thống bận", "quá tải", "bảo trì", "try again", "busy"])
}

/// Whether the counterpart says that there is no such order.
pub fn says_absent(text: &str) -> bool {
    says(text, &["không tìm thấy", "không tồn tại", "không có dữ liệu", "not found", "not exist", "no data"])
}

/// Whether the counterpart says, with HTTP 200, that the token is no good (E4).
pub fn says_token(text: &str) -> bool {
    says(text, &["token", "phiên đăng nhập", "unauthorized"])
}

fn says(text: &str, phrases: &[&str]) -> bool {
    let folded = super::status::folded(text);
    phrases.iter().any(|phrase| folded.contains(&super::status::folded(phrase)))
}

#[cfg(test)]
pub(crate) fn replied(status: u16, body: &str) -> Reply {
    Reply { status, retry_after_s: None, content_type: None, body: body.as_bytes().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E1: none of these is proof of anything.
    #[test]
    fn an_answer_without_a_readable_body_is_unknown() {
        for body_text in ["", " \r\n", "null", "<html><body>Bảo trì hệ thống</body></html>", "{\"Status\": tr"] {
            assert!(matches!(body(&replied(200, body_text)), Err(Answer::Unknown { .. })), "{body_text}");
        }
        for status in [302, 500, 502, 504, 408] {
            assert!(matches!(body(&replied(status, "{}")), Err(Answer::Unknown { .. })), "{status}");
        }
    }

    #[test]
    fn only_429_and_503_carry_a_hint() {
        let with_hint = |status| Reply { retry_after_s: Some(7), ..replied(status, "") };
        for status in [429, 503] {
            assert_eq!(
                by_status(&with_hint(status)).map(|answer| answer.outcome()),
                Some(crate::domain::retry::Outcome::Retry { retry_after_us: Some(7_000_000) })
            );
        }
        assert_eq!(
            by_status(&with_hint(500)).map(|answer| answer.outcome()),
            Some(crate::domain::retry::Outcome::Unknown)
        );
        assert_eq!(by_status(&with_hint(401)), Some(Answer::Unauthorised));
    }

    #[test]
    fn words_of_a_counterpart_are_kept_without_long_numbers() {
        let reply = replied(400, r#"{"errorMessage": "Số điện thoại 0900000041 sai, mã 4021"}"#);
        assert_eq!(
            by_status(&reply),
            Some(Answer::Refused {
                code: "HTTP_400".to_owned(), text: "Số điện thoại *** sai, mã 4021".to_owned()
            })
        );
        assert!(
            says_exists("Đơn hàng ĐÃ TỒN TẠI")
                && says_absent("Không tìm thấy đơn hàng")
                && !says_exists("không hợp lệ")
        );
        assert!(!says_exists("Đã có lỗi xảy ra"));
        assert!(shortened(&"ư".repeat(1000)).chars().count() <= TEXT_CHARS_MAX);
    }

    #[test]
    fn an_explicit_no_is_told_apart_by_its_words() {
        let answer = |text: &str| {
            let value = serde_json::json!({"message": text});
            refusal(Fields::of(&value).unwrap(), "NO")
        };
        assert!(matches!(answer("Hệ thống bận, vui lòng thử lại sau"), Answer::Retry { retry_after_s: None, .. }));
        assert!(matches!(answer("Số đơn hàng đã tồn tại"), Answer::Unknown { .. }));
        assert_eq!(answer("Token hết hạn"), Answer::Unauthorised);
        assert!(matches!(answer("Sai mã khách hàng"), Answer::Refused { code, .. } if code == "NO"));
    }
}
