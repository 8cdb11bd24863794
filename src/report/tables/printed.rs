//! A percentage that somebody else printed, worked out again from its numbers (domain 9.5).

/// How a printed percentage stands to its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the rounded quotient.
    Right,
    /// Its last digits were cut off instead of rounded.
    CutOff,
    /// It is another number.
    Wrong,
    /// There is no such share: the denominator is zero, or the text is no percentage.
    None,
}

/// Holds a printed percentage, `13,8 %` or `0.21%`, against numerator and denominator. It is rounded to as many digits as it prints.
pub fn percentage(printed: &str, part: i64, whole: i64) -> Verdict {
    const DIGITS_MAX: usize = 4;
    let text = printed.trim().trim_end_matches('%').trim().replace(',', ".");
    let (units, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let digits = units.bytes().chain(fraction.bytes()).all(|digit| digit.is_ascii_digit());
    if whole <= 0 || part < 0 || units.is_empty() || !digits || fraction.len() > DIGITS_MAX {
        return Verdict::None;
    }
    let Ok(said) = format!("{units}{fraction}").parse::<u128>() else { return Verdict::None };
    let scale = 100 * 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    let (part, whole) = (u128::from(part.unsigned_abs()) * scale, u128::from(whole.unsigned_abs()));
    match said {
        said if said == (part + whole / 2) / whole => Verdict::Right,
        said if said == part / whole => Verdict::CutOff,
        _ => Verdict::Wrong,
    }
}
