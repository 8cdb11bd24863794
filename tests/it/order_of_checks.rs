//! Two faults in one request: the first of contract 1's order of checks answers.

use crate::support::office::AGENCY;
use crate::support::{Office, Options, Papers, TestStore};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use serde_json::{Value, json};

/// One fault that a request for a manifest can have, in the order in which they are looked at.
const FAULTS: &[(&str, u16, &str)] = &[
    ("method", 405, "METHOD_NOT_ALLOWED"),
    ("key", 401, "KEY_INVALID"),
    ("scope", 403, "SCOPE_MISSING"),
    ("rate", 429, "TOO_MANY_REQUESTS"),
    ("media type", 415, "MEDIA_TYPE_UNSUPPORTED"),
    ("bytes", 413, "BODY_TOO_LARGE"),
    ("idempotency", 409, "IDEMPOTENCY_KEY_REUSED"),
    ("unreadable", 400, "BODY_NOT_READABLE"),
    ("lines", 413, "TOO_MANY_LINES"),
    ("header", 422, "MANIFEST_REFUSED"),
    ("agency", 403, "AGENCY_OUT_OF_SCOPE"),
    ("number", 409, "MANIFEST_NO_REUSED"),
    ("totals", 422, "MANIFEST_REFUSED"),
];

/// Faults that hide each other in one body, or that one key cannot show together.
fn may_stand_together(one: &str, other: &str) -> bool {
    let reads_nothing = ["unreadable", "bytes"];
    let in_the_body = ["lines", "header", "agency", "number", "totals", "unreadable"];
    let hidden = reads_nothing.contains(&one) && in_the_body.contains(&other);
    !hidden && !matches!((one, other), ("header", "number") | ("scope", "rate"))
}

#[test]
fn the_first_fault_in_order_answers() {
    let store = TestStore::sqlite();
    let options = Options::default().set("limits.body_bytes_max", 8_000).set("limits.manifest_lines_max", 3);
    let office = Office::start(&store, options.clone().set("limits.requests_per_second", 1).set("limits.burst", 1));
    let calm = Office::start(&store, options);
    let papers = Papers::new(1);
    let taken = papers.manifest("RESULT", 1);
    calm.declare(&calm.desk(), &taken);
    let used = papers.manifest("RESULT", 1);
    calm.desk().call("POST", "/v1/manifests").idempotency_key("used").json(&used).send().expect(201);
    let mut tried = 0;
    for (place, first) in FAULTS.iter().enumerate() {
        for second in &FAULTS[place..] {
            if !may_stand_together(first.0, second.0) && first != second {
                continue;
            }
            let has = |fault: &str| first.0 == fault || second.0 == fault;
            let mut manifest = papers.manifest("RESULT", if has("lines") { 4 } else { 1 });
            if has("number") {
                manifest["manifestNo"] = taken["manifestNo"].clone();
            }
            if has("header") {
                manifest["shift"] = json!(9);
            }
            if has("agency") {
                manifest["agencyCode"] = json!("H32.99");
            }
            if has("totals") {
                manifest["totals"]["originals"] = json!(7);
            }
            let mut body = manifest.to_string();
            if has("unreadable") {
                body.push('}');
            }
            if has("bytes") {
                body.push_str(&" ".repeat(9_000));
            }
            let scopes: &[Scope] = if has("scope") { &[Scope::Read] } else { &[Scope::Write] };
            let at = if has("rate") { &office } else { &calm };
            let (caller, _) = at.caller("one-stop-nha-trang", Side::Agency, &[AGENCY], scopes);
            if has("rate") {
                // Spends what the key may save up.
                caller
                    .call("POST", "/v1/manifests")
                    .body("text/plain", "x")
                    .send()
                    .refused(415, "MEDIA_TYPE_UNSUPPORTED");
            }
            let caller = if has("key") { caller.with_key(Some("gnk_nobody")) } else { caller };
            let mut call = caller.call(if has("method") { "PUT" } else { "POST" }, "/v1/manifests");
            if has("idempotency") {
                call = call.idempotency_key("used");
            }
            let media_type = if has("media type") { "application/yaml" } else { "application/json" };
            let reply = call.body(media_type, body).send();
            let what = format!("{} and {}: {}", first.0, second.0, reply.text());
            assert_eq!((reply.status, reply.code().as_str()), (first.1, first.2), "{what}");
            if first.0 == "header" {
                assert_eq!(reply.problems()[0].1, "shift", "{what}");
            }
            tried += 1;
        }
    }
    assert!(tried > 55, "{tried}");
}

#[test]
fn routes_and_methods_come_before_keys() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let nobody = office.stranger();
    for path in ["/nothing", "/v2", "/v1/", "/v1/nothing", "/v1/legs/", "/v1/legs/x/y", "/health", "//v1/legs"] {
        nobody.get(path).refused(404, "NOT_FOUND");
    }
    for (method, path, allowed) in [
        ("DELETE", "/v1/legs", "GET, HEAD"),
        ("PUT", "/v1/manifests", "POST, GET, HEAD"),
        ("POST", "/health/live", "GET, HEAD"),
        ("POST", "/v1/handovers/ho_1", "GET, PATCH, HEAD"),
        ("GET", "/v1/facts", "POST"),
        ("GET", "/v1/hooks/x", "POST"),
    ] {
        let reply = nobody.call(method, path).send().refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(reply.header("allow"), allowed, "{method} {path}");
    }
    let head = office.desk().call("HEAD", "/v1/legs").send();
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn a_header_fault_is_answered_alone() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let mut manifest = Papers::new(1).manifest("RESULT", 2);
    manifest["shiftDate"] = json!("2026-11-31");
    manifest["totals"]["lines"] = json!(9);
    manifest["lines"][0]["dossierNo"] = json!("x");
    let refused = office.desk().post("/v1/manifests", &manifest).refused(422, "MANIFEST_REFUSED");
    assert_eq!(refused.problems(), [("FIELD_INVALID".to_owned(), "shiftDate".to_owned())]);
    assert_eq!(refused.json()["lines"], json!([]));
    assert_eq!(refused.json()["mode"], "all-or-nothing");
    let told =
        |manifest: &Value| office.desk().post("/v1/manifests", manifest).refused(422, "MANIFEST_REFUSED").problems();
    manifest["shiftDate"] = json!("2026-11-30");
    assert_eq!(told(&manifest), [("TOTALS_MISMATCH".to_owned(), "totals.lines".to_owned())]);
    let text = |language: &str| {
        let call = office
            .desk()
            .call("POST", "/v1/manifests")
            .json(&manifest)
            .header("accept-language", language)
            .send()
            .json();
        call["title"].as_str().unwrap().to_owned() + call["problems"][0]["message"].as_str().unwrap()
    };
    assert_ne!(text("vi-VN,vi;q=0.9,en;q=0.5"), text("en,vi;q=0.5"));
    assert_eq!(text("fr"), text("en"));
}
