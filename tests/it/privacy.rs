//! Personal data stand in one place (contract 1): sent through every route under names of their own, they are looked for in every
//! answer, in the feed, in metrics and in the log.

use crate::support::office::{leg_ids, text};
use crate::support::papers::at;
use crate::support::{Office, Options, Papers, TestStore, each_backend};
use giaonhan::api::routes::routes;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

const NAME: &str = "Dấu Riêng";
const MARKS: &[&str] = &[
    NAME,
    "0912345678",
    "+84912345678",
    "912345678",
    "rieng@dau.example",
    "99 Đường Dấu",
    "Nơi Dấu",
    "Lời Dấu",
    "Cớ Dấu",
];

fn leaks(what: &str, shown: &str) -> Vec<String> {
    MARKS.iter().filter(|mark| shown.contains(**mark)).map(|mark| format!("{what} shows {mark}: {shown}")).collect()
}

fn marked(papers: &Papers, kind: &str) -> Value {
    let mut manifest = papers.manifest(kind, 1);
    manifest["lines"][0]["party"] =
        json!({"name": NAME, "phone": "0912345678", "email": "rieng@dau.example", "address": {"text": "99 Đường Dấu"}});
    manifest["lines"][0]["note"] = json!("Lời Dấu");
    manifest
}

#[test]
fn personal_data_stand_nowhere_but_where_they_are_asked_for() {
    each_backend("privacy", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let (desk, post, ops) = (office.desk(), office.post(), office.ops());
        let mut found = Vec::new();
        let mut answers: Vec<(String, String)> = Vec::new();
        let manifest = marked(&papers, "RESULT");
        let taken = desk.post("/v1/manifests", &manifest).expect(201);
        let leg = leg_ids(&taken.json()).remove(0);
        answers.push(("receipt".into(), taken.text()));
        // Refusals of every kind of field: the value that is wrong is not repeated.
        let faults: &[(&str, Value)] = &[
            ("/lines/0/party/phone", json!("0912345678x")),
            ("/lines/0/party/email", json!("rieng@dau.example,")),
            ("/lines/0/party/name", json!(format!("{NAME}\u{0}"))),
            ("/lines/0/party/address", json!("99 Đường Dấu")),
            ("/lines/0/party", json!({ NAME: 1 })),
            ("/lines/0/dossierNo", json!(NAME)),
            ("/lines/0/itemNumber", json!(NAME)),
            ("/lines/0/papers", json!([{"name": NAME, "kind": NAME, "quantity": NAME}])),
            ("/lines/0/dueAt", json!(NAME)),
            ("/manifestNo", json!(NAME)),
            ("/agencyCode", json!("0912345678")),
            ("/legKind", json!(NAME)),
        ];
        for (place, value) in faults {
            for (accept, language) in [("application/json", "vi"), ("application/xml", "en")] {
                let mut wrong = marked(&papers, "RESULT");
                let (parent, name) = place.rsplit_once('/').unwrap();
                wrong.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value.clone());
                let call = desk
                    .call("POST", "/v1/manifests")
                    .json(&wrong)
                    .header("accept", accept)
                    .header("accept-language", language);
                let reply = call.send();
                // An unknown member is named, since it has to be found.
                if *place != "/lines/0/party" {
                    answers.push((format!("refusal of {place}"), reply.text()));
                }
            }
        }
        for body in [format!("{{\"name\":\"{NAME}\""), format!("<a>{NAME}"), NAME.to_owned()] {
            for media_type in ["application/json", "application/xml"] {
                answers.push((
                    media_type.into(),
                    desk.call("POST", "/v1/manifests").body(media_type, body.clone()).send().text(),
                ));
            }
        }
        let told = json!({"facts": [
            {"factId": "a", "legId": leg, "event": "ATTEMPT_FAILED", "occurredAt": at(1), "cause": "OTHER", "causeText": "Cớ Dấu",
             "place": {"text": "Nơi Dấu"}, "note": "Lời Dấu"},
            {"factId": "b", "legId": leg, "event": "CONFIRMED", "occurredAt": at(2),
             "receiver": {"name": NAME, "relation": "OWNER", "idChecked": false}, "evidence": [{"kind": "PHOTO", "ref": "p"}]},
            {"factId": "c", "legId": leg, "event": "CONFIRMED", "occurredAt": NAME, "receiver": {"name": NAME}},
            {"factId": "d", "consignmentNoteNo": "none", "event": "ACCEPTED", "occurredAt": at(2), "note": "Lời Dấu"},
            {"factId": "a", "legId": leg, "event": "ATTEMPT_FAILED", "occurredAt": at(3), "note": "Lời Dấu"},
        ]});
        answers.push(("facts".into(), post.post("/v1/facts", &told).expect(200).text()));
        let discrepancies = desk.all("/v1/discrepancies");
        let opened = office.open(&post, "POST", "AGENCY", std::slice::from_ref(&leg));
        let handover = text(&opened["id"]).to_owned();
        office.published();
        for route in routes().iter().filter(|route| route.method == "GET") {
            let by = if route.pattern == "/metrics" || route.pattern.contains("outbox") { &ops } else { &desk };
            let ids =
                [leg.as_str(), text(&taken.json()["id"]), text(&discrepancies[0]["id"]), &handover].map(str::to_owned);
            for id in ids {
                for accept in ["application/json", "application/xml"] {
                    let path = route.pattern.replace("{id}", &id);
                    answers.push((path.clone(), by.call("GET", path).header("accept", accept).send().text()));
                }
            }
        }
        answers.push(("feed".into(), json!(office.oversight().feed()).to_string()));
        for query in [
            format!("legs?dossierNo={NAME}"),
            format!("legs?{NAME}=1"),
            format!("legs?after={NAME}"),
            format!("legs/{NAME}"),
        ] {
            answers.push((query.clone(), desk.get(format!("/v1/{}", query.replace(' ', "%20"))).text()));
        }
        for (what, shown) in &answers {
            found.extend(leaks(what, shown));
        }
        assert!(found.is_empty(), "{found:#?}");
        // Where they are asked for they stand, and each look is on record.
        let party = desk.get(format!("/v1/legs/{leg}?include=party")).expect(200).json()["party"].clone();
        assert_eq!((&party["name"], &party["phone"]), (&json!(NAME), &json!("+84912345678")));
        post.post(format!("/v1/handovers/{handover}/cancel"), &json!({"reason": "xong"})).expect(200);
    });
}

/// A whole process, whose log can be read to its end.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn personal_data_stand_in_no_log() {
    let store = TestStore::sqlite();
    let [flag, place] = store.arguments();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_giaonhan"));
        command.args(arguments).args([flag.as_str(), place.as_str()]).env("GIAONHAN__LOG__FILTER", "debug,hyper=info");
        command
    };
    let mut serve = Process(
        run(&["serve", "--listen", "127.0.0.1:0", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    BufReader::new(serve.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = serde_json::from_str::<Value>(&line).unwrap()["url"].as_str().unwrap().to_owned();
    let made = run(&["key", "create", "--counterpart", "one-stop-nha-trang", "--side", "agency", "--agency", "H32.15"])
        .output()
        .unwrap();
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let desk = crate::support::Client::to(&url, &key);
    let papers = Papers::new(1);
    let leg = leg_ids(&desk.post("/v1/manifests", &marked(&papers, "RESULT")).expect(201).json()).remove(0);
    let mut wrong = marked(&papers, "RESULT");
    wrong["lines"][0]["party"]["phone"] = json!("0912345678x");
    desk.post("/v1/manifests", &wrong).expect(422);
    desk.call("POST", "/v1/manifests").body("application/json", format!("{{\"{NAME}\"")).send().expect(400);
    desk.get(format!("/v1/legs/{leg}?include=party")).expect(200);
    desk.get(format!("/v1/legs?dossierNo={}", NAME.replace(' ', "%20"))).expect(400);
    desk.get(format!("/v1/legs/{}", NAME.replace(' ', "%20"))).expect(404);
    desk.post("/v1/facts", &json!({"facts": [{"factId": "b", "legId": leg, "event": "CONFIRMED", "occurredAt": at(2),
        "receiver": {"name": NAME, "relation": "OWNER", "idChecked": true}, "evidence": [{"kind": "PHOTO", "ref": "p"}]}]})).expect(200);
    drop(serve.0.kill());
    let mut log = String::new();
    serve.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert!(log.contains("answered") && log.contains("/v1/legs/{id}"), "{log}");
    let found: Vec<String> = log.lines().flat_map(|line| leaks("the log", line)).collect();
    assert!(found.is_empty(), "{found:#?}");
    assert!(!log.contains(&key), "the log shows a key");
}
