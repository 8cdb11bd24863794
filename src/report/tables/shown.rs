//! What people read of a report: its head in sentences, and each cell in their spelling.

use crate::domain::problem::Language;
use crate::report::numbers::{self, NONE, say};
use crate::report::tables::{Report, Value};

/// A cell as text.
pub fn cell(value: &Value, lang: Language) -> String {
    match value {
        Value::Text { text } => text.clone(),
        Value::Said(said) => said.pick(lang).to_owned(),
        Value::Whole { number } => numbers::whole(*number, lang),
        Value::Dong { dong } => numbers::money(*dong, lang),
        Value::Share { part, whole } => numbers::share(*part, *whole, lang),
        Value::Days { sum, count } => days(*sum, *count, lang),
        Value::Date { date } => numbers::date(*date),
        Value::Moment { at } => numbers::moment(*at),
        Value::Unknown => NONE.to_owned(),
        Value::Blank => String::new(),
    }
}

/// An average with its base: `1,42 (187 / 132)`.
fn days(sum: i64, count: i64, lang: Language) -> String {
    let mean = numbers::hundredths(sum, count)
        .map_or_else(|| NONE.to_owned(), |hundredths| numbers::decimal(i128::from(hundredths), 2, lang));
    format!("{mean} ({})", numbers::fraction(sum, count, lang))
}

/// What the report is about, line by line: label and text.
pub fn about(report: &Report, lang: Language) -> Vec<(&'static str, String)> {
    let period = format!("{} – {}", numbers::date(report.period.from), numbers::date(report.period.last()));
    let mut lines = vec![
        (say(lang, "Kỳ báo cáo", "Period"), period),
        (say(lang, "Phạm vi", "Scope"), report.scope.name.pick(lang).to_owned()),
        (say(lang, "Số liệu chốt lúc", "As of"), numbers::moment(report.as_of)),
        (say(lang, "Lịch làm việc", "Calendar"), calendar(report)),
        (say(lang, "Định nghĩa", "Definition"), format!("{} v{}", report.definition, report.version)),
        (say(lang, "Căn cứ", "Basis"), report.basis.clone()),
    ];
    if let Some(day) = report.due_before {
        lines.push((say(lang, "Gửi trước ngày", "Due before"), numbers::date(day)));
    }
    lines
}

fn calendar(report: &Report) -> String {
    if report.calendar.is_empty() { NONE.to_owned() } else { report.calendar.join(", ") }
}

/// The period in one piece: `tháng 11/2026`, `quý 4/2026`, `năm 2026`, or its first and last day.
pub fn period(period: crate::report::tables::Period, lang: Language) -> String {
    use chrono::{Datelike, Months};
    let from = period.from;
    let spans = |months: u32| from.day() == 1 && from.checked_add_months(Months::new(months)) == Some(period.until);
    let (month, year) = (from.month(), from.year());
    if spans(1) {
        return lang.pick(format!("tháng {month}/{year}"), format!("month {month}/{year}"));
    }
    if spans(3) && month % 3 == 1 {
        let quarter = month.div_ceil(3);
        return lang.pick(format!("quý {quarter}/{year}"), format!("quarter {quarter}/{year}"));
    }
    if spans(6) && month % 6 == 1 {
        let half = month.div_ceil(6);
        return lang.pick(
            format!("6 tháng {} năm {year}", ["đầu", "cuối"].get(usize::from(half == 2)).unwrap_or(&"")),
            format!("half-year {half}/{year}"),
        );
    }
    if spans(12) && month == 1 {
        return lang.pick(format!("năm {year}"), format!("year {year}"));
    }
    format!("{} – {}", numbers::date(from), numbers::date(period.last()))
}
