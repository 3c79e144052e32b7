//! The schemas in `docs/schema` are those of the types that write the documents. The documents fit them, and no field is
//! known that is never there. Places have one form and one order in all documents.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::common::schema::{assert_fits, mismatches, schema};
use crate::common::{aalint, directory, files, generated, root};

fn document(directory: &Path, line: &str) -> Value {
    let words: Vec<String> = line.split(' ').map(|word| word.replace('#', " ")).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let output = aalint(directory, &words);
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"))
}

#[test]
fn schemas_are_fresh() {
    let mut names: BTreeSet<String> = BTreeSet::from(["aalint".to_owned()]);
    for (name, schema) in aalint::report::schemas() {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        generated(&format!("docs/schema/{name}.schema.json"), &text);
        names.insert(name.to_owned());
    }
    // Without the feature `verify` its documents are not known.
    for path in files(&root().join("docs/schema"), "json") {
        let file = path.file_name().unwrap().to_str().unwrap();
        let name = file.strip_suffix(".schema.json").unwrap();
        assert!(
            names.contains(name) || cfg!(not(feature = "verify")),
            "{file} is the schema of no document"
        );
    }
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
        assert_eq!(document["document"], name);
        assert_fits(document);
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
        ("t/apparmor.d/tunables/global", ""),
        ("t/apparmor.d/abi/3.0", ""),
        ("t/apparmor.d/keys", "profile keys {\n  /etc/shadow r,\n}\n"),
        ("t/apparmor.d/abstractions/own", "  deny /etc/x ix,\n"),
        ("t/apparmor.d/part", "  /srv/@{UNKNOWN}/** r,\n"),
        (
            "t/apparmor.d/large",
            &format!("profile large {{\n{}}}\n", "# long\n".repeat(1_300_000)),
        ),
        ("t/compose.yaml", "services: [\n"),
        ("outside/file", ""),
    ]);
    let part = tree.path().join("t/apparmor.d/part");
    let web = format!(
        "abi <abi/3.0>,\nprofile web {{\n  include <abstractions/own>\n  include \"{}\"\n  deny /bin/** ix,\n  /srv/** r\n}}\n",
        part.display()
    );
    std::fs::write(tree.path().join("t/apparmor.d/web"), web).unwrap();
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

#[test]
fn query() {
    let tree = directory(&[
        ("abstractions/own", "  /srv/** r,\n"),
        (
            "web",
            "abi <abi/3.0>,\nprofile web {\n  include <abstractions/own>\n  deny /srv/x r,\n}\n",
        ),
        ("gap", "profile gap {\n  include <gone>\n}\n"),
        (
            "shop/profile",
            "abi <abi/3.0>,\nprofile shop flags=(attach_disconnected) {\n  /bin/x r,\n}\n",
        ),
        ("shop/Dockerfile", "FROM debian:12\nCMD [\"sh\"]\n"),
    ]);
    let line = "query --isolated --base . --format json shop/profile /bin/x#r";
    let followed = document(tree.path(), line);
    assert_eq!(followed["decisions"][0]["followed"]["real"], "/usr/bin/x");
    assert_eq!(followed["decisions"][0]["outcome"], "unmatched");
    let line = "query --isolated --base . --format json web /var/run/x#r /srv/x#r";
    let web = "abi <abi/3.0>,\nprofile web {\n  deny /srv/x r,\n  /run/x r,\n}\n";
    std::fs::write(tree.path().join("links"), web).unwrap();
    let links = document(tree.path(), &line.replace("web", "links"));
    assert_eq!(links["decisions"][0]["elsewhere"][0]["outcome"], "allowed");
    let line = "query --isolated --base . --format json web /srv/**#r";
    let found = document(tree.path(), line);
    assert_eq!(found["decisions"][0]["outcome"], "partly");
    let line = "query --isolated --base . --format json gap /etc/x#r";
    let gap = document(tree.path(), line);
    assert_eq!(gap["decisions"][0]["outcome"], "unknown");
    fit("query", &[found, gap, followed, links]);
}

#[test]
fn show() {
    let tree = directory(&[
        (
            "abstractions/own",
            "  /srv/** rw,\n  /etc/shadow r,\n  deny /srv/x w,\n",
        ),
        (
            "abstractions/part",
            "  include <gone>\n  /srv/@{UNKNOWN}/** r,\n",
        ),
        (
            "web",
            "abi <abi/3.0>,\nprofile web /bin/web {\n  include <abstractions/own>\n \n  /bin/a px -> b,\n  signal receive set=(term) peer=unconfined,\n  capability net_raw,\n  mount,\n\n  profile c {\n  }\n}\n",
        ),
        ("gap", "profile gap {\n  include <abstractions/part>\n}\n"),
    ]);
    let found = document(tree.path(), "show --isolated --base . --format json web");
    assert_eq!(found["topics"][0]["topic"], "mount");
    assert_eq!(found["denials"][0]["overrides"], "/srv/x w");
    let gap = document(tree.path(), "show --isolated --base . --format json gap");
    assert_eq!(gap["absent"].as_array().unwrap().len(), 0);
    assert_eq!(gap["unknown"][0]["text"], "include <gone>");
    fit("show", &[found, gap]);
}

#[test]
fn graph() {
    let tree = directory(&[
        ("abstractions/own", "  /bin/a px -> b,\n  /bin/c Ux,\n"),
        (
            "web",
            "include <gone>\nprofile web /bin/web {\n  include <abstractions/own>\n}\nprofile b flags=(complain) {\n}\nprofile lone {\n  if $unknown {\n    /a r,\n  }\n}\n",
        ),
    ]);
    let line = "graph --isolated --base . --format json --to unconfined web";
    let found = document(tree.path(), line);
    fit("graph", &[found]);
}

/// Where the values of all fields of this name are, in the order of the document.
fn fields<'d>(value: &'d Value, name: &str, found: &mut Vec<&'d Value>) {
    match value {
        Value::Object(inner) => {
            found.extend(inner.get(name));
            inner.values().for_each(|value| fields(value, name, found));
        }
        Value::Array(items) => items.iter().for_each(|value| fields(value, name, found)),
        _ => {}
    }
}

/// A rule that two includes lead to. The document of `verify` takes its rules from the same types as that of audit records.
#[test]
fn includes_lead_from_the_nearest_outwards() {
    let files = |rule: &str| {
        directory(&[
            (
                "old/web",
                "abi <abi/3.0>,\nprofile web /bin/web {\n  include <outer>\n}\n",
            ),
            (
                "new/web",
                "abi <abi/3.0>,\nprofile web /bin/web {\n  include <outer>\n}\n",
            ),
            ("old/tunables/global", ""),
            ("new/tunables/global", ""),
            ("old/outer", "  include <inner>\n"),
            ("new/outer", "\n  include <inner>\n"),
            ("old/inner", ""),
            ("new/inner", rule),
            (
                "log",
                "audit: type=1400 audit(1700000000.123:41): apparmor=\"DENIED\" operation=\"exec\" class=\"file\" profile=\"web\" name=\"/etc/x\" pid=77 comm=\"x\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0\n",
            ),
        ])
    };
    let granting = files("  /bin/b Ux,\n");
    let denying = files("  deny /etc/x ix,\n  deny /etc/x r,\n");
    let base = "--isolated --base new";
    let commands = [
        (
            &granting,
            format!("query {base} --format json new/web /bin/b#x"),
        ),
        (&granting, format!("graph {base} --format json new/web")),
        (
            &granting,
            "diff --isolated --format json old new".to_owned(),
        ),
        (&denying, format!("check {base} --format json new/web")),
        (
            &denying,
            format!("audit {base} --format json log --policy new/web"),
        ),
    ];
    for (tree, line) in commands {
        let found = document(tree.path(), &line);
        assert_fits(&found);
        let mut chains = Vec::new();
        fields(&found, "includedFrom", &mut chains);
        chains.retain(|chain| **chain != Value::Array(Vec::new()));
        assert!(!chains.is_empty(), "{line}: {found:#}");
        for chain in chains {
            let places = chain.as_array().unwrap().iter().map(|place| {
                let fields: Vec<&String> = place.as_object().unwrap().keys().collect();
                assert_eq!(fields, ["path", "range"], "{line}");
                let start = &place["range"]["start"];
                (
                    place["path"].as_str().unwrap(),
                    start["line"].as_u64().unwrap(),
                )
            });
            let places: Vec<(&str, u64)> = places.collect();
            assert_eq!(places, [("new/outer", 2), ("new/web", 3)], "{line}");
        }
    }
}
