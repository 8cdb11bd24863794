//! New legs: the row, the first events with their chain, the party, and what the feed and the operator are told. A system's manifest
//! and an intake by people make them alike.

use serde_json::json;

use crate::app::leg_work::{message, with_fold};
use crate::app::{App, AppError, notices};
use crate::base::id::{EventId, LegId, ManifestId};
use crate::base::time::Ts;
use crate::domain::access::Caller;
use crate::domain::custody::{Event, EventKind, LegTerms, Source, fold};
use crate::domain::leg::State;
use crate::domain::manifest::{Header, Line, PaperKind};
use crate::store::rows::{LegRow, PartyRow};
use crate::store::{WriteSet, ledger};

/// Legs of one manifest in the making.
pub(super) struct Taking<'a> {
    pub(super) app: &'a App,
    pub(super) caller: &'a Caller,
    pub(super) header: &'a Header,
    pub(super) manifest_id: &'a ManifestId,
    pub(super) now: Ts,
    /// The operator that gets an order for each leg.
    pub(super) post: Option<&'a str>,
}

impl Taking<'_> {
    /// A leg with its first events, its party and what others are told of it. The row is returned, to be shown and then written.
    pub(super) fn leg(
        &self,
        id: &LegId,
        line: &Line,
        events: &[Event],
        set: &mut WriteSet,
    ) -> Result<LegRow, AppError> {
        let sum = |kind: PaperKind| -> i64 {
            line.papers.iter().filter(|paper| paper.kind == kind).map(|paper| i64::from(paper.quantity)).sum()
        };
        let (originals, copies) = (sum(PaperKind::Original), sum(PaperKind::Copy));
        let declared_dossier_no = line.dossier_no.as_ref().map(|number| number.as_str().to_owned());
        let terms = LegTerms {
            kind: self.header.leg_kind,
            originals,
            copies,
            declared_dossier_no: declared_dossier_no.clone(),
        };
        let folded = fold(&terms, events);
        let mut head: Option<String> = None;
        for event in events {
            let row = ledger::to_row(event, head.as_deref())?;
            head = Some(row.hash.clone());
            set.events.push(row);
        }
        let papers: Vec<_> = line
            .papers
            .iter()
            .map(|paper| json!({"name": paper.name, "kind": paper.kind.as_str(), "quantity": paper.quantity}))
            .collect();
        let row = LegRow {
            id: id.as_str().to_owned(),
            manifest_id: self.manifest_id.as_str().to_owned(),
            counterpart: self.caller.counterpart.clone(),
            side: self.caller.side.as_str().to_owned(),
            manifest_no: self.header.manifest_no.clone(),
            line_no: i64::from(line.line_no),
            kind: self.header.leg_kind.as_str().to_owned(),
            agency_code: self.header.agency_code.clone(),
            post_office_code: self.header.post_office_code.clone(),
            dossier_no: declared_dossier_no.clone(),
            declared_dossier_no,
            consignment_note_no: line.consignment_note_no.clone(),
            supplement_no: line.supplement_no.map(i64::from),
            procedure_code: line.procedure_code.clone(),
            procedure_name: line.procedure_name.clone(),
            item_number: line.item_number.as_ref().map(|number| number.as_str().to_owned()),
            item_grade: line.item_number.as_ref().map(|number| number.grade().as_str().to_owned()),
            seal_no: line.seal_no.clone(),
            papers: serde_json::Value::Array(papers).to_string(),
            originals,
            copies,
            fee_to_collect: line.fee_to_collect,
            due_at_us: line.due_at.map(Ts::us),
            state: String::new(),
            state_since_us: 0,
            holder: String::new(),
            holder_since_us: 0,
            is_open: 1,
            open_dossier_key: None,
            open_note_key: None,
            accepted_by_post_at_us: None,
            filed_at_us: None,
            case_received_at_us: None,
            attempts: 0,
            events: i64::try_from(events.len()).unwrap_or(i64::MAX),
            head: head.unwrap_or_default(),
        };
        let row = with_fold(row, &folded);
        if folded.state != State::Registered {
            set.feed.push(notices::leg_changed(&self.app.ids, &row, false, folded.state_since, self.now));
        }
        if let Some(post) = self.post {
            set.outbox.push(message(self.app, post, "POST_ORDER", id, 0, "{}".to_owned(), self.now));
        }
        set.parties.push(PartyRow {
            leg_id: row.id.clone(),
            name: line.party.name.clone(),
            phone: line.party.phone.clone(),
            email: line.party.email.clone(),
            address: line.party.address.text.clone(),
            province_code: line.party.address.province_code.clone(),
            commune_code: line.party.address.commune_code.clone(),
            note: line.note.clone(),
        });
        Ok(row)
    }

    /// An event in the caller's own words.
    pub(super) fn event(&self, id: &LegId, seq: i64, kind: EventKind, at: Ts) -> Event {
        let source = Source {
            person: self.caller.person.clone(),
            ..Source::of(self.caller.counterpart.as_str(), self.caller.side)
        };
        Event { seq, ..Event::new(EventId::make(&self.app.ids), id.clone(), kind, at, self.now, source) }
    }
}
