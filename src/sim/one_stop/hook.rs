//! The receiver of our webhooks: verify the raw bytes, then the time, then remember the id, then read.

use super::OneStop;
use crate::sim::server::{Answer, Call};
use crate::sim::strict::{self, Field, Form, must};
use serde_json::{Value, json};

const ENVELOPE: &[Field] =
    &[must("type", Form::Filled), must("timestamp", Form::Filled), must("data", Form::Object(ANYTHING))];
/// `data` is checked by type, in `listen`.
const ANYTHING: &[Field] = &[];

const LEG: &[Field] = &[
    must("legId", Form::Filled),
    must("legKind", Form::Word(&["INTAKE", "RESULT"])),
    must("agencyCode", Form::Filled),
    must("manifestId", Form::Filled),
    must("manifestNo", Form::Filled),
    must("lineNo", Form::Whole),
    must("dossierNo", Form::TextOrNull),
    must("consignmentNoteNo", Form::TextOrNull),
    must("itemNumber", Form::TextOrNull),
    must("state", Form::Filled),
    must("holder", Form::Word(&["CITIZEN", "POST", "AGENCY", "UNKNOWN"])),
    must("occurredAt", Form::Filled),
];

/// How far a state lies along its way; a leg never goes back unless a handover was corrected.
fn rank(state: &str) -> Option<u8> {
    Some(match state {
        "REGISTERED" => 1,
        "ORDERED" | "COLLECTION_ASSIGNED" | "COLLECTION_FAILED" => 2,
        "ACCEPTED" => 3,
        "IN_TRANSIT" | "AT_DELIVERY_POST" | "OUT_FOR_DELIVERY" | "ATTEMPT_FAILED" | "PARTIAL" => 4,
        "DELIVERED_REPORTED" | "RETURNING" => 5,
        "CONFIRMED" | "RETURNED_REPORTED" => 6,
        "RETURN_CONFIRMED" => 7,
        "CANCELLED" | "LOST_OR_DAMAGED" => 8,
        _ => return None,
    })
}

pub(super) fn answer(site: &OneStop, call: &Call) -> Answer {
    if call.method != "POST" {
        return Answer::empty(405);
    }
    let header = |name: &str| call.header(name).unwrap_or_default().to_owned();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    let verified = site.keys().verify(&id, &timestamp, &call.body, &header("webhook-signature"));
    let wanted = site.keys().expects();
    if id.is_empty() || (wanted.v1 && !verified.v1) || (wanted.v1a && !verified.v1a) || !(verified.v1 || verified.v1a) {
        site.book().bad_signatures += 1;
        return Answer::json(401, &json!({"error": "signature"}));
    }
    let now_s = site.options.clock.now().us() / crate::base::time::SECOND_US;
    let tolerance = i64::try_from(site.options.tolerance.as_secs()).unwrap_or(i64::MAX);
    if timestamp.parse::<i64>().is_ok_and(|at| (now_s - at).abs() > tolerance) || timestamp.parse::<i64>().is_err() {
        site.book().bad_timestamps += 1;
        return Answer::json(401, &json!({"error": "timestamp"}));
    }
    if let Some(trouble) = site.troubled(&id) {
        return trouble;
    }
    if site.faults.strikes("GONE", &id) {
        return Answer::empty(410);
    }
    let mut book = site.book();
    book.verified_v1 += u64::from(verified.v1);
    book.verified_v1a += u64::from(verified.v1a);
    let times = book.messages.entry(id.clone()).or_insert(0);
    *times += 1;
    let first = *times == 1;
    drop(book);
    if first && let Err(problems) = listen(site, call, &id) {
        site.book().violate("hooks/giaonhan", &problems);
    }
    site.silence(&id).unwrap_or_else(|| Answer::empty(204))
}

/// Reads a message that is new.
fn listen(site: &OneStop, call: &Call, id: &str) -> Result<(), Vec<String>> {
    let body = call.json().map_err(|error| vec![error])?;
    let object = body.as_object().ok_or_else(|| vec!["the body must be an object".to_owned()])?;
    let mut envelope = object.clone();
    let data = match envelope.insert("data".to_owned(), json!({})) {
        Some(data) if data.is_object() => data,
        _ => return Err(vec!["data: must be an object".to_owned()]),
    };
    let mut problems = strict::faults_of(&envelope, ENVELOPE, "");
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut book = site.book();
    *book.types.entry(kind.to_owned()).or_insert(0) += 1;
    if let Some(word) = kind.strip_prefix("leg.") {
        problems.extend(strict::faults_of(data.as_object().unwrap_or(&envelope), LEG, "data."));
        let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (leg, state) = (text("legId"), text("state"));
        let corrected = word == "corrected";
        if !corrected && word.to_uppercase() != state {
            problems.push(format!("data.state: {state} under the type {kind}"));
        }
        match rank(&state) {
            Some(rank) => {
                let heard = book.legs.entry(leg.clone()).or_default();
                let back = rank < heard.rank && !corrected && !heard.corrected;
                let before = heard.states.last().cloned();
                heard.states.push(state.clone());
                heard.rank = rank;
                heard.corrected = corrected;
                heard.data = data.clone();
                if state == "CONFIRMED" && text("legKind") == "RESULT" {
                    let id = book.find(&text("dossierNo"));
                    if let Some(dossier) = id.and_then(|id| book.dossiers.get_mut(&id)) {
                        dossier.close(site.options.clock.now());
                    }
                }
                if back {
                    book.order_violations.push(json!({"legId": leg, "from": before, "to": state, "messageId": id}));
                }
            }
            None => problems.push(format!("data.state: {state} is unknown")),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
