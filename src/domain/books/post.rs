//! The post's book against the ledger.

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::domain::books::pairing::is_sound;
use crate::domain::books::{Difference, LegWord, Limits};
use crate::domain::custody::EventKind;
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{LegKind, State, words};

words! {
    /// What the post's book says of an item.
    PostSays {
        /// Ordered, not taken.
        Ordered = "ORDERED",
        /// Taken.
        Accepted = "ACCEPTED",
        /// On its way, or an attempt failed.
        Moving = "MOVING",
        /// Delivered.
        Delivered = "DELIVERED",
        /// Going back.
        Returning = "RETURNING",
        /// Back at the sender.
        Returned = "RETURNED",
        /// The order was cancelled.
        Cancelled = "CANCELLED",
        /// Lost or damaged.
        Lost = "LOST",
        /// A status that the tables do not know.
        Unmapped = "UNMAPPED",
    }
}

impl PostSays {
    /// What an event of the post says of where the item is; nothing when it is a note or money.
    pub fn of_event(event: EventKind) -> Option<PostSays> {
        Some(match event {
            EventKind::Ordered | EventKind::CollectionAssigned | EventKind::CollectionFailed => PostSays::Ordered,
            EventKind::Accepted => PostSays::Accepted,
            EventKind::InTransit
            | EventKind::AtDeliveryPost
            | EventKind::OutForDelivery
            | EventKind::AttemptFailed
            | EventKind::Partial => PostSays::Moving,
            EventKind::Delivered | EventKind::Confirmed => PostSays::Delivered,
            EventKind::Returning => PostSays::Returning,
            EventKind::Returned | EventKind::ReturnConfirmed => PostSays::Returned,
            EventKind::Cancelled => PostSays::Cancelled,
            EventKind::Lost | EventKind::Damaged => PostSays::Lost,
            EventKind::Unmapped => PostSays::Unmapped,
            _ => return None,
        })
    }

    fn holds(self) -> bool {
        matches!(self, PostSays::Accepted | PostSays::Moving | PostSays::Returning)
    }
}

/// An entry of the post's book.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PostEntry {
    /// What makes two entries of the same book the same.
    pub entry_key: String,
    /// The leg that its order number names.
    pub leg_id: Option<String>,
    pub item_number: Option<String>,
    pub dossier_no: Option<String>,
    pub leg_kind: Option<LegKind>,
    /// The day it was taken, or ordered.
    pub day: NaiveDate,
    pub says: PostSays,
    /// When that happened.
    pub said_at: Option<Ts>,
    pub raw_code: Option<String>,
    pub originals: Option<i64>,
    pub copies: Option<i64>,
    pub seal_no: Option<String>,
    pub fee: Option<i64>,
    /// The instant for which the book was written.
    pub as_of: Ts,
}

/// Where a state stands for the comparison of two books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ours {
    Waiting,
    WithPost,
    Reported,
    Confirmed,
    Back,
    Ended,
}

fn ours(state: State) -> Ours {
    match state {
        State::Registered | State::Ordered | State::CollectionAssigned | State::CollectionFailed => Ours::Waiting,
        State::Accepted
        | State::InTransit
        | State::AtDeliveryPost
        | State::OutForDelivery
        | State::AttemptFailed
        | State::Partial
        | State::Returning => Ours::WithPost,
        State::DeliveredReported | State::ReturnedReported => Ours::Reported,
        State::Confirmed => Ours::Confirmed,
        State::ReturnConfirmed => Ours::Back,
        State::Cancelled | State::LostOrDamaged => Ours::Ended,
    }
}

/// What differs in where the item is; nothing while the slower book may still catch up.
fn state_difference(leg: &LegWord, entry: &PostEntry, limits: &Limits) -> Option<Kind> {
    let theirs_is_old = entry.said_at.unwrap_or(entry.as_of).plus_us(limits.lag_us) <= entry.as_of;
    let ours_is_old = leg.since.plus_us(limits.lag_us) <= entry.as_of;
    words_differ(leg.kind, leg.state, entry.says, theirs_is_old, ours_is_old)
}

/// What a leg and the post's book may say beside each other however old their words are: the state of a leg of either kind, and the word
/// of the book. Whatever else may differ in time, as an item that is held too long, is not among them.
pub fn words_that_agree() -> impl Iterator<Item = (State, PostSays)> {
    let pairs = State::ALL.iter().flat_map(|state| PostSays::ALL.iter().map(|says| (*state, *says)));
    pairs.filter(|(state, says)| {
        let differ = |kind: &LegKind| words_differ(*kind, *state, *says, true, true).is_some();
        !says.holds() && !LegKind::ALL.iter().any(differ)
    })
}

/// A word that is old may differ where a fresh one does not, and never the other way round: `words_that_agree` rests on it.
fn words_differ(kind: LegKind, state: State, says: PostSays, theirs_is_old: bool, ours_is_old: bool) -> Option<Kind> {
    let intake = kind == LegKind::Intake;
    let kind = match (says, ours(state)) {
        (PostSays::Unmapped, _) => return Some(Kind::UnmappedStatus),
        (PostSays::Delivered, Ours::Confirmed)
        | (PostSays::Returned, Ours::Back)
        | (PostSays::Ordered, Ours::Waiting)
        | (PostSays::Accepted | PostSays::Moving | PostSays::Returning, Ours::WithPost) => return None,
        (PostSays::Cancelled, Ours::Ended) if state == State::Cancelled => return None,
        (PostSays::Lost, Ours::Ended) if state == State::LostOrDamaged => return None,
        // Papers that came to the desk are ours when both have signed (C5); a result when the receiver agrees.
        (PostSays::Delivered, Ours::Waiting | Ours::WithPost | Ours::Reported) if theirs_is_old => {
            if intake {
                Kind::SentNeverSigned
            } else {
                Kind::DeliveredNotConfirmed
            }
        }
        (PostSays::Returned, Ours::Waiting | Ours::WithPost | Ours::Reported) if theirs_is_old => {
            Kind::ReturnedNotReceived
        }
        // They hold what nobody here has given them by a signed handover.
        (PostSays::Accepted | PostSays::Moving | PostSays::Returning, Ours::Waiting) if theirs_is_old => {
            Kind::SentNeverSigned
        }
        (PostSays::Ordered | PostSays::Accepted | PostSays::Moving | PostSays::Returning, Ours::Confirmed)
            if ours_is_old =>
        {
            Kind::ConfirmedNotDelivered
        }
        (PostSays::Cancelled, Ours::Waiting) if theirs_is_old => Kind::NotAtOperator,
        (PostSays::Delivered, Ours::Back | Ours::Ended)
        | (PostSays::Returned, Ours::Confirmed | Ours::Ended)
        | (PostSays::Cancelled, Ours::WithPost | Ours::Reported | Ours::Confirmed | Ours::Back | Ours::Ended)
        | (PostSays::Lost, _) => Kind::StateConflict,
        _ => return None,
    };
    Some(kind)
}

/// Everything that differs between a leg and its entry.
pub fn post_differences(leg: &LegWord, entry: &PostEntry, limits: &Limits) -> Vec<Difference> {
    let mut found = Vec::new();
    let differs = state_difference(leg, entry, limits);
    if let Some(kind) = differs {
        let theirs = entry.raw_code.as_deref().filter(|_| entry.says == PostSays::Unmapped);
        found.push(Difference::of(kind, "state", leg.state.as_str(), theirs.unwrap_or(entry.says.as_str())));
    }
    if let (Some(ours), Some(theirs)) = (&leg.item_number, &entry.item_number)
        && ours != theirs
    {
        found.push(Difference::of(Kind::DuplicateItemCode, "itemNumber", ours, theirs));
    }
    for (field, ours, theirs) in [("originals", leg.originals, entry.originals), ("copies", leg.copies, entry.copies)] {
        if let Some(theirs) = theirs.filter(|theirs| *theirs != ours) {
            found.push(Difference::of(Kind::CountMismatch, field, ours.to_string(), theirs.to_string()));
        }
    }
    if let (Some(ours), Some(theirs)) = (&leg.seal_no, &entry.seal_no)
        && ours != theirs
    {
        found.push(Difference::of(Kind::SealMismatch, "sealNo", ours, theirs));
    }
    if let Some(theirs) = entry.fee.filter(|fee| *fee != leg.fee_to_collect) {
        found.push(Difference::of(Kind::FeeMismatch, "fee", leg.fee_to_collect.to_string(), theirs.to_string()));
    }
    // Who says that it is elsewhere by now has said the same and more.
    found.extend(stale(entry, limits).filter(|_| differs.is_none()));
    found.extend(item_differences(entry));
    found
}

/// What is wrong with the entry by itself.
pub fn item_differences(entry: &PostEntry) -> Option<Difference> {
    let number = entry.item_number.as_deref()?;
    (!is_sound(number)).then(|| Difference {
        kind: Kind::BadItemNumber,
        field: "itemNumber",
        ledger: None,
        book: Some(number.to_owned()),
    })
}

/// The post says that it holds it, and has said nothing newer for longer than it may.
pub fn stale(entry: &PostEntry, limits: &Limits) -> Option<Difference> {
    let since = entry.said_at?;
    (entry.says.holds() && since.plus_us(limits.held_us) < entry.as_of).then(|| Difference {
        kind: Kind::StaleCustody,
        field: "state",
        ledger: None,
        book: Some(format!("{} {}", entry.says, since.to_rfc3339())),
    })
}
