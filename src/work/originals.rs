//! Looking again at the dossiers whose lent originals may stand otherwise, behind the rounds of roll-ups that put them on the list.

use std::time::Instant;

use crate::app::originals;
use crate::work::Desk;
use crate::work::driver::{Round, blocking, rest_since};
use crate::work::feeds::lease;

/// One round.
pub(super) async fn round(desk: Desk) -> Round {
    if !lease(&desk, "originals".to_owned(), desk.links.pace.tallies_lease_us).await? {
        return Ok(false);
    }
    let (app, legs_max) = (desk.app.clone(), desk.links.pace.tallies_legs_max);
    let began = Instant::now();
    let looked_at = blocking(move || originals::follow(&app, legs_max)).await?;
    if looked_at > 0 {
        rest_since(began).await;
    }
    Ok(looked_at > 0)
}
