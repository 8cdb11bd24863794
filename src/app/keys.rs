//! API keys: made, shown once, kept as a digest, rotated, revoked (contract 2).

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use crate::app::{App, AppError};
use crate::base::digest::sha256_hex;
use crate::base::id::KeyId;
use crate::base::secret::Redacted;
use crate::domain::access::{Agencies, Caller, Scope};
use crate::domain::leg::Side;
use crate::store::read::keys as read;
use crate::store::rows::ApiKeyRow;

/// What every key begins with.
pub const PREFIX: &str = "gnk_";

/// A key as it is shown, once.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its id, which is no secret.
    pub id: String,
    /// The key itself.
    pub key: Redacted<String>,
    /// Whose it is and what it may do.
    pub row: ApiKeyRow,
}

/// So many random bytes of the operating system.
pub(super) fn random_bytes<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0_u8; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| AppError::Internal("the operating system gives no random bytes".to_owned()))?;
    Ok(bytes)
}

/// Makes a key.
pub fn create(
    app: &App,
    counterpart: &str,
    side: Side,
    agencies: &Agencies,
    scopes: &[Scope],
) -> Result<NewKey, AppError> {
    let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()?));
    let row = ApiKeyRow {
        id: KeyId::make(&app.ids).into(),
        counterpart: counterpart.to_owned(),
        side: side.as_str().to_owned(),
        agencies: agencies.to_list().join(","),
        scopes: scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(","),
        key_sha256: sha256_hex(key.as_bytes()),
        created_at_us: app.now().us(),
        expires_at_us: None,
        revoked_at_us: None,
    };
    app.store.insert_key(row.clone())?;
    Ok(NewKey { id: row.id.clone(), key: Redacted::new(key), row })
}

/// Every key, oldest first.
pub fn list(app: &App) -> Result<Vec<ApiKeyRow>, AppError> {
    Ok(app.store.read(read::all)?)
}

/// Whether a key still opens anything.
pub fn is_active(app: &App, row: &ApiKeyRow) -> bool {
    row.revoked_at_us.is_none() && row.expires_at_us.is_none_or(|at| at > app.now().us())
}

/// Revokes a key at once; false when no key has this id.
pub fn revoke(app: &App, id: &str) -> Result<bool, AppError> {
    Ok(app.store.revoke_key(id.to_owned(), app.now().us())?)
}

/// Makes a new key with the same rights; the old one ends after the overlap. `None` when no active key has this id.
pub fn rotate(app: &App, id: &str, overlap_us: i64) -> Result<Option<NewKey>, AppError> {
    let Some(old) = app.store.read(|db| read::by_id(db, id))?.filter(|row| is_active(app, row)) else {
        return Ok(None);
    };
    let caller = caller_of(&old)?;
    let new = create(app, &caller.counterpart, caller.side, &caller.agencies, &caller.scopes)?;
    app.store.expire_key(old.id, app.now().plus_us(overlap_us).us())?;
    Ok(Some(new))
}

/// The callers of presented keys; none for one that is unknown, revoked or expired.
pub fn authenticate(app: &App, presented: &BTreeSet<String>) -> Result<BTreeMap<String, Caller>, AppError> {
    let ours = presented.iter().filter(|key| key.starts_with(PREFIX));
    let by_digest: BTreeMap<String, &String> = ours.map(|key| (sha256_hex(key.as_bytes()), key)).collect();
    let digests: Vec<&String> = by_digest.keys().collect();
    if digests.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = app.store.read(|db| read::by_digests(db, &digests))?;
    let active = rows.iter().filter(|row| is_active(app, row));
    let callers = active.filter_map(|row| Some((*by_digest.get(&row.key_sha256)?, row)));
    callers.map(|(key, row)| Ok((key.clone(), caller_of(row)?))).collect()
}

fn caller_of(row: &ApiKeyRow) -> Result<Caller, AppError> {
    let side = Side::parse(&row.side).ok_or_else(|| AppError::Internal(format!("side of {}", row.id)))?;
    Ok(Caller {
        key_id: row.id.clone(),
        counterpart: row.counterpart.clone(),
        side,
        agencies: Agencies::from_list(&row.agencies.split(',').collect::<Vec<_>>()),
        post_office: None,
        person: None,
        scopes: row.scopes.split(',').filter_map(Scope::parse).collect(),
    })
}
