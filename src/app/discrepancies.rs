//! Discrepancies: opened once per subject, seen again, healed by later events, resolved by a person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::idempotency::{Keyed, Rendered};
use crate::app::people::{Doing, act};
use crate::app::{App, AppError, notices};
use crate::base::id::DiscrepancyId;
use crate::base::time::Ts;
use crate::domain::access::Caller;
use crate::domain::discrepancy::{Kind, Resolution};
use crate::domain::problem::Code;
use crate::store::read::PageAsk;
use crate::store::read::discrepancies as read;
use crate::store::rows::{DiscrepancyRow, LegRow};
use crate::store::write::DiscrepancyChange;
use crate::store::{Db, StoreError, WriteSet};

/// What shows a discrepancy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// The event.
    pub event_id: Option<String>,
    /// The fact.
    pub fact_id: Option<String>,
    /// What a book says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub book: Option<BookWord>,
}

/// What one book says of the subject: codes, numbers, counts and digests alone, nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BookWord {
    /// `LEDGER`, `POST`, `ONE_STOP`, or the clock that shows it.
    pub book: String,
    /// The row of that book, where it has one.
    pub row: Option<String>,
    /// What is compared.
    pub field: String,
    /// What it says there; nothing where it is silent.
    pub says: Option<String>,
}

/// What was found, before it is known whether it is new.
#[derive(Debug, Clone)]
pub struct Found {
    /// What differs.
    pub kind: Kind,
    /// What makes two findings the same.
    pub subject_key: String,
    /// The leg.
    pub leg_id: Option<String>,
    /// The handover.
    pub handover_id: Option<String>,
    /// The agency; none when no leg is known.
    pub agency_code: Option<String>,
    /// Who reported it, for one without an agency.
    pub reporter: Option<String>,
    /// What shows it.
    pub evidence: Vec<Evidence>,
}

impl Found {
    /// What words of books show of a leg.
    pub(super) fn of_leg(
        kind: Kind,
        subject_key: String,
        leg: &LegRow,
        words: impl IntoIterator<Item = BookWord>,
    ) -> Self {
        let shown = words.into_iter().map(|word| Evidence { book: Some(word), ..Evidence::default() });
        Found {
            kind,
            subject_key,
            leg_id: Some(leg.id.clone()),
            handover_id: None,
            agency_code: Some(leg.agency_code.clone()),
            reporter: None,
            evidence: shown.collect(),
        }
    }
}

/// Collects what one decision finds, so that a subject found twice in one set is one discrepancy.
#[derive(Default)]
pub(super) struct Findings {
    found: BTreeMap<String, Found>,
    healed: BTreeMap<String, String>,
}

/// Why a finding heals that events of the same leg explain.
pub(super) const LATER_EVENTS: &str = "later events explain it";

impl Findings {
    pub(super) fn find(&mut self, found: Found) {
        match self.found.get_mut(&found.subject_key) {
            Some(known) => known.evidence.extend(found.evidence),
            None => {
                self.found.insert(found.subject_key.clone(), found);
            }
        }
    }

    /// A finding that is no more, and what explains it away.
    pub(super) fn heal(&mut self, subject_key: String, why: &str) {
        self.healed.insert(subject_key, why.to_owned());
    }

    /// Turns findings into rows of the set; returns the id of the discrepancy of each subject.
    pub(super) fn settle(
        self,
        app: &App,
        db: &mut Db<'_>,
        now: Ts,
        set: &mut WriteSet,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let mut ids = BTreeMap::new();
        if self.found.is_empty() && self.healed.is_empty() {
            return Ok(ids);
        }
        let keys: Vec<String> = self.found.keys().chain(self.healed.keys()).cloned().collect();
        let known: BTreeMap<String, DiscrepancyRow> =
            read::newest_by_subject(db, &keys)?.into_iter().map(|row| (row.subject_key.clone(), row)).collect();
        for (key, found) in self.found {
            let id = match known.get(&key) {
                Some(row) if row.state == "OPEN" => {
                    seen_again(row, found, now, set);
                    row.id.clone()
                }
                before => open(app, found, before.map_or(1, |row| row.generation + 1), now, set),
            };
            ids.insert(key, id);
        }
        for (key, why) in self.healed {
            if let Some(row) = known.get(&key).filter(|row| row.state == "OPEN") {
                let mut row = row.clone();
                resolve_row(&mut row, Resolution::Explained, &why, "giaonhan", now);
                set.feed.push(notices::discrepancy(&app.ids, &row, now));
                set.discrepancy_changes.push(DiscrepancyChange { state_read: "OPEN".to_owned(), row });
            }
        }
        Ok(ids)
    }
}

fn evidence_text(evidence: &[Evidence]) -> String {
    serde_json::to_string(evidence).unwrap_or_else(|_| "[]".to_owned())
}

/// The evidence of a row.
pub fn evidence_of(row: &DiscrepancyRow) -> Vec<Evidence> {
    serde_json::from_str(&row.evidence).unwrap_or_default()
}

/// Whether people let exactly this rest: what loops find again and again is not opened anew while the books say the same.
pub(super) fn rests(newest: &DiscrepancyRow, words: &[BookWord]) -> bool {
    let by_people = newest.state == "RESOLVED" && newest.resolution_by.as_deref() != Some("giaonhan");
    let evidence = evidence_of(newest);
    let known: Vec<&BookWord> = evidence.iter().filter_map(|piece| piece.book.as_ref()).collect();
    by_people && words.iter().all(|word| known.contains(&word))
}

fn seen_again(row: &DiscrepancyRow, found: Found, now: Ts, set: &mut WriteSet) {
    let mut evidence = evidence_of(row);
    for piece in found.evidence {
        if !evidence.contains(&piece) {
            evidence.push(piece);
        }
    }
    let row = DiscrepancyRow { evidence: evidence_text(&evidence), last_seen_at_us: now.us(), ..row.clone() };
    set.discrepancy_changes.push(DiscrepancyChange { state_read: "OPEN".to_owned(), row });
}

fn open(app: &App, found: Found, generation: i64, now: Ts, set: &mut WriteSet) -> String {
    let row = DiscrepancyRow {
        id: DiscrepancyId::make(&app.ids).into(),
        kind: found.kind.as_str().to_owned(),
        state: "OPEN".to_owned(),
        subject_key: found.subject_key,
        generation,
        leg_id: found.leg_id,
        handover_id: found.handover_id,
        agency_code: found.agency_code,
        reporter: found.reporter,
        owner: found.kind.entry().owner.as_str().to_owned(),
        opened_at_us: now.us(),
        last_seen_at_us: now.us(),
        evidence: evidence_text(&found.evidence),
        resolution_outcome: None,
        resolution_reason: None,
        resolution_by: None,
        resolution_at_us: None,
    };
    let id = row.id.clone();
    set.feed.push(notices::discrepancy(&app.ids, &row, now));
    set.discrepancies.push(row);
    id
}

fn resolve_row(row: &mut DiscrepancyRow, outcome: Resolution, reason: &str, by: &str, now: Ts) {
    row.state = "RESOLVED".to_owned();
    row.resolution_outcome = Some(outcome.as_str().to_owned());
    row.resolution_reason = Some(reason.to_owned());
    row.resolution_by = Some(by.to_owned());
    row.resolution_at_us = Some(now.us());
}

/// One discrepancy that the caller sees.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<DiscrepancyRow, AppError> {
    app.store.read(|db| read::seen_by(db, caller, id))?.ok_or_else(|| AppError::plain(Code::NotFound))
}

/// A page of the discrepancies that the caller sees, oldest first.
pub fn page(
    app: &App,
    caller: &Caller,
    filter: &read::DiscrepancyFilter,
    ask: &PageAsk,
) -> Result<Vec<DiscrepancyRow>, AppError> {
    Ok(app.store.read(|db| read::page(db, caller, filter, ask))?)
}

/// Resolves a discrepancy. The same again changes nothing; other content is a conflict. Custody does not move.
pub fn resolve(
    app: &App,
    caller: &Caller,
    id: &str,
    outcome: Resolution,
    reason: &str,
    keyed: &Keyed<'_, DiscrepancyRow>,
    doing: Option<Doing<'_>>,
) -> Result<Rendered, AppError> {
    app.decide_and_commit(None, |set| {
        let row = get(app, caller, id)?;
        let was_open = row.state == "OPEN";
        let row = resolve_into(app, row, outcome, reason, &caller.counterpart, set)?;
        let doing = doing.filter(|_| was_open);
        set.acts.extend(doing.map(|doing| act(app, doing, "DISCREPANCY.RESOLVE", Some(id))));
        Ok(keyed.reply(&row, set))
    })
}

/// Adds to a set that a discrepancy is resolved.
pub(super) fn resolve_into(
    app: &App,
    mut row: DiscrepancyRow,
    outcome: Resolution,
    reason: &str,
    by: &str,
    set: &mut WriteSet,
) -> Result<DiscrepancyRow, AppError> {
    if row.state == "RESOLVED" {
        let same = row.resolution_outcome.as_deref() == Some(outcome.as_str())
            && row.resolution_reason.as_deref() == Some(reason);
        return if same { Ok(row) } else { Err(AppError::plain(Code::DiscrepancyResolved)) };
    }
    let now = app.now();
    resolve_row(&mut row, outcome, reason, by, now);
    set.feed.push(notices::discrepancy(&app.ids, &row, now));
    set.discrepancy_changes.push(DiscrepancyChange { state_read: "OPEN".to_owned(), row: row.clone() });
    Ok(row)
}
