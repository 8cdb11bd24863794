//! Legal clocks in the store: which legs are to be derived, how their clocks stand, what the one-stop side told, and zones of places.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::on;
use crate::store::Store;
use crate::store::arrays::{self, Column, columns};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::people::add_act;
use crate::store::people_rows::AuditRow;
use crate::store::read::IN_LIST_MAX;
use crate::store::schema::{self, case_mark, clock_basis, clock_turn, leg, leg_clock, postal_zone, procedure_list};
use crate::store::tallies;
use crate::store::write::WriteSet;

/// When the clocks of a leg are to be derived.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schema::clock_turn)]
#[allow(missing_docs)]
pub struct ClockTurnRow {
    pub leg_id: String,
    pub due_at_us: Option<i64>,
    pub derived_at_us: Option<i64>,
    pub version: i64,
}

/// How a clock of a leg stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schema::leg_clock, treat_none_as_default_value = false, treat_none_as_null = true)]
#[allow(missing_docs)]
pub struct LegClockRow {
    pub leg_id: String,
    pub clock: String,
    pub status: String,
    pub unknown: Option<String>,
    pub started_at_us: Option<i64>,
    pub restarts: i64,
    pub due_at_us: Option<i64>,
    pub ended_at_us: Option<i64>,
    pub reason: Option<String>,
    pub pauses: String,
    pub used_citizen_us: Option<i64>,
    pub used_post_us: Option<i64>,
    pub used_agency_us: Option<i64>,
    pub used_unknown_us: Option<i64>,
    pub calendar: String,
    pub flag: Option<String>,
}

/// What the one-stop side told of a dossier.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::case_mark, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct CaseMarkRow {
    pub id: String,
    pub counterpart: String,
    pub mark_id: String,
    pub sha256: String,
    pub agency_code: String,
    pub dossier_no: String,
    pub leg_kind: String,
    pub mark: String,
    pub occurred_at_us: i64,
    pub date: Option<String>,
    pub reference: Option<String>,
    pub person_id: Option<String>,
    pub recorded_at_us: i64,
}

/// The zone of a place.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::postal_zone, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct PostalZoneRow {
    pub place: String,
    pub province: String,
    pub zone: String,
    pub class: String,
}

/// What all rows were derived with.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ClockBasis {
    /// Digest of the settings.
    pub settings: String,
    /// The leg after which rows are still to be derived anew; none when all are.
    pub walk_after: Option<String>,
}

/// Rows of the clocks to write, as a part of a write set. A turn is replaced where its version is still the one that was read.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs)]
pub struct ClockWrites {
    pub turns: Vec<ClockTurnRow>,
    pub rows: Vec<LegClockRow>,
    /// (leg, clock) of rows that are no more.
    pub gone: Vec<(String, String)>,
    pub marks: Vec<CaseMarkRow>,
    /// Legs whose clocks something else than their own events moved.
    pub touched: Vec<String>,
}

impl ClockWrites {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let ClockWrites { turns, rows, gone, marks, touched } = self;
        turns.is_empty() && rows.is_empty() && gone.is_empty() && marks.is_empty() && touched.is_empty()
    }
}

/// Asks for the clocks of these legs: one statement on PostgreSQL, one prepared statement for each on SQLite. The ids come sorted,
/// so that two who ask for the same legs never wait for each other in a ring.
fn touch(db: &mut Db<'_>, legs: &BTreeSet<&str>) -> Result<(), StoreError> {
    match db {
        Db::Pg(c) => {
            arrays::execute(
                c,
                "INSERT INTO clock_turn (leg_id, due_at_us, derived_at_us, version) SELECT id, 0, NULL, 1 FROM ",
                vec![Column::Text(legs.iter().copied().collect())],
                " AS n (id) ON CONFLICT (leg_id) DO UPDATE SET due_at_us = 0, version = clock_turn.version + 1",
            )?;
        }
        Db::Sqlite(c) => {
            for id in legs {
                diesel::insert_into(clock_turn::table)
                    .values((clock_turn::leg_id.eq(*id), clock_turn::due_at_us.eq(0), clock_turn::version.eq(1)))
                    .on_conflict(clock_turn::leg_id)
                    .do_update()
                    .set((clock_turn::due_at_us.eq(0), clock_turn::version.eq(clock_turn::version + 1)))
                    .execute(*c)?;
            }
        }
    }
    Ok(())
}

/// Writes the clocks of these sets inside the transaction that is open. Whatever touches a leg asks for its clocks: no use case can
/// forget it.
pub(super) fn apply(db: &mut Db<'_>, sets: &[&WriteSet]) -> Result<(), StoreError> {
    let mut touched: BTreeSet<&str> = BTreeSet::new();
    for set in sets {
        touched.extend(set.legs.iter().map(|row| row.id.as_str()));
        touched.extend(set.leg_changes.iter().map(|change| change.id.as_str()));
        touched.extend(set.clocks.touched.iter().map(String::as_str));
    }
    touch(db, &touched)?;
    for set in sets {
        let writes = &set.clocks;
        replace_turns(db, &writes.turns)?;
        for (leg_id, clock) in &writes.gone {
            on!(db, |c| diesel::delete(leg_clock::table.find((leg_id, clock))).execute(c))?;
        }
        upsert_rows(db, &writes.rows)?;
        for mark in &writes.marks {
            on!(db, |c| diesel::insert_into(case_mark::table).values(mark).execute(c))?;
        }
    }
    Ok(())
}

fn replace_turns(db: &mut Db<'_>, turns: &[ClockTurnRow]) -> Result<(), StoreError> {
    let hit = match db {
        Db::Pg(c) => arrays::execute(
            c,
            "UPDATE clock_turn SET due_at_us = n.due_at_us, derived_at_us = n.derived_at_us FROM ",
            columns!(turns, leg_id, due_at_us, derived_at_us, version),
            " AS n (leg_id, due_at_us, derived_at_us, version) \
             WHERE clock_turn.leg_id = n.leg_id AND clock_turn.version = n.version",
        )?,
        Db::Sqlite(c) => {
            let mut hit = 0;
            for turn in turns {
                let read = clock_turn::table.find(&turn.leg_id).filter(clock_turn::version.eq(turn.version));
                hit += diesel::update(read)
                    .set((clock_turn::due_at_us.eq(turn.due_at_us), clock_turn::derived_at_us.eq(turn.derived_at_us)))
                    .execute(*c)?;
            }
            hit
        }
    };
    if hit == turns.len() { Ok(()) } else { Err(StoreError::Conflict("clocks of a leg".to_owned())) }
}

fn upsert_rows(db: &mut Db<'_>, rows: &[LegClockRow]) -> Result<(), StoreError> {
    use leg_clock::dsl as t;
    match db {
        Db::Pg(c) => {
            arrays::upsert(c, &rows.iter().collect::<Vec<_>>(), &["leg_id", "clock"])?;
        }
        Db::Sqlite(c) => {
            for row in rows {
                diesel::insert_into(t::leg_clock)
                    .values(row)
                    .on_conflict((t::leg_id, t::clock))
                    .do_update()
                    .set(row)
                    .execute(*c)?;
            }
        }
    }
    Ok(())
}

/// Legs whose clocks are due, the longest waiting first.
pub fn due_turns(db: &mut Db<'_>, now_us: i64, limit: i64) -> Result<Vec<ClockTurnRow>, StoreError> {
    Ok(on!(db, |c| clock_turn::table
        .filter(clock_turn::due_at_us.le(now_us))
        .order((clock_turn::due_at_us, clock_turn::leg_id))
        .limit(limit)
        .select(ClockTurnRow::as_select())
        .load(c))?)
}

/// The turns of these legs.
pub fn turns_of(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<ClockTurnRow>, StoreError> {
    let mut out = Vec::with_capacity(leg_ids.len());
    for part in leg_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| clock_turn::table
            .filter(clock_turn::leg_id.eq_any(part))
            .select(ClockTurnRow::as_select())
            .load::<ClockTurnRow>(c))?);
    }
    Ok(out)
}

/// The stored clocks of these legs.
pub fn rows_of(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<LegClockRow>, StoreError> {
    let mut out = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| leg_clock::table
            .filter(leg_clock::leg_id.eq_any(part))
            .order((leg_clock::leg_id, leg_clock::clock))
            .select(LegClockRow::as_select())
            .load::<LegClockRow>(c))?);
    }
    Ok(out)
}

/// Running clocks of these kinds that end in `from..until`, the earliest first: leg, clock, end.
pub fn running_until(
    db: &mut Db<'_>,
    clocks: &[&str],
    (agency, office): (Option<&[String]>, Option<&str>),
    (from_us, until_us): (i64, i64),
    limit: i64,
) -> Result<Vec<(String, String, i64)>, StoreError> {
    let found: Vec<(String, String, Option<i64>)> = on!(db, |c| {
        let mut query = leg_clock::table
            .inner_join(leg::table.on(leg::id.eq(leg_clock::leg_id)))
            .filter(leg_clock::status.eq("RUNNING"))
            .filter(leg_clock::due_at_us.ge(from_us))
            .filter(leg_clock::due_at_us.lt(until_us))
            .filter(leg_clock::clock.eq_any(clocks))
            .order((leg_clock::due_at_us, leg_clock::leg_id))
            .select((leg_clock::leg_id, leg_clock::clock, leg_clock::due_at_us))
            .limit(limit)
            .into_boxed();
        if let Some(agencies) = agency {
            query = query.filter(leg::agency_code.eq_any(agencies));
        }
        if let Some(office) = office {
            query = query.filter(leg::post_office_code.eq(office));
        }
        query.load(c)
    })?;
    Ok(found.into_iter().filter_map(|(leg_id, clock, due)| Some((leg_id, clock, due?))).collect())
}

/// What was told of these dossiers, by every agency.
pub fn marks_of(db: &mut Db<'_>, dossiers: &[String]) -> Result<Vec<CaseMarkRow>, StoreError> {
    let mut out = Vec::new();
    for part in dossiers.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| case_mark::table
            .filter(case_mark::dossier_no.eq_any(part))
            .order((case_mark::occurred_at_us, case_mark::id))
            .select(CaseMarkRow::as_select())
            .load::<CaseMarkRow>(c))?);
    }
    Ok(out)
}

/// Marks that a teller has told before, by its ids of them.
pub fn marks_known(db: &mut Db<'_>, counterpart: &str, mark_ids: &[String]) -> Result<Vec<CaseMarkRow>, StoreError> {
    let mut out = Vec::new();
    for part in mark_ids.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| case_mark::table
            .filter(case_mark::counterpart.eq(counterpart))
            .filter(case_mark::mark_id.eq_any(part))
            .select(CaseMarkRow::as_select())
            .load::<CaseMarkRow>(c))?);
    }
    Ok(out)
}

/// A leg of a dossier, as far as clocks of its other legs need it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schema::leg)]
#[allow(missing_docs)]
pub struct DossierLeg {
    pub id: String,
    pub kind: String,
    pub dossier_no: Option<String>,
    pub agency_code: String,
    pub supplement_no: Option<i64>,
    pub filed_at_us: Option<i64>,
}

/// The legs of these dossiers, in order of id.
pub fn legs_of_dossiers(db: &mut Db<'_>, dossiers: &[String]) -> Result<Vec<DossierLeg>, StoreError> {
    let mut out = Vec::new();
    for part in dossiers.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| leg::table
            .filter(leg::dossier_no.eq_any(part))
            .order(leg::id)
            .select(DossierLeg::as_select())
            .load::<DossierLeg>(c))?);
    }
    Ok(out)
}

/// Working days of these procedures: code, agency (`*`: every one), days.
pub fn days_of_procedures(db: &mut Db<'_>, codes: &[String]) -> Result<Vec<(String, String, Option<i64>)>, StoreError> {
    let mut out = Vec::new();
    for part in codes.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| procedure_list::table
            .filter(procedure_list::code.eq_any(part))
            .order((procedure_list::code, procedure_list::agency_code))
            .select((procedure_list::code, procedure_list::agency_code, procedure_list::days))
            .load::<(String, String, Option<i64>)>(c))?);
    }
    Ok(out)
}

/// The zones of these places.
pub fn zones_of(db: &mut Db<'_>, places: &[String]) -> Result<Vec<PostalZoneRow>, StoreError> {
    let mut out = Vec::new();
    for part in places.chunks(IN_LIST_MAX) {
        out.extend(on!(db, |c| postal_zone::table
            .filter(postal_zone::place.eq_any(part))
            .select(PostalZoneRow::as_select())
            .load::<PostalZoneRow>(c))?);
    }
    Ok(out)
}

/// What all rows were derived with.
pub fn basis(db: &mut Db<'_>) -> Result<ClockBasis, StoreError> {
    Ok(on!(db, |c| clock_basis::table.select((clock_basis::settings, clock_basis::walk_after)).first::<ClockBasis>(c))?)
}

/// Every leg is to be derived anew: what all rest on has changed in the transaction that is open.
pub(super) fn derive_all_anew(db: &mut Db<'_>) -> Result<(), StoreError> {
    on!(db, |c| diesel::update(clock_basis::table).set(clock_basis::walk_after.eq(Some(""))).execute(c))?;
    Ok(())
}

impl Store {
    /// Every leg is to be derived anew, with these settings from now on.
    pub fn clocks_anew(&self, settings: String) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::update(clock_basis::table)
                .set((clock_basis::settings.eq(&settings), clock_basis::walk_after.eq(Some(""))))
                .execute(c))?;
            Ok(())
        })
    }

    /// Asks for the clocks of the next legs of a walk over all of them, where nobody else went on with it. The walk is over when the page
    /// is not full.
    pub fn walk_clocks(&self, after: String, page: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            let ids: Vec<String> =
                on!(db, |c| leg::table.filter(leg::id.gt(&after)).order(leg::id).limit(page).select(leg::id).load(c))?;
            let next = ids.last().filter(|_| i64::try_from(ids.len()) == Ok(page)).cloned();
            let moved = on!(db, |c| diesel::update(clock_basis::table.filter(clock_basis::walk_after.eq(&after)))
                .set(clock_basis::walk_after.eq(&next))
                .execute(c))?;
            if moved == 0 {
                return Ok(());
            }
            touch(db, &ids.iter().map(String::as_str).collect())
        })
    }

    /// Loads zones: those that are there are replaced, others stay.
    pub fn load_zones(&self, zones: Vec<PostalZoneRow>, act: AuditRow) -> Result<(), StoreError> {
        self.write(move |db| {
            for row in &zones {
                on!(db, |c| diesel::delete(postal_zone::table.find(&row.place)).execute(c))?;
                on!(db, |c| diesel::insert_into(postal_zone::table).values(row).execute(c))?;
            }
            derive_all_anew(db)?;
            // Whether a result came within J+n is counted in the roll-ups too.
            tallies::mark_all_due(db)?;
            add_act(db, &act)
        })
    }
}
