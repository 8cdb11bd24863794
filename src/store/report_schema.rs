//! Columns of cuts and of figures from outside, in the order of the migrations.

use diesel::table;

table! {
    report_cut (id) {
        id -> Text,
        definition -> Text,
        version -> BigInt,
        from_date -> Text,
        until_date -> Text,
        agency_code -> Nullable<Text>,
        post_office_code -> Nullable<Text>,
        as_of_us -> BigInt,
        calendar -> Text,
        value -> Text,
        sha256 -> Text,
        made_by -> Text,
        made_at_us -> BigInt,
    }
}

table! {
    outside_figure (id) {
        id -> Text,
        figure -> Text,
        from_date -> Text,
        until_date -> Text,
        agency_code -> Text,
        procedure_code -> Text,
        field -> Text,
        post_office_code -> Text,
        value -> BigInt,
        source -> Text,
        entered_by -> Text,
        entered_at_us -> BigInt,
    }
}
