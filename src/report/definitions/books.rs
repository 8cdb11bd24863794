//! Reconciliation for the quarterly meeting of the two sides (domain 9.4): totals of both books beside the ledger, discrepancies by kind
//! with owner and age, each open one, and a place for both signatures.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::figures::{Key, Need, all};
use super::{Material, Parts, both_books};
use crate::base::time::{DAY_US, Ts};
use crate::domain::discrepancy::{Kind, Owner};
use crate::domain::problem::Language;
use crate::domain::tally::Measure;
use crate::report::kinds;
use crate::report::tables::{Behind, Cell, Column, Holds, Row, Said, Section, Value};

pub(super) const NEEDS: &[Need] = &[Need {
    by: &[Key::Agency],
    measures: &[
        Measure::TakenFromCitizen,
        Measure::FiledWithAgency,
        Measure::TakenFromAgency,
        Measure::Delivered,
        Measure::Returned,
    ],
}];

/// Discrepancies of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindCount {
    /// The word of the kind.
    pub kind: String,
    /// Found in the period.
    pub opened: i64,
    /// Settled in the period.
    pub resolved: i64,
    /// Open now.
    pub open: i64,
    /// When the oldest open one was found.
    pub oldest_at: Option<Ts>,
}

/// An open discrepancy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its id.
    pub id: String,
    /// The word of its kind.
    pub kind: String,
    /// The leg.
    pub leg_id: Option<String>,
    /// Its dossier number, or that of its note.
    pub number: Option<String>,
    /// The agency.
    pub agency: Option<String>,
    /// The side that owns it.
    pub owner: String,
    /// The person who took it in hand.
    pub person: Option<String>,
    /// When it was found.
    pub opened_at: Ts,
}

/// A comparison of a book with the ledger, the newest of its window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// `POST` or `ONE_STOP`.
    pub side: String,
    /// Whose book.
    pub counterpart: String,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Entries compared.
    pub entries: i64,
    /// Pairs without a difference.
    pub agree: i64,
    /// Entries that no leg answers to.
    pub entries_alone: i64,
    /// Legs that a complete book ought to have and does not.
    pub legs_alone: i64,
    /// When it was compared.
    pub at: Ts,
}

pub(super) fn build(material: &Material) -> Parts {
    let sums = all(material.counts(0));
    let mut notes = vec![Said::new(
        "Sai lệch là khác biệt có bằng chứng, có người xử lý; đã xử lý là đã giải thích, đã sửa hoặc hai người chấp nhận.",
        "A discrepancy has evidence and an owner; settled means explained, corrected, or accepted by two people.",
    )];
    notes.extend(both_books::notes(material));
    Parts {
        sections: vec![
            both_books::totals(material, &sums),
            both_books::shares(material, &sums),
            compared(material),
            by_kind(material),
            owners(material),
            open(material),
        ],
        checks: both_books::checks(material, &sums),
        notes,
        signatures: vec![
            Said::new("Đại diện bộ phận một cửa", "For the one-stop desk"),
            Said::new("Đại diện bưu chính", "For the post"),
        ],
        due_before: None,
    }
}

fn compared(material: &Material) -> Section {
    let line = |one: &Compared| {
        let book = match one.side.as_str() {
            "POST" => Cell::said("Bưu chính", "The post"),
            _ => Cell::said("Một cửa", "The one-stop side"),
        };
        let last = one.until.pred_opt().unwrap_or(one.until);
        Row::plain(vec![
            book,
            Cell::text(one.counterpart.as_str()),
            Cell::of(Value::Date { date: one.from }),
            Cell::of(Value::Date { date: last }),
            Cell::share(one.agree, one.entries),
            Cell::count(one.entries_alone),
            Cell::count(one.legs_alone),
            Cell::of(Value::Moment { at: one.at }),
        ])
    };
    Section {
        id: "compared".to_owned(),
        title: Said::new("Các lần đối soát trong kỳ", "Comparisons of the period"),
        columns: vec![
            Column::new(Holds::Text, &[("Sổ", "Book")]),
            Column::new(Holds::Text, &[("Hệ thống", "System")]),
            Column::new(Holds::Time, &[("Từ ngày", "From")]),
            Column::new(Holds::Time, &[("Đến hết ngày", "To the end of")]),
            Column::new(Holds::Share, &[("Dòng khớp", "Entries that agree")]),
            Column::new(Holds::Count, &[("Dòng không có trong sổ giao nhận", "Entries without a leg")]),
            Column::new(Holds::Count, &[("Hồ sơ không có trong sổ kia", "Legs without an entry")]),
            Column::new(Holds::Time, &[("Đối soát lúc", "Compared")]),
        ],
        rows: material.compared.iter().map(line).collect(),
        plot: None,
    }
}

fn kind_cell(word: &str) -> Cell {
    match Kind::parse(word) {
        Some(kind) => Cell::said(kinds::called(kind, Language::Vi), kinds::called(kind, Language::En)),
        None => Cell::text(word),
    }
}

fn owner_cell(word: &str) -> Cell {
    match Owner::parse(word) {
        Some(Owner::Post) => Cell::said("Bưu chính", "The post"),
        Some(Owner::Agency) => Cell::said("Một cửa", "The one-stop desk"),
        Some(Owner::Both) => Cell::said("Hai bên", "Both sides"),
        Some(Owner::Operations) => Cell::said("Quản trị hệ thống", "Administrators"),
        None => Cell::text(word),
    }
}

fn age(material: &Material, at: Ts) -> Cell {
    Cell::count((material.as_of.us() - at.us()).max(0) / DAY_US)
}

fn by_kind(material: &Material) -> Section {
    let line = |one: &KindCount| {
        Row::plain(vec![
            Cell::text(one.kind.as_str()),
            kind_cell(&one.kind),
            Cell::count(one.opened),
            Cell::count(one.resolved),
            Cell::count(one.open),
            one.oldest_at.map_or_else(Cell::blank, |at| age(material, at)),
        ])
    };
    let sum = |of: fn(&KindCount) -> i64| Cell::count(material.kinds.iter().map(of).sum());
    let mut rows: Vec<Row> = material.kinds.iter().map(line).collect();
    if !rows.is_empty() {
        rows.push(Row::total(vec![
            Cell::blank(),
            Cell::said("Tổng số", "Total"),
            sum(|one| one.opened),
            sum(|one| one.resolved),
            sum(|one| one.open),
            Cell::blank(),
        ]));
    }
    Section {
        id: "kinds".to_owned(),
        title: Said::new("Sai lệch theo loại", "Discrepancies by kind"),
        columns: vec![
            Column::new(Holds::Code, &[("Mã", "Code")]),
            Column::new(Holds::Text, &[("Loại", "Kind")]),
            Column::new(Holds::Count, &[("Phát hiện trong kỳ", "Found in the period")]),
            Column::new(Holds::Count, &[("Xử lý trong kỳ", "Settled in the period")]),
            Column::new(Holds::Count, &[("Đang mở", "Open")]),
            Column::new(Holds::Count, &[("Tuổi lớn nhất (ngày)", "Oldest (days)")]),
        ],
        rows,
        plot: None,
    }
}

/// Days after which an open discrepancy is old.
const OLD_DAYS: i64 = 7;

fn owners(material: &Material) -> Section {
    let mut owners: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for one in &material.differences {
        let sums = owners.entry(one.owner.as_str()).or_default();
        sums.0 += 1;
        sums.1 += i64::from(material.as_of.us() - one.opened_at.us() >= OLD_DAYS * DAY_US);
    }
    let line = |(owner, (open, old)): (&&str, &(i64, i64))| {
        Row::plain(vec![owner_cell(owner), Cell::count(*open), Cell::share(*old, *open)])
    };
    Section {
        id: "owners".to_owned(),
        title: Said::new("Theo bên xử lý", "By owner"),
        columns: vec![
            Column::new(Holds::Text, &[("Bên xử lý", "Owner")]),
            Column::new(Holds::Count, &[("Đang mở", "Open")]),
            Column::new(Holds::Share, &[("Từ 7 ngày trở lên", "7 days or more")]),
        ],
        rows: owners.iter().map(line).collect(),
        plot: None,
    }
}

fn open(material: &Material) -> Section {
    let line = |one: &Difference| {
        let number = one.number.clone().unwrap_or_else(|| one.id.clone());
        let number = match &one.leg_id {
            Some(leg) => Cell::text(number).behind(Behind { leg: Some(leg.clone()), ..Behind::default() }),
            None => Cell::text(number),
        };
        let agency = one.agency.as_deref().map_or_else(Cell::blank, |code| Cell::text(material.names.agency(code)));
        Row::plain(vec![
            number,
            kind_cell(&one.kind),
            agency,
            owner_cell(&one.owner),
            one.person.as_deref().map_or_else(|| Cell::said("chưa ai nhận", "nobody yet"), Cell::text),
            age(material, one.opened_at),
        ])
    };
    Section {
        id: "open".to_owned(),
        title: Said::new("Từng sai lệch đang mở, cũ nhất trước", "Each open discrepancy, the oldest first"),
        columns: vec![
            Column::new(Holds::Code, &[("Hồ sơ", "Dossier")]),
            Column::new(Holds::Text, &[("Loại", "Kind")]),
            Column::new(Holds::Text, &[("Cơ quan", "Agency")]),
            Column::new(Holds::Text, &[("Bên xử lý", "Owner")]),
            Column::new(Holds::Text, &[("Người nhận việc", "In hand of")]),
            Column::new(Holds::Count, &[("Tuổi (ngày)", "Age (days)")]),
        ],
        rows: material.differences.iter().map(line).collect(),
        plot: None,
    }
}
