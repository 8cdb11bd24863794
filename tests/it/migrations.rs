//! Both databases hold the same: migrations up, down and up again, the tables that Diesel sees, the words that checks allow, and a
//! ledger that refuses to be changed.

use crate::support::office::leg_ids;
use crate::support::papers::{at, fact};
use crate::support::{Office, Options, Papers, TestStore, each_backend};
use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use giaonhan::domain::consignment;
use giaonhan::domain::custody::EventKind;
use giaonhan::domain::discrepancy;
use giaonhan::domain::lane::Lane;
use giaonhan::domain::leg::{Holder, LegKind, State};
use giaonhan::store::{Location, migrate};
use std::collections::BTreeSet;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    fn open(store: &TestStore) -> Self {
        match store.location() {
            Location::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                connection.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
                Raw::Sqlite(connection)
            }
            Location::Postgres(url) => Raw::Postgres(PgConnection::establish(&url).unwrap()),
        }
    }

    fn lines(&mut self, sqlite: &str, postgres: &str) -> Vec<String> {
        let rows: Vec<Line> = match self {
            Raw::Sqlite(connection) => sql_query(sqlite).load(connection).unwrap(),
            Raw::Postgres(connection) => sql_query(postgres).load(connection).unwrap(),
        };
        rows.into_iter().map(|row| row.line).collect()
    }

    fn run(&mut self, text: &str) -> Result<(), String> {
        let done = match self {
            Raw::Sqlite(connection) => connection.batch_execute(text),
            Raw::Postgres(connection) => connection.batch_execute(text),
        };
        done.map_err(|error| error.to_string())
    }

    /// `table.column type null|not null`, in the order of the columns.
    fn columns(&mut self) -> Vec<String> {
        self.lines(
            "SELECT m.name || '.' || c.name || ' ' || CASE c.type WHEN 'INTEGER' THEN 'BIGINT' ELSE c.type END || \
             CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' not null' ELSE ' null' END AS line \
             FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY m.name, c.cid",
            "SELECT table_name || '.' || column_name || ' ' || upper(data_type) || \
             CASE is_nullable WHEN 'NO' THEN ' not null' ELSE ' null' END AS line \
             FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_%' \
             ORDER BY table_name COLLATE \"C\", ordinal_position",
        )
    }

    /// Everything that the schema holds, as text.
    fn dump(&mut self) -> Vec<String> {
        let mut all = self.columns();
        all.extend(self.lines(
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master \
             WHERE name NOT LIKE 'sqlite_%' AND tbl_name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY 1",
            "SELECT line FROM (\
             SELECT 'index ' || indexdef AS line FROM pg_indexes WHERE schemaname = current_schema() AND tablename NOT LIKE '\\_\\_%' \
             UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) \
             FROM pg_constraint WHERE connamespace = current_schema()::regnamespace AND conrelid::regclass::text NOT LIKE '\\_\\_%' \
             UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE c.relnamespace = current_schema()::regnamespace AND NOT tgisinternal \
             UNION ALL SELECT 'function ' || proname || prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace\
             ) AS everything ORDER BY 1",
        ));
        all
    }
}

#[test]
fn migrations_go_up_down_and_up_again() {
    each_backend("up, down, up", |store| {
        let location = store.location();
        let names = migrate::up(&location).unwrap();
        assert!(!names.is_empty());
        assert!(migrate::up(&location).unwrap().is_empty(), "a second time nothing is missing");
        let first = Raw::open(&store).dump();
        assert!(first.len() > 150, "{}", first.len());
        let mut taken_back = migrate::down(&location).unwrap();
        taken_back.reverse();
        assert_eq!(taken_back, names);
        assert_eq!(Raw::open(&store).dump(), Vec::<String>::new(), "down leaves nothing behind");
        assert_eq!(migrate::up(&location).unwrap(), names);
        assert_eq!(Raw::open(&store).dump(), first);
    });
}

/// `table! { … }` of the Diesel schema, as `table.column type null|not null`.
fn diesel_columns() -> BTreeSet<String> {
    let text = concat!(
        include_str!("../../src/store/schema.rs"),
        include_str!("../../src/store/book_schema.rs"),
        include_str!("../../src/store/clock_schema.rs"),
        include_str!("../../src/store/original_schema.rs"),
        include_str!("../../src/store/tally_schema.rs"),
        include_str!("../../src/store/report_schema.rs"),
        include_str!("../../src/store/alert_schema.rs")
    );
    let mut found = BTreeSet::new();
    for table in text.split("table! {").skip(1) {
        let (name, body) = table.split_once('{').unwrap();
        let name = name.split('(').next().unwrap().trim();
        let mut renamed: Option<String> = None;
        for line in body.lines().map(str::trim) {
            if line == "}" {
                break;
            }
            if let Some(sql) = line.strip_prefix("#[sql_name = \"") {
                renamed = Some(sql.trim_end_matches("\"]").to_owned());
            }
            let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") else { continue };
            let column = renamed.take().unwrap_or_else(|| column.to_owned());
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(inner) => (inner.trim_end_matches('>'), "null"),
                None => (kind, "not null"),
            };
            found.insert(format!("{name}.{column} {} {null}", if kind == "BigInt" { "BIGINT" } else { "TEXT" }));
        }
    }
    found
}

#[test]
fn diesel_sees_the_columns_that_are_there() {
    let seen = diesel_columns();
    assert!(seen.len() > 180, "{}", seen.len());
    each_backend("columns", |store| {
        migrate::up(&store.location()).unwrap();
        let there: BTreeSet<String> = Raw::open(&store).columns().into_iter().collect();
        let only =
            |one: &BTreeSet<String>, other: &BTreeSet<String>| one.difference(other).cloned().collect::<Vec<_>>();
        assert_eq!(
            (only(&seen, &there), only(&there, &seen)),
            (Vec::new(), Vec::new()),
            "Diesel alone, database alone"
        );
    });
}

#[test]
fn checks_allow_the_words_of_the_domain_and_no_other() {
    let of = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    let known = [
        ("leg", "state", of(State::ALL.iter().map(|word| word.as_str()).collect())),
        ("leg", "holder", of(Holder::ALL.iter().map(|word| word.as_str()).collect())),
        ("leg", "kind", of(LegKind::ALL.iter().map(|word| word.as_str()).collect())),
        ("consignment_note", "service", of(consignment::Service::ALL.iter().map(|word| word.as_str()).collect())),
        ("consignment_note", "taken_at", of(consignment::TakenAt::ALL.iter().map(|word| word.as_str()).collect())),
        ("consignment_note", "lane", of(Lane::ALL.iter().map(|word| word.as_str()).collect())),
        (
            "consignment_note",
            "postage_pay",
            of(consignment::PostagePay::ALL.iter().map(|word| word.as_str()).collect()),
        ),
        ("leg_clock", "status", of(giaonhan::domain::clocks::Status::ALL.iter().map(|word| word.as_str()).collect())),
        ("case_mark", "leg_kind", of(LegKind::ALL.iter().map(|word| word.as_str()).collect())),
        ("postal_zone", "class", of(giaonhan::domain::lane::ZoneClass::ALL.iter().map(|word| word.as_str()).collect())),
        ("handover", "status", of(giaonhan::domain::handover::Status::ALL.iter().map(|word| word.as_str()).collect())),
    ];
    for database in ["sqlite", "postgres"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let mut text = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            text.push_str(&std::fs::read_to_string(entry.unwrap().path().join("up.sql")).unwrap());
        }
        for (table, column, words) in &known {
            let body = text.split(&format!("CREATE TABLE {table} (")).nth(1).unwrap().split(";\n").next().unwrap();
            let list = body.split(&format!("CHECK ({column} IN (")).nth(1).unwrap().split(')').next().unwrap();
            let allowed: BTreeSet<String> = list.split(", ").map(|word| word.trim_matches('\'').to_owned()).collect();
            assert_eq!(&allowed, words, "{database}: {table}.{column}");
        }
    }
    // Every kind and event has its own word.
    assert_eq!(
        of(discrepancy::Kind::ALL.iter().map(|kind| kind.as_str()).collect()).len(),
        discrepancy::Kind::ALL.len()
    );
    assert_eq!(of(EventKind::ALL.iter().map(|kind| kind.as_str()).collect()).len(), EventKind::ALL.len());
}

#[test]
fn what_is_recorded_cannot_be_changed_or_taken_away() {
    each_backend("append-only", |store| {
        let office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 1)));
        office.report(&office.post(), &[fact("a", &legs[0], "ACCEPTED", &at(1))]);
        office.desk().get(format!("/v1/legs/{}?include=party", legs[0])).expect(200);
        let mut raw = Raw::open(&store);
        let log = "INSERT INTO outbox (id, counterpart, kind, order_key, order_seq, dedup_key, body, state, attempts, due_at_us, ask_first, fence, created_at_us) \
             VALUES ('msg_1', 'x', 'WEBHOOK', 'x', 0, 'x', '{}', 'SETTLED', 0, 0, 0, 0, 0); \
             INSERT INTO outbox_log (outbox_id, entry, what, at_us) VALUES ('msg_1', 1, 'SENT', 0)";
        raw.run(log).unwrap();
        raw.run(
            "INSERT INTO case_mark (id, counterpart, mark_id, sha256, agency_code, dossier_no, leg_kind, mark, occurred_at_us, \
             recorded_at_us) VALUES ('cmk_1', 'x', 'm', 's', 'H32.15', 'd', 'INTAKE', 'APPOINTED', 0, 0)",
        )
        .unwrap();
        for table in ["custody_event", "outbox_log", "personal_look", "case_mark"] {
            let column = if table == "custody_event" {
                "body"
            } else if table == "outbox_log" {
                "what"
            } else {
                "counterpart"
            };
            for text in [format!("UPDATE {table} SET {column} = 'x'"), format!("DELETE FROM {table}")] {
                let refused = raw.run(&text).expect_err(&text);
                assert!(refused.contains("append-only"), "{refused}");
            }
        }
        for text in ["UPDATE leg SET state = 'FLOWN'", "UPDATE leg SET holder = 'CAT'", "UPDATE leg SET is_open = 2"] {
            assert!(raw.run(text).is_err(), "{text}");
        }
        if store.is_postgres() {
            assert!(raw.run("TRUNCATE custody_event").is_err(), "emptied at once");
        }
    });
}

#[test]
fn verifying_finds_what_was_changed_behind_our_back() {
    each_backend("verify", |store| {
        let mut office = Office::start(&store, Options::default());
        let papers = Papers::new(1);
        let legs = leg_ids(&office.declare(&office.desk(), &papers.manifest("RESULT", 3)));
        let facts: Vec<_> = legs.iter().map(|leg| fact(&format!("a-{leg}"), leg, "ACCEPTED", &at(1))).collect();
        office.report(&office.post(), &facts);
        let clean = giaonhan::app::verify::verify(office.app()).unwrap();
        assert!(clean.is_clean() && (clean.manifests, clean.legs, clean.events) == (1, 3, 6), "{clean:?}");
        let mut raw = Raw::open(&store);
        raw.run(&format!("UPDATE leg SET state = 'CONFIRMED' WHERE id = '{}'", legs[0])).unwrap();
        let drop_trigger = match raw {
            Raw::Sqlite(_) => "DROP TRIGGER custody_event_no_update",
            Raw::Postgres(_) => "ALTER TABLE custody_event DISABLE TRIGGER USER",
        };
        raw.run(drop_trigger).unwrap();
        raw.run(&format!("UPDATE custody_event SET body = replace(body, 'post-khanh-hoa', 'post-elsewhere') WHERE leg_id = '{}' AND seq = 2", legs[1])).unwrap();
        let damaged = giaonhan::app::verify::verify(office.app()).unwrap();
        let found: Vec<(Option<&str>, &str)> =
            damaged.problems.iter().map(|each| (each.leg_id.as_deref(), each.kind)).collect();
        assert!(found.contains(&(Some(&legs[0]), "STATE_DIFFERS")), "{found:?}");
        assert!(found.contains(&(Some(&legs[1]), "CHAIN_BROKEN")), "{found:?}");
        assert!(found.iter().all(|(leg, _)| *leg != Some(legs[2].as_str())), "{found:?}");
        // The damage is this body's own: there is nothing left to hold at the end.
        office.stop();
    });
}
