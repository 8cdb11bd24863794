//! One HTTP exchange: client, credentials, limits, and what an error tells about the outcome.

use super::{Courier, Credentials, Failure, Target, address, locked};
use crate::base::secret::Redacted;
use crate::base::time::Ts;
use crate::peers::{Auth, Call, Method, Reply};
use backoff::{ExponentialBackoff, ExponentialBackoffBuilder};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Request, Url};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Tries to set up a connection within one call of ours.
const TRIES_MAX: u32 = 3;

/// Targets with the same settings share a client and its connections.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct ClientKey {
    tls: bool,
    connect_timeout_ms: u64,
    proxy: Option<String>,
    allow_private: bool,
}

/// How a try ended without an answer.
struct Broken {
    failure: Failure,
    again: Again,
}

/// Whether another try at once may do better.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// No: settings are wrong, or somebody was waited for long enough.
    No,
    /// Only for a call that may be repeated as one likes: something may have been sent.
    IfRepeatable,
    /// Yes: nothing was sent.
    Yes,
}

impl Broken {
    fn for_good(why: impl Into<String>) -> Self {
        Broken { failure: Failure::NotSent(why.into()), again: Again::No }
    }

    fn of(error: reqwest::Error) -> Self {
        let (connecting, timed_out) = (error.is_connect(), error.is_timeout());
        let why = if timed_out { "time-out".to_owned() } else { innermost(&error.without_url()) };
        match (connecting, timed_out) {
            (true, true) => Broken::for_good(why),
            (true, false) if why == address::PRIVATE => Broken::for_good(why),
            (true, false) => Broken { failure: Failure::NotSent(why), again: Again::Yes },
            (false, true) => Broken { failure: Failure::Unknown(why), again: Again::No },
            (false, false) => Broken { failure: Failure::Unknown(why), again: Again::IfRepeatable },
        }
    }
}

/// The cause itself; the layers around it repeat each other.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

impl Courier {
    /// Sends once; only a connection that could not be set up is tried again.
    pub(super) async fn exchange(
        &self,
        target: &Target,
        call: &Call,
        token: Option<&Redacted<String>>,
    ) -> Result<Reply, Failure> {
        self.tries(target, call, token, false).await
    }

    /// As `exchange`, for a call that may be repeated as one likes: a connection that broke is tried again too.
    pub(super) async fn exchange_repeating(&self, target: &Target, call: &Call) -> Result<Reply, Failure> {
        self.tries(target, call, None, true).await
    }

    async fn tries(
        &self,
        target: &Target,
        call: &Call,
        token: Option<&Redacted<String>>,
        repeatable: bool,
    ) -> Result<Reply, Failure> {
        let (client, tries) = (self.client(target)?, AtomicU32::new(1));
        backoff::future::retry(pauses(), || async {
            let request = request(&client, target, call, token)
                .map_err(|why| backoff::Error::permanent(Failure::NotSent(why)))?;
            self.once(&client, request, target).await.map_err(|broken| {
                let again = broken.again == Again::Yes || (repeatable && broken.again == Again::IfRepeatable);
                match again && tries.fetch_add(1, Ordering::Relaxed) < TRIES_MAX {
                    true => backoff::Error::transient(broken.failure),
                    false => backoff::Error::permanent(broken.failure),
                }
            })
        })
        .await
    }

    async fn once(&self, client: &Client, request: Request, target: &Target) -> Result<Reply, Broken> {
        address::check(request.url(), target.allow_private_addresses).map_err(Broken::for_good)?;
        let mut response = client.execute(request).await.map_err(Broken::of)?;
        let too_large = || Broken {
            failure: Failure::Unknown(format!("the reply is larger than {} bytes", target.reply_bytes_max)),
            again: Again::No,
        };
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(Broken::of)? {
            if body.len().saturating_add(chunk.len()) > target.reply_bytes_max {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let headers = response.headers();
        let content_type = text(headers, CONTENT_TYPE).map(str::to_owned);
        let retry_after_s = retry_after_s(headers, self.clock.now());
        Ok(Reply { status: response.status().as_u16(), retry_after_s, content_type, body })
    }

    fn client(&self, target: &Target) -> Result<Client, Failure> {
        let key = ClientKey {
            tls: ![Some(&target.base_url), target.proxy.as_ref()]
                .into_iter()
                .flatten()
                .all(|url| url.starts_with("http://")),
            connect_timeout_ms: target.connect_timeout_ms,
            proxy: target.proxy.clone(),
            allow_private: target.allow_private_addresses,
        };
        if let Some(client) = locked(&self.clients).get(&key) {
            return Ok(client.clone());
        }
        let client = build(&key).map_err(|error| Failure::NotSent(innermost(&error.without_url())))?;
        Ok(locked(&self.clients).entry(key).or_insert(client).clone())
    }
}

/// Pauses between tries; the count of tries ends them, never the crate's own deadline.
fn pauses() -> ExponentialBackoff {
    ExponentialBackoffBuilder::new()
        .with_initial_interval(Duration::from_millis(100))
        .with_multiplier(2.0)
        .with_randomization_factor(0.2)
        .with_max_elapsed_time(None)
        .build()
}

fn build(key: &ClientKey) -> Result<Client, reqwest::Error> {
    let mut builder = Client::builder()
        .user_agent(concat!("giaonhan/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_millis(key.connect_timeout_ms))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .pool_idle_timeout(Duration::from_secs(30));
    builder = match &key.proxy {
        // Behind a proxy the proxy resolves names; its own address is the operator's choice.
        Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy)?),
        None if key.allow_private => builder.no_proxy(),
        None => builder.no_proxy().dns_resolver(Arc::new(address::PublicOnly)),
    };
    if !key.tls {
        // A machine without certificate authorities can still speak plain HTTP on its own network.
        builder = builder.tls_certs_only(std::iter::empty::<reqwest::Certificate>());
    }
    builder.build()
}

fn request(client: &Client, target: &Target, call: &Call, token: Option<&Redacted<String>>) -> Result<Request, String> {
    let text = format!("{}{}", target.base_url.trim_end_matches('/'), call.path);
    let text = if call.path.is_empty() { &target.base_url } else { &text };
    let mut url = Url::parse(text).map_err(|_| "the address is not a URL".to_owned())?;
    let mut headers = HeaderMap::new();
    for (name, value) in &call.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "a header name has forbidden characters")?;
        headers.insert(name, secret(value)?);
    }
    if let Some(content_type) = call.content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    let method = match call.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
    };
    let mut basic = None;
    match (call.auth, &target.credentials, token) {
        (Auth::None, ..) => {}
        (Auth::QueryToken, Credentials::Token(token), _) => {
            url.query_pairs_mut().append_pair("token", token.reveal());
        }
        (Auth::HeaderToken, _, Some(token)) => {
            headers.insert(HeaderName::from_static("token"), secret(token)?);
        }
        (Auth::Basic, Credentials::Basic { username, password }, _) => basic = Some((username, password.reveal())),
        _ => return Err("the target has no credentials of the kind that this call needs".to_owned()),
    }
    let mut builder = client.request(method, url).headers(headers).timeout(Duration::from_millis(target.timeout_ms));
    if let Some((username, password)) = basic {
        builder = builder.basic_auth(username, Some(password));
    }
    if call.method != Method::Get {
        builder = builder.body(call.body.clone());
    }
    builder.build().map_err(|error| innermost(&error.without_url()))
}

fn secret(value: &Redacted<String>) -> Result<HeaderValue, String> {
    let mut header =
        HeaderValue::from_str(value.reveal()).map_err(|_| "a header value has forbidden characters".to_owned())?;
    header.set_sensitive(true);
    Ok(header)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// `Retry-After` in seconds: a count, or a date read against the counterpart's own clock.
fn retry_after_s(headers: &HeaderMap, now: Ts) -> Option<u64> {
    let value = text(headers, RETRY_AFTER)?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(seconds);
    }
    let instant = |text: &str| chrono::DateTime::parse_from_rfc2822(text).ok().map(|at| at.timestamp());
    let now_s = text(headers, DATE).and_then(instant).unwrap_or(now.us() / 1_000_000);
    u64::try_from(instant(value)?.saturating_sub(now_s)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_retry_after() {
        let read = |value: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            headers.extend(date.map(|date| (DATE, HeaderValue::from_str(date).unwrap())));
            retry_after_s(&headers, Ts::parse_rfc3339("2026-11-06T02:15:00Z").unwrap())
        };
        assert_eq!(read("120", None), Some(120));
        assert_eq!(read("Fri, 06 Nov 2026 02:16:00 GMT", None), Some(60));
        assert_eq!(read("Fri, 06 Nov 2026 09:16:00 GMT", Some("Fri, 06 Nov 2026 09:15:30 GMT")), Some(30));
        for unreadable in ["-5", "soon", "Fri, 06 Nov 2026 02:14:00 GMT", ""] {
            assert_eq!(read(unreadable, None), None, "{unreadable}");
        }
    }
}
