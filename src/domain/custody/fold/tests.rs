//! Properties of the fold: any order of arrival gives one answer; exactly one holder at any instant (anchors 1.7 a–e).

use super::*;
use crate::base::id::{EventId, HandoverId, LegId};
use crate::domain::custody::event::{Evidence, Receiver, Source};
use crate::domain::leg::Side;
use proptest::prelude::*;

fn event(number: usize, kind: EventKind, at: i64, side: Side) -> Event {
    let source = Source {
        counterpart: side.as_str().to_lowercase(),
        side,
        person: None,
        fact_id: Some(format!("f{number}")),
        family: None,
        raw_code: None,
        raw_text: None,
    };
    let id = EventId::from_text(format!("ev_{number}"));
    Event {
        seq: i64::try_from(number).unwrap() + 1,
        ..Event::new(id, LegId::from_text("leg_1"), kind, Ts::from_us(at), Ts::from_us(at), source)
    }
}

fn terms(kind: LegKind) -> LegTerms {
    LegTerms { kind, originals: 1, copies: 2, declared_dossier_no: None }
}

fn identified() -> (Option<Receiver>, Vec<Evidence>) {
    let receiver = Receiver { named: true, representative: false, id_checked: true, authorisation_seen: false };
    (Some(receiver), vec![Evidence { kind: "SIGNATURE".into(), reference: "s".into(), sha256: None }])
}

fn any_event(number: usize) -> impl Strategy<Value = Event> {
    let kinds = prop::sample::select(EventKind::ALL);
    (kinds, 0..12_i64, any::<bool>(), 0..4_u8).prop_map(move |(kind, at, post, dress)| {
        let mut event = event(number, kind, at, if post { Side::Post } else { Side::Agency });
        if dress & 1 == 1 {
            (event.receiver, event.evidence) = identified();
            (event.originals, event.copies) = (Some(1), Some(2));
        }
        if kind == EventKind::CaseReceived {
            event.dossier_no = Some(format!("H32.15-261123-000{dress}"));
        }
        if kind == EventKind::Confirmed && dress == 2 {
            event.handover_id = Some(HandoverId::from_text("ho_1"));
        }
        event
    })
}

fn any_story() -> impl Strategy<Value = Vec<Event>> {
    (1..9_usize).prop_flat_map(|n| (0..n).map(any_event).collect::<Vec<_>>())
}

fn without_seq(mut folded: Folded) -> Folded {
    folded.findings.sort();
    folded
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_order_of_arrival_gives_the_same_answer(
        (story, shuffled) in any_story().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        result_leg in any::<bool>(),
    ) {
        let terms = terms(if result_leg { LegKind::Result } else { LegKind::Intake });
        prop_assert_eq!(without_seq(fold(&terms, &story)), without_seq(fold(&terms, &shuffled)));
    }

    #[test]
    fn holders_form_an_unbroken_chain_and_nothing_leaves_a_terminal_state(
        story in any_story(),
        result_leg in any::<bool>(),
    ) {
        let terms = terms(if result_leg { LegKind::Result } else { LegKind::Intake });
        let folded = fold(&terms, &story);
        let (mut holder, mut state) = (first_holder(terms.kind), State::Registered);
        for stand in &folded.stands {
            prop_assert_eq!(stand.holder_from, holder);
            if !stand.applied {
                prop_assert_eq!((stand.holder_to, stand.state_after), (holder, state));
            }
            if state.is_terminal() {
                prop_assert_eq!(stand.state_after, state);
            }
            (holder, state) = (stand.holder_to, stand.state_after);
        }
        prop_assert_eq!((folded.holder, folded.state), (holder, state));
    }

    #[test]
    fn an_annulled_event_is_as_if_it_had_not_been(story in any_story(), victim in any::<prop::sample::Index>()) {
        let terms = terms(LegKind::Result);
        let victim = victim.index(story.len());
        let mut corrected = story.clone();
        let mut correction = event(90, EventKind::Corrected, 11, Side::Agency);
        correction.corrects = Some(story[victim].id.clone());
        correction.handover_id = Some(HandoverId::from_text("ho_2"));
        corrected.push(correction);
        let mut without = story;
        without.remove(victim);
        let (with, without) = (fold(&terms, &corrected), fold(&terms, &without));
        prop_assert_eq!((with.state, with.holder, with.attempts), (without.state, without.holder, without.attempts));
    }
}

#[test]
fn a_delivery_counts_only_with_an_identity_note() {
    let accepted = event(0, EventKind::Accepted, 1, Side::Post);
    let mut confirmed = event(1, EventKind::Confirmed, 2, Side::Post);
    let bare = fold(&terms(LegKind::Result), &[accepted.clone(), confirmed.clone()]);
    assert_eq!((bare.state, bare.findings[0].kind), (State::Accepted, Kind::NoIdNote));

    (confirmed.receiver, confirmed.evidence) = identified();
    let full = fold(&terms(LegKind::Result), &[accepted.clone(), confirmed.clone()]);
    assert_eq!((full.state, full.holder), (State::Confirmed, Holder::Citizen));

    confirmed.receiver.as_mut().unwrap().representative = true;
    let letter_missing = fold(&terms(LegKind::Result), &[accepted, confirmed]);
    assert_eq!(letter_missing.findings[0].kind, Kind::NoIdNote);
}

#[test]
fn delivered_then_returned_is_a_conflict_and_custody_stays() {
    let story = [
        event(0, EventKind::Accepted, 1, Side::Post),
        event(1, EventKind::Delivered, 5, Side::Post),
        event(2, EventKind::Returned, 9, Side::Post),
    ];
    let folded = fold(&terms(LegKind::Result), &story);
    assert_eq!((folded.state, folded.holder), (State::DeliveredReported, Holder::Post));
    assert_eq!((folded.findings[0].kind, folded.stands[2].applied), (Kind::StateConflict, false));
}

#[test]
fn a_late_older_event_never_takes_the_leg_back() {
    let story = [
        event(0, EventKind::Delivered, 9, Side::Post),
        event(1, EventKind::OutForDelivery, 3, Side::Post),
        event(2, EventKind::Accepted, 1, Side::Post),
    ];
    let folded = fold(&terms(LegKind::Result), &story);
    assert_eq!(folded.state, State::DeliveredReported);
    assert!(folded.findings.is_empty());
}
