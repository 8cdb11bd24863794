//! What people do with a handover: count, add what is on no line, sign, give up, correct.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use crate::app::handovers;
use crate::app::idempotency::{Keyed, Rendered};
use crate::app::people::sessions::{SignInProof, prove_again};
use crate::app::{AppError, evidence};
use crate::domain::fact::{Evidence, EvidenceKind};
use crate::domain::handover_input::{OpenInput, SignInput};
use crate::store::read::handovers::WholeHandover;
use crate::ui::ask::Ask;
use crate::ui::form::Errors;
use crate::ui::handover::sheet::{self, Typed, find};
use crate::ui::handover::{of_refusal, refusals};
use crate::ui::page::{Page, Stop, again, see};
use crate::wire::handover::{read_count, read_open, read_reason};

/// The id of a handover as the answer of a use case.
fn id_of(handover: &WholeHandover) -> Rendered {
    Rendered { status: 200, media_type: String::new(), location: None, body: handover.row.id.clone() }
}

const KEYED: Keyed<'static, WholeHandover> = Keyed { claim: None, render: &id_of };

/// Opens a handover from what a page says in the words of the contract; its id, or what was refused.
pub(super) fn open(ask: &Ask, wanted: &Json) -> Result<Result<String, Vec<(String, String)>>, Stop> {
    let app = ask.app();
    let input: OpenInput = match read_open(wanted.to_string().as_bytes(), app.limits.handover_lines_max) {
        Ok(input) => input,
        Err(refusal) => return Ok(Err(of_refusal(ask, &refusal))),
    };
    match handovers::open(app, &ask.person()?.caller(), &input, &KEYED, Some(ask.doing())) {
        Ok(opened) => Ok(Ok(opened.body)),
        Err(error) => Ok(Err(refusals(ask, error)?)),
    }
}

/// Keeps counted lines. What is wrong stands at its line; the other lines of the same call are not kept either.
pub(super) fn count(ask: &Ask) -> Result<Page, Stop> {
    let app = ask.app();
    let caller = ask.person()?.caller();
    let counted = read_count(&ask.body, app.limits.handover_lines_max)
        .map_err(AppError::from)
        .and_then(|input| handovers::count(app, &caller, ask.value("id"), &input, Some(ask.doing())));
    match counted {
        Ok(handover) => Ok(Page::Json(json!({ "version": handover.row.version, "digest": handover.row.digest }))),
        Err(error) => {
            let sent: Json = ask.json()?;
            let at_lines: Vec<Json> = refusals(ask, error)?
                .into_iter()
                .map(|(field, text)| json!({ "lineNo": line_of(&field, &sent), "text": text }))
                .collect();
            Ok(Page::Json(json!({ "problems": at_lines })))
        }
    }
}

/// The line that a field such as `lines[2].outcome` is about.
fn line_of(field: &str, sent: &Json) -> Option<i64> {
    let place: usize = field.strip_prefix("lines[")?.split_once(']')?.0.parse().ok()?;
    sent.get("lines")?.get(place)?.get("lineNo")?.as_i64()
}

/// Adds something that lay there and is on no line, or takes it off the list again.
pub(super) fn extras(ask: &Ask) -> Result<Page, Stop> {
    let handover = find(ask)?;
    let mut extras: Vec<Json> = serde_json::from_str(&handover.row.extras).unwrap_or_default();
    let place = ask.form.get("remove").parse::<usize>().ok().filter(|place| *place < extras.len());
    if let Some(place) = place {
        extras.remove(place);
    } else {
        let mut extra = serde_json::Map::new();
        for (name, field) in [("dossierNo", "extra_dossier"), ("itemNumber", "extra_item"), ("note", "extra_note")] {
            if let Some(text) = ask.form.some(field) {
                extra.insert(name.to_owned(), Json::from(text));
            }
        }
        extras.push(Json::Object(extra));
    }
    let app = ask.app();
    let body = json!({ "lines": [], "extras": extras }).to_string();
    let counted = match read_count(body.as_bytes(), app.limits.handover_lines_max) {
        Ok(input) => handovers::count(app, &ask.person()?.caller(), ask.value("id"), &input, Some(ask.doing())),
        Err(refusal) => Err(refusal.into()),
    };
    match counted {
        Ok(_) => see(format!("/handovers/{}#extras", handover.row.id)),
        Err(error) => {
            let mut errors = Errors::default();
            for (field, text) in refusals(ask, error)? {
                let name = match field.rsplit_once('.').map(|(_, last)| last) {
                    Some("dossierNo") => "extra_dossier",
                    Some("itemNumber") => "extra_item",
                    _ => "extra_note",
                };
                errors.add(ask.lang, name, text.clone(), text);
            }
            again("handover.html", sheet::values(ask, &handover, &errors, &Typed::default())?)
        }
    }
}

/// Signs for one's side: with PIN or password again, and what was drawn as evidence.
pub(super) fn sign(ask: &Ask) -> Result<Page, Stop> {
    let handover = find(ask)?;
    let person = ask.person()?.clone();
    let mut errors = Errors::default();
    let secret = ask.form.raw("secret");
    if secret.is_empty() {
        errors.add(ask.lang, "secret", "Nhập mã PIN hoặc mật khẩu để ký.", "Enter your PIN or password to sign.");
    } else {
        match prove_again(ask.app(), &person, secret, &ask.request_id)? {
            SignInProof::Proved => {}
            SignInProof::Wrong { left } => errors.add(
                ask.lang,
                "secret",
                format!("Mã PIN hoặc mật khẩu chưa đúng. Còn {left} lần thử."),
                format!("Wrong PIN or password. {left} tries left."),
            ),
            SignInProof::Wait => errors.add(
                ask.lang,
                "secret",
                "Thử sai quá nhiều lần. Hãy đợi 15 phút rồi ký lại.",
                "Too many failed tries. Wait 15 minutes, then sign again.",
            ),
        }
    }
    if errors.is_empty() {
        let input = SignInput {
            side: person.role.side(),
            signer_name: person.full_name.clone(),
            signer_title: person.title.clone(),
            digest: ask.form.get("digest").to_owned(),
            signed_at: None,
            evidence: drawn(ask)?,
        };
        match handovers::sign(ask.app(), &person.caller(), &handover.row.id, &input, &KEYED, Some(ask.doing())) {
            Ok(_) => return see(format!("/handovers/{}", handover.row.id)),
            Err(error) => {
                for (_, text) in refusals(ask, error)? {
                    errors.add(ask.lang, "sign", text.clone(), text);
                }
            }
        }
    }
    let typed = Typed { strokes: ask.form.get("strokes").to_owned(), ..Typed::default() };
    again("handover.html", sheet::values(ask, &find(ask)?, &errors, &typed)?)
}

/// The drawn signature, kept; none when nothing was drawn: the PIN signs too.
fn drawn(ask: &Ask) -> Result<Vec<Evidence>, Stop> {
    let Some(data) = ask.form.get("ink").strip_prefix("data:image/png;base64,") else { return Ok(Vec::new()) };
    let bytes = STANDARD.decode(data).map_err(|_| Stop::Bad)?;
    let kept = evidence::keep(ask.app(), &bytes, ask.doing())?;
    let reference = evidence::reference(&kept.sha256);
    Ok(vec![Evidence { kind: EvidenceKind::Signature, reference, sha256: Some(kept.sha256) }])
}

/// Gives an open handover up: nothing moves.
pub(super) fn cancel(ask: &Ask) -> Result<Page, Stop> {
    let handover = find(ask)?;
    let body = json!({ "reason": ask.form.get("reason") }).to_string();
    let cancelled = match read_reason(body.as_bytes()) {
        Ok(reason) => {
            handovers::cancel(ask.app(), &ask.person()?.caller(), &handover.row.id, &reason, &KEYED, Some(ask.doing()))
        }
        Err(refusal) => Err(refusal.into()),
    };
    match cancelled {
        Ok(_) => see(format!("/handovers/{}", handover.row.id)),
        Err(error) => reason_again(ask, &handover, refusals(ask, error)?, Vec::new()),
    }
}

/// Opens the correction of a completed one: about the ticked lines, with a reason.
pub(super) fn correct(ask: &Ask) -> Result<Page, Stop> {
    let handover = find(ask)?;
    let lines: Vec<i64> = ask.form.all("line").filter_map(|line| line.parse().ok()).collect();
    let wanted = json!({ "corrects": handover.row.id, "lineNos": lines, "reason": ask.form.get("reason") });
    match open(ask, &wanted)? {
        Ok(id) => see(format!("/handovers/{id}")),
        Err(problems) => reason_again(ask, &handover, problems, lines),
    }
}

fn reason_again(
    ask: &Ask,
    handover: &WholeHandover,
    problems: Vec<(String, String)>,
    lines: Vec<i64>,
) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    for (field, text) in problems {
        match field.as_str() {
            "reason" => {
                errors.add(ask.lang, "reason", "Ghi lý do, tối đa 500 ký tự.", "Give a reason, up to 500 characters.")
            }
            "lineNos" => errors.add(
                ask.lang,
                "lines",
                "Chọn ít nhất một hồ sơ đã nhận.",
                "Tick at least one dossier that was taken.",
            ),
            _ => errors.add(ask.lang, "lines", text.clone(), text),
        }
    }
    let typed = Typed { reason: ask.form.get("reason").to_owned(), lines, ..Typed::default() };
    again("handover.html", sheet::values(ask, handover, &errors, &typed)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_finds_its_line() {
        let sent = json!({ "lines": [{ "lineNo": 7 }, { "lineNo": 3 }] });
        assert_eq!(line_of("lines[1].outcome", &sent), Some(3));
        assert_eq!(line_of("lines[2].outcome", &sent), None);
        assert_eq!(line_of("extras[0]", &sent), None);
    }
}
