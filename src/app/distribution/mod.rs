//! What leaves by itself: files of reports, and messages for machines, to receivers that the operator named. Everything goes through the outbox,
//! so claims, repeats, parking and replay are those of all messages; a receiver stands there as `receiver:NAME`, which no counterpart is called.

mod schedules;

pub use schedules::{Delivered, Run, Standings, deliver, round, runs, standings};

use serde_json::{Value, json};

use crate::app::outbox::NewMessage;
use crate::app::{App, AppError, Work};
use crate::base::time::Ts;
use crate::config::ReportSchedule;
use crate::domain::problem::Language;
use crate::report::formats::Format;
use crate::store::WriteSet;
use crate::store::rows::OutboxRow;

/// The kind of a message that is a file of a report.
pub const FILE: &str = "REPORT_FILE";
/// The kind of a message that is JSON as it stands.
pub const NOTICE: &str = "NOTICE";

const RECEIVER: &str = "receiver:";

/// Where things go, and which reports by themselves.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Every receiver.
    pub receivers: Vec<Receiver>,
    /// Every schedule.
    pub schedules: Vec<ReportSchedule>,
    /// How the program is reached from outside, for links; empty when it is not known.
    pub public_url: String,
    /// Missed periods of one schedule that are made up for by themselves.
    pub catch_up_max: usize,
}

/// A receiver, as far as use cases have to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// Whether it takes files; otherwise it is told where they are.
    pub takes_files: bool,
    /// Whether it gets alerts.
    pub alerts: bool,
}

/// Who gets a message, as it stands in the outbox.
pub fn address_of(receiver: &str) -> String {
    format!("{RECEIVER}{receiver}")
}

/// The receiver that a message goes to; none when it goes elsewhere.
pub fn receiver_of(message: &OutboxRow) -> Option<&str> {
    message.counterpart.strip_prefix(RECEIVER)
}

/// A file of a report on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOf {
    /// The cut that it is written from.
    pub cut: String,
    /// Its format.
    pub format: Format,
    /// Its language.
    pub language: Language,
    /// Its name.
    pub name: String,
}

/// The file that a message is.
pub fn file_of(message: &OutboxRow) -> Option<FileOf> {
    if message.kind != FILE {
        return None;
    }
    let body: Value = serde_json::from_str(&message.body).ok()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    Some(FileOf {
        cut: text("cut")?.to_owned(),
        format: Format::parse(text("format")?)?,
        language: Language::of_code(text("language")?)?,
        name: text("name")?.to_owned(),
    })
}

/// The message that takes a file of a cut to a receiver: one for ever.
fn file_message(app: &App, receiver: &str, file: &FileOf, now: Ts) -> OutboxRow {
    let key = file_key(receiver, file);
    let new = NewMessage {
        counterpart: &address_of(receiver),
        kind: FILE,
        leg_id: None,
        order_key: key.clone(),
        order_seq: 0,
        dedup_key: key,
        body: json!({"cut": file.cut, "format": file.format.as_str(), "language": file.language.code(), "name": file.name})
            .to_string(),
    };
    new.due(&app.ids, now)
}

fn file_key(receiver: &str, file: &FileOf) -> String {
    format!("file:{receiver}:{}:{}", file.cut, file.format.as_str())
}

/// Something to tell receivers.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// What happened, such as `alert.opened`.
    pub type_: &'a str,
    /// One for ever: told again under the same id, nothing more is queued. Such as the id of an alert with what became of it.
    pub id: &'a str,
    /// What it is about: of one subject a receiver is told in the order in which it was queued.
    pub subject: &'a str,
    /// When it happened.
    pub at: Ts,
    /// Everything else, without personal data.
    pub data: Value,
}

/// The messages that tell every receiver of alerts, for a use case that puts them into its own write set: due with its commit.
pub fn notices(app: &App, notice: &Notice<'_>) -> Vec<OutboxRow> {
    let receivers = app.distribution.receivers.iter().filter(|receiver| receiver.alerts);
    receivers.map(|receiver| notice_message(app, &receiver.name, notice)).collect()
}

/// Tells every receiver of alerts, once. Returns how many messages were queued: none when they were before.
pub fn tell(app: &App, notice: &Notice<'_>) -> Result<usize, AppError> {
    let outbox = notices(app, notice);
    let count = outbox.len();
    match app.store.commit(WriteSet { outbox, ..WriteSet::default() }).map_err(AppError::from) {
        Ok(()) => {
            (app.nudge)(Work::Outbox);
            Ok(count)
        }
        // The unique key of a message: it was queued before.
        Err(AppError::Race(_)) => Ok(0),
        Err(error) => Err(error),
    }
}

/// A message in the envelope of our webhooks (contract 8).
fn notice_message(app: &App, receiver: &str, notice: &Notice<'_>) -> OutboxRow {
    let new = NewMessage {
        counterpart: &address_of(receiver),
        kind: NOTICE,
        leg_id: None,
        order_key: format!("notice:{receiver}:{}", notice.subject),
        order_seq: notice.at.us(),
        dedup_key: notice_key(receiver, notice.type_, notice.id),
        body: json!({"type": notice.type_, "timestamp": notice.at.to_rfc3339(), "data": notice.data}).to_string(),
    };
    new.due(&app.ids, app.now())
}

fn notice_key(receiver: &str, type_: &str, id: &str) -> String {
    format!("notice:{receiver}:{type_}:{id}")
}

/// What a message is called where it becomes a file: in the order of time, and the same at each attempt.
pub fn notice_name(message: &OutboxRow) -> String {
    let body: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let type_ = body.get("type").and_then(Value::as_str).unwrap_or("notice");
    let word: String = type_.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let at = Ts::from_us(message.created_at_us).to_vietnam().format("%Y-%m-%dT%H%M%S");
    format!("{at}_{word}_{}.json", message.id)
}
