//! Whose key a request presents. Requests that wait are looked up together: each look begins after its requests came, so that a
//! revoked key is refused at once (contract 2), and many requests at a time cost one query and no thread each.

use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot;

use crate::api::catch::catch;
use crate::api::problem::Fault;
use crate::app::{App, AppError, keys};
use crate::domain::access::Caller;

struct Ask {
    presented: String,
    answer: oneshot::Sender<Result<Option<Caller>, Fault>>,
}

/// The thread that looks keys up; it ends with the last of its askers.
pub(super) struct Doorkeeper {
    queue: Sender<Ask>,
}

impl Doorkeeper {
    /// Starts the thread.
    pub(super) fn start(app: App) -> std::io::Result<Self> {
        let (queue, asks) = channel();
        std::thread::Builder::new().name("doorkeeper".to_owned()).spawn(move || run(&app, &asks))?;
        Ok(Doorkeeper { queue })
    }

    /// The caller of a presented key; `None` when it is unknown, revoked or expired.
    pub(super) async fn caller(&self, presented: String) -> Result<Option<Caller>, Fault> {
        let gone = || Fault::internal("the doorkeeper has stopped");
        let (answer, caller) = oneshot::channel();
        self.queue.send(Ask { presented, answer }).map_err(|_| gone())?;
        caller.await.map_err(|_| gone())?
    }
}

fn run(app: &App, asks: &Receiver<Ask>) {
    while let Ok(first) = asks.recv() {
        let group: Vec<Ask> = std::iter::once(first).chain(asks.try_iter()).collect();
        let presented: BTreeSet<String> = group.iter().map(|ask| ask.presented.clone()).collect();
        let callers = catch(|| keys::authenticate(app, &presented));
        for Ask { presented, answer } in group {
            let _ = answer.send(match &callers {
                Ok(Ok(callers)) => Ok(callers.get(&presented).cloned()),
                Ok(Err(error)) => Err(AppError::clone(error).into()),
                Err(panic) => Err(Fault::internal(panic)),
            });
        }
    }
}
