//! Replies: what a handler gives back, and how it becomes an HTTP response.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use serde_json::Value;

use crate::app::idempotency::Rendered;

/// The media type of replies.
pub(super) const JSON: &str = "application/json";
/// The header that names the request.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// What a handler gives back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status, media type, body.
    pub(super) rendered: Rendered,
    /// Whether the use case has kept it with the work, for the same key again.
    pub(super) kept: bool,
    /// Whether it is the answer of an earlier request.
    pub(super) replayed: bool,
    /// Further headers.
    pub(super) headers: Vec<(HeaderName, String)>,
    /// A file in place of the text.
    pub(super) file: Option<Vec<u8>>,
}

impl Answer {
    /// An answer that nothing has kept yet.
    pub(super) fn of(rendered: Rendered) -> Self {
        Answer { rendered, kept: false, replayed: false, headers: Vec::new(), file: None }
    }

    /// An answer that the use case keeps with the work.
    pub(super) fn kept(rendered: Rendered) -> Self {
        Answer { kept: true, ..Answer::of(rendered) }
    }

    /// The answer of an earlier request.
    pub(super) fn replayed(self) -> Self {
        Answer { replayed: true, ..self }
    }

    /// 200 with a file.
    pub(super) fn file(media_type: &str, name: &str, bytes: Vec<u8>) -> Self {
        let rendered = Rendered { status: 200, media_type: media_type.to_owned(), location: None, body: String::new() };
        let disposition = (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""));
        Answer { file: Some(bytes), headers: vec![disposition], ..Answer::of(rendered) }
    }

    /// 200 with JSON.
    pub(super) fn json(value: &Value) -> Self {
        Answer::of(rendered(200, value))
    }
}

/// JSON as a reply.
pub(super) fn rendered(status: u16, value: &Value) -> Rendered {
    Rendered { status, media_type: JSON.to_owned(), location: None, body: value.to_string() }
}

/// The response of an answer.
pub(super) fn response(answer: Answer, request_id: &str) -> HttpResponse {
    let Answer { rendered, replayed, headers, file, .. } = answer;
    let status = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = HttpResponse::build(status);
    builder.insert_header((header::CONTENT_TYPE, rendered.media_type));
    // Answers are about one caller and one moment.
    builder.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    builder.insert_header((header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    builder.insert_header((REQUEST_ID, request_id));
    if let Some(location) = rendered.location {
        builder.insert_header((header::LOCATION, location));
    }
    if replayed {
        builder.insert_header(("idempotent-replayed", "true"));
    }
    for (name, value) in headers {
        if name == header::CONNECTION {
            builder.force_close();
        } else {
            builder.insert_header((name, value));
        }
    }
    match file {
        Some(bytes) => builder.body(bytes),
        None => builder.body(rendered.body),
    }
}
