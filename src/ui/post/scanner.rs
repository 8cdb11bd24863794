//! The self-test of a scanner: a known code on the screen, and what arrived of it.

use minijinja::{Value, context};

use crate::domain::person::Right;
use crate::report::codes::code128_svg;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, html};
use crate::ui::routes::{Needs, Route, get};

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/post/scanner", Needs::Right(Right::Scan), scanner)];

/// Letters that Telex and VNI rewrite, digits, a dot and dashes: what breaks first.
const SAMPLE: &str = "000.00.12.H98-261119-0032";

fn scanner(ask: &Ask) -> Result<Page, Stop> {
    let label = ask.t("Mã vạch thử", "Test barcode");
    let drawn = code128_svg(SAMPLE, label).map_err(|error| Stop::Internal(error.to_string()))?;
    html("scanner_test.html", context! { sample => SAMPLE, drawn => Value::from_safe_string(drawn) })
}
