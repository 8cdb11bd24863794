//! Loops: each is woken by a timer and by a nudge, takes no input, does the same work whatever woke it, and relies on its next
//! round instead of retries of its own. Leases are the only coordination between replicas.

pub mod books;
pub mod exchange;
pub mod links;

mod alerts;
mod deadlines;
mod dispatcher;
mod distribution;
mod driver;
mod feeds;
mod housekeeping;
mod originals;
mod outlets;
mod reconciler;
mod tallies;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::{App, Nudge, Work};
use crate::courier::Courier;
use crate::telemetry::metrics::Metrics;

pub use links::{Links, Pace};

/// Wakes the loops that have such work; a nudge that comes while a loop works is seen when it has finished.
#[derive(Clone, Default)]
pub struct Bell {
    outbox: Ring,
    inbox: Ring,
    feed: Ring,
    matching: Ring,
}

type Ring = Arc<watch::Sender<u64>>;

impl Bell {
    fn of(&self, work: Work) -> &Ring {
        match work {
            Work::Outbox => &self.outbox,
            Work::Inbox => &self.inbox,
            Work::Feed => &self.feed,
            Work::Matching => &self.matching,
        }
    }

    /// The nudge that use cases give.
    pub fn nudge(&self) -> Nudge {
        let bell = self.clone();
        Arc::new(move |work| bell.of(work).send_modify(|rings| *rings = rings.wrapping_add(1)))
    }
}

/// Which loops run, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Sends the outbox.
    pub dispatcher: Option<Duration>,
    /// Decides the inbox.
    pub inbox: Option<Duration>,
    /// Reads the posts' feeds.
    pub poller: Option<Duration>,
    /// Numbers the feed.
    pub publisher: Option<Duration>,
    /// Derives legal clocks.
    pub deadlines: Option<Duration>,
    /// Matches again and forgets what is over.
    pub housekeeping: Option<Duration>,
    /// Asks for the day's books and compares them.
    pub reconciler: Option<Duration>,
    /// Rolls up legs that changed.
    pub tallies: Option<Duration>,
    /// Makes the reports of schedules.
    pub distribution: Option<Duration>,
    /// Looks for what stands still.
    pub alerts: Option<Duration>,
}

/// What every loop works with.
#[derive(Clone)]
struct Desk {
    app: App,
    links: Arc<Links>,
    courier: Arc<Courier>,
    metrics: Arc<Metrics>,
    owner: String,
}

/// The running loops.
pub struct Running {
    stop: watch::Sender<bool>,
    runtime: Option<tokio::runtime::Runtime>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    app: App,
    owner: String,
}

/// Starts the loops on a runtime of their own, so that a busy web worker never delays them.
pub fn start(
    app: App,
    links: Arc<Links>,
    metrics: Arc<Metrics>,
    bell: &Bell,
    plan: Plan,
) -> Result<Running, std::io::Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let (stop, stopping) = watch::channel(false);
    let owner = format!("{}-{}", std::process::id(), crate::base::id::RequestId::make(&app.ids));
    let desk = Desk { courier: Arc::new(Courier::new(app.clock.clone())), app, links, metrics, owner };
    let (kept, owner) = (desk.app.clone(), desk.owner.clone());
    let signals = |rings: Option<&Ring>| driver::Signals {
        stopping: stopping.clone(),
        rings: rings.map(|rings| rings.subscribe()),
    };
    let guard = runtime.enter();
    let mut tasks = Vec::new();
    if let Some(every) = plan.dispatcher {
        tasks.push(tokio::spawn(dispatcher::run(desk.clone(), every, signals(Some(&bell.outbox)))));
    }
    if let Some(every) = plan.inbox {
        tasks.push(tokio::spawn(driver::run(
            "inbox",
            every,
            signals(Some(&bell.inbox)),
            desk.clone(),
            feeds::inbox_round,
        )));
    }
    if let Some(every) = plan.poller {
        // By the timer alone: nothing that we commit says that there is more in a post's feed.
        tasks.push(tokio::spawn(driver::run("poller", every, signals(None), desk.clone(), feeds::poll_round)));
        tasks.push(tokio::spawn(driver::run(
            "puller",
            every,
            signals(Some(&bell.inbox)),
            desk.clone(),
            feeds::pull_round,
        )));
    }
    if let Some(every) = plan.publisher {
        tasks.push(tokio::spawn(driver::run(
            "publisher",
            every,
            signals(Some(&bell.feed)),
            desk.clone(),
            housekeeping::publish_round,
        )));
    }
    if let Some(every) = plan.deadlines {
        // By the timer alone: what many small commits touch is derived together.
        tasks.push(tokio::spawn(driver::run("deadlines", every, signals(None), desk.clone(), deadlines::round)));
    }
    if let Some(every) = plan.housekeeping {
        tasks.push(tokio::spawn(driver::run(
            "housekeeping",
            every,
            signals(Some(&bell.matching)),
            desk.clone(),
            housekeeping::round,
        )));
    }
    if let Some(every) = plan.housekeeping {
        tasks.push(tokio::spawn(driver::run("money", every, signals(None), desk.clone(), housekeeping::money_round)));
    }
    if let Some(every) = plan.reconciler {
        // By the timer alone: a day's books are asked for once a day.
        tasks.push(tokio::spawn(driver::run("reconciler", every, signals(None), desk.clone(), reconciler::round)));
    }
    if let Some(every) = plan.distribution {
        // By the timer alone: what is due is due by the clock.
        tasks.push(tokio::spawn(driver::run("distribution", every, signals(None), desk.clone(), distribution::round)));
    }
    if let Some(every) = plan.tallies {
        // By the timer alone: what changes several times in a second is rolled up once.
        tasks.push(tokio::spawn(driver::run("tallies", every, signals(None), desk.clone(), tallies::round)));
        // Behind them, at the same pace: what lent originals stand like follows from legs that changed.
        tasks.push(tokio::spawn(driver::run("originals", every, signals(None), desk.clone(), originals::round)));
    }
    if let Some(every) = plan.alerts {
        // By the timer alone: nothing that we commit says that nothing was committed.
        tasks.push(tokio::spawn(driver::run("alerts", every, signals(None), desk, alerts::round)));
    }
    drop(guard);
    Ok(Running { stop, runtime: Some(runtime), tasks, app: kept, owner })
}

impl Running {
    /// Stops claiming, finishes what is on its way, and returns.
    pub fn stop(mut self) {
        let _ = self.stop.send(true);
        if let Some(runtime) = self.runtime.take() {
            let tasks = std::mem::take(&mut self.tasks);
            runtime.block_on(async {
                for task in tasks {
                    let _ = task.await;
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
        // The next process need not wait for the end of our leases.
        if let Err(error) = self.app.store.release_leases(self.owner.clone()) {
            tracing::warn!(%error, "leases end by themselves");
        }
    }
}
