//! What apparmor_parser makes of all rules but those about files, against what aalint says of them.
//!
//! A sample is compared on every run; AALINT_ORACLE=full compares everything. See docs/oracles.md.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::common::{Missing, needed};
use crate::oracle::case::by_name;
use crate::oracle::class::ask::{Ask, Kind};
use crate::oracle::class::compare::Sides;
use crate::oracle::class::kernel::Interface;
use crate::oracle::class::make::{self, Syntax, THEMES};
use crate::oracle::class::question::Names;
use crate::oracle::class::tables::RESOURCES;
use crate::oracle::class::tally::{Difference, Tally};
use crate::oracle::decode::{self, Profile};
use crate::oracle::minimise::smaller_text;
use crate::oracle::policy;
use crate::oracle::random::Random;
use crate::oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use crate::oracle::verdict::{compile, errors_for, in_memory, kind_of, may_minimise};
use aalint::host::Disk;
use aalint::lang::targets::{Target, Version};
use aalint::policy::Search;
use aalint::session::{Policy, with_policy_of};
use rayon::prelude::*;

/// Longest time for a real profile.
const LIMIT: Duration = Duration::from_secs(120);

/// Of so many questions one is also put to `aalint query`.
const WORDED: usize = 5;

/// A parser and the kernel that it compiles for.
struct Setup {
    name: &'static str,
    parser: &'static Parser,
    features: Features,
    interface: Interface,
    syntax: Syntax,
    /// How many of the generated profiles are compiled so, in relation to the others.
    weight: usize,
}

impl Setup {
    /// What the parser is to aalint.
    const fn version(&self) -> Version {
        if self.syntax.is_newer {
            Version(5, 0)
        } else {
            Version(3, 0)
        }
    }
}

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

/// The parsers with the features of kernels new and old.
fn setups() -> Result<Vec<Setup>, Missing> {
    let parsers = run::needed()?;
    let directory = needed("conformance/tst/features_files")?;
    let abi = |name: &str| {
        let path = run::directory()
            .join("unstable/etc/apparmor.d/abi")
            .join(name);
        std::fs::read_to_string(path).unwrap()
    };
    // One kernel alone mediates addresses; here nobody does (docs/oracles.md).
    let newest = without(&abi("5.0"), "af_inet {yes\n}\n");
    // No kernel has this yet, and the parser knows it.
    let queue = "ipc {posix_mqueue {create read write open delete setattr getattr label\n}\n";
    let both =
        format!("{queue}sysv_mqueue {{create read write open delete setattr getattr label\n}}\n");
    assert!(newest.contains(queue), "no queues in the features");
    let newest = newest.replace(queue, &both);
    let without_unix = without(&newest, "af_unix {yes\n}\n");
    let interface = |network, has_unix| Interface {
        network,
        has_unix,
        has_system_v: network == policy::NETWORK_V9,
        capabilities: 41,
    };
    let text = |name: &str, text: &str| Features::from_text(name, text);
    let all = || Features::from_file(&directory.join("features.all"));
    let (new, old) = (Syntax { is_newer: true }, Syntax { is_newer: false });
    let (newer, stable) = (&parsers.newer, &parsers.stable);
    let setup = |name, parser, features, interface, syntax, weight| Setup {
        name,
        parser,
        features,
        interface,
        syntax,
        weight,
    };
    let v9 = interface(policy::NETWORK_V9, true);
    let v8 = interface(policy::NETWORK_V8, true);
    let v4 = interface(policy::NETWORK, true);
    let coarse = interface(policy::NETWORK_V9, false);
    // `checkpoint_restore` came with Linux 5.9, after these features were written down.
    let oldest = abi("3.0");
    assert!(!oldest.contains("checkpoint_restore") && oldest.contains("bpf"));
    let before_checkpoints = Interface {
        capabilities: 40,
        ..v8
    };
    let setups = [
        setup(
            "5.0.2, features of 5.0",
            newer,
            text("features-5.0", &newest),
            v9,
            new,
            6,
        ),
        setup(
            "5.0.2, features of 4.0",
            newer,
            text("features-4.0", &abi("4.0")),
            v8,
            new,
            2,
        ),
        setup("5.0.2, features.all", newer, all(), v4, new, 1),
        setup(
            "5.0.2, without unix sockets",
            newer,
            text("features-without-unix", &without_unix),
            coarse,
            new,
            2,
        ),
        setup(
            "3.0.8, features of 3.0",
            stable,
            text("features-3.0", &oldest),
            before_checkpoints,
            old,
            2,
        ),
        setup("3.0.8, features.all", stable, all(), v4, old, 1),
    ];
    let only = std::env::var("AALINT_ORACLE_PARSER").unwrap_or_default();
    let is_wanted = |setup: &Setup| setup.parser.version.starts_with(&only);
    let setups: Vec<Setup> = setups.into_iter().filter(is_wanted).collect();
    assert!(!setups.is_empty(), "no parser is called {only}");
    Ok(setups)
}

fn without(features: &str, part: &str) -> String {
    assert!(features.contains(part), "no {part:?} in the features");
    features.replace(part, "")
}

pub fn agrees_on_generated_profiles() -> Result<(), Missing> {
    let setups = setups()?;
    let count = number("AALINT_ORACLE_PROFILES", 2_000, 10_000);
    let first = number("AALINT_ORACLE_SEED", 1, 1);
    let questions = number("AALINT_ORACLE_QUESTIONS", 40, 300);
    let turns: Vec<&Setup> = setups
        .iter()
        .flat_map(|setup| std::iter::repeat_n(setup, setup.weight))
        .collect();
    let of_seed = |seed: usize| {
        let mut random = Random::new(seed as u64);
        let setup = turns[random.below(turns.len())];
        let theme = THEMES[seed % THEMES.len()];
        let text = make::profile(&mut random, theme, setup.syntax);
        let mut tally = compare_text(setup, &text, questions, seed as u64);
        minimise(setup, questions, seed as u64, &text, &mut tally);
        BTreeMap::from([(setup.name, tally)])
    };
    let seeds = (first..first + count).into_par_iter();
    let tallies = seeds.map(of_seed).reduce(BTreeMap::new, add);
    finish("generated", tallies, is_full());
    Ok(())
}

fn add(
    mut all: BTreeMap<&'static str, Tally>,
    more: BTreeMap<&'static str, Tally>,
) -> BTreeMap<&'static str, Tally> {
    for (name, tally) in more {
        let known = all.remove(name).unwrap_or_default();
        all.insert(name, known.add(tally));
    }
    all
}

/// Prints what was compared, and fails where anything differs or a class was hardly asked.
fn finish(what: &str, tallies: BTreeMap<&'static str, Tally>, is_full: bool) {
    let mut whole = Tally::default();
    for (name, tally) in tallies {
        tally.print(&format!("{what}, {name}"));
        whole = whole.add(tally);
    }
    let differences = whole.differences();
    whole.shown.clear();
    whole.left_out.clear();
    whole.print(&format!("{what}, all"));
    assert_eq!(differences, 0);
    if what == "generated" && std::env::var("AALINT_ORACLE_PARSER").is_err() {
        for kind in Kind::ALL {
            let count = whole.counts.get(&kind).cloned().unwrap_or_default();
            let least = if is_full { 20_000 } else { 300 };
            assert!(
                count.questions >= least && count.allowed >= count.questions / 50,
                "{}: {count:?}",
                kind.name()
            );
        }
    }
}

/// Compares a text that is policy of its own.
fn compare_text(setup: &Setup, text: &str, questions: usize, seed: u64) -> Tally {
    let mut tally = Tally::default();
    let vfs = in_memory(text);
    let outcome = compile(setup.parser, &setup.features, text);
    let errors = errors_for(&vfs, Target::named(&setup.version().to_string()));
    match outcome {
        Outcome::TimedOut => tally.leave_out("takes the parser too long"),
        Outcome::Refused(message) if errors.is_empty() => {
            tally.differ_in_verdict(verdict(text, &message, "takes it"));
        }
        Outcome::Refused(message) => {
            let kind = kind_of(&message);
            tally.leave_out(format!("refused by the parser: {kind}"));
        }
        // aalint speaks for kernels that mediate io_uring, and not all features are of these.
        Outcome::Compiled(_) if !errors.is_empty() && has_variable_label(text) => {
            tally.leave_out("io_uring: variables in labels, which features without io_uring take");
        }
        Outcome::Compiled(_) if !errors.is_empty() => {
            tally.differ_in_verdict(verdict(text, "takes it", &errors.join(", ")));
        }
        Outcome::Compiled(bytes) => {
            let compiled = decode::decode(&bytes).unwrap();
            let paths = ["profile".to_owned()];
            let search = Search::default();
            with_policy_of(setup.version(), &vfs, &search, &paths, &[], |policy| {
                compare(setup, text, &compiled, policy, questions, seed, &mut tally);
            });
        }
    }
    tally
}

fn has_variable_label(text: &str) -> bool {
    let mut lines = text.lines();
    lines.any(|line| line.contains("io_uring") && line.contains("label=@{"))
}

fn verdict(text: &str, parser: &str, aalint: &str) -> Difference {
    Difference {
        profile: text.to_owned(),
        question: "whether it is taken".to_owned(),
        parser: parser.to_owned(),
        aalint: aalint.to_owned(),
    }
}

fn compare(
    setup: &Setup,
    name: &str,
    compiled: &[Profile],
    policy: &Policy<'_>,
    questions: usize,
    seed: u64,
    tally: &mut Tally,
) {
    for profile in policy.profiles() {
        let ours = policy.effective(profile);
        if ours.is_incomplete {
            tally.leave_out("aalint could not read an include");
            continue;
        }
        let Some(theirs) = by_name(compiled, &profile.full_name) else {
            tally.leave_out(format!("no compiled profile {}", profile.full_name));
            continue;
        };
        if ours
            .parts
            .iter()
            .any(|part| !part.rules.unreadable.is_empty())
        {
            tally.leave_out(format!("a rule that aalint cannot read: {name}"));
            continue;
        }
        tally.profiles += 1;
        let names = Names::of(profile, policy);
        let sides = Sides {
            name,
            theirs,
            interface: setup.interface,
            ours: &ours,
            profile,
            policy,
            has_network: names.has_network,
            is_stable: !setup.syntax.is_newer,
        };
        let mut random = Random::new(seed);
        for at in 0..questions {
            let ask = names.ask(&mut random);
            match left_out(setup, &names, &ask) {
                Some(reason) => tally.leave_out(reason),
                None => sides.compare(&ask, at % WORDED == 0, tally),
            }
        }
    }
    compare_limits(name, compiled, policy, tally);
}

/// Why a request is not compared.
fn left_out(setup: &Setup, names: &Names, ask: &Ask) -> Option<&'static str> {
    match ask {
        Ask::Unix(..) if !setup.interface.has_unix => {
            Some("unix: kernels without these features ask for family and type alone")
        }
        Ask::Network { family: 1, .. } if setup.interface.has_unix => {
            Some("network: kernels with these features ask for unix sockets by their addresses")
        }
        Ask::Network { .. } if names.has_addresses => {
            Some("network: beside rules with addresses, which is unknown to aalint")
        }
        // 5.0.2 neither silences there nor keeps the sets of a profile and its children apart.
        Ask::Network { .. }
            if setup.interface.network == policy::NETWORK && setup.syntax.is_newer =>
        {
            Some("network: kernels with these features know sets of types, without permissions")
        }
        Ask::Mount { .. } if !setup.syntax.is_newer && names.has_remount => Some(
            "mount: beside `remount`, of which 3.0.8 makes rules about mounts with its options",
        ),
        // 5.0.2 adds the permissions for unix sockets to the first rule, and loses the second.
        Ask::Network { family: 1, .. }
            if names.has_open_network && names.kinds.contains(&Kind::Unix) =>
        {
            Some("network: unix sockets beside `network` with permissions and no family")
        }
        Ask::Change(_) | Ask::ChangeOnExec(..) if names.has_inverted => {
            Some("change_profile: beside a rule of which 5.0.2 forgets the mode in a block")
        }
        Ask::Change(_) | Ask::ChangeOnExec(..) if setup.syntax.is_newer && names.has_merged => {
            Some(
                "change_profile: beside labels that differ in their first character: 5.0.2 keeps one",
            )
        }
        Ask::Dbus(_)
        | Ask::Mount { .. }
        | Ask::Umount(_)
        | Ask::PivotRoot(..)
        | Ask::Change(_)
        | Ask::ChangeOnExec(..)
            if !setup.syntax.is_newer && names.has_leading_variable =>
        {
            Some("a path begins with `/@{`: 3.0.8 trims slashes otherwise")
        }
        _ => None,
    }
}

/// Limits are no requests: those of each profile are compared.
fn compare_limits(name: &str, compiled: &[Profile], policy: &Policy<'_>, tally: &mut Tally) {
    for image in policy.images() {
        let Some(theirs) = by_name(compiled, &image.shape.name) else {
            continue;
        };
        let is_about_limits = theirs.rlimits.is_some() || !image.shape.limits.is_empty();
        if !is_about_limits {
            continue;
        }
        for (at, resource) in RESOURCES.iter().enumerate() {
            let limits = theirs.rlimits.as_ref();
            let parser = limits.and_then(|limits| {
                (limits.mask >> at & 1 != 0)
                    .then(|| limits.limits.get(at).copied())
                    .flatten()
            });
            let ours = image.shape.limits.get(resource).copied();
            let count = tally.count(Kind::Rlimit);
            count.questions += 1;
            count.allowed += usize::from(parser.is_some());
            if parser != ours {
                let difference = Difference {
                    profile: name.to_owned(),
                    question: (*resource).to_owned(),
                    parser: format!("{parser:?}"),
                    aalint: format!("{ours:?}"),
                };
                tally.differ(Kind::Rlimit, difference);
            }
        }
    }
}

/// Makes the first difference of a generated profile smaller: as long as the same question has the same two answers.
fn minimise(setup: &Setup, questions: usize, seed: u64, text: &str, tally: &mut Tally) {
    tally.shown.truncate(1);
    let Some(first) = tally.shown.first().cloned() else {
        return;
    };
    if !may_minimise() {
        return;
    }
    let same = |text: &str| {
        let asked = compare_text(setup, text, questions, seed);
        asked
            .shown
            .into_iter()
            .find(|found| (&found.parser, &found.aalint) == (&first.parser, &first.aalint))
    };
    let smaller = smaller_text(text, |text| same(text).is_some());
    if let Some(found) = same(&smaller) {
        tally.shown = vec![found];
    }
}

/// The profiles of the corpus, by the directory of their includes.
fn corpus() -> Result<(PathBuf, BTreeMap<String, Vec<String>>), Missing> {
    let directory = needed("corpus")?;
    let manifest = std::fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut by_base: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let of_base = by_base.entry(columns[2].to_owned()).or_default();
        of_base.push(columns[1].to_owned());
    }
    Ok((directory, by_base))
}

pub fn agrees_on_real_profiles() -> Result<(), Missing> {
    let (setups, (directory, by_base)) = (setups()?, corpus()?);
    let step = number("AALINT_ORACLE_STEP", 40, 1);
    let questions = number("AALINT_ORACLE_QUESTIONS", 400, 600);
    let mut tallies = BTreeMap::new();
    // The newest features, and those of 3.0 with the older parser.
    for setup in setups.iter().filter(|setup| {
        matches!(
            setup.name,
            "5.0.2, features of 5.0" | "3.0.8, features of 3.0"
        )
    }) {
        for (base, paths) in &by_base {
            let base = directory.join(base);
            let tree = Tree::new(&base);
            let search = Search {
                directories: vec![base.to_string_lossy().into_owned()],
                has_no_base: false,
            };
            let chosen: Vec<&String> = paths.iter().step_by(step).collect();
            let chosen = chosen.into_par_iter().map(|path| {
                let full = directory.join(path);
                let text = std::fs::read(&full).unwrap();
                let mut tally = Tally::default();
                let input = Input {
                    text: &text,
                    base: Some(&tree),
                    features: &setup.features,
                };
                match setup.parser.compile(&input, LIMIT) {
                    Outcome::Compiled(bytes) => {
                        let compiled = decode::decode(&bytes).unwrap();
                        let full = full.to_string_lossy().into_owned();
                        let seed = path.bytes().fold(7, |seed: u64, byte| {
                            seed.wrapping_mul(31).wrapping_add(u64::from(byte))
                        });
                        let version = setup.version();
                        with_policy_of(version, &Disk, &search, &[full], &[], |policy| {
                            compare(setup, path, &compiled, policy, questions, seed, &mut tally);
                        });
                    }
                    Outcome::Refused(message) => {
                        let kind = kind_of(&message);
                        tally.leave_out(format!("refused by the parser: {kind}"));
                    }
                    Outcome::TimedOut => {
                        tally.leave_out(format!("takes the parser over {LIMIT:?}"))
                    }
                }
                BTreeMap::from([(setup.name, tally)])
            });
            tallies = add(tallies, chosen.reduce(BTreeMap::new, add));
        }
    }
    finish("real", tallies, is_full());
    Ok(())
}
