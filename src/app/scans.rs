//! Scan sessions: what is expected, what a scan comes to, taking one back, and the end that opens a handover.

use serde::Serialize;

use crate::app::handovers::open_in;
use crate::app::people::{Doing, act};
use crate::app::{App, AppError, rounds as carrying};
use crate::base::id::ScanSessionId;
use crate::base::time::{DAY_US, Ts};
use crate::domain::handover_input::{HandoverLegs, OpenInput};
use crate::domain::leg::{Holder, LegKind, Side, State};
use crate::domain::person::{Person, Reach};
use crate::domain::problem::{Code, Refusal};
use crate::domain::scanning::{Expects, Purpose, ScanOutcome, Seen};
use crate::store::round_rows::{ScanRow, ScanSessionClose, ScanSessionRow};
use crate::store::rounds::OpenLegs;
use crate::store::rows::LegRow;
use crate::store::{Db, StoreError, WriteSet, people, read, rounds};

/// A new session.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct NewSession {
    pub purpose: Purpose,
    pub agency_code: Option<String>,
    pub manifest_id: Option<String>,
    pub postman_id: Option<String>,
}

/// The post office of a person of the post.
pub fn office_of(person: &Person) -> Result<&str, AppError> {
    match &person.reach {
        Reach::PostOffice(code) => Ok(code),
        Reach::Agency(_) | Reach::Province => Err(AppError::plain(Code::NotYourSide)),
    }
}

/// Begins a session; returns its id.
pub fn begin(app: &App, person: &Person, new: NewSession, doing: Doing<'_>) -> Result<String, AppError> {
    let office = office_of(person)?;
    let refused = |en: &str, vi: &str| AppError::Refused(Refusal::new(Code::BodyInvalid, en, vi));
    match new.purpose {
        Purpose::HandoverOut | Purpose::Collect if new.agency_code.is_none() => {
            return Err(refused("choose an agency", "hãy chọn cơ quan"));
        }
        Purpose::Round => {
            let postman = app.store.read(|db| match &new.postman_id {
                Some(id) => people::by_id(db, id),
                None => Ok(None),
            })?;
            if postman.is_none_or(|row| row.post_office_code.as_deref() != Some(office) || row.disabled_at_us.is_some())
            {
                return Err(refused("choose a postman of this office", "hãy chọn bưu tá của bưu cục"));
            }
        }
        Purpose::HandoverOut | Purpose::Collect => {}
    }
    if let Some(id) = &new.manifest_id {
        let manifest = app.store.read(|db| read::manifests::by_id(db, id))?;
        let fits = manifest.is_some_and(|row| {
            row.post_office_code == office && new.agency_code.as_deref() == Some(row.agency_code.as_str())
        });
        if !fits {
            return Err(AppError::plain(Code::NotFound));
        }
    }
    let row = ScanSessionRow {
        id: ScanSessionId::make(&app.ids).into(),
        purpose: new.purpose.as_str().to_owned(),
        post_office_code: office.to_owned(),
        agency_code: new.agency_code,
        manifest_id: new.manifest_id,
        postman_id: new.postman_id,
        opened_by: person.id.clone(),
        opened_at_us: app.now().us(),
        closed_by: None,
        closed_at_us: None,
        handover_id: None,
    };
    let id = row.id.clone();
    let acts = vec![act(app, doing, "SCAN_SESSION.OPEN", Some(&id))];
    app.store.commit(WriteSet { scan_sessions: vec![row], acts, ..WriteSet::default() })?;
    Ok(id)
}

/// Sessions of the person's office: open ones, and those closed within a day.
pub fn list(app: &App, person: &Person) -> Result<Vec<ScanSessionRow>, AppError> {
    let office = office_of(person)?;
    let since = app.now().plus_us(-DAY_US).us();
    Ok(app.store.read(|db| rounds::sessions(db, office, since))?)
}

/// One session of the person's office.
pub fn get(app: &App, person: &Person, id: &str) -> Result<ScanSessionRow, AppError> {
    let office = office_of(person)?;
    app.store
        .read(|db| rounds::session(db, id))?
        .filter(|row| row.post_office_code == office)
        .ok_or_else(|| AppError::plain(Code::NotFound))
}

/// The number of the manifest that a session is narrowed to.
pub fn manifest_no(app: &App, session: &ScanSessionRow) -> Result<Option<String>, AppError> {
    let Some(id) = &session.manifest_id else { return Ok(None) };
    Ok(app.store.read(|db| read::manifests::by_id(db, id))?.map(|row| row.manifest_no))
}

/// What a session expects.
pub(super) fn expects(session: &ScanSessionRow) -> Result<Expects<'_>, StoreError> {
    let purpose =
        Purpose::parse(&session.purpose).ok_or_else(|| StoreError::Corrupt(format!("purpose of {}", session.id)))?;
    Ok(Expects { purpose, agency_code: session.agency_code.as_deref(), manifest_id: session.manifest_id.as_deref() })
}

fn is_on(expects: &Expects<'_>, [kind, state, holder]: [&str; 3], agency_code: &str, manifest_id: &str) -> bool {
    let words = (LegKind::parse(kind), State::parse(state), Holder::parse(holder));
    let (Some(kind), Some(state), Some(holder)) = words else { return false };
    expects.has(&Seen { kind, state, holder, agency_code, manifest_id })
}

/// Whether a leg is on the list.
pub(super) fn is_expected(expects: &Expects<'_>, leg: &LegRow) -> bool {
    leg.is_open == 1 && is_on(expects, [&leg.kind, &leg.state, &leg.holder], &leg.agency_code, &leg.manifest_id)
}

/// The list of a session and the other open legs of the office, so that a device answers by itself.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Lists {
    pub session: ScanSessionRow,
    pub expected: Vec<LegRow>,
    pub others: Vec<LegRow>,
    pub scans: Vec<ScanRow>,
}

/// Everything that the page of a session needs. What was scanned stays on the list, wherever it has gone since.
pub fn lists(app: &App, person: &Person, id: &str) -> Result<Lists, AppError> {
    let session = get(app, person, id)?;
    let (scans, open, scanned) = app.store.read(|db| {
        let scans = rounds::scans(db, id)?;
        let open = rounds::open_legs(db, &session.post_office_code)?;
        let mut scanned: Vec<String> = scans
            .iter()
            .filter(|row| row.outcome == ScanOutcome::Ok.as_str())
            .filter_map(|row| row.leg_id.clone())
            .collect();
        scanned.sort_unstable();
        scanned.dedup();
        let scanned = read::legs::by_ids(db, &scanned)?;
        Ok((scans, open, scanned))
    })?;
    let expects = expects(&session)?;
    let is_scanned = |leg: &LegRow| scanned.binary_search_by(|known| known.id.cmp(&leg.id)).is_ok();
    let (mut expected, mut others) = (Vec::new(), Vec::new());
    for leg in open.into_iter().filter(|leg| !is_scanned(leg)) {
        if is_expected(&expects, &leg) { expected.push(leg) } else { others.push(leg) }
    }
    let mut expected_and_scanned = scanned;
    expected_and_scanned.append(&mut expected);
    expected_and_scanned.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(Lists { session, expected: expected_and_scanned, others, scans })
}

/// What a session of the office could begin with, and how many open legs there are to each.
pub fn startable(app: &App, person: &Person) -> Result<Vec<(Purpose, OpenLegs)>, AppError> {
    let office = office_of(person)?;
    let open = app.store.read(|db| rounds::count_open_legs(db, office))?;
    let purpose_of = |legs: &OpenLegs| {
        let fits = |purpose| {
            let any = Expects { purpose, agency_code: None, manifest_id: None };
            is_on(&any, [&legs.kind, &legs.state, &legs.holder], &legs.agency_code, &legs.manifest_id)
        };
        [Purpose::HandoverOut, Purpose::Collect].into_iter().find(|purpose| fits(*purpose))
    };
    Ok(open.into_iter().filter_map(|legs| Some((purpose_of(&legs)?, legs))).collect())
}

/// What a scan comes to, for the device that sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Outcome.
    pub outcome: &'static str,
    /// Where a `WRONG` one belongs: an agency of this office, or another post office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<(&'static str, String)>,
    /// When the first one was made, of one that came again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_at_us: Option<i64>,
    /// The leg.
    #[serde(skip)]
    pub leg: Option<LegRow>,
    /// Which turn of the leg this is.
    #[serde(skip)]
    pub turn: Option<i64>,
}

/// Judges a code against what is in the store now: another device may have been quicker.
pub(super) fn judge(db: &mut Db<'_>, session: &ScanSessionRow, code: &str) -> Result<Judged, StoreError> {
    let plain = |outcome: ScanOutcome| Judged {
        outcome: outcome.as_str(),
        place: None,
        first_at_us: None,
        leg: None,
        turn: None,
    };
    let (ours, elsewhere): (Vec<LegRow>, Vec<LegRow>) =
        rounds::legs_of_code(db, code)?.into_iter().partition(|leg| leg.post_office_code == session.post_office_code);
    for leg in &ours {
        let of_leg = rounds::scans_of_leg(db, &session.id, &leg.id)?;
        if let (Some(first), _) = turns(&of_leg) {
            let first_at_us = Some(first.occurred_at_us);
            return Ok(Judged { first_at_us, leg: Some(leg.clone()), ..plain(ScanOutcome::Again) });
        }
    }
    let expects = expects(session)?;
    if let Some(leg) = ours.iter().find(|leg| is_expected(&expects, leg)) {
        let (_, turns) = turns(&rounds::scans_of_leg(db, &session.id, &leg.id)?);
        return Ok(Judged { leg: Some(leg.clone()), turn: Some(turns + 1), ..plain(ScanOutcome::Ok) });
    }
    let open = |leg: &&LegRow| leg.is_open == 1;
    if let Some(leg) = ours.iter().find(open) {
        let place = Some(("AGENCY", leg.agency_code.clone()));
        return Ok(Judged { place, leg: Some(leg.clone()), ..plain(ScanOutcome::Wrong) });
    }
    if let Some(leg) = elsewhere.iter().find(open) {
        let place = Some(("POST_OFFICE", leg.post_office_code.clone()));
        return Ok(Judged { place, ..plain(ScanOutcome::Wrong) });
    }
    Ok(plain(ScanOutcome::Not))
}

/// The scan of a leg that stands, and how many were made of it so far.
fn turns(of_leg: &[ScanRow]) -> (Option<&ScanRow>, i64) {
    let undone = |row: &ScanRow| of_leg.iter().any(|other| other.undoes.as_deref() == Some(row.id.as_str()));
    let made = of_leg.iter().filter(|row| row.outcome == ScanOutcome::Ok.as_str());
    (made.clone().find(|row| !undone(row)), made.filter_map(|row| row.turn).max().unwrap_or(0))
}

/// Closes a session. Packing and collecting open the handover of what was scanned, and answer its id.
pub fn close(app: &App, person: &Person, id: &str, doing: Doing<'_>) -> Result<Option<String>, AppError> {
    let caller = person.caller();
    app.decide_and_commit(None, |set| {
        let session = get(app, person, id)?;
        if session.closed_at_us.is_some() {
            return Ok(session.handover_id);
        }
        let scans = app.store.read(|db| rounds::scans(db, id))?;
        let legs = standing_legs(&scans);
        let purpose = expects(&session)?.purpose;
        let handover = match purpose {
            Purpose::Round => None,
            Purpose::HandoverOut | Purpose::Collect if legs.is_empty() => None,
            Purpose::HandoverOut | Purpose::Collect => {
                let (from, to) = match purpose {
                    Purpose::Collect => (Side::Agency, Side::Post),
                    _ => (Side::Post, Side::Agency),
                };
                let legs = HandoverLegs::Legs(legs);
                let input = OpenInput::New { from, to, legs, handover_no: None, place: None };
                Some(open_in(app, &caller, &input, Some(doing), set)?.row.id)
            }
        };
        set.scan_closes.push(ScanSessionClose {
            id: id.to_owned(),
            closed_by: person.id.clone(),
            closed_at_us: app.now().us(),
            handover_id: handover.clone(),
        });
        set.acts.push(act(app, doing, "SCAN_SESSION.CLOSE", Some(id)));
        Ok(handover)
    })
}

/// The legs whose scans stand, in the order they were scanned.
pub fn standing_legs(scans: &[ScanRow]) -> Vec<String> {
    let undone: std::collections::HashSet<&str> = scans.iter().filter_map(|row| row.undoes.as_deref()).collect();
    scans
        .iter()
        .filter(|row| row.outcome == ScanOutcome::Ok.as_str() && !undone.contains(row.id.as_str()))
        .filter_map(|row| row.leg_id.clone())
        .collect()
}

/// A scan as a device made it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub(super) struct NewScan<'a> {
    pub id: &'a str,
    pub person: &'a Person,
    pub session_id: &'a str,
    pub at: Ts,
    pub now: Ts,
}

/// Records a scan into a set.
pub(super) fn scan(app: &App, new: &NewScan<'_>, code: &str, set: &mut WriteSet) -> Result<Judged, AppError> {
    let session = get(app, new.person, new.session_id)?;
    let judged = app.store.read(|db| judge(db, &session, code))?;
    set.scans.push(ScanRow {
        code: code.to_owned(),
        outcome: judged.outcome.to_owned(),
        leg_id: judged.leg.as_ref().map(|leg| leg.id.clone()),
        turn: judged.turn,
        ..row(new)
    });
    if let (Some(leg), Some(postman), Some(_)) = (&judged.leg, &session.postman_id, judged.turn) {
        carrying::give(app, &carrying::Giving::of(new, postman), leg, set)?;
    }
    Ok(judged)
}

/// Takes a scan back: a declared correction, both rows stay.
pub(super) fn undo(
    app: &App,
    new: &NewScan<'_>,
    undoes: &str,
    reason: Option<&str>,
    set: &mut WriteSet,
) -> Result<(), AppError> {
    let session = get(app, new.person, new.session_id)?;
    let (found, undone) = app.store.read(|db| Ok((rounds::scan(db, undoes)?, rounds::is_undone(db, undoes)?)))?;
    let is_scan = |row: &ScanRow| row.session_id == session.id && row.outcome != ScanOutcome::Undo.as_str();
    let Some(found) = found.filter(is_scan) else { return Err(AppError::plain(Code::NotFound)) };
    let refused = |en: &str, vi: &str| AppError::Refused(Refusal::new(Code::LegState, en, vi));
    if undone {
        return Err(refused("this scan was taken back before", "lượt quét này đã được hoàn tác trước đó"));
    }
    if session.closed_at_us.is_some() && session.postman_id.is_none() {
        return Err(refused(
            "the session is closed: correct it on the handover record",
            "phiên quét đã chốt: hãy sửa trên biên bản giao nhận",
        ));
    }
    set.scans.push(ScanRow {
        code: found.code.clone(),
        outcome: ScanOutcome::Undo.as_str().to_owned(),
        leg_id: found.leg_id.clone(),
        undoes: Some(undoes.to_owned()),
        reason: reason.map(str::to_owned),
        ..row(new)
    });
    if let (Some(leg_id), Some(postman), Some(_)) = (&found.leg_id, &session.postman_id, found.turn) {
        carrying::ungive(app, &carrying::Giving::of(new, postman), leg_id, undoes, set)?;
    }
    Ok(())
}

fn row(new: &NewScan<'_>) -> ScanRow {
    ScanRow {
        id: new.id.to_owned(),
        session_id: new.session_id.to_owned(),
        code: String::new(),
        outcome: String::new(),
        leg_id: None,
        turn: None,
        undoes: None,
        reason: None,
        person_id: new.person.id.clone(),
        occurred_at_us: new.at.us(),
        recorded_at_us: new.now.us(),
    }
}
