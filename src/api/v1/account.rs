//! `GET /v1`: who the key is and what the limits are; `GET /v1/openapi.json`.

use serde_json::json;

use crate::api::call::Call;
use crate::api::openapi;
use crate::api::problem::Fault;
use crate::api::reply::Answer;

/// The key, and the limits.
pub(in crate::api) fn get(call: &Call) -> Result<Answer, Fault> {
    let caller = call.caller()?;
    let limits = &call.front.limits;
    Ok(Answer::json(&json!({
        "counterpart": caller.counterpart,
        "side": caller.side.as_str(),
        "agencies": caller.agencies.to_list(),
        "scopes": caller.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
        "version": env!("CARGO_PKG_VERSION"),
        "now": call.front.app.now().to_rfc3339(),
        "limits": {
            "body_bytes_max": limits.body_bytes_max,
            "manifest_lines_max": limits.manifest_lines_max,
            "facts_max": limits.facts_max,
            "handover_lines_max": limits.handover_lines_max,
        },
    })))
}

/// The OpenAPI document.
pub(in crate::api) fn openapi(_: &Call) -> Result<Answer, Fault> {
    Ok(Answer::json(openapi::shared()))
}
