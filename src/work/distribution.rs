//! Making the reports of schedules, once a period. One process at a time makes them; were there two, the unique key of schedule and period
//! would let one cut stand.

use crate::app::distribution;
use crate::base::time::MINUTE_US;
use crate::work::Desk;
use crate::work::driver::{Round, blocking};
use crate::work::feeds::lease;

/// How long a round is ours: longer than a year's report takes.
const LEASE_US: i64 = 5 * MINUTE_US;

/// One round.
pub(super) async fn round(desk: Desk) -> Round {
    if desk.app.distribution.schedules.is_empty() || !lease(&desk, "distribution".to_owned(), LEASE_US).await? {
        return Ok(false);
    }
    let app = desk.app.clone();
    let made = blocking(move || distribution::round(&app)).await?;
    if made > 0 {
        tracing::info!(reports = made, "reports of schedules were made");
    }
    Ok(false)
}
