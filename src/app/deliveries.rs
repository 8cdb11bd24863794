//! Messages on their way out: claimed, given what they need to be encoded, and settled with what the attempt came to.
//!
//! No transaction is open while a byte travels (design rule 7): `claim` is one short transaction, `settle` another, guarded by
//! owner and fence. What the operator acknowledged becomes an event of the leg in the transaction that settles the message.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::app::discrepancies::{Found, LATER_EVENTS};
use crate::app::feed::{KeptSecret, live_secrets, webhook_and_event};
use crate::app::leg_work::LegsInWork;
use crate::app::{App, AppError, distribution};
use crate::base::fault;
use crate::base::id::{EventId, LegId};
use crate::base::time::{SECOND_US, Ts};
use crate::domain::custody::table::{Effect, effect};
use crate::domain::custody::{Detail, Event, EventKind, Source};
use crate::domain::discrepancy::Kind;
use crate::domain::identifier::ItemNumber;
use crate::domain::leg::{Side, State};
use crate::domain::problem::Language;
use crate::domain::retry::{self, Next, Outcome, Policy};
use crate::peers::Answer;
use crate::report::formats::Format;
use crate::store::reports::ReportCutRow;
use crate::store::rows::{LegRow, OutboxLogRow, OutboxRow, PartyRow, WebhookRow};
use crate::store::write::OutboxSettle;
use crate::store::{Db, StoreError, WriteSet, read};

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
        /// The leg is over: the post is asked whether it has the order, and nothing new is sent.
        only_ask: bool,
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
    /// A file of a report, for a receiver of files.
    File {
        /// What it is written from.
        cut: Box<ReportCutRow>,
        /// Its format.
        format: Format,
        /// Its language.
        language: Language,
        /// Its name.
        name: String,
    },
    /// A message for a receiver; the body is the message's own.
    Notice,
    /// There is nothing to send any more: the leg was withdrawn, the subscription disabled, the data erased.
    Nothing(&'static str),
}

/// Claims due messages and loads what they need: none for the counterparts in `full`, for the others no more than `places` says.
pub fn claim(
    app: &App,
    owner: &str,
    lease_us: i64,
    limit: i64,
    full: Vec<String>,
    places: impl Fn(&str) -> usize + Send + 'static,
) -> Result<Vec<Delivery>, AppError> {
    let now = app.now();
    let messages = app.store.claim_messages(owner.to_owned(), now.us(), lease_us, limit, full, places)?;
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    fault::point("dispatch.after_claim");
    let mut needs = app.store.read(|db| Needs::load(db, &messages))?;
    Ok(messages.into_iter().map(|message| Delivery { content: needs.content_of(&message, now), message }).collect())
}

/// What claimed messages need to be encoded, by id.
struct Needs {
    hooks: BTreeMap<String, WebhookRow>,
    legs: BTreeMap<String, LegRow>,
    parties: BTreeMap<String, PartyRow>,
    cuts: BTreeMap<String, ReportCutRow>,
}

impl Needs {
    fn load(db: &mut Db<'_>, messages: &[OutboxRow]) -> Result<Self, StoreError> {
        let of_kind = |kind: &[&str]| -> Vec<String> {
            let of_kind = messages.iter().filter(|message| kind.contains(&message.kind.as_str()));
            let ids: BTreeSet<String> = of_kind.filter_map(|message| message.leg_id.clone()).collect();
            ids.into_iter().collect()
        };
        let is_webhook = |message: &OutboxRow| message.kind == "WEBHOOK";
        let hooks = if messages.iter().any(is_webhook) { read::feed::webhooks(db)? } else { Vec::new() };
        let legs = read::legs::by_ids(db, &of_kind(&["POST_ORDER", "POST_CANCEL", "ONE_STOP_STATE"]))?;
        let parties = read::legs::parties_of(db, &of_kind(&["POST_ORDER"]))?;
        let cuts: BTreeSet<String> = messages.iter().filter_map(|one| Some(distribution::file_of(one)?.cut)).collect();
        let cuts = crate::store::reports::cuts_by_ids(db, &cuts.into_iter().collect::<Vec<_>>())?;
        Ok(Needs {
            cuts: cuts.into_iter().map(|cut| (cut.id.clone(), cut)).collect(),
            hooks: hooks.into_iter().map(|hook| (hook.id.clone(), hook)).collect(),
            legs: legs.into_iter().map(|leg| (leg.id.clone(), leg)).collect(),
            parties: parties.into_iter().map(|party| (party.leg_id.clone(), party)).collect(),
        })
    }

    fn content_of(&mut self, message: &OutboxRow, now: Ts) -> Content {
        if message.kind == "WEBHOOK" {
            let Some((hook_id, event_id)) = webhook_and_event(message) else {
                return Content::Nothing("the message names no subscription");
            };
            return match self.hooks.get(hook_id).filter(|hook| hook.state == "ACTIVE") {
                Some(hook) => Content::Webhook {
                    secrets: live_secrets(hook, now),
                    event_id: event_id.to_owned(),
                    url: hook.url.clone(),
                },
                None => Content::Nothing("the subscription is disabled"),
            };
        }
        if message.kind == distribution::NOTICE {
            return Content::Notice;
        }
        if message.kind == distribution::FILE {
            return match distribution::file_of(message) {
                Some(file) => match self.cuts.get(&file.cut) {
                    Some(cut) => Content::File {
                        cut: Box::new(cut.clone()),
                        format: file.format,
                        language: file.language,
                        name: file.name.clone(),
                    },
                    None => Content::Nothing("the cut is gone"),
                },
                None => Content::Nothing("the message names no file"),
            };
        }
        let leg_id = message.leg_id.as_deref().unwrap_or_default();
        let Some(leg) = self.legs.get(leg_id).cloned() else { return Content::Nothing("the leg is gone") };
        let body: Value = serde_json::from_str(&message.body).unwrap_or(Value::Null);
        if message.kind == "ONE_STOP_STATE" {
            let state = body.get("state").and_then(Value::as_str).and_then(State::parse);
            return match state {
                Some(state) => Content::OneStopState { leg: Box::new(leg), state },
                None => Content::Nothing("the message names no state"),
            };
        }
        if message.kind == "POST_CANCEL" {
            let ordered = body.get("ordered").and_then(Value::as_bool) == Some(true);
            return Content::PostCancel { leg: Box::new(leg), ordered };
        }
        // An order that was never sent need not go out once the leg is over; one that may have been is asked about first.
        if leg.is_open == 0 && message.ask_first == 0 {
            return Content::Nothing("the leg is closed");
        }
        match self.parties.remove(leg_id) {
            Some(party) => {
                let only_ask = leg.is_open == 0;
                Content::PostOrder { leg: Box::new(leg), party: Box::new(party), overrides: body, only_ask }
            }
            None => Content::Nothing("the party of the leg was erased"),
        }
    }
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
    /// The counterpart was asked what became of an earlier attempt, and did not say: the doubt stands, and the next attempt
    /// asks again before it sends.
    Unanswered(Answer),
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

/// An attempt that is to be settled.
pub struct Finished {
    /// The message as it was claimed.
    pub message: OutboxRow,
    /// What the attempt came to.
    pub attempt: Attempt,
    /// Chance in the time of the next attempt, from 0 to 1.
    pub jitter: f64,
}

/// Settles attempts in one transaction; when one of them stands in the way of the others, each in its own. `policy_of` gives the
/// repeats of a kind of message.
pub fn settle(
    app: &App,
    owner: &str,
    finished: &[Finished],
    policy_of: &dyn Fn(&str) -> Policy,
) -> Vec<Result<Settled, AppError>> {
    if finished.len() > 1 && settle_together(app, owner, finished, policy_of).is_ok() {
        return finished.iter().map(|_| Ok(Settled::Yes)).collect();
    }
    let alone = finished.iter().map(|one| match settle_together(app, owner, std::slice::from_ref(one), policy_of) {
        Ok(()) => Ok(Settled::Yes),
        Err(AppError::Unavailable(why)) if why == LEASE_LOST => Ok(Settled::LeaseLost),
        Err(error) => Err(error),
    });
    alone.collect()
}

const LEASE_LOST: &str = "the lease was lost";

fn settle_together(
    app: &App,
    owner: &str,
    finished: &[Finished],
    policy_of: &dyn Fn(&str) -> Policy,
) -> Result<(), AppError> {
    let now = app.now();
    let settles: Vec<OutboxSettle> =
        finished.iter().map(|one| settle_of(owner, one, &policy_of(&one.message.kind), now)).collect();
    let mut lost_a_race = false;
    app.decide_and_commit(Some("dispatch.before_settle"), |set| {
        app.store.read(|db| {
            // The commit checks owner and fence. Only after a lost race it must be seen whether it was the lease that was lost:
            // then there is nothing to run again, the message is somebody else's.
            if std::mem::replace(&mut lost_a_race, true) && !may_run_again(db, owner, finished)? {
                return Ok(Err(AppError::Unavailable(LEASE_LOST.to_owned())));
            }
            write_settles(app, db, finished, &settles, now, set)?;
            Ok(Ok(()))
        })?
    })?;
    fault::point("dispatch.after_settle");
    Ok(())
}

/// Many that lost a race are settled each by itself; one by itself is settled again while it is ours.
fn may_run_again(db: &mut Db<'_>, owner: &str, finished: &[Finished]) -> Result<bool, StoreError> {
    let [Finished { message, .. }] = finished else { return Ok(false) };
    Ok(read::messages::by_id(db, &message.id)?.is_some_and(|row| {
        row.state == "CLAIMED" && row.lease_owner.as_deref() == Some(owner) && row.fence == message.fence
    }))
}

/// What becomes of the message: settled, due again, to be asked about, or parked for a person.
fn settle_of(owner: &str, finished: &Finished, policy: &Policy, now: Ts) -> OutboxSettle {
    let Finished { message, attempt, jitter } = finished;
    let attempts = message.attempts.saturating_add(1);
    let (outcome, word, why) = told(attempt);
    let number = u32::try_from(attempts).unwrap_or(u32::MAX);
    let next = match attempt {
        Attempt::NothingToSend(_) | Attempt::Gone => Next::Settle,
        Attempt::Sent(_) | Attempt::Unanswered(_) => {
            retry::next(policy, number, &outcome, first_sent_at(message, now), *jitter, now)
        }
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
        Next::At(at) => {
            let ask_first = i64::from(matches!(attempt, Attempt::Unanswered(_)));
            (settle.state, settle.due_at_us, settle.ask_first) = ("DUE".to_owned(), at.us(), ask_first);
        }
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
    settle
}

fn first_sent_at(message: &OutboxRow, now: Ts) -> Ts {
    Ts::from_us(message.first_sent_at_us.unwrap_or(now.us()))
}

/// The ends of the messages, their log, and what the operator's answers say about legs.
fn write_settles(
    app: &App,
    db: &mut Db<'_>,
    finished: &[Finished],
    settles: &[OutboxSettle],
    now: Ts,
    set: &mut WriteSet,
) -> Result<(), StoreError> {
    let ids: Vec<String> = settles.iter().map(|settle| settle.id.clone()).collect();
    let entries = read::messages::entries_of(db, &ids)?;
    let orders = finished.iter().map(|one| &one.message).filter(|message| message.kind == "POST_ORDER");
    let legs: BTreeSet<String> = orders.filter_map(|message| message.leg_id.clone()).collect();
    let rows = read::legs::by_ids(db, &legs.into_iter().collect::<Vec<_>>())?;
    let mut work = LegsInWork::new(app, now);
    work.take(db, rows)?;
    for (Finished { message, attempt, .. }, settle) in finished.iter().zip(settles) {
        set.outbox_settles.push(settle.clone());
        set.outbox_log.push(OutboxLogRow {
            outbox_id: message.id.clone(),
            entry: entries.get(&message.id).copied().unwrap_or(0).saturating_add(1),
            what: "ATTEMPT".to_owned(),
            at_us: now.us(),
            outcome: settle.last_outcome.clone(),
            detail: settle.last_error.clone(),
            body: None,
            by_whom: None,
        });
        if matches!(attempt, Attempt::Gone) {
            // The subscriber wants no more: its subscription ends with the message (contract 8).
            set.webhooks_gone.extend(webhook_and_event(message).map(|(hook, _)| hook.to_owned()));
        }
        let Some(leg_id) = message.leg_id.as_deref().filter(|_| message.kind == "POST_ORDER") else { continue };
        match attempt {
            Attempt::Sent(Answer::Done { item_number, .. }) => {
                work.findings.heal(format!("{}:{leg_id}", Kind::NotAtOperator), LATER_EVENTS);
                ordered(app, &mut work, message, leg_id, item_number.as_deref(), now);
            }
            Attempt::Sent(Answer::Refused { .. }) if settle.state == "PARKED" => not_at_operator(&mut work, leg_id),
            _ => {}
        }
    }
    work.finish(db, set)?;
    Ok(())
}

/// The outcome for the arithmetic, its word for the row, and why.
fn told(attempt: &Attempt) -> (Outcome, &'static str, Option<String>) {
    match attempt {
        Attempt::NothingToSend(why) => (Outcome::Done, "WITHDRAWN", Some((*why).to_owned())),
        Attempt::Gone => (Outcome::Done, "GONE", None),
        Attempt::Sent(answer) | Attempt::Unanswered(answer) => {
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
    work: &mut LegsInWork<'_>,
    message: &OutboxRow,
    leg_id: &str,
    item_number: Option<&str>,
    now: Ts,
) {
    let Some(leg) = work.get(leg_id) else { return };
    if let Some(number) = item_number.and_then(|number| ItemNumber::parse(number).ok()) {
        leg.bind_item(number.as_str(), number.grade().as_str());
    }
    if effect(leg.folded().state, EventKind::Ordered) != Effect::Moves {
        return;
    }
    let source = Source::of(message.counterpart.as_str(), Side::Post);
    // Operators write whole seconds: what they report of that second comes after the order.
    let first_us = first_sent_at(message, now).us();
    let at = Ts::from_us(first_us - first_us.rem_euclid(SECOND_US));
    let id = LegId::from_text(leg_id);
    leg.append(Event::new(EventId::make(&app.ids), id, EventKind::Ordered, at, now, source), Detail::default());
}

/// The operator refused the order for good: the difference between the books is named, and a person mends it.
fn not_at_operator(work: &mut LegsInWork<'_>, leg_id: &str) {
    let Some(agency_code) = work.get(leg_id).map(|leg| leg.row().agency_code.clone()) else { return };
    work.findings.find(Found {
        kind: Kind::NotAtOperator,
        subject_key: format!("{}:{leg_id}", Kind::NotAtOperator),
        leg_id: Some(leg_id.to_owned()),
        handover_id: None,
        agency_code: Some(agency_code),
        reporter: None,
        evidence: Vec::new(),
    });
}
