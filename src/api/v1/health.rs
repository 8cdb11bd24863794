//! Health and metrics (contract 9).

use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::app::idempotency::Rendered;
use crate::app::{alerts, outbox};
use crate::domain::alert::Kind;
use crate::domain::problem::{Code, Refusal};
use crate::store::read::feed::last_seq;

/// `GET /health/live`.
pub(in crate::api) fn live(_: &Call) -> Result<Answer, Fault> {
    Ok(Answer::json(&json!({ "status": "live" })))
}

/// `GET /health/ready`: the store answers, nobody has asked us to stop, and whatever else the process was told to ask.
pub(in crate::api) fn ready(call: &Call) -> Result<Answer, Fault> {
    let front = &call.front;
    let own =
        [("store", front.app.store.read(last_seq).is_ok()), ("accepting", !front.stopping.load(Ordering::SeqCst))];
    let checks: Vec<(&str, bool)> =
        own.into_iter().chain(front.checks.iter().map(|check| (check.name, (check.holds)()))).collect();
    let failing: Vec<&str> = checks.iter().filter(|(_, holds)| !holds).map(|(name, _)| *name).collect();
    if failing.is_empty() {
        let shown: Map<String, Value> =
            checks.iter().map(|(name, _)| ((*name).to_owned(), Value::from("ok"))).collect();
        return Ok(Answer::json(&json!({ "status": "ready", "checks": shown })));
    }
    let names = failing.join(", ");
    let (en, vi) = (format!("not ready: {names}"), format!("chưa sẵn sàng: {names}"));
    Err(Refusal::new(Code::Unavailable, en, vi).into())
}

/// `GET /metrics`: the figures of the store are taken now, the others stand as they are.
pub(in crate::api) fn metrics(call: &Call) -> Result<Answer, Fault> {
    let front = &call.front;
    let backlog = outbox::backlog(&front.app)?;
    let now = front.app.now().us();
    let age_s = |since: Option<i64>| since.map_or(0.0, |since| now.saturating_sub(since).max(0) as f64 / 1e6);
    front.metrics.outbox_oldest_due_seconds.set(age_s(backlog.outbox_oldest_due_at_us));
    front.metrics.outbox_parked.set(backlog.outbox_parked);
    front.metrics.facts_unmatched.set(backlog.facts_unmatched);
    front.metrics.inbox_lag_seconds.set(age_s(backlog.inbox_oldest_at_us));
    let open = alerts::open(&front.app)?;
    for kind in Kind::ALL {
        let count = open.iter().filter(|(other, _)| other == kind).count();
        front.metrics.alerts_open.with_label_values(&[kind.as_str()]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    let (basis, _) = alerts::watched(&front.app)?;
    front.metrics.alerts_last_round_seconds.set(age_s(basis.map(|basis| basis.round_at_us)));
    Ok(Answer::of(Rendered {
        status: 200,
        media_type: "text/plain; version=0.0.4; charset=utf-8".to_owned(),
        location: None,
        body: front.metrics.render(),
    }))
}
