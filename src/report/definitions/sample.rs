//! A compliance sample in the manner of the postal union: a few random days, everything that was declared on them, which rule was broken
//! how often and by which sender, the first ten examples, the trend. The seed is printed, so that anybody can draw the same days again.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::figures::Need;
use super::{Material, Parts};
use crate::base::digest::sha256_hex;
use crate::domain::discrepancy::Kind;
use crate::domain::problem::Language;
use crate::report::kinds;
use crate::report::tables::{Behind, Cell, Column, Holds, Row, Said, Section, Value};

pub(super) const NEEDS: &[Need] = &[];

/// Examples that are shown.
const EXAMPLES: usize = 10;

/// What was declared on a day by a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// The day.
    pub day: NaiveDate,
    /// The counterpart that declared it.
    pub sender: String,
    /// Legs.
    pub legs: i64,
}

/// A leg of the sample and a rule that was broken with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The word of the kind of discrepancy.
    pub kind: String,
    /// The leg.
    pub leg_id: String,
    /// Its dossier number, or that of its note.
    pub number: String,
    /// The day on which it was declared.
    pub day: NaiveDate,
    /// The counterpart that declared it.
    pub sender: String,
}

/// What was drawn and found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What the days were drawn with.
    pub seed: String,
    /// The days, in order.
    pub days: Vec<NaiveDate>,
    /// What was declared on them.
    pub population: Vec<Population>,
    /// What was wrong with it, each leg once per rule, in order of day and leg.
    pub breaches: Vec<Breach>,
}

/// So many of these days, drawn with a seed: each day has a number that the seed gives it, and the lowest win. All of them, when there are
/// no more.
pub fn days(seed: &str, from: &[NaiveDate], count: usize) -> Vec<NaiveDate> {
    let mut drawn: Vec<(String, NaiveDate)> =
        from.iter().map(|day| (sha256_hex(format!("{seed}\n{day}").as_bytes()), *day)).collect();
    drawn.sort();
    let mut days: Vec<NaiveDate> = drawn.into_iter().take(count).map(|(_, day)| day).collect();
    days.sort();
    days
}

pub(super) fn build(material: &Material) -> Parts {
    let Some(sample) = &material.sample else { return Parts::default() };
    let drawn: Vec<String> = sample.days.iter().map(|day| crate::report::numbers::date(*day)).collect();
    let (drawn, seed) = (drawn.join(", "), sample.seed.as_str());
    Parts {
        sections: vec![rules(sample), senders(sample), trend(sample), examples(sample)],
        notes: vec![
            Said::new(
                format!("Ngày được chọn: {drawn}. Số khởi tạo để chọn ngày: {seed}."),
                format!("Days drawn: {drawn}. Seed of the draw: {seed}."),
            ),
            Said::new(
                "Rút thăm trong các ngày có hồ sơ được khai; mẫu số là mọi hồ sơ khai trong ngày được rút; một hồ sơ tính một lần cho mỗi quy tắc.",
                "Drawn among the days on which anything was declared; the denominator is everything declared on the days drawn; a dossier counts once for each rule.",
            ),
        ],
        ..Parts::default()
    }
}

fn checked(sample: &Sample, which: impl Fn(&Population) -> bool) -> i64 {
    sample.population.iter().filter(|one| which(one)).map(|one| one.legs).sum()
}

/// Legs with at least one breach.
fn broken<'s>(breaches: impl Iterator<Item = &'s Breach>) -> i64 {
    let legs: std::collections::BTreeSet<&str> = breaches.map(|breach| breach.leg_id.as_str()).collect();
    i64::try_from(legs.len()).unwrap_or(i64::MAX)
}

fn called(word: &str) -> Cell {
    match Kind::parse(word) {
        Some(kind) => Cell::said(kinds::called(kind, Language::Vi), kinds::called(kind, Language::En)),
        None => Cell::text(word),
    }
}

/// Of where a rule stands, what people can look up: the law, the postal union, and the custody rules C1 to C15.
fn law_of(rule: &str) -> String {
    let is_law = |part: &&str| {
        let custody = part.strip_prefix('C').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        custody || ["QĐ ", "NĐ ", "TT ", "UPU "].iter().any(|source| part.starts_with(source))
    };
    let parts = rule.split([';', ',']).map(str::trim).filter(is_law);
    parts.collect::<Vec<_>>().join(", ")
}

fn rules(sample: &Sample) -> Section {
    let whole = checked(sample, |_| true);
    let mut of: BTreeMap<&str, i64> = BTreeMap::new();
    for breach in &sample.breaches {
        *of.entry(breach.kind.as_str()).or_default() += 1;
    }
    let rule = |word: &str| Kind::parse(word).map_or_else(String::new, |kind| law_of(kind.entry().rule));
    let line = |(kind, legs): (&&str, &i64)| {
        Row::plain(vec![Cell::text(*kind), called(kind), Cell::text(rule(kind)), Cell::share(*legs, whole)])
    };
    let mut rows: Vec<Row> = of.iter().map(line).collect();
    let any = broken(sample.breaches.iter());
    let name = Cell::said("Có ít nhất một vi phạm", "At least one rule broken");
    rows.push(Row::total(vec![Cell::blank(), name, Cell::blank(), Cell::share(any, whole)]));
    Section {
        id: "rules".to_owned(),
        title: Said::new("Quy tắc bị vi phạm", "Rules broken"),
        columns: vec![
            Column::new(Holds::Code, &[("Mã", "Code")]),
            Column::new(Holds::Text, &[("Quy tắc", "Rule")]),
            Column::new(Holds::Text, &[("Căn cứ", "Basis")]),
            Column::new(Holds::Share, &[("Hồ sơ vi phạm", "Dossiers that break it")]),
        ],
        rows,
        plot: Some(3),
    }
}

fn senders(sample: &Sample) -> Section {
    let senders: std::collections::BTreeSet<&str> = sample.population.iter().map(|one| one.sender.as_str()).collect();
    let line = |sender: &str| {
        let bad = broken(sample.breaches.iter().filter(|breach| breach.sender == sender));
        Row::plain(vec![Cell::text(sender), Cell::share(bad, checked(sample, |one| one.sender == sender))])
    };
    Section {
        id: "senders".to_owned(),
        title: Said::new("Theo bên khai", "By sender"),
        columns: vec![
            Column::new(Holds::Text, &[("Bên khai", "Sender")]),
            Column::new(Holds::Share, &[("Hồ sơ có vi phạm", "Dossiers with a breach")]),
        ],
        rows: senders.into_iter().map(line).collect(),
        plot: None,
    }
}

fn trend(sample: &Sample) -> Section {
    let line = |day: &NaiveDate| {
        let bad = broken(sample.breaches.iter().filter(|breach| breach.day == *day));
        let whole = checked(sample, |one| one.day == *day);
        Row::plain(vec![Cell::of(Value::Date { date: *day }), Cell::share(bad, whole)])
    };
    Section {
        id: "trend".to_owned(),
        title: Said::new("Xu hướng qua các ngày mẫu", "Trend over the days drawn"),
        columns: vec![
            Column::new(Holds::Time, &[("Ngày", "Day")]),
            Column::new(Holds::Share, &[("Hồ sơ có vi phạm", "Dossiers with a breach")]),
        ],
        rows: sample.days.iter().map(line).collect(),
        plot: Some(1),
    }
}

fn examples(sample: &Sample) -> Section {
    let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows = Vec::new();
    for breach in &sample.breaches {
        let so_far = shown.entry(breach.kind.as_str()).or_default();
        if *so_far >= EXAMPLES {
            continue;
        }
        *so_far += 1;
        let behind = Behind { leg: Some(breach.leg_id.clone()), ..Behind::default() };
        rows.push(Row::plain(vec![
            called(&breach.kind),
            Cell::text(breach.number.as_str()).behind(behind),
            Cell::of(Value::Date { date: breach.day }),
            Cell::text(breach.sender.as_str()),
        ]));
    }
    Section {
        id: "examples".to_owned(),
        title: Said::new("Mười ví dụ đầu của mỗi quy tắc", "The first ten examples of each rule"),
        columns: vec![
            Column::new(Holds::Text, &[("Quy tắc", "Rule")]),
            Column::new(Holds::Code, &[("Hồ sơ", "Dossier")]),
            Column::new(Holds::Time, &[("Ngày khai", "Declared on")]),
            Column::new(Holds::Text, &[("Bên khai", "Sender")]),
        ],
        rows,
        plot: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_the_law_alone() {
        assert_eq!(law_of("C3; also ITEM_COUNT_MISMATCH of wire-formats 9.4"), "C3");
        assert_eq!(law_of("domain 9.4, UPU S10"), "UPU S10");
        assert_eq!(law_of("C6, TT 17 Đ5 k2d"), "C6, TT 17 Đ5 k2d");
        assert_eq!(law_of("contract 6.1; wire-formats 9.4"), "");
    }
}
