//! Pages of the post office.

mod delivery;
mod device;
mod intake;
mod manifests;
mod photo;
mod rounds;
mod scan;
mod scanner;
mod sync;
mod today;

use crate::ui::routes::Route;

pub use delivery::PLACE as DELIVERY;
pub use rounds::PLACE as ROUNDS;
pub use scan::PLACE as SCAN;

/// The routes of the post office, part by part.
pub const ROUTES: &[&[Route]] = &[
    today::ROUTES,
    intake::ROUTES,
    manifests::ROUTES,
    scan::ROUTES,
    scanner::ROUTES,
    rounds::ROUTES,
    delivery::ROUTES,
    sync::ROUTES,
    photo::ROUTES,
    device::ROUTES,
];
