//! The rail: every event and message of a dossier, newest on top, as the page shows it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::app::dossier::{LegStory, Story, evidence_of_signature, file_of};
use crate::app::legs::CustodyEntry;
use crate::base::time::MINUTE_US;
use crate::domain::custody::{Event, EventKind};
use crate::domain::leg::{LegKind, Side};
use crate::store::read::dossiers::HandoverOfLeg;
use crate::store::rows::{EventDetailRow, OutboxRow};
use crate::ui::ask::Lang;
use crate::ui::dossier::wording;

/// What is recorded so much later than it happened is shown with both times.
const LATE_US: i64 = 10 * MINUTE_US;

/// Names of offices and agencies, by kind and code.
pub type Names = BTreeMap<(&'static str, String), String>;

/// Who said it: a person by name and title, or a system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Who {
    /// Name of the person, or of the system as it is configured.
    pub name: String,
    /// Title.
    pub title: Option<String>,
    /// `POST`, `AGENCY`, `OVERSIGHT`: the side of a system; none for a person.
    pub system: Option<&'static str>,
}

/// The handover behind an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Signed {
    pub id: String,
    pub number: String,
    pub line: i64,
    pub lines: i64,
    pub seal_no: Option<String>,
    pub reason: Option<String>,
    pub signatures: Vec<Signature>,
}

/// One signature of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Signature {
    pub name: String,
    pub title: Option<String>,
    pub side: String,
    pub gives: bool,
    pub at_us: i64,
    pub sha256: Option<String>,
}

/// A message of ours to one of the two systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Sent {
    pub what: String,
    pub told: Option<String>,
    pub to: String,
    pub state: String,
    pub attempts: i64,
}

/// A correction that struck an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Struck {
    pub by: Who,
    pub at_us: i64,
    pub why: Option<String>,
    pub hides_why: bool,
}

/// Evidence of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Proof {
    pub kind: String,
    pub sha256: Option<String>,
}

/// Who took the papers, with a name only when it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Taker {
    pub name: Option<String>,
    pub representative: bool,
    pub id_checked: bool,
    pub authorisation_seen: bool,
}

/// One line of the rail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Line {
    pub leg_id: String,
    pub kind: &'static str,
    pub event: &'static str,
    pub at_us: i64,
    pub recorded_us: Option<i64>,
    pub under: &'static str,
    pub moved_to: Option<&'static str>,
    pub counts: bool,
    pub title: String,
    pub who: Who,
    pub place: Option<String>,
    pub raw_code: Option<String>,
    pub raw_text: Option<String>,
    pub attempt: Option<u32>,
    pub cause: Option<String>,
    pub originals: Option<i64>,
    pub copies: Option<i64>,
    pub amount: Option<i64>,
    pub receipt_no: Option<String>,
    pub dossier_no: Option<String>,
    pub taker: Option<Taker>,
    pub texts: Vec<String>,
    pub hides_text: bool,
    pub evidence: Vec<Proof>,
    pub signed: Option<Signed>,
    pub struck: Option<Struck>,
    pub is_filing: bool,
    pub sent: Option<Sent>,
}

/// Every line, newest first.
pub fn rail(story: &Story, names: &Names, lang: Lang) -> Vec<Line> {
    let mut lines: Vec<(i64, Line)> = Vec::new();
    for leg in &story.legs {
        let mut order_us = i64::MIN;
        for entry in &leg.entries {
            // The fold's order stands, also where REGISTERED was written later than what it stands before.
            order_us = order_us.max(entry.event.occurred_at.us());
            lines.push((order_us, of_event(story, leg, entry, names, lang)));
        }
        lines.extend(leg.messages.iter().map(|row| (row.created_at_us, of_message(leg, row, lang))));
    }
    lines.sort_by_key(|(order_us, _)| *order_us);
    let mut holder = "";
    for (_, line) in &mut lines {
        if line.sent.is_some() {
            line.under = holder;
        } else {
            holder = line.moved_to.unwrap_or(line.under);
        }
    }
    lines.into_iter().rev().map(|(_, line)| line).collect()
}

fn kind_of(leg: &LegStory) -> LegKind {
    LegKind::parse(&leg.row.kind).unwrap_or(LegKind::Intake)
}

/// The word of the side that said it, or the person.
pub fn who(story: &Story, event: &Event) -> Who {
    let person = event.source.person.as_ref().and_then(|id| story.people.get(id));
    match person {
        Some(person) => Who { name: person.full_name.clone(), title: person.title.clone(), system: None },
        None => Who { name: event.source.counterpart.clone(), title: None, system: Some(event.source.side.as_str()) },
    }
}

fn of_event(story: &Story, leg: &LegStory, entry: &CustodyEntry, names: &Names, lang: Lang) -> Line {
    let event = &entry.event;
    let detail = leg.details.get(event.id.as_str());
    let moved = entry.stand.holder_from != entry.stand.holder_to;
    let late = event.recorded_at.us().saturating_sub(event.occurred_at.us()) > LATE_US;
    let family = event.source.family.as_deref();
    let raw_code = event.source.raw_code.as_deref();
    Line {
        leg_id: leg.row.id.clone(),
        kind: kind_of(leg).as_str(),
        event: event.kind.as_str(),
        at_us: event.occurred_at.us(),
        recorded_us: late.then_some(event.recorded_at.us()),
        under: entry.stand.holder_from.as_str(),
        moved_to: moved.then(|| entry.stand.holder_to.as_str()),
        counts: entry.stand.applied,
        title: wording::event(kind_of(leg), event.kind, lang).to_owned(),
        who: who(story, event),
        place: place(event, names),
        raw_code: raw_code.map(|code| family.map_or_else(|| code.to_owned(), |family| format!("{family}:{code}"))),
        raw_text: event.source.raw_text.clone(),
        attempt: event.attempt,
        cause: event.cause.clone(),
        originals: event.originals,
        copies: event.copies,
        amount: event.amount,
        receipt_no: event.receipt_no.clone(),
        dossier_no: event.dossier_no.clone(),
        taker: event.receiver.map(|receiver| Taker {
            name: detail.and_then(|detail| detail.receiver_name.clone()),
            representative: receiver.representative,
            id_checked: receiver.id_checked,
            authorisation_seen: receiver.authorisation_seen,
        }),
        texts: detail.map(texts).unwrap_or_default(),
        hides_text: event.detail_sha256.is_some() && detail.is_none(),
        evidence: event
            .evidence
            .iter()
            .map(|one| Proof { kind: one.kind.clone(), sha256: file_of(&one.reference).map(str::to_owned) })
            .collect(),
        signed: event.handover_id.as_ref().and_then(|id| signed(leg, id.as_str())),
        struck: struck(story, leg, event),
        is_filing: leg.row.filed_at_us == Some(event.occurred_at.us())
            && event.kind == EventKind::Confirmed
            && kind_of(leg) == LegKind::Intake,
        sent: None,
    }
}

/// Where it happened, by name.
fn place(event: &Event, names: &Names) -> Option<String> {
    let code = event.place.post_office_code.as_ref()?;
    Some(names.get(&("POST_OFFICE", code.clone())).cloned().unwrap_or_else(|| code.clone()))
}

fn texts(detail: &EventDetailRow) -> Vec<String> {
    let all = [&detail.place_text, &detail.cause_text, &detail.note];
    all.into_iter().flatten().cloned().collect()
}

/// A handover as people call it: by its number, or by the end of our id when it has none.
pub fn number_of(handover: &HandoverOfLeg) -> String {
    let id = &handover.row.id;
    let short = || id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned();
    handover.row.handover_no.clone().unwrap_or_else(short)
}

fn signed(leg: &LegStory, handover_id: &str) -> Option<Signed> {
    let handover = leg.handovers.iter().find(|handover| handover.row.id == handover_id)?;
    let mut signatures: Vec<Signature> = handover
        .signatures
        .iter()
        .map(|row| Signature {
            name: row.signer_name.clone(),
            title: row.signer_title.clone(),
            side: row.side.clone(),
            gives: row.side == handover.row.giver,
            at_us: row.signed_at_us,
            sha256: evidence_of_signature(&row.evidence)
                .iter()
                .find_map(|evidence| file_of(&evidence.r#ref).map(str::to_owned)),
        })
        .collect();
    // The post stands left and the agency right, on every page and paper.
    signatures.sort_by_key(|signature| signature.side != Side::Post.as_str());
    Some(Signed {
        id: handover.row.id.clone(),
        number: number_of(handover),
        line: handover.line.line_no,
        lines: handover.lines,
        seal_no: handover.line.expected_seal_no.clone(),
        reason: handover.row.reason.clone(),
        signatures,
    })
}

fn struck(story: &Story, leg: &LegStory, event: &Event) -> Option<Struck> {
    let correction =
        leg.entries.iter().map(|entry| &entry.event).find(|other| other.corrects.as_ref() == Some(&event.id))?;
    let detail = leg.details.get(correction.id.as_str());
    let of_handover = correction.handover_id.as_ref().and_then(|id| {
        let handover = leg.handovers.iter().find(|handover| handover.row.id == id.as_str())?;
        handover.row.reason.clone()
    });
    let why = of_handover.or_else(|| detail.and_then(|detail| detail.note.clone()));
    Some(Struck {
        by: who(story, correction),
        at_us: correction.recorded_at.us(),
        hides_why: why.is_none() && correction.detail_sha256.is_some() && detail.is_none(),
        why,
    })
}

fn of_message(leg: &LegStory, row: &OutboxRow, lang: Lang) -> Line {
    let body: serde_json::Value = serde_json::from_str(&row.body).unwrap_or_default();
    let told = body.get("state").and_then(|state| state.as_str());
    Line {
        leg_id: leg.row.id.clone(),
        kind: kind_of(leg).as_str(),
        at_us: row.created_at_us,
        counts: true,
        sent: Some(Sent {
            what: wording::message(&row.kind, lang),
            told: told.map(|state| crate::ui::words::words("state", state, lang)),
            to: row.counterpart.clone(),
            state: row.state.clone(),
            attempts: row.attempts,
        }),
        ..Line::default()
    }
}
