//! Rounds: which postman carries what. Giving is OUT_FOR_DELIVERY, taking back is AT_DELIVERY_POST; a scan that was a mistake is
//! corrected.

use std::collections::BTreeMap;

use crate::app::facts::{self, Reading, Reported};
use crate::app::leg_work::LegsInWork;
use crate::app::people::{Doing, act, directory};
use crate::app::scans::{NewScan, is_expected, office_of};
use crate::app::{App, AppError};
use crate::base::id::{AssignmentId, EventId, LegId, RequestId};
use crate::base::time::{HOUR_US, Ts};
use crate::domain::access::Caller;
use crate::domain::custody::{Detail, Event, EventKind, Source};
use crate::domain::person::{Person, Role};
use crate::domain::problem::{Code, Refusal};
use crate::domain::scanning::{Expects, Purpose};
use crate::store::intake::{PostageDue, postage_due};
use crate::store::people_rows::PersonRow;
use crate::store::round_rows::{AssignmentEnd, AssignmentRow};
use crate::store::rows::{LegRow, PartyRow, PersonalLookRow};
use crate::store::{WriteSet, ledger, people, read, rounds};

/// One giving: by whom, to whom, when, under which id.
#[derive(Debug, Clone)]
pub(super) struct Giving<'a> {
    /// Id of the fact.
    pub fact_id: String,
    /// Who gives.
    pub person: &'a Person,
    /// Who takes.
    pub postman_id: &'a str,
    /// When.
    pub at: Ts,
    /// When it is recorded.
    pub now: Ts,
}

impl<'a> Giving<'a> {
    /// The giving that a scan is.
    pub(super) fn of(scan: &NewScan<'a>, postman_id: &'a str) -> Self {
        Giving { fact_id: scan.id.to_owned(), person: scan.person, postman_id, at: scan.at, now: scan.now }
    }
}

/// Gives a leg to a postman, in a set.
pub(super) fn give(app: &App, giving: &Giving<'_>, leg: &LegRow, set: &mut WriteSet) -> Result<(), AppError> {
    let before = app.store.read(|db| rounds::carrier(db, &leg.id))?;
    if before.as_ref().is_none_or(|row| row.postman_id != giving.postman_id) {
        set.assignment_ends.extend(before.map(|row| end_of(row, giving.person, giving.at)));
        set.assignments.push(AssignmentRow {
            id: AssignmentId::make(&app.ids).into(),
            leg_id: leg.id.clone(),
            post_office_code: leg.post_office_code.clone(),
            postman_id: giving.postman_id.to_owned(),
            given_by: giving.person.id.clone(),
            given_at_us: giving.at.us(),
            ended_by: None,
            ended_at_us: None,
            open_leg_id: Some(leg.id.clone()),
        });
    }
    tell(app, giving, &leg.id, EventKind::OutForDelivery, set)
}

fn end_of(row: AssignmentRow, person: &Person, at: Ts) -> AssignmentEnd {
    AssignmentEnd { id: row.id, ended_by: person.id.clone(), ended_at_us: at.us() }
}

/// Ends the carrying of a leg that was handed out or goes back, in a set.
pub(super) fn put_down(app: &App, person: &Person, leg_id: &str, at: Ts, set: &mut WriteSet) -> Result<(), AppError> {
    let carrier = app.store.read(|db| rounds::carrier(db, leg_id))?;
    set.assignment_ends.extend(carrier.map(|row| end_of(row, person, at)));
    Ok(())
}

fn tell(app: &App, giving: &Giving<'_>, leg_id: &str, event: EventKind, set: &mut WriteSet) -> Result<(), AppError> {
    let caller = giving.person.caller();
    let fact = Reported {
        fact_id: giving.fact_id.clone(),
        leg_id: Some(leg_id.to_owned()),
        event: Some(event.as_str().to_owned()),
        occurred_at_us: giving.at.us(),
        post_office_code: caller.post_office.clone(),
        ..Reported::default()
    };
    let readings = [Reading::Fact(Box::new(fact))];
    app.store.read(|db| facts::decide(app, db, &caller, &readings, giving.now, set))?;
    Ok(())
}

/// Takes back a giving that was a mistake: the postman does not carry the leg, and the event it made is corrected.
pub(super) fn ungive(
    app: &App,
    giving: &Giving<'_>,
    leg_id: &str,
    fact_id: &str,
    set: &mut WriteSet,
) -> Result<(), AppError> {
    let carrier = app.store.read(|db| rounds::carrier(db, leg_id))?;
    let of_postman = carrier.filter(|row| row.postman_id == giving.postman_id);
    set.assignment_ends.extend(of_postman.map(|row| end_of(row, giving.person, giving.at)));
    let caller = giving.person.caller();
    app.store.read(|db| {
        let Some(row) = read::legs::by_id(db, leg_id)? else { return Ok(()) };
        let events = read::legs::events_of(db, leg_id)?;
        let events: Vec<Event> = events.iter().map(ledger::from_row).collect::<Result<_, _>>()?;
        let is_made = |event: &&Event| {
            event.source.fact_id.as_deref() == Some(fact_id) && event.source.counterpart == caller.counterpart
        };
        let Some(made) = events.iter().find(is_made) else { return Ok(()) };
        let source = Source { person: caller.person.clone(), ..Source::of(caller.counterpart.as_str(), caller.side) };
        let (id, leg) = (EventId::make(&app.ids), LegId::from_text(leg_id));
        let mut event = Event::new(id, leg, EventKind::Corrected, giving.at, giving.now, source);
        event.corrects = Some(made.id.clone());
        let mut work = LegsInWork::new(app, giving.now);
        work.take(db, vec![row])?;
        if let Some(leg) = work.get(leg_id) {
            leg.append(event, Detail::default());
        }
        work.finish(db, set)?;
        Ok(())
    })?;
    Ok(())
}

/// A postman and what they carry.
#[derive(Clone)]
pub struct Carrier {
    /// Who.
    pub person: PersonRow,
    /// What, with when it was given.
    pub legs: Vec<(LegRow, i64)>,
}

/// The office's postmen with what they carry, and the results that nobody carries.
#[derive(Clone)]
pub struct Office {
    /// Postmen, and others who carry something, by name.
    pub carriers: Vec<Carrier>,
    /// Results to be given.
    pub waiting: Vec<LegRow>,
}

/// Who of the person's office has what.
pub fn office(app: &App, person: &Person) -> Result<Office, AppError> {
    let code = office_of(person)?;
    let (people, carried, open) = app
        .store
        .read(|db| Ok((people::of_post_office(db, code)?, rounds::carried(db, code)?, rounds::open_legs(db, code)?)))?;
    let mut legs: BTreeMap<String, LegRow> = open.into_iter().map(|leg| (leg.id.clone(), leg)).collect();
    let mut carriers: Vec<Carrier> = Vec::new();
    for person in people {
        let of_person = carried.iter().filter(|row| row.postman_id == person.id);
        let has: Vec<(LegRow, i64)> =
            of_person.filter_map(|row| Some((legs.remove(&row.leg_id)?, row.given_at_us))).collect();
        if person.role == Role::Postman.as_str() || !has.is_empty() {
            carriers.push(Carrier { person, legs: has });
        }
    }
    let expects = Expects { purpose: Purpose::Round, agency_code: None, manifest_id: None };
    let waiting = legs.into_values().filter(|leg| is_expected(&expects, leg)).collect();
    Ok(Office { carriers, waiting })
}

/// The people of the person's office, by name.
pub fn people_of_office(app: &App, person: &Person) -> Result<Vec<PersonRow>, AppError> {
    let code = office_of(person)?;
    Ok(app.store.read(|db| people::of_post_office(db, code))?)
}

/// Its postmen, by name.
pub fn postmen(app: &App, person: &Person) -> Result<Vec<PersonRow>, AppError> {
    let rows = people_of_office(app, person)?;
    Ok(rows.into_iter().filter(|row| row.role == Role::Postman.as_str()).collect())
}

/// Gives legs that were ticked on the page to a postman; returns how many.
pub fn give_ticked(
    app: &App,
    person: &Person,
    postman_id: &str,
    leg_ids: &[String],
    doing: Doing<'_>,
) -> Result<usize, AppError> {
    let office = office_of(person)?;
    let postman = app.store.read(|db| people::by_id(db, postman_id))?;
    if postman.is_none_or(|row| row.post_office_code.as_deref() != Some(office) || row.disabled_at_us.is_some()) {
        let (en, vi) = ("choose a postman of this office", "hãy chọn bưu tá của bưu cục");
        return Err(Refusal::new(Code::BodyInvalid, en, vi).into());
    }
    let expects = Expects { purpose: Purpose::Round, agency_code: None, manifest_id: None };
    each(app, person, leg_ids, "ROUND.GIVE", doing, |leg, giving, set| {
        if !is_expected(&expects, leg) {
            return Ok(false);
        }
        give(app, &Giving { postman_id, ..giving.clone() }, leg, set)?;
        Ok(true)
    })
}

/// Takes legs back from whoever carries them; returns how many.
pub fn take_back(app: &App, person: &Person, leg_ids: &[String], doing: Doing<'_>) -> Result<usize, AppError> {
    each(app, person, leg_ids, "ROUND.TAKE_BACK", doing, |leg, giving, set| {
        let Some(carrier) = app.store.read(|db| rounds::carrier(db, &leg.id))? else { return Ok(false) };
        set.assignment_ends.push(end_of(carrier, person, giving.at));
        tell(app, giving, &leg.id, EventKind::AtDeliveryPost, set)?;
        Ok(true)
    })
}

/// Each leg in a transaction of its own: one that cannot be moved does not hold up the others.
fn each(
    app: &App,
    person: &Person,
    leg_ids: &[String],
    word: &str,
    doing: Doing<'_>,
    mut one: impl FnMut(&LegRow, &Giving<'_>, &mut WriteSet) -> Result<bool, AppError>,
) -> Result<usize, AppError> {
    let caller = person.caller();
    let rows = app.store.read(|db| read::legs::by_ids(db, leg_ids))?;
    let mut done = 0;
    for row in rows.iter().filter(|row| caller.sees(&row.agency_code, &row.post_office_code)) {
        let moved = app.decide_and_commit(None, |set| {
            let now = app.now();
            let Some(leg) = app.store.read(|db| read::legs::by_id(db, &row.id))? else { return Ok(false) };
            let fact_id = String::from(RequestId::make(&app.ids));
            let giving = Giving { fact_id, person, postman_id: "", at: now, now };
            let moved = one(&leg, &giving, set)?;
            if moved {
                set.acts.push(act(app, doing, word, Some(&leg.id)));
            }
            Ok(moved)
        })?;
        done += usize::from(moved);
    }
    Ok(done)
}

/// One stop of a postman's round.
#[derive(Debug, Clone)]
pub struct Stop {
    /// The leg.
    pub leg: LegRow,
    /// Who receives.
    pub party: Option<PartyRow>,
    /// Names of old papers to take back, with originals and copies.
    pub recover: Vec<directory::PaperOfList>,
    /// Postage of the dossier's note that is paid with the result.
    pub postage: Option<PostageDue>,
    /// When the receiver was invited.
    pub invited: Vec<Ts>,
    /// Whether somebody tried to deliver it.
    pub tried: bool,
    /// When it was handed out or turned back, today.
    pub ended_at_us: Option<i64>,
}

/// How long a stop stays on the list after it has ended.
const SHOWN_US: i64 = 16 * HOUR_US;

/// What a postman carries today, with the receivers; each look is on record.
pub fn round_of(app: &App, person: &Person, doing: Doing<'_>) -> Result<Vec<Stop>, AppError> {
    let since = app.now().plus_us(-SHOWN_US).us();
    let rows = app.store.read(|db| rounds::of_postman(db, &person.id, since))?;
    let mut ended: BTreeMap<String, Option<i64>> = BTreeMap::new();
    let mut ids: Vec<String> = Vec::new();
    for row in rows {
        if ended.insert(row.leg_id.clone(), row.ended_at_us).is_none() {
            ids.push(row.leg_id);
        }
    }
    let mut stops = stops(app, &person.caller(), &ids, doing)?;
    for stop in &mut stops {
        stop.ended_at_us = ended.get(&stop.leg.id).copied().flatten();
    }
    // What was taken back by the office is nobody's stop any more.
    stops.retain(|stop| stop.ended_at_us.is_none() || stop.leg.holder != "POST" || stop.leg.state == "RETURNING");
    Ok(stops)
}

/// One leg as a stop, for whoever of its office hands it out.
pub fn stop_of(app: &App, person: &Person, leg_id: &str, doing: Doing<'_>) -> Result<Stop, AppError> {
    let mut stops = stops(app, &person.caller(), &[leg_id.to_owned()], doing)?;
    stops.pop().ok_or_else(|| AppError::plain(Code::NotFound))
}

fn stops(app: &App, caller: &Caller, ids: &[String], doing: Doing<'_>) -> Result<Vec<Stop>, AppError> {
    let rows = app.store.read(|db| read::legs::by_ids(db, ids))?;
    let mut rows: BTreeMap<String, LegRow> = rows
        .into_iter()
        .filter(|row| row.kind == "RESULT" && caller.sees(&row.agency_code, &row.post_office_code))
        .map(|row| (row.id.clone(), row))
        .collect();
    let ids: Vec<String> = ids.iter().filter(|id| rows.contains_key(*id)).cloned().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let looks = ids.iter().map(|leg_id| PersonalLookRow {
        id: RequestId::make(&app.ids).into(),
        leg_id: leg_id.clone(),
        key_id: caller.key_id.clone(),
        counterpart: caller.counterpart.clone(),
        at_us: app.now().us(),
        request_id: doing.request_id.to_owned(),
    });
    app.store.commit(WriteSet { looks: looks.collect(), ..WriteSet::default() })?;
    let dossiers: Vec<String> = rows.values().filter_map(|row| row.dossier_no.clone()).collect();
    let (parties, events, postage) = app.store.read(|db| {
        let kinds = [EventKind::Invited.as_str(), EventKind::AttemptFailed.as_str()];
        Ok((read::legs::parties_of(db, &ids)?, rounds::events_of_kinds(db, &ids, &kinds)?, postage_due(db, &dossiers)?))
    })?;
    let mut parties: BTreeMap<String, PartyRow> =
        parties.into_iter().map(|party| (party.leg_id.clone(), party)).collect();
    let mut procedures: BTreeMap<String, Vec<directory::Procedure>> = BTreeMap::new();
    let mut stops = Vec::with_capacity(ids.len());
    for leg in ids.iter().filter_map(|id| rows.remove(id)) {
        if !procedures.contains_key(&leg.agency_code) {
            procedures.insert(leg.agency_code.clone(), directory::procedures_of(app, &leg.agency_code)?);
        }
        let of_agency = procedures.get(&leg.agency_code);
        let procedure = of_agency.and_then(|all| all.iter().find(|known| known.code == leg.procedure_code));
        let of_leg = |kind: EventKind| {
            let of_kind = events.iter().filter(|row| row.leg_id == leg.id && row.event == kind.as_str());
            of_kind.map(|row| Ts::from_us(row.occurred_at_us)).collect::<Vec<_>>()
        };
        stops.push(Stop {
            party: parties.remove(&leg.id),
            recover: procedure
                .map(|known| known.papers.iter().filter(|paper| paper.recover).cloned().collect())
                .unwrap_or_default(),
            postage: postage.iter().find(|due| is_of(due, &leg)).cloned(),
            invited: of_leg(EventKind::Invited),
            tried: !of_leg(EventKind::AttemptFailed).is_empty(),
            ended_at_us: None,
            leg,
        });
    }
    Ok(stops)
}

/// Whether postage is paid with this result: the same dossier of the same agency.
fn is_of(due: &PostageDue, leg: &LegRow) -> bool {
    leg.dossier_no.as_deref() == Some(due.dossier_no.as_str()) && leg.agency_code == due.agency_code
}

/// The postage that is still to be paid with a result.
pub(super) fn postage_of(app: &App, leg: &LegRow) -> Result<Option<PostageDue>, AppError> {
    let Some(number) = &leg.dossier_no else { return Ok(None) };
    let due = app.store.read(|db| postage_due(db, std::slice::from_ref(number)))?;
    Ok(due.into_iter().find(|due| is_of(due, leg)))
}
