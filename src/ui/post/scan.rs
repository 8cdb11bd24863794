//! Scanning: the sessions of an office, and one session with its list, so that the device answers by itself.

use std::collections::{BTreeMap, HashMap};

use minijinja::context;
use serde::Serialize;
use serde_json::{Value, json};

use crate::app::people::directory;
use crate::app::scans::{self, Lists, NewSession};
use crate::app::{rounds, scans::standing_legs};
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
    count: usize,
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
    let mut counts: BTreeMap<(Purpose, String, String, String), usize> = BTreeMap::new();
    for (purpose, leg) in scans::startable(ask.app(), ask.person()?)? {
        let of_manifest = purpose == Purpose::Collect;
        let (manifest, number) = if of_manifest { (leg.manifest_id, leg.manifest_no) } else { Default::default() };
        *counts.entry((purpose, leg.agency_code, manifest, number)).or_default() += 1;
    }
    let start = |((purpose, agency, manifest, manifest_no), count): ((Purpose, String, String, String), usize)| Start {
        purpose: purpose.as_str(),
        agency_name: names.agency(&agency),
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

fn session(ask: &Ask) -> Result<Page, Stop> {
    let lists = scans::lists(ask.app(), ask.person()?, ask.value("id"))?;
    let names = Names::read(ask)?;
    let (row, standing) = (&lists.session, standing_legs(&lists.scans).len());
    let title = title(ask, row, &names);
    let manifest_no = lists.expected.iter().find(|leg| row.manifest_id.as_deref() == Some(leg.manifest_id.as_str()));
    html(
        "scan_session.html",
        context! {
            id => row.id.as_str(),
            title,
            purpose => row.purpose.as_str(),
            manifest_no => manifest_no.map_or("", |leg| leg.manifest_no.as_str()),
            closed => row.closed_at_us.is_some(),
            handover => row.handover_id.as_deref().unwrap_or_default(),
            expected => lists.expected.len(),
            standing,
            loaded_at_us => ask.app().now().us(),
            data => page::script_json(&for_device(&lists, &names)),
        },
    )
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
    agencies: HashMap<String, String>,
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

    fn agency(&self, code: &str) -> String {
        self.agencies.get(code).cloned().unwrap_or_else(|| code.to_owned())
    }

    fn person(&self, id: &str) -> String {
        self.people.get(id).cloned().unwrap_or_else(|| id.to_owned())
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
struct Words {
    all: Vec<String>,
    by_text: HashMap<String, usize>,
}

impl Words {
    fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.by_text.get(text) {
            return *number;
        }
        let number = self.all.len();
        self.all.push(text.to_owned());
        self.by_text.insert(text.to_owned(), number);
        number
    }
}

/// The list for the device, small enough for ten thousand legs: rows without names of members, beginnings of numbers and
/// procedures by number. A leg is `[beginning, rest, item, note, procedure, originals, copies, seal]`; one of another list is
/// `[place, beginning, rest, item, note]`.
fn for_device(lists: &Lists, names: &Names) -> Value {
    let (mut begins, mut procedures, mut places) = (Words::default(), Words::default(), Words::default());
    let mut numbers = |leg: &LegRow| {
        let dossier = leg.dossier_no.as_deref().unwrap_or_default();
        let cut = dossier.rfind('-').map_or(0, |at| at + 1);
        let (begin, rest) = dossier.split_at(cut);
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (begins.number(begin), rest.to_owned(), text(&leg.item_number), text(&leg.consignment_note_no))
    };
    let mut position: HashMap<&str, usize> = HashMap::with_capacity(lists.expected.len());
    let mut legs = Vec::with_capacity(lists.expected.len());
    for leg in &lists.expected {
        position.insert(leg.id.as_str(), legs.len());
        let (begin, rest, item, note) = numbers(leg);
        let procedure = procedures.number(leg.procedure_name.as_deref().unwrap_or(&leg.procedure_code));
        let seal = leg.seal_no.as_deref().unwrap_or_default();
        legs.push(json!([begin, rest, item, note, procedure, leg.originals, leg.copies, seal]));
    }
    let others: Vec<Value> = lists
        .others
        .iter()
        .map(|leg| {
            let (begin, rest, item, note) = numbers(leg);
            json!([places.number(&names.agency(&leg.agency_code)), begin, rest, item, note])
        })
        .collect();
    let leg_of = |row: &ScanRow| row.leg_id.as_deref().and_then(|id| position.get(id)).copied();
    let scans: Vec<Value> = lists
        .scans
        .iter()
        .map(|row| {
            let at_ms = row.occurred_at_us / 1000;
            json!([row.id, row.code, row.outcome, leg_of(row), at_ms, row.undoes, names.person(&row.person_id)])
        })
        .collect();
    json!({
        "session": lists.session.id, "begins": begins.all, "procedures": procedures.all, "places": places.all,
        "agencies": names.agencies, "legs": legs, "others": others, "scans": scans,
    })
}
