//! Offices, agencies and procedures: what pages and papers name, and the checklist of papers of an intake.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::{App, AppError};
use crate::store::people;
use crate::store::people_rows::{PlaceRow, ProcedureRow};

/// A post office or an agency.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct NewPlace {
    pub kind: &'static str,
    pub code: String,
    pub name: String,
    pub address: Option<String>,
    pub parent: Option<String>,
    pub level: Option<String>,
}

/// A paper of a procedure's checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperOfList {
    /// Its name.
    pub name: String,
    /// Originals that are asked for.
    #[serde(default)]
    pub originals: i64,
    /// Copies that are asked for.
    #[serde(default)]
    pub copies: i64,
    /// An old paper that is taken back when the result is handed out.
    #[serde(default)]
    pub recover: bool,
    /// The original is lent for comparison alone and must go back (NĐ 118 Đ22 k2).
    #[serde(default)]
    pub compare: bool,
}

/// A procedure as an agency runs it; `*` is every agency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Procedure {
    pub code: String,
    pub agency_code: String,
    pub name: String,
    pub papers: Vec<PaperOfList>,
    pub fee: i64,
    pub days: Option<i64>,
}

/// Loads places and procedures; those that are there are replaced.
pub fn load(app: &App, places: Vec<NewPlace>, procedures: Vec<Procedure>) -> Result<(), AppError> {
    let places = places
        .into_iter()
        .map(|place| PlaceRow {
            kind: place.kind.to_owned(),
            code: place.code,
            name: place.name,
            address: place.address,
            parent: place.parent,
            level: place.level,
        })
        .collect();
    let rows = procedures.into_iter().map(row_of).collect::<Result<Vec<_>, AppError>>()?;
    Ok(app.store.load_directory(places, rows)?)
}

fn row_of(procedure: Procedure) -> Result<ProcedureRow, AppError> {
    Ok(ProcedureRow {
        papers: serde_json::to_string(&procedure.papers).map_err(|error| AppError::Internal(error.to_string()))?,
        code: procedure.code,
        agency_code: procedure.agency_code,
        name: procedure.name,
        fee: procedure.fee,
        days: procedure.days,
    })
}

/// Every procedure, by code and agency.
pub fn procedures(app: &App) -> Result<Vec<Procedure>, AppError> {
    app.store.read(people::procedures)?.into_iter().map(procedure_of).collect()
}

/// The procedures of an agency, its own before those of every agency, by code.
pub fn procedures_of(app: &App, agency_code: &str) -> Result<Vec<Procedure>, AppError> {
    Ok(of_agency(&procedures(app)?, agency_code))
}

/// Of all procedures, by code and agency, those of one agency: its own before those of every agency.
pub fn of_agency(all: &[Procedure], agency_code: &str) -> Vec<Procedure> {
    // "*" sorts before every code, so an agency's own row comes later and replaces it.
    let own = all.iter().filter(|each| each.agency_code == agency_code || each.agency_code == "*");
    let by_code: BTreeMap<&str, &Procedure> = own.map(|each| (each.code.as_str(), each)).collect();
    by_code.into_values().cloned().collect()
}

fn procedure_of(row: ProcedureRow) -> Result<Procedure, AppError> {
    Ok(Procedure {
        papers: serde_json::from_str(&row.papers)
            .map_err(|error| AppError::Internal(format!("papers of {}: {error}", row.code)))?,
        code: row.code,
        agency_code: row.agency_code,
        name: row.name,
        fee: row.fee,
        days: row.days,
    })
}

/// The papers of each checklist that are meant, by procedure and agency; a list that cannot be read names none.
pub(in crate::app) fn named(
    rows: Vec<ProcedureRow>,
    meant: fn(&PaperOfList) -> bool,
) -> BTreeMap<(String, String), Vec<String>> {
    let names = |papers: &str| {
        let papers: Vec<PaperOfList> = serde_json::from_str(papers).unwrap_or_default();
        papers.into_iter().filter(meant).map(|paper| paper.name).collect()
    };
    rows.into_iter().map(|row| ((row.code, row.agency_code), names(&row.papers))).collect()
}

/// Every agency or post office, by code.
pub fn places(app: &App, kind: &str) -> Result<Vec<PlaceRow>, AppError> {
    Ok(app.store.read(|db| people::places(db, kind))?)
}

/// The name of a place; its code when nobody said more.
pub fn name_of(app: &App, kind: &str, code: &str) -> Result<String, AppError> {
    Ok(app.store.read(|db| people::place(db, kind, code))?.map_or_else(|| code.to_owned(), |row| row.name))
}
