//! Handovers on two screens: one object, each side its half. What a side may do here is what the use cases allow its side;
//! the other side's changes reach an open page by a small question for the version.

mod acts;
mod give;
mod sheet;

use minijinja::context;
use serde::Serialize;

use crate::app::people::directory;
use crate::app::{App, AppError};
use crate::domain::leg::Side;
use crate::domain::person::Right;
use crate::store::desk;
use crate::store::rows::HandoverRow;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, html, value};
use crate::ui::routes::{Needs, Route, get, post, send};

pub(super) use give::pick;
pub(super) use sheet::{Names, ink_of, number_of, standing};

/// Bytes of counted lines: 5,000 lines of 100 characters and some notes.
const COUNT_BYTES_MAX: usize = 1024 * 1024;
/// Handovers on one list.
const OPEN_MAX: i64 = 200;
const RECENT_MAX: i64 = 50;

const HANDOVER: Needs = Needs::Right(Right::Handover);

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/handovers", HANDOVER, list),
    get("/handovers/new", HANDOVER, give::page),
    post("/handovers/new", HANDOVER, give::open),
    get("/handovers/{id}", HANDOVER, sheet::page),
    get("/handovers/{id}/state", HANDOVER, sheet::state),
    get("/handovers/{id}/signatures/{seq}", HANDOVER, sheet::ink),
    send("PUT", "/handovers/{id}/count", HANDOVER, COUNT_BYTES_MAX, acts::count),
    post("/handovers/{id}/extras", HANDOVER, acts::extras),
    post("/handovers/{id}/sign", HANDOVER, acts::sign),
    post("/handovers/{id}/cancel", HANDOVER, acts::cancel),
    post("/handovers/{id}/correct", HANDOVER, acts::correct),
];

/// A handover on a list.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Summary {
    id: String,
    number: String,
    /// Whether the reader receives.
    pub(super) receiving: bool,
    other_side: String,
    other_name: String,
    opened_at_us: i64,
    completed_at_us: Option<i64>,
    lines: i64,
    counted: i64,
    taken: i64,
    corrects: bool,
    /// What is next, a word of `handover_step`.
    step: &'static str,
}

/// Where a handover stands for one side.
#[derive(Debug, Clone, Copy)]
struct Standing<'a> {
    status: &'a str,
    receiving: bool,
    all_counted: bool,
    signed_by_me: bool,
}

impl Standing<'_> {
    /// What is next.
    fn step(self) -> &'static str {
        match (self.status, self.all_counted, self.receiving, self.signed_by_me) {
            ("COMPLETED", ..) => "DONE",
            ("CANCELLED", ..) => "CANCELLED",
            (_, false, true, _) => "COUNT",
            (_, false, false, _) => "WAIT_COUNT",
            (_, true, _, false) => "SIGN",
            (_, true, _, true) => "WAIT_SIGN",
        }
    }
}

fn list(ask: &Ask) -> Result<Page, Stop> {
    let person = ask.person()?;
    let caller = person.caller();
    let (open, recent) = ask.app().store.read(|db| {
        Ok((
            desk::handovers(db, &caller, true, None, OPEN_MAX)?,
            desk::handovers(db, &caller, false, None, RECENT_MAX)?,
        ))
    })?;
    let side = person.role.side();
    html(
        "handovers.html",
        context! {
            open => value(summaries(ask.app(), side, open)?),
            recent => value(summaries(ask.app(), side, recent)?),
        },
    )
}

/// Rows as a side reads them.
pub(super) fn summaries(app: &App, side: Side, rows: Vec<HandoverRow>) -> Result<Vec<Summary>, AppError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let (outcomes, signed) =
        app.store.read(|db| Ok((desk::line_outcomes(db, &ids)?, desk::signed_sides(db, &ids)?)))?;
    let mut names = sheet::Names::new(app);
    rows.into_iter()
        .map(|row| {
            let of = |wanted: &dyn Fn(Option<&str>) -> bool| {
                let mine = outcomes.iter().filter(|(id, outcome, _)| *id == row.id && wanted(outcome.as_deref()));
                mine.map(|(_, _, lines)| lines).sum::<i64>()
            };
            let (lines, counted) = (of(&|_| true), of(&|outcome| outcome.is_some()));
            let receiving = row.receiver == side.as_str();
            let signed_by_me = signed.iter().any(|(id, by)| *id == row.id && by == side.as_str());
            let standing = Standing { status: &row.status, receiving, all_counted: counted == lines, signed_by_me };
            let other_side = if receiving { row.giver.clone() } else { row.receiver.clone() };
            Ok(Summary {
                number: number_of(&row),
                receiving,
                other_name: names.of_side(&row, &other_side)?,
                other_side,
                opened_at_us: row.opened_at_us,
                completed_at_us: row.completed_at_us,
                lines,
                counted,
                taken: of(&|outcome| outcome == Some("TAKEN")),
                corrects: row.corrects.is_some(),
                step: standing.step(),
                id: row.id,
            })
        })
        .collect()
}

/// What a use case refused, in words: the leg or field that it is about (empty when it is about the whole), and the sentence.
/// Anything but a refusal stops the page.
pub(super) fn refusals(ask: &Ask, error: AppError) -> Result<Vec<(String, String)>, Stop> {
    match error {
        AppError::HandoverRefused(legs) => Ok(legs
            .into_iter()
            .flat_map(|(leg, problems)| problems.into_iter().map(move |problem| (leg.clone(), problem)))
            .map(|(leg, problem)| (leg, problem.message.text(ask.lang).to_owned()))
            .collect()),
        AppError::Refused(refusal) if refusal.code == crate::domain::problem::Code::NotFound => Err(Stop::NotFound),
        AppError::Refused(refusal) => Ok(of_refusal(ask, &refusal)),
        other => Err(other.into()),
    }
}

fn of_refusal(ask: &Ask, refusal: &crate::domain::problem::Refusal) -> Vec<(String, String)> {
    if refusal.problems.is_empty() {
        return vec![(String::new(), refusal.message.text(ask.lang).to_owned())];
    }
    let problems = refusal.problems.iter();
    problems.map(|problem| (problem.field.clone(), problem.message.text(ask.lang).to_owned())).collect()
}

/// The name of a place, kept for the length of one page.
fn place_name(app: &App, kind: &str, code: &str) -> Result<String, AppError> {
    directory::name_of(app, kind, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_is_told_what_is_next() {
        let at = |status, receiving, all_counted, signed_by_me| {
            Standing { status, receiving, all_counted, signed_by_me }.step()
        };
        assert_eq!(at("OPEN", true, false, false), "COUNT");
        assert_eq!(at("OPEN", false, false, false), "WAIT_COUNT");
        assert_eq!(at("OPEN", false, true, false), "SIGN");
        assert_eq!(at("OPEN", true, true, true), "WAIT_SIGN");
        assert_eq!(at("COMPLETED", true, true, true), "DONE");
        assert_eq!(at("CANCELLED", false, false, false), "CANCELLED");
    }
}
