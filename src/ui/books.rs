//! Reconciliation for people: what was compared, what came of it, and a window compared on demand.

use chrono::NaiveDate;
use minijinja::{Value, context};

use crate::app::AppError;
use crate::app::reconcile::{self, Ask as Window, Totals};
use crate::base::time::{Ts, parse_date};
use crate::domain::books::BookSide;
use crate::domain::discrepancy::Kind;
use crate::domain::person::Right;
use crate::report::kinds;
use crate::report::numbers;
use crate::store::books::{self as kept, ReconciliationRow};
use crate::ui::ask::Ask;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see};
use crate::ui::routes::{Needs, Route, get, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/oversight/books", Needs::Right(Right::Oversight), list),
    post("/oversight/books", Needs::Right(Right::Oversight), compare),
    get("/oversight/books/{id}", Needs::Right(Right::Oversight), show),
];

const RUNS_MAX: i64 = 60;

/// Days of one comparison on demand: a longer window would keep the reader waiting.
const DAYS_MAX: i64 = 92;

fn list(ask: &Ask) -> Result<Page, Stop> {
    html("books.html", values(ask, &Errors::default())?)
}

fn values(ask: &Ask, errors: &Errors) -> Result<Value, Stop> {
    let runs = reconcile::runs(ask.app(), RUNS_MAX)?;
    let known = ask.app().store.read(kept::known).map_err(AppError::from)?;
    let owners: Vec<Value> = known
        .iter()
        .map(|(side, name)| context! { value => format!("{side}:{name}"), text => format!("{} · {name}", side_name(ask, side)) })
        .collect();
    let runs: Vec<Value> = runs.iter().map(|run| row(ask, run)).collect();
    Ok(context! {
        runs,
        owners,
        of => ask.form.get("of"),
        from => ask.form.get("from"),
        until => ask.form.get("until"),
        errors => errors.value(),
    })
}

fn side_name(ask: &Ask, side: &str) -> &'static str {
    match BookSide::parse(side) {
        Some(BookSide::Post) => ask.lang.pick("Bưu chính", "The post"),
        Some(BookSide::OneStop) => ask.lang.pick("Một cửa", "One-stop"),
        None => "",
    }
}

fn days(run: &ReconciliationRow) -> String {
    let first = parse_date(&run.from_day).map(numbers::date).unwrap_or_default();
    let last = parse_date(&run.until_day).and_then(|day| day.pred_opt()).map(numbers::date).unwrap_or_default();
    if first == last { first } else { format!("{first} – {last}") }
}

fn row(ask: &Ask, run: &ReconciliationRow) -> Value {
    let totals = reconcile::totals_of(run);
    let differences: i64 = totals.found.values().sum();
    context! {
        id => run.id.clone(),
        side => side_name(ask, &run.side),
        counterpart => run.counterpart.clone(),
        days => days(run),
        run_at_us => run.run_at_us,
        as_of => numbers::moment(Ts::from_us(run.as_of_us)),
        agree => numbers::share(totals.agree, totals.entries, ask.lang),
        differences,
        alone => totals.entries_alone,
        legs_alone => totals.legs_alone,
    }
}

fn show(ask: &Ask) -> Result<Page, Stop> {
    let run = reconcile::get(ask.app(), ask.value("id"))?;
    let totals: Totals = reconcile::totals_of(&run);
    let found: Vec<Value> = totals
        .found
        .iter()
        .map(|(word, count)| {
            let kind = Kind::parse(word);
            let name = kind.map_or(word.as_str(), |kind| kinds::called(kind, ask.lang));
            let next = kind.map_or("", |kind| kinds::next(kind, ask.lang));
            context! { name, next, count }
        })
        .collect();
    let paired: Vec<Value> = totals
        .paired
        .iter()
        .map(|(by, count)| context! { by => paired_by(ask, by), share => numbers::share(*count, totals.entries, ask.lang) })
        .collect();
    let books: Vec<Value> = totals
        .books
        .iter()
        .map(|book| {
            let as_of = Ts::parse_rfc3339(&book.as_of).map(numbers::moment);
            context! { id => book.id.clone(), as_of, complete => book.complete, entries => book.entries }
        })
        .collect();
    html(
        "book_run.html",
        context! { run => row(ask, &run), found, paired, books, totals => crate::ui::page::value(&totals), may_settle => ask.may(Right::Settle) },
    )
}

fn paired_by(ask: &Ask, by: &str) -> String {
    let (vi, en) = match by {
        "ORDER_KEY" => ("số đơn hàng của phần mềm này", "our order number"),
        "ITEM_NUMBER" => ("số hiệu bưu gửi và ngày gần nhau", "item number and near days"),
        "DOSSIER_NUMBER" => ("mã hồ sơ", "dossier number"),
        other => (other, other),
    };
    ask.t(vi, en).to_owned()
}

/// Compares a window now.
fn compare(ask: &Ask) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    let mut day = |name: &str| -> Option<NaiveDate> {
        let found = parse_date(ask.form.get(name));
        if found.is_none() {
            errors.add(ask.lang, name, "Chọn một ngày.", "Choose a day.");
        }
        found
    };
    let (from, last) = (day("from"), day("until"));
    let of =
        ask.form.get("of").split_once(':').and_then(|(side, name)| Some((BookSide::parse(side)?, name.to_owned())));
    if of.is_none() {
        errors.add(ask.lang, "of", "Chọn sổ cần đối soát.", "Choose whose book.");
    }
    if let (Some(from), Some(last), Some((side, counterpart))) = (from, last, of) {
        let until = last.succ_opt().unwrap_or(last);
        if from > last || (until - from).num_days() > DAYS_MAX {
            errors.add(ask.lang, "until", "Từ ngày đầu, tối đa 92 ngày.", "From the first day on, at most 92 days.");
        } else {
            let window = Window { side, counterpart, from, until, dry_run: false };
            match reconcile::run(ask.app(), &window, ask.doing(), None) {
                Ok(outcome) => {
                    let id = outcome.run.map(|run| run.id).unwrap_or_default();
                    return see(format!("/oversight/books/{id}"));
                }
                Err(AppError::Refused(_)) => {
                    errors.add(
                        ask.lang,
                        "until",
                        "Chưa có sổ nào của những ngày này.",
                        "There is no book of these days.",
                    );
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    again("books.html", values(ask, &errors)?)
}
