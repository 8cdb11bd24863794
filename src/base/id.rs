//! Typed ids: a prefix that says what it names, and a ULID, so that ids sort by the time they were made.

use std::fmt;
use std::sync::Mutex;

/// Makes ids. Increasing within one process, even inside one millisecond.
#[derive(Default)]
pub struct IdMaker {
    last: Mutex<Option<ulid::Ulid>>,
}

impl IdMaker {
    /// A new maker.
    pub fn new() -> Self {
        Self::default()
    }

    fn next(&self) -> String {
        let mut last = match self.last.lock() {
            Ok(guard) => guard,
            Err(poisoned) => poisoned.into_inner(),
        };
        let fresh = ulid::Ulid::generate();
        let next = match *last {
            Some(previous) if fresh <= previous => previous.increment().unwrap_or(fresh),
            _ => fresh,
        };
        *last = Some(next);
        next.to_string()
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The prefix of this kind of id.
            pub const PREFIX: &'static str = $prefix;

            /// A new id.
            pub fn make(maker: &IdMaker) -> Self {
                $name(format!("{}{}", $prefix, maker.next()))
            }

            /// Takes an id that we made earlier, from a row or a URL; it may name nothing.
            pub fn from_text(text: impl Into<String>) -> Self {
                $name(text.into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

ids! {
    /// A manifest (bảng kê) in one revision.
    ManifestId = "mf_";
    /// A leg (chặng).
    LegId = "leg_";
    /// A handover (biên bản giao nhận).
    HandoverId = "ho_";
    /// A custody event, or an event of the feed.
    EventId = "ev_";
    /// A discrepancy (sai lệch).
    DiscrepancyId = "ds_";
    /// A book of another side.
    BookId = "bk_";
    /// A comparison of books.
    ReconciliationId = "rc_";
    /// A message of the outbox.
    MessageId = "msg_";
    /// An API key.
    KeyId = "key_";
    /// A person who signs in.
    PersonId = "per_";
    /// An act of a person, or a failed sign-in.
    ActId = "act_";
    /// A proposal to accept an exception as it is.
    ProposalId = "pro_";
    /// A meaning given to a status code.
    RuleId = "rule_";
    /// A cut of a report.
    CutId = "cut_";
    /// An alert.
    AlertId = "al_";
    /// A figure from outside.
    FigureId = "fig_";
    /// A session of scanning.
    ScanSessionId = "ss_";
    /// A leg given to a postman.
    AssignmentId = "as_";
    /// What the one-stop side told of a case.
    CaseMarkId = "cmk_";
    /// A webhook subscription.
    WebhookId = "wh_";
    /// A row of the inbox.
    InboxId = "in_";
    /// A request, when the caller sent no X-Request-Id.
    RequestId = "req_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_increase_and_fit_the_contract() {
        let maker = IdMaker::new();
        let mut previous = LegId::make(&maker);
        for _ in 0..10_000 {
            let next = LegId::make(&maker);
            assert!(next > previous);
            assert!(next.as_str().len() <= 40);
            previous = next;
        }
    }
}
