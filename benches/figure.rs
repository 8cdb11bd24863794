//! Figures: rounds of ours and of the reference, their medians, and what was lost or doubled meanwhile.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::Size;

/// What was sent against what is there at the other end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Things that were acknowledged.
    pub sent: usize,
    /// Acknowledged, and not there.
    pub lost: usize,
    /// There more than once.
    pub doubled: usize,
}

impl Counts {
    /// From how often each of `sent` things is there.
    pub fn of(sent: usize, times: impl Iterator<Item = usize>) -> Self {
        let (mut there, mut doubled) = (0, 0);
        for times in times {
            there += usize::from(times > 0);
            doubled += times.saturating_sub(1);
        }
        Counts { sent, lost: sent.saturating_sub(there), doubled }
    }

    /// Both together.
    pub fn and(self, other: Counts) -> Self {
        Counts { sent: self.sent + other.sent, lost: self.lost + other.lost, doubled: self.doubled + other.doubled }
    }
}

/// One figure of the report.
#[derive(Debug, Default)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// Unit of both sides, higher is better unless it is a time or a size.
    pub unit: &'static str,
    /// Ours, by round.
    pub ours: Vec<f64>,
    /// The reference, by round; empty when there is none.
    pub reference: Vec<f64>,
    /// What the reference is.
    pub beside: &'static str,
    /// Lost and doubled; none where nothing travels.
    pub counts: Option<Counts>,
    /// Further numbers: name, value by round.
    pub further: Vec<(&'static str, Vec<f64>)>,
}

/// Median, least and greatest.
fn spread(values: &[f64]) -> Option<[f64; 3]> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some([*sorted.get(sorted.len() / 2)?, *sorted.first()?, *sorted.last()?])
}

fn shown(values: &[f64]) -> String {
    let digits = |value: f64| if value.abs() >= 100.0 { 0 } else { 2 };
    match spread(values) {
        Some([median, least, greatest]) => {
            format!("{median:.*} ({least:.*}–{greatest:.*})", digits(median), digits(least), digits(greatest))
        }
        None => "–".to_owned(),
    }
}

fn json_of(values: &[f64]) -> Value {
    let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
    match spread(values) {
        Some([median, min, max]) => json!({"median": rounded(median), "min": rounded(min), "max": rounded(max)}),
        None => Value::Null,
    }
}

impl Figure {
    fn ratios(&self) -> Vec<f64> {
        self.ours.iter().zip(&self.reference).map(|(ours, reference)| ours / reference).collect()
    }

    fn line(&self) -> Value {
        let further: serde_json::Map<String, Value> =
            self.further.iter().map(|(name, values)| ((*name).to_owned(), json_of(values))).collect();
        json!({
            "figure": self.name,
            "unit": self.unit,
            "rounds": self.ours.len(),
            "ours": json_of(&self.ours),
            "reference": json_of(&self.reference),
            "beside": self.beside,
            "ratio": json_of(&self.ratios()),
            "further": further,
            "sent": self.counts.map(|counts| counts.sent),
            "lost": self.counts.map(|counts| counts.lost),
            "doubled": self.counts.map(|counts| counts.doubled),
        })
    }

    fn row(&self) -> String {
        let mut row = format!(
            "{:<34} {:>8}  {:<26} {:<26} {:<20}",
            self.name,
            self.unit,
            shown(&self.ours),
            shown(&self.reference),
            shown(&self.ratios())
        );
        if let Some(counts) = self.counts {
            row += &format!(" sent {} lost {} doubled {}", counts.sent, counts.lost, counts.doubled);
        }
        for (name, values) in &self.further {
            row += &format!("  {name} {}", shown(values));
        }
        row
    }
}

/// Everything that one run found.
#[derive(Default)]
pub struct Report {
    figures: Vec<Figure>,
    left_out: Vec<String>,
}

impl Report {
    /// Adds a figure, and shows it at once.
    pub fn add(&mut self, figure: Figure) {
        eprintln!("{}", figure.row());
        self.figures.push(figure);
    }

    /// Notes what was not measured, and why.
    pub fn leave_out(&mut self, what: &str) {
        if !self.left_out.iter().any(|known| known == what) {
            self.left_out.push(what.to_owned());
        }
    }

    /// A table for people on stderr, a JSON line for each figure on stdout. Fails when something was lost or doubled.
    pub fn print(&self, size: Size) -> ExitCode {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        eprintln!("\n{cores} cores; median (least–greatest) of the rounds; ratio: ours to the reference, by round");
        eprintln!("{:<34} {:>8}  {:<26} {:<26} {:<20}", "figure", "unit", "ours", "reference", "ratio");
        for figure in &self.figures {
            eprintln!("{}", figure.row());
            println!("{}", figure.line());
        }
        for what in &self.left_out {
            eprintln!("LEFT OUT: {what}");
        }
        if size.smoke {
            eprintln!("smoke run: the speeds say nothing");
        }
        let wrong = self.figures.iter().filter_map(|figure| figure.counts).any(|c| c.lost + c.doubled > 0);
        if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
