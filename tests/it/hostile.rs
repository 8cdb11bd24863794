//! Bodies that are wrong, strange or hostile, and callers that read XML or Vietnamese: each gets a precise answer, none stops the
//! office (contract 1).

use crate::support::office::{leg_ids, text};
use crate::support::papers::{at, fact};
use crate::support::{Client, Office, Options, Papers, TestStore, each_backend};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A connection to the office, with a bound on every wait.
fn connect(office: &Office) -> TcpStream {
    let stream = TcpStream::connect(office.stranger().address().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

#[test]
fn who_reads_xml_is_answered_in_xml() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let xml =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/examples/valid/manifest-result-same.xml")).unwrap();
    let broken = b"<manifest".to_vec();
    let desk = office.desk();
    let send = |accept: Option<&str>, media_type: &str, body: &[u8]| {
        let call = desk.call("POST", "/v1/manifests").body(media_type, body);
        // The client says `*/*` where nothing is said.
        accept
            .map_or_else(
                || desk.call("POST", "/v1/manifests").body(media_type, body),
                |accept| call.header("accept", accept),
            )
            .send()
    };
    for (accept, is_xml) in [
        (None, true),
        (Some("*/*"), true),
        (Some("application/xml"), true),
        (Some("text/xml, application/json;q=0.9"), true),
        (Some("application/json"), false),
        (Some("application/json, text/xml;q=0.9"), false),
    ] {
        for media_type in ["application/xml", "text/xml; charset=utf-8"] {
            let taken = send(accept, media_type, &xml);
            assert_eq!(
                taken.header("content-type"),
                if is_xml { "application/xml" } else { "application/json" },
                "{accept:?}"
            );
            let refused = send(accept, media_type, &broken);
            assert_eq!(refused.status, 400);
            let problem = if is_xml { "application/problem+xml" } else { "application/problem+json" };
            assert_eq!(
                (refused.header("content-type"), refused.code().as_str()),
                (problem, "BODY_NOT_READABLE"),
                "{accept:?}"
            );
        }
    }
    let id = text(&desk.all("/v1/manifests")[0]["id"]).to_owned();
    let shown = desk.call("GET", format!("/v1/manifests/{id}")).header("accept", "application/xml").send();
    assert_eq!((shown.status, shown.header("content-type")), (200, "application/xml"));
    let missing = desk.call("GET", "/v1/legs/leg_0").header("accept", "application/xml").send();
    assert_eq!(missing.header("content-type"), "application/problem+xml");
    assert!(missing.text().contains("<problem xmlns=\"urn:ietf:rfc:7807\">"), "{}", missing.text());
    assert_eq!(desk.get("/v1/legs/leg_0").header("content-type"), "application/problem+json");
}

#[test]
fn encodings_and_media_types_are_never_guessed() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let papers = Papers::new(1);
    let desk = office.desk();
    let manifest = papers.manifest("RESULT", 1).to_string();
    let utf_16: Vec<u8> = manifest.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut marked = vec![0xFF, 0xFE];
    marked.extend(&utf_16);
    let mut with_bom = "\u{feff}".as_bytes().to_vec();
    with_bom.extend(manifest.as_bytes());
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("application/json; charset=utf-16", manifest.clone().into_bytes(), 415, "CHARSET_UNSUPPORTED"),
        ("application/json; charset=windows-1258", manifest.clone().into_bytes(), 415, "CHARSET_UNSUPPORTED"),
        ("application/json", marked, 415, "CHARSET_UNSUPPORTED"),
        ("application/json", b"{\"manifestNo\":\"\xE0\xE1\"}".to_vec(), 415, "CHARSET_UNSUPPORTED"),
        ("application/octet-stream", manifest.clone().into_bytes(), 415, "MEDIA_TYPE_UNSUPPORTED"),
        ("text/plain", manifest.clone().into_bytes(), 415, "MEDIA_TYPE_UNSUPPORTED"),
        ("application/json", Vec::new(), 400, "BODY_NOT_READABLE"),
        ("application/json", b"null".to_vec(), 422, "MANIFEST_REFUSED"),
        ("application/json", b"{}{}".to_vec(), 400, "BODY_NOT_READABLE"),
        ("application/json", b"{\"a\":1,\"a\":1}".to_vec(), 400, "BODY_NOT_READABLE"),
        ("application/json", b"{\"a\":NaN}".to_vec(), 400, "BODY_NOT_READABLE"),
        ("application/json", format!("{}{}", "[".repeat(33), "]".repeat(33)).into_bytes(), 400, "BODY_NOT_READABLE"),
        ("application/json", "[".repeat(100_000).into_bytes(), 400, "BODY_NOT_READABLE"),
        (
            "application/xml",
            b"<!DOCTYPE x><manifest xmlns=\"urn:giaonhan:manifest:1\"/>".to_vec(),
            400,
            "XML_DTD_FORBIDDEN",
        ),
        ("application/xml", b"<manifest/>".to_vec(), 422, "MANIFEST_REFUSED"),
        ("application/xml", "<a>".repeat(50_000).into_bytes(), 400, "BODY_NOT_READABLE"),
        ("text/csv", b"\"".to_vec(), 400, "BODY_NOT_READABLE"),
        ("application/json;charset=\"UTF-8\"", with_bom, 201, ""),
    ];
    for (media_type, body, status, code) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let reply =
            desk.call("POST", "/v1/manifests").body(media_type, body).header("accept", "application/json").send();
        assert_eq!((reply.status, reply.code().as_str()), (status, code), "{media_type}: {shown}: {}", reply.text());
    }
    for coding in ["gzip", "br", "deflate", "identity, gzip"] {
        let reply =
            desk.call("POST", "/v1/manifests").body("application/json", "{}").header("content-encoding", coding).send();
        reply.refused(415, "CONTENT_ENCODING_UNSUPPORTED");
    }
    desk.call("POST", "/v1/facts").body("application/xml", "<a/>").send().refused(415, "MEDIA_TYPE_UNSUPPORTED");
    desk.call("POST", "/v1/facts").bytes("{}").send().refused(415, "MEDIA_TYPE_UNSUPPORTED");
    desk.call("POST", "/v1/facts")
        .body("application/json; charset=latin1", "{}")
        .send()
        .refused(415, "CHARSET_UNSUPPORTED");
}

#[test]
fn sizes_are_told_with_their_limit() {
    let store = TestStore::sqlite();
    let office = Office::start(
        &store,
        Options::default()
            .set("limits.body_bytes_max", 20_000)
            .set("limits.manifest_lines_max", 3)
            .set("limits.handover_lines_max", 2),
    );
    let papers = Papers::new(1);
    let desk = office.desk();
    let told = |reply: crate::support::client::Reply, code: &str, name: &str, max: u64| {
        let problem = reply.refused(413, code).json();
        assert_eq!(problem["limit"], json!({"name": name, "max": max}));
    };
    let big = || desk.call("POST", "/v1/manifests").body("application/json", " ".repeat(20_001));
    told(big().send(), "BODY_TOO_LARGE", "body_bytes_max", 20_000);
    assert_eq!(desk.call("POST", "/v1/manifests").body("application/json", " ".repeat(20_000)).send().status, 400);
    told(desk.post("/v1/manifests", &papers.manifest("RESULT", 4)), "TOO_MANY_LINES", "manifest_lines_max", 3);
    let receipt = office.declare(&desk, &papers.manifest("RESULT", 3));
    let legs = leg_ids(&receipt);
    told(
        desk.post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": legs})),
        "TOO_MANY_LINES",
        "handover_lines_max",
        2,
    );
    told(
        desk.post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "manifestId": receipt["id"]})),
        "TOO_MANY_LINES",
        "handover_lines_max",
        2,
    );
    let opened = office.open(&desk, "AGENCY", "POST", &legs[..1]);
    let extras: Vec<Value> = (0..3).map(|_| json!({"note": "x"})).collect();
    let path = format!("/v1/handovers/{}", text(&opened["id"]));
    told(office.post().patch(path, &json!({"lines": [], "extras": extras})), "TOO_MANY_LINES", "handover_lines_max", 2);
    // A body without a length is counted as it comes.
    let mut stream = connect(&office);
    let head = format!(
        "POST /v1/manifests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        desk.key()
    );
    stream.write_all(head.as_bytes()).unwrap();
    for _ in 0..30 {
        if stream.write_all(format!("3e8\r\n{}\r\n", " ".repeat(1_000)).as_bytes()).is_err() {
            break;
        }
    }
    let mut answer = [0_u8; 64];
    let read = stream.read(&mut answer).unwrap();
    assert!(
        String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 413"),
        "{}",
        String::from_utf8_lossy(&answer[..read])
    );
}

#[test]
fn a_body_that_stalls_is_given_up_and_others_are_served() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default().set("http.body_timeout_ms", 300));
    let desk = office.desk();
    let head = format!(
        "POST /v1/manifests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
        desk.key()
    );
    let mut stalled: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut stream = connect(&office);
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    desk.get("/v1").expect(200);
    for stream in &mut stalled {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(
            answer.starts_with(b"HTTP/1.1 408") || answer.starts_with(b"HTTP/1.1 400"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
}

/// Ids, filters and texts that a database or a path might stumble over.
#[test]
fn strange_ids_and_texts_are_answered_and_never_an_error_of_ours() {
    each_backend("strange", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let (desk, ops) = (office.desk(), office.ops());
        let leg = leg_ids(&office.declare(&desk, &papers.manifest("RESULT", 1))).remove(0);
        let strange = [
            "%00",
            "a%00b",
            "%ff",
            "%C3%28",
            "%2e%2e",
            "..%2f..%2fetc",
            "'%20OR%201=1--",
            "%F0%9F%98%80",
            &"x".repeat(3_000),
        ];
        for id in strange {
            for route in ["manifests", "legs", "handovers", "discrepancies"] {
                let status = desk.get(format!("/v1/{route}/{id}")).status;
                assert!(matches!(status, 404 | 400), "{route} {id}: {status}");
            }
            assert!(matches!(ops.get(format!("/v1/outbox/{id}")).status, 404 | 400), "{id}");
            let status = desk.post(format!("/v1/legs/{id}/cancel"), &json!({"reason": "x"})).status;
            assert!(matches!(status, 404 | 400), "cancel {id}: {status}");
            for query in [
                "legs?agencyCode",
                "legs?manifestId",
                "legs?consignmentNoteNo",
                "legs?itemNumber",
                "handovers?legId",
                "manifests?manifestNo",
                "discrepancies?legId",
                "events?after",
                "legs?after",
            ] {
                let status = desk.get(format!("/v1/{query}={id}")).status;
                assert!(matches!(status, 200 | 400), "{query} {id}: {status}");
            }
            let status = office.stranger().call("POST", format!("/v1/hooks/{id}")).bytes("{}").send().status;
            assert!(matches!(status, 404 | 400), "hook {id}: {status}");
        }
        let nul = "a\u{0}b";
        let told = |fact: Value| office.report(&desk, &[fact]).remove(0)["outcome"].clone();
        let mut with_nul = fact(nul, &leg, "ACCEPTED", &at(1));
        assert_eq!(told(with_nul.clone()), "REFUSED");
        with_nul["factId"] = json!("n");
        for (member, value) in
            [("note", json!(nul)), ("receiptNo", json!(nul)), ("legId", json!(nul)), ("place", json!({"text": nul}))]
        {
            let mut fact = with_nul.clone();
            fact[member] = value;
            assert_eq!(told(fact), "REFUSED", "{member}");
        }
        let raw = json!({"factId": "r", "legId": leg, "raw": {"family": "P4", "code": nul, "text": nul}, "occurredAt": at(1)});
        assert_eq!(told(raw), "REFUSED");
        desk.post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "manifestId": nul}))
            .refused(422, "BODY_INVALID");
        desk.post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": [nul]}))
            .refused(422, "BODY_INVALID");
        let unseen = json!({"from": "AGENCY", "to": "POST", "legIds": ["😀", "' OR 1=1"]});
        desk.post("/v1/handovers", &unseen).refused(422, "HANDOVER_REFUSED");
        desk.post(format!("/v1/legs/{leg}/cancel"), &json!({"reason": nul})).refused(422, "BODY_INVALID");
        // A caller may name its request; what it names is shown again, when it can be.
        let named = desk.call("GET", "/v1").header("x-request-id", "mine-1").send();
        assert_eq!(named.header("x-request-id"), "mine-1");
        let unnamed = desk.call("GET", "/v1").header("x-request-id", "a b").send();
        assert!(!unnamed.header("x-request-id").is_empty() && unnamed.header("x-request-id") != "a b");
        assert_ne!(desk.get("/v1").header("x-request-id"), desk.get("/v1").header("x-request-id"));
        assert_eq!(office.leg(&leg)["state"], "REGISTERED");
    });
}

#[test]
fn texts_are_kept_as_they_mean_and_formulas_are_told() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let papers = Papers::new(1);
    let mut manifest = papers.manifest("RESULT", 2);
    // "Nguyễn" with its marks apart, and a name that a spreadsheet would compute.
    manifest["lines"][0]["party"]["name"] = json!("  Nguye\u{0302}\u{0303}n Thi\u{0323} Mâ\u{0303}u ");
    manifest["lines"][1]["party"]["name"] = json!("=1+1");
    let receipt = office.declare(&office.desk(), &manifest);
    assert_eq!(receipt["lines"][1]["problems"][0]["code"], "TEXT_LIKE_FORMULA");
    let legs = leg_ids(&receipt);
    let name = |by: &Client, leg: &str| {
        by.get(format!("/v1/legs/{leg}?include=party")).expect(200).json()["party"]["name"].clone()
    };
    assert_eq!(name(&office.desk(), &legs[0]), "Nguyễn Thị Mẫu");
    assert_eq!(name(&office.desk(), &legs[1]), "=1+1");
}
