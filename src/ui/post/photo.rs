//! Codes in a photo, for phones whose browser cannot read them itself. Handlers run beside the threads that serve connections.

use std::collections::HashSet;

use rxing::helpers::detect_multiple_in_luma_with_hints;
use rxing::{BarcodeFormat, DecodeHints};
use serde_json::{Value, json};

use crate::app::evidence;
use crate::domain::person::Right;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop};
use crate::ui::routes::{Needs, Route, send};

/// The routes of this part.
pub const ROUTES: &[Route] = &[send("POST", "/scan/photo", Needs::Right(Right::Scan), evidence::BYTES_MAX, photo)];

/// Longer side that is looked at: a code on a label is legible, and a look is short.
const SIDE_MAX: u32 = 1_600;
/// Codes of one photo.
const CODES_MAX: usize = 20;
/// The formats of our labels and papers, as browsers call them.
const FORMATS: &[(BarcodeFormat, &str)] = &[(BarcodeFormat::CODE_128, "code_128"), (BarcodeFormat::QR_CODE, "qr_code")];

fn photo(ask: &Ask) -> Result<Page, Stop> {
    let picture = evidence::decode(&ask.body)?;
    let small = picture.width() <= SIDE_MAX && picture.height() <= SIDE_MAX;
    let grey = if small { picture.to_luma8() } else { picture.thumbnail(SIDE_MAX, SIDE_MAX).to_luma8() };
    let (width, height) = grey.dimensions();
    let formats: HashSet<BarcodeFormat> = FORMATS.iter().map(|(format, _)| *format).collect();
    let mut hints = DecodeHints { PossibleFormats: Some(formats), TryHarder: Some(true), ..DecodeHints::default() };
    // "Nothing found" is an error of the decoder and an answer of ours.
    let found = detect_multiple_in_luma_with_hints(grey.into_raw(), width, height, &mut hints).unwrap_or_default();
    let name = |format: &BarcodeFormat| FORMATS.iter().find(|(known, _)| known == format).map(|(_, name)| *name);
    let mut codes: Vec<Value> = Vec::new();
    for result in found.iter().take(CODES_MAX) {
        let Some(format) = name(result.getBarcodeFormat()) else { continue };
        let code = json!({"format": format, "text": result.getText()});
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    Ok(Page::Json(json!({ "codes": codes })))
}
