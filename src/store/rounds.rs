//! Scan sessions, scans and assignments: what a write set says of them, and the queries about them.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people_rows::DeviceActRow;
use crate::store::read::IN_LIST_MAX;
use crate::store::round_rows::{
    AssignmentRow, DeviceDismissalRow, DeviceFileRow, RecoveredPaperRow, ScanRow, ScanSessionRow,
};
use crate::store::rows::{CustodyEventRow, LegRow};
use crate::store::schema::{
    assignment, custody_event, device_act, device_dismissal, device_file, leg, recovered_paper, scan, scan_session,
};
use crate::store::write::{WriteSet, must_hit};

/// Writes this part of the sets. Ends come first, so that a leg goes from one hand to the next in one set.
pub(super) fn apply(db: &mut Db<'_>, sets: &[&WriteSet]) -> Result<(), StoreError> {
    for row in sets.iter().flat_map(|set| &set.device_files) {
        on!(db, |c| diesel::insert_into(device_file::table).values(row).on_conflict_do_nothing().execute(c))?;
    }
    for row in sets.iter().flat_map(|set| &set.dismissals) {
        on!(db, |c| diesel::insert_into(device_dismissal::table).values(row).execute(c))?;
    }
    for row in sets.iter().flat_map(|set| &set.scan_sessions) {
        on!(db, |c| diesel::insert_into(scan_session::table).values(row).execute(c))?;
    }
    for close in sets.iter().flat_map(|set| &set.scan_closes) {
        let open = scan_session::table.find(&close.id).filter(scan_session::closed_at_us.is_null());
        let hit = on!(db, |c| diesel::update(open)
            .set((
                scan_session::closed_by.eq(&close.closed_by),
                scan_session::closed_at_us.eq(close.closed_at_us),
                scan_session::handover_id.eq(&close.handover_id),
            ))
            .execute(c))?;
        must_hit(hit, "scan session")?;
    }
    for row in sets.iter().flat_map(|set| &set.scans) {
        on!(db, |c| diesel::insert_into(scan::table).values(row).execute(c))?;
    }
    for end in sets.iter().flat_map(|set| &set.assignment_ends) {
        let lasting = assignment::table.find(&end.id).filter(assignment::ended_at_us.is_null());
        let hit = on!(db, |c| diesel::update(lasting)
            .set((
                assignment::ended_by.eq(&end.ended_by),
                assignment::ended_at_us.eq(end.ended_at_us),
                assignment::open_leg_id.eq(None::<String>),
            ))
            .execute(c))?;
        must_hit(hit, "assignment")?;
    }
    for row in sets.iter().flat_map(|set| &set.assignments) {
        on!(db, |c| diesel::insert_into(assignment::table).values(row).execute(c))?;
    }
    for row in sets.iter().flat_map(|set| &set.recovered) {
        on!(db, |c| diesel::insert_into(recovered_paper::table).values(row).on_conflict_do_nothing().execute(c))?;
    }
    Ok(())
}

/// One session.
pub fn session(db: &mut Db<'_>, id: &str) -> Result<Option<ScanSessionRow>, StoreError> {
    Ok(on!(db, |c| scan_session::table.find(id).select(ScanSessionRow::as_select()).first(c).optional())?)
}

/// Sessions of an office, newest first: those that are open, then those closed since an instant.
pub fn sessions(db: &mut Db<'_>, office: &str, closed_since_us: i64) -> Result<Vec<ScanSessionRow>, StoreError> {
    Ok(on!(db, |c| scan_session::table
        .filter(scan_session::post_office_code.eq(office))
        .filter(scan_session::closed_at_us.is_null().or(scan_session::closed_at_us.ge(closed_since_us)))
        .order(scan_session::id.desc())
        .limit(100)
        .select(ScanSessionRow::as_select())
        .load(c))?)
}

/// Every scan of a session, in order of occurrence.
pub fn scans(db: &mut Db<'_>, session_id: &str) -> Result<Vec<ScanRow>, StoreError> {
    Ok(on!(db, |c| scan::table
        .filter(scan::session_id.eq(session_id))
        .order((scan::occurred_at_us, scan::recorded_at_us, scan::id))
        .select(ScanRow::as_select())
        .load(c))?)
}

/// Scans of one leg in a session, in order of recording, and what takes them back.
pub fn scans_of_leg(db: &mut Db<'_>, session_id: &str, leg_id: &str) -> Result<Vec<ScanRow>, StoreError> {
    Ok(on!(db, |c| scan::table
        .filter(scan::session_id.eq(session_id))
        .filter(scan::leg_id.eq(leg_id))
        .order((scan::recorded_at_us, scan::id))
        .select(ScanRow::as_select())
        .load(c))?)
}

/// One scan.
pub fn scan(db: &mut Db<'_>, id: &str) -> Result<Option<ScanRow>, StoreError> {
    Ok(on!(db, |c| scan::table.find(id).select(ScanRow::as_select()).first(c).optional())?)
}

/// Whether a scan was taken back.
pub fn is_undone(db: &mut Db<'_>, id: &str) -> Result<bool, StoreError> {
    let undoing: i64 = on!(db, |c| scan::table.filter(scan::undoes.eq(id)).count().get_result(c))?;
    Ok(undoing > 0)
}

/// The open legs of an office.
pub fn open_legs(db: &mut Db<'_>, office: &str) -> Result<Vec<LegRow>, StoreError> {
    Ok(on!(db, |c| leg::table
        .filter(leg::post_office_code.eq(office))
        .filter(leg::is_open.eq(1))
        .order(leg::id)
        .select(LegRow::as_select())
        .load(c))?)
}

/// Open legs of an office that stand alike, counted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
#[allow(missing_docs)]
pub struct OpenLegs {
    pub kind: String,
    pub state: String,
    pub holder: String,
    pub agency_code: String,
    pub manifest_id: String,
    pub manifest_no: String,
    pub count: i64,
}

/// How many open legs of an office stand how, by agency and manifest.
pub fn count_open_legs(db: &mut Db<'_>, office: &str) -> Result<Vec<OpenLegs>, StoreError> {
    Ok(on!(db, |c| leg::table
        .filter(leg::post_office_code.eq(office))
        .filter(leg::is_open.eq(1))
        .group_by((leg::kind, leg::state, leg::holder, leg::agency_code, leg::manifest_id, leg::manifest_no))
        .select((
            leg::kind,
            leg::state,
            leg::holder,
            leg::agency_code,
            leg::manifest_id,
            leg::manifest_no,
            diesel::dsl::count_star(),
        ))
        .load(c))?)
}

/// Legs that carry a scanned code in any of their numbers, newest first.
pub fn legs_of_code(db: &mut Db<'_>, code: &str) -> Result<Vec<LegRow>, StoreError> {
    let mut found: Vec<LegRow> = Vec::new();
    macro_rules! by {
        ($column:ident) => {
            found.extend(on!(db, |c| leg::table
                .filter(leg::$column.eq(code))
                .order(leg::id.desc())
                .limit(20)
                .select(LegRow::as_select())
                .load::<LegRow>(c))?)
        };
    }
    // One query for each index: an OR over three columns would read the table.
    by!(dossier_no);
    by!(item_number);
    by!(consignment_note_no);
    found.sort_by(|a, b| b.id.cmp(&a.id));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// Who carries a leg now.
pub fn carrier(db: &mut Db<'_>, leg_id: &str) -> Result<Option<AssignmentRow>, StoreError> {
    Ok(on!(db, |c| assignment::table
        .filter(assignment::open_leg_id.eq(leg_id))
        .select(AssignmentRow::as_select())
        .first(c)
        .optional())?)
}

/// What the postmen of an office carry, in the order it was given.
pub fn carried(db: &mut Db<'_>, office: &str) -> Result<Vec<AssignmentRow>, StoreError> {
    Ok(on!(db, |c| assignment::table
        .filter(assignment::post_office_code.eq(office))
        .filter(assignment::ended_at_us.is_null())
        .order((assignment::given_at_us, assignment::id))
        .select(AssignmentRow::as_select())
        .load(c))?)
}

/// What one postman carries, and what ended since an instant, in the order it was given.
pub fn of_postman(db: &mut Db<'_>, postman_id: &str, ended_since_us: i64) -> Result<Vec<AssignmentRow>, StoreError> {
    Ok(on!(db, |c| assignment::table
        .filter(assignment::postman_id.eq(postman_id))
        .filter(assignment::ended_at_us.is_null().or(assignment::ended_at_us.ge(ended_since_us)))
        .order((assignment::given_at_us, assignment::id))
        .select(AssignmentRow::as_select())
        .load(c))?)
}

/// Papers taken back with these legs.
pub fn recovered(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<RecoveredPaperRow>, StoreError> {
    let mut out = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| recovered_paper::table
            .filter(recovered_paper::leg_id.eq_any(part))
            .order((recovered_paper::leg_id, recovered_paper::recorded_at_us))
            .select(RecoveredPaperRow::as_select())
            .load::<RecoveredPaperRow>(c))?);
    }
    Ok(out)
}

/// Events of some kinds of many legs, in order of occurrence.
pub fn events_of_kinds(
    db: &mut Db<'_>,
    leg_ids: &[String],
    kinds: &[&str],
) -> Result<Vec<CustodyEventRow>, StoreError> {
    let mut out = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| custody_event::table
            .filter(custody_event::leg_id.eq_any(part))
            .filter(custody_event::event.eq_any(kinds))
            .order((custody_event::leg_id, custody_event::occurred_at_us))
            .select(CustodyEventRow::as_select())
            .load::<CustodyEventRow>(c))?);
    }
    Ok(out)
}

/// What a device sent under this id.
pub fn device_act(db: &mut Db<'_>, id: &str) -> Result<Option<DeviceActRow>, StoreError> {
    Ok(on!(db, |c| device_act::table.find(id).select(DeviceActRow::as_select()).first(c).optional())?)
}

/// How a refused act was given up on its device.
pub fn dismissal(db: &mut Db<'_>, act_id: &str) -> Result<Option<DeviceDismissalRow>, StoreError> {
    Ok(on!(db, |c| device_dismissal::table
        .filter(device_dismissal::act_id.eq(act_id))
        .select(DeviceDismissalRow::as_select())
        .first(c)
        .optional())?)
}

/// What was kept of a picture that a person's device sent.
pub fn device_file(db: &mut Db<'_>, sent_sha256: &str, person_id: &str) -> Result<Option<DeviceFileRow>, StoreError> {
    Ok(on!(db, |c| device_file::table
        .find((sent_sha256, person_id))
        .select(DeviceFileRow::as_select())
        .first(c)
        .optional())?)
}
