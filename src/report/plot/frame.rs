//! Where the values of a plot over time stand: places along its axes, and names that keep apart.

use crate::report::plot::draw::{Canvas, LINE, Label};
use crate::report::plot::scale::Scale;
use crate::report::plot::trend::Shape;

/// Room above the highest line of the grid.
const TOP: f64 = 20.0;
/// Room below the lowest.
pub(super) const FOOT: f64 = 26.0;

/// One drawing in the making: the frame of its plot.
pub(super) struct Frame {
    pub canvas: Canvas,
    pub left: f64,
    pub right: f64,
    pub bottom: f64,
    pub scale: Scale,
    pub count: usize,
    pub shape: Shape,
}

impl Frame {
    /// Room of one point along the axis.
    pub fn slot(&self) -> f64 {
        let span = self.right - self.left;
        match self.shape {
            Shape::Line => span / self.count.saturating_sub(1).max(1) as f64,
            Shape::Columns => span / self.count.max(1) as f64,
        }
    }

    pub fn x(&self, at: usize) -> f64 {
        match (self.shape, self.count) {
            (Shape::Line, 0 | 1) => self.right,
            (Shape::Line, _) => self.left + self.slot() * at as f64,
            (Shape::Columns, _) => self.left + self.slot() * (at as f64 + 0.5),
        }
    }

    pub fn y(&self, level: i64) -> f64 {
        self.bottom - self.scale.along(level) * (self.bottom - TOP)
    }

    pub fn y_of(&self, level: i128) -> f64 {
        self.y(i64::try_from(level).unwrap_or(if level < 0 { i64::MIN } else { i64::MAX }))
    }

    /// Stretches without a gap.
    pub fn runs(&self, levels: &[Option<i64>]) -> Vec<Vec<(f64, f64)>> {
        let places: Vec<Option<(f64, f64)>> =
            levels.iter().enumerate().map(|(at, level)| Some((self.x(at), self.y((*level)?)))).collect();
        places
            .split(Option::is_none)
            .map(|run| run.iter().flatten().copied().collect())
            .filter(|run: &Vec<_>| !run.is_empty())
            .collect()
    }

    /// Points along a drawn line, close enough that a text over the line holds some; in columns, along their tops.
    pub fn track(&self, levels: &[Option<i64>]) -> Vec<(f64, f64)> {
        const PARTS: u8 = 24;
        let runs = self.runs(levels);
        let between = |pair: &[(f64, f64)]| -> Vec<(f64, f64)> {
            let [(x1, y1), (x2, y2)] = pair else { return pair.to_vec() };
            let part = |at: u8| f64::from(at) / f64::from(PARTS);
            (0..=PARTS).map(|at| (x1 + (x2 - x1) * part(at), y1 + (y2 - y1) * part(at))).collect()
        };
        let lines = runs.iter().flat_map(|run| run.windows(2)).flat_map(between);
        lines.chain(runs.iter().flatten().copied()).collect()
    }
}

/// Names at their heights, moved apart until none covers another.
pub(super) fn apart(mut names: Vec<(f64, Label)>, bottom: f64) -> Vec<(f64, Label)> {
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut floor = 12.0;
    for (y, _) in &mut names {
        *y = (*y + 4.0).max(floor);
        floor = *y + LINE + 1.0;
    }
    let mut ceiling = bottom + 4.0;
    for (y, _) in names.iter_mut().rev() {
        *y = y.min(ceiling);
        ceiling = *y - LINE - 1.0;
    }
    names
}
