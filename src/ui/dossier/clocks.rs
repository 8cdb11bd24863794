//! The legal clocks on the page of a dossier: how each stands, on which article, whose time was used, and what the law leaves open. And
//! the form by which the desk tells what it alone knows of a case.

use minijinja::{Value, context};
use serde_json::json;

use crate::app::case_marks::{self, MarkResult};
use crate::app::dossier::LegStory;
use crate::app::idempotency::{Keyed, Rendered};
use crate::app::{clocks, legs};
use crate::base::id::RequestId;
use crate::base::time::{MINUTE_US, Ts, parse_date};
use crate::domain::clocks::{ClockId, DOUBTS, Mark, Standing, Status, TABLE, Unknown};
use crate::domain::leg::Side;
use crate::domain::person::Right;
use crate::ui::ask::Ask;
use crate::ui::dossier::page;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, see};
use crate::wire::case_marks::read_marks;

/// Terms that nobody waits for: they stand below the others.
const QUIET: [ClockId; 3] = [ClockId::ComplaintWindow, ClockId::PaperRetention, ClockId::DataRetention];

/// The clocks of a leg, what is late first; one that nothing started is left out.
pub fn of_leg(ask: &Ask, leg: &LegStory) -> Result<Value, Stop> {
    let now = ask.app().now();
    let found = clocks::of_leg(ask.app(), &leg.row.id, now)?;
    let mut standings: Vec<&Standing> =
        found.standings.iter().filter(|standing| standing.status != Status::NotStarted).collect();
    standings.sort_by_key(|standing| urgency(standing.status));
    let (quiet, loud): (Vec<&Standing>, Vec<&Standing>) =
        standings.into_iter().partition(|standing| QUIET.contains(&standing.clock));
    Ok(context! {
        kind => leg.row.kind.as_str(),
        lane => found.lane.map(|lane| lane.as_str()),
        loud => loud.into_iter().map(|standing| clock(ask, standing, now)).collect::<Vec<_>>(),
        quiet => quiet.into_iter().map(|standing| clock(ask, standing, now)).collect::<Vec<_>>(),
    })
}

fn urgency(status: Status) -> usize {
    use Status as S;
    [S::Late, S::TooEarly, S::Running, S::Suspended, S::Unknown, S::Over, S::Met, S::Void, S::NotStarted]
        .iter()
        .position(|each| *each == status)
        .unwrap_or_default()
}

fn tone(status: Status) -> &'static str {
    match status {
        Status::Late | Status::TooEarly => "bad",
        Status::Suspended | Status::Over | Status::Unknown => "warn",
        Status::Met => "ok",
        Status::NotStarted | Status::Running | Status::Void => "wait",
    }
}

fn clock(ask: &Ask, standing: &Standing, now: Ts) -> Value {
    let row = TABLE.iter().find(|clock| clock.id == standing.clock);
    let missing = match standing.unknown {
        Some(Unknown::Calendar(gap)) => Some(gap.year()),
        _ => None,
    };
    let left = standing.due_at.filter(|_| standing.status == Status::Running).map(|due| due.us() - now.us());
    let paused = standing.pauses.last().filter(|pause| pause.to.is_none());
    let doubts = DOUBTS.iter().filter(|doubt| doubt.clocks.contains(&standing.clock));
    context! {
        id => standing.clock.as_str(),
        status => standing.status.as_str(),
        tone => tone(standing.status),
        basis => row.map_or("", |clock| clock.basis),
        due_us => standing.due_at.map(Ts::us),
        ended_us => standing.ended_at.map(Ts::us),
        left_us => left,
        unknown => standing.unknown.map(Unknown::as_str),
        missing_year => missing,
        paused => paused.map(|pause| context! { reason => pause.reason.as_str(), from_us => pause.from.us() }),
        pauses => standing.pauses.len(),
        used => used(standing),
        doubts => doubts
            .map(|doubt| context! { name => doubt.name, text => ask.lang.pick(doubt.vi, doubt.en), basis => doubt.basis })
            .collect::<Vec<_>>(),
    }
}

/// Working time by who held the papers: each as a part of a bar of a hundred.
fn used(standing: &Standing) -> Vec<Value> {
    let Some(used) = &standing.used else { return Vec::new() };
    let all: i64 = used.iter().map(|(_, us)| us).sum();
    let mut at = 0;
    let mut parts = Vec::new();
    for (holder, us) in used {
        let width = (us * 100).checked_div(all).unwrap_or_default();
        parts.push(context! { holder => holder.as_str(), us => *us, at, width });
        at += width;
    }
    parts
}

/// The form for the desk, as it was typed when something is wrong; none for who may not tell.
pub fn form(ask: &Ask, leg: &LegStory, errors: &Errors) -> Result<Option<Value>, Stop> {
    let (person, Some(dossier_no)) = (ask.person()?, &leg.row.dossier_no) else { return Ok(None) };
    if !ask.may(Right::Desk) || person.caller().side != Side::Agency {
        return Ok(None);
    }
    let told = case_marks::told_of(ask.app(), &leg.row.agency_code, dossier_no)?;
    let told: Vec<Value> = told
        .iter()
        .map(|row| {
            let date = row.date.as_deref().and_then(parse_date).map(|date| date.format("%d/%m/%Y").to_string());
            context! { mark => row.mark.as_str(), at_us => row.occurred_at_us, date, reference => row.reference.as_deref() }
        })
        .collect();
    let now = ask.app().now().to_vietnam().format("%Y-%m-%dT%H:%M").to_string();
    let typed = |name: &str, default: String| ask.form.some(name).map_or(default, str::to_owned);
    Ok(Some(context! {
        // The id of what is about to be told: sent twice, it is told once.
        mark_id => typed("markId", RequestId::make(&ask.app().ids).into()),
        marks => Mark::TOLD.iter().map(|mark| mark.as_str()).collect::<Vec<_>>(),
        mark => typed("mark", String::new()),
        at => typed("at", now),
        date => typed("date", String::new()),
        reference => typed("reference", String::new()),
        leg_kind => typed("legKind", "INTAKE".to_owned()),
        told,
        errors => errors.value(),
        done => ask.query.get("told") == "1",
    }))
}

/// Tells a mark: the same checks as for a system that tells it.
pub fn tell(ask: &Ask) -> Result<Page, Stop> {
    let caller = ask.person()?.caller();
    let leg_id = ask.value("leg_id");
    let row = legs::get(ask.app(), &caller, leg_id, false, ask.doing().request_id)?.row;
    if at_us(ask) > ask.app().now().us() + MINUTE_US {
        let mut errors = Errors::default();
        errors.add(ask.lang, "at", "Giờ này chưa tới.", "This time has not come yet.");
        return page::again_with(ask, &errors);
    }
    let mut mark = json!({
        "markId": ask.form.get("markId"),
        "agencyCode": row.agency_code,
        "dossierNo": row.dossier_no,
        "legKind": ask.form.get("legKind"),
        "mark": ask.form.get("mark"),
        "occurredAt": format!("{}:00+07:00", ask.form.get("at")),
    });
    if let Some(members) = mark.as_object_mut() {
        for name in ["date", "reference"] {
            members.extend(ask.form.some(name).map(|text| (name.to_owned(), json!(text))));
        }
    }
    let body = json!({ "marks": [mark] }).to_string();
    let drafts = read_marks(body.as_bytes(), 1).map_err(crate::app::AppError::from)?;
    let problems = std::cell::RefCell::new(Vec::new());
    let render = |results: &Vec<MarkResult>| {
        *problems.borrow_mut() = results.iter().flat_map(|result| result.problems.clone()).collect();
        Rendered { status: 200, media_type: String::new(), location: None, body: String::new() }
    };
    case_marks::record(ask.app(), &caller, &drafts, &Keyed { claim: None, render: &render }, Some(ask.doing()))?;
    let mut errors = Errors::default();
    for problem in problems.into_inner() {
        let field = if problem.field == "occurredAt" { "at" } else { &problem.field };
        errors.add(ask.lang, field, problem.message.vi.clone(), problem.message.en.clone());
    }
    if errors.is_empty() { see(format!("/dossiers/{leg_id}?told=1#clocks")) } else { page::again_with(ask, &errors) }
}

fn at_us(ask: &Ask) -> i64 {
    Ts::parse_rfc3339(&format!("{}:00+07:00", ask.form.get("at"))).map_or(0, Ts::us)
}
