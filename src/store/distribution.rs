//! Reports that leave by themselves: schedules that are known, and the one cut of each with its period.

use diesel::prelude::*;

use crate::domain::access::{Agencies, Caller};
use crate::on;
use crate::store::Store;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people::add_act;
use crate::store::people_rows::AuditRow;
use crate::store::read::PageAsk;
use crate::store::report_schema::{self, report_cut, report_run, report_schedule};
use crate::store::reports::ReportCutRow;
use crate::store::rows::OutboxRow;
use crate::store::schema::outbox;

/// The cut of a schedule and a period.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = report_schema::report_run, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ReportRunRow {
    pub cut_id: String,
    pub schedule: String,
    pub definition: String,
    pub period: String,
    pub from_date: String,
    pub until_date: String,
    pub agency_code: Option<String>,
    pub post_office_code: Option<String>,
    pub due_at_us: Option<i64>,
    pub made_at_us: i64,
    pub targets: String,
}

/// Since when each schedule is known.
pub fn known_since(db: &mut Db<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(db, |c| report_schedule::table.select((report_schedule::name, report_schedule::since_us)).load(c))?)
}

/// What was made for a schedule and a period.
pub fn run(
    db: &mut Db<'_>,
    schedule: &str,
    from_date: &str,
    until_date: &str,
) -> Result<Option<ReportRunRow>, StoreError> {
    Ok(on!(db, |c| report_run::table
        .filter(report_run::schedule.eq(schedule))
        .filter(report_run::from_date.eq(from_date))
        .filter(report_run::until_date.eq(until_date))
        .select(ReportRunRow::as_select())
        .first(c)
        .optional())?)
}

/// The periods that a schedule has served, as first day and the day after the last.
pub fn served(db: &mut Db<'_>, schedule: &str) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(db, |c| report_run::table
        .filter(report_run::schedule.eq(schedule))
        .select((report_run::from_date, report_run::until_date))
        .load(c))?)
}

/// A page of what was made, newest first, as far as the caller sees it.
pub fn runs(
    db: &mut Db<'_>,
    caller: &Caller,
    schedule: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<ReportRunRow>, StoreError> {
    on!(db, |c| {
        let mut query = report_run::table
            .select(ReportRunRow::as_select())
            .order(report_run::cut_id.desc())
            .limit(ask.limit)
            .into_boxed();
        if let Agencies::Only(codes) = &caller.agencies {
            query = query.filter(report_run::agency_code.eq_any(codes.iter().map(Some).collect::<Vec<_>>()));
        }
        if let Some(office) = &caller.post_office {
            query = query.filter(report_run::post_office_code.eq(office));
        }
        if let Some(before) = &ask.after {
            query = query.filter(report_run::cut_id.lt(before));
        }
        if let Some(schedule) = schedule {
            query = query.filter(report_run::schedule.eq(schedule));
        }
        Ok(query.load(c)?)
    })
}

impl Store {
    /// Remembers since when a schedule is known; one that is known stays as it is.
    pub fn know_schedule(&self, name: String, since_us: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(report_schedule::table)
                .values((report_schedule::name.eq(&name), report_schedule::since_us.eq(since_us)))
                .on_conflict_do_nothing()
                .execute(c))?;
            Ok(())
        })
    }

    /// Adds the cut of a schedule and a period with its messages: all or nothing. A conflict when there is one already.
    pub fn add_report_run(
        &self,
        cut: ReportCutRow,
        run: ReportRunRow,
        messages: Vec<OutboxRow>,
        act: AuditRow,
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(report_cut::table).values(&cut).execute(c))?;
            on!(db, |c| diesel::insert_into(report_run::table).values(&run).execute(c))?;
            for message in &messages {
                on!(db, |c| diesel::insert_into(outbox::table).values(message).execute(c))?;
            }
            add_act(db, &act)
        })
    }
}
