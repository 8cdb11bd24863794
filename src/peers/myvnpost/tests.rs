//! P4 against every form in which it was seen to answer. The webhook vectors were signed once with a key that was
//! thrown away; only its public half is here.

use super::webhook::{WebhookError, public_key_from_pem, verify};
use super::*;
use crate::peers::Mapped;
use crate::peers::reply::replied;
use crate::peers::tests::{order, settings};

const POST_KEY: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArk98X7++8DKCmzYxUCL+\n\
b5r13n8uPFYSkrzqL/GSCsSs5C6AlUPY+FoUVqMKQ3MDFJ0fYn953fWc9XyB6vAs\n\
1JuVPbilSUWMZDOQRDUtlctSt5GDrb7FSkytoXMpAifqoPssNVJC4IKGJ9jfobmt\n\
xyYb4aOq437CUzjrwNJKHT66lllnuLv3TZeOD+B5BYjH0W5Bga3ipAkee8jTfM2E\n\
+61psuXEeyYSZRMgsFOMNeBJyIIaV8gXv5m/xptqo/1XPzw0Ma/l14Z8niaa+NcO\n\
vhvZIga7UFSq7DOahpy3iL/c1A5wLWrHPhJsnXL+lc1lLmQaELgVBZ8SmH7H/4M1\n\
tQIDAQAB\n\
-----END PUBLIC KEY-----";

/// Over `MYVNP` `06/11/2026 15:02:11` `EA500120015VN` `14`.
const SIGNED: &str = "RWRFU0NaBw08iWKRS9LvQ9fZHS86Tu68+LANMIMv4tIae1kciSimHIc2kn2cPS53kTwQ2D2akWMD7mnpPbPyl9QkiaKwbAnRV/CO6qq68EhXLTPw6TwrvbMZ/11yl3y51uihxMHEfijkvfpNk/l9+nHZX3Tnq5NG/SEEu8Xp4xBlPPYWEclmKd1+vjrMI+ki6dvmSfWs0oeoZHBAQgdSxqk0F2IfgqmNLzId81aplOpqZR4ZgoDQ9qnWkOIF1K6x/KNeCQAafX7biVpnJX8Ix/UokGxlkYN3i+tapn53aLJlOIvwrg6lrdZb6W7933UBDApfvut9v5dWKLZxe0Ys8g==";
/// Over `MYVNP` `06/11/2026 15:02:11` (no item number) `2`.
const SIGNED_WITHOUT_ITEM: &str = "JEFAwEmSP5nsIhmZMGIPkkUYagp3T0aIf+IeBo6cndJYy9vSGesfvpuRnyuqAG1FNYbxk5lvKnl5N16R73j4BLzTdGoEupNuCAPJau+e3SfZKUfZ4pFJMXyLn+8FQ1WvYT5Q07Ka6yvcOfB/02GJTeXwHjOeSuVsL6uWpE9jwedAcdT+c5Ip9eRuCMNzr6+rlyaV0+r3IuIVOYMOcoYRrT1q/VTykSJOajxNpGE3ZYrp/l8MdLMQfuZMe3HfPyOIiwoKkyHanmvnwd0emV76LCc2MklXU6GyxPY1BkCqK0ioIDztYWMh2PMQF3LgBCuhNm3B0Fk5+b9jjxpK8I0MRA==";

const KEY: &str = "H48.53-261102-0041-R1";

fn now() -> Ts {
    Ts::parse_rfc3339("2026-11-06T16:00:00+07:00").unwrap()
}

fn record_json(key: &str, status: Value) -> Value {
    json!({"originalID": "5500012", "itemCode": "EA500120015VN", "saleOrderCode": key, "status": status, "codAmount": "18000",
        "orgCodeAccept": "570100", "bcpCode": "571230", "receiverName": "Nguy++++ M+u", "updatedDate": "06/11/2026 15:00:45"})
}

fn batch(signature: &str, records: Value) -> Vec<u8> {
    json!({"data": records, "sendDate": "06/11/2026 15:02:11", "signature": signature}).to_string().into_bytes()
}

fn key() -> Vec<u8> {
    public_key_from_pem(POST_KEY).unwrap()
}

#[test]
fn logging_in() {
    let call = login("sample", &Redacted::new("pw".to_owned()), "T000000001");
    assert_eq!((call.path.as_str(), call.auth), ("/GetAccessToken", Auth::None));
    let answer = |status, body: &str| decode_login(&replied(status, body)).map(|token| token.reveal().clone());
    assert_eq!(answer(200, r#"{"success": true, "errorMessage": null, "token": "abc"}"#), Ok("abc".to_owned()));
    assert_eq!(answer(200, r#"{"success": true, "data": {"token": "abc"}}"#), Ok("abc".to_owned()));
    assert_eq!(answer(200, r#"{"success": false, "errorMessage": "Sai mật khẩu"}"#), Err(Answer::Unauthorised));
    assert!(matches!(answer(429, ""), Err(Answer::Retry { .. })));
    assert!(matches!(answer(200, r#"{"success": true}"#), Err(Answer::Unknown { .. })));
    assert!(token_refused(&replied(200, r#"{"success": false, "errorMessage": "Token hết hạn"}"#)));
    assert!(token_refused(&replied(401, "")) && token_refused(&replied(403, "")));
    assert!(!token_refused(&replied(200, r#"{"success": false, "errorMessage": "Thiếu người nhận"}"#)));
    assert!(!token_refused(&replied(200, "[]")) && !token_refused(&replied(500, "")));
}

#[test]
fn an_order_carries_the_names_of_the_interface() {
    let call = create(&order(), &settings());
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let information = &body["informationOrder"];
    assert_eq!((&body["orderCreationStatus"], &body["customerCode"]), (&json!(1), &json!("HCC57001")));
    assert_eq!((&information["saleOrderCode"], &information["weight"]), (&json!(KEY), &json!("60")));
    assert_eq!(
        (&information["receiverPhone"], &information["receiverDistrictCode"]),
        (&json!("0900000041"), &json!("VNPOST"))
    );
    assert_eq!(information["addonService"], json!([{"code": "GTG021", "propValue": "PROP0018:50000;PROP0019:null"}]));
    let free = Order { fee_to_collect: 0, ..order() };
    let body: Value = serde_json::from_slice(&create(&free, &settings()).body).unwrap();
    assert_eq!(body["informationOrder"]["addonService"], json!([]), "nothing to collect, no COD");
}

/// Masked contacts are never written back over real data (E8).
#[test]
fn a_masked_contact_is_left_empty() {
    let mut masked = order();
    masked.receiver.name = Redacted::new("Nguy++++ M+u".to_owned());
    masked.receiver.phone = Redacted::new("09000+++41".to_owned());
    let body: Value = serde_json::from_slice(&create(&masked, &settings()).body).unwrap();
    assert_eq!(
        (&body["informationOrder"]["receiverName"], &body["informationOrder"]["receiverPhone"]),
        (&json!(""), &json!(""))
    );
}

#[test]
fn only_the_record_of_our_order_is_an_acknowledgement() {
    let answer = |body: Value| decode_create(&replied(200, &body.to_string()), KEY);
    let taken = Answer::Done { item_number: Some("EA500120015VN".to_owned()), reference: Some("5500012".to_owned()) };
    assert_eq!(answer(record_json(KEY, json!("1"))), taken);
    assert_eq!(answer(json!({"success": "true", "data": record_json(KEY, json!(1))})), taken);
    assert_eq!(
        answer(json!({"data": record_json(KEY, json!(1)).to_string()})),
        taken,
        "a record as JSON inside a string"
    );
    assert!(matches!(answer(record_json("another", json!("1"))), Answer::Unknown { .. }));
    assert!(matches!(answer(json!({"success": true})), Answer::Unknown { .. }));
    assert!(matches!(answer(json!({"success": true, "data": null})), Answer::Unknown { .. }));
    assert!(matches!(answer(json!({"success": false, "errorMessage": "Thiếu số điện thoại"})), Answer::Refused { .. }));
    assert!(matches!(
        answer(json!({"success": false, "errorMessage": "Mã đơn hàng bị trùng"})),
        Answer::Unknown { .. }
    ));
    assert_eq!(answer(json!({"success": false, "errorMessage": "Token hết hạn"})), Answer::Unauthorised);
}

#[test]
fn finding_an_order() {
    let answer = |status, body: Value| decode_find(&replied(status, &body.to_string()), KEY);
    assert!(matches!(
        answer(200, json!([{"results": [record_json("x", json!(1)), record_json(KEY, json!(1))]}])),
        Answer::Done { .. }
    ));
    for empty in [json!([]), json!([{"results": []}]), json!({"results": [record_json("x", json!(1))]})] {
        assert_eq!(answer(200, empty.clone()), Answer::NotFound, "{empty}");
    }
    assert_eq!(answer(200, json!({"success": false, "errorMessage": "Không tìm thấy đơn hàng"})), Answer::NotFound);
    assert_eq!(answer(404, json!({"message": "Không tìm thấy đơn hàng"})), Answer::NotFound);
    assert!(matches!(answer(404, json!({"error": "no route"})), Answer::Refused { .. }), "a wrong path is no answer");
    assert!(matches!(answer(200, json!({"success": true})), Answer::Unknown { .. }));
}

#[test]
fn cancelling_may_be_refused() {
    let answer = |body: Value| decode_cancel(&replied(200, &body.to_string()));
    assert_eq!(answer(json!({"success": true})), Answer::done());
    // E13.
    assert!(matches!(
        answer(json!({"success": false, "errorMessage": "Bưu gửi đã được chấp nhận"})),
        Answer::Refused { .. }
    ));
    assert!(matches!(answer(json!({})), Answer::Unknown { .. }));
}

/// E8, E9 and incident 5 in one page.
#[test]
fn one_bad_row_never_sinks_the_page() {
    let rows = json!([
        record_json("K-1", json!(14)),
        record_json("K-2", json!("999")),
        {"saleOrderCode": "K-3", "status": "14", "updatedDate": "11/25/2026 15:00:45"},
        {"saleOrderCode": "K-4", "status ": "15", "updatedDate ": "06/11/2026 15:00:45", "reason": "Không liên lạc được"},
        null,
        record_json("K-5", json!("21")),
    ]);
    let page = decode_poll(&replied(200, &json!({"results": rows}).to_string()), &Cursor::default(), now()).unwrap();
    let words: Vec<_> =
        page.reports.iter().map(|report| (report.order_key.as_deref().unwrap(), report.event.clone())).collect();
    let event = |word: &str| Mapped::Event(word.to_owned());
    assert_eq!(
        words,
        [
            ("K-1", event("DELIVERED")),
            ("K-2", Mapped::Unmapped),
            ("K-4", event("ATTEMPT_FAILED")),
            ("K-5", event("FEE_REMITTED"))
        ]
    );
    let why: Vec<_> = page.quarantined.iter().map(|row| row.why.as_str()).collect();
    assert_eq!(why, ["the time cannot be read", "the row is not an object"]);
    assert_eq!((page.reports[2].cause, page.reports[0].cause), (Some("UNREACHABLE"), None));
    assert_eq!((page.reports[3].amount, page.reports[0].amount), (Some(18_000), None), "money stands beside custody");
    assert_eq!((page.reports[0].receiver_name.clone(), page.more), (None, false), "a masked name is not a receiver");
}

#[test]
fn the_same_event_has_the_same_key_whichever_call_tells_it() {
    let listed = super::record::report(Fields::of(&record_json(KEY, json!("14"))).unwrap()).unwrap();
    let row =
        json!({"createdDate": "06/11/2026", "createdHour": "15:00:45", "statusCode": 14, "locateName": "BC Bình Sơn"});
    let told = super::record::history_row(Fields::of(&row).unwrap(), Some(KEY), Some("EA500120015VN")).unwrap();
    assert_eq!((&listed.source_key, listed.content_digest()), (&told.source_key, told.content_digest()));
    let read = |record: Value| super::record::report(Fields::of(&record).unwrap()).unwrap().source_key;
    assert_eq!(read(record_json("K-1", json!(14))), read(record_json("K-1", json!("14"))));
    assert_ne!(read(record_json("K-1", json!(14))), read(record_json("K-1", json!(19))));
    let of_item = |item: &str| read(json!({"itemCode": item, "status": "14", "updatedDate": "06/11/2026 15:00:45"}));
    assert_ne!(of_item("EA500120015VN"), of_item("EA500120016VN"));
}

/// E9: words and no code. An unknown code stays unmapped whatever its words.
#[test]
fn words_are_read_where_there_is_no_code() {
    let read = |status: Value, words: &str| {
        let mut record = record_json(KEY, status);
        record["statusName"] = json!(words);
        super::record::report(Fields::of(&record).unwrap()).unwrap()
    };
    let returned = read(Value::Null, "Phát hoàn thành công");
    assert_eq!((returned.raw_code.as_str(), returned.event.clone()), ("", Mapped::Event("RETURNED".to_owned())));
    assert_ne!(returned.source_key, read(Value::Null, "Phát thành công").source_key);
    assert_eq!(read(json!("105"), "Phát thành công").event, Mapped::Unmapped);
}

#[test]
fn the_window_pages_and_overlaps_by_a_day() {
    let path = |cursor: &Cursor| poll(cursor, now()).path;
    assert!(
        path(&Cursor::default())
            .starts_with("/GetListOrder?lastUpdateFrom=07-10-2026&lastUpdateTo=06-11-2026&type=GUI&size=500&page=0")
    );
    let full = |n: usize| {
        replied(200, &json!({"results": vec![record_json(&format!("K-{n}"), json!(10)); PAGE_ROWS]}).to_string())
    };
    let first = decode_poll(&full(1), &Cursor::default(), now()).unwrap();
    assert!(
        first.more
            && path(&first.next).contains("lastUpdateFrom=07-10-2026&lastUpdateTo=06-11-2026&type=GUI&size=500&page=1")
    );
    let empty = decode_poll(&replied(200, r#"{"results": []}"#), &first.next, now()).unwrap();
    assert!(
        !empty.more
            && path(&empty.next).contains("lastUpdateFrom=05-11-2026&lastUpdateTo=06-11-2026&type=GUI&size=500&page=0")
    );
    // E10: the last page again.
    assert!(!decode_poll(&full(1), &first.next, now()).unwrap().more);
    assert!(decode_poll(&full(2), &first.next, now()).unwrap().more);
    // A clock that was set back never moves the window into the future.
    assert!(path(&Cursor::from_text("read=20-11-2026")).contains("lastUpdateFrom=05-11-2026"));
}

/// E8: a key with a trailing space, date and hour apart, two names of the hour.
#[test]
fn reads_a_history() {
    let rows = json!([
        {"createdDate": "05/11/2026", "createdHour": "16:40:00", "statusCode": 7, "statusName": "Chấp nhận gửi", "locateName": "570100"},
        {"createdDate": "06/11/2026", "createHour": "15:00", "statusCode": "14", "statusName": null, "locateName": "571230"},
        {"createdDate": "06/11/2026", "statusCode": null},
    ]);
    let body = json!({"data": {"statusHistory ": rows}}).to_string();
    let (reports, quarantined) = decode_history(&replied(200, &body), Some(KEY), None).unwrap();
    let times: Vec<_> = reports.iter().map(|report| report.occurred_at.to_rfc3339()).collect();
    assert_eq!(times, ["2026-11-05T16:40:00+07:00", "2026-11-06T15:00:00+07:00"]);
    assert_eq!(quarantined[0].why, "neither a status nor its words");
    assert!(history(LookUp::ItemNumber("EA500120015VN")).path.ends_with("?type=1&code=EA500120015VN"));
}

/// E7: first record correctly signed, second forged.
#[test]
fn only_signed_fields_of_the_first_record_are_believed() {
    let body = batch(
        SIGNED,
        json!([record_json(KEY, json!("14")), record_json("forged", json!("19")), record_json("forged", json!("14"))]),
    );
    let batch_read = verify(&key(), &body).unwrap();
    let first = batch_read.first.unwrap();
    assert_eq!((first.item_number.as_deref(), first.order_key.as_deref()), (Some("EA500120015VN"), None));
    assert_eq!(first.event, Mapped::Event("DELIVERED".to_owned()));
    assert_eq!((first.occurred_text.as_str(), first.amount), ("06/11/2026 15:00:45", None));
    let pulled = super::record::report(Fields::of(&record_json(KEY, json!("14"))).unwrap()).unwrap();
    assert_eq!(first.source_key, pulled.source_key, "pushed and pulled, it is one event");
    let mut later = record_json(KEY, json!("14"));
    later["updatedDate"] = json!("07/11/2026 00:00:00");
    assert_eq!(verify(&key(), &batch(SIGNED, json!([later]))).unwrap().first, None, "after the signed time of sending");
    assert_eq!(batch_read.first_pull.look_up(), Some(LookUp::OrderKey(KEY)));
    assert_eq!(batch_read.others.len(), 1, "one question per order");
    assert_eq!(batch_read.others[0].look_up(), Some(LookUp::OrderKey("forged")));
}

#[test]
fn a_signature_that_does_not_fit_is_refused() {
    let numeric = batch(SIGNED, json!([record_json(KEY, json!(14))]));
    assert!(verify(&key(), &numeric).is_ok(), "a status as a number signs the same text");
    for (signature, record) in [
        (SIGNED, record_json(KEY, json!("19"))),
        (SIGNED, json!({"itemCode": "EA500120016VN", "status": "14"})),
        ("", record_json(KEY, json!("14"))),
        ("AAAA", record_json(KEY, json!("14"))),
        ("không phải base64", record_json(KEY, json!("14"))),
    ] {
        assert_eq!(verify(&key(), &batch(signature, json!([record]))), Err(WebhookError::Signature));
    }
    // The right signature on a record that was put in front.
    let moved = batch(SIGNED, json!([record_json("forged", json!("19")), record_json(KEY, json!("14"))]));
    assert_eq!(verify(&key(), &moved), Err(WebhookError::Signature));
    assert!(matches!(verify(&key(), b"{}"), Err(WebhookError::Unreadable(_))));
    assert!(matches!(verify(&key(), &batch(SIGNED, json!([]))), Err(WebhookError::Unreadable(_))));
    assert_eq!(verify(b"no key", &numeric), Err(WebhookError::Key));
}

/// Without an item number the signed text names no order at all: it would fit any.
#[test]
fn a_signature_without_an_item_number_proves_nothing() {
    let body = batch(SIGNED_WITHOUT_ITEM, json!([{"saleOrderCode": KEY, "status": "2"}]));
    let batch_read = verify(&key(), &body).unwrap();
    assert_eq!(batch_read.first, None);
    assert_eq!(batch_read.first_pull.look_up(), Some(LookUp::OrderKey(KEY)));
}

#[test]
fn the_answers_to_a_batch_have_the_form_of_the_interface() {
    let stored: Value = serde_json::from_str(&webhook::reply_stored(2)).unwrap();
    assert_eq!((&stored["success"], &stored["updated"]), (&json!(true), &json!(2)));
    let refused: Value = serde_json::from_str(&webhook::reply_refused(&WebhookError::Signature)).unwrap();
    assert_eq!(refused["success"], json!(false));
}
