//! How an answer is written: JSON or XML, English or Vietnamese, as the caller's headers prefer (contract 1).

use crate::domain::problem::Language;

/// How this caller is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Voice {
    /// Errors and receipts as XML.
    pub xml: bool,
    /// Language of texts for people.
    pub language: Language,
}

impl Voice {
    /// From `Accept`, `Accept-Language` and `Content-Type`.
    pub fn of(accept: Option<&str>, accept_language: Option<&str>, content_type: Option<&str>) -> Self {
        let xml = prefers_xml(accept).unwrap_or_else(|| content_type.is_some_and(sends_xml));
        let language = if accept_language.is_some_and(prefers_vietnamese) { Language::Vi } else { Language::En };
        Voice { xml, language }
    }
}

const JSON: [&str; 2] = ["application/json", "application/problem+json"];
const XML: [&str; 3] = ["application/xml", "text/xml", "application/problem+xml"];

fn sends_xml(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(media_type.as_str(), "application/xml" | "text/xml")
}

/// Whether `Accept` prefers XML; none when it says nothing about the two, as `*/*` does.
fn prefers_xml(accept: Option<&str>) -> Option<bool> {
    let ranges = weighted(accept?);
    match (best(&ranges, &XML), best(&ranges, &JSON)) {
        (None, None) => None,
        (Some(xml), Some(json)) if xml == json => None,
        (xml, json) => Some(xml > json),
    }
}

/// Which of these media types `Accept` prefers; of equal ones the first.
pub(super) fn preferred(accept: &str, types: &[&str]) -> Option<usize> {
    let ranges = weighted(accept);
    let ranked = types.iter().enumerate().filter_map(|(place, kind)| Some((best(&ranges, &[kind])?, place)));
    ranked.max_by_key(|(rank, place)| (*rank, std::cmp::Reverse(*place))).map(|(_, place)| place)
}

/// Higher is better: quality in thousandths, how exactly a range names the type, how early it stands.
type Rank = (u32, u8, std::cmp::Reverse<usize>);

/// The rank of the best of these types. The most exact range that fits a type decides about it (RFC 9110 12.5.1).
fn best(ranges: &[(String, u32)], types: &[&str]) -> Option<Rank> {
    let rank = |media_type: &&str| {
        let fits = ranges.iter().enumerate().filter_map(|(place, (range, quality))| {
            exactness(range, media_type).map(|exact| (exact, std::cmp::Reverse(place), *quality))
        });
        fits.max().map(|(exact, place, quality)| (quality, exact, place))
    };
    types.iter().filter_map(rank).filter(|(quality, _, _)| *quality > 0).max()
}

fn exactness(range: &str, media_type: &str) -> Option<u8> {
    match range {
        "*/*" => Some(0),
        _ if range == media_type => Some(2),
        _ => {
            let family = range.strip_suffix("/*")?;
            media_type.split('/').next().filter(|own| *own == family).map(|_| 1)
        }
    }
}

fn prefers_vietnamese(accept_language: &str) -> bool {
    let ranges = weighted(accept_language);
    let of = |language: &str| {
        let named = |range: &str| range == language || range.split('-').next() == Some(language);
        ranges
            .iter()
            .enumerate()
            .filter(|(_, (range, quality))| named(range) && *quality > 0)
            .map(|(place, (_, quality))| (*quality, std::cmp::Reverse(place)))
            .max()
    };
    of("vi") > of("en")
}

/// The items of a header with their quality in thousandths; an item with a broken quality is left out.
fn weighted(header: &str) -> Vec<(String, u32)> {
    header.split(',').filter_map(item).collect()
}

fn item(text: &str) -> Option<(String, u32)> {
    let mut parts = text.split(';');
    let name = parts.next()?.trim().to_ascii_lowercase();
    let quality = parts.find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case("q").then(|| value.trim().to_owned())
    });
    let quality = match quality {
        None => 1_000,
        Some(text) => thousandths(&text)?,
    };
    (!name.is_empty()).then_some((name, quality))
}

fn thousandths(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u32 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1_000 + part).min(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(accept: Option<&str>, content_type: Option<&str>) -> bool {
        Voice::of(accept, None, content_type).xml
    }

    #[test]
    fn xml_is_for_those_who_prefer_it_or_send_it_without_saying() {
        let sent = Some("application/xml; charset=utf-8");
        assert!(!xml(None, None));
        assert!(!xml(None, Some("application/json")));
        assert!(xml(None, sent) && xml(Some("*/*"), sent) && xml(None, Some("Text/XML")));
        assert!(!xml(Some("application/json"), sent));
        for accept in [
            "application/xml",
            "text/xml",
            "application/xml, */*",
            "application/json;q=0.5, application/xml",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/problem+xml",
            "text/*",
        ] {
            assert!(xml(Some(accept), Some("application/json")), "{accept}");
        }
        for accept in [
            "application/json",
            "application/json, application/xml;q=0.9",
            "application/json, */*",
            "application/xml;q=0, */*",
            "application/xml;q=0.4, */*;q=0.5",
            "text/html",
            "",
            ";;,,q=1",
        ] {
            assert!(!xml(Some(accept), None), "{accept}");
        }
    }

    #[test]
    fn vietnamese_when_it_is_preferred() {
        let vi = |header: &str| Voice::of(None, Some(header), None).language == Language::Vi;
        assert!(vi("vi") && vi("vi-VN,vi;q=0.9,en;q=0.8") && vi("en;q=0.3, VI;q=0.5") && vi("fr, vi;q=0.1"));
        assert!(!vi("en, vi;q=0.9") && !vi("*") && !vi("vi;q=0") && !vi("") && !vi("en-GB,vi"));
    }
}
