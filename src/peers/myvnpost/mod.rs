//! P4, MyVNPost generation 2: log-in, orders, the list by last update, history, cancelling (wire-formats 4.4).
//!
//! An order is proved by its record with our own number in it, never by `success` alone. Person fields may come
//! back masked with `+` and are then not read.

pub mod record;
pub mod webhook;

use chrono::NaiveDate;

use crate::base::secret::Redacted;
use crate::base::time::{DAY_US, Ts};
use crate::domain::leg::LegKind;
use crate::peers::encode::{form, phone, unmasked};
use crate::peers::tolerant::{self, Fields};
use crate::peers::{
    Answer, Auth, Call, Contact, Cursor, FamilySettings, Order, Page, Quarantined, Reply, Report, reply,
};
use serde_json::{Value, json};

/// Family name in raw codes.
pub const FAMILY: &str = "P4";
/// Rows of one page, the most the interface allows.
pub const PAGE_ROWS: usize = 500;
/// Days read again at the start of each round.
pub const OVERLAP_DAYS: i64 = 1;
/// Days read in the very first round.
pub const FIRST_DAYS: i64 = 30;
/// `getOrder` sees every order at once, so its no is proof.
pub const ABSENCE_IS_PROOF: bool = true;

/// Logs in; the token of the answer goes into the header `token`.
pub fn login(username: &str, password: &Redacted<String>, customer_code: &str) -> Call {
    let body = json!({"username": username, "password": password.reveal(), "customerCode": customer_code});
    Call::post_json("/GetAccessToken", Auth::None, &body)
}

/// The token, or what the answer means without one.
pub fn decode_login(answer: &Reply) -> Result<Redacted<String>, Answer> {
    let value = reply::body(answer)?;
    let Some(fields) = Fields::of(&value) else { return Err(Answer::unknown("the answer is not an object")) };
    if fields.boolean(&["success"]) == Some(false) {
        return Err(Answer::Unauthorised);
    }
    let nested = fields.object(&["data"]);
    let token = fields.text(&["token"]).or_else(|| nested.as_ref().and_then(Fields::of)?.text(&["token"]));
    token.map(Redacted::new).ok_or_else(|| Answer::unknown("the answer has no token"))
}

/// Whether the counterpart refuses the token and not the call: by status, or by words with HTTP 200.
pub fn token_refused(answer: &Reply) -> bool {
    /// A refusal is a short sentence; longer bodies are not searched.
    const REFUSAL_BYTES_MAX: usize = 4_096;
    match answer.status {
        401 | 403 => true,
        200..=299 if answer.body.len() <= REFUSAL_BYTES_MAX => {
            let value = tolerant::json(&answer.body);
            value.as_ref().and_then(refused) == Some(Answer::Unauthorised)
        }
        _ => false,
    }
}

/// `CreateOrder`, as a real order and not a draft.
pub fn create(order: &Order, settings: &FamilySettings) -> Call {
    let mut information = serde_json::Map::new();
    contact(&mut information, "sender", &order.sender);
    contact(&mut information, "receiver", &order.receiver);
    let add_ons: Vec<Value> =
        settings.add_ons.iter().map(|(code, value)| json!({"code": code, "propValue": value})).collect();
    // Intake papers are fetched at the citizen's door; results are collected at the agency's desk.
    let instruction = match order.leg_kind {
        LegKind::Intake => "Thu gom hồ sơ tại nhà",
        LegKind::Result => "Trả kết quả tại nhà",
    };
    let fixed = json!({
        "serviceCode": settings.service_code,
        "addonService": add_ons,
        "additionRequest": [],
        "orgCodeCollect": settings.collect_office,
        "orgCodeAccept": settings.accept_office,
        "saleOrderCode": order.order_key,
        "contentNote": order.papers_text,
        "weight": order.weight_g.to_string(),
        "width": null,
        "length": null,
        "height": null,
        "vehicle": "BO",
        "sendType": "1",
        "isBroken": "0",
        "deliveryTime": null,
        "deliveryRequire": order.note,
        "deliveryInstruction": instruction,
    });
    information.extend(fixed.as_object().cloned().unwrap_or_default());
    if order.fee_to_collect > 0 {
        let collect =
            json!({"code": "GTG021", "propValue": format!("PROP0018:{};PROP0019:null", order.fee_to_collect)});
        if let Some(list) = information.get_mut("addonService").and_then(Value::as_array_mut) {
            list.push(collect);
        }
    }
    let body = json!({
        "orderCreationStatus": 1,
        "type": "GUI",
        "customerCode": order.customer_code,
        "contractCode": settings.contract_code,
        "informationOrder": information,
    });
    Call::post_json("/CreateOrder", Auth::HeaderToken, &body)
}

fn contact(into: &mut serde_json::Map<String, Value>, side: &str, contact: &Contact) {
    let email = contact.email.as_ref().map(|email| unmasked(email.reveal()).to_owned());
    // The two-level scheme of 2025 has no district; the interface wants this constant instead.
    let district = contact.district_code.clone().unwrap_or_else(|| "VNPOST".to_owned());
    let fields = [
        ("Name", json!(unmasked(contact.name.reveal()))),
        ("Phone", json!(phone(contact.phone.reveal()))),
        ("Email", json!(email)),
        ("Address", json!(unmasked(contact.address.reveal()))),
        ("ProvinceCode", json!(contact.province_code.clone().unwrap_or_default())),
        ("DistrictCode", json!(district)),
        ("CommuneCode", json!(contact.ward_code.clone().unwrap_or_default())),
    ];
    into.extend(fields.into_iter().map(|(name, value)| (format!("{side}{name}"), value)));
}

/// The record with our order number in it is the acknowledgement.
pub fn decode_create(answer: &Reply, order_key: &str) -> Answer {
    let value = match reply::body(answer) {
        Ok(value) => value,
        Err(answer) => return answer,
    };
    if let Some(refusal) = refused(&value) {
        return refusal;
    }
    let records = record::records(&value).unwrap_or_default();
    match records.iter().filter_map(Fields::of).find(|record| record::order_key(*record).as_deref() == Some(order_key))
    {
        Some(record) => record::taken(record),
        None => Answer::unknown("the answer has no record of this order"),
    }
}

/// `success: false`, by its words; none when the answer does not refuse.
fn refused(value: &Value) -> Option<Answer> {
    let fields = Fields::of(value)?;
    if fields.boolean(&["success"]) != Some(false) {
        return None;
    }
    Some(reply::refusal(fields, "SUCCESS_FALSE"))
}

/// What an order is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookUp<'a> {
    /// The post's item number.
    ItemNumber(&'a str),
    /// Our order number.
    OrderKey(&'a str),
    /// The post's own id of the order.
    OriginalId(&'a str),
}

impl LookUp<'_> {
    fn query(self) -> String {
        let (kind, code) = match self {
            LookUp::ItemNumber(code) => ("1", code),
            LookUp::OrderKey(code) => ("2", code),
            LookUp::OriginalId(code) => ("3", code),
        };
        form(&[("type", kind), ("code", code)])
    }
}

/// `getOrder`.
pub fn get_order(look_up: LookUp<'_>) -> Call {
    Call::get(format!("/getOrder?{}", look_up.query()), Auth::HeaderToken)
}

/// Asks whether the post has the order.
pub fn find(order_key: &str) -> Call {
    get_order(LookUp::OrderKey(order_key))
}

/// Reads the answer to `find`.
pub fn decode_find(answer: &Reply, order_key: &str) -> Answer {
    // An absent order may be told by 404, but so is a wrong path: only words count.
    if answer.status == 404 && reply::says_absent(&reply::message(&answer.body)) {
        return Answer::NotFound;
    }
    let value = match reply::body(answer) {
        Ok(value) => value,
        Err(answer) => return answer,
    };
    match refused(&value) {
        Some(Answer::Refused { text, .. }) if reply::says_absent(&text) => return Answer::NotFound,
        Some(refusal) => return refusal,
        None => {}
    }
    let Some(records) = record::records(&value) else { return Answer::unknown("the answer has no list of records") };
    match records.iter().filter_map(Fields::of).find(|record| record::order_key(*record).as_deref() == Some(order_key))
    {
        Some(record) => record::taken(record),
        None => Answer::NotFound,
    }
}

/// Reads the records of `getOrder` as reports: so are records of a webhook confirmed.
pub fn decode_orders(answer: &Reply) -> Result<(Vec<Report>, Vec<Quarantined>), Answer> {
    let value = reply::body(answer)?;
    if let Some(refusal) = refused(&value) {
        return Err(refusal);
    }
    let records = record::records(&value).ok_or_else(|| Answer::unknown("the answer has no list of records"))?;
    Ok(sorted_out(&records, record::report))
}

fn sorted_out(
    rows: &[Value],
    read: impl Fn(Fields<'_>) -> Result<Report, &'static str>,
) -> (Vec<Report>, Vec<Quarantined>) {
    let (mut reports, mut quarantined) = (Vec::new(), Vec::new());
    for row in rows {
        match Fields::of(row).ok_or("the row is not an object").and_then(&read) {
            Ok(report) => reports.push(report),
            Err(why) => quarantined.push(Quarantined { raw: Redacted::new(row.to_string()), why: why.to_owned() }),
        }
    }
    (reports, quarantined)
}

/// `orderCancel`, by the post's own id of the order.
pub fn cancel(original_id: &str) -> Call {
    Call::post_json("/orderCancel", Auth::HeaderToken, &json!({"OriginalId": original_id}))
}

/// Cancelling is done only when the post says so; a refusal means that it holds the item already (E13).
pub fn decode_cancel(answer: &Reply) -> Answer {
    let value = match reply::body(answer) {
        Ok(value) => value,
        Err(answer) => return answer,
    };
    match refused(&value) {
        Some(refusal) => refusal,
        None if Fields::of(&value).and_then(|fields| fields.boolean(&["success"])) == Some(true) => Answer::done(),
        None => Answer::unknown("the answer does not say whether it was cancelled"),
    }
}

/// `GetStatusHistoryOrder`: every status of one order.
pub fn history(look_up: LookUp<'_>) -> Call {
    Call::get(format!("/GetStatusHistoryOrder?{}", look_up.query()), Auth::HeaderToken)
}

/// Reads a history; the rows do not name the order, so the caller does.
pub fn decode_history(
    answer: &Reply,
    order_key: Option<&str>,
    item_number: Option<&str>,
) -> Result<(Vec<Report>, Vec<Quarantined>), Answer> {
    let value = reply::body(answer)?;
    if let Some(refusal) = refused(&value) {
        return Err(refusal);
    }
    let outer = Fields::of(&value);
    let data = outer.and_then(|fields| fields.object(&["data"]));
    let list = |fields: Fields<'_>| fields.list(&["statusHistory"]);
    let rows = data.as_ref().and_then(Fields::of).and_then(list).or_else(|| outer.and_then(list));
    let rows = rows.ok_or_else(|| Answer::unknown("the answer has no history"))?;
    Ok(sorted_out(&rows, |row| record::history_row(row, order_key, item_number)))
}

/// A window of days of last update, and the page in it.
struct Window {
    from: Ts,
    to: Ts,
    page: u32,
}

impl Window {
    /// Inside a round the cursor carries the window; at its start the window ends today and overlaps the last one.
    fn of(cursor: &Cursor, now: Ts) -> Self {
        let day = |name| cursor.value(name).and_then(tolerant::instant);
        if let (Some(from), Some(to), Some(page)) = (day("from"), day("to"), cursor.value("page")) {
            return Window { from, to, page: page.parse().unwrap_or(0) };
        }
        let from = match day("read") {
            Some(read) => read.min(now).plus_us(-OVERLAP_DAYS * DAY_US),
            None => now.plus_us(-FIRST_DAYS * DAY_US),
        };
        Window { from, to: now, page: 0 }
    }
}

fn day_text(at: Ts) -> String {
    at.to_vietnam().format("%d-%m-%Y").to_string()
}

/// Where reading the orders changed since a day begins.
pub fn from_day(from: NaiveDate, now: Ts) -> Cursor {
    Cursor::from_text(format!("from={} to={} page=0", from.format("%d-%m-%Y"), day_text(now)))
}

/// The next page of the list of orders by last update.
pub fn poll(cursor: &Cursor, now: Ts) -> Call {
    let window = Window::of(cursor, now);
    let query = form(&[
        ("lastUpdateFrom", &day_text(window.from)),
        ("lastUpdateTo", &day_text(window.to)),
        ("type", "GUI"),
        ("size", &PAGE_ROWS.to_string()),
        ("page", &window.page.to_string()),
        ("isInternational", "false"),
    ]);
    Call::get(format!("/GetListOrder?{query}"), Auth::HeaderToken)
}

/// Reads the page that `poll` with this cursor and this `now` asked for.
pub fn decode_poll(answer: &Reply, cursor: &Cursor, now: Ts) -> Result<Page, Answer> {
    let value = reply::body(answer)?;
    if let Some(refusal) = refused(&value) {
        return Err(refusal);
    }
    let rows = record::records(&value).ok_or_else(|| Answer::unknown("the answer has no list of records"))?;
    let (reports, quarantined) = sorted_out(&rows, record::report);
    let window = Window::of(cursor, now);
    let digest: String = crate::base::digest::sha256_hex(&answer.body).chars().take(16).collect();
    // E10: the same page again is the end.
    let more = rows.len() >= PAGE_ROWS && cursor.value("seen") != Some(digest.as_str());
    let (from, to) = (day_text(window.from), day_text(window.to));
    let next = if more {
        format!("from={from} to={to} page={} seen={digest}", window.page.saturating_add(1))
    } else {
        format!("read={to}")
    };
    Ok(Page { reports, quarantined, next: Cursor::from_text(next), more })
}

#[cfg(test)]
mod tests;
