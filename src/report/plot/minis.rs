//! Small multiples: the same few classes for each holder, each on its own scale.

use crate::domain::problem::Language;
use crate::report::markup::escaped;
use crate::report::numbers::{say, whole};
use crate::report::plot::draw::{Anchor, Area, Canvas, Label};
use crate::report::plot::figure::Table;
use crate::report::plot::scale::Scale;
use crate::report::plot::{Caption, Keeper};

/// One small drawing.
#[derive(Debug, Clone)]
pub struct Mini {
    /// Whose it is.
    pub keeper: Keeper,
    /// The name beside the mark.
    pub name: String,
    /// The main number: `93 chờ thu gom`; the sum of the counts when empty.
    pub total: String,
    /// One column each; negative counts are none.
    pub counts: Vec<i64>,
}

/// Small drawings side by side.
#[derive(Debug, Clone)]
pub struct Minis {
    /// What stands around them; that each has its own scale is added to what is counted.
    pub caption: Caption,
    /// What a drawing is: `Người giữ`.
    pub each: String,
    /// Names of the columns, few letters each: `3–5`.
    pub classes: Vec<String>,
    /// The first striped column; as many as there are columns when none is.
    pub over_from: usize,
    /// The drawings.
    pub items: Vec<Mini>,
}

impl Mini {
    fn count(&self, class: usize) -> i64 {
        self.counts.get(class).copied().unwrap_or(0).max(0)
    }
}

impl Minis {
    /// The whole figure.
    pub fn html(&self, lang: Language) -> String {
        let drawings: String = self.items.iter().enumerate().map(|(at, item)| self.item(at, item, lang)).collect();
        let own_scale = say(lang, "Mỗi hình một thang.", "Each drawing has its own scale.");
        let counted = format!("{} {own_scale}", self.caption.counted);
        let caption = Caption { counted: counted.trim().to_owned(), ..self.caption.clone() };
        caption.figure(&format!(r#"<div class="minis">{drawings}</div>"#), &self.table(lang), lang)
    }

    fn table(&self, lang: Language) -> Table {
        let heads = [self.each.clone()].into_iter().chain(self.classes.iter().cloned()).collect();
        let row = |item: &Mini| {
            let counts = (0..self.classes.len()).map(|class| whole(item.count(class), lang));
            [item.name.clone()].into_iter().chain(counts).collect()
        };
        Table { rows: self.items.iter().map(row).collect(), heads }
    }

    fn item(&self, at: usize, item: &Mini, lang: Language) -> String {
        let sum = self.counts_of(item).fold(0, i64::saturating_add);
        let total = if item.total.is_empty() { whole(sum, lang) } else { item.total.clone() };
        let spoken: Vec<String> = (self.classes.iter().zip(self.counts_of(item)))
            .map(|(class, count)| format!("{class}: {}", whole(count, lang)))
            .collect();
        let drawing = self.columns(at, item, &format!("{}. {}", item.name, spoken.join(", ")), lang);
        format!("<div><h4>{}<b>{}</b></h4>{drawing}</div>", item.keeper.mark(&item.name), escaped(&total))
    }

    fn counts_of<'a>(&'a self, item: &'a Mini) -> impl Iterator<Item = i64> + 'a {
        (0..self.classes.len()).map(|class| item.count(class))
    }

    fn columns(&self, at: usize, item: &Mini, spoken: &str, lang: Language) -> String {
        const TOP: f64 = 22.0;
        const BASE: f64 = 88.0;
        let mut canvas = Canvas::new(150.0, 110.0);
        canvas.line("ch-base", (0.0, BASE), (150.0, BASE));
        let pattern = self.caption.pattern(&at.to_string(), item.keeper.word());
        if self.over_from < self.classes.len() {
            canvas.stripes(&pattern, item.keeper.bar_class());
        }
        let most = self.counts_of(item).max().unwrap_or(0);
        let scale = Scale { low: 0, high: i128::from(most.max(1)), step: 1 };
        let slot = 150.0 / self.classes.len().max(1) as f64;
        for (class, (name, count)) in self.classes.iter().zip(self.counts_of(item)).enumerate() {
            let middle = slot * (class as f64 + 0.5);
            let top = BASE - (scale.along(count) * (BASE - TOP)).max(if count > 0 { 1.0 } else { 0.0 });
            let half = (slot * 0.4).min(12.0);
            let paint = match class >= self.over_from {
                true => format!(r#"fill="url(#{pattern})""#),
                false => format!(r#"class="{}""#, item.keeper.bar_class()),
            };
            let shown = whole(count, lang);
            let area = Area { left: middle - half, top, right: middle + half, bottom: BASE };
            canvas.bar(&paint, area, &format!("{name}: {shown}"));
            canvas.text((middle, top - 4.0), Anchor::Middle, &Label::new("strong", shown), slot);
            canvas.text((middle, 104.0), Anchor::Middle, &Label::new("", name.clone()), slot);
        }
        canvas.finished("", spoken)
    }
}
