//! Taking the cases of a one-stop software as its book: what its lists give, and what it answers about the numbers that matter and that
//! no list gave. Absence rests on those answers alone, since rows move between the pages of a list while it is read.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::app::books::pulled::digest;
use crate::app::books::{About, Read, Taken, add, blank, checked};
use crate::app::people::Doing;
use crate::app::{App, AppError};
use crate::base::time::{Ts, parse_date};
use crate::domain::access::Agencies;
use crate::domain::books::BookSide;
use crate::peers::opencps::cases::{Case, List};
use crate::store::books::{self as kept, BookEntryRow, Named, Of, Window};
use crate::store::case_questions;

/// A number to be asked about, and the day on which its case stands in the book when its own dates lie elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Question {
    pub dossier_no: String,
    pub day: NaiveDate,
}

/// What a one-stop software has told of a window of days.
#[derive(Debug, Clone)]
pub struct Gathered {
    counterpart: String,
    from: NaiveDate,
    until: NaiveDate,
    agencies: Agencies,
    cases: BTreeMap<String, (NaiveDate, Case)>,
    gone: Vec<String>,
    elsewhere: usize,
}

impl Gathered {
    /// Nothing yet.
    pub fn new(app: &App, counterpart: &str, from: NaiveDate, until: NaiveDate) -> Self {
        let route = app.routes.one_stop.iter().find(|route| route.counterpart == counterpart);
        Gathered {
            counterpart: counterpart.to_owned(),
            from,
            until,
            agencies: route.map_or(Agencies::Only(Vec::new()), |route| route.agencies.clone()),
            cases: BTreeMap::new(),
            gone: Vec::new(),
            elsewhere: 0,
        }
    }

    /// Takes a row of a list. One of other days, or of an agency that is not the counterpart's, is left out; if one of our legs has its
    /// number, it is asked about.
    pub fn listed(&mut self, case: Case, list: &List) {
        let ours = match &case.agency_code {
            Some(code) => self.agencies.sees(code),
            None => self.agencies == Agencies::All,
        };
        match case.day_within(self.from, self.until) {
            Some(day) if ours && case.belongs(list, self.from, self.until) => {
                self.cases.insert(case.dossier_no.clone(), (day, case));
            }
            _ => self.elsewhere += 1,
        }
    }

    /// Takes an answer: the case, or that there is none.
    pub fn answered(&mut self, question: &Question, case: Option<Case>) {
        match case {
            Some(case) => {
                let day = case.day_within(self.from, self.until).unwrap_or(question.day);
                self.cases.insert(case.dossier_no.clone(), (day, case));
            }
            None => self.gone.push(question.dossier_no.clone()),
        }
    }

    /// What has to be asked still: numbers of legs that the post took over or whose result was confirmed in the window, and of cases that
    /// the book says go by post. What was asked longest ago comes first.
    pub fn questions(&self, app: &App) -> Result<Vec<Question>, AppError> {
        let of = Of { side: BookSide::OneStop.as_str(), counterpart: &self.counterpart };
        let (from, until) = (self.from.to_string(), self.until.to_string());
        let window = Window { from_us: midnight(self.from), until_us: midnight(self.until) };
        app.store
            .read(|db| {
                let mut days: BTreeMap<String, Option<NaiveDate>> = BTreeMap::new();
                for (number, accepted_us, since_us) in case_questions::legs(db, &self.agencies, window)? {
                    let on = |us: i64| Ts::from_us(us).to_vietnam().date();
                    let day = [Some(on(since_us)), accepted_us.map(on)].into_iter().flatten();
                    let day = day.filter(|day| (self.from..self.until).contains(day)).max();
                    let Some(number) = number else { continue };
                    let newest = days.entry(number).or_default();
                    *newest = day.max(*newest);
                }
                for number in case_questions::by_post(db, of, &from, &until)? {
                    days.entry(number).or_default();
                }
                days.retain(|number, _| !self.cases.contains_key(number));
                let numbers: Vec<String> = days.keys().cloned().collect();
                let mut asked_at: BTreeMap<String, i64> = BTreeMap::new();
                for entry in kept::entries_named(db, of, Named::Key, &numbers)? {
                    let day = parse_date(&entry.day).filter(|day| (self.from..self.until).contains(day));
                    days.entry(entry.entry_key.clone()).and_modify(|known| *known = day.or(*known));
                    asked_at.insert(entry.entry_key, entry.as_of_us);
                }
                let mut open: Vec<Question> = days
                    .into_iter()
                    .map(|(dossier_no, day)| Question { dossier_no, day: day.unwrap_or(self.from) })
                    .collect();
                open.sort_by_key(|question| asked_at.get(&question.dossier_no).copied().unwrap_or_default());
                Ok(open)
            })
            .map_err(AppError::from)
    }

    /// Cases that it has.
    pub fn cases(&self) -> usize {
        self.cases.len()
    }

    /// Rows of lists that were left out: of other days, or of other agencies.
    pub fn elsewhere(&self) -> usize {
        self.elsewhere
    }

    /// Whether not a single case is seen, and of some it was said that they are not there: so answers an account that may see none, and
    /// nothing is missing by its word.
    pub fn sees_nothing(&self) -> bool {
        self.cases.is_empty() && !self.gone.is_empty()
    }
}

fn midnight(day: NaiveDate) -> i64 {
    day.and_hms_opt(0, 0, 0).and_then(Ts::from_vietnam).map_or(0, Ts::us)
}

/// Takes what was gathered as the counterpart's book.
pub fn take_cases(app: &App, about: &About, gathered: &Gathered, doing: Doing<'_>) -> Result<Taken, AppError> {
    let as_of = checked(app, about)?;
    let entry = |(place, (key, (day, case))): (usize, (&String, &(NaiveDate, Case)))| BookEntryRow {
        dossier_no: Some(key.clone()),
        agency_code: case.agency_code.clone(),
        filed_by_post: case.filed_by_post.map(i64::from),
        result_by_post: case.result_by_post.map(i64::from),
        ..blank(key.clone(), place + 1, *day, case.says.as_str())
    };
    let entries: Vec<BookEntryRow> = gathered.cases.iter().enumerate().map(entry).collect();
    let word = |entry: &BookEntryRow| {
        let BookEntryRow { entry_key, day, says, filed_by_post, result_by_post, .. } = entry;
        format!("{entry_key}\u{1f}{day}\u{1f}{says}\u{1f}{filed_by_post:?}\u{1f}{result_by_post:?}")
    };
    let gone: BTreeSet<&String> = gathered.gone.iter().collect();
    let sha256 = digest(about, as_of, entries.iter().map(word).chain(gone.iter().map(|number| format!("-{number}"))));
    let gone = Some(gone.into_iter().cloned().collect());
    let read = Read { as_of, sha256, entries, refused: Vec::new(), gone };
    add(app, about, &read, None, doing).map(|(taken, _)| taken)
}
