//! Documents and their schemas.

use serde_json::Value;

use super::root;

/// The schema of a document.
pub fn schema(name: &str) -> Value {
    let path = root().join(format!("docs/schema/{name}.schema.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Holds a document against its schema, which it names itself.
pub fn assert_fits(document: &Value) {
    let name = document["document"]
        .as_str()
        .expect("a document has a name");
    let (schema, mut found) = (schema(name), Vec::new());
    mismatches(&schema, &schema, document, "", &mut found);
    assert!(found.is_empty(), "{name}: {found:#?}");
}

/// Reads a document, which has to fit its schema.
pub fn document(bytes: &[u8]) -> Value {
    let text = String::from_utf8_lossy(bytes);
    let document = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_fits(&document);
    document
}

/// What a document has and its schema does not, or the other way round, as paths.
pub fn mismatches(
    schema: &Value,
    root: &Value,
    value: &Value,
    path: &str,
    found: &mut Vec<String>,
) {
    if let Some(name) = schema["$ref"].as_str() {
        let inner = name.strip_prefix('#').and_then(|path| root.pointer(path));
        let inner = inner.expect("a definition");
        return mismatches(inner, root, value, path, found);
    }
    if let Some(alternatives) = schema["anyOf"].as_array() {
        let fits = alternatives.iter().any(|inner| {
            let mut wrong = Vec::new();
            mismatches(inner, root, value, path, &mut wrong);
            wrong.is_empty()
        });
        if !fits {
            found.push(format!("{path}: fits nothing"));
        }
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_of_kind = match &schema["type"] {
        Value::String(wanted) => wanted == kind,
        Value::Array(wanted) => wanted.iter().any(|wanted| wanted == kind),
        _ => true,
    };
    let is_listed = schema["enum"]
        .as_array()
        .is_none_or(|all| all.contains(value));
    let is_listed = is_listed && (schema["const"].is_null() || schema["const"] == *value);
    if !is_of_kind || !is_listed {
        found.push(format!("{path}: {value}"));
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        mismatches(&schema["items"], root, item, &format!("{path}/{at}"), found);
    }
    let Some(object) = value.as_object() else {
        return;
    };
    for (key, item) in object {
        match schema["properties"].get(key) {
            Some(inner) => mismatches(inner, root, item, &format!("{path}/{key}"), found),
            // Any name may be a key of such an object.
            None if schema["additionalProperties"].is_object() => {
                let inner = &schema["additionalProperties"];
                mismatches(inner, root, item, &format!("{path}/{key}"), found);
            }
            None => found.push(format!("{path}/{key}: not in the schema")),
        }
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        if !object.contains_key(key.as_str().unwrap()) {
            found.push(format!("{path}/{key}: missing"));
        }
    }
}
