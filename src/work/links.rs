//! Links to counterparts: where they are, which family they speak, and at which pace messages are repeated.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::app::inbox::Hooks;
use crate::app::{Route, Routes};
use crate::base::secret::Redacted;
use crate::config::{Counterpart, Kind, Receiver, ReceiverKind, Settings};
use crate::courier::{Credentials, Target};
use crate::domain::access::Agencies;
use crate::domain::books::BookSide;
use crate::domain::retry::Policy;
use crate::peers::bucket::Bucket;
use crate::peers::myvnpost::webhook::public_key_from_pem;
use crate::peers::{Contact, FamilySettings, opencps};

/// Which family a counterpart speaks, with what the contract with it fixes.
#[derive(Debug, Clone)]
pub enum Family {
    /// P2, HCC Online.
    Hcc(FamilySettings),
    /// P4, MyVNPost.
    Myvnpost(FamilySettings),
    /// The one-stop software.
    Opencps(opencps::Settings),
}

impl Family {
    /// Whose book it keeps.
    pub fn side(&self) -> BookSide {
        match self {
            Family::Hcc(_) | Family::Myvnpost(_) => BookSide::Post,
            Family::Opencps(_) => BookSide::OneStop,
        }
    }
}

/// A counterpart as the loops call it.
#[derive(Debug, Clone)]
pub struct Link {
    /// Where and with which credentials.
    pub target: Target,
    /// How.
    pub family: Family,
    /// The agency's desk as orders name it.
    pub desk: Contact,
    /// Our number as a customer of the post.
    pub customer_code: String,
    /// Weight of an envelope in grams.
    pub weight_g: u32,
    /// Calls at once.
    pub in_flight_max: usize,
}

/// At which pace messages are claimed and repeated.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How long a claimed message is ours; longer than any call may take.
    pub lease_us: i64,
    /// How long deciding the inbox is ours.
    pub inbox_lease_us: i64,
    /// How long reading a feed, or asking about hints, is ours; longer than any call may take.
    pub poller_lease_us: i64,
    /// Rows of the inbox decided in one round.
    pub inbox_rows_max: i64,
    /// Events numbered in one transaction.
    pub publish_max: i64,
    /// How long rolling up is ours.
    pub tallies_lease_us: i64,
    /// Legs rolled up in one transaction.
    pub tallies_legs_max: i64,
    /// How long looking for alerts is ours.
    pub alerts_lease_us: i64,
    /// Messages of one claim.
    pub batch_max: usize,
    /// Messages on their way at once.
    pub in_flight_max: usize,
    /// Hour of the day in Vietnam from which the day's books are compared.
    pub reconcile_hour: u32,
    /// Days that are compared each day.
    pub reconcile_days: u32,
    /// Repeats of orders and of states for the one-stop side.
    pub orders: Policy,
    /// Repeats of webhooks.
    pub webhooks: Policy,
}

/// A receiver as the dispatcher reaches it.
#[derive(Debug, Clone)]
pub enum Outlet {
    /// A folder.
    Folder(PathBuf),
    /// A bucket.
    Bucket {
        /// How it is called.
        target: Target,
        /// What it is.
        bucket: Bucket,
    },
    /// A web hook.
    Webhook {
        /// Where.
        target: Target,
        /// What signs.
        keys: Vec<Redacted<String>>,
    },
}

/// Every counterpart that is configured, and how subscribers of webhooks are called.
#[derive(Debug, Clone)]
pub struct Links {
    /// By name.
    pub counterparts: BTreeMap<String, Link>,
    /// Receivers of reports and alerts, by name.
    pub receivers: BTreeMap<String, Outlet>,
    /// Template of a subscriber's target; its URL replaces the base URL.
    pub subscriber: Target,
    /// Pace.
    pub pace: Pace,
}

impl Links {
    /// From the settings.
    pub fn of(settings: &Settings) -> Self {
        let counterparts = settings.counterparts.iter().map(|one| (one.link.name.clone(), link_of(one))).collect();
        let subscriber = Target {
            name: "webhook".to_owned(),
            base_url: String::new(),
            credentials: Credentials::None,
            connect_timeout_ms: u64::from(settings.webhook.connect_timeout_ms),
            timeout_ms: u64::from(settings.webhook.timeout_ms),
            reply_bytes_max: 64 * 1024,
            proxy: None,
            allow_private_addresses: settings.webhook.allow_private_addresses,
        };
        let outlet = |one: &Receiver| Some((one.name.clone(), outlet_of(one, &subscriber)?));
        let receivers = settings.receivers.iter().filter_map(outlet).collect();
        let outbox = &settings.outbox;
        let policy = |steps_s: &[u32], attempts_max: u32, life_s: u32| Policy {
            steps_us: steps_s.iter().map(|s| i64::from(*s) * 1_000_000).collect(),
            attempts_max,
            life_us_max: i64::from(life_s) * 1_000_000,
            retry_after_us_max: i64::from(outbox.retry_after_max_s) * 1_000_000,
            jitter_share: f64::from(outbox.jitter_percent) / 100.0,
        };
        let pace = Pace {
            lease_us: i64::from(outbox.lease_ms) * 1_000,
            inbox_lease_us: i64::from(settings.inbox.lease_ms) * 1_000,
            poller_lease_us: i64::from(settings.poller.lease_ms) * 1_000,
            inbox_rows_max: i64::try_from(settings.inbox.batch_max).unwrap_or(i64::MAX),
            publish_max: i64::try_from(settings.publisher.batch_max).unwrap_or(i64::MAX),
            tallies_lease_us: i64::from(settings.tallies.lease_ms) * 1_000,
            tallies_legs_max: i64::try_from(settings.tallies.legs_max).unwrap_or(i64::MAX),
            alerts_lease_us: i64::from(settings.alerts.lease_ms) * 1_000,
            batch_max: outbox.batch_max,
            in_flight_max: outbox.in_flight_max,
            reconcile_hour: settings.reconciler.hour,
            reconcile_days: settings.reconciler.days,
            orders: policy(&outbox.order_retry_s, outbox.order_attempts_max, outbox.order_life_s),
            webhooks: policy(&outbox.webhook_retry_s, outbox.webhook_attempts_max, outbox.webhook_life_s),
        };
        Links { counterparts, receivers, subscriber, pace }
    }

    /// The policy of a kind of message.
    pub fn policy(&self, kind: &str) -> &Policy {
        if kind == "WEBHOOK" { &self.pace.webhooks } else { &self.pace.orders }
    }
}

/// Bytes of an object that is read to compare it with what it should be: of a report, any.
const OBJECT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// None only of a receiver that the checks at start refuse.
fn outlet_of(one: &Receiver, template: &Target) -> Option<Outlet> {
    let target = Target { name: one.name.clone(), ..template.clone() };
    Some(match one.kind {
        ReceiverKind::Folder => {
            let path = one.path.clone()?;
            // A share that is away for an hour must not keep papers from being recorded: its files wait, and are told.
            if !path.is_dir() {
                tracing::warn!(receiver = one.name, folder = %path.display(), "the folder of a receiver is not there; its files wait");
            }
            Outlet::Folder(path)
        }
        ReceiverKind::Bucket => {
            let bucket = Bucket {
                endpoint: one.endpoint.clone(),
                region: one.region.clone(),
                name: one.bucket.clone(),
                prefix: one.prefix.clone(),
                path_style: one.path_style,
                access_key: one.access_key.clone()?,
                secret_key: one.secret_key.clone()?,
            };
            let target = Target { base_url: bucket.base_url(), reply_bytes_max: OBJECT_BYTES_MAX, ..target };
            Outlet::Bucket { target, bucket }
        }
        ReceiverKind::Webhook => Outlet::Webhook {
            target: Target { base_url: one.url.clone(), ..target },
            keys: [&one.secret, &one.old_secret].into_iter().flatten().cloned().collect(),
        },
    })
}

fn link_of(one: &Counterpart) -> Link {
    let link = &one.link;
    let text = |secret: &Option<Redacted<String>>| secret.as_ref().map(|s| s.reveal().clone()).unwrap_or_default();
    let password = || link.password.clone().unwrap_or_default();
    let customer_code = link.customer_code.clone().unwrap_or_default();
    let credentials = match link.kind {
        Kind::Hcc => Credentials::Token(link.token.clone().unwrap_or_default()),
        Kind::Myvnpost => Credentials::Login {
            username: text(&link.username),
            password: password(),
            customer_code: customer_code.clone(),
        },
        Kind::Opencps => Credentials::Basic { username: text(&link.username), password: password() },
    };
    let family_settings = FamilySettings {
        service_code: link.service_code.clone(),
        contract_code: link.contract_code.clone(),
        collect_office: link.collect_office.clone(),
        accept_office: link.accept_office.clone(),
        add_ons: link.add_ons.iter().map(|text| add_on(text)).collect(),
        flag_config: i64::from(link.flag_config),
    };
    let family = match link.kind {
        Kind::Hcc => Family::Hcc(family_settings),
        Kind::Myvnpost => Family::Myvnpost(family_settings),
        Kind::Opencps => Family::Opencps(opencps::Settings {
            group_id: link.group_id.clone(),
            receive_action: link.action_user.clone().zip(link.received_action_code.clone()),
        }),
    };
    let contact = &one.contact;
    let redacted = |text: &Option<String>| Redacted::new(text.clone().unwrap_or_default());
    Link {
        target: Target {
            name: link.name.clone(),
            base_url: link.base_url.clone(),
            credentials,
            connect_timeout_ms: u64::from(link.connect_timeout_ms),
            timeout_ms: u64::from(link.timeout_ms),
            reply_bytes_max: link.reply_bytes_max,
            proxy: link.proxy.as_ref().map(|proxy| proxy.reveal().clone()),
            allow_private_addresses: link.allow_private_addresses,
        },
        family,
        desk: Contact {
            name: redacted(&contact.name),
            phone: redacted(&contact.phone),
            email: contact.email.clone().map(Redacted::new),
            address: redacted(&contact.address),
            province_code: contact.province_code.clone(),
            district_code: contact.district_code.clone(),
            ward_code: contact.commune_code.clone(),
        },
        customer_code,
        weight_g: link.weight_grams,
        in_flight_max: link.in_flight_max,
    }
}

fn add_on(text: &str) -> (String, String) {
    let (code, value) = text.split_once('=').unwrap_or((text, ""));
    (code.to_owned(), value.to_owned())
}

/// Where messages go, for the use cases.
pub fn routes_of(settings: &Settings) -> Routes {
    let route = |one: &Counterpart| Route {
        counterpart: one.link.name.clone(),
        agencies: Agencies::from_list(&one.link.agencies),
    };
    let (post, one_stop): (Vec<&Counterpart>, Vec<&Counterpart>) =
        settings.counterparts.iter().partition(|one| one.link.kind.is_post());
    Routes { post: post.into_iter().map(route).collect(), one_stop: one_stop.into_iter().map(route).collect() }
}

/// What hooks are checked with, for the use cases.
pub fn hooks_of(settings: &Settings) -> Hooks {
    let myvnpost = settings
        .counterparts
        .iter()
        .filter(|one| one.link.kind == Kind::Myvnpost)
        .map(|one| (one.link.name.clone(), one.webhook_public_key_pem.as_deref().and_then(public_key_from_pem)));
    Hooks { myvnpost: myvnpost.collect() }
}
