//! `giaonhan book` and `giaonhan reconcile`: the other sides' books, taken and compared with the ledger.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::App;
use crate::app::books::{self, About, Covers, Source};
use crate::app::people::Doing;
use crate::app::reconcile::{self, Ask, Explained};
use crate::base::time::{Clock, Ts, parse_date};
use crate::cli::args::{BookCommand, ReconcileArgs, StoreArgs};
use crate::cli::settings::{app, load};
use crate::cli::{Failure, Out, engine};
use crate::config::Settings;
use crate::domain::books::BookSide;
use crate::wire::Format;
use crate::work::books::{NoBook, Window};
use crate::work::{self, Links};

const DOING: Doing<'static> = Doing { person: None, request_id: "cli" };

fn day(name: &str, text: &str) -> Result<chrono::NaiveDate, Failure> {
    parse_date(text).ok_or_else(|| Failure::Usage(format!("{name} is a day YYYY-MM-DD, not `{text}`")))
}

fn side(text: &str) -> Result<BookSide, Failure> {
    let word = text.to_ascii_uppercase().replace('-', "_");
    BookSide::parse(&word).ok_or_else(|| Failure::Usage(format!("--side is post or one-stop, not `{text}`")))
}

pub(super) fn book(store: &StoreArgs, command: BookCommand, out: Out) -> Result<(), Failure> {
    let BookCommand::Load { side: whose, counterpart, from, until, as_of, partial, ordered, file } = command;
    let name = file.display().to_string();
    let format =
        Format::of_file_name(&name).ok_or_else(|| Failure::Usage(format!("{name}: a book is a file .csv or .json")))?;
    let body = std::fs::read(&file).map_err(|error| Failure::environment(format!("cannot read {name}: {error}")))?;
    let as_of = as_of
        .map(|text| {
            Ts::parse_rfc3339(&text).ok_or_else(|| Failure::Usage(format!("--as-of: `{text}` is no RFC 3339 time")))
        })
        .transpose()?;
    let about = About {
        side: side(&whose)?,
        counterpart,
        from: day("--from", &from)?,
        until: day("--until", &until)?,
        as_of,
        complete: !partial,
        covers: if ordered { Covers::Ordered } else { Covers::Accepted },
        source: Source::File,
    };
    let (taken, _) = books::take(&app(store)?, &about, format, &body, None, DOING)?;
    for (line_no, problems) in &taken.refused {
        for problem in problems {
            let object = json!({"line": line_no, "field": problem.field, "problem": problem.message.en});
            out.result(&object, &format!("{name}: line {line_no}, {}: {}", problem.field, problem.message.en));
        }
    }
    let outcome = if taken.known { "KNOWN" } else { "TAKEN" };
    let row = &taken.row;
    out.result(
        &json!({"book": row.id, "outcome": outcome, "entries": row.entries, "refused": row.refused, "complete": row.complete == 1}),
        &format!("{outcome} {}: {} entries, {} lines refused", row.id, row.entries, row.refused),
    );
    if taken.refused.is_empty() { Ok(()) } else { Err(Failure::No(String::new())) }
}

pub(super) fn reconcile(store: &StoreArgs, args: &ReconcileArgs, out: Out) -> Result<(), Failure> {
    let ask = Ask {
        side: side(&args.side)?,
        counterpart: args.counterpart.clone(),
        from: day("--from", &args.from)?,
        until: day("--until", &args.until)?,
        dry_run: args.dry_run,
    };
    let mut file = args.explain.as_deref().map(explanation).transpose()?;
    let mut failed = None;
    let mut tell = file.as_mut().map(|file| {
        |line: Explained| {
            let kinds: Vec<&str> = line.kinds.iter().map(|kind| kind.as_str()).collect();
            let cells =
                [line.entry_key.unwrap_or_default(), line.leg_id.unwrap_or_default(), line.why, kinds.join(" ")];
            failed = failed.take().or(writeln!(file, "{}", cells.join(";")).err());
        }
    });
    let listener = tell.as_mut().map(|tell| tell as &mut dyn FnMut(Explained));
    let settings = load(store, None)?;
    let app = engine::app(&settings, Clock::system(), Arc::new(|_| {}))?;
    if args.ask {
        ask_for_book(&app, &settings, &ask, out)?;
    }
    let outcome = reconcile::run(&app, &ask, DOING, listener)?;
    if let Some(error) = failed {
        return Err(Failure::environment(format!("the explanation cannot be written: {error}")));
    }
    let totals = &outcome.totals;
    let object: Value = json!({
        "id": outcome.run.as_ref().map(|run| run.id.clone()),
        "dryRun": ask.dry_run,
        "opened": outcome.opened,
        "healed": outcome.healed,
        "totals": totals,
    });
    let found: i64 = totals.found.values().sum();
    out.result(
        &object,
        &format!(
            "{} entries: {} agree, {found} differences ({} new, {} healed); {} without a leg, {} legs without an entry, {} ambiguous; \
             absence judged on {} days",
            totals.entries,
            totals.agree,
            outcome.opened,
            outcome.healed,
            totals.entries_alone,
            totals.legs_alone,
            totals.ambiguous,
            totals.days_covered,
        ),
    );
    Ok(())
}

/// Asks the counterpart itself; a running office need not stop for it.
fn ask_for_book(app: &App, settings: &Settings, ask: &Ask, out: Out) -> Result<(), Failure> {
    let window = Window { side: ask.side, counterpart: &ask.counterpart, from: ask.from, until: ask.until };
    let taken = work::books::ask(app, &Links::of(settings), window, DOING).map_err(|why| match why {
        NoBook::Failed(error) => Failure::from(error),
        NoBook::NotConfigured(_) | NoBook::OtherSide(..) => Failure::environment(why.to_string()),
        NoBook::Unanswered(..) => Failure::No(why.to_string()),
    })?;
    let row = &taken.row;
    let whole =
        if row.complete == 1 { "nothing is missing in it" } else { "it is not complete, so nothing is missed by it" };
    out.hint(&format!("{}: {} entries as of {}; {whole}", row.id, row.entries, Ts::from_us(row.as_of_us).to_rfc3339()));
    Ok(())
}

fn explanation(path: &Path) -> Result<std::io::BufWriter<std::fs::File>, Failure> {
    let bad = |error: std::io::Error| Failure::environment(format!("cannot write {}: {error}", path.display()));
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).map_err(bad)?);
    writeln!(file, "entry;leg;why;differences").map_err(bad)?;
    Ok(file)
}
