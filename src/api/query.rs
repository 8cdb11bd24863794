//! Strict reading of a query: known names, each once, good values; filters fold what they are given (contract 1, 4.2).

use crate::api::cursor;
use crate::app::feed;
use crate::domain::identifier::{DossierNo, ItemNumber};
use crate::domain::problem::{Code, Refusal};
use crate::store::read::PageAsk;

/// What a parameter takes.
#[derive(Debug, Clone, Copy)]
pub enum Takes {
    /// Any text of 1 to 200 characters.
    Text,
    /// One of these words.
    OneOf(fn() -> Vec<String>),
    /// Several of these words, with commas between.
    SomeOf(fn() -> Vec<String>),
    /// A dossier number, folded.
    DossierNo,
    /// An item number, folded.
    ItemNumber,
    /// Rows of a page, 1 to 500.
    Limit,
    /// A cursor of the list of this name.
    After(&'static str),
    /// A cursor of the feed.
    AfterEvent,
}

/// A parameter of a route.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub takes: Takes,
}

/// A parameter.
pub(super) const fn param(name: &'static str, takes: Takes) -> Param {
    Param { name, takes }
}

/// Rows of a page when the caller does not say.
pub(super) const LIMIT_DEFAULT: i64 = 100;
/// Rows of a page at most.
pub(super) const LIMIT_MAX: i64 = 500;
const TEXT_CHARS_MAX: usize = 200;

/// The parameters of a request, checked and folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    values: Vec<(&'static str, String)>,
}

impl Query {
    /// Reads a query against the parameters of its route.
    pub(super) fn read(raw: &str, params: &[Param]) -> Result<Self, Refusal> {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in pairs(raw)? {
            let Some(param) = params.iter().find(|param| param.name == name) else {
                return Err(unknown(params));
            };
            if values.iter().any(|(known, _)| *known == param.name) {
                return Err(invalid(param.name, "is given twice", "bị lặp"));
            }
            values.push((param.name, folded(*param, &value)?));
        }
        Ok(Query { values })
    }

    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, owned.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    /// Rows of the page that is asked for.
    pub(super) fn limit(&self) -> i64 {
        self.get("limit").and_then(|text| text.parse().ok()).unwrap_or(LIMIT_DEFAULT)
    }

    /// The page that is asked for, with one row more, which tells whether there is another page.
    pub(super) fn page(&self) -> PageAsk {
        PageAsk { after: self.text("after").filter(|after| !after.is_empty()), limit: self.limit() + 1 }
    }
}

/// The query in one spelling, whatever the order and the escapes: two requests with the same one are the same request.
pub(super) fn canonical(raw: &str) -> String {
    let Ok(mut pairs) = pairs(raw) else { return raw.to_owned() };
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{}:{name}={}:{value}\n", name.len(), value.len())).collect()
}

fn pairs(raw: &str) -> Result<Vec<(String, String)>, Refusal> {
    let unreadable = || {
        Refusal::new(
            Code::QueryInvalid,
            "the query is not well escaped UTF-8",
            "chuỗi truy vấn không phải UTF-8 mã hóa đúng",
        )
    };
    raw.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((unescaped(name).ok_or_else(unreadable)?, unescaped(value).ok_or_else(unreadable)?))
        })
        .collect()
}

/// Undoes `%XX` and `+`; none for a broken escape or for bytes that are not UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn folded(param: Param, value: &str) -> Result<String, Refusal> {
    let words = |list: fn() -> Vec<String>| {
        let list = list();
        let shown = list.join(", ");
        (list, shown)
    };
    match param.takes {
        Takes::Text => {
            let good =
                !value.is_empty() && value.chars().count() <= TEXT_CHARS_MAX && !value.chars().any(char::is_control);
            let (en, vi) = ("must be 1 to 200 characters", "phải gồm 1 đến 200 ký tự");
            if good { Ok(value.to_owned()) } else { Err(invalid(param.name, en, vi)) }
        }
        Takes::OneOf(list) => {
            let (list, shown) = words(list);
            if list.iter().any(|word| word == value) {
                return Ok(value.to_owned());
            }
            Err(invalid(param.name, &format!("must be one of {shown}"), &format!("phải là một trong {shown}")))
        }
        Takes::SomeOf(list) => {
            let (list, shown) = words(list);
            if value.split(',').all(|part| list.iter().any(|word| word == part)) {
                return Ok(value.to_owned());
            }
            let vi = format!("phải là danh sách, cách nhau bằng dấu phẩy, của {shown}");
            Err(invalid(param.name, &format!("must be a list, with commas, of {shown}"), &vi))
        }
        Takes::DossierNo => {
            DossierNo::parse(value).map(String::from).map_err(|message| invalid(param.name, &message.en, &message.vi))
        }
        Takes::ItemNumber => ItemNumber::parse(value)
            .map(|number| number.as_str().to_owned())
            .map_err(|message| invalid(param.name, &message.en, &message.vi)),
        Takes::Limit => {
            let digits = (1..=3).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
            match value.parse::<i64>() {
                Ok(limit) if digits && (1..=LIMIT_MAX).contains(&limit) => Ok(limit.to_string()),
                _ => Err(invalid(param.name, "must be 1 to 500", "phải từ 1 đến 500")),
            }
        }
        Takes::After(_) if value.is_empty() => Ok(String::new()),
        Takes::After(list) => cursor::read(list, value).ok_or_else(|| Refusal::plain(Code::CursorInvalid)),
        Takes::AfterEvent => match feed::number_of(value) {
            Some(number) => Ok(number.to_string()),
            None => Err(Refusal::plain(Code::CursorInvalid)),
        },
    }
}

fn invalid(name: &str, en: &str, vi: &str) -> Refusal {
    Refusal::new(Code::QueryInvalid, format!("{name}: {en}"), format!("{name}: {vi}"))
}

fn unknown(params: &[Param]) -> Refusal {
    let names: Vec<&str> = params.iter().map(|param| param.name).collect();
    if names.is_empty() {
        return Refusal::new(Code::QueryInvalid, "this takes no parameter", "yêu cầu này không có tham số");
    }
    let shown = names.join(", ");
    Refusal::new(
        Code::QueryInvalid,
        format!("a parameter is unknown; there are {shown}"),
        format!("có tham số lạ; chỉ dùng {shown}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: &[Param] = &[
        param("dossierNo", Takes::DossierNo),
        param("itemNumber", Takes::ItemNumber),
        param("place", Takes::Text),
        param("open", Takes::OneOf(|| vec!["true".into(), "false".into()])),
        param("types", Takes::SomeOf(|| vec!["a".into(), "b".into()])),
        param("limit", Takes::Limit),
        param("after", Takes::After("legs")),
    ];

    fn code(raw: &str) -> Option<Code> {
        Query::read(raw, PARAMS).err().map(|refusal| refusal.code)
    }

    #[test]
    fn values_are_checked_and_folded() {
        let after = cursor::write("legs", "leg_7");
        let raw = format!(
            "dossierNo=000.00.15.h32%E2%80%93261109-0007&itemNumber=ee+123+456+785+vn&place=B%C6%B0u+c%E1%BB%A5c&types=b,a&limit=7&after={after}"
        );
        let query = Query::read(&raw, PARAMS).unwrap();
        assert_eq!(query.get("dossierNo"), Some("000.00.15.H32-261109-0007"));
        assert_eq!(query.get("itemNumber"), Some("EE123456785VN"));
        assert_eq!(query.get("place"), Some("Bưu cục"));
        let page = query.page();
        assert_eq!((page.after.as_deref(), page.limit), (Some("leg_7"), 8));
        let page = Query::read("after=", PARAMS).unwrap().page();
        assert_eq!((page.after, page.limit), (None, 101));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for raw in [
            "x=1",
            "Open=true",
            "open=true&open=true",
            "open=1",
            "open",
            "open=",
            "types=a,,b",
            "types=c",
            "limit=0",
            "limit=501",
            "limit=-1",
            "limit=+7",
            "limit=1e2",
            "limit=",
            "dossierNo=7",
            "itemNumber=%C3%A9%C3%A9%C3%A9%C3%A9",
            "place=%00",
            "place=%ff",
            "place=%4",
            "place=",
        ] {
            assert_eq!(code(raw), Some(Code::QueryInvalid), "{raw}");
        }
        assert_eq!(code("after=leg_7"), Some(Code::CursorInvalid));
        assert_eq!(code(&format!("after={}", cursor::write("handovers", "ho_1"))), Some(Code::CursorInvalid));
        assert_eq!(code(""), None);
    }

    #[test]
    fn one_query_has_one_canonical_form() {
        assert_eq!(canonical("b=2&a=%31"), canonical("a=1&b=2&"));
        assert_ne!(canonical("a=1"), canonical("a=2"));
        assert_ne!(canonical("a=1"), canonical(""));
        assert_ne!(canonical("a=b%3Dc"), canonical("a%3Db=c"));
    }
}
