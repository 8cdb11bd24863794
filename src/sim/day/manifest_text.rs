//! A manifest as its sender's software writes it: JSON, XML or a table.

use super::plan::{Format, Kind, Leg, Manifest, Plan};
use crate::base::time::Ts;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Content type and bytes of a manifest.
pub fn write(plan: &Plan, manifest: &Manifest) -> (&'static str, Vec<u8>) {
    let legs: Vec<&Leg> = manifest.legs.iter().filter_map(|number| plan.legs.get(*number)).collect();
    match manifest.format {
        Format::Json => ("application/json", json_text(plan, manifest, &legs)),
        Format::Xml => ("application/xml", xml_text(plan, manifest, &legs)),
        Format::Csv => ("text/csv", csv_text(plan, manifest, &legs)),
    }
}

struct Totals {
    lines: usize,
    originals: u64,
    copies: u64,
    fee: u64,
}

fn totals(legs: &[&Leg]) -> Totals {
    Totals {
        lines: legs.len(),
        originals: legs.iter().map(|leg| leg.originals()).sum(),
        copies: legs.iter().map(|leg| leg.copies()).sum(),
        fee: legs.iter().map(|leg| leg.fee).sum(),
    }
}

/// Results are promised for five in the afternoon, five days on: a day that is played on the next working one has them in time.
fn due_at(plan: &Plan, leg: &Leg) -> Option<Ts> {
    let day = plan.date.checked_add_days(chrono::Days::new(5));
    let five = day.and_then(|day| day.and_hms_opt(17, 0, 0)).and_then(Ts::from_vietnam);
    five.filter(|_| leg.kind == Kind::Result)
}

fn json_text(plan: &Plan, manifest: &Manifest, legs: &[&Leg]) -> Vec<u8> {
    let sums = totals(legs);
    let agency = plan.agency(manifest.agency);
    let lines: Vec<Value> = legs.iter().map(|leg| json_line(plan, leg)).collect();
    json!({
        "manifestNo": manifest.no, "legKind": manifest.kind.leg_kind(), "agencyCode": agency.code, "counterCode": "Q1",
        "postOfficeCode": agency.office, "shiftDate": plan.date.format("%Y-%m-%d").to_string(), "shift": manifest.shift,
        "totals": {"lines": sums.lines, "originals": sums.originals, "copies": sums.copies, "feeToCollect": sums.fee},
        "lines": lines,
    })
    .to_string()
    .into_bytes()
}

fn json_line(plan: &Plan, leg: &Leg) -> Value {
    let papers: Vec<Value> = leg
        .papers
        .iter()
        .map(|it| json!({"name": it.name, "kind": if it.original { "ORIGINAL" } else { "COPY" }, "quantity": it.quantity}))
        .collect();
    let mut line = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            line.insert(name.to_owned(), value);
        }
    };
    put("lineNo", Some(json!(leg.line_no)));
    put("consignmentNoteNo", leg.note_no.as_ref().map(|it| json!(it)));
    put("dossierNo", leg.dossier_no.as_ref().map(|it| json!(it)));
    put("procedureCode", Some(json!(leg.procedure.code)));
    put("procedureName", Some(json!(leg.procedure.name)));
    let address = json!({"text": leg.person.address, "provinceCode": "56", "communeCode": leg.person.commune_code});
    put("party", Some(json!({"name": leg.person.name, "phone": leg.person.phone, "address": address})));
    put("papers", Some(json!(papers)));
    put("feeToCollect", (leg.fee > 0).then(|| json!(leg.fee)));
    put("itemNumber", leg.item_number.as_ref().map(|it| json!(it)));
    put("sealNo", leg.seal_no.as_ref().map(|it| json!(it)));
    put("dueAt", due_at(plan, leg).map(|at| json!(at.to_rfc3339())));
    put("acceptedAt", leg.accepted_at.map(|at| json!(at.to_rfc3339())));
    Value::Object(line)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

fn xml_text(plan: &Plan, manifest: &Manifest, legs: &[&Leg]) -> Vec<u8> {
    let sums = totals(legs);
    let agency = plan.agency(manifest.agency);
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest xmlns=\"urn:giaonhan:manifest:1\">\n");
    for (name, value) in [
        ("manifestNo", manifest.no.clone()),
        ("legKind", manifest.kind.leg_kind().to_owned()),
        ("agencyCode", agency.code.to_owned()),
        ("counterCode", "Q1".to_owned()),
        ("postOfficeCode", agency.office.to_owned()),
        ("shiftDate", plan.date.format("%Y-%m-%d").to_string()),
        ("shift", manifest.shift.to_string()),
    ] {
        text.push_str(&element(name, &value));
        text.push('\n');
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "<totals lines=\"{}\" originals=\"{}\" copies=\"{}\" feeToCollect=\"{}\"/>\n<lines>",
        sums.lines, sums.originals, sums.copies, sums.fee
    );
    for leg in legs {
        text.push_str(&xml_line(plan, leg));
    }
    text.push_str("</lines>\n</manifest>\n");
    text.into_bytes()
}

fn xml_line(plan: &Plan, leg: &Leg) -> String {
    let mut text = format!("<line no=\"{}\">", leg.line_no);
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            text.push_str(&element(name, &value));
        }
    };
    put("consignmentNoteNo", leg.note_no.clone());
    put("dossierNo", leg.dossier_no.clone());
    put("procedureCode", Some(leg.procedure.code.to_owned()));
    put("procedureName", Some(leg.procedure.name.to_owned()));
    put("feeToCollect", (leg.fee > 0).then(|| leg.fee.to_string()));
    put("itemNumber", leg.item_number.clone());
    put("sealNo", leg.seal_no.clone());
    put("dueAt", due_at(plan, leg).map(Ts::to_rfc3339));
    put("acceptedAt", leg.accepted_at.map(Ts::to_rfc3339));
    let person = &leg.person;
    let _ = write!(
        text,
        "<party>{}{}<address provinceCode=\"56\" communeCode=\"{}\">{}</address></party><papers>",
        element("name", &person.name),
        element("phone", &person.phone),
        person.commune_code,
        escaped(&person.address)
    );
    for paper in &leg.papers {
        let kind = if paper.original { "ORIGINAL" } else { "COPY" };
        let _ = write!(text, "<paper kind=\"{kind}\" quantity=\"{}\">{}</paper>", paper.quantity, escaped(paper.name));
    }
    text.push_str("</papers></line>\n");
    text
}

/// Column names in the two languages, in the order in which they are written.
const COLUMNS: &[(&str, &str)] = &[
    ("manifest_no", "Số bảng kê"),
    ("leg_kind", "Loại chặng"),
    ("agency_code", "Mã cơ quan"),
    ("post_office_code", "Mã bưu cục"),
    ("shift_date", "Ngày"),
    ("shift", "Ca"),
    ("total_lines", "Tổng số dòng"),
    ("total_originals", "Tổng bản chính"),
    ("total_copies", "Tổng bản sao"),
    ("total_fee_to_collect", "Tổng tiền thu hộ"),
    ("line_no", "STT"),
    ("consignment_note_no", "Số phiếu gửi"),
    ("dossier_no", "Mã hồ sơ"),
    ("procedure_code", "Mã thủ tục"),
    ("procedure_name", "Tên thủ tục"),
    ("party_name", "Họ và tên"),
    ("party_phone", "Điện thoại"),
    ("address", "Địa chỉ"),
    ("province_code", "Mã tỉnh"),
    ("commune_code", "Mã xã"),
    ("papers", "Thành phần hồ sơ"),
    ("fee_to_collect", "Tiền thu hộ"),
    ("item_number", "Số hiệu bưu gửi"),
    ("seal_no", "Số niêm phong"),
    ("accepted_at", "Thời điểm chấp nhận"),
];

/// Offices with an old spreadsheet write Vietnamese headers, semicolons, a byte order mark and local times.
fn csv_text(plan: &Plan, manifest: &Manifest, legs: &[&Leg]) -> Vec<u8> {
    let vietnamese = manifest.agency.is_multiple_of(2);
    let separator = if vietnamese { ";" } else { "," };
    let mut text = String::from(if vietnamese { "\u{feff}" } else { "" });
    let header: Vec<&str> = COLUMNS.iter().map(|(english, local)| if vietnamese { *local } else { *english }).collect();
    text.push_str(&header.join(separator));
    text.push_str("\r\n");
    let sums = totals(legs);
    let agency = plan.agency(manifest.agency);
    for (row, leg) in legs.iter().enumerate() {
        let head = |value: String| if row == 0 { value } else { String::new() };
        let date = plan.date.format(if vietnamese { "%d/%m/%Y" } else { "%Y-%m-%d" }).to_string();
        let kind = if vietnamese { "thu gom" } else { manifest.kind.leg_kind() };
        let accepted = leg.accepted_at.map(|at| {
            if vietnamese { at.to_vietnam().format("%d/%m/%Y %H:%M:%S").to_string() } else { at.to_rfc3339() }
        });
        let cells = [
            head(manifest.no.clone()),
            head(kind.to_owned()),
            head(agency.code.to_owned()),
            head(agency.office.to_owned()),
            head(date),
            head(manifest.shift.to_string()),
            head(sums.lines.to_string()),
            head(sums.originals.to_string()),
            head(sums.copies.to_string()),
            head(sums.fee.to_string()),
            leg.line_no.to_string(),
            leg.note_no.clone().unwrap_or_default(),
            leg.dossier_no.clone().unwrap_or_default(),
            leg.procedure.code.to_owned(),
            leg.procedure.name.to_owned(),
            leg.person.name.clone(),
            leg.person.phone.clone(),
            leg.person.address.clone(),
            "56".to_owned(),
            leg.person.commune_code.to_owned(),
            papers_cell(leg, vietnamese),
            if leg.fee > 0 { leg.fee.to_string() } else { String::new() },
            leg.item_number.clone().unwrap_or_default(),
            leg.seal_no.clone().unwrap_or_default(),
            accepted.unwrap_or_default(),
        ];
        let quoted: Vec<String> = cells.iter().map(|cell| quote(cell)).collect();
        text.push_str(&quoted.join(separator));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn papers_cell(leg: &Leg, vietnamese: bool) -> String {
    let kind = |original: bool| match (vietnamese, original) {
        (true, true) => "bản chính",
        (true, false) => "bản sao",
        (false, true) => "original",
        (false, false) => "copy",
    };
    let papers: Vec<String> =
        leg.papers.iter().map(|it| format!("{} {} {}", it.quantity, kind(it.original), it.name)).collect();
    papers.join(" | ")
}

fn quote(cell: &str) -> String {
    if cell.contains([',', ';', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
