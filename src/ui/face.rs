//! What all pages share, and how they are joined to the server.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::guard;
use actix_web::middleware::Compress;
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, Resource};
use minijinja::Environment;

use crate::app::App;
use crate::app::people::sessions::Terms;
use crate::config;
use crate::domain::person::{Person, Reach};
use crate::store::people;
use crate::ui::ask::Lang;
use crate::ui::provider::Provider;
use crate::ui::rates::Rates;
use crate::ui::routes::{self, Route};
use crate::ui::{assets, door, home, shell, tracking};

/// What the pages are started with.
pub struct FaceOptions {
    /// The use cases.
    pub app: App,
    /// The settings of pages.
    pub pages: config::Pages,
}

/// What all pages share.
pub struct Face {
    pub(super) app: App,
    pub(super) pages: config::Pages,
    pub(super) terms: Terms,
    pub(super) vietnamese: Environment<'static>,
    pub(super) english: Environment<'static>,
    pub(super) version: String,
    pub(super) provider: Option<Provider>,
    pub(super) tracking: Rates,
}

/// An office as it is named on pages.
pub(super) struct NamedPlace {
    pub(super) name: String,
    pub(super) code: Option<String>,
    pub(super) parent: Option<String>,
}

impl Face {
    /// Reads the templates; an error names the one that is broken.
    pub fn new(options: FaceOptions) -> Result<Arc<Self>, String> {
        let FaceOptions { app, pages } = options;
        let templates = |lang| shell::environment(lang).map_err(|error| format!("{error:#}"));
        let minutes = |minutes: u32| i64::from(minutes).saturating_mul(crate::base::time::MINUTE_US);
        Ok(Arc::new(Face {
            terms: Terms { whole_us: minutes(pages.session_minutes), idle_us: minutes(pages.session_idle_minutes) },
            vietnamese: templates(Lang::Vi)?,
            english: templates(Lang::En)?,
            version: assets::version(),
            provider: Provider::of(&pages, app.clock.clone()),
            tracking: tracking::rates(),
            app,
            pages,
        }))
    }

    /// Whether cookies may only travel under TLS: when people come by https.
    pub(super) fn is_secure(&self) -> bool {
        self.pages.public_url.starts_with("https://")
    }

    /// The words on the button of the provider of accounts; none when there is no provider.
    pub(super) fn provider_name(&self) -> Option<&str> {
        self.provider.as_ref().map(Provider::name)
    }

    /// Where a person works.
    pub(super) fn place_of(&self, person: &Person) -> NamedPlace {
        let named = |kind: &str, code: &str| {
            let row = self.app.store.read(|db| people::place(db, kind, code)).ok().flatten();
            let (name, parent) = row.map_or((code.to_owned(), None), |row| (row.name, row.parent));
            NamedPlace { name, code: Some(code.to_owned()), parent }
        };
        match &person.reach {
            Reach::PostOffice(code) => named("POST_OFFICE", code),
            Reach::Agency(code) => named("AGENCY", code),
            Reach::Province => NamedPlace { name: self.pages.province_name.clone(), code: None, parent: None },
        }
    }
}

/// Joins the pages to a server.
pub fn configure(face: &Arc<Face>, server: &mut ServiceConfig) {
    let mut by_pattern: BTreeMap<&str, Vec<&'static Route>> = BTreeMap::new();
    for route in routes::all() {
        by_pattern.entry(route.pattern).or_default().push(route);
    }
    for (pattern, routes) in by_pattern {
        let face = face.clone();
        let answer =
            move |request: HttpRequest, payload: Payload| door::answer(face.clone(), routes.clone(), request, payload);
        server.service(Resource::new(pattern).wrap(Compress::default()).route(web::to(answer)));
    }
    let worker = move || async { door::worker() };
    server.service(Resource::new("/sw.js").route(web::get().to(worker)));
    let (list, shared) = (face.clone(), face.clone());
    let list = move || {
        let face = list.clone();
        async move { door::asset_list(&face) }
    };
    server.service(Resource::new("/assets/index.json").route(web::get().to(list)));
    let manifest = move || {
        let face = shared.clone();
        async move { door::app_manifest(&face) }
    };
    server.service(Resource::new("/app.webmanifest").route(web::get().to(manifest)));
    let lost = face.clone();
    let file_of = face.clone();
    let file = move |request: HttpRequest| {
        let face = file_of.clone();
        async move { door::asset(&face, &request) }
    };
    server.service(Resource::new("/assets/{name}").wrap(Compress::default()).route(web::get().to(file)));
    let nowhere = move |request: HttpRequest, payload: Payload| {
        door::answer(lost.clone(), vec![&home::NOWHERE], request, payload)
    };
    let for_people = guard::fn_guard(|asked| door::is_for_people(asked.head()));
    server.service(Resource::new(home::NOWHERE.pattern).guard(for_people).route(web::to(nowhere)));
}
