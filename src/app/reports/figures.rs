//! Figures from outside: entered one by one, or as a table. Nothing is changed; what is entered again counts instead.

use chrono::NaiveDate;

use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::id::FigureId;
use crate::base::time::parse_date;
use crate::report::definitions::Figure;
use crate::store::reports::{self as kept, OutsideFigureRow};

/// A figure to enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub figure: Figure,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Of this agency, or of none.
    pub agency_code: String,
    /// Of this procedure, or of none.
    pub procedure_code: String,
    /// Of this field of procedures, or of none.
    pub field: String,
    /// Of this post office, or of none.
    pub post_office_code: String,
    /// The number.
    pub value: i64,
    /// Where it comes from.
    pub source: String,
}

/// A line of a table that cannot be entered, and why: line, English, Vietnamese.
pub type NotEntered = (usize, String, String);

/// The columns of a table of figures.
pub const COLUMNS: [&str; 9] =
    ["figure", "from", "until", "agencyCode", "procedureCode", "field", "postOfficeCode", "value", "source"];

/// Most lines of one table.
const LINES_MAX: usize = 5_000;
const TEXT_CHARS_MAX: usize = 200;

/// Reads a table: a head that names the columns, then a line per figure; cells parted by `;` or tabs. A wrong line sinks the table, and
/// every wrong line is told.
pub fn read_table(text: &str) -> Result<Vec<Entry>, Vec<NotEntered>> {
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines()).filter(|(_, line)| !line.trim().is_empty());
    let Some((_, head)) = lines.next() else {
        return Err(vec![(1, "there is no line".into(), "không có dòng nào".into())]);
    };
    let parted = if head.contains('\t') { '\t' } else { ';' };
    let names: Vec<&str> = head.split(parted).map(str::trim).collect();
    let unknown: Vec<&&str> = names.iter().filter(|name| !COLUMNS.contains(name)).collect();
    if !unknown.is_empty() || !["figure", "from", "until", "value", "source"].iter().all(|name| names.contains(name)) {
        let known = COLUMNS.join(", ");
        return Err(vec![(
            1,
            format!("the head names columns among {known}"),
            format!("dòng đầu phải ghi tên cột trong: {known}"),
        )]);
    }
    let (mut entries, mut wrong) = (Vec::new(), Vec::new());
    for (number, line) in lines {
        let cells: Vec<&str> = line.split(parted).map(str::trim).collect();
        let cell = |name: &str| {
            let place = names.iter().position(|known| *known == name);
            place.and_then(|place| cells.get(place)).copied().unwrap_or("")
        };
        if cells.len() > names.len() || entries.len() >= LINES_MAX {
            let (en, vi) = ("more cells than columns, or too many lines", "thừa ô so với số cột, hoặc quá nhiều dòng");
            wrong.push((number, en.to_owned(), vi.to_owned()));
            continue;
        }
        match entry(&cell) {
            Ok(entry) => entries.push(entry),
            Err((en, vi)) => wrong.push((number, en, vi)),
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}

/// One figure from its cells.
fn entry<'t>(cell: &impl Fn(&str) -> &'t str) -> Result<Entry, (String, String)> {
    let bad = |what: &str, vi: &str| (format!("{what} is not valid"), format!("{vi} không hợp lệ"));
    let figure = Figure::parse(cell("figure")).ok_or_else(|| bad("figure", "tên số liệu"))?;
    let from = parse_date(cell("from")).ok_or_else(|| bad("from (YYYY-MM-DD)", "từ ngày, như 2026-11-19"))?;
    let until = parse_date(cell("until")).ok_or_else(|| bad("until (YYYY-MM-DD)", "đến trước ngày, như 2026-12-01"))?;
    if from >= until {
        return Err(("until is the day after the last".to_owned(), "“đến trước ngày” phải sau “từ ngày”".to_owned()));
    }
    let digits = cell("value");
    let plain = (1..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    let value = digits.parse().ok().filter(|_| plain).ok_or_else(|| bad("value (digits alone)", "số (chỉ chữ số)"))?;
    let text = |name: &str, vi: &str| -> Result<String, (String, String)> {
        let text = cell(name);
        let good = text.chars().count() <= TEXT_CHARS_MAX && !text.chars().any(char::is_control);
        if good { Ok(text.to_owned()) } else { Err(bad(name, vi)) }
    };
    let source = text("source", "nguồn")?;
    if source.is_empty() {
        return Err(("a source is needed".to_owned(), "phải ghi nguồn".to_owned()));
    }
    Ok(Entry {
        figure,
        from,
        until,
        agency_code: text("agencyCode", "mã cơ quan")?,
        procedure_code: text("procedureCode", "mã thủ tục")?,
        field: text("field", "lĩnh vực")?,
        post_office_code: text("postOfficeCode", "mã bưu cục")?,
        value,
        source,
    })
}

/// Enters figures, all or none; how many.
pub fn enter(app: &App, entries: Vec<Entry>, doing: Doing<'_>) -> Result<usize, AppError> {
    let row = |entry: Entry| OutsideFigureRow {
        id: FigureId::make(&app.ids).into(),
        figure: entry.figure.as_str().to_owned(),
        from_date: entry.from.to_string(),
        until_date: entry.until.to_string(),
        agency_code: entry.agency_code,
        procedure_code: entry.procedure_code,
        field: entry.field,
        post_office_code: entry.post_office_code,
        value: entry.value,
        source: entry.source,
        entered_by: doing.person.unwrap_or(doing.request_id).to_owned(),
        entered_at_us: app.now().us(),
    };
    let rows: Vec<OutsideFigureRow> = entries.into_iter().map(row).collect();
    let count = rows.len();
    if count > 0 {
        let first = rows.first().map(|row| row.id.clone());
        app.store.add_outside_figures(rows, act(app, doing, "FIGURES.ENTERED", first.as_deref()))?;
    }
    Ok(count)
}

/// The figures that were entered last, newest first.
pub fn newest(app: &App, limit: i64) -> Result<Vec<OutsideFigureRow>, AppError> {
    Ok(app.store.read(|db| kept::newest_figures(db, limit))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_whole_or_not_at_all() {
        let head = "figure;from;until;agencyCode;value;source";
        let good = format!("\u{feff}{head}\nSOLVED_LATE;2026-10-01;2026-11-01;H98.01;12;công văn 12\n\n");
        let entries = read_table(&good).unwrap();
        assert_eq!((entries.len(), entries[0].value, entries[0].agency_code.as_str()), (1, 12, "H98.01"));
        let bad = format!(
            "{head}\nX;2026-10-01;2026-11-01;;1;s\nSOLVED_LATE;2026-10-01;2026-10-01;;1;s\nSOLVED_LATE;2026-10-01;2026-11-01;;1.000;s\nSOLVED_LATE;2026-10-01;2026-11-01;;1;"
        );
        let lines: Vec<usize> = read_table(&bad).unwrap_err().iter().map(|wrong| wrong.0).collect();
        assert_eq!(lines, [2, 3, 4, 5]);
        assert_eq!(read_table("").unwrap_err().len(), 1);
        assert_eq!(read_table("figure;value\n").unwrap_err()[0].0, 1);
    }
}
