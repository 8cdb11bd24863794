//! Papers served as PDF: the handover record, the consignment note, labels. Names of people stand on them, so every paper puts a
//! look on record for each dossier that it names.

mod labels;
mod note;
mod record;

use std::path::Path;

use minijinja::context;

use crate::app::people::directory;
use crate::app::{App, AppError};
use crate::domain::person::Right;
use crate::report::papers::{Ink, PapersError};
use crate::store::people;
use crate::store::people_rows::PlaceRow;
use crate::store::rows::LegRow;
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop, value};
use crate::ui::routes::{Needs, Route, get};

/// The routes of this part.
pub const ROUTES: &[Route] = &[
    get("/handovers/{id}/record.pdf", Needs::Right(Right::Handover), record::page),
    get("/papers/consignment/{file}", Needs::Right(Right::PersonalData), note::page),
    get("/papers/labels.pdf", Needs::Right(Right::PersonalData), labels::page),
];

/// An office's own template, where it has one. One that cannot be read is none: the program's own is a paper too.
fn own_template(ask: &Ask, file: &str) -> Option<String> {
    let folder = ask.face.pages.templates_dir.as_str();
    if folder.is_empty() {
        return None;
    }
    std::fs::read_to_string(Path::new(folder).join(file)).ok()
}

/// The paper, or a page that says why there is none.
fn served(pdf: Result<Vec<u8>, PapersError>, file_name: String, template: &str) -> Result<Page, Stop> {
    let (kind, faults) = match pdf {
        Ok(bytes) => {
            return Ok(Page::Bytes { media_type: "application/pdf".to_owned(), file_name: Some(file_name), bytes });
        }
        Err(PapersError::NotBuilt) => ("NOT_BUILT", Vec::new()),
        Err(PapersError::Template(faults)) => ("TEMPLATE", faults.iter().map(ToString::to_string).collect()),
        Err(PapersError::Nothing) => ("NOTHING", Vec::new()),
        Err(other @ (PapersError::Ink { .. } | PapersError::Code(_))) => ("DATA", vec![other.to_string()]),
    };
    let values = context! { kind, faults => value(faults), template };
    Ok(Page::Html { template: "papers.html", values, status: 422 })
}

/// A place of the directory; its code as its name when nobody said more.
fn place(app: &App, kind: &str, code: &str) -> Result<PlaceRow, AppError> {
    let row = app.store.read(|db| people::place(db, kind, code))?;
    Ok(row.unwrap_or_else(|| PlaceRow {
        kind: kind.to_owned(),
        code: code.to_owned(),
        name: code.to_owned(),
        address: None,
        parent: None,
        level: None,
    }))
}

/// The name of the commune in an address, for the line before a date: `2 Lê Lợi, phường Nha Trang` is `Nha Trang`.
fn town(address: &str) -> Option<&str> {
    const KINDS: &[&str] = &["phường ", "xã ", "đặc khu ", "Phường ", "Xã ", "Đặc khu "];
    let mut parts = address.split(',').map(str::trim);
    parts.find_map(|part| KINDS.iter().find_map(|kind| part.strip_prefix(kind)))
}

/// Where the public looks a number up; empty when nobody said how people reach the pages.
fn tracking_address(ask: &Ask, number: &str) -> String {
    let base = ask.face.pages.public_url.trim_end_matches('/');
    if base.is_empty() { number.to_owned() } else { format!("{base}/tracking?so={}", crate::ui::door::encoded(number)) }
}

/// The name of a leg's procedure.
fn procedure_of(app: &App, leg: &LegRow) -> Result<String, AppError> {
    if let Some(name) = &leg.procedure_name {
        return Ok(name.clone());
    }
    let known = directory::procedures_of(app, &leg.agency_code)?;
    let name = known.into_iter().find(|procedure| procedure.code == leg.procedure_code).map(|procedure| procedure.name);
    Ok(name.unwrap_or_else(|| leg.procedure_code.clone()))
}

/// A drawn signature for a paper: PNG alone, as the pages make it.
fn ink(picture: Option<(Vec<u8>, &'static str)>) -> Option<Ink> {
    picture.filter(|(_, media_type)| *media_type == "image/png").map(|(bytes, _)| Ink::Png(bytes))
}

fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_town_is_read_from_the_address() {
        assert_eq!(town("2 Lê Lợi, phường Nha Trang"), Some("Nha Trang"));
        assert_eq!(town("180 Hùng Vương, xã Vạn Ninh, tỉnh Khánh Hòa"), Some("Vạn Ninh"));
        assert_eq!(town("Quốc lộ 1"), None);
    }
}
