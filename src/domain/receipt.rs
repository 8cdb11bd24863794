//! The answer to a manifest: line by line, and the decision behind it (contract 4.3).

use crate::base::id::{LegId, ManifestId};
use crate::base::time::Ts;
use crate::domain::leg::{Holder, LegKind, State, words};
use crate::domain::manifest::{Checked, Header, Mode};
use crate::domain::problem::{Message, Problem, Severity};
use std::collections::HashMap;

words! {
    /// What became of a manifest.
    Outcome {
        /// Every line was taken.
        Accepted = "ACCEPTED",
        /// Some lines were taken.
        PartiallyAccepted = "PARTIALLY_ACCEPTED",
        /// No leg was made.
        Rejected = "REJECTED",
    }
}

words! {
    /// What became of a line.
    LineOutcome {
        /// Taken: there is a leg.
        Accepted = "ACCEPTED",
        /// Not taken for its own sake.
        Refused = "REFUSED",
        /// Good, and not taken for the sake of others.
        HeldBack = "HELD_BACK",
    }
}

/// Counts over the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Lines sent.
    pub lines: u64,
    /// Taken.
    pub accepted: u64,
    /// Refused.
    pub refused: u64,
    /// Held back.
    pub held_back: u64,
    /// Warnings on lines.
    pub warnings: u64,
}

/// One line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineReceipt {
    /// Its place, from 1.
    pub index: u32,
    /// Its number as sent.
    pub line_no: Option<i64>,
    /// What became of it.
    pub outcome: LineOutcome,
    /// The leg that it made.
    pub leg_id: Option<LegId>,
    /// Its dossier number, folded.
    pub dossier_no: Option<String>,
    /// State of the leg.
    pub state: Option<State>,
    /// Holder of the papers.
    pub holder: Option<Holder>,
    /// Errors and warnings.
    pub problems: Vec<Problem>,
}

/// A receipt for a taken manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The manifest; none when it was only checked.
    pub id: Option<ManifestId>,
    /// The sender's number.
    pub manifest_no: String,
    /// Its revision.
    pub revision: u32,
    /// Direction.
    pub leg_kind: LegKind,
    /// Agency.
    pub agency_code: String,
    /// What the sender wanted.
    pub mode: Mode,
    /// What became of it.
    pub outcome: Outcome,
    /// Digest of the meaning.
    pub digest: String,
    /// When we took it.
    pub received_at: Ts,
    /// Counts.
    pub summary: Summary,
    /// The lines in the order sent.
    pub lines: Vec<LineReceipt>,
}

/// What is to become of a manifest; legs are made by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What the sender wanted.
    pub mode: Mode,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Counts.
    pub summary: Summary,
    /// Problems of the manifest as a whole.
    pub problems: Vec<Problem>,
    /// The lines in the order sent, without legs yet.
    pub lines: Vec<LineReceipt>,
}

/// Decides from the check and from what the store says about single lines (by `index`): a leg that is open already, a
/// line that was taken before.
pub fn decide(mode: Mode, checked: &Checked, found_in_store: &HashMap<u32, Vec<Problem>>) -> Decision {
    let mut problems = checked.header.as_ref().err().cloned().unwrap_or_default();
    problems.extend(checked.problems.iter().cloned());
    let mut lines: Vec<LineReceipt> = checked
        .lines
        .iter()
        .map(|line| {
            let mut problems = line.problems.clone();
            problems.extend(found_in_store.get(&line.index).into_iter().flatten().cloned());
            let refused = line.line.is_none() || problems.iter().any(Problem::is_error);
            LineReceipt {
                index: line.index,
                line_no: line.line_no,
                outcome: if refused { LineOutcome::Refused } else { LineOutcome::Accepted },
                leg_id: None,
                dossier_no: line.dossier_no.as_ref().map(|number| number.as_str().to_owned()),
                state: None,
                holder: None,
                problems,
            }
        })
        .collect();
    let good = lines.iter().filter(|line| line.outcome == LineOutcome::Accepted).count();
    let whole_is_bad = checked.header.is_err() || problems.iter().any(Problem::is_error) || good == 0;
    let outcome = match mode {
        _ if whole_is_bad => Outcome::Rejected,
        _ if good == lines.len() => Outcome::Accepted,
        Mode::AllOrNothing => Outcome::Rejected,
        Mode::GoodLines => Outcome::PartiallyAccepted,
    };
    if outcome == Outcome::Rejected {
        for line in lines.iter_mut().filter(|line| line.outcome == LineOutcome::Accepted) {
            line.outcome = LineOutcome::HeldBack;
        }
    }
    Decision { mode, outcome, summary: summarise(&lines), problems, lines }
}

/// Counts lines by outcome, and warnings.
pub fn summarise(lines: &[LineReceipt]) -> Summary {
    let mut summary = Summary::default();
    for line in lines {
        summary.lines += 1;
        match line.outcome {
            LineOutcome::Accepted => summary.accepted += 1,
            LineOutcome::Refused => summary.refused += 1,
            LineOutcome::HeldBack => summary.held_back += 1,
        }
        let warnings = line.problems.iter().filter(|problem| problem.severity == Severity::Warning);
        summary.warnings = warnings.fold(summary.warnings, |sum, _| sum + 1);
    }
    summary
}

impl Decision {
    /// The receipt of a manifest that is taken, or was only checked.
    pub fn receipt(self, header: &Header, digest: String, id: Option<ManifestId>, received_at: Ts) -> Receipt {
        Receipt {
            id,
            manifest_no: header.manifest_no.clone(),
            revision: header.revision,
            leg_kind: header.leg_kind,
            agency_code: header.agency_code.clone(),
            mode: self.mode,
            outcome: self.outcome,
            digest,
            received_at,
            summary: self.summary,
            lines: self.lines,
        }
    }

    /// One sentence on why a manifest is refused.
    pub fn reason(&self) -> Message {
        let (whole, refused) = (self.problems.len(), self.summary.refused);
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        match (whole, refused) {
            (0, lines) => Message::new(
                format!("{lines} of {} lines refused", self.summary.lines),
                format!("{lines} trên {} dòng bị từ chối", self.summary.lines),
            ),
            (whole, _) => Message::new(
                format!("{whole} problem{} with the manifest as a whole", plural(whole)),
                format!("{whole} lỗi của cả bảng kê"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::manifest::CheckedLine;
    use crate::domain::problem::Code;

    fn checked(lines_good: &[bool], problems: Vec<Problem>) -> Checked {
        let good = crate::domain::manifest::Line {
            line_no: 1,
            consignment_note_no: None,
            dossier_no: None,
            supplement_no: None,
            procedure_code: String::new(),
            procedure_name: None,
            party: crate::domain::manifest::Party {
                name: String::new(),
                phone: None,
                email: None,
                address: crate::domain::manifest::Address {
                    text: String::new(),
                    province_code: None,
                    commune_code: None,
                },
            },
            papers: Vec::new(),
            fee_to_collect: 0,
            item_number: None,
            seal_no: None,
            note: None,
            due_at: None,
            accepted_at: None,
        };
        let header = Header {
            manifest_no: "BK".into(),
            revision: 1,
            leg_kind: LegKind::Result,
            agency_code: "H32.15".into(),
            counter_code: None,
            post_office_code: "650100".into(),
            shift_date: chrono::NaiveDate::default(),
            shift: 1,
            totals: crate::domain::manifest::Totals::default(),
        };
        let lines = (1u32..)
            .zip(lines_good)
            .map(|(index, is_good)| CheckedLine {
                index,
                line_no: Some(i64::from(index)),
                dossier_no: None,
                line: is_good.then(|| good.clone()),
                problems: if *is_good { vec![] } else { vec![Problem::error(Code::FieldMissing, "party", "", "")] },
            })
            .collect();
        Checked { header: Ok(header), digest: String::new(), problems, lines }
    }

    fn outcomes(decision: &Decision) -> (Outcome, Vec<&'static str>) {
        (decision.outcome, decision.lines.iter().map(|line| line.outcome.as_str()).collect())
    }

    #[test]
    fn one_bad_line_sinks_a_batch_only_when_the_sender_wants_it() {
        let none = HashMap::new();
        let mixed = checked(&[true, false, true], vec![]);
        assert_eq!(
            outcomes(&decide(Mode::AllOrNothing, &mixed, &none)),
            (Outcome::Rejected, vec!["HELD_BACK", "REFUSED", "HELD_BACK"])
        );
        assert_eq!(
            outcomes(&decide(Mode::GoodLines, &mixed, &none)),
            (Outcome::PartiallyAccepted, vec!["ACCEPTED", "REFUSED", "ACCEPTED"])
        );
        let all_bad = checked(&[false], vec![]);
        assert_eq!(outcomes(&decide(Mode::GoodLines, &all_bad, &none)), (Outcome::Rejected, vec!["REFUSED"]));
    }

    #[test]
    fn a_problem_of_the_whole_holds_every_good_line_back() {
        let totals = Problem::error(Code::TotalsMismatch, "totals.lines", "", "");
        let decision = decide(Mode::GoodLines, &checked(&[true], vec![totals]), &HashMap::new());
        assert_eq!(outcomes(&decision), (Outcome::Rejected, vec!["HELD_BACK"]));
        assert_eq!(decision.reason().en, "1 problem with the manifest as a whole");
    }

    #[test]
    fn what_the_store_knows_refuses_a_line() {
        let open = Problem::error(Code::LegAlreadyOpen, "dossierNo", "", "");
        let decision = decide(Mode::GoodLines, &checked(&[true, true], vec![]), &HashMap::from([(2, vec![open])]));
        assert_eq!(outcomes(&decision), (Outcome::PartiallyAccepted, vec!["ACCEPTED", "REFUSED"]));
        assert_eq!((decision.summary.accepted, decision.summary.refused), (1, 1));
    }
}
