//! A record of MyVNPost, wherever it stands: a reply, a list, a batch of the webhook, a history.

use crate::base::digest::sha256_hex;
use crate::base::secret::Redacted;
use crate::base::time::Ts;
use crate::peers::tolerant::{self, Fields};
use crate::peers::{Answer, Report, status};
use serde_json::Value;

/// The records of an answer: one alone, or a list, under `results` or `data`, in any nesting that was seen. Items of
/// a list are rows even when they lack every field: the reader of the row sets them aside with a reason.
pub(super) fn records(value: &Value) -> Option<Vec<Value>> {
    const WRAPPERS: [&str; 3] = ["results", "data", "content"];
    match value {
        Value::Array(items) => {
            let wraps = |item: &Value| Fields::of(item).is_some_and(|item| item.list(&WRAPPERS).is_some());
            let nested = || items.iter().filter_map(records).flatten().collect();
            Some(if items.iter().any(wraps) { nested() } else { items.clone() })
        }
        Value::Object(_) => {
            let fields = Fields::of(value)?;
            if fields.get(&["saleOrderCode", "itemCode", "originalID", "orderHdrID"]).is_some() {
                return Some(vec![value.clone()]);
            }
            let nested = |key: &&str| fields.list(&[key]).map(Value::Array).or_else(|| fields.object(&[key]));
            WRAPPERS.iter().find_map(nested).as_ref().and_then(records)
        }
        _ => None,
    }
}

pub(super) fn order_key(record: Fields<'_>) -> Option<String> {
    record.text(&["saleOrderCode"])
}

/// The record as an acknowledgement.
pub(super) fn taken(record: Fields<'_>) -> Answer {
    Answer::Done { item_number: item_number(record), reference: record.text(&["originalID", "orderHdrID"]) }
}

pub(super) fn item_number(record: Fields<'_>) -> Option<String> {
    record.text(&["itemCode"])
}

/// A record of a list as the report of its present status.
pub(super) fn report(record: Fields<'_>) -> Result<Report, &'static str> {
    let raw_text = record.text(&["statusName", "statusMessage"]);
    let code = code(record, &["status"], &raw_text)?;
    let (item_number, order_key) = (item_number(record), order_key(record));
    let occurred_text = record.text(&["updatedDate", "createdDate"]).ok_or("no updatedDate")?;
    let occurred_at = tolerant::instant(&occurred_text).ok_or("the time cannot be read")?;
    let offices: &[&str] =
        if matches!(code.as_str(), "6" | "7") { &["orgCodeAccept", "orgCodeCollect"] } else { &["bcpCode", "bcpName"] };
    let failed = matches!(code.as_str(), "5" | "8" | "15");
    let cause_text = record.text(&["undeliverableReason", "reasonName", "reason", "causeName"]).filter(|_| failed);
    let attempt = record.integer(&["deliveryTimes", "attempt"]).and_then(|n| u32::try_from(n).ok());
    let event = Event { code, at: occurred_at, at_text: occurred_text, office: record.text(offices), attempt };
    let money = matches!(event.code.as_str(), "21" | "28" | "29");
    Ok(Report {
        cause: failed.then(|| status::cause(cause_text.as_deref().unwrap_or_default())),
        cause_text,
        receiver_name: record.person(&["realReceiverName", "actualReceiver"]).map(Redacted::new),
        amount: record.integer(&["codAmount"]).filter(|_| money && event.code == "21"),
        ..event.report(order_key, item_number, raw_text)?
    })
}

/// One row of a history: date and hour stand apart, and the order is the one that was asked for.
pub(super) fn history_row(
    row: Fields<'_>,
    order_key: Option<&str>,
    item_number: Option<&str>,
) -> Result<Report, &'static str> {
    let raw_text = row.text(&["statusName", "statusMessage"]);
    let code = code(row, &["statusCode"], &raw_text)?;
    let date = row.text(&["createdDate"]).ok_or("no createdDate")?;
    let at_text = match row.text(&["createdHour", "createHour"]) {
        Some(hour) if !date.contains(':') => format!("{date} {hour}"),
        _ => date,
    };
    let at = tolerant::instant(&at_text).ok_or("the time cannot be read")?;
    let event = Event { code, at, at_text, office: row.text(&["locateName"]), attempt: None };
    event.report(order_key.map(str::to_owned), item_number.map(str::to_owned), raw_text)
}

/// The code, or an empty one where words alone tell the status (E9).
fn code(row: Fields<'_>, keys: &[&str], raw_text: &Option<String>) -> Result<String, &'static str> {
    row.text(keys).or_else(|| raw_text.as_ref().map(|_| String::new())).ok_or("neither a status nor its words")
}

/// What a record says apart from whom it is about.
pub(super) struct Event {
    pub(super) code: String,
    pub(super) at: Ts,
    pub(super) at_text: String,
    pub(super) office: Option<String>,
    pub(super) attempt: Option<u32>,
}

impl Event {
    /// The interface gives its events no id, so one is derived from what they say (wire-formats 6). Office and
    /// attempt stay out of it: webhook, list and history tell the same event with and without them.
    pub(super) fn report(
        self,
        order_key: Option<String>,
        item_number: Option<String>,
        raw_text: Option<String>,
    ) -> Result<Report, &'static str> {
        // The item number comes first: it is what the webhook signs, so push and pull give one key.
        let about = item_number.as_deref().or(order_key.as_deref()).ok_or("neither saleOrderCode nor itemCode")?;
        let time = self.at.us().to_string();
        let words = status::folded(raw_text.as_deref().filter(|_| self.code.is_empty()).unwrap_or_default());
        let identity = [super::FAMILY, about, &self.code, &words, &time].join("\u{1f}");
        let event = status::map_raw(super::FAMILY, Some(&self.code), raw_text.as_deref());
        Ok(Report {
            source_key: sha256_hex(identity.as_bytes()),
            family: super::FAMILY,
            order_key,
            item_number,
            raw_code: self.code,
            raw_text,
            event,
            occurred_at: self.at,
            occurred_text: self.at_text,
            office: self.office,
            attempt: self.attempt,
            cause: None,
            cause_text: None,
            receiver_name: None,
            amount: None,
        })
    }
}
