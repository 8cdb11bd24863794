//! A postman's round: today's stops, and one stop with everything that handing out needs. The page carries the whole round, so that
//! it works without a line from then on.

use chrono::NaiveDate;
use minijinja::context;
use serde_json::{Value, json};

use crate::app::calendar;
use crate::app::people::directory;
use crate::app::rounds::{self, Stop as RoundStop};
use crate::domain::calendar::{POST, WorkingDays};
use crate::domain::invitation;
use crate::domain::person::{Right, Role};
use crate::ui::ask::Ask;
use crate::ui::page::{self, Page, Stop, html};
use crate::ui::routes::{Needs, Place, Route, get};

/// Its place in the main list.
pub const PLACE: Place = Place {
    path: "/post/delivery",
    icon: "bag",
    vi: "Đi phát",
    en: "Deliver",
    needs: Right::Deliver,
    roles: &[Role::Postman],
};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/post/delivery", Needs::Right(Right::Deliver), round),
    get("/post/delivery/{leg}", Needs::Right(Right::Deliver), one),
];

fn round(ask: &Ask) -> Result<Page, Stop> {
    let stops = rounds::round_of(ask.app(), ask.person()?, ask.doing())?;
    draw(ask, &stops, "")
}

fn one(ask: &Ask) -> Result<Page, Stop> {
    let leg = ask.value("leg");
    let mut stops = rounds::round_of(ask.app(), ask.person()?, ask.doing())?;
    if stops.iter().all(|stop| stop.leg.id != leg) {
        stops.push(rounds::stop_of(ask.app(), ask.person()?, leg, ask.doing())?);
    }
    draw(ask, &stops, leg)
}

fn draw(ask: &Ask, stops: &[RoundStop], chosen: &str) -> Result<Page, Stop> {
    let calendar = calendar::current(ask.app())?;
    let (days, today) = (calendar.days_of(POST), ask.app().now().to_vietnam().date());
    let waits = ask.app().clocks.wait_after_second_invitation;
    let mut rows = Vec::with_capacity(stops.len());
    for stop in stops {
        rows.push(for_device(
            stop,
            &directory::name_of(ask.app(), "AGENCY", &stop.leg.agency_code)?,
            &days,
            today,
            waits,
        ));
    }
    let open = || stops.iter().filter(|stop| stop.ended_at_us.is_none());
    let left = open().count();
    let postage = |stop: &RoundStop| stop.postage.as_ref().map_or(0, |due| due.amount);
    let money: i64 = open().map(|stop| stop.leg.fee_to_collect.saturating_add(postage(stop))).sum();
    html(
        "delivery.html",
        context! { stops => page::value(&rows), chosen, left, money, data => page::script_json(&rows) },
    )
}

/// Working days that a device gets to count with, from the first invitation or today on: it works without a line for a while.
const WORKING_DAYS: usize = 40;

fn for_device(stop: &RoundStop, agency: &str, days: &WorkingDays<'_>, today: NaiveDate, waits: bool) -> Value {
    let (leg, party) = (&stop.leg, stop.party.as_ref());
    let dates: Vec<NaiveDate> = stop.invited.iter().map(|at| at.to_vietnam().date()).collect();
    let papers: Value = serde_json::from_str(&leg.papers).unwrap_or_default();
    json!({
        "id": leg.id,
        "dossier": leg.dossier_no.as_deref().or(leg.consignment_note_no.as_deref()).unwrap_or(&leg.id),
        "item": leg.item_number,
        "note": leg.consignment_note_no,
        "procedure": leg.procedure_name.as_deref().unwrap_or(&leg.procedure_code),
        "agency": agency,
        "name": party.map(|party| party.name.as_str()),
        "phone": party.and_then(|party| party.phone.as_deref()),
        "address": party.map(|party| party.address.as_str()),
        "hint": party.and_then(|party| party.note.as_deref()),
        "papers": papers,
        "originals": leg.originals,
        "copies": leg.copies,
        "recover": stop.recover,
        "fee": leg.fee_to_collect,
        "postage": stop.postage.as_ref().map_or(0, |due| due.amount),
        "postage_note": stop.postage.as_ref().map(|due| due.note_no.as_str()),
        "state": leg.state,
        "tried": stop.tried,
        "invited": dates,
        "wait": invitation::days_after_second(waits),
        "working": days.list(dates.iter().copied().fold(today, NaiveDate::min), WORKING_DAYS),
        "ended_at_us": stop.ended_at_us,
        "open": leg.is_open == 1 && leg.holder == "POST" && leg.state != "RETURNING",
    })
}
