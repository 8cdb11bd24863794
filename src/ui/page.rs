//! What a handler answers: a page, a way elsewhere, bytes, or why not.

use minijinja::Value;
use minijinja::value::Serde;

use crate::app::AppError;
use crate::domain::problem::{Code, Refusal};

/// An answer.
pub enum Page {
    /// A template with its values, inside the shell; with a status, 422 where a form has errors.
    Html {
        /// File in `pages/`.
        template: &'static str,
        /// Values.
        values: Value,
        /// Status.
        status: u16,
    },
    /// To be looked at elsewhere (303).
    See(String),
    /// As `See`, with the cookie of a session that begins (or none, of one that ends).
    SeeWithSession {
        /// Where.
        to: String,
        /// Token; none ends it.
        token: Option<String>,
    },
    /// To the provider of accounts, with what must be remembered until somebody comes back.
    SeeProvider {
        /// Where.
        to: String,
        /// Sealed, for a cookie.
        pending: String,
    },
    /// JSON for our own scripts.
    Json(serde_json::Value),
    /// JSON that a device keeps: sent whole, or not at all where the device has this one already.
    Kept(Vec<u8>),
    /// Bytes of a file.
    Bytes {
        /// Media type.
        media_type: String,
        /// What to call it when it is kept; none shows it.
        file_name: Option<String>,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// To be looked at elsewhere, with a cookie of our own set (language).
    SeeWithLang {
        /// Where.
        to: String,
        /// Code of the language.
        lang: &'static str,
    },
}

/// Anything that serde writes, as a value for templates.
pub fn value<T: serde::Serialize>(of: T) -> Value {
    Value::from(Serde(of))
}

/// Anything that serde writes, for `<script type="application/json">`: nothing in it can end the element.
pub fn script_json<T: serde::Serialize>(of: &T) -> Value {
    let text = serde_json::to_string(of).unwrap_or_else(|_| "null".to_owned());
    Value::from_safe_string(text.replace('<', "\\u003c"))
}

/// A page that went well.
pub fn html(template: &'static str, values: Value) -> Result<Page, Stop> {
    Ok(Page::Html { template, values, status: 200 })
}

/// A form that has errors, shown again.
pub fn again(template: &'static str, values: Value) -> Result<Page, Stop> {
    Ok(Page::Html { template, values, status: 422 })
}

/// To another page.
pub fn see(to: impl Into<String>) -> Result<Page, Stop> {
    Ok(Page::See(to.into()))
}

/// Why there is no page.
#[derive(Debug)]
pub enum Stop {
    /// Sign in first.
    SignIn,
    /// Change the password first.
    ChangePassword,
    /// No right to it.
    Forbidden,
    /// No such thing, or not theirs to see.
    NotFound,
    /// The form is not from a page of ours, or is too old.
    Stale,
    /// What was sent cannot be read.
    Bad,
    /// Too many; to wait so many seconds.
    Wait(u32),
    /// A use case refused, in words for people.
    Refused(Refusal),
    /// Busy or out of reach: to try again.
    Unavailable,
    /// Our fault; the text is for the log.
    Internal(String),
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Refused(refusal) if refusal.code == Code::NotFound => Stop::NotFound,
            AppError::Refused(refusal) => Stop::Refused(refusal),
            AppError::HandoverRefused(lines) => {
                Stop::Refused(Refusal::body(lines.into_iter().flat_map(|(_, problems)| problems).collect()))
            }
            AppError::Busy | AppError::Race(_) | AppError::Unavailable(_) => Stop::Unavailable,
            AppError::Internal(why) => Stop::Internal(why),
        }
    }
}

impl From<crate::store::StoreError> for Stop {
    fn from(error: crate::store::StoreError) -> Self {
        AppError::from(error).into()
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Refused(refusal)
    }
}
