//! Meanings that people give to unknown status codes, without a release: one proposes, another approves, then what was already
//! reported is read again.
//!
//! An event keeps the kind that it was given when it was decided. Reading again appends an event with the true time and the same
//! source, which annuls the unknown one by `corrects`; nothing is rewritten, and the discrepancy heals.

use crate::app::leg_work::LegsInWork;
use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::id::{EventId, RuleId};
use crate::base::time::Ts;
use crate::domain::custody::{Detail, Event, EventKind};
use crate::peers::Mapped;
use crate::peers::status::{self, Rule};
use crate::store::exception_rows::StatusRuleRow;
use crate::store::read::{legs, status_rules as read};
use crate::store::{Db, StoreError, ledger};

/// The word of a rule for what stands beside custody.
pub const NOTE: &str = "NOTED";

/// Why a rule was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Neither code nor text, or no family.
    Code,
    /// Not a word that a code can mean.
    Event,
    /// No reason given.
    Reason,
    /// The tables know the code already.
    Known,
    /// Another proposal, or a rule that begins at the same time, stands.
    Taken,
    /// Who proposed it cannot approve it: four eyes.
    OwnProposal,
    /// There is no such proposal, or it is decided.
    Gone,
    /// Only who proposed it withdraws it.
    NotOwnProposal,
}

/// What a rule says.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct NewRule<'a> {
    pub family: &'a str,
    pub raw_code: &'a str,
    pub raw_text: &'a str,
    pub event: &'a str,
    pub reason: &'a str,
    pub valid_from_us: i64,
}

/// The event of a mapping.
pub(super) fn kind_of(mapped: &Mapped) -> EventKind {
    match mapped {
        Mapped::Event(word) => EventKind::parse(word).unwrap_or(EventKind::Unmapped),
        Mapped::Note => EventKind::Noted,
        Mapped::Unmapped => EventKind::Unmapped,
    }
}

/// Whether an event says why it failed.
pub(super) fn has_cause(kind: EventKind) -> bool {
    matches!(kind, EventKind::AttemptFailed | EventKind::CollectionFailed)
}

/// Words that a code can mean.
pub fn meanings() -> impl Iterator<Item = &'static str> {
    status::EVENTS.iter().copied().chain([NOTE])
}

fn rule_of(row: StatusRuleRow) -> Rule {
    let mapped = if row.event == NOTE { Mapped::Note } else { Mapped::Event(row.event) };
    Rule {
        family: row.family,
        raw_code: row.raw_code,
        raw_text: row.raw_text,
        mapped,
        valid_from_us: row.valid_from_us,
    }
}

/// The rules in force, from the store, so that every replica reads alike.
pub(super) fn standing(db: &mut Db<'_>) -> Result<Vec<Rule>, StoreError> {
    Ok(read::approved(db)?.into_iter().map(rule_of).collect())
}

/// Proposes a meaning.
pub fn propose(
    app: &App,
    person_id: &str,
    doing: Doing<'_>,
    new: &NewRule<'_>,
) -> Result<Result<String, Refused>, AppError> {
    let (family, code, text) = (new.family.trim(), new.raw_code.trim(), new.raw_text.trim());
    if family.is_empty() || (code.is_empty() && text.is_empty()) {
        return Ok(Err(Refused::Code));
    }
    if !meanings().any(|word| word == new.event) {
        return Ok(Err(Refused::Event));
    }
    if new.reason.trim().is_empty() {
        return Ok(Err(Refused::Reason));
    }
    let code_read = Some(code).filter(|code| !code.is_empty());
    if status::map_raw(family, code_read, Some(text)) != Mapped::Unmapped {
        return Ok(Err(Refused::Known));
    }
    app.decide_and_commit(None, |set| {
        let key = if code.is_empty() { text } else { code };
        let known = app.store.read(|db| read::of_code(db, family, key))?;
        let same = known.iter().filter(|row| row.raw_code == code && row.raw_text == text);
        let stands = |row: &StatusRuleRow| match row.state.as_str() {
            "PROPOSED" => true,
            "APPROVED" => row.valid_from_us == new.valid_from_us,
            _ => false,
        };
        if same.into_iter().any(stands) {
            return Ok(Err(Refused::Taken));
        }
        let row = StatusRuleRow {
            id: RuleId::make(&app.ids).into(),
            family: family.to_owned(),
            raw_code: code.to_owned(),
            raw_text: text.to_owned(),
            event: new.event.to_owned(),
            reason: new.reason.trim().to_owned(),
            valid_from_us: new.valid_from_us,
            state: "PROPOSED".to_owned(),
            proposed_by: person_id.to_owned(),
            proposed_at_us: app.now().us(),
            decided_by: None,
            decided_at_us: None,
            decision_note: None,
        };
        let id = row.id.clone();
        set.acts.push(act(app, doing, "RULE.PROPOSE", Some(&subject_of(&row))));
        set.settling.rules.push(row);
        Ok(Ok(id))
    })
}

/// Approves or declines a proposed meaning; the second person is never the first. Approved, what was reported is read again.
pub fn decide(
    app: &App,
    person_id: &str,
    doing: Doing<'_>,
    rule_id: &str,
    approves: bool,
    note: &str,
) -> Result<Result<usize, Refused>, AppError> {
    let decided = app.decide_and_commit(None, |set| {
        let row = app.store.read(|db| read::by_id(db, rule_id))?.filter(|row| row.state == "PROPOSED");
        let Some(row) = row else { return Ok(Err(Refused::Gone)) };
        if row.proposed_by == person_id {
            return Ok(Err(Refused::OwnProposal));
        }
        let word = if approves { "RULE.APPROVE" } else { "RULE.DECLINE" };
        set.acts.push(act(app, doing, word, Some(&subject_of(&row))));
        set.settling.decided_rules.push(StatusRuleRow {
            state: if approves { "APPROVED" } else { "DECLINED" }.to_owned(),
            decided_by: Some(person_id.to_owned()),
            decided_at_us: Some(app.now().us()),
            decision_note: Some(note.trim().to_owned()).filter(|note| !note.is_empty()),
            ..row
        });
        Ok(Ok(()))
    })?;
    match decided {
        Err(refused) => Ok(Err(refused)),
        Ok(()) if !approves => Ok(Ok(0)),
        Ok(()) => Ok(Ok(read_again(app)?)),
    }
}

/// Takes one's own proposal back before anybody decided it.
pub fn withdraw(app: &App, person_id: &str, doing: Doing<'_>, rule_id: &str) -> Result<Result<(), Refused>, AppError> {
    app.decide_and_commit(None, |set| {
        let row = app.store.read(|db| read::by_id(db, rule_id))?.filter(|row| row.state == "PROPOSED");
        let Some(row) = row else { return Ok(Err(Refused::Gone)) };
        if row.proposed_by != person_id {
            return Ok(Err(Refused::NotOwnProposal));
        }
        set.acts.push(act(app, doing, "RULE.WITHDRAW", Some(&subject_of(&row))));
        set.settling.decided_rules.push(StatusRuleRow {
            state: "WITHDRAWN".to_owned(),
            decided_at_us: Some(app.now().us()),
            ..row
        });
        Ok(Ok(()))
    })
}

/// What the record calls a rule: the name of its case.
fn subject_of(row: &StatusRuleRow) -> String {
    crate::app::exceptions::code_of(&row.family, &row.raw_code, &row.raw_text)
}

/// Legs looked at together, and told in one round; the next round goes on, since what was read is healed.
const LEGS_MAX: i64 = 500;
const TOLD_MAX: usize = 500;

/// Reads unknown codes again that have a meaning now. Returns how many legs were told.
pub fn read_again(app: &App) -> Result<usize, AppError> {
    let rows = app.store.read(read::approved)?;
    let mut codes: Vec<(&str, &str)> = rows
        .iter()
        .map(|row| (row.family.as_str(), if row.raw_code.is_empty() { &row.raw_text } else { &row.raw_code }.as_str()))
        .collect();
    codes.sort_unstable();
    codes.dedup();
    let mut told = 0;
    for (family, code) in codes {
        let mut after = String::new();
        loop {
            let legs = app.store.read(|db| read::legs_that_wait(db, family, code, &after, LEGS_MAX))?;
            let Some(last) = legs.last() else { break };
            after.clone_from(last);
            for leg_id in &legs {
                told += usize::from(read_leg(app, leg_id)?);
            }
            if told >= TOLD_MAX {
                return Ok(told);
            }
        }
    }
    Ok(told)
}

/// Reads the unknown events of one leg again, all of them in one transaction.
fn read_leg(app: &App, leg_id: &str) -> Result<bool, AppError> {
    app.decide_and_commit(None, |set| {
        let now = app.now();
        Ok(app.store.read(|db| {
            let rules = standing(db)?;
            let Some(row) = legs::by_id(db, leg_id)? else { return Ok(false) };
            let rows = legs::events_of(db, leg_id)?;
            let events = rows.iter().map(ledger::from_row).collect::<Result<Vec<Event>, _>>()?;
            let known: Vec<(&Event, EventKind)> = events
                .iter()
                .filter(|event| event.kind == EventKind::Unmapped && !is_annulled(&events, event))
                .map(|event| (event, meaning_of(event, &rules)))
                .filter(|(_, kind)| *kind != EventKind::Unmapped)
                .collect();
            if known.is_empty() {
                return Ok(false);
            }
            let ids: Vec<String> = known.iter().map(|(event, _)| event.id.as_str().to_owned()).collect();
            let details = legs::details_of(db, &ids)?;
            let mut work = LegsInWork::new(app, now);
            work.take(db, vec![row])?;
            for (event, kind) in known {
                let detail = details.iter().find(|row| row.event_id == event.id.as_str()).map(|row| Detail {
                    receiver_name: row.receiver_name.clone(),
                    place_text: row.place_text.clone(),
                    cause_text: row.cause_text.clone(),
                    note: row.note.clone(),
                });
                let detail = detail.unwrap_or_default();
                let told = told_again(event, kind, &detail, EventId::make(&app.ids), now);
                if let Some(leg) = work.get(leg_id) {
                    leg.append(told, detail);
                }
            }
            work.finish(db, set)?;
            Ok(true)
        })?)
    })
}

fn is_annulled(events: &[Event], event: &Event) -> bool {
    events.iter().any(|other| other.corrects.as_ref() == Some(&event.id))
}

fn meaning_of(event: &Event, rules: &[Rule]) -> EventKind {
    let source = &event.source;
    kind_of(&status::map_with(
        rules,
        source.family.as_deref().unwrap_or_default(),
        source.raw_code.as_deref(),
        source.raw_text.as_deref(),
        event.occurred_at.us(),
    ))
}

/// The same word of the same speaker at the same time, understood.
fn told_again(unknown: &Event, kind: EventKind, detail: &Detail, id: EventId, now: Ts) -> Event {
    let words = detail.cause_text.as_deref().or(unknown.source.raw_text.as_deref()).unwrap_or_default();
    let cause = || has_cause(kind).then(|| status::cause(words).to_owned());
    Event {
        id,
        seq: 0,
        kind,
        recorded_at: now,
        cause: unknown.cause.clone().or_else(cause),
        corrects: Some(unknown.id.clone()),
        detail_sha256: None,
        ..unknown.clone()
    }
}
