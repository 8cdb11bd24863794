//! One manifest in three spellings has one meaning: the same check, the same problems, the same digest.

use super::{Format, read_manifest};
use crate::domain::leg::Side;
use crate::domain::manifest::{Checked, check};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A manifest as paths and texts; an integer field is a number in JSON wherever its text is one.
#[derive(Debug, Clone)]
struct Sample {
    header: Vec<(&'static str, Option<String>)>,
    lines: Vec<LineSample>,
}

#[derive(Debug, Clone)]
struct LineSample {
    fields: Vec<(&'static str, Option<String>)>,
    papers: Vec<(String, String, String)>,
}

const INTEGERS: [&str; 9] = [
    "supplementNo",
    "revision",
    "shift",
    "totals.lines",
    "totals.originals",
    "totals.copies",
    "totals.feeToCollect",
    "lineNo",
    "feeToCollect",
];

const COLUMN_OF: [(&str, &str); 30] = [
    ("manifestNo", "Số bảng kê"),
    ("revision", "REVISION"),
    ("legKind", "leg_kind"),
    ("agencyCode", "agency_code"),
    ("counterCode", "Mã quầy"),
    ("postOfficeCode", "post_office_code"),
    ("shiftDate", "shift_date"),
    ("shift", "Ca"),
    ("totals.lines", "total_lines"),
    ("totals.originals", "total_originals"),
    ("totals.copies", "total_copies"),
    ("totals.feeToCollect", "total_fee_to_collect"),
    ("lineNo", "STT"),
    ("consignmentNoteNo", "consignment_note_no"),
    ("dossierNo", "mã hồ sơ"),
    ("supplementNo", "supplement_no"),
    ("procedureCode", "procedure_code"),
    ("procedureName", "procedure_name"),
    ("party.name", "party_name"),
    ("party.phone", "party_phone"),
    ("party.email", "party_email"),
    ("party.address.text", "address"),
    ("party.address.provinceCode", "province_code"),
    ("party.address.communeCode", "commune_code"),
    ("feeToCollect", "fee_to_collect"),
    ("itemNumber", "item_number"),
    ("sealNo", "seal_no"),
    ("note", "note"),
    ("dueAt", "due_at"),
    ("acceptedAt", "accepted_at"),
];

fn json_value(path: &str, text: &str) -> Value {
    let number = INTEGERS.contains(&path).then(|| text.parse::<i64>().ok()).flatten();
    number.map_or_else(|| json!(text), |number| json!(number))
}

fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        Some((group, rest)) => {
            let inner = object.entry(group).or_insert_with(|| json!({}));
            put(inner.as_object_mut().unwrap(), rest, value);
        }
        None => {
            object.insert(path.to_owned(), value);
        }
    }
}

fn to_json(sample: &Sample) -> String {
    let mut manifest = Map::new();
    for (path, text) in &sample.header {
        text.iter().for_each(|text| put(&mut manifest, path, json_value(path, text)));
    }
    let lines = sample.lines.iter().map(|line| {
        let mut object = Map::new();
        for (path, text) in line.fields.iter().rev() {
            text.iter().for_each(|text| put(&mut object, path, json_value(path, text)));
        }
        let paper = |(name, kind, quantity): &(String, String, String)| {
            let quantity = quantity.parse::<i64>().map_or_else(|_| json!(quantity), |number| json!(number));
            json!({"name": name, "kind": kind, "quantity": quantity})
        };
        if !line.papers.is_empty() {
            object.insert("papers".into(), line.papers.iter().map(paper).collect());
        }
        Value::Object(object)
    });
    let lines: Value = lines.collect();
    manifest.insert("lines".into(), lines);
    Value::Object(manifest).to_string()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn to_xml(sample: &Sample) -> String {
    let mut xml = String::from("<?xml version=\"1.0\"?><m:manifest xmlns:m=\"urn:giaonhan:manifest:1\">");
    let attribute = |name: &str, text: &Option<String>| {
        text.as_ref().map_or(String::new(), |text| format!(" {name}=\"{}\"", escape(text)))
    };
    let element = |name: &str, text: &Option<String>| {
        text.as_ref().map_or(String::new(), |text| format!("<m:{name}>{}</m:{name}>\n", escape(text)))
    };
    let under = |fields: &[(&'static str, Option<String>)], prefix: &str| {
        let inside = fields.iter().filter(|(path, text)| path.starts_with(prefix) && text.is_some());
        inside.map(|(path, text)| (path[prefix.len()..].to_owned(), text.clone())).collect::<Vec<_>>()
    };
    for (path, text) in sample.header.iter().filter(|(path, _)| !path.contains('.')) {
        xml += &element(path, text);
    }
    let totals = under(&sample.header, "totals.");
    if !totals.is_empty() {
        let attributes: String = totals.iter().map(|(name, text)| attribute(name, text)).collect();
        xml += &format!("<m:totals{attributes}/><!-- tổng -->");
    }
    xml += "<m:lines>";
    for line in &sample.lines {
        let number = line.fields.iter().find(|(path, _)| *path == "lineNo").and_then(|(_, text)| text.clone());
        xml += &format!("<m:line{}>", attribute("no", &number));
        for (path, text) in line.fields.iter().filter(|(path, _)| !path.contains('.') && *path != "lineNo") {
            xml += &element(path, text);
        }
        let party = under(&line.fields, "party.");
        if !party.is_empty() {
            xml += "<m:party>";
            party.iter().filter(|(name, _)| !name.contains('.')).for_each(|(name, text)| xml += &element(name, text));
            let address = under(&line.fields, "party.address.");
            if let Some((_, Some(text))) = address.iter().find(|(name, _)| name == "text") {
                let codes: String = address
                    .iter()
                    .filter(|(name, _)| name != "text")
                    .map(|(name, text)| attribute(name, text))
                    .collect();
                xml += &format!("<m:address{codes}><![CDATA[{text}]]></m:address>");
            }
            xml += "</m:party>";
        }
        if !line.papers.is_empty() {
            xml += "<m:papers>";
            for (name, kind, quantity) in &line.papers {
                xml += &format!("<m:paper kind=\"{kind}\" quantity=\"{quantity}\">{}</m:paper>", escape(name));
            }
            xml += "</m:papers>";
        }
        xml += "</m:line>";
    }
    xml + "</m:lines></m:manifest>"
}

fn to_csv(sample: &Sample, separator: char) -> String {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut rows = vec![COLUMN_OF.iter().map(|(_, column)| *column).chain(["papers"]).map(cell).collect::<Vec<_>>()];
    for (index, line) in sample.lines.iter().enumerate() {
        let text_of = |path: &str| {
            let header = sample.header.iter().filter(|_| index == 0);
            header
                .chain(&line.fields)
                .find(|(known, _)| *known == path)
                .and_then(|(_, text)| text.clone())
                .unwrap_or_default()
        };
        let words = [("ORIGINAL", "bản chính"), ("COPY", "bản sao")];
        let paper = |(name, kind, quantity): &(String, String, String)| {
            let kind = words.iter().find(|(code, _)| code == kind).map_or(kind.as_str(), |(_, words)| words);
            format!("{quantity} {kind} {name}")
        };
        let papers = line.papers.iter().map(paper).collect::<Vec<_>>().join(" | ");
        rows.push(COLUMN_OF.iter().map(|(path, _)| cell(&text_of(path))).chain([cell(&papers)]).collect());
    }
    rows.iter().map(|row| row.join(&separator.to_string()) + "\r\n").collect()
}

fn checked(format: Format, body: &str) -> Checked {
    let draft = read_manifest(format, body.as_bytes(), 10_000).unwrap();
    check(draft, Side::Post, None)
}

/// Mostly a sound value, sometimes a bad one.
fn mostly(good: &'static str, bad: &'static str) -> BoxedStrategy<Option<String>> {
    prop_oneof![12 => good.prop_map(Some), 1 => bad.prop_map(Some)].boxed()
}

fn perhaps(good: &'static str, bad: &'static str) -> BoxedStrategy<Option<String>> {
    prop_oneof![4 => mostly(good, bad), 4 => Just(None)].boxed()
}

const WORDS: &str = "[A-ZĐ][a-zàáạảãâầấậđèéêềếệịọộơờợụưừự]{1,6}( [A-Zlmn<&\"',;=-][a-zàáạảãâầấậ]{1,5}){0,3}";

fn header() -> impl Strategy<Value = Vec<(&'static str, Option<String>)>> {
    let fields: Vec<(&'static str, BoxedStrategy<Option<String>>)> = vec![
        ("manifestNo", Just(Some("BK/H32.15/1".to_owned())).boxed()),
        ("revision", perhaps("[1-9]", "[1-9]")),
        ("legKind", prop_oneof![Just("INTAKE"), Just("RESULT")].prop_map(|kind| Some(kind.to_owned())).boxed()),
        ("agencyCode", Just(Some("H32.15".to_owned())).boxed()),
        ("counterCode", perhaps("Q[1-9]", "Q[1-9]")),
        ("postOfficeCode", Just(Some("650100".to_owned())).boxed()),
        ("shiftDate", "2026-1[0-2]-(0[1-9]|2[0-8])".prop_map(Some).boxed()),
        ("shift", prop_oneof![20 => "[1-3]", 1 => "[4-9]"].prop_map(Some).boxed()),
        ("totals.lines", "[1-4]".prop_map(Some).boxed()),
        ("totals.originals", "[0-9]".prop_map(Some).boxed()),
        ("totals.copies", "[0-9]".prop_map(Some).boxed()),
        ("totals.feeToCollect", "[0-9]{1,3}".prop_map(Some).boxed()),
    ];
    fields.into_iter().map(|(path, text)| text.prop_map(move |text| (path, text))).collect::<Vec<_>>()
}

fn line() -> impl Strategy<Value = LineSample> {
    let fields: Vec<(&'static str, BoxedStrategy<Option<String>>)> = vec![
        ("lineNo", mostly("[1-9]{1,2}", "(0|-4|x|1000000|1\\.0)")),
        ("consignmentNoteNo", perhaps("PG[0-9]{1,3}", "PG_[0-9]")),
        ("dossierNo", perhaps("[hH]32\\.15[-–]26(0[1-9]|1[0-2])(0[1-9]|2[0-8])-[0-9]{3,4}", "H32-2613[0-9]{2}-123")),
        ("supplementNo", prop_oneof![8 => Just(None), 1 => "[1-9]".prop_map(Some)].boxed()),
        ("procedureCode", mostly("[123]\\.[0-9]{6}(\\.H32)?", "[45]\\.[0-9]{6}")),
        ("procedureName", perhaps(WORDS, "[ạẹ]\u{fffd}")),
        ("party.name", mostly(WORDS, "Nguyá»…n")),
        ("party.phone", perhaps("0[1-9][0-9]{8,9}", "09x{8}")),
        ("party.email", perhaps("[a-z]{1,5}@example\\.vn", "[a-z]{3}")),
        ("party.address.text", "[0-9]{1,2} Trần Phú".prop_map(Some).boxed()),
        ("party.address.provinceCode", perhaps("[0-9]{2}", "[0-9]{3}")),
        ("party.address.communeCode", perhaps("[0-9]{5}", "[A-Z]{5}")),
        ("feeToCollect", perhaps("[1-9][0-9]{0,4}", "(-1|115000\\.0|99999999999)")),
        ("itemNumber", perhaps("[A-Z]{2}[0-9]{9}(VN|US)", "[0-9]{2}")),
        ("sealNo", perhaps("NP-[0-9]{3}", "[a-z]{41}")),
        ("note", perhaps("[=@+]?[a-z]{1,9}(\n[a-z]{1,9})?", "[a-z]\u{7f}[a-z]")),
        ("dueAt", perhaps("2026-11-2[0-9]T17:0[0-9]:00(Z|\\+07:00)", "2026-11-2[0-9]T17:00:00")),
        ("acceptedAt", perhaps("2026-11-2[0-9]T08:12:45Z", "2026-11-31T08:12:45Z")),
    ];
    let fields = fields.into_iter().map(|(path, text)| text.prop_map(move |text| (path, text))).collect::<Vec<_>>();
    let paper = (
        "[A-ZĐ][a-zàáạảãâầấậ]{1,8}( [a-zàáạảãâầấậ]{1,8}){0,2}",
        prop_oneof![10 => Just("ORIGINAL"), 10 => Just("COPY"), 1 => Just("photo")].prop_map(str::to_owned),
        prop_oneof![20 => "[1-9]", 1 => Just("0".to_owned()), 1 => Just("nhiều".to_owned())],
    );
    (fields, proptest::collection::vec(paper, 0..4)).prop_map(|(fields, papers)| LineSample { fields, papers })
}

fn sample() -> impl Strategy<Value = Sample> {
    (header(), proptest::collection::vec(line(), 1..5)).prop_map(|(header, lines)| Sample { header, lines })
}

proptest! {
    #[test]
    fn three_formats_have_one_meaning(sample in sample()) {
        let from_json = checked(Format::Json, &to_json(&sample));
        let from_xml = checked(Format::Xml, &to_xml(&sample));
        let from_csv = checked(Format::Csv, &to_csv(&sample, ';'));
        prop_assert_eq!(&from_json, &from_xml);
        prop_assert_eq!(&from_json, &from_csv);
        prop_assert_eq!(&from_json, &checked(Format::Csv, &to_csv(&sample, ',')));
    }

    #[test]
    fn another_value_is_another_meaning(sample in sample(), line in 0usize..4, field in 0usize..18) {
        let before = checked(Format::Json, &to_json(&sample));
        prop_assume!(before.header.is_ok());
        let mut changed = sample.clone();
        let place = line % changed.lines.len();
        changed.lines[place].fields[field].1 = Some("1234".to_owned());
        prop_assume!(changed.lines[place].fields[field].1 != sample.lines[place].fields[field].1);
        prop_assert_ne!(before.digest, checked(Format::Json, &to_json(&changed)).digest);
    }

    #[test]
    fn a_damaged_body_never_panics(sample in sample(), at in 0usize..2_000, byte in any::<u8>()) {
        let bodies = [(Format::Json, to_json(&sample)), (Format::Xml, to_xml(&sample)), (Format::Csv, to_csv(&sample, ','))];
        for (format, body) in bodies {
            let mut bytes = body.into_bytes();
            let place = at % bytes.len();
            bytes[place] = byte;
            if let Ok(draft) = read_manifest(format, &bytes, 10) {
                check(draft, Side::Agency, None);
            }
            let _ = read_manifest(format, &bytes[..place], 10).is_ok();
        }
    }

    #[test]
    fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in [Format::Json, Format::Xml, Format::Csv] {
            if let Ok(draft) = read_manifest(format, &body, 10) {
                check(draft, Side::Agency, None);
            }
        }
    }
}
