//! Definitions against figures that are known: the five seed documents, and small days worked out by hand.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::late::{Judged, verdict};
use super::*;
use crate::base::time::parse_date;
use crate::domain::problem::Language::{En, Vi};
use crate::domain::tally::Measure;
use crate::report::tables::printed::{self, Verdict};
use crate::report::tables::{Cell, Value, shown};

fn day(text: &str) -> NaiveDate {
    parse_date(text).unwrap()
}

fn year(year: i32) -> Period {
    Period { from: day(&format!("{year}-01-01")), until: day(&format!("{}-01-01", year + 1)) }
}

fn material(period: Period) -> Material {
    Material {
        period,
        scope: Scope { name: Said::new("Toàn tỉnh", "The province"), ..Scope::default() },
        as_of: Ts::parse_rfc3339("2026-11-22T08:00:00+07:00").unwrap(),
        calendar: vec!["vn-2025-2026".to_owned()],
        letterhead: Letterhead {
            superior: None,
            issuer: "Ủy ban nhân dân tỉnh Hòa Giang".to_owned(),
            place: "Hòa Giang".to_owned(),
        },
        limits: Limits::default(),
        counts: vec![Vec::new(); 3],
        told: Told::default(),
        names: Names::default(),
        held: Vec::new(),
        late: Vec::new(),
        late_all: 0,
        carried: Vec::new(),
        compared: Vec::new(),
        side_books: SideBooks::default(),
        kinds: Vec::new(),
        differences: Vec::new(),
        sample: None,
        waiting: 0,
    }
}

fn outside(period: Period, figure: Figure, value: i64) -> Outside {
    let [agency, procedure, field, office] = [const { String::new() }; 4];
    Outside { figure, from: period.from, until: period.until, agency, procedure, field, office, value }
}

fn report(id: DefinitionId, material: &Material) -> Report {
    definition(id).unwrap().report(material)
}

fn section<'r>(report: &'r Report, id: &str) -> &'r Section {
    report.sections.iter().find(|section| section.id == id).unwrap()
}

fn plain(value: &Value) -> String {
    shown::cell(value, Vi).replace('\u{a0}', " ")
}

/// Every row has a cell for each column, and every cell is what its column says.
fn fits(report: &Report) {
    for section in &report.sections {
        for row in &section.rows {
            assert_eq!(row.cells.len(), section.columns.len(), "{}", section.id);
        }
        let table = crate::report::tables::columns::table(section, Vi);
        assert!(table.rows.iter().all(|(_, row)| row.len() == table.paths.len()), "{}", section.id);
        for cell in section.rows.iter().flat_map(|row| row.cells.iter().zip(&section.columns)) {
            let is_share = matches!(cell.0.value, Value::Share { .. });
            assert!(!is_share || cell.1.holds == crate::report::tables::Holds::Share, "{}", section.id);
        }
        if let Some(plot) = section.plot {
            assert_eq!(section.columns[plot].holds, crate::report::tables::Holds::Share, "{}", section.id);
        }
    }
}

#[test]
fn the_seed_of_binh_son_comes_out_and_its_misprint_is_named() {
    // Seed 003, huyện Bình Sơn, to 22/8/2022.
    let period = Period { from: day("2022-01-01"), until: day("2022-08-23") };
    let mut material = material(period);
    material.told = Told::of(
        [
            (Figure::ReceivedOnline, 2),
            (Figure::ReceivedDirectOrPost, 32_337),
            (Figure::CarriedOver, 0),
            (Figure::ReceivedPrinted, 32_339),
            (Figure::SolvedEarly, 0),
            (Figure::SolvedOnTime, 25_775),
            (Figure::SolvedLate, 1_980),
            (Figure::SolvedPrinted, 27_755),
            (Figure::InProcessWithin, 3_947),
            (Figure::InProcessOverdue, 637),
        ]
        .map(|(figure, value)| outside(period, figure, value))
        .to_vec(),
    );
    let report = report(DefinitionId::Periodic, &material);
    fits(&report);
    let shares: Vec<String> = section(&report, "shares").rows.iter().map(|row| plain(&row.cells[1].value)).collect();
    assert_eq!(
        shares,
        ["85,83 % (27.755 / 32.339)", "7,13 % (1.980 / 27.755)", "14,17 % (4.584 / 32.339)", "13,90 % (637 / 4.584)"]
    );
    assert!(report.checks.iter().all(|check| check.holds == Some(true)), "{:?}", report.checks);
    // The document prints 13.8 %: its last digits were cut off.
    assert_eq!(printed::percentage("13.8%", 637, 4_584), Verdict::CutOff);
    assert_eq!(
        verdict(1_980, 27_755, Limits::default(), Judged::Unit).0.replace('\u{a0}', " "),
        "vượt ngưỡng tỉnh 5 %"
    );
}

#[test]
fn the_seed_of_hoa_binh_comes_out_and_its_misprint_is_named() {
    // Seed 002, TP Hòa Bình, 23/11/2021.
    let period = year(2021);
    let mut material = material(period);
    material.told = Told::of(
        [
            (Figure::ReceivedOnline, 0),
            (Figure::ReceivedDirectOrPost, 48_215),
            (Figure::CarriedOver, 0),
            (Figure::SolvedEarly, 0),
            (Figure::SolvedOnTime, 48_113),
            (Figure::SolvedLate, 0),
            (Figure::InProcessWithin, 102),
            (Figure::InProcessOverdue, 0),
        ]
        .map(|(figure, value)| outside(period, figure, value))
        .to_vec(),
    );
    let report = report(DefinitionId::Periodic, &material);
    let shares: Vec<String> = section(&report, "shares").rows.iter().map(|row| plain(&row.cells[1].value)).collect();
    assert_eq!(
        shares,
        ["99,79 % (48.113 / 48.215)", "0,00 % (0 / 48.113)", "0,21 % (102 / 48.215)", "0,00 % (0 / 102)"]
    );
    // The document prints 0,002% for the share in process.
    assert_eq!(printed::percentage("0,002%", 102, 48_215), Verdict::Wrong);
    assert_eq!(printed::percentage("99.79%", 48_113, 48_215), Verdict::Right);
    // What nobody told is not known, and no check claims it.
    assert_eq!(report.checks[0].holds, None);
}

#[test]
fn the_seed_of_quang_nam_comes_out() {
    // Seed 004: 16/16 departments, 13/18 districts, 19/241 communes with 114/114 procedures.
    let period = year(2024);
    let mut material = material(period);
    let mut told = Vec::new();
    for (level, whole, all) in [("DEPARTMENT", 16, 16), ("DISTRICT", 13, 18), ("COMMUNE", 19, 241)] {
        for number in 1..=all {
            let code = format!("{level}-{number:03}");
            let place = Place { name: code.clone(), level: level.to_owned() };
            material.names.agencies.insert(code.clone(), place);
            let with_post = if number <= whole { 114 } else { 0 };
            for (figure, value) in [(Figure::Procedures, 114), (Figure::ProceduresWithPost, with_post)] {
                told.push(Outside { agency: code.clone(), ..outside(period, figure, value) });
            }
        }
    }
    material.told = Told::of(told);
    let report = report(DefinitionId::Reach, &material);
    fits(&report);
    let levels: Vec<[String; 2]> = section(&report, "levels")
        .rows
        .iter()
        .map(|row| [plain(&row.cells[0].value), plain(&row.cells[2].value)])
        .collect();
    assert_eq!(
        levels,
        [
            ["Sở, ban, ngành", "100,00 % (16 / 16)"],
            ["Cấp huyện (trước 01/7/2025)", "72,22 % (13 / 18)"],
            ["Cấp xã", "7,88 % (19 / 241)"]
        ]
    );
}

#[test]
fn the_line_of_sanctions_is_reached_by_a_unit_and_crossed_by_a_person() {
    let limits = Limits::default();
    let said = |late, due, who| verdict(late, due, limits, who).1.replace('\u{a0}', " ");
    assert_eq!(said(10, 100, Judged::Unit), "sanctioned: at or above 10%");
    assert_eq!(said(10, 100, Judged::Person), "above the province's 5%");
    assert_eq!(said(11, 100, Judged::Person), "sanctioned: above 10%");
    assert_eq!(said(5, 100, Judged::Unit), "within 5%");
    // No rounding: 999 of 10,000 stays below, though it prints 9.99 %.
    assert_eq!(said(9_999, 100_000, Judged::Unit), "above the province's 5%");
    assert_eq!(said(0, 0, Judged::Unit), "nothing was due");
}

#[test]
fn the_operator_is_due_as_the_circular_says() {
    let due = |from, until| operator::due_before(Period { from: day(from), until: day(until) });
    assert_eq!(due("2026-07-01", "2026-10-01"), Some(day("2026-10-10")));
    assert_eq!(due("2026-01-01", "2026-07-01"), Some(day("2026-07-10")));
    assert_eq!(due("2026-01-01", "2027-01-01"), Some(day("2027-01-10")));
    assert_eq!(due("2026-01-01", "2026-01-20"), None);
}

#[test]
fn figures_of_months_make_a_quarter_and_nothing_is_guessed() {
    let quarter = Period { from: day("2026-01-01"), until: day("2026-04-01") };
    let months = [("2026-01-01", "2026-02-01"), ("2026-02-01", "2026-03-01"), ("2026-03-01", "2026-04-01")];
    let told = |figure, values: &[i64]| -> Vec<Outside> {
        let periods = months.iter().map(|(from, until)| Period { from: day(from), until: day(until) });
        periods.zip(values).map(|(period, value)| outside(period, figure, *value)).collect()
    };
    let get = |figures: Vec<Outside>, figure| Told::of(figures).get(figure, Want::default(), quarter);
    assert_eq!(get(told(Figure::SolvedLate, &[1, 2, 3]), Figure::SolvedLate), Some(6));
    assert_eq!(get(told(Figure::CarriedOver, &[7, 2, 3]), Figure::CarriedOver), Some(7));
    assert_eq!(get(told(Figure::InProcessOverdue, &[7, 2, 3]), Figure::InProcessOverdue), Some(3));
    assert_eq!(get(told(Figure::SolvedLate, &[1, 2]), Figure::SolvedLate), None, "March is missing");
    let by = |agency: &str, procedure: &str, value| Outside {
        agency: agency.to_owned(),
        procedure: procedure.to_owned(),
        ..outside(quarter, Figure::SolvedLate, value)
    };
    let mixed = vec![by("A", "", 5), by("B", "", 6), by("A", "1.1", 100)];
    assert_eq!(get(mixed.clone(), Figure::SolvedLate), Some(11), "agencies, and not procedures beside them");
    let of_b = Want { agency: Some("B"), ..Want::default() };
    assert_eq!(Told::of(mixed).get(Figure::SolvedLate, of_b, quarter), Some(6));
}

#[test]
fn days_of_a_sample_follow_their_seed() {
    let every: Vec<NaiveDate> = day("2026-10-01").iter_days().take(92).collect();
    let drawn = sample_days("seed", &every, 5);
    assert_eq!((drawn.len(), &drawn), (5, &sample_days("seed", &every, 5)));
    assert!(drawn.is_sorted() && drawn.iter().all(|day| every.contains(day)));
    assert_ne!(drawn, sample_days("another", &every, 5));
    assert_eq!(sample_days("seed", &every, 1_000), every);
}

fn count(keys: &[(Key, &str)], measure: Measure, legs: i64, amount: i64) -> Count {
    let keys: BTreeMap<Key, String> = keys.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
    Count { keys, measure, legs, amount }
}

#[test]
fn the_annex_adds_up_and_knows_its_legs() {
    let of = |agency, measure, kind, legs| {
        count(&[(Key::Agency, agency), (Key::Procedure, "1.005129"), (Key::Kind, kind)], measure, legs, 0)
    };
    let mut material = material(year(2026));
    material.counts = vec![
        vec![
            of("H98.01", Measure::TakenFromCitizen, "INTAKE", 8),
            of("H98.02", Measure::TakenFromCitizen, "INTAKE", 2),
            of("H98.01", Measure::Registered, "INTAKE", 9),
            of("H98.01", Measure::Registered, "RESULT", 4),
            of("H98.01", Measure::TakenFromAgency, "RESULT", 4),
            of("H98.01", Measure::Delivered, "RESULT", 3),
        ],
        vec![
            count(&[(Key::Office, "980110")], Measure::TakenFromCitizen, 10, 0),
            count(&[(Key::Office, "980110")], Measure::TakenFromAgency, 4, 0),
            count(&[(Key::Office, "980110")], Measure::TransitDays, 3, 5),
            count(&[(Key::Office, "980110")], Measure::FeeCollected, 3, 345_000),
            count(&[(Key::Office, "980110")], Measure::FeeRemitted, 2, 230_000),
        ],
        vec![count(&[(Key::Office, "980110"), (Key::Cause, "ABSENT")], Measure::AttemptFailed, 2, 2)],
    ];
    let report = report(DefinitionId::Annex, &material);
    fits(&report);
    assert!(report.checks.iter().all(|check| check.holds == Some(true)), "{:?}", report.checks);
    let agencies = &section(&report, "agencies").rows;
    let asked = &agencies[0].cells[6];
    assert_eq!(plain(&asked.value), "4", "intake legs are not asked-for returns");
    let behind = asked.behind.as_ref().unwrap();
    assert_eq!((behind.measure.as_str(), behind.kind.as_deref()), ("REGISTERED", Some("RESULT")));
    let total: Vec<String> = agencies[2].cells.iter().map(|cell| plain(&cell.value)).collect();
    assert_eq!(total, ["", "Tổng số", "", "10", "0", "–", "4", "4", "3", "0", "0", "0", "75,00 % (3 / 4)", "–"]);
    let office: Vec<String> = section(&report, "offices").rows[0].cells.iter().map(|cell| plain(&cell.value)).collect();
    assert_eq!(office[4], "1,67 (5 / 3)");
    assert_eq!(office[11..14], ["345.000 ₫", "230.000 ₫", "115.000 ₫"]);
    assert!(report.notes.iter().any(|note| note.vi.contains("không phải số 0")), "unknown figures are explained");
}

#[test]
fn a_side_is_told_by_a_person_first_then_by_its_whole_books_and_then_by_parts() {
    let period = year(2026);
    let at = |text: &str| Ts::parse_rfc3339(text).unwrap();
    let counted = Counted { entries: 90, from: at("2026-12-31T00:00:00+07:00"), to: at("2027-01-04T09:30:00+07:00") };
    let mut material = material(period);
    material.counts = vec![vec![
        count(&[(Key::Agency, "H98.01")], Measure::Delivered, 60, 0),
        count(&[(Key::Agency, "H98.02")], Measure::Delivered, 35, 0),
    ]];
    let part = |figure, value| Outside { agency: "H98.01".to_owned(), ..outside(period, figure, value) };
    material.told = Told::of(vec![
        outside(period, Figure::PostTaken, 100),
        part(Figure::PostDelivered, 60),
        part(Figure::CaseClosed, 61),
    ]);
    let why = Why::Uncovered("mot-cua".to_owned(), day("2026-10-03"));
    material.side_books.figures = BTreeMap::from([
        (Figure::PostTaken, Ok(Counted { entries: 99, ..counted.clone() })),
        (Figure::PostDelivered, Ok(counted)),
        (Figure::CaseClosed, Err(why.clone())),
        (Figure::CaseFiled, Err(why)),
    ]);
    let report = report(DefinitionId::Books, &material);
    fits(&report);
    let row = |row: usize, columns: std::ops::Range<usize>| -> Vec<String> {
        section(&report, "totals").rows[row].cells[columns].iter().map(|cell| plain(&cell.value)).collect()
    };
    assert_eq!(row(0, 1..5), ["0", "100", "100", "số nhập tay"]);
    assert_eq!(row(1, 5..8), ["–", "–", "chưa nhập; mot-cua: chưa có sổ đầy đủ của ngày 03/10/2026"]);
    assert_eq!(row(3, 1..5), ["95", "90", "−5", "theo sổ lúc 00:00 31/12/2026 đến 09:30 04/01/2027"]);
    assert_eq!(row(3, 5..8), ["61", "−34", "cộng các phần nhập tay"]);
    let shares: Vec<String> =
        section(&report, "shares").rows[1].cells[1..].iter().map(|cell| plain(&cell.value)).collect();
    assert_eq!(shares, ["– (95 / 0)", "–", "–"]);
}

#[test]
fn every_definition_makes_a_report_of_nothing() {
    for known in DEFINITIONS {
        let mut material = material(year(2026));
        material.counts = vec![Vec::new(); known.needs.len()];
        material.sample =
            Some(Sample { seed: "s".to_owned(), days: Vec::new(), population: Vec::new(), breaches: Vec::new() });
        let report = known.report(&material);
        fits(&report);
        assert!(!report.sections.is_empty(), "{}", known.id);
        for said in [&report.title].into_iter().chain(&report.notes) {
            assert!(!said.pick(Vi).is_empty() && !said.pick(En).is_empty());
        }
    }
    assert_eq!(DEFINITIONS.len(), DefinitionId::ALL.len());
    assert!(DefinitionId::ALL.iter().all(|id| definition(*id).is_some()));
    assert_eq!(Cell::share(0, 0).value, Value::Share { part: 0, whole: 0 });
}
