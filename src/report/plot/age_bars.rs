//! What each holder has, by how long it has been there: one stacked bar per holder, striped beyond the limit.

use crate::domain::problem::Language;
use crate::report::numbers::{say, whole};
use crate::report::plot::draw::{Anchor, Area, Canvas, LINE, Label};
use crate::report::plot::figure::Table;
use crate::report::plot::{Caption, Keeper};

/// One holder.
#[derive(Debug, Clone)]
pub struct AgeRow {
    /// Its mark and colour.
    pub keeper: Keeper,
    /// Its name.
    pub name: String,
    /// How many, by class of age, youngest first; negative counts are none.
    pub counts: Vec<i64>,
}

/// Holders by age of what they hold, on one scale.
#[derive(Debug, Clone)]
pub struct AgeBars {
    /// What stands around it.
    pub caption: Caption,
    /// What a row is: `Người giữ`.
    pub each: String,
    /// Classes of age, youngest first: `0–1 ngày`.
    pub classes: Vec<String>,
    /// The first class beyond the limit; as many as there are classes when none is.
    pub over_from: usize,
    /// The rows.
    pub rows: Vec<AgeRow>,
}

/// Width of a shade in the key.
const SWATCH: f64 = 14.0;

impl AgeRow {
    fn count(&self, class: usize) -> i64 {
        self.counts.get(class).copied().unwrap_or(0).max(0)
    }

    fn total(&self, classes: std::ops::Range<usize>) -> i64 {
        classes.map(|class| self.count(class)).fold(0, i64::saturating_add)
    }
}

impl AgeBars {
    /// The whole figure.
    pub fn html(&self, lang: Language) -> String {
        let drawings = self.drawing(lang, true) + &self.drawing(lang, false);
        self.caption.figure(&drawings, &self.table(lang), lang)
    }

    fn table(&self, lang: Language) -> Table {
        let mut heads = vec![self.each.clone()];
        heads.extend(self.classes.iter().cloned());
        heads.push(say(lang, "Cộng", "Total").to_owned());
        let rows = self.rows.iter().map(|row| {
            let counts = (0..self.classes.len()).map(|class| whole(row.count(class), lang));
            let total = whole(row.total(0..self.classes.len()), lang);
            [row.name.clone()].into_iter().chain(counts).chain([total]).collect()
        });
        Table { rows: rows.collect(), heads }
    }

    /// How strong a class is drawn: older is stronger.
    fn strength(&self, class: usize) -> f64 {
        const YOUNGEST: f64 = 0.3;
        YOUNGEST + (1.0 - YOUNGEST) * class as f64 / self.classes.len().saturating_sub(1).max(1) as f64
    }

    fn drawing(&self, lang: Language, wide: bool) -> String {
        let classes = 0..self.classes.len();
        let (size, pitch, drawing) = if wide { (510.0, 46.0, "w") } else { (320.0, 52.0, "n") };
        let names = self.rows.iter().map(|row| Label::new("", row.name.clone()).width()).fold(0.0, f64::max);
        let left = if wide { names.min(170.0) + 10.0 } else { 1.0 };
        let totals: Vec<Label> =
            self.rows.iter().map(|row| Label::new("strong", whole(row.total(classes.clone()), lang))).collect();
        let total_room = totals.iter().map(Label::width).fold(0.0, f64::max).min(150.0);
        let right = size - if wide { total_room + 8.0 } else { 1.0 };

        // The key stands first: where a class has no room to name itself, its shade has been named.
        let rows_of_key = self.key_places(size);
        let key_height = rows_of_key.iter().map(|(_, _, y)| y + LINE + 9.0).fold(0.0, f64::max);
        let mut canvas = Canvas::new(size, key_height + pitch * self.rows.len() as f64);
        self.draw_key(&mut canvas, drawing, &rows_of_key);

        let most = self.rows.iter().map(|row| row.total(classes.clone())).max().unwrap_or(0).max(1) as f64;
        for (at, (row, total)) in self.rows.iter().zip(&totals).enumerate() {
            let y = key_height + pitch * at as f64;
            let (top, height) = if wide { (y + 4.0, 16.0) } else { (y + 18.0, 12.0) };
            let pattern = self.pattern(drawing, row.keeper.word());
            let mut x = left;
            let mut labels: Vec<(f64, Label)> = Vec::new();
            for class in classes.clone() {
                let count = row.count(class);
                if count == 0 {
                    continue;
                }
                let to = (x + (count as f64 / most * (right - left)).max(2.0)).min(right);
                let paint = self.paint(class, row.keeper.bar_class(), &format!("--{}", row.keeper.word()), &pattern);
                let name = self.classes.get(class).map_or("", String::as_str);
                let shown = whole(count, lang);
                let title = format!("{}, {name}: {shown}", row.name);
                canvas.bar(&paint, Area { left: x, top, right: to, bottom: top + height }, &title);
                labels.push(((x + to) / 2.0, Label::new(if class >= self.over_from { "strong" } else { "" }, shown)));
                x = to + 1.0;
            }
            self.label_row(&mut canvas, row, labels, (left, top + height + 13.0), lang);
            let name = Label::new("", row.name.clone());
            match wide {
                true => {
                    canvas.text((left - 10.0, y + 16.0), Anchor::End, &name, left - 10.0);
                    canvas.text((x + 6.0, y + 16.0), Anchor::Start, total, size - x - 6.0);
                }
                false => {
                    canvas.text((0.0, y + 12.0), Anchor::Start, &name, size - total_room - 10.0);
                    canvas.text((size, y + 12.0), Anchor::End, total, total_room);
                }
            }
        }
        canvas.finished(if wide { "ch-wide" } else { "ch-narrow" }, self.caption.spoken())
    }

    /// The shades with their names, and the stripes that the drawing uses.
    fn draw_key(&self, canvas: &mut Canvas, drawing: &str, places: &[(usize, f64, f64)]) {
        for class in (0..self.classes.len()).skip(self.over_from).take(1) {
            canvas.stripes(&self.pattern(drawing, "key"), "b-bar");
            let mut words: Vec<&'static str> = Vec::new();
            for row in self.rows.iter().filter(|row| row.total(class..self.classes.len()) > 0) {
                if !words.contains(&row.keeper.word()) {
                    canvas.stripes(&self.pattern(drawing, row.keeper.word()), row.keeper.bar_class());
                    words.push(row.keeper.word());
                }
            }
        }
        for (class, x, y) in places {
            let paint = self.paint(*class, "b-bar", "--ch-1", &self.pattern(drawing, "key"));
            canvas.bar(&paint, Area { left: x + 0.5, top: y + 2.5, right: x + SWATCH, bottom: y + 13.0 }, "");
            let name = self.classes.get(*class).cloned().unwrap_or_default();
            let room = canvas.width - x - SWATCH - 5.0;
            canvas.text((x + SWATCH + 5.0, y + 12.0), Anchor::Start, &Label::new("", name), room);
        }
    }

    /// Counts under their pieces where all of them fit; else all classes in their order, as in the key.
    fn label_row(&self, canvas: &mut Canvas, row: &AgeRow, labels: Vec<(f64, Label)>, at: (f64, f64), lang: Language) {
        let mut free_from = 0.0;
        let all_fit = labels.iter().all(|(middle, label)| {
            let start = middle - label.width() / 2.0;
            let fits = start >= free_from && start + label.width() <= canvas.width;
            free_from = start + label.width() + 5.0;
            fits
        });
        if all_fit {
            for (middle, label) in labels {
                let room = canvas.width;
                canvas.text((middle, at.1), Anchor::Middle, &label, room);
            }
            return;
        }
        let counts: Vec<String> = (0..self.classes.len()).map(|class| whole(row.count(class), lang)).collect();
        let room = canvas.width - at.0;
        canvas.text(at, Anchor::Start, &Label::new("", counts.join(" · ")), room);
    }

    fn pattern(&self, drawing: &str, what: &str) -> String {
        self.caption.pattern(drawing, what)
    }

    /// Older is stronger, beyond the limit striped; the edge keeps the palest class visible.
    fn paint(&self, class: usize, bar_class: &str, token: &str, pattern: &str) -> String {
        match class >= self.over_from {
            true => format!(r#"fill="url(#{pattern})" stroke="var({token})""#),
            false => format!(r#"class="{bar_class}" fill-opacity="{:.2}" stroke="var({token})""#, self.strength(class)),
        }
    }

    /// Where each class stands in the key: class, left edge, top.
    fn key_places(&self, size: f64) -> Vec<(usize, f64, f64)> {
        let (mut x, mut y) = (0.0, 0.0);
        let mut places = Vec::new();
        for (class, name) in self.classes.iter().enumerate() {
            let needed = SWATCH + 5.0 + Label::new("", name.clone()).width();
            if x > 0.0 && x + needed > size {
                (x, y) = (0.0, y + LINE + 3.0);
            }
            places.push((class, x, y));
            x += needed + 16.0;
        }
        places
    }
}
