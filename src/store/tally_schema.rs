//! The tables of roll-ups as Diesel sees them.

use diesel::prelude::{allow_tables_to_appear_in_same_query, table};

use crate::store::schema::leg;

table! {
    tally_due (leg_id) {
        leg_id -> Text,
        changes -> BigInt,
    }
}

table! {
    tally_basis (name) {
        name -> Text,
        basis -> Text,
        round -> BigInt,
        rolled_up_at_us -> BigInt,
    }
}

table! {
    leg_tally (leg_id, measure, day, cause) {
        leg_id -> Text,
        measure -> Text,
        day -> Text,
        cause -> Text,
        amount -> BigInt,
    }
}

table! {
    tally_by_procedure (span, measure, agency_code, procedure_code, kind) {
        span -> Text,
        measure -> Text,
        agency_code -> Text,
        procedure_code -> Text,
        kind -> Text,
        legs -> BigInt,
        amount -> BigInt,
    }
}

table! {
    tally_by_office (span, measure, agency_code, post_office_code, kind, cause) {
        span -> Text,
        measure -> Text,
        agency_code -> Text,
        post_office_code -> Text,
        kind -> Text,
        cause -> Text,
        legs -> BigInt,
        amount -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(leg, leg_tally);
