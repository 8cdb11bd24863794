//! What the bodies of this crate share.

pub mod http;
pub mod postgres;
