//! Handlers by noun: each calls one use case and shows its result in the contract's members and order.

pub(super) mod account;
pub(super) mod alerts;
pub(super) mod books;
pub(super) mod case_marks;
pub(super) mod clocks;
pub(super) mod discrepancies;
pub(super) mod events;
pub(super) mod facts;
pub(super) mod handovers;
pub(super) mod health;
pub(super) mod hooks;
pub(super) mod legs;
pub(super) mod manifests;
pub(super) mod originals;
pub(super) mod outbox;
mod page;
pub(super) mod report_deliveries;
pub(super) mod reports;

use crate::base::time::Ts;

/// A time of a row as it is shown.
fn time(us: i64) -> String {
    Ts::from_us(us).to_rfc3339()
}

/// A time that may be absent.
fn time_or_null(us: Option<i64>) -> Option<String> {
    us.map(time)
}
