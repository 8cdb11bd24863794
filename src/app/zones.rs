//! Postal zones of communes, post offices and agencies, by which lanes of results are told.

use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::domain::lane::Zone;
use crate::store::clocks::PostalZoneRow;

/// Loads zones: places that are there are replaced, others stay. Every clock and roll-up is derived anew.
pub fn load(app: &App, zones: Vec<(String, Zone)>, doing: Doing<'_>) -> Result<(), AppError> {
    let row = |(place, zone): (String, Zone)| PostalZoneRow {
        place,
        province: zone.province,
        zone: zone.zone,
        class: zone.class.as_str().to_owned(),
    };
    let rows = zones.into_iter().map(row).collect();
    Ok(app.store.load_zones(rows, act(app, doing, "ZONES.LOADED", None))?)
}
