//! What settling an exception writes, as a part of a write set: owners, proposals and their decisions, meanings of codes, and inbox
//! rows that two people let rest.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::exception_rows::{ExceptionOwnerRow, ProposalRow, StatusRuleRow};
use crate::store::schema;
use crate::store::write::InboxDone;

/// Rows of the work list to write. What is decided must still be proposed; an inbox row that rests must still be put aside.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct Settling {
    pub owners: Vec<ExceptionOwnerRow>,
    pub proposals: Vec<ProposalRow>,
    pub decided_proposals: Vec<ProposalRow>,
    pub rules: Vec<StatusRuleRow>,
    pub decided_rules: Vec<StatusRuleRow>,
    pub inbox_rests: Vec<InboxDone>,
}

fn must_hit(rows: usize, what: &str) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::Conflict(what.to_owned())) }
}

impl Settling {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let Settling { owners, proposals, decided_proposals, rules, decided_rules, inbox_rests } = self;
        owners.is_empty()
            && proposals.is_empty()
            && decided_proposals.is_empty()
            && rules.is_empty()
            && decided_rules.is_empty()
            && inbox_rests.is_empty()
    }

    /// Writes it inside the transaction that is open.
    pub(super) fn apply(&self, db: &mut Db<'_>) -> Result<(), StoreError> {
        for row in &self.owners {
            apply_owner(db, row)?;
        }
        for row in &self.proposals {
            on!(db, |c| diesel::insert_into(schema::proposal::table).values(row).execute(c))?;
        }
        for row in &self.decided_proposals {
            apply_proposal(db, row)?;
        }
        for row in &self.rules {
            on!(db, |c| diesel::insert_into(schema::status_rule::table).values(row).execute(c))?;
        }
        for row in &self.decided_rules {
            apply_rule(db, row)?;
        }
        for rest in &self.inbox_rests {
            apply_rest(db, rest)?;
        }
        Ok(())
    }
}

fn apply_owner(db: &mut Db<'_>, row: &ExceptionOwnerRow) -> Result<(), StoreError> {
    use schema::exception_owner::dsl as t;
    on!(db, |c| diesel::insert_into(t::exception_owner)
        .values(row)
        .on_conflict(t::subject)
        .do_update()
        .set((t::person_id.eq(&row.person_id), t::at_us.eq(row.at_us)))
        .execute(c))?;
    Ok(())
}

fn apply_proposal(db: &mut Db<'_>, row: &ProposalRow) -> Result<(), StoreError> {
    use schema::proposal::dsl as t;
    let rows = on!(db, |c| diesel::update(t::proposal.filter(t::id.eq(&row.id)).filter(t::state.eq("PROPOSED")))
        .set((
            t::state.eq(&row.state),
            t::decided_by.eq(&row.decided_by),
            t::decided_at_us.eq(row.decided_at_us),
            t::decision_note.eq(&row.decision_note),
        ))
        .execute(c))?;
    must_hit(rows, "proposal")
}

fn apply_rule(db: &mut Db<'_>, row: &StatusRuleRow) -> Result<(), StoreError> {
    use schema::status_rule::dsl as t;
    let rows = on!(db, |c| diesel::update(t::status_rule.filter(t::id.eq(&row.id)).filter(t::state.eq("PROPOSED")))
        .set((
            t::state.eq(&row.state),
            t::decided_by.eq(&row.decided_by),
            t::decided_at_us.eq(row.decided_at_us),
            t::decision_note.eq(&row.decision_note),
        ))
        .execute(c))?;
    must_hit(rows, "status rule")
}

fn apply_rest(db: &mut Db<'_>, rest: &InboxDone) -> Result<(), StoreError> {
    use schema::inbox::dsl as t;
    let rows = on!(db, |c| diesel::update(t::inbox.filter(t::id.eq(&rest.id)).filter(t::state.eq("QUARANTINED")))
        .set((t::state.eq(&rest.state), t::done_at_us.eq(rest.done_at_us)))
        .execute(c))?;
    must_hit(rows, "inbox row")
}
