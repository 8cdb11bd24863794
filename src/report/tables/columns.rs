//! Heads of several lines as cells with spans, and rows taken apart into plain columns: a share becomes numerator, denominator and rate.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::problem::Language;
use crate::report::numbers::say;
use crate::report::tables::{Holds, Section, Value, shown};

/// One cell of a table's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its words.
    pub text: String,
    /// The first column under it.
    pub column: usize,
    /// How many columns it spans.
    pub columns: usize,
    /// How many lines it spans.
    pub lines: usize,
}

/// The head of a table, line by line: neighbours under one head share its cell, and a head without anything below reaches down.
pub fn heads(paths: &[Vec<String>]) -> Vec<Vec<Head>> {
    let depth = paths.iter().map(Vec::len).max().unwrap_or(0);
    (0..depth)
        .map(|level| {
            let mut line: Vec<Head> = Vec::new();
            let mut before: Option<&[String]> = None;
            for (column, path) in paths.iter().enumerate() {
                let above = path.get(..=level);
                if let (Some(head), true) = (line.last_mut(), above.is_some() && above == before) {
                    head.columns += 1;
                } else if let Some(text) = path.get(level) {
                    let lines = if level + 1 == path.len() { depth - level } else { 1 };
                    line.push(Head { text: text.clone(), column, columns: 1, lines });
                }
                // Two columns of the same name stand beside each other, each with its own head.
                before = above.filter(|_| level + 1 < path.len());
            }
            line
        })
        .collect()
}

/// The heads of a section's columns in the reader's language.
pub fn paths(section: &Section, lang: Language) -> Vec<Vec<String>> {
    let path =
        |column: &crate::report::tables::Column| column.heads.iter().map(|head| head.pick(lang).to_owned()).collect();
    section.columns.iter().map(path).collect()
}

/// A cell for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// Nothing.
    Nothing,
    /// A figure that is not known.
    Unknown,
    /// Words.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Đồng.
    Dong(i64),
    /// The quotient of the two cells before it, as a percentage.
    Rate(i64, i64),
    /// The quotient of the two cells before it.
    Mean(i64, i64),
    /// A date.
    Date(NaiveDate),
    /// A time of day in Vietnam.
    Moment(NaiveDateTime),
}

/// A section as plain columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The heads of each column, from the widest group down.
    pub paths: Vec<Vec<String>>,
    /// What stands in each column.
    pub holds: Vec<Holds>,
    /// Rows; true marks a total.
    pub rows: Vec<(bool, Vec<Plain>)>,
}

/// Takes a section apart.
pub fn table(section: &Section, lang: Language) -> Table {
    let (mut heads, mut holds) = (Vec::new(), Vec::new());
    for (column, path) in section.columns.iter().zip(paths(section, lang)) {
        let below: &[&str] = match column.holds {
            Holds::Share => &[say(lang, "Số", "Number"), say(lang, "Trên tổng", "Of"), say(lang, "Tỷ lệ", "Share")],
            Holds::Days => {
                &[say(lang, "Số ngày", "Days"), say(lang, "Số hồ sơ", "Dossiers"), say(lang, "Bình quân", "Mean")]
            }
            _ => &[],
        };
        if below.is_empty() {
            heads.push(path);
            holds.push(column.holds);
            continue;
        }
        for (at, name) in below.iter().enumerate() {
            heads.push(path.iter().cloned().chain([(*name).to_owned()]).collect());
            holds.push(if at == 2 { column.holds } else { Holds::Count });
        }
    }
    let row = |row: &crate::report::tables::Row| {
        let cells = section.columns.iter().zip(&row.cells);
        let plain = cells.flat_map(|(column, cell)| plain(&cell.value, column.holds, lang)).collect();
        (row.kind == crate::report::tables::RowKind::Total, plain)
    };
    Table { paths: heads, holds, rows: section.rows.iter().map(row).collect() }
}

/// A cell as so many plain ones as its column became.
fn plain(value: &Value, holds: Holds, lang: Language) -> Vec<Plain> {
    let parted = matches!(holds, Holds::Share | Holds::Days);
    let one = match value {
        Value::Share { part, whole } if parted => {
            return vec![Plain::Whole(*part), Plain::Whole(*whole), Plain::Rate(*part, *whole)];
        }
        Value::Days { sum, count } if parted => {
            return vec![Plain::Whole(*sum), Plain::Whole(*count), Plain::Mean(*sum, *count)];
        }
        Value::Whole { number } => Plain::Whole(*number),
        Value::Dong { dong } => Plain::Dong(*dong),
        Value::Date { date } => Plain::Date(*date),
        Value::Moment { at } => Plain::Moment(at.to_vietnam()),
        Value::Unknown => Plain::Unknown,
        Value::Blank => Plain::Nothing,
        Value::Text { .. } | Value::Said(_) | Value::Share { .. } | Value::Days { .. } => {
            Plain::Text(shown::cell(value, lang))
        }
    };
    if parted { vec![one.clone(), one.clone(), one] } else { vec![one] }
}
