//! Simulators of the two counterparts, and the seeded working day that plays both sides.
//!
//! They know nothing of our own types: every message is built and read as plain JSON, form or text, so that a field
//! renamed on our side is caught here and not in a province. They are strict, seeded, and keep their own books.

pub mod client;
pub mod day;
pub mod faults;
pub mod numbers;
pub mod one_stop;
pub mod post;
pub mod rng;
pub mod server;
pub mod strict;
