//! `giaonhan serve`: everything in one process until SIGTERM or SIGINT.

use std::net::SocketAddr;

use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::base::time::Clock;
use crate::cli::args::StoreArgs;
use crate::cli::engine::Engine;
use crate::cli::{Failure, Out, settings};
use crate::telemetry::logs;
use crate::work::Links;

pub(super) fn serve(store: &StoreArgs, listen: Option<SocketAddr>, out: Out) -> Result<(), Failure> {
    let settings = settings::load(store, listen)?;
    logs::init(&settings.log).map_err(|error| Failure::environment(error.to_string()))?;
    let end = End::listen()?;
    let engine = Engine::start(&settings, Links::of(&settings), Clock::system())?;
    announce(out, "giaonhan", engine.url());
    end.wait();
    engine.stop();
    Ok(())
}

/// The one line that says where calls are accepted.
pub(super) fn announce(out: Out, name: &str, url: &str) {
    out.result(&json!({"event": "listening", "url": url}), &format!("{name} listening on {url}"));
}

/// SIGTERM and SIGINT, heard from the moment this is made: before anybody is told that we run.
pub(super) struct End {
    runtime: tokio::runtime::Runtime,
    term: Signal,
    int: Signal,
}

impl End {
    /// Begins to listen.
    pub(super) fn listen() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::environment(format!("signals cannot be heard: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (term, int) = runtime.block_on(async {
            let heard = |kind| signal(kind).map_err(failed);
            Ok::<_, Failure>((heard(SignalKind::terminate())?, heard(SignalKind::interrupt())?))
        })?;
        Ok(End { runtime, term, int })
    }

    /// Blocks until one of the two comes.
    pub(super) fn wait(mut self) {
        self.runtime.block_on(async {
            tokio::select! {
                _ = self.term.recv() => {}
                _ = self.int.recv() => {}
            }
        });
    }
}
