//! From custody events to marks: what of a leg's life starts, stops and ends clocks, and who held the papers meanwhile.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::domain::clocks::{Mark, Reason};
use crate::domain::custody::{Event, EventKind, LegTerms, fold};
use crate::domain::fact::Cause;
use crate::domain::leg::{Holder, LegKind};

/// A mark, and when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// When it happened.
    pub at: Ts,
    /// What.
    pub mark: Mark,
    /// The date that it names: of an appointment.
    pub date: Option<NaiveDate>,
    /// Its coded reason.
    pub reason: Option<Reason>,
}

impl Moment {
    /// A mark that names nothing.
    pub fn new(mark: Mark, at: Ts) -> Self {
        Moment { at, mark, date: None, reason: None }
    }
}

/// What clocks see of a leg, in order of occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Its moments.
    pub moments: Vec<Moment>,
    /// Who held the papers, from when on.
    pub holders: Vec<(Ts, Holder)>,
}

/// What an event that counts means: for which kind of leg, and which mark it makes.
const FROM_CUSTODY: &[(EventKind, Option<LegKind>, Mark)] = &[
    (EventKind::Accepted, None, Mark::TakenByPost),
    (EventKind::Confirmed, Some(LegKind::Intake), Mark::SignedByAgency),
    (EventKind::Delivered, Some(LegKind::Result), Mark::ReachedCitizen),
    (EventKind::Confirmed, Some(LegKind::Result), Mark::ReachedCitizen),
    (EventKind::AttemptFailed, Some(LegKind::Result), Mark::NobodyTookIt),
    (EventKind::OutForDelivery, Some(LegKind::Result), Mark::TriedAgain),
    (EventKind::Invited, Some(LegKind::Result), Mark::ToldToCome),
    (EventKind::Returning, Some(LegKind::Result), Mark::TurnedBack),
    (EventKind::CaseReceived, Some(LegKind::Intake), Mark::CaseOpened),
    (EventKind::FeeCollected, None, Mark::FeeTaken),
    (EventKind::FeeRemitted, None, Mark::FeePaidOver),
    (EventKind::Cancelled, None, Mark::Withdrawn),
];

/// Reads the moments of a leg from its events, and lays those beside them that the one-stop side told. Both may come in any order.
/// Events that the fold does not count, count for no clock.
pub fn story_of(terms: &LegTerms, events: &[Event], told: &[Moment]) -> Story {
    let folded = fold(terms, events);
    let by_seq: BTreeMap<i64, &Event> = events.iter().map(|event| (event.seq, event)).collect();
    let mut moments: Vec<Moment> = told.to_vec();
    let mut holders = Vec::new();
    let mut last_cause = None;
    for stand in &folded.stands {
        let Some(event) = by_seq.get(&stand.seq) else { continue };
        let at = event.occurred_at;
        if holders.last().is_none_or(|(_, holder)| *holder != stand.holder_to) {
            holders.push((at, stand.holder_to));
        }
        if !stand.applied {
            continue;
        }
        let cause = event.cause.as_deref().and_then(Cause::parse);
        last_cause = cause.or(last_cause);
        let made =
            FROM_CUSTODY.iter().filter(|(kind, leg, _)| *kind == event.kind && leg.is_none_or(|leg| leg == terms.kind));
        for (_, _, mark) in made {
            let reason = match mark {
                Mark::NobodyTookIt => cause.and_then(reason_of),
                // Who reports that it goes back may leave the cause to the attempt before.
                Mark::TurnedBack => last_cause.and_then(reason_of),
                _ => None,
            };
            moments.push(Moment { at, mark: *mark, date: None, reason });
        }
    }
    moments.sort();
    let first_try = moments.iter().find(|moment| moment.mark == Mark::NobodyTookIt).copied();
    let invited: Vec<Ts> =
        moments.iter().filter(|moment| moment.mark == Mark::ToldToCome).map(|moment| moment.at).collect();
    moments.extend(first_try.map(|moment| Moment::new(Mark::FirstAttempt, moment.at)));
    moments.extend(invited.first().map(|at| Moment::new(Mark::FirstInvitation, *at)));
    moments.extend(invited.get(1).map(|at| Moment::new(Mark::NextInvitation, *at)));
    moments.sort();
    Story { moments, holders }
}

/// The reason that a cause is for a clock; a cause that says nothing of the receiver is none.
fn reason_of(cause: Cause) -> Option<Reason> {
    match cause {
        Cause::Absent | Cause::Unreachable | Cause::NotClaimed => Some(Reason::ReceiverAbsent),
        Cause::WrongAddress | Cause::Moved => Some(Reason::AddressWrong),
        Cause::Refused => Some(Reason::ReceiverRefused),
        Cause::Other => None,
    }
}
