//! Lent originals: which legs' dossiers are to be looked at again, where each sheet stands, and what the desk said of it.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::domain::access::Agencies;
use crate::on;
use crate::store::arrays::{self, Column};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::original_schema::{lent_original, original_due, original_return};
use crate::store::read::IN_LIST_MAX;
use crate::store::rows::LegRow;
use crate::store::schema::{leg, procedure_list};
use crate::store::tallies::DueLeg;
use crate::store::write::must_hit;

/// Sheets of one lent paper that stand alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Queryable, Selectable, Insertable)]
#[diesel(table_name = lent_original, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct LentOriginalRow {
    pub leg_id: String,
    pub paper: String,
    pub part: i64,
    pub dossier_no: Option<String>,
    pub agency_code: String,
    pub quantity: i64,
    pub lent_at_us: i64,
    pub standing: String,
    pub since_us: i64,
    pub result_leg_id: Option<String>,
}

/// What the desk said of one.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = original_return, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct OriginalReturnRow {
    pub id: String,
    pub leg_id: String,
    pub paper: String,
    pub quantity: i64,
    pub outcome: String,
    pub person_id: String,
    pub note: Option<String>,
    pub at_us: i64,
}

/// Rows of lent originals to write.
#[derive(Debug, Clone, Default)]
pub struct OriginalWrites {
    /// Intake legs whose rows are replaced.
    pub legs: Vec<String>,
    /// Their rows from now on.
    pub lent: Vec<LentOriginalRow>,
    /// What the desk says, with the number of its words about the leg that was read.
    pub returns: Vec<(i64, OriginalReturnRow)>,
    /// Legs to look at again.
    pub due: BTreeSet<String>,
    /// Legs that were looked at, as they were read from the list.
    pub done: Vec<DueLeg>,
}

impl OriginalWrites {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let OriginalWrites { legs, lent, returns, due, done } = self;
        legs.is_empty() && lent.is_empty() && returns.is_empty() && due.is_empty() && done.is_empty()
    }

    /// Writes it inside the transaction that is open.
    pub(super) fn apply(&self, db: &mut Db<'_>) -> Result<(), StoreError> {
        if self.is_empty() {
            return Ok(());
        }
        for due in &self.done {
            // What changed since it was read is looked at again.
            let read = original_due::table.find(&due.leg_id).filter(original_due::changes.eq(due.changes));
            must_hit(on!(db, |c| diesel::delete(read).execute(c))?, "list of originals")?;
        }
        for (known, row) in &self.returns {
            let before: i64 = on!(db, |c| original_return::table
                .filter(original_return::leg_id.eq(&row.leg_id))
                .count()
                .get_result(c))?;
            must_hit(usize::from(before == *known), "word of the desk")?;
            on!(db, |c| diesel::insert_into(original_return::table).values(row).execute(c))?;
        }
        for part in self.legs.chunks(IN_LIST_MAX) {
            on!(db, |c| diesel::delete(lent_original::table.filter(lent_original::leg_id.eq_any(part))).execute(c))?;
        }
        for row in &self.lent {
            on!(db, |c| diesel::insert_into(lent_original::table).values(row).execute(c))?;
        }
        mark(db, &self.due.iter().map(String::as_str).collect())
    }
}

/// Puts legs on the list of those whose dossiers are to be looked at again; in order of id, so that two never wait for each other.
pub(super) fn mark(db: &mut Db<'_>, leg_ids: &BTreeSet<&str>) -> Result<(), StoreError> {
    match db {
        Db::Pg(c) => {
            arrays::execute(
                c,
                "INSERT INTO original_due (leg_id, changes) SELECT id, 1 FROM ",
                vec![Column::Text(leg_ids.iter().copied().collect())],
                " AS n (id) ON CONFLICT (leg_id) DO UPDATE SET changes = original_due.changes + 1",
            )?;
        }
        Db::Sqlite(c) => {
            for id in leg_ids {
                diesel::insert_into(original_due::table)
                    .values((original_due::leg_id.eq(*id), original_due::changes.eq(1)))
                    .on_conflict(original_due::leg_id)
                    .do_update()
                    .set(original_due::changes.eq(original_due::changes + 1))
                    .execute(*c)?;
            }
        }
    }
    Ok(())
}

/// Legs that are due, in order of id.
pub fn due(db: &mut Db<'_>, limit: i64) -> Result<Vec<DueLeg>, StoreError> {
    Ok(on!(db, |c| original_due::table
        .order(original_due::leg_id)
        .limit(limit)
        .select((original_due::leg_id, original_due::changes))
        .load(c))?)
}

/// Which of these legs are due.
pub fn due_among(db: &mut Db<'_>, leg_ids: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let mut found = BTreeSet::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| original_due::table
            .filter(original_due::leg_id.eq_any(part))
            .select(original_due::leg_id)
            .load::<String>(c))?);
    }
    Ok(found)
}

/// Whether any checklist lends originals, or any is lent: where not, no leg needs to be looked at.
pub fn are_kept(db: &mut Db<'_>) -> Result<bool, StoreError> {
    let listed: Option<String> = on!(db, |c| procedure_list::table
        .filter(procedure_list::papers.like("%\"compare\":true%"))
        .select(procedure_list::code)
        .first(c)
        .optional())?;
    let lent: Option<String> = on!(db, |c| lent_original::table.select(lent_original::leg_id).first(c).optional())?;
    Ok(listed.is_some() || lent.is_some())
}

/// Every leg of these dossiers, in order of id.
pub fn legs_of_dossiers(db: &mut Db<'_>, numbers: &[String]) -> Result<Vec<LegRow>, StoreError> {
    let mut found = Vec::new();
    for part in numbers.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| leg::table
            .filter(leg::dossier_no.eq_any(part))
            .order(leg::id)
            .select(LegRow::as_select())
            .load::<LegRow>(c))?);
    }
    Ok(found)
}

/// Where the originals of these intake legs stand, in order of leg, paper and part.
pub fn of_legs(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<LentOriginalRow>, StoreError> {
    let mut found = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| lent_original::table
            .filter(lent_original::leg_id.eq_any(part))
            .select(LentOriginalRow::as_select())
            .load::<LentOriginalRow>(c))?);
    }
    found.sort();
    Ok(found)
}

/// Originals of these dossiers that the agency has, in order of leg, paper and part.
pub fn at_agency(db: &mut Db<'_>, numbers: &[String]) -> Result<Vec<LentOriginalRow>, StoreError> {
    let mut found = Vec::new();
    for part in numbers.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| lent_original::table
            .filter(lent_original::dossier_no.eq_any(part))
            .filter(lent_original::standing.eq_any(["AT_AGENCY", "UNRETURNED"]))
            .select(LentOriginalRow::as_select())
            .load::<LentOriginalRow>(c))?);
    }
    found.sort();
    Ok(found)
}

/// What the desk said of the originals of these intake legs, in the order it was said.
pub fn returns_of(db: &mut Db<'_>, leg_ids: &[String]) -> Result<Vec<OriginalReturnRow>, StoreError> {
    let mut found = Vec::new();
    for part in leg_ids.chunks(IN_LIST_MAX) {
        found.extend(on!(db, |c| original_return::table
            .filter(original_return::leg_id.eq_any(part))
            .select(OriginalReturnRow::as_select())
            .load::<OriginalReturnRow>(c))?);
    }
    found.sort_by(|a, b| (a.at_us, &a.id).cmp(&(b.at_us, &b.id)));
    Ok(found)
}

/// The key of a row: intake leg, paper, part.
#[derive(Debug, Clone, Copy)]
pub struct LentKey<'a> {
    /// The intake leg.
    pub leg_id: &'a str,
    /// The name on the checklist.
    pub paper: &'a str,
    /// Which of its parts.
    pub part: i64,
}

/// A page of the originals that stand so, behind a key and in the order of keys; of these agencies, narrowed to one, or all.
pub fn page(
    db: &mut Db<'_>,
    agencies: &Agencies,
    agency: Option<&str>,
    standings: &[&str],
    after: Option<LentKey<'_>>,
    limit: i64,
) -> Result<Vec<LentOriginalRow>, StoreError> {
    use lent_original::{leg_id, paper, part};
    Ok(on!(db, |c| {
        let mut query = lent_original::table
            .filter(lent_original::standing.eq_any(standings))
            .order((leg_id, paper, part))
            .limit(limit)
            .select(LentOriginalRow::as_select())
            .into_boxed();
        if let Some(key) = after {
            let later_part = paper.gt(key.paper).or(paper.eq(key.paper).and(part.gt(key.part)));
            query = query.filter(leg_id.gt(key.leg_id).or(leg_id.eq(key.leg_id).and(later_part)));
        }
        if let Agencies::Only(codes) = agencies {
            query = query.filter(lent_original::agency_code.eq_any(codes));
        }
        if let Some(code) = agency {
            query = query.filter(lent_original::agency_code.eq(code));
        }
        query.load(c)?
    }))
}

/// Originals that stand so, longest first; of these agencies, narrowed to one, or all.
pub fn standing(
    db: &mut Db<'_>,
    agencies: &Agencies,
    agency: Option<&str>,
    standings: &[&str],
    limit: i64,
) -> Result<Vec<LentOriginalRow>, StoreError> {
    Ok(on!(db, |c| {
        let mut query = lent_original::table
            .filter(lent_original::standing.eq_any(standings))
            .order((lent_original::since_us, lent_original::leg_id, lent_original::paper, lent_original::part))
            .limit(limit)
            .select(LentOriginalRow::as_select())
            .into_boxed();
        if let Agencies::Only(codes) = agencies {
            query = query.filter(lent_original::agency_code.eq_any(codes));
        }
        if let Some(code) = agency {
            query = query.filter(lent_original::agency_code.eq(code));
        }
        query.load(c)
    })?)
}
