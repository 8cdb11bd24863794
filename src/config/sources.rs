//! Where settings come from beside the defaults. The environment of the process is read here and nowhere else.

use super::error::{ConfigError, Fault};
use super::layers::Origin;
use std::path::{Path, PathBuf};

/// A configuration file: its path, for messages and relative paths, and its text.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// Path as it was given.
    pub path: PathBuf,
    /// The TOML text.
    pub text: String,
}

/// A flag of the command line that sets a key.
#[derive(Debug, Clone)]
pub struct FlagValue {
    /// The flag as the caller wrote it, as `--listen`.
    pub flag: &'static str,
    /// The key that it sets, as `http.listen`.
    pub key: &'static str,
    /// Its value as text; lists are separated by commas.
    pub value: String,
}

impl FlagValue {
    /// A flag, its key and its value.
    pub fn new(flag: &'static str, key: &'static str, value: impl Into<String>) -> Self {
        FlagValue { flag, key, value: value.into() }
    }
}

/// Everything that settings are made of, as plain values: loading them is a pure function but for secret files.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file of `--config`.
    pub file: Option<SourceText>,
    /// Environment variables; those that do not begin with `GIAONHAN__` serve only secrets of the form `{ env = … }`.
    pub environment: Vec<(String, String)>,
    /// Flags of the command line.
    pub flags: Vec<FlagValue>,
}

impl Sources {
    /// The sources of this process: the file of `--config` if there is one, the environment, the flags.
    pub fn of_process(file: Option<&Path>, flags: Vec<FlagValue>) -> Result<Self, ConfigError> {
        let file = file.map(read_file).transpose()?;
        let text = |name: std::ffi::OsString| name.into_string().ok();
        let environment = std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
        Ok(Sources { file, environment, flags })
    }
}

fn read_file(path: &Path) -> Result<SourceText, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let shown = path.display();
        Fault::new(
            "--config",
            Origin::Flag("--config"),
            format!("cannot read {shown}: {error}"),
            format!("không đọc được tệp {shown}: {error}"),
        )
    })?;
    Ok(SourceText { path: path.to_owned(), text })
}
