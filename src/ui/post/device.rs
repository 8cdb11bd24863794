//! What this device still keeps of its person's acts: those that wait for a line and those that were refused. The device knows them, the
//! server does not: the page is filled by its script, and works without a line.

use minijinja::context;

use crate::domain::person::Right;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, html};
use crate::ui::routes::{Needs, Route, get};

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/post/device", Needs::Right(Right::Scan), device)];

fn device(_: &Ask) -> Result<Page, Stop> {
    html("device.html", context! {})
}
