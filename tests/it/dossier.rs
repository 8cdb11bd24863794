//! Search, the story of a dossier, evidence and public tracking: who finds what, who sees what, what stands on the record.

use crate::support::office::{AGENCY, leg_ids};
use crate::support::papers::{at, proven};
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, TestStore, each_backend};
use giaonhan::app::dossier::{self, Personal};
use giaonhan::app::people::Doing;
use giaonhan::app::tracking::{self, Now, Opening, Step};
use giaonhan::app::{App, AppError, evidence};
use giaonhan::base::time::{Clock, MINUTE_US, Ts};
use giaonhan::domain::access::Caller;
use giaonhan::domain::identifier::Phone;
use giaonhan::domain::person::{Person, Reach, Role};
use giaonhan::domain::problem::Code;
use serde_json::{Value, json};

const DOING: Doing<'static> = Doing { person: Some("per_test"), request_id: "req_test" };

fn caller(role: Role, reach: Reach) -> Caller {
    let person = Person {
        id: "per_test".to_owned(),
        username: "test".to_owned(),
        full_name: "Trần Văn Thử".to_owned(),
        title: None,
        role,
        reach,
    };
    person.caller()
}

fn clerk() -> Caller {
    caller(Role::PostClerk, Reach::PostOffice("650100".to_owned()))
}

/// Everybody who sees the papers of the tests, and nobody else.
fn insiders() -> Vec<Caller> {
    let desk = caller(Role::DeskClerk, Reach::Agency(AGENCY.to_owned()));
    vec![clerk(), desk, caller(Role::Oversight, Reach::Province)]
}

fn outsiders() -> Vec<Caller> {
    let office = caller(Role::PostClerk, Reach::PostOffice("652100".to_owned()));
    vec![office, caller(Role::DeskClerk, Reach::Agency("H32.17".to_owned()))]
}

fn found(app: &App, caller: &Caller, typed: &str) -> Vec<String> {
    dossier::search(app, caller, typed).unwrap().legs.into_iter().map(|row| row.id).collect()
}

fn text<'a>(manifest: &'a Value, field: &str) -> &'a str {
    manifest["lines"][0][field].as_str().unwrap()
}

/// A dossier with both its legs: taken in and signed for by the agency, its result registered.
fn both_legs(office: &Office, papers: &Papers) -> (Value, Value, [String; 2]) {
    let intake = papers.taken_intake(1);
    let mut result = papers.manifest("RESULT", 1);
    result["lines"][0]["dossierNo"] = intake["lines"][0]["dossierNo"].clone();
    let intake_id = leg_ids(&office.declare(&office.post(), &intake)).remove(0);
    office.hand_over("POST", "AGENCY", std::slice::from_ref(&intake_id));
    let result_id = leg_ids(&office.declare(&office.desk(), &result)).remove(0);
    (intake, result, [intake_id, result_id])
}

fn counted(store: &TestStore, what: &str) -> i64 {
    let found = Direct::to(store).texts(&format!("SELECT CAST(count(*) AS TEXT) AS text FROM {what}"));
    found[0].parse().unwrap()
}

#[test]
fn a_leg_is_found_by_each_of_its_numbers_however_typed_and_only_by_its_own_office() {
    each_backend("dossier_search", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let (intake, result, [intake_id, result_id]) = both_legs(&office, &papers);
        let number = text(&intake, "dossierNo").to_owned();
        let both = vec![intake_id.clone(), result_id.clone()];
        for typed in [number.clone(), number.to_lowercase(), number.replace('-', " – "), number.replace('-', " ")] {
            for caller in insiders() {
                assert_eq!(found(office.app(), &caller, &typed), both, "{typed}");
            }
        }
        let item = text(&result, "itemNumber");
        let grouped = format!("{} {} {}", &item[..2].to_lowercase(), &item[2..11], &item[11..].to_lowercase());
        let note = text(&intake, "consignmentNoteNo").to_lowercase();
        for (typed, leg) in [(item, &result_id), (grouped.as_str(), &result_id), (note.as_str(), &intake_id)] {
            assert_eq!(found(office.app(), &clerk(), typed), [leg.as_str()], "{typed}");
        }
        assert_eq!(found(office.app(), &clerk(), &result_id), [result_id.as_str()]);
        for caller in outsiders() {
            for typed in [number.as_str(), item, &note, &result_id] {
                assert!(found(office.app(), &caller, typed).is_empty(), "{typed}");
            }
        }
        for typed in ["", "   ", &number[..number.len() - 1], "%", "0900000041", &"9".repeat(500)] {
            assert!(found(office.app(), &clerk(), typed).is_empty(), "{typed}");
        }
        // A handover leads to its dossiers, and to nobody else's.
        let handed = office.hand_over("AGENCY", "POST", std::slice::from_ref(&result_id));
        let id = handed["handoverId"].as_str().or(handed["id"].as_str()).unwrap();
        assert_eq!(found(office.app(), &clerk(), id), [result_id.as_str()]);
        assert!(
            outsiders().iter().all(|caller| dossier::search(office.app(), caller, id).unwrap().handovers.is_empty())
        );
    });
}

#[test]
fn a_search_by_phone_is_exact_and_on_the_record_whether_it_finds_or_not() {
    each_backend("dossier_phone", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(2);
        let mut manifest = papers.manifest("RESULT", 2);
        manifest["lines"][1]["party"]["phone"] = json!("0912 345 123");
        let ids = leg_ids(&office.declare(&office.desk(), &manifest));
        let by_phone = |caller: &Caller, phone: &str| -> Vec<String> {
            let phone = Phone::parse(phone).unwrap();
            let legs = dossier::search_by_phone(office.app(), caller, &phone, DOING).unwrap();
            legs.into_iter().map(|row| row.id).collect()
        };
        assert_eq!(by_phone(&clerk(), "+84912345123"), [ids[1].as_str()]);
        assert_eq!(by_phone(&clerk(), "0912345124"), Vec::<String>::new());
        assert_eq!(by_phone(&outsiders()[0], "0912.345.123"), Vec::<String>::new());
        let searches = |more: &str| {
            counted(&store, &format!("audit WHERE act = 'DOSSIER.PHONE_SEARCH' AND person_id = 'per_test'{more}"))
        };
        assert_eq!(searches(""), 3);
        assert_eq!(searches(&format!(" AND subject = '{}'", ids[1])), 1);
        assert_eq!(counted(&store, "audit WHERE subject LIKE '%912345%'"), 0);
    });
}

#[test]
fn the_story_goes_over_both_legs_and_shows_a_party_only_on_record() {
    each_backend("dossier_story", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(3);
        let (_, _, ids) = both_legs(&office, &papers);
        let looks = || counted(&store, "personal_look WHERE key_id = 'per_test'");
        for asked in &ids {
            let story = dossier::story(office.app(), &clerk(), asked, Personal::Masked, DOING).unwrap();
            let legs: Vec<&str> = story.legs.iter().map(|leg| leg.row.id.as_str()).collect();
            assert_eq!(legs, [ids[0].as_str(), ids[1].as_str()]);
            assert_eq!(story.present().unwrap().row.id, ids[1]);
            let party = story.legs[0].party.as_ref().unwrap();
            assert_eq!((party.name.as_str(), party.phone.as_deref()), ("", Some("*******041")));
            assert_eq!(story.legs[0].handovers[0].signatures.len(), 2);
        }
        assert_eq!(looks(), 0);
        let shown = dossier::story(office.app(), &clerk(), &ids[0], Personal::Shown, DOING).unwrap();
        assert_eq!(shown.legs[1].party.as_ref().unwrap().name, "Nguyễn Thị Mẫu");
        assert_eq!(looks(), 2);
        let bare = dossier::story(office.app(), &insiders()[2], &ids[0], Personal::None, DOING).unwrap();
        assert!(bare.legs.iter().all(|leg| leg.party.is_none() && leg.details.is_empty()));
        for caller in outsiders() {
            let refused = dossier::story(office.app(), &caller, &ids[0], Personal::Shown, DOING);
            assert!(matches!(refused, Err(AppError::Refused(why)) if why.code == Code::NotFound));
        }
        assert_eq!(looks(), 2);
        assert!(dossier::proof(office.app(), &clerk(), &ids[1]).unwrap().is_empty());
    });
}

/// A PNG of one dot.
const DOT: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0x77, 0xcd, 0x72, 0xb6, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn evidence_opens_for_who_sees_a_leg_that_refers_to_it_and_each_look_is_recorded() {
    each_backend("dossier_evidence", |store| {
        let folder = tempfile::tempdir().unwrap();
        let kept_in = Options::default().set("store.evidence_dir", folder.path().display());
        let office = Office::start(&store, kept_in);
        let papers = Papers::new(4);
        let ids = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 2)));
        office.hand_over("AGENCY", "POST", &ids);
        let kept = evidence::keep(office.app(), DOT, DOING).unwrap();
        let mut fact = proven("e1", &ids[0], "CONFIRMED", &at(600));
        fact["evidence"] = json!([{"kind": "PHOTO", "ref": evidence::reference(&kept.sha256), "sha256": kept.sha256}]);
        office.report(&office.post(), &[fact]);
        let open = |caller: &Caller, leg: &str, sha256: &str| {
            dossier::evidence_file(office.app(), caller, leg, sha256, DOING).map(|(_, media_type)| media_type)
        };
        assert_eq!(open(&clerk(), &ids[0], &kept.sha256).unwrap(), "image/png");
        assert_eq!(counted(&store, "personal_look"), 1);
        assert!(open(&clerk(), &ids[1], &kept.sha256).is_err(), "another leg does not refer to it");
        assert!(open(&outsiders()[0], &ids[0], &kept.sha256).is_err());
        assert!(open(&clerk(), &ids[0], "../../giaonhan.sqlite3").is_err());
        assert_eq!(counted(&store, "personal_look"), 1);
    });
}

#[test]
fn a_number_alone_gives_code_and_steps_and_the_secret_of_the_slip_opens_more() {
    each_backend("tracking_levels", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(5);
        let (intake, _, ids) = both_legs(&office, &papers);
        let app = office.app();
        let number = text(&intake, "dossierNo").to_owned();
        for typed in
            [number.clone(), number.to_lowercase().replace('-', " "), text(&intake, "consignmentNoteNo").to_owned()]
        {
            let progress = tracking::progress(app, &typed).unwrap().unwrap();
            assert_eq!(progress.now, Now::ResultReady, "{typed}");
            let reached: Vec<(Step, bool)> = progress.steps.iter().map(|one| (one.step, one.at_us.is_some())).collect();
            assert_eq!(
                reached,
                [
                    (Step::PostTook, true),
                    (Step::AgencyTook, true),
                    (Step::ResultReady, true),
                    (Step::ResultOnWay, false),
                    (Step::HandedOut, false)
                ]
            );
        }
        // Neither item numbers nor ids of ours say anything outside.
        for unknown in ["000.00.15.H32-261109-99999999", text(&intake, "itemNumber"), &ids[0], ""] {
            assert_eq!(tracking::progress(app, unknown).unwrap(), None, "{unknown}");
        }
        let secret = tracking::secret_of(app, &ids[0]).unwrap();
        assert_eq!(secret.len(), 11);
        assert_ne!(secret, tracking::secret_of(app, &ids[1]).unwrap());
        assert_eq!(secret, tracking::secret_of(app, &ids[0]).unwrap(), "a slip may be printed again");
        let typed = secret.to_lowercase().replace('-', "  ").replace('0', "o").replace('1', "l");
        let Opening::Opened(opened) = tracking::open(app, &number, &typed, "req_test").unwrap() else {
            panic!("the secret of the slip opens");
        };
        assert!(opened.happened.iter().any(|one| one.signers == ["Trần Văn Thử", "Trần Văn Thử"]));
        assert_eq!(opened.item_numbers.len(), 2);
        assert!(!format!("{opened:?}").contains("Nguyễn Thị Mẫu"), "a party's name is at no level");
        assert_eq!(counted(&store, &format!("audit WHERE act = 'TRACKING.OPENED' AND subject = '{}'", ids[0])), 1);
        let late = office.hand_over("AGENCY", "POST", &[ids[1].clone()]);
        assert!(late["completedAt"].is_string() || late["status"] == "COMPLETED");
        assert_eq!(tracking::progress(app, &number).unwrap().unwrap().now, Now::ResultOnWay);
    });
}

#[test]
fn wrong_secrets_are_counted_by_number_known_or_not_and_the_right_one_waits_too() {
    each_backend("tracking_limits", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T08:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().clock(&clock));
        let papers = Papers::new(6);
        let manifest = papers.manifest("RESULT", 2);
        let ids = leg_ids(&office.declare(&office.desk(), &manifest));
        let app = office.app();
        let number = text(&manifest, "dossierNo").to_owned();
        let unknown = "000.00.15.H32-261109-99999999";
        let open = |number: &str, secret: &str| tracking::open(app, number, secret, "req_test").unwrap();
        let right = tracking::secret_of(app, &ids[0]).unwrap();
        for turn in 0..5 {
            let typed = if turn % 2 == 0 { number.clone() } else { number.to_lowercase().replace('-', " ") };
            assert_eq!(open(&typed, "AAAAA-AAAAA"), Opening::Wrong, "{turn}");
            assert_eq!(open(unknown, &right), Opening::Wrong, "{turn}");
        }
        assert_eq!(open(&number, &right), Opening::Wait);
        assert_eq!(open(unknown, &right), Opening::Wait);
        let other = manifest["lines"][1]["dossierNo"].as_str().unwrap();
        assert_eq!(open(other, &right), Opening::Wrong, "the secret of another slip");
        assert!(matches!(open(other, &tracking::secret_of(app, &ids[1]).unwrap()), Opening::Opened(_)));
        clock.advance_us(15 * MINUTE_US + 1);
        assert!(matches!(open(&number, &right), Opening::Opened(_)));
        assert_eq!(counted(&store, "audit WHERE act = 'TRACKING.FAILED' AND subject IS NOT NULL"), 0);
    });
}
