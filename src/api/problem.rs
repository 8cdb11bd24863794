//! Why a request is not answered as asked: a refusal with what belongs to it, as problem+json or problem+xml (contract 10).

use actix_web::http::header::{self, HeaderName};

use crate::api::accept::Voice;
use crate::api::reply::Answer;
use crate::app::AppError;
use crate::app::idempotency::Rendered;
use crate::domain::problem::{Code, Refusal};
use crate::domain::receipt::Decision;
use crate::wire::problem::{Extension, LegProblems, Limit, Lines, to_json, to_xml};

/// After how many seconds to come back, when nothing better is known.
const RETRY_AFTER_S: u64 = 1;

/// A refusal of a request, with what belongs to it.
#[derive(Debug, Clone)]
pub struct Fault {
    // Boxed, since every handler's result carries the room for one.
    refusal: Box<Refusal>,
    extension: Box<Extension>,
    headers: Vec<(HeaderName, String)>,
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        let headers = match refusal.code {
            Code::KeyMissing | Code::KeyInvalid => vec![(header::WWW_AUTHENTICATE, "Bearer".to_owned())],
            Code::RequestInProgress | Code::Unavailable => vec![(header::RETRY_AFTER, RETRY_AFTER_S.to_string())],
            _ => Vec::new(),
        };
        Fault { refusal: Box::new(refusal), extension: Box::default(), headers }
    }
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(refusal) => refusal.into(),
            AppError::HandoverRefused(legs) => {
                let legs = legs.into_iter().map(|(leg_id, problems)| LegProblems { leg_id, problems }).collect();
                let extension = Extension { lines: Lines::Handover(legs), ..Extension::default() };
                Fault { extension: Box::new(extension), ..Fault::plain(Code::HandoverRefused) }
            }
            AppError::Busy => Fault::plain(Code::Unavailable),
            AppError::Race(reason) | AppError::Unavailable(reason) => {
                tracing::warn!(reason, "the store is not available");
                Fault::plain(Code::Unavailable)
            }
            AppError::Internal(reason) => Fault::internal(&reason),
        }
    }
}

impl From<Box<Decision>> for Fault {
    fn from(decision: Box<Decision>) -> Self {
        let message = decision.reason();
        let refusal = Refusal { code: Code::ManifestRefused, message, problems: Vec::new() };
        let Decision { mode, outcome, summary, problems, lines } = *decision;
        let extension = Extension {
            outcome: Some(outcome),
            mode: Some(mode),
            summary: Some(summary),
            problems: Some(problems),
            lines: Lines::Manifest(lines),
            limit: None,
        };
        Fault { extension: Box::new(extension), ..refusal.into() }
    }
}

impl Fault {
    /// A fault whose title says it all.
    pub(super) fn plain(code: Code) -> Self {
        Refusal::plain(code).into()
    }

    /// Our fault: the reason is for the log alone.
    pub(super) fn internal(reason: &str) -> Self {
        tracing::error!(reason, "a request failed");
        Fault::plain(Code::Internal)
    }

    /// Too many requests: come back after so many seconds.
    pub(super) fn too_many_requests(after_s: u64) -> Self {
        Fault { headers: vec![(header::RETRY_AFTER, after_s.to_string())], ..Fault::plain(Code::TooManyRequests) }
    }

    /// The method is not among those of the route.
    pub(super) fn method_not_allowed(allow: String) -> Self {
        Fault { headers: vec![(header::ALLOW, allow)], ..Fault::plain(Code::MethodNotAllowed) }
    }

    /// Names the limit that was passed, when the fault is about a size.
    pub(super) fn limited(mut self, name: &str, max: usize) -> Self {
        if matches!(self.refusal.code, Code::BodyTooLarge | Code::TooManyLines) {
            let max = u64::try_from(max).unwrap_or(u64::MAX);
            self.extension.limit = Some(Limit { name: name.to_owned(), max });
        }
        self
    }

    /// The connection cannot be used any more.
    pub(super) fn closing(mut self) -> Self {
        self.headers.push((header::CONNECTION, "close".to_owned()));
        self
    }

    /// HTTP status.
    pub(super) fn status(&self) -> u16 {
        self.refusal.code.status()
    }

    /// The problem as this caller reads it.
    pub(super) fn answer(&self, voice: Voice, request_id: &str) -> Answer {
        let write = if voice.xml { to_xml } else { to_json };
        let media_type = if voice.xml { "application/problem+xml" } else { "application/problem+json" };
        let bytes = write(&self.refusal, &self.extension, request_id, voice.language);
        let rendered = Rendered {
            status: self.status(),
            media_type: media_type.to_owned(),
            location: None,
            body: String::from_utf8(bytes).unwrap_or_default(),
        };
        Answer { headers: self.headers.clone(), ..Answer::of(rendered) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::Language;
    use serde_json::Value;

    fn json(fault: &Fault) -> (u16, Value, Vec<(HeaderName, String)>) {
        let answer = fault.answer(Voice::default(), "req_1");
        assert_eq!(answer.rendered.media_type, "application/problem+json");
        (answer.rendered.status, serde_json::from_str(&answer.rendered.body).unwrap(), answer.headers)
    }

    #[test]
    fn a_problem_names_its_code_and_its_request() {
        let (status, body, headers) = json(&Fault::plain(Code::KeyMissing));
        assert_eq!((status, body["status"].as_u64(), body["code"].as_str()), (401, Some(401), Some("KEY_MISSING")));
        assert_eq!(body["type"], "urn:giaonhan:problem:KEY_MISSING");
        assert_eq!(body["instance"], "urn:giaonhan:request:req_1");
        assert_eq!(headers, [(header::WWW_AUTHENTICATE, "Bearer".to_owned())]);
    }

    #[test]
    fn limits_are_told_where_they_apply() {
        let (status, body, _) = json(&Fault::plain(Code::TooManyLines).limited("facts_max", 1_000));
        assert_eq!((status, &body["limit"]), (413, &serde_json::json!({"name": "facts_max", "max": 1_000})));
        let (_, body, _) = json(&Fault::plain(Code::BodyInvalid).limited("facts_max", 1_000));
        assert!(body.get("limit").is_none());
    }

    #[test]
    fn xml_callers_and_vietnamese_readers_are_answered_so() {
        let answer = Fault::plain(Code::NotFound).answer(Voice { xml: true, language: Language::Vi }, "req_1");
        assert_eq!(answer.rendered.media_type, "application/problem+xml");
        assert!(answer.rendered.body.contains("urn:ietf:rfc:7807") && answer.rendered.body.contains("Không tìm thấy"));
    }
}
