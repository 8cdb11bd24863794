//! The tables as Diesel sees them: one schema for both databases. A test compares it with each of them.

use diesel::prelude::{allow_tables_to_appear_in_same_query, table};

pub use crate::store::book_schema::{book, book_entry, reconciliation};
pub use crate::store::clock_schema::{case_mark, clock_basis, clock_turn, leg_clock, postal_zone};

table! {
    api_key (id) {
        id -> Text,
        counterpart -> Text,
        side -> Text,
        agencies -> Text,
        scopes -> Text,
        key_sha256 -> Text,
        created_at_us -> BigInt,
        expires_at_us -> Nullable<BigInt>,
        revoked_at_us -> Nullable<BigInt>,
    }
}

table! {
    idempotency (counterpart, route, idem_key) {
        counterpart -> Text,
        route -> Text,
        idem_key -> Text,
        request_sha256 -> Text,
        claim -> Text,
        claimed_until_us -> BigInt,
        status -> Nullable<BigInt>,
        media_type -> Nullable<Text>,
        location -> Nullable<Text>,
        reply -> Nullable<Text>,
        created_at_us -> BigInt,
    }
}

table! {
    manifest (id) {
        id -> Text,
        counterpart -> Text,
        side -> Text,
        manifest_no -> Text,
        revision -> BigInt,
        leg_kind -> Text,
        agency_code -> Text,
        counter_code -> Nullable<Text>,
        post_office_code -> Text,
        shift_date -> Text,
        shift -> BigInt,
        mode -> Text,
        outcome -> Text,
        digest -> Text,
        received_at_us -> BigInt,
        receipt -> Text,
        open_key -> Nullable<Text>,
        closed_at_us -> Nullable<BigInt>,
    }
}

table! {
    note_number (post_office_code) {
        post_office_code -> Text,
        last_no -> BigInt,
    }
}

table! {
    consignment_note (leg_id) {
        leg_id -> Text,
        service -> Text,
        taken_at -> Text,
        lane -> Text,
        with_slip -> BigInt,
        promise_days -> BigInt,
        postage -> BigInt,
        postage_pay -> Text,
        postage_receipt_no -> Nullable<Text>,
        postage_paid_at_us -> Nullable<BigInt>,
    }
}

table! {
    leg (id) {
        id -> Text,
        manifest_id -> Text,
        counterpart -> Text,
        side -> Text,
        manifest_no -> Text,
        line_no -> BigInt,
        kind -> Text,
        agency_code -> Text,
        post_office_code -> Text,
        declared_dossier_no -> Nullable<Text>,
        dossier_no -> Nullable<Text>,
        consignment_note_no -> Nullable<Text>,
        supplement_no -> Nullable<BigInt>,
        procedure_code -> Text,
        procedure_name -> Nullable<Text>,
        item_number -> Nullable<Text>,
        item_grade -> Nullable<Text>,
        seal_no -> Nullable<Text>,
        papers -> Text,
        originals -> BigInt,
        copies -> BigInt,
        fee_to_collect -> BigInt,
        due_at_us -> Nullable<BigInt>,
        state -> Text,
        state_since_us -> BigInt,
        holder -> Text,
        holder_since_us -> BigInt,
        is_open -> BigInt,
        open_dossier_key -> Nullable<Text>,
        open_note_key -> Nullable<Text>,
        accepted_by_post_at_us -> Nullable<BigInt>,
        filed_at_us -> Nullable<BigInt>,
        case_received_at_us -> Nullable<BigInt>,
        attempts -> BigInt,
        events -> BigInt,
        head -> Text,
    }
}

table! {
    party (leg_id) {
        leg_id -> Text,
        name -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        address -> Text,
        province_code -> Nullable<Text>,
        commune_code -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

table! {
    custody_event (leg_id, seq) {
        leg_id -> Text,
        seq -> BigInt,
        id -> Text,
        event -> Text,
        occurred_at_us -> BigInt,
        recorded_at_us -> BigInt,
        body -> Text,
        prev_hash -> Nullable<Text>,
        hash -> Text,
    }
}

table! {
    event_detail (event_id) {
        event_id -> Text,
        receiver_name -> Nullable<Text>,
        place_text -> Nullable<Text>,
        cause_text -> Nullable<Text>,
        note -> Nullable<Text>,
    }
}

table! {
    fact (counterpart, fact_id, variant) {
        counterpart -> Text,
        fact_id -> Text,
        variant -> BigInt,
        content_sha256 -> Text,
        side -> Text,
        outcome -> Text,
        result -> Text,
        content -> Nullable<Text>,
        matched -> BigInt,
        recorded_at_us -> BigInt,
    }
}

table! {
    handover (id) {
        id -> Text,
        handover_no -> Nullable<Text>,
        status -> Text,
        giver -> Text,
        receiver -> Text,
        agency_code -> Text,
        place -> Nullable<Text>,
        opened_by -> Text,
        opened_at_us -> BigInt,
        digest -> Text,
        extras -> Text,
        completed_at_us -> Nullable<BigInt>,
        filed_at_us -> Nullable<BigInt>,
        corrects -> Nullable<Text>,
        reason -> Nullable<Text>,
        version -> BigInt,
        post_office_code -> Nullable<Text>,
    }
}

table! {
    handover_line (handover_id, line_no) {
        handover_id -> Text,
        line_no -> BigInt,
        leg_id -> Text,
        dossier_no -> Nullable<Text>,
        consignment_note_no -> Nullable<Text>,
        expected_originals -> BigInt,
        expected_copies -> BigInt,
        expected_seal_no -> Nullable<Text>,
        outcome -> Nullable<Text>,
        originals -> Nullable<BigInt>,
        copies -> Nullable<BigInt>,
        note -> Nullable<Text>,
        annuls_event_id -> Nullable<Text>,
        open_leg_id -> Nullable<Text>,
    }
}

table! {
    handover_signature (handover_id, seq) {
        handover_id -> Text,
        side -> Text,
        signer_name -> Text,
        signer_title -> Nullable<Text>,
        signed_at_us -> BigInt,
        recorded_at_us -> BigInt,
        digest -> Text,
        evidence -> Text,
        lapsed -> BigInt,
        seq -> BigInt,
    }
}

table! {
    discrepancy (id) {
        id -> Text,
        kind -> Text,
        state -> Text,
        subject_key -> Text,
        generation -> BigInt,
        leg_id -> Nullable<Text>,
        handover_id -> Nullable<Text>,
        agency_code -> Nullable<Text>,
        reporter -> Nullable<Text>,
        owner -> Text,
        opened_at_us -> BigInt,
        last_seen_at_us -> BigInt,
        evidence -> Text,
        resolution_outcome -> Nullable<Text>,
        resolution_reason -> Nullable<Text>,
        resolution_by -> Nullable<Text>,
        resolution_at_us -> Nullable<BigInt>,
    }
}

table! {
    feed_event (position) {
        position -> BigInt,
        id -> Text,
        #[sql_name = "type"]
        type_ -> Text,
        leg_id -> Nullable<Text>,
        agency_code -> Nullable<Text>,
        reporter -> Nullable<Text>,
        at_us -> BigInt,
        data -> Text,
        feed_seq -> Nullable<BigInt>,
    }
}

table! {
    webhook (id) {
        id -> Text,
        counterpart -> Text,
        agencies -> Text,
        url -> Text,
        types -> Text,
        state -> Text,
        secrets -> Text,
        created_at_us -> BigInt,
        from_feed_seq -> BigInt,
    }
}

table! {
    outbox (id) {
        id -> Text,
        counterpart -> Text,
        kind -> Text,
        leg_id -> Nullable<Text>,
        order_key -> Text,
        order_seq -> BigInt,
        dedup_key -> Text,
        body -> Text,
        state -> Text,
        attempts -> BigInt,
        due_at_us -> BigInt,
        first_sent_at_us -> Nullable<BigInt>,
        ask_first -> BigInt,
        lease_owner -> Nullable<Text>,
        lease_until_us -> Nullable<BigInt>,
        fence -> BigInt,
        last_outcome -> Nullable<Text>,
        last_error -> Nullable<Text>,
        parked_at_us -> Nullable<BigInt>,
        created_at_us -> BigInt,
    }
}

table! {
    outbox_log (outbox_id, entry) {
        outbox_id -> Text,
        entry -> BigInt,
        what -> Text,
        at_us -> BigInt,
        outcome -> Nullable<Text>,
        detail -> Nullable<Text>,
        body -> Nullable<Text>,
        by_whom -> Nullable<Text>,
    }
}

table! {
    inbox (id) {
        id -> Text,
        counterpart -> Text,
        source -> Text,
        message_key -> Text,
        body -> Nullable<Text>,
        state -> Text,
        received_at_us -> BigInt,
        done_at_us -> Nullable<BigInt>,
        error -> Nullable<Text>,
    }
}

table! {
    feed_cursor (counterpart, feed) {
        counterpart -> Text,
        feed -> Text,
        value -> Text,
        updated_at_us -> BigInt,
    }
}

table! {
    lease (name) {
        name -> Text,
        owner -> Text,
        until_us -> BigInt,
        fence -> BigInt,
    }
}

table! {
    personal_look (id) {
        id -> Text,
        leg_id -> Text,
        key_id -> Text,
        counterpart -> Text,
        at_us -> BigInt,
        request_id -> Text,
    }
}

table! {
    person (id) {
        id -> Text,
        username -> Text,
        full_name -> Text,
        title -> Nullable<Text>,
        role -> Text,
        post_office_code -> Nullable<Text>,
        agency_code -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        pin_hash -> Nullable<Text>,
        must_change -> BigInt,
        provider -> Nullable<Text>,
        provider_subject -> Nullable<Text>,
        disabled_at_us -> Nullable<BigInt>,
        created_at_us -> BigInt,
    }
}

table! {
    session (token_sha256) {
        token_sha256 -> Text,
        person_id -> Text,
        csrf -> Text,
        created_at_us -> BigInt,
        seen_at_us -> BigInt,
        ends_at_us -> BigInt,
    }
}

table! {
    sign_in_failure (id) {
        id -> Text,
        subject -> Text,
        at_us -> BigInt,
    }
}

table! {
    audit (id) {
        id -> Text,
        person_id -> Nullable<Text>,
        act -> Text,
        subject -> Nullable<Text>,
        at_us -> BigInt,
        request_id -> Text,
    }
}

table! {
    place (kind, code) {
        kind -> Text,
        code -> Text,
        name -> Text,
        address -> Nullable<Text>,
        parent -> Nullable<Text>,
        level -> Nullable<Text>,
    }
}

table! {
    procedure_list (code, agency_code) {
        code -> Text,
        agency_code -> Text,
        name -> Text,
        papers -> Text,
        fee -> BigInt,
        days -> Nullable<BigInt>,
    }
}

table! {
    evidence_file (sha256) {
        sha256 -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        person_id -> Text,
        at_us -> BigInt,
    }
}

table! {
    own_secret (name) {
        name -> Text,
        value -> Text,
    }
}

table! {
    device_act (id) {
        id -> Text,
        person_id -> Text,
        kind -> Text,
        content_sha256 -> Text,
        result -> Text,
        occurred_at_us -> BigInt,
        recorded_at_us -> BigInt,
    }
}

table! {
    desk_receipt (kind, leg_id) {
        kind -> Text,
        leg_id -> Text,
        agency_code -> Text,
        amount -> Nullable<BigInt>,
        person_id -> Text,
        at_us -> BigInt,
    }
}

table! {
    scan_session (id) {
        id -> Text,
        purpose -> Text,
        post_office_code -> Text,
        agency_code -> Nullable<Text>,
        manifest_id -> Nullable<Text>,
        postman_id -> Nullable<Text>,
        opened_by -> Text,
        opened_at_us -> BigInt,
        closed_by -> Nullable<Text>,
        closed_at_us -> Nullable<BigInt>,
        handover_id -> Nullable<Text>,
    }
}

table! {
    scan (id) {
        id -> Text,
        session_id -> Text,
        code -> Text,
        outcome -> Text,
        leg_id -> Nullable<Text>,
        turn -> Nullable<BigInt>,
        undoes -> Nullable<Text>,
        reason -> Nullable<Text>,
        person_id -> Text,
        occurred_at_us -> BigInt,
        recorded_at_us -> BigInt,
    }
}

table! {
    assignment (id) {
        id -> Text,
        leg_id -> Text,
        post_office_code -> Text,
        postman_id -> Text,
        given_by -> Text,
        given_at_us -> BigInt,
        ended_by -> Nullable<Text>,
        ended_at_us -> Nullable<BigInt>,
        open_leg_id -> Nullable<Text>,
    }
}

table! {
    recovered_paper (leg_id, act_id, paper) {
        leg_id -> Text,
        act_id -> Text,
        paper -> Text,
        outcome -> Text,
        person_id -> Text,
        occurred_at_us -> BigInt,
        recorded_at_us -> BigInt,
    }
}

table! {
    device_file (sent_sha256, person_id) {
        sent_sha256 -> Text,
        person_id -> Text,
        kept_sha256 -> Text,
        at_us -> BigInt,
    }
}

table! {
    device_dismissal (id) {
        id -> Text,
        act_id -> Text,
        person_id -> Text,
        kind -> Text,
        about -> Nullable<Text>,
        code -> Text,
        refusal -> Nullable<Text>,
        reason -> Text,
        occurred_at_us -> BigInt,
        dismissed_at_us -> BigInt,
        recorded_at_us -> BigInt,
    }
}

table! {
    exception_owner (subject) {
        subject -> Text,
        person_id -> Text,
        at_us -> BigInt,
    }
}

table! {
    proposal (id) {
        id -> Text,
        subject -> Text,
        note -> Text,
        state -> Text,
        proposed_by -> Text,
        proposed_at_us -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at_us -> Nullable<BigInt>,
        decision_note -> Nullable<Text>,
    }
}

table! {
    status_rule (id) {
        id -> Text,
        family -> Text,
        raw_code -> Text,
        raw_text -> Text,
        event -> Text,
        reason -> Text,
        valid_from_us -> BigInt,
        state -> Text,
        proposed_by -> Text,
        proposed_at_us -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at_us -> Nullable<BigInt>,
        decision_note -> Nullable<Text>,
    }
}

table! {
    calendar_version (id) {
        id -> Text,
        valid_from -> Text,
        sha256 -> Text,
        loaded_at_us -> BigInt,
        loaded_by -> Nullable<Text>,
    }
}

table! {
    calendar_year (version_id, year) {
        version_id -> Text,
        year -> BigInt,
        source -> Text,
    }
}

table! {
    calendar_week (version_id, whose, weekday) {
        version_id -> Text,
        whose -> Text,
        weekday -> BigInt,
        sessions -> Text,
    }
}

table! {
    calendar_day (version_id, whose, date) {
        version_id -> Text,
        whose -> Text,
        date -> Text,
        kind -> Text,
        sessions -> Text,
        name -> Text,
    }
}

allow_tables_to_appear_in_same_query!(
    api_key,
    idempotency,
    manifest,
    consignment_note,
    note_number,
    leg,
    party,
    custody_event,
    event_detail,
    fact,
    handover,
    handover_line,
    handover_signature,
    discrepancy,
    feed_event,
    webhook,
    outbox,
    outbox_log,
    inbox,
    feed_cursor,
    lease,
    personal_look,
    person,
    session,
    sign_in_failure,
    audit,
    place,
    procedure_list,
    evidence_file,
    own_secret,
    device_act,
    desk_receipt,
    exception_owner,
    proposal,
    status_rule,
    calendar_version,
    calendar_year,
    calendar_week,
    calendar_day,
    clock_turn,
    leg_clock,
    clock_basis,
    case_mark,
    postal_zone,
    book,
    book_entry,
    reconciliation,
    scan_session,
    scan,
    assignment,
    recovered_paper,
    device_file,
    device_dismissal,
);
