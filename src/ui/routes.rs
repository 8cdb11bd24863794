//! Everything that answers people: one table, from which the server, the rights and their test are made.

use crate::domain::person::{Right, Role};
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop};
use crate::ui::{
    account, accounts, alerts, books, calendar, desk, dossier, exceptions, handover, home, lateness, money, oversight,
    papers, post as post_office, provider, reports, tracking,
};

/// A handler: a plain function that may wait for the store.
pub type Handler = fn(&Ask) -> Result<Page, Stop>;

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Anybody.
    Nothing,
    /// Somebody who is signed in, even with a password that must be changed.
    SignIn,
    /// Somebody with this right.
    Right(Right),
}

/// What is sent in the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// Nothing.
    Nothing,
    /// A form; it carries the session's token.
    Form,
    /// Bytes or JSON of our own scripts, of at most so many bytes; the token is in `X-CSRF-Token`.
    Bytes(usize),
}

/// One row.
#[derive(Clone, Copy)]
pub struct Route {
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// Pattern of the path, such as `/handovers/{id}`.
    pub pattern: &'static str,
    /// Who may.
    pub needs: Needs,
    /// What is sent.
    pub sends: Sends,
    /// What answers.
    pub handler: Handler,
}

/// A page.
pub const fn get(pattern: &'static str, needs: Needs, handler: Handler) -> Route {
    Route { method: "GET", pattern, needs, sends: Sends::Nothing, handler }
}

/// A form.
pub const fn post(pattern: &'static str, needs: Needs, handler: Handler) -> Route {
    Route { method: "POST", pattern, needs, sends: Sends::Form, handler }
}

/// What a script of ours sends.
pub const fn send(
    method: &'static str,
    pattern: &'static str,
    needs: Needs,
    bytes_max: usize,
    handler: Handler,
) -> Route {
    Route { method, pattern, needs, sends: Sends::Bytes(bytes_max), handler }
}

/// Every route, part by part.
pub fn all() -> impl Iterator<Item = &'static Route> {
    let parts = [
        home::ROUTES,
        account::ROUTES,
        provider::ROUTES,
        handover::ROUTES,
        desk::ROUTES,
        papers::ROUTES,
        dossier::ROUTES,
        tracking::ROUTES,
        exceptions::ROUTES,
        oversight::ROUTES,
        lateness::ROUTES,
        alerts::ROUTES,
        money::ROUTES,
        accounts::ROUTES,
        books::ROUTES,
        calendar::ROUTES,
        reports::ROUTES,
    ];
    parts.into_iter().chain(post_office::ROUTES.iter().copied()).flatten()
}

/// A place of the main list.
pub struct Place {
    /// Where it leads.
    pub path: &'static str,
    /// Its picture.
    pub icon: &'static str,
    /// Vietnamese.
    pub vi: &'static str,
    /// English.
    pub en: &'static str,
    /// The right it needs.
    pub needs: Right,
    /// Whose list it is on: at most five of each, since a phone has room for no more.
    pub roles: &'static [Role],
}

/// The main list, in order.
pub const NAV: &[Place] = &[
    Place { path: "/post", icon: "home", vi: "Hôm nay", en: "Today", needs: Right::TakeIn, roles: POST },
    Place {
        path: "/post/intake",
        icon: "paper",
        vi: "Nhận hồ sơ",
        en: "Take in",
        needs: Right::TakeIn,
        roles: &[Role::PostClerk, Role::Postman],
    },
    post_office::SCAN,
    post_office::ROUNDS,
    post_office::DELIVERY,
    Place {
        path: "/handovers",
        icon: "handover",
        vi: "Giao nhận",
        en: "Handovers",
        needs: Right::Handover,
        roles: DESK,
    },
    Place {
        path: "/desk/results", icon: "paper", vi: "Trả kết quả", en: "Results", needs: Right::Desk, roles: DESK
    },
    Place {
        path: "/desk/returns",
        icon: "money",
        vi: "Thu hồi, tiền",
        en: "Returns, money",
        needs: Right::Desk,
        roles: DESK,
    },
    Place {
        path: "/desk/discrepancies",
        icon: "flag",
        vi: "Sai lệch",
        en: "Differences",
        needs: Right::Desk,
        // A supervisor's list of what needs settling has them too.
        roles: &[Role::DeskClerk],
    },
    Place {
        path: "/oversight",
        icon: "chart",
        vi: "Tình hình",
        en: "Overview",
        needs: Right::Oversight,
        roles: &[Role::Oversight, Role::Administrator],
    },
    Place {
        path: "/exceptions",
        icon: "list",
        vi: "Cần xử lý",
        en: "To settle",
        needs: Right::Settle,
        roles: &[Role::PostSupervisor, Role::AgencySupervisor, Role::Administrator],
    },
    Place {
        path: "/accounts",
        icon: "card",
        vi: "Tài khoản",
        en: "Accounts",
        needs: Right::Accounts,
        roles: &[Role::Administrator],
    },
    reports::PLACE,
    calendar::PLACE,
    dossier::PLACE,
];

/// Who works at a post office.
const POST: &[Role] = &[Role::PostClerk, Role::Postman, Role::PostSupervisor];

/// The roles of the one-stop desk.
const DESK: &[Role] = &[Role::DeskClerk, Role::AgencySupervisor];

/// The first page of a role.
pub fn home_of(role: Role) -> &'static str {
    match role {
        Role::PostClerk | Role::Postman | Role::PostSupervisor => "/post",
        Role::DeskClerk | Role::AgencySupervisor => "/desk",
        Role::Oversight => "/oversight",
        Role::Administrator => "/accounts",
    }
}
