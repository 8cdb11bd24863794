//! Settings that must not be shown: how they are looked up and how they are masked.

use super::error::Fault;
use super::layers::Leaf;
use toml::Value;

/// How a secret setting is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mask {
    /// Not at all.
    Whole,
    /// A URL without the user and the query, where passwords stand.
    Url,
}

const SECRETS: &[(&str, Mask)] = &[
    ("database_url", Mask::Url),
    ("proxy", Mask::Url),
    ("token", Mask::Whole),
    ("username", Mask::Whole),
    ("password", Mask::Whole),
    ("provider_client_secret", Mask::Whole),
    ("access_key", Mask::Whole),
    ("secret_key", Mask::Whole),
    ("secret", Mask::Whole),
    ("old_secret", Mask::Whole),
];

fn mask_of(key: &str) -> Option<Mask> {
    let name = key.rsplit('.').next().unwrap_or(key);
    SECRETS.iter().find(|(secret, _)| *secret == name).map(|(_, mask)| *mask)
}

/// Whether the last part of this key names a secret.
pub fn is_secret(key: &str) -> bool {
    mask_of(key).is_some()
}

/// Replaces `{ env = … }` and `{ file = … }` of a secret by the text found there.
pub fn look_up(key: &str, leaf: &mut Leaf, environment: &[(String, String)]) -> Result<(), Fault> {
    let Value::Table(table) = &leaf.value else { return Ok(()) };
    let mut parts = table.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fault = |en: String, vi: String| Err(Fault::new(key, leaf.origin.clone(), en, vi));
    let (found, looked_up) = match (parts.next(), parts.next()) {
        (Some(("env", Some(name))), None) => {
            let found = environment.iter().find(|(known, text)| known == name && !text.is_empty());
            let Some((_, text)) = found else {
                return fault(
                    format!("environment variable {name} is not set"),
                    format!("chưa đặt biến môi trường {name}"),
                );
            };
            (text.clone(), format!("environment {name}"))
        }
        (Some(("file", Some(path))), None) => {
            let path = leaf.origin.path(path);
            let shown = path.display().to_string();
            match std::fs::read_to_string(&path) {
                Ok(text) if !text.trim().is_empty() => (text.trim().to_owned(), format!("file {shown}")),
                Ok(_) => return fault(format!("{shown} is empty"), format!("tệp {shown} rỗng")),
                Err(error) => {
                    return fault(
                        format!("cannot read {shown}: {error}"),
                        format!("không đọc được tệp {shown}: {error}"),
                    );
                }
            }
        }
        _ => {
            return fault(
                "write the text itself, { env = \"NAME\" } or { file = \"path\" }".to_owned(),
                "hãy ghi trực tiếp, hoặc { env = \"TÊN\" }, hoặc { file = \"đường dẫn\" }".to_owned(),
            );
        }
    };
    leaf.value = Value::String(found);
    leaf.looked_up = Some(looked_up);
    Ok(())
}

/// The value as people may see it.
pub fn shown(key: &str, leaf: &Leaf) -> String {
    let text = match (mask_of(key), leaf.value.as_str()) {
        (None, _) | (Some(_), Some("")) => leaf.value.to_string(),
        (Some(Mask::Url), Some(url)) if url.contains("://") => masked_url(url),
        (Some(Mask::Url), Some(path)) if path.starts_with("sqlite:") => path.to_owned(),
        (Some(_), _) => "***".to_owned(),
    };
    match &leaf.looked_up {
        Some(place) => format!("{text} ({place})"),
        None => text,
    }
}

fn masked_url(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (rest, query) = match rest.split_once('?') {
        Some((rest, _)) => (rest, "?***"),
        None => (rest, ""),
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}{query}"),
        None => format!("{scheme}://{rest}{query}"),
    }
}
