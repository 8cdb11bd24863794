//! The compiler's view of one job: a template, its data and pictures, the fonts of the program; nothing else exists.

use super::{Job, PapersError, TemplateFault, make_printable, templates};
use chrono::{Datelike, Timelike};
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_pdf::{PdfOptions, Timestamp};

const MAIN: &str = "paper.typ";
const PARTS: &str = "parts.typ";
const DATA: &str = "data.json";

/// Vietnam is seven hours ahead of UTC the whole year.
const OFFSET_MINUTES: i32 = 7 * 60;

/// Results of layout are kept for so many papers: long enough for equal pieces of one run, short enough to stay small.
const KEPT_FOR: usize = 4;

static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| typst_assets::fonts().flat_map(|data| Font::iter(Bytes::new(data))).collect());
static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// Sets the job as PDF.
pub(super) fn pdf(job: Job<'_>) -> Result<Vec<u8>, PapersError> {
    let (identity, date) = (job.identity.clone(), job.date.and_then(|at| datetime(at.to_vietnam())));
    let desk = Desk::new(job)?;
    let set = typst::compile(&desk).output.and_then(|document| {
        let timestamp = date.and_then(|date| Timestamp::new_local(date, OFFSET_MINUTES));
        let creator = Smart::Custom(Some("Giao Nhận".to_owned()));
        typst_pdf::pdf(
            &document,
            &PdfOptions { ident: Smart::Custom(identity), creator, timestamp, ..PdfOptions::default() },
        )
    });
    typst::comemo::evict(KEPT_FOR);
    set.map_err(|faults| PapersError::Template(faults.iter().map(|fault| desk.fault(fault)).collect()))
}

/// The files of one job, all in memory.
struct Desk {
    main: Source,
    parts: Source,
    files: Vec<(String, Bytes)>,
    today: Option<Datetime>,
}

impl Desk {
    fn new(mut job: Job<'_>) -> Result<Self, PapersError> {
        make_printable(&mut job.data);
        let data = Bytes::from_string(job.data.to_string());
        let pictures = job.pictures.into_iter().map(|(name, bytes)| (name, Bytes::new(bytes)));
        let files = std::iter::once((DATA.to_owned(), data)).chain(pictures).collect();
        Ok(Desk {
            main: Source::new(id(MAIN)?, job.template.to_owned()),
            parts: Source::new(id(PARTS)?, templates::PARTS.to_owned()),
            files,
            today: job.date.and_then(|at| day(at.to_vietnam())),
        })
    }

    fn fault(&self, fault: &SourceDiagnostic) -> TemplateFault {
        let file = fault.span.id();
        let source = file.and_then(|file| self.source(file).ok());
        let start = self.range(fault.span).map(|range| range.start);
        let place = source.zip(start).and_then(|(source, at)| source.lines().byte_to_line_column(at));
        let hints = fault.hints.iter().map(|hint| format!(" ({})", hint.v)).collect::<String>();
        TemplateFault {
            file: file.map_or(MAIN.to_owned(), |file| file.vpath().get_without_slash().to_owned()),
            line: place.map(|(line, _)| line + 1),
            column: place.map(|(_, column)| column + 1),
            message: format!("{}{hints}", fault.message),
        }
    }
}

/// The name of a file of a job. All jobs use the same few names: the compiler keeps each name for ever.
fn id(name: &str) -> Result<FileId, PapersError> {
    let fault = |_| TemplateFault { file: name.to_owned(), line: None, column: None, message: "not a name".to_owned() };
    let path = VirtualPath::new(name).map_err(|error| PapersError::Template(vec![fault(error)]))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn day(local: chrono::NaiveDateTime) -> Option<Datetime> {
    Datetime::from_ymd(local.year(), u8::try_from(local.month()).ok()?, u8::try_from(local.day()).ok()?)
}

fn datetime(local: chrono::NaiveDateTime) -> Option<Datetime> {
    let small = |number: u32| u8::try_from(number).ok();
    Datetime::from_ymd_hms(
        local.year(),
        small(local.month())?,
        small(local.day())?,
        small(local.hour())?,
        small(local.minute())?,
        small(local.second())?,
    )
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let found = [&self.main, &self.parts].into_iter().find(|source| source.id() == id);
        found.cloned().ok_or_else(|| FileError::NotFound(id.vpath().get_without_slash().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let name = id.vpath().get_without_slash();
        let found = self.files.iter().find(|(file, _)| *id.root() == VirtualRoot::Project && file == name);
        found.map(|(_, bytes)| bytes.clone()).ok_or_else(|| FileError::NotFound(name.into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    /// The date of the paper: a template that asks for today gets the same answer for ever.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// The words of each page, piece by piece as they are set.
#[cfg(test)]
pub(super) fn page_texts(job: Job<'_>) -> Result<Vec<String>, PapersError> {
    use typst::layout::{Frame, FrameItem};
    fn collect(frame: &Frame, out: &mut String) {
        for (_, item) in frame.items() {
            match item {
                FrameItem::Group(group) => collect(&group.frame, out),
                FrameItem::Text(text) => out.push_str(&text.text),
                _ => {}
            }
        }
    }
    let desk = Desk::new(job)?;
    let document = typst::compile(&desk).output;
    // Only a document of pages can be asked for a PDF; asking settles which kind is meant.
    let checked = document.and_then(|document| {
        typst_pdf::pdf(&document, &PdfOptions::default())?;
        Ok(document)
    });
    let document =
        checked.map_err(|faults| PapersError::Template(faults.iter().map(|fault| desk.fault(fault)).collect()))?;
    let text = |frame: &Frame| {
        let mut out = String::new();
        collect(frame, &mut out);
        out
    };
    Ok(document.pages().iter().map(|page| text(&page.frame)).collect())
}

/// The letters that a family can draw neither whole nor from a letter and its marks, in some of its styles.
#[cfg(test)]
pub(super) fn letters_without_glyph(family: &str, letters: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let fonts: Vec<_> = FONTS.iter().filter(|font| font.info().family == family).collect();
    assert!(!fonts.is_empty());
    let drawn = |letter: char| {
        fonts.iter().all(|font| {
            let has = |c: char| font.info().coverage.contains(u32::from(c));
            has(letter) || std::iter::once(letter).nfd().all(has)
        })
    };
    letters.chars().filter(|letter| !drawn(*letter)).collect()
}
