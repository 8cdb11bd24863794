//! A calendar file, checked whole: every fault with its line, in both languages.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::base::time::parse_date;
use crate::domain::calendar::session::in_order;
use crate::domain::calendar::{DayKind, EVERYBODY, Entry, Session, Version, WhoseDays};

/// Something of a file, and the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<T> {
    /// What stands there.
    pub value: T,
    /// The line, from 1.
    pub line: usize,
}

/// A year as a file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YearDraft {
    /// The year.
    pub year: Line<i64>,
    /// Where its days are decreed.
    pub source: Line<String>,
}

/// Hours of weekdays as a file says them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekDraft {
    /// `MON` to `SUN`.
    pub days: Vec<Line<String>>,
    /// Such as `07:00-11:30`.
    pub sessions: Vec<Line<String>>,
    /// Whose week it is.
    pub whose: Option<Line<String>>,
}

/// A date as a file says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayDraft {
    /// `YYYY-MM-DD`.
    pub date: Line<String>,
    /// `OFF`, `WORK` or `UNSURE`.
    pub kind: Line<String>,
    /// What it is called.
    pub name: Line<String>,
    /// Hours, for `WORK` alone; those of Monday when none are given.
    pub sessions: Vec<Line<String>>,
    /// Whose day it is.
    pub whose: Option<Line<String>>,
}

/// A file that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Name of the version.
    pub version: Line<String>,
    /// Its first day.
    pub valid_from: Line<String>,
    /// Its years.
    pub years: Vec<YearDraft>,
    /// Its weeks.
    pub weeks: Vec<WeekDraft>,
    /// Its dates.
    pub days: Vec<DayDraft>,
}

/// What is wrong with a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// In English.
    pub en: String,
    /// In Vietnamese.
    pub vi: String,
}

const NAME_MAX: usize = 40;
const TEXT_MAX: usize = 300;
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MON", Weekday::Mon),
    ("TUE", Weekday::Tue),
    ("WED", Weekday::Wed),
    ("THU", Weekday::Thu),
    ("FRI", Weekday::Fri),
    ("SAT", Weekday::Sat),
    ("SUN", Weekday::Sun),
];

/// The version that a file says, or everything that is wrong with it, in order of lines.
pub fn check(draft: &Draft) -> Result<Version, Vec<Fault>> {
    let mut checking = Checking { faults: Vec::new() };
    let id = checking.code(&draft.version, "version", "tên phiên bản");
    let valid_from = checking.date(&draft.valid_from);
    let years = checking.years(draft);
    let mut whose = checking.weeks(draft);
    checking.days(draft, &years, &mut whose);
    if let Some(from) = valid_from
        && !years.is_empty()
        && !years.keys().any(|year| *year >= from.year())
    {
        checking.fault(
            draft.valid_from.line,
            format!("valid_from {from} is after every year of the file"),
            format!("valid_from {from} sau mọi năm của tệp"),
        );
    }
    let mut faults = checking.faults;
    match (id, valid_from) {
        (Some(id), Some(valid_from)) if faults.is_empty() => Ok(Version { id, valid_from, years, whose }),
        _ => {
            faults.sort_by_key(|fault| fault.line);
            Err(faults)
        }
    }
}

struct Checking {
    faults: Vec<Fault>,
}

impl Checking {
    fn fault(&mut self, line: usize, en: String, vi: String) {
        self.faults.push(Fault { line, en, vi });
    }

    fn code(&mut self, text: &Line<String>, en: &str, vi: &str) -> Option<String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !text.value.is_empty() && text.value.len() <= NAME_MAX && text.value.chars().all(fits) {
            return Some(text.value.clone());
        }
        self.fault(
            text.line,
            format!("{en} is 1 to {NAME_MAX} of A-Z a-z 0-9 . - _"),
            format!("{vi} gồm 1 đến {NAME_MAX} ký tự A-Z a-z 0-9 . - _"),
        );
        None
    }

    fn text(&mut self, text: &Line<String>, en: &str, vi: &str) -> String {
        let trimmed = text.value.trim();
        if trimmed.is_empty() || trimmed.chars().count() > TEXT_MAX {
            self.fault(
                text.line,
                format!("{en} is empty or longer than {TEXT_MAX} characters"),
                format!("{vi} để trống hoặc dài quá {TEXT_MAX} ký tự"),
            );
        }
        trimmed.to_owned()
    }

    fn date(&mut self, text: &Line<String>) -> Option<NaiveDate> {
        let date = parse_date(&text.value);
        if date.is_none() {
            self.fault(
                text.line,
                format!("\"{}\" is no date; write YYYY-MM-DD", text.value),
                format!("\"{}\" không phải là ngày; hãy viết NĂM-THÁNG-NGÀY", text.value),
            );
        }
        date
    }

    fn whose(&mut self, whose: Option<&Line<String>>) -> Option<String> {
        match whose {
            None => Some(EVERYBODY.to_owned()),
            Some(whose) if whose.value == EVERYBODY => Some(EVERYBODY.to_owned()),
            Some(whose) => {
                self.code(whose, "whose is *, POST or the code of an agency; it", "whose là *, POST hoặc mã cơ quan;")
            }
        }
    }

    fn sessions(&mut self, texts: &[Line<String>]) -> Option<Vec<Session>> {
        let mut sessions = Vec::with_capacity(texts.len());
        for text in texts {
            match Session::parse(&text.value) {
                Some(session) => sessions.push(session),
                None => self.fault(
                    text.line,
                    format!("\"{}\" is no session; write 07:00-11:30", text.value),
                    format!("\"{}\" không phải là buổi làm việc; hãy viết 07:00-11:30", text.value),
                ),
            }
        }
        if sessions.len() < texts.len() {
            return None;
        }
        if !in_order(&sessions) {
            let line = texts.first().map_or(0, |text| text.line);
            self.fault(
                line,
                "sessions overlap or stand in the wrong order".to_owned(),
                "các buổi làm việc chồng nhau hoặc sai thứ tự".to_owned(),
            );
            return None;
        }
        Some(sessions)
    }

    fn years(&mut self, draft: &Draft) -> BTreeMap<i32, String> {
        let mut years = BTreeMap::new();
        for entry in &draft.years {
            let source = self.text(&entry.source, "source", "nguồn");
            let year = i32::try_from(entry.year.value).ok().filter(|year| (2000..=2099).contains(year));
            match year {
                None => self.fault(
                    entry.year.line,
                    format!("{} is no year of 2000 to 2099", entry.year.value),
                    format!("{} không phải là năm từ 2000 đến 2099", entry.year.value),
                ),
                Some(year) => {
                    if years.insert(year, source).is_some() {
                        self.fault(
                            entry.year.line,
                            format!("the year {year} stands twice"),
                            format!("năm {year} có hai lần"),
                        );
                    }
                }
            }
        }
        if draft.years.is_empty() {
            self.fault(
                draft.version.line,
                "the file has no [[year]]".to_owned(),
                "tệp chưa có [[year]] nào".to_owned(),
            );
        }
        years
    }

    fn weeks(&mut self, draft: &Draft) -> BTreeMap<String, WhoseDays> {
        let mut whose: BTreeMap<String, WhoseDays> = BTreeMap::new();
        for week in &draft.weeks {
            let owner = self.whose(week.whose.as_ref());
            let (Some(owner), Some(sessions)) = (owner, self.sessions(&week.sessions)) else { continue };
            let days = whose.entry(owner).or_default();
            for text in &week.days {
                let Some((_, weekday)) = WEEKDAYS.iter().find(|(name, _)| *name == text.value) else {
                    self.fault(
                        text.line,
                        format!("\"{}\" is no weekday; write MON TUE WED THU FRI SAT SUN", text.value),
                        format!(
                            "\"{}\" không phải là thứ trong tuần; hãy viết MON TUE WED THU FRI SAT SUN",
                            text.value
                        ),
                    );
                    continue;
                };
                if days.week.insert(weekday.number_from_monday(), sessions.clone()).is_some() {
                    self.fault(text.line, format!("{} stands twice", text.value), format!("{} có hai lần", text.value));
                }
            }
        }
        let works = |days: &WhoseDays| days.week.values().any(|sessions| !sessions.is_empty());
        if !whose.get(EVERYBODY).is_some_and(works) {
            self.fault(
                draft.version.line,
                "the file has no [[week]] with hours for everybody".to_owned(),
                "tệp chưa có [[week]] với giờ làm việc chung".to_owned(),
            );
        }
        whose
    }

    fn days(&mut self, draft: &Draft, years: &BTreeMap<i32, String>, whose: &mut BTreeMap<String, WhoseDays>) {
        let monday = Weekday::Mon.number_from_monday();
        let of_monday = whose.get(EVERYBODY).and_then(|days| days.week.get(&monday)).cloned().unwrap_or_default();
        for day in &draft.days {
            let name = self.text(&day.name, "name", "tên ngày");
            let (owner, kind, date) = (self.whose(day.whose.as_ref()), self.kind(day), self.date(&day.date));
            let sessions = self.sessions(&day.sessions);
            let (Some(owner), Some(kind), Some(date), Some(sessions)) = (owner, kind, date, sessions) else { continue };
            if !years.contains_key(&date.year()) {
                self.fault(
                    day.date.line,
                    format!("{date} is in a year that the file does not name"),
                    format!("ngày {date} thuộc năm mà tệp không khai"),
                );
            }
            if kind != DayKind::Work && !sessions.is_empty() {
                let line = day.sessions.first().map_or(day.date.line, |text| text.line);
                self.fault(line, "only WORK has sessions".to_owned(), "chỉ ngày WORK mới có buổi làm việc".to_owned());
            }
            let sessions = if kind == DayKind::Work && sessions.is_empty() { of_monday.clone() } else { sessions };
            if kind == DayKind::Work && sessions.is_empty() {
                self.fault(
                    day.kind.line,
                    "this WORK day needs sessions: everybody's Monday has none".to_owned(),
                    "ngày WORK này cần buổi làm việc: thứ Hai chung không có".to_owned(),
                );
            }
            if whose.entry(owner).or_default().days.insert(date, Entry { kind, sessions, name }).is_some() {
                self.fault(day.date.line, format!("{date} stands twice"), format!("ngày {date} có hai lần"));
            }
        }
    }

    fn kind(&mut self, day: &DayDraft) -> Option<DayKind> {
        let kind = DayKind::parse(&day.kind.value);
        if kind.is_none() {
            self.fault(
                day.kind.line,
                format!("\"{}\" is no kind; write OFF, WORK or UNSURE", day.kind.value),
                format!("\"{}\" không phải là loại ngày; hãy viết OFF, WORK hoặc UNSURE", day.kind.value),
            );
        }
        kind
    }
}
