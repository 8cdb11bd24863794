//! Accounts: made, given a new password, locked, bound to a provider. `giaonhan user` and the administrator's page.

use ring::rand::{SecureRandom, SystemRandom};

use crate::app::people::{Doing, act, password, person_of};
use crate::app::{App, AppError};
use crate::base::id::PersonId;
use crate::base::secret::Redacted;
use crate::domain::person::{
    PASSWORD_CHARACTERS_MAX, PASSWORD_CHARACTERS_MIN, Person, Reach, Role, is_pin, is_username,
};
use crate::store::StoreError;
use crate::store::people;
use crate::store::people_rows::PersonRow;

/// Why an account could not be made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// The username is not 3 to 40 of a–z 0–9 . - _
    Username,
    /// Somebody has it.
    Taken,
    /// The full name is empty.
    FullName,
    /// Role and office or agency do not fit.
    Reach(crate::domain::person::Unfit),
    /// Too short, too long, or the username itself.
    Password,
    /// The old password or PIN is not right.
    Wrong,
    /// The new password is the old one.
    Same,
    /// Not six digits, or too easy.
    Pin,
    /// There is no such person.
    Nobody,
}

/// What an account is made of.
#[derive(Debug, Clone)]
pub struct NewPerson<'a> {
    /// Name to sign in with.
    pub username: &'a str,
    /// Full name.
    pub full_name: &'a str,
    /// Title on papers.
    pub title: Option<&'a str>,
    /// Role.
    pub role: Role,
    /// Post office, for roles of the post.
    pub post_office: Option<&'a str>,
    /// Agency, for roles of the desk.
    pub agency: Option<&'a str>,
}

/// A made account with its first password, shown once; it must be changed at the first sign-in.
pub struct Made {
    /// The person.
    pub person: Person,
    /// The first password.
    pub password: Redacted<String>,
}

/// Letters of a first password: none that are taken for one another.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// A first password: three groups of four.
fn first_password() -> Result<String, AppError> {
    let mut bytes = [0_u8; 12];
    SystemRandom::new().fill(&mut bytes).map_err(|_| AppError::Internal("no randomness".to_owned()))?;
    let letters =
        bytes.iter().map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()).map_or('x', |b| char::from(*b)));
    let text: String = letters.collect();
    Ok([text.get(..4), text.get(4..8), text.get(8..)].into_iter().flatten().collect::<Vec<_>>().join("-"))
}

/// Makes an account. With a password given it counts as the first one too.
pub fn create(
    app: &App,
    new: &NewPerson<'_>,
    given: Option<&str>,
    doing: Doing<'_>,
) -> Result<Result<Made, Refused>, AppError> {
    if !is_username(new.username) {
        return Ok(Err(Refused::Username));
    }
    if new.full_name.trim().is_empty() {
        return Ok(Err(Refused::FullName));
    }
    if let Err(unfit) = Reach::of(new.role, new.post_office, new.agency) {
        return Ok(Err(Refused::Reach(unfit)));
    }
    let password = match given {
        Some(given) if !is_password(given, new.username) => return Ok(Err(Refused::Password)),
        Some(given) => given.to_owned(),
        None => first_password()?,
    };
    let row = PersonRow {
        id: PersonId::make(&app.ids).into(),
        username: new.username.to_owned(),
        full_name: new.full_name.trim().to_owned(),
        title: new.title.map(str::to_owned),
        role: new.role.as_str().to_owned(),
        post_office_code: new.post_office.map(str::to_owned),
        agency_code: new.agency.map(str::to_owned),
        password_hash: Some(password::hash(&password)?),
        pin_hash: None,
        must_change: 1,
        provider: None,
        provider_subject: None,
        disabled_at_us: None,
        created_at_us: app.now().us(),
    };
    let person = person_of(&row)?;
    let act = act(app, doing, "ACCOUNT.CREATE", Some(&row.id));
    match app.store.insert_person(row, act) {
        Ok(()) => Ok(Ok(Made { person, password: Redacted::new(password) })),
        Err(StoreError::Conflict(_)) => Ok(Err(Refused::Taken)),
        Err(error) => Err(error.into()),
    }
}

/// Whether a text may be a password of this person.
pub fn is_password(text: &str, username: &str) -> bool {
    let characters = text.chars().count();
    (PASSWORD_CHARACTERS_MIN..=PASSWORD_CHARACTERS_MAX).contains(&characters)
        && !text.to_lowercase().contains(username)
        && text.chars().skip(1).any(|c| !text.starts_with(c))
}

fn row_of(app: &App, username: &str) -> Result<Option<PersonRow>, AppError> {
    Ok(app.store.read(|db| people::by_username(db, username))?)
}

/// Gives a person a new first password and ends their sessions.
pub fn reset(app: &App, username: &str, doing: Doing<'_>) -> Result<Result<Made, Refused>, AppError> {
    let Some(row) = row_of(app, username)? else { return Ok(Err(Refused::Nobody)) };
    let password = first_password()?;
    let person = person_of(&row)?;
    let act = act(app, doing, "ACCOUNT.RESET", Some(&row.id));
    let row = PersonRow { password_hash: Some(password::hash(&password)?), must_change: 1, pin_hash: None, ..row };
    app.store.replace_person(row, true, act)?;
    Ok(Ok(Made { person, password: Redacted::new(password) }))
}

/// Locks or opens an account; a locked one is signed out everywhere at once.
pub fn lock(app: &App, username: &str, locked: bool, doing: Doing<'_>) -> Result<Result<(), Refused>, AppError> {
    let Some(row) = row_of(app, username)? else { return Ok(Err(Refused::Nobody)) };
    let act = act(app, doing, if locked { "ACCOUNT.LOCK" } else { "ACCOUNT.OPEN" }, Some(&row.id));
    let row = PersonRow { disabled_at_us: locked.then(|| app.now().us()), ..row };
    app.store.replace_person(row, locked, act)?;
    Ok(Ok(()))
}

/// Gives a person another role or place. What they began under the old one is over, so they are signed out everywhere.
pub fn change_role(
    app: &App,
    username: &str,
    role: Role,
    post_office: Option<&str>,
    agency: Option<&str>,
    doing: Doing<'_>,
) -> Result<Result<(), Refused>, AppError> {
    if let Err(unfit) = Reach::of(role, post_office, agency) {
        return Ok(Err(Refused::Reach(unfit)));
    }
    let Some(row) = row_of(app, username)? else { return Ok(Err(Refused::Nobody)) };
    let act = act(app, doing, "ACCOUNT.ROLE", Some(&row.id));
    let row = PersonRow {
        role: role.as_str().to_owned(),
        post_office_code: post_office.map(str::to_owned),
        agency_code: agency.map(str::to_owned),
        ..row
    };
    app.store.replace_person(row, true, act)?;
    Ok(Ok(()))
}

/// Signs a person out everywhere; the account stays as it is.
pub fn end_sessions(app: &App, username: &str, doing: Doing<'_>) -> Result<Result<(), Refused>, AppError> {
    let Some(row) = row_of(app, username)? else { return Ok(Err(Refused::Nobody)) };
    let act = act(app, doing, "ACCOUNT.SIGN_OUT", Some(&row.id));
    app.store.replace_person(row, true, act)?;
    Ok(Ok(()))
}

/// Binds an account to a subject of a provider, so that its sign-in opens it.
pub fn bind(
    app: &App,
    username: &str,
    provider: &str,
    subject: &str,
    doing: Doing<'_>,
) -> Result<Result<(), Refused>, AppError> {
    let Some(row) = row_of(app, username)? else { return Ok(Err(Refused::Nobody)) };
    let act = act(app, doing, "ACCOUNT.BIND", Some(&row.id));
    let row = PersonRow { provider: Some(provider.to_owned()), provider_subject: Some(subject.to_owned()), ..row };
    match app.store.replace_person(row, false, act) {
        Ok(_) => Ok(Ok(())),
        Err(StoreError::Conflict(_)) => Ok(Err(Refused::Taken)),
        Err(error) => Err(error.into()),
    }
}

/// Changes one's own password; other sessions end, so the caller begins a new one.
pub fn change_password(
    app: &App,
    person: &Person,
    old: &str,
    new: &str,
    doing: Doing<'_>,
) -> Result<Result<(), Refused>, AppError> {
    let Some(row) = row_of(app, &person.username)? else { return Ok(Err(Refused::Nobody)) };
    if !password::fits(old, row.password_hash.as_deref()) {
        return Ok(Err(Refused::Wrong));
    }
    if old == new {
        return Ok(Err(Refused::Same));
    }
    if !is_password(new, &person.username) {
        return Ok(Err(Refused::Password));
    }
    let act = act(app, doing, "ACCOUNT.PASSWORD", Some(&row.id));
    let row = PersonRow { password_hash: Some(password::hash(new)?), must_change: 0, ..row };
    app.store.replace_person(row, true, act)?;
    Ok(Ok(()))
}

/// Sets one's own PIN, which signs handovers beside the drawn signature.
pub fn set_pin(
    app: &App,
    person: &Person,
    password: &str,
    pin: &str,
    doing: Doing<'_>,
) -> Result<Result<(), Refused>, AppError> {
    let Some(row) = row_of(app, &person.username)? else { return Ok(Err(Refused::Nobody)) };
    if !password::fits(password, row.password_hash.as_deref()) {
        return Ok(Err(Refused::Wrong));
    }
    if !is_pin(pin) {
        return Ok(Err(Refused::Pin));
    }
    let act = act(app, doing, "ACCOUNT.PIN", Some(&row.id));
    let row = PersonRow { pin_hash: Some(password::hash(pin)?), ..row };
    app.store.replace_person(row, false, act)?;
    Ok(Ok(()))
}

/// Settles an account that was made with a password its owner already knows: no change is asked for, and the PIN is set.
pub fn settle(app: &App, person: &Person, pin: &str, doing: Doing<'_>) -> Result<(), AppError> {
    let Some(row) = row_of(app, &person.username)? else { return Ok(()) };
    let act = act(app, doing, "ACCOUNT.SETTLE", Some(&row.id));
    let row = PersonRow { must_change: 0, pin_hash: Some(password::hash(pin)?), ..row };
    app.store.replace_person(row, false, act)?;
    Ok(())
}

/// Everybody, by username.
pub fn everybody(app: &App) -> Result<Vec<PersonRow>, AppError> {
    Ok(app.store.read(people::everybody)?)
}
