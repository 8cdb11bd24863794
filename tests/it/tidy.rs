//! The architecture as a test: rooms and their order, what may live in which room, sizes, required files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms of `src/`, in order: a room imports only rooms above it.
const ROOMS: &[&str] = &[
    "base",
    "domain",
    "wire",
    "peers",
    "report",
    "config",
    "telemetry",
    "store",
    "app",
    "courier",
    "work",
    "api",
    "ui",
    "sim",
    "cli",
];

/// Rooms that import less than the order allows: the simulators know none of our types.
const NARROWER: &[(&str, &[&str])] = &[("sim", &["base"])];

/// Rooms without clock, randomness, I/O, threads and async.
const PURE: &[&str] = &["domain", "wire", "peers", "report"];

/// What pure rooms do not name.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io::stdin",
    "std::net",
    "std::process",
    "std::thread",
    "tokio::",
    "rand::",
    "tracing::",
    "async fn",
    ".await",
    "SystemTime",
    "Instant",
    "Utc::now",
    "println!",
    "eprintln!",
];

/// A crate or an effect, the places where it may be named, and why there alone. A place is a room, `tests`, `benches`, or one
/// file.
const HOMES: &[(&str, &[&str], &str)] = &[
    (
        "diesel::",
        &["store", "tests", "benches"],
        "the store is the only room that knows Diesel; benches insert raw rows",
    ),
    ("diesel_migrations::", &["store", "tests"], "the store applies migrations, tests run them up, down, up"),
    ("libsqlite3_sys::", &["store"], "as Diesel"),
    (
        "reqwest::",
        &["courier", "sim", "tests", "benches"],
        "calls leave by courier; simulators and tests call us as others do",
    ),
    ("rustls::", &["courier", "sim", "tests", "benches"], "TLS of reqwest"),
    ("backoff::", &["courier"], "unmaintained (RUSTSEC-2025-0012): connection set-up and token refresh only"),
    ("actix_web::", &["api", "ui", "sim", "tests"], "HTTP in"),
    ("minijinja::", &["ui"], "templates of pages"),
    ("argon2::", &["app"], "passwords of people"),
    ("openidconnect::", &["ui"], "sign-in with a provider; its calls go by courier"),
    ("object_store::", &["store"], "evidence files"),
    ("futures_executor::", &["store"], "as object_store"),
    ("image::", &["app", "report", "tests"], "pictures are taken apart in one place; papers are looked at in tests"),
    ("rust_embed::", &["ui"], "what pages are made of"),
    ("governor::", &["api"], "the rate of a key is a matter of the door"),
    ("clap::", &["cli", "src/main.rs"], "the command line"),
    ("prometheus::", &["telemetry"], "metrics behind one struct"),
    ("tracing_subscriber::", &["telemetry"], "one log for the process"),
    ("rust_xlsxwriter::", &["report"], "reports are written in one place"),
    ("calamine::", &["report", "tests"], "workbooks are read in tests alone"),
    ("typst::", &["report"], "papers are laid out in one place"),
    ("typst_pdf::", &["report"], "as typst"),
    ("typst_assets::", &["report"], "as typst"),
    ("qrcode::", &["report"], "codes are drawn in one place, for papers and pages"),
    ("barcoders::", &["report"], "as qrcode"),
    ("rustix::", &["base", "tests"], "fault points end the process"),
    ("ulid::", &["base"], "ids are made in one place"),
    (
        "std::env",
        &["config", "src/main.rs", "tests", "benches"],
        "the environment enters as values; tests name their binary",
    ),
    ("env::var", &["config", "tests", "benches"], "as std::env"),
    ("env::args", &["src/main.rs", "cli", "benches"], "the command line"),
    ("Utc::now", &["base"], "one clock, that tests can hold"),
    ("Local::now", &["base"], "one clock"),
    ("SystemTime::now", &["base"], "one clock"),
    (
        "Instant::now",
        &["telemetry", "store", "courier", "work", "api", "ui", "sim", "cli", "tests", "benches"],
        "durations and bounds of waiting, never the time of an event",
    ),
    (
        "serde::",
        &[
            "wire", "peers", "report", "config", "store", "app", "courier", "work", "api", "ui", "sim", "cli", "tests",
            "benches",
        ],
        "not in the domain: each boundary has its own structs",
    ),
];

/// What stands nowhere in code.
const FORBIDDEN: &[(&str, &str)] = &[
    ("todo!", "no stubs"),
    ("unimplemented!", "no stubs"),
    ("dbg!", "no debug output"),
    (concat!("#[", "ignore"), "no ignored tests"),
    ("thread::sleep", "wait on a condition with a bound"),
    ("super::super", "say crate::room::…, so that the order of rooms can be seen"),
];

/// Names that say nothing about the thing inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "stuff"];

/// Files without which the repository is not whole.
const REQUIRED: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE",
    "Cargo.lock",
    "deny.toml",
    "migrations/README.md",
    "schemas/README.md",
    "schemas/status/README.md",
    "tests/README.md",
    "tests/run",
    ".ci/run",
];

/// Everything that belongs to the repository; whatever else lies in the folder is not ours to judge.
const TOP: &[&str] = &["src", "tests", "benches", "migrations", "schemas", ".ci", ".cargo"];

const LINES_MAX: usize = 700;
const TEST_LINES_MAX: usize = 900;

#[test]
fn the_rooms_are_those_of_the_table() {
    let table: BTreeSet<_> = ROOMS.iter().map(|room| (*room).to_owned()).collect();
    let folders: BTreeSet<_> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(folders, table, "folders of src against ROOMS");
    let lib = code_only(&read("src/lib.rs"));
    let declared: BTreeSet<_> = lib
        .lines()
        .filter_map(|line| Some(line.trim().strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned()))
        .collect();
    assert_eq!(declared, table, "modules of src/lib.rs against ROOMS");
}

#[test]
fn a_room_imports_only_rooms_above_it() {
    let mut faults = Vec::new();
    for (path, code) in rust_files() {
        let Some(room) = room_of(&path) else { continue };
        let above = |other: &str| place(other) <= place(room);
        let narrow = NARROWER.iter().find(|(narrow, _)| *narrow == room).map(|(_, allowed)| *allowed);
        for (line, other) in imported_rooms(&code) {
            let allowed =
                other == room || (above(&other) && narrow.is_none_or(|allowed| allowed.contains(&other.as_str())));
            if !allowed {
                faults.push(format!("{path}:{line}: {room} may not import {other}"));
            }
        }
    }
    none(faults);
}

#[test]
fn each_crate_and_effect_lives_in_its_rooms() {
    let mut faults = Vec::new();
    for (path, code) in rust_files() {
        let at = room_of(&path).unwrap_or_else(|| path.split('/').next().unwrap());
        for (what, homes, why) in HOMES {
            if homes.contains(&at) || homes.contains(&path.as_str()) {
                continue;
            }
            faults.extend(
                lines_with(&code, what).map(|line| format!("{path}:{line}: `{what}` lives in {homes:?}: {why}")),
            );
        }
        if PURE.contains(&at) {
            for what in IMPURE {
                faults.extend(
                    lines_with(&code, what).map(|line| format!("{path}:{line}: {at} is pure, without `{what}`")),
                );
            }
        }
    }
    none(faults);
}

#[test]
fn files_say_what_they_are_for_and_stay_small() {
    let mut faults = Vec::new();
    for (path, code) in rust_files() {
        let text = read(&path);
        if !text.starts_with("//! ") {
            faults.push(format!("{path}: begins with `//!` and what the file is for"));
        }
        let is_test = path.starts_with("tests/") || path.ends_with("/tests.rs");
        let (lines, max) = (text.lines().count(), if is_test { TEST_LINES_MAX } else { LINES_MAX });
        if lines > max {
            faults.push(format!("{path}: {lines} lines, more than {max}"));
        }
        for (what, why) in FORBIDDEN {
            faults.extend(lines_with(&code, what).map(|line| format!("{path}:{line}: `{what}`: {why}")));
        }
        if path.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part)) {
            faults.push(format!("{path}: name the file for the thing in it"));
        }
    }
    none(faults);
}

#[test]
fn nothing_is_left_for_later_and_no_machine_is_named() {
    // In two parts, so that this file does not find itself.
    let later = [["FIX", "ME"], ["TO", "DO:"], ["TO", "DO("], ["XX", "X:"]].map(|parts| parts.concat());
    let folders = ["root", "home", "work", "Users"].map(|name| format!("/{name}/"));
    let hosts = [["index.crates", ".io"], ["static.crates", ".io"], ["pypi", ".org"], ["registry.npm", "js.org"]]
        .map(|parts| parts.concat());
    let mut faults = Vec::new();
    for path in files() {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for (at, line) in text.lines().enumerate() {
            let marks = later.iter().chain(&hosts).filter(|mark| line.contains(mark.as_str()));
            let places = folders.iter().filter(|folder| begins_a_path(line, folder));
            faults.extend(marks.chain(places).map(|mark| format!("{path}:{}: `{mark}`", at + 1)));
        }
    }
    none(faults);
}

#[test]
fn required_files_are_there() {
    none(
        REQUIRED.iter().filter(|path| !root().join(path).is_file()).map(|path| format!("{path} is missing")).collect(),
    );
    assert!(read("LICENSE").contains("Apache License"));
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> BTreeMap<String, Vec<String>> {
        let prefix = format!("migrations/{database}/");
        let mut names = BTreeMap::<String, Vec<String>>::new();
        for path in files() {
            if let Some((name, file)) = path.strip_prefix(&prefix).and_then(|rest| rest.split_once('/')) {
                names.entry(name.to_owned()).or_default().push(file.to_owned());
            }
        }
        names
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert_eq!(sqlite, postgres, "migrations/sqlite against migrations/postgres");
    for (name, files) in sqlite {
        assert_eq!(files, ["down.sql", "up.sql"], "migrations/*/{name}");
    }
    // The clock is `base`; a default of the database would be a second one.
    let clocks = ["current_timestamp", "now()", "datetime('now"];
    let sql = files().into_iter().filter(|path| path.ends_with(".sql"));
    let named = sql.filter(|path| clocks.iter().any(|clock| read(path).to_lowercase().contains(clock)));
    none(named.map(|path| format!("{path}: takes the time from the database")).collect());
}

#[test]
fn the_reader_of_code_sees_code_alone() {
    let text = "//! reqwest::x\nlet a = \"todo!\"; /* dbg! /* x */ */ let b = '\"'; let c = r#\"a\"todo!\"#;\nfn f<'a>(x: &'a str) {} b\"x\\\"todo!\"";
    let code = code_only(text);
    assert!(!code.contains("todo!") && !code.contains("dbg!") && !code.contains("reqwest"), "{code}");
    assert!(code.contains("let b =") && code.contains("let c =") && code.contains("fn f<'a>(x: &'a str) {}"), "{code}");
    assert_eq!(code.lines().count(), text.lines().count());
    let rooms: Vec<_> =
        imported_rooms("use crate::base::id;\nuse crate::{store::{self, x}, wire};\nlet x = crate::app::f();");
    let rooms: Vec<_> = rooms.iter().map(|(line, room)| (*line, room.as_str())).collect();
    assert_eq!(rooms, [(1, "base"), (2, "store"), (2, "wire"), (3, "app")]);
    assert_eq!(lines_with("use my::diesel::x;\nuse diesel::x;\nmy_diesel::x()", "diesel::").collect::<Vec<_>>(), [2]);
    assert_eq!(lines_with("#[diesel(table_name = a)]\nuse diesel::{a};", "diesel::").collect::<Vec<_>>(), [1, 2]);
    assert!(begins_a_path(&format!("see /{}/x", "home"), &format!("/{}/", "home")));
    assert!(!begins_a_path(&format!("src/{}/mod.rs", "work"), &format!("/{}/", "work")));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Paths of the repository's files, from its root.
fn files() -> Vec<String> {
    let mut found: Vec<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != ".git")
        .collect();
    let mut folders: Vec<PathBuf> = TOP.iter().map(|top| root().join(top)).filter(|folder| folder.is_dir()).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                // Packages of the tests of pages: fetched, not ours.
                true if path.ends_with("node_modules") => {}
                true => folders.push(path),
                false => found.push(relative(&path)),
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/")
}

/// Rust files with their code, comments and texts blanked.
fn rust_files() -> Vec<(String, String)> {
    let paths = files().into_iter().filter(|path| path.ends_with(".rs"));
    paths.map(|path| (code_only(&read(&path)), path)).map(|(code, path)| (path, code)).collect()
}

fn room_of(path: &str) -> Option<&str> {
    let (room, _) = path.strip_prefix("src/")?.split_once('/')?;
    Some(room)
}

fn place(room: &str) -> Option<usize> {
    ROOMS.iter().position(|each| *each == room)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Lines that name `what`, not as the end of a longer name or path. `crate::` also finds the attribute `#[crate(`.
fn lines_with<'a>(code: &'a str, what: &'a str) -> impl Iterator<Item = usize> + 'a {
    let attribute = what.strip_suffix("::").map(|name| format!("#[{name}("));
    code.lines().enumerate().filter_map(move |(at, line)| {
        let named = line.match_indices(what).any(|(start, _)| {
            let before = line[..start].chars().next_back();
            !what.starts_with(is_name) || !before.is_some_and(|c| is_name(c) || c == ':')
        });
        (named || attribute.as_ref().is_some_and(|mark| line.contains(mark))).then_some(at + 1)
    })
}

/// Rooms that `crate::…` names, with their lines; groups are opened.
fn imported_rooms(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (start, mark) in code.match_indices("crate::") {
        let line = 1 + code[..start].matches('\n').count();
        let rest = &code[start + mark.len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => top_names(group),
            None => vec![rest.chars().take_while(|c| is_name(*c)).collect()],
        };
        found.extend(names.into_iter().filter(|name| place(name).is_some()).map(|name| (line, name)));
    }
    found
}

/// First names of the members of a `{…}` group that has just been opened.
fn top_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut name, mut done) = (1, Vec::new(), String::new(), false);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => {
                names.push(std::mem::take(&mut name));
                done = false;
            }
            ':' => done = true,
            c if depth == 1 && !done && is_name(c) => name.push(c),
            _ => {}
        }
        if depth == 0 {
            names.push(name);
            break;
        }
    }
    names
}

fn begins_a_path(line: &str, folder: &str) -> bool {
    let inner = |c: char| is_name(c) || matches!(c, '.' | '-' | '*' | '}' | '/' | '>' | ']');
    line.match_indices(folder).any(|(start, _)| !line[..start].chars().next_back().is_some_and(inner))
}

/// The text with comments, strings and characters blanked; lines stay where they are.
fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let (mut out, mut here) = (String::with_capacity(text.len()), 0);
    while here < chars.len() {
        let end = match (at(here), at(here + 1)) {
            ('/', '/') => (here..chars.len()).find(|end| at(*end) == '\n').unwrap_or(chars.len()),
            ('/', '*') => block_comment_end(&chars, here),
            ('r', '"' | '#') if here == 0 || !is_name(at(here - 1)) || at(here - 1) == 'b' => {
                raw_string_end(&chars, here)
            }
            ('"', _) => quoted_end(&chars, here, '"'),
            ('\'', '\\') => quoted_end(&chars, here, '\''),
            ('\'', _) if at(here + 2) == '\'' => here + 3,
            _ => here,
        };
        if end == here {
            out.push(at(here));
            here += 1;
        } else {
            out.extend((here..end).map(|index| if at(index) == '\n' { '\n' } else { ' ' }));
            here = end;
        }
    }
    out
}

fn quoted_end(chars: &[char], start: usize, quote: char) -> usize {
    let mut here = start + 1;
    while here < chars.len() && chars[here] != quote {
        here += if chars[here] == '\\' { 2 } else { 1 };
    }
    (here + 1).min(chars.len())
}

fn raw_string_end(chars: &[char], start: usize) -> usize {
    let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return start; // a raw name, as r#type
    }
    let closes = |here: &usize| {
        chars[*here] == '"' && chars[here + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
    (open + 1..chars.len()).find(closes).map_or(chars.len(), |here| here + 1 + hashes)
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut here) = (0, start);
    while here < chars.len() {
        match (chars[here], chars.get(here + 1)) {
            ('/', Some('*')) => (depth, here) = (depth + 1, here + 2),
            ('*', Some('/')) => (depth, here) = (depth - 1, here + 2),
            _ => here += 1,
        }
        if depth == 0 {
            return here;
        }
    }
    chars.len()
}
