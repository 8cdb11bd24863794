//! `giaonhan originals`: originals lent for comparison, and where each stands.

use serde_json::json;

use crate::app::originals::{self, LentOriginal};
use crate::base::time::Ts;
use crate::cli::args::StoreArgs;
use crate::cli::settings::app;
use crate::cli::{Failure, Out};
use crate::domain::access::Agencies;
use crate::domain::originals::Standing;
use crate::store::read::PageAsk;

/// Rows that are read at a time.
const PAGE: i64 = 500;

pub(super) fn originals(store: &StoreArgs, agency: Option<&str>, open: bool, out: Out) -> Result<(), Failure> {
    let app = app(store)?;
    let meant: Vec<Standing> = Standing::ALL.iter().copied().filter(|standing| !open || standing.is_open()).collect();
    let mut after = None;
    loop {
        let page = originals::page(&app, &Agencies::All, agency, &meant, &PageAsk { after, limit: PAGE })?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after = Some(last.clone());
        page.iter().for_each(|(_, one)| show(one, out));
    }
}

fn show(one: &LentOriginal, out: Out) {
    let row = &one.row;
    let said: Vec<_> = one
            .said
            .iter()
            .map(|word| json!({"outcome": word.outcome, "quantity": word.quantity, "at": Ts::from_us(word.at_us).to_rfc3339()}))
            .collect();
    let object = json!({
        "legId": row.leg_id,
        "dossierNo": row.dossier_no,
        "agencyCode": row.agency_code,
        "paper": row.paper,
        "quantity": row.quantity,
        "lentAt": Ts::from_us(row.lent_at_us).to_rfc3339(),
        "standing": row.standing,
        "since": Ts::from_us(row.since_us).to_rfc3339(),
        "resultLegId": row.result_leg_id,
        "said": said,
    });
    let line = format!(
        "{} {:<10} {} × {} since {} {}",
        row.leg_id,
        row.standing,
        row.quantity,
        row.paper,
        Ts::from_us(row.since_us).to_rfc3339(),
        row.dossier_no.as_deref().unwrap_or("-"),
    );
    out.result(&object, &line);
}
