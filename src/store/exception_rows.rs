//! Rows of the work list: owners, proposals, meanings of status codes. Plain columns, no meaning.

use diesel::prelude::{Insertable, Queryable, Selectable};

use crate::store::schema;

/// Who took an exception in hand.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::exception_owner, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ExceptionOwnerRow {
    pub subject: String,
    pub person_id: String,
    pub at_us: i64,
}

/// A proposal to accept an exception as it is.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::proposal, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ProposalRow {
    pub id: String,
    pub subject: String,
    pub note: String,
    pub state: String,
    pub proposed_by: String,
    pub proposed_at_us: i64,
    pub decided_by: Option<String>,
    pub decided_at_us: Option<i64>,
    pub decision_note: Option<String>,
}

/// What a status code means.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::status_rule, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct StatusRuleRow {
    pub id: String,
    pub family: String,
    pub raw_code: String,
    pub raw_text: String,
    pub event: String,
    pub reason: String,
    pub valid_from_us: i64,
    pub state: String,
    pub proposed_by: String,
    pub proposed_at_us: i64,
    pub decided_by: Option<String>,
    pub decided_at_us: Option<i64>,
    pub decision_note: Option<String>,
}
