//! The wiring: from settings to a store, use cases, loops and the HTTP server. Embedded by `serve`, `demo` and tests.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use crate::api::server::{self, Check, ServerOptions};
use crate::app::exceptions::HeldDays;
use crate::app::{App, Limits, Nudge, alerts, distribution, reports};
use crate::base::id::IdMaker;
use crate::base::time::{Clock, DAY_US, HOUR_US, MINUTE_US, SECOND_US};
use crate::cli::Failure;
use crate::config::{self, Database, Settings};
use crate::domain::books::Limits as BookLimits;
use crate::report::{self, tables::Letterhead};
use crate::store::files::Files;
use crate::store::{Location, Store, StoreSizes};
use crate::telemetry::metrics::Metrics;
use crate::ui::{self, Face, FaceOptions};
use crate::work::{self, Bell, Links, Plan};

/// Where the settings put the store.
pub fn location(database: &Database) -> Location {
    match database {
        Database::Postgres { url } => Location::Postgres(url.reveal().clone()),
        Database::Folder { folder, .. } => Location::Sqlite(folder.join(crate::config::SQLITE_FILE)),
        Database::File { file, .. } => Location::Sqlite(file.clone()),
    }
}

/// The use cases on the store of the settings, with its schema up to date and the calendar that the program brings.
pub fn app(settings: &Settings, clock: Clock, nudge: Nudge) -> Result<App, Failure> {
    settings.database.prepare()?;
    let sizes = StoreSizes {
        pool: settings.store.pool_size,
        group_commit_max: settings.store.group_commit_max,
        queue_max: settings.store.queue_max,
    };
    let app = App {
        files: Files::in_folder(settings.evidence_folder()),
        store: Store::open(&location(&settings.database), sizes)?,
        ids: Arc::new(IdMaker::new()),
        clock,
        routes: Arc::new(work::links::routes_of(settings)),
        hooks: Arc::new(work::links::hooks_of(settings)),
        limits: Limits {
            handover_lines_max: settings.limits.handover_lines_max,
            facts_max: settings.limits.facts_max,
            claim_us: i64::from(settings.idempotency.lease_s) * SECOND_US,
            books: BookLimits {
                lag_us: i64::from(settings.reconciler.lag_h) * HOUR_US,
                pair_days: i64::from(settings.reconciler.pair_days),
                held_us: i64::from(settings.reconciler.held_days) * DAY_US,
            },
        },
        clocks: Arc::new(settings.clocks.settings()),
        reports: Arc::new(report_terms(settings)),
        distribution: Arc::new(distribution_terms(settings)),
        alerts: Arc::new(alert_terms(settings)),
        replies_kept_us: i64::from(settings.idempotency.keep_days) * DAY_US,
        nudge,
    };
    crate::app::calendar::load_built_in(&app)?;
    Ok(app)
}

/// What reports are made with; who issues them is the province where nobody else is named.
fn report_terms(settings: &Settings) -> reports::Terms {
    let (ours, province) = (&settings.reports, &settings.pages.province_name);
    let named = |text: &String| if text.is_empty() { province.clone() } else { text.clone() };
    reports::Terms {
        letterhead: Letterhead {
            superior: ours.superior.clone(),
            issuer: named(&ours.issuer),
            place: named(&ours.place),
        },
        province: province.clone(),
        limits: report::definitions::Limits {
            late_points: i64::from(ours.late_basis_points),
            sanction_points: i64::from(ours.sanction_basis_points),
        },
        sample_days: ours.sample_days,
        lines_max: i64::from(ours.lines_max),
    }
}

/// Where reports go by themselves.
fn distribution_terms(settings: &Settings) -> distribution::Terms {
    let receiver = |one: &config::Receiver| distribution::Receiver {
        name: one.name.clone(),
        takes_files: one.kind.takes_files(),
        alerts: one.alerts,
    };
    distribution::Terms {
        receivers: settings.receivers.iter().map(receiver).collect(),
        schedules: settings.report_schedules.clone(),
        public_url: settings.pages.public_url.trim_end_matches('/').to_owned(),
        catch_up_max: settings.distribution.catch_up_max,
    }
}

/// A feed that was not read for a shorter time is no alert, however often it is read.
const FEED_FLOOR_US: i64 = 5 * MINUTE_US;

/// From when on something is an alert.
fn alert_terms(settings: &Settings) -> alerts::Terms {
    let (ours, pages) = (&settings.alerts, &settings.pages);
    let minutes = |minutes: u32| i64::from(minutes) * MINUTE_US;
    let feed_us = i64::from(ours.feed_intervals) * i64::from(settings.poller.interval_ms) * 1_000;
    alerts::Terms {
        silence_percent: i64::from(ours.silence_percent),
        silence_floor_us: minutes(ours.silence_floor_minutes),
        rate_percent: i64::from(ours.rate_percent),
        rate_floor: i64::from(ours.rate_floor),
        message_us: minutes(ours.message_minutes),
        report_us: minutes(ours.report_minutes),
        unmatched_us: i64::from(ours.unmatched_days) * DAY_US,
        held_legs: i64::from(ours.held_legs),
        held: HeldDays { citizen: pages.held_days_citizen, post: pages.held_days_post, agency: pages.held_days_agency },
        feed_us: feed_us.max(FEED_FLOOR_US),
        comparison_us: settings.reconciler.daily.then(|| i64::from(ours.comparison_hours) * HOUR_US),
        calendar_days: i64::from(ours.calendar_days),
        derived_us: minutes(ours.derived_minutes),
    }
}

/// A whole running process.
pub struct Engine {
    /// The use cases.
    pub app: App,
    url: String,
    server: Option<server::Running>,
    loops: work::Running,
}

impl Engine {
    /// Starts everything that the roles ask for; it accepts calls when this returns.
    pub fn start(settings: &Settings, links: Links, clock: Clock) -> Result<Self, Failure> {
        if let Some(point) = &settings.fault.armed {
            crate::base::fault::arm(point).map_err(Failure::environment)?;
        }
        let bell = Bell::default();
        let app = app(settings, clock, bell.nudge())?;
        let metrics = Arc::new(Metrics::new().map_err(|error| Failure::environment(error.to_string()))?);
        let loops = work::start(app.clone(), Arc::new(links), metrics.clone(), &bell, plan(settings))
            .map_err(|error| Failure::environment(format!("the loops cannot start: {error}")))?;
        let mut url = String::new();
        let server = if settings.roles.api {
            let listener = TcpListener::bind(settings.http.listen)
                .map_err(|error| Failure::environment(format!("cannot listen on {}: {error}", settings.http.listen)))?;
            let face = Face::new(FaceOptions { app: app.clone(), pages: settings.pages.clone() })
                .map_err(|error| Failure::environment(format!("a page is broken: {error}")))?;
            let options = ServerOptions {
                listener,
                app: app.clone(),
                http: settings.http.clone(),
                limits: settings.limits.clone(),
                metrics,
                checks: Vec::<Check>::new(),
                pages: Some(Box::new(move |server| ui::configure(&face, server))),
            };
            let running = server::start(options)
                .map_err(|error| Failure::environment(format!("the server cannot start: {error}")))?;
            url = format!("http://{}", running.address());
            Some(running)
        } else {
            None
        };
        Ok(Engine { app, url, server, loops })
    }

    /// Where it accepts calls; empty when it does not.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Refuses new calls, finishes what it has, and returns.
    pub fn stop(self) {
        if let Some(Err(error)) = self.server.map(server::Running::stop) {
            tracing::warn!(%error, "the server did not stop cleanly");
        }
        self.loops.stop();
    }
}

fn plan(settings: &Settings) -> Plan {
    let every = |on: bool, ms: u32| on.then(|| Duration::from_millis(u64::from(ms)));
    let roles = &settings.roles;
    Plan {
        dispatcher: every(roles.dispatcher, settings.outbox.poll_ms),
        inbox: every(roles.inbox, settings.inbox.poll_ms),
        poller: every(roles.poller, settings.poller.interval_ms),
        publisher: every(roles.publisher, settings.publisher.interval_ms),
        deadlines: every(roles.deadlines, settings.deadlines.interval_ms),
        housekeeping: every(roles.reconciler, settings.reconciler.interval_ms),
        reconciler: every(roles.reconciler && settings.reconciler.daily, settings.reconciler.interval_ms),
        tallies: every(roles.tallies, settings.tallies.interval_ms),
        distribution: every(roles.distribution, settings.distribution.interval_ms),
        alerts: every(roles.alerts, settings.alerts.interval_ms),
    }
}
