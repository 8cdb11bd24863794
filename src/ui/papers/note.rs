//! Phiếu gửi hồ sơ: a leg as its consignment note.

use crate::app::legs::{self, PaperCount};
use crate::app::tracking;
use crate::base::time::Ts;
use crate::domain::consignment::{PostagePay, Service};
use crate::domain::custody::{Event, EventKind};
use crate::report::numbers;
use crate::report::papers::{self, Charge, ConsignmentNote, PaperLine, Person, Postage, Signature};
use crate::store::intake::{ConsignmentNoteRow, note_of};
use crate::store::people;
use crate::store::people_rows::PlaceRow;
use crate::store::rows::{LegRow, PartyRow};
use crate::ui::ask::{Ask, Lang};
use crate::ui::page::{Page, Stop};
use crate::ui::papers::{count, ink, own_template, place, procedure_of, served, tracking_address};
use crate::ui::words::words;

const TEMPLATE: &str = "consignment.typ";

/// When a dossier counts as filed: not when the post takes it (QĐ 45 Đ7 k4).
const FILED: &str = "Ngày nộp hồ sơ là ngày cơ quan ký biên bản giao nhận.";
/// Rights, duties and liability in short (TT 17 Đ8, Đ9 k2; QĐ 45 Đ14; NĐ 47/2011 Đ25 k1a, k2).
const TERMS: &str = "Mất, hư hỏng do bưu điện: trả chi phí cấp lại giấy tờ và bồi thường, ít nhất 4 lần cước; chậm cam kết: hoàn \
                     cước. Khiếu nại trong 6 tháng.";

pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    let app = ask.app();
    let caller = ask.person()?.caller();
    // The address ends as the file does, so that a browser names it well: `LEG.pdf`.
    let leg_id = ask.value("file").strip_suffix(".pdf").ok_or(Stop::NotFound)?;
    let view = legs::get(app, &caller, leg_id, true, &ask.request_id)?;
    let events: Vec<Event> =
        legs::custody(app, &caller, leg_id)?.entries.into_iter().map(|entry| entry.event).collect();
    let note = note(ask, &view.row, view.party.as_ref(), &events)?;
    let template = own_template(ask, TEMPLATE);
    let file_name = format!("phieu-gui-{leg_id}.pdf");
    served(papers::consignment_note(&note, template.as_deref()), file_name, TEMPLATE)
}

fn note(ask: &Ask, leg: &LegRow, party: Option<&PartyRow>, events: &[Event]) -> Result<ConsignmentNote, Stop> {
    let app = ask.app();
    let office = place(app, "POST_OFFICE", &leg.post_office_code)?;
    let agency = unit(&place(app, "AGENCY", &leg.agency_code)?);
    let citizen = citizen(party);
    let is_intake = leg.kind == "INTAKE";
    let terms = app.store.read(|db| note_of(db, &leg.id))?;
    // Where the result comes back too, who receives it signs on the same note (TT 17 Đ5 k2e).
    let brings_result = !is_intake || terms.as_ref().is_some_and(|terms| terms.service == Service::Both.as_str());
    let number = leg.consignment_note_no.clone().or_else(|| leg.item_number.clone()).unwrap_or_else(|| leg.id.clone());
    let accepted = events.iter().find(|event| event.kind == EventKind::Accepted);
    let fee = events.iter().find(|event| event.kind == EventKind::FeeCollected);
    let (sender, receiver) = if is_intake { (citizen, agency) } else { (agency, citizen) };
    Ok(ConsignmentNote {
        sender_signature: signature(ask, accepted, 0, &sender.name)?,
        clerk_signature: signature(ask, accepted, 1, &clerk_name(ask, accepted)?)?,
        superior: office.parent.clone().unwrap_or_default(),
        office: format!("{}, mã {}", office.name, office.code),
        service: service(leg, terms.as_ref()),
        copies: ["Liên 1: bưu cục giữ", "Liên 2: người gửi giữ", "Liên 3: gửi kèm hồ sơ"].map(str::to_owned).to_vec(),
        sender,
        receiver,
        procedure: procedure_of(app, leg)?,
        dossier_number: leg.dossier_no.clone(),
        item_number: leg.item_number.clone(),
        seal: leg.seal_no.clone(),
        result_to: (is_intake && brings_result).then(|| "tại địa chỉ người gửi".to_owned()),
        papers: papers_of(leg),
        accepted_at: Ts::from_us(leg.accepted_by_post_at_us.unwrap_or(leg.state_since_us)),
        accepted_place: terms.as_ref().map(|terms| vi("taken_at", &terms.taken_at)),
        promise: promise(leg, terms.as_ref()),
        fee: fee.and_then(|event| {
            let amount_dong = event.amount.map(count)?;
            Some(Charge {
                amount_dong, receipt: event.receipt_no.clone().unwrap_or_else(|| "chưa ghi số".to_owned())
            })
        }),
        postage: terms.as_ref().map(postage),
        terms: if is_intake { format!("{FILED} {TERMS}") } else { TERMS.to_owned() },
        receipt_place: brings_result,
        tracking_address: tracking_address(ask, leg.dossier_no.as_deref().unwrap_or(&number)),
        tracking_secret: Some(tracking::secret_of(app, &leg.id)?),
        number,
    })
}

fn unit(place: &PlaceRow) -> Person {
    Person {
        name: format!("{} ({})", place.name, place.code),
        phone: None,
        email: None,
        address: place.address.clone().unwrap_or_default(),
    }
}

fn citizen(party: Option<&PartyRow>) -> Person {
    Person {
        name: party.map(|party| party.name.clone()).unwrap_or_default(),
        phone: party.and_then(|party| party.phone.clone()),
        email: party.and_then(|party| party.email.clone()),
        address: party.map(|party| party.address.clone()).unwrap_or_default(),
    }
}

/// The papers inside; a leg that was declared without a list shows its counts.
fn papers_of(leg: &LegRow) -> Vec<PaperLine> {
    let listed = legs::papers_of(leg);
    if listed.is_empty() {
        let name = "Giấy tờ trong túi hồ sơ".to_owned();
        return vec![PaperLine { name, originals: count(leg.originals), copies: count(leg.copies) }];
    }
    let line = |paper: PaperCount| PaperLine { name: paper.name, originals: paper.originals, copies: paper.copies };
    listed.into_iter().map(line).collect()
}

/// What the service is called; a leg that a system declared says no more than its kind.
fn service(leg: &LegRow, terms: Option<&ConsignmentNoteRow>) -> String {
    match terms {
        Some(terms) => vi("service", &terms.service),
        None if leg.kind == "INTAKE" => vi("service", Service::Send.as_str()),
        None => "Trả kết quả thủ tục hành chính".to_owned(),
    }
}

/// `đến cơ quan chậm nhất 20/11/2026 (J+1, trong cùng địa bàn)`; with the slip the promise ends when the sender knows its date.
fn promise(leg: &LegRow, terms: Option<&ConsignmentNoteRow>) -> String {
    let Some(due) = leg.due_at_us.map(date) else { return "theo quy định của dịch vụ".to_owned() };
    let Some(terms) = terms else { return format!("chậm nhất {due}") };
    let until = if terms.with_slip == 1 { "báo giấy hẹn cho người gửi" } else { "đến cơ quan" };
    format!("{until} chậm nhất {due} (J+{}, {})", terms.promise_days, lower_first(&vi("lane", &terms.lane)))
}

fn postage(terms: &ConsignmentNoteRow) -> Postage {
    let way = if terms.postage == 0 && terms.postage_pay == PostagePay::SenderNow.as_str() {
        "không thu".to_owned()
    } else {
        lower_first(&vi("postage_pay", &terms.postage_pay))
    };
    Postage { amount_dong: count(terms.postage), way, receipt: terms.postage_receipt_no.clone() }
}

/// The words of a paper: Vietnamese, whatever the page speaks.
fn vi(kind: &str, word: &str) -> String {
    words(kind, word, Lang::Vi)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_lowercase).chain(chars).collect()
}

/// A signature of the taking-in: the sender's stands first, the post's second.
fn signature(ask: &Ask, accepted: Option<&Event>, place: usize, name: &str) -> Result<Signature, Stop> {
    let kept = accepted.and_then(|event| event.evidence.get(place));
    let Some(kept) = kept.filter(|piece| piece.kind == "SIGNATURE") else {
        return Ok(Signature { name: name.to_owned(), ink: None, signed_at: None });
    };
    let picture = match &kept.sha256 {
        Some(sha256) => crate::app::evidence::find(ask.app(), sha256)?,
        None => None,
    };
    let signed_at = accepted.map(|event| event.occurred_at);
    Ok(Signature { name: name.to_owned(), ink: ink(picture), signed_at })
}

fn clerk_name(ask: &Ask, accepted: Option<&Event>) -> Result<String, Stop> {
    let Some(id) = accepted.and_then(|event| event.source.person.as_deref()) else { return Ok(String::new()) };
    let row = ask.app().store.read(|db| people::by_id(db, id))?;
    Ok(row.map(|row| row.full_name).unwrap_or_default())
}

/// A date as papers write it.
pub(super) fn date(at_us: i64) -> String {
    numbers::date(Ts::from_us(at_us).to_vietnam().date())
}
