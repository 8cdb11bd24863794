//! The gate: every check of contract 1 in its order, then the handler, then the log line and the metrics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::api::accept::Voice;
use crate::api::body;
use crate::api::call::Call;
use crate::api::catch::{catch, caught};
use crate::api::problem::Fault;
use crate::api::query::{self, Query};
use crate::api::reply::{self, Answer};
use crate::api::routes::{Admission, BodyKind, Route};
use crate::api::server::Front;
use crate::app::idempotency::{self, Start};
use crate::base::digest::sha256_hex;
use crate::base::id::RequestId;
use crate::domain::access::Caller;
use crate::domain::problem::{Code, Refusal};
use crate::telemetry::fields;
use crate::wire;

/// What the log and the metrics say of a request to no route of ours.
const NO_ROUTE: &str = "(none)";

/// Answers one request. `routes` are those of the pattern that fits; none when no pattern does.
pub(super) async fn answer(
    front: Arc<Front>,
    routes: Vec<&'static Route>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let started = Instant::now();
    let headers = request.headers();
    let request_id = request_id(headers, &front);
    let content_type = text_of(headers, &header::CONTENT_TYPE);
    let voice = Voice::of(
        text_of(headers, &header::ACCEPT).as_deref(),
        text_of(headers, &header::ACCEPT_LANGUAGE).as_deref(),
        content_type.as_deref(),
    );
    let method = request.method().clone();
    let pattern = routes.first().map_or(NO_ROUTE, |route| route.pattern);
    let mut call = Call {
        front: front.clone(),
        caller: None,
        request_id: request_id.clone(),
        voice,
        accept: text_of(headers, &header::ACCEPT),
        path_value: request.match_info().iter().next().map(|(_, value)| value.to_owned()),
        raw_query: request.query_string().to_owned(),
        query: Query::default(),
        content_type,
        body: Bytes::new(),
        claim: None,
    };
    let mut counterpart = None;
    let passed = async {
        let route = choose(&routes, &method)?;
        call.caller = admit(&front, route, headers).await?;
        counterpart = call.caller.as_ref().map(|caller| caller.counterpart.clone());
        if let Some(caller) = &call.caller {
            front.rates.take(&caller.key_id).map_err(Fault::too_many_requests)?;
        }
        receive(&mut call, route, headers, payload).await?;
        let path = request.path().to_owned();
        let key = idempotency_key(route, headers)?;
        in_background(call, route, path, key).await
    };
    let answer = match caught(passed).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(fault)) => fault.answer(voice, &request_id),
        Err(panic) => Fault::internal(&panic).answer(voice, &request_id),
    };
    let (status, elapsed) = (answer.rendered.status, started.elapsed());
    front.metrics.request(pattern, status, elapsed.as_secs_f64());
    tracing::info!(
        method = %method,
        { fields::ROUTE } = pattern,
        { fields::STATUS } = status,
        { fields::ELAPSED_MS } = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        { fields::REQUEST_ID } = request_id.as_str(),
        { fields::COUNTERPART } = counterpart.as_deref(),
        "answered"
    );
    reply::response(answer, &request_id)
}

/// The caller's own id of the request when it is 1 to 100 visible ASCII characters, else one of ours.
fn request_id(headers: &HeaderMap, front: &Front) -> String {
    let own = headers.get(reply::REQUEST_ID).map(|value| value.as_bytes());
    own.filter(|id| (1..=100).contains(&id.len()) && id.iter().all(|byte| (0x21..=0x7E).contains(byte)))
        .and_then(|id| String::from_utf8(id.to_vec()).ok())
        .unwrap_or_else(|| RequestId::make(&front.app.ids).into())
}

fn text_of(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// 404, 405.
fn choose(routes: &[&'static Route], method: &Method) -> Result<&'static Route, Fault> {
    if routes.is_empty() {
        return Err(Fault::plain(Code::NotFound));
    }
    let asked = if *method == Method::HEAD { "GET" } else { method.as_str() };
    routes.iter().copied().find(|route| route.method == asked).ok_or_else(|| {
        let reads = routes.iter().any(|route| route.method == "GET");
        let allowed = routes.iter().map(|route| route.method).chain(reads.then_some("HEAD"));
        Fault::method_not_allowed(allowed.collect::<Vec<_>>().join(", "))
    })
}

/// 401, 403.
async fn admit(front: &Arc<Front>, route: &'static Route, headers: &HeaderMap) -> Result<Option<Caller>, Fault> {
    let Admission::Key(scope) = route.admission else { return Ok(None) };
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Err(Fault::plain(Code::KeyMissing));
    };
    let presented = bearer(header.as_bytes()).ok_or_else(|| Fault::plain(Code::KeyInvalid))?;
    let caller = front.doorkeeper.caller(presented).await?.ok_or_else(|| Fault::plain(Code::KeyInvalid))?;
    if !caller.may(scope) {
        let (en, vi) = (format!("this needs the scope {scope}"), format!("việc này cần quyền {scope}"));
        return Err(Refusal::new(Code::ScopeMissing, en, vi).into());
    }
    Ok(Some(caller))
}

/// The key of `Authorization: Bearer KEY`; the scheme is written in any case (RFC 9110 11.1).
fn bearer(header: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(header).ok()?.trim();
    let (scheme, key) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
}

/// 415, 413: what the headers say, then the bytes, then what the bytes are.
async fn receive(call: &mut Call, route: &Route, headers: &HeaderMap, payload: Payload) -> Result<(), Fault> {
    if route.body == BodyKind::None {
        return Ok(());
    }
    let encoded = text_of(headers, &header::CONTENT_ENCODING);
    if encoded.is_some_and(|coding| !matches!(coding.trim().to_ascii_lowercase().as_str(), "" | "identity")) {
        return Err(Fault::plain(Code::ContentEncodingUnsupported));
    }
    media_type(route, call.content_type.as_deref(), &[])?;
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let within = Duration::from_millis(call.front.http.body_timeout_ms.into());
    call.body = body::read(payload, declared, call.front.limits.body_bytes_max, within).await?;
    media_type(route, call.content_type.as_deref(), &call.body)?;
    Ok(())
}

fn media_type(route: &Route, content_type: Option<&str>, body: &[u8]) -> Result<(), Refusal> {
    match route.body {
        BodyKind::Json => wire::require_json(content_type, body),
        BodyKind::Manifest => wire::detect(content_type, body).map(|_| ()),
        BodyKind::None | BodyKind::Raw => Ok(()),
    }
}

/// The `Idempotency-Key`, where the route takes one.
fn idempotency_key(route: &Route, headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    if !route.takes_idempotency_key() {
        return Ok(None);
    }
    let mut sent = headers.get_all("idempotency-key");
    match (sent.next(), sent.next()) {
        (None, _) => Ok(None),
        (Some(only), None) => idempotency::read_key(only.as_bytes()).map(Some),
        (Some(_), Some(_)) => Err(Refusal::plain(Code::IdempotencyKeyInvalid)),
    }
}

async fn in_background(call: Call, route: &'static Route, path: String, key: Option<String>) -> Result<Answer, Fault> {
    if !route.waits {
        return work(call, route, &path, key.as_deref());
    }
    // What use cases log in between belongs to this request.
    let span = tracing::info_span!("call", { fields::REQUEST_ID } = call.request_id.as_str());
    blocking(move || span.in_scope(|| work(call, route, &path, key.as_deref()))).await
}

/// Runs what waits for the store beside the threads that serve connections.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    match web::block(move || catch(work)).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(Fault::internal(&panic)),
        Err(gone) => Err(Fault::internal(&gone.to_string())),
    }
}

/// Under the key, when there is one: the stored reply, or the work with its reply kept.
fn work(mut call: Call, route: &Route, path: &str, key: Option<&str>) -> Result<Answer, Fault> {
    let (app, voice, request_id) = (call.front.app.clone(), call.voice, call.request_id.clone());
    if let Some(key) = key {
        let counterpart = call.caller()?.counterpart.clone();
        let name = format!("{} {}", route.method, route.pattern);
        let digest = fingerprint(path, &call.raw_query, &call.body);
        match idempotency::begin(&app, &counterpart, &name, key, &digest)? {
            Start::Replay(rendered) => return Ok(Answer::kept(rendered).replayed()),
            Start::Work(claim) => call.claim = Some(claim),
        }
    }
    let claim = call.claim.clone();
    let done = match catch(|| handle(&mut call, route)) {
        Ok(done) => done,
        Err(panic) => Err(Fault::internal(&panic)),
    };
    let Some(claim) = claim else { return done };
    let decided = match &done {
        Ok(answer) if answer.kept => return done,
        Ok(answer) => Some(answer.rendered.clone()),
        Err(fault) if fault.status() == 422 => Some(fault.answer(voice, &request_id).rendered),
        Err(_) => None,
    };
    if let Err(error) = idempotency::end(&app, claim, decided.as_ref()) {
        // The answer stands; the claim ends by itself.
        tracing::warn!(error = %error, { fields::REQUEST_ID } = request_id.as_str(), "an idempotency key was not settled");
    }
    done
}

/// 400 of the query, then the handler.
fn handle(call: &mut Call, route: &Route) -> Result<Answer, Fault> {
    call.query = Query::read(&call.raw_query, route.query)?;
    (route.handler)(call)
}

/// What makes two requests of one route the same: path, query, bytes.
fn fingerprint(path: &str, raw_query: &str, body: &[u8]) -> String {
    let query = query::canonical(raw_query);
    sha256_hex(format!("{path}\n{}\n{query}{}", query.len(), sha256_hex(body)).as_bytes())
}
