//! What the ledger keeps of an event: ids, counts, codes and digests. Names and free text stand in `Detail`, which can be
//! erased; the event keeps their digest (design rule 5).

use crate::base::id::{EventId, HandoverId, LegId};
use crate::base::time::Ts;
use crate::domain::custody::EventKind;
use crate::domain::leg::Side;

/// Who said it, and in which words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The counterpart whose word it is.
    pub counterpart: String,
    /// The side it speaks for.
    pub side: Side,
    /// The person of ours who said it, by id; none when a system did.
    pub person: Option<String>,
    /// Its own id of the fact.
    pub fact_id: Option<String>,
    /// Family of the raw code, such as `P4`.
    pub family: Option<String>,
    /// The raw code.
    pub raw_code: Option<String>,
    /// The raw text.
    pub raw_text: Option<String>,
}

impl Source {
    /// Somebody's word in our own terms: no fact of theirs, no raw code.
    pub fn of(counterpart: impl Into<String>, side: Side) -> Self {
        Source {
            counterpart: counterpart.into(),
            side,
            person: None,
            fact_id: None,
            family: None,
            raw_code: None,
            raw_text: None,
        }
    }
}

/// Where it happened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Post office code.
    pub post_office_code: Option<String>,
}

/// Who took the papers, without the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    /// A name was given.
    pub named: bool,
    /// A representative rather than the owner.
    pub representative: bool,
    /// The ID was checked (C6).
    pub id_checked: bool,
    /// The letter of authorisation was seen.
    pub authorisation_seen: bool,
}

/// A pointer to a signature, photo or document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// `SIGNATURE`, `PHOTO` or `DOCUMENT`.
    pub kind: String,
    /// Where it is kept.
    pub reference: String,
    /// Its digest.
    pub sha256: Option<String>,
}

/// Free text and names of an event: erasable, outside the chain.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Detail {
    /// Name of the receiver.
    pub receiver_name: Option<String>,
    /// Place in words.
    pub place_text: Option<String>,
    /// Cause in words.
    pub cause_text: Option<String>,
    /// Note.
    pub note: Option<String>,
}

impl Detail {
    /// Nothing to keep.
    pub fn is_empty(&self) -> bool {
        *self == Detail::default()
    }
}

/// One event of one leg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Our id.
    pub id: EventId,
    /// The leg.
    pub leg_id: LegId,
    /// 1…n in order of recording.
    pub seq: i64,
    /// What happened.
    pub kind: EventKind,
    /// When, as claimed.
    pub occurred_at: Ts,
    /// The claimed time as it was written, when its form was the counterpart's own.
    pub occurred_text: Option<String>,
    /// When we recorded it.
    pub recorded_at: Ts,
    /// Who said it.
    pub source: Source,
    /// The handover that made it.
    pub handover_id: Option<HandoverId>,
    /// Where.
    pub place: Place,
    /// Number of the attempt.
    pub attempt: Option<u32>,
    /// Why an attempt failed.
    pub cause: Option<String>,
    /// Originals counted.
    pub originals: Option<i64>,
    /// Copies counted.
    pub copies: Option<i64>,
    /// Money in đồng.
    pub amount: Option<i64>,
    /// Receipt number.
    pub receipt_no: Option<String>,
    /// Dossier number that `CASE_RECEIVED` binds.
    pub dossier_no: Option<String>,
    /// Who took the papers.
    pub receiver: Option<Receiver>,
    /// Signatures, photos, documents.
    pub evidence: Vec<Evidence>,
    /// The event that this one annuls.
    pub corrects: Option<EventId>,
    /// Digest of the erasable detail.
    pub detail_sha256: Option<String>,
}

impl Event {
    /// An event with nothing but its core.
    pub fn new(id: EventId, leg_id: LegId, kind: EventKind, occurred_at: Ts, recorded_at: Ts, source: Source) -> Self {
        Event {
            id,
            leg_id,
            seq: 0,
            kind,
            occurred_at,
            occurred_text: None,
            recorded_at,
            source,
            handover_id: None,
            place: Place::default(),
            attempt: None,
            cause: None,
            originals: None,
            copies: None,
            amount: None,
            receipt_no: None,
            dossier_no: None,
            receiver: None,
            evidence: Vec::new(),
            corrects: None,
            detail_sha256: None,
        }
    }
}
