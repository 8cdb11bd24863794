//! MyVNPost (P4): what can be asked, and the reports about orders that nobody knows.

use super::book::Order;
use super::myvnpost::{refused, violation};
use super::pusher::Push;
use super::{Operator, record};
use crate::base::time::Ts;
use crate::sim::numbers::item_number;
use crate::sim::rng::{coin, fate};
use crate::sim::server::{Answer, Call};
use chrono::NaiveDate;
use serde_json::{Map, Value, json};

/// The largest page of the list call.
const PAGE_ROWS_MAX: usize = 500;

/// The answer to a create: the record, for some orders wrapped in `data`.
pub(super) fn created(operator: &Operator, id: u64) -> Answer {
    let book = operator.book();
    let Some(order) = book.orders.get(&id) else { return refused(500, "Lỗi hệ thống") };
    let record = record::of(operator, order, 1);
    let wrapped = coin(operator.options.seed, &["wrapped", &order.code], 0.5);
    Answer::json(200, &if wrapped { json!({"success": true, "data": record}) } else { record })
}

/// A report about an order that nobody here sent (E6).
pub(super) fn stranger(operator: &Operator, id: u64) {
    let book = operator.book();
    let Some(order) = book.orders.get(&id) else { return };
    let mut record = record::of(operator, order, order.life.len());
    let serial = u64::from(fate(operator.options.seed, &["stranger", &order.code]));
    if let Some(members) = record.as_object_mut() {
        members.insert("saleOrderCode".to_owned(), json!(format!("KHAC-{serial}")));
        members.insert("itemCode".to_owned(), json!(item_number("EB", serial)));
        members.insert("originalItemCode".to_owned(), json!(item_number("EB", serial)));
        members.insert("originalID".to_owned(), json!(serial.to_string()));
        members.insert("status".to_owned(), json!("10"));
    }
    operator.queue.put(Push { record, sent_at: operator.now() }, None);
}

/// Faults that a read call may meet.
fn troubled(operator: &Operator, call: &Call) -> Option<Answer> {
    operator.troubled(call, "").or_else(|| match operator.faults.variant("E1", &["refused", "empty", "html"], "")? {
        "refused" => Some(refused(200, "Hệ thống bận, vui lòng thử lại sau")),
        "html" => Some(Answer::html()),
        _ => Some(Answer::empty(200)),
    })
}

fn unknown_params(call: &Call, known: &[&str]) -> Vec<String> {
    call.query
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, _)| format!("{name}: unknown parameter"))
        .collect()
}

/// `type` 1 item number, 2 the sender's order code, 3 the operator's own number.
fn chosen(operator: &Operator, call: &Call) -> Result<Vec<Order>, Answer> {
    let mut problems = unknown_params(call, &["type", "code"]);
    let kind = call.param("type").unwrap_or_default();
    let code = call.param("code").unwrap_or_default();
    if !matches!(kind, "1" | "2" | "3") {
        problems.push("type: 1, 2 or 3".to_owned());
    }
    if code.is_empty() {
        problems.push("code: missing".to_owned());
    }
    if !problems.is_empty() {
        let method = call.path.rsplit('/').next().unwrap_or_default();
        return Err(violation(operator, method, &problems));
    }
    Ok(operator
        .book()
        .orders
        .values()
        .filter(|order| match kind {
            "1" => order.item_number.as_deref() == Some(code),
            "2" => order.code == code,
            _ => order.original_id.to_string() == code,
        })
        .cloned()
        .collect())
}

pub(super) fn one(operator: &Operator, call: &Call) -> Answer {
    if let Some(trouble) = troubled(operator, call) {
        return trouble;
    }
    match chosen(operator, call) {
        Ok(orders) => {
            let records: Vec<Value> =
                orders.iter().map(|order| record::of(operator, order, order.life.len())).collect();
            Answer::json(200, &json!([{"results": records}]))
        }
        Err(refusal) => refusal,
    }
}

pub(super) fn list(operator: &Operator, call: &Call) -> Answer {
    if let Some(trouble) = troubled(operator, call) {
        return trouble;
    }
    let known = ["lastUpdateFrom", "lastUpdateTo", "type", "size", "page", "isInternational"];
    let mut problems = unknown_params(call, &known);
    let mut date = |name: &str| {
        let parsed = NaiveDate::parse_from_str(call.param(name).unwrap_or_default(), "%d-%m-%Y").ok();
        if parsed.is_none() {
            problems.push(format!("{name}: dd-MM-yyyy"));
        }
        parsed.unwrap_or_default()
    };
    let (from, to) = (date("lastUpdateFrom"), date("lastUpdateTo"));
    let number = |name: &str, default: usize| call.param(name).map_or(Some(default), |text| text.parse::<usize>().ok());
    let (size, page) = (number("size", 20), number("page", 0));
    if size.is_none_or(|size| size == 0 || size > PAGE_ROWS_MAX) {
        problems.push(format!("size: 1 to {PAGE_ROWS_MAX}"));
    }
    if page.is_none() {
        problems.push("page: from 0".to_owned());
    }
    let kind = call.param("type").unwrap_or_default();
    if !matches!(kind, "GUI" | "NHAN") {
        problems.push("type: GUI or NHAN".to_owned());
    }
    if !problems.is_empty() {
        return violation(operator, "GetListOrder", &problems);
    }
    let within = |at: Ts| (from..=to).contains(&at.to_vietnam().date());
    let book = operator.book();
    let records: Vec<Value> = book
        .orders
        .values()
        .filter(|order| order.body.get("type").and_then(Value::as_str) == Some(kind))
        .filter(|order| order.life.last().is_some_and(|last| within(last.at) || within(last.written_at)))
        .skip(size.unwrap_or(0).saturating_mul(page.unwrap_or(0)))
        .take(size.unwrap_or(0))
        .map(|order| record::of(operator, order, order.life.len()))
        .collect();
    Answer::json(200, &json!({"results": records}))
}

pub(super) fn history(operator: &Operator, call: &Call) -> Answer {
    if let Some(trouble) = troubled(operator, call) {
        return trouble;
    }
    let orders = match chosen(operator, call) {
        Ok(orders) => orders,
        Err(refusal) => return refusal,
    };
    let Some(order) = orders.first() else { return refused(200, "Không tìm thấy đơn hàng") };
    let turned = operator.faults.variant("E8", &["key", "types"], &format!("history {}", order.code));
    let hour = if turned == Some("types") { "createHour" } else { "createdHour" };
    let steps: Vec<Value> = order
        .life
        .iter()
        .map(|step| {
            let at = step.at.to_vietnam();
            let mut row = Map::new();
            row.insert("createdDate".to_owned(), json!(at.format("%d/%m/%Y").to_string()));
            row.insert(hour.to_owned(), json!(at.format("%H:%M:%S").to_string()));
            row.insert("statusCode".to_owned(), json!(step.status));
            row.insert("statusName".to_owned(), json!(record::status_name(&step.status)));
            row.insert("locateName".to_owned(), json!(step.office));
            Value::Object(row)
        })
        .collect();
    let key = if turned == Some("key") { "statusHistory " } else { "statusHistory" };
    let mut data = Map::new();
    data.insert(key.to_owned(), json!(steps));
    Answer::json(200, &json!({"success": true, "data": data}))
}
