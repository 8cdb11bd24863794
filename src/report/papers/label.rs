//! Labels of 100 × 60 mm for envelopes and bags.

use super::{Job, PapersError, templates};
use crate::report::codes::{code128_svg, qr_svg};
use serde_json::{Value, json};

/// What stands on one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What it is: `Hồ sơ một cửa`, `Kết quả`.
    pub kind: String,
    /// Number of the item or of the note, also in the bar code.
    pub number: String,
    /// What the QR code says.
    pub qr: String,
    /// Where it goes.
    pub destination: String,
    /// The address there.
    pub destination_address: Option<String>,
    /// Number of the dossier, once there is one.
    pub dossier_number: Option<String>,
    /// Where it comes from, and when: `Bưu cục Tân Hòa, 19/11/2026`.
    pub origin: String,
    /// Number of the seal.
    pub seal: Option<String>,
}

pub(super) fn job<'a>(labels: &[Label], template: Option<&'a str>) -> Result<Job<'a>, PapersError> {
    if labels.is_empty() {
        return Err(PapersError::Nothing);
    }
    let data = labels.iter().map(data).collect::<Result<Vec<_>, _>>()?;
    let identity = labels.iter().map(|label| label.number.as_str()).collect::<Vec<_>>().join("\n");
    let template = template.unwrap_or(templates::LABELS);
    let identity = format!("giaonhan:labels:{identity}");
    Ok(Job { template, data: json!({ "labels": data }), pictures: Vec::new(), date: None, identity })
}

fn data(label: &Label) -> Result<Value, PapersError> {
    Ok(json!({
        "kind": label.kind, "number": label.number, "bars": code128_svg(&label.number, "")?, "qr": qr_svg(&label.qr, "")?,
        "destination": label.destination, "destination_address": label.destination_address,
        "dossier_number": label.dossier_number, "origin": label.origin, "seal": label.seal,
    }))
}
