//! A server over a fresh SQLite store, and a client that sends exactly the bytes it is told to.

use giaonhan::api::{Check, Running, ServerOptions, start};
use giaonhan::app::{self, App, keys};
use giaonhan::base::id::IdMaker;
use giaonhan::base::time::{Clock, DAY_US};
use giaonhan::config::{Settings, Sources};
use giaonhan::domain::access::{Agencies, Scope};
use giaonhan::domain::leg::Side;
use giaonhan::store::files::Files;
use giaonhan::store::{Location, Store, StoreSizes};
use giaonhan::telemetry::metrics::Metrics;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// A running server with its store.
pub struct Server {
    pub app: App,
    pub address: SocketAddr,
    running: Option<Running>,
    _folder: tempfile::TempDir,
}

impl Server {
    /// A server with default settings but for what `change` says.
    pub fn start(change: impl FnOnce(&mut Settings)) -> Server {
        Server::start_with(change, Vec::new())
    }

    /// The same, with further conditions of being ready.
    pub fn start_with(change: impl FnOnce(&mut Settings), checks: Vec<Check>) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("it.db"));
        let mut settings = Settings::load(&Sources::default()).unwrap();
        settings.http.workers = 1;
        change(&mut settings);
        let app = App {
            store: Store::open(&location, StoreSizes { pool: 4, ..StoreSizes::default() }).unwrap(),
            files: Files::in_folder(folder.path().join("evidence")),
            ids: Arc::new(IdMaker::new()),
            clock: Clock::system(),
            routes: Arc::default(),
            hooks: Arc::default(),
            limits: app::Limits::default(),
            clocks: Arc::default(),
            distribution: Arc::default(),
            reports: Arc::default(),
            alerts: Arc::default(),
            replies_kept_us: 30 * DAY_US,
            nudge: Arc::new(|_| {}),
        };
        let running = start(ServerOptions {
            listener: TcpListener::bind("127.0.0.1:0").unwrap(),
            app: app.clone(),
            http: settings.http,
            limits: settings.limits,
            metrics: Arc::new(Metrics::new().unwrap()),
            pages: None,
            checks,
        })
        .unwrap();
        Server { app, address: running.address(), running: Some(running), _folder: folder }
    }

    pub fn key(&self, counterpart: &str, side: Side, agencies: &[&str], scopes: &[Scope]) -> String {
        let new = keys::create(&self.app, counterpart, side, &Agencies::from_list(agencies), scopes).unwrap();
        new.key.into_inner()
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Stops the server on a thread of its own; calls in progress are answered first.
    pub fn stop_in_background(&mut self) -> std::thread::JoinHandle<std::io::Result<()>> {
        let running = self.running.take().unwrap();
        std::thread::spawn(move || running.stop())
    }

    pub fn send(&self, request: Request) -> Reply {
        request.send(self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().unwrap();
        }
    }
}

/// A request.
#[derive(Clone)]
pub struct Request {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    length: bool,
}

impl Request {
    pub fn new(method: &str, target: &str) -> Self {
        Request { method: method.into(), target: target.into(), headers: Vec::new(), body: Vec::new(), length: true }
    }

    pub fn get(target: &str) -> Self {
        Request::new("GET", target)
    }

    pub fn post(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Request { body: body.into(), ..Request::new("POST", target) }.header("Content-Type", "application/json")
    }

    pub fn patch(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Request { method: "PATCH".into(), ..Request::post(target, body) }
    }

    pub fn put(target: &str, body: impl Into<Vec<u8>>) -> Self {
        Request { method: "PUT".into(), ..Request::post(target, body) }
    }

    /// Sets a header; an empty value takes it away.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            self.headers.push((name.into(), value.into()));
        }
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("Authorization", &format!("Bearer {key}"))
    }

    /// Leaves the length of the body to its own framing.
    pub fn without_length(self) -> Self {
        Request { length: false, ..self }
    }

    /// The bytes of the request, broken off in the middle of its body.
    pub fn bytes_in_two(&self) -> (Vec<u8>, Vec<u8>) {
        let (first, rest) = self.body.split_at(self.body.len() / 2);
        ([self.head().as_bytes(), first].concat(), rest.to_vec())
    }

    fn head(&self) -> String {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.length && !self.body.is_empty() && !self.headers.iter().any(|(name, _)| name == "Content-Length") {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("\r\n");
        head
    }

    pub fn send(&self, address: SocketAddr) -> Reply {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(self.head().as_bytes()).unwrap();
        // The server may answer and close before it has read a body that is too large.
        let _ = stream.write_all(&self.body);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        Reply::parse(&bytes)
    }
}

/// A reply.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn parse(bytes: &[u8]) -> Reply {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned()));
        Reply { status, headers: headers.collect(), body: String::from_utf8(bytes[end + 4..].to_vec()).unwrap() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, String) {
        (self.status, self.json()["code"].as_str().unwrap_or_default().to_owned())
    }
}
