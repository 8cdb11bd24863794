//! Entries of a book beside the legs that their order numbers name. What plainly agrees is counted where it lies and not handed out, so
//! that a year is compared in little more than a join: the rules of `domain::books` look at the rest.

use diesel::dsl::{AsExprOf, auto_type, not};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use crate::domain::access::Agencies;
use crate::on;
use crate::store::books::{ComparedEntryRow, ComparedLegRow, Of};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::IN_LIST_MAX;
use crate::store::schema::{book_entry, leg};

diesel::define_sql_function! {
    /// The first value, or the second where there is none.
    fn coalesce(value: Nullable<Bool>, otherwise: Bool) -> Bool;
}

/// Which pairs plainly agree.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    /// State of the leg and word of the book, parted by a blank, that never differ; without any, nothing is plain.
    pub words: Vec<String>,
    /// Codes of the agencies whose legs the book may name.
    codes: Vec<String>,
    everywhere: bool,
}

impl Plain {
    /// Pairs with these words, of legs of these agencies; none for those of any.
    pub fn of(words: Vec<String>, agencies: Option<&Agencies>) -> Self {
        match agencies {
            Some(Agencies::Only(codes)) => Plain { words, codes: codes.clone(), everywhere: false },
            Some(Agencies::All) | None => Plain { words, codes: Vec::new(), everywhere: true },
        }
    }
}

/// No rule of `domain::books::post_differences` and no comparison of receivers finds anything in such a pair. A field of which one side
/// says nothing differs in nothing.
#[auto_type(no_type_alias)]
fn agrees<'a>(plain: &'a Plain) -> _ {
    let agreeing: &'a [String] = &plain.words;
    let words = leg::state.concat(" ").concat(book_entry::says).eq_any(agreeing);
    let codes: &'a [String] = &plain.codes;
    let everywhere: AsExprOf<bool, Bool> = plain.everywhere.into_sql::<Bool>();
    let seen = leg::agency_code.eq_any(codes).or(everywhere);
    let same_item = leg::item_number.is_null().or(book_entry::item_number.eq(leg::item_number));
    let item = book_entry::item_number.is_null().or(book_entry::item_sound.eq(1_i64).and(same_item));
    let originals = book_entry::originals.is_null().or(book_entry::originals.eq(leg::originals.nullable()));
    let copies = book_entry::copies.is_null().or(book_entry::copies.eq(leg::copies.nullable()));
    let seal = book_entry::seal_no.is_null().or(leg::seal_no.is_null()).or(book_entry::seal_no.eq(leg::seal_no));
    let fee = book_entry::fee.is_null().or(book_entry::fee.eq(leg::fee_to_collect.nullable()));
    let receiver = book_entry::receiver_sha256.is_null();
    words.and(seen).and(item).and(originals).and(copies).and(seal).and(fee).and(receiver)
}

/// How many entries a day has.
pub fn count(db: &mut Db<'_>, of: Of<'_>, day: &str) -> Result<i64, StoreError> {
    Ok(on!(db, |c| book_entry::table
        .filter(book_entry::side.eq(of.side))
        .filter(book_entry::counterpart.eq(of.counterpart))
        .filter(book_entry::day.eq(day))
        .count()
        .get_result(c))?)
}

/// A page of the entries of one day that do not plainly agree, with the legs that their order numbers name, by key.
pub fn doubtful(
    db: &mut Db<'_>,
    of: Of<'_>,
    day: &str,
    plain: &Plain,
    after: &str,
    limit: i64,
) -> Result<Vec<(ComparedEntryRow, Option<ComparedLegRow>)>, StoreError> {
    Ok(on!(db, |c| book_entry::table
        .left_join(leg::table.on(leg::id.nullable().eq(book_entry::leg_id)))
        .filter(book_entry::side.eq(of.side))
        .filter(book_entry::counterpart.eq(of.counterpart))
        .filter(book_entry::day.eq(day))
        .filter(book_entry::entry_key.gt(after))
        .filter(not(coalesce(agrees(plain).nullable(), false)))
        .order(book_entry::entry_key)
        .limit(limit)
        .select((ComparedEntryRow::as_select(), Option::<ComparedLegRow>::as_select()))
        .load(c))?)
}

/// Which of these legs and entries stand in a pair of the days that plainly agrees: entry and leg of each.
pub fn plain_among(
    db: &mut Db<'_>,
    of: Of<'_>,
    (from_day, until_day): (&str, &str),
    plain: &Plain,
    subjects: &[String],
) -> Result<Vec<(String, Option<String>)>, StoreError> {
    let mut found = Vec::new();
    for part in subjects.chunks(IN_LIST_MAX) {
        let rows: Vec<(String, Option<String>)> = on!(db, |c| book_entry::table
            .inner_join(leg::table.on(leg::id.nullable().eq(book_entry::leg_id)))
            .filter(book_entry::side.eq(of.side))
            .filter(book_entry::counterpart.eq(of.counterpart))
            .filter(book_entry::day.ge(from_day))
            .filter(book_entry::day.lt(until_day))
            .filter(book_entry::leg_id.eq_any(part).or(book_entry::entry_key.eq_any(part).nullable()))
            .filter(agrees(plain))
            .order(book_entry::entry_key)
            .select((book_entry::entry_key, book_entry::leg_id))
            .load(c))?;
        found.extend(rows);
    }
    Ok(found)
}
