//! Which format a body has and that it is UTF-8: never guessed, 415 when it is something else (contract 1).

use crate::domain::problem::{Code, Refusal};

/// The three spellings of a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`.
    Json,
    /// `application/xml`, `text/xml`.
    Xml,
    /// `text/csv`.
    Csv,
}

impl Format {
    /// The media type that we write.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Xml => "application/xml",
            Format::Csv => "text/csv",
        }
    }

    /// By the ending of a file's name.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "json" => Some(Format::Json),
            "xml" => Some(Format::Xml),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }
}

/// The format of a manifest from its `Content-Type`; refuses other media types and other encodings.
pub fn detect(content_type: Option<&str>, body: &[u8]) -> Result<Format, Refusal> {
    let (media_type, charset) = split(content_type);
    let format = match media_type.as_str() {
        "application/json" => Format::Json,
        "application/xml" | "text/xml" => Format::Xml,
        "text/csv" => Format::Csv,
        _ => return Err(unsupported("application/json, application/xml, text/xml, text/csv")),
    };
    require_utf8(charset.as_deref(), body)?;
    if format == Format::Xml && declared_encoding(body).is_some_and(|name| !is_utf8_name(name)) {
        return Err(charset_refused("the XML declaration names another encoding", "khai báo XML ghi bảng mã khác"));
    }
    Ok(format)
}

/// Refuses a body that is not `application/json` in UTF-8.
pub fn require_json(content_type: Option<&str>, body: &[u8]) -> Result<(), Refusal> {
    let (media_type, charset) = split(content_type);
    if media_type != "application/json" {
        return Err(unsupported("application/json"));
    }
    require_utf8(charset.as_deref(), body)
}

/// The body as text, without its byte order mark.
pub(super) fn utf8(body: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| not_utf8())?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn split(content_type: Option<&str>) -> (String, Option<String>) {
    let mut parts = content_type.unwrap_or_default().split(';');
    let media_type = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    });
    (media_type, charset)
}

fn is_utf8_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8")
}

fn require_utf8(charset: Option<&str>, body: &[u8]) -> Result<(), Refusal> {
    if charset.is_some_and(|name| !is_utf8_name(name)) {
        return Err(charset_refused("Content-Type names another charset", "Content-Type ghi bảng mã khác"));
    }
    // No format begins with NUL or has one in second place: that is UTF-16 or UTF-32 without a mark.
    let is_wide =
        body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]) || body.iter().take(2).any(|b| *b == 0);
    if is_wide || std::str::from_utf8(body).is_err() {
        return Err(not_utf8());
    }
    Ok(())
}

/// `encoding` of an XML declaration at the very beginning.
fn declared_encoding(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?;
    let rest = text.strip_prefix('\u{feff}').unwrap_or(text).strip_prefix("<?xml")?;
    let (declaration, _) = rest.split_once("?>")?;
    let (_, after) = declaration.split_once("encoding")?;
    let quoted = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    quoted.get(1..)?.split(quote).next()
}

fn unsupported(list: &str) -> Refusal {
    Refusal::new(
        Code::MediaTypeUnsupported,
        format!("Content-Type must be one of {list}"),
        format!("Content-Type phải là một trong {list}"),
    )
}

fn charset_refused(en: &str, vi: &str) -> Refusal {
    Refusal::new(Code::CharsetUnsupported, format!("{en}; send UTF-8"), format!("{vi}; hãy gửi UTF-8"))
}

fn not_utf8() -> Refusal {
    charset_refused("the body is not UTF-8", "nội dung không phải UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_declared_utf8_bodies_pass() {
        let code = |content_type: Option<&str>, body: &[u8]| detect(content_type, body).map_err(|refusal| refusal.code);
        assert_eq!(code(Some("application/json; charset=UTF-8"), b"{}"), Ok(Format::Json));
        assert_eq!(code(Some("TEXT/XML; charset=\"utf-8\""), b"<a/>"), Ok(Format::Xml));
        assert_eq!(code(Some("text/csv;header=present"), "\u{feff}a".as_bytes()), Ok(Format::Csv));
        for (content_type, body) in [
            ("text/csv; charset=windows-1258", b"a".as_slice()),
            ("text/csv", b"Nguy\xea\xdfn"),
            ("application/xml", b"\xff\xfe<\0a\0"),
            ("application/xml", b"<\0a\0"),
            ("application/json", b"\0{\0}"),
            ("application/xml", b"<?xml version='1.0' encoding='UTF-16'?><a/>"),
            ("application/xml", b"<?xml version=\"1.0\" encoding = \"windows-1258\"?><a/>"),
        ] {
            assert_eq!(code(Some(content_type), body), Err(Code::CharsetUnsupported), "{content_type}");
        }
        for content_type in [None, Some(""), Some("text/plain"), Some("application/x-www-form-urlencoded")] {
            assert_eq!(code(content_type, b"{}"), Err(Code::MediaTypeUnsupported));
        }
        for (name, format) in [("a.b.JSON", Format::Json), ("bk.xml", Format::Xml), ("/tmp/x.csv", Format::Csv)] {
            assert_eq!(Format::of_file_name(name), Some(format));
            assert_eq!(code(Some(format.media_type()), b"<a/>"), Ok(format));
        }
        assert_eq!(Format::of_file_name("json"), None);
        assert!(require_json(Some("application/json"), b"{}").is_ok());
        assert!(require_json(Some("text/csv"), b"{}").is_err());
    }
}
