//! Renders pages: the environment of the templates, and what stands around every page.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, UndefinedBehavior, Value, context};

use crate::base::time::Ts;
use crate::domain::person::Right;
use crate::report::numbers;
use crate::ui::ask::{Ask, Lang};
use crate::ui::routes::{NAV, Place};
use crate::ui::{assets, icons, words};

/// The templates in a language, with the functions that they may call. Undefined values are errors: a page never shows a hole. The
/// language is a global, since macros see those alone.
pub fn environment(lang: Lang) -> Result<Environment<'static>, Error> {
    let mut env = Environment::new();
    env.add_global("lang", lang.code());
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    env.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.add_function("t", translate);
    env.add_function("icon", |name: String| picture(icons::icon(&name), &name));
    env.add_function("holder_mark", |name: String| picture(icons::holder(&name), &name));
    env.add_function("words", |state: &State, kind: String, word: String| words::words(&kind, &word, lang_of(state)));
    // Instants are microseconds in rows and in templates; people see the time of Vietnam.
    env.add_filter("date", |us: i64| numbers::date(Ts::from_us(us).to_vietnam().date()));
    env.add_filter("time", |us: i64| numbers::time(Ts::from_us(us)));
    env.add_filter("moment", |us: i64| numbers::moment(Ts::from_us(us)));
    env.add_filter("duration", |state: &State, us: i64| numbers::duration(us, lang_of(state)));
    env.add_filter("money", |state: &State, dong: i64| numbers::money(dong, lang_of(state)));
    env.add_filter("number", |state: &State, number: i64| numbers::whole(number, lang_of(state)));
    for (name, text) in assets::templates() {
        env.add_template_owned(name, text)?;
    }
    Ok(env)
}

fn lang_of(state: &State) -> Lang {
    match state.lookup("lang").and_then(|value| value.as_str().map(str::to_owned)).as_deref() {
        Some("en") => Lang::En,
        _ => Lang::Vi,
    }
}

fn picture(drawing: Option<String>, name: &str) -> Result<Value, Error> {
    drawing
        .map(Value::from_safe_string)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("there is no picture {name}")))
}

/// `t("Còn {n} hồ sơ", "{n} dossiers left", n=left)`: one of two texts, with values in braces.
fn translate(state: &State, vi: String, en: String, values: Kwargs) -> Result<String, Error> {
    let mut text = lang_of(state).pick(vi, en);
    for name in values.args() {
        let value: Value = values.get(name)?;
        text = text.replace(&format!("{{{name}}}"), &value.to_string());
    }
    values.assert_all_used()?;
    Ok(text)
}

/// A page inside its shell.
pub fn render(ask: &Ask, template: &str, values: Value) -> Result<String, Error> {
    let session = ask.session.as_ref();
    let shell = context! {
        path => ask.path.as_str(),
        version => ask.face.version.as_str(),
        csrf => session.map(|session| session.csrf.as_str()),
        person => session.map(|session| person(ask, session)),
        nav => session.map(|session| nav(ask, session, alerts_open(ask, session))),
    };
    let values = context! { ..values, ..shell };
    // A debug build reads templates anew, as it does assets.
    if cfg!(debug_assertions) {
        return environment(ask.lang)?.get_template(template)?.render(values);
    }
    ask.lang.pick(&ask.face.vietnamese, &ask.face.english).get_template(template)?.render(values)
}

fn person(ask: &Ask, session: &crate::app::people::sessions::Session) -> Value {
    let person = &session.person;
    let place = ask.face.place_of(person);
    context! {
        id => person.id.as_str(),
        full_name => person.full_name.as_str(),
        role => person.role.as_str(),
        title => person.title.as_deref(),
        side => person.role.side().as_str(),
        place_name => place.name,
        place_code => place.code,
        place_parent => place.parent,
        has_pin => session.has_pin,
    }
}

/// The place whose number of open alerts people see.
const ALERTED: &str = "/oversight";

/// Open alerts, for who oversees; a store that does not answer takes nobody's page away.
fn alerts_open(ask: &Ask, session: &crate::app::people::sessions::Session) -> i64 {
    if !session.person.may(Right::Oversight) {
        return 0;
    }
    crate::app::alerts::count_open(ask.app()).unwrap_or_default()
}

fn nav(ask: &Ask, session: &crate::app::people::sessions::Session, alerts: i64) -> Vec<Value> {
    let shown: Vec<&Place> = NAV
        .iter()
        .filter(|place| session.person.may(place.needs) && place.roles.contains(&session.person.role))
        .collect();
    // Of two places that lie in one another, such as /post and /post/intake, the inner one is where somebody is.
    let leads_here = |place: &&&Place| ask.path == place.path || ask.path.starts_with(&format!("{}/", place.path));
    let inner = shown.iter().filter(leads_here).max_by_key(|place| place.path.len()).map(|place| place.path);
    let here = |place: &Place| inner == Some(place.path);
    shown
        .into_iter()
        .map(|place| {
            let count = Some(alerts).filter(|count| place.path == ALERTED && *count > 0);
            context! { path => place.path, icon => place.icon, text => ask.t(place.vi, place.en), here => here(place), count }
        })
        .collect()
}
