//! The HTTP client of the simulators: plain bytes out, plain bytes back.

use serde_json::Value;
use std::time::Duration;

/// How long a simulator waits for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long a connection may wait for its next use: shorter than the simulators keep one open (five seconds), so that none is used
/// while it is being closed.
const IDLE_MAX: Duration = Duration::from_secs(2);

/// A client; clones share their connections.
#[derive(Clone)]
pub struct Client(reqwest::Client);

/// A request to send.
pub struct Request<'a> {
    /// `GET`, `POST` …
    pub method: &'a str,
    /// The whole address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(&'a str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl<'a> Request<'a> {
    /// A request without headers and body.
    pub fn new(method: &'a str, url: impl Into<String>) -> Self {
        Request { method, url: url.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// With one more header.
    pub fn header(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a body of a type.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut request = self.header("content-type", content_type);
        request.body = body.into();
        request
    }

    /// With a JSON body.
    pub fn json(self, value: &Value) -> Self {
        self.body("application/json", value.to_string())
    }
}

/// An answer.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Client {
    /// A client that follows no redirect and uses no proxy.
    pub fn new() -> Result<Self, String> {
        // The process may have chosen its provider already; that one serves as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        reqwest::Client::builder()
            .timeout(ANSWER_WITHIN)
            .pool_idle_timeout(IDLE_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map(Client)
            .map_err(|error| error.to_string())
    }

    /// Sends and reads the whole answer. An error means that the outcome is not known.
    pub async fn send(&self, request: &Request<'_>) -> Result<Reply, String> {
        let method = request.method.parse::<reqwest::Method>().map_err(|error| error.to_string())?;
        let mut builder = self.0.request(method, &request.url).body(request.body.clone());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let unknown = |error: reqwest::Error| error.without_url().to_string();
        let response = builder.send().await.map_err(unknown)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.map_err(unknown)?.to_vec();
        Ok(Reply { status, headers, body })
    }
}
