//! Schedules of reports: what is due by the calendar, the one cut of each period, and what became of its files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::app::distribution::{FileOf, Notice, file_key, file_message, notice_key, notice_message};
use crate::app::people::{Doing, act};
use crate::app::reports::{self, CutAsk, Format};
use crate::app::{App, AppError, Work, calendar};
use crate::base::digest::sha256_hex;
use crate::base::time::Ts;
use crate::config::ReportSchedule;
use crate::domain::access::{Agencies, Caller, Scope};
use crate::domain::calendar::EVERYBODY;
use crate::domain::leg::Side;
use crate::domain::problem::{Code, Problem, Refusal};
use crate::domain::schedule::{Span, Standing, Turn, When, turns};
use crate::report::tables::csv::Separator;
use crate::store::distribution::{self as kept, ReportRunRow};
use crate::store::read::{PageAsk, messages};
use crate::store::reports::ReportCutRow;
use crate::store::rows::OutboxRow;

const DOING: Doing<'static> = Doing { person: None, request_id: "distribution" };

/// The type of the message that a web hook gets about a report.
const CUT_MADE: &str = "report.cut";

/// How a schedule stands.
#[derive(Debug, Clone)]
pub struct Standings<'a> {
    /// Which.
    pub schedule: &'a ReportSchedule,
    /// What comes next: the first period whose time is known and not yet there.
    pub next: Option<Turn>,
    /// Due, and made in the next round.
    pub due: Vec<Turn>,
    /// Due, and older than what is made up for by itself: a person asks for it.
    pub missed: Vec<Turn>,
    /// Over, and nobody knows when they are due: the calendar lacks a year.
    pub unknown: Vec<Turn>,
}

/// How every schedule stands. `since` of one that no round has seen is now.
pub fn standings(app: &App) -> Result<Vec<Standings<'_>>, AppError> {
    let now = app.now();
    let calendar = calendar::current(app)?;
    let days = calendar.days_of(EVERYBODY);
    let since: BTreeMap<String, i64> = app.store.read(kept::known_since)?.into_iter().collect();
    let mut all = Vec::new();
    for schedule in &app.distribution.schedules {
        let served = app.store.read(|db| kept::served(db, &schedule.name))?;
        let since = since.get(&schedule.name).map_or(now, |us| Ts::from_us(*us));
        let mut one = Standings { schedule, next: None, due: Vec::new(), missed: Vec::new(), unknown: Vec::new() };
        let mut fallen_due = 0;
        for turn in turns(schedule.period, when(schedule), &days, since, now) {
            let is_served = served.contains(&days_of(turn.span));
            match turn.standing {
                // They come newest first: the last one that is still to come is the next.
                Standing::Later(_) if !is_served => one.next = Some(turn),
                Standing::Unknown(_) if !is_served => one.unknown.push(turn),
                Standing::Later(_) | Standing::Unknown(_) => {}
                Standing::Due(_) => {
                    // Served ones count: what is too old now does not come into reach by serving newer ones.
                    fallen_due += 1;
                    match (is_served, fallen_due <= app.distribution.catch_up_max) {
                        (true, _) => {}
                        (false, true) => one.due.push(turn),
                        (false, false) => one.missed.push(turn),
                    }
                }
            }
        }
        all.push(one);
    }
    Ok(all)
}

/// As rows have them.
fn days_of(span: Span) -> (String, String) {
    (span.from.to_string(), span.until.to_string())
}

fn when(schedule: &ReportSchedule) -> When {
    When { working_day: schedule.working_day, time: schedule.time }
}

/// Makes what is due, oldest first. A schedule that fails does not keep the others from theirs; the next round tries it again.
pub fn round(app: &App) -> Result<usize, AppError> {
    let known = app.store.read(kept::known_since)?;
    for schedule in &app.distribution.schedules {
        if !known.iter().any(|(name, _)| *name == schedule.name) {
            app.store.know_schedule(schedule.name.clone(), app.now().us())?;
        }
    }
    let mut made = 0;
    for one in standings(app)? {
        let name = &one.schedule.name;
        for turn in one.due.iter().rev() {
            let Standing::Due(at) = turn.standing else { continue };
            match take(app, one.schedule, turn.span, Some(at), DOING) {
                Ok((_, fresh)) => made += usize::from(fresh),
                Err(error) => {
                    tracing::error!(schedule = name, %error, "a report could not be made; the next round tries")
                }
            }
        }
    }
    Ok(made)
}

/// Makes and queues the report of a period now, or tells of the one that was made: never two. Without a period, of the last one that is over.
/// Says whether it was made now.
pub fn deliver(
    app: &App,
    schedule: &str,
    period: Option<&str>,
    doing: Doing<'_>,
) -> Result<(ReportRunRow, bool), AppError> {
    let known = app.distribution.schedules.iter().find(|one| one.name == schedule);
    let schedule = known.ok_or_else(|| AppError::plain(Code::NotFound))?;
    let today = app.now().to_vietnam().date();
    let span = match period {
        Some(text) => schedule.period.parse_name(text).filter(|span| span.until <= today),
        None => schedule.period.last_over(today),
    };
    let Some(span) = span else {
        let like = schedule.period.last_over(today).map(|span| schedule.period.name(span)).unwrap_or_default();
        return Err(Refusal::body(vec![Problem::error(
            Code::FieldInvalid,
            "period",
            format!("write a period that is over, such as {like}"),
            format!("hãy ghi một kỳ đã qua, ví dụ {like}"),
        )])
        .into());
    };
    take(app, schedule, span, None, doing)
}

/// The one cut of a schedule and a period, with its messages in the same transaction.
fn take(
    app: &App,
    schedule: &ReportSchedule,
    span: Span,
    due: Option<Ts>,
    doing: Doing<'_>,
) -> Result<(ReportRunRow, bool), AppError> {
    let (from, until) = days_of(span);
    let there = || app.store.read(|db| kept::run(db, &schedule.name, &from, &until));
    if let Some(run) = there()? {
        return Ok((run, false));
    }
    let ask = CutAsk {
        definition: schedule.report,
        from: span.from,
        until: span.until,
        agency_code: schedule.agency.clone(),
        post_office_code: schedule.post_office.clone(),
        seed: None,
    };
    let cut = reports::make(app, &caller(schedule), &ask)?;
    let (targets, messages) = messages_of(app, schedule, span, &cut)?;
    let run = ReportRunRow {
        cut_id: cut.id.clone(),
        schedule: schedule.name.clone(),
        definition: cut.definition.clone(),
        period: schedule.period.name(span),
        from_date: cut.from_date.clone(),
        until_date: cut.until_date.clone(),
        agency_code: cut.agency_code.clone(),
        post_office_code: cut.post_office_code.clone(),
        due_at_us: due.map(Ts::us),
        made_at_us: cut.made_at_us,
        targets: Value::Array(targets).to_string(),
    };
    let act = act(app, doing, "REPORT.DISTRIBUTED", Some(&cut.id));
    match app.store.add_report_run(cut, run.clone(), messages, act).map_err(AppError::from) {
        Ok(()) => {
            (app.nudge)(Work::Outbox);
            Ok((run, true))
        }
        // Another process was quicker: its cut stands, ours was never kept.
        Err(lost @ AppError::Race(_)) => there()?.map(|run| (run, false)).ok_or(lost),
        Err(error) => Err(error),
    }
}

/// A schedule sees the whole province; its settings narrow it.
fn caller(schedule: &ReportSchedule) -> Caller {
    let name = format!("schedule:{}", schedule.name);
    Caller {
        key_id: name.clone(),
        counterpart: name,
        side: Side::Oversight,
        agencies: Agencies::All,
        post_office: None,
        person: None,
        scopes: vec![Scope::Read],
    }
}

/// One message for each receiver of files and format, one for each web hook; and what they are, for who asks later.
fn messages_of(
    app: &App,
    schedule: &ReportSchedule,
    span: Span,
    cut: &ReportCutRow,
) -> Result<(Vec<Value>, Vec<OutboxRow>), AppError> {
    let now = Ts::from_us(cut.made_at_us);
    let period = schedule.period.name(span);
    let name = |format: Format| format!("{period}_{}.{}", schedule.subject(), format.as_str());
    let (mut targets, mut messages) = (Vec::new(), Vec::new());
    let mut told = None;
    let wanted = |receiver: &&super::Receiver| schedule.receivers.contains(&receiver.name);
    for receiver in app.distribution.receivers.iter().filter(wanted) {
        let to = receiver.name.as_str();
        if receiver.takes_files {
            for format in schedule.formats.iter().copied() {
                let file = FileOf { cut: cut.id.clone(), format, language: schedule.language, name: name(format) };
                let key = file_key(to, &file);
                targets.push(json!({"receiver": to, "format": format.as_str(), "name": file.name, "key": key}));
                messages.push(file_message(app, to, &file, now));
            }
            continue;
        }
        let data = match &told {
            Some(data) => data,
            None => told.insert(data_of(app, schedule, &period, cut, &name)?),
        };
        let notice = Notice { type_: CUT_MADE, id: &cut.id, subject: &cut.id, at: now, data: data.clone() };
        targets.push(json!({"receiver": to, "key": notice_key(to, CUT_MADE, &cut.id)}));
        messages.push(notice_message(app, to, &notice));
    }
    Ok((targets, messages))
}

/// What a web hook is told: where each file is fetched with a key, and what it must be.
fn data_of(
    app: &App,
    schedule: &ReportSchedule,
    period: &str,
    cut: &ReportCutRow,
    name: &dyn Fn(Format) -> String,
) -> Result<Value, AppError> {
    let mut files = Vec::new();
    for format in schedule.formats.iter().copied() {
        let written = reports::write(cut, format, schedule.language, Separator::Semicolon)?;
        let language = schedule.language.code();
        files.push(json!({
            "format": format.as_str(),
            "language": language,
            "mediaType": format.media_type(),
            "name": name(format),
            "bytes": written.bytes.len(),
            "sha256": sha256_hex(&written.bytes),
            "link": format!("{}/v1/reports/{}?format={}&language={language}", app.distribution.public_url, cut.id, format.as_str()),
        }));
    }
    Ok(json!({
        "schedule": schedule.name,
        "report": cut.definition,
        "version": cut.version,
        "period": period,
        "from": cut.from_date,
        "until": cut.until_date,
        "agencyCode": cut.agency_code,
        "postOfficeCode": cut.post_office_code,
        "cutId": cut.id,
        "sha256": cut.sha256,
        "asOf": Ts::from_us(cut.as_of_us).to_rfc3339(),
        "files": files,
    }))
}

/// A run with what became of everything that it queued.
#[derive(Debug, Clone)]
pub struct Run {
    /// The run.
    pub row: ReportRunRow,
    /// Each receiver and format.
    pub deliveries: Vec<Delivered>,
}

/// What became of one file, or of one message to a web hook.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// Whom it is for.
    pub receiver: String,
    /// Its format; none of a message to a web hook.
    pub format: Option<String>,
    /// What the file is called.
    pub name: Option<String>,
    /// Its message.
    pub message: OutboxRow,
    /// When it was taken; none while it is not.
    pub delivered_at_us: Option<i64>,
}

/// A page of what was made, newest first.
pub fn runs(app: &App, caller: &Caller, schedule: Option<&str>, ask: &PageAsk) -> Result<Vec<Run>, AppError> {
    Ok(app.store.read(|db| {
        let rows = kept::runs(db, caller, schedule, ask)?;
        let targets: Vec<Vec<Value>> =
            rows.iter().map(|row| serde_json::from_str(&row.targets).unwrap_or_default()).collect();
        let key = |target: &Value| target.get("key").and_then(Value::as_str).map(str::to_owned);
        let keys: Vec<String> = targets.iter().flatten().filter_map(key).collect();
        let found = messages::by_dedup_keys(db, &keys)?;
        let tried = messages::last_attempts(db, &found.iter().map(|row| row.id.clone()).collect::<Vec<_>>())?;
        let by_key: BTreeMap<&str, &OutboxRow> = found.iter().map(|row| (row.dedup_key.as_str(), row)).collect();
        let delivered = |target: &Value| {
            let text = |name: &str| target.get(name).and_then(Value::as_str).map(str::to_owned);
            let message = (*by_key.get(key(target)?.as_str())?).clone();
            let taken = message.state == "SETTLED" && message.last_outcome.as_deref() == Some("DONE");
            Some(Delivered {
                receiver: text("receiver")?,
                format: text("format"),
                name: text("name"),
                delivered_at_us: tried.get(&message.id).copied().filter(|_| taken),
                message,
            })
        };
        let runs = rows.into_iter().zip(&targets);
        Ok(runs.map(|(row, targets)| Run { row, deliveries: targets.iter().filter_map(delivered).collect() }).collect())
    })?)
}
