//! People's face: pages for the post office, the one-stop desk, supervisors, oversight and the public.
//!
//! `routes` is the table of everything that answers; `door` takes a request through session, rights and CSRF to its handler;
//! a handler is a plain function from an `Ask` to a `Page`; `shell` renders. Pages stand in `pages/`, styles and scripts in
//! `assets/`. Handlers are grouped by who uses them, one folder or file each.

mod account;
mod accounts;
mod alerts;
mod ask;
mod assets;
mod books;
mod calendar;
mod desk;
mod door;
mod dossier;
mod exceptions;
mod face;
mod form;
mod handover;
mod home;
mod icons;
mod lateness;
mod money;
mod oversight;
mod page;
mod papers;
mod post;
mod provider;
mod rates;
mod reports;
pub mod routes;
mod shell;
mod tracking;
mod words;

pub use face::{Face, FaceOptions, configure};
