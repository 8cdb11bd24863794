//! What comes back to the desk beside dossiers: old papers, and fee money.

use minijinja::context;
use serde::Serialize;

use crate::app::desk::{self, Kind};
use crate::domain::fact::Recovery;
use crate::domain::leg::LegKind;
use crate::store::desk as rows;
use crate::store::read;
use crate::store::rows::LegRow;
use crate::ui::ask::Ask;
use crate::ui::desk::{agency, originals};
use crate::ui::form::Errors;
use crate::ui::handover::Names;
use crate::ui::page::{Page, Stop, again, html, see, value};

/// Receipts shown below.
const RECENT_MAX: i64 = 20;

/// An old paper, and what the postman says became of it.
#[derive(Debug, Serialize)]
struct Paper {
    name: String,
    outcome: Option<&'static str>,
}

/// A leg with what is waited for.
#[derive(Debug, Serialize)]
struct Row {
    leg_id: String,
    dossier_no: Option<String>,
    note_no: Option<String>,
    procedure: String,
    post_office: String,
    kind: String,
    since_us: i64,
    papers: Vec<Paper>,
    collected: i64,
    remitted: i64,
    overdue: bool,
}

fn row(leg: LegRow, names: &mut Names<'_>) -> Result<Row, Stop> {
    Ok(Row {
        post_office: names.of("POST_OFFICE", &leg.post_office_code)?,
        leg_id: leg.id,
        dossier_no: leg.dossier_no,
        note_no: leg.consignment_note_no,
        procedure: leg.procedure_name.unwrap_or(leg.procedure_code),
        kind: LegKind::parse(&leg.kind).map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        since_us: leg.state_since_us,
        papers: Vec::new(),
        collected: 0,
        remitted: 0,
        overdue: false,
    })
}

pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    html("desk_returns.html", values(ask, &Errors::default())?)
}

pub(super) fn values(ask: &Ask, errors: &Errors) -> Result<minijinja::Value, Stop> {
    let app = ask.app();
    let agency = agency(ask)?;
    let mut names = Names::new(app);
    let mut papers = Vec::new();
    for one in desk::papers_to_come(app, agency)? {
        let told = one.papers.into_iter().map(|(name, outcome)| Paper { name, outcome: outcome.map(Recovery::as_str) });
        papers.push(Row { papers: told.collect(), ..row(one.leg, &mut names)? });
    }
    let mut money = Vec::new();
    for one in desk::money_to_come(app, agency)? {
        money.push(Row {
            collected: one.collected,
            remitted: one.remitted,
            overdue: one.is_overdue,
            ..row(one.leg, &mut names)?
        });
    }
    let sum = |of: fn(&Row) -> i64| money.iter().map(of).fold(0, i64::saturating_add);
    let (collected, remitted) = (sum(|row| row.collected), sum(|row| row.remitted));
    let recent = app.store.read(|db| {
        let receipts = rows::receipts(db, agency, RECENT_MAX)?;
        let ids: Vec<String> = receipts.iter().map(|receipt| receipt.leg_id.clone()).collect();
        let legs = read::legs::by_ids(db, &ids)?;
        Ok((receipts, legs))
    })?;
    let recent: Vec<minijinja::Value> = recent
        .0
        .iter()
        .map(|receipt| {
            let leg = recent.1.iter().find(|leg| leg.id == receipt.leg_id);
            context! {
                kind => receipt.kind.as_str(), at_us => receipt.at_us, amount => receipt.amount,
                dossier_no => leg.and_then(|leg| leg.dossier_no.clone()),
                procedure => leg.map(|leg| leg.procedure_name.clone().unwrap_or_else(|| leg.procedure_code.clone())),
            }
        })
        .collect();
    Ok(context! {
        papers => value(papers), money => value(money), collected, remitted, recent, errors => errors.value(),
        done => ask.query.get("done"), originals => originals::part(ask)?,
    })
}

/// The desk says that it has what it ticked.
pub(super) fn receive(ask: &Ask) -> Result<Page, Stop> {
    let agency = agency(ask)?;
    let (kind, field) = if ask.form.get("kind") == "MONEY" { (Kind::Money, "money") } else { (Kind::Papers, "papers") };
    let legs: Vec<String> = ask.form.all("leg").map(str::to_owned).collect();
    if legs.is_empty() {
        let mut errors = Errors::default();
        errors.add(ask.lang, field, "Chọn ít nhất một dòng đã nhận.", "Tick at least one line that you have.");
        return again("desk_returns.html", values(ask, &errors)?);
    }
    desk::receive(ask.app(), agency, kind, &legs, ask.doing())?;
    see(format!("/desk/returns?done={field}"))
}
