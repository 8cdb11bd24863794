//! Reconciliation: the book of one counterpart for a window of days, against the ledger.
//!
//! Pages of entries are paired with legs and compared, then legs are looked for that a complete book ought to have. Whatever differs
//! is a discrepancy; one that is not found again where it was looked for heals with what the books say now. The same books again
//! change nothing.

mod cases;
pub(super) mod items;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::app::books::has_everything;
use crate::app::discrepancies::{BookWord, Evidence, Findings, Found, rests};
use crate::app::people::{Doing, act};
use crate::app::{App, AppError};
use crate::base::digest::sha256_hex;
use crate::base::id::ReconciliationId;
use crate::base::time::Ts;
use crate::domain::access::Agencies;
use crate::domain::books::{BookSide, Difference, LegWord, Limits};
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{LegKind, State};
use crate::domain::problem::Code;
use crate::store::StoreError;
use crate::store::books::{self as kept, BookRow, ComparedEntryRow, ComparedLegRow, Of, ReconciliationRow, Window};
use crate::store::pairs::{self, Plain};
use crate::store::read::discrepancies::newest_by_subject;
use crate::store::rows::DiscrepancyRow;

/// What is to be compared.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Whose book.
    pub side: BookSide,
    /// Which counterpart.
    pub counterpart: String,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// Compares and tells, and writes nothing.
    pub dry_run: bool,
}

impl Ask {
    fn of(&self) -> Of<'_> {
        Of { side: self.side.as_str(), counterpart: &self.counterpart }
    }
}

/// A book that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsedBook {
    /// Its id.
    pub id: String,
    /// The instant for which it was written.
    pub as_of: String,
    /// Whether nothing was missing in it.
    pub complete: bool,
    /// Its entries.
    pub entries: i64,
}

/// What came of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// The books of the window, the newest word first.
    pub books: Vec<UsedBook>,
    /// Days of the window for which absence was judged, because a complete book covers them and is old enough.
    pub days_covered: i64,
    /// Entries compared.
    pub entries: i64,
    /// Entries with their leg, by what they were paired.
    pub paired: BTreeMap<String, i64>,
    /// Entries that fit two legs alike: none was guessed.
    pub ambiguous: i64,
    /// Entries that no leg answers to.
    pub entries_alone: i64,
    /// Legs that a complete book ought to have and does not.
    pub legs_alone: i64,
    /// Pairs without a difference.
    pub agree: i64,
    /// Differences by kind.
    pub found: BTreeMap<String, i64>,
}

/// How an entry or a leg was explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The entry.
    pub entry_key: Option<String>,
    /// The leg.
    pub leg_id: Option<String>,
    /// By what they were paired, or why not.
    pub why: String,
    /// What differs.
    pub kinds: Vec<Kind>,
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The run; none of a dry one.
    pub run: Option<ReconciliationRow>,
    /// What it found.
    pub totals: Totals,
    /// Discrepancies opened by it.
    pub opened: usize,
    /// Discrepancies healed by it.
    pub healed: usize,
}

/// Entries with the legs that their order numbers name.
type Pairs = Vec<(ComparedEntryRow, Option<ComparedLegRow>)>;

/// A page as it is read: pairs that are to be looked at, and the entries of the days that it begins.
struct Page {
    pairs: Pairs,
    entries: i64,
}

/// Entries of one page.
const PAGE: usize = 2_000;

/// Who is told of every pair and of everything that stands alone.
pub type Listener<'l> = Option<&'l mut dyn FnMut(Explained)>;

/// Compares a window.
pub fn run<'r>(app: &'r App, ask: &'r Ask, doing: Doing<'_>, explain: Listener<'r>) -> Result<Outcome, AppError> {
    let of = ask.of();
    let (from, until) = (ask.from.to_string(), ask.until.to_string());
    let books = app.store.read(|db| kept::books_of(db, of, &from, &until))?;
    if books.is_empty() || ask.from >= ask.until {
        return Err(AppError::plain(Code::NotFound));
    }
    let as_of = Ts::from_us(books.iter().map(|book| book.as_of_us).max().unwrap_or_default());
    let prefix = format!("BOOK:{}:{}:", ask.side, ask.counterpart);
    let open = app.store.read(|db| kept::open_findings(db, &prefix))?;
    let mut comparing = Comparing {
        app,
        ask,
        limits: app.limits.books,
        as_of,
        agencies: scope_of(app, ask)?,
        totals: Totals { books: books.iter().map(used).collect(), ..Totals::default() },
        open: open.into_iter().map(|row| (row.subject_key.clone(), row)).collect(),
        open_subjects: BTreeSet::new(),
        looked_at: BTreeSet::new(),
        found_now: BTreeSet::new(),
        doubled: BTreeSet::new(),
        waiting: Vec::new(),
        opened: 0,
        prefix,
        explain,
    };
    comparing.open_subjects = comparing.open.keys().map(|key| comparing.subject_of(key).to_owned()).collect();
    let covered = if comparing.agencies.is_some() { covered(&books, ask, &comparing.limits) } else { Vec::new() };
    comparing.totals.days_covered = covered.iter().map(|stretch| (stretch.until - stretch.from).num_days()).sum();
    match ask.side {
        BookSide::Post => items::compare(&mut comparing, &books, &covered)?,
        BookSide::OneStop => cases::compare(&mut comparing, &covered)?,
    }
    comparing.write()?;
    let healed = comparing.heal()?;
    let (totals, opened) = (comparing.totals, comparing.opened);
    let run = if ask.dry_run { None } else { Some(keep(app, ask, as_of, &totals, doing)?) };
    Ok(Outcome { run, totals, opened, healed })
}

fn used(book: &BookRow) -> UsedBook {
    let as_of = Ts::from_us(book.as_of_us).to_rfc3339();
    UsedBook { id: book.id.clone(), as_of, complete: book.complete == 1, entries: book.entries }
}

/// The agencies whose legs the counterpart may speak of and ought to have; none of one that is neither configured nor has a key: then
/// nothing is judged missing, and an operator who loads its file may pair all legs.
fn scope_of(app: &App, ask: &Ask) -> Result<Option<Agencies>, AppError> {
    let routes = match ask.side {
        BookSide::Post => &app.routes.post,
        BookSide::OneStop => &app.routes.one_stop,
    };
    if let Some(route) = routes.iter().find(|route| route.counterpart == ask.counterpart) {
        return Ok(Some(route.agencies.clone()));
    }
    let keys = app.store.read(crate::store::read::keys::all)?;
    let mut codes: Vec<String> = Vec::new();
    for key in keys.iter().filter(|key| key.counterpart == ask.counterpart && key.revoked_at_us.is_none()) {
        codes.extend(key.agencies.split(',').map(str::to_owned));
    }
    Ok((!codes.is_empty()).then(|| Agencies::from_list(&codes)))
}

/// A stretch of days for which absence proves something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: NaiveDate,
    until: NaiveDate,
    /// Of papers that were ordered alone.
    of_orders: bool,
}

/// The days that a complete book covers which was written long enough after them.
fn covered(books: &[BookRow], ask: &Ask, limits: &Limits) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut day = ask.from;
    while day < ask.until {
        let Some(next) = day.succ_opt() else { break };
        let settled = instant(next).us().saturating_add(limits.lag_us);
        let text = day.to_string();
        let says = |book: &&BookRow| {
            book.complete == 1 && book.from_day <= text && text < book.until_day && book.as_of_us >= settled
        };
        if books.iter().any(|book| says(&book)) {
            let of_orders = !books.iter().filter(says).any(has_everything);
            match stretches.last_mut() {
                Some(last) if last.until == day && last.of_orders == of_orders => last.until = next,
                _ => stretches.push(Stretch { from: day, until: next, of_orders }),
            }
        }
        day = next;
    }
    stretches
}

fn instant(day: NaiveDate) -> Ts {
    day.and_hms_opt(0, 0, 0).and_then(Ts::from_vietnam).unwrap_or(Ts::from_us(0))
}

fn window(from: NaiveDate, until: NaiveDate) -> Window {
    Window { from_us: instant(from).us(), until_us: instant(until).us() }
}

/// One comparison under way.
struct Comparing<'r> {
    app: &'r App,
    ask: &'r Ask,
    limits: Limits,
    as_of: Ts,
    agencies: Option<Agencies>,
    totals: Totals,
    /// What was open before, by subject key.
    open: BTreeMap<String, DiscrepancyRow>,
    open_subjects: BTreeSet<String>,
    /// Subjects of what was open that this run has looked at.
    looked_at: BTreeSet<String>,
    found_now: BTreeSet<String>,
    /// Legs that the post has ordered twice.
    doubled: BTreeSet<String>,
    waiting: Vec<Found>,
    opened: usize,
    prefix: String,
    explain: Listener<'r>,
}

/// Findings of one transaction.
const FOUND_MAX: usize = 200;

impl Comparing<'_> {
    /// Keys are `BOOK:SIDE:COUNTERPART:KIND:SUBJECT`.
    fn subject_of<'k>(&self, key: &'k str) -> &'k str {
        let rest = key.strip_prefix(self.prefix.as_str()).unwrap_or(key);
        rest.split_once(':').map_or(rest, |(_, subject)| subject)
    }

    /// Whether the counterpart may speak of this leg.
    fn may_name(&self, leg: &LegWord) -> bool {
        self.agencies.as_ref().is_none_or(|agencies| agencies.sees(&leg.agency_code))
    }

    /// Remembers that a subject was looked at. Only those with something open matter: a year of items would not fit into memory.
    fn looked_at(&mut self, subject: &str) {
        if self.open_subjects.contains(subject) {
            self.looked_at.insert(subject.to_owned());
        }
    }

    fn paired_by(&mut self, by: &str) {
        match self.totals.paired.get_mut(by) {
            Some(pairs) => *pairs += 1,
            None => drop(self.totals.paired.insert(by.to_owned(), 1)),
        }
    }

    /// Takes what differs between a leg and an entry, or of one of them alone.
    fn found(&mut self, difference: &Difference, leg: Option<&LegWord>, entry: Option<InBook<'_>>, why: &str) {
        let subject = leg.map(|leg| leg.leg_id.as_str()).or(entry.map(|entry| entry.key));
        let key = format!("{}{}:{}", self.prefix, difference.kind, subject.unwrap_or_default());
        *self.totals.found.entry(difference.kind.as_str().to_owned()).or_default() += 1;
        if !self.found_now.insert(key.clone()) {
            return;
        }
        let field = difference.field.to_owned();
        let word = |book: &str, row: Option<String>, says: &Option<String>| Evidence {
            book: Some(BookWord { book: book.to_owned(), row, field: field.clone(), says: says.clone() }),
            ..Evidence::default()
        };
        let mut evidence = vec![
            word("LEDGER", leg.map(|leg| leg.leg_id.clone()), &difference.ledger),
            word(self.ask.side.as_str(), entry.map(|entry| entry.key.to_owned()), &difference.book),
        ];
        let paired = BookWord { book: "PAIRED".to_owned(), row: None, field: why.to_owned(), says: None };
        evidence.push(Evidence { book: Some(paired), ..Evidence::default() });
        // What is open already and was seen since the newest word of the books stays as it is.
        let unchanged = self.open.get(&key).is_some_and(|row| {
            let shown = crate::app::discrepancies::evidence_of(row);
            row.last_seen_at_us >= self.as_of.us() && evidence.iter().all(|piece| shown.contains(piece))
        });
        if unchanged {
            return;
        }
        let agency = leg.map(|leg| leg.agency_code.as_str()).or(entry.and_then(|entry| entry.agency));
        self.waiting.push(Found {
            kind: difference.kind,
            subject_key: key,
            leg_id: leg.map(|leg| leg.leg_id.clone()),
            handover_id: None,
            agency_code: agency.map(str::to_owned),
            reporter: Some(self.ask.counterpart.clone()),
            evidence,
        });
    }

    /// Looks at the entries of the window that are not plain, and writes what is found on the way; how many were plain.
    fn each_page(
        &mut self,
        pages: Receiver<Result<Page, AppError>>,
        compare: fn(&mut Self, Pairs) -> Result<(), AppError>,
    ) -> Result<i64, AppError> {
        let mut looked_at = 0;
        for page in pages {
            let Page { pairs, entries } = page?;
            self.totals.entries += entries;
            looked_at += i64::try_from(pairs.len()).unwrap_or(i64::MAX);
            compare(self, pairs)?;
            self.write_some()?;
        }
        Ok((self.totals.entries - looked_at).max(0))
    }

    fn told(&mut self, entry: Option<&str>, leg: Option<&LegWord>, why: &str, found: &[Difference]) {
        if let Some(explain) = &mut self.explain {
            explain(Explained {
                entry_key: entry.map(str::to_owned),
                leg_id: leg.map(|leg| leg.leg_id.clone()),
                why: why.to_owned(),
                kinds: found.iter().map(|one| one.kind).collect(),
            });
        }
    }

    /// Writes what was found so far, when it is enough for a transaction.
    fn write_some(&mut self) -> Result<(), AppError> {
        if self.waiting.len() >= FOUND_MAX { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), AppError> {
        let waiting = std::mem::take(&mut self.waiting);
        if self.ask.dry_run {
            self.opened += waiting.iter().filter(|found| !self.open.contains_key(&found.subject_key)).count();
            return Ok(());
        }
        for part in waiting.chunks(FOUND_MAX) {
            self.opened += self.app.decide_and_commit(None, |set| {
                let mut findings = Findings::default();
                let keys: Vec<String> = part.iter().map(|found| found.subject_key.clone()).collect();
                let now = self.app.now();
                let opened = self.app.store.read(|db| {
                    let known = newest_by_subject(db, &keys)?;
                    let newest = |found: &Found| known.iter().find(|row| row.subject_key == found.subject_key);
                    for found in part {
                        let words: Vec<BookWord> =
                            found.evidence.iter().filter_map(|piece| piece.book.clone()).collect();
                        if !newest(found).is_some_and(|row| rests(row, &words)) {
                            findings.find(found.clone());
                        }
                    }
                    findings.settle(self.app, db, now, set)?;
                    Ok(set.discrepancies.len())
                })?;
                Ok(opened)
            })?;
        }
        Ok(())
    }

    /// What was open, was looked at and was not found again is no more.
    fn heal(&mut self) -> Result<usize, AppError> {
        let over: Vec<&String> = self
            .open
            .keys()
            .filter(|key| !self.found_now.contains(*key) && self.looked_at.contains(self.subject_of(key)))
            .collect();
        if self.ask.dry_run {
            return Ok(over.len());
        }
        let newest = self.totals.books.first();
        let why = newest.map_or_else(String::new, |book| {
            format!("the books agree: {} of {}, as of {}", book.id, self.ask.counterpart, book.as_of)
        });
        for part in over.chunks(FOUND_MAX) {
            self.app.decide_and_commit(None, |set| {
                let mut findings = Findings::default();
                part.iter().for_each(|key| findings.heal((*key).clone(), &why));
                let now = self.app.now();
                self.app.store.read(|db| findings.settle(self.app, db, now, set).map(|_| ()))?;
                Ok(())
            })?;
        }
        Ok(over.len())
    }
}

/// Reads on a thread of its own while what was read before is compared, as long as somebody takes it.
fn ahead<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    read: impl FnOnce(&dyn Fn(Result<T, AppError>) -> bool) -> Result<(), AppError> + Send + 'scope,
) -> Receiver<Result<T, AppError>> {
    let (give, take) = sync_channel(1);
    scope.spawn(move || {
        let given = |page| give.send(page).is_ok();
        if let Err(error) = read(&given) {
            given(Err(error));
        }
    });
    take
}

/// Reads the entries of the window that do not plainly agree, day by day.
fn pages<'scope>(
    scope: &'scope Scope<'scope, '_>,
    app: &'scope App,
    ask: &'scope Ask,
    plain: &'scope Plain,
) -> Receiver<Result<Page, AppError>> {
    ahead(scope, move |give| {
        let mut page = Page { pairs: Vec::new(), entries: 0 };
        for day in ask.from.iter_days().take_while(|day| *day < ask.until) {
            let (day, mut after) = (day.to_string(), String::new());
            page.entries += app.store.read(|db| pairs::count(db, ask.of(), &day))?;
            loop {
                let limit = PAGE - page.pairs.len();
                let rows = i64::try_from(limit).unwrap_or(i64::MAX);
                let read = app.store.read(|db| pairs::doubtful(db, ask.of(), &day, plain, &after, rows))?;
                let is_last = read.len() < limit;
                after = read.last().map_or(after, |(entry, _)| entry.entry_key.clone());
                page.pairs.extend(read);
                if is_last {
                    break;
                }
                let full = std::mem::replace(&mut page, Page { pairs: Vec::new(), entries: 0 });
                if !give(Ok(full)) {
                    return Ok(());
                }
            }
        }
        give(Ok(page));
        Ok(())
    })
}

/// What an entry is called when it differs, and whose it is.
#[derive(Clone, Copy)]
struct InBook<'e> {
    key: &'e str,
    agency: Option<&'e str>,
}

fn leg_word(row: ComparedLegRow) -> Result<LegWord, StoreError> {
    let parts = LegKind::parse(&row.kind).zip(State::parse(&row.state));
    let (kind, state) = parts.ok_or_else(|| StoreError::Corrupt(format!("leg {}", row.id)))?;
    Ok(LegWord {
        leg_id: row.id,
        kind,
        agency_code: row.agency_code,
        state,
        since: Ts::from_us(row.state_since_us),
        accepted_at: row.accepted_by_post_at_us.map(Ts::from_us),
        item_number: row.item_number,
        dossier_no: row.dossier_no,
        originals: row.originals,
        copies: row.copies,
        seal_no: row.seal_no,
        fee_to_collect: row.fee_to_collect,
    })
}

fn broken_entry(key: &str) -> StoreError {
    StoreError::Corrupt(format!("entry {key}"))
}

/// Keeps the run; one that found exactly what the last one of the same window found is that one.
fn keep(app: &App, ask: &Ask, as_of: Ts, totals: &Totals, doing: Doing<'_>) -> Result<ReconciliationRow, AppError> {
    let text = serde_json::to_string(totals).map_err(|error| AppError::Internal(error.to_string()))?;
    let of = ask.of();
    let row = ReconciliationRow {
        id: ReconciliationId::make(&app.ids).into(),
        side: ask.side.as_str().to_owned(),
        counterpart: ask.counterpart.clone(),
        from_day: ask.from.to_string(),
        until_day: ask.until.to_string(),
        as_of_us: as_of.us(),
        sha256: sha256_hex(text.as_bytes()),
        totals: text,
        run_at_us: app.now().us(),
        run_by: doing.person.map(str::to_owned),
    };
    app.decide_and_commit(None, |set| {
        let before = app.store.read(|db| kept::runs(db, Some(of), RUNS_LOOKED_AT))?;
        let same = before
            .into_iter()
            .find(|run| (&run.from_day, &run.until_day, &run.sha256) == (&row.from_day, &row.until_day, &row.sha256));
        if let Some(same) = same {
            return Ok(same);
        }
        set.reconciliations.push(row.clone());
        set.acts.push(act(app, doing, "RECONCILIATION.RUN", Some(&row.id)));
        Ok(row.clone())
    })
}

const RUNS_LOOKED_AT: i64 = 20;

/// The newest runs.
pub fn runs(app: &App, limit: i64) -> Result<Vec<ReconciliationRow>, AppError> {
    Ok(app.store.read(|db| kept::runs(db, None, limit))?)
}

/// One run.
pub fn get(app: &App, id: &str) -> Result<ReconciliationRow, AppError> {
    app.store.read(|db| kept::run(db, id))?.ok_or_else(|| AppError::plain(Code::NotFound))
}

/// The totals of a run.
pub fn totals_of(row: &ReconciliationRow) -> Totals {
    serde_json::from_str(&row.totals).unwrap_or_default()
}
