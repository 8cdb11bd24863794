//! What a handler is given: who asks, in which language, and what was sent.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::app::App;
use crate::app::people::Doing;
use crate::app::people::sessions::Session;
use crate::domain::person::{Person, Right};
pub use crate::domain::problem::Language as Lang;
use crate::ui::face::Face;
use crate::ui::form::Form;
use crate::ui::page::Stop;

/// One request to a page.
pub struct Ask {
    /// What all pages share.
    pub face: Arc<Face>,
    /// Who is signed in.
    pub session: Option<Session>,
    /// The token of the cookie.
    pub token: Option<String>,
    /// The sealed state of a sign-in with the provider of accounts.
    pub pending: String,
    /// Language.
    pub lang: Lang,
    /// Path as asked.
    pub path: String,
    /// Values of the pattern, such as `{id}`.
    pub values: BTreeMap<String, String>,
    /// The query.
    pub query: Form,
    /// The form that was sent.
    pub form: Form,
    /// The token that a script of ours sent.
    pub csrf_header: String,
    /// The person whose acts a script sends, as it says.
    pub sent_for: String,
    /// The tag of what the device has kept of this address.
    pub has_tag: String,
    /// The body, where it is no form.
    pub body: Vec<u8>,
    /// Its media type.
    pub content_type: String,
    /// Where the call came from.
    pub address: String,
    /// Id of the request.
    pub request_id: String,
}

impl Ask {
    /// The use cases.
    pub fn app(&self) -> &App {
        &self.face.app
    }

    /// Who asks; on a page that needs a sign-in there always is somebody.
    pub fn person(&self) -> Result<&Person, Stop> {
        self.session.as_ref().map(|session| &session.person).ok_or(Stop::SignIn)
    }

    /// Whether who asks may do something.
    pub fn may(&self, right: Right) -> bool {
        self.session.as_ref().is_some_and(|session| session.person.may(right))
    }

    /// For the record of acts.
    pub fn doing(&self) -> Doing<'_> {
        Doing { person: self.session.as_ref().map(|session| session.person.id.as_str()), request_id: &self.request_id }
    }

    /// A value of the pattern.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// One of two texts, by language.
    pub fn t<'a>(&self, vi: &'a str, en: &'a str) -> &'a str {
        self.lang.pick(vi, en)
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Stop> {
        serde_json::from_slice(&self.body).map_err(|_| Stop::Bad)
    }
}
