//! The same request again (contract 3): byte for byte, whatever else changes, after a restart, on two processes at once; and the
//! natural key of a manifest with its revisions (4.3).

use crate::support::office::{AGENCY, leg_ids, text};
use crate::support::papers::{at, fact, proven, total};
use crate::support::{Office, Options, Papers, each_backend};
use giaonhan::app::idempotency;
use giaonhan::base::time::{Clock, Ts};
use serde_json::{Value, json};
use std::sync::Barrier;

#[test]
fn a_decided_answer_is_given_again_byte_for_byte() {
    each_backend("replay", |store| {
        let mut office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let (desk, post) = (office.desk(), office.post());
        let manifest = papers.manifest("RESULT", 2);
        let mut wrong = papers.manifest("RESULT", 2);
        wrong["lines"][1]["dossierNo"] = json!("000.00.15.H32-260931-0007");
        let send = |path: &str, body: &Value, key: &str| desk.call("POST", path).json(body).idempotency_key(key).send();
        let first = send("/v1/manifests", &manifest, "k1").expect(201);
        let refused = send("/v1/manifests", &wrong, "k2").expect(422);
        let partly = send("/v1/manifests?mode=good-lines", &wrong, "k3").expect(201);
        let legs = leg_ids(&first.json());
        let facts = json!({"facts": [fact("f", &legs[0], "ACCEPTED", &at(1)), json!({})]});
        let told = desk.call("POST", "/v1/facts").json(&facts).idempotency_key("k1").send().expect(200);
        let opened = send("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": legs}), "k1").expect(201);
        let closed = send("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": legs}), "k2").expect(422);
        for restarted in [false, true] {
            if restarted {
                office.restart();
            }
            for (path, body, key, answer, status) in [
                ("/v1/manifests", &manifest, "k1", &first, 200),
                ("/v1/manifests", &manifest, "\"k1\"", &first, 200),
                ("/v1/manifests", &wrong, "k2", &refused, 422),
                ("/v1/manifests?mode=good-lines", &wrong, "k3", &partly, 200),
                ("/v1/manifests?&mode=good%2Dlines", &wrong, "k3", &partly, 200),
                ("/v1/facts", &facts, "k1", &told, 200),
                ("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": legs}), "k1", &opened, 200),
                ("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": legs}), "k2", &closed, 422),
            ] {
                let again = send(path, body, key).expect(status);
                assert!(again.is_replay(), "{path} {key}");
                assert_eq!(again.body, answer.body, "{path} {key}");
                assert_eq!(again.header("content-type"), answer.header("content-type"));
                assert_eq!(again.header("location"), answer.header("location"));
                assert_ne!(again.header("x-request-id"), answer.header("x-request-id"));
            }
            // Anything else under the key: other bytes, another query, even in what does not matter.
            send("/v1/manifests", &wrong, "k1").refused(409, "IDEMPOTENCY_KEY_REUSED");
            send("/v1/manifests?mode=good-lines", &manifest, "k1").refused(409, "IDEMPOTENCY_KEY_REUSED");
            let spaced = desk.call("POST", "/v1/manifests").idempotency_key("k1");
            let spaced = spaced.body("application/json", format!(" {manifest}")).send();
            spaced.refused(409, "IDEMPOTENCY_KEY_REUSED");
        }
        // A key belongs to its counterpart and its route: the same one elsewhere is another.
        assert!(!first.is_replay() && !told.is_replay());
        let others = json!({"facts": [fact("g", &legs[0], "ORDERED", &at(1))]});
        let elsewhere = post.call("POST", "/v1/facts").json(&others).idempotency_key("k1").send().expect(200);
        assert!(!elsewhere.is_replay());
        // The key counts for every thing of the route: used for one handover, it is not free for another.
        let path = |id: &str| format!("/v1/handovers/{id}/cancel");
        let id = text(&opened.json()["id"]).to_owned();
        send(&path(&id), &json!({"reason": "nhầm"}), "c1").expect(200);
        assert!(send(&path(&id), &json!({"reason": "nhầm"}), "c1").expect(200).is_replay());
        send(&path("ho_other"), &json!({"reason": "nhầm"}), "c1").refused(409, "IDEMPOTENCY_KEY_REUSED");
    });
}

#[test]
fn refusals_other_than_422_leave_the_key_free() {
    each_backend("free key", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let desk = office.desk();
        let manifest = papers.manifest("RESULT", 1);
        let send = |body: String| {
            desk.call("POST", "/v1/manifests").idempotency_key("k").body("application/json", body).send()
        };
        send("{".to_owned()).refused(400, "BODY_NOT_READABLE");
        let mut other = manifest.clone();
        other["agencyCode"] = json!("H32.99");
        send(other.to_string()).refused(403, "AGENCY_OUT_OF_SCOPE");
        let mut second = manifest.clone();
        second["revision"] = json!(2);
        send(second.to_string()).refused(409, "STALE_REVISION");
        let unknown = desk.call("POST", "/v1/manifests?x=1").idempotency_key("k").json(&manifest).send();
        unknown.refused(400, "QUERY_INVALID");
        desk.call("POST", "/v1/manifests")
            .idempotency_key("k")
            .body("text/plain", "x")
            .send()
            .refused(415, "MEDIA_TYPE_UNSUPPORTED");
        assert!(!send(manifest.to_string()).expect(201).is_replay());
        for bad in ["", "\"\"", "a b", "đ", &"x".repeat(256)] {
            let reply = desk.call("POST", "/v1/manifests").idempotency_key(bad).json(&manifest).send();
            reply.refused(400, "IDEMPOTENCY_KEY_INVALID");
        }
        let twice = desk.call("POST", "/v1/manifests").idempotency_key("a").idempotency_key("b").json(&manifest).send();
        twice.refused(400, "IDEMPOTENCY_KEY_INVALID");
        let longest = desk.call("POST", "/v1/manifests").idempotency_key(&"x".repeat(255)).json(&manifest).send();
        assert!(longest.expect(200).is_replay());
    });
}

#[test]
fn many_at_once_with_one_key_make_one_manifest() {
    each_backend("at once", |store| {
        let office = Office::start(&store, Options::default());
        // A second process on the same database: replicas are alike.
        let second = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        for (key, round) in [(Some("k"), 0), (None, 1), (Some("m"), 2)] {
            let manifest = papers.manifest("RESULT", 20);
            let barrier = Barrier::new(8);
            let replies: Vec<_> = std::thread::scope(|scope| {
                let workers: Vec<_> = (0..8)
                    .map(|place| {
                        let caller = if place % 2 == 0 { office.desk() } else { office.desk().at(&second) };
                        let (manifest, barrier) = (&manifest, &barrier);
                        scope.spawn(move || {
                            barrier.wait();
                            let call = caller.call("POST", "/v1/manifests").json(manifest);
                            key.map_or_else(
                                || caller.call("POST", "/v1/manifests").json(manifest),
                                |key| call.idempotency_key(key),
                            )
                            .send()
                        })
                    })
                    .collect();
                workers.into_iter().map(|worker| worker.join().unwrap()).collect()
            });
            let count = |status: u16| replies.iter().filter(|reply| reply.status == status).count();
            let others = replies.iter().filter(|reply| !matches!(reply.status, 200 | 201 | 409));
            let others: Vec<String> = others.map(crate::support::client::Reply::text).collect();
            assert!(others.is_empty(), "round {round}: {others:?}");
            assert_eq!(count(201), 1, "round {round}");
            for reply in replies {
                match reply.status {
                    409 => {
                        assert!(reply.header("retry-after").parse::<u32>().is_ok());
                        reply.refused(409, "REQUEST_IN_PROGRESS");
                    }
                    status => assert_eq!(reply.is_replay(), status == 200),
                }
            }
            let found = office.desk().all(&format!("/v1/manifests?manifestNo={}", text(&manifest["manifestNo"])));
            assert_eq!(found.len(), 1, "round {round}");
            assert_eq!(office.desk().all(&format!("/v1/legs?manifestId={}", text(&found[0]["id"]))).len(), 20);
        }
    });
}

#[test]
fn a_manifest_is_known_by_its_number_revision_and_meaning() {
    each_backend("natural key", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let desk = office.desk();
        let mut manifest = papers.manifest("RESULT", 3);
        let good = manifest["lines"][1]["dossierNo"].clone();
        manifest["lines"][1]["dossierNo"] = json!("000.00.15.H32-260931-0007");
        // A refused manifest leaves its number free.
        let refused = desk.post("/v1/manifests", &manifest).refused(422, "MANIFEST_REFUSED").json();
        assert_eq!(refused["outcome"], "REJECTED");
        assert_eq!(refused["summary"], json!({"lines": 3, "accepted": 0, "refused": 1, "heldBack": 2, "warnings": 0}));
        let first = desk.post("/v1/manifests?mode=good-lines", &manifest).expect(201).json();
        assert_eq!(first["outcome"], "PARTIALLY_ACCEPTED");
        // The same meaning again, in the other mode, with members in another order: the first receipt.
        let mut turned = json!({"lines": manifest["lines"]});
        turned.as_object_mut().unwrap().extend(manifest.as_object().unwrap().clone());
        for path in ["/v1/manifests", "/v1/manifests?mode=good-lines"] {
            let again = desk.post(path, &turned).expect(200);
            assert!(again.is_replay());
            assert_eq!(again.json(), first);
        }
        let mut changed = manifest.clone();
        changed["lines"][0]["note"] = json!("khác");
        desk.post("/v1/manifests", &changed).refused(409, "MANIFEST_NO_REUSED");
        // Another counterpart has numbers of its own.
        let (other, _) = office.caller(
            "one-stop-two",
            giaonhan::domain::leg::Side::Agency,
            &[AGENCY],
            &[giaonhan::domain::access::Scope::Write],
        );
        let mut theirs = papers.manifest("RESULT", 1);
        theirs["manifestNo"] = manifest["manifestNo"].clone();
        other.post("/v1/manifests", &theirs).expect(201);
        // The refused line again, as the next revision.
        let mut next = manifest.clone();
        next["lines"] = json!([manifest["lines"][1]]);
        next["lines"][0]["dossierNo"] = good;
        total(&mut next);
        for stale in [3, 7] {
            next["revision"] = json!(stale);
            desk.post("/v1/manifests", &next).refused(409, "STALE_REVISION");
        }
        next["revision"] = json!(2);
        let second = desk.post("/v1/manifests", &next).expect(201).json();
        assert_ne!(second["id"], first["id"]);
        assert_eq!((&second["revision"], &second["lines"][0]["lineNo"]), (&json!(2), &json!(2)));
        assert!(desk.post("/v1/manifests", &next).expect(200).is_replay());
        let mut third = papers.manifest("RESULT", 1);
        third["manifestNo"] = manifest["manifestNo"].clone();
        third["revision"] = json!(3);
        let taken = desk.post("/v1/manifests", &third).refused(422, "MANIFEST_REFUSED").json();
        assert_eq!(taken["lines"][0]["problems"][0]["code"], "LINE_ALREADY_TAKEN");
        assert_eq!(taken["lines"][0]["problems"][0]["field"], "lineNo");
        let revisions = desk.all(&format!("/v1/manifests?manifestNo={}", text(&manifest["manifestNo"])));
        assert!(revisions.iter().all(|each| each.get("lines").is_none()));
        let mut numbers: Vec<_> = revisions.iter().map(|each| each["revision"].as_i64()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [Some(1), Some(1), Some(2)], "two of ours, one of the other desk of the agency");
        // A dossier with an open leg of this kind; free again when that leg is closed.
        let mut repeat = papers.manifest("RESULT", 1);
        repeat["lines"][0]["dossierNo"] = manifest["lines"][0]["dossierNo"].clone();
        let open = desk.post("/v1/manifests", &repeat).refused(422, "MANIFEST_REFUSED").json();
        assert_eq!(open["lines"][0]["problems"][0]["code"], "LEG_ALREADY_OPEN");
        let leg = leg_ids(&first).remove(0);
        desk.post(format!("/v1/legs/{leg}/cancel"), &json!({"reason": "nhầm"})).expect(200);
        desk.post("/v1/manifests", &repeat).expect(201);
        // The receipt tells the state and the holder of now.
        let shown = desk.get(format!("/v1/manifests/{}", text(&first["id"]))).expect(200).json();
        assert_eq!(
            (&shown["lines"][0]["state"], &first["lines"][0]["state"]),
            (&json!("CANCELLED"), &json!("REGISTERED"))
        );
        drop(office.report(&office.post(), &[proven("x", &leg_ids(&first)[1], "ACCEPTED", &at(1))]));
        let shown = desk.get(format!("/v1/manifests/{}", text(&first["id"]))).expect(200).json();
        assert_eq!((&shown["lines"][2]["state"], &shown["lines"][2]["holder"]), (&json!("ACCEPTED"), &json!("POST")));
    });
}

#[test]
fn a_key_whose_request_never_ended_is_free_after_its_lease() {
    each_backend("lapsed claim", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T08:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().clock(&clock).set("idempotency.lease_s", 7));
        let manifest = Papers::new(1).manifest("RESULT", 1);
        let desk = office.desk();
        // What a process leaves behind that was killed between the claim and the work.
        let left =
            idempotency::begin(office.app(), "one-stop-nha-trang", "POST /v1/manifests", "k", "of the dead").unwrap();
        assert!(matches!(left, idempotency::Start::Work(_)));
        let send = || desk.call("POST", "/v1/manifests").idempotency_key("k").json(&manifest).send();
        assert_eq!(send().status, 409);
        clock.advance_us(7_000_000);
        assert!(!send().expect(201).is_replay());
        assert!(send().expect(200).is_replay());
    });
}
