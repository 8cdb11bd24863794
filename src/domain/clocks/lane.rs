//! Lanes of TT 17 Đ7 k2: how many working days a dossier may travel.

use crate::domain::leg::words;

words! {
    /// Between which places.
    Lane {
        /// Inside one district-level unit.
        SameDistrict = "SAME_DISTRICT",
        /// Between district-level units of a province.
        SameProvince = "SAME_PROVINCE",
        /// Between special or class-I cities of different provinces.
        BigCities = "BIG_CITIES",
        /// Between provinces otherwise.
        OtherProvinces = "OTHER_PROVINCES",
        /// To or from an area of special geography: the operator publishes the term.
        SpecialArea = "SPECIAL_AREA",
    }
}

/// Working days by lane: without, and with the appointment slip brought to the citizen.
pub const TRANSIT_DAYS: &[(Lane, u32, u32)] =
    &[(Lane::SameDistrict, 1, 2), (Lane::SameProvince, 2, 4), (Lane::BigCities, 3, 6), (Lane::OtherProvinces, 4, 8)];

/// The term of a lane; none where the operator publishes it.
pub fn transit_days(lane: Lane, with_slip: bool) -> Option<u32> {
    let (_, without, with) = TRANSIT_DAYS.iter().find(|(of, ..)| *of == lane)?;
    Some(if with_slip { *with } else { *without })
}

/// What has to be known of a place to find its lane. Districts were abolished on 1 July 2025: `district` is the postal zone that a
/// province keeps in their stead, by default the old district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// The province.
    pub province: String,
    /// The old district, or the zone in its stead.
    pub district: Option<String>,
    /// It is a special or class-I city.
    pub big_city: bool,
    /// The operator publishes its own terms for it.
    pub special_area: bool,
}

impl Lane {
    /// The lane between two places; none inside a province where a zone is not known.
    pub fn between(from: &Zone, to: &Zone) -> Option<Lane> {
        if from.special_area || to.special_area {
            return Some(Lane::SpecialArea);
        }
        if from.province != to.province {
            return Some(if from.big_city && to.big_city { Lane::BigCities } else { Lane::OtherProvinces });
        }
        let same = from.district.as_ref()? == to.district.as_ref()?;
        Some(if same { Lane::SameDistrict } else { Lane::SameProvince })
    }

    /// Whether it leaves the province; none where the lane does not say.
    pub fn crosses_provinces(self) -> Option<bool> {
        match self {
            Lane::SameDistrict | Lane::SameProvince => Some(false),
            Lane::BigCities | Lane::OtherProvinces => Some(true),
            Lane::SpecialArea => None,
        }
    }
}
