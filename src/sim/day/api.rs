//! The public API of Giao Nhận as a careful client calls it: few calls at once, the same bytes again after an
//! unknown outcome, waiting on conditions with a bound.

use crate::sim::client::{Client, Reply, Request};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Requests in flight at once.
const IN_FLIGHT_MAX: usize = 8;
/// The pause between two looks at a condition.
pub const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// The longest pause before a request is repeated.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// A client of the API.
pub struct Api {
    client: Client,
    url: String,
    gate: Semaphore,
    /// How long one request, with its repetitions, may take.
    patience: Duration,
    retries: AtomicU64,
    requests: AtomicU64,
}

/// A request to the API.
pub struct Ask<'a> {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// The caller's key.
    pub key: &'a str,
    /// `Idempotency-Key`.
    pub once: Option<String>,
    /// Content type and body.
    pub body: Option<(&'static str, Vec<u8>)>,
}

impl<'a> Ask<'a> {
    /// A reading request.
    pub fn get(path: impl Into<String>, key: &'a str) -> Self {
        Ask { method: "GET", path: path.into(), key, once: None, body: None }
    }

    /// A JSON request; `once` makes it safe to repeat.
    pub fn json(
        method: &'static str,
        path: impl Into<String>,
        key: &'a str,
        once: Option<String>,
        body: &Value,
    ) -> Self {
        let body = Some(("application/json", body.to_string().into_bytes()));
        Ask { method, path: path.into(), key, once, body }
    }
}

impl Api {
    /// A client of the API at this address.
    pub fn new(url: &str, patience: Duration) -> Result<Self, String> {
        Ok(Api {
            client: Client::new()?,
            url: url.trim_end_matches('/').to_owned(),
            gate: Semaphore::new(IN_FLIGHT_MAX),
            patience,
            retries: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        })
    }

    /// Requests that were sent again.
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Requests that were answered.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// The plain client, for the paths of the simulators.
    pub fn plain(&self) -> &Client {
        &self.client
    }

    /// Asks until there is an answer that decides: not a reset, 429, 5xx or "still being worked on".
    pub async fn ask(&self, ask: &Ask<'_>) -> Result<Reply, String> {
        let until = Instant::now() + self.patience;
        let mut pause = LOOK_AGAIN;
        loop {
            let outcome = {
                let _pass = self.gate.acquire().await.map_err(|error| error.to_string())?;
                self.client.send(&self.request(ask)).await
            };
            self.requests.fetch_add(1, Ordering::Relaxed);
            let wait = match &outcome {
                Ok(reply) if undecided(reply) => {
                    reply.header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs)
                }
                Ok(_) => return outcome,
                Err(_) => None,
            };
            if Instant::now() >= until {
                return outcome.map_err(|error| format!("{} {}: no answer: {error}", ask.method, ask.path));
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(wait.unwrap_or(pause).min(PAUSE_MAX)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Asks, and takes nothing but success for an answer.
    pub async fn done(&self, ask: &Ask<'_>) -> Result<Value, String> {
        let reply = self.ask(ask).await?;
        if (200..300).contains(&reply.status) {
            return Ok(reply.json());
        }
        let problem = reply.json();
        let code = problem.get("code").and_then(Value::as_str).unwrap_or("no code");
        let detail =
            problem.get("problems").or_else(|| problem.get("lines")).or_else(|| problem.get("detail")).cloned();
        let detail: String = detail.map(|it| it.to_string()).unwrap_or_default().chars().take(400).collect();
        Err(format!("{} {}: {} {code} {detail}", ask.method, ask.path, reply.status))
    }

    /// Every item of a paged list.
    pub async fn all(&self, path: &str, key: &str) -> Result<Vec<Value>, String> {
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.done(&Ask::get(format!("{path}{after}"), key)).await?;
            items.extend(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default());
            match page.get("next").and_then(Value::as_str) {
                Some(next) => after = format!("&after={}", crate::sim::server::percent_encode(next)),
                None => return Ok(items),
            }
        }
    }

    /// Sends the whole request and cuts the connection before the answer.
    pub async fn cut(&self, ask: &Ask<'_>) -> Result<(), String> {
        let request = self.request(ask);
        let authority = self.url.trim_start_matches("http://").to_owned();
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {authority}\r\ncontent-length: {}\r\n",
            ask.method,
            ask.path,
            request.body.len()
        );
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let mut bytes = format!("{head}\r\n").into_bytes();
        bytes.extend(request.body);
        let sent = tokio::task::spawn_blocking(move || {
            use std::io::Write as _;
            let mut stream = std::net::TcpStream::connect(authority)?;
            stream.write_all(&bytes)?;
            stream.shutdown(std::net::Shutdown::Both)
        });
        // Whether the bytes arrived is exactly what nobody can know here.
        drop(sent.await.map_err(|error| error.to_string())?);
        Ok(())
    }

    fn request<'b>(&self, ask: &Ask<'b>) -> Request<'b> {
        let mut request = Request::new(ask.method, format!("{}{}", self.url, ask.path))
            .header("authorization", format!("Bearer {}", ask.key))
            .header("accept", "application/json");
        if let Some(once) = &ask.once {
            request = request.header("idempotency-key", once.clone());
        }
        match &ask.body {
            Some((content_type, body)) => request.body(content_type, body.clone()),
            None => request,
        }
    }
}

fn undecided(reply: &Reply) -> bool {
    let in_progress =
        || reply.status == 409 && reply.json().get("code").and_then(Value::as_str) == Some("REQUEST_IN_PROGRESS");
    reply.status == 429 || reply.status >= 500 || in_progress()
}
