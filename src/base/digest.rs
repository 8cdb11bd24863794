//! SHA-256 in the two spellings that we print.

use ring::digest;

/// Lower-case hexadecimal SHA-256 of the bytes, 64 characters.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// `sha-256:` and 64 hexadecimal digits, the form of every digest in the contract.
pub fn sha256_tagged(bytes: &[u8]) -> String {
    format!("sha-256:{}", sha256_hex(bytes))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(*DIGITS.get(usize::from(nibble)).unwrap_or(&b'0'));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// SHA-256 of what comes piece by piece.
pub struct Sha256 {
    context: digest::Context,
}

impl Default for Sha256 {
    fn default() -> Self {
        Sha256 { context: digest::Context::new(&digest::SHA256) }
    }
}

impl Sha256 {
    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    /// `sha-256:` and 64 hexadecimal digits.
    pub fn finish_tagged(self) -> String {
        format!("sha-256:{}", hex(self.context.finish().as_ref()))
    }
}
