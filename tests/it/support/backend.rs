//! A database of its own for each body: SQLite in a temporary folder always, a PostgreSQL schema where there is a cluster.

use super::postgres::PgSchema;
use giaonhan::config::FlagValue;
use giaonhan::store::{Location, sqlite_file};
use std::path::PathBuf;
use tempfile::TempDir;

enum Place {
    Sqlite,
    Postgres(PgSchema),
}

/// A database of one body and a folder for its files, gone when it is dropped.
pub struct TestStore {
    place: Place,
    folder: TempDir,
}

/// Runs the body on SQLite, and on PostgreSQL when `tests/run` gives one. The name stands in the output of a body that fails.
pub fn each_backend(name: &str, body: impl Fn(TestStore)) {
    let stores = [Some(TestStore::sqlite()), TestStore::postgres()];
    for store in stores.into_iter().flatten() {
        eprintln!("{name} on {}", store.name());
        // An inline snapshot is met once per database.
        insta::allow_duplicates! { body(store) };
    }
}

impl TestStore {
    /// SQLite in a folder of its own.
    pub fn sqlite() -> Self {
        TestStore { place: Place::Sqlite, folder: TempDir::new().unwrap() }
    }

    /// A PostgreSQL schema of its own; none without a cluster.
    pub fn postgres() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        PgSchema::create().map(|schema| TestStore { place: Place::Postgres(schema), folder })
    }

    /// `SQLite` or `PostgreSQL`.
    pub fn name(&self) -> &'static str {
        if self.is_postgres() { "PostgreSQL" } else { "SQLite" }
    }

    /// Which of the two it is.
    pub fn is_postgres(&self) -> bool {
        matches!(self.place, Place::Postgres(_))
    }

    /// Where it is, for `Store::open` and migrations.
    pub fn location(&self) -> Location {
        match &self.place {
            Place::Sqlite => Location::Sqlite(sqlite_file(self.folder.path())),
            Place::Postgres(schema) => Location::Postgres(schema.url.clone()),
        }
    }

    /// Where evidence files lie; none is left in the folder that the tests run in.
    pub fn evidence_folder(&self) -> PathBuf {
        self.folder.path().join("evidence")
    }

    /// The flag of the command line that names it.
    pub fn flag(&self) -> FlagValue {
        let [flag, value] = self.arguments();
        let key = if self.is_postgres() { "store.database_url" } else { "store.data_dir" };
        FlagValue::new(if flag == "--data" { "--data" } else { "--database-url" }, key, value)
    }

    /// The same as two arguments of a process.
    pub fn arguments(&self) -> [String; 2] {
        match &self.place {
            Place::Sqlite => ["--data".to_owned(), self.folder.path().to_str().unwrap().to_owned()],
            Place::Postgres(schema) => ["--database-url".to_owned(), schema.url.clone()],
        }
    }
}
