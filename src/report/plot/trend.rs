//! Values over time, as a line or as columns, with the period before, a target and a limit.

use crate::domain::problem::Language;
use crate::report::numbers::{NONE, say};
use crate::report::plot::draw::{Anchor, Area, Canvas, Label, fitted, width};
use crate::report::plot::figure::Table;
use crate::report::plot::frame::{FOOT, Frame, apart};
use crate::report::plot::scale::Scale;
use crate::report::plot::{Amount, Caption, Level, Unit};

/// How values over time are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shape {
    /// A line: days or weeks.
    #[default]
    Line,
    /// Columns: months.
    Columns,
}

/// One day, week or month.
#[derive(Debug, Clone)]
pub struct Point {
    /// On the axis: `12/11`.
    pub label: String,
    /// None when nothing was counted; a share over zero is none too.
    pub value: Option<Amount>,
}

/// The same stretch of an earlier period.
#[derive(Debug, Clone)]
pub struct Previous {
    /// What it is called: `Năm trước`.
    pub name: String,
    /// Its values, beside the points by position.
    pub values: Vec<Option<Amount>>,
}

/// Values over time.
#[derive(Debug, Clone)]
pub struct Trend {
    /// What stands around it.
    pub caption: Caption,
    /// Line or columns.
    pub shape: Shape,
    /// What a point is: `Ngày`, `Tuần từ`.
    pub each: String,
    /// What the line is called: `Năm nay`.
    pub name: String,
    /// Oldest first.
    pub points: Vec<Point>,
    /// The period before, dotted grey.
    pub previous: Option<Previous>,
    /// The target, dashed amber.
    pub target: Option<Level>,
    /// The limit, dotted red.
    pub limit: Option<Level>,
}

/// What the two drawings share.
struct Plan<'a> {
    trend: &'a Trend,
    lang: Language,
    unit: Unit,
    scale: Scale,
    levels: Vec<Option<i64>>,
    before: Vec<Option<i64>>,
}

impl Trend {
    /// The whole figure.
    pub fn html(&self, lang: Language) -> String {
        let level = |value: &Option<Amount>| value.and_then(Amount::level);
        let before: Vec<Option<i64>> = self
            .previous
            .iter()
            .flat_map(|previous| previous.values.iter().take(self.points.len()).map(level))
            .collect();
        let levels: Vec<Option<i64>> = self.points.iter().map(|point| level(&point.value)).collect();
        let unit = Unit::of(self.points.iter().filter_map(|point| point.value));
        let named = [&self.target, &self.limit].into_iter().flatten().map(|level| level.at);
        let scale = Scale::covering(levels.iter().chain(&before).flatten().copied().chain(named), unit.rest());
        let plan = Plan { trend: self, lang, unit, scale, levels, before };
        let drawings = match plan.levels.iter().any(Option::is_some) {
            true => plan.wide() + &plan.narrow(),
            false => String::new(),
        };
        let table = match drawings.is_empty() {
            true => Table { heads: Vec::new(), rows: Vec::new() },
            false => self.table(lang),
        };
        self.caption.figure(&drawings, &table, lang)
    }

    /// Newest first: what people look for stands on top.
    fn table(&self, lang: Language) -> Table {
        let has_base = self.points.iter().any(|point| matches!(point.value, Some(Amount::Share { .. })));
        let mut heads = vec![self.each.clone()];
        if has_base {
            heads.push(say(lang, "Số / tổng", "Number / total").to_owned());
        }
        heads.push(self.name.clone());
        heads.extend(self.previous.iter().map(|previous| previous.name.clone()));
        let text = |value: Option<Amount>| value.map_or_else(|| NONE.to_owned(), |value| value.text(lang));
        let rows = self.points.iter().enumerate().rev().map(|(at, point)| {
            let mut row = vec![point.label.clone()];
            if has_base {
                row.push(point.value.and_then(|value| value.base(lang)).unwrap_or_else(|| NONE.to_owned()));
            }
            row.push(text(point.value));
            row.extend(self.previous.iter().map(|previous| text(previous.values.get(at).copied().flatten())));
            row
        });
        Table { rows: rows.collect(), heads }
    }
}

impl Plan<'_> {
    /// 510 wide: names stand right of the plot.
    fn wide(&self) -> String {
        let last = self.last();
        let mut names: Vec<(f64, Label)> = Vec::new();
        let mut frame = self.frame(510.0, 240.0, 0.0);
        let lined = self.trend.shape == Shape::Line;
        if let Some((at, label)) = last.as_ref().filter(|_| lined) {
            let name = Label::new("t-line", format!("{} {}", self.trend.name, label.text));
            names.push((frame.y(*at), name));
        }
        names.extend(self.named_levels().into_iter().map(|(at, label)| (frame.y(at), label)));
        if let (Some(previous), Some(at)) = (&self.trend.previous, self.before.iter().rev().flatten().next()) {
            names.push((frame.y(*at), Label::new("", previous.name.clone())));
        }
        let gutter = names.iter().map(|(_, label)| label.width()).fold(0.0, f64::max).min(150.0);
        frame = self.frame(510.0, 240.0, if names.is_empty() { 0.0 } else { gutter + 10.0 });
        self.draw(&mut frame);
        let room = frame.canvas.width - frame.right - 8.0;
        let (left, bottom) = (frame.right + 8.0, frame.bottom);
        for (y, label) in apart(names, bottom) {
            frame.canvas.text((left, y), Anchor::Start, &label, room);
        }
        self.label_first(&mut frame);
        self.label_columns(&mut frame);
        frame.canvas.finished("ch-wide", self.trend.caption.spoken())
    }

    /// 320 wide: names stand in the plot, where they cover nothing.
    fn narrow(&self) -> String {
        let mut frame = self.frame(320.0, 230.0, 8.0);
        self.draw(&mut frame);
        self.label_columns(&mut frame);
        let line = frame.track(&self.levels);
        let mut tracks = line.clone();
        tracks.extend(frame.track(&self.before));
        let within =
            Area { left: frame.left + 3.0, top: 2.0, right: frame.canvas.width - 2.0, bottom: frame.bottom - 4.0 };
        let mut wanted: Vec<(f64, f64, Label)> = Vec::new();
        if let (Some((at, label)), Shape::Line) = (self.last(), self.trend.shape) {
            wanted.push((frame.x(self.last_index()) + 4.0, frame.y(at), label));
        }
        wanted.extend(self.named_levels().into_iter().map(|(at, label)| (within.left, frame.y(at), label)));
        if let Some(previous) = &self.trend.previous
            && let Some((index, at)) =
                self.before.iter().enumerate().rev().find_map(|(index, at)| Some((index, (*at)?)))
        {
            wanted.push((frame.x(index) + 4.0, frame.y(at), Label::new("", previous.name.clone())));
        }
        let heights: Vec<f64> = self.named_levels().iter().map(|(at, _)| frame.y(*at)).collect();
        let crossed = |area: &Area| {
            let lines = heights.iter().filter(|y| area.top < **y && **y < area.bottom).count();
            lines * 40 + tracks.iter().filter(|point| area.holds(**point)).count()
        };
        for (x, y, label) in wanted {
            let width = label.width();
            let cut = within.right - within.left;
            let label = match width > cut {
                true => Label::new(label.class, fitted(&label.text, cut / 1.2, false).0),
                false => label,
            };
            let (start, end) = (x.min(within.right - label.width()), within.right - label.width());
            let wishes = [(start, y - 6.0), (start, y + 15.0), (end, y - 6.0), (end, y + 15.0), (within.left, y - 6.0)];
            frame.canvas.place(&label, &wishes, within, crossed);
        }
        self.label_first(&mut frame);
        frame.canvas.finished("ch-narrow", self.trend.caption.spoken())
    }

    fn frame(&self, width_: f64, height: f64, gutter: f64) -> Frame {
        let ticks = self.scale.lines();
        let widest = ticks.iter().map(|tick| width(&self.tick(*tick), false)).fold(0.0, f64::max);
        let count = self.trend.points.len();
        let right = width_ - gutter - if gutter == 0.0 { 12.0 } else { 0.0 };
        let canvas = Canvas::new(width_, height);
        let shape = self.trend.shape;
        Frame { canvas, left: (widest + 10.0).max(34.0), right, bottom: height - FOOT, scale: self.scale, count, shape }
    }

    /// A tick as it is written; the highest says the unit.
    fn tick(&self, level: i128) -> String {
        let sign = if level == self.scale.high { self.unit.sign(self.lang) } else { "" };
        format!("{}{sign}", self.unit.tick(level, self.lang))
    }

    fn last_index(&self) -> usize {
        self.levels.iter().rposition(Option::is_some).unwrap_or(0)
    }

    /// The newest value that is there.
    fn last(&self) -> Option<(i64, Label)> {
        let at = (*self.levels.get(self.last_index())?)?;
        let value = self.trend.points.get(self.last_index())?.value?;
        Some((at, Label::new("t-line", value.short(self.lang))))
    }

    fn named_levels(&self) -> Vec<(i64, Label)> {
        let text = |level: &Level, class| (level.at, Label::new(class, level.text(self.unit, self.lang)));
        let target = self.trend.target.iter().map(|level| text(level, "t-target"));
        target.chain(self.trend.limit.iter().map(|level| text(level, "t-limit"))).collect()
    }

    /// Grid, axis, levels, the period before and the values themselves.
    fn draw(&self, frame: &mut Frame) {
        for level in self.scale.lines() {
            let y = frame.y_of(level);
            let class = if level == 0 { "ch-base" } else { "ch-grid" };
            let (left, right) = (frame.left, frame.right);
            frame.canvas.line(class, (left, y), (right, y));
            frame.canvas.text((left - 8.0, y + 4.0), Anchor::End, &Label::new("", self.tick(level)), left - 8.0);
        }
        self.label_axis(frame);
        match self.trend.shape {
            Shape::Line => self.draw_area(frame),
            Shape::Columns => self.draw_columns(frame),
        }
        for (class, level) in [("ch-target", &self.trend.target), ("ch-limit", &self.trend.limit)] {
            if let Some(level) = level {
                let (left, right, y) = (frame.left, frame.right, frame.y(level.at));
                frame.canvas.line(class, (left, y), (right, y));
            }
        }
        for run in frame.runs(&self.before) {
            frame.canvas.through("polyline", "ch-prev", &run);
        }
        if self.trend.shape == Shape::Line {
            for run in frame.runs(&self.levels) {
                match run.as_slice() {
                    [alone] => frame.canvas.dot(*alone, 3.0),
                    run => frame.canvas.through("polyline", "ch-line", run),
                }
            }
            if let Some((at, _)) = self.last() {
                let place = (frame.x(self.last_index()), frame.y(at));
                frame.canvas.dot(place, 4.5);
            }
        }
    }

    fn draw_area(&self, frame: &mut Frame) {
        let zero = frame.y_of(0);
        for run in frame.runs(&self.levels) {
            if let (Some(first), Some(last), true) = (run.first(), run.last(), run.len() > 1) {
                let mut points = vec![(first.0, zero)];
                points.extend(&run);
                points.push((last.0, zero));
                frame.canvas.through("polygon", "ch-area", &points);
            }
        }
    }

    fn draw_columns(&self, frame: &mut Frame) {
        let zero = frame.y_of(0);
        let half = (frame.slot() * 0.35).min(20.0);
        for (at, (level, point)) in self.levels.iter().zip(&self.trend.points).enumerate() {
            let (Some(level), Some(value)) = (*level, point.value) else { continue };
            let (x, y) = (frame.x(at), frame.y(level));
            let area = Area { left: x - half, top: y.min(zero), right: x + half, bottom: y.max(zero) };
            let title = format!("{}: {}", point.label, value.text(self.lang));
            frame.canvas.bar(r#"class="b-bar""#, area, &title);
        }
    }

    /// As many labels as fit, counted from the newest.
    fn label_axis(&self, frame: &mut Frame) {
        let widest = self.trend.points.iter().map(|point| width(&point.label, false)).fold(0.0, f64::max).min(110.0);
        let every = (1..).find(|every| *every as f64 * frame.slot() >= widest + 10.0).unwrap_or(1);
        let y = frame.bottom + 19.0;
        for (at, point) in self.trend.points.iter().enumerate() {
            if (self.trend.points.len() - 1 - at).is_multiple_of(every) {
                let x = frame.x(at);
                frame.canvas.text((x, y), Anchor::Middle, &Label::new("", point.label.clone()), 110.0);
            }
        }
    }

    /// The first value of a line, where there is room for it.
    fn label_first(&self, frame: &mut Frame) {
        let first = self.levels.iter().position(Option::is_some).unwrap_or(0);
        let value = self.trend.points.get(first).and_then(|point| point.value);
        let (Some(value), Some(Some(level))) = (value, self.levels.get(first)) else { return };
        if self.trend.shape == Shape::Columns || first == self.last_index() {
            return;
        }
        let label = Label::new("t-line", value.short(self.lang));
        let (x, y) = (frame.x(first), frame.y(*level));
        let tracks = frame.track(&self.levels);
        let within =
            Area { left: x - 2.0, top: (y - 30.0).max(2.0), right: x + label.width() + 20.0, bottom: y + 30.0 };
        let within = Area { right: within.right.min(frame.right), bottom: within.bottom.min(frame.bottom), ..within };
        let wishes = [(x, y - 10.0), (x, y + 20.0)];
        let crossed = |area: &Area| tracks.iter().filter(|point| area.holds(**point)).count();
        if frame.canvas.place(&label, &wishes, within, crossed) {
            frame.canvas.dot((x, y), 3.0);
        }
    }

    /// Values above their columns: all when each fits its slot, else the newest alone.
    fn label_columns(&self, frame: &mut Frame) {
        if self.trend.shape == Shape::Line {
            return;
        }
        let last = self.last_index();
        let texts: Vec<Option<Label>> = self
            .trend
            .points
            .iter()
            .enumerate()
            .map(|(at, point)| {
                let class = if at == last { "strong" } else { "" };
                point
                    .value
                    .filter(|value| value.level().is_some())
                    .map(|value| Label::new(class, value.short(self.lang)))
            })
            .collect();
        let all = texts.iter().flatten().all(|label| label.width() + 4.0 <= frame.slot());
        for (at, (label, level)) in texts.iter().zip(&self.levels).enumerate() {
            let (Some(label), Some(level)) = (label, level) else { continue };
            if all || at == last {
                // A column below zero has its value above the base line: beneath it stands the axis.
                let y = frame.y((*level).max(0)) - 5.0;
                let (half, room) = (label.width() / 2.0, frame.canvas.width);
                let x = frame.x(at).min(frame.right + 6.0 - half).max(frame.left - 6.0 + half);
                frame.canvas.text((x, y), Anchor::Middle, label, room);
            }
        }
    }
}
