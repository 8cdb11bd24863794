//! The tables of the books of others, and of their comparisons, as Diesel sees them.

use diesel::prelude::table;

table! {
    book (id) {
        id -> Text,
        side -> Text,
        counterpart -> Text,
        from_day -> Text,
        until_day -> Text,
        as_of_us -> BigInt,
        complete -> BigInt,
        covers -> Text,
        source -> Text,
        content_sha256 -> Text,
        entries -> BigInt,
        refused -> BigInt,
        taken_at_us -> BigInt,
        taken_by -> Nullable<Text>,
    }
}

table! {
    book_entry (side, counterpart, entry_key) {
        side -> Text,
        counterpart -> Text,
        entry_key -> Text,
        book_id -> Text,
        line_no -> BigInt,
        as_of_us -> BigInt,
        day -> Text,
        says -> Text,
        said_at_us -> Nullable<BigInt>,
        raw_code -> Nullable<Text>,
        leg_id -> Nullable<Text>,
        item_number -> Nullable<Text>,
        item_sound -> Nullable<BigInt>,
        dossier_no -> Nullable<Text>,
        leg_kind -> Nullable<Text>,
        agency_code -> Nullable<Text>,
        originals -> Nullable<BigInt>,
        copies -> Nullable<BigInt>,
        seal_no -> Nullable<Text>,
        receiver_sha256 -> Nullable<Text>,
        fee -> Nullable<BigInt>,
        filed_by_post -> Nullable<BigInt>,
        result_by_post -> Nullable<BigInt>,
        sent_on -> Nullable<Text>,
    }
}

table! {
    reconciliation (id) {
        id -> Text,
        side -> Text,
        counterpart -> Text,
        from_day -> Text,
        until_day -> Text,
        as_of_us -> BigInt,
        totals -> Text,
        sha256 -> Text,
        run_at_us -> BigInt,
        run_by -> Nullable<Text>,
    }
}
