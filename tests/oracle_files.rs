//! What apparmor_parser makes of file rules, against what aalint says of them.
//!
//! AALINT_ORACLE=full compares everything; without it a sample is enough for every change.

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
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aalint::diagnostic::Severity;
use aalint::host::Disk;
use aalint::policy::{Expanded, Search};
use aalint::session::{
    self, CommandLine, Input as Checked, InputKind, Options, Policy, with_policy,
};
use aalint::source::{MemoryVfs, Vfs};
use aalint::syntax::ast::Body;
use oracle::compare::{Disagreement, Tally, ask, by_name};
use oracle::decode::{self, Automaton};
use oracle::generate::{self, Generated};
use oracle::minimise;
use oracle::question;
use oracle::random::Random;
use oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use rayon::prelude::*;

/// Longest time for one profile.
const LIMIT: Duration = Duration::from_secs(120);

fn is_full() -> bool {
    std::env::var("AALINT_ORACLE").as_deref() == Ok("full")
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable)
        .ok()
        .map_or(otherwise, |text| text.parse().unwrap())
}

fn features() -> Option<Features> {
    let path = common::material("conformance/tst/features_files")?;
    Some(Features::from_file(&path.join("features.all")))
}

#[test]
fn agrees_on_real_profiles() {
    let (Some(parsers), Some(directory), Some(features)) =
        (run::parsers(), common::material("corpus"), features())
    else {
        return;
    };
    let manifest = std::fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut by_base: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        by_base.entry(columns[2]).or_default().push(columns[1]);
    }
    let step = if is_full() { 1 } else { 9 };
    let questions = number(
        "AALINT_ORACLE_QUESTIONS",
        if is_full() { 6000 } else { 1500 },
    );
    for parser in [&parsers.newer, &parsers.stable] {
        let mut tally = Tally::default();
        for (base, paths) in &by_base {
            let tree = Tree::new(&directory.join(base));
            let search = Search {
                directories: vec![directory.join(base).to_string_lossy().into_owned()],
                has_no_base: false,
            };
            let paths: Vec<&str> = paths.iter().copied().step_by(step).collect();
            let of_base = paths.par_iter().map(|path| {
                let full = directory.join(path);
                let text = std::fs::read(&full).unwrap();
                let input = Input {
                    text: &text,
                    base: Some(&tree),
                    features: &features,
                };
                let seed = path
                    .bytes()
                    .fold(7, |seed: u64, byte| seed.wrapping_mul(31) + u64::from(byte));
                let mut random = Random::new(seed);
                compare_real(
                    parser,
                    &input,
                    path,
                    &Disk,
                    &search,
                    &full,
                    questions,
                    &mut random,
                )
            });
            tally = tally.add(of_base.reduce(Tally::default, Tally::add));
        }
        report(&tally, &format!("real profiles, {}", parser.version));
    }
}

fn report(tally: &Tally, what: &str) {
    tally.print(what);
    for disagreement in tally.disagreements.iter().take(60) {
        println!(
            "differs at {:?}:\n{}\n  parser {}\n  aalint {}",
            disagreement.question.escape_ascii().to_string(),
            disagreement.profile.trim_end(),
            disagreement.parser,
            disagreement.aalint
        );
    }
}

#[expect(clippy::too_many_arguments, reason = "what a comparison needs")]
fn compare_real(
    parser: &Parser,
    input: &Input<'_>,
    name: &str,
    vfs: &dyn Vfs,
    search: &Search,
    path: &Path,
    questions: usize,
    random: &mut Random,
) -> Tally {
    let mut tally = Tally::default();
    let compiled = match parser.compile(input, LIMIT) {
        Outcome::Compiled(bytes) => decode::decode(&bytes).unwrap(),
        Outcome::Refused(message) => {
            tally.leave_out(format!("refused by the parser: {}", kind_of(&message)));
            return tally;
        }
        Outcome::TimedOut => {
            tally.leave_out(format!(
                "the parser took longer than {} s: {name}",
                LIMIT.as_secs()
            ));
            return tally;
        }
    };
    let path = path.to_string_lossy().into_owned();
    with_policy(vfs, search, &[path], &[], |policy| {
        compare(name, &compiled, policy, questions, random, &mut tally);
    });
    tally
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
        "is not a valid",
        "Invalid profile flag",
        "Invalid capability",
    ];
    let found = known.iter().find(|known| message.contains(**known));
    found.map_or_else(
        || message.chars().take(100).collect(),
        |known| (*known).to_owned(),
    )
}

fn compare(
    name: &str,
    compiled: &[decode::Profile],
    policy: &Policy<'_>,
    questions: usize,
    random: &mut Random,
    tally: &mut Tally,
) {
    for profile in policy.profiles() {
        let effective = policy.effective(profile);
        if effective.is_incomplete {
            tally.leave_out("aalint could not read an include");
            continue;
        }
        let Some(theirs) = by_name(compiled, &profile.full_name) else {
            tally.leave_out(format!(
                "no compiled profile of that name: {name} {}",
                profile.full_name
            ));
            continue;
        };
        let mut all: Vec<String> = Vec::new();
        for (_, fact) in profile.facts(policy.digests) {
            let words = match &fact.rule.body {
                Body::File(rule) => [Some(rule.path), rule.target],
                Body::Link(rule) => [Some(rule.link), Some(rule.target)],
                _ => [None, None],
            };
            for word in words.into_iter().flatten() {
                let text = policy.store.sources.slice(word.0.in_file(fact.file));
                let value = aalint::syntax::text::value(text);
                if let Expanded::Text(text) = profile.env.expand(&value) {
                    all.push(text);
                }
            }
        }
        let asked = ask_about(theirs.files.as_ref(), &all, questions, random);
        ask(name, theirs.files.as_ref(), &effective, &asked, tally);
    }
}

/// So many questions, from the patterns and from the compiled automaton.
fn ask_about(
    theirs: Option<&Automaton>,
    patterns: &[String],
    count: usize,
    random: &mut Random,
) -> Vec<Vec<u8>> {
    let mut asked = Vec::with_capacity(count + 64);
    if let Some(files) = theirs {
        let mut ways = question::ways(&files.dfa, files.start, 200_000);
        ways.retain(|way| is_question(way));
        let bytes = question::bytes(&files.dfa);
        let share = if ways.is_empty() { 0 } else { count * 2 / 5 };
        for _ in 0..share {
            let way = random.pick(&ways);
            let mut text = way.clone();
            if random.percent(60) {
                text.push(*random.pick(&bytes));
            }
            asked.push(text);
        }
    }
    while asked.len() < count {
        let base = if patterns.is_empty() || random.percent(5) {
            question::any(random)
        } else {
            question::member(random.pick::<String>(patterns), random)
        };
        let twins = question::twins(&base, random, 3);
        let pair = question::any(random);
        if random.percent(15) {
            let target = match patterns.len() {
                0 => pair,
                _ => question::member(random.pick::<String>(patterns), random),
            };
            asked.push([base.as_slice(), b"\0", &target].concat());
        }
        asked.push(base);
        asked.extend(twins);
    }
    asked.retain(|text| is_question(text));
    asked
}

/// Whether a text is a path, or a link and its target.
fn is_question(text: &[u8]) -> bool {
    let mut parts = text.split(|byte| *byte == 0);
    let is_path = |part: &[u8]| part.first() == Some(&b'/');
    parts.clone().count() <= 2 && parts.all(is_path)
}

#[test]
fn agrees_on_generated_profiles() {
    let (Some(parsers), Some(features)) = (run::parsers(), features()) else {
        return;
    };
    let count = number(
        "AALINT_ORACLE_PROFILES",
        if is_full() { 12_000 } else { 1_500 },
    );
    let questions = number("AALINT_ORACLE_QUESTIONS", 500);
    for (parser, has_newer) in [(&parsers.newer, true), (&parsers.stable, false)] {
        let tally = (0..count)
            .into_par_iter()
            .map(|seed| {
                let mut random = Random::new(seed as u64 + 1);
                let made = generate::profile(&mut random, has_newer);
                compare_generated(parser, &made, &features, questions, &mut random)
            })
            .reduce(Tally::default, Tally::add);
        report(&tally, &format!("generated profiles, {}", parser.version));
    }
}

fn compare_generated(
    parser: &Parser,
    made: &Generated,
    features: &Features,
    questions: usize,
    random: &mut Random,
) -> Tally {
    let mut tally = Tally::default();
    let mut vfs = MemoryVfs::default();
    vfs.insert("profile".to_owned(), made.text.clone());
    let errors = errors(&vfs);
    match compile(parser, &made.text, features) {
        Outcome::TimedOut => tally.leave_out("the parser took longer than 20 s"),
        Outcome::Refused(message) => {
            let kind = kind_of(&message);
            let is_same = errors.iter().any(|name| name == "conflicting-exec-modes")
                == (kind == "conflicting x modifiers");
            let said = match (errors.is_empty(), is_same) {
                (true, _) => "and aalint reports nothing",
                (false, true) => "and so by aalint",
                (false, false) => "and aalint reports another fault",
            };
            show(&errors, &message, &made.text);
            tally.leave_out(format!("refused by the parser ({kind}) {said}"));
        }
        Outcome::Compiled(_) if !errors.is_empty() => {
            show(&errors, "taken", &made.text);
            tally.leave_out(format!("taken by the parser, aalint reports {}", errors[0]));
        }
        Outcome::Compiled(bytes) => {
            let compiled = decode::decode(&bytes).unwrap();
            with_policy(
                &vfs,
                &Search::default(),
                &["profile".to_owned()],
                &[],
                |policy| {
                    compare(&made.text, &compiled, policy, questions, random, &mut tally);
                },
            );
        }
    }
    // What differs is boiled down for whoever has to look at it.
    let differs = |text: &str, question: &[u8]| one(parser, text, features, question);
    static LEFT: AtomicUsize = AtomicUsize::new(40);
    let take_one = |left: usize| left.checked_sub(1);
    if let Some(found) = tally.disagreements.first_mut()
        && LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one).is_ok()
    {
        *found = minimise::minimise(found.clone(), &differs);
    }
    tally.disagreements.truncate(1);
    tally
}

fn compile(parser: &Parser, text: &str, features: &Features) -> Outcome {
    let input = Input {
        text: text.as_bytes(),
        base: None,
        features,
    };
    parser.compile(&input, Duration::from_secs(20))
}

/// How both answer one question, if they differ.
fn one(parser: &Parser, text: &str, features: &Features, question: &[u8]) -> Option<Disagreement> {
    let Outcome::Compiled(bytes) = compile(parser, text, features) else {
        return None;
    };
    let compiled = decode::decode(&bytes).ok()?;
    let mut vfs = MemoryVfs::default();
    vfs.insert("profile".to_owned(), text.to_owned());
    let mut tally = Tally::default();
    let asked = [question.to_vec()];
    with_policy(
        &vfs,
        &Search::default(),
        &["profile".to_owned()],
        &[],
        |policy| {
            for profile in policy.profiles() {
                if let Some(theirs) = by_name(&compiled, &profile.full_name) {
                    let ours = policy.effective(profile);
                    ask(text, theirs.files.as_ref(), &ours, &asked, &mut tally);
                }
            }
        },
    );
    tally.disagreements.pop()
}

fn show(errors: &[String], message: &str, text: &str) {
    if std::env::var_os("AALINT_ORACLE_SHOW").is_some() && errors.is_empty() != (message == "taken")
    {
        println!("parser: {message}; aalint: {errors:?}\n{text}");
    }
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
