//! What a sign-in that is under way must remember, sealed into a cookie: only the browser that began can end it, and no replica
//! has to know of it. It is of use once, since the provider takes a code once.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::base::time::{MINUTE_US, Ts};

/// How long somebody may take to sign in at the provider.
pub const PENDING_US: i64 = 10 * MINUTE_US;

/// A sign-in under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Comes back with the answer.
    pub state: String,
    /// Comes back inside the ID token.
    pub nonce: String,
    /// The secret half of PKCE.
    pub verifier: String,
    /// Where to go then.
    pub next: String,
    /// Until when, in microseconds.
    pub until_us: i64,
}

fn key(secret: &str) -> Option<LessSafeKey> {
    let digest = digest(&SHA256, secret.as_bytes());
    UnboundKey::new(&CHACHA20_POLY1305, digest.as_ref()).ok().map(LessSafeKey::new)
}

/// Seals it with a secret of ours.
pub fn seal(secret: &str, pending: &Pending) -> Option<String> {
    let mut number = [0_u8; NONCE_LEN];
    SystemRandom::new().fill(&mut number).ok()?;
    let mut sealed = serde_json::to_vec(pending).ok()?;
    let nonce = Nonce::assume_unique_for_key(number);
    key(secret)?.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).ok()?;
    Some(URL_SAFE_NO_PAD.encode([number.as_slice(), &sealed].concat()))
}

/// Opens what we sealed, while it lasts.
pub fn open(secret: &str, text: &str, now: Ts) -> Option<Pending> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (number, sealed) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(number).ok()?;
    let mut sealed = sealed.to_vec();
    let opened = key(secret)?.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
    let pending: Pending = serde_json::from_slice(opened).ok()?;
    (now.us() < pending.until_us).then_some(pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_sealed_opens_and_only_in_time() {
        let now = Ts::from_us(1_000_000);
        let text = |text: &str| text.to_owned();
        let pending = Pending {
            state: text("s"),
            nonce: text("n"),
            verifier: text("v"),
            next: text("/post"),
            until_us: now.plus_us(PENDING_US).us(),
        };
        let sealed = seal("secret", &pending).unwrap();
        assert!(!sealed.contains("/post") && sealed != seal("secret", &pending).unwrap());
        assert_eq!(open("secret", &sealed, now), Some(pending));
        assert_eq!(open("secret", &sealed, now.plus_us(PENDING_US)), None);
        assert_eq!(open("another", &sealed, now), None);
        let mut changed = sealed.clone().into_bytes();
        changed[30] = if changed[30] == b'A' { b'B' } else { b'A' };
        assert_eq!(open("secret", std::str::from_utf8(&changed).unwrap(), now), None);
        for broken in ["", "AAAA", "not base64!"] {
            assert_eq!(open("secret", broken, now), None);
        }
    }
}
