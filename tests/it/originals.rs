//! Originals lent for comparison go back: with the result, or from hand to hand at the desk; what a result leaves behind is named
//! (NĐ 118 Đ22 k2).

use crate::support::office::{AGENCY, SOON, leg_ids};
use crate::support::papers::{fact, proven, total};
use crate::support::process::on_store;
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, Person, TestStore, each_backend, until};
use giaonhan::app::people::directory::{self, PaperOfList, Procedure};
use giaonhan::app::{originals, verify};
use giaonhan::base::time::{Clock, HOUR_US, Ts};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use giaonhan::domain::person::Role;
use serde_json::{Value, json};

const CARD: &str = "Bản chính Căn cước";

fn checklist(office: &Office, lent: &[&str]) {
    let paper =
        |name: &&str| PaperOfList { name: (*name).to_owned(), originals: 1, copies: 0, recover: false, compare: true };
    let procedure = Procedure {
        code: "1.005129".into(),
        agency_code: "*".into(),
        name: "Đổi giấy phép lái xe".into(),
        papers: lent.iter().map(paper).collect(),
        fee: 0,
        days: None,
    };
    directory::load(office.app(), Vec::new(), vec![procedure]).unwrap();
}

/// An office in which papers are lent, and what happens in it.
struct Lending {
    office: Office,
    clock: Clock,
    papers: Papers,
}

impl Lending {
    fn on(store: &TestStore, seed: u32) -> Self {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-20T09:00:00+07:00").unwrap());
        let office = Office::start(store, Options::default().timeless().clock(&clock));
        checklist(&office, &[CARD, "Sổ đỏ"]);
        Lending { office, clock, papers: Papers::new(seed) }
    }

    fn later(&self) -> String {
        self.clock.advance_us(HOUR_US);
        self.clock.now().to_rfc3339()
    }

    /// Intakes with so many cards each, as the post spells them; returns legs and dossier numbers.
    fn take_in(&self, cards: &[u64]) -> (Vec<String>, Vec<Value>) {
        let mut manifest = self.papers.taken_intake(u32::try_from(cards.len()).unwrap());
        for (line, cards) in manifest["lines"].as_array_mut().unwrap().iter_mut().zip(cards) {
            let card = json!({"name": "bản chính  căn cước", "kind": "ORIGINAL", "quantity": cards});
            line["papers"].as_array_mut().unwrap().push(card);
        }
        total(&mut manifest);
        let numbers = manifest["lines"].as_array().unwrap().iter().map(|line| line["dossierNo"].clone()).collect();
        (leg_ids(&self.office.declare(&self.office.post(), &manifest)), numbers)
    }

    /// A result of a dossier, with so many cards.
    fn result(&self, number: &Value, cards: u64) -> String {
        let mut line = self.papers.line("RESULT", 1);
        line["dossierNo"] = number.clone();
        if cards > 0 {
            let card = json!({"name": CARD.to_uppercase(), "kind": "ORIGINAL", "quantity": cards});
            line["papers"].as_array_mut().unwrap().push(card);
        }
        let mut manifest = self.papers.manifest_of("RESULT", vec![line]);
        total(&mut manifest);
        leg_ids(&self.office.declare(&self.office.desk(), &manifest)).remove(0)
    }

    /// The post brings a result that was handed to it.
    fn bring(&self, leg: &str, originals: u64) {
        let at = self.later();
        let mut confirmed = proven(&format!("c-{leg}"), leg, "CONFIRMED", &at);
        confirmed["originals"] = json!(originals);
        self.office.report(&self.office.post(), &[fact(&format!("d-{leg}"), leg, "DELIVERED", &at), confirmed]);
    }

    fn stands(&self, leg: &str) -> Vec<(i64, String)> {
        let found = originals::of_legs(self.office.app(), &[leg.to_owned()]).unwrap();
        found.into_iter().map(|one| (one.row.quantity, one.row.standing)).collect()
    }

    #[track_caller]
    fn wait_for(&self, leg: &str, standings: &[(i64, &str)]) {
        let meant: Vec<(i64, String)> = standings.iter().map(|(n, word)| (*n, (*word).to_owned())).collect();
        let mut last = Vec::new();
        until(&format!("{leg} stands {standings:?}"), SOON, || {
            last = self.stands(leg);
            (last == meant).then_some(())
        });
    }

    fn discrepancies(&self, leg: &str) -> Vec<String> {
        let all = self.office.oversight().all(&format!("/v1/discrepancies?legId={leg}&kind=UNRETURNED_ORIGINAL"));
        all.iter().map(|one| one["state"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn originals_lent_go_back() {
    each_backend("originals", |store| {
        let mut town = Lending::on(&store, 41);
        let (intakes, numbers) = town.take_in(&[1, 1, 1, 2]);
        assert!(town.stands(&intakes[0]).is_empty(), "nothing is lent before the agency has it");
        town.office.hand_over("POST", "AGENCY", &intakes);
        town.wait_for(&intakes[0], &[(1, "AT_AGENCY")]);

        // One goes back with its result, under way and in the citizen's hands; the others are left behind.
        let results: Vec<String> = numbers.iter().zip([1, 0, 0, 1]).map(|(no, cards)| town.result(no, cards)).collect();
        let giver = Person::of(&town.office, "giao-ket-qua", Role::DeskClerk, AGENCY);
        until("the clerk who gives sees what goes along, and what is missing", SOON, || {
            let page = giver.see("/desk/results").expect(200);
            let told = |text: &str| page.text().matches(text).count();
            ((told("Kèm bản chính phải trả"), told("không ghi ở chặng này")) == (2, 3)).then_some(())
        });
        town.later();
        town.office.hand_over("AGENCY", "POST", &results);
        town.wait_for(&intakes[0], &[(1, "ON_ITS_WAY")]);
        town.wait_for(&intakes[1], &[(1, "AT_AGENCY")]);
        for (result, originals) in results.iter().zip([2, 1, 1, 2]) {
            town.bring(result, originals);
        }
        town.wait_for(&intakes[0], &[(1, "RETURNED")]);
        town.wait_for(&intakes[1], &[(1, "UNRETURNED")]);
        town.wait_for(&intakes[3], &[(1, "RETURNED"), (1, "UNRETURNED")]);
        assert_eq!(town.discrepancies(&intakes[1]), ["OPEN"]);
        assert!(town.discrepancies(&intakes[0]).is_empty());

        // A process that starts again doubles nothing, and all of it again finds the same.
        town.office.restart();
        giaonhan::app::tallies::rebuild(town.office.app()).unwrap();
        until("every leg is looked at", SOON, || {
            let app = town.office.app();
            let waiting = app.store.read(|db| giaonhan::store::originals::due(db, 1)).unwrap();
            waiting.is_empty().then_some(())
        });
        assert_eq!(town.discrepancies(&intakes[1]), ["OPEN"]);
        assert_eq!(town.stands(&intakes[3]).len(), 2);

        // The desk gives one back by hand, and lost another.
        let clerk = Person::of(&town.office, "mot-cua", Role::DeskClerk, AGENCY);
        let page = clerk.see("/desk/returns").expect(200);
        assert!(page.text().contains("Bản chính mượn đối chiếu") && page.text().contains(CARD), "{}", page.text());
        let tell = |by: &Person, leg: &str, outcome: &str, note: &str| {
            let fields = [("leg", leg), ("paper", CARD), ("quantity", "1"), ("outcome", outcome), ("note", note)];
            by.form("/desk/originals", &fields)
        };
        let stranger = Person::of(&town.office, "noi-khac", Role::DeskClerk, "H32.99");
        tell(&stranger, &intakes[1], "GIVEN_BACK", "").expect(404);
        tell(&clerk, &intakes[0], "GIVEN_BACK", "").expect(404);
        tell(&clerk, &intakes[1], "GIVEN_BACK", "").expect(303);
        assert_eq!(town.stands(&intakes[1]), [(1, "RETURNED".to_owned())], "at once");
        assert_eq!(town.discrepancies(&intakes[1]), ["RESOLVED"]);
        tell(&clerk, &intakes[1], "GIVEN_BACK", "").expect(404);
        let again = tell(&clerk, &intakes[2], "DECLARED_LOST", "").expect(422);
        assert!(again.text().contains("Ghi rõ mất khi nào"), "{}", again.text());
        tell(&clerk, &intakes[2], "DECLARED_LOST", "mất ngày 18, đã báo công an").expect(303);
        town.wait_for(&intakes[2], &[(1, "LOST")]);
        assert_eq!(town.discrepancies(&intakes[2]), ["RESOLVED"]);
        let page = clerk.see("/desk/returns").expect(200);
        assert!(page.text().contains("đã báo công an"), "what is lost stays to be seen");
        assert_eq!(&clerk.acts(&town.office)[..2], ["DESK.ORIGINAL_LOST", "DESK.ORIGINAL_BACK"]);
        let page = clerk.see(&format!("/dossiers/{}", results[3])).expect(200);
        assert!(page.text().contains("bản chính chưa trả") && page.text().contains("Kết quả giải quyết"));

        // The list of the interface, for who sees the agency.
        let open = town.office.oversight().get("/v1/originals?state=OPEN").expect(200).json();
        let [one] = open["items"].as_array().unwrap().as_slice() else { panic!("{open}") };
        assert_eq!((&one["legId"], &one["resultLegId"]), (&json!(intakes[3]), &json!(results[3])));
        let lost = town.office.desk().get("/v1/originals?state=LOST").expect(200).json();
        assert_eq!(lost["items"][0]["legId"], json!(intakes[2]));
        let (other, _) = town.office.caller("elsewhere", Side::Agency, &["H32.99"], &[Scope::Read]);
        assert_eq!(other.get("/v1/originals").expect(200).json(), json!({"items": [], "next": null}));
        // Page by page, a paper in two parts across two of them, it is the same list.
        let whole = town.office.oversight().get("/v1/originals").expect(200).json();
        let paged = town.office.oversight().all("/v1/originals?limit=2");
        assert_eq!((paged.len(), &json!({"items": paged, "next": null})), (5, &whole));
        assert_eq!(paged[3]["legId"], paged[4]["legId"]);
        let of_agency = format!("/v1/originals?limit=1&state=RETURNED&agencyCode={AGENCY}");
        assert_eq!(town.office.desk().all(&of_agency).len(), 3);
        town.office.oversight().get("/v1/originals?after=leg_x").refused(400, "CURSOR_INVALID");

        // The command line tells the same; what the desk said cannot be changed.
        let told = on_store(&store, &["originals", "--json", "--open", "--agency", AGENCY]).expect(0).objects();
        let [one] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((&one["legId"], &one["standing"]), (&json!(intakes[3]), &json!("UNRETURNED")));
        assert_eq!(on_store(&store, &["originals", "--json"]).expect(0).objects().len(), 5);
        let mut direct = Direct::to(&store);
        assert!(direct.try_run("UPDATE original_return SET note = 'x'").is_err(), "append-only");
        assert!(direct.try_run("DELETE FROM original_return").is_err(), "append-only");

        // What is stored and not so is named.
        direct.run("UPDATE lent_original SET standing = 'AT_AGENCY' WHERE standing = 'LOST'");
        let damage = verify::verify(town.office.app()).unwrap().problems;
        assert_eq!(damage.iter().map(|one| one.kind).collect::<Vec<_>>(), ["ORIGINALS_DIFFER"], "{damage:?}");
        direct.run(&format!("UPDATE lent_original SET standing = 'LOST' WHERE leg_id = '{}'", intakes[2]));
    });
}

#[test]
fn late_facts_find_their_place() {
    each_backend("late originals", |store| {
        let town = Lending::on(&store, 42);
        // The dossier's number becomes known when its result has come and gone.
        let mut manifest = town.papers.taken_intake(1);
        let number = manifest["lines"][0]["dossierNo"].take();
        manifest["lines"][0].as_object_mut().unwrap().remove("dossierNo");
        manifest["lines"][0]["papers"] = json!([{"name": CARD, "kind": "ORIGINAL", "quantity": 1}]);
        total(&mut manifest);
        let intake = leg_ids(&town.office.declare(&town.office.post(), &manifest)).remove(0);
        town.office.hand_over("POST", "AGENCY", std::slice::from_ref(&intake));
        town.wait_for(&intake, &[(1, "AT_AGENCY")]);
        let result = town.result(&number, 0);
        town.later();
        town.office.hand_over("AGENCY", "POST", std::slice::from_ref(&result));
        town.bring(&result, 1);
        let bound = json!({"factId": "bound", "legId": intake, "event": "CASE_RECEIVED", "dossierNo": number,
                           "occurredAt": town.clock.now().to_rfc3339()});
        town.office.report(&town.office.desk(), &[bound]);
        town.wait_for(&intake, &[(1, "UNRETURNED")]);
        assert_eq!(town.discrepancies(&intake), ["OPEN"]);

        // It follows with another result: named no more, and named again when that one comes back.
        let second = town.result(&number, 1);
        town.wait_for(&intake, &[(1, "AT_AGENCY")]);
        assert_eq!(town.discrepancies(&intake), ["RESOLVED"]);
        town.later();
        town.office.hand_over("AGENCY", "POST", std::slice::from_ref(&second));
        town.wait_for(&intake, &[(1, "ON_ITS_WAY")]);
        town.bring(&second, 2);
        town.wait_for(&intake, &[(1, "RETURNED")]);
        assert_eq!(town.discrepancies(&intake), ["RESOLVED"]);

        // Without it on the checklist nothing was lent; with it again, it was.
        checklist(&town.office, &["Sổ đỏ"]);
        until("the list says that it is not lent", SOON, || town.stands(&intake).is_empty().then_some(()));
        checklist(&town.office, &[CARD]);
        town.wait_for(&intake, &[(1, "RETURNED")]);
    });
}
