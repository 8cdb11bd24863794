//! `giaonhan serve`: everything in one process until SIGTERM or SIGINT.

use std::net::SocketAddr;

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::base::time::Clock;
use crate::cli::args::StoreArgs;
use crate::cli::engine::Engine;
use crate::cli::{Failure, Out, settings};
use crate::telemetry::logs;
use crate::work::Links;

pub(super) fn serve(store: &StoreArgs, listen: Option<SocketAddr>, out: Out) -> Result<(), Failure> {
    let settings = settings::load(store, listen)?;
    logs::init(&settings.log).map_err(|error| Failure::environment(error.to_string()))?;
    let engine = Engine::start(&settings, Links::of(&settings), Clock::system())?;
    announce(out, "giaonhan", engine.url());
    wait_for_the_end()?;
    engine.stop();
    Ok(())
}

/// The one line that says where calls are accepted.
pub(super) fn announce(out: Out, name: &str, url: &str) {
    out.result(&json!({"event": "listening", "url": url}), &format!("{name} listening on {url}"));
}

/// Blocks until SIGTERM or SIGINT.
pub(super) fn wait_for_the_end() -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::environment(format!("signals cannot be heard: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let mut term = signal(SignalKind::terminate()).map_err(failed)?;
        let mut int = signal(SignalKind::interrupt()).map_err(failed)?;
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        Ok(())
    })
}
