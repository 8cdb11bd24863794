//! What supervisors and administrators do: on the record with what it changes, within their own office or agency, and by whom
//! accounts are changed.

use crate::support::office::{AGENCY, leg_ids, text};
use crate::support::papers::{at, fact};
use crate::support::person::PIN;
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, Person, TestStore, each_backend, parked};
use giaonhan::base::time::{Clock, DAY_US, Ts};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use giaonhan::domain::person::Role;
use giaonhan::store::WriteSet;
use giaonhan::store::rows::{DiscrepancyRow, InboxRow};
use serde_json::{Value, json};

const OFFICE: &str = "650100";
const OTHER_OFFICE: &str = "652100";
const OTHER_AGENCY: &str = "H32.17";

fn unmatched(id: &str, reporter: &str, now_us: i64) -> DiscrepancyRow {
    DiscrepancyRow {
        id: id.to_owned(),
        kind: "UNMATCHED_FACT".to_owned(),
        state: "OPEN".to_owned(),
        subject_key: format!("UNMATCHED_FACT:{reporter}:{id}"),
        generation: 1,
        leg_id: None,
        handover_id: None,
        agency_code: None,
        reporter: Some(reporter.to_owned()),
        owner: "POST".to_owned(),
        opened_at_us: now_us,
        last_seen_at_us: now_us,
        evidence: "[]".to_owned(),
        resolution_outcome: None,
        resolution_reason: None,
        resolution_by: None,
        resolution_at_us: None,
    }
}

/// Counts every line of the handover that a page shows, as that page's script does.
fn counts(office: &Office, id: &str) -> Value {
    let handover = office.post().get(format!("/v1/handovers/{id}")).expect(200).json();
    let lines = handover["lines"].as_array().unwrap().iter().map(|line| {
        json!({"lineNo": line["lineNo"], "outcome": "TAKEN",
               "originals": line["expected"]["originals"], "copies": line["expected"]["copies"]})
    });
    json!({ "lines": lines.collect::<Vec<_>>() })
}

fn digest(office: &Office, id: &str) -> String {
    text(&office.post().get(format!("/v1/handovers/{id}")).expect(200).json()["digest"]).to_owned()
}

#[test]
fn an_act_of_a_handover_stands_on_the_record_once_and_a_refused_one_not_at_all() {
    each_backend("acts_handover", |store| {
        let office = Office::start(&store, Options::default());
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(1).manifest("RESULT", 2)));
        let clerk = Person::of(&office, "clerk", Role::DeskClerk, AGENCY);
        let post = Person::of(&office, "post", Role::PostClerk, OFFICE);
        let before = (clerk.acts(&office).len(), post.acts(&office).len());
        let told = |person: &Person, before: usize| {
            let mut acts = person.acts(&office);
            acts.truncate(acts.len() - before);
            acts.reverse();
            acts
        };

        clerk.form("/handovers/new", &[("leg", "leg_nowhere")]).expect(422);
        post.form("/handovers/new", &[("leg", &legs[0])]).expect(422);
        let opened = clerk.form("/handovers/new", &[("leg", &legs[0])]).leads_to();
        clerk.form("/handovers/new", &[("leg", &legs[0])]).expect(422);
        let id = opened.trim_start_matches("/handovers/").to_owned();
        let counted = counts(&office, &id);
        let path = format!("/handovers/{id}");
        let wrong = clerk.put(&format!("{path}/count"), &counted).expect(200).text();
        assert!(wrong.contains("problems"), "who gives does not count");
        post.put(&format!("{path}/count"), &counted).expect(200);
        post.put(&format!("{path}/count"), &counted).expect(200);
        let digest = digest(&office, &id);
        clerk.form(&format!("{path}/sign"), &[("secret", PIN), ("digest", "of other counts")]).expect(422);
        clerk.form(&format!("{path}/sign"), &[("secret", PIN), ("digest", &digest)]).expect(303);
        clerk.form(&format!("{path}/sign"), &[("secret", PIN), ("digest", &digest)]).expect(303);
        post.form(&format!("{path}/sign"), &[("secret", PIN), ("digest", &digest)]).expect(303);
        post.form(&format!("{path}/cancel"), &[("reason", "too late")]).expect(422);
        let second = clerk.form("/handovers/new", &[("leg", &legs[1])]).leads_to();
        clerk.form(&format!("{second}/cancel"), &[("reason", "")]).expect(422);
        clerk.form(&format!("{second}/cancel"), &[("reason", "Nhầm bưu cục")]).expect(303);

        assert_eq!(told(&clerk, before.0), ["HANDOVER.OPEN", "HANDOVER.SIGN", "HANDOVER.OPEN", "HANDOVER.CANCEL"]);
        assert_eq!(told(&post, before.1), ["HANDOVER.COUNT", "HANDOVER.SIGN"], "the same again changes nothing");
    });
}

/// The record takes nothing any more.
fn close_the_record(store: &TestStore) {
    Direct::to(store).run(if store.is_postgres() {
        "CREATE FUNCTION record_is_closed() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'the record is closed'; END $$ \
         LANGUAGE plpgsql; \
         CREATE TRIGGER record_is_closed BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION record_is_closed()"
    } else {
        "CREATE TRIGGER record_is_closed BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the record is closed'); END"
    });
}

#[test]
fn what_cannot_be_put_on_record_is_not_done() {
    each_backend("acts_whole", |store| {
        let office = Office::start(&store, Options { unsettled_allowed: true, ..Options::default() });
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(1).manifest("RESULT", 2)));
        let clerk = Person::of(&office, "clerk", Role::DeskClerk, AGENCY);
        let post = Person::of(&office, "post", Role::PostClerk, OFFICE);
        let chief = Person::of(&office, "chief", Role::AgencySupervisor, AGENCY);
        let admin = Person::of(&office, "admin", Role::Administrator, "");
        office.report(
            &office.post(),
            &[fact("a", &legs[1], "RETURNED", &at(5)), fact("b", &legs[1], "COLLECTION_FAILED", &at(6))],
        );
        let open = office.oversight().all(&format!("/v1/discrepancies?legId={}&state=OPEN", legs[1]));
        let discrepancy = text(&open[0]["id"]).to_owned();
        let now_us = office.app().now().us();
        let outbox = vec![parked("msg_a", "POST_ORDER", Some(&legs[0]), now_us)];
        office.app().store.commit(WriteSet { outbox, ..WriteSet::default() }).unwrap();
        let opened = clerk.form("/handovers/new", &[("leg", &legs[0])]).leads_to();
        let id = opened.trim_start_matches("/handovers/").to_owned();
        let counted = counts(&office, &id);
        let handover = || office.post().get(format!("/v1/handovers/{id}")).expect(200).json();
        let before = handover();

        close_the_record(&store);
        let fails = |answer: crate::support::person::Answer| assert!(answer.0.status >= 500, "{}", answer.text());
        fails(post.put(&format!("{opened}/count"), &counted));
        fails(clerk.form(&format!("{opened}/cancel"), &[("reason", "Nhầm")]));
        fails(clerk.form("/handovers/new", &[("leg", &legs[1])]));
        assert_eq!(handover(), before);
        fails(admin.form("/exceptions/message/msg_a/send", &[("way", "replay"), ("reason", "x")]));
        fails(admin.form("/exceptions/message/msg_a/send", &[("way", "mend"), ("body", "{}"), ("reason", "x")]));
        let row = office.app().store.read(|db| giaonhan::store::read::messages::by_id(db, "msg_a")).unwrap();
        assert_eq!(row.unwrap().state, "PARKED");
        let log = office.app().store.read(|db| giaonhan::store::read::messages::log_of(db, "msg_a")).unwrap();
        assert!(log.is_empty(), "{log:?}");
        let settled = [("outcome", "EXPLAINED"), ("reason", "Quét nhầm")];
        fails(chief.form(&format!("/desk/discrepancies/{discrepancy}"), &settled));
        let accepted = [("how", "ACCEPTED"), ("note", "Quét nhầm")];
        fails(chief.form(&format!("/exceptions/discrepancy/{discrepancy}/settle"), &accepted));
        let row = office.oversight().get(format!("/v1/discrepancies/{discrepancy}")).expect(200).json();
        assert_eq!(row["state"], "OPEN");
        Direct::to(&store).run(if store.is_postgres() {
            "DROP TRIGGER record_is_closed ON audit"
        } else {
            "DROP TRIGGER record_is_closed"
        });
        chief.form(&format!("/desk/discrepancies/{discrepancy}"), &settled).expect(303);
        assert_eq!(chief.acts(&office)[0], "DISCREPANCY.RESOLVE");
    });
}

/// Two offices and two agencies, each with its cases; who ought to see each.
struct Town {
    people: Vec<(&'static str, Person)>,
    /// Path, and the names of those who see it.
    cases: Vec<(String, Vec<&'static str>)>,
}

fn town(office: &Office, clock: &Clock) -> Town {
    let papers = Papers::new(1);
    let here = papers.manifest("RESULT", 2);
    let mut there = papers.manifest("RESULT", 2);
    there["agencyCode"] = json!(OTHER_AGENCY);
    there["postOfficeCode"] = json!(OTHER_OFFICE);
    let (desk, _) = office.caller("one-stop-other", Side::Agency, &[OTHER_AGENCY], &[Scope::Read, Scope::Write]);
    let (post, _) = office.caller("post-all", Side::Post, &["*"], &[Scope::Read, Scope::Write]);
    let here = leg_ids(&office.declare(&office.desk(), &here));
    let there = leg_ids(&office.declare(&desk, &there));
    for (n, legs) in [&here, &there].into_iter().enumerate() {
        let facts = [
            fact(&format!("a{n}"), &legs[0], "RETURNED", &at(5)),
            fact(&format!("b{n}"), &legs[0], "COLLECTION_FAILED", &at(6)),
        ];
        office.report(&post, &facts);
    }
    let conflict = |leg: &str| {
        let found = office.oversight().all(&format!("/v1/discrepancies?legId={leg}&state=OPEN"));
        format!("/exceptions/discrepancy/{}", text(&found[0]["id"]))
    };
    let now_us = office.app().now().us();
    let outbox = vec![
        parked("msg_here", "POST_ORDER", Some(&here[1]), now_us),
        parked("msg_there", "ONE_STOP_STATE", Some(&there[1]), now_us),
        parked("msg_told", "WEBHOOK", Some(&here[1]), now_us),
        parked("msg_of_nobody", "POST_ORDER", None, now_us),
    ];
    let inbox = vec![InboxRow {
        id: "in_broken".to_owned(),
        counterpart: "nowhere".to_owned(),
        source: "REPORT".to_owned(),
        message_key: "k".to_owned(),
        body: Some("{}".to_owned()),
        state: "QUARANTINED".to_owned(),
        received_at_us: now_us,
        done_at_us: None,
        error: Some("no time".to_owned()),
    }];
    let discrepancies = vec![
        unmatched("dsc_of_office", &format!("post-office-{OFFICE}"), now_us),
        unmatched("dsc_of_other", &format!("post-office-{OTHER_OFFICE}"), now_us),
        unmatched("dsc_of_desk", &format!("desk-{AGENCY}"), now_us),
        unmatched("dsc_of_system", "post-test", now_us),
    ];
    office.app().store.commit(WriteSet { outbox, inbox, discrepancies, ..WriteSet::default() }).unwrap();
    // Longer than anybody may hold a paper.
    clock.advance_us(60 * DAY_US);
    let both = ["post", "desk", "admin"].to_vec();
    let others = ["other post", "other desk", "admin"].to_vec();
    let cases = vec![
        (conflict(&here[0]), both.clone()),
        (conflict(&there[0]), others.clone()),
        ("/exceptions/message/msg_here".to_owned(), both.clone()),
        ("/exceptions/message/msg_there".to_owned(), others.clone()),
        ("/exceptions/message/msg_told".to_owned(), vec!["admin"]),
        ("/exceptions/message/msg_of_nobody".to_owned(), vec!["admin"]),
        ("/exceptions/inbox/in_broken".to_owned(), vec!["admin"]),
        (format!("/exceptions/custody/{}", here[1]), both),
        (format!("/exceptions/custody/{}", there[1]), others),
        ("/exceptions/fact/dsc_of_office".to_owned(), vec!["post", "admin"]),
        ("/exceptions/fact/dsc_of_other".to_owned(), vec!["other post", "admin"]),
        ("/exceptions/fact/dsc_of_desk".to_owned(), vec!["desk", "admin"]),
        ("/exceptions/fact/dsc_of_system".to_owned(), vec!["admin"]),
    ];
    let people = vec![
        ("post", Person::of(office, "post", Role::PostSupervisor, OFFICE)),
        ("other post", Person::of(office, "other.post", Role::PostSupervisor, OTHER_OFFICE)),
        ("desk", Person::of(office, "desk", Role::AgencySupervisor, AGENCY)),
        ("other desk", Person::of(office, "other.desk", Role::AgencySupervisor, OTHER_AGENCY)),
        ("admin", Person::of(office, "admin", Role::Administrator, "")),
    ];
    Town { people, cases }
}

#[test]
fn a_supervisor_sees_and_settles_the_cases_of_their_own_place_alone() {
    each_backend("scope", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-23T09:00:00+07:00").unwrap());
        let options = Options { unsettled_allowed: true, ..Options::default() }.clock(&clock);
        let office = Office::start(&store, options);
        let town = town(&office, &clock);
        for (name, person) in &town.people {
            let list = person.see("/exceptions").expect(200).text();
            for (path, seen_by) in &town.cases {
                let sees = seen_by.contains(name);
                assert_eq!(list.contains(path.as_str()), sees, "{path} on the list of {name}");
                let status = if sees { 200 } else { 404 };
                assert_eq!(person.see(path).0.status, status, "{path} for {name}");
                // What the page leads to is theirs as well: nothing that anybody is led to is refused.
                let reply = if sees { 422 } else { 404 };
                let act = if path.contains("/message/") { "send" } else { "settle" };
                let status =
                    person.form(&format!("{path}/{act}"), &[("how", ""), ("way", ""), ("reason", "")]).0.status;
                assert_eq!(status, reply, "{act} {path} by {name}");
                for act in ["take", "decide", "withdraw"] {
                    let status = person.form(&format!("{path}/{act}"), &[("verdict", "approve")]).0.status;
                    assert_eq!(status == 404, !sees, "{act} {path} by {name}: {status}");
                }
            }
        }
        // A parked message of their own goes out again by their hand.
        let (_, post) = &town.people[0];
        post.form("/exceptions/message/msg_here/send", &[("way", "replay"), ("reason", "đã sửa")]).expect(303);
        assert_eq!(post.acts(&office)[0], "MESSAGE.REPLAY");
    });
}

#[test]
fn a_case_shows_what_it_rests_on_and_leads_there() {
    each_backend("proofs", |store| {
        let office = Office::start(&store, Options { unsettled_allowed: true, ..Options::default() });
        let legs = leg_ids(&office.declare(&office.desk(), &Papers::new(1).manifest("RESULT", 2)));
        let opened = office.open(&office.desk(), "AGENCY", "POST", &legs);
        let counted = json!({"lines": [
            {"lineNo": 1, "outcome": "TAKEN", "originals": 1, "copies": 2},
            {"lineNo": 2, "outcome": "MISSING"},
        ]});
        let handover = office.sign_both(&office.count(&opened, &counted));
        let outbox = vec![parked("msg_a", "POST_ORDER", Some(&legs[1]), office.app().now().us())];
        office.app().store.commit(WriteSet { outbox, ..WriteSet::default() }).unwrap();
        let found = office.oversight().all(&format!("/v1/discrepancies?legId={}", legs[1]));
        let path = format!("/exceptions/discrepancy/{}", text(&found[0]["id"]));
        let chief = Person::of(&office, "chief", Role::AgencySupervisor, AGENCY);
        let admin = Person::of(&office, "admin", Role::Administrator, "");
        let links = [format!("/dossiers/{}", legs[1]), format!("/handovers/{}", text(&handover["id"]))];
        let page = chief.see(&path).expect(200).text();
        for link in &links {
            assert!(page.contains(&format!("href=\"{link}\"")), "{link} in {page}");
            chief.see(link).expect(200);
        }
        assert!(page.contains("href=\"/exceptions/message/msg_a\""));
        let page = admin.see(&path).expect(200).text();
        assert!(
            links.iter().all(|link| !page.contains(&format!("href=\"{link}\""))),
            "administrators read no dossiers"
        );
        assert!(page.contains("Biên bản giao nhận") && page.contains("href=\"/exceptions/message/msg_a\""));

        // An event by its words, its time and who said it.
        let leg = leg_ids(&office.declare(&office.desk(), &Papers::new(2).manifest("RESULT", 1))).remove(0);
        office.report(
            &office.post(),
            &[fact("a", &leg, "RETURNED", &at(5)), fact("b", &leg, "COLLECTION_FAILED", &at(6))],
        );
        let found = office.oversight().all(&format!("/v1/discrepancies?legId={leg}"));
        let conflict = found.iter().find(|one| one["kind"] == "STATE_CONFLICT").unwrap();
        let page = chief.see(&format!("/exceptions/discrepancy/{}", text(&conflict["id"]))).expect(200).text();
        let proofs = page.split("id=\"h-p\"").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(proofs.contains("Đi nhận kết quả chưa được") || proofs.contains("đã chuyển hoàn"), "{proofs}");
        assert!(proofs.contains(", bưu điện, "), "who said it, and when: {proofs}");
    });
}

#[test]
fn a_role_is_changed_by_somebody_else_and_ends_every_session() {
    each_backend("roles", |store| {
        let office = Office::start(&store, Options::default());
        let admin = Person::of(&office, "admin", Role::Administrator, "");
        let clerk = Person::of(&office, "clerk", Role::PostClerk, OFFICE);
        let path = format!("/accounts/person/{}", clerk.id);
        let wrong = [("role", "DESK_CLERK"), ("post_office", OFFICE), ("agency", "")];
        let again = admin.form(&format!("{path}/role"), &wrong).expect(422).text();
        assert!(again.contains("agency-e") && again.contains("value=\"DESK_CLERK\" selected"), "what was chosen stays");
        clerk.see("/post").expect(200);
        let right = [("role", "DESK_CLERK"), ("post_office", ""), ("agency", AGENCY)];
        admin.form(&format!("{path}/role"), &right).expect(303);
        assert!(clerk.see("/post").leads_to().starts_with("/sign-in"));
        assert!(admin.see(&path).expect(200).text().contains("Cán bộ một cửa"));
        admin.form(&format!("/accounts/person/{}/role", admin.id), &right).expect(422);
        let other = Person::of(&office, "other", Role::Oversight, "");
        admin.form(&format!("/accounts/person/{}/sign-out", other.id), &[]).expect(303);
        assert!(other.see("/oversight").leads_to().starts_with("/sign-in"));
        assert_eq!(admin.acts(&office)[..2], ["ACCOUNT.SIGN_OUT", "ACCOUNT.ROLE"]);
        clerk.form(&format!("{path}/role"), &right).expect(303);
    });
}
