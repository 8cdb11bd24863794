//! `giaonhan key` and `giaonhan webhook`: what is made is shown once.

use serde_json::json;

use crate::app::{feed, keys};
use crate::cli::args::StoreArgs;
use crate::cli::settings::{app, duration_us};
use crate::cli::{Failure, Out};
use crate::domain::access::{Agencies, Scope};
use crate::domain::identifier::AgencyCode;
use crate::domain::leg::Side;

fn agencies_of(codes: &[String]) -> Result<Agencies, Failure> {
    for code in codes.iter().filter(|code| *code != "*") {
        AgencyCode::parse(code).map_err(|why| Failure::Usage(format!("--agency {code}: {}", why.en)))?;
    }
    Ok(Agencies::from_list(codes))
}

fn show(new: &keys::NewKey, out: Out) {
    let row = &new.row;
    let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let object = json!({
        "id": new.id,
        "key": new.key.reveal(),
        "counterpart": row.counterpart,
        "side": row.side,
        "agencies": list(&row.agencies),
        "scopes": list(&row.scopes),
    });
    out.result(&object, new.key.reveal());
}

pub(super) fn create(
    store: &StoreArgs,
    counterpart: &str,
    side: &str,
    agencies: &[String],
    scopes: &[String],
    out: Out,
) -> Result<(), Failure> {
    let side = Side::parse(&side.to_ascii_uppercase())
        .ok_or_else(|| Failure::Usage(format!("--side {side}: write agency, post or oversight")))?;
    let scopes: Vec<Scope> = scopes
        .iter()
        .map(|text| {
            Scope::parse(text).ok_or_else(|| Failure::Usage(format!("--scope {text}: write read, write or ops")))
        })
        .collect::<Result<_, _>>()?;
    let valid = (1..=64).contains(&counterpart.len())
        && counterpart.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if !valid {
        return Err(Failure::Usage("--counterpart takes 1 to 64 of A–Z a–z 0–9 . _ -".to_owned()));
    }
    let agencies = agencies_of(agencies)?;
    show(&keys::create(&app(store)?, counterpart, side, &agencies, &scopes)?, out);
    Ok(())
}

pub(super) fn list(store: &StoreArgs, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    for row in keys::list(&app)? {
        let state = if keys::is_active(&app, &row) { "ACTIVE" } else { "REVOKED" };
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let object = json!({
            "id": row.id,
            "counterpart": row.counterpart,
            "side": row.side,
            "agencies": list(&row.agencies),
            "scopes": list(&row.scopes),
            "state": state,
        });
        let line =
            format!("{}  {state:<8} {:<10} {}  {}  {}", row.id, row.side, row.counterpart, row.agencies, row.scopes);
        out.result(&object, &line);
    }
    Ok(())
}

fn no_such(what: &str, id: &str) -> Failure {
    Failure::No(format!("there is no {what} {id}"))
}

pub(super) fn revoke(store: &StoreArgs, id: &str, out: Out) -> Result<(), Failure> {
    if !keys::revoke(&app(store)?, id)? {
        return Err(no_such("key", id));
    }
    out.result(&json!({"id": id, "state": "REVOKED"}), &format!("{id} revoked"));
    Ok(())
}

pub(super) fn rotate(store: &StoreArgs, id: &str, overlap: &str, out: Out) -> Result<(), Failure> {
    let overlap_us = duration_us(overlap)?;
    let new = keys::rotate(&app(store)?, id, overlap_us)?.ok_or_else(|| no_such("active key", id))?;
    show(&new, out);
    Ok(())
}

fn show_webhook(new: &feed::NewWebhook, out: Out) {
    let object = json!({"id": new.id, "url": new.url, "secret": new.secret.reveal(), "publicKey": new.public_key});
    let line = format!("{}\nsecret     {}\npublic key {}", new.id, new.secret.reveal(), new.public_key);
    out.result(&object, &line);
}

pub(super) fn create_webhook(
    store: &StoreArgs,
    counterpart: &str,
    agencies: &[String],
    url: &str,
    types: &[String],
    out: Out,
) -> Result<(), Failure> {
    if !(url.starts_with("http://") || url.starts_with("https://")) {
        return Err(Failure::Usage(format!("--url {url}: write http:// or https://")));
    }
    let agencies = agencies_of(agencies)?;
    show_webhook(&feed::create_webhook(&app(store)?, counterpart, &agencies, url, types)?, out);
    Ok(())
}

pub(super) fn rotate_webhook(store: &StoreArgs, id: &str, overlap: &str, out: Out) -> Result<(), Failure> {
    let overlap_us = duration_us(overlap)?;
    let new = feed::rotate_webhook(&app(store)?, id, overlap_us)?.ok_or_else(|| no_such("webhook", id))?;
    show_webhook(&new, out);
    Ok(())
}

pub(super) fn disable_webhook(store: &StoreArgs, id: &str, out: Out) -> Result<(), Failure> {
    if !feed::disable_webhook(&app(store)?, id)? {
        return Err(no_such("webhook", id));
    }
    out.result(&json!({"id": id, "state": "DISABLED"}), &format!("{id} disabled"));
    Ok(())
}
