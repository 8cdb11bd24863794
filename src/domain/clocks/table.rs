//! The table: one row per clock.

use crate::domain::clocks::{ClockId, Flag, Mark, Reason, Status};
use crate::domain::leg::LegKind;

/// What an end means against the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// It has to come within the term.
    By,
    /// It may come within the term.
    May,
    /// It must not come before the term is over.
    NotBefore,
}

/// How long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// Working days by lane (TT 17 Đ7 k2), without or with the slip.
    Lane {
        /// With the slip.
        with_slip: bool,
    },
    /// So many working days after the day of the start.
    WorkingDays(u32),
    /// So many hours of working time.
    WorkingHours(i64),
    /// So many days of any kind.
    Days(u64),
    /// So many months.
    Months(u32),
    /// The same working day, or the next after 15:00.
    SameWorkingDay,
    /// The day of the start.
    SameDay,
    /// The date of the appointment; before there is one, the working days of the procedure.
    Appointment,
    /// The day before the date that the start names.
    DayBefore,
    /// Two working days, where a setting asks for them.
    AfterSecondInvitation,
    /// 5 working days inside a province, 7 between provinces.
    ComplaintAnswer,
    /// Working days that an agreement names.
    Agreed,
}

/// Where on its last date a term ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// As the setting `day_ends` says.
    DayEnds,
    /// At the first instant of the date.
    StartOfDate,
    /// At the last instant of the date.
    EndOfDate,
    /// The term says so itself.
    OfTerm,
}

/// Whose working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The post's.
    Post,
    /// The agency's.
    Agency,
    /// It counts no working days.
    Nobody,
}

/// What makes a clock stand still.
#[derive(Debug, Clone, Copy)]
pub struct Pausing {
    /// It begins here.
    pub from: Mark,
    /// The reason, where the mark brings none of its own. A mark without any reason stops nothing.
    pub reason: Option<Reason>,
    /// It ends at the first of these.
    pub until: &'static [Mark],
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Which clock.
    pub id: ClockId,
    /// On legs of this kind; none: on both.
    pub leg: Option<LegKind>,
    /// The first of these starts it.
    pub starts: &'static [Mark],
    /// Each of these starts it anew, from zero.
    pub restarts: &'static [Mark],
    /// The first of these after the start ends it.
    pub ends: &'static [Mark],
    /// After one of these nothing is owed any more.
    pub voids: &'static [Mark],
    /// What makes it stand still.
    pub pauses: &'static [Pausing],
    /// What an end means.
    pub sense: Sense,
    /// How long.
    pub term: Term,
    /// Where on the last date it ends.
    pub edge: Edge,
    /// Whose working days count.
    pub whose: Whose,
    /// What stands on the record when the term is over, used or not.
    pub tells: Option<Mark>,
    /// What oversight sees when it stands so.
    pub flag: Option<(Status, Flag)>,
    /// What may happen once, and what oversight sees when it happens again.
    pub once: Option<(Mark, Flag)>,
    /// Where it is written.
    pub basis: &'static str,
}

const fn clock(id: ClockId, starts: &'static [Mark], term: Term, ends: &'static [Mark], basis: &'static str) -> Clock {
    Clock {
        id,
        leg: None,
        starts,
        restarts: &[],
        ends,
        voids: &[],
        pauses: &[],
        sense: Sense::By,
        term,
        edge: Edge::DayEnds,
        whose: Whose::Agency,
        tells: None,
        flag: None,
        once: None,
        basis,
    }
}

const ABSENCE: &[Pausing] = &[Pausing {
    from: Mark::NobodyTookIt,
    reason: None,
    until: &[Mark::TriedAgain, Mark::ReachedCitizen, Mark::ToldToCome, Mark::TurnedBack],
}];
const SUPPLEMENT: &[Pausing] = &[Pausing {
    from: Mark::SupplementAsked,
    reason: Some(Reason::SupplementPending),
    until: &[Mark::SupplementComplete, Mark::CaseClosed],
}];

/// The table. A row that tells a mark stands before the rows that it starts.
pub const TABLE: &[Clock] = &[
    Clock {
        leg: Some(LegKind::Intake),
        voids: &[Mark::Withdrawn],
        whose: Whose::Post,
        tells: Some(Mark::TransitOver),
        flag: Some((Status::Late, Flag::LateLeg)),
        ..clock(
            ClockId::IntakeTransit,
            &[Mark::TakenByPost],
            Term::Lane { with_slip: false },
            &[Mark::SignedByAgency],
            "TT 17 Đ7 k2",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        voids: &[Mark::Withdrawn],
        whose: Whose::Post,
        tells: Some(Mark::TransitOver),
        flag: Some((Status::Late, Flag::LateLeg)),
        ..clock(
            ClockId::IntakeTransitSlip,
            &[Mark::TakenByPost],
            Term::Lane { with_slip: true },
            &[Mark::SlipGiven],
            "TT 17 Đ7 k2",
        )
    },
    Clock {
        leg: Some(LegKind::Result),
        voids: &[Mark::Withdrawn, Mark::TurnedBack],
        pauses: ABSENCE,
        whose: Whose::Post,
        tells: Some(Mark::TransitOver),
        flag: Some((Status::Late, Flag::LateLeg)),
        ..clock(
            ClockId::ResultTransit,
            &[Mark::TakenByPost],
            Term::Lane { with_slip: false },
            &[Mark::ReachedCitizen, Mark::ToldToCome],
            "TT 17 Đ3 k5, Đ7 k2",
        )
    },
    Clock {
        leg: Some(LegKind::Result),
        voids: &[Mark::Withdrawn, Mark::TurnedBack],
        pauses: ABSENCE,
        whose: Whose::Post,
        flag: Some((Status::Late, Flag::LateLeg)),
        ..clock(
            ClockId::SameDayResult,
            &[Mark::TakenByPost],
            Term::SameDay,
            &[Mark::ReachedCitizen, Mark::ToldToCome],
            "QĐ 45 Đ16 k3c; TT 17 Đ7 k2",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        voids: &[Mark::Withdrawn],
        edge: Edge::OfTerm,
        flag: Some((Status::Late, Flag::LateHandover)),
        ..clock(
            ClockId::SameDayTransfer,
            &[Mark::TakenByPost],
            Term::SameWorkingDay,
            &[Mark::SignedByAgency],
            "NĐ 118 Đ18 k2",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        edge: Edge::OfTerm,
        flag: Some((Status::Late, Flag::FilingGap)),
        ..clock(
            ClockId::FilingGap,
            &[Mark::SignedByAgency],
            Term::WorkingHours(8),
            &[Mark::CaseOpened],
            "QĐ 45 Đ7 k4; NĐ 118 Đ17 k3",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        flag: Some((Status::Late, Flag::LateHandover)),
        ..clock(
            ClockId::AgencyHop,
            &[Mark::CaseOpened],
            Term::WorkingDays(1),
            &[Mark::AtCompetentAgency],
            "NĐ 118 Đ20 k1a",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        sense: Sense::May,
        once: Some((Mark::SupplementAsked, Flag::SecondSupplement)),
        ..clock(
            ClockId::SupplementNotice,
            &[Mark::CaseOpened],
            Term::WorkingDays(3),
            &[Mark::SupplementAsked],
            "NĐ 118 Đ11 k2c, Đ19 k5",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        voids: &[Mark::CaseClosed],
        sense: Sense::May,
        edge: Edge::EndOfDate,
        whose: Whose::Nobody,
        flag: Some((Status::Over, Flag::CloseAfter15dDue)),
        ..clock(
            ClockId::SupplementAnswer,
            &[Mark::SupplementAsked],
            Term::Days(15),
            &[Mark::SupplementComplete],
            "NĐ 118 Đ19 k5",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        restarts: &[Mark::SupplementComplete],
        voids: &[Mark::CaseClosed],
        pauses: SUPPLEMENT,
        ..clock(
            ClockId::Processing,
            &[Mark::CaseOpened],
            Term::Appointment,
            &[Mark::ResultReady],
            "NĐ 118 Đ17 k3, Đ19 k5",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        voids: &[Mark::CaseClosed],
        edge: Edge::OfTerm,
        once: Some((Mark::AppointedAgain, Flag::SecondReappointment)),
        ..clock(
            ClockId::Apology,
            &[Mark::Appointed],
            Term::DayBefore,
            &[Mark::Apologised, Mark::ResultReady],
            "NĐ 118 Đ19 k6; C15",
        )
    },
    Clock {
        leg: Some(LegKind::Intake),
        voids: &[Mark::CaseClosed],
        edge: Edge::OfTerm,
        ..clock(
            ClockId::ApologyAgain,
            &[Mark::AppointedAgain],
            Term::DayBefore,
            &[Mark::Apologised, Mark::ResultReady],
            "NĐ 118 Đ19 k6; C15",
        )
    },
    Clock {
        leg: Some(LegKind::Result),
        voids: &[Mark::ReachedCitizen],
        sense: Sense::NotBefore,
        edge: Edge::StartOfDate,
        whose: Whose::Post,
        ..clock(
            ClockId::SecondInvitation,
            &[Mark::FirstInvitation],
            Term::WorkingDays(2),
            &[Mark::NextInvitation],
            "TT 17 Đ5 k2h; C7",
        )
    },
    Clock {
        leg: Some(LegKind::Result),
        voids: &[Mark::ReachedCitizen],
        sense: Sense::NotBefore,
        edge: Edge::StartOfDate,
        whose: Whose::Post,
        flag: Some((Status::TooEarly, Flag::PrematureReturn)),
        ..clock(
            ClockId::ReturnWait,
            &[Mark::SecondInvitation],
            Term::AfterSecondInvitation,
            &[Mark::TurnedBack],
            "TT 17 Đ5 k2h; C7",
        )
    },
    Clock {
        sense: Sense::May,
        edge: Edge::EndOfDate,
        whose: Whose::Nobody,
        ..clock(ClockId::ComplaintWindow, &[Mark::TransitOver], Term::Months(6), &[Mark::Complained], "TT 17 Đ8")
    },
    Clock {
        whose: Whose::Post,
        ..clock(
            ClockId::ComplaintAnswer,
            &[Mark::Complained],
            Term::ComplaintAnswer,
            &[Mark::ComplaintAnswered],
            "TT 17 Đ8",
        )
    },
    Clock {
        flag: Some((Status::Late, Flag::FeeNotRemitted)),
        whose: Whose::Post,
        ..clock(ClockId::FeeRemittance, &[Mark::FeeTaken], Term::Agreed, &[Mark::FeePaidOver], "QĐ 45 Đ15 k2")
    },
    Clock {
        sense: Sense::NotBefore,
        edge: Edge::EndOfDate,
        whose: Whose::Nobody,
        ..clock(ClockId::PaperRetention, &[Mark::TakenByPost], Term::Months(12), &[], "TT 17 Đ14 k3")
    },
    Clock {
        sense: Sense::NotBefore,
        edge: Edge::EndOfDate,
        whose: Whose::Nobody,
        ..clock(ClockId::DataRetention, &[Mark::TakenByPost], Term::Months(60), &[], "TT 17 Đ14 k3")
    },
];
