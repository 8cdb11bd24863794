//! The sources of the work list, each in order of age, after a mark: what is open, parked, put aside or held too long.

use std::collections::BTreeMap;

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::domain::access::{Agencies, Caller};
use crate::domain::discrepancy::Kind;
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::exception_rows::{ExceptionOwnerRow, ProposalRow};
use crate::store::people_rows::AuditRow;
use crate::store::read::IN_LIST_MAX;
use crate::store::read::discrepancies::seen;
use crate::store::rows::{DiscrepancyRow, InboxRow, LegRow, OutboxRow};
use crate::store::schema::{audit, discrepancy, exception_owner, handover, inbox, leg, outbox, person, proposal};

/// `FAMILY:CODE` of a discrepancy about an unknown status: its subject is `UNMAPPED_STATUS:LEG:FAMILY:CODE`.
pub(super) const CODE_OF_SUBJECT: &str = "substr(discrepancy.subject_key, 18 + length(discrepancy.leg_id))";

/// Which messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    /// All.
    All,
    /// Orders and states about legs that the caller sees; a notification is its subscriber's.
    OfOwnLegs,
}

/// Which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// All.
    All,
    /// Those that this person took in hand.
    Person(String),
    /// Those with a proposal that waits for a second person.
    Proposed,
}

/// A stretch of a source: rows after (instant, id), in that order.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// The last one read.
    pub after: Option<(i64, String)>,
    /// Rows at most.
    pub limit: i64,
    /// Whose.
    pub whose: Whose,
}

/// Legs with an unknown status, by code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode {
    /// `FAMILY:CODE`.
    pub code: String,
    /// How many legs.
    pub legs: i64,
    /// When the first was found.
    pub since_us: i64,
    /// When it was last seen.
    pub last_us: i64,
}

macro_rules! stretch {
    ($query:ident, $since:expr, $id:expr, $stretch:expr) => {
        if let Some((at_us, id)) = &$stretch.after {
            $query = $query.filter($since.gt(*at_us).or($since.eq(*at_us).and($id.gt(id))));
        }
        match &$stretch.whose {
            Whose::All => {}
            Whose::Person(person_id) => {
                let own = exception_owner::table.filter(exception_owner::person_id.eq(person_id));
                $query = $query.filter(exists(own.filter(exception_owner::subject.eq($id))));
            }
            Whose::Proposed => {
                let open = proposal::table.filter(proposal::state.eq("PROPOSED"));
                $query = $query.filter(exists(open.filter(proposal::subject.eq($id))));
            }
        }
    };
}

/// Narrows a boxed query of messages to those that the caller sees.
macro_rules! messages_seen {
    ($query:ident, $caller:expr, $which:expr) => {
        if $which == Messages::OfOwnLegs {
            let of_message = leg::table.filter(leg::id.nullable().eq(outbox::leg_id));
            $query = $query.filter(outbox::kind.ne("WEBHOOK")).filter(exists(of_message));
            if let Agencies::Only(codes) = &$caller.agencies {
                $query = $query.filter(exists(of_message.filter(leg::agency_code.eq_any(codes))));
            }
            if let Some(office) = &$caller.post_office {
                $query = $query.filter(exists(of_message.filter(leg::post_office_code.eq(office))));
            }
        }
    };
}

/// Open legs that a holder has had since an instant or longer: what the work list and alerts call held too long.
macro_rules! held_too_long {
    ($holder:expr, $since_us:expr) => {
        leg::table.filter(leg::is_open.eq(1)).filter(leg::holder.eq($holder)).filter(leg::holder_since_us.le($since_us))
    };
}
pub(super) use held_too_long;

/// Open discrepancies of some kinds.
pub fn discrepancies(
    db: &mut Db<'_>,
    caller: &Caller,
    kinds: &[&str],
    stretch: &Stretch,
) -> Result<Vec<DiscrepancyRow>, StoreError> {
    on!(db, |c| {
        let mut query = discrepancy::table
            .filter(discrepancy::state.eq("OPEN"))
            .filter(discrepancy::kind.eq_any(kinds))
            .order((discrepancy::opened_at_us, discrepancy::id))
            .limit(stretch.limit)
            .select(DiscrepancyRow::as_select())
            .into_boxed();
        seen!(query, caller);
        stretch!(query, discrepancy::opened_at_us, discrepancy::id, stretch);
        Ok(query.load(c)?)
    })
}

/// Codes that nobody has given a meaning yet, oldest first.
pub fn unknown_codes(db: &mut Db<'_>, caller: &Caller) -> Result<Vec<UnknownCode>, StoreError> {
    let columns = (
        sql::<Text>(CODE_OF_SUBJECT),
        sql::<BigInt>("count(*)"),
        sql::<BigInt>("min(discrepancy.opened_at_us)"),
        sql::<BigInt>("max(discrepancy.last_seen_at_us)"),
    );
    let rows: Vec<(String, i64, i64, i64)> = on!(db, |c| {
        let mut query = discrepancy::table
            .filter(discrepancy::state.eq("OPEN"))
            .filter(discrepancy::kind.eq(Kind::UnmappedStatus.as_str()))
            .group_by(sql::<BigInt>("1"))
            .select(columns)
            .into_boxed();
        seen!(query, caller);
        query.load(c)
    })?;
    let code = |(code, legs, since_us, last_us)| UnknownCode { code, legs, since_us, last_us };
    let mut codes: Vec<UnknownCode> = rows.into_iter().map(code).collect();
    codes.sort_by(|a, b| (a.since_us, &a.code).cmp(&(b.since_us, &b.code)));
    Ok(codes)
}

/// Discrepancies about one unknown code, oldest first.
pub fn of_unknown_code(
    db: &mut Db<'_>,
    caller: &Caller,
    code: &str,
    limit: i64,
) -> Result<Vec<DiscrepancyRow>, StoreError> {
    on!(db, |c| {
        let mut query = discrepancy::table
            .filter(discrepancy::state.eq("OPEN"))
            .filter(discrepancy::kind.eq(Kind::UnmappedStatus.as_str()))
            .filter(sql::<Text>(CODE_OF_SUBJECT).eq(code))
            .order(discrepancy::id)
            .limit(limit)
            .select(DiscrepancyRow::as_select())
            .into_boxed();
        seen!(query, caller);
        Ok(query.load(c)?)
    })
}

/// Parked messages.
pub fn parked(
    db: &mut Db<'_>,
    caller: &Caller,
    which: Messages,
    stretch: &Stretch,
) -> Result<Vec<OutboxRow>, StoreError> {
    let since = outbox::parked_at_us.assume_not_null();
    on!(db, |c| {
        let mut query = outbox::table
            .filter(outbox::state.eq("PARKED"))
            .filter(outbox::parked_at_us.is_not_null())
            .order((outbox::parked_at_us, outbox::id))
            .limit(stretch.limit)
            .select(OutboxRow::as_select())
            .into_boxed();
        messages_seen!(query, caller, which);
        stretch!(query, since, outbox::id, stretch);
        Ok(query.load(c)?)
    })
}

/// One message that the caller sees.
pub fn message_seen_by(
    db: &mut Db<'_>,
    caller: &Caller,
    which: Messages,
    id: &str,
) -> Result<Option<OutboxRow>, StoreError> {
    on!(db, |c| {
        let mut query = outbox::table.filter(outbox::id.eq(id)).select(OutboxRow::as_select()).into_boxed();
        messages_seen!(query, caller, which);
        Ok(query.first(c).optional()?)
    })
}

/// Inbox rows that could not be read.
pub fn put_aside(db: &mut Db<'_>, stretch: &Stretch) -> Result<Vec<InboxRow>, StoreError> {
    on!(db, |c| {
        let mut query = inbox::table
            .filter(inbox::state.eq("QUARANTINED"))
            .order((inbox::received_at_us, inbox::id))
            .limit(stretch.limit)
            .select(InboxRow::as_select())
            .into_boxed();
        stretch!(query, inbox::received_at_us, inbox::id, stretch);
        Ok(query.load(c)?)
    })
}

/// One inbox row.
pub fn inbox_row(db: &mut Db<'_>, id: &str) -> Result<Option<InboxRow>, StoreError> {
    Ok(on!(db, |c| inbox::table.find(id).select(InboxRow::as_select()).first(c).optional())?)
}

/// Open legs that a holder has had since this instant or longer.
pub fn held_since(
    db: &mut Db<'_>,
    caller: &Caller,
    holder: &str,
    since_us: i64,
    stretch: &Stretch,
) -> Result<Vec<LegRow>, StoreError> {
    on!(db, |c| {
        let mut query = held_too_long!(holder, since_us)
            .order((leg::holder_since_us, leg::id))
            .limit(stretch.limit)
            .select(LegRow::as_select())
            .into_boxed();
        if let Agencies::Only(codes) = &caller.agencies {
            query = query.filter(leg::agency_code.eq_any(codes));
        }
        if let Some(office) = &caller.post_office {
            query = query.filter(leg::post_office_code.eq(office));
        }
        stretch!(query, leg::holder_since_us, leg::id, stretch);
        Ok(query.load(c)?)
    })
}

/// Who took these exceptions in hand: subject → person id, full name, since when.
pub fn owners(db: &mut Db<'_>, subjects: &[String]) -> Result<BTreeMap<String, (String, String, i64)>, StoreError> {
    let mut out = BTreeMap::new();
    for part in subjects.chunks(IN_LIST_MAX) {
        let rows: Vec<(ExceptionOwnerRow, String)> = on!(db, |c| exception_owner::table
            .inner_join(person::table.on(person::id.eq(exception_owner::person_id)))
            .filter(exception_owner::subject.eq_any(part))
            .select((ExceptionOwnerRow::as_select(), person::full_name))
            .load(c))?;
        out.extend(rows.into_iter().map(|(row, name)| (row.subject, (row.person_id, name, row.at_us))));
    }
    Ok(out)
}

/// Which of these exceptions wait for a second person.
pub fn proposed(db: &mut Db<'_>, subjects: &[String]) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for part in subjects.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| proposal::table
            .filter(proposal::state.eq("PROPOSED"))
            .filter(proposal::subject.eq_any(part))
            .select(proposal::subject)
            .load::<String>(c))?);
    }
    Ok(out)
}

/// The proposals about an exception, oldest first.
pub fn proposals_of(db: &mut Db<'_>, subject: &str) -> Result<Vec<ProposalRow>, StoreError> {
    Ok(on!(db, |c| proposal::table
        .filter(proposal::subject.eq(subject))
        .order(proposal::id)
        .select(ProposalRow::as_select())
        .load(c))?)
}

/// What people did to a thing, oldest first: the act, and the name of who did it.
pub fn acts_on(db: &mut Db<'_>, subject: &str, limit: i64) -> Result<Vec<(AuditRow, Option<String>)>, StoreError> {
    Ok(on!(db, |c| audit::table
        .left_join(person::table.on(person::id.nullable().eq(audit::person_id)))
        .filter(audit::subject.eq(subject))
        .order((audit::at_us, audit::id))
        .limit(limit)
        .select((AuditRow::as_select(), person::full_name.nullable()))
        .load(c))?)
}

/// The dossier numbers of these legs.
pub fn dossiers_of(db: &mut Db<'_>, leg_ids: &[String]) -> Result<BTreeMap<String, LegRow>, StoreError> {
    let rows = crate::store::read::legs::by_ids(db, leg_ids)?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}
