//! Scanning: the sessions of an office, and one session with its list, so that the device answers by itself.

use std::collections::{BTreeMap, HashMap};

use minijinja::context;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::people::directory;
use crate::app::rounds;
use crate::app::scans::{self, Lists, NewSession};
use crate::domain::person::{Right, Role};
use crate::domain::scanning::Purpose;
use crate::store::round_rows::{ScanRow, ScanSessionRow};
use crate::store::rows::LegRow;
use crate::ui::ask::Ask;
use crate::ui::page::{self, Page, Stop, html, see};
use crate::ui::routes::{Needs, Place, Route, get, post};

/// Its place in the main list.
pub const PLACE: Place = Place {
    path: "/post/scan",
    icon: "scan",
    vi: "Quét",
    en: "Scan",
    needs: Right::Scan,
    roles: &[Role::PostClerk, Role::Postman, Role::PostSupervisor],
};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/post/scan", Needs::Right(Right::Scan), sessions),
    post("/post/scan", Needs::Right(Right::Scan), begin),
    get("/post/scan/{id}", Needs::Right(Right::Scan), session),
    get("/post/scan/{id}/list", Needs::Right(Right::Scan), list),
    post("/post/scan/{id}/close", Needs::Right(Right::Scan), close),
];

/// Something that a session can be begun for.
#[derive(Serialize)]
struct Start {
    purpose: &'static str,
    agency: String,
    agency_name: String,
    manifest: String,
    manifest_no: String,
    count: i64,
}

fn sessions(ask: &Ask) -> Result<Page, Stop> {
    let person = ask.person()?;
    let names = Names::read(ask)?;
    let open: Vec<Value> = scans::list(ask.app(), person)?
        .iter()
        .map(|row| {
            json!({
                "id": row.id, "title": title(ask, row, &names), "opened_at_us": row.opened_at_us,
                "closed_at_us": row.closed_at_us, "handover": row.handover_id, "purpose": row.purpose,
            })
        })
        .collect();
    let postmen: Vec<Value> = if ask.may(Right::Assign) {
        let all = rounds::postmen(ask.app(), person)?;
        all.iter().map(|row| json!({"id": row.id, "name": row.full_name})).collect()
    } else {
        Vec::new()
    };
    html(
        "scan.html",
        context! { open => page::value(&open), starts => page::value(starts(ask, &names)?), postmen => page::value(&postmen) },
    )
}

/// What can be packed for each agency, and collected by each manifest.
fn starts(ask: &Ask, names: &Names) -> Result<Vec<Start>, Stop> {
    let mut counts: BTreeMap<(Purpose, String, String, String), i64> = BTreeMap::new();
    for (purpose, legs) in scans::startable(ask.app(), ask.person()?)? {
        let of_manifest = purpose == Purpose::Collect;
        let (manifest, number) = if of_manifest { (legs.manifest_id, legs.manifest_no) } else { Default::default() };
        *counts.entry((purpose, legs.agency_code, manifest, number)).or_default() += legs.count;
    }
    let start = |((purpose, agency, manifest, manifest_no), count): ((Purpose, String, String, String), i64)| Start {
        purpose: purpose.as_str(),
        agency_name: names.agency(&agency).to_owned(),
        agency,
        manifest,
        manifest_no,
        count,
    };
    Ok(counts.into_iter().map(start).collect())
}

fn begin(ask: &Ask) -> Result<Page, Stop> {
    let purpose = Purpose::parse(ask.form.get("purpose")).ok_or(Stop::Bad)?;
    if purpose == Purpose::Round && !ask.may(Right::Assign) {
        return Err(Stop::Forbidden);
    }
    let field = |name: &str| ask.form.some(name).map(str::to_owned);
    let new = NewSession {
        purpose,
        agency_code: field("agency"),
        manifest_id: field("manifest"),
        postman_id: field("postman"),
    };
    let id = scans::begin(ask.app(), ask.person()?, new, ask.doing())?;
    see(format!("/post/scan/{id}"))
}

/// The page alone: it is in use before its list has come.
fn session(ask: &Ask) -> Result<Page, Stop> {
    let row = scans::get(ask.app(), ask.person()?, ask.value("id"))?;
    let title = title(ask, &row, &Names::read(ask)?);
    let manifest_no = scans::manifest_no(ask.app(), &row)?;
    html(
        "scan_session.html",
        context! {
            id => row.id.as_str(),
            title,
            purpose => row.purpose.as_str(),
            manifest_no => manifest_no.unwrap_or_default(),
            closed => row.closed_at_us.is_some(),
            handover => row.handover_id.as_deref().unwrap_or_default(),
        },
    )
}

/// The list of a session, which the device keeps.
fn list(ask: &Ask) -> Result<Page, Stop> {
    let lists = scans::lists(ask.app(), ask.person()?, ask.value("id"))?;
    let names = Names::read(ask)?;
    let text = serde_json::to_vec(&for_device(&lists, &names)).map_err(|error| Stop::Internal(error.to_string()))?;
    Ok(Page::Kept(text))
}

fn close(ask: &Ask) -> Result<Page, Stop> {
    let id = ask.value("id");
    match scans::close(ask.app(), ask.person()?, id, ask.doing())? {
        Some(handover) => see(format!("/handovers/{handover}")),
        None => see("/post/scan"),
    }
}

/// Names of offices and people, by code and id.
struct Names {
    agencies: BTreeMap<String, String>,
    people: HashMap<String, String>,
}

impl Names {
    fn read(ask: &Ask) -> Result<Self, Stop> {
        let places = directory::places(ask.app(), "AGENCY")?;
        let people = rounds::people_of_office(ask.app(), ask.person()?)?;
        Ok(Names {
            agencies: places.into_iter().map(|row| (row.code, row.name)).collect(),
            people: people.into_iter().map(|row| (row.id, row.full_name)).collect(),
        })
    }

    fn agency<'a>(&'a self, code: &'a str) -> &'a str {
        self.agencies.get(code).map_or(code, String::as_str)
    }

    fn person<'a>(&'a self, id: &'a str) -> &'a str {
        self.people.get(id).map_or(id, String::as_str)
    }
}

fn title(ask: &Ask, row: &ScanSessionRow, names: &Names) -> String {
    let agency = names.agency(row.agency_code.as_deref().unwrap_or_default());
    match Purpose::parse(&row.purpose) {
        Some(Purpose::HandoverOut) => ask.lang.pick(format!("Quét bàn giao: {agency}"), format!("Pack for: {agency}")),
        Some(Purpose::Collect) => {
            ask.lang.pick(format!("Quét nhận kết quả: {agency}"), format!("Collect results: {agency}"))
        }
        _ => {
            let postman = names.person(row.postman_id.as_deref().unwrap_or_default());
            ask.lang.pick(format!("Giao tuyến: {postman}"), format!("Give to: {postman}"))
        }
    }
}

/// Texts that come again and again, by number.
#[derive(Default)]
struct Words<'a> {
    all: Vec<&'a str>,
    by_text: HashMap<&'a str, usize>,
}

impl<'a> Words<'a> {
    fn number(&mut self, text: &'a str) -> usize {
        *self.by_text.entry(text).or_insert_with(|| {
            self.all.push(text);
            self.all.len() - 1
        })
    }
}

/// `[beginning, rest, item, note]`: the numbers of a leg.
type Numbers<'a> = (usize, &'a str, &'a str, &'a str);

/// A scan: id, code, outcome, milliseconds, what it takes back, by whom.
type Scanned<'a> = (&'a str, &'a str, &'a str, i64, Option<&'a str>, &'a str);

/// The list for the device, small enough for ten thousand legs: rows without names of members, beginnings of numbers, procedures
/// and places by number.
#[derive(Serialize)]
struct ForDevice<'a> {
    begins: Vec<&'a str>,
    procedures: Vec<&'a str>,
    places: Vec<&'a str>,
    agencies: &'a BTreeMap<String, String>,
    /// Numbers, procedure, originals, copies, seal.
    legs: Vec<(Numbers<'a>, usize, i64, i64, &'a str)>,
    /// Those of another list: where they belong, and their numbers.
    others: Vec<(usize, Numbers<'a>)>,
    scans: Vec<Scanned<'a>>,
}

fn for_device<'a>(lists: &'a Lists, names: &'a Names) -> ForDevice<'a> {
    let (mut begins, mut procedures, mut places) = (Words::default(), Words::default(), Words::default());
    let mut numbers = |leg: &'a LegRow| {
        let dossier = leg.dossier_no.as_deref().unwrap_or_default();
        let (begin, rest) = dossier.split_at(dossier.rfind('-').map_or(0, |at| at + 1));
        let (item, note) = (leg.item_number.as_deref(), leg.consignment_note_no.as_deref());
        (begins.number(begin), rest, item.unwrap_or_default(), note.unwrap_or_default())
    };
    let expected = lists.expected.iter().map(|leg| {
        let procedure = procedures.number(leg.procedure_name.as_deref().unwrap_or(&leg.procedure_code));
        (numbers(leg), procedure, leg.originals, leg.copies, leg.seal_no.as_deref().unwrap_or_default())
    });
    let legs = expected.collect();
    let elsewhere = lists.others.iter().map(|leg| (places.number(names.agency(&leg.agency_code)), numbers(leg)));
    let others = elsewhere.collect();
    let scan = |row: &'a ScanRow| {
        let (undoes, by) = (row.undoes.as_deref(), names.person(&row.person_id));
        (row.id.as_str(), row.code.as_str(), row.outcome.as_str(), row.occurred_at_us / 1000, undoes, by)
    };
    let scans = lists.scans.iter().map(scan).collect();
    let (begins, procedures, places) = (begins.all, procedures.all, places.all);
    ForDevice { begins, procedures, places, agencies: &names.agencies, legs, others, scans }
}
