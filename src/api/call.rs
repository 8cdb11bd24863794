//! A request that has passed the gate, as a handler sees it.

use std::sync::Arc;

use actix_web::web::Bytes;

use crate::api::accept::Voice;
use crate::api::problem::Fault;
use crate::api::query::Query;
use crate::api::server::Front;
use crate::app::idempotency::{Claim, Keyed, Rendered};
use crate::domain::access::Caller;
use crate::domain::problem::Code;

/// A request that has passed the gate.
pub struct Call {
    /// What all requests share.
    pub(super) front: Arc<Front>,
    /// Who calls; nobody where no key is asked for.
    pub(super) caller: Option<Caller>,
    /// Its id.
    pub(super) request_id: String,
    /// How the caller is answered.
    pub(super) voice: Voice,
    /// `Accept`, for what has more formats than JSON and XML.
    pub(super) accept: Option<String>,
    /// The value in the path, where its pattern has one.
    pub(super) path_value: Option<String>,
    /// The query as it was sent.
    pub(super) raw_query: String,
    /// The query, checked; empty until the gate has read it.
    pub(super) query: Query,
    /// `Content-Type`.
    pub(super) content_type: Option<String>,
    /// The body.
    pub(super) body: Bytes,
    /// The claim on its `Idempotency-Key`.
    pub(super) claim: Option<Claim>,
}

impl Call {
    /// Who calls.
    pub(super) fn caller(&self) -> Result<&Caller, Fault> {
        self.caller.as_ref().ok_or_else(|| Fault::internal("a route without a key asks for its caller"))
    }

    /// The id or name in the path. What cannot be one names nothing.
    pub(super) fn path_value(&self) -> Result<&str, Fault> {
        const CHARS_MAX: usize = 100;
        let plain = |text: &&str| {
            (1..=CHARS_MAX).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        };
        self.path_value.as_deref().filter(plain).ok_or_else(|| Fault::plain(Code::NotFound))
    }

    /// How a use case renders its answer for this caller and keeps it for the key.
    pub(super) fn keyed<'a, T>(&'a self, render: &'a dyn Fn(&T) -> Rendered) -> Keyed<'a, T> {
        Keyed { claim: self.claim.as_ref(), render }
    }
}
