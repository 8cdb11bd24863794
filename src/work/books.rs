//! Asking a counterpart for its book of a window of days: a post for its lists, a one-stop software for its cases. Once a day by the
//! reconciler, and whenever somebody wants to know.

use chrono::NaiveDate;

use crate::app::books::{self, About, Covers, Gathered, Question, Source, Taken};
use crate::app::people::Doing;
use crate::app::{App, AppError};
use crate::base::time::Ts;
use crate::courier::{Courier, Failure};
use crate::domain::books::BookSide;
use crate::peers::opencps::cases::{self, CasePage, List};
use crate::peers::{Answer, Call, Cursor, Page, Reply, Report, myvnpost, opencps};
use crate::work::driver::blocking;
use crate::work::feeds::page_of;
use crate::work::links::{Family, Link, Links};

/// Pages of one list: of MyVNPost, whose pages are the smallest, half a million orders.
const PAGES_MAX: usize = 1_000;
/// Cases of one page of a list.
const CASES_OF_PAGE: usize = 200;
/// Questions about single numbers in one round: at a tenth of a second each, a few minutes. Lists give nearly all cases, so more than
/// these are a sign that lists and ledger do not speak of the same papers.
const QUESTIONS_MAX: usize = 2_000;
/// Calls for one page of a list: a page that comes at the second call saves the round, and one that does not come now is asked for in the
/// next round.
const CALLS_OF_PAGE_MAX: usize = 3;
/// So many questions in a row without an answer, and it is asked nothing more.
const SILENCES_MAX: usize = 5;

/// Why there is no book.
#[derive(Debug, thiserror::Error)]
pub enum NoBook {
    /// Nobody told us where it is.
    #[error("{0} is not among [[counterparts]] of the configuration, so it cannot be asked")]
    NotConfigured(String),
    /// It keeps the other book.
    #[error("{0} is of the side {1}")]
    OtherSide(String, BookSide),
    /// It did not answer, or not with a list.
    #[error("{0} gave no book: {1}")]
    Unanswered(String, String),
    /// Ours to mend.
    #[error(transparent)]
    Failed(#[from] AppError),
}

/// A counterpart, and the days that it is asked about; the last is not one of them.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Window<'a> {
    pub side: BookSide,
    pub counterpart: &'a str,
    pub from: NaiveDate,
    pub until: NaiveDate,
}

/// Asks now, from a command. A running office may ask at the same time: each takes what it is told as a book of its own, and the same
/// words are the same book, so nothing has to be held against the other.
pub fn ask(app: &App, links: &Links, window: Window<'_>, doing: Doing<'static>) -> Result<Taken, NoBook> {
    let name = window.counterpart;
    let link = links.counterparts.get(name).ok_or_else(|| NoBook::NotConfigured(name.to_owned()))?;
    if link.family.side() != window.side {
        return Err(NoBook::OtherSide(name.to_owned(), link.family.side()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| AppError::Internal(error.to_string()))?;
    let courier = Courier::new(app.clock.clone());
    let Window { from, until, .. } = window;
    runtime.block_on(Asking { app, courier: &courier, doing, name, link, from, until }.book())
}

/// One counterpart that is being asked.
pub(super) struct Asking<'a> {
    pub(super) app: &'a App,
    pub(super) courier: &'a Courier,
    pub(super) doing: Doing<'static>,
    pub(super) name: &'a str,
    pub(super) link: &'a Link,
    pub(super) from: NaiveDate,
    pub(super) until: NaiveDate,
}

/// What came of questions.
#[derive(Default)]
struct Answers {
    unanswered: Vec<Question>,
    why: Option<Answer>,
    in_a_row: usize,
}

impl Asking<'_> {
    /// Asks, and keeps what it says.
    pub(super) async fn book(&self) -> Result<Taken, NoBook> {
        match &self.link.family {
            Family::Hcc(_) => self.reports(Covers::Accepted, Cursor::default()).await,
            Family::Myvnpost(_) => self.reports(Covers::Ordered, myvnpost::from_day(self.from, self.app.now())).await,
            Family::Opencps(settings) => self.cases(settings).await,
        }
    }

    fn about(&self, as_of: Option<Ts>, complete: bool, covers: Covers) -> About {
        About {
            side: self.link.family.side(),
            counterpart: self.name.to_owned(),
            from: self.from,
            until: self.until,
            as_of,
            complete,
            covers,
            source: Source::Pull,
        }
    }

    fn silent(&self, answer: &Answer) -> NoBook {
        NoBook::Unanswered(self.name.to_owned(), told(answer))
    }

    /// Everything that a post lists, complete when all of it could be read.
    async fn reports(&self, covers: Covers, mut cursor: Cursor) -> Result<Taken, NoBook> {
        let now = self.app.now();
        let (mut all, mut whole, mut more) = (Vec::<Report>::new(), true, true);
        for _ in 0..PAGES_MAX {
            let page = page_of(self.courier, self.link, &cursor, now).await.map_err(|answer| self.silent(&answer))?;
            let Page { reports, quarantined, next, more: goes_on } = page;
            all.extend(reports);
            whole &= quarantined.is_empty();
            (cursor, more) = (next, goes_on);
            if !more {
                break;
            }
        }
        let (app, about, doing) = (self.app.clone(), self.about(None, whole && !more, covers), self.doing);
        Ok(blocking(move || books::take_reports(&app, &about, &all, doing)).await?)
    }

    /// Cases out of the lists, then those that are asked for by their numbers, complete when every number was answered.
    async fn cases(&self, settings: &opencps::Settings) -> Result<Taken, NoBook> {
        let began = self.app.now();
        let mut gathered = Gathered::new(self.app, self.name, self.from, self.until);
        for list in cases::LISTS {
            self.read_list(settings, list, &mut gathered).await.map_err(|answer| self.silent(&answer))?;
        }
        let app = self.app.clone();
        let (mut gathered, questions) = blocking(move || {
            let questions = gathered.questions(&app)?;
            Ok((gathered, questions))
        })
        .await?;
        let (listed, asked) = (gathered.cases(), questions.len());
        let beyond = asked.saturating_sub(QUESTIONS_MAX);
        let questions = questions.into_iter().take(QUESTIONS_MAX).collect();
        let first = self.ask_about(settings, questions, &mut gathered).await;
        // Once more, since the next round is a day away; not of one that has fallen silent.
        let last = match first.in_a_row < SILENCES_MAX {
            true => self.ask_about(settings, first.unanswered, &mut gathered).await,
            false => first,
        };
        let unanswered = last.unanswered.len();
        if let Some(answer) = &last.why {
            let why = told(answer);
            tracing::warn!(
                counterpart = self.name,
                unanswered,
                why,
                "it did not say of every case whether it is there"
            );
        }
        let blind = gathered.sees_nothing();
        if blind {
            tracing::warn!(
                counterpart = self.name,
                "it shows no case at all: may the account see the agencies' dossiers?"
            );
        }
        let elsewhere = gathered.elsewhere();
        tracing::info!(counterpart = self.name, listed, asked, beyond, unanswered, elsewhere, "cases were asked for");
        let complete = beyond == 0 && unanswered == 0 && !blind;
        let (app, about, doing) = (self.app.clone(), self.about(Some(began), complete, Covers::Accepted), self.doing);
        Ok(blocking(move || books::take_cases(&app, &about, &gathered, doing)).await?)
    }

    /// Reads a list page by page. Rows may move meanwhile, and a page may be shorter than was asked for: it goes on behind what it got.
    async fn read_list(
        &self,
        settings: &opencps::Settings,
        list: &List,
        gathered: &mut Gathered,
    ) -> Result<(), Answer> {
        let (mut start, mut unread) = (0, 0);
        for _ in 0..PAGES_MAX {
            let page = self.page(settings, list, start).await?;
            start += page.rows.len();
            let is_last = page.rows.is_empty() || start >= page.total;
            for row in page.rows {
                match row {
                    Ok(case) => gathered.listed(case, list),
                    Err(row) => {
                        unread += 1;
                        // One for a list tells what is wrong; its number may be looked up there.
                        if unread == 1 {
                            tracing::warn!(counterpart = self.name, why = row.why, "a listed case cannot be read");
                        }
                    }
                }
            }
            if is_last {
                break;
            }
        }
        if unread > 0 {
            tracing::warn!(counterpart = self.name, unread, read = start, "cases of a list that cannot be read");
        }
        Ok(())
    }

    async fn page(&self, settings: &opencps::Settings, list: &List, start: usize) -> Result<CasePage, Answer> {
        let mut calls = 1;
        loop {
            let call = cases::page(list, self.from, self.until, (start, start + CASES_OF_PAGE), settings);
            let page = send(self.courier, self.link, call).await.and_then(|reply| cases::decode_page(&reply));
            match page {
                Err(Answer::Retry { .. } | Answer::Unknown { .. }) if calls < CALLS_OF_PAGE_MAX => calls += 1,
                page => return page,
            }
        }
    }

    async fn ask_about(
        &self,
        settings: &opencps::Settings,
        questions: Vec<Question>,
        gathered: &mut Gathered,
    ) -> Answers {
        let mut answers = Answers::default();
        for question in questions {
            if answers.in_a_row >= SILENCES_MAX {
                answers.unanswered.push(question);
                continue;
            }
            let number = &question.dossier_no;
            let reply = send(self.courier, self.link, cases::question(number, settings)).await;
            match reply.and_then(|reply| cases::decode_question(&reply, number)) {
                Ok(case) => {
                    gathered.answered(&question, case);
                    answers.in_a_row = 0;
                }
                Err(why) => {
                    answers.why = Some(why);
                    answers.in_a_row += 1;
                    answers.unanswered.push(question);
                }
            }
        }
        answers
    }
}

/// One call, with what it means when no reply came.
pub(super) async fn send(courier: &Courier, link: &Link, call: Call) -> Result<Reply, Answer> {
    courier.send(&link.target, call).await.map_err(Failure::answer)
}

/// Why an answer is no list, for people.
pub(super) fn told(answer: &Answer) -> String {
    match answer {
        Answer::Refused { code, text } => format!("it refuses: {code} {text}").trim_end().to_owned(),
        Answer::Retry { why, .. } | Answer::Unknown { why } => why.clone(),
        Answer::Unauthorised => "it does not accept our account".to_owned(),
        Answer::Done { .. } | Answer::NotFound => "its answer is no list".to_owned(),
    }
}
