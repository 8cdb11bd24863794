//! Columns of cuts, of figures from outside and of reports that leave by themselves, in the order of the migrations.

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

table! {
    report_schedule (name) {
        name -> Text,
        since_us -> BigInt,
    }
}

table! {
    report_run (cut_id) {
        cut_id -> Text,
        schedule -> Text,
        definition -> Text,
        period -> Text,
        from_date -> Text,
        until_date -> Text,
        agency_code -> Nullable<Text>,
        post_office_code -> Nullable<Text>,
        due_at_us -> Nullable<BigInt>,
        made_at_us -> BigInt,
        targets -> Text,
    }
}
