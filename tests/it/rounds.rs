//! A reader of the tutorial does what `check` says, round after round, until it says nothing more.
//!
//! Edits and rules that a help text adds are taken as they are. What a help text leaves to the reader is written down here, by rule.

use aalint::containers::Manifest;
use aalint::diagnostic::{self, Diagnostic, Edit, Severity};
use aalint::policy::Search;
use aalint::session::{self, Input, InputKind, Options, Report};
use aalint::source::MemoryVfs;

use crate::common::advice::{added, with_rules};
use crate::common::{generated, root};

/// Most rounds that a reader plays.
const ROUNDS: usize = 3;

/// The image of the tutorial, which has another version of Python where a guest runs it, and how its container is run.
const DOCKERFILE: &str = "FROM python:VERSION-slim\nWORKDIR /app\nCOPY . /app\nRUN pip install flask\nEXPOSE 5000\nCMD [\"python\", \"app.py\"]\n";
const COMPOSE: &str = "services:\n  flask:\n    build: .\n    ports:\n      - \"5000:5000\"\n    security_opt:\n      - apparmor=my-apparmor-profile\n";

/// What a reader writes for a line where the help says what to do, but not in which words.
const WORDS_OF_THE_READER: &[(&str, &str, &str)] = &[
    // "deny the files that are secret by name, and grant no others"
    (
        "container-runtime-files",
        "deny /etc/** r,",
        "deny /etc/{shadow,gshadow} r,",
    ),
    // "allow `r` for the code, and `rw` only for a directory that holds data"
    ("writable-code", "/app/** rwk,", "/app/** r,"),
    // "remove `net_bind_service` from the rule"
    ("container-ports", "    capability net_bind_service,\n", ""),
];

fn check(profile: &str, version: &str) -> Report {
    let mut files = MemoryVfs::default();
    files.insert("compose.yaml", COMPOSE);
    files.insert("Dockerfile", DOCKERFILE.replace("VERSION", version));
    files.insert("app.py", "print()\n");
    files.insert("my-apparmor-profile", profile);
    let options = Options {
        inputs: vec![
            Input {
                path: "compose.yaml".to_owned(),
                kind: InputKind::Manifest(Manifest::Compose),
            },
            Input {
                path: "my-apparmor-profile".to_owned(),
                kind: InputKind::Policy,
            },
        ],
        search: Search {
            directories: Vec::new(),
            has_no_base: true,
        },
        ..Options::default()
    };
    session::check(&files, &options, aalint::rules::all())
}

/// The findings that make a gate fail.
fn wrong(report: &Report) -> Vec<&Diagnostic> {
    let findings = report.findings.iter();
    findings
        .filter(|finding| finding.severity >= Severity::Warning)
        .collect()
}

/// The profile after a reader did what the findings say.
fn followed(profile: &str, report: &Report) -> String {
    let edits = report
        .findings
        .iter()
        .filter_map(|finding| finding.fix.as_ref());
    let edits: Vec<&Edit> = edits.flat_map(|fix| &fix.edits).collect();
    let mut text = diagnostic::apply_edits(profile, &edits);
    let helps = || report.findings.iter().flat_map(|finding| &finding.help);
    let header = helps().find_map(|help| help.strip_prefix("write `profile ")?.strip_suffix('`'));
    if let Some(header) = header {
        let line = text
            .lines()
            .find(|line| line.ends_with('{'))
            .unwrap()
            .to_owned();
        text = text.replace(&line, &format!("profile {header}"));
    }
    for (rule, from, to) in WORDS_OF_THE_READER {
        if report
            .findings
            .iter()
            .any(|finding| finding.rule.name == *rule)
        {
            text = text.replace(from, to);
        }
    }
    let mut rules: Vec<String> = Vec::new();
    for rule in helps().flat_map(|help| added(help)) {
        // An edit may have added it.
        if !rules.contains(&rule) && !text.contains(&rule) {
            rules.push(rule);
        }
    }
    let inside = text.find('{').unwrap() + 2;
    with_rules(&text, u32::try_from(inside).unwrap(), &rules).unwrap()
}

/// The profile when a reader is done, and after how many rounds.
fn played(version: &str) -> (String, usize) {
    let path = "fixtures/projects/tutorial/my-apparmor-profile";
    let mut profile = std::fs::read_to_string(root().join(path)).unwrap();
    let mut rounds = 0;
    loop {
        let report = check(&profile, version);
        let wrong = wrong(&report);
        if wrong.is_empty() {
            break;
        }
        let shown: Vec<String> = wrong
            .iter()
            .map(|finding| format!("{}: {}", finding.rule.name, finding.message))
            .collect();
        assert!(
            rounds < ROUNDS,
            "after {rounds} rounds:\n{profile}\n{shown:#?}"
        );
        profile = followed(&profile, &report);
        rounds += 1;
    }
    (profile, rounds)
}

#[test]
fn the_tutorials_reader_is_done_after_three_rounds() {
    let (profile, rounds) = played("3.8");
    assert!(rounds > 0);
    assert!(profile.contains("  /usr/local/lib/lib*.so* mr,\n"));
    // A guest proves that the container starts under it.
    let (profile, _) = played("3.13");
    let note = "# Generated: the tutorial's profile after a reader did what `aalint check` says, for `tests/vm/guest/85-first-profiles`.\n";
    generated(
        "fixtures/projects/tutorial-followed/my-apparmor-profile",
        &format!("{note}{profile}"),
    );
}
