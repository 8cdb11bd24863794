//! The administrator's page: who may sign in, what they did lately, and the directory as it was loaded.

use minijinja::{Value, context};

use crate::app::people::accounts::{self, Made, NewPerson, Refused};
use crate::app::people::directory;
use crate::domain::person::{Right, Role, Unfit};
use crate::store::people;
use crate::store::people_rows::PersonRow;
use crate::ui::ask::Ask;
use crate::ui::exceptions::words as exceptions;
use crate::ui::form::Errors;
use crate::ui::page::{Page, Stop, again, html, see, value};
use crate::ui::routes::{Needs, Route, get, post};
use crate::ui::words::words;

const ACCOUNTS: Needs = Needs::Right(Right::Accounts);

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/accounts", ACCOUNTS, list),
    get("/accounts/new", ACCOUNTS, new_page),
    post("/accounts/new", ACCOUNTS, create),
    get("/accounts/directory", ACCOUNTS, places),
    get("/accounts/person/{id}", ACCOUNTS, show),
    post("/accounts/person/{id}/reset", ACCOUNTS, reset),
    post("/accounts/person/{id}/lock", ACCOUNTS, lock),
    post("/accounts/person/{id}/role", ACCOUNTS, change_role),
    post("/accounts/person/{id}/sign-out", ACCOUNTS, sign_out),
];

/// Acts shown of a person.
const ACTS: i64 = 50;

fn list(ask: &Ask) -> Result<Page, Stop> {
    let wanted = ask.query.get("q").to_lowercase();
    let role = Role::parse(ask.query.get("role"));
    let everybody = accounts::everybody(ask.app())?;
    let fits = |row: &&PersonRow| {
        let text = format!("{} {}", row.username, row.full_name).to_lowercase();
        text.contains(&wanted) && role.is_none_or(|role| row.role == role.as_str())
    };
    let shown: Vec<Value> = everybody.iter().filter(fits).map(|row| person(ask, row)).collect::<Result<_, Stop>>()?;
    html(
        "accounts.html",
        context! {
            all => everybody.len(),
            locked => everybody.iter().filter(|row| row.disabled_at_us.is_some()).count(),
            people => shown,
            q => ask.query.get("q"),
            role => ask.query.get("role"),
            roles => roles(ask),
        },
    )
}

fn roles(ask: &Ask) -> Vec<Value> {
    Role::ALL
        .iter()
        .map(|role| context! { word => role.as_str(), text => words("role", role.as_str(), ask.lang), side => role.side().as_str() })
        .collect()
}

/// A person as lists show them: where they work by name.
fn person(ask: &Ask, row: &PersonRow) -> Result<Value, Stop> {
    let place = match (&row.post_office_code, &row.agency_code) {
        (Some(code), _) => Some(directory::name_of(ask.app(), "POST_OFFICE", code)?),
        (_, Some(code)) => Some(directory::name_of(ask.app(), "AGENCY", code)?),
        _ => None,
    };
    Ok(context! {
        id => row.id.as_str(),
        username => row.username.as_str(),
        full_name => row.full_name.as_str(),
        title => row.title.as_deref(),
        role => words("role", &row.role, ask.lang),
        place => place.unwrap_or_else(|| ask.t("Toàn tỉnh", "The whole province").to_owned()),
        place_code => row.post_office_code.as_deref().or(row.agency_code.as_deref()),
        locked => row.disabled_at_us.is_some(),
        must_change => row.must_change == 1,
        created_at_us => row.created_at_us,
        provider => row.provider.as_deref(),
    })
}

/// The places of a kind, to choose from.
fn choices(ask: &Ask, kind: &str) -> Result<Vec<Value>, Stop> {
    let rows = directory::places(ask.app(), kind)?;
    Ok(rows.iter().map(|row| context! { code => row.code.as_str(), name => row.name.as_str() }).collect())
}

fn new_page(ask: &Ask) -> Result<Page, Stop> {
    html("accounts_new.html", new_values(ask, &Errors::default())?)
}

fn new_values(ask: &Ask, errors: &Errors) -> Result<Value, Stop> {
    let typed: Vec<&str> = vec!["username", "full_name", "title", "role", "post_office", "agency"];
    let typed: std::collections::BTreeMap<&str, &str> =
        typed.into_iter().map(|name| (name, ask.form.get(name))).collect();
    Ok(context! {
        roles => roles(ask),
        post_offices => choices(ask, "POST_OFFICE")?,
        agencies => choices(ask, "AGENCY")?,
        typed => value(typed),
        errors => errors.value(),
    })
}

fn create(ask: &Ask) -> Result<Page, Stop> {
    let mut errors = Errors::default();
    let Some(role) = Role::parse(ask.form.get("role")) else {
        errors.add(ask.lang, "role", "Chọn vai trò.", "Choose a role.");
        return again("accounts_new.html", new_values(ask, &errors)?);
    };
    let username = ask.form.get("username").to_lowercase();
    let new = NewPerson {
        username: &username,
        full_name: ask.form.get("full_name"),
        title: ask.form.some("title"),
        role,
        post_office: ask.form.some("post_office"),
        agency: ask.form.some("agency"),
    };
    match accounts::create(ask.app(), &new, None, ask.doing())? {
        Ok(made) => first_password(ask, &made, true),
        Err(refused) => {
            refuse(ask, &refused, &mut errors);
            again("accounts_new.html", new_values(ask, &errors)?)
        }
    }
}

/// Shown once, on the answer itself: it is nowhere else.
fn first_password(ask: &Ask, made: &Made, is_new: bool) -> Result<Page, Stop> {
    html(
        "accounts_made.html",
        context! {
            id => made.person.id.as_str(),
            username => made.person.username.as_str(),
            full_name => made.person.full_name.as_str(),
            role => words("role", made.person.role.as_str(), ask.lang),
            password => made.password.reveal().as_str(),
            is_new,
        },
    )
}

fn refuse(ask: &Ask, refused: &Refused, errors: &mut Errors) {
    let (field, vi, en) = match refused {
        Refused::Username => (
            "username",
            "Tên đăng nhập gồm 3 đến 40 ký tự: a–z, 0–9, dấu chấm, gạch nối, gạch dưới.",
            "A username has 3 to 40 of a–z, 0–9, dot, hyphen, underscore.",
        ),
        Refused::Taken => ("username", "Tên đăng nhập này đã có người dùng.", "Somebody has this username."),
        Refused::FullName => ("full_name", "Nhập họ và tên.", "Enter the full name."),
        Refused::Reach(Unfit::NeedsPostOffice) => (
            "post_office",
            "Vai trò này cần một bưu cục và không có cơ quan.",
            "This role needs a post office, and no agency.",
        ),
        Refused::Reach(Unfit::NeedsAgency) => (
            "agency",
            "Vai trò này cần một cơ quan và không có bưu cục.",
            "This role needs an agency, and no post office.",
        ),
        Refused::Reach(Unfit::NeedsNeither) => (
            "role",
            "Vai trò này không gắn với bưu cục hay cơ quan nào.",
            "This role has neither post office nor agency.",
        ),
        Refused::Password | Refused::Wrong | Refused::Same | Refused::Pin | Refused::Nobody => {
            ("username", "Không tạo được tài khoản này.", "This account could not be made.")
        }
    };
    errors.add(ask.lang, field, vi, en);
}

fn row_of(ask: &Ask) -> Result<PersonRow, Stop> {
    let id = ask.value("id");
    ask.app().store.read(|db| people::by_id(db, id))?.ok_or(Stop::NotFound)
}

fn show(ask: &Ask) -> Result<Page, Stop> {
    show_with(ask, &Errors::default())
}

fn show_with(ask: &Ask, errors: &Errors) -> Result<Page, Stop> {
    let row = row_of(ask)?;
    let acts = ask.app().store.read(|db| people::acts(db, &row.id, ACTS))?;
    // What was typed stands again; before that, what is.
    let typed = |name: &str, now: Option<&str>| match ask.form.has("role") {
        true => ask.form.get(name).to_owned(),
        false => now.unwrap_or_default().to_owned(),
    };
    let values = context! {
        account => person(ask, &row)?,
        roles => roles(ask),
        post_offices => choices(ask, "POST_OFFICE")?,
        agencies => choices(ask, "AGENCY")?,
        typed => context! {
            role => typed("role", Some(&row.role)),
            post_office => typed("post_office", row.post_office_code.as_deref()),
            agency => typed("agency", row.agency_code.as_deref()),
        },
        own => row.id == ask.person()?.id,
        acts => acts.iter().map(|act| context! { at_us => act.at_us, text => exceptions::act(&act.act, ask.lang), subject => act.subject.as_deref() }).collect::<Vec<_>>(),
        errors => errors.value(),
        done => ask.query.get("done"),
    };
    if errors.is_empty() { html("accounts_person.html", values) } else { again("accounts_person.html", values) }
}

fn reset(ask: &Ask) -> Result<Page, Stop> {
    let row = row_of(ask)?;
    match accounts::reset(ask.app(), &row.username, ask.doing())? {
        Ok(made) => first_password(ask, &made, false),
        Err(_) => Err(Stop::NotFound),
    }
}

/// Locks or opens. Nobody locks themselves out: another administrator does.
fn lock(ask: &Ask) -> Result<Page, Stop> {
    let row = row_of(ask)?;
    let locks = match ask.form.get("to") {
        "locked" => true,
        "open" => false,
        _ => return Err(Stop::Bad),
    };
    if locks && row.id == ask.person()?.id {
        let mut errors = Errors::default();
        errors.add(ask.lang, "lock", "Bạn không tự khóa tài khoản của mình được.", "You cannot lock your own account.");
        return show_with(ask, &errors);
    }
    match accounts::lock(ask.app(), &row.username, locks, ask.doing())? {
        Ok(()) => see(format!("/accounts/person/{}?done={}", row.id, if locks { "locked" } else { "opened" })),
        Err(_) => Err(Stop::NotFound),
    }
}

/// Gives another role or place; one's own is somebody else's to change, so that an administrator always stays.
fn change_role(ask: &Ask) -> Result<Page, Stop> {
    let row = row_of(ask)?;
    let mut errors = Errors::default();
    if row.id == ask.person()?.id {
        let (vi, en) = ("Người khác phải đổi vai trò của bạn.", "Somebody else has to change your role.");
        errors.add(ask.lang, "role", vi, en);
        return show_with(ask, &errors);
    }
    let Some(role) = Role::parse(ask.form.get("role")) else {
        errors.add(ask.lang, "role", "Chọn vai trò.", "Choose a role.");
        return show_with(ask, &errors);
    };
    let (post_office, agency) = (ask.form.some("post_office"), ask.form.some("agency"));
    match accounts::change_role(ask.app(), &row.username, role, post_office, agency, ask.doing())? {
        Ok(()) => see(format!("/accounts/person/{}?done=role", row.id)),
        Err(refused) => {
            refuse(ask, &refused, &mut errors);
            show_with(ask, &errors)
        }
    }
}

/// Ends every session of a person, such as after a phone was lost.
fn sign_out(ask: &Ask) -> Result<Page, Stop> {
    let row = row_of(ask)?;
    match accounts::end_sessions(ask.app(), &row.username, ask.doing())? {
        Ok(()) => see(format!("/accounts/person/{}?done=signed-out", row.id)),
        Err(_) => Err(Stop::NotFound),
    }
}

/// What was loaded, read only.
fn places(ask: &Ask) -> Result<Page, Stop> {
    let of = |kind: &str| -> Result<Vec<Value>, Stop> {
        let rows = directory::places(ask.app(), kind)?;
        Ok(rows.iter().map(|row| context! { code => row.code.as_str(), name => row.name.as_str(), parent => row.parent.as_deref(), address => row.address.as_deref() }).collect())
    };
    let procedures = ask.app().store.read(people::procedures)?;
    html(
        "accounts_directory.html",
        context! {
            post_offices => of("POST_OFFICE")?,
            agencies => of("AGENCY")?,
            procedures => procedures.iter().map(|row| context! {
                code => row.code.as_str(), name => row.name.as_str(), agency => row.agency_code.as_str(), fee => row.fee, days => row.days,
            }).collect::<Vec<_>>(),
        },
    )
}
