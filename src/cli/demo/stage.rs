//! The stage of a demo: the simulators, a whole Giao Nhận configured for them, keys for both sides, and a subscription.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use chrono::{Datelike, NaiveDate, Weekday};
use serde_json::Value;

use crate::app::people::Doing;
use crate::app::reconcile::{self, Ask};
use crate::app::{App, feed, keys};
use crate::base::time::{Clock, Ts};
use crate::cli::args::StoreArgs;
use crate::cli::engine::Engine;
use crate::cli::{Failure, demo};
use crate::config::{FlagValue, Settings, SourceText, Sources};
use crate::domain::access::{Agencies, Scope};
use crate::domain::leg::Side;
use crate::sim::day::{AGENCIES, Actors, PostActor};
use crate::sim::faults::parse_plan;
use crate::sim::{one_stop, post};
use crate::store::read::PageAsk;
use crate::work::Links;
use crate::work::books::{self, Window};

/// Names of the counterparts of the demo.
const POST_P4: &str = "buu-dien-myvnpost";
const POST_P2: &str = "buu-dien-hcc";
const ONE_STOP: &str = "mot-cua";
const CASE_SYSTEM: &str = "mot-cua-opencps";

/// How the operators misbehave in transport. None of it may lead to a discrepancy: it leads to repeats.
const POST_FAULTS: &str = "E1.empty:0.04,E1.html:0.03,E2:0.04,E4:0.03,E5:0.10,E6.early:0.10,E7:0.04,E8:0.20,BUSY:0.02";
const ONE_STOP_FAULTS: &str = "BUSY:0.02,ERROR:0.02,E2:0.02";

/// Everything that runs during a demo.
pub(super) struct Stage {
    runtime: tokio::runtime::Runtime,
    engine: Engine,
    links: Links,
    hcc: post::Handle,
    myvnpost: post::Handle,
    one_stop: one_stop::Handle,
    desk_keys: BTreeMap<String, String>,
    post_keys: BTreeMap<String, String>,
    ops_key: String,
}

/// The working day before an instant, in Vietnam: all of its events lie in the past.
pub(super) fn day_before(now: Ts) -> NaiveDate {
    let mut day = now.to_vietnam().date();
    loop {
        day = day.pred_opt().unwrap_or(day);
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            return day;
        }
    }
}

impl Stage {
    /// Starts everything.
    pub(super) fn set(store: &StoreArgs, data: &Path, folder: &Path, seed: u64) -> Result<Self, Failure> {
        let failed = |why: String| Failure::environment(format!("the demo cannot start: {why}"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let faults = |text: &str| parse_plan(text).map_err(failed);
        let guard = runtime.enter();
        let operator = |family| {
            let options =
                post::Options { seed, faults: faults(POST_FAULTS)?, stall: STALL, ..post::Options::new(family) };
            post::start(options).map_err(failed)
        };
        let (hcc, myvnpost) = (operator(post::Family::Hcc)?, operator(post::Family::MyVnpost)?);
        let one_stop = one_stop::start(one_stop::Options {
            seed,
            faults: faults(ONE_STOP_FAULTS)?,
            stall: STALL,
            ..one_stop::Options::default()
        })
        .map_err(failed)?;
        drop(guard);

        let settings = settings(store, data, folder, &hcc, &myvnpost, &one_stop)?;
        demo::quiet_logs(&settings)?;
        let mut links = Links::of(&settings);
        // A day in half a minute: repeats come after a fraction of a second instead of seconds and hours.
        links.pace.orders.steps_us = REPEATS_US.to_vec();
        links.pace.webhooks.steps_us = REPEATS_US.to_vec();
        let engine = Engine::start(&settings, links.clone(), Clock::system())?;
        myvnpost.set_webhook_url(&format!("{}/v1/hooks/{POST_P4}", engine.url()));
        let app = &engine.app;
        let key = |name: &str, side: Side, agencies: Agencies, scopes: &[Scope]| -> Result<String, Failure> {
            Ok(keys::create(app, name, side, &agencies, scopes)?.key.into_inner())
        };
        let both = [Scope::Read, Scope::Write];
        let everywhere = key("buu-dien-khanh-hoa", Side::Post, Agencies::All, &both)?;
        let mut desk_keys = BTreeMap::new();
        let mut post_keys = BTreeMap::new();
        for agency in AGENCIES {
            let name = format!("{ONE_STOP}-{}", agency.code.to_ascii_lowercase());
            let own = Agencies::Only(vec![agency.code.to_owned()]);
            desk_keys.insert(agency.code.to_owned(), key(&name, Side::Agency, own, &both)?);
            post_keys.insert(agency.code.to_owned(), everywhere.clone());
        }
        let ops_key = key("van-hanh", Side::Oversight, Agencies::All, &[Scope::Read, Scope::Ops])?;
        let url = format!("{}/hooks/giaonhan", one_stop.url());
        let hook = feed::create_webhook(app, ONE_STOP, &Agencies::All, &url, &[])?;
        one_stop.set_keys(&[hook.secret.into_inner()], &[hook.public_key]).map_err(failed)?;
        Ok(Stage { runtime, engine, links, hcc, myvnpost, one_stop, desk_keys, post_keys, ops_key })
    }

    pub(super) fn url(&self) -> &str {
        self.engine.url()
    }

    pub(super) fn app(&self) -> &App {
        &self.engine.app
    }

    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Who takes part in the day.
    pub(super) fn actors(&self) -> Actors {
        let post = |handle: &post::Handle, name: &str| PostActor {
            family: handle.family(),
            url: handle.url().to_owned(),
            counterpart: Some(name.to_owned()),
        };
        Actors {
            api_url: self.engine.url().to_owned(),
            desk_keys: self.desk_keys.clone(),
            post_keys: self.post_keys.clone(),
            ops_key: Some(self.ops_key.clone()),
            posts: vec![post(&self.myvnpost, POST_P4), post(&self.hcc, POST_P2)],
            one_stop_url: Some(self.one_stop.url().to_owned()),
            patience: Duration::from_secs(60),
        }
    }

    /// Attempts beyond the first, over all messages.
    pub(super) fn messages_repeated(&self) -> Result<u64, Failure> {
        let mut repeated = 0;
        let mut after: Option<String> = None;
        loop {
            let ask = PageAsk { after: after.clone(), limit: 500 };
            let page = crate::app::outbox::page(self.app(), None, None, &ask)?;
            let Some(last) = page.last() else { return Ok(repeated) };
            after = Some(last.id.clone());
            let beyond = |attempts: i64| u64::try_from(attempts.saturating_sub(1)).unwrap_or_default();
            repeated += page.iter().map(|row| beyond(row.attempts)).sum::<u64>();
        }
    }

    /// What the simulators believe: (name, ledger).
    pub(super) fn ledgers(&self) -> Vec<(&'static str, Value)> {
        vec![(POST_P4, self.myvnpost.ledger()), (POST_P2, self.hcc.ledger()), (ONE_STOP, self.one_stop.ledger())]
    }

    /// Asks every counterpart for its book of the days since `from`, and compares it with the ledger, as a day's reconciler does: a line
    /// for each.
    pub(super) fn compare_books(&self, from: NaiveDate) -> Result<String, Failure> {
        let until = self.app().now().to_vietnam().date().succ_opt().unwrap_or(from);
        let mut text = String::from("\nĐối soát sổ / books compared");
        for (name, link) in &self.links.counterparts {
            let window = Window { side: link.family.side(), counterpart: name, from, until };
            // They are made to fail now and then.
            let taken = (0..ASKED_MAX).map(|_| books::ask(self.app(), &self.links, window, DOING)).find(Result::is_ok);
            if taken.is_none() {
                let _ = write!(text, "\n  {name:<20} không đưa sổ / gave no book");
                continue;
            }
            let ask = Ask { side: window.side, counterpart: name.clone(), from, until, dry_run: false };
            let totals = reconcile::run(self.app(), &ask, DOING, None)?.totals;
            let differences: i64 = totals.found.values().sum();
            let _ = write!(
                text,
                "\n  {name:<20} {} dòng, {} khớp, {differences} lệch / entries, agree, differences",
                totals.entries, totals.agree
            );
        }
        Ok(text)
    }

    /// Addresses for a person who wants to look around.
    pub(super) fn where_to_look(&self) -> String {
        let url = self.engine.url();
        let ops = &self.ops_key;
        format!(
            "\nVẫn đang chạy, dừng bằng Ctrl-C / still running, stop with Ctrl-C. Nơi để xem / where to look:\n\
             \x20 curl -H 'Authorization: Bearer {ops}' '{url}/v1/discrepancies?state=OPEN'\n\
             \x20 curl -H 'Authorization: Bearer {ops}' '{url}/v1/legs?holder=POST&open=true'\n\
             \x20 curl -H 'Authorization: Bearer {ops}' '{url}/v1/events?after='\n\
             \x20 curl -H 'Authorization: Bearer {ops}' {url}/metrics\n\
             \x20 sổ của bưu điện mô phỏng / the simulated post's book: {}/_sim/ledger\n\
             \x20 sổ của một cửa mô phỏng / the simulated one-stop's book: {}/_sim/ledger",
            self.myvnpost.url(),
            self.one_stop.url()
        )
    }

    /// Ends everything.
    pub(super) fn strike(self) {
        self.runtime.block_on(async {
            self.hcc.stop().await;
            self.myvnpost.stop().await;
            self.one_stop.stop().await;
        });
        self.engine.stop();
    }
}

const DOING: Doing<'static> = Doing { person: None, request_id: "demo" };
const ASKED_MAX: usize = 5;
const STALL: Duration = Duration::from_secs(2);
const REPEATS_US: [i64; 6] = [150_000, 300_000, 600_000, 1_000_000, 2_000_000, 3_000_000];

fn settings(
    store: &StoreArgs,
    data: &Path,
    folder: &Path,
    hcc: &post::Handle,
    myvnpost: &post::Handle,
    one_stop: &one_stop::Handle,
) -> Result<Settings, Failure> {
    let key_file = folder.join("myvnpost.pem");
    std::fs::write(&key_file, post::public_key_pem())
        .map_err(|error| Failure::environment(format!("cannot write {}: {error}", key_file.display())))?;
    let text = format!(
        r#"
[http]
listen = "127.0.0.1:0"
[limits]
requests_per_second = 2000
burst = 20000
[log]
filter = "error,actix_http=off"
[pages]
province_name = "Tỉnh Khánh Hòa"
[outbox]
poll_ms = 50
[inbox]
poll_ms = 50
[poller]
interval_ms = 300
[publisher]
interval_ms = 50
[reconciler]
interval_ms = 300
daily = false
[[counterparts]]
name = "{POST_P4}"
kind = "myvnpost"
agencies = ["H32.15"]
base_url = "{}"
username = "simulator"
password = "simulator-only"
customer_code = "T000SIM001"
webhook_public_key_file = "myvnpost.pem"
timeout_ms = 1500
contact = {{ {CONTACT}, district_code = "VNPOST", commune_code = "22366" }}
[[counterparts]]
name = "{POST_P2}"
kind = "hcc"
agencies = ["H32.16"]
base_url = "{}"
token = "simulator-only-token"
customer_code = "T000SIM001"
collect_office = "650200"
timeout_ms = 1500
contact = {{ {CONTACT}, district_code = "6510" }}
[[counterparts]]
name = "{CASE_SYSTEM}"
kind = "opencps"
agencies = ["*"]
base_url = "{}"
username = "simulator"
password = "simulator-only"
group_id = "{}"
received_action_code = "8000"
action_user = "can-bo-mot-cua"
timeout_ms = 1500
"#,
        myvnpost.url(),
        hcc.url(),
        one_stop.url(),
        one_stop::Options::default().group_id
    );
    let mut flags = Vec::new();
    match &store.database_url {
        Some(url) => flags.push(FlagValue::new("--database-url", "store.database_url", url.as_str())),
        None => flags.push(FlagValue::new("--data", "store.data_dir", data.to_string_lossy())),
    }
    let file = Some(SourceText { path: folder.join("demo.toml"), text });
    Ok(Settings::load(&Sources { file, environment: Vec::new(), flags })?)
}

/// The desk of the demo's orders, as both families know it.
const CONTACT: &str =
    r#"name = "Bộ phận Một cửa", phone = "02583000000", address = "01 Trần Phú, Nha Trang", province_code = "65""#;
