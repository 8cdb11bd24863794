//! What devices send: acts in order, and the pictures that belong to them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::device_acts::{self, ACTS_MAX, Act, Taken};
use crate::app::evidence;
use crate::domain::person::Right;
use crate::domain::problem::Refusal;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop};
use crate::ui::routes::{Needs, Route, send};

/// Bytes of a batch: fifty intakes with long checklists.
const BATCH_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    send("POST", "/sync", Needs::Right(Right::Scan), BATCH_BYTES_MAX, sync),
    send("PUT", "/files/{sha256}", Needs::Right(Right::Scan), evidence::BYTES_MAX, put_file),
];

#[derive(Deserialize)]
struct Batch {
    acts: Vec<Value>,
}

fn sync(ask: &Ask) -> Result<Page, Stop> {
    let batch: Batch = ask.json()?;
    if batch.acts.len() > ACTS_MAX {
        return Err(Stop::Bad);
    }
    let (mut acts, mut results) = (Vec::with_capacity(batch.acts.len()), Vec::new());
    for sent in batch.acts {
        let id = sent.get("id").cloned().unwrap_or_default();
        match serde_json::from_value::<Act>(sent) {
            Ok(act) => acts.push(act),
            Err(_) => {
                let text = ask.t("thao tác không đọc được", "the act cannot be read");
                results.push(
                    json!({"id": id, "outcome": "REFUSED", "problems": [{"code": "BODY_INVALID", "text": text}]}),
                );
            }
        }
    }
    let mut taken = match device_acts::take(ask.app(), ask.person()?, &acts, ask.doing()) {
        Ok(taken) => taken,
        Err(error) if results.is_empty() => return Err(error.into()),
        Err(_) => Default::default(),
    };
    for act in acts {
        let Some(taken) = taken.remove(&act.id) else { continue };
        results.push(match taken {
            Taken::Taken(result) => json!({"id": act.id, "outcome": "TAKEN", "result": result}),
            Taken::Known(result) => json!({"id": act.id, "outcome": "KNOWN", "result": result}),
            Taken::Refused(refusal) => {
                json!({"id": act.id, "outcome": "REFUSED", "problems": told(ask, &refusal)})
            }
        });
    }
    Ok(Page::Json(json!({ "results": results })))
}

/// What is wrong with an act: field by field where the rules say so, such as those of an intake.
fn told(ask: &Ask, refusal: &Refusal) -> Vec<Value> {
    if refusal.problems.is_empty() {
        return vec![json!({"code": refusal.code.as_str(), "text": refusal.message.text(ask.lang)})];
    }
    let problems = refusal.problems.iter();
    problems
        .map(|each| json!({"code": each.code.as_str(), "field": each.field, "text": each.message.text(ask.lang)}))
        .collect()
}

fn put_file(ask: &Ask) -> Result<Page, Stop> {
    device_acts::keep_picture(ask.app(), ask.person()?, ask.value("sha256"), &ask.body, ask.doing())?;
    Ok(Page::Json(json!({ "sha256": ask.value("sha256") })))
}
