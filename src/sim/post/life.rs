//! A random life for every order, when nobody scripts it: for training, and for a simulator that stands alone.

use super::book::Happening;
use super::{Family, Operator, admin};
use crate::sim::rng::{coin, fate};
use std::sync::Arc;
use std::time::Duration;

/// The whole life of an order, decided by the seed and its code.
fn story(family: Family, seed: u64, code: &str) -> Vec<&'static str> {
    let fails = coin(seed, &["life", "fails", code], 0.15);
    let returns = coin(seed, &["life", "returns", code], 0.05);
    match (family, fails, returns) {
        (Family::Hcc, _, true) => vec!["ACCEPTED", "ATTEMPT_FAILED", "ATTEMPT_FAILED", "RETURNED"],
        (Family::Hcc, true, _) => vec!["ACCEPTED", "ATTEMPT_FAILED", "DELIVERED"],
        (Family::Hcc, ..) => vec!["ACCEPTED", "DELIVERED"],
        (Family::MyVnpost, _, true) => vec!["2", "6", "10", "11", "12", "15", "16", "18", "19"],
        (Family::MyVnpost, true, _) => vec!["2", "6", "10", "11", "12", "15", "12", "14"],
        (Family::MyVnpost, ..) => vec!["2", "6", "10", "11", "12", "14"],
    }
}

/// Moves every order one step each so often, on a thread of its own.
pub(super) fn start(operator: Arc<Operator>, step: Duration) -> Result<(), String> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|error| error.to_string())?;
    std::thread::Builder::new()
        .name("sim-life".into())
        .spawn(move || {
            runtime.block_on(async {
                let mut steps = tokio::time::interval(step);
                while !operator.queue.is_stopped() {
                    steps.tick().await;
                    advance(&operator);
                }
            });
        })
        .map(drop)
        .map_err(|error| error.to_string())
}

fn advance(operator: &Operator) {
    let (family, seed) = (operator.options.family, operator.options.seed);
    let due: Vec<(u64, &'static str)> = operator
        .book()
        .orders
        .values()
        .filter_map(|order| {
            Some((order.original_id, *story(family, seed, &order.code).get(order.life.len().checked_sub(1)?)?))
        })
        .collect();
    for (id, status) in due {
        let now = operator.now();
        let failed = matches!(status, "15" | "ATTEMPT_FAILED");
        let happening = Happening {
            status: status.to_owned(),
            at: now,
            written_at: now,
            office: format!("65{:02}00", fate(seed, &["office", &id.to_string()]) % 20),
            attempt: u64::from(failed),
            cause: if failed { "Người nhận đi vắng".to_owned() } else { String::new() },
            receiver: String::new(),
        };
        admin::happen(operator, id, happening);
    }
}
