//! The systems that we exchange messages with, and which keys each kind needs.

use super::error::Fault;
use super::layers::{Leaf, Leaves};
use super::read::{FromLeaf, by_serde, is_unset, section};
use crate::base::secret::Redacted;
use serde::Deserialize;
use std::path::PathBuf;

/// Which interface a counterpart speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// HCC Online, the post (P2).
    Hcc,
    /// MyVNPost generation 2, the post (P4).
    Myvnpost,
    /// OpenCPS v2, the one-stop side.
    Opencps,
}

by_serde!(Kind);

impl Kind {
    /// Whether it is the post; otherwise it is a one-stop system.
    pub fn is_post(self) -> bool {
        match self {
            Kind::Hcc | Kind::Myvnpost => true,
            Kind::Opencps => false,
        }
    }
}

section! {
    /// An agency's desk as orders name it.
    Contact {
        /// Name of the desk.
        name: Option<String>,
        /// Phone of the desk.
        phone: Option<String>,
        /// E-mail of the desk.
        email: Option<String>,
        /// Address of the desk.
        address: Option<String>,
        /// Province, in the post's codes.
        province_code: Option<String>,
        /// District, in the post's codes.
        district_code: Option<String>,
        /// Commune, in the post's codes.
        commune_code: Option<String>,
    }
}

section! {
    /// The keys of a counterpart itself.
    Link {
        /// Its name, as API keys know it.
        name: String,
        /// Which interface it speaks.
        kind: Kind,
        /// Agencies that it serves, or `*`.
        agencies: Vec<String>,
        /// Where its calls begin, without a slash at the end.
        base_url: String,
        /// Token of the query or of a header.
        token: Option<Redacted<String>>,
        /// User name of its log-in.
        username: Option<Redacted<String>>,
        /// Password of its log-in.
        password: Option<Redacted<String>>,
        /// Our number as a customer of the post.
        customer_code: Option<String>,
        /// Our contract with the post.
        contract_code: Option<String>,
        /// Postal service.
        service_code: String,
        /// Add-ons of the postal service: `CODE` or `CODE=propValue`.
        add_ons: Vec<String>,
        /// Weight of an envelope in grams.
        weight_grams: u32,
        /// Office that collects.
        collect_office: Option<String>,
        /// Office that is told.
        accept_office: Option<String>,
        /// `FlagConfig` of an order.
        flag_config: u32,
        /// PEM file of the key that signs its webhooks.
        webhook_public_key_file: Option<PathBuf>,
        /// Site of the one-stop system.
        group_id: Option<String>,
        /// Action that says that papers have arrived.
        received_action_code: Option<String>,
        /// Who does that action.
        action_user: Option<String>,
        /// To connect.
        connect_timeout_ms: u32,
        /// For the whole call.
        timeout_ms: u32,
        /// Bytes of a reply that we read.
        reply_bytes_max: usize,
        /// Calls to it at once.
        in_flight_max: usize,
        /// HTTP proxy.
        proxy: Option<Redacted<String>>,
        /// Whether private networks may be called.
        allow_private_addresses: bool,
    }
}

/// A system that we exchange messages with.
#[derive(Debug, Clone)]
pub struct Counterpart {
    /// Its own keys.
    pub link: Link,
    /// The agency's desk.
    pub contact: Contact,
    /// Text of the PEM file of its webhook key.
    pub webhook_public_key_pem: Option<String>,
}

impl Counterpart {
    /// Whether it serves this agency.
    pub fn serves(&self, agency: &str) -> bool {
        self.link.agencies.iter().any(|code| code == "*" || code == agency)
    }
}

/// Whether a kind needs a key, takes it, or does not know it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Needed,
    Taken,
    Foreign,
}

/// Keys that not every kind takes, for hcc, myvnpost and opencps. Keys that are not listed are for all of them.
const USES: &[(&str, [Use; 3])] = {
    use Use::{Foreign as F, Needed as N, Taken as T};
    &[
        ("agencies", [N, N, N]),
        ("base_url", [N, N, N]),
        ("token", [N, F, F]),
        ("username", [F, N, N]),
        ("password", [F, N, N]),
        ("customer_code", [N, N, F]),
        ("contract_code", [F, T, F]),
        ("service_code", [F, N, F]),
        ("add_ons", [F, T, F]),
        ("weight_grams", [N, N, F]),
        ("collect_office", [T, T, F]),
        ("accept_office", [T, T, F]),
        ("flag_config", [T, F, F]),
        ("webhook_public_key_file", [F, T, F]),
        ("group_id", [F, F, T]),
        ("received_action_code", [F, F, T]),
        ("action_user", [F, F, T]),
        ("contact.name", [N, N, F]),
        ("contact.phone", [N, N, F]),
        ("contact.email", [T, T, F]),
        ("contact.address", [N, N, F]),
        ("contact.province_code", [N, N, F]),
        ("contact.district_code", [T, N, F]),
        ("contact.commune_code", [F, N, F]),
    ]
};

/// Reads one counterpart and checks that it has the keys of its kind.
pub(super) fn read(leaves: &Leaves, name: &str, faults: &mut Vec<Fault>) -> Option<Counterpart> {
    let prefix = format!("counterparts.{name}");
    let link = Link::read(leaves, &prefix, faults);
    let contact = Contact::read(leaves, &format!("{prefix}.contact"), faults);
    let (mut link, contact) = (link?, contact?);
    check_uses(leaves, &prefix, link.kind, faults);
    link.base_url = link.base_url.trim_end_matches('/').to_owned();
    let webhook_public_key_pem = match &link.webhook_public_key_file {
        Some(path) => Some(read_pem(leaves, &prefix, path, faults)?),
        None => None,
    };
    Some(Counterpart { link, contact, webhook_public_key_pem })
}

fn check_uses(leaves: &Leaves, prefix: &str, kind: Kind, faults: &mut Vec<Fault>) {
    let (at, text) = match kind {
        Kind::Hcc => (0, "hcc"),
        Kind::Myvnpost => (1, "myvnpost"),
        Kind::Opencps => (2, "opencps"),
    };
    let of_kind = OfKind {
        template: "counterpart_defaults",
        en: format!("a counterpart of kind {text}"),
        vi: format!("hệ thống đối tác loại {text}"),
    };
    of_kind.check(leaves, prefix, uses_at(USES, at), faults);
}

/// The uses that stand at this place of a table of kinds.
pub(super) fn uses_at<'t>(
    table: &'t [(&'static str, [Use; 3])],
    at: usize,
) -> impl Iterator<Item = (&'static str, Use)> + 't {
    table.iter().filter_map(move |(name, uses)| Some((*name, *uses.get(at)?)))
}

/// Entries of one kind, as faults name them.
pub(super) struct OfKind {
    /// The section that they begin with.
    pub(super) template: &'static str,
    /// In English.
    pub(super) en: String,
    /// In Vietnamese.
    pub(super) vi: String,
}

impl OfKind {
    /// An entry has the keys that its kind needs, and none that it does not know.
    pub(super) fn check(
        &self,
        leaves: &Leaves,
        prefix: &str,
        uses: impl Iterator<Item = (&'static str, Use)>,
        faults: &mut Vec<Fault>,
    ) {
        let OfKind { template, en, vi } = self;
        for (name, uses) in uses {
            let key = format!("{prefix}.{name}");
            let Some(leaf) = leaves.get(&key) else { continue };
            // A value of the template is for whoever can use it; one that was given to this entry is meant.
            let of_template = leaves.get(&format!("{template}.{name}"));
            let own = of_template.is_none_or(|of_template| of_template.origin != leaf.origin);
            let (en, vi) = match (uses, is_unset(&leaf.value)) {
                (Use::Needed, true) => (format!("{en} needs this"), format!("{vi} cần khóa này")),
                (Use::Foreign, false) if own => {
                    (format!("{en} does not use this; take it out"), format!("{vi} không dùng khóa này; hãy bỏ đi"))
                }
                _ => continue,
            };
            faults.push(Fault::new(key, leaf.origin.clone(), en, vi));
        }
    }
}

fn read_pem(leaves: &Leaves, prefix: &str, path: &PathBuf, faults: &mut Vec<Fault>) -> Option<String> {
    let key = format!("{prefix}.webhook_public_key_file");
    let origin = leaves.origin(&key);
    let shown = path.display();
    match std::fs::read_to_string(path) {
        Ok(text) if text.contains("-----BEGIN PUBLIC KEY-----") => return Some(text),
        Ok(_) => faults.push(Fault::new(
            key,
            origin,
            format!("{shown} has no line -----BEGIN PUBLIC KEY-----"),
            format!("tệp {shown} không có dòng -----BEGIN PUBLIC KEY-----"),
        )),
        Err(error) => faults.push(Fault::new(
            key,
            origin,
            format!("cannot read {shown}: {error}"),
            format!("không đọc được tệp {shown}: {error}"),
        )),
    }
    None
}
