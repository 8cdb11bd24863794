//! P2 against every form in which it was seen to answer.

use super::*;
use crate::peers::reply::replied;
use crate::peers::tests::{order, settings};

fn delivery_row(id: u32, more: Value) -> Value {
    let mut row = json!({"DeliveryID": id.to_string(), "ItemCode": "CH261100453VN", "DataCode": format!("K-{id}"), "ToPOSCode": "571230",
        "DeliveryTime": "06/11/2026 09:15:00", "DeliveryTimes": 1, "ReceiverName": "", "IsDeliverable": true, "IsReturn": false});
    for (key, value) in more.as_object().unwrap() {
        row[key] = value.clone();
    }
    row
}

fn one(more: Value) -> Result<Report, &'static str> {
    delivery(Fields::of(&delivery_row(1, more)).unwrap())
}

/// Reads both feeds from a server that holds these rows, and gives the reports and the calls it took.
fn round(cursor: &mut Cursor, acceptances: &[Value], deliveries: &[Value]) -> (Vec<Report>, usize) {
    let (mut reports, mut calls) = (Vec::new(), 0);
    loop {
        let call = poll(cursor);
        let (rows, name) =
            if call.path.contains("getDelivery") { (deliveries, "Deliverys") } else { (acceptances, "Acceptances") };
        let query = call.path.split_once("fromRecord=").unwrap().1;
        let from: usize = query.split('&').next().unwrap().parse().unwrap();
        let page: Vec<&Value> = rows.iter().skip(from).take(usize::try_from(PAGE_ROWS).unwrap()).collect();
        let body = json!({"TotalRecord": rows.len(), name: page}).to_string();
        let page = decode_poll(&replied(200, &body), cursor).unwrap();
        reports.extend(page.reports);
        calls += 1;
        *cursor = page.next;
        if !page.more {
            return (reports, calls);
        }
        assert!(calls < 50, "the feed turns in circles");
    }
}

#[test]
fn an_order_carries_the_names_of_the_interface() {
    let call = create(&order(), &settings());
    assert_eq!((call.path.as_str(), call.auth), ("/serviceApi/v1/postDieuTin", Auth::QueryToken));
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    assert_eq!(body["SoDonHang"], "H48.53-261102-0041-R1");
    assert_eq!((&body["DienThoaiNguoiNhan"], &body["SoTienCOD"]), (&json!("0900000041"), &json!(50_000)));
    assert_eq!(body["NgayNhap"], "02/11/2026 08:12:45");
    assert_eq!(body.as_object().unwrap().len(), 29);
    assert!(!format!("{call:?}").contains("Mẫu"), "a printed call names nobody");
}

#[test]
fn only_a_true_status_is_an_acknowledgement() {
    let answer = |body: &str| decode_create(&replied(200, body));
    assert_eq!(answer(r#"{"Status": true}"#), Answer::done());
    assert_eq!(
        answer(r#"{"Status ": "1", "MaBuuGui": "CH261100453VN"}"#),
        Answer::Done { item_number: Some("CH261100453VN".to_owned()), reference: None }
    );
    assert!(
        matches!(answer(r#"{"Status": false, "Message": "Sai mã khách hàng"}"#), Answer::Refused { code, .. } if code == "STATUS_FALSE")
    );
    // E3: it has the order already, from an attempt whose answer was lost.
    assert!(matches!(answer(r#"{"Status": false, "Message": "Số đơn hàng đã tồn tại"}"#), Answer::Unknown { .. }));
    assert!(matches!(
        answer(r#"{"Status": false, "Message": "Hệ thống bận, vui lòng thử lại sau"}"#),
        Answer::Retry { .. }
    ));
    assert_eq!(answer(r#"{"Status": false, "Message": "Token không hợp lệ"}"#), Answer::Unauthorised);
    for unclear in ["", "{}", "[]", "\"ok\"", "<html>OK</html>", r#"{"Status": "ok"}"#] {
        assert!(matches!(answer(unclear), Answer::Unknown { .. }), "{unclear}");
    }
}

#[test]
fn finds_an_order_among_rows_that_were_not_filtered() {
    let body = json!({"TotalRecord": 2, "Acceptances": [{"DataCode": "other", "ItemCode": "X"}, {"DataCode": "K/1", "ItemCode": "CH261100453VN"}]});
    let answer = |key| decode_find(&replied(200, &body.to_string()), key);
    assert_eq!(answer("K/1"), Answer::Done { item_number: Some("CH261100453VN".to_owned()), reference: None });
    assert_eq!(answer("K/2"), Answer::NotFound);
    assert!(find("K/1").path.ends_with("DataCode=K%2F1"));
    assert!(matches!(decode_find(&replied(200, "{}"), "K/1"), Answer::Unknown { .. }), "no list is not an empty list");
    let part = json!({"TotalRecord": "5", "Acceptances": [{"DataCode": "other"}]}).to_string();
    assert!(
        matches!(decode_find(&replied(200, &part), "K/1"), Answer::Unknown { .. }),
        "a part of a list says no to nothing"
    );
    let busy = r#"{"Status": false, "Message": "Hệ thống bận"}"#;
    assert!(matches!(decode_find(&replied(200, busy), "K/1"), Answer::Retry { .. }));
}

#[test]
fn four_kinds_of_attempts() {
    for (deliverable, returned, code, word) in [
        (true, false, "DELIVERED", "DELIVERED"),
        (false, false, "ATTEMPT", "ATTEMPT_FAILED"),
        (true, true, "RETURNED", "RETURNED"),
        (false, true, "RETURN_ATTEMPT", "RETURNING"),
    ] {
        let report = one(json!({"IsDeliverable": deliverable, "IsReturn": returned})).unwrap();
        assert_eq!((report.raw_code.as_str(), report.event), (code, Mapped::Event(word.to_owned())));
    }
    let unclear = one(json!({"IsDeliverable": null})).unwrap();
    assert_eq!((unclear.event, unclear.raw_code.as_str()), (Mapped::Unmapped, "UNCLEAR"));
    let failed =
        one(json!({"IsDeliverable": "0", "IsReturn": "0", "CauseName": "Người nhận đi vắng", "DeliveryTimes": "2"}))
            .unwrap();
    assert_eq!((failed.cause, failed.attempt, failed.source_key.as_str()), (Some("ABSENT"), Some(2), "D:1"));
    let masked = one(json!({"ReceiverName": "Nguy+++ Th+"})).unwrap();
    assert_eq!(masked.receiver_name, None);
}

/// Incident 5: one bad row fails the page. Here 999 rows land and one is set aside with its reason.
#[test]
fn one_bad_row_never_sinks_the_page() {
    let mut rows: Vec<Value> = (0..1000).map(|id| delivery_row(id, json!({}))).collect();
    rows[10]["CauseName"] = Value::Null;
    rows[20]["DeliveryTime"] = json!("2026-11-06T09:15:00.1234567");
    rows[30]["IsReturn"] = json!("maybe");
    rows[40]["DeliveryTime"] = json!("2026-11-06T09:15:00+99:00");
    let body = json!({"TotalRecord": 1000, "Deliverys": rows}).to_string();
    let page = decode_poll(&replied(200, &body), &Cursor::from_text("acceptance=0 delivery=0 feed=delivery")).unwrap();
    assert_eq!((page.reports.len(), page.quarantined.len()), (999, 1));
    assert_eq!(page.quarantined[0].why, "the time cannot be read");
    assert_eq!(page.reports.iter().filter(|report| report.event == Mapped::Unmapped).count(), 1);
    assert!(!page.more);
}

#[test]
fn every_row_is_read_and_rows_inserted_before_the_cursor_too() {
    let accepted: Vec<Value> = (0..3)
        .map(|n| json!({"ItemCode": format!("CH{n}VN"), "DataCode": format!("K-{n}"), "SendingTime": "05/11/2026 16:40:00", "AcceptancePoscode": "570100"}))
        .collect();
    let mut deliveries: Vec<Value> = (0..4100).map(|id| delivery_row(id, json!({}))).collect();
    let mut cursor = Cursor::default();
    let (reports, calls) = round(&mut cursor, &accepted, &deliveries);
    assert_eq!((reports.len(), calls), (4103, 4));
    assert_eq!(reports[0].event, Mapped::Event("ACCEPTED".to_owned()));
    // Nothing new: only the overlap is read again.
    let (again, calls) = round(&mut cursor, &accepted, &deliveries);
    assert_eq!((again.len(), calls), (203, 2));
    // E10: a row that is inserted a little before the cursor is found by the overlap.
    deliveries.insert(4050, delivery_row(9999, json!({})));
    let (late, _) = round(&mut cursor, &accepted, &deliveries);
    assert!(late.iter().any(|report| report.source_key == "D:9999"));
    let (keys, unique): (Vec<_>, std::collections::BTreeSet<_>) =
        (reports.iter().map(|r| &r.source_key).collect(), reports.iter().map(|r| &r.source_key).collect());
    assert_eq!(keys.len(), unique.len());
}

/// E10: a server that answers past the end with its last full page for ever.
#[test]
fn a_repeated_last_page_ends_the_round() {
    let rows: Vec<Value> = (0..PAGE_ROWS).map(|id| delivery_row(u32::try_from(id).unwrap(), json!({}))).collect();
    let answer = replied(200, &json!({"Deliverys": rows}).to_string());
    let first = decode_poll(&answer, &Cursor::from_text("acceptance=0 delivery=0 feed=delivery")).unwrap();
    assert!(first.more);
    let second = decode_poll(&answer, &first.next).unwrap();
    assert!(!second.more);
    assert!(second.next.as_str().starts_with("acceptance=0 delivery=2000 "));
}

/// E11: delivered, later "phát hoàn thành công". Both are told; the fold decides.
#[test]
fn a_contradiction_is_two_reports() {
    let rows =
        [delivery_row(1, json!({})), delivery_row(2, json!({"IsReturn": true, "DeliveryTime": "09/11/2026 09:15:00"}))];
    let cursor = Cursor::from_text("acceptance=0 delivery=0 feed=delivery");
    let page = decode_poll(&replied(200, &json!(rows).to_string()), &cursor).unwrap();
    let words: Vec<_> = page.reports.iter().map(|report| report.raw_code.as_str()).collect();
    assert_eq!(words, ["DELIVERED", "RETURNED"]);
}
