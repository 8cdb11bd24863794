//! The dispatcher: claims due messages as long as places are free, sends them side by side, settles together what has come back.
//!
//! Every counterpart has a number of places of its own, so that a slow one never starves the others (incident 4).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::Rng;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::app::Work;
use crate::app::deliveries::{self, Delivery, Finished, Settled};
use crate::work::Desk;
use crate::work::driver::{Signals, blocking};
use crate::work::exchange;

/// Places of a subscriber of webhooks, which has no setting of its own.
const SUBSCRIBER_PLACES: usize = 16;

/// Between two claims, so that places that become free one by one are filled together.
const BREATH: Duration = Duration::from_millis(2);

#[derive(Clone, Default)]
struct Places {
    taken: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Places {
    fn with<T>(&self, body: impl FnOnce(&mut BTreeMap<String, usize>) -> T) -> T {
        body(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a place; false when all of this counterpart's are taken.
    fn take(&self, name: &str, max: usize) -> bool {
        self.with(|taken| {
            let count = taken.entry(name.to_owned()).or_insert(0);
            let free = *count < max;
            *count += usize::from(free);
            free
        })
    }

    fn give_back(&self, name: &str) {
        self.with(|taken| {
            if let Some(count) = taken.get_mut(name) {
                *count = count.saturating_sub(1);
            }
        });
    }

    /// Places of this counterpart that are free.
    fn free(&self, name: &str, max: usize) -> usize {
        self.with(|taken| max.saturating_sub(taken.get(name).copied().unwrap_or(0)))
    }

    fn full(&self, max_of: impl Fn(&str) -> usize) -> Vec<String> {
        self.with(|taken| {
            taken.iter().filter(|(name, count)| **count >= max_of(name)).map(|(name, _)| name.clone()).collect()
        })
    }
}

/// Runs until the end; then waits for what is on its way.
pub(super) async fn run(desk: Desk, every: Duration, mut signals: Signals) {
    let places = Places::default();
    let mut sending: JoinSet<()> = JoinSet::new();
    let pace = desk.links.pace.clone();
    // Bounded: who cannot hand over its attempt is still on its way, so claims never run ahead of settling.
    let (finished, to_settle) = mpsc::channel(pace.batch_max);
    let settler = tokio::spawn(settle(desk.clone(), to_settle));
    while !signals.is_stopping() {
        signals.heard();
        let free = pace.in_flight_max.saturating_sub(sending.len()).min(pace.batch_max);
        let claimed = if free == 0 { Vec::new() } else { claim(&desk, &places, free).await };
        let got_some = !claimed.is_empty();
        let mut surplus = Vec::new();
        for delivery in claimed {
            let name = delivery.message.counterpart.clone();
            if places.take(&name, places_of(&desk, &name)) {
                sending.spawn(send(desk.clone(), places.clone(), delivery, finished.clone()));
            } else {
                surplus.push(delivery.message.id);
            }
        }
        if !surplus.is_empty() {
            release(&desk, surplus).await;
        }
        while sending.try_join_next().is_some() {}
        if got_some {
            tokio::time::sleep(BREATH).await;
            continue;
        }
        tokio::select! {
            () = signals.wait(every) => {}
            Some(_) = sending.join_next(), if !sending.is_empty() => {}
        }
    }
    while sending.join_next().await.is_some() {}
    drop(finished);
    if let Err(error) = settler.await {
        tracing::error!(%error, "settling broke off; claims end by themselves");
    }
}

fn places_of(desk: &Desk, name: &str) -> usize {
    desk.links.counterparts.get(name).map_or(SUBSCRIBER_PLACES, |link| link.in_flight_max)
}

async fn claim(desk: &Desk, places: &Places, free: usize) -> Vec<Delivery> {
    let full = places.full(|name| places_of(desk, name));
    let (app, owner, lease_us) = (desk.app.clone(), desk.owner.clone(), desk.links.pace.lease_us);
    let limit = i64::try_from(free).unwrap_or(i64::MAX);
    let (asked, places) = (desk.clone(), places.clone());
    let free_of = move |name: &str| places.free(name, places_of(&asked, name));
    match blocking(move || deliveries::claim(&app, &owner, lease_us, limit, full, free_of)).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(%error, "no message could be claimed");
            Vec::new()
        }
    }
}

async fn release(desk: &Desk, ids: Vec<String>) {
    let (app, owner) = (desk.app.clone(), desk.owner.clone());
    if let Err(error) = blocking(move || deliveries::release(&app, &owner, ids)).await {
        tracing::warn!(%error, "claimed messages wait for the end of their lease");
    }
}

async fn send(desk: Desk, places: Places, delivery: Delivery, finished: mpsc::Sender<Finished>) {
    let attempt = exchange::attempt(&desk.courier, &desk.links, &delivery, desk.app.now()).await;
    // The counterpart has answered: settling is our own affair.
    places.give_back(&delivery.message.counterpart);
    let one = Finished { message: delivery.message, attempt, jitter: rand::rng().random() };
    // Nobody settles any more only after a panic; then the claim ends by itself.
    drop(finished.send(one).await);
}

/// Settles what has come back: whatever waits goes into one transaction.
async fn settle(desk: Desk, mut finished: mpsc::Receiver<Finished>) {
    let (mut batch, batch_max) = (Vec::new(), desk.links.pace.batch_max);
    while finished.recv_many(&mut batch, batch_max).await > 0 {
        let (app, links, owner) = (desk.app.clone(), desk.links.clone(), desk.owner.clone());
        let together = std::mem::take(&mut batch);
        let ids: Vec<String> = together.iter().map(|one| one.message.id.clone()).collect();
        let settled =
            blocking(move || Ok(deliveries::settle(&app, &owner, &together, &|kind| links.policy(kind).clone()))).await;
        let settled = match settled {
            Ok(settled) => settled,
            Err(error) => ids.iter().map(|_| Err(error.clone())).collect(),
        };
        for (id, settled) in ids.into_iter().zip(settled) {
            match settled {
                Ok(Settled::Yes) => {}
                Ok(Settled::LeaseLost) => {
                    desk.metrics.lease_losses_total.inc();
                    tracing::warn!(outbox.id = id, "the lease was lost while the message was on its way");
                }
                // The claim ends by itself, and the next attempt asks first.
                Err(error) => tracing::error!(outbox.id = id, %error, "an attempt could not be settled"),
            }
        }
        // A later message of the same order may go now.
        (desk.app.nudge)(Work::Outbox);
    }
}
