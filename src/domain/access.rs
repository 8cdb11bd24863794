//! Who is calling: a counterpart, the side it speaks for, the agencies it sees, and what it may do (contract 2).

use crate::domain::leg::{Side, words};

words! {
    /// What a key may do.
    Scope {
        /// Every GET under /v1 but the outbox.
        Read = "read",
        /// POST and PATCH.
        Write = "write",
        /// Metrics and the outbox.
        Ops = "ops",
    }
}

/// The agencies that a key sees: exact codes, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agencies {
    /// Every agency (`*`).
    All,
    /// These codes, exactly.
    Only(Vec<String>),
}

impl Agencies {
    /// From the written list; `*` anywhere means all.
    pub fn from_list<S: AsRef<str>>(codes: &[S]) -> Self {
        if codes.iter().any(|code| code.as_ref() == "*") {
            return Agencies::All;
        }
        Agencies::Only(codes.iter().map(|code| code.as_ref().to_owned()).collect())
    }

    /// Whether this agency is seen.
    pub fn sees(&self, agency_code: &str) -> bool {
        match self {
            Agencies::All => true,
            Agencies::Only(codes) => codes.iter().any(|code| code == agency_code),
        }
    }

    /// The written list.
    pub fn to_list(&self) -> Vec<String> {
        match self {
            Agencies::All => vec!["*".to_owned()],
            Agencies::Only(codes) => codes.clone(),
        }
    }
}

/// A caller, as its key tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Id of the key.
    pub key_id: String,
    /// Whose key it is.
    pub counterpart: String,
    /// The side it speaks for.
    pub side: Side,
    /// What it sees.
    pub agencies: Agencies,
    /// The post office whose papers alone it sees; none for systems and for other people.
    pub post_office: Option<String>,
    /// The person who calls; none for systems.
    pub person: Option<String>,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// Whether papers of this agency and post office are seen.
    pub fn sees(&self, agency_code: &str, post_office_code: &str) -> bool {
        self.agencies.sees(agency_code) && self.post_office.as_deref().is_none_or(|own| own == post_office_code)
    }

    /// Whether the key has the scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}
