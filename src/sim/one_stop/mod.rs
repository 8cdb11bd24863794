//! The simulated one-stop software: an OpenCPS v2-like REST face over a book of dossiers, and a receiver of our
//! signed webhooks that believes nothing it cannot verify.

mod book;
mod hook;
mod rest;
mod search;
mod signature;

use crate::base::time::Clock;
use crate::sim::faults::Faults;
use crate::sim::server::{self, Answer, Call, Ending, Running, Site};
use crate::sim::strict::{self, Field, Form, may, must};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use book::Book;
use serde_json::{Value, json};
use signature::Keys;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the simulated one-stop software is started with.
#[derive(Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: String,
    /// The seed of every chance.
    pub seed: u64,
    /// The fault plan (`faults::parse_plan`).
    pub faults: BTreeMap<String, f64>,
    /// The account of the REST face.
    pub username: String,
    /// Its password.
    pub password: String,
    /// The tenant that the header `groupId` must name.
    pub group_id: u64,
    /// Secrets of our webhooks, `whsec_…`.
    pub secrets: Vec<String>,
    /// Public keys of our webhooks, `whpk_…`.
    pub public_keys: Vec<String>,
    /// How far a webhook's timestamp may lie from the clock.
    pub tolerance: Duration,
    /// How long a stalled answer stalls before the connection breaks.
    pub stall: Duration,
    /// How late a late answer is.
    pub latency: Duration,
    /// Its clock.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            listen: "127.0.0.1:0".to_owned(),
            seed: 1,
            faults: BTreeMap::new(),
            username: "simulator".to_owned(),
            password: "simulator-only".to_owned(),
            group_id: 35_417,
            secrets: Vec::new(),
            public_keys: Vec::new(),
            tolerance: Duration::from_secs(300),
            stall: Duration::from_secs(3),
            latency: Duration::from_millis(250),
            clock: Clock::system(),
        }
    }
}

/// The one-stop software behind its web server.
pub(crate) struct OneStop {
    options: Options,
    faults: Faults,
    book: Mutex<Book>,
    keys: Mutex<Keys>,
}

impl OneStop {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self) -> Value {
        self.book().show(self.faults.show())
    }

    /// The faults that any call may meet before anything is done.
    fn troubled(&self, key: &str) -> Option<Answer> {
        if self.faults.strikes("BUSY", key) {
            return Some(Answer::empty(503).with("retry-after", "1"));
        }
        if self.faults.strikes("ERROR", key) {
            return Some(Answer::empty(500));
        }
        self.faults.strikes("STALLED_BODY", key).then(|| Answer::empty(200).ending(Ending::Stalled))
    }

    /// Withholds the answer to something that is stored (E2).
    fn silence(&self, key: &str) -> Option<Answer> {
        let variant = self.faults.variant("E2", &["stall", "reset"], key)?;
        let pause = if variant == "stall" { self.options.stall } else { Duration::ZERO };
        Some(Answer::empty(200).after(pause).ending(Ending::Reset))
    }

    fn admin(&self, call: &Call) -> Answer {
        let done = |result: Result<Value, String>| match result {
            Ok(value) => Answer::json(200, &value),
            Err(error) => Answer::json(400, &json!({"error": error})),
        };
        match call.route() {
            ("GET", "/_sim/ledger") => Answer::json(200, &self.ledger()),
            ("GET", "/_sim/faults") => Answer::json(200, &self.faults.show()),
            ("PUT", "/_sim/faults") => done(self.replace_faults(call)),
            ("PUT", "/_sim/keys") => done(self.replace_keys(call)),
            ("POST", "/_sim/dossiers") => done(self.seed_dossiers(call)),
            _ => Answer::empty(404),
        }
    }

    fn replace_faults(&self, call: &Call) -> Result<Value, String> {
        let body = call.json()?;
        self.faults.replace(body.as_object().ok_or("send {\"E2\": 0.05}")?)?;
        Ok(self.faults.show())
    }

    fn replace_keys(&self, call: &Call) -> Result<Value, String> {
        let body = call.json()?;
        let texts = |name: &str| -> Vec<String> {
            let items = body.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let keys = Keys::read(&texts("secrets"), &texts("publicKeys"))?;
        let count = keys.count();
        *self.keys() = keys;
        Ok(json!({"keys": count}))
    }

    fn seed_dossiers(&self, call: &Call) -> Result<Value, String> {
        const DOSSIER: &[Field] = &[
            must("dossierNo", Form::Filled),
            may("govAgencyCode", Form::Text),
            may("serviceCode", Form::Text),
            may("viaPostal", Form::Whole),
            may("vnpostalStatus", Form::Whole),
            may("fromViaPostal", Form::Whole),
            may("dossierStatus", Form::Word(book::STATUSES)),
            may("receiveDate", Form::Text),
            may("releaseDate", Form::Text),
            may("finishDate", Form::Text),
        ];
        let body = call.json()?;
        let items = body.as_array().ok_or("send a list of dossiers")?;
        for item in items {
            let object = item.as_object().ok_or("a dossier is an object")?;
            let mut problems = strict::faults_of(object, DOSSIER, "");
            for name in book::DATES {
                let text = object.get(*name).and_then(Value::as_str).unwrap_or_default();
                if !text.is_empty() && search::day_of(text).is_none() {
                    problems.push(format!("{name}: must be dd/MM/yyyy HH:mm:ss or empty"));
                }
            }
            if !problems.is_empty() {
                return Err(problems.join("; "));
            }
        }
        let mut book = self.book();
        items.iter().for_each(|item| book.seed(item));
        Ok(json!({"dossiers": items.len()}))
    }
}

impl Site for OneStop {
    fn answer(&self, call: &Call) -> Answer {
        if call.path.starts_with("/_sim/") {
            return self.admin(call);
        }
        let (name, answer) = if call.path == "/hooks/giaonhan" {
            ("hooks/giaonhan".to_owned(), hook::answer(self, call))
        } else {
            let name = rest::name_of(call);
            let answer = rest::answer(self, call);
            (name, answer)
        };
        let outcome = match (answer.ending, answer.status) {
            (Ending::Whole, status) => status.to_string(),
            (Ending::Reset, _) => "reset".to_owned(),
            (Ending::Stalled, _) => "stalled".to_owned(),
        };
        self.book().count(&name, &outcome);
        if self.faults.strikes("LATENCY", "") { answer.after(self.options.latency) } else { answer }
    }
}

/// A simulated one-stop software at work; dropping it stops it.
pub struct Handle {
    site: Arc<OneStop>,
    server: Running,
}

impl Handle {
    /// Where it listens. Webhooks go to `/hooks/giaonhan`, the REST face is under `/o/rest/v2`.
    pub fn url(&self) -> &str {
        self.server.url()
    }

    /// What it believes.
    pub fn ledger(&self) -> Value {
        self.site.ledger()
    }

    /// Takes the keys of our webhooks: `whsec_…` and `whpk_…`, several during a rotation.
    pub fn set_keys(&self, secrets: &[String], public_keys: &[String]) -> Result<(), String> {
        *self.site.keys() = Keys::read(secrets, public_keys)?;
        Ok(())
    }

    /// Stops serving.
    pub async fn stop(&self) {
        self.server.stop().await;
    }
}

/// Starts a simulated one-stop software.
pub fn start(options: Options) -> Result<Handle, String> {
    let site = Arc::new(OneStop {
        faults: Faults::new(options.seed, options.faults.clone()),
        book: Mutex::new(Book::default()),
        keys: Mutex::new(Keys::read(&options.secrets, &options.public_keys)?),
        options,
    });
    let server = server::serve(&site.options.listen, Arc::clone(&site) as Arc<dyn Site>)?;
    Ok(Handle { site, server })
}

/// The value of the header `Authorization` for an account.
fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

#[cfg(test)]
mod tests;
