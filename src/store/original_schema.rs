//! The tables of lent originals as Diesel sees them.

use diesel::prelude::table;

table! {
    original_due (leg_id) {
        leg_id -> Text,
        changes -> BigInt,
    }
}

table! {
    lent_original (leg_id, paper, part) {
        leg_id -> Text,
        paper -> Text,
        part -> BigInt,
        dossier_no -> Nullable<Text>,
        agency_code -> Text,
        quantity -> BigInt,
        lent_at_us -> BigInt,
        standing -> Text,
        since_us -> BigInt,
        result_leg_id -> Nullable<Text>,
    }
}

table! {
    original_return (id) {
        id -> Text,
        leg_id -> Text,
        paper -> Text,
        quantity -> BigInt,
        outcome -> Text,
        person_id -> Text,
        note -> Nullable<Text>,
        at_us -> BigInt,
    }
}
