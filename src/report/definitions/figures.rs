//! Sums as definitions read them: grouped by what their rows are, and turned into cells that know the legs behind them.

use std::collections::BTreeMap;

use crate::domain::leg::words;
use crate::domain::tally::Measure;
use crate::report::tables::{Behind, Cell};

words! {
    /// What sums are grouped by.
    Key {
        /// Code of the agency.
        Agency = "AGENCY",
        /// Code of the procedure.
        Procedure = "PROCEDURE",
        /// Code of the post office.
        Office = "OFFICE",
        /// Kind of leg.
        Kind = "KIND",
        /// Cause of a failed attempt.
        Cause = "CAUSE",
        /// Month, `2026-11`.
        Month = "MONTH",
    }
}

/// Sums that a definition needs.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// Grouped by these.
    pub by: &'static [Key],
    /// Of these measures.
    pub measures: &'static [Measure],
}

/// One sum; a key that was not asked for is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The keys, in the order of [`Key::ALL`].
    pub keys: BTreeMap<Key, String>,
    /// What is counted.
    pub measure: Measure,
    /// Legs.
    pub legs: i64,
    /// Đồng, days or papers.
    pub amount: i64,
}

impl Count {
    /// The value of a key.
    pub fn key(&self, key: Key) -> &str {
        self.keys.get(&key).map_or("", String::as_str)
    }
}

/// How much the post holds when the cut is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Of this agency.
    pub agency: String,
    /// Of this procedure.
    pub procedure: String,
    /// At this post office.
    pub office: String,
    /// Of this kind.
    pub kind: String,
    /// Legs.
    pub legs: i64,
}

/// A place with its name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// Name.
    pub name: String,
    /// `CENTRAL`, `DEPARTMENT`, `DISTRICT`, `COMMUNE`; empty where nobody said.
    pub level: String,
}

/// Names by code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Agencies.
    pub agencies: BTreeMap<String, Place>,
    /// Post offices.
    pub offices: BTreeMap<String, Place>,
    /// Procedures.
    pub procedures: BTreeMap<String, String>,
}

impl Names {
    /// The name of an agency; its code where nobody said more.
    pub fn agency<'a>(&'a self, code: &'a str) -> &'a str {
        self.agencies.get(code).map_or(code, |place| place.name.as_str())
    }

    /// The name of a post office.
    pub fn office<'a>(&'a self, code: &'a str) -> &'a str {
        self.offices.get(code).map_or(code, |place| place.name.as_str())
    }

    /// The name of a procedure.
    pub fn procedure<'a>(&'a self, code: &'a str) -> &'a str {
        self.procedures.get(code).map_or(code, String::as_str)
    }
}

/// The sums of one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sums {
    of: BTreeMap<Measure, (i64, i64)>,
}

impl Sums {
    /// Legs that contribute to a measure.
    pub(super) fn legs(&self, measure: Measure) -> i64 {
        self.of.get(&measure).map_or(0, |(legs, _)| *legs)
    }

    /// The amount of a measure.
    pub(super) fn amount(&self, measure: Measure) -> i64 {
        self.of.get(&measure).map_or(0, |(_, amount)| *amount)
    }

    pub(super) fn add(&mut self, count: &Count) {
        let sum = self.of.entry(count.measure).or_default();
        sum.0 = sum.0.saturating_add(count.legs);
        sum.1 = sum.1.saturating_add(count.amount);
    }

    /// A cell of legs, with the legs behind it.
    pub(super) fn cell(&self, measure: Measure, row: &Behind) -> Cell {
        let behind = Behind { measure: measure.as_str().to_owned(), ..row.clone() };
        match self.legs(measure) {
            0 => Cell::count(0),
            legs => Cell::count(legs).behind(behind),
        }
    }

    /// A cell of đồng, with the legs behind it.
    pub(super) fn dong(&self, measure: Measure, row: &Behind) -> Cell {
        let cell = Cell::dong(self.amount(measure));
        if self.legs(measure) == 0 {
            return cell;
        }
        cell.behind(Behind { measure: measure.as_str().to_owned(), ..row.clone() })
    }
}

/// The sums by a key, in its order.
pub(super) fn by(counts: &[Count], key: Key) -> BTreeMap<&str, Sums> {
    let mut rows: BTreeMap<&str, Sums> = BTreeMap::new();
    for count in counts {
        rows.entry(count.key(key)).or_default().add(count);
    }
    rows
}

/// Everything together.
pub(super) fn all(counts: &[Count]) -> Sums {
    let mut sums = Sums::default();
    counts.iter().for_each(|count| sums.add(count));
    sums
}
