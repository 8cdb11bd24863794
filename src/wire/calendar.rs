//! The file of a working calendar (`schemas/calendar`): TOML, read with the line of everything in it.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::domain::calendar::{DayDraft, Draft, Fault, Line, Version, WeekDraft, YearDraft, check};

/// The calendar that the program brings.
pub const BUILT_IN: &str = include_str!("../../schemas/calendar/vietnam-2025-2026.toml");

/// Reads and checks a file: its version, or every fault with its line.
pub fn read(text: &str) -> Result<Version, Vec<Fault>> {
    let mut reading = Reading { text, faults: Vec::new() };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            let (en, vi) =
                (format!("this is no TOML: {}", error.message()), "dòng này không đúng dạng TOML".to_owned());
            return Err(vec![Fault { line, en, vi }]);
        }
    };
    let draft = reading.draft(Table::of(root.get_ref(), 0));
    match draft {
        Some(draft) if reading.faults.is_empty() => check(&draft),
        _ => {
            reading.faults.sort_by_key(|fault| fault.line);
            Err(reading.faults)
        }
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

/// A value and where it begins.
struct Found<'t> {
    value: &'t DeValue<'t>,
    at: usize,
}

/// A table and where it begins.
struct Table<'t> {
    members: Vec<(&'t str, Range<usize>, Found<'t>)>,
    at: usize,
}

impl<'t> Table<'t> {
    fn of(table: &'t DeTable<'t>, at: usize) -> Self {
        let members = table.iter().map(|(key, value)| {
            let found = Found { value: value.get_ref(), at: value.span().start };
            (key.get_ref().as_ref(), key.span(), found)
        });
        Table { members: members.collect(), at }
    }

    /// Where its first member stands: more telling than where a header does.
    fn begins(&self) -> usize {
        self.members.iter().map(|(_, key, _)| key.start).min().unwrap_or(self.at)
    }

    fn get(&self, name: &str) -> Option<&Found<'t>> {
        self.members.iter().find(|(key, ..)| *key == name).map(|(.., found)| found)
    }
}

struct Reading<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl<'t> Reading<'t> {
    fn fault(&mut self, at: usize, en: String, vi: String) {
        self.faults.push(Fault { line: line_of(self.text, at), en, vi });
    }

    fn draft(&mut self, root: Table<'t>) -> Option<Draft> {
        self.known(&root, &["version", "valid_from", "year", "week", "day"]);
        let version = self.text(&root, "version");
        let valid_from = self.text(&root, "valid_from");
        let mut years = Vec::new();
        for table in self.tables(&root, "year") {
            self.known(&table, &["year", "source"]);
            let (year, source) = (self.number(&table, "year"), self.text(&table, "source"));
            years.extend(year.zip(source).map(|(year, source)| YearDraft { year, source }));
        }
        let mut weeks = Vec::new();
        for table in self.tables(&root, "week") {
            self.known(&table, &["days", "sessions", "whose"]);
            let (days, sessions) = (self.texts(&table, "days"), self.texts(&table, "sessions"));
            let whose = self.optional(&table, "whose");
            weeks.push(WeekDraft { days, sessions, whose });
        }
        let mut days = Vec::new();
        for table in self.tables(&root, "day") {
            self.known(&table, &["date", "kind", "name", "sessions", "whose"]);
            let (date, kind, name) = (self.text(&table, "date"), self.text(&table, "kind"), self.text(&table, "name"));
            let sessions = if table.get("sessions").is_some() { self.texts(&table, "sessions") } else { Vec::new() };
            let whose = self.optional(&table, "whose");
            if let (Some(date), Some(kind), Some(name)) = (date, kind, name) {
                days.push(DayDraft { date, kind, name, sessions, whose });
            }
        }
        Some(Draft { version: version?, valid_from: valid_from?, years, weeks, days })
    }

    /// Members that mean nothing are faults: a misspelt one would be a day that is silently not there.
    fn known(&mut self, table: &Table<'t>, names: &[&str]) {
        for (key, span, _) in &table.members {
            if !names.contains(key) {
                let all = names.join(", ");
                self.fault(
                    span.start,
                    format!("\"{key}\" is unknown here; known are {all}"),
                    format!("không có mục \"{key}\" ở đây; chỉ có {all}"),
                );
            }
        }
    }

    fn missing(&mut self, table: &Table<'t>, name: &str) {
        self.fault(table.begins(), format!("\"{name}\" is missing"), format!("thiếu \"{name}\""));
    }

    fn text(&mut self, table: &Table<'t>, name: &str) -> Option<Line<String>> {
        let found = self.optional(table, name);
        if table.get(name).is_none() {
            self.missing(table, name);
        }
        found
    }

    fn optional(&mut self, table: &Table<'t>, name: &str) -> Option<Line<String>> {
        let found = table.get(name)?;
        self.string(found.value, found.at, name)
    }

    fn string(&mut self, value: &DeValue<'t>, at: usize, name: &str) -> Option<Line<String>> {
        if let DeValue::String(text) = value {
            return Some(Line { value: text.to_string(), line: line_of(self.text, at) });
        }
        self.fault(at, format!("\"{name}\" is a text in quotes"), format!("\"{name}\" là văn bản trong dấu ngoặc kép"));
        None
    }

    fn number(&mut self, table: &Table<'t>, name: &str) -> Option<Line<i64>> {
        let Some(found) = table.get(name) else {
            self.missing(table, name);
            return None;
        };
        let number = match found.value {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        if number.is_none() {
            self.fault(found.at, format!("\"{name}\" is a whole number"), format!("\"{name}\" là số nguyên"));
        }
        number.map(|value| Line { value, line: line_of(self.text, found.at) })
    }

    fn texts(&mut self, table: &Table<'t>, name: &str) -> Vec<Line<String>> {
        let Some(found) = table.get(name) else {
            self.missing(table, name);
            return Vec::new();
        };
        let DeValue::Array(items) = found.value else {
            self.fault(found.at, format!("\"{name}\" is a list of texts"), format!("\"{name}\" là danh sách văn bản"));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.string(item.get_ref(), item.span().start, name)).collect()
    }

    fn tables(&mut self, root: &Table<'t>, name: &str) -> Vec<Table<'t>> {
        let Some(found) = root.get(name) else { return Vec::new() };
        let tables = match found.value {
            DeValue::Array(items) => items
                .iter()
                .map(|item| match item.get_ref() {
                    DeValue::Table(table) => Some(Table::of(table, item.span().start)),
                    _ => None,
                })
                .collect::<Option<Vec<_>>>(),
            _ => None,
        };
        if tables.is_none() {
            self.fault(found.at, format!("write [[{name}]]"), format!("hãy viết [[{name}]]"));
        }
        tables.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::{Calendar, DayKind, EVERYBODY, sample};

    #[test]
    fn the_built_in_file_is_the_calendar_of_the_examples() {
        let version = read(BUILT_IN).unwrap();
        assert_eq!(version.years.keys().copied().collect::<Vec<_>>(), [2025, 2026]);
        let unsure: Vec<_> =
            version.whose[EVERYBODY].days.iter().filter(|(_, day)| day.kind == DayKind::Unsure).collect();
        assert_eq!(unsure.len(), 1, "24 November 2026 alone");
        let (built_in, sample) = (Calendar::of(vec![version]), sample::calendar());
        let mut date = sample::date("2025-01-01");
        while date < sample::date("2027-01-01") {
            let of = |calendar: &Calendar| calendar.days_of(EVERYBODY).day(date).map(|day| day.sessions.to_vec());
            assert_eq!(of(&built_in), of(&sample), "{date}");
            date = date.succ_opt().unwrap();
        }
        assert!(built_in.days_of(EVERYBODY).day(date).is_err());
    }

    fn faults(text: &str) -> Vec<(usize, String)> {
        let faults = read(text).unwrap_err();
        assert!(faults.iter().all(|fault| !fault.vi.is_empty() && fault.vi != fault.en));
        faults.into_iter().map(|fault| (fault.line, fault.en)).collect()
    }

    #[test]
    fn every_fault_has_its_line() {
        let text = "version = \"v 1\"\nvalid_from = \"2026-02-30\"\n\n[[year]]\nyear = 2026\nsource = \"QĐ\"\n\n[[week]]\ndays = [\"MON\", \"TUS\"]\n\
             sessions = [\"11:30-07:00\"]\n\n[[week]]\ndays = [\"MON\", \"TUS\"]\nsessions = [\"07:00-11:30\"]\n\n[[day]]\ndate = \"2027-01-01\"\n\
             kind = \"OF\"\nname = \"Tết\"\n\n[[day]]\ndate = \"2027-01-02\"\nkind = \"OFF\"\nname = \"Tết\"\nsessions = [\"07:00-11:30\"]\n";
        let found = faults(text);
        let lines: Vec<_> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [1, 2, 10, 13, 18, 22, 25], "{found:?}");
    }

    #[test]
    fn members_that_mean_nothing_and_members_that_are_missing() {
        let found = faults("version = \"v1\"\nvalid_form = \"2026-01-01\"\n[[year]]\nyear = \"2026\"\n");
        assert_eq!(
            found,
            [
                (1, "\"valid_from\" is missing".to_owned()),
                (2, "\"valid_form\" is unknown here; known are version, valid_from, year, week, day".to_owned()),
                (4, "\"year\" is a whole number".to_owned()),
                (4, "\"source\" is missing".to_owned()),
            ]
        );
        assert_eq!(faults("version = \"v1\"\nyear = [\n")[0].0, 2);
        assert_eq!(
            faults("version = \"v1\"\nvalid_from = \"2026-01-01\"\nday = 5\n"),
            [(3, "write [[day]]".to_owned())]
        );
        let alone = faults("version = \"v1\"\nvalid_from = \"2026-01-01\"\n");
        assert_eq!(alone.len(), 2, "{alone:?}");
    }

    #[test]
    fn a_day_or_a_year_stands_once() {
        let year = "[[year]]\nyear = 2026\nsource = \"QĐ\"\n";
        let week = "[[week]]\ndays = [\"MON\"]\nsessions = [\"07:00-11:30\", \"11:00-17:00\"]\n";
        let day = "[[day]]\ndate = \"2026-05-01\"\nkind = \"OFF\"\nname = \"Lễ\"\n";
        let found = faults(&format!("version = \"v1\"\nvalid_from = \"2027-01-01\"\n{year}{year}{week}{day}{day}"));
        let told = found.iter().map(|(line, en)| format!("{line} {en}")).collect::<Vec<_>>().join("\n");
        for (line, part) in [(7, "the year 2026 stands twice"), (11, "overlap"), (17, "2026-05-01 stands twice")] {
            assert!(
                told.lines().any(|each| each.starts_with(&format!("{line} ")) && each.contains(part)),
                "{part}: {told}"
            );
        }
        assert!(told.contains("2 valid_from 2027-01-01 is after every year"), "{told}");
    }
}
