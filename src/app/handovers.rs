//! Handovers: opened by one side, counted by who receives, signed by both; custody moves at the second signature, in one
//! transaction, and only for the lines taken (C2–C5, contract 7).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::app::discrepancies::Found;
use crate::app::idempotency::{Keyed, Rendered};
use crate::app::leg_work::LegsInWork;
use crate::app::{App, AppError, notices};
use crate::base::fault;
use crate::base::id::{EventId, HandoverId, LegId};
use crate::base::time::{MINUTE_US, Ts};
use crate::domain::access::Caller;
use crate::domain::custody::{Detail, Event, EventKind, Source};
use crate::domain::discrepancy::Kind;
use crate::domain::handover::{DigestLine, LineOutcome, counts_contradict, digest, event_of_signing, may_be_given};
use crate::domain::handover_input::{CountInput, HandoverLegs, OpenInput, SignInput};
use crate::domain::leg::{Holder, LegKind, Side};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::store::read::handovers::WholeHandover;
use crate::store::read::{self, PageAsk};
use crate::store::rows::{HandoverLineRow, HandoverRow, HandoverSignatureRow, LegRow};
use crate::store::write::HandoverChange;
use crate::store::{Db, StoreError, WriteSet};

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

/// One handover of an agency that the caller sees.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<WholeHandover, AppError> {
    app.store
        .read(|db| read::handovers::by_id(db, id))?
        .filter(|handover| caller.agencies.sees(&handover.row.agency_code))
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
    Ok(app.store.read(|db| read::handovers::page(db, &caller.agencies, status, agency_code, leg_id, ask))?)
}

/// Opens a handover, or the correction of one.
pub fn open(
    app: &App,
    caller: &Caller,
    input: &OpenInput,
    keyed: &Keyed<'_, WholeHandover>,
) -> Result<Rendered, AppError> {
    app.decide_and_commit(None, |set| {
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
        set.handovers.push((handover.row.clone(), handover.lines.clone()));
        Ok(keyed.reply(&handover, set))
    })
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
            if manifest.is_none_or(|row| !caller.agencies.sees(&row.agency_code)) {
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
        match rows.iter().find(|row| row.id == *id).filter(|row| caller.agencies.sees(&row.agency_code)) {
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
    let mut agencies: Vec<&str> = rows.iter().map(|row| row.agency_code.as_str()).collect();
    agencies.dedup();
    if let [first, .., last] = agencies.as_slice()
        && first != last
    {
        let first = (*first).to_owned();
        let others = rows.iter().filter(|row| row.agency_code != first);
        return Err(refused(
            others
                .map(|row| {
                    (
                        row.id.clone(),
                        Code::FieldInvalid,
                        "a handover is about one agency",
                        "một biên bản chỉ gồm hồ sơ của một cơ quan",
                    )
                })
                .collect(),
        ));
    }
    Ok(rows)
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
    };
    Ok(WholeHandover { row, lines, signatures: Vec::new() })
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
    let mut legs = Vec::new();
    let mut problems = Vec::new();
    for (place, number) in line_nos.iter().enumerate() {
        let line = original.lines.iter().find(|line| line.line_no == i64::from(*number));
        match line.filter(|line| line.outcome.as_deref() == Some("TAKEN")) {
            Some(line) => legs.push(line.leg_id.clone()),
            None => problems.push(Problem::error(
                Code::NotFound,
                format!("lineNos[{place}]"),
                "no line of this number was taken",
                "không có dòng nào mang số này đã được nhận",
            )),
        }
    }
    if !problems.is_empty() {
        return Err(Refusal::body(problems).into());
    }
    let (rows, busy, events) = app.store.read(|db| {
        Ok((
            read::legs::by_ids(db, &legs)?,
            read::handovers::in_open_handover(db, &legs)?,
            read::legs::events_of_many(db, &legs)?,
        ))
    })?;
    if !busy.is_empty() {
        let lines = busy.into_iter().map(|id| {
            (
                id,
                Code::LegInOtherHandover,
                "the leg stands in another open handover",
                "chặng đang nằm trong một biên bản khác chưa khép",
            )
        });
        return Err(refused(lines.collect()));
    }
    let rows = in_given_order(rows, &legs);
    let mut annulled = Vec::with_capacity(rows.len());
    for row in &rows {
        let of_leg = events.iter().filter(|event| event.leg_id == row.id);
        let found: Option<Event> =
            of_leg.filter_map(|event| crate::store::ledger::from_row(event).ok()).find(|event| {
                event.handover_id.as_ref().is_some_and(|id| id.as_str() == corrects) && event.corrects.is_none()
            });
        annulled.push(found.map(|event| event.id.as_str().to_owned()).unwrap_or_default());
    }
    let head = NewHead { from, to, handover_no: None, place: original.row.place.clone() };
    open_with(app, caller, head, rows, Some((corrects.to_owned(), reason.to_owned(), annulled)))
}

fn sides(row: &HandoverRow) -> Result<(Side, Side), AppError> {
    Side::parse(&row.giver)
        .zip(Side::parse(&row.receiver))
        .ok_or_else(|| AppError::Internal(format!("sides of {}", row.id)))
}

/// Counts lines, by the receiving side. Every change gives a new digest, and signatures made before it lapse.
pub fn count(app: &App, caller: &Caller, id: &str, input: &CountInput) -> Result<WholeHandover, AppError> {
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
        let Some(outcome) = LineOutcome::parse(count.outcome.as_str()) else { continue };
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

/// A signature may not be dated further ahead of our clock than this (contract 7).
const AHEAD_US_MAX: i64 = 5 * MINUTE_US;

/// Signs for one side. At the second signature custody moves.
pub fn sign(
    app: &App,
    caller: &Caller,
    id: &str,
    input: &SignInput,
    keyed: &Keyed<'_, WholeHandover>,
) -> Result<Rendered, AppError> {
    let rendered = app.decide_and_commit(None, |set| {
        let handover = get(app, caller, id)?;
        let now = app.now();
        let signed_at = may_sign(caller, &handover, input, now)?;
        let Some(signed_at) = signed_at else { return Ok(keyed.reply(&handover, set)) };
        let handover = app.store.read(|db| signed(app, db, handover.clone(), input, signed_at, now, set));
        let handover = handover?;
        Ok(keyed.reply(&handover, set))
    })?;
    fault::point("handover.after_commit");
    Ok(rendered)
}

/// When the signature counts from; `None` when the same signature stands already.
fn may_sign(caller: &Caller, handover: &WholeHandover, input: &SignInput, now: Ts) -> Result<Option<Ts>, AppError> {
    let (from, to) = sides(&handover.row)?;
    if input.side != caller.side || (input.side != from && input.side != to) {
        return Err(AppError::plain(Code::NotYourSide));
    }
    let standing = handover.signatures.iter().find(|s| s.lapsed == 0 && s.side == input.side.as_str());
    let same = standing.is_some_and(|s| {
        s.signer_name == input.signer_name && s.signer_title == input.signer_title && s.digest == input.digest
    });
    if same {
        return Ok(None);
    }
    if handover.row.status != "OPEN" {
        return Err(AppError::plain(Code::HandoverClosed));
    }
    let signed_at = input.signed_at.unwrap_or(now);
    if signed_at > now.plus_us(AHEAD_US_MAX) {
        return Err(Refusal::body(vec![Problem::error(
            Code::FieldInvalid,
            "signedAt",
            "lies more than 5 minutes ahead of our clock",
            "đi trước đồng hồ của hệ thống hơn 5 phút",
        )])
        .into());
    }
    if handover.lines.iter().any(|line| line.outcome.is_none()) {
        return Err(AppError::plain(Code::LinesUncounted));
    }
    if input.digest != handover.row.digest {
        return Err(AppError::plain(Code::HandoverChanged));
    }
    if standing.is_some() {
        return Err(AppError::plain(Code::AlreadySigned));
    }
    Ok(Some(signed_at))
}

fn signed(
    app: &App,
    db: &mut Db<'_>,
    mut handover: WholeHandover,
    input: &SignInput,
    signed_at: Ts,
    now: Ts,
    set: &mut WriteSet,
) -> Result<WholeHandover, StoreError> {
    let evidence: Vec<KeptEvidence> = input
        .evidence
        .iter()
        .map(|piece| KeptEvidence {
            kind: piece.kind.as_str().to_owned(),
            r#ref: piece.reference.clone(),
            sha256: piece.sha256.clone(),
        })
        .collect();
    let signature = HandoverSignatureRow {
        handover_id: handover.row.id.clone(),
        side: input.side.as_str().to_owned(),
        signer_name: input.signer_name.clone(),
        signer_title: input.signer_title.clone(),
        signed_at_us: signed_at.us(),
        recorded_at_us: now.us(),
        digest: input.digest.clone(),
        evidence: serde_json::to_string(&evidence).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        lapsed: 0,
        seq: i64::try_from(handover.signatures.len()).unwrap_or(i64::MAX) + 1,
    };
    let other = handover.signatures.iter().find(|s| s.lapsed == 0).map(|s| Ts::from_us(s.signed_at_us));
    let version_read = handover.row.version;
    handover.row.version += 1;
    handover.signatures.push(signature.clone());
    let mut freed = Vec::new();
    if let Some(other) = other {
        // The legal moment is the later of the two signatures (C5, QĐ 45 Đ7 k4).
        let moment = other.max(signed_at);
        complete(app, db, &mut handover, moment, now, set)?;
        freed = handover.lines.clone();
    }
    set.handover_changes.push(HandoverChange {
        version_read,
        row: handover.row.clone(),
        lines: freed,
        lapse_signatures: false,
        signatures: vec![signature],
    });
    Ok(handover)
}

fn complete(
    app: &App,
    db: &mut Db<'_>,
    handover: &mut WholeHandover,
    moment: Ts,
    now: Ts,
    set: &mut WriteSet,
) -> Result<(), StoreError> {
    let (from, to) = sides(&handover.row).map_err(|_| StoreError::Corrupt("sides of a handover".to_owned()))?;
    let ids: Vec<String> = handover.lines.iter().map(|line| line.leg_id.clone()).collect();
    let mut work = LegsInWork::new(app, now);
    let rows = read::legs::by_ids(db, &ids)?;
    work.take(db, rows)?;
    let (mut taken, mut intake_filed) = (0, false);
    for line in &mut handover.lines {
        line.open_leg_id = None;
        let outcome = line.outcome.as_deref().and_then(LineOutcome::parse).unwrap_or(LineOutcome::Missing);
        taken += usize::from(outcome == LineOutcome::Taken);
        let event = line_event(
            app,
            work.get(&line.leg_id).map(|leg| leg.row()),
            &handover.row,
            line,
            outcome,
            from,
            to,
            moment,
            now,
        );
        if let Some((event, filed)) = event
            && let Some(leg) = work.get(&line.leg_id)
        {
            intake_filed |= filed;
            leg.append(event, Detail::default());
        }
        if let Some(kind) = outcome.discrepancy() {
            let subject = format!("{kind}:{}:{}", handover.row.id, line.line_no);
            work.findings.find(found(&handover.row, kind, subject, Some(line.leg_id.clone())));
        }
    }
    let extras: Vec<Extra> = serde_json::from_str(&handover.row.extras).unwrap_or_default();
    for place in 0..extras.len() {
        let subject = format!("{}:{}:{place}", Kind::HandoverExtra, handover.row.id);
        work.findings.find(found(&handover.row, Kind::HandoverExtra, subject, None));
    }
    handover.row.status = "COMPLETED".to_owned();
    handover.row.completed_at_us = Some(now.us());
    handover.row.filed_at_us = intake_filed.then_some(moment.us());
    work.finish(db, set)?;
    set.feed.push(notices::handover_completed(&app.ids, &handover.row, handover.lines.len(), taken, now));
    Ok(())
}

/// The event that both signatures make of a line, and whether it files an intake leg. A correction writes only what goes back.
#[allow(clippy::too_many_arguments)]
fn line_event(
    app: &App,
    leg: Option<&LegRow>,
    handover: &HandoverRow,
    line: &HandoverLineRow,
    outcome: LineOutcome,
    from: Side,
    to: Side,
    moment: Ts,
    now: Ts,
) -> Option<(Event, bool)> {
    let leg = leg?;
    let kind = LegKind::parse(&leg.kind)?;
    let (event_kind, corrects) = match (&line.annuls_event_id, outcome) {
        (None, LineOutcome::Taken) => (event_of_signing(kind, from, to)?, None),
        (Some(annulled), outcome) if outcome != LineOutcome::Taken => {
            (EventKind::Corrected, Some(EventId::from_text(annulled.as_str())))
        }
        _ => return None,
    };
    let source = Source {
        counterpart: handover.opened_by.clone(),
        side: to,
        fact_id: None,
        family: None,
        raw_code: None,
        raw_text: None,
    };
    let mut event =
        Event::new(EventId::make(&app.ids), LegId::from_text(leg.id.as_str()), event_kind, moment, now, source);
    event.handover_id = Some(HandoverId::from_text(handover.id.as_str()));
    event.originals = line.originals;
    event.copies = line.copies;
    let files = event_kind == EventKind::Confirmed && kind == LegKind::Intake;
    event.corrects = corrects;
    Some((event, files))
}

fn found(handover: &HandoverRow, kind: Kind, subject_key: String, leg_id: Option<String>) -> Found {
    Found {
        kind,
        subject_key,
        leg_id,
        handover_id: Some(handover.id.clone()),
        agency_code: Some(handover.agency_code.clone()),
        reporter: None,
        evidence: Vec::new(),
    }
}

/// Gives a handover up while it is open; nothing moves, and its legs are free.
pub fn cancel(
    app: &App,
    caller: &Caller,
    id: &str,
    reason: &str,
    keyed: &Keyed<'_, WholeHandover>,
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
