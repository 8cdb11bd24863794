//! Pushes webhooks as MyVNPost does: signed over the first record alone, again and again until the answer is 200.

use super::{Operator, key, record};
use crate::base::time::Ts;
use crate::sim::client::{Client, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::{rand::SystemRandom, signature};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// The first pause after a push that was not answered with 200; it doubles up to the longest.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LONGEST: Duration = Duration::from_secs(5);
/// An overtaken record waits for a later one, but not for ever.
const OVERTAKEN_WITHIN: Duration = Duration::from_millis(500);

/// One record to push.
#[derive(Clone)]
pub(super) struct Push {
    pub(super) record: Value,
    pub(super) sent_at: Ts,
}

#[derive(Default)]
struct Waiting {
    ready: VecDeque<Push>,
    held: VecDeque<Push>,
    in_flight: usize,
    url: Option<String>,
    stopped: bool,
}

/// What waits to be pushed.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Notify,
}

impl Queue {
    pub(super) fn new(url: Option<String>) -> Self {
        Queue { waiting: Mutex::new(Waiting { url, ..Waiting::default() }), changed: Notify::new() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a record in line, in the manner of E5.
    pub(super) fn put(&self, push: Push, manner: Option<&str>) {
        let mut waiting = self.waiting();
        match manner {
            Some("duplicate") => waiting.ready.extend([push.clone(), push]),
            Some("overtaken") => waiting.held.push_back(push),
            _ => {
                waiting.ready.push_back(push);
                let held = std::mem::take(&mut waiting.held);
                waiting.ready.extend(held);
            }
        }
        self.changed.notify_one();
    }

    pub(super) fn pending(&self) -> usize {
        let waiting = self.waiting();
        if waiting.url.is_none() { 0 } else { waiting.ready.len() + waiting.held.len() + waiting.in_flight }
    }

    pub(super) fn set_url(&self, url: Option<String>) {
        self.waiting().url = url;
        self.changed.notify_one();
    }

    pub(super) fn stop(&self) {
        self.waiting().stopped = true;
        self.changed.notify_one();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.waiting().stopped
    }

    fn take(&self, at_most: usize) -> Option<(String, Vec<Push>)> {
        let mut waiting = self.waiting();
        let url = waiting.url.clone()?;
        let count = waiting.ready.len().min(at_most.max(1));
        let batch: Vec<Push> = waiting.ready.drain(..count).collect();
        waiting.in_flight = batch.len();
        (!batch.is_empty()).then_some((url, batch))
    }

    fn release_held(&self) {
        let mut waiting = self.waiting();
        let held = std::mem::take(&mut waiting.held);
        waiting.ready.extend(held);
    }
}

/// Starts the pusher on a thread of its own.
pub(super) fn start(operator: Arc<Operator>) -> Result<(), String> {
    let client = Client::new()?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let signer = Signer::new()?;
    std::thread::Builder::new()
        .name("sim-push".into())
        .spawn(move || runtime.block_on(work(&operator, &client, &signer)))
        .map(drop)
        .map_err(|error| error.to_string())
}

async fn work(operator: &Operator, client: &Client, signer: &Signer) {
    let queue = &operator.queue;
    while !queue.is_stopped() {
        let Some((url, batch)) = queue.take(operator.options.webhook_records_max) else {
            // The pause is the longest wait for a later record; a new record ends it at once.
            if tokio::time::timeout(OVERTAKEN_WITHIN, queue.changed.notified()).await.is_err() {
                queue.release_held();
            }
            continue;
        };
        let body = envelope(operator, signer, batch);
        let mut pause = RETRY_FIRST;
        while !queue.is_stopped() {
            let request = Request::new("POST", &url).body("application/json; charset=utf-8", body.clone());
            let outcome = match client.send(&request).await {
                Ok(reply) => reply.status.to_string(),
                Err(_) => "unreachable".to_owned(),
            };
            operator.book().pushed(&outcome);
            if outcome == "200" {
                break;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RETRY_LONGEST);
        }
        queue.waiting().in_flight = 0;
    }
}

/// `{data, sendDate, signature}`; with E7 a forged record rides along.
fn envelope(operator: &Operator, signer: &Signer, batch: Vec<Push>) -> String {
    let Some(first) = batch.first() else { return String::new() };
    let send_date = record::local_time(first.sent_at);
    let text = |name: &str| match first.record.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let signed = format!("MYVNP{send_date}{}{}", text("itemCode"), text("status"));
    let signature = signer.sign(signed.as_bytes());
    let mut records: Vec<Value> = batch.iter().map(|push| push.record.clone()).collect();
    if operator.faults.strikes("E7", &signed) {
        records.extend(forged(operator));
    }
    json!({"data": records, "sendDate": send_date, "signature": signature}).to_string()
}

/// A record that says "delivered" about an order that is not.
fn forged(operator: &Operator) -> Option<Value> {
    let book = operator.book();
    let order = book.orders.values().find(|order| !matches!(order.status(), "14" | "19" | "21"))?;
    let mut lie = record::of(operator, order, order.life.len());
    lie.as_object_mut()?.insert("status".to_owned(), json!("14"));
    Some(lie)
}

/// Signs as the operator does.
pub(super) struct Signer(signature::RsaKeyPair, SystemRandom);

impl Signer {
    pub(super) fn new() -> Result<Self, String> {
        let der = STANDARD.decode(key::SIGNING_KEY_PKCS8).map_err(|error| error.to_string())?;
        let pair = signature::RsaKeyPair::from_pkcs8(&der).map_err(|error| error.to_string())?;
        Ok(Signer(pair, SystemRandom::new()))
    }

    pub(super) fn sign(&self, message: &[u8]) -> String {
        let mut signature = vec![0; self.0.public().modulus_len()];
        match self.0.sign(&signature::RSA_PKCS1_SHA256, &self.1, message, &mut signature) {
            Ok(()) => STANDARD.encode(signature),
            Err(_) => String::new(),
        }
    }
}
