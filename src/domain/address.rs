//! The catalogue of administrative units (QĐ 19/2025): which provinces and communes exist. It warns and never refuses.

use std::collections::{BTreeSet, HashMap};

/// Provinces and the communes in them.
#[derive(Debug, Clone, Default)]
pub struct AddressCatalogue {
    provinces: BTreeSet<String>,
    province_of_commune: HashMap<String, String>,
}

impl AddressCatalogue {
    /// A catalogue of (province code, commune code) rows.
    pub fn new<P: Into<String>, C: Into<String>>(rows: impl IntoIterator<Item = (P, C)>) -> Self {
        let mut catalogue = AddressCatalogue::default();
        for (province, commune) in rows {
            let province = province.into();
            catalogue.provinces.insert(province.clone());
            catalogue.province_of_commune.insert(commune.into(), province);
        }
        catalogue
    }

    /// Which code the catalogue lacks: `provinceCode` or `communeCode`; a commune of another province counts as lacking.
    pub fn lacks(&self, province: Option<&str>, commune: Option<&str>) -> Option<&'static str> {
        if province.is_some_and(|code| !self.provinces.contains(code)) {
            return Some("provinceCode");
        }
        let commune = commune?;
        match (self.province_of_commune.get(commune), province) {
            (None, _) => Some("communeCode"),
            (Some(home), Some(province)) if home != province => Some("communeCode"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commune_belongs_to_its_province() {
        let catalogue = AddressCatalogue::new([("56", "22366"), ("48", "20410")]);
        assert_eq!(catalogue.lacks(Some("56"), Some("22366")), None);
        assert_eq!(catalogue.lacks(None, Some("20410")), None);
        assert_eq!(catalogue.lacks(Some("15"), Some("22366")), Some("provinceCode"));
        assert_eq!(catalogue.lacks(Some("56"), Some("20410")), Some("communeCode"));
        assert_eq!(catalogue.lacks(Some("56"), Some("99999")), Some("communeCode"));
    }
}
