//! What books of the other sides add up to: counts of entries by what they say, never the entries themselves but where one has to be
//! paired first.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::domain::tally::Measure;
use crate::on;
use crate::store::books::{ComparedEntryRow, Of, Window};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::schema::{book_entry, leg};
use crate::store::tally_schema::leg_tally;

/// What an entry says of the instant at which that happened.
#[derive(Debug, Clone, Copy, Default)]
pub enum Said {
    /// Whatever it says.
    #[default]
    Any,
    /// That it lies within.
    Within(Window),
    /// Nothing.
    Nothing,
}

/// Which entries of a book are meant.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pick<'a> {
    /// Those that say one of these; whatever they say without any.
    pub says: &'a [&'a str],
    /// On days from the first until before the last.
    pub days: Option<[&'a str; 2]>,
    /// When it happened.
    pub said: Said,
    /// As of an instant from the first until before the last.
    pub as_of_us: Option<[i64; 2]>,
    /// Whether they name the day on which the result was given to the post.
    pub is_sent: Option<bool>,
    /// That this day lies within.
    pub sent: Option<[&'a str; 2]>,
}

/// So many entries that say the same.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct SaidSum {
    /// The word.
    pub says: String,
    /// The kind of leg that they name themselves.
    pub own_kind: Option<String>,
    /// The kind of the leg that their order number names.
    pub leg_kind: Option<String>,
    /// Whether the citizen filed by post.
    pub filed_by_post: Option<i64>,
    /// Whether the result goes by post.
    pub result_by_post: Option<i64>,
    /// How many.
    pub entries: i64,
}

allow_columns_to_appear_in_same_group_by_clause!(
    book_entry::says,
    book_entry::leg_kind,
    book_entry::filed_by_post,
    book_entry::result_by_post,
    leg::kind,
);

/// Narrows a boxed query of entries.
macro_rules! picked {
    ($query:ident, $of:ident, $pick:ident) => {
        $query = $query.filter(book_entry::side.eq($of.side)).filter(book_entry::counterpart.eq($of.counterpart));
        if !$pick.says.is_empty() {
            $query = $query.filter(book_entry::says.eq_any($pick.says));
        }
        if let Some([from, until]) = $pick.days {
            $query = $query.filter(book_entry::day.ge(from)).filter(book_entry::day.lt(until));
        }
        match $pick.said {
            Said::Any => {}
            Said::Within(Window { from_us, until_us }) => {
                $query = $query.filter(book_entry::said_at_us.ge(from_us)).filter(book_entry::said_at_us.lt(until_us));
            }
            Said::Nothing => $query = $query.filter(book_entry::said_at_us.is_null()),
        }
        if let Some([from_us, until_us]) = $pick.as_of_us {
            $query = $query.filter(book_entry::as_of_us.ge(from_us)).filter(book_entry::as_of_us.lt(until_us));
        }
        match $pick.is_sent {
            Some(true) => $query = $query.filter(book_entry::sent_on.is_not_null()),
            Some(false) => $query = $query.filter(book_entry::sent_on.is_null()),
            None => {}
        }
        if let Some([from, until]) = $pick.sent {
            $query = $query.filter(book_entry::sent_on.ge(from)).filter(book_entry::sent_on.lt(until));
        }
    };
}

/// How many entries a pick has, by what they say.
pub fn sums(db: &mut Db<'_>, of: Of<'_>, pick: &Pick<'_>) -> Result<Vec<SaidSum>, StoreError> {
    Ok(on!(db, |c| {
        let mut query = book_entry::table
            .left_join(leg::table.on(leg::id.nullable().eq(book_entry::leg_id)))
            .group_by((
                book_entry::says,
                book_entry::leg_kind,
                leg::kind,
                book_entry::filed_by_post,
                book_entry::result_by_post,
            ))
            .select((
                book_entry::says,
                book_entry::leg_kind,
                leg::kind.nullable(),
                book_entry::filed_by_post,
                book_entry::result_by_post,
                count_star(),
            ))
            .into_boxed();
        picked!(query, of, pick);
        query.load(c)?
    }))
}

/// A page of the picked entries that say neither their kind nor a leg that is known, by key.
pub fn without_kind(
    db: &mut Db<'_>,
    of: Of<'_>,
    pick: &Pick<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<ComparedEntryRow>, StoreError> {
    Ok(on!(db, |c| {
        let mut query = book_entry::table
            .left_join(leg::table.on(leg::id.nullable().eq(book_entry::leg_id)))
            .filter(book_entry::leg_kind.is_null())
            .filter(leg::kind.nullable().is_null())
            .filter(book_entry::entry_key.gt(after))
            .order(book_entry::entry_key)
            .limit(limit)
            .select(ComparedEntryRow::as_select())
            .into_boxed();
        picked!(query, of, pick);
        query.load(c)?
    }))
}

/// The day on which the post took the first leg that the ledger knows.
pub fn first_taken(db: &mut Db<'_>) -> Result<Option<String>, StoreError> {
    let mut first: Option<String> = None;
    for measure in [Measure::TakenFromCitizen, Measure::TakenFromAgency] {
        let day: Option<String> = on!(db, |c| leg_tally::table
            .filter(leg_tally::measure.eq(measure.as_str()))
            .select(min(leg_tally::day))
            .first(c))?;
        first = first.into_iter().chain(day).min();
    }
    Ok(first)
}
