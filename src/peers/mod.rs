//! Counterparts as values: what to call, what the answer means, what a report says. Pure: `courier` does the calling.
//!
//! One module per interface family. HTTP 200 is never proof by itself, and an empty answer is an unknown outcome
//! (wire-formats 6): each family says in its `decode_*` what it takes as proof.

pub mod bucket;
pub mod encode;
pub mod hcc;
pub mod myvnpost;
pub mod opencps;
pub mod reply;
pub mod status;
pub mod tolerant;
pub mod webhook;

use crate::base::secret::Redacted;
use crate::base::time::Ts;
use crate::domain::leg::LegKind;
use crate::domain::retry::Outcome;
use std::fmt;

/// HTTP methods that counterparts use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or acts.
    Post,
    /// Replaces fields.
    Put,
}

/// How the call proves who we are; the courier holds the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Not at all, or by a signature among the headers.
    None,
    /// `token=` in the query string (P2).
    QueryToken,
    /// A token from a log-in, in the header `token` (P4).
    HeaderToken,
    /// HTTP Basic (OpenCPS).
    Basic,
}

/// A call to a counterpart, complete but for the address and the credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Relative to the base URL, with the query, percent-encoded.
    pub path: String,
    /// Headers beside content type and credentials.
    pub headers: Vec<(&'static str, Redacted<String>)>,
    /// Content type of the body.
    pub content_type: Option<&'static str>,
    /// The bytes of the body.
    pub body: Vec<u8>,
    /// How to authenticate.
    pub auth: Auth,
}

impl Call {
    /// A reading call.
    pub fn get(path: impl Into<String>, auth: Auth) -> Self {
        Call { method: Method::Get, path: path.into(), headers: Vec::new(), content_type: None, body: Vec::new(), auth }
    }

    /// A call with a JSON body.
    pub fn post_json(path: impl Into<String>, auth: Auth, body: &serde_json::Value) -> Self {
        let content_type = Some("application/json; charset=utf-8");
        Call { method: Method::Post, content_type, body: body.to_string().into_bytes(), ..Call::get(path, auth) }
    }
}

impl fmt::Debug for Call {
    /// Neither the body nor the query: both may name a person (design rule 14).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        write!(f, "{:?} {path} ({} bytes)", self.method, self.body.len())
    }
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` in seconds from now.
    pub retry_after_s: Option<u64>,
    /// Content type, as sent.
    pub content_type: Option<String>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {} ({} bytes)", self.status, self.body.len())
    }
}

/// What an answer means for the row of the outbox that asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The counterpart took it, or has it.
    Done {
        /// The post's number of the item, once there is one.
        item_number: Option<String>,
        /// The counterpart's own id of the order.
        reference: Option<String>,
    },
    /// The counterpart refused; the same bytes will be refused again.
    Refused {
        /// Its code, or `HTTP_<status>`.
        code: String,
        /// Its words, shortened and without long numbers.
        text: String,
    },
    /// Certainly without effect; repeat later.
    Retry {
        /// Only of 429 and 503.
        retry_after_s: Option<u64>,
        /// For the parked row.
        why: String,
    },
    /// Our credentials were not accepted, even after a new log-in.
    Unauthorised,
    /// It may have had an effect: ask before repeating.
    Unknown {
        /// For the parked row.
        why: String,
    },
    /// To a question: a clear no.
    NotFound,
}

impl Answer {
    /// Taken, with nothing more to say.
    pub fn done() -> Self {
        Answer::Done { item_number: None, reference: None }
    }

    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        Answer::Unknown { why: why.into() }
    }

    /// What the retry arithmetic makes of it. A clear no to a question means: send again.
    pub fn outcome(&self) -> Outcome {
        match self {
            Answer::Done { .. } => Outcome::Done,
            Answer::Refused { code, .. } => Outcome::Refused { code: code.clone() },
            Answer::Retry { retry_after_s, .. } => {
                let micros = |s: u64| i64::try_from(s).unwrap_or(i64::MAX).saturating_mul(1_000_000);
                Outcome::Retry { retry_after_us: retry_after_s.map(micros) }
            }
            Answer::Unauthorised | Answer::NotFound => Outcome::Retry { retry_after_us: None },
            Answer::Unknown { .. } => Outcome::Unknown,
        }
    }
}

/// One end of an order: a person or an agency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    /// Name.
    pub name: Redacted<String>,
    /// Telephone, in any usual spelling.
    pub phone: Redacted<String>,
    /// E-mail.
    pub email: Option<Redacted<String>>,
    /// Address in words.
    pub address: Redacted<String>,
    /// Province code of the operator.
    pub province_code: Option<String>,
    /// District code of the operator; none in the two-level scheme.
    pub district_code: Option<String>,
    /// Ward or commune code of the operator.
    pub ward_code: Option<String>,
}

/// An order for one leg, as both postal families encode it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Our number of the order: one per leg and attempt to order, never reused.
    pub order_key: String,
    /// Direction.
    pub leg_kind: LegKind,
    /// The agency's number as a customer of the post.
    pub customer_code: String,
    /// Who gives the papers to the post.
    pub sender: Contact,
    /// Who gets them.
    pub receiver: Contact,
    /// The papers in words; never an identity number (wire-formats 8.1).
    pub papers_text: String,
    /// To collect from the citizen, in đồng.
    pub fee_to_collect: i64,
    /// Weight in grams.
    pub weight_g: u32,
    /// Note for the courier.
    pub note: String,
    /// The item number, where one was issued before the order.
    pub item_number: Option<String>,
    /// When the leg was declared.
    pub entered_at: Ts,
}

/// What one contract with the post fixes for all its orders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FamilySettings {
    /// P4 `serviceCode`, such as `CTN009`.
    pub service_code: String,
    /// P4 `contractCode`.
    pub contract_code: Option<String>,
    /// Office that collects (`PosIdThuGom`, `orgCodeCollect`).
    pub collect_office: Option<String>,
    /// Office that is told (`PosIdNhanTin`, `orgCodeAccept`).
    pub accept_office: Option<String>,
    /// P4 add-ons: code and `propValue`.
    pub add_ons: Vec<(String, String)>,
    /// P2 `FlagConfig`.
    pub flag_config: i64,
}

/// How far a feed was read: opaque to everybody but its family. Empty is the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor(String);

impl Cursor {
    /// From a stored row.
    pub fn from_text(text: impl Into<String>) -> Self {
        Cursor(text.into())
    }

    /// To be stored with the events of the page, in one transaction.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number after `name=`.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.0.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    }
}

/// A row that could not be read, with the reason. It never fails its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The row as it came.
    pub raw: Redacted<String>,
    /// Which field and why.
    pub why: String,
}

/// One page of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Readable rows.
    pub reports: Vec<Report>,
    /// Unreadable rows.
    pub quarantined: Vec<Quarantined>,
    /// Where to go on.
    pub next: Cursor,
    /// Whether to go on at once.
    pub more: bool,
}

/// What a report of the post says in our words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// An event word of contract 6.1.
    Event(String),
    /// Kept beside custody: money, a wish to cancel.
    Note,
    /// Not in the table: kept, shown, never moves custody.
    Unmapped,
}

/// One report of the post about one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The same for each reading of the same event.
    pub source_key: String,
    /// Interface family: `P2`, `P4`.
    pub family: &'static str,
    /// Our order number.
    pub order_key: Option<String>,
    /// The post's item number.
    pub item_number: Option<String>,
    /// The family's code, as sent.
    pub raw_code: String,
    /// The family's words.
    pub raw_text: Option<String>,
    /// In our words.
    pub event: Mapped,
    /// When it happened, as claimed.
    pub occurred_at: Ts,
    /// The claimed time as it was written.
    pub occurred_text: String,
    /// Office.
    pub office: Option<String>,
    /// Number of the attempt.
    pub attempt: Option<u32>,
    /// Cause of a failed attempt, in the words of the contract.
    pub cause: Option<&'static str>,
    /// The cause as written.
    pub cause_text: Option<String>,
    /// Who signed.
    pub receiver_name: Option<Redacted<String>>,
    /// Money in đồng, for a report about money.
    pub amount: Option<i64>,
}

impl Report {
    /// Digest of what could move custody. The same `source_key` with another digest is a row that the post has
    /// changed afterwards; other differences (a masked name, an office that one call spells otherwise) are none.
    pub fn content_digest(&self) -> String {
        let time = self.occurred_at.us().to_string();
        crate::base::digest::sha256_tagged([self.family, &self.raw_code, &time].join("\u{1f}").as_bytes())
    }
}

#[cfg(test)]
mod tests;
