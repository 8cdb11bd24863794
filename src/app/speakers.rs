//! Who speaks when no key is presented: the post's system by its hooks and feeds, and the reporter of a fact that waits.

use crate::app::{App, AppError};
use crate::domain::access::{Agencies, Caller, Scope};
use crate::domain::leg::Side;
use crate::store::read;
use crate::store::rows::FactRow;

/// The post's system as a speaker: it speaks for the agencies that it is configured for.
pub(super) fn post(app: &App, counterpart: &str) -> Caller {
    let route = app.routes.post.iter().find(|route| route.counterpart == counterpart);
    Caller {
        key_id: String::new(),
        counterpart: counterpart.to_owned(),
        side: Side::Post,
        agencies: route.map_or(Agencies::Only(Vec::new()), |route| route.agencies.clone()),
        post_office: None,
        person: None,
        scopes: vec![Scope::Write],
    }
}

/// Who reported a fact that fitted no leg: a configured system, or the keys of a counterpart.
pub(super) fn of_fact(app: &App, fact: &FactRow) -> Result<Option<Caller>, AppError> {
    if app.routes.post.iter().any(|route| route.counterpart == fact.counterpart) {
        return Ok(Some(post(app, &fact.counterpart)));
    }
    let Some(side) = Side::parse(&fact.side) else { return Ok(None) };
    let keys = app.store.read(read::keys::all)?;
    let mut codes: Vec<String> = keys
        .iter()
        .filter(|key| key.counterpart == fact.counterpart && key.revoked_at_us.is_none())
        .flat_map(|key| key.agencies.split(','))
        .map(str::to_owned)
        .collect();
    codes.sort();
    codes.dedup();
    Ok(Some(Caller {
        key_id: String::new(),
        counterpart: fact.counterpart.clone(),
        side,
        agencies: Agencies::from_list(&codes),
        post_office: None,
        person: None,
        scopes: Vec::new(),
    }))
}
