//! The fault plan of a simulator: which awkward behaviour strikes how often, decided by the seed, counted by name.
//!
//! A draw depends on the seed, the fault, the key (an order, a message) and how often that key came, never on timing:
//! the same seed and the same calls meet the same faults. A fault strikes one key at most once, so that a partner that
//! asks and repeats gets through even when every first call fails.

use crate::sim::rng;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// One awkward behaviour that was seen in the field.
pub struct Kind {
    /// The name that a plan uses.
    pub name: &'static str,
    /// Its variants; `name.variant` in a plan asks for one alone.
    pub variants: &'static [&'static str],
    /// What it does, for the help text.
    pub meaning: &'static str,
}

const fn kind(name: &'static str, variants: &'static [&'static str], meaning: &'static str) -> Kind {
    Kind { name, variants, meaning }
}

/// Every fault that the simulators can play.
pub const KINDS: &[Kind] = &[
    kind("E1", &["refused", "empty", "html"], "HTTP 200 that is no success: refused, an empty body, an HTML page"),
    kind("E2", &["stall", "reset"], "stores what it was sent, then never answers or resets the connection"),
    kind("E3", &[], "takes a second order of one code as a new order"),
    kind("E4", &["expired", "login"], "the token expires in mid-run; the login answers 429"),
    kind(
        "E5",
        &["duplicate", "overtaken", "equal"],
        "reports arrive twice, late and out of order, or with equal times",
    ),
    kind("E6", &["early", "unknown"], "a report before the create reply; a report about an order nobody sent"),
    kind("E7", &[], "a webhook whose first record is signed and whose second is forged"),
    kind("E8", &["types", "key", "masked"], "numbers as text and text as numbers, a key with a blank, masked contacts"),
    kind("E9", &[], "a status that no table knows"),
    kind(
        "E10",
        &["empty", "repeat", "insert"],
        "feed page empty, last page repeated, a row inserted before the cursor",
    ),
    kind("E11", &[], "delivered, and later returned"),
    kind("E12", &[], "the money status without the delivery status"),
    kind("E13", &[], "cancelling refused, the item is already in carriage"),
    kind("E14", &["decomposed", "mojibake"], "Vietnamese names decomposed or damaged"),
    kind("LATENCY", &[], "answers late"),
    kind("BUSY", &[], "503 with Retry-After"),
    kind("ERROR", &[], "500"),
    kind("STALLED_BODY", &[], "headers at once, the body never"),
    kind("GONE", &[], "410"),
];

/// A rate for a name that a plan gives without a number.
const RATE_DEFAULT: f64 = 0.1;

#[derive(Default)]
struct State {
    rates: BTreeMap<String, f64>,
    draws: BTreeMap<(&'static str, String), u64>,
    struck_keys: BTreeMap<(&'static str, String), ()>,
    struck: BTreeMap<String, u64>,
}

/// The fault plan at work.
pub struct Faults {
    seed: u64,
    state: Mutex<State>,
}

/// Reads `E1:0.05,E2,E8.masked:1`: names of [`KINDS`], with or without a variant and a rate.
pub fn parse_plan(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let mut rates = BTreeMap::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (name, rate) = match part.split_once(':') {
            Some((name, rate)) => (name, rate.parse::<f64>().map_err(|_| format!("`{rate}` is not a rate"))?),
            None => (part, RATE_DEFAULT),
        };
        insert(&mut rates, name, rate)?;
    }
    Ok(rates)
}

fn insert(rates: &mut BTreeMap<String, f64>, name: &str, rate: f64) -> Result<(), String> {
    let (base, variant) = name.split_once('.').map_or((name, None), |(base, variant)| (base, Some(variant)));
    let known = KINDS.iter().find(|kind| kind.name == base).ok_or_else(|| {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        format!("there is no fault `{base}`; known: {}", names.join(", "))
    })?;
    if let Some(variant) = variant.filter(|variant| !known.variants.contains(variant)) {
        return Err(format!("fault {base} has no variant `{variant}`; known: {}", known.variants.join(", ")));
    }
    if !(0.0..=1.0).contains(&rate) {
        return Err(format!("the rate of {name} must lie between 0 and 1"));
    }
    rates.insert(name.to_owned(), rate);
    Ok(())
}

impl Faults {
    /// A plan at work under a seed.
    pub fn new(seed: u64, rates: BTreeMap<String, f64>) -> Self {
        Faults { seed, state: Mutex::new(State { rates, ..State::default() }) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether the fault strikes this call. A keyed call is struck at most once; an unkeyed one (`""`) every time the
    /// coin falls.
    pub fn strikes(&self, name: &'static str, key: &str) -> bool {
        self.variant(name, &[""], key).is_some()
    }

    /// The variant that strikes this call, of those that make sense here.
    pub fn variant(&self, name: &'static str, here: &[&'static str], key: &str) -> Option<&'static str> {
        let mut state = self.state();
        if state.rates.is_empty() {
            return None;
        }
        let slot = (name, key.to_owned());
        let nth = state.draws.entry(slot.clone()).or_insert(0);
        *nth += 1;
        let nth = nth.to_string();
        if !key.is_empty() && state.struck_keys.contains_key(&slot) {
            return None;
        }
        let all = state.rates.get(name).copied().unwrap_or(0.0);
        let chosen = if rng::coin(self.seed, &[name, key, &nth], all) {
            let count = u32::try_from(here.len()).unwrap_or(1).max(1);
            let at = rng::fate(self.seed, &["variant", name, key, &nth]) % count;
            here.get(usize::try_from(at).unwrap_or(0)).copied()
        } else {
            here.iter().copied().find(|variant| {
                let full = format!("{name}.{variant}");
                let rate = state.rates.get(&full).copied().unwrap_or(0.0);
                rng::coin(self.seed, &[&full, key, &nth], rate)
            })
        }?;
        let counted = if chosen.is_empty() { name.to_owned() } else { format!("{name}.{chosen}") };
        *state.struck.entry(counted).or_insert(0) += 1;
        state.struck_keys.insert(slot, ());
        Some(chosen)
    }

    /// The plan and how often each fault struck.
    pub fn show(&self) -> Value {
        let state = self.state();
        json!({"seed": self.seed, "rates": state.rates, "struck": state.struck})
    }

    /// Takes another plan, `{"E1": 0.05}`; the counters stay.
    pub fn replace(&self, plan: &Map<String, Value>) -> Result<(), String> {
        let mut rates = BTreeMap::new();
        for (name, rate) in plan {
            let rate = rate.as_f64().ok_or_else(|| format!("the rate of {name} must be a number"))?;
            insert(&mut rates, name, rate)?;
        }
        self.state().rates = rates;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(seed: u64, order: &[u32]) -> BTreeMap<u32, Option<&'static str>> {
        let faults = Faults::new(seed, parse_plan("E1:0.3,E2.reset:0.2").unwrap());
        order
            .iter()
            .map(|n| {
                let key = n.to_string();
                let first = faults.variant("E1", &["refused", "empty", "html"], &key);
                (*n, first.or_else(|| faults.variant("E2", &["stall", "reset"], &key)))
            })
            .collect()
    }

    #[test]
    fn the_same_seed_meets_the_same_faults_in_any_order_of_calls() {
        let forward: Vec<u32> = (0..300).collect();
        let backward: Vec<u32> = (0..300).rev().collect();
        assert_eq!(play(9, &forward), play(9, &backward));
        assert_ne!(play(9, &forward), play(10, &forward));
        let struck = play(9, &forward);
        assert!(struck.values().any(|v| *v == Some("reset")));
        assert!(struck.values().all(|v| *v != Some("stall")));
    }

    #[test]
    fn a_key_is_struck_once_and_counted() {
        let faults = Faults::new(1, parse_plan("E2:1").unwrap());
        assert!(faults.strikes("E2", "order-1"));
        assert!(!faults.strikes("E2", "order-1"));
        assert!(faults.strikes("E2", "") && faults.strikes("E2", ""));
        assert_eq!(faults.show()["struck"], json!({"E2": 3}));
    }

    #[test]
    fn plans_with_mistakes_are_refused() {
        for bad in ["E99", "E1.none", "E1:2", "E1:x", "E2.reset:-1"] {
            assert!(parse_plan(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_plan(" E1 , E2:0.5 ").unwrap(), [("E1".to_owned(), 0.1), ("E2".to_owned(), 0.5)].into());
    }
}
