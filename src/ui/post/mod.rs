//! Pages of the post office.

mod delivery;
mod photo;
mod rounds;
mod scan;
mod scanner;
mod sync;

use crate::ui::routes::Route;

/// The routes of the post office, part by part.
pub const ROUTES: &[&[Route]] =
    &[scan::ROUTES, scanner::ROUTES, rounds::ROUTES, delivery::ROUTES, sync::ROUTES, photo::ROUTES];
