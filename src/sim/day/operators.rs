//! Legs that a post counterpart serves: their orders, their clocks, and the script of their lives.

use super::log::PostActor;
use super::plan::Leg;
use super::stage::Day;
use super::story::{self, Stage};
use super::watch::{outbox_empty, reach};
use crate::base::time::{SECOND_US, Ts};
use crate::sim::client::Request;
use crate::sim::post::Family;
use crate::sim::server::percent_encode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A live leg starts its own clock this long after its order was acknowledged.
const LIVE_AFTER_S: i64 = 2;

/// Waits until every order is acknowledged; from then on such a leg has a clock of its own.
pub(super) async fn await_orders(day: &Arc<Day>, live: &[usize]) -> Result<(), String> {
    let known =
        |_: &Leg| -> &'static [&'static str] { &["ORDERED", "COLLECTION_ASSIGNED", "COLLECTION_FAILED", "ACCEPTED"] };
    reach(day, "the post to acknowledge the orders", live, known).await?;
    for post in &day.actors.posts {
        outbox_empty(day, post.counterpart.as_deref()).await?;
    }
    start_live_clocks(day, live)?;
    find_orders(day, live).await
}

/// Live legs of one manifest share a clock, which starts after the last of their orders was acknowledged.
fn start_live_clocks(day: &Day, live: &[usize]) -> Result<(), String> {
    let mut known = day.known();
    let mut latest: BTreeMap<usize, Ts> = BTreeMap::new();
    for number in live {
        let since = known.shown.get(number).and_then(|leg| leg.get("stateSince")).and_then(Value::as_str);
        let since = since.and_then(Ts::parse_rfc3339).ok_or("a leg shows no stateSince")?;
        let manifest = day.plan.legs.get(*number).map_or(0, |leg| leg.manifest);
        let later = latest.entry(manifest).or_insert(since);
        *later = since.max(*later);
    }
    for number in live {
        let manifest = day.plan.legs.get(*number).map_or(0, |leg| leg.manifest);
        if let Some(at) = latest.get(&manifest) {
            // Operators speak in whole seconds.
            let whole = Ts::from_us((at.us() / SECOND_US + LIVE_AFTER_S) * SECOND_US);
            known.live_from.insert(*number, whole);
        }
    }
    Ok(())
}

/// Finds the order of each live leg in the operator's book, by the phone of its citizen.
async fn find_orders(day: &Arc<Day>, live: &[usize]) -> Result<(), String> {
    let mut by_phone: BTreeMap<(Family, String), String> = BTreeMap::new();
    for post in &day.actors.posts {
        let ledger = day.api.plain().send(&Request::new("GET", format!("{}/_sim/ledger", post.url))).await?.json();
        for order in ledger.get("orders").and_then(Value::as_array).into_iter().flatten() {
            let code = order.get("orderCode").and_then(Value::as_str).unwrap_or_default();
            for phone in order.get("phones").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
                by_phone.insert((post.family, phone.to_owned()), code.to_owned());
            }
        }
    }
    let mut known = day.known();
    for leg in live.iter().filter_map(|number| day.plan.legs.get(*number)) {
        let phone = leg.person.phone.trim_start_matches('0').to_owned();
        let code = day.family(leg).and_then(|family| by_phone.get(&(family, phone)));
        let (Some(code), Some(id)) = (code, known.leg_ids.get(&leg.number).cloned()) else {
            return Err(format!("the operator has no order for line {} of its manifest", leg.line_no));
        };
        known.log.orders.insert(id, code.clone());
    }
    Ok(())
}

/// Lets the simulated operator live through what the plan has for a leg.
pub(super) async fn drive(day: Arc<Day>, number: usize) -> Result<(), String> {
    let Some(leg) = day.plan.legs.get(number) else { return Ok(()) };
    let Some(post) = day.operator(leg) else { return Ok(()) };
    let events = story::operator_life(post.family, leg);
    let mut attempt = 0;
    let mut script = Vec::new();
    for (status, step) in events {
        attempt += u64::from(matches!(status, "14" | "15" | "5" | "DELIVERED" | "ATTEMPT_FAILED" | "RETURNED"));
        script.push(operator_event(&day, leg, status, step, attempt));
    }
    play(&day, leg, post, script).await
}

pub(super) async fn contradict(day: Arc<Day>, number: usize) -> Result<(), String> {
    let Some(leg) = day.plan.legs.get(number) else { return Ok(()) };
    let Some(post) = day.operator(leg) else { return Ok(()) };
    let (status, step) = story::contradiction(post.family);
    let event = operator_event(&day, leg, status, step, 2);
    play(&day, leg, post, vec![event]).await
}

fn operator_event(day: &Day, leg: &Leg, status: &str, step: story::Step, attempt: u64) -> Value {
    let failed = matches!(status, "15" | "5" | "ATTEMPT_FAILED");
    let delivered = matches!(status, "14" | "DELIVERED");
    json!({
        "status": status, "time": story::at(&day.plan, day, leg, step).to_rfc3339(), "office": day.plan.agency(leg.agency).office,
        "attempt": attempt, "cause": if failed { "Người nhận đi vắng" } else { "" },
        "receiver": if delivered { leg.person.name.as_str() } else { "" },
    })
}

async fn play(day: &Day, leg: &Leg, post: &PostActor, script: Vec<Value>) -> Result<(), String> {
    if script.is_empty() {
        return Ok(());
    }
    let code = day.order_of(leg).unwrap_or_default();
    let url = format!("{}/_sim/orders/{}/events", post.url, percent_encode(&code));
    let reply = day.api.plain().send(&Request::new("POST", url).json(&json!(script))).await?;
    day.step("operator events", u64::try_from(script.len()).unwrap_or(0));
    if reply.status == 200 {
        Ok(())
    } else {
        Err(format!("the operator took no events: {} {}", reply.status, reply.json()))
    }
}

impl Day {
    fn order_of(&self, leg: &Leg) -> Option<String> {
        let id = self.leg_id(leg.number);
        self.known().log.orders.get(&id).cloned()
    }
}
