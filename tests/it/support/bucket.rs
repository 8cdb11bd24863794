//! A bucket that takes nothing without a right signature (AWS Signature Version 4, read from its specification and not from our code), and keeps
//! what it took.

use super::town::StandIn;
use giaonhan::base::digest::{hex, sha256_hex};
use giaonhan::sim::server::{Answer, Call};
use ring::hmac;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const ACCESS_KEY: &str = "GNTESTACCESSKEY";
const SECRET_KEY: &str = "giaonhan/test+secret";
const REGION: &str = "vn-south-1";
const NAME: &str = "bao-cao";

type Objects = BTreeMap<String, Vec<u8>>;

/// The bucket.
pub struct Bucket {
    server: StandIn,
    objects: Arc<Mutex<Objects>>,
    refused: Arc<Mutex<Vec<String>>>,
    down: Arc<AtomicUsize>,
}

impl Bucket {
    /// Starts it.
    pub fn start() -> Self {
        let objects = Arc::<Mutex<Objects>>::default();
        let refused = Arc::<Mutex<Vec<String>>>::default();
        let down = Arc::<AtomicUsize>::default();
        let (kept, faults, away) = (objects.clone(), refused.clone(), down.clone());
        let server = StandIn::start(move |call| {
            if away.load(Ordering::SeqCst) > 0 {
                away.fetch_sub(1, Ordering::SeqCst);
                return error(503, "SlowDown");
            }
            if let Err(why) = verified(call) {
                faults.lock().unwrap().push(why);
                return error(403, "SignatureDoesNotMatch");
            }
            let mut objects = kept.lock().unwrap();
            let Some(name) = call.path.strip_prefix(&format!("/{NAME}/")) else { return error(404, "NoSuchBucket") };
            match (call.method.as_str(), objects.get(name)) {
                ("GET", Some(bytes)) => Answer::new(200, "application/octet-stream", bytes.clone()),
                ("GET", None) => error(404, "NoSuchKey"),
                ("PUT", Some(_)) if call.header("if-none-match") == Some("*") => error(412, "PreconditionFailed"),
                ("PUT", _) => {
                    objects.insert(name.to_owned(), call.body.clone());
                    Answer::empty(200)
                }
                _ => error(405, "MethodNotAllowed"),
            }
        });
        Bucket { server, objects, refused, down }
    }

    /// Settings of a receiver of this name.
    pub fn toml(&self, name: &str, prefix: &str) -> String {
        format!(
            "\n[[receivers]]\nname = \"{name}\"\nkind = \"bucket\"\nendpoint = \"{}\"\nregion = \"{REGION}\"\n\
             bucket = \"{NAME}\"\nprefix = \"{prefix}\"\naccess_key = \"{ACCESS_KEY}\"\nsecret_key = \"{SECRET_KEY}\"\n",
            self.server.url()
        )
    }

    /// What it keeps.
    pub fn objects(&self) -> Objects {
        self.objects.lock().unwrap().clone()
    }

    /// Puts something there that is not of us.
    pub fn place(&self, name: &str, bytes: &[u8]) {
        self.objects.lock().unwrap().insert(name.to_owned(), bytes.to_vec());
    }

    /// Answers the next calls as a store that is not well.
    pub fn down_for(&self, calls: usize) {
        self.down.store(calls, Ordering::SeqCst);
    }

    /// Objects that were written.
    pub fn writes(&self) -> usize {
        self.server.each(|call| call.method == "PUT").into_iter().filter(|put| *put).count()
    }

    /// Why calls were refused.
    pub fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap().clone()
    }
}

fn error(status: u16, code: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>");
    Answer::new(status, "application/xml", body.into_bytes())
}

fn verified(call: &Call) -> Result<(), String> {
    let header = |name: &str| call.header(name).ok_or_else(|| format!("there is no header {name}"));
    let authorization = header("authorization")?;
    let rest = authorization.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("another algorithm")?;
    let parts: BTreeMap<&str, &str> = rest.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let part = |name: &str| parts.get(name).copied().ok_or_else(|| format!("there is no {name}"));
    let (credential, names, signature) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
    let stamp = header("x-amz-date")?;
    let day = stamp.get(..8).ok_or("x-amz-date is too short")?;
    let scope = format!("{day}/{REGION}/s3/aws4_request");
    if credential != format!("{ACCESS_KEY}/{scope}") {
        return Err(format!("the credential is {credential}"));
    }
    let signed: Vec<&str> = names.split(';').collect();
    if !signed.is_sorted() || !signed.contains(&"host") || !signed.contains(&"x-amz-content-sha256") {
        return Err(format!("the signed headers are {names}"));
    }
    let digest = sha256_hex(&call.body);
    if header("x-amz-content-sha256")? != digest {
        return Err("the digest is of another body".to_owned());
    }
    if !call.query.is_empty() {
        return Err("a query is not signed here".to_owned());
    }
    let mut canonical = format!("{}\n{}\n\n", call.method, call.path);
    for name in &signed {
        canonical.push_str(&format!("{name}:{}\n", header(name)?.trim()));
    }
    canonical.push_str(&format!("\n{names}\n{digest}"));
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", sha256_hex(canonical.as_bytes()));
    let mac =
        |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec();
    let key = mac(format!("AWS4{SECRET_KEY}").as_bytes(), day);
    let key = mac(&mac(&mac(&key, REGION), "s3"), "aws4_request");
    if hex(&mac(&key, &text)) != signature {
        return Err("the signature is another".to_owned());
    }
    Ok(())
}
