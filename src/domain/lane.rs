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

words! {
    /// What a place is, as far as lanes go.
    ZoneClass {
        /// Nothing special.
        Normal = "NORMAL",
        /// In a city of the special or first class.
        City = "CITY",
        /// Of special geography.
        Special = "SPECIAL",
    }
}

/// Where a place lies. Districts are no more: a zone is what was one when the table of TT 17 Đ7 was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The province.
    pub province: String,
    /// The zone in it.
    pub zone: String,
    /// What it is.
    pub class: ZoneClass,
}

/// The lane between two places.
pub fn lane_between(from: &Zone, to: &Zone) -> Lane {
    let both = |class| from.class == class && to.class == class;
    match (from.province == to.province, from.zone == to.zone) {
        _ if from.class == ZoneClass::Special || to.class == ZoneClass::Special => Lane::Special,
        (true, true) => Lane::WithinArea,
        (true, false) => Lane::BetweenAreas,
        (false, _) if both(ZoneClass::City) => Lane::BetweenCities,
        (false, _) => Lane::BetweenProvinces,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_of_both_ends_tell_the_lane() {
        let zone = |province: &str, zone: &str, class| Zone { province: province.into(), zone: zone.into(), class };
        let (normal, city) = (ZoneClass::Normal, ZoneClass::City);
        let here = zone("56", "nha-trang", city);
        for (to, lane) in [
            (zone("56", "nha-trang", normal), Lane::WithinArea),
            (zone("56", "dien-khanh", normal), Lane::BetweenAreas),
            (zone("79", "nha-trang", normal), Lane::BetweenProvinces),
            (zone("79", "quan-1", city), Lane::BetweenCities),
            (zone("56", "truong-sa", ZoneClass::Special), Lane::Special),
        ] {
            assert_eq!(lane_between(&here, &to), lane, "{to:?}");
            assert_eq!(lane_between(&to, &here), lane, "the way back");
        }
    }
}
