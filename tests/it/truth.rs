//! A province with known faults of every kind that facts, handovers, clocks, papers, money and the one-stop side's book can show.
//! `reconcile.rs` does the same for the post's book: together they inject every kind of the catalogue.
//!
//! What is injected is the truth; what was ever opened is what was found. Sound legs stand between them: nothing may be found of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::papers::{fact, proven};
use crate::support::process::on_store;
use crate::support::{Client, Office, Options, Papers, TestStore, each_backend, until};
use giaonhan::app::people::Doing;
use giaonhan::app::people::directory::{self, PaperOfList, Procedure};
use giaonhan::app::{money, old_papers, originals, zones};
use giaonhan::base::time::{Clock, Ts};
use giaonhan::domain::discrepancy::Kind;
use giaonhan::store::read::tallies::kept_up_to;
use giaonhan::wire;
use serde_json::{Value, json};

/// Faults of each kind.
const OF_EACH: usize = 2;
/// Legs of each kind of which nothing may be found.
const SOUND: usize = 4;
/// Of this procedure an old paper is taken back.
const WITH_OLD_PAPER: &str = "1.005130";
/// Of this one an original is lent for comparison.
const WITH_LENT_PAPER: &str = "1.005131";

/// A time of the month, as facts write it.
fn on(day: u32, time: &str) -> String {
    format!("2026-11-{day:02}T{time}:00+07:00")
}

/// Kind, and the leg or what else it is about.
type Fault = (String, String);

struct Province {
    office: Office,
    clock: Clock,
    papers: Papers,
    /// Dossiers of the one-stop side's book, each with what it says.
    cases: Vec<Value>,
    truth: BTreeSet<Fault>,
    facts: usize,
}

impl Province {
    fn start(store: &TestStore) -> Self {
        let clock = Clock::fixed(Ts::parse_rfc3339(&on(16, "09:00")).unwrap());
        let options = Options::default().clock(&clock).set("clocks.fee_remittance_days", 2);
        let office = Office::start(store, options);
        let doing = Doing { person: None, request_id: "test" };
        let table = "place,province,zone,class\n650100,56,nha-trang,CITY\n22366,56,nha-trang,CITY\n";
        zones::load(office.app(), wire::zones::read(table.as_bytes()).unwrap(), doing).unwrap();
        let paper =
            PaperOfList { name: "Giấy phép".into(), originals: 1, copies: 0, recover: false, compare: false };
        let procedure = |code: &str, paper: PaperOfList| Procedure {
            code: code.into(),
            agency_code: "*".into(),
            name: "Đổi giấy phép".into(),
            papers: vec![paper],
            fee: 0,
            days: None,
        };
        let old = procedure(WITH_OLD_PAPER, PaperOfList { recover: true, ..paper.clone() });
        let lent = procedure(WITH_LENT_PAPER, PaperOfList { compare: true, ..paper });
        directory::load(office.app(), Vec::new(), vec![old, lent]).unwrap();
        Province { office, clock, papers: Papers::new(77), cases: Vec::new(), truth: BTreeSet::new(), facts: 0 }
    }

    fn go_to(&self, day: u32, time: &str) {
        self.clock.advance_us(Ts::parse_rfc3339(&on(day, time)).unwrap().us() - self.clock.now().us());
        self.office.clocks_derived();
    }

    fn injected(&mut self, kind: &str, subject: &str) {
        self.truth.insert((kind.to_owned(), subject.to_owned()));
    }

    fn case(&mut self, dossier: &str, status: u8, more: Value) {
        let mut case = json!({"dossierNo": dossier, "day": "2026-11-16", "status": status});
        case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.cases.push(case);
    }

    /// A result leg and its dossier number. What lies in no zone has no term of transit.
    fn result(&self, in_zone: bool) -> (String, String) {
        let mut line = self.papers.line("RESULT", 1);
        if !in_zone {
            line["party"]["address"]["communeCode"] = json!("22999");
        }
        self.result_of(line)
    }

    fn result_of(&self, line: Value) -> (String, String) {
        let dossier = text(&line["dossierNo"]).to_owned();
        let manifest = self.papers.manifest_of("RESULT", vec![line]);
        (leg_ids(&self.office.declare(&self.office.desk(), &manifest)).remove(0), dossier)
    }

    /// An intake leg that the post took this morning, and its dossier number.
    fn intake(&self) -> (String, String) {
        let mut line = self.papers.line("INTAKE", 1);
        line["acceptedAt"] = json!(on(16, "08:30"));
        self.intake_of(line)
    }

    fn intake_of(&self, line: Value) -> (String, String) {
        let dossier = line["dossierNo"].as_str().unwrap_or_default().to_owned();
        let manifest = self.papers.manifest_of("INTAKE", vec![line]);
        (leg_ids(&self.office.declare(&self.office.post(), &manifest)).remove(0), dossier)
    }

    fn by_post(&mut self, leg: &str, event: &str, at: &str, more: Value) {
        let told = self.told(leg, event, at, more);
        self.say(&self.office.post(), told);
    }

    fn by_desk(&mut self, leg: &str, event: &str, at: &str, more: Value) {
        let told = self.told(leg, event, at, more);
        self.say(&self.office.desk(), told);
    }

    fn say(&self, by: &Client, told: Value) {
        assert_eq!(self.office.report(by, std::slice::from_ref(&told))[0]["outcome"], "RECORDED", "{told}");
    }

    fn told(&mut self, leg: &str, event: &str, at: &str, more: Value) -> Value {
        self.facts += 1;
        let mut told = proven(&format!("t-{}", self.facts), leg, event, at);
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        told
    }

    fn hand_over(&self, from: &str, to: &str, leg: &str) {
        self.office.hand_over(from, to, &[leg.to_owned()]);
    }

    /// A result that goes to the citizen as it ought to.
    fn delivered(&mut self, at: &str) -> (String, String) {
        let (leg, dossier) = self.result(true);
        self.hand_over("AGENCY", "POST", &leg);
        self.by_post(&leg, "CONFIRMED", at, json!({}));
        (leg, dossier)
    }

    /// Papers of a citizen that the agency signed for, and the case that it opened.
    fn filed(&mut self) -> (String, String) {
        let (leg, dossier) = self.intake();
        self.hand_over("POST", "AGENCY", &leg);
        self.by_desk(&leg, "CASE_RECEIVED", &on(16, "09:30"), json!({"dossierNo": dossier}));
        (leg, dossier)
    }

    fn mark(&self, dossier: &str, mark: &str, at: &str, date: Option<&str>) {
        let mut told = json!({"markId": format!("{dossier} {mark} {at}"), "agencyCode": AGENCY, "dossierNo": dossier,
                              "mark": mark, "occurredAt": at});
        if let Some(date) = date {
            told["date"] = json!(date);
        }
        let reply = self.office.desk().post("/v1/case-marks", &json!({"marks": [told]})).expect(200).json();
        assert_eq!(reply["marks"][0]["outcome"], "TAKEN");
    }

    /// Everything that was ever opened, by kind and leg, or what else it is about.
    fn found(&self) -> BTreeSet<Fault> {
        let subject = |one: &Value| {
            let evidence = one["evidence"].as_array().unwrap();
            let mut rows = evidence.iter().filter_map(|piece| piece["book"]["row"].as_str());
            let mut facts = evidence.iter().filter_map(|piece| piece["factId"].as_str());
            let named = [one["legId"].as_str(), rows.next_back(), facts.next_back(), one["handoverId"].as_str()];
            named.into_iter().flatten().next().unwrap_or_default().to_owned()
        };
        let all = self.office.oversight().all("/v1/discrepancies");
        all.iter().map(|one| (text(&one["kind"]).to_owned(), subject(one))).collect()
    }

    fn rolled_up(&self) {
        until("every leg is rolled up", SOON, || {
            let fresh = self.office.app().store.read(kept_up_to).unwrap();
            (fresh.due == 0 && fresh.rolled_up_at_us > 0).then_some(())
        });
    }
}

/// What is said of a leg against what the ledger holds of it.
fn faults_of_facts(it: &mut Province) {
    for n in 0..OF_EACH {
        let (leg, dossier) = it.result(false);
        let cancel = json!({"reason": "nhầm"});
        it.office.desk().post(format!("/v1/legs/{leg}/cancel"), &cancel).expect(200);
        it.by_post(&leg, "ACCEPTED", &on(16, "08:50"), json!({}));
        it.injected("STATE_CONFLICT", &leg);
        it.case(&dossier, 9, json!({}));

        let (leg, dossier) = it.intake();
        it.by_desk(&leg, "CONFIRMED", &on(16, "08:55"), json!({"originals": 1, "copies": 1}));
        it.injected("COUNT_MISMATCH", &leg);
        it.hand_over("POST", "AGENCY", &leg);
        it.by_desk(&leg, "CASE_RECEIVED", &on(16, "09:30"), json!({"dossierNo": dossier}));
        it.case(&dossier, 1, json!({}));

        let (leg, dossier) = it.result(false);
        it.hand_over("AGENCY", "POST", &leg);
        let unchecked = json!({"name": "Nguyễn Thị Mẫu", "relation": "OWNER", "idChecked": false});
        it.by_post(&leg, "CONFIRMED", &on(16, "09:10"), json!({"receiver": unchecked}));
        it.injected("NO_ID_NOTE", &leg);
        it.case(&dossier, 9, json!({}));

        let (leg, dossier) = it.result(false);
        it.hand_over("AGENCY", "POST", &leg);
        it.by_post(&leg, "PARTIAL", &on(16, "09:10"), json!({}));
        it.injected("PARTIAL_DELIVERY", &leg);
        it.case(&dossier, 9, json!({}));

        let (leg, dossier) = it.result(false);
        it.hand_over("AGENCY", "POST", &leg);
        it.by_desk(&leg, "OUT_FOR_DELIVERY", &on(16, "09:10"), json!({}));
        it.injected("REPORTER_NOT_ENTITLED", &leg);
        it.case(&dossier, 9, json!({}));

        let (leg, dossier) = it.result(false);
        it.hand_over("AGENCY", "POST", &leg);
        let raw = json!({"factId": format!("raw-{n}"), "legId": leg, "occurredAt": on(16, "09:10"),
                         "raw": {"family": "P4", "code": "7777"}});
        it.say(&it.office.post(), raw);
        it.injected("UNMAPPED_STATUS", &leg);
        it.case(&dossier, 9, json!({}));

        let number = it.papers.dossier_no();
        let lost = json!({"factId": format!("lost-{n}"), "dossierNo": number, "legKind": "RESULT", "event": "ACCEPTED",
                          "occurredAt": on(16, "09:00")});
        it.office.report(&it.office.post(), &[lost]);
        it.injected("UNMATCHED_FACT", &format!("lost-{n}"));

        let (leg, dossier) = it.delivered(&on(16, "15:00"));
        for note in ["một", "hai"] {
            let mut said = fact(&format!("twice-{n}"), &leg, "NOTE", &on(16, "09:10"));
            said["event"] = json!("IN_TRANSIT");
            said["note"] = json!(note);
            it.office.report(&it.office.post(), &[said]);
        }
        it.injected("FACT_CHANGED", &leg);
        it.case(&dossier, 10, json!({}));

        let (leg, dossier) = it.filed();
        let other = it.papers.dossier_no();
        it.by_desk(&leg, "CASE_RECEIVED", &on(16, "09:40"), json!({"dossierNo": other}));
        it.injected("DOSSIER_NUMBER_CONFLICT", &leg);
        it.case(&dossier, 1, json!({}));
    }
}

/// Both sides at one table: what is not taken stays where it was.
fn faults_at_handovers(it: &mut Province) {
    let outcomes = ["MISSING", "COUNT_DIFFERS", "SEAL_DAMAGED", "UNREADABLE", "WRONG_AGENCY"];
    for _ in 0..OF_EACH {
        let legs: Vec<(String, String)> = outcomes.iter().map(|_| it.result(false)).collect();
        let ids: Vec<String> = legs.iter().map(|(leg, _)| leg.clone()).collect();
        let opened = it.office.open(&it.office.desk(), "AGENCY", "POST", &ids);
        let lines: Vec<Value> = (1..)
            .zip(outcomes)
            .map(|(line_no, outcome)| match outcome {
                "COUNT_DIFFERS" => json!({"lineNo": line_no, "outcome": outcome, "originals": 1, "copies": 0}),
                _ => json!({"lineNo": line_no, "outcome": outcome, "note": "ghi chú"}),
            })
            .collect();
        let extras = json!([{"note": "phong bì lạ"}]);
        let counted = it.office.count(&opened, &json!({"lines": lines, "extras": extras}));
        it.office.sign_both(&counted);
        for (line, outcome) in opened["lines"].as_array().unwrap().iter().zip(outcomes) {
            it.injected(&format!("HANDOVER_{outcome}"), text(&line["legId"]));
        }
        it.injected("HANDOVER_EXTRA", text(&opened["id"]));
        for (_, dossier) in &legs {
            it.case(dossier, 9, json!({}));
        }
    }
}

/// Money that goes another way than it ought to, and old papers that nobody took back.
fn faults_of_money_and_papers(it: &mut Province) {
    for n in 0..OF_EACH {
        let fee = |it: &mut Province, leg: &str, event: &str, amount: i64, at: &str| {
            let receipt = json!({"amount": amount, "receiptNo": format!("BL-26A {n}")});
            it.by_post(leg, event, at, receipt);
        };
        let (leg, dossier) = it.filed();
        fee(it, &leg, "FEE_COLLECTED", 115_000, &on(16, "08:40"));
        it.injected("FEE_NOT_REMITTED", &leg);
        it.case(&dossier, 1, json!({}));

        let (leg, dossier) = it.filed();
        fee(it, &leg, "FEE_COLLECTED", 115_000, &on(16, "08:40"));
        fee(it, &leg, "FEE_REMITTED", 120_000, &on(16, "15:00"));
        it.injected("FEE_MISMATCH", &leg);
        it.case(&dossier, 1, json!({}));

        let mut line = it.papers.line("RESULT", 1);
        line["procedureCode"] = json!(WITH_OLD_PAPER);
        let (leg, dossier) = it.result_of(line);
        it.hand_over("AGENCY", "POST", &leg);
        it.by_post(&leg, "CONFIRMED", &on(16, "15:00"), json!({}));
        it.injected("PAPERS_NOT_RECOVERED", &leg);
        it.case(&dossier, 10, json!({}));

        // The agency has the original, and the result comes without it.
        let mut line = it.papers.line("INTAKE", 1);
        line["acceptedAt"] = json!(on(16, "08:30"));
        line["procedureCode"] = json!(WITH_LENT_PAPER);
        line["papers"][0]["name"] = json!("Giấy phép");
        let (leg, dossier) = it.intake_of(line);
        it.hand_over("POST", "AGENCY", &leg);
        it.by_desk(&leg, "CASE_RECEIVED", &on(16, "09:30"), json!({"dossierNo": dossier}));
        let mut line = it.papers.line("RESULT", 1);
        line["dossierNo"] = json!(dossier);
        let (result, _) = it.result_of(line);
        it.hand_over("AGENCY", "POST", &result);
        it.by_post(&result, "CONFIRMED", &on(16, "15:00"), json!({}));
        it.injected("UNRETURNED_ORIGINAL", &leg);
        it.case(&dossier, 10, json!({}));
    }
}

/// What the law gives a time for. Called in the morning of the 16th; the days pass as it goes on.
fn faults_of_clocks(it: &mut Province) {
    let mut late_handovers = Vec::new();
    let mut filing_gaps = Vec::new();
    let mut marked = Vec::new();
    for _ in 0..OF_EACH {
        let (leg, dossier) = it.result(true);
        it.hand_over("AGENCY", "POST", &leg);
        it.by_post(&leg, "CONFIRMED", &on(18, "16:00"), json!({}));
        it.injected("LATE_LEG", &leg);
        it.case(&dossier, 10, json!({}));

        let (leg, dossier) = it.result(false);
        it.hand_over("AGENCY", "POST", &leg);
        let absent = json!({"cause": "ABSENT"});
        it.by_post(&leg, "ATTEMPT_FAILED", &on(16, "14:00"), absent);
        it.by_post(&leg, "INVITED", &on(16, "14:30"), json!({}));
        it.by_post(&leg, "INVITED", &on(17, "14:30"), json!({}));
        it.by_post(&leg, "RETURNING", &on(18, "08:00"), json!({}));
        it.injected("PREMATURE_RETURN", &leg);
        it.case(&dossier, 9, json!({}));

        late_handovers.push(it.intake());
        filing_gaps.push(it.intake());
        marked.push([it.filed(), it.filed(), it.filed()]);
    }
    for (leg, _) in &filing_gaps {
        it.hand_over("POST", "AGENCY", leg);
    }
    it.go_to(17, "09:00");
    for (leg, dossier) in late_handovers {
        it.hand_over("POST", "AGENCY", &leg);
        it.by_desk(&leg, "CASE_RECEIVED", &on(17, "09:10"), json!({"dossierNo": dossier}));
        it.injected("LATE_HANDOVER", &leg);
        it.case(&dossier, 1, json!({}));
    }
    it.go_to(19, "09:00");
    for (leg, dossier) in filing_gaps {
        it.by_desk(&leg, "CASE_RECEIVED", &on(19, "09:00"), json!({"dossierNo": dossier}));
        it.injected("FILING_GAP", &leg);
        it.case(&dossier, 1, json!({}));
    }
    for [twice, left, moved] in marked {
        it.mark(&twice.1, "SUPPLEMENT_ASKED", &on(17, "09:00"), None);
        it.mark(&twice.1, "SUPPLEMENT_ASKED", &on(18, "09:00"), None);
        it.mark(&twice.1, "CASE_CLOSED", &on(18, "15:00"), None);
        it.injected("SECOND_SUPPLEMENT", &twice.0);
        it.mark(&left.1, "SUPPLEMENT_ASKED", &on(16, "15:00"), None);
        it.injected("CLOSE_AFTER_15D_DUE", &left.0);
        it.mark(&moved.1, "APPOINTED", &on(16, "10:00"), Some("2026-11-20"));
        it.mark(&moved.1, "APPOINTED_AGAIN", &on(17, "10:00"), Some("2026-11-24"));
        it.mark(&moved.1, "APPOINTED_AGAIN", &on(18, "10:00"), Some("2026-11-30"));
        it.injected("SECOND_REAPPOINTMENT", &moved.0);
        for (_, dossier) in [twice, left, moved] {
            it.case(&dossier, 1, json!({}));
        }
    }
}

/// What the one-stop side's book says otherwise.
fn faults_of_cases(it: &mut Province) {
    for _ in 0..OF_EACH {
        let (leg, dossier) = it.delivered(&on(16, "15:00"));
        it.injected("RETURNED_NOT_CLOSED", &leg);
        it.case(&dossier, 9, json!({"resultByPost": true}));

        let (leg, dossier) = it.result(false);
        it.hand_over("AGENCY", "POST", &leg);
        it.injected("CLOSED_NOT_DELIVERED", &leg);
        it.case(&dossier, 10, json!({"resultByPost": true}));

        let (leg, dossier) = it.result(false);
        it.injected("SENT_NEVER_SIGNED", &leg);
        it.case(&dossier, 9, json!({"sentOn": "2026-11-16"}));

        let mut line = it.papers.line("INTAKE", 1);
        line.as_object_mut().unwrap().shift_remove("dossierNo");
        line["acceptedAt"] = json!(on(16, "08:30"));
        let (leg, _) = it.intake_of(line);
        it.hand_over("POST", "AGENCY", &leg);
        it.injected("SIGNED_NO_CASE", &leg);
        // Papers that were signed for and have no case are a gap of filing too.
        it.injected("FILING_GAP", &leg);

        let dossier = it.papers.dossier_no();
        it.case(&dossier, 10, json!({"resultByPost": true}));
        it.injected("CASE_NO_ITEM", &dossier);

        let (leg, _) = it.delivered(&on(16, "15:00"));
        it.injected("ITEM_NO_CASE", &leg);
    }
}

#[test]
fn every_fault_that_is_not_of_the_posts_book_is_found_and_nothing_else() {
    each_backend("whole-truth", |store| {
        let mut it = Province::start(&store);
        for _ in 0..SOUND {
            let (_, dossier) = it.delivered(&on(16, "15:00"));
            it.case(&dossier, 10, json!({"resultByPost": true}));
            let (_, dossier) = it.filed();
            it.case(&dossier, 1, json!({"filedByPost": true}));
        }
        faults_of_facts(&mut it);
        faults_at_handovers(&mut it);
        faults_of_money_and_papers(&mut it);
        faults_of_cases(&mut it);
        faults_of_clocks(&mut it);
        it.go_to(30, "09:00");
        it.clock.advance_us(10 * giaonhan::base::time::DAY_US);
        it.office.clocks_derived();
        it.rolled_up();
        let book = json!({"from": "2026-11-16", "until": "2026-11-17", "lines": it.cases});
        it.office.desk().post("/v1/books", &book).expect(201);
        let asked = ["--side", "one-stop", "--counterpart", "one-stop-nha-trang"];
        let window = ["--from", "2026-11-16", "--until", "2026-11-17"];
        on_store(&store, &[&["--json", "reconcile"][..], &asked[..], &window[..]].concat()).expect(0);
        while originals::follow(it.office.app(), 64).unwrap() > 0 {}
        money::watch(it.office.app()).unwrap();
        old_papers::watch(it.office.app()).unwrap();

        let found = it.found();
        let kinds: BTreeSet<&String> = it.truth.iter().chain(&found).map(|(kind, _)| kind).collect();
        let mut shown = BTreeMap::new();
        for kind in kinds {
            let of = |set: &BTreeSet<Fault>| set.iter().filter(|one| one.0 == *kind).cloned().collect::<BTreeSet<_>>();
            let (truth, found) = (of(&it.truth), of(&found));
            shown.insert(kind.clone(), (truth.intersection(&found).count(), found.len(), truth.len()));
        }
        // Right, found, injected: precision is the first by the second, recall the first by the third.
        let more: Vec<&Fault> = found.difference(&it.truth).collect();
        let missed: Vec<&Fault> = it.truth.difference(&found).collect();
        assert!(
            shown.values().all(|(right, found, truth)| right == found && right == truth),
            "{shown:?}\nmore {more:#?}\nmissed {missed:#?}"
        );
        let left: Vec<&str> =
            Kind::ALL.iter().map(|kind| kind.as_str()).filter(|kind| !shown.contains_key(*kind)).collect();
        let of_the_posts_book = [
            "NOT_AT_OPERATOR",
            "NOT_IN_OUR_BOOK",
            "DELIVERED_NOT_CONFIRMED",
            "CONFIRMED_NOT_DELIVERED",
            "RETURNED_NOT_RECEIVED",
            "SEAL_MISMATCH",
            "RECEIVER_MISMATCH",
            "DUPLICATE_ORDER",
            "DUPLICATE_ITEM_CODE",
            "BAD_ITEM_NUMBER",
            "STALE_CUSTODY",
        ];
        assert_eq!(left, of_the_posts_book, "no kind is left out");
    });
}
