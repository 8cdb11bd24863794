//! Facts over HTTP (contract 6.1): the full matrix of states and events against rules written down here from the contract, evidence
//! and entitlement, every outcome of a batch, raw codes, any order of arrival.

use crate::support::office::{SOON, leg_ids, text};
use crate::support::papers::{at, fact, proven, s10};
use crate::support::story::story;
use crate::support::{Office, Options, Papers, each_backend, until};
use giaonhan::base::time::{Clock, Ts};
use serde_json::{Value, json};

/// Contract 6.1, the list of steps: (state, branch, step). Branch 0 is common, 1 goes to the receiver, 2 goes back.
const STEPS: &[(&str, u8, u8)] = &[
    ("REGISTERED", 0, 1),
    ("ORDERED", 0, 2),
    ("COLLECTION_ASSIGNED", 0, 2),
    ("COLLECTION_FAILED", 0, 2),
    ("ACCEPTED", 0, 3),
    ("IN_TRANSIT", 0, 4),
    ("AT_DELIVERY_POST", 0, 4),
    ("OUT_FOR_DELIVERY", 0, 4),
    ("ATTEMPT_FAILED", 0, 4),
    ("PARTIAL", 0, 4),
    ("DELIVERED_REPORTED", 1, 5),
    ("CONFIRMED", 1, 6),
    ("RETURNING", 2, 5),
    ("RETURNED_REPORTED", 2, 6),
    ("RETURN_CONFIRMED", 2, 7),
    ("CANCELLED", 3, 9),
    ("LOST_OR_DAMAGED", 3, 9),
];

/// Contract 6.1, the table: event, state, holder of an intake and of a result leg (`=` unchanged), whose word for each.
const EVENTS: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("ORDERED", "ORDERED", "=", "=", "POST", "POST"),
    ("COLLECTION_ASSIGNED", "COLLECTION_ASSIGNED", "=", "=", "POST", "POST"),
    ("COLLECTION_FAILED", "COLLECTION_FAILED", "=", "=", "POST", "POST"),
    ("ACCEPTED", "ACCEPTED", "POST", "POST", "POST", "POST"),
    ("IN_TRANSIT", "IN_TRANSIT", "POST", "POST", "POST", "POST"),
    ("AT_DELIVERY_POST", "AT_DELIVERY_POST", "POST", "POST", "POST", "POST"),
    ("OUT_FOR_DELIVERY", "OUT_FOR_DELIVERY", "POST", "POST", "POST", "POST"),
    ("ATTEMPT_FAILED", "ATTEMPT_FAILED", "POST", "POST", "POST", "POST"),
    ("PARTIAL", "PARTIAL", "=", "=", "POST", "POST"),
    ("DELIVERED", "DELIVERED_REPORTED", "=", "=", "POST", "POST"),
    ("CONFIRMED", "CONFIRMED", "AGENCY", "CITIZEN", "AGENCY", "POST AGENCY"),
    ("RETURNING", "RETURNING", "POST", "POST", "POST", "POST"),
    ("RETURNED", "RETURNED_REPORTED", "=", "=", "POST", "POST"),
    ("RETURN_CONFIRMED", "RETURN_CONFIRMED", "CITIZEN", "AGENCY", "POST", "AGENCY"),
    ("LOST", "LOST_OR_DAMAGED", "UNKNOWN", "UNKNOWN", "POST AGENCY", "POST AGENCY"),
    ("DAMAGED", "LOST_OR_DAMAGED", "UNKNOWN", "UNKNOWN", "POST AGENCY", "POST AGENCY"),
    ("CASE_RECEIVED", "", "=", "=", "AGENCY", "AGENCY"),
    ("INVITED", "", "=", "=", "POST", "POST"),
    ("FEE_COLLECTED", "", "=", "=", "POST", "POST"),
    ("FEE_REMITTED", "", "=", "=", "POST", "POST"),
];

const TERMINAL: &[&str] = &["CONFIRMED", "RETURN_CONFIRMED", "LOST_OR_DAMAGED", "CANCELLED"];

fn place(state: &str) -> (u8, u8) {
    let (_, branch, step) = STEPS.iter().find(|(name, ..)| *name == state).unwrap();
    (*branch, *step)
}

/// What the contract says of an event that comes after everything else to a leg in this state.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Moves,
    Agrees,
    Contradicts,
}

fn verdict(state: &str, event: &str, to: &str) -> Verdict {
    if to.is_empty() || to == state {
        return Verdict::Agrees;
    }
    let ((branch, step), (to_branch, to_step)) = (place(state), place(to));
    let later = (branch == 0 || branch == to_branch) && to_step > step;
    // "A report of ACCEPTED, DELIVERED or RETURNED that the leg has already passed on its branch."
    let passed = matches!(event, "ACCEPTED" | "DELIVERED" | "RETURNED")
        && (to_branch == 0 || to_branch == branch)
        && branch != 3
        && to_step < step;
    if passed {
        return Verdict::Agrees;
    }
    if TERMINAL.contains(&state) {
        return Verdict::Contradicts;
    }
    let within = branch == 0 && to_branch == 0 && step == to_step && (step == 2 || step == 4);
    if to == "LOST_OR_DAMAGED" || later || within { Verdict::Moves } else { Verdict::Contradicts }
}

/// Events that bring a new leg into a state; none: cancelled by its command.
fn way_to(state: &str) -> Vec<&'static str> {
    let last = EVENTS.iter().find(|(_, to, ..)| *to == state).map(|(event, ..)| *event);
    match state {
        "REGISTERED" | "CANCELLED" => Vec::new(),
        "ACCEPTED" | "ORDERED" | "COLLECTION_ASSIGNED" | "COLLECTION_FAILED" => last.into_iter().collect(),
        _ => ["ACCEPTED"].into_iter().chain(last).collect(),
    }
}

/// A side whose word the event is.
fn speaker<'a>(kind: &str, row: &(&str, &str, &str, &str, &'a str, &'a str)) -> &'a str {
    let sides = if kind == "INTAKE" { row.4 } else { row.5 };
    sides.split(' ').next().unwrap()
}

#[test]
fn every_state_meets_every_event_as_the_contract_says() {
    each_backend("matrix", |store| {
        let office = Office::start(&store, Options::default().timeless());
        for (seed, kind) in [(1, "INTAKE"), (2, "RESULT")] {
            let papers = Papers::new(seed);
            let cells: Vec<_> = STEPS.iter().flat_map(|step| EVENTS.iter().map(move |event| (step.0, event))).collect();
            let receipt = office.declare(&office.desk(), &papers.manifest(kind, u32::try_from(cells.len()).unwrap()));
            let legs = leg_ids(&receipt);
            // First bring each leg into its state, then tell the event of its cell; facts of one side go in one batch.
            let mut ways: Vec<(&str, Value)> = Vec::new();
            let mut tries: Vec<(&str, Value)> = Vec::new();
            for ((state, row), leg) in cells.iter().zip(&legs) {
                if *state == "CANCELLED" {
                    office.desk().post(format!("/v1/legs/{leg}/cancel"), &json!({"reason": "nhầm"})).expect(200);
                }
                for (minute, event) in (1..).zip(way_to(state)) {
                    let of_event = EVENTS.iter().find(|each| each.0 == event).unwrap();
                    let told = proven(&format!("way-{leg}-{event}"), leg, event, &at(minute));
                    ways.push((speaker(kind, of_event), told));
                }
                let mut told = proven(&format!("try-{leg}"), leg, row.0, "2026-12-01T08:00:00+07:00");
                if row.0 == "CASE_RECEIVED" {
                    told["dossierNo"] =
                        receipt["lines"][legs.iter().position(|each| each == leg).unwrap()]["dossierNo"].clone();
                }
                tries.push((speaker(kind, row), told));
            }
            let tell = |facts: &[(&str, Value)]| -> std::collections::BTreeMap<String, Value> {
                let sides = ["POST", "AGENCY"].into_iter();
                let results = sides.flat_map(|side| {
                    let of_side: Vec<Value> =
                        facts.iter().filter(|each| each.0 == side).map(|each| each.1.clone()).collect();
                    office.report(&office.side(side), &of_side)
                });
                results.map(|result| (text(&result["factId"]).to_owned(), result)).collect()
            };
            tell(&ways);
            let before: Vec<Value> = legs.iter().map(|leg| office.leg(leg)).collect();
            let results = tell(&tries);
            for (((state, row), leg), before) in cells.iter().zip(&legs).zip(&before) {
                let what = format!("{kind} {state} × {}", row.0);
                assert_eq!(before["state"], *state, "{what}: the way there");
                let result = &results[&format!("try-{leg}")];
                assert_eq!(result["outcome"], "RECORDED", "{what}");
                let (to, holder) = (row.1, if kind == "INTAKE" { row.2 } else { row.3 });
                let expected = verdict(state, row.0, to);
                let moves = expected == Verdict::Moves;
                assert_eq!(result["advanced"], moves, "{what}");
                let shown = &result["legs"][0];
                let holder = if moves && holder != "=" { json!(holder) } else { before["holder"].clone() };
                assert_eq!(shown["state"], if moves { to } else { state }, "{what}");
                assert_eq!(shown["holder"], holder, "{what}");
                let mut kinds = office.discrepancies(leg);
                if *state == "PARTIAL" || row.0 == "PARTIAL" {
                    let found = kinds.iter().position(|each| each == "PARTIAL_DELIVERY");
                    kinds.remove(found.unwrap_or_else(|| panic!("{what}: PARTIAL_DELIVERY is always opened")));
                }
                let wanted: &[&str] = if expected == Verdict::Contradicts { &["STATE_CONFLICT"] } else { &[] };
                assert_eq!(kinds, wanted, "{what}");
                assert_eq!(before["openDiscrepancies"].as_i64().unwrap(), i64::from(*state == "PARTIAL"), "{what}");
            }
        }
    });
}

#[test]
fn evidence_and_entitlement_decide_whether_an_event_advances() {
    each_backend("evidence", |store| {
        let office = Office::start(&store, Options::default().timeless());
        let papers = Papers::new(1);
        let intake = leg_ids(&office.declare(&office.post(), &papers.taken_intake(6)));
        let result = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 9)));
        let accepted: Vec<Value> =
            result.iter().map(|leg| fact(&format!("ok-{leg}"), leg, "ACCEPTED", &at(1))).collect();
        office.report(&office.post(), &accepted);
        let owner = json!({"name": "Nguyễn Thị Mẫu", "relation": "OWNER", "idChecked": true});
        let unchecked = json!({"name": "Nguyễn Thị Mẫu", "relation": "OWNER", "idChecked": false});
        let someone = json!({"name": "Trần Văn Thử", "relation": "REPRESENTATIVE", "idChecked": true});
        let authorised =
            json!({"name": "Trần Văn Thử", "relation": "REPRESENTATIVE", "idChecked": true, "authorisationSeen": true});
        let unauthorised = json!({"name": "Trần Văn Thử", "relation": "REPRESENTATIVE", "idChecked": true, "authorisationSeen": false});
        let photo = json!([{"kind": "PHOTO", "ref": "p/1"}]);
        let (post, desk) = (office.post(), office.desk());
        let cases = [
            (&desk, &intake[0], "CONFIRMED", json!({"originals": 1, "copies": 2}), ""),
            (&desk, &intake[1], "CONFIRMED", json!({"originals": 1, "copies": 1}), "COUNT_MISMATCH"),
            (&desk, &intake[2], "CONFIRMED", json!({"originals": 1}), "COUNT_MISMATCH"),
            (&post, &intake[3], "CONFIRMED", json!({"originals": 1, "copies": 2}), "REPORTER_NOT_ENTITLED"),
            (&post, &intake[4], "RETURN_CONFIRMED", json!({}), "NO_ID_NOTE"),
            (&post, &intake[5], "RETURN_CONFIRMED", json!({"evidence": photo}), ""),
            (&post, &result[0], "CONFIRMED", json!({"receiver": owner, "evidence": photo}), ""),
            (&desk, &result[1], "CONFIRMED", json!({"receiver": owner, "evidence": photo}), ""),
            (&post, &result[2], "CONFIRMED", json!({"receiver": owner}), "NO_ID_NOTE"),
            (&post, &result[3], "CONFIRMED", json!({"receiver": unchecked, "evidence": photo}), "NO_ID_NOTE"),
            (&post, &result[4], "CONFIRMED", json!({"receiver": someone, "evidence": photo}), "NO_ID_NOTE"),
            (&post, &result[5], "CONFIRMED", json!({"receiver": authorised, "evidence": photo}), ""),
            (&post, &result[6], "CONFIRMED", json!({"receiver": unauthorised, "evidence": photo}), "NO_ID_NOTE"),
            (&post, &result[7], "CONFIRMED", json!({"evidence": photo}), "NO_ID_NOTE"),
            (&post, &result[8], "RETURN_CONFIRMED", json!({"evidence": photo}), "REPORTER_NOT_ENTITLED"),
        ];
        for (place, (by, leg, event, more, finding)) in cases.iter().enumerate() {
            let mut told = fact(&format!("case-{place}"), leg, event, &at(60));
            told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let before = office.stands(leg);
            let reply = office.report(by, &[told]).remove(0);
            let what = format!("{event} {more}");
            assert_eq!(
                (&reply["outcome"], &reply["advanced"]),
                (&json!("RECORDED"), &json!(finding.is_empty())),
                "{what}"
            );
            let kinds = office.discrepancies(leg);
            if finding.is_empty() {
                assert_eq!(office.stands(leg).0, *event, "{what}");
                assert!(kinds.is_empty(), "{what}");
            } else {
                assert_eq!(office.stands(leg), before, "{what}");
                assert_eq!(kinds, [*finding], "{what}");
                assert_eq!(reply["discrepancyIds"].as_array().unwrap().len(), 1, "{what}");
                let custody = office.desk().get(format!("/v1/legs/{leg}/custody")).json();
                let last = custody["entries"].as_array().unwrap().last().unwrap().clone();
                assert_eq!((&last["event"], &last["applied"]), (&json!(event), &json!(false)), "{what}");
                assert_eq!(office.leg(leg)["openDiscrepancies"], 1, "{what}");
            }
        }
    });
}

#[test]
fn a_batch_answers_each_fact_by_itself() {
    each_backend("batch", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let mut manifest = papers.manifest("RESULT", 3);
        let item = text(&manifest["lines"][0]["itemNumber"]).to_owned();
        manifest["lines"][1]["itemNumber"] = json!(item);
        manifest["lines"][2]["itemNumber"] = json!("CH650100012VN");
        let receipt = office.declare(&office.desk(), &manifest);
        let legs = leg_ids(&receipt);
        assert_eq!(office.leg(&legs[2])["itemNumberGrade"], "S10_BAD_CHECK");
        let by_item =
            json!({"factId": "item", "itemNumber": item.to_lowercase(), "event": "ACCEPTED", "occurredAt": at(1)});
        let soon = Ts::parse_rfc3339(text(&office.desk().get("/v1").json()["now"])).unwrap();
        let ahead = soon.plus_us(3_600_000_000).to_rfc3339();
        let facts = [
            by_item.clone(),
            by_item.clone(),
            json!({"factId": "item", "itemNumber": item, "event": "ACCEPTED", "occurredAt": at(2)}),
            json!({"factId": "nobody", "itemNumber": s10("CH", 99_999_999, "VN"), "event": "ACCEPTED", "occurredAt": at(1)}),
            json!({"factId": "bad", "legId": legs[0], "event": "FLOWN", "occurredAt": at(1)}),
            json!({"factId": "check", "itemNumber": "CH650100012VN", "event": "ACCEPTED", "occurredAt": at(1)}),
            json!({"factId": "two", "legId": legs[0], "itemNumber": item, "event": "ACCEPTED", "occurredAt": at(1)}),
            json!({"factId": "local", "legId": legs[0], "event": "ACCEPTED", "occurredAt": "2026-11-20T08:00:00"}),
            json!({"factId": "ahead", "legId": legs[2], "event": "ACCEPTED", "occurredAt": ahead}),
            json!({"factId": "dossier", "dossierNo": receipt["lines"][2]["dossierNo"], "legKind": "RESULT", "event": "IN_TRANSIT", "occurredAt": at(9)}),
            json!({"factId": "other-way", "dossierNo": receipt["lines"][2]["dossierNo"], "legKind": "INTAKE", "event": "IN_TRANSIT", "occurredAt": at(9)}),
        ];
        let results = office.report(&office.post(), &facts);
        let outcomes: Vec<&str> = results.iter().map(|result| text(&result["outcome"])).collect();
        assert_eq!(
            outcomes,
            [
                "RECORDED",
                "DUPLICATE",
                "CONFLICT",
                "UNMATCHED",
                "REFUSED",
                "UNMATCHED",
                "REFUSED",
                "REFUSED",
                "RECORDED",
                "RECORDED",
                "UNMATCHED"
            ]
        );
        // A number that several open legs carry means all of them; a duplicate shows the first result.
        let touched = |result: &Value| -> Vec<String> {
            result["legs"].as_array().unwrap().iter().map(|leg| text(&leg["legId"]).to_owned()).collect()
        };
        let mut both = touched(&results[0]);
        both.sort();
        let mut wanted = legs[..2].to_vec();
        wanted.sort();
        assert_eq!(both, wanted);
        assert_eq!((&results[1]["legs"], &results[1]["advanced"]), (&results[0]["legs"], &json!(true)));
        assert_eq!(
            office.discrepancies(&legs[0]).iter().chain(&office.discrepancies(&legs[1])).collect::<Vec<_>>(),
            ["FACT_CHANGED"]
        );
        assert_eq!(results[4]["problems"][0]["field"], "event");
        assert_eq!(results[6]["problems"][0]["code"], "FIELD_NOT_ALLOWED");
        assert_eq!(results[7]["problems"][0]["field"], "occurredAt");
        assert_eq!(results[8]["problems"][0]["code"], "TIME_IN_FUTURE");
        assert_eq!(results[8]["problems"][0]["severity"], "warning");
        // Again in another call: one leg is as it was, nothing is told twice.
        let again = office.report(&office.post(), &facts[..3]);
        let outcomes: Vec<&str> = again.iter().map(|result| text(&result["outcome"])).collect();
        assert_eq!(outcomes, ["DUPLICATE", "DUPLICATE", "CONFLICT"]);
        assert_eq!(again[0]["legs"], results[0]["legs"]);
        assert_eq!(again[2]["discrepancyIds"], results[2]["discrepancyIds"]);
        let changed = office.oversight().all("/v1/discrepancies?kind=FACT_CHANGED");
        assert_eq!((changed.len(), &changed[0]["agencyCode"]), (1, &json!("H32.15")));
        // The desk sees a discrepancy of its agency; one without a leg is seen by its reporter and by those who see all.
        let unmatched = |who: &crate::support::Client| who.all("/v1/discrepancies?kind=UNMATCHED_FACT").len();
        assert_eq!((unmatched(&office.desk()), unmatched(&office.post()), unmatched(&office.oversight())), (0, 3, 3));
        // Another counterpart has ids of its own.
        let (other, _) = office.caller(
            "post-second",
            giaonhan::domain::leg::Side::Post,
            &["*"],
            &[giaonhan::domain::access::Scope::Write, giaonhan::domain::access::Scope::Read],
        );
        assert_eq!(office.report(&other, &[by_item])[0]["outcome"], "RECORDED");
    });
}

#[test]
fn raw_codes_go_through_the_table_of_their_family() {
    each_backend("raw", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 6)));
        let raw = |id: &str, leg: &str, family: &str, code: &str| json!({"factId": id, "legId": leg, "raw": {"family": family, "code": code}, "occurredAt": at(5)});
        let results = office.report(
            &office.post(),
            &[
                raw("a", &legs[0], "P4", "14"),
                raw("b", &legs[1], "P2", "ACCEPTANCE"),
                raw("c", &legs[2], "P4", "777"),
                raw("d", &legs[3], "P9", "14"),
                raw("e", &legs[4], "P1", "Phát thành công rồi"),
                raw("f", &legs[5], "p4", "14"),
            ],
        );
        let told: Vec<(&str, bool)> =
            results.iter().map(|result| (text(&result["outcome"]), result["advanced"] == true)).collect();
        assert_eq!(
            told,
            [
                ("RECORDED", true),
                ("RECORDED", true),
                ("RECORDED", false),
                ("RECORDED", false),
                ("RECORDED", false),
                ("REFUSED", false)
            ]
        );
        assert_eq!(office.stands(&legs[0]), ("DELIVERED_REPORTED".to_owned(), "AGENCY".to_owned()));
        assert_eq!(office.stands(&legs[1]), ("ACCEPTED".to_owned(), "POST".to_owned()));
        for leg in &legs[2..5] {
            assert_eq!(office.discrepancies(leg), ["UNMAPPED_STATUS"]);
            let custody = office.desk().get(format!("/v1/legs/{leg}/custody")).json();
            let last = custody["entries"].as_array().unwrap().last().unwrap().clone();
            assert_eq!((&last["event"], &last["applied"]), (&json!("UNMAPPED"), &json!(false)));
        }
        let custody = office.desk().get(format!("/v1/legs/{}/custody", legs[2])).json();
        assert_eq!(custody["entries"][1]["source"]["rawCode"], "777");
        assert_eq!(custody["entries"][1]["source"]["family"], "P4");
    });
}

#[test]
fn any_order_of_arrival_ends_in_the_same_state() {
    each_backend("order of arrival", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let told = [
            ("ACCEPTED", 1),
            ("IN_TRANSIT", 10),
            ("OUT_FOR_DELIVERY", 20),
            ("ATTEMPT_FAILED", 30),
            ("RETURNED", 35),
            ("DELIVERED", 40),
            ("CONFIRMED", 41),
            ("RETURNING", 50),
        ];
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 8)));
        let (mut stories, mut hashes) = (Vec::new(), Vec::new());
        for (shift, leg) in legs.iter().enumerate() {
            let mut order = told.to_vec();
            order.rotate_left(shift);
            if shift % 2 == 1 {
                order.reverse();
            }
            // One fact per call for half of the legs, one batch for the others.
            let facts: Vec<Value> = order
                .iter()
                .map(|(event, minute)| proven(&format!("{leg}-{event}"), leg, event, &at(*minute)))
                .collect();
            let step = if shift % 3 == 0 { facts.len() } else { 1 };
            facts.chunks(step).for_each(|part| drop(office.report(&office.post(), part)));
            let custody = office.desk().get(format!("/v1/legs/{leg}/custody")).expect(200).json();
            let entries = custody["entries"].as_array().unwrap();
            // seq is the order of recording, and the chain follows it.
            let mut by_seq: Vec<&Value> = entries.iter().collect();
            by_seq.sort_by_key(|entry| entry["seq"].as_i64());
            assert_eq!(by_seq[0]["event"], "REGISTERED");
            for (place, entry) in by_seq.iter().enumerate() {
                let before = if place == 0 { Value::Null } else { by_seq[place - 1]["hash"].clone() };
                assert_eq!((&entry["seq"], &entry["prevHash"]), (&json!(place + 1), &before));
            }
            assert_eq!(custody["head"], by_seq.last().unwrap()["hash"]);
            hashes.push(text(&custody["head"]).to_owned());
            let leg = office.leg(leg);
            assert_eq!(leg["attempts"], 1);
            stories.push((
                story(&custody).lines().skip(2).collect::<Vec<_>>().join("\n"),
                leg["state"].clone(),
                leg["openDiscrepancies"].clone(),
                {
                    let mut kinds =
                        office.oversight().all(&format!("/v1/discrepancies?state=OPEN&legId={}", text(&leg["id"])));
                    kinds.sort_by_key(|each| each["kind"].to_string());
                    kinds.iter().map(|each| each["kind"].clone()).collect::<Vec<_>>()
                },
            ));
        }
        hashes.dedup();
        assert_eq!(hashes.len(), legs.len(), "each leg has a chain of its own");
        for other in &stories[1..] {
            assert_eq!(other, &stories[0]);
        }
    });
}

#[test]
fn a_dossier_number_is_bound_once_and_names_the_leg_from_then_on() {
    each_backend("binding", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let mut manifest = papers.taken_intake(1);
        manifest["lines"][0].as_object_mut().unwrap().shift_remove("dossierNo");
        let note = text(&manifest["lines"][0]["consignmentNoteNo"]).to_owned();
        let leg = leg_ids(&office.declare(&office.post(), &manifest)).remove(0);
        let (number, second) = (papers.dossier_no(), papers.dossier_no());
        let binding = |id: &str, number: &str| json!({"factId": id, "consignmentNoteNo": note, "event": "CASE_RECEIVED", "dossierNo": number, "occurredAt": at(30)});
        assert_eq!(office.report(&office.desk(), &[binding("a", &number)])[0]["outcome"], "RECORDED");
        let bound = office.leg(&leg);
        assert_eq!(
            (&bound["dossierNo"], &bound["caseReceivedAt"], &bound["state"]),
            (&json!(number), &json!(at(30)), &json!("ACCEPTED"))
        );
        // Another number for a bound leg.
        assert_eq!(office.report(&office.desk(), &[binding("b", &second)])[0]["advanced"], false);
        assert_eq!(office.discrepancies(&leg), ["DOSSIER_NUMBER_CONFLICT"]);
        assert_eq!(office.leg(&leg)["dossierNo"], json!(number));
        let by_number = json!({"factId": "c", "dossierNo": number, "legKind": "INTAKE", "event": "IN_TRANSIT", "occurredAt": at(40)});
        assert_eq!(office.report(&office.post(), &[by_number])[0]["advanced"], true);
        // A bound number has an open leg of this kind.
        let mut more = papers.manifest("INTAKE", 1);
        more["lines"][0]["dossierNo"] = json!(number);
        let refused = office.desk().post("/v1/manifests", &more).refused(422, "MANIFEST_REFUSED").json();
        assert_eq!(refused["lines"][0]["problems"][0]["code"], "LEG_ALREADY_OPEN");
        assert_eq!(refused["lines"][0]["problems"][0]["field"], "dossierNo");
        let found = office.desk().all(&format!("/v1/legs?dossierNo={}", number.to_lowercase()));
        assert_eq!(found.len(), 1);
    });
}

#[test]
fn a_fact_that_came_before_its_manifest_finds_its_leg_later() {
    each_backend("matched later", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let manifest = papers.manifest("RESULT", 1);
        let item = manifest["lines"][0]["itemNumber"].clone();
        let early = json!({"factId": "early", "itemNumber": item, "event": "ACCEPTED", "occurredAt": at(1)});
        let result = office.report(&office.post(), &[early]).remove(0);
        assert_eq!((&result["outcome"], &result["legs"]), (&json!("UNMATCHED"), &json!([])));
        let leg = leg_ids(&office.declare(&office.desk(), &manifest)).remove(0);
        until("the fact finds its leg", SOON, || (office.stands(&leg).0 == "ACCEPTED").then_some(()));
        let path = format!("/v1/discrepancies/{}", text(&result["discrepancyIds"][0]));
        assert_eq!(office.post().get(path).expect(200).json()["state"], "RESOLVED");
    });
}

#[test]
fn a_leg_that_a_late_fact_opens_again_beside_a_newer_one_is_recorded() {
    each_backend("opened again", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let mut manifest = papers.manifest("RESULT", 1);
        let number = manifest["lines"][0]["dossierNo"].clone();
        manifest["lines"][0]["consignmentNoteNo"] = json!("PG-1");
        let first = leg_ids(&office.declare(&office.desk(), &manifest)).remove(0);
        office.report(
            &office.post(),
            &[fact("a", &first, "ACCEPTED", &at(1)), proven("b", &first, "CONFIRMED", &at(60))],
        );
        assert_eq!(office.stands(&first).0, "CONFIRMED");
        let mut again = papers.manifest("RESULT", 1);
        again["lines"][0]["dossierNo"] = number;
        again["lines"][0]["consignmentNoteNo"] = json!("PG-1");
        let second = leg_ids(&office.declare(&office.desk(), &again)).remove(0);
        // Before it was confirmed it was already on its way back: the confirming contradicts now, and the leg is open again.
        let late = office.report(&office.post(), &[fact("c", &first, "RETURNING", &at(30))]).remove(0);
        assert_eq!(late["outcome"], "RECORDED");
        assert_eq!(office.stands(&first).0, "RETURNING");
        assert_eq!(office.discrepancies(&first), ["STATE_CONFLICT"]);
        office.report(&office.desk(), &[fact("d", &first, "RETURN_CONFIRMED", &at(90))]);
        assert_eq!(
            (office.stands(&first).0, office.stands(&second).0),
            ("RETURN_CONFIRMED".to_owned(), "REGISTERED".to_owned())
        );
    });
}

#[test]
fn cancelling_that_turns_out_to_lie_after_an_acceptance_is_a_contradiction() {
    each_backend("cancelled too late", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T12:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().clock(&clock));
        let papers = Papers::new(1);
        let leg = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 1))).remove(0);
        let shown = office.desk().post(format!("/v1/legs/{leg}/cancel"), &json!({"reason": "nhầm"})).expect(200).json();
        assert_eq!((&shown["state"], &shown["holder"]), (&json!("CANCELLED"), &json!("AGENCY")));
        assert_eq!(office.leg(&leg), shown);
        office.report(&office.post(), &[fact("a", &leg, "ACCEPTED", "2026-11-20T11:00:00+07:00")]);
        assert_eq!(office.stands(&leg), ("ACCEPTED".to_owned(), "POST".to_owned()));
        assert_eq!(office.discrepancies(&leg), ["STATE_CONFLICT"]);
        let custody = office.desk().get(format!("/v1/legs/{leg}/custody")).json();
        insta::assert_snapshot!(story(&custody), @"
        now ACCEPTED, held by POST
        20/11 12:00  REGISTERED               AGENCY one-stop-nha-trang  REGISTERED           AGENCY
        20/11 11:00  ACCEPTED                 POST post-khanh-hoa        ACCEPTED             AGENCY → POST
        20/11 12:00  CANCELLED                AGENCY one-stop-nha-trang  ACCEPTED             POST               not applied
        ");
    });
}

#[test]
fn a_body_of_facts_that_is_none_is_refused_whole() {
    each_backend("no facts", |store| {
        let office = Office::start(&store, Options::default().set("limits.facts_max", 3));
        let post = office.post();
        post.post("/v1/facts", &json!({"facts": []})).refused(422, "BODY_INVALID");
        post.post("/v1/facts", &json!({})).refused(422, "BODY_INVALID");
        post.post("/v1/facts", &json!([])).refused(422, "BODY_INVALID");
        post.post("/v1/facts", &json!({"facts": [], "more": 1})).refused(422, "BODY_INVALID");
        let one = json!({"factId": "a", "legId": "leg_0", "event": "ACCEPTED", "occurredAt": at(1)});
        let refused =
            post.post("/v1/facts", &json!({"facts": [one, one, one, one]})).refused(413, "TOO_MANY_LINES").json();
        assert_eq!(refused["limit"], json!({"name": "facts_max", "max": 3}));
        office.oversight().post("/v1/facts", &json!({"facts": [one]})).refused(403, "NOT_YOUR_SIDE");
        let nothing = office.report(&post, &[json!({}), json!(7)]);
        assert!(
            nothing.iter().all(|result| result["outcome"] == "REFUSED" && result["factId"].is_null()),
            "{nothing:?}"
        );
    });
}
