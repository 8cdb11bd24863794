//! What counterparts call: stored before it is answered, in the form of their family (contract 8).

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::Answer;
use crate::app::idempotency::Rendered;
use crate::app::inbox;

/// `POST /v1/hooks/{counterpart}`.
pub(in crate::api) fn receive(call: &Call) -> Result<Answer, Fault> {
    let reply = inbox::receive_hook(&call.front.app, call.path_value()?, &call.body)?;
    Ok(Answer::of(Rendered {
        status: reply.status,
        media_type: reply.media_type.into(),
        location: None,
        body: reply.body,
    }))
}
