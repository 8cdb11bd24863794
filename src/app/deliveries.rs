//! Messages on their way out: claimed, given what they need to be encoded, and settled with what the attempt came to.
//!
//! No transaction is open while a byte travels (design rule 7): `claim` is one short transaction, `settle` another, guarded by
//! owner and fence. What the operator acknowledged becomes an event of the leg in the transaction that settles the message.

use serde_json::Value;

use crate::app::feed::{KeptSecret, live_secrets, webhook_and_event};
use crate::app::leg_work::LegsInWork;
use crate::app::outbox::next_entry;
use crate::app::{App, AppError};
use crate::base::fault;
use crate::base::id::{EventId, LegId};
use crate::base::time::Ts;
use crate::domain::custody::table::{Effect, effect};
use crate::domain::custody::{Detail, Event, EventKind, Source};
use crate::domain::discrepancy::Kind;
use crate::domain::identifier::ItemNumber;
use crate::domain::leg::{Side, State};
use crate::domain::retry::{self, Next, Outcome, Policy};
use crate::peers::Answer;
use crate::store::rows::{LegRow, OutboxLogRow, OutboxRow, PartyRow};
use crate::store::write::OutboxSettle;
use crate::store::{StoreError, read};

/// A claimed message with what it needs to be encoded.
#[derive(Clone)]
pub struct Delivery {
    /// The message.
    pub message: OutboxRow,
    /// What to send.
    pub content: Content,
}

/// What a message sends.
#[derive(Clone)]
pub enum Content {
    /// An order to the post for a leg. Parts that a person mended stand in `overrides`.
    PostOrder {
        /// The leg.
        leg: Box<LegRow>,
        /// Its party.
        party: Box<PartyRow>,
        /// Members of the order that replace what leg and party say.
        overrides: Value,
    },
    /// The withdrawal of an order.
    PostCancel {
        /// The leg.
        leg: Box<LegRow>,
        /// The post had acknowledged the order.
        ordered: bool,
    },
    /// A state for the one-stop side.
    OneStopState {
        /// The leg.
        leg: Box<LegRow>,
        /// The state to tell.
        state: State,
    },
    /// A signed webhook.
    Webhook {
        /// Where to.
        url: String,
        /// `webhook-id`: the event, the same at each attempt.
        event_id: String,
        /// The secrets that are live now.
        secrets: Vec<KeptSecret>,
    },
    /// There is nothing to send any more: the leg was withdrawn, the subscription disabled, the data erased.
    Nothing(&'static str),
}

/// Claims due messages and loads what they need; none for the counterparts in `full`.
pub fn claim(app: &App, owner: &str, lease_us: i64, limit: i64, full: Vec<String>) -> Result<Vec<Delivery>, AppError> {
    let now = app.now();
    let messages = app.store.claim_messages(owner.to_owned(), now.us(), lease_us, limit, full)?;
    if !messages.is_empty() {
        fault::point("dispatch.after_claim");
    }
    messages
        .into_iter()
        .map(|message| Ok(Delivery { content: content_of(app, &message, now)?, message }))
        .collect::<Result<_, AppError>>()
}

fn content_of(app: &App, message: &OutboxRow, now: Ts) -> Result<Content, AppError> {
    if message.kind == "WEBHOOK" {
        let Some((hook_id, event_id)) = webhook_and_event(message) else {
            return Ok(Content::Nothing("the message names no subscription"));
        };
        let hook = app.store.read(|db| read::feed::webhook_by_id(db, hook_id))?;
        return Ok(match hook.filter(|hook| hook.state == "ACTIVE") {
            Some(hook) => {
                Content::Webhook { secrets: live_secrets(&hook, now), event_id: event_id.to_owned(), url: hook.url }
            }
            None => Content::Nothing("the subscription is disabled"),
        });
    }
    let leg_id = message.leg_id.clone().unwrap_or_default();
    let (leg, party) =
        app.store.read(|db| Ok((read::legs::by_id(db, &leg_id)?, read::legs::party_of(db, &leg_id)?)))?;
    let Some(leg) = leg else { return Ok(Content::Nothing("the leg is gone")) };
    let body: Value = serde_json::from_str(&message.body).unwrap_or(Value::Null);
    if message.kind == "ONE_STOP_STATE" {
        let state = body.get("state").and_then(Value::as_str).and_then(State::parse);
        return Ok(match state {
            Some(state) => Content::OneStopState { leg: Box::new(leg), state },
            None => Content::Nothing("the message names no state"),
        });
    }
    if message.kind == "POST_CANCEL" {
        let ordered = body.get("ordered").and_then(Value::as_bool) == Some(true);
        return Ok(Content::PostCancel { leg: Box::new(leg), ordered });
    }
    // An order that was never sent need not go out once the leg is over; one that may have been is asked about first.
    if leg.is_open == 0 && message.ask_first == 0 {
        return Ok(Content::Nothing("the leg is closed"));
    }
    Ok(match party {
        Some(party) => Content::PostOrder { leg: Box::new(leg), party: Box::new(party), overrides: body },
        None => Content::Nothing("the party of the leg was erased"),
    })
}

/// Gives claimed messages back unsent, as a stopping process does.
pub fn release(app: &App, owner: &str, ids: Vec<String>) -> Result<(), AppError> {
    Ok(app.store.release_messages(owner.to_owned(), ids)?)
}

/// What an attempt came to.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// A call was made, or failed, with this answer.
    Sent(Answer),
    /// The counterpart was asked and clearly has nothing: send at once, without ending the claim.
    NothingToSend(&'static str),
    /// The subscriber wants no more (410).
    Gone,
}

/// Whether the settling counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is written.
    Yes,
    /// The lease was lost meanwhile: somebody else goes on with the message.
    LeaseLost,
}

/// Settles an attempt: finished, due again, to be asked about, or parked for a person.
pub fn settle(
    app: &App,
    owner: &str,
    message: &OutboxRow,
    attempt: &Attempt,
    policy: &Policy,
    jitter: f64,
) -> Result<Settled, AppError> {
    let now = app.now();
    let attempts = message.attempts.saturating_add(1);
    let first_at = Ts::from_us(message.first_sent_at_us.unwrap_or(now.us()));
    let (outcome, word, why) = told(attempt);
    let number = u32::try_from(attempts).unwrap_or(u32::MAX);
    let next = match attempt {
        Attempt::NothingToSend(_) | Attempt::Gone => Next::Settle,
        Attempt::Sent(_) => retry::next(policy, number, &outcome, first_at, jitter, now),
    };
    let mut settle = OutboxSettle {
        id: message.id.clone(),
        owner: owner.to_owned(),
        fence: message.fence,
        state: "SETTLED".to_owned(),
        due_at_us: message.due_at_us,
        ask_first: 0,
        attempts,
        last_outcome: Some(word.to_owned()),
        last_error: why.clone(),
        parked_at_us: None,
    };
    match next {
        Next::Settle => settle.last_error = None,
        Next::At(at) => (settle.state, settle.due_at_us) = ("DUE".to_owned(), at.us()),
        Next::AskFirst(at) => {
            (settle.state, settle.due_at_us, settle.ask_first) = ("UNKNOWN".to_owned(), at.us(), 1);
        }
        Next::Park(reason) => {
            settle.state = "PARKED".to_owned();
            settle.parked_at_us = Some(now.us());
            settle.last_error = Some(match why {
                Some(why) => format!("{reason}: {why}"),
                None => reason.to_owned(),
            });
        }
    }
    let entry = next_entry(app, &message.id)?;
    let log = OutboxLogRow {
        what: "ATTEMPT".to_owned(),
        at_us: now.us(),
        outcome: Some(word.to_owned()),
        detail: settle.last_error.clone(),
        ..entry
    };
    let refused_for_good = settle.state == "PARKED" && word == "REFUSED";
    let acknowledged = match attempt {
        Attempt::Sent(Answer::Done { item_number, .. }) if message.kind == "POST_ORDER" => Some(item_number.clone()),
        _ => None,
    };
    let committed = app.decide_and_commit(None, |set| {
        set.outbox_settles.push(settle.clone());
        set.outbox_log.push(log.clone());
        if let (Some(item_number), Some(leg_id)) = (&acknowledged, &message.leg_id) {
            ordered(app, message, leg_id, item_number.as_deref(), first_at, now, set)?;
        }
        if let (true, Some(leg_id)) = (refused_for_good && message.kind == "POST_ORDER", &message.leg_id) {
            not_at_operator(app, leg_id, now, set)?;
        }
        // A lost lease is no race to run again: the message is somebody else's.
        let still_ours = app.store.read(|db| read::messages::by_id(db, &message.id))?.is_some_and(|row| {
            row.state == "CLAIMED" && row.lease_owner.as_deref() == Some(owner) && row.fence == message.fence
        });
        if still_ours { Ok(()) } else { Err(AppError::Unavailable(LEASE_LOST.to_owned())) }
    });
    match committed {
        Ok(()) => {
            fault::point("dispatch.after_settle");
            Ok(Settled::Yes)
        }
        Err(AppError::Unavailable(why)) if why == LEASE_LOST => Ok(Settled::LeaseLost),
        Err(error) => Err(error),
    }
}

const LEASE_LOST: &str = "the lease was lost";

/// The outcome for the arithmetic, its word for the row, and why.
fn told(attempt: &Attempt) -> (Outcome, &'static str, Option<String>) {
    match attempt {
        Attempt::NothingToSend(why) => (Outcome::Done, "WITHDRAWN", Some((*why).to_owned())),
        Attempt::Gone => (Outcome::Done, "GONE", None),
        Attempt::Sent(answer) => {
            let (word, why) = match answer {
                Answer::Done { .. } => ("DONE", None),
                Answer::Refused { code, text } => ("REFUSED", Some(format!("{code} {text}"))),
                Answer::Retry { why, .. } => ("RETRY", Some(why.clone())),
                Answer::Unauthorised => ("UNAUTHORISED", Some("our credentials were not accepted".to_owned())),
                Answer::Unknown { why } => ("UNKNOWN", Some(why.clone())),
                Answer::NotFound => ("NOT_FOUND", Some("the counterpart does not have it".to_owned())),
            };
            (answer.outcome(), word, why)
        }
    }
}

/// The operator acknowledged the order: `ORDERED`, dated when it first went out, since the operator cannot have taken the
/// papers for it before that. A leg that has gone on already needs no such event.
fn ordered(
    app: &App,
    message: &OutboxRow,
    leg_id: &str,
    item_number: Option<&str>,
    first_at: Ts,
    now: Ts,
    set: &mut crate::store::WriteSet,
) -> Result<(), AppError> {
    Ok(app.store.read(|db| {
        let Some(row) = read::legs::by_id(db, leg_id)? else { return Ok(()) };
        let mut work = LegsInWork::new(app, now);
        work.take(db, vec![row])?;
        if let Some(leg) = work.get(leg_id) {
            if let Some(number) = item_number.and_then(|number| ItemNumber::parse(number).ok()) {
                leg.bind_item(number.as_str(), number.grade().as_str());
            }
            if effect(leg.folded().state, EventKind::Ordered) == Effect::Moves {
                let source = Source::of(message.counterpart.as_str(), Side::Post);
                let id = LegId::from_text(leg_id);
                let event = Event::new(EventId::make(&app.ids), id, EventKind::Ordered, first_at, now, source);
                leg.append(event, Detail::default());
            }
        }
        work.finish(db, set)?;
        Ok(())
    })?)
}

/// The operator refused the order for good: the difference between the books is named, and a person mends it.
fn not_at_operator(app: &App, leg_id: &str, now: Ts, set: &mut crate::store::WriteSet) -> Result<(), AppError> {
    Ok(app.store.read(|db| {
        let Some(row) = read::legs::by_id(db, leg_id)? else { return Ok::<(), StoreError>(()) };
        let mut work = LegsInWork::new(app, now);
        work.findings.find(crate::app::discrepancies::Found {
            kind: Kind::NotAtOperator,
            subject_key: format!("{}:{leg_id}", Kind::NotAtOperator),
            leg_id: Some(leg_id.to_owned()),
            handover_id: None,
            agency_code: Some(row.agency_code),
            reporter: None,
            evidence: Vec::new(),
        });
        work.finish(db, set)?;
        Ok(())
    })?)
}
