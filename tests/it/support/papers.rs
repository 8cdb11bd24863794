//! Papers to send: manifests whose numbers are valid and new, and facts about them.

use giaonhan::base::time::Ts;
use serde_json::{Value, json};

use super::office::AGENCY;

/// Numbers that occur once in a body. The seed keeps the bodies of one database apart.
pub struct Papers {
    seed: u32,
    next: std::cell::Cell<u32>,
}

impl Papers {
    /// Numbers of a seed, 0 to 99.
    pub fn new(seed: u32) -> Self {
        assert!(seed < 100);
        Papers { seed, next: std::cell::Cell::new(1) }
    }

    fn number(&self) -> u32 {
        let number = self.next.get();
        self.next.set(number + 1);
        self.seed * 100_000 + number
    }

    /// A dossier number.
    pub fn dossier_no(&self) -> String {
        format!("000.00.15.H32-261109-{:08}", self.number())
    }

    /// Number of a consignment note.
    pub fn note_no(&self) -> String {
        format!("PG650100-{:08}", self.number())
    }

    /// An item number with its right check digit.
    pub fn item_number(&self) -> String {
        s10("CH", self.number(), "VN")
    }

    /// A line of a manifest of this kind: one original and two copies.
    pub fn line(&self, kind: &str, line_no: u32) -> Value {
        let mut line = json!({
            "lineNo": line_no,
            "dossierNo": self.dossier_no(),
            "procedureCode": "1.005129",
            "party": {
                "name": "Nguyễn Thị Mẫu",
                "phone": "0900000041",
                "address": {"text": "12 Trần Phú, phường Nha Trang", "provinceCode": "56", "communeCode": "22366"},
            },
            "papers": [
                {"name": "Kết quả giải quyết", "kind": "ORIGINAL", "quantity": 1},
                {"name": "Bản sao chứng thực", "kind": "COPY", "quantity": 2},
            ],
            "itemNumber": self.item_number(),
        });
        if kind == "INTAKE" {
            line["consignmentNoteNo"] = json!(self.note_no());
        }
        line
    }

    /// A manifest of this kind with so many lines.
    pub fn manifest(&self, kind: &str, lines: u32) -> Value {
        self.manifest_of(kind, (1..=lines).map(|line_no| self.line(kind, line_no)).collect())
    }

    /// A manifest of these lines.
    pub fn manifest_of(&self, kind: &str, lines: Vec<Value>) -> Value {
        let mut manifest = json!({
            "manifestNo": format!("BK-{AGENCY}-{}", self.number()),
            "legKind": kind,
            "agencyCode": AGENCY,
            "counterCode": "Q3",
            "postOfficeCode": "650100",
            "shiftDate": "2026-11-23",
            "shift": 1,
            "lines": lines,
        });
        total(&mut manifest);
        manifest
    }

    /// An intake manifest of the post, whose legs it has taken already.
    pub fn taken_intake(&self, lines: u32) -> Value {
        let mut manifest = self.manifest("INTAKE", lines);
        for line in manifest["lines"].as_array_mut().unwrap() {
            line["acceptedAt"] = json!("2026-11-20T08:00:00+07:00");
        }
        manifest
    }
}

/// Sets the totals to what the lines say.
pub fn total(manifest: &mut Value) {
    let lines = manifest["lines"].as_array().unwrap().clone();
    let papers = |kind: &str| -> u64 {
        let all = lines.iter().flat_map(|line| line["papers"].as_array().into_iter().flatten());
        all.filter(|paper| paper["kind"] == kind).filter_map(|paper| paper["quantity"].as_u64()).sum()
    };
    let fees: u64 = lines.iter().filter_map(|line| line["feeToCollect"].as_u64()).sum();
    manifest["totals"] = json!({
        "lines": lines.len(), "originals": papers("ORIGINAL"), "copies": papers("COPY"), "feeToCollect": fees,
    });
}

/// An S10 number with its check digit.
pub fn s10(service: &str, serial: u32, country: &str) -> String {
    let digits = format!("{serial:08}");
    let weights = [8, 6, 4, 2, 3, 5, 9, 7];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit,
    };
    format!("{service}{digits}{check}{country}")
}

/// A fact about a leg.
pub fn fact(fact_id: &str, leg_id: &str, event: &str, occurred_at: &str) -> Value {
    json!({"factId": fact_id, "legId": leg_id, "event": event, "occurredAt": occurred_at})
}

/// A fact with whatever evidence its event needs: declared counts of `Papers::line`, a receiver, a signature.
pub fn proven(fact_id: &str, leg_id: &str, event: &str, occurred_at: &str) -> Value {
    let mut fact = fact(fact_id, leg_id, event, occurred_at);
    if event == "CONFIRMED" {
        fact["originals"] = json!(1);
        fact["copies"] = json!(2);
        fact["receiver"] = json!({"name": "Nguyễn Thị Mẫu", "relation": "OWNER", "idChecked": true});
    }
    if matches!(event, "CONFIRMED" | "RETURN_CONFIRMED") {
        fact["evidence"] = json!([{"kind": "SIGNATURE", "ref": "pod/1.png"}]);
    }
    fact
}

/// A time of 2026-11-20 in Vietnam, so many minutes after eight.
pub fn at(minutes: i64) -> String {
    let eight = Ts::parse_rfc3339("2026-11-20T08:00:00+07:00").unwrap();
    eight.plus_us(minutes * 60_000_000).to_rfc3339()
}
