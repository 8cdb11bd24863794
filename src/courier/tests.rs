//! The courier against real sockets on the loopback: everything a counterpart and a network were seen to do.

use super::*;
use crate::base::time::{SECOND_US, Ts};
use crate::peers::hcc;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the server does with one request.
enum Act {
    /// Answers: status line, further headers, body.
    Answer(u16, &'static str, String),
    /// Keeps the connection open and says nothing.
    Silence,
    /// Closes without an answer.
    Close,
    /// Announces more than it sends, and closes.
    CutBody,
    /// Announces more than it sends, and keeps the connection open.
    StallBody,
    /// Sends without end.
    Flood,
}

/// A counterpart on a free port; `decide` sees the raw request.
struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
}

impl Server {
    fn start(decide: impl Fn(&str, usize) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, stopped, decide) = (requests.clone(), stop.clone(), Arc::new(decide));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (seen, decide) = (seen.clone(), decide.clone());
                std::thread::spawn(move || serve(stream, &seen, decide.as_ref()));
            }
        });
        Server { address, requests, stop }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn requests(&self) -> Vec<String> {
        locked(&self.requests).clone()
    }

    fn count(&self, part: &str) -> usize {
        self.requests().iter().filter(|request| request.contains(part)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(mut stream: TcpStream, seen: &Mutex<Vec<String>>, decide: &(dyn Fn(&str, usize) -> Act + Send + Sync)) {
    let Some(request) = read_request(&mut stream) else { return };
    let nth = {
        let mut seen = locked(seen);
        seen.push(request.clone());
        seen.len()
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"Status\": true";
    match decide(&request, nth) {
        Act::Answer(status, headers, body) => {
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
            );
        }
        Act::Silence => until_closed(&mut stream),
        Act::Close => {}
        Act::CutBody => drop(stream.write_all(head.as_bytes())),
        Act::StallBody => {
            let _ = stream.write_all(head.as_bytes());
            until_closed(&mut stream);
        }
        Act::Flood => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            while stream.write_all(&[b'x'; 4096]).is_ok() {}
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
}

fn until_closed(stream: &mut TcpStream) {
    let mut byte = [0];
    while matches!(stream.read(&mut byte), Ok(1)) {}
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0_usize) {
            return Some(text);
        }
    }
}

fn ok(body: &str) -> Act {
    Act::Answer(200, "Content-Type: application/json\r\n", body.to_owned())
}

fn target(base_url: String) -> Target {
    Target {
        name: "post".to_owned(),
        base_url,
        credentials: Credentials::Token(Redacted::new("guid-of-the-token".to_owned())),
        connect_timeout_ms: 2_000,
        timeout_ms: 20_000,
        reply_bytes_max: 100_000,
        proxy: None,
        allow_private_addresses: true,
    }
}

fn login_target(base_url: String) -> Target {
    let credentials = Credentials::Login {
        username: "sample".to_owned(),
        password: Redacted::new("password-of-the-sample".to_owned()),
        customer_code: "T000000001".to_owned(),
    };
    Target { credentials, ..target(base_url) }
}

fn impatient(base_url: String) -> Target {
    Target { timeout_ms: 300, ..target(base_url) }
}

fn order_call() -> Call {
    Call::post_json("/serviceApi/v1/postDieuTin", Auth::QueryToken, &json!({"SoDonHang": "K-1"}))
}

fn courier() -> Courier {
    Courier::new(Clock::system())
}

async fn outcome(act: fn() -> Act) -> (Result<Reply, Failure>, usize) {
    let server = Server::start(move |_, _| act());
    let result = courier().send(&impatient(server.url()), order_call()).await;
    (result, server.requests().len())
}

#[tokio::test]
async fn sends_what_the_codec_made_and_brings_the_whole_answer() {
    let server =
        Server::start(|_, _| Act::Answer(429, "Retry-After: 7\r\nContent-Type: text/plain\r\n", "chờ".to_owned()));
    let reply = courier().send(&target(format!("{}/", server.url())), order_call()).await.unwrap();
    assert_eq!((reply.status, reply.retry_after_s, reply.content_type.as_deref()), (429, Some(7), Some("text/plain")));
    assert_eq!(reply.body, "chờ".as_bytes());
    let request = &server.requests()[0];
    assert!(request.starts_with("POST /serviceApi/v1/postDieuTin?token=guid-of-the-token HTTP/1.1"));
    assert!(request.ends_with("{\"SoDonHang\":\"K-1\"}"));
    let poll = courier().send(&target(server.url()), hcc::poll(&Default::default())).await;
    assert!(poll.is_ok() && server.requests()[1].contains("&token=guid-of-the-token "));
}

/// E2: the order is stored, the answer never comes. Nothing may be repeated without asking.
#[tokio::test]
async fn a_time_out_after_sending_is_unknown_and_sent_once() {
    let (result, sent) = outcome(|| Act::Silence).await;
    assert_eq!((result, sent), (Err(Failure::Unknown("time-out".to_owned())), 1));
}

#[tokio::test]
async fn a_broken_answer_is_unknown_and_sent_once() {
    for act in [|| Act::Close, || Act::CutBody, || Act::StallBody, || Act::Flood] as [fn() -> Act; 4] {
        let (result, sent) = outcome(act).await;
        assert!(matches!(result, Err(Failure::Unknown(_))), "{result:?}");
        assert_eq!(sent, 1);
    }
}

#[tokio::test]
async fn a_reply_that_is_too_large_is_cut_off() {
    let server = Server::start(|_, _| ok(&"x".repeat(100_001)));
    let result = courier().send(&target(server.url()), order_call()).await;
    assert_eq!(result, Err(Failure::Unknown("the reply is larger than 100000 bytes".to_owned())));
    let fits = Server::start(|_, _| ok(&"x".repeat(100_000)));
    assert!(courier().send(&target(fits.url()), order_call()).await.is_ok());
}

#[tokio::test]
async fn what_cannot_be_connected_was_certainly_not_sent() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = Server::start(|_, _| ok("{}"));
    let unreachable = [
        format!("http://{free}"),
        format!("http://{}.invalid", "n".repeat(70)),
        format!("https://{}", plain.address),
        "not a url".to_owned(),
    ];
    for base_url in unreachable {
        let result = courier().send(&target(base_url.clone()), order_call()).await;
        let Err(Failure::NotSent(why)) = result else { panic!("{base_url}: {result:?}") };
        assert!(!why.contains("guid-of-the-token") && !why.contains("postDieuTin"), "{why}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let server = Server::start(|_, _| Act::Answer(302, "Location: /elsewhere\r\n", String::new()));
    let reply = courier().send(&target(server.url()), order_call()).await.unwrap();
    assert_eq!((reply.status, server.requests().len()), (302, 1));
}

#[tokio::test]
async fn a_subscriber_cannot_make_us_call_our_own_network() {
    let server = Server::start(|_, _| ok("{}"));
    for base_url in [server.url(), format!("http://localhost:{}", server.address.port())] {
        let guarded = Target { allow_private_addresses: false, ..target(base_url) };
        let result = courier().send(&guarded, order_call()).await;
        assert_eq!(result, Err(Failure::NotSent("the address lies in a private network".to_owned())));
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn credentials_of_another_kind_are_not_sent() {
    let server = Server::start(|_, _| ok("{}"));
    let basic = Call::get("/o/rest/v2/dossiers/1", Auth::Basic);
    assert!(matches!(courier().send(&target(server.url()), basic.clone()).await, Err(Failure::NotSent(_))));
    let credentials = Credentials::Basic { username: "sample".to_owned(), password: Redacted::new("pw".to_owned()) };
    let reply = courier().send(&Target { credentials, ..target(server.url()) }, basic).await;
    assert!(reply.is_ok() && server.requests()[0].to_ascii_lowercase().contains("authorization: basic c2ftcgxlonb3"));
}

fn get_order() -> Call {
    crate::peers::myvnpost::find("K-1")
}

/// A counterpart whose token `t<n>` is good after `n` log-ins, `good` of them at most.
fn with_login(good: impl Fn(&str) -> bool + Send + Sync + 'static) -> Server {
    let logins = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |request, _| {
        if request.starts_with("POST /GetAccessToken") {
            let nth = logins.fetch_add(1, Ordering::SeqCst) + 1;
            return ok(&json!({"success": true, "token": format!("t{nth}")}).to_string());
        }
        if good(request) { ok("[]") } else { Act::Answer(401, "", String::new()) }
    })
}

#[tokio::test]
async fn one_log_in_serves_all_callers() {
    let server = with_login(|request| request.contains("token: t1"));
    let (courier, target) = (Arc::new(courier()), login_target(server.url()));
    let calls: Vec<_> = (0..12)
        .map(|_| {
            let (courier, target) = (courier.clone(), target.clone());
            tokio::spawn(async move { courier.send(&target, get_order()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().map(|reply| reply.status), Ok(200));
    }
    assert_eq!((server.count("POST /GetAccessToken"), server.count("GET /getOrder")), (1, 12));
}

/// E4: the token ends in the middle of a run. One new log-in, the call once more, no further.
#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = with_login(|request| request.contains("token: t2"));
    let (courier, target) = (courier(), login_target(server.url()));
    for _ in 0..3 {
        assert_eq!(courier.send(&target, get_order()).await.map(|reply| reply.status), Ok(200));
    }
    assert_eq!((server.count("POST /GetAccessToken"), server.count("GET /getOrder")), (2, 4));
    // Some gateways say it with HTTP 200.
    let polite = Server::start(|request, nth| match nth {
        _ if request.starts_with("POST /GetAccessToken") => {
            ok(&json!({"success": true, "token": format!("t{nth}")}).to_string())
        }
        2 => ok(r#"{"success": false, "errorMessage": "Token hết hạn"}"#),
        _ => ok("[]"),
    });
    let reply = courier.send(&login_target(polite.url()), get_order()).await.unwrap();
    assert_eq!((reply.body.as_slice(), polite.requests().len()), (b"[]".as_slice(), 4));
    let never = with_login(|_| false);
    let reply = courier.send(&login_target(never.url()), get_order()).await;
    assert_eq!(reply.map(|reply| reply.status), Ok(401));
    assert_eq!((never.count("POST /GetAccessToken"), never.count("GET /getOrder")), (2, 2));
}

/// E4: 429 at the log-in. The caller is told to come back, and nobody knocks again before.
#[tokio::test]
async fn a_busy_log_in_is_left_alone() {
    let server = Server::start(|_, nth| match nth {
        1 => Act::Answer(429, "Retry-After: 30\r\n", String::new()),
        2 => ok(r#"{"success": true, "token": "t"}"#),
        _ => ok("[]"),
    });
    let clock = Clock::fixed(Ts::parse_rfc3339("2026-11-06T09:15:00+07:00").unwrap());
    let (courier, target) = (Courier::new(clock.clone()), login_target(server.url()));
    for _ in 0..2 {
        let reply = courier.send(&target, get_order()).await.unwrap();
        assert_eq!((reply.status, reply.retry_after_s), (429, Some(30)));
    }
    assert_eq!(server.requests().len(), 1);
    clock.advance_us(31 * SECOND_US);
    assert_eq!(courier.send(&target, get_order()).await.map(|reply| reply.status), Ok(200));
}

#[tokio::test]
async fn a_log_in_that_breaks_is_repeated_and_then_counts_as_not_sent() {
    let once = Server::start(|_, nth| match nth {
        1 => Act::Close,
        2 => ok(r#"{"success": true, "token": "t"}"#),
        _ => ok("[]"),
    });
    assert_eq!(courier().send(&login_target(once.url()), get_order()).await.map(|reply| reply.status), Ok(200));
    let always = Server::start(|_, _| Act::Close);
    let result = courier().send(&login_target(always.url()), get_order()).await;
    assert!(matches!(&result, Err(Failure::NotSent(why)) if !why.contains("password-of-the-sample")), "{result:?}");
    assert_eq!((always.requests().len(), always.count("GET /getOrder")), (3, 0));
    let refused = Server::start(|_, _| ok(r#"{"success": false, "errorMessage": "Sai mật khẩu"}"#));
    assert_eq!(courier().send(&login_target(refused.url()), get_order()).await.map(|reply| reply.status), Ok(401));
}

#[test]
fn a_printed_target_shows_no_secret() {
    let text =
        format!("{:?} {:?}", target("http://post.example".to_owned()), login_target("http://post.example".to_owned()));
    assert!(!text.contains("guid-of-the-token") && !text.contains("password-of-the-sample"));
}
