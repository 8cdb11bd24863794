//! Offices or kinds side by side as horizontal bars, with their shares and a limit.

use crate::domain::problem::Language;
use crate::report::numbers::{NONE, say};
use crate::report::plot::draw::{Anchor, Area, Canvas, LINE, Label, width};
use crate::report::plot::figure::Table;
use crate::report::plot::scale::Scale;
use crate::report::plot::{Amount, Caption, Level, Unit};

/// One bar.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// Office or kind.
    pub name: String,
    /// Its value; a share over zero has no bar.
    pub value: Amount,
    /// What stands at the right edge: `9 ngày`. May be empty.
    pub note: String,
}

/// Bars in the order given.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// What stands around it.
    pub caption: Caption,
    /// What a row is: `Đơn vị`.
    pub each: String,
    /// What the value is: `Tỷ lệ trễ`.
    pub measured: String,
    /// What the notes are; empty when there are none.
    pub noted: String,
    /// The rows.
    pub rows: Vec<Ranked>,
    /// Bars beyond it are striped.
    pub limit: Option<Level>,
}

/// One row as it is written.
struct Written {
    name: Label,
    value: Label,
    base: Label,
    note: Label,
}

impl Written {
    fn behind_bar(&self) -> f64 {
        let base = if self.base.text.is_empty() { 0.0 } else { self.base.width() + 8.0 };
        self.value.width() + base
    }
}

impl Ranking {
    /// The whole figure.
    pub fn html(&self, lang: Language) -> String {
        let drawings = self.drawing(lang, true) + &self.drawing(lang, false);
        self.caption.figure(&drawings, &self.table(lang), lang)
    }

    fn table(&self, lang: Language) -> Table {
        let has_base = self.rows.iter().any(|row| matches!(row.value, Amount::Share { .. }));
        let mut heads = vec![self.each.clone()];
        if has_base {
            heads.push(say(lang, "Số / tổng", "Number / total").to_owned());
        }
        heads.push(self.measured.clone());
        if !self.noted.is_empty() {
            heads.push(self.noted.clone());
        }
        let row = |row: &Ranked| {
            let mut cells = vec![row.name.clone()];
            if has_base {
                cells.push(row.value.base(lang).unwrap_or_else(|| NONE.to_owned()));
            }
            cells.push(row.value.text(lang));
            if !self.noted.is_empty() {
                cells.push(row.note.clone());
            }
            cells
        };
        Table { rows: self.rows.iter().map(row).collect(), heads }
    }

    fn over(&self, row: &Ranked) -> bool {
        self.limit.as_ref().zip(row.value.level()).is_some_and(|(limit, level)| level > limit.at)
    }

    fn written(&self, row: &Ranked, lang: Language) -> Written {
        let over = if self.over(row) { say(lang, " quá ngưỡng", " over") } else { "" };
        Written {
            name: Label::new("", row.name.clone()),
            value: Label::new("strong", row.value.short(lang)),
            base: Label::new("", format!("{}{over}", row.value.base(lang).unwrap_or_default()).trim().to_owned()),
            note: Label::new("", row.note.clone()),
        }
    }

    /// Wide: the name left of its bar. Narrow: above it.
    fn drawing(&self, lang: Language, wide: bool) -> String {
        let written: Vec<Written> = self.rows.iter().map(|row| self.written(row, lang)).collect();
        let most = |of: &dyn Fn(&Written) -> f64| written.iter().map(of).fold(0.0, f64::max);
        let head = if self.limit.is_some() { LINE + 3.0 } else { 0.0 };
        let (size, pitch) = if wide { (510.0, 30.0) } else { (320.0, 36.0) };
        let note_room = most(&|row| row.note.width()).min(90.0);
        let left = if wide { most(&|row| row.name.width()).min(215.0) + 10.0 } else { 1.0 };
        let note_column = if wide && note_room > 0.0 { note_room + 10.0 } else { 0.0 };
        let right = (size - most(&Written::behind_bar) - 8.0 - note_column).max(left + 60.0);
        let mut canvas = Canvas::new(size, head + pitch * written.len() as f64 + 2.0);
        let pattern = self.caption.pattern(if wide { "w" } else { "n" }, "over");
        let unit = Unit::of(self.rows.iter().map(|row| row.value));
        let values = self.rows.iter().filter_map(|row| row.value.level());
        let scale = Scale::covering(values.chain(self.limit.iter().map(|limit| limit.at)), unit.rest());
        let (scale, zero) = (exact(scale, self), 0);
        let x = |level: i64| left + scale.along(level) * (right - left);
        if self.rows.iter().any(|row| self.over(row)) {
            canvas.stripes(&pattern, "b-bar");
        }
        for (at, (row, text)) in self.rows.iter().zip(&written).enumerate() {
            let y = head + pitch * at as f64;
            let (top, height, base) = if wide { (y + 7.0, 16.0, y + 19.0) } else { (y + 18.0, 11.0, y + 28.0) };
            let level = row.value.level().unwrap_or(0);
            let (from, to) = (x(level.min(zero)), x(level.max(zero)));
            // A bar that is there can be seen.
            let to = if level == 0 { from } else { to.max(from + 1.0) };
            let paint =
                if self.over(row) { format!(r#"fill="url(#{pattern})""#) } else { r#"class="b-bar""#.to_owned() };
            canvas.bar(&paint, Area { left: from, top, right: to, bottom: top + height }, "");
            match wide {
                true => canvas.text((left - 10.0, base), Anchor::End, &text.name, left - 10.0),
                false => {
                    let beside = if text.note.text.is_empty() { 0.0 } else { text.note.width().min(note_room) + 8.0 };
                    canvas.text((0.0, y + 12.0), Anchor::Start, &text.name, size - beside);
                }
            }
            // Beside a limit the values stand in a column of their own, so that its line cuts none of them.
            let value_at = if self.limit.is_some() { right } else { to } + 7.0;
            if let Some(limit) = &self.limit {
                let at = x(limit.at);
                canvas.line("ch-limit", (at, top - if wide { 4.0 } else { 0.0 }), (at, top + height + 2.0));
            }
            let room = size - note_column - value_at;
            canvas.text((value_at, base), Anchor::Start, &text.value, room);
            let base_at = value_at + text.value.width() + 8.0;
            if !text.base.text.is_empty() && base_at < size - note_column {
                canvas.text((base_at, base), Anchor::Start, &text.base, size - note_column - base_at);
            }
            if !text.note.text.is_empty() {
                let note_y = if wide { base } else { y + 12.0 };
                canvas.text((size, note_y), Anchor::End, &text.note, note_room);
            }
        }
        if let Some(limit) = &self.limit {
            let label = Label::new("t-limit", limit.text(unit, lang));
            let half = width(&label.text, false) / 2.0;
            let middle = x(limit.at).clamp(half.min(size / 2.0), (size - half).max(size / 2.0));
            canvas.text((middle, 12.0), Anchor::Middle, &label, size);
        }
        canvas.finished(if wide { "ch-wide" } else { "ch-narrow" }, self.caption.spoken())
    }
}

/// The scale without its rounding: bars have no axis, so the longest may use all the room.
fn exact(scale: Scale, ranking: &Ranking) -> Scale {
    let levels =
        || ranking.rows.iter().filter_map(|row| row.value.level()).chain(ranking.limit.iter().map(|limit| limit.at));
    let (low, high) = (levels().min().unwrap_or(0).min(0), levels().max().unwrap_or(0).max(0));
    if low == high { scale } else { Scale { low: low.into(), high: high.into(), ..scale } }
}
