//! From the flat map to typed sections: one line per key, and every fault with its key and origin.

use super::error::Fault;
use super::layers::{Leaf, Leaves, Origin};
use crate::base::secret::Redacted;
use crate::domain::clocks::{AfterCutOff, ApologyDay, DayEnds};
use crate::domain::schedule::Every;
use chrono::NaiveTime;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use toml::Value;

/// A type that a setting can have.
pub(super) trait FromLeaf: Sized {
    /// Reads the setting, or says what it should look like.
    fn from_leaf(leaf: &Leaf) -> Result<Self, String>;
}

/// Types that serde reads as they are.
macro_rules! by_serde {
    ($($kind:ty),*) => {$(
        impl FromLeaf for $kind {
            fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
                <$kind>::deserialize(leaf.value.clone()).map_err(|error| error.to_string().trim_end().to_owned())
            }
        }
    )*};
}
pub(super) use by_serde;

by_serde!(bool, u32, u64, usize, String, SocketAddr, Vec<u32>, Vec<String>);

/// Words of the domain, written in lower case.
macro_rules! by_words {
    ($($kind:ty),*) => {$(
        impl FromLeaf for $kind {
            fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
                let text = String::from_leaf(leaf)?;
                <$kind>::parse(&text.to_ascii_uppercase()).ok_or_else(|| {
                    let all: Vec<String> = <$kind>::ALL.iter().map(|word| word.as_str().to_ascii_lowercase()).collect();
                    format!("write one of {}", all.join(", "))
                })
            }
        }
    )*};
}

by_words!(AfterCutOff, ApologyDay, DayEnds, Every);

impl FromLeaf for NaiveTime {
    fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
        let text = String::from_leaf(leaf)?;
        NaiveTime::parse_from_str(&text, "%H:%M").map_err(|_| "write a time of day such as 17:30".to_owned())
    }
}

impl FromLeaf for PathBuf {
    fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
        Ok(leaf.origin.path(&String::from_leaf(leaf)?))
    }
}

impl<T: FromLeaf> FromLeaf for Redacted<T> {
    fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
        // What serde says may quote the value.
        T::from_leaf(leaf).map(Redacted::new).map_err(|_| "write it as text".to_owned())
    }
}

/// An empty text, and the number 0, mean "not set".
impl<T: FromLeaf> FromLeaf for Option<T> {
    fn from_leaf(leaf: &Leaf) -> Result<Self, String> {
        if is_unset(&leaf.value) { Ok(None) } else { T::from_leaf(leaf).map(Some) }
    }
}

/// Whether the value means "not set".
pub(super) fn is_unset(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Integer(number) => *number == 0,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

impl Leaves {
    /// The typed setting `prefix.name`; a fault is noted and gives nothing.
    pub(super) fn take<T: FromLeaf>(&self, prefix: &str, name: &str, faults: &mut Vec<Fault>) -> Option<T> {
        let key = format!("{prefix}.{name}");
        let Some(leaf) = self.get(&key) else {
            faults.push(Fault::new(key, Origin::Default, "the defaults lack this key", "bản mặc định thiếu khóa này"));
            return None;
        };
        let said = T::from_leaf(leaf);
        said.map_err(|said| {
            let (en, vi) = (format!("not usable: {said}"), format!("không dùng được: {said}"));
            faults.push(Fault::new(key, leaf.origin.clone(), en, vi));
        })
        .ok()
    }
}

/// Declares a section: the struct, its reader, and the list of its keys, which a test holds against `default.toml`.
macro_rules! section {
    ($(#[$doc:meta])* $section:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $section { $($(#[$field_doc])* pub $field: $kind,)* }

        impl $section {
            #[cfg(test)]
            pub(super) const KEYS: &'static [&'static str] = &[$(stringify!($field)),*];

            pub(super) fn read(
                leaves: &$crate::config::layers::Leaves,
                prefix: &str,
                faults: &mut Vec<$crate::config::error::Fault>,
            ) -> Option<Self> {
                $(let $field = leaves.take(prefix, stringify!($field), faults);)*
                Some($section { $($field: $field?,)* })
            }
        }
    };
}
pub(super) use section;
