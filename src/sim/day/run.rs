//! Plays a plan: manifests, orders, handovers, the road, the desk, the surprises, and the quiet at the end.

use super::api::Ask;
use super::handover::{self, Meeting};
use super::log::{Actors, DayLog, ProgressEvent};
use super::manifest_text;
use super::operators::{await_orders, contradict, drive};
use super::plan::{Kind, Leg, Life, Plan, Resend};
use super::settle::settle;
use super::stage::{Day, each};
use super::story::{self, Fact, Teller};
use super::watch::reach;
use crate::sim::client::Request;
use crate::sim::rng::Dice;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Facts in one call.
const FACTS_A_CALL: usize = 100;

/// Plays the plan to its end. An error means that the day could not go on; what went wrong otherwise is in the log.
pub async fn run(plan: Plan, actors: Actors, progress: impl Fn(ProgressEvent)) -> Result<DayLog, String> {
    let day = Arc::new(Day::new(plan, actors)?);
    let tell = |part, part_en, count| progress(ProgressEvent { part, part_en, count });
    seed_one_stop(&day).await?;

    tell("Gửi bảng kê", "manifests", day.plan.manifests.len());
    each(&day, (0..day.plan.manifests.len()).collect(), send_manifest).await?;

    let live = day.legs(|leg| day.operator(leg).is_some());
    tell("Chờ bưu điện xác nhận đơn", "orders acknowledged", live.len());
    await_orders(&day, &live).await?;

    let meetings = first_handovers(&day);
    tell("Giao hồ sơ cho bưu điện", "handovers to the post", meetings.len());
    each(&day, meetings, handover::hold).await?;

    tell("Trên đường", "on the road", day.plan.legs.len());
    let road = |leg: &Leg| day.operator(leg).is_none();
    let direct = facts_of(&day, |leg| if road(leg) { story::collecting(&day.plan, &*day, leg) } else { Vec::new() });
    tell_facts(&day, "collecting", direct).await?;
    let handed = |leg: &Leg| leg.kind == Kind::Result && story::passes(leg);
    let direct =
        facts_of(
            &day,
            |leg| if road(leg) && handed(leg) { story::delivering(&day.plan, &*day, leg) } else { Vec::new() },
        );
    tell_facts(&day, "delivering", direct).await?;
    let driven = day.legs(|leg| day.operator(leg).is_some() && (leg.kind == Kind::PickUp || handed(leg)));
    each(&day, driven, drive).await?;

    let back = day.legs(|leg| leg.life == Life::Returned && leg.fault.is_none());
    let fetched = day.legs(|leg| leg.kind == Kind::PickUp);
    reach(&day, "the post to have fetched the papers", &fetched, |_| &["ACCEPTED", "IN_TRANSIT"]).await?;
    reach(&day, "the post to have brought results back", &back, |_| &["RETURNED_REPORTED"]).await?;

    let meetings = later_handovers(&day);
    tell("Giao hồ sơ cho một cửa", "handovers to the desks", meetings.len());
    each(&day, meetings, handover::hold).await?;

    let closing = facts_of(&day, |leg| story::closing(&day.plan, &*day, leg, day.family(leg)));
    tell("Xác nhận, thu phí", "confirmations and fees", closing.len());
    tell_facts(&day, "closing", closing).await?;
    for round in 1..=2 {
        let facts = facts_of(&day, |leg| story::surprises(&day.plan, &*day, leg, day.family(leg), round));
        tell_facts(&day, "surprises", facts).await?;
    }
    let contradicted = day.legs(|leg| leg.fault == Some("STATE_CONFLICT") && day.operator(leg).is_some());
    each(&day, contradicted, contradict).await?;

    tell("Chờ sổ yên", "settling", day.plan.legs.len());
    settle(&day).await
}

/// The case system knows its dossiers before the day begins.
async fn seed_one_stop(day: &Day) -> Result<(), String> {
    let Some(url) = &day.actors.one_stop_url else { return Ok(()) };
    let dossiers: Vec<Value> = day
        .plan
        .legs
        .iter()
        .filter_map(|leg| {
            let no = leg.dossier_no.as_ref().or(leg.case_no.as_ref())?;
            let (via_postal, fetched) = if leg.kind == Kind::Result { (2, 0) } else { (0, 1) };
            let morning = day.plan.date.format("%d/%m/%Y 07:30:00").to_string();
            // What is on its way to the desk is received when the desk says so.
            let (status, came) = if leg.kind == Kind::Result { ("releasing", morning.as_str()) } else { ("new", "") };
            Some(json!({"dossierNo": no, "govAgencyCode": day.plan.agency(leg.agency).code, "serviceCode": leg.procedure.code,
                        "viaPostal": via_postal, "vnpostalStatus": fetched, "dossierStatus": status,
                        "receiveDate": came, "releaseDate": came}))
        })
        .collect();
    let reply =
        day.api.plain().send(&Request::new("POST", format!("{url}/_sim/dossiers")).json(&json!(dossiers))).await?;
    if reply.status == 200 { Ok(()) } else { Err(format!("the one-stop simulator took no dossiers: {}", reply.status)) }
}

async fn send_manifest(day: Arc<Day>, place: usize) -> Result<(), String> {
    let Some(manifest) = day.plan.manifests.get(place) else { return Ok(()) };
    let key =
        if manifest.kind == Kind::Intake { day.post_key(manifest.agency)? } else { day.desk_key(manifest.agency)? };
    let mode = if place.is_multiple_of(2) { "good-lines" } else { "all-or-nothing" };
    let ask = Ask {
        method: "POST",
        path: format!("/v1/manifests?mode={mode}"),
        key,
        once: Some(manifest.no.clone()),
        body: Some(manifest_text::write(&day.plan, manifest)),
    };
    if manifest.resend == Resend::Cut {
        day.api.cut(&ask).await?;
        day.step("connections cut", 1);
    }
    let receipt = day.api.done(&ask).await?;
    if manifest.resend == Resend::Same {
        let again = day.api.ask(&ask).await?;
        let replayed = again.header("idempotent-replayed") == Some("true") && again.status == 200;
        if !replayed || again.json() != receipt {
            day.problem(format!("manifest {} sent again was not answered with its first receipt", manifest.no));
        }
        day.step("manifests sent again", 1);
    }
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text(&receipt, "id").ok_or_else(|| format!("the receipt of {} has no id", manifest.no))?;
    let mut known = day.known();
    known.manifest_ids.insert(place, id);
    for line in receipt.get("lines").and_then(Value::as_array).into_iter().flatten() {
        let number = manifest.legs.iter().copied().find(|number| {
            day.plan.legs.get(*number).map(|leg| leg.line_no) == line.get("lineNo").and_then(Value::as_u64)
        });
        match (number, text(line, "legId")) {
            (Some(number), Some(leg)) => {
                known.legs_by_id.insert(leg.clone(), number);
                known.leg_ids.insert(number, leg);
            }
            _ => known.log.problems.push(format!("a line of {} was not taken: {line}", manifest.no)),
        }
    }
    if manifest.legs.iter().any(|number| !known.leg_ids.contains_key(number)) {
        return Err(format!("manifest {} was not taken whole: {}", manifest.no, known.log.problems.join("; ")));
    }
    *known.log.steps.entry("manifests".to_owned()).or_insert(0) += 1;
    Ok(())
}

fn meetings(
    day: &Day,
    word: &'static str,
    legs: &[usize],
    step: story::Step,
    to_post: bool,
    whole_manifest: bool,
) -> Vec<Meeting> {
    let mut by_manifest: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for leg in legs.iter().filter_map(|number| day.plan.legs.get(*number)) {
        by_manifest.entry(leg.manifest).or_default().push(leg.number);
    }
    by_manifest
        .into_iter()
        .map(|(manifest, legs)| Meeting { manifest, legs, to_post, step, word, whole_manifest })
        .collect()
}

fn first_handovers(day: &Day) -> Vec<Meeting> {
    let results = day.legs(|leg| leg.kind == Kind::Result);
    meetings(day, "GIAO", &results, story::HANDED_TO_POST, true, true)
}

fn later_handovers(day: &Day) -> Vec<Meeting> {
    let papers = day.legs(|leg| leg.kind != Kind::Result && leg.fault != Some("COUNT_MISMATCH"));
    let back = day.legs(|leg| leg.life == Life::Returned && leg.fault.is_none());
    let mut all = meetings(day, "NHAN", &papers, story::HANDED_TO_DESK, false, false);
    all.extend(meetings(day, "HOAN", &back, story::BROUGHT_BACK, false, false));
    all
}

fn facts_of(day: &Day, of: impl Fn(&Leg) -> Vec<Fact>) -> Vec<Fact> {
    day.plan.legs.iter().flat_map(of).collect()
}

/// Reports facts: mixed up, in batches, each held against the outcome that it must have.
async fn tell_facts(day: &Arc<Day>, part: &'static str, facts: Vec<Fact>) -> Result<(), String> {
    let mut heaps: BTreeMap<(usize, bool), Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        let agency = day.plan.legs.get(fact.leg).map_or(0, |leg| leg.agency);
        heaps.entry((agency, fact.teller == Teller::Desk)).or_default().push(fact);
    }
    let mut calls = Vec::new();
    for ((agency, desk), mut heap) in heaps {
        Dice::new(day.plan.seed, &format!("{part} {agency} {desk}")).shuffle(&mut heap);
        while !heap.is_empty() {
            let rest = heap.split_off(heap.len().min(FACTS_A_CALL));
            calls.push((agency, desk, std::mem::replace(&mut heap, rest)));
        }
    }
    each(day, calls, |day, (agency, desk, facts)| async move {
        let key = if desk { day.desk_key(agency)? } else { day.post_key(agency)? };
        let body = json!({"facts": facts.iter().map(|fact| fact.body.clone()).collect::<Vec<_>>()});
        let answer = day.api.done(&Ask::json("POST", "/v1/facts", key, None, &body)).await?;
        let results = answer.get("facts").and_then(Value::as_array).cloned().unwrap_or_default();
        for (at, fact) in facts.iter().enumerate() {
            let result = results.get(at).unwrap_or(&Value::Null);
            let outcome = result.get("outcome").and_then(Value::as_str).unwrap_or("none");
            // Facts are sent again after an unknown outcome; then the first result is shown.
            if outcome != fact.outcome && !(outcome == "DUPLICATE" && fact.outcome == "RECORDED") {
                let event = fact.body.get("event").or_else(|| fact.body.get("raw")).cloned().unwrap_or(Value::Null);
                day.problem(format!("fact {event} was answered {outcome}, not {}: {result}", fact.outcome));
            }
        }
        day.step("facts", u64::try_from(facts.len()).unwrap_or(0));
        Ok(())
    })
    .await
}
