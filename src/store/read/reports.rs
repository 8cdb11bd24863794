//! What reports list one by one: what the post holds, who carried what was due, discrepancies, and the population of a sample.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{count_star, exists, min};
use diesel::prelude::*;

use crate::domain::access::{Agencies, Caller};
use crate::domain::leg::State;
use crate::domain::tally::Measure;
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::IN_LIST_MAX;
use crate::store::read::discrepancies::seen;
use crate::store::read::oversight::Span;
use crate::store::rows::{DiscrepancyRow, LegRow};
use crate::store::schema::{assignment, custody_event, discrepancy, exception_owner, handover, leg, person};
use crate::store::tally_schema::leg_tally;

/// Whose papers are read.
#[derive(Debug, Clone)]
pub struct Narrow {
    /// Of these agencies.
    pub agencies: Agencies,
    /// Of this post office alone.
    pub office: Option<String>,
}

/// Narrows a boxed query of legs.
macro_rules! narrowed {
    ($query:ident, $narrow:expr) => {
        if let Agencies::Only(codes) = &$narrow.agencies {
            $query = $query.filter(leg::agency_code.eq_any(codes));
        }
        if let Some(office) = &$narrow.office {
            $query = $query.filter(leg::post_office_code.eq(office));
        }
    };
}

/// How many legs: agency, procedure, office, kind, legs.
pub type HeldLegs = (String, String, String, String, i64);

/// Open legs that the post holds.
pub fn held_by_post(db: &mut Db<'_>, narrow: &Narrow) -> Result<Vec<HeldLegs>, StoreError> {
    on!(db, |c| {
        let by = (leg::agency_code, leg::procedure_code, leg::post_office_code, leg::kind);
        let mut query = leg::table
            .filter(leg::is_open.eq(1))
            .filter(leg::holder.eq("POST"))
            .group_by(by)
            .select((leg::agency_code, leg::procedure_code, leg::post_office_code, leg::kind, count_star()))
            .into_boxed();
        narrowed!(query, narrow);
        Ok(query.load(c)?)
    })
}

/// The person who carried a leg last: (leg, name, office).
pub fn carriers(db: &mut Db<'_>, leg_ids: &[String]) -> Result<BTreeMap<String, (String, String)>, StoreError> {
    let mut found = BTreeMap::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        let rows: Vec<(String, String, String)> = on!(db, |c| assignment::table
            .inner_join(person::table.on(person::id.eq(assignment::postman_id)))
            .filter(assignment::leg_id.eq_any(part))
            .order((assignment::leg_id, assignment::given_at_us, assignment::id))
            .select((assignment::leg_id, person::full_name, assignment::post_office_code))
            .load(c))?;
        // Of several who carried it the last answers for it.
        found.extend(rows.into_iter().map(|(leg, name, office)| (leg, (name, office))));
    }
    Ok(found)
}

/// The day on which each of these legs fell due: missed already, or still running when it was rolled up.
pub fn due_days(db: &mut Db<'_>, missed: Measure, leg_ids: &[String]) -> Result<BTreeMap<String, String>, StoreError> {
    let words: Vec<&str> = [Some(missed), missed.still_open()].into_iter().flatten().map(Measure::as_str).collect();
    let mut found = BTreeMap::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        let rows: Vec<(String, String)> = on!(db, |c| leg_tally::table
            .filter(leg_tally::leg_id.eq_any(part))
            .filter(leg_tally::measure.eq_any(&words))
            .select((leg_tally::leg_id, leg_tally::day))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}

/// A leg that somebody carried and that was due: (person, name, office, leg, late).
type Due = (String, String, String, String, bool);

/// What each person carried that was due in a span: (name, office, due, late), the most late first. Late: arrived after it was due, by the
/// post's word at least, or not arrived when it is looked at. Several people may have carried one leg; it is due for each of them.
pub fn carried(
    db: &mut Db<'_>,
    narrow: &Narrow,
    due: Span,
    now_us: i64,
) -> Result<Vec<(String, String, i64, i64)>, StoreError> {
    const ARRIVED: [State; 4] =
        [State::Confirmed, State::DeliveredReported, State::ReturnConfirmed, State::ReturnedReported];
    let arrived = ARRIVED.map(State::as_str);
    type Row = (String, String, String, String, String, i64, Option<i64>);
    let rows: Vec<Row> = on!(db, |c| {
        let mut query = leg::table
            .inner_join(assignment::table.on(assignment::leg_id.eq(leg::id)))
            .inner_join(person::table.on(person::id.eq(assignment::postman_id)))
            .filter(leg::due_at_us.ge(due.from_us))
            .filter(leg::due_at_us.lt(due.until_us))
            .filter(leg::state.ne(State::Cancelled.as_str()))
            .select((
                person::id,
                person::full_name,
                assignment::post_office_code,
                leg::id,
                leg::state,
                leg::state_since_us,
                leg::due_at_us,
            ))
            .into_boxed();
        narrowed!(query, narrow);
        query.load(c)?
    });
    let legs: BTreeSet<Due> = rows
        .into_iter()
        .map(|(id, name, office, leg, state, since_us, due_us)| {
            let due_us = due_us.unwrap_or(i64::MAX);
            let ended_us = if arrived.contains(&state.as_str()) { since_us } else { now_us };
            (id, name, office, leg, ended_us > due_us)
        })
        .collect();
    let mut people: BTreeMap<(String, String, String), (i64, i64)> = BTreeMap::new();
    for (id, name, office, _, late) in legs {
        let sums = people.entry((id, name, office)).or_default();
        sums.0 += 1;
        sums.1 += i64::from(late);
    }
    let mut found: Vec<(String, String, i64, i64)> =
        people.into_iter().map(|((_, name, office), (due, late))| (name, office, due, late)).collect();
    found.sort_by(|a, b| (b.3, &a.0).cmp(&(a.3, &b.0)));
    Ok(found)
}

/// Discrepancies of one kind: opened and resolved in a span, open now, and the oldest of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct KindSums {
    pub opened: i64,
    pub resolved: i64,
    pub open: i64,
    pub oldest_us: Option<i64>,
}

/// Discrepancies that the caller sees, by kind.
pub fn kinds(db: &mut Db<'_>, caller: &Caller, span: Span) -> Result<BTreeMap<String, KindSums>, StoreError> {
    macro_rules! counted {
        ($c:ident, $filter:expr) => {{
            let mut query = discrepancy::table
                .filter($filter)
                .group_by(discrepancy::kind)
                .select((discrepancy::kind, count_star(), min(discrepancy::opened_at_us)))
                .into_boxed();
            seen!(query, caller);
            query.load::<(String, i64, Option<i64>)>($c)?
        }};
    }
    let (opened, resolved, open) = on!(db, |c| {
        let opened =
            counted!(c, discrepancy::opened_at_us.ge(span.from_us).and(discrepancy::opened_at_us.lt(span.until_us)));
        let resolved = counted!(
            c,
            discrepancy::resolution_at_us.ge(span.from_us).and(discrepancy::resolution_at_us.lt(span.until_us))
        );
        let open = counted!(c, discrepancy::state.eq("OPEN"));
        Ok::<_, StoreError>((opened, resolved, open))
    })?;
    let mut found: BTreeMap<String, KindSums> = BTreeMap::new();
    for (kind, count, _) in opened {
        found.entry(kind).or_default().opened = count;
    }
    for (kind, count, _) in resolved {
        found.entry(kind).or_default().resolved = count;
    }
    for (kind, count, oldest_us) in open {
        let sums = found.entry(kind).or_default();
        (sums.open, sums.oldest_us) = (count, oldest_us);
    }
    Ok(found)
}

/// An open discrepancy, its leg, and the name of who took it in hand.
pub type Open = (DiscrepancyRow, Option<LegRow>, Option<String>);

/// Open discrepancies that the caller sees, oldest first.
pub fn open(db: &mut Db<'_>, caller: &Caller, limit: i64) -> Result<Vec<Open>, StoreError> {
    let rows: Vec<DiscrepancyRow> = on!(db, |c| {
        let mut query = discrepancy::table
            .filter(discrepancy::state.eq("OPEN"))
            .order((discrepancy::opened_at_us, discrepancy::id))
            .limit(limit)
            .select(DiscrepancyRow::as_select())
            .into_boxed();
        seen!(query, caller);
        query.load(c)?
    });
    let leg_ids: Vec<String> = rows.iter().filter_map(|row| row.leg_id.clone()).collect();
    let legs = super::legs::by_ids(db, &leg_ids)?;
    let legs: BTreeMap<String, LegRow> = legs.into_iter().map(|leg| (leg.id.clone(), leg)).collect();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    for part in ids.chunks(IN_LIST_MAX) {
        let owners: Vec<(String, String)> = on!(db, |c| exception_owner::table
            .inner_join(person::table.on(person::id.eq(exception_owner::person_id)))
            .filter(exception_owner::subject.eq_any(part))
            .select((exception_owner::subject, person::full_name))
            .load(c))?;
        names.extend(owners);
    }
    let with = |row: DiscrepancyRow| {
        let leg = row.leg_id.as_ref().and_then(|id| legs.get(id)).cloned();
        let name = names.get(&row.id).cloned();
        (row, leg, name)
    };
    Ok(rows.into_iter().map(with).collect())
}

/// Legs that were declared in a span, by who declared them: (counterpart, legs).
pub fn declared(db: &mut Db<'_>, narrow: &Narrow, span: Span) -> Result<Vec<(String, i64)>, StoreError> {
    on!(db, |c| {
        let mut query = custody_event::table
            .inner_join(leg::table.on(leg::id.eq(custody_event::leg_id)))
            .filter(custody_event::event.eq("REGISTERED"))
            .filter(custody_event::occurred_at_us.ge(span.from_us))
            .filter(custody_event::occurred_at_us.lt(span.until_us))
            .group_by(leg::counterpart)
            .order(leg::counterpart)
            .select((leg::counterpart, count_star()))
            .into_boxed();
        narrowed!(query, narrow);
        Ok(query.load(c)?)
    })
}

/// Kinds of discrepancy of legs that were declared in a span, each leg once per kind: (kind, leg, dossier or note, counterpart).
pub fn breaches(
    db: &mut Db<'_>,
    narrow: &Narrow,
    span: Span,
) -> Result<Vec<(String, String, String, String)>, StoreError> {
    type Row = (String, String, Option<String>, Option<String>, String);
    let rows: Vec<Row> = on!(db, |c| {
        let mut query = custody_event::table
            .inner_join(leg::table.on(leg::id.eq(custody_event::leg_id)))
            .inner_join(discrepancy::table.on(discrepancy::leg_id.eq(leg::id.nullable())))
            .filter(custody_event::event.eq("REGISTERED"))
            .filter(custody_event::occurred_at_us.ge(span.from_us))
            .filter(custody_event::occurred_at_us.lt(span.until_us))
            .order((leg::id, discrepancy::kind))
            .select((discrepancy::kind, leg::id, leg::dossier_no, leg::consignment_note_no, leg::counterpart))
            .into_boxed();
        narrowed!(query, narrow);
        query.load(c)?
    });
    let row = |(kind, id, dossier, note, counterpart): Row| {
        let number = dossier.or(note).unwrap_or_else(|| id.clone());
        (kind, id, number, counterpart)
    };
    let mut found: Vec<_> = rows.into_iter().map(row).collect();
    found.dedup();
    Ok(found)
}
