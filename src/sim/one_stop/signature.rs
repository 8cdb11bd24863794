//! Standard Webhooks 1.0 as a receiver sees it: `v1` (HMAC-SHA256) and `v1a` (Ed25519) over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::{hmac, signature};

/// The keys that a receiver holds; several during a rotation.
#[derive(Default)]
pub(super) struct Keys {
    secrets: Vec<Vec<u8>>,
    public: Vec<Vec<u8>>,
}

/// Which schemes verified.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Verified {
    /// The HMAC.
    pub(super) v1: bool,
    /// The Ed25519 signature.
    pub(super) v1a: bool,
}

impl Keys {
    /// Reads `whsec_…` and `whpk_…`.
    pub(super) fn read(secrets: &[String], public_keys: &[String]) -> Result<Self, String> {
        let decode = |texts: &[String], prefix: &str| -> Result<Vec<Vec<u8>>, String> {
            texts
                .iter()
                .map(|text| {
                    let base64 = text.strip_prefix(prefix).ok_or_else(|| format!("a key begins with {prefix}"))?;
                    STANDARD.decode(base64).map_err(|_| format!("a key after {prefix} is base64"))
                })
                .collect()
        };
        Ok(Keys { secrets: decode(secrets, "whsec_")?, public: decode(public_keys, "whpk_")? })
    }

    /// How many keys there are.
    pub(super) fn count(&self) -> usize {
        self.secrets.len() + self.public.len()
    }

    /// Whether both schemes can be checked.
    pub(super) fn expects(&self) -> Verified {
        Verified { v1: !self.secrets.is_empty(), v1a: !self.public.is_empty() }
    }

    /// Checks every signature in the header against every key.
    pub(super) fn verify(&self, id: &str, timestamp: &str, body: &[u8], header: &str) -> Verified {
        let mut message = format!("{id}.{timestamp}.").into_bytes();
        message.extend_from_slice(body);
        let mut verified = Verified::default();
        for part in header.split(' ') {
            let Some((scheme, base64)) = part.split_once(',') else { continue };
            let Ok(signature) = STANDARD.decode(base64) else { continue };
            match scheme {
                "v1" => {
                    verified.v1 |= self.secrets.iter().any(|secret| {
                        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), &message, &signature).is_ok()
                    });
                }
                "v1a" => {
                    verified.v1a |= self.public.iter().any(|key| {
                        signature::UnparsedPublicKey::new(&signature::ED25519, key).verify(&message, &signature).is_ok()
                    });
                }
                _ => {}
            }
        }
        verified
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::KeyPair;

    fn keys(secret: &str) -> Keys {
        Keys::read(&[secret.to_owned()], &[]).unwrap()
    }

    #[test]
    fn the_known_vectors_verify_and_nothing_else_does() {
        let library = keys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let (id, at, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert!(library.verify(id, at, body, good).v1);
        assert!(library.verify(id, at, body, &format!("v1,AAAA v1a,BBBB {good}")).v1, "any of several");
        assert!(!library.verify(id, "1614265331", body, good).v1);
        assert!(!library.verify(id, at, br#"{"test":2432232314}"#, good).v1, "raw bytes, not their meaning");
        assert!(!library.verify(id, at, body, &good.replace("v1,", "v2,")).v1);

        let own = keys("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX");
        let body = br#"{"type":"dossier.custody.accepted","timestamp":"2026-08-24T01:15:30Z","data":{"id":"H26.10.20260824-0001"}}"#;
        assert!(own.verify("msg_0001", "1787536800", body, "v1,Ej26Z1ri7u4VmCiYi/69CHwT+o/v0YhvEIfLGbISzbw=").v1);
        assert!(!library.verify("msg_0001", "1787536800", body, "v1,Ej26Z1ri7u4VmCiYi/69CHwT+o/v0YhvEIfLGbISzbw=").v1);
    }

    #[test]
    fn ed25519_verifies_under_its_own_key_only() {
        let pair = |byte: u8| signature::Ed25519KeyPair::from_seed_unchecked(&[byte; 32]).unwrap();
        let public = |pair: &signature::Ed25519KeyPair| format!("whpk_{}", STANDARD.encode(pair.public_key().as_ref()));
        let header = format!("v1a,{}", STANDARD.encode(pair(7).sign(b"ev_1.1787536800.{}").as_ref()));
        let holding = |key: String| Keys::read(&[], &[key]).unwrap();
        assert!(holding(public(&pair(7))).verify("ev_1", "1787536800", b"{}", &header).v1a);
        assert!(!holding(public(&pair(8))).verify("ev_1", "1787536800", b"{}", &header).v1a);
        assert!(!holding(public(&pair(7))).verify("ev_2", "1787536800", b"{}", &header).v1a);
        assert!(Keys::read(&["MfKQ9r8G".to_owned()], &[]).is_err());
    }
}
