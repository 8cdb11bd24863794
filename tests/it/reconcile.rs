//! Reconciliation of books: recipes of the domain, the same books again, healing, absence, and a province with known faults of every
//! kind, in which each is found and nothing else.

use crate::support::office::{AGENCY, leg_ids, text};
use crate::support::papers::{fact, proven};
use crate::support::process::on_store;
use crate::support::{Client, Office, Options, Papers, TestStore, each_backend};
use giaonhan::app::books;
use giaonhan::app::people::Doing;
use giaonhan::base::time::{Clock, DAY_US, Ts};
use giaonhan::domain::books::{BookSide, PostSays};
use giaonhan::domain::leg::Side;
use giaonhan::sim::rng::Dice;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn monday() -> Clock {
    Clock::fixed(Ts::parse_rfc3339("2026-11-16T08:00:00+07:00").unwrap())
}

/// A time of that Monday.
fn on_monday(minutes: i64) -> String {
    Ts::parse_rfc3339("2026-11-16T08:00:00+07:00").unwrap().plus_us(minutes * 60_000_000).to_rfc3339()
}

/// An office with result legs that the post has taken over, and the order number of each.
struct Day {
    office: Office,
    clock: Clock,
    legs: Vec<String>,
    lines: Vec<Value>,
}

fn day(store: &TestStore, seed: u32, lines: u32) -> Day {
    let clock = monday();
    let office = Office::start(store, Options::default().timeless().clock(&clock));
    let papers = Papers::new(seed);
    let mut manifest = papers.manifest("RESULT", lines);
    for line in manifest["lines"].as_array_mut().unwrap() {
        line["sealNo"] = json!("N-001");
    }
    let legs = leg_ids(&office.declare(&office.desk(), &manifest));
    office.hand_over("AGENCY", "POST", &legs);
    let lines = manifest["lines"].as_array().unwrap().clone();
    Day { office, clock, legs, lines }
}

impl Day {
    fn report(&self, facts: &[Value]) {
        for chunk in facts.chunks(100) {
            self.office.report(&self.office.post(), chunk);
        }
    }

    fn confirm(&self, legs: &[String]) {
        let facts: Vec<Value> = legs
            .iter()
            .flat_map(|leg| {
                [
                    fact(&format!("d-{leg}"), leg, "DELIVERED", &on_monday(60)),
                    proven(&format!("c-{leg}"), leg, "CONFIRMED", &on_monday(60)),
                ]
            })
            .collect();
        self.report(&facts);
    }

    /// A line of the post's book about a leg.
    fn post_line(&self, place: usize, status: &str) -> Value {
        json!({
            "orderNumber": self.legs[place].strip_prefix("leg_").unwrap(),
            "itemNumber": self.lines[place]["itemNumber"],
            "day": "2026-11-16",
            "status": status,
            "statusAt": on_monday(60),
        })
    }

    fn case_line(&self, place: usize, status: u8) -> Value {
        json!({"dossierNo": self.lines[place]["dossierNo"], "day": "2026-11-16", "status": status, "resultByPost": true})
    }

    fn send(&self, by: &Client, lines: &[Value]) -> Value {
        by.post("/v1/books", &json!({"from": "2026-11-16", "until": "2026-11-17", "lines": lines})).expect(201).json()
    }

    /// Compares by the command line, as an operator does.
    fn reconcile(&self, store: &TestStore, side: &str, counterpart: &str, more: &[&str]) -> Value {
        let window = ["--from", "2026-11-16", "--until", "2026-11-17"];
        let arguments = ["--json", "reconcile", "--side", side, "--counterpart", counterpart];
        on_store(store, &[&arguments[..], &window[..], more].concat()).expect(0).object()
    }

    /// Open discrepancies: kind, and the leg or what the book calls it.
    fn open(&self) -> BTreeSet<(String, String)> {
        let page = self.office.oversight().get("/v1/discrepancies?state=OPEN&limit=500").expect(200).json();
        let subject = |one: &Value| match one["legId"].as_str() {
            Some(leg) => leg.to_owned(),
            None => {
                let mut rows =
                    one["evidence"].as_array().unwrap().iter().filter_map(|piece| piece["book"]["row"].as_str());
                rows.next_back().unwrap().to_owned()
            }
        };
        page["items"].as_array().unwrap().iter().map(|one| (text(&one["kind"]).to_owned(), subject(one))).collect()
    }
}

/// Recipe 2: five results are delivered, their cases stay at 9.
#[test]
fn recipe_2_commune_forgot_to_close() {
    each_backend("recipe_2", |store| {
        let day = day(&store, 62, 7);
        day.confirm(&day.legs);
        day.clock.advance_us(3 * DAY_US);
        let lines: Vec<Value> = (0..7).map(|n| day.case_line(n, if n < 5 { 9 } else { 10 })).collect();
        day.send(&day.office.desk(), &lines);
        let told = day.reconcile(&store, "one-stop", "one-stop-nha-trang", &[]);
        assert_eq!(told["totals"]["found"], json!({"RETURNED_NOT_CLOSED": 5}), "{told}");
        assert_eq!((&told["opened"], &told["totals"]["agree"]), (&json!(5), &json!(2)));
        let wanted: BTreeSet<_> =
            day.legs[..5].iter().map(|leg| ("RETURNED_NOT_CLOSED".to_owned(), leg.clone())).collect();
        assert_eq!(day.open(), wanted);
        // The same books again change nothing: the same run, and not even a later look.
        let list = || day.office.oversight().get("/v1/discrepancies?limit=500").expect(200).json();
        let (before, again) = (list(), day.reconcile(&store, "one-stop", "one-stop-nha-trang", &[]));
        assert_eq!((&again["id"], &again["opened"]), (&told["id"], &json!(0)));
        assert_eq!(list(), before);
        // The commune closes three: they heal with the book that says so.
        day.clock.advance_us(DAY_US);
        let lines: Vec<Value> = (0..7).map(|n| day.case_line(n, if n < 2 { 9 } else { 10 })).collect();
        let book = day.send(&day.office.desk(), &lines);
        let told = day.reconcile(&store, "one-stop", "one-stop-nha-trang", &[]);
        assert_eq!((&told["healed"], &told["opened"]), (&json!(3), &json!(0)), "{told}");
        let page = day.office.oversight().get("/v1/discrepancies?state=RESOLVED").expect(200).json();
        for one in page["items"].as_array().unwrap() {
            assert_eq!(one["resolution"]["outcome"], "EXPLAINED");
            assert!(text(&one["resolution"]["reason"]).contains(text(&book["id"])), "{one}");
        }
    });
}

/// Recipe 3: ten orders are accepted, nothing happened, the cases say 10.
#[test]
fn recipe_3_order_is_not_delivery() {
    each_backend("recipe_3", |store| {
        let day = day(&store, 63, 10);
        day.clock.advance_us(2 * DAY_US);
        let lines: Vec<Value> = (0..10).map(|n| day.case_line(n, 10)).collect();
        day.send(&day.office.desk(), &lines);
        let told = day.reconcile(&store, "one-stop", "one-stop-nha-trang", &[]);
        assert_eq!(told["totals"]["found"], json!({"CLOSED_NOT_DELIVERED": 10}), "{told}");
        // What people let rest stays at rest while the books say the same, and comes back when they say something else.
        let first = day.office.oversight().get("/v1/discrepancies?limit=1").expect(200).json()["items"][0].clone();
        day.office
            .desk()
            .post(
                format!("/v1/discrepancies/{}/resolve", text(&first["id"])).as_str(),
                &json!({"outcome": "ACCEPTED", "reason": "Đã trả tại quầy, có chữ ký"}),
            )
            .expect(200);
        assert_eq!(day.reconcile(&store, "one-stop", "one-stop-nha-trang", &[])["opened"], 0);
        assert_eq!(day.open().len(), 9);
        let leg = text(&first["legId"]).to_owned();
        day.report(&[fact("moves", &leg, "IN_TRANSIT", &on_monday(120))]);
        assert_eq!(day.reconcile(&store, "one-stop", "one-stop-nha-trang", &[])["opened"], 1);
        let wanted: BTreeSet<_> = day.legs.iter().map(|leg| ("CLOSED_NOT_DELIVERED".to_owned(), leg.clone())).collect();
        assert_eq!(day.open(), wanted);
    });
}

#[test]
fn absence_proves_something_in_a_complete_and_settled_book_alone() {
    each_backend("absence", |store| {
        let day = day(&store, 64, 3);
        // Written on the same day: the post may still write its book.
        day.send(&day.office.post(), &[day.post_line(0, "ACCEPTED")]);
        let told = day.reconcile(&store, "post", "post-khanh-hoa", &[]);
        assert_eq!((&told["totals"]["daysCovered"], &told["totals"]["found"]), (&json!(0), &json!({})), "{told}");
        // A bad line makes a book incomplete: what could not be read is not missing.
        day.clock.advance_us(2 * DAY_US);
        let lines = [day.post_line(0, "ACCEPTED"), json!({"day": "2026-11-31", "status": "ACCEPTED"})];
        let receipt = day.send(&day.office.post(), &lines);
        assert_eq!((&receipt["complete"], &receipt["refused"][0]["lineNo"]), (&json!(false), &json!(2)));
        let told = day.reconcile(&store, "post", "post-khanh-hoa", &[]);
        assert_eq!(told["totals"]["found"], json!({}), "{told}");
        // A dry run tells, explains, and writes nothing.
        let book = format!(
            "so_hieu_buu_gui;ngay;trang_thai\n{};16/11/2026;Chấp nhận gửi\n",
            text(&day.lines[1]["itemNumber"])
        );
        let folder = tempfile::tempdir().unwrap();
        let (file, explained) = (folder.path().join("so.csv"), folder.path().join("why.csv"));
        std::fs::write(&file, book).unwrap();
        on_store(
            &store,
            &[
                "book",
                "load",
                "--side",
                "post",
                "--counterpart",
                "post-khanh-hoa",
                "--from",
                "2026-11-16",
                "--until",
                "2026-11-17",
                "--as-of",
                "2026-11-18T07:00:00+07:00",
                file.to_str().unwrap(),
            ],
        )
        .expect(0);
        let told =
            day.reconcile(&store, "post", "post-khanh-hoa", &["--dry-run", "--explain", explained.to_str().unwrap()]);
        assert_eq!(told["totals"]["found"], json!({"NOT_AT_OPERATOR": 1}), "{told}");
        assert_eq!(told["totals"]["paired"], json!({"ITEM_NUMBER": 1, "ORDER_KEY": 1}));
        assert!(day.open().is_empty());
        let why = std::fs::read_to_string(&explained).unwrap();
        assert!(why.contains(&format!(";{};a complete book does not have it;NOT_AT_OPERATOR", day.legs[2])), "{why}");
        // For good: one leg is missing, and heals when the post finds it.
        assert_eq!(day.reconcile(&store, "post", "post-khanh-hoa", &[])["opened"], 1);
        assert_eq!(day.open(), BTreeSet::from([("NOT_AT_OPERATOR".to_owned(), day.legs[2].clone())]));
        let lines: Vec<Value> = (0..3).map(|n| day.post_line(n, "ACCEPTED")).collect();
        day.send(&day.office.post(), &lines);
        assert_eq!(day.reconcile(&store, "post", "post-khanh-hoa", &[])["healed"], 1);
        assert!(day.open().is_empty());
        // Each sees the comparisons of its own book.
        let seen = |by: Client| by.get("/v1/reconciliations").expect(200).json()["items"].as_array().unwrap().len();
        assert!(seen(day.office.post()) >= 3 && seen(day.office.desk()) == 0 && seen(day.office.oversight()) >= 3);
        let (stranger, _) = day.office.caller("post-khac", Side::Post, &[AGENCY], giaonhan::domain::access::Scope::ALL);
        assert_eq!(seen(stranger.clone()), 0);
        let list = day.office.post().get("/v1/reconciliations").expect(200).json();
        let run = text(&list["items"][0]["id"]).to_owned();
        day.office.post().get(format!("/v1/reconciliations/{run}").as_str()).expect(200);
        stranger.get(format!("/v1/reconciliations/{run}").as_str()).expect(404);
        // The report for the quarterly meeting tells the newest comparison of the window.
        let ask = json!({"definition": "RECONCILIATION", "from": "2026-11-01", "until": "2026-12-01"});
        let cut = day.office.oversight().post("/v1/reports", &ask).expect(201).json();
        let report = day.office.oversight().get(format!("/v1/reports/{}", text(&cut["id"]))).expect(200).json();
        let compared =
            &report["sections"].as_array().unwrap().iter().find(|one| one["id"] == "compared").unwrap()["rows"];
        assert_eq!(compared.as_array().unwrap().len(), 1);
        assert_eq!(compared[0]["cells"][1]["value"]["text"], "post-khanh-hoa");
        day.office
            .oversight()
            .post("/v1/books", &json!({"from": "2026-11-16", "until": "2026-11-17", "lines": []}))
            .expect(403);
    });
}

/// One fault of the post's book: what it does to the line of a leg that is otherwise delivered and confirmed.
type Fault = (&'static str, fn(&Day, usize, &mut Value));

const FAULTS: &[Fault] = &[
    ("CONFIRMED_NOT_DELIVERED", |_, _, line| line["status"] = json!("MOVING")),
    ("STATE_CONFLICT", |_, _, line| line["status"] = json!("Bồi thường")),
    ("UNMAPPED_STATUS", |_, _, line| line["status"] = json!("đang chờ xử lý nội bộ")),
    ("DUPLICATE_ITEM_CODE", |_, place, line| {
        line["itemNumber"] = json!(crate::support::papers::s10("CX", 90_000 + u32::try_from(place).unwrap(), "VN"));
    }),
    ("COUNT_MISMATCH", |_, _, line| line["originals"] = json!(3)),
    ("SEAL_MISMATCH", |_, _, line| line["sealNo"] = json!("N-999")),
    ("RECEIVER_MISMATCH", |_, _, line| line["receiver"] = json!("Trần Văn Thử")),
    ("FEE_MISMATCH", |_, _, line| line["fee"] = json!(115_000)),
];

/// A province with known faults of every kind that books can show: precision and recall are 1 for each.
#[test]
fn every_fault_of_the_books_is_found_and_nothing_else() {
    each_backend("truth", |store| {
        const OF_EACH: usize = 3;
        let sound = 12;
        let states =
            ["DELIVERED_NOT_CONFIRMED", "RETURNED_NOT_RECEIVED", "STALE_CUSTODY", "NOT_AT_OPERATOR", "DUPLICATE_ORDER"];
        let all = sound + OF_EACH * (FAULTS.len() + states.len());
        let day = day(&store, 65, u32::try_from(all).unwrap());
        let mut wanted: BTreeSet<(String, String)> = BTreeSet::new();
        let (mut lines, mut place) = (Vec::new(), 0);
        day.confirm(&day.legs[..sound + OF_EACH * FAULTS.len()]);
        while place < sound {
            // The same receiver in another spelling is no difference, nor are counts that agree.
            let mut line = day.post_line(place, "Phát thành công");
            (line["receiver"], line["originals"], line["sealNo"]) = (json!("NGUYỄN THỊ MẪU"), json!(1), json!("N-001"));
            lines.push(line);
            place += 1;
        }
        for (kind, break_it) in FAULTS {
            for _ in 0..OF_EACH {
                let mut line = day.post_line(place, "DELIVERED");
                break_it(&day, place, &mut line);
                wanted.insert(((*kind).to_owned(), day.legs[place].clone()));
                lines.push(line);
                place += 1;
            }
        }
        for kind in states {
            for _ in 0..OF_EACH {
                let leg = day.legs[place].clone();
                match kind {
                    "DELIVERED_NOT_CONFIRMED" => lines.push(day.post_line(place, "DELIVERED")),
                    "RETURNED_NOT_RECEIVED" => lines.push(day.post_line(place, "RETURNED")),
                    "STALE_CUSTODY" => lines.push(day.post_line(place, "MOVING")),
                    "NOT_AT_OPERATOR" => {}
                    _ => {
                        day.confirm(std::slice::from_ref(&leg));
                        lines.push(day.post_line(place, "DELIVERED"));
                        let mut other = day.post_line(place, "DELIVERED");
                        other["itemNumber"] =
                            json!(crate::support::papers::s10("CZ", 80_000 + u32::try_from(place).unwrap(), "VN"));
                        lines.push(other);
                    }
                }
                wanted.insert((kind.to_owned(), leg));
                place += 1;
            }
        }
        for n in 0..OF_EACH {
            let item = crate::support::papers::s10("CY", 70_000 + u32::try_from(n).unwrap(), "VN");
            lines.push(json!({"itemNumber": item, "day": "2026-11-16", "status": "ACCEPTED"}));
            wanted.insert(("NOT_IN_OUR_BOOK".to_owned(), item));
        }
        lines.push(json!({"itemNumber": "EE123456789VN", "day": "2026-11-16", "status": "CANCELLED"}));
        wanted.insert(("BAD_ITEM_NUMBER".to_owned(), "EE123456789VN".to_owned()));
        // Twelve days later, so that what the post holds is held too long.
        day.clock.advance_us(12 * DAY_US);
        day.send(&day.office.post(), &lines);
        let told = day.reconcile(&store, "post", "post-khanh-hoa", &[]);
        let open = day.open();
        let kinds: BTreeSet<&String> = wanted.iter().chain(&open).map(|(kind, _)| kind).collect();
        let mut shown = BTreeMap::new();
        for kind in kinds {
            let of = |set: &BTreeSet<(String, String)>| {
                set.iter().filter(|(one, _)| one == kind).cloned().collect::<BTreeSet<_>>()
            };
            let (truth, found) = (of(&wanted), of(&open));
            let right = truth.intersection(&found).count();
            shown.insert(kind.clone(), (right, found.len(), truth.len()));
        }
        // Right, found, injected: precision is the first by the second, recall the first by the third.
        assert!(shown.values().all(|(right, found, truth)| right == found && right == truth), "{shown:#?}\n{told}");
        assert_eq!(shown.len(), FAULTS.len() + states.len() + 2);
        assert_eq!(told["totals"]["agree"], json!(sound));
    });
}

/// The lists of a post are of orders: what it took at its own counters is not on them, and is missed in a book of its own alone.
#[test]
fn a_list_of_orders_misses_no_paper_that_was_not_ordered() {
    each_backend("orders alone", |store| {
        let day = day(&store, 67, 2);
        let mut intake = Papers::new(68).taken_intake(1);
        intake["lines"][0]["acceptedAt"] = json!(on_monday(5));
        let taken = leg_ids(&day.office.declare(&day.office.post(), &intake));
        day.clock.advance_us(3 * DAY_US);
        let date = |text| giaonhan::base::time::parse_date(text).unwrap();
        let about = books::About {
            side: BookSide::Post,
            counterpart: "post-khanh-hoa".to_owned(),
            from: date("2026-11-16"),
            until: date("2026-11-17"),
            as_of: None,
            complete: true,
            covers: books::Covers::Ordered,
            source: books::Source::Pull,
        };
        let doing = Doing { person: None, request_id: "test" };
        books::take_reports(day.office.app(), &about, &[], doing).unwrap();
        day.reconcile(&store, "post", "post-khanh-hoa", &[]);
        let missed = |legs: &[String]| -> BTreeSet<_> {
            legs.iter().map(|leg| ("NOT_AT_OPERATOR".to_owned(), leg.clone())).collect()
        };
        assert_eq!(day.open(), missed(&day.legs));
        // A book of everything says that the third is not there either.
        day.send(&day.office.post(), &[]);
        day.reconcile(&store, "post", "post-khanh-hoa", &[]);
        assert_eq!(day.open(), missed(&[&day.legs[..], &taken].concat()));
        // It finds all three, and the next list of orders takes none of that back.
        let order = |leg: &String| leg.strip_prefix("leg_").unwrap().to_owned();
        let line = |leg: &String| json!({"orderNumber": order(leg), "day": "2026-11-16", "status": "ACCEPTED"});
        day.send(&day.office.post(), &day.legs.iter().chain(&taken).map(line).collect::<Vec<_>>());
        for _ in 0..2 {
            day.reconcile(&store, "post", "post-khanh-hoa", &[]);
            assert_eq!(day.open(), BTreeSet::new());
            day.clock.advance_us(DAY_US);
            books::take_reports(day.office.app(), &about, &[], doing).unwrap();
        }
    });
}

/// A line of the post's book that says something at random of a leg, mostly right.
fn any_line(day: &Day, dice: &mut Dice, place: usize) -> Value {
    let word = dice.pick(PostSays::ALL).unwrap().as_str();
    let mut line = day.post_line(place, if dice.chance(0.8) { "DELIVERED" } else { word });
    let serial = 60_000 + u32::try_from(place).unwrap();
    for (field, right, wrong) in [
        ("itemNumber", day.lines[place]["itemNumber"].clone(), json!(crate::support::papers::s10("CV", serial, "VN"))),
        ("originals", json!(1), json!(2)),
        ("copies", json!(2), json!(1)),
        ("sealNo", json!("N-001"), json!("N-002")),
        ("receiver", json!("nguyễn thị mẫu"), json!("Trần Văn Thử")),
        ("fee", json!(0), json!(50_000)),
    ] {
        line[field] = match dice.between(0, 29) {
            0 => wrong,
            1..=15 => right,
            _ => Value::Null,
        };
    }
    if dice.chance(0.05) {
        line["itemNumber"] = json!("EE123456789VN");
    }
    line
}

/// Pairs that plainly agree are counted and not looked at: whatever the books say, that leaves out nothing that a look would have found.
#[test]
fn what_plainly_agrees_needs_no_look() {
    each_backend("plain", |store| {
        let day = day(&store, 66, 90);
        let mut dice = Dice::new(66, "plain");
        let some = |dice: &mut Dice, legs: &[String], share| -> Vec<String> {
            legs.iter().filter(|_| dice.chance(share)).cloned().collect()
        };
        let confirmed = some(&mut dice, &day.legs, 0.8);
        day.confirm(&confirmed);
        let rest: Vec<&String> = day.legs.iter().filter(|leg| !confirmed.contains(leg)).collect();
        for leg in rest {
            let event = dice.pick(&["DELIVERED", "RETURNED", "LOST", "OUT_FOR_DELIVERY", "IN_TRANSIT"]).unwrap();
            day.report(&[fact(&format!("f-{leg}"), leg, event, &on_monday(60))]);
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("why.csv");
        day.clock.advance_us(12 * DAY_US);
        let mut plain = 0;
        for round in 0..4 {
            let mut lines = Vec::new();
            for place in 0..day.legs.len() {
                for _ in 0..dice.pick(&[0, 1, 1, 1, 1, 1, 1, 1, 1, 2]).copied().unwrap() {
                    lines.push(any_line(&day, &mut dice, place));
                }
            }
            day.send(&day.office.post(), &lines);
            let looked =
                day.reconcile(&store, "post", "post-khanh-hoa", &["--dry-run", "--explain", file.to_str().unwrap()]);
            let counted = day.reconcile(&store, "post", "post-khanh-hoa", &["--dry-run"]);
            assert_eq!(looked, counted, "round {round}");
            plain += counted["totals"]["agree"].as_i64().unwrap();
            // What healed by being plain healed: the differences of the round before are open, those of this one come.
            let done = day.reconcile(&store, "post", "post-khanh-hoa", &[]);
            for told in ["opened", "healed", "totals"] {
                assert_eq!(done[told], counted[told], "round {round}, {told}");
            }
            day.clock.advance_us(DAY_US);
        }
        assert!(plain > 100, "{plain}");
    });
}
