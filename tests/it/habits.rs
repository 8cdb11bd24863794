//! Counterparts with bad habits (wire-formats 8: E1 to E9, E11): what the counterpart's own ledger believes afterwards, which
//! custody came of it, which discrepancies were named.

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::process::BOUND;
use crate::support::{Office, Options, Papers, TestStore, each_backend, town, until};
use giaonhan::base::time::{Clock, MINUTE_US};
use giaonhan::sim::post;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const FAMILIES: [post::Family; 2] = [post::Family::Hcc, post::Family::MyVnpost];

/// An office whose orders go to one operator.
struct Wired {
    office: Office,
    operator: post::Handle,
    _folder: tempfile::TempDir,
}

fn wired(store: &TestStore, family: post::Family, faults: &str) -> Wired {
    let (operator, folder) = (town::operator(family, faults), tempfile::tempdir().unwrap());
    let toml = town::operator_toml(family, operator.url(), AGENCY, folder.path());
    let office = Office::start(store, Options { toml, ..Options::default() });
    operator.set_webhook_url(&format!("{}/v1/hooks/myvnpost", office.stranger().address()));
    Wired { office, operator, _folder: folder }
}

impl Wired {
    /// Declares results and returns their legs.
    fn declare(&self, lines: u32) -> Vec<String> {
        let mut manifest = Papers::new(1).manifest("RESULT", lines);
        for line in manifest["lines"].as_array_mut().unwrap() {
            line.as_object_mut().unwrap().remove("itemNumber");
        }
        leg_ids(&self.office.declare(&self.office.desk(), &manifest))
    }

    fn ordered(&self, lines: u32) -> Vec<String> {
        let legs = self.declare(lines);
        self.reach(&legs, "ORDERED");
        // The feed may have told it before the call was settled.
        until("every order is settled", BOUND, || {
            (self.office.ops().all("/v1/outbox?state=SETTLED").len() == legs.len()).then_some(())
        });
        legs
    }

    fn reach(&self, legs: &[String], state: &str) {
        until(&format!("all legs are {state}"), BOUND, || {
            legs.iter().all(|leg| self.office.stands(leg).0 == state).then_some(())
        });
    }

    /// Lets the order live through these, one minute after the other, from a minute ahead.
    fn live(&self, leg: &str, statuses: &[&str]) {
        let start = Clock::system().now();
        let event = |(step, status): (i64, &&str)| {
            let time = start.plus_us((1 + step) * MINUTE_US).to_rfc3339();
            json!({"status": status, "time": time, "office": "650200", "attempt": 1, "receiver": "Nguyễn Thị Mẫu"})
        };
        town::happen(&self.operator, leg, &Value::Array((0..).zip(statuses).map(event).collect()));
    }

    /// The post has told everything, and everything was decided.
    fn heard_out(&self) {
        until("the post has told everything", BOUND, || {
            (self.operator.ledger()["webhooks"]["pending"] == 0).then_some(())
        });
        until("the inbox is empty", SOON, || {
            let backlog = giaonhan::app::outbox::backlog(self.office.app()).unwrap();
            (backlog.inbox_new == 0).then_some(())
        });
    }

    fn events(&self, leg: &str) -> Vec<String> {
        let custody = self.office.oversight().get(format!("/v1/legs/{leg}/custody")).expect(200).json();
        custody["entries"].as_array().unwrap().iter().map(|entry| text(&entry["event"]).to_owned()).collect()
    }

    /// No fact stands twice in the custody of a leg.
    fn each_fact_once(&self, leg: &str) {
        let custody = self.office.oversight().get(format!("/v1/legs/{leg}/custody")).expect(200).json();
        let facts: Vec<&str> =
            custody["entries"].as_array().unwrap().iter().filter_map(|it| it["source"]["factId"].as_str()).collect();
        assert_eq!(facts.iter().collect::<BTreeSet<_>>().len(), facts.len(), "{custody:#}");
    }

    fn ledger(&self, pointer: &str) -> Value {
        self.operator.ledger().pointer(pointer).cloned().unwrap_or(Value::Null)
    }
}

fn both_families(name: &str, faults: &str, body: impl Fn(&Wired)) {
    each_backend(name, |store| {
        for family in FAMILIES {
            // Each family in a database of its own: the legs of one are not the other's.
            let own = if store.is_postgres() { TestStore::postgres().unwrap() } else { TestStore::sqlite() };
            body(&wired(&own, family, faults));
        }
    });
}

#[test]
fn e1_http_200_is_no_proof() {
    // Not every call: questions meet it too, and a post that never answers them is never sent an order twice.
    both_families("E1", "E1:0.6", |it| {
        it.ordered(9);
        assert_eq!(it.ledger("/counts/orders"), 9);
        assert_eq!(it.ledger("/duplicatesWithoutReason"), 0);
        assert_eq!(it.ledger("/violations"), 0);
        let messages = it.office.ops().all("/v1/outbox?state=SETTLED");
        assert!(messages.iter().any(|message| message["attempts"].as_i64() > Some(1)), "{messages:?}");
    });
}

#[test]
fn e2_a_question_that_was_put_off_is_put_again_before_anything_is_repeated() {
    // Half of all calls are first told to come back later: so are questions about orders whose answer was lost.
    both_families("E2 and BUSY", "E2:1,BUSY:0.5", |it| {
        it.ordered(9);
        assert_eq!(it.ledger("/counts/orders"), 9);
        if it.operator.family() == post::Family::MyVnpost {
            assert_eq!(it.ledger("/duplicateOrders"), 0, "{}", it.ledger("/duplicateList"));
        }
    });
}

#[test]
fn e2_an_unknown_outcome_is_asked_about_before_anything_is_repeated() {
    both_families("E2", "E2:1", |it| {
        it.ordered(9);
        assert_eq!(it.ledger("/counts/orders"), 9, "one order for each leg");
        assert_eq!(it.ledger("/duplicatesWithoutReason"), 0);
        let repeats = it.ledger("/duplicateList");
        assert!(repeats.as_array().unwrap().iter().all(|repeat| repeat["sameBody"] == true), "{repeats}");
        match it.operator.family() {
            // It can be asked at once: nothing is sent twice.
            post::Family::MyVnpost => {
                assert_eq!(it.ledger("/duplicateOrders"), 0);
                let calls = it.ledger("/calls");
                let created: u64 = calls["CreateOrder"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
                assert_eq!(created, 9, "{calls}");
                assert!(calls["getOrder"]["200"].as_i64() >= Some(9), "{calls}");
            }
            // It shows an order only with its acceptance: a clear no, then the same number again.
            post::Family::Hcc => assert_eq!(it.ledger("/duplicatesAfterLostAnswer"), 9),
        }
    });
}

#[test]
fn e3_an_operator_that_takes_an_order_twice_is_never_given_the_chance() {
    each_backend("E3", |store| {
        let it = wired(&store, post::Family::MyVnpost, "E2:1,E3:1");
        it.ordered(6);
        assert_eq!((it.ledger("/counts/orders"), it.ledger("/duplicateOrders")), (json!(6), json!(0)));
    });
    // HCC Online cannot be asked before acceptance: it may hold an order twice, and the leg is still one.
    each_backend("E3 at HCC Online", |store| {
        let it = wired(&store, post::Family::Hcc, "E2:1,E3:1");
        let legs = it.ordered(3);
        assert_eq!(it.ledger("/counts/orders"), 6);
        it.live(&legs[0], &["ACCEPTED", "DELIVERED"]);
        it.reach(&legs[..1], "DELIVERED_REPORTED");
        it.each_fact_once(&legs[0]);
        assert_eq!(it.office.oversight().all("/v1/legs").len(), 3);
    });
}

#[test]
fn e4_a_token_that_ends_and_a_login_that_is_refused_lose_no_order() {
    each_backend("E4", |store| {
        let it = wired(&store, post::Family::MyVnpost, "E4.expired:0.5,E4.login:0.5");
        it.ordered(12);
        assert_eq!((it.ledger("/counts/orders"), it.ledger("/duplicateOrders")), (json!(12), json!(0)));
        let strikes = it.ledger("/faults/struck");
        assert!(strikes["E4.expired"].as_i64() > Some(0), "{strikes}");
        assert!(it.ledger("/counts/logins").as_i64() > Some(1), "it logs in anew");
        assert_eq!(it.office.ops().all("/v1/outbox?state=PARKED").len(), 0);
    });
}

#[test]
fn e5_reports_that_are_doubled_overtaken_or_equal_in_time_give_one_custody() {
    both_families("E5", "E5:1", |it| {
        let legs = it.ordered(4);
        let life: &[&str] = match it.operator.family() {
            post::Family::Hcc => &["ACCEPTED", "ATTEMPT_FAILED", "DELIVERED"],
            post::Family::MyVnpost => &["7", "10", "12", "15", "14"],
        };
        for leg in &legs {
            it.live(leg, life);
        }
        it.reach(&legs, "DELIVERED_REPORTED");
        it.heard_out();
        for leg in &legs {
            it.each_fact_once(leg);
            assert_eq!(it.office.stands(leg), ("DELIVERED_REPORTED".to_owned(), "POST".to_owned()));
            assert_eq!(it.office.discrepancies(leg), Vec::<String>::new());
        }
        assert!(it.ledger("/faults/struck").as_object().unwrap().keys().any(|fault| fault.starts_with("E5")));
    });
}

#[test]
fn e6_a_report_before_the_create_reply_counts_and_one_about_a_stranger_is_not_believed() {
    each_backend("E6", |store| {
        let it = wired(&store, post::Family::MyVnpost, "E6.early:1");
        let legs = it.declare(3);
        it.reach(&legs, "COLLECTION_ASSIGNED");
        it.heard_out();
        until("the create replies are settled", SOON, || {
            (it.office.ops().all("/v1/outbox?state=SETTLED").len() == 3).then_some(())
        });
        it.reach(&legs, "COLLECTION_ASSIGNED");
        assert!(legs.iter().all(|leg| it.office.discrepancies(leg).is_empty()));
    });
    each_backend("E6, a stranger", |store| {
        let it = wired(&store, post::Family::MyVnpost, "E6.unknown:1");
        it.ordered(3);
        it.heard_out();
        assert!(it.ledger("/webhooks/outcomes/200").as_i64() > Some(0), "they came, and were taken");
        assert_eq!(it.office.oversight().all("/v1/legs").len(), 3);
        assert_eq!(it.office.oversight().all("/v1/discrepancies"), Vec::<Value>::new());
    });
}

#[test]
fn e7_a_forged_second_record_is_believed_only_when_a_pull_confirms_it() {
    each_backend("E7", |store| {
        let it = wired(&store, post::Family::MyVnpost, "E7:1");
        let legs = it.ordered(2);
        it.live(&legs[0], &["7"]);
        it.reach(&legs[..1], "ACCEPTED");
        it.heard_out();
        assert!(it.ledger("/faults/struck/E7").as_i64() > Some(0), "a record was forged");
        assert_eq!(it.office.stands(&legs[0]).0, "ACCEPTED", "it says delivered, and nobody delivered");
        assert_eq!(it.office.stands(&legs[1]).0, "ORDERED");
        assert!(legs.iter().all(|leg| !it.events(leg).contains(&"DELIVERED".to_owned())));

        let forged = json!({"data": [{"itemCode": "EA000000000VN", "status": "14"}], "sendDate": "23/11/2026 08:00:00", "signature": "AAAA"});
        it.office.stranger().post("/v1/hooks/myvnpost", &forged).refused(401, "SIGNATURE_INVALID");
        it.office.stranger().post("/v1/hooks/nobody", &forged).refused(404, "NOT_FOUND");
    });
}

#[test]
fn e8_numbers_as_text_keys_with_blanks_and_masked_contacts_are_read() {
    both_families("E8", "E8:1", |it| {
        let legs = it.ordered(6);
        let life: &[&str] = match it.operator.family() {
            post::Family::Hcc => &["ACCEPTED", "ATTEMPT_FAILED", "RETURNED"],
            post::Family::MyVnpost => &["7", "15", "18", "19"],
        };
        for leg in &legs {
            it.live(leg, life);
        }
        it.reach(&legs, "RETURNED_REPORTED");
        it.heard_out();
        let backlog = giaonhan::app::outbox::backlog(it.office.app()).unwrap();
        assert_eq!(backlog.inbox_quarantined, 0);
        for leg in &legs {
            let party = it.office.desk().get(format!("/v1/legs/{leg}?include=party")).expect(200).json();
            assert_eq!(party["party"]["name"], "Nguyễn Thị Mẫu", "a masked name replaces none");
        }
    });
}

#[test]
fn e9_a_status_that_no_table_knows_is_kept_and_moves_nothing() {
    each_backend("E9", |store| {
        let it = wired(&store, post::Family::MyVnpost, "E9:1");
        let legs = it.ordered(2);
        it.live(&legs[0], &["7"]);
        until("the unknown status is kept", BOUND, || {
            it.events(&legs[0]).contains(&"UNMAPPED".to_owned()).then_some(())
        });
        it.heard_out();
        assert_eq!(it.office.stands(&legs[0]), ("ACCEPTED".to_owned(), "POST".to_owned()));
        assert_eq!(it.office.discrepancies(&legs[0]), ["UNMAPPED_STATUS"]);
        let custody = it.office.oversight().get(format!("/v1/legs/{}/custody", legs[0])).json();
        let unmapped =
            custody["entries"].as_array().unwrap().iter().find(|entry| entry["event"] == "UNMAPPED").unwrap();
        assert_eq!((&unmapped["source"]["family"], &unmapped["source"]["rawCode"]), (&json!("P4"), &json!("77")));
        assert_eq!(unmapped["applied"], false);
    });
}

#[test]
fn e11_delivered_and_later_returned_is_a_named_contradiction() {
    each_backend("E11", |store| {
        let it = wired(&store, post::Family::MyVnpost, "E11:1");
        let legs = it.ordered(1);
        it.live(&legs[0], &["7", "14"]);
        until("both are in the books", BOUND, || it.events(&legs[0]).contains(&"RETURNED".to_owned()).then_some(()));
        it.heard_out();
        assert_eq!(it.office.stands(&legs[0]), ("DELIVERED_REPORTED".to_owned(), "POST".to_owned()));
        assert_eq!(it.office.discrepancies(&legs[0]), ["STATE_CONFLICT"]);
    });
}
