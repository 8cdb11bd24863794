//! One attempt at one message: ask first when the last outcome is unknown, else send; the answer as a value.

use serde_json::Value;

use crate::app::deliveries::{Attempt, Content, Delivery};
use crate::app::inbox::order_of_leg;
use crate::base::fault;
use crate::base::secret::Redacted;
use crate::base::time::{SECOND_US, Ts};
use crate::courier::{Courier, Target};
use crate::domain::leg::LegKind;
use crate::peers::opencps::DossierRef;
use crate::peers::webhook::{self, SigningKey};
use crate::peers::{Answer, Call, Contact, Mapped, Order, Reply, hcc, myvnpost, opencps};
use crate::store::rows::{LegRow, OutboxRow, PartyRow};
use crate::work::links::{Family, Link, Links};
use crate::work::outlets;

/// Makes one attempt.
pub async fn attempt(courier: &Courier, links: &Links, delivery: &Delivery, now: Ts) -> Attempt {
    let message = &delivery.message;
    match &delivery.content {
        Content::Nothing(why) => Attempt::NothingToSend(why),
        Content::Webhook { url, event_id, secrets } => {
            let keys: Vec<SigningKey> = secrets
                .iter()
                .flat_map(|kept| [&kept.secret, &kept.private_key])
                .filter_map(|text| SigningKey::parse(&Redacted::new(text.clone())).ok())
                .collect();
            let target = Target { base_url: url.clone(), ..links.subscriber.clone() };
            let call = webhook::post(event_id, now.us() / SECOND_US, message.body.clone().into_bytes(), &keys);
            let answered = courier.send(&target, call).await;
            // The bytes may have left, nothing is settled: so after each kind of call.
            fault::point("dispatch.after_webhook");
            match answered {
                Ok(reply) if reply.status == 410 => Attempt::Gone,
                Ok(reply) => Attempt::Sent(webhook::decode_post(&reply)),
                Err(failure) => Attempt::Sent(failure.answer()),
            }
        }
        Content::File { .. } | Content::Notice => outlets::deliver(courier, links, delivery, now).await,
        Content::PostOrder { leg, party, overrides, only_ask } => match links.counterparts.get(&message.counterpart) {
            Some(link) => {
                let order = order_of(link, message, leg, party, overrides);
                place(courier, link, &order, message.ask_first == 1, *only_ask).await
            }
            None => not_configured(),
        },
        Content::PostCancel { leg, ordered } => match links.counterparts.get(&message.counterpart) {
            Some(link) => cancel(courier, link, leg, *ordered).await,
            None => not_configured(),
        },
        Content::OneStopState { leg, state } => match links.counterparts.get(&message.counterpart) {
            Some(link) => one_stop(courier, link, message, leg, *state).await,
            None => not_configured(),
        },
    }
}

fn not_configured() -> Attempt {
    Attempt::Sent(Answer::Retry { retry_after_s: None, why: "the counterpart is not configured here".to_owned() })
}

async fn ask<T>(
    courier: &Courier,
    link: &Link,
    call: Call,
    decode: impl FnOnce(&Reply) -> T,
    failed: impl FnOnce(Answer) -> T,
) -> T {
    match courier.send(&link.target, call).await {
        Ok(reply) => decode(&reply),
        Err(failure) => failed(failure.answer()),
    }
}

/// Places an order: asks first when nobody knows what became of the last attempt, and sends nothing new for a leg that is over.
async fn place(courier: &Courier, link: &Link, order: &Order, ask_first: bool, only_ask: bool) -> Attempt {
    let key = order.order_key.as_str();
    if ask_first {
        let found = match &link.family {
            Family::Hcc(_) => ask(courier, link, hcc::find(key), |r| hcc::decode_find(r, key), |a| a).await,
            Family::Myvnpost(_) => {
                ask(courier, link, myvnpost::find(key), |r| myvnpost::decode_find(r, key), |a| a).await
            }
            Family::Opencps(_) => wrong_family(),
        };
        // Only a clear no lets us send again, with the same number (design rule 7).
        match found {
            Answer::NotFound => {}
            // Where a no would be proof, only an answer ends the doubt.
            Answer::Retry { .. } | Answer::Unauthorised if matches!(link.family, Family::Myvnpost(_)) => {
                return Attempt::Unanswered(found);
            }
            found => return Attempt::Sent(found),
        }
    }
    if only_ask {
        return Attempt::NothingToSend("the leg is over, and the post does not have the order");
    }
    let answer = match &link.family {
        Family::Hcc(family) => ask(courier, link, hcc::create(order, family), hcc::decode_create, |a| a).await,
        Family::Myvnpost(family) => {
            let decode = |reply: &Reply| myvnpost::decode_create(reply, key);
            ask(courier, link, myvnpost::create(order, family), decode, |a| a).await
        }
        Family::Opencps(_) => wrong_family(),
    };
    fault::point("dispatch.after_order");
    Attempt::Sent(answer)
}

/// Withdraws an order: asked for first, since the call names the post's own id of it.
async fn cancel(courier: &Courier, link: &Link, leg: &LegRow, ordered: bool) -> Attempt {
    let key = order_of_leg(&leg.id);
    match &link.family {
        Family::Myvnpost(_) => {
            let decode = |reply: &Reply| (myvnpost::decode_find(reply, &key), is_cancelled(reply, &key));
            let (found, cancelled) = ask(courier, link, myvnpost::find(&key), decode, |a| (a, false)).await;
            match found {
                // An earlier attempt did it, and its answer was lost.
                _ if cancelled => Attempt::Sent(Answer::done()),
                Answer::NotFound => Attempt::NothingToSend("the post does not have the order"),
                Answer::Done { reference: Some(id), .. } => {
                    let answer = ask(courier, link, myvnpost::cancel(&id), myvnpost::decode_cancel, |a| a).await;
                    fault::point("dispatch.after_cancel");
                    Attempt::Sent(answer)
                }
                Answer::Done { .. } => Attempt::Sent(Answer::Unknown { why: "the order has no id yet".to_owned() }),
                other => Attempt::Sent(other),
            }
        }
        // P2 has no call to cancel (wire-formats 9.2): a person has to tell the office.
        Family::Hcc(_) if ordered => Attempt::Sent(Answer::Refused {
            code: "NO_CANCEL".to_owned(),
            text: "this interface cannot cancel; tell the post office, then mend with {\"ordered\": false}".to_owned(),
        }),
        Family::Hcc(_) => Attempt::NothingToSend("the post never had the order"),
        Family::Opencps(_) => Attempt::Sent(wrong_family()),
    }
}

fn is_cancelled(reply: &Reply, key: &str) -> bool {
    let cancelled = Mapped::Event("CANCELLED".to_owned());
    myvnpost::decode_orders(reply).is_ok_and(|(reports, _)| {
        reports.iter().any(|report| report.order_key.as_deref() == Some(key) && report.event == cancelled)
    })
}

fn wrong_family() -> Answer {
    Answer::Refused { code: "FAMILY".to_owned(), text: "this counterpart takes no such message".to_owned() }
}

/// The order of a leg: the citizen on one end, the agency's desk on the other; what a person mended stands above both.
fn order_of(link: &Link, message: &OutboxRow, leg: &LegRow, party: &PartyRow, overrides: &Value) -> Order {
    let mended = |name: &str| overrides.get(name).and_then(Value::as_str).map(str::to_owned);
    let citizen = Contact {
        name: Redacted::new(mended("name").unwrap_or_else(|| party.name.clone())),
        phone: Redacted::new(mended("phone").or_else(|| party.phone.clone()).unwrap_or_default()),
        email: party.email.clone().map(Redacted::new),
        address: Redacted::new(mended("address").unwrap_or_else(|| party.address.clone())),
        province_code: mended("provinceCode").or_else(|| party.province_code.clone()),
        district_code: None,
        ward_code: mended("communeCode").or_else(|| party.commune_code.clone()),
    };
    let kind = LegKind::parse(&leg.kind).unwrap_or(LegKind::Result);
    let (sender, receiver) = match kind {
        LegKind::Intake => (citizen, link.desk.clone()),
        LegKind::Result => (link.desk.clone(), citizen),
    };
    Order {
        order_key: order_of_leg(&leg.id),
        leg_kind: kind,
        customer_code: link.customer_code.clone(),
        sender,
        receiver,
        papers_text: papers_text(leg),
        fee_to_collect: leg.fee_to_collect,
        weight_g: link.weight_g,
        note: mended("note").or_else(|| party.note.clone()).unwrap_or_default(),
        item_number: leg.item_number.clone(),
        // Of the message, not of the leg: a repeat is the same bytes, wherever the leg has come to meanwhile.
        entered_at: Ts::from_us(message.created_at_us),
    }
}

/// The papers in words, as they stand on the consignment note.
fn papers_text(leg: &LegRow) -> String {
    let papers: Vec<Value> = serde_json::from_str(&leg.papers).unwrap_or_default();
    let words = papers.iter().map(|paper| {
        let kind = if paper.get("kind").and_then(Value::as_str) == Some("COPY") { "bản sao" } else { "bản chính" };
        let quantity = paper.get("quantity").and_then(Value::as_i64).unwrap_or(1);
        format!("{quantity} {kind} {}", paper.get("name").and_then(Value::as_str).unwrap_or_default())
    });
    words.collect::<Vec<_>>().join("; ")
}

/// What the clerk reads beside the action that confirms the papers.
const RECEIVED_NOTE: &str = "Đã nhận đủ hồ sơ từ bưu điện";

async fn one_stop(
    courier: &Courier,
    link: &Link,
    message: &OutboxRow,
    leg: &LegRow,
    state: crate::domain::leg::State,
) -> Attempt {
    let Family::Opencps(settings) = &link.family else { return Attempt::Sent(wrong_family()) };
    let Some(update) = LegKind::parse(&leg.kind).and_then(|kind| opencps::opencps_value(kind, state)) else {
        return Attempt::NothingToSend("the state has no value there");
    };
    let Some(number) = &leg.dossier_no else {
        return Attempt::NothingToSend("the leg has no dossier number yet");
    };
    let dossier = DossierRef::Number(number.clone());
    let item = leg.item_number.as_deref();
    let acts = update.acts && settings.receive_action.is_some();
    if message.ask_first == 1 || acts {
        let reply = match courier.send(&link.target, opencps::find(&dossier, settings)).await {
            Ok(reply) => reply,
            Err(failure) => return Attempt::Sent(failure.answer()),
        };
        let found = opencps::decode_find(&reply, &dossier, &update, item);
        if found != Answer::NotFound {
            return Attempt::Sent(found);
        }
        // The process moves before the value is written: whoever sees the value knows that both were done.
        let id = opencps::dossier_id(&reply, &dossier).filter(|_| acts);
        if let Some(call) = id.and_then(|id| opencps::receive_action(&id, RECEIVED_NOTE, settings)) {
            let acted = ask(courier, link, call, opencps::decode_action, |a| a).await;
            if !matches!(acted, Answer::Done { .. }) {
                return Attempt::Sent(acted);
            }
        }
    }
    let call = opencps::put_status(&dossier, &update, item, settings);
    let decode = |reply: &Reply| opencps::decode_put(reply, &dossier, &update, item);
    let answer = ask(courier, link, call, decode, |a| a).await;
    fault::point("dispatch.after_state");
    Attempt::Sent(answer)
}
