//! One loop: rounds, woken by a timer and by a nudge. A round that panics or fails is logged, and the next one starts afresh.

use std::future::Future;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::app::AppError;
use crate::work::Desk;

/// After a nudge, so that a burst of small commits wakes a loop once and not as often as it commits.
const BREATH: Duration = Duration::from_millis(10);

/// What a loop listens to.
pub(super) struct Signals {
    pub(super) stopping: watch::Receiver<bool>,
    /// None for a loop that its timer alone wakes.
    pub(super) rings: Option<watch::Receiver<u64>>,
}

impl Signals {
    pub(super) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// A nudge until now is answered by the round that begins; one during it wakes the next.
    pub(super) fn heard(&mut self) {
        if let Some(rings) = &mut self.rings {
            rings.mark_unchanged();
        }
    }

    /// Waits for the timer, a nudge or the end.
    pub(super) async fn wait(&mut self, every: Duration) {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = rung(&mut self.rings) => tokio::time::sleep(BREATH).await,
            _ = self.stopping.changed() => {}
        }
    }
}

async fn rung(rings: &mut Option<watch::Receiver<u64>>) {
    // A bell that is gone rings no more, and none never does.
    let gone = match rings {
        Some(rings) => rings.changed().await.is_err(),
        None => true,
    };
    if gone {
        std::future::pending::<()>().await;
    }
}

/// What a round says: whether there is more to do at once.
pub(super) type Round = Result<bool, AppError>;

/// Runs rounds until the end.
pub(super) async fn run<F, Fut>(name: &'static str, every: Duration, mut signals: Signals, desk: Desk, round: F)
where
    F: Fn(Desk) -> Fut,
    Fut: Future<Output = Round> + Send + 'static,
{
    while !signals.is_stopping() {
        signals.heard();
        let more = match tokio::spawn(round(desk.clone())).await {
            Ok(Ok(more)) => more,
            Ok(Err(error)) => {
                tracing::warn!(loop_name = name, %error, "a round did not finish; the next one goes on");
                false
            }
            Err(panic) => {
                tracing::error!(loop_name = name, %panic, "a round panicked; the next one starts afresh");
                false
            }
        };
        if !more {
            signals.wait(every).await;
        }
    }
}

/// A round that derives what nobody waits for is followed by twice its own time of rest, and by so much at most, so that it never takes
/// the processor from those who write facts.
const REST_TIMES: u32 = 2;
const REST_MAX: Duration = Duration::from_millis(250);

pub(super) async fn rest_since(began: Instant) {
    tokio::time::sleep((began.elapsed() * REST_TIMES).min(REST_MAX)).await;
}

/// Runs blocking work of the store off the runtime's threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(AppError::Internal(error.to_string())),
    }
}
