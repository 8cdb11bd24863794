//! What operators ask (contract 9): health without a key, figures by name, the outbox as it is listed, keys that end.

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::{Office, Options, Papers, each_backend, until};
use giaonhan::app::keys;
use giaonhan::base::time::{Clock, HOUR_US, Ts};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use serde_json::{Value, json};
use std::net::TcpListener;

#[test]
fn health_and_figures_are_named_as_the_contract_names_them() {
    each_backend("health", |store| {
        let office = Office::start(&store, Options::default());
        let nobody = office.stranger();
        assert_eq!(nobody.get("/health/live").expect(200).json(), json!({"status": "live"}));
        let ready = nobody.get("/health/ready").expect(200).json();
        assert_eq!(ready["status"], "ready");
        assert!(ready["checks"].as_object().unwrap().contains_key("store"));
        let unmatched =
            json!({"factId": "f", "legId": "leg_none", "event": "ACCEPTED", "occurredAt": "2026-11-20T08:00:00Z"});
        office.report(&office.post(), &[unmatched]);
        let figures = office.ops().get("/metrics").expect(200);
        assert!(figures.header("content-type").starts_with("text/plain"));
        let value = |name: &str| -> f64 {
            let shown = figures.text();
            let line = shown.lines().find(|line| line.starts_with(&format!("{name} "))).map(str::to_owned);
            line.unwrap_or_else(|| panic!("{name} is missing")).rsplit_once(' ').unwrap().1.parse().unwrap()
        };
        assert_eq!(value("giaonhan_facts_unmatched"), 1.0);
        assert_eq!(value("giaonhan_outbox_parked"), 0.0);
        assert!(value("giaonhan_outbox_oldest_due_seconds") >= 0.0);
        assert!(value("giaonhan_inbox_lag_seconds") >= 0.0);
        assert!(value("giaonhan_lease_losses_total") >= 0.0);
    });
}

#[test]
fn an_order_that_cannot_be_delivered_waits_in_sight() {
    each_backend("outbox", |store| {
        // A post that is not there: its port was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let toml = format!(
            "[[counterparts]]\nname = \"post-khanh-hoa\"\nkind = \"hcc\"\nagencies = [\"{AGENCY}\"]\n\
             base_url = \"http://127.0.0.1:{port}\"\ncustomer_code = \"KH0001\"\ntoken = \"t\"\n\
             contact = {{ name = \"Một cửa\", phone = \"02583000000\", address = \"1 Trần Phú\", province_code = \"65\" }}\n"
        );
        let options = Options { toml, ..Options::default() };
        let office = Office::start(&store, options.set("outbox.order_attempts_max", 2));
        let papers = Papers::new(1);
        let leg = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 1))).remove(0);
        let ops = office.ops();
        let parked = until("the order is parked", SOON, || ops.all("/v1/outbox?state=PARKED").pop());
        let members: Vec<&String> = parked.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            [
                "id",
                "counterpart",
                "kind",
                "legId",
                "state",
                "attempts",
                "dueAt",
                "lastOutcome",
                "lastError",
                "parkedAt"
            ]
        );
        assert_eq!((&parked["counterpart"], &parked["legId"]), (&json!("post-khanh-hoa"), &json!(leg)));
        assert!(parked["parkedAt"].is_string() && parked["lastOutcome"].is_string(), "{parked}");
        let path = format!("/v1/outbox/{}", text(&parked["id"]));
        assert_eq!(ops.get(path.as_str()).expect(200).json(), parked);
        assert_eq!(ops.all("/v1/outbox?counterpart=nobody"), Vec::<Value>::new());
        let metrics = ops.get("/metrics").expect(200).text();
        assert!(metrics.contains("giaonhan_outbox_parked 1"), "{metrics}");
        assert_eq!(office.stands(&leg).0, "REGISTERED", "nothing was acknowledged");
        // Mended and replayed it goes out again, under the same id, and is parked again.
        for (end, body) in [("replay", json!({"reason": "thử lại"})), ("mend", json!({"body": "{}", "reason": "sửa"}))]
        {
            let revived = ops.post(format!("{path}/{end}"), &body).expect(200).json();
            assert_eq!((&revived["id"], &revived["state"]), (&parked["id"], &json!("DUE")), "{end}");
            let again = ops.post(format!("{path}/{end}"), &body);
            if again.status != 200 {
                again.refused(409, "OUTBOX_NOT_PARKED");
            }
            until("it is parked again", SOON, || (ops.get(path.as_str()).json()["state"] == "PARKED").then_some(()));
        }
        ops.post(format!("{path}/replay"), &json!({})).refused(422, "BODY_INVALID");
        ops.post("/v1/outbox/msg_none/replay", &json!({"reason": "x"})).refused(404, "NOT_FOUND");
    });
}

#[test]
fn a_rotated_key_opens_until_its_overlap_is_over() {
    each_backend("keys", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T08:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().clock(&clock));
        let (old, id) = office.caller("one-stop-nha-trang", Side::Agency, &[AGENCY], &[Scope::Read]);
        let new = keys::rotate(office.app(), &id, HOUR_US).unwrap().unwrap();
        let new_caller = old.with_key(Some(new.key.reveal()));
        assert_eq!(new_caller.get("/v1").expect(200).json()["scopes"], json!(["read"]));
        old.get("/v1").expect(200);
        clock.advance_us(HOUR_US - 1);
        old.get("/v1").expect(200);
        clock.advance_us(1);
        old.get("/v1").refused(401, "KEY_INVALID");
        new_caller.get("/v1").expect(200);
        assert!(keys::revoke(office.app(), &new.id).unwrap());
        new_caller.get("/v1").refused(401, "KEY_INVALID");
        assert!(!keys::revoke(office.app(), "key_none").unwrap());
        assert!(keys::rotate(office.app(), &new.id, 0).unwrap().is_none(), "a dead key is not rotated");
    });
}
