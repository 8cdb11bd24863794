//! The meaning of a body as a digest: equal for equal content, whatever the format, spelling or order of members.

use crate::base::digest::Sha256;
use crate::base::time::Ts;
use crate::domain::field::{Raw, Shape};
use crate::domain::leg::{LegKind, Side};
use chrono::NaiveDate;
use std::fmt::{Display, Write};

/// Writes its one canonical form.
pub trait Canonical {
    /// Appends the form.
    fn write_canonical(&self, out: &mut String);
}

/// Gathers `name length value` records; the length keeps two values from running into each other.
pub struct Meaning {
    sha: Sha256,
    pending: String,
    value: String,
}

const FLUSH_BYTES: usize = 16 * 1024;

impl Meaning {
    /// Begins the meaning of one kind of body, so that two kinds never have one digest.
    pub fn of(kind: &str) -> Self {
        let mut meaning = Meaning { sha: Sha256::default(), pending: String::new(), value: String::new() };
        meaning.put("kind", &kind);
        meaning
    }

    /// Adds one value.
    pub fn put<V: Canonical + ?Sized>(&mut self, name: impl Display, value: &V) {
        self.value.clear();
        value.write_canonical(&mut self.value);
        // Writing to a String does not fail.
        let _ = write!(self.pending, "{name} {} ", self.value.len());
        self.pending.push_str(&self.value);
        self.pending.push('\n');
        if self.pending.len() >= FLUSH_BYTES {
            self.sha.update(self.pending.as_bytes());
            self.pending.clear();
        }
    }

    /// `sha-256:…` of everything put so far.
    pub fn finish(mut self) -> String {
        self.sha.update(self.pending.as_bytes());
        self.sha.finish_tagged()
    }
}

macro_rules! canonical {
    ($($type:ty => $this:ident, $form:expr;)*) => {$(
        impl Canonical for $type {
            fn write_canonical(&self, out: &mut String) {
                let $this = self;
                let _ = write!(out, "{}", $form);
            }
        }
    )*};
}

canonical! {
    String => this, this;
    &str => this, this;
    i64 => this, this;
    u32 => this, this;
    u8 => this, this;
    bool => this, this;
    Ts => this, this.us();
    NaiveDate => this, this;
    LegKind => this, this;
    Side => this, this;
    crate::domain::manifest::PaperKind => this, this;
    crate::domain::fact::FactEvent => this, this;
    crate::domain::fact::Cause => this, this;
    crate::domain::fact::Relation => this, this;
    crate::domain::fact::EvidenceKind => this, this;
    crate::domain::handover_input::CountOutcome => this, this;
    crate::domain::handover_input::ResolveOutcome => this, this;
    crate::domain::identifier::DossierNo => this, this;
    crate::domain::identifier::Phone => this, this;
    crate::domain::identifier::ItemNumber => this, this.as_str();
}

impl Canonical for Raw {
    /// A value that was not understood still has a meaning: what was sent, as nearly as we kept it. The mark keeps
    /// `"5000"`, refused in JSON, from meaning the 5000 that comes in its place.
    fn write_canonical(&self, out: &mut String) {
        out.push('?');
        match self {
            Raw::Absent => {}
            Raw::Text(text) | Raw::Lexical(text) => out.push_str(&crate::base::text::normalise(text)),
            Raw::Integer(number) => number.write_canonical(out),
            Raw::Truth(value) => value.write_canonical(out),
            Raw::Wrong(shape) => out.push_str(match shape {
                Shape::Null => "null",
                Shape::Number => "number",
                Shape::Object => "object",
                Shape::Array => "array",
            }),
        }
    }
}
