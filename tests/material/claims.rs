//! What findings claim that profiles decide, asked again as `query` asks.
//!
//! A sample of the corpus is asked on every run; AALINT_CLAIMS=full asks all of it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::common::{Missing, needed};
use aalint::access::{Decision, Outcome, ProfileMode, Request};
use aalint::diagnostic::{Claim, ClaimedDecision, Diagnostic};
use aalint::host::Disk;
use aalint::policy::{ProfileView, Search};
use aalint::rules;
use aalint::session::{CommandLine, Input, InputKind, Options, Policy, Workspace};
use aalint::source::Snapshot;

/// Every n-th file of the corpus.
const STEP: usize = 4;

/// Groups whose rules speak of what profiles allow.
const CLAIMING: [&str; 2] = ["security", "container"];

/// Rules of these groups that speak of how a profile is written, named or started, not of what it decides.
const WITHOUT: [&str; 7] = [
    "container-attaches-host",
    "container-flags",
    "container-profile-name",
    "container-unexpected-profile",
    "nondeterministic-transition",
    "unconfined-exec",
    "unrestricted-change-profile",
];

#[derive(Default, Debug)]
struct Tally {
    /// Claims by the first word of the request; those of files by `/`.
    by_class: BTreeMap<String, usize>,
    /// Claims by rule.
    by_rule: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
    /// Findings of rules that speak of what profiles allow, without a claim.
    empty: Vec<String>,
}

fn class(request: &str) -> String {
    let mut words = request.split([' ', ',']);
    let word = words.find(|word| !matches!(*word, "owner" | "other"));
    let word = word.unwrap_or_default();
    match word.starts_with(['/', '"', '@']) {
        true => "/".to_owned(),
        false => word.to_owned(),
    }
}

/// How the profile decides the request of a claim, as `query` decides it for an enforced profile.
fn decision(
    claim: &Claim,
    profile: &ProfileView<'_>,
    policy: &Policy<'_>,
) -> Result<Outcome, String> {
    let request = Request::read(&claim.request, &profile.env, &profile.name);
    let request = request.map_err(|fault| format!("is no request: {fault:?}"))?;
    let effective = policy.effective(profile);
    let source = policy.store.sources.get(profile.file);
    let mode = ProfileMode::of(profile, &source.text).once_enforced();
    Ok(Decision::of(&effective, &request, mode, profile, policy.summaries).outcome)
}

fn is_same(claimed: ClaimedDecision, outcome: Outcome) -> bool {
    match claimed {
        ClaimedDecision::Allowed => outcome == Outcome::Allowed,
        ClaimedDecision::Denied => outcome == Outcome::Denied,
        ClaimedDecision::Unmatched => outcome == Outcome::Unmatched,
    }
}

impl Tally {
    fn judge(&mut self, path: &str, finding: &Diagnostic, policy: &Policy<'_>) {
        let rule = finding.rule;
        let place = format!("{path}: {}: {}", rule.name, finding.message);
        // Where an include is missing nothing is known of the whole profile: the finding speaks of its rule alone.
        let is_whole = policy.profiles().all(|profile| profile.is_whole());
        if finding.claims.is_empty()
            && is_whole
            && CLAIMING.contains(&rule.group)
            && !WITHOUT.contains(&rule.name)
        {
            self.empty.push(place.clone());
        }
        for claim in &finding.claims {
            *self.by_class.entry(class(&claim.request)).or_default() += 1;
            *self.by_rule.entry(rule.name).or_default() += 1;
            let mut profiles = policy.profiles();
            let decided = match profiles.find(|profile| profile.full_name == claim.profile) {
                Some(profile) => decision(claim, profile, policy),
                None => Err("is about no profile of the file".to_owned()),
            };
            match decided {
                Ok(outcome) if is_same(claim.decision, outcome) => {}
                other => self.wrong.push(format!("{place}\n  {claim:?}: {other:?}")),
            }
        }
    }

    fn file(&mut self, path: &str, search: &Search) {
        let options = all_rules(path, search);
        let workspace = Workspace::open(Snapshot::new(&Disk), options);
        let policy = workspace.policy();
        for finding in &workspace.check(rules::all()).findings {
            self.judge(path, finding, &policy);
        }
    }
}

/// All rules over one file.
pub fn all_rules(path: &str, search: &Search) -> Options {
    Options {
        inputs: vec![Input {
            path: path.to_owned(),
            kind: InputKind::Policy,
        }],
        search: search.clone(),
        cli: CommandLine {
            select: vec!["all".to_owned()],
            ..CommandLine::default()
        },
        ..Options::default()
    }
}

/// Files of the corpus with the directories of their includes: a sample, or all with AALINT_CLAIMS=full.
pub fn files(directory: &Path) -> Vec<(String, Search)> {
    let manifest = std::fs::read(directory.join("manifest.tsv")).unwrap();
    let manifest = String::from_utf8_lossy(&manifest).into_owned();
    let is_full = std::env::var("AALINT_CLAIMS").as_deref() == Ok("full");
    let step = if is_full { 1 } else { STEP };
    let of_line = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let in_corpus = |path: &str| directory.join(path).to_string_lossy().into_owned();
        let search = Search {
            directories: vec![in_corpus(columns[2])],
            has_no_base: false,
        };
        (in_corpus(columns[1]), search)
    };
    manifest
        .lines()
        .skip(1)
        .step_by(step)
        .map(of_line)
        .collect()
}

pub fn every_claim_is_decided_as_it_says() -> Result<(), Missing> {
    let directory = needed("corpus")?;
    let mut tally = Tally::default();
    for (path, search) in files(&directory) {
        tally.file(&path, &search);
    }
    let claims: usize = tally.by_class.values().sum();
    println!("{claims} claims: {:?}; {:?}", tally.by_class, tally.by_rule);
    assert!(claims > 500, "{claims} claims are too few to say anything");
    assert!(
        tally.wrong.is_empty(),
        "{} wrong claims:\n{}",
        tally.wrong.len(),
        tally.wrong.join("\n")
    );
    assert!(
        tally.empty.is_empty(),
        "{} findings without a claim:\n{}",
        tally.empty.len(),
        tally.empty.join("\n")
    );
    Ok(())
}
