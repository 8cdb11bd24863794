//! `giaonhan verify`, `giaonhan migrate` and `giaonhan manifest check`.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::verify;
use crate::base::time::Clock;
use crate::cli::args::StoreArgs;
use crate::cli::settings::{app, load};
use crate::cli::{Failure, Out, engine};
use crate::domain::leg::Side;
use crate::domain::manifest::{Mode, check};
use crate::domain::problem::{Language, Refusal};
use crate::domain::receipt::{Outcome, decide};
use crate::wire::{self, Format};

pub(super) fn verify(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    let found = verify::verify(&app(store)?)?;
    let problems: Vec<Value> = found
        .problems
        .iter()
        .map(|damage| json!({"legId": damage.leg_id, "seq": damage.seq, "kind": damage.kind}))
        .collect();
    let object = json!({
        "clean": found.is_clean(),
        "manifests": found.manifests,
        "legs": found.legs,
        "events": found.events,
        "problems": problems,
    });
    let mut line = format!(
        "{}: {} manifests, {} legs, {} events",
        if found.is_clean() { "clean" } else { "DAMAGED" },
        found.manifests,
        found.legs,
        found.events
    );
    for damage in &found.problems {
        let seq = damage.seq.map(|seq| format!(" event {seq}")).unwrap_or_default();
        line.push_str(&format!("\n  {} {}{seq}", damage.kind, damage.leg_id.as_deref().unwrap_or("-")));
    }
    out.result(&object, &line);
    if found.is_clean() { Ok(()) } else { Err(Failure::No(String::new())) }
}

pub(super) fn migrate(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    let settings = load(store, None)?;
    settings.database.prepare()?;
    let applied = crate::store::migrate::up(&engine::location(&settings.database))?;
    let line = if applied.is_empty() { "nothing to apply".to_owned() } else { applied.join("\n") };
    out.result(&json!({"applied": applied}), &line);
    Ok(())
}

pub(super) fn check_manifest(file: &Path, side: &str, mode: &str, out: Out) -> Result<(), Failure> {
    let side = match side.to_ascii_uppercase().as_str() {
        "AGENCY" => Side::Agency,
        "POST" => Side::Post,
        _ => return Err(Failure::Usage(format!("--side {side}: write agency or post"))),
    };
    let mode = Mode::parse(mode)
        .ok_or_else(|| Failure::Usage(format!("--mode {mode}: write all-or-nothing or good-lines")))?;
    let body = std::fs::read(file)
        .map_err(|error| Failure::environment(format!("cannot read {}: {error}", file.display())))?;
    let Some(format) = Format::of_file_name(&file.to_string_lossy()) else {
        return Err(Failure::Usage("the file's name has to end with .json, .xml or .csv".to_owned()));
    };
    let refused = |refusal: Refusal| {
        let code = refusal.code.as_str();
        let object = json!({"code": code, "detail": refusal.message.en});
        out.result(&object, &format!("{code}: {}", refusal.message.en));
        Failure::No(String::new())
    };
    let format = wire::detect(Some(format.media_type()), &body).map_err(refused)?;
    let draft = wire::read_manifest(format, &body, LINES_MAX).map_err(refused)?;
    let checked = check(draft, side, None);
    let decision = decide(mode, &checked, &HashMap::new());
    let rejected = decision.outcome == Outcome::Rejected;
    let text = match &checked.header {
        Ok(header) if !rejected => {
            let receipt = decision.receipt(header, checked.digest.clone(), None, Clock::system().now());
            wire::receipt::to_json(&receipt, Language::En)
        }
        _ => {
            let (refusal, extension) = wire::problem::refused_manifest(decision);
            wire::problem::to_json(&refusal, &extension, "manifest-check", Language::En)
        }
    };
    let object: Value = serde_json::from_slice(&text).unwrap_or(Value::Null);
    let pretty = serde_json::to_string_pretty(&object).unwrap_or_default();
    out.result(&object, &pretty);
    if rejected { Err(Failure::No(String::new())) } else { Ok(()) }
}

/// Lines of a manifest that the server takes by default (contract 1).
const LINES_MAX: usize = 10_000;
