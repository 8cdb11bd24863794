//! A fact as a caller reports it: what happened to a leg, when, and on whose word (contract 6.1).

use crate::base::time::Ts;
use crate::domain::custody::EventKind;
use crate::domain::identifier::{DossierNo, ItemNumber};
use crate::domain::leg::{LegKind, words};
use crate::domain::problem::Problem;

words! {
    /// Why an attempt failed.
    Cause {
        /// Nobody there.
        Absent = "ABSENT",
        /// Did not answer.
        Unreachable = "UNREACHABLE",
        /// No such address.
        WrongAddress = "WRONG_ADDRESS",
        /// Moved away.
        Moved = "MOVED",
        /// Did not want it.
        Refused = "REFUSED",
        /// Did not come for it.
        NotClaimed = "NOT_CLAIMED",
        /// Something else.
        Other = "OTHER",
    }
}

words! {
    /// Who took the papers.
    Relation {
        /// The person named.
        Owner = "OWNER",
        /// Somebody for that person.
        Representative = "REPRESENTATIVE",
    }
}

words! {
    /// What became of an old paper that had to be taken back.
    Recovery {
        /// Taken back.
        Taken = "TAKEN",
        /// The holder declared it lost.
        DeclaredLost = "DECLARED_LOST",
        /// The holder did not give it.
        NotGiven = "NOT_GIVEN",
    }
}

words! {
    /// What kind of evidence.
    EvidenceKind {
        /// A signature.
        Signature = "SIGNATURE",
        /// A photo.
        Photo = "PHOTO",
        /// A document.
        Document = "DOCUMENT",
    }
}

/// Which leg a fact is about; a number that several open legs carry means all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactTarget {
    /// By our id.
    Leg(String),
    /// By the post's number. Only a number that is not [`S10BadCheck`](crate::domain::identifier::ItemGrade) matches.
    Item(ItemNumber),
    /// By the consignment note.
    ConsignmentNote(String),
    /// By dossier and direction.
    Dossier(DossierNo, LegKind),
}

/// What is said to have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// One of our events.
    Event(EventKind),
    /// A counterpart's own code, to be read with its family's table.
    Raw {
        /// `P2`, `P4`…
        family: String,
        /// The code.
        code: Option<String>,
        /// The text beside or instead of it.
        text: Option<String>,
    },
}

/// Where it happened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Mã bưu cục.
    pub post_office_code: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// Who took the papers: personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Name.
    pub name: String,
    /// In which capacity.
    pub relation: Relation,
    /// The identity paper was looked at.
    pub id_checked: bool,
    /// The authorisation was looked at.
    pub authorisation_seen: Option<bool>,
}

impl std::fmt::Debug for Receiver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Receiver(***)")
    }
}

/// A reference to a photo, signature or document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// Where it lies.
    pub reference: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: Option<String>,
}

/// A well-formed fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The caller's id, unique per counterpart.
    pub fact_id: String,
    /// Which leg.
    pub target: FactTarget,
    /// What happened.
    pub said: Said,
    /// When, as claimed.
    pub occurred_at: Ts,
    /// The same as it was written.
    pub occurred_at_text: String,
    /// Where.
    pub place: Option<Place>,
    /// Which attempt.
    pub attempt: Option<u32>,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// The same in words.
    pub cause_text: Option<String>,
    /// Who took the papers.
    pub receiver: Option<Receiver>,
    /// What proves it.
    pub evidence: Vec<Evidence>,
    /// Originals counted.
    pub originals: Option<u32>,
    /// Copies counted.
    pub copies: Option<u32>,
    /// Đồng.
    pub amount: Option<i64>,
    /// Receipt of the money.
    pub receipt_no: Option<String>,
    /// The dossier number that the fact tells, when it is not the target: `CASE_RECEIVED` binds it.
    pub dossier_no: Option<DossierNo>,
    /// Note.
    pub note: Option<String>,
    /// Digest of the content: the same id with another digest is `CONFLICT`.
    pub digest: String,
}

/// A fact of a body: a malformed one is refused alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactDraft {
    /// The id, where it can be read.
    pub fact_id: Option<String>,
    /// The fact, or what is wrong with it.
    pub fact: Result<Box<Fact>, Vec<Problem>>,
}
