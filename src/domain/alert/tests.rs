//! What opens and clears, what is normal, and that days off are no silence.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::base::time::{DAY_US, HOUR_US, MINUTE_US, Ts};
use crate::domain::calendar::POST;
use crate::domain::calendar::sample::{calendar, ts};

fn at(text: &str) -> i64 {
    ts(text).us()
}

/// A word at nine and one at three on every working day before an instant.
fn twice_a_day(until: &str, days: i64) -> BTreeMap<i64, i64> {
    let calendar = calendar();
    let until = at(until);
    let nine = until.div_euclid(DAY_US) * DAY_US + 2 * HOUR_US;
    let works = |us: &i64| calendar.days_of(POST).is_working(Ts::from_us(*us).to_vietnam().date()).unwrap();
    let mornings = (0..days).map(|back| nine - back * DAY_US).filter(works);
    mornings.flat_map(|us| [us, us + 6 * HOUR_US]).filter(|us| *us < until).map(|us| (quarter_of(us), 10)).collect()
}

fn evidence(value: i64, limit: i64) -> Evidence {
    Evidence { value, limit, ..Evidence::default() }
}

fn measure(kind: Kind, subject: &str, known: Result<Evidence, Unknown>) -> Measure {
    Measure { kind, subject: subject.to_owned(), known }
}

fn opened(kind: Kind, subject: &str) -> Open {
    Open { id: format!("{kind}-{subject}"), kind, subject: subject.to_owned() }
}

#[test]
fn every_kind_has_its_row_in_order() {
    assert_eq!(TABLE.iter().map(|row| row.kind).collect::<Vec<_>>(), Kind::ALL);
    for row in TABLE {
        assert_eq!(row.kind.row().called, row.called);
        assert!((1..=100).contains(&row.clears_percent), "{}", row.kind);
        for (vi, en) in [row.called, row.rule, row.next] {
            assert!(!vi.is_empty() && !en.is_empty() && vi != en, "{}", row.kind);
        }
    }
}

#[test]
fn it_opens_at_its_limit_and_clears_below_a_lower_one() {
    let open = [opened(Kind::RateSpike, "a")];
    let at_value = |value| decide(&open, &[measure(Kind::RateSpike, "a", Ok(evidence(value, 300)))]);
    assert!(matches!(at_value(300)[..], [Change::Keep(..)]));
    assert!(matches!(at_value(201)[..], [Change::Keep(..)]), "between the two it stays");
    assert!(matches!(at_value(200)[..], [Change::Clear(_)]));
    let fresh = |value| decide(&[], &[measure(Kind::RateSpike, "a", Ok(evidence(value, 300)))]);
    assert!(fresh(299).is_empty(), "and between the two nothing opens");
    assert!(matches!(fresh(300)[..], [Change::Open(Kind::RateSpike, ..)]));
}

#[test]
fn the_unknown_opens_nothing_and_clears_nothing() {
    let unknown = [measure(Kind::Silence, "a:FACTS", Err(Unknown::LittleHistory))];
    assert!(decide(&[], &unknown).is_empty());
    let kept = decide(&[opened(Kind::Silence, "a:FACTS")], &unknown);
    assert_eq!(kept, [Change::Keep("SILENCE-a:FACTS".to_owned(), None)]);
    assert!(matches!(decide(&[opened(Kind::MessageParked, "a")], &[])[..], [Change::Clear(_)]), "nothing parked");
}

#[test]
fn what_is_normal_comes_from_the_usual_weeks() {
    let calendar = calendar();
    let days = calendar.days_of(POST);
    let until = "2026-10-30T18:00:00";
    let heard = twice_a_day(until, 28);
    let usual = learn(&heard, at(until), &days).unwrap();
    assert_eq!(usual.p99, Some(10));
    let gap = usual.gap_us.unwrap();
    assert!((2 * HOUR_US..8 * HOUR_US).contains(&gap), "{gap}");
    // A week in which nothing came for two days changes nothing: the other weeks are the usual ones.
    let stood = at("2026-10-20T00:00:00")..at("2026-10-22T00:00:00");
    let with_hole: BTreeMap<i64, i64> =
        heard.iter().filter(|(us, _)| !stood.contains(us)).map(|(us, n)| (*us, *n)).collect();
    assert_eq!(learn(&with_hole, at(until), &days).unwrap().gap_us, Some(gap));
}

#[test]
fn too_little_history_is_no_history() {
    let calendar = calendar();
    let days = calendar.days_of(POST);
    let until = "2026-10-30T18:00:00";
    assert_eq!(learn(&BTreeMap::new(), at(until), &days).unwrap(), Norm::default());
    assert_eq!(learn(&twice_a_day(until, 7), at(until), &days).unwrap(), Norm::default(), "a week is too short");
    let few: BTreeMap<i64, i64> = twice_a_day(until, 28).into_iter().step_by(9).collect();
    assert_eq!(learn(&few, at(until), &days).unwrap(), Norm::default(), "five words are too few");
}

#[test]
fn tet_and_a_sunday_are_no_working_time() {
    let calendar = calendar();
    let days = calendar.days_of(POST);
    let worked = |from: &str, to: &str| days.worked_us(Ts::from_us(at(from)), Ts::from_us(at(to))).unwrap();
    assert_eq!(worked("2026-02-13T18:00:00", "2026-02-23T07:00:00"), 0, "Tết Bính Ngọ, with the days around it");
    assert_eq!(worked("2026-11-22T00:00:00", "2026-11-23T00:00:00"), 0, "a Sunday");
}

proptest! {
    /// However measures move, an alert is open once, opens only at its limit, and never clears at or above it.
    #[test]
    fn alerts_do_not_flap_between_their_limits(values in proptest::collection::vec(0_i64..2_000, 1..60), limit in 1_i64..1_000) {
        for row in TABLE {
            let mut open: Vec<Open> = Vec::new();
            for value in &values {
                let changes = decide(&open, &[measure(row.kind, "s", Ok(evidence(*value, limit)))]);
                prop_assert!(changes.len() <= 1);
                match changes.first() {
                    Some(Change::Open(kind, subject, _)) => {
                        prop_assert!(open.is_empty() && *value >= limit);
                        open.push(opened(*kind, subject));
                    }
                    Some(Change::Clear(_)) => {
                        prop_assert!(*value < limit && *value * 100 < limit * row.clears_percent);
                        open.clear();
                    }
                    Some(Change::Keep(..)) => prop_assert!(*value * 100 >= limit * row.clears_percent),
                    None => prop_assert!(open.is_empty() && *value < limit),
                }
            }
        }
    }

    /// A gap never grows by the hours in which nobody works, and what is learnt is never longer than the longest gap.
    #[test]
    fn gaps_are_working_time(starts in proptest::collection::btree_set(0_i64..2_600, 8..80)) {
        let calendar = calendar();
        let days = calendar.days_of(POST);
        let from = quarter_of(at("2026-10-01T00:00:00"));
        let until = from + 27 * DAY_US + 2 * HOUR_US;
        let heard: BTreeMap<i64, i64> = starts.iter().map(|n| (from + n * QUARTER_US, 1 + n % 7)).collect();
        let norm = learn(&heard, until, &days).unwrap();
        let times: Vec<i64> = heard.keys().copied().collect();
        let gaps = times.windows(2).map(|pair| {
            days.worked_us(Ts::from_us(pair[0] + QUARTER_US), Ts::from_us(pair[1])).unwrap()
        });
        let longest = gaps.max().unwrap();
        prop_assert!(norm.gap_us.is_none_or(|gap| gap <= longest));
        prop_assert!(norm.p99.is_none_or(|p99| (1..=7).contains(&p99)));
        let passed = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        prop_assert!(longest <= passed);
    }

    /// A floor holds whatever is normal.
    #[test]
    fn a_floor_holds(amount in 0_i64..i64::MAX, percent in 100_i64..1_000, floor in 0_i64..1_000_000) {
        let limit = percent_of(amount, percent, floor);
        prop_assert!(limit >= floor && limit >= amount.min(i64::MAX / 10));
        prop_assert_eq!(percent_of(0, percent, floor), floor);
    }
}

#[test]
fn a_quarter_begins_on_the_quarter() {
    assert_eq!(quarter_of(at("2026-11-22T10:14:59")), at("2026-11-22T10:00:00"));
    assert_eq!(quarter_of(at("2026-11-22T10:15:00")), at("2026-11-22T10:00:00") + 15 * MINUTE_US);
}
