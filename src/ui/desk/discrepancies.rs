//! The agency's own discrepancies: each with what differs and what to do; a supervisor settles them here.

use minijinja::context;
use serde::Serialize;
use serde_json::json;

use crate::app::discrepancies;
use crate::app::idempotency::{Keyed, Rendered};
use crate::domain::discrepancy::Kind;
use crate::domain::person::Right;
use crate::store::read;
use crate::store::read::PageAsk;
use crate::store::read::discrepancies::DiscrepancyFilter;
use crate::store::rows::DiscrepancyRow;
use crate::ui::ask::Ask;
use crate::ui::desk::agency;
use crate::ui::form::Errors;
use crate::ui::handover::refusals;
use crate::ui::page::{Page, Stop, again, html, see, value};
use crate::wire::handover::read_resolve;

const LIST_MAX: i64 = 200;

/// Kind, what differs (Vietnamese, English), what to do (Vietnamese, English).
type Advice = (Kind, &'static str, &'static str, &'static str, &'static str);

const ADVICE: &[Advice] = &[
    (
        Kind::StateConflict,
        "Tin báo trái với tình trạng của hồ sơ",
        "A report contradicts the dossier's state",
        "Xem dòng thời gian, hỏi bưu cục tin nào đúng.",
        "Look at the time line and ask the post office which report is right.",
    ),
    (
        Kind::CountMismatch,
        "Số bản khác với kê khai",
        "Counts differ from what was declared",
        "Đếm lại cùng bưu tá, đối chiếu phiếu gửi.",
        "Count again with the postman against the consignment note.",
    ),
    (
        Kind::NoIdNote,
        "Phát mà không ghi đã xem giấy tờ người nhận",
        "Delivered without a note that the receiver's identity was checked",
        "Yêu cầu bưu cục bổ sung người nhận và giấy tờ đã xem.",
        "Ask the post office to add who received it and which paper was seen.",
    ),
    (
        Kind::PartialDelivery,
        "Mới phát hoặc hoàn một phần",
        "Only part was delivered or returned",
        "Xác định phần còn lại đang ở đâu.",
        "Find out where the rest is.",
    ),
    (
        Kind::ReporterNotEntitled,
        "Bên báo tin không có quyền báo việc này",
        "Reported by a side whose word it is not",
        "Chờ tin của bên có quyền, hoặc gọi bên đó.",
        "Wait for the entitled side's word, or call them.",
    ),
    (
        Kind::UnmappedStatus,
        "Mã trạng thái lạ của bưu chính",
        "An unknown status code of the post",
        "Quản trị khai nghĩa của mã; hồ sơ tự cập nhật.",
        "The administrator says what the code means; the dossier follows.",
    ),
    (
        Kind::UnmatchedFact,
        "Tin báo không khớp hồ sơ nào",
        "A report that fits no dossier",
        "Kiểm tra số hiệu, số phiếu gửi trong tin.",
        "Check the item and note numbers of the report.",
    ),
    (
        Kind::FactChanged,
        "Một tin báo được gửi hai lần với nội dung khác",
        "One report came twice with other content",
        "Hỏi bên gửi bản nào đúng.",
        "Ask the sender which one is right.",
    ),
    (
        Kind::DossierNumberConflict,
        "Hai mã hồ sơ cho một phiếu gửi",
        "Two dossier numbers for one consignment",
        "Tra hệ thống một cửa, giữ mã đúng.",
        "Look into the one-stop software and keep the right number.",
    ),
    (
        Kind::HandoverMissing,
        "Thiếu hồ sơ khi giao nhận",
        "A dossier was missing at the handover",
        "Bưu điện tìm và giao bù; hồ sơ vẫn do bên giao giữ.",
        "The post looks for it and gives it later; the giver still holds it.",
    ),
    (
        Kind::HandoverCountDiffers,
        "Lệch số bản khi giao nhận",
        "Counts differed at the handover",
        "Đối chiếu phiếu gửi, bổ sung giấy tờ rồi giao lại.",
        "Compare with the consignment note, add what is missing, hand over again.",
    ),
    (
        Kind::HandoverSealDamaged,
        "Niêm phong rách hoặc mất",
        "The seal was damaged",
        "Mở và kiểm đếm cùng bưu tá, lập biên bản, rồi giao lại.",
        "Open and count it with the postman, note it, then hand over again.",
    ),
    (
        Kind::HandoverUnreadable,
        "Không đọc được nhãn",
        "The label could not be read",
        "Bưu cục in lại nhãn rồi giao lại.",
        "The post office prints the label again and hands over again.",
    ),
    (
        Kind::HandoverWrongAgency,
        "Giao nhầm cơ quan",
        "Meant for another agency",
        "Bưu điện chuyển đến cơ quan đúng.",
        "The post takes it to the right agency.",
    ),
    (
        Kind::HandoverExtra,
        "Hồ sơ không có trên biên bản",
        "On the table but not on the list",
        "Xác định của ai; lập biên bản giao nhận riêng.",
        "Find out whose it is; make a handover of its own.",
    ),
    (
        Kind::NotAtOperator,
        "Bưu chính từ chối yêu cầu",
        "The operator refused the order",
        "Xem lý do từ chối, sửa thông tin rồi gửi lại.",
        "Read why, correct what was sent and send it again.",
    ),
    (
        Kind::DuplicateItemCode,
        "Số hiệu bưu gửi khác số đã kê",
        "The item number differs from the declared one",
        "Giữ số trên nhãn của bưu chính.",
        "Keep the number on the post's label.",
    ),
];

/// A discrepancy as the page shows it.
#[derive(Debug, Serialize)]
struct Row {
    id: String,
    kind: String,
    what: String,
    todo: String,
    owner: String,
    opened_at_us: i64,
    dossier_no: Option<String>,
    note_no: Option<String>,
    procedure: Option<String>,
    leg_id: Option<String>,
    handover_id: Option<String>,
}

/// The agency's open discrepancies, oldest first.
pub(super) fn open_of(ask: &Ask) -> Result<Vec<DiscrepancyRow>, Stop> {
    let filter = DiscrepancyFilter { state: Some("OPEN".to_owned()), ..DiscrepancyFilter::default() };
    let asked = PageAsk { after: None, limit: LIST_MAX };
    Ok(discrepancies::page(ask.app(), &ask.person()?.caller(), &filter, &asked)?)
}

pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    html("desk_discrepancies.html", values(ask, &Errors::default(), "")?)
}

fn values(ask: &Ask, errors: &Errors, failed: &str) -> Result<minijinja::Value, Stop> {
    let open = open_of(ask)?;
    let ids: Vec<String> = open.iter().filter_map(|row| row.leg_id.clone()).collect();
    let legs = ask.app().store.read(|db| read::legs::by_ids(db, &ids))?;
    let now_us = ask.app().now().us();
    let rows: Vec<Row> = open
        .into_iter()
        .map(|row| {
            let leg = legs.iter().find(|leg| Some(&leg.id) == row.leg_id.as_ref());
            let (what, todo) = advice(ask, &row.kind);
            Row {
                what,
                todo,
                dossier_no: leg.and_then(|leg| leg.dossier_no.clone()),
                note_no: leg.and_then(|leg| leg.consignment_note_no.clone()),
                procedure: leg.map(|leg| leg.procedure_name.clone().unwrap_or_else(|| leg.procedure_code.clone())),
                id: row.id,
                kind: row.kind,
                owner: row.owner,
                opened_at_us: row.opened_at_us,
                leg_id: row.leg_id,
                handover_id: row.handover_id,
            }
        })
        .collect();
    Ok(context! {
        rows => value(rows), may_settle => ask.may(Right::Settle), errors => errors.value(), failed, now_us,
        reason => ask.form.get("reason"), outcome => ask.form.get("outcome"), done => ask.query.get("done"),
    })
}

/// What differs and what to do, by kind; a kind that we do not know stands as its word.
fn advice(ask: &Ask, kind: &str) -> (String, String) {
    let known = Kind::parse(kind).and_then(|kind| ADVICE.iter().find(|(of, ..)| *of == kind));
    known.map_or_else(
        || (kind.to_owned(), String::new()),
        |(_, what_vi, what_en, todo_vi, todo_en)| {
            (ask.t(what_vi, what_en).to_owned(), ask.t(todo_vi, todo_en).to_owned())
        },
    )
}

/// Settles one, with a reason: explained or corrected. Accepting what nobody can mend needs two people: the work list.
pub(super) fn resolve(ask: &Ask) -> Result<Page, Stop> {
    // Others may settle too, on the work list; here it is the agency's own people.
    agency(ask)?;
    let id = ask.value("id");
    let outcome = if ask.form.get("outcome") == "CORRECTED" { "CORRECTED" } else { "EXPLAINED" };
    let body = json!({ "outcome": outcome, "reason": ask.form.get("reason") }).to_string();
    let render = |row: &DiscrepancyRow| Rendered {
        status: 200,
        media_type: String::new(),
        location: None,
        body: row.id.clone(),
    };
    let resolved = match read_resolve(body.as_bytes()) {
        Ok(input) => discrepancies::resolve(
            ask.app(),
            &ask.person()?.caller(),
            id,
            input.outcome,
            &input.reason,
            &Keyed { claim: None, render: &render },
            Some(ask.doing()),
        ),
        Err(refusal) => Err(refusal.into()),
    };
    match resolved {
        Ok(_) => see("/desk/discrepancies?done=1"),
        Err(error) => {
            let mut errors = Errors::default();
            for (field, text) in refusals(ask, error)? {
                if field == "reason" {
                    errors.add(
                        ask.lang,
                        "reason",
                        "Ghi lý do, tối đa 500 ký tự.",
                        "Give a reason, up to 500 characters.",
                    );
                } else {
                    errors.add(ask.lang, "reason", text.clone(), text);
                }
            }
            again("desk_discrepancies.html", values(ask, &errors, id)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_advice() {
        for kind in Kind::ALL {
            assert_eq!(ADVICE.iter().filter(|(of, ..)| of == kind).count(), 1, "{kind}");
        }
    }
}
