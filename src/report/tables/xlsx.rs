//! A report as a workbook: a sheet for each table, numbers as numbers, shares as formulas over their two numbers. Nothing in it comes from
//! a clock, so the same report gives the same bytes.

use rust_xlsxwriter::{DocProperties, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError};

use crate::domain::leg::words;
use crate::domain::problem::Language;
use crate::report::numbers::{self, NONE, say};
use crate::report::tables::columns::{Plain, heads, table};
use crate::report::tables::{Holds, Report, Section, shown};

/// Why there is no workbook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the workbook cannot be written: {0}")]
pub struct NoWorkbook(String);

impl From<XlsxError> for NoWorkbook {
    fn from(error: XlsxError) -> Self {
        NoWorkbook(error.to_string())
    }
}

/// A4 in the numbers of the format.
const A4: u8 = 9;
/// Letters of a sheet's name, at most.
const NAME_CHARS_MAX: usize = 31;

words! {
    /// How a cell looks.
    Look {
        /// Words.
        Words = "@",
        /// Whole numbers.
        Whole = "#,##0",
        /// Đồng.
        Dong = "#,##0 \"₫\"",
        /// A share.
        Rate = "0.00%",
        /// An average.
        Mean = "0.00",
        /// A date.
        Date = "dd/mm/yyyy",
        /// An instant.
        Moment = "hh:mm dd/mm/yyyy",
    }
}

/// The whole report.
pub fn write(report: &Report, lang: Language) -> Result<Vec<u8>, NoWorkbook> {
    let mut book = Workbook::new();
    let properties = DocProperties::new()
        .set_title(report.title.pick(lang))
        .set_subject(format!("{} v{}", report.definition, report.version))
        .set_author(report.letterhead.issuer.as_str())
        .set_company("Giao Nhận")
        .set_creation_datetime(&report.as_of.to_vietnam());
    book.set_properties(&properties);
    for (at, section) in report.sections.iter().enumerate() {
        sheet(book.add_worksheet(), report, section, at + 1, lang)?;
    }
    checks(book.add_worksheet(), report, lang)?;
    Ok(book.save_to_buffer()?)
}

fn base() -> Format {
    Format::new().set_font_name("Times New Roman").set_font_size(11)
}

fn boxed() -> Format {
    base().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter)
}

/// Heads of a table: bold, in the middle, wrapped.
fn head_look() -> Format {
    boxed().set_bold().set_align(FormatAlign::Center).set_text_wrap()
}

/// Title and what the report is about, from the first line down; the number of the next line.
fn opening(sheet: &mut Worksheet, report: &Report, title: &str, lang: Language) -> Result<u32, XlsxError> {
    sheet.write_string_with_format(0, 0, report.title.pick(lang), &base().set_bold().set_font_size(14))?;
    sheet.write_string_with_format(1, 0, title, &base().set_bold())?;
    let mut line = 2;
    for (label, text) in shown::about(report, lang) {
        sheet.write_string_with_format(line, 0, format!("{label}: {text}"), &base().set_italic())?;
        line += 1;
    }
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_margins(0.5, 0.4, 0.5, 0.5, 0.3, 0.3);
    sheet.set_footer("&L&A&R&P/&N");
    Ok(line + 1)
}

fn sheet(
    sheet: &mut Worksheet,
    report: &Report,
    section: &Section,
    number: usize,
    lang: Language,
) -> Result<(), XlsxError> {
    let title = section.title.pick(lang);
    sheet.set_name(sheet_name(number, title))?;
    let top = opening(sheet, report, title, lang)?;
    let table = table(section, lang);
    let lines = heads(&table.paths);
    let look = head_look();
    for (line, heads) in (top..).zip(&lines) {
        for head in heads {
            let (column, last) = (place(head.column), place(head.column + head.columns - 1));
            let below = line + u32::try_from(head.lines).unwrap_or(1) - 1;
            if (column, line) == (last, below) {
                sheet.write_string_with_format(line, column, head.text.as_str(), &look)?;
            } else {
                sheet.merge_range(line, column, below, last, &head.text, &look)?;
            }
        }
    }
    let body = top + u32::try_from(lines.len()).unwrap_or(1);
    for (line, (is_total, cells)) in (body..).zip(&table.rows) {
        for (column, cell) in cells.iter().enumerate() {
            write_cell(sheet, (line, place(column)), cell, *is_total)?;
        }
    }
    for (column, holds) in table.holds.iter().enumerate() {
        sheet.set_column_width(place(column), width(*holds, column, &table.rows))?;
    }
    sheet.set_freeze_panes(body, 0)?;
    sheet.set_repeat_rows(top, body - 1)?;
    Ok(())
}

fn write_cell(
    sheet: &mut Worksheet,
    (line, column): (u32, u16),
    cell: &Plain,
    is_total: bool,
) -> Result<(), XlsxError> {
    let look = |look: Look| {
        let format = boxed().set_num_format(look.as_str());
        let format = if is_total { format.set_bold() } else { format };
        if look == Look::Words {
            format.set_text_wrap().set_align(FormatAlign::Left)
        } else {
            format.set_align(FormatAlign::Right)
        }
    };
    match cell {
        Plain::Nothing => sheet.write_blank(line, column, &look(Look::Words))?,
        Plain::Unknown => sheet.write_string_with_format(line, column, NONE, &look(Look::Whole))?,
        Plain::Text(words) => sheet.write_string_with_format(line, column, words.as_str(), &look(Look::Words))?,
        Plain::Whole(number) => sheet.write_number_with_format(line, column, real(*number), &look(Look::Whole))?,
        Plain::Dong(dong) => sheet.write_number_with_format(line, column, real(*dong), &look(Look::Dong))?,
        Plain::Rate(part, whole) => {
            let result = numbers::basis_points(*part, *whole).map(|_| real(*part) / real(*whole));
            sheet.write_formula_with_format(line, column, quotient(line, column, result), &look(Look::Rate))?
        }
        Plain::Mean(sum, count) => {
            let result = (*count != 0).then(|| real(*sum) / real(*count));
            sheet.write_formula_with_format(line, column, quotient(line, column, result), &look(Look::Mean))?
        }
        Plain::Date(date) => sheet.write_datetime_with_format(line, column, date, &look(Look::Date))?,
        Plain::Moment(at) => sheet.write_datetime_with_format(line, column, at, &look(Look::Moment))?,
    };
    Ok(())
}

/// The two cells before this one, divided; a dash over zero. The result stands in the file, for readers that do not calculate.
fn quotient(line: u32, column: u16, result: Option<f64>) -> Formula {
    let name = |back: u16| format!("{}{}", letters(column.saturating_sub(back)), line + 1);
    let (part, whole) = (name(2), name(1));
    let shown = result.map_or_else(|| NONE.to_owned(), |result| result.to_string());
    Formula::new(format!("=IF({whole}=0,\"{NONE}\",{part}/{whole})")).set_result(shown)
}

/// The letters of a column: 0 is `A`, 26 is `AA`.
fn letters(column: u16) -> String {
    let letter = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    match column / 26 {
        0 => letter.to_string(),
        more => format!("{}{letter}", letters(more - 1)),
    }
}

fn checks(sheet: &mut Worksheet, report: &Report, lang: Language) -> Result<(), XlsxError> {
    let title = say(lang, "Kiểm tra và ghi chú", "Checks and notes");
    sheet.set_name(title)?;
    let mut line = opening(sheet, report, title, lang)?;
    let heads = [("Kiểm tra", "Check"), ("Vế trái", "Left"), ("Vế phải", "Right"), ("Kết quả", "Result")];
    for (column, (vi, en)) in (0_u16..).zip(heads) {
        sheet.write_string_with_format(line, column, say(lang, vi, en), &head_look())?;
    }
    for check in &report.checks {
        line += 1;
        let side = |side: Option<i64>| side.map_or(Plain::Unknown, Plain::Whole);
        let said = match check.holds {
            Some(true) => say(lang, "khớp", "holds"),
            Some(false) => say(lang, "KHÔNG KHỚP", "DOES NOT HOLD"),
            None => say(lang, "chưa đủ số", "not known"),
        };
        let cells = [
            Plain::Text(check.name.pick(lang).to_owned()),
            side(check.left),
            side(check.right),
            Plain::Text(said.to_owned()),
        ];
        for (column, cell) in (0_u16..).zip(&cells) {
            write_cell(sheet, (line, column), cell, false)?;
        }
    }
    line += 2;
    for note in &report.notes {
        sheet.write_string_with_format(line, 0, note.pick(lang), &base())?;
        line += 1;
    }
    sheet.set_column_width(0, 60)?;
    for column in 1..4 {
        sheet.set_column_width(column, 16)?;
    }
    Ok(())
}

/// `1 Theo cơ quan`: short enough, and without the letters that no sheet's name may have.
fn sheet_name(number: usize, title: &str) -> String {
    let plain: String = title.chars().map(|c| if "[]:*?/\\'".contains(c) { ' ' } else { c }).collect();
    let name: String = format!("{number} {plain}").chars().take(NAME_CHARS_MAX).collect();
    name.trim().to_owned()
}

fn place(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

/// Wide enough for what stands there, within bounds.
fn width(holds: Holds, column: usize, rows: &[(bool, Vec<Plain>)]) -> f64 {
    let letters = |cell: &Plain| match cell {
        Plain::Text(words) => words.chars().count(),
        _ => 0,
    };
    let longest = rows.iter().filter_map(|(_, cells)| cells.get(column)).map(letters).max().unwrap_or(0);
    match holds {
        Holds::Text | Holds::Code => f64::from(u32::try_from(longest + 2).unwrap_or(u32::MAX).clamp(8, 48)),
        Holds::Dong => 16.0,
        Holds::Time => 18.0,
        _ => 11.0,
    }
}

/// The number as a workbook keeps it; exact up to 2^53, far beyond any đồng of a province.
fn real(number: i64) -> f64 {
    number.to_string().parse().unwrap_or(f64::NAN)
}
