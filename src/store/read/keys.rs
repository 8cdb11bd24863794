//! API keys and stored replies.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::IN_LIST_MAX;
use crate::store::rows::{ApiKeyRow, IdempotencyRow};
use crate::store::schema::{api_key, idempotency};

/// The keys with these digests.
pub fn by_digests(db: &mut Db<'_>, sha256: &[&String]) -> Result<Vec<ApiKeyRow>, StoreError> {
    let mut rows = Vec::new();
    for part in sha256.chunks(IN_LIST_MAX) {
        rows.extend(on!(db, |c| api_key::table
            .filter(api_key::key_sha256.eq_any(part.iter().copied()))
            .select(ApiKeyRow::as_select())
            .load(c))?);
    }
    Ok(rows)
}

/// The key with this id.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<ApiKeyRow>, StoreError> {
    Ok(on!(db, |c| api_key::table.find(id).select(ApiKeyRow::as_select()).first(c).optional())?)
}

/// Every key, oldest first.
pub fn all(db: &mut Db<'_>) -> Result<Vec<ApiKeyRow>, StoreError> {
    Ok(on!(db, |c| api_key::table.order(api_key::id).select(ApiKeyRow::as_select()).load(c))?)
}

/// What is kept of a request with this key.
pub fn stored_reply(
    db: &mut Db<'_>,
    counterpart: &str,
    route: &str,
    idem_key: &str,
) -> Result<Option<IdempotencyRow>, StoreError> {
    Ok(on!(db, |c| idempotency::table
        .find((counterpart, route, idem_key))
        .select(IdempotencyRow::as_select())
        .first(c)
        .optional())?)
}
