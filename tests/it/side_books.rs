//! Totals of both books in the reconciliation report: entered figures first, then what complete books add up to, and nothing else.

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::{Client, Office, Options, Papers, TestStore, each_backend, until};
use giaonhan::base::time::{Clock, DAY_US, Ts};
use giaonhan::domain::access::Scope;
use giaonhan::domain::leg::Side;
use giaonhan::store::read::tallies;
use serde_json::{Value, json};

/// A Monday on which the post took the first papers that the ledger knows.
fn start(store: &TestStore, seed: u32) -> (Office, Clock, Vec<(String, Value)>) {
    let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-16T08:00:00+07:00").unwrap());
    let office = Office::start(store, Options::default().timeless().clock(&clock));
    let manifest = Papers::new(seed).manifest("RESULT", 3);
    let legs = leg_ids(&office.declare(&office.desk(), &manifest));
    office.hand_over("AGENCY", "POST", &legs);
    until("the sums are up to date", SOON, || {
        (office.app().store.read(tallies::kept_up_to).unwrap().due == 0).then_some(())
    });
    let lines = manifest["lines"].as_array().unwrap().clone();
    (office, clock, legs.into_iter().zip(lines).collect())
}

fn send(by: &Client, from: &str, until: &str, more: Value) {
    let mut book = json!({"from": from, "until": until});
    book.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let taken = by.post("/v1/books", &book).expect(201).json();
    assert_eq!(taken["refused"], json!([]), "{taken}");
}

/// The report of Monday and Tuesday.
fn cut(office: &Office, from: &str, until: &str) -> (String, Value) {
    let ask = json!({"definition": "RECONCILIATION", "from": from, "until": until});
    let cut = office.oversight().post("/v1/reports", &ask).expect(201).json();
    let path = format!("/v1/reports/{}", text(&cut["id"]));
    let report = office.oversight().get(path.as_str()).expect(200).json();
    (path, report)
}

fn monday_and_tuesday(office: &Office) -> Value {
    cut(office, "2026-11-16", "2026-11-18").1
}

fn rows<'r>(report: &'r Value, id: &str) -> &'r Vec<Value> {
    let section = report["sections"].as_array().unwrap().iter().find(|section| section["id"] == id).unwrap();
    section["rows"].as_array().unwrap()
}

/// The numbers of a side in the order of rows; none where it is unknown.
fn numbers(report: &Value, column: usize) -> Vec<Option<i64>> {
    rows(report, "totals").iter().map(|row| row["cells"][column]["value"]["number"].as_i64()).collect()
}

fn source(report: &Value, row: usize, column: usize) -> &str {
    text(&rows(report, "totals")[row]["cells"][column]["value"]["en"])
}

const POST: usize = 2;
const POST_SOURCE: usize = 4;
const CASE: usize = 5;
const CASE_SOURCE: usize = 7;
const TAKEN: usize = 0;
const FILED: usize = 1;
const GIVEN: usize = 2;
const DELIVERED: usize = 3;

#[test]
fn complete_books_add_up_by_the_day_and_the_instant_that_count() {
    each_backend("side_books_sums", |store| {
        let (office, clock, legs) = start(&store, 41);
        clock.advance_us(3 * DAY_US);
        let order = |place: usize| legs[place].0.strip_prefix("leg_").unwrap().to_owned();
        let lines = json!([
            {"itemNumber": "CH100000014VN", "legKind": "INTAKE", "day": "2026-11-16", "status": "DELIVERED", "statusAt": "2026-11-16T10:00:00+07:00"},
            // Its kind is that of the leg which its order number names; the last instant of the period.
            {"orderNumber": order(0), "day": "2026-11-16", "status": "DELIVERED", "statusAt": "2026-11-17T23:59:59+07:00"},
            // Taken in the period, delivered at the first instant after it.
            {"orderNumber": order(1), "day": "2026-11-17", "status": "DELIVERED", "statusAt": "2026-11-18T00:00:00+07:00"},
            // Its kind is that of the leg with which its item number pairs.
            {"itemNumber": legs[2].1["itemNumber"], "day": "2026-11-17", "status": "RETURNED", "statusAt": "2026-11-17T12:00:00+07:00"},
            // Taken before, delivered at the first instant of the period, and just before it.
            {"orderNumber": "x1", "legKind": "RESULT", "day": "2026-11-15", "status": "DELIVERED", "statusAt": "2026-11-16T00:00:00+07:00"},
            {"orderNumber": "x2", "legKind": "RESULT", "day": "2026-11-15", "status": "DELIVERED", "statusAt": "2026-11-15T23:59:59+07:00"},
            // Ordered and not taken, called off, and lost after it was taken.
            {"orderNumber": "x3", "legKind": "RESULT", "day": "2026-11-17", "status": "ORDERED"},
            {"orderNumber": "x4", "legKind": "RESULT", "day": "2026-11-17", "status": "CANCELLED"},
            {"orderNumber": "x5", "legKind": "INTAKE", "day": "2026-11-17", "status": "LOST"},
        ]);
        let before = monday_and_tuesday(&office);
        assert_eq!(numbers(&before, POST), [None; 5], "nobody said anything");
        assert_eq!(source(&before, TAKEN, POST_SOURCE), "not entered; post-khanh-hoa: no complete book of 16/11/2026");
        send(&office.post(), "2026-11-15", "2026-11-18", json!({ "lines": lines }));
        let cases = json!([
            {"dossierNo": "000.00.15.H32-261116-0000001", "day": "2026-11-16", "status": 10, "statusAt": "2026-11-17T09:00:00+07:00",
             "filedByPost": true, "resultByPost": true, "sentOn": "2026-11-16"},
            {"dossierNo": "000.00.15.H32-261116-0000002", "day": "2026-11-15", "status": 10, "statusAt": "2026-11-16T00:00:00+07:00",
             "filedByPost": true, "resultByPost": true, "sentOn": "2026-11-15"},
            {"dossierNo": "000.00.15.H32-261116-0000003", "day": "2026-11-17", "status": 9, "filedByPost": false, "resultByPost": true,
             "sentOn": "2026-11-18"},
            {"dossierNo": "000.00.15.H32-261116-0000004", "day": "2026-11-17", "status": 10, "filedByPost": true, "resultByPost": false},
        ]);
        send(&office.desk(), "2026-11-15", "2026-11-18", json!({ "lines": cases }));

        let (path, report) = cut(&office, "2026-11-16", "2026-11-18");
        assert_eq!(numbers(&report, POST), [2, 1, 3, 2, 1].map(Some));
        assert_eq!(numbers(&report, CASE), [None, Some(2), Some(1), Some(2), None]);
        assert_eq!(source(&report, DELIVERED, POST_SOURCE), "out of the books as of 08:00 19/11/2026");
        assert_eq!(rows(&report, "totals")[GIVEN]["cells"][1]["value"]["number"], 3, "the ledger, beside them");
        assert_eq!(rows(&report, "totals")[GIVEN]["cells"][3]["value"]["number"], 0);
        let share = &rows(&report, "shares")[1]["cells"];
        assert_eq!(share[2]["value"], json!({"type": "share", "part": 2, "whole": 3}));
        assert_eq!(share[3]["value"], json!({"type": "share", "part": 2, "whole": 1}));
        let csv = office.oversight().get(format!("{path}?format=csv&language=vi")).expect(200).text();
        assert!(
            csv.contains("Nộp trên nhận từ người dân;0;0;–;1;2;50,00%"),
            "a zero denominator prints no share: {csv}"
        );

        // A person's figure counts first, and no earlier cut changes with it.
        let bytes = office.oversight().get(path.as_str()).expect(200).body;
        let entry = "figure;from;until;value;source\nPOST_DELIVERED;2026-11-16;2026-11-18;9;Biên bản 12\n";
        let entries = giaonhan::app::reports::read_table(entry).unwrap();
        let doing = giaonhan::app::people::Doing { person: None, request_id: "test" };
        giaonhan::app::reports::enter(office.app(), entries, doing).unwrap();
        let entered = monday_and_tuesday(&office);
        assert_eq!(
            (numbers(&entered, POST)[DELIVERED], source(&entered, DELIVERED, POST_SOURCE)),
            (Some(9), "entered")
        );
        assert_eq!(numbers(&entered, POST)[GIVEN], Some(3), "the others stay out of the books");
        assert_eq!(office.oversight().get(path.as_str()).expect(200).body, bytes);

        // Books are of whole systems.
        let ask =
            json!({"definition": "RECONCILIATION", "from": "2026-11-16", "until": "2026-11-18", "agencyCode": AGENCY});
        let narrow = office.oversight().post("/v1/reports", &ask).expect(201).json();
        let narrow = office.oversight().get(format!("/v1/reports/{}", text(&narrow["id"]))).expect(200).json();
        assert_eq!(numbers(&narrow, POST), [None; 5]);
        assert!(source(&narrow, TAKEN, POST_SOURCE).contains("for the province alone"));
    });
}

#[test]
fn a_part_is_no_total_and_each_reason_is_told() {
    each_backend("side_books_reasons", |store| {
        let (office, clock, _) = start(&store, 42);
        clock.advance_us(3 * DAY_US);
        let post = office.post();
        let why = |row: usize| {
            let report = monday_and_tuesday(&office);
            (numbers(&report, POST)[row], source(&report, row, POST_SOURCE).to_owned())
        };
        let unknown =
            |row: usize, reason: &str| assert_eq!(why(row), (None, format!("not entered; post-khanh-hoa: {reason}")));
        let line = |key: &str, kind: &str, status: &str| json!({"orderNumber": key, "legKind": kind, "day": "2026-11-16", "status": status});
        // Tuesday alone, then both, of which Tuesday's was written before the day was over, then an incomplete one.
        send(&post, "2026-11-17", "2026-11-18", json!({"lines": []}));
        unknown(TAKEN, "no complete book of 16/11/2026");
        send(&post, "2026-11-16", "2026-11-17", json!({"asOf": "2026-11-16T23:59:59+07:00", "lines": []}));
        unknown(TAKEN, "no complete book of 16/11/2026");
        send(&post, "2026-11-16", "2026-11-17", json!({"complete": false, "lines": [line("a", "RESULT", "MOVING")]}));
        unknown(TAKEN, "no complete book of 16/11/2026");
        // Written exactly when the day was over: what is under way may have arrived on Tuesday. What was taken is known.
        let over = "2026-11-17T00:00:00+07:00";
        send(&post, "2026-11-16", "2026-11-17", json!({"asOf": over, "lines": [line("b", "RESULT", "MOVING")]}));
        assert_eq!(why(TAKEN), (Some(0), "out of the books as of 00:00 17/11/2026 to 08:00 19/11/2026".to_owned()));
        // The incomplete book is newer, and its entry stays: under way when it was written, on Thursday.
        assert_eq!(why(GIVEN).0, Some(2));
        unknown(DELIVERED, "nothing is said of 1 entries up to the end of the period");
        assert_eq!(why(FILED).0, Some(0), "a result is not what an agency waits for");
        // Newer words, one of which does not say when: before the end of the period or after it.
        let done = |key: &str, kind: &str| line(key, kind, "DELIVERED");
        send(&post, "2026-11-16", "2026-11-17", json!({"lines": [done("b", "RESULT"), line("a", "RESULT", "MOVING")]}));
        unknown(DELIVERED, "1 entries do not say when");
        let end = "2026-11-18T00:00:00+07:00";
        clock.advance_us(DAY_US);
        let told = json!({"orderNumber": "b", "legKind": "RESULT", "day": "2026-11-16", "status": "DELIVERED", "statusAt": end});
        send(&post, "2026-11-16", "2026-11-17", json!({"lines": [told.clone(), line("a", "RESULT", "MOVING")]}));
        assert_eq!(why(DELIVERED).0, Some(0), "delivered when the period was over");
        // A kind that nobody can tell, and a word that nobody knows.
        let stray = json!({"orderNumber": "c", "day": "2026-11-16", "status": "MOVING"});
        send(&post, "2026-11-16", "2026-11-17", json!({"lines": [told.clone(), stray]}));
        unknown(TAKEN, "1 entries do not tell intake from result");
        send(&post, "2026-11-16", "2026-11-17", json!({"lines": [told, line("d", "INTAKE", "một từ lạ")]}));
        unknown(TAKEN, "nothing is said of 1 entries up to the end of the period");
        assert_eq!(why(GIVEN).0, Some(1), "results are known all the same");
        // A second operator that sent no book, until its key is revoked.
        let (_, key) = office.caller("post-khac", Side::Post, &[AGENCY], &[Scope::Read, Scope::Write]);
        assert!(why(GIVEN).1.ends_with("post-khac: no complete book of 16/11/2026"));
        giaonhan::app::keys::revoke(office.app(), &key).unwrap();
        assert_eq!(why(GIVEN).0, Some(1));
        // Tuesday alone: what was taken is known; what arrived may have been taken on Monday, from which the ledger knows papers, not on Sunday.
        let (_, tuesday) = cut(&office, "2026-11-17", "2026-11-18");
        assert_eq!((numbers(&tuesday, POST)[GIVEN], numbers(&tuesday, POST)[DELIVERED]), (Some(0), Some(0)));
    });
}

#[test]
fn cases_that_do_not_say_leave_the_one_stop_figures_unknown() {
    each_backend("side_books_cases", |store| {
        let (office, clock, _) = start(&store, 43);
        clock.advance_us(3 * DAY_US);
        let desk = office.desk();
        let case = |status: u8, more: Value| {
            let mut case = json!({"dossierNo": "000.00.15.H32-261116-0000009", "day": "2026-11-16", "status": status});
            case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            case
        };
        let figures = |lines: Value| {
            send(&desk, "2026-11-16", "2026-11-18", json!({ "lines": lines }));
            clock.advance_us(DAY_US);
            let report = monday_and_tuesday(&office);
            let why = |row: usize| source(&report, row, CASE_SOURCE).rsplit(": ").next().unwrap().to_owned();
            let numbers = numbers(&report, CASE);
            ([numbers[FILED], numbers[GIVEN], numbers[DELIVERED]], [why(FILED), why(GIVEN), why(DELIVERED)])
        };
        let (numbers, why) = figures(json!([case(10, json!({}))]));
        assert_eq!(numbers, [None; 3]);
        assert!(
            why.iter().all(|why| why == "1 cases do not say whether they went by post, or on which day"),
            "{why:?}"
        );
        let (numbers, why) =
            figures(json!([case(10, json!({"filedByPost": 1, "resultByPost": 1, "sentOn": "2026-11-17"}))]));
        assert_eq!((numbers, why[2].as_str()), ([Some(1), Some(1), None], "1 entries do not say when"));
        let closed = json!({"filedByPost": 0, "resultByPost": 1, "sentOn": "2026-11-18", "statusAt": "2026-11-17T17:00:00+07:00"});
        assert_eq!(figures(json!([case(10, closed)])).0, [Some(0), Some(0), Some(1)]);
        // Not by post: whatever else is unknown of it does not matter.
        assert_eq!(figures(json!([case(10, json!({"filedByPost": 0, "resultByPost": 0}))])).0, [Some(0); 3]);
        // Still open by the word of a book that was written after the period.
        assert_eq!(
            figures(json!([case(9, json!({"filedByPost": 1, "resultByPost": 1}))])).0,
            [Some(1), Some(0), Some(0)]
        );
    });
}
