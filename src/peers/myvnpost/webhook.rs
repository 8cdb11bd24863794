//! The webhook of MyVNPost. Its signature covers three fields of the first record and nothing else, so only those
//! are proof; everything else is a hint that has to be pulled (`get_order`).

use super::record;
use crate::peers::Report;
use crate::peers::myvnpost::LookUp;
use crate::peers::tolerant::{self, Fields};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::{Value, json};
use thiserror::Error;

/// A batch whose signature fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookBatch {
    /// The first record, as far as it may be believed: item number and status are signed; our order number, the
    /// receiver and money are not and are left out. None when there is no item number (the signature would fit any
    /// order) or the row cannot be read. When no leg carries the item number yet, pull it.
    pub first: Option<Report>,
    /// How to pull the first record, for the fields that are not signed.
    pub first_pull: ToPull,
    /// Records 2…n: nothing of them is believed before it is pulled (E7).
    pub others: Vec<ToPull>,
}

/// An order that has to be asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToPull {
    /// The post's number of the item.
    pub item_number: Option<String>,
    /// Our order number.
    pub order_key: Option<String>,
}

impl ToPull {
    /// By what to ask: our own number where there is one.
    pub fn look_up(&self) -> Option<LookUp<'_>> {
        let by_key = self.order_key.as_deref().map(LookUp::OrderKey);
        by_key.or_else(|| self.item_number.as_deref().map(LookUp::ItemNumber))
    }

    fn of(record: Fields<'_>) -> Self {
        ToPull { item_number: record::item_number(record), order_key: record::order_key(record) }
    }
}

/// Why a batch is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// Not the form of the interface.
    #[error("the body is not a batch of records: {0}")]
    Unreadable(&'static str),
    /// The key in our configuration is not a public RSA key.
    #[error("the public key of the post is not an RSA key in DER (SubjectPublicKeyInfo)")]
    Key,
    /// The signature is missing or does not fit.
    #[error("the signature does not fit")]
    Signature,
}

/// Verifies a batch against the post's public key (SubjectPublicKeyInfo, DER) and says what to believe.
pub fn verify(public_key_der_spki: &[u8], body: &[u8]) -> Result<WebhookBatch, WebhookError> {
    let key = rsa_public_key(public_key_der_spki).ok_or(WebhookError::Key)?;
    let value = tolerant::json(body).ok_or(WebhookError::Unreadable("not JSON"))?;
    let fields = Fields::of(&value).ok_or(WebhookError::Unreadable("not an object"))?;
    let records = fields.list(&["data"]).ok_or(WebhookError::Unreadable("no list `data`"))?;
    let mut objects = records.iter().filter_map(Fields::of);
    let first = objects.next().ok_or(WebhookError::Unreadable("`data` has no record"))?;
    let signature = fields.text(&["signature"]).and_then(|text| STANDARD.decode(text).ok());
    let signature = signature.ok_or(WebhookError::Signature)?;
    let send_date = fields.get(&["sendDate"]).map(verbatim).unwrap_or_default();
    let item_code = first.get(&["itemCode"]).map(verbatim).unwrap_or_default();
    let status = first.get(&["status"]).map(verbatim).unwrap_or_default();
    let message = format!("MYVNP{send_date}{item_code}{status}");
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
        .verify(message.as_bytes(), &signature)
        .map_err(|_| WebhookError::Signature)?;
    let mut others: Vec<ToPull> = objects.map(ToPull::of).filter(|pull| pull.look_up().is_some()).collect();
    others.sort();
    others.dedup();
    Ok(WebhookBatch { first: believed(first, &send_date), first_pull: ToPull::of(first), others })
}

fn verbatim(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => tolerant::text(other).unwrap_or_default(),
    }
}

/// The claimed time is not signed, but it cannot be later than the signed time of sending.
fn believed(record: Fields<'_>, send_date: &str) -> Option<Report> {
    record::item_number(record)?;
    let sent_at = tolerant::instant(send_date)?;
    let report = record::report(record).ok().filter(|report| report.occurred_at <= sent_at)?;
    Some(Report { order_key: None, receiver_name: None, amount: None, ..report })
}

/// The answer to a batch that was stored.
pub fn reply_stored(records: usize) -> String {
    json!({"success": true, "message": "Đã nhận", "updated": records}).to_string()
}

/// The answer to a batch that was not taken.
pub fn reply_refused(error: &WebhookError) -> String {
    let message = match error {
        WebhookError::Unreadable(_) => "Không đọc được dữ liệu",
        WebhookError::Key | WebhookError::Signature => "Chữ ký không hợp lệ",
    };
    json!({"success": false, "message": message, "updated": 0}).to_string()
}

/// The key out of PEM text (`-----BEGIN PUBLIC KEY-----`).
pub fn public_key_from_pem(pem: &str) -> Option<Vec<u8>> {
    let body = pem.split_once("-----BEGIN PUBLIC KEY-----")?.1.split_once("-----END PUBLIC KEY-----")?.0;
    let compact: String = body.split_whitespace().collect();
    STANDARD.decode(compact).ok().filter(|der| rsa_public_key(der).is_some())
}

/// SubjectPublicKeyInfo is a sequence of an algorithm and a bit string that holds the RSA key proper.
fn rsa_public_key(spki: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    const BIT_STRING: u8 = 0x03;
    const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    let (outer, rest) = der(spki, SEQUENCE)?;
    let (algorithm, after) = der(outer, SEQUENCE)?;
    let (bits, end) = der(after, BIT_STRING)?;
    let whole = rest.is_empty() && end.is_empty() && algorithm.starts_with(RSA_ENCRYPTION);
    whole.then_some(bits)?.strip_prefix(&[0])
}

/// Content of the DER element with this tag, and what follows it.
fn der(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (&length, rest) = rest.split_first()?;
    if first != tag {
        return None;
    }
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 | 0x82 => {
            let count = usize::from(length & 0x0f);
            let digits = rest.get(..count)?;
            (digits.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte)), rest.get(count..)?)
        }
        _ => return None,
    };
    Some((rest.get(..length)?, rest.get(length..)?))
}
