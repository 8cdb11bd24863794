//! Facts as they were reported.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::rows::FactRow;
use crate::store::schema::fact;

/// Everything that one counterpart sent under one fact id, first variant first.
pub fn variants(db: &mut Db<'_>, counterpart: &str, fact_id: &str) -> Result<Vec<FactRow>, StoreError> {
    Ok(on!(db, |c| fact::table
        .filter(fact::counterpart.eq(counterpart))
        .filter(fact::fact_id.eq(fact_id))
        .order(fact::variant)
        .select(FactRow::as_select())
        .load(c))?)
}

/// Facts that fit no leg yet, oldest first, after a mark.
pub fn unmatched(db: &mut Db<'_>, after: Option<(i64, &str, &str)>, limit: i64) -> Result<Vec<FactRow>, StoreError> {
    on!(db, |c| {
        let mut query = fact::table
            .filter(fact::matched.eq(0))
            .order((fact::recorded_at_us, fact::counterpart, fact::fact_id))
            .limit(limit)
            .select(FactRow::as_select())
            .into_boxed();
        if let Some((at_us, counterpart, fact_id)) = after {
            query = query.filter(fact::recorded_at_us.ge(at_us)).filter(fact::recorded_at_us.gt(at_us).or(
                fact::counterpart.gt(counterpart).or(fact::counterpart.eq(counterpart).and(fact::fact_id.gt(fact_id))),
            ));
        }
        Ok(query.load(c)?)
    })
}
