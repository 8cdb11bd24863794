//! What the case system alone knows of a dossier and clocks need (domain 4): supplements, appointments, apologies, results, complaints.

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::domain::clocks::Mark;
use crate::domain::leg::LegKind;
use crate::domain::problem::Problem;

/// A mark, as the one-stop side tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseMark {
    /// The teller's id of it: the same again is the same mark (C12).
    pub mark_id: String,
    /// The agency of the dossier.
    pub agency_code: String,
    /// The dossier.
    pub dossier_no: String,
    /// The leg that it is about: of complaints alone it may be the result's.
    pub leg_kind: LegKind,
    /// What happened.
    pub mark: Mark,
    /// When.
    pub occurred_at: Ts,
    /// The date that it names: of an appointment.
    pub date: Option<NaiveDate>,
    /// Number of the paper that says so.
    pub reference: Option<String>,
    /// Digest of its meaning.
    pub digest: String,
}

/// A mark as it was read; a malformed one is refused alone.
#[derive(Debug, Clone)]
pub struct MarkDraft {
    /// Its id, where there is one.
    pub mark_id: Option<String>,
    /// The mark, or what is wrong with it.
    pub mark: Result<Box<CaseMark>, Vec<Problem>>,
}

/// Whether a mark may be about a leg of this kind.
pub fn may_be_about(mark: Mark, kind: LegKind) -> bool {
    kind == LegKind::Intake || matches!(mark, Mark::Complained | Mark::ComplaintAnswered)
}
