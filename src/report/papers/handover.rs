//! Biên bản giao nhận hồ sơ: what stands in it (QĐ 45 Đ7 k3, TT 17 Đ5 k1g), laid out as NĐ 30/2020 wants.

use super::{Job, PapersError, Signature, templates};
use crate::base::time::Ts;
use crate::report::codes::qr_svg;
use crate::report::{dates, words};
use serde_json::{Value, json};

/// A handover record, complete as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverRecord {
    /// The id of the handover, as the program keeps it.
    pub id: String,
    /// The digest that both sides signed, as the program keeps it (`sha-256:…`).
    pub digest: String,
    /// The number of the record: `0213/BBGN-TH`.
    pub number: String,
    /// The body above the one that issues the record.
    pub superior: Option<String>,
    /// The body that issues the record.
    pub issuer: String,
    /// The place before the date: `Tân Hòa`.
    pub place: String,
    /// When the record was made.
    pub made_at: Ts,
    /// Where the parties met: `quầy 7, Trung tâm Phục vụ hành chính công tỉnh Hòa Giang`.
    pub venue: String,
    /// What is handed over: `Giao nhận hồ sơ thủ tục hành chính qua dịch vụ bưu chính công ích`.
    pub subject: String,
    /// The reason or the trip, as a sentence: `Giao chuyến 1 trong ngày, bảng kê BK-980110-0077`.
    pub reason: Option<String>,
    /// Who gives.
    pub giver: Party,
    /// Who receives.
    pub receiver: Party,
    /// The dossiers.
    pub lines: Vec<HandoverLine>,
    /// Fee money that goes along.
    pub fees: Option<Fees>,
    /// Whether the signatures are the legal moment of filing (C5, QĐ 45 Đ7 k4): true from post to agency at intake.
    pub files_dossiers: bool,
}

/// One of the two parties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The unit, with its code: `Bưu cục Tân Hòa, Bưu điện tỉnh Hòa Giang (mã 980110)`.
    pub unit: String,
    /// `Ông` or `Bà`; without it stands `Ông (bà)`.
    pub courtesy: Option<String>,
    /// The position: `Bưu tá`.
    pub position: String,
    /// The person and the signature.
    pub signature: Signature,
}

/// One dossier of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverLine {
    /// Number of the consignment note.
    pub note_number: Option<String>,
    /// Number of the dossier, once the agency has given one.
    pub dossier_number: Option<String>,
    /// Who applies.
    pub applicant: String,
    /// Name of the procedure.
    pub procedure: String,
    /// Originals and copies as the giver declared them.
    pub declared: (u64, u64),
    /// Originals and copies as the receiver counted them.
    pub counted: Option<(u64, u64)>,
    /// Number of the seal.
    pub seal: Option<String>,
    /// Whether the receiver took it.
    pub taken: bool,
    /// The outcome in words: `Đủ`, `Không nhận: thiếu bản chính`.
    pub outcome: String,
    /// A remark of the parties.
    pub remark: Option<String>,
}

/// Fee money that goes along with the dossiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fees {
    /// The amount.
    pub amount_dong: u64,
    /// How many receipts.
    pub receipts: u64,
    /// The receipt numbers in words: `từ số BL-26A 0007301 đến số BL-26A 0007307`.
    pub numbers: Option<String>,
}

pub(super) fn job<'a>(record: &HandoverRecord, template: Option<&'a str>) -> Result<Job<'a>, PapersError> {
    let hex = record.digest.strip_prefix("sha-256:").unwrap_or(&record.digest);
    let identity = format!("giaonhan:handover:{}:{hex}", record.id);
    let mut pictures = Vec::new();
    let giver = party(&record.giver, "giver", &mut pictures)?;
    let receiver = party(&record.receiver, "receiver", &mut pictures)?;
    let fees = record.fees.as_ref().map(|fees| {
        json!({
            "amount": words::money(fees.amount_dong), "amount_words": words::money_words(fees.amount_dong),
            "receipts": fees.receipts, "numbers": fees.numbers,
        })
    });
    let data = json!({
        "number": record.number, "superior": record.superior, "issuer": record.issuer, "place": record.place,
        "date": dates::long_date(record.made_at), "clock": dates::clock_words(record.made_at),
        "venue": record.venue, "subject": record.subject, "reason": record.reason,
        "giver": giver, "receiver": receiver,
        "lines": record.lines.iter().map(line).collect::<Vec<_>>(), "totals": totals(&record.lines),
        "fees": fees, "files_dossiers": record.files_dossiers,
        "digest": hex, "digest_short": short(hex), "qr": qr_svg(&identity, "")?,
        "copies": [{ "no": 1, "keeper": "bên giao giữ" }, { "no": 2, "keeper": "bên nhận giữ" }],
    });
    let template = template.unwrap_or(templates::HANDOVER_RECORD);
    Ok(Job { template, data, pictures, date: Some(record.made_at), identity })
}

fn party(party: &Party, place: &str, pictures: &mut Vec<(String, Vec<u8>)>) -> Result<Value, PapersError> {
    Ok(json!({
        "unit": party.unit, "courtesy": party.courtesy.as_deref().unwrap_or("Ông (bà)"), "position": party.position,
        "signature": party.signature.data(place, pictures)?,
    }))
}

fn line(line: &HandoverLine) -> Value {
    json!({
        "note_number": line.note_number, "dossier_number": line.dossier_number,
        "applicant": line.applicant, "procedure": line.procedure,
        "declared": [line.declared.0, line.declared.1],
        "counted": line.counted.map(|(originals, copies)| [originals, copies]),
        "seal": line.seal, "taken": line.taken, "outcome": line.outcome, "remark": line.remark,
    })
}

/// What was taken, in digits and in words: only taken lines change hands (C4).
fn totals(lines: &[HandoverLine]) -> Value {
    let taken: Vec<_> = lines.iter().filter(|line| line.taken).collect();
    let dossiers = u64::try_from(taken.len()).unwrap_or(u64::MAX);
    let sum = |of: fn(&HandoverLine) -> u64| taken.iter().map(|line| of(line)).fold(0, u64::saturating_add);
    let declared = [sum(|line| line.declared.0), sum(|line| line.declared.1)];
    let counted =
        [sum(|line| line.counted.unwrap_or(line.declared).0), sum(|line| line.counted.unwrap_or(line.declared).1)];
    json!({
        "listed": words::two_digits(u64::try_from(lines.len()).unwrap_or(u64::MAX)),
        "dossiers": words::two_digits(dossiers), "dossiers_words": words::words(dossiers),
        "declared": declared, "counted": counted, "counted_words": counted.map(words::words),
    })
}

/// Beginning and end of a digest, enough for two people to compare at a glance.
fn short(hex: &str) -> String {
    let letters: Vec<char> = hex.chars().collect();
    let (Some(head), Some(tail)) = (letters.get(..16), letters.len().checked_sub(4).and_then(|at| letters.get(at..)))
    else {
        return hex.to_owned();
    };
    let head: Vec<String> = head.chunks(4).map(|four| four.iter().collect()).collect();
    format!("{} … {}", head.join(" "), tail.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::papers::samples;

    #[test]
    fn totals_count_what_was_taken() {
        let record = samples::record(8);
        let totals = totals(&record.lines);
        assert_eq!(totals["listed"], "08");
        assert_eq!((&totals["dossiers"], &totals["dossiers_words"]), (&json!("07"), &json!("bảy")));
        assert_eq!(totals["counted"], json!([17, 11]));
        assert_eq!(totals["counted_words"], json!(["mười bảy", "mười một"]));
    }

    #[test]
    fn the_short_digest_shows_both_ends() {
        assert_eq!(short(&"0123456789abcdef".repeat(4)), "0123 4567 89ab cdef … cdef");
        assert_eq!(short("ab"), "ab");
        assert_eq!(short("tóm tắt"), "tóm tắt");
    }
}
