//! Days and instants inside a stored report: `2026-11-22` and RFC 3339.

macro_rules! spelled {
    ($name:ident, $type:ty, $write:expr, $read:expr, $what:literal) => {
        pub(super) mod $name {
            use serde::{Deserialize, Deserializer, Serializer, de::Error};

            pub(in crate::report) fn serialize<S: Serializer>(value: &$type, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&($write)(value))
            }

            pub(in crate::report) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
                let text = String::deserialize(from)?;
                ($read)(&text).ok_or_else(|| D::Error::custom($what))
            }
        }
    };
}

spelled!(
    day,
    chrono::NaiveDate,
    |day: &chrono::NaiveDate| day.format("%Y-%m-%d").to_string(),
    crate::base::time::parse_date,
    "no date"
);
spelled!(
    instant,
    crate::base::time::Ts,
    |at: &crate::base::time::Ts| at.to_rfc3339(),
    crate::base::time::Ts::parse_rfc3339,
    "no instant"
);

pub(super) mod day_or_none {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::base::time::parse_date;

    pub(in crate::report) fn serialize<S: Serializer>(day: &Option<NaiveDate>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.serialize_str(&day.format("%Y-%m-%d").to_string()),
            None => to.serialize_none(),
        }
    }

    pub(in crate::report) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveDate>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| parse_date(&text).ok_or_else(|| D::Error::custom("no date"))).transpose()
    }
}
