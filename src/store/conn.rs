//! One connection type for two databases: an enum of two borrowed connections, and `on!`, which expands a query once per
//! backend. The scheme of the URL decides; nothing is tried twice (tech.md 2).

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, ManageConnection, Pool};
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::store::error::StoreError;

/// A borrowed connection; a transaction body gets the same type.
pub enum Db<'a> {
    /// PostgreSQL.
    Pg(&'a mut PgConnection),
    /// SQLite.
    Sqlite(&'a mut SqliteConnection),
}

/// Expands the body once per backend, with `$c` as the concrete connection.
#[macro_export]
macro_rules! on {
    ($db:expr, |$c:ident| $body:expr) => {
        match $db {
            $crate::store::conn::Db::Pg(connection) => {
                let $c = &mut **connection;
                $body
            }
            $crate::store::conn::Db::Sqlite(connection) => {
                let $c = &mut **connection;
                $body
            }
        }
    };
}

impl Db<'_> {
    /// Runs the body in a write transaction: IMMEDIATE on SQLite, since a deferred one that reads and then writes fails at once.
    pub fn write<T>(&mut self, mut body: impl FnMut(&mut Db<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self {
            Db::Pg(c) => c.build_transaction().read_write().run(|c| body(&mut Db::Pg(c))),
            Db::Sqlite(c) => c.immediate_transaction(|c| body(&mut Db::Sqlite(c))),
        }
    }

    /// Runs the body on one state of the store: what is committed meanwhile is not seen by any of its queries.
    pub fn snapshot<T>(&mut self, mut body: impl FnMut(&mut Db<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self {
            Db::Pg(c) => c.build_transaction().repeatable_read().read_only().run(|c| body(&mut Db::Pg(c))),
            Db::Sqlite(c) => c.transaction(|c| body(&mut Db::Sqlite(c))),
        }
    }

    /// Runs the body in a savepoint of the transaction that is open.
    pub fn savepoint<T>(
        &mut self,
        mut body: impl FnMut(&mut Db<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Db::Pg(c) => c.transaction(|c| body(&mut Db::Pg(c))),
            Db::Sqlite(c) => c.transaction(|c| body(&mut Db::Sqlite(c))),
        }
    }
}

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL.
    Postgres(String),
}

impl Location {
    /// Reads a database URL: `postgres://…`, `postgresql://…`, or `sqlite:PATH`.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Location::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Location::Sqlite(PathBuf::from(path.trim_start_matches("//")))),
            _ => Err(StoreError::Location(
                "a database URL begins with postgres:// or sqlite: (for a folder use --data)".to_owned(),
            )),
        }
    }
}

#[derive(Debug)]
struct SqliteSetup {
    read_only: bool,
}

/// The cache is small: the system keeps the file's pages anyway, and the pages of a great transaction would stand in memory beside
/// its rows.
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;";

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for SqliteSetup {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        connection.batch_execute(SQLITE_PRAGMAS).map_err(diesel::r2d2::Error::QueryError)?;
        if self.read_only {
            connection.batch_execute("PRAGMA query_only = ON").map_err(diesel::r2d2::Error::QueryError)?;
        }
        Ok(())
    }
}

/// A connection to PostgreSQL, and how sure we are that it is there.
pub struct PgLink {
    connection: PgConnection,
    /// When it last did its work; none after it failed.
    proved_at: Option<Instant>,
}

/// Makes connections, and tries one by a query only when it failed or lay idle: a trial before each use would be one round trip
/// of five in a small request.
#[derive(Debug)]
pub struct PgLinks(ConnectionManager<PgConnection>);

/// A connection used within this time is taken for alive.
const PROVED_FOR: Duration = Duration::from_millis(500);

impl ManageConnection for PgLinks {
    type Connection = PgLink;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<PgLink, Self::Error> {
        let mut connection = self.0.connect()?;
        connection.batch_execute("SET lc_messages = 'C'").or(Ok(())).map_err(diesel::r2d2::Error::QueryError)?;
        Ok(PgLink { connection, proved_at: None })
    }

    fn is_valid(&self, link: &mut PgLink) -> Result<(), Self::Error> {
        match link.proved_at {
            Some(at) if at.elapsed() < PROVED_FOR => Ok(()),
            _ => self.0.is_valid(&mut link.connection),
        }
    }

    /// Asked when a connection is given back.
    fn has_broken(&self, link: &mut PgLink) -> bool {
        self.0.has_broken(&mut link.connection)
    }
}

/// A pool of PostgreSQL connections.
pub type PgPool = Pool<PgLinks>;
/// A pool of SQLite readers.
pub type SqlitePool = Pool<ConnectionManager<SqliteConnection>>;

const POOL_WAIT: Duration = Duration::from_secs(5);

/// Opens a pool of PostgreSQL connections.
pub fn pg_pool(url: &str, size: u32) -> Result<PgPool, StoreError> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(POOL_WAIT)
        .build(PgLinks(ConnectionManager::new(url)))
        .map_err(|error| StoreError::Unavailable(format!("cannot connect to PostgreSQL: {error}")))
}

/// Runs the body on a connection of the pool.
pub fn on_pg<T>(pool: &PgPool, body: impl FnOnce(&mut Db<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut link = pool.get()?;
    let result = body(&mut Db::Pg(&mut link.connection));
    link.proved_at = match result {
        Err(StoreError::Unavailable(_) | StoreError::Database(_)) => None,
        _ => Some(Instant::now()),
    };
    result
}

/// Opens a pool of SQLite readers that cannot write.
pub fn sqlite_readers(path: &Path, size: u32) -> Result<SqlitePool, StoreError> {
    Pool::builder()
        .max_size(size)
        // A file does not go away as a server does: a trial query before each use would find nothing.
        .test_on_check_out(false)
        .connection_timeout(POOL_WAIT)
        .connection_customizer(Box::new(SqliteSetup { read_only: true }))
        .build(ConnectionManager::new(path.to_string_lossy()))
        .map_err(|error| StoreError::Unavailable(format!("cannot open {}: {error}", path.display())))
}

/// Opens the one SQLite connection that writes.
pub fn sqlite_writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|error| StoreError::Unavailable(format!("cannot open {}: {error}", path.display())))?;
    connection.batch_execute(SQLITE_PRAGMAS)?;
    Ok(connection)
}
