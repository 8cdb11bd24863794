//! Reads a body as a counted stream, with a time limit of its own: the server has none for a body that stalls.

use std::time::Duration;

use actix_web::web::{Bytes, Payload};
use tokio::time::timeout;

use crate::api::problem::Fault;
use crate::domain::problem::{Code, Refusal};

/// Name of the limit in `GET /v1` and in problems.
const LIMIT_NAME: &str = "body_bytes_max";

/// Reads the whole body. `declared` is its length by the header, so that a large one is refused before it is read.
pub(super) async fn read(
    payload: Payload,
    declared: Option<u64>,
    max: usize,
    within: Duration,
) -> Result<Bytes, Fault> {
    if declared.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > max)) {
        return Err(too_large(max));
    }
    match timeout(within, payload.to_bytes_limited(max)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err(broken("the body broke off; send it again", "nội dung bị đứt giữa chừng; hãy gửi lại")),
        Ok(Err(_)) => Err(too_large(max)),
        Err(_) => Err(broken(
            "the body did not arrive in time; send it again",
            "nội dung không đến kịp thời hạn; hãy gửi lại",
        )),
    }
}

fn too_large(max: usize) -> Fault {
    let (en, vi) = (format!("a body has at most {max} bytes"), format!("nội dung có tối đa {max} byte"));
    Fault::from(Refusal::new(Code::BodyTooLarge, en, vi)).limited(LIMIT_NAME, max)
}

fn broken(en: &str, vi: &str) -> Fault {
    Fault::from(Refusal::new(Code::BodyNotReadable, en, vi)).closing()
}
