//! The one-stop side's book against the ledger.

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::domain::books::{Difference, LegWord, Limits};
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{State, words};

words! {
    /// What the one-stop software says of a case, and the numbers of `TrangThaiHoSo` that mean it (wire-formats 3.4).
    CaseSays {
        /// Being worked on: 1, 2, 4, 5, 6.
        Open = "OPEN",
        /// There is a result: 9.
        Ready = "READY",
        /// The citizen has the result: 10.
        Returned = "RETURNED",
        /// It ended without a result: 3, 7, 8.
        Stopped = "STOPPED",
    }
}

impl CaseSays {
    /// The meaning of a number of `TrangThaiHoSo`.
    pub fn of_number(number: u8) -> Option<CaseSays> {
        Some(match number {
            1 | 2 | 4 | 5 | 6 => CaseSays::Open,
            9 => CaseSays::Ready,
            10 => CaseSays::Returned,
            3 | 7 | 8 => CaseSays::Stopped,
            _ => return None,
        })
    }
}

/// An entry of the one-stop side's book: one case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CaseEntry {
    pub dossier_no: String,
    pub agency_code: Option<String>,
    pub says: CaseSays,
    /// Whether the citizen filed by post; none where the book does not say.
    pub filed_by_post: Option<bool>,
    /// Whether the result goes by post.
    pub result_by_post: Option<bool>,
    /// The day on which the desk says it gave the result to the post.
    pub sent_on: Option<NaiveDate>,
    /// The day the case belongs to in its book.
    pub day: NaiveDate,
    /// The instant for which the book was written.
    pub as_of: Ts,
}

/// The newest legs of the case, one of each kind.
#[derive(Debug, Clone, Copy, Default)]
#[allow(missing_docs)]
pub struct Legs<'l> {
    pub intake: Option<&'l LegWord>,
    pub result: Option<&'l LegWord>,
}

/// Everything that differs between a case and its legs, each with the leg that it is about.
pub fn case_differences<'l>(
    entry: &CaseEntry,
    legs: Legs<'l>,
    limits: &Limits,
) -> Vec<(Difference, Option<&'l LegWord>)> {
    let mut found = Vec::new();
    let lagged = |at: Ts| at.plus_us(limits.lag_us) <= entry.as_of;
    let day_is_old = |day: NaiveDate| {
        let end = day.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0)).and_then(Ts::from_vietnam);
        end.is_some_and(lagged)
    };
    let by_post = entry.result_by_post == Some(true) || entry.sent_on.is_some();
    if let Some(leg) = legs.result {
        let state = |kind| (Difference::of(kind, "state", leg.state.as_str(), entry.says.as_str()), Some(leg));
        let delivered = leg.state == State::Confirmed;
        if delivered && matches!(entry.says, CaseSays::Open | CaseSays::Ready) && lagged(leg.since) {
            found.push(state(Kind::ReturnedNotClosed));
        }
        if !delivered && entry.says == CaseSays::Returned && by_post {
            found.push(state(Kind::ClosedNotDelivered));
        }
        if let Some(day) =
            entry.sent_on.filter(|day| leg.accepted_at.is_none() && !ended(leg.state) && day_is_old(*day))
        {
            let sent = format!("sent {day}");
            found.push((Difference::of(Kind::SentNeverSigned, "state", leg.state.as_str(), sent), Some(leg)));
        }
    } else if entry.sent_on.is_some_and(day_is_old) || (by_post && entry.says == CaseSays::Returned) {
        found.push((missing(entry.says, "RESULT"), None));
    }
    if legs.intake.is_none() && entry.filed_by_post == Some(true) && day_is_old(entry.day) {
        found.push((missing(entry.says, "INTAKE"), None));
    }
    found
}

fn ended(state: State) -> bool {
    matches!(state, State::Cancelled | State::ReturnConfirmed | State::LostOrDamaged)
}

fn missing(says: CaseSays, leg: &'static str) -> Difference {
    let field = if leg == "INTAKE" { "intakeLeg" } else { "resultLeg" };
    Difference { kind: Kind::CaseNoItem, field, ledger: None, book: Some(says.as_str().to_owned()) }
}
