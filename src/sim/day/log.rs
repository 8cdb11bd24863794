//! Who takes part in a day, and what the day tells of itself.

use super::believes::Belief;
use crate::sim::post::Family;
use std::collections::BTreeMap;
use std::time::Duration;

/// A post counterpart that works live.
#[derive(Debug, Clone)]
pub struct PostActor {
    /// Its interface; it serves the agencies of the plan with this operator.
    pub family: Family,
    /// Its simulator.
    pub url: String,
    /// Its name in the outbox, to wait for the orders that are still on their way.
    pub counterpart: Option<String>,
}

/// Who takes part.
#[derive(Debug, Clone)]
pub struct Actors {
    /// The API of Giao Nhận.
    pub api_url: String,
    /// Keys of the desks (side agency), by agency code.
    pub desk_keys: BTreeMap<String, String>,
    /// Keys of the post (side post), by agency code.
    pub post_keys: BTreeMap<String, String>,
    /// A key with the scope `ops`: with it the day waits for an empty outbox.
    pub ops_key: Option<String>,
    /// Post counterparts; an agency whose operator is not among them is served by facts alone.
    pub posts: Vec<PostActor>,
    /// The simulated one-stop software, when webhooks go to it.
    pub one_stop_url: Option<String>,
    /// How long the day waits for any one condition.
    pub patience: Duration,
}

/// Something to tell while the day runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressEvent {
    /// The part of the day, in Vietnamese.
    pub part: &'static str,
    /// The same in English.
    pub part_en: &'static str,
    /// How many things it is about.
    pub count: usize,
}

/// What the day did and found.
#[derive(Debug, Clone, Default)]
pub struct DayLog {
    /// How often each step was done.
    pub steps: BTreeMap<String, u64>,
    /// Requests to the API.
    pub requests: u64,
    /// Requests that were sent again.
    pub retries: u64,
    /// Final legs by state, as the API shows them.
    pub legs: BTreeMap<String, u64>,
    /// Final legs by holder.
    pub holders: BTreeMap<String, u64>,
    /// The state of each leg, by leg id.
    pub states: BTreeMap<String, String>,
    /// Discrepancies by kind, as the callers of the day can see them.
    pub found: BTreeMap<String, u64>,
    /// Discrepancies by kind that the plan expects.
    pub expected: BTreeMap<String, u64>,
    /// Order codes by leg id, of legs that a post counterpart serves.
    pub orders: BTreeMap<String, String>,
    /// What the simulators believe, by leg id.
    pub beliefs: BTreeMap<String, Belief>,
    /// Legs of which a simulator believes something else than the API.
    pub disagreements: Vec<String>,
    /// Legs that did not come to rest where the plan says.
    pub unreached: Vec<String>,
    /// Everything else that was not as it should be.
    pub problems: Vec<String>,
}

impl DayLog {
    /// Whether every injected fault was found, nothing else was, and nobody disagrees.
    pub fn balanced(&self) -> bool {
        self.found == self.expected
            && self.unreached.is_empty()
            && self.problems.is_empty()
            && self.disagreements.is_empty()
    }
}
