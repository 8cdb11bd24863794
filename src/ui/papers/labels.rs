//! Labels of legs, one to a page.

use crate::app::legs;
use crate::report::papers::{self, Label};
use crate::ui::ask::Ask;
use crate::ui::page::{Page, Stop};
use crate::ui::papers::note::date;
use crate::ui::papers::{own_template, place, served, tracking_address};

const TEMPLATE: &str = "label.typ";
/// Labels of one print.
const LABELS_MAX: usize = 200;

/// `?leg=…` for each label.
pub(super) fn page(ask: &Ask) -> Result<Page, Stop> {
    let ids: Vec<&str> = ask.query.all("leg").take(LABELS_MAX).collect();
    let labels = ids.into_iter().map(|id| label(ask, id)).collect::<Result<Vec<_>, Stop>>()?;
    let template = own_template(ask, TEMPLATE);
    served(papers::labels(&labels, template.as_deref()), "nhan.pdf".to_owned(), TEMPLATE)
}

fn label(ask: &Ask, id: &str) -> Result<Label, Stop> {
    let app = ask.app();
    let is_result = |kind: &str| kind == "RESULT";
    let row = legs::get(app, &ask.person()?.caller(), id, false, &ask.request_id)?.row;
    let office = place(app, "POST_OFFICE", &row.post_office_code)?;
    let agency = place(app, "AGENCY", &row.agency_code)?;
    let number = row.item_number.clone().or_else(|| row.consignment_note_no.clone()).unwrap_or_else(|| row.id.clone());
    // The label of a result names the citizen: somebody has to find the door.
    let (destination, address, origin) = if is_result(&row.kind) {
        let party = legs::get(app, &ask.person()?.caller(), id, true, &ask.request_id)?.party;
        let name = party.as_ref().map(|party| party.name.clone()).unwrap_or_default();
        (name, party.map(|party| party.address), agency.name)
    } else {
        (agency.name, agency.address, office.name)
    };
    let at_us = row.accepted_by_post_at_us.unwrap_or(row.state_since_us);
    Ok(Label {
        kind: if is_result(&row.kind) { "Kết quả" } else { "Hồ sơ một cửa" }.to_owned(),
        qr: tracking_address(ask, row.dossier_no.as_deref().unwrap_or(&number)),
        number,
        destination,
        destination_address: address,
        dossier_number: row.dossier_no,
        origin: format!("{origin}, {}", date(at_us)),
        seal: row.seal_no,
    })
}
