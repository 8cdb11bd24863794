//! Sessions of a working day: from when until when a counter is open.

use chrono::NaiveTime;

/// Hours without a break: `07:00-11:30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Session {
    /// Its first instant.
    pub opens: NaiveTime,
    /// The first instant after it.
    pub closes: NaiveTime,
}

impl Session {
    /// Reads `07:00-11:30`, both of one day and in this order.
    pub fn parse(text: &str) -> Option<Self> {
        let (opens, closes) = text.split_once('-')?;
        let session = Session { opens: time(opens)?, closes: time(closes)? };
        (session.opens < session.closes).then_some(session)
    }
}

fn time(text: &str) -> Option<NaiveTime> {
    (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

impl std::fmt::Display for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.opens.format("%H:%M"), self.closes.format("%H:%M"))
    }
}

/// The sessions of a day as one text, in order: `07:00-11:30,13:30-17:00`.
pub fn write_sessions(sessions: &[Session]) -> String {
    sessions.iter().map(Session::to_string).collect::<Vec<_>>().join(",")
}

/// Reads what [`write_sessions`] wrote; none when it is not that.
pub fn read_sessions(text: &str) -> Option<Vec<Session>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(',').map(Session::parse).collect::<Option<Vec<_>>>().filter(|sessions| in_order(sessions))
}

/// Whether each session begins when the one before it has ended.
pub fn in_order(sessions: &[Session]) -> bool {
    sessions.windows(2).all(|pair| matches!(pair, [a, b] if a.closes <= b.opens))
}
