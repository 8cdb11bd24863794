//! The machines' face over a real server: the order of checks, keys of idempotency, pages, and the quick start of the contract.

use crate::support::http::{Reply, Request, Server};
use giaonhan::api::{Check, openapi};
use giaonhan::app::feed;
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const READ_WRITE: &[Scope] = &[Scope::Read, Scope::Write];

fn example(name: &str) -> Vec<u8> {
    let path = format!("{}/schemas/examples/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Holds a reply against a schema of the OpenAPI document.
fn conforms(schema: &str, value: &Value) {
    let document = openapi::document();
    let root = json!({ "$ref": format!("#/components/schemas/{schema}"), "components": document["components"] });
    let validator = jsonschema::validator_for(&root).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{schema}: {faults:#?}\n{value:#}");
}

fn desk(server: &Server) -> String {
    server.key("one-stop-nha-trang", Side::Agency, &["H32.15"], READ_WRITE)
}

fn post(server: &Server) -> String {
    server.key("post-khanh-hoa", Side::Post, &["H32.15"], READ_WRITE)
}

#[test]
fn every_example_is_answered_as_expected() {
    let server = Server::start(|_| ());
    let rows: Vec<Value> = serde_json::from_slice(&example("expected.json")).unwrap();
    let mut wrong = Vec::new();
    for row in rows {
        let side = Side::parse(row["key"]["side"].as_str().unwrap()).unwrap();
        let agencies: Vec<&str> = row["key"]["agencies"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let key = server.key(side.as_str(), side, &agencies, READ_WRITE);
        let (file, mode) = (row["file"].as_str().unwrap(), row["mode"].as_str().unwrap());
        let request = Request::post(&format!("/v1/manifests?mode={mode}"), example(file))
            .key(&key)
            .header("Content-Type", row["mediaType"].as_str().unwrap())
            .header("Accept", "application/json");
        let reply = server.send(request);
        let body = reply.json();
        conforms(if reply.status < 300 { "Receipt" } else { "Problem" }, &body);
        let part = |name: &str| row.get(name).is_none_or(|expected| told(expected, &body[name]));
        let same = row["status"] == reply.status
            && row.get("code").is_none_or(|code| body["code"] == *code)
            && (row.get("outcome").is_none_or(|outcome| body["outcome"] == *outcome))
            && part("lines")
            && part("problems");
        if !same {
            wrong.push(format!("{file} ({mode}): expected {row}\n  got {} {body}", reply.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a reply tells what is expected: members that an expectation does not name may be anything.
fn told(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            expected.iter().all(|(name, value)| got.get(name).is_some_and(|got| told(value, got)))
        }
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(one, other)| told(one, other))
        }
        (expected, got) => expected == got,
    }
}

/// A manifest of so many results, with a number of its own.
fn results(manifest_no: &str, first: usize, lines: usize) -> String {
    let line = |no: usize| {
        json!({
            "lineNo": no,
            "dossierNo": format!("000.00.15.H32-261109-{:04}", first + no),
            "procedureCode": "1.004194",
            "party": { "name": "Nguyễn Thị Mẫu", "phone": "0905123456", "address": { "text": "1 Trần Phú, Nha Trang" } },
            "papers": [{ "name": "Giấy phép", "kind": "ORIGINAL", "quantity": 1 }],
        })
    };
    json!({
        "manifestNo": manifest_no,
        "legKind": "RESULT",
        "agencyCode": "H32.15",
        "postOfficeCode": "650000",
        "shiftDate": "2026-11-23",
        "shift": 1,
        "totals": { "lines": lines, "originals": lines, "copies": 0, "feeToCollect": 0 },
        "lines": (1..=lines).map(line).collect::<Vec<_>>(),
    })
    .to_string()
}

#[test]
fn the_first_check_that_fails_answers() {
    let server = Server::start(|settings| settings.limits.body_bytes_max = 4_000);
    let (desk, post) = (desk(&server), post(&server));
    let reader = server.key("reader", Side::Oversight, &["*"], &[Scope::Read]);
    let oversight = server.key("reader", Side::Oversight, &["*"], READ_WRITE);
    let large = vec![b' '; 4_001];
    let manifest = || Request::post("/v1/manifests", example("valid/manifest-result.json"));
    let cases: Vec<(&str, Request, u16, &str)> = vec![
        ("no route, no key", Request::get("/v1/nothing"), 404, "NOT_FOUND"),
        ("a slash too many", Request::get("/v1/legs/").key(&reader), 404, "NOT_FOUND"),
        ("no such method, no key", Request::new("DELETE", "/v1/legs"), 405, "METHOD_NOT_ALLOWED"),
        ("no key", Request::get("/v1?x=1"), 401, "KEY_MISSING"),
        ("unknown key", Request::get("/v1").key("gnk_0"), 401, "KEY_INVALID"),
        ("other scheme", Request::get("/v1").header("Authorization", "Basic eDp5"), 401, "KEY_INVALID"),
        ("scope before media type", manifest().key(&reader).header("Content-Type", "text/plain"), 403, "SCOPE_MISSING"),
        ("outbox is for ops", Request::get("/v1/outbox").key(&desk), 403, "SCOPE_MISSING"),
        ("metrics are for ops", Request::get("/metrics").key(&desk), 403, "SCOPE_MISSING"),
        (
            "media type before size",
            Request::post("/v1/facts", large.clone()).key(&desk).header("Content-Type", "text/csv"),
            415,
            "MEDIA_TYPE_UNSUPPORTED",
        ),
        ("no media type", manifest().key(&desk).header("Content-Type", ""), 415, "MEDIA_TYPE_UNSUPPORTED"),
        (
            "charset",
            manifest().key(&desk).header("Content-Type", "application/json; charset=utf-16"),
            415,
            "CHARSET_UNSUPPORTED",
        ),
        ("gzip", manifest().key(&desk).header("Content-Encoding", "gzip"), 415, "CONTENT_ENCODING_UNSUPPORTED"),
        (
            "size before idempotency key",
            Request::post("/v1/facts", large.clone()).key(&desk).header("Idempotency-Key", "a b"),
            413,
            "BODY_TOO_LARGE",
        ),
        (
            "idempotency key before body",
            Request::post("/v1/facts", "{").key(&desk).header("Idempotency-Key", "a b"),
            400,
            "IDEMPOTENCY_KEY_INVALID",
        ),
        ("query", Request::post("/v1/manifests?mode=some", "{").key(&desk), 400, "QUERY_INVALID"),
        ("body", Request::post("/v1/manifests", "{").key(&desk), 400, "BODY_NOT_READABLE"),
        ("header before side", Request::post("/v1/manifests", "{}").key(&oversight), 422, "MANIFEST_REFUSED"),
        ("side", manifest().key(&post), 403, "NOT_YOUR_SIDE"),
        ("unknown leg", Request::get("/v1/legs/leg_0").key(&reader), 404, "NOT_FOUND"),
        ("an id that cannot be one", Request::get("/v1/legs/%00").key(&reader), 404, "NOT_FOUND"),
        ("unknown counterpart", Request::post("/v1/hooks/nobody", "{}"), 404, "NOT_FOUND"),
        ("parameter", Request::get("/v1/legs?Kind=INTAKE").key(&reader), 400, "QUERY_INVALID"),
        ("cursor", Request::get("/v1/legs?after=leg_1").key(&reader), 400, "CURSOR_INVALID"),
        ("cursor of the feed", Request::get("/v1/events?after=e7").key(&reader), 400, "CURSOR_INVALID"),
    ];
    let mut ids = BTreeSet::new();
    for (what, request, status, code) in cases {
        let reply = server.send(request);
        assert_eq!(reply.problem(), (status, code.to_owned()), "{what}: {reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{what}");
        conforms("Problem", &reply.json());
        let id = reply.header("x-request-id").unwrap();
        assert_eq!(reply.json()["instance"], format!("urn:giaonhan:request:{id}"));
        assert!(ids.insert(id.to_owned()));
        assert_eq!(reply.header("www-authenticate").is_some(), status == 401, "{what}");
        assert_eq!(reply.header("allow").is_some(), status == 405, "{what}");
    }
    let reply = server.send(Request::post("/v1/facts", large).key(&desk));
    assert_eq!(reply.json()["limit"], json!({ "name": "body_bytes_max", "max": 4_000 }));
}

#[test]
fn callers_are_answered_in_their_format_and_language() {
    let server = Server::start(|_| ());
    let desk = desk(&server);
    let reply = server.send(Request::get("/v1/x").header("Accept", "application/xml").header("X-Request-Id", "mine-1"));
    assert_eq!(reply.header("content-type"), Some("application/problem+xml"));
    assert_eq!(reply.header("x-request-id"), Some("mine-1"));
    assert!(reply.body.contains("urn:giaonhan:request:mine-1"));
    let reply =
        server.send(Request::get("/v1/x").header("Accept-Language", "vi-VN,en;q=0.5").header("X-Request-Id", "a b"));
    assert_eq!(reply.json()["title"], "Không tìm thấy");
    assert_ne!(reply.header("x-request-id"), Some("a b"));
    let xml = Request::post("/v1/manifests", example("valid/manifest-result-same.xml"));
    let reply = server.send(xml.key(&desk).header("Content-Type", "application/xml"));
    assert_eq!((reply.status, reply.header("content-type")), (201, Some("application/xml")));
    let reply = server.send(Request::get(reply.header("location").unwrap()).key(&desk));
    conforms("Receipt", &reply.json());
    let head = server.send(Request::new("HEAD", "/v1").key(&desk));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn the_same_key_gives_the_first_answer() {
    let server = Server::start(|_| ());
    let desk = desk(&server);
    let send = |body: &str, key: &str| {
        server.send(Request::post("/v1/manifests?mode=good-lines", body).key(&desk).header("Idempotency-Key", key))
    };
    let body = results("BK-1", 0, 2);
    let first = send(&body, "k1");
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None));
    let again = send(&body, "\"k1\"");
    assert_eq!((again.status, again.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    assert_eq!(send(&results("BK-2", 10, 1), "k1").problem(), (409, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    let other_query = Request::post("/v1/manifests", body.as_str()).key(&desk).header("Idempotency-Key", "k1");
    assert_eq!(server.send(other_query).problem(), (409, "IDEMPOTENCY_KEY_REUSED".to_owned()));
    // The natural key holds with another key, and that answer is kept under the new key as well.
    let natural = send(&body, "k2");
    assert_eq!((natural.status, natural.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(send(&body, "k2").body, natural.body);
    // A refusal that was decided is kept; one that was not leaves the key free.
    let refused = send(&results("BK-3", 0, 2), "k3");
    assert_eq!(refused.problem(), (422, "MANIFEST_REFUSED".to_owned()));
    let again = send(&results("BK-3", 0, 2), "k3");
    assert_eq!((again.status, &again.body, again.header("idempotent-replayed")), (422, &refused.body, Some("true")));
    assert_eq!(send("{", "k4").problem(), (400, "BODY_NOT_READABLE".to_owned()));
    assert_eq!(send(&results("BK-4", 20, 1), "k4").status, 201);
    // Another route has its own keys.
    let facts = Request::post("/v1/facts", "{\"facts\":[]}").key(&desk).header("Idempotency-Key", "k1");
    assert_eq!(server.send(facts).problem(), (422, "BODY_INVALID".to_owned()));
}

#[test]
fn pages_give_each_row_once_while_more_come() {
    let server = Server::start(|_| ());
    let desk = desk(&server);
    assert_eq!(server.send(Request::post("/v1/manifests", results("BK-1", 0, 7)).key(&desk)).status, 201);
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = server.send(Request::get(&format!("/v1/legs?limit=3&open=true&after={after}")).key(&desk)).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|leg| leg["lineNo"].as_u64().unwrap()));
        if seen.len() == 3 {
            server.send(Request::post("/v1/manifests", results("BK-2", 10, 1)).key(&desk));
        }
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6, 7, 1]);
    let exact = server.send(Request::get("/v1/legs?limit=8").key(&desk)).json();
    assert_eq!((exact["items"].as_array().unwrap().len(), &exact["next"]), (8, &Value::Null));
    let foreign = Request::get(&format!("/v1/handovers?after={after}")).key(&desk);
    assert_eq!(server.send(foreign).problem(), (400, "CURSOR_INVALID".to_owned()));
    let folded = Request::get("/v1/legs?dossierNo=000.00.15.h32%E2%80%93261109-0003").key(&desk);
    assert_eq!(server.send(folded).json()["items"][0]["dossierNo"], "000.00.15.H32-261109-0003");
}

/// Reads a thing and holds it against its schema.
fn read(server: &Server, key: &str, target: &str, schema: &str) -> Value {
    let reply = server.send(Request::get(target).key(key));
    assert_eq!(reply.status, 200, "{target}: {reply:?}");
    let value = reply.json();
    match value.get("items") {
        Some(items) => items.as_array().unwrap().iter().for_each(|item| conforms(schema, item)),
        None => conforms(schema, &value),
    }
    value
}

fn done(reply: &Reply, status: u16, schema: &str) -> Value {
    assert_eq!(reply.status, status, "{reply:?}");
    conforms(schema, &reply.json());
    reply.json()
}

#[test]
fn the_quick_start_goes_through() {
    let server = Server::start(|_| ());
    let (desk, post) = (desk(&server), post(&server));
    let ops = server.key("operations", Side::Oversight, &["*"], &[Scope::Read, Scope::Ops]);
    let account = read(&server, &desk, "/v1", "Account");
    assert_eq!(account["limits"]["facts_max"], 1_000);

    let receipt = server.send(Request::post("/v1/manifests", results("BK-1", 0, 2)).key(&desk));
    let receipt = done(&receipt, 201, "Receipt");
    let manifest_id = receipt["id"].as_str().unwrap();
    let leg_id = receipt["lines"][0]["legId"].as_str().unwrap();
    let listed = server.send(Request::get("/v1/manifests?manifestNo=BK-1").key(&post)).json();
    assert!(listed["items"][0].get("lines").is_none() && listed["items"][0]["id"] == manifest_id);

    let body = json!({ "from": "AGENCY", "to": "POST", "manifestId": manifest_id, "place": "Một cửa" }).to_string();
    let opened = server.send(Request::post("/v1/handovers", body.as_str()).key(&desk));
    let location = opened.header("location").unwrap().to_owned();
    done(&opened, 201, "Handover");
    let second = server.send(Request::post("/v1/handovers", body).key(&desk));
    assert_eq!(second.problem(), (422, "HANDOVER_REFUSED".to_owned()));
    conforms("Problem", &second.json());

    let counted = json!({ "lines": [
        { "lineNo": 1, "outcome": "TAKEN", "originals": 1, "copies": 0 },
        { "lineNo": 2, "outcome": "MISSING" },
    ] });
    let counted = server.send(Request::patch(&location, counted.to_string()).key(&post));
    let digest = done(&counted, 200, "Handover")["digest"].clone();
    let sign = |key: &str, side: &str| {
        let body = json!({ "side": side, "signer": { "name": "Trần Văn Thử" }, "digest": digest });
        server.send(Request::post(&format!("{location}/signatures"), body.to_string()).key(key))
    };
    done(&sign(&desk, "AGENCY"), 200, "Handover");
    assert_eq!(done(&sign(&post, "POST"), 200, "Handover")["status"], "COMPLETED");

    let leg = read(&server, &desk, &format!("/v1/legs/{leg_id}?include=party"), "Leg");
    assert_eq!((&leg["state"], &leg["holder"]), (&json!("ACCEPTED"), &json!("POST")));
    assert_eq!(leg["party"]["name"], "Nguyễn Thị Mẫu");
    let custody = read(&server, &desk, &format!("/v1/legs/{leg_id}/custody"), "Custody");
    assert_eq!(custody["entries"][0]["event"], "REGISTERED");
    assert_eq!(custody["entries"][0]["prevHash"], Value::Null);
    assert_eq!(custody["entries"][1]["hash"], custody["head"]);

    let facts = json!({ "facts": [
        { "factId": "f1", "legId": leg_id, "event": "OUT_FOR_DELIVERY", "occurredAt": "2026-11-23T10:00:00+07:00" },
        { "factId": "f2", "legId": "leg_nobody", "event": "DELIVERED", "occurredAt": "2026-11-23T10:00:00+07:00" },
        { "factId": "f3" },
    ] });
    let results = done(&server.send(Request::post("/v1/facts", facts.to_string()).key(&post)), 200, "FactResults");
    let outcomes: Vec<_> = results["facts"].as_array().unwrap().iter().map(|one| one["outcome"].clone()).collect();
    assert_eq!(outcomes, ["RECORDED", "UNMATCHED", "REFUSED"]);

    let open = read(&server, &post, "/v1/discrepancies?state=OPEN", "Discrepancy");
    let kinds: BTreeSet<_> = open["items"].as_array().unwrap().iter().map(|one| one["kind"].to_string()).collect();
    assert!(kinds.contains("\"HANDOVER_MISSING\"") && kinds.contains("\"UNMATCHED_FACT\""), "{kinds:?}");
    let id = open["items"][0]["id"].as_str().unwrap();
    let resolve = |reason: &str| {
        let body = json!({ "outcome": "EXPLAINED", "reason": reason }).to_string();
        server.send(Request::post(&format!("/v1/discrepancies/{id}/resolve"), body).key(&post))
    };
    done(&resolve("found again"), 200, "Discrepancy");
    done(&resolve("found again"), 200, "Discrepancy");
    assert_eq!(resolve("otherwise").problem(), (409, "DISCREPANCY_RESOLVED".to_owned()));

    while feed::publish(&server.app, 1_000).unwrap() > 0 {}
    let events = read(&server, &desk, "/v1/events?after=", "Event");
    let last = events["items"].as_array().unwrap().last().unwrap();
    assert_eq!(events["next"], last["cursor"]);
    let next = events["next"].as_str().unwrap();
    let rest = read(&server, &desk, &format!("/v1/events?after={next}&types=leg.accepted"), "Event");
    assert_eq!((&rest["items"], &rest["next"]), (&json!([]), &json!(next)));

    read(&server, &ops, "/v1/outbox?state=PARKED", "OutboxMessage");
    let metrics = server.send(Request::get("/metrics").key(&ops));
    assert!(metrics.body.contains("giaonhan_facts_unmatched 1"), "{}", metrics.body);
    assert_eq!(server.send(Request::get("/v1/openapi.json").key(&ops)).json()["openapi"], "3.1.0");
}

#[test]
fn another_agencys_things_do_not_exist() {
    let server = Server::start(|_| ());
    let desk = desk(&server);
    let other = server.key("one-stop-cam-ranh", Side::Agency, &["H32.16"], READ_WRITE);
    let receipt = server.send(Request::post("/v1/manifests", results("BK-1", 0, 1)).key(&desk)).json();
    let leg_id = receipt["lines"][0]["legId"].as_str().unwrap();
    let not_found = (404, "NOT_FOUND".to_owned());
    for target in [
        format!("/v1/manifests/{}", receipt["id"].as_str().unwrap()),
        format!("/v1/legs/{leg_id}"),
        format!("/v1/legs/{leg_id}/custody"),
    ] {
        assert_eq!(server.send(Request::get(&target).key(&other)).problem(), not_found, "{target}");
    }
    let cancel = format!("/v1/legs/{leg_id}/cancel");
    assert_eq!(server.send(Request::post(&cancel, "{\"reason\":\"x\"}").key(&other)).problem(), not_found);
    assert_eq!(server.send(Request::get("/v1/legs").key(&other)).json()["items"], json!([]));
    assert_eq!(server.send(Request::post(&cancel, "{\"reason\":\"x\"}").key(&desk)).json()["state"], "CANCELLED");
}

#[test]
fn a_body_that_stalls_is_answered_and_a_key_that_hurries_waits() {
    let server = Server::start(|settings| {
        settings.http.body_timeout_ms = 200;
        settings.limits.burst = 2;
        settings.limits.requests_per_second = 1;
    });
    let desk = desk(&server);
    let stalled = Request::post("/v1/facts", "{").key(&desk).header("Content-Length", "100");
    assert_eq!(server.send(stalled).problem(), (400, "BODY_NOT_READABLE".to_owned()));
    let replies: Vec<Reply> = (0..4).map(|_| server.send(Request::get("/v1").key(&desk))).collect();
    let hurried = replies.iter().find(|reply| reply.status == 429).expect("a 429");
    assert_eq!(hurried.problem().1, "TOO_MANY_REQUESTS");
    assert!(hurried.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
}

#[test]
fn a_body_above_the_published_limit_is_refused_and_the_refusal_arrives() {
    let server = Server::start(|_| ());
    let desk = desk(&server);
    let large = vec![b' '; 17 << 20];
    let declared = Request::post("/v1/manifests", large.clone()).key(&desk);
    assert_eq!(server.send(declared).problem(), (413, "BODY_TOO_LARGE".to_owned()));
    let mut chunked = format!("{:x}\r\n", large.len()).into_bytes();
    chunked.extend(&large);
    chunked.extend(b"\r\n0\r\n\r\n");
    let undeclared =
        Request::post("/v1/manifests", chunked).key(&desk).header("Transfer-Encoding", "chunked").without_length();
    assert_eq!(server.send(undeclared).problem(), (413, "BODY_TOO_LARGE".to_owned()));
    let unknown = Request::post("/v1/manifests", large).key("gnk_0");
    assert_eq!(server.send(unknown).problem(), (401, "KEY_INVALID".to_owned()));
}

#[test]
fn a_call_in_progress_is_answered_while_the_server_stops() {
    let mut server = Server::start(|_| ());
    let desk = desk(&server);
    let request = Request::post("/v1/manifests", results("BK-1", 0, 1)).key(&desk);
    let (first, rest) = request.bytes_in_two();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(&first).unwrap();
    // The call is in progress when its head has been read: that shows by the next connection being answered after it.
    assert_eq!(server.send(Request::get("/health/live")).status, 200);
    let stopping = server.stop_in_background();
    let patience = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(server.address).is_ok() {
        assert!(Instant::now() < patience, "the listener is still open");
        std::thread::yield_now();
    }
    stream.write_all(&rest).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(Reply::parse(&bytes).status, 201);
    stopping.join().unwrap().unwrap();
}

#[test]
fn a_panic_is_answered() {
    let server = Server::start_with(|_| (), vec![Check { name: "broken", holds: Box::new(|| panic!("on purpose")) }]);
    let reply = server.send(Request::get("/health/ready"));
    assert_eq!(reply.problem(), (500, "INTERNAL".to_owned()));
    assert!(reply.header("x-request-id").is_some() && !reply.body.contains("on purpose"));
    assert_eq!(server.send(Request::get("/health/live")).status, 200);
}

#[test]
fn one_key_sent_many_times_at_once_does_the_work_once() {
    let server = Server::start(|_| ());
    let desk = desk(&server);
    let request = Request::post("/v1/manifests", results("BK-1", 0, 3)).key(&desk).header("Idempotency-Key", "k");
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| request.send(server.address))).collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    let with = |status: u16| replies.iter().filter(|reply| reply.status == status).collect::<Vec<_>>();
    assert_eq!((with(201).len(), with(201).len() + with(200).len() + with(409).len()), (1, 8), "{replies:?}");
    for waiting in with(409) {
        assert_eq!(waiting.problem().1, "REQUEST_IN_PROGRESS");
        assert!(waiting.header("retry-after").is_some());
    }
    assert!(with(200).iter().all(|reply| reply.body == with(201)[0].body));
    assert_eq!(server.send(request.clone()).body, with(201)[0].body);
    assert_eq!(server.send(Request::get("/v1/legs").key(&desk)).json()["items"].as_array().unwrap().len(), 3);
}

#[test]
fn readiness_ends_before_the_server_does() {
    let server = Server::start(|_| ());
    assert_eq!(server.send(Request::get("/health/live")).json(), json!({ "status": "live" }));
    let ready = server.send(Request::get("/health/ready"));
    assert_eq!((ready.status, &ready.json()["status"]), (200, &json!("ready")));
    conforms("Health", &ready.json());
    server.running().begin_stopping();
    let stopping = server.send(Request::get("/health/ready"));
    assert_eq!(stopping.problem(), (503, "UNAVAILABLE".to_owned()));
    assert!(stopping.header("retry-after").is_some());
}
