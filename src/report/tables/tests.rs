//! The renderers: heads with spans, numbers that stay numbers, formulas that stay text, the same bytes every time.

use super::columns::{Head, heads};
use super::csv::Separator;
use super::printed::{Verdict, percentage};
use super::{csv, json, samples, shown, xlsx};
use crate::domain::problem::Language::{En, Vi};

fn path(heads: &[&str]) -> Vec<String> {
    heads.iter().map(|head| (*head).to_owned()).collect()
}

#[test]
fn heads_span_what_is_below_them() {
    let lines = heads(&[path(&["A"]), path(&["B", "x"]), path(&["B", "y"]), path(&["C", "x"])]);
    let head = |text: &str, column, columns, lines| Head { text: text.to_owned(), column, columns, lines };
    assert_eq!(lines[0], [head("A", 0, 1, 2), head("B", 1, 2, 1), head("C", 3, 1, 1)]);
    assert_eq!(lines[1], [head("x", 1, 1, 1), head("y", 2, 1, 1), head("x", 3, 1, 1)]);
    let twice = heads(&[path(&["A"]), path(&["A"])]);
    assert_eq!(twice[0].len(), 2, "two columns of one name stay two");
}

#[test]
fn a_stored_report_comes_back_whole() {
    let report = samples::report();
    let text = json::write(&report).unwrap();
    assert_eq!(json::read(&text).unwrap(), report);
    assert_eq!(json::write(&json::read(&text).unwrap()).unwrap(), text);
    assert!(text.contains(r#""type":"share","part":1980,"whole":27755"#), "whole numbers, never spelled");
    assert!(json::read("{}").is_err());
}

#[test]
fn a_table_for_spreadsheets_runs_nothing() {
    let report = samples::report();
    let text = String::from_utf8(csv::write(&report, Vi, Separator::Semicolon)).unwrap();
    assert!(text.starts_with('\u{feff}') && text.contains("\r\n"));
    assert!(text.contains("Qua bưu chính / Tỷ lệ / Số;Qua bưu chính / Tỷ lệ / Trên tổng;"));
    assert!(text.contains("H98.01;Sở Xây dựng;1980;1980;27755;7,13%;135000;5;3;1,67;"), "{text}");
    assert!(text.contains("\"'=HYPERLINK(\"\"http://example.vn\"\";\"\"x\"\")\""), "{text}");
    assert!(text.contains("\"'-2+3\";0;–;–;–"), "{text}");
    let cells = text.split("\r\n").flat_map(|line| line.split(';'));
    let runs = cells.filter(|cell| cell.trim_start_matches('"').starts_with(['=', '+', '-', '@', '\t']));
    assert_eq!(runs.count(), 0, "{text}");
    let english = String::from_utf8(csv::write(&report, En, Separator::Comma)).unwrap();
    assert!(english.contains(",1980,27755,7.13%,135000,5,3,1.67,"), "{english}");
}

#[test]
fn a_workbook_is_the_same_every_time() {
    let report = samples::report();
    let bytes = xlsx::write(&report, Vi).unwrap();
    assert_eq!(bytes, xlsx::write(&report, Vi).unwrap());
    assert!(bytes.starts_with(b"PK"));
}

#[test]
fn a_workbook_holds_numbers() {
    use calamine::{Data, Reader, Xlsx};
    let bytes = xlsx::write(&samples::report(), Vi).unwrap();
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["1 Theo cơ quan", "Kiểm tra và ghi chú"]);
    let sheet = book.worksheet_range("1 Theo cơ quan").unwrap();
    let line = sheet.rows().find(|row| row[0] == Data::String("H98.01".to_owned())).unwrap();
    assert_eq!(line[2], Data::Float(1_980.0));
    assert_eq!(line[4], Data::Float(27_755.0));
    assert!(matches!(line[5], Data::Float(share) if (share - 0.071_338).abs() < 1e-5), "{line:?}");
    assert_eq!(line[6], Data::Float(135_000.0));
    assert!(matches!(line[10], Data::DateTime(_)), "{line:?}");
    let formulas = book.worksheet_formula("1 Theo cơ quan").unwrap();
    assert!(formulas.rows().flatten().any(|formula| formula.contains("/E")), "shares are live");
    assert!(!formulas.rows().flatten().any(|formula| formula.contains("HYPERLINK")), "texts are not");
}

#[cfg(feature = "pdf")]
#[test]
fn a_paper_is_the_same_every_time() {
    let report = samples::report();
    let sha256 = "0123456789abcdef".repeat(4);
    for lang in [Vi, En] {
        let bytes = super::pdf::write(&report, &sha256, lang).unwrap();
        assert!(bytes.starts_with(b"%PDF"));
        assert_eq!(bytes, super::pdf::write(&report, &sha256, lang).unwrap());
    }
}

#[test]
fn periods_have_names() {
    let period = |from, until| {
        let day = |text| crate::base::time::parse_date(text).unwrap();
        shown::period(super::Period { from: day(from), until: day(until) }, Vi)
    };
    assert_eq!(period("2026-11-01", "2026-12-01"), "tháng 11/2026");
    assert_eq!(period("2026-10-01", "2027-01-01"), "quý 4/2026");
    assert_eq!(period("2026-07-01", "2027-01-01"), "6 tháng cuối năm 2026");
    assert_eq!(period("2026-01-01", "2027-01-01"), "năm 2026");
    assert_eq!(period("2026-01-05", "2026-01-12"), "05/01/2026 – 11/01/2026");
    assert_eq!(period("2026-02-01", "2026-05-01"), "01/02/2026 – 30/04/2026");
}

#[test]
fn a_printed_percentage_is_worked_out_again() {
    assert_eq!(percentage("7,13 %", 1_980, 27_755), Verdict::Right);
    assert_eq!(percentage("100%", 16, 16), Verdict::Right);
    assert_eq!(percentage("7,2%", 1_980, 27_755), Verdict::Wrong);
    for none in ["", "x%", "1.23456789%", "-3%"] {
        assert_eq!(percentage(none, 1, 3), Verdict::None, "{none}");
    }
    assert_eq!(percentage("0%", 0, 0), Verdict::None);
}
