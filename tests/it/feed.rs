//! The feed and the lists (contract 1, 6.2, 8): each event once in one order while writers go on, pages that lose and repeat nothing,
//! cursors, and discrepancies until they are resolved.

use crate::examples::{assert_valid, validator};
use crate::support::office::{SOON, leg_ids, text};
use crate::support::papers::{at, fact, proven};
use crate::support::{Office, Options, Papers, each_backend, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn each_event_comes_once_in_one_order_while_others_write() {
    each_backend("feed", |store| {
        let office = Office::start(&store, Options::default());
        let second = Office::start(&store, Options::default());
        const WRITERS: u32 = 3;
        const ROUNDS: u32 = 6;
        let done = AtomicBool::new(false);
        let (desk, post) = (office.desk(), office.post());
        let read: Vec<Value> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let place = if writer % 2 == 0 { &office } else { &second };
                    let (desk, post) = (desk.at(place), post.at(place));
                    scope.spawn(move || {
                        let papers = Papers::new(writer);
                        for round in 0..ROUNDS {
                            let receipt = desk.post("/v1/manifests", &papers.manifest("RESULT", 3)).expect(201).json();
                            let facts: Vec<Value> = leg_ids(&receipt)
                                .iter()
                                .map(|leg| fact(&format!("{writer}-{round}-{leg}"), leg, "ACCEPTED", &at(1)))
                                .collect();
                            post.post("/v1/facts", &json!({ "facts": facts })).expect(200);
                        }
                    })
                })
                .collect();
            let reader = scope.spawn(|| {
                let (mut read, mut after) = (Vec::new(), String::new());
                loop {
                    let last = done.load(Ordering::SeqCst);
                    let page = desk.get(format!("/v1/events?limit=4&after={after}")).expect(200).json();
                    let items = page["items"].as_array().unwrap();
                    text(&page["next"]).clone_into(&mut after);
                    if items.is_empty() && last {
                        return read;
                    }
                    read.extend(items.iter().cloned());
                }
            });
            writers.into_iter().for_each(|writer| writer.join().unwrap());
            office.published();
            done.store(true, Ordering::SeqCst);
            reader.join().unwrap()
        });
        let expected = usize::try_from(WRITERS * ROUNDS * 4).unwrap();
        assert_eq!(read.len(), expected);
        let ids: BTreeSet<String> = read.iter().map(|event| event["id"].to_string()).collect();
        assert_eq!(ids.len(), expected, "each event once");
        assert_eq!(desk.feed(), read, "read later, the order is the same");
        assert_eq!(desk.at(&second).feed(), read, "and so it is at the other process");
        // What one leg went through stands in the order in which it went.
        let manifests: Vec<&Value> = read.iter().filter(|event| event["type"] == "manifest.accepted").collect();
        assert_eq!(manifests.len(), usize::try_from(WRITERS * ROUNDS).unwrap());
        for event in &read {
            if event["type"] == "leg.accepted" {
                let place = |wanted: &Value| read.iter().position(|each| each["id"] == *wanted).unwrap();
                let manifest =
                    manifests.iter().find(|each| each["data"]["manifestId"] == event["data"]["manifestId"]).unwrap();
                assert!(place(&manifest["id"]) < place(&event["id"]));
            }
        }
        // Every cursor works as `after`; types leave out the others.
        let (first, half) = read.split_at(expected / 2);
        let rest = desk.get(format!("/v1/events?limit=500&after={}", text(&first.last().unwrap()["cursor"]))).json();
        assert_eq!(rest["items"], json!(half));
        let chosen = desk.get("/v1/events?limit=500&types=manifest.accepted,leg.confirmed").json();
        assert_eq!(chosen["items"].as_array().unwrap().len(), manifests.len());
    });
}

#[test]
fn the_feed_tells_what_happened_and_always_gives_a_cursor() {
    each_backend("types", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let desk = office.desk();
        let empty = desk.get("/v1/events?after=").expect(200).json();
        assert_eq!(empty["items"], json!([]));
        assert!(empty["next"].is_string());
        assert_eq!(desk.get(format!("/v1/events?after={}", text(&empty["next"]))).expect(200).json(), empty);
        let legs = leg_ids(&office.declare(&desk, &papers.manifest("RESULT", 2)));
        office.hand_over("AGENCY", "POST", &legs);
        let now = office.app().now().to_rfc3339();
        office
            .report(&office.post(), &[fact("a", &legs[0], "DELIVERED", &now), fact("b", &legs[0], "RETURNING", &now)]);
        let found = desk.all("/v1/discrepancies").remove(0);
        let resolve = json!({"outcome": "EXPLAINED", "reason": "báo nhầm"});
        desk.post(format!("/v1/discrepancies/{}/resolve", text(&found["id"])), &resolve).expect(200);
        office.report(&office.post(), &[proven("c", &legs[0], "CONFIRMED", &now)]);
        office.published();
        let events = desk.feed();
        let types: Vec<&str> = events.iter().map(|event| text(&event["type"])).collect();
        assert_eq!(types[0], "manifest.accepted");
        let mut sorted = types.clone();
        sorted.sort_unstable();
        assert_eq!(
            sorted,
            [
                "discrepancy.opened",
                "discrepancy.resolved",
                "handover.completed",
                "leg.accepted",
                "leg.accepted",
                "leg.confirmed",
                "leg.delivered_reported",
                "manifest.accepted"
            ]
        );
        let schema = validator("event");
        for event in &events {
            let body = json!({"type": event["type"], "timestamp": event["timestamp"], "data": event["data"]});
            assert_valid(&schema, &body, text(&event["type"]));
            let members: Vec<&String> = event.as_object().unwrap().keys().collect();
            assert_eq!(members, ["cursor", "id", "type", "timestamp", "data"]);
            assert!(text(&event["id"]).starts_with("ev_"));
        }
        let confirmed = events.iter().find(|event| event["type"] == "leg.confirmed").unwrap();
        let members: Vec<&String> = confirmed["data"].as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            [
                "legId",
                "legKind",
                "agencyCode",
                "manifestId",
                "manifestNo",
                "lineNo",
                "dossierNo",
                "consignmentNoteNo",
                "itemNumber",
                "state",
                "holder",
                "occurredAt"
            ]
        );
        assert_eq!(confirmed["data"]["occurredAt"], json!(now));
        // Cursors that we did not make, and those of the future.
        for foreign in
            ["x", "1", "leg_1", "-1", "%00", &"9".repeat(30), text(&desk.get("/v1/legs?limit=1").json()["next"])]
        {
            desk.get(format!("/v1/events?after={foreign}")).refused(400, "CURSOR_INVALID");
        }
        for bad in ["limit=0", "limit=501", "limit=x", "types=leg.flown", "types=", "x=1", "limit=1&limit=1"] {
            desk.get(format!("/v1/events?{bad}")).refused(400, "QUERY_INVALID");
        }
    });
}

#[test]
fn pages_lose_and_repeat_nothing_while_others_write() {
    each_backend("paging", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let desk = office.desk();
        let mut before = BTreeSet::new();
        for _ in 0..4 {
            before.extend(leg_ids(&office.declare(&desk, &papers.manifest("RESULT", 5))));
        }
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (2..4)
                .map(|seed| {
                    let (desk, stop) = (desk.clone(), &stop);
                    scope.spawn(move || {
                        let papers = Papers::new(seed);
                        while !stop.load(Ordering::SeqCst) {
                            desk.post("/v1/manifests", &papers.manifest("RESULT", 2)).expect(201);
                        }
                    })
                })
                .collect();
            for _ in 0..5 {
                let (mut seen, mut after) = (Vec::new(), String::new());
                // Writers may be quicker than the reader: what existed at the beginning is what must come.
                while !before.iter().all(|leg| seen.contains(leg)) {
                    let page = desk.get(format!("/v1/legs?limit=3&after={after}")).expect(200).json();
                    seen.extend(page["items"].as_array().unwrap().iter().map(|leg| text(&leg["id"]).to_owned()));
                    match page["next"].as_str() {
                        Some(next) => next.clone_into(&mut after),
                        None => break,
                    }
                }
                let distinct: BTreeSet<&String> = seen.iter().collect();
                assert_eq!(distinct.len(), seen.len(), "none comes twice");
                assert!(before.iter().all(|leg| distinct.contains(leg)), "none is lost");
                assert!(seen.is_sorted(), "oldest first");
            }
            stop.store(true, Ordering::SeqCst);
            writers.into_iter().for_each(|writer| writer.join().unwrap());
        });
        // The last page says so, also when it is full.
        let all = desk.all("/v1/legs?limit=500").len();
        let exact = desk.get(format!("/v1/manifests?limit={}", desk.all("/v1/manifests").len().min(500))).json();
        assert_eq!(exact["next"], Value::Null);
        assert!(desk.get("/v1/legs?limit=1").json()["next"].is_string());
        assert!(all >= before.len());
        assert_eq!(desk.get("/v1/legs?state=CONFIRMED").json(), json!({"items": [], "next": null}));
        let cursor = text(&desk.get("/v1/legs?limit=1").json()["next"]).to_owned();
        for list in ["manifests", "handovers", "discrepancies"] {
            desk.get(format!("/v1/{list}?after={cursor}")).refused(400, "CURSOR_INVALID");
        }
        desk.get("/v1/legs?after=leg_01").refused(400, "CURSOR_INVALID");
        for bad in [
            "limit=0",
            "limit=501",
            "open=yes",
            "kind=result",
            "state=LOST",
            "dossierNo=1",
            "more=1",
            "kind=INTAKE&kind=RESULT",
        ] {
            desk.get(format!("/v1/legs?{bad}")).refused(400, "QUERY_INVALID");
        }
        desk.get("/v1/legs?limit=500").expect(200);
    });
}

#[test]
fn filters_of_legs_find_what_they_say() {
    each_backend("filters", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let desk = office.desk();
        let result = papers.manifest("RESULT", 2);
        let first = office.declare(&desk, &result);
        let legs = leg_ids(&first);
        let intake = leg_ids(&office.declare(&office.post(), &papers.taken_intake(1)));
        office.report(&office.post(), &[fact("a", &legs[0], "LOST", &at(1))]);
        let note = text(&office.leg(&intake[0])["consignmentNoteNo"]).to_owned();
        let item = text(&result["lines"][1]["itemNumber"]).to_lowercase();
        let dossier = text(&result["lines"][1]["dossierNo"]).replace('-', "–");
        let item = format!("{} {}", &item[..2], &item[2..]).replace(' ', "%20");
        let cases = [
            ("kind=INTAKE".to_owned(), vec![&intake[0]]),
            ("state=LOST_OR_DAMAGED".to_owned(), vec![&legs[0]]),
            ("holder=UNKNOWN".to_owned(), vec![&legs[0]]),
            ("open=true".to_owned(), vec![&legs[1], &intake[0]]),
            ("open=false".to_owned(), vec![&legs[0]]),
            (format!("manifestId={}", text(&first["id"])), vec![&legs[0], &legs[1]]),
            (format!("consignmentNoteNo={note}"), vec![&intake[0]]),
            (format!("itemNumber={item}"), vec![&legs[1]]),
            (format!("dossierNo={dossier}"), vec![&legs[1]]),
            ("agencyCode=H32.15&kind=RESULT&open=true".to_owned(), vec![&legs[1]]),
            ("agencyCode=H32.99".to_owned(), vec![]),
        ];
        for (query, wanted) in cases {
            let found = desk.all(&format!("/v1/legs?{query}"));
            let ids: Vec<&str> = found.iter().map(|leg| text(&leg["id"])).collect();
            assert_eq!(ids, wanted, "{query}");
        }
        let shown = desk.get(format!("/v1/legs/{}", legs[1])).expect(200).json();
        let members: Vec<&String> = shown.as_object().unwrap().keys().collect();
        let contract = "id kind state stateSince holder holderSince manifestId manifestNo lineNo agencyCode postOfficeCode dossierNo \
                        consignmentNoteNo supplementNo procedureCode procedureName itemNumber itemNumberGrade sealNo papers originals \
                        copies feeToCollect dueAt acceptedByPostAt filedAt caseReceivedAt attempts openDiscrepancies";
        assert_eq!(members, contract.split_whitespace().collect::<Vec<_>>());
        assert_eq!(desk.all("/v1/legs?open=true")[0], shown, "a list shows legs as they are shown alone");
        let custody = desk.get(format!("/v1/legs/{}/custody", legs[0])).json();
        let members: Vec<&String> = custody["entries"][0].as_object().unwrap().keys().collect();
        let contract = "seq eventId event occurredAt recordedAt applied stateAfter holderFrom holderTo source handoverId place attempt \
                        cause corrects evidence prevHash hash";
        assert_eq!(members, contract.split_whitespace().collect::<Vec<_>>());
    });
}

#[test]
fn a_discrepancy_is_opened_once_seen_again_and_resolved() {
    each_backend("discrepancy", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let (desk, post) = (office.desk(), office.post());
        let leg = leg_ids(&office.declare(&desk, &papers.manifest("RESULT", 1))).remove(0);
        let told = |id: &str, minute: i64| office.report(&desk, &[fact(id, &leg, "IN_TRANSIT", &at(minute))]).remove(0);
        let first = told("a", 1);
        let opened = desk.all(&format!("/v1/discrepancies?legId={leg}")).remove(0);
        assert_eq!(
            (&opened["kind"], &opened["state"], &opened["resolution"]),
            (&json!("REPORTER_NOT_ENTITLED"), &json!("OPEN"), &Value::Null)
        );
        let members: Vec<&String> = opened.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            [
                "id",
                "kind",
                "state",
                "legId",
                "handoverId",
                "agencyCode",
                "openedAt",
                "lastSeenAt",
                "owner",
                "evidence",
                "resolution"
            ]
        );
        let second = told("b", 2);
        assert_eq!(second["discrepancyIds"], first["discrepancyIds"], "the same finding again is the same discrepancy");
        let again = desk.get(format!("/v1/discrepancies/{}", text(&opened["id"]))).expect(200).json();
        assert!(again["lastSeenAt"].as_str() > opened["lastSeenAt"].as_str());
        assert_eq!((&again["openedAt"], again["evidence"].as_array().unwrap().len()), (&opened["openedAt"], 2));
        assert_eq!(office.leg(&leg)["openDiscrepancies"], 1);
        let path = format!("/v1/discrepancies/{}/resolve", text(&opened["id"]));
        for bad in [
            json!({"outcome": "EXPLAINED"}),
            json!({"outcome": "FORGOTTEN", "reason": "x"}),
            json!({"outcome": "EXPLAINED", "reason": ""}),
        ] {
            desk.post(path.as_str(), &bad).refused(422, "BODY_INVALID");
        }
        let before = office.stands(&leg);
        let wish = json!({"outcome": "EXPLAINED", "reason": "một cửa báo hộ"});
        let resolved = desk.post(path.as_str(), &wish).expect(200).json();
        assert_eq!(
            (&resolved["state"], &resolved["resolution"]["by"]),
            (&json!("RESOLVED"), &json!("one-stop-nha-trang"))
        );
        assert_eq!(post.post(path.as_str(), &wish).expect(200).json(), resolved);
        post.post(path.as_str(), &json!({"outcome": "ACCEPTED", "reason": "một cửa báo hộ"}))
            .refused(409, "DISCREPANCY_RESOLVED");
        post.post(path.as_str(), &json!({"outcome": "EXPLAINED", "reason": "khác"}))
            .refused(409, "DISCREPANCY_RESOLVED");
        assert_eq!(office.stands(&leg), before);
        assert_eq!(office.leg(&leg)["openDiscrepancies"], 0);
        let kinds = |query: &str| desk.all(&format!("/v1/discrepancies?{query}")).len();
        assert_eq!(
            (
                kinds("state=OPEN"),
                kinds("state=RESOLVED"),
                kinds("kind=REPORTER_NOT_ENTITLED"),
                kinds("kind=STATE_CONFLICT")
            ),
            (0, 1, 1, 0)
        );
        let manifest = text(&office.leg(&leg)["manifestId"]).to_owned();
        assert_eq!(kinds(&format!("manifestId={manifest}&state=RESOLVED")), 1);
        until("both changes are in the feed", SOON, || {
            let feed = desk.feed();
            let of = |wanted: &str| feed.iter().filter(|event| event["type"] == wanted).count();
            (of("discrepancy.opened") == 1 && of("discrepancy.resolved") == 1).then_some(())
        });
    });
}
