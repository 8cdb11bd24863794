//! Originals lent for comparison, and where each stands.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::api::v1::{page as paging, time};
use crate::app::originals;
use crate::domain::originals::Standing;
use crate::store::originals::LentOriginalRow;

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "originals";

/// `GET /v1/originals`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let state = call.query.text("state");
    let is_meant = |standing: Standing| match state.as_deref() {
        Some("OPEN") => standing.is_open(),
        Some(word) => standing.as_str() == word,
        None => true,
    };
    let meant: Vec<Standing> = Standing::ALL.iter().copied().filter(|standing| is_meant(*standing)).collect();
    let (caller, agency) = (call.caller()?, call.query.text("agencyCode"));
    let found = originals::page(&call.front.app, &caller.agencies, agency.as_deref(), &meant, &call.query.page())?;
    Ok(paging::of(call, LIST, &found, |(key, _)| key, |(_, one)| view(&one.row)))
}

fn view(row: &LentOriginalRow) -> Value {
    json!({
        "legId": row.leg_id,
        "dossierNo": row.dossier_no,
        "agencyCode": row.agency_code,
        "paper": row.paper,
        "quantity": row.quantity,
        "lentAt": time(row.lent_at_us),
        "standing": row.standing,
        "since": time(row.since_us),
        "resultLegId": row.result_leg_id,
    })
}
