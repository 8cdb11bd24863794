//! The work list: whatever needs a person, as one list in the order in which it ought to be settled.
//!
//! Each source is a stream with one allowance of time, so streams merge by the instant at which their rows fall due, and a page
//! ends at (that instant, id): what existed when the reader began comes exactly once.

mod settling;

use crate::app::{App, AppError};
use crate::base::time::DAY_US;
use crate::domain::access::Caller;
use crate::domain::discrepancy::{Grade, Kind};
use crate::domain::exception::{Sort, sort_of};
use crate::domain::leg::Holder;
use crate::domain::person::{Person, Right};
use crate::store::exception_rows::ProposalRow;
use crate::store::people_rows::AuditRow;
use crate::store::read::exceptions::{self as read, Messages, Stretch, UnknownCode, Whose};
use crate::store::rows::{DiscrepancyRow, InboxRow, LegRow, OutboxRow};
use crate::store::{Db, StoreError};

pub use settling::{Refused, decide, propose, resolve, send_again, take, withdraw};

/// How many days a holder may have the papers before somebody asks. Elapsed days: papers age on days off too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct HeldDays {
    pub citizen: u32,
    pub post: u32,
    pub agency: u32,
}

impl HeldDays {
    /// The days of a holder; papers that nobody can place are asked for at once.
    pub fn of(&self, holder: Holder) -> i64 {
        match holder {
            Holder::Citizen => i64::from(self.citizen),
            Holder::Post => i64::from(self.post),
            Holder::Agency => i64::from(self.agency),
            Holder::Unknown => 0,
        }
    }
}

/// What the list is narrowed to.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only these.
    pub sort: Option<Sort>,
    /// Only these.
    pub grade: Option<Grade>,
    /// Whose.
    pub whose: Whose,
    /// The last one of the page before.
    pub after: Option<(i64, String)>,
    /// At most.
    pub limit: i64,
}

/// What an exception is about.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Subject {
    Discrepancy(DiscrepancyRow),
    Message(OutboxRow),
    Code(UnknownCode),
    Custody(Box<LegRow>),
    Inbox(InboxRow),
}

/// One exception.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Where it comes from.
    pub sort: Sort,
    /// Its id, or `FAMILY:CODE`.
    pub id: String,
    /// How heavy it is.
    pub grade: Grade,
    /// Since when.
    pub since_us: i64,
    /// When it ought to have been settled.
    pub due_us: i64,
    /// What it is about.
    pub subject: Subject,
    /// The leg that it is about.
    pub leg: Option<LegRow>,
    /// Who took it in hand: id and full name.
    pub owner: Option<(String, String)>,
    /// A proposal waits for a second person.
    pub proposed: bool,
}

/// Which messages a person sees: administrators all, supervisors those about their own legs.
fn messages_of(person: &Person) -> Messages {
    if person.may(Right::Messages) { Messages::All } else { Messages::OfOwnLegs }
}

enum Source {
    Discrepancies(Vec<&'static str>),
    Codes,
    Held(Holder),
    Messages(Messages),
    Inbox,
}

struct Stream {
    sort: Sort,
    grade: Grade,
    allowed_us: i64,
    source: Source,
}

/// Every stream that the person may see.
fn streams(person: &Person, held: HeldDays) -> Vec<Stream> {
    let stream = |sort, grade: Grade, source| Stream { sort, grade, allowed_us: grade.days() * DAY_US, source };
    let mut streams = Vec::new();
    for sort in [Sort::Discrepancy, Sort::Fact] {
        for grade in Grade::ALL.iter().copied() {
            let of = |kind: &&Kind| sort_of(**kind) == sort && kind.entry().grade == grade;
            let kinds: Vec<&'static str> = Kind::ALL.iter().filter(of).map(|kind| kind.as_str()).collect();
            if !kinds.is_empty() {
                streams.push(stream(sort, grade, Source::Discrepancies(kinds)));
            }
        }
    }
    streams.push(stream(Sort::Code, Kind::UnmappedStatus.entry().grade, Source::Codes));
    for holder in Holder::ALL.iter().copied() {
        let grade = if holder == Holder::Unknown { Grade::High } else { Grade::Middle };
        streams.push(Stream {
            allowed_us: held.of(holder) * DAY_US,
            ..stream(Sort::Custody, grade, Source::Held(holder))
        });
    }
    streams.push(stream(Sort::Message, Grade::High, Source::Messages(messages_of(person))));
    // What cannot be read names no leg, so nobody knows whose it is.
    if person.may(Right::Messages) {
        streams.push(stream(Sort::Inbox, Grade::Middle, Source::Inbox));
    }
    streams
}

impl Stream {
    fn exception(&self, id: &str, since_us: i64, subject: Subject) -> Exception {
        Exception {
            sort: self.sort,
            id: id.to_owned(),
            grade: self.grade,
            since_us,
            due_us: since_us.saturating_add(self.allowed_us),
            subject,
            leg: None,
            owner: None,
            proposed: false,
        }
    }

    fn read(
        &self,
        db: &mut Db<'_>,
        caller: &Caller,
        filter: &Filter,
        now_us: i64,
    ) -> Result<Vec<Exception>, StoreError> {
        // The mark is an instant of falling due; in this stream it stands for one of beginning.
        let after = filter.after.as_ref().map(|(due_us, id)| (due_us.saturating_sub(self.allowed_us), id.clone()));
        let stretch = Stretch { after, limit: filter.limit, whose: filter.whose.clone() };
        Ok(match &self.source {
            Source::Discrepancies(kinds) => read::discrepancies(db, caller, kinds, &stretch)?
                .into_iter()
                .map(|row| self.exception(&row.id.clone(), row.opened_at_us, Subject::Discrepancy(row)))
                .collect(),
            Source::Codes => {
                let later = |code: &UnknownCode| {
                    stretch.after.as_ref().is_none_or(|(at, id)| (code.since_us, &code.code) > (*at, id))
                };
                let codes = read::unknown_codes(db, caller)?.into_iter().filter(later);
                let codes = codes.map(|code| self.exception(&code.code.clone(), code.since_us, Subject::Code(code)));
                of_whose(db, codes.collect(), &filter.whose)?
            }
            Source::Held(holder) => {
                read::held_since(db, caller, holder.as_str(), now_us.saturating_sub(self.allowed_us), &stretch)?
                    .into_iter()
                    .map(|row| self.exception(&row.id.clone(), row.holder_since_us, Subject::Custody(Box::new(row))))
                    .collect()
            }
            Source::Messages(which) => read::parked(db, caller, *which, &stretch)?
                .into_iter()
                .map(|row| {
                    self.exception(
                        &row.id.clone(),
                        row.parked_at_us.unwrap_or(row.created_at_us),
                        Subject::Message(row),
                    )
                })
                .collect(),
            Source::Inbox => read::put_aside(db, &stretch)?
                .into_iter()
                .map(|row| self.exception(&row.id.clone(), row.received_at_us, Subject::Inbox(row)))
                .collect(),
        })
    }
}

/// Codes are few and grouped, so whose they are is told here.
fn of_whose(db: &mut Db<'_>, codes: Vec<Exception>, whose: &Whose) -> Result<Vec<Exception>, StoreError> {
    let ids: Vec<String> = codes.iter().map(|code| code.id.clone()).collect();
    let keep: Vec<String> = match whose {
        Whose::All => return Ok(codes),
        Whose::Person(person) => read::owners(db, &ids)?
            .into_iter()
            .filter(|(_, (id, ..))| id == person)
            .map(|(subject, _)| subject)
            .collect(),
        Whose::Proposed => crate::store::read::status_rules::all(db, PROPOSALS_MAX)?
            .into_iter()
            .filter(|rule| rule.state == "PROPOSED")
            .map(|rule| code_of(&rule.family, &rule.raw_code, &rule.raw_text))
            .collect(),
    };
    Ok(codes.into_iter().filter(|code| keep.contains(&code.id)).collect())
}

const PROPOSALS_MAX: i64 = 500;

/// `FAMILY:CODE`, or `FAMILY:TEXT` where there is no code.
pub fn code_of(family: &str, raw_code: &str, raw_text: &str) -> String {
    format!("{family}:{}", if raw_code.is_empty() { raw_text } else { raw_code })
}

/// A page of the list; one more than the limit is never read, so a full page may be the last.
pub fn page(app: &App, person: &Person, held: HeldDays, filter: &Filter) -> Result<Vec<Exception>, AppError> {
    let now_us = app.now().us();
    let caller = person.caller();
    let wanted = streams(person, held).into_iter().filter(|stream| {
        filter.sort.is_none_or(|sort| sort == stream.sort) && filter.grade.is_none_or(|grade| grade == stream.grade)
    });
    let wanted: Vec<Stream> = wanted.collect();
    Ok(app.store.read(|db| {
        let mut found = Vec::new();
        for stream in &wanted {
            found.extend(stream.read(db, &caller, filter, now_us)?);
        }
        found.sort_by(|a, b| (a.due_us, &a.id).cmp(&(b.due_us, &b.id)));
        found.truncate(usize::try_from(filter.limit).unwrap_or(usize::MAX));
        complete(db, found)
    })?)
}

/// How many of each sort there are, counted up to a bound: more is said as "99+".
pub fn counts(
    app: &App,
    person: &Person,
    held: HeldDays,
    whose: &Whose,
    most: i64,
) -> Result<Vec<(Sort, i64)>, AppError> {
    let now_us = app.now().us();
    let caller = person.caller();
    let filter = Filter { sort: None, grade: None, whose: whose.clone(), after: None, limit: most };
    Ok(app.store.read(|db| {
        let mut counts: Vec<(Sort, i64)> = Vec::new();
        for stream in streams(person, held) {
            let found = i64::try_from(stream.read(db, &caller, &filter, now_us)?.len()).unwrap_or(i64::MAX);
            match counts.iter_mut().find(|(sort, _)| *sort == stream.sort) {
                Some((_, count)) => *count = count.saturating_add(found),
                None => counts.push((stream.sort, found)),
            }
        }
        Ok(counts)
    })?)
}

/// Adds leg, owner and proposal.
fn complete(db: &mut Db<'_>, mut found: Vec<Exception>) -> Result<Vec<Exception>, StoreError> {
    let ids: Vec<String> = found.iter().map(|one| one.id.clone()).collect();
    let leg_ids: Vec<String> = found.iter().filter_map(|one| leg_id_of(&one.subject)).collect();
    let (owners, proposed) = (read::owners(db, &ids)?, read::proposed(db, &ids)?);
    let legs = read::dossiers_of(db, &leg_ids)?;
    for one in &mut found {
        one.owner = owners.get(&one.id).map(|(id, name, _)| (id.clone(), name.clone()));
        one.proposed = proposed.contains(&one.id);
        one.leg = leg_id_of(&one.subject).and_then(|id| legs.get(&id).cloned());
    }
    Ok(found)
}

fn leg_id_of(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Discrepancy(row) => row.leg_id.clone(),
        Subject::Message(row) => row.leg_id.clone(),
        Subject::Custody(row) => Some(row.id.clone()),
        Subject::Code(_) | Subject::Inbox(_) => None,
    }
}

/// One exception that the person may see, settled ones among them.
pub fn get(app: &App, person: &Person, held: HeldDays, sort: Sort, id: &str) -> Result<Option<Exception>, AppError> {
    let caller = person.caller();
    let stands = |sort, grade: Grade| Stream { sort, grade, allowed_us: grade.days() * DAY_US, source: Source::Codes };
    Ok(app.store.read(|db| {
        let found = match sort {
            Sort::Discrepancy | Sort::Fact => {
                crate::store::read::discrepancies::seen_by(db, &caller, id)?.and_then(|row| {
                    let kind = Kind::parse(&row.kind).filter(|kind| sort_of(*kind) == sort)?;
                    Some(stands(sort, kind.entry().grade).exception(id, row.opened_at_us, Subject::Discrepancy(row)))
                })
            }
            Sort::Code => {
                let code = read::unknown_codes(db, &caller)?.into_iter().find(|code| code.code == id);
                code.map(|code| {
                    stands(sort, Kind::UnmappedStatus.entry().grade).exception(id, code.since_us, Subject::Code(code))
                })
            }
            Sort::Custody => crate::store::read::legs::by_id(db, id)?
                .filter(|row| caller.sees(&row.agency_code, &row.post_office_code))
                .and_then(|row| {
                    let holder = Holder::parse(&row.holder)?;
                    let grade = if holder == Holder::Unknown { Grade::High } else { Grade::Middle };
                    let stream = Stream { allowed_us: held.of(holder) * DAY_US, ..stands(sort, grade) };
                    Some(stream.exception(id, row.holder_since_us, Subject::Custody(Box::new(row))))
                }),
            Sort::Message => read::message_seen_by(db, &caller, messages_of(person), id)?.map(|row| {
                let since = row.parked_at_us.unwrap_or(row.created_at_us);
                stands(sort, Grade::High).exception(id, since, Subject::Message(row))
            }),
            Sort::Inbox if person.may(Right::Messages) => read::inbox_row(db, id)?
                .map(|row| stands(sort, Grade::Middle).exception(id, row.received_at_us, Subject::Inbox(row))),
            Sort::Inbox => None,
        };
        Ok(complete(db, found.into_iter().collect())?.pop())
    })?)
}

impl Exception {
    /// Whether it still needs somebody.
    pub fn is_open(&self) -> bool {
        match &self.subject {
            Subject::Discrepancy(row) => row.state == "OPEN",
            Subject::Message(row) => row.state == "PARKED",
            Subject::Inbox(row) => row.state == "QUARANTINED",
            Subject::Code(_) => true,
            Subject::Custody(row) => row.is_open == 1,
        }
    }
}

/// The proposals about it, oldest first.
pub fn proposals(app: &App, id: &str) -> Result<Vec<ProposalRow>, AppError> {
    Ok(app.store.read(|db| read::proposals_of(db, id))?)
}

/// Acts shown on one page.
const ACTS_MAX: i64 = 100;

/// What people did to it, oldest first, with their names.
pub fn history(app: &App, id: &str) -> Result<Vec<(AuditRow, Option<String>)>, AppError> {
    Ok(app.store.read(|db| read::acts_on(db, id, ACTS_MAX))?)
}
