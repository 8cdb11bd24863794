//! Waiting on conditions, always with a bound: legs that reach a state, an outbox that becomes empty.

use super::api::{Ask, LOOK_AGAIN};
use super::plan::Leg;
use super::stage::{Day, each};
use crate::sim::server::percent_encode;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest pause between two looks at a slow condition.
pub(super) const LOOK_MAX: Duration = Duration::from_millis(250);

/// Waits until every leg shows one of its states; otherwise says which do not.
pub(super) async fn reach<'a>(
    day: &Arc<Day>,
    what: &str,
    legs: &[usize],
    wanted: impl Fn(&Leg) -> &'a [&'a str],
) -> Result<(), String> {
    match unreached(day, legs, wanted).await? {
        left if left.is_empty() => Ok(()),
        left => Err(format!("waited in vain for {what}: {} of {}: {}", left.len(), legs.len(), left.join(", "))),
    }
}

pub(super) async fn unreached<'a>(
    day: &Arc<Day>,
    legs: &[usize],
    wanted: impl Fn(&Leg) -> &'a [&'a str],
) -> Result<Vec<String>, String> {
    let until = Instant::now() + day.actors.patience;
    let mut left: BTreeSet<usize> = legs.iter().copied().collect();
    let mut pause = LOOK_AGAIN;
    while !left.is_empty() {
        look(day, &left).await?;
        left = resting_elsewhere(day, &left, &wanted);
        if left.is_empty() || Instant::now() >= until {
            break;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LOOK_MAX);
    }
    Ok(left.iter().map(|number| describe(day, *number)).collect())
}

fn resting_elsewhere<'a>(
    day: &Day,
    legs: &BTreeSet<usize>,
    wanted: &impl Fn(&Leg) -> &'a [&'a str],
) -> BTreeSet<usize> {
    let known = day.known();
    let state = |number: &usize| {
        known.shown.get(number).and_then(|leg| leg.get("state")).and_then(Value::as_str).unwrap_or_default()
    };
    let resting = |number: &usize| day.plan.legs.get(*number).is_some_and(|leg| wanted(leg).contains(&state(number)));
    legs.iter().copied().filter(|number| !resting(number)).collect()
}

/// A leg for the log: its id, its state, the fault that was injected.
fn describe(day: &Day, number: usize) -> String {
    let known = day.known();
    let leg = known.shown.get(&number);
    let text = |name: &str| leg.and_then(|leg| leg.get(name)).and_then(Value::as_str).unwrap_or("?").to_owned();
    let fault = day.plan.legs.get(number).and_then(|leg| leg.fault).unwrap_or("no fault");
    format!("{} {} ({fault})", text("id"), text("state"))
}

/// Reads the legs of every manifest that has one of these.
pub(super) async fn look(day: &Arc<Day>, legs: &BTreeSet<usize>) -> Result<(), String> {
    let manifests: BTreeSet<usize> =
        legs.iter().filter_map(|number| day.plan.legs.get(*number)).map(|leg| leg.manifest).collect();
    each(day, manifests.into_iter().collect(), |day, manifest| async move {
        let agency = day.plan.manifests.get(manifest).map_or(0, |it| it.agency);
        let path = format!("/v1/legs?limit=500&manifestId={}", day.manifest_id(manifest));
        let shown = day.api.all(&path, day.desk_key(agency)?).await?;
        let mut known = day.known();
        for leg in shown {
            let number = leg.get("id").and_then(Value::as_str).and_then(|id| known.legs_by_id.get(id).copied());
            if let Some(number) = number {
                known.shown.insert(number, leg);
            }
        }
        Ok(())
    })
    .await
}

/// Waits until nothing is due, claimed or unknown in the outbox. Parked messages wait for a person, not for us.
pub(super) async fn outbox_empty(day: &Arc<Day>, counterpart: Option<&str>) -> Result<bool, String> {
    let Some(key) = day.actors.ops_key.as_deref() else { return Ok(true) };
    let until = Instant::now() + day.actors.patience;
    let filter = counterpart.map(|name| format!("&counterpart={}", percent_encode(name))).unwrap_or_default();
    let mut pause = LOOK_AGAIN;
    loop {
        let mut waiting = false;
        for state in ["DUE", "CLAIMED", "UNKNOWN"] {
            let page = day.api.done(&Ask::get(format!("/v1/outbox?state={state}&limit=1{filter}"), key)).await?;
            waiting |= page.get("items").and_then(Value::as_array).is_some_and(|items| !items.is_empty());
        }
        if !waiting {
            return Ok(true);
        }
        if Instant::now() >= until {
            return Ok(false);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LOOK_MAX);
    }
}
