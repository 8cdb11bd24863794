//! Reports for oversight: which there are, the cuts that were made, each cut with its tables and the legs behind its numbers, and figures
//! from outside the ledger. People of a post office or an agency see reports of their own alone.

mod deliveries;
mod figures;
mod periods;
mod show;

pub(in crate::ui) use show::legs_page;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use minijinja::{Value, context};

use crate::app::AppError;
use crate::app::people::{directory, name_of};
use crate::app::reports::{self, CutAsk};
use crate::base::time::parse_date;
use crate::domain::person::{Reach, Right, Role};
use crate::report::definitions::{DEFINITIONS, DefinitionId};
use crate::report::tables::{Period, shown};
use crate::store::read::PageAsk;
use crate::store::reports::{CutFilter, ReportCutHead};
use crate::ui::ask::Ask;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see, value};
use crate::ui::routes::{Needs, Place, Route, get, post};

/// Its place in the main list.
pub const PLACE: Place = Place {
    path: "/oversight/reports",
    icon: "print",
    vi: "Báo cáo",
    en: "Reports",
    needs: Right::Reports,
    roles: &[Role::Oversight, Role::Administrator],
};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/oversight/reports", Needs::Right(Right::Reports), list),
    post("/oversight/reports", Needs::Right(Right::Reports), make),
    get("/oversight/reports/deliveries", Needs::Right(Right::Oversight), deliveries::list),
    post("/oversight/reports/deliveries", Needs::Right(Right::Oversight), deliveries::deliver),
    get("/oversight/reports/{id}", Needs::Right(Right::Reports), show::show),
    get("/oversight/reports/{id}/file", Needs::Right(Right::Reports), show::file),
    get("/oversight/reports/{id}/legs", Needs::Right(Right::Reports), show::legs),
    get("/oversight/figures", Needs::Right(Right::Oversight), figures::show),
    post("/oversight/figures", Needs::Right(Right::Oversight), figures::enter),
];

/// Cuts of one page.
const CUTS_PER_PAGE: i64 = 30;

fn list(ask: &Ask) -> Result<Page, Stop> {
    html("reports.html", values(ask, &Errors::default())?)
}

fn values(ask: &Ask, errors: &Errors) -> Result<Value, Stop> {
    let today = ask.app().now().to_vietnam().date();
    let definition = DefinitionId::parse(ask.query.get("definition"));
    let filter = CutFilter { definition: definition.map(|id| id.as_str().to_owned()) };
    let page = PageAsk { after: ask.query.some("after").map(str::to_owned), limit: CUTS_PER_PAGE + 1 };
    let mut rows = reports::page(ask.app(), &ask.person()?.caller(), &filter, &page)?;
    let more = rows.len() > usize::try_from(CUTS_PER_PAGE).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(CUTS_PER_PAGE).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    let cuts: Vec<Value> = rows.iter().map(|row| cut(ask, row)).collect::<Result<_, Stop>>()?;
    let definitions: Vec<Value> = DEFINITIONS
        .iter()
        .map(|known| {
            context! {
                id => known.id.as_str(),
                title => ask.t(known.title.0, known.title.1),
                about => ask.t(known.about.0, known.about.1),
                basis => known.basis,
            }
        })
        .collect();
    let whole = ask.person()?.reach == Reach::Province;
    let places = |kind: &str| -> Result<Vec<Value>, Stop> {
        let rows = if whole { directory::places(ask.app(), kind)? } else { Vec::new() };
        Ok(rows.into_iter().map(|row| context! { code => row.code, name => row.name }).collect())
    };
    Ok(context! {
        definitions,
        chosen => ask.form.some("definition").or(ask.query.some("definition")).unwrap_or(""),
        periods => periods::choices(today, ask.lang),
        typed => value(ask.form.typed().into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect::<BTreeMap<_, _>>()),
        whole,
        agencies => places("AGENCY")?,
        offices => places("POST_OFFICE")?,
        cuts,
        next,
        filter => filter.definition,
        errors => errors.value(),
        may_enter => ask.may(Right::Oversight),
    })
}

fn cut(ask: &Ask, row: &ReportCutHead) -> Result<Value, Stop> {
    let known = DEFINITIONS.iter().find(|known| known.id.as_str() == row.definition);
    let period = parse_date(&row.from_date).zip(parse_date(&row.until_date));
    let period = period.map(|(from, until)| shown::period(Period { from, until }, ask.lang));
    let place = |kind: &str, code: &Option<String>| -> Result<Option<String>, Stop> {
        Ok(code.as_ref().map(|code| directory::name_of(ask.app(), kind, code)).transpose()?)
    };
    let (agency, office) = (place("AGENCY", &row.agency_code)?, place("POST_OFFICE", &row.post_office_code)?);
    let scope: Vec<String> = [agency, office].into_iter().flatten().collect();
    Ok(context! {
        id => &row.id,
        title => known.map_or(row.definition.clone(), |known| ask.t(known.title.0, known.title.1).to_owned()),
        version => row.version,
        period => period.unwrap_or_else(|| format!("{} – {}", row.from_date, row.until_date)),
        scope => if scope.is_empty() { ask.t("Toàn tỉnh", "The province").to_owned() } else { scope.join("; ") },
        at_us => row.made_at_us,
        by => name_of(ask.app(), &row.made_by)?,
    })
}

/// Makes a report and leads to it.
fn make(ask: &Ask) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    let form = &ask.form;
    let definition = DefinitionId::parse(form.get("definition"));
    if definition.is_none() {
        errors.add(ask.lang, "definition", "Chọn một báo cáo.", "Choose a report.");
    }
    let period = period(ask, &mut errors);
    let (Some(definition), Some((from, until)), true) = (definition, period, errors.is_empty()) else {
        return again("reports.html", values(ask, &errors)?);
    };
    let cut = CutAsk {
        definition,
        from,
        until,
        agency_code: form.some("agency").map(str::to_owned),
        post_office_code: form.some("office").map(str::to_owned),
        seed: form.some("seed").map(|seed| seed.chars().filter(|c| !c.is_control()).take(100).collect()),
    };
    match reports::run(ask.app(), &ask.person()?.caller(), &cut, ask.doing()) {
        Ok(row) => see(format!("/oversight/reports/{}", row.id)),
        Err(AppError::Refused(refusal)) => {
            errors.add(ask.lang, "last", refusal.message.vi, refusal.message.en);
            again("reports.html", values(ask, &errors)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// A period of the list, or the days that were typed: both are included.
fn period(ask: &Ask, errors: &mut Errors) -> Option<(NaiveDate, NaiveDate)> {
    if let Some((from, until)) = ask.form.get("period").split_once('/') {
        return parse_date(from).zip(parse_date(until)).filter(|(from, until)| from < until);
    }
    let (from, last) = (parse_date(ask.form.get("from")), parse_date(ask.form.get("last")));
    if from.is_none() {
        errors.add(ask.lang, "from", "Ghi ngày đầu của kỳ.", "Enter the first day.");
    }
    match from.zip(last) {
        Some((from, last)) if from <= last => Some((from, last.succ_opt()?)),
        _ => {
            errors.add(
                ask.lang,
                "last",
                "Ghi ngày cuối của kỳ, không trước ngày đầu.",
                "Enter the last day, not before the first.",
            );
            None
        }
    }
}
