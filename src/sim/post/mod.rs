//! The simulated postal operator: HCC Online (P2) or MyVNPost (P4), over real HTTP, strict, seeded, with faults.

mod admin;
mod book;
mod hcc;
mod hcc_feed;
mod key;
mod life;
mod myvnpost;
mod myvnpost_read;
mod pusher;
mod record;

pub use key::{PUBLIC_KEY_SPKI, public_key_pem};

use crate::base::time::{Clock, Ts};
use crate::sim::faults::Faults;
use crate::sim::server::{self, Answer, Call, Ending, Running, Site};
use book::Book;
use pusher::Queue;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Which interface the operator speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// HCC Online, `ctt.vnpost.vn` (P2).
    Hcc,
    /// MyVNPost generation 2 (P4).
    MyVnpost,
}

impl Family {
    /// As the command line writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Family::Hcc => "hcc",
            Family::MyVnpost => "myvnpost",
        }
    }

    /// Reads the written form.
    pub fn parse(text: &str) -> Option<Self> {
        [Family::Hcc, Family::MyVnpost].into_iter().find(|family| family.as_str() == text)
    }
}

/// What a simulated operator is started with.
#[derive(Clone)]
pub struct Options {
    /// The interface.
    pub family: Family,
    /// Where to listen; port 0 takes a free one.
    pub listen: String,
    /// The seed of every chance.
    pub seed: u64,
    /// The fault plan (`faults::parse_plan`).
    pub faults: BTreeMap<String, f64>,
    /// P2: the token in the query string.
    pub token: String,
    /// P4: the account name.
    pub username: String,
    /// P4: the password.
    pub password: String,
    /// P4 and P2: the customer code.
    pub customer_code: String,
    /// P4: where webhooks go; none until it is set.
    pub webhook_url: Option<String>,
    /// P4: records in one webhook at most.
    pub webhook_records_max: usize,
    /// How long a stalled answer stalls before the connection breaks.
    pub stall: Duration,
    /// How late a late answer is.
    pub latency: Duration,
    /// Gives every order a random life, one step each so often; none leaves lives to the script.
    pub life_step: Option<Duration>,
    /// The operator's clock.
    pub clock: Clock,
}

impl Options {
    /// Options that serve on loopback without faults.
    pub fn new(family: Family) -> Self {
        Options {
            family,
            listen: "127.0.0.1:0".to_owned(),
            seed: 1,
            faults: BTreeMap::new(),
            token: "simulator-only-token".to_owned(),
            username: "simulator".to_owned(),
            password: "simulator-only".to_owned(),
            customer_code: "T000SIM001".to_owned(),
            webhook_url: None,
            webhook_records_max: 5,
            stall: Duration::from_secs(3),
            latency: Duration::from_millis(250),
            life_step: None,
            clock: Clock::system(),
        }
    }
}

/// The operator behind its web server.
pub(crate) struct Operator {
    options: Options,
    faults: Faults,
    book: Mutex<Book>,
    queue: Queue,
}

impl Operator {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Ts {
        self.options.clock.now()
    }

    fn ledger(&self) -> Value {
        let pending = self.queue.pending();
        self.book().show(self.options.family.as_str(), pending, self.faults.show())
    }

    /// The faults that any call may meet before anything is done.
    fn troubled(&self, call: &Call, key: &str) -> Option<Answer> {
        let key = if key.is_empty() { String::new() } else { format!("{}/{key}", call.path) };
        if self.faults.strikes("BUSY", &key) {
            return Some(Answer::empty(503).with("retry-after", "1"));
        }
        if self.faults.strikes("ERROR", &key) {
            return Some(Answer::empty(500));
        }
        self.faults.strikes("STALLED_BODY", &key).then(|| Answer::empty(200).ending(Ending::Stalled))
    }

    /// Withholds the answer to an order that is stored (E2).
    fn silence(&self, code: &str) -> Option<Answer> {
        let variant = self.faults.variant("E2", &["stall", "reset"], code)?;
        self.book().lose_answer(code);
        let pause = if variant == "stall" { self.options.stall } else { Duration::ZERO };
        Some(Answer::empty(200).after(pause).ending(Ending::Reset))
    }
}

impl Site for Operator {
    fn answer(&self, call: &Call) -> Answer {
        if call.path.starts_with("/_sim/") {
            return admin::answer(self, call);
        }
        let answer = match self.options.family {
            Family::Hcc => hcc::answer(self, call),
            Family::MyVnpost => myvnpost::answer(self, call),
        };
        let outcome = match (answer.ending, answer.status) {
            (Ending::Whole, status) => status.to_string(),
            (Ending::Reset, _) => "reset".to_owned(),
            (Ending::Stalled, _) => "stalled".to_owned(),
        };
        let name = call.path.trim_start_matches('/').to_owned();
        self.book().count(&name, &outcome);
        if self.faults.strikes("LATENCY", "") { answer.after(self.options.latency) } else { answer }
    }
}

/// A simulated operator at work; dropping it stops it.
pub struct Handle {
    operator: Arc<Operator>,
    server: Running,
}

impl Handle {
    /// Where it listens.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// Which interface it speaks.
    pub fn family(&self) -> Family {
        self.operator.options.family
    }

    /// What it believes.
    pub fn ledger(&self) -> Value {
        self.operator.ledger()
    }

    /// Says where webhooks go from now on.
    pub fn set_webhook_url(&self, url: &str) {
        self.operator.queue.set_url(Some(url.to_owned()));
    }

    /// Stops serving and pushing.
    pub async fn stop(&self) {
        self.operator.queue.stop();
        self.server.stop().await;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.operator.queue.stop();
    }
}

/// Starts a simulated operator.
pub fn start(options: Options) -> Result<Handle, String> {
    let operator = Arc::new(Operator {
        faults: Faults::new(options.seed, options.faults.clone()),
        queue: Queue::new(options.webhook_url.clone()),
        book: Mutex::new(Book::default()),
        options,
    });
    let server = server::serve(&operator.options.listen, Arc::clone(&operator) as Arc<dyn Site>)?;
    pusher::start(Arc::clone(&operator))?;
    if let Some(step) = operator.options.life_step {
        life::start(Arc::clone(&operator), step)?;
    }
    Ok(Handle { operator, server })
}

#[cfg(test)]
mod tests;
