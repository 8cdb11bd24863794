//! `giaonhan money`: fees that are with the post, by place and by leg.

use serde_json::json;

use crate::app::money;
use crate::base::time::{DAY_US, Ts, parse_date};
use crate::cli::args::StoreArgs;
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::domain::access::Agencies;
use crate::store::read::tallies::Slice;

pub(super) fn money(store: &StoreArgs, as_of: Option<&str>, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    let as_of = as_of.map_or(Ok(app.now()), instant)?;
    let legs = money::outstanding(&app, &Agencies::All, &Slice::default(), as_of)?;
    for leg in &legs {
        let since = leg.chain.outstanding_since().map(Ts::to_rfc3339);
        let due = leg.due_at.map(Ts::to_rfc3339);
        let receipts: Vec<&str> = leg.chain.collected.iter().filter_map(|paid| paid.receipt_no.as_deref()).collect();
        let object = json!({
            "legId": leg.leg.id,
            "agencyCode": leg.leg.agency_code,
            "postOfficeCode": leg.leg.post_office_code,
            "collected": leg.chain.collected_sum(),
            "remitted": leg.chain.remitted_sum(),
            "outstanding": leg.chain.outstanding(),
            "since": since,
            "dueAt": due,
            "standing": leg.standing.as_str(),
            "receipts": receipts,
        });
        let line = format!(
            "{} {:<12} {:>12} since {} due {}",
            leg.leg.id,
            leg.standing.as_str(),
            leg.chain.outstanding(),
            since.unwrap_or_default(),
            due.as_deref().unwrap_or("-"),
        );
        out.result(&object, &line);
    }
    for held in money::by_place(&legs, as_of) {
        let object = json!({
            "agencyCode": held.agency_code,
            "postOfficeCode": held.post_office_code,
            "legs": held.legs,
            "outstanding": held.outstanding,
            "overdue": held.overdue,
            "byAge": held.by_age,
        });
        let line = format!(
            "{} {}: {} legs, {} outstanding, {} overdue, by age {:?}",
            held.agency_code, held.post_office_code, held.legs, held.outstanding, held.overdue, held.by_age
        );
        out.result(&object, &line);
    }
    Ok(())
}

/// An instant with an offset, or the end of a date.
fn instant(text: &str) -> Result<Ts, Failure> {
    let end_of = |date: chrono::NaiveDate| Ts::from_vietnam(date.and_time(chrono::NaiveTime::MIN));
    let at = Ts::parse_rfc3339(text).or_else(|| parse_date(text).and_then(end_of).map(|at| at.plus_us(DAY_US)));
    at.ok_or_else(|| Failure::Usage(format!("--as-of {text}: write 2026-11-22, or an instant with its offset")))
}
