//! Phiếu gửi hồ sơ: a leg as its consignment note.

use serde::Deserialize;

use crate::app::{legs, tracking};
use crate::base::time::Ts;
use crate::domain::custody::{Event, EventKind};
use crate::report::numbers;
use crate::report::papers::{self, Charge, ConsignmentNote, PaperLine, Person, Signature};
use crate::store::people;
use crate::store::people_rows::PlaceRow;
use crate::store::rows::{LegRow, PartyRow};
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop};
use crate::ui::papers::{count, ink, own_template, place, procedure_of, served, tracking_address};

const TEMPLATE: &str = "consignment.typ";

/// Rights, duties and liability in short (TT 17 Đ9 k2).
const TERMS: &str = "Ngày nộp hồ sơ là ngày cơ quan ký biên bản giao nhận. Mất, hư hỏng: bồi thường theo quy định về dịch vụ bưu \
                     chính công ích. Khiếu nại trong 6 tháng.";

/// Papers of a leg as they are kept.
#[derive(Debug, Deserialize)]
struct KeptPaper {
    name: String,
    kind: String,
    quantity: u64,
}

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
    let number = leg.consignment_note_no.clone().or_else(|| leg.item_number.clone()).unwrap_or_else(|| leg.id.clone());
    let accepted = events.iter().find(|event| event.kind == EventKind::Accepted);
    let fee = events.iter().find(|event| event.kind == EventKind::FeeCollected);
    let (sender, receiver) = if is_intake { (citizen, agency) } else { (agency, citizen) };
    Ok(ConsignmentNote {
        sender_signature: signature(ask, accepted, 0, &sender.name)?,
        clerk_signature: signature(ask, accepted, 1, &clerk_name(ask, accepted)?)?,
        superior: office.parent.clone().unwrap_or_default(),
        office: format!("{}, mã {}", office.name, office.code),
        service: if is_intake {
            "Gửi hồ sơ và trả kết quả"
        } else {
            "Trả kết quả thủ tục hành chính"
        }
        .to_owned(),
        copies: ["Liên 1: bưu cục giữ", "Liên 2: người gửi giữ", "Liên 3: gửi kèm hồ sơ"].map(str::to_owned).to_vec(),
        sender,
        receiver,
        procedure: procedure_of(app, leg)?,
        dossier_number: leg.dossier_no.clone(),
        item_number: leg.item_number.clone(),
        seal: leg.seal_no.clone(),
        result_to: is_intake.then(|| "tại địa chỉ người gửi".to_owned()),
        papers: papers_of(leg),
        accepted_at: Ts::from_us(leg.accepted_by_post_at_us.unwrap_or(leg.state_since_us)),
        promise: match leg.due_at_us {
            Some(due) => format!("chậm nhất {}", date(due)),
            None => "theo quy định của dịch vụ".to_owned(),
        },
        fee: fee.and_then(|event| {
            let amount_dong = event.amount.map(count)?;
            Some(Charge {
                amount_dong, receipt: event.receipt_no.clone().unwrap_or_else(|| "chưa ghi số".to_owned())
            })
        }),
        postage: None,
        terms: TERMS.to_owned(),
        receipt_place: !is_intake,
        tracking_address: tracking_address(ask, leg.dossier_no.as_deref().unwrap_or(&number)),
        tracking_secret: Some(tracking::secret_of(app, &leg.id)?),
        number,
    })
}

fn unit(place: &PlaceRow) -> Person {
    Person {
        name: format!("{} ({})", place.name, place.code),
        phone: None,
        address: place.address.clone().unwrap_or_default(),
    }
}

fn citizen(party: Option<&PartyRow>) -> Person {
    Person {
        name: party.map(|party| party.name.clone()).unwrap_or_default(),
        phone: party.and_then(|party| party.phone.clone()),
        address: party.map(|party| party.address.clone()).unwrap_or_default(),
    }
}

/// The papers inside; a leg that was declared without a list shows its counts.
fn papers_of(leg: &LegRow) -> Vec<PaperLine> {
    let kept: Vec<KeptPaper> = serde_json::from_str(&leg.papers).unwrap_or_default();
    if kept.is_empty() {
        let name = "Giấy tờ trong túi hồ sơ".to_owned();
        return vec![PaperLine { name, originals: count(leg.originals), copies: count(leg.copies) }];
    }
    let mut lines: Vec<PaperLine> = Vec::new();
    for paper in kept {
        let (originals, copies) = if paper.kind == "ORIGINAL" { (paper.quantity, 0) } else { (0, paper.quantity) };
        match lines.iter_mut().find(|line| line.name == paper.name) {
            Some(line) => {
                line.originals = line.originals.saturating_add(originals);
                line.copies = line.copies.saturating_add(copies);
            }
            None => lines.push(PaperLine { name: paper.name, originals, copies }),
        }
    }
    lines
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
