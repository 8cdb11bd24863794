//! What the one-stop side tells of its cases, each mark with its own result.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, rendered};
use crate::api::v1::facts::problem;
use crate::app::case_marks::{self, MarkResult};
use crate::domain::problem::Language;
use crate::wire::case_marks::read_marks;

/// `POST /v1/case-marks`.
pub(in crate::api) fn record(call: &Call) -> Result<Answer, Fault> {
    let marks_max = call.front.limits.facts_max;
    let drafts =
        read_marks(&call.body, marks_max).map_err(|refusal| Fault::from(refusal).limited("facts_max", marks_max))?;
    let language = call.voice.language;
    let render = move |results: &Vec<MarkResult>| {
        let shown: Vec<Value> = results.iter().map(|one| result(one, language)).collect();
        rendered(200, &json!({ "marks": shown }))
    };
    let kept = case_marks::record(&call.front.app, call.caller()?, &drafts, &call.keyed(&render), None)?;
    Ok(Answer::kept(kept))
}

fn result(result: &MarkResult, language: Language) -> Value {
    json!({
        "markId": result.mark_id,
        "outcome": result.outcome,
        "legIds": result.leg_ids,
        "problems": result.problems.iter().map(|one| problem(one, language)).collect::<Vec<_>>(),
    })
}
