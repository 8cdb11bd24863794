//! The database past the program: reading what no route shows, and holding what others wait for.

use super::TestStore;
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use giaonhan::store::Location;

/// A connection of its own.
pub enum Direct {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    text: String,
}

impl Direct {
    /// To the database of a body.
    pub fn to(store: &TestStore) -> Self {
        match store.location() {
            Location::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                Direct::Sqlite(connection)
            }
            Location::Postgres(url) => Direct::Postgres(PgConnection::establish(&url).unwrap()),
        }
    }

    /// Runs statements.
    pub fn run(&mut self, statements: &str) {
        self.try_run(statements).unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// Runs statements that the database may refuse.
    pub fn try_run(&mut self, statements: &str) -> Result<(), String> {
        match self {
            Direct::Sqlite(connection) => connection.batch_execute(statements),
            Direct::Postgres(connection) => connection.batch_execute(statements),
        }
        .map_err(|error| error.to_string())
    }

    /// The column `text` of a query.
    pub fn texts(&mut self, query: &str) -> Vec<String> {
        let query = diesel::sql_query(query);
        let rows: Vec<Row> = match self {
            Direct::Sqlite(connection) => query.load(connection).unwrap(),
            Direct::Postgres(connection) => query.load(connection).unwrap(),
        };
        rows.into_iter().map(|row| row.text).collect()
    }
}
