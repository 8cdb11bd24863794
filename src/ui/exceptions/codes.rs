//! Unknown status codes: their dossiers, a meaning proposed by one administrator and approved by another.

use minijinja::{Value, context};

use crate::app::exceptions::{self, Exception, Subject};
use crate::app::people;
use crate::app::status_rules::{self, NewRule, Refused};
use crate::base::time::{Ts, parse_date};
use crate::domain::person::Right;
use crate::store::exception_rows::StatusRuleRow;
use crate::store::read::{exceptions as read, legs, status_rules as rules};
use crate::ui::ask::Ask;
use crate::ui::exceptions::{case, path_of, words};
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see};

/// Dossiers shown of a code, and rules of the list.
const SHOWN: i64 = 20;
const RULES: i64 = 200;

/// Family, code and text of the name of a case. A name without a known code is one of words alone.
fn parts(one: &Exception) -> (&str, &str) {
    one.id.split_once(':').unwrap_or((one.id.as_str(), ""))
}

/// What a case about a code shows beside the rest.
pub(super) fn values(ask: &Ask, one: &Exception) -> Result<Option<Value>, Stop> {
    let Subject::Code(_) = &one.subject else { return Ok(None) };
    let (family, code) = parts(one);
    let caller = ask.person()?.caller();
    let (found, known) = ask.app().store.read(|db| {
        let rows = read::of_unknown_code(db, &caller, &one.id, SHOWN)?;
        let ids: Vec<String> = rows.iter().filter_map(|row| row.leg_id.clone()).collect();
        Ok((legs::by_ids(db, &ids)?, rules::of_code(db, family, code)?))
    })?;
    let texts = texts_of(ask, one, &found)?;
    let me = ask.person()?.id.as_str();
    Ok(Some(context! {
        family, code, texts,
        may_map => ask.may(Right::Messages),
        legs => found.iter().map(|leg| context! { number => leg.dossier_no.as_deref().or(leg.consignment_note_no.as_deref()).unwrap_or(&leg.manifest_no), agency => leg.agency_code.as_str(), post_office => leg.post_office_code.as_str(), state => leg.state.as_str(), path => Some(format!("/dossiers/{}", leg.id)).filter(|_| ask.may(Right::Dossier)) }).collect::<Vec<_>>(),
        rules => known.iter().map(|rule| rule_value(ask, rule, me)).collect::<Result<Vec<_>, Stop>>()?,
        meanings => meanings(ask),
        event => ask.form.get("event"),
        raw_text => ask.form.get("raw_text"),
        valid_from => ask.form.get("valid_from"),
        reason => ask.form.raw("reason"),
    }))
}

/// The words that came with the code, so that its meaning can be guessed.
fn texts_of(ask: &Ask, one: &Exception, legs: &[crate::store::rows::LegRow]) -> Result<Vec<String>, Stop> {
    let (family, code) = parts(one);
    let caller = ask.person()?.caller();
    let mut texts: Vec<String> = Vec::new();
    for leg in legs.iter().take(5) {
        for entry in crate::app::legs::custody(ask.app(), &caller, &leg.id)?.entries {
            let source = entry.event.source;
            let same = source.family.as_deref() == Some(family) && source.raw_code.as_deref() == Some(code);
            texts.extend(source.raw_text.filter(|text| same && !text.is_empty()));
        }
    }
    texts.sort();
    texts.dedup();
    Ok(texts)
}

fn meanings(ask: &Ask) -> Vec<Value> {
    status_rules::meanings().map(|word| context! { word, text => words::event(word, ask.lang) }).collect()
}

fn rule_value(ask: &Ask, rule: &StatusRuleRow, me: &str) -> Result<Value, Stop> {
    let name = |id: &str| people::name_of(ask.app(), id).map(|name| name.unwrap_or_else(|| id.to_owned()));
    Ok(context! {
        id => rule.id.as_str(),
        code => exceptions::code_of(&rule.family, &rule.raw_code, &rule.raw_text),
        raw_text => rule.raw_text.as_str(),
        meaning => words::event(&rule.event, ask.lang),
        reason => rule.reason.as_str(),
        valid_from_us => Some(rule.valid_from_us).filter(|us| *us > 0),
        state => rule.state.as_str(),
        state_text => words::act(&rule.state, ask.lang),
        by => name(&rule.proposed_by)?,
        at_us => rule.proposed_at_us,
        decided_by => rule.decided_by.as_deref().map(name).transpose()?,
        decided_at_us => rule.decided_at_us,
        decision_note => rule.decision_note.as_deref(),
        own => rule.proposed_by == me,
    })
}

/// Every rule: those that wait first.
pub(super) fn list(ask: &Ask) -> Result<Page, Stop> {
    html("exception_rules.html", list_values(ask, &Errors::default())?)
}

fn list_values(ask: &Ask, errors: &Errors) -> Result<Value, Stop> {
    let me = ask.person()?.id.as_str();
    let mut rows = ask.app().store.read(|db| rules::all(db, RULES))?;
    rows.sort_by_key(|row| row.state != "PROPOSED");
    let at_waits = rows.iter().any(|row| row.id == ask.value("id") && row.state == "PROPOSED");
    let rows = rows.iter().map(|rule| rule_value(ask, rule, me)).collect::<Result<Vec<_>, Stop>>()?;
    Ok(context! {
        rules => rows,
        errors => errors.value(),
        at => ask.value("id"),
        at_waits,
        note => ask.form.raw("decision_note"),
        done => ask.query.get("done"),
        told => ask.query.get("told"),
    })
}

/// One administrator's proposal.
pub(super) fn propose(ask: &Ask) -> Result<Page, Stop> {
    let one = case::find(ask)?;
    let Subject::Code(_) = &one.subject else { return Err(Stop::NotFound) };
    let (family, code) = parts(&one);
    let mut errors = Errors::default();
    let valid_from_us = match ask.form.some("valid_from") {
        None => 0,
        Some(text) => match parse_date(text).and_then(|date| Ts::parse_rfc3339(&format!("{date}T00:00:00+07:00"))) {
            Some(at) => at.us(),
            None => {
                errors.add(ask.lang, "valid_from", "Chọn một ngày có thật.", "Choose a real date.");
                0
            }
        },
    };
    if errors.is_empty() {
        let new = NewRule {
            family,
            raw_code: code,
            raw_text: ask.form.get("raw_text"),
            event: ask.form.get("event"),
            reason: ask.form.get("reason"),
            valid_from_us,
        };
        match status_rules::propose(ask.app(), &ask.person()?.id, ask.doing(), &new)? {
            Ok(_) => return see(format!("{}?done=proposed", path_of(one.sort, &one.id))),
            Err(refused) => refuse(ask, refused, &mut errors),
        }
    }
    again("exception_case.html", case::values(ask, &one, &errors)?)
}

fn refuse(ask: &Ask, refused: Refused, errors: &mut Errors) {
    let (field, vi, en) = match refused {
        Refused::Event => ("event", "Chọn nghĩa của mã.", "Choose what the code means."),
        Refused::Reason => (
            "reason",
            "Ghi căn cứ: công văn, thư hoặc người đã xác nhận.",
            "Say what it rests on: a letter, or who confirmed it.",
        ),
        Refused::Taken => (
            "event",
            "Mã này đã có đề nghị đang chờ, hoặc đã có nghĩa từ ngày đó.",
            "A proposal waits already, or the code has a meaning from that day on.",
        ),
        Refused::Code | Refused::Known => {
            ("event", "Mã này đã có trong bảng của hệ thống.", "The tables know this code already.")
        }
        Refused::OwnProposal => (
            "verdict",
            "Bạn đã đề nghị nghĩa này, nên quản trị viên khác phải duyệt.",
            "You proposed this meaning, so another administrator must decide.",
        ),
        Refused::NotOwnProposal => {
            ("verdict", "Chỉ người đề nghị mới rút được đề nghị này.", "Only who proposed this can withdraw it.")
        }
        Refused::Gone => ("verdict", "Đề nghị này không còn chờ duyệt.", "This proposal does not wait any more."),
    };
    errors.add(ask.lang, field, vi, en);
}

/// The other administrator's word.
pub(super) fn decide(ask: &Ask) -> Result<Page, Stop> {
    let approves = match ask.form.get("verdict") {
        "approve" => true,
        "decline" => false,
        _ => return Err(Stop::Bad),
    };
    let (id, note) = (ask.value("id"), ask.form.get("decision_note"));
    match status_rules::decide(ask.app(), &ask.person()?.id, ask.doing(), id, approves, note)? {
        Ok(told) if approves => see(format!("/exceptions/rules?done=approved&told={told}")),
        Ok(_) => see("/exceptions/rules?done=declined"),
        Err(refused) => {
            let mut errors = Errors::default();
            refuse(ask, refused, &mut errors);
            again("exception_rules.html", list_values(ask, &errors)?)
        }
    }
}

/// Takes one's own proposal back.
pub(super) fn withdraw(ask: &Ask) -> Result<Page, Stop> {
    match status_rules::withdraw(ask.app(), &ask.person()?.id, ask.doing(), ask.value("id"))? {
        Ok(()) => see("/exceptions/rules?done=withdrawn"),
        Err(refused) => {
            let mut errors = Errors::default();
            refuse(ask, refused, &mut errors);
            again("exception_rules.html", list_values(ask, &errors)?)
        }
    }
}
