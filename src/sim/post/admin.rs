//! The paths under `/_sim`: the book, the fault plan, and the script that gives orders their lives.

use super::{Family, Operator, book::Happening, hcc_feed, pusher::Push, record};
use crate::base::time::Ts;
use crate::sim::server::{Answer, Call};
use crate::sim::strict::{self, Field, Form, may, must};
use serde_json::{Value, json};

const EVENT: &[Field] = &[
    must("status", Form::Filled),
    may("time", Form::Filled),
    may("office", Form::Text),
    may("attempt", Form::Whole),
    may("cause", Form::Text),
    may("receiver", Form::Text),
];

fn wrong(what: impl Into<String>) -> Answer {
    Answer::json(400, &json!({"error": what.into()}))
}

pub(super) fn answer(operator: &Operator, call: &Call) -> Answer {
    match call.route() {
        ("GET", "/_sim/ledger") => Answer::json(200, &operator.ledger()),
        ("GET", "/_sim/faults") => Answer::json(200, &operator.faults.show()),
        ("PUT", "/_sim/faults") => match call.json().as_ref().map(Value::as_object) {
            Ok(Some(plan)) => match operator.faults.replace(plan) {
                Ok(()) => Answer::json(200, &operator.faults.show()),
                Err(error) => wrong(error),
            },
            _ => wrong("send {\"E1\": 0.05}"),
        },
        ("PUT", "/_sim/webhook") => {
            match call.json().ok().as_ref().and_then(|body| body.get("url")).and_then(Value::as_str) {
                Some(url) => {
                    operator.queue.set_url(Some(url.to_owned()));
                    Answer::json(200, &json!({"url": url}))
                }
                None => wrong("send {\"url\": …}"),
            }
        }
        ("POST", path) => match path.strip_prefix("/_sim/orders/").and_then(|rest| rest.strip_suffix("/events")) {
            Some(code) => script(operator, code, call),
            None => Answer::empty(404),
        },
        _ => Answer::empty(404),
    }
}

/// Takes one event, or a list of them.
fn script(operator: &Operator, code: &str, call: &Call) -> Answer {
    let Ok(body) = call.json() else { return wrong("the body is not JSON") };
    let events = match body {
        Value::Array(events) => events,
        event => vec![event],
    };
    let mut life = Vec::new();
    for event in &events {
        match read(operator, event) {
            Ok(happening) => life.push(happening),
            Err(error) => return wrong(error),
        }
    }
    let Some(id) = operator.book().ids_of(code).first().copied() else {
        return Answer::json(404, &json!({"error": format!("no order {code}")}));
    };
    for happening in life {
        happen(operator, id, happening);
    }
    Answer::json(200, &json!({"orderCode": code, "events": events.len()}))
}

fn read(operator: &Operator, event: &Value) -> Result<Happening, String> {
    let object = event.as_object().ok_or("an event is an object")?;
    let problems = strict::faults_of(object, EVENT, "");
    if !problems.is_empty() {
        return Err(problems.join("; "));
    }
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let status = text("status");
    if operator.options.family == Family::Hcc && !hcc_feed::WORDS.contains(&status.as_str()) {
        return Err(format!("status must be one of {}", hcc_feed::WORDS.join(", ")));
    }
    let now = operator.now();
    let at = match object.get("time").and_then(Value::as_str) {
        Some(time) => Ts::parse_rfc3339(time).ok_or("time must be RFC 3339 with an offset")?,
        None => now,
    };
    Ok(Happening {
        status,
        at,
        written_at: now,
        office: text("office"),
        attempt: object.get("attempt").and_then(Value::as_u64).unwrap_or(0),
        cause: text("cause"),
        receiver: text("receiver"),
    })
}

/// Lets something happen to an order: the book, the feeds, the webhooks.
pub(super) fn happen(operator: &Operator, id: u64, mut happening: Happening) {
    let faults = &operator.faults;
    let mut book = operator.book();
    let Some((code, previous, told)) =
        book.orders.get(&id).map(|order| (order.code.clone(), order.life.last().map(|last| last.at), order.life.len()))
    else {
        return;
    };
    let key = format!("{code}#{told}");
    let manner = faults.variant("E5", &["duplicate", "overtaken", "equal"], &key);
    // The creation is no report: only two reports can have equal times.
    if manner == Some("equal")
        && told > 1
        && let Some(previous) = previous
    {
        happening.at = previous;
    }
    if operator.options.family == Family::Hcc {
        hcc_feed::write(operator, &mut book, id, &happening, manner);
        if let Some(order) = book.orders.get_mut(&id) {
            order.life.push(happening);
        }
        return;
    }
    let money_only = happening.status == "14" && faults.strikes("E12", &key);
    let mut story = Vec::new();
    if money_only {
        story.push(Happening { status: "21".to_owned(), ..happening.clone() });
    } else {
        story.push(happening.clone());
    }
    if faults.strikes("E9", &key) {
        story.push(Happening { status: "77".to_owned(), ..happening.clone() });
    }
    if happening.status == "14" && faults.strikes("E11", &key) {
        let at = happening.at.plus_us(crate::base::time::HOUR_US);
        story.push(Happening { status: "19".to_owned(), at, ..happening.clone() });
    }
    for step in story {
        if let Some(order) = book.orders.get_mut(&id) {
            order.life.push(step.clone());
            let push = Push { record: record::of(operator, order, order.life.len()), sent_at: step.at };
            operator.queue.put(push, manner);
        }
    }
}
