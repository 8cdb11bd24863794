//! Alerts: what stood still or ran away is found by rounds, seen by people, and clears by itself.

mod measures;
mod round;
mod told;

pub use round::round;

use serde::{Deserialize, Serialize};

use crate::app::exceptions::HeldDays;
use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::time::{DAY_US, HOUR_US, MINUTE_US};
use crate::domain::alert::{Evidence, Kind};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::store::alerts::{self as kept, AlertBasisRow, AlertRow, HeardNormRow};
use crate::store::read::PageAsk;

pub use crate::store::alerts::Which;

/// From when on something is an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Per cent of the usual longest gap.
    pub silence_percent: i64,
    /// No shorter silence is one, in working time.
    pub silence_floor_us: i64,
    /// Per cent of the usual rate.
    pub rate_percent: i64,
    /// No smaller count in a quarter of an hour is a spike.
    pub rate_floor: i64,
    /// How long a message may wait.
    pub message_us: i64,
    /// How long a report may wait.
    pub report_us: i64,
    /// How long a fact may fit no leg.
    pub unmatched_us: i64,
    /// Legs held too long at one place.
    pub held_legs: i64,
    /// What held too long is.
    pub held: HeldDays,
    /// How long a feed may not be read.
    pub feed_us: i64,
    /// How long books may not be compared; none where nobody compares them daily.
    pub comparison_us: Option<i64>,
    /// Days before the end of the calendar.
    pub calendar_days: i64,
    /// How long clocks and roll-ups may be behind.
    pub derived_us: i64,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            silence_percent: 150,
            silence_floor_us: 4 * HOUR_US,
            rate_percent: 300,
            rate_floor: 500,
            message_us: HOUR_US,
            report_us: 30 * MINUTE_US,
            unmatched_us: 3 * DAY_US,
            held_legs: 5,
            held: HeldDays { citizen: 5, post: 3, agency: 3 },
            feed_us: 30 * MINUTE_US,
            comparison_us: Some(30 * HOUR_US),
            calendar_days: 60,
            derived_us: 30 * MINUTE_US,
        }
    }
}

/// The numbers as they are stored.
#[derive(Serialize, Deserialize)]
struct StoredEvidence {
    value: i64,
    limit: i64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    normal: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    since_us: Option<i64>,
}

fn evidence_text(evidence: &Evidence) -> Result<String, AppError> {
    let Evidence { value, limit, normal, count, since_us } = *evidence;
    serde_json::to_string(&StoredEvidence { value, limit, normal, count, since_us })
        .map_err(|error| AppError::Internal(error.to_string()))
}

/// The numbers of an alert.
pub fn evidence_of(row: &AlertRow) -> Evidence {
    let read = serde_json::from_str::<StoredEvidence>(&row.evidence);
    read.map(|StoredEvidence { value, limit, normal, count, since_us }| Evidence {
        value,
        limit,
        normal,
        count,
        since_us,
    })
    .unwrap_or_default()
}

/// A page of alerts, newest first.
pub fn page(app: &App, which: Which, ask: &PageAsk) -> Result<Vec<AlertRow>, AppError> {
    Ok(app.store.read(|db| kept::page(db, which, ask))?)
}

/// One alert.
pub fn get(app: &App, id: &str) -> Result<AlertRow, AppError> {
    app.store.read(|db| kept::by_id(db, id))?.ok_or_else(|| AppError::plain(Code::NotFound))
}

/// Every open alert, the grave ones first, then the oldest.
pub fn open(app: &App) -> Result<Vec<(Kind, AlertRow)>, AppError> {
    let rows = app.store.read(kept::open)?;
    let mut known: Vec<(Kind, AlertRow)> =
        rows.into_iter().filter_map(|row| Some((Kind::parse(&row.kind)?, row))).collect();
    known.sort_by(|(a, one), (b, other)| (a.row().weight, &one.id).cmp(&(b.row().weight, &other.id)));
    Ok(known)
}

/// How many are open.
pub fn count_open(app: &App) -> Result<i64, AppError> {
    Ok(app.store.read(kept::count_open)?)
}

/// How far rounds have come, and what is normal of every counterpart.
pub fn watched(app: &App) -> Result<(Option<AlertBasisRow>, Vec<HeardNormRow>), AppError> {
    Ok(app.store.read(|db| Ok((kept::basis(db)?, kept::norms(db)?)))?)
}

/// Characters of a note, at most.
const NOTE_MAX: usize = 500;

/// Somebody has seen an open alert: it stays open until it clears by itself. The first word stands; a later one changes nothing.
pub fn acknowledge(app: &App, id: &str, by: &str, note: &str, doing: Doing<'_>) -> Result<AlertRow, AppError> {
    get(app, id)?;
    let note = note.trim();
    if note.is_empty() || note.chars().count() > NOTE_MAX {
        return Err(Refusal::body(vec![Problem::error(
            Code::FieldInvalid,
            "reason",
            "say what is being done, in at most 500 characters",
            "hãy ghi việc đang làm, tối đa 500 ký tự",
        )])
        .into());
    }
    let row = act(app, doing, "ALERT.ACKNOWLEDGE", Some(id));
    app.store.acknowledge_alert(id.to_owned(), by.to_owned(), app.now().us(), note.to_owned(), row)?;
    get(app, id)
}
