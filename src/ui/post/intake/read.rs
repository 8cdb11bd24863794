//! What the intake form sent: the words of the act, and what is wrong at which field.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::app::intake::{CountedPaper, Intake, Sender, Signed};
use crate::app::people::sessions::{SignInProof, prove_again};
use crate::app::{AppError, evidence};
use crate::domain::problem::{Problem, Refusal};
use crate::ui::ask::Ask;
use crate::ui::form::{Errors, Form};
use crate::ui::page::Stop;

/// Fields of the form and what the rules call them.
const FIELDS: &[(&str, &str)] = &[
    ("agencyCode", "agency"),
    ("procedureCode", "procedure"),
    ("dossierNo", "dossier"),
    ("supplementNo", "supplement"),
    ("party.name", "name"),
    ("party.phone", "phone"),
    ("party.email", "email"),
    ("party.address.text", "address"),
    ("sealNo", "seal"),
    ("itemNumber", "item"),
    ("feeToCollect", "fee"),
    ("fee", "fee"),
    ("receiptNo", "receipt"),
    ("note", "note"),
    ("service", "service"),
    ("withSlip", "slip"),
    ("lane", "lane"),
    ("promiseDays", "promise"),
    ("postage", "postage"),
    ("postagePay", "pay"),
    ("postageReceiptNo", "postage_receipt"),
    ("senderSignature", "sender_png"),
    ("clerkSignature", "clerk_png"),
];

/// The field that a problem is about. What is wrong with one paper stands at its row: `paper-3`.
fn field_of(problem: &Problem) -> String {
    let row = problem.field.strip_prefix("papers[").and_then(|rest| rest.split_once(']'));
    if let Some((row, _)) = row {
        return format!("paper-{row}");
    }
    if problem.field.starts_with("papers") || problem.field.starts_with("totals") {
        return "papers".to_owned();
    }
    let field = FIELDS.iter().find(|(rule, _)| *rule == problem.field).map_or("form", |(_, field)| field);
    field.to_owned()
}

/// One row of papers as it was typed.
pub(super) struct Row<'a> {
    pub name: &'a str,
    pub originals: &'a str,
    pub copies: &'a str,
    /// Beside the checklist of the procedure.
    pub is_added: bool,
}

/// The rows of papers, in the order of the page.
pub(super) fn rows(form: &Form) -> Vec<Row<'_>> {
    let sheets = form.all("originals").zip(form.all("copies"));
    let names = form.all("paper").zip(form.all("added"));
    let rows = names.zip(sheets);
    rows.map(|((name, added), (originals, copies))| Row { name, originals, copies, is_added: added == "yes" }).collect()
}

fn counted(form: &Form) -> Vec<CountedPaper> {
    let number = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
    let counted = |row: Row<'_>| CountedPaper {
        name: row.name.to_owned(),
        originals: number(row.originals),
        copies: number(row.copies),
    };
    rows(form).into_iter().map(counted).collect()
}

/// An amount as people write it, such as `135.000 ₫`.
fn money(text: &str) -> Option<i64> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | ',' | '₫' | 'đ')).collect();
    if bare.is_empty() { Some(0) } else { bare.parse().ok().filter(|dong| *dong >= 0) }
}

/// A field, and another whose error would only follow from it.
const FOLLOWS: &[(&str, &str)] = &[("pin", "clerk_png"), ("postage", "postage_receipt"), ("procedure", "papers")];

/// What the rules say, at the fields of the form, as sentences.
pub(super) fn say(ask: &Ask, refusal: &Refusal, errors: &mut Errors) {
    let follows =
        |field: &str, errors: &Errors| FOLLOWS.iter().any(|(first, then)| *then == field && errors.has(first));
    for problem in &refusal.problems {
        if follows(&field_of(problem), errors) {
            continue;
        }
        errors.add(ask.lang, &field_of(problem), sentence(&problem.message.vi), sentence(&problem.message.en));
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    let end = if text.ends_with('.') { "" } else { "." };
    first.into_iter().flatten().chain(chars).chain(end.chars()).collect()
}

pub(super) fn input(ask: &Ask, errors: &mut Errors) -> Result<Intake, Stop> {
    let form = &ask.form;
    for (field, vi, en) in [
        ("agency", "Chọn cơ quan nhận hồ sơ.", "Choose the agency."),
        ("procedure", "Chọn thủ tục.", "Choose the procedure."),
        ("name", "Nhập họ và tên người nộp.", "Enter the sender's name."),
        ("address", "Nhập địa chỉ người nộp.", "Enter the sender's address."),
    ] {
        if form.get(field).is_empty() {
            errors.add(ask.lang, field, vi, en);
        }
    }
    let papers = counted(form);
    if papers.iter().all(|paper| paper.originals == 0 && paper.copies == 0) {
        let (vi, en) = ("Chưa đếm giấy tờ nào. Đếm cùng người nộp.", "No paper is counted. Count with the sender.");
        errors.add(ask.lang, "papers", vi, en);
    }
    let fee = money(form.get("fee")).unwrap_or_else(|| {
        errors.add(ask.lang, "fee", "Lệ phí phải là số tiền, ví dụ 135.000.", "The fee is an amount, such as 135.000.");
        0
    });
    // Nobody may forget the postage: where none is asked, that is said with a 0.
    let postage = form.some("postage").and_then(money).unwrap_or_else(|| {
        let (vi, en) = ("Nhập cước, ví dụ 30.000; không thu thì nhập 0.", "Enter the postage, such as 30.000, or 0.");
        errors.add(ask.lang, "postage", vi, en);
        0
    });
    let supplement_no = form.some("supplement").map(|text| text.parse().unwrap_or(0));
    let owned = |name: &str| form.some(name).map(str::to_owned);
    Ok(Intake {
        agency_code: form.get("agency").to_owned(),
        procedure_code: form.get("procedure").to_owned(),
        dossier_no: owned("dossier"),
        supplement_no,
        sender: Sender {
            name: form.get("name").to_owned(),
            phone: owned("phone"),
            email: owned("email"),
            address: form.get("address").to_owned(),
        },
        papers,
        at_door: form.get("place") == "door",
        seal_no: owned("seal"),
        item_number: owned("item"),
        fee,
        receipt_no: owned("receipt"),
        service: form.get("service").to_owned(),
        lane: form.get("lane").to_owned(),
        with_slip: form.has("slip"),
        promise_days: form.some("promise").map(|text| text.parse().unwrap_or(0)),
        postage,
        postage_pay: form.get("pay").to_owned(),
        postage_receipt_no: owned("postage_receipt"),
        note: owned("note"),
        sender_signature: sender_signature(ask, errors)?,
        clerk_signature: clerk_signature(ask, errors)?,
    })
}

fn sender_signature(ask: &Ask, errors: &mut Errors) -> Result<Option<Signed>, Stop> {
    if ask.form.has("on_paper") {
        return Ok(Some(Signed::OnPaper));
    }
    let drawn = drawn(ask, "sender_png", errors)?;
    if drawn.is_none() {
        errors.add(
            ask.lang,
            "sender_png",
            "Người gửi chưa ký: ký tại đây, hoặc chọn ký trên phiếu giấy.",
            "The sender has not signed: sign here, or choose the printed note.",
        );
    }
    Ok(drawn)
}

/// A drawn signature, or the account proved again by PIN or password. The PIN is never shown again.
fn clerk_signature(ask: &Ask, errors: &mut Errors) -> Result<Option<Signed>, Stop> {
    let secret = ask.form.raw("pin");
    if secret.is_empty() {
        let drawn = drawn(ask, "clerk_png", errors)?;
        if drawn.is_none() {
            let (vi, en) =
                ("Bưu điện chưa ký: vẽ chữ ký, hoặc nhập PIN.", "You have not signed: draw it, or enter your PIN.");
            errors.add(ask.lang, "clerk_png", vi, en);
        }
        return Ok(drawn);
    }
    match prove_again(ask.app(), ask.person()?, secret, &ask.request_id)? {
        SignInProof::Proved => return Ok(Some(Signed::Account)),
        SignInProof::Wrong { left } => errors.add(
            ask.lang,
            "pin",
            format!("PIN không đúng. Còn {left} lần thử trong 15 phút."),
            format!("The PIN is wrong. {left} tries left in 15 minutes."),
        ),
        SignInProof::Wait => errors.add(
            ask.lang,
            "pin",
            "Thử sai quá nhiều lần. Hãy đợi 15 phút, hoặc vẽ chữ ký.",
            "Too many failed tries. Wait 15 minutes, or draw your signature.",
        ),
    }
    Ok(None)
}

/// Keeps the picture that a signature box sent as a `data:` address.
fn drawn(ask: &Ask, field: &str, errors: &mut Errors) -> Result<Option<Signed>, Stop> {
    let Some(data) = ask.form.some(field) else { return Ok(None) };
    let png = data.strip_prefix("data:image/png;base64,").and_then(|text| STANDARD.decode(text).ok());
    let kept = png.map(|png| evidence::keep(ask.app(), &png, ask.doing()));
    match kept {
        Some(Ok(kept)) => return Ok(Some(Signed::Drawn(kept.sha256))),
        Some(Err(AppError::Refused(_))) | None => {
            errors.add(
                ask.lang,
                field,
                "Không đọc được chữ ký. Hãy ký lại.",
                "The signature cannot be read. Sign again.",
            );
        }
        Some(Err(error)) => return Err(error.into()),
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_people_write_it() {
        for (text, dong) in [
            ("135.000 ₫", Some(135_000)),
            ("135000", Some(135_000)),
            ("", Some(0)),
            ("135.000 đ", Some(135_000)),
            ("-5", None),
            ("miễn", None),
        ] {
            assert_eq!(money(text), dong, "{text}");
        }
    }

    #[test]
    fn rules_become_sentences() {
        assert_eq!(sentence("bị thiếu"), "Bị thiếu.");
        assert_eq!(sentence("ảnh lỗi."), "Ảnh lỗi.");
    }
}
