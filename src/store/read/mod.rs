//! Queries, in files named for the nouns that they read.

pub mod alerts;
pub mod book_totals;
pub mod discrepancies;
pub mod dossiers;
pub mod exceptions;
pub mod facts;
pub mod feed;
pub mod handovers;
pub mod keys;
pub mod legs;
pub mod manifests;
pub mod messages;
pub mod oversight;
pub mod reports;
pub mod status_rules;
pub mod tallies;

/// A page: at most `limit` rows after the id `after`, oldest first. Ids sort by the time they were made and never change, so
/// what existed when the reader began comes exactly once.
#[derive(Debug, Clone, Default)]
pub struct PageAsk {
    /// The last id of the page before.
    pub after: Option<String>,
    /// Rows at most.
    pub limit: i64,
}

/// Values of one `IN` list: well below the bind limits of both databases.
pub(in crate::store) const IN_LIST_MAX: usize = 1_000;
