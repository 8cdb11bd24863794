//! What the simulated operator believes: its orders, their lives, and everything it had to refuse.

use crate::base::time::Ts;
use crate::sim::numbers::item_number;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Something that happened to an item, in the operator's own words.
#[derive(Clone)]
pub struct Happening {
    /// The family's own status.
    pub status: String,
    /// When it happened.
    pub at: Ts,
    /// When the operator wrote it down.
    pub written_at: Ts,
    /// Office code.
    pub office: String,
    /// Number of the attempt.
    pub attempt: u64,
    /// Why it failed.
    pub cause: String,
    /// Who really signed.
    pub receiver: String,
}

/// One order.
#[derive(Clone)]
pub struct Order {
    /// The sender's order number.
    pub code: String,
    /// The operator's number of the order.
    pub original_id: u64,
    /// The item number, once there is one.
    pub item_number: Option<String>,
    /// The order as it was sent.
    pub body: Value,
    /// When it was stored.
    pub created_at: Ts,
    /// Its life, oldest record first.
    pub life: Vec<Happening>,
}

impl Order {
    /// The family's own status of now.
    pub fn status(&self) -> &str {
        self.life.last().map_or("", |happening| happening.status.as_str())
    }

    /// The nine last digits of every phone-like text in the order: how a runner finds the order of a person.
    fn phones(&self) -> Vec<String> {
        let mut texts = Vec::new();
        collect_texts(&self.body, &mut texts);
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let mut phones: Vec<String> = texts
            .iter()
            .filter(|text| text.chars().all(|c| c.is_ascii_digit() || "+ .-()".contains(c)))
            .map(|text| digits(text))
            .filter(|digits| (9..=12).contains(&digits.len()))
            .filter_map(|digits| digits.get(digits.len() - 9..).map(str::to_owned))
            .collect();
        phones.sort();
        phones.dedup();
        phones
    }

    fn show(&self) -> Value {
        let life: Vec<Value> = self
            .life
            .iter()
            .map(|it| {
                json!({"status": it.status, "time": it.at.to_rfc3339(), "writtenAt": it.written_at.to_rfc3339(),
                       "office": it.office, "attempt": it.attempt, "cause": it.cause, "receiver": it.receiver})
            })
            .collect();
        json!({"orderCode": self.code, "originalId": self.original_id, "itemNumber": self.item_number,
               "status": self.status(), "createdAt": self.created_at.to_rfc3339(), "phones": self.phones(),
               "history": life})
    }
}

fn collect_texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect_texts(item, into)),
        Value::Object(members) => members.values().for_each(|member| collect_texts(member, into)),
        _ => {}
    }
}

/// The book of one simulated operator.
#[derive(Default)]
pub struct Book {
    /// Orders by the operator's own number.
    pub orders: BTreeMap<u64, Order>,
    /// Rows of the delivery feed (HCC Online).
    pub deliveries: Vec<Value>,
    /// Rows of the acceptance feed (HCC Online).
    pub acceptances: Vec<Value>,
    /// Tokens that are good, each with the number of its login.
    pub tokens: BTreeMap<String, u64>,
    /// Tokens that were good once: using one is no fault of a caller who had it in hand.
    pub expired: BTreeSet<String>,
    /// Logins so far.
    pub logins: u64,
    /// Items printed so far.
    items: u64,
    by_code: BTreeMap<String, Vec<u64>>,
    violations: Vec<Value>,
    calls: BTreeMap<String, BTreeMap<String, u64>>,
    duplicates: Vec<Value>,
    answers_lost: BTreeMap<String, ()>,
    pushes: BTreeMap<String, u64>,
}

impl Book {
    /// Stores an order; the first happening carries its first status.
    pub fn store(&mut self, code: &str, body: Value, status: &str, now: Ts) -> u64 {
        let id = 5_500_001 + u64::try_from(self.orders.len()).unwrap_or(0);
        let first = Happening {
            status: status.to_owned(),
            at: now,
            written_at: now,
            office: String::new(),
            attempt: 0,
            cause: String::new(),
            receiver: String::new(),
        };
        let order = Order {
            code: code.to_owned(),
            original_id: id,
            item_number: None,
            body,
            created_at: now,
            life: vec![first],
        };
        self.orders.insert(id, order);
        self.by_code.entry(code.to_owned()).or_default().push(id);
        id
    }

    /// The operator's numbers of an order code, oldest first.
    pub fn ids_of(&self, code: &str) -> Vec<u64> {
        self.by_code.get(code).cloned().unwrap_or_default()
    }

    /// Prints an item number for an order that has none.
    pub fn print_item(&mut self, id: u64, service: &str, seed: u64) -> Option<String> {
        let order = self.orders.get_mut(&id)?;
        if order.item_number.is_none() {
            self.items += 1;
            let start = u64::from(crate::sim::rng::fate(seed, &["items", service]));
            order.item_number = Some(item_number(service, start + self.items));
        }
        order.item_number.clone()
    }

    /// Writes down a refusal: what the partner did wrong.
    pub fn violate(&mut self, call: &str, what: &[String]) {
        self.violations.push(json!({"call": call, "problems": what}));
    }

    /// Counts a call by its outcome.
    pub fn count(&mut self, call: &str, outcome: &str) {
        *self.calls.entry(call.to_owned()).or_default().entry(outcome.to_owned()).or_insert(0) += 1;
    }

    /// Remembers that the answer to an order was withheld on purpose.
    pub fn lose_answer(&mut self, code: &str) {
        self.answers_lost.insert(code.to_owned(), ());
    }

    /// Writes down that an order code came again.
    pub fn duplicate(&mut self, code: &str, same_body: bool) {
        let answer_lost = self.answers_lost.contains_key(code);
        self.duplicates.push(json!({"orderCode": code, "sameBody": same_body, "answerWasLost": answer_lost}));
    }

    /// Counts a webhook push by its outcome.
    pub fn pushed(&mut self, outcome: &str) {
        *self.pushes.entry(outcome.to_owned()).or_insert(0) += 1;
    }

    /// How many orders have which status.
    fn by_status(&self) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for order in self.orders.values() {
            *counts.entry(order.status()).or_insert(0) += 1;
        }
        counts
    }

    /// Everything that the operator believes, as `GET /_sim/ledger` shows it.
    pub fn show(&self, family: &str, pending: usize, faults: Value) -> Value {
        let orders: Vec<Value> = self.orders.values().map(Order::show).collect();
        let lost = |wanted: bool| {
            self.duplicates.iter().filter(|it| it.get("answerWasLost").and_then(Value::as_bool) == Some(wanted)).count()
        };
        json!({
            "family": family,
            "counts": {"orders": self.orders.len(), "byStatus": self.by_status(), "acceptances": self.acceptances.len(),
                       "deliveries": self.deliveries.len(), "logins": self.logins},
            "violations": self.violations.len(),
            "violationList": self.violations,
            "duplicateOrders": self.duplicates.len(),
            "duplicatesAfterLostAnswer": lost(true),
            "duplicatesWithoutReason": lost(false),
            "duplicateList": self.duplicates,
            "calls": self.calls,
            "webhooks": {"pending": pending, "outcomes": self.pushes},
            "faults": faults,
            "orders": orders,
        })
    }
}
