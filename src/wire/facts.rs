//! The body of `POST /v1/facts` (contract 6.1, `schemas/facts.schema.json`): a malformed fact is refused alone.

use super::body::{self, Members};
use super::json::Json;
use super::too_many;
use crate::domain::custody::EventKind;
use crate::domain::fact::{
    Cause, Evidence, EvidenceKind, Fact, FactDraft, FactTarget, Place, Receiver, Relation, Said,
};
use crate::domain::field::{self, At, Fault, Gathering, Raw};
use crate::domain::identifier::{ConsignmentNoteNo, DossierNo, ItemNumber, PostOfficeCode};
use crate::domain::leg::LegKind;
use crate::domain::meaning::Meaning;
use crate::domain::problem::{Code, Problem, Refusal};

/// Problems kept of one fact.
const PROBLEMS_MAX: usize = 20;
const ID_CHARS_MAX: usize = 40;
const FACT_ID_CHARS_MAX: usize = 100;
const SHORT_CHARS_MAX: usize = 200;
const NOTE_CHARS_MAX: usize = 500;
const CODE_CHARS_MAX: usize = 40;
const EVIDENCE_MAX: usize = 20;
/// 50 papers of 999 sheets.
pub(super) const SHEETS_MAX: u32 = 49_950;

/// Reads the facts of a body, in the order sent.
pub fn read_facts(body: &[u8], facts_max: usize) -> Result<Vec<FactDraft>, Refusal> {
    let facts = body::read(body, |members, seen| match members.take("facts") {
        body::Member::Sent(Json::Array(items)) if !items.is_empty() => Some(items),
        body::Member::Sent(Json::Array(_)) => {
            seen.fault(
                At::Field("facts"),
                Fault::invalid("must hold at least one fact", "phải có ít nhất một sự kiện"),
            );
            None
        }
        body::Member::Sent(_) => {
            seen.wrong_part(At::Field("facts"));
            None
        }
        body::Member::Absent => {
            seen.missing(At::Field("facts"));
            None
        }
    })?;
    if facts.len() > facts_max {
        return Err(too_many(facts_max));
    }
    Ok(facts.into_iter().map(fact).collect())
}

fn fact(sent: Json) -> FactDraft {
    let Some(mut members) = Members::of(sent, "") else {
        let problem =
            Problem::error(Code::FieldInvalid, "", "a fact must be an object", "mỗi sự kiện phải là một đối tượng");
        return FactDraft { fact_id: None, fact: Err(vec![problem]) };
    };
    let mut meaning = Meaning::of("fact:1");
    let mut seen = Gathering::new(&mut meaning, PROBLEMS_MAX);
    let fact_id = members.required(&mut seen, "factId", |raw| field::text(raw, FACT_ID_CHARS_MAX));
    let mut built = content(&mut members, &mut seen, fact_id.as_deref());
    members.finish(&mut seen);
    let problems = seen.problems;
    let digest = meaning.finish();
    if let Some(fact) = &mut built {
        fact.digest = digest;
    }
    let fact = match built {
        Some(fact) if problems.is_empty() => Ok(Box::new(fact)),
        _ => Err(problems),
    };
    FactDraft { fact_id, fact }
}

fn content(members: &mut Members, seen: &mut Gathering<'_>, fact_id: Option<&str>) -> Option<Fact> {
    let bindings = Bindings::take(members, seen);
    let said = said(members, seen);
    let binds_dossier = matches!(said, Some(Said::Event(EventKind::CaseReceived)));
    let target = bindings.target(binds_dossier, seen);
    let occurred = members.raw("occurredAt");
    let occurred_at_text = occurred.as_text().unwrap_or_default().trim().to_owned();
    let occurred_at = seen.required(At::Field("occurredAt"), &occurred, field::instant);
    let place = place(members, seen);
    let attempt = members.optional(seen, "attempt", |raw| field::count(raw, 1, 99));
    let cause = members.optional(seen, "cause", |raw| field::word(raw, Cause::ALL, |cause| cause.as_str()));
    let cause_text = loose_text(members, seen, "causeText", SHORT_CHARS_MAX);
    let receiver = members.group(seen, "receiver").and_then(|group| receiver(group, seen));
    let evidence = evidence(members, seen);
    let originals = members.optional(seen, "originals", |raw| field::count(raw, 0, SHEETS_MAX));
    let copies = members.optional(seen, "copies", |raw| field::count(raw, 0, SHEETS_MAX));
    let amount = members.optional(seen, "amount", field::money);
    let receipt_no = members.optional(seen, "receiptNo", |raw| field::text(raw, CODE_CHARS_MAX));
    let note = members.optional(seen, "note", |raw| field::text(raw, NOTE_CHARS_MAX));
    let (target, dossier_no) = target?;
    Some(Fact {
        fact_id: fact_id?.to_owned(),
        target,
        said: said?,
        occurred_at: occurred_at?,
        occurred_at_text,
        place,
        attempt,
        cause,
        cause_text,
        receiver,
        evidence,
        originals,
        copies,
        amount,
        receipt_no,
        dossier_no,
        note,
        digest: String::new(),
    })
}

/// The members that may name a leg.
struct Bindings {
    leg_id: Option<String>,
    item_number: Option<ItemNumber>,
    note_no: Option<String>,
    dossier_no: Option<DossierNo>,
    leg_kind: Option<LegKind>,
    sent: [(&'static str, bool); 5],
}

impl Bindings {
    fn take(members: &mut Members, seen: &mut Gathering<'_>) -> Self {
        let sent =
            ["legId", "itemNumber", "consignmentNoteNo", "dossierNo", "legKind"].map(|name| (name, members.has(name)));
        Bindings {
            leg_id: members.optional(seen, "legId", |raw| field::text(raw, ID_CHARS_MAX)),
            item_number: members
                .optional(seen, "itemNumber", |raw| field::parsed(raw, Code::FieldInvalid, ItemNumber::parse)),
            note_no: members.optional(seen, "consignmentNoteNo", |raw| {
                field::parsed(raw, Code::FieldInvalid, |text| ConsignmentNoteNo::parse(text).map(String::from))
            }),
            dossier_no: members
                .optional(seen, "dossierNo", |raw| field::parsed(raw, Code::DossierNumberInvalid, DossierNo::parse)),
            leg_kind: members.optional(seen, "legKind", field::leg_kind),
            sent,
        }
    }

    fn was_sent(&self, name: &str) -> bool {
        self.sent.contains(&(name, true))
    }

    /// Exactly one target. A dossier number with its kind names a leg, except in `CASE_RECEIVED`, which binds it.
    fn target(self, binds_dossier: bool, seen: &mut Gathering<'_>) -> Option<(FactTarget, Option<DossierNo>)> {
        if binds_dossier && !self.was_sent("dossierNo") {
            seen.missing(At::Field("dossierNo"));
        }
        let by_dossier = !binds_dossier && self.was_sent("dossierNo") && self.was_sent("legKind");
        let mut named: Vec<&str> =
            ["legId", "itemNumber", "consignmentNoteNo"].into_iter().filter(|name| self.was_sent(name)).collect();
        named.extend(by_dossier.then_some("dossierNo"));
        for extra in named.iter().skip(1) {
            let (en, vi) = ("name the leg in one way only", "chỉ được chỉ ra chặng theo một cách");
            seen.fault(At::Field(extra), Fault::new(Code::FieldNotAllowed, en, vi));
        }
        if named.is_empty() {
            let only_kind_lacks = !binds_dossier && self.was_sent("dossierNo");
            seen.missing(At::Field(if only_kind_lacks { "legKind" } else { "legId" }));
        }
        match named.as_slice() {
            ["legId"] => self.leg_id.map(|id| (FactTarget::Leg(id), self.dossier_no)),
            ["itemNumber"] => self.item_number.map(|number| (FactTarget::Item(number), self.dossier_no)),
            ["consignmentNoteNo"] => self.note_no.map(|number| (FactTarget::ConsignmentNote(number), self.dossier_no)),
            ["dossierNo"] => Some((FactTarget::Dossier(self.dossier_no?, self.leg_kind?), None)),
            _ => None,
        }
    }
}

fn said(members: &mut Members, seen: &mut Gathering<'_>) -> Option<Said> {
    let both = members.has("event") && members.has("raw");
    let neither = !members.has("event") && !members.has("raw");
    let event = members.optional(seen, "event", |raw| field::word(raw, EventKind::REPORTABLE, |event| event.as_str()));
    let raw = members.group(seen, "raw");
    if neither {
        seen.missing(At::Field("event"));
    }
    if both {
        let fault = Fault::new(
            Code::FieldNotAllowed,
            "give event or raw, not both",
            "chỉ gửi event hoặc raw, không gửi cả hai",
        );
        seen.fault(At::Field("raw"), fault);
    }
    let raw = raw.and_then(|group| raw_code(group, seen));
    event.map(Said::Event).or(raw)
}

fn raw_code(mut group: Members, seen: &mut Gathering<'_>) -> Option<Said> {
    let family = group.required(seen, "family", family);
    let has_neither = !group.has("code") && !group.has("text");
    let code = loose_text(&mut group, seen, "code", CODE_CHARS_MAX);
    let text = loose_text(&mut group, seen, "text", SHORT_CHARS_MAX);
    if has_neither {
        seen.missing(At::Field("raw.code"));
    }
    group.finish(seen);
    Some(Said::Raw { family: family?, code, text })
}

fn family(raw: &Raw) -> Result<String, Fault> {
    let text = field::text(raw, SHORT_CHARS_MAX)?;
    let ok = text.len() <= 10
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if ok {
        Ok(text)
    } else {
        Err(Fault::invalid(
            "a family is a capital letter and up to 9 of 0-9 A-Z",
            "mã họ giao diện là một chữ hoa và tối đa 9 ký tự 0–9 A–Z",
        ))
    }
}

/// Text that systems send empty when they have none: an empty one is absent.
fn loose_text(members: &mut Members, seen: &mut Gathering<'_>, name: &str, max: usize) -> Option<String> {
    let raw = members.raw(name);
    match raw.as_text() {
        Some(text) if text.trim().is_empty() => None,
        _ => seen.optional(At::Field(&members.field(name)), &raw, |raw| field::text(raw, max)),
    }
}

fn place(members: &mut Members, seen: &mut Gathering<'_>) -> Option<Place> {
    let mut group = members.group(seen, "place")?;
    let post_office_code = group.optional(seen, "postOfficeCode", |raw| {
        field::parsed(raw, Code::FieldInvalid, |text| PostOfficeCode::parse(text).map(String::from))
    });
    let text = loose_text(&mut group, seen, "text", SHORT_CHARS_MAX);
    group.finish(seen);
    Some(Place { post_office_code, text })
}

fn receiver(mut group: Members, seen: &mut Gathering<'_>) -> Option<Receiver> {
    let name = group.required(seen, "name", |raw| field::text(raw, SHORT_CHARS_MAX));
    let relation =
        group.required(seen, "relation", |raw| field::word(raw, Relation::ALL, |relation| relation.as_str()));
    let id_checked = group.required(seen, "idChecked", field::truth);
    let authorisation_seen = group.optional(seen, "authorisationSeen", field::truth);
    group.finish(seen);
    Some(Receiver { name: name?, relation: relation?, id_checked: id_checked?, authorisation_seen })
}

/// The evidence of a fact or a signature; an absent list is an empty one.
pub(super) fn evidence(members: &mut Members, seen: &mut Gathering<'_>) -> Vec<Evidence> {
    let items = members.list(seen, "evidence", 0, EVIDENCE_MAX).unwrap_or_default();
    items.into_iter().enumerate().filter_map(|(index, item)| one_evidence(index, item, seen)).collect()
}

fn one_evidence(index: usize, item: Json, seen: &mut Gathering<'_>) -> Option<Evidence> {
    let Some(mut group) = Members::of(item, format!("evidence[{index}].")) else {
        seen.wrong_part(At::Item("evidence", index, ""));
        return None;
    };
    let kind = group.required(seen, "kind", |raw| field::word(raw, EvidenceKind::ALL, |kind| kind.as_str()));
    let reference = group.required(seen, "ref", |raw| field::text(raw, SHORT_CHARS_MAX));
    let sha256 = group.optional(seen, "sha256", |raw| {
        let text = field::text(raw, SHORT_CHARS_MAX)?;
        let ok = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if ok {
            Ok(text)
        } else {
            Err(Fault::invalid(
                "must be 64 lower-case hexadecimal digits",
                "phải gồm 64 chữ số thập lục phân viết thường",
            ))
        }
    });
    group.finish(seen);
    Some(Evidence { kind: kind?, reference: reference?, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(fact: &str) -> FactDraft {
        read_facts(format!("{{\"facts\":[{fact}]}}").as_bytes(), 10).unwrap().remove(0)
    }

    fn problems(fact: &str) -> Vec<(String, String)> {
        let problems = one(fact).fact.unwrap_err();
        problems.into_iter().map(|problem| (problem.code.as_str().to_owned(), problem.field)).collect()
    }

    #[test]
    fn the_facts_of_the_examples_are_read() {
        let facts = read_facts(include_bytes!("../../schemas/examples/valid/facts.json"), 1_000).unwrap();
        let read: Vec<Fact> = facts.into_iter().map(|draft| *draft.fact.unwrap()).collect();
        assert_eq!(read.len(), 5);
        assert_eq!(read[1].cause, Some(Cause::Absent));
        assert!(read[2].receiver.as_ref().is_some_and(|receiver| receiver.id_checked));
        assert!(matches!(&read[3].said, Said::Raw { family, code: Some(code), .. } if family == "P4" && code == "14"));
        assert!(matches!(&read[4].target, FactTarget::ConsignmentNote(_)) && read[4].dossier_no.is_some());
    }

    #[test]
    fn a_malformed_fact_says_what_is_wrong_and_keeps_its_id() {
        let bad = r#"{"factId":"f1","event":"DELIVERED","occurredAt":"2026-11-25 10:05","legId":"leg_1","extra":1,"note":null}"#;
        let expected = [("FIELD_INVALID", "occurredAt"), ("FIELD_INVALID", "note"), ("FIELD_UNKNOWN", "extra")];
        assert_eq!(problems(bad), expected.map(|(code, field)| (code.to_owned(), field.to_owned())));
        assert_eq!(one(bad).fact_id.as_deref(), Some("f1"));
        assert_eq!(one("7").fact_id, None);
    }

    #[test]
    fn a_fact_names_one_leg_and_one_event() {
        let with = |rest: &str| format!(r#"{{"factId":"f","occurredAt":"2026-11-25T10:05:00Z",{rest}}}"#);
        for (rest, code, field) in [
            (r#""event":"DELIVERED""#, "FIELD_MISSING", "legId"),
            (r#""event":"DELIVERED","dossierNo":"H32.15-261120-00417""#, "FIELD_MISSING", "legKind"),
            (r#""event":"DELIVERED","legId":"l","itemNumber":"ABCD""#, "FIELD_NOT_ALLOWED", "itemNumber"),
            (r#""legId":"l""#, "FIELD_MISSING", "event"),
            (r#""legId":"l","event":"DELIVERED","raw":{"family":"P4","code":"1"}"#, "FIELD_NOT_ALLOWED", "raw"),
            (r#""legId":"l","raw":{"family":"P4"}"#, "FIELD_MISSING", "raw.code"),
            (r#""legId":"l","event":"CASE_RECEIVED""#, "FIELD_MISSING", "dossierNo"),
            (r#""legId":"l","event":"LOST","evidence":[{"kind":"PHOTO"}]"#, "FIELD_MISSING", "evidence[0].ref"),
        ] {
            assert_eq!(problems(&with(rest)), [(code.to_owned(), field.to_owned())], "{rest}");
        }
        assert!(one(&with(r#""event":"DELIVERED","dossierNo":"H32.15-261120-00417","legKind":"RESULT""#)).fact.is_ok());
    }

    #[test]
    fn equal_content_has_one_digest_whatever_the_order() {
        let digest = |fact: &str| one(fact).fact.unwrap().digest;
        let left = digest(r#"{"factId":"f","legId":"l","event":"LOST","occurredAt":"2026-11-25T10:05:00+07:00"}"#);
        let right = digest(r#"{"occurredAt":"2026-11-25T03:05:00Z","event":"LOST","legId":"l","factId":"f"}"#);
        let other = digest(r#"{"factId":"f","legId":"l","event":"DAMAGED","occurredAt":"2026-11-25T10:05:00+07:00"}"#);
        assert_eq!(left, right);
        assert_ne!(left, other);
    }

    #[test]
    fn the_body_itself_is_strict() {
        let code = |body: &str| read_facts(body.as_bytes(), 1).map(|_| ()).map_err(|refusal| refusal.code);
        assert_eq!(code(r#"{"facts":[]}"#), Err(Code::BodyInvalid));
        assert_eq!(code(r#"{"facts":null}"#), Err(Code::BodyInvalid));
        assert_eq!(code(r#"{}"#), Err(Code::BodyInvalid));
        assert_eq!(code(r#"{"facts":[{}],"x":1}"#), Err(Code::BodyInvalid));
        assert_eq!(code(r#"[]"#), Err(Code::BodyInvalid));
        assert_eq!(code(r#"{"facts":[{},{}]}"#), Err(Code::TooManyLines));
        assert_eq!(code(r#"{"facts":[{}]} x"#), Err(Code::BodyNotReadable));
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_facts(&body, 10);
        }
    }
}
