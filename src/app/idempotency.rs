//! Idempotency keys: a claim before the work, the reply with the work (contract 3).

use crate::app::{App, AppError};
use crate::base::fault;
use crate::base::id::RequestId;
use crate::domain::problem::{Code, Refusal};
use crate::store::rows::IdempotencyRow;
use crate::store::work::Claimed;
use crate::store::write::Reply;
use crate::store::{StoreError, WriteSet};

/// A reply as bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// HTTP status.
    pub status: u16,
    /// Media type.
    pub media_type: String,
    /// Location header.
    pub location: Option<String>,
    /// Body; text, since every reply of ours is JSON or XML.
    pub body: String,
}

/// The claim of a request on its key.
#[derive(Debug, Clone)]
pub struct Claim {
    row: IdempotencyRow,
}

/// How a use case turns its answer into the caller's reply, and keeps that reply with the work when a key was given.
pub struct Keyed<'a, T> {
    /// The claim, when the request came with a key.
    pub claim: Option<&'a Claim>,
    /// Renders the answer for this caller.
    pub render: &'a dyn Fn(&T) -> Rendered,
}

impl<T> Keyed<'_, T> {
    /// The reply to an answer; adds it to the set when there is a claim.
    pub fn reply(&self, answer: &T, set: &mut WriteSet) -> Rendered {
        let rendered = (self.render)(answer);
        if let Some(claim) = self.claim {
            set.reply = Some(claim.with(&rendered));
        }
        rendered
    }
}

impl Claim {
    fn with(&self, rendered: &Rendered) -> Reply {
        Reply {
            counterpart: self.row.counterpart.clone(),
            route: self.row.route.clone(),
            idem_key: self.row.idem_key.clone(),
            claim: self.row.claim.clone(),
            status: i64::from(rendered.status),
            media_type: rendered.media_type.clone(),
            location: rendered.location.clone(),
            reply: rendered.body.clone(),
        }
    }
}

/// What a key leads to.
#[derive(Debug, Clone)]
pub enum Start {
    /// Do the work under this claim.
    Work(Claim),
    /// The request was decided before: its first reply, byte for byte.
    Replay(Rendered),
}

/// Claims a key for a request whose query and bytes have this digest.
pub fn begin(app: &App, counterpart: &str, route: &str, key: &str, request_sha256: &str) -> Result<Start, AppError> {
    let now = app.now();
    let row = IdempotencyRow {
        counterpart: counterpart.to_owned(),
        route: route.to_owned(),
        idem_key: key.to_owned(),
        request_sha256: request_sha256.to_owned(),
        claim: RequestId::make(&app.ids).into(),
        claimed_until_us: now.plus_us(app.limits.claim_us).us(),
        status: None,
        media_type: None,
        location: None,
        reply: None,
        created_at_us: now.us(),
    };
    // Read first: a repeat of a decided request costs no write.
    let stored = app.store.read(|db| crate::store::read::keys::stored_reply(db, counterpart, route, key))?;
    let claimed = match stored {
        Some(found) if found.status.is_some() => {
            if found.request_sha256 == request_sha256 {
                Claimed::Stored(Box::new(found))
            } else {
                Claimed::Reused
            }
        }
        _ => app.store.claim_key(row.clone(), now.us())?,
    };
    match claimed {
        Claimed::Fresh => {
            fault::point("idempotency.after_claim");
            Ok(Start::Work(Claim { row }))
        }
        Claimed::Stored(found) => replay(*found),
        Claimed::InProgress { .. } => Err(AppError::plain(Code::RequestInProgress)),
        Claimed::Reused => Err(AppError::plain(Code::IdempotencyKeyReused)),
    }
}

fn replay(found: IdempotencyRow) -> Result<Start, AppError> {
    match (found.status.and_then(|status| u16::try_from(status).ok()), found.reply, found.media_type) {
        (Some(status), Some(body), Some(media_type)) => {
            let status = if status == 201 { 200 } else { status };
            Ok(Start::Replay(Rendered { status, media_type, location: found.location, body }))
        }
        _ => Err(AppError::Internal("a stored reply is not whole".to_owned())),
    }
}

/// Keeps a decided refusal (422) under the claim, or frees the key after any other refusal.
pub fn end(app: &App, claim: Claim, decided: Option<&Rendered>) -> Result<(), AppError> {
    match decided {
        Some(rendered) => {
            let set = WriteSet { reply: Some(claim.with(rendered)), ..WriteSet::default() };
            match app.store.commit(set) {
                // Somebody took the claim over: their reply stands.
                Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
        None => Ok(app.store.release_key(claim.row)?),
    }
}

/// Reads an `Idempotency-Key` header: 1 to 255 visible ASCII characters, surrounding quotes dropped.
pub fn read_key(header: &[u8]) -> Result<String, Refusal> {
    let bad = || Refusal::plain(Code::IdempotencyKeyInvalid);
    let text = std::str::from_utf8(header).map_err(|_| bad())?.trim();
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let valid = (1..=255).contains(&text.len()) && text.bytes().all(|byte| (0x21..=0x7E).contains(&byte));
    if valid { Ok(text.to_owned()) } else { Err(bad()) }
}
