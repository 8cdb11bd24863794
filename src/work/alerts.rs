//! Alerts: one replica at a time measures, by lease.

use crate::app::alerts;
use crate::work::Desk;
use crate::work::driver::{Round, blocking};
use crate::work::feeds::lease;

/// One round.
pub(super) async fn round(desk: Desk) -> Round {
    if !lease(&desk, "alerts".to_owned(), desk.links.pace.alerts_lease_us).await? {
        return Ok(false);
    }
    let app = desk.app.clone();
    blocking(move || alerts::round(&app)).await
}
