//! Rows of scan sessions, of who carries what, and of what devices sent: plain columns, no meaning.

use diesel::prelude::{Insertable, Queryable, Selectable};

use crate::store::schema;

/// A session of scanning.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::scan_session, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ScanSessionRow {
    pub id: String,
    pub purpose: String,
    pub post_office_code: String,
    pub agency_code: Option<String>,
    pub manifest_id: Option<String>,
    pub postman_id: Option<String>,
    pub opened_by: String,
    pub opened_at_us: i64,
    pub closed_by: Option<String>,
    pub closed_at_us: Option<i64>,
    pub handover_id: Option<String>,
}

/// One scan, or the taking back of one.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::scan, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ScanRow {
    pub id: String,
    pub session_id: String,
    pub code: String,
    pub outcome: String,
    pub leg_id: Option<String>,
    pub turn: Option<i64>,
    pub undoes: Option<String>,
    pub reason: Option<String>,
    pub person_id: String,
    pub occurred_at_us: i64,
    pub recorded_at_us: i64,
}

/// Who carries a leg.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::assignment, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct AssignmentRow {
    pub id: String,
    pub leg_id: String,
    pub post_office_code: String,
    pub postman_id: String,
    pub given_by: String,
    pub given_at_us: i64,
    pub ended_by: Option<String>,
    pub ended_at_us: Option<i64>,
    pub open_leg_id: Option<String>,
}

/// What became of a paper that had to be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::recovered_paper, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct RecoveredPaperRow {
    pub leg_id: String,
    pub act_id: String,
    pub paper: String,
    pub outcome: String,
    pub person_id: String,
    pub occurred_at_us: i64,
    pub recorded_at_us: i64,
}

/// A picture as a device sent it, and as it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::device_file, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct DeviceFileRow {
    pub sent_sha256: String,
    pub person_id: String,
    pub kept_sha256: String,
    pub at_us: i64,
}

/// A refused act that its person gave up.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::device_dismissal, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct DeviceDismissalRow {
    pub id: String,
    pub act_id: String,
    pub person_id: String,
    pub kind: String,
    pub about: Option<String>,
    pub code: String,
    pub refusal: Option<String>,
    pub reason: String,
    pub occurred_at_us: i64,
    pub dismissed_at_us: i64,
    pub recorded_at_us: i64,
}

/// The end of a session that is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ScanSessionClose {
    pub id: String,
    pub closed_by: String,
    pub closed_at_us: i64,
    pub handover_id: Option<String>,
}

/// The end of an assignment that still lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct AssignmentEnd {
    pub id: String,
    pub ended_by: String,
    pub ended_at_us: i64,
}
