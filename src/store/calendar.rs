//! Versions of the working calendar: added whole, read whole, never changed.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people::add_act;
use crate::store::people_rows::AuditRow;
use crate::store::schema::{self, calendar_day, calendar_version, calendar_week, calendar_year};
use crate::store::{Store, clocks};

/// A version, without its days.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::calendar_version, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct CalendarVersionRow {
    pub id: String,
    pub valid_from: String,
    pub sha256: String,
    pub loaded_at_us: i64,
    pub loaded_by: Option<String>,
}

/// A year that a version knows.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::calendar_year, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct CalendarYearRow {
    pub version_id: String,
    pub year: i64,
    pub source: String,
}

/// Hours of a weekday.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::calendar_week, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct CalendarWeekRow {
    pub version_id: String,
    pub whose: String,
    pub weekday: i64,
    pub sessions: String,
}

/// A date.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::calendar_day, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct CalendarDayRow {
    pub version_id: String,
    pub whose: String,
    pub date: String,
    pub kind: String,
    pub sessions: String,
    pub name: String,
}

/// Rows of versions with everything that they say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CalendarRows {
    /// Versions, by their first day.
    pub versions: Vec<CalendarVersionRow>,
    /// Their years.
    pub years: Vec<CalendarYearRow>,
    /// Their weeks.
    pub weeks: Vec<CalendarWeekRow>,
    /// Their dates.
    pub days: Vec<CalendarDayRow>,
}

/// Every version.
pub fn all(db: &mut Db<'_>) -> Result<CalendarRows, StoreError> {
    // Versions first: rows of one that is added meanwhile belong to no version that was read.
    Ok(CalendarRows {
        versions: versions(db)?,
        years: on!(db, |c| calendar_year::table.select(CalendarYearRow::as_select()).load(c))?,
        weeks: on!(db, |c| calendar_week::table.select(CalendarWeekRow::as_select()).load(c))?,
        days: on!(db, |c| calendar_day::table.select(CalendarDayRow::as_select()).load(c))?,
    })
}

/// Every version without its days, by its first day.
pub fn versions(db: &mut Db<'_>) -> Result<Vec<CalendarVersionRow>, StoreError> {
    Ok(on!(db, |c| calendar_version::table
        .order(calendar_version::valid_from)
        .select(CalendarVersionRow::as_select())
        .load(c))?)
}

impl Store {
    /// Adds versions; a name or a first day that is taken is a conflict.
    pub fn add_calendar(&self, rows: CalendarRows, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(calendar_version::table).values(&rows.versions).execute(c))?;
            on!(db, |c| diesel::insert_into(calendar_year::table).values(&rows.years).execute(c))?;
            on!(db, |c| diesel::insert_into(calendar_week::table).values(&rows.weeks).execute(c))?;
            // Few enough for the parameters of one statement on both databases.
            for days in rows.days.chunks(500) {
                on!(db, |c| diesel::insert_into(calendar_day::table).values(days).execute(c))?;
            }
            clocks::derive_all_anew(db)?;
            add_act(db, &act)
        })
    }
}
