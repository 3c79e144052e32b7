//! Which texts have an error, kind by kind. `tests/material/oracle_grammar.rs` asks the parser about the same ones.

use aalint::diagnostic::Severity;
use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options};
use aalint::source::MemoryVfs;

use crate::common::grammar::{INCLUDES, texts};

/// The first error that is found in a text.
fn error(text: &str) -> Option<String> {
    let mut vfs = MemoryVfs::default();
    for (path, content) in INCLUDES {
        vfs.insert(format!("base/{path}"), *content);
    }
    vfs.insert("profile".to_owned(), text);
    let options = Options {
        inputs: vec![Input {
            path: "profile".to_owned(),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: vec!["base".to_owned()],
            has_no_base: false,
        },
        cli: CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(&vfs, &options, aalint::rules::all());
    assert!(
        report.failures.is_empty(),
        "{text:?}: {:?}",
        report.failures
    );
    let found = report
        .findings
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    found.map(|finding| format!("{}: {}", finding.rule.name, finding.message))
}

#[test]
fn each_kind_is_judged_as_the_parser_judges_it() {
    let wrong: Vec<String> = texts()
        .into_iter()
        .map(|(text, is_taken)| (error(&text), text, is_taken))
        .filter(|(error, _, is_taken)| error.is_none() != *is_taken)
        .map(|(error, text, _)| format!("{text:?}: {error:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
