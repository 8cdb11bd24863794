//! Handovers over HTTP (contract 7): who may open, count and sign, what each outcome does, what lapses, returns and corrections.

use crate::examples::{assert_valid, validator};
use crate::support::office::{leg_ids, text};
use crate::support::papers::{at, fact, proven};
use crate::support::story::story;
use crate::support::{Office, Options, Papers, each_backend};
use giaonhan::base::time::{Clock, Ts};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use serde_json::{Value, json};

const OUTCOMES: &[&str] = &["TAKEN", "MISSING", "COUNT_DIFFERS", "SEAL_DAMAGED", "UNREADABLE", "WRONG_AGENCY"];

fn path(handover: &Value, end: &str) -> String {
    format!("/v1/handovers/{}{end}", text(&handover["id"]))
}

fn signature(handover: &Value, side: &str, name: &str) -> Value {
    json!({"side": side, "signer": {"name": name, "title": "Giao dịch viên"}, "digest": handover["digest"]})
}

#[test]
fn each_outcome_moves_or_leaves_its_line() {
    each_backend("outcomes", |store| {
        let office = Office::start(&store, Options::default().timeless());
        let papers = Papers::new(1);
        let lines = u32::try_from(OUTCOMES.len()).unwrap();
        for (kind, from, to, state) in
            [("INTAKE", "POST", "AGENCY", "CONFIRMED"), ("RESULT", "AGENCY", "POST", "ACCEPTED")]
        {
            let receipt = match kind {
                "INTAKE" => office.declare(&office.post(), &papers.taken_intake(lines)),
                _ => office.declare(&office.desk(), &papers.manifest(kind, lines)),
            };
            let legs = leg_ids(&receipt);
            let before: Vec<_> = legs.iter().map(|leg| office.stands(leg)).collect();
            let by_manifest = json!({"from": from, "to": to, "manifestId": receipt["id"], "handoverNo": "BB-1", "place": "Một cửa phường"});
            let opened = office.side(from).post("/v1/handovers", &by_manifest).expect(201);
            assert_eq!(opened.header("location"), path(&opened.json(), ""));
            let handover = opened.json();
            assert_eq!(
                (&handover["status"], &handover["handoverNo"], &handover["place"]),
                (&json!("OPEN"), &json!("BB-1"), &json!("Một cửa phường"))
            );
            let order: Vec<&Value> = handover["lines"].as_array().unwrap().iter().map(|line| &line["legId"]).collect();
            assert_eq!(order, legs.iter().map(|leg| json!(leg)).collect::<Vec<_>>().iter().collect::<Vec<_>>());
            assert_eq!(handover["lines"][0]["expected"], json!({"originals": 1, "copies": 2, "sealNo": null}));
            let counted: Vec<Value> = (1..)
                .zip(OUTCOMES)
                .map(|(line_no, outcome)| match *outcome {
                    "TAKEN" => json!({"lineNo": line_no, "outcome": outcome, "originals": 1, "copies": 2}),
                    "COUNT_DIFFERS" => json!({"lineNo": line_no, "outcome": outcome, "originals": 1, "copies": 0}),
                    _ => json!({"lineNo": line_no, "outcome": outcome, "note": "ghi chú"}),
                })
                .collect();
            let extras = json!([{"dossierNo": papers.dossier_no()}, {"note": "phong bì lạ"}]);
            let handover = office.count(&handover, &json!({"lines": counted, "extras": extras}));
            let (early, late) = (at(100), at(130));
            for (side, signed_at) in [(to, &late), (from, &early)] {
                let mut signed = signature(&handover, side, "Trần Văn Thử");
                signed["signedAt"] = json!(signed_at);
                office.side(side).post(path(&handover, "/signatures"), &signed).expect(200);
            }
            let done = office.desk().get(path(&handover, "")).expect(200).json();
            assert_eq!(done["status"], "COMPLETED");
            assert!(done["completedAt"].is_string());
            assert_eq!(done["filedAt"], if kind == "INTAKE" { json!(late) } else { Value::Null });
            for ((outcome, leg), before) in OUTCOMES.iter().zip(&legs).zip(&before) {
                let now = office.leg(leg);
                if *outcome == "TAKEN" {
                    assert_eq!((&now["state"], &now["holder"]), (&json!(state), &json!(to)), "{kind} {outcome}");
                    let filed = if kind == "INTAKE" { json!(late) } else { Value::Null };
                    assert_eq!(now["filedAt"], filed, "{kind}");
                    assert_eq!(now["stateSince"], json!(late));
                    assert!(office.discrepancies(leg).is_empty());
                } else {
                    assert_eq!(&office.stands(leg), before, "{kind} {outcome}");
                    assert_eq!(now["filedAt"], Value::Null);
                    assert_eq!(office.discrepancies(leg), [format!("HANDOVER_{outcome}")], "{kind}");
                }
            }
            let found = office.desk().all(&format!("/v1/discrepancies?handoverId={}", text(&done["id"])));
            let extra = found.iter().filter(|each| each["kind"] == "HANDOVER_EXTRA").count();
            assert_eq!((found.len(), extra), (OUTCOMES.len() - 1 + 2, 2));
        }
    });
}

#[test]
fn signatures_stand_for_what_was_seen() {
    each_backend("signatures", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 2)));
        let (desk, post) = (office.desk(), office.post());
        let opened = office.open(&desk, "AGENCY", "POST", &legs);
        let sign = |handover: &Value, side: &str, name: &str| {
            office.side(side).post(path(handover, "/signatures"), &signature(handover, side, name))
        };
        sign(&opened, "AGENCY", "Trần Văn Thử").refused(409, "LINES_UNCOUNTED");
        let half =
            office.count(&opened, &json!({"lines": [{"lineNo": 1, "outcome": "TAKEN", "originals": 1, "copies": 2}]}));
        assert_ne!(half["digest"], opened["digest"]);
        sign(&half, "AGENCY", "Trần Văn Thử").refused(409, "LINES_UNCOUNTED");
        // Only the receiving side counts; each signs for itself alone.
        desk.patch(path(&half, ""), &json!({"lines": []})).refused(403, "NOT_YOUR_SIDE");
        office.oversight().patch(path(&half, ""), &json!({"lines": []})).refused(403, "NOT_YOUR_SIDE");
        let whole = office.count(&half, &json!({"lines": [{"lineNo": 2, "outcome": "MISSING"}]}));
        desk.post(path(&whole, "/signatures"), &signature(&whole, "POST", "Trần Văn Thử"))
            .refused(403, "NOT_YOUR_SIDE");
        office
            .oversight()
            .post(path(&whole, "/signatures"), &signature(&whole, "OVERSIGHT", "Trần Văn Thử"))
            .refused(403, "NOT_YOUR_SIDE");
        sign(&half, "AGENCY", "Trần Văn Thử").refused(409, "HANDOVER_CHANGED");
        let signed = sign(&whole, "AGENCY", "Trần Văn Thử").expect(200).json();
        assert_eq!(signed["signatures"].as_array().unwrap().len(), 1);
        assert_eq!(signed["signatures"][0]["signer"], json!({"name": "Trần Văn Thử", "title": "Giao dịch viên"}));
        assert_eq!(sign(&whole, "AGENCY", "Trần Văn Thử").expect(200).json(), signed, "the same signature again");
        sign(&whole, "AGENCY", "Nguyễn Thị Mẫu").refused(409, "ALREADY_SIGNED");
        // A change makes the signature lapse; the same counts again are no change.
        assert_eq!(office.count(&whole, &json!({"lines": [{"lineNo": 2, "outcome": "MISSING"}]})), signed);
        let changed =
            office.count(&whole, &json!({"lines": [{"lineNo": 2, "outcome": "TAKEN", "originals": 1, "copies": 2}]}));
        assert_ne!(changed["digest"], whole["digest"]);
        assert_eq!(changed["signatures"], json!([]));
        sign(&whole, "POST", "Trần Văn Thử").refused(409, "HANDOVER_CHANGED");
        sign(&changed, "POST", "Trần Văn Thử").expect(200);
        assert_eq!(
            office.stands(&legs[0]),
            ("REGISTERED".to_owned(), "AGENCY".to_owned()),
            "not before the second signature"
        );
        let mut ahead = signature(&changed, "AGENCY", "Nguyễn Thị Mẫu");
        ahead["signedAt"] = json!("2031-01-01T00:00:00Z");
        let refused = desk.post(path(&changed, "/signatures"), &ahead).refused(422, "BODY_INVALID");
        assert_eq!(refused.problems()[0].1, "signedAt");
        let done = sign(&changed, "AGENCY", "Nguyễn Thị Mẫu").expect(200).json();
        assert_eq!((&done["status"], done["signatures"].as_array().unwrap().len()), (&json!("COMPLETED"), 2));
        assert_eq!(office.stands(&legs[1]), ("ACCEPTED".to_owned(), "POST".to_owned()));
        // Closed: never edited; the same signature again is still the same.
        assert_eq!(sign(&changed, "AGENCY", "Nguyễn Thị Mẫu").expect(200).json(), done);
        post.patch(path(&done, ""), &json!({"lines": [{"lineNo": 1, "outcome": "MISSING"}]}))
            .refused(409, "HANDOVER_CLOSED");
        desk.post(path(&done, "/cancel"), &json!({"reason": "nhầm"})).refused(409, "HANDOVER_CLOSED");
    });
}

#[test]
fn counts_must_fit_their_outcome() {
    each_backend("counts", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 2)));
        let opened = office.open(&office.post(), "AGENCY", "POST", &legs);
        let count = |body: Value| office.post().patch(path(&opened, ""), &body).refused(422, "BODY_INVALID").problems();
        let one = |line: Value| count(json!({ "lines": [line] }));
        let told = |code: &str, field: &str| vec![(code.to_owned(), field.to_owned())];
        assert_eq!(
            one(json!({"lineNo": 1, "outcome": "TAKEN", "originals": 1, "copies": 1})),
            told("COUNT_CONTRADICTS_OUTCOME", "lines[0].outcome")
        );
        assert_eq!(
            one(json!({"lineNo": 1, "outcome": "COUNT_DIFFERS", "originals": 1, "copies": 2})),
            told("COUNT_CONTRADICTS_OUTCOME", "lines[0].outcome")
        );
        assert_eq!(
            one(json!({"lineNo": 1, "outcome": "TAKEN", "originals": 1})),
            told("FIELD_MISSING", "lines[0].copies")
        );
        assert_eq!(one(json!({"lineNo": 1, "outcome": "LOST"})), told("FIELD_INVALID", "lines[0].outcome"));
        assert_eq!(one(json!({"lineNo": 9, "outcome": "MISSING"})), told("NOT_FOUND", "lines[0].lineNo"));
        assert_eq!(count(json!({"lines": [], "more": 1})), told("FIELD_UNKNOWN", "more"));
        assert_eq!(
            count(json!({"lines": [{"lineNo": 1, "outcome": "MISSING"}], "extras": [{}]})),
            told("FIELD_INVALID", "extras[0]")
        );
        // Nothing of a refused count stays.
        assert_eq!(office.post().get(path(&opened, "")).json(), opened);
        office.post().post(path(&opened, "/cancel"), &json!({"reason": "nhầm"})).expect(200);
    });
}

#[test]
fn only_legs_that_the_giver_holds_stand_in_one_open_handover() {
    each_backend("opening", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let (desk, post) = (office.desk(), office.post());
        let receipt = office.declare(&desk, &papers.manifest("RESULT", 3));
        let legs = leg_ids(&receipt);
        let asked = leg_ids(&office.declare(&desk, &papers.manifest("INTAKE", 1)));
        let held = office.open(&post, "AGENCY", "POST", &legs[..1]);
        let told = |by: &crate::support::Client, body: Value| -> Vec<(String, String)> {
            let refused = by.post("/v1/handovers", &body).refused(422, "HANDOVER_REFUSED").json();
            let lines = refused["lines"].as_array().unwrap().iter();
            lines.map(|line| (text(&line["legId"]).to_owned(), text(&line["problems"][0]["code"]).to_owned())).collect()
        };
        let pair = |leg: &str, code: &str| (leg.to_owned(), code.to_owned());
        let all = json!({"from": "AGENCY", "to": "POST", "legIds": [legs[0], legs[1], asked[0], "leg_none"]});
        assert_eq!(
            told(&desk, all),
            [
                pair(&legs[0], "LEG_IN_OTHER_HANDOVER"),
                pair(&asked[0], "LEG_NOT_HELD_BY_GIVER"),
                pair("leg_none", "NOT_FOUND")
            ]
        );
        assert_eq!(
            told(&desk, json!({"from": "POST", "to": "AGENCY", "legIds": [legs[1]]})),
            [pair(&legs[1], "LEG_NOT_HELD_BY_GIVER")]
        );
        assert_eq!(
            told(&desk, json!({"from": "POST", "to": "AGENCY", "legIds": [asked[0]]})),
            [pair(&asked[0], "LEG_NOT_HELD_BY_GIVER")]
        );
        // With a manifest: every open leg of it that the giver holds; one of them is busy.
        assert_eq!(
            told(&desk, json!({"from": "AGENCY", "to": "POST", "manifestId": receipt["id"]})),
            [pair(&legs[0], "LEG_IN_OTHER_HANDOVER")]
        );
        desk.post(format!("/v1/legs/{}/cancel", legs[1]), &json!({"reason": "nhầm"})).expect(200);
        post.post(path(&held, "/cancel"), &json!({"reason": "nhầm"})).expect(200);
        let opened = desk
            .post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "manifestId": receipt["id"]}))
            .expect(201)
            .json();
        let found: Vec<&str> = opened["lines"].as_array().unwrap().iter().map(|line| text(&line["legId"])).collect();
        assert_eq!(found, [legs[0].as_str(), legs[2].as_str()]);
        // Sides, and bodies that are none.
        office
            .oversight()
            .post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": [legs[0]]}))
            .refused(403, "NOT_YOUR_SIDE");
        desk.post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "manifestId": "mf_none"}))
            .refused(404, "NOT_FOUND");
        for bad in [
            json!({"from": "AGENCY", "to": "AGENCY", "legIds": [legs[0]]}),
            json!({"from": "AGENCY", "to": "CITIZEN", "legIds": [legs[0]]}),
            json!({"from": "AGENCY", "to": "POST"}),
            json!({"from": "AGENCY", "to": "POST", "legIds": []}),
            json!({"from": "AGENCY", "to": "POST", "legIds": [legs[0], legs[0]]}),
            json!({"from": "AGENCY", "to": "POST", "legIds": [legs[0]], "manifestId": receipt["id"]}),
            json!({"from": "AGENCY", "to": "POST", "legIds": [legs[0]], "corrects": "ho_1"}),
            json!({"from": "AGENCY", "to": "POST", "legIds": [legs[0]], "place": null}),
        ] {
            desk.post("/v1/handovers", &bad).refused(422, "BODY_INVALID");
        }
        office.post().post(path(&opened, "/cancel"), &json!({"reason": "x"})).expect(200);
        let cancelled = desk.get(path(&opened, "")).json();
        assert_eq!(cancelled["status"], "CANCELLED");
        assert_eq!(office.stands(&legs[0]), ("REGISTERED".to_owned(), "AGENCY".to_owned()));
        desk.post(path(&opened, "/signatures"), &signature(&cancelled, "AGENCY", "x")).refused(409, "HANDOVER_CLOSED");
        let list = |query: &str| desk.all(&format!("/v1/handovers?{query}")).len();
        assert_eq!((list("status=CANCELLED"), list("status=OPEN"), list(&format!("legId={}", legs[2]))), (2, 0, 1));
    });
}

#[test]
fn a_handover_is_about_one_agency() {
    each_backend("one agency", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let (all, _) = office.caller("one-stop-all", Side::Agency, &["*"], &[Scope::Read, Scope::Write]);
        let mut legs = Vec::new();
        for agency in ["H32.15", "H32.16", "H32.15"] {
            let mut manifest = papers.manifest("RESULT", 1);
            manifest["agencyCode"] = json!(agency);
            legs.extend(leg_ids(&office.declare(&all, &manifest)));
        }
        // The stranger stands between two of the first agency.
        let refused = all
            .post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": legs}))
            .refused(422, "HANDOVER_REFUSED");
        assert_eq!(refused.json()["lines"][0]["legId"], json!(legs[1]));
    });
}

#[test]
fn a_correction_gives_back_what_was_not_there() {
    each_backend("correction", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T08:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().clock(&clock));
        let papers = Papers::new(1);
        let minutes = |count: i64| clock.advance_us(count * 60_000_000);
        let (desk, post) = (office.desk(), office.post());
        let legs = leg_ids(&office.declare(&desk, &papers.manifest("RESULT", 3)));
        minutes(10);
        let done = office.hand_over("AGENCY", "POST", &legs);
        minutes(10);
        let wish = json!({"corrects": done["id"], "lineNos": [1, 3], "reason": "đếm nhầm"});
        office.oversight().post("/v1/handovers", &wish).refused(403, "NOT_YOUR_SIDE");
        desk.post("/v1/handovers", &json!({"corrects": "ho_none", "lineNos": [1], "reason": "x"}))
            .refused(404, "NOT_FOUND");
        let unknown = desk.post("/v1/handovers", &json!({"corrects": done["id"], "lineNos": [1, 9], "reason": "x"}));
        assert_eq!(
            unknown.refused(422, "BODY_INVALID").problems(),
            [("NOT_FOUND".to_owned(), "lineNos[1]".to_owned())]
        );
        let correction = post.post("/v1/handovers", &wish).expect(201).json();
        assert_eq!((&correction["corrects"], &correction["status"]), (&done["id"], &json!("OPEN")));
        let of_lines: Vec<&Value> = correction["lines"].as_array().unwrap().iter().map(|line| &line["legId"]).collect();
        assert_eq!(of_lines, [&json!(legs[0]), &json!(legs[2])]);
        let counted = office.count(
            &correction,
            &json!({"lines": [{"lineNo": 1, "outcome": "MISSING"}, {"lineNo": 2, "outcome": "TAKEN", "originals": 1, "copies": 2}]}),
        );
        assert_eq!(office.stands(&legs[0]).1, "POST");
        minutes(10);
        office.sign_both(&counted);
        assert_eq!(office.stands(&legs[0]), ("REGISTERED".to_owned(), "AGENCY".to_owned()));
        assert_eq!(office.stands(&legs[1]), ("ACCEPTED".to_owned(), "POST".to_owned()));
        assert_eq!(office.stands(&legs[2]), ("ACCEPTED".to_owned(), "POST".to_owned()));
        assert_eq!(office.discrepancies(&legs[0]), ["HANDOVER_MISSING"]);
        assert_eq!(office.leg(&legs[0])["acceptedByPostAt"], Value::Null);
        let custody = desk.get(format!("/v1/legs/{}/custody", legs[0])).expect(200).json();
        insta::assert_snapshot!(story(&custody), @"
        now REGISTERED, held by AGENCY
        20/11 08:00  REGISTERED               AGENCY one-stop-nha-trang  REGISTERED           AGENCY
        20/11 08:10  ACCEPTED                 POST post-khanh-hoa        REGISTERED           AGENCY             not applied, handover
        20/11 08:30  CORRECTED                POST post-khanh-hoa        REGISTERED           AGENCY             handover, annuls an event
        ");
        assert_eq!(custody["entries"][2]["corrects"], custody["entries"][1]["eventId"]);
        assert_eq!(
            (&custody["entries"][1]["handoverId"], &custody["entries"][2]["handoverId"]),
            (&done["id"], &correction["id"])
        );
        office.published();
        let types: Vec<Value> = desk
            .feed()
            .into_iter()
            .filter(|event| event["data"]["legId"] == json!(legs[0]))
            .map(|event| event["type"].clone())
            .collect();
        assert!(types.contains(&json!("leg.corrected")), "{types:?}");
        // What was annulled cannot be annulled again; the leg can be handed over again.
        let again = json!({"corrects": done["id"], "lineNos": [1], "reason": "nữa"});
        assert_eq!(desk.post("/v1/handovers", &again).refused(422, "BODY_INVALID").problems()[0].0, "NOT_FOUND");
        minutes(10);
        office.hand_over("AGENCY", "POST", &legs[..1]);
        assert_eq!(office.stands(&legs[0]), ("ACCEPTED".to_owned(), "POST".to_owned()));
    });
}

#[test]
fn an_intake_leg_is_filed_and_corrected_and_filed_again() {
    each_backend("intake correction", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.post(), &papers.taken_intake(1)));
        let done = office.hand_over("POST", "AGENCY", &legs);
        let filed = office.leg(&legs[0]);
        assert_eq!(
            (&filed["state"], &filed["holder"], &filed["filedAt"]),
            (&json!("CONFIRMED"), &json!("AGENCY"), &done["filedAt"])
        );
        // Meanwhile a supplement of the same dossier is on its way: the note and the dossier have a newer open leg.
        let declared = office.leg(&legs[0]);
        let mut supplement = papers.taken_intake(1);
        supplement["lines"][0]["dossierNo"] = declared["dossierNo"].clone();
        supplement["lines"][0]["consignmentNoteNo"] = declared["consignmentNoteNo"].clone();
        office.declare(&office.post(), &supplement);
        let wish = json!({"corrects": done["id"], "lineNos": [1], "reason": "của nơi khác"});
        let correction = office.desk().post("/v1/handovers", &wish).expect(201).json();
        let counted = office.count(&correction, &json!({"lines": [{"lineNo": 1, "outcome": "WRONG_AGENCY"}]}));
        office.sign_both(&counted);
        let back = office.leg(&legs[0]);
        assert_eq!(
            (&back["state"], &back["holder"], &back["filedAt"]),
            (&json!("ACCEPTED"), &json!("POST"), &Value::Null)
        );
        let again = office.hand_over("POST", "AGENCY", &legs);
        assert_eq!(office.leg(&legs[0])["filedAt"], again["filedAt"]);
    });
}

#[test]
fn a_return_goes_back_to_the_agency_by_both_signatures() {
    each_backend("return", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 2)));
        office.hand_over("AGENCY", "POST", &legs);
        let now = || office.app().now().to_rfc3339();
        office.report(
            &office.post(),
            &[fact("a", &legs[0], "RETURNING", &now()), fact("b", &legs[0], "RETURNED", &now())],
        );
        assert_eq!(office.stands(&legs[0]), ("RETURNED_REPORTED".to_owned(), "POST".to_owned()));
        let done = office.hand_over("POST", "AGENCY", &legs[..1]);
        assert_eq!(office.stands(&legs[0]), ("RETURN_CONFIRMED".to_owned(), "AGENCY".to_owned()));
        assert_eq!(done["filedAt"], Value::Null);
        office.report(&office.post(), &[proven("c", &legs[1], "CONFIRMED", &now())]);
        let refused = office.desk().post("/v1/handovers", &json!({"from": "POST", "to": "AGENCY", "legIds": legs}));
        let codes: Vec<Value> = refused.refused(422, "HANDOVER_REFUSED").json()["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line["problems"][0]["code"].clone())
            .collect();
        assert_eq!(codes, ["LEG_NOT_HELD_BY_GIVER", "LEG_NOT_HELD_BY_GIVER"]);
    });
}

#[test]
fn every_handover_shown_keeps_its_schema() {
    each_backend("handover schema", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 1)));
        let opened = office.open(&office.desk(), "AGENCY", "POST", &legs);
        let members: Vec<&String> = opened.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            [
                "id",
                "handoverNo",
                "status",
                "from",
                "to",
                "agencyCode",
                "place",
                "openedAt",
                "digest",
                "lines",
                "extras",
                "signatures",
                "completedAt",
                "filedAt",
                "corrects"
            ]
        );
        let api: Value = serde_json::from_str(include_str!("../../schemas/generated/openapi.json")).unwrap();
        let mut schema = api["components"]["schemas"]["Handover"].clone();
        schema["components"] = api["components"].clone();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let done = office.sign_both(&office.count_taken(&opened));
        assert_valid(&schema, &opened, "opened");
        assert_valid(&schema, &done, "completed");
        let problem = validator("problem");
        assert_valid(
            &problem,
            &office.desk().post("/v1/handovers", &json!({"from": "AGENCY", "to": "POST", "legIds": legs})).json(),
            "refused",
        );
    });
}
