//! Rows of people and of what pages need: plain columns, no meaning.

use diesel::prelude::{Insertable, Queryable, Selectable};

use crate::store::schema;

/// A person who signs in.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::person, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct PersonRow {
    pub id: String,
    pub username: String,
    pub full_name: String,
    pub title: Option<String>,
    pub role: String,
    pub post_office_code: Option<String>,
    pub agency_code: Option<String>,
    pub password_hash: Option<String>,
    pub pin_hash: Option<String>,
    pub must_change: i64,
    pub provider: Option<String>,
    pub provider_subject: Option<String>,
    pub disabled_at_us: Option<i64>,
    pub created_at_us: i64,
}

/// A signed-in browser.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::session, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct SessionRow {
    pub token_sha256: String,
    pub person_id: String,
    pub csrf: String,
    pub created_at_us: i64,
    pub seen_at_us: i64,
    pub ends_at_us: i64,
}

/// A sign-in that failed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::sign_in_failure, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct SignInFailureRow {
    pub id: String,
    pub subject: String,
    pub at_us: i64,
}

/// An act of a person.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::audit, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct AuditRow {
    pub id: String,
    pub person_id: Option<String>,
    pub act: String,
    pub subject: Option<String>,
    pub at_us: i64,
    pub request_id: String,
}

/// A post office or an agency.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::place, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct PlaceRow {
    pub kind: String,
    pub code: String,
    pub name: String,
    pub address: Option<String>,
    pub parent: Option<String>,
    pub level: Option<String>,
}

/// A procedure with its checklist.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::procedure_list, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ProcedureRow {
    pub code: String,
    pub agency_code: String,
    pub name: String,
    pub papers: String,
    pub fee: i64,
    pub days: Option<i64>,
}

/// An evidence file, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::evidence_file, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct EvidenceFileRow {
    pub sha256: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub person_id: String,
    pub at_us: i64,
}

/// A secret of our own.
#[derive(Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::own_secret, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct OwnSecretRow {
    pub name: String,
    pub value: String,
}

/// What a device sent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::device_act, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct DeviceActRow {
    pub id: String,
    pub person_id: String,
    pub kind: String,
    pub content_sha256: String,
    pub result: String,
    pub occurred_at_us: i64,
    pub recorded_at_us: i64,
}

/// What the one-stop desk took over beside dossiers.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::desk_receipt, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct DeskReceiptRow {
    pub kind: String,
    pub leg_id: String,
    pub agency_code: String,
    pub amount: Option<i64>,
    pub person_id: String,
    pub at_us: i64,
}
