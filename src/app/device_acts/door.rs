//! What a postman does at the door, as facts of the ledger: handing out, a failed attempt, an invitation, turning back, old papers.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::device_acts::Taking;
use crate::app::facts::{self, Reading, Reported, ReportedReceiver};
use crate::app::{AppError, calendar, rounds as carrying};
use crate::base::time::Ts;
use crate::domain::calendar::{Gap, POST};
use crate::domain::custody::EventKind;
use crate::domain::fact::{Cause, Recovery, Relation};
use crate::domain::invitation::{self, Return};
use crate::domain::problem::{Code, Refusal};
use crate::report::numbers;
use crate::store::intake::PostagePaid;
use crate::store::round_rows::RecoveredPaperRow;
use crate::store::rows::LegRow;
use crate::store::{WriteSet, read, rounds};

/// Characters of a name or a note.
const TEXT_MAX: usize = 300;

fn invalid(en: &str, vi: &str) -> AppError {
    Refusal::new(Code::BodyInvalid, en, vi).into()
}

/// A text that was typed, trimmed; none when it is empty.
fn typed(text: Option<String>) -> Result<Option<String>, AppError> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.chars().count() > TEXT_MAX => Err(invalid("a text is too long", "có nội dung quá dài")),
        text => Ok(text),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Delivery {
    leg: String,
    relation: String,
    name: String,
    id_checked: bool,
    #[serde(default)]
    authorisation_seen: bool,
    originals: u16,
    copies: u16,
    #[serde(default)]
    recovered: Vec<Recovered>,
    #[serde(default)]
    amount: Option<i64>,
    #[serde(default)]
    receipt_no: Option<String>,
    /// Receipt of the postage that is paid with the result.
    #[serde(default)]
    postage_receipt_no: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recovered {
    paper: String,
    outcome: String,
}

/// Handed out. With name, identity check and signature or photo it is confirmed (C6); without them the fold says what is missing.
pub(super) fn deliver(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: Delivery = taking.body(body)?;
    let leg = taking.result_leg(&body.leg)?;
    let relation = Relation::parse(&body.relation).ok_or_else(|| invalid("who received it?", "ai nhận?"))?;
    let name =
        typed(Some(body.name))?.ok_or_else(|| invalid("the receiver's name is missing", "thiếu họ tên người nhận"))?;
    let receipt_no = typed(body.receipt_no)?;
    let confirmed = Reported {
        receiver: Some(ReportedReceiver {
            name: Some(name),
            representative: relation == Relation::Representative,
            id_checked: body.id_checked,
            authorisation_seen: body.authorisation_seen,
        }),
        originals: Some(i64::from(body.originals)),
        copies: Some(i64::from(body.copies)),
        evidence: taking.evidence.clone(),
        note: typed(body.note)?,
        ..fact(taking, &leg, "", EventKind::Confirmed)
    };
    let mut facts = vec![confirmed];
    if let Some(amount) = body.amount.filter(|amount| *amount > 0) {
        facts.push(Reported {
            amount: Some(amount),
            receipt_no,
            ..fact(taking, &leg, ":fee", EventKind::FeeCollected)
        });
    }
    facts.extend(recover(taking, &leg, body.recovered, set)?);
    if let Some(receipt_no) = typed(body.postage_receipt_no)?
        && let Some(due) = carrying::postage_of(taking.app, &leg)?
    {
        set.postage_paid.push(PostagePaid { leg_id: due.leg_id, receipt_no, at_us: taking.at.us() });
    }
    carrying::put_down(taking.app, taking.person, &leg.id, taking.at, set)?;
    record(taking, facts, set)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Attempt {
    leg: String,
    cause: String,
    #[serde(default)]
    cause_text: Option<String>,
    #[serde(default)]
    next: Option<String>,
}

/// Not handed out, and why.
pub(super) fn attempt(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: Attempt = taking.body(body)?;
    let leg = taking.result_leg(&body.leg)?;
    let cause = cause_of(&body.cause)?;
    let failed = Reported {
        attempt: u32::try_from(leg.attempts.saturating_add(1)).ok(),
        cause: Some(cause.as_str().to_owned()),
        cause_text: typed(body.cause_text)?,
        evidence: taking.evidence.clone(),
        note: typed(body.next)?,
        ..fact(taking, &leg, "", EventKind::AttemptFailed)
    };
    record(taking, vec![failed], set)
}

fn cause_of(word: &str) -> Result<Cause, AppError> {
    Cause::parse(word).ok_or_else(|| invalid("say why", "hãy chọn lý do"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    leg: String,
}

/// The receiver was invited. One that came too early has happened all the same: it is recorded, and does not count (C9).
pub(super) fn invite(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: Invitation = taking.body(body)?;
    let leg = taking.result_leg(&body.leg)?;
    let before = invited(taking, &leg)?;
    let number = u32::try_from(before.len().saturating_add(1)).ok();
    let on = taking.at.to_vietnam().date();
    let calendar = calendar::current(taking.app)?;
    // Beyond the calendar nobody can say whether it came too early: then nobody does.
    let next = invitation::next_from(&calendar.days_of(POST), &before).ok().flatten();
    let early = next.filter(|from| on < *from);
    let invited = Reported { attempt: number, ..fact(taking, &leg, "", EventKind::Invited) };
    let mut result = record(taking, vec![invited], set)?;
    if let (Some(from), Some(members)) = (early, result.as_object_mut()) {
        members.insert("earlyBefore".to_owned(), json!(from.to_string()));
    }
    Ok(result)
}

fn invited(taking: &Taking<'_>, leg: &LegRow) -> Result<Vec<chrono::NaiveDate>, AppError> {
    let ids = [leg.id.clone()];
    let rows = taking.app.store.read(|db| rounds::events_of_kinds(db, &ids, &[EventKind::Invited.as_str()]))?;
    Ok(rows.iter().map(|row| Ts::from_us(row.occurred_at_us).to_vietnam().date()).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TurnBack {
    leg: String,
    cause: String,
}

/// Back to the agency: a decision, so it waits for the rule (C7, TT 17 Đ5 k2h); the papers are still with the post.
pub(super) fn turn_back(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: TurnBack = taking.body(body)?;
    let leg = taking.result_leg(&body.leg)?;
    let cause = cause_of(&body.cause)?;
    let refused = |en: String, vi: String| -> AppError { Refusal::new(Code::LegState, en, vi).into() };
    let calendar = calendar::current(taking.app)?;
    let (days, on) = (calendar.days_of(POST), taking.at.to_vietnam().date());
    let unknown = |gap: Gap| refused(gap.en(), gap.vi());
    let waits = taking.app.clocks.wait_after_second_invitation;
    match invitation::may_return(&days, waits, cause, leg.attempts > 0, &invited(taking, &leg)?, on).map_err(unknown)? {
        Return::Allowed => {}
        Return::NotTried => {
            return Err(refused(
                "nobody has tried to deliver it: log the attempt first".to_owned(),
                "chưa có lần phát nào: hãy ghi lần phát trước".to_owned(),
            ));
        }
        Return::Invite(missing) => {
            return Err(refused(
                format!("{missing} invitation(s) are missing, two working days apart"),
                format!("còn thiếu {missing} lần mời, cách nhau hai ngày làm việc"),
            ));
        }
        Return::From(from) => {
            let from = numbers::date(from);
            return Err(refused(
                format!("the second invitation runs until {from}"),
                format!("lần mời thứ hai còn hiệu lực, từ {from} mới được chuyển hoàn"),
            ));
        }
    }
    let returning = Reported {
        cause: Some(cause.as_str().to_owned()),
        evidence: taking.evidence.clone(),
        ..fact(taking, &leg, "", EventKind::Returning)
    };
    carrying::put_down(taking.app, taking.person, &leg.id, taking.at, set)?;
    record(taking, vec![returning], set)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecoveredLater {
    leg: String,
    papers: Vec<Recovered>,
}

/// Old papers that came after the result was handed out.
pub(super) fn recovered(taking: &Taking<'_>, body: &Value, set: &mut WriteSet) -> Result<Value, AppError> {
    let body: RecoveredLater = taking.body(body)?;
    let leg = taking.result_leg(&body.leg)?;
    let facts: Vec<Reported> = recover(taking, &leg, body.papers, set)?.into_iter().collect();
    if facts.is_empty() {
        return Err(invalid("no paper is named", "chưa có giấy tờ nào"));
    }
    record(taking, facts, set)
}

/// Rows of old papers, and the fact that tells of them beside custody.
fn recover(
    taking: &Taking<'_>,
    leg: &LegRow,
    papers: Vec<Recovered>,
    set: &mut WriteSet,
) -> Result<Option<Reported>, AppError> {
    let mut told = Vec::with_capacity(papers.len());
    for Recovered { paper, outcome } in papers.into_iter().take(50) {
        let outcome =
            Recovery::parse(&outcome).ok_or_else(|| invalid("what became of the old paper?", "giấy cũ ra sao?"))?;
        let paper = typed(Some(paper))?.ok_or_else(|| invalid("a paper has no name", "giấy tờ chưa có tên"))?;
        told.push(format!("{paper}: {outcome}"));
        set.recovered.push(RecoveredPaperRow {
            leg_id: leg.id.clone(),
            act_id: taking.act_id.to_owned(),
            paper,
            outcome: outcome.as_str().to_owned(),
            person_id: taking.person.id.clone(),
            occurred_at_us: taking.at.us(),
            recorded_at_us: taking.now.us(),
        });
    }
    let note = told.join("; ");
    Ok((!note.is_empty()).then(|| Reported { note: Some(note), ..fact(taking, leg, ":papers", EventKind::Noted) }))
}

/// A fact of this act about a leg. One act may be several facts, each with an id of its own.
fn fact(taking: &Taking<'_>, leg: &LegRow, suffix: &str, event: EventKind) -> Reported {
    Reported {
        fact_id: format!("{}{suffix}", taking.act_id),
        leg_id: Some(leg.id.clone()),
        event: Some(event.as_str().to_owned()),
        occurred_at_us: taking.at.us(),
        post_office_code: taking.caller.post_office.clone(),
        ..Reported::default()
    }
}

fn record(taking: &Taking<'_>, facts: Vec<Reported>, set: &mut WriteSet) -> Result<Value, AppError> {
    let readings: Vec<Reading> = facts.into_iter().map(|fact| Reading::Fact(Box::new(fact))).collect();
    let app = taking.app;
    let results = app.store.read(|db| facts::decide(app, db, &taking.caller, &readings, taking.now, set))?;
    let first = results.first();
    let stands = first.and_then(|result| result.legs.first());
    Ok(json!({
        "outcome": first.map(|result| result.outcome.as_str()),
        "state": stands.map(|(_, state, _)| state.as_str()),
        "holder": stands.map(|(_, _, holder)| holder.as_str()),
    }))
}

impl Taking<'_> {
    /// A result of the person's office, open or closed: what happened to it is recorded always.
    fn result_leg(&self, id: &str) -> Result<LegRow, AppError> {
        self.app
            .store
            .read(|db| read::legs::by_id(db, id))?
            .filter(|row| row.kind == "RESULT" && self.caller.sees(&row.agency_code, &row.post_office_code))
            .ok_or_else(|| {
                let (en, vi) = ("this office has no such result", "bưu cục không có kết quả này");
                Refusal::new(Code::NotFound, en, vi).into()
            })
    }
}
