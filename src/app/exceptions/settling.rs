//! Settling an exception: taken in hand, resolved by one person, accepted by two, withdrawn, a message sent again.

use crate::app::exceptions::{Exception, Subject};
use crate::app::outbox::{self, Operator};
use crate::app::people::{Doing, act};
use crate::app::{App, AppError, discrepancies};
use crate::base::id::ProposalId;
use crate::domain::discrepancy::Resolution;
use crate::domain::person::Person;
use crate::store::WriteSet;
use crate::store::exception_rows::{ExceptionOwnerRow, ProposalRow};
use crate::store::read::exceptions as read;
use crate::store::write::InboxDone;

/// Why it was not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is settled already.
    Settled,
    /// No reason given.
    Reason,
    /// This sort cannot be settled so.
    Sort,
    /// A proposal waits already.
    Proposed,
    /// Nothing was proposed.
    Nothing,
    /// Who proposed it cannot decide it: four eyes.
    OwnProposal,
    /// Only who proposed it withdraws it.
    NotOwnProposal,
}

/// Takes an exception in hand.
pub fn take(app: &App, person: &Person, doing: Doing<'_>, exception: &Exception) -> Result<(), AppError> {
    app.decide_and_commit(None, |set| {
        set.settling.owners.push(ExceptionOwnerRow {
            subject: exception.id.clone(),
            person_id: person.id.clone(),
            at_us: app.now().us(),
        });
        set.acts.push(act(app, doing, "EXCEPTION.TAKE", Some(&exception.id)));
        Ok(())
    })
}

/// Resolves a discrepancy with a reason: explained, or the books were put right. Accepting it needs two people.
pub fn resolve(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    exception: &Exception,
    outcome: Resolution,
    reason: &str,
) -> Result<Result<(), Refused>, AppError> {
    let Subject::Discrepancy(row) = &exception.subject else { return Ok(Err(Refused::Sort)) };
    if outcome == Resolution::Accepted {
        return Ok(Err(Refused::Sort));
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Ok(Err(Refused::Reason));
    }
    app.decide_and_commit(None, |set| {
        let row = discrepancies::get(app, &person.caller(), &row.id)?;
        if row.state != "OPEN" {
            return Ok(Err(Refused::Settled));
        }
        set.acts.push(act(app, doing, "EXCEPTION.RESOLVE", Some(&row.id)));
        discrepancies::resolve_into(app, row, outcome, reason, &person.caller().counterpart, set)?;
        Ok(Ok(()))
    })
}

/// The proposal about it that waits for the second person.
fn open_proposal(app: &App, exception: &Exception) -> Result<Option<ProposalRow>, AppError> {
    let known = app.store.read(|db| read::proposals_of(db, &exception.id))?;
    Ok(known.into_iter().find(|row| row.state == "PROPOSED"))
}

/// Proposes to accept an exception as it is; it stays open until another person decides.
pub fn propose(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    exception: &Exception,
    note: &str,
) -> Result<Result<(), Refused>, AppError> {
    let note = note.trim();
    if !exception.sort.may_be_accepted() {
        return Ok(Err(Refused::Sort));
    }
    if !exception.is_open() {
        return Ok(Err(Refused::Settled));
    }
    if note.is_empty() {
        return Ok(Err(Refused::Reason));
    }
    app.decide_and_commit(None, |set| {
        if open_proposal(app, exception)?.is_some() {
            return Ok(Err(Refused::Proposed));
        }
        set.settling.proposals.push(ProposalRow {
            id: ProposalId::make(&app.ids).into(),
            subject: exception.id.clone(),
            note: note.to_owned(),
            state: "PROPOSED".to_owned(),
            proposed_by: person.id.clone(),
            proposed_at_us: app.now().us(),
            decided_by: None,
            decided_at_us: None,
            decision_note: None,
        });
        set.acts.push(act(app, doing, "EXCEPTION.PROPOSE", Some(&exception.id)));
        Ok(Ok(()))
    })
}

/// Approves or declines what another person proposed. Approved, it is settled in the same transaction.
pub fn decide(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    exception: &Exception,
    approves: bool,
    note: &str,
) -> Result<Result<(), Refused>, AppError> {
    app.decide_and_commit(None, |set| {
        let Some(open) = open_proposal(app, exception)? else { return Ok(Err(Refused::Nothing)) };
        if open.proposed_by == person.id {
            return Ok(Err(Refused::OwnProposal));
        }
        if approves && !accept(app, person, exception, &open.note, set)? {
            return Ok(Err(Refused::Settled));
        }
        let word = if approves { "EXCEPTION.APPROVE" } else { "EXCEPTION.DECLINE" };
        set.acts.push(act(app, doing, word, Some(&exception.id)));
        set.settling.decided_proposals.push(ProposalRow {
            state: if approves { "APPROVED" } else { "DECLINED" }.to_owned(),
            decided_by: Some(person.id.clone()),
            decided_at_us: Some(app.now().us()),
            decision_note: Some(note.trim().to_owned()).filter(|note| !note.is_empty()),
            ..open
        });
        Ok(Ok(()))
    })
}

/// Takes one's own proposal back before anybody decided it; the exception stays open.
pub fn withdraw(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    exception: &Exception,
) -> Result<Result<(), Refused>, AppError> {
    app.decide_and_commit(None, |set| {
        let Some(open) = open_proposal(app, exception)? else { return Ok(Err(Refused::Nothing)) };
        if open.proposed_by != person.id {
            return Ok(Err(Refused::NotOwnProposal));
        }
        set.acts.push(act(app, doing, "EXCEPTION.WITHDRAW", Some(&exception.id)));
        set.settling.decided_proposals.push(ProposalRow {
            state: "WITHDRAWN".to_owned(),
            decided_at_us: Some(app.now().us()),
            ..open
        });
        Ok(Ok(()))
    })
}

/// Adds to a set that an exception rests; false when it was settled in the meantime.
fn accept(app: &App, person: &Person, exception: &Exception, note: &str, set: &mut WriteSet) -> Result<bool, AppError> {
    if !exception.is_open() {
        return Ok(false);
    }
    match &exception.subject {
        Subject::Discrepancy(row) => {
            let caller = person.caller();
            let row = discrepancies::get(app, &caller, &row.id)?;
            if row.state != "OPEN" {
                return Ok(false);
            }
            discrepancies::resolve_into(app, row, Resolution::Accepted, note, &caller.counterpart, set)?;
        }
        Subject::Inbox(row) => set.settling.inbox_rests.push(InboxDone {
            id: row.id.clone(),
            state: "DONE".to_owned(),
            done_at_us: app.now().us(),
            error: row.error.clone(),
        }),
        Subject::Message(_) | Subject::Code(_) | Subject::Custody(_) => {}
    }
    Ok(true)
}

/// Sends a parked message again, mended or as it is.
pub fn send_again(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    id: &str,
    body: Option<&str>,
    reason: &str,
) -> Result<(), AppError> {
    let by = Operator { name: &person.username, doing: Some(doing) };
    match body {
        Some(body) => outbox::mend(app, id, body, reason, by)?,
        None => outbox::replay(app, id, reason, by)?,
    };
    Ok(())
}
