//! Acts of devices: each is taken exactly once, in order, at its true time; a bad one never sinks its batch.

use crate::support::office::leg_ids;
use crate::support::papers::fact;
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, TestStore, each_backend};
use giaonhan::app::App;
use giaonhan::app::device_acts::{Act, ActFile, Taken, keep_picture, take};
use giaonhan::app::people::Doing;
use giaonhan::app::people::accounts::{NewPerson, create};
use giaonhan::app::rounds;
use giaonhan::app::scans::{self, NewSession};
use giaonhan::base::digest::sha256_hex;
use giaonhan::base::time::{Clock, Ts};
use giaonhan::domain::person::{Person, Role};
use giaonhan::domain::scanning::Purpose;
use serde_json::{Value, json};

const DOING: Doing<'static> = Doing { person: None, request_id: "test" };

fn person(app: &App, username: &str, role: Role) -> Person {
    let new = NewPerson {
        username,
        full_name: "Nguyễn Thị Mẫu",
        title: None,
        role,
        post_office: Some("650100"),
        agency: None,
    };
    create(app, &new, None, DOING).unwrap().unwrap().person
}

fn act(id: &str, kind: &str, at: &str, body: Value) -> Act {
    Act { id: id.to_owned(), kind: kind.to_owned(), at: at.to_owned(), body, files: Vec::new() }
}

/// The outcomes, in the order of the acts.
fn sent(app: &App, person: &Person, acts: &[Act]) -> Vec<(&'static str, Value)> {
    let mut taken = take(app, person, acts, DOING).unwrap();
    acts.iter()
        .map(|act| match taken.remove(&act.id).unwrap() {
            Taken::Taken(result) => ("TAKEN", result),
            Taken::Known(result) => ("KNOWN", result),
            Taken::Refused(refusal) => ("REFUSED", json!(refusal.code.as_str())),
        })
        .collect()
}

fn words(outcomes: &[(&'static str, Value)]) -> Vec<String> {
    outcomes
        .iter()
        .map(|(word, result)| format!("{word} {}", result["outcome"].as_str().or(result.as_str()).unwrap_or("-")))
        .collect()
}

/// An office with two results that the post holds, and their numbers.
fn with_results(store: &TestStore) -> (Office, Vec<String>, Vec<String>) {
    // Before the first act, since what happened is told in the order of the clock on the wall.
    let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-18T08:00:00+07:00").unwrap());
    let office = Office::start(store, Options::default().clock(&clock));
    let manifest = Papers::new(41).manifest("RESULT", 2);
    let line = |place: usize| manifest["lines"][place]["dossierNo"].as_str().unwrap().to_owned();
    let numbers = vec![line(0), line(1)];
    let ids = leg_ids(&office.declare(&office.desk(), &manifest));
    let taken: Vec<Value> =
        ids.iter().map(|id| fact(&format!("a-{id}"), id, "ACCEPTED", "2026-11-18T09:00:00+07:00")).collect();
    office.report(&office.post(), &taken);
    (office, ids, numbers)
}

#[test]
fn an_act_is_taken_once_whoever_asks_again() {
    each_backend("sync", |store| {
        let (office, ids, numbers) = with_results(&store);
        let app = office.app();
        let clerk = person(app, "clerk", Role::PostClerk);
        let postman = person(app, "postman", Role::Postman);
        let new = NewSession {
            purpose: Purpose::Round,
            agency_code: None,
            manifest_id: None,
            postman_id: Some(postman.id.clone()),
        };
        let session = scans::begin(app, &clerk, new, DOING).unwrap();
        let at = "2026-11-20T09:42:00.123+07:00";
        let scan = |id: &str, code: &str| act(id, "SCAN", at, json!({"session": session, "code": code}));
        let first = [
            scan("device-0001", &numbers[0]),
            scan("device-0002", &numbers[0]),
            act("device-0003", "NOTHING", at, json!({})),
            scan("device-0004", "EE123456785VN"),
            act("device-0005", "SCAN", "yesterday", json!({})),
            scan("device-0006", &numbers[1]),
            act("device-0007", "UNDO", at, json!({"session": session, "undoes": "device-0006", "reason": "quét nhầm"})),
        ];
        let outcomes = words(&sent(app, &clerk, &first));
        assert_eq!(
            outcomes,
            [
                "TAKEN OK",
                "TAKEN AGAIN",
                "REFUSED BODY_INVALID",
                "TAKEN NOT",
                "REFUSED BODY_INVALID",
                "TAKEN OK",
                "TAKEN UNDO"
            ]
        );
        // The answer was lost on the way: the same batch again changes nothing.
        let again = words(&sent(app, &clerk, &first));
        assert_eq!(
            again,
            [
                "KNOWN OK",
                "KNOWN AGAIN",
                "REFUSED BODY_INVALID",
                "KNOWN NOT",
                "REFUSED BODY_INVALID",
                "KNOWN OK",
                "KNOWN UNDO"
            ]
        );
        let changed = [scan("device-0001", &numbers[1])];
        assert_eq!(words(&sent(app, &clerk, &changed)), ["REFUSED IDEMPOTENCY_KEY_REUSED"]);
        assert_eq!(words(&sent(app, &postman, &first[..1])), ["REFUSED IDEMPOTENCY_KEY_REUSED"]);

        let lists = scans::lists(app, &clerk, &session).unwrap();
        assert_eq!(lists.scans.len(), 5, "refused acts leave no row, undone ones both");
        assert_eq!(scans::standing_legs(&lists.scans), [ids[0].clone()]);
        let carried: Vec<String> =
            rounds::round_of(app, &postman, DOING).unwrap().iter().map(|stop| stop.leg.id.clone()).collect();
        assert_eq!(carried, [ids[0].clone()]);
        assert_eq!(office.stands(&ids[0]).0, "OUT_FOR_DELIVERY");
        assert_eq!(office.stands(&ids[1]).0, "ACCEPTED", "the correction took the event back");
    });
}

#[test]
fn at_the_door_it_takes_a_picture_and_two_invitations() {
    each_backend("door", |store| {
        let (office, ids, _) = with_results(&store);
        let app = office.app();
        let postman = person(app, "postman", Role::Postman);
        let mut png = std::io::Cursor::new(Vec::new());
        image::DynamicImage::new_rgb8(8, 8).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let (png, sha256) = (png.get_ref().clone(), sha256_hex(png.get_ref()));
        let body = json!({
            "leg": ids[0], "relation": "REPRESENTATIVE", "name": "Đặng Quốc Khánh", "idChecked": true,
            "authorisationSeen": true, "originals": 1, "copies": 2, "amount": 135000, "receiptNo": "BL-26A 0007314",
            "recovered": [{"paper": "Giấy phép lái xe cũ", "outcome": "TAKEN"}],
        });
        let mut delivery = act("device-0101", "DELIVERY", "2026-11-20T10:00:00+07:00", body);
        delivery.files = vec![ActFile { name: "signature".to_owned(), sha256: sha256.clone() }];
        let delivery = [delivery];
        assert_eq!(words(&sent(app, &postman, &delivery)), ["REFUSED BODY_INVALID"], "the picture is not there yet");
        assert!(keep_picture(app, &postman, &sha256_hex(b"other"), &png, DOING).is_err());
        keep_picture(app, &postman, &sha256, &png, DOING).unwrap();
        let outcome = sent(app, &postman, &delivery);
        assert_eq!((outcome[0].0, outcome[0].1["state"].as_str()), ("TAKEN", Some("CONFIRMED")));
        assert_eq!(words(&sent(app, &postman, &delivery)), ["KNOWN RECORDED"]);

        let day = |id: &str, kind: &str, at: &str| {
            let mut body = json!({"leg": ids[1]});
            if kind != "INVITATION" {
                body["cause"] = json!("ABSENT");
            }
            act(id, kind, at, body)
        };
        let acts = [
            day("device-0201", "ATTEMPT", "2026-11-19T09:00:00+07:00"),
            day("device-0202", "INVITATION", "2026-11-19T09:01:00+07:00"),
            // A day too early: it happened, so it is recorded, and does not count.
            day("device-0203", "INVITATION", "2026-11-20T09:00:00+07:00"),
            day("device-0204", "RETURN", "2026-11-24T09:00:00+07:00"),
            day("device-0205", "INVITATION", "2026-11-23T09:00:00+07:00"),
            day("device-0206", "RETURN", "2026-11-24T09:00:00+07:00"),
            day("device-0207", "RETURN", "2026-11-25T09:00:00+07:00"),
        ];
        let outcomes = sent(app, &postman, &acts);
        assert_eq!(outcomes[2].1["earlyBefore"], json!("2026-11-23"));
        assert_eq!(
            words(&outcomes),
            [
                "TAKEN RECORDED",
                "TAKEN RECORDED",
                "TAKEN RECORDED",
                "REFUSED LEG_STATE",
                "TAKEN RECORDED",
                "REFUSED LEG_STATE",
                "TAKEN RECORDED"
            ]
        );
        assert_eq!(outcomes[6].1["state"], json!("RETURNING"));
    });
}

#[test]
fn a_refused_act_is_given_up_once_on_the_record_and_never_taken_late() {
    each_backend("dismissal", |store| {
        let (office, ids, numbers) = with_results(&store);
        let app = office.app();
        let clerk = person(app, "clerk", Role::PostClerk);
        let doing = Doing { person: Some(&clerk.id), request_id: "test" };
        let at = "2026-11-20T09:42:00+07:00";
        let scan = |id: &str, session: &str| act(id, "SCAN", at, json!({"session": session, "code": numbers[0]}));
        let refused = [scan("device-0301", "scs_01M80TF31FCXTY5RGKVFNDKYD3")];
        assert_eq!(words(&sent(app, &clerk, &refused)), ["REFUSED NOT_FOUND"]);
        let dismissal = |id: &str, of: &str, reason: &str| {
            let body = json!({
                "act": of, "kind": "SCAN", "at": at, "about": numbers[0], "code": "NOT_FOUND", "refusal": "Không tìm thấy",
                "reason": reason,
            });
            act(id, "DISMISSAL", "2026-11-20T11:00:00+07:00", body)
        };
        assert_eq!(
            words(&sent(app, &clerk, &[dismissal("device-0302", "device-0301", "  ")])),
            ["REFUSED BODY_INVALID"]
        );
        let first = [dismissal("device-0302", "device-0301", " Phiên đã xóa, quét lại ở phiên khác ")];
        let results = take(app, &clerk, &first, doing).unwrap();
        assert_eq!(results["device-0302"], Taken::Taken(json!({"outcome": "DISMISSED"})));
        assert_eq!(words(&sent(app, &clerk, &first)), ["KNOWN DISMISSED"]);
        // Another copy of the page gave it up as well: one row tells of it.
        assert_eq!(
            words(&sent(app, &clerk, &[dismissal("device-0303", "device-0301", "quét nhầm")])),
            ["TAKEN DISMISSED"]
        );
        assert_eq!(
            words(&sent(app, &clerk, &refused)),
            ["REFUSED IDEMPOTENCY_KEY_REUSED"],
            "from an old copy of the queue"
        );

        let mut direct = Direct::to(&store);
        let told = "SELECT act_id || '|' || kind || '|' || about || '|' || code || '|' || refusal || '|' || reason || '|' || \
                    CAST(occurred_at_us AS TEXT) || '|' || CAST(dismissed_at_us AS TEXT) || '|' || person_id AS text \
                    FROM device_dismissal";
        let us = |text: &str| Ts::parse_rfc3339(text).unwrap().us();
        let (done_us, dismissed_us) = (us(at), us("2026-11-20T11:00:00+07:00"));
        assert_eq!(
            direct.texts(told),
            [format!(
                "device-0301|SCAN|{}|NOT_FOUND|Không tìm thấy|Phiên đã xóa, quét lại ở phiên khác|{done_us}|{dismissed_us}|{}",
                numbers[0], clerk.id
            )]
        );
        let recorded = "SELECT act || ' ' || subject || ' ' || person_id AS text FROM audit \
                        WHERE subject = 'device-0302' AND person_id IS NOT NULL";
        assert_eq!(direct.texts(recorded), [format!("DEVICE.DISMISSAL device-0302 {}", clerk.id)]);
        assert!(direct.try_run("UPDATE device_dismissal SET reason = 'x'").is_err(), "append-only");
        assert!(direct.try_run("DELETE FROM device_dismissal").is_err(), "append-only");

        // What was taken after all, its answer lost, stands.
        let new = NewSession {
            purpose: Purpose::HandoverOut,
            agency_code: Some("H32.15".to_owned()),
            manifest_id: None,
            postman_id: None,
        };
        let session = scans::begin(app, &clerk, new, DOING).unwrap();
        assert_eq!(words(&sent(app, &clerk, &[scan("device-0304", &session)])), ["TAKEN WRONG"]);
        assert_eq!(
            words(&sent(app, &clerk, &[dismissal("device-0305", "device-0304", "quét nhầm")])),
            ["TAKEN WAS_TAKEN"]
        );
        assert_eq!(words(&sent(app, &clerk, &[scan("device-0304", &session)])), ["KNOWN WRONG"]);
        assert_eq!(direct.texts("SELECT act_id AS text FROM device_dismissal"), ["device-0301"]);
        assert_eq!(office.stands(&ids[0]).0, "ACCEPTED");
    });
}
