//! Layers of settings as one flat map: key, value, and where the value came from.
//!
//! The compiled-in defaults hold every key there is, so they are the schema too: a key that they lack is unknown.

use super::error::{ConfigError, Fault};
use super::secret;
use super::sources::{SourceText, Sources};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::Value;
use toml::de::{DeTable, DeValue};

/// The commented defaults, also printed for operators.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// Prefix of environment variables that set a key.
pub const ENVIRONMENT_PREFIX: &str = "GIAONHAN__";

/// A list of named entries, each of which begins as a copy of its template.
pub(super) struct List {
    /// Its name, as in `[[counterparts]]`.
    pub(super) name: &'static str,
    /// The section that every entry begins with.
    pub(super) template: &'static str,
    /// What one entry is called, in English and in Vietnamese.
    one: (&'static str, &'static str),
}

/// Every such list.
pub(super) const LISTS: &[List] = &[
    List { name: "counterparts", template: "counterpart_defaults", one: ("counterpart", "hệ thống đối tác") },
    List { name: "receivers", template: "receiver_defaults", one: ("receiver", "nơi nhận") },
    List {
        name: "report_schedules",
        template: "report_schedule_defaults",
        one: ("schedule of reports", "lịch gửi báo cáo"),
    },
];

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in.
    Default,
    /// The configuration file.
    File {
        /// Its path as given.
        path: PathBuf,
        /// Line from 1.
        line: usize,
    },
    /// An environment variable.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl Origin {
    /// Which level wins: the higher number.
    pub fn level(&self) -> u8 {
        match self {
            Origin::Default => 0,
            Origin::File { .. } => 1,
            Origin::Environment(_) => 2,
            Origin::Flag(_) => 3,
        }
    }

    /// The path as this origin means it: in a file, relative to the folder of that file.
    pub fn path(&self, text: &str) -> PathBuf {
        match self {
            Origin::File { path, .. } => path.parent().unwrap_or(Path::new("")).join(text),
            _ => PathBuf::from(text),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File { path, line } => write!(f, "file {}:{line}", path.display()),
            Origin::Environment(name) => write!(f, "environment {name}"),
            Origin::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// One setting.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// Its value; the text itself for a secret that has been looked up.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
    /// Where the secret's text was looked up, when it was not given inline.
    pub looked_up: Option<String>,
}

/// A key with its value and line, as a TOML text has it.
struct Entry {
    key: String,
    value: Value,
    line: usize,
}

/// All settings, flat.
#[derive(Debug, Default)]
pub struct Leaves {
    leaves: BTreeMap<String, Leaf>,
    names: BTreeMap<&'static str, Vec<String>>,
}

impl Leaves {
    /// Lays the sources over the defaults: file, environment, flags. Reports every key that does not exist.
    pub fn gather(sources: &Sources) -> Result<Self, ConfigError> {
        let mut faults = Vec::new();
        let mut all = Leaves::default();
        for Entry { key, value, .. } in parse(DEFAULT_TOML, Path::new("default.toml"))?.0 {
            all.leaves.insert(key, Leaf { value, origin: Origin::Default, looked_up: None });
        }
        let (globals, entries) = match &sources.file {
            Some(SourceText { path, text }) => parse(text, path)?,
            None => Default::default(),
        };
        let path = sources.file.as_ref().map(|file| file.path.as_path()).unwrap_or(Path::new(""));
        all.take_entries("", globals, path, &mut faults);
        // Entries of lists begin as copies of their template, so the template takes its environment before they are made.
        let prefixes: Vec<String> = LISTS.iter().map(|list| format!("{}__", environment_name(list.name))).collect();
        let is_entry = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let (late, early): (Vec<_>, Vec<_>) = sources
            .environment
            .iter()
            .filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX))
            .partition(|(name, _)| is_entry(name));
        all.take_environment(early, &mut faults);
        for (list, entries) in entries {
            all.add_entry(list, entries, path, &mut faults);
        }
        all.take_environment(late, &mut faults);
        for flag in &sources.flags {
            all.take_text(flag.key, &flag.value, Origin::Flag(flag.flag), &mut faults);
        }
        for (key, leaf) in &mut all.leaves {
            if let Err(fault) = secret::look_up(key, leaf, &sources.environment) {
                faults.push(fault);
            }
        }
        if faults.is_empty() { Ok(all) } else { Err(ConfigError { faults }) }
    }

    /// Names of the entries of a list, in the order of the file.
    pub fn names_of(&self, list: &str) -> &[String] {
        self.names.get(list).map_or(&[], Vec::as_slice)
    }

    /// The setting of this key.
    pub fn get(&self, key: &str) -> Option<&Leaf> {
        self.leaves.get(key)
    }

    /// Where the setting of this key came from.
    pub fn origin(&self, key: &str) -> Origin {
        self.get(key).map_or(Origin::Default, |leaf| leaf.origin.clone())
    }

    /// Every setting, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Leaf)> {
        self.leaves.iter()
    }

    fn take_entries(&mut self, prefix: &str, entries: Vec<Entry>, path: &Path, faults: &mut Vec<Fault>) {
        for Entry { key, value, line } in entries {
            let key = format!("{prefix}{key}");
            let origin = Origin::File { path: path.to_owned(), line };
            if let Some(leaf) = self.leaves.get_mut(&key) {
                *leaf = Leaf { value, origin, looked_up: None };
                continue;
            }
            let is_section = self.leaves.keys().any(|known| known.starts_with(&format!("{key}.")));
            let is_empty = value.as_table().is_some_and(toml::Table::is_empty);
            if !(is_section && is_empty) {
                faults.push(self.unknown(&key, origin));
            }
        }
    }

    fn take_environment(&mut self, variables: Vec<&(String, String)>, faults: &mut Vec<Fault>) {
        let keys: BTreeMap<String, String> =
            self.leaves.keys().map(|key| (environment_name(key), key.clone())).collect();
        for (name, text) in variables {
            let origin = Origin::Environment(name.clone());
            match keys.get(name) {
                Some(key) => self.take_text(key, text, origin, faults),
                None => {
                    let near = nearest(name, keys.keys());
                    faults.push(Fault::new(
                        name,
                        origin,
                        format!("no setting has this name; the nearest is {near}"),
                        format!("không có thiết lập nào mang tên này; tên gần nhất là {near}"),
                    ));
                }
            }
        }
    }

    fn take_text(&mut self, key: &str, text: &str, origin: Origin, faults: &mut Vec<Fault>) {
        let Some(leaf) = self.leaves.get_mut(key) else {
            faults.push(self.unknown(key, origin));
            return;
        };
        match typed(text, &leaf.value) {
            Some(value) => *leaf = Leaf { value, origin, looked_up: None },
            None => {
                let kind = leaf.value.type_str();
                faults.push(Fault::new(
                    key,
                    origin,
                    format!("this is not of type {kind}"),
                    format!("giá trị không đúng kiểu {kind}"),
                ));
            }
        }
    }

    fn add_entry(&mut self, list: &'static List, entries: Vec<Entry>, path: &Path, faults: &mut Vec<Fault>) {
        let (one_en, one_vi) = list.one;
        let line = entries.first().map_or(1, |entry| entry.line);
        let name_entry = entries.iter().find(|entry| entry.key == "name");
        let name = name_entry.and_then(|entry| entry.value.as_str()).unwrap_or_default().to_owned();
        let origin = Origin::File { path: path.to_owned(), line: name_entry.map_or(line, |entry| entry.line) };
        // Two hyphens would look like a border between sections in the name of an environment variable.
        let shape_ok = (1..=40).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !(name.contains("--") || name.starts_with('-') || name.ends_with('-'));
        if !shape_ok {
            faults.push(Fault::new(
                format!("{}.name", list.name),
                origin,
                format!("a {one_en} needs a name: 1 to 40 of a-z, 0-9 and single hyphens"),
                format!("mỗi {one_vi} cần có tên: 1 đến 40 ký tự a-z, 0-9 và dấu gạch nối đơn"),
            ));
            return;
        }
        if self.names_of(list.name).contains(&name) {
            faults.push(Fault::new(
                format!("{}.{name}", list.name),
                origin,
                format!("this name was given to another {one_en} before"),
                format!("tên này đã dùng cho một {one_vi} khác"),
            ));
            return;
        }
        let prefix = format!("{}.{name}.", list.name);
        let template_prefix = format!("{}.", list.template);
        let template: Vec<_> = self
            .leaves
            .iter()
            .filter_map(|(key, leaf)| Some((key.strip_prefix(&template_prefix)?.to_owned(), leaf.clone())))
            .collect();
        self.leaves.extend(template.into_iter().map(|(key, leaf)| (format!("{prefix}{key}"), leaf)));
        self.take_entries(&prefix, entries, path, faults);
        self.names.entry(list.name).or_default().push(name);
    }

    fn unknown(&self, key: &str, origin: Origin) -> Fault {
        let near = nearest(key, self.leaves.keys());
        Fault::new(
            key,
            origin,
            format!("there is no such key; the nearest is {near}"),
            format!("không có khóa này; khóa gần nhất là {near}"),
        )
    }
}

/// The environment variable that sets this key.
pub fn environment_name(key: &str) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", key.replace('.', "__").replace('-', "_").to_uppercase())
}

/// Text of the environment or of a flag as a value of the kind that the default has. Lists are separated by commas; an
/// empty list in the defaults is one of texts.
fn typed(text: &str, like: &Value) -> Option<Value> {
    Some(match like {
        Value::Integer(_) => Value::Integer(text.trim().parse().ok()?),
        Value::Boolean(_) => Value::Boolean(text.trim().parse().ok()?),
        Value::Array(items) => {
            let like = items.first().cloned().unwrap_or(Value::String(String::new()));
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Value::Array(parts.map(|part| typed(part, &like)).collect::<Option<_>>()?)
        }
        _ => Value::String(text.to_owned()),
    })
}

/// Entries of the text outside and inside lists such as `[[counterparts]]`.
type Parsed = (Vec<Entry>, Vec<(&'static List, Vec<Entry>)>);

fn parse(text: &str, path: &Path) -> Result<Parsed, ConfigError> {
    let line_at = |offset: usize| 1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
    let origin = |offset: usize| Origin::File { path: path.to_owned(), line: line_at(offset) };
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let reason = error.message();
        Fault::new("TOML", origin(at), format!("not readable: {reason}"), format!("không đọc được: {reason}"))
    })?;
    let (mut globals, mut listed) = (Vec::new(), Vec::new());
    for (name, value) in table.get_ref() {
        let Some(list) = LISTS.iter().find(|list| list.name == name.get_ref()) else {
            flatten(name.get_ref(), value.get_ref(), line_at(name.span().start), &line_at, &mut globals);
            continue;
        };
        let tables = value.get_ref().as_array().map(|items| items.iter().map(|item| item.get_ref().as_table()));
        let Some(Some(tables)) = tables.map(|tables| tables.collect::<Option<Vec<_>>>()) else {
            let (en, vi) = (
                format!("write [[{}]], once for each", list.name),
                format!("hãy viết [[{}]], mỗi {} một lần", list.name, list.one.1),
            );
            return Err(Fault::new(list.name, origin(name.span().start), en, vi).into());
        };
        for table in tables {
            let mut entries = Vec::new();
            for (key, value) in table {
                flatten(key.get_ref(), value.get_ref(), line_at(key.span().start), &line_at, &mut entries);
            }
            listed.push((list, entries));
        }
    }
    Ok((globals, listed))
}

fn flatten(key: &str, value: &DeValue<'_>, line: usize, line_at: &dyn Fn(usize) -> usize, out: &mut Vec<Entry>) {
    match value {
        DeValue::Table(table) if !table.is_empty() && !secret::is_secret(key) => {
            for (name, value) in table {
                let key = format!("{key}.{}", name.get_ref());
                flatten(&key, value.get_ref(), line_at(name.span().start), line_at, out);
            }
        }
        _ => out.push(Entry { key: key.to_owned(), value: plain(value), line }),
    }
}

/// The value without its spans. A number that does not fit becomes text, which no numeric setting takes.
fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::String(text.clone().into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::String(number.to_string()),
        },
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(flag) => Value::Boolean(*flag),
        DeValue::Datetime(time) => Value::Datetime(*time),
        DeValue::Array(items) => Value::Array(items.iter().map(|item| plain(item.get_ref())).collect()),
        DeValue::Table(table) => Value::Table(
            table.iter().map(|(key, value)| (key.get_ref().clone().into_owned(), plain(value.get_ref()))).collect(),
        ),
    }
}

/// The known name that takes the fewest edits to reach.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    known.min_by_key(|candidate| edits(name, candidate)).cloned().unwrap_or_default()
}

/// Levenshtein distance.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, from) in left.chars().enumerate() {
        let mut next = vec![at + 1];
        for (to, pair) in right.iter().zip(row.windows(2)) {
            let (diagonal, above) = (pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
            let beside = next.last().copied().unwrap_or(0);
            next.push((diagonal + usize::from(from != *to)).min(above + 1).min(beside + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
