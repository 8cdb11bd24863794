//! The HTTP server: it runs on a thread of its own and is stopped from outside.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web::Payload;
use actix_web::{App as HttpApp, HttpRequest, HttpServer, web};

use crate::api::doorkeeper::Doorkeeper;
use crate::api::gate;
use crate::api::limits::Rates;
use crate::api::routes::by_pattern;
use crate::app::App;
use crate::config::{Http, Limits};
use crate::telemetry::metrics::Metrics;

/// A condition of being ready: its name, and whether it holds.
pub struct Check {
    /// As it stands in `checks`.
    pub name: &'static str,
    /// Whether it holds now.
    pub holds: Box<dyn Fn() -> bool + Send + Sync>,
}

/// Joins further routes to the server, as those of the pages.
pub type Joins = Box<dyn Fn(&mut web::ServiceConfig) + Send + Sync>;

/// What a server is started with.
pub struct ServerOptions {
    /// Where it accepts calls.
    pub listener: TcpListener,
    /// The use cases.
    pub app: App,
    /// Threads and times.
    pub http: Http,
    /// Published limits.
    pub limits: Limits,
    /// The metrics of this process.
    pub metrics: Arc<Metrics>,
    /// Conditions of being ready, beside the store and not being about to stop.
    pub checks: Vec<Check>,
    /// The pages for people; none serves machines alone.
    pub pages: Option<Joins>,
}

/// What all requests share.
pub struct Front {
    pub(super) app: App,
    pub(super) http: Http,
    pub(super) limits: Limits,
    pub(super) metrics: Arc<Metrics>,
    pub(super) rates: Rates,
    pub(super) doorkeeper: Doorkeeper,
    pub(super) checks: Vec<Check>,
    pub(super) stopping: AtomicBool,
}

/// A running server.
pub struct Running {
    address: SocketAddr,
    front: Arc<Front>,
    handle: ServerHandle,
    thread: JoinHandle<std::io::Result<()>>,
}

/// Starts the server; it accepts calls when this returns.
pub fn start(options: ServerOptions) -> std::io::Result<Running> {
    let ServerOptions { listener, app, http, limits, metrics, checks, pages } = options;
    let address = listener.local_addr()?;
    let rates = Rates::new(&limits);
    let doorkeeper = Doorkeeper::start(app.clone())?;
    let stopping = AtomicBool::new(false);
    let front = Arc::new(Front { app, http, limits, metrics, rates, doorkeeper, checks, stopping });
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let shared = front.clone();
    let pages = pages.map(Arc::new);
    let thread = std::thread::Builder::new().name("http".to_owned()).spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = match build(listener, shared, pages) {
                Ok(server) => server,
                Err(error) => {
                    drop(sender);
                    return Err(error);
                }
            };
            // The starter waits for this; when it is gone nobody will stop the server.
            if sender.send(server.handle()).is_err() {
                return Ok(());
            }
            server.await
        })
    })?;
    match receiver.recv() {
        Ok(handle) => Ok(Running { address, front, handle, thread }),
        Err(_) => match thread.join() {
            Ok(Err(error)) => Err(error),
            _ => Err(std::io::Error::other("the HTTP server did not start")),
        },
    }
}

fn build(
    listener: TcpListener,
    front: Arc<Front>,
    pages: Option<Arc<Joins>>,
) -> std::io::Result<actix_web::dev::Server> {
    let http = front.http.clone();
    let server = HttpServer::new(move || {
        let mut app = HttpApp::new();
        for (pattern, routes) in by_pattern() {
            let front = front.clone();
            app = app.service(web::resource(pattern).to(move |request: HttpRequest, payload: Payload| {
                gate::answer(front.clone(), routes.clone(), request, payload)
            }));
        }
        if let Some(pages) = &pages {
            app = app.configure(|server| pages(server));
        }
        let front = front.clone();
        app.default_service(web::to(move |request: HttpRequest, payload: Payload| {
            gate::answer(front.clone(), Vec::new(), request, payload)
        }))
    })
    .keep_alive(Duration::from_secs(http.keep_alive_s.into()))
    .shutdown_timeout(http.shutdown_timeout_s.into())
    .disable_signals();
    let server = if http.workers == 0 { server } else { server.workers(http.workers) };
    Ok(server.listen(listener)?.run())
}

impl Running {
    /// Where it accepts calls.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on not ready, while calls are still answered: whoever balances the load sends the next ones elsewhere.
    pub fn begin_stopping(&self) {
        self.front.stopping.store(true, Ordering::SeqCst);
    }

    /// Answers what it has, within the time that is set for it, and ends.
    pub fn stop(self) -> std::io::Result<()> {
        self.begin_stopping();
        // The command is sent at once; that it is done shows when the thread ends.
        drop(self.handle.stop(true));
        self.thread.join().unwrap_or_else(|_| Err(std::io::Error::other("the HTTP server broke off")))
    }
}
