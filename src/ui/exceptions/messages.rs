//! Parked messages: what they say, why they stopped, mend and replay.

use minijinja::{Value, context};

use crate::app::exceptions::{self, Exception, Subject};
use crate::app::outbox::is_fixed;
use crate::store::read::messages as read;
use crate::store::rows::OutboxLogRow;
use crate::ui::ask::Ask;
use crate::ui::exceptions::{case, mask, words};
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, see};

/// What a case about a message shows beside the rest.
pub(super) fn values(ask: &Ask, one: &Exception) -> Result<Option<Value>, Stop> {
    let Subject::Message(row) = &one.subject else { return Ok(None) };
    let log = ask.app().store.read(|db| read::log_of(db, &row.id))?;
    let masked = mask::masked(&row.body);
    // Administrators see no personal data: a body that holds some is replaced unseen.
    let seen = masked.as_ref().filter(|(_, covered)| !covered).map_or("", |_| row.body.as_str());
    Ok(Some(context! {
        counterpart => row.counterpart.as_str(),
        kind => row.kind.as_str(),
        attempts => row.attempts,
        created_at_us => row.created_at_us,
        why => row.last_error.as_deref().or(row.last_outcome.as_deref()).map(|told| words::outcome(told, ask.lang)),
        shown => masked.as_ref().map(|(shown, _)| shown.as_str()),
        covered => masked.as_ref().is_some_and(|(_, covered)| *covered),
        body => if ask.form.has("body") { ask.form.raw("body") } else { seen },
        way => if ask.form.get("way") == "mend" { "mend" } else { "replay" },
        // A webhook goes out as it was signed: its body is the event.
        may_mend => row.kind != "WEBHOOK" && !is_fixed(row),
        log => log.iter().map(|entry| context! {
            entry => entry.entry,
            what => words::act(&entry.what, ask.lang),
            at_us => entry.at_us,
            told => told(ask, entry),
            by => entry.by_whom.as_deref(),
        }).collect::<Vec<_>>(),
    }))
}

/// What came of an entry of the log: the outcome, and what the receiver or the person said.
fn told(ask: &Ask, entry: &OutboxLogRow) -> Option<String> {
    let told = match (&entry.outcome, &entry.detail) {
        (Some(outcome), Some(detail)) if !detail.starts_with(outcome.as_str()) => format!("{outcome}: {detail}"),
        (_, Some(detail)) => detail.clone(),
        (outcome, None) => outcome.clone()?,
    };
    Some(words::outcome(&told, ask.lang))
}

/// Sends it again, mended or as it is.
pub(super) fn send(ask: &Ask) -> Result<Page, Stop> {
    let one = case::find(ask)?;
    let Subject::Message(row) = &one.subject else { return Err(Stop::NotFound) };
    let mends = ask.form.get("way") == "mend";
    let (body, reason) = (ask.form.raw("body"), ask.form.get("reason"));
    let mut errors = Errors::default();
    if reason.is_empty() {
        errors.add(ask.lang, "reason", "Ghi lý do gửi lại.", "Say why it is sent again.");
    }
    if mends && let Err(error) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(body) {
        errors.add(
            ask.lang,
            "body",
            format!(
                "Chưa phải một đối tượng JSON: dòng {}, cột {}. Ví dụ: {{\"phone\": \"0900000041\"}}",
                error.line(),
                error.column()
            ),
            format!(
                "Not a JSON object: line {}, column {}. Such as {{\"phone\": \"0900000041\"}}",
                error.line(),
                error.column()
            ),
        );
    }
    if mends && (row.kind == "WEBHOOK" || is_fixed(row)) {
        errors.add(ask.lang, "body", "Tin này chỉ gửi lại nguyên.", "This one can only be sent as it is.");
    }
    if row.state != "PARKED" {
        errors.add(ask.lang, "way", "Tin này không còn bị treo.", "This message is not parked any more.");
    }
    if !errors.is_empty() {
        return again("exception_case.html", case::values(ask, &one, &errors)?);
    }
    exceptions::send_again(ask.app(), ask.person()?, ask.doing(), &row.id, mends.then_some(body), reason)?;
    see("/exceptions?done=sent")
}
