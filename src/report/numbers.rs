//! Numbers, shares, money, dates and spans of time as people write them, in Vietnamese and English.
//!
//! A share always stands with its numerator and denominator, and nothing is divided by zero: then it says "–". Rounding is done
//! on whole numbers, half away from zero, so that a printed share can be worked out again by hand.

use chrono::NaiveDate;

use crate::base::time::{DAY_US, HOUR_US, MINUTE_US, Ts};
use crate::domain::problem::Language;

/// What stands where there is no number.
pub const NONE: &str = "–";

/// A blank that keeps a number and its unit on one line.
const NBSP: char = '\u{a0}';
/// The minus sign; a hyphen is too short beside tabular figures.
const MINUS: char = '−';

/// The text in the reader's language.
pub const fn say<'a>(lang: Language, vi: &'a str, en: &'a str) -> &'a str {
    match lang {
        Language::Vi => vi,
        Language::En => en,
    }
}

/// A whole number with its thousands parted: `1.234` or `1,234`.
pub fn whole(number: i64, lang: Language) -> String {
    decimal(i128::from(number), 0, lang)
}

/// A number kept in tenths, hundredths and so on: `decimal(12345, 1)` is `1.234,5` or `1,234.5`.
pub fn decimal(scaled: i128, digits: u32, lang: Language) -> String {
    let base = 10_u128.saturating_pow(digits);
    let (thousands, point) = match lang {
        Language::Vi => ('.', ','),
        Language::En => (',', '.'),
    };
    let mut text = String::new();
    if scaled < 0 {
        text.push(MINUS);
    }
    let units = (scaled.unsigned_abs() / base).to_string();
    for (at, digit) in units.chars().enumerate() {
        if at > 0 && (units.len() - at).is_multiple_of(3) {
            text.push(thousands);
        }
        text.push(digit);
    }
    if digits > 0 {
        let rest = scaled.unsigned_abs() % base;
        text.push(point);
        text.push_str(&format!("{rest:0width$}", width = usize::try_from(digits).unwrap_or(0)));
    }
    text
}

/// A change with its sign, `+0,31`, `−0,29`, or `0,00` without one.
pub fn signed(scaled: i128, digits: u32, lang: Language) -> String {
    let plus = if scaled > 0 { "+" } else { "" };
    format!("{plus}{}", decimal(scaled, digits, lang))
}

/// A long number in few figures, for an axis: `12,5 nghìn`, `3 triệu`, `1,2 tỷ`; below ten thousand as it is.
pub fn compact(number: i128, lang: Language) -> String {
    const NAMES: [(u128, &str, &str); 5] = [
        (1_000_000_000_000_000_000, "tỷ tỷ", "quintillion"),
        (1_000_000_000_000, "nghìn tỷ", "trillion"),
        (1_000_000_000, "tỷ", "billion"),
        (1_000_000, "triệu", "million"),
        (1_000, "nghìn", "thousand"),
    ];
    let size = number.unsigned_abs();
    if size < 10_000 {
        return decimal(number, 0, lang);
    }
    let tenths = |unit: u128| rounded(size.saturating_mul(10), unit);
    let named = NAMES.iter().find(|(unit, _, _)| tenths(*unit) >= 10).or(NAMES.last());
    let Some((unit, vi, en)) = named else { return decimal(number, 0, lang) };
    let tenths = i128::try_from(tenths(*unit)).unwrap_or(i128::MAX) * number.signum();
    let figures = if tenths % 10 == 0 { decimal(tenths / 10, 0, lang) } else { decimal(tenths, 1, lang) };
    format!("{figures}{NBSP}{}", say(lang, vi, en))
}

fn rounded(numerator: u128, denominator: u128) -> u128 {
    numerator.saturating_add(denominator / 2) / denominator
}

/// Numerator and denominator: `4.118 / 4.271`.
pub fn fraction(part: i64, whole_: i64, lang: Language) -> String {
    format!("{}{NBSP}/{NBSP}{}", whole(part, lang), whole(whole_, lang))
}

/// A share in hundredths of a percent; none when the denominator is zero.
pub fn basis_points(part: i64, whole: i64) -> Option<i64> {
    if whole == 0 {
        return None;
    }
    let size = rounded(u128::from(part.unsigned_abs()).saturating_mul(10_000), u128::from(whole.unsigned_abs()));
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    Some(size * part.signum() * whole.signum())
}

/// A quotient in hundredths, rounded; none when the denominator is zero.
pub fn hundredths(sum: i64, count: i64) -> Option<i64> {
    if count == 0 {
        return None;
    }
    let size = rounded(u128::from(sum.unsigned_abs()).saturating_mul(100), u128::from(count.unsigned_abs()));
    Some(i64::try_from(size).unwrap_or(i64::MAX) * sum.signum() * count.signum())
}

/// A percentage alone, for where its fraction stands beside it: `96,42 %`, `96.42%`, or `–`.
pub fn percent(part: i64, whole: i64, lang: Language) -> String {
    basis_points(part, whole).map_or_else(|| NONE.to_owned(), |points| percent_of(points, lang))
}

/// Hundredths of a percent as a percentage: 500 is `5,00 %`.
pub fn percent_of(basis_points: i64, lang: Language) -> String {
    with_percent_sign(decimal(i128::from(basis_points), 2, lang), lang)
}

/// Hundredths of a percent without idle zeros: 500 is `5 %`, 250 is `2,5 %`.
pub fn short_percent_of(basis_points: i64, lang: Language) -> String {
    with_percent_sign(short_points(i128::from(basis_points), lang), lang)
}

/// As [`short_percent_of`], without the sign.
pub(crate) fn short_points(basis_points: i128, lang: Language) -> String {
    match basis_points {
        points if points % 100 == 0 => decimal(points / 100, 0, lang),
        points if points % 10 == 0 => decimal(points / 10, 1, lang),
        points => decimal(points, 2, lang),
    }
}

fn with_percent_sign(number: String, lang: Language) -> String {
    match lang {
        Language::Vi => format!("{number}{NBSP}%"),
        Language::En => format!("{number}%"),
    }
}

/// A percentage with its base: `4,61 % (158 / 3.428)`, or `– (0 / 0)`.
pub fn share(part: i64, whole: i64, lang: Language) -> String {
    format!("{} ({})", percent(part, whole, lang), fraction(part, whole, lang))
}

/// How far a share moved, in percentage points: `+0,31 điểm`; `–` when one of the two does not exist.
pub fn change_of_share(now: (i64, i64), before: (i64, i64), lang: Language) -> String {
    let points = basis_points(now.0, now.1).zip(basis_points(before.0, before.1));
    points.map_or_else(
        || NONE.to_owned(),
        |(now, before)| {
            let moved = signed(i128::from(now) - i128::from(before), 2, lang);
            format!("{moved}{NBSP}{}", say(lang, "điểm", "pts"))
        },
    )
}

/// Money: `135.000 ₫`.
pub fn money(dong: i64, lang: Language) -> String {
    format!("{}{NBSP}₫", whole(dong, lang))
}

/// A date, the same in both languages: `19/11/2026`.
pub fn date(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

/// Day and month, for an axis: `5/11`.
pub fn day(date: NaiveDate) -> String {
    date.format("%-d/%-m").to_string()
}

/// Month and year: `11/2026`.
pub fn month(date: NaiveDate) -> String {
    date.format("%-m/%Y").to_string()
}

/// The time of day in Vietnam: `09:42`.
pub fn time(at: Ts) -> String {
    at.to_vietnam().format("%H:%M").to_string()
}

/// Time and date in Vietnam: `09:42 19/11/2026`.
pub fn moment(at: Ts) -> String {
    at.to_vietnam().format("%H:%M %d/%m/%Y").to_string()
}

/// So many days: `9 ngày`, `1 day`.
pub fn days(count: i64, lang: Language) -> String {
    counted(count, lang, "ngày", "day")
}

/// A span of time in words, its two greatest units: `2 ngày 3 giờ`, `5 phút`, `dưới 1 phút`. A span cannot be negative; one that
/// comes from two clocks that differ counts as none.
pub fn duration(us: i64, lang: Language) -> String {
    let us = us.max(0);
    let units = [
        (us / DAY_US, "ngày", "day"),
        (us % DAY_US / HOUR_US, "giờ", "hour"),
        (us % HOUR_US / MINUTE_US, "phút", "minute"),
    ];
    let first = units.iter().position(|(count, _, _)| *count > 0);
    let Some(first) = first else { return say(lang, "dưới 1 phút", "under a minute").to_owned() };
    let words = units.iter().skip(first).take(2).filter(|(count, _, _)| *count > 0);
    words.map(|(count, vi, en)| counted(*count, lang, vi, en)).collect::<Vec<_>>().join(" ")
}

fn counted(count: i64, lang: Language, vi: &str, en: &str) -> String {
    let plural = if lang == Language::En && count != 1 { "s" } else { "" };
    format!("{}{NBSP}{}{plural}", whole(count, lang), say(lang, vi, en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Vi};
    use proptest::prelude::*;

    fn plain(text: String) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn numbers_are_parted_as_each_language_does() {
        assert_eq!(whole(1_234_567, Vi), "1.234.567");
        assert_eq!(whole(1_234_567, En), "1,234,567");
        assert_eq!(decimal(12_345, 1, Vi), "1.234,5");
        assert_eq!(decimal(12_345, 1, En), "1,234.5");
        assert_eq!(decimal(-5, 2, Vi), "−0,05");
        assert_eq!(whole(i64::MIN, Vi), "−9.223.372.036.854.775.808");
        assert_eq!([signed(31, 2, Vi), signed(-29, 2, En), signed(0, 2, Vi)], ["+0,31", "−0.29", "0,00"]);
    }

    #[test]
    fn a_share_has_its_base_and_none_over_nothing() {
        assert_eq!(plain(share(158, 3_428, Vi)), "4,61 % (158 / 3.428)");
        assert_eq!(plain(share(158, 3_428, En)), "4.61% (158 / 3,428)");
        assert_eq!(plain(share(0, 0, Vi)), "– (0 / 0)");
        assert_eq!(plain(percent(1, 8, Vi)), "12,50 %");
        assert_eq!(plain(percent(2, 3, Vi)), "66,67 %");
        assert_eq!(plain(short_percent_of(250, Vi)), "2,5 %");
        assert_eq!(plain(change_of_share((158, 3_428), (164, 3_347), Vi)), "−0,29 điểm");
        assert_eq!(change_of_share((1, 2), (0, 0), Vi), NONE);
        assert_eq!([hundredths(5, 3), hundredths(-5, 3), hundredths(1, 0)], [Some(167), Some(-167), None]);
    }

    #[test]
    fn money_days_and_spans() {
        assert_eq!(plain(money(135_000, Vi)), "135.000 ₫");
        assert_eq!(plain(money(135_000, En)), "135,000 ₫");
        let at = Ts::parse_rfc3339("2026-11-19T09:42:10+07:00").unwrap();
        assert_eq!([time(at), moment(at)], ["09:42", "09:42 19/11/2026"]);
        let on = NaiveDate::from_ymd_opt(2026, 11, 9).unwrap();
        assert_eq!([date(on), day(on), month(on)], ["09/11/2026", "9/11", "11/2026"]);
        let spans = [51 * HOUR_US, DAY_US, 65 * MINUTE_US, DAY_US + 5 * MINUTE_US, 59_000_000, -7];
        let vi = spans.map(|us| plain(duration(us, Vi)));
        assert_eq!(vi, ["2 ngày 3 giờ", "1 ngày", "1 giờ 5 phút", "1 ngày", "dưới 1 phút", "dưới 1 phút"]);
        assert_eq!(plain(duration(25 * HOUR_US, En)), "1 day 1 hour");
        assert_eq!(plain(duration(51 * HOUR_US, En)), "2 days 3 hours");
    }

    #[test]
    fn an_axis_has_few_figures() {
        let vi = [9_999, 10_000, 12_500, 999_960, 3_000_000, -1_234_567_890].map(|number| plain(compact(number, Vi)));
        assert_eq!(vi, ["9.999", "10 nghìn", "12,5 nghìn", "1 triệu", "3 triệu", "−1,2 tỷ"]);
        assert_eq!(plain(compact(12_500, En)), "12.5 thousand");
    }

    proptest! {
        #[test]
        fn any_number_can_be_written(part: i64, whole: i64, us: i64) {
            for lang in [Vi, En] {
                let texts = [share(part, whole, lang), money(part, lang), duration(us, lang), compact(part.into(), lang)];
                prop_assert!(texts.iter().all(|text| !text.is_empty() && !text.contains("NaN")));
                prop_assert_eq!(whole == 0, percent(part, whole, lang) == NONE);
            }
        }
    }
}
