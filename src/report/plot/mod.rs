//! Plots as SVG text, in the look of the pages: the title is the finding, the line names itself, nothing by colour alone.
//!
//! Each plot is a whole `<figure>`: caption, the drawing for wide and for narrow screens (so that text stays 12 px), and its figures
//! as a table. Texts arrive in the reader's language; numbers are written here. The classes are those of `app.css`.

mod age_bars;
mod draw;
mod figure;
mod frame;
mod keeper;
mod minis;
mod ranking;
mod scale;
mod small;
mod trend;

#[cfg(test)]
mod tests;

use crate::domain::problem::Language;
use crate::report::numbers;

pub use age_bars::{AgeBars, AgeRow};
pub use keeper::Keeper;
pub use minis::{Mini, Minis};
pub use ranking::{Ranked, Ranking};
pub use small::{inline_bar, spark};
pub use trend::{Point, Previous, Shape, Trend};

/// What stands around a plot.
#[derive(Debug, Clone, Default)]
pub struct Caption {
    /// Names the plot among those of its page; the names of its patterns begin with it.
    pub id: String,
    /// The finding: one sentence.
    pub finding: String,
    /// What is counted.
    pub counted: String,
    /// The drawing in one sentence, for who does not see it; the finding when empty.
    pub spoken: String,
}

/// A value of a plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// So many.
    Count(i64),
    /// Đồng.
    Dong(i64),
    /// A share; it does not exist when the whole is zero.
    Share {
        /// Numerator.
        part: i64,
        /// Denominator.
        whole: i64,
    },
}

impl Amount {
    /// Its place on an axis: the number itself, or hundredths of a percent.
    fn level(self) -> Option<i64> {
        match self {
            Amount::Count(number) | Amount::Dong(number) => Some(number),
            Amount::Share { part, whole } => numbers::basis_points(part, whole),
        }
    }

    fn unit(self) -> Unit {
        match self {
            Amount::Count(_) => Unit::Count,
            Amount::Dong(_) => Unit::Dong,
            Amount::Share { .. } => Unit::Percent,
        }
    }

    /// As it stands in a table.
    fn text(self, lang: Language) -> String {
        match self {
            Amount::Count(number) => numbers::whole(number, lang),
            Amount::Dong(number) => numbers::money(number, lang),
            Amount::Share { part, whole } => numbers::percent(part, whole, lang),
        }
    }

    /// Numerator and denominator, where it has them.
    fn base(self, lang: Language) -> Option<String> {
        match self {
            Amount::Share { part, whole } => Some(numbers::fraction(part, whole, lang)),
            _ => None,
        }
    }

    /// As it stands in a drawing: long numbers in few figures.
    fn short(self, lang: Language) -> String {
        const LONG: u64 = 1_000_000_000;
        match self {
            Amount::Count(number) | Amount::Dong(number) if number.unsigned_abs() >= LONG => {
                self.unit().tick(number.into(), lang)
            }
            Amount::Share { part, whole } => match numbers::basis_points(part, whole) {
                Some(points) if points.unsigned_abs() >= LONG => Unit::Percent.tick(points.into(), lang),
                _ => self.text(lang),
            },
            amount => amount.text(lang),
        }
    }
}

/// What the values of an axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Count,
    Dong,
    Percent,
}

impl Unit {
    /// The unit of a row of values: that of the first.
    fn of(values: impl IntoIterator<Item = Amount>) -> Self {
        values.into_iter().next().map_or(Unit::Count, Amount::unit)
    }

    /// The step of an axis on which everything is zero.
    fn rest(self) -> i64 {
        match self {
            Unit::Count => 1,
            Unit::Dong => 1_000,
            Unit::Percent => 100,
        }
    }

    /// A level beside a line of the grid.
    fn tick(self, level: i128, lang: Language) -> String {
        match self {
            Unit::Count | Unit::Dong => numbers::compact(level, lang),
            Unit::Percent if level.unsigned_abs() >= 1_000_000 => numbers::compact(level / 100, lang),
            Unit::Percent => numbers::short_points(level, lang),
        }
    }

    /// What stands behind the highest tick, and behind a named level.
    fn sign(self, lang: Language) -> &'static str {
        match (self, lang) {
            (Unit::Count, _) => "",
            (Unit::Dong, _) => "\u{a0}₫",
            (Unit::Percent, Language::Vi) => "\u{a0}%",
            (Unit::Percent, Language::En) => "%",
        }
    }
}

/// A level that a plot is held against: a target or a limit.
#[derive(Debug, Clone)]
pub struct Level {
    /// What it is called: `Mục tiêu`, `Ngưỡng`.
    pub name: String,
    /// The number itself, or hundredths of a percent where the plot shows shares.
    pub at: i64,
}

impl Level {
    fn text(&self, unit: Unit, lang: Language) -> String {
        format!("{}\u{a0}{}{}", self.name, unit.tick(self.at.into(), lang), unit.sign(lang))
    }
}
