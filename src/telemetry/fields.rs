//! Names of log fields, so that one thing has one name: `info!({ fields::LEG_ID } = leg.as_str(), "…")`.

/// The request, as `X-Request-Id` tells it.
pub const REQUEST_ID: &str = "request_id";
/// The counterpart's name.
pub const COUNTERPART: &str = "counterpart";
/// The agency's code.
pub const AGENCY_CODE: &str = "agency_code";
/// The API key's id, never the key.
pub const KEY_ID: &str = "key_id";
/// The manifest.
pub const MANIFEST_ID: &str = "manifest_id";
/// The leg.
pub const LEG_ID: &str = "leg_id";
/// The handover.
pub const HANDOVER_ID: &str = "handover_id";
/// The discrepancy.
pub const DISCREPANCY_ID: &str = "discrepancy_id";
/// The message of the outbox.
pub const MESSAGE_ID: &str = "message_id";
/// The row of the inbox.
pub const INBOX_ID: &str = "inbox_id";
/// How many times a message was tried.
pub const ATTEMPT: &str = "attempt";
/// What came of it, as a code.
pub const OUTCOME: &str = "outcome";
/// A code of the problem catalogue.
pub const CODE: &str = "code";
/// The route's pattern, never the path: paths carry identifiers of dossiers.
pub const ROUTE: &str = "route";
/// HTTP status.
pub const STATUS: &str = "status";
/// How many.
pub const COUNT: &str = "count";
/// How long, in milliseconds.
pub const ELAPSED_MS: &str = "elapsed_ms";
