//! What a case rests on, one line each: the dossier, the handover's record, events and reports with their time and source, messages;
//! with a way to it where who looks may go there.

use minijinja::{Value, context};
use serde::Serialize;

use crate::app::dossier::file_of;
use crate::app::exceptions::{Exception, Subject};
use crate::app::facts::Reported;
use crate::app::legs::{self, CustodyEntry};
use crate::app::{discrepancies, handovers, people};
use crate::domain::custody::Event;
use crate::domain::exception::Sort;
use crate::domain::leg::LegKind;
use crate::domain::person::Right;
use crate::store::read::{dossiers, facts};
use crate::store::rows::{DiscrepancyRow, FactRow, LegRow};
use crate::ui::ask::Ask;
use crate::ui::dossier::wording;
use crate::ui::exceptions::{path_of, words};
use crate::ui::handover::number_of;
use crate::ui::page::{Stop, value};
use crate::ui::words::words as word;

/// One piece.
#[derive(Debug, Default, Serialize)]
struct Proof {
    icon: &'static str,
    what: String,
    /// Who said it, or whose it is.
    source: Option<String>,
    at_us: Option<i64>,
    /// Where it is read.
    path: Option<String>,
    /// Pictures and signatures: what each is, and where it is seen by who may.
    files: Vec<(String, Option<String>)>,
}

/// Every piece of a case, what it is about first.
pub(super) fn values(ask: &Ask, one: &Exception) -> Result<Value, Stop> {
    let mut proofs = Vec::new();
    if let Some(leg) = &one.leg {
        proofs.push(of_leg(ask, leg)?);
    }
    if let Subject::Discrepancy(row) = &one.subject {
        let entries = match &one.leg {
            Some(leg) => legs::custody(ask.app(), &ask.person()?.caller(), &leg.id)?.entries,
            None => Vec::new(),
        };
        let shown = shown_entries(row, &entries);
        let of_events = shown.iter().filter_map(|entry| entry.event.handover_id.as_ref()).map(|id| id.as_str());
        let mut handover_ids: Vec<&str> = row.handover_id.as_deref().into_iter().chain(of_events).collect();
        handover_ids.dedup();
        for id in handover_ids {
            proofs.extend(of_handover(ask, id)?);
        }
        for entry in &shown {
            proofs.push(of_event(ask, one, &entry.event)?);
        }
        for fact in reported(ask, row, &entries)? {
            proofs.push(of_fact(ask, &fact));
        }
    }
    if let (Some(leg), Subject::Discrepancy(_) | Subject::Custody(_)) = (&one.leg, &one.subject) {
        proofs.extend(of_messages(ask, leg)?);
    }
    let files_told = proofs.iter().any(|proof| proof.files.iter().any(|(_, path)| path.is_some()));
    Ok(context! { rows => value(&proofs), files_told })
}

fn of_leg(ask: &Ask, leg: &LegRow) -> Result<Proof, Stop> {
    let seen = ask.may(Right::Dossier) && ask.person()?.caller().sees(&leg.agency_code, &leg.post_office_code);
    let number = leg.dossier_no.as_deref().or(leg.consignment_note_no.as_deref()).unwrap_or(&leg.manifest_no);
    Ok(Proof {
        icon: "paper",
        what: format!("{} {number}", ask.t("Hồ sơ", "Dossier")),
        source: Some(format!("{}, {}", word("kind", &leg.kind, ask.lang), word("state", &leg.state, ask.lang))),
        at_us: Some(leg.state_since_us),
        path: seen.then(|| format!("/dossiers/{}", leg.id)),
        ..Proof::default()
    })
}

fn of_handover(ask: &Ask, id: &str) -> Result<Option<Proof>, Stop> {
    let Ok(whole) = handovers::get(ask.app(), &ask.person()?.caller(), id) else { return Ok(None) };
    let row = &whole.row;
    let number = number_of(row);
    let sides = [&row.giver, &row.receiver].map(|side| word("side", side, ask.lang));
    Ok(Some(Proof {
        icon: "handover",
        what: format!("{} {number}", ask.t("Biên bản giao nhận", "Handover record")),
        source: Some(sides.join(" → ")),
        at_us: Some(row.completed_at_us.unwrap_or(row.opened_at_us)),
        path: ask.may(Right::Handover).then(|| format!("/handovers/{id}")),
        ..Proof::default()
    }))
}

/// The events that show a discrepancy; a fact that became one is shown as that event.
fn shown_entries<'e>(row: &DiscrepancyRow, entries: &'e [CustodyEntry]) -> Vec<&'e CustodyEntry> {
    let evidence = discrepancies::evidence_of(row);
    let shows = |event: &Event| {
        evidence.iter().any(|piece| {
            piece.event_id.as_deref() == Some(event.id.as_str())
                || (piece.fact_id.is_some() && piece.fact_id == event.source.fact_id)
        })
    };
    entries.iter().filter(|entry| shows(&entry.event)).collect()
}

fn of_event(ask: &Ask, one: &Exception, event: &Event) -> Result<Proof, Stop> {
    let kind = one.leg.as_ref().and_then(|leg| LegKind::parse(&leg.kind)).unwrap_or(LegKind::Intake);
    let side = word("side", event.source.side.as_str(), ask.lang);
    let source = match &event.source.person {
        Some(id) => {
            let name = people::name_of(ask.app(), id)?.unwrap_or_else(|| event.source.counterpart.clone());
            format!("{name}, {side}")
        }
        None => format!("{}, {side}", event.source.counterpart),
    };
    let sees_files = ask.may(Right::PersonalData);
    Ok(Proof {
        icon: "flag",
        what: wording::event(kind, event.kind, ask.lang).to_owned(),
        source: Some(source),
        at_us: Some(event.occurred_at.us()),
        path: None,
        files: event
            .evidence
            .iter()
            .map(|piece| {
                let ours = file_of(&piece.reference).filter(|_| sees_files);
                let path = ours.map(|sha256| format!("/evidence/{sha256}?leg={}", event.leg_id.as_str()));
                (words::act(&piece.kind, ask.lang), path)
            })
            .collect(),
    })
}

/// What was reported and became no event of the leg.
fn reported(ask: &Ask, row: &DiscrepancyRow, entries: &[CustodyEntry]) -> Result<Vec<FactRow>, Stop> {
    let Some(reporter) = &row.reporter else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for fact_id in discrepancies::evidence_of(row).into_iter().filter_map(|piece| piece.fact_id) {
        let is_event = entries.iter().any(|entry| entry.event.source.fact_id.as_ref() == Some(&fact_id));
        let variants = ask.app().store.read(|db| facts::variants(db, reporter, &fact_id))?;
        found.extend(variants.into_iter().filter(|fact| !is_event || fact.variant > 0));
    }
    Ok(found)
}

fn of_fact(ask: &Ask, row: &FactRow) -> Proof {
    let told = row.content.as_deref().and_then(|text| serde_json::from_str::<Reported>(text).ok());
    let said = told.as_ref().map(|fact| match (&fact.event, &fact.family) {
        (Some(event), _) => words::event(event, ask.lang),
        (None, Some(family)) => format!("{family}:{}", fact.raw_code.as_deref().unwrap_or_default()),
        (None, None) => String::new(),
    });
    let said =
        said.filter(|said| !said.is_empty()).unwrap_or_else(|| ask.t("nội dung đã xóa", "content gone").to_owned());
    Proof {
        icon: "in",
        what: format!("{}: {said}", ask.t("Tin báo", "Report")),
        source: Some(format!("{}, {}", row.counterpart, word("side", &row.side, ask.lang))),
        at_us: Some(told.map_or(row.recorded_at_us, |fact| fact.occurred_at_us)),
        ..Proof::default()
    }
}

/// Orders and states about a leg; notifications repeat what events say.
fn of_messages(ask: &Ask, leg: &LegRow) -> Result<Vec<Proof>, Stop> {
    let rows = ask.app().store.read(|db| dossiers::messages_of_leg(db, &leg.id))?;
    let told = rows.into_iter().filter(|row| row.kind != "WEBHOOK");
    let proof = |row: crate::store::rows::OutboxRow| Proof {
        icon: "out",
        what: wording::message(&row.kind, ask.lang),
        source: Some(format!("{}, {}", row.counterpart, message_state(ask, &row.state))),
        at_us: Some(row.parked_at_us.unwrap_or(row.created_at_us)),
        path: Some(path_of(Sort::Message, &row.id)),
        ..Proof::default()
    };
    Ok(told.map(proof).collect())
}

/// How a message stands, in words.
pub(super) fn message_state<'a>(ask: &Ask, state: &str) -> &'a str {
    match state {
        "PARKED" => ask.lang.pick("đang treo", "parked"),
        "SETTLED" => ask.lang.pick("đã gửi xong", "sent"),
        "UNKNOWN" => ask.lang.pick("chưa rõ kết cục", "outcome unknown"),
        _ => ask.lang.pick("chờ gửi", "to be sent"),
    }
}
