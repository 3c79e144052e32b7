//! `aalint query` as people run it: lines, exit codes, faults with their places, JSON.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::schema::document;
use crate::common::{aalint, directory, text};

const ASKED: &str = "abi <abi/4.0>,
profile web {
  include <abstractions/base>
  /etc/** r,
  deny /etc/shadow rw,
  owner /home/*/** rw,
  profile child {
    /srv/ r,
  }
}
";

/// A profile to ask, and its base.
fn asked() -> tempfile::TempDir {
    directory(&[
        ("base/tunables/global", ""),
        ("base/abi/4.0", ""),
        ("base/abstractions/base", "/usr/lib/** mr,\n"),
        ("web", ASKED),
    ])
}

fn query(here: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let all = [&["query", "--isolated", "--base", "base"], arguments].concat();
    let output = aalint(here, &all);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    (output.status.code(), out, err)
}

#[test]
fn requests_are_answered() {
    let here = asked();
    let (code, out, err) = query(
        here.path(),
        &[
            "web",
            "/etc/passwd r",
            "/etc/shadow r",
            "/srv r",
            "/usr/lib/x m",
            "/etc/** r",
            "/home/a/b r",
        ],
    );
    assert_eq!(code, Some(1));
    assert_eq!(err, "");
    assert_eq!(
        out,
        "allowed    /etc/passwd r        web:4:3 /etc/** r
denied     /etc/shadow r        web:5:3 deny /etc/shadow rw
unmatched  /srv r               no rule matches
allowed    /usr/lib/x m         base/abstractions/base:1:1 /usr/lib/** mr (included at web:3:3)
partly     /etc/** r
  allowed    /etc/x r           web:4:3 /etc/** r
  denied     /etc/shadow r      web:5:3 deny /etc/shadow rw
partly     /home/a/b r
  allowed    owner /home/a/b r  web:6:3 owner /home/*/** rw
  unmatched  other /home/a/b r  no rule matches
"
    );
    let child = |request| query(here.path(), &["web", "--profile", "web//child", request]).0;
    assert_eq!(child("/srv/ r"), Some(0));
    assert_eq!(child("/etc/passwd r"), Some(1));
}

#[test]
fn requests_come_from_files() {
    let here = asked();
    let requests = "# a comment\n\n/etc/passwd r, # and another\n  owner /home/a/b w\n";
    fs::write(here.path().join("requests"), requests).unwrap();
    let (code, out, _) = query(here.path(), &["web", "--requests", "requests"]);
    assert_eq!(code, Some(0));
    assert_eq!(out.lines().count(), 2, "{out}");
    let mut child = Command::new(env!("CARGO_BIN_EXE_aalint"))
        .args([
            "query",
            "--isolated",
            "--base",
            "base",
            "web",
            "--requests",
            "-",
        ])
        .current_dir(here.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"/etc/shadow r\n").unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).starts_with("denied     /etc/shadow r"));
}

#[test]
fn what_cannot_be_asked_is_said_with_its_place() {
    let here = asked();
    fs::write(here.path().join("requests"), "/etc/passwd r\n/etc/x rz\n").unwrap();
    let (code, out, err) = query(here.path(), &["web", "--requests", "requests"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("the permission `rz` is not known"), "{err}");
    assert!(err.contains("requests:2:8"), "{err}");
    for (request, message) in [
        ("deny /a r", "`deny` says what a rule does"),
        ("/a r, /b r", "a request is one rule"),
        ("@{NO}/a r", "the profile knows no variable `@{NO}`"),
        ("etc r", "does not begin with `/`"),
        ("}", "error"),
    ] {
        let (code, out, err) = query(here.path(), &["web", request]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{request}");
        assert!(err.contains(message), "{request}: {err}");
    }
}

#[test]
fn the_profile_to_ask_must_be_clear() {
    let here = directory(&[
        ("two", "profile web { /a r, }\nprofile worker { }\n"),
        ("none", "/a r,\n"),
    ]);
    let ask = |arguments: &[&str]| {
        let output = aalint(here.path(), &[&["query"], arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let several = "two defines several profiles; name one with --profile: `web`, `worker`";
    assert!(ask(&["two", "/a r"]).contains(several));
    let unknown = "two defines no profile `wbe`; did you mean `web`?";
    assert!(ask(&["two", "--profile", "wbe", "/a r"]).contains(unknown));
    assert!(ask(&["none", "/a r"]).contains("none defines no profile"));
    assert!(ask(&["nowhere", "/a r"]).contains("nowhere"));
    assert!(ask(&["two", "--profile", "web"]).contains("REQUEST"));
    let output = aalint(here.path(), &["query", "two", "--profile", "web", "/a r"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn answers_are_json() {
    let here = asked();
    let (_, out, _) = query(
        here.path(),
        &["web", "--format", "json", "/etc/** r", "/usr/lib/x m"],
    );
    let document = document(out.as_bytes());
    assert_eq!(document["version"], 2);
    assert_eq!(document["mode"], "enforce");
    let partly = &document["decisions"][0];
    assert_eq!(partly["outcome"], "partly");
    let denied = &partly["examples"][1];
    assert_eq!(denied["request"], "/etc/shadow r");
    assert_eq!(denied["rules"][0]["range"]["start"]["line"], 5);
    assert_eq!(denied["overridden"][0]["text"], "/etc/** r,");
    assert_eq!(denied["overridden"][0]["by"], "deny");
    let included = &document["decisions"][1]["examples"][0]["rules"][0];
    assert_eq!(included["includedFrom"][0]["range"]["start"]["line"], 3);
}

#[test]
fn modes_and_gaps_are_part_of_the_answer() {
    let here = directory(&[
        ("complain", "profile web flags=(complain) { deny /b r, }\n"),
        (
            "gap",
            "profile web { include <abstractions/nobody> /a r, deny /b r, }\n",
        ),
        ("faulty", "profile web { /a r, /b rq, }\n"),
    ]);
    let ask = |arguments: &[&str]| {
        let output = aalint(here.path(), &[&["query", "--isolated"], arguments].concat());
        (output.status.code(), text(&output.stdout))
    };
    let (code, out) = ask(&["complain", "/a r"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("allowed    /a r  complain mode\n"), "{out}");
    assert!(out.contains("note: `web` is in complain mode"), "{out}");
    assert_eq!(ask(&["complain", "/b r"]).0, Some(1));
    let (_, out) = ask(&["faulty", "/a r"]);
    assert!(out.contains("note: the file has errors"), "{out}");
    let (code, out) = ask(&["gap", "/a r"]);
    assert_eq!(code, Some(1));
    assert!(
        out.starts_with("unknown    /a r  it depends on `include <abstractions/nobody>`"),
        "{out}"
    );
    let (_, out) = ask(&["gap", "--why", "/b r"]);
    assert!(
        out.contains("only a rule with a higher `priority` in it"),
        "{out}"
    );
}
