//! A leg's life as text that a clerk could read.

use super::office::text;
use serde_json::Value;

/// Tells the custody of a leg (`GET /v1/legs/{id}/custody`), line by line in order of occurrence; ids are left out.
pub fn story(custody: &Value) -> String {
    let mut told = vec![format!("now {}, held by {}", text(&custody["state"]), text(&custody["holder"]))];
    for entry in custody["entries"].as_array().unwrap() {
        let time = text(&entry["occurredAt"]);
        let when = format!("{}/{} {}", &time[8..10], &time[5..7], &time[11..16]);
        let raw = match (entry["source"]["family"].as_str(), entry["source"]["rawCode"].as_str()) {
            (Some(family), Some(code)) => format!(" ({family}:{code})"),
            _ => String::new(),
        };
        let event = format!("{}{raw}", text(&entry["event"]));
        let said = format!("{} {}", text(&entry["source"]["side"]), text(&entry["source"]["counterpart"]));
        let moved = match (text(&entry["holderFrom"]), text(&entry["holderTo"])) {
            (from, to) if from == to => to.to_owned(),
            (from, to) => format!("{from} → {to}"),
        };
        let mut notes = Vec::new();
        if entry["applied"] == false {
            notes.push("not applied");
        }
        if entry["handoverId"].is_string() {
            notes.push("handover");
        }
        if entry["corrects"].is_string() {
            notes.push("annuls an event");
        }
        let line = format!(
            "{when}  {event:<24} {said:<26} {:<20} {moved:<18} {}",
            text(&entry["stateAfter"]),
            notes.join(", ")
        );
        told.push(line.trim_end().to_owned());
    }
    told.join("\n")
}
