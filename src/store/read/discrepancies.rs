//! Discrepancies.

use diesel::dsl::exists;
use diesel::prelude::*;

use crate::domain::access::{Agencies, Caller};
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::{IN_LIST_MAX, PageAsk};
use crate::store::rows::DiscrepancyRow;
use crate::store::schema::{discrepancy, handover, leg};

/// What a list of discrepancies is narrowed to.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct DiscrepancyFilter {
    pub state: Option<String>,
    pub kind: Option<String>,
    pub leg_id: Option<String>,
    pub manifest_id: Option<String>,
    pub handover_id: Option<String>,
}

/// Narrows a boxed query of discrepancies to those that a caller sees: those of its agencies; of a post office those about its legs
/// and its handovers, whichever side has to act. One without an agency is seen by who reported it and by `*` keys (contract 6.2).
macro_rules! seen {
    ($query:ident, $caller:expr) => {
        if let Agencies::Only(codes) = &$caller.agencies {
            $query = $query.filter(
                discrepancy::agency_code
                    .eq_any(codes)
                    .or(discrepancy::agency_code.is_null().and(discrepancy::reporter.eq(&$caller.counterpart))),
            );
        }
        if let Some(office) = &$caller.post_office {
            let of_leg =
                leg::table.filter(leg::id.nullable().eq(discrepancy::leg_id)).filter(leg::post_office_code.eq(office));
            let of_handover = handover::table
                .filter(handover::id.nullable().eq(discrepancy::handover_id))
                .filter(handover::post_office_code.eq(office));
            $query = $query.filter(
                exists(of_leg).or(exists(of_handover)).or(discrepancy::leg_id
                    .is_null()
                    .and(discrepancy::handover_id.is_null())
                    .and(discrepancy::reporter.eq(&$caller.counterpart))),
            );
        }
    };
}
pub(super) use seen;

/// One discrepancy that a caller sees.
pub fn seen_by(db: &mut Db<'_>, caller: &Caller, id: &str) -> Result<Option<DiscrepancyRow>, StoreError> {
    on!(db, |c| {
        let mut query =
            discrepancy::table.filter(discrepancy::id.eq(id)).select(DiscrepancyRow::as_select()).into_boxed();
        seen!(query, caller);
        Ok(query.first(c).optional()?)
    })
}

/// The newest generation of each of these subjects.
pub fn newest_by_subject(db: &mut Db<'_>, subject_keys: &[String]) -> Result<Vec<DiscrepancyRow>, StoreError> {
    let mut out: Vec<DiscrepancyRow> = Vec::new();
    for part in subject_keys.chunks(IN_LIST_MAX) {
        let found: Vec<DiscrepancyRow> = on!(db, |c| discrepancy::table
            .filter(discrepancy::subject_key.eq_any(part))
            .order((discrepancy::subject_key, discrepancy::generation.desc()))
            .select(DiscrepancyRow::as_select())
            .load(c))?;
        for row in found {
            if out.last().is_none_or(|last| last.subject_key != row.subject_key) {
                out.push(row);
            }
        }
    }
    Ok(out)
}

/// How many discrepancies of a leg are open.
pub fn open_count(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<(String, i64)>, StoreError> {
    let mut out = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        let found: Vec<(Option<String>, i64)> = on!(db, |c| discrepancy::table
            .filter(discrepancy::leg_id.eq_any(part))
            .filter(discrepancy::state.eq("OPEN"))
            .group_by(discrepancy::leg_id)
            .select((discrepancy::leg_id, diesel::dsl::count_star()))
            .load(c))?;
        out.extend(found.into_iter().filter_map(|(id, count)| id.map(|id| (id, count))));
    }
    Ok(out)
}

/// Legs of open discrepancies of these kinds, in order.
pub fn open_legs_of(db: &mut Db<'_>, kinds: &[&str]) -> Result<Vec<String>, StoreError> {
    let ids: Vec<Option<String>> = on!(db, |c| discrepancy::table
        .filter(discrepancy::state.eq("OPEN"))
        .filter(discrepancy::kind.eq_any(kinds))
        .order(discrepancy::leg_id)
        .select(discrepancy::leg_id)
        .load(c))?;
    Ok(ids.into_iter().flatten().collect())
}

/// A page of the discrepancies that a caller sees, oldest first.
pub fn page(
    db: &mut Db<'_>,
    caller: &Caller,
    filter: &DiscrepancyFilter,
    ask: &PageAsk,
) -> Result<Vec<DiscrepancyRow>, StoreError> {
    on!(db, |c| {
        let mut query =
            discrepancy::table.select(DiscrepancyRow::as_select()).order(discrepancy::id).limit(ask.limit).into_boxed();
        seen!(query, caller);
        if let Some(after) = &ask.after {
            query = query.filter(discrepancy::id.gt(after));
        }
        if let Some(value) = &filter.state {
            query = query.filter(discrepancy::state.eq(value));
        }
        if let Some(value) = &filter.kind {
            query = query.filter(discrepancy::kind.eq(value));
        }
        if let Some(value) = &filter.leg_id {
            query = query.filter(discrepancy::leg_id.eq(value));
        }
        if let Some(value) = &filter.handover_id {
            query = query.filter(discrepancy::handover_id.eq(value));
        }
        if let Some(value) = &filter.manifest_id {
            let legs = leg::table.filter(leg::manifest_id.eq(value)).select(leg::id.nullable());
            query = query.filter(discrepancy::leg_id.eq_any(legs));
        }
        Ok(query.load(c)?)
    })
}

/// Discrepancies of one kind or of all, counted by kind.
pub fn counts_by_kind(db: &mut Db<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    Ok(on!(db, |c| discrepancy::table
        .group_by(discrepancy::kind)
        .order(discrepancy::kind)
        .select((discrepancy::kind, diesel::dsl::count_star()))
        .load(c))?)
}
