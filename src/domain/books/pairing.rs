//! Which leg an entry of the post's book speaks of, and by what that is known.

use chrono::NaiveDate;

use crate::domain::books::{LegWord, Limits, PostEntry};
use crate::domain::identifier::{ItemGrade, ItemNumber};
use crate::domain::leg::words;

words! {
    /// By what an entry and a leg are known to be the same, the surest first.
    By {
        /// Our order number.
        OrderKey = "ORDER_KEY",
        /// The item number, and days that are near each other: numbers come again.
        ItemNumber = "ITEM_NUMBER",
        /// The dossier number, and days that are near each other: a dossier has several legs.
        DossierNumber = "DOSSIER_NUMBER",
    }
}

/// What came of looking for the leg of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing<'l> {
    /// This one, by this.
    Leg(&'l LegWord, By),
    /// So many legs fit equally well: none is guessed.
    Ambiguous(By, usize),
    /// None.
    Nothing,
}

/// Finds the leg of an entry among candidates. The first key that names any leg decides; a key that names two decides nothing.
pub fn pair<'l>(entry: &PostEntry, candidates: &'l [LegWord], limits: &Limits) -> Pairing<'l> {
    for by in By::ALL {
        let fits = candidates.iter().filter(|leg| same_by(*by, entry, leg, limits));
        let found: Vec<&LegWord> = fits.collect();
        match found.as_slice() {
            [] => {}
            [one] => return Pairing::Leg(one, *by),
            many => return Pairing::Ambiguous(*by, many.len()),
        }
    }
    Pairing::Nothing
}

fn same_by(by: By, entry: &PostEntry, leg: &LegWord, limits: &Limits) -> bool {
    match by {
        By::OrderKey => entry.leg_id.as_deref() == Some(leg.leg_id.as_str()),
        By::ItemNumber => {
            let sound = entry.item_number.as_deref().is_some_and(is_sound);
            sound && entry.item_number == leg.item_number && near(entry.day, leg, limits)
        }
        By::DossierNumber => {
            entry.dossier_no.is_some()
                && entry.dossier_no == leg.dossier_no
                && entry.leg_kind.is_none_or(|kind| kind == leg.kind)
                && near(entry.day, leg, limits)
        }
    }
}

/// A number with a wrong check digit pairs nothing: it may be another item's, misread (domain 5.4).
pub fn is_sound(number: &str) -> bool {
    ItemNumber::parse(number).is_ok_and(|number| number.grade() != ItemGrade::S10BadCheck)
}

fn near(day: NaiveDate, leg: &LegWord, limits: &Limits) -> bool {
    (leg.day() - day).num_days().abs() <= limits.pair_days
}
