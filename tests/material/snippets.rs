//! The snippets of `cases/grammar`, each with the verdicts that two parsers gave: aalint judges each one as they do.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{Missing, files, needed, text};
use crate::oracle::grammar::judge::Judge;
use crate::oracle::run::{self, Tree};
use crate::oracle_grammar::newest_features;

/// A snippet and whether each parser takes it.
struct Snippet {
    policy: String,
    is_taken_by_5: bool,
    is_taken_by_6: bool,
}

/// Reads a file of snippets: a line `!!  TEXT`, then a line for each judge. `+ ` stands for a profile around the text.
fn snippets(file: &str) -> Vec<Snippet> {
    let mut found: Vec<(String, Vec<(String, bool)>)> = Vec::new();
    for line in file.lines() {
        if let Some(written) = line.strip_prefix("!!  ") {
            found.push((policy(written), Vec::new()));
        } else if let Some((judge, verdict)) = line.trim_start().split_once(": ")
            && let Some((_, verdicts)) = found.last_mut()
        {
            let is_taken = verdict.starts_with("accepts");
            assert!(is_taken || verdict.starts_with("refuses"), "{line}");
            verdicts.push((judge.to_owned(), is_taken));
        }
    }
    let by = |verdicts: &[(String, bool)], judge: &str| {
        verdicts.iter().find(|(name, _)| name == judge).unwrap().1
    };
    found
        .into_iter()
        .map(|(policy, verdicts)| Snippet {
            policy,
            is_taken_by_5: by(&verdicts, "p5"),
            is_taken_by_6: by(&verdicts, "p6"),
        })
        .collect()
}

fn policy(written: &str) -> String {
    let mut text = String::new();
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n') => text.push('\n'),
                other => text.extend(other),
            },
            _ => text.push(c),
        }
    }
    match text.strip_prefix("+ ") {
        Some(rules) => format!("profile p {{ {rules} }}\n"),
        None => format!("{text}\n"),
    }
}

fn read() -> Result<Vec<Snippet>, Missing> {
    let directory = needed("cases/grammar")?;
    let found: Vec<Snippet> = files(&directory, "txt")
        .iter()
        .flat_map(|path| snippets(&fs::read_to_string(path).unwrap()))
        .collect();
    assert!(found.len() >= 36, "{} snippets", found.len());
    Ok(found)
}

/// Whether `aalint check` finds no error in a text for a target.
fn is_taken_by_aalint(policy: &str, target: &str, directory: &Path) -> bool {
    fs::write(directory.join("policy"), policy).unwrap();
    let arguments = ["check", "--isolated", "--base", ".", "--select", "AA1"];
    let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(arguments)
        .args(["--fail-on", "error", "--target", target, "policy"])
        .current_dir(directory)
        .output()
        .unwrap();
    match output.status.code() {
        Some(0) => true,
        Some(1) => false,
        code => panic!("{code:?} for {policy:?}: {}", text(&output.stderr)),
    }
}

pub fn aalint_judges_them_as_both_parsers_do() -> Result<(), Missing> {
    let directory = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    for snippet in read()? {
        let expected = [
            ("5.0", snippet.is_taken_by_5),
            ("6.0", snippet.is_taken_by_6),
        ];
        for (target, is_taken) in expected {
            if is_taken_by_aalint(&snippet.policy, target, directory.path()) != is_taken {
                wrong.push(format!(
                    "{target} takes it: {is_taken}: {:?}",
                    snippet.policy
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// That the verdicts were read as they were meant.
pub fn the_parser_gives_the_verdicts_that_are_written() -> Result<(), Missing> {
    let parsers = run::needed()?;
    let base = tempfile::tempdir().unwrap();
    let judge = Judge {
        parser: &parsers.newer,
        base: &Tree::new(base.path()),
        directory: base.path(),
        features: &newest_features(),
    };
    let snippets = read()?;
    let texts: Vec<String> = snippets
        .iter()
        .map(|snippet| snippet.policy.clone())
        .collect();
    let wrong: Vec<&String> = snippets
        .iter()
        .zip(judge.verdicts_uncached(&texts))
        .filter(|(snippet, verdict)| *verdict != Some(snippet.is_taken_by_5))
        .map(|(snippet, _)| &snippet.policy)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}
