//! Retry is arithmetic: policy, attempt, outcome, Retry-After, jitter and now give *at / ask first / park*.
//!
//! Durable retries only, of rows in the outbox. The schedules are data; `next` is the one place that decides.

use crate::base::time::{DAY_US, HOUR_US, MINUTE_US, SECOND_US, Ts};
use std::time::Duration;

/// A schedule of attempts.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Least wait after the first, second, … attempt; the last one repeats.
    pub steps_us: Vec<i64>,
    /// Attempts in all, the first one included.
    pub attempts_max: u32,
    /// No step leads past this age of the message.
    pub life_us_max: i64,
    /// A longer Retry-After is cut to this.
    pub retry_after_us_max: i64,
    /// Jitter adds at most this share of the step.
    pub jitter_share: f64,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The counterpart took it.
    Done,
    /// The counterpart refused it; repeating the same bytes cannot help.
    Refused {
        /// The counterpart's own code, or `HTTP_<status>`.
        code: String,
    },
    /// It certainly had no effect; worth repeating.
    Retry {
        /// From `Retry-After` of a 429 or 503, and of nothing else.
        retry_after_us: Option<i64>,
    },
    /// It may have had an effect: time-out, reset, empty answer.
    Unknown,
}

/// What to do with the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The row is finished.
    Settle,
    /// Send again at this time.
    At(Ts),
    /// Ask at this time whether the counterpart has it, before repeating (design rule 7).
    AskFirst(Ts),
    /// A person has to look, for this reason.
    Park(&'static str),
}

/// Parked because the counterpart refused.
pub const REFUSED: &str = "REFUSED";
/// Parked because all attempts were used.
pub const ATTEMPTS_EXHAUSTED: &str = "ATTEMPTS_EXHAUSTED";
/// Parked because the message grew too old.
pub const TOO_OLD: &str = "TOO_OLD";

impl Policy {
    /// Our webhooks: first retry 2–5 s later, growing to 12 h, 3 days in all (contract 8).
    pub fn webhook() -> Self {
        let growing = [3 * SECOND_US, 30 * SECOND_US, 5 * MINUTE_US, 30 * MINUTE_US, 2 * HOUR_US, 5 * HOUR_US];
        Policy::of(&growing, 9 * HOUR_US, 1, 12 * HOUR_US, 4, 3 * DAY_US)
    }

    /// Orders and status messages to a counterpart: survives Tết, so at least ten days (anchors 4.2).
    pub fn order() -> Self {
        let minutes = |n: i64| n * MINUTE_US;
        let growing =
            [5 * SECOND_US, 30 * SECOND_US, minutes(2), minutes(10), minutes(30), HOUR_US, 2 * HOUR_US, 4 * HOUR_US];
        Policy::of(&growing, 6 * HOUR_US, 1, 6 * HOUR_US, 39, 12 * DAY_US)
    }

    fn of(growing: &[i64], then_us: i64, then: usize, last_us: i64, last: usize, life_us_max: i64) -> Self {
        let mut steps_us = growing.to_vec();
        steps_us.extend(std::iter::repeat_n(then_us, then));
        steps_us.extend(std::iter::repeat_n(last_us, last));
        let attempts_max = u32::try_from(steps_us.len()).unwrap_or(u32::MAX).saturating_add(1);
        Policy { steps_us, attempts_max, life_us_max, retry_after_us_max: 12 * HOUR_US, jitter_share: 0.1 }
    }

    /// The least wait after attempt number `attempt` (from 1).
    pub fn step_us(&self, attempt: u32) -> Option<i64> {
        let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        self.steps_us.get(index).or(self.steps_us.last()).copied().map(|step| step.max(0))
    }

    /// The longest time from the first attempt to the last, when no counterpart asks for more.
    pub fn worst_case_life_us(&self) -> i64 {
        let waits = (1..self.attempts_max).filter_map(|attempt| self.step_us(attempt));
        let total = waits.fold(0_i64, |sum, step| sum.saturating_add(jittered(step, self.jitter_share, 1.0)));
        total.min(self.life_us_max)
    }
}

fn jittered(step_us: i64, share: f64, jitter: f64) -> i64 {
    let factor = (share * jitter.clamp(0.0, 1.0)).clamp(0.0, 10.0);
    let factor = if factor.is_finite() { factor } else { 0.0 };
    let extra = Duration::from_micros(u64::try_from(step_us).unwrap_or(0)).mul_f64(factor);
    step_us.saturating_add(i64::try_from(extra.as_micros()).unwrap_or(0))
}

/// Decides about a row after attempt number `attempt` (from 1) ended with `outcome` at `now`.
///
/// Jitter (0 to 1) only adds. Retry-After only delays, up to its ceiling, and each attempt counts whatever it
/// says. A message whose next step would lead past its life is parked, never silently dropped.
pub fn next(policy: &Policy, attempt: u32, outcome: &Outcome, first_at: Ts, jitter: f64, now: Ts) -> Next {
    let hint_us = match outcome {
        Outcome::Done => return Next::Settle,
        Outcome::Refused { .. } => return Next::Park(REFUSED),
        Outcome::Retry { retry_after_us } => retry_after_us.unwrap_or(0).min(policy.retry_after_us_max),
        Outcome::Unknown => 0,
    };
    let Some(step_us) = policy.step_us(attempt).filter(|_| attempt < policy.attempts_max) else {
        return Next::Park(ATTEMPTS_EXHAUSTED);
    };
    let wait_us = jittered(step_us, policy.jitter_share, jitter);
    if now.plus_us(wait_us) > first_at.plus_us(policy.life_us_max) {
        return Next::Park(TOO_OLD);
    }
    let due = now.plus_us(wait_us.max(hint_us));
    if *outcome == Outcome::Unknown { Next::AskFirst(due) } else { Next::At(due) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Ts = Ts::from_us(1_795_000_000_000_000);

    fn policies() -> impl Strategy<Value = Policy> {
        let any =
            (
                proptest::collection::vec(0..12 * HOUR_US, 1..20),
                1_u32..60,
                0..15 * DAY_US,
                0..24 * HOUR_US,
                0.0_f64..2.0,
            )
                .prop_map(|(steps_us, attempts_max, life_us_max, retry_after_us_max, jitter_share)| {
                    Policy { steps_us, attempts_max, life_us_max, retry_after_us_max, jitter_share }
                });
        prop_oneof![Just(Policy::webhook()), Just(Policy::order()), any]
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Outcome::Unknown),
            Just(Outcome::Retry { retry_after_us: None }),
            (-DAY_US..400 * DAY_US).prop_map(|us| Outcome::Retry { retry_after_us: Some(us) }),
        ]
    }

    fn due(next: Next) -> Option<Ts> {
        match next {
            Next::At(at) | Next::AskFirst(at) => Some(at),
            Next::Settle | Next::Park(_) => None,
        }
    }

    proptest! {
        /// Convoy #1667: the next attempt lay in the past and nothing ran any more.
        #[test]
        fn never_earlier_than_the_step_and_never_in_the_past(
            policy in policies(), attempt in 0_u32..80, outcome in outcomes(), jitter in 0.0_f64..1.0, age in 0..20 * DAY_US,
        ) {
            let now = START.plus_us(age);
            if let Some(at) = due(next(&policy, attempt, &outcome, START, jitter, now)) {
                let step = policy.step_us(attempt).unwrap();
                prop_assert!(at >= now.plus_us(step));
                let longest = jittered(step, policy.jitter_share, 1.0).max(policy.retry_after_us_max);
                prop_assert!(at <= now.plus_us(longest));
                prop_assert!(at <= START.plus_us(policy.life_us_max + policy.retry_after_us_max));
            }
        }

        /// Convoy #1833: retries without end. Each outcome here fails; the walk always ends in a parked row.
        #[test]
        fn attempts_never_pass_the_limit(policy in policies(), outcomes in proptest::collection::vec(outcomes(), 80), jitter in 0.0_f64..1.0) {
            let (mut now, mut attempts, mut parked) = (START, 0, false);
            for outcome in &outcomes {
                attempts += 1;
                match due(next(&policy, attempts, outcome, START, jitter, now)) {
                    Some(at) => now = at,
                    None => { parked = true; break }
                }
            }
            prop_assert!(parked && attempts <= policy.attempts_max);
        }

        #[test]
        fn retry_after_only_delays(policy in policies(), attempt in 1_u32..60, hint in -DAY_US..400 * DAY_US, jitter in 0.0_f64..1.0, age in 0..15 * DAY_US) {
            let now = START.plus_us(age);
            let plain = next(&policy, attempt, &Outcome::Retry { retry_after_us: None }, START, jitter, now);
            let hinted = next(&policy, attempt, &Outcome::Retry { retry_after_us: Some(hint) }, START, jitter, now);
            match (due(plain), due(hinted)) {
                (Some(plain), Some(hinted)) => {
                    prop_assert!(hinted >= plain);
                    prop_assert!(hinted >= now.plus_us(hint.min(policy.retry_after_us_max)));
                }
                (None, None) => prop_assert_eq!(plain, hinted),
                other => prop_assert!(false, "the hint changed whether there is a next attempt: {:?}", other),
            }
        }

        #[test]
        fn an_unknown_outcome_is_asked_about_and_never_repeated_blindly(policy in policies(), attempt in 1_u32..60, jitter in 0.0_f64..1.0) {
            let after = next(&policy, attempt, &Outcome::Unknown, START, jitter, START);
            prop_assert!(matches!(after, Next::AskFirst(_) | Next::Park(_)));
        }
    }

    #[test]
    fn the_two_schedules_keep_their_promises() {
        let webhook = Policy::webhook();
        let first = |jitter| due(next(&webhook, 1, &Outcome::Unknown, START, jitter, START)).unwrap().us() - START.us();
        assert!(first(0.0) >= 2 * SECOND_US && first(1.0) <= 5 * SECOND_US);
        assert!(webhook.worst_case_life_us() > 2 * DAY_US && webhook.worst_case_life_us() < 3 * DAY_US);
        let order = Policy::order();
        let least: i64 = (1..order.attempts_max).filter_map(|attempt| order.step_us(attempt)).sum();
        assert!(least >= 10 * DAY_US, "a message must survive a long holiday: {least}");
        assert!(order.worst_case_life_us() < order.life_us_max, "the schedule ends by count, not by age");
    }

    #[test]
    fn refused_is_parked_and_done_is_settled() {
        let policy = Policy::order();
        assert_eq!(next(&policy, 1, &Outcome::Done, START, 0.0, START), Next::Settle);
        let refused = Outcome::Refused { code: "HTTP_400".to_owned() };
        assert_eq!(next(&policy, 1, &refused, START, 0.0, START), Next::Park(REFUSED));
    }
}
