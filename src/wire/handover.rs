//! The bodies about handovers, discrepancies, cancelling and the outbox (contract 5 to 9, `schemas/handover.schema.json`).

use super::body::{self, Member, Members};
use super::facts::{SHEETS_MAX, evidence};
use super::json::{Json, read_json_strict};
use super::too_many;
use crate::domain::discrepancy::Resolution;
use crate::domain::field::{self, At, Fault, Gathering};
use crate::domain::handover::LineOutcome;
use crate::domain::handover_input::{
    CountInput, CountLine, Extra, HandoverLegs, MendInput, OpenInput, ResolveInput, SignInput,
};
use crate::domain::identifier::{DossierNo, ItemNumber};
use crate::domain::leg::Side;
use crate::domain::problem::{Code, Refusal};
use std::collections::HashSet;

const ID_CHARS_MAX: usize = 40;
const HANDOVER_NO_CHARS_MAX: usize = 64;
const SHORT_CHARS_MAX: usize = 200;
const DIGEST_CHARS_MAX: usize = 100;
const REASON_CHARS_MAX: usize = 500;
const MEND_CHARS_MAX: usize = 1_000_000;
const LINE_NO_MAX: u32 = 999_999;

/// `POST /v1/handovers`: a body with `corrects` is a correction.
pub fn read_open(body: &[u8], lines_max: usize) -> Result<OpenInput, Refusal> {
    let mut overflow = false;
    let read = body::read(body, |members, seen| {
        if members.has("corrects") {
            correct(members, seen, lines_max, &mut overflow)
        } else {
            open(members, seen, lines_max, &mut overflow)
        }
    });
    if overflow { Err(too_many(lines_max)) } else { read }
}

fn open(members: &mut Members, seen: &mut Gathering<'_>, max: usize, overflow: &mut bool) -> Option<OpenInput> {
    let from = members.required(seen, "from", field::holding_side);
    let to = members.required(seen, "to", field::holding_side);
    if let (Some(from), Some(to)) = (from, to)
        && from == to
    {
        seen.fault(At::Field("to"), Fault::invalid("must be the other side", "phải là bên còn lại"));
    }
    if members.has("legIds") && members.has("manifestId") {
        let fault =
            Fault::new(Code::FieldNotAllowed, "give legIds or manifestId, not both", "chỉ gửi legIds hoặc manifestId");
        seen.fault(At::Field("manifestId"), fault);
    }
    if !members.has("legIds") && !members.has("manifestId") {
        seen.missing(At::Field("legIds"));
    }
    let leg_ids = distinct(members, seen, "legIds", max, overflow, |raw| field::text(raw, ID_CHARS_MAX));
    let manifest_id = members.optional(seen, "manifestId", |raw| field::text(raw, ID_CHARS_MAX));
    let handover_no = members.optional(seen, "handoverNo", |raw| field::text(raw, HANDOVER_NO_CHARS_MAX));
    let place = members.optional(seen, "place", |raw| field::text(raw, SHORT_CHARS_MAX));
    let legs = leg_ids.map(HandoverLegs::Legs).or(manifest_id.map(HandoverLegs::Manifest));
    Some(OpenInput::New { from: from?, to: to?, legs: legs?, handover_no, place })
}

fn correct(members: &mut Members, seen: &mut Gathering<'_>, max: usize, overflow: &mut bool) -> Option<OpenInput> {
    let corrects = members.required(seen, "corrects", |raw| field::text(raw, ID_CHARS_MAX));
    if !members.has("lineNos") {
        seen.missing(At::Field("lineNos"));
    }
    let line_nos = distinct(members, seen, "lineNos", max, overflow, |raw| field::count(raw, 1, LINE_NO_MAX));
    let reason = members.required(seen, "reason", |raw| field::text(raw, REASON_CHARS_MAX));
    Some(OpenInput::Correct { corrects: corrects?, line_nos: line_nos?, reason: reason? })
}

/// A list of values, each once.
fn distinct<T: Clone + Eq + std::hash::Hash + crate::domain::meaning::Canonical>(
    members: &mut Members,
    seen: &mut Gathering<'_>,
    name: &str,
    max: usize,
    overflow: &mut bool,
    rule: impl Fn(&field::Raw) -> Result<T, Fault>,
) -> Option<Vec<T>> {
    let items = members.list(seen, name, 1, usize::MAX)?;
    if items.len() > max {
        *overflow = true;
        return None;
    }
    let mut values = Vec::with_capacity(items.len());
    let mut known = HashSet::new();
    for (index, item) in items.into_iter().enumerate() {
        let at = At::Item(name, index, "");
        let Some(value) = seen.required(at, &item.into_raw(), &rule) else { continue };
        if known.insert(value.clone()) {
            values.push(value);
        } else {
            seen.fault(at, Fault::invalid("stands twice", "bị lặp lại"));
        }
    }
    Some(values)
}

/// `PATCH /v1/handovers/{id}`.
pub fn read_count(body: &[u8], lines_max: usize) -> Result<CountInput, Refusal> {
    let mut overflow = false;
    let read = body::read(body, |members, seen| {
        if !members.has("lines") {
            seen.missing(At::Field("lines"));
        }
        let lines = members.list(seen, "lines", 0, usize::MAX);
        let extras_sent = members.has("extras");
        let extras = members.list(seen, "extras", 0, usize::MAX).filter(|_| extras_sent);
        let longest = lines.as_ref().map_or(0, Vec::len).max(extras.as_ref().map_or(0, Vec::len));
        if longest > lines_max {
            overflow = true;
            return None;
        }
        let lines = count_lines(lines?, seen);
        let extras = extras
            .map(|items| items.into_iter().enumerate().filter_map(|(index, item)| extra(index, item, seen)).collect());
        Some(CountInput { lines, extras })
    });
    if overflow { Err(too_many(lines_max)) } else { read }
}

fn count_lines(items: Vec<Json>, seen: &mut Gathering<'_>) -> Vec<CountLine> {
    let mut known = HashSet::new();
    let mut lines = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let Some(line) = count_line(index, item, seen) else { continue };
        if !known.insert(line.line_no) {
            seen.fault(At::Item("lines", index, "lineNo"), Fault::invalid("stands twice", "bị lặp lại"));
        }
        lines.push(line);
    }
    lines
}

fn count_line(index: usize, item: Json, seen: &mut Gathering<'_>) -> Option<CountLine> {
    let Some(mut group) = Members::of(item, format!("lines[{index}].")) else {
        seen.wrong_part(At::Item("lines", index, ""));
        return None;
    };
    let line_no = group.required(seen, "lineNo", |raw| field::count(raw, 1, LINE_NO_MAX));
    let outcome = group.required(seen, "outcome", |raw| field::word(raw, LineOutcome::ALL, |word| word.as_str()));
    // Who says "taken" or "differs" must have counted.
    let counts_needed = matches!(outcome, Some(LineOutcome::Taken | LineOutcome::CountDiffers));
    let mut sheets = |name: &str, seen: &mut Gathering<'_>| {
        let rule = |raw: &field::Raw| field::count(raw, 0, SHEETS_MAX);
        if counts_needed { group.required(seen, name, rule) } else { group.optional(seen, name, rule) }
    };
    let originals = sheets("originals", seen);
    let copies = sheets("copies", seen);
    let note = group.optional(seen, "note", |raw| field::text(raw, REASON_CHARS_MAX));
    group.finish(seen);
    Some(CountLine { line_no: line_no?, outcome: outcome?, originals, copies, note })
}

fn extra(index: usize, item: Json, seen: &mut Gathering<'_>) -> Option<Extra> {
    let Some(mut group) = Members::of(item, format!("extras[{index}].")) else {
        seen.wrong_part(At::Item("extras", index, ""));
        return None;
    };
    let is_empty = !["dossierNo", "itemNumber", "note"].iter().any(|name| group.has(name));
    if is_empty {
        seen.fault(At::Item("extras", index, ""), Fault::invalid("says nothing", "không ghi gì"));
    }
    let dossier_no =
        group.optional(seen, "dossierNo", |raw| field::parsed(raw, Code::DossierNumberInvalid, DossierNo::parse));
    let item_number =
        group.optional(seen, "itemNumber", |raw| field::parsed(raw, Code::FieldInvalid, ItemNumber::parse));
    let note = group.optional(seen, "note", |raw| field::text(raw, REASON_CHARS_MAX));
    group.finish(seen);
    Some(Extra { dossier_no, item_number, note })
}

/// `POST /v1/handovers/{id}/signatures`. Any side is read here; that it is the key's own is asked by the caller.
pub fn read_sign(body: &[u8]) -> Result<SignInput, Refusal> {
    body::read(body, |members, seen| {
        let side = members.required(seen, "side", |raw| field::word(raw, Side::ALL, |side| side.as_str()));
        if !members.has("signer") {
            seen.missing(At::Field("signer"));
        }
        let signer = members.group(seen, "signer").and_then(|mut group| {
            let name = group.required(seen, "name", |raw| field::text(raw, SHORT_CHARS_MAX));
            let title = group.optional(seen, "title", |raw| field::text(raw, SHORT_CHARS_MAX));
            group.finish(seen);
            Some((name?, title))
        });
        let digest = members.required(seen, "digest", |raw| field::text(raw, DIGEST_CHARS_MAX));
        let signed_at = members.optional(seen, "signedAt", field::instant);
        let evidence = evidence(members, seen);
        let (signer_name, signer_title) = signer?;
        Some(SignInput { side: side?, signer_name, signer_title, digest: digest?, signed_at, evidence })
    })
}

/// `{"reason"}`: cancelling a handover or a leg, replaying a message.
pub fn read_reason(body: &[u8]) -> Result<String, Refusal> {
    body::read(body, reason)
}

fn reason(members: &mut Members, seen: &mut Gathering<'_>) -> Option<String> {
    members.required(seen, "reason", |raw| field::text(raw, REASON_CHARS_MAX))
}

/// `POST /v1/discrepancies/{id}/resolve`.
pub fn read_resolve(body: &[u8]) -> Result<ResolveInput, Refusal> {
    body::read(body, |members, seen| {
        let outcome = members.required(seen, "outcome", |raw| field::word(raw, Resolution::ALL, |word| word.as_str()));
        let reason = reason(members, seen);
        Some(ResolveInput { outcome: outcome?, reason: reason? })
    })
}

/// `POST /v1/outbox/{id}/mend`: the body goes out byte for byte, so text stays as it is; an object or array written in
/// its place goes out as it was written.
pub fn read_mend(body: &[u8]) -> Result<MendInput, Refusal> {
    let written = written_body(body)?;
    body::read(body, |members, seen| {
        let body = match members.take("body") {
            Member::Absent => {
                seen.missing(At::Field("body"));
                None
            }
            Member::Sent(Json::Text(text)) if !text.is_empty() && text.chars().count() <= MEND_CHARS_MAX => Some(text),
            Member::Sent(Json::Object(_) | Json::Array(_)) => written,
            Member::Sent(_) => {
                seen.wrong_part(At::Field("body"));
                None
            }
        };
        let reason = reason(members, seen);
        Some(MendInput { body: body?, reason: reason? })
    })
}

/// The member `body` exactly as it was written.
fn written_body(body: &[u8]) -> Result<Option<String>, Refusal> {
    #[derive(serde::Deserialize)]
    struct Written<'a> {
        #[serde(borrow)]
        body: Option<&'a serde_json::value::RawValue>,
    }
    // Strictness first: what follows reads the same text again.
    read_json_strict(body)?;
    let text = super::format::utf8(body)?;
    Ok(serde_json::from_str::<Written<'_>>(text).ok().and_then(|written| written.body).map(|raw| raw.get().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EXAMPLES: [(&str, &[u8]); 5] = [
        ("open", include_bytes!("../../schemas/examples/valid/handover-open.json")),
        ("correct", include_bytes!("../../schemas/examples/valid/handover-correct.json")),
        ("count", include_bytes!("../../schemas/examples/valid/handover-count.json")),
        ("sign", include_bytes!("../../schemas/examples/valid/handover-sign.json")),
        ("cancel", include_bytes!("../../schemas/examples/valid/handover-cancel.json")),
    ];

    #[test]
    fn the_examples_are_read() {
        for (kind, body) in EXAMPLES {
            let problems = match kind {
                "open" | "correct" => read_open(body, 5_000).err(),
                "count" => read_count(body, 5_000).err(),
                "sign" => read_sign(body).err(),
                _ => read_reason(body).err(),
            };
            assert_eq!(problems, None, "{kind}");
        }
        assert!(matches!(read_open(EXAMPLES[1].1, 9).unwrap(), OpenInput::Correct { line_nos, .. } if line_nos == [2]));
    }

    fn fields<T: std::fmt::Debug>(read: Result<T, Refusal>) -> Vec<String> {
        let refusal = read.unwrap_err();
        assert_eq!(refusal.code, Code::BodyInvalid);
        refusal.problems.iter().map(|problem| format!("{} {}", problem.code.as_str(), problem.field)).collect()
    }

    #[test]
    fn each_mistake_is_named() {
        assert_eq!(
            fields(read_open(br#"{"from":"POST","to":"POST"}"#, 9)),
            ["FIELD_INVALID to", "FIELD_MISSING legIds"]
        );
        assert_eq!(
            fields(read_open(br#"{"from":"POST","to":"AGENCY","legIds":["a","a",1],"manifestId":"m"}"#, 9)),
            ["FIELD_NOT_ALLOWED manifestId", "FIELD_INVALID legIds[1]", "FIELD_INVALID legIds[2]"]
        );
        assert_eq!(
            fields(read_count(
                br#"{"lines":[{"lineNo":1,"outcome":"TAKEN","originals":1},{"lineNo":2,"outcome":"GONE","x":1}]}"#,
                9
            )),
            ["FIELD_MISSING lines[0].copies", "FIELD_INVALID lines[1].outcome", "FIELD_UNKNOWN lines[1].x"]
        );
        assert_eq!(
            fields(read_count(
                br#"{"lines":[{"lineNo":1,"outcome":"MISSING"},{"lineNo":1,"outcome":"MISSING"}],"extras":[{}]}"#,
                9
            )),
            ["FIELD_INVALID lines[1].lineNo", "FIELD_INVALID extras[0]"]
        );
        assert_eq!(fields(read_sign(br#"{"side":"POST","digest":"d"}"#)), ["FIELD_MISSING signer"]);
        assert_eq!(fields(read_reason(br#"{"reason":" "}"#)), ["FIELD_INVALID reason"]);
        assert_eq!(fields(read_resolve(br#"{"outcome":"DONE","reason":"x"}"#)), ["FIELD_INVALID outcome"]);
        let many = format!(
            r#"{{"lines":[{}{{"lineNo":9,"outcome":"MISSING"}}]}}"#,
            r#"{"lineNo":1,"outcome":"MISSING"},"#.repeat(9)
        );
        assert_eq!(read_count(many.as_bytes(), 9).unwrap_err().code, Code::TooManyLines);
    }

    #[test]
    fn a_mended_body_is_text_or_json_as_written() {
        let mended = |body: &str| read_mend(body.as_bytes()).map(|mend| mend.body);
        assert_eq!(mended(r#"{"body":"<a/>","reason":"r"}"#).unwrap(), "<a/>");
        assert_eq!(mended(r#"{"body":{"a": 1.50},"reason":"r"}"#).unwrap(), r#"{"a": 1.50}"#);
        assert_eq!(fields(read_mend(br#"{"body":7,"reason":"r"}"#)), ["FIELD_INVALID body"]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (read_open(&body, 9), read_count(&body, 9).is_ok(), read_sign(&body).is_ok(), read_mend(&body).is_ok());
        }
    }
}
