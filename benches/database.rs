//! The two databases: a folder of its own, or a schema of its own in the cluster of `tests/run`, gone afterwards.

use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use giaonhan::store::conn::{Db, Location};
use giaonhan::store::{Store, StoreSizes};
use tempfile::TempDir;

use crate::figure::Report;

const VARIABLE: &str = "GIAONHAN_TEST_PG_URL";

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// SQLite in a folder.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Kind {
    /// As it stands in names of figures.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Sqlite => "sqlite",
            Kind::Postgres => "postgres",
        }
    }

    /// The databases that are there. The report says what is not.
    pub fn all(report: &mut Report) -> Vec<Kind> {
        if cluster().is_some() {
            return vec![Kind::Sqlite, Kind::Postgres];
        }
        report.leave_out(&format!("every figure on PostgreSQL: {VARIABLE} is not set (tests/run starts a cluster)"));
        vec![Kind::Sqlite]
    }
}

fn cluster() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

/// A database of one benchmark.
pub struct Database {
    /// A folder for files beside it, and for SQLite itself.
    pub folder: TempDir,
    location: Location,
    schema: Option<String>,
}

/// What the store sets on every connection of SQLite, so that the reference is as durable.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;";

impl Database {
    /// A fresh one with the schema of the store.
    pub fn create(kind: Kind) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (location, schema) = match kind {
            Kind::Sqlite => (Location::Sqlite(folder.path().join(giaonhan::config::SQLITE_FILE)), None),
            Kind::Postgres => {
                let cluster = cluster().expect(VARIABLE);
                let name = format!("bench_{}", own_name());
                run(&cluster, &format!("CREATE SCHEMA {name}"));
                let mark = if cluster.contains('?') { '&' } else { '?' };
                (Location::Postgres(format!("{cluster}{mark}options=-csearch_path%3D{name}")), Some(name))
            }
        };
        drop(Store::open(&location, StoreSizes::default()).expect("a store"));
        Database { folder, location, schema }
    }

    /// `[store]` of a configuration that uses it.
    pub fn settings(&self) -> String {
        match &self.location {
            Location::Sqlite(_) => format!("[store]\ndata_dir = {:?}\n", self.folder.path()),
            Location::Postgres(url) => format!("[store]\ndatabase_url = {url:?}\n"),
        }
    }

    /// A connection of its own.
    pub fn connect(&self) -> Raw {
        match &self.location {
            Location::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy()).expect("SQLite");
                connection.batch_execute(PRAGMAS).expect("pragmas");
                Raw::Sqlite(connection)
            }
            Location::Postgres(url) => Raw::Pg(PgConnection::establish(url).expect("PostgreSQL")),
        }
    }

    /// A file in its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let (Some(name), Some(cluster)) = (&self.schema, cluster()) {
            run(&cluster, &format!("SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS {name} CASCADE"));
        }
    }
}

/// Unique by process and count, so that runs share a cluster.
fn own_name() -> String {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    format!("{}_{}", std::process::id(), NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
}

fn run(cluster: &str, text: &str) {
    let mut connection = PgConnection::establish(cluster).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
    connection.batch_execute(text).unwrap_or_else(|error| panic!("{text}: {error}"));
}

/// A bare connection, without our store around it.
pub enum Raw {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

impl Raw {
    /// As the type that one query text serves.
    pub fn db(&mut self) -> Db<'_> {
        match self {
            Raw::Pg(connection) => Db::Pg(connection),
            Raw::Sqlite(connection) => Db::Sqlite(connection),
        }
    }
}
