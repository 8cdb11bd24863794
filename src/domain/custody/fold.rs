//! State is a fold of a leg's events in order of occurrence; any order of arrival gives the same answer (design rule 3, C11).

use std::collections::{BTreeMap, BTreeSet};

use crate::base::time::Ts;
use crate::domain::custody::event::Event;
use crate::domain::custody::table::{Effect, EventKind, Needs, effect, row_of};
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{Holder, LegKind, State};

/// What the manifest line declared of a leg, as far as the fold needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegTerms {
    /// Intake or result.
    pub kind: LegKind,
    /// Originals declared.
    pub originals: i64,
    /// Copies declared.
    pub copies: i64,
    /// Dossier number of the manifest line, when it had one.
    pub declared_dossier_no: Option<String>,
}

/// A difference that the fold found at an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What differs.
    pub kind: Kind,
    /// What makes two findings of one leg the same finding: the event's word, the unknown code, the other number.
    pub subject: String,
    /// The event that shows it.
    pub event_id: String,
    /// The fact that it came from.
    pub fact_id: Option<String>,
}

/// What one event did, in order of occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// Its `seq`, 1…n in order of recording.
    pub seq: i64,
    /// It counts: it moved the leg or agrees with it. False when it contradicts, lacks evidence or entitlement, or is annulled.
    pub applied: bool,
    /// State after it.
    pub state_after: State,
    /// Holder before it.
    pub holder_from: Holder,
    /// Holder after it.
    pub holder_to: Holder,
}

/// The state of a leg as all its events tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded {
    /// State now.
    pub state: State,
    /// When it was entered.
    pub state_since: Ts,
    /// Who holds the papers now (C1).
    pub holder: Holder,
    /// Since when.
    pub holder_since: Ts,
    /// Failed attempts to deliver.
    pub attempts: i64,
    /// When the post took the papers: the date J of TT 17 Đ7.
    pub accepted_by_post_at: Option<Ts>,
    /// Legal filing moment of an intake leg: the later signature (C5, QĐ 45 Đ7 k4).
    pub filed_at: Option<Ts>,
    /// When the agency opened the case.
    pub case_received_at: Option<Ts>,
    /// Dossier number, declared or bound.
    pub dossier_no: Option<String>,
    /// What each event did, in order of occurrence.
    pub stands: Vec<Stand>,
    /// Differences found.
    pub findings: Vec<Finding>,
}

impl Folded {
    /// The events that count, of those that were folded, in order of occurrence.
    pub fn counted<'a>(&self, events: &'a [Event]) -> Vec<&'a Event> {
        let by_seq: BTreeMap<i64, &Event> = events.iter().map(|event| (event.seq, event)).collect();
        let applied = self.stands.iter().filter(|stand| stand.applied);
        applied.filter_map(|stand| by_seq.get(&stand.seq).copied()).collect()
    }
}

/// The holder before anything has happened.
pub fn first_holder(kind: LegKind) -> Holder {
    match kind {
        LegKind::Intake => Holder::Citizen,
        LegKind::Result => Holder::Agency,
    }
}

/// Folds the events of one leg. `events` may stand in any order; the answer is the same.
pub fn fold(terms: &LegTerms, events: &[Event]) -> Folded {
    let annulled: BTreeSet<&str> =
        events.iter().filter_map(|event| event.corrects.as_ref()).map(|id| id.as_str()).collect();
    let mut in_order: Vec<&Event> = events.iter().collect();
    in_order.sort_by(|a, b| order_key(a).cmp(&order_key(b)));

    let start = in_order.first().map_or(Ts::from_us(0), |event| event.occurred_at);
    let mut folding = Folding {
        terms,
        attempts_named: BTreeSet::new(),
        attempts_unnamed: 0,
        folded: Folded {
            state: State::Registered,
            state_since: start,
            holder: first_holder(terms.kind),
            holder_since: start,
            attempts: 0,
            accepted_by_post_at: None,
            filed_at: None,
            case_received_at: None,
            dossier_no: terms.declared_dossier_no.clone(),
            stands: Vec::with_capacity(events.len()),
            findings: Vec::new(),
        },
    };
    for event in in_order {
        folding.take(event, annulled.contains(event.id.as_str()));
    }
    folding.folded
}

/// `REGISTERED` stands before everything; then time, then the order of the table, then who said it (contract 6.1).
fn order_key(event: &Event) -> (bool, Ts, EventKind, &str, &str, &str) {
    (
        event.kind != EventKind::Registered,
        event.occurred_at,
        event.kind,
        event.source.fact_id.as_deref().unwrap_or_default(),
        &event.source.counterpart,
        event.handover_id.as_ref().map(|id| id.as_str()).unwrap_or_default(),
    )
}

struct Folding<'a> {
    terms: &'a LegTerms,
    attempts_named: BTreeSet<u32>,
    attempts_unnamed: i64,
    folded: Folded,
}

impl Folding<'_> {
    fn take(&mut self, event: &Event, annulled: bool) {
        let holder_from = self.folded.holder;
        let applied = !annulled && self.judge(event);
        self.folded.stands.push(Stand {
            seq: event.seq,
            applied,
            state_after: self.folded.state,
            holder_from,
            holder_to: self.folded.holder,
        });
    }

    /// Whether the event counts; moves the leg when it does.
    fn judge(&mut self, event: &Event) -> bool {
        match event.kind {
            EventKind::Unmapped => {
                let code = event.source.raw_code.as_deref().or(event.source.raw_text.as_deref()).unwrap_or_default();
                let family = event.source.family.as_deref().unwrap_or_default();
                self.find(Kind::UnmappedStatus, format!("{family}:{code}"), event);
                return false;
            }
            EventKind::Partial => self.find(Kind::PartialDelivery, String::new(), event),
            _ => {}
        }
        let row = row_of(event.kind);
        let of_kind = row.of(self.terms.kind);
        // Both signatures of a handover say more than one side's report (C2).
        let signed = event.handover_id.is_some();
        if !signed && event.kind != EventKind::Registered && !of_kind.word_of.contains(&event.source.side) {
            self.find(Kind::ReporterNotEntitled, event.kind.as_str().to_owned(), event);
            return false;
        }
        match effect(self.folded.state, event.kind) {
            // Our own order was acknowledged late: that says nothing about custody, so it contradicts nothing.
            Effect::Contradicts if event.kind == EventKind::Ordered && event.source.fact_id.is_none() => true,
            Effect::Contradicts => {
                self.find(Kind::StateConflict, event.kind.as_str().to_owned(), event);
                false
            }
            Effect::Agrees => self.stand_beside(event),
            Effect::Moves => {
                if !signed && let Some(lacking) = self.lacks(of_kind.needs, event) {
                    self.find(lacking, String::new(), event);
                    return false;
                }
                self.enter(event, row.to, of_kind.holder);
                true
            }
        }
    }

    fn stand_beside(&mut self, event: &Event) -> bool {
        match event.kind {
            EventKind::CaseReceived => {
                let Some(number) = &event.dossier_no else { return true };
                match &self.folded.dossier_no {
                    Some(bound) if bound != number => {
                        self.find(Kind::DossierNumberConflict, number.clone(), event);
                        return false;
                    }
                    _ => self.folded.dossier_no = Some(number.clone()),
                }
                self.folded.case_received_at.get_or_insert(event.occurred_at);
            }
            EventKind::AttemptFailed => self.count_attempt(event),
            _ => {}
        }
        true
    }

    fn enter(&mut self, event: &Event, to: Option<State>, holder: Option<Holder>) {
        if let Some(to) = to {
            self.folded.state = to;
            self.folded.state_since = event.occurred_at;
        }
        if let Some(holder) = holder
            && holder != self.folded.holder
        {
            self.folded.holder = holder;
            self.folded.holder_since = event.occurred_at;
        }
        match event.kind {
            EventKind::Accepted => {
                self.folded.accepted_by_post_at.get_or_insert(event.occurred_at);
            }
            EventKind::Confirmed if self.terms.kind == LegKind::Intake && event.handover_id.is_some() => {
                self.folded.filed_at.get_or_insert(event.occurred_at);
            }
            EventKind::AttemptFailed => self.count_attempt(event),
            _ => {}
        }
    }

    fn count_attempt(&mut self, event: &Event) {
        match event.attempt {
            Some(number) => {
                self.attempts_named.insert(number);
            }
            None => self.attempts_unnamed += 1,
        }
        let named = i64::try_from(self.attempts_named.len()).unwrap_or(i64::MAX);
        self.folded.attempts = named.saturating_add(self.attempts_unnamed);
    }

    fn lacks(&self, needs: Needs, event: &Event) -> Option<Kind> {
        match needs {
            Needs::Nothing => None,
            Needs::DeclaredCounts => {
                let counted = (event.originals, event.copies);
                (counted != (Some(self.terms.originals), Some(self.terms.copies))).then_some(Kind::CountMismatch)
            }
            Needs::OneEvidence => event.evidence.is_empty().then_some(Kind::NoIdNote),
            Needs::IdentityNote => {
                let identified = event.receiver.is_some_and(|receiver| {
                    receiver.named && receiver.id_checked && (!receiver.representative || receiver.authorisation_seen)
                });
                (!identified || event.evidence.is_empty()).then_some(Kind::NoIdNote)
            }
        }
    }

    fn find(&mut self, kind: Kind, subject: String, event: &Event) {
        self.folded.findings.push(Finding {
            kind,
            subject,
            event_id: event.id.as_str().to_owned(),
            fact_id: event.source.fact_id.clone(),
        });
    }
}

#[cfg(test)]
mod tests;
