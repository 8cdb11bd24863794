//! Short write transactions that are no use case's decision: claims, leases, numbering of the feed, keys and subscriptions.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use crate::on;
use crate::store::conn::Db;
use crate::store::error::StoreError;
use crate::store::read::IN_LIST_MAX;
use crate::store::read::feed::Numbered;
use crate::store::rows::{ApiKeyRow, IdempotencyRow, OutboxRow, WebhookRow};
use crate::store::schema::{api_key, feed_event, idempotency, lease, outbox, webhook};
use crate::store::{Store, read};

/// What a request with an idempotency key found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody has used the key: it is claimed now.
    Fresh,
    /// The request was decided before: its stored reply.
    Stored(Box<IdempotencyRow>),
    /// The same request is being worked on until this instant.
    InProgress {
        /// End of the claim.
        until_us: i64,
    },
    /// The key was used for another request.
    Reused,
}

impl Store {
    /// Claims an idempotency key. A claim that ended undecided is free again (contract 3).
    pub fn claim_key(&self, claim: IdempotencyRow, now_us: i64) -> Result<Claimed, StoreError> {
        self.write(move |db| {
            let inserted = on!(db, |c| diesel::insert_into(idempotency::table)
                .values(&claim)
                .on_conflict_do_nothing()
                .execute(c))?;
            if inserted == 1 {
                return Ok(Claimed::Fresh);
            }
            let Some(found) = read::keys::stored_reply(db, &claim.counterpart, &claim.route, &claim.idem_key)? else {
                return Err(StoreError::Conflict("idempotency key".to_owned()));
            };
            let same = found.request_sha256 == claim.request_sha256;
            if found.status.is_some() {
                return Ok(if same { Claimed::Stored(Box::new(found)) } else { Claimed::Reused });
            }
            if found.claimed_until_us > now_us {
                return Ok(if same {
                    Claimed::InProgress { until_us: found.claimed_until_us }
                } else {
                    Claimed::Reused
                });
            }
            let taken = on!(db, |c| diesel::update(
                idempotency::table
                    .find((&claim.counterpart, &claim.route, &claim.idem_key))
                    .filter(idempotency::claim.eq(&found.claim))
            )
            .set((
                idempotency::claim.eq(&claim.claim),
                idempotency::claimed_until_us.eq(claim.claimed_until_us),
                idempotency::request_sha256.eq(&claim.request_sha256),
                idempotency::created_at_us.eq(claim.created_at_us),
            ))
            .execute(c))?;
            if taken == 1 { Ok(Claimed::Fresh) } else { Err(StoreError::Conflict("idempotency key".to_owned())) }
        })
    }

    /// Frees a key whose request was not decided.
    pub fn release_key(&self, claim: IdempotencyRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::delete(
                idempotency::table
                    .find((&claim.counterpart, &claim.route, &claim.idem_key))
                    .filter(idempotency::claim.eq(&claim.claim))
                    .filter(idempotency::status.is_null())
            )
            .execute(c))?;
            Ok(())
        })
    }

    /// Forgets stored replies older than this instant; returns how many.
    pub fn forget_replies(&self, before_us: i64) -> Result<usize, StoreError> {
        self.write(move |db| {
            Ok(on!(db, |c| diesel::delete(idempotency::table.filter(idempotency::created_at_us.lt(before_us)))
                .execute(c))?)
        })
    }

    /// Claims due messages: each the first unsettled one of its order key, and of a counterpart no more than it has `places`. A
    /// claim whose lease ran out is taken over, and its next attempt asks before it repeats, since nobody knows what became of
    /// the last one (design rule 7).
    pub fn claim_messages(
        &self,
        owner: String,
        now_us: i64,
        lease_us: i64,
        limit: i64,
        full: Vec<String>,
        places: impl Fn(&str) -> usize + Send + 'static,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        // Most looks find nothing: they need no write transaction.
        if self.read(|db| due(db, now_us, 1, &full, Locked::No))?.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |db| {
            let mut taken = BTreeMap::<String, usize>::new();
            let due = due(db, now_us, limit, &full, Locked::Skipped)?.into_iter().filter(|(_, counterpart)| {
                let taken = taken.entry(counterpart.clone()).or_default();
                *taken += 1;
                *taken <= places(counterpart)
            });
            let ids: Vec<String> = due.map(|(id, _)| id).collect();
            if ids.is_empty() {
                return Ok(Vec::new());
            }
            let sent_before = outbox::state.eq_any(["CLAIMED", "UNKNOWN"]);
            let mut claimed: Vec<OutboxRow> =
                on!(db, |c| diesel::update(outbox::table.filter(outbox::id.eq_any(&ids)))
                    .set((
                        outbox::ask_first.eq(diesel::dsl::case_when(sent_before, 1_i64.into_sql::<BigInt>())
                            .otherwise(outbox::ask_first)),
                        outbox::first_sent_at_us.eq(diesel::dsl::case_when(
                            outbox::first_sent_at_us.is_null(),
                            now_us.into_sql::<Nullable<BigInt>>()
                        )
                        .otherwise(outbox::first_sent_at_us)),
                        outbox::state.eq("CLAIMED"),
                        outbox::lease_owner.eq(&owner),
                        outbox::lease_until_us.eq(now_us.saturating_add(lease_us)),
                        outbox::fence.eq(outbox::fence + 1),
                    ))
                    .returning(OutboxRow::as_returning())
                    .get_results(c))?;
            claimed.sort_by(|a, b| (a.due_at_us, &a.id).cmp(&(b.due_at_us, &b.id)));
            Ok(claimed)
        })
    }

    /// Gives the next messages back unsent, as a stopping process does.
    pub fn release_messages(&self, owner: String, ids: Vec<String>) -> Result<(), StoreError> {
        self.write(move |db| {
            for part in ids.chunks(IN_LIST_MAX) {
                on!(db, |c| diesel::update(
                    outbox::table
                        .filter(outbox::id.eq_any(part))
                        .filter(outbox::lease_owner.eq(&owner))
                        .filter(outbox::state.eq("CLAIMED"))
                )
                .set((outbox::state.eq("DUE"), outbox::lease_owner.eq(None::<String>)))
                .execute(c))?;
            }
            Ok(())
        })
    }

    /// Numbers events of the feed that were committed, and writes the messages that `fan_out` makes of them: one transaction,
    /// one publisher at a time. Returns how many were numbered.
    pub fn publish(
        &self,
        limit: i64,
        mut fan_out: impl FnMut(&[Numbered], &[WebhookRow]) -> Vec<OutboxRow> + Send + 'static,
    ) -> Result<usize, StoreError> {
        self.write(move |db| {
            serialise(db, "publisher")?;
            let last = read::feed::last_seq(db)?;
            // Numbers only; the texts hold no input. The order of writing is the order of the feed.
            let number = format!(
                "UPDATE feed_event SET feed_seq = ranked.number FROM (SELECT position, {last} + ROW_NUMBER() OVER \
                 (ORDER BY position) AS number FROM (SELECT position FROM feed_event WHERE feed_seq IS NULL \
                 ORDER BY position LIMIT {limit}) AS waiting) AS ranked WHERE feed_event.position = ranked.position"
            );
            let numbered = on!(db, |c| diesel::sql_query(number.as_str()).execute(c))?;
            if numbered == 0 {
                return Ok(0);
            }
            let hooks = read::feed::webhooks(db)?;
            if !hooks.is_empty() {
                let events: Vec<Numbered> = on!(db, |c| feed_event::table
                    .filter(feed_event::feed_seq.gt(last))
                    .order(feed_event::feed_seq)
                    .select(Numbered::as_select())
                    .load(c))?;
                let messages = fan_out(&events, &hooks);
                for part in messages.chunks(IN_LIST_MAX) {
                    on!(db, |c| diesel::insert_into(outbox::table).values(part).execute(c))?;
                }
            }
            crate::base::fault::point("publisher.before_commit");
            Ok(numbered)
        })
    }

    /// Takes or keeps a lease; false when another owner has it. One of ours that lasts for half of its time and more is kept as it
    /// is: a loop that is woken often writes seldom.
    pub fn take_lease(&self, name: String, owner: String, now_us: i64, lease_us: i64) -> Result<bool, StoreError> {
        let found: Option<(String, i64)> = self.read(|db| {
            Ok(on!(db, |c| lease::table.find(&name).select((lease::owner, lease::until_us)).first(c).optional())?)
        })?;
        match found {
            Some((of, until_us)) if of == owner && until_us >= now_us.saturating_add(lease_us / 2) => return Ok(true),
            Some((of, until_us)) if of != owner && until_us >= now_us => return Ok(false),
            _ => {}
        }
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(lease::table)
                .values((lease::name.eq(&name), lease::owner.eq(&owner), lease::until_us.eq(0), lease::fence.eq(0),))
                .on_conflict_do_nothing()
                .execute(c))?;
            let taken = on!(db, |c| diesel::update(
                lease::table
                    .filter(lease::name.eq(&name))
                    .filter(lease::owner.eq(&owner).or(lease::until_us.lt(now_us)))
            )
            .set((
                lease::owner.eq(&owner),
                lease::until_us.eq(now_us.saturating_add(lease_us)),
                lease::fence.eq(lease::fence + 1),
            ))
            .execute(c))?;
            Ok(taken > 0)
        })
    }

    /// Gives back every lease of an owner, as a stopping process does.
    pub fn release_leases(&self, owner: String) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::update(lease::table.filter(lease::owner.eq(&owner)))
                .set(lease::until_us.eq(0))
                .execute(c))?;
            Ok(())
        })
    }

    /// Adds an API key.
    pub fn insert_key(&self, row: ApiKeyRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(api_key::table).values(&row).execute(c))?;
            Ok(())
        })
    }

    /// Revokes a key at once; false when there is none with this id.
    pub fn revoke_key(&self, id: String, now_us: i64) -> Result<bool, StoreError> {
        self.write(move |db| {
            let rows = on!(db, |c| diesel::update(
                api_key::table.filter(api_key::id.eq(&id)).filter(api_key::revoked_at_us.is_null())
            )
            .set(api_key::revoked_at_us.eq(now_us))
            .execute(c))?;
            Ok(rows == 1 || read::keys::by_id(db, &id)?.is_some())
        })
    }

    /// Lets a key end at an instant, as a rotation with overlap does.
    pub fn expire_key(&self, id: String, at_us: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::update(api_key::table.filter(api_key::id.eq(&id)))
                .set(api_key::expires_at_us.eq(at_us))
                .execute(c))?;
            Ok(())
        })
    }

    /// Adds a webhook subscription.
    pub fn insert_webhook(&self, row: WebhookRow) -> Result<(), StoreError> {
        self.write(move |db| {
            on!(db, |c| diesel::insert_into(webhook::table).values(&row).execute(c))?;
            Ok(())
        })
    }

    /// Replaces the secrets and the state of a subscription; false when there is none with this id.
    pub fn update_webhook(&self, id: String, secrets: String, state: String) -> Result<bool, StoreError> {
        self.write(move |db| {
            let rows = on!(db, |c| diesel::update(webhook::table.filter(webhook::id.eq(&id)))
                .set((webhook::secrets.eq(&secrets), webhook::state.eq(&state)))
                .execute(c))?;
            Ok(rows == 1)
        })
    }
}

/// One at a time: on PostgreSQL the row of the lease is locked until the transaction ends; SQLite has one writer anyway.
fn serialise(db: &mut Db<'_>, name: &str) -> Result<(), StoreError> {
    on!(db, |c| diesel::insert_into(lease::table)
        .values((lease::name.eq(name), lease::owner.eq(""), lease::until_us.eq(0), lease::fence.eq(1)))
        .on_conflict(lease::name)
        .do_update()
        .set(lease::fence.eq(lease::fence + 1))
        .execute(c))?;
    Ok(())
}

/// Whether rows that another transaction holds are passed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Locked {
    No,
    Skipped,
}

/// Due messages that may be claimed: (id, counterpart). The one place where the two databases differ: PostgreSQL skips locked rows.
fn due(
    db: &mut Db<'_>,
    now_us: i64,
    limit: i64,
    full: &[String],
    locked: Locked,
) -> Result<Vec<(String, String)>, StoreError> {
    let earlier = diesel::alias!(outbox as earlier);
    macro_rules! due {
        () => {
            outbox::table
                .filter(
                    outbox::state
                        .eq_any(["DUE", "UNKNOWN"])
                        .and(outbox::due_at_us.le(now_us))
                        .or(outbox::state.eq("CLAIMED").and(outbox::lease_until_us.lt(now_us))),
                )
                .filter(outbox::counterpart.ne_all(full))
                .filter(diesel::dsl::not(diesel::dsl::exists(
                    earlier
                        .filter(earlier.field(outbox::order_key).eq(outbox::order_key))
                        .filter(earlier.field(outbox::order_seq).lt(outbox::order_seq))
                        .filter(earlier.field(outbox::state).ne("SETTLED")),
                )))
                .order((outbox::due_at_us, outbox::id))
                .limit(limit)
                .select((outbox::id, outbox::counterpart))
        };
    }
    Ok(match db {
        Db::Pg(c) if locked == Locked::Skipped => due!().for_update().skip_locked().load(*c)?,
        Db::Pg(c) => due!().load(*c)?,
        Db::Sqlite(c) => due!().load(*c)?,
    })
}
