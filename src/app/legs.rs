//! Legs as they are read, and the one command about them: cancelling.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::app::idempotency::{Keyed, Rendered};
use crate::app::leg_work::{LegsInWork, message, terms_of};
use crate::app::{App, AppError};
use crate::base::id::{EventId, LegId, RequestId};
use crate::domain::access::Caller;
use crate::domain::custody::table::{Effect, effect};
use crate::domain::custody::{Detail, Event, EventKind, Source, Stand, fold};
use crate::domain::leg::{Side, State};
use crate::domain::manifest::PaperKind;
use crate::domain::problem::{Code, Refusal};
use crate::store::read::legs::LegFilter;
use crate::store::read::{self, PageAsk};
use crate::store::rows::{LegRow, PartyRow, PersonalLookRow};
use crate::store::{WriteSet, ledger};

/// A leg with what is counted about it.
#[derive(Debug, Clone)]
pub struct LegView {
    /// The leg.
    pub row: LegRow,
    /// Its open discrepancies.
    pub open_discrepancies: i64,
    /// Who sends or receives, when it was asked for.
    pub party: Option<PartyRow>,
}

/// One entry of the custody of a leg.
#[derive(Debug, Clone)]
pub struct CustodyEntry {
    /// The event.
    pub event: Event,
    /// Hash of the entry before it.
    pub prev_hash: Option<String>,
    /// Its hash.
    pub hash: String,
    /// What it did.
    pub stand: Stand,
}

/// The custody of a leg, in order of occurrence.
#[derive(Debug, Clone)]
pub struct CustodyView {
    /// The leg.
    pub row: LegRow,
    /// The entries.
    pub entries: Vec<CustodyEntry>,
}

/// Sheets of one paper of a leg.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaperCount {
    /// Its name.
    pub name: String,
    /// Bản chính.
    pub originals: u64,
    /// Bản sao.
    pub copies: u64,
}

/// A paper as a row keeps it: once for each kind.
#[derive(Deserialize)]
struct KeptPaper {
    name: String,
    kind: String,
    quantity: u64,
}

/// The papers of a leg by name, in the order they were declared; none when only sums were.
pub fn papers_of(leg: &LegRow) -> Vec<PaperCount> {
    let kept: Vec<KeptPaper> = serde_json::from_str(&leg.papers).unwrap_or_default();
    let mut papers: Vec<PaperCount> = Vec::new();
    for KeptPaper { name, kind, quantity } in kept {
        let (originals, copies) = if kind == PaperKind::Original.as_str() { (quantity, 0) } else { (0, quantity) };
        match papers.iter_mut().find(|paper| paper.name == name) {
            Some(paper) => {
                paper.originals = paper.originals.saturating_add(originals);
                paper.copies = paper.copies.saturating_add(copies);
            }
            None => papers.push(PaperCount { name, originals, copies }),
        }
    }
    papers
}

pub(super) fn seen(app: &App, caller: &Caller, id: &str) -> Result<LegRow, AppError> {
    app.store
        .read(|db| read::legs::by_id(db, id))?
        .filter(|row| caller.sees(&row.agency_code, &row.post_office_code))
        .ok_or_else(|| AppError::plain(Code::NotFound))
}

fn views(app: &App, rows: Vec<LegRow>) -> Result<Vec<LegView>, AppError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let counts: HashMap<String, i64> =
        app.store.read(|db| read::discrepancies::open_count(db, &ids))?.into_iter().collect();
    Ok(rows
        .into_iter()
        .map(|row| LegView { open_discrepancies: counts.get(&row.id).copied().unwrap_or(0), row, party: None })
        .collect())
}

/// One leg. A look at its party is put on record before it is answered (design rule 14).
pub fn get(app: &App, caller: &Caller, id: &str, include_party: bool, request_id: &str) -> Result<LegView, AppError> {
    let row = seen(app, caller, id)?;
    let mut view = views(app, vec![row])?.pop().ok_or_else(|| AppError::plain(Code::NotFound))?;
    if include_party {
        let look = PersonalLookRow {
            id: RequestId::make(&app.ids).into(),
            leg_id: id.to_owned(),
            key_id: caller.key_id.clone(),
            counterpart: caller.counterpart.clone(),
            at_us: app.now().us(),
            request_id: request_id.to_owned(),
        };
        app.store.commit(WriteSet { looks: vec![look], ..WriteSet::default() })?;
        view.party = app.store.read(|db| read::legs::party_of(db, id))?;
    }
    Ok(view)
}

/// The parties of legs that the caller sees, for a paper that names them. Each look is put on record before it is answered.
pub fn parties(app: &App, caller: &Caller, ids: &[String], request_id: &str) -> Result<Vec<PartyRow>, AppError> {
    let rows = app.store.read(|db| read::legs::by_ids(db, ids))?;
    let seen = rows.into_iter().filter(|row| caller.sees(&row.agency_code, &row.post_office_code));
    let seen: Vec<String> = seen.map(|row| row.id).collect();
    let looks = seen
        .iter()
        .map(|leg_id| PersonalLookRow {
            id: RequestId::make(&app.ids).into(),
            leg_id: leg_id.clone(),
            key_id: caller.key_id.clone(),
            counterpart: caller.counterpart.clone(),
            at_us: app.now().us(),
            request_id: request_id.to_owned(),
        })
        .collect();
    app.store.commit(WriteSet { looks, ..WriteSet::default() })?;
    Ok(app.store.read(|db| read::legs::parties_of(db, &seen))?)
}

/// A page of legs, oldest first.
pub fn page(app: &App, caller: &Caller, filter: &LegFilter, ask: &PageAsk) -> Result<Vec<LegView>, AppError> {
    let own = caller.post_office.clone().or_else(|| filter.post_office_code.clone());
    let filter = LegFilter { post_office_code: own, ..filter.clone() };
    let rows = app.store.read(|db| read::legs::page(db, &caller.agencies, &filter, ask))?;
    views(app, rows)
}

/// The whole custody of a leg.
pub fn custody(app: &App, caller: &Caller, id: &str) -> Result<CustodyView, AppError> {
    custody_of(app, seen(app, caller, id)?)
}

/// The custody of a leg that was read already.
pub(super) fn custody_of(app: &App, row: LegRow) -> Result<CustodyView, AppError> {
    let rows = app.store.read(|db| read::legs::events_of(db, &row.id))?;
    let events = rows.iter().map(ledger::from_row).collect::<Result<Vec<_>, _>>()?;
    let folded = fold(&terms_of(&row)?, &events);
    let mut by_seq: HashMap<i64, (Event, Option<String>, String)> =
        events.into_iter().zip(rows).map(|(event, row)| (event.seq, (event, row.prev_hash, row.hash))).collect();
    let entries = folded
        .stands
        .into_iter()
        .filter_map(|stand| {
            let (event, prev_hash, hash) = by_seq.remove(&stand.seq)?;
            Some(CustodyEntry { event, prev_hash, hash, stand })
        })
        .collect();
    Ok(CustodyView { row, entries })
}

/// Withdraws a leg, by the side that sent its manifest, before the post has taken it; later it must be returned.
pub fn cancel(
    app: &App,
    caller: &Caller,
    id: &str,
    reason: &str,
    keyed: &Keyed<'_, LegView>,
) -> Result<Rendered, AppError> {
    app.decide_and_commit(None, |set| {
        let row = seen(app, caller, id)?;
        if row.side != caller.side.as_str() {
            return Err(AppError::plain(Code::NotYourSide));
        }
        let state = State::parse(&row.state).ok_or_else(|| AppError::Internal(format!("state of {id}")))?;
        if effect(state, EventKind::Cancelled) != Effect::Moves {
            return Err(Refusal::new(
                Code::LegState,
                format!("a leg that is {state} cannot be cancelled; it has to be returned"),
                format!("chặng ở trạng thái {state} không hủy được; phải chuyển hoàn"),
            )
            .into());
        }
        let now = app.now();
        let source = Source::of(caller.counterpart.as_str(), caller.side);
        let event = Event::new(EventId::make(&app.ids), LegId::from_text(id), EventKind::Cancelled, now, now, source);
        app.store.read(|db| {
            let mut work = LegsInWork::new(app, now);
            work.take(db, vec![row.clone()])?;
            if let Some(leg) = work.get(id) {
                leg.append(event.clone(), Detail { note: Some(reason.to_owned()), ..Detail::default() });
            }
            work.finish(db, set)?;
            Ok(())
        })?;
        // The post must not come for papers that nobody gives it any more.
        if let Some(post) = app.routes.post_of(&row.agency_code).filter(|_| row.side == Side::Agency.as_str()) {
            // An order that was claimed may have left: only one that never was is known not to be there.
            let claimed = app.store.read(|db| read::messages::order_was_claimed(db, id))?;
            let body = serde_json::json!({"ordered": claimed || state != State::Registered}).to_string();
            let order_seq = row.events.saturating_add(1);
            set.outbox.push(message(app, post, "POST_CANCEL", &LegId::from_text(id), order_seq, body, now));
        }
        let mut view = views(app, vec![row])?.pop().ok_or_else(|| AppError::plain(Code::NotFound))?;
        if let Some(change) = set.leg_changes.first() {
            view.row.state = change.state.state.clone();
            view.row.state_since_us = change.state.state_since_us;
            view.row.is_open = change.state.is_open;
        }
        Ok(keyed.reply(&view, set))
    })
}
