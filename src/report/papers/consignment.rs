//! Phiếu gửi hồ sơ: the post's written contract with who sends (TT 17 Đ9 k2, QĐ 45 Đ6 k4 and Đ9 k2).

use super::{Job, PapersError, Signature, templates};
use crate::base::time::Ts;
use crate::report::codes::{code128_svg, qr_svg};
use crate::report::{dates, words};
use serde_json::{Value, json};

/// A consignment note, complete as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsignmentNote {
    /// Its number, also in the bar code.
    pub number: String,
    /// The post above the office: `Bưu điện tỉnh Hòa Giang`.
    pub superior: String,
    /// The office, with its code: `Bưu cục Tân Hòa, mã 980110`.
    pub office: String,
    /// The service: `Gửi hồ sơ và trả kết quả`.
    pub service: String,
    /// The copies to print: `Liên 1: bưu cục giữ`. Without any, one page without such a name.
    pub copies: Vec<String>,
    /// Who sends.
    pub sender: Person,
    /// Who receives.
    pub receiver: Person,
    /// Name of the procedure.
    pub procedure: String,
    /// Number of the dossier, once there is one.
    pub dossier_number: Option<String>,
    /// Number of the postal item.
    pub item_number: Option<String>,
    /// Number of the seal.
    pub seal: Option<String>,
    /// Where the result goes: `tại địa chỉ người gửi`.
    pub result_to: Option<String>,
    /// The papers inside.
    pub papers: Vec<PaperLine>,
    /// When the post took it: the day J of every promise.
    pub accepted_at: Ts,
    /// Where: `tại quầy bưu cục`.
    pub accepted_place: Option<String>,
    /// The promise: `đến cơ quan chậm nhất 20/11/2026 (J+1)`.
    pub promise: String,
    /// Fee of the procedure, collected for the agency.
    pub fee: Option<Charge>,
    /// Price of the carriage, the post's own money.
    pub postage: Option<Postage>,
    /// Rights, duties and liability in short.
    pub terms: String,
    /// Signature of who sends.
    pub sender_signature: Signature,
    /// Signature of the post.
    pub clerk_signature: Signature,
    /// Whether the result will be received with a third signature on this note.
    pub receipt_place: bool,
    /// The address of tracking, in the QR code.
    pub tracking_address: String,
    /// The secret that opens tracking.
    pub tracking_secret: Option<String>,
}

/// A person or a unit with an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The telephone.
    pub phone: Option<String>,
    /// The address of mail, where there is one.
    pub email: Option<String>,
    /// The address.
    pub address: String,
}

/// One paper in the dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperLine {
    /// What it is.
    pub name: String,
    /// How many originals.
    pub originals: u64,
    /// How many copies.
    pub copies: u64,
}

/// A fee with the number of its receipt (biên lai).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The amount.
    pub amount_dong: u64,
    /// Number of the receipt.
    pub receipt: String,
}

/// Postage: who pays it when, and the number of its own receipt once it is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postage {
    /// The amount.
    pub amount_dong: u64,
    /// `người gửi trả ngay`.
    pub way: String,
    /// Number of the receipt: another one than that of the fee.
    pub receipt: Option<String>,
}

pub(super) fn job<'a>(note: &ConsignmentNote, template: Option<&'a str>) -> Result<Job<'a>, PapersError> {
    let mut pictures = Vec::new();
    let sender_signature = note.sender_signature.data("sender", &mut pictures)?;
    let clerk_signature = note.clerk_signature.data("clerk", &mut pictures)?;
    let sum = |of: fn(&PaperLine) -> u64| note.papers.iter().map(of).fold(0, u64::saturating_add);
    let one = [String::new()];
    let copies = if note.copies.is_empty() { one.as_slice() } else { note.copies.as_slice() };
    let data = json!({
        "number": note.number, "bars": code128_svg(&note.number, "")?,
        "superior": note.superior, "office": note.office, "service": note.service, "copies": copies,
        "sender": person(&note.sender), "receiver": person(&note.receiver),
        "procedure": note.procedure, "dossier_number": note.dossier_number, "item_number": note.item_number,
        "seal": note.seal, "result_to": note.result_to,
        "papers": note.papers.iter().map(|paper| json!([paper.name, paper.originals, paper.copies])).collect::<Vec<_>>(),
        "totals": [sum(|paper| paper.originals), sum(|paper| paper.copies)],
        "accepted": dates::clock_and_date(note.accepted_at), "accepted_place": note.accepted_place, "promise": note.promise,
        "fee": note.fee.as_ref().map(|fee| json!({
            "amount": words::money(fee.amount_dong), "amount_words": words::money_words(fee.amount_dong),
            "receipt": fee.receipt,
        })),
        "postage": note.postage.as_ref().map(|postage| json!({
            "amount": words::money(postage.amount_dong), "way": postage.way, "receipt": postage.receipt,
        })),
        "terms": note.terms, "sender_signature": sender_signature, "clerk_signature": clerk_signature,
        "receipt_place": note.receipt_place,
        "qr": qr_svg(&note.tracking_address, "")?, "tracking_secret": note.tracking_secret,
    });
    let template = template.unwrap_or(templates::CONSIGNMENT_NOTE);
    let identity = format!("giaonhan:note:{}", note.number);
    Ok(Job { template, data, pictures, date: Some(note.accepted_at), identity })
}

fn person(person: &Person) -> Value {
    json!({ "name": person.name, "phone": person.phone, "email": person.email, "address": person.address })
}
