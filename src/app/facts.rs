//! Facts: what a counterpart or a clerk reports as having happened. Recorded always, however late, doubled or unwelcome
//! (design rule 1); a contradiction becomes a discrepancy, never a lost row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::discrepancies::{Evidence as Shown, Found, LATER_EVENTS};
use crate::app::idempotency::{Keyed, Rendered};
use crate::app::leg_work::LegsInWork;
use crate::app::{App, AppError, speakers, status_rules};
use crate::base::digest::sha256_hex;
use crate::base::fault;
use crate::base::id::{EventId, LegId};
use crate::base::time::{MINUTE_US, Ts};
use crate::domain::access::Caller;
use crate::domain::custody::{Detail, Event, EventKind, Evidence, Place, Receiver, Source};
use crate::domain::discrepancy::Kind;
use crate::domain::fact::{Fact, FactDraft, FactTarget, Relation, Said};
use crate::domain::identifier::{ItemGrade, ItemNumber};
use crate::domain::leg::{LegKind, Side};
use crate::domain::problem::{Code, Message, Problem, Severity};
use crate::peers::status::{self, Rule};
use crate::store::read::facts as read;
use crate::store::read::legs::{self, Target};
use crate::store::rows::{FactRow, LegRow};
use crate::store::{Db, StoreError, WriteSet};

/// A fact, whoever reported it: the API, a poll or a hook. Its text form is what two reports of one id are compared by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Reported {
    pub fact_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consignment_note_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dossier_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leg_kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_text: Option<String>,
    pub occurred_at_us: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_office_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<ReportedReceiver>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<ReportedEvidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originals: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who took the papers, as reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReportedReceiver {
    pub name: Option<String>,
    pub representative: bool,
    pub id_checked: bool,
    pub authorisation_seen: bool,
}

impl From<Fact> for Reported {
    fn from(fact: Fact) -> Self {
        let mut reported = Reported {
            fact_id: fact.fact_id,
            occurred_at_us: fact.occurred_at.us(),
            attempt: fact.attempt,
            cause: fact.cause.map(|cause| cause.as_str().to_owned()),
            cause_text: fact.cause_text,
            originals: fact.originals.map(i64::from),
            copies: fact.copies.map(i64::from),
            amount: fact.amount,
            receipt_no: fact.receipt_no,
            dossier_no: fact.dossier_no.map(String::from),
            note: fact.note,
            ..Reported::default()
        };
        match fact.target {
            FactTarget::Leg(id) => reported.leg_id = Some(id),
            FactTarget::Item(number) => reported.item_number = Some(number.as_str().to_owned()),
            FactTarget::ConsignmentNote(number) => reported.consignment_note_no = Some(number),
            FactTarget::Dossier(number, kind) => {
                reported.dossier_no = Some(number.into());
                reported.leg_kind = Some(kind.as_str().to_owned());
            }
        }
        match fact.said {
            Said::Event(event) => reported.event = Some(event.as_str().to_owned()),
            Said::Raw { family, code, text } => {
                (reported.family, reported.raw_code, reported.raw_text) = (Some(family), code, text);
            }
        }
        if let Some(place) = fact.place {
            (reported.post_office_code, reported.place_text) = (place.post_office_code, place.text);
        }
        reported.receiver = fact.receiver.map(|receiver| ReportedReceiver {
            name: Some(receiver.name),
            representative: receiver.relation == Relation::Representative,
            id_checked: receiver.id_checked,
            authorisation_seen: receiver.authorisation_seen == Some(true),
        });
        let evidence = fact.evidence.into_iter().map(|piece| ReportedEvidence {
            kind: piece.kind.as_str().to_owned(),
            reference: piece.reference,
            sha256: piece.sha256,
        });
        reported.evidence = evidence.collect();
        reported
    }
}

/// A signature, photo or document, as reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ReportedEvidence {
    pub kind: String,
    pub reference: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What became of one fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactResult {
    /// Its id, when it could be read.
    pub fact_id: Option<String>,
    /// `RECORDED`, `DUPLICATE`, `CONFLICT`, `UNMATCHED` or `REFUSED`.
    pub outcome: String,
    /// Whether it changed a state.
    pub advanced: bool,
    /// Leg, state and holder after it.
    pub legs: Vec<(String, String, String)>,
    /// Discrepancies that it shows.
    pub discrepancy_ids: Vec<String>,
    /// Why it was refused, and warnings.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// Records facts, each by itself, in one transaction.
pub fn record(
    app: &App,
    caller: &Caller,
    drafts: Vec<FactDraft>,
    keyed: &Keyed<'_, Vec<FactResult>>,
) -> Result<Rendered, AppError> {
    if caller.side == Side::Oversight {
        return Err(AppError::plain(Code::NotYourSide));
    }
    let readings: Vec<Reading> = drafts.into_iter().map(Reading::of).collect();
    let rendered = app.decide_and_commit(Some("fact.before_commit"), |set| {
        let now = app.now();
        let results = app.store.read(|db| decide(app, db, caller, &readings, now, set))?;
        Ok(keyed.reply(&results, set))
    })?;
    fault::point("fact.after_commit");
    Ok(rendered)
}

/// A fact that can be decided, or the answer to one that cannot.
pub(super) enum Reading {
    Fact(Box<Reported>),
    Refused(Box<FactResult>),
}

impl Reading {
    fn of(draft: FactDraft) -> Self {
        match draft.fact {
            Ok(fact) => Reading::Fact(Box::new(Reported::from(*fact))),
            Err(problems) => Reading::Refused(Box::new(FactResult {
                fact_id: draft.fact_id,
                outcome: "REFUSED".to_owned(),
                advanced: false,
                legs: Vec::new(),
                discrepancy_ids: Vec::new(),
                problems,
            })),
        }
    }
}

/// Decides a batch: each fact on top of the ones before it.
pub(super) fn decide(
    app: &App,
    db: &mut Db<'_>,
    caller: &Caller,
    readings: &[Reading],
    now: Ts,
    set: &mut WriteSet,
) -> Result<Vec<FactResult>, StoreError> {
    let facts = readings.iter().filter_map(|reading| match reading {
        Reading::Fact(fact) => Some(fact.as_ref()),
        Reading::Refused(_) => None,
    });
    let mut batch = Batch::new(app, caller, now, rules_for(db, facts)?);
    let mut results = Vec::with_capacity(readings.len());
    for reading in readings {
        results.push(match reading {
            Reading::Fact(fact) => batch.take(db, fact, &results, set)?,
            Reading::Refused(refused) => {
                batch.subjects.push(Vec::new());
                FactResult::clone(refused)
            }
        });
    }
    let Batch { work, subjects, first, .. } = batch;
    let ids = work.finish(db, set)?;
    for (result, subjects) in results.iter_mut().zip(&subjects) {
        let mut shown: Vec<String> = subjects.iter().filter_map(|subject| ids.get(subject)).cloned().collect();
        shown.dedup();
        result.discrepancy_ids.extend(shown);
    }
    keep_results(first, &results, set)?;
    Ok(results)
}

/// The first results are kept with the facts, to be shown again for every duplicate.
fn keep_results(
    first: BTreeMap<String, (usize, usize)>,
    results: &[FactResult],
    set: &mut WriteSet,
) -> Result<(), StoreError> {
    for (row, result) in first.into_values() {
        if let (Some(row), Some(result)) = (set.facts.get_mut(row), results.get(result)) {
            row.result = serde_json::to_string(result).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        }
    }
    Ok(())
}

/// The meanings that people gave to codes, read once for a batch, and only when it has a code that the tables do not know.
fn rules_for<'f>(db: &mut Db<'_>, mut facts: impl Iterator<Item = &'f Reported>) -> Result<Vec<Rule>, StoreError> {
    if facts.any(|fact| kind_of(fact, &[]) == EventKind::Unmapped) {
        status_rules::standing(db)
    } else {
        Ok(Vec::new())
    }
}

struct Batch<'a> {
    app: &'a App,
    caller: &'a Caller,
    now: Ts,
    rules: Vec<Rule>,
    work: LegsInWork<'a>,
    /// Facts of this batch: id → (row in the set, result in the answer).
    first: BTreeMap<String, (usize, usize)>,
    subjects: Vec<Vec<String>>,
}

/// A fact further ahead of our clock than this is told (contract 6.1).
const AHEAD_US_MAX: i64 = 5 * MINUTE_US;

impl<'a> Batch<'a> {
    fn new(app: &'a App, caller: &'a Caller, now: Ts, rules: Vec<Rule>) -> Self {
        let work = LegsInWork::new(app, now);
        Batch { app, caller, now, rules, work, first: BTreeMap::new(), subjects: Vec::new() }
    }

    fn take(
        &mut self,
        db: &mut Db<'_>,
        fact: &Reported,
        results: &[FactResult],
        set: &mut WriteSet,
    ) -> Result<FactResult, StoreError> {
        let content = serde_json::to_string(fact).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let digest = sha256_hex(content.as_bytes());
        let known = read::variants(db, &self.caller.counterpart, &fact.fact_id)?;
        let in_batch: Vec<FactRow> = set
            .facts
            .iter()
            .filter(|row| row.counterpart == self.caller.counterpart && row.fact_id == fact.fact_id)
            .cloned()
            .collect();
        let known: Vec<FactRow> = known.into_iter().chain(in_batch).collect();
        if let Some(first) = known.first() {
            let in_batch = self.first.get(&fact.fact_id).and_then(|(_, place)| results.get(*place));
            if first.content_sha256 == digest {
                self.subjects.push(self.subjects_of_first(fact));
                return Ok(self.duplicate(first, in_batch, fact));
            }
            let legs = in_batch.cloned().or_else(|| serde_json::from_str(&first.result).ok()).map(|first| first.legs);
            let result = self.changed(db, fact, legs.unwrap_or_default())?;
            // Each other content is kept once; that it came again shows on its discrepancy.
            if known.iter().all(|row| row.content_sha256 != digest) {
                let variant = i64::try_from(known.len()).unwrap_or(i64::MAX);
                let row = self.row(fact, variant, &digest, &result, Some(content), true);
                set.facts.push(FactRow { result: "{}".to_owned(), ..row });
            }
            return Ok(result);
        }
        let rows = self.find_legs(db, fact)?;
        let result = if rows.is_empty() { self.unmatched(fact) } else { self.apply(db, fact, rows)? };
        let matched = result.outcome != "UNMATCHED";
        self.first.insert(fact.fact_id.clone(), (set.facts.len(), self.subjects.len() - 1));
        set.facts.push(self.row(fact, 0, &digest, &result, (!matched).then_some(content), matched));
        Ok(result)
    }

    fn row(
        &self,
        fact: &Reported,
        variant: i64,
        digest: &str,
        result: &FactResult,
        content: Option<String>,
        matched: bool,
    ) -> FactRow {
        FactRow {
            counterpart: self.caller.counterpart.clone(),
            fact_id: fact.fact_id.clone(),
            variant,
            content_sha256: digest.to_owned(),
            side: self.caller.side.as_str().to_owned(),
            outcome: result.outcome.clone(),
            result: String::new(),
            content,
            matched: i64::from(matched),
            recorded_at_us: self.now.us(),
        }
    }

    fn subjects_of_first(&self, fact: &Reported) -> Vec<String> {
        let first = self.first.get(&fact.fact_id).and_then(|(_, result)| self.subjects.get(*result));
        first.cloned().unwrap_or_default()
    }

    /// The same fact again: nothing changes, and the first result is shown.
    fn duplicate(&self, same: &FactRow, in_batch: Option<&FactResult>, fact: &Reported) -> FactResult {
        let first: Option<FactResult> = in_batch.cloned().or_else(|| serde_json::from_str(&same.result).ok());
        let (advanced, legs, discrepancy_ids) =
            first.map(|first| (first.advanced, first.legs, first.discrepancy_ids)).unwrap_or_default();
        FactResult {
            fact_id: Some(fact.fact_id.clone()),
            outcome: "DUPLICATE".to_owned(),
            advanced,
            legs,
            discrepancy_ids,
            problems: self.warnings(fact),
        }
    }

    /// The same id with other content: kept, moves nothing (C12).
    fn changed(
        &mut self,
        db: &mut Db<'_>,
        fact: &Reported,
        legs: Vec<(String, String, String)>,
    ) -> Result<FactResult, StoreError> {
        let subject_key = format!("{}:{}:{}", Kind::FactChanged, self.caller.counterpart, fact.fact_id);
        let leg = match legs.first() {
            Some((id, _, _)) => legs::by_id(db, id)?,
            None => None,
        };
        self.work.findings.find(Found {
            kind: Kind::FactChanged,
            subject_key: subject_key.clone(),
            leg_id: leg.as_ref().map(|leg| leg.id.clone()),
            handover_id: None,
            agency_code: leg.map(|leg| leg.agency_code),
            reporter: Some(self.caller.counterpart.clone()),
            evidence: vec![Shown { event_id: None, fact_id: Some(fact.fact_id.clone()), ..Shown::default() }],
        });
        self.subjects.push(vec![subject_key]);
        Ok(FactResult {
            fact_id: Some(fact.fact_id.clone()),
            outcome: "CONFLICT".to_owned(),
            advanced: false,
            legs,
            discrepancy_ids: Vec::new(),
            problems: self.warnings(fact),
        })
    }

    fn unmatched(&mut self, fact: &Reported) -> FactResult {
        let subject_key = format!("{}:{}:{}", Kind::UnmatchedFact, self.caller.counterpart, fact.fact_id);
        self.work.findings.find(Found {
            kind: Kind::UnmatchedFact,
            subject_key: subject_key.clone(),
            leg_id: None,
            handover_id: None,
            agency_code: None,
            reporter: Some(self.caller.counterpart.clone()),
            evidence: vec![Shown { event_id: None, fact_id: Some(fact.fact_id.clone()), ..Shown::default() }],
        });
        self.subjects.push(vec![subject_key]);
        FactResult {
            fact_id: Some(fact.fact_id.clone()),
            outcome: "UNMATCHED".to_owned(),
            advanced: false,
            legs: Vec::new(),
            discrepancy_ids: Vec::new(),
            problems: self.warnings(fact),
        }
    }

    /// The legs that the fact names and the caller sees: all open ones, else the newest closed one. Several targets are tried
    /// in order of trust (wire-formats 6): our own id, then item number, note, dossier number. Never a name.
    fn find_legs(&mut self, db: &mut Db<'_>, fact: &Reported) -> Result<Vec<LegRow>, StoreError> {
        for target in targets(fact) {
            let rows: Vec<LegRow> = legs::by_target(db, &target)?
                .into_iter()
                .filter(|row| self.caller.sees(&row.agency_code, &row.post_office_code))
                .filter(|row| {
                    !matches!(target, Target::ItemNumber(_)) || row.item_grade.as_deref() != Some("S10_BAD_CHECK")
                })
                .collect();
            let (open, closed): (Vec<LegRow>, Vec<LegRow>) = rows.into_iter().partition(|row| row.is_open == 1);
            if !open.is_empty() {
                return Ok(open);
            }
            if let Some(newest) = closed.into_iter().next() {
                return Ok(vec![newest]);
            }
        }
        Ok(Vec::new())
    }

    fn apply(&mut self, db: &mut Db<'_>, fact: &Reported, rows: Vec<LegRow>) -> Result<FactResult, StoreError> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        self.work.take(db, rows)?;
        let (mut advanced, mut legs, mut subjects) = (false, Vec::new(), Vec::new());
        for id in ids {
            let event_id = EventId::make(&self.app.ids);
            let (event, detail) = self.event(fact, &id, event_id.clone());
            let Some(leg) = self.work.get(&id) else { continue };
            // Only the operator names both: its word binds the number to the leg.
            let told = fact.item_number.as_deref().filter(|_| fact.leg_id.is_some());
            if let Some(number) = told.and_then(|number| ItemNumber::parse(number).ok()) {
                leg.bind_item(number.as_str(), number.grade().as_str());
            }
            advanced |= leg.append(event, detail);
            let folded = leg.folded();
            legs.push((id.clone(), folded.state.as_str().to_owned(), folded.holder.as_str().to_owned()));
            subjects.extend(self.work.subjects_of_event(&id, event_id.as_str()));
        }
        self.subjects.push(subjects);
        Ok(FactResult {
            fact_id: Some(fact.fact_id.clone()),
            outcome: "RECORDED".to_owned(),
            advanced,
            legs,
            discrepancy_ids: Vec::new(),
            problems: self.warnings(fact),
        })
    }

    fn event(&self, fact: &Reported, leg_id: &str, id: EventId) -> (Event, Detail) {
        let source = Source {
            counterpart: self.caller.counterpart.clone(),
            side: self.caller.side,
            person: self.caller.person.clone(),
            fact_id: Some(fact.fact_id.clone()),
            family: fact.family.clone(),
            raw_code: fact.raw_code.clone(),
            raw_text: fact.raw_text.clone(),
        };
        let occurred_at = Ts::from_us(fact.occurred_at_us);
        let mut event =
            Event::new(id, LegId::from_text(leg_id), kind_of(fact, &self.rules), occurred_at, self.now, source);
        event.occurred_text = fact.occurred_text.clone();
        event.place = Place { post_office_code: fact.post_office_code.clone() };
        event.attempt = fact.attempt;
        event.cause = fact.cause.clone().or_else(|| self.cause_by_rule(event.kind, fact));
        event.originals = fact.originals;
        event.copies = fact.copies;
        event.amount = fact.amount;
        event.receipt_no = fact.receipt_no.clone();
        event.dossier_no = if event.kind == EventKind::CaseReceived { fact.dossier_no.clone() } else { None };
        event.receiver = fact.receiver.as_ref().map(|receiver| Receiver {
            named: receiver.name.is_some(),
            representative: receiver.representative,
            id_checked: receiver.id_checked,
            authorisation_seen: receiver.authorisation_seen,
        });
        event.evidence = fact
            .evidence
            .iter()
            .map(|piece| Evidence {
                kind: piece.kind.clone(),
                reference: piece.reference.clone(),
                sha256: piece.sha256.clone(),
            })
            .collect();
        let detail = Detail {
            receiver_name: fact.receiver.as_ref().and_then(|receiver| receiver.name.clone()),
            place_text: fact.place_text.clone(),
            cause_text: fact.cause_text.clone(),
            note: fact.note.clone(),
        };
        (event, detail)
    }

    /// The cause of a failed attempt that only a rule recognised: whoever decoded the report could not know that it failed.
    fn cause_by_rule(&self, kind: EventKind, fact: &Reported) -> Option<String> {
        let ruled = fact.event.is_none() && kind_of(fact, &[]) == EventKind::Unmapped;
        let words = fact.cause_text.as_deref().or(fact.raw_text.as_deref());
        (ruled && status_rules::has_cause(kind)).then(|| status::cause(words.unwrap_or_default()).to_owned())
    }

    fn warnings(&self, fact: &Reported) -> Vec<Problem> {
        if fact.occurred_at_us <= self.now.plus_us(AHEAD_US_MAX).us() {
            return Vec::new();
        }
        vec![Problem {
            code: Code::TimeInFuture,
            severity: Severity::Warning,
            field: "occurredAt".to_owned(),
            message: Message::new(
                "lies more than 5 minutes ahead of our clock; recorded as it is",
                "đi trước đồng hồ của hệ thống hơn 5 phút; vẫn ghi nhận đúng như đã báo",
            ),
        }]
    }
}

/// The event of a fact: its own word, or what the family's table, and beside it these rules, make of the raw code.
fn kind_of(fact: &Reported, rules: &[Rule]) -> EventKind {
    if let Some(word) = &fact.event {
        return EventKind::parse(word).unwrap_or(EventKind::Unmapped);
    }
    let family = fact.family.as_deref().unwrap_or_default();
    status_rules::kind_of(&status::map_with(
        rules,
        family,
        fact.raw_code.as_deref(),
        fact.raw_text.as_deref(),
        fact.occurred_at_us,
    ))
}

fn targets(fact: &Reported) -> Vec<Target> {
    let mut targets = Vec::new();
    if let Some(id) = &fact.leg_id {
        targets.push(Target::LegId(id.clone()));
    }
    if let Some(number) = &fact.item_number {
        let matchable = ItemNumber::parse(number).is_ok_and(|number| number.grade() != ItemGrade::S10BadCheck);
        if matchable {
            targets.push(Target::ItemNumber(number.clone()));
        }
    }
    if let Some(number) = &fact.consignment_note_no {
        targets.push(Target::ConsignmentNoteNo(number.clone()));
    }
    if let (Some(number), Some(kind)) = (&fact.dossier_no, fact.leg_kind.as_deref().and_then(LegKind::parse)) {
        targets.push(Target::Dossier(number.clone(), kind.as_str().to_owned()));
    }
    targets
}

/// Facts looked at in one round of matching again.
const REMATCH_MAX: i64 = 500;

/// Tries facts that fitted no leg again, as a manifest may have come since. Returns how many found their leg.
pub fn match_again(app: &App) -> Result<usize, AppError> {
    let waiting = app.store.read(|db| read::unmatched(db, None, REMATCH_MAX))?;
    let mut matched = 0;
    for row in waiting {
        matched += usize::from(match_one(app, &row)?);
    }
    Ok(matched)
}

fn match_one(app: &App, row: &FactRow) -> Result<bool, AppError> {
    let Some(fact) = row.content.as_deref().and_then(|text| serde_json::from_str::<Reported>(text).ok()) else {
        return Ok(false);
    };
    let Some(caller) = speakers::of_fact(app, row)? else { return Ok(false) };
    app.decide_and_commit(None, |set| {
        let now = app.now();
        Ok(app.store.read(|db| {
            let mut batch = Batch::new(app, &caller, now, rules_for(db, std::iter::once(&fact))?);
            let legs = batch.find_legs(db, &fact)?;
            if legs.is_empty() {
                return Ok(false);
            }
            batch.apply(db, &fact, legs)?;
            let mut work = batch.work;
            work.findings.heal(format!("{}:{}:{}", Kind::UnmatchedFact, row.counterpart, row.fact_id), LATER_EVENTS);
            work.finish(db, set)?;
            set.facts_matched.push(crate::store::write::FactMatched {
                counterpart: row.counterpart.clone(),
                fact_id: row.fact_id.clone(),
                variant: row.variant,
            });
            Ok(true)
        })?)
    })
}
