//! Tallies: what one leg contributes to the books of days. They are a function of the leg's events in force, its note, its old papers, the
//! calendar and the settings of clocks alone, so they can be derived again at any time; the day is that on which it happened, in Vietnam.

mod span;
#[cfg(test)]
mod tests;

pub use span::{Level, Signed, Stretch, cover, spans_of};

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::domain::calendar::{Calendar, POST};
use crate::domain::clocks::{Case, ClockId, Settings, Status, transit};
use crate::domain::consignment::{PostagePay, Service};
use crate::domain::custody::{Event, EventKind, Folded, LegTerms, fold};
use crate::domain::fact::Recovery;
use crate::domain::lane::Lane;
use crate::domain::leg::{LegKind, State, words};
use crate::domain::money::{Chain, Received};

words! {
    /// What is counted.
    Measure {
        /// Declared on a manifest.
        Registered = "REGISTERED",
        /// Intake: the post took it (KenhThucHien = 3 of the annex).
        TakenFromCitizen = "TAKEN_FROM_CITIZEN",
        /// Intake: its note asks for the result by post too (HinhThucTra = 1).
        ReturnAsked = "RETURN_ASKED",
        /// Intake: both have signed, the filing moment (C5).
        FiledWithAgency = "FILED_WITH_AGENCY",
        /// Intake: the agency opened the case.
        CaseOpened = "CASE_OPENED",
        /// Result: the post took it.
        TakenFromAgency = "TAKEN_FROM_AGENCY",
        /// Result: the first attempt to hand it out, whatever came of it.
        FirstAttempt = "FIRST_ATTEMPT",
        /// Of these: handed out at that attempt.
        FirstAttemptOk = "FIRST_ATTEMPT_OK",
        /// Result: failed attempts, by cause. Amount: how many.
        AttemptFailed = "ATTEMPT_FAILED",
        /// Result: delivered and confirmed, on the day of delivery.
        Delivered = "DELIVERED",
        /// Result: delivered as the post says, and not confirmed; gone when it is.
        ReportedOnly = "REPORTED_ONLY",
        /// Back where it came from and confirmed, by the last cause.
        Returned = "RETURNED",
        /// Lost.
        Lost = "LOST",
        /// Damaged.
        Damaged = "DAMAGED",
        /// Withdrawn before the post took it.
        Cancelled = "CANCELLED",
        /// J+n kept, on the day transit ended. Neither this nor the next two where nobody can say when it was due.
        DueKept = "DUE_KEPT",
        /// J+n missed, on the day it fell due.
        DueMissed = "DUE_MISSED",
        /// J+n of a leg under way, on the day it falls due: missed once that day is over.
        DueOpen = "DUE_OPEN",
        /// Result: with the post by the date of the slip (NgayHenTra), on the day the post took it.
        CaseDueKept = "CASE_DUE_KEPT",
        /// Result: with the post after that date, on that date.
        CaseDueMissed = "CASE_DUE_MISSED",
        /// Result: not yet with the post, on that date: missed once it is over.
        CaseDueOpen = "CASE_DUE_OPEN",
        /// Transit that ended. Amount: working days from J on.
        TransitDays = "TRANSIT_DAYS",
        /// Fees collected. Amount: đồng.
        FeeCollected = "FEE_COLLECTED",
        /// Fees paid over. Amount: đồng.
        FeeRemitted = "FEE_REMITTED",
        /// Fees that the desk says it has. Amount: đồng.
        FeeReceived = "FEE_RECEIVED",
        /// Fees with the post, on the day since which. Amount: đồng; gone when they are paid over.
        FeeOutstanding = "FEE_OUTSTANDING",
        /// Amounts of two books that differ, by which. Amount: the difference.
        FeeMismatch = "FEE_MISMATCH",
        /// Postage, the post's own money, by who pays it when. Amount: đồng.
        Postage = "POSTAGE",
        /// Result handed out: old papers to take back. Amount: papers.
        PapersToRecover = "PAPERS_TO_RECOVER",
        /// Of these: taken back. Amount: papers.
        PapersRecovered = "PAPERS_RECOVERED",
        /// Old papers that have not come to their end, by where they stand (cause), on the day of handing out. Amount: papers.
        PapersOpen = "PAPERS_OPEN",
    }
}

impl Measure {
    /// What still runs, and is missed once its day is over.
    pub fn still_open(self) -> Option<Measure> {
        match self {
            Measure::DueMissed => Some(Measure::DueOpen),
            Measure::CaseDueMissed => Some(Measure::CaseDueOpen),
            _ => None,
        }
    }
}

/// Raised when the same leg comes to contribute something else: stores derive everything again.
pub const RULES: u32 = 4;

/// One contribution of a leg: one for each measure, day and cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// What is counted.
    pub measure: Measure,
    /// The day in Vietnam.
    pub day: NaiveDate,
    /// Why, where the measure has causes.
    pub cause: Option<String>,
    /// How much, in the unit of the measure; 1 where it counts legs alone.
    pub amount: i64,
}

/// What a consignment note says, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// What the post does.
    pub service: Service,
    /// The lane.
    pub lane: Lane,
    /// Whether the post brings the slip.
    pub with_slip: bool,
    /// The promise J+n.
    pub promise_days: u32,
    /// In đồng.
    pub postage: i64,
    /// Who pays it, and when.
    pub pay: PostagePay,
    /// When it was paid.
    pub paid_at: Option<Ts>,
}

/// What was said of an old paper.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Recovered {
    /// When.
    pub at: Ts,
    /// By which act.
    pub act: String,
    /// The paper.
    pub paper: String,
    /// What became of it.
    pub outcome: Recovery,
}

/// A leg as it is counted.
#[derive(Debug, Clone, Copy)]
pub struct LegFacts<'a> {
    /// What it declared.
    pub terms: &'a LegTerms,
    /// Its agency.
    pub agency: &'a str,
    /// Its events, in any order.
    pub events: &'a [Event],
    /// Its lane where it has no note, as the zones of both ends tell it.
    pub lane: Option<Lane>,
    /// Its note; none where a system declared it.
    pub note: Option<Note>,
    /// The desk's word about fee money.
    pub received: Option<Received>,
    /// The date of the slip.
    pub case_due_at: Option<Ts>,
    /// Old papers on the checklist of its procedure.
    pub to_recover: &'a [String],
    /// What was said of old papers, in any order.
    pub recovered: &'a [Recovered],
    /// When the desk took over what was taken back.
    pub papers_received: Option<Ts>,
}

/// Where an old paper stands that has not come to its end: an end is that the desk has it, or that the citizen declared it lost.
pub fn open_paper(said: Option<Recovery>, papers_received: Option<Ts>) -> Option<&'static str> {
    match said {
        None | Some(Recovery::NotGiven) => Some(PAPER_MISSING),
        Some(Recovery::Taken) if papers_received.is_none() => Some(PAPER_WITH_POST),
        Some(Recovery::Taken | Recovery::DeclaredLost) => None,
    }
}

/// The citizen has it still, as far as anybody said.
pub const PAPER_MISSING: &str = "MISSING";
/// The post took it back, and the desk has not got it.
pub const PAPER_WITH_POST: &str = "WITH_POST";

/// Everything that a leg contributes, in order of measure, day and cause.
pub fn of_leg(leg: &LegFacts<'_>, calendar: &Calendar, settings: &Settings) -> Vec<Tally> {
    let folded = fold(leg.terms, leg.events);
    let mut book = Book { leg, counted: folded.counted(leg.events), folded: &folded, rows: BTreeMap::new() };
    book.custody();
    book.attempts();
    book.ends();
    book.promise(calendar, settings);
    book.transit_days(calendar);
    book.case_due();
    book.money();
    book.papers();
    let tally = |((measure, day, cause), amount)| Tally { measure, day, cause, amount };
    book.rows.into_iter().map(tally).collect()
}

/// What hands a result out.
const HANDED_OUT: [EventKind; 2] = [EventKind::Delivered, EventKind::Confirmed];

struct Book<'a> {
    leg: &'a LegFacts<'a>,
    /// Events that the fold counts, in order of occurrence.
    counted: Vec<&'a Event>,
    folded: &'a Folded,
    rows: BTreeMap<(Measure, NaiveDate, Option<String>), i64>,
}

impl<'a> Book<'a> {
    fn add(&mut self, measure: Measure, at: Ts, cause: Option<&str>, amount: i64) {
        let key = (measure, at.to_vietnam().date(), cause.map(str::to_owned));
        let sum = self.rows.entry(key).or_default();
        *sum = sum.saturating_add(amount);
    }

    fn one(&mut self, measure: Measure, at: Option<Ts>) {
        if let Some(at) = at {
            self.add(measure, at, None, 1);
        }
    }

    fn first(&self, kinds: &[EventKind]) -> Option<&'a Event> {
        self.counted.iter().find(|event| kinds.contains(&event.kind)).copied()
    }

    fn is_result(&self) -> bool {
        self.leg.terms.kind == LegKind::Result
    }

    /// When a result reached the citizen, by the post's word at least.
    fn handed_out_at(&self) -> Option<Ts> {
        let reached = matches!(self.folded.state, State::Confirmed | State::DeliveredReported) && self.is_result();
        self.first(&HANDED_OUT).filter(|_| reached).map(|event| event.occurred_at)
    }

    fn custody(&mut self) {
        self.one(Measure::Registered, self.first(&[EventKind::Registered]).map(|event| event.occurred_at));
        let taken_at = self.folded.accepted_by_post_at;
        if self.is_result() {
            self.one(Measure::TakenFromAgency, taken_at);
            return;
        }
        self.one(Measure::TakenFromCitizen, taken_at);
        self.one(Measure::FiledWithAgency, self.folded.filed_at);
        self.one(Measure::CaseOpened, self.folded.case_received_at);
        let asked = self.leg.note.is_some_and(|note| note.service == Service::Both);
        self.one(Measure::ReturnAsked, taken_at.filter(|_| asked));
    }

    fn attempts(&mut self) {
        if !self.is_result() {
            return;
        }
        let [delivered, confirmed] = HANDED_OUT;
        if let Some(first) = self.first(&[EventKind::AttemptFailed, EventKind::Partial, delivered, confirmed]) {
            self.one(Measure::FirstAttempt, Some(first.occurred_at));
            // Handed out at the second attempt, and nobody told of the first.
            let at_once = HANDED_OUT.contains(&first.kind) && first.attempt.is_none_or(|attempt| attempt <= 1);
            self.one(Measure::FirstAttemptOk, Some(first.occurred_at).filter(|_| at_once));
        }
        let mut known = Vec::new();
        for event in self.counted.clone() {
            if event.kind != EventKind::AttemptFailed || event.attempt.is_some_and(|number| known.contains(&number)) {
                continue;
            }
            known.extend(event.attempt);
            self.add(Measure::AttemptFailed, event.occurred_at, event.cause.as_deref(), 1);
        }
    }

    fn ends(&mut self) {
        let since = self.folded.state_since;
        match self.folded.state {
            State::Confirmed => self.one(Measure::Delivered, self.handed_out_at()),
            State::DeliveredReported => self.one(Measure::ReportedOnly, self.handed_out_at()),
            State::ReturnConfirmed => {
                let cause = self.counted.iter().rev().find_map(|event| event.cause.clone());
                self.add(Measure::Returned, since, cause.as_deref(), 1);
            }
            State::Cancelled => self.one(Measure::Cancelled, Some(since)),
            State::LostOrDamaged => match self.first(&[EventKind::Lost, EventKind::Damaged]) {
                Some(event) if event.kind == EventKind::Damaged => self.one(Measure::Damaged, Some(event.occurred_at)),
                Some(event) => self.one(Measure::Lost, Some(event.occurred_at)),
                None => {}
            },
            _ => {}
        }
    }

    /// J+n (TT 17 Đ7 k2), as it stands at the leg's last event: what comes of it later comes with an event.
    fn promise(&mut self, calendar: &Calendar, settings: &Settings) {
        let Some(as_of) = self.counted.iter().map(|event| event.occurred_at).max() else { return };
        let note = self.leg.note;
        let case = Case {
            terms: self.leg.terms,
            agency: self.leg.agency,
            events: self.leg.events,
            told: &[],
            lane: note.map_or(self.leg.lane, |note| Some(note.lane)),
            with_slip: note.map(|note| note.with_slip),
            promised_days: note.map(|note| note.promise_days),
            procedure_days: None,
        };
        let Some(standing) = transit(&case, calendar, settings, as_of) else { return };
        // Who gave the citizen the slip, and when, no event tells.
        if standing.clock == ClockId::IntakeTransitSlip && standing.ended_at.is_none() {
            return;
        }
        match (standing.status, standing.ended_at, standing.due_at) {
            (Status::Met, Some(ended_at), _) => self.one(Measure::DueKept, Some(ended_at)),
            (Status::Late, _, Some(due_at)) => self.one(Measure::DueMissed, Some(last_of(due_at))),
            (Status::Running, _, Some(due_at)) => self.one(Measure::DueOpen, Some(last_of(due_at))),
            _ => {}
        }
    }

    fn transit_days(&mut self, calendar: &Calendar) {
        let ended_at = if self.is_result() { self.handed_out_at() } else { self.folded.filed_at };
        let (Some(from), Some(to)) = (self.folded.accepted_by_post_at, ended_at) else { return };
        let days = calendar.days_of(POST).between(from.to_vietnam().date(), to.to_vietnam().date());
        if let Ok(days) = days {
            self.add(Measure::TransitDays, to, None, days);
        }
    }

    fn case_due(&mut self) {
        let Some(due_at) = self.leg.case_due_at.filter(|_| self.is_result()) else { return };
        match self.folded.accepted_by_post_at {
            Some(taken_at) if taken_at <= due_at => self.one(Measure::CaseDueKept, Some(taken_at)),
            Some(_) => self.one(Measure::CaseDueMissed, Some(last_of(due_at))),
            None if self.folded.state == State::Cancelled => {}
            None => self.one(Measure::CaseDueOpen, Some(last_of(due_at))),
        }
    }

    fn money(&mut self) {
        let chain = Chain::of(self.counted.iter().copied(), self.leg.received);
        for (measure, payments) in [(Measure::FeeCollected, &chain.collected), (Measure::FeeRemitted, &chain.remitted)]
        {
            for payment in payments {
                self.add(measure, payment.at, None, payment.amount);
            }
        }
        if let Some(received) = chain.received {
            self.add(Measure::FeeReceived, received.at, None, received.amount);
        }
        if let Some(since) = chain.outstanding_since() {
            self.add(Measure::FeeOutstanding, since, None, chain.outstanding());
        }
        let last = chain.remitted.last().map(|payment| payment.at);
        for (mismatch, at) in chain.mismatches().into_iter().filter_map(|mismatch| Some((mismatch, last?))) {
            self.add(Measure::FeeMismatch, at, Some(mismatch.as_str()), chain.difference(mismatch));
        }
        let Some(note) = self.leg.note.filter(|note| note.postage > 0) else { return };
        let owed_at = self.folded.accepted_by_post_at.filter(|_| note.pay != PostagePay::OnResult);
        if let Some(at) = note.paid_at.or(owed_at) {
            self.add(Measure::Postage, at, Some(note.pay.as_str()), note.postage);
        }
    }

    /// Old papers are a chain of their own (C10): those of the checklist, and those that the postman named beside it.
    fn papers(&mut self) {
        let Some(at) = self.handed_out_at() else { return };
        let mut said: Vec<&Recovered> = self.leg.recovered.iter().collect();
        said.sort();
        let mut papers: BTreeMap<&str, Option<&Recovered>> =
            self.leg.to_recover.iter().map(|name| (name.as_str(), None)).collect();
        papers.extend(said.into_iter().map(|word| (word.paper.as_str(), Some(word))));
        let all = i64::try_from(papers.len()).unwrap_or(i64::MAX);
        if all > 0 {
            self.add(Measure::PapersToRecover, at, None, all);
        }
        for said in papers.values() {
            if let Some(cause) = open_paper(said.map(|word| word.outcome), self.leg.papers_received) {
                self.add(Measure::PapersOpen, at, Some(cause), 1);
            }
        }
        for word in papers.into_values().flatten().filter(|word| word.outcome == Recovery::Taken) {
            self.add(Measure::PapersRecovered, word.at, None, 1);
        }
    }
}

/// The last instant that still counts: midnight ends the day before it.
fn last_of(due_at: Ts) -> Ts {
    due_at.plus_us(-1)
}
