//! How far agencies of each level have handed their intake to the post (domain 1.5: 16/16 departments, 13/18 districts, 19/241 communes). An
//! agency counts when every procedure it has is with the post; what it has is entered, since no ledger can know it.

use std::collections::{BTreeMap, BTreeSet};

use super::annex::{level, level_words};
use super::figures::{Key, Need, by};
use super::{Figure, Material, Parts, Want};
use crate::domain::tally::Measure;
use crate::report::tables::{Behind, Cell, Column, Holds, Row, Said, Section};

pub(super) const NEEDS: &[Need] = &[Need { by: &[Key::Agency], measures: &[Measure::TakenFromCitizen] }];

/// Levels in the order of tables; the last is for agencies of which nobody said.
const LEVELS: [&str; 5] = ["CENTRAL", "DEPARTMENT", "DISTRICT", "COMMUNE", ""];

#[derive(Default)]
struct Level {
    agencies: i64,
    known: i64,
    whole: i64,
    some: i64,
    procedures: i64,
    with_post: i64,
}

pub(super) fn build(material: &Material) -> Parts {
    let taken = by(material.counts(0), Key::Agency);
    let in_scope = |code: &&str| material.scope.agency_code.as_deref().is_none_or(|own| own == *code);
    let codes: BTreeSet<&str> = material
        .names
        .agencies
        .keys()
        .map(String::as_str)
        .chain(material.told.agencies())
        .chain(taken.keys().copied())
        .filter(in_scope)
        .collect();
    let mut levels: BTreeMap<&str, Level> = BTreeMap::new();
    let mut rows = Vec::new();
    for code in codes {
        let want = Want { agency: Some(code), ..Want::default() };
        let (procedures, with_post) =
            (material.told(Figure::Procedures, want), material.told(Figure::ProceduresWithPost, want));
        let name = material.names.agencies.get(code).map_or("", |place| place.level.as_str());
        let of = levels.entry(LEVELS.into_iter().find(|known| *known == name).unwrap_or("")).or_default();
        of.agencies += 1;
        if let (Some(procedures), Some(with_post)) = (procedures, with_post) {
            of.known += 1;
            of.whole += i64::from(procedures > 0 && with_post >= procedures);
            of.some += i64::from(with_post > 0);
            of.procedures += procedures;
            of.with_post += with_post;
        }
        let sums = taken.get(code).cloned().unwrap_or_default();
        let behind = Behind { agency: Some(code.to_owned()), ..Behind::default() };
        rows.push(Row::plain(vec![
            Cell::text(code),
            Cell::text(material.names.agency(code)),
            level(material, code),
            Cell::share_told(with_post, procedures),
            sums.cell(Measure::TakenFromCitizen, &behind),
        ]));
    }
    let by_level = LEVELS.into_iter().filter_map(|name| Some((name, levels.get(name)?))).map(|(name, of)| {
        let (vi, en) = level_words(name).unwrap_or(("Chưa ghi cấp", "Level not named"));
        Row::plain(vec![
            Cell::said(vi, en),
            Cell::count(of.agencies),
            if of.known == 0 { Cell::share_told(None, None) } else { Cell::share(of.whole, of.agencies) },
            if of.known == 0 { Cell::told(None) } else { Cell::count(of.some) },
            if of.known == 0 { Cell::share_told(None, None) } else { Cell::share(of.with_post, of.procedures) },
            Cell::count(of.agencies - of.known),
        ])
    });
    Parts {
        sections: vec![
            Section {
                id: "levels".to_owned(),
                title: Said::new("Theo cấp", "By level"),
                columns: vec![
                    Column::new(Holds::Text, &[("Cấp", "Level")]),
                    Column::new(Holds::Count, &[("Cơ quan", "Agencies")]),
                    Column::new(Holds::Share, &[("Đã giao toàn bộ thủ tục", "Every procedure handed over")]),
                    Column::new(Holds::Count, &[("Đã giao ít nhất một", "At least one")]),
                    Column::new(Holds::Share, &[("Thủ tục đã giao", "Procedures handed over")]),
                    Column::new(Holds::Count, &[("Chưa có số", "Not told")]),
                ],
                rows: by_level.collect(),
                plot: Some(2),
            },
            Section {
                id: "agencies".to_owned(),
                title: Said::new("Theo cơ quan", "By agency"),
                columns: vec![
                    Column::new(Holds::Code, &[("Mã", "Code")]),
                    Column::new(Holds::Text, &[("Cơ quan", "Agency")]),
                    Column::new(Holds::Text, &[("Cấp", "Level")]),
                    Column::new(Holds::Share, &[("Thủ tục đã giao bưu chính", "Procedures with the post")]),
                    Column::new(Holds::Count, &[("Hồ sơ bưu điện nhận trong kỳ", "Taken by the post in the period")]),
                ],
                rows,
                plot: None,
            },
        ],
        ..Parts::default()
    }
}
