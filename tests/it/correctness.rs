//! The rules of the group `correctness`, where an answer depends on several files or on the configuration.

use crate::common::{aalint, directory, text};

/// The lines of `check` that begin with a file of the directory.
fn lines(files: &[(&str, &str)], arguments: &[&str]) -> Vec<String> {
    let here = directory(files);
    let fixed = ["check", "--isolated", "--format", "concise"];
    let output = aalint(here.path(), &[&fixed[..], arguments].concat());
    let out = text(&output.stdout);
    let own = out.lines().filter(|line| line.contains("[AA"));
    own.map(str::to_owned).collect()
}

const WEB: &str = "profile web { }\n";
const MAIL: &str = "profile mail { }\n";
const WITH_ABI: &str = "abi <abi/3.0>,\nprofile news { }\n";

#[test]
fn a_missing_abi_is_reported_once_in_a_run() {
    let files = [
        ("base/abi/3.0", "file {mask {read\n}\n}\n"),
        ("base/abi/4.0", "file {mask {read\n}\n}\n"),
        ("b", WEB),
        ("a", MAIL),
        ("c", WITH_ABI),
    ];
    let select = ["--base", "base", "--select", "abi-missing", "b", "a", "c"];
    let found = lines(&files, &select);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("a:1:9: info[AA208]"), "{found:#?}");
    assert!(
        found[0].ends_with("this file and 1 other declare no abi"),
        "{found:#?}"
    );
}

#[test]
fn who_silences_a_missing_abi_in_one_file_has_silenced_it() {
    let silenced =
        format!("# aalint: ignore-file(abi-missing) the parser's configuration has it\n{WEB}");
    let files = [("a", MAIL), ("b", &silenced)];
    let found = lines(
        &files,
        &["--select", "abi-missing,unused-suppression", "a", "b"],
    );
    assert_eq!(found, Vec::<String>::new());
}

/// The text of the edit of the only finding.
fn abi_in_edit(target: &str, policy: &str) -> String {
    let here = directory(&[
        ("base/abi/3.0", "file {mask {read\n}\n}\n"),
        ("base/abi/4.0", "file {mask {read\n}\n}\n"),
        ("policy", policy),
    ]);
    let arguments = [
        "check",
        "--isolated",
        "--base",
        "base",
        "--target",
        target,
        "--select",
        "abi-missing",
        "policy",
    ];
    text(&aalint(here.path(), &arguments).stdout)
}

#[test]
fn the_edit_names_an_abi_that_base_and_target_have() {
    assert!(abi_in_edit("debian-12", WEB).contains("edit: declare `abi <abi/3.0>,`"));
    assert!(abi_in_edit("debian-sid", WEB).contains("edit: declare `abi <abi/4.0>,`"));
    // What the parser refuses needs another edit first.
    let broken = abi_in_edit("debian-12", "profile web { capability nothing, }\n");
    assert!(
        broken.contains("AA208") && !broken.contains("edit:"),
        "{broken}"
    );
}

#[test]
fn nothing_is_missing_where_an_include_cannot_be_read() {
    let policy = "abi <abi/4.0>,
include <tunables/global>
@{TMP} = /x
profile a /usr/bin/a {
  include <abstractions/mine>
  /usr/bin/helper Cx -> helper,
  deny /etc/foo r,
  /srv/log[^0-9]* r,
  /srv/a r,
  /srv/a r,
  /var/run/a.pid w,
  audit deny umount,
}
";
    let with = |include: &str, preamble: &str| {
        let all = [
            ("base/abi/4.0", ""),
            (include, ""),
            (preamble, ""),
            ("policy", policy),
        ];
        let arguments = ["--base", "base", "--pedantic", "--audit", "policy"];
        let found = lines(&all, &arguments);
        let mut rules: Vec<String> = found
            .iter()
            .filter_map(|line| Some(line.split(' ').nth(2)?.trim_end_matches(':').to_owned()))
            .collect();
        rules.dedup();
        rules
    };
    let known = with("base/abstractions/mine", "base/tunables/global");
    let absent = [
        "missing-transition-target",
        "missing-loader",
        "missing-self-exec",
        "unused-variable",
        "redundant-deny",
        "redundant-rule",
        "symlinked-path",
        "slash-in-class",
        "audit-deny-umount",
    ];
    for rule in absent {
        assert!(known.iter().any(|found| found == rule), "{rule}: {known:?}");
    }
    for (include, preamble) in [
        ("base/abstractions/other", "base/tunables/global"),
        ("base/abstractions/mine", "base/tunables/other"),
    ] {
        let found = with(include, preamble);
        assert!(
            found.iter().any(|rule| rule == "missing-include"),
            "{found:?}"
        );
        for rule in absent {
            assert!(found.iter().all(|found| found != rule), "{rule}: {found:?}");
        }
    }
}

#[test]
fn a_replacement_denies_all_that_the_rules_deny() {
    // The pattern for all but the exceptions would allow `/sys/module/…`, which the first rule denies.
    let ladder = "abi <abi/4.0>,
profile box {
  file,
  deny /sys/[^dkb]*{,/**} w,
  deny /sys/b[^l]*{,/**} w,
  deny /sys/bl[^o]*{,/**} w,
  deny /sys/blo[^c]*{,/**} w,
  deny /sys/bloc[^k]*{,/**} w,
  deny /sys/block/[^l]*{,/**} w,
  deny /sys/block/l?*{,/**} w,
  deny /sys/block?*{,/**} w,
}
";
    let here = directory(&[("policy", ladder)]);
    let arguments = [
        "check",
        "--isolated",
        "--select",
        "incomplete-complement",
        "policy",
    ];
    let out = text(&aalint(here.path(), &arguments).stdout);
    assert!(
        out.contains("AA214") && !out.contains("write one rule for"),
        "{out}"
    );
}

#[test]
fn one_of_two_rules_speaks_of_var_run() {
    let rules = ["--select", "symlinked-path,container-socket", "policy"];
    let of = |header: &str| {
        let policy = format!("abi <abi/4.0>,\n{header} {{\n  /var/run/** rw,\n}}\n");
        lines(&[("policy", &policy)], &rules)
    };
    let host = of("profile web /usr/bin/web");
    assert_eq!(host.len(), 1, "{host:#?}");
    assert!(
        host[0].contains("AA223] symlinked-path: on systems where"),
        "{host:#?}"
    );
    let container = of("profile c flags=(attach_disconnected,mediate_deleted)");
    assert_eq!(container.len(), 1, "{container:#?}");
    assert!(
        container[0].contains("AA312") && container[0].contains("where `/var/run` is a directory")
    );
}
