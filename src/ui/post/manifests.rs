//! Intake manifests that the office makes: open ones that take lines, closed ones, and the closing.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use crate::app::intake;
use crate::app::legs::papers_of;
use crate::app::people::directory;
use crate::domain::person::Right;
use crate::store::intake::manifests_of;
use crate::store::read::legs::of_manifest;
use crate::store::rows::{LegRow, ManifestRow};
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, html, see, value};
use crate::ui::routes::{Needs, Route, get, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/post/manifests", Needs::Right(Right::TakeIn), list),
    get("/post/manifests/{id}", Needs::Right(Right::TakeIn), one),
    post("/post/manifests/{id}/close", Needs::Right(Right::TakeIn), close),
];

/// Manifests shown of each kind.
const SHOWN: i64 = 50;

fn list(ask: &Ask) -> Result<Page, Stop> {
    let names = agency_names(ask)?;
    html(
        "post_manifests.html",
        context! { open => rows(ask, &names, true)?, closed => rows(ask, &names, false)?, shown => SHOWN },
    )
}

/// Names of agencies by code.
pub(super) fn agency_names(ask: &Ask) -> Result<BTreeMap<String, String>, Stop> {
    let places = directory::places(ask.app(), "AGENCY")?;
    Ok(places.into_iter().map(|place| (place.code, place.name)).collect())
}

/// The office's manifests as a list shows them.
pub(super) fn rows(ask: &Ask, names: &BTreeMap<String, String>, is_open: bool) -> Result<Vec<Value>, Stop> {
    let own = ask.person()?.caller().counterpart;
    let rows = ask.app().store.read(|db| manifests_of(db, &own, is_open, SHOWN))?;
    Ok(rows.iter().map(|(row, lines)| context! { lines, ..shown(row, names) }).collect())
}

fn shown(row: &ManifestRow, names: &BTreeMap<String, String>) -> Value {
    let date = crate::base::time::parse_date(&row.shift_date);
    context! {
        id => &row.id,
        no => &row.manifest_no,
        agency => names.get(&row.agency_code).unwrap_or(&row.agency_code),
        agency_code => &row.agency_code,
        date => date.map(crate::report::numbers::date),
        shift => row.shift,
        is_open => row.open_key.is_some(),
        opened_at_us => row.received_at_us,
        closed_at_us => row.closed_at_us,
    }
}

fn one(ask: &Ask) -> Result<Page, Stop> {
    let row = intake::manifest(ask.app(), ask.person()?, ask.value("id"))?;
    let legs = ask.app().store.read(|db| of_manifest(db, &row.id))?;
    let sum = |of: fn(&LegRow) -> i64| legs.iter().map(of).sum::<i64>();
    let lines: Vec<Value> = legs
        .iter()
        .map(|leg| {
            context! {
                no => leg.line_no,
                leg_id => &leg.id,
                note_no => &leg.consignment_note_no,
                dossier_no => &leg.dossier_no,
                papers => value(papers_of(leg)),
                procedure => leg.procedure_name.as_ref().unwrap_or(&leg.procedure_code),
                originals => leg.originals,
                copies => leg.copies,
                seal_no => &leg.seal_no,
                fee => leg.fee_to_collect,
                state => &leg.state,
                holder => &leg.holder,
                taken_at_us => leg.accepted_by_post_at_us,
            }
        })
        .collect();
    html(
        "post_manifest.html",
        context! {
            manifest => shown(&row, &agency_names(ask)?),
            lines,
            originals => sum(|leg| leg.originals),
            copies => sum(|leg| leg.copies),
            fee => sum(|leg| leg.fee_to_collect),
            closed => ask.query.get("done") == "closed",
        },
    )
}

fn close(ask: &Ask) -> Result<Page, Stop> {
    let row = intake::close(ask.app(), ask.person()?, ask.value("id"), ask.doing())?;
    see(format!("/post/manifests/{}?done=closed", row.id))
}
