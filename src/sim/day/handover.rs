//! A handover as both sides hold it: opened by the giver, counted by the receiver, signed by both.

use super::api::Ask;
use super::plan::{Leg, Manifest};
use super::stage::Day;
use super::story::{self, Step};
use crate::base::time::{MINUTE_US, Ts};
use crate::sim::numbers::item_number;
use serde_json::{Value, json};
use std::sync::Arc;

/// One handover to hold.
pub struct Meeting {
    /// The manifest whose legs pass.
    pub manifest: usize,
    /// The legs, by number.
    pub legs: Vec<usize>,
    /// From the desk to the post; else from the post to the desk.
    pub to_post: bool,
    /// When it is held.
    pub step: Step,
    /// A word for its number.
    pub word: &'static str,
    /// Whether it is opened by its manifest; else by its legs.
    pub whole_manifest: bool,
}

fn outcome(leg: &Leg, expected: &Value) -> Value {
    let number = |name: &str| expected.get(name).and_then(Value::as_u64).unwrap_or(0);
    let (originals, copies) = (number("originals"), number("copies"));
    match leg.fault {
        Some("HANDOVER_COUNT_DIFFERS") => {
            json!({"outcome": "COUNT_DIFFERS", "originals": originals, "copies": copies + 1, "note": "Đếm thừa một bản sao"})
        }
        Some("HANDOVER_MISSING") => json!({"outcome": "MISSING"}),
        Some("HANDOVER_SEAL_DAMAGED") => json!({"outcome": "SEAL_DAMAGED", "note": "Niêm phong rách"}),
        Some("HANDOVER_UNREADABLE") => json!({"outcome": "UNREADABLE"}),
        Some("HANDOVER_WRONG_AGENCY") => json!({"outcome": "WRONG_AGENCY"}),
        _ => json!({"outcome": "TAKEN", "originals": originals, "copies": copies}),
    }
}

/// The counted lines, each with the outcome that the plan has for its leg.
fn counted(day: &Day, handover: &Value) -> Result<Vec<Value>, String> {
    let lines = handover.get("lines").and_then(Value::as_array).ok_or("a handover has no lines")?;
    lines
        .iter()
        .map(|line| {
            let id = line.get("legId").and_then(Value::as_str).unwrap_or_default();
            let leg =
                day.leg_of(id).ok_or_else(|| format!("the handover names a leg that is not of this day: {id}"))?;
            let mut count = outcome(leg, line.get("expected").unwrap_or(&Value::Null));
            if let Some(members) = count.as_object_mut() {
                members.insert("lineNo".to_owned(), line.get("lineNo").cloned().unwrap_or(Value::Null));
            }
            Ok(count)
        })
        .collect()
}

fn extras(day: &Day, meeting: &Meeting) -> Vec<Value> {
    meeting
        .legs
        .iter()
        .filter_map(|number| day.plan.legs.get(*number))
        .filter(|leg| meeting.word == "GIAO" && leg.fault == Some("HANDOVER_EXTRA"))
        .map(|leg| {
            let serial = u64::try_from(leg.number).unwrap_or(0) + 99_000_000;
            json!({"itemNumber": item_number("EX", serial), "note": "Không có trong bảng kê"})
        })
        .collect()
}

/// Holds the handover from its opening to the second signature.
pub async fn hold(day: Arc<Day>, meeting: Meeting) -> Result<(), String> {
    let plan = &day.plan;
    let Some(manifest) = plan.manifests.get(meeting.manifest) else { return Ok(()) };
    let agency = plan.agency(manifest.agency);
    let (desk, post) = (day.desk_key(manifest.agency)?, day.post_key(manifest.agency)?);
    let (giver, taker) =
        if meeting.to_post { ((desk, "AGENCY"), (post, "POST")) } else { ((post, "POST"), (desk, "AGENCY")) };
    let no = format!(
        "BBGN-{}-{}-{}",
        meeting.word,
        plan.date.format("%Y%m%d"),
        manifest.no.rsplit('-').next().unwrap_or_default()
    );
    let once = |what: &str| Some(format!("{}-{no}-{what}", day.stem()));
    let mut open = json!({"from": giver.1, "to": taker.1, "handoverNo": no, "place": agency.place});
    if let Some(members) = open.as_object_mut() {
        match meeting.whole_manifest {
            true => members.insert("manifestId".to_owned(), json!(day.manifest_id(meeting.manifest))),
            false => members.insert(
                "legIds".to_owned(),
                meeting.legs.iter().map(|number| story::Stage::leg_id(&*day, *number)).collect(),
            ),
        };
    }
    let handover = day.api.done(&Ask::json("POST", "/v1/handovers", giver.0, once("open"), &open)).await?;
    let id = handover.get("id").and_then(Value::as_str).ok_or("a handover has no id")?.to_owned();
    let mut count = json!({"lines": counted(&day, &handover)?});
    let extras = extras(&day, &meeting);
    if let Some(members) = count.as_object_mut().filter(|_| !extras.is_empty()) {
        members.insert("extras".to_owned(), json!(extras));
    }
    let handover = day.api.done(&Ask::json("PATCH", format!("/v1/handovers/{id}"), taker.0, None, &count)).await?;
    let digest = handover.get("digest").cloned().unwrap_or(Value::Null);
    let signed_at = signing_time(&day, manifest, &meeting);
    let live = meeting.legs.iter().any(|number| story::Stage::live_from(&*day, *number).is_some());
    let mut last = Value::Null;
    for (nth, (key, side)) in [giver, taker].into_iter().enumerate() {
        let pause = if live || nth == 0 { 0 } else { MINUTE_US / 2 };
        let signer = match side {
            "AGENCY" => json!({"name": "Trần Văn Thử", "title": "Công chức một cửa"}),
            _ => json!({"name": "Nguyễn Thị Mẫu", "title": "Nhân viên bưu điện"}),
        };
        let body = json!({"side": side, "signer": signer, "digest": digest, "signedAt": signed_at.plus_us(pause).to_rfc3339()});
        let ask = Ask::json("POST", format!("/v1/handovers/{id}/signatures"), key, once(side), &body);
        last = day.api.done(&ask).await?;
        day.step("signatures", 1);
    }
    if last.get("status").and_then(Value::as_str) != Some("COMPLETED") {
        day.problem(format!("handover {no} is signed by both and not completed"));
    }
    day.step("handovers", 1);
    Ok(())
}

/// One moment for all lines: the latest of them.
fn signing_time(day: &Day, manifest: &Manifest, meeting: &Meeting) -> Ts {
    let moments = meeting.legs.iter().filter_map(|number| day.plan.legs.get(*number));
    moments.map(|leg| story::at(&day.plan, day, leg, meeting.step)).max().unwrap_or(manifest.starts_at)
}
