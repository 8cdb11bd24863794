//! What counterparts tell us by hooks and feeds: stored first, answered at once, decided later (design rule 6).
//!
//! A row of the inbox is a report in the form of a fact (`REPORT`), a webhook as it came (`HOOK`), or a record that a webhook
//! named without proof and that has to be confirmed by asking (`PULL`, wire-formats 8.2).

use std::collections::{BTreeMap, BTreeSet};

use crate::app::facts::{self, Reading, Reported, ReportedReceiver};
use crate::app::{App, AppError, Work, speakers};
use crate::base::digest::sha256_hex;
use crate::base::fault;
use crate::base::id::InboxId;
use crate::base::time::{MINUTE_US, Ts};
use crate::domain::access::Caller;
use crate::domain::problem::{Code, Refusal};
use crate::peers::myvnpost::webhook as p4;
use crate::peers::{Mapped, Quarantined, Report};
use crate::store::rows::{FeedCursorRow, InboxRow};
use crate::store::write::InboxDone;
use crate::store::{StoreError, WriteSet, read};

/// What a counterpart's hook is checked with.
#[derive(Debug, Clone, Default)]
pub struct Hooks {
    /// MyVNPost: counterpart → public key (DER).
    pub myvnpost: BTreeMap<String, Option<Vec<u8>>>,
}

/// The answer to a hook, in the family's own form.
#[derive(Debug, Clone)]
pub struct HookReply {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub media_type: &'static str,
    /// Body.
    pub body: String,
}

/// Takes a hook: checked, stored, answered. Nothing is decided here.
pub fn receive_hook(app: &App, counterpart: &str, body: &[u8]) -> Result<HookReply, AppError> {
    let Some(key) = app.hooks.myvnpost.get(counterpart) else { return Err(AppError::plain(Code::NotFound)) };
    let batch = match key {
        Some(key) => p4::verify(key, body),
        None => return Err(Refusal::plain(Code::SignatureInvalid).into()),
    };
    let batch = match batch {
        Ok(batch) => batch,
        Err(p4::WebhookError::Signature) => return Err(Refusal::plain(Code::SignatureInvalid).into()),
        Err(error) => {
            return Ok(HookReply { status: 400, media_type: "application/json", body: p4::reply_refused(&error) });
        }
    };
    let now = app.now();
    let stored = String::from_utf8_lossy(body).into_owned();
    let row = row(app, counterpart, "HOOK", format!("hook:{}", sha256_hex(body)), stored, now);
    match app.store.commit(WriteSet { inbox: vec![row], ..WriteSet::default() }) {
        // The same bytes again: stored already, and answered as the first time.
        Ok(()) | Err(StoreError::Conflict(_)) => {}
        Err(error) => return Err(error.into()),
    }
    fault::point("inbox.after_store");
    (app.nudge)(Work::Inbox);
    Ok(HookReply { status: 200, media_type: "application/json", body: p4::reply_stored(batch.others.len() + 1) })
}

fn row(app: &App, counterpart: &str, source: &str, key: String, body: String, now: Ts) -> InboxRow {
    InboxRow {
        id: InboxId::make(&app.ids).into(),
        counterpart: counterpart.to_owned(),
        source: source.to_owned(),
        message_key: key,
        body: Some(body),
        state: "NEW".to_owned(),
        received_at_us: now.us(),
        done_at_us: None,
        error: None,
    }
}

impl From<&Report> for Reported {
    fn from(report: &Report) -> Self {
        Reported {
            fact_id: report.source_key.clone(),
            leg_id: report.order_key.as_deref().map(leg_of_order),
            item_number: report.item_number.clone(),
            event: match &report.event {
                Mapped::Event(word) => Some(word.clone()),
                Mapped::Note => Some("NOTED".to_owned()),
                Mapped::Unmapped => None,
            },
            family: Some(report.family.to_owned()),
            raw_code: Some(report.raw_code.clone()),
            raw_text: report.raw_text.clone(),
            occurred_at_us: report.occurred_at.us(),
            occurred_text: Some(report.occurred_text.clone()),
            post_office_code: report.office.clone(),
            attempt: report.attempt,
            cause: report.cause.map(str::to_owned),
            cause_text: report.cause_text.clone(),
            receiver: report.receiver_name.as_ref().map(|name| ReportedReceiver {
                name: Some(name.reveal().clone()),
                representative: false,
                id_checked: false,
                authorisation_seen: false,
            }),
            amount: report.amount,
            ..Reported::default()
        }
    }
}

/// Our order number of a leg: its id without the prefix, 26 characters, the same at every attempt (wire-formats 6).
pub fn order_of_leg(leg_id: &str) -> String {
    leg_id.strip_prefix("leg_").unwrap_or(leg_id).to_owned()
}

pub(super) fn leg_of_order(order_key: &str) -> String {
    format!("leg_{}", order_key.trim())
}

/// Keeps a page of a counterpart's feed with the cursor behind it: both or neither (incident 18).
pub fn store_page(
    app: &App,
    counterpart: &str,
    feed: &str,
    reports: &[Report],
    quarantined: &[Quarantined],
    next: &str,
) -> Result<usize, AppError> {
    app.decide_and_commit(Some("poller.before_commit"), |set| {
        let now = app.now();
        let stored = add_reports(app, counterpart, reports, quarantined, now, set)?;
        let before = app.store.read(|db| read::feed::cursor(db, counterpart, feed))?;
        // A feed that stands still is read all the same, and that shows: whether it is read is told by this row alone.
        let reread_us = now.plus_us(-MINUTE_US).us();
        if before.is_none_or(|cursor| cursor.value != next || cursor.updated_at_us <= reread_us) {
            set.cursors.push(FeedCursorRow {
                counterpart: counterpart.to_owned(),
                feed: feed.to_owned(),
                value: next.to_owned(),
                updated_at_us: now.us(),
            });
        }
        Ok(stored)
    })
    .inspect(|_| fault::point("poller.after_commit"))
}

fn add_reports(
    app: &App,
    counterpart: &str,
    reports: &[Report],
    quarantined: &[Quarantined],
    now: Ts,
    set: &mut WriteSet,
) -> Result<usize, AppError> {
    let text = |reported: &Reported| serde_json::to_string(reported).unwrap_or_default();
    let mut rows: BTreeMap<String, InboxRow> = BTreeMap::new();
    for report in reports {
        let body = text(&Reported::from(report));
        rows.insert(report.source_key.clone(), row(app, counterpart, "REPORT", report.source_key.clone(), body, now));
    }
    for bad in quarantined {
        let key = format!("bad:{}", sha256_hex(bad.raw.reveal().as_bytes()));
        let aside = InboxRow {
            state: "QUARANTINED".to_owned(),
            error: Some(bad.why.clone()),
            ..row(app, counterpart, "REPORT", key.clone(), bad.raw.reveal().clone(), now)
        };
        rows.insert(key, aside);
    }
    let keys: Vec<String> = rows.keys().cloned().collect();
    let known: BTreeSet<String> =
        app.store.read(|db| read::messages::known_keys(db, counterpart, &keys))?.into_iter().collect();
    rows.retain(|key, _| !known.contains(key));
    let stored = rows.len();
    set.inbox.extend(rows.into_values());
    Ok(stored)
}

/// A record that a webhook named without proof, to be confirmed by asking.
#[derive(Debug, Clone)]
pub struct Pull {
    /// The row of the inbox.
    pub row_id: String,
    /// Whom to ask.
    pub counterpart: String,
    /// Our order number.
    pub order_key: Option<String>,
    /// The post's item number.
    pub item_number: Option<String>,
}

/// Records to be confirmed by asking, oldest first.
pub fn pulls(app: &App, limit: i64) -> Result<Vec<Pull>, AppError> {
    let rows = app.store.read(|db| read::messages::new_inbox(db, Some("PULL"), limit))?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let body: serde_json::Value =
                row.body.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            let member = |name: &str| body.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
            Pull {
                row_id: row.id.clone(),
                counterpart: row.counterpart.clone(),
                order_key: member("orderKey"),
                item_number: member("itemNumber"),
            }
        })
        .collect())
}

/// What asking about a record gave.
pub fn pulled(app: &App, pull: &Pull, reports: &[Report], quarantined: &[Quarantined]) -> Result<(), AppError> {
    app.decide_and_commit(Some("puller.before_commit"), |set| {
        let now = app.now();
        add_reports(app, &pull.counterpart, reports, quarantined, now, set)?;
        set.inbox_done.push(InboxDone {
            id: pull.row_id.clone(),
            state: "DONE".to_owned(),
            done_at_us: now.us(),
            error: None,
        });
        Ok(())
    })
    .inspect(|()| fault::point("puller.after_commit"))
}

/// Decides what waits in the inbox; returns how many rows were finished. One bad row is put aside and never stops the others.
pub fn decide_waiting(app: &App, limit: i64) -> Result<usize, AppError> {
    let rows = app.store.read(|db| read::messages::new_inbox(db, None, limit))?;
    let mut by_counterpart: BTreeMap<String, Vec<InboxRow>> = BTreeMap::new();
    for row in rows {
        by_counterpart.entry(row.counterpart.clone()).or_default().push(row);
    }
    let mut finished = 0;
    for (counterpart, rows) in by_counterpart {
        let (hooks, reports): (Vec<InboxRow>, Vec<InboxRow>) = rows.into_iter().partition(|row| row.source == "HOOK");
        for hook in &hooks {
            open_hook(app, hook)?;
            finished += 1;
        }
        if reports.is_empty() {
            continue;
        }
        let caller = speakers::post(app, &counterpart);
        match decide_rows(app, &caller, &reports) {
            Ok(()) => finished += reports.len(),
            Err(AppError::Internal(_)) => {
                for row in &reports {
                    decide_alone(app, &caller, row)?;
                    finished += 1;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(finished)
}

fn decide_alone(app: &App, caller: &Caller, row: &InboxRow) -> Result<(), AppError> {
    match decide_rows(app, caller, std::slice::from_ref(row)) {
        Err(AppError::Internal(why)) => put_aside(app, row, why),
        other => other,
    }
}

fn put_aside(app: &App, row: &InboxRow, why: String) -> Result<(), AppError> {
    let done =
        InboxDone { id: row.id.clone(), state: "QUARANTINED".to_owned(), done_at_us: app.now().us(), error: Some(why) };
    Ok(app.store.commit(WriteSet { inbox_done: vec![done], ..WriteSet::default() })?)
}

fn decide_rows(app: &App, caller: &Caller, rows: &[InboxRow]) -> Result<(), AppError> {
    let readings: Vec<Reading> = rows
        .iter()
        .map(|row| serde_json::from_str(row.body.as_deref().unwrap_or_default()).map(Reading::Fact))
        .collect::<Result<_, _>>()
        .map_err(|error| AppError::Internal(format!("a stored report cannot be read: {error}")))?;
    app.decide_and_commit(Some("inbox.before_commit"), |set| {
        let now = app.now();
        app.store.read(|db| facts::decide(app, db, caller, &readings, now, set))?;
        set.inbox_done.extend(rows.iter().map(|row| InboxDone {
            id: row.id.clone(),
            state: "DONE".to_owned(),
            done_at_us: now.us(),
            error: None,
        }));
        Ok(())
    })
    .inspect(|()| fault::point("inbox.after_commit"))
}

/// Opens a stored webhook: each of its records is a hint, to be confirmed by asking (wire-formats 6).
fn open_hook(app: &App, hook: &InboxRow) -> Result<(), AppError> {
    let body = hook.body.as_deref().unwrap_or_default();
    let key = app.hooks.myvnpost.get(&hook.counterpart).cloned().flatten().unwrap_or_default();
    let batch = match p4::verify(&key, body.as_bytes()) {
        Ok(batch) => batch,
        Err(error) => return put_aside(app, hook, error.to_string()),
    };
    app.decide_and_commit(None, |set| {
        let now = app.now();
        // Even the proved first record has no order number of ours: asking gives the whole history of each (E7).
        let to_ask = std::iter::once(&batch.first_pull).chain(&batch.others).enumerate().map(|(place, record)| {
            let body = serde_json::json!({"orderKey": record.order_key, "itemNumber": record.item_number});
            row(app, &hook.counterpart, "PULL", format!("pull:{}:{place}", hook.id), body.to_string(), now)
        });
        set.inbox.extend(to_ask);
        set.inbox_done.push(InboxDone {
            id: hook.id.clone(),
            state: "DONE".to_owned(),
            done_at_us: now.us(),
            error: None,
        });
        Ok(())
    })
}
