//! A manifest in CSV: one file is one manifest, columns by their English or Vietnamese names (contract 4.1).
//!
//! A row means the JSON line with the empty cells left out: a group is absent when all its cells are.

use super::rows::Rows;
use super::{too_many, unreadable};
use crate::base::text::{fold, normalise};
use crate::domain::field::{Part, Raw};
use crate::domain::leg::LegKind;
use crate::domain::manifest::{
    Draft, HeaderField, LineDraft, LineField, PAPERS_MAX, PaperDraft, PaperField, PaperKind,
};
use crate::domain::problem::{Code, Problem, Refusal};
use chrono::{NaiveDate, NaiveDateTime};
use std::borrow::Cow;
use std::sync::OnceLock;

const COLUMNS: &str = include_str!("../../schemas/manifest-columns.csv");
const UNKNOWN_CHARS_MAX: usize = 64;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Header(HeaderField),
    Line(LineField),
    Papers,
}

/// When a column must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Always,
    For(LegKind),
    Never,
}

/// A row of `manifest-columns.csv`.
#[derive(Debug)]
struct Column {
    name: &'static str,
    folded: [String; 2],
    target: Target,
    need: Need,
}

fn columns() -> &'static [Column] {
    static TABLE: OnceLock<Vec<Column>> = OnceLock::new();
    TABLE.get_or_init(|| COLUMNS.lines().skip(1).filter_map(column).collect())
}

fn column(row: &'static str) -> Option<Column> {
    let mut cells = row.split(',');
    let (name, vietnamese, _part, path, need) =
        (cells.next()?, cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let target = match path.strip_prefix("lines[].") {
        Some("papers") => Target::Papers,
        Some(field) => Target::Line(LineField::parse(field)?),
        None => Target::Header(HeaderField::parse(path)?),
    };
    let need = match need {
        "yes" => Need::Always,
        other => LegKind::parse(other).map_or(Need::Never, Need::For),
    };
    Some(Column { name, folded: [fold(name), fold(vietnamese)], target, need })
}

pub(super) fn read(text: &str, lines_max: usize) -> Result<Draft, Refusal> {
    let mut rows = Rows::of(text);
    let Some(names) = rows.next_row()? else {
        return Err(unreadable("CSV: there is no header row", "CSV: không có dòng tiêu đề"));
    };
    let (layout, mut faults) = layout(&names)?;
    let mut draft = Draft { lines_part: Part::Present, ..Draft::default() };
    let mut varies = Vec::new();
    let mut first: Vec<Cow<'_, str>> = Vec::new();
    while let Some(cells) = rows.next_row()? {
        if draft.lines.len() >= lines_max {
            return Err(too_many(lines_max));
        }
        let is_first = draft.lines.is_empty();
        let right_width = cells.len() == layout.len();
        if is_first {
            header_cells(&layout, &cells, &mut draft);
        } else if right_width {
            header_varies(&layout, &cells, &first, &draft, &mut varies);
        }
        draft.lines.push(if right_width { line(&layout, &cells) } else { wrong_width(cells.len(), layout.len()) });
        if is_first {
            first = cells;
        }
    }
    faults.extend(missing_columns(&layout, &draft));
    faults.sort_by_key(|(rank, _)| *rank);
    let mut faults: Vec<Problem> = faults.into_iter().map(|(_, problem)| problem).collect();
    faults.extend(varies);
    if draft.lines.is_empty() && faults.is_empty() {
        faults.push(Problem::error(
            Code::ManifestEmpty,
            "lines",
            "the manifest has no line",
            "bảng kê không có dòng nào",
        ));
    }
    if !faults.is_empty() {
        return Ok(Draft::refused(faults));
    }
    Ok(draft)
}

type Layout = Vec<Option<&'static Column>>;
/// Problems with their rank: place in the table, unknown columns behind all.
type Ranked = Vec<(usize, Problem)>;

fn layout(names: &[Cow<'_, str>]) -> Result<(Layout, Ranked), Refusal> {
    let mut layout: Layout = Vec::with_capacity(names.len());
    let mut faults = Vec::new();
    for name in names {
        let folded = fold(name);
        let column = columns().iter().find(|column| column.folded.contains(&folded));
        if column.is_some_and(|column| layout.iter().flatten().any(|other| other.name == column.name)) {
            return Err(unreadable("CSV: two columns of one meaning", "CSV: hai cột cùng một ý nghĩa"));
        }
        if column.is_none() && !folded.starts_with("x_") {
            let shown: String = normalise(name).chars().filter(|c| !c.is_control()).take(UNKNOWN_CHARS_MAX).collect();
            faults.push((
                usize::MAX,
                Problem::error(
                    Code::FieldUnknown,
                    shown,
                    "is no column here: check the name, or begin it with x_ to have it ignored",
                    "không có cột này: hãy xem lại tên, hoặc đặt tên bắt đầu bằng x_ để bỏ qua",
                ),
            ));
        }
        layout.push(column);
    }
    Ok((layout, faults))
}

fn missing_columns(layout: &Layout, draft: &Draft) -> Ranked {
    let kind = draft.header.get(HeaderField::LegKind.place()).as_text().and_then(LegKind::parse);
    let needed = |column: &Column| match column.need {
        Need::Always => true,
        Need::For(of) => kind == Some(of),
        Need::Never => false,
    };
    let has = |column: &Column| layout.iter().flatten().any(|other| other.name == column.name);
    let missing = columns().iter().enumerate().filter(|(_, column)| needed(column) && !has(column));
    missing
        .map(|(rank, column)| {
            (rank, Problem::error(Code::FieldMissing, column.name, "the column is missing", "thiếu cột này"))
        })
        .collect()
}

/// Takes header cells from the first row, as far as it has them.
fn header_cells(layout: &Layout, cells: &[Cow<'_, str>], draft: &mut Draft) {
    for (column, cell) in layout.iter().zip(cells) {
        let Some(Column { target: Target::Header(field), .. }) = column else { continue };
        if !cell.trim().is_empty() {
            draft.header.set(field.place(), header_value(*field, cell));
        }
    }
    let totals =
        HeaderField::ALL.iter().filter(|field| field.as_str().starts_with("totals.")).map(|field| field.place());
    if !draft.header.all_absent(totals) {
        draft.totals = Part::Present;
    }
}

/// After the first row a header cell is blank or means the same.
fn header_varies(
    layout: &Layout,
    cells: &[Cow<'_, str>],
    first: &[Cow<'_, str>],
    draft: &Draft,
    varies: &mut Vec<Problem>,
) {
    for (place, (column, cell)) in layout.iter().zip(cells).enumerate() {
        let Some(Column { target: Target::Header(field), name, .. }) = column else { continue };
        let same = first.get(place) == Some(cell) || cell.trim().is_empty();
        if same || varies.iter().any(|problem| problem.field == *name) {
            continue;
        }
        if *draft.header.get(field.place()) != header_value(*field, cell) {
            varies.push(Problem::error(
                Code::HeaderVaries,
                *name,
                "differs from the first row: one file is one manifest",
                "khác với dòng đầu: mỗi tệp là một bảng kê",
            ));
        }
    }
}

fn header_value(field: HeaderField, cell: &str) -> Raw {
    let kept = normalise(cell);
    Raw::Lexical(match field {
        HeaderField::LegKind => match fold(&kept) {
            folded if folded == fold("thu gom") => LegKind::Intake.as_str().to_owned(),
            folded if folded == fold("trả kết quả") => LegKind::Result.as_str().to_owned(),
            _ => kept.into_owned(),
        },
        HeaderField::ShiftDate => iso_date(&kept).unwrap_or_else(|| kept.into_owned()),
        _ => kept.into_owned(),
    })
}

fn wrong_width(cells: usize, columns: usize) -> LineDraft {
    let fault = Problem::error(
        Code::RowWidth,
        "",
        format!("the row has {cells} cells, the header has {columns}"),
        format!("dòng có {cells} ô, tiêu đề có {columns} cột"),
    );
    LineDraft { fault: Some(fault), ..LineDraft::default() }
}

fn line(layout: &Layout, cells: &[Cow<'_, str>]) -> LineDraft {
    let mut line = LineDraft::default();
    for (column, cell) in layout.iter().zip(cells) {
        let Some(column) = column else { continue };
        if cell.trim().is_empty() {
            continue;
        }
        match column.target {
            Target::Header(_) => {}
            Target::Papers => {
                line.papers_part = Part::Present;
                normalise(cell).split('|').take(PAPERS_MAX + 1).for_each(|text| line.push_paper(paper(text)));
            }
            Target::Line(field @ (LineField::DueAt | LineField::AcceptedAt)) => {
                let time = iso_time(cell.trim()).unwrap_or_else(|| cell.clone().into_owned());
                line.values.set(field.place(), Raw::Lexical(time));
            }
            Target::Line(field) => line.values.set(field.place(), Raw::Lexical(cell.clone().into_owned())),
        }
    }
    let group = |prefix: &str| {
        let fields =
            LineField::ALL.iter().filter(|field| field.as_str().starts_with(prefix)).map(|field| field.place());
        if line.values.all_absent(fields) { Part::Absent } else { Part::Present }
    };
    (line.party, line.address) = (group("party."), group("party.address."));
    line
}

/// `1 bản chính Tờ khai`: quantity, kind, name. What does not fit is left for the check to name.
fn paper(text: &str) -> PaperDraft {
    let kinds = [
        ("bản chính", PaperKind::Original),
        ("original", PaperKind::Original),
        ("bản sao", PaperKind::Copy),
        ("copy", PaperKind::Copy),
    ];
    let kind_of = |text: &str| {
        kinds
            .iter()
            .find_map(|(words, kind)| strip_words(text, words).map(|rest| (kind.as_str().to_owned(), rest.to_owned())))
    };
    let mut paper = PaperDraft::default();
    let mut set = |field: PaperField, value: &str| {
        if !value.is_empty() {
            paper.values.set(field.place(), Raw::Lexical(value.to_owned()));
        }
    };
    let text = text.trim();
    let (quantity, rest) = match kind_of(text) {
        Some(_) => ("", text),
        None => text.split_once(char::is_whitespace).unwrap_or((text, "")),
    };
    set(PaperField::Quantity, quantity);
    let (kind, name) = kind_of(rest.trim()).unwrap_or_else(|| {
        let (word, name) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        (word.to_owned(), name.to_owned())
    });
    set(PaperField::Kind, &kind);
    set(PaperField::Name, name.trim());
    paper
}

/// The rest after these words of normalised text, whatever their case; the next character must end the word.
fn strip_words<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    for (index, word) in words.split(' ').enumerate() {
        let bare = if index == 0 { rest } else { rest.trim_start() };
        let end = bare.find(char::is_whitespace).unwrap_or(bare.len());
        let (head, tail) = bare.split_at_checked(end)?;
        if head.to_lowercase() != word {
            return None;
        }
        rest = tail;
    }
    Some(rest)
}

/// `dd/MM/yyyy` as an ISO date, where the day exists; never MM/dd.
fn iso_date(text: &str) -> Option<String> {
    NaiveDate::parse_from_str(text, "%d/%m/%Y").ok().map(|date| date.format("%Y-%m-%d").to_string())
}

/// `dd/MM/yyyy HH:mm[:ss]` of Vietnam as RFC 3339.
fn iso_time(text: &str) -> Option<String> {
    let read = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let time = read("%d/%m/%Y %H:%M:%S").or_else(|| read("%d/%m/%Y %H:%M"))?;
    Some(time.format("%Y-%m-%dT%H:%M:%S+07:00").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::leg::Side;
    use crate::domain::manifest::check;

    #[test]
    fn every_row_of_the_column_table_is_understood() {
        assert_eq!(columns().len(), COLUMNS.lines().count() - 1);
        assert_eq!(columns().len(), HeaderField::ALL.len() + LineField::ALL.len() + 1);
    }

    #[test]
    fn papers_in_words() {
        let read = |text: &str| {
            let paper = paper(text);
            [PaperField::Name, PaperField::Kind, PaperField::Quantity]
                .map(|field| paper.values.get(field.place()).as_text().unwrap_or("-").to_owned())
        };
        assert_eq!(read("1 bản chính Tờ khai"), ["Tờ khai", "ORIGINAL", "1"]);
        assert_eq!(read(" 2  Bản  SAO CCCD có công chứng "), ["CCCD có công chứng", "COPY", "2"]);
        assert_eq!(read("3 copy Bản sao chứng thực"), ["Bản sao chứng thực", "COPY", "3"]);
        assert_eq!(read("bản chính Tờ khai"), ["Tờ khai", "ORIGINAL", "-"]);
        assert_eq!(read("2 photo CCCD"), ["CCCD", "photo", "2"]);
        assert_eq!(read("2"), ["-", "-", "2"]);
    }

    const HEAD: &str = "manifest_no,leg_kind,agency_code,post_office_code,shift_date,shift,total_lines,total_originals,total_copies,total_fee_to_collect,line_no,dossier_no,procedure_code,party_name,party_phone,address,papers,due_at";
    const FIRST: &str = "BK-1,RESULT,H32.15,650100,2026-11-23,1,1,1,0,0,1,H32.15-261109-0007,1.005129,Nguyễn Thị Mẫu,0900000041,12 Trần Phú,1 original Kết quả,24/11/2026 17:00";

    fn file(rows: &[&str]) -> String {
        rows.join("\r\n")
    }

    fn problems(text: &str) -> Vec<String> {
        let checked = check(read(text, 3).unwrap(), Side::Agency, None);
        let found = match checked.header {
            Err(problems) => problems,
            Ok(_) => {
                checked.problems.into_iter().chain(checked.lines.into_iter().flat_map(|line| line.problems)).collect()
            }
        };
        found.iter().map(|problem| format!("{} {}", problem.code.as_str(), problem.field)).collect()
    }

    fn code(text: &str) -> Code {
        read(text, 3).unwrap_err().code
    }

    #[test]
    fn a_sound_file_in_unusual_dress_is_taken() {
        assert!(problems(&file(&[HEAD, FIRST])).is_empty());
        let shouting = HEAD.to_uppercase().replace("NOTE", "note");
        assert!(
            problems(&file(&["", &format!(" {shouting},x_internal,X_more"), "", &format!("{FIRST},1,2"), ""]))
                .is_empty()
        );
        let decomposed: String = unicode_normalization::UnicodeNormalization::nfd(
            HEAD.replace("line_no", "STT").replace("dossier_no", "MÃ HỒ SƠ").as_str(),
        )
        .collect();
        assert!(problems(&file(&[&decomposed, FIRST])).is_empty());
        let semicolons =
            file(&[HEAD, FIRST]).replace(',', ";").replace("RESULT", "TRẢ KẾT QUẢ").replace("2026-11-23", "23/11/2026");
        assert!(problems(&semicolons).is_empty());
        let read = check(read(&file(&[HEAD, FIRST]), 3).unwrap(), Side::Agency, None);
        let due = read.lines[0].line.as_ref().unwrap().due_at.unwrap();
        assert_eq!(due.to_rfc3339(), "2026-11-24T17:00:00+07:00");
    }

    #[test]
    fn columns_are_named_when_they_lack_or_are_unknown() {
        let without = HEAD.replace("total_copies,", "").replace("dossier_no,", "").replace("party_phone", "cccd");
        let row = FIRST.replacen("0,0,1,", "0,1,", 1).replace("H32.15-261109-0007,", "");
        assert_eq!(
            problems(&file(&[&without, &row])),
            ["FIELD_MISSING total_copies", "FIELD_MISSING dossier_no", "FIELD_UNKNOWN cccd"]
        );
        assert_eq!(code(&file(&[&HEAD.replace("due_at", "STT"), FIRST])), Code::BodyNotReadable);
        assert_eq!(code(""), Code::BodyNotReadable);
        assert_eq!(problems(HEAD), ["MANIFEST_EMPTY lines"]);
        assert_eq!(problems("a;b"), problems("a;b\n1;2"));
    }

    #[test]
    fn a_row_says_what_is_wrong_with_it() {
        let later = |cells: &str| file(&[HEAD, FIRST, &format!(",,,,,,,,,,{cells}")]);
        let poor = later("2,H32.15-261109-0008,1.005129,Trần Văn Thử,,,,");
        let expected = [
            "TOTALS_MISMATCH totals.lines",
            "PHONE_MISSING party.phone",
            "FIELD_MISSING party.address",
            "FIELD_MISSING papers",
        ];
        assert_eq!(problems(&poor), expected);
        assert_eq!(problems(&later("2,x")), ["TOTALS_MISMATCH totals.lines", "ROW_WIDTH "]);
        assert_eq!(problems(&file(&[HEAD, &format!("{FIRST},more")])), ["ROW_WIDTH "]);
        let varies = file(&[HEAD, FIRST, &FIRST.replace("BK-1", "BK-2").replace("H32.15,", "H32.16,")]);
        assert_eq!(problems(&varies), ["HEADER_VARIES manifest_no", "HEADER_VARIES agency_code"]);
        let american = FIRST.replace("24/11/2026 17:00", "11/24/2026 17:00");
        assert_eq!(problems(&file(&[HEAD, &american])), ["FIELD_INVALID dueAt"]);
        let papers = FIRST.replace("1 original Kết quả", "x original A | 2 photo B | 1 copy");
        assert_eq!(
            problems(&file(&[HEAD, &papers])),
            ["FIELD_INVALID papers[0].quantity", "FIELD_INVALID papers[1].kind", "FIELD_MISSING papers[2].name"]
        );
        assert_eq!(code(&file(&[HEAD, FIRST, FIRST, FIRST, FIRST])), Code::TooManyLines);
    }
}
