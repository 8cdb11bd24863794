//! Figures that the ledger cannot know: entered one by one or as a table, with their source; what was entered last.

use minijinja::{Value, context};

use crate::app::people::name_of;
use crate::app::reports::{self, COLUMNS, NotEntered};
use crate::report::definitions::Figure;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, again, html, see};

/// Figures shown.
const SHOWN: i64 = 50;

pub(super) fn show(ask: &Ask) -> Result<Page, Stop> {
    html("figures.html", values(ask, &[])?)
}

pub(super) fn enter(ask: &Ask) -> Result<Page, Stop> {
    match reports::read_table(&ask.form.raw("text").replace("\r\n", "\n")) {
        Ok(entries) => {
            let entered = reports::enter(ask.app(), entries, ask.doing())?;
            see(format!("/oversight/figures?entered={entered}"))
        }
        Err(wrong) => again("figures.html", values(ask, &wrong)?),
    }
}

fn values(ask: &Ask, wrong: &[NotEntered]) -> Result<Value, Stop> {
    let rows = reports::newest(ask.app(), SHOWN)?;
    let row = |row: &crate::store::reports::OutsideFigureRow| -> Result<Value, Stop> {
        let words = Figure::parse(&row.figure).map(Figure::words);
        let about: Vec<&str> = [&row.agency_code, &row.post_office_code, &row.procedure_code, &row.field]
            .into_iter()
            .map(String::as_str)
            .filter(|text| !text.is_empty())
            .collect();
        Ok(context! {
            figure => words.map_or(row.figure.as_str(), |(vi, en)| ask.t(vi, en)),
            word => &row.figure,
            from => &row.from_date,
            until => &row.until_date,
            about => about.join(" · "),
            number => row.value,
            source => &row.source,
            by => name_of(ask.app(), &row.entered_by)?,
            at_us => row.entered_at_us,
        })
    };
    let figures: Vec<Value> = Figure::ALL
        .iter()
        .map(|figure| {
            let (vi, en) = figure.words();
            context! { word => figure.as_str(), text => ask.t(vi, en) }
        })
        .collect();
    let wrong: Vec<Value> = wrong.iter().map(|(line, en, vi)| context! { line, text => ask.t(vi, en) }).collect();
    let typed = if ask.form.has("text") { ask.form.raw("text").to_owned() } else { format!("{}\n", COLUMNS.join(";")) };
    Ok(context! {
        rows => rows.iter().map(row).collect::<Result<Vec<_>, Stop>>()?,
        figures,
        columns => COLUMNS.to_vec(),
        text => typed,
        wrong,
        entered => ask.query.get("entered").parse::<i64>().ok(),
    })
}
