//! A new handover: the sender's page. What can be given now, by who takes it and by manifest, all ticked at first.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use serde::Serialize;
use serde_json::json;

use crate::app::legs;
use crate::domain::leg::{Holder, LegKind, Side};
use crate::store::originals::{self as lent_rows, LentOriginalRow};
use crate::store::read;
use crate::store::read::PageAsk;
use crate::store::read::legs::LegFilter;
use crate::store::rows::LegRow;
use crate::ui::ask::Ask;
use crate::ui::handover::acts;
use crate::ui::handover::sheet::{Names, other};
use crate::ui::page::{Page, Stop, again, html, see, value};

/// Dossiers that one page offers.
const OFFERED_MAX: i64 = 1_000;

/// A leg that can be given.
#[derive(Debug, Serialize)]
struct Offer {
    leg_id: String,
    dossier_no: Option<String>,
    note_no: Option<String>,
    item_number: Option<String>,
    procedure: String,
    seal_no: Option<String>,
    originals: i64,
    copies: i64,
    state: String,
    /// Lent originals of its dossier that the agency has: on this leg, or on none.
    lent: Vec<LentPaper>,
    ticked: bool,
    error: Option<String>,
}

/// A lent original that has to go back (QĐ 45 Đ9 k1c).
#[derive(Debug, Serialize)]
struct LentPaper {
    paper: String,
    quantity: i64,
    is_on_leg: bool,
}

/// The legs of one manifest.
#[derive(Debug, Serialize)]
struct Bundle {
    manifest_no: String,
    legs: Vec<Offer>,
}

/// Who can be given to, with how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Taker {
    code: String,
    name: String,
    legs: usize,
}

/// What the page shows.
#[derive(Debug, Default, Serialize)]
pub(in crate::ui) struct Pick {
    takers: Vec<Taker>,
    to: Option<Taker>,
    bundles: Vec<Bundle>,
    /// Legs that stand in another open handover already.
    busy: usize,
    total: usize,
}

/// Which legs a side can give: (kind, holder, state). A result at the post goes back only when it is on its way back.
fn givable(from: Side) -> &'static [(LegKind, Holder, Option<&'static str>)] {
    match from {
        Side::Post => &[
            (LegKind::Intake, Holder::Post, None),
            (LegKind::Result, Holder::Post, Some("RETURNING")),
            (LegKind::Result, Holder::Post, Some("RETURNED_REPORTED")),
        ],
        Side::Agency => &[(LegKind::Result, Holder::Agency, None)],
        Side::Oversight => &[],
    }
}

/// The legs that a side can give now, whether or not they stand in a handover already.
fn held(ask: &Ask, from: Side) -> Result<Vec<LegRow>, Stop> {
    let caller = ask.person()?.caller();
    let mut rows = Vec::new();
    for (kind, holder, state) in givable(from) {
        let filter = LegFilter {
            kind: Some(kind.as_str().to_owned()),
            holder: Some(holder.as_str().to_owned()),
            state: state.map(str::to_owned),
            open: Some(true),
            ..LegFilter::default()
        };
        let asked = PageAsk { after: None, limit: OFFERED_MAX };
        rows.extend(legs::page(ask.app(), &caller, &filter, &asked)?.into_iter().map(|view| view.row));
    }
    Ok(rows)
}

/// Who takes a leg: the agency, or the post office that comes for it.
fn taker_of(row: &LegRow, from: Side) -> &str {
    if from == Side::Post { &row.agency_code } else { &row.post_office_code }
}

/// What can be given to whom; with `to` the legs of that one.
pub(in crate::ui) fn pick(ask: &Ask, to: Option<&str>, errors: &BTreeMap<String, String>) -> Result<Pick, Stop> {
    let app = ask.app();
    let from = ask.person()?.role.side();
    let rows = held(ask, from)?;
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let busy: BTreeSet<String> =
        app.store.read(|db| read::handovers::in_open_handover(db, &ids))?.into_iter().collect();
    let free: Vec<LegRow> = rows.into_iter().filter(|row| !busy.contains(&row.id)).collect();
    let kind = if from == Side::Post { "AGENCY" } else { "POST_OFFICE" };
    let mut names = Names::new(app);
    let mut by_taker: BTreeMap<String, usize> = BTreeMap::new();
    for row in &free {
        *by_taker.entry(taker_of(row, from).to_owned()).or_default() += 1;
    }
    let takers = by_taker
        .into_iter()
        .map(|(code, legs)| Ok(Taker { name: names.of(kind, &code)?, code, legs }))
        .collect::<Result<Vec<_>, Stop>>()?;
    // With one taker there is nothing to choose.
    let only = match takers.as_slice() {
        [one] => Some(one.code.clone()),
        _ => None,
    };
    let to = to.map(str::to_owned).or(only);
    let chosen = takers.iter().find(|taker| Some(&taker.code) == to.as_ref()).cloned();
    let typed: BTreeSet<&str> = ask.form.all("leg").collect();
    let given: Vec<LegRow> = match &chosen {
        Some(taker) => free.into_iter().filter(|row| taker_of(row, from) == taker.code).collect(),
        None => Vec::new(),
    };
    let total = given.len();
    let numbers: BTreeSet<String> = given.iter().filter_map(|row| row.dossier_no.clone()).collect();
    let numbers: Vec<String> = numbers.into_iter().filter(|_| from == Side::Agency).collect();
    let lent = app.store.read(|db| lent_rows::at_agency(db, &numbers))?;
    let ticked = |id: &str| typed.is_empty() || typed.contains(id);
    Ok(Pick { takers, to: chosen, bundles: bundles(given, &lent, &ticked, errors), busy: busy.len(), total })
}

/// The lent originals that a result of their dossier ought to carry; those on another result go with that one.
fn lent_with(leg: &LegRow, lent: &[LentOriginalRow]) -> Vec<LentPaper> {
    let of_dossier = lent.iter().filter(|row| leg.dossier_no.is_some() && row.dossier_no == leg.dossier_no);
    of_dossier
        .filter_map(|row| {
            let is_on_leg = row.standing == "AT_AGENCY" && row.result_leg_id.is_some();
            let is_on_other = is_on_leg && row.result_leg_id.as_ref() != Some(&leg.id);
            (!is_on_other).then(|| LentPaper { paper: row.paper.clone(), quantity: row.quantity, is_on_leg })
        })
        .collect()
}

fn bundles(
    rows: Vec<LegRow>,
    lent: &[LentOriginalRow],
    ticked: &dyn Fn(&str) -> bool,
    errors: &BTreeMap<String, String>,
) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for row in rows {
        let offer = Offer {
            lent: lent_with(&row, lent),
            ticked: ticked(&row.id),
            error: errors.get(&row.id).cloned(),
            leg_id: row.id,
            dossier_no: row.dossier_no,
            note_no: row.consignment_note_no,
            item_number: row.item_number,
            procedure: row.procedure_name.unwrap_or(row.procedure_code),
            seal_no: row.seal_no,
            originals: row.originals,
            copies: row.copies,
            state: row.state,
        };
        match bundles.iter_mut().find(|bundle| bundle.manifest_no == row.manifest_no) {
            Some(bundle) => bundle.legs.push(offer),
            None => bundles.push(Bundle { manifest_no: row.manifest_no, legs: vec![offer] }),
        }
    }
    bundles
}

pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    let pick = pick(ask, ask.query.some("to"), &BTreeMap::new())?;
    html("handover_new.html", values(ask, pick, &[]))
}

fn values(ask: &Ask, pick: Pick, problems: &[String]) -> minijinja::Value {
    context! {
        pick => value(pick), problems => value(problems),
        place => ask.form.get("place"), handover_no => ask.form.get("handover_no"),
        post => ask.session.as_ref().is_some_and(|session| session.person.role.side() == Side::Post),
    }
}

pub(super) fn open(ask: &Ask) -> Result<Page, Stop> {
    let from = ask.person()?.role.side();
    let ids: Vec<&str> = ask.form.all("leg").collect();
    let mut wanted = json!({ "from": from.as_str(), "to": other(from).as_str(), "legIds": ids });
    for (name, field) in [("place", "place"), ("handoverNo", "handover_no")] {
        if let (Some(text), Some(object)) = (ask.form.some(field), wanted.as_object_mut()) {
            object.insert(name.to_owned(), text.into());
        }
    }
    let refused = if ids.is_empty() {
        let none = ask.t("Chọn ít nhất một hồ sơ để giao.", "Tick at least one dossier to give.");
        vec![(String::new(), none.to_owned())]
    } else {
        match acts::open(ask, &wanted)? {
            Ok(id) => return see(format!("/handovers/{id}")),
            Err(problems) => problems,
        }
    };
    let at_legs: BTreeMap<String, String> = refused.iter().filter(|(at, _)| at.starts_with("leg_")).cloned().collect();
    let of_all: Vec<String> =
        refused.into_iter().filter(|(at, _)| !at_legs.contains_key(at)).map(|(_, text)| text).collect();
    let pick = pick(ask, ask.form.some("to"), &at_legs)?;
    again("handover_new.html", values(ask, pick, &of_all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::handover::may_be_given;

    #[test]
    fn what_a_side_can_give_can_stand_in_a_handover() {
        for from in [Side::Post, Side::Agency] {
            for (kind, holder, _) in givable(from) {
                assert!(may_be_given(*kind, true, *holder, from, other(from)));
            }
        }
        assert!(givable(Side::Oversight).is_empty());
    }
}
