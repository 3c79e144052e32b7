//! What rules say of real profiles, against what apparmor_parser makes of these.
//!
//! Each claim of a finding about files, capabilities, tracing and signals must hold in the compiled profile.
//! A sample is compared on every run; AALINT_ORACLE=full compares everything. See docs/rule-review.md.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::claims::all_rules;
use crate::common::{Missing, needed};
use crate::oracle::case::by_name;
use crate::oracle::decode::{self, Profile};
use crate::oracle::policy;
use crate::oracle::run::{self, Features, Input, Outcome, Parser, Tree};
use aalint::access::{Class, Request, bits, perms};
use aalint::diagnostic::{Claim, ClaimedDecision, Diagnostic};
use aalint::host::Disk;
use aalint::lang::permissions::READ;
use aalint::policy::{Env, Search};
use aalint::rules;
use aalint::session::{self, CommandLine, Input as Checked, InputKind, Options};
use aalint::source::MemoryVfs;
use rayon::prelude::*;

/// Longest time for a profile.
const LIMIT: Duration = Duration::from_secs(120);

/// A claim of a finding as the compiled profile is asked it: a string of a class and bits.
struct Asked<'c> {
    claim: &'c Claim,
    class: Class,
    text: Vec<u8>,
    mask: u32,
}

impl<'c> Asked<'c> {
    /// `None` if the claim is about a class that is not compared here, or about more than one string.
    fn of(claim: &'c Claim) -> Option<Self> {
        let request = Request::read(&claim.request, &Env::default(), &claim.profile).ok()?;
        let [want] = request.wants.as_slice() else {
            return None;
        };
        let is_compared = matches!(
            want.class,
            Class::File | Class::Capability | Class::Ptrace | Class::Signal
        );
        // What an exec leads to is compared by the oracle for files.
        let text = want.nfa.as_literal().filter(|_| is_compared)?;
        Some(Self {
            claim,
            class: want.class,
            text,
            mask: want.alone(),
        })
    }

    /// The bits of the mask that the compiled profile allows. `None` if it does not mediate the class.
    fn answer(&self, profile: &Profile) -> Option<u32> {
        match self.class {
            Class::File => {
                let answer = profile.files.as_ref()?.answer(&self.text);
                let both =
                    |owner: u8, other: u8| u32::from(owner) | u32::from(other) << bits::OTHER;
                Some(both(answer.owner.allow, answer.other.allow) & self.mask)
            }
            Class::Capability => {
                let number = self.text.first()?;
                let is_allowed = profile.capabilities.allow >> number & 1 == 1;
                Some(if is_allowed { self.mask } else { 0 })
            }
            Class::Ptrace | Class::Signal => {
                let (number, read, write) = match self.class {
                    Class::Ptrace => (policy::PTRACE, perms::ptrace::READ, perms::ptrace::TRACE),
                    _ => (policy::SIGNAL, perms::signal::RECEIVE, perms::signal::SEND),
                };
                let automaton = profile.policy.as_ref()?;
                if !automaton.mediates(number) {
                    return None;
                }
                let rights = automaton.rights(&[&[number], self.text.as_slice()].concat());
                // MAY_READ and MAY_WRITE (apparmor/include/perms.h).
                let of = |bit: u32, known: u32| if rights.allow & known != 0 { bit } else { 0 };
                let allowed = of(read, 1 << 2) | of(write, 1 << 1);
                let known = read | write;
                (self.mask & !known == 0).then_some(allowed & self.mask)
            }
            _ => None,
        }
    }

    fn holds(&self, profile: &Profile) -> Option<bool> {
        let allowed = self.answer(profile)?;
        Some(match self.claim.decision {
            ClaimedDecision::Allowed => allowed == self.mask,
            ClaimedDecision::Denied | ClaimedDecision::Unmatched => allowed == 0,
        })
    }
}

#[derive(Default)]
struct Tally {
    files: usize,
    /// Claims that hold, by rule.
    claims: BTreeMap<&'static str, usize>,
    /// Claims that are not compared here, by rule.
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

/// The findings of all rules in a file.
fn findings(path: &str, search: &Search) -> Vec<Diagnostic> {
    session::check(&Disk, &all_rules(path, search), rules::all()).findings
}

fn judge(path: &str, findings: &[Diagnostic], compiled: &[Profile]) -> Tally {
    let mut tally = Tally {
        files: 1,
        ..Tally::default()
    };
    for finding in findings {
        let rule = finding.rule.name;
        for claim in &finding.claims {
            let asked = Asked::of(claim);
            let profile = by_name(compiled, &claim.profile);
            let holds = asked.and_then(|asked| asked.holds(profile?));
            match holds {
                None => *tally.silent.entry(rule).or_default() += 1,
                Some(true) => *tally.claims.entry(rule).or_default() += 1,
                Some(false) => {
                    let message = &finding.message;
                    tally
                        .false_ones
                        .push(format!("{path}: {rule}: {message}\n{claim:?}"));
                }
            }
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

pub fn claims_hold_in_compiled_profiles() -> Result<(), Missing> {
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
            Outcome::Compiled(bytes) => judge(&full, &findings, &decode::decode(&bytes).unwrap()),
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
            "{}: {claims} claims in {} files, {} files that it does not take; {:?}; not compared: {:?}",
            parser.version, tally.files, tally.left_out, tally.claims, tally.silent
        );
        for one in &tally.false_ones {
            println!("{one}");
        }
        assert!(claims > 100, "{claims} claims are too few to say anything");
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
