//! Strict reading of what a partner sends: the fields of a message as data, checked loudly.

use serde_json::{Map, Value};

/// What a field may hold.
#[derive(Clone, Copy)]
pub enum Form {
    /// Text, which may be empty.
    Text,
    /// Text that says something.
    Filled,
    /// Text or null.
    TextOrNull,
    /// A whole number.
    Whole,
    /// Any number.
    Number,
    /// True or false.
    Truth,
    /// A number, or text that is one: the documents do not agree.
    NumberOrText,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An object with these fields and no other.
    Object(&'static [Field]),
    /// A list of such objects.
    Objects(&'static [Field]),
    /// A list of anything.
    List,
    /// Anything that is not an object or a list.
    Scalar,
}

/// One field of a message.
pub struct Field {
    /// Its name, exactly.
    pub name: &'static str,
    /// What it may hold.
    pub form: Form,
    /// Whether it must be there.
    pub required: bool,
}

/// A field that must be there.
pub const fn must(name: &'static str, form: Form) -> Field {
    Field { name, form, required: true }
}

/// A field that may be there.
pub const fn may(name: &'static str, form: Form) -> Field {
    Field { name, form, required: false }
}

/// Everything that is wrong with an object: unknown fields, missing fields, wrong types.
pub fn faults_of(object: &Map<String, Value>, fields: &[Field], path: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in object.keys() {
        if !fields.iter().any(|field| field.name == name) {
            wrong.push(format!("{path}{name}: unknown field"));
        }
    }
    for field in fields {
        match object.get(field.name) {
            None if field.required => wrong.push(format!("{path}{}: missing", field.name)),
            None => {}
            Some(value) => wrong.extend(faults_of_value(value, field.form, &format!("{path}{}", field.name))),
        }
    }
    wrong
}

fn faults_of_value(value: &Value, form: Form, path: &str) -> Vec<String> {
    let expected = match form {
        Form::Text => (!value.is_string()).then_some("text"),
        Form::Filled => value.as_str().is_none_or(|text| text.trim().is_empty()).then_some("text that is not empty"),
        Form::TextOrNull => (!value.is_string() && !value.is_null()).then_some("text or null"),
        Form::Whole => (!value.is_i64() && !value.is_u64()).then_some("a whole number"),
        Form::Number => (!value.is_number()).then_some("a number"),
        Form::Truth => (!value.is_boolean()).then_some("true or false"),
        Form::NumberOrText => {
            let text_ok = value.as_str().is_some_and(|text| text.is_empty() || text.parse::<f64>().is_ok());
            (!value.is_number() && !value.is_null() && !text_ok).then_some("a number")
        }
        Form::Word(words) => {
            return match value.as_str() {
                Some(text) if words.contains(&text) => Vec::new(),
                _ => vec![format!("{path}: must be one of {}", words.join(", "))],
            };
        }
        Form::Object(fields) => {
            return match value.as_object() {
                Some(object) => faults_of(object, fields, &format!("{path}.")),
                None => vec![format!("{path}: must be an object")],
            };
        }
        Form::Objects(fields) => {
            let Some(items) = value.as_array() else { return vec![format!("{path}: must be a list")] };
            return items
                .iter()
                .enumerate()
                .flat_map(|(at, item)| faults_of_value(item, Form::Object(fields), &format!("{path}[{at}]")))
                .collect();
        }
        Form::List => (!value.is_array()).then_some("a list"),
        Form::Scalar => (value.is_array() || value.is_object()).then_some("a single value"),
    };
    expected.map(|expected| vec![format!("{path}: must be {expected}")]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LINE: &[Field] = &[must("code", Form::Filled)];
    const FIELDS: &[Field] =
        &[must("no", Form::Whole), may("kind", Form::Word(&["GUI", "NHAN"])), may("lines", Form::Objects(LINE))];

    #[test]
    fn names_every_fault() {
        let check = |value: Value| faults_of(value.as_object().unwrap(), FIELDS, "");
        assert!(check(json!({"no": 1, "kind": "GUI", "lines": [{"code": "x"}]})).is_empty());
        assert_eq!(
            check(json!({"no": "1", "kind": "SEND", "lines": [{"code": " ", "x": 1}], "more": null})),
            [
                "more: unknown field",
                "no: must be a whole number",
                "kind: must be one of GUI, NHAN",
                "lines[0].x: unknown field",
                "lines[0].code: must be text that is not empty",
            ]
        );
        assert_eq!(check(json!({})), ["no: missing"]);
    }
}
