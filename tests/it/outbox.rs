//! Messages on their way out: order per leg, parking and mending, waiting as asked, leases, replicas, rotation of keys.

use crate::support::office::{AGENCY, leg_ids, text};
use crate::support::process::{BOUND, on_store};
use crate::support::town::{self, StandIn};
use crate::support::{Office, Options, Papers, TestStore, each_backend, papers, until};
use giaonhan::app::deliveries::{self, Attempt, Settled};
use giaonhan::app::feed;
use giaonhan::base::time::{Clock, MINUTE_US, SECOND_US};
use giaonhan::domain::access::Agencies;
use giaonhan::domain::retry::Policy;
use giaonhan::peers::Answer as Told;
use giaonhan::sim::post;
use giaonhan::sim::server::{Answer, Call};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

fn subscribe(office: &Office, url: &str) -> feed::NewWebhook {
    feed::create_webhook(office.app(), "one-stop-nha-trang", &Agencies::All, url, &[]).unwrap()
}

fn leg_of(call: &Call) -> String {
    call.json().unwrap()["data"]["legId"].as_str().unwrap_or_default().to_owned()
}

/// Declares so many results and lets the post take and deliver them: three events of each leg.
fn lives(office: &Office, lines: u32) -> Vec<String> {
    let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(2).manifest("RESULT", lines)));
    for (minute, event) in (1..).zip(["ACCEPTED", "IN_TRANSIT", "DELIVERED"]) {
        let facts: Vec<Value> =
            legs.iter().map(|leg| papers::fact(&format!("{event}-{leg}"), leg, event, &papers::at(minute))).collect();
        office.report(&office.post(), &facts);
    }
    legs
}

#[test]
fn webhooks_of_one_leg_keep_their_order_while_other_legs_go_on() {
    each_backend("order", |store| {
        let mut office = Office::start(&store, Options::default());
        let (held, holding) = (Arc::new(std::sync::Mutex::new(String::new())), Arc::new(AtomicBool::new(true)));
        let (which, still) = (held.clone(), holding.clone());
        let hears = StandIn::start(move |call| {
            let mut held = which.lock().unwrap();
            let leg = leg_of(call);
            if held.is_empty() && !leg.is_empty() {
                held.clone_from(&leg);
            }
            let refused = still.load(Ordering::SeqCst) && *held == leg && !leg.is_empty();
            Answer::empty(if refused { 500 } else { 204 })
        });
        subscribe(&office, hears.url());
        let legs = lives(&office, 5);
        let types_of = |leg: &str| -> Vec<String> {
            let kinds = hears.each(|call| (leg_of(call), call.json().unwrap()["type"].as_str().unwrap().to_owned()));
            kinds.into_iter().filter(|(of, _)| of == leg).map(|(_, kind)| kind).collect()
        };
        let whole = ["leg.accepted", "leg.in_transit", "leg.delivered_reported"];
        until("the first leg is held", BOUND, || (!held.lock().unwrap().is_empty()).then_some(()));
        let slow = held.lock().unwrap().clone();
        until("the others went on", BOUND, || {
            legs.iter().filter(|leg| **leg != slow).all(|leg| types_of(leg) == whole).then_some(())
        });
        until("it was tried again", BOUND, || (types_of(&slow).len() > 2).then_some(()));
        assert!(types_of(&slow).iter().all(|kind| kind == "leg.accepted"), "a later event waits for the earlier one");
        holding.store(false, Ordering::SeqCst);
        until("the held leg catches up", BOUND, || (types_of(&slow).last()? == whole[2]).then_some(()));
        let mut after = types_of(&slow);
        after.dedup();
        assert_eq!(after, whole);
        let by_id = hears.each(|call| (call.header("webhook-id").unwrap_or_default().to_owned(), call.body.clone()));
        let ids: BTreeSet<&String> = by_id.iter().map(|(id, _)| id).collect();
        let bodies: BTreeSet<&(String, Vec<u8>)> = by_id.iter().collect();
        assert_eq!(ids.len(), bodies.len(), "the same id carries the same bytes at each attempt");
        office.restart();
    });
}

#[test]
fn a_parked_order_is_listed_mended_and_replayed_by_api_and_command_line() {
    each_backend("parked", |store| {
        // Takes orders to Lê Lợi alone.
        let operator = StandIn::start(|call| {
            let good =
                call.json().is_ok_and(|body| body["DiaChiNguoiNhan"].as_str().unwrap_or_default().contains("Lê Lợi"));
            match (call.path.as_str(), good) {
                ("/serviceApi/v1/postDieuTin", true) => Answer::json(200, &json!({"Status": true})),
                ("/serviceApi/v1/postDieuTin", false) => {
                    Answer::json(200, &json!({"Status": false, "Message": "Sai địa chỉ người nhận"}))
                }
                ("/serviceApi/v1/getAcceptance", _) => Answer::json(200, &json!({"TotalRecord": 0, "Acceptances": []})),
                _ => Answer::json(200, &json!({"TotalRecord": 0, "Deliverys": []})),
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let toml = town::operator_toml(post::Family::Hcc, operator.url(), AGENCY, folder.path());
        let office = Office::start(&store, Options { toml, unsettled_allowed: true, ..Options::default() });
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(3).manifest("RESULT", 2)));
        let parked = || office.ops().all("/v1/outbox?state=PARKED");
        until("both are parked", BOUND, || (parked().len() == 2).then_some(()));
        let listed = on_store(&store, &["outbox", "list", "--state", "PARKED", "--json"]).expect(0).objects();
        assert_eq!(listed, parked(), "the command line shows what the API shows");
        assert!(text(&listed[0]["lastError"]).starts_with("REFUSED: "), "{listed:?}");
        assert!(text(&listed[0]["lastError"]).contains("Sai địa chỉ"));
        for leg in &legs {
            assert_eq!(office.stands(leg).0, "REGISTERED");
            assert_eq!(office.discrepancies(leg), ["NOT_AT_OPERATOR"]);
        }

        // A replay without a change is refused again.
        let [first, second] = [0, 1].map(|place| text(&listed[place]["id"]).to_owned());
        office.ops().post(format!("/v1/outbox/{first}/replay"), &json!({"reason": "thử lại"})).expect(200);
        until("refused again", BOUND, || (parked().len() == 2).then_some(()));

        // Mended: one by the API, one by the command line.
        let mended = json!({"address": "3 Lê Lợi, Nha Trang"}).to_string();
        let body = json!({"body": mended, "reason": "khách báo địa chỉ đúng"});
        office.ops().post(format!("/v1/outbox/{first}/mend"), &body).expect(200);
        let file = folder.path().join("body.json");
        std::fs::write(&file, &mended).unwrap();
        let file = file.to_str().unwrap();
        on_store(&store, &["outbox", "mend", &second, "--body", file, "--reason", "khách báo", "--json"])
            .expect(0)
            .object();
        until("both are ordered", BOUND, || legs.iter().all(|leg| office.stands(leg).0 == "ORDERED").then_some(()));
        for id in [&first, &second] {
            let again = office.ops().post(format!("/v1/outbox/{id}/replay"), &json!({"reason": "nữa"}));
            again.refused(409, "OUTBOX_NOT_PARKED");
            let refused = on_store(&store, &["outbox", "replay", id, "--reason", "nữa"]).expect(1);
            assert!(refused.stderr.contains("OUTBOX_NOT_PARKED"));
            let kept = office.app().store.read(|db| giaonhan::store::read::messages::log_of(db, id)).unwrap();
            let mended: Vec<_> = kept.iter().filter(|entry| entry.what == "MENDED").collect();
            assert_eq!(mended.len(), 1);
            assert!(mended[0].body.is_some(), "the version before is kept");
        }
        // Each leg kept its order number through all of it.
        let numbers: BTreeSet<String> = operator
            .each(|call| call.json().ok().and_then(|body| Some(body["SoDonHang"].as_str()?.to_owned())))
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(numbers, legs.iter().map(|leg| leg.trim_start_matches("leg_").to_owned()).collect());
    });
}

#[test]
fn retry_after_of_429_and_503_is_waited_for() {
    each_backend("Retry-After", |store| {
        for status in [429, 503] {
            let clock = Clock::fixed(Clock::system().now());
            let now_answers = Arc::new(AtomicU16::new(status));
            let answers = now_answers.clone();
            let hears = StandIn::start(move |_| match answers.load(Ordering::SeqCst) {
                204 => Answer::empty(204),
                busy => Answer::empty(busy).with("retry-after", "120"),
            });
            let own = if store.is_postgres() { TestStore::postgres().unwrap() } else { TestStore::sqlite() };
            let office = Office::start(&own, Options::default().clock(&clock));
            subscribe(&office, hears.url());
            let before = clock.now();
            office.declare(&office.desk(), &Papers::new(4).manifest("RESULT", 1));
            let message = || office.ops().all("/v1/outbox?state=DUE").into_iter().find(|it| it["attempts"] == 1);
            let waiting = until("the first attempt is settled", BOUND, message);
            assert_eq!(waiting["dueAt"], json!(before.plus_us(120 * SECOND_US).to_rfc3339()), "{status}");
            now_answers.store(204, Ordering::SeqCst);
            clock.advance_us(119 * SECOND_US);
            office.published();
            assert!(message().is_some(), "{status}: one second too early");
            assert_eq!(hears.count(), 1);
            clock.advance_us(SECOND_US);
            until("then it is sent", BOUND, || (hears.count() == 2).then_some(()));
        }
    });
}

#[test]
fn a_receiver_that_is_gone_ends_its_subscription() {
    each_backend("410", |store| {
        let office = Office::start(&store, Options::default());
        let (gone, stays) = (StandIn::start(|_| Answer::empty(410)), StandIn::start(|_| Answer::empty(204)));
        subscribe(&office, gone.url());
        subscribe(&office, stays.url());
        let legs = lives(&office, 3);
        until("the other hears everything", BOUND, || (stays.count() == 1 + 3 * legs.len()).then_some(()));
        let unsettled = || giaonhan::app::outbox::backlog(office.app()).unwrap().outbox_unsettled;
        until("nothing waits", BOUND, || (unsettled() == 0).then_some(()));
        let heard = gone.count();
        // What was on its way beside the first may still have come; nothing comes from then on.
        let more = Papers::new(5).manifest("RESULT", 2);
        office.declare(&office.desk(), &more);
        until("the other hears of it", BOUND, || (stays.count() == 2 + 3 * legs.len()).then_some(()));
        until("nothing waits", BOUND, || (unsettled() == 0).then_some(()));
        assert_eq!(gone.count(), heard, "a subscription that is over is not served");
    });
}

#[test]
fn a_lost_lease_settles_nothing() {
    each_backend("lease", |store| {
        let clock = Clock::fixed(Clock::system().now());
        let office = Office::start(&store, Options::default().clock(&clock).set("roles.dispatcher", "false"));
        let hears = StandIn::start(|_| Answer::empty(204));
        subscribe(&office, hears.url());
        office.declare(&office.desk(), &Papers::new(6).manifest("RESULT", 1));
        office.published();
        let app = office.app();
        let lease_us = 10 * SECOND_US;
        let claim = |owner: &str| deliveries::claim(app, owner, lease_us, 10, Vec::new(), |_| 10).unwrap();
        let first = claim("a");
        assert_eq!(first.len(), 1);
        assert!(claim("b").is_empty(), "it is a's");
        clock.advance_us(lease_us + 1);
        let second = claim("b");
        assert_eq!((second.len(), second[0].message.ask_first), (1, 1), "b asks first: nobody knows what a did");
        assert!(second[0].message.fence > first[0].message.fence);
        let settle = |owner: &str, delivery: &deliveries::Delivery, told: Told| {
            let finished =
                deliveries::Finished { message: delivery.message.clone(), attempt: Attempt::Sent(told), jitter: 0.0 };
            deliveries::settle(app, owner, &[finished], &|_| Policy::webhook()).remove(0).unwrap()
        };
        let refused = Told::Refused { code: "HTTP_400".to_owned(), text: String::new() };
        assert_eq!(settle("a", &first[0], refused), Settled::LeaseLost);
        assert_eq!(settle("b", &second[0], Told::done()), Settled::Yes);
        assert_eq!(settle("b", &second[0], Told::done()), Settled::LeaseLost, "once is enough");
        let row = giaonhan::app::outbox::get(app, &first[0].message.id).unwrap();
        assert_eq!((row.state.as_str(), row.attempts), ("SETTLED", 1));
        let log = app.store.read(|db| giaonhan::store::read::messages::log_of(db, &row.id)).unwrap();
        assert_eq!(log.len(), 1);
    });
}

#[test]
fn replicas_share_the_outbox_and_the_inbox_without_doubling() {
    let Some(store) = TestStore::postgres() else { return };
    let (operator, software, folder) =
        (town::operator(post::Family::MyVnpost, ""), town::software(""), tempfile::tempdir().unwrap());
    let toml = town::operator_toml(post::Family::MyVnpost, operator.url(), AGENCY, folder.path());
    let start = || Office::start(&store, Options { toml: toml.clone(), ..Options::default() });
    let offices = [start(), start(), start()];
    operator.set_webhook_url(&format!("{}/v1/hooks/myvnpost", offices[1].stranger().address()));
    let hook = subscribe(&offices[0], &format!("{}/hooks/giaonhan", software.url()));
    software.set_keys(&[hook.secret.reveal().clone()], &[hook.public_key]).unwrap();
    let desk = offices[0].desk();
    let mut legs = Vec::new();
    for (seed, office) in (10..).zip(&offices) {
        let mut manifest = Papers::new(seed).manifest("RESULT", 20);
        for line in manifest["lines"].as_array_mut().unwrap() {
            line.as_object_mut().unwrap().remove("itemNumber");
        }
        legs.extend(leg_ids(&office.declare(&desk.at(office), &manifest)));
    }
    let ordered = || offices[2].oversight().all("/v1/legs?state=ORDERED&limit=500").len() == legs.len();
    until("all are ordered", BOUND, || ordered().then_some(()));
    for leg in &legs {
        town::happen(&operator, leg, &json!([{"status": "7"}]));
    }
    let accepted = || offices[2].oversight().all("/v1/legs?state=ACCEPTED&limit=500").len() == legs.len();
    until("all are accepted", BOUND, || accepted().then_some(()));
    let events = 3 + 2 * legs.len();
    until("all is heard", BOUND, || (software.ledger()["webhooks"]["messages"] == events).then_some(()));
    let believed = operator.ledger();
    assert_eq!((&believed["counts"]["orders"], &believed["duplicateOrders"]), (&json!(legs.len()), &json!(0)));
    let heard = software.ledger();
    assert_eq!((&heard["webhooks"]["duplicates"], &heard["webhooks"]["orderViolations"]), (&json!(0), &json!(0)));
    assert_eq!(offices[0].oversight().feed().len(), events);
}

#[test]
fn a_rotation_with_overlap_verifies_under_old_and_new_keys_and_without_it_under_the_new_alone() {
    each_backend("rotation", |store| {
        let (office, software) = (Office::start(&store, Options::default()), town::software(""));
        let first = subscribe(&office, &format!("{}/hooks/giaonhan", software.url()));
        let hold = |hook: &feed::NewWebhook| {
            software.set_keys(&[hook.secret.reveal().clone()], std::slice::from_ref(&hook.public_key)).unwrap();
        };
        let heard = |count: u64| {
            until("the event is heard", BOUND, || (software.ledger()["webhooks"]["messages"] == count).then_some(()));
        };
        let papers = Papers::new(7);
        let declare = || office.declare(&office.desk(), &papers.manifest("RESULT", 1));
        hold(&first);
        declare();
        heard(1);
        let second = feed::rotate_webhook(office.app(), &first.id, 60 * MINUTE_US).unwrap().unwrap();
        declare();
        heard(2);
        hold(&second);
        declare();
        heard(3);
        let believed = software.ledger();
        let schemes = [&believed["webhooks"]["verifiedV1"], &believed["webhooks"]["verifiedV1a"]];
        assert_eq!(schemes, [3, 3], "both schemes under both generations");
        assert_eq!(believed["webhooks"]["badSignatures"], 0);

        let third = feed::rotate_webhook(office.app(), &first.id, 0).unwrap().unwrap();
        declare();
        until("the old key verifies no more", BOUND, || {
            (software.ledger()["webhooks"]["badSignatures"].as_i64() > Some(0)).then_some(())
        });
        hold(&third);
        heard(4);
    });
}
