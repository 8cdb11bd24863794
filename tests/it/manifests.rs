//! The rules of a manifest over HTTP (contract 4.1, 4.2), one change at a time: which code, at which field, and what is kept of good
//! values; JSON and CSV alike.

use crate::support::office::{AGENCY, leg_ids, text};
use crate::support::papers::{s10, total};
use crate::support::{Office, Options, Papers, TestStore};
use serde_json::{Value, json};

fn without(mut manifest: Value, place: &str) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    manifest.pointer_mut(parent).unwrap().as_object_mut().unwrap().shift_remove(name).unwrap();
    manifest
}

fn with(mut manifest: Value, place: &str, value: Value) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    match manifest.pointer_mut(parent).unwrap() {
        Value::Object(members) => drop(members.insert(name.to_owned(), value)),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        other => panic!("{place}: {other}"),
    }
    manifest
}

/// Problems of the manifest and of its first line, each as `CODE field`.
fn told(reply: &crate::support::client::Reply) -> Vec<String> {
    let body = reply.json();
    let line = body.pointer("/lines/0/problems").and_then(Value::as_array).cloned().unwrap_or_default();
    let own = body["problems"].as_array().cloned().unwrap_or_default();
    own.iter().chain(&line).map(|problem| format!("{} {}", text(&problem["code"]), text(&problem["field"]))).collect()
}

#[test]
fn each_rule_of_a_header_and_a_line_names_its_field() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let papers = Papers::new(1);
    let desk = office.desk();
    let long = |count: usize| json!("x".repeat(count));
    let line = "/lines/0";
    // Place, value (null: left out), problems. None: taken.
    let cases: Vec<(&str, Value, &[&str])> = vec![
        ("/manifestNo", json!("a b"), &["FIELD_INVALID manifestNo"]),
        ("/manifestNo", long(65), &["FIELD_INVALID manifestNo"]),
        ("/manifestNo", json!(7), &["FIELD_INVALID manifestNo"]),
        ("/manifestNo", Value::Null, &["FIELD_MISSING manifestNo"]),
        ("/revision", json!(0), &["FIELD_INVALID revision"]),
        ("/revision", json!("1"), &["FIELD_INVALID revision"]),
        ("/revision", json!(1.0), &["FIELD_INVALID revision"]),
        ("/legKind", json!("result"), &["FIELD_INVALID legKind"]),
        ("/legKind", json!("trả kết quả"), &["FIELD_INVALID legKind"]),
        ("/legKind", Value::Null, &["FIELD_MISSING legKind"]),
        ("/agencyCode", json!("H32..15"), &["FIELD_INVALID agencyCode"]),
        ("/agencyCode", json!("h32.15"), &["FIELD_INVALID agencyCode"]),
        ("/agencyCode", long(36), &["FIELD_INVALID agencyCode"]),
        ("/counterCode", json!(""), &["FIELD_INVALID counterCode"]),
        ("/counterCode", long(33), &["FIELD_INVALID counterCode"]),
        ("/counterCode", Value::Null, &[]),
        ("/postOfficeCode", json!("650"), &["FIELD_INVALID postOfficeCode"]),
        ("/postOfficeCode", json!("65010012345"), &["FIELD_INVALID postOfficeCode"]),
        ("/postOfficeCode", Value::Null, &["FIELD_MISSING postOfficeCode"]),
        ("/shiftDate", json!("2026-02-29"), &["FIELD_INVALID shiftDate"]),
        ("/shiftDate", json!("23/11/2026"), &["FIELD_INVALID shiftDate"]),
        ("/shift", json!(0), &["FIELD_INVALID shift"]),
        ("/shift", json!(4), &["FIELD_INVALID shift"]),
        ("/surplus", json!(1), &["FIELD_UNKNOWN surplus"]),
        ("/totals", Value::Null, &["FIELD_MISSING totals"]),
        ("/totals/lines", json!(9), &["TOTALS_MISMATCH totals.lines"]),
        ("/totals/copies", json!(9), &["TOTALS_MISMATCH totals.copies"]),
        ("/totals/originals", json!(9), &["TOTALS_MISMATCH totals.originals"]),
        ("/totals/feeToCollect", json!(9), &["TOTALS_MISMATCH totals.feeToCollect"]),
        ("/totals/surplus", json!(9), &["FIELD_UNKNOWN totals.surplus"]),
        ("/lines/0/lineNo", json!(0), &["FIELD_INVALID lineNo"]),
        ("/lines/0/lineNo", json!(1_000_000), &["FIELD_INVALID lineNo"]),
        ("/lines/0/lineNo", json!("1"), &["FIELD_INVALID lineNo"]),
        ("/lines/0/lineNo", json!(999_999), &[]),
        ("/lines/0/consignmentNoteNo", json!("PG 1"), &["FIELD_INVALID consignmentNoteNo"]),
        ("/lines/0/consignmentNoteNo", long(41), &["FIELD_INVALID consignmentNoteNo"]),
        ("/lines/0/dossierNo", Value::Null, &["FIELD_MISSING dossierNo"]),
        ("/lines/0/dossierNo", json!(null), &["FIELD_MISSING dossierNo"]),
        ("/lines/0/dossierNo", json!("000.00.15.H32-260931-0007"), &["DOSSIER_NUMBER_INVALID dossierNo"]),
        ("/lines/0/dossierNo", json!("000.00.15.H32-19991231-0007"), &["DOSSIER_NUMBER_INVALID dossierNo"]),
        ("/lines/0/dossierNo", json!("000.00.15.H32-21000101-0007"), &["DOSSIER_NUMBER_INVALID dossierNo"]),
        ("/lines/0/dossierNo", json!("000.00.15.H32-261109-07"), &["DOSSIER_NUMBER_INVALID dossierNo"]),
        ("/lines/0/dossierNo", json!("000.00.15.H32-261109-123456789"), &["DOSSIER_NUMBER_INVALID dossierNo"]),
        ("/lines/0/dossierNo", json!("000.00.15.H32-261109-000٧"), &["DOSSIER_NUMBER_INVALID dossierNo"]),
        ("/lines/0/dossierNo", json!("261109-0007"), &["DOSSIER_NUMBER_INVALID dossierNo"]),
        ("/lines/0/dossierNo", json!(7), &["FIELD_INVALID dossierNo"]),
        ("/lines/0/supplementNo", json!(1), &["FIELD_NOT_ALLOWED supplementNo"]),
        ("/lines/0/acceptedAt", json!("2026-11-20T08:00:00Z"), &["FIELD_NOT_ALLOWED acceptedAt"]),
        ("/lines/0/procedureCode", json!("4.005129"), &["FIELD_INVALID procedureCode"]),
        ("/lines/0/procedureCode", json!("1.05129"), &["FIELD_INVALID procedureCode"]),
        ("/lines/0/procedureCode", json!("1.005129.H32.A1"), &[]),
        ("/lines/0/procedureCode", json!("1.005129."), &["FIELD_INVALID procedureCode"]),
        ("/lines/0/procedureCode", Value::Null, &["FIELD_MISSING procedureCode"]),
        ("/lines/0/party", Value::Null, &["FIELD_MISSING party"]),
        ("/lines/0/party/name", json!("   "), &["FIELD_INVALID party.name"]),
        ("/lines/0/party/name", json!("ấ".repeat(200)), &[]),
        ("/lines/0/party/name", json!("ấ".repeat(201)), &["FIELD_INVALID party.name"]),
        ("/lines/0/party/name", json!("Nguyá»…n"), &["TEXT_DAMAGED party.name"]),
        ("/lines/0/party/name", json!("Nguy\u{fffd}n"), &["TEXT_DAMAGED party.name"]),
        ("/lines/0/party/name", json!("a\u{7}b"), &["FIELD_INVALID party.name"]),
        ("/lines/0/party/name", json!("-Mẫu"), &["TEXT_LIKE_FORMULA party.name"]),
        ("/lines/0/party/identityNo", json!("1"), &["FIELD_UNKNOWN party.identityNo"]),
        ("/lines/0/party/phone", Value::Null, &["PHONE_MISSING party.phone"]),
        ("/lines/0/party/phone", json!("+84 (90) 000-00.41"), &[]),
        ("/lines/0/party/phone", json!("84900000041"), &[]),
        ("/lines/0/party/phone", json!("01234567890"), &["PHONE_OLD_FORM party.phone"]),
        ("/lines/0/party/phone", json!("02583000000"), &[]),
        ("/lines/0/party/phone", json!("09000000**"), &["PHONE_INVALID party.phone"]),
        ("/lines/0/party/phone", json!("0900000041/0900000042"), &["PHONE_INVALID party.phone"]),
        ("/lines/0/party/phone", json!("900000041"), &["PHONE_INVALID party.phone"]),
        ("/lines/0/party/phone", json!("+1 900000041"), &["PHONE_INVALID party.phone"]),
        ("/lines/0/party/phone", json!(900_000_041), &["FIELD_INVALID party.phone"]),
        ("/lines/0/party/address", Value::Null, &["FIELD_MISSING party.address"]),
        ("/lines/0/party/address/text", Value::Null, &["FIELD_MISSING party.address.text"]),
        ("/lines/0/party/address/text", long(401), &["FIELD_INVALID party.address.text"]),
        ("/lines/0/party/address/provinceCode", json!("5"), &["FIELD_INVALID party.address.provinceCode"]),
        ("/lines/0/party/address/communeCode", json!("2236x"), &["FIELD_INVALID party.address.communeCode"]),
        ("/lines/0/papers/0/kind", json!("original"), &["FIELD_INVALID papers[0].kind"]),
        ("/lines/0/papers/0/quantity", json!(0), &["FIELD_INVALID papers[0].quantity"]),
        ("/lines/0/papers/1/quantity", json!(1_000), &["FIELD_INVALID papers[1].quantity"]),
        ("/lines/0/papers/0/name", Value::Null, &["FIELD_MISSING papers[0].name"]),
        ("/lines/0/papers/0/note", json!("x"), &["FIELD_UNKNOWN papers[0].note"]),
        ("/lines/0/feeToCollect", json!(10_000_000_001_u64), &["FIELD_INVALID feeToCollect"]),
        ("/lines/0/feeToCollect", json!(115_000.0), &["FIELD_INVALID feeToCollect"]),
        ("/lines/0/feeToCollect", json!("115000"), &["FIELD_INVALID feeToCollect"]),
        ("/lines/0/itemNumber", json!(s10("CH", 1, "VN").replace("VN", "SG")), &["ITEM_NUMBER_FOREIGN itemNumber"]),
        ("/lines/0/itemNumber", json!("CH650100012VN"), &["ITEM_NUMBER_CHECK_DIGIT itemNumber"]),
        ("/lines/0/itemNumber", json!("abc"), &["FIELD_INVALID itemNumber"]),
        ("/lines/0/itemNumber", json!("my-own-number 12"), &[]),
        ("/lines/0/itemNumber", json!("số hiệu"), &["FIELD_INVALID itemNumber"]),
        ("/lines/0/sealNo", long(41), &["FIELD_INVALID sealNo"]),
        ("/lines/0/note", long(501), &["FIELD_INVALID note"]),
        ("/lines/0/note", json!("một dòng\nhai dòng\tba"), &[]),
        ("/lines/0/dueAt", json!("2026-11-24T17:00:00"), &["FIELD_INVALID dueAt"]),
        ("/lines/0/dueAt", json!("2026-11-24T17:00:00Z"), &[]),
        ("/lines/0/surplus", json!(1), &["FIELD_UNKNOWN surplus"]),
    ];
    for (place, value, wanted) in cases {
        let manifest = papers.manifest("RESULT", 1);
        let mut manifest = match &value {
            Value::Null => without(manifest, place),
            value => with(manifest, place, value.clone()),
        };
        if place.starts_with(line)
            && !place.contains("quantity")
            && !place.contains("feeToCollect")
            && !place.contains("kind")
        {
            total(&mut manifest);
        }
        let reply = desk.post("/v1/manifests", &manifest);
        let warning = wanted.iter().all(|one| {
            ["ITEM_NUMBER", "PHONE_OLD", "PHONE_MISSING", "TEXT_LIKE"].iter().any(|mark| one.starts_with(mark))
        });
        assert_eq!(reply.status, if warning { 201 } else { 422 }, "{place} {value}: {}", reply.text());
        let found = told(&reply);
        assert_eq!(found, wanted, "{place} {value}");
    }
    for place in ["/counterCode", "/lines/0/note", "/lines/0/party/phone", "/lines/0/supplementNo"] {
        // `null` is not absence.
        let manifest = with(papers.manifest("RESULT", 1), place, Value::Null);
        let found = told(&desk.post("/v1/manifests", &manifest));
        assert_eq!(found.len(), 1, "{place}: {found:?}");
        assert!(found[0].starts_with("FIELD_INVALID") || place.ends_with("supplementNo"), "{place}: {found:?}");
    }
}

#[test]
fn intake_has_rules_of_its_own() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let papers = Papers::new(1);
    let (desk, post) = (office.desk(), office.post());
    let case = |by: &crate::support::Client, place: &str, value: Value| {
        let manifest = papers.taken_intake(1);
        let manifest = if by.key() == desk.key() { without(manifest, "/lines/0/acceptedAt") } else { manifest };
        let manifest = if value.is_null() { without(manifest, place) } else { with(manifest, place, value) };
        let reply = by.post("/v1/manifests", &manifest);
        (reply.status, told(&reply))
    };
    let taken = |problems: &[&str]| (201, problems.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>());
    let refused = |problem: &str| (422, vec![problem.to_owned()]);
    assert_eq!(case(&post, "/lines/0/consignmentNoteNo", Value::Null), refused("FIELD_MISSING consignmentNoteNo"));
    assert_eq!(case(&post, "/lines/0/dossierNo", Value::Null), taken(&[]));
    assert_eq!(case(&post, "/lines/0/supplementNo", json!(1)), taken(&[]));
    assert_eq!(case(&post, "/lines/0/supplementNo", json!(2)), taken(&["SECOND_SUPPLEMENT supplementNo"]));
    assert_eq!(case(&post, "/lines/0/supplementNo", json!(10)), refused("FIELD_INVALID supplementNo"));
    assert_eq!(case(&desk, "/lines/0/note", json!("x")), taken(&[]));
    assert_eq!(
        case(&desk, "/lines/0/acceptedAt", json!("2026-11-20T08:00:00Z")),
        refused("FIELD_NOT_ALLOWED acceptedAt")
    );
    let mut alone = papers.taken_intake(1);
    alone["lines"][0]["supplementNo"] = json!(1);
    let alone = without(alone, "/lines/0/dossierNo");
    let reply = post.post("/v1/manifests", &alone);
    assert_eq!(reply.status, 422, "a supplement needs its dossier: {}", reply.text());
    // A leg that the post took before it sent the manifest starts so.
    let leg = leg_ids(&office.declare(&post, &papers.taken_intake(1))).remove(0);
    let shown = office.leg(&leg);
    assert_eq!(
        (&shown["state"], &shown["holder"], &shown["acceptedByPostAt"]),
        (&json!("ACCEPTED"), &json!("POST"), &json!("2026-11-20T08:00:00+07:00"))
    );
    let waiting = leg_ids(&office.declare(&post, &papers.manifest("INTAKE", 1))).remove(0);
    assert_eq!(office.stands(&waiting), ("REGISTERED".to_owned(), "CITIZEN".to_owned()));
}

#[test]
fn numbers_are_folded_and_shown_folded() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let papers = Papers::new(1);
    let mut manifest = papers.manifest("RESULT", 2);
    manifest["lines"][0]["dossierNo"] = json!(" 000.00.15.h32–20261109−0007 ");
    manifest["lines"][0]["itemNumber"] = json!("ch 650-100-011 vn");
    manifest["lines"][1]["itemNumber"] = json!(" my-own 12 ");
    manifest["lines"][1]["dueAt"] = json!("2026-11-24T10:00:00.120Z");
    let receipt = office.declare(&office.desk(), &manifest);
    assert_eq!(receipt["lines"][0]["dossierNo"], "000.00.15.H32-20261109-0007");
    let legs = leg_ids(&receipt);
    let shown = [office.leg(&legs[0]), office.leg(&legs[1])];
    assert_eq!((&shown[0]["itemNumber"], &shown[0]["itemNumberGrade"]), (&json!("CH650100011VN"), &json!("S10_OK")));
    assert_eq!((&shown[1]["itemNumber"], &shown[1]["itemNumberGrade"]), (&json!("MY-OWN 12"), &json!("OTHER_FORM")));
    assert_eq!(shown[1]["dueAt"], "2026-11-24T17:00:00.12+07:00");
    assert_eq!(
        (&shown[0]["originals"], &shown[0]["copies"], &shown[0]["feeToCollect"]),
        (&json!(1), &json!(2), &json!(0))
    );
    let desk = office.desk();
    let found = |query: &str| desk.all(&format!("/v1/legs?{query}")).len();
    assert_eq!(found("dossierNo=000.00.15.h32%E2%80%9020261109-0007"), 1);
    assert_eq!(found("itemNumber=ch%20650%20100%20011%20vn"), 1);
    // Within a manifest the later of two equal lines is refused, with the field that is equal.
    let mut twice = papers.manifest("RESULT", 3);
    twice["lines"][2]["dossierNo"] = json!(text(&twice["lines"][0]["dossierNo"]).to_lowercase());
    twice["lines"][1]["lineNo"] = json!(1);
    let refused = desk.post("/v1/manifests?mode=good-lines", &twice).expect(201).json();
    let outcomes: Vec<&str> = refused["lines"].as_array().unwrap().iter().map(|line| text(&line["outcome"])).collect();
    assert_eq!(outcomes, ["ACCEPTED", "REFUSED", "REFUSED"]);
    assert_eq!(
        (&refused["lines"][1]["problems"][0]["code"], &refused["lines"][1]["problems"][0]["field"]),
        (&json!("DUPLICATE_IN_MANIFEST"), &json!("lineNo"))
    );
    assert_eq!(refused["lines"][2]["problems"][0]["field"], "dossierNo");
    assert_eq!(refused["summary"], json!({"lines": 3, "accepted": 1, "refused": 2, "heldBack": 0, "warnings": 0}));
}

#[test]
fn a_table_is_read_as_its_header_says() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let desk = office.desk();
    let header = "manifest_no;LEG_KIND;agency_code;post_office_code;shift_date;shift;total_lines;total_originals;total_copies;total_fee_to_collect;\
                  line_no;dossier_no;procedure_code;party_name;party_phone;address;papers;due_at;x_ours";
    let row = |no: &str, line: u32, more: &str| {
        format!(
            "{no};trả kết quả;{AGENCY};650100;23/11/2026;1;1;1;2;0;{line};000.00.15.H32-261109-{:04};1.005129;Nguyễn Thị Mẫu;0900000041;\"12 Trần Phú; Nha Trang\";1 bản chính Tờ khai | 2 bản sao CCCD;{more};bỏ qua",
            7 + line
        )
    };
    let send = |body: String| {
        desk.call("POST", "/v1/manifests").body("text/csv", body).header("accept", "application/json").send()
    };
    let taken = send(format!("\u{feff}{header}\r\n{}\r\n", row("CSV-1", 1, "24/11/2026 17:00"))).expect(201).json();
    let leg = office.leg(&leg_ids(&taken)[0]);
    assert_eq!(
        (&leg["dueAt"], &leg["originals"], &leg["copies"]),
        (&json!("2026-11-24T17:00:00+07:00"), &json!(1), &json!(2))
    );
    assert_eq!(leg["papers"][1], json!({"name": "CCCD", "kind": "COPY", "quantity": 2}));
    let told_of = |body: String| told(&send(body).refused(422, "MANIFEST_REFUSED"));
    assert_eq!(told_of(format!("{header}\n{}\n", row("CSV-2", 2, "11/24/2026 17:00"))), ["FIELD_INVALID dueAt"]);
    assert_eq!(told_of(format!("{header};surplus\n{};x\n", row("CSV-3", 3, ""))), ["FIELD_UNKNOWN surplus"]);
    assert_eq!(
        told_of(format!("{}\n{}\n", header.replace("shift_date;", ""), row("CSV-4", 4, "").replace("23/11/2026;", ""))),
        ["FIELD_MISSING shift_date"]
    );
    assert_eq!(told_of(format!("{header}\n{};more\n", row("CSV-5", 5, ""))), ["ROW_WIDTH "]);
    assert_eq!(told_of(format!("{header}\n")), ["MANIFEST_EMPTY lines"]);
    send(format!("{header};shift\n{};1\n", row("CSV-6", 6, ""))).refused(400, "BODY_NOT_READABLE");
    send(format!("{header}\n{}\n", row("CSV-7", 7, "\""))).refused(400, "BODY_NOT_READABLE");
    // Header columns are read from the first row; afterwards they are blank or equal.
    let two =
        |second: &str| format!("{header}\n{}\n{second}\n", row("CSV-8", 8, "").replace(";1;1;1;2;0;", ";1;2;2;4;0;"));
    let blank = row("", 9, "")
        .replace("trả kết quả", "")
        .replace(&format!(";{AGENCY};650100;23/11/2026;1;1;1;2;0;"), ";;;;;;;;;");
    assert_eq!(told_of(two(&row("CSV-9", 9, "").replace(";1;1;1;2;0;", ";1;2;2;4;0;"))), ["HEADER_VARIES manifest_no"]);
    assert_eq!(send(two(&blank)).expect(201).json()["summary"]["accepted"], 2);
}
