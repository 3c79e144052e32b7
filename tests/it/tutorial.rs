//! The tutorial's profile gets the verdict that it deserves, line by line, as far as that needs
//! neither an image nor a kernel.

use std::collections::BTreeSet;

use aalint::containers::Manifest;
use aalint::host::Disk;
use aalint::policy::Search;
use aalint::session::{self, CommandLine, Input, InputKind, Options, Report};

fn check(directory: &str, pedantic: bool) -> Report {
    let path = |name: &str| format!("{}/{directory}/{name}", env!("CARGO_MANIFEST_DIR"));
    let options = Options {
        inputs: vec![
            Input {
                path: path("compose.yaml"),
                kind: InputKind::Manifest(Manifest::Compose),
            },
            Input {
                path: path("my-apparmor-profile"),
                kind: InputKind::Policy,
            },
        ],
        search: Search {
            directories: Vec::new(),
            has_no_base: true,
        },
        cli: CommandLine {
            pedantic,
            audit: pedantic,
            ..CommandLine::default()
        },
        ..Options::default()
    };
    session::check(&Disk, &options, aalint::rules::all())
}

/// Line, rule and severity of every label in the profile.
fn verdict(report: &Report) -> BTreeSet<(u32, &'static str, &'static str)> {
    let mut found = BTreeSet::new();
    for finding in &report.findings {
        for label in &finding.labels {
            let source = report.store.sources.get(label.span.file);
            if source.path.ends_with("my-apparmor-profile") {
                let line = source.position(label.span.range.start).line;
                found.insert((line, finding.rule.name, finding.severity.name()));
            }
        }
    }
    found
}

#[test]
fn ten_lines() {
    let report = check("fixtures/projects/tutorial-ten-lines", true);
    let expected = BTreeSet::from([
        (1, "deprecated-pound-include", "hint"),
        // Where the abi is missing is told at the profile's name.
        (2, "abi-missing", "info"),
        (2, "container-profile-name", "error"),
        (2, "container-attaches-host", "warning"),
        (2, "container-flags", "info"),
        (2, "container-signals", "error"),
        (2, "deprecated-path-name", "info"),
        (2, "missing-loader", "warning"),
        (2, "missing-self-exec", "hint"),
        (2, "profile-name-mismatch", "info"),
        // The program is a link in images of Debian and Ubuntu.
        (2, "symlinked-path", "info"),
        (3, "container-runtime-files", "warning"),
        (3, "missing-loader", "warning"),
        (3, "redundant-deny", "info"),
        (4, "redundant-deny", "info"),
        (4, "symlinked-path", "info"),
        (5, "container-network", "info"),
        (6, "directory-needs-slash", "hint"),
        (6, "writable-code", "warning"),
        (7, "deny-with-exec-mode", "error"),
        (7, "redundant-deny", "info"),
        (8, "deny-with-exec-mode", "error"),
        // Where the program's own file is denied.
        (8, "missing-self-exec", "hint"),
        (8, "redundant-deny", "info"),
        (9, "container-ports", "info"),
    ]);
    assert_eq!(verdict(&report), expected);
}

#[test]
fn as_printed() {
    let report = check("fixtures/projects/tutorial", false);
    let lines: BTreeSet<u32> = verdict(&report)
        .into_iter()
        .map(|(line, ..)| line)
        .collect();
    // What is said of line 6 is for those who polish.
    assert_eq!(lines, BTreeSet::from([3, 5, 9, 12, 15, 16, 19]));
    for finding in &report.findings {
        let place = finding.place().unwrap();
        let position = report
            .store
            .sources
            .get(place.file)
            .position(place.range.start);
        assert!(position.line > 0 && position.column > 0);
        assert!(
            !finding.help.is_empty() || finding.fix.is_some(),
            "{}",
            finding.message
        );
    }
}
