//! The custody table: one row per event. Guards, the fold, SQL checks, documentation and the matrix test read it.
//!
//! Sources: contract 6.1, wire-formats 5.2, domain 7 (C1–C15). A row gives one leg kind each its own holder, speaker and
//! evidence; which states an event may follow is told by its step (`precedes`), not by a list of pairs.

use crate::domain::leg::{Holder, LegKind, Side, State, words};

words! {
    /// What happened to a leg. The order decides ties of `occurred_at` (contract 6.1).
    EventKind {
        /// A manifest line declared the leg.
        Registered = "REGISTERED",
        /// The operator acknowledged the order.
        Ordered = "ORDERED",
        /// A courier or an office is to collect.
        CollectionAssigned = "COLLECTION_ASSIGNED",
        /// An attempt to collect failed.
        CollectionFailed = "COLLECTION_FAILED",
        /// The post took the papers.
        Accepted = "ACCEPTED",
        /// Moving.
        InTransit = "IN_TRANSIT",
        /// At the delivering office.
        AtDeliveryPost = "AT_DELIVERY_POST",
        /// With the postman.
        OutForDelivery = "OUT_FOR_DELIVERY",
        /// An attempt to deliver failed.
        AttemptFailed = "ATTEMPT_FAILED",
        /// Part delivered or part returned.
        Partial = "PARTIAL",
        /// The post says: delivered.
        Delivered = "DELIVERED",
        /// The receiver agrees, with evidence.
        Confirmed = "CONFIRMED",
        /// Going back.
        Returning = "RETURNING",
        /// The post says: returned.
        Returned = "RETURNED",
        /// The sender agrees that it is back.
        ReturnConfirmed = "RETURN_CONFIRMED",
        /// Lost.
        Lost = "LOST",
        /// Damaged.
        Damaged = "DAMAGED",
        /// Withdrawn by who sent the manifest.
        Cancelled = "CANCELLED",
        /// The agency opened the case and gave it its number.
        CaseReceived = "CASE_RECEIVED",
        /// The receiver was invited to collect.
        Invited = "INVITED",
        /// Money was taken (never moves custody, design rule 13).
        FeeCollected = "FEE_COLLECTED",
        /// Money was paid over.
        FeeRemitted = "FEE_REMITTED",
        /// Something of a counterpart that stands beside custody, such as "cancelling asked".
        Noted = "NOTED",
        /// An earlier event is annulled; `corrects` names it.
        Corrected = "CORRECTED",
        /// A raw code that our tables do not know.
        Unmapped = "UNMAPPED",
    }
}

impl EventKind {
    /// The words that a fact may use (contract 6.1); the others are written by manifests, commands and handovers.
    pub const REPORTABLE: &'static [EventKind] = &[
        EventKind::Ordered,
        EventKind::CollectionAssigned,
        EventKind::CollectionFailed,
        EventKind::Accepted,
        EventKind::InTransit,
        EventKind::AtDeliveryPost,
        EventKind::OutForDelivery,
        EventKind::AttemptFailed,
        EventKind::Partial,
        EventKind::Delivered,
        EventKind::Confirmed,
        EventKind::Returning,
        EventKind::Returned,
        EventKind::ReturnConfirmed,
        EventKind::Lost,
        EventKind::Damaged,
        EventKind::CaseReceived,
        EventKind::Invited,
        EventKind::FeeCollected,
        EventKind::FeeRemitted,
    ];
}

/// What has to stand with an event before it advances the leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Originals and copies as declared (C3, QĐ 45 Đ7 k2), else `COUNT_MISMATCH`.
    DeclaredCounts,
    /// Receiver's name, ID checked, letter of a representative, one piece of evidence (C6, TT 17 Đ5 k2d), else `NO_ID_NOTE`.
    IdentityNote,
    /// One piece of evidence, else `NO_ID_NOTE`.
    OneEvidence,
}

/// What differs between the two kinds of leg.
#[derive(Debug, Clone, Copy)]
pub struct ByKind {
    /// Whose word it is; another side's word is kept and does not advance.
    pub word_of: &'static [Side],
    /// Who holds the papers after it; `None` leaves the holder.
    pub holder: Option<Holder>,
    /// What it needs to advance.
    pub needs: Needs,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The event.
    pub event: EventKind,
    /// The state it enters; `None` for events beside custody.
    pub to: Option<State>,
    /// For an intake leg.
    pub intake: ByKind,
    /// For a result leg.
    pub result: ByKind,
    /// Said again after the leg has passed it on its branch, it changes nothing and contradicts nothing.
    pub may_be_passed: bool,
    /// Basis in law or in the contract.
    pub basis: &'static str,
}

impl Row {
    /// The half of the row for one kind of leg.
    pub fn of(&self, kind: LegKind) -> &ByKind {
        match kind {
            LegKind::Intake => &self.intake,
            LegKind::Result => &self.result,
        }
    }
}

const POST: &[Side] = &[Side::Post];
const AGENCY: &[Side] = &[Side::Agency];
const BOTH: &[Side] = &[Side::Agency, Side::Post];

const fn by(word_of: &'static [Side], holder: Option<Holder>, needs: Needs) -> ByKind {
    ByKind { word_of, holder, needs }
}

const fn row(event: EventKind, to: Option<State>, intake: ByKind, result: ByKind, basis: &'static str) -> Row {
    Row { event, to, intake, result, may_be_passed: false, basis }
}

const fn same(event: EventKind, to: Option<State>, both: ByKind, basis: &'static str) -> Row {
    row(event, to, both, both, basis)
}

const fn passable(row: Row) -> Row {
    Row { may_be_passed: true, ..row }
}

const KEEPS: Option<Holder> = None;
const TO_POST: Option<Holder> = Some(Holder::Post);
const TO_AGENCY: Option<Holder> = Some(Holder::Agency);
const TO_CITIZEN: Option<Holder> = Some(Holder::Citizen);
const TO_NOBODY: Option<Holder> = Some(Holder::Unknown);

use Needs::{DeclaredCounts, IdentityNote, Nothing, OneEvidence};

/// The table, in the order a clerk would tell the story.
pub const TABLE: &[Row] = &[
    row(
        EventKind::Registered,
        Some(State::Registered),
        by(BOTH, TO_CITIZEN, Nothing),
        by(AGENCY, TO_AGENCY, Nothing),
        "QĐ 45 Đ6, Đ9",
    ),
    same(EventKind::Ordered, Some(State::Ordered), by(POST, KEEPS, Nothing), "wire-formats 5.2"),
    same(EventKind::CollectionAssigned, Some(State::CollectionAssigned), by(POST, KEEPS, Nothing), "wire-formats 5.2"),
    same(EventKind::CollectionFailed, Some(State::CollectionFailed), by(POST, KEEPS, Nothing), "wire-formats 5.2"),
    passable(same(EventKind::Accepted, Some(State::Accepted), by(POST, TO_POST, Nothing), "QĐ 45 Đ6 k4, Đ9 k2")),
    same(EventKind::InTransit, Some(State::InTransit), by(POST, TO_POST, Nothing), "TT 17 Đ5 k1đ"),
    same(EventKind::AtDeliveryPost, Some(State::AtDeliveryPost), by(POST, TO_POST, Nothing), "TT 17 Đ5"),
    same(EventKind::OutForDelivery, Some(State::OutForDelivery), by(POST, TO_POST, Nothing), "TT 17 Đ5"),
    same(EventKind::AttemptFailed, Some(State::AttemptFailed), by(POST, TO_POST, Nothing), "TT 17 Đ5 k2h"),
    same(EventKind::Partial, Some(State::Partial), by(POST, KEEPS, Nothing), "wire-formats 5.2"),
    passable(same(EventKind::Delivered, Some(State::DeliveredReported), by(POST, KEEPS, Nothing), "TT 17 Đ12 k1b")),
    row(
        EventKind::Confirmed,
        Some(State::Confirmed),
        by(AGENCY, TO_AGENCY, DeclaredCounts),
        by(BOTH, TO_CITIZEN, IdentityNote),
        "C2, C6; QĐ 45 Đ7 k3, Đ10 k3",
    ),
    same(EventKind::Returning, Some(State::Returning), by(POST, TO_POST, Nothing), "C7; TT 17 Đ5 k2h"),
    passable(same(EventKind::Returned, Some(State::ReturnedReported), by(POST, KEEPS, Nothing), "C8")),
    row(
        EventKind::ReturnConfirmed,
        Some(State::ReturnConfirmed),
        by(POST, TO_CITIZEN, OneEvidence),
        by(AGENCY, TO_AGENCY, Nothing),
        "C8",
    ),
    same(EventKind::Lost, Some(State::LostOrDamaged), by(BOTH, TO_NOBODY, Nothing), "QĐ 45 Đ14"),
    same(EventKind::Damaged, Some(State::LostOrDamaged), by(BOTH, TO_NOBODY, Nothing), "QĐ 45 Đ14; TT 17 Đ11"),
    same(EventKind::Cancelled, Some(State::Cancelled), by(BOTH, KEEPS, Nothing), "contract 5"),
    same(EventKind::CaseReceived, None, by(AGENCY, KEEPS, Nothing), "NĐ 118 Đ17 k3"),
    same(EventKind::Invited, None, by(POST, KEEPS, Nothing), "TT 17 Đ5 k2h"),
    same(EventKind::FeeCollected, None, by(POST, KEEPS, Nothing), "QĐ 45 Đ6 k6"),
    same(EventKind::FeeRemitted, None, by(POST, KEEPS, Nothing), "QĐ 45 Đ15 k2"),
    same(EventKind::Noted, None, by(BOTH, KEEPS, Nothing), "wire-formats 5.3"),
    same(EventKind::Corrected, None, by(BOTH, KEEPS, Nothing), "contract 7"),
    same(EventKind::Unmapped, None, by(BOTH, KEEPS, Nothing), "design rule 11"),
];

/// The row of an event.
pub fn row_of(event: EventKind) -> &'static Row {
    const FALLBACK: &Row = &same(EventKind::Unmapped, None, by(BOTH, KEEPS, Nothing), "design rule 11");
    TABLE.iter().find(|row| row.event == event).unwrap_or(FALLBACK)
}

/// Where a state stands on the way (contract 6.1): trunk 1–4, then either of two branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Common to both branches.
    Trunk(u8),
    /// Towards the receiver.
    Delivery(u8),
    /// Back to the sender.
    Return(u8),
    /// Ends outside the two branches.
    Aside,
}

/// The step of a state.
pub fn step(state: State) -> Step {
    match state {
        State::Registered => Step::Trunk(1),
        State::Ordered | State::CollectionAssigned | State::CollectionFailed => Step::Trunk(2),
        State::Accepted => Step::Trunk(3),
        State::InTransit | State::AtDeliveryPost | State::OutForDelivery | State::AttemptFailed | State::Partial => {
            Step::Trunk(4)
        }
        State::DeliveredReported => Step::Delivery(5),
        State::Confirmed => Step::Delivery(6),
        State::Returning => Step::Return(5),
        State::ReturnedReported => Step::Return(6),
        State::ReturnConfirmed => Step::Return(7),
        State::Cancelled | State::LostOrDamaged => Step::Aside,
    }
}

/// What an event does to a leg in a state, before speakers and evidence are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Moves it.
    Moves,
    /// Agrees with where it is, or stands beside custody.
    Agrees,
    /// Contradicts.
    Contradicts,
}

/// The cell (state, event) of the matrix.
pub fn effect(state: State, event: EventKind) -> Effect {
    let row = row_of(event);
    let Some(to) = row.to else { return Effect::Agrees };
    if to == state {
        return Effect::Agrees;
    }
    if state.is_terminal() {
        return if passed(state, row, to) { Effect::Agrees } else { Effect::Contradicts };
    }
    let moves = match to {
        State::LostOrDamaged => true,
        State::Cancelled => matches!(step(state), Step::Trunk(1 | 2)),
        _ => precedes(step(state), step(to)),
    };
    if moves {
        Effect::Moves
    } else if passed(state, row, to) {
        Effect::Agrees
    } else {
        Effect::Contradicts
    }
}

/// Whether a leg at `from` may go to `to`: later on the same branch, or within step 2 or 4.
fn precedes(from: Step, to: Step) -> bool {
    match (from, to) {
        (Step::Trunk(a), Step::Trunk(b)) => a < b || (a == b && matches!(a, 2 | 4)),
        (Step::Trunk(_), Step::Delivery(_) | Step::Return(_)) => true,
        (Step::Delivery(a), Step::Delivery(b)) | (Step::Return(a), Step::Return(b)) => a < b,
        _ => false,
    }
}

/// `ACCEPTED`, `DELIVERED` and `RETURNED` may come again after the leg has passed them on its branch.
fn passed(state: State, row: &Row, to: State) -> bool {
    row.may_be_passed && precedes(step(to), step(state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn the_table_has_one_row_per_event_in_order() {
        let events: Vec<_> = TABLE.iter().map(|row| row.event).collect();
        assert_eq!(events, EventKind::ALL);
    }

    #[test]
    fn the_full_matrix() {
        let mut text = String::new();
        for &state in State::ALL {
            for &event in EventKind::ALL {
                let row = row_of(event);
                let cell = match (effect(state, event), row.to) {
                    (Effect::Moves, Some(to)) => {
                        let holder = |kind| row.of(kind).holder.map_or("=", Holder::as_str);
                        format!("→ {to} [{} / {}]", holder(LegKind::Intake), holder(LegKind::Result))
                    }
                    (Effect::Contradicts, _) => "STATE_CONFLICT".to_owned(),
                    _ => "·".to_owned(),
                };
                writeln!(text, "{:<20} {:<20} {cell}", state.as_str(), event.as_str()).unwrap();
            }
        }
        insta::assert_snapshot!(text);
    }

    #[test]
    fn every_state_is_reached_and_terminal_states_have_no_way_out() {
        for &state in State::ALL {
            assert!(
                state == State::Registered
                    || State::ALL.iter().any(|&from| EventKind::ALL
                        .iter()
                        .any(|&event| { effect(from, event) == Effect::Moves && row_of(event).to == Some(state) })),
                "{state} is never entered"
            );
            if state.is_terminal() {
                assert!(EventKind::ALL.iter().all(|&event| effect(state, event) != Effect::Moves), "{state}");
            }
        }
    }
}
