//! A legal clock as machines read it.

use serde_json::{Value, json};

use crate::base::time::Ts;
use crate::domain::clocks::{Standing, TABLE, Unknown};
use crate::domain::leg::Holder;

/// A clock as machines read it.
pub fn clock(standing: &Standing, flags: &[&str]) -> Value {
    let time = |at: Option<Ts>| at.map(Ts::to_rfc3339);
    let basis = TABLE.iter().find(|clock| clock.id == standing.clock).map_or("", |clock| clock.basis);
    let missing_year = match standing.unknown {
        Some(Unknown::Calendar(gap)) => Some(gap.year()),
        _ => None,
    };
    let pauses: Vec<Value> = standing
        .pauses
        .iter()
        .map(|pause| {
            json!({"from": pause.from.to_rfc3339(), "to": time(pause.to), "reason": pause.reason.as_str(),
                   "party": pause.reason.party().as_str()})
        })
        .collect();
    let used = standing.used.as_ref().map(|used| {
        let party = |(holder, us): &(Holder, i64)| json!({"holder": holder.as_str(), "workingSeconds": us / 1_000_000});
        used.iter().map(party).collect::<Vec<_>>()
    });
    json!({
        "clock": standing.clock.as_str(),
        "status": standing.status.as_str(),
        "unknown": standing.unknown.map(Unknown::as_str),
        "missingYear": missing_year,
        "startedAt": time(standing.started_at),
        "restarts": standing.restarts,
        "dueAt": time(standing.due_at),
        "endedAt": time(standing.ended_at),
        "pauses": pauses,
        "used": used,
        "calendar": standing.calendar,
        "flags": flags,
        "basis": basis,
    })
}
