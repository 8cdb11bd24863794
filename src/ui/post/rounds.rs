//! Giving to postmen: who has what, to be given by ticking or by scanning, and taken back.

use minijinja::context;
use serde_json::{Value, json};

use crate::app::rounds::{self, Office};
use crate::domain::person::{Right, Role};
use crate::store::rows::LegRow;
use crate::ui::ask::Ask;
use crate::ui::form::Errors;
use crate::ui::page::{self, Page, Stop, again, html, see};
use crate::ui::routes::{Needs, Place, Route, get, post};

/// Its place in the main list.
pub const PLACE: Place = Place {
    path: "/post/rounds",
    icon: "bag",
    vi: "Giao tuyến",
    en: "Rounds",
    needs: Right::Assign,
    roles: &[Role::PostClerk, Role::PostSupervisor],
};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/post/rounds", Needs::Right(Right::Assign), show),
    post("/post/rounds/give", Needs::Right(Right::Assign), give),
    post("/post/rounds/take-back", Needs::Right(Right::Assign), take_back),
];

fn row(leg: &LegRow, given_at_us: Option<i64>) -> Value {
    json!({
        "id": leg.id, "dossier": leg.dossier_no.as_deref().or(leg.consignment_note_no.as_deref()).unwrap_or(&leg.id),
        "procedure": leg.procedure_name.as_deref().unwrap_or(&leg.procedure_code), "state": leg.state, "fee": leg.fee_to_collect,
        "attempts": leg.attempts, "given_at_us": given_at_us,
    })
}

fn values(ask: &Ask, errors: &Errors) -> Result<minijinja::Value, Stop> {
    let Office { carriers, waiting } = rounds::office(ask.app(), ask.person()?)?;
    let carriers: Vec<Value> = carriers
        .iter()
        .map(|carrier| {
            let legs: Vec<Value> = carrier.legs.iter().map(|(leg, at)| row(leg, Some(*at))).collect();
            json!({"id": carrier.person.id, "name": carrier.person.full_name, "role": carrier.person.role, "legs": legs})
        })
        .collect();
    let waiting: Vec<Value> = waiting.iter().map(|leg| row(leg, None)).collect();
    let ticked: Vec<&str> = ask.form.all("leg").collect();
    Ok(context! {
        carriers => page::value(&carriers), waiting => page::value(&waiting), errors => errors.value(),
        ticked => page::value(&ticked), postman => ask.form.get("postman"), done => ask.query.get("done"),
        count => ask.query.get("n"),
    })
}

fn show(ask: &Ask) -> Result<Page, Stop> {
    html("rounds.html", values(ask, &Errors::default())?)
}

fn legs(ask: &Ask) -> Vec<String> {
    ask.form.all("leg").map(str::to_owned).collect()
}

fn give(ask: &Ask) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    if ask.form.get("postman").is_empty() {
        errors.add(ask.lang, "postman", "Chọn bưu tá sẽ mang hồ sơ.", "Choose the postman who takes them.");
    }
    if !ask.form.has("leg") {
        errors.add(ask.lang, "leg", "Chưa chọn hồ sơ nào.", "No dossier is ticked.");
    }
    if !errors.is_empty() {
        return again("rounds.html", values(ask, &errors)?);
    }
    let given = rounds::give_ticked(ask.app(), ask.person()?, ask.form.get("postman"), &legs(ask), ask.doing())?;
    see(format!("/post/rounds?done=given&n={given}"))
}

fn take_back(ask: &Ask) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    if !ask.form.has("leg") {
        errors.add(ask.lang, "back", "Chưa chọn hồ sơ nào để nhận lại.", "No dossier is ticked to be taken back.");
        return again("rounds.html", values(ask, &errors)?);
    }
    let taken = rounds::take_back(ask.app(), ask.person()?, &legs(ask), ask.doing())?;
    see(format!("/post/rounds?done=taken&n={taken}"))
}
