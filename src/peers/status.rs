//! Status tables: what a family's code or words mean in the words of contract 6.1. The tables are data
//! (`schemas/status`), named by family and version; what is not in one is unmapped.

use crate::peers::Mapped;
use chrono::NaiveDate;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The event words a table may use.
pub const EVENTS: &[&str] = &[
    "ORDERED",
    "COLLECTION_ASSIGNED",
    "COLLECTION_FAILED",
    "ACCEPTED",
    "IN_TRANSIT",
    "AT_DELIVERY_POST",
    "OUT_FOR_DELIVERY",
    "ATTEMPT_FAILED",
    "PARTIAL",
    "DELIVERED",
    "RETURNING",
    "RETURNED",
    "LOST",
    "DAMAGED",
    "CANCELLED",
    "FEE_COLLECTED",
    "FEE_REMITTED",
];

const SOURCES: &[&str] = &[
    include_str!("../../schemas/status/p1.toml"),
    include_str!("../../schemas/status/p2.toml"),
    include_str!("../../schemas/status/p4.toml"),
    include_str!("../../schemas/status/text.toml"),
];

/// The table of status words stands under this family.
pub const TEXT_FAMILY: &str = "P6";

static BUILTIN: LazyLock<Vec<Table>> =
    LazyLock::new(|| SOURCES.iter().filter_map(|source| Table::parse(source).ok()).collect());

static CAUSES: LazyLock<Vec<(&'static str, Vec<String>)>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        causes: BTreeMap<String, Vec<String>>,
    }
    let file = toml::from_str::<File>(include_str!("../../schemas/status/causes.toml"));
    let causes = file.map(|file| file.causes).unwrap_or_default();
    let phrases = |word: &&str| causes.get(*word).map(|phrases| phrases.iter().map(|phrase| folded(phrase)).collect());
    CAUSE_WORDS.iter().filter_map(|word| Some((*word, phrases(word)?))).collect()
});

/// The causes of contract 6.1, `OTHER` left out.
const CAUSE_WORDS: &[&str] = &["ABSENT", "UNREACHABLE", "WRONG_ADDRESS", "MOVED", "REFUSED", "NOT_CLAIMED"];

/// One table of one family in one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Family: `P2`.
    pub family: String,
    /// Version of the table.
    pub version: String,
    /// First day on which it reads reports.
    pub valid_from: NaiveDate,
    reads_text: bool,
    codes: BTreeMap<String, Mapped>,
    /// Folded phrases, the longest first.
    phrases: Vec<(String, Mapped)>,
    denials: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    family: String,
    version: String,
    valid_from: String,
    reads_text: bool,
    #[serde(default)]
    events: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    aside: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    phrases: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    denials: BTreeMap<String, Vec<String>>,
}

impl Table {
    /// The table that is compiled in for this family.
    pub fn builtin(family: &str) -> Option<&'static Table> {
        BUILTIN.iter().find(|table| table.family == family)
    }

    /// Reads a table; the refusal says what to mend.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let valid_from = crate::base::time::parse_date(&file.valid_from)
            .ok_or_else(|| format!("valid_from = \"{}\" is not a date YYYY-MM-DD", file.valid_from))?;
        let mut codes = BTreeMap::new();
        let aside = file.aside.values().map(|codes| (Mapped::Note, codes));
        let events = file.events.iter().map(|(word, codes)| (Mapped::Event(word.clone()), codes));
        for (mapped, raw_codes) in events.chain(aside) {
            for code in raw_codes {
                if codes.insert(code.trim().to_owned(), mapped.clone()).is_some() {
                    return Err(format!("code \"{code}\" of {} stands in the table twice", file.family));
                }
            }
        }
        let mut phrases = Vec::new();
        for (word, texts) in &file.phrases {
            phrases.extend(texts.iter().map(|text| (folded(text), Mapped::Event(word.clone()))));
        }
        phrases.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.chars().count()));
        if let Some(word) = file.events.keys().chain(file.phrases.keys()).find(|word| !EVENTS.contains(&word.as_str()))
        {
            return Err(format!("\"{word}\" is not an event; known: {}", EVENTS.join(", ")));
        }
        let denials = file.denials.values().flatten().map(|word| folded(word)).collect();
        let File { family, version, reads_text, .. } = file;
        Ok(Table { family, version, valid_from, reads_text, codes, phrases, denials })
    }

    /// What a code means.
    pub fn map(&self, code: &str) -> Mapped {
        self.codes.get(code.trim()).cloned().unwrap_or(Mapped::Unmapped)
    }

    /// What words mean: the longest phrase found decides, unless it is denied by the word before it.
    pub fn map_text(&self, text: &str) -> Mapped {
        let padded = format!(" {} ", folded(text));
        let found = self.phrases.iter().find_map(|(phrase, mapped)| {
            let at = padded.find(&format!(" {phrase} "))?;
            Some((padded.get(..at).unwrap_or_default(), mapped))
        });
        match found {
            Some((before, mapped)) if !self.denies(before) => mapped.clone(),
            _ => Mapped::Unmapped,
        }
    }

    fn denies(&self, before: &str) -> bool {
        self.denials.iter().any(|denial| format!(" {}", before.trim()).ends_with(&format!(" {denial}")))
    }
}

/// What a fact's `raw{family, code?, text?}` means. A code decides alone, so that an unknown code stays unmapped
/// whatever its words; words alone are read where the family allows it.
pub fn map_raw(family: &str, code: Option<&str>, text: Option<&str>) -> Mapped {
    let Some(table) = Table::builtin(family) else { return Mapped::Unmapped };
    match (code.filter(|code| !code.trim().is_empty()), text) {
        (Some(code), _) => table.map(code),
        (None, Some(text)) if table.reads_text => {
            Table::builtin(TEXT_FAMILY).map_or(Mapped::Unmapped, |words| words.map_text(text))
        }
        _ => Mapped::Unmapped,
    }
}

/// A meaning that people gave to a code, beside the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Family.
    pub family: String,
    /// The code; empty when the family sent words alone.
    pub raw_code: String,
    /// The words that must stand with it; empty for any.
    pub raw_text: String,
    /// What it means.
    pub mapped: Mapped,
    /// It reads what happened at or after this instant.
    pub valid_from_us: i64,
}

impl Rule {
    fn reads(&self, family: &str, code: &str, text: &str, occurred_at_us: i64) -> bool {
        self.family == family
            && self.raw_code == code
            && self.valid_from_us <= occurred_at_us
            && (self.raw_text.is_empty() || folded(&self.raw_text) == folded(text))
    }
}

/// As `map_raw`, and where the tables know nothing by these rules: of those that read it one with words comes before one without,
/// then the one that began last.
pub fn map_with(rules: &[Rule], family: &str, code: Option<&str>, text: Option<&str>, occurred_at_us: i64) -> Mapped {
    let mapped = map_raw(family, code, text);
    if mapped != Mapped::Unmapped {
        return mapped;
    }
    let (code, text) = (code.unwrap_or_default().trim(), text.unwrap_or_default());
    let reading = rules.iter().filter(|rule| rule.reads(family, code, text, occurred_at_us));
    let best = reading.max_by_key(|rule| (!rule.raw_text.is_empty(), rule.valid_from_us));
    best.map_or(Mapped::Unmapped, |rule| rule.mapped.clone())
}

/// The cause of a failed attempt in the words of the contract: `OTHER` when the text says nothing known.
pub fn cause(text: &str) -> &'static str {
    let folded = folded(text);
    let found = CAUSES.iter().find(|(_, phrases)| phrases.iter().any(|phrase| folded.contains(phrase.as_str())));
    found.map_or("OTHER", |(word, _)| word)
}

/// Lower case, without marks, `đ` as `d`, words one space apart: so `huỷ` is `hủy`, and decomposed text is composed.
pub fn folded(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .nfd()
        .filter(|character| !is_combining_mark(*character))
        .map(|character| match character {
            'đ' => 'd',
            letter if letter.is_alphanumeric() => letter,
            _ => ' ',
        })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(word: &str) -> Mapped {
        Mapped::Event(word.to_owned())
    }

    #[test]
    fn every_table_that_is_compiled_in_reads() {
        for source in SOURCES {
            Table::parse(source).unwrap();
        }
        assert_eq!(CAUSES.len(), CAUSE_WORDS.len());
        assert_eq!(Table::builtin("P4").map(|table| table.codes.len()), Some(26));
    }

    /// Wire-formats 5.1: the same number means five things.
    #[test]
    fn a_code_means_nothing_without_its_family() {
        assert_eq!(map_raw("P4", Some("4"), None), event("COLLECTION_ASSIGNED"));
        assert_eq!(map_raw("P1", Some("4"), Some("Phát thành công")), Mapped::Unmapped);
        assert_eq!(map_raw("P1", None, Some("Phát thành công")), Mapped::Unmapped);
        assert_eq!(map_raw("P9", Some("4"), None), Mapped::Unmapped);
        assert_eq!(map_raw("P4", Some("14"), None), event("DELIVERED"));
        assert_eq!(map_raw("P4", Some(" 19 "), None), event("RETURNED"));
        assert_eq!(map_raw("P4", Some("28"), None), Mapped::Note);
        for unknown in ["0", "101", "111", "999", "014", "phát"] {
            assert_eq!(map_raw("P4", Some(unknown), Some("Phát thành công")), Mapped::Unmapped, "{unknown}");
        }
    }

    #[test]
    fn rules_read_what_the_tables_do_not_know() {
        let rule = |code: &str, text: &str, word: &str, valid_from_us| Rule {
            family: "P4".to_owned(),
            raw_code: code.to_owned(),
            raw_text: text.to_owned(),
            mapped: event(word),
            valid_from_us,
        };
        let rules = [
            rule("105", "", "IN_TRANSIT", 10),
            rule("105", "", "AT_DELIVERY_POST", 20),
            rule("105", "Chờ phát", "OUT_FOR_DELIVERY", 15),
            rule("14", "", "LOST", 0),
        ];
        let map = |family: &str, code: &str, text: &str, at_us| map_with(&rules, family, Some(code), Some(text), at_us);
        assert_eq!(map("P4", "105", "", 9), Mapped::Unmapped, "before any of them began");
        assert_eq!(map("P4", "105", "", 10), event("IN_TRANSIT"));
        assert_eq!(map("P4", " 105 ", "khác", 25), event("AT_DELIVERY_POST"));
        assert_eq!(map("P4", "105", "CHỜ  PHÁT", 25), event("OUT_FOR_DELIVERY"), "words before none");
        assert_eq!(map("P1", "105", "", 25), Mapped::Unmapped, "another family");
        assert_eq!(map("P4", "14", "", 25), event("DELIVERED"), "the tables stand before rules");
    }

    /// Three public programs count "phát hoàn thành công" as delivered (wire-formats 8.2).
    #[test]
    fn the_longest_phrase_decides() {
        let text = |text: &str| map_raw("P4", None, Some(text));
        assert_eq!(text("Phát thành công"), event("DELIVERED"));
        assert_eq!(text("Phát hoàn thành công"), event("RETURNED"));
        assert_eq!(text("PHÁT KHÔNG THÀNH CÔNG - người nhận đi vắng"), event("ATTEMPT_FAILED"));
        assert_eq!(text("Phát thành công một phần"), event("PARTIAL"));
        assert_eq!((text("Đơn hàng huỷ"), text("Đơn hàng hủy")), (event("CANCELLED"), event("CANCELLED")));
        let decomposed: String = "Phát hoàn thành công".nfd().collect();
        assert_eq!(text(&decomposed), event("RETURNED"));
        for unsaid in ["Chưa phát thành công", "Not delivered", "Undelivered", "Sẽ phát lại", ""] {
            assert_eq!(text(unsaid), Mapped::Unmapped, "{unsaid}");
        }
    }

    #[test]
    fn causes_are_read_from_words() {
        for (text, word) in [
            ("Người nhận đi vắng", "ABSENT"),
            ("Không liên lạc được", "UNREACHABLE"),
            ("Sai địa chỉ", "WRONG_ADDRESS"),
            ("Người nhận từ chối", "REFUSED"),
            ("Hẹn phát lại", "OTHER"),
            ("", "OTHER"),
        ] {
            assert_eq!(cause(text), word, "{text}");
        }
    }

    #[test]
    fn a_table_with_a_mistake_is_refused_with_the_mistake() {
        let head = "family = \"P8\"\nversion = \"1\"\nvalid_from = \"2026-01-01\"\nreads_text = false\n[events]\n";
        let mistake = |rows: &str| Table::parse(&format!("{head}{rows}")).unwrap_err();
        assert!(mistake("ACCEPTED = [\"1\"]\nDELIVERED = [\"1\"]").contains("twice"));
        assert!(mistake("ARRIVED = [\"1\"]").contains("ARRIVED"));
        assert!(Table::parse("family = \"P8\"").is_err());
    }

    proptest! {
        #[test]
        fn folding_is_stable_and_mapping_never_fails(text in "\\PC{0,60}") {
            prop_assert_eq!(folded(&folded(&text)), folded(&text));
            let _ = (map_raw("P4", None, Some(&text)), map_raw("P4", Some(&text), None), cause(&text));
        }
    }
}
