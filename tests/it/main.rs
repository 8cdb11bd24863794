//! The one integration crate: bodies run on SQLite, and on PostgreSQL when `tests/run` gives one.
// The whole crate is a test, but clippy counts only bodies of test functions as such.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod contract;
mod http;
mod support;
mod tidy;
