//! Named fault points: places where a crash test kills the process.
//!
//! A point does nothing until it is armed (`fault.armed` in the configuration, for tests). An armed point ends the
//! process with SIGKILL when it is reached for the n-th time: no destructor, no flush, as a power cut would.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Every fault point of the program, in the order of the walk in ARCHITECTURE.md. The crash tests take each in turn.
pub const POINTS: &[&str] = &[
    "idempotency.after_claim",
    "manifest.before_commit",
    "store.before_commit",
    "manifest.after_commit",
    "publisher.before_commit",
    "dispatch.after_claim",
    "dispatch.after_order",
    "dispatch.after_state",
    "dispatch.after_webhook",
    "dispatch.after_cancel",
    "dispatch.after_file",
    "dispatch.before_settle",
    "dispatch.after_settle",
    "handover.before_commit",
    "handover.after_commit",
    "poller.before_commit",
    "poller.after_commit",
    "inbox.after_store",
    "inbox.before_commit",
    "inbox.after_commit",
    "puller.before_commit",
    "puller.after_commit",
    "fact.before_commit",
    "fact.after_commit",
    "tallies.before_commit",
    "tallies.after_commit",
    "originals.before_commit",
    "originals.after_commit",
    "alerts.before_commit",
    "alerts.after_commit",
];

struct Armed {
    point: String,
    nth: u64,
    hits: AtomicU64,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Arms one point: `name` or `name:n` (the n-th hit, default 1). An unknown name is refused.
pub fn arm(spec: &str) -> Result<(), String> {
    let (point, nth) = match spec.split_once(':') {
        Some((point, n)) => (point, n.parse().map_err(|_| format!("fault point `{spec}`: `{n}` is not a count"))?),
        None => (spec, 1),
    };
    if !POINTS.contains(&point) {
        return Err(format!("there is no fault point `{point}`; known: {}", POINTS.join(", ")));
    }
    let armed = Armed { point: point.to_owned(), nth, hits: AtomicU64::new(0) };
    ARMED.set(armed).map_err(|_| "a fault point is armed already".to_owned())
}

/// Marks a place of the code as the fault point `point`.
pub fn point(point: &'static str) {
    debug_assert!(POINTS.contains(&point), "{point} is not in POINTS");
    if let Some(armed) = ARMED.get()
        && armed.point == point
        && armed.hits.fetch_add(1, Ordering::SeqCst) + 1 == armed.nth
    {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    }
}
