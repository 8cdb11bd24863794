//! Old papers that are to be taken back: open until the desk has them or they are declared lost (TT 17 Đ5 k2đ, C10).

use crate::support::office::{AGENCY, SOON, leg_ids};
use crate::support::papers::{fact, proven};
use crate::support::{Office, Options, Papers, each_backend, until};
use giaonhan::app::desk::{self, Kind};
use giaonhan::app::device_acts::{Act, Taken, take};
use giaonhan::app::people::Doing;
use giaonhan::app::people::accounts::{NewPerson, create};
use giaonhan::app::people::directory::{self, PaperOfList, Procedure};
use giaonhan::base::time::{Clock, DAY_US, Ts};
use giaonhan::domain::person::Role;
use serde_json::json;

fn checklist(office: &Office) {
    let paper =
        PaperOfList { name: "Giấy phép lái xe cũ".into(), originals: 1, copies: 0, recover: true, compare: false };
    let procedure = Procedure {
        code: "1.005129".into(),
        agency_code: "*".into(),
        name: "Đổi giấy phép lái xe".into(),
        papers: vec![paper],
        fee: 0,
        days: None,
    };
    directory::load(office.app(), Vec::new(), vec![procedure]).unwrap();
}

/// Recipe 13: the old licence was to be taken back, and nobody wrote that it was.
#[test]
fn recipe_13_recovered_paper_missing() {
    each_backend("recipe_13", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-18T08:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().timeless().clock(&clock));
        checklist(&office);
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(13).manifest("RESULT", 2)));
        office.hand_over("AGENCY", "POST", &legs);
        let at = "2026-11-18T09:30:00+07:00";
        for leg in &legs {
            let facts =
                [fact(&format!("d-{leg}"), leg, "DELIVERED", at), proven(&format!("c-{leg}"), leg, "CONFIRMED", at)];
            office.report(&office.post(), &facts);
        }
        let overdue = |leg: &str| {
            let path = format!("/v1/discrepancies?state=OPEN&kind=PAPERS_NOT_RECOVERED&legId={leg}");
            let page = office.oversight().get(path.as_str()).expect(200).json();
            !page["items"].as_array().unwrap().is_empty()
        };
        assert!(legs.iter().all(|leg| !overdue(leg)), "on the day itself the postman may still write it down");
        clock.advance_us(DAY_US);
        until("papers that nobody took back are named", SOON, || legs.iter().all(|leg| overdue(leg)).then_some(()));

        // One is taken back after all: open until the desk has it. The other is declared lost, which ends it.
        let doing = Doing { person: None, request_id: "test" };
        let new = NewPerson {
            username: "buu-ta",
            full_name: "Người Thử",
            title: None,
            role: Role::Postman,
            post_office: Some("650100"),
            agency: None,
        };
        let postman = create(office.app(), &new, None, doing).unwrap().unwrap().person;
        for (leg, outcome) in legs.iter().zip(["TAKEN", "DECLARED_LOST"]) {
            let act = Act {
                id: format!("recovered-{}", outcome.len()),
                kind: "RECOVERED".to_owned(),
                at: "2026-11-19T07:00:00+07:00".to_owned(),
                body: json!({"leg": leg, "papers": [{"paper": "Giấy phép lái xe cũ", "outcome": outcome}]}),
                files: Vec::new(),
            };
            let taken = take(office.app(), &postman, std::slice::from_ref(&act), doing).unwrap();
            assert!(matches!(taken[&act.id], Taken::Taken(_)), "{outcome}");
        }
        until("what came to its end heals", SOON, || legs.iter().all(|leg| !overdue(leg)).then_some(()));
        clock.advance_us(4 * DAY_US);
        until("papers that stay with the post are named", SOON, || overdue(&legs[0]).then_some(()));
        assert!(!overdue(&legs[1]));
        let doing = Doing { person: Some(&postman.id), request_id: "test" };
        desk::receive(office.app(), AGENCY, Kind::Papers, &legs[..1], doing).unwrap();
        until("the desk has them", SOON, || (!overdue(&legs[0])).then_some(()));
    });
}
