//! What findings say, where that depends on more than their line: one per line, as `check` tells it.

use crate::common::schema::document;
use crate::common::{aalint, directory, text};

/// The messages of a rule for a policy of one file, sorted by line, with the numbers of the lines.
fn messages(rule: &str, policy: &str, arguments: &[&str]) -> Vec<String> {
    let here = directory(&[
        ("base/tunables/global", ""),
        ("base/abi/files", "file {mask {create read write\n}\n}\n"),
        ("policy", policy),
    ]);
    let all = [
        &[
            "check",
            "--isolated",
            "--base",
            "base",
            "--format",
            "concise",
        ][..],
        &["--select", rule][..],
        arguments,
        &["policy"],
    ]
    .concat();
    let output = aalint(here.path(), &all);
    assert_eq!(text(&output.stderr), "");
    let out = text(&output.stdout);
    let lines = out.lines().filter(|line| line.starts_with("policy:"));
    lines
        .map(|line| {
            let mut parts = line.splitn(4, ':');
            let (number, rest) = (parts.nth(1).unwrap(), parts.nth(1).unwrap());
            format!("{number}:{rest}")
        })
        .collect()
}

/// Whether there is one message for each line, with that end.
fn assert_ends(found: &[String], ends: &[&str]) {
    assert_eq!(found.len(), ends.len(), "{found:#?}");
    for ((number, found), end) in (1..).zip(found).zip(ends) {
        let is_there = found.starts_with(&format!("{number}:"));
        assert!(is_there && found.ends_with(end), "`{end}`: {found}");
    }
}

#[test]
fn execs_lead_where_their_mode_says() {
    let found = messages(
        "helper-exec",
        "profile a { /usr/bin/* ux, }
profile b { /usr/bin/* pux, }
profile c { /usr/bin/* pix, }
profile d { /usr/bin/* px -> other, }
profile e { /usr/bin/* pix -> &other, }
profile f { /usr/bin/* ix, }
",
        &[],
    );
    assert_ends(
        &found,
        &[
            "`/usr/bin/sudo` be executed without confinement",
            "executed without confinement unless a profile attaches to it",
            "executed under this profile unless another attaches to it",
            "executed under the profile `other`",
            "executed under this profile and `other`",
            "executed under this profile",
        ],
    );
}

#[test]
fn execs_lead_to_what_attaches() {
    let found = messages(
        "helper-exec",
        "profile a { /usr/bin/* pux, }
profile b { /usr/bin/* pix, }
profile c { /usr/bin/* cix, }
profile d { /usr/bin/* cux, profile sub /usr/bin/sudo { } }
profile sudos /usr/{,s}bin/sudo { }
",
        &[],
    );
    assert_ends(
        &found,
        &[
            "executed under the profile `sudos`",
            "executed under the profile `sudos`",
            "executed under this profile unless another attaches to it",
            "executed under the profile `d//sub`",
        ],
    );
}

#[test]
fn a_file_that_is_written_runs_where_the_mode_says() {
    let found = messages(
        "writable-transition",
        "profile a { /opt/x rw, /opt/x PUx, }
profile b { /opt/y rw, /opt/y PUx, }
profile x /opt/x { }
",
        &[],
    );
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(
        found[0].ends_with("executed under the profile `x`"),
        "{found:#?}"
    );
    assert!(
        found[1].ends_with("without confinement unless a profile attaches to it"),
        "{found:#?}"
    );
}

#[test]
fn code_that_is_only_mapped_is_not_executed() {
    let found = messages(
        "write-and-execute",
        "profile a { /opt/x/* mrw, /opt/x/* pux, }
profile b { /opt/x/* rwix, }
profile c { /** rwix, }
profile d { allow all, }
profile e { file, }
",
        &[],
    );
    assert_ends(
        &found,
        &[
            "can be written and then mapped as code",
            "can be written and then executed",
            "`/tmp/x` can be written and then executed",
        ],
    );
}

#[test]
fn what_is_not_mediated_is_said_once() {
    let found = messages(
        "unknown-feature-effect",
        "abi <abi/files>,
profile a {
  network inet stream ip=127.0.0.1,
}
",
        &[],
    );
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].contains("the `network` rule of `a` does nothing"),
        "{found:#?}"
    );
}

#[test]
fn an_unknown_variable_is_told_in_a_whole_sentence() {
    let found = messages(
        "unsupported-by-target",
        "profile a /usr/bin/a {
  @{exec_path} mr,
}
",
        &["--target", "3.0"],
    );
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].ends_with(
            "does not know the variable `@{exec_path}`, and the policy does not define it"
        ),
        "{found:#?}"
    );
}

#[test]
fn what_covers_a_redundant_rule_is_shown_and_nothing_else() {
    let policy = "profile a {
  unix type=stream peer=(label=other),
  unix type=stream peer=(label=web*),
  /lib/*/x.so mr,
  /lib/** r,
  /lib/{a,b}/** w,
  /lib/a/** m,
  /lib/a/*.so mr,
  unix type=stream peer=(label=web),
}
";
    let here = directory(&[("policy", policy)]);
    let output = aalint(
        here.path(),
        &[
            "check",
            "--isolated",
            "--format",
            "json",
            "--select",
            "redundant-rule",
            "policy",
        ],
    );
    let report = document(&output.stdout);
    let lines: Vec<Vec<u64>> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let labels = finding["labels"].as_array().unwrap();
            let of_label = |label: &serde_json::Value| label["range"]["start"]["line"].as_u64();
            labels.iter().filter_map(of_label).collect()
        })
        .collect();
    // First the rule itself. `/lib/*/x.so mr` has a part of it that others have as well, and so has the
    // rule for the other peer, for making a socket needs no peer.
    assert_eq!(lines, [vec![8, 5, 7], vec![9, 3]], "{report:#}");
}

#[test]
fn an_arrow_is_part_of_a_path_only_where_the_parser_takes_the_rule() {
    let policy = "profile a {
  change_profile ->helper,
  change_profile-> helper,
  change_profile /usr/bin/a->b -> helper,
  px /usr/bin/a->b,
}
";
    let numbers: Vec<String> = messages("arrow-in-path", policy, &[])
        .iter()
        .map(|found| found.chars().take_while(char::is_ascii_digit).collect())
        .collect();
    assert_eq!(numbers, ["4", "5"]);
}

#[test]
fn a_change_of_profile_that_cannot_be_read_is_not_said_to_lead_anywhere() {
    let policy = "profile a {
  change_profile->helper,
  change_profile ->helper,
  change_profile,
}
";
    let found = messages("unrestricted-change-profile", policy, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("4:"), "{found:?}");
    let errors = messages("syntax-error", policy, &[]);
    let lines: Vec<&str> = errors.iter().map(|error| &error[..2]).collect();
    assert_eq!(lines, ["2:", "3:"]);
}

#[test]
fn an_abi_without_angle_brackets_is_opened_where_the_parser_runs() {
    // The base has no directory of abi files, which come with AppArmor's package then.
    let found = |policy: &str| {
        let here = directory(&[("base/tunables/global", ""), ("policy", policy)]);
        let arguments = [
            "check",
            "--isolated",
            "--base",
            "base",
            "--select",
            "missing-include",
            "--format",
            "concise",
            "policy",
        ];
        text(&aalint(here.path(), &arguments).stdout)
            .lines()
            .filter(|line| line.contains("AA117"))
            .count()
    };
    for policy in [
        "abi \"abi/4.0\",\n",
        "abi abi/4.0,\n",
        "profile a { { abi \"x\", } }\n",
    ] {
        assert_eq!(found(policy), 1, "{policy}");
    }
    assert_eq!(found("abi <abi/4.0>,\n"), 0);
    assert_eq!(found("abi \"/etc/apparmor.d/abi/4.0\",\n"), 0);
}
