//! The tables of alerts as Diesel sees them, in the order of the migrations.

use diesel::table;

table! {
    alert (id) {
        id -> Text,
        kind -> Text,
        subject -> Text,
        open_key -> Nullable<Text>,
        opened_at_us -> BigInt,
        last_seen_at_us -> BigInt,
        cleared_at_us -> Nullable<BigInt>,
        evidence -> Text,
        acknowledged_by -> Nullable<Text>,
        acknowledged_at_us -> Nullable<BigInt>,
        note -> Nullable<Text>,
    }
}

table! {
    alert_basis (id) {
        id -> BigInt,
        watched_since_us -> BigInt,
        round_at_us -> BigInt,
        counted_until_us -> BigInt,
    }
}

table! {
    heard (quarter_at_us, counterpart, way) {
        quarter_at_us -> BigInt,
        counterpart -> Text,
        way -> Text,
        side -> Text,
        amount -> BigInt,
    }
}

table! {
    heard_norm (counterpart, way) {
        counterpart -> Text,
        way -> Text,
        side -> Text,
        last_at_us -> BigInt,
        gap_us -> Nullable<BigInt>,
        p99 -> Nullable<BigInt>,
    }
}
