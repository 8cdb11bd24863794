//! The door step: where everybody is led to, and the switch of languages.

use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, see};
use crate::ui::routes::{Needs, Route, get, home_of, post};

/// The routes of this part.
pub const ROUTES: &[Route] = &[get("/", Needs::SignIn, home), post("/language", Needs::Nothing, language)];

/// Every other path, when a person's browser asks for it: a page in words, where machines get a problem.
pub(super) static NOWHERE: Route = get("/{path:.*}", Needs::Nothing, |_| Err(Stop::NotFound));

fn home(ask: &Ask) -> Result<Page, Stop> {
    see(home_of(ask.person()?.role))
}

/// Changes the language and goes back to where it was asked.
fn language(ask: &Ask) -> Result<Page, Stop> {
    let lang = if ask.form.get("lang") == "en" { "en" } else { "vi" };
    Ok(Page::SeeWithLang { to: local(ask.form.get("next")).to_owned(), lang })
}

/// A path of ours; anything else leads home.
pub(super) fn local(path: &str) -> &str {
    let ours = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_led_elsewhere() {
        for (path, to) in [
            ("/post/scan?x=1", "/post/scan?x=1"),
            ("//elsewhere.example", "/"),
            ("https://elsewhere.example", "/"),
            ("/\\elsewhere.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(local(path), to);
        }
    }
}
