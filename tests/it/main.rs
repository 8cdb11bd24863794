//! The one integration crate: bodies run on SQLite, and on PostgreSQL when `tests/run` gives one.
// The whole crate is a test, but clippy counts only bodies of test functions as such.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod alerts;
mod authz;
mod calendar;
mod catalogue;
mod cli;
mod clocks;
mod contract;
mod counterparts;
mod crash;
mod distribution;
mod dossier;
mod examples;
mod exceptions;
mod facts;
mod feed;
mod habits;
mod handovers;
mod hostile;
mod http;
mod idempotency;
mod incidents;
mod intake;
mod manifests;
mod migrations;
mod money;
mod office;
mod old_papers;
mod one_stop;
mod operations;
mod order_of_checks;
mod originals;
mod outbox;
mod oversight;
mod pages;
mod privacy;
mod recipes;
mod reconcile;
mod reports;
mod supervisors;
mod support;
mod sync;
mod tallies;
mod tidy;
mod truth;
