//! Taking a dossier in: one form, from the checklist of papers to both signatures; then the note that it made.

mod read;

use std::collections::BTreeMap;

use minijinja::{Value, context};
use serde_json::json;

use crate::app::intake::TakenIn;
use crate::app::people::directory::{self, Procedure};
use crate::app::{App, AppError, calendar, intake, legs};
use crate::base::id::ActId;
use crate::base::time::Ts;
use crate::domain::calendar::{Calendar, POST};
use crate::domain::consignment::{PostagePay, Service};
use crate::domain::intake::{hand_over_day, promise};
use crate::domain::lane::{Lane, transit_days};
use crate::domain::person::{Right, Role};
use crate::report::numbers;
use crate::store::intake::note_of;
use crate::store::people_rows::PlaceRow;
use crate::ui::ask::Ask;
use crate::ui::form::{Errors, Form};
use crate::ui::page::{Page, Stop, again, html, see, value};
use crate::ui::post::today::{day, day_or_unknown};
use crate::ui::routes::{Needs, Route, get, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/post/intake", Needs::Right(Right::TakeIn), form_page),
    post("/post/intake", Needs::Right(Right::TakeIn), take),
    get("/post/intake/{id}", Needs::Right(Right::TakeIn), note_page),
];

/// Fields that the form shows again as they were typed.
const TYPED: &[&str] = &[
    "act",
    "name",
    "phone",
    "email",
    "address",
    "place",
    "dossier",
    "supplement",
    "seal",
    "item",
    "receipt",
    "note",
    "service",
    "slip",
    "lane",
    "promise",
    "postage",
    "pay",
    "postage_receipt",
    "sender_png",
    "sender_strokes",
    "clerk_png",
    "clerk_strokes",
    "on_paper",
];

/// What the form offers: agencies, every procedure, and the calendar that its dates are counted with.
struct Offered {
    agencies: Vec<PlaceRow>,
    procedures: Vec<Procedure>,
    calendar: Calendar,
}

fn offered(app: &App) -> Result<Offered, Stop> {
    let (agencies, procedures) = (directory::places(app, "AGENCY")?, directory::procedures(app)?);
    Ok(Offered { agencies, procedures, calendar: calendar::current(app)? })
}

fn form_page(ask: &Ask) -> Result<Page, Stop> {
    let offered = offered(ask.app())?;
    let at_door = ask.person()?.role == Role::Postman;
    let mut typed: BTreeMap<&str, &str> = BTreeMap::from([
        ("agency", ask.query.get("agency")),
        ("procedure", ask.query.get("procedure")),
        ("place", if at_door { "door" } else { "counter" }),
        ("service", Service::Both.as_str()),
        ("lane", Lane::BetweenAreas.as_str()),
        ("pay", PostagePay::SenderNow.as_str()),
    ]);
    let act = String::from(ActId::make(&ask.app().ids));
    typed.insert("act", &act);
    html("post_intake.html", values(ask, &offered, &Form::default(), &typed, &Errors::default(), true))
}

/// Everything that the form shows. Fields that were not sent are empty.
fn values(
    ask: &Ask,
    offered: &Offered,
    form: &Form,
    typed: &BTreeMap<&str, &str>,
    errors: &Errors,
    fresh: bool,
) -> Value {
    let get = |name: &str| typed.get(name).copied().unwrap_or_default();
    let chosen = offered.agencies.iter().find(|agency| agency.code == get("agency"));
    let agency = chosen.or(offered.agencies.first()).map_or("", |agency| agency.code.as_str());
    let procedures = directory::of_agency(&offered.procedures, agency);
    let procedure = procedures.iter().find(|known| known.code == get("procedure"));
    let fields: BTreeMap<&str, &str> = TYPED.iter().map(|name| (*name, get(name))).collect();
    let fee = match (typed.get("fee"), procedure) {
        (Some(fee), _) => (*fee).to_owned(),
        (None, Some(procedure)) => numbers::whole(procedure.fee, ask.lang),
        (None, None) => String::new(),
    };
    let now = ask.app().now();
    let agencies: Vec<Value> =
        offered.agencies.iter().map(|agency| context! { code => &agency.code, name => &agency.name }).collect();
    let lists = json!(offered.procedures).to_string();
    let services: Vec<&str> = Service::ALL.iter().map(|word| word.as_str()).collect();
    let pays: Vec<&str> = PostagePay::ALL.iter().map(|word| word.as_str()).collect();
    context! {
        fresh,
        form => value(&fields),
        fee,
        agencies => agencies,
        agency,
        procedures => value(&procedures),
        procedure => value(procedure),
        papers => papers(procedure, form),
        services,
        pays,
        lanes => lanes(ask, &offered.calendar, now),
        now_us => now.us(),
        hand_over => day_or_unknown(ask, hand_over_day(&offered.calendar.days_of(agency), now)),
        // In a script element only "<" could end it.
        lists => Value::from_safe_string(lists.replace('<', "\\u003c")),
        errors => errors.value(),
    }
}

/// The lanes with their promises, without and with the appointment slip, as days and as dates from now.
fn lanes(ask: &Ask, calendar: &Calendar, now: Ts) -> Vec<Value> {
    let posts = calendar.days_of(POST);
    let told = |days: Option<u32>| {
        let date = |days| day_or_unknown(ask, promise(&posts, now, days).map(|at| at.to_vietnam().date()));
        days.map(|days| context! { days, date => date(days) })
    };
    Lane::ALL
        .iter()
        .map(|lane| {
            context! { code => lane.as_str(), plain => told(transit_days(*lane, false)), slip => told(transit_days(*lane, true)) }
        })
        .collect()
}

/// The rows of the checklist with what was counted before an error, and those that were added beside it.
fn papers(procedure: Option<&Procedure>, form: &Form) -> Vec<Value> {
    let typed = read::rows(form);
    let listed = procedure.map(|procedure| procedure.papers.as_slice()).unwrap_or_default();
    let of_list = listed.iter().map(|paper| {
        let row = typed.iter().enumerate().find(|(_, row)| !row.is_added && row.name == paper.name);
        let (place, originals, copies) =
            row.map_or((None, "0", "0"), |(at, row)| (Some(at), row.originals, row.copies));
        let short = |sheets: &str, need: i64| sheets.parse::<i64>().unwrap_or(0) < need;
        context! {
            added => false, place, name => &paper.name, recover => paper.recover, compare => paper.compare, originals, copies,
            need_originals => paper.originals, need_copies => paper.copies,
            short => short(originals, paper.originals) || short(copies, paper.copies),
        }
    });
    let added = typed.iter().enumerate().filter(|(_, row)| row.is_added).map(|(at, row)| {
        context! {
            added => true, place => at, name => row.name, recover => false, compare => false, originals => row.originals,
            copies => row.copies, need_originals => 0, need_copies => 0, short => false,
        }
    });
    of_list.chain(added).collect()
}

fn take(ask: &Ask) -> Result<Page, Stop> {
    let form = &ask.form;
    let mut errors = Errors::default();
    let input = read::input(ask, &mut errors)?;
    let (person, now) = (ask.person()?, ask.app().now());
    if errors.is_empty() {
        match intake::take(ask.app(), person, &input, form.get("act"), now, ask.doing()) {
            Ok(TakenIn::New(taken) | TakenIn::Again(taken)) => return see(format!("/post/intake/{}", taken.leg_id)),
            Ok(TakenIn::AgainChanged(taken)) => return see(format!("/post/intake/{}?again=changed", taken.leg_id)),
            Err(AppError::Refused(refusal)) if !refusal.problems.is_empty() => read::say(ask, &refusal, &mut errors),
            Err(error) => return Err(error.into()),
        }
    } else if let Err(AppError::Refused(refusal)) = intake::check(ask.app(), person, &input, now) {
        read::say(ask, &refusal, &mut errors);
    }
    again("post_intake.html", values(ask, &offered(ask.app())?, form, &form.typed(), &errors, false))
}

/// What an intake made: the number of the note, where it stands, what was promised. No names: those are on the note.
fn note_page(ask: &Ask) -> Result<Page, Stop> {
    let person = ask.person()?;
    let leg = legs::get(ask.app(), &person.caller(), ask.value("id"), false, &ask.request_id)?.row;
    let (Some(note_no), Some(accepted_at_us)) = (&leg.consignment_note_no, leg.accepted_by_post_at_us) else {
        return Err(Stop::NotFound);
    };
    let terms = ask.app().store.read(|db| note_of(db, &leg.id))?;
    let calendar = calendar::current(ask.app())?;
    html(
        "post_note.html",
        context! {
            leg => value(json!({
                "id": leg.id, "manifest_id": leg.manifest_id, "manifest_no": leg.manifest_no, "line_no": leg.line_no,
                "procedure": leg.procedure_name.as_ref().unwrap_or(&leg.procedure_code), "originals": leg.originals,
                "copies": leg.copies, "seal_no": leg.seal_no, "fee": leg.fee_to_collect, "dossier_no": leg.dossier_no,
                "procedure_code": leg.procedure_code, "agency_code": leg.agency_code,
            })),
            papers => value(legs::papers_of(&leg)),
            terms => value(terms.map(|row| json!({
                "service": row.service, "taken_at": row.taken_at, "lane": row.lane, "with_slip": row.with_slip == 1,
                "promise_days": row.promise_days, "postage": row.postage, "postage_pay": row.postage_pay,
                "postage_receipt_no": row.postage_receipt_no,
            }))),
            note_no,
            accepted_at_us,
            agency => directory::name_of(ask.app(), "AGENCY", &leg.agency_code)?,
            due => leg.due_at_us.map(|us| day(ask, Ts::from_us(us).to_vietnam().date())),
            hand_over => day_or_unknown(ask, hand_over_day(&calendar.days_of(&leg.agency_code), Ts::from_us(accepted_at_us))),
            changed => ask.query.get("again") == "changed",
        },
    )
}
