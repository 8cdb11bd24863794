//! Waiting: on a condition, with a bound.

use std::time::{Duration, Instant};

/// How long a look waits for the next one.
const PAUSE: Duration = Duration::from_millis(10);

/// Looks until there is something, at most this long.
pub fn until<T>(what: &str, bound: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < bound, "not within {bound:?}: {what}");
        std::thread::park_timeout(PAUSE);
    }
}
