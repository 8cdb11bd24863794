//! A report as PDF in the layout of administrative papers (NĐ 30/2020): issuer and national heading, title, tables, place and date,
//! signatures.

use serde_json::{Value as Json, json};

use crate::domain::problem::Language;
use crate::report::dates;
use crate::report::numbers::{self, NONE, say};
use crate::report::papers::{Job, PapersError, set};
use crate::report::tables::columns::{heads, paths};
use crate::report::tables::{Holds, Report, RowKind, Section, shown};

const TEMPLATE: &str = include_str!("table.typ");

/// Columns that stand upright; with more the sheet lies on its side.
const COLUMNS_UPRIGHT: usize = 6;

/// The whole report. `sha256` is the digest of the stored cut, printed so that the paper can be held against it.
pub fn write(report: &Report, sha256: &str, lang: Language) -> Result<Vec<u8>, PapersError> {
    set(job(report, sha256, lang))
}

fn job(report: &Report, sha256: &str, lang: Language) -> Job<'static> {
    let wide = report.sections.iter().any(|section| section.columns.len() > COLUMNS_UPRIGHT);
    let head = &report.letterhead;
    let about: Vec<Json> = shown::about(report, lang).into_iter().map(|(label, text)| json!([label, text])).collect();
    let checks: Vec<Json> = report
        .checks
        .iter()
        .map(|check| {
            let side = |side: Option<i64>| side.map_or_else(|| NONE.to_owned(), |side| numbers::whole(side, lang));
            let said = match check.holds {
                Some(true) => say(lang, "khớp", "holds"),
                Some(false) => say(lang, "KHÔNG KHỚP", "DOES NOT HOLD"),
                None => say(lang, "chưa đủ số", "not known"),
            };
            json!([check.name.pick(lang), side(check.left), side(check.right), said])
        })
        .collect();
    let data = json!({
        "lang": lang.pick("vi", "en"),
        "wide": wide,
        "superior": head.superior,
        "issuer": head.issuer,
        "place": head.place,
        "date": match lang {
            Language::Vi => dates::long_date(report.as_of),
            Language::En => numbers::date(report.as_of.to_vietnam().date()),
        },
        "title": report.title.pick(lang),
        "period": shown::period(report.period, lang),
        "about": about,
        "sections": report.sections.iter().map(|section| section_data(section, lang)).collect::<Vec<_>>(),
        "checks": checks,
        "notes": report.notes.iter().map(|note| note.pick(lang)).collect::<Vec<_>>(),
        "signatures": report.signatures.iter().map(|who| who.pick(lang)).collect::<Vec<_>>(),
        "sha256": sha256,
        "words": {
            "page": say(lang, "Trang", "Page"),
            "checks": say(lang, "Kiểm tra", "Checks"),
            "check_heads": [
                say(lang, "Nội dung", "What"), say(lang, "Vế trái", "Left"), say(lang, "Vế phải", "Right"),
                say(lang, "Kết quả", "Result"),
            ],
            "notes": say(lang, "Ghi chú", "Notes"),
            "sign": say(lang, "(Ký, ghi rõ họ tên)", "(Signature and full name)"),
            "empty": say(lang, "Không có dòng nào.", "No row."),
            "period": say(lang, "Kỳ:", "Period:"),
        },
    });
    let identity = format!("giaonhan:report:{}:{sha256}", report.definition);
    Job { template: TEMPLATE, data, pictures: Vec::new(), date: Some(report.as_of), identity }
}

fn section_data(section: &Section, lang: Language) -> Json {
    let head: Vec<Vec<Json>> = heads(&paths(section, lang))
        .into_iter()
        .map(|line| {
            line.into_iter()
                .map(|head| json!({"text": head.text, "columns": head.columns, "lines": head.lines}))
                .collect()
        })
        .collect();
    let rows: Vec<Json> = section
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<String> = row.cells.iter().map(|cell| shown::cell(&cell.value, lang)).collect();
            json!({"total": row.kind == RowKind::Total, "cells": cells})
        })
        .collect();
    let columns: Vec<Json> = section
        .columns
        .iter()
        .map(|column| match column.holds {
            Holds::Text => json!({"left": true, "whole": false, "width": 2.6}),
            // Codes and times are read in one piece: as wide as they are.
            Holds::Code => json!({"left": true, "whole": true, "width": 1}),
            Holds::Time => json!({"left": false, "whole": true, "width": 1}),
            Holds::Share | Holds::Dong | Holds::Days => json!({"left": false, "whole": false, "width": 1.6}),
            Holds::Count => json!({"left": false, "whole": false, "width": 1}),
        })
        .collect();
    json!({"title": section.title.pick(lang), "head": head, "rows": rows, "columns": columns})
}
