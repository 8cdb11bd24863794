//! `giaonhan user` and `giaonhan directory`: accounts of people, and the offices and procedures that pages name.

use serde::Deserialize;
use serde_json::json;

use crate::app::people::accounts::{self, Made, NewPerson, Refused};
use crate::app::people::{Doing, directory};
use crate::cli::args::{StoreArgs, UserCommand};
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::domain::level::Level;
use crate::domain::person::{Person, Reach, Role, Unfit};

/// Acts from the command line stand on the record as such.
pub(super) const DOING: Doing<'static> = Doing { person: None, request_id: "cli" };

pub(super) fn user(store: &StoreArgs, command: UserCommand, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    match command {
        UserCommand::Add { username, name, title, role, post_office, agency } => {
            let role = Role::parse(&role.to_ascii_uppercase().replace('-', "_")).ok_or_else(|| {
                let all: Vec<String> = Role::ALL.iter().map(|role| spelled(*role)).collect();
                Failure::Usage(format!("--role {role}: write one of {}", all.join(", ")))
            })?;
            let new = NewPerson {
                username: &username,
                full_name: &name,
                title: title.as_deref(),
                role,
                post_office: post_office.as_deref(),
                agency: agency.as_deref(),
            };
            show(&accounts::create(&app, &new, None, DOING)?.map_err(|why| refused(&username, &why))?, out);
        }
        UserCommand::List => {
            for row in accounts::everybody(&app)? {
                let state = if row.disabled_at_us.is_some() { "LOCKED" } else { "OPEN" };
                let place = row.post_office_code.or(row.agency_code).unwrap_or_else(|| "-".to_owned());
                let object = json!({"id": row.id, "username": row.username, "name": row.full_name, "role": row.role, "place": place, "state": state});
                out.result(
                    &object,
                    &format!("{:<24} {state:<7} {:<18} {place:<10} {}", row.username, row.role, row.full_name),
                );
            }
        }
        UserCommand::Reset { username } => {
            show(&accounts::reset(&app, &username, DOING)?.map_err(|why| refused(&username, &why))?, out);
        }
        UserCommand::Lock { username } => lock(&app, &username, true, out)?,
        UserCommand::Open { username } => lock(&app, &username, false, out)?,
        UserCommand::Bind { username, provider, subject } => {
            accounts::bind(&app, &username, &provider, &subject, DOING)?.map_err(|why| refused(&username, &why))?;
            out.result(
                &json!({"username": username, "provider": provider}),
                &format!("{username} bound to {provider}"),
            );
        }
    }
    Ok(())
}

fn lock(app: &crate::app::App, username: &str, locked: bool, out: Out) -> Result<(), Failure> {
    accounts::lock(app, username, locked, DOING)?.map_err(|why| refused(username, &why))?;
    let state = if locked { "LOCKED" } else { "OPEN" };
    out.result(&json!({"username": username, "state": state}), &format!("{username} {}", state.to_lowercase()));
    Ok(())
}

fn spelled(role: Role) -> String {
    role.as_str().to_ascii_lowercase().replace('_', "-")
}

fn show(made: &Made, out: Out) {
    let Person { id, username, role, reach, .. } = &made.person;
    let place = match reach {
        Reach::PostOffice(code) | Reach::Agency(code) => code.as_str(),
        Reach::Province => "-",
    };
    let password = made.password.reveal();
    out.result(
        &json!({"id": id, "username": username, "role": role.as_str(), "place": place, "password": password}),
        &format!("{username}  {password}  (to be changed at the first sign-in)"),
    );
}

fn refused(username: &str, why: &Refused) -> Failure {
    match why {
        Refused::Username => Failure::Usage(format!("{username}: a username is 3 to 40 of a-z 0-9 . - _")),
        Refused::FullName => Failure::Usage("--name is empty".to_owned()),
        Refused::Reach(Unfit::NeedsPostOffice) => {
            Failure::Usage("this role needs --post-office, and no --agency".to_owned())
        }
        Refused::Reach(Unfit::NeedsAgency) => {
            Failure::Usage("this role needs --agency, and no --post-office".to_owned())
        }
        Refused::Reach(Unfit::NeedsNeither) => {
            Failure::Usage("this role takes no --post-office and no --agency".to_owned())
        }
        Refused::Taken => Failure::No(format!("{username}: there is such an account already")),
        Refused::Nobody => Failure::No(format!("there is no account {username}")),
        Refused::Password | Refused::Wrong | Refused::Same | Refused::Pin => {
            Failure::No(format!("{username}: the password does not fit"))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DirectoryFile {
    #[serde(default)]
    post_offices: Vec<PlaceEntry>,
    #[serde(default)]
    agencies: Vec<PlaceEntry>,
    #[serde(default)]
    procedures: Vec<ProcedureEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceEntry {
    code: String,
    name: String,
    address: Option<String>,
    parent: Option<String>,
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureEntry {
    code: String,
    name: String,
    #[serde(default)]
    agencies: Vec<String>,
    #[serde(default)]
    fee: i64,
    days: Option<i64>,
    #[serde(default)]
    papers: Vec<directory::PaperOfList>,
}

/// `directory load FILE`.
pub(super) fn load_directory(store: &StoreArgs, file: &std::path::Path, out: Out) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::environment(format!("cannot read {}: {error}", file.display())))?;
    let (places, procedures) =
        load_text(&app(store)?, &text).map_err(|why| Failure::No(format!("{}: {why}", file.display())))?;
    out.result(
        &json!({"places": places, "procedures": procedures}),
        &format!("{places} offices and agencies, {procedures} procedures"),
    );
    Ok(())
}

/// Loads a directory from its text; says how many places and procedures.
pub(super) fn load_text(app: &crate::app::App, text: &str) -> Result<(usize, usize), String> {
    let read: DirectoryFile = toml::from_str(text).map_err(|error| error.to_string())?;
    let levels: Vec<&str> = read.agencies.iter().filter_map(|entry| entry.level.as_deref()).collect();
    if let Some(unknown) = levels.into_iter().find(|level| Level::parse(level).is_none()) {
        let known: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
        return Err(format!("the level `{unknown}` is none of {}", known.join(", ")));
    }
    let place = |kind: &'static str| {
        move |entry: PlaceEntry| directory::NewPlace {
            kind,
            code: entry.code,
            name: entry.name,
            address: entry.address,
            parent: entry.parent,
            level: entry.level,
        }
    };
    let mut places: Vec<directory::NewPlace> = read.post_offices.into_iter().map(place("POST_OFFICE")).collect();
    places.extend(read.agencies.into_iter().map(place("AGENCY")));
    let procedures: Vec<directory::Procedure> = read
        .procedures
        .into_iter()
        .flat_map(|entry| {
            let agencies = if entry.agencies.is_empty() { vec!["*".to_owned()] } else { entry.agencies };
            agencies.into_iter().map(move |agency_code| directory::Procedure {
                code: entry.code.clone(),
                agency_code,
                name: entry.name.clone(),
                papers: entry.papers.clone(),
                fee: entry.fee,
                days: entry.days,
            })
        })
        .collect();
    let counts = (places.len(), procedures.len());
    directory::load(app, places, procedures).map_err(|error| error.to_string())?;
    Ok(counts)
}
