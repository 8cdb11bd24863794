//! Legs, their custody, and cancelling (contract 5).

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, rendered};
use crate::api::v1::{page as paging, time, time_or_null};
use crate::app::legs::{self, CustodyEntry, LegView};
use crate::domain::custody::Evidence;
use crate::store::read::legs::LegFilter;
use crate::store::rows::PartyRow;
use crate::wire::handover::read_reason;

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "legs";

/// `GET /v1/legs`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let query = &call.query;
    let filter = LegFilter {
        kind: query.text("kind"),
        state: query.text("state"),
        holder: query.text("holder"),
        open: query.get("open").map(|open| open == "true"),
        agency_code: query.text("agencyCode"),
        due_before_us: None,
        post_office_code: None,
        manifest_id: query.text("manifestId"),
        dossier_no: query.text("dossierNo"),
        consignment_note_no: query.text("consignmentNoteNo"),
        item_number: query.text("itemNumber"),
    };
    let views = legs::page(&call.front.app, call.caller()?, &filter, &query.page())?;
    Ok(paging::of(call, LIST, &views, |view| &view.row.id, leg))
}

/// `GET /v1/legs/{id}`.
pub(in crate::api) fn get(call: &Call) -> Result<Answer, Fault> {
    let with_party = call.query.get("include").is_some();
    let view = legs::get(&call.front.app, call.caller()?, call.path_value()?, with_party, &call.request_id)?;
    let mut shown = leg(&view);
    if let (true, Some(members)) = (with_party, shown.as_object_mut()) {
        members.insert("party".to_owned(), view.party.as_ref().map_or(Value::Null, party));
    }
    Ok(Answer::json(&shown))
}

/// `GET /v1/legs/{id}/custody`.
pub(in crate::api) fn custody(call: &Call) -> Result<Answer, Fault> {
    let view = legs::custody(&call.front.app, call.caller()?, call.path_value()?)?;
    Ok(Answer::json(&json!({
        "legId": view.row.id,
        "state": view.row.state,
        "holder": view.row.holder,
        "head": view.row.head,
        "entries": view.entries.iter().map(entry).collect::<Vec<_>>(),
    })))
}

/// `POST /v1/legs/{id}/cancel`.
pub(in crate::api) fn cancel(call: &Call) -> Result<Answer, Fault> {
    let reason = read_reason(&call.body)?;
    let render = |view: &LegView| rendered(200, &leg(view));
    let kept = legs::cancel(&call.front.app, call.caller()?, call.path_value()?, &reason, &call.keyed(&render))?;
    Ok(Answer::kept(kept))
}

fn leg(view: &LegView) -> Value {
    let row = &view.row;
    json!({
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "stateSince": time(row.state_since_us),
        "holder": row.holder,
        "holderSince": time(row.holder_since_us),
        "manifestId": row.manifest_id,
        "manifestNo": row.manifest_no,
        "lineNo": row.line_no,
        "agencyCode": row.agency_code,
        "postOfficeCode": row.post_office_code,
        "dossierNo": row.dossier_no,
        "consignmentNoteNo": row.consignment_note_no,
        "supplementNo": row.supplement_no,
        "procedureCode": row.procedure_code,
        "procedureName": row.procedure_name,
        "itemNumber": row.item_number,
        "itemNumberGrade": row.item_grade,
        "sealNo": row.seal_no,
        "papers": serde_json::from_str::<Value>(&row.papers).unwrap_or_else(|_| json!([])),
        "originals": row.originals,
        "copies": row.copies,
        "feeToCollect": row.fee_to_collect,
        "dueAt": time_or_null(row.due_at_us),
        "acceptedByPostAt": time_or_null(row.accepted_by_post_at_us),
        "filedAt": time_or_null(row.filed_at_us),
        "caseReceivedAt": time_or_null(row.case_received_at_us),
        "attempts": row.attempts,
        "openDiscrepancies": view.open_discrepancies,
    })
}

fn party(row: &PartyRow) -> Value {
    json!({
        "name": row.name,
        "phone": row.phone,
        "email": row.email,
        "address": { "text": row.address, "provinceCode": row.province_code, "communeCode": row.commune_code },
    })
}

fn entry(entry: &CustodyEntry) -> Value {
    let CustodyEntry { event, prev_hash, hash, stand } = entry;
    let source = &event.source;
    json!({
        "seq": event.seq,
        "eventId": event.id.as_str(),
        "event": event.kind.as_str(),
        "occurredAt": event.occurred_at.to_rfc3339(),
        "recordedAt": event.recorded_at.to_rfc3339(),
        "applied": stand.applied,
        "stateAfter": stand.state_after.as_str(),
        "holderFrom": stand.holder_from.as_str(),
        "holderTo": stand.holder_to.as_str(),
        "source": {
            "counterpart": source.counterpart,
            "side": source.side.as_str(),
            "factId": source.fact_id,
            "family": source.family,
            "rawCode": source.raw_code,
            "rawText": source.raw_text,
        },
        "handoverId": event.handover_id.as_ref().map(|id| id.as_str()),
        "place": event.place.post_office_code.as_ref().map(|code| json!({ "postOfficeCode": code })),
        "attempt": event.attempt,
        "cause": event.cause,
        "corrects": event.corrects.as_ref().map(|id| id.as_str()),
        "evidence": event.evidence.iter().map(evidence).collect::<Vec<_>>(),
        "prevHash": prev_hash,
        "hash": hash,
    })
}

fn evidence(evidence: &Evidence) -> Value {
    json!({ "kind": evidence.kind, "ref": evidence.reference, "sha256": evidence.sha256 })
}
