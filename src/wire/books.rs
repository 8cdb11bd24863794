//! The file of a book (`schemas/books`): what the post or the one-stop side says of a window of days, as CSV or JSON. One bad line never
//! sinks the others: each line is taken or refused with its fields.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use chrono::{NaiveDate, NaiveDateTime};

use super::json::{Json, read_json_strict};
use super::rows::Rows;
use super::{Format, format, too_many, unreadable};
use crate::base::secret::Redacted;
use crate::base::text::{fold, has_control, is_damaged, normalise};
use crate::base::time::{Ts, parse_date};
use crate::domain::books::BookSide;
use crate::domain::identifier::{AgencyCode, DossierNo, ItemNumber};
use crate::domain::leg::LegKind;
use crate::domain::problem::{Code, Message, Problem, Refusal};

/// Lines of one book.
pub const LINES_MAX: usize = 50_000;

/// Characters of a free cell.
const TEXT_CHARS_MAX: usize = 200;

const COLUMNS: &str = include_str!("../../schemas/books/columns.csv");

/// A line of the post's book; what its status means is decided where the status tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PostLine {
    pub line_no: usize,
    pub order_number: Option<String>,
    pub item_number: Option<String>,
    pub dossier_no: Option<String>,
    pub leg_kind: Option<LegKind>,
    pub day: NaiveDate,
    pub status: String,
    pub status_at: Option<Ts>,
    pub originals: Option<i64>,
    pub copies: Option<i64>,
    pub seal_no: Option<String>,
    pub receiver: Option<Redacted<String>>,
    pub fee: Option<i64>,
}

/// A line of the one-stop side's book.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct CaseLine {
    pub line_no: usize,
    pub dossier_no: String,
    pub agency_code: Option<String>,
    pub day: NaiveDate,
    pub status: String,
    pub status_at: Option<Ts>,
    pub filed_by_post: Option<bool>,
    pub result_by_post: Option<bool>,
    pub sent_on: Option<NaiveDate>,
}

/// What was read of a file.
#[derive(Debug, Clone)]
pub struct Book<L> {
    /// Lines that can be used.
    pub lines: Vec<L>,
    /// Lines that cannot, with every reason.
    pub refused: Vec<(usize, Vec<Problem>)>,
}

/// What a call says of its book beside the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// The instant for which it was written.
    pub as_of: Option<Ts>,
    /// Nothing of these days is missing in it.
    pub complete: bool,
    /// It lists orders too that the post has not taken.
    pub ordered: bool,
}

/// Reads what a call says of its book beside the lines: `from`, `until`, `asOf`, `complete` (true by default), `ordered` (false).
pub fn read_header(body: &[u8]) -> Result<Header, Refusal> {
    let Json::Object(members) = read_json_strict(body)? else {
        return Err(unreadable("JSON: there is no object", "JSON: không có đối tượng"));
    };
    let mut problems = Vec::new();
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    let mut truths: BTreeMap<&str, bool> = BTreeMap::new();
    for (name, value) in &members {
        match (name.as_str(), value) {
            ("lines", _) => {}
            ("from" | "until" | "asOf", Json::Text(text)) => {
                texts.insert(name, text.clone());
            }
            ("complete" | "ordered", Json::Truth(truth)) => {
                truths.insert(name, *truth);
            }
            ("from" | "until" | "asOf" | "complete" | "ordered", _) => problems.push(Problem::error(
                Code::FieldInvalid,
                name.clone(),
                "has another type here",
                "sai kiểu dữ liệu",
            )),
            _ => {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                problems.push(Problem::error(Code::FieldUnknown, shown, "is unknown here", "không có trường này"));
            }
        }
    }
    let mut read_day = |name: &str| match texts.get(name) {
        Some(text) => date(text)
            .map_err(|Message { en, vi }| problems.push(Problem::error(Code::FieldInvalid, name, en, vi)))
            .ok(),
        None => {
            problems.push(Problem::error(Code::FieldMissing, name, "is missing", "bị thiếu"));
            None
        }
    };
    let (from, until) = (read_day("from"), read_day("until"));
    let as_of = match texts.get("asOf").map(|text| instant(text)) {
        Some(Err(Message { en, vi })) => {
            problems.push(Problem::error(Code::FieldInvalid, "asOf", en, vi));
            None
        }
        Some(Ok(at)) => Some(at),
        None => None,
    };
    match (from, until) {
        (Some(from), Some(until)) if problems.is_empty() => Ok(Header {
            from,
            until,
            as_of,
            complete: truths.get("complete").copied().unwrap_or(true),
            ordered: truths.get("ordered").copied().unwrap_or(false),
        }),
        _ => Err(Refusal::body(problems)),
    }
}

/// Reads the post's book.
pub fn read_post(format: Format, body: &[u8]) -> Result<Book<PostLine>, Refusal> {
    read(BookSide::Post, format, body, post_line)
}

/// Reads the one-stop side's book.
pub fn read_one_stop(format: Format, body: &[u8]) -> Result<Book<CaseLine>, Refusal> {
    read(BookSide::OneStop, format, body, case_line)
}

struct Column {
    side: BookSide,
    name: &'static str,
    folded: [String; 2],
    needed: bool,
}

fn columns(side: BookSide) -> impl Iterator<Item = &'static Column> {
    static TABLE: OnceLock<Vec<Column>> = OnceLock::new();
    let column = |row: &'static str| {
        let mut cells = row.split(',');
        let (side, name, vietnamese) = (BookSide::parse(cells.next()?)?, cells.next()?, cells.next()?);
        Some(Column { side, name, folded: [fold(name), fold(vietnamese)], needed: cells.next()? == "yes" })
    };
    let table = TABLE.get_or_init(|| COLUMNS.lines().skip(1).filter_map(column).collect());
    table.iter().filter(move |column| column.side == side)
}

/// The cells of a line by the name of their column; empty ones are left out.
struct Cells<'t> {
    line_no: usize,
    cells: BTreeMap<&'static str, Cow<'t, str>>,
    problems: Vec<Problem>,
}

fn read<L>(
    side: BookSide,
    format: Format,
    body: &[u8],
    line: fn(&mut Cells<'_>) -> Option<L>,
) -> Result<Book<L>, Refusal> {
    let text = format::utf8(body)?;
    let mut book = Book { lines: Vec::new(), refused: Vec::new() };
    let mut take = |mut cells: Cells<'_>| {
        let read = line(&mut cells);
        match read {
            Some(read) if cells.problems.is_empty() => book.lines.push(read),
            _ => book.refused.push((cells.line_no, cells.problems)),
        }
    };
    match format {
        Format::Csv => csv(side, text, &mut take)?,
        Format::Json => json(side, text, &mut take)?,
        Format::Xml => {
            return Err(Refusal::new(
                Code::MediaTypeUnsupported,
                "a book is text/csv or application/json",
                "sổ đối soát nhận dạng text/csv hoặc application/json",
            ));
        }
    }
    Ok(book)
}

fn csv<'t>(side: BookSide, text: &'t str, take: &mut impl FnMut(Cells<'t>)) -> Result<(), Refusal> {
    let mut rows = Rows::of(text);
    let Some(names) = rows.next_row()? else {
        return Err(unreadable("CSV: there is no header row", "CSV: không có dòng tiêu đề"));
    };
    let layout = layout(side, &names)?;
    let mut line_no = 0;
    while let Some(row) = rows.next_row()? {
        line_no += 1;
        if line_no > LINES_MAX {
            return Err(too_many(LINES_MAX));
        }
        let mut cells = Cells { line_no, cells: BTreeMap::new(), problems: Vec::new() };
        if row.len() != layout.len() {
            cells.problems.push(Problem::error(
                Code::RowWidth,
                "",
                format!("has {} cells where the header has {}", row.len(), layout.len()),
                format!("có {} ô, dòng tiêu đề có {}", row.len(), layout.len()),
            ));
        }
        for (column, cell) in layout.iter().zip(row) {
            if let Some(column) = column.filter(|_| !cell.trim().is_empty()) {
                cells.cells.insert(column.name, cell);
            }
        }
        take(cells);
    }
    Ok(())
}

fn layout(side: BookSide, names: &[Cow<'_, str>]) -> Result<Vec<Option<&'static Column>>, Refusal> {
    let mut layout: Vec<Option<&'static Column>> = Vec::new();
    let mut faults = Vec::new();
    for name in names {
        let folded = fold(name);
        let column = columns(side).find(|column| column.folded.contains(&folded));
        let known = column.is_some() || folded.starts_with("x_");
        let doubled = column.is_some_and(|one| layout.iter().flatten().any(|other| other.name == one.name));
        if !known || doubled {
            let shown: String = normalise(name).chars().filter(|c| !c.is_control()).take(64).collect();
            let (en, vi) = match doubled {
                true => ("is a second column of one meaning", "là cột thứ hai cùng một ý nghĩa"),
                false => (
                    "is no column here: check the name, or begin it with x_ to have it ignored",
                    "không có cột này: hãy xem lại tên, hoặc đặt tên bắt đầu bằng x_ để bỏ qua",
                ),
            };
            faults.push(Problem::error(Code::FieldUnknown, shown, en, vi));
        }
        layout.push(column);
    }
    for column in columns(side).filter(|column| column.needed) {
        if !layout.iter().flatten().any(|there| there.name == column.name) {
            faults.push(Problem::error(Code::FieldMissing, column.name, "this column is needed", "thiếu cột này"));
        }
    }
    if faults.is_empty() { Ok(layout) } else { Err(Refusal::body(faults)) }
}

fn json(side: BookSide, text: &str, take: &mut impl FnMut(Cells<'_>)) -> Result<(), Refusal> {
    let lines = match read_json_strict(text.as_bytes())? {
        Json::Object(members) => members.into_iter().find(|(name, _)| name == "lines").map(|(_, lines)| lines),
        other => Some(other),
    };
    let Some(Json::Array(lines)) = lines else {
        return Err(unreadable("JSON: there is no list \"lines\"", "JSON: không có danh sách \"lines\""));
    };
    if lines.len() > LINES_MAX {
        return Err(too_many(LINES_MAX));
    }
    for (line_no, line) in (1..).zip(lines) {
        let mut cells = Cells { line_no, cells: BTreeMap::new(), problems: Vec::new() };
        let Json::Object(members) = line else {
            cells.invalid("", "is not an object", "không phải là một đối tượng");
            take(cells);
            continue;
        };
        for (name, value) in members {
            let Some(column) = columns(side).find(|column| column.name == name) else {
                let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
                cells.problems.push(Problem::error(
                    Code::FieldUnknown,
                    shown,
                    "is unknown here",
                    "không có trường này",
                ));
                continue;
            };
            match value {
                Json::Null => {}
                Json::Text(text) if text.trim().is_empty() => {}
                Json::Text(text) => {
                    cells.cells.insert(column.name, Cow::Owned(text));
                }
                Json::Integer(number) => {
                    cells.cells.insert(column.name, Cow::Owned(number.to_string()));
                }
                Json::Truth(yes) => {
                    cells.cells.insert(column.name, Cow::Borrowed(if yes { "1" } else { "0" }));
                }
                Json::Number | Json::Object(_) | Json::Array(_) => {
                    cells.invalid(column.name, "is no value", "không phải là giá trị")
                }
            }
        }
        take(cells);
    }
    Ok(())
}

impl Cells<'_> {
    fn invalid(&mut self, name: &str, en: impl Into<String>, vi: impl Into<String>) {
        self.problems.push(Problem::error(Code::FieldInvalid, name, en, vi));
    }

    /// A cell read by a rule; nothing when it is empty or wrong, and then the problem is kept.
    fn read<T>(&mut self, name: &'static str, rule: impl FnOnce(&str) -> Result<T, Message>) -> Option<T> {
        let cell = self.cells.get(name)?;
        match rule(cell.trim()) {
            Ok(value) => Some(value),
            Err(Message { en, vi }) => {
                self.invalid(name, en, vi);
                None
            }
        }
    }

    fn needed<T>(&mut self, name: &'static str, rule: impl FnOnce(&str) -> Result<T, Message>) -> Option<T> {
        if !self.cells.contains_key(name) {
            self.problems.push(Problem::error(Code::FieldMissing, name, "is missing", "bị thiếu"));
        }
        self.read(name, rule)
    }
}

fn post_line(cells: &mut Cells<'_>) -> Option<PostLine> {
    let order_number = cells.read("orderNumber", free_text);
    let item_number = cells.read("itemNumber", |text| ItemNumber::parse(text).map(|number| number.as_str().to_owned()));
    let dossier_no = cells.read("dossierNo", dossier_no);
    if order_number.is_none() && item_number.is_none() && dossier_no.is_none() && cells.problems.is_empty() {
        cells.invalid(
            "orderNumber",
            "one of orderNumber, itemNumber and dossierNo is needed: nothing is paired by a name",
            "cần một trong orderNumber, itemNumber, dossierNo: không ghép theo tên người",
        );
    }
    let (day, status) = (cells.needed("day", date), cells.needed("status", free_text));
    let line = PostLine {
        line_no: cells.line_no,
        order_number,
        item_number,
        dossier_no,
        leg_kind: cells.read("legKind", leg_kind),
        day: day.unwrap_or_default(),
        status: status.clone().unwrap_or_default(),
        status_at: cells.read("statusAt", instant),
        originals: cells.read("originals", count),
        copies: cells.read("copies", count),
        seal_no: cells.read("sealNo", free_text),
        receiver: cells.read("receiver", free_text).map(Redacted::new),
        fee: cells.read("fee", count),
    };
    day.and(status).map(|_| line)
}

fn case_line(cells: &mut Cells<'_>) -> Option<CaseLine> {
    let dossier_no = cells.needed("dossierNo", dossier_no);
    let agency_code = cells.read("agencyCode", |text| AgencyCode::parse(text).map(|code| code.as_str().to_owned()));
    let (day, status) = (cells.needed("day", date), cells.needed("status", free_text));
    let status_at = cells.read("statusAt", instant);
    let filed_by_post = cells.read("filedByPost", yes_no);
    let result_by_post = cells.read("resultByPost", yes_no);
    let sent_on = cells.read("sentOn", date);
    Some(CaseLine {
        line_no: cells.line_no,
        dossier_no: dossier_no?,
        agency_code,
        day: day?,
        status: status?,
        status_at,
        filed_by_post,
        result_by_post,
        sent_on,
    })
}

fn dossier_no(text: &str) -> Result<String, Message> {
    DossierNo::parse(text).map(|number| number.as_str().to_owned())
}

fn free_text(text: &str) -> Result<String, Message> {
    let text = normalise(text);
    if text.chars().count() > TEXT_CHARS_MAX || has_control(&text) || is_damaged(&text) {
        return Err(Message::new(
            format!("is at most {TEXT_CHARS_MAX} characters of sound text"),
            format!("tối đa {TEXT_CHARS_MAX} ký tự, không hỏng mã chữ"),
        ));
    }
    Ok(text.into_owned())
}

/// `YYYY-MM-DD`, or `DD/MM/YYYY` as Vietnamese systems export it.
fn date(text: &str) -> Result<NaiveDate, Message> {
    let vietnamese = || NaiveDate::parse_from_str(text, "%d/%m/%Y").ok().and_then(|day| parse_date(&day.to_string()));
    parse_date(text).or_else(vietnamese).ok_or_else(|| {
        Message::new(
            "is a date that exists, YYYY-MM-DD or DD/MM/YYYY",
            "là ngày có thật, như 2026-11-19 hoặc 19/11/2026",
        )
    })
}

/// RFC 3339, or a time of day in Vietnam.
fn instant(text: &str) -> Result<Ts, Message> {
    let local = || {
        ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .and_then(Ts::from_vietnam)
    };
    Ts::parse_rfc3339(text).or_else(local).ok_or_else(|| {
        Message::new(
            "is a time as 2026-11-19T09:42:00+07:00 or 19/11/2026 09:42",
            "là thời điểm dạng 2026-11-19T09:42:00+07:00 hoặc 19/11/2026 09:42",
        )
    })
}

fn count(text: &str) -> Result<i64, Message> {
    let number = text.parse::<i64>().ok().filter(|number| (0..=1_000_000_000_000).contains(number));
    number.ok_or_else(|| Message::new("is a whole number from 0", "là số nguyên không âm, không dấu ngăn cách"))
}

fn leg_kind(text: &str) -> Result<LegKind, Message> {
    let known = match fold(text).as_str() {
        "intake" | "thu_gom" | "thu gom" => Some(LegKind::Intake),
        "result" | "tra_ket_qua" | "tra ket qua" => Some(LegKind::Result),
        _ => None,
    };
    known.ok_or_else(|| Message::new("is INTAKE or RESULT", "là INTAKE (thu gom) hoặc RESULT (trả kết quả)"))
}

fn yes_no(text: &str) -> Result<bool, Message> {
    match fold(text).as_str() {
        "1" | "true" | "yes" | "co" | "x" => Ok(true),
        "0" | "false" | "no" | "khong" => Ok(false),
        _ => Err(Message::new("is 1 or 0", "là 1 (có) hoặc 0 (không)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POST: &str = "\u{feff}so_don_hang;so_hieu_buu_gui;ngay;trang_thai;thoi_diem;nguoi_nhan\r\n\
        01ABC;EL491610889VN;05/11/2026;Phát thành công;06/11/2026 09:15;Nguyễn Thị Mẫu\r\n\
        ;;05/11/2026;Phát thành công;;\r\n\
        01ABD;;2026-11-31;DELIVERED;yesterday;\r\n";

    #[test]
    fn good_lines_are_taken_and_bad_ones_are_told_with_their_fields() {
        let book = read_post(Format::Csv, POST.as_bytes()).unwrap();
        assert_eq!(book.lines.len(), 1);
        let line = &book.lines[0];
        assert_eq!((line.line_no, line.item_number.as_deref()), (1, Some("EL491610889VN")));
        assert_eq!(line.status_at.unwrap().to_rfc3339(), "2026-11-06T09:15:00+07:00");
        assert!(!format!("{book:?}").contains("Mẫu"), "a printed book names nobody");
        let told: Vec<(usize, Vec<&str>)> = book
            .refused
            .iter()
            .map(|(line, problems)| (*line, problems.iter().map(|problem| problem.field.as_str()).collect()))
            .collect();
        assert_eq!(told, [(2, vec!["orderNumber"]), (3, vec!["day", "statusAt"])]);
    }

    #[test]
    fn json_and_csv_mean_the_same() {
        let csv = "dossierNo,day,status,resultByPost,sentOn\nH32.15-261102-0041,2026-11-02,10,1,2026-11-05\n";
        let json = r#"{"lines": [{"dossierNo": "H32.15-261102-0041", "day": "2026-11-02", "status": 10, "resultByPost": true, "sentOn": "2026-11-05"}]}"#;
        let read = |format, text: &str| read_one_stop(format, text.as_bytes()).unwrap().lines;
        assert_eq!(read(Format::Csv, csv), read(Format::Json, json));
        assert_eq!(read(Format::Csv, csv)[0].result_by_post, Some(true));
    }

    #[test]
    fn a_missing_or_unknown_column_refuses_the_file() {
        let refusal = read_post(Format::Csv, b"ngay,tran_thai\n2026-11-02,X\n").unwrap_err();
        let fields: Vec<&str> = refusal.problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["tran_thai", "status"]);
        assert!(read_post(Format::Csv, b"").is_err() && read_post(Format::Xml, b"<a/>").is_err());
    }
}
