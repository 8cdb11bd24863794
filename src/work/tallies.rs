//! Rolling up legs that changed: small rounds with a breath between them, so that reports follow and who writes facts does not wait.

use std::time::Instant;

use crate::app::{AppError, tallies};
use crate::work::Desk;
use crate::work::driver::{Round, blocking, rest_since};
use crate::work::feeds::lease;

/// One round.
pub(super) async fn round(desk: Desk) -> Round {
    if !lease(&desk, "tallies".to_owned(), desk.links.pace.tallies_lease_us).await? {
        return Ok(false);
    }
    let (app, legs_max) = (desk.app.clone(), desk.links.pace.tallies_legs_max);
    let began = Instant::now();
    let rolled = blocking(move || match tallies::roll_up(&app, legs_max) {
        // A rebuilding beside us made a round meanwhile; the next one reads again.
        Err(AppError::Race(_)) => Ok(1),
        done => done,
    })
    .await?;
    if rolled > 0 {
        rest_since(began).await;
    }
    Ok(rolled > 0)
}
