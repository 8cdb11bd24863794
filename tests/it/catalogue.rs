//! The catalogue of problems: the codes of contract 10 with their statuses, no other, each with texts in both languages; and the
//! OpenAPI document that tells of them.

use crate::support::{Office, Options, TestStore};
use giaonhan::api::openapi;
use giaonhan::api::routes::{Admission, routes};
use giaonhan::domain::problem::CATALOGUE as OURS;
use serde_json::Value;
use std::collections::BTreeMap;

/// Contract 10, as it is written there; `SIGNATURE_INVALID` and `BODY_TIMEOUT` came with hooks and stalling bodies (8, 1).
const CATALOGUE: &[(u16, &str)] = &[
    (400, "BODY_NOT_READABLE XML_DTD_FORBIDDEN QUERY_INVALID CURSOR_INVALID IDEMPOTENCY_KEY_INVALID"),
    (401, "KEY_MISSING KEY_INVALID"),
    (403, "SCOPE_MISSING AGENCY_OUT_OF_SCOPE NOT_YOUR_SIDE"),
    (404, "NOT_FOUND"),
    (405, "METHOD_NOT_ALLOWED"),
    (
        409,
        "IDEMPOTENCY_KEY_REUSED REQUEST_IN_PROGRESS MANIFEST_NO_REUSED STALE_REVISION LEG_STATE LINES_UNCOUNTED HANDOVER_CHANGED \
         ALREADY_SIGNED HANDOVER_CLOSED DISCREPANCY_RESOLVED OUTBOX_NOT_PARKED",
    ),
    (413, "BODY_TOO_LARGE TOO_MANY_LINES"),
    (415, "MEDIA_TYPE_UNSUPPORTED CHARSET_UNSUPPORTED CONTENT_ENCODING_UNSUPPORTED"),
    (422, "MANIFEST_REFUSED HANDOVER_REFUSED BODY_INVALID"),
    (429, "TOO_MANY_REQUESTS"),
    (500, "INTERNAL"),
    (503, "UNAVAILABLE"),
];

/// Codes that stand in `problems` of another answer.
const IN_PROBLEMS: &str = "FIELD_MISSING FIELD_INVALID FIELD_UNKNOWN TOTALS_MISMATCH MANIFEST_EMPTY XML_NAMESPACE_UNKNOWN \
    HEADER_VARIES FIELD_NOT_ALLOWED DOSSIER_NUMBER_INVALID PHONE_INVALID TEXT_DAMAGED ROW_WIDTH DUPLICATE_IN_MANIFEST \
    LEG_ALREADY_OPEN LINE_ALREADY_TAKEN COUNT_CONTRADICTS_OUTCOME LEG_NOT_HELD_BY_GIVER LEG_IN_OTHER_HANDOVER NOT_FOUND \
    ITEM_NUMBER_CHECK_DIGIT ITEM_NUMBER_FOREIGN PHONE_OLD_FORM PHONE_MISSING ADDRESS_UNRESOLVED TEXT_LIKE_FORMULA \
    SECOND_SUPPLEMENT TIME_IN_FUTURE";

#[test]
fn the_catalogue_is_that_of_the_contract() {
    let known: BTreeMap<&str, Option<u16>> = OURS.iter().map(|row| (row.text, row.status)).collect();
    for (status, codes) in CATALOGUE {
        for code in codes.split_whitespace() {
            assert_eq!(known.get(code), Some(&Some(*status)), "{code}");
        }
    }
    for code in IN_PROBLEMS.split_whitespace() {
        assert!(known.contains_key(code), "{code} is not in the catalogue");
    }
    for row in OURS {
        assert!(row.title_en != row.title_vi && !row.title_vi.is_empty(), "{}", row.text);
    }
}

#[test]
fn the_document_tells_of_every_route_and_is_the_one_that_is_served() {
    let store = TestStore::sqlite();
    let office = Office::start(&store, Options::default());
    let served = office.desk().get("/v1/openapi.json").expect(200).json();
    assert_eq!(served, openapi::document());
    let committed: Value = serde_json::from_str(include_str!("../../schemas/generated/openapi.json")).unwrap();
    assert_eq!(served, committed);
    assert!(served["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = served["paths"].as_object().unwrap();
    let told: usize = paths.values().map(|methods| methods.as_object().unwrap().len()).sum();
    assert_eq!(told, routes().len());
    for route in routes() {
        let operation = &paths[route.pattern][route.method.to_ascii_lowercase()];
        let what = format!("{} {}", route.method, route.pattern);
        let statuses: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        let has = |status: &str| statuses.iter().any(|each| *each == status);
        let keyed = matches!(route.admission, Admission::Key(_));
        assert_eq!(has("401") && has("403"), keyed, "{what}: {statuses:?}");
        assert!(has(&route.status.to_string()), "{what}: {statuses:?}");
        let parameters = operation["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        let named = |name: &str| parameters.iter().any(|each| each["name"] == name);
        assert_eq!(named("Idempotency-Key"), route.method == "POST" && keyed, "{what}");
        assert_eq!(named("id"), route.pattern.contains("{id}"), "{what}");
    }
}
