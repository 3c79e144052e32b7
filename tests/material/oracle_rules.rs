//! What rules say of real profiles, against what apparmor_parser makes of these.
//!
//! A finding with a path as witness claims what may be done to it: the compiled profile must allow that.
//! A sample is compared on every run; AALINT_ORACLE=full compares everything. See docs/rule-review.md.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::common::{Missing, needed};
use crate::oracle::access::{Answer, Half};
use crate::oracle::case::by_name;
use crate::oracle::decode::{self, Profile};
use crate::oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use aalint::diagnostic::Diagnostic;
use aalint::host::Disk;
use aalint::lang::permissions::{APPEND, EXEC, MMAP, READ, WRITE};
use aalint::policy::Search;
use aalint::rules;
use aalint::session::{self, CommandLine, Input as Checked, InputKind, Options, with_policy};
use aalint::source::MemoryVfs;
use rayon::prelude::*;

/// Longest time for a profile.
const LIMIT: Duration = Duration::from_secs(120);

/// Rules whose findings name a path and what may be done to it.
const RULES: [&str; 11] = [
    "broad-access",
    "container-socket",
    "helper-exec",
    "missing-owner",
    "policy-admin",
    "raw-device",
    "sensitive-read",
    "sensitive-write",
    "unrestricted-etc",
    "writable-transition",
    "write-and-execute",
];

/// What a finding claims of a path.
#[derive(Debug)]
struct Claim {
    path: String,
    /// Sets of permissions; of each any one is allowed, all to the same kind of subject.
    allowed: Vec<u8>,
    /// To which kinds of subjects: to one of these.
    subjects: Subjects,
}

#[derive(Copy, Clone, Debug)]
enum Subjects {
    Any,
    OnlyOwner,
    Other,
}

impl Claim {
    /// By the wording of the rules.
    fn of(finding: &Diagnostic) -> Option<Self> {
        let message = &finding.message;
        let mut quoted = message.split('`').skip(1).step_by(2);
        let path = quoted.find(|word| word.starts_with('/'))?;
        let writes = WRITE | APPEND;
        let ways: [(&str, Vec<u8>); 7] = [
            ("written and then executed", vec![writes, EXEC]),
            ("written and then mapped", vec![writes, MMAP]),
            ("read and written", vec![READ, writes]),
            ("written", vec![writes]),
            ("writing", vec![writes]),
            ("read", vec![READ]),
            ("executed", vec![EXEC]),
        ];
        let mut ways = ways.into_iter();
        let (_, allowed) = ways.find(|(words, _)| message.contains(words))?;
        let subjects = if message.ends_with("by its owner") {
            Subjects::OnlyOwner
        } else if message.ends_with("whoever owns it") {
            Subjects::Other
        } else {
            Subjects::Any
        };
        Some(Self {
            path: path.to_owned(),
            allowed,
            subjects,
        })
    }

    fn holds(&self, answer: &Answer) -> bool {
        let has = |half: &Half| self.allowed.iter().all(|bits| half.allow & bits != 0);
        let (owner, other) = (has(&answer.owner), has(&answer.other));
        match self.subjects {
            Subjects::Any => owner || other,
            Subjects::OnlyOwner => owner && !other,
            Subjects::Other => other,
        }
    }
}

#[derive(Default)]
struct Tally {
    files: usize,
    /// Findings by rule: that hold, and that do not.
    claims: BTreeMap<&'static str, usize>,
    /// Findings without a claim that can be compared, by rule.
    silent: BTreeMap<&'static str, usize>,
    false_ones: Vec<String>,
    left_out: usize,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        self.files += other.files;
        self.left_out += other.left_out;
        self.false_ones.extend(other.false_ones);
        for (rule, count) in other.claims {
            *self.claims.entry(rule).or_default() += count;
        }
        for (rule, count) in other.silent {
            *self.silent.entry(rule).or_default() += count;
        }
        self
    }
}

/// The findings of a file with their claims, and the names of the profiles that each stands in.
fn findings(path: &str, search: &Search) -> Vec<(Diagnostic, Vec<String>)> {
    let options = Options {
        inputs: vec![Checked {
            path: path.to_owned(),
            kind: InputKind::Policy,
        }],
        search: search.clone(),
        cli: CommandLine {
            select: RULES.iter().map(|rule| (*rule).to_owned()).collect(),
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(&Disk, &options, rules::all());
    let in_profiles = |finding: &Diagnostic| {
        let place = finding.place().unwrap();
        let at = &report.store.sources.get(place.file).path;
        let paths = [path.to_owned()];
        with_policy(&Disk, search, &paths, &[], |policy| {
            let mut around: Vec<(u32, String)> = policy
                .profiles()
                .filter(|profile| policy.store.sources.get(profile.file).path == *at)
                .map(|profile| (profile.ast.range, &profile.full_name))
                .filter(|(range, _)| {
                    range.start <= place.range.start && place.range.end <= range.end
                })
                .map(|(range, name)| (range.end - range.start, name.clone()))
                .collect();
            around.sort();
            // At an include that brings profiles their findings stand.
            let names = policy.profiles().map(|profile| profile.full_name.clone());
            match around.first() {
                Some((_, innermost)) => names
                    .filter(|name| {
                        let below = name.strip_prefix(innermost.as_str());
                        below.is_some_and(|below| below.is_empty() || below.starts_with("//"))
                    })
                    .collect(),
                None => names.collect(),
            }
        })
    };
    let found = report.findings.iter().cloned();
    let found = found.map(|finding| {
        let names = in_profiles(&finding);
        (finding, names)
    });
    found.collect()
}

fn judge(path: &str, findings: Vec<(Diagnostic, Vec<String>)>, compiled: &[Profile]) -> Tally {
    let mut tally = Tally {
        files: 1,
        ..Tally::default()
    };
    for (finding, names) in findings {
        let rule = finding.rule.name;
        let Some(claim) = Claim::of(&finding) else {
            *tally.silent.entry(rule).or_default() += 1;
            continue;
        };
        let profiles = names.iter().filter_map(|name| by_name(compiled, name));
        let answers: Vec<Answer> = profiles
            .filter_map(|profile| Some(profile.files.as_ref()?.answer(claim.path.as_bytes())))
            .collect();
        if answers.is_empty() {
            *tally.silent.entry(rule).or_default() += 1;
            continue;
        }
        *tally.claims.entry(rule).or_default() += 1;
        if !answers.iter().any(|answer| claim.holds(answer)) {
            let message = &finding.message;
            tally
                .false_ones
                .push(format!("{path}: {rule}: {message}\n{claim:?}\n{answers:?}"));
        }
    }
    tally
}

/// Profiles with the directories of their includes: of each directory every `step`th one.
fn sample(directory: &Path, step: usize) -> Vec<(String, String)> {
    let manifest = std::fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let mut by_base: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let of_base = by_base.entry(columns[2].to_owned()).or_default();
        of_base.push(columns[1].to_owned());
    }
    let chosen = by_base.into_iter().flat_map(|(base, paths)| {
        let paths = paths.into_iter().step_by(step);
        paths.map(move |path| (base.clone(), path))
    });
    chosen.collect()
}

pub fn claims_about_files_hold_in_compiled_profiles() -> Result<(), Missing> {
    let directory = needed("corpus")?;
    let features = needed("conformance/tst/features_files")?;
    let features = Features::from_file(&features.join("features.all"));
    let parsers = run::needed()?;
    let is_full = std::env::var("AALINT_ORACLE").as_deref() == Ok("full");
    let chosen = sample(&directory, if is_full { 1 } else { 9 });
    let bases: BTreeMap<&String, Tree> = chosen
        .iter()
        .map(|(base, _)| (base, Tree::new(&directory.join(base))))
        .collect();
    let of_profile = |(parser, (base, path)): (&Parser, &(String, String))| {
        let full = directory.join(path);
        let input = Input {
            text: &std::fs::read(&full).unwrap(),
            base: Some(&bases[base]),
            features: &features,
        };
        let search = Search {
            directories: vec![directory.join(base).to_string_lossy().into_owned()],
            has_no_base: false,
        };
        let full = full.to_string_lossy();
        let findings = findings(&full, &search);
        if findings.is_empty() {
            return Tally::default();
        }
        match parser.compile(&input, LIMIT) {
            Outcome::Compiled(bytes) => judge(&full, findings, &decode::decode(&bytes).unwrap()),
            _ => Tally {
                left_out: 1,
                ..Tally::default()
            },
        }
    };
    for parser in [&parsers.newer, &parsers.stable] {
        let all = chosen.par_iter().map(|one| of_profile((parser, one)));
        let tally = all.reduce(Tally::default, Tally::add);
        let claims: usize = tally.claims.values().sum();
        println!(
            "{}: {claims} claims in {} files, {} files that it does not take; {:?}; without a claim: {:?}",
            parser.version, tally.files, tally.left_out, tally.claims, tally.silent
        );
        for one in &tally.false_ones {
            println!("{one}");
        }
        assert!(claims > 10, "too few claims to say anything");
        assert!(
            tally.false_ones.is_empty(),
            "{} false claims",
            tally.false_ones.len()
        );
    }
    Ok(())
}

/// `audit-deny-umount` says which profiles of the stable parser mediate no mounts.
pub fn audit_deny_umount_tells_which_policy_mediates_no_mounts() -> Result<(), Missing> {
    const MOUNT: u8 = 7;
    let features = needed("conformance/tst/features_files")?;
    let features = Features::from_file(&features.join("features.all"));
    let parsers = run::needed()?;
    let bodies = [
        "audit deny umount,",
        "audit deny umount fstype=tmpfs,",
        "audit deny mount, audit deny umount, audit deny pivot_root,",
        "audit deny umount **,",
        "audit deny umount {*,**},",
        "audit deny umount /{,**},",
        "audit deny umount /**,",
        "audit deny umount, mount fstype=tmpfs -> /srv/,",
        "audit deny umount, deny pivot_root,",
        "audit deny mount,",
        "audit deny pivot_root,",
        "deny umount,",
        "umount,",
        "/a r,",
    ];
    for body in bodies {
        let text = format!("profile web {{\n  {body}\n}}\n");
        let flagged = is_flagged(&text, "audit-deny-umount");
        for (parser, opens) in [(&parsers.stable, flagged), (&parsers.newer, false)] {
            let input = Input {
                text: text.as_bytes(),
                base: None,
                features: &features,
            };
            let Outcome::Compiled(bytes) = parser.compile(&input, LIMIT) else {
                panic!("{} does not take {body}", parser.version);
            };
            let profiles = decode::decode(&bytes).unwrap();
            let mediates = profiles[0].policy.as_ref().unwrap().mediates(MOUNT);
            assert_eq!(!mediates, opens, "{} with {body}", parser.version);
        }
    }
    Ok(())
}

/// `comment-in-values` says what the stable parser makes of comments behind values.
pub fn comment_in_values_tells_what_becomes_a_value() -> Result<(), Missing> {
    let features = needed("conformance/tst/features_files")?;
    let features = Features::from_file(&features.join("features.all"));
    let parsers = run::needed()?;
    for (assignment, opens) in [
        ("@{X} = /a # /b", true),
        ("@{X} = /a\t#\t/b", true),
        ("# /b\n@{X} = /a", false),
        ("@{X} = /a", false),
    ] {
        let text = format!("{assignment}\nprofile web {{\n  @{{X}} r,\n}}\n");
        assert_eq!(
            is_flagged(&text, "comment-in-values"),
            opens,
            "{assignment}"
        );
        for (parser, is_value) in [(&parsers.stable, opens), (&parsers.newer, false)] {
            let input = Input {
                text: text.as_bytes(),
                base: None,
                features: &features,
            };
            let Outcome::Compiled(bytes) = parser.compile(&input, LIMIT) else {
                panic!("{} does not take {assignment}", parser.version);
            };
            let profiles = decode::decode(&bytes).unwrap();
            let files = profiles[0].files.as_ref().unwrap();
            let reads = |path: &[u8]| files.answer(path).owner.allow & READ != 0;
            assert!(reads(b"/a"), "{assignment}");
            assert_eq!(
                reads(b"/b"),
                is_value,
                "{} with {assignment}",
                parser.version
            );
        }
    }
    Ok(())
}

/// Whether a rule finds something in a policy.
fn is_flagged(text: &str, rule: &str) -> bool {
    let mut vfs = MemoryVfs::default();
    vfs.insert("web", text);
    let options = Options {
        inputs: vec![Checked {
            path: "web".to_owned(),
            kind: InputKind::Policy,
        }],
        cli: CommandLine {
            select: vec![rule.to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    };
    let report = session::check(&vfs, &options, rules::all());
    report
        .findings
        .iter()
        .any(|finding| finding.rule.name == rule)
}
