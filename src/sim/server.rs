//! The web server under both simulators: a site answers a call at once, the server plays delays and broken endings.

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// The largest body that a simulator reads.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A call as a site sees it.
pub struct Call {
    /// `GET`, `POST` …
    pub method: String,
    /// The decoded path.
    pub path: String,
    /// Query parameters in order.
    pub query: Vec<(String, String)>,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Call {
    /// The method and the path in one text, to match on.
    pub fn route(&self) -> (&str, &str) {
        (&self.method, &self.path)
    }

    /// A query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("the body is not JSON: {error}"))
    }

    /// The body as form fields.
    pub fn form(&self) -> Vec<(String, String)> {
        form_pairs(&String::from_utf8_lossy(&self.body))
    }
}

/// How an answer ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// As it should.
    Whole,
    /// The connection breaks inside the body.
    Reset,
    /// The body never comes.
    Stalled,
}

/// What a site answers.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub content_type: &'static str,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long the server waits before it answers.
    pub after: Duration,
    /// How the answer ends.
    pub ending: Ending,
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: u16, value: &Value) -> Self {
        Answer::new(status, "application/json; charset=utf-8", value.to_string().into_bytes())
    }

    /// An answer of any type.
    pub fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Answer { status, content_type, headers: Vec::new(), body, after: Duration::ZERO, ending: Ending::Whole }
    }

    /// An empty answer.
    pub fn empty(status: u16) -> Self {
        Answer::new(status, "text/plain", Vec::new())
    }

    /// The page that a gateway shows when it is not well, with status 200.
    pub fn html() -> Self {
        let page = "<html><head><title>Bảo trì</title></head><body>Hệ thống đang bảo trì</body></html>";
        Answer::new(200, "text/html; charset=utf-8", page.as_bytes().to_vec())
    }

    /// With one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// After a pause.
    pub fn after(mut self, pause: Duration) -> Self {
        self.after += pause;
        self
    }

    /// With another ending.
    pub fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }
}

/// Something that answers calls; it never waits.
pub trait Site: Send + Sync + 'static {
    /// Answers one call.
    fn answer(&self, call: &Call) -> Answer;
}

/// A server at work; dropping it stops it.
pub struct Running {
    url: String,
    handle: ServerHandle,
}

impl Running {
    /// Where it listens: `http://127.0.0.1:port`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops and waits until the port is closed.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

/// Listens on `address` (port 0 takes a free one) and answers with the site, on a thread of its own.
pub fn serve(address: &str, site: Arc<dyn Site>) -> Result<Running, String> {
    let cannot = |error: std::io::Error| format!("cannot listen on {address}: {error}");
    let listener = std::net::TcpListener::bind(address).map_err(cannot)?;
    let url = format!("http://{}", listener.local_addr().map_err(cannot)?);
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::Builder::new()
        .name("sim".into())
        .spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || {
                    let site = Arc::clone(&site);
                    App::new()
                        .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
                        .default_service(web::to(move |request, body| respond(Arc::clone(&site), request, body)))
                };
                let server = HttpServer::new(app)
                    .workers(2)
                    .shutdown_timeout(1)
                    .disable_signals()
                    .listen(listener)
                    .map(HttpServer::run);
                match server {
                    Ok(server) => {
                        drop(tell.send(Ok(server.handle())));
                        drop(server.await);
                    }
                    Err(error) => drop(tell.send(Err(error.to_string()))),
                }
            });
        })
        .map_err(cannot)?;
    let handle = told.recv().map_err(|_| "the simulator did not start".to_owned())??;
    Ok(Running { url, handle })
}

async fn respond(site: Arc<dyn Site>, request: HttpRequest, body: web::Bytes) -> HttpResponse<PlayedBody> {
    let call = Call {
        method: request.method().as_str().to_owned(),
        path: percent_decode(request.path()),
        query: form_pairs(request.query_string()),
        headers: request.headers().clone(),
        body: body.to_vec(),
    };
    let answer = site.answer(&call);
    if !answer.after.is_zero() {
        tokio::time::sleep(answer.after).await;
    }
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    if !answer.body.is_empty() {
        response.insert_header((CONTENT_TYPE, answer.content_type));
    }
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    let body = PlayedBody { bytes: Some(answer.body.into()), ending: answer.ending };
    response.message_body(body).unwrap_or_else(|_| {
        HttpResponse::with_body(StatusCode::INTERNAL_SERVER_ERROR, PlayedBody { bytes: None, ending: Ending::Whole })
    })
}

/// The connection was broken on purpose.
#[derive(Debug)]
struct BodyBroken;

impl std::fmt::Display for BodyBroken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken on purpose")
    }
}

impl std::error::Error for BodyBroken {}

struct PlayedBody {
    bytes: Option<web::Bytes>,
    ending: Ending,
}

impl MessageBody for PlayedBody {
    type Error = BodyBroken;

    fn size(&self) -> BodySize {
        let length = self.bytes.as_ref().map_or(0, web::Bytes::len);
        // A broken answer promises at least one byte, or the peer would take it for a whole one.
        let promised = if self.ending == Ending::Whole { length } else { length.max(1) };
        BodySize::Sized(u64::try_from(promised).unwrap_or(0))
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<web::Bytes, BodyBroken>>> {
        match self.ending {
            Ending::Whole => Poll::Ready(self.bytes.take().filter(|bytes| !bytes.is_empty()).map(Ok)),
            Ending::Reset => Poll::Ready(Some(Err(BodyBroken))),
            Ending::Stalled => Poll::Pending,
        }
    }
}

fn form_pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode(&part.replace('+', " "));
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.split_once('=').map_or((decode(part), String::new()), |(name, value)| (decode(name), decode(value)))
        })
        .collect()
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let decoded = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                hex_digit(*high).zip(hex_digit(*low)).map(|(high, low)| (high * 16 + low, after))
            }
            _ => None,
        };
        let (byte, after) = decoded.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A value as it stands in a URL or a form: everything but letters, digits and `-_.~` is escaped.
pub fn percent_encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_urls_survive_the_way_there_and_back() {
        let text = "Nguyễn Thị Mẫu & 50% + 1=2/x";
        assert_eq!(percent_decode(&percent_encode(text)), text);
        assert_eq!(
            form_pairs("a=1&b=x+y%20z&c&d="),
            [("a", "1"), ("b", "x y z"), ("c", ""), ("d", "")].map(|(a, b)| (a.to_owned(), b.to_owned()))
        );
        assert_eq!(percent_decode("100%"), "100%");
    }
}
