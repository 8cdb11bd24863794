//! Search by any number that people know, lists that other pages lead to, and the page of one dossier.

mod clocks;
mod page;
mod rail;
mod ribbon;
pub mod wording;

use minijinja::{Value, context};

use crate::app::dossier::{self, Found};
use crate::app::legs::{self, LegView};
use crate::domain::identifier::Phone;
use crate::domain::leg::{Holder, LegKind, State};
use crate::domain::person::{Reach, Right, Role};
use crate::store::read::PageAsk;
use crate::store::read::legs::LegFilter;
use crate::store::rows::LegRow;
use crate::ui::ask::Ask;
use crate::ui::dossier::rail::Names;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see};
use crate::ui::routes::{Needs, Place, Route, get, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/dossiers", Needs::Right(Right::Dossier), search),
    get("/dossiers/phone", Needs::Right(Right::Dossier), search_again),
    post("/dossiers/phone", Needs::Right(Right::PersonalData), search_by_phone),
    get("/dossiers/{leg_id}", Needs::Right(Right::Dossier), page::show),
    post("/dossiers/{leg_id}/mark", Needs::Right(Right::Desk), clocks::tell),
    get("/dossiers/{leg_id}/look", Needs::Right(Right::Dossier), page::look_again),
    post("/dossiers/{leg_id}/look", Needs::Right(Right::PersonalData), page::look),
    get("/evidence/{sha256}", Needs::Right(Right::PersonalData), page::evidence),
];

/// Its place in the main list.
pub const PLACE: Place = Place {
    path: "/dossiers",
    icon: "search",
    vi: "Tra cứu",
    en: "Search",
    needs: Right::Dossier,
    roles: &[
        Role::PostClerk,
        Role::Postman,
        Role::PostSupervisor,
        Role::DeskClerk,
        Role::AgencySupervisor,
        Role::Oversight,
    ],
};

/// Lines of one page of a list.
const LINES_PER_PAGE: i64 = 50;

/// What a list is narrowed by, as its address says it.
const FILTERS: [&str; 7] = ["state", "holder", "agency", "office", "kind", "open", "overdue"];

/// What the search page shows.
#[derive(Default)]
struct Shown {
    /// What was typed as a number.
    typed: String,
    /// What it led to; none before anything was asked.
    found: Option<Found>,
    /// Whether it was a search by phone.
    by_phone: bool,
    /// The list that filters give, and the query of its next page.
    list: Option<(Vec<LegRow>, Option<String>)>,
    errors: Errors,
}

fn search(ask: &Ask) -> Result<Page, Stop> {
    let typed = ask.query.get("q");
    if !typed.is_empty() {
        let found = dossier::search(ask.app(), &ask.person()?.caller(), typed)?;
        if let [only] = found.legs.as_slice() {
            return see(format!("/dossiers/{}", only.id));
        }
        // A phone number stays in no address: its form is below, and takes it again.
        if found.legs.is_empty() && Phone::parse(typed).is_ok() {
            return see("/dossiers?ask=phone#phone");
        }
        let shown = Shown { typed: typed.to_owned(), found: Some(found), ..Shown::default() };
        return html("dossiers.html", values(ask, shown)?);
    }
    let list = if FILTERS.into_iter().any(|name| ask.query.some(name).is_some()) { Some(filtered(ask)?) } else { None };
    html("dossiers.html", values(ask, Shown { list, ..Shown::default() })?)
}

/// The address of a search by phone, asked for again.
fn search_again(_: &Ask) -> Result<Page, Stop> {
    see("/dossiers")
}

fn search_by_phone(ask: &Ask) -> Result<Page, Stop> {
    let Ok(phone) = Phone::parse(ask.form.get("phone")) else {
        let mut errors = Errors::default();
        errors.add(
            ask.lang,
            "phone",
            "Nhập đủ số, 10 chữ số bắt đầu bằng 0; không tìm theo một phần của số.",
            "Enter the whole number, ten digits from 0; a part of one is not searched.",
        );
        return again("dossiers.html", values(ask, Shown { errors, by_phone: true, ..Shown::default() })?);
    };
    let legs = dossier::search_by_phone(ask.app(), &ask.person()?.caller(), &phone, ask.doing())?;
    if let [only] = legs.as_slice() {
        return see(format!("/dossiers/{}", only.id));
    }
    let found = Found { legs, ..Found::default() };
    html("dossiers.html", values(ask, Shown { found: Some(found), by_phone: true, ..Shown::default() })?)
}

/// A page of legs by state, holder, agency, kind; unknown words of a filter are nothing.
fn filtered(ask: &Ask) -> Result<(Vec<LegRow>, Option<String>), Stop> {
    let filter = LegFilter {
        state: State::parse(ask.query.get("state")).map(|state| state.as_str().to_owned()),
        holder: Holder::parse(ask.query.get("holder")).map(|holder| holder.as_str().to_owned()),
        kind: LegKind::parse(ask.query.get("kind")).map(|kind| kind.as_str().to_owned()),
        agency_code: ask.query.some("agency").map(str::to_owned),
        post_office_code: ask.query.some("office").map(str::to_owned),
        due_before_us: ask.query.some("overdue").map(|_| ask.app().now().us()),
        open: match ask.query.get("open") {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        },
        ..LegFilter::default()
    };
    let page = PageAsk { after: ask.query.some("after").map(str::to_owned), limit: LINES_PER_PAGE + 1 };
    let caller = ask.person()?.caller();
    let views: Vec<LegView> = legs::page(ask.app(), &caller, &filter, &page)?;
    let mut rows: Vec<LegRow> = views.into_iter().map(|view| view.row).collect();
    let shown = usize::try_from(LINES_PER_PAGE).unwrap_or(usize::MAX);
    let more = rows.len() > shown;
    rows.truncate(shown);
    let next = rows.last().filter(|_| more).map(|last| {
        let pairs = FILTERS
            .into_iter()
            .filter_map(|name| ask.query.some(name).map(|text| (name, text)))
            .chain([("after", last.id.as_str())]);
        serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).unwrap_or_default()
    });
    Ok((rows, next))
}

fn values(ask: &Ask, shown: Shown) -> Result<Value, Stop> {
    let names = page::names(ask)?;
    let person = ask.person()?;
    let places = |wanted: &str| -> Vec<Value> {
        names.iter().filter(|((kind, _), _)| *kind == wanted).map(|((_, code), name)| context! { code, name }).collect()
    };
    let agencies = if matches!(person.reach, Reach::Agency(_)) { Vec::new() } else { places("AGENCY") };
    let offices = if matches!(person.reach, Reach::PostOffice(_)) { Vec::new() } else { places("POST_OFFICE") };
    let found = shown.found.map(|found| {
        context! {
            legs => lines(&found.legs, &names),
            handovers => found
                .handovers
                .iter()
                .map(|row| context! { id => row.id.as_str(), number => row.handover_no.as_deref().unwrap_or(&row.id) })
                .collect::<Vec<_>>(),
        }
    });
    let list = shown.list.map(|(rows, next)| context! { legs => lines(&rows, &names), next });
    Ok(context! {
        typed => shown.typed,
        found,
        list,
        by_phone => shown.by_phone,
        asks_phone => shown.by_phone || ask.query.get("ask") == "phone",
        errors => shown.errors.value(),
        may_phone => ask.may(Right::PersonalData),
        may_handover => ask.may(Right::Handover),
        agencies,
        offices,
        states => State::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>(),
        holders => Holder::ALL.iter().map(|holder| holder.as_str()).collect::<Vec<_>>(),
        kinds => LegKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        by => context! {
            state => ask.query.get("state"),
            holder => ask.query.get("holder"),
            agency => ask.query.get("agency"),
            office => ask.query.get("office"),
            overdue => ask.query.some("overdue").is_some(),
            kind => ask.query.get("kind"),
        },
    })
}

fn lines(rows: &[LegRow], names: &Names) -> Vec<Value> {
    let name =
        |kind: &'static str, code: &str| names.get(&(kind, code.to_owned())).map_or(code, String::as_str).to_owned();
    rows.iter()
        .map(|row| {
            context! {
                id => row.id.as_str(),
                number => row.dossier_no.as_deref(),
                note_no => row.consignment_note_no.as_deref(),
                item_number => row.item_number.as_deref(),
                kind => row.kind.as_str(),
                holder => row.holder.as_str(),
                holder_since_us => row.holder_since_us,
                state => row.state.as_str(),
                tone => State::parse(&row.state).map_or("wait", page::tone),
                agency => name("AGENCY", &row.agency_code),
                post_office => name("POST_OFFICE", &row.post_office_code),
            }
        })
        .collect()
}
