//! What the pages of handovers and of the one-stop desk read, and what the desk writes down of its own.

use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::domain::access::{Agencies, Caller};
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people::add_act;
use crate::store::people_rows::{AuditRow, DeskReceiptRow};
use crate::store::read::IN_LIST_MAX;
use crate::store::rows::{HandoverRow, LegRow};
use crate::store::schema::{custody_event, desk_receipt, handover, handover_line, handover_signature, leg};
use crate::store::{Store, tallies};

/// Handovers that the caller sees, open ones or the others, newest first, without their lines.
pub fn handovers(
    db: &mut Db<'_>,
    caller: &Caller,
    open: bool,
    receiver: Option<&str>,
    limit: i64,
) -> Result<Vec<HandoverRow>, StoreError> {
    on!(db, |c| {
        let mut query =
            handover::table.select(HandoverRow::as_select()).order(handover::id.desc()).limit(limit).into_boxed();
        query =
            if open { query.filter(handover::status.eq("OPEN")) } else { query.filter(handover::status.ne("OPEN")) };
        if let Agencies::Only(codes) = &caller.agencies {
            query = query.filter(handover::agency_code.eq_any(codes));
        }
        if let Some(code) = &caller.post_office {
            query = query.filter(handover::post_office_code.eq(code));
        }
        if let Some(side) = receiver {
            query = query.filter(handover::receiver.eq(side));
        }
        Ok(query.load(c)?)
    })
}

/// Lines of handovers counted by outcome: (handover, outcome, lines).
pub fn line_outcomes(db: &mut Db<'_>, ids: &[String]) -> Result<Vec<(String, Option<String>, i64)>, StoreError> {
    let mut out = Vec::new();
    for part in ids.chunks(IN_LIST_MAX) {
        let found: Vec<(String, Option<String>, i64)> = on!(db, |c| handover_line::table
            .filter(handover_line::handover_id.eq_any(part))
            .group_by((handover_line::handover_id, handover_line::outcome))
            .select((handover_line::handover_id, handover_line::outcome, count_star()))
            .load(c))?;
        out.extend(found);
    }
    Ok(out)
}

/// Signatures of handovers that stand: (handover, side).
pub fn signed_sides(db: &mut Db<'_>, ids: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    let mut out = Vec::new();
    for part in ids.chunks(IN_LIST_MAX) {
        let found: Vec<(String, String)> = on!(db, |c| handover_signature::table
            .filter(handover_signature::handover_id.eq_any(part))
            .filter(handover_signature::lapsed.eq(0))
            .select((handover_signature::handover_id, handover_signature::side))
            .load(c))?;
        out.extend(found);
    }
    Ok(out)
}

/// Handovers that correct this one: (id, status), oldest first.
pub fn corrections_of(db: &mut Db<'_>, id: &str) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(db, |c| handover::table
        .filter(handover::corrects.eq(id))
        .order(handover::id)
        .select((handover::id, handover::status))
        .load(c))?)
}

/// Result legs of an agency that the citizen has, of these procedures, without the desk's word that the old papers came back.
pub fn papers_to_come(
    db: &mut Db<'_>,
    agency: &str,
    procedures: &[String],
    since_us: i64,
    limit: i64,
) -> Result<Vec<LegRow>, StoreError> {
    let taken = desk_receipt::table.filter(desk_receipt::kind.eq("PAPERS")).select(desk_receipt::leg_id);
    Ok(on!(db, |c| leg::table
        .filter(leg::agency_code.eq(agency))
        .filter(leg::kind.eq("RESULT"))
        .filter(leg::state.eq_any(["CONFIRMED", "DELIVERED_REPORTED"]))
        .filter(leg::procedure_code.eq_any(procedures))
        .filter(leg::state_since_us.ge(since_us))
        .filter(leg::id.ne_all(taken))
        .order((leg::state_since_us, leg::id))
        .limit(limit)
        .select(LegRow::as_select())
        .load(c))?)
}

/// Legs of an agency with fee money that the post took or paid over, without the desk's word that it came.
pub fn money_to_come(db: &mut Db<'_>, agency: &str, since_us: i64, limit: i64) -> Result<Vec<LegRow>, StoreError> {
    let taken = desk_receipt::table.filter(desk_receipt::kind.eq("MONEY")).select(desk_receipt::leg_id);
    let moved = custody_event::table
        .filter(custody_event::event.eq_any(["FEE_COLLECTED", "FEE_REMITTED"]))
        .filter(custody_event::occurred_at_us.ge(since_us))
        .select(custody_event::leg_id);
    Ok(on!(db, |c| leg::table
        .filter(leg::agency_code.eq(agency))
        .filter(leg::id.eq_any(moved))
        .filter(leg::id.ne_all(taken))
        .order(leg::id)
        .limit(limit)
        .select(LegRow::as_select())
        .load(c))?)
}

/// What a desk took over last, newest first.
pub fn receipts(db: &mut Db<'_>, agency: &str, limit: i64) -> Result<Vec<DeskReceiptRow>, StoreError> {
    Ok(on!(db, |c| desk_receipt::table
        .filter(desk_receipt::agency_code.eq(agency))
        .order((desk_receipt::at_us.desc(), desk_receipt::leg_id))
        .limit(limit)
        .select(DeskReceiptRow::as_select())
        .load(c))?)
}

/// The desk's word about the fee money of these legs.
pub fn money_received(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<DeskReceiptRow>, StoreError> {
    let mut found = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| desk_receipt::table
            .filter(desk_receipt::kind.eq("MONEY"))
            .filter(desk_receipt::leg_id.eq_any(part))
            .select(DeskReceiptRow::as_select())
            .load::<DeskReceiptRow>(c))?);
    }
    Ok(found)
}

/// When the desk took over the old papers of these legs.
pub fn papers_received(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<(String, i64)>, StoreError> {
    let mut found = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| desk_receipt::table
            .filter(desk_receipt::kind.eq("PAPERS"))
            .filter(desk_receipt::leg_id.eq_any(part))
            .select((desk_receipt::leg_id, desk_receipt::at_us))
            .load::<(String, i64)>(c))?);
    }
    Ok(found)
}

impl Store {
    /// Writes down what a desk took over; what was written before stands.
    pub fn insert_desk_receipts(&self, rows: Vec<DeskReceiptRow>, acts: Vec<AuditRow>) -> Result<(), StoreError> {
        self.write(move |db| {
            for row in &rows {
                on!(db, |c| diesel::insert_into(desk_receipt::table).values(row).on_conflict_do_nothing().execute(c))?;
            }
            tallies::mark(db, &rows.iter().map(|row| row.leg_id.as_str()).collect())?;
            acts.iter().try_for_each(|act| add_act(db, act))
        })
    }
}
