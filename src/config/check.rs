//! Checks at start: each number in its range, and what must hold between settings.

use super::Settings;
use super::counterpart::{Counterpart, Link};
use super::error::Fault;
use super::layers::{LISTS, Leaves, Origin};
use crate::base::fault::POINTS;
use toml::Value;

/// Least and greatest value of every number; a section's list of numbers has one range for all of them. A key of counterparts
/// stands here as one of `counterpart_defaults`, and so with the other lists.
pub(super) const RANGES: &[(&str, i64, i64)] = &[
    ("store.pool_size", 1, 500),
    ("store.group_commit_max", 1, 10_000),
    ("store.queue_max", 1, 1_000_000),
    ("http.workers", 0, 1024),
    ("pages.session_minutes", 5, 10_080),
    ("pages.session_idle_minutes", 1, 10_080),
    ("pages.held_days_citizen", 1, 365),
    ("pages.held_days_post", 1, 365),
    ("pages.held_days_agency", 1, 365),
    ("http.body_timeout_ms", 100, 600_000),
    ("http.keep_alive_s", 0, 3600),
    ("http.shutdown_timeout_s", 0, 3600),
    ("limits.body_bytes_max", 1024, 1 << 30),
    ("limits.manifest_lines_max", 1, 100_000),
    ("limits.facts_max", 1, 100_000),
    ("limits.handover_lines_max", 1, 100_000),
    ("limits.requests_per_second", 1, 1_000_000),
    ("limits.burst", 1, 10_000_000),
    ("outbox.lease_ms", 1000, 3_600_000),
    ("outbox.batch_max", 1, 10_000),
    ("outbox.in_flight_max", 1, 10_000),
    ("outbox.poll_ms", 10, 60_000),
    ("outbox.order_retry_s", 1, 604_800),
    ("outbox.order_attempts_max", 1, 1000),
    ("outbox.order_life_s", 1, 31_536_000),
    ("outbox.webhook_retry_s", 1, 604_800),
    ("outbox.webhook_attempts_max", 1, 1000),
    ("outbox.webhook_life_s", 1, 31_536_000),
    ("outbox.jitter_percent", 0, 50),
    ("outbox.retry_after_max_s", 1, 604_800),
    ("webhook.connect_timeout_ms", 100, 60_000),
    ("webhook.timeout_ms", 100, 20_000),
    ("inbox.lease_ms", 1000, 3_600_000),
    ("inbox.batch_max", 1, 10_000),
    ("inbox.poll_ms", 10, 60_000),
    ("poller.interval_ms", 50, 86_400_000),
    ("poller.lease_ms", 1000, 3_600_000),
    ("publisher.interval_ms", 10, 60_000),
    ("publisher.batch_max", 1, 100_000),
    ("deadlines.interval_ms", 10, 3_600_000),
    ("reconciler.interval_ms", 50, 86_400_000),
    ("reconciler.hour", 0, 23),
    ("reconciler.days", 1, 366),
    ("reconciler.lag_h", 0, 720),
    ("reconciler.pair_days", 1, 365),
    ("reconciler.held_days", 1, 365),
    ("tallies.interval_ms", 10, 3_600_000),
    ("tallies.lease_ms", 1000, 3_600_000),
    ("tallies.legs_max", 1, 10_000),
    ("alerts.interval_ms", 10, 3_600_000),
    ("alerts.lease_ms", 1000, 7_200_000),
    ("alerts.silence_percent", 100, 1_000),
    ("alerts.silence_floor_minutes", 15, 100_000),
    ("alerts.rate_percent", 101, 10_000),
    ("alerts.rate_floor", 1, 10_000_000),
    ("alerts.message_minutes", 1, 100_000),
    ("alerts.report_minutes", 1, 100_000),
    ("alerts.unmatched_days", 1, 365),
    ("alerts.held_legs", 1, 1_000_000),
    ("alerts.feed_intervals", 1, 1_000),
    ("alerts.comparison_hours", 25, 1_000),
    ("alerts.calendar_days", 1, 365),
    ("alerts.derived_minutes", 1, 100_000),
    ("idempotency.keep_days", 30, 3650),
    ("idempotency.lease_s", 1, 86_400),
    ("clocks.fee_remittance_days", 0, 365),
    ("reports.late_basis_points", 1, 10_000),
    ("reports.sanction_basis_points", 1, 10_000),
    ("reports.sample_days", 1, 31),
    ("reports.lines_max", 1, 20_000),
    ("distribution.interval_ms", 10, 3_600_000),
    ("distribution.catch_up_max", 1, 100),
    ("report_schedule_defaults.working_day", 1, 15),
    ("counterpart_defaults.weight_grams", 1, 100_000),
    ("counterpart_defaults.flag_config", 0, 4_294_967_295),
    ("counterpart_defaults.connect_timeout_ms", 100, 60_000),
    ("counterpart_defaults.timeout_ms", 100, 600_000),
    ("counterpart_defaults.reply_bytes_max", 1024, 1 << 30),
    ("counterpart_defaults.in_flight_max", 1, 1000),
];

/// Every number stands in its range.
pub(super) fn ranges(leaves: &Leaves, faults: &mut Vec<Fault>) {
    for (key, leaf) in leaves.iter() {
        let template = template_key(key);
        let Some((_, least, greatest)) = RANGES.iter().find(|(name, ..)| *name == template) else { continue };
        let fits = |value: &Value| value.as_integer().is_none_or(|number| (*least..=*greatest).contains(&number));
        if leaf.value.as_array().map_or_else(|| fits(&leaf.value), |items| items.iter().all(fits)) {
            continue;
        }
        faults.push(Fault::new(
            key,
            leaf.origin.clone(),
            format!("must be between {least} and {greatest}"),
            format!("phải từ {least} đến {greatest}"),
        ));
    }
}

fn template_key(key: &str) -> String {
    let of_list = LISTS.iter().find_map(|list| {
        let (_, name) = key.strip_prefix(list.name)?.strip_prefix('.')?.split_once('.')?;
        Some(format!("{}.{name}", list.template))
    });
    of_list.unwrap_or_else(|| key.to_owned())
}

/// What must hold between settings.
pub(super) fn across(settings: &Settings, leaves: &Leaves) -> Vec<Fault> {
    let mut checks = Checks { leaves, faults: Vec::new() };
    checks.leases(settings);
    checks.retries(settings);
    checks.roles(settings);
    checks.fault_point(settings);
    checks.provider(settings);
    for counterpart in &settings.counterparts {
        checks.urls(counterpart);
        checks.action(counterpart);
    }
    checks.agencies(settings);
    checks.receivers(&settings.receivers);
    checks.schedules(settings);
    checks.faults
}

pub(super) struct Checks<'a> {
    leaves: &'a Leaves,
    faults: Vec<Fault>,
}

impl Checks<'_> {
    pub(super) fn need(&mut self, holds: bool, key: &str, en: impl Into<String>, vi: impl Into<String>) {
        if !holds {
            self.faults.push(Fault::new(key, self.origin(key), en, vi));
        }
    }

    fn origin(&self, key: &str) -> Origin {
        self.leaves.origin(key)
    }

    /// A lease that ends while the call still runs lets a second worker send the same message.
    fn leases(&mut self, settings: &Settings) {
        let links = || settings.counterparts.iter().map(|counterpart| &counterpart.link);
        let call = |link: &Link| (format!("counterparts.{}.timeout_ms", link.name), link.timeout_ms);
        let webhook = ("webhook.timeout_ms".to_owned(), settings.webhook.timeout_ms);
        let sent: Vec<_> = links().map(call).chain([webhook]).collect();
        let polled: Vec<_> = links().filter(|link| link.kind.is_post()).map(call).collect();
        for (lease_key, lease_ms, calls) in
            [("outbox.lease_ms", settings.outbox.lease_ms, sent), ("poller.lease_ms", settings.poller.lease_ms, polled)]
        {
            for (call_key, timeout_ms) in calls {
                self.need(
                    lease_ms > timeout_ms,
                    lease_key,
                    format!("{lease_ms} must be longer than {call_key} = {timeout_ms}"),
                    format!("{lease_ms} phải dài hơn {call_key} = {timeout_ms}"),
                );
            }
        }
        let Settings { outbox, limits, .. } = settings;
        self.need(
            outbox.poll_ms < outbox.lease_ms,
            "outbox.poll_ms",
            format!("must be shorter than outbox.lease_ms = {}", outbox.lease_ms),
            format!("phải ngắn hơn outbox.lease_ms = {}", outbox.lease_ms),
        );
        self.need(
            limits.burst >= limits.requests_per_second,
            "limits.burst",
            format!("must not be less than limits.requests_per_second = {}", limits.requests_per_second),
            format!("không được nhỏ hơn limits.requests_per_second = {}", limits.requests_per_second),
        );
    }

    /// Delays grow, and a message is given up while the answer to its first attempt is still kept.
    fn retries(&mut self, settings: &Settings) {
        let Settings { outbox, idempotency, .. } = settings;
        for (key, delays) in
            [("outbox.order_retry_s", &outbox.order_retry_s), ("outbox.webhook_retry_s", &outbox.webhook_retry_s)]
        {
            self.need(!delays.is_empty(), key, "name at least one delay", "hãy ghi ít nhất một khoảng chờ");
            let (en, vi) =
                ("each delay must be at least the one before", "khoảng chờ sau không được ngắn hơn khoảng trước");
            self.need(delays.is_sorted(), key, en, vi);
        }
        let keep_days = idempotency.keep_days;
        for (key, life_s) in
            [("outbox.order_life_s", outbox.order_life_s), ("outbox.webhook_life_s", outbox.webhook_life_s)]
        {
            self.need(
                u64::from(life_s) < u64::from(keep_days) * 86_400,
                key,
                format!("must end before idempotency.keep_days = {keep_days}"),
                format!("phải kết thúc trước idempotency.keep_days = {keep_days}"),
            );
        }
    }

    fn roles(&mut self, settings: &Settings) {
        let roles = &settings.roles;
        let loops = [
            roles.dispatcher,
            roles.inbox,
            roles.poller,
            roles.publisher,
            roles.deadlines,
            roles.reconciler,
            roles.tallies,
            roles.distribution,
            roles.alerts,
        ];
        self.need(roles.api || loops.contains(&true), "roles.api", "every role is off", "mọi vai trò đều đang tắt");
    }

    fn fault_point(&mut self, settings: &Settings) {
        if let Some(spec) = &settings.fault.armed {
            let (point, nth) = spec.split_once(':').unwrap_or((spec, "1"));
            let known = POINTS.contains(&point) && nth.parse::<u64>().is_ok_and(|nth| nth > 0);
            let points = POINTS.join(", ");
            let (en, vi) = (
                format!("write name or name:n; names: {points}"),
                format!("hãy viết tên hoặc tên:n; các tên: {points}"),
            );
            self.need(known, "fault.armed", en, vi);
        }
    }

    /// People are led to the provider and back: both must have an address, and the way must not be one that others can read.
    fn provider(&mut self, settings: &Settings) {
        let pages = &settings.pages;
        if pages.provider_issuer.is_empty() {
            return;
        }
        self.need(
            is_plain_url(&pages.provider_issuer, false) && is_private_way(&pages.provider_issuer),
            "pages.provider_issuer",
            "write https://host/path, without user, query or fragment; http only on this machine",
            "hãy viết https://máy/đường-dẫn, không kèm tài khoản, truy vấn hay #; http chỉ dùng trên chính máy này",
        );
        self.need(
            is_plain_url(&pages.public_url, false),
            "pages.public_url",
            "with a provider of accounts, write where people reach the pages",
            "khi có nơi cấp tài khoản, hãy ghi địa chỉ mà mọi người vào trang",
        );
        self.need(
            !pages.provider_client_id.is_empty(),
            "pages.provider_client_id",
            "with a provider of accounts, write who we are there",
            "khi có nơi cấp tài khoản, hãy ghi mã khách của ta ở đó",
        );
        self.need(
            !pages.provider_name.is_empty(),
            "pages.provider_name",
            "with a provider of accounts, write the words on its button",
            "khi có nơi cấp tài khoản, hãy ghi chữ trên nút của nó",
        );
    }

    fn urls(&mut self, counterpart: &Counterpart) {
        let prefix = format!("counterparts.{}", counterpart.link.name);
        let base_ok = counterpart.link.base_url.is_empty() || is_plain_url(&counterpart.link.base_url, false);
        self.need(
            base_ok,
            &format!("{prefix}.base_url"),
            "write http://host/path or https://host/path, without user, query or fragment",
            "hãy viết http://máy/đường-dẫn hoặc https://máy/đường-dẫn, không kèm tài khoản, truy vấn hay #",
        );
        let proxy_ok = counterpart.link.proxy.as_ref().is_none_or(|proxy| is_plain_url(proxy.reveal(), true));
        self.need(
            proxy_ok,
            &format!("{prefix}.proxy"),
            "write http://[user:password@]host:port",
            "hãy viết http://[tài-khoản:mật-khẩu@]máy:cổng",
        );
    }

    fn action(&mut self, counterpart: &Counterpart) {
        let link = &counterpart.link;
        self.need(
            link.received_action_code.is_some() == link.action_user.is_some(),
            &format!("counterparts.{}.received_action_code", link.name),
            "give received_action_code and action_user, or neither",
            "hãy đặt cả received_action_code và action_user, hoặc bỏ cả hai",
        );
    }

    /// An agency has one post and one one-stop system: otherwise an order would have two ways to go.
    fn agencies(&mut self, settings: &Settings) {
        for (at, counterpart) in settings.counterparts.iter().enumerate() {
            let key = format!("counterparts.{}.agencies", counterpart.link.name);
            for code in &counterpart.link.agencies {
                let (en, vi) = (
                    "an agency code is groups of 0-9 A-Z joined by dots, or *",
                    "mã cơ quan gồm các nhóm 0-9 A-Z nối bằng dấu chấm, hoặc *",
                );
                self.need(
                    code == "*" || is_agency_code(code),
                    &key,
                    format!("`{code}`: {en}"),
                    format!("`{code}`: {vi}"),
                );
            }
            for other in settings.counterparts.iter().take(at) {
                if other.link.kind.is_post() != counterpart.link.kind.is_post() {
                    continue;
                }
                let both = |code: &&String| *code == "*" || other.serves(code);
                if let Some(code) = counterpart.link.agencies.iter().find(both) {
                    let name = &other.link.name;
                    let (en, vi) =
                        (format!("`{code}` is served by {name} too"), format!("`{code}` cũng do {name} phục vụ"));
                    self.need(false, &key, en, vi);
                }
            }
        }
    }
}

pub(super) fn is_agency_code(code: &str) -> bool {
    let group = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    code.len() <= 35 && code.split('.').all(group)
}

/// TLS, or nothing but this machine.
fn is_private_way(url: &str) -> bool {
    let local = ["127.0.0.1", "[::1]", "localhost"];
    let host = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    let is_local = |host: String| local.iter().any(|name| host == *name || host.starts_with(&format!("{name}:")));
    url.starts_with("https://") || url.strip_prefix("http://").map(host).is_some_and(is_local)
}

pub(super) fn is_plain_url(url: &str, user_allowed: bool) -> bool {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")) else { return false };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port_ok = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => {
            !name.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
        _ => !host.is_empty(),
    };
    let clean = !url.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '\\'));
    port_ok && clean && (user_allowed || !authority.contains('@'))
}
