//! API keys and stored replies.

use diesel::prelude::*;

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::rows::{ApiKeyRow, IdempotencyRow};
use crate::store::schema::{api_key, idempotency};

/// The key with this digest.
pub fn by_digest(db: &mut Db<'_>, sha256: &str) -> Result<Option<ApiKeyRow>, StoreError> {
    Ok(on!(db, |c| api_key::table
        .filter(api_key::key_sha256.eq(sha256))
        .select(ApiKeyRow::as_select())
        .first(c)
        .optional())?)
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
