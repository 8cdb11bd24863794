//! Taking a dossier in: one act is one note, on the office's open manifest, with both signatures; and never another.

use std::collections::BTreeSet;
use std::io::Cursor;

use crate::support::office::AGENCY;
use crate::support::{Office, Options, each_backend};
use giaonhan::app::intake::{self, CountedPaper, Intake, Sender, Signed, TakenIn};
use giaonhan::app::people::Doing;
use giaonhan::app::people::accounts::{self, NewPerson};
use giaonhan::app::people::directory::{self, NewPlace, PaperOfList, Procedure};
use giaonhan::app::{AppError, evidence};
use giaonhan::base::time::{Clock, HOUR_US, Ts};
use giaonhan::domain::person::{Person, Role};
use giaonhan::store::WriteSet;
use giaonhan::store::intake as kept;
use serde_json::{Value, json};

const OFFICE: &str = "650100";
const NUMBER: &str = "000.00.15.H32-261120-0001";

fn doing(person: &Person) -> Doing<'_> {
    Doing { person: Some(&person.id), request_id: "req_test" }
}

fn account(office: &Office, username: &str, role: Role, post_office: Option<&str>, agency: Option<&str>) -> Person {
    let new = NewPerson { username, full_name: "Nguyễn Thị Hạnh", title: None, role, post_office, agency };
    let nobody = Doing { person: None, request_id: "req_test" };
    accounts::create(office.app(), &new, Some("ho so di dung tay"), nobody).unwrap().ok().unwrap().person
}

/// An office at ten o'clock with a directory, and its clerk.
fn office(store: &crate::support::TestStore) -> (Office, Person, Clock) {
    let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T10:00:00+07:00").unwrap());
    let office = Office::start(store, Options::default().clock(&clock));
    let place = |kind, code: &str| NewPlace {
        kind,
        code: code.to_owned(),
        name: code.to_owned(),
        address: None,
        parent: None,
        level: None,
    };
    let paper = |name: &str, originals, copies| PaperOfList {
        name: name.to_owned(),
        originals,
        copies,
        recover: false,
        compare: false,
    };
    let procedure = Procedure {
        code: "1.002815".to_owned(),
        agency_code: "*".to_owned(),
        name: "Cấp đổi giấy phép lái xe".to_owned(),
        papers: vec![paper("Đơn đề nghị", 1, 0), paper("Căn cước", 0, 1), paper("Giấy khám sức khỏe", 1, 0)],
        fee: 135_000,
        days: Some(5),
    };
    let places = vec![place("POST_OFFICE", OFFICE), place("AGENCY", AGENCY)];
    directory::load(office.app(), places, vec![procedure]).unwrap();
    let clerk = account(&office, "giao-dich-vien", Role::PostClerk, Some(OFFICE), None);
    (office, clerk, clock)
}

fn drawn(office: &Office, clerk: &Person, side: u32) -> Signed {
    let mut png = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(side, 10).write_to(&mut png, image::ImageFormat::Png).unwrap();
    Signed::Drawn(evidence::keep(office.app(), &png.into_inner(), doing(clerk)).unwrap().sha256)
}

fn dossier(office: &Office, clerk: &Person) -> Intake {
    let paper = |name: &str, originals, copies| CountedPaper { name: name.to_owned(), originals, copies };
    Intake {
        agency_code: AGENCY.to_owned(),
        procedure_code: "1.002815".to_owned(),
        sender: Sender {
            name: "Cao Văn Tý".to_owned(),
            phone: Some("0900000012".to_owned()),
            email: Some("nguoi.gui@example.vn".to_owned()),
            address: "24 Trần Quý Cáp".to_owned(),
        },
        papers: vec![paper("Đơn đề nghị", 1, 0), paper("Căn cước", 0, 1), paper("Giấy khám sức khỏe", 0, 0)],
        seal_no: Some("40132".to_owned()),
        fee: 135_000,
        receipt_no: Some("BL-26A 0007315".to_owned()),
        service: "SEND".to_owned(),
        lane: "WITHIN_AREA".to_owned(),
        postage: 30_000,
        postage_pay: "SENDER_NOW".to_owned(),
        postage_receipt_no: Some("C-26 000123".to_owned()),
        sender_signature: Some(drawn(office, clerk, 20)),
        clerk_signature: Some(drawn(office, clerk, 30)),
        ..Intake::default()
    }
}

#[track_caller]
fn take(office: &Office, clerk: &Person, input: &Intake, act_id: &str) -> intake::Taken {
    match intake::take(office.app(), clerk, input, act_id, office.app().now(), doing(clerk)).unwrap() {
        TakenIn::New(taken) => taken,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn wrong_fields(office: &Office, clerk: &Person, input: &Intake) -> BTreeSet<String> {
    match intake::take(office.app(), clerk, input, "act-refused", office.app().now(), doing(clerk)) {
        Err(AppError::Refused(refusal)) => refusal.problems.into_iter().map(|problem| problem.field).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_intake_is_a_leg_with_both_signatures_and_the_fee() {
    each_backend("intake", |store| {
        let (office, clerk, _) = office(&store);
        let taken = take(&office, &clerk, &dossier(&office, &clerk), "act-1");
        assert_eq!((taken.note_no.as_str(), taken.line_no), ("PG-650100-000001", 1));
        let leg = office.leg(&taken.leg_id);
        for (field, value) in [
            ("state", json!("ACCEPTED")),
            ("holder", json!("POST")),
            ("consignmentNoteNo", json!("PG-650100-000001")),
            ("manifestNo", json!("BK-650100-H32.15-20261120-S1-01")),
            ("procedureName", json!("Cấp đổi giấy phép lái xe")),
            ("feeToCollect", json!(135_000)),
            ("sealNo", json!("40132")),
            ("dueAt", json!("2026-11-23T17:00:00+07:00")),
        ] {
            assert_eq!(leg[field], value, "{field}");
        }
        assert_eq!(leg["papers"].as_array().unwrap().len(), 2);
        let custody = office.oversight().get(format!("/v1/legs/{}/custody", taken.leg_id)).expect(200).json();
        let entries = custody["entries"].as_array().or(custody["events"].as_array()).unwrap();
        let kinds: Vec<&Value> = entries.iter().map(|entry| &entry["event"]).collect();
        assert_eq!(kinds, ["REGISTERED", "ACCEPTED", "FEE_COLLECTED"], "{custody}");
        assert_eq!(entries[1]["evidence"].as_array().unwrap().len(), 2, "the sender's and the clerk's");
        let rows = office.app().store.read(|db| giaonhan::store::read::legs::events_of(db, &taken.leg_id)).unwrap();
        assert!(rows[2].body.contains("135000") && rows[2].body.contains("BL-26A 0007315"), "{}", rows[2].body);
        assert!(rows[1].body.contains(&clerk.id), "{}", rows[1].body);
        let acts = office.app().store.read(|db| giaonhan::store::people::acts(db, &clerk.id, 10)).unwrap();
        assert!(acts.iter().any(|act| act.act == "INTAKE.TAKEN" && act.subject.as_deref() == Some(&taken.leg_id)));
    });
}

#[test]
fn an_act_that_is_sent_twice_is_one_note() {
    each_backend("intake twice", |store| {
        let (office, clerk, _) = office(&store);
        let input = dossier(&office, &clerk);
        let taken = take(&office, &clerk, &input, "act-1");
        let again = |input: &Intake, who: &Person| {
            intake::take(office.app(), who, input, "act-1", office.app().now(), doing(who))
        };
        assert_eq!(again(&input, &clerk).unwrap(), TakenIn::Again(taken.clone()));
        let changed = Intake { seal_no: Some("40133".to_owned()), ..input.clone() };
        assert_eq!(again(&changed, &clerk).unwrap(), TakenIn::AgainChanged(taken));
        let other = account(&office, "buu-ta", Role::Postman, Some(OFFICE), None);
        assert!(matches!(again(&input, &other), Err(AppError::Refused(_))), "an id is one person's");
        // Six hands at once, each with the same act twice and one of its own.
        let notes: Vec<String> = std::thread::scope(|scope| {
            let hands: Vec<_> = (0..6)
                .map(|hand| {
                    let (office, clerk, input) = (&office, &clerk, &input);
                    scope.spawn(move || {
                        let acts = ["act-shared".to_owned(), format!("act-of-{hand}"), "act-shared".to_owned()];
                        acts.map(|act| {
                            let now = office.app().now();
                            match intake::take(office.app(), clerk, input, &act, now, doing(clerk)).unwrap() {
                                TakenIn::New(taken) | TakenIn::Again(taken) => taken.note_no,
                                TakenIn::AgainChanged(_) => panic!("nothing changed"),
                            }
                        })
                    })
                })
                .collect();
            hands.into_iter().flat_map(|hand| hand.join().unwrap()).collect()
        });
        let different: BTreeSet<&String> = notes.iter().collect();
        assert_eq!((notes.len(), different.len()), (18, 7), "one for the shared act, one for each hand");
    });
}

fn with_paper(good: &Intake, name: &str, originals: i64, copies: i64) -> Intake {
    let mut input = good.clone();
    input.papers.push(CountedPaper { name: name.to_owned(), originals, copies });
    input
}

#[test]
fn the_note_keeps_its_terms_and_the_postage_apart_from_the_fee() {
    each_backend("intake note", |store| {
        let (office, clerk, clock) = office(&store);
        let note = |leg_id: &str| office.app().store.read(|db| kept::note_of(db, leg_id)).unwrap();
        let taken = take(&office, &clerk, &dossier(&office, &clerk), "act-1");
        let row = note(&taken.leg_id).unwrap();
        assert_eq!(
            (row.service.as_str(), row.taken_at.as_str(), row.lane.as_str()),
            ("SEND", "COUNTER", "WITHIN_AREA")
        );
        assert_eq!(
            (row.promise_days, row.with_slip, row.postage, row.postage_pay.as_str()),
            (1, 0, 30_000, "SENDER_NOW")
        );
        assert_eq!(row.postage_receipt_no.as_deref(), Some("C-26 000123"));
        assert_eq!(row.postage_paid_at_us, Some(clock.now().us()));
        let leg = office.leg(&taken.leg_id);
        assert_eq!(leg["feeToCollect"], json!(135_000), "the fee alone goes to the agency");
        let events = office.app().store.read(|db| giaonhan::store::read::legs::events_of(db, &taken.leg_id)).unwrap();
        assert!(events.iter().all(|event| !event.body.contains("30000")), "postage is not the agency's money");

        // At the door, with the slip told: TT 17 gives four working days between areas. Friday 20 to Thursday 26 November.
        let slow =
            Intake { at_door: true, lane: "BETWEEN_AREAS".to_owned(), with_slip: true, ..dossier(&office, &clerk) };
        let slow = take(&office, &clerk, &slow, "act-2");
        let row = note(&slow.leg_id).unwrap();
        assert_eq!((row.taken_at.as_str(), row.with_slip, row.promise_days), ("DOOR", 1, 4));
        assert_eq!(office.leg(&slow.leg_id)["dueAt"], json!("2026-11-26T17:00:00+07:00"));

        let special = Intake { lane: "SPECIAL".to_owned(), promise_days: Some(6), ..dossier(&office, &clerk) };
        let special = take(&office, &clerk, &special, "act-3");
        assert_eq!(note(&special.leg_id).unwrap().promise_days, 6);
    });
}

#[test]
fn a_paper_beside_the_checklist_goes_with_the_others() {
    each_backend("intake added paper", |store| {
        let (office, clerk, _) = office(&store);
        let input = with_paper(&dossier(&office, &clerk), "Giấy ủy quyền", 1, 2);
        let taken = take(&office, &clerk, &input, "act-1");
        let leg = office.leg(&taken.leg_id);
        let names: Vec<&str> = leg["papers"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Đơn đề nghị", "Căn cước", "Giấy ủy quyền", "Giấy ủy quyền"], "once for each kind");
        assert_eq!((&leg["originals"], &leg["copies"]), (&json!(2), &json!(3)));
        let row = office.app().store.read(|db| giaonhan::store::read::legs::by_id(db, &taken.leg_id)).unwrap().unwrap();
        let papers = giaonhan::app::legs::papers_of(&row);
        let last = papers.last().unwrap();
        assert_eq!((papers.len(), last.name.as_str(), last.originals, last.copies), (3, "Giấy ủy quyền", 1, 2));
    });
}

#[test]
fn postage_that_waits_for_the_result_is_paid_once() {
    each_backend("intake postage later", |store| {
        let (office, clerk, clock) = office(&store);
        let later = Intake {
            service: "BOTH".to_owned(),
            dossier_no: Some(NUMBER.to_owned()),
            postage_pay: "ON_RESULT".to_owned(),
            postage_receipt_no: None,
            ..dossier(&office, &clerk)
        };
        let taken = take(&office, &clerk, &later, "act-1");
        let due = || office.app().store.read(|db| kept::postage_due(db, &[NUMBER.to_owned()])).unwrap();
        let waiting = due();
        assert_eq!(waiting.len(), 1);
        assert_eq!((waiting[0].amount, waiting[0].leg_id.as_str()), (30_000, taken.leg_id.as_str()));
        for receipt in ["C-26 000900", "C-26 000901"] {
            let paid = kept::PostagePaid {
                leg_id: taken.leg_id.clone(),
                receipt_no: receipt.to_owned(),
                at_us: clock.now().us(),
            };
            office.app().store.commit(WriteSet { postage_paid: vec![paid], ..WriteSet::default() }).unwrap();
        }
        let row = office.app().store.read(|db| kept::note_of(db, &taken.leg_id)).unwrap().unwrap();
        assert_eq!(row.postage_receipt_no.as_deref(), Some("C-26 000900"), "the first receipt stays");
        assert!(due().is_empty());
    });
}

#[test]
fn a_device_names_its_pictures_and_cannot_sign_for_an_account() {
    let body = json!({
        "agencyCode": AGENCY, "procedureCode": "1.002815", "service": "BOTH", "lane": "BETWEEN_AREAS", "postage": 30000,
        "postagePay": "ON_RESULT", "papers": [],
        "sender": {"name": "Cao Văn Tý", "address": "24 Trần Quý Cáp"},
        "senderSignature": "ON_PAPER", "clerkSignature": {"DRAWN": "clerk"},
    });
    let input: Intake = serde_json::from_value(body.clone()).unwrap();
    let input = input.with_pictures(|name| (name == "clerk").then(|| "digest".to_owned()));
    assert_eq!(input.clerk_signature, Some(Signed::Drawn("digest".to_owned())));
    assert_eq!(input.sender_signature, Some(Signed::OnPaper));
    let mut forged = body;
    forged["clerkSignature"] = json!("ACCOUNT");
    assert!(serde_json::from_value::<Intake>(forged).is_err());
}

#[test]
fn what_is_wrong_is_named_and_leaves_nothing() {
    each_backend("intake refused", |store| {
        let (office, clerk, _) = office(&store);
        let good = dossier(&office, &clerk);
        let cases: Vec<(Intake, &[&str])> = vec![
            (Intake { sender: Sender { name: String::new(), ..good.sender.clone() }, ..good.clone() }, &["party.name"]),
            (
                Intake {
                    sender: Sender { phone: Some("090000012".to_owned()), ..good.sender.clone() },
                    ..good.clone()
                },
                &["party.phone"],
            ),
            (Intake { papers: Vec::new(), ..good.clone() }, &["papers"]),
            (Intake { procedure_code: "1.999999".to_owned(), ..good.clone() }, &["procedureCode"]),
            (Intake { receipt_no: None, ..good.clone() }, &["receiptNo"]),
            (Intake { fee: 0, ..good.clone() }, &["fee"]),
            (Intake { promise_days: Some(9), ..good.clone() }, &["promiseDays"]),
            (Intake { lane: String::new(), ..good.clone() }, &["lane"]),
            (Intake { service: "RETURN".to_owned(), ..good.clone() }, &["service"]),
            (Intake { postage_receipt_no: good.receipt_no.clone(), ..good.clone() }, &["postageReceiptNo"]),
            (Intake { postage_receipt_no: None, ..good.clone() }, &["postageReceiptNo"]),
            (with_paper(&good, "", 1, 0), &["papers[3].name"]),
            (with_paper(&good, "Giấy ủy quyền", 0, 0), &["papers[3].originals"]),
            (with_paper(&good, " ĐƠN  đề nghị", 1, 0), &["papers[3].name"]),
            (with_paper(&good, "Giấy ủy quyền", 0, 1_000), &["papers[3].quantity"]),
            (
                Intake { sender_signature: None, clerk_signature: Some(Signed::Drawn("0".repeat(64))), ..good.clone() },
                &["clerkSignature", "senderSignature"],
            ),
            (Intake { dossier_no: Some("H32.15-1".to_owned()), ..good.clone() }, &["dossierNo"]),
        ];
        for (input, fields) in cases {
            assert_eq!(wrong_fields(&office, &clerk, &input), fields.iter().map(|f| (*f).to_owned()).collect());
        }
        let legs = office.oversight().get("/v1/legs").expect(200).json();
        assert_eq!(legs["items"].as_array().unwrap().len(), 0, "{legs}");
        // Nobody else's business.
        let desk = account(&office, "mot-cua", Role::DeskClerk, None, Some(AGENCY));
        let refused = intake::take(office.app(), &desk, &good, "act-desk", office.app().now(), doing(&desk));
        assert!(matches!(refused, Err(AppError::Refused(_))));
        assert_eq!(take(&office, &clerk, &good, "act-refused").note_no, "PG-650100-000001", "no number is lost");
    });
}

#[test]
fn a_manifest_takes_lines_until_it_is_closed() {
    each_backend("intake manifests", |store| {
        let (office, clerk, clock) = office(&store);
        let input = dossier(&office, &clerk);
        let first = take(&office, &clerk, &input, "act-1");
        clock.advance_us(HOUR_US);
        let second = take(&office, &clerk, &input, "act-2");
        assert_eq!((&second.manifest_id, second.line_no), (&first.manifest_id, 2));
        let shown = |id: &str| office.oversight().get(format!("/v1/manifests/{id}")).expect(200).json();
        let open = shown(&first.manifest_id);
        assert_eq!((&open["summary"]["accepted"], &open["outcome"]), (&json!(2), &json!("ACCEPTED")));

        let closed = intake::close(office.app(), &clerk, &first.manifest_id, doing(&clerk)).unwrap();
        assert_eq!(closed.closed_at_us, Some(clock.now().us()));
        let again = intake::close(office.app(), &clerk, &first.manifest_id, doing(&clerk)).unwrap();
        assert_eq!(again.closed_at_us, closed.closed_at_us);
        assert_eq!(shown(&first.manifest_id)["digest"], open["digest"]);

        let third = take(&office, &clerk, &input, "act-3");
        assert_ne!(third.manifest_id, first.manifest_id);
        assert_eq!((third.line_no, third.note_no.as_str()), (1, "PG-650100-000003"));
        assert_eq!(office.leg(&third.leg_id)["manifestNo"], json!("BK-650100-H32.15-20261120-S1-02"));
        // Afternoon: another shift. What a device did in the morning still goes to the morning's manifest.
        let morning = clock.now();
        clock.advance_us(3 * HOUR_US);
        let fourth = take(&office, &clerk, &input, "act-4");
        assert_eq!(office.leg(&fourth.leg_id)["manifestNo"], json!("BK-650100-H32.15-20261120-S2-01"));
        let late = intake::take(office.app(), &clerk, &input, "act-5", morning, doing(&clerk)).unwrap();
        assert!(matches!(late, TakenIn::New(taken) if taken.manifest_id == third.manifest_id && taken.line_no == 2));

        let other = account(&office, "nguoi-khac", Role::PostClerk, Some("650200"), None);
        let refused = intake::close(office.app(), &other, &third.manifest_id, doing(&other));
        assert!(matches!(refused, Err(AppError::Refused(_))), "another office's manifest does not exist");

        office.published();
        let told = office.oversight().get("/v1/events?types=manifest.accepted").expect(200).json();
        assert_eq!(told["items"].as_array().unwrap().len(), 1, "told when it is closed, once: {told}");
        let day = clock.now().plus_us(-10 * HOUR_US).us();
        let counts = office.app().store.read(|db| kept::day_counts(db, OFFICE, day)).unwrap();
        assert_eq!((counts.taken, counts.on_open_manifests), (5, 3));
        let waiting = office.app().store.read(|db| kept::to_hand_over(db, OFFICE)).unwrap();
        assert_eq!(waiting.iter().map(|each| each.legs).sum::<i64>(), 5);
    });
}
