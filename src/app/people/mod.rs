//! People who sign in: accounts, sessions, passwords, and the record of what they did.

pub mod accounts;
pub mod directory;
pub mod password;
pub mod sessions;

use crate::app::{App, AppError};
use crate::base::id::ActId;
use crate::domain::person::{Person, Reach, Role};
use crate::store::people_rows::{AuditRow, PersonRow};

/// Where and by whom something was done, for the record.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// The person; none when nobody is known yet.
    pub person: Option<&'a str>,
    /// The request, or `cli`.
    pub request_id: &'a str,
}

/// The record of an act: which one (`DOMAIN.VERB`), and an id of what it was done to. Never personal data.
pub fn act(app: &App, doing: Doing<'_>, act: &str, subject: Option<&str>) -> AuditRow {
    AuditRow {
        id: ActId::make(&app.ids).into(),
        person_id: doing.person.map(str::to_owned),
        act: act.to_owned(),
        subject: subject.map(str::to_owned),
        at_us: app.now().us(),
        request_id: doing.request_id.to_owned(),
    }
}

/// The person of a row.
pub fn person_of(row: &PersonRow) -> Result<Person, AppError> {
    let broken = || AppError::Internal(format!("role and reach of {}", row.id));
    let role = Role::parse(&row.role).ok_or_else(broken)?;
    let reach = Reach::of(role, row.post_office_code.as_deref(), row.agency_code.as_deref()).map_err(|_| broken())?;
    Ok(Person {
        id: row.id.clone(),
        username: row.username.clone(),
        full_name: row.full_name.clone(),
        title: row.title.clone(),
        role,
        reach,
    })
}

/// The full name of a person; none when there is no such person.
pub fn name_of(app: &App, id: &str) -> Result<Option<String>, AppError> {
    Ok(app.store.read(|db| crate::store::people::by_id(db, id))?.map(|row| row.full_name))
}
