//! Rolling up legs that changed: small rounds with a breath between them, so that reports follow and who writes facts does not wait.

use std::time::{Duration, Instant};

use crate::app::{AppError, tallies};
use crate::work::Desk;
use crate::work::driver::{Round, blocking};
use crate::work::feeds::lease;

/// A round that did something is followed by twice its own time of rest, and by so much at most.
const REST_TIMES: u32 = 2;
const REST_MAX: Duration = Duration::from_millis(250);

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
        tokio::time::sleep((began.elapsed() * REST_TIMES).min(REST_MAX)).await;
    }
    Ok(rolled > 0)
}
