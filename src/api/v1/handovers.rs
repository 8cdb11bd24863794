//! Handovers: opened, counted, signed by both, or given up (contract 7).

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, rendered};
use crate::api::v1::{page as paging, time, time_or_null};
use crate::app::AppError;
use crate::app::handovers::{self, Extra};
use crate::app::idempotency::Rendered;
use crate::store::read::handovers::WholeHandover;
use crate::store::rows::{HandoverLineRow, HandoverSignatureRow};
use crate::wire::handover::{read_count, read_open, read_reason, read_sign};

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "handovers";

/// `POST /v1/handovers`.
pub(in crate::api) fn open(call: &Call) -> Result<Answer, Fault> {
    let lines_max = call.front.limits.handover_lines_max;
    let input = read_open(&call.body, lines_max).map_err(|refusal| limited(call, refusal))?;
    let render = |handover: &WholeHandover| Rendered {
        location: Some(format!("/v1/handovers/{}", handover.row.id)),
        ..rendered(201, &view(handover))
    };
    let opened = handovers::open(&call.front.app, call.caller()?, &input, &call.keyed(&render), None);
    Ok(Answer::kept(opened.map_err(|error| limited(call, error))?))
}

/// `PATCH /v1/handovers/{id}`.
pub(in crate::api) fn count(call: &Call) -> Result<Answer, Fault> {
    let lines_max = call.front.limits.handover_lines_max;
    let input = read_count(&call.body, lines_max).map_err(|refusal| limited(call, refusal))?;
    let handover = handovers::count(&call.front.app, call.caller()?, call.path_value()?, &input, None)?;
    Ok(Answer::json(&view(&handover)))
}

/// `POST /v1/handovers/{id}/signatures`.
pub(in crate::api) fn sign(call: &Call) -> Result<Answer, Fault> {
    let input = read_sign(&call.body)?;
    let render = |handover: &WholeHandover| rendered(200, &view(handover));
    let kept =
        handovers::sign(&call.front.app, call.caller()?, call.path_value()?, &input, &call.keyed(&render), None)?;
    Ok(Answer::kept(kept))
}

/// `POST /v1/handovers/{id}/cancel`.
pub(in crate::api) fn cancel(call: &Call) -> Result<Answer, Fault> {
    let reason = read_reason(&call.body)?;
    let render = |handover: &WholeHandover| rendered(200, &view(handover));
    let kept =
        handovers::cancel(&call.front.app, call.caller()?, call.path_value()?, &reason, &call.keyed(&render), None)?;
    Ok(Answer::kept(kept))
}

/// `GET /v1/handovers/{id}`.
pub(in crate::api) fn get(call: &Call) -> Result<Answer, Fault> {
    let handover = handovers::get(&call.front.app, call.caller()?, call.path_value()?)?;
    Ok(Answer::json(&view(&handover)))
}

/// `GET /v1/handovers`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let query = &call.query;
    let found = handovers::page(
        &call.front.app,
        call.caller()?,
        query.get("status"),
        query.get("agencyCode"),
        query.get("legId"),
        &query.page(),
    )?;
    Ok(paging::of(call, LIST, &found, |handover| &handover.row.id, view))
}

fn limited(call: &Call, error: impl Into<AppError>) -> Fault {
    Fault::from(error.into()).limited("handover_lines_max", call.front.limits.handover_lines_max)
}

fn view(handover: &WholeHandover) -> Value {
    let row = &handover.row;
    let live = handover.signatures.iter().filter(|signature| signature.lapsed == 0);
    let extras: Vec<Extra> = serde_json::from_str(&row.extras).unwrap_or_default();
    json!({
        "id": row.id,
        "handoverNo": row.handover_no,
        "status": row.status,
        "from": row.giver,
        "to": row.receiver,
        "agencyCode": row.agency_code,
        "place": row.place,
        "openedAt": time(row.opened_at_us),
        "digest": row.digest,
        "lines": handover.lines.iter().map(line).collect::<Vec<_>>(),
        "extras": extras.iter().map(extra).collect::<Vec<_>>(),
        "signatures": live.map(signature).collect::<Vec<_>>(),
        "completedAt": time_or_null(row.completed_at_us),
        "filedAt": time_or_null(row.filed_at_us),
        "corrects": row.corrects,
    })
}

fn line(row: &HandoverLineRow) -> Value {
    let counted =
        row.originals.zip(row.copies).map(|(originals, copies)| json!({ "originals": originals, "copies": copies }));
    json!({
        "lineNo": row.line_no,
        "legId": row.leg_id,
        "dossierNo": row.dossier_no,
        "consignmentNoteNo": row.consignment_note_no,
        "expected": {
            "originals": row.expected_originals,
            "copies": row.expected_copies,
            "sealNo": row.expected_seal_no,
        },
        "outcome": row.outcome,
        "counted": counted,
        "note": row.note,
    })
}

fn extra(extra: &Extra) -> Value {
    json!({ "dossierNo": extra.dossier_no, "itemNumber": extra.item_number, "note": extra.note })
}

fn signature(row: &HandoverSignatureRow) -> Value {
    json!({
        "side": row.side,
        "signer": { "name": row.signer_name, "title": row.signer_title },
        "signedAt": time(row.signed_at_us),
        "digest": row.digest,
    })
}
