//! What is wrong with the configuration: every fault at once, each with its key and where the value came from.

use super::layers::Origin;
use crate::domain::problem::Message;
use std::fmt;

/// One fault of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Dotted key, as `http.listen` or `counterparts.post-khanh-hoa.token`.
    pub key: String,
    /// Where the value came from.
    pub origin: Origin,
    /// What is wrong and what to do. Never the value of a secret.
    pub message: Message,
}

impl Fault {
    /// A fault with its sentence in English and in Vietnamese.
    pub fn new(key: impl Into<String>, origin: Origin, en: impl Into<String>, vi: impl Into<String>) -> Self {
        Fault { key: key.into(), origin, message: Message::new(en, vi) }
    }
}

/// The configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Every fault that was found.
    pub faults: Vec<Fault>,
}

impl From<Fault> for ConfigError {
    fn from(fault: Fault) -> Self {
        ConfigError { faults: vec![fault] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.faults.iter().enumerate() {
            let Fault { key, origin, message } = fault;
            let line_break = if at == 0 { "" } else { "\n" };
            write!(f, "{line_break}{key} ({origin}): {}\n    {}", message.vi, message.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
