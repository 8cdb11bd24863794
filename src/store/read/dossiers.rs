//! What the dossier page and public tracking ask for: legs by any number that people know them by, the handovers they stood in,
//! the messages about them, the names of people.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people_rows::PersonRow;
use crate::store::read::IN_LIST_MAX;
use crate::store::rows::{HandoverLineRow, HandoverRow, HandoverSignatureRow, LegRow, OutboxRow};
use crate::store::schema::{handover, handover_line, handover_signature, leg, outbox, party, person};

/// Rows of one answer: a number names a handful of legs, whatever a caller sends.
const FOUND_MAX: i64 = 200;

/// One number in every spelling that it may be kept in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spellings {
    /// As a dossier number.
    pub dossier_nos: Vec<String>,
    /// As an item number.
    pub item_numbers: Vec<String>,
    /// As the number of a consignment note.
    pub note_nos: Vec<String>,
    /// As our own id.
    pub leg_ids: Vec<String>,
}

/// Legs that carry the number in any of its meanings, oldest first, each once.
pub fn by_number(db: &mut Db<'_>, number: &Spellings) -> Result<Vec<LegRow>, StoreError> {
    let mut found: Vec<LegRow> = on!(db, |c| leg::table
        .filter(leg::dossier_no.eq_any(&number.dossier_nos))
        .limit(FOUND_MAX)
        .select(LegRow::as_select())
        .load(c))?;
    found.extend(on!(db, |c| leg::table
        .filter(leg::item_number.eq_any(&number.item_numbers))
        .limit(FOUND_MAX)
        .select(LegRow::as_select())
        .load::<LegRow>(c))?);
    found.extend(on!(db, |c| leg::table
        .filter(leg::consignment_note_no.eq_any(&number.note_nos))
        .limit(FOUND_MAX)
        .select(LegRow::as_select())
        .load::<LegRow>(c))?);
    found.extend(on!(db, |c| leg::table
        .filter(leg::id.eq_any(&number.leg_ids))
        .limit(FOUND_MAX)
        .select(LegRow::as_select())
        .load::<LegRow>(c))?);
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// Legs whose party has this phone number, newest first.
pub fn by_phone(db: &mut Db<'_>, phone: &str) -> Result<Vec<LegRow>, StoreError> {
    Ok(on!(db, |c| leg::table
        .inner_join(party::table.on(party::leg_id.eq(leg::id)))
        .filter(party::phone.eq(phone))
        .order(leg::id.desc())
        .limit(FOUND_MAX)
        .select(LegRow::as_select())
        .load(c))?)
}

/// Handovers with one of these numbers or ids.
pub fn handovers_by_number(db: &mut Db<'_>, numbers: &[String]) -> Result<Vec<HandoverRow>, StoreError> {
    Ok(on!(db, |c| handover::table
        .filter(handover::handover_no.eq_any(numbers).or(handover::id.eq_any(numbers)))
        .order(handover::id)
        .limit(FOUND_MAX)
        .select(HandoverRow::as_select())
        .load(c))?)
}

/// The legs of these handovers, in the order of their lines.
pub fn legs_of_handovers(db: &mut Db<'_>, handover_ids: &[String]) -> Result<Vec<LegRow>, StoreError> {
    Ok(on!(db, |c| leg::table
        .inner_join(handover_line::table.on(handover_line::leg_id.eq(leg::id)))
        .filter(handover_line::handover_id.eq_any(handover_ids))
        .order((handover_line::handover_id, handover_line::line_no))
        .limit(FOUND_MAX)
        .select(LegRow::as_select())
        .load(c))?)
}

/// A handover as one of its legs sees it.
#[derive(Debug, Clone)]
pub struct HandoverOfLeg {
    /// The record.
    pub row: HandoverRow,
    /// The line of the leg.
    pub line: HandoverLineRow,
    /// How many lines there are.
    pub lines: i64,
    /// Its signatures, without those that lapsed.
    pub signatures: Vec<HandoverSignatureRow>,
}

/// The handovers that a leg stands in, oldest first.
pub fn handovers_of_leg(db: &mut Db<'_>, leg_id: &str) -> Result<Vec<HandoverOfLeg>, StoreError> {
    let found: Vec<(HandoverLineRow, HandoverRow)> = on!(db, |c| handover_line::table
        .inner_join(handover::table.on(handover::id.eq(handover_line::handover_id)))
        .filter(handover_line::leg_id.eq(leg_id))
        .order(handover_line::handover_id)
        .limit(FOUND_MAX)
        .select((HandoverLineRow::as_select(), HandoverRow::as_select()))
        .load(c))?;
    let mut out = Vec::with_capacity(found.len());
    for (line, row) in found {
        let lines =
            on!(db, |c| handover_line::table.filter(handover_line::handover_id.eq(&row.id)).count().get_result(c))?;
        let signatures = on!(db, |c| handover_signature::table
            .filter(handover_signature::handover_id.eq(&row.id))
            .filter(handover_signature::lapsed.eq(0))
            .order(handover_signature::seq)
            .select(HandoverSignatureRow::as_select())
            .load(c))?;
        out.push(HandoverOfLeg { row, line, lines, signatures });
    }
    Ok(out)
}

/// Messages about a leg, in the order they were written.
pub fn messages_of_leg(db: &mut Db<'_>, leg_id: &str) -> Result<Vec<OutboxRow>, StoreError> {
    Ok(on!(db, |c| outbox::table
        .filter(outbox::leg_id.eq(leg_id))
        .order((outbox::created_at_us, outbox::id))
        .limit(FOUND_MAX)
        .select(OutboxRow::as_select())
        .load(c))?)
}

/// The people of these ids.
pub fn people(db: &mut Db<'_>, ids: &[String]) -> Result<Vec<PersonRow>, StoreError> {
    let mut out = Vec::new();
    for part in ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| person::table
            .filter(person::id.eq_any(part))
            .select(PersonRow::as_select())
            .load::<PersonRow>(c))?);
    }
    Ok(out)
}
