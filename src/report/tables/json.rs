//! A report as JSON: whole numbers and RFC 3339, nothing spelled for people. This text is what a cut stores and what its digest covers.

use crate::report::tables::Report;

/// Why a stored report cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a report: {0}")]
pub struct NotAReport(String);

/// The report as JSON.
pub fn write(report: &Report) -> Result<String, NotAReport> {
    serde_json::to_string(report).map_err(|error| NotAReport(error.to_string()))
}

/// The report that a JSON text is.
pub fn read(text: &str) -> Result<Report, NotAReport> {
    serde_json::from_str(text).map_err(|error| NotAReport(error.to_string()))
}
