//! Who may what: for every route of the program, without key, with a dead key, without the scope, and on another agency's things
//! (contract 2). A route without a case fails.

use crate::support::office::{AGENCY, leg_ids, text};
use crate::support::papers::{at, fact};
use crate::support::{Client, Office, Options, Papers, TestStore, each_backend};
use giaonhan::api::routes::{Admission, routes};
use giaonhan::app::keys;
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use serde_json::{Value, json};

/// What another agency's caller meets.
enum Foreign {
    /// The thing does not exist: 404.
    Hidden(String, Value),
    /// The thing is left out of this list.
    LeftOut(&'static str),
    /// The other agency is named in the body: 403.
    Named(Value),
    /// Nothing of an agency is asked for.
    Nothing,
    /// The mark is refused alone.
    LineRefused(Value),
    /// The fact stays unmatched and tells nothing.
    Unmatched(Value),
}

struct Things {
    manifest: Value,
    manifest_id: String,
    leg: String,
    handover: Value,
    discrepancy: String,
    report: String,
}

fn things(office: &Office) -> Things {
    let papers = Papers::new(1);
    let manifest = papers.manifest("RESULT", 2);
    let receipt = office.declare(&office.desk(), &manifest);
    let legs = leg_ids(&receipt);
    let handover = office.open(&office.desk(), "AGENCY", "POST", &legs[..1]);
    // Only the post may say so: kept, not advancing, and found.
    let result = office.report(&office.desk(), &[fact("not-entitled", &legs[1], "ACCEPTED", &at(1))]);
    let ask = json!({"definition": "BCCI_ANNEX", "from": "2026-11-01", "until": "2026-12-01"});
    let report = text(&office.desk().post("/v1/reports", &ask).expect(201).json()["id"]).to_owned();
    Things {
        report,
        manifest_id: text(&receipt["id"]).to_owned(),
        leg: legs[1].clone(),
        discrepancy: text(&result[0]["discrepancyIds"][0]).to_owned(),
        manifest,
        handover,
    }
}

fn foreign(operation: &str, things: &Things) -> Foreign {
    let Things { manifest, manifest_id, leg, handover, discrepancy, report } = things;
    let handover_id = text(&handover["id"]);
    let hidden = |path: String| Foreign::Hidden(path, Value::Null);
    match operation {
        "isLive" | "isReady" | "metrics" | "account" | "openapi" | "receiveHook" => Foreign::Nothing,
        // The outbox is read by who keeps the whole running.
        "listOutbox" | "getOutboxMessage" | "replayOutboxMessage" | "mendOutboxMessage" => Foreign::Nothing,
        "submitManifest" => {
            let mut other = manifest.clone();
            other["manifestNo"] = json!("BK-OTHER");
            Foreign::Named(other)
        }
        "listManifests" => Foreign::LeftOut("/v1/manifests"),
        "getManifest" => hidden(format!("/v1/manifests/{manifest_id}")),
        "listLegs" => Foreign::LeftOut("/v1/legs"),
        "getLeg" => hidden(format!("/v1/legs/{leg}?include=party")),
        "getCustody" => hidden(format!("/v1/legs/{leg}/custody")),
        "cancelLeg" => Foreign::Hidden(format!("/v1/legs/{leg}/cancel"), json!({"reason": "x"})),
        "reportFacts" => Foreign::Unmatched(json!({"facts": [fact("f", leg, "ACCEPTED", &at(1))]})),
        // A book is the caller's own, and so is what came of it (tests/it/reconcile.rs).
        "takeBook" | "listReconciliations" | "getReconciliation" => Foreign::Nothing,
        // What it leaves out of another agency is asked in tests/it/originals.rs.
        "listOriginals" => Foreign::Nothing,
        "getLegClocks" => hidden(format!("/v1/legs/{leg}/clocks")),
        "tellCaseMarks" => Foreign::LineRefused(json!({"marks": [{
            "markId": "m", "agencyCode": AGENCY, "dossierNo": manifest["lines"][1]["dossierNo"],
            "mark": "SUPPLEMENT_ASKED", "occurredAt": at(2),
        }]})),
        "listDiscrepancies" => Foreign::LeftOut("/v1/discrepancies?kind=REPORTER_NOT_ENTITLED"),
        "getDiscrepancy" => hidden(format!("/v1/discrepancies/{discrepancy}")),
        "resolveDiscrepancy" => Foreign::Hidden(
            format!("/v1/discrepancies/{discrepancy}/resolve"),
            json!({"outcome": "EXPLAINED", "reason": "x"}),
        ),
        "openHandover" => Foreign::Hidden(
            "/v1/handovers".to_owned(),
            json!({"from": "AGENCY", "to": "POST", "manifestId": manifest_id}),
        ),
        "listHandovers" => Foreign::LeftOut("/v1/handovers"),
        "getHandover" => hidden(format!("/v1/handovers/{handover_id}")),
        "countHandover" => Foreign::Hidden(
            format!("/v1/handovers/{handover_id}"),
            json!({"lines": [{"lineNo": 1, "outcome": "MISSING"}]}),
        ),
        "signHandover" => Foreign::Hidden(
            format!("/v1/handovers/{handover_id}/signatures"),
            json!({"side": "AGENCY", "signer": {"name": "Trần Văn Thử"}, "digest": handover["digest"]}),
        ),
        "cancelHandover" => Foreign::Hidden(format!("/v1/handovers/{handover_id}/cancel"), json!({"reason": "x"})),
        "makeReport" => Foreign::Named(
            json!({"definition": "BCCI_ANNEX", "from": "2026-11-01", "until": "2026-12-01", "agencyCode": AGENCY}),
        ),
        // Alerts are for who oversees the whole province (tests/it/alerts.rs).
        "listAlerts" | "acknowledgeAlert" => Foreign::Nothing,
        "listReports" => Foreign::LeftOut("/v1/reports"),
        // Whose they are: tests/it/distribution.rs.
        "listReportDeliveries" => Foreign::Nothing,
        "getReport" => hidden(format!("/v1/reports/{report}")),
        "listEvents" => Foreign::LeftOut("/v1/events?types=manifest.accepted"),
        other => panic!("the route {other} has no case of authorisation: add one"),
    }
}

fn call(client: &Client, method: &str, path: &str) -> crate::support::client::Reply {
    match method {
        "GET" => client.get(path),
        _ => client.call(method, path).json(&json!({})).send(),
    }
}

fn body_of_each_route(store: TestStore) {
    let office = Office::start(&store, Options::default());
    let things = things(&office);
    let scopes = [Scope::Read, Scope::Write, Scope::Ops];
    let (revoked, revoked_id) = office.caller("one-stop-nha-trang", Side::Agency, &[AGENCY], &scopes);
    keys::revoke(office.app(), &revoked_id).unwrap();
    let (expired, expired_id) = office.caller("one-stop-nha-trang", Side::Agency, &[AGENCY], &scopes);
    keys::rotate(office.app(), &expired_id, 0).unwrap().unwrap();
    let (other, _) = office.caller("one-stop-elsewhere", Side::Agency, &["H32.16"], &scopes);
    let unknown = office.stranger().with_key(Some("gnk_nobody"));
    office.published();
    for route in routes() {
        let what = format!("{} {}", route.method, route.pattern);
        let path = route.pattern.replace("{id}", "leg_0").replace("{counterpart}", "nobody");
        let Admission::Key(scope) = route.admission else {
            let status = call(&office.stranger(), route.method, &path).status;
            assert_eq!(status, if route.admission == Admission::Open { 200 } else { 404 }, "{what}");
            continue;
        };
        let missing = call(&office.stranger(), route.method, &path);
        assert_eq!((missing.status, missing.code().as_str()), (401, "KEY_MISSING"), "{what}");
        assert_eq!(missing.header("www-authenticate"), "Bearer", "{what}");
        for dead in [&revoked, &expired, &unknown] {
            let refused = call(dead, route.method, &path);
            assert_eq!((refused.status, refused.code().as_str()), (401, "KEY_INVALID"), "{what}");
            assert_eq!(refused.header("www-authenticate"), "Bearer", "{what}");
        }
        let others: Vec<Scope> = scopes.into_iter().filter(|one| *one != scope).collect();
        let (lacking, _) = office.caller("one-stop-nha-trang", Side::Agency, &[AGENCY], &others);
        let refused = call(&lacking, route.method, &path);
        assert_eq!((refused.status, refused.code().as_str()), (403, "SCOPE_MISSING"), "{what}");
        assert_eq!(refused.header("www-authenticate"), "", "{what}");
        match foreign(route.operation, &things) {
            Foreign::Nothing => {}
            Foreign::Hidden(path, body) => {
                let request = other.call(route.method, path.as_str());
                let reply = if body.is_null() { request.send() } else { request.json(&body).send() };
                assert_eq!((reply.status, reply.code().as_str()), (404, "NOT_FOUND"), "{what}: {}", reply.text());
            }
            Foreign::LeftOut(path) => {
                assert_eq!(other.get(path).expect(200).json()["items"], json!([]), "{what}");
                assert_ne!(office.desk().get(path).expect(200).json()["items"], json!([]), "{what}");
            }
            Foreign::Named(body) => {
                let reply = other.call(route.method, path.as_str()).json(&body).send();
                assert_eq!((reply.status, reply.code().as_str()), (403, "AGENCY_OUT_OF_SCOPE"), "{what}");
            }
            Foreign::LineRefused(body) => {
                let reply = other.call(route.method, path.as_str()).json(&body).send().expect(200).json();
                let told = &reply["marks"][0];
                assert_eq!((&told["outcome"], &told["legIds"]), (&json!("REFUSED"), &json!([])));
                assert_eq!(told["problems"][0]["field"], "agencyCode");
            }
            Foreign::Unmatched(body) => {
                let reply = other.call(route.method, path.as_str()).json(&body).send().expect(200).json();
                assert_eq!(
                    (&reply["facts"][0]["outcome"], &reply["facts"][0]["legs"]),
                    (&json!("UNMATCHED"), &json!([]))
                );
            }
        }
    }
    // Nothing of all this moved anything.
    assert_eq!(office.leg(&things.leg)["state"], "REGISTERED");
    assert_eq!(office.desk().get(format!("/v1/handovers/{}", text(&things.handover["id"]))).json()["status"], "OPEN");
    filters_of_others_are_empty(&other, &things);
    sides(&office);
}

/// Naming another agency's things in a filter finds nothing.
fn filters_of_others_are_empty(other: &Client, things: &Things) {
    for path in [
        format!("/v1/legs?agencyCode={AGENCY}"),
        format!("/v1/legs?manifestId={}", things.manifest_id),
        format!("/v1/discrepancies?legId={}", things.leg),
        format!("/v1/discrepancies?manifestId={}", things.manifest_id),
        format!("/v1/discrepancies?handoverId={}", text(&things.handover["id"])),
        format!("/v1/handovers?agencyCode={AGENCY}"),
        format!("/v1/handovers?legId={}", text(&things.handover["lines"][0]["legId"])),
        format!("/v1/manifests?agencyCode={AGENCY}"),
        format!("/v1/manifests?manifestNo={}", text(&things.manifest["manifestNo"])),
    ] {
        let items = other.get(path.as_str()).expect(200).json()["items"].clone();
        // The reporter of a fact that fits no leg sees its own discrepancy, and no other.
        assert_eq!(items, json!([]), "{path}");
    }
}

/// AGENCY sends both kinds, POST intake, OVERSIGHT nothing.
fn sides(office: &Office) {
    let papers = Papers::new(2);
    let (result, intake) = (papers.manifest("RESULT", 1), papers.manifest("INTAKE", 1));
    office.post().post("/v1/manifests", &result).refused(403, "NOT_YOUR_SIDE");
    for manifest in [&result, &intake] {
        office.oversight().post("/v1/manifests", manifest).refused(403, "NOT_YOUR_SIDE");
    }
    office.desk().post("/v1/manifests", &result).expect(201);
    let receipt = office.post().post("/v1/manifests", &intake).expect(201).json();
    // Only the one-stop side knows of its cases.
    let marks = json!({"marks": [{"markId": "m"}]});
    for other in [office.post(), office.oversight()] {
        other.post("/v1/case-marks", &marks).refused(403, "NOT_YOUR_SIDE");
    }
    // A leg is withdrawn by the side that declared it.
    let path = format!("/v1/legs/{}/cancel", leg_ids(&receipt)[0]);
    office.desk().post(path.as_str(), &json!({"reason": "nhầm"})).refused(403, "NOT_YOUR_SIDE");
    assert_eq!(office.post().post(path.as_str(), &json!({"reason": "nhầm"})).expect(200).json()["state"], "CANCELLED");
    office.post().post(path.as_str(), &json!({"reason": "nhầm"})).refused(409, "LEG_STATE");
}

#[test]
fn every_route_lets_in_whom_it_should() {
    each_backend("authz", body_of_each_route);
}

#[test]
fn the_account_says_who_the_key_is() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let account = office.desk().get("/v1").expect(200).json();
    let members: Vec<&String> = account.as_object().unwrap().keys().collect();
    assert_eq!(members, ["counterpart", "side", "agencies", "scopes", "version", "now", "limits"]);
    assert_eq!(
        account["limits"],
        json!({"body_bytes_max": 16_777_216, "manifest_lines_max": 10_000, "facts_max": 1_000, "handover_lines_max": 5_000})
    );
    assert_eq!((&account["agencies"], &account["scopes"]), (&json!([AGENCY]), &json!(["read", "write"])));
    assert_eq!(account["counterpart"], "one-stop-nha-trang");
    assert!(text(&account["now"]).ends_with("+07:00"));
    assert_eq!(office.oversight().get("/v1").json()["agencies"], json!(["*"]));
    let base = office.stranger();
    for scheme in ["Basic abc", "gnk_x", "Bearer", "Bearer "] {
        base.call("GET", "/v1").header("authorization", scheme).send().refused(401, "KEY_INVALID");
    }
    base.call("GET", "/v1").header("authorization", format!("bearer  {}", office.desk().key())).send().expect(200);
}
