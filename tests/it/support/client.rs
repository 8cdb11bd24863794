//! A caller of the API: plain HTTP with a key, one call after the other.

use serde_json::Value;
use std::sync::{Arc, LazyLock, RwLock};
use std::time::Duration;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());

static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap()
});

/// A caller with its key. Clones share the address, which changes when the office starts again.
#[derive(Clone)]
pub struct Client {
    pub(super) base: Arc<RwLock<String>>,
    pub(super) key: Option<String>,
}

/// A call about to be made.
pub struct Call<'a> {
    client: &'a Client,
    method: &'a str,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Client {
    /// A call; the key goes with it.
    pub fn call<'a>(&'a self, method: &'a str, path: impl Into<String>) -> Call<'a> {
        let authorization =
            self.key.as_ref().map(|key| ("authorization".to_owned(), format!("Bearer {key}").into_bytes()));
        Call { client: self, method, path: path.into(), headers: authorization.into_iter().collect(), body: None }
    }

    /// `GET`.
    pub fn get(&self, path: impl Into<String>) -> Reply {
        self.call("GET", path).send()
    }

    /// `POST` of JSON.
    pub fn post(&self, path: impl Into<String>, body: &Value) -> Reply {
        self.call("POST", path).json(body).send()
    }

    /// `PATCH` of JSON.
    pub fn patch(&self, path: impl Into<String>, body: &Value) -> Reply {
        self.call("PATCH", path).json(body).send()
    }

    /// Every item of a list, page by page.
    pub fn all(&self, path: &str) -> Vec<Value> {
        let mark = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(format!("{path}{mark}after={after}")).expect(200).json();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut after),
                None => return items,
            }
        }
    }

    /// Every event that the feed has now.
    pub fn feed(&self) -> Vec<Value> {
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(format!("/v1/events?limit=500&after={after}")).expect(200).json();
            let found = page["items"].as_array().unwrap();
            if found.is_empty() {
                return items;
            }
            items.extend(found.iter().cloned());
            page["next"].as_str().unwrap().clone_into(&mut after);
        }
    }

    /// The key that this caller shows.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// The same caller with another key, or with none.
    pub fn with_key(&self, key: Option<&str>) -> Client {
        Client { base: self.base.clone(), key: key.map(str::to_owned) }
    }

    /// The same caller at another office on the same database.
    pub fn at(&self, office: &super::Office) -> Client {
        Client { base: office.base(), key: self.key.clone() }
    }

    /// Where it calls.
    pub fn address(&self) -> String {
        self.base.read().unwrap().clone()
    }
}

impl Call<'_> {
    /// With one more header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With an `Idempotency-Key`.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a body of a media type.
    pub fn body(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", media_type)
    }

    /// With a body of no declared type.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Makes the call; the office must answer.
    pub fn send(self) -> Reply {
        let what = format!("{} {}", self.method, self.path);
        self.try_send().unwrap_or_else(|error| panic!("{what}: {error:?}"))
    }

    /// Makes the call; a broken connection is an error.
    pub fn try_send(self) -> Result<Reply, reqwest::Error> {
        let url = format!("{}{}", self.client.address(), self.path);
        let mut request = HTTP.request(self.method.parse().unwrap(), url);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        RUNTIME.block_on(async {
            let answer = request.send().await?;
            let headers = answer.headers().iter();
            let headers =
                headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
            let (status, headers) = (answer.status().as_u16(), headers.collect());
            Ok(Reply { status, headers, body: answer.bytes().await?.to_vec() })
        })
    }
}

impl Reply {
    /// This reply, when it has the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// This reply, when it is a problem of this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{}", self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// `code` of a problem, in JSON or XML; empty when there is none.
    pub fn code(&self) -> String {
        if let Ok(body) = serde_json::from_slice::<Value>(&self.body) {
            return body["code"].as_str().unwrap_or_default().to_owned();
        }
        let text = self.text();
        let code = text.split_once("<code>").and_then(|(_, rest)| rest.split_once("</code>"));
        code.map(|(code, _)| code.to_owned()).unwrap_or_default()
    }

    /// A header; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(have, _)| have == name).map_or("", |(_, value)| value)
    }

    /// Whether it is the stored answer of an earlier call.
    pub fn is_replay(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }

    /// Codes and fields of `problems`.
    #[track_caller]
    pub fn problems(&self) -> Vec<(String, String)> {
        let body = self.json();
        let problems = body["problems"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        problems.iter().map(|problem| (text(&problem["code"]), text(&problem["field"]))).collect()
    }
}
