//! Manifests and facts as a desk and a post office of a province would send them; no real person stands in them.

use std::fmt::Write;
use std::ops::Range;

use serde_json::{Value, json};

/// The agency of every sample.
pub const AGENCY: &str = "H32.15";

/// What one line declares; numbers make it unique in a run.
struct Line {
    no: usize,
    number: usize,
}

impl Line {
    fn dossier(&self) -> String {
        format!("000.00.15.H32-261109-{:08}", self.number)
    }

    fn item(&self) -> String {
        item_number(self.number)
    }

    fn name(&self) -> &'static str {
        ["Nguyễn Thị Mẫu", "Trần Văn Thử"][self.number % 2]
    }

    fn phone(&self) -> String {
        format!("09{:08}", self.number % 100_000_000)
    }

    fn address(&self) -> String {
        format!("{} Trần Phú, phường Nha Trang", 1 + self.number % 300)
    }

    fn fee(&self) -> usize {
        [115_000, 0, 8_000][self.number % 3]
    }
}

const PROCEDURE: &str = "Chứng thực bản sao từ bản chính giấy tờ, văn bản";
const PAPERS: [(&str, &str, usize); 2] = [("Kết quả giải quyết", "ORIGINAL", 1), ("Bản sao chứng thực", "COPY", 3)];
const NOTE: &str = "Gọi trước khi phát";
const DUE_AT: &str = "2026-11-24T17:00:00+07:00";

/// The item number of a numbered line.
pub fn item_number(number: usize) -> String {
    format!("GNB{number:09}")
}

/// A manifest of results whose lines have these numbers.
pub struct Manifest {
    /// `manifestNo`.
    pub no: String,
    numbers: Range<usize>,
}

impl Manifest {
    /// With its number and the numbers of its lines.
    pub fn new(no: impl Into<String>, numbers: Range<usize>) -> Self {
        Manifest { no: no.into(), numbers }
    }

    fn lines(&self) -> impl Iterator<Item = Line> {
        self.numbers.clone().enumerate().map(|(at, number)| Line { no: at + 1, number })
    }

    /// Lines, originals, copies, fees.
    fn totals(&self) -> [usize; 4] {
        let lines = self.numbers.len();
        [lines, lines, 3 * lines, self.lines().map(|line| line.fee()).sum()]
    }

    /// As JSON.
    pub fn json(&self) -> Vec<u8> {
        let [lines, originals, copies, fees] = self.totals();
        let papers: Vec<Value> = PAPERS
            .iter()
            .map(|(name, kind, quantity)| json!({"name": name, "kind": kind, "quantity": quantity}))
            .collect();
        let line = |line: Line| {
            json!({
                "lineNo": line.no,
                "dossierNo": line.dossier(),
                "procedureCode": "1.005129",
                "procedureName": PROCEDURE,
                "party": {
                    "name": line.name(),
                    "phone": line.phone(),
                    "address": {"text": line.address(), "provinceCode": "56", "communeCode": "22366"},
                },
                "papers": papers,
                "feeToCollect": line.fee(),
                "itemNumber": line.item(),
                "dueAt": DUE_AT,
                "note": NOTE,
            })
        };
        let manifest = json!({
            "manifestNo": self.no,
            "legKind": "RESULT",
            "agencyCode": AGENCY,
            "counterCode": "Q3",
            "postOfficeCode": "650100",
            "shiftDate": "2026-11-23",
            "shift": 1,
            "totals": {"lines": lines, "originals": originals, "copies": copies, "feeToCollect": fees},
            "lines": self.lines().map(line).collect::<Vec<_>>(),
        });
        serde_json::to_vec(&manifest).unwrap()
    }

    /// As XML.
    pub fn xml(&self) -> Vec<u8> {
        let [lines, originals, copies, fees] = self.totals();
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest xmlns=\"urn:giaonhan:manifest:1\">\
             <manifestNo>{}</manifestNo><legKind>RESULT</legKind><agencyCode>{AGENCY}</agencyCode>\
             <counterCode>Q3</counterCode><postOfficeCode>650100</postOfficeCode><shiftDate>2026-11-23</shiftDate>\
             <shift>1</shift><totals lines=\"{lines}\" originals=\"{originals}\" copies=\"{copies}\" \
             feeToCollect=\"{fees}\"/>\n<lines>\n",
            self.no
        );
        let papers: String = PAPERS
            .iter()
            .map(|(name, kind, quantity)| format!("<paper kind=\"{kind}\" quantity=\"{quantity}\">{name}</paper>"))
            .collect();
        for line in self.lines() {
            writeln!(
                text,
                "<line no=\"{}\"><dossierNo>{}</dossierNo><procedureCode>1.005129</procedureCode>\
                 <procedureName>{PROCEDURE}</procedureName><party><name>{}</name><phone>{}</phone>\
                 <address provinceCode=\"56\" communeCode=\"22366\">{}</address></party><papers>{papers}</papers>\
                 <feeToCollect>{}</feeToCollect><itemNumber>{}</itemNumber><dueAt>{DUE_AT}</dueAt><note>{NOTE}</note></line>",
                line.no,
                line.dossier(),
                line.name(),
                line.phone(),
                line.address(),
                line.fee(),
                line.item(),
            )
            .unwrap();
        }
        text.push_str("</lines>\n</manifest>\n");
        text.into_bytes()
    }

    /// As CSV.
    pub fn csv(&self) -> Vec<u8> {
        let [lines, originals, copies, fees] = self.totals();
        let header = format!("{},RESULT,{AGENCY},Q3,650100,2026-11-23,1,{lines},{originals},{copies},{fees}", self.no);
        let mut text = "manifest_no,leg_kind,agency_code,counter_code,post_office_code,shift_date,shift,total_lines,\
             total_originals,total_copies,total_fee_to_collect,line_no,dossier_no,procedure_code,procedure_name,party_name,\
             party_phone,address,province_code,commune_code,papers,fee_to_collect,item_number,due_at,note\r\n"
            .to_owned();
        let papers: Vec<String> = PAPERS
            .iter()
            .map(|(name, kind, quantity)| format!("{quantity} {} {name}", kind.to_ascii_lowercase()))
            .collect();
        for line in self.lines() {
            write!(
                text,
                "{},{},{},1.005129,\"{PROCEDURE}\",{},{},\"{}\",56,22366,{},{},{},{DUE_AT},{NOTE}\r\n",
                if line.no == 1 { header.as_str() } else { ",,,,,,,,,," },
                line.no,
                line.dossier(),
                line.name(),
                line.phone(),
                line.address(),
                papers.join(" | "),
                line.fee(),
                line.item(),
            )
            .unwrap();
        }
        text.into_bytes()
    }
}

/// A body of one fact about the leg of a numbered line.
pub fn fact(fact_id: &str, number: usize, event: &str, minute: usize) -> Vec<u8> {
    let fact = json!({
        "factId": fact_id,
        "itemNumber": item_number(number),
        "event": event,
        "occurredAt": format!("2026-11-23T{:02}:{:02}:00+07:00", 1 + minute / 60 % 20, minute % 60),
        "place": {"postOfficeCode": "650200"},
    });
    serde_json::to_vec(&json!({"facts": [fact]})).unwrap()
}
