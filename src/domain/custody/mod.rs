//! Custody: the table as data, events, the fold in order of occurrence, the hash chain.
//!
//! `table` says what each event means, `fold` is its only interpreter, `event` is what the ledger keeps,
//! `chain` links the events of one leg.

pub mod chain;
pub mod event;
pub mod fold;
pub mod table;

pub use event::{Detail, Event, Evidence, Place, Receiver, Source};
pub use fold::{Finding, Folded, LegTerms, Stand, fold};
pub use table::EventKind;
