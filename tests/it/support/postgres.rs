//! PostgreSQL for test bodies: one schema per test, in the cluster that `tests/run` started.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use std::io::Write;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

const VARIABLE: &str = "GIAONHAN_TEST_PG_URL";

/// The cluster of `tests/run`. Without it says once, on stderr, what is left out.
pub fn pg_url() -> Option<String> {
    static NOTICE: Once = Once::new();
    let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        // Written past the test harness, which keeps the output of tests that pass.
        let notice = format!("\nPostgreSQL bodies were LEFT OUT: {VARIABLE} is not set. `tests/run` runs them too.\n");
        NOTICE.call_once(|| drop(std::io::stderr().write_all(notice.as_bytes())));
    }
    url
}

/// A schema of one test, gone when it is dropped.
pub struct PgSchema {
    /// URL whose connections see this schema alone.
    pub url: String,
    cluster: String,
    name: String,
}

impl PgSchema {
    /// A fresh schema; none without a cluster.
    pub fn create() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let cluster = pg_url()?;
        // Unique by process and count, so that test processes share a cluster.
        let name = format!("t_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        run(&cluster, &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"));
        let mark = if cluster.contains('?') { '&' } else { '?' };
        let url = format!("{cluster}{mark}options=-csearch_path%3D{name}");
        Some(PgSchema { url, cluster, name })
    }
}

impl Drop for PgSchema {
    fn drop(&mut self) {
        // Connections of a killed process may hold locks for a moment; a test that never lets go must not hang the run.
        let text = format!("SET lock_timeout = '10s'; DROP SCHEMA IF EXISTS {} CASCADE", self.name);
        let dropped = PgConnection::establish(&self.cluster).map(|mut connection| connection.batch_execute(&text));
        if !matches!(dropped, Ok(Ok(()))) && !std::thread::panicking() {
            panic!("schema {} is still in use: {:?}", self.name, dropped.map(|_| ()).err());
        }
    }
}

fn run(cluster: &str, text: &str) {
    let mut connection = PgConnection::establish(cluster).unwrap_or_else(|error| panic!("{VARIABLE}: {error}"));
    connection.batch_execute(text).unwrap_or_else(|error| panic!("{text}: {error}"));
}

#[test]
fn each_schema_stands_alone_and_goes_away() {
    let Some(first) = PgSchema::create() else { return };
    let Some(second) = PgSchema::create() else { return };
    run(&first.url, "CREATE TABLE only_here (id integer)");
    run(&first.url, "INSERT INTO only_here VALUES (1)");
    let mut other = PgConnection::establish(&second.url).unwrap();
    assert!(other.batch_execute("SELECT * FROM only_here").is_err(), "schemas see each other");
    let (url, cluster, name) = (first.url.clone(), first.cluster.clone(), first.name.clone());
    drop(first);
    assert!(PgConnection::establish(&url).unwrap().batch_execute("SELECT * FROM only_here").is_err());
    run(&cluster, &format!("CREATE SCHEMA {name}; DROP SCHEMA {name}"));
}
