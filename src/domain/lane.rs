//! Lanes of TT 17 Đ7 k2: between which places a dossier travels, and how many working days the law gives it.

use crate::domain::leg::words;

words! {
    /// The way that the papers go.
    Lane {
        /// Inside one area: what was a district-level unit when the table was made.
        WithinArea = "WITHIN_AREA",
        /// Between areas of a province.
        BetweenAreas = "BETWEEN_AREAS",
        /// Between cities of the special or first class in different provinces.
        BetweenCities = "BETWEEN_CITIES",
        /// Between provinces otherwise.
        BetweenProvinces = "BETWEEN_PROVINCES",
        /// From or to a place of special geography: the post publishes the time.
        Special = "SPECIAL",
    }
}

/// Working days after J by lane: without, and with the appointment slip brought or told to the citizen. A lane that is not here has no
/// term of the law.
pub const TRANSIT_DAYS: [(Lane, u32, u32); 4] =
    [(Lane::WithinArea, 1, 2), (Lane::BetweenAreas, 2, 4), (Lane::BetweenCities, 3, 6), (Lane::BetweenProvinces, 4, 8)];

/// The term of a lane; none where the post publishes it.
pub fn transit_days(lane: Lane, with_slip: bool) -> Option<u32> {
    let (_, without, with) = TRANSIT_DAYS.iter().find(|(of, ..)| *of == lane)?;
    Some(if with_slip { *with } else { *without })
}

impl Lane {
    /// Whether it leaves the province; none where the lane does not say.
    pub fn crosses_provinces(self) -> Option<bool> {
        match self {
            Lane::WithinArea | Lane::BetweenAreas => Some(false),
            Lane::BetweenCities | Lane::BetweenProvinces => Some(true),
            Lane::Special => None,
        }
    }
}
