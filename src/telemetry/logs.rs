//! The log: text for people or JSON for collectors, always to stderr, since stdout belongs to results (contract 11).

use crate::config::{Log, LogFormat};
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The log cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// `log.filter` is not readable.
    #[error("log.filter `{filter}`: {reason}")]
    Filter {
        /// As it was set.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Another log was set up in this process before.
    #[error("the log is set up already")]
    AlreadySet,
}

/// Sets up the log of this process.
pub fn init(log: &Log) -> Result<(), LogError> {
    let subscriber = subscriber(log, std::io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| LogError::AlreadySet)
}

fn subscriber<W>(log: &Log, writer: W) -> Result<Box<dyn Subscriber + Send + Sync>, LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::builder()
        .parse(&log.filter)
        .map_err(|error| LogError::Filter { filter: log.filter.clone(), reason: error.to_string() })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).with_ansi(false);
    Ok(match log.format {
        LogFormat::Text => Box::new(builder.finish()),
        LogFormat::Json => Box::new(builder.json().flatten_event(true).with_current_span(true).finish()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::fields;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(format: LogFormat, filter: &str) -> String {
        let buffer = Buffer::default();
        let target = buffer.clone();
        let log = Log { format, filter: filter.to_owned() };
        let subscriber = subscriber(&log, move || target.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!({ fields::LEG_ID } = "leg_1", "đã nhận");
            tracing::debug!("not asked for");
        });
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_per_line_with_our_field_names() {
        let text = written(LogFormat::Json, "info");
        let line: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
        assert_eq!((line["leg_id"].as_str(), line["message"].as_str()), (Some("leg_1"), Some("đã nhận")));
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn text_has_no_colour_codes_and_the_filter_holds() {
        let text = written(LogFormat::Text, "info");
        assert!(text.contains("đã nhận") && text.contains("leg_id"), "{text}");
        assert!(!text.contains("not asked for") && !text.contains('\u{1b}'), "{text}");
        assert_eq!(written(LogFormat::Text, "error"), "");
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_an_error() {
        let log = Log { format: LogFormat::Text, filter: "giaonhan=lound".to_owned() };
        assert!(matches!(subscriber(&log, std::io::stderr), Err(LogError::Filter { .. })));
    }
}
