//! What needs a person, and where it comes from. How heavy it is and how long it may wait stands in the catalogue of discrepancies.

use crate::domain::discrepancy::Kind;
use crate::domain::leg::words;

words! {
    /// Where an exception comes from.
    Sort {
        /// The books differ.
        Discrepancy = "DISCREPANCY",
        /// A fact that fits no leg.
        Fact = "FACT",
        /// A status code without a meaning.
        Code = "CODE",
        /// Somebody holds the papers too long.
        Custody = "CUSTODY",
        /// A message out that gave up.
        Message = "MESSAGE",
        /// A message in that cannot be read.
        Inbox = "INBOX",
    }
}

impl Sort {
    /// Whether two people together may let it rest: custody rests when the papers move, a code when it has a meaning, a message
    /// when it is sent.
    pub fn may_be_accepted(self) -> bool {
        matches!(self, Sort::Discrepancy | Sort::Fact | Sort::Inbox)
    }
}

/// The sort of a discrepancy in the work list.
pub fn sort_of(kind: Kind) -> Sort {
    match kind {
        Kind::UnmatchedFact => Sort::Fact,
        Kind::UnmappedStatus => Sort::Code,
        _ => Sort::Discrepancy,
    }
}
