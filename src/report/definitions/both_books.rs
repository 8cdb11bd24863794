//! Totals of both books beside the ledger (domain 9.4, parts 2 and 4). What a person entered from the other side's signed paper counts
//! first, then what its stored books add up to, and where these do not tell the whole, nothing does.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::figures::Sums;
use super::{Figure, Material, Want};
use crate::base::time::Ts;
use crate::domain::tally::Measure;
use crate::report::numbers;
use crate::report::tables::{Behind, Cell, Check, Column, Holds, Row, Said, Section, Value};

/// Why the stored books of a side give no total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nobody keeps a book on this side.
    NoSystem,
    /// No system of this side speaks for an agency whose papers are counted.
    Agency(String),
    /// Books are of whole systems, and the report is of one agency or office.
    Narrow,
    /// A system's books leave this day out, or were written before it was over.
    Uncovered(String, NaiveDate),
    /// So many entries of a system might have come to it since their newest word.
    Open(String, i64),
    /// So many entries of a system came to it and do not say when.
    Undated(String, i64),
    /// So many entries of a system tell neither intake from result, nor a leg that would.
    Kindless(String, i64),
    /// So many cases of a system do not say whether they went by post, or when.
    Silent(String, i64),
}

impl Why {
    fn words(&self) -> Said {
        match self {
            Why::NoSystem => Said::new("bên này chưa có hệ thống nào gửi sổ", "no system of this side sends a book"),
            Why::Agency(code) => Said::new(
                format!("không hệ thống nào của bên này phục vụ {code}"),
                format!("no system of this side serves {code}"),
            ),
            Why::Narrow => Said::new(
                "sổ là của cả hệ thống, chỉ cộng được cho toàn tỉnh",
                "books are of whole systems and add up for the province alone",
            ),
            Why::Uncovered(system, day) => Said::new(
                format!("{system}: chưa có sổ đầy đủ của ngày {}", numbers::date(*day)),
                format!("{system}: no complete book of {}", numbers::date(*day)),
            ),
            Why::Open(system, entries) => Said::new(
                format!("{system}: {entries} dòng chưa rõ đến hết kỳ ra sao"),
                format!("{system}: nothing is said of {entries} entries up to the end of the period"),
            ),
            Why::Undated(system, entries) => Said::new(
                format!("{system}: {entries} dòng không ghi thời điểm"),
                format!("{system}: {entries} entries do not say when"),
            ),
            Why::Kindless(system, entries) => Said::new(
                format!("{system}: {entries} dòng không rõ là nộp hồ sơ hay trả kết quả"),
                format!("{system}: {entries} entries do not tell intake from result"),
            ),
            Why::Silent(system, entries) => Said::new(
                format!("{system}: {entries} hồ sơ không ghi có qua bưu chính không, hoặc vào ngày nào"),
                format!("{system}: {entries} cases do not say whether they went by post, or on which day"),
            ),
        }
    }
}

/// What the books of all systems of a side add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Entries.
    pub entries: i64,
    /// The instant for which the oldest of the books was written.
    pub from: Ts,
    /// And the newest.
    pub to: Ts,
}

/// What the stored books tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SideBooks {
    /// Of each figure.
    pub figures: BTreeMap<Figure, Result<Counted, Why>>,
    /// For how many days before the period books have to be there too, since what was taken then may arrive in it.
    pub carried_days: i64,
}

/// A row of the totals: what it is, ours, the post's, the one-stop side's.
type Total = ((&'static str, &'static str), Measure, Option<Figure>, Option<Figure>);

const TOTALS: [Total; 5] = [
    (("Nhận từ người dân", "Taken from citizens"), Measure::TakenFromCitizen, Some(Figure::PostTaken), None),
    (
        ("Nộp cho cơ quan", "Filed with agencies"),
        Measure::FiledWithAgency,
        Some(Figure::PostHanded),
        Some(Figure::CaseFiled),
    ),
    (
        ("Nhận kết quả từ cơ quan", "Results taken from agencies"),
        Measure::TakenFromAgency,
        Some(Figure::PostCollected),
        Some(Figure::CaseGiven),
    ),
    (
        ("Phát cho người dân", "Delivered to citizens"),
        Measure::Delivered,
        Some(Figure::PostDelivered),
        Some(Figure::CaseClosed),
    ),
    (("Chuyển hoàn", "Returned"), Measure::Returned, Some(Figure::PostReturned), None),
];

const POST: (&str, &str) = ("Sổ bưu chính", "Post's book");
const CASE: (&str, &str) = ("Sổ một cửa", "One-stop book");

/// A figure of the other side, and in words where it comes from or why there is none. Entered parts are perhaps not all: a whole out of the
/// books goes before them.
fn figure(material: &Material, figure: Figure) -> (Option<i64>, Said) {
    let books = material.side_books.figures.get(&figure);
    match (material.told_with_parts(figure, Want::default()), books) {
        (Some((entered, false)), _) => (Some(entered), Said::new("số nhập tay", "entered")),
        (_, Some(Ok(counted))) => (Some(counted.entries), out_of_books(counted)),
        (Some((entered, true)), _) => (Some(entered), Said::new("cộng các phần nhập tay", "entered in parts")),
        (None, Some(Err(why))) => {
            let why = why.words();
            (None, Said::new(format!("chưa nhập; {}", why.vi), format!("not entered; {}", why.en)))
        }
        (None, None) => (None, Said::new("chưa nhập", "not entered")),
    }
}

fn out_of_books(counted: &Counted) -> Said {
    let (from, to) = (numbers::moment(counted.from), numbers::moment(counted.to));
    if from == to {
        return Said::new(format!("theo sổ lúc {to}"), format!("out of the books as of {to}"));
    }
    Said::new(format!("theo sổ lúc {from} đến {to}"), format!("out of the books as of {from} to {to}"))
}

/// Both sides' numbers beside ours, each with where it comes from.
pub(super) fn totals(material: &Material, sums: &Sums) -> Section {
    let row = |((vi, en), measure, post, case): &Total| {
        let ours = sums.legs(*measure);
        let mut cells = vec![Cell::said(vi, en), sums.cell(*measure, &Behind::default())];
        for side in [post, case] {
            let Some(side) = side else {
                cells.extend([Cell::blank(), Cell::blank(), Cell::blank()]);
                continue;
            };
            let (theirs, source) = figure(material, *side);
            let differs = theirs.map(|theirs| theirs - ours);
            cells.extend([Cell::told(theirs), Cell::told(differs), Cell::of(Value::Said(source))]);
        }
        Row::plain(cells)
    };
    const NUMBER: (&str, &str) = ("Số", "Number");
    const DIFFERS: (&str, &str) = ("Lệch", "Difference");
    const SOURCE: (&str, &str) = ("Nguồn", "Source");
    let count = |heads: &[(&str, &str)]| Column::new(Holds::Count, heads);
    let text = |heads: &[(&str, &str)]| Column::new(Holds::Text, heads);
    Section {
        id: "totals".to_owned(),
        title: Said::new("Tổng số của hai sổ", "Totals of both books"),
        columns: vec![
            text(&[("Việc", "What")]),
            count(&[("Sổ giao nhận", "The ledger")]),
            count(&[POST, NUMBER]),
            count(&[POST, DIFFERS]),
            text(&[POST, SOURCE]),
            count(&[CASE, NUMBER]),
            count(&[CASE, DIFFERS]),
            text(&[CASE, SOURCE]),
        ],
        rows: TOTALS.iter().map(row).collect(),
        plot: None,
    }
}

/// A share of each book: what it is, parts and whole of ours, of the post's and of the one-stop side's.
struct Share {
    name: (&'static str, &'static str),
    ours: (Measure, &'static [Measure]),
    post: (Figure, &'static [Figure]),
    case: Option<(Figure, &'static [Figure])>,
}

const SHARES: [Share; 3] = [
    Share {
        name: ("Nộp trên nhận từ người dân", "Filed of taken from citizens"),
        ours: (Measure::FiledWithAgency, &[Measure::TakenFromCitizen]),
        post: (Figure::PostHanded, &[Figure::PostTaken]),
        case: None,
    },
    Share {
        name: ("Phát trên nhận kết quả", "Delivered of results taken"),
        ours: (Measure::Delivered, &[Measure::TakenFromAgency]),
        post: (Figure::PostDelivered, &[Figure::PostCollected]),
        case: Some((Figure::CaseClosed, &[Figure::CaseGiven])),
    },
    Share {
        name: ("Chuyển hoàn trên tất cả đã nhận", "Returned of everything taken"),
        ours: (Measure::Returned, &[Measure::TakenFromCitizen, Measure::TakenFromAgency]),
        post: (Figure::PostReturned, &[Figure::PostTaken, Figure::PostCollected]),
        case: None,
    },
];

/// The same numbers as shares, each with numerator and denominator.
pub(super) fn shares(material: &Material, sums: &Sums) -> Section {
    let told = |one: Figure| figure(material, one).0;
    let share = |(part, whole): (Figure, &[Figure])| {
        Cell::share_told(told(part), whole.iter().map(|one| told(*one)).sum::<Option<i64>>())
    };
    let row = |one: &Share| {
        let whole = one.ours.1.iter().map(|measure| sums.legs(*measure)).sum();
        Row::plain(vec![
            Cell::said(one.name.0, one.name.1),
            Cell::share(sums.legs(one.ours.0), whole),
            share(one.post),
            one.case.map_or_else(Cell::blank, share),
        ])
    };
    Section {
        id: "shares".to_owned(),
        title: Said::new("Tỷ lệ", "Percentages"),
        columns: vec![
            Column::new(Holds::Text, &[("Tỷ lệ", "Share")]),
            Column::new(Holds::Share, &[("Sổ giao nhận", "The ledger")]),
            Column::new(Holds::Share, &[POST]),
            Column::new(Holds::Share, &[CASE]),
        ],
        rows: SHARES.iter().map(row).collect(),
        plot: None,
    }
}

/// What has to be equal.
pub(super) fn checks(material: &Material, sums: &Sums) -> Vec<Check> {
    let equal = |name: (&str, &str), one: Figure, measure: Measure| {
        let name = Said::new(format!("{} bằng sổ giao nhận", name.0), format!("{} equals the ledger", name.1));
        Check::equal(name, figure(material, one).0, Some(sums.legs(measure)))
    };
    vec![
        equal(("Sổ bưu chính: phát", "The post's book: delivered"), Figure::PostDelivered, Measure::Delivered),
        equal(("Sổ một cửa: đã đóng", "The one-stop book: closed"), Figure::CaseClosed, Measure::Delivered),
        equal(("Sổ một cửa: nộp", "The one-stop book: filed"), Figure::CaseFiled, Measure::FiledWithAgency),
    ]
}

/// Where the numbers come from, and which day counts.
pub(super) fn notes(material: &Material) -> Vec<Said> {
    let days = material.side_books.carried_days;
    vec![
        Said::new(
            "Số của mỗi bên: số nhập tay (từ văn bản có ký của bên ấy) được dùng trước. Không có thì cộng từ các sổ đã nhận, và chỉ khi \
             mọi hệ thống của bên ấy đều có sổ đầy đủ cho từng ngày của kỳ. Thiếu thì để “–”, không ước tính.",
            "Numbers of a side: what was entered (from its signed paper) counts first; else what its books add up to, and only when every \
             system of the side has complete books of every day of the period. Where they leave anything out, “–”: nothing is estimated.",
        ),
        Said::new(
            format!(
                "Cộng từ sổ: nhận và nộp theo ngày của dòng sổ; giao kết quả theo ngày sổ ghi đã giao; giao cơ quan, phát, chuyển hoàn, \
                 đóng hồ sơ theo thời điểm sổ ghi, kể cả khi đã nhận từ trước kỳ. Vì vậy phải có cả sổ của {days} ngày trước kỳ."
            ),
            format!(
                "Out of the books: taken and filed by the day of the entry; results given by the day that the entry names; handed, \
                 delivered, returned and closed by the instant that it tells, though taken before the period. So the books of the {days} \
                 days before it are needed too."
            ),
        ),
    ]
}
