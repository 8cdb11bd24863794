//! The search of the REST face: numbers, postal fields and dates, page by page. A date that it cannot read it leaves out of account, as
//! the real one does, and we count it.

use super::OneStop;
use super::book::Dossier;
use super::rest::{awkward, failure};
use crate::sim::server::{Answer, Call};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

/// Parameters with the field that each holds a dossier against.
const EQUALS: &[(&str, &str)] = &[
    ("dossierNo", "dossierNo"),
    ("viapostal", "viaPostal"),
    ("vnpostalStatus", "vnpostalStatus"),
    ("agency", "govAgencyCode"),
    ("service", "serviceCode"),
    ("status", "dossierStatus"),
];

/// The first day, the last day, and the date that lies between them.
const BETWEEN: &[(&str, &str, &str)] = &[
    ("fromReceiveDate", "toReceiveDate", "receiveDate"),
    ("fromReleaseDate", "toReleaseDate", "releaseDate"),
    ("fromFinishDate", "toFinishDate", "finishDate"),
];

/// Parameters that it knows and that decide nothing here.
const OTHERS: &[&str] = &[
    "start",
    "end",
    "sort",
    "order",
    "substatus",
    "template",
    "fromViaPostal",
    "postalCodeSend",
    "postalCodeReceived",
];

fn is_known(name: &str) -> bool {
    EQUALS.iter().any(|(known, _)| *known == name)
        || BETWEEN.iter().any(|(from, to, _)| [*from, *to].contains(&name))
        || OTHERS.contains(&name)
}

/// A day as a parameter names it, exactly `dd/MM/yyyy`.
fn day(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%d/%m/%Y").ok()?;
    (day.format("%d/%m/%Y").to_string() == text).then_some(day)
}

/// The day of a date as a dossier holds it, `dd/MM/yyyy HH:mm:ss`; none of an empty one.
pub(super) fn day_of(text: &str) -> Option<NaiveDate> {
    NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M:%S").ok().map(|at| at.date())
}

fn equals(dossier: &Dossier, field: &str, wanted: &str) -> bool {
    match dossier.fields.get(field) {
        Some(Value::String(text)) => text == wanted,
        Some(value) => wanted.parse().ok() == value.as_u64() && value.is_u64(),
        None => false,
    }
}

pub(super) fn search(site: &OneStop, call: &Call) -> Answer {
    let unknown: Vec<String> = call
        .query
        .iter()
        .filter(|(name, _)| !is_known(name))
        .map(|(name, _)| format!("{name}: unknown parameter"))
        .collect();
    if !unknown.is_empty() {
        site.book().violate("GET dossiers", &unknown);
        return failure(403, &unknown.join("; "), "No Content.");
    }
    if let Some(trouble) = site.troubled("").or_else(|| awkward(site, "")) {
        return trouble;
    }
    let edge = |name: &'static str| {
        let text = call.param(name)?;
        let read = day(text);
        if read.is_none() {
            site.book().violate("GET dossiers", &[format!("{name}: no day dd/MM/yyyy, left out of account")]);
        }
        read
    };
    let spans: Vec<(Option<NaiveDate>, Option<NaiveDate>, &str)> =
        BETWEEN.iter().map(|(from, to, field)| (edge(from), edge(to), *field)).collect();
    let lies_between = |dossier: &Dossier| {
        spans.iter().all(|(from, to, field)| {
            let day = dossier.fields.get(*field).and_then(Value::as_str).and_then(day_of);
            from.is_none_or(|from| day.is_some_and(|day| from <= day))
                && to.is_none_or(|to| day.is_some_and(|day| day <= to))
        })
    };
    let book = site.book();
    let all: Vec<&Dossier> = book
        .dossiers
        .values()
        .filter(|it| EQUALS.iter().all(|(name, field)| call.param(name).is_none_or(|text| equals(it, field, text))))
        .filter(|it| lies_between(it))
        .collect();
    let number = |name: &str, default: usize| call.param(name).and_then(|text| text.parse().ok()).unwrap_or(default);
    let (start, end) = (number("start", 0), number("end", 15));
    let data: Vec<Value> = all.iter().skip(start).take(end.saturating_sub(start)).map(|it| it.show()).collect();
    Answer::json(200, &json!({"total": all.len(), "data": data}))
}
