//! What the bodies of this crate share.

pub mod postgres;
