//! Requests per second of one key (contract 1), and how long to wait after too many.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::Limits;

/// A bucket for each key; there are as many as keys, so nothing has to be swept.
pub(super) struct Rates {
    limiter: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Rates {
    /// From the published limits.
    pub(super) fn new(limits: &Limits) -> Self {
        let at_least_one = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(limits.requests_per_second)).allow_burst(at_least_one(limits.burst));
        Rates { limiter: RateLimiter::keyed(quota), clock: DefaultClock::default() }
    }

    /// Takes one request from the bucket of a key, or tells after how many seconds to come back.
    pub(super) fn take(&self, key_id: &str) -> Result<(), u64> {
        self.limiter.check_key(&key_id.to_owned()).map_err(|early| {
            let wait = early.wait_time_from(self.clock.now());
            wait.as_secs().saturating_add(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_spends_its_burst_waits_and_others_do_not() {
        let limits = Limits {
            body_bytes_max: 1,
            manifest_lines_max: 1,
            facts_max: 1,
            handover_lines_max: 1,
            requests_per_second: 1,
            burst: 3,
        };
        let rates = Rates::new(&limits);
        let answers: Vec<_> = (0..5).map(|_| rates.take("key_a")).collect();
        assert!(answers[..3].iter().all(Result::is_ok) && answers[3..].iter().all(Result::is_err), "{answers:?}");
        assert!(rates.take("key_b").is_ok());
    }
}
