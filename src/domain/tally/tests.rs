//! What legs contribute, and which spans make up a stretch.

use super::*;
use crate::base::id::{EventId, HandoverId, LegId};
use crate::base::time::parse_date;
use crate::domain::calendar::sample;
use crate::domain::custody::{Evidence, Receiver, Source};
use crate::domain::leg::Side;
use chrono::Days;
use proptest::prelude::*;

fn date(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

/// `2026-08-21 09:00` in Vietnam.
fn at(text: &str) -> Ts {
    Ts::parse_rfc3339(&format!("{}:00+07:00", text.replace(' ', "T"))).unwrap()
}

fn event(number: i64, kind: EventKind, when: &str) -> Event {
    let side = match kind {
        EventKind::CaseReceived => Side::Agency,
        _ => Side::Post,
    };
    let source = Source { fact_id: Some(format!("f{number}")), ..Source::of("somebody", side) };
    let id = EventId::from_text(format!("ev_{number}"));
    Event { seq: number, ..Event::new(id, LegId::from_text("leg_1"), kind, at(when), at(when), source) }
}

fn proven(mut event: Event) -> Event {
    event.receiver = Some(Receiver { named: true, representative: false, id_checked: true, authorisation_seen: false });
    event.evidence = vec![Evidence { kind: "SIGNATURE".into(), reference: "s".into(), sha256: None }];
    event
}

fn signed(mut event: Event) -> Event {
    event.handover_id = Some(HandoverId::from_text("ho_1"));
    event
}

fn with(mut event: Event, change: impl FnOnce(&mut Event)) -> Event {
    change(&mut event);
    event
}

fn terms(kind: LegKind) -> LegTerms {
    LegTerms { kind, originals: 1, copies: 2, declared_dossier_no: None }
}

fn facts<'a>(terms: &'a LegTerms, events: &'a [Event]) -> LegFacts<'a> {
    LegFacts {
        terms,
        agency: "H32.15",
        events,
        lane: None,
        note: None,
        received: None,
        case_due_at: None,
        to_recover: &[],
        recovered: &[],
        papers_received: None,
    }
}

const NOTE: Note = Note {
    service: Service::Both,
    lane: Lane::BetweenAreas,
    with_slip: false,
    promise_days: 2,
    postage: 30_000,
    pay: PostagePay::SenderNow,
    paid_at: None,
};

/// `MEASURE day cause amount`, a line each.
fn told(leg: &LegFacts<'_>) -> Vec<String> {
    let line = |tally: Tally| {
        let cause = tally.cause.map(|cause| format!(" {cause}")).unwrap_or_default();
        format!("{} {}{cause} {}", tally.measure, tally.day, tally.amount)
    };
    of_leg(leg, &sample::calendar(), &Settings::default()).into_iter().map(line).collect()
}

#[test]
fn an_intake_that_was_filed_in_time() {
    let terms = terms(LegKind::Intake);
    let events = [
        event(1, EventKind::Registered, "2026-08-21 08:00"),
        event(2, EventKind::Accepted, "2026-08-21 08:00"),
        with(event(3, EventKind::FeeCollected, "2026-08-21 08:01"), |it| it.amount = Some(115_000)),
        signed(event(4, EventKind::Confirmed, "2026-08-24 09:00")),
        with(event(5, EventKind::CaseReceived, "2026-08-24 14:00"), |it| it.dossier_no = Some("D".into())),
        with(event(6, EventKind::FeeRemitted, "2026-08-25 09:00"), |it| it.amount = Some(115_000)),
    ];
    let leg = LegFacts { note: Some(NOTE), ..facts(&terms, &events) };
    // Saturday 22 August works, so that Monday is J+2.
    assert_eq!(
        told(&leg),
        [
            "REGISTERED 2026-08-21 1",
            "TAKEN_FROM_CITIZEN 2026-08-21 1",
            "RETURN_ASKED 2026-08-21 1",
            "FILED_WITH_AGENCY 2026-08-24 1",
            "CASE_OPENED 2026-08-24 1",
            "DUE_KEPT 2026-08-24 1",
            "TRANSIT_DAYS 2026-08-24 2",
            "FEE_COLLECTED 2026-08-21 115000",
            "FEE_REMITTED 2026-08-25 115000",
            "POSTAGE 2026-08-21 SENDER_NOW 30000",
        ]
    );
    let of_fees = |events: &[Event], received| -> Vec<String> {
        let leg = LegFacts { received, ..facts(&terms, events) };
        told(&leg).into_iter().filter(|line| line.starts_with("FEE")).collect()
    };
    let collected = "FEE_COLLECTED 2026-08-21 115000";
    assert_eq!(of_fees(&events[..5], None), [collected, "FEE_OUTSTANDING 2026-08-21 115000"]);
    assert_eq!(
        of_fees(&events, Some(Received { at: at("2026-08-26 08:00"), amount: 100_000 })),
        [
            collected,
            "FEE_REMITTED 2026-08-25 115000",
            "FEE_RECEIVED 2026-08-26 100000",
            "FEE_MISMATCH 2026-08-25 RECEIVED 15000",
        ]
    );
}

#[test]
fn a_promise_under_way_falls_due_on_its_day_and_is_missed_there_when_the_leg_comes_late() {
    let terms = terms(LegKind::Intake);
    let mut events =
        vec![event(1, EventKind::Registered, "2026-08-21 08:00"), event(2, EventKind::Accepted, "2026-08-21 08:00")];
    let due = |events: &[Event]| {
        let leg = LegFacts { note: Some(NOTE), ..facts(&terms, events) };
        told(&leg).into_iter().filter(|line| line.starts_with("DUE")).collect::<Vec<_>>()
    };
    assert_eq!(due(&events), ["DUE_OPEN 2026-08-24 1"]);
    events.push(signed(event(3, EventKind::Confirmed, "2026-08-26 09:00")));
    assert_eq!(due(&events), ["DUE_MISSED 2026-08-24 1"]);
    assert_eq!(Measure::DueMissed.still_open(), Some(Measure::DueOpen));
    let leg = LegFacts { note: Some(Note { with_slip: true, ..NOTE }), ..facts(&terms, &events) };
    assert!(!told(&leg).iter().any(|line| line.starts_with("DUE")), "nobody tells when the slip was given");
    assert!(!told(&facts(&terms, &events)).iter().any(|line| line.starts_with("DUE")), "no lane, no promise");
}

#[test]
fn a_result_with_a_failed_attempt_old_papers_and_a_date() {
    let terms = terms(LegKind::Result);
    let failed = |number, when, attempt, cause: &str| {
        with(event(number, EventKind::AttemptFailed, when), |it| {
            it.attempt = attempt;
            it.cause = Some(cause.to_owned());
        })
    };
    let mut events = vec![
        event(1, EventKind::Registered, "2026-09-03 08:00"),
        event(2, EventKind::Accepted, "2026-09-03 10:00"),
        failed(3, "2026-09-04 09:00", Some(1), "ABSENT"),
        failed(4, "2026-09-04 09:05", Some(1), "ABSENT"),
        failed(5, "2026-09-07 09:00", Some(2), "ABSENT"),
        proven(event(6, EventKind::Delivered, "2026-09-08 09:00")),
    ];
    let to_recover = ["old licence".to_owned(), "old card".to_owned()];
    let said = |paper: &str, outcome, when| Recovered { at: at(when), act: "act".into(), paper: paper.into(), outcome };
    let recovered = [
        said("old licence", Recovery::NotGiven, "2026-09-08 09:00"),
        said("old licence", Recovery::Taken, "2026-09-09 10:00"),
        said("badge", Recovery::DeclaredLost, "2026-09-08 09:00"),
    ];
    let beside = LegFacts {
        case_due_at: Some(at("2026-09-02 17:00")),
        to_recover: &to_recover,
        recovered: &recovered,
        ..facts(&terms, &[])
    };
    let expected = [
        "REGISTERED 2026-09-03 1",
        "TAKEN_FROM_AGENCY 2026-09-03 1",
        "FIRST_ATTEMPT 2026-09-04 1",
        "ATTEMPT_FAILED 2026-09-04 ABSENT 1",
        "ATTEMPT_FAILED 2026-09-07 ABSENT 1",
        "REPORTED_ONLY 2026-09-08 1",
        "CASE_DUE_MISSED 2026-09-02 1",
        "TRANSIT_DAYS 2026-09-08 3",
        "PAPERS_TO_RECOVER 2026-09-08 3",
        "PAPERS_RECOVERED 2026-09-09 1",
        "PAPERS_OPEN 2026-09-08 MISSING 1",
        "PAPERS_OPEN 2026-09-08 WITH_POST 1",
    ];
    assert_eq!(told(&LegFacts { events: &events, ..beside }), expected);
    let at_the_desk = LegFacts { events: &events, papers_received: Some(at("2026-09-11 09:00")), ..beside };
    assert_eq!(told(&at_the_desk), expected[..11], "what the post took back has come to its end");
    events.push(proven(event(7, EventKind::Confirmed, "2026-09-10 09:00")));
    let confirmed = told(&LegFacts { events: &events, ..beside });
    assert!(confirmed.contains(&"DELIVERED 2026-09-08 1".to_owned()), "on the day of delivery: {confirmed:?}");
    assert!(!confirmed.iter().any(|line| line.starts_with("REPORTED_ONLY")), "{confirmed:?}");
}

#[test]
fn what_was_annulled_counts_nowhere() {
    let terms = terms(LegKind::Result);
    let mut events = vec![
        event(1, EventKind::Registered, "2026-09-03 08:00"),
        event(2, EventKind::Accepted, "2026-09-03 10:00"),
        with(event(3, EventKind::FeeCollected, "2026-09-04 10:00"), |it| it.amount = Some(100_000)),
        event(4, EventKind::Lost, "2026-09-04 12:00"),
    ];
    assert!(told(&facts(&terms, &events)).contains(&"LOST 2026-09-04 1".to_owned()));
    for (number, victim) in [(5, "ev_3"), (6, "ev_4")] {
        events.push(with(signed(event(number, EventKind::Corrected, "2026-09-05 08:00")), |it| {
            it.corrects = Some(EventId::from_text(victim));
        }));
    }
    assert_eq!(told(&facts(&terms, &events)), ["REGISTERED 2026-09-03 1", "TAKEN_FROM_AGENCY 2026-09-03 1"]);
}

#[test]
fn what_came_back_bears_its_cause() {
    let terms = terms(LegKind::Result);
    let events = [
        event(1, EventKind::Registered, "2026-09-03 08:00"),
        event(2, EventKind::Accepted, "2026-09-03 10:00"),
        with(event(3, EventKind::AttemptFailed, "2026-09-04 09:00"), |it| it.cause = Some("REFUSED".into())),
        event(4, EventKind::Returning, "2026-09-04 12:00"),
        signed(event(5, EventKind::ReturnConfirmed, "2026-09-07 08:00")),
    ];
    assert!(told(&facts(&terms, &events)).contains(&"RETURNED 2026-09-07 REFUSED 1".to_owned()));
}

fn any_event(number: i64) -> impl Strategy<Value = Event> {
    let kinds = prop::sample::select(EventKind::ALL);
    (kinds, 0..20_i64, any::<bool>(), 0..4_u32).prop_map(move |(kind, hours, dressed, attempt)| {
        let mut event = event(number, kind, "2026-08-21 08:00");
        event.occurred_at = event.occurred_at.plus_us(hours * 8 * crate::base::time::HOUR_US);
        event.attempt = (attempt > 0).then_some(attempt);
        event.cause = (attempt == 2).then(|| "ABSENT".to_owned());
        event.amount = Some(i64::from(attempt) * 1_000);
        if dressed { proven(signed(event)) } else { event }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_order_of_arrival_gives_the_same_tallies(
        (story, shuffled) in (1..10_i64)
            .prop_flat_map(|n| (1..=n).map(any_event).collect::<Vec<_>>())
            .prop_flat_map(|story| (Just(story.clone()), Just(story).prop_shuffle())),
        result_leg in any::<bool>(),
    ) {
        let terms = terms(if result_leg { LegKind::Result } else { LegKind::Intake });
        // As they arrive they are numbered anew.
        let arrived: Vec<Event> =
            (1_i64..).zip(shuffled).map(|(seq, event)| Event { seq, ..event }).collect();
        let of = |events: &[Event]| told(&LegFacts { note: Some(NOTE), ..facts(&terms, events) });
        prop_assert_eq!(of(&story), of(&arrived));
    }

    #[test]
    fn a_cover_counts_each_day_of_the_stretch_once_and_no_other(
        start in 0_u64..800,
        length in 0_u64..800,
        coarsest in prop::sample::select(vec![Level::Year, Level::Half, Level::Day]),
    ) {
        let from = date("2025-01-01").checked_add_days(Days::new(start)).unwrap();
        let until = from.checked_add_days(Days::new(length)).unwrap();
        let spans = cover(coarsest, from, until);
        for offset in 0..1_900 {
            let day = date("2024-06-01").checked_add_days(Days::new(offset)).unwrap();
            let names = spans_of(day);
            let count: i32 = spans
                .iter()
                .filter(|signed| names.contains(&signed.span))
                .map(|signed| if signed.minus { -1 } else { 1 })
                .sum();
            prop_assert_eq!(count, i32::from(from <= day && day < until), "{}", day);
        }
    }
}

#[test]
fn periods_of_reports_are_few_spans() {
    let spans = |from: &str, until: &str| -> Vec<String> {
        let signed = cover(Level::Year, date(from), date(until));
        signed.into_iter().map(|it| format!("{}{}", if it.minus { "-" } else { "" }, it.span)).collect()
    };
    assert_eq!(spans("2026-01-01", "2027-01-01"), ["2026"]);
    assert_eq!(spans("2025-12-15", "2026-12-15"), ["2025-12/2", "2026", "-2026-12/2"]);
    assert_eq!(spans("2026-11-01", "2026-12-01"), ["2026-11/1", "2026-11/2"]);
    assert_eq!(spans("2026-11-22", "2026-11-23"), ["2026-11-22"]);
    assert_eq!(spans("2026-11-02", "2026-11-15"), ["2026-11/1", "-2026-11-01"]);
}
