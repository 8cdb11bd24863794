//! What the bodies of this crate share: databases, a running office with its callers, papers to send, waiting, stories.

pub mod backend;
pub mod bucket;
pub mod client;
pub mod http;
pub mod messages;
pub mod office;
pub mod papers;
pub mod person;
pub mod postgres;
pub mod process;
pub mod proxy;
pub mod sql;
pub mod story;
pub mod town;
pub mod wait;

pub use backend::{TestStore, each_backend};
pub use client::Client;
pub use messages::parked;
pub use office::{Office, Options};
pub use papers::Papers;
pub use person::Person;
pub use wait::until;
