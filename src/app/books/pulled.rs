//! Taking what a post lists when it is asked, and what older words say beside a list.

use std::collections::BTreeMap;

use crate::app::books::{About, Read, Taken, add, blank, checked, receiver_digest, says_of, within};
use crate::app::people::Doing;
use crate::app::{App, AppError, inbox};
use crate::base::digest::sha256_hex;
use crate::base::time::Ts;
use crate::domain::books::PostSays;
use crate::peers::Report;
use crate::store::books::{self as kept, BookEntryRow, ComparedEntryRow, Named, Of};

/// Reports by order; where the post accepted two items for one order, which it ought not, each further item is an entry of its own.
fn by_item(reports: &[Report]) -> BTreeMap<String, Vec<&Report>> {
    let mut by_order: BTreeMap<&str, BTreeMap<Option<&str>, Vec<&Report>>> = BTreeMap::new();
    for report in reports {
        let item = report.item_number.as_deref();
        if let Some(key) = report.order_key.as_deref().or(item) {
            by_order.entry(key.trim()).or_default().entry(item).or_default().push(report);
        }
    }
    let mut found: BTreeMap<String, Vec<&Report>> = BTreeMap::new();
    for (order, items) in by_order {
        let first = items.iter().filter_map(|(item, reports)| {
            item.map(|item| (reports.iter().map(|report| report.occurred_at).min(), item))
        });
        let first = first.min().map(|(_, item)| item);
        for (item, reports) in items {
            let key = match item {
                Some(item) if Some(item) != first => format!("{order}/{item}"),
                _ => order.to_owned(),
            };
            found.entry(key).or_default().extend(reports);
        }
    }
    found
}

/// Takes the post's own lists as its book: the newest word of each order, on the day of its first.
pub fn take_reports(app: &App, about: &About, reports: &[Report], doing: Doing<'_>) -> Result<Taken, AppError> {
    let as_of = checked(app, about)?;
    let mut entries = Vec::new();
    for (key, mut reports) in by_item(reports) {
        let key = key.as_str();
        reports.sort_by_key(|report| report.occurred_at);
        let said = reports.iter().rev().find_map(|report| says_of(&report.event).map(|says| (*report, says)));
        let (Some(first), Some((newest, says))) = (reports.first(), said) else { continue };
        let day = first.occurred_at.to_vietnam().date();
        if !(about.from..about.until).contains(&day) {
            continue;
        }
        let item = reports.iter().rev().find_map(|report| report.item_number.clone());
        let receiver = newest.receiver_name.as_ref().filter(|_| says == PostSays::Delivered);
        entries.push(BookEntryRow {
            said_at_us: Some(newest.occurred_at.us()),
            raw_code: Some(format!("{}:{}", newest.family, newest.raw_code)),
            leg_id: newest.order_key.as_deref().map(inbox::leg_of_order),
            item_number: item,
            receiver_sha256: receiver.map(|name| receiver_digest(key, name.reveal())),
            ..blank(key.to_owned(), entries.len() + 1, day, says.as_str())
        });
    }
    let word = |entry: &BookEntryRow| {
        format!("{}\u{1f}{}\u{1f}{:?}\u{1f}{:?}", entry.entry_key, entry.says, entry.said_at_us, entry.item_number)
    };
    let sha256 = digest(about, as_of, entries.iter().map(word));
    let read = Read { as_of, sha256, entries, refused: Vec::new(), gone: None };
    add(app, about, &read, None, doing).map(|(taken, _)| taken)
}

/// What a side says on a day: asking again on the same day for what did not change is the same book.
pub(super) fn digest(about: &About, as_of: Ts, words: impl Iterator<Item = String>) -> String {
    let day = as_of.to_vietnam().date();
    let text: Vec<String> = std::iter::once(format!("{day} {}", about.complete)).chain(words).collect();
    sha256_hex(text.join("\n").as_bytes())
}

/// What older words of the same keys said and a list that was asked for cannot say stays said: its silence takes nothing back.
pub(super) fn with_older_words(
    app: &App,
    about: &About,
    entries: &[BookEntryRow],
) -> Result<Vec<BookEntryRow>, AppError> {
    let of = Of { side: about.side.as_str(), counterpart: &about.counterpart };
    let keys: Vec<String> = entries.iter().map(|entry| entry.entry_key.clone()).collect();
    let items: Vec<String> = entries.iter().filter_map(|entry| entry.item_number.clone()).collect();
    let known = app.store.read(|db| {
        let mut known = kept::entries_named(db, of, Named::Key, &keys)?;
        // A file that knows no order numbers calls the same item by its own.
        let by_item = kept::entries_named(db, of, Named::Item, &items)?;
        known.extend(by_item.into_iter().filter(|entry| entry.leg_id.is_none() && within(&entry.day, about)));
        Ok(known)
    })?;
    let by_key: BTreeMap<&str, &ComparedEntryRow> =
        known.iter().map(|entry| (entry.entry_key.as_str(), entry)).collect();
    let nameless = |entry: &&ComparedEntryRow| entry.leg_id.is_none();
    let by_item: BTreeMap<&str, &ComparedEntryRow> =
        known.iter().filter(nameless).filter_map(|entry| Some((entry.item_number.as_deref()?, entry))).collect();
    let filled = entries.iter().cloned().map(|entry| {
        let named = by_key.get(entry.entry_key.as_str()).copied();
        let same_item = entry.item_number.as_deref().and_then(|item| by_item.get(item)).copied();
        [named, same_item].into_iter().flatten().fold(entry, beside)
    });
    Ok(filled.collect())
}

fn beside(new: BookEntryRow, old: &ComparedEntryRow) -> BookEntryRow {
    // A name is salted with its key, and belongs to the delivery that it was told of.
    let same_delivery = new.entry_key == old.entry_key && new.says == old.says;
    let receiver = old.receiver_sha256.as_ref().filter(|_| same_delivery);
    BookEntryRow {
        leg_id: new.leg_id.or_else(|| old.leg_id.clone()),
        item_number: new.item_number.or_else(|| old.item_number.clone()),
        dossier_no: new.dossier_no.or_else(|| old.dossier_no.clone()),
        leg_kind: new.leg_kind.or_else(|| old.leg_kind.clone()),
        agency_code: new.agency_code.or_else(|| old.agency_code.clone()),
        originals: new.originals.or(old.originals),
        copies: new.copies.or(old.copies),
        seal_no: new.seal_no.or_else(|| old.seal_no.clone()),
        receiver_sha256: new.receiver_sha256.or_else(|| receiver.cloned()),
        fee: new.fee.or(old.fee),
        filed_by_post: new.filed_by_post.or(old.filed_by_post),
        result_by_post: new.result_by_post.or(old.result_by_post),
        sent_on: new.sent_on.or_else(|| old.sent_on.clone()),
        ..new
    }
}
