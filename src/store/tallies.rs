//! Roll-ups: which legs are due, and rounds that replace what legs contribute and apply the differences to the sums.
//!
//! A round is one transaction. It holds only while no other round came between its reading and its commit (`round`), and it takes a
//! leg off the list only when nothing changed the leg meanwhile: so nothing is counted twice and nothing is lost, whatever process dies when.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::base::time::parse_date;
use crate::domain::tally::spans_of;
use crate::on;
use crate::store::arrays::{self, Arrayed, Column, columns};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::IN_LIST_MAX;
use crate::store::schema::leg;
use crate::store::tally_schema::{leg_tally, tally_basis, tally_by_office, tally_by_procedure, tally_due};
use crate::store::write::{WriteSet, must_hit};
use crate::store::{Store, originals};

/// The one row of `tally_basis`.
const BOOKS: &str = "books";

/// What a leg contributes: one row for each measure, day and cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Insertable)]
#[diesel(table_name = leg_tally, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct LegTallyRow {
    pub leg_id: String,
    pub measure: String,
    pub day: String,
    /// Empty: none.
    pub cause: String,
    pub amount: i64,
}

/// A sum by agency and procedure.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = tally_by_procedure, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ProcedureTallyRow {
    pub span: String,
    pub measure: String,
    pub agency_code: String,
    pub procedure_code: String,
    pub kind: String,
    pub legs: i64,
    pub amount: i64,
}

/// A sum by agency, post office and cause.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = tally_by_office, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct OfficeTallyRow {
    pub span: String,
    pub measure: String,
    pub agency_code: String,
    pub post_office_code: String,
    pub kind: String,
    pub cause: String,
    pub legs: i64,
    pub amount: i64,
}

/// Where a leg is counted: what never changes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Place {
    pub agency_code: String,
    pub procedure_code: String,
    pub post_office_code: String,
    pub kind: String,
}

/// A leg that is due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable)]
pub struct DueLeg {
    /// Which.
    pub leg_id: String,
    /// How often it had changed when it was read.
    pub changes: i64,
}

/// A leg that was rolled up.
#[derive(Debug, Clone)]
pub struct Rolled {
    /// Which, as it was read.
    pub due: DueLeg,
    /// Where it is counted.
    pub place: Place,
    /// What it contributes from now on; none where its events cannot be read, and what it contributed stands.
    pub rows: Option<Vec<LegTallyRow>>,
    /// Its dossier may have lent originals, which are looked at again after the round.
    pub lends: bool,
}

/// What the stored tallies rest on, and how far rounds have come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Queryable)]
pub struct Basis {
    /// Rules, calendar and settings.
    pub basis: String,
    /// The last round.
    pub round: i64,
    /// When it was, UTC microseconds.
    pub rolled_up_at_us: i64,
}

/// What tallies rest on; nothing before the first round.
pub fn basis(db: &mut Db<'_>) -> Result<Option<Basis>, StoreError> {
    Ok(on!(db, |c| tally_basis::table
        .find(BOOKS)
        .select((tally_basis::basis, tally_basis::round, tally_basis::rolled_up_at_us))
        .first(c)
        .optional())?)
}

/// Legs that are due, in order of id.
pub fn due(db: &mut Db<'_>, limit: i64) -> Result<Vec<DueLeg>, StoreError> {
    Ok(on!(db, |c| tally_due::table
        .order(tally_due::leg_id)
        .limit(limit)
        .select((tally_due::leg_id, tally_due::changes))
        .load(c))?)
}

/// Which of these legs are due.
pub fn due_among(db: &mut Db<'_>, leg_ids: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let mut found = BTreeSet::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| tally_due::table
            .filter(tally_due::leg_id.eq_any(part))
            .select(tally_due::leg_id)
            .load::<String>(c))?);
    }
    Ok(found)
}

/// What these legs contribute, in order of leg, measure, day and cause.
pub fn of_legs(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<LegTallyRow>, StoreError> {
    let mut found = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| leg_tally::table
            .filter(leg_tally::leg_id.eq_any(part))
            .select(LegTallyRow::as_select())
            .load::<LegTallyRow>(c))?);
    }
    found.sort();
    Ok(found)
}

/// The legs that a set changes in what they contribute.
fn changed(set: &WriteSet) -> impl Iterator<Item = &str> {
    let legs = set.legs.iter().map(|leg| leg.id.as_str());
    let changes = set.leg_changes.iter().map(|change| change.id.as_str());
    let paid = set.postage_paid.iter().map(|paid| paid.leg_id.as_str());
    legs.chain(changes).chain(paid).chain(set.recovered.iter().map(|row| row.leg_id.as_str()))
}

/// Puts the legs of these sets on the list, in the transaction that changes them.
pub(super) fn mark_due(db: &mut Db<'_>, sets: &[&WriteSet]) -> Result<(), StoreError> {
    mark(db, &sets.iter().flat_map(|set| changed(set)).collect())
}

/// Puts legs on the list. In order of id on every connection, so that two never wait for each other.
pub(super) fn mark(db: &mut Db<'_>, leg_ids: &BTreeSet<&str>) -> Result<(), StoreError> {
    match db {
        Db::Pg(c) => {
            arrays::execute(
                c,
                "INSERT INTO tally_due (leg_id, changes) SELECT id, 1 FROM ",
                vec![Column::Text(leg_ids.iter().copied().collect())],
                " AS n (id) ON CONFLICT (leg_id) DO UPDATE SET changes = tally_due.changes + 1",
            )?;
        }
        Db::Sqlite(c) => {
            for id in leg_ids {
                diesel::insert_into(tally_due::table)
                    .values((tally_due::leg_id.eq(*id), tally_due::changes.eq(1)))
                    .on_conflict(tally_due::leg_id)
                    .do_update()
                    .set(tally_due::changes.eq(tally_due::changes + 1))
                    .execute(*c)?;
            }
        }
    }
    Ok(())
}

/// Every leg on the list, in order of id; `WHERE true` lets SQLite tell the upsert from a join.
const ALL_DUE: &str = "INSERT INTO tally_due (leg_id, changes) SELECT id, 1 FROM leg WHERE true ORDER BY id \
     ON CONFLICT (leg_id) DO UPDATE SET changes = tally_due.changes + 1";

/// Puts the legs of these procedures on the list, whose papers to take back or to give back have changed: (code, agency or `*`).
pub(super) fn mark_procedures_due(db: &mut Db<'_>, procedures: &BTreeSet<(String, String)>) -> Result<(), StoreError> {
    if procedures.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = procedures.iter().map(|(code, _)| code.as_str()).collect();
    let legs: Vec<(String, String, String)> = on!(db, |c| leg::table
        .filter(leg::procedure_code.eq_any(&codes))
        .select((leg::id, leg::procedure_code, leg::agency_code))
        .load(c))?;
    let meant = |code: &str, agency: &str| procedures.iter().any(|(of, by)| of == code && (by == "*" || by == agency));
    let ids = legs.iter().filter(|(_, code, agency)| meant(code, agency)).map(|(id, ..)| id.as_str());
    mark(db, &ids.collect())
}

/// Puts every leg on the list.
pub(super) fn mark_all_due(db: &mut Db<'_>) -> Result<(), StoreError> {
    on!(db, |c| diesel::sql_query(ALL_DUE).execute(c))?;
    Ok(())
}

impl Store {
    /// Has every leg rolled up anew on another basis; with `emptied` nothing that is stored is kept.
    pub fn begin_tallies(&self, basis: String, emptied: bool) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(tally_basis::table)
                .values((
                    tally_basis::name.eq(BOOKS),
                    tally_basis::basis.eq(&basis),
                    tally_basis::round.eq(1),
                    tally_basis::rolled_up_at_us.eq(0),
                ))
                .on_conflict(tally_basis::name)
                .do_update()
                .set((tally_basis::basis.eq(&basis), tally_basis::round.eq(tally_basis::round + 1)))
                .execute(c))?;
            if emptied {
                on!(db, |c| {
                    diesel::delete(leg_tally::table).execute(c)?;
                    diesel::delete(tally_by_procedure::table).execute(c)?;
                    diesel::delete(tally_by_office::table).execute(c)
                })?;
            }
            mark_all_due(db)
        })
    }

    /// One round: what these legs contribute is replaced, the sums follow, and legs that did not change meanwhile are due no more.
    pub fn roll_up(&self, round_read: i64, now_us: i64, legs: Vec<Rolled>) -> Result<(), StoreError> {
        self.write(move |db| {
            let hit =
                on!(db, |c| diesel::update(tally_basis::table.find(BOOKS).filter(tally_basis::round.eq(round_read)))
                    .set((tally_basis::round.eq(round_read.saturating_add(1)), tally_basis::rolled_up_at_us.eq(now_us)))
                    .execute(c))?;
            must_hit(hit, "round of roll-ups")?;
            let ids: Vec<String> = legs.iter().map(|leg| leg.due.leg_id.clone()).collect();
            let stored = of_legs(db, &ids)?;
            let changes = Changes::of(&stored, &legs)?;
            changes.apply(db)?;
            no_longer_due(db, &legs)?;
            let lending = legs.iter().filter(|leg| leg.lends).map(|leg| leg.due.leg_id.as_str());
            originals::mark(db, &lending.collect())?;
            crate::base::fault::point("tallies.before_commit");
            Ok(())
        })
    }
}

/// Legs and amount of a cell.
type Sum = (i64, i64);

/// What a round changes.
#[derive(Default)]
struct Changes<'a> {
    gone: Vec<&'a LegTallyRow>,
    new: Vec<&'a LegTallyRow>,
    by_procedure: BTreeMap<(String, &'a str, &'a str, &'a str, &'a str), Sum>,
    by_office: BTreeMap<(String, &'a str, &'a str, &'a str, &'a str, &'a str), Sum>,
}

impl<'a> Changes<'a> {
    fn of(stored: &'a [LegTallyRow], legs: &'a [Rolled]) -> Result<Self, StoreError> {
        let mut before: BTreeMap<&str, BTreeSet<&LegTallyRow>> = BTreeMap::new();
        for row in stored {
            before.entry(row.leg_id.as_str()).or_default().insert(row);
        }
        let mut changes = Changes::default();
        for leg in legs {
            let Some(rows) = &leg.rows else { continue };
            let before = before.remove(leg.due.leg_id.as_str()).unwrap_or_default();
            let after: BTreeSet<&LegTallyRow> = rows.iter().collect();
            for row in before.difference(&after) {
                changes.gone.push(row);
                changes.count(row, &leg.place, -1)?;
            }
            for row in after.difference(&before) {
                changes.new.push(row);
                changes.count(row, &leg.place, 1)?;
            }
        }
        Ok(changes)
    }

    fn count(&mut self, row: &'a LegTallyRow, place: &'a Place, sign: i64) -> Result<(), StoreError> {
        let day =
            parse_date(&row.day).ok_or_else(|| StoreError::Corrupt(format!("day of a tally of {}", row.leg_id)))?;
        let amount = row.amount.saturating_mul(sign);
        for span in spans_of(day) {
            let (measure, agency, kind) = (row.measure.as_str(), place.agency_code.as_str(), place.kind.as_str());
            let key = (span.clone(), measure, agency, place.procedure_code.as_str(), kind);
            let cell = self.by_procedure.entry(key).or_default();
            *cell = (cell.0 + sign, cell.1.saturating_add(amount));
            let key = (span, measure, agency, place.post_office_code.as_str(), kind, row.cause.as_str());
            let cell = self.by_office.entry(key).or_default();
            *cell = (cell.0 + sign, cell.1.saturating_add(amount));
        }
        Ok(())
    }

    fn apply(&self, db: &mut Db<'_>) -> Result<(), StoreError> {
        let by_procedure: Vec<ProcedureTallyRow> = moved(&self.by_procedure).map(procedure_row).collect();
        let by_office: Vec<OfficeTallyRow> = moved(&self.by_office).map(office_row).collect();
        match db {
            Db::Pg(c) => {
                arrays::execute(
                    c,
                    "DELETE FROM leg_tally AS t USING ",
                    columns!(self.gone, leg_id, measure, day, cause),
                    " AS n (leg_id, measure, day, cause) \
                     WHERE t.leg_id = n.leg_id AND t.measure = n.measure AND t.day = n.day AND t.cause = n.cause",
                )?;
                arrays::insert(c, &self.new)?;
                add_to(c, &by_procedure, "span, measure, agency_code, procedure_code, kind")?;
                add_to(c, &by_office, "span, measure, agency_code, post_office_code, kind, cause")
            }
            Db::Sqlite(c) => self.apply_each(c, &by_procedure, &by_office),
        }
    }

    /// SQLite is fastest with one prepared statement for each row.
    fn apply_each(
        &self,
        c: &mut SqliteConnection,
        by_procedure: &[ProcedureTallyRow],
        by_office: &[OfficeTallyRow],
    ) -> Result<(), StoreError> {
        for row in &self.gone {
            let key = (&row.leg_id, &row.measure, &row.day, &row.cause);
            diesel::delete(leg_tally::table.find(key)).execute(c)?;
        }
        for row in &self.new {
            diesel::insert_into(leg_tally::table).values(*row).execute(c)?;
        }
        macro_rules! add_to {
            ($table:ident, $rows:expr, ($($key:ident),+)) => {
                for row in $rows {
                    diesel::insert_into($table::table)
                        .values(row)
                        .on_conflict(($($table::$key),+))
                        .do_update()
                        .set((
                            $table::legs.eq($table::legs + excluded($table::legs)),
                            $table::amount.eq($table::amount + excluded($table::amount)),
                        ))
                        .execute(c)?;
                }
            };
        }
        add_to!(tally_by_procedure, by_procedure, (span, measure, agency_code, procedure_code, kind));
        add_to!(tally_by_office, by_office, (span, measure, agency_code, post_office_code, kind, cause));
        Ok(())
    }
}

/// Adds to sums, on PostgreSQL.
fn add_to<R: Arrayed>(c: &mut PgConnection, rows: &[R], key: &str) -> Result<(), StoreError> {
    let sum = |column: &str| format!("{column} = {}.{column} + excluded.{column}", R::TABLE);
    let otherwise = format!(" ON CONFLICT ({key}) DO UPDATE SET {}, {}", sum("legs"), sum("amount"));
    arrays::insert_or(c, &rows.iter().collect::<Vec<_>>(), &otherwise)?;
    Ok(())
}

/// Cells that are not as they were.
fn moved<K>(cells: &BTreeMap<K, Sum>) -> impl Iterator<Item = (&K, &Sum)> {
    cells.iter().filter(|(_, sum)| **sum != (0, 0))
}

fn procedure_row(
    ((span, measure, agency, procedure, kind), (legs, amount)): (&(String, &str, &str, &str, &str), &Sum),
) -> ProcedureTallyRow {
    ProcedureTallyRow {
        span: span.clone(),
        measure: (*measure).to_owned(),
        agency_code: (*agency).to_owned(),
        procedure_code: (*procedure).to_owned(),
        kind: (*kind).to_owned(),
        legs: *legs,
        amount: *amount,
    }
}

fn office_row(
    ((span, measure, agency, office, kind, cause), (legs, amount)): (&(String, &str, &str, &str, &str, &str), &Sum),
) -> OfficeTallyRow {
    OfficeTallyRow {
        span: span.clone(),
        measure: (*measure).to_owned(),
        agency_code: (*agency).to_owned(),
        post_office_code: (*office).to_owned(),
        kind: (*kind).to_owned(),
        cause: (*cause).to_owned(),
        legs: *legs,
        amount: *amount,
    }
}

/// Takes legs off the list, each unless it changed since it was read.
fn no_longer_due(db: &mut Db<'_>, legs: &[Rolled]) -> Result<(), StoreError> {
    let mut by_changes: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for leg in legs {
        by_changes.entry(leg.due.changes).or_default().push(leg.due.leg_id.as_str());
    }
    if let Db::Pg(c) = db {
        // Locked in order of id first, as those who put legs on the list do.
        let ids: BTreeSet<&str> = legs.iter().map(|leg| leg.due.leg_id.as_str()).collect();
        let _: Vec<String> = tally_due::table
            .filter(tally_due::leg_id.eq_any(ids.into_iter().collect::<Vec<_>>()))
            .order(tally_due::leg_id)
            .select(tally_due::leg_id)
            .for_update()
            .load(*c)?;
    }
    for (changes, ids) in by_changes {
        for part in ids.chunks(IN_LIST_MAX) {
            let read = tally_due::table.filter(tally_due::leg_id.eq_any(part)).filter(tally_due::changes.eq(changes));
            on!(db, |c| diesel::delete(read).execute(c))?;
        }
    }
    Ok(())
}
