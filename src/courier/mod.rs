//! Executes a call to a counterpart, or writes a file into a receiver's folder, and returns the answer, or how sure we are that nothing was sent.
//!
//! The only room that knows reqwest, and `backoff`, which is unmaintained (RUSTSEC-2025-0012) and used here for
//! setting up a connection and for logging in, with a count of tries and no deadline of its own. Retries that have
//! to survive belong to the outbox.

mod address;
mod exchange;
pub mod folder;
mod token;

use crate::base::secret::Redacted;
use crate::base::time::Clock;
use crate::peers::{Answer, Auth, Call, Reply, myvnpost};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Where a call goes and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Name of the counterpart, for logs.
    pub name: String,
    /// `http(s)://host[:port][/prefix]`, without credentials.
    pub base_url: String,
    /// What proves who we are.
    pub credentials: Credentials,
    /// Limit for setting up the connection.
    pub connect_timeout_ms: u64,
    /// Limit for the whole exchange, the body included.
    pub timeout_ms: u64,
    /// A longer reply is cut off and counts as unknown.
    pub reply_bytes_max: usize,
    /// Outgoing proxy.
    pub proxy: Option<String>,
    /// Whether addresses of private networks may be called: for counterparts that the operator names, never for
    /// URLs that a subscriber gave.
    pub allow_private_addresses: bool,
}

/// What proves who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Nothing, or a signature made elsewhere.
    None,
    /// A fixed token (P2).
    Token(Redacted<String>),
    /// A log-in that gives a token (P4).
    Login {
        /// User name.
        username: String,
        /// Password.
        password: Redacted<String>,
        /// Customer code.
        customer_code: String,
    },
    /// HTTP Basic (OpenCPS).
    Basic {
        /// User name.
        username: String,
        /// Password.
        password: Redacted<String>,
    },
}

/// Why there is no answer. The texts name no address, no query and no secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// Certainly not sent: refused connection, no such host, refused address, failed log-in.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It may have arrived: time-out, reset, cut or oversized answer.
    #[error("outcome unknown: {0}")]
    Unknown(String),
}

impl Failure {
    /// What it means for the row of the outbox that asked.
    pub fn answer(self) -> Answer {
        match self {
            Failure::NotSent(why) => Answer::Retry { retry_after_s: None, why },
            Failure::Unknown(why) => Answer::Unknown { why },
        }
    }
}

/// Sends calls. One for the whole process: it keeps connections and tokens.
pub struct Courier {
    clock: Clock,
    clients: Mutex<HashMap<exchange::ClientKey, reqwest::Client>>,
    tokens: token::Tokens,
}

impl Courier {
    /// A courier without connections yet.
    pub fn new(clock: Clock) -> Self {
        // One TLS stack in the process; a second installation is refused and changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Courier { clock, clients: Mutex::default(), tokens: token::Tokens::default() }
    }

    /// Sends the call once. A token that is no longer good is renewed once, and the call sent once more.
    pub async fn send(&self, target: &Target, call: Call) -> Result<Reply, Failure> {
        if call.auth != Auth::HeaderToken {
            return self.exchange(target, &call, None).await;
        }
        let token = match self.token(target, None).await? {
            Ok(token) => token,
            Err(refusal) => return Ok(refusal),
        };
        let reply = self.exchange(target, &call, Some(&token)).await?;
        if !myvnpost::token_refused(&reply) {
            return Ok(reply);
        }
        match self.token(target, Some(&token)).await? {
            Ok(fresh) => self.exchange(target, &call, Some(&fresh)).await,
            Err(refusal) => Ok(refusal),
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
