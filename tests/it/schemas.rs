//! The documents of `check` and `diff` fit the schemas in `docs/schema`, which know no field that is never there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::common::{directory, root, schema::mismatches};

fn document(directory: &Path, line: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(line.split(' '))
        .current_dir(directory)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"))
}

fn schema(name: &str) -> Value {
    let path = root().join(format!("docs/schema/{name}.schema.json"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The fields that have a value in a document, by what leads to them; `*` stands for the place in a list.
fn filled(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                filled(inner, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for inner in items {
                filled(inner, &format!("{path}/*"), found);
            }
        }
        Value::Null => return,
        _ => {}
    }
    found.insert(path.to_owned());
}

/// The same of a schema: the fields that it knows.
fn known(part: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = part["$ref"].as_str() {
        let inner = schema.pointer(name.strip_prefix('#').unwrap()).unwrap();
        return known(inner, schema, path, found);
    }
    found.insert(path.to_owned());
    for inner in part["anyOf"].as_array().into_iter().flatten() {
        if inner["type"] != "null" {
            known(inner, schema, path, found);
        }
    }
    for (name, inner) in part["properties"].as_object().into_iter().flatten() {
        known(inner, schema, &format!("{path}/{name}"), found);
    }
    if !part["items"].is_null() {
        known(&part["items"], schema, &format!("{path}/*"), found);
    }
}

/// Holds documents against their schema, both ways.
fn fit(name: &str, documents: &[Value]) {
    let schema = schema(name);
    let (mut of_schema, mut of_documents) = (BTreeSet::new(), BTreeSet::new());
    known(&schema, &schema, "", &mut of_schema);
    for document in documents {
        let mut found = Vec::new();
        mismatches(&schema, &schema, document, "", &mut found);
        assert!(found.is_empty(), "{name}: {found:#?}");
        filled(document, "", &mut of_documents);
    }
    let unseen: Vec<&String> = of_schema.difference(&of_documents).collect();
    assert!(unseen.is_empty(), "{name}: no document has {unseen:#?}");
    let mut broken = documents[0].clone();
    broken["version"] = "one".into();
    broken["extra"] = 1.into();
    broken.as_object_mut().unwrap().remove("tool");
    let mut found = Vec::new();
    mismatches(&schema, &schema, &broken, "", &mut found);
    assert!(found.len() >= 2, "{found:?}");
}

#[test]
fn check() {
    let tree = directory(&[
        (
            "t/apparmor.d/web",
            "abi <abi/3.0>,\nprofile web {\n  include <abstractions/own>\n  include \"t/apparmor.d/part\"\n  deny /bin/** ix,\n  /srv/** r\n}\n",
        ),
        ("t/apparmor.d/abstractions/own", "  deny /etc/x ix,\n"),
        ("t/apparmor.d/part", "  /srv/@{UNKNOWN}/** r,\n"),
        (
            "t/apparmor.d/large",
            &format!("profile large {{\n{}}}\n", "# long\n".repeat(1_300_000)),
        ),
        ("t/compose.yaml", "services: [\n"),
        ("outside/file", ""),
    ]);
    std::os::unix::fs::symlink(tree.path().join("outside"), tree.path().join("t/link")).unwrap();
    let found = document(tree.path(), "check --format json t");
    assert_eq!(found["summary"]["unjudged"], 1);
    assert_eq!(found["unwalked"][0], "t/link");
    let idle = document(tree.path(), "check --format json outside");
    fit("check", &[found, idle]);
}

#[test]
fn diff() {
    let tree = directory(&[
        (
            "old/web",
            "abi <abi/3.0>,\nprofile web /srv/web {\n  /srv/** r,\n  /bin/a px -> b,\n  include <abstractions/own>\n  include <gone/a>\n}\n",
        ),
        ("old/gone", "profile gone /srv/gone {\n}\n"),
        (
            "old/name",
            "profile before /srv/name {\n  /srv/name/** rw,\n}\n",
        ),
        (
            "old/large",
            &format!("profile large {{\n{}}}\n", "# long\n".repeat(1_300_000)),
        ),
        (
            "old/abstractions/own",
            "  /etc/own r,\n  /srv/@{UNKNOWN} r,\n",
        ),
        (
            "new/web",
            "abi <abi/3.0>,\nprofile web /srv/web flags=(attach_disconnected) {\n  /srv/** rw,\n  /bin/a px -> c,\n  include <abstractions/own>\n  set rlimit nofile <= 3,\n  /run/docker.sock rw,\n  include <gone/a>\n}\n",
        ),
        (
            "new/name",
            "profile after /srv/name {\n  /srv/name/** rw,\n}\n",
        ),
        ("new/abstractions/own", "  audit /etc/own rw,\n"),
    ]);
    let found = document(tree.path(), "diff --exact --format json old new");
    let back = document(tree.path(), "diff --exact --format json new old");
    fit("diff", &[found, back]);
}
