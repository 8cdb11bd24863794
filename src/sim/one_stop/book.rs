//! What the simulated one-stop software believes: its dossiers, and what it was told of each leg.

use crate::base::time::Ts;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What `dossierStatus` may be.
pub(super) const STATUSES: &[&str] = &[
    "new",
    "receiving",
    "waiting",
    "processing",
    "pausing",
    "posting",
    "interoperating",
    "correcting",
    "cancelling",
    "releasing",
    "denied",
    "unresolved",
    "cancelled",
    "done",
];

/// Dates of a dossier, `dd/MM/yyyy HH:mm:ss` of Vietnam, empty until then.
pub(super) const DATES: &[&str] = &["receiveDate", "releaseDate", "finishDate"];

/// A date as it writes it.
fn written(at: Ts) -> String {
    at.to_vietnam().format("%d/%m/%Y %H:%M:%S").to_string()
}

/// A dossier of the case system, with the fields that concern the post.
#[derive(Clone)]
pub(super) struct Dossier {
    pub(super) id: u64,
    pub(super) reference_uid: String,
    pub(super) fields: Map<String, Value>,
    /// Every value that was written: which field, from what, to what.
    pub(super) history: Vec<Value>,
    pub(super) actions: Vec<Value>,
}

impl Dossier {
    pub(super) fn dossier_no(&self) -> &str {
        self.fields.get("dossierNo").and_then(Value::as_str).unwrap_or_default()
    }

    /// As the REST face shows it: numbers of the postal fields as the real one does, half of them text.
    pub(super) fn show(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("dossierId".to_owned(), json!(self.id));
        shown.insert("referenceUid".to_owned(), json!(self.reference_uid));
        shown.extend(self.fields.clone());
        if let Some(via_postal) = self.fields.get("viaPostal").and_then(Value::as_u64) {
            shown.insert("viaPostal".to_owned(), json!(via_postal.to_string()));
        }
        Value::Object(shown)
    }

    /// The first action takes what was only announced.
    pub(super) fn receive(&mut self, now: Ts) {
        if self.fields.get("dossierStatus").and_then(Value::as_str) == Some("new") {
            self.fields.insert("dossierStatus".to_owned(), json!("processing"));
            self.fields.insert("receiveDate".to_owned(), json!(written(now)));
        }
    }

    /// A clerk closes a case on hearing that the citizen has its result.
    pub(super) fn close(&mut self, now: Ts) {
        self.fields.insert("dossierStatus".to_owned(), json!("done"));
        self.fields.insert("finishDate".to_owned(), json!(written(now)));
    }

    /// Writes a field and remembers what it held.
    pub(super) fn write(&mut self, name: &str, value: Value) {
        let before = self.fields.insert(name.to_owned(), value.clone()).unwrap_or(Value::Null);
        if before != value {
            self.history.push(json!({"field": name, "from": before, "to": value}));
        }
    }
}

/// What was heard of one leg.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) states: Vec<String>,
    pub(super) rank: u8,
    pub(super) corrected: bool,
    pub(super) data: Value,
}

/// The book of the one-stop software.
#[derive(Default)]
pub(super) struct Book {
    pub(super) dossiers: BTreeMap<u64, Dossier>,
    pub(super) legs: BTreeMap<String, Heard>,
    pub(super) messages: BTreeMap<String, u64>,
    pub(super) types: BTreeMap<String, u64>,
    pub(super) bad_signatures: u64,
    pub(super) bad_timestamps: u64,
    pub(super) verified_v1: u64,
    pub(super) verified_v1a: u64,
    pub(super) order_violations: Vec<Value>,
    violations: Vec<Value>,
    calls: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Book {
    /// Adds a dossier, or sets the given fields of one that is known.
    pub(super) fn seed(&mut self, item: &Value) {
        let Some(fields) = item.as_object() else { return };
        let no = fields.get("dossierNo").and_then(Value::as_str).unwrap_or_default();
        let id = self.find(no).unwrap_or_else(|| 96_001 + u64::try_from(self.dossiers.len()).unwrap_or(0));
        let dossier = self.dossiers.entry(id).or_insert_with(|| {
            let hash = crate::base::digest::sha256_hex(no.as_bytes());
            let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default().to_owned();
            let uid = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
            let mut fields = Map::new();
            for (name, value) in [
                ("dossierNo", json!(no)),
                ("govAgencyCode", json!("")),
                ("serviceCode", json!("")),
                ("viaPostal", json!(0)),
                ("vnpostalStatus", json!(0)),
                ("vnpostalProfile", json!("")),
                ("postalCodeSend", json!("")),
                ("postalCodeReceived", json!("")),
                ("dossierStatus", json!("processing")),
                ("receiveDate", json!("")),
                ("releaseDate", json!("")),
                ("finishDate", json!("")),
            ] {
                fields.insert(name.to_owned(), value);
            }
            Dossier { id, reference_uid: uid, fields, history: Vec::new(), actions: Vec::new() }
        });
        dossier.fields.extend(fields.clone());
    }

    /// The local number of a dossier known by its number, its reference or its local number.
    pub(super) fn find(&self, name: &str) -> Option<u64> {
        let by_id = name.parse().ok().filter(|id| self.dossiers.contains_key(id));
        by_id.or_else(|| {
            let found = self.dossiers.values().find(|it| it.dossier_no() == name || it.reference_uid == name);
            found.map(|dossier| dossier.id)
        })
    }

    pub(super) fn violate(&mut self, call: &str, what: &[String]) {
        self.violations.push(json!({"call": call, "problems": what}));
    }

    pub(super) fn count(&mut self, call: &str, outcome: &str) {
        *self.calls.entry(call.to_owned()).or_default().entry(outcome.to_owned()).or_insert(0) += 1;
    }

    /// Everything that it believes, as `GET /_sim/ledger` shows it.
    pub(super) fn show(&self, faults: Value) -> Value {
        let dossiers: Vec<Value> = self
            .dossiers
            .values()
            .map(|it| {
                let mut shown = it.show();
                if let Some(members) = shown.as_object_mut() {
                    members.insert("viaPostal".to_owned(), it.fields.get("viaPostal").cloned().unwrap_or(Value::Null));
                    members.insert("history".to_owned(), json!(it.history));
                    members.insert("actions".to_owned(), json!(it.actions));
                }
                shown
            })
            .collect();
        let legs: Map<String, Value> = self
            .legs
            .iter()
            .map(|(leg, heard)| {
                (leg.clone(), json!({"states": heard.states, "state": heard.states.last(), "data": heard.data}))
            })
            .collect();
        let repeated: u64 = self.messages.values().map(|times| times - 1).sum();
        json!({
            "webhooks": {"messages": self.messages.len(), "duplicates": repeated, "types": self.types,
                         "badSignatures": self.bad_signatures, "badTimestamps": self.bad_timestamps,
                         "verifiedV1": self.verified_v1, "verifiedV1a": self.verified_v1a,
                         "orderViolations": self.order_violations.len(), "orderViolationList": self.order_violations},
            "legs": legs,
            "violations": self.violations.len(),
            "violationList": self.violations,
            "calls": self.calls,
            "faults": faults,
            "dossiers": dossiers,
        })
    }
}
