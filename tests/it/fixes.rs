//! `check --fix` and its kin: what is changed, what is proved first, and what is never written.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use aalint::diagnostic::{Applicability, Edit, Level, Meta, Severity};
use aalint::lint::{Check, Cx, Rule, Sink};
use aalint::session::fix::{Edits, FixJob, Fixed, WithheldReason, fix};
use aalint::session::{Input, InputKind, Options};
use aalint::source::{FileId, MemoryVfs, Snapshot, Span, TextRange, Vfs};

use crate::common::{aalint, directory, text};

const REDUNDANT: &str = "profile a {\n  /srv/** r,\n  /srv/x r,\n  /srv/y r,\n}\n";
const MENDED: &str = "profile a {\n  /srv/** r,\n}\n";
const ONLY: [&str; 3] = ["check", "--select", "redundant-rule"];

fn check(here: &Path, arguments: &[&str]) -> Output {
    aalint(here, &[&ONLY, arguments].concat())
}

fn read(here: &Path, path: &str) -> String {
    fs::read_to_string(here.join(path)).unwrap()
}

#[test]
fn safe_edits_are_made_and_what_is_left_is_reported() {
    let here = directory(&[("a", REDUNDANT), ("b", "profile b {\n  /b r,\n}\n")]);
    let here = here.path();
    fs::set_permissions(here.join("a"), fs::Permissions::from_mode(0o640)).unwrap();
    let done = check(here, &["--fix", "a", "b"]);
    assert_eq!(done.status.code(), Some(0));
    assert_eq!(read(here, "a"), MENDED);
    assert_eq!(
        text(&done.stderr),
        "aalint: 2 findings are mended in 1 file: redundant-rule 2\n"
    );
    assert_eq!(text(&done.stdout), "no findings in 2 files (2 profiles)\n");
    let mode = fs::metadata(here.join("a")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let again = check(here, &["--fix", "a", "b"]);
    assert_eq!(text(&again.stderr), "");
}

#[test]
fn the_difference_is_shown_and_nothing_is_written() {
    let here = directory(&[("a", REDUNDANT)]);
    let here = here.path();
    let done = check(here, &["--diff", "a"]);
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(
        text(&done.stdout),
        "--- a\n+++ a\n@@ -1,5 +1,3 @@\n profile a {\n   /srv/** r,\n-  /srv/x r,\n-  /srv/y r,\n }\n"
    );
    assert_eq!(
        text(&done.stderr),
        "aalint: 2 findings would be mended in 1 file: redundant-rule 2\n"
    );
    assert_eq!(read(here, "a"), REDUNDANT);
    fs::write(here.join("a"), MENDED).unwrap();
    let done = check(here, &["--diff", "a"]);
    assert_eq!(
        (done.status.code(), text(&done.stdout)),
        (Some(0), String::new())
    );
}

#[test]
fn the_exit_code_is_that_of_what_is_left() {
    let policy = "profile a {\n  /srv/** r,\n  /srv/x r,\n  /etc/** r,\n}\n";
    let here = directory(&[("a", policy)]);
    let here = here.path();
    let select = "--select=redundant-rule,unrestricted-etc";
    let run = |arguments: &[&str]| {
        fs::write(here.join("a"), policy).unwrap();
        let done = aalint(here, &[&["check", select, "a"], arguments].concat());
        assert!(!read(here, "a").contains("/srv/x"), "{arguments:?}");
        (done.status.code(), text(&done.stdout).is_empty())
    };
    assert_eq!(run(&["--fix"]), (Some(1), false));
    assert_eq!(run(&["--fix", "--fail-on", "error"]), (Some(0), false));
    assert_eq!(run(&["--fix-only"]), (Some(0), true));
    assert_eq!(
        run(&["--fix-only", "--exit-non-zero-on-fix"]),
        (Some(1), true)
    );
    let done = aalint(
        here,
        &["check", select, "--fix-only", "--exit-non-zero-on-fix", "a"],
    );
    assert_eq!(done.status.code(), Some(0));
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let here = directory(&[("a", REDUNDANT)]);
    for arguments in [
        &["--unsafe-fixes", "a"][..],
        &["--exit-non-zero-on-fix", "a"],
        &["--add-ignores", " ", "a"],
        &["--add-ignores", "two\nlines", "a"],
        &["--add-ignores", "x", "--fix", "a"],
    ] {
        let done = check(here.path(), arguments);
        assert_eq!(done.status.code(), Some(2), "{arguments:?}");
        assert_eq!(read(here.path(), "a"), REDUNDANT);
    }
}

#[test]
fn unsafe_edits_wait_until_they_are_asked_for() {
    let policy = "profile a {\n  /srv/** r,\n  /srv/x r,\n  /etc r,\n}\n";
    let here = directory(&[("a", policy)]);
    let here = here.path();
    let select = "--select=redundant-rule,directory-needs-slash";
    let run = |arguments: &[&str]| {
        let done = aalint(here, &[&["check", select], arguments, &["a"]].concat());
        (text(&done.stderr), read(here, "a"))
    };
    let told = |rules: &str| format!("aalint: 1 finding is mended in 1 file: {rules}\n");
    assert_eq!(
        run(&["--fix"]),
        (
            told("redundant-rule 1"),
            "profile a {\n  /srv/** r,\n  /etc r,\n}\n".to_owned()
        )
    );
    assert_eq!(
        run(&["--fix", "--unsafe-fixes"]),
        (
            told("directory-needs-slash 1"),
            "profile a {\n  /srv/** r,\n  /etc/ r,\n}\n".to_owned()
        )
    );
}

#[test]
fn standard_input_becomes_standard_output() {
    let here = directory(&[]);
    let run = |arguments: &[&str], input: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_aalint"))
            .args([&ONLY, arguments].concat())
            .current_dir(here.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let done = child.wait_with_output().unwrap();
        (text(&done.stdout), text(&done.stderr), done.status.code())
    };
    let (out, err, code) = run(&["--fix", "-"], REDUNDANT);
    assert_eq!((out.as_str(), code), (MENDED, Some(0)));
    assert!(err.contains("no findings in 1 file"), "{err}");
    let (out, _, code) = run(&["--fix-only", "-"], MENDED);
    assert_eq!((out.as_str(), code), (MENDED, Some(0)));
    let (out, _, code) = run(&["--diff", "--stdin-filename", "web", "-"], REDUNDANT);
    assert!(out.starts_with("--- web\n+++ web\n"), "{out}");
    assert_eq!(code, Some(1));
}

#[test]
fn nothing_outside_of_what_is_named_is_written() {
    let here = directory(&[("tree/b", MENDED), ("elsewhere", REDUNDANT)]);
    let here = here.path();
    symlink("../elsewhere", here.join("tree/a")).unwrap();
    check(here, &["--fix", "tree"]);
    assert_eq!(read(here, "elsewhere"), REDUNDANT);
    // Who names the link means the file.
    check(here, &["--fix", "tree/a"]);
    assert_eq!(read(here, "elsewhere"), MENDED);
    assert!(
        fs::symlink_metadata(here.join("tree/a"))
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn a_base_that_is_not_named_is_not_written() {
    let base = "#include <abstractions/other>\n/usr/** r,\n/usr/lib/x r,\n";
    let here = directory(&[
        ("base/abstractions/own", base),
        ("base/abstractions/other", "/opt/** r,\n"),
        (
            "a",
            "profile a {\n  include <abstractions/own>\n  /usr/y r,\n}\n",
        ),
    ]);
    let here = here.path();
    let done = aalint(
        here,
        &["check", "--pedantic", "--base", "base", "--fix", "a"],
    );
    assert_eq!(
        read(here, "base/abstractions/own"),
        base,
        "{}",
        text(&done.stderr)
    );
    assert_eq!(
        read(here, "a"),
        "profile a {\n  include <abstractions/own>\n}\n"
    );
}

#[test]
fn policy_in_a_manifest_is_not_written() {
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: profiles\ndata:\n  a: |\n    profile a {\n      /srv/** r,\n      /srv/x r,\n    }\n";
    let here = directory(&[("map.yaml", manifest)]);
    let done = check(here.path(), &["--fix", "map.yaml"]);
    assert!(
        text(&done.stdout).contains("redundant-rule"),
        "{}",
        text(&done.stdout)
    );
    assert_eq!(read(here.path(), "map.yaml"), manifest);
}

/// A rule whose edits are what a test says: at each `needle` in a text, `text` in its place.
macro_rules! rule {
    ($name:literal, $code:literal, $needle:literal, $text:expr, $applicability:expr) => {{
        static META: Meta = Meta {
            name: $name,
            code: $code,
            group: "correctness",
            severity: Severity::Warning,
            level: Level::Default,
            fix: Some($applicability),
            retired: &[],
            since: "0.1.0",
            summary: "",
            page: "",
        };
        fn look(cx: &Cx<'_>, sink: &mut Sink<'_>) {
            let mut files: Vec<FileId> = cx.targets.keys().copied().collect();
            files.sort();
            for file in files {
                let text = &cx.store.sources.get(file).text;
                for (at, found) in text.match_indices($needle) {
                    let at = u32::try_from(at).unwrap();
                    let end = at + u32::try_from(found.len()).unwrap();
                    let span = Span {
                        file,
                        range: TextRange::new(at, end),
                    };
                    let edit = Edit {
                        span,
                        text: $text.to_owned(),
                    };
                    sink.report(sink.at(span, "it is there").fix(
                        $applicability,
                        "change it",
                        vec![edit],
                    ));
                }
            }
        }
        Rule {
            meta: &META,
            check: Check::Policy(look),
            implied_intents: None,
        }
    }};
}

fn fixed(files: &[(&str, &str)], inputs: &[&str], rules: &[Rule], edits: Edits<'_>) -> Fixed {
    let mut vfs = MemoryVfs::default();
    for (path, text) in files {
        vfs.insert(*path, *text);
    }
    fixed_in(&vfs, inputs, rules, edits, &|_| Vec::new())
}

fn fixed_in(
    vfs: &dyn Vfs,
    inputs: &[&str],
    rules: &[Rule],
    edits: Edits<'_>,
    around: &dyn Fn(&str) -> Vec<String>,
) -> Fixed {
    let inputs = inputs.iter().map(|path| Input {
        path: (*path).to_owned(),
        kind: InputKind::Policy,
    });
    let options = Options {
        inputs: inputs.collect(),
        search: aalint::policy::Search {
            directories: vec!["base".to_owned()],
            has_no_base: false,
        },
        ..Options::default()
    };
    let job = FixJob {
        edits,
        may_write: &|_| true,
        around,
    };
    fix(&Snapshot::new(vfs), &options, rules, &job)
}

fn withheld(fixed: &Fixed) -> Vec<(u32, &WithheldReason)> {
    let edits = fixed.withheld.iter();
    edits
        .map(|edit| (edit.place.start.line, &edit.why))
        .collect()
}

fn after<'f>(fixed: &'f Fixed, path: &str) -> Option<&'f str> {
    let mut files = fixed.files.iter();
    files
        .find(|file| file.path == path)
        .map(|file| file.after.as_str())
}

#[test]
fn an_edit_that_is_called_safe_and_is_not_is_not_made() {
    let widens = rule!("widens", "AA991", "/y r", "/y* r", Applicability::Safe);
    // The second finding is safe: another rule allows as much.
    let policy =
        "profile a {\n  /y r,\n}\nprofile b {\n  /y r,\n  /y* r,\n}\nprofile c {\n  /y r,\n}\n";
    let files = [("a", policy)];
    let result = fixed(&files, &["a"], &[widens], Edits::Safe);
    let a = WithheldReason::Decisions("a".to_owned());
    let c = WithheldReason::Decisions("c".to_owned());
    assert_eq!(withheld(&result), [(2, &a), (9, &c)]);
    assert_eq!(
        after(&result, "a"),
        Some(
            "profile a {\n  /y r,\n}\nprofile b {\n  /y* r,\n  /y* r,\n}\nprofile c {\n  /y r,\n}\n"
        )
    );
    assert_eq!(result.applied.get("widens"), Some(&1));
    // Once it may change decisions, it is made everywhere.
    let widens = rule!("widens", "AA991", "/y r", "/y* r", Applicability::Unsafe);
    let result = fixed(&files, &["a"], &[widens], Edits::Unsafe);
    assert_eq!(withheld(&result), []);
    assert_eq!(result.applied.get("widens"), Some(&3));
    assert_eq!(fixed(&files, &["a"], &[widens], Edits::Safe).files, []);
}

#[test]
fn what_an_edit_may_not_bring() {
    let stays = rule!("stays", "AA992", "/y r", "/y  r", Applicability::Safe);
    let looks = rule!("looks", "AA993", "/y", "/y", Applicability::Display);
    let brings = rule!(
        "brings",
        "AA994",
        "/x r,",
        "/x  r, # /y",
        Applicability::Safe
    );
    let breaks = rule!("breaks", "AA995", "/z r", "/z [ r", Applicability::Unsafe);
    let widens = rule!("opens", "AA996", "/w r,", "/w rw,", Applicability::Unsafe);
    let policy = "profile a {\n  /y r,\n  /x r,\n  /z r,\n  /w r,\n}\n";
    let rules = [stays, looks, brings, breaks, widens];
    let result = fixed(&[("a", policy)], &["a"], &rules, Edits::Unsafe);
    let brought = WithheldReason::Brings("looks");
    assert_eq!(
        withheld(&result),
        [(3, &brought), (4, &WithheldReason::Faults)]
    );
    assert_eq!(
        after(&result, "a"),
        Some("profile a {\n  /y  r,\n  /x r,\n  /z r,\n  /w rw,\n}\n")
    );
    let remains = rule!("remains", "AA997", "/w r", "/w rw", Applicability::Unsafe);
    let result = fixed(&[("a", policy)], &["a"], &[remains], Edits::Unsafe);
    assert_eq!(withheld(&result), [(5, &WithheldReason::Stays)]);
}

#[test]
fn edits_that_undo_each_other_come_to_an_end() {
    // Each brings a finding of the other one: neither is made.
    let one = rule!("one", "AA981", "/left r", "/right r", Applicability::Unsafe);
    let other = rule!(
        "other",
        "AA982",
        "/right r",
        "/left r",
        Applicability::Unsafe
    );
    let policy = "profile a {\n  /left r,\n}\n";
    let result = fixed(&[("a", policy)], &["a"], &[one, other], Edits::Unsafe);
    assert_eq!(withheld(&result), [(2, &WithheldReason::Brings("other"))]);
    assert_eq!((result.files.len(), result.fighting.len()), (0, 0));
}

#[test]
fn overlapping_edits_wait_for_the_next_round() {
    let one = rule!("one", "AA983", "aa", "b", Applicability::Unsafe);
    let two = rule!("two", "AA984", "ab", "c", Applicability::Unsafe);
    let policy = "profile x {\n  /aab r,\n  /zab r,\n}\n";
    let result = fixed(&[("a", policy)], &["a"], &[one, two], Edits::Unsafe);
    assert_eq!(
        after(&result, "a"),
        Some("profile x {\n  /bb r,\n  /zc r,\n}\n")
    );
}

#[test]
fn an_edit_in_an_abstraction_is_proved_for_all_that_include_it() {
    let narrows = rule!("narrows", "AA985", "/y r", "/y  r", Applicability::Safe);
    let drops = rule!("drops", "AA986", "  /x r,\n", "", Applicability::Safe);
    let files = [
        ("base/abstractions/own", "  /x r,\n  /y r,\n"),
        (
            "one",
            "profile one {\n  include <abstractions/own>\n  /** r,\n}\n",
        ),
        ("two", "profile two {\n  include <abstractions/own>\n}\n"),
    ];
    let mut vfs = MemoryVfs::default();
    for (path, text) in files {
        vfs.insert(path, text);
    }
    let own = "base/abstractions/own";
    let reason = WithheldReason::Decisions("two".to_owned());
    let together = fixed_in(
        &vfs,
        &[own, "one", "two"],
        &[narrows, drops],
        Edits::Safe,
        &|_| Vec::new(),
    );
    assert_eq!(withheld(&together), [(1, &reason)]);
    assert_eq!(after(&together, own), Some("  /x r,\n  /y  r,\n"));
    // The profile that needs the rule is found around it.
    let around = |_: &str| vec!["one".to_owned(), "two".to_owned()];
    let alone = fixed_in(&vfs, &[own], &[drops], Edits::Safe, &around);
    assert_eq!(withheld(&alone), [(1, &reason)]);
    let around = |_: &str| vec!["one".to_owned()];
    let alone = fixed_in(&vfs, &[own], &[drops], Edits::Safe, &around);
    assert_eq!(after(&alone, own), Some("  /y r,\n"));
    // Where no profile includes it, one that exists nowhere does.
    let alone = fixed_in(&vfs, &[own], &[narrows, drops], Edits::Safe, &|_| {
        Vec::new()
    });
    let proof = WithheldReason::Decisions("proof".to_owned());
    assert_eq!(withheld(&alone), [(1, &proof)]);
    assert_eq!(after(&alone, own), Some("  /x r,\n  /y  r,\n"));
}

#[test]
fn nothing_shows_what_an_edit_of_a_lone_part_changes() {
    let drops = rule!("drops", "AA986", "  /x r,\n", "", Applicability::Safe);
    let files = [("elsewhere/abstractions/own", "  /x r,\n  /** r,\n")];
    let result = fixed(
        &files,
        &["elsewhere/abstractions/own"],
        &[drops],
        Edits::Safe,
    );
    assert_eq!(withheld(&result), [(1, &WithheldReason::NoProfile)]);
}

#[test]
fn beside_an_unknown_include_the_same_entries_must_stay() {
    let drops = rule!("drops", "AA986", "  /x r,\n", "", Applicability::Safe);
    let respells = rule!("respells", "AA987", "/y r", "/y  r", Applicability::Safe);
    // What is not known may deny `/**` with a higher priority than that of one rule, and not of the other.
    let policy = "profile a {\n  include <abstractions/unknown>\n  /x r,\n  /** r,\n  /y r,\n}\n";
    let result = fixed(&[("a", policy)], &["a"], &[drops, respells], Edits::Safe);
    assert_eq!(
        withheld(&result),
        [(3, &WithheldReason::Decisions("a".to_owned()))]
    );
    assert!(after(&result, "a").unwrap().contains("/y  r"));
}

#[test]
fn a_directive_never_comes_to_be_about_another_rule() {
    // The edit takes the rule and leaves the directive, which would ignore what is found in the next rule.
    let drops = rule!("drops", "AA986", "  /x r,\n", "", Applicability::Safe);
    let looks = rule!("looks", "AA993", "/z", "/z", Applicability::Display);
    let policy = "profile a {\n  /x* r,\n  # aalint: ignore(looks) it is so\n  /x r,\n  /z r,\n}\n";
    let result = fixed(&[("a", policy)], &["a"], &[drops, looks], Edits::Safe);
    assert_eq!(withheld(&result), [(4, &WithheldReason::Silences)]);
}

#[test]
fn ignores_are_written_where_they_are_about_one_rule() {
    let here = directory(&[(
        "a",
        "profile a {\n  /etc/shadow r,\n  /etc/gshadow r, # why\n  /etc/shadow-\n    r,\n  capability sys_admin, # aalint: ignore(capability-missing) so\n}\n",
    )]);
    let here = here.path();
    let select = "--select=sensitive-read,dangerous-capability";
    let done = aalint(
        here,
        &["check", select, "--add-ignores", "it reads passwords", "a"],
    );
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stdout));
    assert_eq!(
        read(here, "a"),
        "profile a {\n  /etc/shadow r, # aalint: ignore(sensitive-read) it reads passwords\n  \
         # aalint: ignore(sensitive-read) it reads passwords\n  /etc/gshadow r, # why\n  \
         # aalint: ignore(sensitive-read) it reads passwords\n  /etc/shadow-\n    r,\n  \
         capability sys_admin, # aalint: ignore(capability-missing, dangerous-capability) so\n}\n"
    );
    let again = aalint(
        here,
        &["check", select, "--add-ignores", "it reads passwords", "a"],
    );
    assert_eq!(text(&again.stderr), "");
}

#[test]
fn line_ends_stay() {
    let here = directory(&[("a", &REDUNDANT.replace('\n', "\r\n"))]);
    check(here.path(), &["--fix", "a"]);
    assert_eq!(read(here.path(), "a"), MENDED.replace('\n', "\r\n"));
}

#[test]
fn what_was_changed_meanwhile_or_cannot_be_written_is_named() {
    let here = directory(&[("tree/a", REDUNDANT)]);
    let here = here.path();
    fs::set_permissions(here.join("tree"), fs::Permissions::from_mode(0o555)).unwrap();
    let done = crate::common::without_root(here, &[&ONLY[..], &["--fix", "tree/a"]].concat());
    fs::set_permissions(here.join("tree"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stdout));
    assert!(
        text(&done.stderr).contains("tree/a"),
        "{}",
        text(&done.stderr)
    );
    assert_eq!(read(here, "tree/a"), REDUNDANT);
}

#[test]
fn a_rule_that_one_of_several_profiles_needs_stays() {
    let shared =
        "profile helper {\n  /opt/@{name}/helper r,\n  /opt/one/helper r,\n  /opt/one/* r,\n}\n";
    let of = |name: &str| {
        format!("@{{name}}={name}\nprofile {name} {{\n  include <abstractions/browser>\n}}\n")
    };
    let here = directory(&[
        ("abstractions/browser", shared),
        ("one", &of("one")),
        ("two", &of("two")),
    ]);
    let here = here.path();
    // In one of them each of the first two rules adds nothing, in the other the second alone.
    let done = check(
        here,
        &[
            "--base",
            "./",
            "--fix",
            "./one",
            "./two",
            "./abstractions/browser",
        ],
    );
    assert_eq!(
        read(here, "abstractions/browser"),
        "profile helper {\n  /opt/@{name}/helper r,\n  /opt/one/* r,\n}\n",
        "{}",
        text(&done.stderr)
    );
    let done = check(here, &["--base", "./", "./one", "./abstractions/browser"]);
    assert!(
        text(&done.stdout).contains("`/opt/@{name}/helper r` adds nothing"),
        "{}",
        text(&done.stdout)
    );
}

#[test]
fn a_file_is_one_by_whatever_path_it_is_included() {
    let here = directory(&[
        (
            "abstractions/own",
            "  /srv/x r,\n  #include <abstractions/other>\n",
        ),
        ("abstractions/other", "  /srv/** r,\n"),
        ("one", "profile one {\n  include <abstractions/own>\n}\n"),
    ]);
    // Includes are searched in `.`, and so the abstraction is also known as `./abstractions/own`.
    let select = "--select=deprecated-pound-include";
    let done = aalint(
        here.path(),
        &[
            "check",
            select,
            "--base",
            ".",
            "--fix",
            "abstractions/own",
            "one",
        ],
    );
    assert_eq!(
        text(&done.stderr),
        "aalint: 1 finding is mended in 1 file: deprecated-pound-include 1\n"
    );
    assert_eq!(
        read(here.path(), "abstractions/own"),
        "  /srv/x r,\n  include <abstractions/other>\n"
    );
}

#[test]
fn line_ends_of_two_characters_count_as_one() {
    let before = "profile a {\n  /srv/** r,\n  /srv/x r, # aalint: ignore(sensitive-read) so\n  /etc/shadow r, # why\n}\n";
    let here = directory(&[("a", &before.replace('\n', "\r\n"))]);
    let here = here.path();
    check(here, &["--fix", "a"]);
    aalint(
        here,
        &[
            "check",
            "--select=sensitive-read",
            "--add-ignores",
            "so",
            "a",
        ],
    );
    let after = "profile a {\n  /srv/** r,\n  # aalint: ignore(sensitive-read) so\n  /etc/shadow r, # why\n}\n";
    assert_eq!(read(here, "a"), after.replace('\n', "\r\n"));
}

#[test]
fn a_file_with_two_names_is_changed_once() {
    let here = directory(&[("a", REDUNDANT)]);
    let here = here.path();
    symlink("a", here.join("b")).unwrap();
    for names in [["a", "b"], ["b", "a"], ["./a", "a"]] {
        fs::write(here.join("a"), REDUNDANT).unwrap();
        let done = check(here, &["--fix", names[0], names[1]]);
        assert_eq!(
            done.status.code(),
            Some(0),
            "{names:?} {}",
            text(&done.stderr)
        );
        assert_eq!(read(here, "a"), MENDED);
        assert!(
            text(&done.stdout).starts_with("no findings"),
            "{}",
            text(&done.stdout)
        );
        assert_eq!(
            text(&done.stderr),
            "aalint: 2 findings are mended in 1 file: redundant-rule 2\n"
        );
    }
    assert!(fs::symlink_metadata(here.join("b")).unwrap().is_symlink());
}
