//! Facts: what happened is recorded, each with its own result (contract 6.1).

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, rendered};
use crate::app::facts::{self, FactResult};
use crate::domain::problem::{Language, Problem};
use crate::wire::facts::read_facts;

/// `POST /v1/facts`.
pub(in crate::api) fn record(call: &Call) -> Result<Answer, Fault> {
    let facts_max = call.front.limits.facts_max;
    let drafts =
        read_facts(&call.body, facts_max).map_err(|refusal| Fault::from(refusal).limited("facts_max", facts_max))?;
    let language = call.voice.language;
    let render = move |results: &Vec<FactResult>| {
        let shown: Vec<Value> = results.iter().map(|one| result(one, language)).collect();
        rendered(200, &json!({ "facts": shown }))
    };
    let kept = facts::record(&call.front.app, call.caller()?, drafts, &call.keyed(&render))?;
    Ok(Answer::kept(kept))
}

fn result(result: &FactResult, language: Language) -> Value {
    let leg = |(id, state, holder): &(String, String, String)| json!({ "legId": id, "state": state, "holder": holder });
    json!({
        "factId": result.fact_id,
        "outcome": result.outcome,
        "advanced": result.advanced,
        "legs": result.legs.iter().map(leg).collect::<Vec<_>>(),
        "discrepancyIds": result.discrepancy_ids,
        "problems": result.problems.iter().map(|one| problem(one, language)).collect::<Vec<_>>(),
    })
}

pub(super) fn problem(problem: &Problem, language: Language) -> Value {
    json!({
        "code": problem.code.as_str(),
        "severity": problem.severity.as_str(),
        "field": problem.field,
        "message": problem.message.text(language),
    })
}
