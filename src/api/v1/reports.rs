//! Reports for oversight: made, listed, and read in any format.

use serde_json::{Value, json};

use crate::api::accept;
use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, rendered};
use crate::api::v1::{page as paging, time};
use crate::app::idempotency::Rendered;
use crate::app::people::Doing;
use crate::app::reports::{self, CutAsk, Format};
use crate::domain::problem::Language;
use crate::report::definitions::DefinitionId;
use crate::report::tables::csv::Separator;
use crate::store::reports::{CutFilter, ReportCutHead};
use crate::wire::report::read_report;

/// Name of the list in its cursors.
pub(in crate::api) const LIST: &str = "reports";

/// `POST /v1/reports`.
pub(in crate::api) fn make(call: &Call) -> Result<Answer, Fault> {
    let known: Vec<&'static str> = DefinitionId::ALL.iter().map(|id| id.as_str()).collect();
    let input = read_report(&call.body, &known)?;
    let definition = DefinitionId::parse(input.definition)
        .ok_or_else(|| Fault::internal("a definition that is read is not among those that there are"))?;
    let ask = CutAsk {
        definition,
        from: input.from,
        until: input.until,
        agency_code: input.agency_code,
        post_office_code: input.post_office_code,
        seed: input.seed,
    };
    let doing = Doing { person: None, request_id: &call.request_id };
    let row = reports::run(&call.front.app, call.caller()?, &ask, doing)?;
    let head = ReportCutHead {
        id: row.id,
        definition: row.definition,
        version: row.version,
        from_date: row.from_date,
        until_date: row.until_date,
        agency_code: row.agency_code,
        post_office_code: row.post_office_code,
        as_of_us: row.as_of_us,
        sha256: row.sha256,
        made_by: row.made_by,
        made_at_us: row.made_at_us,
    };
    let location = Some(format!("/v1/reports/{}", head.id));
    Ok(Answer::of(Rendered { location, ..rendered(201, &view(&head)) }))
}

/// `GET /v1/reports`.
pub(in crate::api) fn page(call: &Call) -> Result<Answer, Fault> {
    let filter = CutFilter { definition: call.query.text("definition") };
    let rows = reports::page(&call.front.app, call.caller()?, &filter, &call.query.page())?;
    Ok(paging::of(call, LIST, &rows, |row| &row.id, view))
}

/// `GET /v1/reports/{id}`.
pub(in crate::api) fn get(call: &Call) -> Result<Answer, Fault> {
    let row = reports::get(&call.front.app, call.caller()?, call.path_value()?)?;
    let types = Format::ALL.map(Format::media_type);
    let accepted = call.accept.as_deref().and_then(|accept| accept::preferred(accept, &types));
    let format = match call.query.get("format").and_then(Format::parse) {
        Some(format) => format,
        None => accepted.and_then(|place| Format::ALL.get(place).copied()).unwrap_or(Format::Json),
    };
    let language = match call.query.get("language") {
        Some("en") => Language::En,
        Some(_) => Language::Vi,
        None => call.voice.language,
    };
    let separator = if call.query.get("separator") == Some("comma") { Separator::Comma } else { Separator::Semicolon };
    let file = reports::write(&row, format, language, separator)?;
    Ok(Answer::file(file.media_type, &file.name, file.bytes))
}

fn view(row: &ReportCutHead) -> Value {
    json!({
        "id": row.id,
        "definition": row.definition,
        "version": row.version,
        "from": row.from_date,
        "until": row.until_date,
        "agencyCode": row.agency_code,
        "postOfficeCode": row.post_office_code,
        "asOf": time(row.as_of_us),
        "sha256": row.sha256,
        "madeAt": time(row.made_at_us),
    })
}
