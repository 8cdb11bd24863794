//! What every room needs and no room owns: ids, time, text, digests, secrets, fault points.

pub mod digest;
pub mod fault;
pub mod id;
pub mod secret;
pub mod text;
pub mod time;
