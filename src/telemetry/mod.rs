//! Logs and metrics. No personal data in a log field or a metric label: fields are ids, counts, codes and digests.

pub mod fields;
pub mod logs;
pub mod metrics;
