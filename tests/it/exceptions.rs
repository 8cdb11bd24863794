//! The work list over HTTP: four eyes, meanings of unknown codes, parked messages, and who sees what.

use crate::support::office::{AGENCY, leg_ids};
use crate::support::papers::{at, fact};
use crate::support::{Office, Options, Papers, Person, each_backend, parked};
use giaonhan::domain::person::Role;
use giaonhan::store::read::exceptions::proposals_of;
use giaonhan::store::rows::{InboxRow, OutboxRow};
use giaonhan::store::{Db, StoreError, WriteSet};
use serde_json::{Value, json};

fn read<T>(office: &Office, body: impl FnOnce(&mut Db<'_>) -> Result<T, StoreError>) -> T {
    office.app().store.read(body).unwrap()
}

/// The post office of the legs of `Papers`.
fn office_of(office: &Office, leg_id: &str) -> String {
    office.leg(leg_id)["postOfficeCode"].as_str().unwrap().to_owned()
}

/// A leg whose events contradict each other, and the id of the discrepancy.
fn a_conflict(office: &Office) -> (String, String) {
    let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(1).manifest("RESULT", 1)));
    office.report(
        &office.post(),
        &[fact("a", &legs[0], "RETURNED", &at(5)), fact("b", &legs[0], "COLLECTION_FAILED", &at(6))],
    );
    let found = office.oversight().all(&format!("/v1/discrepancies?legId={}", legs[0]));
    let conflict = found.iter().find(|row| row["kind"] == "STATE_CONFLICT").unwrap_or_else(|| panic!("{found:?}"));
    (legs[0].clone(), conflict["id"].as_str().unwrap().to_owned())
}

fn state(office: &Office, id: &str) -> Value {
    office.oversight().get(format!("/v1/discrepancies/{id}")).expect(200).json()
}

#[test]
fn accepting_takes_two_people() {
    each_backend("four eyes", |store| {
        let office = Office::start(&store, Options::default());
        let (leg, id) = a_conflict(&office);
        let code = office_of(&office, &leg);
        let first = Person::of(&office, "first", Role::PostSupervisor, &code);
        let second = Person::of(&office, "second", Role::AgencySupervisor, AGENCY);
        let stranger = Person::of(&office, "stranger", Role::PostSupervisor, "999999");
        let clerk = Person::of(&office, "clerk", Role::PostClerk, &code);
        let path = format!("/exceptions/discrepancy/{id}");

        assert!(first.see("/exceptions").expect(200).text().contains(&id));
        assert!(!stranger.see("/exceptions").expect(200).text().contains(&id), "another office's");
        stranger.see(&path).expect(404);
        stranger.form(&format!("{path}/settle"), &[("how", "EXPLAINED"), ("note", "x")]).expect(404);
        clerk.see("/exceptions").expect(403);

        let propose = format!("{path}/settle");
        let again = first.form(&propose, &[("how", "ACCEPTED"), ("note", " ")]).expect(422);
        assert!(again.text().contains("id=\"note-e\""));
        first.form(&propose, &[("how", "ACCEPTED"), ("note", "Không tìm lại được phiếu")]).expect(303);
        assert_eq!(state(&office, &id)["state"], "OPEN", "a proposal settles nothing");
        first.form(&propose, &[("how", "ACCEPTED"), ("note", "lần nữa")]).expect(422);

        let decide = format!("{path}/decide");
        let own = first.form(&decide, &[("verdict", "approve"), ("decision_note", "")]).expect(422);
        assert!(own.text().contains("verdict-e"), "{}", own.text());
        assert_eq!(state(&office, &id)["state"], "OPEN", "nobody approves their own");

        second.form(&decide, &[("verdict", "decline"), ("decision_note", "")]).expect(422);
        second.form(&decide, &[("verdict", "decline"), ("decision_note", "Hỏi lại bưu tá")]).expect(303);
        assert_eq!(state(&office, &id)["state"], "OPEN");
        second.form(&decide, &[("verdict", "approve")]).expect(422);

        first.form(&propose, &[("how", "ACCEPTED"), ("note", "Gõ vội, rút lại")]).expect(303);
        let withdraw = format!("{path}/withdraw");
        assert!(first.see(&path).expect(200).text().contains(&withdraw), "who proposed may take it back");
        assert!(!second.see(&path).expect(200).text().contains(&withdraw));
        second.form(&withdraw, &[]).expect(422);
        first.form(&withdraw, &[]).expect(303);
        first.form(&withdraw, &[]).expect(422);
        second.form(&decide, &[("verdict", "approve")]).expect(422);
        assert_eq!(state(&office, &id)["state"], "OPEN", "what was withdrawn cannot be approved");

        first.form(&propose, &[("how", "ACCEPTED"), ("note", "Bưu tá xác nhận quét nhầm")]).expect(303);
        assert!(second.see("/exceptions?whose=second").expect(200).text().contains(&id));
        second.form(&decide, &[("verdict", "approve"), ("decision_note", "")]).expect(303);
        let settled = state(&office, &id);
        assert_eq!((&settled["state"], &settled["resolution"]["outcome"]), (&json!("RESOLVED"), &json!("ACCEPTED")));
        assert!(!first.see("/exceptions").expect(200).text().contains(&id));
        assert!(first.see(&path).expect(200).text().contains("quét nhầm"), "settled ones stay to be read");

        let rows = read(&office, |db| proposals_of(db, &id));
        let told: Vec<(&str, bool)> =
            rows.iter().map(|row| (row.state.as_str(), row.decided_by.as_ref() == Some(&second.id))).collect();
        assert_eq!(told, [("DECLINED", true), ("WITHDRAWN", false), ("APPROVED", true)]);
        let counted = |word: &str| first.acts(&office).iter().filter(|act| *act == word).count();
        assert_eq!((counted("EXCEPTION.PROPOSE"), counted("EXCEPTION.WITHDRAW")), (3, 1));
        let second_acts = second.acts(&office);
        assert!(
            second_acts.contains(&"EXCEPTION.DECLINE".to_owned())
                && second_acts.contains(&"EXCEPTION.APPROVE".to_owned())
        );
    });
}

#[test]
fn one_person_resolves_with_a_reason_and_takes_in_hand() {
    each_backend("resolve", |store| {
        let office = Office::start(&store, Options::default());
        let (leg, id) = a_conflict(&office);
        let one = Person::of(&office, "one", Role::PostSupervisor, &office_of(&office, &leg));
        let path = format!("/exceptions/discrepancy/{id}");
        one.form(&format!("{path}/take"), &[]).expect(303);
        assert!(one.see("/exceptions?whose=mine").expect(200).text().contains(&id));
        let again = one.form(&format!("{path}/settle"), &[("how", "EXPLAINED"), ("note", "")]).expect(422).text();
        assert!(again.contains("aria-invalid=\"true\""));
        one.form(&format!("{path}/settle"), &[("how", "EXPLAINED"), ("note", "Quét nhầm bưu gửi")]).expect(303);
        assert_eq!(state(&office, &id)["resolution"]["outcome"], "EXPLAINED");
        assert!(!one.see("/exceptions?whose=mine").expect(200).text().contains(&id));
        assert_eq!(one.acts(&office)[..2], ["EXCEPTION.RESOLVE", "EXCEPTION.TAKE"]);
    });
}

#[test]
fn a_meaning_given_by_two_heals_what_was_unknown() {
    each_backend("codes", |store| {
        let office = Office::start(&store, Options::default());
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(1).manifest("RESULT", 3)));
        let raw = |id: &str, leg: &str, minutes: i64| json!({"factId": id, "legId": leg, "raw": {"family": "P4", "code": "777", "text": "Đã nhận gửi"}, "occurredAt": at(minutes)});
        office.report(&office.post(), &[raw("a", &legs[0], 5), raw("b", &legs[1], 6)]);
        let admin = Person::of(&office, "admin", Role::Administrator, "");
        let other = Person::of(&office, "other", Role::Administrator, "");
        let page = admin.see("/exceptions?sort=CODE").expect(200).text();
        let hex = "50343a373737";
        assert!(page.contains(&format!("/exceptions/code/{hex}")) && page.contains("P4:777"), "{page}");
        let path = format!("/exceptions/code/{hex}/rule");
        let again = admin.form(&path, &[("event", ""), ("reason", "Công văn 12")]).expect(422).text();
        assert!(again.contains("event-e") && again.contains("Công văn 12"), "what was typed is kept");
        admin.form(&path, &[("event", "ACCEPTED"), ("reason", "Công văn 12")]).expect(303);
        admin.form(&path, &[("event", "IN_TRANSIT"), ("reason", "khác")]).expect(422);
        let rules = read(&office, |db| giaonhan::store::read::status_rules::all(db, 10));
        let withdraw = format!("/exceptions/rules/{}/withdraw", rules[0].id);
        other.form(&withdraw, &[]).expect(422);
        admin.form(&withdraw, &[]).expect(303);
        assert!(admin.acts(&office)[0] == "RULE.WITHDRAW");
        admin.form(&path, &[("event", "ACCEPTED"), ("reason", "Công văn 12")]).expect(303);
        let rules = read(&office, |db| giaonhan::store::read::status_rules::all(db, 10));
        let rules: Vec<_> = rules.into_iter().filter(|rule| rule.state == "PROPOSED").collect();
        let verdict = format!("/exceptions/rules/{}/verdict", rules[0].id);
        admin.form(&verdict, &[("verdict", "approve")]).expect(422);
        assert_eq!(office.stands(&legs[0]).0, "REGISTERED", "one person gives no meaning");
        other.form(&verdict, &[("verdict", "approve")]).expect(303);

        for (leg, minutes) in [(&legs[0], 5), (&legs[1], 6)] {
            assert_eq!(office.stands(leg), ("ACCEPTED".to_owned(), "POST".to_owned()));
            let custody = office.desk().get(format!("/v1/legs/{leg}/custody")).json();
            let entries = custody["entries"].as_array().unwrap();
            let unknown = entries.iter().find(|entry| entry["event"] == "UNMAPPED").unwrap();
            let known = entries.iter().find(|entry| entry["event"] == "ACCEPTED").unwrap();
            assert_eq!(known["corrects"], unknown["eventId"], "the unknown event stays, annulled: {custody}");
            assert_eq!(known["occurredAt"], unknown["occurredAt"]);
            assert_eq!(known["occurredAt"], at(minutes));
            assert_eq!(known["source"]["rawCode"], "777");
            let open = office.oversight().all(&format!("/v1/discrepancies?legId={leg}&state=OPEN"));
            assert_eq!(open, Vec::<Value>::new());
        }
        // From now on the code is read at once, on every replica that reads this store.
        let told = office.report(&office.post(), &[raw("c", &legs[2], 7)]);
        assert_eq!(told[0]["advanced"], true);
        assert_eq!(office.stands(&legs[2]).0, "ACCEPTED");
        assert_eq!(giaonhan::app::status_rules::read_again(office.app()).unwrap(), 0, "nothing is read twice");
        assert!(!admin.see("/exceptions?sort=CODE").expect(200).text().contains("P4:777"));
    });
}

#[test]
fn messages_are_for_administrators_who_see_no_names() {
    each_backend("messages", |store| {
        let office = Office::start(&store, Options { unsettled_allowed: true, ..Options::default() });
        let app = office.app();
        let now_us = app.now().us();
        let put_aside = InboxRow {
            id: "in_test".to_owned(),
            counterpart: "nowhere".to_owned(),
            source: "REPORT".to_owned(),
            message_key: "k".to_owned(),
            body: Some(r#"{"code":"105","ReceiverName":"Trần Văn Lực"}"#.to_owned()),
            state: "QUARANTINED".to_owned(),
            received_at_us: now_us,
            done_at_us: None,
            error: Some("no time".to_owned()),
        };
        let order = |id: &str| parked(id, "POST_ORDER", None, now_us);
        let with_address = OutboxRow { body: r#"{"address":"3 Lê Lợi, Nha Trang"}"#.to_owned(), ..order("msg_a") };
        let rows = vec![with_address, order("msg_b")];
        app.store.commit(WriteSet { outbox: rows, inbox: vec![put_aside], ..WriteSet::default() }).unwrap();
        let admin = Person::of(&office, "admin", Role::Administrator, "");
        let other = Person::of(&office, "other", Role::Administrator, "");
        let supervisor = Person::of(&office, "supervisor", Role::AgencySupervisor, AGENCY);
        let list = admin.see("/exceptions").expect(200).text();
        assert!(["msg_a", "msg_b", "in_test"].iter().all(|id| list.contains(id)), "{list}");
        let list = supervisor.see("/exceptions").expect(200).text();
        assert!(["msg_a", "msg_b", "in_test"].iter().all(|id| !list.contains(id)));
        supervisor.see("/exceptions/message/msg_a").expect(404);
        supervisor.form("/exceptions/message/msg_a/send", &[("way", "replay"), ("reason", "x")]).expect(404);

        let shown = admin.see("/exceptions/message/msg_a").expect(200).text();
        assert!(!shown.contains("Lê Lợi"), "administrators see no address");
        let inbox = admin.see("/exceptions/inbox/in_test").expect(200).text();
        assert!(!inbox.contains("Trần") && inbox.contains("105") && inbox.contains("no time"));

        let bad = [("way", "mend"), ("body", "{\"phone\": "), ("reason", "khách báo số mới")];
        let again = admin.form("/exceptions/message/msg_b/send", &bad).expect(422).text();
        assert!(again.contains("body-e") && again.contains("khách báo số mới") && again.contains("phone"), "{again}");
        let good = [("way", "mend"), ("body", "{\"phone\": \"0900000041\"}"), ("reason", "khách báo số mới")];
        admin.form("/exceptions/message/msg_b/send", &good).expect(303);
        admin
            .form("/exceptions/message/msg_a/send", &[("way", "replay"), ("reason", "đường dây đã thông")])
            .expect(303);
        let kept = read(&office, |db| giaonhan::store::read::messages::log_of(db, "msg_b"));
        let told: Vec<(&str, Option<&str>)> =
            kept.iter().map(|row| (row.what.as_str(), row.by_whom.as_deref())).collect();
        assert_eq!(told.first(), Some(&("MENDED", Some("admin"))));
        assert!(admin.acts(&office).starts_with(&["MESSAGE.REPLAY".to_owned(), "MESSAGE.MEND".to_owned()]));

        admin
            .form("/exceptions/inbox/in_test/settle", &[("how", "ACCEPTED"), ("note", "Bên gửi đã gửi lại")])
            .expect(303);
        admin.form("/exceptions/inbox/in_test/decide", &[("verdict", "approve")]).expect(422);
        other.form("/exceptions/inbox/in_test/decide", &[("verdict", "approve")]).expect(303);
        assert!(!admin.see("/exceptions").expect(200).text().contains("in_test"));
    });
}

#[test]
fn pages_go_on_where_the_last_one_ended() {
    each_backend("paging", |store| {
        let office = Office::start(&store, Options::default());
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(1).manifest("RESULT", 60)));
        let facts: Vec<Value> = legs
            .iter()
            .enumerate()
            .flat_map(|(n, leg)| {
                [
                    fact(&format!("a{n}"), leg, "RETURNED", &at(5)),
                    fact(&format!("b{n}"), leg, "COLLECTION_FAILED", &at(6)),
                ]
            })
            .collect();
        office.report(&office.post(), &facts);
        let admin = Person::of(&office, "admin", Role::Administrator, "");
        let (mut path, mut seen, mut pages) = ("/exceptions?sort=DISCREPANCY".to_owned(), Vec::new(), 0);
        loop {
            let page = admin.see(&path).expect(200).text();
            seen.extend(page.split("href=\"/exceptions/discrepancy/").skip(1).map(|rest| rest[..29].to_owned()));
            pages += 1;
            let next =
                page.split("href=\"").filter(|rest| rest.contains("after=")).find_map(|rest| rest.split('"').next());
            match next {
                Some(next) => path = next.replace("&amp;", "&").replace("&#x2f;", "/"),
                None => break,
            }
        }
        let all = office.oversight().all("/v1/discrepancies?state=OPEN").len();
        let found = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), found), (all, all), "each once, in {pages} pages");
        assert!(pages > 1 && all >= 60);
    });
}

#[test]
fn oversight_and_accounts_answer_their_roles_alone() {
    each_backend("oversight and accounts", |store| {
        let office = Office::start(&store, Options::default());
        a_conflict(&office);
        let eyes = Person::of(&office, "eyes", Role::Oversight, "");
        let admin = Person::of(&office, "admin", Role::Administrator, "");
        let clerk = Person::of(&office, "clerk", Role::PostClerk, "650100");
        for path in ["/oversight", "/oversight?lang=en"] {
            eyes.see(path).expect(200);
        }
        admin.see("/oversight").expect(200);
        clerk.see("/oversight").expect(403);
        for reader in [&eyes, &admin] {
            let page = reader.see("/calendar?year=2026").expect(200).text().replace("&#x2f;", "/");
            assert!(page.contains("vn-2025-2026") && page.contains("22/08/2026") && page.contains("24/11/2026"));
            assert!(reader.see("/calendar?year=2027").expect(200).text().contains("2027"));
        }
        clerk.see("/calendar").expect(403);
        eyes.form("/calendar", &[("act", "load"), ("text", "")]).expect(403);
        let file = giaonhan::wire::calendar::BUILT_IN
            .replace("vn-2025-2026", "moi")
            .replace("2025-01-01\"\n\n[[year]]", "2025-01-02\"\n\n[[year]]");
        let wrong = admin
            .form("/calendar", &[("act", "check"), ("text", &file.replace("OFF", "OF"))])
            .expect(422)
            .text()
            .to_owned();
        assert!(wrong.contains("Dòng 21") && wrong.contains("moi"), "{wrong}");
        assert!(admin.form("/calendar", &[("act", "check"), ("text", &file)]).expect(200).text().contains("moi"));
        admin.form("/calendar", &[("act", "load"), ("text", &file)]).expect(303);
        assert!(admin.see("/calendar").expect(200).text().contains("<span class=\"code\">moi</span>"));
        admin.form("/calendar", &[("act", "load"), ("text", &file.replace("Tết", "Têt"))]).expect(422);
        eyes.see("/exceptions").expect(403);
        eyes.see("/accounts").expect(403);
        for path in ["/accounts", "/accounts/new", "/accounts/directory", &format!("/accounts/person/{}", clerk.id)] {
            admin.see(path).expect(200);
        }
        let fields = [("username", "moi"), ("full_name", "Người Mới"), ("role", "POSTMAN"), ("post_office", "")];
        let again = admin.form("/accounts/new", &fields).expect(422).text();
        assert!(again.contains("post_office-e") && again.contains("Người Mới"));
        let fields = [("username", "moi"), ("full_name", "Người Mới"), ("role", "POSTMAN"), ("post_office", "650100")];
        assert!(admin.form("/accounts/new", &fields).expect(200).text().contains("first-password"));
        admin.form(&format!("/accounts/person/{}/lock", clerk.id), &[("to", "locked")]).expect(303);
        assert_eq!(clerk.see("/account").0.status, 303, "a locked account is signed out at once");
        admin.form(&format!("/accounts/person/{}/lock", admin.id), &[("to", "locked")]).expect(422);
        let reset = admin.form(&format!("/accounts/person/{}/reset", eyes.id), &[]).expect(200).text();
        assert!(reset.contains("first-password"));
    });
}
