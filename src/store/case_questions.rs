//! Dossier numbers about which the one-stop side has to be asked, because its lists need not have them.

use diesel::prelude::*;

use crate::domain::access::Agencies;
use crate::on;
use crate::store::books::{Of, Window};
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::schema::{book_entry, leg};

/// A leg whose case is compared: its number, when the post took it over, and since when it stands as it does.
pub type AskedLeg = (Option<String>, Option<i64>, i64);

/// Legs with a number that the post took over in a window, or whose result was confirmed in it.
pub fn legs(db: &mut Db<'_>, agencies: &Agencies, window: Window) -> Result<Vec<AskedLeg>, StoreError> {
    Ok(on!(db, |c| {
        let taken = leg::accepted_by_post_at_us.ge(window.from_us).and(leg::accepted_by_post_at_us.lt(window.until_us));
        let confirmed = leg::state
            .eq("CONFIRMED")
            .and(leg::kind.eq("RESULT"))
            .and(leg::state_since_us.ge(window.from_us))
            .and(leg::state_since_us.lt(window.until_us));
        let mut query = leg::table
            .filter(leg::dossier_no.is_not_null())
            .filter(taken.or(confirmed))
            .select((leg::dossier_no, leg::accepted_by_post_at_us, leg::state_since_us))
            .into_boxed();
        if let Agencies::Only(codes) = agencies {
            query = query.filter(leg::agency_code.eq_any(codes));
        }
        query.load(c)
    })?)
}

/// Numbers of entries of some days that say that papers go by post.
pub fn by_post(db: &mut Db<'_>, of: Of<'_>, from_day: &str, until_day: &str) -> Result<Vec<String>, StoreError> {
    let found: Vec<Option<String>> = on!(db, |c| {
        let by_post =
            book_entry::filed_by_post.eq(1).or(book_entry::result_by_post.eq(1)).or(book_entry::sent_on.is_not_null());
        book_entry::table
            .filter(book_entry::side.eq(of.side))
            .filter(book_entry::counterpart.eq(of.counterpart))
            .filter(book_entry::day.ge(from_day))
            .filter(book_entry::day.lt(until_day))
            .filter(by_post)
            .select(book_entry::dossier_no)
            .load(c)
    })?;
    Ok(found.into_iter().flatten().collect())
}
