//! Use cases, one function each: load, decide in memory, commit one write set. A set that lost a race is decided again.

pub mod alerts;
pub mod books;
pub mod calendar;
pub mod case_marks;
pub mod clocks;
pub mod deliveries;
pub mod desk;
pub mod device_acts;
pub mod discrepancies;
pub mod distribution;
pub mod dossier;
pub mod evidence;
pub mod exceptions;
pub mod facts;
pub mod feed;
pub mod handovers;
pub mod idempotency;
pub mod inbox;
pub mod intake;
pub mod keys;
pub mod legs;
pub mod manifests;
pub mod money;
pub mod old_papers;
pub mod originals;
pub mod outbox;
pub mod people;
pub mod reconcile;
pub mod reports;
pub mod rounds;
pub mod scans;
pub mod status_rules;
pub mod tallies;
pub mod tracking;
pub mod verify;
pub mod zones;

mod leg_work;
mod new_legs;
mod notices;
mod receipts;
mod speakers;

use std::sync::Arc;

use crate::base::id::IdMaker;
use crate::base::time::{Clock, DAY_US, SECOND_US, Ts};
use crate::domain::access::Agencies;
use crate::domain::books::Limits as BookLimits;
use crate::domain::clocks::Settings as ClockSettings;
use crate::domain::problem::{Code, Problem, Refusal};
use crate::store::files::Files;
use crate::store::{Store, StoreError, WriteSet};

/// A counterpart that messages of some agencies go to.
#[derive(Debug, Clone)]
pub struct Route {
    /// Name of the counterpart.
    pub counterpart: String,
    /// The agencies that it serves.
    pub agencies: Agencies,
}

/// Where messages go. No route: nothing is sent, and legs wait as they are (contract 6.1).
#[derive(Debug, Clone, Default)]
pub struct Routes {
    /// Operators that take orders.
    pub post: Vec<Route>,
    /// One-stop systems that are told of states.
    pub one_stop: Vec<Route>,
}

impl Routes {
    fn find<'a>(routes: &'a [Route], agency_code: &str) -> Option<&'a str> {
        routes.iter().find(|route| route.agencies.sees(agency_code)).map(|route| route.counterpart.as_str())
    }

    /// The operator that takes the orders of an agency.
    pub fn post_of(&self, agency_code: &str) -> Option<&str> {
        Self::find(&self.post, agency_code)
    }

    /// The one-stop system of an agency.
    pub fn one_stop_of(&self, agency_code: &str) -> Option<&str> {
        Self::find(&self.one_stop, agency_code)
    }
}

/// Limits that use cases apply.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Lines of one handover.
    pub handover_lines_max: usize,
    /// Facts of one call.
    pub facts_max: usize,
    /// How long the claim of a request on its key stands before a repeat may take it over: longer than any request lasts.
    pub claim_us: i64,
    /// Before a difference between books is one.
    pub books: BookLimits,
}

/// What holds where nobody says otherwise: books may lag by a day, a number pairs within 30 days, the post may hold an item for 10.
pub const BOOK_LIMITS: BookLimits = BookLimits { lag_us: DAY_US, pair_days: 30, held_us: 10 * DAY_US };

impl Default for Limits {
    fn default() -> Self {
        Limits { handover_lines_max: 5_000, facts_max: 1_000, claim_us: 60 * SECOND_US, books: BOOK_LIMITS }
    }
}

/// What a commit leaves for a loop to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Messages to send.
    Outbox,
    /// Reports to decide and hints to confirm.
    Inbox,
    /// Events to number.
    Feed,
    /// Facts that may find their leg now.
    Matching,
}

impl Work {
    /// What this set leaves.
    fn left_by(set: &WriteSet) -> Vec<Work> {
        let found = !set.legs.is_empty() || !set.note_numbers.is_empty() || set.leg_changes.iter().any(|leg| leg.binds);
        let left = [
            (Work::Outbox, !set.outbox.is_empty() || !set.outbox_revives.is_empty()),
            (Work::Inbox, !set.inbox.is_empty()),
            (Work::Feed, !set.feed.is_empty()),
            (Work::Matching, found),
        ];
        left.into_iter().filter(|(_, is_left)| *is_left).map(|(work, _)| work).collect()
    }
}

/// Called after a commit that left such work; the loops' own timers are the safety net.
pub type Nudge = Arc<dyn Fn(Work) + Send + Sync>;

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The store.
    pub store: Store,
    /// Evidence files.
    pub files: Files,
    /// Ids.
    pub ids: Arc<IdMaker>,
    /// The clock.
    pub clock: Clock,
    /// Where messages go.
    pub routes: Arc<Routes>,
    /// What counterparts' hooks are checked with.
    pub hooks: Arc<inbox::Hooks>,
    /// Limits.
    pub limits: Limits,
    /// What the law leaves open about its clocks.
    pub clocks: Arc<ClockSettings>,
    /// What reports are made with.
    pub reports: Arc<reports::Terms>,
    /// Where they go by themselves.
    pub distribution: Arc<distribution::Terms>,
    /// From when on something is an alert.
    pub alerts: Arc<alerts::Terms>,
    /// How long stored replies are kept (contract 3: at least 30 days).
    pub replies_kept_us: i64,
    /// Wakes the loops.
    pub nudge: Nudge,
}

/// Why a use case did not do it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppError {
    /// It may not be done; the refusal says why.
    #[error("refused: {}", .0.code.as_str())]
    Refused(Refusal),
    /// These legs cannot stand in the handover: leg and why.
    #[error("the handover was refused")]
    HandoverRefused(Vec<(String, Vec<Problem>)>),
    /// The write queue is full.
    #[error("too much is waiting to be written")]
    Busy,
    /// Somebody else was quicker, or what was read belongs to two instants: to be decided again.
    #[error("lost a race too often: {0}")]
    Race(String),
    /// The store cannot be reached.
    #[error("not available: {0}")]
    Unavailable(String),
    /// Our fault.
    #[error("internal: {0}")]
    Internal(String),
}

impl AppError {
    /// A refusal whose title says it all.
    pub fn plain(code: Code) -> Self {
        AppError::Refused(Refusal::plain(code))
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        AppError::Refused(refusal)
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => AppError::Busy,
            StoreError::Unavailable(why) => AppError::Unavailable(why),
            StoreError::Conflict(what) => AppError::Race(what),
            other => AppError::Internal(other.to_string()),
        }
    }
}

/// How often a set is decided again before the caller is asked to come back.
const DECISIONS_MAX: usize = 12;

impl App {
    /// Now.
    pub fn now(&self) -> Ts {
        self.clock.now()
    }

    /// Decides and commits; decides again when somebody else was quicker. `before` runs before each commit (fault points).
    fn decide_and_commit<T>(
        &self,
        before: Option<&'static str>,
        mut decide: impl FnMut(&mut WriteSet) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let mut last = AppError::Race(String::new());
        for _ in 0..DECISIONS_MAX {
            let mut set = WriteSet::default();
            let value = match decide(&mut set) {
                Ok(value) => value,
                Err(error @ AppError::Race(_)) => {
                    last = error;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if let Some(point) = before {
                crate::base::fault::point(point);
            }
            let left = Work::left_by(&set);
            match self.store.commit(set).map_err(AppError::from) {
                Ok(()) => {
                    left.into_iter().for_each(|work| (self.nudge)(work));
                    return Ok(value);
                }
                Err(error @ AppError::Race(_)) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}
