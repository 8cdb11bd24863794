//! What the two simulated counterparts believe of each leg, side by side.

use serde_json::Value;
use std::collections::BTreeMap;

/// What each counterpart believes of one leg.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belief {
    /// The last state that the one-stop software heard of in our webhooks.
    pub one_stop: Option<String>,
    /// The last status in the operator's own book.
    pub post: Option<String>,
}

impl Belief {
    /// Whether both beliefs can stand beside a state of our ledger. The one-stop software must have heard exactly
    /// it; the operator may be behind (it does not know of signatures), but must not tell another story.
    pub fn agrees(&self, ours: &str) -> bool {
        let heard = self.one_stop.as_deref().is_none_or(|heard| heard == ours);
        heard && self.post.as_deref().is_none_or(|post| operator_agrees(post, ours))
    }
}

fn operator_agrees(post: &str, ours: &str) -> bool {
    let delivered = matches!(ours, "DELIVERED_REPORTED" | "CONFIRMED");
    let returned = matches!(ours, "RETURNED_REPORTED" | "RETURN_CONFIRMED");
    match post {
        "14" | "DELIVERED" | "21" => delivered,
        // A return after a delivery is a contradiction on record, and the delivery stands.
        "19" | "RETURNED" => returned || ours == "CONFIRMED",
        "20" | "23" => ours == "PARTIAL",
        "9" | "22" => ours == "CANCELLED",
        // Not yet at an end in the operator's book: anything but an end that only it can report.
        _ => !returned,
    }
}

/// Both books, by leg id: `orders` says which order code carries which leg (`DayLog::orders`).
pub fn believes(one_stop: &Value, posts: &[Value], orders: &BTreeMap<String, String>) -> BTreeMap<String, Belief> {
    let mut beliefs: BTreeMap<String, Belief> = BTreeMap::new();
    for (leg, heard) in one_stop.get("legs").and_then(Value::as_object).into_iter().flatten() {
        beliefs.entry(leg.clone()).or_default().one_stop =
            heard.get("state").and_then(Value::as_str).map(str::to_owned);
    }
    let statuses: BTreeMap<&str, &str> = posts
        .iter()
        .filter_map(|post| post.get("orders").and_then(Value::as_array))
        .flatten()
        .filter_map(|order| Some((order.get("orderCode")?.as_str()?, order.get("status")?.as_str()?)))
        .collect();
    for (leg, code) in orders {
        if let Some(status) = statuses.get(code.as_str()) {
            beliefs.entry(leg.clone()).or_default().post = Some((*status).to_owned());
        }
    }
    beliefs
}
