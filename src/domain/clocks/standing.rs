//! How each clock of a leg stands: a function of its events, what the one-stop side told, calendar, settings and the instant asked for.

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime};

use crate::base::time::{HOUR_US, Ts};
use crate::domain::calendar::{Calendar, EVERYBODY, Gap, POST, WorkingDays};
use crate::domain::clocks::{
    AfterCutOff, ApologyDay, Clock, ClockId, DayEnds, Edge, Flag, Mark, Moment, Pausing, Reason, Sense, Settings,
    Status, Story, TABLE, Term, Whose, story_of,
};
use crate::domain::custody::{Event, LegTerms};
use crate::domain::intake::same_day_until;
use crate::domain::invitation::{INVITATIONS_MIN, counted, days_after_second};
use crate::domain::lane::{Lane, transit_days};
use crate::domain::leg::{Holder, LegKind};

/// A leg as clocks need to know it. What is not known is `None`, and what rests on it is unknown.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// What the leg declared.
    pub terms: &'a LegTerms,
    /// Its agency.
    pub agency: &'a str,
    /// Its events, in any order.
    pub events: &'a [Event],
    /// What the one-stop side told, in any order.
    pub told: &'a [Moment],
    /// Between which places it goes.
    pub lane: Option<Lane>,
    /// Whether the post brings the appointment slip, or tells of it.
    pub with_slip: Option<bool>,
    /// Working days that the note promises: they hold where the law names none, to and from places of special geography.
    pub promised_days: Option<u32>,
    /// Working days of the procedure; none at all: its result is there on the day it was asked for.
    pub procedure_days: Option<u32>,
}

/// Why nobody can say when a term ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// The calendar does not reach so far.
    Calendar(Gap),
    /// Nobody said between which places it goes.
    Lane,
    /// The operator publishes the term of such places.
    PublishedByPost,
    /// Nobody said whether the post brings the slip.
    Slip,
    /// No date was appointed, and the procedure's days are not known.
    Procedure,
    /// The appointment names no date.
    Date,
    /// It stands in an agreement that nobody entered.
    Agreement,
}

impl Unknown {
    /// As it is written in rows and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Unknown::Calendar(_) => "NO_CALENDAR",
            Unknown::Lane => "LANE_UNKNOWN",
            Unknown::PublishedByPost => "PUBLISHED_BY_POST",
            Unknown::Slip => "SLIP_UNKNOWN",
            Unknown::Procedure => "PROCEDURE_UNKNOWN",
            Unknown::Date => "DATE_UNKNOWN",
            Unknown::Agreement => "NOT_AGREED",
        }
    }
}

impl From<Gap> for Unknown {
    fn from(gap: Gap) -> Self {
        Unknown::Calendar(gap)
    }
}

/// A time that a clock stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// From when.
    pub from: Ts,
    /// Until when; none: still.
    pub to: Option<Ts>,
    /// Why.
    pub reason: Reason,
}

/// How a clock stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which clock.
    pub clock: ClockId,
    /// How it stands.
    pub status: Status,
    /// Why nobody can say more.
    pub unknown: Option<Unknown>,
    /// When it started, for the last time.
    pub started_at: Option<Ts>,
    /// How often it started anew.
    pub restarts: usize,
    /// When its term ends; none while it stands still, and where nobody can say.
    pub due_at: Option<Ts>,
    /// When what it waits for came.
    pub ended_at: Option<Ts>,
    /// When it stood still.
    pub pauses: Vec<Pause>,
    /// Working time that each holder of the papers used, without the pauses, in microseconds; none where the calendar lacks, and for
    /// terms that count no working time.
    pub used: Option<Vec<(Holder, i64)>>,
    /// Versions of the calendar that the term was counted with.
    pub calendar: Vec<String>,
}

/// What oversight is shown of a leg, and by which clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Raised {
    /// What.
    pub flag: Flag,
    /// By which clock.
    pub clock: ClockId,
}

/// Every clock that applies to a leg, in the order of the table.
pub fn standings(case: &Case<'_>, calendar: &Calendar, settings: &Settings, as_of: Ts) -> Vec<Standing> {
    let mut story = story_of(case.terms, case.events, case.told);
    let invitations = counted_invitations(&mut story, calendar);
    let mut all = Vec::new();
    for clock in TABLE {
        if !applies(clock, case, settings, &story) {
            continue;
        }
        let whose = match clock.whose {
            Whose::Post => POST,
            Whose::Agency => case.agency,
            Whose::Nobody => EVERYBODY,
        };
        let reading = Reading { clock, case, settings, story: &story, days: calendar.days_of(whose), as_of };
        let standing = match (clock.id, invitations) {
            (ClockId::ReturnWait, Err(gap)) => reading.unknown(None, gap.into()),
            _ => reading.standing(),
        };
        if let (Some(mark), Some(due_at)) = (clock.tells, standing.due_at) {
            story.moments.push(Moment::new(mark, due_at));
            story.moments.sort();
        }
        all.push(standing);
    }
    all
}

/// The clock of transit alone: what is counted of many legs. None before the post has the papers, and where no such clock applies.
pub fn transit(case: &Case<'_>, calendar: &Calendar, settings: &Settings, as_of: Ts) -> Option<Standing> {
    let story = story_of(case.terms, case.events, case.told);
    let clock = TABLE
        .iter()
        .filter(|clock| matches!(clock.term, Term::Lane { .. }))
        .find(|clock| applies(clock, case, settings, &story))?;
    let reading = Reading { clock, case, settings, story: &story, days: calendar.days_of(POST), as_of };
    Some(reading.standing()).filter(|standing| standing.started_at.is_some())
}

/// The next instant at which an answer changes without any news: when a term ends, and when something is to happen that was told of
/// beforehand. None: time alone changes nothing.
pub fn next_change(case: &Case<'_>, standings: &[Standing], as_of: Ts) -> Option<Ts> {
    // At the end of one term another begins; the instant after it, the first is over.
    let ends = standings.iter().filter_map(|standing| standing.due_at).flat_map(|due_at| [due_at, due_at.plus_us(1)]);
    let told = case.told.iter().map(|moment| moment.at);
    let reported = case.events.iter().map(|event| event.occurred_at);
    ends.chain(told).chain(reported).filter(|at| *at > as_of).min()
}

/// What oversight is shown.
pub fn flags(standings: &[Standing], told: &[Moment]) -> Vec<Raised> {
    let mut raised = Vec::new();
    for standing in standings {
        let Some(clock) = TABLE.iter().find(|clock| clock.id == standing.clock) else { continue };
        let stands = clock.flag.filter(|(status, _)| *status == standing.status).map(|(_, flag)| flag);
        let times = |mark: Mark| told.iter().filter(|moment| moment.mark == mark).count();
        let again = clock.once.filter(|(mark, _)| times(*mark) > 1).map(|(_, flag)| flag);
        raised.extend(stands.into_iter().chain(again).map(|flag| Raised { flag, clock: standing.clock }));
    }
    raised
}

/// Adds the second invitation that counts, where the calendar can say which one that is.
fn counted_invitations(story: &mut Story, calendar: &Calendar) -> Result<(), Gap> {
    let invited: Vec<Ts> =
        story.moments.iter().filter(|moment| moment.mark == Mark::ToldToCome).map(|moment| moment.at).collect();
    let dates: Vec<NaiveDate> = invited.iter().map(|at| at.to_vietnam().date()).collect();
    let counted = counted(&calendar.days_of(POST), &dates)?;
    let second = counted.get(INVITATIONS_MIN - 1);
    let at = second.and_then(|second| invited.iter().find(|at| at.to_vietnam().date() == *second));
    story.moments.extend(at.map(|at| Moment::new(Mark::SecondInvitation, *at)));
    story.moments.sort();
    Ok(())
}

fn applies(clock: &Clock, case: &Case<'_>, settings: &Settings, story: &Story) -> bool {
    let fits = match clock.id {
        // Where nobody said whether the slip is brought, the first of the two says that this is unknown.
        ClockId::IntakeTransit => case.with_slip != Some(true),
        ClockId::IntakeTransitSlip => case.with_slip == Some(true),
        ClockId::SameDayResult => case.procedure_days == Some(0),
        ClockId::SameDayTransfer => settings.post_counts_as_desk,
        ClockId::AgencyHop => {
            story.moments.iter().any(|moment| matches!(moment.mark, Mark::SentOn | Mark::AtCompetentAgency))
        }
        // Who refuses, or is not to be found, need not be invited (bưu chính Đ17; domain 3.6).
        ClockId::SecondInvitation | ClockId::ReturnWait => !story.moments.iter().any(|moment| {
            moment.mark == Mark::TurnedBack
                && matches!(moment.reason, Some(Reason::ReceiverRefused | Reason::AddressWrong))
        }),
        _ => true,
    };
    fits && clock.leg.is_none_or(|kind| kind == case.terms.kind)
}

struct Reading<'a> {
    clock: &'a Clock,
    case: &'a Case<'a>,
    settings: &'a Settings,
    story: &'a Story,
    days: WorkingDays<'a>,
    as_of: Ts,
}

impl Reading<'_> {
    fn standing(&self) -> Standing {
        let first = self.first(self.clock.starts, |_| true);
        let Some(first) = first else {
            let early = self.clock.sense == Sense::NotBefore && self.first(self.clock.ends, |_| true).is_some();
            let status = if early { Status::TooEarly } else { Status::NotStarted };
            return Standing {
                status,
                ended_at: self.first(self.clock.ends, |_| true).map(|end| end.at),
                ..self.blank()
            };
        };
        let (start, restarts) = self.restarted(first);
        // In order of time, and of the table of marks where two come at one instant.
        let after = |moment: &Moment| *moment > start;
        if self.clock.sense == Sense::NotBefore
            && let Some(early) = self.first(self.clock.ends, |moment| *moment < start)
        {
            let (started_at, ended_at) = (Some(start.at), Some(early.at));
            return Standing { status: Status::TooEarly, started_at, ended_at, ..self.blank() };
        }
        let ends: Vec<Mark> = self.ends();
        let end = self.first(&ends, after);
        let void = self.first(self.clock.voids, after);
        let stop = end.map(|end| end.at).into_iter().chain(void.map(|void| void.at)).min();
        let pauses = self.pauses(first.at, stop);
        let mut standing = Standing {
            started_at: Some(start.at),
            restarts,
            ended_at: end.map(|end| end.at),
            used: self
                .used(start.at, stop.unwrap_or(self.as_of), &pauses)
                .ok()
                .filter(|_| self.clock.whose != Whose::Nobody),
            ..self.blank()
        };
        let due = self.due(&start).and_then(|due| self.moved(due, start.at, &pauses).map_err(Unknown::from));
        standing.pauses = pauses;
        match due {
            Err(why) => Standing { status: Status::Unknown, unknown: Some(why), ..standing },
            Ok(None) => Standing { status: Status::Suspended, ..standing },
            Ok(Some(due_at)) => {
                standing.status = self.status(due_at, end, void);
                standing.calendar = self.versions(start.at, due_at);
                standing.due_at = Some(due_at);
                standing
            }
        }
    }

    fn blank(&self) -> Standing {
        Standing {
            clock: self.clock.id,
            status: Status::NotStarted,
            unknown: None,
            started_at: None,
            restarts: 0,
            due_at: None,
            ended_at: None,
            pauses: Vec::new(),
            used: None,
            calendar: Vec::new(),
        }
    }

    fn unknown(&self, started_at: Option<Ts>, why: Unknown) -> Standing {
        Standing { status: Status::Unknown, unknown: Some(why), started_at, ..self.blank() }
    }

    fn first(&self, marks: &[Mark], fits: impl Fn(&Moment) -> bool) -> Option<Moment> {
        let known = self.story.moments.iter().filter(|moment| moment.at <= self.as_of);
        known.copied().find(|moment| marks.contains(&moment.mark) && fits(moment))
    }

    fn ends(&self) -> Vec<Mark> {
        let mut ends = self.clock.ends.to_vec();
        if self.settings.first_attempt_ends_transit && self.clock.pauses.iter().any(|p| p.from == Mark::NobodyTookIt) {
            ends.push(Mark::FirstAttempt);
        }
        ends
    }

    /// The last start, and how many came after the first.
    fn restarted(&self, first: Moment) -> (Moment, usize) {
        let again: Vec<Moment> = self
            .story
            .moments
            .iter()
            .filter(|moment| self.clock.restarts.contains(&moment.mark))
            .filter(|moment| moment.at > first.at && moment.at <= self.as_of)
            .copied()
            .collect();
        (again.last().copied().unwrap_or(first), again.len())
    }

    /// When it stood still between its first start and its end. Only a coded reason stops a clock.
    fn pauses(&self, from: Ts, stop: Option<Ts>) -> Vec<Pause> {
        let switched_on =
            |pausing: &&Pausing| pausing.from != Mark::NobodyTookIt || self.settings.absence_suspends_transit;
        let mut pauses: Vec<Pause> = Vec::new();
        for pausing in self.clock.pauses.iter().filter(switched_on) {
            for moment in
                self.story.moments.iter().filter(|moment| moment.mark == pausing.from && moment.at <= self.as_of)
            {
                let begun = pauses.last().is_some_and(|last| last.to.is_none_or(|to| moment.at < to));
                let (false, Some(reason)) = (begun, moment.reason.or(pausing.reason)) else { continue };
                if moment.at < from || stop.is_some_and(|stop| moment.at >= stop) {
                    continue;
                }
                let until = self.first(pausing.until, |end| end.at > moment.at).map(|end| end.at);
                let to = until.into_iter().chain(stop).min();
                pauses.push(Pause { from: moment.at, to, reason });
            }
        }
        pauses
    }

    /// The end of the term moved by the working time that the clock stood still; none while it does.
    fn moved(&self, due: Ts, start: Ts, pauses: &[Pause]) -> Result<Option<Ts>, Gap> {
        let mut due = due;
        for pause in pauses.iter().filter(|pause| pause.from >= start) {
            match pause.to {
                _ if pause.from >= due => {}
                None => return Ok(None),
                Some(to) => due = self.days.plus_worked(due, self.days.worked_us(pause.from, to)?)?,
            }
        }
        Ok(Some(due))
    }

    fn status(&self, due_at: Ts, end: Option<Moment>, void: Option<Moment>) -> Status {
        let over = self.as_of > due_at;
        let void = void.filter(|void| end.is_none_or(|end| void.at < end.at));
        match (self.clock.sense, void, end) {
            (Sense::By, Some(void), _) if void.at > due_at => Status::Late,
            (_, Some(_), _) => Status::Void,
            (Sense::NotBefore, None, Some(end)) => {
                if end.at < due_at {
                    Status::TooEarly
                } else {
                    Status::Met
                }
            }
            (_, None, Some(end)) => {
                if end.at > due_at {
                    Status::Late
                } else {
                    Status::Met
                }
            }
            (Sense::By, None, None) if over => Status::Late,
            (Sense::May | Sense::NotBefore, None, None) if over => Status::Over,
            (_, None, None) => Status::Running,
        }
    }

    fn due(&self, start: &Moment) -> Result<Ts, Unknown> {
        let date = start.at.to_vietnam().date();
        let last = match self.clock.term {
            Term::Lane { with_slip } => {
                if self.case.terms.kind == LegKind::Intake && self.case.with_slip.is_none() {
                    return Err(Unknown::Slip);
                }
                let lane = self.case.lane.ok_or(Unknown::Lane)?;
                let promised = || self.case.promised_days.filter(|_| lane == Lane::Special);
                let term = transit_days(lane, with_slip).or_else(promised).ok_or(Unknown::PublishedByPost)?;
                self.days.after(date, term)?
            }
            Term::WorkingDays(n) => self.days.after(date, n)?,
            Term::WorkingHours(hours) => return Ok(self.days.plus_worked(start.at, hours * HOUR_US)?),
            Term::Days(n) => self.rolled(date.checked_add_days(Days::new(n)).unwrap_or(date))?,
            Term::Months(n) => self.rolled(date.checked_add_months(Months::new(n)).unwrap_or(date))?,
            Term::SameWorkingDay => return Ok(self.same_working_day(start.at)?),
            Term::SameDay => date,
            Term::Appointment => self.appointment(start, date)?,
            Term::DayBefore => return self.day_before(start.date.ok_or(Unknown::Date)?),
            Term::AfterSecondInvitation => {
                self.days.after(date, days_after_second(self.settings.wait_after_second_invitation))?
            }
            Term::ComplaintAnswer => {
                let crosses = self.case.lane.ok_or(Unknown::Lane)?.crosses_provinces().ok_or(Unknown::Lane)?;
                self.days.after(date, if crosses { 7 } else { 5 })?
            }
            Term::Agreed => self.days.after(date, self.settings.fee_remittance_days.ok_or(Unknown::Agreement)?)?,
        };
        Ok(match (self.clock.edge, self.settings.day_ends) {
            (Edge::StartOfDate, _) => at(last, NaiveTime::MIN),
            (Edge::EndOfDate, _) | (_, DayEnds::Midnight) => end_of(last),
            (_, DayEnds::Closing) => self.days.closing(last)?,
        })
    }

    /// The last day of a term in plain days or months.
    fn rolled(&self, last: NaiveDate) -> Result<NaiveDate, Gap> {
        let rolls = self.settings.plain_days_roll_over && self.clock.id == ClockId::SupplementAnswer;
        if rolls { self.days.on_or_after(last) } else { Ok(last) }
    }

    fn same_working_day(&self, came: Ts) -> Result<Ts, Gap> {
        let counts_from = self.days.counts_from(came, same_day_until())?;
        let date = counts_from.to_vietnam().date();
        match self.settings.after_cut_off {
            _ if counts_from == came => self.days.closing(date),
            AfterCutOff::Opening => Ok(counts_from),
            AfterCutOff::FirstSession => self.days.first_session_end(date),
            AfterCutOff::Closing => self.days.closing(date),
        }
    }

    /// The date of the slip, moved by the one lawful new date; before there is one, the procedure's working days. A date that was told
    /// before the clock started anew is none any more.
    fn appointment(&self, start: &Moment, date: NaiveDate) -> Result<NaiveDate, Unknown> {
        let named = |mark| self.first(&[mark], |moment: &Moment| moment.at >= start.at);
        match named(Mark::AppointedAgain).or_else(|| named(Mark::Appointed)) {
            Some(appointed) => appointed.date.ok_or(Unknown::Date),
            None => Ok(self.days.after(date, self.case.procedure_days.ok_or(Unknown::Procedure)?)?),
        }
    }

    fn day_before(&self, appointed: NaiveDate) -> Result<Ts, Unknown> {
        let day = match self.settings.apology_day {
            ApologyDay::PreviousWorkingDay => self.days.before(appointed, 1)?,
            ApologyDay::PreviousDay => appointed.pred_opt().ok_or(Unknown::Date)?,
        };
        Ok(at(day, self.settings.apology_time))
    }

    /// Working time by who held the papers, without the pauses.
    fn used(&self, from: Ts, to: Ts, pauses: &[Pause]) -> Result<Vec<(Holder, i64)>, Gap> {
        let mut used = Vec::new();
        for holder in Holder::ALL {
            let mut sum = 0;
            for (index, (since, of)) in self.story.holders.iter().enumerate() {
                let until = self.story.holders.get(index + 1).map_or(to, |(next, _)| *next);
                if of == holder {
                    sum += self.running_us((*since).max(from), until.min(to), pauses)?;
                }
            }
            used.extend((sum > 0).then_some((*holder, sum)));
        }
        Ok(used)
    }

    fn running_us(&self, from: Ts, to: Ts, pauses: &[Pause]) -> Result<i64, Gap> {
        let mut sum = self.days.worked_us(from, to)?;
        for pause in pauses {
            sum -= self.days.worked_us(pause.from.max(from), pause.to.unwrap_or(to).min(to))?;
        }
        Ok(sum)
    }

    fn versions(&self, from: Ts, to: Ts) -> Vec<String> {
        if self.clock.whose == Whose::Nobody && !self.settings.plain_days_roll_over {
            return Vec::new();
        }
        let used = self.days.versions_used(from.to_vietnam().date(), to.to_vietnam().date());
        used.unwrap_or_default().into_iter().map(str::to_owned).collect()
    }
}

fn at(date: NaiveDate, time: NaiveTime) -> Ts {
    Ts::from_vietnam(NaiveDateTime::new(date, time)).unwrap_or(Ts::from_us(0))
}

fn end_of(date: NaiveDate) -> Ts {
    at(date.succ_opt().unwrap_or(date), NaiveTime::MIN)
}
