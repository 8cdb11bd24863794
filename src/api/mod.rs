//! The machines' face: one list of routes, one gate that checks in the contract's order, handlers that call use cases.

mod accept;
mod body;
mod call;
mod catch;
mod cursor;
mod doorkeeper;
mod gate;
mod limits;
pub mod openapi;
mod problem;
mod query;
mod reply;
pub mod routes;
pub mod server;
mod v1;

pub use routes::{Admission, BodyKind, Route, routes};
pub use server::{Check, Running, ServerOptions, start};
