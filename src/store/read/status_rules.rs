//! Meanings given to status codes, and the discrepancies that wait for one.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::domain::discrepancy::Kind;
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::exception_rows::StatusRuleRow;
use crate::store::read::exceptions::CODE_OF_SUBJECT;
use crate::store::schema::{discrepancy, status_rule};

/// The rules in force, by when they begin.
pub fn approved(db: &mut Db<'_>) -> Result<Vec<StatusRuleRow>, StoreError> {
    Ok(on!(db, |c| status_rule::table
        .filter(status_rule::state.eq("APPROVED"))
        .order((status_rule::valid_from_us, status_rule::id))
        .select(StatusRuleRow::as_select())
        .load(c))?)
}

/// Every rule, newest first.
pub fn all(db: &mut Db<'_>, limit: i64) -> Result<Vec<StatusRuleRow>, StoreError> {
    Ok(on!(db, |c| status_rule::table
        .order(status_rule::id.desc())
        .limit(limit)
        .select(StatusRuleRow::as_select())
        .load(c))?)
}

/// One rule.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<StatusRuleRow>, StoreError> {
    Ok(on!(db, |c| status_rule::table.find(id).select(StatusRuleRow::as_select()).first(c).optional())?)
}

/// The rules about a code, or about a text where there is no code; newest first.
pub fn of_code(db: &mut Db<'_>, family: &str, code: &str) -> Result<Vec<StatusRuleRow>, StoreError> {
    Ok(on!(db, |c| status_rule::table
        .filter(status_rule::family.eq(family))
        .filter(status_rule::raw_code.eq(code).or(status_rule::raw_code.eq("").and(status_rule::raw_text.eq(code))))
        .order(status_rule::id.desc())
        .select(StatusRuleRow::as_select())
        .load(c))?)
}

/// Legs with an open discrepancy about this code or text of a family, in order, after a leg.
pub fn legs_that_wait(
    db: &mut Db<'_>,
    family: &str,
    code: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let found: Vec<Option<String>> = on!(db, |c| discrepancy::table
        .filter(discrepancy::kind.eq(Kind::UnmappedStatus.as_str()))
        .filter(discrepancy::state.eq("OPEN"))
        .filter(discrepancy::leg_id.gt(after))
        .filter(sql::<Text>(CODE_OF_SUBJECT).eq(format!("{family}:{code}")))
        .order(discrepancy::leg_id)
        .limit(limit)
        .select(discrepancy::leg_id)
        .load(c))?;
    Ok(found.into_iter().flatten().collect())
}
