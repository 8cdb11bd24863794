//! The figures behind the oversight page: a day in an office, counted.

use crate::support::office::{AGENCY, leg_ids};
use crate::support::papers::{at, fact, proven};
use crate::support::{Office, Options, Papers, each_backend};
use giaonhan::base::time::{Clock, DAY_US, HOUR_US, Ts};
use giaonhan::domain::access::Agencies;
use giaonhan::store::read::oversight::{self, Figures, Held, Span};
use giaonhan::store::{Db, StoreError};
use serde_json::{Value, json};

fn ts(text: &str) -> i64 {
    Ts::parse_rfc3339(text).unwrap().us()
}

/// The day of the tests in Vietnam.
fn that_day() -> Span {
    Span { from_us: ts("2026-11-20T00:00:00+07:00"), until_us: ts("2026-11-21T00:00:00+07:00") }
}

fn due(mut manifest: Value, times: &[&str]) -> Value {
    for (line, time) in manifest["lines"].as_array_mut().unwrap().iter_mut().zip(times) {
        line["dueAt"] = json!(time);
    }
    manifest
}

fn read<T>(office: &Office, body: impl FnOnce(&mut Db<'_>) -> Result<T, StoreError>) -> T {
    office.app().store.read(body).unwrap()
}

/// Three dossiers taken in; three results collected: the first delivered in time and confirmed, the second reported late, the
/// third not delivered at a first attempt, by five o'clock.
fn a_day(office: &Office, clock: &Clock) -> Vec<String> {
    let papers = Papers::new(1);
    office.declare(&office.post(), &papers.taken_intake(3));
    let times = ["2026-11-20T10:00:00+07:00", "2026-11-20T09:00:00+07:00", "2026-11-20T16:00:00+07:00"];
    let results = leg_ids(&office.declare(&office.desk(), &due(papers.manifest("RESULT", 3), &times)));
    clock.advance_us(15 * 60_000_000);
    office.hand_over("AGENCY", "POST", &results);
    clock.advance_us(9 * HOUR_US - 15 * 60_000_000);
    let facts = [
        proven("a", &results[0], "DELIVERED", &at(90)),
        proven("b", &results[0], "CONFIRMED", &at(95)),
        proven("c", &results[1], "DELIVERED", &at(120)),
        proven("c again", &results[1], "DELIVERED", &at(121)),
    ];
    office.report(&office.post(), &facts);
    office.report(&office.post(), &[fact("d", &results[2], "ATTEMPT_FAILED", &at(150))]);
    results
}

#[test]
fn a_day_is_counted_for_who_may_see_it() {
    each_backend("oversight", |store| {
        let clock = Clock::fixed(Ts::from_us(ts("2026-11-20T08:00:00+07:00")));
        let office = Office::start(&store, Options::default().clock(&clock));
        a_day(&office, &clock);
        let now_us = clock.now().us();
        let figures = |agencies: &Agencies| read(&office, |db| oversight::figures(db, agencies, that_day(), now_us));
        let whole = Figures {
            taken_in: 3,
            handed_to_agency: 0,
            results_collected: 3,
            delivered_confirmed: 1,
            delivered_reported_only: 1,
            attempts_failed: 1,
            open: 5,
            open_overdue: 1,
        };
        let own = Agencies::Only(vec![AGENCY.to_owned()]);
        let other = Agencies::Only(vec!["H32.99".to_owned()]);
        assert_eq!(figures(&Agencies::All), whole);
        assert_eq!(figures(&own), whole);
        assert_eq!(figures(&other), Figures::default());

        let days = read(&office, |db| oversight::events_by_day(db, &own, that_day()));
        assert!(days.iter().all(|day| day.day_us == that_day().from_us), "{days:?}");
        let delivered = days.iter().find(|day| day.event == "DELIVERED").unwrap();
        assert_eq!((delivered.leg_kind.as_str(), delivered.legs), ("RESULT", 2), "said twice, one leg");
        let tomorrow = Span { from_us: that_day().until_us, until_us: that_day().until_us + DAY_US };
        assert_eq!(read(&office, |db| oversight::events_by_day(db, &own, tomorrow)), []);
        assert_eq!(read(&office, |db| oversight::events_by_day(db, &other, that_day())), []);
    });
}

#[test]
fn custody_has_an_age() {
    each_backend("custody by age", |store| {
        let clock = Clock::fixed(Ts::from_us(ts("2026-11-20T08:00:00+07:00")));
        let office = Office::start(&store, Options::default().clock(&clock));
        office.declare(&office.desk(), &Papers::new(2).manifest("RESULT", 2));
        a_day(&office, &clock);
        let held = |after_us: i64, agencies: &Agencies| {
            let now_us = clock.now().us() + after_us;
            read(&office, |db| oversight::held_by_age(db, agencies, now_us, &[1, 3, 7]))
        };
        let row = |holder: &str, by_age: [i64; 4]| Held { holder: holder.to_owned(), by_age: by_age.to_vec() };
        assert_eq!(held(0, &Agencies::All), [row("AGENCY", [2, 0, 0, 0]), row("POST", [5, 0, 0, 0])]);
        // The results were handed over a quarter of an hour after the intake was taken.
        let after = 3 * DAY_US - 9 * HOUR_US + 60_000_000;
        assert_eq!(held(after, &Agencies::All), [row("AGENCY", [0, 0, 2, 0]), row("POST", [0, 2, 3, 0])]);
        assert_eq!(held(30 * DAY_US, &Agencies::All), [row("AGENCY", [0, 0, 0, 2]), row("POST", [0, 0, 0, 5])]);
        assert_eq!(held(0, &Agencies::Only(Vec::new())), []);
    });
}

#[test]
fn what_is_open_is_counted_by_kind() {
    each_backend("open discrepancies", |store| {
        let clock = Clock::fixed(Ts::from_us(ts("2026-11-20T08:00:00+07:00")));
        let office = Office::start(&store, Options::default().clock(&clock));
        let results = a_day(&office, &clock);
        // Delivered without the note of an identity check.
        let mut bare = fact("e", &results[2], "CONFIRMED", &at(200));
        bare["originals"] = json!(1);
        bare["copies"] = json!(2);
        office.report(&office.post(), &[bare]);
        let open = |agencies: &Agencies| read(&office, |db| oversight::open_discrepancies(db, agencies));
        let kinds = open(&Agencies::All);
        let told: Vec<_> = kinds.iter().map(|kind| (kind.kind.as_str(), kind.open, kind.oldest_at_us)).collect();
        assert_eq!(told, [("NO_ID_NOTE", 1, clock.now().us())]);
        assert_eq!(open(&Agencies::Only(Vec::new())), []);
        let due = |agencies: &Agencies, now_us| read(&office, |db| oversight::oldest_due_message(db, agencies, now_us));
        assert_eq!(due(&Agencies::All, that_day().from_us), None, "nothing was due before the day");
        assert_eq!(due(&Agencies::Only(Vec::new()), clock.now().us()), None);
    });
}
