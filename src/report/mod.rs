//! What people read of the ledger in bulk: numbers in their spelling, and plots drawn as SVG text. Pure: everything that is
//! shown arrives as a value.

pub mod numbers;
pub mod plot;
