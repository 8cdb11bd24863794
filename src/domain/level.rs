//! The level of an agency (domain 2): provinces and communes since 1/7/2025, districts before it.

use crate::domain::leg::words;

words! {
    /// The level of an agency.
    Level {
        /// A branch of a central agency: police, tax, social insurance, treasury.
        Central = "CENTRAL",
        /// A department of the province.
        Department = "DEPARTMENT",
        /// A district, before 1/7/2025.
        District = "DISTRICT",
        /// A commune.
        Commune = "COMMUNE",
    }
}
