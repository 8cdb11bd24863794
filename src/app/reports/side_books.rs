//! What the stored books of both sides add up to for the days of a report, or why they do not tell the whole (domain 9.4).
//!
//! Nothing is guessed: every system of a side has to have complete books of every day, and entries that may have come to it and do not say
//! so leave the figure unknown. What was taken longer ago than the post may hold an item is not waited for.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::material::{Asked, span};
use crate::app::books::has_everything;
use crate::app::reconcile::items::kinds_of;
use crate::base::time::{DAY_US, Ts, parse_date};
use crate::domain::access::{Agencies, Scope};
use crate::domain::books::{BookSide, CaseSays, PostSays};
use crate::domain::leg::{LegKind, Side};
use crate::report::definitions::{Count, Counted, Figure, Key, SideBooks, Why};
use crate::report::tables::Period;
use crate::store::books::{self as kept, BookRow, Of, Window};
use crate::store::read::book_totals::{Pick, Said, SaidSum, first_taken, sums, without_kind};
use crate::store::read::keys;
use crate::store::{Db, StoreError};

const POST_FIGURES: [Figure; 5] =
    [Figure::PostTaken, Figure::PostHanded, Figure::PostCollected, Figure::PostDelivered, Figure::PostReturned];
const CASE_FIGURES: [Figure; 3] = [Figure::CaseFiled, Figure::CaseGiven, Figure::CaseClosed];

/// Figures that count by the day of the entry: no book of an earlier day has any of it.
const BY_DAY: [Figure; 3] = [Figure::PostTaken, Figure::PostCollected, Figure::CaseFiled];

/// Words of an item that the post took.
const TAKEN: [PostSays; 6] = [
    PostSays::Accepted,
    PostSays::Moving,
    PostSays::Delivered,
    PostSays::Returning,
    PostSays::Returned,
    PostSays::Lost,
];
/// Words after which more is to come.
const UNDER_WAY: [PostSays; 4] = [PostSays::Ordered, PostSays::Accepted, PostSays::Moving, PostSays::Returning];

/// Entries of one page, where they have to be paired.
const PAGE: i64 = 2_000;

/// The days that count, as days and as instants.
struct Stretch {
    period: Period,
    from: String,
    until: String,
    /// The first day whose items may still arrive in the period.
    since: NaiveDate,
    since_text: String,
    from_us: i64,
    until_us: i64,
}

impl Stretch {
    fn days(&self) -> Option<[&str; 2]> {
        Some([&self.from, &self.until])
    }

    fn before(&self) -> Option<[&str; 2]> {
        Some([&self.since_text, &self.from])
    }

    fn days_and_before(&self) -> Option<[&str; 2]> {
        Some([&self.since_text, &self.until])
    }

    /// Words that are older than the end of the period.
    fn old_words(&self) -> Option<[i64; 2]> {
        Some([i64::MIN, self.until_us])
    }
}

/// What is counted of one system: so many, or why it is not known.
type Tallied = Result<i64, Doubt>;
/// Why so many entries of a system leave a figure unknown.
type Doubt = fn(String, i64) -> Why;
type Found = BTreeMap<Figure, (Tallied, i64)>;

/// What the books tell of every figure of both sides.
pub(super) fn gather(db: &mut Db<'_>, asked: &Asked<'_>, counts: &[Count]) -> Result<SideBooks, StoreError> {
    let held_us = asked.app.limits.books.held_us;
    let carried_days = held_us.div_euclid(DAY_US) + i64::from(held_us.rem_euclid(DAY_US) > 0);
    let stretch = stretch(db, asked.period, carried_days)?;
    let mut figures = BTreeMap::new();
    for side in BookSide::ALL.iter().copied() {
        figures.extend(of_side(db, asked, side, counts, &stretch)?);
    }
    Ok(SideBooks { figures, carried_days })
}

/// Items of before the period count back to what the post may hold, but not to before the ledger began.
fn stretch(db: &mut Db<'_>, period: Period, carried_days: i64) -> Result<Stretch, StoreError> {
    let back = Days::new(u64::try_from(carried_days).unwrap_or(0));
    let first = first_taken(db)?.and_then(|day| parse_date(&day)).unwrap_or(period.from);
    let since = period.from.checked_sub_days(back).unwrap_or(period.from).max(first.min(period.from));
    let whole = span(period);
    Ok(Stretch {
        period,
        from: period.from.to_string(),
        until: period.until.to_string(),
        since,
        since_text: since.to_string(),
        from_us: whole.from_us,
        until_us: whole.until_us,
    })
}

fn of_side(
    db: &mut Db<'_>,
    asked: &Asked<'_>,
    side: BookSide,
    counts: &[Count],
    stretch: &Stretch,
) -> Result<BTreeMap<Figure, Result<Counted, Why>>, StoreError> {
    let figures: &[Figure] = match side {
        BookSide::Post => &POST_FIGURES,
        BookSide::OneStop => &CASE_FIGURES,
    };
    let none = |why: Why| Ok(figures.iter().map(|figure| (*figure, Err(why.clone()))).collect());
    if asked.ask.agency_code.is_some() || asked.ask.post_office_code.is_some() {
        return none(Why::Narrow);
    }
    let keepers = keepers(db, asked, side)?;
    if keepers.is_empty() {
        return none(Why::NoSystem);
    }
    let served = |agency: &str| keepers.values().flatten().any(|agencies| agencies.sees(agency));
    if let Some(count) = counts.iter().find(|count| !served(count.key(Key::Agency))) {
        return none(Why::Agency(count.key(Key::Agency).to_owned()));
    }
    let mut totals: BTreeMap<Figure, Result<Counted, Why>> = BTreeMap::new();
    for system in keepers.keys() {
        let of = Of { side: side.as_str(), counterpart: system };
        let books = kept::books_of(db, of, &stretch.since_text, &stretch.until)?;
        let found = match side {
            BookSide::Post => of_post(db, asked, of, stretch)?,
            BookSide::OneStop => of_cases(db, of, stretch)?,
        };
        for (figure, (tallied, doubtful)) in found {
            let first = if BY_DAY.contains(&figure) { stretch.period.from } else { stretch.since };
            let counted = match covered(&books, first, stretch.period.until) {
                Err(day) => Err(Why::Uncovered(system.clone(), day)),
                Ok((from, to)) => {
                    tallied.map(|entries| Counted { entries, from, to }).map_err(|why| why(system.clone(), doubtful))
                }
            };
            let total = match totals.remove(&figure) {
                Some(before) => before.and_then(|before| counted.map(|counted| joined(&before, &counted))),
                None => counted,
            };
            totals.insert(figure, total);
        }
    }
    Ok(totals)
}

fn joined(one: &Counted, other: &Counted) -> Counted {
    Counted { entries: one.entries + other.entries, from: one.from.min(other.from), to: one.to.max(other.to) }
}

/// The systems that keep a book on this side, with the agencies that they serve: those that messages go to, those that may send a book,
/// and those that did.
fn keepers(db: &mut Db<'_>, asked: &Asked<'_>, side: BookSide) -> Result<BTreeMap<String, Vec<Agencies>>, StoreError> {
    let (routes, speaks_for) = match side {
        BookSide::Post => (&asked.app.routes.post, Side::Post),
        BookSide::OneStop => (&asked.app.routes.one_stop, Side::Agency),
    };
    let mut found: BTreeMap<String, Vec<Agencies>> = BTreeMap::new();
    for route in routes {
        found.entry(route.counterpart.clone()).or_default().push(route.agencies.clone());
    }
    for key in keys::all(db)? {
        let lives = key.revoked_at_us.is_none() && key.expires_at_us.is_none_or(|at| asked.now.us() < at);
        let writes = key.scopes.split(',').any(|scope| scope == Scope::Write.as_str());
        if lives && writes && key.side == speaks_for.as_str() {
            let codes: Vec<&str> = key.agencies.split(',').collect();
            found.entry(key.counterpart).or_default().push(Agencies::from_list(&codes));
        }
    }
    for (of, system) in kept::known(db)? {
        if of == side.as_str() {
            found.entry(system).or_default();
        }
    }
    Ok(found)
}

/// The instants for which the books of these days were written, the oldest and the newest; or the first day that no complete book has
/// which was written when it was over.
fn covered(books: &[BookRow], from: NaiveDate, until: NaiveDate) -> Result<(Ts, Ts), NaiveDate> {
    let mut written: Option<(i64, i64)> = None;
    for day in from.iter_days().take_while(|day| *day < until) {
        let text = day.to_string();
        let over_us = span(Period { from: day, until: day }).from_us.saturating_add(DAY_US);
        let tells = |book: &&BookRow| {
            has_everything(book) && book.from_day <= text && text < book.until_day && book.as_of_us >= over_us
        };
        let newest = books.iter().filter(tells).map(|book| book.as_of_us).max().ok_or(day)?;
        let (first, last) = written.unwrap_or((newest, newest));
        written = Some((first.min(newest), last.max(newest)));
    }
    let (first, last) = written.ok_or(from)?;
    Ok((Ts::from_us(first), Ts::from_us(last)))
}

/// Entries by the kind of leg; none where nobody can say.
type ByKind = BTreeMap<Option<LegKind>, i64>;

fn by_kind(db: &mut Db<'_>, asked: &Asked<'_>, of: Of<'_>, picks: &[Pick<'_>]) -> Result<ByKind, StoreError> {
    let mut found = ByKind::new();
    for pick in picks {
        let mut kindless = 0;
        for sum in sums(db, of, pick)? {
            match sum.own_kind.as_deref().or(sum.leg_kind.as_deref()).and_then(LegKind::parse) {
                Some(kind) => *found.entry(Some(kind)).or_default() += sum.entries,
                None => kindless += sum.entries,
            }
        }
        if kindless > 0 {
            paired(db, asked, of, pick, &mut found)?;
        }
    }
    Ok(found)
}

/// Counts the entries that do not name their kind, by the legs with which they pair.
fn paired(
    db: &mut Db<'_>,
    asked: &Asked<'_>,
    of: Of<'_>,
    pick: &Pick<'_>,
    found: &mut ByKind,
) -> Result<(), StoreError> {
    let mut after = String::new();
    loop {
        let page = without_kind(db, of, pick, &after, PAGE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.entry_key.clone();
        for kind in kinds_of(db, page, &asked.app.limits.books)? {
            *found.entry(kind).or_default() += 1;
        }
    }
}

/// What the post's book of one system tells.
fn of_post(db: &mut Db<'_>, asked: &Asked<'_>, of: Of<'_>, stretch: &Stretch) -> Result<Found, StoreError> {
    let (ordered, unmapped) = ([PostSays::Ordered.as_str()], [PostSays::Unmapped.as_str()]);
    let (taken_words, under_way_words) = (TAKEN.map(PostSays::as_str), UNDER_WAY.map(PostSays::as_str));
    let strange = |days| Pick { says: &unmapped, days, ..Pick::default() };
    let taken = by_kind(db, asked, of, &[Pick { says: &taken_words, days: stretch.days(), ..Pick::default() }])?;
    let old = Pick { says: &ordered, days: stretch.days(), as_of_us: stretch.old_words(), ..Pick::default() };
    let may_be_taken = by_kind(db, asked, of, &[old, strange(stretch.days())])?;
    let old = Pick {
        says: &under_way_words,
        days: stretch.days_and_before(),
        as_of_us: stretch.old_words(),
        ..Pick::default()
    };
    let under_way = by_kind(db, asked, of, &[old, strange(stretch.days_and_before())])?;
    let mut found = Found::new();
    for (figure, kind) in [(Figure::PostTaken, LegKind::Intake), (Figure::PostCollected, LegKind::Result)] {
        found.insert(figure, judged(Some(kind), &taken, &ByKind::new(), &may_be_taken));
    }
    let delivered: &[(Figure, Option<LegKind>)] =
        &[(Figure::PostHanded, Some(LegKind::Intake)), (Figure::PostDelivered, Some(LegKind::Result))];
    for (word, figures) in [(PostSays::Delivered, delivered), (PostSays::Returned, &[(Figure::PostReturned, None)])] {
        let says = [word.as_str()];
        let arrived = by_kind(db, asked, of, &arrived(&says, stretch))?;
        let undated = by_kind(db, asked, of, &undated(&says, stretch))?;
        for (figure, kind) in figures {
            found.insert(*figure, judged(*kind, &arrived, &undated, &under_way));
        }
    }
    Ok(found)
}

/// What came to it in the period: at an instant that is told, or between a day of the period and a book that was written before its end.
fn arrived<'a>(says: &'a [&'a str], stretch: &'a Stretch) -> [Pick<'a>; 2] {
    let within = Window { from_us: stretch.from_us, until_us: stretch.until_us };
    let by_its_end = Some([i64::MIN, stretch.until_us.saturating_add(1)]);
    [
        Pick { says, said: Said::Within(within), ..Pick::default() },
        Pick { says, said: Said::Nothing, days: stretch.days(), as_of_us: by_its_end, ..Pick::default() },
    ]
}

/// What came to it in the period, before or after: nobody can say.
fn undated<'a>(says: &'a [&'a str], stretch: &'a Stretch) -> [Pick<'a>; 2] {
    let later_than = |us: i64| Some([us.saturating_add(1), i64::MAX]);
    let pick = |days, us| Pick { says, said: Said::Nothing, days, as_of_us: later_than(us), ..Pick::default() };
    [pick(stretch.before(), stretch.from_us), pick(stretch.days(), stretch.until_us)]
}

/// So many of a kind, or of all, unless something else might be one of them.
fn judged(kind: Option<LegKind>, sure: &ByKind, undated: &ByKind, open: &ByKind) -> (Tallied, i64) {
    let number = |of: &ByKind, kind: Option<LegKind>| of.get(&kind).copied().unwrap_or(0);
    let might_be = |of: &ByKind| match kind {
        Some(kind) => number(of, Some(kind)) + number(of, None),
        None => of.values().sum(),
    };
    if might_be(open) > 0 {
        return (Err(Why::Open), might_be(open));
    }
    if might_be(undated) > 0 {
        return (Err(Why::Undated), might_be(undated));
    }
    match kind {
        Some(_) if number(sure, None) > 0 => (Err(Why::Kindless), number(sure, None)),
        Some(kind) => (Ok(number(sure, Some(kind))), 0),
        None => (Ok(might_be(sure)), 0),
    }
}

/// What the one-stop side's book of one system tells.
fn of_cases(db: &mut Db<'_>, of: Of<'_>, stretch: &Stretch) -> Result<Found, StoreError> {
    const YES: Option<i64> = Some(1);
    let (open_words, closed_words) =
        ([CaseSays::Open.as_str(), CaseSays::Ready.as_str()], [CaseSays::Returned.as_str()]);
    let count = |rows: Vec<SaidSum>, meant: fn(&SaidSum) -> bool| -> i64 {
        rows.iter().filter(|row| meant(row)).map(|row| row.entries).sum()
    };
    let mut read = |pick: Pick<'_>, meant: fn(&SaidSum) -> bool| sums(db, of, &pick).map(|rows| count(rows, meant));
    let around = Pick { days: stretch.days_and_before(), is_sent: Some(false), ..Pick::default() };
    let under_way = Pick { says: &open_words, as_of_us: stretch.old_words(), ..around };

    let listed = Pick { days: stretch.days(), ..Pick::default() };
    let filed = read(listed, |row| row.filed_by_post == YES)?;
    let filed_silent = read(listed, |row| row.filed_by_post.is_none())?;

    let given = read(Pick { sent: stretch.days(), ..Pick::default() }, |_| true)?;
    let given_open = read(under_way, |row| row.result_by_post != Some(0))?;
    let given_silent = read(Pick { says: &closed_words, ..around }, |row| row.result_by_post != Some(0))?;

    // By post: the book says so, or names the day on which the post got the result.
    let mut by_post = |pick: Pick<'_>| -> Result<i64, StoreError> {
        let sent = read(Pick { is_sent: Some(true), ..pick }, |_| true)?;
        Ok(sent + read(Pick { is_sent: Some(false), ..pick }, |row| row.result_by_post == YES)?)
    };
    let mut all_of = |picks: [Pick<'_>; 2]| -> Result<i64, StoreError> {
        let [one, other] = picks;
        Ok(by_post(one)? + by_post(other)?)
    };
    let closed = all_of(arrived(&closed_words, stretch))?;
    let closed_undated = all_of(undated(&closed_words, stretch))?;
    let still_open = by_post(under_way)?;
    let closed_silent = read(Pick { says: &closed_words, ..around }, |row| row.result_by_post.is_none())?;
    let unsaid = read(under_way, |row| row.result_by_post.is_none())?;

    let first_of = |doubts: &[(Doubt, i64)], sure: i64| -> (Tallied, i64) {
        match doubts.iter().find(|(_, entries)| *entries > 0) {
            Some((why, entries)) => (Err(*why), *entries),
            None => (Ok(sure), 0),
        }
    };
    Ok(Found::from([
        (Figure::CaseFiled, first_of(&[(Why::Silent, filed_silent)], filed)),
        (Figure::CaseGiven, first_of(&[(Why::Open, given_open), (Why::Silent, given_silent)], given)),
        (
            Figure::CaseClosed,
            first_of(
                &[(Why::Open, still_open + unsaid), (Why::Undated, closed_undated), (Why::Silent, closed_silent)],
                closed,
            ),
        ),
    ]))
}
