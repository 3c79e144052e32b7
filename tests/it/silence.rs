//! What cannot be judged is said: by the exit code, by name, and in every format.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::common::schema::document;
use crate::common::{aalint, without_root};

/// Has an error, so that whoever reads it says so.
const PROFILE: &str = "abi <abi/3.0>,\nprofile web {\n  deny /srv/web ix,\n}\n";

/// Clean.
const FINE: &str = "abi <abi/3.0>,\nprofile fine {\n  /srv/** r,\n}\n";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn put(directory: &Path, path: impl AsRef<OsStr>, bytes: impl AsRef<[u8]>) {
    let full = directory.join(path.as_ref());
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    fs::write(full, bytes).unwrap();
}

fn wide(text: &str, width: usize, is_big: bool) -> Vec<u8> {
    let one = |byte: u8| {
        let mut unit = vec![0; width];
        unit[if is_big { width - 1 } else { 0 }] = byte;
        unit
    };
    text.bytes().flat_map(one).collect()
}

/// Whether what is written is found, or said to be unjudged.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Then {
    Judged,
    /// With these words.
    Unjudged(&'static str),
}

/// Texts that hold a profile, in ways in which it might be passed over.
fn hidden() -> Vec<(String, Vec<u8>, Then)> {
    use Then::{Judged, Unjudged};
    let mut all: Vec<(String, Vec<u8>, Then)> = Vec::new();
    let mut enter = |name: &str, bytes: Vec<u8>, then| all.push((name.to_owned(), bytes, then));
    let with = |from: &str, to: &str| PROFILE.replacen(from, to, 1).into_bytes();
    for (name, from, to) in [
        ("nul in a comment in front", "abi", "# a\0b\nabi"),
        ("nul in a comment inside", "  deny", "  # \0\n  deny"),
        ("nul in a comment behind a rule", "ix,", "ix, # \0"),
        (
            "many nuls in a comment",
            "abi",
            &format!("#{}\nabi", "\0".repeat(3000)),
        ),
        ("nul in a word", "/srv/web", "/srv/\0web"),
        ("nul in a string", "/srv/web", "\"/srv/\0web\""),
        ("nul behind the last line", "}\n", "}\n\0"),
        ("nul without a line end", "}\n", "}\0"),
        ("header on two lines", "profile web {", "profile web\n{"),
        (
            "header on five lines",
            "profile web {",
            "profile web\n  /srv/w\n\n  flags=(audit)\n{",
        ),
        ("comment behind the brace", "web {", "web { # why"),
        ("comment in front of the brace", "web {", "web # why\n{"),
        (
            "all on one line",
            "{\n  deny /srv/web ix,\n}",
            "{ deny /srv/web ix, }",
        ),
        ("a path as the name", "profile web {", "/srv/web\n{"),
        ("a quoted name", "profile web {", "\"/srv/my web\"\n{ # x"),
        (
            "a variable as the name",
            "profile web {",
            "profile @{web}\n{",
        ),
        ("windows lines", "\n", "\r\n"),
        ("byte order mark", "abi", "\u{feff}abi"),
    ] {
        // Without the line that tells that it is policy.
        let is_alone = !name.contains("windows");
        let text = match is_alone {
            true => with(from, to),
            false => PROFILE.replace(from, to).into_bytes(),
        };
        let text = text
            .strip_prefix(b"abi <abi/3.0>,\n")
            .unwrap_or(&text)
            .to_vec();
        enter(name, text, Judged);
    }
    let plain = PROFILE.replace("abi <abi/3.0>,\n", "");
    enter(
        "nul in the keyword",
        plain.replace("profile", "pro\0file").into(),
        Unjudged("NUL bytes"),
    );
    for (width, is_big) in [(2, false), (2, true), (4, false), (4, true)] {
        let name = format!("{width} bytes a character, big {is_big}");
        let marked = format!("\u{feff}{plain}");
        enter(&name, wide(&plain, width, is_big), Unjudged("UTF-16"));
        if width == 2 {
            let units = marked.encode_utf16();
            let bytes = units.flat_map(|unit| match is_big {
                true => unit.to_be_bytes(),
                false => unit.to_le_bytes(),
            });
            enter(
                &format!("{name}, marked"),
                bytes.collect(),
                Unjudged("UTF-16"),
            );
        }
    }
    let many = 8 * 1024 * 1024;
    for (name, padding) in [
        ("comments", "# padding\n"),
        ("blank lines", "\n"),
        ("blanks", " "),
    ] {
        let padding = padding.repeat(many / padding.len() + 1);
        enter(
            &format!("behind 8 MiB of {name}"),
            format!("{padding}\n{plain}").into(),
            Unjudged("too large"),
        );
        enter(
            &format!("in front of 8 MiB of {name}"),
            format!("{plain}{padding}").into(),
            Unjudged("too large"),
        );
    }
    all
}

/// What every way to look at a file says of one that hides a profile.
fn is_told(here: &Path, path: &str, then: Then, why: &str) {
    let json = aalint(here, &["check", "--isolated", "--format", "json", path]);
    let document = document(&json.stdout);
    let (summary, failures) = (&document["summary"], &document["failures"]);
    match then {
        Then::Judged => {
            assert_eq!(summary["files"], 1, "{why}: {document}");
            assert_ne!(json.status.code(), Some(0), "{why}: {document}");
            assert_eq!(summary["unjudged"], 0, "{why}: {document}");
        }
        Then::Unjudged(words) => {
            assert_eq!(json.status.code(), Some(2), "{why}: {document}");
            assert_eq!(summary["unjudged"], 1, "{why}: {document}");
            let reason = failures[0]["reason"].as_str().unwrap();
            assert!(reason.contains(words), "{why}: {reason}");
            assert!(
                failures[0]["path"].as_str().unwrap().starts_with(path),
                "{why}"
            );
            for format in ["human", "concise", "github"] {
                let arguments = ["check", "--isolated", "--format", format, path];
                let output = aalint(here, &arguments);
                assert_eq!(output.status.code(), Some(2), "{why}");
                assert!(text(&output.stderr).contains(reason), "{why}, {format}");
                let out = text(&output.stdout);
                let is_there = match format {
                    "human" => out.contains("could not be judged"),
                    _ => out.contains(reason) && out.contains("not judged"),
                };
                assert!(is_there, "{why}, {format}: {out}");
            }
        }
    }
}

#[test]
fn no_hidden_profile_is_passed_over() {
    for (why, bytes, then) in hidden() {
        let here = tempfile::tempdir().unwrap();
        put(here.path(), "d/web", &bytes);
        is_told(here.path(), "d", then, &why);
        is_told(here.path(), "d/web", then, &why);
        // Beside a good one, which is judged all the same.
        put(here.path(), "d/fine", FINE);
        let json = aalint(
            here.path(),
            &["check", "--isolated", "--format", "json", "d"],
        );
        let document = document(&json.stdout);
        assert!(document["summary"]["profiles"].as_u64() >= Some(1), "{why}");
        assert_ne!(json.status.code(), Some(0), "{why}");
        // A gate sees it on each side.
        put(here.path(), "e/fine", FINE);
        for (old, new, side) in [("d", "e", "old: "), ("e", "d", "new: ")] {
            let arguments = ["diff", "--isolated", "--fail-on", "different", old, new];
            let output = aalint(here.path(), &arguments);
            let err = text(&output.stderr);
            match then {
                Then::Judged => assert_eq!(output.status.code(), Some(1), "{why}: {err}"),
                Then::Unjudged(words) => {
                    assert_eq!(output.status.code(), Some(2), "{why}: {err}");
                    assert!(err.contains(side) && err.contains(words), "{why}: {err}");
                }
            }
        }
        let graph = aalint(here.path(), &["graph", "--isolated", "d"]);
        let code = if then == Then::Judged { 0 } else { 2 };
        assert_eq!(graph.status.code(), Some(code), "{why}");
    }
}

#[test]
fn a_name_that_is_no_text_is_one_all_the_same() {
    for name in [
        &b"w\xffb"[..],
        b"\xe4",
        b"b\xc3",
        b"\\xff\xff",
        b"sub\xfe/web",
    ] {
        let here = tempfile::tempdir().unwrap();
        let path = [b"d/", name].concat();
        put(here.path(), OsStr::from_bytes(&path), PROFILE);
        // The same name by the letter is another one.
        put(here.path(), "d/w\\xffb", FINE);
        let json = aalint(
            here.path(),
            &["check", "--isolated", "--format", "json", "d"],
        );
        let document = document(&json.stdout);
        assert_eq!(document["summary"]["profiles"], 2, "{document}");
        assert_eq!(document["summary"]["error"], 1, "{document}");
        assert_eq!(json.status.code(), Some(1));
        let output = Command::new(env!("CARGO_BIN_EXE_aalint"))
            .args(["check", "--isolated", "--format", "concise"])
            .arg(OsStr::from_bytes(&path))
            .current_dir(here.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        assert!(
            text(&output.stdout).contains("\\x"),
            "{}",
            text(&output.stdout)
        );
    }
}

/// A reason, and what makes it true of a path.
type Obstacle = (&'static str, fn(&Path));

/// What cannot be read, whoever runs this.
fn obstacles() -> Vec<Obstacle> {
    vec![
        ("is a link that leads nowhere", |at| {
            symlink("nowhere", at).unwrap();
        }),
        ("Too many levels of symbolic links", |at| {
            let own = at.file_name().unwrap().to_owned();
            symlink(own, at).unwrap();
        }),
        ("Too many levels of symbolic links", |at| {
            let name = format!(".{}", at.file_name().unwrap().to_str().unwrap());
            let other = at.with_file_name(&name);
            symlink(&name, at).unwrap();
            symlink(at.file_name().unwrap(), other).unwrap();
        }),
        ("is too large", |at| {
            fs::write(at, "a,b\n".repeat(3 * 1024 * 1024)).unwrap();
        }),
    ]
}

#[test]
fn what_cannot_be_read_hides_nothing_else() {
    for (why, make) in obstacles() {
        for place in ["apparmor.d", "apparmor.d/abstractions", "d"] {
            let here = tempfile::tempdir().unwrap();
            put(here.path(), format!("t/{place}/fine"), FINE);
            put(here.path(), "t/other/fine", FINE.replace("fine", "other"));
            make(&here.path().join(format!("t/{place}/web")));
            let json = aalint(
                here.path(),
                &["check", "--isolated", "--format", "json", "t"],
            );
            let document = document(&json.stdout);
            assert_eq!(json.status.code(), Some(2), "{why}, {place}: {document}");
            let reason = document["failures"][0]["reason"].as_str().unwrap();
            assert!(reason.contains(why), "{place}: {reason}");
            assert!(
                document["summary"]["files"].as_u64() >= Some(2),
                "{why}, {place}"
            );
        }
        // Elsewhere it may be anything.
        let here = tempfile::tempdir().unwrap();
        put(here.path(), "t/apparmor.d/fine", FINE);
        fs::create_dir(here.path().join("t/data")).unwrap();
        make(&here.path().join("t/data/thing"));
        make(&here.path().join("t/data/deploy.yaml"));
        make(&here.path().join("t/apparmor.d/notes.md"));
        let json = aalint(
            here.path(),
            &["check", "--isolated", "--format", "json", "t"],
        );
        let document = document(&json.stdout);
        assert_eq!(json.status.code(), Some(0), "{why}: {document}");
        let left_out = &document["summary"]["leftOut"];
        let count = |what: &str| left_out[what].as_u64().unwrap();
        assert_eq!(
            count("others") + count("unreadable"),
            3,
            "{why}: {document}"
        );
        assert!(count("unreadable") >= 1, "{why}: {document}");
        assert_eq!(document["notes"].as_array().unwrap().len(), 1, "{document}");
        // Who names it wants it judged.
        for path in [
            "t/data/thing",
            "t/data/deploy.yaml",
            "t/apparmor.d/notes.md",
        ] {
            let output = aalint(here.path(), &["check", "--isolated", path]);
            assert_eq!(output.status.code(), Some(2), "{why}, {path}");
            assert!(text(&output.stderr).contains(path), "{why}, {path}");
        }
    }
}

/// Runs as a user who may not read everything, if that is possible here.
#[test]
fn permissions_that_are_missing_are_told() {
    use std::os::unix::fs::PermissionsExt;
    let here = tempfile::tempdir().unwrap();
    put(here.path(), "t/apparmor.d/fine", FINE);
    put(here.path(), "t/apparmor.d/web", PROFILE);
    put(here.path(), "t/apparmor.d/sub/web", PROFILE);
    let mode = |path: &str, mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(here.path().join(path), permissions).unwrap();
    };
    mode("t/apparmor.d/web", 0);
    mode("t/apparmor.d/sub", 0);
    let output = without_root(
        here.path(),
        &["check", "--isolated", "--format", "json", "t"],
    );
    mode("t/apparmor.d/sub", 0o755);
    let document = document(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{document}");
    assert_eq!(document["summary"]["profiles"], 1, "{document}");
    let failures = document["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 2, "{document}");
    for failure in failures {
        let reason = failure["reason"].as_str().unwrap();
        assert!(reason.contains("Permission denied"), "{document}");
    }
}

#[test]
fn what_is_something_else_is_left_out_and_no_profile_when_named() {
    let here = tempfile::tempdir().unwrap();
    put(here.path(), "d/fine", FINE);
    let others: &[(&str, &[u8])] = &[
        ("app.py", b"profile = {\n  'a': 1,\n}\n"),
        ("Dockerfile", b"FROM scratch\n"),
        ("Containerfile", b"FROM scratch\n"),
        ("logo", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("logo.png", b""),
        ("program", b"\x7fELF\x02\x01\x01\0"),
        ("archive", b"\x1f\x8b\x08\0"),
        ("run", b"#!/bin/sh\nif true; then {\n  echo\n}\nfi\n"),
        ("values.yaml", b"a: b\n"),
    ];
    for (name, bytes) in others {
        put(here.path(), format!("d/{name}"), bytes);
        let output = aalint(here.path(), &["check", "--isolated", &format!("d/{name}")]);
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {err}");
        assert!(err.contains("is no AppArmor profile"), "{name}: {err}");
    }
    let output = text(&aalint(here.path(), &["check", "--isolated", "d"]).stdout);
    let wanted = format!(
        "no findings in 1 file (1 profile)\nleft out: {} files of other kinds\n",
        others.len()
    );
    assert!(output.ends_with(&wanted), "{output}");
    let quiet = aalint(here.path(), &["check", "--isolated", "--quiet", "d"]);
    assert_eq!(text(&quiet.stdout), "");
}

#[test]
fn what_was_left_out_is_counted() {
    let here = tempfile::tempdir().unwrap();
    put(here.path(), "t/apparmor.d/fine", FINE);
    put(here.path(), "t/apparmor.d/old", PROFILE);
    put(here.path(), "t/apparmor.d/disable/web", PROFILE);
    put(here.path(), "t/apparmor.d/web.dpkg-old", PROFILE);
    put(
        here.path(),
        "t/deploy.yaml",
        "apiVersion: v1\nkind: Pod\n{{ x }}: [\n",
    );
    put(here.path(), "t/app.py", "x\n");
    put(here.path(), "t/aalint.toml", "exclude = [\"**/old\"]\n");
    let output = text(&aalint(here.path(), &["check", "t"]).stdout);
    let wanted = "no findings in 1 file (1 profile)\nleft out: 2 files of other kinds, 1 excluded by \
                  the configuration, 2 that AppArmor does not load, 1 not readable\n";
    assert!(output.ends_with(wanted), "{output}");
    assert!(
        output.contains("note: `t/deploy.yaml` is not looked at (is no YAML"),
        "{output}"
    );
}

#[test]
fn no_profile_is_a_warning_that_says_what_was_looked_at() {
    let here = tempfile::tempdir().unwrap();
    fs::create_dir(here.path().join("empty")).unwrap();
    put(here.path(), "app/app.py", "x\n");
    put(here.path(), "parts/abstractions/own", "/srv/** r,\n");
    put(here.path(), "excluded/web", PROFILE);
    put(here.path(), "excluded/aalint.toml", "exclude = [\"web\"]\n");
    for (path, code, words) in [
        ("empty", 1, "no profile was checked in `empty`: no file"),
        (
            "app",
            1,
            "no profile was checked in `app`: 1 file of another kind",
        ),
        (
            "parts",
            0,
            "no profile was checked in `parts`: 1 policy file without a profile",
        ),
        ("excluded", 1, "1 excluded by the configuration"),
        // A hook names it that does not know what the configuration excludes.
        ("excluded/web", 0, "1 excluded by the configuration"),
    ] {
        let check = |format: &str, more: &[&str]| {
            let arguments = ["check", "--ignore", "AA2", "--format", format, path];
            aalint(here.path(), &[&arguments[..], more].concat())
        };
        for format in ["human", "concise", "github", "json"] {
            let output = check(format, &[]);
            assert_eq!(output.status.code(), Some(code), "{path}, {format}");
            let out = text(&output.stdout);
            assert!(
                out.contains("no profile was checked"),
                "{path}, {format}: {out}"
            );
            assert!(out.contains(words), "{path}, {format}: {out}");
        }
        let lenient = check("human", &["--fail-on", "error"]);
        assert_eq!(lenient.status.code(), Some(0), "{path}");
    }
    for arguments in [&["graph", "empty"][..], &["diff", "empty", "app"]] {
        let output = aalint(here.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("profile"), "{arguments:?}");
    }
}

#[test]
fn a_selection_of_nothing_is_an_error() {
    let here = tempfile::tempdir().unwrap();
    put(here.path(), "web", PROFILE);
    for select in ["", ",", " , ,", " "] {
        let output = aalint(here.path(), &["check", "--select", select, "web"]);
        assert_eq!(output.status.code(), Some(2), "`{select}`");
        assert!(text(&output.stderr).contains("--select"), "`{select}`");
    }
    // One that selects something does.
    let output = aalint(here.path(), &["check", "--select", "AA1,", "web"]);
    assert_eq!(output.status.code(), Some(1));
    for config in ["[lint]\nselect = []\n", "[lint]\nselect = [\"\"]\n"] {
        put(here.path(), "aalint.toml", config);
        let output = aalint(here.path(), &["check", "web"]);
        assert_eq!(output.status.code(), Some(2), "{config}");
        assert!(text(&output.stdout).contains("aalint.toml:2:"), "{config}");
    }
}

/// The exit code of a command whose output nobody reads, and what it says on standard error.
fn unread(here: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args(arguments)
        .current_dir(here)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), text(&output.stderr))
}

#[test]
fn output_that_nobody_reads_changes_no_code() {
    let here = tempfile::tempdir().unwrap();
    let many = PROFILE.replace("  deny /srv/web ix,\n", &"  deny /a ix,\n".repeat(5_000));
    put(here.path(), "many", &many);
    put(here.path(), "fine", FINE);
    put(
        here.path(),
        "wide",
        FINE.replace("/srv/**", "/**").replace(" r,", " rw,"),
    );
    symlink("nowhere", here.path().join("gone")).unwrap();
    for (arguments, code) in [
        (&["check", "many"][..], 1),
        (&["check", "--format", "json", "many"], 1),
        (&["check", "--format", "github", "many"], 1),
        (&["check", "--fail-on", "never", "many"], 0),
        (&["check", "fine"], 0),
        (&["diff", "--fail-on", "wider", "fine", "wide"], 1),
        (&["diff", "--fail-on", "narrower", "fine", "wide"], 0),
        (&["query", "fine", "/srv/a w"], 1),
        (&["query", "fine", "/srv/a r"], 0),
        (&["graph", "fine"], 0),
        (&["rules"], 0),
        (&["explain", "AA108"], 0),
        (&["engine-profile", "show", "podman"], 0),
    ] {
        assert_eq!(
            unread(here.path(), arguments),
            (Some(code), String::new()),
            "{arguments:?}"
        );
    }
    let (code, told) = unread(here.path(), &["check", "many", "gone"]);
    assert_eq!(code, Some(2));
    assert!(
        told.contains("gone: is a link that leads nowhere"),
        "{told}"
    );
}

#[test]
fn modes_are_told_and_hide_nothing() {
    let here = tempfile::tempdir().unwrap();
    let head = "abi <abi/3.0>,\nprofile web /srv/web";
    let lax = format!("{head} flags=(complain)");
    put(here.path(), "v0", format!("{lax} {{\n  /srv/** r,\n}}\n"));
    put(
        here.path(),
        "v1",
        format!("{lax} {{\n  /srv/** r,\n  /etc/** rw,\n  capability,\n}}\n"),
    );
    put(
        here.path(),
        "v2",
        format!("{head} {{\n  /srv/** r,\n  /etc/** rw,\n  capability,\n}}\n"),
    );
    for (old, new, verdict, note) in [
        ("v0", "v1", "wider: ", "profile `web` is in complain mode"),
        (
            "v1",
            "v2",
            "incomparable: ",
            "profile `web` is no longer in complain mode",
        ),
        (
            "v0",
            "v2",
            "incomparable: ",
            "profile `web` is no longer in complain mode",
        ),
        ("v2", "v1", "wider: ", "profile `web` is in complain mode"),
    ] {
        for format in ["human", "json", "markdown"] {
            let arguments = [
                "diff",
                "--isolated",
                "--fail-on",
                "wider",
                "--format",
                format,
                old,
                new,
            ];
            let output = aalint(here.path(), &arguments);
            assert_eq!(output.status.code(), Some(1), "{old} {new}");
            let out = text(&output.stdout);
            assert!(out.contains(note), "{old} {new}: {out}");
            assert!(
                format != "human" || out.starts_with(verdict),
                "{old} {new}: {out}"
            );
        }
    }
}

#[test]
fn what_is_missing_on_one_side_is_unknown() {
    let include = "abi <abi/3.0>,\nprofile web {\n  include <abstractions/mine>\n  /srv/** r,\n}\n";
    let nested = include.replace("mine", "outer");
    let exists = include.replace("include <", "include if exists <");
    let broken = include.replace("include <abstractions/mine>", "/a rz,");
    let plain = include.replace("  include <abstractions/mine>\n", "");
    let rw = include.replace(" r,", " rw,");
    for (old, new, file, code, verdict) in [
        (include, include, Some("abstractions/mine"), 2, "unknown"),
        (&nested, &nested, Some("abstractions/outer"), 2, "unknown"),
        // The same is missing in both: the answer is about the rest.
        (include, include, None, 0, "equal"),
        (include, &rw, None, 1, "wider"),
        (include, &plain, None, 2, "unknown"),
        (&plain, include, None, 2, "unknown"),
        (&plain, &broken, None, 2, "unknown"),
        // May be missing.
        (&exists, &exists, Some("abstractions/mine"), 1, "wider"),
        (&plain, &exists, None, 0, "equal"),
    ] {
        let here = tempfile::tempdir().unwrap();
        put(here.path(), "old/web", old);
        put(here.path(), "new/web", new);
        put(here.path(), "old/tunables/global", "");
        put(here.path(), "new/tunables/global", "");
        if let Some(file) = file {
            put(
                here.path(),
                format!("new/{file}"),
                "/a r,\ninclude if exists <no>\n",
            );
        }
        let arguments = [
            "diff",
            "--isolated",
            "--format",
            "json",
            "old/web",
            "new/web",
        ];
        let json = aalint(here.path(), &arguments);
        assert_eq!(json.status.code(), Some(0), "{}", text(&json.stderr));
        let document = document(&json.stdout);
        assert_eq!(
            document["profiles"][0]["relation"], verdict,
            "{old}{new}{document}"
        );
        assert_eq!(document["summary"][verdict], 1, "{document}");
        let gated = [
            "diff",
            "--isolated",
            "--fail-on",
            "wider",
            "old/web",
            "new/web",
        ];
        let gated = aalint(here.path(), &gated);
        assert_eq!(
            gated.status.code(),
            Some(code),
            "{old}{new}{}",
            text(&gated.stdout)
        );
        if verdict == "unknown" {
            assert!(text(&gated.stdout).contains("nothing is known of profile `web`"));
        }
    }
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(["-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout).trim().to_owned()
}

#[test]
fn a_proposal_does_not_configure_its_gate() {
    let wide = FINE.replace("/srv/** r,", "/** rw,");
    let exclude = "exclude = [\"**\"]\n";
    let faulty = "exclude = [\"**\n";
    for (base, proposed, directory, code, words) in [
        (
            None,
            Some(exclude),
            ".",
            1,
            "`aalint.toml` of the new revision does not count",
        ),
        (
            None,
            Some(faulty),
            ".",
            1,
            "`aalint.toml` of the new revision does not count",
        ),
        (
            Some("fail-on = \"error\"\n"),
            Some(exclude),
            ".",
            1,
            "what the new one changes",
        ),
        (
            Some("fail-on = \"error\"\n"),
            Some(exclude),
            "policy",
            1,
            "what the new one changes",
        ),
        // The base excludes it, and may.
        (
            Some("exclude = [\"policy/fine\"]\n"),
            None,
            ".",
            2,
            "the configuration is `aalint.toml`",
        ),
        (
            Some("exclude = [\"policy/fine\"]\n"),
            None,
            "policy",
            2,
            "`aalint.toml`",
        ),
        (Some(faulty), None, ".", 2, "aalint.toml"),
        (None, None, ".", 1, "1 profile: 1 wider"),
    ] {
        let here = tempfile::tempdir().unwrap();
        let path = here.path();
        git(path, &["init", "-q"]);
        put(path, "policy/fine", FINE);
        if let Some(base) = base {
            put(path, "aalint.toml", base);
        }
        git(path, &["add", "."]);
        git(path, &["commit", "-q", "-m", "one"]);
        put(path, "policy/fine", &wide);
        match proposed {
            Some(proposed) => put(path, "aalint.toml", proposed),
            None => fs::remove_file(path.join("aalint.toml")).unwrap_or_default(),
        }
        git(path, &["add", "-A"]);
        git(path, &["commit", "-q", "-m", "two"]);
        let arguments = ["diff", "--fail-on", "wider", "--git", "HEAD~1...HEAD"];
        let output = aalint(&path.join(directory), &arguments);
        let told = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{base:?} {proposed:?}: {told}"
        );
        assert!(told.contains(words), "{base:?} {proposed:?}: {told}");
    }
    // The same of directories.
    let here = tempfile::tempdir().unwrap();
    put(here.path(), "old/fine", FINE);
    put(here.path(), "new/fine", &wide);
    put(here.path(), "new/aalint.toml", exclude);
    let output = aalint(here.path(), &["diff", "--fail-on", "wider", "old", "new"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(
        text(&output.stdout).contains("does not count"),
        "{}",
        text(&output.stdout)
    );
    put(here.path(), "old/aalint.toml", "fail-on = \"error\"\n");
    let output = aalint(here.path(), &["diff", "--fail-on", "wider", "old", "new"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("that of the old version"));
}

#[test]
fn what_git_cannot_give_is_told_for_its_side() {
    enum Break {
        Missing,
        Damaged,
    }
    for (how, words) in [
        (Break::Missing, "missing"),
        (Break::Damaged, "git does not give it"),
    ] {
        let here = tempfile::tempdir().unwrap();
        let path = here.path();
        git(path, &["init", "-q"]);
        put(path, "apparmor.d/a-fine", FINE);
        put(path, "apparmor.d/web", PROFILE);
        put(path, "apparmor.d/z-fine", FINE.replace("fine", "last"));
        git(path, &["add", "."]);
        git(path, &["commit", "-q", "-m", "one"]);
        put(path, "apparmor.d/a-fine", FINE.replace(" r,", " rw,"));
        put(
            path,
            "apparmor.d/web",
            PROFILE.replace("web ix", "other ix"),
        );
        git(path, &["commit", "-q", "-a", "-m", "two"]);
        let id = git(path, &["rev-parse", "HEAD~1:apparmor.d/web"]);
        let object = path.join(".git/objects").join(&id[..2]).join(&id[2..]);
        fs::remove_file(&object).unwrap();
        if let Break::Damaged = how {
            fs::write(&object, "no object").unwrap();
        }
        for range in ["HEAD~1..HEAD", "HEAD..HEAD~1"] {
            let side = if range.starts_with("HEAD~") {
                "old"
            } else {
                "new"
            };
            let arguments = ["diff", "--format", "json", "--git", range];
            let output = aalint(path, &arguments);
            let err = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{err}");
            assert!(err.contains(&format!("{side}: apparmor.d/web: ")), "{err}");
            assert!(err.contains(words), "{err}");
            let document = document(&output.stdout);
            assert_eq!(document["failures"][0]["side"], side, "{document}");
            // The others are compared.
            let names = document["profiles"].as_array().unwrap().iter();
            let names: Vec<&str> = names
                .map(|profile| profile["name"].as_str().unwrap())
                .collect();
            assert!(
                names.contains(&"fine") && names.contains(&"last"),
                "{names:?}"
            );
        }
    }
}

#[test]
fn promises_of_the_configuration_are_about_something() {
    let config =
        "[[profile]]\nname = \"web\"\nkind = \"container\"\nintents = [\"no-host-secrets\"]\n";
    let renamed = "abi <abi/3.0>,\nprofile webb {\n  /etc/shadow r,\n}\n";
    let named = renamed.replace("webb", "web");
    let glob = config.replace("\"web\"", "\"w*\"");
    let global = "intents = [\"no-host-secrets\"]\n";
    let part = "/srv/** r,\n";
    for (config, files, arguments, code, words) in [
        (
            config,
            &[("p/web", renamed)][..],
            &["."][..],
            2,
            "no profile is called `web`",
        ),
        (
            config,
            &[("p/web", renamed)],
            &["p/web"],
            2,
            "did you mean `webb`?",
        ),
        (
            config,
            &[("p/web", renamed)],
            &["p"],
            2,
            "aalint.toml:2:8: error[AA904]",
        ),
        (config, &[("p/web", &named)], &["."], 1, "AA801"),
        (&glob, &[("p/web", renamed)], &["."], 1, "AA801"),
        // A part of the policy: the rest is there.
        (
            config,
            &[("p/web", &named), ("q/other", FINE)],
            &["q/other"],
            0,
            "",
        ),
        (
            config,
            &[("p/web", &named), ("q/other", FINE)],
            &["q"],
            0,
            "",
        ),
        (
            config,
            &[("p/web", renamed), ("q/other", FINE)],
            &["q/other"],
            2,
            "`web`",
        ),
        (
            global,
            &[("p/abstractions/own", part)],
            &["."],
            2,
            "there is no profile to keep",
        ),
        (
            global,
            &[("p/abstractions/own", part), ("p/web", &named)],
            &["p/abstractions/own"],
            0,
            "",
        ),
        // What the runtime is told.
        (
            "[container]\nexpect = [\"web\"]\n",
            &[("p/web", renamed)],
            &["."],
            1,
            "AA401",
        ),
    ] {
        let here = tempfile::tempdir().unwrap();
        put(here.path(), "aalint.toml", config);
        for (path, text) in files {
            put(here.path(), path, text);
        }
        let all = ["check", "--fail-on", "error", "--format", "concise"];
        let output = aalint(here.path(), &[&all[..], arguments].concat());
        let human = aalint(
            here.path(),
            &[&["check", "--fail-on", "error"], arguments].concat(),
        );
        let out = format!("{}{}", text(&output.stdout), text(&human.stdout));
        assert_eq!(
            output.status.code(),
            Some(code),
            "{config}{arguments:?}: {out}"
        );
        assert!(out.contains(words), "{config}{arguments:?}: {out}");
    }
}

#[test]
fn more_than_a_run_reads_is_named() {
    let tree = tempfile::tempdir().unwrap();
    let directory = tree.path().join("apparmor.d");
    let text = format!("profile p {{\n# {}\n}}\n", "x".repeat(8 * 1000 * 1000));
    put(tree.path(), "apparmor.d/p00", &text);
    // 8 of them have less than 64 MiB, and 9 have more.
    for number in 1..10 {
        let name = directory.join(format!("p{number:02}"));
        fs::hard_link(directory.join("p00"), name).unwrap();
    }
    put(
        tree.path(),
        "including",
        "include <a>\nprofile including {\n  include <b>\n}\n",
    );
    for (name, of) in [("a", "p00"), ("b", "p00")] {
        fs::create_dir_all(tree.path().join("base").join(name)).unwrap();
        for number in 0..5 {
            let to = tree.path().join(format!("base/{name}/{number}"));
            fs::hard_link(directory.join(of), to).unwrap();
        }
    }
    let limit = "is beyond what aalint reads in a run: 67108864 bytes in 50000 files";
    for line in [
        &["check", "apparmor.d"][..],
        &["check", "--format", "json", "apparmor.d"],
        &["graph", "apparmor.d"],
        &["diff", "apparmor.d/p00", "apparmor.d"],
        &["check", "--base", "base", "including"],
        &["query", "--base", "base", "including", "/x r"],
    ] {
        let output = aalint(tree.path(), line);
        assert_eq!(output.status.code(), Some(2), "{line:?}");
        let named = text_of(&output).matches(limit).count();
        assert!(named >= 1, "{line:?}: {}", text_of(&output));
    }
    let output = aalint(tree.path(), &["check", "apparmor.d"]);
    let shown = text_of(&output);
    assert!(
        shown.contains("in 8 files (8 profiles); 2 files could not be judged"),
        "{shown}"
    );
    for path in ["apparmor.d/p08", "apparmor.d/p09"] {
        assert!(
            shown.contains(&format!("aalint: {path}: {limit}")),
            "{shown}"
        );
    }
}

/// What stands on both streams.
fn text_of(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}
