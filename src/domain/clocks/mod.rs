//! Legal clocks (domain 3, 4, 8): one row of data per clock, and a function from a leg's events to how each clock stands. Nothing is
//! remembered between two calls, so the same events, calendar and settings give the same answer at any time.

mod moments;
mod settings;
mod standing;
mod table;
#[cfg(test)]
mod tests;

pub use moments::{Moment, Story, story_of};
pub use settings::{AfterCutOff, ApologyDay, DOUBTS, DayEnds, Doubt, Settings};
pub use standing::{Case, Pause, Raised, Standing, Unknown, flags, next_change, standings, transit};
pub use table::{Clock, Edge, Pausing, Sense, TABLE, Term, Whose};

use crate::domain::discrepancy::Kind;
use crate::domain::leg::{Holder, words};

words! {
    /// A clock.
    ClockId {
        /// J+n of a dossier on its way to the agency.
        IntakeTransit = "INTAKE_TRANSIT",
        /// J+n until the citizen has the appointment slip, or is told of it.
        IntakeTransitSlip = "INTAKE_TRANSIT_SLIP",
        /// J+n of a result on its way to the citizen.
        ResultTransit = "RESULT_TRANSIT",
        /// A result that is there on the day it was asked for.
        SameDayResult = "SAME_DAY_RESULT",
        /// Papers go on the same working day, those that came after 15:00 on the next.
        SameDayTransfer = "SAME_DAY_TRANSFER",
        /// From the signed handover to the opened case.
        FilingGap = "FILING_GAP",
        /// Papers of another agency's case, to that agency.
        AgencyHop = "AGENCY_HOP",
        /// The agency may ask for a supplement.
        SupplementNotice = "SUPPLEMENT_NOTICE",
        /// The citizen may complete it.
        SupplementAnswer = "SUPPLEMENT_ANSWER",
        /// The agency works on the case.
        Processing = "PROCESSING",
        /// An apology before a date is missed.
        Apology = "APOLOGY",
        /// The same for the one new date.
        ApologyAgain = "APOLOGY_AGAIN",
        /// The second invitation does not come earlier.
        SecondInvitation = "SECOND_INVITATION",
        /// The result does not go back earlier.
        ReturnWait = "RETURN_WAIT",
        /// A complaint may be made.
        ComplaintWindow = "COMPLAINT_WINDOW",
        /// A complaint is answered.
        ComplaintAnswer = "COMPLAINT_ANSWER",
        /// A fee that was collected is paid over.
        FeeRemittance = "FEE_REMITTANCE",
        /// The post keeps its papers.
        PaperRetention = "PAPER_RETENTION",
        /// The post keeps its data.
        DataRetention = "DATA_RETENTION",
    }
}

words! {
    /// What starts, stops and ends clocks. At one instant they stand in this order. Those of the first part are read from custody events, the others are told by the one-stop side.
    Mark {
        /// The post has the papers: the date J.
        TakenByPost = "TAKEN_BY_POST",
        /// The agency signed the handover.
        SignedByAgency = "SIGNED_BY_AGENCY",
        /// The citizen has the result.
        ReachedCitizen = "REACHED_CITIZEN",
        /// The first attempt to hand out failed, whoever's fault that was.
        FirstAttempt = "FIRST_ATTEMPT",
        /// An attempt failed for a coded reason of the receiver.
        NobodyTookIt = "NOBODY_TOOK_IT",
        /// The postman set out again.
        TriedAgain = "TRIED_AGAIN",
        /// The citizen was told to come.
        ToldToCome = "TOLD_TO_COME",
        /// The first invitation.
        FirstInvitation = "FIRST_INVITATION",
        /// The one after it, however early.
        NextInvitation = "NEXT_INVITATION",
        /// The second that counts.
        SecondInvitation = "SECOND_INVITATION",
        /// The post turned back.
        TurnedBack = "TURNED_BACK",
        /// The agency opened the case.
        CaseOpened = "CASE_OPENED",
        /// A fee was collected.
        FeeTaken = "FEE_TAKEN",
        /// A fee was paid over.
        FeePaidOver = "FEE_PAID_OVER",
        /// Withdrawn before the post took it.
        Withdrawn = "WITHDRAWN",
        /// The time of transit is over, used or not.
        TransitOver = "TRANSIT_OVER",
        /// The citizen has the appointment slip.
        SlipGiven = "SLIP_GIVEN",
        /// The case is another agency's, and the papers have to go on to it.
        SentOn = "SENT_ON",
        /// The papers are with the competent agency.
        AtCompetentAgency = "AT_COMPETENT_AGENCY",
        /// A supplement was asked for.
        SupplementAsked = "SUPPLEMENT_ASKED",
        /// The supplement is complete.
        SupplementComplete = "SUPPLEMENT_COMPLETE",
        /// The slip names a date.
        Appointed = "APPOINTED",
        /// The citizen got an apology.
        Apologised = "APOLOGISED",
        /// A new date was given.
        AppointedAgain = "APPOINTED_AGAIN",
        /// There is a result.
        ResultReady = "RESULT_READY",
        /// The case is closed.
        CaseClosed = "CASE_CLOSED",
        /// Somebody complained.
        Complained = "COMPLAINED",
        /// The complaint was answered.
        ComplaintAnswered = "COMPLAINT_ANSWERED",
    }
}

impl Mark {
    /// What the case system alone knows, and tells.
    pub const TOLD: &'static [Mark] = &[
        Mark::SlipGiven,
        Mark::SentOn,
        Mark::AtCompetentAgency,
        Mark::SupplementAsked,
        Mark::SupplementComplete,
        Mark::Appointed,
        Mark::Apologised,
        Mark::AppointedAgain,
        Mark::ResultReady,
        Mark::CaseClosed,
        Mark::Complained,
        Mark::ComplaintAnswered,
    ];

    /// Whether it names a date.
    pub fn names_date(self) -> bool {
        matches!(self, Mark::Appointed | Mark::AppointedAgain)
    }
}

words! {
    /// Why a clock stands still. There is no other way to stop one.
    Reason {
        /// Nobody there, nobody answered, nobody came.
        ReceiverAbsent = "RECEIVER_ABSENT",
        /// The address does not lead to the receiver.
        AddressWrong = "ADDRESS_WRONG",
        /// The receiver did not want it.
        ReceiverRefused = "RECEIVER_REFUSED",
        /// The citizen has to complete the dossier.
        SupplementPending = "SUPPLEMENT_PENDING",
    }
}

impl Reason {
    /// Whose time it is.
    pub fn party(self) -> Holder {
        Holder::Citizen
    }
}

words! {
    /// How a clock stands.
    Status {
        /// Nothing has started it.
        NotStarted = "NOT_STARTED",
        /// It runs.
        Running = "RUNNING",
        /// It stands still, for a coded reason.
        Suspended = "SUSPENDED",
        /// Kept.
        Met = "MET",
        /// Missed.
        Late = "LATE",
        /// What had to wait did not.
        TooEarly = "TOO_EARLY",
        /// The time is over, and nothing is owed.
        Over = "OVER",
        /// What it was for will not happen.
        Void = "VOID",
        /// Nobody can say, and why stands beside it.
        Unknown = "UNKNOWN",
    }
}

words! {
    /// What is shown to oversight (domain 9.4), and blocks nothing (C9).
    Flag {
        /// J+n was missed.
        LateLeg = "LATE_LEG",
        /// The 15:00 rule or the hop of one working day was missed.
        LateHandover = "LATE_HANDOVER",
        /// The case was opened a whole working day or more after the handover.
        FilingGap = "FILING_GAP",
        /// A supplement was asked for more than once.
        SecondSupplement = "SECOND_SUPPLEMENT",
        /// More than one new date.
        SecondReappointment = "SECOND_REAPPOINTMENT",
        /// An uncompleted supplement has to be closed.
        CloseAfter15dDue = "CLOSE_AFTER_15D_DUE",
        /// A result went back before two invitations had run their course.
        PrematureReturn = "PREMATURE_RETURN",
        /// A fee was not paid over in time.
        FeeNotRemitted = "FEE_NOT_REMITTED",
    }
}

impl Flag {
    /// The discrepancy that it is; none where the chain of money finds it by itself.
    pub fn discrepancy(self) -> Option<Kind> {
        Some(match self {
            Flag::LateLeg => Kind::LateLeg,
            Flag::LateHandover => Kind::LateHandover,
            Flag::FilingGap => Kind::FilingGap,
            Flag::SecondSupplement => Kind::SecondSupplement,
            Flag::SecondReappointment => Kind::SecondReappointment,
            Flag::CloseAfter15dDue => Kind::CloseAfter15dDue,
            Flag::PrematureReturn => Kind::PrematureReturn,
            Flag::FeeNotRemitted => return None,
        })
    }
}
