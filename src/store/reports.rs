//! Cuts of reports and figures from outside: added, read, never changed.

use diesel::prelude::*;

use crate::domain::access::{Agencies, Caller};
use crate::on;
use crate::store::Store;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people::add_act;
use crate::store::people_rows::AuditRow;
use crate::store::read::PageAsk;
use crate::store::report_schema::{self, outside_figure, report_cut};

/// A cut with the whole report.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_schema::report_cut, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ReportCutRow {
    pub id: String,
    pub definition: String,
    pub version: i64,
    pub from_date: String,
    pub until_date: String,
    pub agency_code: Option<String>,
    pub post_office_code: Option<String>,
    pub as_of_us: i64,
    pub calendar: String,
    pub value: String,
    pub sha256: String,
    pub made_by: String,
    pub made_at_us: i64,
}

/// A cut as it stands in a list.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = report_schema::report_cut)]
#[allow(missing_docs)]
pub struct ReportCutHead {
    pub id: String,
    pub definition: String,
    pub version: i64,
    pub from_date: String,
    pub until_date: String,
    pub agency_code: Option<String>,
    pub post_office_code: Option<String>,
    pub as_of_us: i64,
    pub sha256: String,
    pub made_by: String,
    pub made_at_us: i64,
}

/// A figure from outside.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_schema::outside_figure, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct OutsideFigureRow {
    pub id: String,
    pub figure: String,
    pub from_date: String,
    pub until_date: String,
    pub agency_code: String,
    pub procedure_code: String,
    pub field: String,
    pub post_office_code: String,
    pub value: i64,
    pub source: String,
    pub entered_by: String,
    pub entered_at_us: i64,
}

/// What a list of cuts is narrowed to.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct CutFilter {
    pub definition: Option<String>,
}

/// Narrows a boxed query of cuts to those of papers that the caller sees.
macro_rules! seen {
    ($query:ident, $caller:expr) => {
        if let Agencies::Only(codes) = &$caller.agencies {
            $query = $query.filter(report_cut::agency_code.eq_any(codes.iter().map(Some).collect::<Vec<_>>()));
        }
        if let Some(office) = &$caller.post_office {
            $query = $query.filter(report_cut::post_office_code.eq(office));
        }
    };
}

/// A cut that the caller sees.
pub fn cut(db: &mut Db<'_>, caller: &Caller, id: &str) -> Result<Option<ReportCutRow>, StoreError> {
    on!(db, |c| {
        let mut query = report_cut::table.filter(report_cut::id.eq(id)).select(ReportCutRow::as_select()).into_boxed();
        seen!(query, caller);
        Ok(query.first(c).optional()?)
    })
}

/// These cuts, whoever asks.
pub fn cuts_by_ids(db: &mut Db<'_>, ids: &[String]) -> Result<Vec<ReportCutRow>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(db, |c| report_cut::table.filter(report_cut::id.eq_any(ids)).select(ReportCutRow::as_select()).load(c))?)
}

/// A page of the cuts that the caller sees, newest first.
pub fn cuts(
    db: &mut Db<'_>,
    caller: &Caller,
    filter: &CutFilter,
    ask: &PageAsk,
) -> Result<Vec<ReportCutHead>, StoreError> {
    on!(db, |c| {
        let mut query = report_cut::table
            .select(ReportCutHead::as_select())
            .order(report_cut::id.desc())
            .limit(ask.limit)
            .into_boxed();
        seen!(query, caller);
        if let Some(before) = &ask.after {
            query = query.filter(report_cut::id.lt(before));
        }
        if let Some(definition) = &filter.definition {
            query = query.filter(report_cut::definition.eq(definition));
        }
        Ok(query.load(c)?)
    })
}

/// Figures of days within a period, oldest first.
pub fn figures(db: &mut Db<'_>, from: &str, until: &str) -> Result<Vec<OutsideFigureRow>, StoreError> {
    Ok(on!(db, |c| outside_figure::table
        .filter(outside_figure::from_date.ge(from))
        .filter(outside_figure::until_date.le(until))
        .order(outside_figure::id)
        .select(OutsideFigureRow::as_select())
        .load(c))?)
}

/// The figures that were entered last, newest first.
pub fn newest_figures(db: &mut Db<'_>, limit: i64) -> Result<Vec<OutsideFigureRow>, StoreError> {
    Ok(on!(db, |c| outside_figure::table
        .order(outside_figure::id.desc())
        .limit(limit)
        .select(OutsideFigureRow::as_select())
        .load(c))?)
}

impl Store {
    /// Adds a cut.
    pub fn add_report_cut(&self, row: ReportCutRow, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(report_cut::table).values(&row).execute(c))?;
            add_act(db, &act)
        })
    }

    /// Adds figures, all or none.
    pub fn add_outside_figures(&self, rows: Vec<OutsideFigureRow>, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            // Few enough for the parameters of one statement on both databases.
            for part in rows.chunks(500) {
                on!(db, |c| diesel::insert_into(outside_figure::table).values(part).execute(c))?;
            }
            add_act(db, &act)
        })
    }
}
