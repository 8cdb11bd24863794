//! The command line as scripts know it (contract 11), by the real program: one line of `serve`, one object per line with
//! `--json`, exit codes 0, 1, 2 and 3, and commands beside a running server.

use crate::support::process::{BOUND, Ended, Process, on_store, program, run, serve, steady_address};
use crate::support::sql::Direct;
use crate::support::{Client, Papers, TestStore, each_backend, until};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

fn example(name: &str) -> String {
    format!("{}/schemas/examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// An empty configuration file: the defaults.
fn plain(folder: &Path) -> PathBuf {
    let file = folder.join("giaonhan.toml");
    std::fs::write(&file, "[http]\nworkers = 1\n[store]\npool_size = 4\n").unwrap();
    file
}

fn key(store: &TestStore, side: &str, agency: &str, scope: &str) -> Value {
    let of = ["key", "create", "--json", "--counterpart", "desk", "--side", side, "--agency", agency, "--scope", scope];
    on_store(store, &of).expect(0).object()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[test]
fn serve_prints_exactly_one_line_and_sigterm_ends_it_with_0() {
    let folder = tempfile::tempdir().unwrap();
    let config = plain(folder.path());
    each_backend("serve", |store| {
        let mut process = Process::start(serve(&store, &config, "127.0.0.1:0", &[]));
        assert!(process.died().is_none(), "{}", process.log());
        let url = process.url();
        assert_eq!(process.caller("").with_key(None).get("/health/live").json(), json!({"status": "live"}));
        let printed = process.stop();
        let printed: Vec<Value> = printed.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(printed, [json!({"event": "listening", "url": url})]);

        let [flag, value] = store.arguments();
        let process = Process::start(program(&["serve", "--listen", "127.0.0.1:0", &flag, &value]));
        let url = process.url();
        assert_eq!(process.stop(), [format!("giaonhan listening on {url}")]);
    });
}

#[test]
fn sigterm_lets_the_request_in_flight_finish() {
    let folder = tempfile::tempdir().unwrap();
    let config = plain(folder.path());
    each_backend("sigterm", |store| {
        let desk = text(&key(&store, "agency", "H32.15", "read,write")["key"]);
        let mut process = Process::start(serve(&store, &config, "127.0.0.1:0", &[]));
        let address = process.url().trim_start_matches("http://").to_owned();
        let body = Papers::new(1).manifest("RESULT", 3).to_string();
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(BOUND)).unwrap();
        write!(
            stream,
            "POST /v1/manifests HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {desk}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        )
        .unwrap();
        let mut told = [0; 25];
        stream.read_exact(&mut told).unwrap();
        assert_eq!(told, *b"HTTP/1.1 100 Continue\r\n\r\n", "the request has begun");
        let (begun, rest) = body.as_bytes().split_at(body.len() / 2);
        stream.write_all(begun).unwrap();
        process.terminate();
        until("no new connection is taken", BOUND, || TcpStream::connect(&address).is_err().then_some(()));
        assert!(process.died().is_none(), "it waits for the request in flight");
        stream.write_all(rest).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert_eq!(process.end().code(), Some(0), "{}", process.log());
        let verified = on_store(&store, &["verify", "--json"]).expect(0).object();
        assert_eq!((&verified["manifests"], &verified["legs"]), (&json!(1), &json!(3)));
    });
}

#[test]
fn every_command_answers_with_one_object_per_line() {
    each_backend("--json", |store| {
        let applied = on_store(&store, &["migrate", "--json"]).expect(0).object();
        assert!(!applied["applied"].as_array().unwrap().is_empty());
        assert_eq!(on_store(&store, &["migrate", "--json"]).expect(0).object(), json!({"applied": []}));

        let made = key(&store, "post", "H32.15", "read,write,ops");
        assert!(text(&made["key"]).starts_with("gnk_") && text(&made["id"]).starts_with("key_"));
        assert_eq!(
            (&made["counterpart"], &made["side"], &made["agencies"], &made["scopes"]),
            (&json!("desk"), &json!("POST"), &json!(["H32.15"]), &json!(["read", "write", "ops"]))
        );
        let id = text(&made["id"]);
        let rotated = on_store(&store, &["key", "rotate", &id, "--overlap", "1h", "--json"]).expect(0).object();
        assert_ne!(rotated["key"], made["key"]);
        assert_eq!(rotated["scopes"], made["scopes"]);
        on_store(&store, &["key", "revoke", &id, "--json"]).expect(0).object();
        let listed = on_store(&store, &["key", "list", "--json"]).expect(0).objects();
        let states: Vec<(&Value, &Value)> = listed.iter().map(|key| (&key["id"], &key["state"])).collect();
        assert_eq!(states, [(&made["id"], &json!("REVOKED")), (&rotated["id"], &json!("ACTIVE"))]);
        assert!(listed.iter().all(|key| key.get("key").is_none()), "a list shows no secret");

        let of = [
            "webhook",
            "create",
            "--counterpart",
            "desk",
            "--agency",
            "*",
            "--url",
            "http://127.0.0.1:9/hook",
            "--json",
        ];
        let hook = on_store(&store, &of).expect(0).object();
        assert!(text(&hook["secret"]).starts_with("whsec_") && text(&hook["publicKey"]).starts_with("whpk_"));
        let hook_id = text(&hook["id"]);
        let next = on_store(&store, &["webhook", "rotate", &hook_id, "--json"]).expect(0).object();
        assert_eq!(next["id"], hook["id"]);
        assert_ne!(next["secret"], hook["secret"]);
        on_store(&store, &["webhook", "disable", &hook_id, "--json"]).expect(0).object();

        assert_eq!(
            on_store(&store, &["verify", "--json"]).expect(0).object(),
            json!({"clean": true, "manifests": 0, "legs": 0, "events": 0, "problems": []})
        );
        assert_eq!(on_store(&store, &["outbox", "list", "--json"]).expect(0).objects(), Vec::<Value>::new());
        for line in on_store(&store, &["config", "explain", "--json"]).expect(0).objects() {
            let members: Vec<&String> = line.as_object().unwrap().keys().collect();
            assert_eq!(members, ["key", "value", "origin"]);
        }
    });
}

#[test]
fn without_json_a_key_stands_alone_on_stdout() {
    let store = TestStore::sqlite();
    let made = on_store(&store, &["key", "create", "--counterpart", "desk", "--side", "agency", "--agency", "H32.15"]);
    let made = made.expect(0);
    assert_eq!(made.lines().len(), 1);
    assert!(made.stdout.starts_with("gnk_") && made.stdout.len() > 40);
}

#[test]
fn a_wrong_command_line_is_2_and_a_wrong_environment_is_3() {
    let store = TestStore::sqlite();
    let create = ["key", "create", "--counterpart", "desk"];
    for wrong in [
        &["fly"][..],
        &["key"],
        &[&create[..], &["--side", "nobody", "--agency", "H32.15"]].concat(),
        &[&create[..], &["--side", "agency", "--agency", "h32/15"]].concat(),
        &[&create[..], &["--side", "agency", "--agency", "H32.15", "--scope", "all"]].concat(),
        &["key", "rotate", "key_1", "--overlap", "soon"],
        &["outbox", "list", "--state", "LOST"],
        &["outbox", "replay", "msg_1"],
        &["webhook", "create", "--counterpart", "desk", "--agency", "*", "--url", "ftp://there"],
        &["serve", "--listen", "nowhere"],
        &["--database-url", "postgres://127.0.0.1/x", "verify"],
        &["manifest", "check", &example("valid/manifest-result.json"), "--side", "nobody"],
        &["sim", "post", "--family", "p9"],
        &["sim", "post", "--faults", "E99"],
    ] {
        let ended = on_store(&store, wrong);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{wrong:?}: {}", ended.stderr);
        assert!(!ended.stderr.is_empty(), "{wrong:?} is told why");
    }

    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.toml");
    std::fs::write(&broken, "[outbox]\nlease_ms = 1\n").unwrap();
    let broken = broken.to_str().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (wrong, shown) in [
        (&["verify", "--config", broken][..], "outbox.lease_ms"),
        (&["verify", "--config", "/nowhere/giaonhan.toml"], "/nowhere/giaonhan.toml"),
        (&["serve", "--listen", &taken], &taken),
        (&["manifest", "check", "/nowhere/manifest.json"], "/nowhere/manifest.json"),
    ] {
        let ended = on_store(&store, wrong);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{wrong:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(shown), "{wrong:?}: {}", ended.stderr);
    }
    let nobody = run(program(&["verify", "--database-url", "postgres://nobody:hidden@127.0.0.1:9/none"]));
    assert_eq!((nobody.code, nobody.stdout.as_str()), (Some(3), ""));
    assert!(!nobody.stderr.contains("hidden"), "no secret in a message: {}", nobody.stderr);
}

#[test]
fn a_no_is_1() {
    each_backend("no", |store| {
        for no in [
            &["key", "revoke", "key_none"][..],
            &["key", "rotate", "key_none"],
            &["webhook", "disable", "wh_none"],
            &["webhook", "rotate", "wh_none"],
            &["outbox", "replay", "msg_none", "--reason", "thử lại"],
        ] {
            let ended = on_store(&store, no);
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{no:?}: {}", ended.stderr);
        }
    });
}

#[test]
fn a_mistyped_folder_is_refused_and_only_the_default_one_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("dta");
    for command in [&["verify"][..], &["migrate"], &["serve", "--listen", "127.0.0.1:0"], &["key", "list"]] {
        let ended = run(program(&[command, &["--data", missing.to_str().unwrap()]].concat()));
        assert_eq!(ended.code, Some(3), "{command:?}");
        assert!(ended.stderr.contains(missing.to_str().unwrap()), "{}", ended.stderr);
        assert!(!missing.exists(), "{command:?} made it");
    }
    let mut here = program(&["verify", "--json"]);
    here.current_dir(folder.path());
    assert_eq!(run(here).expect(0).object()["clean"], true);
    let made: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(made, ["giaonhan-data"]);
    assert!(folder.path().join("giaonhan-data/giaonhan.sqlite3").is_file());
}

#[test]
fn keys_are_made_rotated_and_revoked_beside_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let config = plain(folder.path());
    each_backend("keys", |store| {
        let process = Process::start(serve(&store, &config, "127.0.0.1:0", &[]));
        let at = |key: &Value| process.caller(key["key"].as_str().unwrap()).get("/v1");
        let first = key(&store, "agency", "H32.15", "read");
        at(&first).expect(200);
        let id = text(&first["id"]);
        let second = on_store(&store, &["key", "rotate", &id, "--json"]).expect(0).object();
        at(&first).expect(200);
        at(&second).expect(200);
        let third = on_store(&store, &["key", "rotate", &text(&second["id"]), "--overlap", "0s", "--json"]);
        let third = third.expect(0).object();
        at(&second).refused(401, "KEY_INVALID");
        at(&third).expect(200);
        on_store(&store, &["key", "revoke", &id]).expect(0);
        at(&first).refused(401, "KEY_INVALID");
        process.stop();
    });
}

#[test]
fn config_explain_names_every_origin_and_masks_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("giaonhan.toml");
    std::fs::write(
        &file,
        "[limits]\nfacts_max = 77\n\n[[counterparts]]\nname = \"post\"\nkind = \"hcc\"\nagencies = [\"*\"]\n\
         base_url = \"http://127.0.0.1:9\"\ncustomer_code = \"KH1\"\ntoken = { env = \"POST_TOKEN\" }\n\
         contact = { name = \"Một cửa\", phone = \"02583000001\", address = \"1 Trần Phú\", province_code = \"56\" }\n",
    )
    .unwrap();
    let mut explain = program(&["config", "explain", "--json", "--config", file.to_str().unwrap(), "--database-url"]);
    explain.arg("postgres://giaonhan:p4ssw0rd@db.example/giaonhan");
    explain.env("GIAONHAN__OUTBOX__POLL_MS", "250").env("POST_TOKEN", "t0ken");
    let ended = run(explain).expect(0);
    for secret in ["p4ssw0rd", "t0ken"] {
        assert!(!ended.stdout.contains(secret) && !ended.stderr.contains(secret), "{secret} is shown");
    }
    let of = |key: &str| ended.objects().into_iter().find(|line| line["key"] == key).unwrap_or_else(|| panic!("{key}"));
    assert_eq!(of("limits.burst")["origin"], "default");
    let facts = of("limits.facts_max");
    assert_eq!(facts["value"], "77");
    assert!(text(&facts["origin"]).ends_with("giaonhan.toml:2"), "{facts}");
    assert_eq!(of("outbox.poll_ms")["origin"], "environment GIAONHAN__OUTBOX__POLL_MS");
    assert_eq!(of("store.database_url")["origin"], "flag --database-url");
    assert!(text(&of("counterparts.post.token")["value"]).contains("***"));
}

#[test]
fn manifest_check_reads_a_file_as_the_server_would_without_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str]| {
        let mut command = program(&[&["manifest", "check"], arguments].concat());
        command.current_dir(folder.path());
        run(command)
    };
    for name in ["manifest-result.json", "manifest-result-same.xml", "manifest-result-vietnamese.csv"] {
        let receipt = check(&["--json", &example(&format!("valid/{name}"))]).expect(0).object();
        assert_eq!(receipt["outcome"], "ACCEPTED", "{name}");
        assert!(receipt["id"].is_null() && receipt["lines"][0]["legId"].is_null(), "a receipt without ids");
    }
    let taken = example("valid/manifest-intake-from-post.json");
    check(&["--json", "--side", "post", &taken]).expect(0);
    let bad = example("invalid/one-bad-of-three.json");
    let refused = check(&["--json", &bad]).expect(1).object();
    assert_eq!((&refused["code"], &refused["outcome"]), (&json!("MANIFEST_REFUSED"), &json!("REJECTED")));
    assert_eq!(refused["lines"].as_array().unwrap().len(), 3);
    let partly = check(&["--json", "--mode", "good-lines", &bad]).expect(0).object();
    assert_eq!(partly["outcome"], "PARTIALLY_ACCEPTED");
    let unreadable = check(&["--json", &example("invalid/dtd.xml")]).expect(1).object();
    assert_eq!(unreadable["code"], "XML_DTD_FORBIDDEN");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no store was made");
}

/// Writes to the database past the program, as an intruder or a failing disk would.
fn tamper(store: &TestStore, statements: &str) {
    let mut direct = Direct::to(store);
    if store.is_postgres() {
        let (unguard, guard) = ("DISABLE TRIGGER USER", "ENABLE TRIGGER USER");
        direct.run(&format!("ALTER TABLE custody_event {unguard}; {statements}; ALTER TABLE custody_event {guard}"));
    } else {
        let names = ["custody_event_no_update", "custody_event_no_delete"];
        names.iter().for_each(|name| direct.run(&format!("DROP TRIGGER IF EXISTS {name}")));
        direct.run(statements);
    }
}

#[test]
fn verify_names_each_kind_of_damage() {
    let folder = tempfile::tempdir().unwrap();
    let config = plain(folder.path());
    each_backend("verify", |store| {
        let leg = one_leg_with_a_life(&store, &config);
        let of_leg = format!("leg_id = '{leg}'");
        let verify = || -> Ended { on_store(&store, &["verify", "--json"]) };
        verify().expect(0);
        // What is done, how it is undone, and what must be found.
        let damages = [
            (
                format!("UPDATE custody_event SET body = replace(body, 'IN_TRANSIT', 'DELIVERED') WHERE {of_leg}"),
                format!("UPDATE custody_event SET body = replace(body, 'DELIVERED', 'IN_TRANSIT') WHERE {of_leg} AND seq < 4"),
                "CHAIN_BROKEN",
                Some(3),
            ),
            (
                format!("UPDATE custody_event SET occurred_at_us = occurred_at_us + 1 WHERE {of_leg} AND seq = 2"),
                format!("UPDATE custody_event SET occurred_at_us = occurred_at_us - 1 WHERE {of_leg} AND seq = 2"),
                "CHAIN_BROKEN",
                Some(2),
            ),
            (
                format!(
                    "CREATE TABLE taken AS SELECT * FROM custody_event WHERE {of_leg} AND seq = 2; \
                     DELETE FROM custody_event WHERE {of_leg} AND seq = 2"
                ),
                "INSERT INTO custody_event SELECT * FROM taken; DROP TABLE taken".to_owned(),
                "CHAIN_BROKEN",
                Some(3),
            ),
            (
                format!(
                    "CREATE TABLE taken AS SELECT * FROM custody_event WHERE {of_leg} AND seq = 4; \
                     DELETE FROM custody_event WHERE {of_leg} AND seq = 4"
                ),
                "INSERT INTO custody_event SELECT * FROM taken; DROP TABLE taken".to_owned(),
                "HEAD_DIFFERS",
                None,
            ),
            (
                format!("UPDATE leg SET state = 'CONFIRMED' WHERE id = '{leg}'"),
                format!("UPDATE leg SET state = 'DELIVERED_REPORTED' WHERE id = '{leg}'"),
                "STATE_DIFFERS",
                None,
            ),
            (
                format!("UPDATE leg SET holder = 'CITIZEN' WHERE id = '{leg}'"),
                format!("UPDATE leg SET holder = 'POST' WHERE id = '{leg}'"),
                "STATE_DIFFERS",
                None,
            ),
            (
                "CREATE TABLE taken AS SELECT * FROM feed_event WHERE feed_seq = 2; DELETE FROM feed_event WHERE feed_seq = 2"
                    .to_owned(),
                "INSERT INTO feed_event SELECT * FROM taken; DROP TABLE taken".to_owned(),
                "FEED_NUMBERING",
                None,
            ),
            (
                "UPDATE outbox SET state = 'PARKED' WHERE order_seq = (SELECT MIN(order_seq) FROM outbox WHERE leg_id IS NOT NULL)"
                    .to_owned(),
                "UPDATE outbox SET state = 'SETTLED'".to_owned(),
                "OUTBOX_ORDER",
                None,
            ),
        ];
        for (damage, repair, kind, seq) in damages {
            tamper(&store, &damage);
            let found = verify().expect(1).object();
            assert_eq!(found["clean"], false);
            let problems = found["problems"].as_array().unwrap();
            let named = problems
                .iter()
                .any(|problem| problem["kind"] == kind && (seq.is_none() || problem["seq"] == json!(seq)));
            assert!(named, "{damage}: {kind} is not in {problems:?}");
            let about = problems.iter().all(|problem| problem["legId"].is_null() || problem["legId"] == json!(leg));
            assert!(about, "{damage}: {problems:?}");
            tamper(&store, &repair);
            verify().expect(0);
        }
    });
}

/// Declares one result, lets the post tell of it, and returns its leg once every webhook of it has left.
fn one_leg_with_a_life(store: &TestStore, config: &Path) -> String {
    let one_stop = giaonhan::sim::one_stop::start(giaonhan::sim::one_stop::Options::default()).unwrap();
    let url = format!("{}/hooks/giaonhan", one_stop.url());
    let of = ["webhook", "create", "--json", "--counterpart", "desk", "--agency", "*", "--url", &url];
    let hook = on_store(store, &of).expect(0).object();
    one_stop.set_keys(&[text(&hook["secret"])], &[text(&hook["publicKey"])]).unwrap();
    let (desk, ops) = (key(store, "agency", "H32.15", "read,write"), key(store, "oversight", "*", "read,ops"));
    let post = key(store, "post", "H32.15", "read,write");
    let process = Process::start(serve(store, config, "127.0.0.1:0", &[("outbox.poll_ms", "20")]));
    let as_client = |key: &Value| -> Client { process.caller(key["key"].as_str().unwrap()) };
    let receipt = as_client(&desk).post("/v1/manifests", &Papers::new(1).manifest("RESULT", 1)).expect(201).json();
    let leg = text(&receipt["lines"][0]["legId"]);
    let facts: Vec<Value> = [("ACCEPTED", 1), ("IN_TRANSIT", 2), ("DELIVERED", 3)]
        .iter()
        .map(|(event, minutes)| crate::support::papers::fact(event, &leg, event, &crate::support::papers::at(*minutes)))
        .collect();
    as_client(&post).post("/v1/facts", &json!({ "facts": facts })).expect(200);
    let heard = || (one_stop.ledger()["webhooks"]["messages"] == 4).then_some(());
    until("the manifest and three states are heard", BOUND, heard);
    let settled = || as_client(&ops).all("/v1/outbox?state=SETTLED").len() == 4;
    until("every message is settled", BOUND, || settled().then_some(()));
    process.stop();
    leg
}

#[test]
fn a_simulator_says_where_it_listens_and_what_it_believes() {
    for arguments in [
        &["sim", "one-stop"][..],
        &["sim", "post", "--family", "hcc", "--seed", "7"],
        &["sim", "post", "--family", "myvnpost", "--faults", "E1:0.05,E2"],
    ] {
        let listen = steady_address();
        let process = Process::start(program(&[arguments, &["--json", "--listen", &listen]].concat()));
        assert_eq!(process.url(), format!("http://{listen}"));
        let ledger = process.caller("").with_key(None).get("/_sim/ledger").expect(200).json();
        assert_eq!(ledger["violations"], 0);
        assert_eq!(process.stop().len(), 1);
    }
}
