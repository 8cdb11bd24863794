//! One cut: its tables as people read them, plots where a share is worth one, its files, and the legs behind a number.

use minijinja::{Value, context};

use crate::app::people::{directory, name_of};
use crate::app::reports::{self, Format};
use crate::domain::person::Right;
use crate::report::numbers;
use crate::report::plot::{Amount, Caption, Ranked, Ranking};
use crate::report::tables::columns::{heads, paths};
use crate::report::tables::csv::Separator;
use crate::report::tables::{Behind, Cell, Holds, Report, RowKind, Section, Value as CellValue, shown};
use crate::store::read::PageAsk;
use crate::store::rows::LegRow;
use crate::ui::ask::{Ask, Lang};
use crate::ui::page::{Page, Stop, html};
use crate::ui::words::words;

/// Rows of a table on a page; the files have all.
const ROWS_SHOWN: usize = 200;
/// Columns of a table that becomes cards on a phone; wider ones are pushed sideways in their frame.
const COLUMNS_STACKED: usize = 7;
/// Bars of a plot.
const BARS: usize = 12;
/// Legs of one page.
const LEGS_PER_PAGE: i64 = 50;

pub(super) fn show(ask: &Ask) -> Result<Page, Stop> {
    let row = reports::get(ask.app(), &ask.person()?.caller(), ask.value("id"))?;
    let report = reports::report_of(&row)?;
    let sections: Vec<Value> =
        report.sections.iter().enumerate().map(|(place, one)| section(ask, &row.id, place, one)).collect();
    let checks: Vec<Value> = report
        .checks
        .iter()
        .map(|check| {
            let side = |side: Option<i64>| side.map_or(numbers::NONE.to_owned(), |side| numbers::whole(side, ask.lang));
            context! {
                name => check.name.pick(ask.lang),
                left => side(check.left),
                right => side(check.right),
                holds => check.holds,
            }
        })
        .collect();
    html(
        "report.html",
        context! {
            id => row.id,
            title => report.title.pick(ask.lang),
            period => shown::period(report.period, ask.lang),
            about => shown::about(&report, ask.lang).into_iter().map(|(label, text)| context! { label, text }).collect::<Vec<_>>(),
            by => name_of(ask.app(), &row.made_by)?,
            at_us => row.made_at_us,
            sha256 => row.sha256,
            sections,
            checks,
            notes => report.notes.iter().map(|note| note.pick(ask.lang).to_owned()).collect::<Vec<_>>(),
        },
    )
}

fn section(ask: &Ask, id: &str, place: usize, section: &Section) -> Value {
    let lang = ask.lang;
    let paths = paths(section, lang);
    let head: Vec<Vec<Value>> = heads(&paths)
        .into_iter()
        .map(|line| {
            let cell = |head: crate::report::tables::columns::Head| {
                context! { text => head.text, columns => head.columns, lines => head.lines, num => is_number(section, head.column) }
            };
            line.into_iter().map(cell).collect()
        })
        .collect();
    let rows: Vec<Value> = section
        .rows
        .iter()
        .enumerate()
        .take(ROWS_SHOWN)
        .map(|(line, row)| {
            let cells = row.cells.iter().enumerate().map(|(column, one)| {
                let at = format!("/oversight/reports/{id}/legs?table={place}&row={line}&column={column}");
                let label = paths.get(column).map(|path| path.join(", ")).unwrap_or_default();
                let link = one.behind.as_ref().map(|behind| leg_link(ask, behind).unwrap_or(at));
                context! {
                    text => text(one, lang),
                    base => base(one, lang),
                    label,
                    look => look(section, column),
                    head => column == naming(section),
                    link,
                }
            });
            context! { total => row.kind == RowKind::Total, cells => cells.collect::<Vec<_>>() }
        })
        .collect();
    context! {
        id => &section.id,
        title => section.title.pick(lang),
        head,
        rows,
        stacked => section.columns.len() <= COLUMNS_STACKED,
        hidden => section.rows.len().saturating_sub(ROWS_SHOWN),
        plot => plot(section, lang).map(Value::from_safe_string),
    }
}

/// One leg has a page of its own, for who may read dossiers.
fn leg_link(ask: &Ask, behind: &Behind) -> Option<String> {
    behind.leg.as_ref().filter(|_| ask.may(Right::Dossier)).map(|leg| format!("/dossiers/{leg}"))
}

fn is_number(section: &Section, column: usize) -> bool {
    let holds = section.columns.get(column).map(|column| column.holds);
    matches!(holds, Some(Holds::Count | Holds::Dong | Holds::Share | Holds::Days))
}

/// How the cells of a column look.
fn look(section: &Section, column: usize) -> &'static str {
    match section.columns.get(column).map(|column| column.holds) {
        Some(Holds::Text) => "r-text",
        Some(Holds::Code) => "r-code",
        Some(Holds::Time) | None => "r-time",
        Some(Holds::Count | Holds::Dong | Holds::Share | Holds::Days) => "num",
    }
}

/// The column that names its rows: the first with words.
fn naming(section: &Section) -> usize {
    section.columns.iter().position(|column| column.holds == Holds::Text).unwrap_or(0)
}

/// A cell in one word; the base of a share stands below it.
fn text(cell: &Cell, lang: Lang) -> String {
    match &cell.value {
        CellValue::Share { part, whole } => numbers::percent(*part, *whole, lang),
        value => shown::cell(value, lang),
    }
}

fn base(cell: &Cell, lang: Lang) -> Option<String> {
    match &cell.value {
        CellValue::Share { part, whole } => Some(numbers::fraction(*part, *whole, lang)),
        _ => None,
    }
}

/// The greatest shares of a section side by side; nothing where fewer than two have one.
fn plot(section: &Section, lang: Lang) -> Option<String> {
    let column = section.plot?;
    let name = section
        .columns
        .iter()
        .position(|column| column.holds == Holds::Text)
        .or_else(|| section.columns.iter().position(|column| column.holds == Holds::Time))?;
    let mut rows: Vec<Ranked> = section
        .rows
        .iter()
        .filter(|row| row.kind == RowKind::Plain)
        .filter_map(|row| match (&row.cells.get(column)?.value, row.cells.get(name)) {
            (CellValue::Share { part, whole }, Some(named)) if *whole > 0 => Some(Ranked {
                name: shown::cell(&named.value, lang),
                value: Amount::Share { part: *part, whole: *whole },
                note: String::new(),
            }),
            _ => None,
        })
        .collect();
    if rows.len() < 2 {
        return None;
    }
    let points = |row: &Ranked| match row.value {
        Amount::Share { part, whole } => numbers::basis_points(part, whole).unwrap_or(0),
        _ => 0,
    };
    let over_time = section.columns.get(name).is_some_and(|column| column.holds == Holds::Time);
    if !over_time {
        rows.sort_by_key(|row| std::cmp::Reverse(points(row)));
    }
    let (all, measured) = (rows.len(), section.columns.get(column)?.heads.last()?.pick(lang).to_owned());
    rows.truncate(BARS);
    let counted = match all > rows.len() {
        true => lang.pick(
            format!("{BARS} mức cao nhất trong {all} dòng của bảng."),
            format!("The {BARS} highest of {all} rows."),
        ),
        false => lang.pick("Mọi dòng của bảng có mẫu số.", "Every row of the table with a base.").to_owned(),
    };
    let ranking = Ranking {
        caption: Caption {
            id: format!("p-{}", section.id),
            finding: format!("{}: {measured}", section.title.pick(lang)),
            counted,
            spoken: String::new(),
        },
        each: section.columns.get(name)?.heads.last()?.pick(lang).to_owned(),
        measured,
        noted: String::new(),
        rows,
        limit: None,
    };
    Some(ranking.html(lang))
}

/// The cut as a file.
pub(super) fn file(ask: &Ask) -> Result<Page, Stop> {
    let row = reports::get(ask.app(), &ask.person()?.caller(), ask.value("id"))?;
    let format = Format::parse(ask.query.get("format")).ok_or(Stop::NotFound)?;
    let separator = if ask.query.get("separator") == "comma" { Separator::Comma } else { Separator::Semicolon };
    let file = reports::write(&row, format, ask.lang, separator)?;
    Ok(Page::Bytes { media_type: file.media_type.to_owned(), file_name: Some(file.name), bytes: file.bytes })
}

/// The legs behind one number.
pub(super) fn legs(ask: &Ask) -> Result<Page, Stop> {
    let caller = ask.person()?.caller();
    let row = reports::get(ask.app(), &caller, ask.value("id"))?;
    let report = reports::report_of(&row)?;
    let place = |name: &str| ask.query.get(name).parse::<usize>().map_err(|_| Stop::NotFound);
    let (table, line, column) = (place("table")?, place("row")?, place("column")?);
    let (section, cell) = found(&report, table, line, column).ok_or(Stop::NotFound)?;
    let behind = cell.behind.as_ref().ok_or(Stop::NotFound)?;
    let (legs, after) = legs_page(ask, |page| Ok(reports::legs_behind(ask.app(), &caller, &row, behind, page)?))?;
    let paths = paths(section, ask.lang);
    html(
        "report_legs.html",
        context! {
            back_to => format!("/oversight/reports/{}", row.id),
            back_name => ask.t("Về báo cáo", "Back to the report"),
            cut => true,
            title => report.title.pick(ask.lang),
            column => paths.get(column).map(|path| path.join(", ")).unwrap_or_default(),
            line => named(section, line, ask.lang),
            number => text(cell, ask.lang),
            first => ask.query.some("after").is_none(),
            legs,
            next => after.map(|after| format!("/oversight/reports/{}/legs?table={table}&row={line}&column={column}&after={after}", row.id)),
        },
    )
}

/// A page of legs behind a number, and after which the next begins.
pub(in crate::ui) fn legs_page(
    ask: &Ask,
    read: impl FnOnce(&PageAsk) -> Result<Vec<LegRow>, Stop>,
) -> Result<(Vec<Value>, Option<String>), Stop> {
    let mut legs = read(&PageAsk { after: ask.query.some("after").map(str::to_owned), limit: LEGS_PER_PAGE + 1 })?;
    let shown_max = usize::try_from(LEGS_PER_PAGE).unwrap_or(usize::MAX);
    let more = legs.len() > shown_max;
    legs.truncate(shown_max);
    let after = legs.last().filter(|_| more).map(|leg| leg.id.clone());
    let leads = ask.may(Right::Dossier);
    let values = |leg: &LegRow| -> Result<Value, Stop> {
        Ok(context! {
            number => leg.dossier_no.as_ref().or(leg.consignment_note_no.as_ref()).unwrap_or(&leg.id),
            link => leads.then(|| format!("/dossiers/{}", leg.id)),
            kind => words("kind", &leg.kind, ask.lang),
            state => words("state", &leg.state, ask.lang),
            since_us => leg.state_since_us,
            agency => directory::name_of(ask.app(), "AGENCY", &leg.agency_code)?,
        })
    };
    let legs: Vec<Value> = legs.iter().map(values).collect::<Result<_, Stop>>()?;
    Ok((legs, after))
}

fn found(report: &Report, table: usize, line: usize, column: usize) -> Option<(&Section, &Cell)> {
    let section = report.sections.get(table)?;
    Some((section, section.rows.get(line)?.cells.get(column)?))
}

/// What a row is about: its first words.
fn named(section: &Section, line: usize, lang: Lang) -> String {
    let cell = section.rows.get(line).and_then(|row| row.cells.get(naming(section)));
    cell.map(|cell| shown::cell(&cell.value, lang)).unwrap_or_default()
}
