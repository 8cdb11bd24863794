//! What needs a person: sorts of exceptions, how heavy each is, and how long it may wait.

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

words! {
    /// How heavy an exception is.
    Grade {
        /// Papers or proof may be lost.
        High = "HIGH",
        /// The books differ, the papers are known to be somewhere.
        Middle = "MIDDLE",
        /// Nobody waits for it yet.
        Low = "LOW",
    }
}

impl Grade {
    /// Days in which it ought to be settled.
    pub fn days(self) -> i64 {
        match self {
            Grade::High => 1,
            Grade::Middle => 3,
            Grade::Low => 5,
        }
    }
}

impl Sort {
    /// Whether two people together may let it rest: custody rests when the papers move, a code when it has a meaning, a message
    /// when it is sent.
    pub fn may_be_accepted(self) -> bool {
        matches!(self, Sort::Discrepancy | Sort::Fact | Sort::Inbox)
    }
}

/// How heavy a discrepancy is.
pub fn grade_of(kind: Kind) -> Grade {
    match kind {
        Kind::HandoverMissing
        | Kind::HandoverSealDamaged
        | Kind::StateConflict
        | Kind::FactChanged
        | Kind::NotAtOperator
        | Kind::DossierNumberConflict => Grade::High,
        Kind::CountMismatch
        | Kind::NoIdNote
        | Kind::PartialDelivery
        | Kind::UnmatchedFact
        | Kind::HandoverCountDiffers
        | Kind::HandoverUnreadable
        | Kind::HandoverWrongAgency
        | Kind::HandoverExtra => Grade::Middle,
        Kind::ReporterNotEntitled | Kind::UnmappedStatus | Kind::DuplicateItemCode => Grade::Low,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_weighs_more_waits_less() {
        assert!(Grade::ALL.windows(2).all(|pair| matches!(pair, [heavy, light] if heavy.days() < light.days())));
    }
}
