//! `aalint diff` as people run it: files, directories, git revisions, formats, exit codes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::common;
use crate::common::schema::document;

fn aalint(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_aalint"))
        .arg("diff")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn put(directory: &Path, files: &[(&str, &str)]) {
    for (path, content) in files {
        let full = directory.join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(full, content).unwrap();
    }
}

fn git(directory: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        text(&output.stderr)
    );
}

const OLD: &str = "profile web {\n  /srv/** r,\n}\n";
const WIDER: &str = "profile web {\n  /srv/** rw,\n}\n";
const NARROWER: &str = "profile web {\n  /srv/a r,\n}\n";
const EQUAL: &str = "# a comment\nprofile web {\n  /srv/* r,\n  /srv/** r,\n}\n";

#[test]
fn exit_codes() {
    let here = tempfile::tempdir().unwrap();
    put(
        here.path(),
        &[
            ("old", OLD),
            ("wider", WIDER),
            ("narrower", NARROWER),
            ("equal", EQUAL),
            (
                "other",
                "profile web {\n  /srv/** r,\n}\nprofile new { /a r, }\n",
            ),
            (
                "lax",
                "profile web {\n  /srv/** r,\n}\nprofile new flags=(unconfined) { }\n",
            ),
            ("none", "profile other { /b w, }\n"),
        ],
    );
    let code = |arguments: &[&str]| aalint(here.path(), arguments).status.code().unwrap();
    for (new, wider, narrower, different) in [
        ("equal", 0, 0, 0),
        ("wider", 1, 0, 1),
        ("narrower", 0, 1, 1),
        ("other", 0, 1, 1),
        ("lax", 1, 0, 1),
        ("none", 1, 1, 1),
    ] {
        assert_eq!(code(&["old", new]), 0, "{new}");
        assert_eq!(code(&["--fail-on", "never", "old", new]), 0, "{new}");
        assert_eq!(code(&["--fail-on", "wider", "old", new]), wider, "{new}");
        assert_eq!(
            code(&["--fail-on", "narrower", "old", new]),
            narrower,
            "{new}"
        );
        assert_eq!(
            code(&["--fail-on", "different", "old", new]),
            different,
            "{new}"
        );
    }
    assert_eq!(code(&["old"]), 2);
    assert_eq!(code(&["old", "nothing-there"]), 2);
    assert_eq!(code(&["old", "wider", "equal"]), 2);
    assert_eq!(code(&["--profile", "wob", "old", "wider"]), 2);
    assert_eq!(
        code(&["--fail-on", "wider", "--profile", "web", "old", "lax"]),
        0
    );
}

#[test]
fn directories_have_their_own_abstractions() {
    let here = tempfile::tempdir().unwrap();
    let profile = "include <tunables/mine>\nprofile web {\n  include <abstractions/mine>\n}\n";
    put(
        here.path(),
        &[
            ("old/web", profile),
            ("old/abstractions/mine", "@{D}/a r,\n"),
            ("old/tunables/mine", "@{D} = /x\n"),
            ("new/sub/web", profile),
            ("new/abstractions/mine", "@{D}/a r,\n"),
            ("new/tunables/mine", "@{D} = /x /y\n"),
        ],
    );
    let output = text(&aalint(here.path(), &["old", "new"]).stdout);
    assert!(
        output.contains("wider: profile `web` old/web:2:9 -> new/sub/web:2:9\n"),
        "{output}"
    );
    assert!(
        output.contains("  + r  a part of @{D}/a, such as `/y/a r`\n"),
        "{output}"
    );
    assert!(
        output.contains("      new new/abstractions/mine:1:1: @{D}/a r,\n"),
        "{output}"
    );
    assert!(
        output.contains("          included at new/sub/web:3:3\n"),
        "{output}"
    );
    assert!(output.ends_with("1 profile: 1 wider\n"), "{output}");
    // Both with the old ones.
    let output = text(&aalint(here.path(), &["--base", "old", "old", "new"]).stdout);
    assert!(output.ends_with("1 profile: 1 equal\n"), "{output}");
}

#[test]
fn git_revisions() {
    let here = tempfile::tempdir().unwrap();
    let path = here.path();
    let profile = "profile web {\n  include <abstractions/mine>\n}\n";
    git(path, &["init", "-q"]);
    put(
        path,
        &[
            ("policy/apparmor.d/web", profile),
            ("policy/apparmor.d/abstractions/mine", "/a r,\n"),
            ("policy/apparmor.d/db", "profile db {\n  /db r,\n}\n"),
            ("README.md", "nothing\n"),
        ],
    );
    std::os::unix::fs::symlink("db", path.join("policy/apparmor.d/link")).unwrap();
    git(path, &["add", "."]);
    git(path, &["commit", "-q", "-m", "one"]);
    git(path, &["branch", "side"]);
    put(path, &[("policy/apparmor.d/abstractions/mine", "/a rw,\n")]);
    git(path, &["commit", "-q", "-a", "-m", "two"]);
    git(path, &["checkout", "-q", "side"]);
    put(path, &[("policy/apparmor.d/db", "profile db {\n}\n")]);
    git(path, &["commit", "-q", "-a", "-m", "three"]);
    // What lies about is no part of a revision.
    put(
        path,
        &[("policy/apparmor.d/abstractions/mine", "capability,\n")],
    );

    let run = |directory: &str, arguments: &[&str]| {
        let output = aalint(&path.join(directory), arguments);
        assert_eq!(text(&output.stderr), "");
        text(&output.stdout)
    };
    let output = run("", &["--git", "main~1..main"]);
    assert!(
        output.contains("wider: profile `web` policy/apparmor.d/web:1:9\n"),
        "{output}"
    );
    assert!(
        output.contains("      new policy/apparmor.d/abstractions/mine:1:1: /a rw,\n"),
        "{output}"
    );
    assert!(
        output.ends_with("3 profiles: 1 wider, 2 equal\n"),
        "{output}"
    );
    // Three dots compare with where the branch began.
    assert!(run("", &["--git", "main..side"]).ends_with("3 profiles: 3 narrower\n"));
    let output = run("", &["--git", "main...side"]);
    assert!(
        output.ends_with("3 profiles: 2 narrower, 1 equal\n"),
        "{output}"
    );
    // Below the top, paths are those of the directory.
    let output = run("policy", &["--git", "main~1..main", "apparmor.d/web"]);
    assert!(output.ends_with("1 profile: 1 wider\n"), "{output}");
    let output = run("policy/apparmor.d", &["--git", "main~1..main", "db"]);
    assert!(output.ends_with("1 profile: 1 equal\n"), "{output}");
    let output = aalint(path, &["--git", "main~1..", "README.md"]);
    assert_eq!(output.status.code(), Some(2));
    for side in ["old", "new"] {
        let wanted = format!("{side}: README.md: is no AppArmor profile");
        assert!(
            text(&output.stderr).contains(&wanted),
            "{}",
            text(&output.stderr)
        );
    }

    for (arguments, message) in [
        (vec!["--git", "main"], "names one revision"),
        (
            vec!["--git", "main..nowhere"],
            "`nowhere` is no revision of this repository",
        ),
        (
            vec!["--git", "main..--help"],
            "`--help` is no revision of this repository",
        ),
        (
            vec!["--git", "main~1..main", "nothing"],
            "no such file or directory in either revision",
        ),
    ] {
        let output = aalint(path, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(message),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn json_is_described_and_the_same_each_time() {
    let here = tempfile::tempdir().unwrap();
    put(
        here.path(),
        &[
            (
                "old",
                "profile web {\n  /a px,\n  /b r,\n  include <nowhere>\n}\n",
            ),
            (
                "new",
                "profile web flags=(complain) {\n  /a ux,\n  deny /b r,\n  @{X} r,\n}\n",
            ),
        ],
    );
    let run = || aalint(here.path(), &["--format", "json", "old", "new"]).stdout;
    let first = run();
    assert_eq!(first, run());
    let document = document(&first);
    assert_eq!(document["version"], 2);
    assert_eq!(document["profiles"][0]["relation"], "unknown");
    assert_eq!(
        document["profiles"][0]["changes"][0]["transition"]["after"],
        "ux"
    );
    // What all documents share is described once.
    let pages = ["docs/diff.md", "docs/json.md"];
    let described = pages.map(|page| fs::read_to_string(common::root().join(page)).unwrap());
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    let name = format!("`{name}`");
                    let is_described = described.iter().any(|page| page.contains(&name));
                    assert!(is_described, "{pages:?} do not describe {name}");
                    open.push(value);
                }
            }
            serde_json::Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
}

#[test]
fn markdown_is_not_broken_by_names() {
    let here = tempfile::tempdir().unwrap();
    put(
        here.path(),
        &[
            ("old", "profile \"a|b`c<d>\" { /x r, }\n"),
            ("new", "profile \"a|b`c<d>\" { \"/x`|y\" w, }\n"),
        ],
    );
    let output = text(&aalint(here.path(), &["--format", "markdown", "old", "new"]).stdout);
    assert!(
        output.contains("| `` a\\|b`c<d> `` | incomparable | 1 | 1 | medium |"),
        "{output}"
    );
    assert!(
        output.contains("<summary><code>a|b`c&lt;d&gt;</code>: incomparable</summary>"),
        "{output}"
    );
    assert!(output.contains("- **lost** `r`: `/x`\n"), "{output}");
    assert!(
        output.contains("new `new:1` `` \"/x`|y\" w, ``\n"),
        "{output}"
    );
}
