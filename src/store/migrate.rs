//! Migrations, compiled in: one folder per database, the same names in both (a test compares them).

use diesel::{Connection, PgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::store::conn::{self, Location};
use crate::store::error::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Two programs must not migrate one PostgreSQL database at a time: an advisory lock of this number ("giao" in ASCII).
const ADVISORY_LOCK: i64 = 0x6769_616F;

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Database(format!("migration failed: {error}"))
}

fn pg(url: &str) -> Result<PgConnection, StoreError> {
    PgConnection::establish(url)
        .map_err(|error| StoreError::Unavailable(format!("cannot connect to PostgreSQL: {error}")))
}

/// Applies what is missing and returns the names, in order.
pub fn up(location: &Location) -> Result<Vec<String>, StoreError> {
    match location {
        Location::Sqlite(path) => names(conn::sqlite_writer(path)?.run_pending_migrations(SQLITE)),
        Location::Postgres(url) => {
            let mut connection = pg(url)?;
            diesel::sql_query(format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).execute(&mut connection)?;
            let applied = names(connection.run_pending_migrations(POSTGRES));
            diesel::sql_query(format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).execute(&mut connection)?;
            applied
        }
    }
}

/// Takes every migration back: for the test that runs them up, down, up.
pub fn down(location: &Location) -> Result<Vec<String>, StoreError> {
    match location {
        Location::Sqlite(path) => names(conn::sqlite_writer(path)?.revert_all_migrations(SQLITE)),
        Location::Postgres(url) => names(pg(url)?.revert_all_migrations(POSTGRES)),
    }
}

fn names<E: std::fmt::Display>(
    result: Result<Vec<diesel::migration::MigrationVersion<'_>>, E>,
) -> Result<Vec<String>, StoreError> {
    result.map(|versions| versions.iter().map(ToString::to_string).collect()).map_err(failed)
}
