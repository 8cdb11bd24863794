//! Old papers that the postman takes back for the agency (TT 17 Đ5 k2đ): a chain of their own, open until the desk has them or the citizen
//! declared them lost (C10). What is open past its day is a discrepancy.

use std::collections::BTreeMap;

use crate::app::discrepancies::{BookWord, Findings, Found, rests};
use crate::app::{App, AppError};
use crate::base::time::DAY_US;
use crate::domain::access::Agencies;
use crate::domain::discrepancy::Kind;
use crate::domain::tally::{Measure, PAPER_MISSING, PAPER_WITH_POST, Stretch};
use crate::store::read::tallies::{Slice, legs_behind};
use crate::store::read::{PageAsk, discrepancies as read};
use crate::store::rows::LegRow;

/// Days after handing out on which papers may still be on their way: the day itself for those that were to be taken back at the door, and
/// a few for the way to the desk. The law names no number.
const DAYS: [(&str, i64); 2] = [(PAPER_MISSING, 0), (PAPER_WITH_POST, 3)];

/// Legs read at once.
const PAGE: i64 = 500;

/// Opens what is past its day and heals what came to its end; returns how many. What is open and still holds is not written again.
pub fn watch(app: &App) -> Result<usize, AppError> {
    let mut late: BTreeMap<String, (LegRow, &'static str)> = BTreeMap::new();
    for (cause, days) in DAYS {
        let until = app.now().plus_us(-days * DAY_US).to_vietnam().date();
        for leg in open_since(app, cause, until)? {
            late.entry(leg.id.clone()).or_insert((leg, cause));
        }
    }
    let open = app.store.read(|db| read::open_legs_of(db, &[Kind::PapersNotRecovered.as_str()]))?;
    app.decide_and_commit(None, |set| {
        let now = app.now();
        Ok(app.store.read(|db| {
            let mut findings = Findings::default();
            let mut changed = 0;
            let keys: Vec<String> = late.keys().chain(&open).map(|leg| subject(leg)).collect();
            let known = read::newest_by_subject(db, &keys)?;
            let newest = |leg: &str| known.iter().find(|row| row.subject_key == subject(leg));
            for (leg, cause) in late.values() {
                let word = |book: &str, says: Option<String>| BookWord {
                    book: book.to_owned(),
                    row: None,
                    field: "oldPapers".to_owned(),
                    says,
                };
                let words = [word("LEDGER", Some((*cause).to_owned())), word("DESK", None)];
                let before = newest(&leg.id);
                let is_open = before.is_some_and(|row| row.state == "OPEN");
                if !is_open && !before.is_some_and(|row| rests(row, &words)) {
                    findings.find(Found::of_leg(Kind::PapersNotRecovered, subject(&leg.id), leg, words));
                    changed += 1;
                }
            }
            for leg in open.iter().filter(|leg| !late.contains_key(*leg)) {
                findings.heal(subject(leg), "the papers came to their end");
                changed += 1;
            }
            findings.settle(app, db, now, set)?;
            Ok(changed)
        })?)
    })
}

fn subject(leg_id: &str) -> String {
    format!("{}:{leg_id}:", Kind::PapersNotRecovered)
}

/// Legs handed out before a day whose papers stand so.
fn open_since(app: &App, cause: &str, until: chrono::NaiveDate) -> Result<Vec<LegRow>, AppError> {
    let stretch = Stretch { from: chrono::NaiveDate::default(), until, as_of: until };
    let slice = Slice { cause: Some(cause.to_owned()), ..Slice::default() };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let ask = PageAsk { after, limit: PAGE };
        let legs = app.store.read(|db| legs_behind(db, &Agencies::All, stretch, Measure::PapersOpen, &slice, &ask))?;
        let Some(last) = legs.last() else { return Ok(found) };
        after = Some(last.id.clone());
        found.extend(legs);
    }
}
