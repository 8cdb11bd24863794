//! One case: both books, what shows it, what was done, and the ways to settle it.

use minijinja::{Value, context};

use crate::app::exceptions::{self, Exception, Refused, Subject};
use crate::app::people;
use crate::domain::discrepancy::Resolution;
use crate::domain::exception::Sort;
use crate::domain::person::Right;
use crate::store::exception_rows::ProposalRow;
use crate::ui::ask::Ask;
use crate::ui::exceptions::{asked, books, codes, held_days, messages, path_of, proofs, row, words};
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see};

/// The way of settling that takes two people.
const ACCEPT: &str = "ACCEPTED";

pub(super) fn find(ask: &Ask) -> Result<Exception, Stop> {
    let (sort, id) = asked(ask)?;
    exceptions::get(ask.app(), ask.person()?, held_days(ask), sort, &id)?.ok_or(Stop::NotFound)
}

pub(super) fn show(ask: &Ask) -> Result<Page, Stop> {
    let (sort, id) = asked(ask)?;
    match exceptions::get(ask.app(), ask.person()?, held_days(ask), sort, &id)? {
        Some(one) => html("exception_case.html", values(ask, &one, &Errors::default())?),
        // A code that has its meaning is no exception any more; its rules stand in their list.
        None if sort == Sort::Code && ask.may(Right::Messages) => see("/exceptions/rules"),
        None => Err(Stop::NotFound),
    }
}

/// Everything that the page shows, with what was typed.
pub(super) fn values(ask: &Ask, one: &Exception, errors: &Errors) -> Result<Value, Stop> {
    let now_us = ask.app().now().us();
    let proposals = exceptions::proposals(ask.app(), &one.id)?;
    let history = exceptions::history(ask.app(), &one.id)?;
    let me = ask.person()?.id.as_str();
    let open = proposals.iter().find(|proposal| proposal.state == "PROPOSED");
    Ok(context! {
        one => row(ask, one, now_us),
        is_open => one.is_open(),
        books => books::of(ask, one)?,
        proofs => proofs::values(ask, one)?,
        events => books::events(ask, one)?,
        raw => books::raw(ask, one)?,
        resolution => resolution(ask, one),
        may_resolve => matches!(one.subject, Subject::Discrepancy(_)),
        may_accept => one.sort.may_be_accepted(),
        proposal => open.map(|open| proposal_value(ask, open)).transpose()?,
        own_proposal => open.is_some_and(|open| open.proposed_by == me),
        decided => proposals.iter().filter(|one| one.state != "PROPOSED").map(|one| proposal_value(ask, one)).collect::<Result<Vec<_>, Stop>>()?,
        history => history.iter().map(|(act, name)| context! {
            at_us => act.at_us, text => words::act(&act.act, ask.lang), name => name.as_deref(),
        }).collect::<Vec<_>>(),
        message => messages::values(ask, one)?,
        mapping => codes::values(ask, one)?,
        typed => crate::ui::page::value(ask.form.typed()),
        how => if ask.form.get("how").is_empty() { "EXPLAINED" } else { ask.form.get("how") },
        note => ask.form.raw("note"),
        errors => errors.value(),
        done => ask.query.get("done"),
    })
}

fn resolution(ask: &Ask, one: &Exception) -> Option<Value> {
    let Subject::Discrepancy(row) = &one.subject else { return None };
    let (outcome, at_us) = (row.resolution_outcome.as_deref()?, row.resolution_at_us?);
    let by = row.resolution_by.as_deref().unwrap_or_default();
    let by_itself = by == "giaonhan";
    Some(context! {
        outcome => if outcome == "CORRECTED" { ask.t("Sổ đã sửa đúng", "The books were put right").to_owned() } else { words::act(outcome, ask.lang) },
        reason => if by_itself { ask.t("Sự kiện đến sau đã giải thích.", "Later events explain it.") } else { row.resolution_reason.as_deref().unwrap_or_default() },
        by => if by_itself { "Giao Nhận" } else { by },
        at_us,
    })
}

fn proposal_value(ask: &Ask, proposal: &ProposalRow) -> Result<Value, Stop> {
    let name = |id: &str| people::name_of(ask.app(), id).map(|person| person.unwrap_or_else(|| id.to_owned()));
    Ok(context! {
        note => proposal.note.as_str(),
        by => name(&proposal.proposed_by)?,
        at_us => proposal.proposed_at_us,
        state => words::act(&proposal.state, ask.lang),
        decided_by => proposal.decided_by.as_deref().map(name).transpose()?,
        decided_at_us => proposal.decided_at_us,
        decision_note => proposal.decision_note.as_deref(),
    })
}

pub(super) fn take(ask: &Ask) -> Result<Page, Stop> {
    let one = find(ask)?;
    exceptions::take(ask.app(), ask.person()?, ask.doing(), &one)?;
    see(format!("{}?done=taken", path_of(one.sort, &one.id)))
}

/// Resolves at once, or proposes to accept.
pub(super) fn settle(ask: &Ask) -> Result<Page, Stop> {
    let one = find(ask)?;
    let (person, note) = (ask.person()?, ask.form.get("note"));
    let how = ask.form.get("how");
    let result = match Resolution::parse(how) {
        Some(Resolution::Accepted) => exceptions::propose(ask.app(), person, ask.doing(), &one, note)?,
        Some(outcome) => exceptions::resolve(ask.app(), person, ask.doing(), &one, outcome, note)?,
        None => Err(Refused::Sort),
    };
    match result {
        Ok(()) if how == ACCEPT => see(format!("{}?done=proposed", path_of(one.sort, &one.id))),
        Ok(()) => see("/exceptions?done=resolved"),
        Err(refused) => refuse(ask, &one, refused),
    }
}

/// The second person's word.
pub(super) fn decide(ask: &Ask) -> Result<Page, Stop> {
    let one = find(ask)?;
    let approves = match ask.form.get("verdict") {
        "approve" => true,
        "decline" => false,
        _ => return Err(Stop::Bad),
    };
    let note = ask.form.get("decision_note");
    if !approves && note.is_empty() {
        let mut errors = Errors::default();
        errors.add(
            ask.lang,
            "decision_note",
            "Ghi vì sao không duyệt, để người đề nghị biết phải làm gì.",
            "Say why, so that who proposed it knows what to do.",
        );
        return again("exception_case.html", values(ask, &one, &errors)?);
    }
    match exceptions::decide(ask.app(), ask.person()?, ask.doing(), &one, approves, note)? {
        Ok(()) if approves => see("/exceptions?done=accepted"),
        Ok(()) => see(format!("{}?done=declined", path_of(one.sort, &one.id))),
        Err(refused) => refuse(ask, &one, refused),
    }
}

/// Takes one's own proposal back.
pub(super) fn withdraw(ask: &Ask) -> Result<Page, Stop> {
    let one = find(ask)?;
    match exceptions::withdraw(ask.app(), ask.person()?, ask.doing(), &one)? {
        Ok(()) => see(format!("{}?done=withdrawn", path_of(one.sort, &one.id))),
        Err(refused) => refuse(ask, &one, refused),
    }
}

fn refuse(ask: &Ask, one: &Exception, refused: Refused) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    let (field, vi, en) = match refused {
        Refused::Reason => {
            ("note", "Ghi lý do: người sau phải hiểu được vì sao.", "Give a reason: others must understand why.")
        }
        Refused::Sort => ("how", "Chọn một cách xử lý có trong danh sách.", "Choose one of the ways shown."),
        Refused::Settled => {
            ("how", "Việc này đã được xử lý trong lúc bạn đang xem.", "This was settled while you were looking.")
        }
        Refused::Proposed => ("how", "Đã có đề nghị đang chờ duyệt.", "A proposal already waits for a second person."),
        Refused::Nothing => ("verdict", "Không còn đề nghị nào chờ duyệt.", "No proposal waits any more."),
        Refused::OwnProposal => (
            "verdict",
            "Bạn đã đề nghị việc này, nên người khác phải duyệt.",
            "You proposed this, so somebody else must decide.",
        ),
        Refused::NotOwnProposal => {
            ("verdict", "Chỉ người đề nghị mới rút được đề nghị này.", "Only who proposed this can withdraw it.")
        }
    };
    errors.add(ask.lang, field, vi, en);
    again("exception_case.html", values(ask, one, &errors)?)
}
