//! Pure rules. No clock, no randomness, no I/O, no serde on aggregates: instants, ids and jitter arrive as values.

pub mod access;
pub mod address;
pub mod books;
pub mod calendar;
pub mod clocks;
pub mod consignment;
pub mod custody;
pub mod discrepancy;
pub mod exception;
pub mod fact;
pub mod field;
pub mod handover;
pub mod handover_input;
pub mod identifier;
pub mod intake;
pub mod invitation;
pub mod lane;
pub mod leg;
pub mod manifest;
pub mod meaning;
pub mod person;
pub mod problem;
pub mod receipt;
pub mod retry;
pub mod scanning;
pub mod tally;
