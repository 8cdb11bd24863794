//! Metrics in the Prometheus text form (contract 9), plus what sizing needs. Labels are patterns and classes, never ids.

use prometheus::core::Collector;
use prometheus::{
    Gauge, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

/// Upper bounds in seconds: a durable write on a good disk takes about one millisecond.
const DURATION_S: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The metrics of one process.
pub struct Metrics {
    registry: Registry,
    /// Age of the oldest outbox message that is due.
    pub outbox_oldest_due_seconds: Gauge,
    /// Parked outbox messages: each is work for a person.
    pub outbox_parked: IntGauge,
    /// Facts that fit no leg.
    pub facts_unmatched: IntGauge,
    /// Age of the oldest inbox row that has not been decided.
    pub inbox_lag_seconds: Gauge,
    /// Open alerts, by kind.
    pub alerts_open: IntGaugeVec,
    /// Age of the last look for alerts: who looks must be looked at too.
    pub alerts_last_round_seconds: Gauge,
    /// Leases that ended before their work did.
    pub lease_losses_total: IntCounter,
    http_requests_total: IntCounterVec,
    http_request_duration_seconds: HistogramVec,
}

impl Metrics {
    /// Fresh metrics in a registry of their own, so that tests run side by side.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let by_route = Opts::new("giaonhan_http_requests_total", "Requests by route pattern and class of status.");
        let duration =
            HistogramOpts::new("giaonhan_http_request_duration_seconds", "Time to answer, by route pattern.");
        Ok(Metrics {
            outbox_oldest_due_seconds: registered(
                &registry,
                Gauge::new("giaonhan_outbox_oldest_due_seconds", "Age of the oldest outbox message that is due.")?,
            )?,
            outbox_parked: registered(
                &registry,
                IntGauge::new("giaonhan_outbox_parked", "Outbox messages that wait for a person.")?,
            )?,
            facts_unmatched: registered(
                &registry,
                IntGauge::new("giaonhan_facts_unmatched", "Facts that fit no leg.")?,
            )?,
            inbox_lag_seconds: registered(
                &registry,
                Gauge::new("giaonhan_inbox_lag_seconds", "Age of the oldest inbox row that has not been decided.")?,
            )?,
            alerts_open: registered(
                &registry,
                IntGaugeVec::new(Opts::new("giaonhan_alerts_open", "Open alerts, by kind."), &["kind"])?,
            )?,
            alerts_last_round_seconds: registered(
                &registry,
                Gauge::new("giaonhan_alerts_last_round_seconds", "Age of the last look for alerts.")?,
            )?,
            lease_losses_total: registered(
                &registry,
                IntCounter::new("giaonhan_lease_losses_total", "Leases that ended before their work did.")?,
            )?,
            http_requests_total: registered(&registry, IntCounterVec::new(by_route, &["route", "class"])?)?,
            http_request_duration_seconds: registered(
                &registry,
                HistogramVec::new(duration.buckets(DURATION_S.to_vec()), &["route"])?,
            )?,
            registry,
        })
    }

    /// Counts an answered request. `route` is the pattern, as `/v1/legs/{id}`: a path would carry identifiers.
    pub fn request(&self, route: &str, status: u16, seconds: f64) {
        let class = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        self.http_requests_total.with_label_values(&[route, class]).inc();
        self.http_request_duration_seconds.with_label_values(&[route]).observe(seconds);
    }

    /// The text of `GET /metrics`.
    pub fn render(&self) -> String {
        let families = self.registry.gather();
        // Only families without a name or a value cannot be written, and `new` makes none of these.
        TextEncoder::new().encode_to_string(&families).unwrap_or_default()
    }
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, metric: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_metrics_of_the_contract_from_the_start() {
        let text = Metrics::new().unwrap().render();
        for name in [
            "giaonhan_outbox_oldest_due_seconds",
            "giaonhan_outbox_parked",
            "giaonhan_facts_unmatched",
            "giaonhan_inbox_lag_seconds",
            "giaonhan_alerts_last_round_seconds",
            "giaonhan_lease_losses_total",
        ] {
            assert!(text.lines().any(|line| line == format!("{name} 0")), "{name} in\n{text}");
        }
    }

    #[test]
    fn counts_requests_by_pattern_and_class() {
        let metrics = Metrics::new().unwrap();
        metrics.request("/v1/legs/{id}", 200, 0.004);
        metrics.request("/v1/legs/{id}", 404, 0.002);
        metrics.request("/v1/legs/{id}", 201, 0.2);
        metrics.outbox_parked.set(3);
        let text = metrics.render();
        for line in [
            "giaonhan_http_requests_total{class=\"2xx\",route=\"/v1/legs/{id}\"} 2",
            "giaonhan_http_requests_total{class=\"4xx\",route=\"/v1/legs/{id}\"} 1",
            "giaonhan_http_request_duration_seconds_bucket{route=\"/v1/legs/{id}\",le=\"0.005\"} 2",
            "giaonhan_outbox_parked 3",
        ] {
            assert!(text.lines().any(|each| each == line), "{line} in\n{text}");
        }
    }
}
