//! The one-stop side's book, case by case.

use std::collections::BTreeMap;

use crate::app::AppError;
use crate::app::reconcile::{Comparing, InBook, PAGE, Pairs, Stretch, broken_entry, leg_word, pages, window};
use crate::base::time::{Ts, parse_date};
use crate::domain::books::{CaseEntry, CaseSays, Difference, LegWord, Legs, case_differences};
use crate::domain::discrepancy::Kind;
use crate::domain::leg::LegKind;
use crate::store::StoreError;
use crate::store::books::{self as kept, ComparedEntryRow, Window};
use crate::store::pairs::Plain;

pub(super) fn compare(run: &mut Comparing<'_>, covered: &[Stretch]) -> Result<(), AppError> {
    // A case is compared with two legs at once: none agrees plainly.
    let (app, ask, plain) = (run.app, run.ask, Plain::default());
    std::thread::scope(|scope| run.each_page(pages(scope, app, ask, &plain), compare_page))?;
    for stretch in covered {
        without_case(run, Kind::ItemNoCase, window(stretch.from, stretch.until))?;
    }
    let whole = window(run.ask.from, run.ask.until);
    // What was signed for within the tolerance may still get its case.
    let until_us = whole.until_us.min(run.as_of.us().saturating_sub(run.limits.lag_us));
    without_case(run, Kind::SignedNoCase, Window { until_us, ..whole })
}

fn compare_page(run: &mut Comparing<'_>, page: Pairs) -> Result<(), AppError> {
    let dossiers: Vec<String> = page.iter().filter_map(|(entry, _)| entry.dossier_no.clone()).collect();
    let rows = run.app.store.read(|db| kept::legs_with(db, &[], &dossiers))?;
    // By id, so that of several legs of one kind the newest stays.
    let mut newest: BTreeMap<(String, LegKind), LegWord> = BTreeMap::new();
    for row in rows {
        let leg = leg_word(row)?;
        if let Some(number) = leg.dossier_no.clone().filter(|_| run.may_name(&leg)) {
            newest.insert((number, leg.kind), leg);
        }
    }
    for (row, _) in &page {
        let entry = case_entry(row)?;
        let leg = |kind| newest.get(&(entry.dossier_no.clone(), kind));
        compare_case(run, row, &entry, Legs { intake: leg(LegKind::Intake), result: leg(LegKind::Result) });
    }
    Ok(())
}

fn compare_case(run: &mut Comparing<'_>, row: &ComparedEntryRow, entry: &CaseEntry, legs: Legs<'_>) {
    run.looked_at(&row.entry_key);
    let known: Vec<&LegWord> = [legs.intake, legs.result].into_iter().flatten().collect();
    for leg in &known {
        run.looked_at(&leg.leg_id);
        run.paired_by("DOSSIER_NUMBER");
    }
    let found = case_differences(entry, legs, &run.limits);
    let in_book = InBook { key: &row.entry_key, agency: row.agency_code.as_deref() };
    run.totals.entries_alone += i64::from(known.is_empty() && !found.is_empty());
    run.totals.agree += i64::from(found.is_empty());
    for (difference, leg) in &found {
        run.found(difference, *leg, Some(in_book), "DOSSIER_NUMBER");
    }
    let why = if known.is_empty() { "no leg has this dossier number" } else { "DOSSIER_NUMBER" };
    let found: Vec<Difference> = found.into_iter().map(|(difference, _)| difference).collect();
    run.told(Some(&row.entry_key), known.first().copied(), why, &found);
}

/// Legs whose case a complete book does not have, or that never got one.
fn without_case(run: &mut Comparing<'_>, kind: Kind, within: Window) -> Result<(), AppError> {
    let Some(agencies) = run.agencies.clone() else { return Ok(()) };
    let mut after = String::new();
    loop {
        let (of, agencies, limit) = (run.ask.of(), &agencies, i64::try_from(PAGE).unwrap_or(i64::MAX));
        let numbered = kind == Kind::ItemNoCase;
        // A case that came within the tolerance is younger than the book: intake papers get their number days after the post took them.
        let known_us = numbered.then(|| run.as_of.us().saturating_sub(run.limits.lag_us));
        let rows = run.app.store.read(|db| kept::without_case(db, of, agencies, known_us, within, &after, limit))?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id.clone();
        for row in rows {
            let leg = leg_word(row)?;
            run.looked_at(&leg.leg_id);
            run.totals.legs_alone += 1;
            let says = Some(leg.state.as_str().to_owned());
            let difference = Difference { kind, field: "case", ledger: says, book: None };
            let why = if numbered { "a complete book does not have it" } else { "signed for, and no number came" };
            run.found(&difference, Some(&leg), None, why);
            run.told(None, Some(&leg), why, &[difference]);
        }
        run.write_some()?;
    }
}

fn case_entry(row: &ComparedEntryRow) -> Result<CaseEntry, StoreError> {
    let broken = || broken_entry(&row.entry_key);
    let truth = |value: Option<i64>| value.map(|value| value != 0);
    Ok(CaseEntry {
        dossier_no: row.dossier_no.clone().ok_or_else(broken)?,
        agency_code: row.agency_code.clone(),
        says: CaseSays::parse(&row.says).ok_or_else(broken)?,
        filed_by_post: truth(row.filed_by_post),
        result_by_post: truth(row.result_by_post),
        sent_on: row.sent_on.as_deref().and_then(parse_date),
        day: parse_date(&row.day).ok_or_else(broken)?,
        as_of: Ts::from_us(row.as_of_us),
    })
}
