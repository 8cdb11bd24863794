//! `giaonhan case-marks load` and `giaonhan zones load`: tables that others make.

use std::path::Path;

use serde_json::json;

use crate::app::case_marks::{self, MarkResult};
use crate::app::idempotency::{Keyed, Rendered};
use crate::app::people::Doing;
use crate::app::zones;
use crate::cli::args::StoreArgs;
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::domain::access::{Agencies, Caller, Scope};
use crate::domain::leg::Side;
use crate::wire;

const DOING: Doing<'_> = Doing { person: None, request_id: "cli" };

fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::environment(format!("cannot read {}: {error}", file.display())))
}

/// Tells the marks of a table in the name of a counterpart; each is answered by itself, and the answer is no when one was refused.
pub(super) fn case_marks(store: &StoreArgs, file: &Path, counterpart: &str, out: Out) -> Result<(), Failure> {
    let drafts = wire::case_marks::read_table(&bytes(file)?)
        .map_err(|refusal| Failure::No(format!("{}: {}", file.display(), refusal.message.en)))?;
    let caller = Caller {
        key_id: "cli".to_owned(),
        counterpart: counterpart.to_owned(),
        side: Side::Agency,
        agencies: Agencies::All,
        post_office: None,
        person: None,
        scopes: vec![Scope::Write],
    };
    let app = app(store)?;
    let mut refused = 0;
    for part in drafts.chunks(app.limits.facts_max) {
        let told = std::cell::RefCell::new(Vec::new());
        let render = |results: &Vec<MarkResult>| {
            told.borrow_mut().clone_from(results);
            Rendered { status: 200, media_type: String::new(), location: None, body: String::new() }
        };
        case_marks::record(&app, &caller, part, &Keyed { claim: None, render: &render }, Some(DOING))?;
        for result in told.into_inner() {
            refused += usize::from(result.outcome == "REFUSED");
            show(&result, out);
        }
    }
    if refused == 0 { Ok(()) } else { Err(Failure::No(format!("{refused} marks were refused"))) }
}

fn show(result: &MarkResult, out: Out) {
    let problems: Vec<_> = result
        .problems
        .iter()
        .map(|problem| json!({"code": problem.code.as_str(), "field": problem.field, "message": problem.message.en}))
        .collect();
    let why: Vec<String> =
        result.problems.iter().map(|problem| format!("{}: {}", problem.field, problem.message.en)).collect();
    let id = result.mark_id.as_deref().unwrap_or("-");
    out.result(
        &json!({"markId": result.mark_id, "outcome": result.outcome, "legIds": result.leg_ids, "problems": problems}),
        &format!(
            "{id}  {}  {}",
            result.outcome,
            if why.is_empty() { result.leg_ids.join(" ") } else { why.join("; ") }
        ),
    );
}

/// Loads zones, all or none.
pub(super) fn zones(store: &StoreArgs, file: &Path, out: Out) -> Result<(), Failure> {
    let zones = wire::zones::read(&bytes(file)?).map_err(|faults| {
        for (line, why) in faults {
            out.result(&json!({"line": line, "problem": why}), &format!("{}:{line}: {why}", file.display()));
        }
        Failure::No(String::new())
    })?;
    let places = zones.len();
    zones::load(&app(store)?, zones, DOING)?;
    out.result(&json!({"places": places}), &format!("{places} places loaded; clocks are derived anew"));
    Ok(())
}
