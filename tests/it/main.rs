//! The one integration crate: bodies run on SQLite, and on PostgreSQL when `tests/run` gives one.
// The whole crate is a test, but clippy counts only bodies of test functions as such.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod cli;
mod contract;
mod counterparts;
mod crash;
mod habits;
mod http;
mod incidents;
mod office;
mod outbox;
mod support;
mod tidy;
