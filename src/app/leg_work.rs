//! Work on legs inside one decision: load the row and its events, append events, fold, and turn the difference into rows of the
//! write set: events, the state's cache, discrepancies, events of the feed, messages to the one-stop side.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::discrepancies::{Evidence, Findings, Found, LATER_EVENTS};
use crate::app::outbox::NewMessage;
use crate::app::{App, notices};
use crate::base::digest::sha256_hex;
use crate::base::id::LegId;
use crate::base::time::Ts;
use crate::domain::custody::{Detail, Event, EventKind, Folded, LegTerms, fold};
use crate::domain::leg::{LegKind, State};
use crate::store::rows::{EventDetailRow, LegRow, OutboxRow};
use crate::store::write::{LegChange, LegState};
use crate::store::{Db, StoreError, WriteSet, ledger, read};

/// One leg in work.
pub(super) struct LegInWork {
    row: LegRow,
    events_read: i64,
    terms: LegTerms,
    events: Vec<Event>,
    appended: usize,
    before: Folded,
    now: Folded,
    details: Vec<EventDetailRow>,
    changes: Vec<Change>,
    item: Option<(String, String)>,
}

struct Change {
    state: State,
    corrected: bool,
    occurred_at: Ts,
    events_after: i64,
    row: LegRow,
}

/// What a leg declared, from its row.
pub(super) fn terms_of(row: &LegRow) -> Result<LegTerms, StoreError> {
    let kind = LegKind::parse(&row.kind).ok_or_else(|| StoreError::Corrupt(format!("kind of {}", row.id)))?;
    Ok(LegTerms {
        kind,
        originals: row.originals,
        copies: row.copies,
        declared_dossier_no: row.declared_dossier_no.clone(),
    })
}

/// The open keys of a leg: at most one open leg of a kind per dossier and per consignment note (contract 4.2).
pub(super) fn open_keys(
    kind: &str,
    dossier_no: Option<&str>,
    note_no: Option<&str>,
) -> (Option<String>, Option<String>) {
    let key = |number: &str| format!("{kind}:{number}");
    (dossier_no.map(key), note_no.map(key))
}

/// The row with the fold written into it.
pub(super) fn with_fold(mut row: LegRow, folded: &Folded) -> LegRow {
    let open = !folded.state.is_terminal();
    row.dossier_no = folded.dossier_no.clone();
    row.state = folded.state.as_str().to_owned();
    row.state_since_us = folded.state_since.us();
    row.holder = folded.holder.as_str().to_owned();
    row.holder_since_us = folded.holder_since.us();
    row.is_open = i64::from(open);
    let (dossier_key, note_key) = open_keys(&row.kind, row.dossier_no.as_deref(), row.consignment_note_no.as_deref());
    // A number bound later may be open elsewhere: that is a finding, never a lost fact, so it takes no key.
    row.open_dossier_key = dossier_key.filter(|_| open && row.declared_dossier_no.is_some());
    row.open_note_key = note_key.filter(|_| open);
    row.accepted_by_post_at_us = folded.accepted_by_post_at.map(Ts::us);
    row.filed_at_us = folded.filed_at.map(Ts::us);
    row.case_received_at_us = folded.case_received_at.map(Ts::us);
    row.attempts = folded.attempts;
    row
}

impl LegInWork {
    fn load(row: LegRow, events: Vec<Event>) -> Result<Self, StoreError> {
        let terms = terms_of(&row)?;
        let before = fold(&terms, &events);
        Ok(LegInWork {
            events_read: row.events,
            now: before.clone(),
            before,
            terms,
            events,
            appended: 0,
            details: Vec::new(),
            changes: Vec::new(),
            item: None,
            row,
        })
    }

    /// The fold with what was appended so far.
    pub(super) fn folded(&self) -> &Folded {
        &self.now
    }

    /// The row as it was read.
    pub(super) fn row(&self) -> &LegRow {
        &self.row
    }

    /// Binds the item number that the operator gave, when the leg has none yet.
    pub(super) fn bind_item(&mut self, number: &str, grade: &str) {
        if self.row.item_number.is_none() {
            self.item = Some((number.to_owned(), grade.to_owned()));
            self.row.item_number = Some(number.to_owned());
            self.row.item_grade = Some(grade.to_owned());
        }
    }

    /// Appends an event and folds again; says whether the state changed.
    pub(super) fn append(&mut self, mut event: Event, detail: Detail) -> bool {
        self.appended += 1;
        event.seq = self.events_read.saturating_add(i64::try_from(self.appended).unwrap_or(i64::MAX));
        self.details.extend(keep_detail(&mut event, detail));
        let (kind, occurred_at, seq) = (event.kind, event.occurred_at, event.seq);
        self.events.push(event);
        let was = self.now.state;
        self.now = fold(&self.terms, &self.events);
        let moved = self.now.state != was;
        let corrected = kind == EventKind::Corrected;
        if moved || corrected {
            self.changes.push(Change {
                state: self.now.state,
                corrected,
                occurred_at: if corrected { occurred_at } else { self.now.state_since },
                events_after: seq,
                row: with_fold(self.row.clone(), &self.now),
            });
        }
        moved
    }
}

/// The erasable row of what an event carries in words, if anything; the event keeps its digest.
pub(super) fn keep_detail(event: &mut Event, detail: Detail) -> Option<EventDetailRow> {
    if detail.is_empty() {
        return None;
    }
    event.detail_sha256 = Some(detail_digest(event.id.as_str(), &detail));
    Some(EventDetailRow {
        event_id: event.id.as_str().to_owned(),
        receiver_name: detail.receiver_name,
        place_text: detail.place_text,
        cause_text: detail.cause_text,
        note: detail.note,
    })
}

/// The digest of erasable detail, salted with the event's id so that equal names do not show as equal digests.
fn detail_digest(event_id: &str, detail: &Detail) -> String {
    let parts = [&detail.receiver_name, &detail.place_text, &detail.cause_text, &detail.note];
    let mut text = event_id.to_owned();
    for part in parts {
        let part = part.as_deref().unwrap_or_default();
        text.push_str(&format!("\n{}:{part}", part.len()));
    }
    sha256_hex(text.as_bytes())
}

/// All legs that one decision works on.
pub(super) struct LegsInWork<'a> {
    app: &'a App,
    at: Ts,
    legs: BTreeMap<String, LegInWork>,
    pub(super) findings: Findings,
}

impl<'a> LegsInWork<'a> {
    pub(super) fn new(app: &'a App, at: Ts) -> Self {
        LegsInWork { app, at, legs: BTreeMap::new(), findings: Findings::default() }
    }

    /// Takes these rows into work and loads their events.
    pub(super) fn take(&mut self, db: &mut Db<'_>, rows: Vec<LegRow>) -> Result<(), StoreError> {
        let fresh: Vec<LegRow> = rows.into_iter().filter(|row| !self.legs.contains_key(&row.id)).collect();
        let ids: Vec<String> = fresh.iter().map(|row| row.id.clone()).collect();
        let event_rows = match ids.as_slice() {
            [] => return Ok(()),
            [one] => read::legs::events_of(db, one)?,
            many => read::legs::events_of_many(db, many)?,
        };
        let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for row in &event_rows {
            events.entry(row.leg_id.clone()).or_default().push(ledger::from_row(row)?);
        }
        for row in fresh {
            let of_leg = events.remove(&row.id).unwrap_or_default();
            if i64::try_from(of_leg.len()) != Ok(row.events) {
                // Row and events were read at two instants, and an event came between.
                return Err(StoreError::Conflict("leg changed while it was read".to_owned()));
            }
            self.legs.insert(row.id.clone(), LegInWork::load(row, of_leg)?);
        }
        Ok(())
    }

    /// A leg in work.
    pub(super) fn get(&mut self, leg_id: &str) -> Option<&mut LegInWork> {
        self.legs.get_mut(leg_id)
    }

    /// Writes everything that was appended into the set; returns the ids of the discrepancies by subject.
    pub(super) fn finish(
        mut self,
        db: &mut Db<'_>,
        set: &mut WriteSet,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let legs = std::mem::take(&mut self.legs);
        for leg in legs.into_values().filter(|leg| leg.appended > 0 || leg.item.is_some()) {
            self.finish_leg(db, leg, set)?;
        }
        self.findings.settle(self.app, db, self.at, set)
    }

    fn finish_leg(&mut self, db: &mut Db<'_>, leg: LegInWork, set: &mut WriteSet) -> Result<(), StoreError> {
        self.compare_findings(&leg);
        let mut head = Some(leg.row.head.clone());
        let first_new = leg.events.len() - leg.appended;
        for event in leg.events.iter().skip(first_new) {
            let row = ledger::to_row(event, head.as_deref())?;
            head = Some(row.hash.clone());
            set.events.push(row);
        }
        set.details.extend(leg.details);
        for change in &leg.changes {
            set.feed.push(notices::leg_changed(
                &self.app.ids,
                &change.row,
                change.corrected,
                change.occurred_at,
                self.at,
            ));
            set.outbox.extend(one_stop_message(self.app, &change.row, change.state, change.events_after, self.at));
        }
        let appended = i64::try_from(leg.appended).unwrap_or(i64::MAX);
        let told = leg.changes.last().is_some_and(|change| change.events_after == leg.events_read + appended);
        let number_is_new = leg.before.dossier_no.is_none() && leg.now.dossier_no.is_some();
        let had = (leg.row.open_dossier_key.clone(), leg.row.open_note_key.clone());
        let mut row = with_fold(leg.row, &leg.now);
        // A leg that a late event or a correction opens again may meet a newer leg of the same number: it takes no key then,
        // since what happened is recorded always.
        if let Some(key) = row.open_dossier_key.as_deref().filter(|_| had.0.is_none())
            && read::legs::dossier_key_is_taken(db, key)?
        {
            row.open_dossier_key = None;
        }
        if let Some(key) = row.open_note_key.clone().filter(|_| had.1.is_none())
            && !read::legs::taken_note_keys(db, &[key])?.is_empty()
        {
            row.open_note_key = None;
        }
        let events = leg.events_read + appended;
        // Until its number was known the one-stop side could not be told of this leg: now it hears how it stands.
        if number_is_new && !told {
            set.outbox.extend(one_stop_message(self.app, &row, leg.now.state, events, self.at));
        }
        set.leg_changes.push(LegChange {
            id: row.id.clone(),
            events_read: leg.events_read,
            binds: number_is_new || leg.item.is_some(),
            state: state_of(row, events, head.unwrap_or_default()),
        });
        Ok(())
    }

    fn compare_findings(&mut self, leg: &LegInWork) {
        let key =
            |finding: &crate::domain::custody::Finding| format!("{}:{}:{}", finding.kind, leg.row.id, finding.subject);
        let appended: BTreeSet<&str> =
            leg.events.iter().rev().take(leg.appended).map(|event| event.id.as_str()).collect();
        let before: BTreeSet<String> = leg.before.findings.iter().map(key).collect();
        let after: BTreeSet<String> = leg.now.findings.iter().map(key).collect();
        for finding in &leg.now.findings {
            let subject_key = key(finding);
            if before.contains(&subject_key) && !appended.contains(finding.event_id.as_str()) {
                continue;
            }
            self.findings.find(Found {
                kind: finding.kind,
                subject_key,
                leg_id: Some(leg.row.id.clone()),
                handover_id: None,
                agency_code: Some(leg.row.agency_code.clone()),
                reporter: None,
                evidence: vec![Evidence {
                    event_id: Some(finding.event_id.clone()),
                    fact_id: finding.fact_id.clone(),
                    book: None,
                }],
            });
        }
        for healed in before.difference(&after) {
            self.findings.heal(healed.clone(), LATER_EVENTS);
        }
    }

    /// Subjects of the findings that an event shows.
    pub(super) fn subjects_of_event(&self, leg_id: &str, event_id: &str) -> Vec<String> {
        let Some(leg) = self.legs.get(leg_id) else { return Vec::new() };
        leg.now
            .findings
            .iter()
            .filter(|finding| finding.event_id == event_id)
            .map(|finding| format!("{}:{leg_id}:{}", finding.kind, finding.subject))
            .collect()
    }
}

fn state_of(row: LegRow, events: i64, head: String) -> LegState {
    LegState {
        dossier_no: row.dossier_no,
        item_number: row.item_number,
        item_grade: row.item_grade,
        state: row.state,
        state_since_us: row.state_since_us,
        holder: row.holder,
        holder_since_us: row.holder_since_us,
        is_open: row.is_open,
        open_dossier_key: row.open_dossier_key,
        open_note_key: row.open_note_key,
        accepted_by_post_at_us: row.accepted_by_post_at_us,
        filed_at_us: row.filed_at_us,
        case_received_at_us: row.case_received_at_us,
        attempts: row.attempts,
        events,
        head,
    }
}

/// A message that tells the one-stop side of a state, when a one-stop system is configured and its table has a value for it.
fn one_stop_message(app: &App, row: &LegRow, state: State, events_after: i64, now: Ts) -> Option<OutboxRow> {
    let counterpart = app.routes.one_stop_of(&row.agency_code)?;
    crate::peers::opencps::opencps_value(LegKind::parse(&row.kind)?, state)?;
    let leg_id = LegId::from_text(row.id.as_str());
    let body = serde_json::json!({ "state": state.as_str(), "events": events_after }).to_string();
    Some(message(app, counterpart, "ONE_STOP_STATE", &leg_id, events_after, body, now))
}

/// A new message about a leg, due at once. Messages of one leg to one counterpart keep their order.
pub(super) fn message(
    app: &App,
    counterpart: &str,
    kind: &str,
    leg_id: &LegId,
    order_seq: i64,
    body: String,
    now: Ts,
) -> OutboxRow {
    let new = NewMessage {
        counterpart,
        kind,
        leg_id: Some(leg_id.as_str()),
        order_key: format!("{counterpart}:{leg_id}"),
        order_seq,
        dedup_key: format!("{counterpart}:{kind}:{leg_id}:{order_seq}"),
        body,
    };
    new.due(&app.ids, now)
}
