//! Figures of the national index that concern post (QĐ 766/QĐ-TTg; domain 9.3). On time: what ended by the date of the slip, of what had
//! one; the official score also subtracts supplement time in the case system and counts a second request as late, which only that system
//! can do. By post: channel 3 with its date of receipt in the period, of everything received.

use super::figures::{Key, Need, Sums, all, by};
use super::{Figure, Material, Parts, Want};
use crate::domain::tally::Measure;
use crate::report::tables::{Behind, Cell, Column, Holds, Row, Said, Section};

pub(super) const NEEDS: &[Need] = &[Need {
    by: &[Key::Agency],
    measures: &[
        Measure::TakenFromCitizen,
        Measure::FiledWithAgency,
        Measure::CaseDueKept,
        Measure::CaseDueMissed,
        Measure::TakenFromAgency,
        Measure::Delivered,
    ],
}];

pub(super) fn build(material: &Material) -> Parts {
    let counts = material.counts(0);
    let row = |code: Cell, name: Cell, sums: &Sums, want: Want<'_>, behind: &Behind| {
        let received = material.told_sum(&[Figure::ReceivedOnline, Figure::ReceivedDirectOrPost], want);
        let filed = sums.legs(Measure::FiledWithAgency);
        let (kept, missed) = (sums.legs(Measure::CaseDueKept), sums.legs(Measure::CaseDueMissed));
        vec![
            code,
            name,
            sums.cell(Measure::FiledWithAgency, behind),
            Cell::told(received),
            Cell::share_told(Some(filed), received),
            Cell::share(kept, kept + missed),
            sums.cell(Measure::CaseDueMissed, behind),
            Cell::share(sums.legs(Measure::Delivered), sums.legs(Measure::TakenFromAgency)),
        ]
    };
    let agencies = by(counts, Key::Agency);
    let mut rows: Vec<Row> = agencies
        .iter()
        .map(|(code, sums)| {
            let behind = Behind { agency: Some((*code).to_owned()), ..Behind::default() };
            let want = Want { agency: Some(code), ..Want::default() };
            Row::plain(row(Cell::text(*code), Cell::text(material.names.agency(code)), sums, want, &behind))
        })
        .collect();
    if rows.len() > 1 {
        let name = Cell::said("Toàn tỉnh", "The province");
        rows.push(Row::total(row(Cell::blank(), name, &all(counts), Want::default(), &Behind::default())));
    }
    Parts {
        sections: vec![Section {
            id: "agencies".to_owned(),
            title: Said::new("Theo cơ quan", "By agency"),
            columns: vec![
                Column::new(Holds::Code, &[("Mã", "Code")]),
                Column::new(Holds::Text, &[("Cơ quan", "Agency")]),
                Column::new(Holds::Count, &[("Nộp qua bưu chính", "Filed by post")]),
                Column::new(Holds::Count, &[("Tổng tiếp nhận", "Received in all")]),
                Column::new(Holds::Share, &[("Tỷ lệ kênh bưu chính", "Share by post")]),
                Column::new(Holds::Share, &[("Đúng hẹn trên phiếu", "On time by the slip")]),
                Column::new(Holds::Count, &[("Quá hẹn", "Late")]),
                Column::new(Holds::Share, &[("Đã phát trên đã giao", "Delivered of given")]),
            ],
            rows,
            plot: Some(5),
        }],
        checks: Vec::new(),
        notes: vec![
            Said::new(
                "Thời gian bổ sung và lần bổ sung thứ hai do phần mềm một cửa trừ, tính; sổ giao nhận không có số này.",
                "Supplement time and a second supplement are counted by the one-stop software; the ledger does not have them.",
            ),
            Said::new(
                "Tỷ lệ đồng bộ với Cổng dịch vụ công quốc gia không tính được từ sổ giao nhận.",
                "The share synchronised with the national portal cannot be told from the ledger.",
            ),
        ],
        signatures: Vec::new(),
        due_before: None,
    }
}
