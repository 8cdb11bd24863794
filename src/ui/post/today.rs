//! The office's day: numbers, what is to be done now, what lies too long.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use minijinja::{Value, context};

use crate::app::{calendar, handovers};
use crate::domain::calendar::{EVERYBODY, Gap, POST};
use crate::domain::intake::{hand_over_day, kept_too_long_before, start_of_day};
use crate::domain::leg::LegKind;
use crate::domain::person::Right;
use crate::report::numbers;
use crate::store::intake::{DayCounts, Waiting, day_counts, held_since_before, to_fetch, to_hand_over};
use crate::store::read::PageAsk;
use crate::store::read::handovers::WholeHandover;
use crate::store::rows::LegRow;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, html};
use crate::ui::post::manifests;
use crate::ui::routes::{Needs, Route, get};
use crate::ui::words::words;

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/post", Needs::Right(Right::TakeIn), today)];

/// Open handovers shown.
const HANDOVERS_SHOWN: i64 = 20;
/// Dossiers shown that lie too long.
const HELD_SHOWN: i64 = 5;

/// A day as people say it: `thứ Sáu 20/11/2026`.
pub(super) fn day(ask: &Ask, date: NaiveDate) -> String {
    format!("{} {}", words("weekday", &date.weekday().to_string(), ask.lang), numbers::date(date))
}

/// The same, or what the calendar lacks to say it.
pub(super) fn day_or_unknown(ask: &Ask, date: Result<NaiveDate, Gap>) -> String {
    date.map_or_else(|gap| unknown(ask, gap), |date| day(ask, date))
}

/// What the calendar lacks, as a sentence part.
pub(super) fn unknown(ask: &Ask, gap: Gap) -> String {
    ask.t(&gap.vi(), &gap.en()).to_owned()
}

fn today(ask: &Ask) -> Result<Page, Stop> {
    let caller = ask.person()?.caller();
    let office = caller.post_office.clone().ok_or(Stop::Forbidden)?;
    let now = ask.app().now();
    let calendar = calendar::current(ask.app())?;
    let days = calendar.days_of(POST);
    let limits = LegKind::ALL.iter().map(|kind| kept_too_long_before(&days, *kind, now)).collect::<Vec<_>>();
    let (counts, give, fetch, held) = ask.app().store.read(|db| {
        let counts = day_counts(db, &office, start_of_day(now).us())?;
        let (give, fetch) = (to_hand_over(db, &office)?, to_fetch(db, &office)?);
        let mut held = (0, Vec::new());
        for (kind, before) in LegKind::ALL.iter().zip(&limits) {
            let Ok(before) = before else { continue };
            let (count, rows) = held_since_before(db, &office, *kind, before.us(), HELD_SHOWN)?;
            held.0 += count;
            held.1.extend(rows);
        }
        Ok((counts, give, fetch, held))
    })?;
    let ask_page = PageAsk { after: None, limit: HANDOVERS_SHOWN };
    let open = handovers::page(ask.app(), &caller, Some("OPEN"), None, None, &ask_page)?;
    let names = manifests::agency_names(ask)?;
    let (held_count, mut held_rows) = held;
    held_rows.sort_by_key(|row| row.holder_since_us);
    let oldest_us = held_rows.first().map(|row| now.us().saturating_sub(row.holder_since_us));
    let local = now.to_vietnam();
    html(
        "post_today.html",
        context! {
            heading => day(ask, local.date()),
            now_us => now.us(),
            hand_over => day_or_unknown(ask, hand_over_day(&calendar.days_of(EVERYBODY), now)),
            counts => shown_counts(counts),
            handovers => open.iter().map(|handover| shown_handover(handover, &names)).collect::<Vec<_>>(),
            to_give => shown_waiting(&give, &names),
            to_give_count => give.iter().map(|each| each.legs).sum::<i64>(),
            to_fetch => shown_waiting(&fetch, &names),
            to_fetch_count => fetch.iter().map(|each| each.legs).sum::<i64>(),
            manifests => manifests::rows(ask, &names, true)?,
            held => held_rows.iter().take(usize::try_from(HELD_SHOWN).unwrap_or(0)).map(|row| shown_held(row, now.us())).collect::<Vec<_>>(),
            held_count,
            held_unknown => limits.iter().find_map(|limit| limit.err()).map(|gap| unknown(ask, gap)),
            oldest_us,
        },
    )
}

fn shown_counts(counts: DayCounts) -> Value {
    let DayCounts { taken, on_open_manifests, delivered, results_held, out, failed } = counts;
    context! {
        taken,
        on_open_manifests,
        on_closed_manifests => taken - on_open_manifests,
        delivered,
        results => delivered + results_held,
        out,
        failed,
    }
}

fn shown_waiting(waiting: &[Waiting], names: &BTreeMap<String, String>) -> Vec<Value> {
    waiting
        .iter()
        .map(|each| {
            let agency = names.get(&each.agency_code).unwrap_or(&each.agency_code);
            context! { agency, agency_code => &each.agency_code, legs => each.legs, oldest_us => each.oldest_us }
        })
        .collect()
}

fn shown_handover(handover: &WholeHandover, names: &BTreeMap<String, String>) -> Value {
    let row = &handover.row;
    let counted = handover.lines.iter().filter(|line| line.outcome.is_some()).count();
    context! {
        id => &row.id,
        agency => names.get(&row.agency_code).unwrap_or(&row.agency_code),
        gives => row.giver == "POST",
        opened_at_us => row.opened_at_us,
        lines => handover.lines.len(),
        counted,
        signed => handover.signatures.iter().any(|signature| signature.lapsed == 0),
    }
}

fn shown_held(row: &LegRow, now_us: i64) -> Value {
    let number = row.dossier_no.as_ref().or(row.consignment_note_no.as_ref()).or(row.item_number.as_ref());
    context! {
        id => &row.id,
        number => number.unwrap_or(&row.id),
        state => &row.state,
        kind => &row.kind,
        for_us => now_us.saturating_sub(row.holder_since_us),
    }
}
