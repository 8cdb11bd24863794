//! A loopback receiver that takes orders as the post's HCC interface does, answers after a set time, and counts what came.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came: orders by number, the first instant, one whole body.
#[derive(Default)]
pub struct Came {
    /// How often each order came.
    pub orders: HashMap<String, usize>,
    /// When the first one came.
    pub first_at: Option<Instant>,
    /// A body, for who sends the same bare.
    pub body: Vec<u8>,
}

/// The receiver, on a thread of its own.
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    came: Arc<Mutex<Came>>,
    runtime: Option<tokio::runtime::Runtime>,
}

const ANSWER: &str = r#"{"Status":true,"Id":"1","Message":"OK"}"#;

impl Receiver {
    /// Starts it; each answer comes after `delay`.
    pub fn start(delay: Duration) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let came = Arc::new(Mutex::new(Came::default()));
        let shared = came.clone();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, delay, shared.clone()));
            }
        });
        Receiver { address, came, runtime: Some(runtime) }
    }

    /// Takes what came since the last time.
    pub fn take(&self) -> Came {
        std::mem::take(&mut self.came.lock().expect("the count"))
    }

    /// How many came since the last time.
    pub fn count(&self) -> usize {
        self.came.lock().expect("the count").orders.values().sum()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(mut stream: TcpStream, delay: Duration, came: Arc<Mutex<Came>>) {
    drop(stream.set_nodelay(true));
    let mut buffer = Vec::with_capacity(8 * 1024);
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{ANSWER}",
        ANSWER.len()
    );
    loop {
        let Some((head, length)) = head(&buffer) else {
            if !stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
                return;
            }
            continue;
        };
        while buffer.len() < head + length {
            if !stream.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
                return;
            }
        }
        note(&came, &buffer[head..head + length]);
        buffer.drain(..head + length);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn note(came: &Mutex<Came>, body: &[u8]) {
    let text = String::from_utf8_lossy(body);
    let number = text.split_once("\"SoDonHang\":\"").and_then(|(_, rest)| rest.split('"').next());
    let mut came = came.lock().expect("the count");
    *came.orders.entry(number.unwrap_or_default().to_owned()).or_insert(0) += 1;
    came.first_at.get_or_insert_with(Instant::now);
    if came.body.is_empty() {
        came.body = body.to_vec();
    }
}

/// Length of the head and of the body, when the head is whole.
fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    Some((end, length.unwrap_or(0)))
}
