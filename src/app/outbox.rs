//! The outbox as operators see it: lists, and messages that were parked, mended and replayed (contract 9).

use crate::app::people::{Doing, act};
use crate::app::{App, AppError, distribution};
use crate::base::id::{IdMaker, MessageId};
use crate::base::time::Ts;
use crate::domain::problem::{Code, Problem, Refusal};
use crate::store::read::PageAsk;
use crate::store::read::messages as read;
use crate::store::rows::{OutboxLogRow, OutboxRow};
use crate::store::write::OutboxRevive;

pub use crate::store::read::messages::Backlog;

/// A message that a use case or the publisher wants to leave.
pub(super) struct NewMessage<'a> {
    /// Who gets it.
    pub(super) counterpart: &'a str,
    /// What it is.
    pub(super) kind: &'a str,
    /// The leg that it is about.
    pub(super) leg_id: Option<&'a str>,
    /// Messages of one key leave in the order of `order_seq`.
    pub(super) order_key: String,
    /// Its place in that order.
    pub(super) order_seq: i64,
    /// One message per key, for ever.
    pub(super) dedup_key: String,
    /// What it says.
    pub(super) body: String,
}

impl NewMessage<'_> {
    /// The row, due at once.
    pub(super) fn due(self, ids: &IdMaker, now: Ts) -> OutboxRow {
        OutboxRow {
            id: MessageId::make(ids).into(),
            counterpart: self.counterpart.to_owned(),
            kind: self.kind.to_owned(),
            leg_id: self.leg_id.map(str::to_owned),
            order_key: self.order_key,
            order_seq: self.order_seq,
            dedup_key: self.dedup_key,
            body: self.body,
            state: "DUE".to_owned(),
            attempts: 0,
            due_at_us: now.us(),
            first_sent_at_us: None,
            ask_first: 0,
            lease_owner: None,
            lease_until_us: None,
            fence: 0,
            last_outcome: None,
            last_error: None,
            parked_at_us: None,
            created_at_us: now.us(),
        }
    }
}

/// One message.
pub fn get(app: &App, id: &str) -> Result<OutboxRow, AppError> {
    app.store.read(|db| read::by_id(db, id))?.ok_or_else(|| AppError::plain(Code::NotFound))
}

/// A page of messages, oldest first.
pub fn page(
    app: &App,
    state: Option<&str>,
    counterpart: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<OutboxRow>, AppError> {
    Ok(app.store.read(|db| read::page(db, state, counterpart, ask))?)
}

/// What waits, for metrics and health.
pub fn backlog(app: &App) -> Result<Backlog, AppError> {
    let now = app.now().us();
    Ok(app.store.read(|db| read::backlog(db, now))?)
}

/// Who has a message sent again.
#[derive(Debug, Clone, Copy)]
pub struct Operator<'a> {
    /// As the log of the message names them.
    pub name: &'a str,
    /// For the record of acts; none for a system.
    pub doing: Option<Doing<'a>>,
}

/// Sends a parked message again, with the same id and order key.
pub fn replay(app: &App, id: &str, reason: &str, by: Operator<'_>) -> Result<OutboxRow, AppError> {
    revive(app, id, None, reason, by)
}

/// Gives a parked message another body and sends it again; every version is kept.
pub fn mend(app: &App, id: &str, body: &str, reason: &str, by: Operator<'_>) -> Result<OutboxRow, AppError> {
    revive(app, id, Some(body), reason, by)
}

/// What an order or a state is mended with is an object; other text would go out as if nothing had been mended.
fn readable(body: &str) -> Result<(), AppError> {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(body) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::body(vec![Problem::error(
            Code::FieldInvalid,
            "body",
            "mend this message with a JSON object, such as {\"phone\": \"0900000041\"}",
            "hãy sửa thông điệp này bằng một đối tượng JSON, ví dụ {\"phone\": \"0900000041\"}",
        )])
        .into()),
    }
}

/// Whether a message goes to a receiver of reports and alerts, as it was made and no other way.
pub fn is_fixed(message: &OutboxRow) -> bool {
    matches!(message.kind.as_str(), distribution::FILE | distribution::NOTICE)
}

fn revive(app: &App, id: &str, body: Option<&str>, reason: &str, by: Operator<'_>) -> Result<OutboxRow, AppError> {
    app.decide_and_commit(None, |set| {
        let row = get(app, id)?;
        if row.state != "PARKED" {
            return Err(AppError::plain(Code::OutboxNotParked));
        }
        if body.is_some() && is_fixed(&row) {
            return Err(Refusal::new(
                Code::BodyInvalid,
                "what a receiver gets goes out as it was made: mend what the receiver lacks, then replay it",
                "tin gửi nơi nhận chỉ gửi nguyên như đã lập: hãy sửa ở nơi nhận rồi gửi lại",
            )
            .into());
        }
        if let Some(body) = body.filter(|_| row.kind != "WEBHOOK") {
            readable(body)?;
        }
        let now = app.now();
        let entries = app.store.read(|db| read::entries_of(db, std::slice::from_ref(&row.id)))?;
        let revive =
            OutboxRevive { id: row.id.clone(), body: body.unwrap_or(&row.body).to_owned(), due_at_us: now.us() };
        let entry = OutboxLogRow {
            outbox_id: row.id.clone(),
            entry: entries.get(&row.id).copied().unwrap_or(0).saturating_add(1),
            what: if body.is_some() { "MENDED" } else { "REPLAYED" }.to_owned(),
            at_us: now.us(),
            outcome: None,
            detail: Some(reason.to_owned()),
            // The version that is replaced: the one that goes out stands in the row.
            body: body.map(|_| row.body.clone()),
            by_whom: Some(by.name.to_owned()),
        };
        let revived = OutboxRow {
            state: "DUE".to_owned(),
            body: revive.body.clone(),
            due_at_us: now.us(),
            attempts: 0,
            parked_at_us: None,
            ..row
        };
        let word = if body.is_some() { "MESSAGE.MEND" } else { "MESSAGE.REPLAY" };
        set.acts.extend(by.doing.map(|doing| act(app, doing, word, Some(id))));
        set.outbox_revives.push(revive);
        set.outbox_log.push(entry);
        Ok(revived)
    })
}
