//! A report as a value: what it is, of which period and scope, as of when, and its tables with typed cells.
//!
//! Definitions make it, a cut stores it, and each format is written from what was stored. Numbers are whole numbers here and are spelled
//! by the renderers; a share is its numerator and its denominator, and nothing else.

pub mod columns;
pub mod csv;
pub mod json;
pub mod pdf;
pub mod printed;
pub mod shown;
mod spelled;
pub mod xlsx;

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::time::Ts;
use crate::domain::problem::Language;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Said {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Said {
    /// The two texts.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Said { vi: vi.into(), en: en.into() }
    }

    /// A name, the same in both languages.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Said { vi: text.clone(), en: text }
    }

    /// In the reader's language.
    pub fn pick(&self, lang: Language) -> &str {
        lang.pick(&self.vi, &self.en)
    }
}

/// Days from the first up to, and without, the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    #[serde(with = "spelled::day")]
    pub from: NaiveDate,
    /// The day after the last.
    #[serde(with = "spelled::day")]
    pub until: NaiveDate,
}

impl Period {
    /// The last day.
    pub fn last(self) -> NaiveDate {
        self.until.pred_opt().unwrap_or(self.until)
    }
}

/// Whose papers a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// Code of the agency; every agency without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agency_code: Option<String>,
    /// Code of the post office; every office without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub post_office_code: Option<String>,
    /// In words.
    pub name: Said,
}

/// Who issues a report, for its head.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Letterhead {
    /// The body above.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub superior: Option<String>,
    /// The body that issues it.
    pub issuer: String,
    /// The place before the date.
    pub place: String,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Id of its definition.
    pub definition: String,
    /// Version of the definition.
    pub version: u32,
    /// Title.
    pub title: Said,
    /// Where the law asks for it.
    pub basis: String,
    /// Of which days.
    pub period: Period,
    /// Of whose papers.
    pub scope: Scope,
    /// What was known when it was made.
    #[serde(with = "spelled::instant")]
    pub as_of: Ts,
    /// Versions of the working calendar that were loaded then.
    pub calendar: Vec<String>,
    /// The day before which it is due, where the law names one.
    #[serde(with = "spelled::day_or_none", skip_serializing_if = "Option::is_none", default)]
    pub due_before: Option<NaiveDate>,
    /// Who issues it.
    pub letterhead: Letterhead,
    /// Its tables.
    pub sections: Vec<Section>,
    /// What must add up, and whether it does.
    pub checks: Vec<Check>,
    /// What the reader has to know.
    pub notes: Vec<Said>,
    /// Who signs it, from left to right.
    pub signatures: Vec<Said>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its name in addresses.
    pub id: String,
    /// Title.
    pub title: Said,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, each with one cell per column.
    pub rows: Vec<Row>,
    /// The share column that is worth a drawing: its place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub plot: Option<usize>,
}

/// What stands in the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Words.
    Text,
    /// A number that people compare letter by letter.
    Code,
    /// Whole numbers.
    Count,
    /// Đồng.
    Dong,
    /// Shares.
    Share,
    /// Days on average.
    Days,
    /// Dates and instants.
    Time,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its heads, from the widest group down.
    pub heads: Vec<Said>,
    /// What stands in it.
    pub holds: Holds,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// One thing.
    Plain,
    /// The sum of the others.
    Total,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// A cell, and the legs behind its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// What stands in it.
    pub value: Value,
    /// Which legs make it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub behind: Option<Behind>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Value {
    /// A name or a code, as it is.
    Text {
        /// The text.
        text: String,
    },
    /// Words of ours.
    Said(Said),
    /// So many.
    Whole {
        /// The number.
        number: i64,
    },
    /// Money.
    Dong {
        /// Đồng.
        dong: i64,
    },
    /// A share; over zero there is none.
    Share {
        /// Numerator.
        part: i64,
        /// Denominator.
        whole: i64,
    },
    /// Working days on average; of nothing there is none.
    Days {
        /// Days of all together.
        sum: i64,
        /// How many.
        count: i64,
    },
    /// A date.
    Date {
        /// The day.
        #[serde(with = "spelled::day")]
        date: NaiveDate,
    },
    /// An instant.
    Moment {
        /// When.
        #[serde(with = "spelled::instant")]
        at: Ts,
    },
    /// A figure that nobody has told: not zero.
    Unknown,
    /// Nothing belongs here.
    Blank,
}

/// Which legs are behind a number: those that contribute to a measure, narrowed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Behind {
    /// The word of the measure.
    pub measure: String,
    /// Of this agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency: Option<String>,
    /// Of this procedure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
    /// Of this post office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Of this kind of leg.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// With this cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// One leg alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg: Option<String>,
}

/// What must add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What is held against what.
    pub name: Said,
    /// The one side; none where a figure is not known.
    pub left: Option<i64>,
    /// The other.
    pub right: Option<i64>,
    /// Whether it holds; none where it cannot be told.
    pub holds: Option<bool>,
}

impl Check {
    /// Two numbers that must be equal.
    pub fn equal(name: Said, left: Option<i64>, right: Option<i64>) -> Self {
        let holds = left.zip(right).map(|(left, right)| left == right);
        Check { name, left, right, holds }
    }

    /// A number that must not be greater than another.
    pub fn at_most(name: Said, left: Option<i64>, right: Option<i64>) -> Self {
        let holds = left.zip(right).map(|(left, right)| left <= right);
        Check { name, left, right, holds }
    }
}

impl Cell {
    /// A cell without legs behind it.
    pub fn of(value: Value) -> Self {
        Cell { value, behind: None }
    }

    /// A name or a code.
    pub fn text(text: impl Into<String>) -> Self {
        Cell::of(Value::Text { text: text.into() })
    }

    /// Words of ours.
    pub fn said(vi: &str, en: &str) -> Self {
        Cell::of(Value::Said(Said::new(vi, en)))
    }

    /// So many.
    pub fn count(number: i64) -> Self {
        Cell::of(Value::Whole { number })
    }

    /// So many, where anybody told.
    pub fn told(number: Option<i64>) -> Self {
        Cell::of(number.map_or(Value::Unknown, |number| Value::Whole { number }))
    }

    /// Money.
    pub fn dong(dong: i64) -> Self {
        Cell::of(Value::Dong { dong })
    }

    /// A share.
    pub fn share(part: i64, whole: i64) -> Self {
        Cell::of(Value::Share { part, whole })
    }

    /// A share whose two numbers may not be known.
    pub fn share_told(part: Option<i64>, whole: Option<i64>) -> Self {
        Cell::of(part.zip(whole).map_or(Value::Unknown, |(part, whole)| Value::Share { part, whole }))
    }

    /// Nothing.
    pub fn blank() -> Self {
        Cell::of(Value::Blank)
    }

    /// With the legs behind it.
    pub fn behind(self, behind: Behind) -> Self {
        Cell { behind: Some(behind), ..self }
    }
}

impl Column {
    /// A column with these heads, from the widest group down.
    pub fn new(holds: Holds, heads: &[(&str, &str)]) -> Self {
        Column { heads: heads.iter().map(|(vi, en)| Said::new(*vi, *en)).collect(), holds }
    }
}

impl Row {
    /// One thing.
    pub fn plain(cells: Vec<Cell>) -> Self {
        Row { kind: RowKind::Plain, cells }
    }

    /// The sum of the others.
    pub fn total(cells: Vec<Cell>) -> Self {
        Row { kind: RowKind::Total, cells }
    }
}

impl Report {
    /// Whether a figure is missing somewhere, so that the note about it has to stand.
    pub fn has_unknown(&self) -> bool {
        let cells = self.sections.iter().flat_map(|section| &section.rows).flat_map(|row| &row.cells);
        cells.into_iter().any(|cell| cell.value == Value::Unknown)
    }
}
