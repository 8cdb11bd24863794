//! Pure rules. No clock, no randomness, no I/O, no serde on aggregates: instants, ids and jitter arrive as values.

pub mod access;
pub mod custody;
pub mod discrepancy;
pub mod handover;
pub mod leg;
pub mod problem;
pub mod retry;
