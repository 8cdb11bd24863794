//! Who holds the paper, as its mark and its colour on the pages.

use crate::report::markup::escaped;

/// A holder, by the mark that the pages give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// The citizen: a circle.
    Citizen,
    /// The post: a diamond.
    Post,
    /// The agency: a square.
    Agency,
    /// Not known: a dashed triangle.
    Nobody,
}

impl Keeper {
    /// The name inside class names and tokens.
    pub(super) fn word(self) -> &'static str {
        match self {
            Keeper::Citizen => "citizen",
            Keeper::Post => "post",
            Keeper::Agency => "agency",
            Keeper::Nobody => "nobody",
        }
    }

    pub(super) fn bar_class(self) -> &'static str {
        match self {
            Keeper::Citizen => "b-citizen",
            Keeper::Post => "b-post",
            Keeper::Agency => "b-agency",
            Keeper::Nobody => "b-nobody",
        }
    }

    /// The mark with its name.
    pub(super) fn mark(self, name: &str) -> String {
        let shape = match self {
            Keeper::Citizen => {
                r#"<circle cx="12" cy="12" r="11" fill="currentColor"/><g fill="var(--surface)"><circle cx="12" cy="9" r="3.3"/><path d="M5.8 18.5c.6-3.9 3-5 6.2-5s5.6 1.1 6.2 5z"/></g>"#
            }
            Keeper::Post => {
                r#"<path fill="currentColor" d="M12 .5 23.5 12 12 23.5.5 12z"/><path d="M6.8 8.8h10.4v7H6.8zM7 9.2l5 3.8 5-3.8" fill="none" stroke="var(--surface)" stroke-width="1.7" stroke-linejoin="round"/>"#
            }
            Keeper::Agency => {
                r#"<rect x="1" y="1" width="22" height="22" rx="3" fill="currentColor"/><path d="M5 10 12 5.5 19 10zM6.5 11.5v5M10.2 11.5v5M13.8 11.5v5M17.5 11.5v5M5 18.5h14" fill="none" stroke="var(--surface)" stroke-width="1.7" stroke-linejoin="round"/>"#
            }
            Keeper::Nobody => {
                r#"<path d="M12 2 23 21.5H1z" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="3.5 2.5"/><path d="M9.8 12a2.2 2.2 0 1 1 3 2.2c-.6.3-.8.7-.8 1.3M12 18v.1" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>"#
            }
        };
        let (word, name) = (self.word(), escaped(name));
        format!(
            r#"<span class="hold hold-{word}"><svg viewBox="0 0 24 24" aria-hidden="true">{shape}</svg>{name}</span>"#
        )
    }
}
