//! What is normal of a counterpart, learnt from its own last weeks: how long it leaves between two words, and how much it says at most.

use std::collections::BTreeMap;

use crate::base::time::{DAY_US, MINUTE_US, Ts};
use crate::domain::calendar::{Gap, WorkingDays};

/// What is counted together: a quarter of an hour.
pub const QUARTER_US: i64 = 15 * MINUTE_US;
/// Weeks that are learnt from.
pub const WEEKS: i64 = 4;

const WEEK_US: i64 = 7 * DAY_US;
/// Fewer quarters with a word say nothing about what is normal.
const QUARTERS_MIN: usize = 8;
/// Nor does a shorter time between the first and the last.
const SPAN_MIN_US: i64 = 10 * DAY_US;

/// The first instant of the quarter that an instant lies in.
pub fn quarter_of(at_us: i64) -> i64 {
    at_us.div_euclid(QUARTER_US) * QUARTER_US
}

/// What is normal of one way of one counterpart; nothing where it was not heard for long enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Norm {
    /// The longest gap of its usual weeks, in working time.
    pub gap_us: Option<i64>,
    /// What 99 of 100 of its quarters with a word stay within.
    pub p99: Option<i64>,
}

/// Learns from the quarters with a word, by their first instants, up to an instant.
pub fn learn(heard: &BTreeMap<i64, i64>, until_us: i64, days: &WorkingDays<'_>) -> Result<Norm, Gap> {
    let from_us = until_us.saturating_sub(WEEKS * WEEK_US);
    let heard: Vec<(i64, i64)> = heard.range(from_us..until_us).map(|(at, amount)| (*at, *amount)).collect();
    let (Some((first, _)), Some((last, _))) = (heard.first(), heard.last()) else { return Ok(Norm::default()) };
    if heard.len() < QUARTERS_MIN || last - first < SPAN_MIN_US {
        return Ok(Norm::default());
    }
    Ok(Norm { gap_us: usual_gap(&heard, until_us, days)?, p99: p99(&heard) })
}

/// Of the longest gaps of each week the second longest: a week in which something stood still does not become what is normal.
fn usual_gap(heard: &[(i64, i64)], until_us: i64, days: &WorkingDays<'_>) -> Result<Option<i64>, Gap> {
    let mut longest: BTreeMap<i64, i64> = BTreeMap::new();
    for pair in heard.windows(2) {
        let [(before, _), (after, _)] = pair else { continue };
        let gap = days.worked_us(Ts::from_us(before.saturating_add(QUARTER_US)), Ts::from_us(*after))?;
        let week = longest.entry((until_us - after) / WEEK_US).or_default();
        *week = gap.max(*week);
    }
    let mut weeks: Vec<i64> = longest.into_values().collect();
    weeks.sort_unstable_by(|a, b| b.cmp(a));
    Ok(weeks.get(1).copied())
}

/// By nearest rank, over the quarters in which anything was said: nights would make everything a spike.
fn p99(heard: &[(i64, i64)]) -> Option<i64> {
    let mut amounts: Vec<i64> = heard.iter().map(|(_, amount)| *amount).collect();
    amounts.sort_unstable();
    let rank = (amounts.len() * 99).div_ceil(100);
    amounts.get(rank.saturating_sub(1)).copied()
}
