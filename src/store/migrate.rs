//! Migrations, compiled in: one folder per database, the same names in both (a test compares them).

use std::fs::File;
use std::path::Path;

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

/// Waits for the turn to set up a SQLite file: as the advisory lock of PostgreSQL, on the file's folder. Two programs that start on an
/// empty folder would both switch it to WAL, which fails at once, whatever the busy time-out. The turn ends with the value.
fn turn(path: &Path) -> Result<File, StoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let locked = File::open(folder).and_then(|folder| folder.lock().map(|()| folder));
    locked.map_err(|error| StoreError::Unavailable(format!("cannot lock {}: {error}", folder.display())))
}

/// Applies what is missing and returns the names, in order.
pub fn up(location: &Location) -> Result<Vec<String>, StoreError> {
    match location {
        Location::Sqlite(path) => {
            let _turn = turn(path)?;
            names(conn::sqlite_writer(path)?.run_pending_migrations(SQLITE))
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_start_on_an_empty_folder_set_it_up_once() {
        for _ in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let location = Location::Sqlite(folder.path().join("giaonhan.sqlite3"));
            let start = std::sync::Barrier::new(8);
            let applied: Vec<usize> = std::thread::scope(|scope| {
                let starts: Vec<_> = (0..8)
                    .map(|_| {
                        scope.spawn(|| {
                            start.wait();
                            up(&location).unwrap().len()
                        })
                    })
                    .collect();
                starts.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let all = applied.iter().copied().max().unwrap();
            assert!(all > 0 && applied.iter().sum::<usize>() == all, "{applied:?}");
        }
    }
}
