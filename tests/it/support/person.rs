//! Somebody who is signed in to the pages, without a browser: one session, the token of its forms.

use super::Office;
use super::http::{Reply, Request};
use giaonhan::app::people::Doing;
use giaonhan::app::people::accounts::{self, NewPerson};
use giaonhan::app::people::sessions::{self, SignIn, Terms};
use giaonhan::domain::leg::Side;
use giaonhan::domain::person::Role;
use giaonhan::store::people;
use std::net::SocketAddr;

/// Password and PIN of everybody.
pub const PASSWORD: &str = "ho so di dung tay";
pub const PIN: &str = "246135";
const DAY_US: i64 = 86_400_000_000;

/// A signed-in person.
pub struct Person {
    pub id: String,
    address: SocketAddr,
    cookie: String,
    csrf: String,
}

impl Person {
    /// A person of a role, who works at this post office or agency; the province's work at neither.
    pub fn of(office: &Office, username: &str, role: Role, place: &str) -> Self {
        let doing = Doing { person: None, request_id: "test" };
        let (post_office, agency) = match role.side() {
            Side::Post => (Some(place), None),
            Side::Agency => (None, Some(place)),
            Side::Oversight => (None, None),
        };
        let new = NewPerson { username, full_name: "Người Thử", title: None, role, post_office, agency };
        let app = office.app();
        let made = accounts::create(app, &new, Some(PASSWORD), doing).unwrap().unwrap_or_else(|why| panic!("{why:?}"));
        accounts::settle(app, &made.person, PIN, doing).unwrap();
        let terms = Terms { whole_us: DAY_US, idle_us: DAY_US };
        let SignIn::Begun(begun) = sessions::sign_in(app, username, PASSWORD, "test", terms, "test").unwrap() else {
            panic!("{username} cannot sign in");
        };
        let token = begun.token.into_inner();
        let csrf = sessions::find(app, &token, terms).unwrap().unwrap().csrf;
        let address = office.stranger().address().trim_start_matches("http://").parse().unwrap();
        Person { id: made.person.id, address, cookie: format!("giaonhan_session={token}"), csrf }
    }

    /// Looks at a page.
    pub fn see(&self, path: &str) -> Answer {
        Answer(Request::get(path).header("Cookie", &self.cookie).send(self.address))
    }

    /// Sends a form.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let all: Vec<(&str, &str)> = [("csrf", self.csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        let request = Request::post(path, serde_urlencoded::to_string(all).unwrap());
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        Answer(request.header("Cookie", &self.cookie).send(self.address))
    }

    /// Sends what a script of ours sends.
    pub fn put(&self, path: &str, body: &serde_json::Value) -> Answer {
        let request = Request::put(path, body.to_string()).header("X-CSRF-Token", &self.csrf);
        Answer(request.header("Cookie", &self.cookie).send(self.address))
    }

    /// What stands of them on the record, newest first.
    pub fn acts(&self, office: &Office) -> Vec<String> {
        let rows = office.app().store.read(|db| people::acts(db, &self.id, 50)).unwrap();
        rows.into_iter().map(|row| row.act).collect()
    }
}

/// What a page answered; nothing is followed.
pub struct Answer(pub Reply);

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.0.status, status, "{}", self.0.body);
        self
    }

    /// The page, with its addresses as a browser reads them.
    pub fn text(&self) -> String {
        self.0.body.replace("&#x2f;", "/")
    }

    /// Where it leads.
    #[track_caller]
    pub fn leads_to(self) -> String {
        self.expect(303).0.header("location").unwrap().to_owned()
    }
}
