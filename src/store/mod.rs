//! Rows, transactions, migrations, leases: the only room that knows Diesel.
//!
//! `conn` holds the two databases behind one type, `write` commits what a use case decided, `writer` groups commits,
//! the files named for nouns read. Nothing here decides.

pub mod alert_schema;
pub mod alerts;
mod arrays;
pub mod book_schema;
pub mod books;
pub mod calendar;
pub mod case_questions;
pub mod clock_schema;
pub mod clocks;
pub mod conn;
pub mod desk;
pub mod distribution;
pub mod error;
pub mod exception_rows;
pub mod files;
pub mod intake;
pub mod ledger;
pub mod migrate;
pub mod original_schema;
pub mod originals;
pub mod pairs;
pub mod people;
pub mod people_rows;
pub mod read;
mod replace;
pub mod report_schema;
pub mod reports;
pub mod round_rows;
pub mod rounds;
pub mod rows;
pub mod schema;
pub mod settling;
pub mod tallies;
pub mod tally_schema;
pub mod work;
pub mod write;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

pub use conn::{Db, Location};
pub use error::StoreError;
pub use write::WriteSet;

use conn::{PgPool, SqlitePool};
use writer::{Work, Writer};

/// Sizes of the store.
#[derive(Debug, Clone, Copy)]
pub struct StoreSizes {
    /// Connections: all of PostgreSQL's, the readers of SQLite.
    pub pool: u32,
    /// Write sets in one transaction.
    pub group_commit_max: usize,
    /// Write sets that may wait.
    pub queue_max: usize,
}

impl Default for StoreSizes {
    fn default() -> Self {
        StoreSizes { pool: 16, group_commit_max: 128, queue_max: 2_000 }
    }
}

enum Backend {
    Pg { writer: Writer<WriteSet>, pool: PgPool },
    Sqlite { writer: Writer<Work>, readers: SqlitePool },
}

/// A set of more rows has its own transaction on PostgreSQL, so that small ones do not wait for it.
const GROUPED_ROWS_MAX: usize = 64;

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<Backend>,
}

impl Store {
    /// Opens the store and brings its schema up to date.
    pub fn open(location: &Location, sizes: StoreSizes) -> Result<Self, StoreError> {
        migrate::up(location)?;
        Self::open_migrated(location, sizes)
    }

    /// Opens a store whose schema is up to date.
    pub fn open_migrated(location: &Location, sizes: StoreSizes) -> Result<Self, StoreError> {
        let backend = match location {
            Location::Postgres(url) => {
                let pool = conn::pg_pool(url, sizes.pool)?;
                let writer = writer::postgres(pool.clone(), sizes.group_commit_max, sizes.queue_max)?;
                Backend::Pg { writer, pool }
            }
            Location::Sqlite(path) => Backend::Sqlite {
                writer: writer::sqlite(conn::sqlite_writer(path)?, sizes.group_commit_max, sizes.queue_max)?,
                readers: conn::sqlite_readers(path, sizes.pool.min(readers_max()))?,
            },
        };
        Ok(Store { backend: Arc::new(backend) })
    }

    /// Reads, on a connection that cannot write (SQLite) or outside any transaction (PostgreSQL).
    pub fn read<T>(&self, body: impl FnOnce(&mut Db<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match self.backend.as_ref() {
            Backend::Pg { pool, .. } => conn::on_pg(pool, body),
            Backend::Sqlite { readers, .. } => body(&mut Db::Sqlite(&mut *readers.get()?)),
        }
    }

    /// Commits what a use case decided: everything or nothing.
    pub fn commit(&self, set: WriteSet) -> Result<(), StoreError> {
        if set.is_empty() {
            return Ok(());
        }
        if let Backend::Pg { writer, .. } = self.backend.as_ref()
            && set.rows() <= GROUPED_ROWS_MAX
        {
            return writer.submit(set);
        }
        self.write(move |db| {
            set.apply(db)?;
            crate::base::fault::point("store.before_commit");
            Ok(())
        })
    }

    /// Runs one short write transaction: for `commit`, and for claims and leases in this room.
    pub(in crate::store) fn write<T: Send + 'static>(
        &self,
        mut body: impl FnMut(&mut Db<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        match self.backend.as_ref() {
            Backend::Pg { pool, .. } => conn::on_pg(pool, |db| db.write(body)),
            Backend::Sqlite { writer, .. } => {
                let (sender, answer) = std::sync::mpsc::sync_channel(1);
                writer.submit(Box::new(move |db| {
                    let value = body(db)?;
                    // A group that is run again sends again: the newest value counts.
                    let _ = sender.try_send(value);
                    Ok(())
                }))?;
                answer.recv().map_err(|_| StoreError::Unavailable("the writer gave no answer".to_owned()))
            }
        }
    }

    /// Whether rows can be claimed with SKIP LOCKED.
    pub fn is_postgres(&self) -> bool {
        matches!(self.backend.as_ref(), Backend::Pg { .. })
    }
}

/// Readers of SQLite never wait for a network: more than keep the processors busy only contend for its allocator.
fn readers_max() -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    u32::try_from(processors.saturating_mul(2)).unwrap_or(u32::MAX).max(4)
}

/// The SQLite file of a data folder.
pub fn sqlite_file(data_dir: &std::path::Path) -> PathBuf {
    data_dir.join("giaonhan.sqlite3")
}
