//! One drawing as SVG text: shapes, text that is measured before it is set, and places that are already taken.
//!
//! The pages' security policy forbids `style` attributes, so what no class of `app.css` says stands in presentation attributes.

use std::fmt::Write;

use crate::report::markup::escaped;

/// Height of a line of text at 12 px; stacked marks (ế, ặ) need the room.
pub(super) const LINE: f64 = 15.0;
/// From the base line of a text to its top.
const ASCENT: f64 = 11.0;

/// Width of a text at 12 px, rather too wide than too narrow: the widest of the system fonts that the pages name.
pub(super) fn width(text: &str, bold: bool) -> f64 {
    let width: f64 = text.chars().map(char_width).sum();
    if bold { width * 1.12 } else { width }
}

fn char_width(c: char) -> f64 {
    match c {
        '\u{300}'..='\u{36f}' => 0.0,
        'i' | 'j' | 'l' | 'ì' | 'í' | 'ỉ' | 'ĩ' | 'ị' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 3.9,
        ' ' | '\u{a0}' => 3.9,
        'f' | 't' | '/' | '(' | ')' | '-' | 'I' => 4.8,
        'r' | '–' | '"' => 6.0,
        's' | 'c' | 'z' | 'k' | '…' => 7.0,
        'm' | '%' | 'M' | 'W' => 11.8,
        'w' | '&' | '−' | '+' | '<' | '>' | '=' => 10.1,
        '0'..='9' => 7.7,
        c if c.is_ascii_uppercase() => 9.0,
        c if u32::from(c) >= 0x2e80 => 12.5,
        c if c.is_uppercase() => 9.6,
        _ => 7.7,
    }
}

/// The text, cut with an ellipsis where it is wider than `room`; and whether it was cut.
pub(super) fn fitted(text: &str, room: f64, bold: bool) -> (String, bool) {
    // A room that was measured from this very text holds it, whatever the last bit says.
    if width(text, bold) <= room + 0.01 {
        return (text.to_owned(), false);
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if width(&kept, bold) + char_width('…') > room {
            kept.pop();
            break;
        }
    }
    (format!("{}…", kept.trim_end()), true)
}

/// Which point of a text stands at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A rectangle of the drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    fn meets(&self, other: &Area) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether a point lies inside.
    pub fn holds(&self, (x, y): (f64, f64)) -> bool {
        self.left <= x && x <= self.right && self.top <= y && y <= self.bottom
    }
}

/// A text to be set: its class, and what it says.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub class: &'static str,
    pub text: String,
}

impl Label {
    pub fn new(class: &'static str, text: impl Into<String>) -> Self {
        Label { class, text: text.into() }
    }

    /// Whether the style sheet sets it heavier.
    fn bold(&self) -> bool {
        matches!(self.class, "strong" | "t-line")
    }

    pub fn width(&self) -> f64 {
        width(&self.text, self.bold())
    }
}

/// A drawing in the making.
pub(super) struct Canvas {
    pub width: f64,
    pub height: f64,
    shapes: String,
    texts: String,
    taken: Vec<Area>,
}

impl Canvas {
    pub fn new(width: f64, height: f64) -> Self {
        Canvas { width, height, shapes: String::new(), texts: String::new(), taken: Vec::new() }
    }

    /// A straight line of a class.
    pub fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.shape(format_args!(r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#));
    }

    /// A broken line, or a filled area, through points.
    pub fn through(&mut self, element: &str, class: &str, points: &[(f64, f64)]) {
        let places: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.shape(format_args!(r#"<{element} class="{class}" points="{}"/>"#, places.join(" ")));
    }

    /// A dot on a line.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64) {
        self.shape(format_args!(r#"<circle class="ch-dot" cx="{x:.1}" cy="{y:.1}" r="{radius}"/>"#));
    }

    /// A bar; `paint` is its whole paint as attributes, `title` what it says when pointed at.
    pub fn bar(&mut self, paint: &str, area: Area, title: &str) {
        let (x, y) = (area.left, area.top);
        let (width, height) = ((area.right - area.left).max(0.0), (area.bottom - area.top).max(0.0));
        let title = if title.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(title)) };
        self.shape(format_args!(
            r#"<rect {paint} x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}">{title}</rect>"#
        ));
    }

    /// Stripes in the colour of a class, under a name that no other drawing of the page has.
    pub fn stripes(&mut self, id: &str, class: &str) {
        self.shape(format_args!(
            r#"<defs><pattern id="{id}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="{class}" width="5" height="5"/><rect width="1.5" height="5" fill="var(--surface)"/></pattern></defs>"#
        ));
    }

    /// Sets a text at a place; a text wider than `room` is cut, and its whole stands in a title.
    pub fn text(&mut self, at: (f64, f64), anchor: Anchor, label: &Label, room: f64) {
        let (shown, cut) = fitted(&label.text, room.max(0.0), label.bold());
        let area = area_of(at, anchor, width(&shown, label.bold()));
        let shift = (-area.left).max(0.0) - (area.right - self.width).max(0.0);
        self.taken.push(Area { left: area.left + shift, right: area.right + shift, ..area });
        let (x, y) = (at.0 + shift, at.1);
        let class = if label.class.is_empty() { String::new() } else { format!(r#" class="{}""#, label.class) };
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let title = if cut { format!("<title>{}</title>", escaped(&label.text)) } else { String::new() };
        let shown = escaped(&shown);
        // Writing into a String cannot fail.
        let _ = write!(self.texts, r#"<text{class} x="{x:.1}" y="{y:.1}"{anchor}>{shown}{title}</text>"#);
    }

    /// Sets a text where it covers no other text and as little as possible of what `crossed` counts: at the first of `wishes`
    /// that is free, else anywhere inside `within`. Says whether there was a place.
    pub fn place(
        &mut self,
        label: &Label,
        wishes: &[(f64, f64)],
        within: Area,
        crossed: impl Fn(&Area) -> usize,
    ) -> bool {
        let width = label.width();
        let rows = (0..).map(|row| within.top + ASCENT + f64::from(row) * 5.0).take_while(|y| *y <= within.bottom);
        let columns = [within.left, (within.left + within.right - width) / 2.0, within.right - width];
        let anywhere = rows.flat_map(|y| columns.map(|x| (x, y)));
        let free = |at: &(f64, f64)| {
            let area = area_of(*at, Anchor::Start, width);
            let inside = area.left >= within.left - 0.1 && area.right <= within.right + 0.1;
            inside
                && area.top >= 0.0
                && area.bottom <= self.height
                && !self.taken.iter().any(|taken| taken.meets(&area))
        };
        let cost = |at: &(f64, f64)| crossed(&area_of(*at, Anchor::Start, width));
        let wished = wishes.iter().copied().filter(|at| free(at)).find(|at| cost(at) == 0);
        let best = wished.or_else(|| wishes.iter().copied().chain(anywhere).filter(|at| free(at)).min_by_key(cost));
        if let Some(at) = best {
            self.text(at, Anchor::Start, label, f64::INFINITY);
        }
        best.is_some()
    }

    /// The drawing, whole. Texts come last, with an edge in the ground's colour so that a line behind them does not cut them.
    pub fn finished(self, class: &str, spoken: &str) -> String {
        let Canvas { width, height, shapes, texts, .. } = self;
        let class = if class.is_empty() { String::new() } else { format!(r#"class="{class}" "#) };
        format!(
            r#"<svg {class}viewBox="0 0 {width:.0} {height:.0}" role="img" aria-label="{}">{shapes}<g stroke="var(--surface)" stroke-width="3" stroke-linejoin="round" paint-order="stroke">{texts}</g></svg>"#,
            escaped(spoken)
        )
    }

    fn shape(&mut self, shape: std::fmt::Arguments<'_>) {
        // Writing into a String cannot fail.
        let _ = self.shapes.write_fmt(shape);
    }
}

fn area_of((x, y): (f64, f64), anchor: Anchor, width: f64) -> Area {
    let left = match anchor {
        Anchor::Start => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::End => x - width,
    };
    Area { left, top: y - ASCENT, right: left + width, bottom: y + LINE - ASCENT }
}
