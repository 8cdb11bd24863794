//! Giao Nhận: who held the paper, since when, and on whose signature.
//!
//! Rooms stand in dependency order: a room imports only rooms above it (`tests/it/tidy.rs` holds this table
//! against the code). ARCHITECTURE.md tells the walk of the data through them.

/// The machines' face: manifests, facts, handovers, feeds, hooks, problem+json.
pub mod api;
/// Use cases, one function each: load, decide, commit.
pub mod app;
/// Typed ids, time and the one clock, text normalisation, digests, masked secrets, fault points.
pub mod base;
/// Sub-commands and wiring.
pub mod cli;
/// What the operator sets: defaults, file, environment, cross-checks, explanation.
pub mod config;
/// Executes a call to a counterpart and returns an outcome. The only room that knows reqwest.
pub mod courier;
/// Pure rules: identifiers, manifests, legs, the custody table and its fold, handovers, retry arithmetic, problems.
pub mod domain;
/// Pure codecs of each counterpart family, and their status tables.
pub mod peers;
/// What people read and hold: numbers and dates in their spelling, plots and codes as SVG, papers as PDF. Pure.
pub mod report;
/// Simulators of the two counterparts; they know none of our types.
pub mod sim;
/// Rows, transactions, migrations, leases. The only room that knows Diesel.
pub mod store;
/// Logs and metrics.
pub mod telemetry;
/// Pages for people: post office, one-stop desk, supervisors, oversight, the public.
pub mod ui;
/// Pure codecs of our own contract: JSON, XML, CSV, problem bodies.
pub mod wire;
/// Loops: dispatcher, inbox, poller, publisher, reconciler.
pub mod work;
