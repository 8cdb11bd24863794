//! `giaonhan report`: definitions, cuts, and figures from outside.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::app::distribution;
use crate::app::people::Doing;
use crate::app::reports::{self, CutAsk, Format};
use crate::base::time::parse_date;
use crate::cli::args::{ReportCommand, StoreArgs};
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::domain::access::{Agencies, Caller, Scope};
use crate::domain::leg::Side;
use crate::domain::problem::Language;
use crate::domain::schedule::{Standing, Turn};
use crate::report::definitions::{DEFINITIONS, DefinitionId};
use crate::report::numbers;
use crate::report::tables::csv::Separator;
use crate::report::tables::printed::{self, Verdict};
use crate::store::read::PageAsk;
use crate::store::reports::{CutFilter, ReportCutRow};

const DOING: Doing<'static> = Doing { person: None, request_id: "cli" };

/// Who runs commands sees the whole store.
fn operator() -> Caller {
    Caller {
        key_id: "cli".to_owned(),
        counterpart: "cli".to_owned(),
        side: Side::Oversight,
        agencies: Agencies::All,
        post_office: None,
        person: None,
        scopes: vec![Scope::Read, Scope::Write],
    }
}

pub(super) fn report(store: &StoreArgs, command: ReportCommand, out: Out) -> Result<(), Failure> {
    match command {
        ReportCommand::Definitions => definitions(out),
        ReportCommand::List { definition } => list(store, definition, out)?,
        ReportCommand::Run { definition, from, until, agency, post_office, seed, format, language, file } => {
            let date = |text: &str| {
                parse_date(text).ok_or_else(|| Failure::Usage(format!("`{text}` is no date: write YYYY-MM-DD")))
            };
            let ask = CutAsk {
                definition: known(&definition)?,
                from: date(&from)?,
                until: date(&until)?,
                agency_code: agency,
                post_office_code: post_office,
                seed,
            };
            let app = app(store)?;
            let row = reports::run(&app, &operator(), &ask, DOING)?;
            told(&row, out);
            if let Some(format) = format {
                save(&row, &format, &language, file, out)?;
            }
        }
        ReportCommand::Export { id, format, language, file } => {
            let row = reports::get(&app(store)?, &operator(), &id)?;
            save(&row, &format, &language, file, out)?;
        }
        ReportCommand::Share { part, whole, printed } => share(part, whole, printed.as_deref(), out)?,
        ReportCommand::Schedules => schedules(store, out)?,
        ReportCommand::Deliver { schedule, period } => {
            let (run, made) = distribution::deliver(&app(store)?, &schedule, period.as_deref(), DOING)?;
            let object = json!({"cutId": run.cut_id, "schedule": run.schedule, "period": run.period, "made": made});
            let word = if made { "made, on its way" } else { "made before" };
            out.result(&object, &format!("{}  {}  {}  {word}", run.cut_id, run.schedule, run.period));
        }
        ReportCommand::Figures { file } => figures(store, &file, out)?,
    }
    Ok(())
}

fn schedules(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    for one in distribution::standings(&app)? {
        let kept = one.schedule;
        let names = |turns: &[Turn]| turns.iter().map(|turn| kept.period.name(turn.span)).collect::<Vec<_>>();
        let next = one.next.as_ref().and_then(|turn| match turn.standing {
            Standing::Later(at) => Some((kept.period.name(turn.span), at.to_rfc3339())),
            _ => None,
        });
        let (due, missed, unknown) = (names(&one.due), names(&one.missed), names(&one.unknown));
        let object = json!({
            "schedule": kept.name,
            "definition": kept.report.as_str(),
            "language": kept.language.code(),
            "receivers": kept.receivers,
            "next": next.as_ref().map(|(period, at)| json!({"period": period, "dueAt": at})),
            "due": due,
            "missed": missed,
            "waitingForCalendar": unknown,
        });
        let mut line = format!(
            "{:<20} {:<18} {} → {}",
            kept.name,
            kept.report.as_str(),
            kept.language.code(),
            kept.receivers.join(", "),
        );
        if let Some((period, at)) = next {
            line.push_str(&format!("\n  next: {period} at {at}"));
        }
        for (word, periods) in [("due", due), ("missed", missed), ("waits for the calendar", unknown)] {
            if !periods.is_empty() {
                line.push_str(&format!("\n  {word}: {}", periods.join(", ")));
            }
        }
        out.result(&object, &line);
    }
    Ok(())
}

fn known(definition: &str) -> Result<DefinitionId, Failure> {
    let ids: Vec<&str> = DefinitionId::ALL.iter().map(|id| id.as_str()).collect();
    DefinitionId::parse(&definition.to_ascii_uppercase().replace('-', "_"))
        .ok_or_else(|| Failure::Usage(format!("`{definition}` is none of {}", ids.join(", "))))
}

fn definitions(out: Out) {
    for known in DEFINITIONS {
        let (title_vi, title) = known.title;
        out.result(
            &json!({"definition": known.id.as_str(), "version": known.version, "title": title, "titleVi": title_vi, "basis": known.basis}),
            &format!("{:<18} v{}  {title_vi} / {title}", known.id.as_str(), known.version),
        );
    }
}

fn list(store: &StoreArgs, definition: Option<String>, out: Out) -> Result<(), Failure> {
    let definition = definition.map(|text| known(&text)).transpose()?;
    let filter = CutFilter { definition: definition.map(|id| id.as_str().to_owned()) };
    let (app, mut after) = (app(store)?, None);
    const PAGE: i64 = 500;
    loop {
        let page = reports::page(&app, &operator(), &filter, &PageAsk { after, limit: PAGE })?;
        for row in &page {
            out.result(
                &json!({"id": row.id, "definition": row.definition, "version": row.version, "from": row.from_date, "until": row.until_date, "agencyCode": row.agency_code, "postOfficeCode": row.post_office_code, "sha256": row.sha256}),
                &format!("{}  {:<18} {} – {}  {}", row.id, row.definition, row.from_date, row.until_date, row.sha256),
            );
        }
        match page.last().filter(|_| i64::try_from(page.len()).unwrap_or(0) == PAGE) {
            Some(last) => after = Some(last.id.clone()),
            None => return Ok(()),
        }
    }
}

fn told(row: &ReportCutRow, out: Out) {
    out.result(
        &json!({"id": row.id, "definition": row.definition, "version": row.version, "from": row.from_date, "until": row.until_date, "sha256": row.sha256}),
        &format!("{}  {} v{}  {} – {}  SHA-256 {}", row.id, row.definition, row.version, row.from_date, row.until_date, row.sha256),
    );
}

/// Writes a cut into a file; without a name it is called as the pages call it.
fn save(row: &ReportCutRow, format: &str, language: &str, file: Option<PathBuf>, out: Out) -> Result<(), Failure> {
    let formats: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
    let format =
        Format::parse(format).ok_or_else(|| Failure::Usage(format!("`{format}` is none of {}", formats.join(", "))))?;
    let language =
        Language::of_code(language).ok_or_else(|| Failure::Usage(format!("`{language}` is neither vi nor en")))?;
    let written = reports::write(row, format, language, Separator::Semicolon)?;
    let path = file.unwrap_or_else(|| PathBuf::from(&written.name));
    let failed = |error: std::io::Error| Failure::environment(format!("cannot write {}: {error}", path.display()));
    if path == Path::new("-") {
        std::io::stdout().lock().write_all(&written.bytes).map_err(failed)?;
        return Ok(());
    }
    std::fs::write(&path, &written.bytes).map_err(failed)?;
    out.hint(&format!("{}: {} bytes", path.display(), written.bytes.len()));
    Ok(())
}

/// The share as it should read, and how what was printed stands to it (domain 9.5).
fn share(part: i64, whole: i64, printed: Option<&str>, out: Out) -> Result<(), Failure> {
    let right = numbers::share(part, whole, Language::Vi);
    let verdict = printed.map(|printed| printed::percentage(printed, part, whole));
    let said = match verdict {
        None => "",
        Some(Verdict::Right) => "RIGHT",
        Some(Verdict::CutOff) => "CUT_OFF",
        Some(Verdict::Wrong) => "WRONG",
        Some(Verdict::None) => "NONE",
    };
    let object =
        json!({"part": part, "whole": whole, "share": right, "printed": printed, "verdict": verdict.map(|_| said)});
    out.result(&object, format!("{right}  {said}").trim_end());
    if matches!(verdict, Some(Verdict::CutOff | Verdict::Wrong)) { Err(Failure::No(String::new())) } else { Ok(()) }
}

fn figures(store: &StoreArgs, file: &Path, out: Out) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::environment(format!("cannot read {}: {error}", file.display())))?;
    let entries = match reports::read_table(&text) {
        Ok(entries) => entries,
        Err(wrong) => {
            for (line, en, _) in wrong {
                out.result(&json!({"line": line, "problem": en}), &format!("{}:{line}: {en}", file.display()));
            }
            return Err(Failure::No(String::new()));
        }
    };
    let entered = reports::enter(&app(store)?, entries, DOING)?;
    out.result(&json!({"entered": entered}), &format!("{entered} figures"));
    Ok(())
}
