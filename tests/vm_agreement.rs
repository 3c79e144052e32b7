//! The decision function against a running kernel: real profiles are loaded, and both are asked the same questions.
//!
//! Run in a guest by tests/vm/run, as root, with AALINT_VM_CORPUS naming the directory of profiles. Nowhere else: it loads
//! policy that confines programs of the machine.

#![cfg(feature = "verify")]
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

mod oracle;
#[path = "common/random.rs"]
mod random;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aalint::access::{Class, Effective, ProfileMode, bits, combine, mmap_before_5};
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::session::{Policy, with_policy};
use aalint::verify::{Ask, Interrupt, Kernel, QueryInterface, Reply, SystemPaths, Wire};
use oracle::case::{Patterns, by_name};
use oracle::decode;
use oracle::question;
use oracle::random::Random;
use rayon::prelude::*;

/// How many profiles are compiled before they are loaded, one after the other.
const AT_ONCE: usize = 16;

/// What the kernel must decide as aalint does, at least.
const LEAST_QUESTIONS: usize = 100_000;

#[derive(Default)]
struct Tally {
    profiles: usize,
    questions: usize,
    allowed: usize,
    disagreements: usize,
    shown: Vec<String>,
    known: BTreeMap<&'static str, usize>,
    left_out: BTreeMap<String, usize>,
    compiling: Duration,
    asking: Duration,
}

impl Tally {
    fn leave_out(&mut self, reason: impl Into<String>) {
        *self.left_out.entry(reason.into()).or_default() += 1;
    }
}

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).map_or(usual, |text| text.parse().unwrap())
}

#[test]
#[ignore = "loads policy into the kernel: run in a guest by tests/vm/run"]
fn the_kernel_decides_as_aalint_does() {
    let corpus = PathBuf::from(std::env::var("AALINT_VM_CORPUS").expect("AALINT_VM_CORPUS"));
    let all = profiles(&corpus);
    let wanted = number("AALINT_VM_PROFILES", 160);
    let step = (all.len() / wanted).max(1);
    // Before anything is loaded that could be about it.
    println!(
        "figure: the parser is {} 5.0",
        if is_older_parser() {
            "older than"
        } else {
            "at least"
        }
    );
    let mut tally = Tally::default();
    let chosen: Vec<&(PathBuf, PathBuf)> = all.iter().step_by(step).collect();
    let mut seed = 0;
    // The parser takes longest by far: on all cores, and while nothing is loaded.
    for some in chosen.chunks(AT_ONCE) {
        let started = Instant::now();
        let compiled = some.par_iter().map(|(path, base)| compiled(path, base));
        let compiled: Vec<Option<Vec<u8>>> = compiled.collect();
        tally.compiling += started.elapsed();
        for ((path, base), blob) in some.iter().zip(compiled) {
            seed += 1;
            match blob {
                Some(blob) => one(path, base, &blob, seed, &mut tally),
                None => tally.leave_out(
                    "this system's parser refuses the file, or takes longer than a minute",
                ),
            }
        }
    }
    for (reason, count) in &tally.left_out {
        println!("left out {count}: {reason}");
    }
    for difference in &tally.shown {
        println!("differs: {difference}");
    }
    for (what, count) in &tally.known {
        println!("figure: {count} answers differ as is known: {what}");
    }
    let rate = tally.questions as f64 / tally.asking.as_secs_f64();
    println!(
        "figure: {} questions about {} real profiles ({} with something allowed), {} disagreements; {:.1} s of asking both \
         sides ({rate:.0} a second), {:.0} s of compiling",
        tally.questions,
        tally.profiles,
        tally.allowed,
        tally.disagreements,
        tally.asking.as_secs_f64(),
        tally.compiling.as_secs_f64(),
    );
    assert_eq!(tally.disagreements, 0);
    assert!(
        tally.questions >= LEAST_QUESTIONS,
        "only {} questions",
        tally.questions
    );
}

/// The profiles that the newest parser takes, with their bases.
fn profiles(corpus: &Path) -> Vec<(PathBuf, PathBuf)> {
    let manifest = std::fs::read_to_string(corpus.join("manifest.tsv")).unwrap();
    let rows = manifest
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let taken = rows.filter(|row| row.get(3) == Some(&"yes"));
    taken
        .map(|row| (corpus.join(row[1]), corpus.join(row[2])))
        .collect()
}

/// Whether the parser is one before 5.0.
fn is_older_parser() -> bool {
    static IS_OLDER: OnceLock<bool> = OnceLock::new();
    *IS_OLDER.get_or_init(|| {
        let output = Command::new("apparmor_parser")
            .arg("--version")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (_, version) = text
            .lines()
            .next()
            .unwrap()
            .rsplit_once("version ")
            .unwrap();
        version.split('.').next().unwrap().parse::<u32>().unwrap() < 5
    })
}

/// The policy as this system's parser compiles it.
fn compiled(path: &Path, base: &Path) -> Option<Vec<u8>> {
    let output = Command::new("timeout")
        .args(["60", "apparmor_parser", "-Q", "-K", "-S", "-b"])
        .arg(base)
        .arg("-I")
        .arg(base)
        .arg(path)
        .output()
        .unwrap();
    output.status.success().then_some(output.stdout)
}

fn one(path: &Path, base: &Path, blob: &[u8], seed: u64, tally: &mut Tally) {
    let search = Search {
        directories: vec![base.to_str().unwrap().to_owned()],
        has_no_base: false,
    };
    let paths = [path.to_str().unwrap().to_owned()];
    with_policy(&Disk, &search, &paths, &[], |policy| {
        let kernel = Kernel::new(&SystemPaths::default().apparmor);
        if let Err(error) = kernel.load_policy(blob) {
            tally.leave_out(format!("the kernel refuses it: {error}"));
            return;
        }
        // From here on nothing is run: the policy may be about any program.
        compare(path, blob, policy, seed, tally);
        for profile in policy.profiles().filter(|profile| profile.parent.is_none()) {
            kernel.remove_policy(&profile.full_name).unwrap();
        }
    });
}

fn compare(path: &Path, blob: &[u8], policy: &Policy<'_>, seed: u64, tally: &mut Tally) {
    let compiled = decode::decode(blob).unwrap_or_default();
    let loaded = Kernel::new(&SystemPaths::default().apparmor)
        .loaded()
        .unwrap();
    let count = number("AALINT_VM_QUESTIONS", 500);
    let mut random = Random::new(seed);
    for profile in policy.profiles() {
        let name = &profile.full_name;
        let ours = policy.effective(profile);
        let source = &policy.store.sources.get(profile.file).text;
        let mode = ProfileMode::of(profile, source);
        if ours.is_incomplete {
            tally.leave_out("aalint could not read an include");
        } else if matches!(mode, ProfileMode::Unconfined) {
            tally.leave_out("the profile is unconfined");
        } else if !loaded.iter().any(|loaded| loaded.name == *name) {
            tally.leave_out(format!("the kernel shows no profile `{name}`"));
        } else {
            let theirs = by_name(&compiled, name).and_then(|profile| profile.files.as_ref());
            let patterns = Patterns::of(profile, policy);
            let mut asked = question::of(theirs, &patterns.texts, count, &mut random);
            if patterns.has_link_target && is_older_parser() {
                let known =
                    "links only, beside `PATH l -> TARGET`: parsers before 5.0 ignore that target";
                tally.leave_out(known);
                asked.retain(|text| !text.contains(&0));
            }
            tally.profiles += 1;
            ask(
                &format!("{} {name}", path.display()),
                name,
                &ours,
                mode,
                &asked,
                tally,
            );
        }
    }
}

fn ask(
    shown: &str,
    label: &str,
    ours: &Effective,
    mode: ProfileMode,
    questions: &[Vec<u8>],
    tally: &mut Tally,
) {
    let wires: Vec<Wire> = questions
        .iter()
        .map(|text| match Ask::of(Class::File, text) {
            Some(Ask::Query(wire)) => wire,
            other => panic!("{other:?}"),
        })
        .collect();
    let queries: Vec<(&str, &Wire)> = wires.iter().map(|wire| (label, wire)).collect();
    let oracle = QueryInterface::new(&SystemPaths::default().apparmor);
    let never = Interrupt::default();
    let started = Instant::now();
    let owner = oracle.ask(&queries, true, &never).unwrap();
    let other = oracle.ask(&queries, false, &never).unwrap();
    for (at, text) in questions.iter().enumerate() {
        let matching = ours.matching(Class::File, text);
        let entries: Vec<_> = matching.iter().map(|found| found.entry).collect();
        let mut verdict = combine(&entries);
        if is_older_parser() {
            verdict.allow |= mmap_before_5(&entries, &verdict);
        }
        let verdict = match mode {
            ProfileMode::DefaultAllow => mode.applied(Class::File, &verdict),
            _ => verdict,
        };
        let wire = &wires[at];
        for (reply, shift) in [(owner[at], 0), (other[at], bits::OTHER)] {
            tally.questions += 1;
            let of = |ours: u32| ours >> shift & wire.known();
            let (allow, quiet) = (of(verdict.allow), of(verdict.quiet));
            let theirs = (wire.ours(reply.granted()), wire.ours(reply.quiet));
            tally.allowed += usize::from(theirs.0 != 0);
            if (allow, quiet) == theirs {
                continue;
            }
            tally.disagreements += 1;
            if tally.shown.len() < 40 {
                tally
                    .shown
                    .push(told(shown, text, shift, (allow, quiet), theirs, &reply));
            }
        }
    }
    tally.asking += started.elapsed();
}

fn told(
    shown: &str,
    text: &[u8],
    shift: u32,
    ours: (u32, u32),
    theirs: (u32, u32),
    reply: &Reply,
) -> String {
    let who = if shift == 0 { "owner" } else { "other" };
    format!(
        "{shown} {who} \"{}\": aalint allows {:#x} quiet {:#x}, the kernel {:#x} quiet {:#x} ({reply:x?})",
        text.escape_ascii(),
        ours.0,
        ours.1,
        theirs.0,
        theirs.1
    )
}
