//! One statement for any number of rows, on PostgreSQL: each column is one array of `unnest`, so that the text is always the same and
//! its plan is kept.
//!
//! A text with a parameter for each value is another one for each number of rows: it is read and planned anew each time, which costs
//! more than its rows do. `rows` says of each kind of row which columns it has.

mod rows;

use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Nullable, Text};

use crate::store::error::StoreError;

/// The cells of a column, a row each.
pub(super) enum Column<'a> {
    Text(Vec<&'a str>),
    TextOrNone(Vec<Option<&'a str>>),
    Number(Vec<i64>),
    NumberOrNone(Vec<Option<i64>>),
}

impl Column<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Column::Text(cells) => cells.is_empty(),
            Column::TextOrNone(cells) => cells.is_empty(),
            Column::Number(cells) => cells.is_empty(),
            Column::NumberOrNone(cells) => cells.is_empty(),
        }
    }
}

/// What may stand in a column.
pub(super) trait Cell {
    fn column<'a>(cells: impl Iterator<Item = &'a Self>) -> Column<'a>
    where
        Self: 'a;
}

impl Cell for String {
    fn column<'a>(cells: impl Iterator<Item = &'a Self>) -> Column<'a> {
        Column::Text(cells.map(String::as_str).collect())
    }
}

impl Cell for Option<String> {
    fn column<'a>(cells: impl Iterator<Item = &'a Self>) -> Column<'a> {
        Column::TextOrNone(cells.map(Option::as_deref).collect())
    }
}

impl Cell for i64 {
    fn column<'a>(cells: impl Iterator<Item = &'a Self>) -> Column<'a> {
        Column::Number(cells.copied().collect())
    }
}

impl Cell for Option<i64> {
    fn column<'a>(cells: impl Iterator<Item = &'a Self>) -> Column<'a> {
        Column::NumberOrNone(cells.copied().collect())
    }
}

/// The columns of these rows, by the paths of their fields.
macro_rules! columns {
    ($rows:expr, $($($field:ident).+),+ $(,)?) => {
        vec![$($crate::store::arrays::Cell::column($rows.iter().map(|row| &row.$($field).+))),+]
    };
}
pub(super) use columns;

/// A row of a table, as `rows` declares it.
pub(super) trait Arrayed: Sized {
    /// Its table.
    const TABLE: &'static str;
    /// Its columns.
    const NAMES: &'static [&'static str];
    /// Their cells, in the same order.
    fn columns<'a>(rows: &[&'a Self]) -> Vec<Column<'a>>;
}

/// Inserts rows; returns how many.
pub(super) fn insert<R: Arrayed>(c: &mut PgConnection, rows: &[&R]) -> Result<usize, StoreError> {
    insert_or(c, rows, "")
}

/// Inserts rows, and replaces those whose key is there already.
pub(super) fn upsert<R: Arrayed>(c: &mut PgConnection, rows: &[&R], key: &[&str]) -> Result<usize, StoreError> {
    let others = R::NAMES.iter().filter(|name| !key.contains(name));
    let set: Vec<String> = others.map(|name| format!("{name} = excluded.{name}")).collect();
    insert_or(c, rows, &format!(" ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), set.join(", ")))
}

/// Rows of one statement: of a great set more would stand in memory as rows, as arrays and as bytes at once.
const ROWS_MAX: usize = 1_000;

/// Inserts rows, and does with those whose key is there already what the last words say.
pub(super) fn insert_or<R: Arrayed>(c: &mut PgConnection, rows: &[&R], otherwise: &str) -> Result<usize, StoreError> {
    let before = format!("INSERT INTO {} ({}) SELECT * FROM ", R::TABLE, R::NAMES.join(", "));
    rows.chunks(ROWS_MAX).try_fold(0, |done, part| Ok(done + execute(c, &before, R::columns(part), otherwise)?))
}

/// Runs `before unnest(columns) after`, if there are rows; returns how many it touched.
pub(super) fn execute(
    c: &mut PgConnection,
    before: &str,
    columns: Vec<Column<'_>>,
    after: &str,
) -> Result<usize, StoreError> {
    if columns.first().is_none_or(Column::is_empty) {
        return Ok(0);
    }
    Ok(Statement { before, columns, after }.execute(c)?)
}

/// Text that is ours alone around columns that are bound: prepared once for each connection.
struct Statement<'a> {
    before: &'a str,
    columns: Vec<Column<'a>>,
    after: &'a str,
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    /// Found again by its text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.before);
        for (place, column) in self.columns.iter().enumerate() {
            out.push_sql(if place == 0 { "unnest(" } else { ", " });
            match column {
                Column::Text(cells) => out.push_bind_param::<Array<Text>, _>(cells)?,
                Column::TextOrNone(cells) => out.push_bind_param::<Array<Nullable<Text>>, _>(cells)?,
                Column::Number(cells) => out.push_bind_param::<Array<BigInt>, _>(cells)?,
                Column::NumberOrNone(cells) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(cells)?,
            }
            out.push_sql(match column {
                Column::Text(_) | Column::TextOrNone(_) => "::text[]",
                Column::Number(_) | Column::NumberOrNone(_) => "::bigint[]",
            });
        }
        out.push_sql(")");
        out.push_sql(self.after);
        Ok(())
    }
}

impl RunQueryDsl<PgConnection> for Statement<'_> {}
