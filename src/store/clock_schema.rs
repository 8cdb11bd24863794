//! The tables of legal clocks, case marks and postal zones, as Diesel sees them.

use diesel::prelude::table;

table! {
    clock_turn (leg_id) {
        leg_id -> Text,
        due_at_us -> Nullable<BigInt>,
        derived_at_us -> Nullable<BigInt>,
        version -> BigInt,
    }
}

table! {
    leg_clock (leg_id, clock) {
        leg_id -> Text,
        clock -> Text,
        status -> Text,
        unknown -> Nullable<Text>,
        started_at_us -> Nullable<BigInt>,
        restarts -> BigInt,
        due_at_us -> Nullable<BigInt>,
        ended_at_us -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        pauses -> Text,
        used_citizen_us -> Nullable<BigInt>,
        used_post_us -> Nullable<BigInt>,
        used_agency_us -> Nullable<BigInt>,
        used_unknown_us -> Nullable<BigInt>,
        calendar -> Text,
        flag -> Nullable<Text>,
    }
}

table! {
    clock_basis (id) {
        id -> BigInt,
        settings -> Text,
        walk_after -> Nullable<Text>,
    }
}

table! {
    case_mark (id) {
        id -> Text,
        counterpart -> Text,
        mark_id -> Text,
        sha256 -> Text,
        agency_code -> Text,
        dossier_no -> Text,
        leg_kind -> Text,
        mark -> Text,
        occurred_at_us -> BigInt,
        date -> Nullable<Text>,
        reference -> Nullable<Text>,
        person_id -> Nullable<Text>,
        recorded_at_us -> BigInt,
    }
}

table! {
    postal_zone (place) {
        place -> Text,
        province -> Text,
        zone -> Text,
        class -> Text,
    }
}
