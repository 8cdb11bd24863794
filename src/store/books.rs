//! Books of the other sides and their entries, and the runs that compared them with the ledger.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::domain::access::Agencies;
use crate::domain::books::Source;
use crate::domain::leg::Side;
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::IN_LIST_MAX;
use crate::store::rows::DiscrepancyRow;
use crate::store::schema::{self, book, book_entry, custody_event, discrepancy, event_detail, leg, reconciliation};

/// A book.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::book, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct BookRow {
    pub id: String,
    pub side: String,
    pub counterpart: String,
    pub from_day: String,
    pub until_day: String,
    pub as_of_us: i64,
    pub complete: i64,
    pub covers: String,
    pub source: String,
    pub content_sha256: String,
    pub entries: i64,
    pub refused: i64,
    pub taken_at_us: i64,
    pub taken_by: Option<String>,
}

/// What a side says now of one item or case.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::book_entry, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct BookEntryRow {
    pub side: String,
    pub counterpart: String,
    pub entry_key: String,
    pub book_id: String,
    pub line_no: i64,
    pub as_of_us: i64,
    pub day: String,
    pub says: String,
    pub said_at_us: Option<i64>,
    pub raw_code: Option<String>,
    pub leg_id: Option<String>,
    pub item_number: Option<String>,
    pub item_sound: Option<i64>,
    pub dossier_no: Option<String>,
    pub leg_kind: Option<String>,
    pub agency_code: Option<String>,
    pub originals: Option<i64>,
    pub copies: Option<i64>,
    pub seal_no: Option<String>,
    pub receiver_sha256: Option<String>,
    pub fee: Option<i64>,
    pub filed_by_post: Option<i64>,
    pub result_by_post: Option<i64>,
    pub sent_on: Option<String>,
}

/// What is compared of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schema::book_entry)]
#[allow(missing_docs)]
pub struct ComparedEntryRow {
    pub entry_key: String,
    pub as_of_us: i64,
    pub day: String,
    pub says: String,
    pub said_at_us: Option<i64>,
    pub raw_code: Option<String>,
    pub leg_id: Option<String>,
    pub item_number: Option<String>,
    pub dossier_no: Option<String>,
    pub leg_kind: Option<String>,
    pub agency_code: Option<String>,
    pub originals: Option<i64>,
    pub copies: Option<i64>,
    pub seal_no: Option<String>,
    pub receiver_sha256: Option<String>,
    pub fee: Option<i64>,
    pub filed_by_post: Option<i64>,
    pub result_by_post: Option<i64>,
    pub sent_on: Option<String>,
}

/// What is compared of a leg.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = schema::leg)]
#[allow(missing_docs)]
pub struct ComparedLegRow {
    pub id: String,
    pub kind: String,
    pub agency_code: String,
    pub state: String,
    pub state_since_us: i64,
    pub accepted_by_post_at_us: Option<i64>,
    pub item_number: Option<String>,
    pub dossier_no: Option<String>,
    pub originals: i64,
    pub copies: i64,
    pub seal_no: Option<String>,
    pub fee_to_collect: i64,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = schema::reconciliation, treat_none_as_default_value = false)]
#[allow(missing_docs)]
pub struct ReconciliationRow {
    pub id: String,
    pub side: String,
    pub counterpart: String,
    pub from_day: String,
    pub until_day: String,
    pub as_of_us: i64,
    pub totals: String,
    pub sha256: String,
    pub run_at_us: i64,
    pub run_by: Option<String>,
}

/// Whose book is read.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Of<'a> {
    pub side: &'a str,
    pub counterpart: &'a str,
}

/// A window of instants, the end not in it.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Window {
    pub from_us: i64,
    pub until_us: i64,
}

/// The book with these bytes for these days, when it was taken before.
pub fn same_book(db: &mut Db<'_>, row: &BookRow) -> Result<Option<BookRow>, StoreError> {
    Ok(on!(db, |c| book::table
        .filter(book::side.eq(&row.side))
        .filter(book::counterpart.eq(&row.counterpart))
        .filter(book::from_day.eq(&row.from_day))
        .filter(book::until_day.eq(&row.until_day))
        .filter(book::content_sha256.eq(&row.content_sha256))
        .select(BookRow::as_select())
        .first(c)
        .optional())?)
}

/// The books that touch these days, newest word first.
pub fn books_of(db: &mut Db<'_>, of: Of<'_>, from_day: &str, until_day: &str) -> Result<Vec<BookRow>, StoreError> {
    Ok(on!(db, |c| book::table
        .filter(book::side.eq(of.side))
        .filter(book::counterpart.eq(of.counterpart))
        .filter(book::from_day.lt(until_day))
        .filter(book::until_day.gt(from_day))
        .order((book::as_of_us.desc(), book::id.desc()))
        .select(BookRow::as_select())
        .load(c))?)
}

/// Whose books there are, with how many days they reach back and the newest word.
pub fn known(db: &mut Db<'_>) -> Result<Vec<(String, String)>, StoreError> {
    Ok(on!(db, |c| book::table
        .select((book::side, book::counterpart))
        .distinct()
        .order((book::side, book::counterpart))
        .load(c))?)
}

/// Legs with one of these item numbers or dossier numbers.
pub fn legs_with(db: &mut Db<'_>, items: &[String], dossiers: &[String]) -> Result<Vec<ComparedLegRow>, StoreError> {
    let mut found: Vec<ComparedLegRow> = Vec::new();
    for part in items.chunks(IN_LIST_MAX) {
        let rows: Vec<ComparedLegRow> =
            on!(db, |c| leg::table.filter(leg::item_number.eq_any(part)).select(ComparedLegRow::as_select()).load(c))?;
        found.extend(rows);
    }
    for part in dossiers.chunks(IN_LIST_MAX) {
        let rows: Vec<ComparedLegRow> =
            on!(db, |c| leg::table.filter(leg::dossier_no.eq_any(part)).select(ComparedLegRow::as_select()).load(c))?;
        found.extend(rows);
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup_by(|a, b| a.id == b.id);
    Ok(found)
}

/// By what entries are found.
#[derive(Debug, Clone, Copy)]
pub enum Named {
    /// Their own keys.
    Key,
    /// The legs that their order numbers name.
    Leg,
    /// Item numbers.
    Item,
    /// Dossier numbers.
    Dossier,
}

/// Entries of a book with one of these names.
pub fn entries_named(
    db: &mut Db<'_>,
    of: Of<'_>,
    by: Named,
    names: &[String],
) -> Result<Vec<ComparedEntryRow>, StoreError> {
    let mut found = Vec::new();
    for part in names.chunks(IN_LIST_MAX) {
        let rows: Vec<ComparedEntryRow> = on!(db, |c| {
            let query = book_entry::table
                .filter(book_entry::side.eq(of.side))
                .filter(book_entry::counterpart.eq(of.counterpart))
                .order(book_entry::entry_key)
                .select(ComparedEntryRow::as_select())
                .into_boxed();
            match by {
                Named::Key => query.filter(book_entry::entry_key.eq_any(part)),
                Named::Leg => query.filter(book_entry::leg_id.eq_any(part)),
                Named::Item => query.filter(book_entry::item_number.eq_any(part)),
                Named::Dossier => query.filter(book_entry::dossier_no.eq_any(part)),
            }
            .load(c)
        })?;
        found.extend(rows);
    }
    Ok(found)
}

/// Entries of a book with one of these item numbers or dossier numbers, each once.
pub fn entries_with(
    db: &mut Db<'_>,
    of: Of<'_>,
    items: &[String],
    dossiers: &[String],
) -> Result<Vec<ComparedEntryRow>, StoreError> {
    let mut found = entries_named(db, of, Named::Item, items)?;
    found.extend(entries_named(db, of, Named::Dossier, dossiers)?);
    found.sort_by(|a, b| a.entry_key.cmp(&b.entry_key));
    found.dedup_by(|a, b| a.entry_key == b.entry_key);
    Ok(found)
}

/// Which legs the post's book ought to have.
#[derive(Debug, Clone, Copy)]
pub enum Expected<'a> {
    /// Those that it took over in the window.
    Taken,
    /// Those that stand in one of these states since the window: ordered, not taken.
    Ordered(&'a [&'a str]),
}

/// Whose legs a book ought to have.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// Of these agencies.
    pub agencies: &'a Agencies,
    /// Those alone that the one-stop side declared, since they are ordered at the post.
    pub of_orders: bool,
}

/// Legs that the post's book ought to have and that no entry of it names, by id.
pub fn without_entry(
    db: &mut Db<'_>,
    of: Of<'_>,
    whose: Whose<'_>,
    expected: Expected<'_>,
    window: Window,
    after: &str,
    limit: i64,
) -> Result<Vec<ComparedLegRow>, StoreError> {
    Ok(on!(db, |c| {
        let named = book_entry::table
            .filter(book_entry::leg_id.eq(leg::id.nullable()))
            .filter(book_entry::side.eq(of.side))
            .filter(book_entry::counterpart.eq(of.counterpart));
        let mut query = leg::table
            .filter(leg::id.gt(after))
            .filter(not(exists(named)))
            .order(leg::id)
            .limit(limit)
            .select(ComparedLegRow::as_select())
            .into_boxed();
        query = match expected {
            Expected::Taken => query
                .filter(leg::accepted_by_post_at_us.ge(window.from_us))
                .filter(leg::accepted_by_post_at_us.lt(window.until_us)),
            Expected::Ordered(states) => query
                .filter(leg::state.eq_any(states))
                .filter(leg::state_since_us.ge(window.from_us))
                .filter(leg::state_since_us.lt(window.until_us)),
        };
        if whose.of_orders {
            query = query.filter(leg::side.eq(Side::Agency.as_str()));
        }
        if let Agencies::Only(codes) = whose.agencies {
            query = query.filter(leg::agency_code.eq_any(codes));
        }
        query.load(c)
    })?)
}

/// Legs that the post took over in a window and whose case was there before an instant, but whose dossier the one-stop side's book does
/// not have, by id; without an instant those that were signed for and never got a number.
pub fn without_case(
    db: &mut Db<'_>,
    of: Of<'_>,
    agencies: &Agencies,
    known_before_us: Option<i64>,
    window: Window,
    after: &str,
    limit: i64,
) -> Result<Vec<ComparedLegRow>, StoreError> {
    Ok(on!(db, |c| {
        let mut query = leg::table
            .filter(leg::id.gt(after))
            .order(leg::id)
            .limit(limit)
            .select(ComparedLegRow::as_select())
            .into_boxed();
        if let Some(known_before_us) = known_before_us {
            let case = schema::book_entry::table
                .filter(book_entry::dossier_no.eq(leg::dossier_no))
                .filter(book_entry::side.eq(of.side))
                .filter(book_entry::counterpart.eq(of.counterpart));
            query = query
                .filter(leg::accepted_by_post_at_us.ge(window.from_us))
                .filter(leg::accepted_by_post_at_us.lt(window.until_us))
                .filter(leg::dossier_no.is_not_null())
                .filter(leg::case_received_at_us.is_null().or(leg::case_received_at_us.lt(known_before_us)))
                .filter(not(exists(case)));
        } else {
            query = query
                .filter(leg::filed_at_us.ge(window.from_us))
                .filter(leg::filed_at_us.lt(window.until_us))
                .filter(leg::dossier_no.is_null());
        }
        if let Agencies::Only(codes) = agencies {
            query = query.filter(leg::agency_code.eq_any(codes));
        }
        query.load(c)
    })?)
}

/// Legs for which the post's book has more than one entry that stands, with those entries.
pub fn doubled(db: &mut Db<'_>, of: Of<'_>, from_day: &str, until_day: &str) -> Result<Vec<String>, StoreError> {
    let found: Vec<Option<String>> = on!(db, |c| book_entry::table
        .filter(book_entry::side.eq(of.side))
        .filter(book_entry::counterpart.eq(of.counterpart))
        .filter(book_entry::day.ge(from_day))
        .filter(book_entry::day.lt(until_day))
        .filter(book_entry::leg_id.is_not_null())
        .filter(book_entry::says.ne("CANCELLED"))
        .group_by(book_entry::leg_id)
        .having(diesel::dsl::count_star().gt(1))
        .select(book_entry::leg_id)
        .load(c))?;
    Ok(found.into_iter().flatten().collect())
}

/// One leg.
pub fn leg(db: &mut Db<'_>, id: &str) -> Result<Option<ComparedLegRow>, StoreError> {
    Ok(on!(db, |c| leg::table.find(id).select(ComparedLegRow::as_select()).first(c).optional())?)
}

/// Who received, as our events of delivery tell: leg and name, the newest first.
pub fn receivers(db: &mut Db<'_>, legs: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    let mut found = Vec::new();
    for part in legs.chunks(IN_LIST_MAX) {
        let rows: Vec<(String, Option<String>)> = on!(db, |c| custody_event::table
            .inner_join(event_detail::table.on(event_detail::event_id.eq(custody_event::id)))
            .filter(custody_event::leg_id.eq_any(part))
            .filter(custody_event::event.eq_any(["DELIVERED", "CONFIRMED"]))
            .filter(event_detail::receiver_name.is_not_null())
            .order(custody_event::occurred_at_us.desc())
            .select((custody_event::leg_id, event_detail::receiver_name))
            .load(c))?;
        found.extend(rows.into_iter().filter_map(|(leg, name)| Some((leg, name?))));
    }
    Ok(found)
}

/// Open discrepancies whose subject begins so.
pub fn open_findings(db: &mut Db<'_>, prefix: &str) -> Result<Vec<DiscrepancyRow>, StoreError> {
    // The character after the last one of a prefix: prefixes end with a colon.
    let behind = format!("{};", prefix.trim_end_matches(':'));
    Ok(on!(db, |c| discrepancy::table
        .filter(discrepancy::subject_key.ge(prefix))
        .filter(discrepancy::subject_key.lt(&behind))
        .filter(discrepancy::state.eq("OPEN"))
        .select(DiscrepancyRow::as_select())
        .load(c))?)
}

/// The newest runs, of one counterpart or of all.
pub fn runs(db: &mut Db<'_>, of: Option<Of<'_>>, limit: i64) -> Result<Vec<ReconciliationRow>, StoreError> {
    Ok(on!(db, |c| {
        let mut query = reconciliation::table
            .order((reconciliation::run_at_us.desc(), reconciliation::id.desc()))
            .limit(limit)
            .select(ReconciliationRow::as_select())
            .into_boxed();
        if let Some(of) = of {
            query =
                query.filter(reconciliation::side.eq(of.side)).filter(reconciliation::counterpart.eq(of.counterpart));
        }
        query.load(c)
    })?)
}

/// The runs whose window lies within a period, oldest first.
pub fn runs_within(db: &mut Db<'_>, from_day: &str, until_day: &str) -> Result<Vec<ReconciliationRow>, StoreError> {
    Ok(on!(db, |c| reconciliation::table
        .filter(reconciliation::from_day.ge(from_day))
        .filter(reconciliation::until_day.le(until_day))
        .order((reconciliation::run_at_us, reconciliation::id))
        .select(ReconciliationRow::as_select())
        .load(c))?)
}

/// One run.
pub fn run(db: &mut Db<'_>, id: &str) -> Result<Option<ReconciliationRow>, StoreError> {
    Ok(on!(db, |c| reconciliation::table.find(id).select(ReconciliationRow::as_select()).first(c).optional())?)
}

/// A book with its entries, to be taken in: they replace older words of the same keys, and of a complete book what it does not have any
/// more is gone: of one that was asked for, what was asked for before.
#[derive(Debug, Clone)]
pub struct BookTaken {
    /// The book.
    pub row: BookRow,
    /// Its entries, each key once.
    pub entries: Vec<BookEntryRow>,
    /// Keys of which the side has clearly said that there is nothing; none of a book that says so of all that it does not have.
    pub gone: Option<Vec<String>>,
}

pub(super) fn apply(db: &mut Db<'_>, taken: &BookTaken) -> Result<(), StoreError> {
    let BookTaken { row, entries, gone } = taken;
    on!(db, |c| diesel::insert_into(book::table).values(row).execute(c))?;
    for part in entries.chunks(IN_LIST_MAX) {
        let keys: Vec<&str> = part.iter().map(|entry| entry.entry_key.as_str()).collect();
        on!(db, |c| diesel::delete(
            book_entry::table
                .filter(book_entry::side.eq(&row.side))
                .filter(book_entry::counterpart.eq(&row.counterpart))
                .filter(book_entry::entry_key.eq_any(&keys))
                .filter(book_entry::as_of_us.le(row.as_of_us)),
        )
        .execute(c))?;
        // A newer word stays.
        on!(db, |c| diesel::insert_into(book_entry::table).values(part).on_conflict_do_nothing().execute(c))?;
    }
    if let Some(gone) = gone.as_ref().filter(|_| row.complete == 1) {
        for part in gone.chunks(IN_LIST_MAX) {
            on!(db, |c| diesel::delete(
                book_entry::table
                    .filter(book_entry::side.eq(&row.side))
                    .filter(book_entry::counterpart.eq(&row.counterpart))
                    .filter(book_entry::entry_key.eq_any(part))
                    .filter(book_entry::as_of_us.le(row.as_of_us)),
            )
            .execute(c))?;
        }
    } else if row.complete == 1 {
        on!(db, |c| {
            let mut older = diesel::delete(book_entry::table)
                .filter(book_entry::side.eq(&row.side))
                .filter(book_entry::counterpart.eq(&row.counterpart))
                .filter(book_entry::day.ge(&row.from_day))
                .filter(book_entry::day.lt(&row.until_day))
                .filter(book_entry::book_id.ne(&row.id))
                .filter(book_entry::as_of_us.le(row.as_of_us))
                .into_boxed();
            if row.source == Source::Pull.as_str() {
                // What a file said beside the list stays.
                let listed = book::table.filter(book::source.eq(Source::Pull.as_str())).select(book::id);
                older = older.filter(book_entry::book_id.eq_any(listed));
            }
            older.execute(c)
        })?;
    }
    Ok(())
}
