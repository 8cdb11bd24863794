//! Handovers with their lines and signatures.

use diesel::prelude::*;

use crate::domain::access::{Agencies, Caller};
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::{IN_LIST_MAX, PageAsk};
use crate::store::rows::{HandoverLineRow, HandoverRow, HandoverSignatureRow};
use crate::store::schema::{handover, handover_line, handover_signature};

/// A handover, whole.
#[derive(Debug, Clone)]
pub struct WholeHandover {
    /// The record.
    pub row: HandoverRow,
    /// Its lines, in order.
    pub lines: Vec<HandoverLineRow>,
    /// Its signatures, in order; some may have lapsed.
    pub signatures: Vec<HandoverSignatureRow>,
}

/// One handover.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<WholeHandover>, StoreError> {
    let row: Option<HandoverRow> =
        on!(db, |c| handover::table.find(id).select(HandoverRow::as_select()).first(c).optional())?;
    row.map(|row| whole(db, row)).transpose()
}

fn whole(db: &mut Db<'_>, row: HandoverRow) -> Result<WholeHandover, StoreError> {
    let lines = on!(db, |c| handover_line::table
        .filter(handover_line::handover_id.eq(&row.id))
        .order(handover_line::line_no)
        .select(HandoverLineRow::as_select())
        .load(c))?;
    let signatures = on!(db, |c| handover_signature::table
        .filter(handover_signature::handover_id.eq(&row.id))
        .order(handover_signature::seq)
        .select(HandoverSignatureRow::as_select())
        .load(c))?;
    Ok(WholeHandover { row, lines, signatures })
}

/// Which of these legs stand in an open handover.
pub fn in_open_handover(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        let found: Vec<Option<String>> = on!(db, |c| handover_line::table
            .filter(handover_line::open_leg_id.eq_any(part))
            .select(handover_line::open_leg_id)
            .load(c))?;
        out.extend(found.into_iter().flatten());
    }
    Ok(out)
}

/// A page of handovers, oldest first.
pub fn page(
    db: &mut Db<'_>,
    caller: &Caller,
    status: Option<&str>,
    agency_code: Option<&str>,
    leg_id: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<WholeHandover>, StoreError> {
    let rows: Vec<HandoverRow> = on!(db, |c| {
        let mut query =
            handover::table.select(HandoverRow::as_select()).order(handover::id).limit(ask.limit).into_boxed();
        if let Agencies::Only(codes) = &caller.agencies {
            query = query.filter(handover::agency_code.eq_any(codes));
        }
        if let Some(code) = &caller.post_office {
            query = query.filter(handover::post_office_code.eq(code));
        }
        if let Some(after) = &ask.after {
            query = query.filter(handover::id.gt(after));
        }
        if let Some(value) = status {
            query = query.filter(handover::status.eq(value));
        }
        if let Some(value) = agency_code {
            query = query.filter(handover::agency_code.eq(value));
        }
        if let Some(value) = leg_id {
            let with_leg =
                handover_line::table.filter(handover_line::leg_id.eq(value)).select(handover_line::handover_id);
            query = query.filter(handover::id.eq_any(with_leg));
        }
        query.load(c)
    })?;
    rows.into_iter().map(|row| whole(db, row)).collect()
}
