//! Pages of the post office.

mod intake;
mod manifests;
mod today;

use crate::ui::routes::Route;

/// The routes of the post office, part by part.
pub const ROUTES: &[&[Route]] = &[today::ROUTES, intake::ROUTES, manifests::ROUTES];
