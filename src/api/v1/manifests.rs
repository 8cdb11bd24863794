//! Manifests: taken line by line, and their receipts (contract 4).

use crate::api::accept::Voice;
use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, JSON};
use crate::api::v1::page as paging;
use crate::app::idempotency::Rendered;
use crate::app::manifests::{self, Submitted};
use crate::domain::manifest::{Mode, check};
use crate::domain::receipt::Receipt;
use crate::wire;

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "manifests";

/// `POST /v1/manifests`.
pub(in crate::api) fn submit(call: &Call) -> Result<Answer, Fault> {
    let mode = call.query.get("mode").and_then(Mode::parse).unwrap_or(Mode::AllOrNothing);
    let format = wire::detect(call.content_type.as_deref(), &call.body)?;
    let lines_max = call.front.limits.manifest_lines_max;
    let draft = wire::read_manifest(format, &call.body, lines_max)
        .map_err(|refusal| Fault::from(refusal).limited("manifest_lines_max", lines_max))?;
    let caller = call.caller()?;
    let checked = check(draft, caller.side, None);
    let voice = call.voice;
    let render = move |receipt: &Receipt| rendered(201, receipt, voice);
    match manifests::submit(&call.front.app, caller, &checked, mode, &call.keyed(&render))? {
        Submitted::Taken(rendered) => Ok(Answer::kept(rendered)),
        Submitted::Repeated(first) => Ok(Answer::of(rendered(200, &first, voice)).replayed()),
        Submitted::Refused(decision) => Err(decision.into()),
    }
}

/// `GET /v1/manifests/{id}`.
pub(in crate::api) fn get(call: &Call) -> Result<Answer, Fault> {
    let receipt = manifests::get(&call.front.app, call.caller()?, call.path_value()?)?;
    Ok(Answer::of(Rendered { location: None, ..rendered(200, &receipt, call.voice) }))
}

/// `GET /v1/manifests`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let query = &call.query;
    let receipts = manifests::page(
        &call.front.app,
        call.caller()?,
        query.get("manifestNo"),
        query.get("agencyCode"),
        query.get("legKind"),
        &query.page(),
    )?;
    let id = |receipt: &Receipt| receipt.id.as_ref().map(|id| id.as_str()).unwrap_or_default().to_owned();
    let receipts: Vec<(String, Receipt)> = receipts.into_iter().map(|receipt| (id(&receipt), receipt)).collect();
    Ok(paging::of(call, LIST, &receipts, |(id, _)| id, |(_, receipt)| wire::receipt::to_list_item(receipt)))
}

fn rendered(status: u16, receipt: &Receipt, voice: Voice) -> Rendered {
    let bytes = match voice.xml {
        true => wire::receipt::to_xml(receipt, voice.language),
        false => wire::receipt::to_json(receipt, voice.language),
    };
    Rendered {
        status,
        media_type: if voice.xml { "application/xml" } else { JSON }.to_owned(),
        location: receipt.id.as_ref().map(|id| format!("/v1/manifests/{id}")),
        body: String::from_utf8(bytes).unwrap_or_default(),
    }
}
