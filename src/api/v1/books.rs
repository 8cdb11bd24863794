//! Books of the caller's own side, and what came of comparing them with the ledger.

use serde_json::{Value, json};

use crate::api::call::Call;
use crate::api::problem::Fault;
use crate::api::reply::{Answer, rendered};
use crate::api::v1::time;
use crate::app::AppError;
use crate::app::books::{self, About, Covers, Source, Taken};
use crate::app::people::Doing;
use crate::app::reconcile;
use crate::domain::access::Caller;
use crate::domain::books::BookSide;
use crate::domain::leg::Side;
use crate::domain::problem::{Code, Language};
use crate::store::books::ReconciliationRow;
use crate::wire::Format;
use crate::wire::books::read_header;

/// Runs shown.
const RUNS_MAX: i64 = 100;

/// The side whose book a key may bring; oversight has none.
fn side_of(caller: &Caller) -> Result<BookSide, AppError> {
    match caller.side {
        Side::Post => Ok(BookSide::Post),
        Side::Agency => Ok(BookSide::OneStop),
        Side::Oversight => Err(AppError::plain(Code::NotYourSide)),
    }
}

/// `POST /v1/books`.
pub(in crate::api) fn take(call: &Call) -> Result<Answer, Fault> {
    let caller = call.caller()?;
    let side = side_of(caller)?;
    let header = read_header(&call.body)?;
    let about = About {
        side,
        counterpart: caller.counterpart.clone(),
        from: header.from,
        until: header.until,
        as_of: header.as_of,
        complete: header.complete,
        covers: if header.ordered { Covers::Ordered } else { Covers::Accepted },
        source: Source::Api,
    };
    let language = call.voice.language;
    let render = move |taken: &Taken| rendered(if taken.known { 200 } else { 201 }, &receipt(taken, language));
    let doing = Doing { person: None, request_id: &call.request_id };
    let keyed = call.keyed(&render);
    let (taken, kept) = books::take(&call.front.app, &about, Format::Json, &call.body, Some(&keyed), doing)?;
    Ok(Answer::kept(kept.unwrap_or_else(|| render(&taken))))
}

fn receipt(taken: &Taken, language: Language) -> Value {
    let row = &taken.row;
    let lines: Vec<Value> = taken
        .refused
        .iter()
        .map(|(line_no, problems)| {
            let problems: Vec<Value> = problems
                .iter()
                .map(
                    |one| json!({"code": one.code.as_str(), "field": one.field, "message": one.message.text(language)}),
                )
                .collect();
            json!({"lineNo": line_no, "problems": problems})
        })
        .collect();
    json!({
        "id": row.id,
        "from": row.from_day,
        "until": row.until_day,
        "asOf": time(row.as_of_us),
        "complete": row.complete == 1,
        "entries": row.entries,
        "refused": lines,
    })
}

/// `GET /v1/reconciliations`: the newest runs of the caller's own book; oversight sees all.
pub(in crate::api) fn runs(call: &Call) -> Result<Answer, Fault> {
    let caller = call.caller()?;
    let rows = reconcile::runs(&call.front.app, RUNS_MAX)?;
    let items: Vec<Value> = rows.iter().filter(|row| sees(caller, row)).map(view).collect();
    Ok(Answer::json(&json!({ "items": items })))
}

/// `GET /v1/reconciliations/{id}`.
pub(in crate::api) fn run(call: &Call) -> Result<Answer, Fault> {
    let row = reconcile::get(&call.front.app, call.path_value()?)?;
    if !sees(call.caller()?, &row) {
        return Err(AppError::plain(Code::NotFound).into());
    }
    Ok(Answer::json(&view(&row)))
}

fn sees(caller: &Caller, row: &ReconciliationRow) -> bool {
    caller.side == Side::Oversight
        || (side_of(caller).is_ok_and(|side| side.as_str() == row.side) && caller.counterpart == row.counterpart)
}

fn view(row: &ReconciliationRow) -> Value {
    json!({
        "id": row.id,
        "side": row.side,
        "counterpart": row.counterpart,
        "from": row.from_day,
        "until": row.until_day,
        "asOf": time(row.as_of_us),
        "runAt": time(row.run_at_us),
        "totals": reconcile::totals_of(row),
    })
}
