//! The published schemas, the examples and the code say the same: every row of `expected.json`, and every example
//! against its schema. What needs a store (a manifest that was sent before) is asked over HTTP elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use giaonhan::domain::leg::Side;
use giaonhan::domain::manifest::{Checked, Mode, check, may_send};
use giaonhan::domain::problem::{Code, Language, Problem};
use giaonhan::domain::receipt::{Decision, Outcome, decide};
use giaonhan::wire::{self, problem, receipt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse(path: &Path) -> Value {
    serde_json::from_slice(&bytes(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rows() -> Vec<Value> {
    parse(&schemas().join("examples/expected.json")).as_array().unwrap().clone()
}

fn validator(name: &str) -> jsonschema::Validator {
    let schema = parse(&schemas().join(format!("{name}.schema.json")));
    assert!(jsonschema::meta::is_valid(&schema), "{name} is no valid schema");
    jsonschema::validator_for(&schema).unwrap()
}

/// Reads XML to its end: every tag closed, every name resolved.
fn assert_well_formed(xml: &str) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::reader::NsReader::from_str(xml);
    let mut open = 0i32;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(_) => open += 1,
            Event::End(_) => open -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0, "{xml}");
}

/// What a manifest comes to without a store.
enum Answer {
    Refused(u16, Code),
    Decided(Box<Checked>, Decision),
}

fn answer(row: &Value, body: &[u8]) -> Answer {
    let side = Side::parse(row["key"]["side"].as_str().unwrap()).unwrap();
    let mode = Mode::parse(row["mode"].as_str().unwrap()).unwrap();
    let refused = |code: Code| Answer::Refused(code.status(), code);
    let format = match wire::detect(row["mediaType"].as_str(), body) {
        Ok(format) => format,
        Err(refusal) => return refused(refusal.code),
    };
    let draft = match wire::read_manifest(format, body, 10_000) {
        Ok(draft) => draft,
        Err(refusal) => return refused(refusal.code),
    };
    let checked = check(draft, side, None);
    if let Ok(header) = &checked.header {
        if !may_send(side, header.leg_kind) {
            return refused(Code::NotYourSide);
        }
        let agencies = row["key"]["agencies"].as_array().unwrap();
        if !agencies.contains(&json!(header.agency_code)) {
            return refused(Code::AgencyOutOfScope);
        }
    }
    let decision = decide(mode, &checked, &HashMap::new());
    Answer::Decided(Box::new(checked), decision)
}

fn told(problems: &[Problem]) -> Value {
    problems.iter().map(|problem| json!({"code": problem.code.as_str(), "field": problem.field})).collect()
}

#[test]
fn every_example_is_answered_as_expected() {
    for row in rows() {
        let file = row["file"].as_str().unwrap();
        let body = bytes(&schemas().join("examples").join(file));
        match answer(&row, &body) {
            Answer::Refused(status, code) => {
                assert_eq!(
                    (json!(status), json!(code.as_str())),
                    (row["status"].clone(), row["code"].clone()),
                    "{file}"
                );
            }
            Answer::Decided(_, decision) => {
                let lines: Value = decision
                    .lines
                    .iter()
                    .map(|line| json!({"index": line.index, "outcome": line.outcome.as_str(), "problems": told(&line.problems)}))
                    .collect();
                // 200 is a repeat: it needs the store, and is 201 here.
                let taken = decision.outcome != Outcome::Rejected;
                let status = row["status"].as_u64().unwrap();
                assert_eq!(taken, matches!(status, 200 | 201), "{file}: {:?} {lines}", decision.problems);
                assert_eq!(lines, row["lines"], "{file}");
                if taken {
                    assert_eq!(json!(decision.outcome.as_str()), row["outcome"], "{file}");
                } else {
                    assert_eq!(row["code"], json!("MANIFEST_REFUSED"), "{file}");
                    assert_eq!(told(&decision.problems), row["problems"], "{file}");
                }
            }
        }
    }
}

#[test]
fn one_manifest_in_three_formats_has_one_digest() {
    let digests: Vec<String> = rows()
        .iter()
        .filter(|row| {
            row["file"].as_str().unwrap().starts_with("valid/manifest-result")
                && row["file"] != "valid/manifest-result-vietnamese.csv"
        })
        .map(|row| match answer(row, &bytes(&schemas().join("examples").join(row["file"].as_str().unwrap()))) {
            Answer::Decided(checked, _) => checked.digest,
            Answer::Refused(_, code) => panic!("{code:?}"),
        })
        .collect();
    assert_eq!(digests.len(), 3);
    assert!(digests.iter().all(|digest| digest == &digests[0] && digest.starts_with("sha-256:")));
}

/// How a schema sees a JSON example.
fn json_verdict(body: &[u8], schema: &jsonschema::Validator) -> &'static str {
    match serde_json::from_slice::<Value>(body) {
        Err(_) => "unreadable",
        Ok(value) if schema.is_valid(&value) => "valid",
        Ok(_) => "invalid",
    }
}

fn examples(folder: &str, ending: &str) -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = std::fs::read_dir(schemas().join("examples").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|have| have == ending))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    found
}

#[test]
fn json_examples_pass_or_fail_their_schema() {
    for (name, path) in examples("valid", "json") {
        let schema = name.split(['-', '.']).next().unwrap();
        assert_eq!(json_verdict(&bytes(&path), &validator(schema)), "valid", "{name}");
    }
    let manifest = validator("manifest");
    for row in rows() {
        let file = row["file"].as_str().unwrap();
        let want = row["schema"].as_str().unwrap();
        if file.ends_with(".json") && want != "none" {
            let body = bytes(&schemas().join("examples").join(file));
            assert_eq!(json_verdict(&body, &manifest), want, "{file}");
        }
    }
}

#[test]
fn every_manifest_example_is_in_expected() {
    let known: Vec<String> = rows().iter().map(|row| row["file"].as_str().unwrap().to_owned()).collect();
    for folder in ["valid", "invalid"] {
        for ending in ["json", "xml", "csv"] {
            let of_manifests = examples(folder, ending)
                .into_iter()
                .filter(|(name, _)| folder == "invalid" || name.starts_with("manifest-"));
            for (name, _) in of_manifests {
                assert!(known.contains(&format!("{folder}/{name}")), "{folder}/{name} is not in expected.json");
            }
        }
    }
}

fn xmllint(arguments: &[&str], file: &Path) -> bool {
    let run = Command::new("xmllint").args(["--noout", "--nonet"]).args(arguments).arg(file).output();
    run.is_ok_and(|output| output.status.success())
}

#[test]
fn xml_examples_pass_or_fail_their_schema() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("LEFT OUT: examples against the XSD, because xmllint (libxml2-utils) is not installed");
        return;
    }
    let verdict = |path: &Path, schema: &str| {
        let xsd = schemas().join(format!("{schema}.xsd"));
        if !xmllint(&[], path) || String::from_utf8_lossy(&bytes(path)).contains("<!DOCTYPE") {
            "unreadable"
        } else if xmllint(&["--schema", xsd.to_str().unwrap()], path) {
            "valid"
        } else {
            "invalid"
        }
    };
    for (name, path) in examples("valid", "xml") {
        assert_eq!(verdict(&path, name.split(['-', '.']).next().unwrap()), "valid", "{name}");
    }
    for row in rows() {
        let file = row["file"].as_str().unwrap();
        let want = row["schema"].as_str().unwrap();
        if file.ends_with(".xml") && want != "none" {
            assert_eq!(verdict(&schemas().join("examples").join(file), "manifest"), want, "{file}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, receipt) in receipts() {
        let file = folder.path().join("receipt.xml");
        std::fs::write(&file, receipt::to_xml(&receipt, Language::Vi)).unwrap();
        assert_eq!(verdict(&file, "receipt"), "valid", "{name}");
    }
}

/// A receipt for each example that is taken.
fn receipts() -> Vec<(String, giaonhan::domain::receipt::Receipt)> {
    use giaonhan::base::id::{IdMaker, LegId, ManifestId};
    use giaonhan::base::time::Ts;
    use giaonhan::domain::leg::{Holder, State};
    use giaonhan::domain::receipt::LineOutcome;
    let maker = IdMaker::new();
    let mut found = Vec::new();
    for row in rows() {
        let file = row["file"].as_str().unwrap().to_owned();
        let Answer::Decided(checked, mut decision) = answer(&row, &bytes(&schemas().join("examples").join(&file)))
        else {
            continue;
        };
        let Ok(header) = &checked.header else { continue };
        if decision.outcome == Outcome::Rejected {
            continue;
        }
        for line in decision.lines.iter_mut().filter(|line| line.outcome == LineOutcome::Accepted) {
            line.leg_id = Some(LegId::make(&maker));
            line.state = Some(State::Registered);
            line.holder = Some(Holder::Agency);
        }
        let at = Ts::parse_rfc3339("2026-11-23T08:05:09.120456+07:00").unwrap();
        found.push((file, decision.receipt(header, checked.digest.clone(), Some(ManifestId::make(&maker)), at)));
    }
    found
}

#[test]
fn receipts_keep_their_schema_and_the_order_of_members() {
    let schema = validator("receipt");
    let all = receipts();
    assert!(all.len() >= 9);
    for (name, receipt) in all {
        let body = receipt::to_json(&receipt, Language::En);
        let value: Value = serde_json::from_slice(&body).unwrap();
        let faults: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
        let text = String::from_utf8(body).unwrap();
        let order = [
            "\"id\"",
            "\"manifestNo\"",
            "\"revision\"",
            "\"legKind\"",
            "\"agencyCode\"",
            "\"mode\"",
            "\"outcome\"",
            "\"digest\"",
            "\"receivedAt\"",
            "\"summary\"",
            "\"lines\":[",
        ];
        let places: Vec<usize> = order.iter().map(|member| text.find(member).unwrap()).collect();
        assert!(places.is_sorted(), "{name}: {text}");
        assert!(receipt::to_list_item(&receipt).get("lines").is_none());
    }
}

#[test]
fn refusals_keep_the_problem_schema_and_repeat_no_personal_data() {
    let schema = validator("problem");
    for row in rows() {
        let file = row["file"].as_str().unwrap();
        let body = bytes(&schemas().join("examples").join(file));
        let Answer::Decided(_, decision) = answer(&row, &body) else { continue };
        if decision.outcome != Outcome::Rejected {
            continue;
        }
        let (refusal, extension) = problem::refused_manifest(decision);
        for language in [Language::En, Language::Vi] {
            let json = problem::to_json(&refusal, &extension, "01KAR5", language);
            let value: Value = serde_json::from_slice(&json).unwrap();
            let faults: Vec<String> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(faults.is_empty(), "{file}: {faults:?}");
            let text = String::from_utf8(json).unwrap();
            let xml = String::from_utf8(problem::to_xml(&refusal, &extension, "01KAR5", language)).unwrap();
            assert!(
                xml.contains("<problem xmlns=\"urn:ietf:rfc:7807\"><type>urn:giaonhan:problem:MANIFEST_REFUSED</type>"),
                "{xml}"
            );
            assert_well_formed(&xml);
            for personal in ["Nguyễn", "Trần", "0900", "example.vn", "Nha Trang"] {
                assert!(!text.contains(personal) && !xml.contains(personal), "{file}: {personal}");
            }
        }
    }
}

#[test]
fn xml_answers_tell_the_same_as_json_and_stay_well_formed() {
    for (name, receipt) in receipts() {
        let xml = String::from_utf8(receipt::to_xml(&receipt, Language::Vi)).unwrap();
        assert_well_formed(&xml);
        assert_eq!(xml.matches("<line ").count(), receipt.lines.len(), "{name}");
    }
    let hostile = Problem::error(Code::FieldUnknown, "<a b=\"\u{1}&\">", "x < y", "x < y");
    let refusal = giaonhan::domain::problem::Refusal::body(vec![hostile]);
    let limit = problem::Limit { name: "facts_max".into(), max: 1_000 };
    let legs = vec![problem::LegProblems { leg_id: "leg_1".into(), problems: refusal.problems.clone() }];
    let extension =
        problem::Extension { limit: Some(limit), lines: problem::Lines::Handover(legs), ..Default::default() };
    let xml = String::from_utf8(problem::to_xml(&refusal, &extension, "r", Language::En)).unwrap();
    assert_well_formed(&xml);
    assert!(xml.contains("<problems><i><code>FIELD_UNKNOWN</code><severity>error</severity><field>&lt;a b=&quot;&amp;&quot;&gt;</field>"), "{xml}");
    assert!(xml.contains("<limit><name>facts_max</name><max>1000</max></limit>"), "{xml}");
    let json: Value = serde_json::from_slice(&problem::to_json(&refusal, &extension, "r", Language::Vi)).unwrap();
    assert!(validator("problem").is_valid(&json), "{json}");
    assert_eq!(json["title"], "Nội dung gửi lên sai quy tắc");
}

/// Every place in a document, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, inner)| places(inner, &format!("{at}/{name}"), found))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, inner)| places(inner, &format!("{at}/{index}"), found))
        }
        _ => {}
    }
}

/// The document with one thing wrong at each place in turn: another value, a member too many, a member too few.
fn mutants(document: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    places(document, "", &mut all);
    let values = [
        json!(null),
        json!(""),
        json!("x"),
        json!("x".repeat(600)),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(10_000_000_001_i64),
        json!(true),
        json!([]),
        json!({}),
        json!("2026-11-24T17:00:00"),
        json!("INTAKE"),
        json!("ORDERED"),
        json!("POST"),
    ];
    let mut found = Vec::new();
    for place in all {
        for value in &values {
            let mut changed = document.clone();
            *changed.pointer_mut(&place).unwrap() = value.clone();
            found.push((format!("{place} = {value}"), changed));
        }
        let mut more = document.clone();
        if let Some(members) = more.pointer_mut(&place).and_then(Value::as_object_mut) {
            members.insert("surplus".into(), json!(1));
            found.push((format!("{place} + surplus"), more));
        }
        if let Some((parent, name)) = place.rsplit_once('/') {
            let mut less = document.clone();
            if let Some(members) = less.pointer_mut(parent).and_then(Value::as_object_mut) {
                members.shift_remove(name);
                found.push((format!("{place} removed"), less));
            }
        }
    }
    found
}

#[test]
fn what_a_schema_refuses_the_program_refuses() {
    let example = |name: &str| parse(&schemas().join(format!("examples/valid/{name}.json")));
    let manifest = |body: &[u8]| {
        wire::read_manifest(wire::Format::Json, body, 10_000).is_ok_and(|draft| {
            let checked = check(draft, Side::Post, None);
            decide(Mode::AllOrNothing, &checked, &HashMap::new()).outcome != Outcome::Rejected
        })
    };
    let facts =
        |body: &[u8]| wire::facts::read_facts(body, 1_000).is_ok_and(|all| all.iter().all(|one| one.fact.is_ok()));
    let marks =
        |body: &[u8]| wire::case_marks::read_marks(body, 1_000).is_ok_and(|all| all.iter().all(|one| one.mark.is_ok()));
    let opened = |body: &[u8]| wire::handover::read_open(body, 5_000).is_ok();
    let counted = |body: &[u8]| wire::handover::read_count(body, 5_000).is_ok();
    let signed = |body: &[u8]| wire::handover::read_sign(body).is_ok();
    let cancelled = |body: &[u8]| wire::handover::read_reason(body).is_ok();
    type Reads<'a> = &'a dyn Fn(&[u8]) -> bool;
    let cases: [(&str, &str, Reads<'_>); 10] = [
        ("manifest", "manifest-result", &manifest),
        ("manifest", "manifest-intake-from-post", &manifest),
        ("facts", "facts", &facts),
        ("marks", "marks", &marks),
        ("handover", "handover-open", &opened),
        ("handover", "handover-correct", &opened),
        ("handover", "handover-count", &counted),
        ("handover", "handover-sign", &signed),
        ("handover", "handover-cancel", &cancelled),
        ("manifest", "manifest-warnings", &manifest),
    ];
    let (mut tried, mut taken) = (0, 0);
    for (schema, name, reads) in cases {
        let schema = validator(schema);
        for (what, mutant) in mutants(&example(name)) {
            let (valid, read) = (schema.is_valid(&mutant), reads(mutant.to_string().as_bytes()));
            assert!(valid || !read, "{name}: the schema refuses and the program takes {what}");
            tried += 1;
            taken += usize::from(valid && read);
        }
    }
    assert!(tried > 4_000 && taken > 300, "{tried} {taken}");
}
