//! The working calendar in the store: loaded as versions, read whole.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::digest::sha256_hex;
use crate::base::time::parse_date;
use crate::domain::calendar::{Calendar, DayKind, Entry, Fault, Version, WhoseDays, read_sessions, write_sessions};
use crate::store::calendar::{
    self as kept, CalendarDayRow, CalendarRows, CalendarVersionRow, CalendarWeekRow, CalendarYearRow,
};
use crate::store::{Db, StoreError};
use crate::wire;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// It is a version from now on.
    Added(Version),
    /// It was one before, with the same content.
    Known(Version),
}

/// Why a file was not loaded.
#[derive(Debug, Clone)]
pub enum NotLoaded {
    /// These lines are wrong.
    Faults(Vec<Fault>),
    /// There is a version of this name with other content.
    NameTaken(String),
    /// Another version begins on the same day.
    DayTaken {
        /// The day.
        valid_from: NaiveDate,
        /// The version that begins on it.
        by: String,
    },
    /// The store did not do it.
    Failed(AppError),
}

impl NotLoaded {
    /// Every reason with its line; none where the whole file is meant.
    pub fn lines(&self) -> Vec<(Option<usize>, String, String)> {
        match self {
            NotLoaded::Faults(faults) => {
                faults.iter().map(|fault| (Some(fault.line), fault.en.clone(), fault.vi.clone())).collect()
            }
            NotLoaded::NameTaken(id) => vec![(
                None,
                format!(
                    "there is a version {id} with other content: a version never changes, give this one another name"
                ),
                format!("đã có phiên bản {id} với nội dung khác: phiên bản không bao giờ đổi, hãy đặt tên khác"),
            )],
            NotLoaded::DayTaken { valid_from, by } => vec![(
                None,
                format!("the version {by} begins on {valid_from} too: give this one a later valid_from"),
                format!("phiên bản {by} cũng bắt đầu ngày {valid_from}: hãy chọn valid_from muộn hơn"),
            )],
            NotLoaded::Failed(error) => vec![(None, error.to_string(), "kho dữ liệu chưa nhận".to_owned())],
        }
    }
}

impl From<AppError> for NotLoaded {
    fn from(error: AppError) -> Self {
        NotLoaded::Failed(error)
    }
}

/// Loads a file as a version. The same file again changes nothing.
pub fn load(app: &App, text: &str, doing: Doing<'_>) -> Result<Loaded, NotLoaded> {
    let version = wire::calendar::read(text).map_err(NotLoaded::Faults)?;
    let sha256 = sha256_hex(text.as_bytes());
    // Of two who load at once, the second finds what the first one did.
    for _ in 0..2 {
        let loaded = app.store.read(kept::versions).map_err(AppError::from)?;
        if let Some(same) = loaded.iter().find(|row| row.id == version.id) {
            return if same.sha256 == sha256 {
                Ok(Loaded::Known(version))
            } else {
                Err(NotLoaded::NameTaken(version.id))
            };
        }
        if let Some(row) = loaded.iter().find(|row| row.valid_from == version.valid_from.to_string()) {
            return Err(NotLoaded::DayTaken { valid_from: version.valid_from, by: row.id.clone() });
        }
        let rows = rows_of(&version, &sha256, app.now().us(), doing.person);
        match app.store.add_calendar(rows, act(app, doing, "CALENDAR.LOADED", Some(&version.id))) {
            Ok(()) => return Ok(Loaded::Added(version)),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(AppError::from(error).into()),
        }
    }
    Err(AppError::Race("calendar version".to_owned()).into())
}

/// Loads the calendar that the program brings, where the store has not seen it.
pub fn load_built_in(app: &App) -> Result<(), AppError> {
    match load(app, wire::calendar::BUILT_IN, Doing { person: None, request_id: "built-in" }) {
        // A store whose operator loaded a version in its place keeps that one.
        Ok(_) | Err(NotLoaded::NameTaken(_) | NotLoaded::DayTaken { .. }) => Ok(()),
        Err(NotLoaded::Failed(error)) => Err(error),
        Err(NotLoaded::Faults(faults)) => Err(AppError::Internal(format!("built-in calendar: {faults:?}"))),
    }
}

/// Every version that is loaded.
pub fn current(app: &App) -> Result<Calendar, AppError> {
    Ok(app.store.read(read)?)
}

/// The versions as they were loaded: when, and by whom.
pub fn versions(app: &App) -> Result<Vec<CalendarVersionRow>, AppError> {
    Ok(app.store.read(kept::versions)?)
}

/// The calendar, inside a reading.
pub(super) fn read(db: &mut Db<'_>) -> Result<Calendar, StoreError> {
    let rows = kept::all(db)?;
    let broken = |what: &str, id: &str| StoreError::Corrupt(format!("calendar {what} of {id}"));
    let mut versions = BTreeMap::new();
    for row in &rows.versions {
        let valid_from = parse_date(&row.valid_from).ok_or_else(|| broken("first day", &row.id))?;
        let version = Version { id: row.id.clone(), valid_from, years: BTreeMap::new(), whose: BTreeMap::new() };
        versions.insert(row.id.as_str(), version);
    }
    for row in &rows.years {
        let Some(version) = versions.get_mut(row.version_id.as_str()) else { continue };
        let year = i32::try_from(row.year).map_err(|_| broken("year", &row.version_id))?;
        version.years.insert(year, row.source.clone());
    }
    for row in &rows.weeks {
        let Some(version) = versions.get_mut(row.version_id.as_str()) else { continue };
        let sessions = read_sessions(&row.sessions).ok_or_else(|| broken("hours", &row.version_id))?;
        let weekday = u32::try_from(row.weekday).map_err(|_| broken("weekday", &row.version_id))?;
        version.whose.entry(row.whose.clone()).or_default().week.insert(weekday, sessions);
    }
    for row in &rows.days {
        let Some(version) = versions.get_mut(row.version_id.as_str()) else { continue };
        let sessions = read_sessions(&row.sessions).ok_or_else(|| broken("hours", &row.version_id))?;
        let date = parse_date(&row.date).ok_or_else(|| broken("date", &row.version_id))?;
        let kind = DayKind::parse(&row.kind).ok_or_else(|| broken("kind", &row.version_id))?;
        let entry = Entry { kind, sessions, name: row.name.clone() };
        version.whose.entry(row.whose.clone()).or_default().days.insert(date, entry);
    }
    Ok(Calendar::of(versions.into_values().collect()))
}

fn rows_of(version: &Version, sha256: &str, loaded_at_us: i64, loaded_by: Option<&str>) -> CalendarRows {
    let id = || version.id.clone();
    let years = version.years.iter();
    let weeks = |(whose, days): (&String, &WhoseDays)| {
        let row = |(weekday, sessions): (&u32, &Vec<_>)| CalendarWeekRow {
            version_id: id(),
            whose: whose.clone(),
            weekday: i64::from(*weekday),
            sessions: write_sessions(sessions),
        };
        days.week.iter().map(row).collect::<Vec<_>>()
    };
    let dates = |(whose, days): (&String, &WhoseDays)| {
        let row = |(date, entry): (&NaiveDate, &Entry)| CalendarDayRow {
            version_id: id(),
            whose: whose.clone(),
            date: date.to_string(),
            kind: entry.kind.as_str().to_owned(),
            sessions: write_sessions(&entry.sessions),
            name: entry.name.clone(),
        };
        days.days.iter().map(row).collect::<Vec<_>>()
    };
    CalendarRows {
        versions: vec![CalendarVersionRow {
            id: id(),
            valid_from: version.valid_from.to_string(),
            sha256: sha256.to_owned(),
            loaded_at_us,
            loaded_by: loaded_by.map(str::to_owned),
        }],
        years: years
            .map(|(year, source)| CalendarYearRow { version_id: id(), year: i64::from(*year), source: source.clone() })
            .collect(),
        weeks: version.whose.iter().flat_map(weeks).collect(),
        days: version.whose.iter().flat_map(dates).collect(),
    }
}
