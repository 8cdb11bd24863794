//! The end of the day: waiting until the books are quiet, and writing down what everybody believes.

use super::believes::{Belief, believes};
use super::log::DayLog;
use super::stage::Day;
use super::watch::{LOOK_MAX, look, outbox_empty, unreached};
use crate::sim::client::Request;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Waits for the end of the day, then writes down what everybody believes.
pub(super) async fn settle(day: &Arc<Day>) -> Result<DayLog, String> {
    let all: Vec<usize> = (0..day.plan.legs.len()).collect();
    let unreached = unreached(day, &all, |leg| leg.rests_in).await?;
    if !outbox_empty(day, None).await? {
        day.problem("the outbox did not become empty".to_owned());
    }
    let until = Instant::now() + if unreached.is_empty() { day.actors.patience } else { Duration::ZERO };
    let expected = day.plan.expected();
    loop {
        let found = discrepancies(day).await?;
        look(day, &all.iter().copied().collect()).await?;
        let (beliefs, disagreements, waiting) = compare(day).await?;
        let done = found == expected && disagreements.is_empty() && !waiting;
        if done || Instant::now() >= until {
            return Ok(conclude(
                day,
                DayLog { found, expected, beliefs, disagreements, unreached, ..DayLog::default() },
            ));
        }
        tokio::time::sleep(LOOK_MAX).await;
    }
}

/// Adds what was counted on the way to what was found at the end.
fn conclude(day: &Day, end: DayLog) -> DayLog {
    let mut known = day.known();
    let shown: Vec<Value> = known.shown.values().cloned().collect();
    let counted = std::mem::take(&mut known.log);
    let mut log = DayLog { steps: counted.steps, orders: counted.orders, problems: counted.problems, ..end };
    for leg in &shown {
        let text = |name: &str| leg.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        *log.legs.entry(text("state")).or_insert(0) += 1;
        *log.holders.entry(text("holder")).or_insert(0) += 1;
        log.states.insert(text("id"), text("state"));
    }
    log.requests = day.api.requests();
    log.retries = day.api.retries();
    log
}

/// What legal clocks find depends on the hour and the date at which the day is played, and is no fault that was injected.
const OF_CLOCKS: [&str; 7] = [
    "LATE_LEG",
    "LATE_HANDOVER",
    "FILING_GAP",
    "PREMATURE_RETURN",
    "SECOND_SUPPLEMENT",
    "SECOND_REAPPOINTMENT",
    "CLOSE_AFTER_15D_DUE",
];

/// Discrepancies by kind, as all callers of the day together can see them.
async fn discrepancies(day: &Arc<Day>) -> Result<BTreeMap<String, u64>, String> {
    let keys: BTreeSet<&String> = day.actors.desk_keys.values().chain(day.actors.post_keys.values()).collect();
    let mut kinds: BTreeMap<String, String> = BTreeMap::new();
    for key in keys {
        for item in day.api.all("/v1/discrepancies?limit=500", key).await? {
            let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            kinds.insert(text("id"), text("kind"));
        }
    }
    let mut counts = BTreeMap::new();
    for kind in kinds.into_values().filter(|kind| !OF_CLOCKS.contains(&kind.as_str())) {
        *counts.entry(kind).or_insert(0) += 1;
    }
    Ok(counts)
}

/// The books of the simulators beside ours; `true` while the operator still has something to push.
async fn compare(day: &Arc<Day>) -> Result<(BTreeMap<String, Belief>, Vec<String>, bool), String> {
    let ledger = async |url: &str| -> Result<Value, String> {
        Ok(day.api.plain().send(&Request::new("GET", format!("{url}/_sim/ledger"))).await?.json())
    };
    let one_stop = match &day.actors.one_stop_url {
        Some(url) => ledger(url).await?,
        None => Value::Null,
    };
    let mut posts = Vec::new();
    for post in &day.actors.posts {
        posts.push(ledger(&post.url).await?);
    }
    let pending = posts.iter().any(|post| post.pointer("/webhooks/pending").and_then(Value::as_u64).unwrap_or(0) > 0);
    let known = day.known();
    let beliefs = believes(&one_stop, &posts, &known.log.orders);
    let state_of = |id: &str| {
        let number = known.legs_by_id.get(id)?;
        known.shown.get(number)?.get("state")?.as_str().map(str::to_owned)
    };
    let disagreements = beliefs
        .iter()
        .filter_map(|(id, belief)| {
            let ours = state_of(id)?;
            (!belief.agrees(&ours))
                .then(|| format!("{id}: ours {ours}, one-stop {:?}, post {:?}", belief.one_stop, belief.post))
        })
        .collect();
    Ok((beliefs, disagreements, pending))
}
