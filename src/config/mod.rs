//! What the operator sets: commented defaults, one file, environment, flags; checked as a whole before anything starts.
//!
//! `layers` lays the sources over each other and remembers where each value came from, `read` types them, `check` holds them
//! against each other. Every fault is reported at once.

mod check;
mod counterpart;
mod database;
mod distribution;
mod error;
mod layers;
mod read;
mod secret;
mod sections;
mod sources;
#[cfg(test)]
mod tests;

pub use counterpart::{Contact, Counterpart, Kind, Link};
use std::path::PathBuf;

pub use database::{Database, SQLITE_FILE};
pub use distribution::{Receiver, ReceiverKind, ReportSchedule};
pub use error::{ConfigError, Fault};
pub use layers::{DEFAULT_TOML, Origin};
pub use sections::{
    Alerts, Clocks, Deadlines, Distribution, FaultPoint, Http, Idempotency, Inbox, Limits, Log, LogFormat, Outbox,
    Pages, Poller, Publisher, Reconciler, Reports, Roles, Store, Tallies, Webhook,
};
pub use sources::{FlagValue, SourceText, Sources};

/// Every setting, typed and checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which database.
    pub database: Database,
    /// Sizes of the store.
    pub store: Store,
    /// Who listens.
    pub http: Http,
    /// The pages for people.
    pub pages: Pages,
    /// Published limits.
    pub limits: Limits,
    /// How messages leave.
    pub outbox: Outbox,
    /// Calls to subscribers.
    pub webhook: Webhook,
    /// How stored messages are decided.
    pub inbox: Inbox,
    /// How the posts' feeds are read.
    pub poller: Poller,
    /// How the feed gets its numbers.
    pub publisher: Publisher,
    /// How legal clocks are derived.
    pub deadlines: Deadlines,
    /// How the books are compared.
    pub reconciler: Reconciler,
    /// How legs are rolled up for reports.
    pub tallies: Tallies,
    /// What is told before anybody asks.
    pub alerts: Alerts,
    /// How long answers are kept.
    pub idempotency: Idempotency,
    /// What the law leaves open about its clocks.
    pub clocks: Clocks,
    /// Reports.
    pub reports: Reports,
    /// How reports leave by themselves.
    pub distribution: Distribution,
    /// What this process does.
    pub roles: Roles,
    /// What is logged.
    pub log: Log,
    /// Crash tests.
    pub fault: FaultPoint,
    /// The systems that we exchange messages with.
    pub counterparts: Vec<Counterpart>,
    /// Where reports go by themselves.
    pub receivers: Vec<Receiver>,
    /// Which reports go where, and when.
    pub report_schedules: Vec<ReportSchedule>,
    explained: Vec<Explained>,
}

/// One setting as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Dotted key.
    pub key: String,
    /// Value as TOML; `***` for a secret.
    pub value: String,
    /// `default`, `file F:line`, `environment NAME` or `flag --f`.
    pub origin: String,
}

impl Settings {
    /// Where evidence files lie.
    pub fn evidence_folder(&self) -> PathBuf {
        if !self.store.evidence_dir.is_empty() {
            return PathBuf::from(&self.store.evidence_dir);
        }
        match &self.database {
            Database::Folder { folder, .. } => folder.join("evidence"),
            Database::File { file, .. } => file.with_file_name("evidence"),
            Database::Postgres { .. } => PathBuf::from("giaonhan-evidence"),
        }
    }

    /// Lays the sources over the defaults and checks the whole.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let leaves = layers::Leaves::gather(sources)?;
        let mut faults = Vec::new();
        check::ranges(&leaves, &mut faults);
        let settings = Settings::read(&leaves, &mut faults);
        match settings {
            Some(settings) if faults.is_empty() => {
                let faults = check::across(&settings, &leaves);
                if faults.is_empty() { Ok(settings) } else { Err(ConfigError { faults }) }
            }
            _ => Err(ConfigError { faults }),
        }
    }

    /// Every setting with its value, secrets masked, and where it came from.
    pub fn explain(&self) -> &[Explained] {
        &self.explained
    }

    /// The post that serves this agency.
    pub fn post_of(&self, agency: &str) -> Option<&Counterpart> {
        self.counterparts.iter().find(|one| one.link.kind.is_post() && one.serves(agency))
    }

    /// The one-stop system of this agency.
    pub fn one_stop_of(&self, agency: &str) -> Option<&Counterpart> {
        self.counterparts.iter().find(|one| !one.link.kind.is_post() && one.serves(agency))
    }

    /// The counterpart of this name.
    pub fn counterpart(&self, name: &str) -> Option<&Counterpart> {
        self.counterparts.iter().find(|one| one.link.name == name)
    }

    fn read(leaves: &layers::Leaves, faults: &mut Vec<Fault>) -> Option<Self> {
        let database = Database::decide(leaves, faults);
        let store = Store::read(leaves, "store", faults);
        let http = Http::read(leaves, "http", faults);
        let pages = Pages::read(leaves, "pages", faults);
        let limits = Limits::read(leaves, "limits", faults);
        let outbox = Outbox::read(leaves, "outbox", faults);
        let webhook = Webhook::read(leaves, "webhook", faults);
        let inbox = Inbox::read(leaves, "inbox", faults);
        let poller = Poller::read(leaves, "poller", faults);
        let publisher = Publisher::read(leaves, "publisher", faults);
        let deadlines = Deadlines::read(leaves, "deadlines", faults);
        let reconciler = Reconciler::read(leaves, "reconciler", faults);
        let tallies = Tallies::read(leaves, "tallies", faults);
        let alerts = Alerts::read(leaves, "alerts", faults);
        let idempotency = Idempotency::read(leaves, "idempotency", faults);
        let clocks = Clocks::read(leaves, "clocks", faults);
        let reports = Reports::read(leaves, "reports", faults);
        let distribution = Distribution::read(leaves, "distribution", faults);
        let roles = Roles::read(leaves, "roles", faults);
        let log = Log::read(leaves, "log", faults);
        let fault = FaultPoint::read(leaves, "fault", faults);
        let names = leaves.names_of("counterparts").iter();
        let counterparts: Vec<_> = names.map(|name| counterpart::read(leaves, name, faults)).collect();
        let names = leaves.names_of("receivers").iter();
        let receivers: Vec<_> = names.map(|name| distribution::receiver(leaves, name, faults)).collect();
        let names = leaves.names_of("report_schedules").iter();
        let schedules: Vec<_> =
            names.map(|name| ReportSchedule::read(leaves, &format!("report_schedules.{name}"), faults)).collect();
        let explained = leaves.iter().map(|(key, leaf)| Explained {
            key: key.clone(),
            value: secret::shown(key, leaf),
            origin: leaf.origin.to_string(),
        });
        Some(Settings {
            database: database?,
            store: store?,
            http: http?,
            pages: pages?,
            limits: limits?,
            outbox: outbox?,
            webhook: webhook?,
            inbox: inbox?,
            poller: poller?,
            publisher: publisher?,
            deadlines: deadlines?,
            reconciler: reconciler?,
            tallies: tallies?,
            alerts: alerts?,
            idempotency: idempotency?,
            clocks: clocks?,
            reports: reports?,
            distribution: distribution?,
            roles: roles?,
            log: log?,
            fault: fault?,
            counterparts: counterparts.into_iter().collect::<Option<_>>()?,
            receivers: receivers.into_iter().collect::<Option<_>>()?,
            report_schedules: schedules.into_iter().collect::<Option<_>>()?,
            explained: explained.collect(),
        })
    }
}
