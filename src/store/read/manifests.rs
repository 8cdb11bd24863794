//! Taken manifests.

use diesel::prelude::*;

use crate::domain::access::{Agencies, Caller};
use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::PageAsk;
use crate::store::rows::ManifestRow;
use crate::store::schema::manifest;

/// One manifest.
pub fn by_id(db: &mut Db<'_>, id: &str) -> Result<Option<ManifestRow>, StoreError> {
    Ok(on!(db, |c| manifest::table.find(id).select(ManifestRow::as_select()).first(c).optional())?)
}

/// Every taken revision of a manifest number of one counterpart, in order.
pub fn revisions(db: &mut Db<'_>, counterpart: &str, manifest_no: &str) -> Result<Vec<ManifestRow>, StoreError> {
    Ok(on!(db, |c| manifest::table
        .filter(manifest::counterpart.eq(counterpart))
        .filter(manifest::manifest_no.eq(manifest_no))
        .order(manifest::revision)
        .select(ManifestRow::as_select())
        .load(c))?)
}

/// A page of manifests, oldest first.
pub fn page(
    db: &mut Db<'_>,
    caller: &Caller,
    manifest_no: Option<&str>,
    agency_code: Option<&str>,
    leg_kind: Option<&str>,
    ask: &PageAsk,
) -> Result<Vec<ManifestRow>, StoreError> {
    on!(db, |c| {
        let mut query =
            manifest::table.select(ManifestRow::as_select()).order(manifest::id).limit(ask.limit).into_boxed();
        if let Agencies::Only(codes) = &caller.agencies {
            query = query.filter(manifest::agency_code.eq_any(codes));
        }
        if let Some(code) = &caller.post_office {
            query = query.filter(manifest::post_office_code.eq(code));
        }
        if let Some(after) = &ask.after {
            query = query.filter(manifest::id.gt(after));
        }
        if let Some(value) = manifest_no {
            query = query.filter(manifest::manifest_no.eq(value));
        }
        if let Some(value) = agency_code {
            query = query.filter(manifest::agency_code.eq(value));
        }
        if let Some(value) = leg_kind {
            query = query.filter(manifest::leg_kind.eq(value));
        }
        Ok(query.load(c)?)
    })
}
