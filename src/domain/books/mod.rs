//! Reconciliation of books (đối soát): what the post or the one-stop side says of a leg, against what the ledger holds of it.
//!
//! A book is what one side said of a window of days. Its entries are paired with legs by keys (`pairing`), never by a name alone, and
//! each pair is compared (`post`, `case`). Differences younger than the tolerance are not yet differences: the other book is written later.

mod case;
mod pairing;
mod post;
#[cfg(test)]
mod tests;

pub use case::{CaseEntry, CaseSays, Legs, case_differences};
pub use pairing::{By, Pairing, is_sound, pair};
pub use post::{PostEntry, PostSays, item_differences, post_differences, stale, words_that_agree};

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{LegKind, State, words};

words! {
    /// Whose book.
    BookSide {
        /// The postal operator's.
        Post = "POST",
        /// The one-stop software's.
        OneStop = "ONE_STOP",
    }
}

words! {
    /// What the post's book lists.
    Covers {
        /// Whatever was ordered.
        Ordered = "ORDERED",
        /// Only what the post has taken.
        Accepted = "ACCEPTED",
    }
}

words! {
    /// How a book came.
    Source {
        /// A file that somebody loaded.
        File = "FILE",
        /// A call of the counterpart.
        Api = "API",
        /// The reconciler asked for it.
        Pull = "PULL",
    }
}

/// What the ledger says of a leg.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LegWord {
    pub leg_id: String,
    pub kind: LegKind,
    pub agency_code: String,
    pub state: State,
    pub since: Ts,
    /// When the post took it over.
    pub accepted_at: Option<Ts>,
    pub item_number: Option<String>,
    pub dossier_no: Option<String>,
    pub originals: i64,
    pub copies: i64,
    pub seal_no: Option<String>,
    pub fee_to_collect: i64,
}

impl LegWord {
    /// The day on which the post's book would have it.
    pub fn day(&self) -> NaiveDate {
        self.accepted_at.unwrap_or(self.since).to_vietnam().date()
    }
}

/// What a province allows before a difference is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How long the other book may lag behind.
    pub lag_us: i64,
    /// Days by which the days of two books may differ when they are paired by a number that can come again.
    pub pair_days: i64,
    /// How long the post may hold an item.
    pub held_us: i64,
}

/// One difference, as both books tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What differs.
    pub kind: Kind,
    /// In which field.
    pub field: &'static str,
    /// What the ledger says.
    pub ledger: Option<String>,
    /// What the book says.
    pub book: Option<String>,
}

impl Difference {
    fn of(kind: Kind, field: &'static str, ledger: impl Into<String>, book: impl Into<String>) -> Self {
        Difference { kind, field, ledger: Some(ledger.into()), book: Some(book.into()) }
    }
}
