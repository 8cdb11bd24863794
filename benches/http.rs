//! The least HTTP/1.1 client that measures: one connection, one request at a time, as little work of its own as possible.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// How long an answer may take before the run is given up.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// A request as it goes over the wire.
pub fn post(path: &str, key: &str, content_type: &str, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: {content_type}\r\n\
         Accept: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

/// One connection.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("nodelay");
        Connection { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Sends, and reads the whole answer: status and body.
    async fn exchange(&mut self, request: &[u8]) -> (u16, Vec<u8>) {
        self.buffer.clear();
        self.stream.write_all(request).await.expect("a request sent");
        loop {
            if let Some((status, head, length)) = head(&self.buffer) {
                while self.buffer.len() < head + length {
                    self.fill().await;
                }
                return (status, self.buffer[head..head + length].to_vec());
            }
            self.fill().await;
        }
    }

    async fn fill(&mut self) {
        let read = self.stream.read_buf(&mut self.buffer).await.expect("an answer");
        assert!(read > 0, "the connection was closed: {}", String::from_utf8_lossy(&self.buffer));
    }
}

/// Status, length of the head, length of the body.
fn head(bytes: &[u8]) -> Option<(u16, usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..end]).expect("a head in ASCII").to_ascii_lowercase();
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
    Some((status, end, length.map_or(0, |length| length.trim().parse().expect("a length"))))
}

/// A runtime of one thread, so that the other processor is the server's.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// One request on a connection of its own; its answer and how long it took, without setting up the connection.
pub fn once(address: SocketAddr, request: &[u8]) -> (u16, Vec<u8>, Duration) {
    runtime().block_on(async {
        let mut connection = Connection::open(address).await;
        let started = Instant::now();
        let (status, body) =
            tokio::time::timeout(ANSWER_WITHIN, connection.exchange(request)).await.expect("an answer in time");
        (status, body, started.elapsed())
    })
}

/// What a load came to.
pub struct Load {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Of each request.
    pub latencies_ms: Vec<f64>,
}

impl Load {
    /// The latency that this share of requests stays below.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let mut sorted = self.latencies_ms.clone();
        sorted.sort_by(f64::total_cmp);
        let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len());
        sorted[at - 1]
    }
}

/// Sends each list of requests on a connection of its own, side by side; every answer must be a 200.
pub fn load(address: SocketAddr, by_connection: Vec<Vec<Vec<u8>>>) -> Load {
    runtime().block_on(async {
        let mut connections = Vec::new();
        for requests in by_connection {
            connections.push((Connection::open(address).await, requests));
        }
        let (mut tasks, started) = (JoinSet::new(), Instant::now());
        for (mut connection, requests) in connections {
            tasks.spawn(async move {
                let mut latencies_ms = Vec::with_capacity(requests.len());
                for request in requests {
                    let sent = Instant::now();
                    let (status, body) = connection.exchange(&request).await;
                    latencies_ms.push(sent.elapsed().as_secs_f64() * 1000.0);
                    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
                }
                latencies_ms
            });
        }
        let latencies_ms = tasks.join_all().await.concat();
        Load { elapsed: started.elapsed(), latencies_ms }
    })
}
