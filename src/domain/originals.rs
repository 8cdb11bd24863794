//! Originals that were lent for comparison (bản chính để đối chiếu) and where each stands: they must go back (NĐ 118 Đ22 k2), on the
//! note of the result (QĐ 45 Đ9 k1b, c) or from hand to hand at the desk.
//!
//! One dossier at a time, by its number; papers are matched by their folded names within it and never guessed. What was lent is divided
//! among what is known of it, so each sheet stands in exactly one place, in whatever order the facts came.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::text::fold;
use crate::base::time::Ts;
use crate::domain::leg::{State, words};

words! {
    /// Where a lent original stands.
    Standing {
        /// With the agency, which may keep it until the result goes out.
        AtAgency = "AT_AGENCY",
        /// With the post, on a result of the dossier.
        OnItsWay = "ON_ITS_WAY",
        /// The citizen has it again.
        Returned = "RETURNED",
        /// A result of the dossier reached the citizen without it.
        Unreturned = "UNRETURNED",
        /// Declared lost by the desk, or lost with the result that carried it.
        Lost = "LOST",
    }
}

words! {
    /// What the desk says of a lent original.
    Outcome {
        /// Given back from hand to hand.
        GivenBack = "GIVEN_BACK",
        /// Lost.
        DeclaredLost = "DECLARED_LOST",
    }
}

impl Standing {
    /// Whether it still has to go back.
    pub fn is_open(self) -> bool {
        matches!(self, Standing::AtAgency | Standing::OnItsWay | Standing::Unreturned)
    }

    /// Whether the desk may say that it gave it back or lost it: nothing that is with the post or the citizen.
    pub fn is_at_desk(self) -> bool {
        matches!(self, Standing::AtAgency | Standing::Unreturned | Standing::Lost)
    }
}

/// A paper of an intake that was filed at the agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lent {
    /// The intake leg.
    pub leg: String,
    /// Its name on the checklist.
    pub paper: String,
    /// Originals.
    pub quantity: i64,
    /// When the agency took them: the legal moment of filing.
    pub at: Ts,
}

/// A result leg of the dossier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultLeg {
    /// The leg.
    pub leg: String,
    /// Its state.
    pub state: State,
    /// Since when its papers are where they are.
    pub since: Ts,
    /// Its originals by name.
    pub originals: Vec<(String, i64)>,
}

/// What the desk said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskWord {
    /// The intake leg.
    pub leg: String,
    /// The paper.
    pub paper: String,
    /// How many.
    pub quantity: i64,
    /// What became of them.
    pub outcome: Outcome,
    /// When.
    pub at: Ts,
}

/// Everything that is known of the lent originals of one dossier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dossier {
    /// What was lent.
    pub lent: Vec<Lent>,
    /// What went out.
    pub results: Vec<ResultLeg>,
    /// What the desk said.
    pub desk: Vec<DeskWord>,
}

/// Sheets of one lent paper that stand alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The intake leg.
    pub leg: String,
    /// Its name on the checklist.
    pub paper: String,
    /// How many.
    pub quantity: i64,
    /// When they were lent.
    pub lent_at: Ts,
    /// Where they stand.
    pub standing: Standing,
    /// Since when.
    pub since: Ts,
    /// The result leg that carries them, is meant to, or came without them.
    pub result_leg: Option<String>,
}

/// Sheets of a paper of a result leg or of the desk's word, beside what was lent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The result leg; none for the desk's word.
    pub leg: Option<String>,
    /// The paper as it is called there.
    pub paper: String,
    /// How many.
    pub quantity: i64,
}

/// Where everything stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standings {
    /// What was lent, each sheet once: by leg, paper and standing.
    pub parts: Vec<Part>,
    /// More went back than was lent.
    pub surplus: Vec<Beside>,
    /// Originals of results whose name is that of no lent paper.
    pub unmatched: Vec<Beside>,
}

/// What a result says about the sheets on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Arrived,
    Lost,
    Moving,
    /// Declared, and still with the agency.
    Meant,
    /// Withdrawn or back at the agency: it carries nothing.
    Over,
}

fn way(state: State) -> Way {
    match state {
        State::Confirmed => Way::Arrived,
        State::LostOrDamaged => Way::Lost,
        State::Registered | State::Ordered | State::CollectionAssigned | State::CollectionFailed => Way::Meant,
        State::Cancelled | State::ReturnConfirmed => Way::Over,
        State::Accepted
        | State::InTransit
        | State::AtDeliveryPost
        | State::OutForDelivery
        | State::AttemptFailed
        | State::Partial
        | State::DeliveredReported
        | State::Returning
        | State::ReturnedReported => Way::Moving,
    }
}

/// Sheets that went back or were lost, waiting to be divided among what was lent.
struct Source {
    paper: String,
    folded: String,
    /// The intake leg that the desk named.
    of: Option<String>,
    quantity: i64,
    standing: Standing,
    since: Ts,
    result_leg: Option<String>,
}

/// Sources in the order in which they are believed: what is in the citizen's hands before what is lost or moves, the desk's "lost" last,
/// since what is found again goes back after all.
fn sources(dossier: &Dossier) -> Vec<Source> {
    let mut desk: Vec<&DeskWord> = dossier.desk.iter().collect();
    desk.sort_by(|a, b| (a.at, &a.leg, &a.paper, a.quantity).cmp(&(b.at, &b.leg, &b.paper, b.quantity)));
    let mut results: Vec<(Way, &ResultLeg)> = dossier.results.iter().map(|leg| (way(leg.state), leg)).collect();
    results.sort_by(|(a, left), (b, right)| (a, &left.leg).cmp(&(b, &right.leg)));
    let said = |outcome: Outcome, standing: Standing| {
        desk.iter().filter(move |word| word.outcome == outcome).map(move |word| Source {
            paper: word.paper.clone(),
            folded: fold(&word.paper),
            of: Some(word.leg.clone()),
            quantity: word.quantity.max(0),
            standing,
            since: word.at,
            result_leg: None,
        })
    };
    let mut all: Vec<Source> = said(Outcome::GivenBack, Standing::Returned).collect();
    for (way, leg) in results {
        let standing = match way {
            Way::Arrived => Standing::Returned,
            Way::Lost => Standing::Lost,
            Way::Moving => Standing::OnItsWay,
            Way::Meant => Standing::AtAgency,
            Way::Over => continue,
        };
        let mut by_name: BTreeMap<String, (String, i64)> = BTreeMap::new();
        for (paper, quantity) in &leg.originals {
            let sum = by_name.entry(fold(paper)).or_insert_with(|| (paper.clone(), 0));
            // The same paper spelled in two ways: one of the two names, whatever order they came in.
            sum.0 = sum.0.clone().min(paper.clone());
            sum.1 = sum.1.saturating_add((*quantity).max(0));
        }
        all.extend(by_name.into_iter().map(|(folded, (paper, quantity))| Source {
            paper,
            folded,
            of: None,
            quantity,
            standing,
            since: leg.since,
            result_leg: Some(leg.leg.clone()),
        }));
    }
    all.extend(said(Outcome::DeclaredLost, Standing::Lost));
    all
}

/// Where each lent sheet of a dossier stands.
pub fn standings(dossier: &Dossier) -> Standings {
    let mut lent: Vec<(&Lent, String)> = dossier.lent.iter().map(|lent| (lent, fold(&lent.paper))).collect();
    lent.sort_by(|(a, _), (b, _)| (a.at, &a.leg, &a.paper, a.quantity).cmp(&(b.at, &b.leg, &b.paper, b.quantity)));
    let mut left: Vec<i64> = lent.iter().map(|(lent, _)| lent.quantity.max(0)).collect();
    let mut found = Standings::default();
    for source in sources(dossier) {
        let mut rest = source.quantity;
        let mut is_known = false;
        for ((lent, folded), left) in lent.iter().zip(&mut left) {
            if *folded != source.folded || source.of.as_ref().is_some_and(|of| *of != lent.leg) {
                continue;
            }
            is_known = true;
            let taken = rest.min(*left);
            if taken > 0 {
                (rest, *left) = (rest - taken, *left - taken);
                // What is only meant to go stands where it is since it was lent.
                let since = if source.standing == Standing::AtAgency { lent.at } else { source.since };
                found.parts.push(part(lent, taken, source.standing, since, source.result_leg.clone()));
            }
        }
        // Of what was declared lost, the rest was found again and went back.
        let is_lost_word = source.of.is_some() && source.standing == Standing::Lost;
        if rest > 0 && !is_lost_word {
            let beside = Beside { leg: source.result_leg, paper: source.paper, quantity: rest };
            if is_known || source.of.is_some() { &mut found.surplus } else { &mut found.unmatched }.push(beside);
        }
    }
    for ((lent, _), rest) in lent.iter().zip(left).filter(|(_, rest)| *rest > 0) {
        found.parts.push(match came_without(dossier, lent) {
            Some(leg) => part(lent, rest, Standing::Unreturned, leg.since, Some(leg.leg.clone())),
            None => part(lent, rest, Standing::AtAgency, lent.at, None),
        });
    }
    let key = |part: &Part| (part.leg.clone(), part.paper.clone(), part.standing, part.since, part.result_leg.clone());
    found.parts.sort_by_key(key);
    found
}

fn part(lent: &Lent, quantity: i64, standing: Standing, since: Ts, result_leg: Option<String>) -> Part {
    Part { leg: lent.leg.clone(), paper: lent.paper.clone(), quantity, lent_at: lent.at, standing, since, result_leg }
}

/// The first result that reached the citizen after the paper was lent.
fn came_without<'a>(dossier: &'a Dossier, lent: &Lent) -> Option<&'a ResultLeg> {
    let arrived = dossier.results.iter().filter(|leg| way(leg.state) == Way::Arrived && leg.since >= lent.at);
    arrived.min_by_key(|leg| (leg.since, leg.leg.clone()))
}

/// Of the originals of an intake, those that the checklist says are only lent, under the checklist's names.
pub fn lent_of(leg: &str, at: Ts, originals: &[(String, i64)], to_compare: &[String]) -> Vec<Lent> {
    let mut seen = BTreeSet::new();
    let names = to_compare.iter().filter(|name| seen.insert(fold(name)));
    names
        .filter_map(|name| {
            let folded = fold(name);
            let own = originals.iter().filter(|(paper, _)| fold(paper) == folded);
            let quantity = own.map(|(_, quantity)| (*quantity).max(0)).fold(0, i64::saturating_add);
            (quantity > 0).then(|| Lent { leg: leg.to_owned(), paper: name.clone(), quantity, at })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CARD: &str = "Bản chính Căn cước";

    fn ts(hours: i64) -> Ts {
        Ts::from_us(hours * 3_600_000_000)
    }

    fn lent(leg: &str, paper: &str, quantity: i64, at: i64) -> Lent {
        Lent { leg: leg.to_owned(), paper: paper.to_owned(), quantity, at: ts(at) }
    }

    fn result(leg: &str, state: State, since: i64, originals: &[(&str, i64)]) -> ResultLeg {
        let originals = originals.iter().map(|(name, quantity)| ((*name).to_owned(), *quantity)).collect();
        ResultLeg { leg: leg.to_owned(), state, since: ts(since), originals }
    }

    fn word(leg: &str, quantity: i64, outcome: Outcome, at: i64) -> DeskWord {
        DeskWord { leg: leg.to_owned(), paper: CARD.to_owned(), quantity, outcome, at: ts(at) }
    }

    fn stands(dossier: &Dossier) -> Vec<(i64, Standing, Option<String>)> {
        standings(dossier).parts.into_iter().map(|part| (part.quantity, part.standing, part.result_leg)).collect()
    }

    #[test]
    fn a_paper_goes_back_with_the_result_or_is_missed() {
        let lent = vec![lent("leg_1", CARD, 1, 1)];
        let with = |state, papers: &[(&str, i64)]| Dossier {
            lent: lent.clone(),
            results: vec![result("leg_2", state, 5, papers)],
            desk: Vec::new(),
        };
        let carrier = || Some("leg_2".to_owned());
        for (state, papers, standing, leg) in [
            (State::Registered, vec![(CARD, 1)], Standing::AtAgency, carrier()),
            (State::Registered, vec![], Standing::AtAgency, None),
            (State::InTransit, vec![("BẢN CHÍNH  căn cước", 1)], Standing::OnItsWay, carrier()),
            (State::DeliveredReported, vec![(CARD, 1)], Standing::OnItsWay, carrier()),
            (State::Confirmed, vec![(CARD, 1)], Standing::Returned, carrier()),
            (State::Confirmed, vec![("Giấy phép", 1)], Standing::Unreturned, carrier()),
            (State::DeliveredReported, vec![("Giấy phép", 1)], Standing::AtAgency, None),
            (State::ReturnConfirmed, vec![(CARD, 1)], Standing::AtAgency, None),
            (State::Cancelled, vec![(CARD, 1)], Standing::AtAgency, None),
            (State::LostOrDamaged, vec![(CARD, 1)], Standing::Lost, carrier()),
        ] {
            assert_eq!(stands(&with(state, &papers)), [(1, standing, leg)], "{state} {papers:?}");
        }
        let seen = standings(&with(State::Confirmed, &[("Giấy phép", 1)]));
        assert_eq!(seen.unmatched.len(), 1, "the licence itself is no lent paper, and is told as such");
    }

    #[test]
    fn the_desk_ends_it_and_what_was_lost_may_be_found() {
        let lent = vec![lent("leg_1", CARD, 2, 1)];
        let confirmed = result("leg_2", State::Confirmed, 5, &[]);
        let of = |desk: Vec<DeskWord>| Dossier { lent: lent.clone(), results: vec![confirmed.clone()], desk };
        let carrier = || Some("leg_2".to_owned());
        assert_eq!(
            stands(&of(vec![word("leg_1", 1, Outcome::GivenBack, 6)])),
            [(1, Standing::Returned, None), (1, Standing::Unreturned, carrier())]
        );
        let lost = word("leg_1", 2, Outcome::DeclaredLost, 6);
        assert_eq!(stands(&of(vec![lost.clone()])), [(2, Standing::Lost, None)]);
        let found = word("leg_1", 1, Outcome::GivenBack, 9);
        let both = of(vec![lost, found]);
        assert_eq!(stands(&both), [(1, Standing::Returned, None), (1, Standing::Lost, None)]);
        assert!(standings(&both).surplus.is_empty());
    }

    #[test]
    fn more_back_than_lent_is_told_and_an_older_result_blames_nobody() {
        let dossier = Dossier {
            lent: vec![lent("leg_1", CARD, 1, 10)],
            results: vec![
                result("leg_2", State::Confirmed, 5, &[]),
                result("leg_3", State::InTransit, 12, &[(CARD, 3)]),
            ],
            desk: Vec::new(),
        };
        let seen = standings(&dossier);
        assert_eq!(stands(&dossier), [(1, Standing::OnItsWay, Some("leg_3".to_owned()))]);
        assert_eq!(seen.surplus, [Beside { leg: Some("leg_3".to_owned()), paper: CARD.to_owned(), quantity: 2 }]);
        let supplement = Dossier { results: vec![result("leg_2", State::Confirmed, 5, &[])], ..dossier };
        assert_eq!(stands(&supplement), [(1, Standing::AtAgency, None)], "that result was out before it was lent");
    }

    #[test]
    fn only_what_the_checklist_names_is_lent() {
        let originals = [("Đơn đề nghị".to_owned(), 1), ("BẢN CHÍNH CĂN CƯỚC".to_owned(), 1), (CARD.to_owned(), 1)];
        let listed = [CARD.to_owned(), "Sổ hộ khẩu".to_owned(), CARD.to_lowercase()];
        assert_eq!(lent_of("leg_1", ts(1), &originals, &listed), [lent("leg_1", CARD, 2, 1)]);
    }

    fn any_dossier() -> impl Strategy<Value = Dossier> {
        let papers = ["Thẻ", "Sổ đỏ", "Bằng"];
        let paper = move || prop::sample::select(papers.to_vec());
        let lent = prop::collection::btree_map((0..3_u8, paper()), (1..4_i64, 0..9_i64), 0..5).prop_map(|all| {
            all.into_iter()
                .map(|((leg, paper), (quantity, at))| lent(&format!("leg_{leg}"), paper, quantity, at))
                .collect()
        });
        let one = (
            0..4_u8,
            prop::sample::select(State::ALL.to_vec()),
            0..12_i64,
            prop::collection::vec((paper(), 0..4_i64), 0..4),
        );
        let results = prop::collection::vec(one, 0..4).prop_map(|all| {
            let each = all.into_iter().enumerate();
            each.map(|(n, (_, state, since, papers))| result(&format!("res_{n}"), state, since, &papers)).collect()
        });
        let said = (0..3_u8, paper(), 1..3_i64, prop::sample::select(Outcome::ALL.to_vec()), 0..12_i64);
        let desk = prop::collection::vec(said, 0..4).prop_map(|all| {
            let each = all.into_iter();
            each.map(|(leg, paper, quantity, outcome, at)| DeskWord {
                paper: paper.to_owned(),
                ..word(&format!("leg_{leg}"), quantity, outcome, at)
            })
            .collect()
        });
        (lent, results, desk).prop_map(|(lent, results, desk)| Dossier { lent, results, desk })
    }

    proptest! {
        #[test]
        fn each_sheet_stands_in_exactly_one_place(dossier in any_dossier()) {
            let seen = standings(&dossier);
            for lent in &dossier.lent {
                let own = seen.parts.iter().filter(|part| part.leg == lent.leg && part.paper == lent.paper);
                prop_assert_eq!(own.map(|part| part.quantity).sum::<i64>(), lent.quantity);
            }
            prop_assert_eq!(
                seen.parts.iter().map(|part| part.quantity).sum::<i64>(),
                dossier.lent.iter().map(|lent| lent.quantity).sum::<i64>()
            );
            prop_assert!(seen.parts.iter().all(|part| part.quantity > 0));
            // What went back or moves is what was lent of it, what is beside it, or nothing else.
            let on_results: i64 = dossier.results.iter().filter(|leg| way(leg.state) != Way::Over)
                .flat_map(|leg| &leg.originals).map(|(_, quantity)| quantity).sum();
            let placed: i64 = seen.parts.iter()
                .filter(|part| part.result_leg.is_some() && part.standing != Standing::Unreturned)
                .map(|part| part.quantity).sum();
            let beside: i64 = seen.surplus.iter().chain(&seen.unmatched).filter(|one| one.leg.is_some())
                .map(|one| one.quantity).sum();
            prop_assert_eq!(placed + beside, on_results);
        }

        #[test]
        fn order_does_not_matter(dossier in any_dossier()) {
            let mut turned = dossier.clone();
            turned.lent.reverse();
            turned.results.reverse();
            turned.desk.reverse();
            turned.results.iter_mut().for_each(|leg| leg.originals.reverse());
            prop_assert_eq!(standings(&dossier), standings(&turned));
        }
    }
}
