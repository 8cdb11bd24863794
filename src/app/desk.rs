//! The one-stop desk beside its handovers: old papers that come back when a result is handed out (QĐ 45 Đ10), and fee money that
//! the post took for the agency (QĐ 45 Đ15 k2). The post's word moves neither; the desk says itself what it has.

use crate::app::people::{Doing, act, directory};
use crate::app::{App, AppError, calendar, money};
use crate::base::time::DAY_US;
use crate::domain::fact::Recovery;
use crate::domain::money::Standing;
use crate::domain::problem::Code;
use crate::store::people_rows::DeskReceiptRow;
use crate::store::round_rows::RecoveredPaperRow;
use crate::store::rows::LegRow;
use crate::store::{desk, rounds};

/// How far back the lists look.
const LOOK_BACK_US: i64 = 90 * DAY_US;
/// Legs on one list at most.
pub const LIST_MAX: i64 = 500;

/// Old papers of a leg that the desk waits for.
#[derive(Debug, Clone)]
pub struct PapersToCome {
    /// The leg.
    pub leg: LegRow,
    /// Each by its name, and what the postman says became of it; none while nobody said anything.
    pub papers: Vec<(String, Option<Recovery>)>,
}

/// Fee money of a leg.
#[derive(Debug, Clone)]
pub struct MoneyToCome {
    /// The leg.
    pub leg: LegRow,
    /// What the post says it took.
    pub collected: i64,
    /// What the post says it paid over.
    pub remitted: i64,
    /// What it still has is past the term of the agreement.
    pub is_overdue: bool,
}

/// What is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Old papers.
    Papers,
    /// Fee money.
    Money,
}

impl Kind {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Papers => "PAPERS",
            Kind::Money => "MONEY",
        }
    }
}

/// Old papers that the desk waits for, oldest first.
pub fn papers_to_come(app: &App, agency: &str) -> Result<Vec<PapersToCome>, AppError> {
    let mut names: Vec<(String, Vec<String>)> = Vec::new();
    for procedure in directory::procedures_of(app, agency)? {
        let back: Vec<String> =
            procedure.papers.into_iter().filter(|paper| paper.recover).map(|paper| paper.name).collect();
        if !back.is_empty() {
            names.push((procedure.code, back));
        }
    }
    let codes: Vec<String> = names.iter().map(|(code, _)| code.clone()).collect();
    let since = app.now().plus_us(-LOOK_BACK_US).us();
    let (legs, told) = app.store.read(|db| {
        let legs = desk::papers_to_come(db, agency, &codes, since, LIST_MAX)?;
        let ids: Vec<String> = legs.iter().map(|leg| leg.id.clone()).collect();
        let told = rounds::recovered(db, &ids)?;
        Ok((legs, told))
    })?;
    Ok(legs
        .into_iter()
        .map(|leg| {
            let listed = names.iter().find(|(code, _)| *code == leg.procedure_code).map(|(_, names)| names.as_slice());
            let own: Vec<&RecoveredPaperRow> = told.iter().filter(|row| row.leg_id == leg.id).collect();
            PapersToCome { papers: papers_of(listed.unwrap_or_default(), &own), leg }
        })
        .collect())
}

/// The papers of the checklist and those that the postman named beside them, each with the last word about it.
fn papers_of(listed: &[String], told: &[&RecoveredPaperRow]) -> Vec<(String, Option<Recovery>)> {
    let mut papers: Vec<(String, Option<Recovery>)> = listed.iter().map(|name| (name.clone(), None)).collect();
    for row in told {
        let outcome = Recovery::parse(&row.outcome);
        match papers.iter_mut().find(|(name, _)| *name == row.paper) {
            Some((_, last)) => *last = outcome,
            None => papers.push((row.paper.clone(), outcome)),
        }
    }
    papers
}

/// Fee money that the post took or paid over and the desk has not confirmed.
pub fn money_to_come(app: &App, agency: &str) -> Result<Vec<MoneyToCome>, AppError> {
    let now = app.now();
    let since = now.plus_us(-LOOK_BACK_US).us();
    let money = app.store.read(|db| {
        let legs = desk::money_to_come(db, agency, since, LIST_MAX)?;
        let calendar = calendar::read(db)?;
        money::of_legs(app, db, &calendar, legs, now)
    })?;
    Ok(money
        .into_iter()
        .map(|one| MoneyToCome {
            collected: one.chain.collected_sum(),
            remitted: one.chain.remitted_sum(),
            is_overdue: one.standing == Standing::Overdue,
            leg: one.leg,
        })
        .filter(|money| money.collected != 0 || money.remitted != 0)
        .collect())
}

/// The desk says that it has the old papers, or the money, of these legs. Legs that are on no list of its own are refused.
pub fn receive(app: &App, agency: &str, kind: Kind, leg_ids: &[String], doing: Doing<'_>) -> Result<usize, AppError> {
    let listed: Vec<(String, Option<i64>)> = match kind {
        Kind::Papers => papers_to_come(app, agency)?.into_iter().map(|papers| (papers.leg.id, None)).collect(),
        Kind::Money => {
            let remitted = money_to_come(app, agency)?.into_iter().filter(|money| money.remitted > 0);
            remitted.map(|money| (money.leg.id, Some(money.remitted))).collect()
        }
    };
    let person = doing.person.ok_or_else(|| AppError::plain(Code::NotYourSide))?;
    let mut rows = Vec::with_capacity(leg_ids.len());
    let mut acts = Vec::with_capacity(leg_ids.len());
    for id in leg_ids {
        let (_, amount) =
            listed.iter().find(|(known, _)| known == id).ok_or_else(|| AppError::plain(Code::NotFound))?;
        rows.push(DeskReceiptRow {
            kind: kind.as_str().to_owned(),
            leg_id: id.clone(),
            agency_code: agency.to_owned(),
            amount: *amount,
            person_id: person.to_owned(),
            at_us: app.now().us(),
        });
        acts.push(act(app, doing, if kind == Kind::Papers { "DESK.PAPERS" } else { "DESK.MONEY" }, Some(id)));
    }
    app.store.insert_desk_receipts(rows, acts)?;
    Ok(leg_ids.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_about_an_old_paper_stands() {
        let told = |paper: &str, outcome: &str, at: i64| RecoveredPaperRow {
            leg_id: "leg_1".to_owned(),
            act_id: format!("act-{at}"),
            paper: paper.to_owned(),
            outcome: outcome.to_owned(),
            person_id: "per_1".to_owned(),
            occurred_at_us: at,
            recorded_at_us: at,
        };
        let rows = [told("old licence", "NOT_GIVEN", 1), told("badge", "TAKEN", 2), told("old licence", "TAKEN", 3)];
        let listed = ["old licence".to_owned(), "old card".to_owned()];
        assert_eq!(
            papers_of(&listed, &rows.iter().collect::<Vec<_>>()),
            [
                ("old licence".to_owned(), Some(Recovery::Taken)),
                ("old card".to_owned(), None),
                ("badge".to_owned(), Some(Recovery::Taken)),
            ]
        );
    }
}
