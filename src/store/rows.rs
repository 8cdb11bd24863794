//! Rows as Diesel reads and writes them: plain columns, no meaning. `app` turns them into domain values.

use diesel::prelude::{Insertable, Queryable, Selectable};

use crate::store::schema;

/// An API key; the key itself is only here as its digest.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::api_key, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ApiKeyRow {
    pub id: String,
    pub counterpart: String,
    pub side: String,
    pub agencies: String,
    pub scopes: String,
    pub key_sha256: String,
    pub created_at_us: i64,
    pub expires_at_us: Option<i64>,
    pub revoked_at_us: Option<i64>,
}

/// The stored reply of a request, or the claim of one that is being worked on.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::idempotency, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct IdempotencyRow {
    pub counterpart: String,
    pub route: String,
    pub idem_key: String,
    pub request_sha256: String,
    pub claim: String,
    pub claimed_until_us: i64,
    pub status: Option<i64>,
    pub media_type: Option<String>,
    pub location: Option<String>,
    pub reply: Option<String>,
    pub created_at_us: i64,
}

/// A taken manifest.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::manifest, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ManifestRow {
    pub id: String,
    pub counterpart: String,
    pub side: String,
    pub manifest_no: String,
    pub revision: i64,
    pub leg_kind: String,
    pub agency_code: String,
    pub counter_code: Option<String>,
    pub post_office_code: String,
    pub shift_date: String,
    pub shift: i64,
    pub mode: String,
    pub outcome: String,
    pub digest: String,
    pub received_at_us: i64,
    pub receipt: String,
    pub open_key: Option<String>,
    pub closed_at_us: Option<i64>,
}

/// A leg: what its line declared and the cache of its fold.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::leg, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct LegRow {
    pub id: String,
    pub manifest_id: String,
    pub counterpart: String,
    pub side: String,
    pub manifest_no: String,
    pub line_no: i64,
    pub kind: String,
    pub agency_code: String,
    pub post_office_code: String,
    pub declared_dossier_no: Option<String>,
    pub dossier_no: Option<String>,
    pub consignment_note_no: Option<String>,
    pub supplement_no: Option<i64>,
    pub procedure_code: String,
    pub procedure_name: Option<String>,
    pub item_number: Option<String>,
    pub item_grade: Option<String>,
    pub seal_no: Option<String>,
    pub papers: String,
    pub originals: i64,
    pub copies: i64,
    pub fee_to_collect: i64,
    pub due_at_us: Option<i64>,
    pub state: String,
    pub state_since_us: i64,
    pub holder: String,
    pub holder_since_us: i64,
    pub is_open: i64,
    pub open_dossier_key: Option<String>,
    pub open_note_key: Option<String>,
    pub accepted_by_post_at_us: Option<i64>,
    pub filed_at_us: Option<i64>,
    pub case_received_at_us: Option<i64>,
    pub attempts: i64,
    pub events: i64,
    pub head: String,
}

/// Who sends or receives: personal data.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::party, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct PartyRow {
    pub leg_id: String,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub address: String,
    pub province_code: Option<String>,
    pub commune_code: Option<String>,
    pub note: Option<String>,
}

/// One event of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::custody_event, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct CustodyEventRow {
    pub leg_id: String,
    pub seq: i64,
    pub id: String,
    pub event: String,
    pub occurred_at_us: i64,
    pub recorded_at_us: i64,
    pub body: String,
    pub prev_hash: Option<String>,
    pub hash: String,
}

/// Names and free text of an event: personal data.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::event_detail, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct EventDetailRow {
    pub event_id: String,
    pub receiver_name: Option<String>,
    pub place_text: Option<String>,
    pub cause_text: Option<String>,
    pub note: Option<String>,
}

/// A fact as it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::fact, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct FactRow {
    pub counterpart: String,
    pub fact_id: String,
    pub variant: i64,
    pub content_sha256: String,
    pub side: String,
    pub outcome: String,
    pub result: String,
    pub content: Option<String>,
    pub matched: i64,
    pub recorded_at_us: i64,
}

/// A handover.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::handover, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct HandoverRow {
    pub id: String,
    pub handover_no: Option<String>,
    pub status: String,
    pub giver: String,
    pub receiver: String,
    pub agency_code: String,
    pub place: Option<String>,
    pub opened_by: String,
    pub opened_at_us: i64,
    pub digest: String,
    pub extras: String,
    pub completed_at_us: Option<i64>,
    pub filed_at_us: Option<i64>,
    pub corrects: Option<String>,
    pub reason: Option<String>,
    pub version: i64,
    pub post_office_code: Option<String>,
}

/// One line of a handover.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::handover_line, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct HandoverLineRow {
    pub handover_id: String,
    pub line_no: i64,
    pub leg_id: String,
    pub dossier_no: Option<String>,
    pub consignment_note_no: Option<String>,
    pub expected_originals: i64,
    pub expected_copies: i64,
    pub expected_seal_no: Option<String>,
    pub outcome: Option<String>,
    pub originals: Option<i64>,
    pub copies: Option<i64>,
    pub note: Option<String>,
    pub annuls_event_id: Option<String>,
    pub open_leg_id: Option<String>,
}

/// One signature; lapsed when the handover changed after it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::handover_signature, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct HandoverSignatureRow {
    pub handover_id: String,
    pub side: String,
    pub signer_name: String,
    pub signer_title: Option<String>,
    pub signed_at_us: i64,
    pub recorded_at_us: i64,
    pub digest: String,
    pub evidence: String,
    pub lapsed: i64,
    pub seq: i64,
}

/// A discrepancy.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::discrepancy, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct DiscrepancyRow {
    pub id: String,
    pub kind: String,
    pub state: String,
    pub subject_key: String,
    pub generation: i64,
    pub leg_id: Option<String>,
    pub handover_id: Option<String>,
    pub agency_code: Option<String>,
    pub reporter: Option<String>,
    pub owner: String,
    pub opened_at_us: i64,
    pub last_seen_at_us: i64,
    pub evidence: String,
    pub resolution_outcome: Option<String>,
    pub resolution_reason: Option<String>,
    pub resolution_by: Option<String>,
    pub resolution_at_us: Option<i64>,
}

/// An event of the feed as it is written; the publisher numbers it later.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::feed_event, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct FeedEventRow {
    pub id: String,
    pub type_: String,
    pub leg_id: Option<String>,
    pub agency_code: Option<String>,
    pub reporter: Option<String>,
    pub at_us: i64,
    pub data: String,
}

/// A webhook subscription.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::webhook, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct WebhookRow {
    pub id: String,
    pub counterpart: String,
    pub agencies: String,
    pub url: String,
    pub types: String,
    pub state: String,
    pub secrets: String,
    pub created_at_us: i64,
    pub from_feed_seq: i64,
}

/// A message to a counterpart.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::outbox, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct OutboxRow {
    pub id: String,
    pub counterpart: String,
    pub kind: String,
    pub leg_id: Option<String>,
    pub order_key: String,
    pub order_seq: i64,
    pub dedup_key: String,
    pub body: String,
    pub state: String,
    pub attempts: i64,
    pub due_at_us: i64,
    pub first_sent_at_us: Option<i64>,
    pub ask_first: i64,
    pub lease_owner: Option<String>,
    pub lease_until_us: Option<i64>,
    pub fence: i64,
    pub last_outcome: Option<String>,
    pub last_error: Option<String>,
    pub parked_at_us: Option<i64>,
    pub created_at_us: i64,
}

/// An attempt, a mending or a replay of a message.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::outbox_log, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct OutboxLogRow {
    pub outbox_id: String,
    pub entry: i64,
    pub what: String,
    pub at_us: i64,
    pub outcome: Option<String>,
    pub detail: Option<String>,
    pub body: Option<String>,
    pub by_whom: Option<String>,
}

/// What a counterpart sent.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::inbox, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct InboxRow {
    pub id: String,
    pub counterpart: String,
    pub source: String,
    pub message_key: String,
    pub body: Option<String>,
    pub state: String,
    pub received_at_us: i64,
    pub done_at_us: Option<i64>,
    pub error: Option<String>,
}

/// How far a feed has been read.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::feed_cursor, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct FeedCursorRow {
    pub counterpart: String,
    pub feed: String,
    pub value: String,
    pub updated_at_us: i64,
}

/// Who may do what only one may do.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::lease, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct LeaseRow {
    pub name: String,
    pub owner: String,
    pub until_us: i64,
    pub fence: i64,
}

/// A look at personal data.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::personal_look, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct PersonalLookRow {
    pub id: String,
    pub leg_id: String,
    pub key_id: String,
    pub counterpart: String,
    pub at_us: i64,
    pub request_id: String,
}
