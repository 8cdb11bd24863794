//! The one-stop software is asked for its cases: once a day and on demand, by its lists and by single numbers; what it does not answer
//! proves nothing, and what it cannot say takes nothing back.

use crate::support::office::{AGENCY, leg_ids, text};
use crate::support::papers::{fact, proven};
use crate::support::process::{BOUND, Ended, on_store, program, run};
use crate::support::town::{self, StandIn, operator, operator_toml, script, software, software_toml};
use crate::support::{Office, Options, Papers, TestStore, each_backend, until};
use giaonhan::base::time::{Clock, DAY_US, HOUR_US, MINUTE_US, Ts};
use giaonhan::sim::server::Answer;
use giaonhan::sim::{one_stop, post};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// A time as the one-stop software writes it.
fn written(at: Ts) -> String {
    at.to_vietnam().format("%d/%m/%Y %H:%M:%S").to_string()
}

fn seed(software: &one_stop::Handle, dossiers: &[Value]) {
    script("POST", format!("{}/_sim/dossiers", software.url()), &json!(dossiers));
}

fn plan(software: &one_stop::Handle, faults: &Value) {
    script("PUT", format!("{}/_sim/faults", software.url()), faults);
}

/// Result legs of some dossiers, of which the first are handed to the post.
struct Town {
    office: Office,
    clock: Clock,
    legs: Vec<String>,
    numbers: Vec<String>,
}

fn town(store: &TestStore, options: Options, clock: &Clock, seed: u32, lines: u32, handed: usize) -> Town {
    let options = Options { unsettled_allowed: true, ..options.timeless().clock(clock) };
    let office = Office::start(store, options);
    let mut manifest = Papers::new(seed).manifest("RESULT", lines);
    for line in manifest["lines"].as_array_mut().unwrap() {
        // The post gives its own.
        line.as_object_mut().unwrap().remove("itemNumber");
    }
    let legs = leg_ids(&office.declare(&office.desk(), &manifest));
    office.hand_over("AGENCY", "POST", &legs[..handed]);
    let numbers = manifest["lines"].as_array().unwrap().iter().map(|line| text(&line["dossierNo"]).to_owned());
    Town { office, clock: clock.clone(), legs, numbers: numbers.collect() }
}

impl Town {
    fn confirm(&self, leg: usize) {
        let (leg, at) = (&self.legs[leg], self.clock.now().plus_us(MINUTE_US).to_rfc3339());
        let facts =
            [fact(&format!("d-{leg}"), leg, "DELIVERED", &at), proven(&format!("c-{leg}"), leg, "CONFIRMED", &at)];
        self.office.report(&self.office.post(), &facts);
    }

    /// A case of one of the legs.
    fn case(&self, leg: usize, status: &str, released: Ts, finished: Option<Ts>) -> Value {
        json!({"dossierNo": self.numbers[leg], "govAgencyCode": AGENCY, "viaPostal": 2, "dossierStatus": status,
               "releaseDate": written(released), "finishDate": finished.map(written).unwrap_or_default()})
    }

    /// What is open out of books: kind, and the leg or what the book calls it.
    fn open(&self) -> BTreeSet<(String, String)> {
        let found = self.office.oversight().all("/v1/discrepancies?state=OPEN");
        let of_books = found.iter().filter(|one| one["evidence"][0]["book"].is_object());
        let subject = |one: &Value| match one["legId"].as_str() {
            Some(leg) => leg.to_owned(),
            None => {
                let rows = one["evidence"].as_array().unwrap().iter();
                text(rows.filter_map(|piece| piece["book"].get("row")).rfind(|row| row.is_string()).unwrap()).to_owned()
            }
        };
        of_books.map(|one| (text(&one["kind"]).to_owned(), subject(one))).collect()
    }

    /// The comparison of the day before this one.
    fn compared(&self, until_day: &str) -> Value {
        until(&format!("the books up to {until_day} are compared"), BOUND, || {
            let runs = self.office.oversight().get("/v1/reconciliations").expect(200).json();
            let mut runs = runs["items"].as_array().unwrap().clone().into_iter();
            runs.find(|run| run["until"] == until_day && run["side"] == "ONE_STOP")
        })
    }
}

fn kinds(totals: &Value) -> BTreeMap<String, i64> {
    serde_json::from_value(totals["found"].clone()).unwrap()
}

#[test]
fn once_a_day_the_cases_are_asked_for_and_every_difference_is_found_and_heals() {
    each_backend("cases-daily", |store| {
        let at = |text: &str| Ts::parse_rfc3339(&format!("{text}+07:00")).unwrap();
        let (software, clock) = (software(""), Clock::fixed(at("2026-11-16T08:00:00")));
        let options = Options { toml: software_toml(software.url()), ..Options::default() };
        let it = town(&store, options.set("reconciler.daily", true), &clock, 41, 6, 6);
        let (monday, old) = (at("2026-11-16T10:00:00"), at("2026-09-05T10:00:00"));
        it.confirm(0);
        it.confirm(3);
        it.confirm(4);
        let extra = |n: u32, more: Value| {
            let mut dossier = json!({"dossierNo": format!("{AGENCY}-261116-00{n}"), "govAgencyCode": AGENCY});
            dossier.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            dossier
        };
        let (filed, sent) = (format!("{AGENCY}-261116-001"), format!("{AGENCY}-261116-002"));
        seed(
            &software,
            &[
                it.case(0, "releasing", monday, None),
                it.case(1, "done", monday, Some(monday)),
                it.case(3, "done", monday, Some(monday)),
                // Older than the window: only its number leads to it.
                it.case(4, "releasing", old, None),
                it.case(5, "releasing", monday, None),
                extra(1, json!({"vnpostalStatus": 1, "dossierStatus": "receiving", "receiveDate": written(monday)})),
                extra(2, json!({"viaPostal": 2, "dossierStatus": "done", "finishDate": written(monday)})),
                extra(3, json!({"viaPostal": 2, "dossierStatus": "done", "finishDate": written(old)})),
                extra(4, json!({"viaPostal": 1, "dossierStatus": "done", "finishDate": written(monday)})),
            ],
        );
        clock.advance_us(3 * DAY_US);
        let run = it.compared("2026-11-20");
        let wanted = [
            ("RETURNED_NOT_CLOSED", &it.legs[0]),
            ("RETURNED_NOT_CLOSED", &it.legs[4]),
            ("CLOSED_NOT_DELIVERED", &it.legs[1]),
            ("ITEM_NO_CASE", &it.legs[2]),
            ("CASE_NO_ITEM", &filed),
            ("CASE_NO_ITEM", &sent),
        ];
        let wanted: BTreeSet<_> = wanted.iter().map(|(kind, of)| ((*kind).to_owned(), (*of).clone())).collect();
        until("everything is found", BOUND, || (it.open() == wanted).then_some(()));
        assert_eq!(run["totals"]["books"][0]["complete"], true, "{run}");
        assert_eq!((&run["totals"]["entries"], &run["totals"]["agree"]), (&json!(7), &json!(2)), "{run}");
        // On the next day the other side has mended what was wrong there.
        let mended = at("2026-11-19T15:00:00");
        seed(
            &software,
            &[
                it.case(0, "done", monday, Some(mended)),
                it.case(1, "releasing", monday, None),
                it.case(2, "releasing", monday, None),
                it.case(4, "done", old, Some(mended)),
                extra(1, json!({"vnpostalStatus": 4})),
                extra(2, json!({"viaPostal": 1})),
            ],
        );
        clock.advance_us(DAY_US);
        let run = it.compared("2026-11-21");
        until("everything heals", BOUND, || it.open().is_empty().then_some(()));
        assert_eq!(kinds(&run["totals"]), BTreeMap::new(), "{run}");
        // On a day on which it answers with troubles alone there is no book; once it answers again, there is.
        plan(&software, &json!({"ERROR": 1.0}));
        clock.advance_us(DAY_US);
        let failed = |ledger: &Value| ledger["calls"]["GET dossiers"]["500"].as_u64().unwrap_or(0);
        until("it was asked in vain, and again", BOUND, || (failed(&software.ledger()) > 2).then_some(()));
        assert!(it.open().is_empty());
        plan(&software, &json!({}));
        it.compared("2026-11-22");
        let broken = software.ledger()["violationList"].as_array().unwrap().clone();
        assert!(
            broken.iter().all(|one| one["call"] != "GET dossiers"),
            "no question breaks a rule of theirs: {broken:?}"
        );
    });
}

/// The command beside a store, with counterparts.
struct Command<'s> {
    store: &'s TestStore,
    folder: tempfile::TempDir,
    from: String,
    until: String,
}

impl<'s> Command<'s> {
    fn new(store: &'s TestStore, toml: &str, now: Ts) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("giaonhan.toml"), toml).unwrap();
        let day = |at: Ts| at.to_vietnam().date().to_string();
        Command { store, folder, from: day(now.plus_us(-10 * DAY_US)), until: day(now.plus_us(DAY_US)) }
    }

    fn run(&self, command: &[&str], side: &str, counterpart: &str, more: &[&str]) -> Ended {
        let (config, [flag, value]) = (self.folder.path().join("giaonhan.toml"), self.store.arguments());
        let of = ["--side", side, "--counterpart", counterpart, "--from", &self.from, "--until", &self.until];
        let on = ["--config", config.to_str().unwrap(), &flag, &value];
        run(program(&[&["--json"], command, &of[..], more, &on[..]].concat()))
    }

    fn reconcile(&self, side: &str, counterpart: &str, more: &[&str]) -> Ended {
        self.run(&["reconcile"], side, counterpart, more)
    }

    /// Loads lines of a book.
    fn load(&self, side: &str, counterpart: &str, lines: &Value) {
        let file = self.folder.path().join("book.json");
        std::fs::write(&file, json!({"lines": lines}).to_string()).unwrap();
        self.run(&["book", "load"], side, counterpart, &["--partial", file.to_str().unwrap()]).expect(0);
    }
}

#[test]
fn on_demand_it_is_asked_at_once_and_a_failure_says_what_is_wrong() {
    each_backend("cases-demand", |store| {
        let software = software("");
        let toml = software_toml(software.url()).replace("\"*\"", &format!("\"{AGENCY}\""));
        let now = Clock::system().now();
        let then = now.plus_us(-5 * DAY_US);
        let options = Options { toml: toml.clone(), ..Options::default() }.set("roles.dispatcher", false);
        let it = town(&store, options, &Clock::fixed(then), 42, 4, 3);
        it.confirm(0);
        let mut foreign = it.case(3, "done", then, Some(then));
        foreign["dossierNo"] = json!("H32.99-261116-0001");
        foreign["govAgencyCode"] = json!("H32.99");
        seed(
            &software,
            &[
                it.case(0, "releasing", then, None),
                it.case(1, "releasing", then, None),
                it.case(3, "releasing", then, None),
                foreign,
            ],
        );
        let command = Command::new(&store, &toml, now);
        for faults in ["ERROR", "E1", "STALLED_BODY"] {
            plan(&software, &json!({faults: 1.0}));
            let told = command.reconcile("one-stop", "one-stop", &["--ask"]).expect(1);
            assert!(told.stderr.contains("one-stop gave no book: "), "{faults}: {}", told.stderr);
        }
        plan(&software, &json!({}));
        let told = command.reconcile("one-stop", "nobody", &["--ask"]).expect(3);
        assert!(told.stderr.contains("nobody is not among [[counterparts]]"), "{}", told.stderr);
        let told = command.reconcile("post", "one-stop", &["--ask"]).expect(3);
        assert!(told.stderr.contains("one-stop is of the side ONE_STOP"), "{}", told.stderr);
        assert!(it.open().is_empty(), "no answer proves nothing");

        // What a file has said stays said: the software cannot say when the desk gave a result to the post.
        let day = then.to_vietnam().date().to_string();
        let sent = json!([{"dossierNo": it.numbers[3], "day": day, "status": 9, "resultByPost": true, "sentOn": day}]);
        command.load("one-stop", "one-stop", &sent);
        let told = command.reconcile("one-stop", "one-stop", &[]).expect(0).object();
        assert_eq!(kinds(&told["totals"]), BTreeMap::from([("SENT_NEVER_SIGNED".to_owned(), 1)]), "{told}");

        let told = command.reconcile("one-stop", "one-stop", &["--ask", "--dry-run"]).expect(0);
        assert!(told.stderr.contains("nothing is missing in it"), "{}", told.stderr);
        let told = told.object();
        let wanted = [("SENT_NEVER_SIGNED", 3), ("RETURNED_NOT_CLOSED", 0), ("ITEM_NO_CASE", 2)];
        let found = wanted.iter().map(|(kind, _)| ((*kind).to_owned(), 1)).collect::<BTreeMap<_, _>>();
        assert_eq!((kinds(&told["totals"]), &told["id"], it.open().len()), (found.clone(), &Value::Null, 1), "{told}");
        let told = command.reconcile("one-stop", "one-stop", &["--ask"]).expect(0).object();
        assert_eq!((kinds(&told["totals"]), &told["opened"], &told["healed"]), (found, &json!(2), &json!(0)), "{told}");
        let open: BTreeSet<_> = wanted.iter().map(|(kind, leg)| ((*kind).to_owned(), it.legs[*leg].clone())).collect();
        assert_eq!(it.open(), open);
        // The same words again are the same book and the same comparison.
        let again = command.reconcile("one-stop", "one-stop", &["--ask"]).expect(0).object();
        assert_eq!((&again["id"], &again["opened"], &again["healed"]), (&told["id"], &json!(0), &json!(0)));
        assert_eq!(again["totals"], told["totals"]);
        assert_eq!(software.ledger()["violations"], 0);
    });
}

#[test]
fn only_a_clear_no_about_a_number_says_that_its_case_is_missing() {
    each_backend("cases-absent", |store| {
        let now = Clock::system().now();
        let then = now.plus_us(-5 * DAY_US);
        let row = |number: &str| {
            json!({"dossierNo": number, "govAgencyCode": AGENCY, "viaPostal": "2", "vnpostalStatus": 0, "dossierStatus": "releasing",
                   "receiveDate": written(then), "releaseDate": written(then), "finishDate": written(then)})
        };
        // What its lists show, one row a page whatever is asked for, and what it answers to a question.
        type Script = (Vec<Value>, fn() -> Answer);
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new((Vec::new(), || Answer::empty(204))));
        let playing = script.clone();
        let stand_in = StandIn::start(move |call| {
            let (rows, question) = playing.lock().unwrap().clone();
            let start = call.param("start").unwrap().parse().unwrap();
            let page: Vec<&Value> = rows.iter().skip(start).take(1).collect();
            let list = || Answer::json(200, &json!({"total": rows.len(), "data": page}));
            if call.param("dossierNo").is_some() { question() } else { list() }
        });
        let toml = software_toml(stand_in.url()).replace("2500", "700");
        let options = Options { toml: toml.clone(), ..Options::default() }.set("roles.dispatcher", false);
        let it = town(&store, options, &Clock::fixed(then), 43, 3, 3);
        let all: Vec<Value> = it.numbers.iter().map(|number| row(number)).collect();
        let one = &all[..1];
        let command = Command::new(&store, &toml, now);
        let ask = |rows: &[Value], question: fn() -> Answer| {
            *script.lock().unwrap() = (rows.to_vec(), question);
            let told = command.reconcile("one-stop", "one-stop", &["--ask"]).expect(0).object();
            (told["totals"]["books"][0]["complete"].clone(), kinds(&told["totals"]))
        };
        let nothing = BTreeMap::new();
        let silences: [fn() -> Answer; 7] = [
            || Answer::empty(204),
            || Answer::empty(200),
            || Answer::empty(500),
            Answer::html,
            || Answer::json(403, &json!({"code": 403, "message": "Lỗi hệ thống", "description": "No Content."})),
            || Answer::json(200, &json!({})),
            || Answer::json(200, &json!({"total": 7, "data": []})),
        ];
        for silence in silences {
            assert_eq!(ask(one, silence), (json!(false), nothing.clone()));
        }
        // So answers an account that may see none of the dossiers.
        let none: fn() -> Answer = || Answer::json(200, &json!({"total": 0, "data": []}));
        assert_eq!(ask(&[], none), (json!(false), nothing.clone()));
        assert!(it.open().is_empty());
        assert_eq!(ask(&all, none), (json!(true), nothing));
        assert_eq!(ask(one, none), (json!(true), BTreeMap::from([("ITEM_NO_CASE".to_owned(), 2)])));
        let missing: BTreeSet<_> = it.legs[1..].iter().map(|leg| ("ITEM_NO_CASE".to_owned(), leg.clone())).collect();
        assert_eq!(it.open(), missing);
    });
}

#[test]
fn what_a_list_of_the_post_cannot_say_takes_nothing_back() {
    each_backend("cases-silence", |store| {
        let (operator, folder) = (operator(post::Family::Hcc, ""), tempfile::tempdir().unwrap());
        let toml = operator_toml(post::Family::Hcc, operator.url(), AGENCY, folder.path());
        let now = Clock::system().now();
        let options = Options { toml: toml.clone(), ..Options::default() }.set("roles.poller", false);
        let it = town(&store, options, &Clock::fixed(now.plus_us(-HOUR_US)), 44, 2, 2);
        let order = |leg: usize| giaonhan::app::inbox::order_of_leg(&it.legs[leg]);
        for leg in &it.legs {
            let known = || operator.ledger()["orders"].to_string().contains(leg.strip_prefix("leg_").unwrap());
            until("the post has the order", BOUND, || known().then_some(()));
            town::happen(&operator, leg, &json!([{"status": "ACCEPTED", "office": "650200"}]));
        }
        let command = Command::new(&store, &toml, now);
        let day = now.to_vietnam().date().to_string();
        let orders = operator.ledger()["orders"].as_array().unwrap().clone();
        let item = orders.iter().find(|one| one["orderCode"] == order(1)).unwrap()["itemNumber"].clone();
        // One line knows our order number, the other only the post's own number.
        let line = |name: &str, number: Value, originals: u32| json!({name: number, "day": day, "status": "ACCEPTED", "originals": originals});
        let (ours, theirs) = (line("orderNumber", json!(order(0)), 3), line("itemNumber", item, 4));
        command.load("post", "hcc", &json!([ours, theirs]));
        let mismatch = |counts: i64| BTreeMap::from([("COUNT_MISMATCH".to_owned(), counts)]);
        let told = command.reconcile("post", "hcc", &[]).expect(0).object();
        assert_eq!(
            (kinds(&told["totals"]), &told["totals"]["paired"]),
            (mismatch(1), &json!({"ORDER_KEY": 1})),
            "{told}"
        );
        let told = command.reconcile("post", "hcc", &["--ask"]).expect(0).object();
        assert_eq!(
            (kinds(&told["totals"]), &told["totals"]["paired"]),
            (mismatch(2), &json!({"ORDER_KEY": 2})),
            "{told}"
        );
        assert_eq!((&told["opened"], &told["healed"]), (&json!(1), &json!(0)));
        // Who does say something else is believed.
        command.load("post", "hcc", &json!([line("orderNumber", json!(order(0)), 1)]));
        let told = command.reconcile("post", "hcc", &["--ask"]).expect(0).object();
        assert_eq!((&told["healed"], kinds(&told["totals"])), (&json!(1), mismatch(1)), "{told}");
    });
}

/// Intake papers that the post took days ago and that got their number today: no book of last night could have their case.
#[test]
fn a_book_is_not_asked_for_a_case_that_is_younger_than_itself() {
    each_backend("cases-young", |store| {
        let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-23T14:00:00+07:00").unwrap());
        let office = Office::start(&store, Options::default().timeless().clock(&clock));
        let papers = Papers::new(45);
        let mut manifest = papers.taken_intake(1);
        manifest["lines"][0].as_object_mut().unwrap().remove("dossierNo");
        let legs = leg_ids(&office.declare(&office.post(), &manifest));
        let send = |no: &str| {
            let line = json!({"dossierNo": no, "day": "2026-11-20", "status": 4});
            let body = json!({"from": "2026-11-16", "until": "2026-11-24", "lines": [line]});
            office.desk().post("/v1/books", &body).expect(201);
        };
        send(&papers.dossier_no());
        clock.advance_us(HOUR_US);
        let bound = json!({"factId": "mc-1", "legId": legs[0], "event": "CASE_RECEIVED", "dossierNo": papers.dossier_no(),
                           "occurredAt": clock.now().to_rfc3339()});
        office.report(&office.desk(), &[bound]);
        let compare = || {
            let of = ["--side", "one-stop", "--counterpart", "one-stop-nha-trang", "--from", "2026-11-16"];
            let command = [&["--json", "reconcile"], &of[..], &["--until", "2026-11-24"]].concat();
            kinds(&on_store(&store, &command).expect(0).object()["totals"])
        };
        assert_eq!(compare(), BTreeMap::new());
        // A book that is old enough to have it, and has not, is missed.
        clock.advance_us(2 * DAY_US);
        send(&papers.dossier_no());
        assert_eq!(compare(), BTreeMap::from([("ITEM_NO_CASE".to_owned(), 1)]));
    });
}
