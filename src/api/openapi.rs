//! The OpenAPI 3.1 document, made from the list of routes and the schemas of `schemas/`, so that it cannot say something else.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::api::query::{LIMIT_DEFAULT, LIMIT_MAX, Param, Takes};
use crate::api::routes::{Admission, BodyKind, Gives, Route, routes};

/// Schema files with the name under which each stands among the components; an empty name lends only its parts.
const FILES: &[(&str, &str)] = &[
    ("Manifest", include_str!("../../schemas/manifest.schema.json")),
    ("Receipt", include_str!("../../schemas/receipt.schema.json")),
    ("Facts", include_str!("../../schemas/facts.schema.json")),
    ("CaseMarks", include_str!("../../schemas/marks.schema.json")),
    ("Handover", include_str!("../../schemas/handover.schema.json")),
    ("Event", include_str!("../../schemas/event.schema.json")),
    ("Problem", include_str!("../../schemas/problem.schema.json")),
    ("Report", include_str!("../../schemas/report.schema.json")),
    ("", include_str!("../../schemas/api.schema.json")),
];

const DESCRIPTION: &str = "Custody, handover and reconciliation of administrative dossiers between one-stop software and \
the public post. Ghi nhận ai đang giữ hồ sơ, từ lúc nào và theo chữ ký của ai.";

/// The document of this build.
pub(super) fn shared() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(document)
}

/// Makes the document.
pub fn document() -> Value {
    let mut paths = Map::new();
    for route in routes() {
        let path = paths.entry(route.pattern).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(route.method.to_ascii_lowercase(), operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Giao Nhận", "version": env!("CARGO_PKG_VERSION"), "description": DESCRIPTION },
        "paths": paths,
        "components": {
            "schemas": components(),
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key, gnk_…" },
            },
            "responses": { "Problem": {
                "description": "RFC 9457; the code says what is wrong",
                "headers": request_id(),
                "content": {
                    "application/problem+json": { "schema": schema_ref("Problem") },
                    "application/problem+xml": { "schema": { "type": "string" } },
                },
            } },
        },
    })
}

/// Every schema by name. Parts of a file become schemas of their own, and references follow them.
fn components() -> Map<String, Value> {
    let mut out = Map::new();
    for (name, text) in FILES {
        let Ok(Value::Object(mut file)) = serde_json::from_str::<Value>(text) else { continue };
        let parts = file.shift_remove("$defs");
        for member in ["$schema", "$id"] {
            file.shift_remove(member);
        }
        if let Some(Value::Object(parts)) = parts {
            for (part, mut schema) in parts {
                point_to_components(&mut schema, name);
                out.insert(component_name(name, &part), schema);
            }
        }
        // A file whose root only chooses among its parts, and one without a name, have no schema of their own.
        if !name.is_empty() && file.contains_key("type") {
            let mut schema = Value::Object(file);
            point_to_components(&mut schema, name);
            out.insert((*name).to_owned(), schema);
        }
    }
    out.sort_keys();
    out
}

fn component_name(file: &str, part: &str) -> String {
    let (first, rest) = part.split_at_checked(1).unwrap_or((part, ""));
    format!("{file}{}{rest}", first.to_ascii_uppercase())
}

fn point_to_components(schema: &mut Value, file: &str) {
    match schema {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let part = value.as_str().filter(|_| name == "$ref").and_then(|text| text.strip_prefix("#/$defs/"));
                match part.map(|part| component_name(file, part)) {
                    Some(target) => *value = Value::from(format!("#/components/schemas/{target}")),
                    None => point_to_components(value, file),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| point_to_components(item, file)),
        _ => {}
    }
}

fn schema_ref(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn request_id() -> Value {
    json!({ "X-Request-Id": { "description": "The caller's own, or one of ours", "schema": { "type": "string" } } })
}

fn operation(route: &Route) -> Value {
    let mut out = Map::new();
    out.insert("operationId".to_owned(), route.operation.into());
    out.insert("summary".to_owned(), route.summary.into());
    let security = match route.admission {
        Admission::Key(scope) => json!([{ "key": [scope.as_str()] }]),
        Admission::Open | Admission::Counterpart => json!([]),
    };
    out.insert("security".to_owned(), security);
    let parameters: Vec<Value> = path_parameters(route)
        .chain(route.query.iter().map(query_parameter))
        .chain(route.takes_idempotency_key().then(idempotency_key))
        .collect();
    if !parameters.is_empty() {
        out.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(body) = request_body(route) {
        out.insert("requestBody".to_owned(), body);
    }
    out.insert("responses".to_owned(), responses(route));
    Value::Object(out)
}

fn path_parameters(route: &Route) -> impl Iterator<Item = Value> {
    let names = route.pattern.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
}

fn query_parameter(param: &Param) -> Value {
    let text =
        |description: &str| json!({ "type": "string", "minLength": 1, "maxLength": 200, "description": description });
    let schema = match param.takes {
        Takes::Text => text("compared exactly"),
        Takes::DossierNo => text("folded before it is compared"),
        Takes::ItemNumber => text("folded before it is compared"),
        Takes::OneOf(list) => json!({ "enum": list() }),
        Takes::SomeOf(list) => json!({ "type": "array", "items": { "enum": list() } }),
        Takes::Limit => json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT }),
        Takes::After(_) | Takes::AfterEvent => {
            json!({ "type": "string", "description": "a cursor; empty is the beginning" })
        }
    };
    let mut out = json!({ "name": param.name, "in": "query", "required": false, "schema": schema });
    if let (Takes::SomeOf(_), Some(members)) = (param.takes, out.as_object_mut()) {
        members.insert("style".to_owned(), "form".into());
        members.insert("explode".to_owned(), false.into());
    }
    out
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7E]+$" },
    })
}

fn request_body(route: &Route) -> Option<Value> {
    let schema = match route.reads {
        [] => json!({}),
        [only] => schema_ref(only),
        several => json!({ "oneOf": several.iter().map(|name| schema_ref(name)).collect::<Vec<_>>() }),
    };
    let content = match route.body {
        BodyKind::None => return None,
        BodyKind::Json => json!({ "application/json": { "schema": schema } }),
        BodyKind::Manifest => json!({
            "application/json": { "schema": schema },
            "application/xml": { "schema": { "type": "string", "description": "manifest.xsd" } },
            "text/xml": { "schema": { "type": "string", "description": "manifest.xsd" } },
            "text/csv": { "schema": { "type": "string", "description": "manifest-columns.csv" } },
        }),
        BodyKind::Raw => json!({ "*/*": {} }),
    };
    Some(json!({ "required": true, "content": content }))
}

fn responses(route: &Route) -> Value {
    let content = match route.gives {
        Gives::One(name) => json!({ "application/json": { "schema": schema_ref(name) } }),
        Gives::Page(name) => json!({ "application/json": { "schema": page_schema(name) } }),
        Gives::Receipt => json!({
            "application/json": { "schema": schema_ref("Receipt") },
            "application/xml": { "schema": { "type": "string", "description": "receipt.xsd" } },
        }),
        Gives::Other(media_type) => json!({ media_type: {} }),
        Gives::Files(name, media_types) => {
            let mut content = json!({ "application/json": { "schema": schema_ref(name) } });
            if let Some(content) = content.as_object_mut() {
                content.extend(media_types.iter().map(|media_type| ((*media_type).to_owned(), json!({}))));
            }
            content
        }
    };
    let mut out = Map::new();
    let mut done = |status: u16, description: &str| {
        let answer = json!({ "description": description, "headers": request_id(), "content": content });
        out.insert(status.to_string(), answer);
    };
    if route.status == 201 {
        done(200, "It was done before: the first answer");
    }
    done(route.status, "Done");
    for status in refusals(route) {
        out.insert(status.to_string(), json!({ "$ref": "#/components/responses/Problem" }));
    }
    Value::Object(out)
}

fn page_schema(name: &str) -> Value {
    // Items of this list are receipts without their lines (contract 4.4).
    let item = match name {
        "Receipt" => json!({ "type": "object", "description": "a Receipt without lines" }),
        _ => schema_ref(name),
    };
    let next = match name {
        "Event" => json!({ "type": "string" }),
        _ => json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
    };
    json!({
        "type": "object",
        "properties": { "items": { "type": "array", "items": item }, "next": next },
        "required": ["items", "next"],
        "additionalProperties": false,
    })
}

/// Statuses of problems that a route can answer, as they follow from what it is.
fn refusals(route: &Route) -> Vec<u16> {
    let keyed = matches!(route.admission, Admission::Key(_));
    let reads = route.body != BodyKind::None;
    let changes = route.method != "GET" && keyed;
    let conditions = [
        (400, keyed || reads),
        (401, route.admission != Admission::Open),
        (403, keyed),
        (404, route.pattern.contains('{')),
        (409, changes),
        (413, reads),
        (415, reads),
        (422, changes),
        (429, keyed),
        (500, true),
        (503, true),
    ];
    conditions.into_iter().filter(|(_, holds)| *holds).map(|(status, _)| status).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn refs(value: &Value, out: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str().filter(|_| name == "$ref") {
                        Some(target) => drop(out.insert(target.to_owned())),
                        None => refs(value, out),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| refs(item, out)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = BTreeSet::new();
        refs(&document, &mut found);
        assert!(found.len() > 20);
        for target in found {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
    }

    #[test]
    fn every_route_stands_in_it() {
        let document = document();
        for route in routes() {
            let operation = &document["paths"][route.pattern][route.method.to_ascii_lowercase()];
            assert_eq!(operation["operationId"], route.operation);
        }
    }

    #[test]
    fn the_committed_document_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/generated/openapi.json");
        let expected = format!("{:#}\n", document());
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        // How to make it anew: the written file is the fix, and the test fails once.
        if committed != expected {
            std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/generated")).unwrap();
            std::fs::write(path, &expected).unwrap();
            panic!("schemas/generated/openapi.json was out of date; it has been written anew, commit it");
        }
    }
}
