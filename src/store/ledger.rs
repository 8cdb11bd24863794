//! Events between the ledger's rows and the domain. `body` is the canonical JSON text that the hash covers: members in a fixed
//! order, absent ones left out, so that the same event always has the same text.

use serde::{Deserialize, Serialize};

use crate::base::id::{EventId, HandoverId, LegId};
use crate::base::time::Ts;
use crate::domain::custody::{Event, EventKind, Evidence, Place, Receiver, Source, chain};
use crate::domain::leg::Side;
use crate::store::error::StoreError;
use crate::store::rows::CustodyEventRow;

#[derive(Serialize, Deserialize)]
struct Body<'a> {
    id: &'a str,
    leg: &'a str,
    seq: i64,
    event: &'a str,
    occurred_at_us: i64,
    recorded_at_us: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_text: Option<String>,
    counterpart: String,
    side: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handover: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_office_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    originals: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copies: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dossier_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<ReceiverBody>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<EvidenceBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail_sha256: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ReceiverBody {
    named: bool,
    representative: bool,
    id_checked: bool,
    authorisation_seen: bool,
}

#[derive(Serialize, Deserialize)]
struct EvidenceBody {
    kind: String,
    r#ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// The row of an event whose `seq` is set, linked to the hash before it.
pub fn to_row(event: &Event, prev_hash: Option<&str>) -> Result<CustodyEventRow, StoreError> {
    let body = Body {
        id: event.id.as_str(),
        leg: event.leg_id.as_str(),
        seq: event.seq,
        event: event.kind.as_str(),
        occurred_at_us: event.occurred_at.us(),
        recorded_at_us: event.recorded_at.us(),
        occurred_text: event.occurred_text.clone(),
        counterpart: event.source.counterpart.clone(),
        side: event.source.side.as_str().to_owned(),
        person: event.source.person.clone(),
        fact_id: event.source.fact_id.clone(),
        family: event.source.family.clone(),
        raw_code: event.source.raw_code.clone(),
        raw_text: event.source.raw_text.clone(),
        handover: event.handover_id.as_ref().map(|id| id.as_str().to_owned()),
        post_office_code: event.place.post_office_code.clone(),
        attempt: event.attempt,
        cause: event.cause.clone(),
        originals: event.originals,
        copies: event.copies,
        amount: event.amount,
        receipt_no: event.receipt_no.clone(),
        dossier_no: event.dossier_no.clone(),
        receiver: event.receiver.map(|r| ReceiverBody {
            named: r.named,
            representative: r.representative,
            id_checked: r.id_checked,
            authorisation_seen: r.authorisation_seen,
        }),
        evidence: event
            .evidence
            .iter()
            .map(|e| EvidenceBody { kind: e.kind.clone(), r#ref: e.reference.clone(), sha256: e.sha256.clone() })
            .collect(),
        corrects: event.corrects.as_ref().map(|id| id.as_str().to_owned()),
        detail_sha256: event.detail_sha256.clone(),
    };
    let text = serde_json::to_string(&body).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let hash = chain::link(prev_hash, &text);
    Ok(CustodyEventRow {
        leg_id: event.leg_id.as_str().to_owned(),
        seq: event.seq,
        id: event.id.as_str().to_owned(),
        event: event.kind.as_str().to_owned(),
        occurred_at_us: event.occurred_at.us(),
        recorded_at_us: event.recorded_at.us(),
        body: text,
        prev_hash: prev_hash.map(str::to_owned),
        hash,
    })
}

/// The event of a row. A body that cannot be read is `Corrupt`: `verify` names it.
pub fn from_row(row: &CustodyEventRow) -> Result<Event, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("event {} of {}: {what}", row.seq, row.leg_id));
    let body: Body<'_> = serde_json::from_str(&row.body).map_err(|error| corrupt(&error.to_string()))?;
    let kind = EventKind::parse(body.event).ok_or_else(|| corrupt("unknown event"))?;
    let side = Side::parse(&body.side).ok_or_else(|| corrupt("unknown side"))?;
    Ok(Event {
        id: EventId::from_text(body.id),
        leg_id: LegId::from_text(body.leg),
        seq: body.seq,
        kind,
        occurred_at: Ts::from_us(body.occurred_at_us),
        occurred_text: body.occurred_text,
        recorded_at: Ts::from_us(body.recorded_at_us),
        source: Source {
            counterpart: body.counterpart,
            side,
            person: body.person,
            fact_id: body.fact_id,
            family: body.family,
            raw_code: body.raw_code,
            raw_text: body.raw_text,
        },
        handover_id: body.handover.map(HandoverId::from_text),
        place: Place { post_office_code: body.post_office_code },
        attempt: body.attempt,
        cause: body.cause,
        originals: body.originals,
        copies: body.copies,
        amount: body.amount,
        receipt_no: body.receipt_no,
        dossier_no: body.dossier_no,
        receiver: body.receiver.map(|r| Receiver {
            named: r.named,
            representative: r.representative,
            id_checked: r.id_checked,
            authorisation_seen: r.authorisation_seen,
        }),
        evidence: body
            .evidence
            .into_iter()
            .map(|e| Evidence { kind: e.kind, reference: e.r#ref, sha256: e.sha256 })
            .collect(),
        corrects: body.corrects.map(EventId::from_text),
        detail_sha256: body.detail_sha256,
    })
}

/// Whether the row says the same as its body, and its hash covers it.
pub fn row_holds(row: &CustodyEventRow, prev_hash: Option<&str>) -> bool {
    let Ok(event) = from_row(row) else { return false };
    row.prev_hash.as_deref() == prev_hash
        && chain::link(prev_hash, &row.body) == row.hash
        && to_row(&event, prev_hash).is_ok_and(|again| again == *row)
}
