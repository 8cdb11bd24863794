//! Templates, styles and scripts: in the binary; a debug build reads them from the folder, so that a page changes without a build.

use std::borrow::Cow;

use rust_embed::RustEmbed;

use crate::base::digest::sha256_hex;

/// Styles, scripts, pictures.
#[derive(RustEmbed)]
#[folder = "src/ui/assets"]
struct Assets;

/// Templates.
#[derive(RustEmbed)]
#[folder = "src/ui/pages"]
struct Pages;

/// Media types by ending; nothing else is served.
const TYPES: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("webmanifest", "application/manifest+json"),
];

/// A file of `assets/` and its media type.
pub fn asset(name: &str) -> Option<(&'static str, Cow<'static, [u8]>)> {
    let (_, ending) = name.rsplit_once('.')?;
    let (_, media_type) = TYPES.iter().find(|(known, _)| *known == ending)?;
    Some((media_type, Assets::get(name)?.data))
}

/// Names of all assets.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = Assets::iter().map(String::from).collect();
    names.sort();
    names
}

/// The script of the service worker: it is served at the root, so that it watches over every page.
pub const WORKER: &str = "sw.js";

/// A word that changes with any asset: it stands in their addresses, so that browsers may keep them for ever.
pub fn version() -> String {
    let mut all = String::new();
    for name in names() {
        if let Some(file) = Assets::get(&name) {
            all.push_str(&sha256_hex(&file.data));
        }
    }
    sha256_hex(all.as_bytes()).chars().take(12).collect()
}

/// Templates by name.
pub fn templates() -> Vec<(String, String)> {
    let text = |name: &str| Pages::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned());
    Pages::iter().filter_map(|name| Some((name.to_string(), text(&name)?))).collect()
}
