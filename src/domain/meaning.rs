//! The meaning of a body as a digest: equal for equal content, whatever the format, spelling or order of members.

use crate::base::digest::Sha256;
use crate::base::time::Ts;
use crate::domain::clocks::Mark;
use crate::domain::custody::EventKind;
use crate::domain::discrepancy::Resolution;
use crate::domain::fact::{Cause, EvidenceKind, Relation};
use crate::domain::field::{At, Raw, Shape};
use crate::domain::handover::LineOutcome;
use crate::domain::identifier::{DossierNo, ItemNumber, Phone};
use crate::domain::leg::{LegKind, Side};
use crate::domain::manifest::PaperKind;
use chrono::NaiveDate;
use std::fmt::Write;

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
        meaning.put(At::Field("kind"), &kind);
        meaning
    }

    /// Adds one value.
    pub fn put<V: Canonical + ?Sized>(&mut self, at: At<'_>, value: &V) {
        self.value.clear();
        value.write_canonical(&mut self.value);
        // Nine of ten fields have a plain name: the formatter would cost as much as the digest. Writing to a String
        // does not fail.
        match at {
            At::Field(name) => self.pending.push_str(name),
            At::Item(..) => drop(write!(self.pending, "{at}")),
        }
        let _ = write!(self.pending, " {} ", self.value.len());
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

macro_rules! canonical_text {
    ($($type:ty => $this:ident, $text:expr;)*) => {$(
        impl Canonical for $type {
            fn write_canonical(&self, out: &mut String) {
                let $this = self;
                out.push_str($text);
            }
        }
    )*};
}

canonical_text! {
    String => this, this;
    &str => this, this;
    LegKind => this, this.as_str();
    Side => this, this.as_str();
    DossierNo => this, this.as_str();
    Phone => this, this.as_str();
    ItemNumber => this, this.as_str();
    PaperKind => this, this.as_str();
    EventKind => this, this.as_str();
    Cause => this, this.as_str();
    Mark => this, this.as_str();
    Relation => this, this.as_str();
    EvidenceKind => this, this.as_str();
    LineOutcome => this, this.as_str();
    Resolution => this, this.as_str();
}

macro_rules! canonical_number {
    ($($type:ty => $this:ident, $form:expr;)*) => {$(
        impl Canonical for $type {
            fn write_canonical(&self, out: &mut String) {
                let $this = self;
                let _ = write!(out, "{}", $form);
            }
        }
    )*};
}

canonical_number! {
    i64 => this, this;
    u32 => this, this;
    bool => this, this;
    Ts => this, this.us();
    NaiveDate => this, this;
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
