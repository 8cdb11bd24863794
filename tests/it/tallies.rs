//! Roll-ups follow the ledger: what is stored is what the events give, whatever came when, and a number leads to its legs.

use crate::support::office::{AGENCY, SOON, leg_ids};
use crate::support::papers::{at, fact, proven};
use crate::support::process::on_store;
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, each_backend, until};
use giaonhan::app::people::Doing;
use giaonhan::app::people::directory::{self, PaperOfList, Procedure};
use giaonhan::app::{App, tallies, zones};
use giaonhan::base::time::{Clock, Ts, parse_date};
use giaonhan::domain::access::Agencies;
use giaonhan::domain::tally::{Measure, Stretch};
use giaonhan::store::read::PageAsk;
use giaonhan::store::read::tallies::{By, Slice, Sum, kept_up_to, legs_behind, sums, sums_within};
use giaonhan::store::{StoreError, tallies as kept};
use serde_json::{Value, json};

fn stretch(from: &str, until: &str) -> Stretch {
    let date = |text| parse_date(text).unwrap();
    Stretch { from: date(from), until: date(until), as_of: date(until) }
}

fn year() -> Stretch {
    stretch("2026-01-01", "2027-01-01")
}

fn rolled_up(office: &Office) {
    until("every leg is rolled up", SOON, || {
        let fresh = office.app().store.read(kept_up_to).unwrap();
        (fresh.due == 0 && fresh.rolled_up_at_us > 0).then_some(())
    });
}

fn ask(app: &App, stretch: Stretch, by: &[By], measures: &[Measure]) -> Vec<Sum> {
    app.store.read(|db| sums(db, &Agencies::All, stretch, by, measures)).unwrap()
}

/// `key key MEASURE legs amount`, a line each.
fn lines(sums: &[Sum]) -> Vec<String> {
    sums.iter().map(|sum| format!("{} {} {} {}", sum.keys.join(" "), sum.measure, sum.legs, sum.amount)).collect()
}

fn with(mut fact: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        fact[name.as_str()] = value.clone();
    }
    fact
}

/// Three results: one delivered and confirmed, one tried and reported, one on its way; with money.
fn a_morning(office: &Office, seed: u32) -> Vec<String> {
    let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(seed).manifest("RESULT", 3)));
    let mut facts = Vec::new();
    for leg in &legs {
        facts.push(fact(&format!("a-{leg}"), leg, "ACCEPTED", &at(1)));
    }
    let [first, second, _] = legs.as_slice() else { panic!("three legs") };
    facts.push(proven(&format!("c-{first}"), first, "CONFIRMED", &at(60)));
    let money = json!({"amount": 115_000, "receiptNo": "BL-1"});
    facts.push(with(fact(&format!("f-{first}"), first, "FEE_COLLECTED", &at(60)), money));
    let cause = json!({"cause": "ABSENT", "attempt": 1});
    facts.push(with(fact(&format!("t-{second}"), second, "ATTEMPT_FAILED", &at(90)), cause));
    facts.push(fact(&format!("d-{second}"), second, "DELIVERED", &at(24 * 60)));
    office.report(&office.post(), &facts);
    legs
}

#[test]
fn sums_follow_the_ledger_and_lead_to_the_legs() {
    each_backend("sums", |store| {
        let office = Office::start(&store, Options::default());
        let app = office.app();
        let legs = a_morning(&office, 1);
        rolled_up(&office);
        let measures = [
            Measure::TakenFromAgency,
            Measure::FirstAttemptOk,
            Measure::Delivered,
            Measure::ReportedOnly,
            Measure::AttemptFailed,
            Measure::FeeCollected,
        ];
        assert_eq!(
            lines(&ask(app, year(), &[By::Agency], &measures)),
            [
                "H32.15 TAKEN_FROM_AGENCY 3 3",
                "H32.15 FIRST_ATTEMPT_OK 1 1",
                "H32.15 DELIVERED 1 1",
                "H32.15 REPORTED_ONLY 1 1",
                "H32.15 ATTEMPT_FAILED 1 1",
                "H32.15 FEE_COLLECTED 1 115000",
            ]
        );
        assert_eq!(
            lines(&ask(app, year(), &[By::Day, By::LegKind], &[Measure::ReportedOnly, Measure::Delivered])),
            ["2026-11-21 RESULT REPORTED_ONLY 1 1", "2026-11-20 RESULT DELIVERED 1 1"]
        );
        assert_eq!(
            lines(&ask(app, year(), &[By::Office, By::Cause, By::Month], &[Measure::AttemptFailed])),
            ["650100 ABSENT 2026-11 ATTEMPT_FAILED 1 1"]
        );
        assert!(ask(app, stretch("2026-11-21", "2027-03-03"), &[By::Agency], &[Measure::Delivered]).is_empty());

        // The word of the receiver comes later, with the day before.
        let [_, second, third] = legs.as_slice() else { panic!("three legs") };
        office.report(&office.post(), &[proven(&format!("c-{second}"), second, "CONFIRMED", &at(24 * 60 + 1))]);
        office.report(&office.post(), &[fact(&format!("l-{third}"), third, "LOST", &at(30))]);
        rolled_up(&office);
        let now = [Measure::Delivered, Measure::ReportedOnly, Measure::Lost];
        assert_eq!(
            lines(&ask(app, stretch("2025-12-15", "2026-12-15"), &[By::Procedure], &now)),
            ["1.005129 DELIVERED 2 2", "1.005129 LOST 1 1"]
        );

        // Who sees another agency alone sees nothing; legs behind a number are those that make it.
        let behind = |seen: &Agencies, measure, slice: &Slice| -> Vec<String> {
            let page = PageAsk { after: None, limit: 10 };
            let found = app.store.read(|db| legs_behind(db, seen, year(), measure, slice, &page)).unwrap();
            found.into_iter().map(|leg| leg.id).collect()
        };
        let everything = Slice::default();
        let absent = Slice { cause: Some("ABSENT".into()), office: Some("650100".into()), ..Slice::default() };
        let own = Agencies::Only(vec![AGENCY.to_owned()]);
        let other = Agencies::Only(vec!["H32.99".to_owned()]);
        assert_eq!(behind(&Agencies::All, Measure::Delivered, &everything), legs[..2]);
        assert_eq!(behind(&own, Measure::Lost, &everything), legs[2..]);
        assert_eq!(behind(&Agencies::All, Measure::AttemptFailed, &absent), legs[1..2]);
        assert!(behind(&other, Measure::Delivered, &everything).is_empty());
        let seen = |seen: &Agencies| app.store.read(|db| sums(db, seen, year(), &[], &now)).unwrap().len();
        assert_eq!((seen(&own), seen(&other), seen(&Agencies::Only(Vec::new()))), (2, 0, 0));
        assert!(tallies::check(app).unwrap().is_clean());
    });
}

#[test]
fn every_way_of_splitting_adds_up_to_the_same() {
    each_backend("splits", |store| {
        let office = Office::start(&store, Options::default());
        a_morning(&office, 2);
        rolled_up(&office);
        let all = Measure::ALL;
        let total = |by: &[By], slice: &Slice, stretch: Stretch| -> Vec<(String, i64, i64)> {
            let found = office.app().store.read(|db| sums_within(db, &Agencies::All, slice, stretch, by, all)).unwrap();
            all.iter()
                .map(|measure| {
                    let of = found.iter().filter(|sum| sum.measure == measure.as_str());
                    let (legs, amount) = of.fold((0, 0), |so_far, sum| (so_far.0 + sum.legs, so_far.1 + sum.amount));
                    (measure.as_str().to_owned(), legs, amount)
                })
                .collect()
        };
        let everything = Slice::default();
        for stretch in [year(), stretch("2026-11-20", "2026-11-21"), stretch("2026-11-10", "2026-12-07")] {
            let whole = total(&[], &everything, stretch);
            assert!(whole.iter().any(|(_, legs, _)| *legs > 0));
            for by in [By::Agency, By::Procedure, By::Office, By::LegKind, By::Cause, By::Day, By::Month] {
                assert_eq!(total(&[by], &everything, stretch), whole, "{by:?}");
                for beside in [By::Procedure, By::Office, By::Day] {
                    assert_eq!(total(&[by, beside], &everything, stretch), whole, "{by:?} {beside:?}");
                }
            }
            let slice = Slice {
                agency: Some(AGENCY.into()),
                procedure: Some("1.005129".into()),
                office: Some("650100".into()),
                kind: Some("RESULT".into()),
                cause: None,
            };
            assert_eq!(total(&[], &slice, stretch), whole, "one slice holds all");
            let none = Slice { procedure: Some("9.999999".into()), ..Slice::default() };
            assert!(total(&[], &none, stretch).iter().all(|(_, legs, amount)| (*legs, *amount) == (0, 0)));
        }
    });
}

#[test]
fn what_was_changed_behind_our_back_is_found_and_made_anew() {
    each_backend("rebuild", |store| {
        let office = Office::start(&store, Options::default());
        a_morning(&office, 3);
        rolled_up(&office);
        let app = office.app();
        let before = ask(app, year(), &[By::Agency, By::Procedure], Measure::ALL);
        Direct::to(&store)
            .run("UPDATE tally_by_office SET legs = legs + 1 WHERE measure = 'DELIVERED' AND span = '2026'");
        let found = tallies::check(app).unwrap();
        assert_eq!(
            (found.wrong_legs.len(), found.wrong_sums.as_slice()),
            (0, &["tally_by_office 2026 DELIVERED H32.15".to_owned()][..])
        );
        Direct::to(&store).run("UPDATE leg_tally SET day = '2026-03-03' WHERE measure = 'DELIVERED'");
        let verified = on_store(&store, &["verify", "--json"]).expect(1).object();
        for kind in ["TALLIES_DIFFER", "SUMS_DIFFER"] {
            assert!(verified["problems"].as_array().unwrap().iter().any(|it| it["kind"] == kind), "{verified}");
        }
        on_store(&store, &["tallies", "check"]).expect(1);
        on_store(&store, &["tallies", "rebuild", "--json"]).expect(0);
        rolled_up(&office);
        let checked = on_store(&store, &["tallies", "check", "--json"]).expect(0).object();
        assert_eq!((&checked["clean"], &checked["legs"], &checked["due"]), (&json!(true), &json!(3), &json!(0)));
        assert_eq!(ask(app, year(), &[By::Agency, By::Procedure], Measure::ALL), before);
    });
}

#[test]
fn a_change_during_a_round_and_a_round_beside_another_lose_nothing() {
    each_backend("rounds", |store| {
        let office = Office::start(&store, Options::default().set("roles.tallies", "false"));
        let app = office.app();
        let legs = a_morning(&office, 4);
        assert_eq!(tallies::roll_up(app, 10).unwrap(), 1, "the first round finds the basis of today");
        let found = app.store.read(|db| kept::due(db, 10)).unwrap();
        assert_eq!(found.iter().map(|leg| leg.leg_id.clone()).collect::<Vec<_>>(), legs);
        let round = app.store.read(kept::basis).unwrap().unwrap().round;

        // Another round comes between the reading of one and its commit.
        assert_eq!(tallies::roll_up(app, 10).unwrap(), 3);
        assert!(matches!(app.store.roll_up(round, 1, Vec::new()), Err(StoreError::Conflict(_))));
        assert_eq!(tallies::roll_up(app, 10).unwrap(), 0);

        // A leg changes after it was read: it stays on the list.
        office.report(&office.post(), &[fact("x-1", &legs[2], "IN_TRANSIT", &at(5))]);
        let read = app.store.read(|db| kept::due(db, 10)).unwrap();
        office.report(&office.post(), &[fact("x-2", &legs[2], "LOST", &at(6))]);
        let place = kept::Place {
            agency_code: AGENCY.into(),
            procedure_code: "1.005129".into(),
            post_office_code: "650100".into(),
            kind: "RESULT".into(),
        };
        let rolled =
            read.into_iter().map(|due| kept::Rolled { due, place: place.clone(), rows: None, lends: false }).collect();
        app.store.roll_up(round + 1, 1, rolled).unwrap();
        assert_eq!(app.store.read(|db| kept::due(db, 10)).unwrap().len(), 1);
        assert_eq!(tallies::roll_up(app, 10).unwrap(), 1);
        assert_eq!(lines(&ask(app, year(), &[], &[Measure::Lost])), [" LOST 1 1"]);
        assert!(tallies::check(app).unwrap().is_clean());
    });
}

#[test]
fn another_checklist_and_other_settings_are_counted_anew() {
    each_backend("basis", |store| {
        let mut office = Office::start(&store, Options::default());
        a_morning(&office, 5);
        rolled_up(&office);
        let papers = [Measure::PapersToRecover];
        assert!(ask(office.app(), year(), &[], &papers).is_empty());
        let procedure = Procedure {
            code: "1.005129".into(),
            agency_code: "*".into(),
            name: "Chứng thực bản sao".into(),
            papers: vec![PaperOfList {
                name: "Giấy phép cũ".into(),
                originals: 1,
                copies: 0,
                recover: true,
                compare: false,
            }],
            fee: 0,
            days: None,
        };
        directory::load(office.app(), Vec::new(), vec![procedure.clone()]).unwrap();
        rolled_up(&office);
        assert_eq!(lines(&ask(office.app(), year(), &[], &papers)), [" PAPERS_TO_RECOVER 2 2"]);
        directory::load(office.app(), Vec::new(), vec![procedure]).unwrap();
        assert_eq!(office.app().store.read(kept_up_to).unwrap().due, 0, "the same list again changes nothing");

        office.stop();
        let other = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(other.path(), "[clocks]\nday_ends = \"midnight\"\n").unwrap();
        let config = other.path().to_str().unwrap();
        let checked = on_store(&store, &["tallies", "check", "--json", "--config", config]).expect(0).object();
        assert_eq!((&checked["due"], &checked["legs"]), (&json!(3), &json!(0)), "every leg waits");
        let rebuilt = on_store(&store, &["tallies", "rebuild", "--json", "--config", config]).expect(0).object();
        assert_eq!(rebuilt["legs"], 3);
        on_store(&store, &["verify", "--config", config]).expect(0);
    });
}

/// A result that a system declared has no note: its lane, and with it J+n, comes from the zones of both ends, as its clock's does.
#[test]
fn a_result_without_a_note_is_judged_by_the_zones_of_its_ends() {
    each_backend("tallies_zones", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-27T08:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().clock(&clock));
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(77).manifest("RESULT", 2)));
        // Taken on a Friday; one is delivered on the Monday, as J+1 asks, and one two days later.
        for (leg, at) in legs.iter().zip(["2026-11-23T10:00:00+07:00", "2026-11-25T10:00:00+07:00"]) {
            office.report(&office.post(), &[fact(&format!("a-{leg}"), leg, "ACCEPTED", "2026-11-20T09:00:00+07:00")]);
            office.report(&office.post(), &[proven(&format!("c-{leg}"), leg, "CONFIRMED", at)]);
        }
        rolled_up(&office);
        let due = || lines(&ask(office.app(), year(), &[By::Office], &[Measure::DueKept, Measure::DueMissed]));
        assert_eq!(due(), Vec::<String>::new(), "nobody knows the lane");
        let table = "place,province,zone,class\n650100,56,nha-trang,\n22366,56,nha-trang,\n";
        let doing = Doing { person: None, request_id: "test" };
        zones::load(office.app(), giaonhan::wire::zones::read(table.as_bytes()).unwrap(), doing).unwrap();
        rolled_up(&office);
        assert_eq!(due(), ["650100 DUE_KEPT 1 1", "650100 DUE_MISSED 1 1"]);
        assert!(tallies::check(office.app()).unwrap().is_clean());
    });
}
