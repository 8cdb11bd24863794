//! What settling an exception writes, as a part of a write set: owners, proposals and their decisions, meanings of codes, and inbox
//! rows that two people let rest.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::exception_rows::{ExceptionOwnerRow, ProposalRow, StatusRuleRow};
use crate::store::schema;
use crate::store::write::{InboxDone, must_hit};

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

/// A second person's decision on what one person proposed, in a table of such: it stands once.
macro_rules! decide {
    ($db:expr, $table:ident, $row:expr, $what:literal) => {{
        use schema::$table::dsl as t;
        let open = t::$table.filter(t::id.eq(&$row.id)).filter(t::state.eq("PROPOSED"));
        let rows = on!($db, |c| diesel::update(open)
            .set((
                t::state.eq(&$row.state),
                t::decided_by.eq(&$row.decided_by),
                t::decided_at_us.eq($row.decided_at_us),
                t::decision_note.eq(&$row.decision_note),
            ))
            .execute(c))?;
        must_hit(rows, $what)
    }};
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
            decide!(db, proposal, row, "proposal")?;
        }
        for row in &self.rules {
            on!(db, |c| diesel::insert_into(schema::status_rule::table).values(row).execute(c))?;
        }
        for row in &self.decided_rules {
            decide!(db, status_rule, row, "status rule")?;
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

fn apply_rest(db: &mut Db<'_>, rest: &InboxDone) -> Result<(), StoreError> {
    use schema::inbox::dsl as t;
    let rows = on!(db, |c| diesel::update(t::inbox.filter(t::id.eq(&rest.id)).filter(t::state.eq("QUARANTINED")))
        .set((t::state.eq(&rest.state), t::done_at_us.eq(rest.done_at_us)))
        .execute(c))?;
    must_hit(rows, "inbox row")
}
