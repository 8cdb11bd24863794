//! Our own webhooks after Standard Webhooks 1.0: `v1` (HMAC-SHA256) and `v1a` (Ed25519), one signature per live key.

use crate::base::secret::Redacted;
use crate::peers::{Answer, Auth, Call, Method, Reply, reply};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use thiserror::Error;

const SECRET_PREFIX: &str = "whsec_";
const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";

/// A receiver refuses a delivery whose time is further away than this.
pub const TOLERANCE_S: i64 = 300;

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Neither `whsec_` nor `whsk_` with base64.
    #[error("the key must be whsec_ or whsk_ followed by base64")]
    Form,
    /// Too short or too long.
    #[error("a whsec_ secret has 24 to 64 bytes, a whsk_ key 32 or 64")]
    Length,
}

/// A key that signs deliveries.
pub enum SigningKey {
    /// `whsec_…`: shared with the receiver.
    Hmac(Box<hmac::Key>),
    /// `whsk_…`: the receiver knows `whpk_…` only.
    Ed25519(Box<Ed25519KeyPair>),
}

impl SigningKey {
    /// Reads `whsec_…` or `whsk_…`.
    pub fn parse(text: &Redacted<String>) -> Result<Self, KeyError> {
        let text = text.reveal().as_str();
        if let Some(secret) = text.strip_prefix(SECRET_PREFIX) {
            let bytes = STANDARD.decode(secret).map_err(|_| KeyError::Form)?;
            let fits = (24..=64).contains(&bytes.len());
            return if fits { Ok(SigningKey::Hmac(Box::new(hmac_key(&bytes)))) } else { Err(KeyError::Length) };
        }
        let private = text.strip_prefix(PRIVATE_PREFIX).ok_or(KeyError::Form)?;
        let bytes = STANDARD.decode(private).map_err(|_| KeyError::Form)?;
        let pair = match bytes.split_at_checked(32) {
            Some((seed, [])) => Ed25519KeyPair::from_seed_unchecked(seed),
            Some((seed, public)) => Ed25519KeyPair::from_seed_and_public_key(seed, public),
            None => return Err(KeyError::Length),
        };
        pair.map(|pair| SigningKey::Ed25519(Box::new(pair))).map_err(|_| KeyError::Length)
    }

    /// One signature of the header: `v1,…` or `v1a,…`.
    pub fn sign(&self, id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let message = signed_bytes(id, &timestamp_s.to_string(), body);
        match self {
            SigningKey::Hmac(key) => format!("v1,{}", STANDARD.encode(hmac::sign(key, &message))),
            SigningKey::Ed25519(pair) => format!("v1a,{}", STANDARD.encode(pair.sign(&message))),
        }
    }
}

fn hmac_key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

fn signed_bytes(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

/// A `whsec_…` secret from 32 random bytes.
pub fn make_secret(random: &[u8; 32]) -> Redacted<String> {
    Redacted::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(random)))
}

/// A `whsk_…` and `whpk_…` pair from 32 random bytes; none only if the library refuses the seed.
pub fn make_keypair(random: &[u8; 32]) -> Option<(Redacted<String>, String)> {
    let pair = Ed25519KeyPair::from_seed_unchecked(random).ok()?;
    let public = pair.public_key().as_ref();
    let private = STANDARD.encode([random.as_slice(), public].concat());
    Some((Redacted::new(format!("{PRIVATE_PREFIX}{private}")), format!("{PUBLIC_PREFIX}{}", STANDARD.encode(public))))
}

/// The three headers of one attempt; during rotation every live key signs.
pub fn headers(id: &str, timestamp_s: i64, body: &[u8], keys: &[SigningKey]) -> [(&'static str, Redacted<String>); 3] {
    let signatures: Vec<String> = keys.iter().map(|key| key.sign(id, timestamp_s, body)).collect();
    [
        ("webhook-id", Redacted::new(id.to_owned())),
        ("webhook-timestamp", Redacted::new(timestamp_s.to_string())),
        ("webhook-signature", Redacted::new(signatures.join(" "))),
    ]
}

/// One attempt to deliver an event to a subscriber; the base URL of the target is the subscriber's whole URL.
pub fn post(id: &str, timestamp_s: i64, body: Vec<u8>, keys: &[SigningKey]) -> Call {
    Call {
        method: Method::Post,
        path: String::new(),
        headers: headers(id, timestamp_s, &body, keys).into(),
        content_type: Some("application/json"),
        body,
        auth: Auth::None,
    }
}

/// Only 2xx is success and 410 disables; all else is repeated, which is safe because the id stays the same.
pub fn decode_post(answer: &Reply) -> Answer {
    match answer.status {
        200..=299 => Answer::done(),
        410 => Answer::Refused { code: "HTTP_410".to_owned(), text: reply::message(&answer.body) },
        status @ (429 | 503) => Answer::Retry { retry_after_s: answer.retry_after_s, why: format!("HTTP {status}") },
        status => Answer::Retry { retry_after_s: None, why: format!("HTTP {status}") },
    }
}

/// Why a delivery is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// A header is missing or is not of the form.
    #[error("a webhook-* header is missing or malformed")]
    Headers,
    /// The time is too far away.
    #[error("the timestamp is too far from now")]
    Timestamp,
    /// No signature fits any key.
    #[error("no signature fits")]
    Signature,
}

/// Verifies raw bytes, before anything is parsed. `keys` are `whsec_…` and `whpk_…`, all that are live.
pub fn verify(
    header: impl Fn(&str) -> Option<String>,
    body: &[u8],
    keys: &[Redacted<String>],
    now_s: i64,
) -> Result<(), VerifyError> {
    let read = |name| header(name).filter(|value| !value.is_empty()).ok_or(VerifyError::Headers);
    let (id, timestamp, signatures) = (read("webhook-id")?, read("webhook-timestamp")?, read("webhook-signature")?);
    let sent_s: i64 = timestamp.parse().map_err(|_| VerifyError::Headers)?;
    if now_s.saturating_sub(sent_s).unsigned_abs() > TOLERANCE_S.unsigned_abs() {
        return Err(VerifyError::Timestamp);
    }
    let message = signed_bytes(&id, &timestamp, body);
    let fits = signatures.split(' ').any(|signature| keys.iter().any(|key| fits(signature, key, &message)));
    fits.then_some(()).ok_or(VerifyError::Signature)
}

fn fits(signature: &str, key: &Redacted<String>, message: &[u8]) -> bool {
    let Some((version, signature)) = signature.split_once(',') else { return false };
    let Ok(signature) = STANDARD.decode(signature) else { return false };
    let bytes = |prefix: &str| STANDARD.decode(key.reveal().strip_prefix(prefix)?).ok();
    match version {
        // ring compares in constant time.
        "v1" => bytes(SECRET_PREFIX).is_some_and(|key| hmac::verify(&hmac_key(&key), message, &signature).is_ok()),
        "v1a" => bytes(PUBLIC_PREFIX)
            .is_some_and(|key| UnparsedPublicKey::new(&ED25519, key).verify(message, &signature).is_ok()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peers::reply::replied;
    use proptest::prelude::*;

    fn key(text: &str) -> SigningKey {
        SigningKey::parse(&Redacted::new(text.to_owned())).unwrap()
    }

    fn check(call: &Call, keys: &[Redacted<String>], now_s: i64) -> Result<(), VerifyError> {
        let header =
            |name: &str| call.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.reveal().clone());
        verify(header, &call.body, keys, now_s)
    }

    /// The two vectors of anchors 1.11.
    #[test]
    fn signs_the_known_vectors() {
        let library = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(
            library.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        let body = br#"{"type":"dossier.custody.accepted","timestamp":"2026-08-24T01:15:30Z","data":{"id":"H26.10.20260824-0001"}}"#;
        assert_eq!(
            key("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").sign("msg_0001", 1_787_536_800, body),
            "v1,Ej26Z1ri7u4VmCiYi/69CHwT+o/v0YhvEIfLGbISzbw="
        );
    }

    /// RFC 8032, test 1: the seed gives this public key.
    #[test]
    fn makes_the_key_pair_of_the_seed() {
        let seed: [u8; 32] = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
            0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ];
        let (private, public) = make_keypair(&seed).unwrap();
        assert_eq!(public, "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        let call = post("ev_1", 1_000, b"{}".to_vec(), &[SigningKey::parse(&private).unwrap()]);
        assert_eq!(check(&call, &[Redacted::new(public)], 1_000), Ok(()));
    }

    #[test]
    fn during_rotation_either_secret_fits() {
        let (old, new) = (make_secret(&[1; 32]), make_secret(&[2; 32]));
        let (private, public) = make_keypair(&[3; 32]).unwrap();
        let keys: Vec<SigningKey> = [&old, &new, &private].map(|key| SigningKey::parse(key).unwrap()).into();
        let call = post("ev_1", 1_000, b"{\"a\":1}".to_vec(), &keys);
        for live in [&old, &new, &Redacted::new(public)] {
            assert_eq!(check(&call, std::slice::from_ref(live), 1_100), Ok(()));
        }
        assert_eq!(check(&call, &[make_secret(&[9; 32])], 1_000), Err(VerifyError::Signature));
        assert_eq!(check(&call, &[old], 1_000 + TOLERANCE_S + 1), Err(VerifyError::Timestamp));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let refused = |text: &str| SigningKey::parse(&Redacted::new(text.to_owned())).err();
        assert_eq!(refused("secret"), Some(KeyError::Form));
        assert_eq!(refused("whsec_?"), Some(KeyError::Form));
        assert_eq!(refused("whsec_AAAA"), Some(KeyError::Length));
        assert_eq!(refused("whsk_AAAA"), Some(KeyError::Length));
    }

    #[test]
    fn only_2xx_is_success() {
        let outcome = |status| decode_post(&Reply { retry_after_s: Some(5), ..replied(status, "") });
        assert_eq!((outcome(204), outcome(200)), (Answer::done(), Answer::done()));
        assert!(matches!(outcome(410), Answer::Refused { .. }));
        assert!(matches!(outcome(429), Answer::Retry { retry_after_s: Some(5), .. }));
        for status in [301, 400, 404, 500, 502] {
            assert!(matches!(outcome(status), Answer::Retry { retry_after_s: None, .. }), "{status}");
        }
    }

    proptest! {
        #[test]
        fn any_change_of_id_time_or_body_breaks_the_signature(
            secret in any::<[u8; 32]>(), id in "[a-z0-9_]{1,20}", at in 0_i64..2_000_000_000, body in proptest::collection::vec(any::<u8>(), 0..60), flip in any::<u8>(),
        ) {
            let secret = make_secret(&secret);
            let call = post(&id, at, body, &[SigningKey::parse(&secret).unwrap()]);
            let keys = [secret];
            prop_assert_eq!(check(&call, &keys, at), Ok(()));
            let mut other = call.clone();
            other.body.push(flip);
            prop_assert_eq!(check(&other, &keys, at), Err(VerifyError::Signature));
            let mut other = call.clone();
            other.headers[0].1 = Redacted::new(format!("{id}x"));
            prop_assert_eq!(check(&other, &keys, at), Err(VerifyError::Signature));
            let mut other = call;
            other.headers[1].1 = Redacted::new((at + 1).to_string());
            prop_assert_eq!(check(&other, &keys, at), Err(VerifyError::Signature));
        }
    }
}
