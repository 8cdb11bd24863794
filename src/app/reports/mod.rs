//! Reports for oversight: made once as a cut that never changes, and written in any format from what was stored.

mod figures;
mod material;
mod side_books;

pub use crate::report::formats::Format;
pub use figures::{COLUMNS, Entry, NotEntered, enter, newest, read_table};

use chrono::{Datelike, NaiveDate};

use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::digest::sha256_hex;
use crate::base::id::CutId;
use crate::domain::access::{Agencies, Caller};
use crate::domain::problem::{Code, Language, Refusal};
use crate::domain::tally::{Measure, Stretch};
use crate::report::definitions::{Definition, DefinitionId, Limits, definition};
use crate::report::tables::csv::Separator;
use crate::report::tables::{Behind, Letterhead, Period, Report, csv, json, pdf, xlsx};
use crate::store::read::tallies::{self, Slice};
use crate::store::read::{PageAsk, legs};
use crate::store::reports as kept;
use crate::store::reports::{CutFilter, ReportCutHead, ReportCutRow};
use crate::store::rows::LegRow;

/// What reports are made with.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Who issues those of the whole province.
    pub letterhead: Letterhead,
    /// The province.
    pub province: String,
    /// Limits of lateness.
    pub limits: Limits,
    /// Days of a compliance sample.
    pub sample_days: usize,
    /// Lines of a list.
    pub lines_max: i64,
}

/// A report that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutAsk {
    /// Which definition.
    pub definition: DefinitionId,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Of one agency.
    pub agency_code: Option<String>,
    /// Of one post office.
    pub post_office_code: Option<String>,
    /// What the days of a sample are drawn with; the id of the cut where none is given.
    pub seed: Option<String>,
}

/// Years that one report spans, at most.
const YEARS_MAX: i32 = 5;

/// Makes a report and keeps it.
pub fn run(app: &App, caller: &Caller, ask: &CutAsk, doing: Doing<'_>) -> Result<ReportCutRow, AppError> {
    let row = make(app, caller, ask)?;
    app.store.add_report_cut(row.clone(), act(app, doing, "REPORT.MADE", Some(&row.id)))?;
    Ok(row)
}

/// Makes a report, for whoever keeps it.
pub(super) fn make(app: &App, caller: &Caller, ask: &CutAsk) -> Result<ReportCutRow, AppError> {
    let ask = narrowed(caller, ask)?;
    let known = definition(ask.definition).ok_or_else(|| AppError::plain(Code::NotFound))?;
    row(app, caller, &ask, known, String::from(CutId::make(&app.ids)))
}

fn row(app: &App, caller: &Caller, ask: &CutAsk, known: &Definition, id: String) -> Result<ReportCutRow, AppError> {
    let material = material::gather(app, caller, ask, known, &id)?;
    let report = known.report(&material);
    let value = json::write(&report).map_err(|error| AppError::Internal(error.to_string()))?;
    Ok(ReportCutRow {
        id,
        definition: report.definition,
        version: i64::from(report.version),
        from_date: ask.from.to_string(),
        until_date: ask.until.to_string(),
        agency_code: ask.agency_code.clone(),
        post_office_code: ask.post_office_code.clone(),
        as_of_us: report.as_of.us(),
        calendar: report.calendar.join(" "),
        sha256: sha256_hex(value.as_bytes()),
        value,
        made_by: caller.person.clone().unwrap_or_else(|| caller.key_id.clone()),
        made_at_us: report.as_of.us(),
    })
}

/// The same question about what the caller sees: everybody sees only their own office or agency.
fn narrowed(caller: &Caller, ask: &CutAsk) -> Result<CutAsk, AppError> {
    let days_ok = ask.from < ask.until && ask.until.year() - ask.from.year() <= YEARS_MAX;
    if !days_ok {
        let (en, vi) = (
            "the period must have at least a day and at most five years",
            "kỳ báo cáo phải có ít nhất một ngày và không quá năm năm",
        );
        return Err(Refusal::new(Code::BodyInvalid, en, vi).into());
    }
    let out = || AppError::plain(Code::AgencyOutOfScope);
    let agency_code = match (&caller.agencies, &ask.agency_code) {
        (Agencies::All, code) => code.clone(),
        (seen, Some(code)) if seen.sees(code) => Some(code.clone()),
        (Agencies::Only(codes), None) => match codes.as_slice() {
            [only] => Some(only.clone()),
            _ => return Err(out()),
        },
        _ => return Err(out()),
    };
    let post_office_code = match (&caller.post_office, &ask.post_office_code) {
        (Some(own), Some(code)) if own != code => return Err(out()),
        (Some(own), _) => Some(own.clone()),
        (None, code) => code.clone(),
    };
    Ok(CutAsk { agency_code, post_office_code, ..ask.clone() })
}

/// A cut that the caller sees.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<ReportCutRow, AppError> {
    app.store.read(|db| kept::cut(db, caller, id))?.ok_or_else(|| AppError::plain(Code::NotFound))
}

/// A page of the cuts that the caller sees, newest first.
pub fn page(app: &App, caller: &Caller, filter: &CutFilter, ask: &PageAsk) -> Result<Vec<ReportCutHead>, AppError> {
    Ok(app.store.read(|db| kept::cuts(db, caller, filter, ask))?)
}

/// The report that a cut holds; the digest is checked, so that nobody reads a row that was changed.
pub fn report_of(row: &ReportCutRow) -> Result<Report, AppError> {
    if sha256_hex(row.value.as_bytes()) != row.sha256 {
        return Err(AppError::Internal(format!("the value of {} is not what its digest says", row.id)));
    }
    json::read(&row.value).map_err(|error| AppError::Internal(format!("{}: {error}", row.id)))
}

/// A written report.
#[derive(Debug, Clone)]
pub struct File {
    /// Media type.
    pub media_type: &'static str,
    /// What to call it.
    pub name: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A cut in a format. The same cut gives the same bytes for ever.
pub fn write(row: &ReportCutRow, format: Format, lang: Language, separator: Separator) -> Result<File, AppError> {
    let report = report_of(row)?;
    let failed = |why: String| AppError::Internal(format!("{}: {why}", row.id));
    let bytes = match format {
        Format::Json => row.value.clone().into_bytes(),
        Format::Csv => csv::write(&report, lang, separator),
        Format::Xlsx => xlsx::write(&report, lang).map_err(|error| failed(error.to_string()))?,
        Format::Pdf => pdf::write(&report, &row.sha256, lang).map_err(|error| failed(error.to_string()))?,
    };
    let name = format!("{}_{}_{}.{}", row.definition, row.from_date, row.id, format.as_str());
    Ok(File { media_type: format.media_type(), name: name.to_lowercase(), bytes })
}

/// The legs behind a number of a cut as they are now: later facts may have moved them.
pub fn legs_behind(
    app: &App,
    caller: &Caller,
    row: &ReportCutRow,
    behind: &Behind,
    page: &PageAsk,
) -> Result<Vec<LegRow>, AppError> {
    if let Some(leg) = &behind.leg {
        let found = app.store.read(|db| legs::by_id(db, leg))?;
        return Ok(found.into_iter().filter(|leg| caller.sees(&leg.agency_code, &leg.post_office_code)).collect());
    }
    let measure = Measure::parse(&behind.measure).ok_or_else(|| AppError::plain(Code::NotFound))?;
    let report = report_of(row)?;
    let slice = Slice {
        agency: behind.agency.clone().or_else(|| row.agency_code.clone()),
        procedure: behind.procedure.clone(),
        office: behind.office.clone().or_else(|| row.post_office_code.clone()),
        kind: behind.kind.clone(),
        cause: behind.cause.clone(),
    };
    let stretch = stretch(report.period, report.as_of.to_vietnam().date());
    Ok(app.store.read(|db| tallies::legs_behind(db, &caller.agencies, stretch, measure, &slice, page))?)
}

fn stretch(period: Period, as_of: NaiveDate) -> Stretch {
    Stretch { from: period.from, until: period.until, as_of }
}
