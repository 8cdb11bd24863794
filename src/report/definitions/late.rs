//! Late shares against the province's ceiling (5 %) and the line of sanctions (Khánh Hòa, 12-CTr/TU: a unit at 10 % or more, a person above
//! 10 %; domain 1.1, 1.4), and one line with a name for each late item (domain 1.5).

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::figures::{Count, Key, Need, by};
use super::{Limits, Material, Parts, against};
use crate::base::time::Ts;
use crate::domain::tally::Measure;
use crate::report::numbers::short_percent_of;
use crate::report::tables::{Behind, Cell, Column, Holds, Row, Said, Section, Value};

pub(super) const NEEDS: &[Need] = &[
    Need { by: &[Key::Agency], measures: &[Measure::CaseDueKept, Measure::CaseDueMissed] },
    Need { by: &[Key::Office], measures: &[Measure::DueKept, Measure::DueMissed] },
];

/// A leg that was late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateItem {
    /// The leg.
    pub leg_id: String,
    /// Its dossier number, or that of its note.
    pub number: String,
    /// Agency.
    pub agency: String,
    /// Post office.
    pub office: String,
    /// `DUE_MISSED` or `CASE_DUE_MISSED`.
    pub measure: Measure,
    /// The day on which it fell due.
    pub due_on: Option<NaiveDate>,
    /// Since when it stands as it does.
    pub since: Ts,
    /// Who answers for it: the postman who carried it; none where nobody did.
    pub person: Option<String>,
}

/// What a person carried that was due in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Full name.
    pub person: String,
    /// Post office.
    pub office: String,
    /// Legs due.
    pub due: i64,
    /// Late ones.
    pub late: i64,
}

/// Who is judged: the two comparisons differ (domain 1.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Judged {
    /// At the line or beyond.
    Unit,
    /// Beyond the line.
    Person,
}

/// How a late share stands to the limits.
pub(super) fn verdict(late: i64, due: i64, limits: Limits, who: Judged) -> (String, String) {
    let at_line = against(late, due, limits.sanction_points);
    let sanctioned = due > 0 && (at_line == Ordering::Greater || (at_line == Ordering::Equal && who == Judged::Unit));
    let says = |points: i64, vi: &str, en: &str| {
        use crate::domain::problem::Language::{En, Vi};
        (format!("{vi} {}", short_percent_of(points, Vi)), format!("{en} {}", short_percent_of(points, En)))
    };
    if due == 0 {
        return ("không có hồ sơ đến hạn".to_owned(), "nothing was due".to_owned());
    }
    if sanctioned {
        return match who {
            Judged::Unit => says(limits.sanction_points, "đến mức xử lý: từ", "sanctioned: at or above"),
            Judged::Person => says(limits.sanction_points, "đến mức xử lý: trên", "sanctioned: above"),
        };
    }
    match against(late, due, limits.late_points) {
        Ordering::Greater => says(limits.late_points, "vượt ngưỡng tỉnh", "above the province's"),
        _ => says(limits.late_points, "trong ngưỡng", "within"),
    }
}

struct Judgement<'a> {
    code: &'a str,
    name: &'a str,
    late: i64,
    due: i64,
    behind: Behind,
}

fn row(one: &Judgement<'_>, limits: Limits, who: Judged) -> Row {
    let late = Cell::count(one.late);
    let (vi, en) = verdict(one.late, one.due, limits, who);
    let has_legs = one.late > 0 && !one.behind.measure.is_empty();
    Row::plain(vec![
        Cell::text(one.code),
        Cell::text(one.name),
        if has_legs { late.behind(one.behind.clone()) } else { late },
        Cell::count(one.due),
        Cell::share(one.late, one.due),
        Cell::said(&vi, &en),
    ])
}

fn columns(code: (&str, &str), name: (&str, &str)) -> Vec<Column> {
    vec![
        Column::new(Holds::Code, &[code]),
        Column::new(Holds::Text, &[name]),
        Column::new(Holds::Count, &[("Trễ", "Late")]),
        Column::new(Holds::Count, &[("Đến hạn", "Due")]),
        Column::new(Holds::Share, &[("Tỷ lệ trễ", "Late share")]),
        Column::new(Holds::Text, &[("So với ngưỡng", "Against the limits")]),
    ]
}

pub(super) fn build(material: &Material) -> Parts {
    let units = |counts: &[Count], key: Key, kept: Measure, missed: Measure| -> Vec<Row> {
        let mut rows: Vec<(i64, i64, Row)> = Vec::new();
        for (code, sums) in by(counts, key) {
            let (late, due) = (sums.legs(missed), sums.legs(missed) + sums.legs(kept));
            let mut behind = Behind { measure: missed.as_str().to_owned(), ..Behind::default() };
            let name = match key {
                Key::Agency => {
                    behind.agency = Some(code.to_owned());
                    material.names.agency(code)
                }
                _ => {
                    behind.office = Some(code.to_owned());
                    material.names.office(code)
                }
            };
            let one = Judgement { code, name, late, due, behind };
            rows.push((late, due, row(&one, material.limits, Judged::Unit)));
        }
        // The worst first; equal shares by how many.
        rows.sort_by(|(late, due, _), (other, of, _)| {
            let (left, right) = (i128::from(*late) * i128::from(*of), i128::from(*other) * i128::from(*due));
            right.cmp(&left).then(other.cmp(late))
        });
        rows.into_iter().map(|(_, _, row)| row).collect()
    };
    let agencies = units(material.counts(0), Key::Agency, Measure::CaseDueKept, Measure::CaseDueMissed);
    let offices = units(material.counts(1), Key::Office, Measure::DueKept, Measure::DueMissed);
    let people = material.carried.iter().map(|one| {
        let judged =
            Judgement { code: &one.office, name: &one.person, late: one.late, due: one.due, behind: Behind::default() };
        row(&judged, material.limits, Judged::Person)
    });
    let section =
        |id: &str, title: Said, columns, rows, plot| Section { id: id.to_owned(), title, columns, rows, plot };
    let mut notes = vec![Said::new(
        "Cơ quan: theo ngày hẹn trên phiếu (đơn vị bị xử lý từ mức trở lên). Bưu cục: theo J+n. Cá nhân: hồ sơ đến hạn đã giao cho người đó (bị xử lý khi vượt mức).",
        "Agencies by the date of the slip (a unit is sanctioned at the line), post offices by J+n, people by the due dossiers they carried (sanctioned beyond it).",
    )];
    let listed = i64::try_from(material.late.len()).unwrap_or(i64::MAX);
    if listed < material.late_all {
        let all = material.late_all;
        notes.push(Said::new(
            format!("Danh sách có {listed} trong {all} hồ sơ trễ, cũ nhất trước."),
            format!("The list has {listed} of {all} late dossiers, the oldest first."),
        ));
    }
    let unit = ("Mã", "Code");
    Parts {
        sections: vec![
            section(
                "agencies",
                Said::new("Cơ quan", "Agencies"),
                columns(unit, ("Cơ quan", "Agency")),
                agencies,
                Some(4),
            ),
            section(
                "offices",
                Said::new("Bưu cục", "Post offices"),
                columns(unit, ("Bưu cục", "Post office")),
                offices,
                Some(4),
            ),
            section(
                "people",
                Said::new("Cá nhân", "People"),
                columns(("Bưu cục", "Office"), ("Người giữ hồ sơ", "Who carried it")),
                people.collect(),
                None,
            ),
            items(material),
        ],
        notes,
        signatures: vec![
            Said::new("Người lập biểu", "Prepared by"),
            Said::new("Thủ trưởng đơn vị", "Head of the unit"),
        ],
        ..Parts::default()
    }
}

fn items(material: &Material) -> Section {
    let line = |item: &LateItem| {
        let behind = Behind { leg: Some(item.leg_id.clone()), ..Behind::default() };
        let what = match item.measure {
            Measure::CaseDueMissed => Cell::said("ngày hẹn trên phiếu", "date of the slip"),
            _ => Cell::said("J+n", "J+n"),
        };
        Row::plain(vec![
            Cell::text(item.number.as_str()).behind(behind),
            Cell::text(material.names.agency(&item.agency)),
            Cell::text(material.names.office(&item.office)),
            what,
            Cell::of(item.due_on.map_or(Value::Unknown, |date| Value::Date { date })),
            Cell::of(Value::Moment { at: item.since }),
            item.person.as_ref().map_or_else(
                || Cell::said("chưa giao cho ai", "given to nobody"),
                |person| Cell::text(person.as_str()),
            ),
        ])
    };
    Section {
        id: "items".to_owned(),
        title: Said::new("Từng hồ sơ trễ", "Each late dossier"),
        columns: vec![
            Column::new(Holds::Code, &[("Mã hồ sơ / số phiếu gửi", "Dossier or note")]),
            Column::new(Holds::Text, &[("Cơ quan", "Agency")]),
            Column::new(Holds::Text, &[("Bưu cục", "Post office")]),
            Column::new(Holds::Text, &[("Hạn nào", "Which term")]),
            Column::new(Holds::Time, &[("Hạn", "Due")]),
            Column::new(Holds::Time, &[("Trạng thái hiện nay từ", "As it stands since")]),
            Column::new(Holds::Text, &[("Người chịu trách nhiệm", "Who answers for it")]),
        ],
        rows: material.late.iter().map(line).collect(),
        plot: None,
    }
}
