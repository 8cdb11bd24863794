//! Numbering the feed, matching facts again, reading unknown codes that have a meaning now, forgetting stored replies that are over.

use std::time::Duration;

use crate::app::{facts, feed, money, old_papers, status_rules};
use crate::base::time::DAY_US;
use crate::work::Desk;
use crate::work::driver::{Round, blocking};
use crate::work::feeds::lease;

/// After events were numbered, so that what is committed one by one is numbered together.
const BREATH: Duration = Duration::from_millis(20);

/// Numbers what was committed.
pub(super) async fn publish_round(desk: Desk) -> Round {
    let (app, publish_max) = (desk.app.clone(), desk.links.pace.publish_max);
    let numbered = blocking(move || feed::publish(&app, publish_max)).await?;
    if numbered > 0 {
        tokio::time::sleep(BREATH).await;
    }
    Ok(numbered > 0)
}

/// Names fees that are not paid over in time or differ, and old papers that have not come to their end.
pub(super) async fn money_round(desk: Desk) -> Round {
    if !lease(&desk, "money".to_owned(), desk.links.pace.tallies_lease_us).await? {
        return Ok(false);
    }
    let app = desk.app.clone();
    blocking(move || Ok((money::watch(&app)?, old_papers::watch(&app)?))).await?;
    Ok(false)
}

/// Matches facts and reads codes again, and forgets replies after their time.
pub(super) async fn round(desk: Desk) -> Round {
    let (app, keep_us) = (desk.app.clone(), desk.app.replies_kept_us.max(DAY_US));
    blocking(move || {
        let matched = facts::match_again(&app)? + status_rules::read_again(&app)?;
        app.store.forget_replies(app.now().plus_us(-keep_us).us())?;
        Ok(matched > 0)
    })
    .await
}
