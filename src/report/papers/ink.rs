//! Signatures drawn on a screen, as pictures for a paper.

use super::PapersError;
use crate::base::time::Ts;
use crate::report::dates;
use crate::report::markup::escaped;
use serde_json::{Value, json};

/// A drawn signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ink {
    /// A PNG picture.
    Png(Vec<u8>),
    /// The `d` of an SVG path, drawn in a box of this size.
    Path {
        /// Path data.
        d: String,
        /// Width of the box.
        width: u32,
        /// Height of the box.
        height: u32,
    },
}

/// What stands in the place for a signature. Without a moment the place stays empty, for a pen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Who signs, printed below.
    pub name: String,
    /// What was drawn, if anything: a PIN signs too.
    pub ink: Option<Ink>,
    /// When it was signed.
    pub signed_at: Option<Ts>,
}

/// Blue-black of a pen.
const INK_COLOUR: &str = "#14305f";
const PNG_BYTES_MAX: usize = 2 << 20;
const SIDE_MAX: u32 = 4096;
const PATH_BYTES_MAX: usize = 256 << 10;

impl Signature {
    /// What the template sees; the picture goes to `pictures` under the name of its place.
    pub(super) fn data(&self, place: &str, pictures: &mut Vec<(String, Vec<u8>)>) -> Result<Value, PapersError> {
        let refused = |why| PapersError::Ink { who: self.name.clone(), why };
        let picture = match &self.ink {
            None => None,
            Some(Ink::Png(bytes)) => Some((format!("{place}.png"), checked_png(bytes).map_err(refused)?)),
            Some(Ink::Path { d, width, height }) => {
                Some((format!("{place}.svg"), path_svg(d, *width, *height).map_err(refused)?))
            }
        };
        let file = picture.as_ref().map(|(name, _)| name.clone());
        pictures.extend(picture);
        Ok(json!({ "name": self.name, "ink": file, "signed_at": self.signed_at.map(dates::moment) }))
    }
}

/// A PNG that says of itself what a signature may be: a small file of bounded sides, before anything decodes it.
fn checked_png(bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    if bytes.len() > PNG_BYTES_MAX {
        return Err("the picture is larger than 2 MiB");
    }
    let side = |at: usize| {
        let four = bytes.get(at..at + 4).and_then(|four| <[u8; 4]>::try_from(four).ok());
        four.map_or(0, u32::from_be_bytes)
    };
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") || bytes.get(12..16) != Some(b"IHDR") {
        return Err("the picture is not a PNG");
    }
    let bounded = |side: u32| (1..=SIDE_MAX).contains(&side);
    if bounded(side(16)) && bounded(side(20)) { Ok(bytes.to_vec()) } else { Err("the picture is too wide or too high") }
}

fn path_svg(d: &str, width: u32, height: u32) -> Result<Vec<u8>, &'static str> {
    let known = |c: char| "MmLlHhVvCcSsQqTtAaZzEe0123456789+-., \n".contains(c);
    if d.is_empty() || d.len() > PATH_BYTES_MAX || !d.chars().all(known) {
        return Err("the path is empty, too long, or has letters that no path has");
    }
    if !(1..=SIDE_MAX).contains(&width) || !(1..=SIDE_MAX).contains(&height) {
        return Err("the box of the path is empty or too large");
    }
    // A pen of the same width on paper, whatever the box of the screen was.
    let pen = f64::from(height) / 28.0;
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"><path d="{d}" fill="none" stroke="{INK_COLOUR}" stroke-width="{pen:.2}" stroke-linecap="round" stroke-linejoin="round"/></svg>"#,
        d = escaped(d)
    );
    Ok(svg.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_are_ink() {
        assert!(path_svg("M4 30c8-22 16-24 14-6", 100, 44).is_ok());
        for d in ["", "M0 0\"/><script/>", "url(x)"] {
            assert!(path_svg(d, 100, 44).is_err(), "{d}");
        }
        assert!(path_svg("M0 0h9", 0, 44).is_err());
        assert_eq!(checked_png(b"GIF89a"), Err("the picture is not a PNG"));
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bomb.extend([0, 1, 0, 0, 0, 1, 0, 0]);
        assert_eq!(checked_png(&bomb), Err("the picture is too wide or too high"));
    }
}
