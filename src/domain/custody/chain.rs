//! The hash chain of one leg: each event's hash covers its canonical body and the hash before it (design rule 5).

use crate::base::digest::sha256_tagged;

/// The hash of an event: SHA-256 over the previous hash (empty for the first), a line feed, and the canonical body.
pub fn link(prev_hash: Option<&str>, body: &str) -> String {
    let prev = prev_hash.unwrap_or_default();
    let mut bytes = Vec::with_capacity(prev.len() + 1 + body.len());
    bytes.extend_from_slice(prev.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(body.as_bytes());
    sha256_tagged(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_depends_on_both_parts() {
        let first = link(None, "a");
        assert_eq!(first, sha256_tagged(b"\na"));
        assert_ne!(link(Some(&first), "a"), first);
        assert_ne!(link(Some(&first), "a"), link(Some(&first), "b"));
    }
}
