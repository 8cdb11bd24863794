//! Each level, each kind of fault, masking, and the agreement of code and defaults.

use super::*;
use crate::domain::clocks;
use crate::domain::problem::Language;
use std::collections::BTreeSet;
use std::path::PathBuf;

const POST: &str = r#"
[[counterparts]]
name = "post-khanh-hoa"
kind = "hcc"
agencies = ["H32.15"]
base_url = "https://post.example/serviceApi/v1/"
customer_code = "KH0001"
token = "s3cret-token"
contact = { name = "Một cửa", phone = "02583000000", address = "1 Trần Phú", province_code = "65" }
"#;

fn file(text: &str) -> Sources {
    let source = SourceText { path: PathBuf::from("etc/giaonhan.toml"), text: text.to_owned() };
    Sources { file: Some(source), ..Sources::default() }
}

fn with_environment(mut sources: Sources, variables: &[(&str, &str)]) -> Sources {
    sources.environment = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    sources
}

fn loaded(sources: &Sources) -> Settings {
    Settings::load(sources).unwrap_or_else(|error| panic!("{error}"))
}

/// Key, origin and English text of every fault.
fn faults(sources: &Sources) -> Vec<(String, String, String)> {
    let error = Settings::load(sources).expect_err("faults");
    let row = |fault: Fault| (fault.key, fault.origin.to_string(), fault.message.text(Language::En).to_owned());
    error.faults.into_iter().map(row).collect()
}

fn assert_one_fault(sources: &Sources, key: &str, origin: &str, text: &str) {
    let faults = faults(sources);
    let [(its_key, its_origin, its_text)] = faults.as_slice() else { panic!("one fault expected: {faults:?}") };
    assert_eq!((its_key.as_str(), its_origin.as_str()), (key, origin), "{its_text}");
    assert!(its_text.contains(text), "`{its_text}` lacks `{text}`");
}

fn explained(settings: &Settings, key: &str) -> (String, String) {
    let row = settings.explain().iter().find(|row| row.key == key).unwrap_or_else(|| panic!("no {key}"));
    (row.value.clone(), row.origin.clone())
}

#[test]
fn the_defaults_stand_alone_and_are_those_of_the_contract() {
    let settings = loaded(&Sources::default());
    assert_eq!(settings.http.listen.to_string(), "127.0.0.1:8080");
    let limits = &settings.limits;
    assert_eq!((limits.body_bytes_max, limits.manifest_lines_max), (16 << 20, 10_000));
    assert_eq!((limits.facts_max, limits.handover_lines_max), (1000, 5000));
    assert_eq!((limits.requests_per_second, limits.burst), (200, 2000));
    assert_eq!(settings.idempotency.keep_days, 30);
    assert_eq!(settings.database.sqlite_file(), Some(PathBuf::from("giaonhan-data/giaonhan.sqlite3")));
    assert!(settings.counterparts.is_empty() && settings.fault.armed.is_none());
}

/// Contract 8: first retry after 2 to 5 s, growing to 12 h, 3 days in all. Orders outlive Tết.
#[test]
fn the_schedules_are_those_of_the_contract() {
    let outbox = loaded(&Sources::default()).outbox;
    let whole_s = |delays: &[u32], attempts: u32| -> u32 {
        let last = *delays.last().unwrap();
        (0..attempts - 1).map(|at| delays.get(at as usize).copied().unwrap_or(last)).sum()
    };
    let webhook_s = whole_s(&outbox.webhook_retry_s, outbox.webhook_attempts_max);
    assert!((2..=4).contains(&outbox.webhook_retry_s[0]), "with 10 % of jitter it stays between 2 and 5 s");
    assert_eq!((outbox.webhook_retry_s.last(), outbox.webhook_life_s), (Some(&43_200), 3 * 86_400));
    assert!((200_000..=outbox.webhook_life_s).contains(&webhook_s), "{webhook_s}");
    let order_s = whole_s(&outbox.order_retry_s, outbox.order_attempts_max);
    assert!((10 * 86_400..=outbox.order_life_s).contains(&order_s), "{order_s}");
}

#[test]
fn code_and_defaults_name_the_same_keys() {
    let sections: &[(&str, &[&str])] = &[
        ("store", &["database_url", "data_dir"]),
        ("store", Store::KEYS),
        ("http", Http::KEYS),
        ("pages", Pages::KEYS),
        ("limits", Limits::KEYS),
        ("outbox", Outbox::KEYS),
        ("webhook", Webhook::KEYS),
        ("inbox", Inbox::KEYS),
        ("poller", Poller::KEYS),
        ("publisher", Publisher::KEYS),
        ("deadlines", Deadlines::KEYS),
        ("reconciler", Reconciler::KEYS),
        ("tallies", Tallies::KEYS),
        ("alerts", Alerts::KEYS),
        ("idempotency", Idempotency::KEYS),
        ("clocks", Clocks::KEYS),
        ("reports", Reports::KEYS),
        ("roles", Roles::KEYS),
        ("log", Log::KEYS),
        ("fault", FaultPoint::KEYS),
        ("counterpart_defaults", Link::KEYS),
        ("counterpart_defaults.contact", Contact::KEYS),
        ("distribution", Distribution::KEYS),
        ("receiver_defaults", Receiver::KEYS),
        ("report_schedule_defaults", ReportSchedule::KEYS),
    ];
    let code: BTreeSet<String> =
        sections.iter().flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}"))).collect();
    let settings = loaded(&Sources::default());
    let defaults: BTreeSet<String> = settings.explain().iter().map(|row| row.key.clone()).collect();
    assert_eq!(code, defaults);
}

#[test]
fn every_doubt_about_clocks_is_a_setting_and_the_defaults_are_those_of_the_rules() {
    let doubts: Vec<&str> = clocks::DOUBTS.iter().map(|doubt| doubt.name).collect();
    assert_eq!(doubts, Clocks::KEYS);
    assert_eq!(loaded(&Sources::default()).clocks.settings(), clocks::Settings::default());
    let chosen = Settings::load(&file(
        "[clocks]\napology_day = \"previous_day\"\napology_time = \"16:00\"\nfee_remittance_days = 3\n",
    ))
    .unwrap();
    assert_eq!(chosen.clocks.settings().apology_day, clocks::ApologyDay::PreviousDay);
    assert_eq!(
        (chosen.clocks.apology_time.to_string(), chosen.clocks.fee_remittance_days),
        ("16:00:00".to_owned(), Some(3))
    );
    let wrong = Settings::load(&file("[clocks]\nday_ends = \"noon\"\n")).unwrap_err().to_string();
    assert!(wrong.contains("clocks.day_ends") && wrong.contains("closing, midnight"), "{wrong}");
}

#[test]
fn every_number_has_a_range_that_holds_its_default() {
    let leaves = layers::Leaves::gather(&Sources::default()).unwrap();
    let is_number = |value: &toml::Value| match value {
        toml::Value::Array(items) => items.iter().any(toml::Value::is_integer),
        other => other.is_integer(),
    };
    let numbers: BTreeSet<_> =
        leaves.iter().filter(|(_, leaf)| is_number(&leaf.value)).map(|(key, _)| key.as_str()).collect();
    let ranged: BTreeSet<_> = check::RANGES.iter().map(|(key, ..)| *key).collect();
    assert_eq!(numbers, ranged);
}

#[test]
fn every_section_begins_with_a_comment() {
    let lines: Vec<_> = DEFAULT_TOML.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[0].starts_with('[')) {
        assert!(pair[1].starts_with('#'), "{pair:?}");
    }
}

#[test]
fn each_level_wins_over_the_one_before() {
    let listen = |sources: &Sources| explained(&loaded(sources), "http.listen");
    let mut sources = Sources::default();
    assert_eq!(listen(&sources), ("\"127.0.0.1:8080\"".to_owned(), "default".to_owned()));
    sources.file = file("\n[http]\nlisten = \"127.0.0.1:1\"\n").file;
    assert_eq!(listen(&sources), ("\"127.0.0.1:1\"".to_owned(), "file etc/giaonhan.toml:3".to_owned()));
    sources = with_environment(sources, &[("GIAONHAN__HTTP__LISTEN", "127.0.0.1:2"), ("HTTP__LISTEN", "x")]);
    assert_eq!(listen(&sources), ("\"127.0.0.1:2\"".to_owned(), "environment GIAONHAN__HTTP__LISTEN".to_owned()));
    sources.flags = vec![FlagValue::new("--listen", "http.listen", "127.0.0.1:3")];
    assert_eq!(listen(&sources), ("\"127.0.0.1:3\"".to_owned(), "flag --listen".to_owned()));
    assert_eq!(loaded(&sources).http.listen.port(), 3);
}

#[test]
fn the_environment_gives_every_type() {
    let settings = loaded(&with_environment(
        Sources::default(),
        &[
            ("GIAONHAN__OUTBOX__ORDER_RETRY_S", "1, 2,3"),
            ("GIAONHAN__ROLES__POLLER", "false"),
            ("GIAONHAN__LOG__FORMAT", "json"),
            ("GIAONHAN__LIMITS__FACTS_MAX", "7"),
            ("GIAONHAN__FAULT__ARMED", "dispatch.after_order:3"),
        ],
    ));
    assert_eq!(settings.outbox.order_retry_s, [1, 2, 3]);
    assert!(!settings.roles.poller && settings.roles.api);
    assert_eq!((settings.log.format, settings.limits.facts_max), (LogFormat::Json, 7));
    assert_eq!(settings.fault.armed.as_deref(), Some("dispatch.after_order:3"));
}

#[test]
fn unknown_keys_name_themselves_their_place_and_the_nearest() {
    let at = |line: usize| format!("file etc/giaonhan.toml:{line}");
    for (text, key, line, near) in [
        ("[http]\nlissten = \"x\"", "http.lissten", 2, "the nearest is http.listen"),
        ("[htttp]\n", "htttp", 1, "there is no such key"),
        ("http = 3", "http", 1, "there is no such key"),
        ("listen = \"x\"", "listen", 1, "there is no such key"),
        ("[limits.deep]\nfacts_max = 1", "limits.deep.facts_max", 2, "the nearest is limits.facts_max"),
        ("counterparts = 3", "counterparts", 1, "[[counterparts]]"),
    ] {
        assert_one_fault(&file(text), key, &at(line), near);
    }
    let text = POST.replace("customer_code", "custmer_code");
    let faults = faults(&file(&text));
    assert!(faults.iter().any(|(key, origin, text)| key == "counterparts.post-khanh-hoa.custmer_code"
        && *origin == at(7)
        && text.contains("the nearest is counterparts.post-khanh-hoa.customer_code")));
    assert_one_fault(
        &with_environment(Sources::default(), &[("GIAONHAN__HTTP__LISEN", "x")]),
        "GIAONHAN__HTTP__LISEN",
        "environment GIAONHAN__HTTP__LISEN",
        "the nearest is GIAONHAN__HTTP__LISTEN",
    );
    assert!(Settings::load(&file("[http]\n[limits]\n")).is_ok(), "empty sections are fine");
}

#[test]
fn values_of_the_wrong_type_or_size_are_faults_with_their_place() {
    for (text, key, told) in [
        ("[http]\nlisten = \"nowhere\"", "http.listen", "not usable"),
        ("[http]\nlisten = 8080", "http.listen", "not usable"),
        ("[limits]\nfacts_max = \"many\"", "limits.facts_max", "not usable"),
        ("[limits]\nfacts_max = 1.5", "limits.facts_max", "not usable"),
        ("[limits]\nfacts_max = 0", "limits.facts_max", "between 1 and 100000"),
        ("[outbox]\norder_retry_s = [1, 0]", "outbox.order_retry_s", "between 1 and"),
        ("[outbox]\norder_retry_s = 5", "outbox.order_retry_s", "not usable"),
        ("[idempotency]\nkeep_days = 29", "idempotency.keep_days", "between 30 and"),
        ("[log]\nformat = \"xml\"", "log.format", "text"),
    ] {
        assert_one_fault(&file(text), key, "file etc/giaonhan.toml:2", told);
    }
    let too_large = faults(&file("[limits]\nfacts_max = 99999999999999999999"));
    assert_eq!(too_large[0].0, "limits.facts_max");
    let minus = faults(&file("[limits]\nfacts_max = -1"));
    assert!(minus[0].2.contains("between 1 and"), "{minus:?}");
    assert_one_fault(
        &with_environment(Sources::default(), &[("GIAONHAN__LIMITS__FACTS_MAX", "many")]),
        "limits.facts_max",
        "environment GIAONHAN__LIMITS__FACTS_MAX",
        "integer",
    );
    assert_one_fault(&file("[http\n"), "TOML", "file etc/giaonhan.toml:1", "not readable");
}

#[test]
fn all_faults_are_told_at_once_in_both_languages() {
    let error = Settings::load(&file("[http]\nworkers = -1\nlisten = \"x\"\n[limits]\nburst = 0\n")).err().unwrap();
    let keys: BTreeSet<_> = error.faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, BTreeSet::from(["http.workers", "http.listen", "limits.burst"]));
    let text = error.to_string();
    assert!(text.contains("phải từ 1 đến 10000000") && text.contains("must be between 1 and 10000000"), "{text}");
}

#[test]
fn settings_are_held_against_each_other() {
    for (text, key, told) in [
        ("[outbox]\nlease_ms = 20000", "outbox.lease_ms", "webhook.timeout_ms = 20000"),
        ("[limits]\nburst = 100", "limits.burst", "limits.requests_per_second = 200"),
        ("[outbox]\norder_retry_s = []", "outbox.order_retry_s", "at least one delay"),
        ("[outbox]\norder_retry_s = [5, 1]", "outbox.order_retry_s", "at least the one before"),
        ("[outbox]\norder_life_s = 2592000", "outbox.order_life_s", "idempotency.keep_days = 30"),
        ("[fault]\narmed = \"nowhere\"", "fault.armed", "dispatch.after_order"),
        ("[fault]\narmed = \"dispatch.after_order:0\"", "fault.armed", "name:n"),
    ] {
        assert_one_fault(&file(text), key, "file etc/giaonhan.toml:2", told);
    }
    let all_off = "[roles]\napi=false\ndispatcher=false\ninbox=false\npoller=false\npublisher=false\ndeadlines=false\nreconciler=false\ntallies=false\ndistribution=false\nalerts=false";
    assert_one_fault(&file(all_off), "roles.api", "file etc/giaonhan.toml:2", "every role is off");
    assert!(Settings::load(&file("[poller]\nlease_ms = 10000")).is_ok(), "no post, nothing to poll");
    assert_one_fault(
        &file(&format!("{POST}[poller]\nlease_ms = 10000")),
        "poller.lease_ms",
        "file etc/giaonhan.toml:11",
        "counterparts.post-khanh-hoa.timeout_ms = 30000",
    );
    let slow = format!("{POST}timeout_ms = 90000\n");
    let slow_faults = faults(&file(&slow));
    assert_eq!(slow_faults[0].0, "outbox.lease_ms");
    assert!(slow_faults[0].2.contains("counterparts.post-khanh-hoa.timeout_ms = 90000"), "{slow_faults:?}");
}

#[test]
fn a_provider_of_accounts_has_addresses_there_and_back() {
    let good = "[pages]\npublic_url = \"https://gn.example\"\nprovider_issuer = \"https://id.example/a\"\nprovider_client_id = \"gn\"\nprovider_client_secret = \"the-secret\"\n";
    let settings = loaded(&file(good));
    assert_eq!(explained(&settings, "pages.provider_client_secret").0, "***");
    assert!(!format!("{settings:?}").contains("the-secret"));
    loaded(&file(&good.replace("https://id.example/a", "http://127.0.0.1:9000")));
    for (from, to, key) in [
        ("https://gn.example", "", "pages.public_url"),
        ("https://id.example/a", "http://id.example", "pages.provider_issuer"),
        ("https://id.example/a", "http://localhost.elsewhere.example", "pages.provider_issuer"),
        ("https://id.example/a", "id.example", "pages.provider_issuer"),
        ("\"gn\"", "\"\"", "pages.provider_client_id"),
    ] {
        let told: Vec<_> = faults(&file(&good.replace(from, to))).into_iter().map(|(key, ..)| key).collect();
        assert_eq!(told, [key], "{from} as {to}");
    }
}

#[test]
fn counterparts_begin_with_the_template_and_the_environment_reaches_them() {
    let text = format!("[counterpart_defaults]\ntimeout_ms = 9000\n{POST}");
    let settings = loaded(&with_environment(
        file(&text),
        &[
            ("GIAONHAN__COUNTERPARTS__POST_KHANH_HOA__TOKEN", "from-environment"),
            ("GIAONHAN__COUNTERPARTS__POST_KHANH_HOA__CONTACT__EMAIL", "motcua@example.vn"),
            ("GIAONHAN__COUNTERPART_DEFAULTS__CONNECT_TIMEOUT_MS", "700"),
        ],
    ));
    let post = settings.post_of("H32.15").unwrap();
    assert_eq!((post.link.timeout_ms, post.link.connect_timeout_ms), (9000, 700));
    assert_eq!(post.link.token.as_ref().unwrap().reveal(), "from-environment");
    assert_eq!(post.contact.email.as_deref(), Some("motcua@example.vn"));
    assert_eq!(post.link.base_url, "https://post.example/serviceApi/v1");
    assert_eq!(explained(&settings, "counterparts.post-khanh-hoa.timeout_ms").1, "file etc/giaonhan.toml:2");
    assert!(settings.post_of("H32.16").is_none() && settings.one_stop_of("H32.15").is_none());
    assert!(settings.counterpart("post-khanh-hoa").is_some());
}

#[test]
fn a_counterpart_has_the_keys_of_its_kind_and_no_others() {
    let name = |key: &str| format!("counterparts.post-khanh-hoa.{key}");
    for (from, to, key, line, told) in [
        ("token = \"s3cret-token\"\n", "", "token", 0, "kind hcc needs this"),
        ("customer_code = \"KH0001\"", "customer_code = \"\"", "customer_code", 7, "needs this"),
        ("token =", "group_id = \"5\"\ntoken =", "group_id", 8, "does not use this"),
        ("\"hcc\"", "\"ems\"", "kind", 4, "not usable"),
        ("https://", "ftp://", "base_url", 6, "write http://"),
        ("https://post", "https://user:pw@post", "base_url", 6, "without user"),
        ("/v1/", "/v1?x=1", "base_url", 6, "query"),
        ("https://post.example/serviceApi/v1/", "https://", "base_url", 6, "write http://"),
        ("token =", "proxy = \"proxy:3128\"\ntoken =", "proxy", 8, "write http://[user"),
        ("H32.15", "h32_15", "agencies", 5, "agency code"),
    ] {
        let text = POST.replace(from, to);
        assert_ne!(text, POST);
        let origin = if line == 0 { "default".to_owned() } else { format!("file etc/giaonhan.toml:{line}") };
        assert_one_fault(&file(&text), &name(key), &origin, told);
    }
    for bad in ["", "Post", "a--b", "-a", "a_b"] {
        let faults = faults(&file(&POST.replace("post-khanh-hoa", bad)));
        assert_eq!(faults[0].0, "counterparts.name", "{bad}");
    }
}

#[test]
fn an_agency_has_one_post() {
    let two = |second: &str, agencies: &str| {
        let other = POST.replace("post-khanh-hoa", second).replace("\"H32.15\"", agencies);
        file(&format!("{POST}{other}"))
    };
    assert!(Settings::load(&two("post-other", "\"H32.16\"")).is_ok());
    let key = "counterparts.post-other.agencies";
    assert_one_fault(&two("post-other", "\"H32.16\", \"H32.15\""), key, "file etc/giaonhan.toml:14", "post-khanh-hoa");
    assert_one_fault(&two("post-other", "\"*\""), key, "file etc/giaonhan.toml:14", "post-khanh-hoa");
    let twice = faults(&two("post-khanh-hoa", "\"H32.16\""));
    assert!(twice[0].2.contains("another counterpart"), "{twice:?}");
    let one_stop = "[[counterparts]]\nname = \"mot-cua\"\nkind = \"opencps\"\nagencies = [\"*\"]\nbase_url = \"http://10.0.0.5/o/rest/v2\"\nusername = \"u\"\npassword = \"p\"\ngroup_id = \"35166\"\n";
    let settings = loaded(&file(&format!("{POST}{one_stop}")));
    assert_eq!(settings.one_stop_of("H32.15").unwrap().link.group_id.as_deref(), Some("35166"));
}

#[test]
fn secrets_come_from_the_environment_or_a_file_and_are_masked() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token.txt"), "file-token\n").unwrap();
    let path = folder.path().join("giaonhan.toml");
    let at = |token: &str| {
        let text = POST.replace("\"s3cret-token\"", token);
        Sources { file: Some(SourceText { path: path.clone(), text }), ..Sources::default() }
    };
    let token = |settings: &Settings| settings.counterparts[0].link.token.as_ref().unwrap().reveal().clone();
    let key = "counterparts.post-khanh-hoa.token";

    let inline = loaded(&file(POST));
    assert_eq!((token(&inline).as_str(), explained(&inline, key).0.as_str()), ("s3cret-token", "***"));
    assert!(!format!("{inline:?}").contains("s3cret-token"));

    let by_file = loaded(&at("{ file = \"token.txt\" }"));
    assert_eq!(token(&by_file), "file-token");
    assert!(explained(&by_file, key).0.starts_with("*** (file ") && !format!("{by_file:?}").contains("file-token"));

    let by_environment = loaded(&with_environment(at("{ env = \"POST_TOKEN\" }"), &[("POST_TOKEN", "env-token")]));
    assert_eq!(token(&by_environment), "env-token");
    assert_eq!(explained(&by_environment, key).0, "*** (environment POST_TOKEN)");

    for (token, told) in [
        ("{ env = \"POST_TOKEN\" }", "POST_TOKEN is not set"),
        ("{ file = \"none.txt\" }", "none.txt"),
        ("{ env = \"A\", file = \"b\" }", "write the text itself"),
        ("{ vault = \"a\" }", "write the text itself"),
    ] {
        let faults = faults(&at(token));
        assert_eq!((faults.len(), faults[0].0.as_str()), (1, key));
        assert!(faults[0].2.contains(told), "{faults:?}");
    }
    let wrong_type = faults(&at("424242"));
    assert!(!wrong_type[0].2.contains("424242"), "a fault does not quote a secret: {wrong_type:?}");
}

#[test]
fn urls_are_shown_without_their_secrets() {
    let url = "postgres://giaonhan:pw@db.example:5432/giaonhan?sslpassword=pw";
    let sources = with_environment(
        file(POST),
        &[
            ("GIAONHAN__STORE__DATABASE_URL", url),
            ("GIAONHAN__COUNTERPARTS__POST_KHANH_HOA__PROXY", "http://me:pw@proxy:3128"),
        ],
    );
    let settings = loaded(&sources);
    assert_eq!(explained(&settings, "store.database_url").0, "postgres://***@db.example:5432/giaonhan?***");
    assert_eq!(explained(&settings, "counterparts.post-khanh-hoa.proxy").0, "http://***@proxy:3128");
    assert_eq!(settings.database, Database::Postgres { url: crate::base::secret::Redacted::new(url.to_owned()) });
}

#[test]
fn the_database_is_the_one_named_at_the_highest_level() {
    let flag = |name, key, value: &str| vec![FlagValue::new(name, key, value)];
    let mut sources = file("[store]\ndatabase_url = \"postgres://db/giaonhan\"\n");
    assert!(matches!(loaded(&sources).database, Database::Postgres { .. }));
    sources.flags = flag("--data", "store.data_dir", "here");
    assert_eq!(loaded(&sources).database.sqlite_file(), Some(PathBuf::from("here/giaonhan.sqlite3")));
    sources = file("[store]\ndata_dir = \"var\"\n");
    assert_eq!(loaded(&sources).database.sqlite_file(), Some(PathBuf::from("etc/var/giaonhan.sqlite3")));
    sources.flags = flag("--database-url", "store.database_url", "sqlite:a/b.db");
    assert_eq!(loaded(&sources).database.sqlite_file(), Some(PathBuf::from("a/b.db")));
    sources.flags.extend(flag("--data", "store.data_dir", "here"));
    assert_one_fault(&sources, "store.database_url", "flag --database-url", "not both");
    for bad in ["mysql://x/y", "postgres:x", "giaonhan.db", "sqlite:", "sqlite://"] {
        sources.flags = flag("--database-url", "store.database_url", bad);
        assert_one_fault(&sources, "store.database_url", "flag --database-url", "postgres://");
    }
}

#[test]
fn a_mistyped_place_is_refused_and_nothing_is_made() {
    let root = tempfile::tempdir().unwrap();
    let missing = root.path().join("dtaa");
    let flag =
        |name, key, value: String| Sources { flags: vec![FlagValue::new(name, key, value)], ..Sources::default() };
    let folder = |path: &std::path::Path| flag("--data", "store.data_dir", path.display().to_string());
    let error = loaded(&folder(&missing)).database.prepare().err().unwrap();
    assert!(error.to_string().contains("dtaa") && !missing.exists(), "{error}");
    assert!(loaded(&folder(root.path())).database.prepare().is_ok());
    let file = root.path().join("none.db");
    let url = flag("--database-url", "store.database_url", format!("sqlite://{}", file.display()));
    let error = loaded(&url).database.prepare().err().unwrap();
    assert!(error.to_string().contains("none.db") && !file.exists(), "{error}");
    std::fs::write(&file, "").unwrap();
    assert!(loaded(&url).database.prepare().is_ok());
    let default = Database::Folder { folder: missing.clone(), origin: Origin::Default };
    default.prepare().unwrap();
    assert!(missing.is_dir(), "only the default folder is made");
}

#[test]
fn a_webhook_key_is_read_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"
[[counterparts]]
name = "myvnpost"
kind = "myvnpost"
agencies = ["*"]
base_url = "https://post.example"
username = "u"
password = "p"
customer_code = "T000000001"
webhook_public_key_file = "key.pem"
contact = { name = "Một cửa", phone = "02583000000", address = "1 Trần Phú", province_code = "65", district_code = "VNPOST", commune_code = "65001" }
"#;
    let path = folder.path().join("giaonhan.toml");
    let sources = Sources { file: Some(SourceText { path, text: text.to_owned() }), ..Sources::default() };
    let key = "counterparts.myvnpost.webhook_public_key_file";
    assert_eq!(faults(&sources)[0].0, key);
    std::fs::write(folder.path().join("key.pem"), "-----BEGIN PRIVATE KEY-----\n").unwrap();
    assert!(faults(&sources)[0].2.contains("BEGIN PUBLIC KEY"));
    std::fs::write(folder.path().join("key.pem"), "-----BEGIN PUBLIC KEY-----\nAA\n").unwrap();
    let settings = loaded(&sources);
    assert!(settings.counterparts[0].webhook_public_key_pem.is_some());
    assert_eq!(settings.post_of("H01.02").unwrap().link.service_code, "CTN009");
}

#[test]
fn the_action_of_a_one_stop_system_has_a_code_and_a_user() {
    let one_stop = |more: &str| {
        file(&format!(
            "[[counterparts]]\nname = \"mot-cua\"\nkind = \"opencps\"\nagencies = [\"*\"]\nbase_url = \"http://[::1]:8080\"\n\
             username = \"u\"\npassword = \"p\"\n{more}"
        ))
    };
    assert!(Settings::load(&one_stop("")).is_ok());
    assert!(Settings::load(&one_stop("received_action_code = \"1100\"\naction_user = \"motcua\"")).is_ok());
    let key = "counterparts.mot-cua.received_action_code";
    assert_one_fault(&one_stop("received_action_code = \"1100\""), key, "file etc/giaonhan.toml:8", "or neither");
}
