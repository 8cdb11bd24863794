//! The legal clocks of a leg, as they stand now.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::app::{clocks, legs};
use crate::wire::clocks::clock;

/// `GET /v1/legs/{id}/clocks`.
pub(in crate::api) fn of_leg(call: &Call) -> Result<Answer, Fault> {
    let app = &call.front.app;
    // Who may not see the leg sees none of its clocks.
    let view = legs::get(app, call.caller()?, call.path_value()?, false, &call.request_id)?;
    let now = app.now();
    let found = clocks::of_leg(app, &view.row.id, now)?;
    let shown: Vec<Value> = found
        .standings
        .iter()
        .map(|standing| {
            let raised = found.flags.iter().filter(|raised| raised.clock == standing.clock);
            clock(standing, &raised.map(|raised| raised.flag.as_str()).collect::<Vec<_>>())
        })
        .collect();
    Ok(Answer::json(&json!({
        "legId": view.row.id,
        "asOf": now.to_rfc3339(),
        "lane": found.lane.map(|lane| lane.as_str()),
        "clocks": shown,
    })))
}
