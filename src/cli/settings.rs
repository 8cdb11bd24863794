//! From the command line to settings.

use std::net::SocketAddr;

use serde_json::json;

use crate::app::App;
use crate::base::time::Clock;
use crate::cli::args::StoreArgs;
use crate::cli::{Failure, Out, engine};
use crate::config::{FlagValue, Settings, Sources};

/// The settings of the process, with what the command line says on top.
pub(super) fn load(store: &StoreArgs, listen: Option<SocketAddr>) -> Result<Settings, Failure> {
    // Both may come in: before the command and after it.
    if store.data.is_some() && store.database_url.is_some() {
        return Err(Failure::Usage("give either --data or --database-url, not both".to_owned()));
    }
    let mut flags = Vec::new();
    if let Some(data) = &store.data {
        flags.push(FlagValue::new("--data", "store.data_dir", data.to_string_lossy()));
    }
    if let Some(url) = &store.database_url {
        flags.push(FlagValue::new("--database-url", "store.database_url", url.as_str()));
    }
    if let Some(listen) = listen {
        flags.push(FlagValue::new("--listen", "http.listen", listen.to_string()));
    }
    let sources = Sources::of_process(store.config.as_deref(), flags)?;
    Ok(Settings::load(&sources)?)
}

/// The use cases, for a command that runs beside a server.
pub(super) fn app(store: &StoreArgs) -> Result<App, Failure> {
    let settings = load(store, None)?;
    engine::app(&settings, Clock::system(), std::sync::Arc::new(|_| {}))
}

/// `config explain`.
pub(super) fn explain(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    for setting in load(store, None)?.explain() {
        let object = json!({"key": setting.key, "value": setting.value, "origin": setting.origin});
        out.result(&object, &format!("{} = {}   # {}", setting.key, setting.value, setting.origin));
    }
    Ok(())
}

/// A length of time such as `24h`, `30m`, `90s` or `2d`, in microseconds.
pub(super) fn duration_us(text: &str) -> Result<i64, Failure> {
    let bad = || Failure::Usage(format!("`{text}` is not a length of time; write 24h, 30m, 90s or 2d"));
    let unit = text.chars().last().ok_or_else(bad)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(bad()),
    };
    let number: i64 = text.strip_suffix(unit).and_then(|digits| digits.parse().ok()).ok_or_else(bad)?;
    let micros = number.checked_mul(factor * 1_000_000).filter(|micros| *micros >= 0);
    micros.ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_need_a_unit() {
        assert_eq!(duration_us("24h").unwrap(), 86_400_000_000);
        assert_eq!(duration_us("0s").unwrap(), 0);
        for bad in ["", "24", "h", "-1h", "1w", "99999999999999999d"] {
            assert!(matches!(duration_us(bad), Err(Failure::Usage(_))), "{bad}");
        }
    }
}
