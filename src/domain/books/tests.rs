//! Every pair of words of two books, pairing, and the tolerance.

use super::*;
use crate::base::time::DAY_US;
use proptest::prelude::*;

fn at(text: &str) -> Ts {
    Ts::parse_rfc3339(text).unwrap()
}

fn limits() -> Limits {
    Limits { lag_us: DAY_US, pair_days: 30, held_us: 10 * DAY_US }
}

fn leg(kind: LegKind, state: State) -> LegWord {
    LegWord {
        leg_id: "leg_A".to_owned(),
        kind,
        agency_code: "H32.15".to_owned(),
        state,
        since: at("2026-11-05T09:00:00+07:00"),
        accepted_at: Some(at("2026-11-04T09:00:00+07:00")),
        item_number: Some("EL491610889VN".to_owned()),
        dossier_no: Some("H32.15-261102-0041".to_owned()),
        originals: 1,
        copies: 2,
        seal_no: Some("N-1".to_owned()),
        fee_to_collect: 50_000,
    }
}

fn entry(says: PostSays) -> PostEntry {
    PostEntry {
        entry_key: "A".to_owned(),
        leg_id: Some("leg_A".to_owned()),
        item_number: Some("EL491610889VN".to_owned()),
        dossier_no: None,
        leg_kind: None,
        day: at("2026-11-04T09:00:00+07:00").to_vietnam().date(),
        says,
        said_at: Some(at("2026-11-05T10:00:00+07:00")),
        raw_code: Some("P4:99".to_owned()),
        originals: None,
        copies: None,
        seal_no: None,
        fee: None,
        as_of: at("2026-11-08T00:00:00+07:00"),
    }
}

fn kinds(found: &[Difference]) -> Vec<Kind> {
    found.iter().map(|one| one.kind).collect()
}

/// Every word of the post against every state, as text: one letter where both books agree or one may catch up.
#[test]
fn every_word_of_the_post_against_every_state() {
    let mut told = String::new();
    for kind in LegKind::ALL {
        for says in PostSays::ALL {
            let words: Vec<&str> = State::ALL
                .iter()
                .map(|state| {
                    let found = post_differences(&leg(*kind, *state), &entry(*says), &limits());
                    found.first().map_or("-", |one| one.kind.as_str())
                })
                .collect();
            told.push_str(&format!("{kind} {says}\n"));
            for (state, word) in State::ALL.iter().zip(words) {
                if word != "-" {
                    told.push_str(&format!("  {state}: {word}\n"));
                }
            }
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_young_is_no_difference_yet() {
    let reported = leg(LegKind::Result, State::DeliveredReported);
    let mut fresh = entry(PostSays::Delivered);
    fresh.as_of = at("2026-11-05T12:00:00+07:00");
    assert!(post_differences(&reported, &fresh, &limits()).is_empty());
    fresh.as_of = at("2026-11-06T10:00:00+07:00");
    assert_eq!(kinds(&post_differences(&reported, &fresh, &limits())), [Kind::DeliveredNotConfirmed]);
}

#[test]
fn each_field_that_the_book_names_is_compared() {
    let confirmed = leg(LegKind::Result, State::Confirmed);
    let mut word = entry(PostSays::Delivered);
    assert!(post_differences(&confirmed, &word, &limits()).is_empty());
    word.item_number = Some("EE123456789VN".to_owned());
    (word.originals, word.copies, word.fee) = (Some(2), Some(2), Some(0));
    word.seal_no = Some("N-2".to_owned());
    assert_eq!(
        kinds(&post_differences(&confirmed, &word, &limits())),
        [Kind::DuplicateItemCode, Kind::CountMismatch, Kind::SealMismatch, Kind::FeeMismatch, Kind::BadItemNumber]
    );
}

#[test]
fn the_post_may_not_hold_an_item_for_ever() {
    let mut held = entry(PostSays::Moving);
    held.as_of = at("2026-11-15T10:00:00+07:00");
    assert_eq!(stale(&held, &limits()), None);
    held.as_of = at("2026-11-15T10:00:01+07:00");
    assert_eq!(stale(&held, &limits()).map(|one| one.kind), Some(Kind::StaleCustody));
    held.says = PostSays::Delivered;
    assert_eq!(stale(&held, &limits()), None);
}

#[test]
fn pairs_are_found_by_the_surest_key_and_never_guessed() {
    let (one, mut other) = (leg(LegKind::Result, State::Accepted), leg(LegKind::Result, State::Accepted));
    other.leg_id = "leg_B".to_owned();
    let legs = [one.clone(), other.clone()];
    let mut word = entry(PostSays::Accepted);
    assert_eq!(pair(&word, &legs, &limits()), Pairing::Leg(&legs[0], By::OrderKey));
    word.leg_id = None;
    assert_eq!(pair(&word, &legs, &limits()), Pairing::Ambiguous(By::ItemNumber, 2));
    assert_eq!(pair(&word, &legs[1..], &limits()), Pairing::Leg(&legs[1], By::ItemNumber));
    // A misread number pairs nothing, a dossier number does, in its own days alone.
    word.item_number = Some("EE123456789VN".to_owned());
    assert_eq!(pair(&word, &legs[1..], &limits()), Pairing::Nothing);
    word.dossier_no = other.dossier_no.clone();
    assert_eq!(pair(&word, &legs[1..], &limits()), Pairing::Leg(&legs[1], By::DossierNumber));
    word.leg_kind = Some(LegKind::Intake);
    assert_eq!(pair(&word, &legs[1..], &limits()), Pairing::Nothing);
    word.leg_kind = None;
    word.day = at("2027-01-04T09:00:00+07:00").to_vietnam().date();
    assert_eq!(pair(&word, &legs[1..], &limits()), Pairing::Nothing);
}

fn case(says: CaseSays) -> CaseEntry {
    CaseEntry {
        dossier_no: "H32.15-261102-0041".to_owned(),
        agency_code: Some("H32.15".to_owned()),
        says,
        filed_by_post: None,
        result_by_post: Some(true),
        sent_on: None,
        day: at("2026-11-02T09:00:00+07:00").to_vietnam().date(),
        as_of: at("2026-11-08T00:00:00+07:00"),
    }
}

fn of_case(entry: &CaseEntry, intake: Option<&LegWord>, result: Option<&LegWord>) -> Vec<Kind> {
    case_differences(entry, Legs { intake, result }, &limits()).iter().map(|(one, _)| one.kind).collect()
}

#[test]
fn a_case_and_its_legs() {
    let confirmed = leg(LegKind::Result, State::Confirmed);
    let ordered = LegWord { accepted_at: None, ..leg(LegKind::Result, State::Ordered) };
    assert_eq!(of_case(&case(CaseSays::Ready), None, Some(&confirmed)), [Kind::ReturnedNotClosed]);
    assert_eq!(of_case(&case(CaseSays::Returned), None, Some(&confirmed)), []);
    assert_eq!(of_case(&case(CaseSays::Returned), None, Some(&ordered)), [Kind::ClosedNotDelivered]);
    assert_eq!(of_case(&case(CaseSays::Returned), None, None), [Kind::CaseNoItem]);
    let mut sent = case(CaseSays::Ready);
    sent.sent_on = Some(at("2026-11-05T00:00:00+07:00").to_vietnam().date());
    assert_eq!(of_case(&sent, None, Some(&ordered)), [Kind::SentNeverSigned]);
    assert_eq!(of_case(&sent, None, None), [Kind::CaseNoItem]);
    // The day it was sent has to be over for as long as the books may differ.
    sent.as_of = at("2026-11-06T23:59:59+07:00");
    assert_eq!(of_case(&sent, None, None), []);
    let mut filed = case(CaseSays::Open);
    (filed.filed_by_post, filed.result_by_post) = (Some(true), None);
    assert_eq!(of_case(&filed, None, None), [Kind::CaseNoItem]);
    assert_eq!(of_case(&filed, Some(&leg(LegKind::Intake, State::Confirmed)), None), []);
}

#[test]
fn the_numbers_of_the_case_system() {
    let says = |number| CaseSays::of_number(number);
    assert_eq!([says(9), says(10), says(4)], [Some(CaseSays::Ready), Some(CaseSays::Returned), Some(CaseSays::Open)]);
    assert!((1..=10).all(|number| says(number).is_some()) && says(0).is_none() && says(11).is_none());
}

proptest! {
    /// The order in which candidates come decides nothing.
    #[test]
    fn pairing_does_not_depend_on_order(days in proptest::collection::vec(-40_i64..40, 1..6), by_item: bool) {
        let legs: Vec<LegWord> = days.iter().enumerate().map(|(n, day)| LegWord {
            leg_id: format!("leg_{n}"),
            accepted_at: Some(at("2026-11-04T09:00:00+07:00").plus_us(day * DAY_US)),
            ..leg(LegKind::Result, State::Accepted)
        }).collect();
        let word = PostEntry {
            leg_id: None,
            item_number: by_item.then(|| "EL491610889VN".to_owned()),
            dossier_no: (!by_item).then(|| "H32.15-261102-0041".to_owned()),
            ..entry(PostSays::Accepted)
        };
        let mut backwards = legs.clone();
        backwards.reverse();
        prop_assert_eq!(pair(&word, &legs, &limits()), pair(&word, &backwards, &limits()));
    }
}
