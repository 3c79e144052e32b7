//! Phrases that the project's text does not use, since readers take them for a translation or cannot take them at their word.
//!
//! Single common words are left to the reader's eye.

use std::fs;

use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options};
use aalint::source::MemoryVfs;

use crate::common::{files_below, pages, root};

/// Phrases, with what to write.
const PHRASES: &[(&str, &str)] = &[
    ("take back", "override"),
    ("takes back", "overrides"),
    ("taken back", "overridden"),
    ("leave open", "do not deny, miss"),
    ("leaves open", "does not deny, misses"),
    ("in so many words", "by name"),
    ("so many", "that many, this number of"),
    (
        "takes the program over",
        "an attacker who compromises the program",
    ),
    ("is none", "is not one, does not exist"),
    ("goes into the exception", "an exception of the pattern"),
    ("besides", "also, in addition to, apart from"),
    ("whoever", "a process that, a user who"),
    ("the permissions is", "the permissions are"),
    ("1 profiles", "1 profile"),
    ("no-such", "a name that could be"),
    ("zzz", "a name that could be"),
    ("nosuch", "a name that could be"),
    ("wherewith", "with which"),
    ("manieth", "n-th"),
];

/// Phrases that are wrong in front of a mark alone.
const AT_THE_END: &[(&str, &str)] = &[("of which", "whose"), (", for one", "for example")];

/// The text of a file as a reader has it: without line breaks, and without the marks of comments at their beginning.
fn read(text: &str) -> String {
    let mut words = String::new();
    for line in text.lines() {
        let line = line.trim();
        let line = line
            .strip_prefix("//!")
            .or_else(|| line.strip_prefix("///"))
            .or_else(|| line.strip_prefix("//"))
            .unwrap_or(line)
            .trim_start_matches(['#', '>', ' ']);
        words.push_str(line.trim().trim_end_matches('\\'));
        words.push(' ');
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Where `phrase` stands in `text`, as whole words.
fn places<'t>(text: &'t str, phrase: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(phrase)
        .filter(move |(at, _)| {
            !is_word(text[..*at].chars().next_back())
                && !is_word(text[at + phrase.len()..].chars().next())
        })
        .map(|(at, _)| at)
}

fn around(text: &str, at: usize) -> &str {
    let mut start = at.saturating_sub(50);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (at + 60).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    &text[start..end]
}

/// What is wrong with a text.
fn faults(text: &str) -> Vec<String> {
    let text = read(text);
    let mut found = Vec::new();
    // "There is none" is English, "the text is none" is not.
    let is_meant =
        |at: &usize, phrase: &str| phrase != "is none" || !text[..*at].ends_with("there ");
    let fault = |at, phrase: &str, better: &str| {
        format!("`{phrase}` (write: {better}): …{}…", around(&text, at))
    };
    for (phrase, better) in PHRASES {
        let all = places(&text, phrase).filter(|at| is_meant(at, phrase));
        found.extend(all.map(|at| fault(at, phrase, better)));
    }
    for (phrase, better) in AT_THE_END {
        let at_end = places(&text, phrase).filter(|at| {
            let behind = text[at + phrase.len()..].chars().next();
            behind.is_none_or(|c| matches!(c, ',' | '.' | ';' | ':' | '"' | '`'))
        });
        found.extend(at_end.map(|at| fault(at, phrase, better)));
    }
    found
}

#[test]
fn phrases_are_found_across_lines() {
    let text =
        "/// A rule in so\n    /// many words, and what it\n/// has besides. The one is\n// none.";
    assert_eq!(faults(text).len(), 4, "{:?}", faults(text));
    assert_eq!(faults("`/app/main.py`, for one.").len(), 1);
    let fine = "It stands besideson, for one file; one of which is gone. There is none.";
    assert_eq!(faults(fine), Vec::<String>::new());
}

#[test]
fn no_phrase_of_the_list_returns() {
    let mut found = Vec::new();
    let mut looked_at = 0;
    for place in ["src", "rules", "docs", "app", "grammar", "xtask"] {
        for path in files_below(&root().join(place)) {
            let Ok(text) = fs::read_to_string(&path) else {
                continue;
            };
            let path = path.strip_prefix(root()).unwrap().display().to_string();
            looked_at += 1;
            found.extend(
                faults(&text)
                    .into_iter()
                    .map(|what| format!("{path}: {what}")),
            );
        }
    }
    for name in [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "Cargo.toml",
    ] {
        let text = fs::read_to_string(root().join(name)).unwrap();
        found.extend(
            faults(&text)
                .into_iter()
                .map(|what| format!("{name}: {what}")),
        );
    }
    assert!(looked_at > 500, "{looked_at}");
    assert!(
        found.is_empty(),
        "{} phrases:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// What all rules say about a text.
fn said(text: &str) -> Vec<String> {
    let mut files = MemoryVfs::default();
    files.insert("p", text);
    let options = Options {
        inputs: vec![Input {
            path: "p".to_owned(),
            kind: InputKind::Policy,
        }],
        search: Search {
            directories: Vec::new(),
            has_no_base: true,
        },
        cli: CommandLine {
            pedantic: true,
            audit: true,
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(&files, &options, aalint::rules::all());
    let mut said = Vec::new();
    for finding in report.findings {
        said.push(finding.message);
        said.extend(finding.labels.into_iter().map(|label| label.text));
        said.extend(finding.notes);
        said.extend(finding.help);
        said.extend(finding.fix.map(|fix| fix.title));
    }
    said
}

/// A message may be put together from pieces that say nothing wrong by themselves.
#[test]
fn findings_say_no_phrase_of_the_list() {
    let mut found = Vec::new();
    let mut count = 0;
    for page in pages() {
        for block in page.text.split("```apparmor").skip(1) {
            let block = block.split_once('\n').map_or("", |(_, rest)| rest);
            let text = block.split("```").next().unwrap();
            for sentence in said(text) {
                count += 1;
                let faults = faults(&sentence).into_iter();
                found.extend(faults.map(|fault| format!("{}: {fault}", page.path)));
            }
        }
    }
    assert!(count > 1_000, "{count}");
    assert!(found.is_empty(), "{}", found.join("\n"));
}
