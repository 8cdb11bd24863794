//! HCC Online (P2): the two feeds that are read. A row is never changed; the cursor is a row ordinal.

use super::book::{Book, Happening};
use super::record::{local_time, spell};
use super::{Operator, hcc};
use crate::sim::server::{Answer, Call};
use serde_json::{Map, Value, json};

/// What a script may let happen to an item of this family.
pub(super) const WORDS: &[&str] = &["ACCEPTED", "ATTEMPT_FAILED", "DELIVERED", "RETURN_FAILED", "RETURNED"];

/// The largest page.
const PAGE_ROWS_MAX: usize = 20_000;

/// Writes what happened into the feeds.
pub(super) fn write(operator: &Operator, book: &mut Book, id: u64, happening: &Happening, manner: Option<&str>) {
    let item = book.print_item(id, "CH", operator.options.seed).unwrap_or_default();
    let Some(order) = book.orders.get(&id) else { return };
    let sent = |name: &str| match order.body.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (code, customer) = (order.code.clone(), sent("MaKhachHang"));
    if happening.status == "ACCEPTED" {
        let name = spell(operator, &code, &sent("TenNguoiNhan"));
        let row = json!({
            "ItemCode": item, "DataCode": code, "CustomerCode": customer, "AcceptancePoscode": happening.office,
            "DestinationPoscode": "", "SendingTime": local_time(happening.at), "CodAmount": sent("SoTienCOD"),
            "SenderFullname": sent("TenNguoiGui"), "SenderAddress": sent("DiaChiNguoiGui"), "SenderTel": sent("DienThoaiNguoiGui"),
            "ReceiverFullname": name, "ReceiverAddress": sent("DiaChiNguoiNhan"), "ReceiverTel": sent("DienThoaiNguoiNhan"),
            "ValueAddedServiceList": "", "MainFreight": "18000", "VasFreight": "0", "CodFreight": "0", "Weight": "100",
            "WeightConvert": "100", "Width": "0", "Length": "0", "Height": "0", "Opt": "",
        });
        book.acceptances.push(row);
        return;
    }
    let accepted_at = order.life.iter().find(|it| it.status == "ACCEPTED").map_or(order.created_at, |it| it.at);
    let succeeded = matches!(happening.status.as_str(), "DELIVERED" | "RETURNED");
    let returning = matches!(happening.status.as_str(), "RETURN_FAILED" | "RETURNED");
    let number = 880_000_001 + book.deliveries.len();
    let turned = operator.faults.variant("E8", &["types", "key"], &format!("{code}/{}", order.life.len()));
    let truth = |value: bool| if turned == Some("types") { json!(if value { "1" } else { "0" }) } else { json!(value) };
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| {
        let name =
            if turned == Some("key") && name == "DeliveryTime" { "DeliveryTime ".to_owned() } else { name.to_owned() };
        row.insert(name, value);
    };
    put("DeliveryID", json!(number.to_string()));
    put("ItemCode", json!(item));
    put("DataCode", json!(code));
    put("CustomerCode", json!(customer));
    put("AcceptancePOSCode", json!(happening.office));
    put("ToPOSCode", json!(happening.office));
    put("SendingTime", json!(local_time(accepted_at)));
    put("DeliveryTime", json!(local_time(happening.at)));
    let attempt = happening.attempt.max(1);
    put("DeliveryTimes", if turned == Some("types") { json!(attempt.to_string()) } else { json!(attempt) });
    put("ReceiverName", json!(spell(operator, &code, &happening.receiver)));
    put("IsDeliverable", truth(succeeded));
    put("IsReturn", truth(returning));
    put("CauseCode", json!(if succeeded { "" } else { "01" }));
    put("CauseName", json!(happening.cause));
    put("SolutionCode", json!(if succeeded { "" } else { "02" }));
    put("SolutionName", json!(if succeeded { "" } else { "Phát lại lần sau" }));
    put("InputTime", json!(local_time(happening.written_at)));
    put("CreateTime", json!(local_time(happening.written_at)));
    put("LastUpdateTime", json!(local_time(happening.written_at)));
    put("DeliveryNote", json!(""));
    let row = Value::Object(row);
    // E10: a row is keyed in late and pushes the newest rows one place on; E5: it stands before its elders.
    let key = format!("{number}");
    let inserted = operator.faults.variant("E10", &["insert"], &key).is_some() || manner == Some("overtaken");
    let place = if inserted { book.deliveries.len().saturating_sub(2) } else { book.deliveries.len() };
    book.deliveries.insert(place, row.clone());
    if manner == Some("duplicate") {
        book.deliveries.push(row);
    }
}

/// The window that a call asks for, and whether it asked well.
struct Window {
    from: usize,
    to: usize,
    data_code: Option<String>,
}

fn window(call: &Call) -> Result<Window, Vec<String>> {
    let mut window = Window { from: 0, to: usize::MAX, data_code: None };
    let mut problems = Vec::new();
    for (name, value) in &call.query {
        match (name.as_str(), value.parse::<usize>()) {
            ("token", _) => {}
            ("fromRecord", Ok(number)) => window.from = number,
            ("toRecord", Ok(number)) => window.to = number,
            ("DataCode", _) => window.data_code = Some(value.clone()),
            _ => problems.push(format!("{name}: unknown parameter or no number")),
        }
    }
    if problems.is_empty() { Ok(window) } else { Err(problems) }
}

pub(super) fn acceptance(operator: &Operator, call: &Call) -> Answer {
    page(operator, call, "getAcceptance", "Acceptances", |book| &book.acceptances)
}

pub(super) fn delivery(operator: &Operator, call: &Call) -> Answer {
    page(operator, call, "getDelivery", "Deliverys", |book| &book.deliveries)
}

/// Rows `from` to `to` (the first row is 0, `to` is not in the page), with the number of all rows.
fn page(operator: &Operator, call: &Call, method: &str, list: &str, rows: fn(&Book) -> &Vec<Value>) -> Answer {
    let window = match window(call) {
        Ok(window) => window,
        Err(problems) => return hcc::violation(operator, method, &problems),
    };
    let faults = &operator.faults;
    if let Some(trouble) = operator.troubled(call, "") {
        return trouble;
    }
    match faults.variant("E1", &["refused", "empty", "html"], "") {
        Some("refused") => return hcc::refused("Hệ thống bận, vui lòng thử lại sau"),
        Some("html") => return Answer::html(),
        Some(_) => return Answer::empty(200),
        None => {}
    }
    let book = operator.book();
    let all = rows(&book);
    let chosen: Vec<&Value> = match &window.data_code {
        Some(code) => all.iter().filter(|row| row.get("DataCode").and_then(Value::as_str) == Some(code)).collect(),
        None => all.iter().collect(),
    };
    let total = chosen.len();
    let awkward = faults.variant("E10", &["empty", "repeat"], "");
    let from = match awkward {
        Some("repeat") if window.from >= total => total.saturating_sub(5),
        _ => window.from,
    };
    let many = if awkward == Some("empty") { 0 } else { window.to.saturating_sub(from).min(PAGE_ROWS_MAX) };
    let page: Vec<&Value> = chosen.into_iter().skip(from).take(many).collect();
    let total = if faults.variant("E8", &["types"], "").is_some() { json!(total.to_string()) } else { json!(total) };
    let mut answer = Map::new();
    answer.insert("TotalRecord".to_owned(), total);
    answer.insert(list.to_owned(), json!(page));
    Answer::json(200, &Value::Object(answer))
}
