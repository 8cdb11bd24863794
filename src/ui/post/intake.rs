//! Taking a dossier in: one form, from the checklist of papers to both signatures; then the note that it made.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Value, context};
use serde_json::json;

use crate::app::intake::{CountedPaper, Intake, Sender, Signed, TakenIn};
use crate::app::people::directory::{self, Procedure};
use crate::app::people::sessions::{SignInProof, prove_again};
use crate::app::{App, AppError, calendar, evidence, intake, legs};
use crate::base::id::ActId;
use crate::base::time::Ts;
use crate::domain::calendar::{Calendar, POST};
use crate::domain::intake::{PROMISE_DAYS, hand_over_day, promise};
use crate::domain::person::{Right, Role};
use crate::domain::problem::{Problem, Refusal};
use crate::report::numbers;
use crate::store::people_rows::PlaceRow;
use crate::ui::ask::Ask;
use crate::ui::form::{Errors, Form};
use crate::ui::page::{Page, Stop, again, html, see, value};
use crate::ui::post::today::{day, day_or_unknown};
use crate::ui::routes::{Needs, Route, get, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/post/intake", Needs::Right(Right::TakeIn), form_page),
    post("/post/intake", Needs::Right(Right::TakeIn), take),
    get("/post/intake/{id}", Needs::Right(Right::TakeIn), note_page),
];

/// Fields of the form and what the rules call them.
const FIELDS: &[(&str, &str)] = &[
    ("agencyCode", "agency"),
    ("procedureCode", "procedure"),
    ("dossierNo", "dossier"),
    ("supplementNo", "supplement"),
    ("party.name", "name"),
    ("party.phone", "phone"),
    ("party.address.text", "address"),
    ("sealNo", "seal"),
    ("itemNumber", "item"),
    ("feeToCollect", "fee"),
    ("fee", "fee"),
    ("receiptNo", "receipt"),
    ("note", "note"),
    ("promiseDays", "promise"),
    ("senderSignature", "sender_png"),
    ("clerkSignature", "clerk_png"),
];

fn field_of(problem: &Problem) -> &'static str {
    if problem.field.starts_with("papers") || problem.field.starts_with("totals") {
        return "papers";
    }
    FIELDS.iter().find(|(rule, _)| *rule == problem.field).map_or("form", |(_, field)| field)
}

/// What the form offers: agencies, every procedure, and the calendar that its dates are counted with.
struct Offered {
    agencies: Vec<PlaceRow>,
    procedures: Vec<Procedure>,
    calendar: Calendar,
}

fn offered(app: &App) -> Result<Offered, Stop> {
    let (agencies, procedures) = (directory::places(app, "AGENCY")?, directory::procedures(app)?);
    Ok(Offered { agencies, procedures, calendar: calendar::current(app)? })
}

fn form_page(ask: &Ask) -> Result<Page, Stop> {
    let offered = offered(ask.app())?;
    let at_door = ask.person()?.role == Role::Postman;
    let mut typed: BTreeMap<&str, &str> = BTreeMap::from([
        ("agency", ask.query.get("agency")),
        ("procedure", ask.query.get("procedure")),
        ("place", if at_door { "door" } else { "counter" }),
    ]);
    let act = String::from(ActId::make(&ask.app().ids));
    typed.insert("act", &act);
    html("post_intake.html", values(ask, &offered, &Form::default(), &typed, &Errors::default(), true))
}

fn field<'v>(typed: &BTreeMap<&'v str, &'v str>, name: &str) -> &'v str {
    typed.get::<str>(name).copied().unwrap_or_default()
}

/// Everything that the form shows. Fields that were not sent are empty.
fn values(
    ask: &Ask,
    offered: &Offered,
    form: &Form,
    typed: &BTreeMap<&str, &str>,
    errors: &Errors,
    fresh: bool,
) -> Value {
    let get = |name| field(typed, name);
    let chosen = offered.agencies.iter().find(|agency| agency.code == get("agency"));
    let agency = chosen.or(offered.agencies.first()).map_or("", |agency| agency.code.as_str());
    let procedures = directory::of_agency(&offered.procedures, agency);
    let procedure = procedures.iter().find(|known| known.code == get("procedure"));
    let names = [
        "act",
        "name",
        "phone",
        "address",
        "place",
        "dossier",
        "supplement",
        "seal",
        "item",
        "receipt",
        "note",
        "sender_png",
        "sender_strokes",
        "clerk_png",
        "clerk_strokes",
        "on_paper",
    ];
    let fields: BTreeMap<&str, &str> = names.into_iter().map(|name| (name, get(name))).collect();
    let fee = match (typed.get("fee"), procedure) {
        (Some(fee), _) => (*fee).to_owned(),
        (None, Some(procedure)) => numbers::whole(procedure.fee, ask.lang),
        (None, None) => String::new(),
    };
    let now = ask.app().now();
    let posts = offered.calendar.days_of(POST);
    let promises: Vec<Value> = PROMISE_DAYS
        .iter()
        .map(|n| context! { days => n, date => day_or_unknown(ask, promise(&posts, now, *n).map(|at| at.to_vietnam().date())) })
        .collect();
    let agencies: Vec<Value> =
        offered.agencies.iter().map(|agency| context! { code => &agency.code, name => &agency.name }).collect();
    let lists = json!(offered.procedures).to_string();
    context! {
        fresh,
        form => value(&fields),
        fee,
        promise => typed.get("promise").and_then(|days| days.parse::<u32>().ok()).unwrap_or(2),
        agencies => agencies,
        agency,
        procedures => value(&procedures),
        procedure => value(procedure),
        papers => papers(procedure, form),
        promises,
        now_us => now.us(),
        hand_over => day_or_unknown(ask, hand_over_day(&offered.calendar.days_of(agency), now)),
        // In a script element only "<" could end it.
        lists => Value::from_safe_string(lists.replace('<', "\\u003c")),
        errors => errors.value(),
    }
}

/// The rows of the checklist, with what was counted before an error.
fn papers(procedure: Option<&Procedure>, form: &Form) -> Vec<Value> {
    let counted = counted(form);
    let listed = procedure.map(|procedure| procedure.papers.as_slice()).unwrap_or_default();
    listed
        .iter()
        .map(|paper| {
            let have = counted.iter().find(|counted| counted.name == paper.name);
            context! {
                name => &paper.name,
                need_originals => paper.originals,
                need_copies => paper.copies,
                recover => paper.recover,
                originals => have.map_or(0, |counted| counted.originals),
                copies => have.map_or(0, |counted| counted.copies),
            }
        })
        .collect()
}

fn counted(form: &Form) -> Vec<CountedPaper> {
    let number = |text: &str| if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
    let sheets = form.all("originals").zip(form.all("copies"));
    let rows = form.all("paper").zip(sheets);
    rows.map(|(name, (originals, copies))| CountedPaper {
        name: name.to_owned(),
        originals: number(originals),
        copies: number(copies),
    })
    .collect()
}

/// An amount as people write it, such as `135.000 ₫`.
fn money(text: &str) -> Option<i64> {
    let bare: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | ',' | '₫' | 'đ')).collect();
    if bare.is_empty() { Some(0) } else { bare.parse().ok().filter(|dong| *dong >= 0) }
}

fn take(ask: &Ask) -> Result<Page, Stop> {
    let form = &ask.form;
    let mut errors = Errors::default();
    let input = input(ask, &mut errors)?;
    if errors.is_empty() {
        let person = ask.person()?;
        match intake::take(ask.app(), person, &input, form.get("act"), ask.app().now(), ask.doing()) {
            Ok(TakenIn::New(taken) | TakenIn::Again(taken)) => return see(format!("/post/intake/{}", taken.leg_id)),
            Ok(TakenIn::AgainChanged(taken)) => return see(format!("/post/intake/{}?again=changed", taken.leg_id)),
            Err(AppError::Refused(refusal)) if !refusal.problems.is_empty() => say(ask, &refusal, &mut errors),
            Err(error) => return Err(error.into()),
        }
    }
    again("post_intake.html", values(ask, &offered(ask.app())?, form, &form.typed(), &errors, false))
}

/// What the rules say, at the fields of the form, as sentences.
fn say(ask: &Ask, refusal: &Refusal, errors: &mut Errors) {
    for problem in &refusal.problems {
        errors.add(ask.lang, field_of(problem), sentence(&problem.message.vi), sentence(&problem.message.en));
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    let end = if text.ends_with('.') { "" } else { "." };
    first.into_iter().flatten().chain(chars).chain(end.chars()).collect()
}

fn input(ask: &Ask, errors: &mut Errors) -> Result<Intake, Stop> {
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
            address: form.get("address").to_owned(),
        },
        papers,
        at_door: form.get("place") == "door",
        seal_no: owned("seal"),
        item_number: owned("item"),
        fee,
        receipt_no: owned("receipt"),
        promise_days: form.get("promise").parse().unwrap_or(0),
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

/// What an intake made: the number of the note, where it stands, what was promised. No names: those are on the note.
fn note_page(ask: &Ask) -> Result<Page, Stop> {
    let person = ask.person()?;
    let leg = legs::get(ask.app(), &person.caller(), ask.value("id"), false, &ask.request_id)?.row;
    let (Some(note_no), Some(accepted_at_us)) = (&leg.consignment_note_no, leg.accepted_by_post_at_us) else {
        return Err(Stop::NotFound);
    };
    let accepted_at = Ts::from_us(accepted_at_us);
    let calendar = calendar::current(ask.app())?;
    html(
        "post_note.html",
        context! {
            leg => value(json!({
                "id": leg.id, "manifest_id": leg.manifest_id, "manifest_no": leg.manifest_no, "line_no": leg.line_no,
                "procedure": leg.procedure_name.as_ref().unwrap_or(&leg.procedure_code), "originals": leg.originals,
                "copies": leg.copies, "seal_no": leg.seal_no, "fee": leg.fee_to_collect, "dossier_no": leg.dossier_no,
                "procedure_code": leg.procedure_code, "agency_code": leg.agency_code,
            })),
            note_no,
            accepted_at_us,
            agency => directory::name_of(ask.app(), "AGENCY", &leg.agency_code)?,
            due => leg.due_at_us.map(|us| day(ask, Ts::from_us(us).to_vietnam().date())),
            hand_over => day_or_unknown(ask, hand_over_day(&calendar.days_of(&leg.agency_code), accepted_at)),
            changed => ask.query.get("again") == "changed",
        },
    )
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
