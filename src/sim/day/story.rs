//! What happens to a leg, as facts for the API and as events for a post counterpart: data, no calls.

use super::plan::{Kind, Leg, Life, Plan};
use crate::base::time::{SECOND_US, Ts};
use crate::sim::numbers::item_number;
use crate::sim::post::Family;
use serde_json::{Value, json};

/// A moment in the life of a leg: minutes after the beginning of its shift, and its rank among the moments of a leg
/// whose operator works live. Live legs follow the clock of the answers, one second per rank, so that a day that
/// was planned for the past and an order that is acknowledged now do not contradict each other.
#[derive(Clone, Copy)]
pub struct Step(pub i64, pub i64);

/// The desk hands results to the post.
pub const HANDED_TO_POST: Step = Step(42, 2);
/// The post hands papers to the desk.
pub const HANDED_TO_DESK: Step = Step(90, 6);
/// The post brings results back.
pub const BROUGHT_BACK: Step = Step(215, 12);

/// Who says it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Teller {
    /// The one-stop desk.
    Desk,
    /// The post.
    Post,
}

/// A fact for the API.
pub struct Fact {
    /// The leg.
    pub leg: usize,
    /// Who says it.
    pub teller: Teller,
    /// The outcome that it must have.
    pub outcome: &'static str,
    /// The body.
    pub body: Value,
}

/// Legs as they stand in the API: their ids, and the base of time of those that live by an operator.
pub trait Stage {
    /// The id of a leg.
    fn leg_id(&self, leg: usize) -> String;
    /// The base of time of a leg whose operator works live.
    fn live_from(&self, leg: usize) -> Option<Ts>;
}

/// When the step of a leg lies.
pub fn at(plan: &Plan, stage: &dyn Stage, leg: &Leg, step: Step) -> Ts {
    match stage.live_from(leg.number) {
        Some(base) => base.plus_us(step.1 * SECOND_US),
        None => plan.at(leg, step.0),
    }
}

/// Whether the papers of a leg pass at its first handover.
pub fn passes(leg: &Leg) -> bool {
    !matches!(
        leg.fault,
        Some(
            "HANDOVER_MISSING"
                | "HANDOVER_COUNT_DIFFERS"
                | "HANDOVER_SEAL_DAMAGED"
                | "HANDOVER_UNREADABLE"
                | "HANDOVER_WRONG_AGENCY"
                | "COUNT_MISMATCH"
        )
    )
}

struct Tale<'a> {
    plan: &'a Plan,
    stage: &'a dyn Stage,
    leg: &'a Leg,
    facts: Vec<Fact>,
}

impl Tale<'_> {
    fn tell(&mut self, teller: Teller, event: &str, step: Step, more: Value) {
        let at = at(self.plan, self.stage, self.leg, step);
        let mut body = json!({"factId": format!("{}-{event}-{}", self.fact_stem(), step.0), "legId": self.stage.leg_id(self.leg.number),
                              "event": event, "occurredAt": at.to_rfc3339()});
        merge(&mut body, more);
        self.facts.push(Fact { leg: self.leg.number, teller, outcome: "RECORDED", body });
    }

    fn fact_stem(&self) -> String {
        format!("day{}-{}-{}", self.plan.seed, self.plan.date.format("%y%m%d"), self.leg.number)
    }
}

fn merge(body: &mut Value, more: Value) {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
}

fn tale<'a>(plan: &'a Plan, stage: &'a dyn Stage, leg: &'a Leg) -> Tale<'a> {
    Tale { plan, stage, leg, facts: Vec::new() }
}

/// The way to the desk, of a leg that no operator drives: fetched, taken, on its way.
pub fn collecting(plan: &Plan, stage: &dyn Stage, leg: &Leg) -> Vec<Fact> {
    let mut tale = tale(plan, stage, leg);
    let office = json!({"place": {"postOfficeCode": plan.agency(leg.agency).office}});
    if leg.kind == Kind::PickUp {
        tale.tell(Teller::Post, "COLLECTION_ASSIGNED", Step(10, 1), json!({}));
        if leg.life == Life::Second {
            let cause = json!({"attempt": 1, "cause": "UNREACHABLE", "causeText": "Không liên lạc được"});
            tale.tell(Teller::Post, "COLLECTION_FAILED", Step(20, 2), cause);
            tale.tell(Teller::Post, "COLLECTION_ASSIGNED", Step(25, 3), json!({}));
        }
        tale.tell(Teller::Post, "ACCEPTED", Step(41, 4), office.clone());
    }
    if leg.kind != Kind::Result {
        tale.tell(Teller::Post, "IN_TRANSIT", Step(50, 5), office);
    }
    tale.facts
}

/// The way to the citizen, of a result that no operator drives.
pub fn delivering(plan: &Plan, stage: &dyn Stage, leg: &Leg) -> Vec<Fact> {
    let mut tale = tale(plan, stage, leg);
    let office = json!({"place": {"postOfficeCode": plan.agency(leg.agency).office}});
    tale.tell(Teller::Post, "IN_TRANSIT", Step(50, 3), office.clone());
    tale.tell(Teller::Post, "AT_DELIVERY_POST", Step(70, 4), office);
    tale.tell(Teller::Post, "OUT_FOR_DELIVERY", Step(100, 5), json!({}));
    if leg.life != Life::First {
        let cause = json!({"attempt": 1, "cause": "ABSENT", "causeText": "Người nhận đi vắng"});
        tale.tell(Teller::Post, "ATTEMPT_FAILED", Step(120, 6), cause);
    }
    if leg.life == Life::Returned {
        tale.tell(
            Teller::Post,
            "RETURNING",
            Step(172, 10),
            json!({"cause": "WRONG_ADDRESS", "causeText": "Sai địa chỉ"}),
        );
        tale.tell(Teller::Post, "RETURNED", Step(200, 11), json!({}));
        return tale.facts;
    }
    if leg.life == Life::Second {
        tale.tell(Teller::Post, "OUT_FOR_DELIVERY", Step(150, 7), json!({}));
    }
    match leg.fault {
        Some("PARTIAL_DELIVERY") => {
            tale.tell(Teller::Post, "PARTIAL", Step(170, 8), json!({"originals": 1, "copies": 0}))
        }
        _ => tale.tell(
            Teller::Post,
            "DELIVERED",
            Step(170, 8),
            json!({"attempt": if leg.life == Life::Second { 2 } else { 1 }}),
        ),
    }
    tale.facts
}

/// The status and the time of one operator event.
pub type Event = (&'static str, Step);

/// What the simulated operator lets happen to a leg that it drives.
pub fn operator_life(family: Family, leg: &Leg) -> Vec<Event> {
    let second = leg.life == Life::Second;
    let returned = leg.life == Life::Returned;
    let partial = leg.fault == Some("PARTIAL_DELIVERY");
    let mut life: Vec<Event> = Vec::new();
    match (family, leg.kind) {
        (Family::MyVnpost, Kind::Result) => {
            life.extend([("10", Step(50, 3)), ("11", Step(70, 4)), ("12", Step(100, 5))]);
            life.extend((leg.life != Life::First).then_some(("15", Step(120, 6))));
            life.extend(second.then_some(("12", Step(150, 7))));
            life.extend(returned.then_some(("16", Step(172, 10))));
            life.push(match (returned, partial) {
                (true, _) => ("19", Step(200, 11)),
                (_, true) => ("23", Step(170, 8)),
                _ => ("14", Step(170, 8)),
            });
        }
        (Family::MyVnpost, _) => {
            life.push(("2", Step(10, 1)));
            life.extend(second.then_some(("5", Step(20, 2))));
            life.extend([("6", Step(41, 4)), ("10", Step(50, 5))]);
        }
        (Family::Hcc, Kind::Result) => {
            life.push(("ACCEPTED", Step(45, 3)));
            life.extend((leg.life != Life::First).then_some(("ATTEMPT_FAILED", Step(120, 6))));
            match (returned, partial) {
                (true, _) => life.push(("RETURNED", Step(200, 11))),
                // This interface has no word for a part; the office reports it by itself.
                (_, true) => {}
                _ => life.push(("DELIVERED", Step(170, 8))),
            }
        }
        (Family::Hcc, _) => life.push(("ACCEPTED", Step(41, 4))),
    }
    life
}

/// The late contradiction in the words of a family: delivered, and now returned.
pub fn contradiction(family: Family) -> Event {
    match family {
        Family::MyVnpost => ("19", Step(230, 15)),
        Family::Hcc => ("RETURNED", Step(230, 15)),
    }
}

/// What closes a leg: proof of delivery, the case number, the fee, and the surprises of that part of the day.
pub fn closing(plan: &Plan, stage: &dyn Stage, leg: &Leg, live: Option<Family>) -> Vec<Fact> {
    let mut tale = tale(plan, stage, leg);
    if leg.kind == Kind::Result && passes(leg) {
        closing_result(&mut tale, live);
    }
    if leg.fee > 0 && passes(leg) && leg.life != Life::Returned && leg.fault != Some("PARTIAL_DELIVERY") {
        let receipt = format!("BL-{}", tale.fact_stem());
        tale.tell(Teller::Post, "FEE_COLLECTED", Step(216, 13), json!({"amount": leg.fee, "receiptNo": receipt}));
        tale.tell(Teller::Post, "FEE_REMITTED", Step(220, 14), json!({"amount": leg.fee, "receiptNo": receipt}));
    }
    if leg.fault == Some("COUNT_MISMATCH") {
        let counted = json!({"originals": leg.originals() + 1, "copies": leg.copies()});
        tale.tell(Teller::Desk, "CONFIRMED", HANDED_TO_DESK, counted);
    }
    if let Some(case_no) = leg.case_no.as_ref().filter(|_| passes(leg)) {
        tale.tell(Teller::Desk, "CASE_RECEIVED", Step(100, 7), json!({"dossierNo": case_no}));
    }
    tale.facts
}

fn closing_result(tale: &mut Tale<'_>, live: Option<Family>) {
    let leg = tale.leg;
    match leg.fault {
        Some("PARTIAL_DELIVERY") => {
            if live == Some(Family::Hcc) {
                tale.tell(Teller::Post, "PARTIAL", Step(170, 8), json!({"originals": 1, "copies": 0}));
            }
            return;
        }
        Some("REPORTER_NOT_ENTITLED") => tale.tell(Teller::Desk, "OUT_FOR_DELIVERY", Step(105, 5), json!({})),
        Some("UNMAPPED_STATUS") => {
            let at = at(tale.plan, tale.stage, leg, Step(75, 4));
            let body = json!({"factId": format!("{}-raw", tale.fact_stem()), "legId": tale.stage.leg_id(leg.number),
                              "raw": {"family": "P4", "code": "77", "text": "Trạng thái chưa rõ"}, "occurredAt": at.to_rfc3339()});
            tale.facts.push(Fact { leg: leg.number, teller: Teller::Post, outcome: "RECORDED", body });
        }
        _ => {}
    }
    if leg.life == Life::Returned {
        return;
    }
    let known = leg.fault != Some("NO_ID_NOTE");
    let proof = json!({
        "receiver": {"name": leg.person.name, "relation": "OWNER", "idChecked": known},
        "evidence": [{"kind": "SIGNATURE", "ref": format!("pod/{}.png", tale.fact_stem())}],
    });
    tale.tell(Teller::Post, "CONFIRMED", Step(171, 9), proof);
}

/// The surprises that come last; the second of a pair must come after the first, so they stand in two rounds.
pub fn surprises(plan: &Plan, stage: &dyn Stage, leg: &Leg, live: Option<Family>, round: u8) -> Vec<Fact> {
    let mut tale = tale(plan, stage, leg);
    match (leg.fault, round) {
        (Some("FACT_CHANGED"), 1) => {
            tale.tell(Teller::Post, "INVITED", Step(180, 10), json!({"note": "Đã báo người nhận"}))
        }
        (Some("FACT_CHANGED"), _) => {
            tale.tell(Teller::Post, "INVITED", Step(180, 10), json!({"note": "Đã báo người nhận lần hai"}));
            if let Some(fact) = tale.facts.last_mut() {
                fact.outcome = "CONFLICT";
            }
        }
        (Some("STATE_CONFLICT"), 2) if live.is_none() => tale.tell(Teller::Post, "RETURNED", Step(230, 15), json!({})),
        (Some("DOSSIER_NUMBER_CONFLICT"), 2) => {
            let other = leg.case_no.as_ref().map(|no| format!("{no}9")).unwrap_or_default();
            tale.tell(Teller::Desk, "CASE_RECEIVED", Step(190, 8), json!({"dossierNo": other}));
        }
        (Some("UNMATCHED_FACT"), 1) => {
            tale.tell(Teller::Post, "IN_TRANSIT", Step(60, 4), json!({}));
            if let Some(fact) = tale.facts.last_mut() {
                fact.outcome = "UNMATCHED";
                if let Some(body) = fact.body.as_object_mut() {
                    body.remove("legId");
                    let serial = u64::try_from(leg.number).unwrap_or(0) + plan.seed % 1_000_000 * 10;
                    body.insert("itemNumber".to_owned(), json!(item_number("EE", serial)));
                }
            }
        }
        _ => {}
    }
    tale.facts
}
