//! The door: language, session, rights, the token of forms, then the handler; and what a browser is told with every answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::RequestHead;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use minijinja::context;
use tokio::time::timeout;

use crate::app::people::sessions;
use crate::base::digest::sha256_hex;
use crate::base::id::RequestId;
use crate::telemetry::fields;
use crate::ui::ask::{Ask, Lang};
use crate::ui::face::Face;
use crate::ui::form::Form;
use crate::ui::page::{Page, Stop};
use crate::ui::routes::{Needs, Route, Sends};
use crate::ui::{assets, shell};

/// Pages that work without a line.
const OFFLINE_PAGES: &[&str] = &["/post", "/post/scan", "/post/intake", "/post/delivery", "/post/device"];
/// The cookie of a session.
const SESSION: &str = "giaonhan_session";
/// The cookie of the language.
const LANGUAGE: &str = "giaonhan_lang";
/// The cookie of a sign-in with the provider of accounts that is under way, and the only place it is sent to.
const PENDING: &str = "giaonhan_provider";
const PENDING_PATH: &str = "/sign-in/provider";
/// Bytes of a form.
const FORM_BYTES_MAX: usize = 1024 * 1024;
/// In which a body must arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// Nothing but what we serve ourselves; drawn signatures and photos are shown as blobs before they are sent.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
                      font-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// Answers one request. `routes` are those of the pattern that fits.
pub(super) async fn answer(
    face: Arc<Face>,
    routes: Vec<&'static Route>,
    request: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let started = Instant::now();
    let asked = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let Some(route) = routes.iter().copied().find(|route| route.method == asked.as_str()) else {
        let allowed = routes.iter().map(|route| route.method).collect::<Vec<_>>().join(", ");
        return HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allowed)).finish();
    };
    let request_id = String::from(RequestId::make(&face.app.ids));
    let response = match read(&face, route, &request, payload, &request_id).await {
        Ok(ask) => {
            let origin_is_ours = came_from_us(&request);
            match web::block(move || serve(ask, route, origin_is_ours)).await {
                Ok(response) => response,
                Err(_) => Reply::plain(500),
            }
        }
        Err(status) => unread(&request, route, status),
    };
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        method = %request.method(),
        { fields::ROUTE } = route.pattern,
        { fields::STATUS } = response.status,
        { fields::ELAPSED_MS } = elapsed_ms,
        { fields::REQUEST_ID } = request_id.as_str(),
        "answered"
    );
    response.build(&face)
}

/// Whether a person's browser asks for a page, and not a machine for the contract.
pub(super) fn is_for_people(head: &RequestHead) -> bool {
    let path = head.uri.path();
    let of_machines = path == "/v1" || path.starts_with("/v1/");
    head.method == Method::GET && !of_machines && header_text(&head.headers, "accept").contains("text/html")
}

/// A file of `assets/`. Its address carries the version, so browsers keep it.
pub(super) fn asset(face: &Face, request: &HttpRequest) -> HttpResponse {
    let name = request.match_info().get("name").unwrap_or_default();
    let Some((media_type, bytes)) = assets::asset(name) else { return HttpResponse::NotFound().finish() };
    let tag = tag_of(&bytes);
    // Modules import one another without the version: they are asked for again, and seldom sent.
    if header_text(request.headers(), "if-none-match") == tag {
        return HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish();
    }
    let kept = if request.query_string() == format!("v={}", face.version) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CACHE_CONTROL, kept))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::ETAG, tag))
        .body(bytes.into_owned())
}

/// Bytes by their digest; weak, since they go compressed or not.
fn tag_of(bytes: &[u8]) -> String {
    let sum: String = sha256_hex(bytes).chars().take(32).collect();
    format!("W/\"{sum}\"")
}

/// The service worker.
pub(super) fn worker() -> HttpResponse {
    let Some((media_type, bytes)) = assets::asset(assets::WORKER) else { return HttpResponse::NotFound().finish() };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(bytes.into_owned())
}

/// What the service worker keeps: files by the addresses that pages use, and the pages that work without a line.
pub(super) fn asset_list(face: &Face) -> HttpResponse {
    let files: Vec<String> = assets::names()
        .into_iter()
        .filter(|name| name != assets::WORKER && assets::asset(name).is_some())
        .flat_map(|name| {
            // Modules import one another without the version.
            let plain = format!("/assets/{name}");
            let own = format!("{plain}?v={}", face.version);
            if name.ends_with(".js") { vec![plain, own] } else { vec![own] }
        })
        .collect();
    let list = serde_json::json!({ "version": face.version, "files": files, "pages": OFFLINE_PAGES });
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(list)
}

/// What makes the pages an app that can be put on a phone's screen.
pub(super) fn app_manifest(face: &Face) -> HttpResponse {
    let manifest = serde_json::json!({
        "name": "Giao Nhận",
        "short_name": "Giao Nhận",
        "lang": "vi",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f4f2ec",
        "theme_color": "#ffffff",
        "icons": [{ "src": format!("/assets/icon.svg?v={}", face.version), "sizes": "any", "type": "image/svg+xml", "purpose": "any" }],
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/manifest+json"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(manifest.to_string())
}

/// What goes back, before it is HTTP.
struct Reply {
    status: u16,
    media_type: String,
    body: Vec<u8>,
    location: Option<String>,
    session: Option<Option<String>>,
    pending: Option<Option<String>>,
    lang: Option<&'static str>,
    person: Option<String>,
    file_name: Option<String>,
    retry_after_s: Option<u32>,
    tag: Option<String>,
}

impl Reply {
    fn new(status: u16, media_type: &str, body: Vec<u8>) -> Self {
        Reply {
            status,
            media_type: media_type.to_owned(),
            body,
            location: None,
            session: None,
            pending: None,
            lang: None,
            person: None,
            file_name: None,
            retry_after_s: None,
            tag: None,
        }
    }

    /// What a device keeps, by the digest of its bytes.
    fn kept(ask: &Ask, body: Vec<u8>) -> Self {
        let tag = tag_of(&body);
        let (status, body) = if ask.has_tag == tag { (304, Vec::new()) } else { (200, body) };
        Reply { tag: Some(tag), ..Reply::new(status, "application/json", body) }
    }

    fn plain(status: u16) -> Self {
        Reply::new(status, "text/plain; charset=utf-8", format!("{status}\n").into_bytes())
    }

    fn see(to: String) -> Self {
        Reply { location: Some(to), ..Reply::new(303, "text/plain; charset=utf-8", Vec::new()) }
    }

    fn build(self, face: &Face) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut builder = HttpResponseBuilder::new(status);
        builder
            .insert_header((header::CONTENT_TYPE, self.media_type))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "same-origin"))
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header(("permissions-policy", "camera=(self), geolocation=(self), microphone=()"));
        if let Some(to) = self.location {
            builder.insert_header((header::LOCATION, to));
        }
        if let Some(seconds) = self.retry_after_s {
            builder.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(tag) = self.tag {
            builder.insert_header((header::ETAG, tag));
        }
        // The service worker keeps pages per person.
        if let Some(person) = self.person {
            builder.insert_header(("x-person", person)).insert_header(("x-assets", face.version.as_str()));
        }
        if let Some(name) = self.file_name {
            builder.insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")));
        }
        let cookie = |name: &'static str, value: String| {
            Cookie::build(name, value).path("/").same_site(SameSite::Lax).secure(face.is_secure())
        };
        if let Some(token) = self.session {
            let mut set = cookie(SESSION, token.clone().unwrap_or_default()).http_only(true).finish();
            if token.is_none() {
                set.make_removal();
            }
            builder.cookie(set);
        }
        if let Some(pending) = self.pending {
            let mut set =
                cookie(PENDING, pending.clone().unwrap_or_default()).path(PENDING_PATH).http_only(true).finish();
            if pending.is_none() {
                set.make_removal();
            }
            builder.cookie(set);
        }
        if let Some(lang) = self.lang {
            builder.cookie(cookie(LANGUAGE, lang.to_owned()).permanent().finish());
        }
        builder.body(self.body)
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Whether the browser says that the request comes from a page of ours. Old browsers send neither header.
fn came_from_us(request: &HttpRequest) -> bool {
    let headers = request.headers();
    let site = header_text(headers, "sec-fetch-site");
    let origin = header_text(headers, "origin");
    let same_host = || origin.split_once("://").is_some_and(|(_, host)| host == header_text(headers, "host"));
    match (site, origin) {
        ("", "") => true,
        ("", _) => same_host(),
        (site, _) => site == "same-origin" || site == "none",
    }
}

async fn read(
    face: &Arc<Face>,
    route: &'static Route,
    request: &HttpRequest,
    payload: Payload,
    request_id: &str,
) -> Result<Ask, u16> {
    let max = match route.sends {
        Sends::Nothing => 0,
        Sends::Form => FORM_BYTES_MAX,
        Sends::Bytes(max) => max,
    };
    let body = if max == 0 {
        Vec::new()
    } else {
        match timeout(BODY_WITHIN, payload.to_bytes_limited(max)).await {
            Ok(Ok(Ok(body))) => body.to_vec(),
            Ok(Err(_)) => return Err(413),
            _ => return Err(400),
        }
    };
    let lang = lang_of(request);
    let form = if route.sends == Sends::Form { Form::read(&body).ok_or(400_u16)? } else { Form::default() };
    let values: BTreeMap<String, String> =
        request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let address = if face.pages.behind_proxy {
        request.connection_info().realip_remote_addr().unwrap_or_default().to_owned()
    } else {
        request.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default()
    };
    Ok(Ask {
        face: face.clone(),
        session: None,
        token: request.cookie(SESSION).map(|cookie| cookie.value().to_owned()).filter(|token| !token.is_empty()),
        pending: request.cookie(PENDING).map(|cookie| cookie.value().to_owned()).unwrap_or_default(),
        lang,
        path: request.path().to_owned(),
        values,
        query: Form::read(request.query_string().as_bytes()).ok_or(400_u16)?,
        form,
        csrf_header: header_text(request.headers(), "x-csrf-token").to_owned(),
        sent_for: header_text(request.headers(), "x-person").to_owned(),
        has_tag: header_text(request.headers(), "if-none-match").to_owned(),
        body,
        content_type: header_text(request.headers(), "content-type").to_owned(),
        address,
        request_id: request_id.to_owned(),
    })
}

fn lang_of(request: &HttpRequest) -> Lang {
    match request.cookie(LANGUAGE).as_ref().map(Cookie::value) {
        Some("en") => Lang::En,
        _ => Lang::Vi,
    }
}

/// What was sent could not be read; a script of ours hears when it was too much.
fn unread(request: &HttpRequest, route: &Route, status: u16) -> Reply {
    let (413, Sends::Bytes(max)) = (status, route.sends) else { return Reply::plain(status) };
    let megabytes = max / (1024 * 1024);
    let vi = format!("Quá lớn: tối đa {megabytes} MB");
    let title = lang_of(request).pick(vi, format!("Too large: at most {megabytes} MB"));
    let body = serde_json::json!({ "status": status, "title": title, "detail": "" });
    Reply::new(status, "application/json", body.to_string().into_bytes())
}

/// Session, rights, token, handler.
fn serve(mut ask: Ask, route: &'static Route, origin_is_ours: bool) -> Reply {
    let result = enter(&mut ask, route, origin_is_ours).and_then(|()| (route.handler)(&ask));
    let person = ask.session.as_ref().map(|session| session.person.id.clone());
    let reply = match result {
        Ok(page) => of_page(&ask, page),
        Err(stop) => of_stop(&ask, route, stop),
    };
    Reply { person, ..reply }
}

fn enter(ask: &mut Ask, route: &Route, origin_is_ours: bool) -> Result<(), Stop> {
    if let Some(token) = &ask.token {
        ask.session = sessions::find(&ask.face.app, token, ask.face.terms)?;
    }
    match route.needs {
        Needs::Nothing => {}
        Needs::SignIn if ask.session.is_none() => return Err(Stop::SignIn),
        Needs::SignIn => {}
        Needs::Right(right) => {
            let session = ask.session.as_ref().ok_or(Stop::SignIn)?;
            if session.must_change {
                return Err(Stop::ChangePassword);
            }
            if !session.person.may(right) {
                return Err(Stop::Forbidden);
            }
        }
    }
    if route.method == "GET" {
        return Ok(());
    }
    // A form of a signed-in person carries the session's token; one of nobody comes from a page of ours.
    let token_fits = match &ask.session {
        Some(session) => ask.form.get("csrf") == session.csrf || ask.csrf_header == session.csrf,
        None => true,
    };
    // A device sends for the person it was used by; somebody else may have signed in since.
    let for_another =
        !ask.sent_for.is_empty() && ask.session.as_ref().is_some_and(|session| session.person.id != ask.sent_for);
    if for_another {
        return Err(Stop::Stale);
    }
    if origin_is_ours && token_fits { Ok(()) } else { Err(Stop::Stale) }
}

fn of_page(ask: &Ask, page: Page) -> Reply {
    match page {
        Page::Html { template, values, status } => html(ask, template, values, status),
        Page::See(to) => Reply::see(to),
        Page::SeeWithSession { to, token } => {
            let pending = (!ask.pending.is_empty()).then_some(None);
            Reply { session: Some(token), pending, ..Reply::see(to) }
        }
        Page::SeeProvider { to, pending } => Reply { pending: Some(Some(pending)), ..Reply::see(to) },
        Page::SeeWithLang { to, lang } => Reply { lang: Some(lang), ..Reply::see(to) },
        Page::Json(value) => Reply::new(200, "application/json", value.to_string().into_bytes()),
        Page::Kept(body) => Reply::kept(ask, body),
        Page::Bytes { media_type, file_name, bytes } => Reply { file_name, ..Reply::new(200, &media_type, bytes) },
    }
}

fn html(ask: &Ask, template: &str, values: minijinja::Value, status: u16) -> Reply {
    match shell::render(ask, template, values) {
        Ok(text) => Reply::new(status, "text/html; charset=utf-8", text.into_bytes()),
        Err(error) => {
            tracing::error!(template, error = %format!("{error:#}"), { fields::REQUEST_ID } = ask.request_id.as_str(), "a page could not be drawn");
            Reply::plain(500)
        }
    }
}

/// Why there is no page, in words and with a way on. Scripts get the status and JSON.
fn of_stop(ask: &Ask, route: &Route, stop: Stop) -> Reply {
    let script = matches!(route.sends, Sends::Bytes(_));
    let (status, title, what) = match &stop {
        Stop::SignIn if script => (401, String::new(), String::new()),
        Stop::SignIn => return Reply::see(format!("/sign-in?next={}", encoded(&ask.path))),
        Stop::ChangePassword => return Reply::see("/account/password".to_owned()),
        Stop::Forbidden => (
            403,
            ask.t("Không có quyền vào trang này", "You may not see this page").to_owned(),
            ask.t("Nếu cần, hãy hỏi người quản trị của đơn vị.", "If you need it, ask your office's administrator.")
                .to_owned(),
        ),
        Stop::NotFound => (
            404,
            ask.t("Không tìm thấy", "Not found").to_owned(),
            ask.t(
                "Không có trang hoặc hồ sơ này, hoặc không thuộc đơn vị của bạn.",
                "There is no such page or dossier, or it is not your office's.",
            )
            .to_owned(),
        ),
        Stop::Stale => (
            403,
            ask.t("Trang đã cũ", "This page is too old").to_owned(),
            ask.t(
                "Hãy quay lại, tải lại trang rồi làm lại. Chưa có gì được ghi.",
                "Go back, reload the page and do it again. Nothing was recorded.",
            )
            .to_owned(),
        ),
        Stop::Bad => (
            400,
            ask.t("Nội dung gửi lên không đọc được", "What was sent cannot be read").to_owned(),
            ask.t("Hãy tải lại trang rồi làm lại.", "Reload the page and try again.").to_owned(),
        ),
        Stop::Wait(_) => (
            429,
            ask.t("Quá nhiều lần trong thời gian ngắn", "Too many in a short time").to_owned(),
            ask.t("Hãy đợi một lát rồi thử lại.", "Wait a moment and try again.").to_owned(),
        ),
        Stop::Refused(refusal) => (
            refusal.code.entry().status.unwrap_or(422),
            refusal.message.text(ask.lang).to_owned(),
            refusal.problems.iter().map(|problem| problem.message.text(ask.lang)).collect::<Vec<_>>().join("; "),
        ),
        Stop::Unavailable => (
            503,
            ask.t("Hệ thống đang bận", "The system is busy").to_owned(),
            ask.t("Chưa có gì được ghi. Hãy thử lại sau ít giây.", "Nothing was recorded. Try again in a few seconds.")
                .to_owned(),
        ),
        Stop::Internal(why) => {
            tracing::error!(error = why.as_str(), { fields::REQUEST_ID } = ask.request_id.as_str(), "a page failed");
            (
                500,
                ask.t("Có lỗi của hệ thống", "Something failed on our side").to_owned(),
                ask.t(
                    "Lỗi đã được ghi lại để sửa. Chưa có gì được ghi vào sổ.",
                    "It was logged. Nothing was recorded.",
                )
                .to_owned(),
            )
        }
    };
    let retry_after_s = match stop {
        Stop::Wait(seconds) => Some(seconds),
        Stop::Unavailable => Some(2),
        _ => None,
    };
    let reply = if script {
        let body = serde_json::json!({ "status": status, "title": title, "detail": what });
        Reply::new(status, "application/json", body.to_string().into_bytes())
    } else {
        html(ask, "stop.html", context! { status, title, what }, status)
    };
    Reply { retry_after_s, ..reply }
}

/// A text as part of a query.
pub(super) fn encoded(text: &str) -> String {
    serde_urlencoded::to_string([("", text)]).unwrap_or_default().trim_start_matches('=').to_owned()
}
