//! Biên bản giao nhận: rows of a handover as the paper wants them. Before the signatures it prints with places for a pen.

use std::collections::BTreeMap;

use crate::app::handovers;
use crate::app::legs;
use crate::base::time::Ts;
use crate::domain::problem::Language;
use crate::report::papers::{self, HandoverLine, HandoverRecord, Party, Signature};
use crate::store::people_rows::PlaceRow;
use crate::store::read;
use crate::store::read::handovers::WholeHandover;
use crate::store::rows::{HandoverLineRow, LegRow, PartyRow};
use crate::ui::ask::Ask;
use crate::ui::handover::{ink_of, number_of, standing};
use crate::ui::page::{Page, Stop};
use crate::ui::papers::{count, ink, own_template, place, procedure_of, served, town};
use crate::ui::words::words;

const TEMPLATE: &str = "handover.typ";

pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    let app = ask.app();
    let caller = ask.person()?.caller();
    let handover = handovers::get(app, &caller, ask.value("id"))?;
    let ids: Vec<String> = handover.lines.iter().map(|line| line.leg_id.clone()).collect();
    let legs = app.store.read(|db| read::legs::by_ids(db, &ids))?;
    let parties = legs::parties(app, &caller, &ids, &ask.request_id)?;
    let record = record(ask, &handover, &legs, &parties)?;
    let template = own_template(ask, TEMPLATE);
    let file_name = format!("bien-ban-{}.pdf", handover.row.id);
    served(papers::handover_record(&record, template.as_deref()), file_name, TEMPLATE)
}

fn record(ask: &Ask, handover: &WholeHandover, legs: &[LegRow], parties: &[PartyRow]) -> Result<HandoverRecord, Stop> {
    let row = &handover.row;
    let giver_place = place_of(ask, handover, &row.giver)?;
    let receiver_place = place_of(ask, handover, &row.receiver)?;
    let signed = handover.signatures.iter().filter(|signature| signature.lapsed == 0);
    let made_at = signed.map(|signature| signature.signed_at_us).max().unwrap_or(row.opened_at_us);
    let legs: BTreeMap<&str, &LegRow> = legs.iter().map(|leg| (leg.id.as_str(), leg)).collect();
    let names: BTreeMap<&str, &str> =
        parties.iter().map(|party| (party.leg_id.as_str(), party.name.as_str())).collect();
    let mut lines = Vec::with_capacity(handover.lines.len());
    for one in &handover.lines {
        lines.push(line(ask, one, legs.get(one.leg_id.as_str()).copied(), names.get(one.leg_id.as_str()).copied())?);
    }
    let is_intake = legs.values().any(|leg| leg.kind == "INTAKE");
    let venue = row.place.clone().unwrap_or_else(|| with_address(&receiver_place));
    Ok(HandoverRecord {
        id: row.id.clone(),
        digest: row.digest.clone(),
        number: number_of(row),
        superior: giver_place.parent.clone(),
        issuer: giver_place.name.clone(),
        place: giver_place
            .address
            .as_deref()
            .and_then(town)
            .unwrap_or(ask.face.pages.province_name.as_str())
            .to_owned(),
        made_at: Ts::from_us(made_at),
        venue,
        subject: subject(&row.giver, is_intake).to_owned(),
        reason: reason(handover, &legs),
        giver: party(ask, handover, &row.giver, &giver_place)?,
        receiver: party(ask, handover, &row.receiver, &receiver_place)?,
        lines,
        fees: None,
        files_dossiers: is_intake && row.giver == "POST",
    })
}

/// What is handed over, by who gives and which way it goes.
fn subject(giver: &str, is_intake: bool) -> &'static str {
    match (giver, is_intake) {
        ("POST", true) => "Giao nhận hồ sơ thủ tục hành chính qua dịch vụ bưu chính công ích",
        ("POST", false) => "Hoàn trả kết quả thủ tục hành chính chưa phát được qua dịch vụ bưu chính công ích",
        _ => "Giao nhận kết quả thủ tục hành chính qua dịch vụ bưu chính công ích",
    }
}

/// Why it is made: the correction of another one, or the manifests that it follows.
fn reason(handover: &WholeHandover, legs: &BTreeMap<&str, &LegRow>) -> Option<String> {
    if let (Some(corrects), Some(reason)) = (&handover.row.corrects, &handover.row.reason) {
        return Some(format!("đính chính biên bản {corrects}: {reason}."));
    }
    let mut numbers: Vec<&str> = legs.values().map(|leg| leg.manifest_no.as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    match numbers.as_slice() {
        [] => None,
        few if few.len() <= 4 => Some(format!("theo bảng kê {}.", few.join(", "))),
        many => Some(format!("theo {} bảng kê.", many.len())),
    }
}

fn place_of(ask: &Ask, handover: &WholeHandover, side: &str) -> Result<PlaceRow, Stop> {
    let row = &handover.row;
    let named = match (side, &row.post_office_code) {
        ("AGENCY", _) => place(ask.app(), "AGENCY", &row.agency_code)?,
        (_, Some(code)) => place(ask.app(), "POST_OFFICE", code)?,
        // Papers of several offices: the operator itself gives or takes.
        (_, None) => PlaceRow {
            kind: "POST_OFFICE".to_owned(),
            code: String::new(),
            name: "Bưu điện".to_owned(),
            address: None,
            parent: None,
            level: None,
        },
    };
    Ok(named)
}

fn with_address(place: &PlaceRow) -> String {
    place.address.as_ref().map_or_else(|| place.name.clone(), |address| format!("{}, {address}", place.name))
}

fn party(ask: &Ask, handover: &WholeHandover, side: &str, place: &PlaceRow) -> Result<Party, Stop> {
    let parent = place.parent.as_ref().map(|parent| format!(", {parent}")).unwrap_or_default();
    let code = if place.code.is_empty() { String::new() } else { format!(" (mã {})", place.code) };
    let signed = standing(handover, side);
    let signature = match signed {
        Some(row) => Signature {
            name: row.signer_name.clone(),
            ink: ink(ink_of(ask.app(), row)?),
            signed_at: Some(Ts::from_us(row.signed_at_us)),
        },
        None => Signature::default(),
    };
    Ok(Party {
        unit: format!("{}{parent}{code}", place.name),
        courtesy: None,
        position: signed.and_then(|row| row.signer_title.clone()).unwrap_or_default(),
        signature,
    })
}

fn line(ask: &Ask, row: &HandoverLineRow, leg: Option<&LegRow>, applicant: Option<&str>) -> Result<HandoverLine, Stop> {
    let outcome = row.outcome.as_deref();
    Ok(HandoverLine {
        note_number: row.consignment_note_no.clone(),
        dossier_number: row.dossier_no.clone().or_else(|| leg.and_then(|leg| leg.dossier_no.clone())),
        applicant: applicant.unwrap_or_default().to_owned(),
        procedure: leg.map(|leg| procedure_of(ask.app(), leg)).transpose()?.unwrap_or_default(),
        declared: (count(row.expected_originals), count(row.expected_copies)),
        counted: row.originals.zip(row.copies).map(|(originals, copies)| (count(originals), count(copies))),
        seal: row.expected_seal_no.clone(),
        // Printed before it was counted, a line has neither outcome.
        taken: matches!(outcome, None | Some("TAKEN")),
        outcome: outcome_words(outcome),
        remark: row.note.clone(),
    })
}

fn outcome_words(outcome: Option<&str>) -> String {
    match outcome {
        None => String::new(),
        Some("TAKEN") => "Đủ".to_owned(),
        Some(other) => {
            let why = words("line_outcome", other, Language::Vi);
            let mut letters = why.chars();
            let lower: String = letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect();
            format!("Không nhận: {lower}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_reads_as_on_a_paper() {
        assert_eq!(outcome_words(Some("TAKEN")), "Đủ");
        assert_eq!(outcome_words(Some("SEAL_DAMAGED")), "Không nhận: niêm phong rách hoặc mất");
        assert_eq!(outcome_words(None), "");
    }
}
