//! Strict JSON (I-JSON): repeated names, lone surrogates, text after the value and deep nesting are refused, and an
//! integer is told from a number that merely equals one.

use super::{format, unreadable};
use crate::domain::field::{Raw, Shape};
use crate::domain::problem::Refusal;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

/// Deepest nesting of objects and arrays (contract 1).
pub(super) const DEPTH_MAX: usize = 32;
/// Most values in one tree: it bounds the memory that a body of commas can claim.
const VALUES_MAX: usize = 500_000;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Truth(bool),
    /// An integer written as one.
    Integer(i64),
    /// Any other number.
    Number,
    /// Text.
    Text(String),
    /// Array.
    Array(Vec<Json>),
    /// Object, members in the order sent, each name once.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value as a field's rules see it.
    pub fn into_raw(self) -> Raw {
        match self {
            Json::Null => Raw::Wrong(Shape::Null),
            Json::Truth(value) => Raw::Truth(value),
            Json::Integer(number) => Raw::Integer(number),
            Json::Number => Raw::Wrong(Shape::Number),
            Json::Text(text) => Raw::Text(text),
            Json::Array(_) => Raw::Wrong(Shape::Array),
            Json::Object(_) => Raw::Wrong(Shape::Object),
        }
    }
}

/// Reads one JSON value and nothing after it.
pub fn read_json_strict(body: &[u8]) -> Result<Json, Refusal> {
    let text = format::utf8(body)?;
    let mut left = VALUES_MAX;
    read_with(text, Tree { depth: 0, left: &mut left })
}

/// Reads one value through a seed, and nothing after it.
pub(super) fn read_with<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> Result<S::Value, Refusal> {
    let mut source = serde_json::Deserializer::from_str(text);
    // The parser's own limit lies far beyond ours, which the seeds watch.
    seed.deserialize(&mut source).and_then(|value| source.end().map(|()| value)).map_err(|error| refusal(&error))
}

fn refusal(error: &serde_json::Error) -> Refusal {
    let (line, column) = (error.line(), error.column());
    let reason = error.to_string();
    // The parser's sentences name what it expected, never what it read; ours neither.
    let reason = reason.split(" at line ").next().unwrap_or_default();
    unreadable(
        format!("JSON, line {line}, column {column}: {reason}"),
        format!("JSON không hợp lệ tại dòng {line}, cột {column}"),
    )
}

pub(super) fn deeper<E: de::Error>(depth: usize) -> Result<usize, E> {
    if depth < DEPTH_MAX { Ok(depth + 1) } else { Err(E::custom("nested deeper than 32")) }
}

/// The names of one object, to see a repeated one.
#[derive(Default)]
pub(super) struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    /// Notes a name, unless it was there.
    pub(super) fn note<E: de::Error>(&mut self, name: Cow<'de, str>) -> Result<(), E> {
        const FEW: usize = 24;
        let fresh = if self.few.len() < FEW {
            let fresh = !self.few.contains(&name);
            self.few.push(name);
            fresh
        } else {
            !self.few.contains(&name) && self.many.insert(name)
        };
        if fresh { Ok(()) } else { Err(E::custom("a member name is repeated")) }
    }
}

/// Reads a member name without copying it where it has no escapes.
pub(super) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }
    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }
    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Reads a value where a field's value should be; what is inside an object or array is checked and forgotten.
pub(super) struct Scalar {
    pub(super) depth: usize,
}

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = Raw;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Raw, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scalar {
    type Value = Raw;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Wrong(Shape::Null))
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Truth(value))
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(number))
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Raw, E> {
        Ok(i64::try_from(number).map_or(Raw::Wrong(Shape::Number), Raw::Integer))
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Wrong(Shape::Number))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
        let depth = deeper(self.depth)?;
        while list.next_element_seed(Scalar { depth })?.is_some() {}
        Ok(Raw::Wrong(Shape::Array))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Raw, A::Error> {
        let depth = deeper(self.depth)?;
        let mut names = Names::default();
        while let Some(name) = object.next_key_seed(Name)? {
            names.note(name)?;
            object.next_value_seed(Scalar { depth })?;
        }
        Ok(Raw::Wrong(Shape::Object))
    }
}

/// Reads a whole tree.
struct Tree<'a> {
    depth: usize,
    left: &'a mut usize,
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Json;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Json, D::Error> {
        *self.left = self.left.checked_sub(1).ok_or_else(|| de::Error::custom("more values than any body needs"))?;
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Json;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Truth(value))
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Integer(number))
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::Number, Json::Integer))
    }
    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let depth = deeper(self.depth)?;
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Tree { depth, left: &mut *self.left })? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let depth = deeper(self.depth)?;
        let mut names = Names::default();
        let mut members = Vec::new();
        while let Some(name) = object.next_key_seed(Name)? {
            names.note(name.clone())?;
            let value = object.next_value_seed(Tree { depth, left: &mut *self.left })?;
            members.push((name.into_owned(), value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::Code;
    use proptest::prelude::*;

    #[test]
    fn numbers_keep_how_they_were_written() {
        let items =
            read_json_strict(br#"[115000, 115000.0, 1.15e5, "115000", 99999999999999999999, -1, true, null]"#).unwrap();
        let expected = vec![
            Json::Integer(115_000),
            Json::Number,
            Json::Number,
            Json::Text("115000".into()),
            Json::Number,
            Json::Integer(-1),
            Json::Truth(true),
            Json::Null,
        ];
        assert_eq!(items, Json::Array(expected));
    }

    #[test]
    fn what_i_json_forbids_is_refused() {
        let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read_json_strict(deep(32).as_bytes()).is_ok());
        let many: String = (0..40).map(|n| format!("\"n{n}\":1,")).collect();
        for bad in [
            r#"{"a":1,"a":2}"#.to_owned(),
            r#"{"a":1,"\u0061":2}"#.to_owned(),
            format!("{{{many}\"n39\":1}}"),
            format!("{{{many}\"n3\":1}}"),
            r#""\ud800""#.to_owned(),
            "NaN".to_owned(),
            "{} {}".to_owned(),
            "".to_owned(),
            "{".to_owned(),
            "[1,]".to_owned(),
            deep(33),
            deep(100_000),
            format!("[{}0]", "0,".repeat(VALUES_MAX)),
        ] {
            let refusal = read_json_strict(bad.as_bytes()).unwrap_err();
            assert_eq!(refusal.code, Code::BodyNotReadable, "{}", &bad[..bad.len().min(60)]);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_json_strict(&body);
        }
    }
}
