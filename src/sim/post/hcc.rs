//! HCC Online (P2): orders in. Its refusals are `Status: false` with HTTP 200, its login is a token in the query.

use super::{Operator, hcc_feed};
use crate::sim::server::{Answer, Call};
use crate::sim::strict::{self, Field, Form, may, must};
use serde_json::{Value, json};

/// The fields of `postDieuTin`. Where the documents name no type, a number or its text will do.
const ORDER: &[Field] = &[
    may("PosIdThuGom", Form::Whole),
    may("MaTinhGui", Form::NumberOrText),
    may("MaHuyenGui", Form::NumberOrText),
    must("SoDonHang", Form::Filled),
    must("MaKhachHang", Form::Filled),
    must("TenNguoiGui", Form::Filled),
    must("DiaChiNguoiGui", Form::Filled),
    must("DienThoaiNguoiGui", Form::Text),
    may("EmailNguoiGui", Form::Text),
    must("NoiDungHang", Form::Filled),
    must("SoTienCOD", Form::Number),
    may("GhiChu", Form::Text),
    may("NgayNhap", Form::Text),
    may("PosIdNhanTin", Form::Whole),
    must("TenNguoiNhan", Form::Filled),
    must("DiaChiNguoiNhan", Form::Filled),
    must("DienThoaiNguoiNhan", Form::Text),
    may("EmailNguoiNhan", Form::Text),
    may("MaTinhNhan", Form::NumberOrText),
    may("MaHuyenNhan", Form::NumberOrText),
    may("MaBuuGui", Form::Text),
    may("TrongLuong", Form::NumberOrText),
    may("CuocChinh", Form::NumberOrText),
    may("CuocCOD", Form::NumberOrText),
    may("DonHangNoiHuyen", Form::Truth),
    may("ChieuRong", Form::NumberOrText),
    may("ChieuDai", Form::NumberOrText),
    may("ExtendData", Form::TextOrNull),
    may("FlagConfig", Form::Whole),
];

pub(super) fn refused(message: &str) -> Answer {
    Answer::json(200, &json!({"Status": false, "Message": message}))
}

pub(super) fn answer(operator: &Operator, call: &Call) -> Answer {
    let method = call.path.strip_prefix("/serviceApi/v1/").unwrap_or_default();
    if call.param("token") != Some(operator.options.token.as_str()) {
        operator.book().violate(method, &["token: not ours".to_owned()]);
        return Answer::json(401, &json!({"Status": false, "Message": "Token không hợp lệ"}));
    }
    match (call.method.as_str(), method) {
        ("POST", "postDieuTin") => one(operator, call),
        ("POST", "postDieuTins") => many(operator, call),
        ("GET" | "POST", "getAcceptance") => hcc_feed::acceptance(operator, call),
        ("GET", "getDelivery") => hcc_feed::delivery(operator, call),
        _ => {
            operator.book().violate(method, &[format!("{} {}: no such call", call.method, call.path)]);
            Answer::empty(404)
        }
    }
}

fn one(operator: &Operator, call: &Call) -> Answer {
    let problems = only_token(call);
    let body = match call.json() {
        Ok(body) if problems.is_empty() => body,
        Ok(_) => return violation(operator, "postDieuTin", &problems),
        Err(error) => return violation(operator, "postDieuTin", &[error]),
    };
    let code = body.get("SoDonHang").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(trouble) = operator.troubled(call, &code) {
        return trouble;
    }
    let failing = operator.faults.variant("E1", &["refused", "empty", "html"], &code);
    match failing {
        Some("refused") => return refused("Hệ thống bận, vui lòng thử lại sau"),
        Some("html") => return Answer::html(),
        _ => {}
    }
    if let Err(problems) = take(operator, &body) {
        return violation(operator, "postDieuTin", &problems);
    }
    if failing == Some("empty") {
        operator.book().lose_answer(&code);
        return Answer::empty(200);
    }
    operator
        .silence(&code)
        .unwrap_or_else(|| Answer::json(200, &json!({"Status": true, "Message": "Thành công", "SoDonHang": code})))
}

fn many(operator: &Operator, call: &Call) -> Answer {
    if let Some(trouble) = operator.troubled(call, "") {
        return trouble;
    }
    let problems = only_token(call);
    let orders = match call.json() {
        Ok(Value::Array(orders)) if problems.is_empty() => orders,
        Ok(Value::Array(_)) => return violation(operator, "postDieuTins", &problems),
        _ => return violation(operator, "postDieuTins", &["the body must be a list of orders".to_owned()]),
    };
    let results: Vec<Value> = orders
        .iter()
        .map(|order| {
            let code = order.get("SoDonHang").cloned().unwrap_or(Value::Null);
            match take(operator, order) {
                Ok(()) => json!({"SoDonHang": code, "Status": true, "Message": ""}),
                Err(problems) => {
                    operator.book().violate("postDieuTins", &problems);
                    json!({"SoDonHang": code, "Status": false, "Message": problems.join("; ")})
                }
            }
        })
        .collect();
    let whole = results.iter().all(|result| result.get("Status") == Some(&Value::Bool(true)));
    Answer::json(200, &json!({"Status": whole, "Message": "", "Results": results}))
}

fn take(operator: &Operator, body: &Value) -> Result<(), Vec<String>> {
    let object = body.as_object().ok_or_else(|| vec!["an order is an object".to_owned()])?;
    let mut problems = strict::faults_of(object, ORDER, "");
    if object.get("MaKhachHang").and_then(Value::as_str) != Some(operator.options.customer_code.as_str()) {
        problems.push("MaKhachHang: not a customer of ours".to_owned());
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let code = object.get("SoDonHang").and_then(Value::as_str).unwrap_or_default();
    let now = operator.now();
    let mut book = operator.book();
    let known = book.ids_of(code);
    let same = known.first().and_then(|id| book.orders.get(id)).map(|order| order.body == *body);
    if let Some(same) = same {
        book.duplicate(code, same);
        if !operator.faults.strikes("E3", code) {
            return Ok(());
        }
    }
    book.store(code, body.clone(), "STORED", now);
    Ok(())
}

fn only_token(call: &Call) -> Vec<String> {
    call.query
        .iter()
        .filter(|(name, _)| name != "token")
        .map(|(name, _)| format!("{name}: unknown parameter"))
        .collect()
}

pub(super) fn violation(operator: &Operator, method: &str, problems: &[String]) -> Answer {
    operator.book().violate(method, problems);
    refused(&problems.join("; "))
}
