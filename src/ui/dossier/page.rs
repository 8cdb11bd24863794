//! The page of one dossier: who holds it now, its whole life, every event, deadlines, fees, papers, the proof.

use minijinja::{Value, context};
use serde::Serialize;

use crate::app::dossier::{self, LegStory, Personal, Story};
use crate::app::originals;
use crate::app::people::directory;
use crate::domain::custody::EventKind;
use crate::domain::leg::{Holder, LegKind, Side, State};
use crate::domain::originals::{Beside, Standing};
use crate::domain::person::Right;
use crate::store::rows::PartyRow;
use crate::ui::ask::Ask;
use crate::ui::desk::originals::shown;
use crate::ui::dossier::rail::{self, Names};
use crate::ui::dossier::{clocks, ribbon, wording};
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see, value};

/// The page; with `?verify=1` the ledger is recomputed.
pub fn show(ask: &Ask) -> Result<Page, Stop> {
    let personal = if ask.may(Right::PersonalData) { Personal::Masked } else { Personal::None };
    draw(ask, personal)
}

/// The page with names, phone, address and free text; the look is on record before it is shown.
pub fn look(ask: &Ask) -> Result<Page, Stop> {
    draw(ask, Personal::Shown)
}

/// The address of a look, asked for again: the page without it.
pub fn look_again(ask: &Ask) -> Result<Page, Stop> {
    see(format!("/dossiers/{}", ask.value("leg_id")))
}

/// The bytes of an evidence file, for who sees the leg that refers to it.
pub fn evidence(ask: &Ask) -> Result<Page, Stop> {
    let caller = ask.person()?.caller();
    let (leg_id, sha256) = (ask.query.get("leg"), ask.value("sha256"));
    let (bytes, media_type) = dossier::evidence_file(ask.app(), &caller, leg_id, sha256, ask.doing())?;
    Ok(Page::Bytes { media_type: media_type.to_owned(), file_name: None, bytes })
}

fn draw(ask: &Ask, personal: Personal) -> Result<Page, Stop> {
    html("dossier.html", values(ask, personal, &Errors::default())?)
}

/// The page again, with what is wrong in the desk's form.
pub fn again_with(ask: &Ask, errors: &Errors) -> Result<Page, Stop> {
    let personal = if ask.may(Right::PersonalData) { Personal::Masked } else { Personal::None };
    again("dossier.html", values(ask, personal, errors)?)
}

fn values(ask: &Ask, personal: Personal, errors: &Errors) -> Result<Value, Stop> {
    let caller = ask.person()?.caller();
    let leg_id = ask.value("leg_id");
    let story = dossier::story(ask.app(), &caller, leg_id, personal, ask.doing())?;
    let leg = story.leg().ok_or(Stop::NotFound)?;
    let names = names(ask)?;
    let now_us = ask.app().now().us();
    let verified = match ask.query.get("verify") {
        "1" => Some(verify(ask, &story)?),
        _ => None,
    };
    Ok(context! {
        leg_id,
        number => leg.row.dossier_no.clone(),
        note_no => leg.row.consignment_note_no.clone(),
        procedure => leg.row.procedure_name.clone().unwrap_or_else(|| leg.row.procedure_code.clone()),
        now => present(ask, &story, &names, now_us),
        held => held(ask, &story, &names, now_us),
        lines => value(rail::rail(&story, &names, ask.lang)),
        legs => value(story.legs.iter().map(|leg| facts(leg, &names)).collect::<Vec<_>>()),
        now_us,
        open_discrepancies => story.legs.iter().map(|leg| leg.open_discrepancies).sum::<i64>(),
        events => story.legs.iter().map(|leg| leg.row.events).sum::<i64>(),
        verified,
        may_look => ask.may(Right::PersonalData),
        shown => personal == Personal::Shown,
        may_handover => ask.may(Right::Handover),
        clocks => story.legs.iter().map(|leg| clocks::of_leg(ask, leg)).collect::<Result<Vec<_>, _>>()?,
        mark_form => clocks::form(ask, leg, errors)?,
        lent => lent(ask, &story)?,
    })
}

/// The originals that the agency only borrowed, and what went back beside them; nothing for a dossier without any.
fn lent(ask: &Ask, story: &Story) -> Result<Value, Stop> {
    let intakes = story.legs.iter().filter(|leg| leg.row.kind == LegKind::Intake.as_str());
    let ids: Vec<String> = intakes.map(|leg| leg.row.id.clone()).collect();
    let rows = originals::of_legs(ask.app(), &ids)?;
    let Some(first) = rows.first() else { return Ok(Value::from(())) };
    let (surplus, unmatched) = originals::beside(ask.app(), &first.row.leg_id)?;
    let left_behind = rows.iter().any(|one| one.row.standing == Standing::Unreturned.as_str());
    let plain = |all: &[Beside]| -> Vec<Value> {
        all.iter().map(|one| context! { paper => one.paper.as_str(), quantity => one.quantity }).collect()
    };
    Ok(context! {
        rows => rows.iter().map(|one| shown(ask, one)).collect::<Result<Vec<_>, _>>()?,
        surplus => plain(&surplus),
        // Names that no lent paper has may be a lent paper under another name: said where one is missing.
        unmatched => if left_behind { plain(&unmatched) } else { Vec::new() },
        may_tell => ask.may(Right::Desk),
    })
}

/// Names of all offices and agencies: there are a few hundred in a province.
pub fn names(ask: &Ask) -> Result<Names, Stop> {
    let mut names = Names::new();
    for kind in ["POST_OFFICE", "AGENCY"] {
        names.extend(directory::places(ask.app(), kind)?.into_iter().map(|row| ((kind, row.code), row.name)));
    }
    Ok(names)
}

fn name(names: &Names, kind: &'static str, code: &str) -> String {
    names.get(&(kind, code.to_owned())).cloned().unwrap_or_else(|| code.to_owned())
}

fn holder_name(ask: &Ask, leg: &LegStory, holder: &str, names: &Names) -> String {
    match Holder::parse(holder) {
        Some(Holder::Agency) => name(names, "AGENCY", &leg.row.agency_code),
        Some(Holder::Post) => name(names, "POST_OFFICE", &leg.row.post_office_code),
        Some(Holder::Citizen) => ask.t("Người dân", "Citizen").to_owned(),
        Some(Holder::Unknown) | None => ask.t("Chưa rõ ai giữ", "Holder unknown").to_owned(),
    }
}

fn verify(ask: &Ask, story: &Story) -> Result<Vec<String>, Stop> {
    let caller = ask.person()?.caller();
    let mut problems = Vec::new();
    for leg in &story.legs {
        let damages = dossier::proof(ask.app(), &caller, &leg.row.id)?;
        problems.extend(damages.iter().map(|damage| {
            let words = wording::damage(damage.kind, ask.lang);
            damage.seq.map_or(words.clone(), |seq| format!("{words} ({} {seq})", ask.t("sự kiện", "event")))
        }));
    }
    Ok(problems)
}

/// Who holds the papers now, since when, on whose word.
fn present(ask: &Ask, story: &Story, names: &Names, now_us: i64) -> Value {
    let Some(leg) = story.present() else { return Value::from(()) };
    let (Some(kind), Some(state)) = (LegKind::parse(&leg.row.kind), State::parse(&leg.row.state)) else {
        return Value::from(());
    };
    let held = ribbon::ribbon(story, now_us);
    let last = held.last();
    let entries = || story.legs.iter().flat_map(|leg| leg.entries.iter().map(move |entry| (leg, entry)));
    let began = last.and_then(|last| entries().find(|(_, entry)| entry.event.id.as_str() == last.event_id));
    let basis = began.map(|(of_leg, entry)| {
        let handover = entry.event.handover_id.as_ref().and_then(|id| {
            let found = of_leg.handovers.iter().find(|handover| handover.row.id == id.as_str())?;
            Some(context! { id => id.as_str(), number => rail::number_of(found), signatures => found.signatures.len() })
        });
        let of_kind = LegKind::parse(&of_leg.row.kind).unwrap_or(kind);
        context! {
            title => wording::event(of_kind, entry.event.kind, ask.lang),
            who => value(rail::who(story, &entry.event)),
            handover,
        }
    });
    // The person in whose hands it is: the last of the holder's side who said something since.
    let since_us = last.map_or(leg.row.holder_since_us, |last| last.from_us);
    let side = if leg.row.holder == Holder::Post.as_str() { Side::Post } else { Side::Agency };
    let hands = leg.entries.iter().rev().find(|entry| {
        let event = &entry.event;
        entry.stand.applied
            && event.source.side == side
            && event.source.person.is_some()
            && event.occurred_at.us() >= since_us
    });
    let waiting = leg.handovers.iter().find(|handover| handover.row.status == "OPEN");
    context! {
        leg_id => leg.row.id.as_str(),
        kind => kind.as_str(),
        holder => leg.row.holder.as_str(),
        holder_name => holder_name(ask, leg, &leg.row.holder, names),
        hands => hands.map(|entry| value(rail::who(story, &entry.event))),
        since_us,
        for_us => now_us.saturating_sub(since_us),
        state => state.as_str(),
        state_tone => tone(state),
        attempts => leg.row.attempts,
        is_open => leg.row.is_open == 1,
        next => wording::next_step(kind, state, ask.lang),
        basis,
        waiting => waiting.map(|handover| context! { id => handover.row.id.as_str(), number => rail::number_of(handover) }),
    }
}

/// How a state is coloured; what is only reported is never green.
pub fn tone(state: State) -> &'static str {
    match state {
        State::Confirmed => "ok",
        State::CollectionFailed
        | State::AttemptFailed
        | State::Partial
        | State::Returning
        | State::ReturnedReported => "warn",
        State::LostOrDamaged => "bad",
        _ => "wait",
    }
}

fn held(ask: &Ask, story: &Story, names: &Names, now_us: i64) -> Value {
    let held = ribbon::ribbon(story, now_us);
    let shown: Vec<Value> = held
        .iter()
        .filter_map(|one| {
            let leg = story.legs.get(one.leg)?;
            let handover = one.handover_id.as_ref().and_then(|id| leg.handovers.iter().find(|of| of.row.id == *id));
            let entry = leg.entries.iter().find(|entry| entry.event.id.as_str() == one.event_id)?;
            let kind = LegKind::parse(&leg.row.kind)?;
            Some(context! {
                holder => one.holder,
                name => holder_name(ask, leg, one.holder, names),
                from_us => one.from_us,
                for_us => one.for_us,
                is_now => one.is_now,
                width => one.width,
                title => wording::event(kind, entry.event.kind, ask.lang),
                handover => handover.map(rail::number_of),
            })
        })
        .collect();
    let next = story.present().filter(|leg| leg.row.is_open == 1).and_then(|leg| {
        let to = ribbon::still_to_reach(
            LegKind::parse(&leg.row.kind)?,
            State::parse(&leg.row.state)?,
            Holder::parse(&leg.row.holder)?,
        )?;
        Some(context! { holder => to, name => holder_name(ask, leg, to, names) })
    });
    context! { all => shown, next }
}

/// A paper as the manifest declared it.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
struct Paper {
    name: String,
    kind: String,
    quantity: i64,
}

/// Money of one event.
#[derive(Debug, Clone, Serialize)]
struct Money {
    collected: bool,
    at_us: i64,
    amount: i64,
    receipt_no: Option<String>,
}

/// What stands beside the rail, of one leg.
#[derive(Debug, Clone, Serialize)]
struct Facts {
    id: String,
    kind: String,
    manifest_no: String,
    line_no: i64,
    dossier_no: Option<String>,
    note_no: Option<String>,
    item_number: Option<String>,
    item_bad_check: bool,
    seal_no: Option<String>,
    supplement_no: Option<i64>,
    agency: String,
    post_office: String,
    papers: Vec<Paper>,
    fee_to_collect: i64,
    money: Vec<Money>,
    due_us: Option<i64>,
    is_open: bool,
    closed_us: Option<i64>,
    attempts: i64,
    invited_us: Vec<i64>,
    accepted_us: Option<i64>,
    filed_us: Option<i64>,
    case_us: Option<i64>,
    events: i64,
    head: String,
    party: Option<Party>,
}

/// Who sends or receives.
#[derive(Debug, Clone, Serialize)]
struct Party {
    name: String,
    phone: Option<String>,
    email: Option<String>,
    address: String,
    note: Option<String>,
}

fn party(row: &PartyRow) -> Party {
    let row = row.clone();
    Party { name: row.name, phone: row.phone, email: row.email, address: row.address, note: row.note }
}

fn facts(leg: &LegStory, names: &Names) -> Facts {
    let row = &leg.row;
    let counted = || leg.entries.iter().filter(|entry| entry.stand.applied).map(|entry| &entry.event);
    let money = counted().filter_map(|event| {
        let collected = match event.kind {
            EventKind::FeeCollected => true,
            EventKind::FeeRemitted => false,
            _ => return None,
        };
        Some(Money {
            collected,
            at_us: event.occurred_at.us(),
            amount: event.amount.unwrap_or(0),
            receipt_no: event.receipt_no.clone(),
        })
    });
    let invited = counted().filter(|event| event.kind == EventKind::Invited).map(|event| event.occurred_at.us());
    Facts {
        id: row.id.clone(),
        kind: row.kind.clone(),
        manifest_no: row.manifest_no.clone(),
        line_no: row.line_no,
        dossier_no: row.dossier_no.clone(),
        note_no: row.consignment_note_no.clone(),
        item_number: row.item_number.clone(),
        item_bad_check: row.item_grade.as_deref() == Some("S10_BAD_CHECK"),
        seal_no: row.seal_no.clone(),
        supplement_no: row.supplement_no,
        agency: name(names, "AGENCY", &row.agency_code),
        post_office: name(names, "POST_OFFICE", &row.post_office_code),
        papers: serde_json::from_str(&row.papers).unwrap_or_default(),
        fee_to_collect: row.fee_to_collect,
        money: money.collect(),
        due_us: row.due_at_us,
        is_open: row.is_open == 1,
        closed_us: (row.is_open == 0).then_some(row.state_since_us),
        attempts: row.attempts,
        invited_us: invited.collect(),
        accepted_us: row.accepted_by_post_at_us,
        filed_us: row.filed_at_us,
        case_us: row.case_received_at_us,
        events: row.events,
        head: row.head.clone(),
        party: leg.party.as_ref().map(party),
    }
}
