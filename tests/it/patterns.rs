//! The patterns that are part of the program are patterns, and those with an example match it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use aalint::glob::Nfa;
use aalint::lang::files::{
    CONTAINER_SOCKETS, ETC, Files, HELPERS, HOST_KERNEL, POLICY_ADMIN, RAW_DEVICES, SECRETS,
    SWITCHES,
};
use aalint::lang::interpreters::INTERPRETERS;

use crate::common::{files_below, root};

const LISTS: &[(&str, &[Files])] = &[
    ("CONTAINER_SOCKETS", CONTAINER_SOCKETS),
    ("ETC", ETC),
    ("HELPERS", HELPERS),
    ("HOST_KERNEL", HOST_KERNEL),
    ("POLICY_ADMIN", POLICY_ADMIN),
    ("RAW_DEVICES", RAW_DEVICES),
    ("SECRETS", SECRETS),
    ("SWITCHES", SWITCHES),
];

fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let paths = files_below(&root().join(below)).into_iter();
    paths
        .filter(|path| path.extension() == Some("rs".as_ref()))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect()
}

fn check(pattern: &str, example: Option<&str>, place: &str) {
    let nfa = Nfa::path(pattern);
    let nfa = nfa.unwrap_or_else(|fault| panic!("{place}: `{pattern}`: {fault:?}"));
    if let Some(example) = example {
        assert!(
            nfa.matches(example.as_bytes()),
            "{place}: `{pattern}` does not match `{example}`"
        );
    }
}

/// The text of a string literal without escapes that begins at the start of `text`.
fn literal(text: &str) -> Option<&str> {
    let text = text.strip_prefix('"')?;
    let end = text.find('"')?;
    (!text[..end].contains('\\')).then(|| &text[..end])
}

/// The text constants of the program, by name.
fn constants(sources: &[(PathBuf, String)]) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    for (_, text) in sources {
        for part in text.split("const ").skip(1) {
            if let Some((name, rest)) = part.split_once(": &str =")
                && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                && let Some(value) = literal(rest.trim_start())
            {
                found.insert(name, value);
            }
        }
    }
    found
}

#[test]
fn constant_patterns_compile() {
    let sources = sources("src");
    let constants = constants(&sources);
    let mut count = 0;
    for (path, text) in &sources {
        let place = path.display().to_string();
        // Behind its definition stands a parameter, and in loops over lists a field: these are the next test's.
        for part in text.split("Nfa::constant(").skip(1) {
            let argument = part.trim_start();
            let mut words = argument.split(|c: char| !c.is_ascii_uppercase() && c != '_');
            let name = words.next().unwrap();
            if let Some(pattern) = literal(argument) {
                check(pattern, None, &place);
            } else if let Some(pattern) = constants.get(name) {
                check(pattern, None, &place);
            } else {
                let is_of_list = Path::new("src/analysis/exposure.rs");
                assert!(
                    path.ends_with(is_of_list) || path.ends_with("src/session/diff/risk.rs"),
                    "{place}: what is compiled at `{}` is not known to this test",
                    &argument[..20]
                );
                continue;
            }
            count += 1;
        }
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn patterns_of_lists_match_their_examples() {
    for (name, files) in LISTS {
        assert!(!files.is_empty());
        for file in *files {
            check(file.pattern, Some(file.example), name);
        }
    }
    for interpreter in INTERPRETERS {
        for (pattern, example) in interpreter.code {
            check(pattern, Some(example), interpreter.name);
        }
    }
}

#[test]
fn no_list_is_forgotten() {
    let mut names = Vec::new();
    for (_, text) in sources("src/lang") {
        for part in text.split("pub const ").skip(1) {
            if let Some((name, rest)) = part.split_once(':')
                && rest.trim_start().starts_with("&[Files]")
            {
                names.push(name.to_owned());
            }
        }
    }
    names.sort();
    let known: Vec<&str> = LISTS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, known);
}
