//! Handovers: opened by one side, counted by who receives, signed by both; custody moves at the second signature, in one
//! transaction, and only for the lines taken (C2–C5, contract 7). `doing` is the person who acts, for the record; none is a system.

mod signing;

pub use signing::sign;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::app::idempotency::{Keyed, Rendered};
use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::id::HandoverId;
use crate::domain::access::Caller;
use crate::domain::custody::Event;
use crate::domain::handover::{DigestLine, counts_contradict, digest, may_be_given};
use crate::domain::handover_input::{CountInput, HandoverLegs, OpenInput};
use crate::domain::leg::{Holder, LegKind, Side};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::store::read::handovers::WholeHandover;
use crate::store::read::{self, PageAsk};
use crate::store::rows::{HandoverLineRow, HandoverRow, LegRow};
use crate::store::write::HandoverChange;
use crate::store::{WriteSet, ledger};

/// Something on the table that is on no line, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Extra {
    /// Dossier number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dossier_no: Option<String>,
    /// Item number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_number: Option<String>,
    /// Note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Evidence of a signature, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEvidence {
    /// `SIGNATURE`, `PHOTO` or `DOCUMENT`.
    pub kind: String,
    /// Where it lies.
    pub r#ref: String,
    /// Its digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

fn text<T: Serialize>(value: &T) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(|error| AppError::Internal(error.to_string()))
}

/// Papers of several offices on one handover are seen by systems and by the agency alone.
fn sees(caller: &Caller, row: &HandoverRow) -> bool {
    caller.sees(&row.agency_code, row.post_office_code.as_deref().unwrap_or_default())
}

/// One handover of an agency that the caller sees.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<WholeHandover, AppError> {
    app.store
        .read(|db| read::handovers::by_id(db, id))?
        .filter(|handover| sees(caller, &handover.row))
        .ok_or_else(|| AppError::plain(Code::NotFound))
}

/// A page of handovers, oldest first.
pub fn page(
    app: &App,
    caller: &Caller,
    status: Option<&str>,
    agency_code: Option<&str>,
    leg_id: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<WholeHandover>, AppError> {
    Ok(app.store.read(|db| read::handovers::page(db, caller, status, agency_code, leg_id, ask))?)
}

/// Opens a handover, or the correction of one.
pub fn open(
    app: &App,
    caller: &Caller,
    input: &OpenInput,
    keyed: &Keyed<'_, WholeHandover>,
    doing: Option<Doing<'_>>,
) -> Result<Rendered, AppError> {
    app.decide_and_commit(None, |set| {
        let handover = open_in(app, caller, input, doing, set)?;
        Ok(keyed.reply(&handover, set))
    })
}

/// Opens a handover as part of a greater set.
pub(super) fn open_in(
    app: &App,
    caller: &Caller,
    input: &OpenInput,
    doing: Option<Doing<'_>>,
    set: &mut WriteSet,
) -> Result<WholeHandover, AppError> {
    let handover = match input {
        OpenInput::New { from, to, legs, handover_no, place } => {
            if caller.side != *from && caller.side != *to {
                return Err(AppError::plain(Code::NotYourSide));
            }
            let rows = legs_to_give(app, caller, *from, *to, legs)?;
            let head = NewHead { from: *from, to: *to, handover_no: handover_no.clone(), place: place.clone() };
            open_with(app, caller, head, rows, None)?
        }
        OpenInput::Correct { corrects, line_nos, reason } => correction(app, caller, corrects, line_nos, reason)?,
    };
    set.acts.extend(doing.map(|doing| act(app, doing, "HANDOVER.OPEN", Some(&handover.row.id))));
    set.handovers.push((handover.row.clone(), handover.lines.clone()));
    Ok(handover)
}

struct NewHead {
    from: Side,
    to: Side,
    handover_no: Option<String>,
    place: Option<String>,
}

fn refused(legs: Vec<(String, Code, &'static str, &'static str)>) -> AppError {
    let lines = legs.into_iter().map(|(leg_id, code, en, vi)| (leg_id, vec![Problem::error(code, "legId", en, vi)]));
    AppError::HandoverRefused(lines.collect())
}

fn legs_to_give(
    app: &App,
    caller: &Caller,
    from: Side,
    to: Side,
    legs: &HandoverLegs,
) -> Result<Vec<LegRow>, AppError> {
    let (ids, by_manifest) = match legs {
        HandoverLegs::Legs(ids) => (ids.clone(), None),
        HandoverLegs::Manifest(id) => {
            let manifest = app.store.read(|db| read::manifests::by_id(db, id))?;
            if manifest.is_none_or(|row| !caller.sees(&row.agency_code, &row.post_office_code)) {
                return Err(AppError::plain(Code::NotFound));
            }
            let rows = app.store.read(|db| read::legs::of_manifest(db, id))?;
            let held: Vec<LegRow> = rows.into_iter().filter(|row| given(row, from, to)).collect();
            (held.iter().map(|row| row.id.clone()).collect(), Some(held))
        }
    };
    if ids.len() > app.limits.handover_lines_max {
        return Err(AppError::plain(Code::TooManyLines));
    }
    let rows = match by_manifest {
        Some(rows) => rows,
        None => in_given_order(app.store.read(|db| read::legs::by_ids(db, &ids))?, &ids),
    };
    let busy: BTreeSet<String> =
        app.store.read(|db| read::handovers::in_open_handover(db, &ids))?.into_iter().collect();
    let mut wrong = Vec::new();
    for id in &ids {
        match rows.iter().find(|row| row.id == *id).filter(|row| caller.sees(&row.agency_code, &row.post_office_code)) {
            None => wrong.push((id.clone(), Code::NotFound, "there is no such leg", "không có chặng này")),
            Some(row) if !given(row, from, to) => wrong.push((
                id.clone(),
                Code::LegNotHeldByGiver,
                "the giver does not hold this leg, or it does not go this way",
                "bên giao không giữ hồ sơ này, hoặc hồ sơ không đi chiều này",
            )),
            Some(row) if busy.contains(&row.id) => wrong.push((
                id.clone(),
                Code::LegInOtherHandover,
                "the leg stands in another open handover",
                "chặng đang nằm trong một biên bản khác chưa khép",
            )),
            Some(_) => {}
        }
    }
    if !wrong.is_empty() || rows.is_empty() {
        return Err(refused(wrong));
    }
    let agency = rows.first().map(|row| row.agency_code.clone()).unwrap_or_default();
    let others: Vec<_> = rows
        .iter()
        .filter(|row| row.agency_code != agency)
        .map(|row| {
            let (en, vi) = ("a handover is about one agency", "một biên bản chỉ gồm hồ sơ của một cơ quan");
            (row.id.clone(), Code::FieldInvalid, en, vi)
        })
        .collect();
    if others.is_empty() { Ok(rows) } else { Err(refused(others)) }
}

fn in_given_order(rows: Vec<LegRow>, ids: &[String]) -> Vec<LegRow> {
    let mut by_id: std::collections::HashMap<String, LegRow> =
        rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}

fn given(row: &LegRow, from: Side, to: Side) -> bool {
    match (LegKind::parse(&row.kind), Holder::parse(&row.holder)) {
        (Some(kind), Some(holder)) => may_be_given(kind, row.is_open == 1, holder, from, to),
        _ => false,
    }
}

fn open_with(
    app: &App,
    caller: &Caller,
    head: NewHead,
    rows: Vec<LegRow>,
    corrects: Option<(String, String, Vec<String>)>,
) -> Result<WholeHandover, AppError> {
    let id = HandoverId::make(&app.ids);
    let annuls = corrects.as_ref().map(|(_, _, events)| events.clone()).unwrap_or_default();
    let lines: Vec<HandoverLineRow> = (1_i64..)
        .zip(&rows)
        .enumerate()
        .map(|(place, (line_no, leg))| HandoverLineRow {
            handover_id: id.as_str().to_owned(),
            line_no,
            leg_id: leg.id.clone(),
            dossier_no: leg.dossier_no.clone(),
            consignment_note_no: leg.consignment_note_no.clone(),
            expected_originals: leg.originals,
            expected_copies: leg.copies,
            expected_seal_no: leg.seal_no.clone(),
            outcome: None,
            originals: None,
            copies: None,
            note: None,
            annuls_event_id: annuls.get(place).cloned(),
            open_leg_id: Some(leg.id.clone()),
        })
        .collect();
    let agency_code = rows.first().map(|row| row.agency_code.clone()).unwrap_or_default();
    let row = HandoverRow {
        id: id.as_str().to_owned(),
        handover_no: head.handover_no,
        status: "OPEN".to_owned(),
        giver: head.from.as_str().to_owned(),
        receiver: head.to.as_str().to_owned(),
        agency_code,
        place: head.place,
        opened_by: caller.counterpart.clone(),
        opened_at_us: app.now().us(),
        digest: digest(id.as_str(), head.from, head.to, &digest_lines(&lines), "[]"),
        extras: "[]".to_owned(),
        completed_at_us: None,
        filed_at_us: None,
        corrects: corrects.as_ref().map(|(id, _, _)| id.clone()),
        reason: corrects.map(|(_, reason, _)| reason),
        version: 1,
        post_office_code: one_office(&rows),
    };
    Ok(WholeHandover { row, lines, signatures: Vec::new() })
}

/// The post office whose papers they all are.
fn one_office(rows: &[LegRow]) -> Option<String> {
    let first = rows.first()?;
    rows.iter().all(|row| row.post_office_code == first.post_office_code).then(|| first.post_office_code.clone())
}

fn digest_lines(lines: &[HandoverLineRow]) -> Vec<DigestLine<'_>> {
    lines
        .iter()
        .map(|line| DigestLine {
            line_no: line.line_no,
            leg_id: &line.leg_id,
            expected: (line.expected_originals, line.expected_copies),
            outcome: line.outcome.as_deref(),
            counted: line.originals.zip(line.copies),
            note: line.note.as_deref(),
        })
        .collect()
}

/// A correction is a handover of the same two sides about lines that were taken; what is not taken now goes back.
fn correction(
    app: &App,
    caller: &Caller,
    corrects: &str,
    line_nos: &[u32],
    reason: &str,
) -> Result<WholeHandover, AppError> {
    let original = get(app, caller, corrects)?;
    let (from, to) = sides(&original.row)?;
    if caller.side != from && caller.side != to {
        return Err(AppError::plain(Code::NotYourSide));
    }
    if original.row.status != "COMPLETED" {
        return Err(AppError::HandoverRefused(Vec::new()));
    }
    let numbered = |number: u32| original.lines.iter().find(|line| line.line_no == i64::from(number));
    let lines: Vec<Option<&HandoverLineRow>> = line_nos.iter().map(|number| numbered(*number)).collect();
    let legs: Vec<String> = lines.iter().flatten().map(|line| line.leg_id.clone()).collect();
    let (rows, busy, events) = app.store.read(|db| {
        Ok((
            read::legs::by_ids(db, &legs)?,
            read::handovers::in_open_handover(db, &legs)?,
            read::legs::events_of_many(db, &legs)?,
        ))
    })?;
    let events: Vec<Event> = events.iter().map(ledger::from_row).collect::<Result<_, _>>()?;
    let mut annulled = Vec::with_capacity(lines.len());
    let mut problems = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        match line.and_then(|line| standing_event(&events, line, corrects)) {
            Some(event) => annulled.push(event.id.as_str().to_owned()),
            None => problems.push(Problem::error(
                Code::NotFound,
                format!("lineNos[{place}]"),
                "no line of this number was taken, or an earlier correction annulled it",
                "không có dòng nào mang số này đã được nhận, hoặc đã bị một biên bản đính chính hủy",
            )),
        }
    }
    if !problems.is_empty() {
        return Err(Refusal::body(problems).into());
    }
    if !busy.is_empty() {
        let (en, vi) = ("the leg stands in another open handover", "chặng đang nằm trong một biên bản khác chưa khép");
        return Err(refused(busy.into_iter().map(|id| (id, Code::LegInOtherHandover, en, vi)).collect()));
    }
    let rows = in_given_order(rows, &legs);
    let head = NewHead { from, to, handover_no: None, place: original.row.place.clone() };
    open_with(app, caller, head, rows, Some((corrects.to_owned(), reason.to_owned(), annulled)))
}

/// The event that a line of this handover made, unless it was annulled.
fn standing_event<'a>(events: &'a [Event], line: &HandoverLineRow, handover_id: &str) -> Option<&'a Event> {
    let of_leg = || events.iter().filter(|event| event.leg_id.as_str() == line.leg_id);
    let is_ours = |event: &&Event| event.handover_id.as_ref().is_some_and(|id| id.as_str() == handover_id);
    let made = of_leg().filter(is_ours).find(|event| event.corrects.is_none())?;
    of_leg().all(|event| event.corrects.as_ref() != Some(&made.id)).then_some(made)
}

fn sides(row: &HandoverRow) -> Result<(Side, Side), AppError> {
    Side::parse(&row.giver)
        .zip(Side::parse(&row.receiver))
        .ok_or_else(|| AppError::Internal(format!("sides of {}", row.id)))
}

/// Counts lines, by the receiving side. Every change gives a new digest, and signatures made before it lapse.
pub fn count(
    app: &App,
    caller: &Caller,
    id: &str,
    input: &CountInput,
    doing: Option<Doing<'_>>,
) -> Result<WholeHandover, AppError> {
    app.decide_and_commit(None, |set| {
        let mut handover = get(app, caller, id)?;
        let (from, to) = sides(&handover.row)?;
        if caller.side != to {
            return Err(AppError::plain(Code::NotYourSide));
        }
        if handover.row.status != "OPEN" {
            return Err(AppError::plain(Code::HandoverClosed));
        }
        let changed = counted_lines(&mut handover, input)?;
        let extras = match &input.extras {
            Some(extras) => text(
                &extras
                    .iter()
                    .map(|extra| Extra {
                        dossier_no: extra.dossier_no.as_ref().map(|number| number.as_str().to_owned()),
                        item_number: extra.item_number.as_ref().map(|number| number.as_str().to_owned()),
                        note: extra.note.clone(),
                    })
                    .collect::<Vec<_>>(),
            )?,
            None => handover.row.extras.clone(),
        };
        let new_digest = digest(&handover.row.id, from, to, &digest_lines(&handover.lines), &extras);
        if new_digest == handover.row.digest {
            return Ok(handover);
        }
        handover.row.digest = new_digest;
        handover.row.extras = extras;
        let version_read = handover.row.version;
        handover.row.version += 1;
        for signature in &mut handover.signatures {
            signature.lapsed = 1;
        }
        set.acts.extend(doing.map(|doing| act(app, doing, "HANDOVER.COUNT", Some(id))));
        set.handover_changes.push(HandoverChange {
            version_read,
            row: handover.row.clone(),
            lines: changed,
            lapse_signatures: true,
            signatures: Vec::new(),
        });
        Ok(handover)
    })
}

fn counted_lines(handover: &mut WholeHandover, input: &CountInput) -> Result<Vec<HandoverLineRow>, AppError> {
    let mut problems = Vec::new();
    let mut changed = Vec::new();
    for (place, count) in input.lines.iter().enumerate() {
        let Some(line) = handover.lines.iter_mut().find(|line| line.line_no == i64::from(count.line_no)) else {
            problems.push(Problem::error(
                Code::NotFound,
                format!("lines[{place}].lineNo"),
                "the handover has no such line",
                "biên bản không có dòng này",
            ));
            continue;
        };
        let outcome = count.outcome;
        let expected = (line.expected_originals, line.expected_copies);
        let counted = count.originals.map(i64::from).zip(count.copies.map(i64::from));
        if counted.is_some_and(|counted| counts_contradict(outcome, expected, counted)) {
            problems.push(Problem::error(
                Code::CountContradictsOutcome,
                format!("lines[{place}].outcome"),
                format!(
                    "{outcome} does not fit the counts: {} originals and {} copies are declared",
                    expected.0, expected.1
                ),
                format!("{outcome} không khớp số đếm: kê khai {} bản chính và {} bản sao", expected.0, expected.1),
            ));
            continue;
        }
        line.outcome = Some(outcome.as_str().to_owned());
        line.originals = count.originals.map(i64::from);
        line.copies = count.copies.map(i64::from);
        line.note = count.note.clone();
        changed.push(line.clone());
    }
    if problems.is_empty() { Ok(changed) } else { Err(Refusal::body(problems).into()) }
}

/// Gives a handover up while it is open; nothing moves, and its legs are free.
pub fn cancel(
    app: &App,
    caller: &Caller,
    id: &str,
    reason: &str,
    keyed: &Keyed<'_, WholeHandover>,
    doing: Option<Doing<'_>>,
) -> Result<Rendered, AppError> {
    app.decide_and_commit(None, |set| {
        let mut handover = get(app, caller, id)?;
        let (from, to) = sides(&handover.row)?;
        if caller.side != from && caller.side != to {
            return Err(AppError::plain(Code::NotYourSide));
        }
        if handover.row.status == "CANCELLED" && handover.row.reason.as_deref() == Some(reason) {
            return Ok(keyed.reply(&handover, set));
        }
        if handover.row.status != "OPEN" {
            return Err(AppError::plain(Code::HandoverClosed));
        }
        handover.row.status = "CANCELLED".to_owned();
        handover.row.reason = Some(reason.to_owned());
        let version_read = handover.row.version;
        handover.row.version += 1;
        for line in &mut handover.lines {
            line.open_leg_id = None;
        }
        set.acts.extend(doing.map(|doing| act(app, doing, "HANDOVER.CANCEL", Some(id))));
        set.handover_changes.push(HandoverChange {
            version_read,
            row: handover.row.clone(),
            lines: handover.lines.clone(),
            lapse_signatures: false,
            signatures: Vec::new(),
        });
        Ok(keyed.reply(&handover, set))
    })
}
