//! Whether both sides take a profile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aalint::diagnostic::Severity;
use aalint::lang::targets::Target;
use aalint::session::{self, CommandLine, Input as Checked, InputKind, Options};
use aalint::source::{MemoryVfs, Vfs};

use super::minimise;
use super::run::{Features, Input, Outcome, Parser};

/// Longest time for a profile made by chance.
const LIMIT: Duration = Duration::from_secs(20);

/// Whether both sides take a profile, or both refuse it; a conflict of exec modes by that name.
pub fn is_same_verdict(outcome: &Outcome, errors: &[String]) -> bool {
    let has_conflict = errors.iter().any(|name| name == "conflicting-exec-modes");
    match outcome {
        Outcome::Compiled(_) => errors.is_empty(),
        Outcome::Refused(message) if kind_of(message) == "conflicting x modifiers" => has_conflict,
        Outcome::Refused(_) => !errors.is_empty(),
        Outcome::TimedOut => false,
    }
}

pub fn verdict(parser: &Parser, features: &Features, text: &str) -> String {
    let ask = |text: &str| (compile(parser, features, text), errors(&in_memory(text)));
    let first = ask(text);
    // It must stay the same difference.
    let differs = |text: &str| {
        let now = ask(text);
        said(&now.0) == said(&first.0) && now.1.first() == first.1.first()
    };
    let text = if may_minimise() && differs(text) {
        minimise::smaller_text(text, differs)
    } else {
        text.to_owned()
    };
    let (outcome, errors) = ask(&text);
    let parser = match outcome {
        Outcome::Compiled(_) => "taken by the parser".to_owned(),
        Outcome::Refused(message) => format!("refused by the parser ({message})"),
        Outcome::TimedOut => "too slow".to_owned(),
    };
    format!("{parser}, errors of aalint {errors:?}:\n{text}")
}

/// What a parser says, without names and places.
fn said(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Compiled(_) => "taken".to_owned(),
        Outcome::Refused(message) => message.replace(|c: char| c.is_ascii_digit(), ""),
        Outcome::TimedOut => "too slow".to_owned(),
    }
}

pub fn in_memory(text: &str) -> MemoryVfs {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profile".to_owned(), text.to_owned());
    vfs
}

pub fn compile(parser: &Parser, features: &Features, text: &str) -> Outcome {
    let input = Input {
        text: text.as_bytes(),
        base: None,
        features,
    };
    parser.compile(&input, LIMIT)
}

/// A message without the names in it.
pub fn kind_of(message: &str) -> String {
    let known = [
        "conflicting x modifiers",
        "syntax error",
        "Could not open",
        "Lexer found",
        "Invalid number of items",
        "ERROR processing regexs",
        "Found reference to variable",
        "Failed to find declaration",
        "Variable declarations do not accept trailing commas",
        "link and exec perms conflict",
        "Invalid profile flag",
        "Invalid capability",
    ];
    let found = known.iter().find(|known| message.contains(**known));
    found.map_or_else(
        || message.chars().take(120).collect(),
        |known| (*known).to_owned(),
    )
}

/// Whether one more difference may be boiled down for whoever has to look at it.
pub fn may_minimise() -> bool {
    static LEFT: AtomicUsize = AtomicUsize::new(30);
    let take_one = |left: usize| left.checked_sub(1);
    LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one)
        .is_ok()
}

/// The names of the rules with an error.
pub fn errors(vfs: &dyn Vfs) -> Vec<String> {
    errors_for(vfs, None)
}

/// The same for the parser of a target.
pub fn errors_for(vfs: &dyn Vfs, target: Option<Target>) -> Vec<String> {
    let options = Options {
        inputs: vec![Checked {
            path: "profile".to_owned(),
            kind: InputKind::Policy,
        }],
        target,
        cli: CommandLine {
            select: vec!["AA1".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(vfs, &options, aalint::rules::all());
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.rule.name.to_string())
        .collect()
}
