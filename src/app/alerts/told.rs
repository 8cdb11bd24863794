//! Alerts for machines: every receiver of alerts is told when one opens and when it is over, by messages of the outbox.

use serde_json::{Value, json};

use crate::app::App;
use crate::app::alerts::evidence_of;
use crate::app::distribution::{Notice, notices};
use crate::base::time::Ts;
use crate::domain::alert::{Kind, Text};
use crate::domain::problem::Language as Lang;
use crate::report::alerts::sentence;
use crate::store::alerts::AlertRow;
use crate::store::rows::OutboxRow;

/// The messages about an alert that opens, or that is over at an instant: counterparts, offices and numbers, nobody's name.
pub(super) fn messages(app: &App, kind: Kind, row: &AlertRow, cleared_at: Option<Ts>) -> Vec<OutboxRow> {
    let (type_, at) = match cleared_at {
        None => ("alert.opened", Ts::from_us(row.opened_at_us)),
        Some(at) => ("alert.cleared", at),
    };
    let data = data(kind, row, cleared_at);
    notices(app, &Notice { type_, id: &row.id, subject: &format!("{kind}:{}", row.subject), at, data })
}

fn data(kind: Kind, row: &AlertRow, cleared_at: Option<Ts>) -> Value {
    let of = kind.row();
    let evidence = evidence_of(row);
    let both = |(vi, en): Text| json!({"vi": vi, "en": en});
    json!({
        "alertId": row.id,
        "kind": row.kind,
        "weight": of.weight.as_str(),
        "subject": row.subject,
        "openedAt": Ts::from_us(row.opened_at_us).to_rfc3339(),
        "clearedAt": cleared_at.map(Ts::to_rfc3339),
        "title": both(of.called),
        "detail": {"vi": sentence(kind, &evidence, Lang::Vi), "en": sentence(kind, &evidence, Lang::En)},
        "next": both(of.next),
        "unit": of.unit.as_str(),
        "value": evidence.value,
        "limit": evidence.limit,
    })
}
