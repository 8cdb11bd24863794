//! What can go wrong with the store. The one place that recognises texts of the two databases, with a test per text.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Somebody else changed what was read, or took a key that must be unique: decide again.
    #[error("lost a race: {0}")]
    Conflict(String),
    /// The write queue is full: back-pressure.
    #[error("too much is waiting to be written")]
    Busy,
    /// The database cannot be reached or did not answer in time.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The URL or path of the store is wrong.
    #[error("{0}")]
    Location(String),
    /// A row says what it must not say.
    #[error("the store holds something impossible: {0}")]
    Corrupt(String),
    /// Anything else.
    #[error("database error: {0}")]
    Database(String),
}

/// Texts of passing trouble, as the two databases write them (PostgreSQL with lc_messages = C). Diesel gives no SQLSTATE.
const PASSING: &[&str] = &[
    "database is locked",
    "database table is locked",
    "deadlock detected",
    "canceling statement due to",
    "could not serialize access",
];

/// Texts that say the connection or the server is gone.
const GONE: &[&str] = &[
    "server closed the connection",
    "terminating connection",
    "connection to server",
    "the database system is",
    "no connection to the server",
    "could not receive data",
    "could not send data",
    "SSL connection has been closed",
    "disk I/O error",
    "database or disk is full",
    "timed out waiting for connection",
];

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                StoreError::Conflict(info.message().lines().next().unwrap_or_default().to_owned())
            }
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => {
                StoreError::Conflict("serialization failure".to_owned())
            }
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => {
                StoreError::Unavailable("the connection was closed".to_owned())
            }
            DieselError::DatabaseError(_, info) => by_text(info.message()),
            other => by_text(&other.to_string()),
        }
    }
}

fn by_text(text: &str) -> StoreError {
    let first_line = text.lines().next().unwrap_or_default().to_owned();
    if PASSING.iter().any(|known| text.contains(known)) {
        StoreError::Conflict(first_line)
    } else if GONE.iter().any(|known| text.contains(known)) {
        StoreError::Unavailable(first_line)
    } else {
        StoreError::Database(first_line)
    }
}

impl From<diesel::r2d2::PoolError> for StoreError {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        StoreError::Unavailable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_text_has_its_class() {
        for text in PASSING {
            assert!(matches!(by_text(text), StoreError::Conflict(_)), "{text}");
        }
        for text in GONE {
            assert!(matches!(by_text(text), StoreError::Unavailable(_)), "{text}");
        }
        assert!(matches!(by_text("custody_event is append-only"), StoreError::Database(_)));
    }
}
