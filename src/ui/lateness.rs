//! Who was late in the last days, out of the roll-ups, as the report of late shares counts it: a post office by the limit J+n of TT 17 Đ7,
//! an agency by the time on the slip, by which the post ought to have had the result. And the dossiers behind each number.

use chrono::{Days, NaiveDate};
use minijinja::{Value, context};

use crate::app::people::directory;
use crate::domain::access::Agencies;
use crate::domain::person::Right;
use crate::domain::tally::{Measure, Stretch};
use crate::report::numbers;
use crate::report::plot::inline_bar;
use crate::store::StoreError;
use crate::store::conn::Db;
use crate::store::read::PageAsk;
use crate::store::read::tallies::{self, By, Slice};
use crate::ui::ask::Ask;
use crate::ui::door::encoded;
use crate::ui::page::{Page, Stop, html};
use crate::ui::reports::legs_page;
use crate::ui::routes::{Needs, Route, get};

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/oversight/late", Needs::Right(Right::Oversight), dossiers)];

/// Days that are looked back on.
pub(super) const DAYS: u64 = 30;
/// Offices shown.
const OFFICES: usize = 8;

/// Whose lateness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Post offices.
    Posts,
    /// Agencies.
    Agencies,
}

impl Who {
    /// The word in addresses.
    fn word(self) -> &'static str {
        match self {
            Who::Posts => "post",
            Who::Agencies => "agency",
        }
    }

    fn parse(word: &str) -> Option<Who> {
        [Who::Posts, Who::Agencies].into_iter().find(|who| who.word() == word)
    }

    fn by(self) -> By {
        match self {
            Who::Posts => By::Office,
            Who::Agencies => By::Agency,
        }
    }

    fn kept(self) -> Measure {
        match self {
            Who::Posts => Measure::DueKept,
            Who::Agencies => Measure::CaseDueKept,
        }
    }

    fn missed(self) -> Measure {
        match self {
            Who::Posts => Measure::DueMissed,
            Who::Agencies => Measure::CaseDueMissed,
        }
    }

    fn name(self, ask: &Ask, code: &str) -> Result<String, Stop> {
        let kind = if self == Who::Posts { "POST_OFFICE" } else { "AGENCY" };
        Ok(directory::name_of(ask.app(), kind, code)?)
    }

    fn slice(self, code: &str) -> Slice {
        let code = Some(code.to_owned());
        match self {
            Who::Posts => Slice { office: code, ..Slice::default() },
            Who::Agencies => Slice { agency: code, ..Slice::default() },
        }
    }
}

/// How much an office had due, and how much of it was late.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lateness {
    code: String,
    /// Legs late.
    pub(super) late: i64,
    /// Legs due.
    pub(super) due: i64,
}

/// The days up to now. A leg that still runs is late once the day on which it was due is over.
pub(super) fn last_days(today: NaiveDate) -> Stretch {
    let from = today.checked_sub_days(Days::new(DAYS - 1)).unwrap_or(today);
    Stretch { from, until: today.succ_opt().unwrap_or(today), as_of: today }
}

/// A day that is over.
pub(super) fn whole_day(day: NaiveDate) -> Stretch {
    let next = day.succ_opt().unwrap_or(day);
    Stretch { from: day, until: next, as_of: next }
}

/// The lateness of every office in a stretch of days.
pub(super) fn of(db: &mut Db<'_>, who: Who, stretch: Stretch) -> Result<Vec<Lateness>, StoreError> {
    let mut found: Vec<Lateness> = Vec::new();
    for sum in tallies::sums(db, &Agencies::All, stretch, &[who.by()], &[who.kept(), who.missed()])? {
        let code = sum.keys.into_iter().next().unwrap_or_default();
        let late = if sum.measure == who.missed().as_str() { sum.legs } else { 0 };
        match found.iter_mut().find(|one| one.code == code) {
            Some(one) => (one.late, one.due) = (one.late + late, one.due + sum.legs),
            None => found.push(Lateness { code, late, due: sum.legs }),
        }
    }
    Ok(found)
}

/// All offices together: late, and due.
pub(super) fn all(lateness: &[Lateness]) -> (i64, i64) {
    lateness.iter().fold((0, 0), |(late, due), one| (late + one.late, due + one.due))
}

/// The worst offices by share of late dossiers; equal shares by how many.
pub(super) fn worst(ask: &Ask, who: Who, lateness: &[Lateness]) -> Result<Vec<Value>, Stop> {
    let limits = ask.app().reports.limits;
    let points = |one: &Lateness| numbers::basis_points(one.late, one.due).unwrap_or(0);
    let mut late: Vec<&Lateness> = lateness.iter().filter(|one| one.late > 0).collect();
    late.sort_by_key(|one| std::cmp::Reverse((points(one), one.late)));
    late.truncate(OFFICES);
    let most = late.iter().map(|one| points(one)).max().unwrap_or(0);
    let row = |one: &&Lateness| {
        let over = points(one) >= limits.sanction_points;
        Ok(context! {
            name => who.name(ask, &one.code)?,
            code => one.code.as_str(),
            path => format!("/oversight/late?of={}&code={}", who.word(), encoded(&one.code)),
            fraction => numbers::fraction(one.late, one.due, ask.lang),
            share => numbers::percent(one.late, one.due, ask.lang),
            over,
            bar => Value::from_safe_string(inline_bar(points(one), most, over)),
        })
    };
    late.iter().map(row).collect()
}

/// The dossiers that were late at one office.
fn dossiers(ask: &Ask) -> Result<Page, Stop> {
    let who = Who::parse(ask.query.get("of")).ok_or(Stop::NotFound)?;
    let code = ask.query.get("code");
    let stretch = last_days(ask.app().now().to_vietnam().date());
    let page = |page: &PageAsk| {
        Ok(ask
            .app()
            .store
            .read(|db| tallies::legs_behind(db, &Agencies::All, stretch, who.missed(), &who.slice(code), page))?)
    };
    let (legs, after) = legs_page(ask, page)?;
    let (title, line) = match who {
        Who::Posts => (ask.t("Bưu cục trễ hạn J+n", "Post office beyond J+n"), who.name(ask, code)?),
        Who::Agencies => (ask.t("Cơ quan trễ hẹn trả", "Agency beyond the time on the slip"), who.name(ask, code)?),
    };
    let path = format!("/oversight/late?of={}&code={}", who.word(), encoded(code));
    html(
        "report_legs.html",
        context! {
            back_to => "/oversight",
            back_name => ask.t("Về tình hình", "Back to today"),
            title,
            line,
            column => ask.t("trễ trong 30 ngày", "late within 30 days"),
            first => ask.query.some("after").is_none(),
            legs,
            next => after.map(|after| format!("{path}&after={after}")),
        },
    )
}
