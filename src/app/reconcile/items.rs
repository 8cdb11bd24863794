//! The post's book, item by item.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::App;
use crate::app::AppError;
use crate::app::books::{Covers, receiver_digest};
use crate::app::reconcile::{
    Ask, Comparing, InBook, PAGE, Pairs, Stretch, ahead, broken_entry, instant, leg_word, pages, window,
};
use crate::base::time::{Ts, parse_date};
use crate::domain::access::Agencies;
use crate::domain::books::{
    By, Difference, LegWord, Limits, Pairing, PostEntry, PostSays, item_differences, pair, post_differences,
    words_that_agree,
};
use crate::domain::discrepancy::Kind;
use crate::domain::leg::{LegKind, State};
use crate::store::books::{self as kept, BookRow, ComparedEntryRow, ComparedLegRow, Expected, Named, Whose};
use crate::store::pairs::{self, Plain};
use crate::store::{Db, StoreError};

/// States of a leg that was ordered and is not taken yet.
const ORDERED: [State; 3] = [State::Ordered, State::CollectionAssigned, State::CollectionFailed];

pub(super) fn compare(run: &mut Comparing<'_>, books: &[BookRow], covered: &[Stretch]) -> Result<(), AppError> {
    // Who wants every pair explained looks at every pair.
    let words = if run.explain.is_some() { Vec::new() } else { plain_words() };
    let plain = Plain::of(words, run.agencies.as_ref());
    let orders_too = books.iter().any(|book| book.covers == Covers::Ordered.as_str());
    let (app, ask, agencies) = (run.app, run.ask, run.agencies.clone());
    std::thread::scope(|scope| {
        let pages = pages(scope, app, ask, &plain);
        let absent = ahead(scope, |give| absent(app, ask, agencies, covered, orders_too, give));
        doubled(run)?;
        let agreeing = run.each_page(pages, compare_page)?;
        plainly_agree(run, &plain, agreeing)?;
        absent.into_iter().try_for_each(|legs| missing(run, legs?))
    })
}

fn plain_words() -> Vec<String> {
    words_that_agree().map(|(state, says)| format!("{state} {says}")).collect()
}

/// Counts the pairs that need no look. What is open about one of them is over.
fn plainly_agree(run: &mut Comparing<'_>, plain: &Plain, agreeing: i64) -> Result<(), AppError> {
    let (of, window) = (run.ask.of(), (run.ask.from.to_string(), run.ask.until.to_string()));
    let among = |run: &Comparing<'_>, subjects: Vec<String>| {
        run.app.store.read(|db| pairs::plain_among(db, of, (&window.0, &window.1), plain, &subjects))
    };
    for (entry, leg) in among(run, run.open_subjects.difference(&run.looked_at).cloned().collect())? {
        run.looked_at(&entry);
        leg.iter().for_each(|leg| run.looked_at(leg));
    }
    let twice = among(run, run.doubled.iter().cloned().collect())?.len();
    if agreeing > 0 {
        *run.totals.paired.entry(By::OrderKey.as_str().to_owned()).or_default() += agreeing;
        run.totals.agree += agreeing - i64::try_from(twice).unwrap_or(agreeing);
    }
    Ok(())
}

fn compare_page(run: &mut Comparing<'_>, page: Pairs) -> Result<(), AppError> {
    let alone = page.iter().filter(|(_, leg)| leg.is_none()).map(|(entry, _)| entry);
    let items: Vec<String> = alone.clone().filter_map(|entry| entry.item_number.clone()).collect();
    let dossiers: Vec<String> = alone.filter_map(|entry| entry.dossier_no.clone()).collect();
    let others = if items.is_empty() && dossiers.is_empty() {
        Vec::new()
    } else {
        run.app.store.read(|db| kept::legs_with(db, &items, &dossiers))?
    };
    let mut others: Vec<LegWord> = others.into_iter().map(leg_word).collect::<Result<_, StoreError>>()?;
    others.retain(|leg| run.may_name(leg));
    let said_receiver = page.iter().filter(|(entry, _)| entry.receiver_sha256.is_some());
    let legs: Vec<String> = said_receiver.filter_map(|(_, leg)| leg.as_ref().map(|leg| leg.id.clone())).collect();
    let receivers: BTreeMap<String, String> =
        run.app.store.read(|db| kept::receivers(db, &legs))?.into_iter().rev().collect();
    for (row, named) in page {
        let item = item(row)?;
        let named = named.map(leg_word).transpose()?.filter(|leg| run.may_name(leg));
        let candidates = named.as_ref().map_or(others.as_slice(), std::slice::from_ref);
        match pair(&item.entry, candidates, &run.limits) {
            Pairing::Leg(leg, by) => {
                run.paired_by(by.as_str());
                let mut found = post_differences(leg, &item.entry, &run.limits);
                found.extend(receiver_difference(&item, receivers.get(&leg.leg_id)));
                // Of an order that was taken twice one item cannot have the declared number.
                found.retain(|one| one.kind != Kind::DuplicateItemCode || !run.doubled.contains(&leg.leg_id));
                paired(run, leg, &item, &found, by.as_str());
            }
            Pairing::Ambiguous(by, legs) => {
                run.totals.ambiguous += 1;
                alone_in_book(run, &item, &format!("{legs} legs fit by {by}"));
            }
            Pairing::Nothing => {
                run.totals.entries_alone += 1;
                alone_in_book(run, &item, "no leg fits");
            }
        }
    }
    Ok(())
}

fn paired(run: &mut Comparing<'_>, leg: &LegWord, item: &Item, found: &[Difference], by: &str) {
    run.looked_at(&leg.leg_id);
    // It was alone before, perhaps.
    run.looked_at(&item.entry.entry_key);
    run.totals.agree += i64::from(found.is_empty() && !run.doubled.contains(&leg.leg_id));
    for difference in found {
        run.found(difference, Some(leg), Some(item.in_book()), by);
    }
    run.told(Some(&item.entry.entry_key), Some(leg), by, found);
}

/// An entry without a leg. A cancelled order that we do not have differs in nothing.
fn alone_in_book(run: &mut Comparing<'_>, item: &Item, why: &str) {
    let entry = &item.entry;
    run.looked_at(&entry.entry_key);
    let said_at = entry.said_at.unwrap_or(instant(entry.day));
    let mut found: Vec<Difference> = item_differences(entry).into_iter().collect();
    if entry.says != PostSays::Cancelled && said_at.plus_us(run.limits.lag_us) <= entry.as_of {
        let says = Some(entry.says.as_str().to_owned());
        found.push(Difference { kind: Kind::NotInOurBook, field: "entry", ledger: None, book: says });
    }
    for difference in &found {
        run.found(difference, None, Some(item.in_book()), why);
    }
    run.told(Some(&entry.entry_key), None, why, &found);
}

fn receiver_difference(item: &Item, ours: Option<&String>) -> Option<Difference> {
    let (theirs, ours) = (item.receiver_sha256.as_ref()?, ours?);
    // Names are compared and never shown: the case shows who may see them.
    (receiver_digest(&item.entry.entry_key, ours) != *theirs).then_some(Difference {
        kind: Kind::ReceiverMismatch,
        field: "receiver",
        ledger: None,
        book: None,
    })
}

/// Reads the legs that no entry names and that the book ought to have in the stretches that it covers completely.
fn absent(
    app: &App,
    ask: &Ask,
    agencies: Option<Agencies>,
    covered: &[Stretch],
    orders_too: bool,
    give: &dyn Fn(Result<Vec<ComparedLegRow>, AppError>) -> bool,
) -> Result<(), AppError> {
    let Some(agencies) = &agencies else { return Ok(()) };
    let ordered = ORDERED.map(State::as_str);
    let expected = [Some(Expected::Taken), orders_too.then_some(Expected::Ordered(&ordered))];
    for (stretch, expected) in
        covered.iter().flat_map(|stretch| expected.iter().flatten().map(move |one| (stretch, *one)))
    {
        let mut after = String::new();
        loop {
            let whose = Whose { agencies, of_orders: stretch.of_orders };
            let (of, within, limit) =
                (ask.of(), window(stretch.from, stretch.until), i64::try_from(PAGE).unwrap_or(i64::MAX));
            let legs = app.store.read(|db| kept::without_entry(db, of, whose, expected, within, &after, limit))?;
            let is_last = legs.len() < PAGE;
            after = legs.last().map_or(after, |leg| leg.id.clone());
            if !give(Ok(legs)) {
                return Ok(());
            }
            if is_last {
                break;
            }
        }
    }
    Ok(())
}

/// Legs that no entry names, unless one fits by another number.
fn missing(run: &mut Comparing<'_>, legs: Vec<ComparedLegRow>) -> Result<(), AppError> {
    let of = run.ask.of();
    let legs: Vec<LegWord> = legs.into_iter().map(leg_word).collect::<Result<_, StoreError>>()?;
    let items: Vec<String> = legs.iter().filter_map(|leg| leg.item_number.clone()).collect();
    let dossiers: Vec<String> = legs.iter().filter_map(|leg| leg.dossier_no.clone()).collect();
    let entries = run.app.store.read(|db| kept::entries_with(db, of, &items, &dossiers))?;
    let entries: Vec<Item> = entries.into_iter().map(item).collect::<Result<_, StoreError>>()?;
    let named: BTreeSet<String> = entries
        .iter()
        .filter_map(|item| match pair(&item.entry, &legs, &run.limits) {
            Pairing::Leg(leg, _) => Some(leg.leg_id.clone()),
            _ => None,
        })
        .collect();
    for leg in legs.iter().filter(|leg| !named.contains(&leg.leg_id)) {
        run.looked_at(&leg.leg_id);
        run.totals.legs_alone += 1;
        let says = Some(leg.state.as_str().to_owned());
        let difference = Difference { kind: Kind::NotAtOperator, field: "entry", ledger: says, book: None };
        let why = "a complete book does not have it";
        run.found(&difference, Some(leg), None, why);
        run.told(None, Some(leg), why, &[difference]);
    }
    run.write_some()
}

/// Two entries that stand for one leg.
fn doubled(run: &mut Comparing<'_>) -> Result<(), AppError> {
    let (from, until) = (run.ask.from.to_string(), run.ask.until.to_string());
    let of = run.ask.of();
    let legs = run.app.store.read(|db| kept::doubled(db, of, &from, &until))?;
    let entries = run.app.store.read(|db| kept::entries_named(db, of, Named::Leg, &legs))?;
    let mut by_leg: BTreeMap<String, Vec<ComparedEntryRow>> = BTreeMap::new();
    for entry in entries.into_iter().filter(|entry| entry.says != PostSays::Cancelled.as_str()) {
        by_leg.entry(entry.leg_id.clone().unwrap_or_default()).or_default().push(entry);
    }
    for (leg_id, entries) in by_leg {
        let Some(row) = run.app.store.read(|db| kept::leg(db, &leg_id))? else { continue };
        let leg = leg_word(row)?;
        let keys: Vec<&str> = entries.iter().map(|entry| entry.entry_key.as_str()).collect();
        let difference = Difference {
            kind: Kind::DuplicateOrder,
            field: "orders",
            ledger: Some("1".to_owned()),
            book: Some(keys.join(", ")),
        };
        run.found(&difference, Some(&leg), entries.first().map(in_book), "ORDER_KEY");
        run.doubled.insert(leg_id);
        run.write_some()?;
    }
    Ok(())
}

/// The kind of leg of each of these entries, by the leg with which it pairs; none where it pairs with none.
pub(in crate::app) fn kinds_of(
    db: &mut Db<'_>,
    rows: Vec<ComparedEntryRow>,
    limits: &Limits,
) -> Result<Vec<Option<LegKind>>, StoreError> {
    let items: Vec<String> = rows.iter().filter_map(|row| row.item_number.clone()).collect();
    let dossiers: Vec<String> = rows.iter().filter_map(|row| row.dossier_no.clone()).collect();
    let legs = kept::legs_with(db, &items, &dossiers)?;
    let legs: Vec<LegWord> = legs.into_iter().map(leg_word).collect::<Result<_, StoreError>>()?;
    rows.into_iter()
        .map(|row| {
            Ok(match pair(&item(row)?.entry, &legs, limits) {
                Pairing::Leg(leg, _) => Some(leg.kind),
                Pairing::Ambiguous(..) | Pairing::Nothing => None,
            })
        })
        .collect()
}

/// An entry of the post's book, and what of it is not compared by rules.
struct Item {
    entry: PostEntry,
    agency_code: Option<String>,
    receiver_sha256: Option<String>,
}

impl Item {
    fn in_book(&self) -> InBook<'_> {
        InBook { key: &self.entry.entry_key, agency: self.agency_code.as_deref() }
    }
}

fn in_book(row: &ComparedEntryRow) -> InBook<'_> {
    InBook { key: &row.entry_key, agency: row.agency_code.as_deref() }
}

fn item(row: ComparedEntryRow) -> Result<Item, StoreError> {
    let parts = parse_date(&row.day).zip(PostSays::parse(&row.says));
    let (day, says) = parts.ok_or_else(|| broken_entry(&row.entry_key))?;
    let entry = PostEntry {
        entry_key: row.entry_key,
        leg_id: row.leg_id,
        item_number: row.item_number,
        dossier_no: row.dossier_no,
        leg_kind: row.leg_kind.as_deref().and_then(LegKind::parse),
        day,
        says,
        said_at: row.said_at_us.map(Ts::from_us),
        raw_code: row.raw_code,
        originals: row.originals,
        copies: row.copies,
        seal_no: row.seal_no,
        fee: row.fee,
        as_of: Ts::from_us(row.as_of_us),
    };
    Ok(Item { entry, agency_code: row.agency_code, receiver_sha256: row.receiver_sha256 })
}
