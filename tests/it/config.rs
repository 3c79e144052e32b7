//! The configuration: its schema is fresh, its documentation true, and no text breaks its reader.

use crate::common;
use aalint::config;
use aalint::containers::{self, Manifest};
use aalint::source::FileId;
use proptest::prelude::*;

#[test]
fn schema_is_fresh() {
    let text = serde_json::to_string_pretty(&config::schema()).unwrap() + "\n";
    common::generated("docs/schema/aalint.schema.json", &text);
}

#[test]
fn documented_examples_are_read_and_every_key_is_documented() {
    let text = std::fs::read_to_string(common::root().join("docs/configuration.md")).unwrap();
    let mut examples = 0;
    for part in text.split("```toml\n").skip(1) {
        let example = part.split("```").next().unwrap();
        let (_, faults) = config::read(example);
        assert!(faults.is_empty(), "{faults:?} in\n{example}");
        examples += 1;
    }
    assert!(examples >= 3);
    let schema = config::schema();
    for key in schema["properties"].as_object().unwrap().keys() {
        assert!(
            text.contains(&format!("`{key}`")) || text.contains(&format!("[{key}]")),
            "`{key}` is not documented"
        );
    }
}

#[test]
fn faults_have_places() {
    let text = "pedantic = \"yes\"\nbsae = \"x\"\n[lint.severity]\nAA1 = \"fatal\"\n[[override]]\nignore = []\n";
    let (_, faults) = config::read(text);
    let places: Vec<&str> = faults
        .iter()
        .map(|fault| &text[fault.range.start as usize..fault.range.end as usize])
        .collect();
    assert!(
        places.contains(&"\"yes\"") && places.contains(&"bsae") && places.contains(&"\"fatal\""),
        "{places:?}"
    );
    assert_eq!(faults.len(), 4, "{faults:?}");
}

proptest! {
    #[test]
    fn no_text_breaks_a_reader(text in "\\PC{0,200}", lines in "([a-z\\[\\]{}:=&*\"' \\n-]){0,200}") {
        for text in [text, lines] {
            let _ = config::read(&text);
            let _ = containers::read(Manifest::Compose, FileId(0), &text);
            let _ = containers::read(Manifest::Kubernetes, FileId(0), &text);
        }
    }
}

#[test]
fn faults_of_a_container_have_places() {
    let text = "[verify]\nprofile = \"web\"\nimage = \"web\"\nbuild = \".\"\nport = 70000\nstatus = \"ok\"\n\
                request = \"no path\"\nvolumes = [\"/srv\", \"data:/srv:ro\"]\nendpoint = \"docker.sock\"\n\
                environment = [\"A=1\"]\nprivileged = 1\nprots = 2\n";
    let (_, faults) = config::read(text);
    let places: Vec<&str> = faults
        .iter()
        .map(|fault| &text[fault.range.start as usize..fault.range.end as usize])
        .collect();
    for place in [
        "\"web\"",
        "70000",
        "\"ok\"",
        "\"no path\"",
        "\"/srv\"",
        "\"docker.sock\"",
        "[\"A=1\"]",
        "1",
        "prots",
    ] {
        assert!(places.contains(&place), "{place}: {places:?}");
    }
    assert_eq!(faults.len(), 9, "{faults:?}");
    let (config, faults) = config::read("[verify]\nprofile = \"web\"\nimage = \"web\"\n");
    assert!(config.verify.unwrap().container.is_none());
    assert_eq!(faults.len(), 1, "the port is missing: {faults:?}");
    let (config, faults) = config::read(
        "[verify]\nprofile = \"web\"\nbuild = \".\"\nport = 80\n[verify.environment]\nA = \"1\"\n",
    );
    assert!(faults.is_empty(), "{faults:?}");
    let container = config.verify.unwrap().container.unwrap();
    assert_eq!(
        (container.port, container.status, container.request.as_str()),
        (80, 200, "/")
    );
    assert_eq!(container.environment, [("A".to_owned(), "1".to_owned())]);
}
