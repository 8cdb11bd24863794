//! A report with every kind of cell, for the tests of the renderers.

use chrono::NaiveDate;

use crate::base::time::Ts;
use crate::report::tables::{
    Behind, Cell, Check, Column, Holds, Letterhead, Period, Report, Row, Said, Scope, Section, Value,
};

/// The report.
pub(in crate::report) fn report() -> Report {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let at = Ts::parse_rfc3339("2026-11-22T08:30:00+07:00").unwrap();
    const POST: (&str, &str) = ("Qua bưu chính", "By post");
    let columns = vec![
        Column::new(Holds::Code, &[("Mã", "Code")]),
        Column::new(Holds::Text, &[("Cơ quan", "Agency")]),
        Column::new(Holds::Count, &[POST, ("Nhận", "Taken")]),
        Column::new(Holds::Share, &[POST, ("Tỷ lệ", "Share")]),
        Column::new(Holds::Dong, &[("Lệ phí", "Fees")]),
        Column::new(Holds::Days, &[("Ngày", "Days")]),
        Column::new(Holds::Time, &[("Lúc", "When")]),
    ];
    let row = |code: &str, name: &str, part, whole, dong| {
        vec![
            Cell::text(code),
            Cell::text(name),
            Cell::count(part).behind(Behind { measure: "TAKEN_FROM_CITIZEN".to_owned(), ..Behind::default() }),
            Cell::share(part, whole),
            Cell::dong(dong),
            Cell::of(Value::Days { sum: 5, count: 3 }),
            Cell::of(Value::Moment { at }),
        ]
    };
    let mut unknown = row("H98.03", "-2+3", 0, 0, 0);
    unknown[3] = Cell::share_told(None, Some(3));
    unknown[6] = Cell::of(Value::Date { date: day(2026, 11, 20) });
    Report {
        definition: "BCCI_ANNEX".to_owned(),
        version: 1,
        title: Said::new("Phụ lục bưu chính công ích", "Annex on the public post"),
        basis: "QĐ 45/2016/QĐ-TTg".to_owned(),
        period: Period { from: day(2026, 11, 1), until: day(2026, 12, 1) },
        scope: Scope { name: Said::new("Toàn tỉnh", "The province"), ..Scope::default() },
        as_of: at,
        calendar: vec!["vn-2025-2026".to_owned()],
        due_before: Some(day(2026, 12, 10)),
        letterhead: Letterhead {
            superior: Some("Ủy ban nhân dân tỉnh Hòa Giang".to_owned()),
            issuer: "Trung tâm Phục vụ hành chính công".to_owned(),
            place: "Hòa Giang".to_owned(),
        },
        sections: vec![Section {
            id: "agencies".to_owned(),
            title: Said::new("Theo cơ quan", "By agency"),
            columns,
            rows: vec![
                Row::plain(row("H98.01", "Sở Xây dựng", 1_980, 27_755, 135_000)),
                Row::plain(row("H98.02", "=HYPERLINK(\"http://example.vn\";\"x\")", 102, 48_215, 0)),
                Row::plain(unknown),
                Row::total(row("", "Tổng số", 2_082, 75_970, 135_000)),
            ],
            plot: Some(3),
        }],
        checks: vec![
            Check::equal(Said::new("Tổng bằng các dòng", "The total equals its rows"), Some(2_082), Some(2_082)),
            Check::equal(Said::new("Số nhập từ ngoài", "What was entered"), None, Some(1)),
        ],
        notes: vec![Said::new("Một ghi chú.", "A note.")],
        signatures: vec![Said::new("Người lập biểu", "Prepared by"), Said::new("Thủ trưởng", "Head")],
    }
}
