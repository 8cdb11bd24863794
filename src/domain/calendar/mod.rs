//! The working calendar as data: days off and working Saturdays that each year decrees, hours in sessions, versions with their first
//! day (domain 8). It answers for the years that are loaded and for no other: what is unknown stays unknown.

mod check;
#[cfg(test)]
pub mod sample;
mod session;
#[cfg(test)]
mod tests;
mod version;
mod working;

pub use check::{DayDraft, Draft, Fault, Line, WeekDraft, YearDraft, check};
pub use session::{Session, read_sessions, write_sessions};
pub use version::{Entry, Version, WhoseDays};
pub use working::{Calendar, Day, Gap, WorkingDays};

use crate::domain::leg::words;

/// Whose days hold for everybody who has none of their own.
pub const EVERYBODY: &str = "*";
/// Whose days are the post's: whether it counts Saturdays is a matter of its contract (TT 17 Đ7 says working days and no more).
pub const POST: &str = "POST";

words! {
    /// What a date is, where the week alone does not tell.
    DayKind {
        /// A day off.
        Off = "OFF",
        /// A working day, whatever the week says.
        Work = "WORK",
        /// Said to be a day off by a source that is no decree: it counts as the week says, and is shown.
        Unsure = "UNSURE",
    }
}
