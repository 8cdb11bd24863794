//! What an intake by people reads and writes beside its leg: the office's open manifest, the numbers of its consignment notes,
//! what a device sent before, and the counts of the office's day.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::domain::consignment::PostagePay;
use crate::domain::leg::{Holder, LegKind, State};
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::IN_LIST_MAX;
use crate::store::rows::{LegRow, ManifestRow};
use crate::store::schema::{consignment_note, leg, manifest, note_number};
use crate::store::write::must_hit;

/// A manifest of an office that takes one more line or is closed, where it is open and still the one that was read.
#[derive(Debug, Clone)]
pub struct ManifestChange {
    /// The digest that was read: every line changes it.
    pub digest_read: String,
    /// What it becomes.
    pub row: ManifestRow,
}

/// A number that an office gives to a consignment note, where the last one is still the one that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteNumber {
    /// The office.
    pub post_office_code: String,
    /// The last number that was read; 0 before the first.
    pub last_read: i64,
    /// The number that is given.
    pub number: i64,
}

/// What a consignment note says beside parties and papers.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = consignment_note, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ConsignmentNoteRow {
    pub leg_id: String,
    pub service: String,
    pub taken_at: String,
    pub lane: String,
    pub with_slip: i64,
    pub promise_days: i64,
    pub postage: i64,
    pub postage_pay: String,
    pub postage_receipt_no: Option<String>,
    pub postage_paid_at_us: Option<i64>,
}

/// Postage that was to be paid with the result, and is: once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostagePaid {
    /// The leg of the note.
    pub leg_id: String,
    /// Number of the receipt.
    pub receipt_no: String,
    /// When, UTC microseconds.
    pub at_us: i64,
}

/// Postage of a note that waits for the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostageDue {
    /// The leg of the note.
    pub leg_id: String,
    /// The agency and the dossier that the result will name.
    pub agency_code: String,
    /// Its number.
    pub dossier_no: String,
    /// Số hiệu phiếu gửi.
    pub note_no: String,
    /// In đồng.
    pub amount: i64,
}

/// What is still to be paid with the results of these dossiers.
pub fn postage_due(db: &mut Db<'_>, dossier_nos: &[String]) -> Result<Vec<PostageDue>, StoreError> {
    type Row = (String, String, Option<String>, Option<String>, i64);
    let rows: Vec<Row> = on!(db, |c| consignment_note::table
        .inner_join(leg::table.on(leg::id.eq(consignment_note::leg_id)))
        .filter(leg::dossier_no.eq_any(dossier_nos))
        .filter(leg::kind.eq(LegKind::Intake.as_str()))
        .filter(consignment_note::postage_pay.eq(PostagePay::OnResult.as_str()))
        .filter(consignment_note::postage.gt(0))
        .filter(consignment_note::postage_paid_at_us.is_null())
        .order(leg::id)
        .select((leg::id, leg::agency_code, leg::dossier_no, leg::consignment_note_no, consignment_note::postage))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|(leg_id, agency_code, dossier_no, note_no, amount)| PostageDue {
            leg_id,
            agency_code,
            dossier_no: dossier_no.unwrap_or_default(),
            note_no: note_no.unwrap_or_default(),
            amount,
        })
        .collect())
}

/// The terms of a leg's note; none when a system declared the leg.
pub fn note_of(db: &mut Db<'_>, leg_id: &str) -> Result<Option<ConsignmentNoteRow>, StoreError> {
    Ok(on!(db, |c| consignment_note::table.find(leg_id).select(ConsignmentNoteRow::as_select()).first(c).optional())?)
}

/// The terms of the notes of many legs.
pub fn notes_of(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<ConsignmentNoteRow>, StoreError> {
    let mut found = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| consignment_note::table
            .filter(consignment_note::leg_id.eq_any(part))
            .select(ConsignmentNoteRow::as_select())
            .load::<ConsignmentNoteRow>(c))?);
    }
    Ok(found)
}

/// Takes numbers, changes open manifests and settles postage inside the transaction that is open.
pub(super) fn apply(
    db: &mut Db<'_>,
    numbers: &[&NoteNumber],
    changes: &[&ManifestChange],
    paid: &[&PostagePaid],
) -> Result<(), StoreError> {
    // Paid by two hands at once: the first receipt stays.
    for paid in paid {
        let waiting = consignment_note::table.find(&paid.leg_id).filter(consignment_note::postage_paid_at_us.is_null());
        on!(db, |c| diesel::update(waiting)
            .set((
                consignment_note::postage_receipt_no.eq(&paid.receipt_no),
                consignment_note::postage_paid_at_us.eq(paid.at_us),
            ))
            .execute(c))?;
    }
    for taken in numbers {
        let office = taken.post_office_code.as_str();
        let rows = if taken.last_read == 0 {
            on!(db, |c| diesel::insert_into(note_number::table)
                .values((note_number::post_office_code.eq(office), note_number::last_no.eq(taken.number)))
                .execute(c))?
        } else {
            on!(db, |c| diesel::update(
                note_number::table.find(office).filter(note_number::last_no.eq(taken.last_read))
            )
            .set(note_number::last_no.eq(taken.number))
            .execute(c))?
        };
        must_hit(rows, "consignment note number")?;
    }
    for change in changes {
        let row = &change.row;
        let rows = on!(db, |c| diesel::update(
            manifest::table
                .find(&row.id)
                .filter(manifest::open_key.is_not_null())
                .filter(manifest::digest.eq(&change.digest_read))
        )
        .set((
            manifest::digest.eq(&row.digest),
            manifest::receipt.eq(&row.receipt),
            manifest::open_key.eq(&row.open_key),
            manifest::closed_at_us.eq(row.closed_at_us),
        ))
        .execute(c))?;
        must_hit(rows, "open manifest")?;
    }
    Ok(())
}

/// The last number that an office gave to a consignment note; 0 before the first.
pub fn last_note_no(db: &mut Db<'_>, post_office_code: &str) -> Result<i64, StoreError> {
    let last =
        on!(db, |c| note_number::table.find(post_office_code).select(note_number::last_no).first::<i64>(c).optional())?;
    Ok(last.unwrap_or(0))
}

/// The manifest that takes lines under this key.
pub fn open_manifest(db: &mut Db<'_>, open_key: &str) -> Result<Option<ManifestRow>, StoreError> {
    Ok(on!(db, |c| manifest::table
        .filter(manifest::open_key.eq(open_key))
        .select(ManifestRow::as_select())
        .first(c)
        .optional())?)
}

/// How many manifests a counterpart made for an agency and a shift.
pub fn manifests_of_shift(
    db: &mut Db<'_>,
    counterpart: &str,
    agency_code: &str,
    shift_date: &str,
    shift: i64,
) -> Result<i64, StoreError> {
    Ok(on!(db, |c| manifest::table
        .filter(manifest::counterpart.eq(counterpart))
        .filter(manifest::agency_code.eq(agency_code))
        .filter(manifest::shift_date.eq(shift_date))
        .filter(manifest::shift.eq(shift))
        .count()
        .get_result(c))?)
}

/// The intake manifests that a counterpart made, newest first, open ones before closed ones; with how many lines each.
pub fn manifests_of(
    db: &mut Db<'_>,
    counterpart: &str,
    is_open: bool,
    limit: i64,
) -> Result<Vec<(ManifestRow, i64)>, StoreError> {
    let rows: Vec<ManifestRow> = on!(db, |c| {
        let query = manifest::table
            .filter(manifest::counterpart.eq(counterpart))
            .select(ManifestRow::as_select())
            .order(manifest::id.desc())
            .limit(limit)
            .into_boxed();
        if is_open {
            query.filter(manifest::open_key.is_not_null()).load(c)
        } else {
            query.filter(manifest::open_key.is_null()).load(c)
        }
    })?;
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let counts: Vec<(String, i64)> = on!(db, |c| leg::table
        .filter(leg::manifest_id.eq_any(&ids))
        .group_by(leg::manifest_id)
        .select((leg::manifest_id, count_star()))
        .load(c))?;
    let count = |id: &str| counts.iter().find(|(known, _)| known == id).map_or(0, |(_, count)| *count);
    Ok(rows
        .into_iter()
        .map(|row| {
            let lines = count(&row.id);
            (row, lines)
        })
        .collect())
}

/// Papers that wait to be moved, of one agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The agency.
    pub agency_code: String,
    /// Legs.
    pub legs: i64,
    /// Since when the oldest stands there, UTC microseconds.
    pub oldest_us: i64,
}

/// The office's intake dossiers that it holds and has still to hand over, by agency.
pub fn to_hand_over(db: &mut Db<'_>, post_office_code: &str) -> Result<Vec<Waiting>, StoreError> {
    waiting(db, post_office_code, LegKind::Intake, Holder::Post, &[State::Accepted])
}

/// Results that lie at the agencies for this office to fetch, by agency.
pub fn to_fetch(db: &mut Db<'_>, post_office_code: &str) -> Result<Vec<Waiting>, StoreError> {
    let states = [State::Registered, State::Ordered, State::CollectionAssigned, State::CollectionFailed];
    waiting(db, post_office_code, LegKind::Result, Holder::Agency, &states)
}

fn waiting(
    db: &mut Db<'_>,
    post_office_code: &str,
    kind: LegKind,
    holder: Holder,
    states: &[State],
) -> Result<Vec<Waiting>, StoreError> {
    let states: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
    let rows: Vec<(String, i64, Option<i64>)> = on!(db, |c| leg::table
        .filter(leg::post_office_code.eq(post_office_code))
        .filter(leg::state.eq_any(&states))
        .filter(leg::kind.eq(kind.as_str()))
        .filter(leg::holder.eq(holder.as_str()))
        .group_by(leg::agency_code)
        .order(leg::agency_code)
        .select((leg::agency_code, count_star(), min(leg::holder_since_us)))
        .load(c))?;
    Ok(rows
        .into_iter()
        .map(|(agency_code, legs, oldest)| Waiting { agency_code, legs, oldest_us: oldest.unwrap_or_default() })
        .collect())
}

/// The office's day in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayCounts {
    /// Intake dossiers that the office took on the day.
    pub taken: i64,
    /// Of these, on a manifest that is still open.
    pub on_open_manifests: i64,
    /// Results that reached the citizen on the day, reported or confirmed.
    pub delivered: i64,
    /// Results that the office holds.
    pub results_held: i64,
    /// Of these, out with a postman.
    pub out: i64,
    /// Of these, with a failed last attempt.
    pub failed: i64,
}

/// Counts the office's day from an instant on.
pub fn day_counts(db: &mut Db<'_>, post_office_code: &str, from_us: i64) -> Result<DayCounts, StoreError> {
    let of_office = || leg::table.filter(leg::post_office_code.eq(post_office_code.to_owned()));
    let taken =
        || of_office().filter(leg::kind.eq(LegKind::Intake.as_str())).filter(leg::accepted_by_post_at_us.ge(from_us));
    let results = || of_office().filter(leg::kind.eq(LegKind::Result.as_str()));
    let held = || results().filter(leg::is_open.eq(1)).filter(leg::holder.eq(Holder::Post.as_str()));
    let there = [State::DeliveredReported.as_str(), State::Confirmed.as_str()];
    on!(db, |c| {
        Ok(DayCounts {
            taken: taken().count().get_result(c)?,
            on_open_manifests: taken()
                .inner_join(manifest::table.on(manifest::id.eq(leg::manifest_id)))
                .filter(manifest::open_key.is_not_null())
                .count()
                .get_result(c)?,
            delivered: results()
                .filter(leg::state.eq_any(there))
                .filter(leg::state_since_us.ge(from_us))
                .count()
                .get_result(c)?,
            results_held: held().count().get_result(c)?,
            out: held().filter(leg::state.eq(State::OutForDelivery.as_str())).count().get_result(c)?,
            failed: held().filter(leg::state.eq(State::AttemptFailed.as_str())).count().get_result(c)?,
        })
    })
}

/// Open legs of a kind that the office holds since before an instant: how many, and the oldest.
pub fn held_since_before(
    db: &mut Db<'_>,
    post_office_code: &str,
    kind: LegKind,
    before_us: i64,
    limit: i64,
) -> Result<(i64, Vec<LegRow>), StoreError> {
    let held = || {
        leg::table
            .filter(leg::is_open.eq(1))
            .filter(leg::holder.eq(Holder::Post.as_str()))
            .filter(leg::holder_since_us.lt(before_us))
            .filter(leg::post_office_code.eq(post_office_code.to_owned()))
            .filter(leg::kind.eq(kind.as_str()))
            .filter(leg::state.ne_all([State::DeliveredReported.as_str(), State::ReturnedReported.as_str()]))
    };
    on!(db, |c| {
        let count = held().count().get_result(c)?;
        let rows = held().order((leg::holder_since_us, leg::id)).limit(limit).select(LegRow::as_select()).load(c)?;
        Ok((count, rows))
    })
}
