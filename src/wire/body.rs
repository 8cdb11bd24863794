//! Reads the members of a small JSON body strictly: known names only, rules of `domain::field`, problems by field.

use super::json::{Json, read_json_strict};
use crate::domain::field::{At, Fault, Gathering, Part, Raw};
use crate::domain::meaning::{Canonical, Meaning};
use crate::domain::problem::{Code, Problem, Refusal};

/// Problems kept of one body.
const PROBLEMS_MAX: usize = 200;

/// An object whose members are taken one by one; what is left at the end is unknown.
pub(super) struct Members {
    prefix: String,
    left: Vec<(String, Json)>,
}

/// A member that was taken out.
pub(super) enum Member {
    /// Not sent.
    Absent,
    /// Sent.
    Sent(Json),
}

impl Members {
    /// The members of an object at this field; none for anything else.
    pub(super) fn of(value: Json, prefix: impl Into<String>) -> Option<Self> {
        match value {
            Json::Object(left) => Some(Members { prefix: prefix.into(), left }),
            _ => None,
        }
    }

    /// Takes a member out.
    pub(super) fn take(&mut self, name: &str) -> Member {
        match self.left.iter().position(|(known, _)| known == name) {
            Some(place) => Member::Sent(self.left.swap_remove(place).1),
            None => Member::Absent,
        }
    }

    /// Whether the member was sent and not taken yet.
    pub(super) fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(known, _)| known == name)
    }

    /// Takes a member as a value.
    pub(super) fn raw(&mut self, name: &str) -> Raw {
        match self.take(name) {
            Member::Absent => Raw::Absent,
            Member::Sent(value) => value.into_raw(),
        }
    }

    /// The field of a member, written in full.
    pub(super) fn field(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Takes a value that must be there.
    pub(super) fn required<T: Canonical>(
        &mut self,
        seen: &mut Gathering<'_>,
        name: &str,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        let raw = self.raw(name);
        seen.required(At::Field(&self.field(name)), &raw, rule)
    }

    /// Takes a value that may be absent.
    pub(super) fn optional<T: Canonical>(
        &mut self,
        seen: &mut Gathering<'_>,
        name: &str,
        rule: impl FnOnce(&Raw) -> Result<T, Fault>,
    ) -> Option<T> {
        let raw = self.raw(name);
        seen.optional(At::Field(&self.field(name)), &raw, rule)
    }

    /// Takes a group that may be absent.
    pub(super) fn group(&mut self, seen: &mut Gathering<'_>, name: &str) -> Option<Members> {
        let field = self.field(name);
        match self.take(name) {
            Member::Absent => None,
            Member::Sent(value) => {
                let group = Members::of(value, format!("{field}."));
                if group.is_none() {
                    seen.wrong_part(At::Field(&field));
                }
                group
            }
        }
    }

    /// Takes an array that may be absent, of so many items.
    pub(super) fn list(&mut self, seen: &mut Gathering<'_>, name: &str, min: usize, max: usize) -> Option<Vec<Json>> {
        let field = self.field(name);
        match self.take(name) {
            Member::Absent => None,
            Member::Sent(Json::Array(items)) if (min..=max).contains(&items.len()) => Some(items),
            Member::Sent(Json::Array(_)) => {
                let fault = Fault::invalid(
                    format!("must hold {min} to {max} items"),
                    format!("phải có từ {min} đến {max} phần tử"),
                );
                seen.fault(At::Field(&field), fault);
                None
            }
            Member::Sent(_) => {
                seen.part(At::Field(&field), Part::Wrong);
                None
            }
        }
    }

    /// Ends the object: what is left is unknown.
    pub(super) fn finish(self, seen: &mut Gathering<'_>) {
        const SHOWN_MAX: usize = 20;
        const SHOWN_CHARS_MAX: usize = 64;
        let shown = |name: &str| name.chars().filter(|c| !c.is_control()).take(SHOWN_CHARS_MAX).collect::<String>();
        let mut names: Vec<String> =
            self.left.iter().map(|(name, _)| format!("{}{}", self.prefix, shown(name))).take(SHOWN_MAX).collect();
        names.sort();
        seen.unknown(&names);
    }
}

/// The members of a whole body.
pub(super) fn members(body: &[u8]) -> Result<Members, Refusal> {
    Members::of(read_json_strict(body)?, "").ok_or_else(|| {
        Refusal::body(vec![Problem::error(
            Code::FieldInvalid,
            "",
            "the body must be a JSON object",
            "nội dung phải là một đối tượng JSON",
        )])
    })
}

/// Reads a whole body: refuses it when anything is wrong.
pub(super) fn read<T>(
    body: &[u8],
    take: impl FnOnce(&mut Members, &mut Gathering<'_>) -> Option<T>,
) -> Result<T, Refusal> {
    let mut members = members(body)?;
    let mut meaning = Meaning::of("body:1");
    let mut seen = Gathering::new(&mut meaning, PROBLEMS_MAX);
    let taken = take(&mut members, &mut seen);
    members.finish(&mut seen);
    match taken {
        Some(value) if !seen.has_error() => Ok(value),
        _ => Err(Refusal::body(seen.problems)),
    }
}
