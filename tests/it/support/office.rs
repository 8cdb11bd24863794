//! A running office: the whole program in this process on a free port, its callers, and at its end the invariants that no body
//! may break.

use super::{Client, TestStore, until};
use giaonhan::app::{App, clocks, keys, outbox, verify};
use giaonhan::base::time::Clock;
use giaonhan::cli::engine::Engine;
use giaonhan::config::{FlagValue, Settings, SourceText, Sources};
use giaonhan::domain::access::{Agencies, Scope};
use giaonhan::domain::discrepancy::{Books, Kind};
use giaonhan::domain::leg::Side;
use giaonhan::work::Links;
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

/// The agency of most bodies.
pub const AGENCY: &str = "H32.15";

/// Bound of everything that a loop has to do.
pub const SOON: Duration = Duration::from_secs(20);

/// Settings that make loops quick; a body sets others with `Options::set`.
const QUICK: &[(&str, &str)] = &[
    ("GIAONHAN__HTTP__LISTEN", "127.0.0.1:0"),
    ("GIAONHAN__HTTP__WORKERS", "2"),
    ("GIAONHAN__HTTP__SHUTDOWN_TIMEOUT_S", "5"),
    ("GIAONHAN__STORE__POOL_SIZE", "6"),
    ("GIAONHAN__OUTBOX__POLL_MS", "20"),
    ("GIAONHAN__OUTBOX__JITTER_PERCENT", "0"),
    ("GIAONHAN__INBOX__POLL_MS", "20"),
    ("GIAONHAN__POLLER__INTERVAL_MS", "50"),
    ("GIAONHAN__PUBLISHER__INTERVAL_MS", "10"),
    ("GIAONHAN__DEADLINES__INTERVAL_MS", "50"),
    ("GIAONHAN__RECONCILER__INTERVAL_MS", "50"),
    ("GIAONHAN__RECONCILER__DAILY", "false"),
    ("GIAONHAN__TALLIES__INTERVAL_MS", "50"),
    ("GIAONHAN__ALERTS__INTERVAL_MS", "50"),
    ("GIAONHAN__ROLES__ALERTS", "false"),
    ("GIAONHAN__LIMITS__REQUESTS_PER_SECOND", "100000"),
    ("GIAONHAN__LIMITS__BURST", "100000"),
];

/// First wait before a message is repeated; each further one is the same.
const RETRY_US: i64 = 30_000;

/// How an office is started.
#[derive(Clone, Default)]
pub struct Options {
    /// TOML beside the defaults: `[[counterparts]]`.
    pub toml: String,
    /// Keys with their values; they win over the quick settings.
    pub set: Vec<(&'static str, String)>,
    /// Its clock; the system's by default.
    pub clock: Clock,
    /// Keep the waits between repeats as they are set, instead of the quick ones.
    pub real_retries: bool,
    /// Messages may still wait at the end.
    pub unsettled_allowed: bool,
}

impl Options {
    /// With one more setting.
    pub fn set(mut self, key: &'static str, value: impl ToString) -> Self {
        self.set.push((key, value.to_string()));
        self
    }

    /// Legal clocks are not looked at: what is asked is what events alone show, whenever that is.
    pub fn timeless(self) -> Self {
        self.set("roles.deadlines", false)
    }

    /// With this clock.
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = clock.clone();
        self
    }
}

/// A running office.
pub struct Office {
    engine: Option<Engine>,
    settings: Settings,
    options: Options,
    base: Arc<RwLock<String>>,
    callers: [OnceLock<Client>; 4],
}

impl Office {
    /// Starts the whole program on the store.
    pub fn start(store: &TestStore, options: Options) -> Self {
        let file = SourceText { path: "test.toml".into(), text: options.toml.clone() };
        let set = options.set.iter().map(|(key, value)| FlagValue::new("--set", key, value.clone()));
        let sources = Sources {
            file: Some(file),
            environment: QUICK
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .chain([("GIAONHAN__STORE__EVIDENCE_DIR".to_owned(), store.evidence_folder().display().to_string())])
                .collect(),
            flags: set.chain([store.flag()]).collect(),
        };
        let settings = Settings::load(&sources).unwrap_or_else(|error| panic!("{error}"));
        let mut office = Office { engine: None, settings, options, base: Arc::default(), callers: Default::default() };
        office.begin();
        office
    }

    fn begin(&mut self) {
        let mut links = Links::of(&self.settings);
        if !self.options.real_retries {
            links.pace.orders.steps_us = vec![RETRY_US];
            links.pace.webhooks.steps_us = vec![RETRY_US];
        }
        let engine = Engine::start(&self.settings, links, self.options.clock.clone());
        let engine = engine.unwrap_or_else(|failure| panic!("{failure:?}"));
        *self.base.write().unwrap() = engine.url().to_owned();
        self.engine = Some(engine);
    }

    /// Stops and starts again on the same store; callers find it at its new address.
    pub fn restart(&mut self) {
        self.stop();
        self.begin();
    }

    /// Stops; nothing is checked.
    pub fn stop(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop();
        }
    }

    /// The use cases, for what has no route.
    pub fn app(&self) -> &App {
        &self.engine.as_ref().expect("the office runs").app
    }

    /// Its address, shared with its callers.
    pub(super) fn base(&self) -> Arc<RwLock<String>> {
        self.base.clone()
    }

    /// A caller without a key.
    pub fn stranger(&self) -> Client {
        Client { base: self.base(), key: None }
    }

    /// A caller with a new key, and the id of that key.
    pub fn caller(&self, counterpart: &str, side: Side, agencies: &[&str], scopes: &[Scope]) -> (Client, String) {
        let key = keys::create(self.app(), counterpart, side, &Agencies::from_list(agencies), scopes).unwrap();
        (Client { base: self.base(), key: Some(key.key.reveal().clone()) }, key.id)
    }

    fn known(&self, place: usize, counterpart: &str, side: Side, agencies: &[&str], scopes: &[Scope]) -> Client {
        self.callers[place].get_or_init(|| self.caller(counterpart, side, agencies, scopes).0).clone()
    }

    /// The one-stop desk of the agency.
    pub fn desk(&self) -> Client {
        self.known(0, "one-stop-nha-trang", Side::Agency, &[AGENCY], &[Scope::Read, Scope::Write])
    }

    /// The post office of the agency.
    pub fn post(&self) -> Client {
        self.known(1, "post-khanh-hoa", Side::Post, &[AGENCY], &[Scope::Read, Scope::Write])
    }

    /// Who watches over all agencies.
    pub fn oversight(&self) -> Client {
        self.known(2, "province-office", Side::Oversight, &["*"], &[Scope::Read, Scope::Write])
    }

    /// Who keeps it running.
    pub fn ops(&self) -> Client {
        self.known(3, "operations", Side::Oversight, &["*"], &[Scope::Read, Scope::Ops])
    }

    /// The caller that speaks for a side of the agency.
    pub fn side(&self, side: &str) -> Client {
        if side == "AGENCY" { self.desk() } else { self.post() }
    }

    /// Sends a manifest that is taken whole, and gives its receipt.
    #[track_caller]
    pub fn declare(&self, by: &Client, manifest: &Value) -> Value {
        by.post("/v1/manifests", manifest).expect(201).json()
    }

    /// Sends facts and gives their results.
    #[track_caller]
    pub fn report(&self, by: &Client, facts: &[Value]) -> Vec<Value> {
        let reply = by.post("/v1/facts", &json!({ "facts": facts })).expect(200).json();
        reply["facts"].as_array().unwrap().clone()
    }

    /// The leg as the desk sees it now.
    #[track_caller]
    pub fn leg(&self, leg_id: &str) -> Value {
        self.oversight().get(format!("/v1/legs/{leg_id}")).expect(200).json()
    }

    /// State and holder of a leg.
    #[track_caller]
    pub fn stands(&self, leg_id: &str) -> (String, String) {
        let leg = self.leg(leg_id);
        (leg["state"].as_str().unwrap().to_owned(), leg["holder"].as_str().unwrap().to_owned())
    }

    /// Kinds of the discrepancies of a leg, oldest first. What legal clocks find depends on when it is asked, and is asked in
    /// `tests/it/clocks.rs`.
    #[track_caller]
    pub fn discrepancies(&self, leg_id: &str) -> Vec<String> {
        let found = self.oversight().all(&format!("/v1/discrepancies?legId={leg_id}"));
        let by_time = |kind: &&str| Kind::parse(kind).is_some_and(|kind| kind.entry().books == Books::Clock);
        let kinds = found.iter().map(|each| each["kind"].as_str().unwrap());
        kinds.filter(|kind| !by_time(kind)).map(str::to_owned).collect()
    }

    /// Opens a handover of legs.
    #[track_caller]
    pub fn open(&self, by: &Client, from: &str, to: &str, leg_ids: &[String]) -> Value {
        by.post("/v1/handovers", &json!({"from": from, "to": to, "legIds": leg_ids})).expect(201).json()
    }

    /// Counts every line as taken, by the receiving side.
    #[track_caller]
    pub fn count_taken(&self, handover: &Value) -> Value {
        let lines: Vec<Value> = handover["lines"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| {
                json!({"lineNo": line["lineNo"], "outcome": "TAKEN",
                       "originals": line["expected"]["originals"], "copies": line["expected"]["copies"]})
            })
            .collect();
        self.count(handover, &json!({ "lines": lines }))
    }

    /// Counts, by the receiving side.
    #[track_caller]
    pub fn count(&self, handover: &Value, counted: &Value) -> Value {
        let by = self.side(handover["to"].as_str().unwrap());
        by.patch(format!("/v1/handovers/{}", text(&handover["id"])), counted).expect(200).json()
    }

    /// Signs for a side what the handover shows.
    #[track_caller]
    pub fn sign(&self, handover: &Value, side: &str) -> Value {
        let signature = json!({"side": side, "signer": {"name": "Trần Văn Thử"}, "digest": handover["digest"]});
        let path = format!("/v1/handovers/{}/signatures", text(&handover["id"]));
        self.side(side).post(path, &signature).expect(200).json()
    }

    /// Signs for the giver and then for the receiver.
    #[track_caller]
    pub fn sign_both(&self, handover: &Value) -> Value {
        self.sign(handover, handover["from"].as_str().unwrap());
        self.sign(handover, handover["to"].as_str().unwrap())
    }

    /// A whole handover in which every line is taken.
    #[track_caller]
    pub fn hand_over(&self, from: &str, to: &str, leg_ids: &[String]) -> Value {
        let opened = self.open(&self.side(from), from, to, leg_ids);
        self.sign_both(&self.count_taken(&opened))
    }

    /// Everything that was committed has its number in the feed.
    pub fn published(&self) {
        until("the feed has its numbers", SOON, || {
            let waiting = self.app().store.read(giaonhan::store::read::feed::is_waiting).unwrap();
            (!waiting).then_some(())
        });
    }

    /// The clocks of every leg are derived.
    pub fn clocks_derived(&self) {
        until("the clocks are derived", SOON, || {
            let now = self.app().now().us();
            let waiting = self.app().store.read(|db| giaonhan::store::clocks::due_turns(db, now, 1)).unwrap();
            (waiting.is_empty() && clocks::is_settled(self.app()).unwrap()).then_some(())
        });
    }

    /// What must hold at the end of every body.
    fn check(&self) {
        let settled = |app: &App| {
            let backlog = outbox::backlog(app).unwrap();
            let sent = self.options.unsettled_allowed || backlog.outbox_unsettled == 0;
            (sent && backlog.inbox_new == 0).then_some(())
        };
        until("the outbox is settled and the inbox is empty", SOON, || settled(self.app()));
        if self.settings.roles.deadlines {
            self.clocks_derived();
        }
        let verified = verify::verify(self.app()).unwrap();
        assert!(verified.is_clean(), "{:?}", verified.problems);
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.engine.is_some() {
            self.check();
        }
        self.stop();
    }
}

/// The text of a value.
#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// Ids of the legs that a receipt gives, in its order.
#[track_caller]
pub fn leg_ids(receipt: &Value) -> Vec<String> {
    let lines = receipt["lines"].as_array().unwrap().iter();
    lines.filter_map(|line| line["legId"].as_str()).map(str::to_owned).collect()
}
