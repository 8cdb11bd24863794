//! The order record of MyVNPost, as calls and webhooks carry it.

use super::{Operator, book::Order};
use crate::base::time::Ts;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;

/// `dd/MM/yyyy HH:mm:ss` in Vietnam, without a zone.
pub(super) fn local_time(at: Ts) -> String {
    at.to_vietnam().format("%d/%m/%Y %H:%M:%S").to_string()
}

/// The record as it stood after so many steps of the order's life.
pub(super) fn of(operator: &Operator, order: &Order, steps: usize) -> Value {
    let faults = &operator.faults;
    let key = format!("{}/{steps}", order.code);
    let info = order.body.get("informationOrder");
    let sent = |name: &str| info.and_then(|info| info.get(name)).cloned().unwrap_or(Value::Null);
    let last = order.life.get(steps.saturating_sub(1));
    let status = last.map_or("", |it| it.status.as_str());
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| {
        record.insert(name.to_owned(), value);
    };
    let turned = faults.variant("E8", &["types", "masked"], &key);
    let status_value = match (turned, status.parse::<u64>()) {
        (Some("types"), Ok(number)) => json!(number),
        _ => json!(status),
    };
    let fee = if turned == Some("types") { json!(18_000) } else { json!("18000") };
    put("orderHdrID", json!(format!("{}", 7_700_000 + order.original_id)));
    put(
        "originalID",
        if turned == Some("types") { json!(order.original_id) } else { json!(order.original_id.to_string()) },
    );
    put("itemCode", json!(order.item_number));
    put("originalItemCode", json!(order.item_number));
    put("saleOrderCode", json!(order.code));
    put("status", status_value);
    put("serviceCode", sent("serviceCode"));
    put("mainFee", fee.clone());
    put("vasFee", json!("0"));
    put("totalFee", fee);
    put("codAmount", json!("0"));
    put("weight", sent("weight"));
    put("contentNote", sent("contentNote"));
    put("orgCodeCollect", sent("orgCodeCollect"));
    put("orgCodeAccept", sent("orgCodeAccept"));
    put("bcpCode", json!(last.map_or("", |it| it.office.as_str())));
    put("bcpName", json!("Bưu cục phát"));
    for name in ["senderName", "senderPhone", "receiverName", "receiverPhone", "receiverAddress"] {
        let text = sent(name).as_str().unwrap_or_default().to_owned();
        put(name, json!(if turned == Some("masked") { mask(&text) } else { spell(operator, &key, &text) }));
    }
    put("actualReceiver", json!(last.map_or("", |it| it.receiver.as_str())));
    put("undeliverableReason", json!(last.map_or("", |it| it.cause.as_str())));
    put("createdDate", json!(local_time(order.created_at)));
    put("updatedDate", json!(local_time(last.map_or(order.created_at, |it| it.at))));
    Value::Object(record)
}

/// A contact as the operator shows it to strangers.
fn mask(text: &str) -> String {
    text.chars().enumerate().map(|(at, letter)| if at < 2 { letter } else { '+' }).collect()
}

/// Vietnamese as a careless system spells it (E14).
pub(super) fn spell(operator: &Operator, key: &str, text: &str) -> String {
    match operator.faults.variant("E14", &["decomposed", "mojibake"], key) {
        Some("decomposed") => text.nfd().collect(),
        Some(_) => text.bytes().map(char::from).collect(),
        None => text.to_owned(),
    }
}

/// The post's own name of a status, for its history.
pub(super) fn status_name(status: &str) -> &'static str {
    match status {
        "1" => "Tạo đơn hàng",
        "2" => "Bưu tá nhận yêu cầu thu gom",
        "3" => "Chờ xử lý",
        "4" => "Đang thu gom",
        "5" => "Thu gom không thành công",
        "6" => "Đã thu gom",
        "7" => "Bưu cục đã nhận",
        "8" => "Không thu gom được",
        "9" => "Hủy thu gom",
        "10" => "Đang vận chuyển",
        "11" => "Đã đến bưu cục phát",
        "12" => "Đang phát",
        "13" => "Chuyển tiếp",
        "14" => "Phát thành công",
        "15" => "Phát không thành công",
        "16" => "Chờ chuyển hoàn",
        "17" => "Duyệt hoàn",
        "18" => "Bắt đầu chuyển hoàn",
        "19" => "Phát hoàn thành công",
        "20" => "Hoàn một phần",
        "21" => "Đã trả tiền COD",
        "22" => "Hủy phát",
        "23" => "Phát một phần",
        "24" => "Đang chuyển hoàn",
        _ => "Không xác định",
    }
}
