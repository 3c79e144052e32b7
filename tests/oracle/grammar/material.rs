//! Small texts to start from: AppArmor's own parser tests, and pieces of real profiles.

use std::fs;
use std::path::{Path, PathBuf};

use super::token::{is_blank, tokens};

/// Longest text that is used whole, in bytes.
const MAX_TEXT: usize = 900;
/// Most lines of a real profile that are taken at once.
const MAX_LINES: usize = 7;

/// Texts, by where they come from, and words of all of them.
pub struct Material {
    /// Tests written by hand, and generated ones.
    pub written: Vec<String>,
    pub generated: Vec<String>,
    /// Pieces of real profiles, in a profile of their own.
    pub real: Vec<String>,
    pub words: Vec<String>,
    /// Lines that hold one rule.
    pub lines: Vec<String>,
}

impl Material {
    /// Reads `tst/simple_tests` of the conformance suite, and the profiles of the corpus.
    pub fn read(tests: &Path, corpus: &Path) -> Self {
        let (mut written, mut generated) = (Vec::new(), Vec::new());
        for path in files(tests) {
            let Some(text) = read_text(&path).map(|text| without_header(&text)) else {
                continue;
            };
            if text.len() > MAX_TEXT || text.trim().is_empty() {
                continue;
            }
            if path.to_string_lossy().contains("generated_") {
                generated.push(text);
            } else {
                written.push(text);
            }
        }
        let real: Vec<String> = files(corpus)
            .iter()
            .filter(|path| !path.to_string_lossy().contains("apparmor.d-raw"))
            .filter_map(|path| read_text(path))
            .flat_map(|text| pieces(&text))
            .collect();
        let mut words: Vec<String> = written
            .iter()
            .chain(&real)
            .flat_map(|text| tokens(text))
            .filter(|token| !is_blank(token) && !token.starts_with('#') && token.len() < 60)
            .map(str::to_owned)
            .collect();
        words.sort();
        words.dedup();
        let is_rule = |line: &&str| line.trim_end().ends_with(',') && line.len() < 120;
        let mut lines: Vec<String> = written
            .iter()
            .chain(&real)
            .flat_map(|text| text.lines().filter(is_rule))
            .map(|line| line.trim().to_owned())
            .collect();
        lines.sort();
        lines.dedup();
        Self {
            written,
            generated,
            real,
            words,
            lines,
        }
    }

    /// Leaves nine of ten texts for which `is_taken` says no out: changes to them show little.
    pub fn keep(&mut self, is_taken: impl Fn(&[String]) -> Vec<bool>) {
        for texts in [&mut self.written, &mut self.generated, &mut self.real] {
            let taken = is_taken(texts);
            let mut number = 0;
            texts.retain(|_| {
                number += 1;
                taken[number - 1] || number % 10 == 0
            });
        }
    }
}

/// All files below a directory, sorted.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

fn read_text(path: &Path) -> Option<String> {
    String::from_utf8(fs::read(path).unwrap()).ok()
}

/// The comment lines at the head say what the test is for.
fn without_header(text: &str) -> String {
    let lines = text
        .lines()
        .skip_while(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Lines of a real profile, some at a time, in a profile that defines their variables.
fn pieces(text: &str) -> Vec<String> {
    let is_rule = |line: &&str| {
        let line = line.trim();
        let is_of_preamble = ["abi", "include", "alias", "@"]
            .iter()
            .any(|word| line.starts_with(word));
        line.ends_with(',') && !line.starts_with('#') && !is_of_preamble
    };
    let rules: Vec<&str> = text.lines().filter(is_rule).map(str::trim).collect();
    let made = rules.chunks(MAX_LINES).step_by(5).map(in_profile);
    made.filter(|text| text.len() <= MAX_TEXT).collect()
}

fn in_profile(lines: &[&str]) -> String {
    let body: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    let mut names: Vec<&str> = body
        .split("@{")
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    names.sort_unstable();
    names.dedup();
    let variables: String = names
        .iter()
        .map(|name| format!("@{{{name}}}=/{name} /var/{name}\n"))
        .collect();
    format!("{variables}profile p /usr/bin/p {{\n{body}}}\n")
}
