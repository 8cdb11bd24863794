//! The operator's report to the authority (TT 17/2017 Đ13; domain 3.11): services, volume, revenue, complaints and their results, lost and
//! damaged items, compensations with their value, safety. Due before the 10th of the month after a quarter, before 10 July for the first
//! half-year, before 10 January for a year.

use chrono::{Datelike, NaiveDate};

use super::figures::{Key, Need, all};
use super::{Figure, Material, Parts, Want};
use crate::domain::leg::LegKind;
use crate::domain::tally::Measure;
use crate::report::tables::{Behind, Cell, Check, Column, Holds, Period, Row, Said, Section, Value};

pub(super) const NEEDS: &[Need] = &[Need {
    by: &[Key::Kind],
    measures: &[
        Measure::TakenFromCitizen,
        Measure::FiledWithAgency,
        Measure::TakenFromAgency,
        Measure::Delivered,
        Measure::Returned,
        Measure::Lost,
        Measure::Damaged,
        Measure::Postage,
    ],
}];

/// The day before which a report of this period is due: the 10th of the month after it.
pub(super) fn due_before(period: Period) -> Option<NaiveDate> {
    (period.until.day() == 1).then(|| period.until.with_day(10)).flatten()
}

pub(super) fn build(material: &Material) -> Parts {
    let sums = all(material.counts(0));
    let whole = Behind::default();
    let told = |figure| material.told(figure, Want::default());
    let dong = |figure| Cell::of(told(figure).map_or(Value::Unknown, |dong| Value::Dong { dong }));
    let taken = sums.legs(Measure::TakenFromCitizen) + sums.legs(Measure::TakenFromAgency);
    let harmed = sums.legs(Measure::Lost) + sums.legs(Measure::Damaged);
    let kind = |kind: LegKind| Behind { kind: Some(kind.as_str().to_owned()), ..Behind::default() };
    let rows = [
        ("1", "Sản lượng", "Volume", Cell::count(taken), LEDGER),
        (
            "1.1",
            "Nhận hồ sơ từ người dân",
            "Dossiers taken from citizens",
            sums.cell(Measure::TakenFromCitizen, &kind(LegKind::Intake)),
            LEDGER,
        ),
        (
            "1.2",
            "Nộp hồ sơ cho cơ quan",
            "Dossiers filed with agencies",
            sums.cell(Measure::FiledWithAgency, &kind(LegKind::Intake)),
            LEDGER,
        ),
        (
            "1.3",
            "Nhận kết quả từ cơ quan",
            "Results taken from agencies",
            sums.cell(Measure::TakenFromAgency, &kind(LegKind::Result)),
            LEDGER,
        ),
        (
            "1.4",
            "Phát kết quả (có xác nhận)",
            "Results delivered (confirmed)",
            sums.cell(Measure::Delivered, &whole),
            LEDGER,
        ),
        ("1.5", "Chuyển hoàn", "Returned", sums.cell(Measure::Returned, &whole), LEDGER),
        ("2", "Doanh thu", "Revenue", dong(Figure::Revenue), OPERATOR),
        ("2.1", "Cước ghi trên phiếu gửi", "Postage on consignment notes", sums.dong(Measure::Postage, &whole), LEDGER),
        ("3", "Khiếu nại đã nhận", "Complaints received", Cell::told(told(Figure::Complaints)), OPERATOR),
        ("3.1", "Đã trả lời", "Answered", Cell::told(told(Figure::ComplaintsAnswered)), OPERATOR),
        ("3.2", "Khiếu nại đúng", "Upheld", Cell::told(told(Figure::ComplaintsUpheld)), OPERATOR),
        ("4", "Hồ sơ mất", "Lost", sums.cell(Measure::Lost, &whole), LEDGER),
        ("5", "Hồ sơ hư hỏng", "Damaged", sums.cell(Measure::Damaged, &whole), LEDGER),
        ("6", "Số vụ bồi thường", "Compensations", Cell::told(told(Figure::Compensations)), OPERATOR),
        ("6.1", "Giá trị bồi thường", "Their value", dong(Figure::CompensationDong), OPERATOR),
        (
            "7",
            "Mức độ an toàn (không mất, hỏng trên sản lượng)",
            "Safety (neither lost nor damaged, of the volume)",
            Cell::share(taken - harmed, taken),
            LEDGER,
        ),
    ];
    let row = |(number, vi, en, cell, source): (&str, &str, &str, Cell, (&str, &str))| {
        let (figure, share) = match cell.value {
            Value::Share { .. } => (Cell::blank(), cell),
            _ => (cell, Cell::blank()),
        };
        Row::plain(vec![Cell::text(number), Cell::said(vi, en), figure, share, Cell::said(source.0, source.1)])
    };
    Parts {
        sections: vec![Section {
            id: "indicators".to_owned(),
            title: Said::new("Dịch vụ tiếp nhận hồ sơ, chuyển trả kết quả", "Intake of dossiers and return of results"),
            columns: vec![
                Column::new(Holds::Code, &[("STT", "No.")]),
                Column::new(Holds::Text, &[("Chỉ tiêu", "Indicator")]),
                Column::new(Holds::Count, &[("Số liệu", "Figure")]),
                Column::new(Holds::Share, &[("Tỷ lệ", "Share")]),
                Column::new(Holds::Text, &[("Nguồn", "Source")]),
            ],
            rows: rows.into_iter().map(row).collect(),
            plot: None,
        }],
        checks: vec![Check::at_most(
            Said::new("Khiếu nại đã trả lời ≤ khiếu nại đã nhận", "Complaints answered ≤ complaints received"),
            told(Figure::ComplaintsAnswered),
            told(Figure::Complaints),
        )],
        notes: Vec::new(),
        signatures: vec![
            Said::new("Người lập báo cáo", "Prepared by"),
            Said::new("Giám đốc bưu điện tỉnh", "Director of the provincial post"),
        ],
        due_before: due_before(material.period),
    }
}

const LEDGER: (&str, &str) = ("sổ giao nhận", "the ledger");
const OPERATOR: (&str, &str) = ("bưu chính nhập", "entered by the operator");
