//! The day while it is played: its plan, its callers, and what it has learnt so far.

use super::api::Api;
use super::log::{Actors, DayLog, PostActor};
use super::plan::{Kind, Leg, Plan};
use super::story::Stage;
use crate::base::time::Ts;
use crate::sim::post::Family;
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::JoinSet;

/// What is learnt while the day is played.
#[derive(Default)]
pub(super) struct Known {
    pub(super) manifest_ids: BTreeMap<usize, String>,
    pub(super) leg_ids: BTreeMap<usize, String>,
    pub(super) legs_by_id: BTreeMap<String, usize>,
    pub(super) live_from: BTreeMap<usize, Ts>,
    pub(super) shown: BTreeMap<usize, Value>,
    pub(super) log: DayLog,
}

/// A day while it is played.
pub struct Day {
    pub(super) plan: Plan,
    pub(super) api: Api,
    pub(super) actors: Actors,
    known: Mutex<Known>,
}

impl Stage for Day {
    fn leg_id(&self, leg: usize) -> String {
        self.known().leg_ids.get(&leg).cloned().unwrap_or_default()
    }

    fn live_from(&self, leg: usize) -> Option<Ts> {
        self.known().live_from.get(&leg).copied()
    }
}

impl Day {
    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A day before its first step.
    pub(super) fn new(plan: Plan, actors: Actors) -> Result<Day, String> {
        let api = Api::new(&actors.api_url, actors.patience)?;
        Ok(Day { plan, api, actors, known: Mutex::default() })
    }

    pub(super) fn step(&self, name: &str, times: u64) {
        *self.known().log.steps.entry(name.to_owned()).or_insert(0) += times;
    }

    pub(super) fn problem(&self, what: String) {
        self.known().log.problems.push(what);
    }

    pub(super) fn stem(&self) -> String {
        format!("day{}-{}", self.plan.seed, self.plan.date.format("%y%m%d"))
    }

    pub(super) fn manifest_id(&self, manifest: usize) -> String {
        self.known().manifest_ids.get(&manifest).cloned().unwrap_or_default()
    }

    pub(super) fn leg_of(&self, id: &str) -> Option<&Leg> {
        let number = self.known().legs_by_id.get(id).copied();
        self.plan.legs.get(number?)
    }

    pub(super) fn desk_key(&self, agency: usize) -> Result<&str, String> {
        let code = self.plan.agency(agency).code;
        self.actors.desk_keys.get(code).map(String::as_str).ok_or_else(|| format!("no desk key for {code}"))
    }

    pub(super) fn post_key(&self, agency: usize) -> Result<&str, String> {
        let code = self.plan.agency(agency).code;
        self.actors.post_keys.get(code).map(String::as_str).ok_or_else(|| format!("no post key for {code}"))
    }

    /// The post counterpart that works for a leg: only what a desk declares becomes an order.
    pub(super) fn operator(&self, leg: &Leg) -> Option<&PostActor> {
        let family = self.plan.agency(leg.agency).operator.filter(|_| leg.kind != Kind::Intake)?;
        self.actors.posts.iter().find(|post| post.family == family)
    }

    pub(super) fn family(&self, leg: &Leg) -> Option<Family> {
        self.operator(leg).map(|post| post.family)
    }

    pub(super) fn legs(&self, chosen: impl Fn(&Leg) -> bool) -> Vec<usize> {
        self.plan.legs.iter().filter(|leg| chosen(leg)).map(|leg| leg.number).collect()
    }
}

/// Does the work for every item at the same time; the first error ends it.
pub(super) async fn each<T, W, F>(day: &Arc<Day>, items: Vec<T>, work: W) -> Result<(), String>
where
    W: Fn(Arc<Day>, T) -> F,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for item in items {
        tasks.spawn(work(Arc::clone(day), item));
    }
    while let Some(done) = tasks.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(())
}
