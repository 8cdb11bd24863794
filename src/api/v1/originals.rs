//! Originals lent for comparison, and where each stands.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::api::v1::time;
use crate::app::originals;
use crate::domain::originals::Standing;
use crate::store::originals::LentOriginalRow;

/// `GET /v1/originals`.
pub(in crate::api) fn list(call: &Call) -> Result<Answer, Fault> {
    let state = call.query.text("state");
    let is_meant = |standing: Standing| match state.as_deref() {
        Some("OPEN") => standing.is_open(),
        Some(word) => standing.as_str() == word,
        None => true,
    };
    let meant: Vec<Standing> = Standing::ALL.iter().copied().filter(|standing| is_meant(*standing)).collect();
    let (caller, agency) = (call.caller()?, call.query.text("agencyCode"));
    let found = originals::standing(&call.front.app, &caller.agencies, agency.as_deref(), &meant)?;
    let seen = found.iter().filter(|one| caller.sees(&one.leg.agency_code, &one.leg.post_office_code));
    Ok(Answer::json(&json!({ "items": seen.map(|one| view(&one.row)).collect::<Vec<_>>() })))
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
