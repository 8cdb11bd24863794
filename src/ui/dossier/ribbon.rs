//! The ribbon: the whole life of a dossier as who held it, from the first event of its first leg to now, and where it still has
//! to go.

use serde::Serialize;

use crate::app::dossier::Story;
use crate::base::time::{DAY_US, HOUR_US};
use crate::domain::leg::{Holder, LegKind, State};

/// One holder, for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The word of `Holder`.
    pub holder: &'static str,
    /// Since when.
    pub from_us: i64,
    /// For how long, so far for the last.
    pub for_us: i64,
    /// Whether it is held so still.
    pub is_now: bool,
    /// 1 to 4: how wide it is drawn. A day at the agency must not hide an hour at the post.
    pub width: u8,
    /// Place in the list of legs.
    pub leg: usize,
    /// The event that began it.
    pub event_id: String,
    /// The handover that began it.
    pub handover_id: Option<String>,
}

fn width_of(us: i64) -> u8 {
    match us {
        _ if us < 4 * HOUR_US => 1,
        _ if us < DAY_US => 2,
        _ if us < 4 * DAY_US => 3,
        _ => 4,
    }
}

/// Who held it, first holder first.
pub fn ribbon(story: &Story, now_us: i64) -> Vec<Held> {
    let mut held: Vec<Held> = Vec::new();
    for (place, leg) in story.legs.iter().enumerate() {
        for (index, entry) in leg.entries.iter().enumerate() {
            let counts = index == 0 || entry.stand.applied;
            let holder = entry.stand.holder_to.as_str();
            if !counts || held.last().is_some_and(|last| last.holder == holder) {
                continue;
            }
            let from_us = entry.event.occurred_at.us();
            held.push(Held {
                holder,
                from_us,
                for_us: 0,
                is_now: false,
                width: 1,
                leg: place,
                event_id: entry.event.id.as_str().to_owned(),
                handover_id: entry.event.handover_id.as_ref().map(|id| id.as_str().to_owned()),
            });
        }
    }
    let starts: Vec<i64> = held.iter().skip(1).map(|next| next.from_us).chain([now_us]).collect();
    for (one, until_us) in held.iter_mut().zip(starts) {
        one.for_us = until_us.saturating_sub(one.from_us).max(0);
        one.width = width_of(one.for_us);
    }
    if let Some(last) = held.last_mut() {
        last.is_now = true;
    }
    held
}

/// Whom the papers still have to reach: the receiver of an open leg, or its sender once it goes back.
pub fn still_to_reach(kind: LegKind, state: State, holder: Holder) -> Option<&'static str> {
    let goes_back = matches!(state, State::Returning | State::ReturnedReported);
    let to = match (kind, goes_back) {
        (LegKind::Intake, false) | (LegKind::Result, true) => Holder::Agency,
        (LegKind::Intake, true) | (LegKind::Result, false) => Holder::Citizen,
    };
    (!state.is_terminal() && holder != to).then(|| to.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_leg_has_somebody_to_reach() {
        assert_eq!(still_to_reach(LegKind::Result, State::OutForDelivery, Holder::Post), Some("CITIZEN"));
        assert_eq!(still_to_reach(LegKind::Result, State::Returning, Holder::Post), Some("AGENCY"));
        assert_eq!(still_to_reach(LegKind::Intake, State::Accepted, Holder::Post), Some("AGENCY"));
        assert_eq!(still_to_reach(LegKind::Intake, State::Confirmed, Holder::Agency), None);
    }

    #[test]
    fn a_longer_while_is_never_drawn_narrower() {
        let widths: Vec<u8> = [0, 5 * HOUR_US, 2 * DAY_US, 30 * DAY_US].into_iter().map(width_of).collect();
        assert_eq!(widths, [1, 2, 3, 4]);
    }
}
