//! The door of the pages, route by route of its own table: nobody comes in without a session, without the right, or with a form
//! that is not of the session. What pages show is looked at in a browser (`tests/browser`).

use crate::support::http::{Reply, Request};
use crate::support::{Office, Options, TestStore, each_backend};
use giaonhan::app::App;
use giaonhan::app::people::Doing;
use giaonhan::app::people::accounts::{self, NewPerson};
use giaonhan::app::people::sessions::{self, SignIn, Terms};
use giaonhan::domain::leg::Side;
use giaonhan::domain::person::Role;
use giaonhan::ui::routes::{Needs, Route, Sends, all};
use std::collections::BTreeSet;
use std::net::SocketAddr;

const PASSWORD: &str = "ho so di dung tay";
const DAY_US: i64 = 86_400_000_000;

/// A signed-in browser.
struct Session {
    cookie: String,
    csrf: String,
}

fn session(app: &App, role: Role, settled: bool) -> Session {
    let doing = Doing { person: None, request_id: "test" };
    let username = format!("{}{}", role.as_str().to_lowercase(), if settled { "" } else { ".new" });
    let (post_office, agency) = match role.side() {
        Side::Post => (Some("650100"), None),
        Side::Agency => (None, Some("H32.15")),
        Side::Oversight => (None, None),
    };
    let new = NewPerson { username: &username, full_name: "Người Thử", title: None, role, post_office, agency };
    let made = accounts::create(app, &new, Some(PASSWORD), doing).unwrap().unwrap_or_else(|why| panic!("{why:?}"));
    if settled {
        accounts::settle(app, &made.person, "246135", doing).unwrap();
    }
    let terms = Terms { whole_us: DAY_US, idle_us: DAY_US };
    let SignIn::Begun(begun) = sessions::sign_in(app, &username, PASSWORD, "test", terms, "test").unwrap() else {
        panic!("{username} cannot sign in");
    };
    let token = begun.token.into_inner();
    let csrf = sessions::find(app, &token, terms).unwrap().unwrap().csrf;
    Session { cookie: format!("giaonhan_session={token}"), csrf }
}

/// A path that fits the pattern; there is no such thing behind it.
fn path(route: &Route) -> String {
    let parts =
        route.pattern.split('/').map(|part| if part.starts_with('{') { "01M80TF31FCXTY5RGKVFNDKYD3" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

struct Door {
    office: Office,
    address: SocketAddr,
}

impl Door {
    fn open(store: &TestStore) -> Self {
        let office = Office::start(store, Options::default());
        let address = office.stranger().address().trim_start_matches("http://").parse().unwrap();
        Door { office, address }
    }

    fn ask(&self, route: &Route, session: Option<&Session>, csrf: Option<&str>) -> Reply {
        let mut request = Request::new(route.method, &path(route));
        if let Some(session) = session {
            request = request.header("Cookie", &session.cookie);
        }
        if let Some(csrf) = csrf {
            request = request.header("X-CSRF-Token", csrf);
        }
        request.send(self.address)
    }
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.pattern)
}

#[test]
fn the_table_names_each_route_once_and_its_places_are_pages() {
    let names: Vec<String> = all().map(name).collect();
    let once: BTreeSet<&String> = names.iter().collect();
    assert_eq!(names.len(), once.len(), "{names:?}");
    for route in all() {
        assert_eq!(route.method == "GET", route.sends == Sends::Nothing, "{}", name(route));
    }
    for place in giaonhan::ui::routes::NAV {
        let page = all().find(|route| route.method == "GET" && route.pattern == place.path);
        let page = page.unwrap_or_else(|| panic!("{} is on the main list, and no page", place.path));
        assert_eq!(page.needs, Needs::Right(place.needs), "{}: the list and the page need the same right", place.path);
        for role in place.roles {
            assert!(role.may(place.needs), "{} is on the list of {role}, who may not see it", place.path);
        }
    }
    for role in Role::ALL {
        let places = giaonhan::ui::routes::NAV.iter().filter(|place| place.roles.contains(role)).count();
        assert!(places <= 5, "{role} has {places} places; a phone has room for five");
    }
}

#[test]
fn nobody_comes_in_without_a_session() {
    each_backend("without a session", |store| {
        let door = Door::open(&store);
        let gone = Session { cookie: "giaonhan_session=of-nobody".to_owned(), csrf: String::new() };
        for route in all().filter(|route| route.needs != Needs::Nothing) {
            for session in [None, Some(&gone)] {
                let reply = door.ask(route, session, Some("x"));
                match route.sends {
                    Sends::Bytes(_) => assert_eq!(reply.status, 401, "{}: a script is told", name(route)),
                    _ => {
                        assert_eq!(reply.status, 303, "{}", name(route));
                        let to = reply.header("location").unwrap_or_default();
                        assert!(to.starts_with("/sign-in?next=%2F"), "{}: {to}", name(route));
                    }
                }
                assert!(!reply.body.contains("Người Thử"));
            }
        }
    });
}

#[test]
fn nobody_comes_in_without_the_right() {
    each_backend("without the right", |store| {
        let door = Door::open(&store);
        for role in Role::ALL {
            let session = session(door.office.app(), *role, true);
            for route in all() {
                let Needs::Right(right) = route.needs else { continue };
                if role.may(right) {
                    continue;
                }
                let reply = door.ask(route, Some(&session), Some(&session.csrf));
                assert_eq!(reply.status, 403, "{role} at {}", name(route));
            }
        }
    });
}

#[test]
fn a_first_password_opens_nothing_but_its_change() {
    each_backend("first password", |store| {
        let door = Door::open(&store);
        for role in Role::ALL {
            let session = session(door.office.app(), *role, false);
            for route in all().filter(|route| matches!(route.needs, Needs::Right(right) if role.may(right))) {
                let reply = door.ask(route, Some(&session), Some(&session.csrf));
                let to = reply.header("location");
                assert_eq!((reply.status, to), (303, Some("/account/password")), "{role} at {}", name(route));
            }
        }
    });
}

#[test]
fn nothing_changes_without_the_token_of_the_session() {
    each_backend("without the token", |store| {
        let door = Door::open(&store);
        let sessions: Vec<_> = Role::ALL.iter().map(|role| (*role, session(door.office.app(), *role, true))).collect();
        for route in all().filter(|route| route.method != "GET") {
            let may = |role: &Role| match route.needs {
                Needs::Right(right) => role.may(right),
                Needs::Nothing | Needs::SignIn => true,
            };
            let (_, own) = sessions.iter().find(|(role, _)| may(role)).unwrap_or_else(|| panic!("{}", name(route)));
            let another = &sessions.iter().find(|(_, session)| session.cookie != own.cookie).unwrap().1;
            for csrf in [None, Some(""), Some("x"), Some(another.csrf.as_str())] {
                let reply = door.ask(route, Some(own), csrf);
                assert_eq!(reply.status, 403, "{} with {csrf:?}", name(route));
            }
            let request = Request::new(route.method, &path(route)).header("Origin", "https://elsewhere.example");
            let of_nobody = request.clone().send(door.address).status;
            assert_ne!(of_nobody, 200, "{} from another site", name(route));
            let foreign = request.header("Cookie", &own.cookie).header("X-CSRF-Token", &own.csrf);
            assert_eq!(foreign.send(door.address).status, 403, "{} from another site", name(route));
        }
    });
}

#[test]
fn a_lost_browser_gets_a_page_and_a_machine_gets_a_problem() {
    let door = Door::open(&TestStore::sqlite());
    let lost = |path: &str, accept: &str| Request::get(path).header("Accept", accept).send(door.address);
    let page = lost("/no/such/page", "text/html,application/xhtml+xml,*/*;q=0.8");
    assert_eq!((page.status, page.header("content-type")), (404, Some("text/html; charset=utf-8")));
    assert!(page.body.contains("Không tìm thấy"));
    for (path, accept) in [("/no/such/page", "*/*"), ("/v1/nothing", "text/html")] {
        let problem = lost(path, accept);
        assert_eq!((problem.status, problem.header("content-type")), (404, Some("application/problem+json")));
    }
}

#[test]
fn every_page_forbids_frames_foreign_code_and_keeping() {
    let door = Door::open(&TestStore::sqlite());
    for path in ["/sign-in", "/account", "/no/such/page"] {
        let reply = Request::get(path).header("Accept", "text/html").send(door.address);
        let policy = reply.header("content-security-policy").unwrap_or_default();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    }
}
