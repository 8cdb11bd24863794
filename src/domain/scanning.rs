//! Scan sessions: what is packed, collected or given to a postman, and what one scan comes to.

use crate::domain::leg::{Holder, LegKind, State, words};

words! {
    /// What a session is for.
    Purpose {
        /// Pack dossiers for an agency.
        HandoverOut = "HANDOVER_OUT",
        /// Collect results from an agency.
        Collect = "COLLECT",
        /// Give results to a postman.
        Round = "ROUND",
    }
}

words! {
    /// What one scan comes to.
    ScanOutcome {
        /// On the list, and the first time.
        Ok = "OK",
        /// Scanned before: nothing is recorded twice.
        Again = "AGAIN",
        /// On no list of this office.
        Not = "NOT",
        /// Of another list or another office.
        Wrong = "WRONG",
        /// Takes an earlier scan back.
        Undo = "UNDO",
    }
}

/// What a session looks at in a leg of its office.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Direction.
    pub kind: LegKind,
    /// State.
    pub state: State,
    /// Who holds it.
    pub holder: Holder,
    /// Its agency.
    pub agency_code: &'a str,
    /// Its manifest.
    pub manifest_id: &'a str,
}

/// The list of a session: the agency and the manifest it is narrowed to, if any.
#[derive(Debug, Clone, Copy)]
pub struct Expects<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// Its agency; a round has none.
    pub agency_code: Option<&'a str>,
    /// One manifest of results alone.
    pub manifest_id: Option<&'a str>,
}

/// Whether a result can be carried to its receiver.
pub fn is_deliverable(kind: LegKind, state: State, holder: Holder) -> bool {
    use State::{Accepted, AtDeliveryPost, AttemptFailed, InTransit, OutForDelivery, Partial};
    kind == LegKind::Result
        && holder == Holder::Post
        && matches!(state, Accepted | InTransit | AtDeliveryPost | OutForDelivery | AttemptFailed | Partial)
}

impl Expects<'_> {
    /// Whether a leg is on the list.
    pub fn has(&self, leg: &Seen<'_>) -> bool {
        let of_agency = self.agency_code.is_none_or(|code| code == leg.agency_code);
        of_agency
            && match (self.purpose, leg.kind) {
                // A result that goes back is packed like any intake (C8).
                (Purpose::HandoverOut, LegKind::Intake) => leg.holder == Holder::Post,
                (Purpose::HandoverOut, LegKind::Result) => {
                    leg.holder == Holder::Post && matches!(leg.state, State::Returning | State::ReturnedReported)
                }
                (Purpose::Collect, LegKind::Result) => {
                    leg.holder == Holder::Agency && self.manifest_id.is_none_or(|id| id == leg.manifest_id)
                }
                (Purpose::Collect, LegKind::Intake) => false,
                (Purpose::Round, _) => is_deliverable(leg.kind, leg.state, leg.holder),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leg(kind: LegKind, state: State, holder: Holder) -> Seen<'static> {
        Seen { kind, state, holder, agency_code: "H98.01", manifest_id: "mf_1" }
    }

    #[test]
    fn each_purpose_has_its_own_list() {
        let expects = |purpose| Expects {
            purpose,
            agency_code: Some("H98.01").filter(|_| purpose != Purpose::Round),
            manifest_id: None,
        };
        let intake = leg(LegKind::Intake, State::Accepted, Holder::Post);
        let ready = leg(LegKind::Result, State::Registered, Holder::Agency);
        let here = leg(LegKind::Result, State::AtDeliveryPost, Holder::Post);
        let back = leg(LegKind::Result, State::Returning, Holder::Post);
        let lists: Vec<[bool; 4]> = Purpose::ALL
            .iter()
            .map(|purpose| [&intake, &ready, &here, &back].map(|leg| expects(*purpose).has(leg)))
            .collect();
        assert_eq!(
            lists,
            [[true, false, false, true], [false, true, false, false], [false, false, true, false]],
            "packing, collecting, giving"
        );
    }

    #[test]
    fn another_agency_or_manifest_is_another_list() {
        let ready = leg(LegKind::Result, State::Registered, Holder::Agency);
        let collect = Expects { purpose: Purpose::Collect, agency_code: Some("H98.01"), manifest_id: Some("mf_2") };
        assert!(!collect.has(&ready));
        assert!(!Expects { agency_code: Some("H98.02"), manifest_id: None, ..collect }.has(&ready));
    }
}
