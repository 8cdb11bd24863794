//! The seeded working day of a province, played for both sides through the public API of Giao Nhận.
//!
//! `Plan::generate` decides everything beforehand: who sends what, how each leg lives, which fault is injected where
//! and which discrepancy it must lead to. `run` plays the plan, and waits on conditions, never on time.

mod api;
mod believes;
mod handover;
mod log;
mod manifest_text;
mod operators;
mod people;
mod plan;
mod run;
mod settle;
mod stage;
mod story;
mod watch;

pub use believes::{Belief, believes};
pub use log::{Actors, DayLog, PostActor, ProgressEvent};
pub use plan::{AGENCIES, Agency, Plan};
pub use run::run;

#[cfg(test)]
mod tests;
