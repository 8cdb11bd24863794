//! Alerts: a counterpart that falls silent, more than usual, what waits for too long, and what the program does not do any more is told, and
//! clears by itself. Days off are no silence, and what is not known is not judged.

use crate::support::office::{AGENCY, SOON, leg_ids, text};
use crate::support::papers::fact;
use crate::support::process::on_store;
use crate::support::sql::Direct;
use crate::support::{Office, Options, Papers, Person, TestStore, each_backend, parked, town, until};
use giaonhan::app::alerts::{self, Which, evidence_of};
use giaonhan::base::time::{Clock, DAY_US, HOUR_US, MINUTE_US, Ts};
use giaonhan::domain::alert::Kind;
use giaonhan::domain::person::Role;
use giaonhan::sim::post;
use giaonhan::store::WriteSet;
use giaonhan::store::read::PageAsk;
use serde_json::{Value, json};

fn ts(text: &str) -> Ts {
    Ts::parse_rfc3339(&format!("{text}+07:00")).unwrap()
}

fn go_to(clock: &Clock, time: &str) {
    clock.advance_us(ts(time).us() - clock.now().us());
}

/// Rounds, until nothing is left to count, and the last one that looks.
fn look(office: &Office) {
    while alerts::round(office.app()).unwrap() {}
}

/// Kind and subject of what is open of some kinds.
fn open(office: &Office, kinds: &[Kind]) -> Vec<(Kind, String)> {
    look(office);
    let open = alerts::open(office.app()).unwrap();
    open.into_iter().filter(|(kind, _)| kinds.contains(kind)).map(|(kind, row)| (kind, row.subject)).collect()
}

/// An office whose post office reports one fact at nine and one at three on the working days of three weeks, up to a Friday.
struct Rhythm {
    office: Office,
    clock: Clock,
    leg: String,
    told: std::cell::Cell<u32>,
}

const POST_FACTS: &str = "post-khanh-hoa:FACTS";

impl Rhythm {
    fn until_friday(store: &TestStore, seed: u32, friday: &str) -> Rhythm {
        let first = ts(friday).plus_us(-18 * DAY_US);
        let clock = Clock::fixed(first);
        let options = Options::default().timeless().clock(&clock);
        let office = Office::start(store, options.set("alerts.silence_floor_minutes", 60).set("alerts.rate_floor", 20));
        let receipt = office.declare(&office.post(), &Papers::new(seed).manifest("INTAKE", 1));
        let rhythm = Rhythm { office, clock, leg: leg_ids(&receipt).remove(0), told: std::cell::Cell::new(0) };
        for day in 0..19 {
            if day % 7 < 5 {
                for hour in [9, 15] {
                    let at = first.plus_us(day * DAY_US + hour * HOUR_US);
                    rhythm.clock.advance_us(at.us() - rhythm.clock.now().us());
                    rhythm.tell(1);
                }
            }
        }
        rhythm
    }

    /// So many facts now.
    fn tell(&self, count: u32) {
        let at = self.clock.now().to_rfc3339();
        let facts: Vec<Value> = (0..count)
            .map(|_| {
                let number = self.told.replace(self.told.get() + 1);
                fact(&format!("f-{number}"), &self.leg, "COLLECTION_ASSIGNED", &at)
            })
            .collect();
        self.office.report(&self.office.post(), &facts);
    }

    fn silent(&self) -> bool {
        open(&self.office, &[Kind::Silence]).contains(&(Kind::Silence, POST_FACTS.to_owned()))
    }
}

#[test]
fn a_counterpart_that_falls_silent_is_told_and_its_next_word_clears() {
    each_backend("silence", |store| {
        let rhythm = Rhythm::until_friday(&store, 81, "2026-10-16T00:00:00");
        assert!(!rhythm.silent(), "it has just spoken");
        let (_, norms) = alerts::watched(rhythm.office.app()).unwrap();
        let of = |way: &str| norms.iter().find(|norm| norm.counterpart == "post-khanh-hoa" && norm.way == way).unwrap();
        assert!(of("FACTS").gap_us.is_some_and(|gap| (2 * HOUR_US..6 * HOUR_US).contains(&gap)), "{norms:?}");
        assert_eq!((of("FACTS").p99, of("LINES").gap_us), (Some(1), None), "one manifest is no history");
        go_to(&rhythm.clock, "2026-10-18T20:00:00");
        assert!(!rhythm.silent(), "a weekend is no silence");
        go_to(&rhythm.clock, "2026-10-19T08:00:00");
        assert!(!rhythm.silent(), "it never speaks before nine");
        go_to(&rhythm.clock, "2026-10-19T16:30:00");
        assert!(rhythm.silent());
        let row =
            alerts::open(rhythm.office.app()).unwrap().into_iter().find(|(kind, _)| *kind == Kind::Silence).unwrap().1;
        let evidence = evidence_of(&row);
        assert!(evidence.value >= evidence.limit && evidence.limit > evidence.normal.unwrap(), "{evidence:?}");
        assert_eq!(evidence.since_us, Some(ts("2026-10-16T15:00:00").us()));
        assert!(rhythm.silent(), "the next look finds the same one");
        rhythm.tell(1);
        assert!(!rhythm.silent());
        let over = alerts::page(rhythm.office.app(), Which::Cleared, &PageAsk { after: None, limit: 10 }).unwrap();
        let silences: Vec<_> = over.iter().filter(|one| one.kind == "SILENCE").collect();
        assert_eq!(silences.len(), 1);
        assert_eq!((&silences[0].id, silences[0].cleared_at_us), (&row.id, Some(rhythm.clock.now().us())));
    });
}

#[test]
fn tet_is_no_silence() {
    each_backend("tet", |store| {
        let rhythm = Rhythm::until_friday(&store, 82, "2026-02-13T00:00:00");
        go_to(&rhythm.clock, "2026-02-23T06:00:00");
        assert!(!rhythm.silent(), "nine days without a word, and none of them worked");
        go_to(&rhythm.clock, "2026-02-23T16:30:00");
        assert!(rhythm.silent(), "the first working day is");
    });
}

#[test]
fn far_more_than_usual_is_told_while_it_lasts() {
    each_backend("spike", |store| {
        let rhythm = Rhythm::until_friday(&store, 83, "2026-10-16T00:00:00");
        let spikes = || open(&rhythm.office, &[Kind::RateSpike]);
        go_to(&rhythm.clock, "2026-10-16T15:16:00");
        rhythm.tell(19);
        assert!(spikes().is_empty(), "below the floor nobody rings");
        rhythm.tell(6);
        assert_eq!(spikes(), [(Kind::RateSpike, POST_FACTS.to_owned())]);
        let row = alerts::open(rhythm.office.app())
            .unwrap()
            .into_iter()
            .find(|(kind, _)| *kind == Kind::RateSpike)
            .unwrap()
            .1;
        let evidence = evidence_of(&row);
        assert_eq!((evidence.value, evidence.limit, evidence.normal), (25, 20, Some(1)));
        rhythm.clock.advance_us(20 * MINUTE_US);
        assert_eq!(spikes().len(), 1, "the last quarter counts as long as the next is not over");
        rhythm.clock.advance_us(15 * MINUTE_US);
        assert!(spikes().is_empty());
    });
}

fn park(office: &Office, id: &str) {
    let row = parked(id, "POST_ORDER", None, office.app().now().us());
    office.app().store.commit(WriteSet { outbox: vec![row], ..WriteSet::default() }).unwrap();
}

#[test]
fn a_parked_message_is_told_on_every_face_until_it_goes() {
    each_backend("parked-alert", |store| {
        let clock = Clock::fixed(ts("2026-09-14T09:00:00"));
        let office = Office::start(&store, Options::default().timeless().clock(&clock));
        look(&office);
        assert_eq!(on_store(&store, &["alerts", "--check"]).expect(0).stdout, "");
        park(&office, "msg_81");
        assert_eq!(open(&office, &[Kind::MessageParked]), [(Kind::MessageParked, "nowhere".to_owned())]);

        let told = on_store(&store, &["--json", "alerts", "--check"]).expect(1).object();
        assert_eq!(
            (&told["kind"], &told["weight"], &told["value"]),
            (&json!("MESSAGE_PARKED"), &json!("GRAVE"), &json!(1))
        );
        let metrics = office.ops().get("/metrics").expect(200).text();
        let has = |line: &str| metrics.lines().any(|each| each == line);
        assert!(has("giaonhan_alerts_open{kind=\"MESSAGE_PARKED\"} 1"), "{metrics}");
        assert!(
            has("giaonhan_alerts_open{kind=\"SILENCE\"} 0") && has("giaonhan_alerts_last_round_seconds 0"),
            "{metrics}"
        );
        let list = office.oversight().get("/v1/alerts?state=OPEN").expect(200).json();
        let alert = &list["items"][0];
        assert_eq!((&alert["subject"], &alert["state"]), (&json!("nowhere"), &json!("OPEN")));
        for other in [office.desk(), office.post()] {
            other.get("/v1/alerts").refused(403, "NOT_YOUR_SIDE");
            let path = format!("/v1/alerts/{}/acknowledge", text(&alert["id"]));
            other.post(path, &json!({"reason": "x"})).refused(403, "NOT_YOUR_SIDE");
        }
        let person = Person::of(&office, "giam-sat", Role::Oversight, "");
        let page = person.see("/oversight/alerts").expect(200).text();
        assert!(page.contains("Tin dừng, chờ người xử lý") && page.contains("nowhere"), "{page}");
        assert!(page.contains("<span class=\"cnt\">1<"), "the number stands in the main list");
        assert!(person.see("/oversight").expect(200).text().contains("/oversight/alerts"));
        Person::of(&office, "mot-cua", Role::DeskClerk, AGENCY).see("/oversight/alerts").expect(403);

        Direct::to(&store).run("UPDATE outbox SET state = 'SETTLED' WHERE id = 'msg_81'");
        assert!(open(&office, &[Kind::MessageParked]).is_empty());
        on_store(&store, &["alerts", "--check"]).expect(0);
        let all = on_store(&store, &["--json", "alerts", "--all"]).expect(0).object();
        assert_eq!(all["clearedAt"], clock.now().to_rfc3339());
        assert!(person.see("/oversight/alerts").expect(200).text().contains("Đã hết gần đây"));
    });
}

#[test]
fn somebody_who_knows_says_so_once_and_it_stays_open() {
    each_backend("acknowledged", |store| {
        let clock = Clock::fixed(ts("2026-09-14T09:00:00"));
        let office = Office::start(&store, Options::default().timeless().clock(&clock));
        park(&office, "msg_82");
        look(&office);
        let id = alerts::open(office.app()).unwrap().remove(0).1.id;
        let person = Person::of(&office, "giam-sat", Role::Oversight, "");
        let path = format!("/oversight/alerts/{id}");
        let page = person.form(&path, &[("note", " ")]).expect(422).text();
        assert!(page.contains("aria-invalid=\"true\""), "{page}");
        assert!(!person.acts(&office).contains(&"ALERT.ACKNOWLEDGE".to_owned()));
        assert_eq!(
            person.form(&path, &[("note", "Đã gọi bưu điện tỉnh")]).leads_to(),
            format!("/oversight/alerts#{id}")
        );
        assert!(person.acts(&office).contains(&"ALERT.ACKNOWLEDGE".to_owned()));
        assert!(person.see("/oversight/alerts").text().contains("Đã gọi bưu điện tỉnh"));
        assert_eq!(open(&office, &[Kind::MessageParked]).len(), 1, "it clears by itself alone");

        let by_api = format!("/v1/alerts/{id}/acknowledge");
        office.oversight().post(by_api.as_str(), &json!({})).refused(422, "BODY_INVALID");
        let later = office.oversight().post(by_api.as_str(), &json!({"reason": "cũng biết"})).expect(200).json();
        assert_eq!(
            (&later["note"], &later["acknowledgedBy"]),
            (&json!("Đã gọi bưu điện tỉnh"), &json!(person.id)),
            "the first word stands"
        );
        office.oversight().post("/v1/alerts/al_none/acknowledge", &json!({"reason": "x"})).refused(404, "NOT_FOUND");

        Direct::to(&store).run("UPDATE outbox SET state = 'SETTLED' WHERE id = 'msg_82'");
        look(&office);
        park(&office, "msg_83");
        look(&office);
        let again = alerts::open(office.app()).unwrap().remove(0).1;
        assert!(again.id != id && again.acknowledged_by.is_none(), "what comes again is another one");
        let path = format!("/v1/alerts/{}/acknowledge", again.id);
        let said = office.oversight().post(path, &json!({"reason": "đang sửa"})).expect(200).json();
        assert_eq!((&said["note"], &said["acknowledgedBy"]), (&json!("đang sửa"), &json!("province-office")));
        Direct::to(&store).run("UPDATE outbox SET state = 'SETTLED' WHERE id = 'msg_83'");
    });
}

#[test]
fn a_restart_doubles_nothing_and_goes_on_looking() {
    each_backend("restart-alerts", |store| {
        let mut office = Office::start(&store, Options::default().set("roles.alerts", true));
        park(&office, "msg_84");
        let of = |office: &Office| {
            let all = alerts::page(office.app(), Which::All, &PageAsk { after: None, limit: 50 }).unwrap();
            all.into_iter().filter(|row| row.kind == "MESSAGE_PARKED").collect::<Vec<_>>()
        };
        let first = until("it is told", SOON, || of(&office).pop());
        office.restart();
        let looked = |office: &Office| alerts::watched(office.app()).unwrap().0.unwrap().round_at_us;
        let began = office.app().now().us();
        until("the new process looks", SOON, || (looked(&office) > began).then_some(()));
        let still = of(&office);
        assert_eq!(still.iter().map(|row| &row.id).collect::<Vec<_>>(), [&first.id]);
        assert!(still[0].last_seen_at_us > first.opened_at_us && still[0].open_key.is_some());
        Direct::to(&store).run("UPDATE outbox SET state = 'SETTLED' WHERE id = 'msg_84'");
        until("it is over", SOON, || of(&office).pop().filter(|row| row.cleared_at_us.is_some()));
    });
}

#[test]
fn what_the_program_itself_no_longer_does_is_told() {
    each_backend("loops-alerts", |store| {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed(ts("2026-09-14T09:00:00"));
        let options = Options {
            toml: town::operator_toml(post::Family::Hcc, "http://127.0.0.1:9", AGENCY, folder.path()),
            ..Options::default().timeless().clock(&clock)
        };
        let options = options.set("roles.poller", false).set("roles.dispatcher", false).set("roles.reconciler", false);
        let options = options.set("roles.tallies", false).set("reconciler.daily", true);
        let office = Office::start(&store, options);
        let loops = [Kind::FeedBehind, Kind::ComparisonMissing, Kind::ClocksBehind, Kind::RollUpsBehind];
        assert!(open(&office, &loops).is_empty(), "what has just begun is not late");
        clock.advance_us(6 * MINUTE_US);
        assert_eq!(open(&office, &loops), [(Kind::FeedBehind, "hcc".to_owned())]);
        let read = format!("INSERT INTO feed_cursor VALUES ('hcc', 'reports', 'x', {})", clock.now().us());
        Direct::to(&store).run(&read);
        assert!(open(&office, &loops).is_empty(), "it was read");
        office.declare(&office.post(), &Papers::new(84).manifest("INTAKE", 1));
        assert!(open(&office, &loops).is_empty(), "what has just come waits for nobody");
        clock.advance_us(31 * HOUR_US);
        let told: Vec<Kind> = open(&office, &loops).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(
            told,
            [Kind::FeedBehind, Kind::ClocksBehind, Kind::ComparisonMissing, Kind::RollUpsBehind],
            "the grave first"
        );
        assert!(open(&office, &[Kind::CalendarEnds]).is_empty(), "the calendar lasts");
        go_to(&clock, "2026-11-22T09:00:00");
        assert_eq!(open(&office, &[Kind::CalendarEnds]).len(), 1);
        let of_calendar = alerts::open(office.app()).unwrap().into_iter().find(|(kind, _)| *kind == Kind::CalendarEnds);
        assert_eq!(evidence_of(&of_calendar.unwrap().1).count, Some(39), "days until the year is over");
        Direct::to(&store).run("UPDATE outbox SET state = 'SETTLED'");
    });
}

#[test]
fn papers_and_facts_that_lie_for_too_long_are_told() {
    each_backend("held-alerts", |store| {
        let clock = Clock::fixed(ts("2026-09-14T09:00:00"));
        let office = Office::start(&store, Options::default().timeless().clock(&clock));
        let mut taken = Papers::new(85).taken_intake(5);
        for line in taken["lines"].as_array_mut().unwrap() {
            line["acceptedAt"] = json!("2026-09-14T08:00:00+07:00");
        }
        office.declare(&office.post(), &taken);
        let mut lost = fact("lost", "leg_x", "IN_TRANSIT", "2026-09-14T08:30:00+07:00");
        lost.as_object_mut().unwrap().remove("legId");
        lost["itemNumber"] = json!(Papers::new(86).item_number());
        assert_eq!(office.report(&office.post(), &[lost])[0]["outcome"], "UNMATCHED");
        let kinds = [Kind::CustodyOverdue, Kind::FactsUnmatched];
        clock.advance_us(2 * DAY_US);
        assert!(open(&office, &kinds).is_empty());
        clock.advance_us(DAY_US);
        let told = open(&office, &kinds);
        assert_eq!(
            told,
            [(Kind::FactsUnmatched, "post-khanh-hoa".to_owned()), (Kind::CustodyOverdue, "POST:650100".to_owned())]
        );
        let person = Person::of(&office, "giam-sat", Role::Oversight, "");
        assert!(person.see("/oversight/alerts").expect(200).text().contains("650100"));
    });
}

/// What a receiver's folder was told, in order: type, kind and subject.
fn told(folder: &std::path::Path) -> Vec<(String, String, String)> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |path: &std::path::PathBuf| -> (String, String, String) {
        let body: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let of = |value: &Value| text(value).to_owned();
        (of(&body["type"]), of(&body["data"]["kind"]), of(&body["data"]["subject"]))
    };
    files.iter().map(read).collect()
}

#[test]
fn receivers_of_alerts_are_told_when_one_opens_and_when_it_is_over() {
    each_backend("told-alerts", |store| {
        let (told_to, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let receiver = |name: &str, path: &std::path::Path, alerts: bool| {
            let path = path.display();
            format!("\n[[receivers]]\nname = \"{name}\"\nkind = \"folder\"\npath = \"{path}\"\nalerts = {alerts}\n")
        };
        let clock = Clock::fixed(ts("2026-09-14T09:00:00"));
        let toml = receiver("truc-ban", told_to.path(), true) + &receiver("so", other.path(), false);
        let office = Office::start(&store, Options { toml, ..Options::default().timeless().clock(&clock) });
        park(&office, "msg_86");
        look(&office);
        look(&office);
        let event = |type_: &str| (type_.to_owned(), "MESSAGE_PARKED".to_owned(), "nowhere".to_owned());
        until("it is told", SOON, || (told(told_to.path()) == [event("alert.opened")]).then_some(()));
        Direct::to(&store).run("UPDATE outbox SET state = 'SETTLED' WHERE id = 'msg_86'");
        clock.advance_us(MINUTE_US);
        look(&office);
        let both = [event("alert.opened"), event("alert.cleared")];
        until("its end is told", SOON, || (told(told_to.path()) == both).then_some(()));
        assert!(told(other.path()).is_empty(), "who asked for no alerts gets none");
    });
}
