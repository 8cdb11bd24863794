//! Handover (biên bản giao nhận): counted line by line by who receives, signed by both; custody moves only for the lines both
//! agree on (C2–C5, QĐ 45 Đ7, Đ9).

use crate::base::digest::sha256_tagged;
use crate::domain::custody::EventKind;
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{Holder, LegKind, Side, words};

words! {
    /// Where a handover stands.
    Status {
        /// Being counted and signed.
        Open = "OPEN",
        /// Signed by both; never edited again.
        Completed = "COMPLETED",
        /// Given up; nothing moved.
        Cancelled = "CANCELLED",
    }
}

words! {
    /// What the receiver found of one line (C4).
    LineOutcome {
        /// There, whole, as declared.
        Taken = "TAKEN",
        /// Not there.
        Missing = "MISSING",
        /// Other counts than declared.
        CountDiffers = "COUNT_DIFFERS",
        /// The seal is broken.
        SealDamaged = "SEAL_DAMAGED",
        /// The label cannot be read.
        Unreadable = "UNREADABLE",
        /// For another agency.
        WrongAgency = "WRONG_AGENCY",
    }
}

impl LineOutcome {
    /// The discrepancy that a line which is not taken becomes.
    pub fn discrepancy(self) -> Option<Kind> {
        match self {
            LineOutcome::Taken => None,
            LineOutcome::Missing => Some(Kind::HandoverMissing),
            LineOutcome::CountDiffers => Some(Kind::HandoverCountDiffers),
            LineOutcome::SealDamaged => Some(Kind::HandoverSealDamaged),
            LineOutcome::Unreadable => Some(Kind::HandoverUnreadable),
            LineOutcome::WrongAgency => Some(Kind::HandoverWrongAgency),
        }
    }

    /// Whether both counts have to stand with it.
    pub fn needs_counts(self) -> bool {
        matches!(self, LineOutcome::Taken | LineOutcome::CountDiffers)
    }
}

/// What both signatures make of a leg: the event of the state it enters. `None` when a leg of this kind does not go this way.
pub fn event_of_signing(kind: LegKind, giver: Side, receiver: Side) -> Option<EventKind> {
    match (kind, giver, receiver) {
        (LegKind::Intake, Side::Post, Side::Agency) => Some(EventKind::Confirmed),
        (LegKind::Result, Side::Agency, Side::Post) => Some(EventKind::Accepted),
        (LegKind::Result, Side::Post, Side::Agency) => Some(EventKind::ReturnConfirmed),
        _ => None,
    }
}

/// Whether a leg may stand in a handover: open, going this way, and held by the giver.
pub fn may_be_given(kind: LegKind, open: bool, holder: Holder, giver: Side, receiver: Side) -> bool {
    open && holder == giver.holder() && event_of_signing(kind, giver, receiver).is_some()
}

/// Whether counts contradict the outcome: taken with other counts, or "differs" with the same.
pub fn counts_contradict(outcome: LineOutcome, expected: (i64, i64), counted: (i64, i64)) -> bool {
    match outcome {
        LineOutcome::Taken => counted != expected,
        LineOutcome::CountDiffers => counted == expected,
        _ => false,
    }
}

/// One line as the digest sees it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct DigestLine<'a> {
    pub line_no: i64,
    pub leg_id: &'a str,
    pub expected: (i64, i64),
    pub outcome: Option<&'a str>,
    pub counted: Option<(i64, i64)>,
    pub note: Option<&'a str>,
}

/// The digest that both sides sign: every line with what was found, and what lay there besides. Lengths stand before texts, so
/// that no two records share one digest.
pub fn digest(handover_id: &str, giver: Side, receiver: Side, lines: &[DigestLine<'_>], extras: &str) -> String {
    let mut text = format!("handover:1\n{handover_id}\n{giver}>{receiver}\n");
    for line in lines {
        let note = line.note.unwrap_or_default();
        let counted = line.counted.map_or_else(|| "-".to_owned(), |(o, c)| format!("{o}/{c}"));
        text.push_str(&format!(
            "{} {} {}/{} {} {counted} {}:{note}\n",
            line.line_no,
            line.leg_id,
            line.expected.0,
            line.expected.1,
            line.outcome.unwrap_or("-"),
            note.len()
        ));
    }
    text.push_str(extras);
    sha256_tagged(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legs_go_their_way_and_no_other() {
        assert!(may_be_given(LegKind::Result, true, Holder::Agency, Side::Agency, Side::Post));
        assert!(may_be_given(LegKind::Result, true, Holder::Post, Side::Post, Side::Agency));
        assert!(may_be_given(LegKind::Intake, true, Holder::Post, Side::Post, Side::Agency));
        assert!(!may_be_given(LegKind::Intake, true, Holder::Agency, Side::Agency, Side::Post));
        assert!(!may_be_given(LegKind::Intake, true, Holder::Citizen, Side::Post, Side::Agency));
        assert!(!may_be_given(LegKind::Result, false, Holder::Agency, Side::Agency, Side::Post));
    }

    #[test]
    fn counts_and_outcome_must_agree() {
        assert!(counts_contradict(LineOutcome::Taken, (1, 0), (0, 0)));
        assert!(counts_contradict(LineOutcome::CountDiffers, (1, 0), (1, 0)));
        assert!(!counts_contradict(LineOutcome::Taken, (1, 0), (1, 0)));
        assert!(!counts_contradict(LineOutcome::SealDamaged, (1, 0), (0, 0)));
    }

    #[test]
    fn every_change_gives_another_digest() {
        let line =
            |outcome, note| DigestLine { line_no: 1, leg_id: "leg_1", expected: (1, 0), outcome, counted: None, note };
        let of = |line: DigestLine<'_>| digest("ho_1", Side::Agency, Side::Post, &[line], "[]");
        let first = of(line(None, None));
        assert_ne!(first, of(line(Some("MISSING"), None)));
        assert_ne!(first, of(line(None, Some("x"))));
        assert_eq!(first, of(line(None, None)));
    }
}
