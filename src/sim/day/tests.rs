//! The plan by itself: deterministic, whole, and valid against the schemas of the contract.

use super::api::Api;
use super::plan::{Format, Kind, Plan};
use super::story::{self, Fact, Stage};
use super::{Belief, believes, manifest_text};
use crate::base::time::Ts;
use crate::sim::post::Family;
use crate::sim::server::{self, Answer, Call, Site};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
}

fn schema(name: &str) -> Value {
    let path = format!("{}/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn equal_seeds_give_equal_days_to_the_last_byte() {
    let bytes = |plan: &Plan| plan.manifests.iter().map(|it| manifest_text::write(plan, it).1).collect::<Vec<_>>();
    let (one, two) = (Plan::generate(5, 550, date()), Plan::generate(5, 550, date()));
    assert_eq!(one, two);
    assert_eq!(bytes(&one), bytes(&two));
    let other = Plan::generate(6, 550, date());
    assert_ne!(bytes(&one), bytes(&other));
    assert_eq!(other.legs.len(), 550);
    assert!(other.headline().contains("550 hồ sơ"));
}

#[test]
fn ten_seeds_inject_every_kind_each_on_a_leg_of_its_own() {
    for seed in 1..=10 {
        let plan = Plan::generate(seed, 550, date());
        let expected = plan.expected();
        assert_eq!(expected.len(), 15, "seed {seed}: {expected:?}");
        let faulty = plan.legs.iter().filter(|leg| leg.fault.is_some()).count();
        assert_eq!(u64::try_from(faulty).unwrap(), expected.values().sum::<u64>());
        for kind in [Kind::Result, Kind::Intake, Kind::PickUp] {
            assert!(plan.legs.iter().any(|leg| leg.kind == kind));
        }
        let unique = |values: Vec<String>| {
            let set: BTreeSet<_> = values.iter().cloned().collect();
            assert_eq!(set.len(), values.len());
        };
        unique(plan.legs.iter().filter_map(|leg| leg.dossier_no.clone().or(leg.case_no.clone())).collect());
        unique(plan.legs.iter().map(|leg| leg.person.phone.clone()).collect());
        unique(plan.legs.iter().filter_map(|leg| leg.item_number.clone()).collect());
        unique(plan.manifests.iter().map(|it| it.no.clone()).collect());
    }
    let tiny = Plan::generate(3, 4, date());
    assert_eq!(tiny.legs.len(), 4);
    assert!(Plan::generate(3, 0, date()).manifests.is_empty());
}

/// Cells of a row: separators outside quotes, and one more.
fn cells(row: &str, separator: char) -> usize {
    let mut quoted = false;
    let mut outside = |c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    };
    row.chars().filter(|c| outside(*c)).count() + 1
}

#[test]
fn manifests_are_valid_in_all_three_spellings() {
    let plan = Plan::generate(11, 550, date());
    let validator = jsonschema::validator_for(&schema("manifest.schema.json")).unwrap();
    let mut seen = BTreeMap::new();
    for manifest in &plan.manifests {
        let (content_type, bytes) = manifest_text::write(&plan, manifest);
        *seen.entry(content_type).or_insert(0) += 1;
        let legs: Vec<_> = manifest.legs.iter().map(|number| &plan.legs[*number]).collect();
        let text = String::from_utf8(bytes.clone()).unwrap();
        match manifest.format {
            Format::Json => {
                let value: Value = serde_json::from_slice(&bytes).unwrap();
                let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{errors:?}");
                let sum = |kind: &str| -> u64 {
                    let papers =
                        value["lines"].as_array().unwrap().iter().flat_map(|line| line["papers"].as_array().unwrap());
                    papers.filter(|it| it["kind"] == kind).map(|it| it["quantity"].as_u64().unwrap()).sum()
                };
                assert_eq!(value["totals"]["originals"], sum("ORIGINAL"));
                assert_eq!(value["totals"]["copies"], sum("COPY"));
                assert_eq!(value["totals"]["lines"], legs.len());
            }
            Format::Xml => {
                let mut reader = quick_xml::Reader::from_str(&text);
                let mut lines = 0;
                loop {
                    match reader.read_event().unwrap() {
                        quick_xml::events::Event::Start(tag) if tag.name().as_ref() == "line" => lines += 1,
                        quick_xml::events::Event::Eof => break,
                        _ => {}
                    }
                }
                assert_eq!(lines, legs.len());
            }
            Format::Csv => {
                let separator = if text.starts_with('\u{feff}') { ';' } else { ',' };
                let widths: Vec<_> = text.lines().map(|row| cells(row, separator)).collect();
                assert_eq!(widths.len(), legs.len() + 1);
                assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}");
            }
        }
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

struct Paper {
    live: bool,
}

impl Stage for Paper {
    fn leg_id(&self, leg: usize) -> String {
        format!("leg_{leg}")
    }

    fn live_from(&self, _: usize) -> Option<Ts> {
        self.live.then(|| Ts::parse_rfc3339("2026-11-22T09:00:00+07:00").unwrap())
    }
}

fn whole_day(plan: &Plan, stage: &Paper) -> Vec<Fact> {
    let live = stage.live.then_some(Family::Hcc);
    plan.legs
        .iter()
        .flat_map(|leg| {
            let mut facts = story::collecting(plan, stage, leg);
            if leg.kind == Kind::Result {
                facts.extend(story::delivering(plan, stage, leg));
            }
            facts.extend(story::closing(plan, stage, leg, live));
            facts.extend(story::surprises(plan, stage, leg, live, 1));
            facts.extend(story::surprises(plan, stage, leg, live, 2));
            facts
        })
        .collect()
}

#[test]
fn facts_are_valid_and_lie_within_the_day() {
    let plan = Plan::generate(12, 550, date());
    let validator = jsonschema::validator_for(&schema("facts.schema.json")).unwrap();
    let facts = whole_day(&plan, &Paper { live: false });
    let mut changed = 0;
    let mut ids: BTreeMap<String, Value> = BTreeMap::new();
    for fact in &facts {
        let errors: Vec<_> =
            validator.iter_errors(&json!({"facts": [fact.body]})).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} {}", fact.body);
        let at = Ts::parse_rfc3339(fact.body["occurredAt"].as_str().unwrap()).unwrap();
        assert_eq!(at.to_vietnam().date(), date());
        if let Some(first) = ids.insert(fact.body["factId"].as_str().unwrap().to_owned(), fact.body.clone()) {
            assert_eq!(fact.outcome, "CONFLICT", "{first}");
            changed += 1;
        }
    }
    assert_eq!(Some(&changed), plan.expected().get("FACT_CHANGED"));
    let live = whole_day(&plan, &Paper { live: true });
    let far = Ts::parse_rfc3339("2026-11-22T09:00:20+07:00").unwrap();
    assert!(live.iter().all(|fact| Ts::parse_rfc3339(fact.body["occurredAt"].as_str().unwrap()).unwrap() < far));
}

#[test]
fn a_leg_never_has_two_moments_in_one_second_out_of_order() {
    let plan = Plan::generate(13, 300, date());
    for live in [false, true] {
        let stage = Paper { live };
        for leg in &plan.legs {
            let mut facts = story::collecting(&plan, &stage, leg);
            if leg.kind == Kind::Result {
                facts.extend(story::delivering(&plan, &stage, leg));
            }
            let times: Vec<_> = facts.iter().map(|fact| fact.body["occurredAt"].as_str().unwrap().to_owned()).collect();
            let mut sorted = times.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(times, sorted);
        }
        for family in [Family::Hcc, Family::MyVnpost] {
            for leg in plan.legs.iter().filter(|leg| leg.kind != Kind::Intake) {
                let steps: Vec<_> =
                    story::operator_life(family, leg).iter().map(|(_, step)| (step.0, step.1)).collect();
                assert!(steps.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{steps:?}");
            }
        }
    }
}

#[test]
fn beliefs_stand_side_by_side() {
    let one_stop = json!({"legs": {"leg_1": {"state": "CONFIRMED"}, "leg_2": {"state": "ORDERED"}}});
    let post = json!({"orders": [{"orderCode": "A-1", "status": "14"}, {"orderCode": "A-3", "status": "19"}]});
    let orders = BTreeMap::from([("leg_1".to_owned(), "A-1".to_owned()), ("leg_3".to_owned(), "A-3".to_owned())]);
    let beliefs = believes(&one_stop, &[post], &orders);
    assert_eq!(beliefs["leg_1"], Belief { one_stop: Some("CONFIRMED".into()), post: Some("14".into()) });
    assert!(beliefs["leg_1"].agrees("CONFIRMED"));
    assert!(!beliefs["leg_1"].agrees("DELIVERED_REPORTED"), "the desk has not heard of it");
    assert!(!beliefs["leg_2"].agrees("ACCEPTED"));
    assert!(beliefs["leg_3"].agrees("RETURN_CONFIRMED") && !beliefs["leg_3"].agrees("ACCEPTED"));
}

/// Answers 503, then 409 in progress, then 201; and remembers the keys it saw.
#[derive(Default)]
struct Moody(Mutex<Vec<String>>);

impl Site for Moody {
    fn answer(&self, call: &Call) -> Answer {
        let mut seen = self.0.lock().unwrap();
        seen.push(format!("{} {}", call.header("idempotency-key").unwrap_or("-"), String::from_utf8_lossy(&call.body)));
        match seen.len() {
            1 => Answer::empty(503).with("retry-after", "0"),
            2 => Answer::json(409, &json!({"code": "REQUEST_IN_PROGRESS"})).with("retry-after", "0"),
            _ => Answer::json(201, &json!({"id": "mf_1"})),
        }
    }
}

#[test]
fn a_day_can_be_played_on_any_runtime() {
    fn sendable<T: Send>(_: &T) {}
    let actors = super::Actors {
        api_url: "http://127.0.0.1:1".to_owned(),
        desk_keys: BTreeMap::new(),
        post_keys: BTreeMap::new(),
        ops_key: None,
        posts: Vec::new(),
        one_stop_url: None,
        patience: Duration::ZERO,
    };
    sendable(&super::run(Plan::generate(1, 0, date()), actors, |_| {}));
}

#[tokio::test]
async fn the_client_sends_the_same_bytes_again_until_it_is_answered() {
    let site = Arc::new(Moody::default());
    let server = server::serve("127.0.0.1:0", Arc::clone(&site) as Arc<dyn Site>).unwrap();
    let api = Api::new(server.url(), Duration::from_secs(5)).unwrap();
    let ask = super::api::Ask::json("POST", "/v1/manifests", "gnk_x", Some("BK-1".to_owned()), &json!({"a": 1}));
    assert_eq!(api.done(&ask).await.unwrap()["id"], "mf_1");
    assert_eq!(api.retries(), 2);
    assert_eq!(*site.0.lock().unwrap(), vec!["BK-1 {\"a\":1}"; 3]);
    api.cut(&ask).await.unwrap();
}
