//! The OpenCPS v2-like REST face, with its habits: 203 without a login, 403 "No Content." for almost anything else.

use super::book::Dossier;
use super::{OneStop, basic, search};
use crate::sim::server::{Answer, Call};
use serde_json::{Value, json};

const BASE: &str = "/o/rest/v2/dossiers";

/// What `PUT /dossiers/{id}` may write.
const WRITABLE: &[&str] = &[
    "viaPostal",
    "vnpostalStatus",
    "vnpostalProfile",
    "fromViaPostal",
    "postalCodeSend",
    "postalCodeReceived",
    "postalServiceCode",
    "postalServiceName",
    "postalAddress",
    "postalCityCode",
    "postalCityName",
    "postalDistrictCode",
    "postalDistrictName",
    "postalWardCode",
    "postalWardName",
    "postalTelNo",
    "applicantNote",
    "briefNote",
    "metaData",
];

const ACTION: &[&str] = &[
    "actionCode",
    "actionUser",
    "actionNote",
    "payload",
    "assignUsers",
    "security",
    "payment",
    "createDossiers",
    "dossierIds",
    "receiveDate",
    "checkRequried",
];

/// The name under which a call is counted: its shape, not its dossier.
pub(super) fn name_of(call: &Call) -> String {
    let shape = match call.path.strip_prefix(BASE) {
        Some("") => "dossiers",
        Some(rest) if rest.ends_with("/actions") => "dossiers/{id}/actions",
        Some(rest) if rest.ends_with("/dossierNo") => "dossiers/{dossierNo}/dossierNo",
        Some(_) => "dossiers/{id}",
        None => "other",
    };
    format!("{} {shape}", call.method)
}

pub(super) fn failure(status: u16, message: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"code": status, "message": message, "description": description}))
}

pub(super) fn answer(site: &OneStop, call: &Call) -> Answer {
    let name = name_of(call);
    let options = &site.options;
    match call.header("authorization") {
        None => {
            site.book().violate(&name, &["no login".to_owned()]);
            return failure(203, "Non-Authoritative Information.", "User is not authenticated.");
        }
        Some(login) if login != basic(&options.username, &options.password) => {
            site.book().violate(&name, &["login not ours".to_owned()]);
            return failure(401, "Unauthorized.", "User has no permission.");
        }
        Some(_) => {}
    }
    if call.header("groupid") != Some(options.group_id.to_string().as_str()) {
        site.book().violate(&name, &["groupId: missing or not ours".to_owned()]);
        return failure(403, "groupId", "No Content.");
    }
    let Some(rest) = call.path.strip_prefix(BASE) else { return failure(403, "no such path", "No Content.") };
    let rest = rest.trim_start_matches('/');
    match (call.method.as_str(), rest) {
        ("GET", "") => search::search(site, call),
        ("GET", id) => match found(site, id) {
            Some(dossier) => {
                site.troubled("").or_else(|| awkward(site, "")).unwrap_or_else(|| Answer::json(200, &dossier.show()))
            }
            None => missing(site, &name),
        },
        ("PUT", path) => update(site, call, path.strip_suffix("/dossierNo").unwrap_or(path), &name),
        ("POST", path) if path.ends_with("/actions") => act(site, call, path.trim_end_matches("/actions"), &name),
        _ => {
            site.book().violate(&name, &[format!("{} {}: no such call", call.method, call.path)]);
            failure(403, "no such call", "No Content.")
        }
    }
}

fn found(site: &OneStop, id: &str) -> Option<Dossier> {
    let book = site.book();
    book.find(id).and_then(|id| book.dossiers.get(&id)).cloned()
}

fn missing(site: &OneStop, name: &str) -> Answer {
    site.book().violate(name, &["no such dossier".to_owned()]);
    failure(403, "Dossier not found.", "No Content.")
}

/// 200 or 204 without a body, or a page of HTML, where an answer should be (E1).
pub(super) fn awkward(site: &OneStop, key: &str) -> Option<Answer> {
    Some(match site.faults.variant("E1", &["refused", "empty", "html"], key)? {
        "refused" => failure(403, "Lỗi hệ thống", "No Content."),
        "empty" => Answer::empty(204),
        _ => Answer::html(),
    })
}

/// The form of a writing call, held against the names it may carry.
fn form_of(call: &Call, known: &[&str]) -> Result<Vec<(String, String)>, Vec<String>> {
    if !call.header("content-type").unwrap_or_default().starts_with("application/x-www-form-urlencoded") {
        return Err(vec!["the body must be a form".to_owned()]);
    }
    let form = call.form();
    let mut problems: Vec<String> = form
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, _)| format!("{name}: unknown field"))
        .collect();
    for (name, value) in &form {
        let numeric = matches!(name.as_str(), "viaPostal" | "vnpostalStatus" | "fromViaPostal");
        if numeric && !value.parse::<u8>().is_ok_and(|number| number <= 4) {
            problems.push(format!("{name}: 0 to 4"));
        }
    }
    if form.is_empty() {
        problems.push("nothing to write".to_owned());
    }
    if problems.is_empty() { Ok(form) } else { Err(problems) }
}

fn update(site: &OneStop, call: &Call, id: &str, name: &str) -> Answer {
    let form = match form_of(call, WRITABLE) {
        Ok(form) => form,
        Err(problems) => {
            site.book().violate(name, &problems);
            return failure(403, &problems.join("; "), "No Content.");
        }
    };
    let Some(dossier) = found(site, id) else { return missing(site, name) };
    let key = format!("{}#{}", dossier.dossier_no(), dossier.history.len());
    if let Some(trouble) = site.troubled(&key) {
        return trouble;
    }
    let awkward = awkward(site, &key);
    if let Some(answer) = awkward.as_ref().filter(|answer| answer.status != 204) {
        return Answer::new(answer.status, answer.content_type, answer.body.clone());
    }
    let mut shown = Value::Null;
    if let Some(dossier) = site.book().dossiers.get_mut(&dossier.id) {
        for (field, value) in form {
            let value = match value.parse::<u64>() {
                Ok(number) if matches!(field.as_str(), "viaPostal" | "vnpostalStatus" | "fromViaPostal") => {
                    json!(number)
                }
                _ => json!(value),
            };
            dossier.write(&field, value);
        }
        shown = dossier.show();
    }
    awkward.or_else(|| site.silence(&key)).unwrap_or_else(|| Answer::json(200, &shown))
}

fn act(site: &OneStop, call: &Call, id: &str, name: &str) -> Answer {
    let form = match form_of(call, ACTION) {
        Ok(form) if form.iter().any(|(name, value)| name == "actionCode" && !value.is_empty()) => form,
        Ok(_) => {
            site.book().violate(name, &["actionCode: missing".to_owned()]);
            return failure(403, "actionCode", "No Content.");
        }
        Err(problems) => {
            site.book().violate(name, &problems);
            return failure(403, &problems.join("; "), "No Content.");
        }
    };
    let Some(dossier) = found(site, id) else { return missing(site, name) };
    let key = format!("{}@{}", dossier.dossier_no(), dossier.actions.len());
    if let Some(trouble) = site.troubled(&key) {
        return trouble;
    }
    let action: serde_json::Map<String, Value> = form.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let number = dossier.actions.len() + 1;
    if let Some(dossier) = site.book().dossiers.get_mut(&dossier.id) {
        dossier.actions.push(Value::Object(action));
        dossier.receive(site.options.clock.now());
    }
    site.silence(&key)
        .unwrap_or_else(|| Answer::json(200, &json!({"dossierActionId": number, "dossierId": dossier.id})))
}
