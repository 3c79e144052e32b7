//! What apparmor_parser makes of file rules, against what aalint says of them.
//!
//! A sample is compared on every run; AALINT_ORACLE=full compares everything. See docs/oracles.md.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test may fail loudly, reads files, and says what it measured"
)]

mod common;
mod oracle;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aalint::diagnostic::Severity;
use aalint::host::Disk;
use aalint::policy::{Expanded, ProfileView, Search};
use aalint::session::{
    self, CommandLine, Input as Checked, InputKind, Options, Policy, with_policy,
};
use aalint::source::{MemoryVfs, Vfs};
use aalint::syntax::ast::Body;
use aalint::syntax::text;
use oracle::compare::{Disagreement, Sides, Tally, ask};
use oracle::decode::{self, Profile};
use oracle::generate;
use oracle::minimise;
use oracle::question;
use oracle::random::Random;
use oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use rayon::prelude::*;

/// Longest time for a real profile, and for a generated one.
const LIMIT: Duration = Duration::from_secs(120);
const SHORT_LIMIT: Duration = Duration::from_secs(20);

fn is_full() -> bool {
    std::env::var("AALINT_ORACLE").as_deref() == Ok("full")
}

/// A number that may be set from outside: the first one, or the second one in a full run.
fn number(variable: &str, usual: usize, full: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap(),
        Err(_) if is_full() => full,
        Err(_) => usual,
    }
}

/// The parsers to compare with, and whether each is the older one.
fn parsers() -> Vec<(&'static Parser, bool)> {
    let Some(parsers) = run::parsers() else {
        return Vec::new();
    };
    let both = [(&parsers.newer, false), (&parsers.stable, true)];
    let only = std::env::var("AALINT_ORACLE_PARSER").unwrap_or_default();
    both.into_iter()
        .filter(|(parser, _)| parser.version.starts_with(&only))
        .collect()
}

fn features() -> Option<Features> {
    let path = common::material("conformance/tst/features_files")?;
    Some(Features::from_file(&path.join("features.all")))
}

/// The profiles of the corpus, by the directory of their includes.
fn corpus() -> Option<(PathBuf, BTreeMap<String, Vec<String>>)> {
    let directory = common::material("corpus")?;
    let manifest = std::fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut by_base: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let of_base = by_base.entry(columns[2].to_owned()).or_default();
        of_base.push(columns[1].to_owned());
    }
    Some((directory, by_base))
}

#[test]
fn agrees_on_real_profiles() {
    let (Some((directory, by_base)), Some(features)) = (corpus(), features()) else {
        return;
    };
    let step = number("AALINT_ORACLE_STEP", 9, 1);
    let questions = number("AALINT_ORACLE_QUESTIONS", 1500, 5000);
    for (parser, is_stable) in parsers() {
        let mut tally = Tally::default();
        for (base, paths) in &by_base {
            let base = directory.join(base);
            let tree = Tree::new(&base);
            let search = Search {
                directories: vec![base.to_string_lossy().into_owned()],
                has_no_base: false,
            };
            let of_path = |path: &String| {
                let full = directory.join(path);
                let text = std::fs::read(&full).unwrap();
                let input = Input {
                    text: &text,
                    base: Some(&tree),
                    features: &features,
                };
                let seed = path.bytes().fold(7, |seed: u64, byte| {
                    seed.wrapping_mul(31).wrapping_add(u64::from(byte))
                });
                let mut case = Case {
                    name: path.clone(),
                    is_stable,
                    questions,
                    random: Random::new(seed),
                    tally: Tally::default(),
                };
                match parser.compile(&input, LIMIT) {
                    Outcome::Compiled(bytes) => {
                        let full = full.to_string_lossy().into_owned();
                        let compiled = decode::decode(&bytes).unwrap();
                        with_policy(&Disk, &search, &[full], &[], |policy| {
                            case.compare(&compiled, policy);
                        });
                    }
                    Outcome::Refused(message) => {
                        let kind = kind_of(&message);
                        case.tally
                            .leave_out(format!("refused by the parser: {kind}"));
                    }
                    Outcome::TimedOut => {
                        let seconds = LIMIT.as_secs();
                        let reason = format!("takes the parser over {seconds} s: {path}");
                        case.tally.leave_out(reason);
                    }
                }
                case.tally
            };
            let chosen: Vec<&String> = paths.iter().step_by(step).collect();
            let chosen = chosen.into_par_iter().map(of_path);
            tally = tally.add(chosen.reduce(Tally::default, Tally::add));
        }
        tally.print(&format!("real profiles, {}", parser.version));
        assert!(tally.profiles > 0 && tally.allowed > tally.questions / 100);
        assert_eq!(tally.disagreement_count, 0);
    }
}

/// A message without the names in it.
fn kind_of(message: &str) -> String {
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

/// One input that both read.
struct Case {
    name: String,
    is_stable: bool,
    questions: usize,
    random: Random,
    tally: Tally,
}

impl Case {
    fn compare(&mut self, compiled: &[Profile], policy: &Policy<'_>) {
        for profile in policy.profiles() {
            let ours = policy.effective(profile);
            if ours.is_incomplete {
                self.tally.leave_out("aalint could not read an include");
                continue;
            }
            let Some(theirs) = by_name(compiled, &profile.full_name) else {
                let reason = if self.is_stable && profile.full_name.matches("//").count() > 1 {
                    "3.0.8 names children of children otherwise".to_owned()
                } else {
                    format!("no compiled profile: {} {}", self.name, profile.full_name)
                };
                self.tally.leave_out(reason);
                continue;
            };
            let (patterns, has_target) = patterns(profile, policy);
            let has_pairs = !(self.is_stable && has_target);
            if !has_pairs {
                let reason =
                    "links of a profile with `PATH l -> TARGET`, whose target 3.0.8 ignores";
                self.tally.leave_out(reason);
            }
            let files = theirs.files.as_ref();
            let asked = question::of(files, &patterns, self.questions, &mut self.random);
            let sides = Sides {
                name: &self.name,
                theirs: files,
                ours: &ours,
                is_stable: self.is_stable,
                has_pairs,
            };
            ask(&sides, &asked, &mut self.tally);
        }
    }
}

/// The compiled profile of a name.
fn by_name<'p>(profiles: &'p [Profile], name: &str) -> Option<&'p Profile> {
    profiles.iter().find(|profile| {
        let full = match &profile.namespace {
            Some(namespace) => format!(":{namespace}:{}", profile.name),
            None => profile.name.clone(),
        };
        profile.name == name || full == name
    })
}

/// The patterns of a profile's rules with their variables put in, and whether one is `PATH l -> TARGET`.
fn patterns(profile: &ProfileView<'_>, policy: &Policy<'_>) -> (Vec<String>, bool) {
    let mut patterns = Vec::new();
    let mut has_target = false;
    for (_, fact) in profile.facts(policy.digests) {
        let words = match &fact.rule.body {
            Body::File(rule) => {
                has_target |= rule.perms.has_link() && rule.target.is_some();
                [Some(rule.path), rule.target]
            }
            Body::Link(rule) => [Some(rule.link), Some(rule.target)],
            _ => [None, None],
        };
        for word in words.into_iter().flatten() {
            let value = text::value(policy.store.sources.slice(word.0.in_file(fact.file)));
            if let Expanded::Text(text) = profile.env.expand(&value) {
                patterns.push(text);
            }
        }
    }
    (patterns, has_target)
}

#[test]
fn agrees_on_generated_profiles() {
    let Some(features) = features() else {
        return;
    };
    let count = number("AALINT_ORACLE_PROFILES", 1_500, 12_000);
    let first = number("AALINT_ORACLE_SEED", 1, 1);
    let questions = number("AALINT_ORACLE_QUESTIONS", 500, 500);
    for (parser, is_stable) in parsers() {
        let of_seed = |seed: usize| {
            let mut random = Random::new(seed as u64);
            let made = generate::profile(&mut random, !is_stable);
            let mut case = Case {
                name: made.text,
                is_stable,
                questions,
                random,
                tally: Tally::default(),
            };
            compare_generated(parser, &features, &mut case);
            case.tally
        };
        let seeds = (first..first + count).into_par_iter();
        let tally = seeds.map(of_seed).reduce(Tally::default, Tally::add);
        tally.print(&format!("generated profiles, {}", parser.version));
        assert!(tally.profiles > count / 2 && tally.allowed > tally.questions / 20);
        assert_eq!(tally.disagreement_count, 0);
        assert!(is_stable || tally.verdicts.is_empty());
    }
}

fn compare_generated(parser: &Parser, features: &Features, case: &mut Case) {
    let text = case.name.clone();
    let outcome = compile(parser, features, &text);
    let errors = errors(&in_memory(&text));
    if let Outcome::Refused(message) = &outcome {
        case.tally
            .leave_out(format!("refused by the parser: {}", kind_of(message)));
    }
    match outcome {
        Outcome::TimedOut => case.tally.leave_out("takes the parser over 20 s"),
        outcome if !is_same_verdict(&outcome, &errors) => {
            case.tally.leave_out("taken by one side only");
            let verdict = verdict(parser, features, &text);
            case.tally.verdicts.push(verdict);
        }
        Outcome::Refused(_) => {}
        Outcome::Compiled(bytes) => {
            let compiled = decode::decode(&bytes).unwrap();
            let vfs = in_memory(&text);
            with_policy(
                &vfs,
                &Search::default(),
                &["profile".to_owned()],
                &[],
                |policy| {
                    case.compare(&compiled, policy);
                },
            );
        }
    }
    let is_stable = case.is_stable;
    if let Some(found) = case.tally.disagreements.first_mut()
        && may_minimise()
    {
        let differs =
            |text: &str, question: &[u8]| one(parser, is_stable, features, text, question);
        *found = minimise::minimise(found.clone(), &differs);
    }
    case.tally.disagreements.truncate(1);
}

/// Whether one more difference may be boiled down for whoever has to look at it.
fn may_minimise() -> bool {
    static LEFT: AtomicUsize = AtomicUsize::new(30);
    let take_one = |left: usize| left.checked_sub(1);
    LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one)
        .is_ok()
}

/// Whether both sides take a profile, or both refuse it; a conflict of exec modes by that name.
fn is_same_verdict(outcome: &Outcome, errors: &[String]) -> bool {
    let has_conflict = errors.iter().any(|name| name == "conflicting-exec-modes");
    match outcome {
        Outcome::Compiled(_) => errors.is_empty(),
        Outcome::Refused(message) if kind_of(message) == "conflicting x modifiers" => has_conflict,
        Outcome::Refused(_) => !errors.is_empty(),
        Outcome::TimedOut => false,
    }
}

fn verdict(parser: &Parser, features: &Features, text: &str) -> String {
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

fn in_memory(text: &str) -> MemoryVfs {
    let mut vfs = MemoryVfs::default();
    vfs.insert("profile".to_owned(), text.to_owned());
    vfs
}

fn compile(parser: &Parser, features: &Features, text: &str) -> Outcome {
    let input = Input {
        text: text.as_bytes(),
        base: None,
        features,
    };
    parser.compile(&input, SHORT_LIMIT)
}

/// How both answer one question, if they differ.
fn one(
    parser: &Parser,
    is_stable: bool,
    features: &Features,
    text: &str,
    question: &[u8],
) -> Option<Disagreement> {
    let Outcome::Compiled(bytes) = compile(parser, features, text) else {
        return None;
    };
    let compiled = decode::decode(&bytes).ok()?;
    let vfs = in_memory(text);
    let mut tally = Tally::default();
    with_policy(
        &vfs,
        &Search::default(),
        &["profile".to_owned()],
        &[],
        |policy| {
            for profile in policy.profiles() {
                if let Some(theirs) = by_name(&compiled, &profile.full_name) {
                    let sides = Sides {
                        name: text,
                        theirs: theirs.files.as_ref(),
                        ours: &policy.effective(profile),
                        is_stable,
                        has_pairs: true,
                    };
                    ask(&sides, &[question.to_vec()], &mut tally);
                }
            }
        },
    );
    tally.disagreements.pop()
}

/// The names of the rules with an error.
fn errors(vfs: &dyn Vfs) -> Vec<String> {
    let options = Options {
        inputs: vec![Checked {
            path: "profile".to_owned(),
            kind: InputKind::Policy,
        }],
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
