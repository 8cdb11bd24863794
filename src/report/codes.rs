//! QR codes and Code 128 as SVG, for papers and pages alike.

use std::fmt::Write;

use barcoders::sym::code128::Code128;
use qrcode::{Color, EcLevel, QrCode};

use crate::report::markup::escaped;

/// Why a text cannot stand in a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// More than the largest QR code holds.
    #[error("a text of {0} bytes is too long for a QR code")]
    TooLong(usize),
    /// Code 128 knows the printable letters of ASCII alone, and at least one has to be there.
    #[error("a bar code takes 1 to {BARS_TEXT_MAX} printable ASCII letters")]
    NotPlain,
}

/// Blank modules around a QR code (ISO/IEC 18004).
const QR_QUIET: usize = 4;
/// Blank modules beside the bars (ISO/IEC 15417).
const BARS_QUIET: usize = 10;
/// Height of the bars in modules; pages and papers stretch them as they need.
const BARS_HEIGHT: usize = 40;
/// Longer bars fit no label.
const BARS_TEXT_MAX: usize = 60;

/// The text as a QR code; `label` is what a screen reader says of it.
pub fn qr_svg(text: &str, label: &str) -> Result<String, CodeError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| CodeError::TooLong(text.len()))?;
    let (side, modules) = (code.width(), code.into_colors());
    let mut path = String::new();
    for (y, row) in modules.chunks(side).enumerate() {
        let dark: Vec<bool> = row.iter().map(|module| *module == Color::Dark).collect();
        draw_runs(&dark, (QR_QUIET, QR_QUIET + y), 1, &mut path);
    }
    let whole = side + 2 * QR_QUIET;
    Ok(svg((whole, whole), label, "", &path))
}

/// The text as Code 128; `label` is what a screen reader says of it. The bars may be stretched in both directions.
pub fn code128_svg(text: &str, label: &str) -> Result<String, CodeError> {
    let bars = code128_bars(text)?;
    let mut path = String::new();
    draw_runs(&bars, (BARS_QUIET, 0), BARS_HEIGHT, &mut path);
    Ok(svg((bars.len() + 2 * BARS_QUIET, BARS_HEIGHT), label, r#" preserveAspectRatio="none""#, &path))
}

/// The modules of Code 128, dark as true, without the blank margins.
pub fn code128_bars(text: &str) -> Result<Vec<bool>, CodeError> {
    let plain = (1..=BARS_TEXT_MAX).contains(&text.len()) && text.chars().all(|c| matches!(c, ' '..='~'));
    let code = plain.then(|| Code128::new(with_code_sets(text)).ok()).flatten().ok_or(CodeError::NotPlain)?;
    Ok(code.encode().into_iter().map(|module| module == 1).collect())
}

/// Marks where the code changes between set B (letters) and set C (two digits in one symbol). A change costs one symbol, so
/// digits go into set C where at least four stand at an edge of the text or six within it.
fn with_code_sets(text: &str) -> String {
    const SET_B: char = '\u{181}';
    const SET_C: char = '\u{106}';
    let (mut out, mut set, mut rest) = (String::new(), None, text);
    while !rest.is_empty() {
        let run = rest.chars().take_while(char::is_ascii_digit).count();
        let needed = if set.is_none() || run == rest.len() { 4 } else { 6 };
        let (wanted, taken) = match run {
            run if run >= needed && run % 2 == 0 => (SET_C, run),
            // The odd digit stays with the letters before it.
            run if run >= needed => (SET_B, 1),
            0 => (SET_B, rest.chars().take_while(|c| !c.is_ascii_digit()).count()),
            run => (SET_B, run),
        };
        if set != Some(wanted) {
            out.push(wanted);
            set = Some(wanted);
        }
        let (now, later) = rest.split_at(taken);
        out.push_str(now);
        rest = later;
    }
    out
}

/// Draws each run of dark modules of one row as a rectangle.
fn draw_runs(dark: &[bool], (left, top): (usize, usize), height: usize, path: &mut String) {
    let mut x = left;
    for run in dark.chunk_by(|a, b| a == b) {
        if run.first() == Some(&true) {
            // Writing to a text cannot fail.
            let _ = write!(path, "M{x} {top}h{w}v{height}h-{w}z", w = run.len());
        }
        x += run.len();
    }
}

fn svg((width, height): (usize, usize), label: &str, stretch: &str, path: &str) -> String {
    let label = escaped(label);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"{stretch} shape-rendering="crispEdges" role="img" aria-label="{label}"><path fill="#fff" d="M0 0h{width}v{height}H0z"/><path fill="#000" d="{path}"/></svg>"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rxing::BarcodeFormat;

    /// What a scanner reads from the picture: each module so many points wide.
    fn read(rows: &[Vec<bool>], format: BarcodeFormat) -> String {
        const POINTS: usize = 3;
        let width = (rows[0].len() + 2 * BARS_QUIET) * POINTS;
        let mut luma = vec![255u8; width * BARS_QUIET * POINTS];
        for row in rows {
            let mut line = vec![255u8; BARS_QUIET * POINTS];
            line.extend(row.iter().flat_map(|dark| [if *dark { 0 } else { 255 }; POINTS]));
            line.resize(width, 255);
            (0..POINTS).for_each(|_| luma.extend(&line));
        }
        luma.resize(luma.len() + width * BARS_QUIET * POINTS, 255);
        let height = luma.len() / width;
        let found = rxing::helpers::detect_in_luma(
            luma,
            u32::try_from(width).unwrap(),
            u32::try_from(height).unwrap(),
            Some(format),
        );
        found.unwrap().getText().to_owned()
    }

    /// The dark modules that a path of ours draws.
    fn drawn(svg: &str, side: usize) -> Vec<Vec<bool>> {
        let path = svg.split("fill=\"#000\" d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut rows = vec![vec![false; side]; side];
        for part in path.split('M').filter(|part| !part.is_empty()) {
            let (x, rest) = part.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (width, _) = rest.split_once('v').unwrap();
            let (x, y, width): (usize, usize, usize) = (x.parse().unwrap(), y.parse().unwrap(), width.parse().unwrap());
            rows[y][x..x + width].fill(true);
        }
        rows
    }

    #[test]
    fn a_scanner_reads_the_bars() {
        for text in ["PG-980110-004128", "EE261119052VN", "12345", "0", "A", "000.00.12.H98-261119-0026", "a<b>&\"c'"] {
            let bars = code128_bars(text).unwrap();
            assert_eq!(read(&vec![bars; 30], BarcodeFormat::CODE_128), text);
        }
        assert_eq!(code128_bars("1234").unwrap().len(), 11 * 4 + 13, "start, two pairs, check, stop");
    }

    #[test]
    fn a_scanner_reads_the_square() {
        for text in ["https://tra-cuu.example.vn/t/ABC?x=1&y=2", "Nguyễn Thị Hạnh <\"'&>"] {
            let svg = qr_svg(text, "Tra cứu").unwrap();
            let side: usize = svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert_eq!(read(&drawn(&svg, side), BarcodeFormat::QR_CODE), text);
        }
    }

    #[test]
    fn labels_cannot_leave_their_attribute() {
        let svg = qr_svg("x", "\"><script>alert('1')</script>\u{0}&").unwrap();
        assert!(
            svg.contains(r#"role="img" aria-label="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp;""#)
        );
        let bars = code128_svg("<x>", "<x>").unwrap();
        assert!(!bars.contains("<x>") && bars.contains(r#"aria-label="&lt;x&gt;""#));
    }

    #[test]
    fn what_no_code_can_hold_is_refused() {
        assert_eq!(qr_svg(&"x".repeat(3000), ""), Err(CodeError::TooLong(3000)));
        let long = "1".repeat(BARS_TEXT_MAX + 1);
        for text in ["", "Hồ sơ", "a\nb", "\u{c0}AB", long.as_str()] {
            assert_eq!(code128_bars(text), Err(CodeError::NotPlain), "{text}");
        }
    }
}
