//! Everything that a report is made of, read from one state of the store.

use std::collections::BTreeMap;

use crate::app::reports::{CutAsk, side_books, stretch};
use crate::app::{App, AppError, calendar, reconcile};
use crate::base::time::{DAY_US, Ts, parse_date};
use crate::domain::access::{Agencies, Caller};
use crate::domain::tally::Measure;
use crate::report::definitions::{
    Also, Breach, Carried, Compared, Count, Definition, Difference, Figure, Held, Key, KindCount, LateItem, Material,
    Names, Need, Outside, Place, Population, Sample, SideBooks, Told, sample_days,
};
use crate::report::tables::{Letterhead, Period, Said, Scope};
use crate::store::people as directory;
use crate::store::read::PageAsk;
use crate::store::read::oversight::Span;
use crate::store::read::reports::{self as read, Narrow};
use crate::store::read::tallies::{self, By, Slice};
use crate::store::reports as kept;
use crate::store::rows::LegRow;
use crate::store::{Db, StoreError};

/// What the readings share.
pub(super) struct Asked<'a> {
    pub(super) app: &'a App,
    caller: Caller,
    pub(super) ask: &'a CutAsk,
    pub(super) period: Period,
    pub(super) now: Ts,
    narrow: Narrow,
    lines_max: i64,
    sample_days: usize,
    seed: &'a str,
}

/// Reads what the definition needs.
pub(super) fn gather(
    app: &App,
    caller: &Caller,
    ask: &CutAsk,
    known: &Definition,
    id: &str,
) -> Result<Material, AppError> {
    let agencies = match &ask.agency_code {
        Some(code) => Agencies::Only(vec![code.clone()]),
        None => caller.agencies.clone(),
    };
    let asked = Asked {
        app,
        caller: Caller { agencies: agencies.clone(), post_office: ask.post_office_code.clone(), ..caller.clone() },
        ask,
        period: Period { from: ask.from, until: ask.until },
        now: app.now(),
        narrow: Narrow { agencies, office: ask.post_office_code.clone() },
        lines_max: app.reports.lines_max,
        sample_days: app.reports.sample_days,
        seed: ask.seed.as_deref().unwrap_or(id),
    };
    let mut material = app.store.read(|db| db.snapshot(|db| of_store(db, &asked, known)))?;
    material.limits = app.reports.limits;
    (material.scope, material.letterhead) = head(app, ask, &material.names);
    Ok(material)
}

/// The scope in words, and who issues a report about it: the agency or the post office itself, else the province.
fn head(app: &App, ask: &CutAsk, names: &Names) -> (Scope, Letterhead) {
    let terms = &app.reports;
    let agency = ask.agency_code.as_deref().map(|code| names.agency(code).to_owned());
    let office = ask.post_office_code.as_deref().map(|code| names.office(code).to_owned());
    let whole = Said::new("Toàn tỉnh", "The province");
    let name = match (&agency, &office) {
        (Some(agency), Some(office)) => Said::same(format!("{agency}; {office}")),
        (Some(one), None) | (None, Some(one)) => Said::same(one.clone()),
        (None, None) => {
            Said::new(format!("{} ({})", whole.vi, terms.province), format!("{} ({})", whole.en, terms.province))
        }
    };
    let scope = Scope { agency_code: ask.agency_code.clone(), post_office_code: ask.post_office_code.clone(), name };
    let letterhead = match agency.or(office) {
        Some(issuer) => {
            Letterhead { superior: Some(terms.letterhead.issuer.clone()), issuer, ..terms.letterhead.clone() }
        }
        None => terms.letterhead.clone(),
    };
    (scope, letterhead)
}

fn of_store(db: &mut Db<'_>, asked: &Asked<'_>, known: &Definition) -> Result<Material, StoreError> {
    let counts = known.needs.iter().map(|need| sums(db, asked, need)).collect::<Result<Vec<_>, StoreError>>()?;
    let has = |also: Also| known.also.contains(&also);
    let mut material = Material {
        period: asked.period,
        scope: Scope::default(),
        as_of: asked.now,
        calendar: calendar::read(db)?.versions().iter().map(|version| version.id.clone()).collect(),
        letterhead: Letterhead::default(),
        limits: crate::report::definitions::Limits::default(),
        counts,
        told: told(db, asked)?,
        names: names(db)?,
        held: if has(Also::Held) { held(db, asked)? } else { Vec::new() },
        late: Vec::new(),
        late_all: 0,
        carried: Vec::new(),
        compared: Vec::new(),
        side_books: SideBooks::default(),
        kinds: Vec::new(),
        differences: Vec::new(),
        sample: if has(Also::Sample) { Some(sample(db, asked)?) } else { None },
        waiting: tallies::kept_up_to(db)?.due,
    };
    if has(Also::Late) {
        late(db, asked, &mut material)?;
    }
    if has(Also::Books) {
        books(db, asked, &mut material)?;
    }
    Ok(material)
}

fn sums(db: &mut Db<'_>, asked: &Asked<'_>, need: &Need) -> Result<Vec<Count>, StoreError> {
    let by: Vec<By> = need
        .by
        .iter()
        .map(|key| match key {
            Key::Agency => By::Agency,
            Key::Procedure => By::Procedure,
            Key::Office => By::Office,
            Key::Kind => By::LegKind,
            Key::Cause => By::Cause,
            Key::Month => By::Month,
        })
        .collect();
    let slice = Slice { office: asked.ask.post_office_code.clone(), ..Slice::default() };
    let stretch = stretch(asked.period, asked.now.to_vietnam().date());
    let found = tallies::sums_within(db, &asked.narrow.agencies, &slice, stretch, &by, need.measures)?;
    let count = |sum: tallies::Sum| {
        let keys: BTreeMap<Key, String> = need.by.iter().copied().zip(sum.keys).collect();
        let measure = Measure::parse(&sum.measure)?;
        Some(Count { keys, measure, legs: sum.legs, amount: sum.amount })
    };
    Ok(found.into_iter().filter_map(count).collect())
}

/// The newest word about each figure.
fn told(db: &mut Db<'_>, asked: &Asked<'_>) -> Result<Told, StoreError> {
    let (from, until) = (asked.period.from.to_string(), asked.period.until.to_string());
    let mut newest = BTreeMap::new();
    for row in kept::figures(db, &from, &until)? {
        let (from, until) = (parse_date(&row.from_date), parse_date(&row.until_date));
        let (Some(figure), Some(from), Some(until)) = (Figure::parse(&row.figure), from, until) else { continue };
        let place = [&row.agency_code, &row.procedure_code, &row.field, &row.post_office_code].map(String::clone);
        let [agency, procedure, field, office] = place.clone();
        let outside = Outside { figure, from, until, agency, procedure, field, office, value: row.value };
        newest.insert((figure, from, until, place), outside);
    }
    Ok(Told::of(newest.into_values().collect()))
}

fn names(db: &mut Db<'_>) -> Result<Names, StoreError> {
    let mut places = |kind: &str| -> Result<BTreeMap<String, Place>, StoreError> {
        let rows = directory::places(db, kind)?;
        let place = |row: crate::store::people_rows::PlaceRow| {
            (row.code, Place { name: row.name, level: row.level.unwrap_or_default() })
        };
        Ok(rows.into_iter().map(place).collect())
    };
    let (agencies, offices) = (places("AGENCY")?, places("POST_OFFICE")?);
    let procedures = directory::procedures(db)?.into_iter().map(|row| (row.code, row.name)).collect();
    Ok(Names { agencies, offices, procedures })
}

fn held(db: &mut Db<'_>, asked: &Asked<'_>) -> Result<Vec<Held>, StoreError> {
    let rows = read::held_by_post(db, &asked.narrow)?;
    let row = |(agency, procedure, office, kind, legs)| Held { agency, procedure, office, kind, legs };
    Ok(rows.into_iter().map(row).collect())
}

/// The instants of the period.
pub(super) fn span(period: Period) -> Span {
    let at = |day: chrono::NaiveDate| day.and_hms_opt(0, 0, 0).and_then(Ts::from_vietnam).map_or(0, |at| at.us());
    Span { from_us: at(period.from), until_us: at(period.until) }
}

fn number(leg: &LegRow) -> String {
    leg.dossier_no.clone().or_else(|| leg.consignment_note_no.clone()).unwrap_or_else(|| leg.id.clone())
}

/// Late legs, the longest due first, and how the people who carry stand.
fn late(db: &mut Db<'_>, asked: &Asked<'_>, material: &mut Material) -> Result<(), StoreError> {
    let slice = Slice { office: asked.ask.post_office_code.clone(), ..Slice::default() };
    let stretch = stretch(asked.period, asked.now.to_vietnam().date());
    let measures = [Measure::DueMissed, Measure::CaseDueMissed];
    for measure in measures {
        let page = PageAsk { after: None, limit: asked.lines_max };
        let legs = tallies::legs_behind(db, &asked.narrow.agencies, stretch, measure, &slice, &page)?;
        let ids: Vec<String> = legs.iter().map(|leg| leg.id.clone()).collect();
        let people = read::carriers(db, &ids)?;
        let days = read::due_days(db, measure, &ids)?;
        material.late.extend(legs.into_iter().map(|leg| LateItem {
            number: number(&leg),
            measure,
            due_on: days.get(&leg.id).and_then(|day| parse_date(day)),
            since: Ts::from_us(leg.state_since_us),
            person: people.get(&leg.id).map(|(name, _)| name.clone()),
            agency: leg.agency_code,
            office: leg.post_office_code,
            leg_id: leg.id,
        }));
    }
    let missed = tallies::sums_within(db, &asked.narrow.agencies, &slice, stretch, &[], &measures)?;
    material.late_all = missed.iter().map(|sum| sum.legs).sum();
    material.late.sort_by(|a, b| (a.due_on, &a.leg_id).cmp(&(b.due_on, &b.leg_id)));
    let carried = read::carried(db, &asked.narrow, span(asked.period), asked.now.us())?;
    let one = |(person, office, due, late)| Carried { person, office, due, late };
    material.carried = carried.into_iter().map(one).collect();
    Ok(())
}

fn books(db: &mut Db<'_>, asked: &Asked<'_>, material: &mut Material) -> Result<(), StoreError> {
    let kinds = read::kinds(db, &asked.caller, span(asked.period))?;
    let kind = |(kind, sums): (String, read::KindSums)| KindCount {
        kind,
        opened: sums.opened,
        resolved: sums.resolved,
        open: sums.open,
        oldest_at: sums.oldest_us.map(Ts::from_us),
    };
    material.kinds = kinds.into_iter().map(kind).collect();
    // A book is of a whole system: whoever sees one agency or office alone sees none.
    if asked.ask.agency_code.is_none() && asked.ask.post_office_code.is_none() {
        material.compared = compared(db, asked.period)?;
    }
    let counts = material.counts.first().map_or(&[][..], Vec::as_slice);
    material.side_books = side_books::gather(db, asked, counts)?;
    let open = read::open(db, &asked.caller, asked.lines_max)?;
    let one = |(row, leg, person): read::Open| Difference {
        id: row.id,
        kind: row.kind,
        leg_id: row.leg_id,
        number: leg.as_ref().map(number),
        agency: row.agency_code,
        owner: row.owner,
        person,
        opened_at: Ts::from_us(row.opened_at_us),
    };
    material.differences = open.into_iter().map(one).collect();
    Ok(())
}

/// Of each window the newest comparison.
fn compared(db: &mut Db<'_>, period: Period) -> Result<Vec<Compared>, StoreError> {
    let mut newest = BTreeMap::new();
    for row in crate::store::books::runs_within(db, &period.from.to_string(), &period.until.to_string())? {
        let (Some(from), Some(until)) = (parse_date(&row.from_day), parse_date(&row.until_day)) else { continue };
        let totals = reconcile::totals_of(&row);
        let one = Compared {
            side: row.side,
            counterpart: row.counterpart,
            from,
            until,
            entries: totals.entries,
            agree: totals.agree,
            entries_alone: totals.entries_alone,
            legs_alone: totals.legs_alone,
            at: Ts::from_us(row.run_at_us),
        };
        newest.insert((from, until, one.side.clone(), one.counterpart.clone()), one);
    }
    Ok(newest.into_values().collect())
}

fn sample(db: &mut Db<'_>, asked: &Asked<'_>) -> Result<Sample, StoreError> {
    let slice = Slice { office: asked.ask.post_office_code.clone(), ..Slice::default() };
    let stretch = stretch(asked.period, asked.now.to_vietnam().date());
    let declared = [Measure::Registered];
    let sums = tallies::sums_within(db, &asked.narrow.agencies, &slice, stretch, &[By::Day], &declared)?;
    let with_papers: Vec<chrono::NaiveDate> = sums.iter().filter_map(|sum| parse_date(sum.keys.first()?)).collect();
    let days = sample_days(asked.seed, &with_papers, asked.sample_days);
    let (mut population, mut breaches) = (Vec::new(), Vec::new());
    for day in &days {
        let from_us = span(Period { from: *day, until: *day }).from_us;
        let span = Span { from_us, until_us: from_us + DAY_US };
        let declared = read::declared(db, &asked.narrow, span)?;
        population.extend(declared.into_iter().map(|(sender, legs)| Population { day: *day, sender, legs }));
        let found = read::breaches(db, &asked.narrow, span)?;
        breaches.extend(found.into_iter().map(|(kind, leg_id, number, sender)| Breach {
            kind,
            leg_id,
            number,
            day: *day,
            sender,
        }));
    }
    Ok(Sample { seed: asked.seed.to_owned(), days, population, breaches })
}
