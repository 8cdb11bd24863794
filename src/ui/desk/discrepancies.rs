//! The agency's own discrepancies: each with what differs and what to do; a supervisor settles them here.

use minijinja::context;
use serde::Serialize;
use serde_json::json;

use crate::app::discrepancies;
use crate::app::idempotency::{Keyed, Rendered};
use crate::domain::discrepancy::Kind;
use crate::domain::person::Right;
use crate::report::kinds;
use crate::store::read;
use crate::store::read::PageAsk;
use crate::store::read::discrepancies::DiscrepancyFilter;
use crate::store::rows::DiscrepancyRow;
use crate::ui::ask::Ask;
use crate::ui::desk::agency;
use crate::ui::form::Errors;
use crate::ui::handover::refusals;
use crate::ui::page::{Page, Stop, again, html, see, value};
use crate::wire::handover::read_resolve;

const LIST_MAX: i64 = 200;

/// A discrepancy as the page shows it.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    kind: String,
    what: String,
    todo: String,
    owner: String,
    opened_at_us: i64,
    dossier_no: Option<String>,
    note_no: Option<String>,
    procedure: Option<String>,
    leg_id: Option<String>,
    handover_id: Option<String>,
}

/// The agency's open discrepancies, oldest first.
pub(super) fn open_of(ask: &Ask) -> Result<Vec<DiscrepancyRow>, Stop> {
    let filter = DiscrepancyFilter { state: Some("OPEN".to_owned()), ..DiscrepancyFilter::default() };
    let asked = PageAsk { after: None, limit: LIST_MAX };
    Ok(discrepancies::page(ask.app(), &ask.person()?.caller(), &filter, &asked)?)
}

pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    html("desk_discrepancies.html", values(ask, &Errors::default(), "")?)
}

fn values(ask: &Ask, errors: &Errors, failed: &str) -> Result<minijinja::Value, Stop> {
    let open = open_of(ask)?;
    let ids: Vec<String> = open.iter().filter_map(|row| row.leg_id.clone()).collect();
    let legs = ask.app().store.read(|db| read::legs::by_ids(db, &ids))?;
    let now_us = ask.app().now().us();
    let rows: Vec<Row> = open
        .into_iter()
        .map(|row| {
            let leg = legs.iter().find(|leg| Some(&leg.id) == row.leg_id.as_ref());
            let (what, todo) = advice(ask, &row.kind);
            Row {
                what,
                todo,
                dossier_no: leg.and_then(|leg| leg.dossier_no.clone()),
                note_no: leg.and_then(|leg| leg.consignment_note_no.clone()),
                procedure: leg.map(|leg| leg.procedure_name.clone().unwrap_or_else(|| leg.procedure_code.clone())),
                id: row.id,
                kind: row.kind,
                owner: row.owner,
                opened_at_us: row.opened_at_us,
                leg_id: row.leg_id,
                handover_id: row.handover_id,
            }
        })
        .collect();
    Ok(context! {
        rows => value(rows), may_settle => ask.may(Right::Settle), errors => errors.value(), failed, now_us,
        reason => ask.form.get("reason"), outcome => ask.form.get("outcome"), done => ask.query.get("done"),
    })
}

/// What differs and what to do, by kind; a kind that we do not know stands as its word.
fn advice(ask: &Ask, kind: &str) -> (String, String) {
    Kind::parse(kind).map_or_else(
        || (kind.to_owned(), String::new()),
        |kind| (kinds::called(kind, ask.lang).to_owned(), kinds::next_at_desk(kind, ask.lang).to_owned()),
    )
}

/// Settles one, with a reason: explained or corrected. Accepting what nobody can mend needs two people: the work list.
pub(super) fn resolve(ask: &Ask) -> Result<Page, Stop> {
    // Others may settle too, on the work list; here it is the agency's own people.
    agency(ask)?;
    let id = ask.value("id");
    let outcome = if ask.form.get("outcome") == "CORRECTED" { "CORRECTED" } else { "EXPLAINED" };
    let body = json!({ "outcome": outcome, "reason": ask.form.get("reason") }).to_string();
    let render = |row: &DiscrepancyRow| Rendered {
        status: 200,
        media_type: String::new(),
        location: None,
        body: row.id.clone(),
    };
    let resolved = match read_resolve(body.as_bytes()) {
        Ok(input) => discrepancies::resolve(
            ask.app(),
            &ask.person()?.caller(),
            id,
            input.outcome,
            &input.reason,
            &Keyed { claim: None, render: &render },
            Some(ask.doing()),
        ),
        Err(refusal) => Err(refusal.into()),
    };
    match resolved {
        Ok(_) => see("/desk/discrepancies?done=1"),
        Err(error) => {
            let mut errors = Errors::default();
            for (field, text) in refusals(ask, error)? {
                if field == "reason" {
                    errors.add(
                        ask.lang,
                        "reason",
                        "Ghi lý do, tối đa 500 ký tự.",
                        "Give a reason, up to 500 characters.",
                    );
                } else {
                    errors.add(ask.lang, "reason", text.clone(), text);
                }
            }
            again("desk_discrepancies.html", values(ask, &errors, id)?)
        }
    }
}
