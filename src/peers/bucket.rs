//! A bucket after the interface of Amazon S3, which stores of objects everywhere speak: an object is read, and written where there is none.
//!
//! Calls are signed with AWS Signature Version 4 over their headers; what is sent is covered by its digest.

use chrono::DateTime;
use ring::hmac;

use crate::base::digest::{hex, sha256_hex};
use crate::base::secret::Redacted;
use crate::base::time::Ts;
use crate::peers::{Answer, Auth, Call, Method, Reply, reply};

/// A bucket, and who we are there.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// `http(s)://host[:port]` of the interface.
    pub endpoint: String,
    /// Region, as signatures name it.
    pub region: String,
    /// Name.
    pub name: String,
    /// What stands before the names of objects.
    pub prefix: String,
    /// The name stands in the path, and not before the host.
    pub path_style: bool,
    /// Who we are.
    pub access_key: Redacted<String>,
    /// What proves it.
    pub secret_key: Redacted<String>,
}

/// What became of reading an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is there with these bytes.
    Same,
    /// It is there with others.
    Other,
    /// It is not there.
    Nothing,
    /// We may write and not read.
    Hidden,
    /// No answer that says anything.
    Unclear(Answer),
}

/// What became of writing an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is there now.
    Yes,
    /// There was one already.
    ThereAlready,
    /// It was not written.
    No(Answer),
}

impl Bucket {
    /// What stands before the paths of calls.
    pub fn base_url(&self) -> String {
        match self.endpoint.split_once("://") {
            Some((scheme, host)) if !self.path_style => format!("{scheme}://{}.{host}", self.name),
            _ => self.endpoint.clone(),
        }
    }

    /// Reads an object.
    pub fn get(&self, object: &str, at: Ts) -> Call {
        self.call(Method::Get, object, Vec::new(), None, at)
    }

    /// Writes an object where there is none of this name.
    pub fn put(&self, object: &str, content_type: &'static str, bytes: Vec<u8>, at: Ts) -> Call {
        self.call(Method::Put, object, bytes, Some(content_type), at)
    }

    fn call(&self, method: Method, object: &str, body: Vec<u8>, content_type: Option<&'static str>, at: Ts) -> Call {
        let path = match self.path_style {
            true => format!("/{}/{}{object}", self.name, self.prefix),
            false => format!("/{}{object}", self.prefix),
        };
        let mut signed = vec![
            ("host", host_of(&self.base_url())),
            ("x-amz-content-sha256", sha256_hex(&body)),
            ("x-amz-date", stamp(at)),
        ];
        if method == Method::Put {
            signed.insert(1, ("if-none-match", "*".to_owned()));
        }
        let word = if method == Method::Put { "PUT" } else { "GET" };
        let authorization = self.authorization(word, &path, &signed, at);
        let sent = signed.into_iter().filter(|(name, _)| *name != "host").chain([("authorization", authorization)]);
        let headers = sent.map(|(name, value)| (name, Redacted::new(value))).collect();
        Call { method, path, headers, content_type, body, auth: Auth::None }
    }

    /// `Authorization`; the headers come sorted, and `x-amz-content-sha256` among them.
    fn authorization(&self, method: &str, path: &str, headers: &[(&'static str, String)], at: Ts) -> String {
        let stamp = stamp(at);
        let day = stamp.get(..8).unwrap_or_default();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let digest = headers.iter().find(|(name, _)| *name == "x-amz-content-sha256").map_or("", |(_, value)| value);
        let request = format!("{method}\n{path}\n\n{lines}\n{names}\n{digest}");
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", sha256_hex(request.as_bytes()));
        let secret = format!("AWS4{}", self.secret_key.reveal());
        let steps = [day, self.region.as_str(), "s3", "aws4_request", text.as_str()];
        let signature = steps.iter().fold(secret.into_bytes(), |key, step| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), step.as_bytes()).as_ref().to_vec()
        });
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope},SignedHeaders={names},Signature={}",
            self.access_key.reveal(),
            hex(&signature)
        )
    }
}

/// The host as clients write it: lower case, without the port that its scheme has anyway.
fn host_of(url: &str) -> String {
    let (scheme, host) = url.split_once("://").unwrap_or(("", url));
    let usual = if scheme == "https" { ":443" } else { ":80" };
    host.strip_suffix(usual).unwrap_or(host).to_ascii_lowercase()
}

/// `YYYYMMDDTHHMMSSZ`.
fn stamp(at: Ts) -> String {
    DateTime::from_timestamp_micros(at.us()).unwrap_or_default().format("%Y%m%dT%H%M%SZ").to_string()
}

/// What reading an object says about the bytes that it should have.
pub fn decode_get(reply: &Reply, wanted: &[u8]) -> Found {
    match reply.status {
        200 if reply.body == wanted => Found::Same,
        200 => Found::Other,
        404 if code_of(&reply.body).is_none_or(|code| code == "NoSuchKey") => Found::Nothing,
        403 => Found::Hidden,
        _ => Found::Unclear(refused(reply)),
    }
}

/// What came of writing an object.
pub fn decode_put(reply: &Reply) -> Written {
    match reply.status {
        200 | 201 | 204 => Written::Yes,
        412 => Written::ThereAlready,
        // Somebody writes the same name at this moment.
        409 => Written::No(Answer::Retry { retry_after_s: None, why: "HTTP 409".to_owned() }),
        _ => Written::No(refused(reply)),
    }
}

fn refused(reply: &Reply) -> Answer {
    let said = code_of(&reply.body).map(|code| format!(" {code}")).unwrap_or_default();
    match reply.status {
        // A wrong clock, and rights that come, are mended without us.
        status @ (401 | 403) => Answer::Retry { retry_after_s: None, why: format!("HTTP {status}{said}") },
        // A bucket that is not there may be made.
        404 => Answer::Retry { retry_after_s: None, why: format!("HTTP 404{said}") },
        status @ 400..=499 if !matches!(status, 408 | 429) => {
            Answer::Refused { code: format!("HTTP_{status}"), text: said.trim().to_owned() }
        }
        status => reply::by_status(reply).unwrap_or_else(|| Answer::unknown(format!("HTTP {status}"))),
    }
}

/// The word of an error, such as `NoSuchBucket`.
fn code_of(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body.get(..body.len().min(4_096))?).ok()?;
    let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
    let is_word = !code.is_empty() && code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::reply::replied;

    fn bucket(path_style: bool) -> Bucket {
        Bucket {
            endpoint: "https://s3.amazonaws.com".to_owned(),
            region: "us-east-1".to_owned(),
            name: "examplebucket".to_owned(),
            prefix: String::new(),
            path_style,
            access_key: Redacted::new("AKIAIOSFODNN7EXAMPLE".to_owned()),
            secret_key: Redacted::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned()),
        }
    }

    /// "Authenticating Requests: Using the Authorization Header": the example GET Object, with its `Range`.
    #[test]
    fn signs_the_example_of_the_interface() {
        let at = Ts::parse_rfc3339("2013-05-24T00:00:00Z").unwrap();
        let headers = [
            ("host", "examplebucket.s3.amazonaws.com".to_owned()),
            ("range", "bytes=0-9".to_owned()),
            ("x-amz-content-sha256", sha256_hex(b"")),
            ("x-amz-date", "20130524T000000Z".to_owned()),
        ];
        let signed = bucket(false).authorization("GET", "/test.txt", &headers, at);
        assert_eq!(
            signed,
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        );
    }

    #[test]
    fn an_object_is_written_only_where_there_is_none() {
        let at = Ts::parse_rfc3339("2026-11-03T07:00:00+07:00").unwrap();
        let call =
            Bucket { prefix: "giaonhan/".to_owned(), ..bucket(true) }.put("a.pdf", "application/pdf", vec![1], at);
        let header =
            |name: &str| call.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.reveal().clone());
        assert_eq!((call.path.as_str(), call.method), ("/examplebucket/giaonhan/a.pdf", Method::Put));
        assert_eq!(header("if-none-match").as_deref(), Some("*"));
        assert_eq!(header("x-amz-date").as_deref(), Some("20261103T000000Z"));
        assert!(
            header("authorization")
                .unwrap()
                .contains("SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date")
        );
        assert_eq!(bucket(false).base_url(), "https://examplebucket.s3.amazonaws.com");
        assert_eq!(host_of("http://Kho.example:9000"), "kho.example:9000");
        assert_eq!(host_of("https://kho.example:443"), "kho.example");
    }

    #[test]
    fn answers_mean_what_they_say() {
        let error = |code: &str| format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
        assert_eq!(decode_get(&replied(200, "abc"), b"abc"), Found::Same);
        assert_eq!(decode_get(&replied(200, "abd"), b"abc"), Found::Other);
        assert_eq!(decode_get(&replied(404, &error("NoSuchKey")), b"abc"), Found::Nothing);
        let no_bucket = decode_get(&replied(404, &error("NoSuchBucket")), b"abc");
        assert_eq!(
            no_bucket,
            Found::Unclear(Answer::Retry { retry_after_s: None, why: "HTTP 404 NoSuchBucket".to_owned() })
        );
        assert_eq!(decode_get(&replied(403, &error("AccessDenied")), b"abc"), Found::Hidden);
        assert_eq!(decode_put(&replied(412, &error("PreconditionFailed"))), Written::ThereAlready);
        assert!(matches!(decode_put(&replied(400, &error("EntityTooLarge"))), Written::No(Answer::Refused { .. })));
        assert!(matches!(decode_put(&replied(500, "")), Written::No(Answer::Unknown { .. })));
        assert!(matches!(decode_put(&replied(503, &error("SlowDown"))), Written::No(Answer::Retry { .. })));
        assert!(matches!(decode_put(&replied(301, "")), Written::No(Answer::Unknown { .. })));
    }
}
