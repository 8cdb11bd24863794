//! Manifests in: taken in one transaction with their legs, first events, orders and the reply, or not at all (contract 4).

use std::collections::{BTreeSet, HashMap};

use crate::app::idempotency::{Keyed, Rendered};
use crate::app::leg_work::open_keys;
use crate::app::new_legs::Taking;
use crate::app::{App, AppError, notices, receipts};
use crate::base::fault;
use crate::base::id::{LegId, ManifestId};
use crate::domain::access::Caller;
use crate::domain::custody::{Event, EventKind};
use crate::domain::leg::{Holder, LegKind, Side, State};
use crate::domain::manifest::{Checked, Header, Line, Mode};
use crate::domain::problem::{Code, Problem, Refusal};
use crate::domain::receipt::{self, Decision, LineOutcome, Outcome, Receipt};
use crate::store::read::{self, PageAsk};
use crate::store::rows::ManifestRow;
use crate::store::{Db, StoreError, WriteSet};

/// What became of a manifest.
#[derive(Debug)]
pub enum Submitted {
    /// Taken now: 201.
    Taken(Rendered),
    /// The same manifest was taken before: 200 with its first receipt.
    Repeated(Box<Receipt>),
    /// Not taken: 422.
    Refused(Box<Decision>),
}

/// Takes a manifest that was read and checked.
pub fn submit(
    app: &App,
    caller: &Caller,
    checked: &Checked,
    mode: Mode,
    keyed: &Keyed<'_, Receipt>,
) -> Result<Submitted, AppError> {
    let Ok(header) = &checked.header else {
        return Ok(Submitted::Refused(Box::new(receipt::decide(mode, checked, &HashMap::new()))));
    };
    may_send(caller, header)?;
    let submitted = app.decide_and_commit(Some("manifest.before_commit"), |set| {
        if let Some(first) = repeated(app, caller, header, &checked.digest)? {
            return Ok(Submitted::Repeated(Box::new(first)));
        }
        let found = app.store.read(|db| problems_of_store(db, caller, header, checked))?;
        let decision = receipt::decide(mode, checked, &found);
        if decision.outcome == Outcome::Rejected {
            // Taken by a twin of this request between the two looks: then its own open legs speak against it.
            if !found.is_empty()
                && let Some(first) = repeated(app, caller, header, &checked.digest)?
            {
                return Ok(Submitted::Repeated(Box::new(first)));
            }
            return Ok(Submitted::Refused(Box::new(decision)));
        }
        let receipt = take(app, caller, header, checked, decision, set)?;
        Ok(Submitted::Taken(keyed.reply(&receipt, set)))
    })?;
    if matches!(submitted, Submitted::Taken(_)) {
        fault::point("manifest.after_commit");
    }
    Ok(submitted)
}

/// `AGENCY` sends both kinds, `POST` intake only, oversight nothing (contract 2).
fn may_send(caller: &Caller, header: &Header) -> Result<(), AppError> {
    let allowed = match caller.side {
        Side::Agency => true,
        Side::Post => header.leg_kind == LegKind::Intake,
        Side::Oversight => false,
    };
    if !allowed {
        return Err(AppError::plain(Code::NotYourSide));
    }
    if !caller.sees(&header.agency_code, &header.post_office_code) {
        return Err(AppError::plain(Code::AgencyOutOfScope));
    }
    Ok(())
}

/// The first receipt, when this manifest was taken before; a refusal when its number or revision cannot be taken.
fn repeated(app: &App, caller: &Caller, header: &Header, digest: &str) -> Result<Option<Receipt>, AppError> {
    let taken = app.store.read(|db| read::manifests::revisions(db, &caller.counterpart, &header.manifest_no))?;
    let revision = i64::from(header.revision);
    if let Some(row) = taken.iter().find(|row| row.revision == revision) {
        return if row.digest == digest {
            Ok(Some(receipts::of(row)?))
        } else {
            Err(AppError::plain(Code::ManifestNoReused))
        };
    }
    let last = taken.last().map_or(0, |row| row.revision);
    if revision != last + 1 {
        return Err(Refusal::new(
            Code::StaleRevision,
            format!("the last taken revision is {last}; send {}", last + 1),
            format!("lần sửa đã nhận gần nhất là {last}; hãy gửi lần {}", last + 1),
        )
        .into());
    }
    Ok(None)
}

/// What the store knows against single lines: taken before, or an open leg of this kind.
pub(super) fn problems_of_store(
    db: &mut Db<'_>,
    caller: &Caller,
    header: &Header,
    checked: &Checked,
) -> Result<HashMap<u32, Vec<Problem>>, StoreError> {
    let kind = header.leg_kind.as_str();
    let lines = || checked.lines.iter().filter_map(|line| line.line.as_ref());
    let dossiers: Vec<String> = lines().filter_map(|line| line.dossier_no.clone()).map(String::from).collect();
    let notes: Vec<String> = lines().filter_map(|line| note_key(kind, line)).collect();
    let open_dossiers: BTreeSet<String> = read::legs::open_dossiers(db, kind, &dossiers)?.into_iter().collect();
    let open_notes: BTreeSet<String> = read::legs::taken_note_keys(db, &notes)?.into_iter().collect();
    let taken_lines: BTreeSet<i64> = if header.revision > 1 {
        read::legs::taken_lines(db, &caller.counterpart, &header.manifest_no)?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    let mut found: HashMap<u32, Vec<Problem>> = HashMap::new();
    for checked_line in &checked.lines {
        let Some(line) = &checked_line.line else { continue };
        let mut problems = Vec::new();
        if taken_lines.contains(&i64::from(line.line_no)) {
            problems.push(Problem::error(
                Code::LineAlreadyTaken,
                "lineNo",
                "an earlier revision took this line; leave it out",
                "lần gửi trước đã nhận dòng này; hãy bỏ dòng này ra",
            ));
        }
        let is_open = |number: &str| open_dossiers.contains(number);
        for (field, is_taken) in [
            ("dossierNo", line.dossier_no.as_ref().is_some_and(|number| is_open(number.as_str()))),
            ("consignmentNoteNo", note_key(kind, line).is_some_and(|key| open_notes.contains(&key))),
        ] {
            if is_taken {
                problems.push(Problem::error(
                    Code::LegAlreadyOpen,
                    field,
                    "a leg of this kind is open for this number",
                    "số này đang có một chặng cùng loại chưa khép",
                ));
            }
        }
        if !problems.is_empty() {
            found.insert(checked_line.index, problems);
        }
    }
    Ok(found)
}

fn note_key(kind: &str, line: &Line) -> Option<String> {
    open_keys(kind, None, line.consignment_note_no.as_deref()).1
}

fn take(
    app: &App,
    caller: &Caller,
    header: &Header,
    checked: &Checked,
    mut decision: Decision,
    set: &mut WriteSet,
) -> Result<Receipt, AppError> {
    let now = app.now();
    let id = ManifestId::make(&app.ids);
    let post = app.routes.post_of(&header.agency_code).filter(|_| caller.side == Side::Agency);
    let taking = Taking { app, caller, header, manifest_id: &id, now, post };
    for (line_receipt, line) in decision.lines.iter_mut().zip(&checked.lines) {
        let Some(line) = line.line.as_ref().filter(|_| line_receipt.outcome == LineOutcome::Accepted) else { continue };
        let leg_id = LegId::make(&app.ids);
        let row = taking.leg(&leg_id, line, &first_events(&taking, &leg_id, line), set)?;
        line_receipt.state = State::parse(&row.state);
        line_receipt.holder = Holder::parse(&row.holder);
        line_receipt.leg_id = Some(LegId::from_text(row.id.as_str()));
        set.legs.push(row);
    }
    let receipt = decision.receipt(header, checked.digest.clone(), Some(id.clone()), now);
    let row = ManifestRow {
        id: id.into(),
        counterpart: caller.counterpart.clone(),
        side: caller.side.as_str().to_owned(),
        manifest_no: header.manifest_no.clone(),
        revision: i64::from(header.revision),
        leg_kind: header.leg_kind.as_str().to_owned(),
        agency_code: header.agency_code.clone(),
        counter_code: header.counter_code.clone(),
        post_office_code: header.post_office_code.clone(),
        shift_date: header.shift_date.to_string(),
        shift: i64::from(header.shift),
        mode: receipt.mode.as_str().to_owned(),
        outcome: receipt.outcome.as_str().to_owned(),
        digest: checked.digest.clone(),
        received_at_us: now.us(),
        receipt: receipts::text(&receipt)?,
        open_key: None,
        closed_at_us: None,
    };
    // The manifest stands before its legs in the feed.
    set.feed.insert(0, notices::manifest_accepted(&app.ids, &row, receipt.summary, now));
    set.manifests.push(row);
    Ok(receipt)
}

/// `REGISTERED`, and `ACCEPTED` when the post signed the consignment note before it sent the manifest.
fn first_events(taking: &Taking<'_>, id: &LegId, line: &Line) -> Vec<Event> {
    let mut events = vec![taking.event(id, 1, EventKind::Registered, taking.now)];
    events.extend(line.accepted_at.map(|at| taking.event(id, 2, EventKind::Accepted, at)));
    events
}

/// A manifest of an agency that the caller sees, with each line's state and holder of now.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Receipt, AppError> {
    let (row, states) = app
        .store
        .read(|db| {
            let row = read::manifests::by_id(db, id)?;
            Ok((row, read::legs::states_of_manifest(db, id)?))
        })
        .map_err(AppError::from)?;
    let row = row
        .filter(|row| caller.sees(&row.agency_code, &row.post_office_code))
        .ok_or_else(|| AppError::plain(Code::NotFound))?;
    let mut receipt = receipts::of(&row)?;
    let now: HashMap<&str, (&str, &str)> =
        states.iter().map(|(id, state, holder)| (id.as_str(), (state.as_str(), holder.as_str()))).collect();
    for line in &mut receipt.lines {
        if let Some((state, holder)) = line.leg_id.as_ref().and_then(|id| now.get(id.as_str())) {
            line.state = State::parse(state);
            line.holder = Holder::parse(holder);
        }
    }
    Ok(receipt)
}

/// A page of manifests, oldest first.
pub fn page(
    app: &App,
    caller: &Caller,
    manifest_no: Option<&str>,
    agency_code: Option<&str>,
    leg_kind: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<Receipt>, AppError> {
    let rows = app.store.read(|db| read::manifests::page(db, caller, manifest_no, agency_code, leg_kind, ask))?;
    rows.iter().map(receipts::of).collect()
}
