//! Which columns each kind of row has. A field that is forgotten does not compile.

use diesel::Column as _;

use crate::store::arrays::{Arrayed, Cell, Column};
use crate::store::books::ReconciliationRow;
use crate::store::clocks::LegClockRow;
use crate::store::intake::ConsignmentNoteRow;
use crate::store::people_rows::{AuditRow, DeviceActRow};
use crate::store::rows::*;
use crate::store::schema::*;
use crate::store::tallies::{LegTallyRow, OfficeTallyRow, ProcedureTallyRow};
use crate::store::tally_schema::{leg_tally, tally_by_office, tally_by_procedure};

macro_rules! arrayed {
    ($row:ident in $table:ident: $($field:ident)+) => {
        impl Arrayed for $row {
            const TABLE: &'static str = stringify!($table);
            const NAMES: &'static [&'static str] = &[$($table::$field::NAME),+];

            fn columns<'a>(rows: &[&'a Self]) -> Vec<Column<'a>> {
                let _every_field = |$row { $($field: _),+ }: &$row| ();
                vec![$(Cell::column(rows.iter().map(|row| &row.$field))),+]
            }
        }
    };
}

arrayed!(ManifestRow in manifest: id counterpart side manifest_no revision leg_kind agency_code counter_code post_office_code shift_date shift mode outcome digest received_at_us receipt open_key closed_at_us);
arrayed!(LegRow in leg: id manifest_id counterpart side manifest_no line_no kind agency_code post_office_code declared_dossier_no dossier_no consignment_note_no supplement_no procedure_code procedure_name item_number item_grade seal_no papers originals copies fee_to_collect due_at_us state state_since_us holder holder_since_us is_open open_dossier_key open_note_key accepted_by_post_at_us filed_at_us case_received_at_us attempts events head);
arrayed!(ConsignmentNoteRow in consignment_note: leg_id service taken_at lane with_slip promise_days postage postage_pay postage_receipt_no postage_paid_at_us);
arrayed!(PartyRow in party: leg_id name phone email address province_code commune_code note);
arrayed!(CustodyEventRow in custody_event: leg_id seq id event occurred_at_us recorded_at_us body prev_hash hash);
arrayed!(EventDetailRow in event_detail: event_id receiver_name place_text cause_text note);
arrayed!(FactRow in fact: counterpart fact_id variant content_sha256 side outcome result content matched recorded_at_us);
arrayed!(HandoverLineRow in handover_line: handover_id line_no leg_id dossier_no consignment_note_no expected_originals expected_copies expected_seal_no outcome originals copies note annuls_event_id open_leg_id);
arrayed!(HandoverSignatureRow in handover_signature: handover_id side signer_name signer_title signed_at_us recorded_at_us digest evidence lapsed seq);
arrayed!(DiscrepancyRow in discrepancy: id kind state subject_key generation leg_id handover_id agency_code reporter owner opened_at_us last_seen_at_us evidence resolution_outcome resolution_reason resolution_by resolution_at_us);
arrayed!(FeedEventRow in feed_event: id type_ leg_id agency_code reporter at_us data);
arrayed!(OutboxRow in outbox: id counterpart kind leg_id order_key order_seq dedup_key body state attempts due_at_us first_sent_at_us ask_first lease_owner lease_until_us fence last_outcome last_error parked_at_us created_at_us);
arrayed!(OutboxLogRow in outbox_log: outbox_id entry what at_us outcome detail body by_whom);
arrayed!(InboxRow in inbox: id counterpart source message_key body state received_at_us done_at_us error);
arrayed!(PersonalLookRow in personal_look: id leg_id key_id counterpart at_us request_id);
arrayed!(AuditRow in audit: id person_id act subject at_us request_id);
arrayed!(DeviceActRow in device_act: id person_id kind content_sha256 result occurred_at_us recorded_at_us);
arrayed!(ReconciliationRow in reconciliation: id side counterpart from_day until_day as_of_us totals sha256 run_at_us run_by);
arrayed!(LegTallyRow in leg_tally: leg_id measure day cause amount);
arrayed!(ProcedureTallyRow in tally_by_procedure: span measure agency_code procedure_code kind legs amount);
arrayed!(OfficeTallyRow in tally_by_office: span measure agency_code post_office_code kind cause legs amount);
arrayed!(LegClockRow in leg_clock: leg_id clock status unknown started_at_us restarts due_at_us ended_at_us reason pauses used_citizen_us used_post_us used_agency_us used_unknown_us calendar flag);
