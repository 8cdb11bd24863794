//! MyVNPost (P4): login, orders in, cancelling. Its refusals are `{success: false, errorMessage}`.

use super::book::Happening;
use super::{Operator, admin, myvnpost_read, record};
use crate::sim::server::{Answer, Call};
use crate::sim::strict::{self, Field, Form, may, must};
use ring::digest;
use serde_json::{Value, json};
use std::time::Duration;

const LOGIN: &[Field] =
    &[must("username", Form::Filled), must("password", Form::Filled), must("customerCode", Form::Filled)];

const ADDON: &[Field] = &[must("code", Form::Filled), may("propValue", Form::TextOrNull)];

const INFORMATION: &[Field] = &[
    must("senderName", Form::Filled),
    must("senderPhone", Form::Text),
    may("senderEmail", Form::TextOrNull),
    must("senderAddress", Form::Filled),
    must("senderProvinceCode", Form::Text),
    must("senderDistrictCode", Form::Text),
    must("senderCommuneCode", Form::Text),
    must("receiverName", Form::Filled),
    must("receiverPhone", Form::Text),
    may("receiverEmail", Form::TextOrNull),
    must("receiverAddress", Form::Filled),
    must("receiverProvinceCode", Form::Text),
    must("receiverDistrictCode", Form::Text),
    must("receiverCommuneCode", Form::Text),
    must("serviceCode", Form::Filled),
    may("addonService", Form::Objects(ADDON)),
    may("additionRequest", Form::List),
    may("orgCodeCollect", Form::TextOrNull),
    may("orgCodeAccept", Form::TextOrNull),
    must("saleOrderCode", Form::Filled),
    must("contentNote", Form::Filled),
    must("weight", Form::Filled),
    may("width", Form::NumberOrText),
    may("length", Form::NumberOrText),
    may("height", Form::NumberOrText),
    may("vehicle", Form::TextOrNull),
    must("sendType", Form::Word(&["1", "2"])),
    may("isBroken", Form::Scalar),
    may("deliveryTime", Form::TextOrNull),
    may("deliveryRequire", Form::TextOrNull),
    may("deliveryInstruction", Form::TextOrNull),
];

const ORDER: &[Field] = &[
    must("orderCreationStatus", Form::Whole),
    must("type", Form::Word(&["GUI", "NHAN"])),
    must("customerCode", Form::Filled),
    may("contractCode", Form::TextOrNull),
    must("informationOrder", Form::Object(INFORMATION)),
];

const CANCEL: &[Field] = &[must("OriginalId", Form::NumberOrText)];

pub(super) fn refused(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"success": false, "errorMessage": message}))
}

pub(super) fn violation(operator: &Operator, method: &str, problems: &[String]) -> Answer {
    operator.book().violate(method, problems);
    refused(400, &problems.join("; "))
}

pub(super) fn answer(operator: &Operator, call: &Call) -> Answer {
    let method = call.path.rsplit('/').next().unwrap_or_default();
    if call.method == "POST" && method == "GetAccessToken" {
        return login(operator, call);
    }
    let token = call.header("token").unwrap_or_default();
    let Some(login_no) = operator.book().tokens.get(token).copied() else {
        let mut book = operator.book();
        if !book.expired.contains(token) {
            book.violate(method, &["token: missing or not ours".to_owned()]);
        }
        return refused(401, "Phiên đăng nhập không hợp lệ");
    };
    // E4: the operator forgets the token; the next login gives another.
    if operator.faults.variant("E4", &["expired"], &format!("token {login_no}")).is_some() {
        let mut book = operator.book();
        book.tokens.remove(token);
        book.expired.insert(token.to_owned());
        return refused(401, "Phiên đăng nhập hết hạn");
    }
    match (call.method.as_str(), method) {
        ("POST", "CreateOrder") => create(operator, call),
        ("POST", "orderCancel") => cancel(operator, call),
        ("GET", "getOrder") => myvnpost_read::one(operator, call),
        ("GET", "GetListOrder") => myvnpost_read::list(operator, call),
        ("GET", "GetStatusHistoryOrder") => myvnpost_read::history(operator, call),
        _ => {
            operator.book().violate(method, &[format!("{} {}: no such call", call.method, call.path)]);
            refused(404, "Không có dịch vụ này")
        }
    }
}

fn checked(call: &Call, fields: &[Field]) -> Result<Value, Vec<String>> {
    let body = call.json().map_err(|error| vec![error])?;
    let object = body.as_object().ok_or_else(|| vec!["the body must be an object".to_owned()])?;
    let problems = strict::faults_of(object, fields, "");
    if problems.is_empty() { Ok(body) } else { Err(problems) }
}

fn login(operator: &Operator, call: &Call) -> Answer {
    let body = match checked(call, LOGIN) {
        Ok(body) => body,
        Err(problems) => return violation(operator, "GetAccessToken", &problems),
    };
    let nth = operator.book().logins;
    if operator.faults.variant("E4", &["login"], &format!("login {nth}")).is_some() {
        return refused(429, "Quá nhiều yêu cầu").with("retry-after", "1");
    }
    let options = &operator.options;
    let is = |name: &str, expected: &str| body.get(name).and_then(Value::as_str) == Some(expected);
    if !is("username", &options.username)
        || !is("password", &options.password)
        || !is("customerCode", &options.customer_code)
    {
        operator.book().violate("GetAccessToken", &["account not ours".to_owned()]);
        return refused(401, "Sai tài khoản hoặc mật khẩu");
    }
    let mut book = operator.book();
    book.logins += 1;
    let text = format!("{}/{}/{}", options.seed, options.customer_code, book.logins);
    let token = crate::base::digest::hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    let login_no = book.logins;
    book.tokens.insert(token.clone(), login_no);
    Answer::json(200, &json!({"success": true, "errorMessage": null, "token": token}))
}

fn create(operator: &Operator, call: &Call) -> Answer {
    let body = match checked(call, ORDER) {
        Ok(body) => body,
        Err(problems) => return violation(operator, "CreateOrder", &problems),
    };
    if body.get("customerCode").and_then(Value::as_str) != Some(operator.options.customer_code.as_str()) {
        return violation(operator, "CreateOrder", &["customerCode: not a customer of ours".to_owned()]);
    }
    let code = body.pointer("/informationOrder/saleOrderCode").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(trouble) = operator.troubled(call, &code) {
        return trouble;
    }
    let failing = operator.faults.variant("E1", &["refused", "empty", "html"], &code);
    match failing {
        Some("refused") => return refused(200, "Hệ thống bận, vui lòng thử lại sau"),
        Some("html") => return Answer::html(),
        _ => {}
    }
    let (id, fresh) = store(operator, &code, body);
    if failing == Some("empty") {
        operator.book().lose_answer(&code);
        return Answer::empty(200);
    }
    let mut answer = myvnpost_read::created(operator, id);
    if fresh {
        match operator.faults.variant("E6", &["early", "unknown"], &code) {
            Some("early") => {
                assigned(operator, id);
                answer = answer.after(Duration::from_millis(200));
            }
            Some(_) => myvnpost_read::stranger(operator, id),
            None => {}
        }
    }
    operator.silence(&code).unwrap_or(answer)
}

/// Stores an order once; a code that comes again is written down, and answered with the first record (or, with E3, taken again).
fn store(operator: &Operator, code: &str, body: Value) -> (u64, bool) {
    let now = operator.now();
    let mut book = operator.book();
    if let Some(first) = book.ids_of(code).first().copied() {
        let same = book.orders.get(&first).is_some_and(|order| order.body == body);
        book.duplicate(code, same);
        if !operator.faults.strikes("E3", code) {
            return (first, false);
        }
    }
    let id = book.store(code, body, "1", now);
    book.print_item(id, "EA", operator.options.seed);
    (id, true)
}

/// A courier is assigned before the create reply is out (E6).
fn assigned(operator: &Operator, id: u64) {
    let now = operator.now();
    let happening = Happening {
        status: "2".to_owned(),
        at: now,
        written_at: now,
        office: String::new(),
        attempt: 0,
        cause: String::new(),
        receiver: String::new(),
    };
    admin::happen(operator, id, happening);
}

fn cancel(operator: &Operator, call: &Call) -> Answer {
    let body = match checked(call, CANCEL) {
        Ok(body) => body,
        Err(problems) => return violation(operator, "orderCancel", &problems),
    };
    let id = match body.get("OriginalId") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
        None => None,
    };
    let status = id.and_then(|id| operator.book().orders.get(&id).map(|order| order.status().to_owned()));
    let (Some(id), Some(status)) = (id, status) else { return refused(400, "Không tìm thấy đơn hàng") };
    if let Some(trouble) = operator.troubled(call, &id.to_string()) {
        return trouble;
    }
    let early = matches!(status.as_str(), "0" | "1" | "2" | "3" | "4" | "5" | "8");
    if !early || operator.faults.strikes("E13", &id.to_string()) {
        return refused(200, "Đơn hàng đã vào mạng vận chuyển, không hủy được");
    }
    let now = operator.now();
    let mut book = operator.book();
    if let Some(order) = book.orders.get_mut(&id) {
        let last = Happening {
            status: "9".to_owned(),
            at: now,
            written_at: now,
            office: String::new(),
            attempt: 0,
            cause: String::new(),
            receiver: String::new(),
        };
        order.life.push(last);
        return Answer::json(
            200,
            &json!({"success": true, "errorMessage": null, "data": record::of(operator, order, order.life.len())}),
        );
    }
    refused(400, "Không tìm thấy đơn hàng")
}
