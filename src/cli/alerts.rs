//! `giaonhan alerts`: what stands still or runs away, for people and for cron.

use serde_json::json;

use crate::app::App;
use crate::app::alerts::{self, Which, evidence_of};
use crate::base::time::Ts;
use crate::cli::args::StoreArgs;
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::domain::alert::{Kind, Weight};
use crate::domain::problem::Language;
use crate::report::alerts::{said, sentence};
use crate::store::alerts::AlertRow;
use crate::store::read::PageAsk;

const PAGE: i64 = 500;

pub(super) fn alerts(store: &StoreArgs, all: bool, check: bool, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    let open = alerts::open(&app)?;
    if all {
        every(&app, out)?;
    } else {
        open.iter().for_each(|(_, row)| show(row, out));
        if open.is_empty() && !out.json {
            out.hint("no alert is open");
        }
    }
    let grave = open.iter().filter(|(kind, _)| kind.row().weight == Weight::Grave).count();
    if check && grave > 0 { Err(Failure::No(format!("grave alerts open: {grave}"))) } else { Ok(()) }
}

fn every(app: &App, out: Out) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = alerts::page(app, Which::All, &PageAsk { after: after.clone(), limit: PAGE })?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        page.iter().for_each(|row| show(row, out));
    }
}

fn show(row: &AlertRow, out: Out) {
    let time = |us: i64| Ts::from_us(us).to_rfc3339();
    let kind = Kind::parse(&row.kind);
    let evidence = evidence_of(row);
    let weight = kind.map_or("", |kind| kind.row().weight.as_str());
    let detail = kind.map(|kind| sentence(kind, &evidence, Language::En)).unwrap_or_default();
    let object = json!({
        "id": row.id,
        "kind": row.kind,
        "weight": weight,
        "subject": row.subject,
        "openedAt": time(row.opened_at_us),
        "lastSeenAt": time(row.last_seen_at_us),
        "clearedAt": row.cleared_at_us.map(time),
        "value": evidence.value,
        "limit": evidence.limit,
        "detail": detail,
        "next": kind.map(|kind| said(kind.row().next, Language::En)),
        "acknowledgedBy": row.acknowledged_by,
        "note": row.note,
    });
    let state = match (row.cleared_at_us, &row.acknowledged_by) {
        (Some(_), _) => "cleared",
        (None, Some(_)) => "known",
        (None, None) => "open",
    };
    let line = format!(
        "{}  {weight:<7} {state:<7} {:<18} {:<28} {}  {detail}",
        row.id,
        row.kind,
        row.subject,
        time(row.opened_at_us)
    );
    out.result(&object, line.trim_end());
}
