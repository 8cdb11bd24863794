//! Many rows of roll-ups in one statement, on PostgreSQL: each column is one array, so that a text of thousands of values need not be
//! made and read.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text};

use crate::store::error::StoreError;
use crate::store::tallies::{LegTallyRow, OfficeTallyRow, ProcedureTallyRow};

macro_rules! column {
    ($rows:expr, $field:ident) => {
        $rows.iter().map(|row| &row.$field).collect::<Vec<_>>()
    };
}

/// Adds what legs contribute.
pub(super) fn insert(c: &mut PgConnection, rows: &[&LegTallyRow]) -> Result<(), StoreError> {
    diesel::sql_query(
        "INSERT INTO leg_tally (leg_id, measure, day, cause, amount) \
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])",
    )
    .bind::<Array<Text>, _>(column!(rows, leg_id))
    .bind::<Array<Text>, _>(column!(rows, measure))
    .bind::<Array<Text>, _>(column!(rows, day))
    .bind::<Array<Text>, _>(column!(rows, cause))
    .bind::<Array<BigInt>, _>(column!(rows, amount))
    .execute(c)?;
    Ok(())
}

/// Adds to sums by agency and procedure.
pub(super) fn add_by_procedure(c: &mut PgConnection, rows: &[ProcedureTallyRow]) -> Result<(), StoreError> {
    diesel::sql_query(
        "INSERT INTO tally_by_procedure AS t (span, measure, agency_code, procedure_code, kind, legs, amount) \
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[]) \
         ON CONFLICT (span, measure, agency_code, procedure_code, kind) \
         DO UPDATE SET legs = t.legs + excluded.legs, amount = t.amount + excluded.amount",
    )
    .bind::<Array<Text>, _>(column!(rows, span))
    .bind::<Array<Text>, _>(column!(rows, measure))
    .bind::<Array<Text>, _>(column!(rows, agency_code))
    .bind::<Array<Text>, _>(column!(rows, procedure_code))
    .bind::<Array<Text>, _>(column!(rows, kind))
    .bind::<Array<BigInt>, _>(column!(rows, legs))
    .bind::<Array<BigInt>, _>(column!(rows, amount))
    .execute(c)?;
    Ok(())
}

/// Adds to sums by agency, post office and cause.
pub(super) fn add_by_office(c: &mut PgConnection, rows: &[OfficeTallyRow]) -> Result<(), StoreError> {
    diesel::sql_query(
        "INSERT INTO tally_by_office AS t (span, measure, agency_code, post_office_code, kind, cause, legs, amount) \
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[]) \
         ON CONFLICT (span, measure, agency_code, post_office_code, kind, cause) \
         DO UPDATE SET legs = t.legs + excluded.legs, amount = t.amount + excluded.amount",
    )
    .bind::<Array<Text>, _>(column!(rows, span))
    .bind::<Array<Text>, _>(column!(rows, measure))
    .bind::<Array<Text>, _>(column!(rows, agency_code))
    .bind::<Array<Text>, _>(column!(rows, post_office_code))
    .bind::<Array<Text>, _>(column!(rows, kind))
    .bind::<Array<Text>, _>(column!(rows, cause))
    .bind::<Array<BigInt>, _>(column!(rows, legs))
    .bind::<Array<BigInt>, _>(column!(rows, amount))
    .execute(c)?;
    Ok(())
}
