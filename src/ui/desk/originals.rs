//! Originals lent for comparison: those that wait to go back, and what the desk says of one.

use minijinja::{Value, context};

use crate::app::originals::{self, LentOriginal, Said};
use crate::app::people;
use crate::domain::access::Agencies;
use crate::domain::originals::{Outcome, Standing};
use crate::ui::ask::Ask;
use crate::ui::desk::{agency, returns};
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, see};

/// In this order on the desk's page: what was left behind, what is lost, what is with the post, what has time.
const WAITING: [Standing; 4] = [Standing::Unreturned, Standing::Lost, Standing::OnItsWay, Standing::AtAgency];
/// Of each standing on the desk's page; any other is led to from its dossier.
const SHOWN_MAX: usize = 50;
/// Characters of a note.
const NOTE_CHARS_MAX: usize = 500;

/// The part of the desk's page: of one intake, or all that wait, and how many there are.
pub(super) fn part(ask: &Ask) -> Result<Value, Stop> {
    let (app, agency) = (ask.app(), agency(ask)?);
    let typed = ask.form.some("leg").filter(|_| ask.form.has("paper"));
    let asked = ask.query.some("original").or(typed);
    let (rows, count) = if let Some(leg) = asked {
        let mut rows = originals::of_legs(app, &[leg.to_owned()])?;
        rows.retain(|one| one.row.agency_code == agency);
        let count = rows.len();
        (rows, count)
    } else {
        let (mut rows, mut count) = (Vec::new(), 0);
        for standing in WAITING {
            let mut found = originals::standing(app, &Agencies::All, Some(agency), &[standing])?;
            count += found.len();
            found.truncate(SHOWN_MAX);
            rows.extend(found);
        }
        (rows, count)
    };
    let form = &ask.form;
    Ok(context! {
        count, one => asked.is_some(), shown => rows.len(),
        rows => rows.iter().map(|one| shown(ask, one)).collect::<Result<Vec<_>, _>>()?,
        typed => context! { paper => form.get("paper"), note => form.get("note"), quantity => form.get("quantity") },
    })
}

/// One for a page: without the desk's notes, which only the desk sees.
pub fn shown(ask: &Ask, one: &LentOriginal) -> Result<Value, Stop> {
    let said = one.said.iter().map(|word| {
        Ok(context! {
            outcome => word.outcome.as_str(), quantity => word.quantity, at_us => word.at_us, note => word.note.clone(),
            who => people::name_of(ask.app(), &word.person_id)?,
        })
    });
    Ok(context! {
        leg_id => one.row.leg_id.as_str(),
        dossier_no => one.row.dossier_no.clone(),
        note_no => one.leg.consignment_note_no.clone(),
        procedure => one.leg.procedure_name.clone().unwrap_or_else(|| one.leg.procedure_code.clone()),
        paper => one.row.paper.as_str(),
        quantity => one.row.quantity,
        standing => one.row.standing.as_str(),
        since_us => one.row.since_us,
        result_leg => one.row.result_leg_id.clone(),
        may_give_back => originals::may_be_told(&one.row, Outcome::GivenBack),
        may_lose => originals::may_be_told(&one.row, Outcome::DeclaredLost),
        said => said.collect::<Result<Vec<_>, Stop>>()?,
    })
}

/// The address of a word of the desk, asked for again.
pub(super) fn page(_: &Ask) -> Result<Page, Stop> {
    see("/desk/returns#originals")
}

/// The desk gave one back, or lost it.
pub(super) fn tell(ask: &Ask) -> Result<Page, Stop> {
    let agency = agency(ask)?;
    let form = &ask.form;
    let outcome = Outcome::parse(form.get("outcome")).ok_or(Stop::NotFound)?;
    let note = form.get("note");
    let mut errors = Errors::default();
    if outcome == Outcome::DeclaredLost && note.is_empty() {
        let (vi, en) = ("Ghi rõ mất khi nào, thế nào, đã báo ai.", "Say when and how it was lost, and who was told.");
        errors.add(ask.lang, "note", vi, en);
    } else if note.chars().count() > NOTE_CHARS_MAX {
        errors.add(ask.lang, "note", "Nhiều nhất 500 ký tự.", "At most 500 characters.");
    }
    let quantity = form.get("quantity").parse::<i64>().ok().filter(|quantity| *quantity > 0);
    let Some(quantity) = quantity.filter(|_| errors.is_empty()) else {
        if errors.is_empty() {
            errors.add(ask.lang, "quantity", "Ghi số bản, từ 1.", "Enter how many, from 1.");
        }
        return again("desk_returns.html", returns::values(ask, &errors)?);
    };
    let said = Said { leg_id: form.get("leg"), paper: form.get("paper"), quantity, outcome, note };
    originals::tell(ask.app(), agency, &said, ask.doing())?;
    see("/desk/returns?done=original#originals")
}
