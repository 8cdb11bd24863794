//! What stands around a drawing: caption, table of its figures, the word for nothing to draw.

use crate::domain::problem::Language;
use crate::report::markup::escaped;
use crate::report::numbers::say;
use crate::report::plot::Caption;

/// The figures of a plot as text: heads, and rows whose first cell is their head.
pub(super) struct Table {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    fn html(&self, caption: &Caption, lang: Language) -> String {
        let head = |(at, text): (usize, &String)| {
            let class = if at == 0 { "" } else { r#" class="num""# };
            format!(r#"<th scope="col"{class}>{}</th>"#, escaped(text))
        };
        let cell = |(at, text): (usize, &String)| match at {
            0 => format!(r#"<th scope="row">{}</th>"#, escaped(text)),
            _ => format!(r#"<td class="num">{}</td>"#, escaped(text)),
        };
        let heads: String = self.heads.iter().enumerate().map(head).collect();
        let row = |row: &Vec<String>| format!("<tr>{}</tr>", row.iter().enumerate().map(cell).collect::<String>());
        let rows: String = self.rows.iter().map(row).collect();
        let name = escaped(&format!("{}: {}", say(lang, "Bảng số", "Figures"), caption.finding));
        format!(
            r#"<details><summary>{}</summary><div class="scroll-x" tabindex="0" role="region" aria-label="{name}"><table class="tbl"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"#,
            say(lang, "Xem bảng số", "Figures")
        )
    }
}

impl Caption {
    pub(super) fn spoken(&self) -> &str {
        if self.spoken.is_empty() { &self.finding } else { &self.spoken }
    }

    /// A name for a pattern of one of its drawings, safe in an attribute and in `url(#…)`.
    pub(super) fn pattern(&self, drawing: &str, what: &str) -> String {
        let safe: String = self.id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("ch-{safe}-{drawing}-{what}")
    }

    /// The figure around drawings, with their figures beneath.
    pub(super) fn figure(&self, drawings: &str, table: &Table, lang: Language) -> String {
        let (finding, counted) = (escaped(&self.finding), escaped(&self.counted));
        let inner = match table.rows.is_empty() {
            true => format!(r#"<p class="mut">{}</p>"#, say(lang, "Chưa có số liệu.", "No figures yet.")),
            false => format!("{drawings}{}", table.html(self, lang)),
        };
        format!(
            r#"<figure class="panel chart"><figcaption><b>{finding}</b><span>{counted}</span></figcaption>{inner}</figure>"#
        )
    }
}
