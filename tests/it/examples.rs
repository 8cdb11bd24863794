//! Every row of `schemas/examples/expected.json`, sent in its order over HTTP: status, code, problems and lines as written there,
//! bodies as their schemas say.

use crate::support::{Office, Options, each_backend};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

/// The schema of this name.
pub fn validator(name: &str) -> jsonschema::Validator {
    let text = std::fs::read(schemas().join(format!("{name}.schema.json"))).unwrap();
    jsonschema::validator_for(&serde_json::from_slice(&text).unwrap()).unwrap()
}

/// Fails when the schema refuses the value.
#[track_caller]
pub fn assert_valid(schema: &jsonschema::Validator, value: &Value, what: &str) {
    let faults: Vec<String> =
        schema.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{what}: {faults:#?}\n{value}");
}

fn told(problems: &Value) -> Value {
    let all = problems.as_array().unwrap().iter();
    all.map(|problem| json!({"code": problem["code"], "field": problem["field"]})).collect()
}

fn xml_is_valid(xml: &[u8], schema: &str) -> Option<bool> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("answer.xml");
    std::fs::write(&file, xml).unwrap();
    let xsd = schemas().join(format!("{schema}.xsd"));
    let run = Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(xsd).arg(&file).output();
    run.ok().map(|output| output.status.success())
}

#[test]
fn every_example_is_answered_as_expected_over_http() {
    let rows: Vec<Value> =
        serde_json::from_slice(&std::fs::read(schemas().join("examples/expected.json")).unwrap()).unwrap();
    let (receipt, problem) = (validator("receipt"), validator("problem"));
    each_backend("examples", |store| {
        let office = Office::start(&store, Options::default());
        let mut callers = BTreeMap::new();
        let mut taken = BTreeMap::new();
        for row in &rows {
            let file = row["file"].as_str().unwrap();
            let body = std::fs::read(schemas().join("examples").join(file)).unwrap();
            let side = row["key"]["side"].as_str().unwrap();
            let caller = callers.entry(row["key"].to_string()).or_insert_with(|| {
                let agencies: Vec<&str> =
                    row["key"]["agencies"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
                let scopes: Vec<Scope> = row["key"]["scopes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|scope| Scope::parse(scope.as_str()?))
                    .collect();
                office
                    .caller(
                        &format!("counterpart-{}", side.to_lowercase()),
                        Side::parse(side).unwrap(),
                        &agencies,
                        &scopes,
                    )
                    .0
            });
            let path = format!("/v1/manifests?mode={}", row["mode"].as_str().unwrap());
            let call = || caller.call("POST", path.as_str()).body(row["mediaType"].as_str().unwrap(), body.clone());
            let reply = call().header("accept", "application/json").send();
            let said = reply.text();
            assert_eq!(json!(reply.status), row["status"], "{file}: {said}");
            assert!(!reply.header("x-request-id").is_empty(), "{file}");
            let answer = reply.json();
            if reply.status >= 300 {
                assert_valid(&problem, &answer, file);
                assert_eq!(answer["code"], row["code"], "{file}");
                assert_eq!(answer["instance"], json!(format!("urn:giaonhan:request:{}", reply.header("x-request-id"))));
                if let Some(problems) = row.get("problems") {
                    assert_eq!(&told(&answer["problems"]), problems, "{file}: {said}");
                }
            } else {
                assert_valid(&receipt, &answer, file);
                assert_eq!(answer["outcome"], row["outcome"], "{file}");
                assert_eq!(reply.is_replay(), reply.status == 200, "{file}");
                assert_eq!(reply.header("location"), format!("/v1/manifests/{}", answer["id"].as_str().unwrap()));
                let first = taken.entry(answer["manifestNo"].to_string()).or_insert_with(|| answer.clone());
                assert_eq!(first, &answer, "{file}: a repeat shows the first receipt");
            }
            if let Some(lines) = row.get("lines") {
                let found: Value = answer["lines"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|line| json!({"index": line["index"], "outcome": line["outcome"], "problems": told(&line["problems"])}))
                    .collect();
                assert_eq!(&found, lines, "{file}");
            }
            // The same again as an XML caller: taken ones are repeats, refused ones are refused alike.
            let again = call().header("accept", "application/xml").send();
            let repeat = if reply.status < 300 { 200 } else { reply.status };
            assert_eq!(again.status, repeat, "{file}: {}", again.text());
            if repeat == 200 {
                assert_eq!((again.header("content-type"), again.is_replay()), ("application/xml", true), "{file}");
                assert_ne!(xml_is_valid(&again.body, "receipt"), Some(false), "{file}: {}", again.text());
            } else {
                assert_eq!(again.header("content-type"), "application/problem+xml", "{file}");
                assert_eq!(json!(again.code()), answer["code"], "{file}");
                assert!(again.text().contains("urn:ietf:rfc:7807"), "{file}");
            }
        }
    });
}
