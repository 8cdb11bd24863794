//! Periods to choose from: months, quarters, halves and years around today.

use chrono::{Datelike, Months, NaiveDate};
use minijinja::{Value, context};

use crate::report::tables::{Period, shown};
use crate::ui::ask::Lang;

const MONTHS: u32 = 13;
const QUARTERS: u32 = 5;
const HALVES: u32 = 4;
const YEARS: u32 = 3;

/// Groups with their periods, newest first.
pub(super) fn choices(today: NaiveDate, lang: Lang) -> Vec<Value> {
    let groups = [
        (lang.pick("Tháng", "Months"), 1, MONTHS),
        (lang.pick("Quý", "Quarters"), 3, QUARTERS),
        (lang.pick("6 tháng", "Half-years"), 6, HALVES),
        (lang.pick("Năm", "Years"), 12, YEARS),
    ];
    groups
        .into_iter()
        .map(|(name, months, count)| {
            let options: Vec<Value> =
                periods(today, months, count).into_iter().map(|period| option(period, lang)).collect();
            context! { name, options }
        })
        .collect()
}

fn option(period: Period, lang: Lang) -> Value {
    let Period { from, until } = period;
    context! { value => format!("{from}/{until}"), text => shown::period(period, lang) }
}

/// The last periods of so many months, that of today first.
fn periods(today: NaiveDate, months: u32, count: u32) -> Vec<Period> {
    let first_month = today.month0() / months * months + 1;
    let Some(first) = NaiveDate::from_ymd_opt(today.year(), first_month, 1) else { return Vec::new() };
    let back = |steps: u32| {
        let from = first.checked_sub_months(Months::new(steps * months))?;
        Some(Period { from, until: from.checked_add_months(Months::new(months))? })
    };
    (0..count).filter_map(back).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_where_they_should() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        let of = |months, count| -> Vec<String> {
            periods(today, months, count).iter().map(|period| format!("{}/{}", period.from, period.until)).collect()
        };
        assert_eq!(of(1, 2), ["2026-11-01/2026-12-01", "2026-10-01/2026-11-01"]);
        assert_eq!(of(3, 2), ["2026-10-01/2027-01-01", "2026-07-01/2026-10-01"]);
        assert_eq!(of(6, 2), ["2026-07-01/2027-01-01", "2026-01-01/2026-07-01"]);
        assert_eq!(of(12, 2), ["2026-01-01/2027-01-01", "2025-01-01/2026-01-01"]);
    }
}
