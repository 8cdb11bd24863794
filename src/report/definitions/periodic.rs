//! Periodic table of the II.06a type (TT 01/2020/TT-VPCP; domain 9.1): received, solved and in process by field of procedures. The
//! one-stop software knows these numbers; they are entered, and every total and share is worked out here. Numbers of the post alone do
//! not stand in this form, so the ledger's own stand beside it.

use super::figures::{Count, Key, Need, by};
use super::{Figure, Material, Parts, Want};
use crate::domain::tally::Measure;
use crate::report::tables::{Behind, Cell, Check, Column, Holds, Row, Said, Section};

pub(super) const NEEDS: &[Need] = &[Need { by: &[Key::Agency], measures: &[Measure::FiledWithAgency] }];

/// The printed numbers of one row, in the order of the form.
const RECEIVED: [Figure; 3] = [Figure::ReceivedOnline, Figure::ReceivedDirectOrPost, Figure::CarriedOver];
const SOLVED: [Figure; 3] = [Figure::SolvedEarly, Figure::SolvedOnTime, Figure::SolvedLate];
const IN_PROCESS: [Figure; 2] = [Figure::InProcessWithin, Figure::InProcessOverdue];

/// What a row says.
struct Line {
    received: Option<i64>,
    solved: Option<i64>,
    in_process: Option<i64>,
    parts: Vec<Option<i64>>,
    late: Option<i64>,
    overdue: Option<i64>,
}

fn line(material: &Material, want: Want<'_>) -> Line {
    let figures = RECEIVED.iter().chain(&SOLVED).chain(&IN_PROCESS);
    Line {
        received: material.told_sum(&RECEIVED, want),
        solved: material.told_sum(&SOLVED, want),
        in_process: material.told_sum(&IN_PROCESS, want),
        parts: figures.map(|figure| material.told(*figure, want)).collect(),
        late: material.told(Figure::SolvedLate, want),
        overdue: material.told(Figure::InProcessOverdue, want),
    }
}

impl Line {
    fn cells(&self) -> Vec<Cell> {
        let (received, rest) = self.parts.split_at(RECEIVED.len().min(self.parts.len()));
        let (solved, in_process) = rest.split_at(SOLVED.len().min(rest.len()));
        let groups = [(self.received, received), (self.solved, solved), (self.in_process, in_process)];
        groups
            .iter()
            .flat_map(|(total, parts)| std::iter::once(total).chain(*parts).map(|told| Cell::told(*told)))
            .collect()
    }
}

pub(super) fn build(material: &Material) -> Parts {
    let fields = material.told.fields();
    let mut rows: Vec<Row> = (1..)
        .zip(&fields)
        .map(|(number, field)| {
            let want = Want { field: Some(field), ..Want::default() };
            let cells = [Cell::count(number), Cell::text(*field)].into_iter().chain(line(material, want).cells());
            Row::plain(cells.collect())
        })
        .collect();
    let whole = line(material, Want::default());
    let total = [Cell::blank(), Cell::said("Tổng số", "Total")].into_iter().chain(whole.cells());
    rows.push(Row::total(total.collect()));
    Parts {
        sections: vec![
            Section {
                id: "fields".to_owned(),
                title: Said::new("Theo lĩnh vực", "By field"),
                columns: columns(),
                rows,
                plot: None,
            },
            shares(&whole),
            by_post(material, material.counts(0)),
        ],
        checks: checks(material, &whole),
        notes: vec![Said::new(
            "Biểu này gộp trực tiếp và bưu chính vào một cột; số riêng của bưu chính xem Phụ lục bưu chính công ích.",
            "This form has one column for direct and post; the post's own numbers stand in the annex.",
        )],
        signatures: vec![
            Said::new("Người lập biểu", "Prepared by"),
            Said::new("Thủ trưởng đơn vị", "Head of the unit"),
        ],
        due_before: None,
    }
}

fn columns() -> Vec<Column> {
    const RECEIVED: (&str, &str) = ("Tiếp nhận", "Received");
    const SOLVED: (&str, &str) = ("Đã giải quyết", "Solved");
    const IN_PROCESS: (&str, &str) = ("Đang giải quyết", "In process");
    const TOTAL: (&str, &str) = ("Tổng số", "Total");
    let count = |heads: &[(&str, &str)]| Column::new(Holds::Count, heads);
    vec![
        count(&[("STT", "No.")]),
        Column::new(Holds::Text, &[("Lĩnh vực", "Field")]),
        count(&[RECEIVED, TOTAL]),
        count(&[RECEIVED, ("Trực tuyến", "Online")]),
        count(&[RECEIVED, ("Trực tiếp, bưu chính", "Direct or post")]),
        count(&[RECEIVED, ("Kỳ trước chuyển qua", "Carried over")]),
        count(&[SOLVED, TOTAL]),
        count(&[SOLVED, ("Trước hạn", "Early")]),
        count(&[SOLVED, ("Đúng hạn", "On time")]),
        count(&[SOLVED, ("Quá hạn", "Late")]),
        count(&[IN_PROCESS, TOTAL]),
        count(&[IN_PROCESS, ("Trong hạn", "Within time")]),
        count(&[IN_PROCESS, ("Quá hạn", "Overdue")]),
    ]
}

/// Every share is computed from its numbers, whatever somebody printed (domain 9.5).
fn shares(whole: &Line) -> Section {
    let row = |vi: &str, en: &str, part, of| Row::plain(vec![Cell::said(vi, en), Cell::share_told(part, of)]);
    Section {
        id: "shares".to_owned(),
        title: Said::new("Tỷ lệ", "Shares"),
        columns: vec![
            Column::new(Holds::Text, &[("Tỷ lệ", "Share")]),
            Column::new(Holds::Share, &[("Giá trị", "Value")]),
        ],
        rows: vec![
            row("Đã giải quyết trên tiếp nhận", "Solved of received", whole.solved, whole.received),
            row("Quá hạn trên đã giải quyết", "Late of solved", whole.late, whole.solved),
            row("Đang giải quyết trên tiếp nhận", "In process of received", whole.in_process, whole.received),
            row("Quá hạn trên đang giải quyết", "Overdue of in process", whole.overdue, whole.in_process),
        ],
        plot: None,
    }
}

/// What the ledger has: dossiers that the post filed, beside the column in which they are contained.
fn by_post(material: &Material, counts: &[Count]) -> Section {
    let agencies = by(counts, Key::Agency);
    let direct =
        |agency: &str| material.told(Figure::ReceivedDirectOrPost, Want { agency: Some(agency), ..Want::default() });
    let rows = agencies.iter().map(|(code, sums)| {
        let row = Behind { agency: Some((*code).to_owned()), ..Behind::default() };
        let filed = sums.legs(Measure::FiledWithAgency);
        let told = direct(code);
        Row::plain(vec![
            Cell::text(*code),
            Cell::text(material.names.agency(code)),
            sums.cell(Measure::FiledWithAgency, &row),
            Cell::told(told),
            Cell::share_told(Some(filed), told),
        ])
    });
    Section {
        id: "post".to_owned(),
        title: Said::new("Trong đó nộp qua bưu chính (theo sổ giao nhận)", "Of these, filed by post (the ledger)"),
        columns: vec![
            Column::new(Holds::Code, &[("Mã cơ quan", "Code")]),
            Column::new(Holds::Text, &[("Cơ quan", "Agency")]),
            Column::new(Holds::Count, &[("Qua bưu chính", "By post")]),
            Column::new(Holds::Count, &[("Trực tiếp, bưu chính", "Direct or post")]),
            Column::new(Holds::Share, &[("Tỷ lệ", "Share")]),
        ],
        rows: rows.collect(),
        plot: None,
    }
}

fn checks(material: &Material, whole: &Line) -> Vec<Check> {
    let told = |figure| material.told(figure, Want::default());
    let in_form = whole.solved.zip(whole.in_process).map(|(solved, in_process)| solved + in_process);
    let post: i64 = material.counts(0).iter().map(|count| count.legs).sum();
    vec![
        Check::equal(
            Said::new(
                "Tổng tiếp nhận = trực tuyến + trực tiếp, bưu chính + kỳ trước chuyển qua",
                "Received as printed = online + direct or post + carried over",
            ),
            told(Figure::ReceivedPrinted),
            whole.received,
        ),
        Check::equal(
            Said::new(
                "Tổng đã giải quyết = trước hạn + đúng hạn + quá hạn",
                "Solved as printed = early + on time + late",
            ),
            told(Figure::SolvedPrinted),
            whole.solved,
        ),
        Check::equal(
            Said::new("Tiếp nhận = đã giải quyết + đang giải quyết", "Received = solved + in process"),
            whole.received,
            in_form,
        ),
        Check::at_most(
            Said::new("Nộp qua bưu chính ≤ trực tiếp, bưu chính", "Filed by post ≤ direct or post"),
            Some(post),
            told(Figure::ReceivedDirectOrPost),
        ),
    ]
}
