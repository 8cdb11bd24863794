//! What callers ask about handovers, discrepancies, legs and the outbox, after reading and before deciding.

use crate::base::time::Ts;
use crate::domain::discrepancy::Resolution;
use crate::domain::fact::Evidence;
use crate::domain::handover::LineOutcome;
use crate::domain::identifier::{DossierNo, ItemNumber};
use crate::domain::leg::Side;

/// Which legs a handover is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoverLegs {
    /// These.
    Legs(Vec<String>),
    /// Every open leg of this manifest that the giver holds.
    Manifest(String),
}

/// `POST /v1/handovers`: a new one, or one that corrects another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenInput {
    /// A new handover.
    New {
        /// Who gives.
        from: Side,
        /// Who takes.
        to: Side,
        /// What.
        legs: HandoverLegs,
        /// The paper's own number.
        handover_no: Option<String>,
        /// Where.
        place: Option<String>,
    },
    /// A correction of a closed one.
    Correct {
        /// The handover that it corrects.
        corrects: String,
        /// Which of its lines.
        line_nos: Vec<u32>,
        /// Why.
        reason: String,
    },
}

/// One counted line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountLine {
    /// Its number in the handover.
    pub line_no: u32,
    /// What was found.
    pub outcome: LineOutcome,
    /// Originals counted.
    pub originals: Option<u32>,
    /// Copies counted.
    pub copies: Option<u32>,
    /// Note.
    pub note: Option<String>,
}

/// Something in the bag that is on no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extra {
    /// Dossier number.
    pub dossier_no: Option<DossierNo>,
    /// Item number.
    pub item_number: Option<ItemNumber>,
    /// Note.
    pub note: Option<String>,
}

/// `PATCH /v1/handovers/{id}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountInput {
    /// Counted lines.
    pub lines: Vec<CountLine>,
    /// Extras; none leaves them as they are.
    pub extras: Option<Vec<Extra>>,
}

/// `POST /v1/handovers/{id}/signatures`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInput {
    /// For which side.
    pub side: Side,
    /// Who.
    pub signer_name: String,
    /// In which office.
    pub signer_title: Option<String>,
    /// The digest of what was seen.
    pub digest: String,
    /// When; now by default.
    pub signed_at: Option<Ts>,
    /// The signature itself.
    pub evidence: Vec<Evidence>,
}

/// `POST /v1/discrepancies/{id}/resolve`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveInput {
    /// How.
    pub outcome: Resolution,
    /// Why.
    pub reason: String,
}

/// `POST /v1/outbox/{id}/mend`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MendInput {
    /// The body to send instead, byte for byte.
    pub body: String,
    /// Why.
    pub reason: String,
}
