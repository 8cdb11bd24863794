//! The work list: whatever needs a person, as one list in the order in which it ought to be settled.
//!
//! Each source is a stream with one allowance of time, so streams merge by the instant at which their rows fall due, and a page
//! ends at (that instant, id): what existed when the reader began comes exactly once.

use crate::app::people::{Doing, act};
use crate::app::{App, AppError, discrepancies, outbox};
use crate::base::id::ProposalId;
use crate::base::time::DAY_US;
use crate::domain::discrepancy::{Kind, Resolution};
use crate::domain::exception::{Grade, Sort, grade_of, sort_of};
use crate::domain::leg::Holder;
use crate::domain::person::{Person, Right};
use crate::store::exception_rows::{ExceptionOwnerRow, ProposalRow};
use crate::store::people_rows::AuditRow;
use crate::store::read::exceptions::{self as read, Stretch, UnknownCode, Whose};
use crate::store::rows::{DiscrepancyRow, InboxRow, LegRow, OutboxRow};
use crate::store::write::InboxDone;
use crate::store::{Db, StoreError};

/// How many days a holder may have the papers before somebody asks. Elapsed days: papers age on days off too.
#[derive(Debug, Clone, Copy)]
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

/// Whose exceptions a person sees.
pub fn reach_of(person: &Person) -> read::Reach {
    let caller = person.caller();
    read::Reach { agencies: caller.agencies, post_office: caller.post_office, reporter: caller.counterpart }
}

enum Source {
    Discrepancies(Vec<&'static str>),
    Codes,
    Held(Holder),
    Messages,
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
            let of = |kind: &&Kind| sort_of(**kind) == sort && grade_of(**kind) == grade;
            let kinds: Vec<&'static str> = Kind::ALL.iter().filter(of).map(|kind| kind.as_str()).collect();
            if !kinds.is_empty() {
                streams.push(stream(sort, grade, Source::Discrepancies(kinds)));
            }
        }
    }
    streams.push(stream(Sort::Code, grade_of(Kind::UnmappedStatus), Source::Codes));
    for holder in Holder::ALL.iter().copied() {
        let grade = if holder == Holder::Unknown { Grade::High } else { Grade::Middle };
        streams.push(Stream {
            allowed_us: held.of(holder) * DAY_US,
            ..stream(Sort::Custody, grade, Source::Held(holder))
        });
    }
    if person.may(Right::Messages) {
        streams.push(stream(Sort::Message, Grade::High, Source::Messages));
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
        reach: &read::Reach,
        filter: &Filter,
        now_us: i64,
    ) -> Result<Vec<Exception>, StoreError> {
        // The mark is an instant of falling due; in this stream it stands for one of beginning.
        let after = filter.after.as_ref().map(|(due_us, id)| (due_us.saturating_sub(self.allowed_us), id.clone()));
        let stretch = Stretch { after, limit: filter.limit, whose: filter.whose.clone() };
        Ok(match &self.source {
            Source::Discrepancies(kinds) => read::discrepancies(db, reach, kinds, &stretch)?
                .into_iter()
                .map(|row| self.exception(&row.id.clone(), row.opened_at_us, Subject::Discrepancy(row)))
                .collect(),
            Source::Codes => {
                let later = |code: &UnknownCode| {
                    stretch.after.as_ref().is_none_or(|(at, id)| (code.since_us, &code.code) > (*at, id))
                };
                let codes = read::unknown_codes(db, reach)?.into_iter().filter(later);
                let codes = codes.map(|code| self.exception(&code.code.clone(), code.since_us, Subject::Code(code)));
                of_whose(db, codes.collect(), &filter.whose)?
            }
            Source::Held(holder) => {
                read::held_since(db, reach, holder.as_str(), now_us.saturating_sub(self.allowed_us), &stretch)?
                    .into_iter()
                    .map(|row| self.exception(&row.id.clone(), row.holder_since_us, Subject::Custody(Box::new(row))))
                    .collect()
            }
            Source::Messages => read::parked(db, &stretch)?
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
    let reach = reach_of(person);
    let wanted = streams(person, held).into_iter().filter(|stream| {
        filter.sort.is_none_or(|sort| sort == stream.sort) && filter.grade.is_none_or(|grade| grade == stream.grade)
    });
    let wanted: Vec<Stream> = wanted.collect();
    Ok(app.store.read(|db| {
        let mut found = Vec::new();
        for stream in &wanted {
            found.extend(stream.read(db, &reach, filter, now_us)?);
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
    let reach = reach_of(person);
    let filter = Filter { sort: None, grade: None, whose: whose.clone(), after: None, limit: most };
    Ok(app.store.read(|db| {
        let mut counts: Vec<(Sort, i64)> = Vec::new();
        for stream in streams(person, held) {
            let found = i64::try_from(stream.read(db, &reach, &filter, now_us)?.len()).unwrap_or(i64::MAX);
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
    let reach = reach_of(person);
    let stands = |sort, grade: Grade| Stream { sort, grade, allowed_us: grade.days() * DAY_US, source: Source::Codes };
    Ok(app.store.read(|db| {
        let found = match sort {
            Sort::Discrepancy | Sort::Fact => read::discrepancy_in_reach(db, &reach, id)?.and_then(|row| {
                let kind = Kind::parse(&row.kind).filter(|kind| sort_of(*kind) == sort)?;
                Some(stands(sort, grade_of(kind)).exception(id, row.opened_at_us, Subject::Discrepancy(row)))
            }),
            Sort::Code => {
                let code = read::unknown_codes(db, &reach)?.into_iter().find(|code| code.code == id);
                code.map(|code| {
                    stands(sort, grade_of(Kind::UnmappedStatus)).exception(id, code.since_us, Subject::Code(code))
                })
            }
            Sort::Custody => crate::store::read::legs::by_id(db, id)?
                .filter(|row| person.caller().sees(&row.agency_code, &row.post_office_code))
                .and_then(|row| {
                    let holder = Holder::parse(&row.holder)?;
                    let grade = if holder == Holder::Unknown { Grade::High } else { Grade::Middle };
                    let stream = Stream { allowed_us: held.of(holder) * DAY_US, ..stands(sort, grade) };
                    Some(stream.exception(id, row.holder_since_us, Subject::Custody(Box::new(row))))
                }),
            Sort::Message if person.may(Right::Messages) => crate::store::read::messages::by_id(db, id)?.map(|row| {
                let since = row.parked_at_us.unwrap_or(row.created_at_us);
                stands(sort, Grade::High).exception(id, since, Subject::Message(row))
            }),
            Sort::Inbox if person.may(Right::Messages) => read::inbox_row(db, id)?
                .map(|row| stands(sort, Grade::Middle).exception(id, row.received_at_us, Subject::Inbox(row))),
            Sort::Message | Sort::Inbox => None,
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

/// Why it was not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is settled already.
    Settled,
    /// No reason given.
    Reason,
    /// This sort cannot be settled so.
    Sort,
    /// A proposal waits already.
    Proposed,
    /// Nothing was proposed.
    Nothing,
    /// Who proposed it cannot decide it: four eyes.
    OwnProposal,
}

/// Takes an exception in hand.
pub fn take(app: &App, person: &Person, doing: Doing<'_>, exception: &Exception) -> Result<(), AppError> {
    app.decide_and_commit(None, |set| {
        set.settling.owners.push(ExceptionOwnerRow {
            subject: exception.id.clone(),
            person_id: person.id.clone(),
            at_us: app.now().us(),
        });
        set.acts.push(act(app, doing, "EXCEPTION.TAKE", Some(&exception.id)));
        Ok(())
    })
}

/// Resolves a discrepancy with a reason: explained, or the books were put right. Accepting it needs two people.
pub fn resolve(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    exception: &Exception,
    outcome: Resolution,
    reason: &str,
) -> Result<Result<(), Refused>, AppError> {
    let Subject::Discrepancy(row) = &exception.subject else { return Ok(Err(Refused::Sort)) };
    if outcome == Resolution::Accepted {
        return Ok(Err(Refused::Sort));
    }
    let reason = reason.trim();
    if reason.is_empty() {
        return Ok(Err(Refused::Reason));
    }
    app.decide_and_commit(None, |set| {
        let row = discrepancies::get(app, &person.caller(), &row.id)?;
        if row.state != "OPEN" {
            return Ok(Err(Refused::Settled));
        }
        set.acts.push(act(app, doing, "EXCEPTION.RESOLVE", Some(&row.id)));
        discrepancies::resolve_into(app, row, outcome, reason, &person.caller().counterpart, set)?;
        Ok(Ok(()))
    })
}

/// Proposes to accept an exception as it is; it stays open until another person decides.
pub fn propose(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    exception: &Exception,
    note: &str,
) -> Result<Result<(), Refused>, AppError> {
    let note = note.trim();
    if !exception.sort.may_be_accepted() {
        return Ok(Err(Refused::Sort));
    }
    if !exception.is_open() {
        return Ok(Err(Refused::Settled));
    }
    if note.is_empty() {
        return Ok(Err(Refused::Reason));
    }
    app.decide_and_commit(None, |set| {
        let known = app.store.read(|db| read::proposals_of(db, &exception.id))?;
        if known.iter().any(|row| row.state == "PROPOSED") {
            return Ok(Err(Refused::Proposed));
        }
        set.settling.proposals.push(ProposalRow {
            id: ProposalId::make(&app.ids).into(),
            subject: exception.id.clone(),
            note: note.to_owned(),
            state: "PROPOSED".to_owned(),
            proposed_by: person.id.clone(),
            proposed_at_us: app.now().us(),
            decided_by: None,
            decided_at_us: None,
            decision_note: None,
        });
        set.acts.push(act(app, doing, "EXCEPTION.PROPOSE", Some(&exception.id)));
        Ok(Ok(()))
    })
}

/// Approves or declines what another person proposed. Approved, it is settled in the same transaction.
pub fn decide(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    exception: &Exception,
    approves: bool,
    note: &str,
) -> Result<Result<(), Refused>, AppError> {
    app.decide_and_commit(None, |set| {
        let known = app.store.read(|db| read::proposals_of(db, &exception.id))?;
        let Some(open) = known.into_iter().find(|row| row.state == "PROPOSED") else {
            return Ok(Err(Refused::Nothing));
        };
        if open.proposed_by == person.id {
            return Ok(Err(Refused::OwnProposal));
        }
        let word = if approves { "EXCEPTION.APPROVE" } else { "EXCEPTION.DECLINE" };
        set.acts.push(act(app, doing, word, Some(&exception.id)));
        if approves {
            accept(app, person, exception, &open.note, set)?;
        }
        set.settling.decided_proposals.push(ProposalRow {
            state: if approves { "APPROVED" } else { "DECLINED" }.to_owned(),
            decided_by: Some(person.id.clone()),
            decided_at_us: Some(app.now().us()),
            decision_note: Some(note.trim().to_owned()).filter(|note| !note.is_empty()),
            ..open
        });
        Ok(Ok(()))
    })
}

fn accept(
    app: &App,
    person: &Person,
    exception: &Exception,
    note: &str,
    set: &mut crate::store::WriteSet,
) -> Result<(), AppError> {
    match &exception.subject {
        Subject::Discrepancy(row) => {
            let caller = person.caller();
            let row = discrepancies::get(app, &caller, &row.id)?;
            discrepancies::resolve_into(app, row, Resolution::Accepted, note, &caller.counterpart, set)?;
        }
        Subject::Inbox(row) => set.settling.inbox_rests.push(InboxDone {
            id: row.id.clone(),
            state: "DONE".to_owned(),
            done_at_us: app.now().us(),
            error: row.error.clone(),
        }),
        Subject::Message(_) | Subject::Code(_) | Subject::Custody(_) => {}
    }
    Ok(())
}

/// Sends a parked message again, mended or as it is; the act stands beside it.
pub fn send_again(
    app: &App,
    person: &Person,
    doing: Doing<'_>,
    id: &str,
    body: Option<&str>,
    reason: &str,
) -> Result<(), AppError> {
    match body {
        Some(body) => outbox::mend(app, id, body, reason, &person.username)?,
        None => outbox::replay(app, id, reason, &person.username)?,
    };
    let word = if body.is_some() { "MESSAGE.MEND" } else { "MESSAGE.REPLAY" };
    Ok(app.store.insert_act(act(app, doing, word, Some(id)))?)
}
