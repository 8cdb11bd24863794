//! Every clock at its edges, and that the order of arrival changes nothing.

use chrono::NaiveTime;
use proptest::prelude::*;

use crate::base::id::{EventId, HandoverId, LegId};
use crate::base::time::{DAY_US, HOUR_US, Ts};
use crate::domain::calendar::Calendar;
use crate::domain::calendar::sample::{calendar, date, ts};
use crate::domain::clocks::*;
use crate::domain::custody::{Event, EventKind, LegTerms, Receiver, Source};
use crate::domain::lane::{Lane, transit_days};
use crate::domain::leg::{LegKind, Side};

const AGENCY: &str = "H32.15";
const LATER: &str = "2026-12-30T09:00:00";

fn terms(kind: LegKind) -> LegTerms {
    LegTerms { kind, originals: 1, copies: 0, declared_dossier_no: None }
}

/// Events of a leg from kind and time; each is the word of who may say it.
fn events(kind: LegKind, said: &[(EventKind, &str)]) -> Vec<Event> {
    let mut events = Vec::new();
    for (seq, (event, at)) in (1..).zip(said) {
        let agency = *event == EventKind::CaseReceived || (*event == EventKind::Registered && kind == LegKind::Result);
        let side = if agency { Side::Agency } else { Side::Post };
        let id = EventId::from_text(format!("ev_{seq}"));
        let source = Source { fact_id: Some(format!("f{seq}")), ..Source::of("c", side) };
        let mut event = Event::new(id, LegId::from_text("leg_1"), *event, ts(at), ts(at), source);
        event.seq = seq;
        if event.kind == EventKind::Confirmed {
            event.handover_id = (kind == LegKind::Intake).then(|| HandoverId::from_text("ho_1"));
            event.receiver =
                Some(Receiver { named: true, representative: false, id_checked: true, authorisation_seen: false });
            event.evidence = vec![crate::domain::custody::Evidence {
                kind: "SIGNATURE".to_owned(),
                reference: "file:1".to_owned(),
                sha256: None,
            }];
        }
        events.push(event);
    }
    events
}

fn failed(events: &mut [Event], at: &str, cause: &str) {
    for event in events.iter_mut().filter(|event| event.occurred_at == ts(at)) {
        event.cause = Some(cause.to_owned());
    }
}

struct Asked {
    kind: LegKind,
    events: Vec<Event>,
    told: Vec<Moment>,
    lane: Option<Lane>,
    with_slip: Option<bool>,
    promised_days: Option<u32>,
    procedure_days: Option<u32>,
    settings: Settings,
    calendar: Calendar,
}

fn ask(kind: LegKind, said: &[(EventKind, &str)]) -> Asked {
    Asked {
        kind,
        events: events(kind, said),
        told: Vec::new(),
        lane: Some(Lane::BetweenAreas),
        with_slip: Some(false),
        promised_days: None,
        procedure_days: Some(5),
        settings: Settings::default(),
        calendar: calendar(),
    }
}

impl Asked {
    fn told(mut self, told: &[(Mark, &str, Option<&str>)]) -> Self {
        self.told =
            told.iter().map(|(mark, at, day)| Moment { date: day.map(date), ..Moment::new(*mark, ts(at)) }).collect();
        self
    }

    fn case<'a>(&'a self, terms: &'a LegTerms) -> Case<'a> {
        Case {
            terms,
            agency: AGENCY,
            events: &self.events,
            told: &self.told,
            lane: self.lane,
            with_slip: self.with_slip,
            promised_days: self.promised_days,
            procedure_days: self.procedure_days,
        }
    }

    fn all_at(&self, as_of: Ts) -> Vec<Standing> {
        standings(&self.case(&terms(self.kind)), &self.calendar, &self.settings, as_of)
    }

    fn next_at(&self, as_of: Ts) -> Option<Ts> {
        next_change(&self.case(&terms(self.kind)), &self.all_at(as_of), as_of)
    }

    fn all(&self, as_of: &str) -> Vec<Standing> {
        self.all_at(ts(as_of))
    }

    fn of(&self, clock: ClockId, as_of: &str) -> Standing {
        self.all(as_of).into_iter().find(|standing| standing.clock == clock).unwrap()
    }

    fn flags(&self, as_of: &str) -> Vec<Flag> {
        flags(&self.all(as_of), &self.told).into_iter().map(|raised| raised.flag).collect()
    }
}

use EventKind as E;
use LegKind::{Intake, Result as ResultLeg};

#[test]
fn the_table_has_one_row_per_clock_and_an_article_for_each() {
    let ids: Vec<_> = TABLE.iter().map(|clock| clock.id).collect();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(sorted, ClockId::ALL);
    for clock in TABLE {
        assert!(clock.basis.contains('Đ') || clock.basis.contains('C'), "{}", clock.id);
        assert!(
            !clock.starts.is_empty() && (!clock.ends.is_empty() || clock.sense == Sense::NotBefore),
            "{}",
            clock.id
        );
        assert!(clock.ends.iter().all(|end| !clock.starts.contains(end)), "{}", clock.id);
    }
}

#[test]
fn transit_by_lane_with_and_without_slip() {
    for (lane, slip, due) in [
        (Lane::WithinArea, false, "2026-09-03"),
        (Lane::WithinArea, true, "2026-09-04"),
        (Lane::BetweenAreas, false, "2026-09-04"),
        (Lane::BetweenAreas, true, "2026-09-08"),
        (Lane::BetweenCities, false, "2026-09-07"),
        (Lane::BetweenCities, true, "2026-09-10"),
        (Lane::BetweenProvinces, false, "2026-09-08"),
        (Lane::BetweenProvinces, true, "2026-09-14"),
    ] {
        let mut asked = ask(Intake, &[(E::Registered, "2026-08-28T08:00:00"), (E::Accepted, "2026-08-28T09:00:00")]);
        (asked.lane, asked.with_slip) = (Some(lane), Some(slip));
        let clock = if slip { ClockId::IntakeTransitSlip } else { ClockId::IntakeTransit };
        let standing = asked.of(clock, "2026-08-29T09:00:00");
        assert_eq!(standing.due_at, Some(ts(&format!("{due}T17:00:00"))), "{lane} {slip}");
        assert_eq!((standing.status, standing.calendar), (Status::Running, vec!["sample".to_owned()]));
    }
}

#[test]
fn a_place_of_special_geography_has_the_term_that_the_note_promises() {
    let mut asked = ask(Intake, &[(E::Registered, "2026-08-28T08:00:00"), (E::Accepted, "2026-08-28T09:00:00")]);
    (asked.lane, asked.promised_days) = (Some(Lane::Special), Some(6));
    assert_eq!(asked.of(ClockId::IntakeTransit, LATER).due_at, Some(ts("2026-09-10T17:00:00")));
    asked.lane = Some(Lane::WithinArea);
    let due_at = asked.of(ClockId::IntakeTransit, LATER).due_at;
    assert_eq!(due_at, Some(ts("2026-09-03T17:00:00")), "elsewhere the law says it");
}

#[test]
fn transit_is_kept_at_its_last_instant_and_late_after_it() {
    for (signed, status) in [("2026-09-04T17:00:00", Status::Met), ("2026-09-04T17:00:01", Status::Late)] {
        let asked = ask(
            Intake,
            &[(E::Registered, "2026-08-28T08:00:00"), (E::Accepted, "2026-08-28T09:00:00"), (E::Confirmed, signed)],
        );
        assert_eq!(asked.of(ClockId::IntakeTransit, LATER).status, status, "{signed}");
        assert_eq!(asked.flags(LATER).contains(&Flag::LateLeg), status == Status::Late);
    }
    let mut open = ask(Intake, &[(E::Registered, "2026-08-28T08:00:00"), (E::Accepted, "2026-08-28T09:00:00")]);
    assert_eq!(open.of(ClockId::IntakeTransit, "2026-09-04T17:00:00").status, Status::Running);
    assert_eq!(open.of(ClockId::IntakeTransit, "2026-09-04T17:00:01").status, Status::Late);
    open.settings.day_ends = DayEnds::Midnight;
    assert_eq!(open.of(ClockId::IntakeTransit, "2026-09-04T23:00:00").status, Status::Running);
}

#[test]
fn what_the_post_says_ends_no_transit_of_an_intake() {
    let asked = ask(
        Intake,
        &[
            (E::Registered, "2026-09-03T08:00:00"),
            (E::Accepted, "2026-09-03T09:00:00"),
            (E::Delivered, "2026-09-03T15:00:00"),
        ],
    );
    assert_eq!(asked.of(ClockId::IntakeTransit, "2026-09-04T09:00:00").status, Status::Running, "C2");
}

#[test]
fn unknown_stays_unknown_and_says_why() {
    let said = &[(E::Registered, "2026-12-31T08:00:00"), (E::Accepted, "2026-12-31T09:00:00")];
    let mut asked = ask(Intake, said);
    let standing = asked.of(ClockId::IntakeTransit, "2026-12-31T10:00:00");
    assert_eq!(standing.status, Status::Unknown);
    assert!(matches!(standing.unknown, Some(Unknown::Calendar(gap)) if gap.year() == 2027), "{standing:?}");
    for (lane, slip, why) in [
        (None, Some(false), "LANE_UNKNOWN"),
        (Some(Lane::Special), Some(false), "PUBLISHED_BY_POST"),
        (Some(Lane::WithinArea), None, "SLIP_UNKNOWN"),
    ] {
        (asked.lane, asked.with_slip) = (lane, slip);
        let standing = asked.of(ClockId::IntakeTransit, "2026-12-31T10:00:00");
        assert_eq!((standing.status, standing.due_at), (Status::Unknown, None));
        assert_eq!(standing.unknown.unwrap().as_str(), why);
    }
    assert_eq!(
        asked.of(ClockId::DataRetention, "2026-12-31T10:00:00").due_at,
        Some(ts("2032-01-01T00:00:00")),
        "plain years need no calendar"
    );
}

#[test]
fn test_recipe_5_the_15_00_edge() {
    for (taken, due) in [
        ("2026-08-28T14:59:59", "2026-08-28T17:00:00"),
        ("2026-08-28T15:00:00", "2026-08-28T17:00:00"),
        ("2026-08-28T15:00:01", "2026-09-03T11:30:00"),
    ] {
        let mut asked = ask(Intake, &[(E::Registered, "2026-08-28T08:00:00"), (E::Accepted, taken)]);
        assert_eq!(asked.of(ClockId::SameDayTransfer, LATER).due_at, Some(ts(due)), "{taken}");
        asked.settings.after_cut_off = AfterCutOff::Closing;
        let closing = if taken.ends_with("01") { "2026-09-03T17:00:00" } else { due };
        assert_eq!(asked.of(ClockId::SameDayTransfer, LATER).due_at, Some(ts(closing)), "{taken}");
        asked.settings.after_cut_off = AfterCutOff::Opening;
        let opening = if taken.ends_with("01") { "2026-09-03T07:00:00" } else { due };
        assert_eq!(asked.of(ClockId::SameDayTransfer, LATER).due_at, Some(ts(opening)), "{taken}");
        asked.settings.post_counts_as_desk = false;
        assert!(asked.all(LATER).iter().all(|standing| standing.clock != ClockId::SameDayTransfer));
    }
}

#[test]
fn test_recipe_6_working_saturday() {
    let mut asked = ask(Intake, &[(E::Registered, "2026-08-21T08:00:00"), (E::Accepted, "2026-08-21T09:00:00")]);
    asked.lane = Some(Lane::WithinArea);
    assert_eq!(asked.of(ClockId::IntakeTransit, LATER).due_at, Some(ts("2026-08-22T17:00:00")));
}

#[test]
fn the_hop_and_the_filing_gap() {
    let said = &[
        (E::Registered, "2026-09-03T08:00:00"),
        (E::Accepted, "2026-09-03T09:00:00"),
        (E::Confirmed, "2026-09-03T15:30:00"),
        (E::CaseReceived, "2026-09-04T07:30:00"),
    ];
    let asked = ask(Intake, said).told(&[(Mark::AtCompetentAgency, "2026-09-07T17:00:00", None)]);
    assert_eq!(asked.of(ClockId::AgencyHop, LATER).status, Status::Met);
    let gap = asked.of(ClockId::FilingGap, LATER);
    assert_eq!((gap.status, gap.due_at), (Status::Met, Some(ts("2026-09-04T15:30:00"))));
    let late = ask(Intake, said).told(&[(Mark::AtCompetentAgency, "2026-09-07T17:00:01", None)]);
    assert_eq!(late.of(ClockId::AgencyHop, LATER).status, Status::Late);
    assert_eq!(
        late.flags(LATER).iter().filter(|flag| **flag == Flag::LateHandover).count(),
        1,
        "the other handover was in time"
    );
}

const CASE: &[(EventKind, &str)] = &[
    (E::Registered, "2026-08-28T08:00:00"),
    (E::Accepted, "2026-08-28T09:00:00"),
    (E::Confirmed, "2026-08-28T10:00:00"),
    (E::CaseReceived, "2026-08-28T11:00:00"),
];

#[test]
fn a_supplement_is_asked_for_within_three_working_days_and_once() {
    for (asked_at, status) in [("2026-09-07T17:00:00", Status::Met), ("2026-09-07T17:00:01", Status::Late)] {
        let asked = ask(Intake, CASE).told(&[(Mark::SupplementAsked, asked_at, None)]);
        assert_eq!(asked.of(ClockId::SupplementNotice, LATER).status, status, "{asked_at}");
        assert!(!asked.flags(LATER).contains(&Flag::SecondSupplement));
    }
    assert_eq!(ask(Intake, CASE).of(ClockId::SupplementNotice, LATER).status, Status::Over, "nobody has to ask");
    let twice = ask(Intake, CASE).told(&[
        (Mark::SupplementAsked, "2026-09-03T09:00:00", None),
        (Mark::SupplementAsked, "2026-09-10T09:00:00", None),
    ]);
    assert!(twice.flags(LATER).contains(&Flag::SecondSupplement), "recipe 15");
}

#[test]
fn an_uncompleted_supplement_is_closed_after_15_plain_days() {
    let asked = ask(Intake, CASE).told(&[(Mark::SupplementAsked, "2026-09-03T09:00:00", None)]);
    let standing = asked.of(ClockId::SupplementAnswer, "2026-09-10T09:00:00");
    assert_eq!((standing.status, standing.due_at), (Status::Running, Some(ts("2026-09-19T00:00:00"))));
    assert!(!asked.flags("2026-09-18T23:59:59").contains(&Flag::CloseAfter15dDue));
    assert!(asked.flags("2026-09-19T00:00:01").contains(&Flag::CloseAfter15dDue), "recipe 15");
    let closed = ask(Intake, CASE)
        .told(&[(Mark::SupplementAsked, "2026-09-03T09:00:00", None), (Mark::CaseClosed, "2026-09-21T09:00:00", None)]);
    assert!(!closed.flags(LATER).contains(&Flag::CloseAfter15dDue));
    // Asked for on the 4th, the 15 days end on Saturday the 19th: as written, or on Monday, as the setting says.
    let mut weekend = ask(Intake, CASE).told(&[(Mark::SupplementAsked, "2026-09-04T09:00:00", None)]);
    assert_eq!(weekend.of(ClockId::SupplementAnswer, LATER).due_at, Some(ts("2026-09-20T00:00:00")));
    weekend.settings.plain_days_roll_over = true;
    assert_eq!(weekend.of(ClockId::SupplementAnswer, LATER).due_at, Some(ts("2026-09-22T00:00:00")));
}

#[test]
fn processing_stands_still_for_a_supplement_and_restarts_from_zero() {
    let asked_for = (Mark::SupplementAsked, "2026-09-03T09:00:00", None);
    let waiting = ask(Intake, CASE).told(&[asked_for]).of(ClockId::Processing, "2026-09-07T09:00:00");
    assert_eq!((waiting.status, waiting.due_at), (Status::Suspended, None));
    assert_eq!(
        waiting.pauses,
        [Pause { from: ts("2026-09-03T09:00:00"), to: None, reason: Reason::SupplementPending }]
    );
    assert_eq!(waiting.used, Some(vec![(crate::domain::leg::Holder::Agency, 6 * HOUR_US)]), "until it was asked for");
    let complete = (Mark::SupplementComplete, "2026-09-10T09:00:00", None);
    let again = ask(Intake, CASE).told(&[asked_for, complete]).of(ClockId::Processing, "2026-09-11T09:00:00");
    assert_eq!((again.status, again.restarts, again.due_at), (Status::Running, 1, Some(ts("2026-09-17T17:00:00"))));
    let mut unknown = ask(Intake, CASE);
    unknown.procedure_days = None;
    assert_eq!(unknown.of(ClockId::Processing, LATER).unknown, Some(Unknown::Procedure));
}

#[test]
fn apology_example() {
    // Appointed for Monday 7 September: the sensible setting looks on Friday, the literal one on Sunday.
    let appointed = (Mark::Appointed, "2026-08-28T11:00:00", Some("2026-09-07"));
    let mut asked = ask(Intake, CASE).told(&[appointed]);
    assert_eq!(asked.of(ClockId::Apology, LATER).due_at, Some(ts("2026-09-04T17:30:00")));
    asked.settings.apology_day = ApologyDay::PreviousDay;
    assert_eq!(asked.of(ClockId::Apology, LATER).due_at, Some(ts("2026-09-06T17:30:00")));
    asked.settings.apology_time = NaiveTime::from_hms_opt(16, 0, 0).unwrap();
    assert_eq!(asked.of(ClockId::Apology, LATER).due_at, Some(ts("2026-09-06T16:00:00")));
    for (at, status) in [("2026-09-04T17:30:00", Status::Met), ("2026-09-04T17:30:01", Status::Late)] {
        for mark in [Mark::Apologised, Mark::ResultReady] {
            let asked = ask(Intake, CASE).told(&[appointed, (mark, at, None)]);
            assert_eq!(asked.of(ClockId::Apology, LATER).status, status, "{mark} {at}");
        }
    }
}

#[test]
fn one_new_date_and_its_own_apology() {
    let appointed = (Mark::Appointed, "2026-08-28T11:00:00", Some("2026-09-07"));
    let sorry = (Mark::Apologised, "2026-09-04T10:00:00", None);
    let again = (Mark::AppointedAgain, "2026-09-04T10:00:00", Some("2026-09-14"));
    let asked = ask(Intake, CASE).told(&[appointed, again, sorry]);
    assert_eq!(asked.of(ClockId::Apology, LATER).status, Status::Met);
    let second = asked.of(ClockId::ApologyAgain, "2026-09-10T09:00:00");
    assert_eq!((second.status, second.due_at), (Status::Running, Some(ts("2026-09-11T17:30:00"))), "armed again");
    assert_eq!(asked.of(ClockId::Processing, "2026-09-10T09:00:00").due_at, Some(ts("2026-09-14T17:00:00")));
    assert!(!asked.flags(LATER).contains(&Flag::SecondReappointment));
    let third = (Mark::AppointedAgain, "2026-09-11T10:00:00", Some("2026-09-21"));
    let asked = ask(Intake, CASE).told(&[appointed, again, sorry, third]);
    assert!(asked.flags(LATER).contains(&Flag::SecondReappointment), "recipe 15");
    assert_eq!(
        asked.of(ClockId::Processing, LATER).due_at,
        Some(ts("2026-09-14T17:00:00")),
        "a second new date moves nothing"
    );
}

fn result(more: &[(EventKind, &str)]) -> Asked {
    let begin = [(E::Registered, "2026-09-01T08:00:00"), (E::Accepted, "2026-09-01T09:00:00")];
    ask(ResultLeg, &[&begin[..], more].concat())
}

#[test]
fn test_recipe_7_two_invitations() {
    let said = &[
        (E::AttemptFailed, "2026-09-03T08:00:00"),
        (E::Invited, "2026-09-03T08:30:00"),
        (E::Invited, "2026-09-04T08:30:00"),
        (E::Returning, "2026-09-08T08:00:00"),
    ];
    let mut asked = result(said);
    failed(&mut asked.events, "2026-09-03T08:00:00", "ABSENT");
    let second = asked.of(ClockId::SecondInvitation, LATER);
    assert_eq!((second.status, second.due_at), (Status::TooEarly, Some(ts("2026-09-07T00:00:00"))));
    assert_eq!(asked.of(ClockId::ReturnWait, LATER).status, Status::TooEarly);
    assert!(asked.flags(LATER).contains(&Flag::PrematureReturn));
}

#[test]
fn a_return_waits_for_the_second_invitation_to_run_its_course() {
    let invited = |returned: &'static str| {
        result(&[(E::Invited, "2026-09-03T08:30:00"), (E::Invited, "2026-09-07T08:30:00"), (E::Returning, returned)])
    };
    for (returned, waits, status) in [
        ("2026-09-08T16:00:00", true, Status::TooEarly),
        ("2026-09-09T07:00:00", true, Status::Met),
        ("2026-09-08T16:00:00", false, Status::Met),
    ] {
        let mut asked = invited(returned);
        asked.settings.wait_after_second_invitation = waits;
        assert_eq!(asked.of(ClockId::ReturnWait, LATER).status, status, "{returned} {waits}");
    }
    assert_eq!(invited("2026-09-09T07:00:00").of(ClockId::SecondInvitation, LATER).status, Status::Met);
    let mut refused = result(&[(E::AttemptFailed, "2026-09-03T08:00:00"), (E::Returning, "2026-09-03T09:00:00")]);
    failed(&mut refused.events, "2026-09-03T08:00:00", "REFUSED");
    assert!(
        refused.all(LATER).iter().all(|standing| standing.clock != ClockId::ReturnWait),
        "who refuses is not invited"
    );
}

#[test]
fn only_a_coded_reason_stops_the_clock() {
    let said = &[
        (E::AttemptFailed, "2026-09-03T10:00:00"),
        (E::OutForDelivery, "2026-09-04T10:00:00"),
        (E::Delivered, "2026-09-04T16:00:00"),
    ];
    let uncoded = result(said).of(ClockId::ResultTransit, LATER);
    assert_eq!((uncoded.due_at, uncoded.pauses.len()), (Some(ts("2026-09-04T17:00:00")), 0));
    let mut asked = result(said);
    failed(&mut asked.events, "2026-09-03T10:00:00", "ABSENT");
    let coded = asked.of(ClockId::ResultTransit, LATER);
    let pause =
        Pause { from: ts("2026-09-03T10:00:00"), to: Some(ts("2026-09-04T10:00:00")), reason: Reason::ReceiverAbsent };
    assert_eq!(
        (coded.due_at, coded.pauses.as_slice()),
        (Some(ts("2026-09-07T17:00:00")), &[pause][..]),
        "a day of eight hours"
    );
    assert_eq!(coded.status, Status::Met);
    // 3 h on the 3rd before the attempt, then 1.5 h and 2.5 h on the 4th.
    assert_eq!(coded.used, Some(vec![(crate::domain::leg::Holder::Post, 7 * HOUR_US)]));
    asked.settings.absence_suspends_transit = false;
    assert_eq!(asked.of(ClockId::ResultTransit, LATER).pauses, []);
    asked.settings.first_attempt_ends_transit = true;
    assert_eq!(asked.of(ClockId::ResultTransit, LATER).ended_at, Some(ts("2026-09-03T10:00:00")));
}

#[test]
fn while_it_stands_still_nobody_says_when_it_ends() {
    let mut asked = result(&[(E::AttemptFailed, "2026-09-03T10:00:00")]);
    failed(&mut asked.events, "2026-09-03T10:00:00", "MOVED");
    let standing = asked.of(ClockId::ResultTransit, "2026-09-20T10:00:00");
    assert_eq!((standing.status, standing.due_at), (Status::Suspended, None));
    assert_eq!(standing.pauses[0].reason, Reason::AddressWrong);
    let invited = result(&[(E::AttemptFailed, "2026-09-03T10:00:00"), (E::Invited, "2026-09-03T10:05:00")]);
    assert_eq!(
        invited.of(ClockId::ResultTransit, LATER).status,
        Status::Met,
        "kept at the counter, told to come (TT 17 Đ3 k5)"
    );
}

#[test]
fn a_same_day_result_is_there_on_its_day() {
    for (delivered, status) in [("2026-09-03T17:00:00", Status::Met), ("2026-09-03T17:00:01", Status::Late)] {
        let begin =
            [(E::Registered, "2026-09-03T08:00:00"), (E::Accepted, "2026-09-03T14:00:00"), (E::Delivered, delivered)];
        let asked = Asked { procedure_days: Some(0), ..ask(ResultLeg, &begin) };
        assert_eq!(asked.of(ClockId::SameDayResult, LATER).status, status, "{delivered}");
        let in_days = ask(ResultLeg, &begin).all(LATER);
        assert!(in_days.iter().all(|standing| standing.clock != ClockId::SameDayResult), "the procedure takes days");
    }
}

#[test]
fn complaints_are_made_within_six_months_and_answered_in_5_or_7_working_days() {
    let asked =
        result(&[(E::Delivered, "2026-09-03T16:00:00")]).told(&[(Mark::Complained, "2026-12-01T09:00:00", None)]);
    let window = asked.of(ClockId::ComplaintWindow, LATER);
    assert_eq!(
        (window.status, window.due_at),
        (Status::Met, Some(ts("2027-03-05T00:00:00"))),
        "from the end of J+2 on 4 September"
    );
    for (lane, due) in [(Lane::BetweenAreas, "2026-12-08T17:00:00"), (Lane::BetweenProvinces, "2026-12-10T17:00:00")] {
        let asked = Asked { lane: Some(lane), ..result(&[]).told(&[(Mark::Complained, "2026-12-01T09:00:00", None)]) };
        assert_eq!(asked.of(ClockId::ComplaintAnswer, LATER).due_at, Some(ts(due)), "{lane}");
    }
}

#[test]
fn papers_are_kept_for_a_year_and_data_for_five() {
    let asked = result(&[]);
    assert_eq!(asked.of(ClockId::PaperRetention, LATER).due_at, Some(ts("2027-09-02T00:00:00")));
    assert_eq!(asked.of(ClockId::PaperRetention, "2027-09-01T23:00:00").status, Status::Running);
    assert_eq!(asked.of(ClockId::PaperRetention, "2027-09-02T00:00:01").status, Status::Over);
    assert_eq!(asked.of(ClockId::DataRetention, LATER).due_at, Some(ts("2031-09-02T00:00:00")));
}

#[test]
fn a_fee_waits_for_the_number_of_an_agreement() {
    let mut asked = ask(
        Intake,
        &[
            (E::Registered, "2026-08-28T08:00:00"),
            (E::Accepted, "2026-08-28T09:00:00"),
            (E::FeeCollected, "2026-08-28T09:00:00"),
        ],
    );
    assert_eq!(asked.of(ClockId::FeeRemittance, LATER).unknown, Some(Unknown::Agreement));
    asked.settings.fee_remittance_days = Some(1);
    let standing = asked.of(ClockId::FeeRemittance, LATER);
    assert_eq!((standing.status, standing.due_at), (Status::Late, Some(ts("2026-09-03T17:00:00"))));
    assert!(asked.flags(LATER).contains(&Flag::FeeNotRemitted));
}

#[test]
fn withdrawn_means_nothing_is_owed_unless_it_was_late_by_then() {
    let mut asked = result(&[(E::AttemptFailed, "2026-09-03T10:00:00"), (E::Returning, "2026-09-03T11:00:00")]);
    failed(&mut asked.events, "2026-09-03T10:00:00", "REFUSED");
    assert_eq!(asked.of(ClockId::ResultTransit, LATER).status, Status::Void);
    let late = result(&[(E::Returning, "2026-09-07T11:00:00")]);
    assert_eq!(late.of(ClockId::ResultTransit, LATER).status, Status::Late);
}

#[test]
fn a_special_place_has_no_term_of_the_law() {
    assert_eq!((Lane::Special.crosses_provinces(), transit_days(Lane::Special, false)), (None, None));
}

#[test]
fn every_doubt_is_a_setting_in_both_languages() {
    for doubt in DOUBTS {
        assert!(doubt.en != doubt.vi && !doubt.basis.is_empty() && !doubt.clocks.is_empty(), "{}", doubt.name);
    }
    assert_eq!(DOUBTS.len(), 10);
}

proptest! {
    #[test]
    fn the_order_of_arrival_changes_nothing(
        steps in prop::collection::vec((0_usize..7, 0_i64..20 * 24, 0_usize..5), 0..9),
        seed in 0_usize..1000,
    ) {
        const KINDS: [EventKind; 7] =
            [E::Accepted, E::OutForDelivery, E::AttemptFailed, E::Invited, E::Delivered, E::Returning, E::FeeCollected];
        const CAUSES: [&str; 5] = ["ABSENT", "REFUSED", "MOVED", "OTHER", ""];
        let mut asked = result(&[]);
        let start: Ts = ts("2026-08-28T07:00:00");
        for (seq, (kind, hours, cause)) in (3..).zip(&steps) {
            let id = EventId::from_text(format!("ev_{seq}"));
            let at = start.plus_us(hours * HOUR_US);
            let source = Source { fact_id: Some(format!("f{seq}")), ..Source::of("c", Side::Post) };
            let mut event = Event::new(id, LegId::from_text("leg_1"), KINDS[*kind], at, at, source);
            (event.seq, event.cause) = (seq, Some(CAUSES[*cause].to_owned()));
            asked.events.push(event);
        }
        let first = asked.all("2026-09-20T09:00:00");
        // Any other order of the same events.
        let count = asked.events.len();
        asked.events.rotate_left(seed % count);
        asked.events.reverse();
        prop_assert_eq!(&asked.all("2026-09-20T09:00:00"), &first);
        // Without a stop for a coded reason, nobody uses more than the time that there was.
        for standing in &first {
            let used: i64 = standing.used.iter().flatten().map(|(_, us)| us).sum();
            prop_assert!((0..=24 * DAY_US).contains(&used));
            prop_assert!(standing.pauses.windows(2).all(|pair| pair[0].to.is_some_and(|to| to <= pair[1].from)));
            prop_assert_eq!(standing.status == Status::Unknown, standing.unknown.is_some());
        }
    }
}

#[test]
fn between_two_changes_time_alone_changes_no_answer() {
    let said = [
        (E::AttemptFailed, "2026-09-03T10:00:00"),
        (E::OutForDelivery, "2026-09-04T10:00:00"),
        (E::Invited, "2026-09-08T10:00:00"),
    ];
    let mut asked = result(&said).told(&[(Mark::Complained, "2026-09-15T09:00:00", None)]);
    failed(&mut asked.events, "2026-09-03T10:00:00", "ABSENT");
    // What counts without the working time used so far, which runs on.
    let answers = |at: Ts| {
        let all = asked.all_at(at);
        let statuses: Vec<_> = all.iter().map(|one| (one.clock, one.status, one.due_at, one.ended_at)).collect();
        (statuses, flags(&all, &asked.told))
    };
    let (mut at, end) = (ts("2026-09-01T09:00:00"), ts("2026-10-30T09:00:00"));
    let mut changes = 0;
    while at < end {
        let next = asked.next_at(at).unwrap_or(end).min(end);
        for part in 0..6 {
            let between = at.plus_us((next.us() - at.us()) / 6 * part);
            assert_eq!(answers(between), answers(at), "{at:?} {between:?}");
        }
        assert_eq!(answers(next.plus_us(-1)), answers(at), "until the last instant before {next:?}");
        (at, changes) = (next, changes + 1);
    }
    assert!(changes > 4, "{changes}");
}
