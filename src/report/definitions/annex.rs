//! Annex about the public post (domain 9.2; practice of Thanh Hóa, Vĩnh Phúc, Quảng Nam): by agency, by procedure, by post office, and why
//! deliveries failed. Received by post is `KenhThucHien` 3, asked for postal return is `HinhThucTra` 1.

use std::collections::BTreeMap;

use super::figures::{Count, Key, Need, Sums, all, by};
use super::{Figure, Material, Parts, Want};
use crate::domain::leg::LegKind;
use crate::domain::level::Level;
use crate::domain::tally::Measure;
use crate::report::tables::{Behind, Cell, Check, Column, Holds, Row, Said, Section, Value};

pub(super) const NEEDS: &[Need] = &[
    Need {
        by: &[Key::Agency, Key::Procedure, Key::Kind],
        measures: &[
            Measure::Registered,
            Measure::TakenFromCitizen,
            Measure::FiledWithAgency,
            Measure::TakenFromAgency,
            Measure::Delivered,
            Measure::ReportedOnly,
            Measure::Returned,
        ],
    },
    Need {
        by: &[Key::Office],
        measures: &[
            Measure::TakenFromCitizen,
            Measure::TakenFromAgency,
            Measure::FirstAttempt,
            Measure::FirstAttemptOk,
            Measure::TransitDays,
            Measure::DueKept,
            Measure::DueMissed,
            Measure::Lost,
            Measure::Damaged,
            Measure::FeeCollected,
            Measure::FeeRemitted,
            Measure::PapersToRecover,
            Measure::PapersRecovered,
        ],
    },
    Need { by: &[Key::Office, Key::Cause], measures: &[Measure::AttemptFailed] },
];

const INTAKE: (&str, &str) = ("Tiếp nhận qua bưu chính", "Intake by post");
const RETURN: (&str, &str) = ("Trả kết quả qua bưu chính", "Results by post");

pub(super) fn build(material: &Material) -> Parts {
    let (papers, offices, causes) = (material.counts(0), material.counts(1), material.counts(2));
    let by_agency = flows(material, papers, Key::Agency);
    let by_procedure = flows(material, papers, Key::Procedure);
    let (of_agencies, of_offices) = (all(papers), all(offices));
    let checks = vec![
        Check::equal(
            Said::new(
                "Bưu điện nhận từ người dân: theo cơ quan = theo bưu cục",
                "Taken from citizens: by agency = by post office",
            ),
            Some(of_agencies.legs(Measure::TakenFromCitizen)),
            Some(of_offices.legs(Measure::TakenFromCitizen)),
        ),
        Check::equal(
            Said::new(
                "Bưu điện nhận kết quả: theo cơ quan = theo bưu cục",
                "Results collected: by agency = by post office",
            ),
            Some(of_agencies.legs(Measure::TakenFromAgency)),
            Some(of_offices.legs(Measure::TakenFromAgency)),
        ),
    ];
    Parts {
        sections: vec![by_agency, by_procedure, post_offices(material, offices), failures(material, causes)],
        checks,
        notes: vec![
            Said::new(
                "Mỗi việc tính vào ngày nó xảy ra; một hồ sơ nhận cuối kỳ có thể phát trong kỳ sau.",
                "Each act counts on the day it happened: what was taken at the end may be delivered in the next period.",
            ),
            Said::new(
                "“Báo đã phát” là lời của bưu chính chưa có bằng chứng, không tính vào “đã phát”.",
                "“Reported” is the post's word without proof and is not part of “delivered”.",
            ),
        ],
        signatures: vec![
            Said::new("Người lập biểu", "Prepared by"),
            Said::new("Đại diện bưu chính", "For the post"),
            Said::new("Thủ trưởng đơn vị", "Head of the unit"),
        ],
        due_before: None,
    }
}

/// Result legs that were declared: the citizen asked for return by post.
fn asked(counts: &[Count], key: Key) -> BTreeMap<&str, i64> {
    let mut asked: BTreeMap<&str, i64> = BTreeMap::new();
    let results = counts
        .iter()
        .filter(|count| count.measure == Measure::Registered && count.key(Key::Kind) == LegKind::Result.as_str());
    for count in results {
        *asked.entry(count.key(key)).or_default() += count.legs;
    }
    asked
}

/// Intake and return, by agency or by procedure.
fn flows(material: &Material, counts: &[Count], key: Key) -> Section {
    let is_agency = key == Key::Agency;
    let (rows, asked) = (by(counts, key), asked(counts, key));
    let want = |code: &'_ str| -> (Option<i64>, Option<i64>) {
        let want = match is_agency {
            true => Want { agency: Some(code), ..Want::default() },
            false => Want { procedure: Some(code), ..Want::default() },
        };
        told(material, want)
    };
    let cells = |code: &str, sums: &Sums, asked: i64, told: (Option<i64>, Option<i64>), held: i64, row: &Behind| {
        let result = Behind { kind: Some(LegKind::Result.as_str().to_owned()), ..row.clone() };
        let registered = Behind { measure: Measure::Registered.as_str().to_owned(), ..result };
        let asked_cell = if asked == 0 { Cell::count(0) } else { Cell::count(asked).behind(registered) };
        let taken = sums.legs(Measure::TakenFromCitizen);
        let given = sums.legs(Measure::TakenFromAgency);
        let mut cells = vec![Cell::text(code)];
        cells.push(Cell::text(if is_agency { material.names.agency(code) } else { material.names.procedure(code) }));
        if is_agency {
            cells.push(level(material, code));
        }
        cells.extend([
            sums.cell(Measure::TakenFromCitizen, row),
            sums.cell(Measure::FiledWithAgency, row),
            Cell::share_told(Some(taken), told.0),
            asked_cell,
            sums.cell(Measure::TakenFromAgency, row),
            sums.cell(Measure::Delivered, row),
            sums.cell(Measure::ReportedOnly, row),
            sums.cell(Measure::Returned, row),
            Cell::count(held),
            Cell::share(sums.legs(Measure::Delivered), given),
            Cell::share_told(Some(given), told.1),
        ]);
        cells
    };
    let held_of = |code: &str| {
        let same = material.held.iter().filter(|held| (if is_agency { &held.agency } else { &held.procedure }) == code);
        same.filter(|held| held.kind == LegKind::Result.as_str()).map(|held| held.legs).sum::<i64>()
    };
    let mut out: Vec<Row> = rows
        .iter()
        .map(|(code, sums)| {
            let row = match is_agency {
                true => Behind { agency: Some((*code).to_owned()), ..Behind::default() },
                false => Behind { procedure: Some((*code).to_owned()), ..Behind::default() },
            };
            let asked = asked.get(code).copied().unwrap_or(0);
            Row::plain(cells(code, sums, asked, want(code), held_of(code), &row))
        })
        .collect();
    if !out.is_empty() {
        let held =
            material.held.iter().filter(|held| held.kind == LegKind::Result.as_str()).map(|held| held.legs).sum();
        let whole =
            cells("", &all(counts), asked.values().sum(), told(material, Want::default()), held, &Behind::default());
        out.push(Row::total(named_total(whole, is_agency)));
    }
    Section {
        id: if is_agency { "agencies" } else { "procedures" }.to_owned(),
        title: if is_agency {
            Said::new("Theo cơ quan", "By agency")
        } else {
            Said::new("Theo thủ tục", "By procedure")
        },
        columns: flow_columns(is_agency),
        rows: out,
        plot: is_agency.then_some(12),
    }
}

/// Received and solved in all, by whatever way.
fn told(material: &Material, want: Want<'_>) -> (Option<i64>, Option<i64>) {
    let received = material.told_sum(&[Figure::ReceivedOnline, Figure::ReceivedDirectOrPost], want);
    let solved = material.told_sum(&[Figure::SolvedEarly, Figure::SolvedOnTime, Figure::SolvedLate], want);
    (received, solved)
}

/// The cells of a total: `Tổng số` where the name would stand.
fn named_total(mut cells: Vec<Cell>, has_level: bool) -> Vec<Cell> {
    let names = [Cell::blank(), Cell::said("Tổng số", "Total"), Cell::blank()];
    for (cell, name) in cells.iter_mut().zip(names.into_iter().take(if has_level { 3 } else { 2 })) {
        *cell = name;
    }
    cells
}

/// The level of an agency in words.
pub(super) fn level(material: &Material, code: &str) -> Cell {
    let level = material.names.agencies.get(code).map_or("", |place| place.level.as_str());
    level_words(level).map_or(Cell::of(Value::Unknown), |(vi, en)| Cell::said(vi, en))
}

/// A level in words; none for one that nobody named.
pub(super) fn level_words(level: &str) -> Option<(&'static str, &'static str)> {
    Some(match Level::parse(level)? {
        Level::Central => ("Ngành dọc", "Central branch"),
        Level::Department => ("Sở, ban, ngành", "Department"),
        Level::District => ("Cấp huyện (trước 01/7/2025)", "District (before 1/7/2025)"),
        Level::Commune => ("Cấp xã", "Commune"),
    })
}

fn flow_columns(is_agency: bool) -> Vec<Column> {
    let mut columns = match is_agency {
        true => vec![
            Column::new(Holds::Code, &[("Mã", "Code")]),
            Column::new(Holds::Text, &[("Cơ quan", "Agency")]),
            Column::new(Holds::Text, &[("Cấp", "Level")]),
        ],
        false => vec![
            Column::new(Holds::Code, &[("Mã thủ tục", "Code")]),
            Column::new(Holds::Text, &[("Thủ tục", "Procedure")]),
        ],
    };
    columns.extend([
        Column::new(Holds::Count, &[INTAKE, ("Bưu điện nhận", "Taken")]),
        Column::new(Holds::Count, &[INTAKE, ("Đã nộp cơ quan", "Filed")]),
        Column::new(Holds::Share, &[INTAKE, ("Trên tổng tiếp nhận", "Of all received")]),
        Column::new(Holds::Count, &[RETURN, ("Đăng ký", "Asked for")]),
        Column::new(Holds::Count, &[RETURN, ("Giao bưu điện", "Given to the post")]),
        Column::new(Holds::Count, &[RETURN, ("Đã phát", "Delivered")]),
        Column::new(Holds::Count, &[RETURN, ("Báo đã phát", "Reported")]),
        Column::new(Holds::Count, &[RETURN, ("Chuyển hoàn", "Returned")]),
        Column::new(Holds::Count, &[RETURN, ("Bưu điện đang giữ lúc chốt", "Held at the cut")]),
        Column::new(Holds::Share, &[RETURN, ("Phát trên giao", "Delivered of given")]),
        Column::new(Holds::Share, &[RETURN, ("Giao trên đã giải quyết", "Given of solved")]),
    ]);
    columns
}

fn post_offices(material: &Material, counts: &[Count]) -> Section {
    let cells = |code: &str, name: Cell, sums: &Sums, want: Want<'_>, row: &Behind| {
        let due = sums.legs(Measure::DueKept) + sums.legs(Measure::DueMissed);
        let days =
            Cell::of(Value::Days { sum: sums.amount(Measure::TransitDays), count: sums.legs(Measure::TransitDays) });
        let fee = |measure: Measure| sums.dong(measure, row);
        let outstanding = sums.amount(Measure::FeeCollected) - sums.amount(Measure::FeeRemitted);
        let compensation = material.told(Figure::CompensationDong, want);
        vec![
            if code.is_empty() { Cell::blank() } else { Cell::text(code) },
            name,
            Cell::count(sums.legs(Measure::TakenFromCitizen) + sums.legs(Measure::TakenFromAgency)),
            Cell::share(sums.legs(Measure::FirstAttemptOk), sums.legs(Measure::FirstAttempt)),
            days,
            Cell::share(sums.legs(Measure::DueKept), due),
            sums.cell(Measure::DueMissed, row),
            Cell::told(material.told(Figure::Complaints, want)),
            sums.cell(Measure::Lost, row),
            sums.cell(Measure::Damaged, row),
            Cell::of(compensation.map_or(Value::Unknown, |dong| Value::Dong { dong })),
            fee(Measure::FeeCollected),
            fee(Measure::FeeRemitted),
            Cell::dong(outstanding),
            Cell::share(sums.amount(Measure::PapersRecovered), sums.amount(Measure::PapersToRecover)),
        ]
    };
    let offices = by(counts, Key::Office);
    let mut rows: Vec<Row> = offices
        .iter()
        .map(|(code, sums)| {
            let want = Want { office: Some(code), ..Want::default() };
            let row = Behind { office: Some((*code).to_owned()), ..Behind::default() };
            Row::plain(cells(code, Cell::text(material.names.office(code)), sums, want, &row))
        })
        .collect();
    if rows.len() > 1 {
        let name = Cell::said("Tổng số", "Total");
        rows.push(Row::total(cells("", name, &all(counts), Want::default(), &Behind::default())));
    }
    const FEES: (&str, &str) = ("Lệ phí", "Fees");
    Section {
        id: "offices".to_owned(),
        title: Said::new("Theo bưu cục", "By post office"),
        columns: vec![
            Column::new(Holds::Code, &[("Mã", "Code")]),
            Column::new(Holds::Text, &[("Bưu cục", "Post office")]),
            Column::new(Holds::Count, &[("Hồ sơ nhận", "Items")]),
            Column::new(Holds::Share, &[("Phát được lần đầu", "First attempt")]),
            Column::new(Holds::Days, &[("Ngày làm việc bình quân", "Working days, mean")]),
            Column::new(Holds::Share, &[("Đúng J+n", "J+n kept")]),
            Column::new(Holds::Count, &[("Trễ J+n", "J+n missed")]),
            Column::new(Holds::Count, &[("Khiếu nại", "Complaints")]),
            Column::new(Holds::Count, &[("Mất", "Lost")]),
            Column::new(Holds::Count, &[("Hư hỏng", "Damaged")]),
            Column::new(Holds::Dong, &[("Bồi thường", "Compensation")]),
            Column::new(Holds::Dong, &[FEES, ("Đã thu", "Collected")]),
            Column::new(Holds::Dong, &[FEES, ("Đã nộp", "Paid over")]),
            Column::new(Holds::Dong, &[FEES, ("Còn lại", "Outstanding")]),
            Column::new(Holds::Share, &[("Giấy tờ thu hồi", "Papers recovered")]),
        ],
        rows,
        plot: Some(5),
    }
}

fn failures(material: &Material, counts: &[Count]) -> Section {
    use crate::domain::fact::Cause;
    use crate::report::causes::words;
    let mut rows: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for count in counts {
        *rows.entry(count.key(Key::Office)).or_default().entry(count.key(Key::Cause)).or_default() += count.amount;
    }
    let heads = Cause::ALL.iter().map(|word| Column::new(Holds::Count, &[words(*word)]));
    let line = |(office, causes): (&&str, &BTreeMap<&str, i64>)| {
        let known = Cause::ALL.iter().map(|word| (word.as_str(), causes.get(word.as_str()).copied().unwrap_or(0)));
        let named: i64 = known.clone().map(|(_, legs)| legs).sum();
        let all: i64 = causes.values().sum();
        let cell = |(word, legs): (&str, i64)| {
            let behind = Behind {
                measure: Measure::AttemptFailed.as_str().to_owned(),
                office: Some((*office).to_owned()),
                cause: Some(word.to_owned()),
                ..Behind::default()
            };
            if legs == 0 { Cell::count(0) } else { Cell::count(legs).behind(behind) }
        };
        let mut cells = vec![Cell::text(*office), Cell::text(material.names.office(office))];
        cells.extend(known.map(cell));
        cells.extend([Cell::count(all - named), Cell::count(all)]);
        Row::plain(cells)
    };
    let mut columns =
        vec![Column::new(Holds::Code, &[("Mã", "Code")]), Column::new(Holds::Text, &[("Bưu cục", "Post office")])];
    columns.extend(heads);
    columns.push(Column::new(Holds::Count, &[("Không nêu lý do", "No reason given")]));
    columns.push(Column::new(Holds::Count, &[("Cộng", "Together")]));
    Section {
        id: "failures".to_owned(),
        title: Said::new("Lý do chưa phát được", "Why deliveries failed"),
        columns,
        rows: rows.iter().map(line).collect(),
        plot: None,
    }
}
