//! Fields that were sent, by name, and what is wrong with them: a form is shown again as it was typed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ui::ask::Lang;

/// Fields in the order they came; a name may come more than once.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    pub fn read(text: &[u8]) -> Option<Self> {
        Some(Form { fields: serde_urlencoded::from_bytes(text).ok()? })
    }

    /// The first field of a name, trimmed; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The first field of a name, as it was typed.
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The field, when it is not empty.
    pub fn some(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// Every field of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// Whether a field came at all, as a ticked box does.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// First values by name, for showing a form again.
    pub fn typed(&self) -> BTreeMap<&str, &str> {
        let mut typed = BTreeMap::new();
        for (name, value) in &self.fields {
            typed.entry(name.as_str()).or_insert(value.as_str());
        }
        typed
    }
}

/// What is wrong, by field.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Errors {
    by_field: BTreeMap<String, String>,
}

impl Errors {
    /// Adds what is wrong with a field, and what to do.
    pub fn add(&mut self, lang: Lang, field: &str, vi: impl Into<String>, en: impl Into<String>) {
        self.by_field.entry(field.to_owned()).or_insert(lang.pick(vi.into(), en.into()));
    }

    /// For a template: field → what is wrong.
    pub fn value(&self) -> minijinja::Value {
        crate::ui::page::value(self)
    }

    /// Whether something is wrong with a field.
    pub fn has(&self, field: &str) -> bool {
        self.by_field.contains_key(field)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.by_field.is_empty()
    }
}
