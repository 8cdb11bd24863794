//! Taking the books of the other sides: from a file, from a call, or what they answer when they are asked. The same bytes for the same
//! days are one book.

mod cases;
mod pulled;

pub use cases::{Gathered, Question, take_cases};
pub use pulled::take_reports;

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::app::idempotency::{Keyed, Rendered};
use crate::app::people::{Doing, act};
use crate::app::{App, AppError, inbox};
use crate::base::digest::sha256_hex;
use crate::base::id::BookId;
use crate::base::text::fold;
use crate::base::time::Ts;
use crate::domain::books::{BookSide, CaseSays, PostSays, is_sound};
pub use crate::domain::books::{Covers, Source};
use crate::domain::custody::EventKind;
use crate::domain::problem::{Code, Problem, Refusal};
use crate::peers::{Mapped, status};
use crate::store::WriteSet;
use crate::store::books::{self as kept, BookEntryRow, BookRow, BookTaken};
use crate::wire::Format;
use crate::wire::books::{Book, CaseLine, PostLine, read_one_stop, read_post};

/// Whether a book has every item of its days. The lists that a post gives a customer are of what was ordered through it: of papers that
/// the post took at its own counters they say nothing.
pub fn has_everything(book: &BookRow) -> bool {
    let of_orders = book.side == BookSide::Post.as_str() && book.source == Source::Pull.as_str();
    book.complete == 1 && !of_orders
}

/// What is said of a book beside its lines.
#[derive(Debug, Clone)]
pub struct About {
    /// Whose.
    pub side: BookSide,
    /// Which counterpart.
    pub counterpart: String,
    /// First day.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// The instant for which it was written; now when none is given.
    pub as_of: Option<Ts>,
    /// Nothing of these days is missing in it.
    pub complete: bool,
    /// What it lists.
    pub covers: Covers,
    /// How it came.
    pub source: Source,
}

/// What became of a book.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The book.
    pub row: BookRow,
    /// It was there before, with the same bytes.
    pub known: bool,
    /// Lines that were refused.
    pub refused: Vec<(usize, Vec<Problem>)>,
}

/// Takes a book as the counterpart wrote it. Lines that cannot be read are told and make it incomplete: what is not read is not
/// missing.
pub fn take(
    app: &App,
    about: &About,
    format: Format,
    body: &[u8],
    keyed: Option<&Keyed<'_, Taken>>,
    doing: Doing<'_>,
) -> Result<(Taken, Option<Rendered>), AppError> {
    let as_of = checked(app, about)?;
    let sha256 = sha256_hex(body);
    let (entries, refused) = match about.side {
        BookSide::Post => {
            let Book { lines, mut refused } = read_post(format, body)?;
            (unique(lines.iter().map(|line| (line.line_no, post_entry(line))), &mut refused), refused)
        }
        BookSide::OneStop => {
            let Book { lines, mut refused } = read_one_stop(format, body)?;
            let mut entries = Vec::new();
            for line in &lines {
                match case_entry(line) {
                    Ok(entry) => entries.push((line.line_no, entry)),
                    Err(problem) => refused.push((line.line_no, vec![problem])),
                }
            }
            (unique(entries.into_iter(), &mut refused), refused)
        }
    };
    let outside: Vec<&BookEntryRow> = entries.iter().filter(|entry| !within(&entry.day, about)).collect();
    if let Some(first) = outside.first() {
        return Err(Refusal::body(vec![Problem::error(
            Code::FieldInvalid,
            format!("lines[{}].day", first.line_no),
            format!("{} of the lines lie outside of {} to {}", outside.len(), about.from, about.until),
            format!("{} dòng nằm ngoài khoảng {} đến {}", outside.len(), about.from, about.until),
        )])
        .into());
    }
    add(app, about, &Read { as_of, sha256, entries, refused, gone: None }, keyed, doing)
}

fn within(day: &str, about: &About) -> bool {
    (about.from.to_string().as_str()..about.until.to_string().as_str()).contains(&day)
}

fn checked(app: &App, about: &About) -> Result<Ts, AppError> {
    let now = app.now();
    let as_of = about.as_of.unwrap_or(now);
    if about.from >= about.until {
        return Err(refused(
            "until",
            "is after from; it is the day after the last",
            "phải sau from; là ngày sau ngày cuối",
        ));
    }
    if as_of > now {
        return Err(refused("asOf", "is not in the future", "không thể ở tương lai"));
    }
    Ok(as_of)
}

fn refused(field: &str, en: &str, vi: &str) -> AppError {
    Refusal::body(vec![Problem::error(Code::FieldInvalid, field, en, vi)]).into()
}

/// Each key once. Two items of one order are two entries, as of an order that was taken twice; a second line of one item is refused, since
/// nobody can say which of the two is the book's word.
fn unique(
    entries: impl Iterator<Item = (usize, BookEntryRow)>,
    refused: &mut Vec<(usize, Vec<Problem>)>,
) -> Vec<BookEntryRow> {
    let mut by_key: BTreeMap<String, BookEntryRow> = BTreeMap::new();
    for (line_no, mut entry) in entries {
        let other_item = by_key.get(&entry.entry_key).is_some_and(|first| first.item_number != entry.item_number);
        if let Some(item) = entry.item_number.as_ref().filter(|_| other_item) {
            entry.entry_key = format!("{}/{item}", entry.entry_key);
        }
        match by_key.get(&entry.entry_key) {
            Some(first) => refused.push((
                line_no,
                vec![Problem::error(
                    Code::DuplicateInManifest,
                    "",
                    format!("has the number of line {}", first.line_no),
                    format!("trùng số với dòng {}", first.line_no),
                )],
            )),
            None => {
                by_key.insert(entry.entry_key.clone(), entry);
            }
        }
    }
    by_key.into_values().collect()
}

/// What was read of a book.
struct Read {
    as_of: Ts,
    sha256: String,
    entries: Vec<BookEntryRow>,
    refused: Vec<(usize, Vec<Problem>)>,
    /// Keys that the side was asked about and does not have; none of a book that is whole by itself.
    gone: Option<Vec<String>>,
}

fn add(
    app: &App,
    about: &About,
    read: &Read,
    keyed: Option<&Keyed<'_, Taken>>,
    doing: Doing<'_>,
) -> Result<(Taken, Option<Rendered>), AppError> {
    let Read { as_of, sha256, entries, refused, gone } = read;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    app.decide_and_commit(None, |set: &mut WriteSet| {
        let row = BookRow {
            id: BookId::make(&app.ids).into(),
            side: about.side.as_str().to_owned(),
            counterpart: about.counterpart.clone(),
            from_day: about.from.to_string(),
            until_day: about.until.to_string(),
            as_of_us: as_of.us(),
            complete: i64::from(about.complete && refused.is_empty()),
            covers: about.covers.as_str().to_owned(),
            source: about.source.as_str().to_owned(),
            content_sha256: sha256.clone(),
            entries: count(entries.len()),
            refused: count(refused.len()),
            taken_at_us: app.now().us(),
            taken_by: doing.person.map(str::to_owned),
        };
        let before = app.store.read(|db| kept::same_book(db, &row))?;
        let taken = Taken { known: before.is_some(), row: before.unwrap_or(row), refused: refused.clone() };
        if !taken.known {
            let said = match about.source {
                Source::Pull => pulled::with_older_words(app, about, entries)?,
                Source::File | Source::Api => entries.clone(),
            };
            let filled = said.into_iter().map(|entry| BookEntryRow {
                side: taken.row.side.clone(),
                counterpart: taken.row.counterpart.clone(),
                book_id: taken.row.id.clone(),
                as_of_us: taken.row.as_of_us,
                item_sound: entry.item_number.as_deref().map(|number| i64::from(is_sound(number))),
                ..entry
            });
            let (row, entries) = (taken.row.clone(), filled.collect());
            set.books.push(BookTaken { row, entries, gone: gone.clone() });
            set.acts.push(act(app, doing, "BOOK.TAKEN", Some(&taken.row.id)));
        }
        let reply = keyed.map(|keyed| keyed.reply(&taken, set));
        Ok((taken, reply))
    })
}

fn blank(entry_key: String, line_no: usize, day: NaiveDate, says: &str) -> BookEntryRow {
    BookEntryRow {
        side: String::new(),
        counterpart: String::new(),
        entry_key,
        book_id: String::new(),
        line_no: i64::try_from(line_no).unwrap_or(i64::MAX),
        as_of_us: 0,
        day: day.to_string(),
        says: says.to_owned(),
        said_at_us: None,
        raw_code: None,
        leg_id: None,
        item_number: None,
        item_sound: None,
        dossier_no: None,
        leg_kind: None,
        agency_code: None,
        originals: None,
        copies: None,
        seal_no: None,
        receiver_sha256: None,
        fee: None,
        filed_by_post: None,
        result_by_post: None,
        sent_on: None,
    }
}

/// Our word, or the words of the counter (domain 10.4); what neither knows is unmapped, never guessed.
fn post_says(text: &str) -> PostSays {
    if let Some(says) = PostSays::parse(&text.to_ascii_uppercase()) {
        return says;
    }
    let mapped = status::Table::builtin(status::TEXT_FAMILY).map_or(Mapped::Unmapped, |table| table.map_text(text));
    says_of(&mapped).unwrap_or(PostSays::Unmapped)
}

fn says_of(mapped: &Mapped) -> Option<PostSays> {
    match mapped {
        Mapped::Event(word) => EventKind::parse(word).and_then(PostSays::of_event),
        Mapped::Unmapped => Some(PostSays::Unmapped),
        _ => None,
    }
}

/// The receiver as both books may spell it, salted with the entry's key so that equal names of two items look different.
pub fn receiver_digest(entry_key: &str, name: &str) -> String {
    sha256_hex(format!("{entry_key}\u{1f}{}", fold(name)).as_bytes())
}

fn post_entry(line: &PostLine) -> BookEntryRow {
    let keys = [&line.order_number, &line.item_number, &line.dossier_no];
    let key = keys.into_iter().flatten().next().cloned().unwrap_or_default();
    let says = post_says(&line.status);
    BookEntryRow {
        said_at_us: line.status_at.map(Ts::us),
        raw_code: (says == PostSays::Unmapped).then(|| line.status.clone()),
        leg_id: line.order_number.as_deref().map(inbox::leg_of_order),
        item_number: line.item_number.clone(),
        dossier_no: line.dossier_no.clone(),
        leg_kind: line.leg_kind.map(|kind| kind.as_str().to_owned()),
        originals: line.originals,
        copies: line.copies,
        seal_no: line.seal_no.clone(),
        receiver_sha256: line.receiver.as_ref().map(|name| receiver_digest(&key, name.reveal())),
        fee: line.fee,
        ..blank(key, line.line_no, line.day, says.as_str())
    }
}

fn case_entry(line: &CaseLine) -> Result<BookEntryRow, Problem> {
    let number = line.status.parse().ok().and_then(CaseSays::of_number);
    let says = number.or_else(|| CaseSays::parse(&line.status.to_ascii_uppercase())).ok_or_else(|| {
        Problem::error(
            Code::FieldInvalid,
            "status",
            "is OPEN, READY, RETURNED, STOPPED or a number of TrangThaiHoSo, 1 to 10",
            "là OPEN, READY, RETURNED, STOPPED hoặc số của TrangThaiHoSo, 1 đến 10",
        )
    })?;
    Ok(BookEntryRow {
        said_at_us: line.status_at.map(Ts::us),
        dossier_no: Some(line.dossier_no.clone()),
        agency_code: line.agency_code.clone(),
        filed_by_post: line.filed_by_post.map(i64::from),
        result_by_post: line.result_by_post.map(i64::from),
        sent_on: line.sent_on.map(|day| day.to_string()),
        ..blank(line.dossier_no.clone(), line.line_no, line.day, says.as_str())
    })
}
