//! The work list: what needs a person, in the order in which it ought to be settled, and each case by itself.

mod books;
mod case;
mod codes;
mod compared;
mod mask;
mod messages;
mod proofs;
pub(super) mod words;

use minijinja::{Value, context};

use crate::app::clocks;
use crate::app::exceptions::{self, Exception, Filter, HeldDays, Subject};
use crate::base::time::DAY_US;
use crate::domain::discrepancy::Grade;
use crate::domain::exception::Sort;
use crate::domain::person::{Reach, Right};
use crate::store::read::exceptions::Whose;
use crate::ui::ask::{Ask, Lang};
use crate::ui::door::encoded;
use crate::ui::page::{Page, Stop, html};
use crate::ui::routes::{Needs, Route, get, post};

const SETTLE: Needs = Needs::Right(Right::Settle);
const MESSAGES: Needs = Needs::Right(Right::Messages);

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/exceptions", SETTLE, list),
    get("/exceptions/rules", MESSAGES, codes::list),
    post("/exceptions/rules/{id}/verdict", MESSAGES, codes::decide),
    post("/exceptions/rules/{id}/withdraw", MESSAGES, codes::withdraw),
    get("/exceptions/{sort}/{id}", SETTLE, case::show),
    post("/exceptions/{sort}/{id}/take", SETTLE, case::take),
    post("/exceptions/{sort}/{id}/settle", SETTLE, case::settle),
    post("/exceptions/{sort}/{id}/decide", SETTLE, case::decide),
    post("/exceptions/{sort}/{id}/withdraw", SETTLE, case::withdraw),
    post("/exceptions/{sort}/{id}/send", SETTLE, messages::send),
    post("/exceptions/{sort}/{id}/rule", MESSAGES, codes::propose),
];

/// Exceptions of one page.
const PAGE: i64 = 50;
/// Clocks that end soon, shown above the list.
const SOON: i64 = 20;
/// Counts beyond this are said as more than it.
const COUNTED: i64 = 100;

pub(super) fn held_days(ask: &Ask) -> HeldDays {
    let pages = &ask.face.pages;
    HeldDays { citizen: pages.held_days_citizen, post: pages.held_days_post, agency: pages.held_days_agency }
}

/// The path of a case. A code may hold any character, so its bytes are written as hexadecimal digits.
pub(super) fn path_of(sort: Sort, id: &str) -> String {
    let id = match sort {
        Sort::Code => id.bytes().map(|byte| format!("{byte:02x}")).collect(),
        _ => id.to_owned(),
    };
    format!("/exceptions/{}/{id}", sort.as_str().to_lowercase())
}

/// The case of a path.
fn asked(ask: &Ask) -> Result<(Sort, String), Stop> {
    let sort = Sort::parse(&ask.value("sort").to_uppercase()).ok_or(Stop::NotFound)?;
    let id = ask.value("id");
    if sort != Sort::Code {
        return Ok((sort, id.to_owned()));
    }
    let bytes: Option<Vec<u8>> = (0..id.len())
        .step_by(2)
        .map(|at| id.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let code = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Stop::NotFound)?;
    Ok((sort, code))
}

/// The mark of a page: `instant~id`.
fn mark(text: &str) -> Option<(i64, String)> {
    let (at, id) = text.split_once('~')?;
    Some((at.parse().ok()?, id.to_owned()))
}

fn whose(ask: &Ask) -> Result<(&'static str, Whose), Stop> {
    Ok(match ask.query.get("whose") {
        "mine" => ("mine", Whose::Person(ask.person()?.id.clone())),
        "second" => ("second", Whose::Proposed),
        _ => ("all", Whose::All),
    })
}

fn list(ask: &Ask) -> Result<Page, Stop> {
    let person = ask.person()?;
    let (whose_word, whose) = whose(ask)?;
    let filter = Filter {
        sort: Sort::parse(ask.query.get("sort")),
        grade: Grade::parse(ask.query.get("grade")),
        whose: whose.clone(),
        after: mark(ask.query.get("after")),
        limit: PAGE,
    };
    let held = held_days(ask);
    let found = exceptions::page(ask.app(), person, held, &filter)?;
    let counts = exceptions::counts(ask.app(), person, held, &whose, COUNTED)?;
    let now_us = ask.app().now().us();
    let all: i64 = counts.iter().map(|(_, count)| count).sum();
    let late = found.iter().filter(|one| one.due_us < now_us).count();
    let link = |sort: &str, grade: &str, whose: &str, after: &str| {
        let named = [("sort", sort), ("grade", grade), ("whose", whose), ("after", after)];
        let query: Vec<String> = named
            .iter()
            .filter(|(name, value)| !value.is_empty() && (*name != "whose" || *value != "all"))
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        if query.is_empty() { "/exceptions".to_owned() } else { format!("/exceptions?{}", query.join("&")) }
    };
    let (sort, grade) = (filter.sort.map_or("", Sort::as_str), filter.grade.map_or("", Grade::as_str));
    let full = i64::try_from(found.len()).is_ok_and(|found| found == PAGE);
    let next = found
        .last()
        .filter(|_| full)
        .map(|last| link(sort, grade, whose_word, &format!("{}~{}", last.due_us, last.id)));
    let sorts: Vec<Value> = counts
        .iter()
        .map(|(of, count)| {
            context! { text => words::sort(*of, ask.lang), count => count_text(*count), link => link(of.as_str(), grade, whose_word, ""), here => filter.sort == Some(*of) }
        })
        .collect();
    html(
        "exceptions.html",
        context! {
            rows => found.iter().map(|one| row(ask, one, now_us)).collect::<Vec<_>>(),
            sorts,
            all => count_text(all),
            any_sort => link("", grade, whose_word, ""),
            grades => Grade::ALL.iter().map(|of| context! { word => of.as_str(), text => grade_text(*of, ask.lang), link => link(sort, of.as_str(), whose_word, ""), here => filter.grade == Some(*of) }).collect::<Vec<_>>(),
            any_grade => link(sort, "", whose_word, ""),
            tabs => [("all", ask.t("Tất cả", "All")), ("mine", ask.t("Của tôi", "Mine")), ("second", ask.t("Chờ người thứ hai", "Second person"))]
                .map(|(word, text)| context! { text, link => link(sort, grade, word, ""), here => word == whose_word }).to_vec(),
            sort, grade, late, next,
            first => link(sort, grade, whose_word, ""),
            paged => filter.after.is_some(),
            office => office(ask)?,
            may_map => person.may(Right::Messages),
            done => ask.query.get("done"),
            soon => soon(ask)?,
            leads => ask.may(Right::Dossier),
        },
    )
}

/// Clocks that end today or tomorrow.
fn soon(ask: &Ask) -> Result<Vec<Value>, Stop> {
    let found = clocks::due_soon(ask.app(), &ask.person()?.caller(), SOON)?;
    Ok(found
        .into_iter()
        .map(|one| context! { leg_id => one.leg_id, number => one.number, clock => one.clock, due_us => one.due_us })
        .collect())
}

fn count_text(count: i64) -> String {
    if count >= COUNTED { format!("{}+", COUNTED - 1) } else { count.to_string() }
}

fn office(ask: &Ask) -> Result<bool, Stop> {
    Ok(ask.person()?.reach != Reach::Province)
}

fn grade_text(grade: Grade, lang: Lang) -> &'static str {
    match grade {
        Grade::High => lang.pick("Nặng", "Heavy"),
        Grade::Middle => lang.pick("Vừa", "Middle"),
        Grade::Low => lang.pick("Nhẹ", "Light"),
    }
}

/// The word that names an exception, for `words::kind`.
fn kind_word(one: &Exception) -> &str {
    match &one.subject {
        Subject::Discrepancy(row) => &row.kind,
        Subject::Message(row) => &row.kind,
        Subject::Custody(row) => &row.holder,
        Subject::Inbox(_) => "INBOX",
        Subject::Code(_) => "UNMAPPED_STATUS",
    }
}

/// The word of what to do next, for `words::next`.
fn next_word(one: &Exception) -> &str {
    match one.sort {
        Sort::Code => "CODE",
        Sort::Message => "MESSAGE",
        _ => kind_word(one),
    }
}

/// The side that has to act until a person took it in hand.
fn owner_word(one: &Exception) -> &str {
    match &one.subject {
        Subject::Discrepancy(row) => &row.owner,
        Subject::Custody(row) if row.holder == "AGENCY" => "AGENCY",
        Subject::Custody(_) => "POST",
        Subject::Message(_) | Subject::Inbox(_) | Subject::Code(_) => "OPERATIONS",
    }
}

fn owner_text(ask: &Ask, one: &Exception) -> String {
    match owner_word(one) {
        "POST" => ask.t("Bưu điện", "Post").to_owned(),
        "AGENCY" => ask.t("Một cửa", "One-stop desk").to_owned(),
        other => words::act(other, ask.lang),
    }
}

/// How an exception stands in lists and at the head of its case.
fn row(ask: &Ask, one: &Exception, now_us: i64) -> Value {
    let lang = ask.lang;
    let days = |us: i64| crate::report::numbers::days(us / DAY_US, lang);
    let age_us = now_us.saturating_sub(one.since_us).max(0);
    let age = if age_us >= DAY_US { days(age_us) } else { crate::report::numbers::duration(age_us, lang) };
    let line = match &one.subject {
        Subject::Message(row) => {
            let tries = ask.t("lần chưa được", "failed tries");
            format!("{} · {} {tries}", row.counterpart, row.attempts)
        }
        Subject::Inbox(row) => row.counterpart.clone(),
        Subject::Code(code) => {
            format!("{} {}", code.legs, ask.t("hồ sơ đang chờ nghĩa", "dossiers wait for its meaning"))
        }
        Subject::Discrepancy(row) if one.leg.is_none() => row.reporter.clone().unwrap_or_default(),
        Subject::Discrepancy(_) | Subject::Custody(_) => place_line(ask, one),
    };
    let leg = one.leg.as_ref();
    context! {
        path => path_of(one.sort, &one.id),
        id => one.id.as_str(),
        sort => one.sort.as_str(),
        grade => one.grade.as_str(),
        grade_text => grade_text(one.grade, lang),
        title => words::kind(kind_word(one), lang),
        code => match &one.subject { Subject::Code(code) => Some(code.code.as_str()), _ => None },
        number => leg.and_then(|leg| leg.dossier_no.as_deref().or(leg.consignment_note_no.as_deref())),
        line,
        age,
        allowed => days(one.due_us.saturating_sub(one.since_us)),
        late => one.due_us < now_us,
        late_by => days(now_us.saturating_sub(one.due_us).max(0)),
        since_us => one.since_us,
        next => words::next(next_word(one), lang),
        owner => owner_text(ask, one),
        owner_person => one.owner.as_ref().map(|(_, name)| name.as_str()),
        mine => one.owner.as_ref().is_some_and(|(id, _)| ask.person().is_ok_and(|person| person.id == *id)),
        proposed => one.proposed,
    }
}

/// Post office and agency by name.
fn place_line(ask: &Ask, one: &Exception) -> String {
    let Some(leg) = &one.leg else { return String::new() };
    let named = |kind: &str, code: &str| {
        crate::app::people::directory::name_of(ask.app(), kind, code).unwrap_or_else(|_| code.to_owned())
    };
    match owner_word(one) {
        "AGENCY" => named("AGENCY", &leg.agency_code),
        _ => named("POST_OFFICE", &leg.post_office_code),
    }
}
