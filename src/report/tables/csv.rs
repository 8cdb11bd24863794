//! A report as CSV: UTF-8 with a mark at its head, CRLF, numbers as numbers, and no cell that a spreadsheet would run.

use crate::domain::problem::Language;
use crate::report::numbers::{self, NONE, say};
use crate::report::tables::columns::{Plain, table};
use crate::report::tables::{Report, shown};

/// What stands between two cells, and with it how a fraction is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Separator {
    /// `;`, with a decimal comma: what a spreadsheet in Vietnam opens.
    #[default]
    Semicolon,
    /// `,`, with a decimal point.
    Comma,
}

impl Separator {
    const fn letter(self) -> char {
        match self {
            Separator::Semicolon => ';',
            Separator::Comma => ',',
        }
    }

    const fn point(self) -> char {
        match self {
            Separator::Semicolon => ',',
            Separator::Comma => '.',
        }
    }
}

/// The whole report: what it is, then each table under its title, then checks and notes.
pub fn write(report: &Report, lang: Language, separator: Separator) -> Vec<u8> {
    let mut lines: Vec<Vec<String>> = vec![vec![text(report.title.pick(lang))]];
    lines.extend(shown::about(report, lang).into_iter().map(|(label, value)| vec![text(label), text(&value)]));
    for section in &report.sections {
        let table = table(section, lang);
        lines.push(Vec::new());
        lines.push(vec![text(section.title.pick(lang))]);
        lines.push(table.paths.iter().map(|path| text(&path.join(" / "))).collect());
        lines.extend(table.rows.iter().map(|(_, row)| row.iter().map(|cell| written(cell, separator)).collect()));
    }
    if !report.checks.is_empty() {
        lines.push(Vec::new());
        let heads = [("Kiểm tra", "Check"), ("Vế trái", "Left"), ("Vế phải", "Right"), ("Kết quả", "Result")];
        lines.push(heads.map(|(vi, en)| text(say(lang, vi, en))).to_vec());
    }
    for check in &report.checks {
        let side = |side: Option<i64>| side.map_or_else(|| NONE.to_owned(), |side| side.to_string());
        let said = match check.holds {
            Some(true) => say(lang, "khớp", "holds"),
            Some(false) => say(lang, "KHÔNG KHỚP", "DOES NOT HOLD"),
            None => say(lang, "chưa đủ số", "not known"),
        };
        lines.push(vec![text(check.name.pick(lang)), side(check.left), side(check.right), text(said)]);
    }
    lines.extend(report.notes.iter().flat_map(|note| [Vec::new(), vec![text(note.pick(lang))]]));
    let letter = separator.letter().to_string();
    let line = |cells: &Vec<String>| {
        let quoted: Vec<String> = cells.iter().map(|cell| quoted(cell, separator)).collect();
        format!("{}\r\n", quoted.join(&letter))
    };
    let body: String = lines.iter().map(line).collect();
    format!("\u{feff}{body}").into_bytes()
}

fn written(cell: &Plain, separator: Separator) -> String {
    let hundredths = |hundredths: Option<i64>| match hundredths {
        None => NONE.to_owned(),
        Some(hundredths) => {
            let size = hundredths.unsigned_abs();
            let minus = if hundredths < 0 { "-" } else { "" };
            format!("{minus}{}{}{:02}", size / 100, separator.point(), size % 100)
        }
    };
    match cell {
        Plain::Nothing => String::new(),
        Plain::Unknown => NONE.to_owned(),
        Plain::Text(words) => text(words),
        Plain::Whole(number) | Plain::Dong(number) => number.to_string(),
        Plain::Rate(part, whole) => match numbers::basis_points(*part, *whole) {
            None => NONE.to_owned(),
            points => format!("{}%", hundredths(points)),
        },
        Plain::Mean(sum, count) => hundredths(numbers::hundredths(*sum, *count)),
        Plain::Date(date) => date.format("%Y-%m-%d").to_string(),
        Plain::Moment(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

/// Words that begin like a formula get an apostrophe in front, so that no spreadsheet runs them.
fn text(words: &str) -> String {
    let looks_like_formula = words.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if looks_like_formula { format!("'{words}") } else { words.to_owned() }
}

fn quoted(cell: &str, separator: Separator) -> String {
    let needs = cell.contains([separator.letter(), '"', '\r', '\n', '\'']) || cell != cell.trim();
    if needs { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}
