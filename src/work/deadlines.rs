//! Legal clocks: derived when something touched their leg and when their time has come. One replica at a time, by lease.

use std::time::Instant;

use crate::app::clocks;
use crate::base::time::SECOND_US;
use crate::work::Desk;
use crate::work::driver::{Round, blocking, rest_since};

/// Longer than any round.
const LEASE_US: i64 = 30 * SECOND_US;

/// One step of what is due.
pub(super) async fn round(desk: Desk) -> Round {
    let (app, owner) = (desk.app, desk.owner);
    let began = Instant::now();
    let derived = blocking(move || {
        let now = app.now();
        let ours = app.store.take_lease("deadlines".to_owned(), owner, now.us(), LEASE_US)?;
        Ok(ours && clocks::round(&app)?)
    })
    .await?;
    if derived {
        rest_since(began).await;
    }
    Ok(derived)
}
