//! The feed: numbering after the commit, reading by cursor, and the webhooks that it feeds (contract 8).

use serde_json::Value;

use crate::app::outbox::NewMessage;
use crate::app::{App, AppError, Work, keys::random_bytes};
use crate::base::id::WebhookId;
use crate::base::secret::Redacted;
use crate::base::time::Ts;
use crate::domain::access::{Agencies, Caller};
use crate::peers::webhook as signing;
use crate::store::read::feed as read;
use crate::store::read::feed::Numbered;
use crate::store::rows::{OutboxRow, WebhookRow};

/// Numbers what was committed, at most `limit` events, and writes the webhooks of it. Returns how many were numbered.
pub fn publish(app: &App, limit: i64) -> Result<usize, AppError> {
    if !app.store.read(read::is_waiting)? {
        return Ok(0);
    }
    let (ids, now) = (app.ids.clone(), app.now());
    let numbered = app.store.publish(limit, move |events, hooks| {
        let live: Vec<&WebhookRow> = hooks.iter().filter(|hook| hook.state == "ACTIVE").collect();
        let mut messages = Vec::new();
        for event in events {
            let wanted = live.iter().filter(|hook| wants(hook, event));
            messages.extend(wanted.map(|hook| webhook_message(&ids, event, hook, now)));
        }
        messages
    })?;
    if numbered > 0 {
        (app.nudge)(Work::Outbox);
    }
    Ok(numbered)
}

fn wants(hook: &WebhookRow, event: &Numbered) -> bool {
    let agencies = Agencies::from_list(&hook.agencies.split(',').collect::<Vec<_>>());
    let seen = match &event.agency_code {
        Some(code) => agencies.sees(code),
        None => agencies == Agencies::All || event.reporter.as_deref() == Some(hook.counterpart.as_str()),
    };
    let typed = hook.types.is_empty() || hook.types.split(',').any(|type_| type_ == event.type_);
    seen && typed && event.feed_seq > Some(hook.from_feed_seq)
}

/// The body of a webhook, and of an item of the feed without its id and cursor.
pub fn body_of(event: &Numbered) -> String {
    // `data` is JSON text already: it is put in as it is, so that the bytes do not change on their way.
    format!(
        "{{\"type\":\"{}\",\"timestamp\":\"{}\",\"data\":{}}}",
        event.type_,
        Ts::from_us(event.at_us).to_rfc3339(),
        event.data
    )
}

fn webhook_message(ids: &crate::base::id::IdMaker, event: &Numbered, hook: &WebhookRow, now: Ts) -> OutboxRow {
    let subject = event.leg_id.as_deref().unwrap_or(&event.id);
    let new = NewMessage {
        counterpart: &hook.counterpart,
        kind: "WEBHOOK",
        leg_id: event.leg_id.as_deref(),
        order_key: format!("{}:{subject}", hook.id),
        order_seq: event.feed_seq.unwrap_or_default(),
        dedup_key: format!("{}:{}", hook.id, event.id),
        body: body_of(event),
    };
    new.due(ids, now)
}

/// The subscription and the event of a webhook message: (webhook id, event id).
pub fn webhook_and_event(message: &OutboxRow) -> Option<(&str, &str)> {
    message.dedup_key.split_once(':')
}

/// A page of the feed after a number.
pub fn after(
    app: &App,
    caller: &Caller,
    types: Option<&[String]>,
    after: i64,
    limit: i64,
) -> Result<Vec<Numbered>, AppError> {
    Ok(app.store.read(|db| read::after(db, &caller.agencies, &caller.counterpart, types, after, limit))?)
}

/// A subscription as it is shown, once.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// Its id.
    pub id: String,
    /// Where it goes.
    pub url: String,
    /// The symmetric secret, `whsec_…`.
    pub secret: Redacted<String>,
    /// The public key that checks `v1a`, `whpk_…`.
    pub public_key: String,
}

/// One generation of secrets of a subscription, as it is kept.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct KeptSecret {
    /// `whsec_…`, for `v1`.
    pub secret: String,
    /// The private key, for `v1a`.
    pub private_key: String,
    /// When it ends, after a rotation.
    pub until_us: Option<i64>,
}

/// The secrets that are live at an instant.
pub fn live_secrets(hook: &WebhookRow, now: Ts) -> Vec<KeptSecret> {
    let kept: Vec<KeptSecret> = serde_json::from_str(&hook.secrets).unwrap_or_default();
    kept.into_iter().filter(|secret| secret.until_us.is_none_or(|until| until > now.us())).collect()
}

fn new_secret() -> Result<(KeptSecret, String), AppError> {
    let secret = signing::make_secret(&random_bytes::<32>()?).into_inner();
    let (private_key, public_key) = signing::make_keypair(&random_bytes::<32>()?)
        .ok_or_else(|| AppError::Internal("no key pair could be made".to_owned()))?;
    Ok((KeptSecret { secret, private_key: private_key.into_inner(), until_us: None }, public_key))
}

fn secrets_text(secrets: &[KeptSecret]) -> Result<String, AppError> {
    serde_json::to_string(secrets).map_err(|error| AppError::Internal(error.to_string()))
}

/// Subscribes a counterpart to the events of agencies from now on.
pub fn create_webhook(
    app: &App,
    counterpart: &str,
    agencies: &Agencies,
    url: &str,
    types: &[String],
) -> Result<NewWebhook, AppError> {
    let (secret, public_key) = new_secret()?;
    let from_feed_seq = app.store.read(read::last_seq)?;
    let row = WebhookRow {
        id: WebhookId::make(&app.ids).into(),
        counterpart: counterpart.to_owned(),
        agencies: agencies.to_list().join(","),
        url: url.to_owned(),
        types: types.join(","),
        state: "ACTIVE".to_owned(),
        secrets: secrets_text(std::slice::from_ref(&secret))?,
        created_at_us: app.now().us(),
        from_feed_seq,
    };
    app.store.insert_webhook(row.clone())?;
    Ok(NewWebhook { id: row.id, url: row.url, secret: Redacted::new(secret.secret), public_key })
}

/// Adds a new generation of secrets; the old ones sign beside it until the overlap ends. `None` when there is no such webhook.
pub fn rotate_webhook(app: &App, id: &str, overlap_us: i64) -> Result<Option<NewWebhook>, AppError> {
    let Some(row) = app.store.read(|db| read::webhook_by_id(db, id))? else { return Ok(None) };
    let now = app.now();
    let until = now.plus_us(overlap_us).us();
    let (secret, public_key) = new_secret()?;
    let mut secrets = vec![secret.clone()];
    secrets.extend(
        live_secrets(&row, now)
            .into_iter()
            .map(|old| KeptSecret { until_us: Some(old.until_us.map_or(until, |earlier| earlier.min(until))), ..old }),
    );
    app.store.update_webhook(row.id.clone(), secrets_text(&secrets)?, row.state)?;
    Ok(Some(NewWebhook { id: row.id, url: row.url, secret: Redacted::new(secret.secret), public_key }))
}

/// Stops a subscription; false when there is no such webhook.
pub fn disable_webhook(app: &App, id: &str) -> Result<bool, AppError> {
    let Some(row) = app.store.read(|db| read::webhook_by_id(db, id))? else { return Ok(false) };
    Ok(app.store.update_webhook(row.id, row.secrets, "DISABLED".to_owned())?)
}

/// An item of the feed.
pub fn item_of(event: &Numbered) -> Value {
    serde_json::json!({
        "cursor": cursor_of(event.feed_seq.unwrap_or_default()),
        "id": event.id,
        "type": event.type_,
        "timestamp": Ts::from_us(event.at_us).to_rfc3339(),
        "data": serde_json::from_str::<Value>(&event.data).unwrap_or(Value::Null),
    })
}

/// The cursor of a number of the feed.
pub fn cursor_of(feed_seq: i64) -> String {
    format!("e{feed_seq}")
}

/// The number of a cursor; empty is the beginning. `None` when we did not make it.
pub fn number_of(cursor: &str) -> Option<i64> {
    if cursor.is_empty() {
        return Some(0);
    }
    let digits = cursor.strip_prefix('e')?;
    let number: i64 = digits.parse().ok()?;
    (number >= 0 && number.to_string() == digits).then_some(number)
}
